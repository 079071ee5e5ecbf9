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
from highneeds.scenarios import BY, BY_PCT, ON, Change, Scenario

FUNDING_LINES = {
    "high_needs_block": "grant",
    "block_transfer": "transfer",
    "dfe_contribution": "dfe",
    "council_contribution": "council",
}


def changed(assumptions: Assumptions, scenario: Scenario) -> Assumptions:
    """Assumptions under a scenario; names and years that it gives have been checked (`scenarios.check_names`).

    A change of unit cost holds from its first year on and is carried by later years' inflation.
    """
    inflation = _inflation(assumptions, scenario)
    unit_costs = assumptions.unit_costs.copy()
    for change in scenario.changes_of("unit_cost"):
        for at, placement in enumerate(assumptions.placements):
            if not change.applies(placement):
                continue
            first = change.first if change.first in assumptions.years else assumptions.years[0]
            inflation[at], unit_costs[at] = _priced(
                unit_costs[at], inflation[at], assumptions.years.index(first), change
            )
    opening = assumptions.opening_gbp
    for change in scenario.changes_of("opening_balance"):
        opening = change.of_amount(opening)
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


def _inflation(assumptions: Assumptions, scenario: Scenario) -> np.ndarray:
    """Yearly rise by placement and year; the base year's stays 0."""
    rates = np.array(assumptions.inflation, dtype=float)
    for change in scenario.changes_of("inflation"):
        for at, placement in enumerate(assumptions.placements):
            for number, year in enumerate(assumptions.years[1:], start=1):
                if change.applies(placement, year):
                    rates[at, number] = change.of_amount(100 * rates[at, number]) / 100
    return rates


def _priced(cost: float, rates: np.ndarray, at: int, change: Change) -> tuple[np.ndarray, float]:
    """Rates and base cost so that the cost of year number `at` is what the change makes of it."""
    rates = rates.copy()
    then = cost * np.prod(1 + rates[: at + 1])
    factor = change.of_amount(then) / then if then else 1.0
    if at == 0:
        return rates, cost * factor
    rates[at] = (1 + rates[at]) * factor - 1
    return rates, cost


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
