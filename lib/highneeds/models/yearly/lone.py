"""One series without a panel: a state-space trend with its own range, or a plain drift where the series is short.

Used where fewer authorities are held than pooled models need. Its ranges are the model's own, not earned from past
errors of many, and say so.
"""

import warnings

import numpy as np

from highneeds.models.forecast import LEVELS

MIN_POINTS = 8
MIN_POINTS_DRIFT = 4
WIDER = 1.5  # own ranges of a drift on few points held too seldom


STILL = 1e-9  # log; a series that never moves tells nothing of how wide a range must be


def lone_trend(series: np.ndarray, horizon: int) -> tuple[np.ndarray, str, str] | None:
    """Log quantiles at forecast.LEVELS `horizon` years on, shape (levels,), the model and why; None where too short
    or without any movement.

    series: yearly figures above zero, oldest first, without gaps. A fit that does not converge is not used: the drift
    takes its place, and the reason says so.
    """
    known = np.log(series)
    if len(known) < MIN_POINTS_DRIFT or np.ptp(np.diff(known)) < STILL:
        return None
    if len(known) >= MIN_POINTS:
        fitted = _local_linear_trend(known, horizon)
        if fitted is not None:
            return fitted, "UCM", "too few authorities are held to learn from the others, so its own trend is continued"
        why = "too few authorities are held to learn from the others, and the trend model did not settle"
    else:
        why = "too few authorities and too few years are held for more than the mean of past growth"
    return _drift(known, horizon), "DRIFT", why


def _local_linear_trend(known: np.ndarray, horizon: int) -> np.ndarray | None:
    """statsmodels UnobservedComponents(log y, 'lltrend'), its own normal range; None where it did not converge."""
    from scipy.stats import norm
    from statsmodels.tsa.statespace.structural import UnobservedComponents

    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        try:
            result = UnobservedComponents(known, "lltrend").fit(disp=0)
            ahead = result.get_forecast(horizon)
            mean, spread = float(ahead.predicted_mean[-1]), float(ahead.se_mean[-1])
        except (ValueError, np.linalg.LinAlgError):
            return None
    unsettled = any("converge" in str(each.message).lower() for each in said)
    if unsettled or not result.mle_retvals["converged"] or not np.isfinite([mean, spread]).all():
        return None
    return mean + spread * norm.ppf(LEVELS)


def _drift(known: np.ndarray, horizon: int) -> np.ndarray:
    """Mean growth carried on; Student's t range of a random walk with drift, WIDER times."""
    from scipy.stats import t

    growth = np.diff(known)
    spread = growth.std(ddof=1) * np.sqrt(horizon * (1 + horizon / len(growth)))
    return known[-1] + horizon * growth.mean() + WIDER * spread * t.ppf(LEVELS, len(growth) - 1)
