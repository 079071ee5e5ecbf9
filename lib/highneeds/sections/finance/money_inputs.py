"""Where the assumptions of a projection come from: an authority's planning files, else its printed plan.

Owns what becomes which assumption, and the source of each. Nothing is guessed but what is marked as assumed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from highneeds.models.caseload.flows import PLACEMENTS
from highneeds.models.deficit import printed as lines
from highneeds.models.deficit.assumptions import (
    COUNCIL_LINE,
    DFE_LINE,
    GRANT_LINE,
    OTHER_LINE,
    TRANSFER_LINE,
    Assumptions,
    Funding,
)
from highneeds.models.deficit.checks import implied_opening
from highneeds.models.deficit.inputs import unit_costs
from highneeds.models.deficit.printed import SPEND, TOTAL, Plan, groups_of, in_pounds, printed_plan
from highneeds.models.deficit.years import january_of
from highneeds.scenarios import ASSUMED
from highneeds.sections.finance.money import Money, Note, held_plans, in_millions, reached
from highneeds.sections.finance.money_of_files import money_of_files
from highneeds.sections.outlooks import View, placed
from highneeds.sections.page import Page

PROJECTION, HISTORY = "dsg_projection", "high_needs_spend"
ASSUMED_INFLATION = 0.03
PRINTED_LINES = {  # in the order of Funding
    lines.GRANT: GRANT_LINE,
    lines.TRANSFER: TRANSFER_LINE,
    lines.OTHER_BLOCKS: OTHER_LINE,
    lines.DFE: DFE_LINE,
    lines.COUNCIL: COUNCIL_LINE,
}


def printed_of(page: Page, table: str = PROJECTION) -> Plan | None:
    """A plan as the authority's paper prints it; None where there is none."""
    rows = page.papers.tables.get(table)
    return printed_plan(rows) if rows is not None else None


def money_of(page: Page, views: Sequence[View]) -> Money | None:
    """Everything for a projection; None where no money is held, or where children are placed is not known."""
    if not views or not placed(page):
        return None
    if page.planning.table("unit_costs") is not None and page.planning.table("budget") is not None:
        return money_of_files(page, views[0])
    plan = printed_of(page)
    return _of_printed(page, views[0], plan) if plan is not None else None


# ---- From a printed plan ---------------------------------------------------------------------------------------------


def _of_printed(page: Page, view: View, plan: Plan) -> Money | None:
    """Unit costs from the first printed year's spend and its January's plans; the other lines as printed."""
    years, base = reached(view, plan.years), plan.years[0]
    labels = [cell.breakdown for cell in plan.parts(SPEND, base)]
    priced = {label: groups_of(label) for label in labels}
    placements = tuple(name for name in PLACEMENTS if any(name in groups for groups in priced.values()))
    opening, held = implied_opening(plan), held_plans(page.facts, int(january_of(base)), placements)
    if len(years) < 2 or opening is None or not placements or np.isnan(held).any():
        return None
    plans = dict(zip(placements, held, strict=True))
    spend = {label: _amount(plan, SPEND, label, base) for label in labels}
    driven = {label: groups for label, groups in priced.items() if groups}
    per_plan = unit_costs(
        {label: spend[label] for label in driven},
        {label: sum(plans[name] for name in groups) for label, groups in driven.items()},
    )
    cost_of = {name: per_plan[label] for label, groups in driven.items() for name in groups}
    rise, how = price_rise(page, base)
    rates = np.zeros((len(placements), len(years)))
    rates[:, 1:] = rise
    source = page.papers.tables[PROJECTION]["source"].iloc[0]
    assumptions = Assumptions(
        years,
        placements,
        np.array([cost_of[name] for name in placements]),
        rates,
        Funding(*([_amount(plan, line, TOTAL, year) for year in years] for line in PRINTED_LINES)),
        in_pounds(plan, opening.value),
        other_spend={label: [spend[label]] * len(years) for label in labels if not priced[label]},
        sources=dict.fromkeys((*placements, *labels, *PRINTED_LINES.values()), source),
    )
    return Money(assumptions, tuple(_notes_of_printed(plan, spend, driven, per_plan, rise, how, source)), plan)


