"""Pooled models of the yearly caseload: what all authorities' histories say of one authority's growth.

POOL regresses each authority's growth, less the mean of all, on its past growth and on last year's new plans and
requests for each plan held; POOL-raw does the same without taking the mean out. EB leans on growth alone. All work on
the log scale over all units at once; intervals belong to `conformal`, the choice among models to `caseload_points`.
"""

from dataclasses import dataclass

import numpy as np

from highneeds.models.yearly.history import History, Matrix, carried

MIN_AUTHORITIES = 50
MIN_AUTHORITIES_EB = 20
MIN_GROWTHS = 3
GROWTHS = 3  # years of own growth that POOL looks at
GROWTHS_EB = 5
LEAN_EB = 0.2  # share of an authority's own deviation that lasts
WINSOR = (1.0, 99.0)


@dataclass(frozen=True)
class Fit:
    """Coefficients of a pooled regression and what they rest on.

    coefficients: of own growth, new plans per plan, requests per plan (POOL-raw: an intercept before them);
    origins: Januaries whose growth over `horizon` years was complete; cells: authority-years in the regression.
    """

    centred: bool
    horizon: int
    coefficients: np.ndarray
    origins: tuple[int, ...]
    cells: int


def growths(history: History) -> tuple[np.ndarray, np.ndarray]:
    """Yearly log growth of plans, shape (units, years - 1), and its mean over the larger units, shape (years - 1,)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        growth = np.diff(np.log(np.where(history.plans.values > 0, history.plans.values, np.nan)), axis=1)
    return growth, _mean(growth[history.large])


def fit(history: History, horizon: int, *, centred: bool) -> Fit | None:
    """Ordinary least squares over all authorities and completed origins; None where too little is known.

    Needs MIN_AUTHORITIES larger units, MIN_GROWTHS years of growth and one origin S with flows of S-1 and S+horizon
    not after the history's own. The target is the mean yearly growth over the horizon.
    """
    held = usable(history)
    if not held or history.large.sum() < MIN_AUTHORITIES:
        return None
    first = max(max(flow.years[0] for flow in held.values()) + 1, history.plans.years[0] + MIN_GROWTHS)
    origins = range(first, history.origin - horizon + 1)
    if not origins:
        return None
    flows = _flows(history)
    rows, targets = zip(*(_cells(history, flows, at, horizon, centred=centred) for at in origins), strict=True)
    predictors, target = np.vstack(rows), np.concatenate(targets)
    if not len(target):
        return None
    coefficients, *_ = np.linalg.lstsq(predictors, target, rcond=None)
    return Fit(centred, horizon, coefficients, tuple(origins), len(target))


def predict(history: History, fitted: Fit, horizon: int | None = None) -> np.ndarray:
    """Log of plans `horizon` years after the history's January, shape (units,); the fit's own horizon if not given."""
    ahead = horizon or fitted.horizon
    _, mean = growths(history)
    predictors = _predictors(history, _flows(history), history.origin, centred=fitted.centred)
    yearly = predictors @ fitted.coefficients + (mean[-1] if fitted.centred else 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.log(history.plans.at(history.origin)) + ahead * yearly


def empirical_bayes(history: History, horizon: int) -> np.ndarray:
    """Log of plans by last mean growth plus LEAN_EB of the unit's own mean deviation, shape (units,)."""
    growth, mean = growths(history)
    own = _mean((growth - mean)[:, -GROWTHS_EB:].T)
    with np.errstate(divide="ignore", invalid="ignore"):
        level = np.log(history.plans.at(history.origin))
    return level + horizon * (mean[-1] + LEAN_EB * np.nan_to_num(own))


def usable(history: History) -> dict[str, Matrix]:
    """Flows of which the year before the history's January is known: what POOL looks at."""
    return {name: flow for name, flow in history.flows.items() if np.isfinite(flow.at(history.origin - 1)).any()}


def _flows(history: History) -> dict[str, tuple[int, np.ndarray]]:
    """First year and counts without gaps of each flow, to the year before the history's January."""
    return {name: (flow.years[0], carried(flow, history.origin - 1)) for name, flow in usable(history).items()}


def _cells(history: History, flows: dict, at: int, horizon: int, *, centred: bool) -> tuple[np.ndarray, np.ndarray]:
    """Predictors and target of the units that count at one origin."""
    with np.errstate(divide="ignore", invalid="ignore"):
        target = (np.log(history.plans.at(at + horizon)) - np.log(history.plans.at(at))) / horizon
    used = history.large & np.isfinite(target)
    if not used.any():
        return np.empty((0, 1 + (not centred) + len(flows))), np.empty(0)
    if centred:
        target = target - target[used].mean()
    return _predictors(history, flows, at, centred=centred)[used], winsorised(target, used)[used]


def _predictors(history: History, flows: dict, at: int, *, centred: bool) -> np.ndarray:
    """Own mean growth of GROWTHS years and log flows of the year before per plan, shape (units, predictors)."""
    year, large = history.plans.years.index(at), history.large
    growth, mean = growths(history)
    own = _mean((growth - mean)[:, max(0, year - GROWTHS) : year].T)
    plans = history.plans.values[:, year]
    columns = [np.nan_to_num(own)]
    for first, counts in flows.values():
        with np.errstate(divide="ignore", invalid="ignore"):
            rate = np.log(counts[:, at - 1 - first] / plans)
        known = np.isfinite(rate)
        columns.append(np.where(known, rate, rate[large & known].mean() if (large & known).any() else 0.0))
    if centred:
        return np.column_stack([winsorised(column - column[large].mean(), large) for column in columns])
    columns[0] = columns[0] + np.nan_to_num(_mean(mean[max(0, year - GROWTHS) : year]))
    return np.column_stack([np.ones(len(plans)), *(winsorised(column, large) for column in columns)])


def winsorised(values: np.ndarray, among: np.ndarray) -> np.ndarray:
    """Values drawn in to the 1st and 99th percentile of some of them."""
    low, high = np.nanpercentile(values[among], WINSOR)
    return np.clip(values, low, high)


def _mean(rows: np.ndarray) -> np.ndarray:
    """Mean over the first axis of what is known; NaN where nothing is."""
    known = np.isfinite(rows)
    count = known.sum(axis=0)
    return np.where(count > 0, np.where(known, rows, 0).sum(axis=0) / np.maximum(count, 1), np.nan)
