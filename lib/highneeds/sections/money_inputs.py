"""Where the assumptions of a projection come from: an authority's planning files, else its printed plan.

Owns what becomes which assumption, and the source of each. Nothing is guessed but what is marked as assumed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from highneeds.errors import SchemaError
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
    Scheme,
)
from highneeds.models.deficit.checks import implied_opening
from highneeds.models.deficit.inputs import unit_costs
from highneeds.models.deficit.printed import SPEND, TOTAL, Plan, groups_of, in_pounds, printed_plan
from highneeds.models.deficit.years import january_of
from highneeds.scenarios import ASSUMED
from highneeds.sections.money import Money, Note, held_plans
from highneeds.sections.outlooks import View, placed
from highneeds.sections.page import Page

PROJECTION, HISTORY = "dsg_projection", "high_needs_spend"
ASSUMED_INFLATION = 0.03
_LEDGER_LINES = {
    "high_needs_block": GRANT_LINE,
    "block_transfer": TRANSFER_LINE,
    "other_blocks": OTHER_LINE,
    "dfe_contribution": DFE_LINE,
    "council_contribution": COUNCIL_LINE,
}
_PRINTED_LINES = {  # in the order of Funding
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
        return _of_files(page, views[0])
    plan = printed_of(page)
    return _of_printed(page, views[0], plan) if plan is not None else None


def _reached(view: View, years: Sequence[str]) -> tuple[str, ...]:
    """Of these years, those whose January is held or forecast."""
    return tuple(year for year in years if int(january_of(year)) <= view.caseload.years[-1])


# ---- From planning files ---------------------------------------------------------------------------------------------


def _of_files(page: Page, view: View) -> Money:
    costs, budget = page.planning.tables["unit_costs"], page.planning.tables["budget"]
    base = costs["financial_year"].iloc[0]
    asked = tuple(sorted(year for year in budget["financial_year"].unique() if year >= base))
    years = _reached(view, asked)
    _refuse_years(budget, years, base)
    held = costs.set_index("placement")
    placements = tuple(name for name in PLACEMENTS if name in held.index)
    _refuse_januaries(page, view, years, placements)
    rates = np.zeros((len(placements), len(years)))
    rates[:, 1:] = held.loc[list(placements), "inflation_pct"].to_numpy()[:, None] / 100
    funding = Funding(
        grant=_line(budget, "high_needs_block", years, sign=-1),
        transfer=_line(budget, "block_transfer", years, sign=-1),
        other_blocks=_line(budget, "other_blocks", years),
        dfe=_line(budget, "dfe_contribution", years, sign=-1),
        council=_line(budget, "council_contribution", years, sign=-1),
    )
    opening = budget[budget["line"].eq("opening_balance")]
    names = budget[budget["line"].eq("other_spend")]["name"].dropna().unique()
    assumptions = Assumptions(
        years,
        placements,
        held.loc[list(placements), "unit_cost_gbp"].to_numpy(dtype=float),
        rates,
        funding,
        float(opening["amount_gbp"].iloc[0]),
        other_spend={name: _line(budget[budget["name"].eq(name)], "other_spend", years) for name in names},
        schemes=_schemes(page.planning.table("savings")),
        sources=_sources_of_files(costs, budget),
    )
    notes = _notes_of_files(costs, budget, page.planning.table("savings"))
    return Money(assumptions, (*notes, *_left_out(view, asked, years, placements)))


def _left_out(view: View, asked: Sequence[str], years: Sequence[str], placements: Sequence[str]) -> list[Note]:
    """What the files hold or lack that the projection does without, in words."""
    notes, own = [], "this projection"
    late = [year for year in asked if year not in years]
    if late:
        says = f"{', '.join(late)}: plans are forecast to January {view.caseload.years[-1]} alone"
        notes.append(Note("Years of the budget that are not projected", says, own))
    unpriced = [name for name in PLACEMENTS if name not in placements]
    if unpriced:
        says = f"{', '.join(unpriced)}: no unit cost is given, so their spend is what stands under other spend"
        notes.append(Note("Placements that are not priced", says, own))
    return notes


def _refuse_years(budget: pd.DataFrame, years: Sequence[str], base: str) -> None:
    """Every line must hold every year; the balance must be that before the base year."""
    faults = []
    opening = budget[budget["line"].eq("opening_balance")]
    if opening.empty or opening["financial_year"].iloc[0] != base:
        faults.append(
            f"planning/budget.csv: no opening_balance of {base} was found. Expected the balance brought forward into "
            "the year of the unit costs. Add it."
        )
    for (line, name), rows in budget[budget["line"].ne("opening_balance")].groupby(["line", "name"], dropna=False):
        lost = [year for year in years if year not in set(rows["financial_year"])]
        if lost:
            told = f"{line} {name}" if isinstance(name, str) else line
            faults.append(
                f"planning/budget.csv: row {rows['row'].iloc[0]}, {told}: no row for {', '.join(lost)}. Expected every "
                "year of the plan. Add it."
            )
    if not budget["line"].eq("high_needs_block").any():
        faults.append("planning/budget.csv: no high_needs_block was found. Expected the grant of every year. Add it.")
    if faults:
        raise SchemaError(faults)


def _refuse_januaries(page: Page, view: View, years: Sequence[str], placements: Sequence[str]) -> None:
    """Every year's plans by placement must be published or forecast."""
    where = "planning/unit_costs.csv: column financial_year"
    if not years:
        raise SchemaError(
            f"{where}: the January in that year is not forecast, for forecasts end in {view.caseload.years[-1]}. "
            "Expected an earlier year. Give the costs of a year that is over or under way."
        )
    past = [january for january in map(january_of, years) if int(january) <= view.caseload.origin]
    lost = [january for january in past if np.isnan(held_plans(page.facts, int(january), placements)).any()]
    if lost:
        raise SchemaError(
            f"{where}: plans by placement of January {', '.join(lost)} are not published. Expected a year whose "
            "January is. Give the costs of a later year."
        )


