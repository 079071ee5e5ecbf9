"""The growth in plans that a paper tells of, beside the Januaries it fits, and a rise in timeliness (T1 to T3)."""

from dataclasses import dataclass

from highneeds.claims import Claim
from highneeds.facts import Area
from highneeds.figures import Figure, change_pct
from highneeds.models.spans import Match, fit, plans_by_january, spans_of_growth
from highneeds.sections.common import printed_figure
from highneeds.sections.page import Block, Page
from highneeds.sections.progress import lines
from highneeds.sections.progress.lines import IN_TIME, PLANS

TABLE = "tsil_figures"
SPANS = (("2016", "2020"), ("2020", "2022"))  # years that the programme's paper compares
BEFORE, AFTER = "Before service reset", "After service reset"


@dataclass(frozen=True)
class Told:
    """A growth in plans as printed: both counts, the printed per cent, and the published years they fit."""

    before: Figure
    after: Figure
    pct: Figure
    fitted: tuple[Match, ...]


def told(page: Page, first: str, last: str) -> Told | None:
    """What the paper tells of plans between two of its years; None where it tells nothing."""
    counts = [printed_figure(page, TABLE, PLANS.paper, year) for year in (first, last)]
    pct = printed_figure(page, TABLE, f"{PLANS.paper}_change_pct", f"{first}/{last}")
    if pct is None or any(each is None or not each.value for each in counts):
        return None
    held = plans_by_january(page.facts, page.facts.authority)
    printed = [(int(each.period), each.value) for each in counts]  # type: ignore[union-attr,misc]
    return Told(counts[0], counts[1], pct, fit(held, printed))  # type: ignore[arg-type]


def fitting_span(page: Page, first: str, last: str) -> tuple[str, str] | None:
    """The one pair of Januaries over which England and the region both grew as printed; None where none or several."""
    areas = others(page)
    pcts = {area.name: printed_figure(page, TABLE, f"{PLANS.paper}_change_pct", f"{first}/{last}", area.name)
            for area in areas}  # fmt: skip
    if any(each is None for each in pcts.values()):
        return None
    series = {area.name: plans_by_january(page.facts, area) for area in areas}
    found = spans_of_growth(series, {name: each.value for name, each in pcts.items()})  # type: ignore[union-attr,misc]
    return (str(found[0][0]), str(found[0][1])) if len(found) == 1 else None


def others(page: Page) -> tuple[Area, Area]:
    """England and the region."""
    return page.facts.england, page.facts.region


def published_growth(page: Page, area: Area, span: tuple[str, str]) -> Figure:
    """Change of published plans between two Januaries."""
    first, last = (page.facts.get(PLANS.measure, area, year) for year in span)
    return change_pct(last, first)


def statements(page: Page) -> Block | None:
    """What the papers say of growth and of timeliness, each beside the published figures; None where they say none."""
    said = [claim for span in SPANS for claim in _growth_said(page, *span)]
    said += [claim for claim in (_since_said(page), _in_time_said(page)) if claim is not None]
    return page.paragraphs("Growth and timeliness, as its papers tell them", *said) if said else None


def _growth_said(page: Page, first: str, last: str) -> list[Claim]:
    """The printed growth worked out, and the Januaries that its counts lie nearest to."""
    each = told(page, first, last)
    if each is None:
        return []
    made = change_pct(each.after, each.before)
    template = (
        "From {first} to {last} plans are printed as {before} and {after}, up {pct}; the two make it {way} {made.size}"
    )
    slots = {"first": first, "last": last, "before": each.before, "after": each.after, "pct": each.pct, "made": made}
    slots["way"] = lines.moved(made)
    if all(match.near for match in each.fitted):
        one, two = (page.facts.get(PLANS.measure, page.facts.authority, str(match.year)) for match in each.fitted)
        template += ". They lie nearest the published {one} {one.when} and {two} {two.when}"
        slots |= {"one": one, "two": two}
    said = [page.say(f"growth_{first}", template + ".", **slots)]
    others_said = _others_said(page, first, last)
    return said + ([others_said] if others_said is not None else [])


def _others_said(page: Page, first: str, last: str) -> Claim | None:
    """England's and the region's printed growth beside the labelled Januaries, and the pair that both fit."""
    printed = [
        printed_figure(page, TABLE, f"{PLANS.paper}_change_pct", f"{first}/{last}", area.name) for area in others(page)
    ]
    made = [published_growth(page, area, (first, last)) for area in others(page)]
    if any(each is None for each in printed) or not all(each.known for each in made):
        return None
    template = (
        "For the same years it prints {told_one} for England and {told_two} for the {region}; from January {first} to "
        "January {last} the published counts grew by {one} and {two}."
    )
    slots = {"told_one": printed[0], "told_two": printed[1], "one": made[0], "two": made[1], "first": first}
    slots |= {"last": last, "region": page.facts.region.name}
    span = fitting_span(page, first, last)
    own = published_growth(page, page.facts.authority, span) if span is not None else None
    if span is not None and own is not None and own.known:
        template += (
            " The only two Januaries that give both printed figures are those of {fit_first} and {fit_last}; between "
            "them plans in {area} grew by {own}."
        )
        slots |= {"fit_first": span[0], "fit_last": span[1], "own": own, "area": page.facts.authority.name}
    return page.say(f"growth_{first}_others", template, **slots)  # type: ignore[arg-type]


def _since_said(page: Page) -> Claim | None:
    """First and last printed count together, over all the years told of."""
    ends = told(page, *SPANS[0]), told(page, *SPANS[-1])
    if ends[0] is None or ends[1] is None:
        return None
    made = change_pct(ends[1].after, ends[0].before)
    return page.say("growth_all", "Over all these years the printed counts grew by {made}.", made=made)


def _in_time_said(page: Page) -> Claim | None:
    """A rise in timeliness without days or counts, beside the published years."""
    before, after = (printed_figure(page, TABLE, IN_TIME.paper, "2024-01-23", name) for name in (BEFORE, AFTER))
    if before is None or after is None:
        return None
    template = (
        "Plans issued within 20 weeks are printed as {before} before the service was reset and {after} after it, "
        "without days or counts, so neither can be worked out again"
    )
    slots = {"before": before, "after": after}
    held = [page.facts.get(IN_TIME.measure, page.facts.authority, year) for year in lines.years(page, IN_TIME)[-2:]]
    if len(held) == 2 and all(each.known for each in held):
        one, two = held
        template += (
            ". Published are {top_one} of {bottom_one} {one.when} ({one}) and {top_two} of {bottom_two} {two.when} "
            "({two})"
        )
        slots |= {"one": one, "two": two, "top_one": one.inputs[0], "bottom_one": one.inputs[1]}
        slots |= {"top_two": two.inputs[0], "bottom_two": two.inputs[1]}
    return page.say("in_time", template + ".", **slots)
