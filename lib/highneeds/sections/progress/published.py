"""The latest year from published figures: plans, requests, timeliness, SEN Support and children, for any authority."""

from highneeds.claims import Claim, direction
from highneeds.figures import Figure
from highneeds.sections.common import gap, noun
from highneeds.sections.page import Block, KeyFigure, Page
from highneeds.sections.progress import lines
from highneeds.sections.progress.lines import DOUBTED, IN_TIME, PLANS, PUBLISHED, REQUESTS, UNTOLD, Line
from highneeds.tables import Column, Row


def answer(page: Page) -> Block:
    """Plans, then requests, then plans issued in time: now and a year before."""
    pair = lines.latest_two(page, PLANS, page.facts.authority)
    if pair is None or not pair[1].known:
        return page.answer(gap(page, PLANS.measure, page.facts.latest(PLANS.measure)))
    return page.answer(_plans_said(page, *pair), _requests_said(page), _in_time_said(page))


def _plans_said(page: Page, before: Figure, now: Figure) -> Claim:
    made, england = lines.change(before, now), _england(page, PLANS)
    template, slots = "{area} had {now} EHC {plans} {now.when}", {"now": now, "plans": noun(now, "plan")}
    if made.known:
        template += ", {way} {made.size} from {before} {before.when}; {reading}"
        slots |= {"made": made, "before": before, "way": lines.moved(made)}
        slots["reading"] = _read(page, PLANS, before, now)
        if england is not None:
            template += ". In England plans were {way_there} {there.size}"
            slots |= {"there": england, "way_there": lines.moved(england)}
    return page.say("answer", template + ".", area=page.facts.authority.name, **slots)


def _requests_said(page: Page) -> Claim | None:
    pair = lines.latest_two(page, REQUESTS, page.facts.authority)
    if pair is None or not lines.change(*pair).known:
        return None
    before, now = pair
    made = lines.change(before, now)
    return page.say(
        "answer_requests",
        "Requests for an assessment went from {before} {before.when} to {now} {now.when}, {way} {made.size}; "
        "{reading}.",
        before=before, now=now, made=made, way=lines.moved(made), reading=_read(page, REQUESTS, before, now),
    )  # fmt: skip


def _read(page: Page, line: Line, before: Figure, now: Figure) -> str:
    """The reading of a change as a sentence can end."""
    said = lines.reading(page, line, before, now)
    if said == lines.unclear(page):
        return f"that is {said}"
    if said in (UNTOLD, DOUBTED):
        return f"whether that differs from {page.facts.others.those_alike} {said}"
    return f"the number {said}"


def _in_time_said(page: Page) -> Claim | None:
    pair = lines.latest_two(page, IN_TIME, page.facts.authority)
    if pair is None or not pair[1].known:
        return None
    before, now = pair
    top, bottom = now.inputs
    template = "Of {bottom} plans issued {now.when}, exceptions left out, {top} were issued within 20 weeks: {now}"
    slots = {"top": top, "bottom": bottom, "now": now}
    if before.known:
        template += ", after {before} the year before ({top_before} of {bottom_before})"
        slots |= {"before": before, "top_before": before.inputs[0], "bottom_before": before.inputs[1]}
    return page.say("answer_in_time", template + ".", **slots)


def _england(page: Page, line: Line) -> Figure | None:
    pair = lines.latest_two(page, line, page.facts.england)
    made = lines.change(*pair) if pair is not None else None
    return made if made is not None and made.known else None


def key_figures(page: Page) -> Block | None:
    """How far plans, requests and the 20-week rate moved in the latest year, each beside England."""
    keys = []
    for line, label, words in (
        (PLANS, "EHC plans in a year", "Change in the number of plans held in January."),
        (REQUESTS, "Requests in a year", "Change in requests received in a calendar year, as published."),
        (IN_TIME, "Issued within 20 weeks, percentage points in a year", "Exceptions left out."),
    ):
        pair = lines.latest_two(page, line, page.facts.authority)
        made = lines.change(*pair) if pair is not None else None
        if made is None or not made.known:
            continue
        there, said = _england(page, line), page.say(f"key_{line.measure}", words)
        read = lines.reading(page, line, *pair) if line.tested else ""
        way = f"{direction(made)}, but no clear change" if read == lines.unclear(page) else direction(made)
        keys.append(KeyFigure(label, made, way, [there] if there is not None else [], said))
    return page.key_figures(*keys) if keys else None


def table(page: Page) -> Block | None:
    """Every line in the two latest years published, its change, England's, and what a test says."""
    area, rows = page.facts.authority, []
    for line in PUBLISHED:
        pair = lines.latest_two(page, line, area)
        if pair is None:
            continue
        before, now = pair
        there = lines.change(*lines.latest_two(page, line, page.facts.england))  # type: ignore[misc]
        when = lines.span(before.period, now.period, line.basis)
        rows.append(
            Row(line.label, [when, before, now, lines.change(before, now), there, lines.reading(page, line, *pair)])
        )
    if not rows:
        return None
    return page.table(
        "published",
        f"Summary of progress from published figures, {area.name}",
        row_head="Number of",
        columns=[
            Column("Counted", words=True),
            *map(Column, ("Year before", "Latest", "Change", "England: change")),
            Column("Reading", words=True),
        ],
        rows=rows,
        note="Change: per cent of the year before; for shares in per cent, percentage points. A test "
        f"beside {page.facts.others.those_alike} is made of plans and of requests.",
        heading="The latest year, as published",
    )
