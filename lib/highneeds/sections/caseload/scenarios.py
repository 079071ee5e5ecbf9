"""What scenarios would change of the caseload: plans of each January beside those without, and every assumption."""

from dataclasses import replace

from highneeds import charts
from highneeds.charts import Series
from highneeds.figures import Figure, difference
from highneeds.sections.outlooks import View, figure, views
from highneeds.sections.page import Block, Page
from highneeds.sections.quoted import NAMED, quoted, traced
from highneeds.tables import Column, Row


def scenarios(page: Page) -> Block | None:
    """Plans as things are and under each scenario, with the changes that were asked for."""
    made = views(page)
    if len(made) < 2:
        return None
    base, *others = made
    area, years = page.facts.authority, base.caseload.years
    lines = {view.label: [_total(page, view, at) for at in range(len(years))] for view in made}
    last = {view.label: lines[view.label][-1] for view in made}
    change = difference(last[others[-1].label], last[others[0].label if len(others) > 1 else base.label])
    name, slots = traced(page, "scenario_name", others[-1].label, how=NAMED)
    title = page.say(
        "scenario_title",
        f"{name}: {{then}} plans {{then.when}}, against {{now}} as things are",
        **slots,
        then=last[others[-1].label],
        now=last[base.label],
    )
    roles = ("authority", "forecast", "region")
    series = [Series(view.label, lines[view.label], role) for view, role in zip(made, roles, strict=False)]
    chart = page.chart(
        "scenarios",
        charts.line_chart(series, unit="plans"),
        title=title,
        subtitle=f"EHC plans, {area.name}, January each year, number, most likely",
        alt=charts.describe(series, "Line chart of plans as things are and under each scenario"),
        row_head="January",
        heading="What a scenario would change",
        columns=[*lines, "Difference"],
        rows=[
            (str(year), [*(line[at] for line in lines.values()), _gap(page, lines, at, others, base)])
            for at, year in enumerate(years)
        ],
        note="Difference: the last scenario less the one before it, or less things as they are.",
    )
    page.remember([change])
    return Block(chart.markup + _assumptions(page, others).markup)


def _total(page: Page, view: View, at: int) -> Figure:
    case = view.caseload
    return figure(page, view, "total", case.years[at], case.totals[at], f"flow model, origin {case.origin}")


def _gap(page: Page, lines: dict, at: int, others: list[View], base: View) -> Figure:
    before = others[0].label if len(others) > 1 else base.label
    new, old = lines[others[-1].label][at], lines[before][at]
    made = difference(new, old)
    return replace(made, id=f"{new.id}.less.{old.id}", status="f", places=new.places)


def _assumptions(page: Page, others: list[View]) -> Block:
    """Every change a scenario makes, with its source."""
    from highneeds.scenarios import LINES

    rows = [
        Row(view.label, [LINES[change.line].label, change.of or "all", change.says, change.source])
        for view in others
        for change in view.scenario.changes  # type: ignore[union-attr]
    ]
    about = [
        quoted(page, f"about_{at}", f"{view.label}: {view.scenario.about}", how=NAMED)  # type: ignore[union-attr]
        for at, view in enumerate(others)
    ]
    table = page.table(
        "assumptions",
        "What each scenario assumes",
        row_head="Scenario",
        columns=[
            Column("Line", words=True),
            Column("Of", words=True),
            Column("Change", words=True),
            Column("Source", words=True),
        ],
        rows=rows,
    )
    return Block(page.paragraphs("", *about).markup + table.markup)
