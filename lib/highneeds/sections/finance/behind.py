"""What stands behind a projection's lines, as figures: printed cells, plans, unit costs and the rise of prices.

Each function gives a formula in words and ids, and the figures in it; none where a line comes from planning files,
whose rows its source names, or where a scenario changed it.
"""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from highneeds.figures import POUNDS, Figure, slug
from highneeds.measures.declarations import OWN
from highneeds.models.deficit.ledger import Line
from highneeds.models.deficit.printed import KIND_OF, SPEND, TOTAL, Plan, groups_of, in_pounds
from highneeds.models.deficit.years import january_of
from highneeds.models.paper_figures import cell_figure, opening_of
from highneeds.periods import FINANCIAL_YEAR
from highneeds.sections import outlooks
from highneeds.sections.finance.figures import Seen
from highneeds.sections.finance.money_inputs import (
    HISTORY,
    PRINTED_LINES,
    PROJECTION,
    price_rise,
    printed_of,
    rise_basis,
)
from highneeds.sections.page import Page

Behind = tuple[str, Sequence[Figure]]
MEASURE_OF = {KIND_OF[measure]: measure for measure in PRINTED_LINES}


def of_placement(page: Page, one: Seen, name: str, year: str) -> Behind:
    """Plans of the January inside the year x unit cost x price rise."""
    children = plans_of(page, one, name, year)
    if one.money.printed is None or one.view.scenario is not None:
        return f"plans of the January ({children.id}) x unit cost x price rise", [children]
    cost, rise = unit_cost(page, one, name), yearly_rise(page, one)
    years = one.outlook.years.index(year)
    grown = f" * (1 + {rise.id} / 100) ^ {years}" if years else ""
    return f"{children.id} * {cost.id}{grown}", [children, cost, *([rise] if years else [])]


def of_spend(page: Page, one: Seen, line: Line, year: str) -> Behind:
    """Spend held as the first year prints it."""
    cell = _printed(page, one, SPEND, line.name, one.money.years[0])
    return (_in_pounds(one, cell), [cell]) if cell is not None else (line.source, [])


def of_kind(page: Page, one: Seen, kind: str, year: str) -> Behind:
    """The year's printed amount of a grant, transfer or contribution."""
    measure = MEASURE_OF.get(kind, "")
    cell = _printed(page, one, measure, TOTAL, year) if one.view.scenario is None else None
    return (_in_pounds(one, cell), [cell]) if cell is not None else ("", [])


def of_opening(page: Page, one: Seen) -> Behind:
    """The balance that the first printed balance implies."""
    plan = one.money.printed
    made = opening_of(page.papers.tables[PROJECTION], page.facts.authority, PROJECTION, plan) if plan else None
    return (_in_pounds(one, made), [made]) if made is not None else ("balance at the start, as given", [])


def plans_of(page: Page, one: Seen, name: str, year: str) -> Figure:
    """Plans of a placement in the January that stands for a year: published up to the origin, then as forecast."""
    case, january = one.view.caseload, int(january_of(year))
    if january <= case.origin:
        return page.facts.get(outlooks.PLANS, page.facts.authority, str(january), name)
    at, n = case.years.index(january), case.placements.index(name)
    point, levels = case.by_placement[at, n], case.ranges["placement"][at, n]
    return outlooks.three(page, one.view, january, point, levels, name)[0]


def unit_cost(page: Page, one: Seen, name: str) -> Figure:
    """Cost of a placement in the first year: its type's printed spend over the plans of that January."""
    plan, base = one.money.printed, one.money.years[0]
    label = next(cell.breakdown for cell in plan.parts(SPEND, base) if name in groups_of(cell.breakdown))  # type: ignore[union-attr]
    spend = _printed(page, one, SPEND, label, base)
    children = [plans_of(page, one, group, base) for group in groups_of(label)]
    return replace(
        spend,  # type: ignore[arg-type]
        id=f"unit_cost.{page.facts.authority.slug}.{base}.{slug(label)}",
        measure="unit_cost",
        value=float(one.money.assumptions.unit_costs[one.outlook.placements.index(name)]),
        unit=POUNDS,
        source=OWN,
        places=0,
        reference=f"{_in_pounds(one, spend)} / ({' + '.join(each.id for each in children)})",
        inputs=(spend, *children),
    )


def yearly_rise(page: Page, one: Seen) -> Figure:
    """Yearly rise of the cost of a placement, in per cent; it rests on its types' spend and plans, then and now."""
    base, area = one.money.years[0], page.facts.authority
    rise, _ = price_rise(page, base)
    first, labels = rise_basis(page, base)
    on = [figure for year in (first, base) for label in labels for figure in _spent_and_placed(page, one, label, year)]
    how = f"cost of a plan by type, {first} to {base}, the mix of {base} held still" if labels else "assumed"
    return Figure(
        f"price_rise.{area.slug}.{base}", "price_rise", area.code, area.name, f"{first or base} to {base}",
        FINANCIAL_YEAR, 100 * rise, "", "%", OWN, f"{how} (docs/methods.md)", places=1, inputs=tuple(on),
    )  # fmt: skip


def _spent_and_placed(page: Page, one: Seen, label: str, year: str) -> list[Figure]:
    rows, cell = page.papers.tables[HISTORY], printed_of(page, HISTORY).cells[SPEND, label, year]  # type: ignore[union-attr]
    return [
        cell_figure(rows, page.facts.authority, HISTORY, cell),
        *(plans_of(page, one, group, year) for group in groups_of(label)),
    ]


def _printed(page: Page, one: Seen, measure: str, breakdown: str, year: str) -> Figure | None:
    """A cell of the printed plan that the projection follows; None where it follows none, or prints none."""
    plan: Plan | None = one.money.printed
    cell = plan.cells.get((measure, breakdown, year)) if plan is not None else None
    return cell_figure(page.papers.tables[PROJECTION], page.facts.authority, PROJECTION, cell) if cell else None


def _in_pounds(one: Seen, figure: Figure | None) -> str:
    """A printed amount as pounds: `1000000 * id`."""
    each = in_pounds(one.money.printed, Decimal(1))  # type: ignore[arg-type]
    return f"{each:.0f} * {figure.id}"  # type: ignore[union-attr]
