"""Inputs of a clearance from an authority's own cases: the queue, what comes in, what is issued, each with its trace.

Owns how the numbers are read from journeys. What a queue then does belongs to `clearance`.
"""

from datetime import date, timedelta

import numpy as np
import pandas as pd

from highneeds.errors import ParamsError
from highneeds.limits import DECIDE_NOT_TO_ISSUE, ISSUE_PLAN, limit
from highneeds.measures.journeys import OPEN, is_outcome
from highneeds.measures.local_timeliness import check_cut
from highneeds.models.queue.period_incidence import OTHER_END, exposure, period_curve
from highneeds.models.queue.weekly_queue import LIMIT_WEEKS, SPLIT_TEAMS, QueueInputs, Trace

YEAR = 52
MINIMUM_PLANS = 30  # in a year; fewer, and a week's capacity is a matter of one plan
MINIMUM_AT_RISK = 10
OLDEST_WEEKS = 260  # longer waits stand here, so that one wrong date does not make the run long
_QUICK = 0.10  # a tenth of plans is issued before the work on the others is done


def inputs_from(journeys: pd.DataFrame, at: date, *, weeks: int = 13) -> QueueInputs:
    """Inputs as the cases show them on a day; change what is to be tried with `dataclasses.replace`.

    Takes journeys cut at `at`. queue: every open request by weeks waited, those past 5 years together. intake:
    requests of the last 52 weeks, a year so that school holidays cancel. share: requests that do not end without a
    plan, at the pace of that year (`period_incidence`); leaves: the weeks in which the others end. capacity: plans
    issued in the last `weeks` weeks, a week; where no case waited, more could have been. ready: the week by which a
    tenth of the year's plans was issued, at most the sixteenth; late plans with a recorded exception become ready at
    their own median week. past_issued, past_on_time: the year's plans by week. order: split teams, the backlog team
    having the part of capacity that went to overdue cases in the last `weeks` weeks, which is the order of work as it
    was. Errors of the levels: from how far four-week sums (requests) and weeks (plans) lie from their mean.
    Raises ParamsError where fewer than MINIMUM_PLANS were issued in the year or too few requests can be followed.
    """
    if not 1 <= weeks <= YEAR:
        raise ParamsError(f"inputs_from: weeks={weeks}. Expected a whole number from 1 to {YEAR}.")
    check_cut(journeys, at)
    begin = at - timedelta(days=7 * YEAR - 1)
    came = _weekly(journeys.loc[~journeys["historical"].to_numpy(), "received_date"], at)
    issued = _weekly(journeys["issued_date"], at)
    _enough(int(issued.sum()), begin, at)
    share, leaves, share_trace = _share(journeys, begin, at)
    ready, ready_trace = _ready(journeys, begin, at)
    queue, queue_trace, notes = _queue(journeys, at)
    timely = journeys["issued_date"].le(journeys["issue_due"]) & journeys["days_to_issue"].notna()
    on_time = _weekly(journeys["issued_date"].where(timely), at)
    recent, first = issued[-weeks:], at - timedelta(days=7 * weeks - 1)
    intake, capacity, late = float(came.mean()), float(recent.mean()), int((recent - on_time[-weeks:]).sum())
    backlog_share = late / int(recent.sum()) if recent.sum() else 0.0
    traces = (
        queue_trace,
        Trace("intake", intake, int(came.sum()), YEAR, begin, at, "requests received, over weeks"),
        share_trace,
        Trace("capacity", capacity, int(recent.sum()), weeks, first, at, "plans issued, over weeks"),
        Trace("backlog_share", backlog_share, late, int(recent.sum()), first, at, "plans issued late, over all plans"),
        *ready_trace,
    )
    return QueueInputs(
        queue=queue,
        intake=intake,
        share=share,
        capacity=capacity,
        order=SPLIT_TEAMS,
        backlog_share=backlog_share,
        leaves=leaves,
        ready=ready,
        past_issued=tuple(issued.astype(float)),
        past_on_time=tuple(on_time.astype(float)),
        intake_error_pct=_error_pct(came.reshape(-1, 4).sum(axis=1)),
        capacity_error_pct=_error_pct(recent),
        intake_alpha=_alpha(came),
        at=at,
        traces=traces,
        notes=notes,
    )


def _enough(plans: int, begin: date, at: date) -> None:
    if plans < MINIMUM_PLANS:
        raise ParamsError(
            f"inputs_from: {plans} plans issued from {begin.isoformat()} to {at.isoformat()}. Expected at least "
            f"{MINIMUM_PLANS}. Use data that hold a whole year, or give QueueInputs by hand."
        )


