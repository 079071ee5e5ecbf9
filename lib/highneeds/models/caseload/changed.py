"""A scenario's changes to rates: entry, exit, residents and where children are placed.

Owns what these lines mean for the rates of one authority or many. Everything else of a scenario belongs to places and
money.
"""

from dataclasses import replace

import numpy as np

from highneeds.models.caseload.rates import Rates
from highneeds.scenarios import Scenario, check_years


def changed(rates: Rates, scenario: Scenario, *, residents: np.ndarray | None = None) -> Rates:
    """Rates under a scenario; names that it gives have been checked (`scenarios.check_names`).

    entry_rate counts calendar years (that before each January), exit_rate and placement Januaries. residents: under
    the scenario's births and migration, shape of `rates.residents`; left out, as they are.
    Raises SchemaError where the span of a change holds none of the years forecast.
    """
    check_years(scenario, ("entry_rate",), [str(january - 1) for january in rates.years])
    check_years(scenario, ("exit_rate", "placement"), [str(january) for january in rates.years])
    entry, stay, mix = rates.entry.copy(), rates.stay.copy(), rates.mix.copy()
    for at, january in enumerate(rates.years):
        for number, age in enumerate(rates.ages):
            for change in scenario.changes_of("entry_rate"):
                if change.applies(age, str(january - 1)):
                    entry[:, at, number] *= 1 + change.value / 100  # type: ignore[operator]
            for change in scenario.changes_of("exit_rate"):
                if change.applies(age, str(january)):
                    stay[:, at, number] -= rates.ending[:, number] * change.value / 100  # type: ignore[operator]
        for change in scenario.changes_of("placement"):
            if change.applies(change.of, str(january)):
                of, instead = (rates.placements.index(name) for name in (change.of, change.instead))
                mix[:, at] = moved(mix[:, at], of, instead, -float(change.value) / 100)
    held = rates.residents if residents is None else residents
    return replace(rates, entry=entry, stay=np.maximum(stay, 0), mix=mix, residents=held)


def moved(placed: np.ndarray, of: int, instead: int, share: float) -> np.ndarray:
    """Shares or plans (..., placements) with a share of one placement's in another, never more than are there.

    of, instead: numbers of placements; share: below 0, more come to the first.
    """
    amount = np.minimum(placed[..., of] * share, placed[..., of])
    amount = np.maximum(amount, -placed[..., instead])
    result = placed.copy()
    result[..., of] -= amount
    result[..., instead] += amount
    return result
