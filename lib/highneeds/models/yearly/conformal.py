"""Intervals from past errors: pooled, symmetric, by horizon, scaled to how much each authority moves.

A forecast's range is as wide as the errors that the same model made for all authorities in the years already over.
Nothing here knows what a model is; it sees errors, scales and levels.
"""

from collections.abc import Sequence
from statistics import NormalDist

import numpy as np

from highneeds.models.forecast import LEVELS

OWN = 0.5  # weight of an authority's own movement in its scale; the rest is everybody's
SCALE_YEARS = 6


def scale(growth: np.ndarray, large: np.ndarray) -> np.ndarray:
    """How much each unit's growth strays from the mean of all, shape (units,); log scale.

    growth: yearly log growth, shape (units, years), NaN where unknown; large: units that count in the mean. Root of
    half the unit's own mean square deviation over SCALE_YEARS and half everybody's; a unit without any has everybody's.
    All NaN where no growth is known, or none strays: nothing tells how wide a range must be.
    """
    recent = growth[:, -SCALE_YEARS:]
    known = np.isfinite(recent)
    large = large if large.any() else np.ones(len(growth), dtype=bool)
    among = known & large[:, None]
    count = among.sum(axis=0)
    mean = np.where(among, recent, 0).sum(axis=0) / np.maximum(count, 1)
    square = np.where(known, (recent - mean) ** 2, 0)
    everybody = square[large].sum() / known[large].sum() if square[large].any() else np.nan
    seen = known.sum(axis=1)
    own = np.where(seen > 0, square.sum(axis=1) / np.maximum(seen, 1), everybody)
    return np.sqrt(OWN * own + (1 - OWN) * everybody)


def half_widths(errors: Sequence[np.ndarray], *, wider: float = 1.0) -> np.ndarray:
    """Half-width of the central range at each of LEVELS, in scales, shape (levels,).

    errors: scaled absolute errors (log actual less log forecast, over the scale), one array for each target year.
    The widths are quantiles of all of them; stretch widens where the errors are of a shorter horizon.
    """
    pooled = np.concatenate(list(errors))
    pooled = pooled[np.isfinite(pooled)]
    central = np.abs(2 * np.array(LEVELS) - 1)
    return wider * np.quantile(pooled, central)


def stretch(horizon: int, shorter: int) -> float:
    """How much wider errors at a horizon are than at a shorter one: half the variance of a year's error lasts, half
    is new each year, so the variance of `h` years grows as h + h squared (as in `paths`).
    """
    return float(np.sqrt((horizon + horizon**2) / (shorter + shorter**2)))


def normal_widths(horizon: int) -> np.ndarray:
    """Half-widths in scales where no target year is over yet: a normal spread, growing with the horizon."""
    normal = NormalDist()
    return stretch(horizon, 1) * np.array([abs(normal.inv_cdf(level)) for level in LEVELS])


def offsets(widths: np.ndarray, scales: np.ndarray) -> np.ndarray:
    """What to add to the log point at each of LEVELS, shape (units, levels): symmetric, nothing at the median."""
    return scales[:, None] * (np.sign(np.array(LEVELS) - 0.5) * widths)[None, :]