def _weekly(dates: pd.Series, at: date) -> np.ndarray:
    """Counts of the last 52 weeks, oldest first."""
    ago = (pd.Timestamp(at) - dates).dt.days
    ago = ago[ago.between(0, 7 * YEAR - 1)].to_numpy(dtype="int64")
    return np.bincount(ago // 7, minlength=YEAR)[::-1]


def _error_pct(counts: np.ndarray) -> float:
    """Standard error of the mean, per cent of it; one count alone has none, so chance's own is taken."""
    mean = counts.mean()
    if not mean:
        return 0.0
    spread = counts.std(ddof=1) if len(counts) > 1 else np.sqrt(mean)
    return float(100 * spread / mean / np.sqrt(len(counts)))


def _alpha(counts: np.ndarray) -> float:
    """Extra spread of weekly counts: variance = mean + alpha * mean squared."""
    mean = counts.mean()
    return float(max((counts.var(ddof=1) - mean) / mean**2, 0.0)) if mean else 0.0


def _share(journeys: pd.DataFrame, begin: date, at: date) -> tuple[float, dict[int, float], Trace]:
    """Share of requests that lead to a plan, and the weeks in which the others end."""
    seen = exposure(journeys, first=begin, last=at)
    curve = period_curve(seen, days=7 * 2 * YEAR)
    known = curve.known_to(minimum=MINIMUM_AT_RISK, negligible=0.05)
    if known < limit(ISSUE_PLAN, at).days:
        raise ParamsError(
            f"inputs_from: fewer than {MINIMUM_AT_RISK} requests were open at the age of {known + 1} days in the year "
            f"to {at.isoformat()}. Use data that also hold requests of the year before, or give QueueInputs by hand."
        )
    gone = np.diff(curve.shares[: known + 1, OTHER_END - 1], prepend=0.0)
    by_week = np.bincount((np.arange(known + 1) + 3) // 7, weights=gone)
    total = float(gone.sum())
    leaves = {int(week): float(part / total) for week, part in enumerate(by_week) if part > 0} if total else {0: 1.0}
    others = int((seen.kind == OTHER_END).sum())
    says = "plans issued, of all that ended; the share also allows for requests still open"
    return 1 - total, leaves, Trace("share", 1 - total, seen.plans, seen.plans + others, begin, at, says)


def _ready(journeys: pd.DataFrame, begin: date, at: date) -> tuple[dict[int, float], tuple[Trace, ...]]:
    """Week from which plans can be issued; late plans with an exception apart, where exceptions are recorded.

    No later than the week by which the law wants the decision about a plan: what comes after that is the queue.
    """
    year = journeys["issued_date"].between(pd.Timestamp(begin), pd.Timestamp(at)) & journeys["days_to_issue"].notna()
    plans = journeys[year.to_numpy()]
    weeks = (plans["days_to_issue"].to_numpy(dtype="int64") + 3) // 7
    late = plans["issued_date"].gt(plans["issue_due"]).to_numpy()
    slow = late & plans["exception"].fillna(False).to_numpy(dtype=bool)
    latest = limit(DECIDE_NOT_TO_ISSUE, at).days // 7
    quick = int(min(np.quantile(weeks[~slow], _QUICK, method="lower"), latest)) if (~slow).any() else latest
    says = f"week by which {100 * _QUICK:.0f}% were issued, at most week {latest}; plans late with an exception apart"
    traces = [Trace("ready", quick, int((weeks[~slow] <= quick).sum()), int((~slow).sum()), begin, at, says)]
    if not slow.any():
        return {quick: 1.0}, tuple(traces)
    part, median = float(slow.mean()), max(int(np.median(weeks[slow])), LIMIT_WEEKS + 1)
    says = f"plans issued late with a recorded exception, over all plans; ready in week {median}"
    traces.append(Trace("exceptions", part, int(slow.sum()), len(plans), begin, at, says))
    return {quick: 1 - part, median: part}, tuple(traces)


def _queue(journeys: pd.DataFrame, at: date) -> tuple[tuple[float, ...], Trace, tuple[str, ...]]:
    """Open requests by weeks waited; a request 140 days old has waited 19 weeks, so its limit is not yet past."""
    live = journeys[is_outcome(journeys["ended_by"], OPEN)]
    days = (pd.Timestamp(at) - live["received_date"]).dt.days
    undated, days = int(days.isna().sum()), days.dropna().to_numpy(dtype="int64")
    weeks = np.minimum(np.maximum(days - 1, 0) // 7, OLDEST_WEEKS)
    queue = tuple(np.bincount(weeks, minlength=1).astype(float))
    overdue = int((days > limit(ISSUE_PLAN, at).days).sum())
    trace = Trace("queue", len(days), overdue, len(days), at, at, "overdue, of the requests open on the day")
    notes = (f"{undated} open requests without a date received are left out of the queue.",) if undated else ()
    return queue, trace, notes
