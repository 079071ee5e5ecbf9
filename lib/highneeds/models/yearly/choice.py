"""Choice of a yearly model by the data at hand, never by a contest on one short series.

Owns which points a measure gets, under what name and why. A default gives way only to a challenger whose pooled score
(CRPS) was at least 3% lower in five of the last seven target years; `highneeds backtest` prints the scores.
"""

from dataclasses import dataclass

import numpy as np

from highneeds.models.yearly import cohort, levels, pooled
from highneeds.models.yearly.history import TINY, History, Matrix

COHORT_FROM = 3  # years ahead at which the cohort model is averaged in
OWN_CHANGE = {"school_ehc_pupils_pct": 0.5}  # weight of an authority's own last change; none elsewhere
POOL, EB, LEVEL, PULL, NATIONAL, HALF = "POOL", "EB", "LEVEL", "LEVEL-PULL", "NATIONAL", "HALF-OWN"
REASONS = {
    "POOL": "all authorities' growth, new plans and requests tell more of the years after than its own trend",
    "POOL+COHORT": "at three years and more the pooled model and the children already in the system are averaged",
    "EB": "too little is known for the pooled model, so national growth leans a little on the authority's own",
    "EB+COHORT": "too little is known for the pooled model; national growth and the children already in the system "
    "are averaged",
    "LEVEL": "an authority's own trend in this series predicts worse than its last level at national growth",
    "LEVEL-PULL": "its last level at national growth, drawn towards what authorities with such rates came to",
    "NATIONAL": "its last percentage with England's last change beats its own trend",
    "HALF-OWN": "its last percentage with the mean of its own last change and England's beats either alone",
}


_FEW_PLANS = "it has too few plans for the pooled model, so national growth leans a little on its own"
_FLOWS = {"new_ehc_plans": "new plans", "requests_received": "requests"}


@dataclass(frozen=True)
class Points:
    """Log points of all units, shape (units,), and the name of the model behind each."""

    log: np.ndarray
    names: np.ndarray


def reason(name: str, history: History | None, unit: int) -> str:
    """Why a unit got the model of this name: for POOL, with the flows that it could look at."""
    if history is None:
        return REASONS[name]
    if name == EB and not history.large[unit] and history.large.sum() >= pooled.MIN_AUTHORITIES:
        return _FEW_PLANS
    used = [words for flow, words in _FLOWS.items() if flow in pooled.usable(history)]
    lost = [words for words in _FLOWS.values() if words not in used]
    if name != POOL or not lost:
        return REASONS[name]
    text = REASONS[name].replace(", new plans and requests", f" and {used[0]}")
    return f"{text} ({lost[0]} of the last year are not held)"


def caseload(history: History, horizon: int) -> Points:
    """EHC plans `horizon` Januaries on: POOL where it can be fitted, else EB; cohort averaged in from three years.

    POOL is the mean of the centred and the raw regression. Where no origin of this horizon is complete, the
    coefficients of the longest complete one serve. Units under TINY plans have EB: they teach and obey no regression.
    """
    fallback = pooled.empirical_bayes(history, horizon)
    log, names = fallback.copy(), np.full(len(fallback), EB, dtype=object)
    pool = _pool(history, horizon)
    if pool is not None:
        known = history.large & np.isfinite(pool)
        log[known], names[known] = pool[known], POOL
    bands = cohort.forecast_bands(history, horizon) if horizon >= COHORT_FROM else None
    if bands is not None:
        whole = bands.sum(axis=1)
        both = history.large & (whole > 0) & np.isfinite(log)
        log[both] = (log[both] + np.log(whole[both])) / 2
        names[both] = [f"{name}+COHORT" for name in names[both]]
    return Points(log, names)


def _pool(history: History, horizon: int) -> np.ndarray | None:
    for complete in range(horizon, 0, -1):
        fits = [pooled.fit(history, complete, centred=centred) for centred in (True, False)]
        if all(fits):
            return np.mean([pooled.predict(history, fitted, horizon) for fitted in fits], axis=0)  # type: ignore[arg-type]
    return None


def flow(history: History, measure: str, horizon: int) -> Points:
    """Requests or new plans `horizon` calendar years on.

    Requests: the last level at national growth; a pull was tried and gave nothing. New plans: with the pull, where an
    origin of this horizon is complete.
    """
    held = history.flows[measure]
    drawn = levels.level_pull(history, measure, horizon) if measure == "new_ehc_plans" else None
    log = levels.level(held, horizon)
    names = np.full(len(log), LEVEL, dtype=object)
    if drawn is not None:
        known = history.large & np.isfinite(drawn)
        log, names[known] = np.where(known, drawn, log), PULL
    return Points(log, names)


def percentage(matrix: Matrix, england: np.ndarray, measure: str, horizon: int) -> Points:
    """Percentage of pupils `horizon` Januaries on."""
    own = OWN_CHANGE.get(measure, 0.0)
    log = levels.percentage(matrix, england, horizon, own=own)
    return Points(log, np.full(len(log), HALF if own else NATIONAL, dtype=object))


def is_tiny(plans: np.ndarray) -> np.ndarray:
    """True for authorities with so few plans that one child moves the figure."""
    return np.asarray(plans) < TINY
