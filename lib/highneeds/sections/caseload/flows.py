"""The caseload's flows: who joins and leaves, where children are placed, which needs."""

from dataclasses import replace

import numpy as np

from highneeds import charts, periods
from highneeds.charts import Series
from highneeds.figures import Figure, counted
from highneeds.models.caseload.flows import NEW
from highneeds.models.caseload.needs import by_need
from highneeds.models.caseload.outlook import BY_BAND, Caseload
from highneeds.models.yearly.choice import is_tiny
from highneeds.periods import CALENDAR_YEAR, JANUARY
from highneeds.sections.common import capital
from highneeds.sections.forecasts import CHANCE, YEARS
from highneeds.sections.outlooks import PLANS, View, figure, placed, three, unplaced, views
from highneeds.sections.page import Block, Page
from highneeds.tables import Column, Row
from highneeds.terms import PLACEMENT_GROUPS, PRIMARY_NEEDS

NEEDS_SHOWN = 8
BACK = 4  # Januaries of the past in a chart of placements
HELD, STARTED = "ehc_plans_primary_need", "new_ehc_plans_primary_need"


def joining_and_leaving(page: Page) -> Block | None:
    """From one January to the next: plans, new plans, plans that end, plans."""
    made = views(page)
    if not made:
        return None
    view, area = made[0], page.facts.authority
    rows = [row for row in (_last_year(page), *_years_ahead(page, view)) if row is not None]
    first = view.caseload.years[0]
    began, ended = rows[-1].cells[1], rows[-1].cells[2]
    said = page.say(
        "flows",
        "Behind the forecast: about {began} new plans in {when}, and about {ended} that end, less those who move in "
        "with a plan ({see}).",
        began=began,
        ended=ended,
        when=rows[-1].label.split(" ")[-1],
        see=page.see("t", "flows"),
    )
    table = page.table(
        "flows",
        f"From January to January, EHC plans, {area.name}, number",
        row_head="Year",
        columns=[
            Column("January before"),
            Column("New plans"),
            Column("Ended, less moved in"),
            Column("January after"),
        ],
        rows=rows,
        note=f"Forecast from January {first} on: new plans are as many as the forecast of the total asks for. "
        "Ended: what is left over between the other three, so it holds those who moved away or in, and corrections.",
    )
    return Block(page.paragraphs("Who joins and who leaves", said).markup + table.markup)


def _last_year(page: Page) -> Row | None:
    """The last year as published."""
    facts, area = page.facts, page.facts.authority
    january = facts.latest(PLANS)
    year = str(int(january) - 1)
    before, after = facts.get(PLANS, area, year), facts.get(PLANS, area, january)
    new = facts.get(NEW, area, year)
    if not (before.known and after.known and new.known):
        return None
    value = before.value + new.value - after.value  # type: ignore[operator]
    how = f"{before.id} + {new.id} - {after.id}"
    ended = counted(f"{PLANS}_ended_less_moved_in.{area.slug}.{year}", value, "plans", new, how)
    return Row(f"in calendar {year}", [before, new, replace(ended, inputs=(before, new, after)), after])


def _years_ahead(page: Page, view: View) -> list[Row]:
    case, rows = view.caseload, []
    before = page.facts.get(PLANS, page.facts.authority, str(case.origin))
    for at, january in enumerate(case.years):
        year = january - 1
        new = figure(
            page, view, "point", year, case.began[at], f"joiners of the flow model, origin {case.origin}",
            measure="new_ehc_plans.flow model", basis=CALENDAR_YEAR,
        )  # fmt: skip
        ended = figure(
            page, view, "point", year, case.ended[at], "plans before + new plans - plans after",
            measure="ehc_plans.ended less moved in", basis=CALENDAR_YEAR,
        )  # fmt: skip
        after = figure(page, view, "total", january, case.totals[at], f"forecast total, origin {case.origin}")
        rows.append(Row(f"in calendar {year}", [before, new, ended, after]))
        before = after
    return rows