def _amount(plan: Plan, measure: str, breakdown: str, year: str) -> float:
    """A printed amount in pounds; a blank is nothing."""
    cell = plan.cells.get((measure, breakdown, year))
    return in_pounds(plan, cell.value) if cell is not None and cell.value is not None else 0.0


def _notes_of_printed(
    plan: Plan, spend: Mapping[str, float], driven: Mapping[str, tuple], per_plan: Mapping[str, float], rise: float,
    how: Note, source: str,
) -> list[Note]:  # fmt: skip
    base = plan.years[0]
    notes = [
        Note(
            f"Cost of a placement: {' and '.join(groups)}",
            f"£{per_plan[label]:,.0f} in {base}: {in_millions(spend[label])} of {label} over the plans of January "
            f"{january_of(base)}",
            source,
        )
        for label, groups in driven.items()
    ]
    notes.append(replace(how, says=f"{100 * rise:.1f}% a year. {how.says}"))
    notes += [
        Note(label, f"held at {in_millions(amount)} a year, as printed for {base}", source)
        for label, amount in spend.items()
        if label not in driven
    ]
    for line, name in PRINTED_LINES.items():
        amounts = "; ".join(f"{year} {in_millions(_amount(plan, line, TOTAL, year))}" for year in plan.years)
        notes.append(Note(name, f"as printed, money in below nothing: {amounts}", source))
    opening = implied_opening(plan)
    says = f"{in_millions(in_pounds(plan, opening.value))}: what the first printed balance implies"  # type: ignore[union-attr]
    return [*notes, Note("Balance brought forward", says, source)]


def price_rise(page: Page, base: str) -> tuple[float, Note]:
    """Yearly rise of the cost of a placement, from the authority's own spend where three years of it are printed.

    The fixed-mix index: cost of a plan of each type then and now, weighted by spend now; one rate for all types, since
    the collection of 2023 moved children between types.
    """
    history, line = printed_of(page, HISTORY), "Yearly rise of the cost of a placement"
    first, shared = rise_basis(page, base)
    if history is None or not shared:
        return ASSUMED_INFLATION, Note(line, "No series of its own spend is held.", ASSUMED)
    then, after = _costs(page, history, first), _costs(page, history, base)
    weights = {label: _amount(history, SPEND, label, base) for label in shared}
    index = sum(weights.values()) / sum(weights[label] * then[label] / after[label] for label in shared)
    span = int(base[:4]) - int(first[:4])
    source = page.papers.tables[HISTORY]["source"].iloc[0]
    says = f"Spend by type over plans in January, {first} to {base}, the mix of types held still."
    return index ** (1 / span) - 1, Note(line, says, source)


def rise_basis(page: Page, base: str) -> tuple[str, list[str]]:
    """First year, and the printed types of spend, that the rise is measured on; no type where it is assumed."""
    history = printed_of(page, HISTORY)
    if history is None or base not in history.years:
        return "", []
    known = [year for year in history.years if year < base and _costs(page, history, year)]
    if not known:
        return "", []
    first = known[-3] if len(known) >= 3 else known[0]
    then, after = _costs(page, history, first), _costs(page, history, base)
    return first, [label for label in after if after[label] > 0 and then.get(label, 0) > 0]


def _costs(page: Page, history: Plan, year: str) -> dict[str, float]:
    """Cost of a plan by printed type; empty where the January's placements are not published."""
    found = {}
    for cell in history.parts(SPEND, year):
        groups = groups_of(cell.breakdown)
        plans = held_plans(page.facts, int(january_of(year)), groups).sum() if groups else np.nan
        if np.isfinite(plans) and plans > 0:
            found[cell.breakdown] = _amount(history, SPEND, cell.breakdown, year) / plans
    return found
