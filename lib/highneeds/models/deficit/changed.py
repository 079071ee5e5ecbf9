"""A scenario's changes to prices, grant, contributions, savings and dated rules.

Owns what these lines mean for assumptions. A scenario gives money in as people say it (a grant of so many pounds);
inside it is negative.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from highneeds.models.deficit.assumptions import Assumptions, Funding, Scheme
from highneeds.models.deficit.policy import Policies
from highneeds.models.deficit.years import following
from highneeds.models.growth_error import refuse
from highneeds.scenarios import BY, BY_PCT, FINANCIAL_YEAR, LINES, ON, Change, Scenario, check_years

FUNDING_LINES = {
    "high_needs_block": "grant",
    "block_transfer": "transfer",
    "dfe_contribution": "dfe",
    "council_contribution": "council",
}


def changed(assumptions: Assumptions, scenario: Scenario) -> Assumptions:
    """Assumptions under a scenario; names that it gives have been checked (`scenarios.check_names`).

    A change of unit cost holds from its first year to its last and is carried by the years' inflation.
    Raises SchemaError where a change of money by year names no year of the assumptions.
    """
    check_years(scenario, [name for name, line in LINES.items() if line.years == FINANCIAL_YEAR], assumptions.years)
    check_years(scenario, ("inflation",), assumptions.years[1:])  # the base year is priced as it is
    opening = assumptions.opening_gbp
    for change in scenario.changes_of("opening_balance"):
        opening = change.of_amount(opening)
    unit_costs, inflation = _prices(assumptions, scenario)
    return replace(
        assumptions,
        unit_costs=unit_costs,
        inflation=inflation,
        funding=_funding(assumptions, scenario),
        opening_gbp=opening,
        other_spend=_other_spend(assumptions, scenario),
        schemes=tuple(_scheme(scheme, scenario) for scheme in assumptions.schemes),
        policies=_policies(assumptions.policies, scenario),
    )


def _prices(assumptions: Assumptions, scenario: Scenario) -> tuple[np.ndarray, np.ndarray]:
    """Unit costs of the base year, and inflation by placement and year; as they are where no change names them."""
    inflation, unit_costs = _inflation(assumptions, scenario), assumptions.unit_costs.copy()
    faults: list[str] = []
    for change in scenario.changes_of("unit_cost"):
        held = [at for at, year in enumerate(assumptions.years) if change.applies(change.of, year)]
        for at, placement in enumerate(assumptions.placements):
            if change.applies(placement, assumptions.years[held[0]]):
                unit_costs[at], inflation[at] = _priced(unit_costs[at], inflation[at], held, change)
                if not (np.abs(inflation[at]) < 1).all():
                    faults.append(
                        f"{scenario.file}: row {change.row}, unit_cost: {placement} would fall to nothing, or be twice "
                        "as dear, from one year to the next. Expected a smaller step. Change it by less, or from the "
                        "first year on."
                    )
    refuse(faults)
    return unit_costs, inflation


def _inflation(assumptions: Assumptions, scenario: Scenario) -> np.ndarray:
    """Yearly rise by placement and year; the base year's stays 0."""
    rates = np.array(assumptions.inflation, dtype=float)
    for change in scenario.changes_of("inflation"):
        for at, placement in enumerate(assumptions.placements):
            for number, year in enumerate(assumptions.years[1:], start=1):
                if change.applies(placement, year):
                    rates[at, number] = change.of_amount(100 * rates[at, number]) / 100
    return rates


def _priced(cost: float, rates: np.ndarray, held: Sequence[int], change: Change) -> tuple[float, np.ndarray]:
    """Base cost and yearly rises (no number after a cost of nothing) under a change of the cost in years `held`."""
    growth, at = np.cumprod(1 + rates), list(held)
    costs = cost * growth
    costs[at] = change.of_amount(costs[at[0]]) * growth[at] / growth[at[0]]
    before, after = costs[:-1], costs[1:]
    rises = np.divide(after, before, out=np.where(after == before, 1.0, np.nan), where=before != 0)
    return costs[0], np.array([0.0, *(rises - 1)])


def _amounts(
    values: Sequence[float], years: Sequence[str], scenario: Scenario, line: str, name: str = "", sign: int = 1
) -> list[float]:
    """Amounts of a line by year; sign -1 where money in is kept negative."""
    found = [float(value) for value in values]
    for change in scenario.changes_of(line):
        for at, year in enumerate(years):
            if change.applies(name, year):
                found[at] = sign * change.of_amount(sign * found[at])
    return found


def _funding(assumptions: Assumptions, scenario: Scenario) -> Funding:
    held, years = assumptions.funding, assumptions.years
    made = {name: _amounts(getattr(held, name), years, scenario, line, sign=-1) for line, name in FUNDING_LINES.items()}
    return replace(held, **made)


def _other_spend(assumptions: Assumptions, scenario: Scenario) -> dict[str, list[float]]:
    return {
        name: _amounts(values, assumptions.years, scenario, "other_spend", name)
        for name, values in assumptions.other_spend.items()
    }


def _scheme(scheme: Scheme, scenario: Scenario) -> Scheme:
    for change in scenario.changes:
        if change.of not in ("all", scheme.name):
            continue
        if change.line == "saving" and change.operation in (BY_PCT, BY):
            scheme = replace(scheme, full_year_gbp=change.of_amount(scheme.full_year_gbp))
        elif change.line == "saving_probability":
            scheme = replace(scheme, probability=float(change.value))
        elif change.line == "saving_starts":
            scheme = replace(scheme, starts=str(change.value))
    return scheme


def _policies(policies: Policies, scenario: Scenario) -> Policies:
    """The stability grant switched on (its plan approved, paid the year after its deficit) or off."""
    for change in scenario.changes_of("stability_grant"):
        stability = policies.stability
        paid = stability.paid_in or following(stability.deficit_year)
        made = replace(stability, on=change.value == ON, plan_approved=change.value == ON, paid_in=paid)
        policies = replace(policies, stability=made)
    return policies
