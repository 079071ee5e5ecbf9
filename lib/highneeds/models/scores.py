"""Scores of forecasts against what happened: each a few lines, each with its unit.

All take one row a unit; which units and years belong together is for `backtest` to say.
"""

import numpy as np

from highneeds.models.forecast import LEVELS

_SCORED = [at for at, level in enumerate(LEVELS) if 0.05 <= level <= 0.95]


def mape(point: np.ndarray, actual: np.ndarray) -> float:
    """Mean absolute error, per cent of the actual."""
    return float(100 * np.mean(np.abs(point - actual) / actual))


def wape(point: np.ndarray, actual: np.ndarray) -> float:
    """Sum of absolute errors, per cent of the sum of actuals."""
    return float(100 * np.abs(point - actual).sum() / actual.sum())


def mae(point: np.ndarray, actual: np.ndarray) -> float:
    """Mean absolute error, in the measure's unit."""
    return float(np.mean(np.abs(point - actual)))


def mase(point: np.ndarray, actual: np.ndarray, past: np.ndarray) -> float:
    """Mean absolute error over the mean absolute yearly change before the origin; past: shape (units, years)."""
    return float(np.mean(np.abs(point - actual) / np.nanmean(np.abs(np.diff(past, axis=1)), axis=1)))


def inside(quantiles: np.ndarray, actual: np.ndarray, percent: int) -> np.ndarray:
    """True where the actual lay in the central range of 80 or 95 per cent; quantiles: shape (units, levels)."""
    tail = LEVELS.index({80: 0.1, 95: 0.025}[percent])
    return (actual >= quantiles[:, tail]) & (actual <= quantiles[:, -1 - tail])


def width(quantiles: np.ndarray, actual: np.ndarray) -> np.ndarray:
    """Width of the 80% range, per cent of the actual, shape (units,)."""
    tail = LEVELS.index(0.1)
    return 100 * (quantiles[:, -1 - tail] - quantiles[:, tail]) / actual


def crps(quantiles: np.ndarray, actual: np.ndarray) -> np.ndarray:
    """Continuous ranked probability score, per cent of the actual, shape (units,): twice the mean pinball loss."""
    level = np.array(LEVELS)[_SCORED]
    short = actual[:, None] - quantiles[:, _SCORED]
    return 100 * 2 * np.maximum(level * short, (level - 1) * short).mean(axis=1) / actual