def _sources_of_files(costs: pd.DataFrame, budget: pd.DataFrame) -> dict[str, str]:
    """Source of each line of the ledger, by its name there."""
    made = dict(zip(costs["placement"], costs["source"], strict=True))
    told = budget.assign(told=budget["name"].where(budget["line"].eq("other_spend"), budget["line"].map(_LEDGER_LINES)))
    return made | {name: "; ".join(dict.fromkeys(rows["source"])) for name, rows in told.groupby("told")}


def _line(budget: pd.DataFrame, line: str, years: Sequence[str], *, sign: int = 1) -> list[float]:
    """Amounts of a line by year, nothing where it is not in the file; money in is negative."""
    rows = budget[budget["line"].eq(line)].groupby("financial_year")["amount_gbp"].sum()
    return [sign * float(rows.get(year, 0.0)) for year in years]


def _schemes(savings: pd.DataFrame | None) -> tuple[Scheme, ...]:
    if savings is None:
        return ()
    return tuple(
        Scheme(
            row.scheme,
            row.full_year_gbp,
            row.first_year,
            tuple(int(part) / 100 for part in row.ramp_pct.split(";")),
            row.probability_pct / 100,
            row.source,
        )
        for row in savings.itertuples(index=False)
    )


def _notes_of_files(costs: pd.DataFrame, budget: pd.DataFrame, savings: pd.DataFrame | None) -> list[Note]:
    notes = []
    for row in costs.itertuples(index=False):
        says = f"£{row.unit_cost_gbp:,.0f} in {row.financial_year}, then {row.inflation_pct:g}% a year"
        notes.append(Note(f"Cost of a placement: {row.placement}", says, row.source))
    for (line, name), rows in budget.groupby(["line", "name"], dropna=False, sort=False):
        told = name if isinstance(name, str) else line.replace("_", " ").replace("dfe", "DfE")
        amounts = "; ".join(f"{row.financial_year} {_millions(row.amount_gbp)}" for row in rows.itertuples())
        notes.append(Note(_capital(told), amounts, "; ".join(dict.fromkeys(rows["source"]))))
    for row in savings.itertuples(index=False) if savings is not None else ():
        ramp = row.ramp_pct.replace(";", "%, ")
        chance = f"{row.probability_pct:g}% likely"
        says = f"{_millions(row.full_year_gbp)} in a full year; from {row.first_year} {ramp}%; {chance}"
        notes.append(Note(f"Saving: {row.scheme}", says, row.source))
    return notes


