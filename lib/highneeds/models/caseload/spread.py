"""Spread: how far authorities' stay rates and placements swing from England's, measured on the panel.

Owns the sizes of what `simulate` draws within a total; the size of a total's own error is the forecast's.
"""

from dataclasses import dataclass

import numpy as np

from highneeds.models.caseload.flows import Flows
from highneeds.models.caseload.rates import STAY_YEARS, grown_joiners
from highneeds.models.forecast import HALF_80
from highneeds.models.yearly.cohort import MOVING_UP, moved_up

LAG = 3  # years apart at which what lasts shows; a year apart, reporting noise that comes back is as large
LARGE = 30.0  # plans in a cell from which an authority's swing says something
CHANCE = 0.25  # variance of single arrivals and departures a year, for each plan held
FEW = 20  # authorities needed to measure a swing at all
ASSUMED_AGES, ASSUMED_PLACEMENTS = 0.05, 0.15  # a year, where it cannot be measured


@dataclass(frozen=True, eq=False)
class Spread:
    """Standard deviations on the log scale; first axis: units.

    ages: of a year's stay rate, shape (units, ages). walk: of the step that each placement's share takes every year and
    keeps; back: of its swing in one January alone; both (units, placements).
    """

    ages: np.ndarray
    walk: np.ndarray
    back: np.ndarray

    def of(self, units: slice | np.ndarray) -> "Spread":
        """The same of some of the units."""
        return Spread(self.ages[units], self.walk[units], self.back[units])


def measure(flows: Flows) -> Spread:
    """Swings of all units, from what was known at the origin; small cells swing by chance on top."""
    stocks = np.maximum(flows.stocks[:, -1], 1)
    placed = np.maximum(np.nan_to_num(flows.placed[:, -1], nan=1), 1)
    walk, back = _of_placements(flows.placed)
    ages = np.sqrt(_of_ages(flows) ** 2 + CHANCE / stocks)
    return Spread(ages, np.sqrt(walk**2 + CHANCE / placed), np.broadcast_to(back, placed.shape))


def _of_ages(flows: Flows) -> np.ndarray:
    """Spread of stay rates about England's, shape (ages,)."""
    found = []
    for back in range(min(STAY_YEARS, len(flows.years) - 1, len(flows.flow_years))):
        before = moved_up(flows.stocks[:, -2 - back])
        base = before + grown_joiners(flows.joined[:, -1 - back], MOVING_UP)
        actual = flows.stocks[:, -1 - back]
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = np.log(actual / base)
        found.append(np.where((base >= LARGE) & np.isfinite(ratio), ratio, np.nan))
    return np.array([_robust([each[:, age] for each in found], ASSUMED_AGES) for age in range(flows.stocks.shape[2])])


def _of_placements(placed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Spread of shares about England's: of a lasting step a year, and of what comes back; shape (placements,) each.

    A change over k years has variance k x step + 2 x swing; two lags tell them apart.
    """
    held = [at for at in range(placed.shape[1]) if np.isfinite(placed[:, at]).any()]
    size = placed.shape[2]
    if len(held) < 2:
        return np.full(size, ASSUMED_PLACEMENTS), np.zeros(size)
    shares = placed / placed.sum(axis=2, keepdims=True)
    near = np.array([_swing(placed, shares, held, at, 1) for at in range(size)]) ** 2
    lag = min(LAG, len(held) - 1)
    far = np.array([_swing(placed, shares, held, at, lag) for at in range(size)]) ** 2
    step = np.clip((far - near) / (lag - 1), 0, far / lag) if lag > 1 else near
    return np.sqrt(step), np.sqrt(np.maximum(near - step, 0) / 2)


def _swing(placed: np.ndarray, shares: np.ndarray, held: list[int], at: int, lag: int) -> float:
    """Spread of one placement's change of log share over `lag` Januaries, all such changes together."""
    changes = []
    for later in held[lag:]:
        now, before = (placed[:, year, at] for year in (later, later - lag))
        with np.errstate(divide="ignore", invalid="ignore"):
            change = np.log(shares[:, later, at] / shares[:, later - lag, at])
        changes.append(np.where((now >= LARGE) & (before >= LARGE), change, np.nan))
    return _robust(changes, ASSUMED_PLACEMENTS * np.sqrt(lag))


def _robust(samples: list[np.ndarray], otherwise: float) -> float:
    """Half the central 80% about each sample's own middle (what all share is not in it), as a normal curve's spread."""
    known = [each[np.isfinite(each)] for each in samples]
    centred = [each - np.median(each) for each in known if len(each)]
    together = np.concatenate(centred) if centred else np.zeros(0)
    return float(np.quantile(np.abs(together), 0.8) / HALF_80) if len(together) >= FEW else otherwise
