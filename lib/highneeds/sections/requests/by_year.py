"""Requests for EHC needs assessments: is demand for assessment rising?"""

from dataclasses import replace

from highneeds import charts, periods
from highneeds.charts import Series
from highneeds.claims import Claim, direction
from highneeds.figures import Figure, change_pct, counted, signed
from highneeds.measures.ratios import yearly_change_pct
from highneeds.models.change.result import UNCLEAR
from highneeds.periods import CALENDAR_YEAR
from highneeds.sections import change_tests
from highneeds.sections.common import against, beside, compared_rows, gap, latest_known, noun, years
from highneeds.sections.page import Block, KeyFigure, Page
from highneeds.sections.requests.change import MEASURE, doubted, in_short, longer_said, moved_said, outlook_said
from highneeds.tables import Column, Row

MIN_AUTHORITIES = 50  # fewer cannot show what is usual

_OUTCOMES = (
    "requests_received",
    "requests_to_assess",
    "requests_refused",
    "requests_undecided",
    "requests_withdrawn",
    "refused_of_received_pct",
)


def answer(page: Page) -> Block:
    """Requests in the latest year beside the year before."""
    facts, area = page.facts, page.facts.authority
    latest = facts.latest(MEASURE)
    if not latest:
        return page.answer(gap(page, MEASURE, ""))
    now = facts.get(MEASURE, area, latest)
    if not now.known:
        return page.answer(gap(page, MEASURE, latest))
    before = facts.get(MEASURE, area, periods.previous_year(latest, now.period_basis))
    said = page.say(
        "answer",
        "{area} received {now} {requests} for an EHC needs assessment {now.when}.",
        now=now,
        area=area.name,
        requests=noun(now, "request"),
    )
    if not before.known:
        return page.answer(
            said,
            page.say("answer_before", "There is no figure for the year before to compare it with."),
            _far_from_before(page, now),
            outlook_said(page),
        )
    tested = change_tests.change_of(page, MEASURE, before.period, now.period)
    page.changed = [
        page.say(
            "changed",
            "Requests for assessment: {before} {before.when}, {now} {now.when}" + in_short(page, now, tested) + ".",
            before=before,
            now=now,
        )
    ]
    doubt = _far_from_before(page, now)
    moved = moved_said(page, now, before, None if doubt else tested)
    return page.answer(said, moved, doubt, longer_said(page, now), outlook_said(page))


def _far_from_before(page: Page, now: Figure) -> Claim | None:
    """Warning where the newest count is in doubt."""
    before = doubted(page, now)
    if before is None:
        return None
    said = page.warn(
        "doubtful",
        "The last figure before it is {before} {before.when}. A jump of this size more often comes from the "
        "return than from demand: check it before relying on it.",
        before=before,
    )
    page.unknown.append(
        page.say(
            "unknown_doubtful",
            "Whether {now} requests {now.when} is right: it was {before} {before.when}.",
            now=now,
            before=before,
        )
    )
    return said


def _all_changes(page: Page, latest: str, previous: str):
    local = page.facts.panel.areas
    codes = set(local.loc[local["level"].eq("local authority"), "area_code"])
    moves = yearly_change_pct(page.facts.values, MEASURE, latest, previous)
    return moves[moves.index.isin(codes)].sort_index()


def _figure_of(page: Page, name: str, value: float, latest: str, previous: str, count: int, how: str) -> Figure:
    england = page.facts.get(MEASURE, page.facts.england, latest)
    like = replace(england, area_code="all", area="All authorities", period=f"{previous} to {latest}")
    return counted(
        f"requests_received.all-authorities.{name}.{latest}",
        value,
        "%",
        like,
        f"{how} ({count} authorities, {previous} to {latest})",
        source=england.source,
        places=1,
    )


def key_figures(page: Page) -> Block | None:
    """Requests, requests per 1,000 residents, refusals, decisions in time."""
    keys = []
    for measure, label, words in (
        (MEASURE, "Requests received", "Every request, whatever became of it."),
        ("requests_per_1000", "Requests per 1,000 people aged 0 to 25", "Size of the authority taken out."),
        ("refused_of_received_pct", "Requests refused", "Of all requests received in the year, as DfE counts."),
        ("within_6_weeks_pct", "Decisions within 6 weeks", "Of decisions dated in the year."),
    ):
        key = against(page, measure, label, words)
        if key is not None:
            keys.append(_tested(page, key) if measure == MEASURE else key)
    return page.key_figures(*keys) if keys else None


def _tested(page: Page, key: KeyFigure) -> KeyFigure:
    """The count's direction in the words of the test: a move inside its interval is no clear change."""
    before = page.facts.get(MEASURE, page.facts.authority, periods.previous_year(key.figure.period, CALENDAR_YEAR))
    if not before.known or doubted(page, key.figure):
        return key
    if change_tests.change_of(page, MEASURE, before.period, key.figure.period).verdict != UNCLEAR:
        return key
    return replace(key, direction=f"no clear change from {before.text}", since=before)


