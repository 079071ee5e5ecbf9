"""Period incidence: what became of requests at each age, seen through a window of calendar days.

A request counts at an age if it was open at that age on a day of the window: one received before the window enters
late (left truncation), one still open leaves on the last day (right censoring). So the shares are those of a request
that met, at every age, the pace of these weeks; requests that ended before the window are not needed.
Owns the estimator and its variance. What is made of it belongs to `nowcast` and `inputs`.

Ends are of two kinds: a plan, and any end without one. `statsmodels` knows late entry for one kind of end alone
(SurvfuncRight) and several kinds without late entry alone (CumIncidenceRight); both are special cases of this, and
tests hold them equal.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from highneeds.measures.incidence import times_to_end

STILL_OPEN, PLAN, OTHER_END = 0, 1, 2


@dataclass(frozen=True)
class Exposure:
    """Requests open on some day of a window, one place each; ages in days since the request (day 0).

    entry: the age before the first one seen (-1 where seen from the first day); time: the last age seen; kind: how
    the request ended at that age, STILL_OPEN where it did not. undated: ends placed on their earliest possible day;
    left_out: requests without usable dates. Both count requests received in the window or in the `reach` days before.
    """

    entry: np.ndarray
    time: np.ndarray
    kind: np.ndarray
    undated: int
    left_out: int

    @property
    def plans(self) -> int:
        """Plans issued in the window, to requests of any age."""
        return int((self.kind == PLAN).sum())


@dataclass(frozen=True)
class PeriodCurve:
    """Incidence by age in days: index 0 is the day of the request.

    at_risk: open at the start of the day; ends: numbers that ended that day, columns plan and other; still_open: share
    (0-1) after the day; shares: cumulative shares (0-1), columns plan and other. They sum to 1 with still_open.
    """

    at_risk: np.ndarray
    ends: np.ndarray
    still_open: np.ndarray
    shares: np.ndarray

    def known_to(self, *, minimum: int, negligible: float) -> int:
        """Last age with at least `minimum` at risk at it and every earlier one, or with a negligible share open.

        -1 where there is none.
        """
        before = np.concatenate([[1.0], self.still_open[:-1]])
        thin = (self.at_risk < minimum) & (before > negligible)
        return int(np.argmax(thin)) - 1 if thin.any() else len(thin) - 1


def exposure(journeys: pd.DataFrame, *, first: date, last: date, reach: int = 0) -> Exposure:
    """Time at risk of each request between two days, both inside the window.

    Takes `measures.journeys` cut at `last` or later; what came after `last` is not seen. Requests recorded as
    historical are left out. Ends without a date stand on the earliest day they can have happened, as in
    `measures.incidence`.
    """
    begin, end = pd.Timestamp(first), pd.Timestamp(last)
    rows = journeys[~journeys["historical"].to_numpy() & ~journeys["received_date"].gt(end).to_numpy()]
    times, kinds, undated = times_to_end(rows, end)
    young = (begin - rows["received_date"]).dt.days.to_numpy(dtype=float)
    oldest = (end - rows["received_date"]).dt.days.to_numpy(dtype=float)
    usable, recent = ~np.isnan(times) & ~np.isnan(young), ~(young > reach)
    inside = usable & (times >= young)
    kinds = np.where(times > oldest, STILL_OPEN, np.minimum(kinds, OTHER_END))[inside]
    entry = np.maximum(young[inside], 0).astype("int64") - 1
    time = np.minimum(times, oldest)[inside].astype("int64")
    return Exposure(entry, time, kinds, int((recent & undated & usable).sum()), int((recent & ~usable).sum()))


def period_curve(seen: Exposure, *, days: int) -> PeriodCurve:
    """Aalen and Johansen's estimate with late entry, ages 0 to `days`. Ages nobody was at risk at change nothing."""
    kept = seen.entry < days
    entry, time, kind = seen.entry[kept], seen.time[kept], seen.kind[kept]
    kind, time = np.where(time > days, STILL_OPEN, kind), np.minimum(time, days)
    width = days + 1
    at_risk = np.cumsum(np.bincount(entry + 1, minlength=width) - np.bincount(time + 1, minlength=width + 1)[:width])
    ends = np.bincount(time * 3 + kind, minlength=3 * width).reshape(width, 3)[:, 1:]
    hazards = np.divide(ends, at_risk[:, None], out=np.zeros(ends.shape), where=at_risk[:, None] > 0)
    still_open = np.cumprod(1 - hazards.sum(axis=1))
    before = np.concatenate([[1.0], still_open[:-1]])
    return PeriodCurve(at_risk, ends, still_open, np.cumsum(before[:, None] * hazards, axis=0))


def gradient(curve: PeriodCurve, kind: int, day: int) -> np.ndarray:
    """How the share of a kind by a day moves with each day's chances: shape (days, kinds), for `variance`."""
    share = curve.shares[:, kind - 1]
    before = np.concatenate([[1.0], curve.still_open[:-1]])
    going_on = np.divide(curve.still_open, before, out=np.zeros(len(before)), where=before > 0)
    later = np.divide(share[day] - share, going_on, out=np.zeros(len(share)), where=going_on > 0)
    moved = np.repeat(-later[:, None], 2, axis=1)
    moved[:, kind - 1] += before
    moved[day + 1 :] = 0
    return moved


def variance(curve: PeriodCurve, slopes: np.ndarray) -> float:
    """Variance of a figure from its slopes (`gradient`), each day's ends being multinomial among those at risk.

    For one kind of end this is Greenwood's formula, for several Dinse and Larson's (1986), as in statsmodels.
    """
    at_risk = curve.at_risk[:, None]
    chances = np.divide(curve.ends, at_risk, out=np.zeros(curve.ends.shape), where=at_risk > 0)
    spread = (slopes**2 * chances).sum(axis=1) - (slopes * chances).sum(axis=1) ** 2
    each_day = np.divide(spread, curve.at_risk, out=np.zeros(len(spread)), where=curve.at_risk > 0)
    return float(max(each_day.sum(), 0.0))