# ---- From a printed plan ---------------------------------------------------------------------------------------------


def _of_printed(page: Page, view: View, plan: Plan) -> Money | None:
    """Unit costs from the first printed year's spend and its January's plans; the other lines as printed."""
    years, base = _reached(view, plan.years), plan.years[0]
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
        Funding(*([_amount(plan, line, TOTAL, year) for year in years] for line in _PRINTED_LINES)),
        in_pounds(plan, opening.value),
        other_spend={label: [spend[label]] * len(years) for label in labels if not priced[label]},
        sources=dict.fromkeys((*placements, *labels, *_PRINTED_LINES.values()), source),
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
            f"£{per_plan[label]:,.0f} in {base}: {_millions(spend[label])} of {label} over the plans of January "
            f"{january_of(base)}",
            source,
        )
        for label, groups in driven.items()
    ]
    notes.append(replace(how, says=f"{100 * rise:.1f}% a year. {how.says}"))
    notes += [
        Note(label, f"held at {_millions(amount)} a year, as printed for {base}", source)
        for label, amount in spend.items()
        if label not in driven
    ]
    for line, name in _PRINTED_LINES.items():
        amounts = "; ".join(f"{year} {_millions(_amount(plan, line, TOTAL, year))}" for year in plan.years)
        notes.append(Note(name, f"as printed, money in below nothing: {amounts}", source))
    opening = implied_opening(plan)
    says = f"{_millions(in_pounds(plan, opening.value))}: what the first printed balance implies"  # type: ignore[union-attr]
    return [*notes, Note("Balance brought forward", says, source)]


def price_rise(page: Page, base: str) -> tuple[float, Note]:
    """Yearly rise of the cost of a placement, from the authority's own spend where three years of it are printed.

    The fixed-mix index: cost of a plan of each type then and now, weighted by spend now; one rate for all types, since
    the collection of 2023 moved children between types.
    """
    history, line = printed_of(page, HISTORY), "Yearly rise of the cost of a placement"
    nothing = ASSUMED_INFLATION, Note(line, "No series of its own spend is held.", ASSUMED)
    if history is None or base not in history.years:
        return nothing
    known = [year for year in history.years if year < base and _costs(page, history, year)]
    if not known:
        return nothing
    first = known[-3] if len(known) >= 3 else known[0]
    then, after = _costs(page, history, first), _costs(page, history, base)
    shared = [label for label in after if after[label] > 0 and then.get(label, 0) > 0]
    if not shared:
        return nothing
    weights = {label: _amount(history, SPEND, label, base) for label in shared}
    index = sum(weights.values()) / sum(weights[label] * then[label] / after[label] for label in shared)
    span = int(base[:4]) - int(first[:4])
    source = page.papers.tables[HISTORY]["source"].iloc[0]
    says = f"Spend by type over plans in January, {first} to {base}, the mix of types held still."
    return index ** (1 / span) - 1, Note(line, says, source)


def _costs(page: Page, history: Plan, year: str) -> dict[str, float]:
    """Cost of a plan by printed type; empty where the January's placements are not published."""
    found = {}
    for cell in history.parts(SPEND, year):
        groups = groups_of(cell.breakdown)
        plans = held_plans(page.facts, int(january_of(year)), groups).sum() if groups else np.nan
        if np.isfinite(plans) and plans > 0:
            found[cell.breakdown] = _amount(history, SPEND, cell.breakdown, year) / plans
    return found


def _millions(pounds: float) -> str:
    sign = "−" if pounds < 0 else ""
    return f"{sign}£{abs(pounds) / 1e6:,.1f}m"


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]