def change_beside_others(page: Page) -> Block | None:
    """The latest year's change among all authorities' changes."""
    facts, area = page.facts, page.facts.authority
    latest = facts.latest(MEASURE)
    if not latest:
        return None
    previous = periods.previous_year(latest, CALENDAR_YEAR)
    moves = _all_changes(page, latest, previous)
    mine = _change(page, area, latest, previous)
    if not mine.known or len(moves) < MIN_AUTHORITIES:
        return None
    england = _change(page, facts.england, latest, previous)
    pooled = change_pct(*facts.neighbours_change(MEASURE, latest, previous))
    title = page.say(
        "others_title",
        "Requests in {area} {way} {mine.size}"
        + in_short(page, facts.get(MEASURE, area, latest), change_tests.change_of(page, MEASURE, previous, latest)),
        area=area.name,
        mine=mine,
        way=direction(mine, level="unchanged at"),
    )
    rows = [(a.name, [_change(page, a, latest, previous)]) for a in (area, facts.region, facts.england)]
    rows.append((f"{facts.together} with both years, together", [pooled]))
    picture = charts.swarm_chart(
        moves.to_dict(),
        mine=area.code,
        marks=[n.code for n in facts.neighbours],
        unit="%",
        mine_label=f"{area.name} {signed(mine)}",
        marks_label=f"upright marks: {facts.others.many}",
    )
    low, high = (
        _figure_of(
            page, name, float(moves.quantile(at)), latest, previous, len(moves), f"{name} of changes, in per cent"
        )
        for name, at in (("lower-quartile", 0.25), ("upper-quartile", 0.75))
    )
    page.remember([low, high])
    alt = (
        f"Dot plot. Each of {len(moves)} authorities is a dot at its change in requests from {previous} to {latest}. "
        f"{area.name} is at {signed(mine)}; half of all authorities lie between {signed(low)} and "
        f"{signed(high)}; England as a whole is at {signed(england)}."
    )
    return page.chart(
        "others",
        picture,
        title=title,
        alt=alt,
        subtitle=f"Change in requests from {previous} to {latest}, authorities with ten or more, a dot each, per cent",
        row_head="Area",
        columns=["Change (%)"],
        rows=rows,
        note="Changes beyond the ends of the axis are drawn at its edge." if charts.beyond(moves) else "",
    )


def _change(page: Page, area, latest: str, previous: str) -> Figure:
    return change_pct(page.facts.get(MEASURE, area, latest), page.facts.get(MEASURE, area, previous))


def outcomes(page: Page) -> Block | None:
    """What became of the requests, by year."""
    facts, area = page.facts, page.facts.authority
    held = [year for year in years(page, "requests_to_assess")]
    if not any(facts.get(MEASURE, area, year).known for year in held):
        return None
    rows = [Row(year, [facts.get(measure, area, year) for measure in _OUTCOMES]) for year in held]
    columns = [
        Column(name)
        for name in (
            "Received",
            "Decided to assess",
            "Refused",
            "Not yet decided",
            "Withdrawn",
            "Refused, of received (%)",
        )
    ]
    return page.table(
        "outcomes",
        f"Requests by outcome, {area.name}, calendar years",
        row_head="Calendar year",
        columns=columns,
        rows=rows,
        heading="What became of requests",
        note="Outcomes as they stood when each return was made in the January after.",
    )


def refusals(page: Page) -> Block | None:
    """Refusals both ways, beside England and neighbours."""
    facts, area = page.facts, page.facts.authority
    year = latest_known(page, "refused_of_received_pct")
    if not year:
        return None
    received, decided = (facts.get(name, area, year) for name in ("refused_of_received_pct", "refused_of_decided_pct"))
    top, bottom = facts.get("requests_refused", area, year), facts.get(MEASURE, area, year)
    said = [
        page.say(
            "refused",
            "{area} refused {top} of {bottom} requests {top.when}: {received} of all received"
            + (", {decided} of those decided ({see})." if decided.known else " ({see})."),
            see=page.see("t", "outcomes"),
            area=area.name,
            top=top,
            bottom=bottom,
            received=received,
            decided=decided,
        )
    ]
    england = facts.get("refused_of_received_pct", facts.england, year)
    pooled = facts.neighbours_pooled("refused_of_received_pct", year)
    said.append(
        page.say(
            "refused_beside",
            "Of all requests received, England refused {england} and the {others} together {pooled}.",
            others=facts.others.many,
            england=england,
            pooled=pooled,
        )
    )
    before = facts.get("refused_of_received_pct", area, periods.previous_year(year, CALENDAR_YEAR))
    if before.known:
        said.append(
            page.say(
                "refused_before",
                "The year before, {area} refused {before} of those received. Refusals keep the number of assessments "
                "down, so read the 20-week rate beside them.",
                area=area.name,
                before=before,
            )
        )
    return page.paragraphs("Refusals", *said)


def compared(page: Page) -> Block | None:
    """Rates of the authority, its region, England and each neighbour."""
    year = latest_known(page, "requests_per_1000")
    facts = page.facts
    if not year:
        return None
    dots = [Series(area.name, [facts.get("requests_per_1000", area, year)], role) for area, role in _everyone(page)]
    mine = facts.get("requests_per_1000", facts.authority, year)
    england = facts.get("requests_per_1000", facts.england, year)
    more = beside(mine, england, above="more than", below="fewer than")
    title = page.say(
        "compared_title",
        "{area}: {mine} requests per 1,000 people, {more} England's {england}",
        area=facts.authority.name,
        mine=mine,
        england=england,
        more=more,
    )
    rank = sorted((d.figures[0] for d in dots if d.figures[0].known), key=lambda f: -f.value)
    alt = "Dot plot, highest first: " + "; ".join(f"{f.area} {f.text}" for f in rank) + "."
    return page.chart(
        "compared",
        charts.dot_chart(dots, unit="per 1,000"),
        title=title,
        alt=alt,
        subtitle=f"Requests per 1,000 people aged 0 to 25, calendar {year}",
        row_head="Area",
        heading="Beside other authorities",
        columns=["Requests per 1,000", "Requests", "Refused, of received (%)"],
        rows=compared_rows(page, ("requests_per_1000", MEASURE, "refused_of_received_pct"), year),
    )


def _everyone(page: Page):
    facts = page.facts
    return [
        (facts.authority, "authority"),
        (facts.region, "region"),
        (facts.england, "england"),
        *((area, "neighbours") for area in facts.neighbours),
    ]
