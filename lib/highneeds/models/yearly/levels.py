"""Levels: flows and percentages carried on at the nation's growth, drawn towards what the caseload would suggest.

Projecting an authority's own trend in requests or new plans is the worst choice measured. LEVEL takes its last figure
and the national growth of the last years; LEVEL-pull adds a pooled regression on how far the flow stands above or
below what other authorities have for each plan. Percentages take the nation's last change in points.
"""

import numpy as np

from highneeds.models.yearly.history import History, Matrix, carried, national_growth
from highneeds.models.yearly.pooled import winsorised

NATIONAL_YEARS = 5  # single years swing (2020 fell, 2021 rose); all there are, up to five
MIN_AUTHORITIES = 20


def level(flow: Matrix, horizon: int, *, years: int = NATIONAL_YEARS) -> np.ndarray:
    """Log of a flow `horizon` years on: last level carried at the mean national growth, shape (units,)."""
    return np.log(carried(flow, flow.years[-1])[:, -1]) + horizon * _mean_growth(flow, years)


def _mean_growth(flow: Matrix, years: int) -> float:
    growth = national_growth(flow.values)[-years:]
    return float(np.nanmean(growth)) if np.isfinite(growth).any() else 0.0


def level_pull(history: History, measure: str, horizon: int, *, years: int = NATIONAL_YEARS) -> np.ndarray | None:
    """The same, drawn by what authorities with such rates did before; None where no origin is complete.

    Predictors, each less its mean over the larger units: last growth of the unit's share of the whole, its share
    above its share of all plans, and the same for the other flow. Target: growth of the share over the horizon.
    """
    flow = history.flows[measure]
    own = _shares(flow)
    # The other flow tells something only where it is held for the same years.
    others = [
        _shares(held.until(flow.years[-1]))[:, flow.years[0] - held.years[0] :]
        for name, held in history.flows.items()
        if name != measure and held.years[0] <= flow.years[0] and held.years[-1] >= flow.years[-1]
    ]
    origins = range(flow.years[0] + 1, flow.years[-1] - horizon + 1)
    if not origins or history.large.sum() < MIN_AUTHORITIES:
        return None
    rows, targets = [], []
    for year in origins:
        at = year - flow.years[0]
        grown = own[:, at + horizon] - own[:, at]
        measured = ~np.isnan(flow.values[:, [at, at + horizon]]).any(axis=1)
        predictors = _predictors(history, [own, *others], at, year)
        used = history.large & measured & np.isfinite(grown) & np.isfinite(predictors).all(axis=1)
        if not used.any():
            continue
        rows.append(predictors[used])
        targets.append(winsorised(grown - grown[used].mean(), used)[used])
    if not rows:
        return None
    coefficients, *_ = np.linalg.lstsq(np.vstack(rows), np.concatenate(targets), rcond=None)
    last = np.nan_to_num(_predictors(history, [own, *others], own.shape[1] - 1, flow.years[-1]))
    return level(flow, horizon, years=years) + last @ coefficients


def _shares(flow: Matrix) -> np.ndarray:
    """Log of each unit's share of the whole by year, gaps filled, shape (units, years)."""
    counts = carried(flow, flow.years[-1])
    return np.log(counts / np.nansum(counts, axis=0))


def _predictors(history: History, shares: list[np.ndarray], at: int, year: int) -> np.ndarray:
    """Deviations that draw a level, shape (units, 1 + flows)."""
    plans = np.log(np.where(history.plans.at(year + 1) > 0, history.plans.at(year + 1), np.nan))
    columns = [shares[0][:, at] - shares[0][:, at - 1], *(share[:, at] - plans for share in shares)]
    large = history.large
    return np.column_stack([_centred(column, large) for column in columns])


def _centred(column: np.ndarray, among: np.ndarray) -> np.ndarray:
    """Deviations from the mean of some, winsorised; as it is where none of them is known."""
    if not np.isfinite(column[among]).any():
        return np.full(len(column), np.nan)
    return winsorised(column - np.nanmean(column[among]), among)


def percentage(matrix: Matrix, england: np.ndarray, horizon: int, *, own: float = 0.0) -> np.ndarray:
    """Log of a percentage `horizon` years on: last one plus the last yearly change in points, shape (units,).

    england: the nation's percentages by year; own: weight of the unit's own last change, the rest is England's. Never
    below a tenth of the last one.
    """
    now = matrix.values[:, -1]
    moved = np.diff(england)
    nation = moved[np.isfinite(moved)][-1] if np.isfinite(moved).any() else 0.0
    change = now - matrix.values[:, -2] if matrix.values.shape[1] > 1 else np.full(len(now), np.nan)
    change = np.where(np.isfinite(change), own * change + (1 - own) * nation, nation)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.log(np.where(now > 0, np.maximum(now + horizon * change, 0.1 * now), np.nan))
