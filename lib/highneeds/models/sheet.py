"""The score sheet: a row of it, and the cells on which a model and its rivals are compared."""

from dataclasses import dataclass

import numpy as np

from highneeds.models import scores
from highneeds.models.yearly.annual import Annual

DRIFT_YEARS = 3


@dataclass(frozen=True)
class Row:
    """One row of the sheet: what was measured, its value, what it must reach, and the same by target year.

    low, high: ends that the value must lie between; national, drift: the two rivals on the same cells (None where the
    row is not about points).
    """

    group: str
    measure: str
    value: float
    unit: str
    low: float = -np.inf
    high: float = np.inf
    by_year: tuple[tuple[int, float], ...] = ()
    national: float | None = None
    drift: float | None = None

    @property
    def holds(self) -> bool:
        """True where the value lies between the ends."""
        return bool(self.low <= self.value <= self.high)

    @property
    def target(self) -> str:
        """What must be reached, in words; empty for a row that only informs."""
        if np.isfinite(self.low) and np.isfinite(self.high):
            return f"{self.low:g} to {self.high:g}"
        if np.isfinite(self.high):
            return f"at most {self.high:g}"
        return f"at least {self.low:g}" if np.isfinite(self.low) else ""


def cells(annual: Annual, horizon: int, target: int) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Actual and points of the model, of the last national rate and of own drift, in the measure's unit.

    Over the units that have an actual and count now: those too small to be learnt from are left out of every score.
    """
    origin = target - horizon
    actual = annual.matrix.at(target)
    past = annual.matrix.until(origin).values
    now = past[:, -1]
    with np.errstate(divide="ignore", invalid="ignore"):
        growth = np.diff(np.log(np.where(past > 0, past, np.nan)), axis=1)
    counted = annual.track.learns(annual.origin)
    whole = counted & np.isfinite(growth[:, -1])
    points = {
        "model": np.exp(annual.track.points(origin, horizon).log),
        "national": now * np.exp(horizon * growth[whole, -1].mean()),
        "drift": now * np.exp(horizon * _drift(growth)),
    }
    used = (
        counted & np.isfinite(actual) & np.isfinite(np.column_stack(list(points.values()))).all(axis=1) & (actual > 0)
    )
    return actual[used], {name: point[used] for name, point in points.items()} | {"used": used}


def _drift(growth: np.ndarray) -> np.ndarray:
    recent = growth[:, -DRIFT_YEARS:]
    known = np.isfinite(recent)
    return np.where(known, recent, 0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)


def range_scores(annual: Annual, horizon: int, target: int) -> tuple[np.ndarray, ...]:
    """Of the ranges known at the origin, by unit: 100 where the 80% and the 95% one held, the 80% width, the CRPS."""
    actual, points = cells(annual, horizon, target)
    levels = annual.track.quantiles(target - horizon, horizon)[0][points["used"]]
    held = [100.0 * scores.inside(levels, actual, percent) for percent in (80, 95)]
    return (*held, scores.width(levels, actual), scores.crps(levels, actual))
