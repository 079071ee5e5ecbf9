"""The assumptions of a projection from an authority's planning files: unit costs, budget lines and savings.

Owns what is refused of them: a year missing in the middle, a year that no January reaches.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from highneeds.errors import SchemaError
from highneeds.models.caseload.flows import PLACEMENTS
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
from highneeds.models.deficit.years import january_of
from highneeds.sections.common import capital
from highneeds.sections.finance.money import Money, Note, held_plans, in_millions, reached
from highneeds.sections.outlooks import View
from highneeds.sections.page import Page

_LEDGER_LINES = {
    "high_needs_block": GRANT_LINE,
    "block_transfer": TRANSFER_LINE,
    "other_blocks": OTHER_LINE,
    "dfe_contribution": DFE_LINE,
    "council_contribution": COUNCIL_LINE,
}


def money_of_files(page: Page, view: View) -> Money:
    """Assumptions of the unit costs, budget and savings held; SchemaError where their years do not fit."""
    costs, budget = page.planning.tables["unit_costs"], page.planning.tables["budget"]
    base = costs["financial_year"].iloc[0]
    asked = tuple(sorted(year for year in budget["financial_year"].unique() if year >= base))
    years = reached(view, asked)
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
        amounts = "; ".join(f"{row.financial_year} {in_millions(row.amount_gbp)}" for row in rows.itertuples())
        notes.append(Note(capital(told), amounts, "; ".join(dict.fromkeys(rows["source"]))))
    for row in savings.itertuples(index=False) if savings is not None else ():
        ramp = row.ramp_pct.replace(";", "%, ")
        chance = f"{row.probability_pct:g}% likely"
        says = f"{in_millions(row.full_year_gbp)} in a full year; from {row.first_year} {ramp}%; {chance}"
        notes.append(Note(f"Saving: {row.scheme}", says, row.source))
    return notes
