"""Part months: what a month will come to, from what has come so far, how much of it has passed and what was expected.

Also the negative binomial in closed form, which this needs. How much of a month has passed is `school_calendar`'s.
"""

import math
from dataclasses import replace

import numpy as np

from highneeds.models.forecast import HALF_80, LEVELS, Step

MODEL = "EXPO"
_SD_OF_80 = 2 * HALF_80  # width of a normal's central 80%, in standard deviations
# No forecast of a month is surer of its intensity than this (coefficient of variation), whatever its range says.
_SUREST = 0.03


def complete_part_month(observed: int, *, exposure_share: float, step: Step) -> Step:
    """Step of a month of which only a part is counted: what has come, plus what the rest should bring.

    observed: count so far; exposure_share: part (0-1) of the month's expected requests that should have come by then;
    step: the month's forecast without this knowledge. Gamma-Poisson: the intensity is gamma around the forecast with
    its coefficient of variation cv, so with k = 1/cv^2 the point is y + (1-f)(y+k)/(f+k/forecast); the rest of the
    month is negative binomial. A whole month is returned as counted. Raises ValueError for a negative count or a
    share outside 0 to 1.
    """
    if observed < 0 or not 0 <= exposure_share <= 1:
        raise ValueError(f"observed {observed}, share {exposure_share}: expected a count and a share from 0 to 1.")
    if exposure_share == 1:
        return replace(step, point=float(observed), quantiles=(float(observed),) * len(LEVELS), model=MODEL)
    k = 1 / intensity_cv(step) ** 2
    rest = (1 - exposure_share) * (observed + k) / (exposure_share + k / max(step.point, 0.5))
    below = cumulative(rest, shape=observed + k)
    quantiles = observed + np.searchsorted(below, np.array(LEVELS))
    return replace(step, point=float(observed + rest), quantiles=tuple(map(float, quantiles)), model=MODEL)


def intensity_cv(step: Step) -> float:
    """Coefficient of variation of a month's intensity: the 80% range without the part that is chance of counts."""
    low, high = step.range(80)
    mean = max(step.point, 0.5)
    variance = ((high - low) / _SD_OF_80) ** 2 - mean
    return max(math.sqrt(max(variance, 0.0)) / mean, _SUREST)


def cumulative(mean: float, *, shape: float) -> np.ndarray:
    """Chance that a negative binomial count is at most 0, 1, 2 ...; as far as it is not surely so.

    mean > 0; shape > 0: variance is mean + mean^2/shape. The last value is 1.
    """
    spread = math.sqrt(mean + mean**2 / shape)
    counts = np.arange(math.ceil(mean + 12 * spread + 20))
    steps = np.log(shape + counts[:-1]) - np.log(counts[1:]) + math.log(mean / (mean + shape))
    logs = np.concatenate([[0.0], np.cumsum(steps)]) - shape * math.log1p(mean / shape)
    below = np.minimum(np.cumsum(np.exp(logs)), 1.0)
    return np.append(below, 1.0)


def surprise(count: float, *, mean: float, variance: float) -> float:
    """Chance of a count at least this far out, on either side, where the intensity has this mean and variance."""
    below = cumulative(mean, shape=mean**2 / max(variance, 1e-9))
    at = min(int(count), len(below) - 1)
    at_most, at_least = below[at], 1 - (below[at - 1] if at else 0.0)
    return float(min(1.0, 2 * min(at_most, at_least)))