def by_placement(page: Page) -> Block | None:
    """Where children with a plan are placed, and may be."""
    made = views(page)
    if not made:
        return None
    if not placed(page):
        return page.paragraphs("Where children are placed", unplaced(page))
    view, area = made[0], page.facts.authority
    case = view.caseload
    now = {group: page.facts.get(PLANS, area, str(case.origin), group) for group in PLACEMENT_GROUPS}
    rows, ahead = [], min(YEARS, len(case.years)) - 1
    for at, group in enumerate(case.placements):
        cells = three(
            page, view, case.years[ahead], case.by_placement[ahead, at], case.ranges["placement"][ahead, at], group
        )
        rows.append(Row(capital(group), [now[group], *cells]))
    grows = max(rows, key=lambda row: row.cells[1].value - (row.cells[0].value or 0))  # type: ignore[union-attr]
    title = page.say(
        "placement_title",
        "Most growth: {group}, from {now} to between {low} and {high} {point.when}",
        group=grows.label.lower() if grows.label != "Post-16" else "post-16",
        now=grows.cells[0],
        low=grows.cells[2],
        high=grows.cells[3],
        point=grows.cells[1],
    )
    panels = [Series(capital(group), _line(page, view, at, group)) for at, group in enumerate(case.placements)]
    chart = page.chart(
        "placement",
        charts.small_multiples(panels, unit="plans"),
        title=title,
        subtitle=f"EHC plans by placement, {area.name}, January each year, number; light bars: forecast",
        alt=charts.describe(panels, "Small bar charts, one a type of placement"),
        row_head="January",
        heading="Where children are placed",
        columns=[panel.label for panel in panels],
        rows=[(item.period, [panel.figures[at] for panel in panels]) for at, item in enumerate(panels[0].figures)],
        note=_how_placed(case),
    )
    table = page.table(
        "placement",
        f"EHC plans by placement, {area.name}: {periods.label(str(case.origin), JANUARY)} and forecast for "
        f"{periods.label(str(case.years[ahead]), JANUARY)}, number",
        row_head="Placement",
        columns=[Column("Now"), Column("Forecast"), Column(f"{CHANCE}: from"), Column(f"{CHANCE}: to")],
        rows=rows,
        note="Independent: independent and non-maintained special schools, and independent mainstream schools. Other: "
        "alternative provision, early years settings, education otherwise, no placement recorded.",
    )
    return Block(chart.markup + table.markup)


def _how_placed(case: Caseload) -> str:
    """What the placements to come rest on."""
    if case.basis == BY_BAND:
        return "Shares of placements drift as England's did in three years: an authority's own drift predicts worse."
    return f"Children move between placements as they did in {case.basis}."


def _line(page: Page, view: View, at: int, group: str) -> list[Figure]:
    """Plans in one placement, the last Januaries and those forecast."""
    case, area = view.caseload, page.facts.authority
    held = [year for year in page.facts.periods(PLANS) if int(year) > case.origin - BACK]
    past = [page.facts.get(PLANS, area, year, group) for year in held]
    made = [
        three(page, view, year, case.by_placement[n, at], case.ranges["placement"][n, at], group)[0]
        for n, year in enumerate(case.years)
    ]
    return past + made


def by_primary_need(page: Page) -> Block | None:
    """Which needs grow: those of new plans pull those of all plans after them."""
    made, facts, area = views(page), page.facts, page.facts.authority
    if not made or is_tiny(made[0].caseload.now.sum()):
        return None
    january, year = str(made[0].caseload.origin), str(made[0].caseload.origin - 1)
    needs = [need for need in PRIMARY_NEEDS.values() if facts.get(HELD, area, january, need).known]
    held = [facts.get(HELD, area, january, need) for need in needs]
    new = [facts.get(STARTED, area, year, need) for need in needs]
    prior = [facts.get(STARTED, facts.england, year, need) for need in needs]
    if not needs or not all(item.known for item in (*new, *prior)) or not sum(item.value for item in held):
        return None
    case = made[0].caseload
    values = [np.array([item.value for item in line], dtype=float) for line in (held, new, prior)]
    plans = by_need(
        values[0], values[1], stayed=case.stayed.sum(axis=1), joined=case.joined.sum(axis=1), prior=values[2]
    )
    ahead = min(YEARS, len(case.years)) - 1
    how = f"stayed x shares held + joined x shares of new plans, origin {case.origin}"
    rows = [
        Row(
            need,
            [
                now,
                began,
                figure(
                    page,
                    made[0],
                    "point",
                    case.years[ahead],
                    value,
                    how,
                    breakdown=need,
                    measure="ehc_plans_primary_need.flow model",
                ),
            ],
        )
        for need, now, began, value in zip(needs, held, new, plans[ahead], strict=True)
    ]
    rows = sorted(rows, key=lambda row: -row.cells[2].value)[:NEEDS_SHOWN]  # type: ignore[union-attr]
    top = max(rows, key=lambda row: row.cells[2].value - row.cells[0].value)  # type: ignore[union-attr]
    said = page.say(
        "needs",
        "The primary need that would grow most is {need}: {now} plans {now.when}, about {then} {then.when}.",
        need=top.label[0].lower() + top.label[1:],
        now=top.cells[0],
        then=top.cells[2],
    )
    table = page.table(
        "needs",
        f"EHC plans by primary need, {area.name}, the {_in_words(len(rows))} largest, number",
        row_head="Primary need",
        columns=[
            Column(periods.label(january, JANUARY)),
            Column(f"New plans, {year}"),
            Column(f"{periods.label(str(case.years[ahead]), JANUARY)}, most likely"),
        ],
        rows=rows,
        note="A need seldom changes once a plan is held, so those who join bring the change. One year of needs is "
        "published: no range can be given.",
    )
    return Block(page.paragraphs("Which needs grow", said).markup + table.markup)


def _in_words(number: int) -> str:
    words = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen".split()
    return words[number - 1]
