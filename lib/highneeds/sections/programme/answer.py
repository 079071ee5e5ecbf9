"""The programme's answer: how many entries are late or undated, and how many criteria the data say are met."""

from highneeds.claims import Claim
from highneeds.figures import Figure
from highneeds.models.programme.criteria import MET, NO_CHANGE, NO_DIFFERENCE, NOT_MET, UNKNOWN
from highneeds.models.programme.register import DATED, LATE, NOT_SAID, OPEN, UNDATED, by_workstream, in_state
from highneeds.sections.common import noun
from highneeds.sections.page import Block, KeyFigure, Page
from highneeds.sections.programme.criteria import judged
from highneeds.sections.programme.register import FILE, count, held, streams


def answer(page: Page) -> Block:
    """How much of the plan is late or undated; what the data say of its criteria."""
    if not held(page):
        return page.answer(_missing_said(page))
    said = [_criteria_said(page), _dates_said(page), _unsaid_said(page)]
    return page.answer(*said)


def _missing_said(page: Page) -> Claim:
    area = page.facts.authority
    page.missing.append(
        f"Programme: no plan register is held. The file {FILE} in data/raw/{area.slug} would bring it; "
        "docs/programme.md says how it looks."
    )
    return page.say(
        "missing",
        "No action plan of {area} is held, so whether one is delivered and works cannot be told. The file {file} would "
        "bring it: the last appendix says where.",
        area=area.name,
        file=FILE,
    )


def verdict_counts(page: Page) -> dict[str, Figure]:
    """Criteria with a measure by verdict, and all of them; the parts add up to `linked`."""
    made = judged(page)
    groups = {
        "met": (MET,), "not_met": (NOT_MET,), "unclear": (NO_CHANGE, NO_DIFFERENCE), "unknown": (UNKNOWN,),
        "tested": (MET, NOT_MET, NO_CHANGE, NO_DIFFERENCE), "linked": (MET, NOT_MET, NO_CHANGE, NO_DIFFERENCE, UNKNOWN),
    }  # fmt: skip
    return {
        name: count(
            page,
            f"criteria_{name}",
            [entry for entry, found in made if found.verdict in verdicts],
            f"criteria whose verdict is {', '.join(verdicts)} (docs/programme.md)",
            unit="criteria",
        )
        for name, verdicts in groups.items()
    }


def _criteria_said(page: Page) -> Claim:
    counts = verdict_counts(page)
    without = [entry for entry in held(page) if entry.criterion and not entry.measure]
    left = count(page, "criteria_without_measure", without, "success_criterion without linked_measure", unit="criteria")
    if not counts["linked"].value:
        return page.say(
            "answer_criteria",
            "Its success criteria have no published measure beside them, so the data cannot tell whether it works.",
        )
    words = (
        "Of {linked} success {criteria} with a published measure, {met} {is_met} met by the data and {not_met} "
        "{is_not} not met; {unclear} {show} no clear change or difference, and {unknown} cannot be told yet ({see})."
    )
    slots = {"criteria": noun(counts["linked"], "criterion", "criteria")}
    slots |= {"is_met": noun(counts["met"], "is", "are"), "is_not": noun(counts["not_met"], "is", "are")}
    slots |= {"show": noun(counts["unclear"], "shows", "show"), "see": page.see("t", "criteria")}
    if left.value:
        words += " {left} more {have} no published measure beside {it}."
        slots |= {"left": left, "have": noun(left, "has", "have"), "it": noun(left, "it", "them")}  # type: ignore[dict-item]
    given = {name: figure for name, figure in counts.items() if name != "tested"}
    return page.say("answer_criteria", words, **given, **slots)  # type: ignore[arg-type]


def state_counts(page: Page) -> dict[str, Figure]:
    """Entries not done or stopped by where they stand."""
    named = {"late": LATE, "to_come": DATED, "no_end": OPEN, "undated": UNDATED}
    return {
        name: count(page, name, in_state(held(page), state, page.facts.as_at), f"not done or stopped; {state}")
        for name, state in named.items()
    }


def _dates_said(page: Page) -> Claim:
    counts = state_counts(page)
    closed = count(page, "closed", [entry for entry in held(page) if entry.closed], "done or stopped")
    return page.say(
        "answer_dates",
        "The plan of {area} has {all} entries (actions, deliverables and success criteria) in {streams} workstreams. "
        "{late} {are} past the last day that the deadline can mean and not recorded as done; {to_come} {have} a date "
        "to come, {no_end} only a beginning, {undated} no date, and {closed} {is_closed} done or stopped.",
        area=page.facts.authority.name,
        all=count(page, "entries", held(page), "every row"),
        streams=streams(page, list(by_workstream(held(page)))),
        are=noun(counts["late"], "is", "are"),
        have=noun(counts["to_come"], "has", "have"),
        closed=closed,
        is_closed=noun(closed, "is", "are"),
        **counts,
    )


def _unsaid_said(page: Page) -> Claim | None:
    """That a status which nobody wrote down is not a fault in delivery."""
    silent = [entry for entry in held(page) if entry.status == NOT_SAID]
    if not silent:
        return None
    unsaid = count(page, "no_status", silent, "status is blank")
    every = count(page, "entries", held(page), "every row")
    unknown = "How much of the action plan is done: no status is given for {unsaid} of its {all} entries."
    page.unknown.append(page.say("unknown_status", unknown, unsaid=unsaid, all=every))
    return page.say(
        "answer_unsaid",
        "For {unsaid} of these entries no paper gives a status, so some that are counted as late may be done. The "
        "register is the place to say so.",
        unsaid=unsaid,
    )


def key_figures(page: Page) -> Block | None:
    """Criteria met by the data, then what is late."""
    if not held(page):
        return None
    counts, states = verdict_counts(page), state_counts(page)
    keys = []
    if counts["tested"].value:
        words = page.say(
            "key_criteria",
            "Of {tested} that the data can test; {unknown} more cannot be told yet.",
            tested=counts["tested"],
            unknown=counts["unknown"],
        )
        keys.append(KeyFigure("Success criteria met by the data", counts["met"], "", [], words))
    late = page.say(
        "key_late",
        "Past their last possible day and not recorded as done; {undated} more {have} no date.",
        undated=states["undated"],
        have=noun(states["undated"], "has", "have"),
    )
    keys.append(KeyFigure("Entries that are late", states["late"], "", [], late))
    return page.key_figures(*keys)
