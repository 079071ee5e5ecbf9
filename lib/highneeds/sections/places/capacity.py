"""Places against demand: what is short each January, and setting by setting what there is and will be."""

import numpy as np

from highneeds import periods
from highneeds.figures import Figure, slug
from highneeds.models.places import Setting, vacancy_pct
from highneeds.periods import AS_LABELLED, AT_DATE, FINANCIAL_YEAR, JANUARY
from highneeds.sections.common import capital
from highneeds.sections.finance.money import displaced
from highneeds.sections.finance.money_inputs import money_of
from highneeds.sections.forecasts import CHANCE
from highneeds.sections.outlooks import View, figure, placed, views
from highneeds.sections.page import Block, Page
from highneeds.sections.places.figures import FILE, changed, settings_held, short_by_type, sources_said
from highneeds.tables import Column, Row


def capacity(page: Page) -> Block | None:
    """Demand against capacity: what is short, with its range and chance."""
    made, settings = views(page), settings_held(page)
    if not made or not settings or not placed(page):
        return None
    blocks = []
    for view in made:
        held = changed(settings, view)
        cells = short_by_type(page, view, held)
        if view.scenario:
            base = short_by_type(page, made[0], settings)
            cells = {name: years for name, years in cells.items() if _values(years) != _values(base[name])}
        if not cells:
            continue
        rows = [
            Row(f"{capital(name)}, {periods.label(each[0].period, JANUARY)}", list(each), rule=at == 0 and number > 0)
            for number, (name, years) in enumerate(cells.items())
            for at, each in enumerate(years)
        ]
        told = f", {view.label}" if view.scenario else ""
        blocks.append(
            page.table(
                "capacity" + (f"-{slug(view.label)}" if view.scenario else ""),
                f"Children and places, {page.facts.authority.name}{told}, January, number",
                row_head="Type and January",
                columns=[
                    Column("Children, most likely"), Column("Places expected"), Column("Short"),
                    Column(f"Short, {CHANCE}: from"), Column(f"Short, {CHANCE}: to"), Column("Chance of it (%)"),
                ],
                rows=rows,
                heading="" if view.scenario else "Places against demand",
                note="Short: children less places; below nothing, places stand empty. A planned place counts by the "
                "chance that the file gives it. " + sources_said(held),
            ).markup
        )  # fmt: skip
    return Block("".join(blocks))


def settings_table(page: Page) -> Block | None:
    """Setting by setting: places now, planned, opening and how sure; and empty places where they are counted."""
    settings = settings_held(page)
    if not settings:
        return None
    rows = [Row(setting.name, _setting_cells(page, setting)) for setting in settings]
    return page.table(
        "settings",
        f"Places by setting, {page.facts.authority.name}, number",
        row_head="Setting",
        columns=[
            Column("Type", words=True), Column("Phase", words=True), Column("Places now"), Column("Planned"),
            Column("Opens", words=True), Column("Chance (%)"), Column("Empty now (%)"),
        ],
        rows=rows,
        heading="Setting by setting",
        note="Empty: places less places filled, of places; below nothing, more are taken than there are.",
    )  # fmt: skip


def _setting_cells(page: Page, setting: Setting) -> list[Figure | str]:
    opens = periods.day_in_words(setting.opens) if setting.opens else "no change"
    empty = None if setting.filled is None else vacancy_pct(setting.now, setting.filled)
    return [
        setting.placement,
        setting.phase,
        _of_file(page, setting, "places_now", setting.now, "places"),
        _of_file(page, setting, "places_planned", setting.planned, "places"),
        opens,
        _of_file(page, setting, "confidence", 100 * setting.confidence, "%"),
        _of_file(page, setting, "empty", empty, "%"),
    ]


def _of_file(page: Page, setting: Setting, name: str, value: float | None, unit: str) -> Figure:
    area = page.facts.authority
    missing = value is None or not np.isfinite(value)
    nothing = "z" if not setting.now else "n"  # no places yet, or not counted
    return Figure(
        id=f"capacity_{name}.{area.slug}.{page.facts.as_at.isoformat()}.{slug(setting.name)}.{slug(setting.placement)}",
        measure=f"capacity_{name}",
        area_code=area.code,
        area=area.name,
        period=page.facts.as_at.isoformat(),
        period_basis=AT_DATE,
        value=None if missing else float(value),  # type: ignore[arg-type]
        status=nothing if missing else "",
        unit=unit,
        source=setting.source,
        reference=f"{FILE}, row {setting.row}",
        breakdown=setting.name,
    )


def delay(page: Page) -> Block | None:
    """What a scenario's other opening days cost or save: places lost x difference in unit cost, by financial year."""
    made, held = views(page), settings_held(page)
    money = money_of(page, made)
    moved = [view for view in made if view.scenario and changed(held, view) != held]
    if money is None or not moved:
        return None
    rows = []
    for view in moved:
        costs = displaced(page, money, view)
        for year, cost in zip(money.years, costs, strict=True):
            rows.append(Row(f"{view.label}, {year}", [_delay_cost(page, view, year, cost)]))
    total = sum(row.cells[0].value for row in rows if row.label.startswith(moved[0].label))  # type: ignore[union-attr]
    said = page.say(
        "delay",
        "Under {name}, other opening days would cost {total} over the years shown (below nothing: save).",
        name=moved[0].label,
        total=_delay_cost(page, moved[0], f"{money.years[0]} to {money.years[-1]}", total),
    )
    table = page.table(
        "delay",
        "Cost of places that open later or earlier, pounds",
        row_head="Scenario and year",
        columns=[Column("Cost")],
        rows=rows,
        note="Places that are not open, each for its months, times what an independent placement costs more. All are "
        "taken to be filled from the first day, by children who would otherwise be in an independent school.",
    )
    return Block(page.paragraphs("What delay costs", said).markup + table.markup)


def _delay_cost(page: Page, view: View, year: str, cost: float) -> Figure:
    how = "places lost, for their months, x (independent - own unit cost)"
    basis = FINANCIAL_YEAR if len(year) == 7 else AS_LABELLED
    return figure(page, view, "delay", year, cost, how, unit="GBP", basis=basis, measure="cost_of_delay", places=1)


def _values(years: list[list[Figure]]) -> list[float | None]:
    return [item.value for each in years for item in each]
