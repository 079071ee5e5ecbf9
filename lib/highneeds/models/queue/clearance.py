"""Clearance: when the queue of overdue cases ends, and what the published percentage does on the way.

The published percentage counts what is issued. Clearing old cases issues late plans, so it falls first, while the
children waiting longest are served; leaving old cases keeps it high while the queue grows. The same capacity gives
both, by the order of work alone. A planning sum under stated assumptions, not a forecast of what an authority will do.
Owns what is read from runs of `weekly_queue`: the end, the lowest percentage, the capacity that would do, the ranges.
"""

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import pandas as pd

from highneeds.errors import ParamsError
from highneeds.models.queue.weekly_queue import (
    LIMIT_WEEKS,
    NEW_FIRST,
    OLDEST_FIRST,
    ORDERS,
    SPLIT_TEAMS,
    QueueInputs,
    Run,
    ramp,
    run,
)

__all__ = ["Clearance", "NEW_FIRST", "OLDEST_FIRST", "ORDERS", "SPLIT_TEAMS", "QueueInputs", "clearance", "ramp"]

PATHS = 200
ENDED = 0.5  # cases: fewer than half a case waiting is nobody
_ENDS = {"lower80": 0.10, "upper80": 0.90, "lower95": 0.025, "upper95": 0.975}
_ORDER_WORDS = {
    OLDEST_FIRST: "The case waiting longest is taken first.",
    NEW_FIRST: "Cases within their 20 weeks are taken first, nearest limit first; overdue ones get what is left.",
    SPLIT_TEAMS: "One team has {backlog:.0f}% of the capacity for overdue cases, oldest first; the other takes cases "
    "within their 20 weeks, nearest limit first. A team with nothing left to do helps the other.",
}


@dataclass(frozen=True)
class Clearance:
    """What happens to a queue. Weeks are counted from the start; None: not within the weeks looked at.

    weeks: one row a week from 0: week, last_day (missing where inputs have no day), intake, leaving, issued,
    issued_within_20_weeks, open, overdue (open past 20 weeks), overdue_ready (of those, waiting for hands alone),
    longest_wait_weeks, published_pct (of plans issued in the last `window` weeks, those within 20), cohort_pct (of
    requests received this week that lead to a plan, those within 20 weeks), and lower80, upper80, lower95, upper95 of
    open, overdue and published_pct.
    ends_week: first week from which on no overdue case waits for hands; ends_lower80, ends_upper80: its range.
    capacity_needed: smallest steady number of plans a week that ends the queue by week `needed_by`, rounded up to a
    tenth. lowest_pct, lowest_week: the lowest published percentage on the way. assumptions, warnings: sentences.
    """

    inputs: QueueInputs
    weeks: pd.DataFrame
    window: int
    ends_week: int | None
    ends_lower80: int | None
    ends_upper80: int | None
    capacity_needed: float
    needed_by: int
    lowest_pct: float
    lowest_week: int | None
    assumptions: tuple[str, ...]
    warnings: tuple[str, ...]


def clearance(
    inputs: QueueInputs, *, weeks: int = 104, window: int = 52, needed_by: int = 52, seed: int = 2025
) -> Clearance:
    """Lets the queue run for some weeks under its inputs.

    The lines are expected numbers. Ranges: PATHS runs with the seed; the level of requests and of capacity is wrong by
    the errors of the inputs in each, and the requests of a week vary by chance. window: weeks of the published
    percentage (52: a year, 4: a month). Raises ParamsError where weeks, window or needed_by make no sense.
    """
    _check(weeks, window, needed_by)
    expected = _expected(inputs, weeks + LIMIT_WEEKS)
    drawn = _drawn(inputs, weeks, np.random.default_rng(seed))
    rows = _rows(inputs, expected, drawn, weeks, window)
    published = rows["published_pct"].iloc[1:]
    lowest = int(published.idxmin()) if published.notna().any() else None
    ends = np.quantile(_end_weeks(drawn.overdue_ready), [0.10, 0.90], method="higher")
    return Clearance(
        inputs=inputs,
        weeks=rows,
        window=window,
        ends_week=_week_or_none(_end_weeks(expected.overdue_ready[:, : weeks + 1])[0]),
        ends_lower80=_week_or_none(ends[0]),
        ends_upper80=_week_or_none(ends[1]),
        capacity_needed=capacity_needed(inputs, by=needed_by, weeks=max(weeks, needed_by)),
        needed_by=needed_by,
        lowest_pct=float("nan") if lowest is None else float(published[lowest]),
        lowest_week=lowest,
        assumptions=_assumptions(inputs, window),
        warnings=_warnings(inputs, rows, lowest),
    )


def capacity_needed(inputs: QueueInputs, *, by: int, weeks: int = 104) -> float:
    """Smallest steady capacity (plans a week) with which no overdue case waits for hands from week `by` to the last.

    Found by bisection, rounded up to a tenth: more capacity never leaves more overdue cases waiting.
    """
    intake = np.full((1, weeks), inputs.intake)

    def enough(tenths: int) -> bool:
        done = run(inputs, intake=intake, capacity=np.full((1, weeks), tenths / 10))
        return bool(_end_weeks(done.overdue_ready)[0] <= by)

    low, high = -1, int(np.ceil(10 * (sum(inputs.queue) + inputs.intake))) + 1
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high / 10


def _check(weeks: int, window: int, needed_by: int) -> None:
    faults = [
        f"clearance: {name}={given}. Expected a whole number from 1 to {top}."
        for name, given, top in (("weeks", weeks, 520), ("window", window, 104), ("needed_by", needed_by, 520))
        if not 1 <= given <= top
    ]
    if faults:
        raise ParamsError(faults)


def _expected(inputs: QueueInputs, weeks: int) -> Run:
    return run(inputs, intake=np.full((1, weeks), inputs.intake), capacity=inputs.capacities(weeks)[None, :])


def _drawn(inputs: QueueInputs, weeks: int, rng: np.random.Generator) -> Run:
    """PATHS runs; both levels are drawn once a path, because an error of level does not average out over weeks."""
    errors = np.array([inputs.intake_error_pct, inputs.capacity_error_pct]) / 100
    levels = np.exp(rng.normal(size=(PATHS, 2)) * errors - errors**2 / 2)
    means = np.repeat(inputs.intake * levels[:, :1], weeks, axis=1)
    if inputs.intake_alpha > 0:
        means = means * rng.gamma(1 / inputs.intake_alpha, inputs.intake_alpha, size=means.shape)
    return run(inputs, intake=rng.poisson(means).astype(float), capacity=levels[:, 1:] * inputs.capacities(weeks))


def _end_weeks(overdue_ready: np.ndarray) -> np.ndarray:
    """First week from which on the queue is gone, by path; infinite where it is there in the last week."""
    there = overdue_ready >= ENDED
    last = there.shape[1] - 1 - np.argmax(there[:, ::-1], axis=1)
    ends = np.where(there.any(axis=1), last + 1.0, 0.0)
    return np.where(there[:, -1], np.inf, ends)


def _week_or_none(week: float) -> int | None:
    return int(week) if np.isfinite(week) else None


def _published(inputs: QueueInputs, done: Run, window: int) -> np.ndarray:
    """Percentage over the last weeks, by path and week; before week 1 from the past given."""
    rolled = []
    for past, flow in ((inputs.past_on_time, done.on_time), (inputs.past_issued, done.issued)):
        before = np.zeros(window)
        held = np.asarray(past[-window:], dtype=float)
        before[window - len(held) :] = held
        upto = np.cumsum(np.concatenate([np.tile(before, (len(flow), 1)), flow[:, 1:]], axis=1), axis=1)
        upto = np.concatenate([np.zeros((len(flow), 1)), upto], axis=1)
        rolled.append(upto[:, window:] - upto[:, :-window])
    return np.divide(100 * rolled[0], rolled[1], out=np.full(rolled[0].shape, np.nan), where=rolled[1] > 1e-9)


def _rows(inputs: QueueInputs, expected: Run, drawn: Run, weeks: int, window: int) -> pd.DataFrame:
    shown = slice(0, weeks + 1)
    days = [pd.NaT if inputs.at is None else inputs.at + timedelta(days=7 * week) for week in range(weeks + 1)]
    columns = {
        "week": np.arange(weeks + 1),
        "last_day": pd.to_datetime(days),
        "intake": expected.intake[0, shown],
        "leaving": expected.leaving[0, shown],
        "issued": expected.issued[0, shown],
        "issued_within_20_weeks": expected.on_time[0, shown],
        "open": expected.open[0, shown],
        "overdue": expected.overdue[0, shown],
        "overdue_ready": expected.overdue_ready[0, shown],
        "longest_wait_weeks": expected.longest_wait[0, shown],
        "published_pct": _published(inputs, expected, window)[0, shown],
        "cohort_pct": expected.cohort_pct[shown],
    }
    ranged = {"open": drawn.open, "overdue": drawn.overdue, "published_pct": _published(inputs, drawn, window)}
    for name, paths in ranged.items():
        columns |= {f"{name}_{end}": values for end, values in zip(_ENDS, _quantiles(paths), strict=True)}
    return pd.DataFrame(columns)


def _quantiles(paths: np.ndarray) -> np.ndarray:
    """Quantiles of _ENDS over paths, missing where no path has a value."""
    found = np.full((len(_ENDS), paths.shape[1]), np.nan)
    known = ~np.isnan(paths).all(axis=0)
    found[:, known] = np.nanquantile(paths[:, known], list(_ENDS.values()), axis=0)
    return found


def _assumptions(inputs: QueueInputs, window: int) -> tuple[str, ...]:
    capacities = np.atleast_1d(np.asarray(inputs.capacity, dtype=float))
    pace = f"{capacities[0]:.1f} plans can be issued a week"
    if len(set(capacities)) > 1:
        pace += f" at first and {capacities[-1]:.1f} from week {len(capacities)} on"
    latest = "; ".join(f"{100 * share:.0f}% from week {week}" for week, share in sorted(inputs.ready.items()))
    sentences = [
        f"{inputs.intake:.1f} requests come in a week and {100 * inputs.share:.0f}% of them lead to a plan, as now.",
        f"{pace}.",
        _ORDER_WORDS[inputs.order].format(backlog=100 * inputs.backlog_share),
        f"A plan can be issued once the work on it is done: {latest} after the request, however many hands there are.",
        "Requests that lead to no plan leave the queue by their age, whatever the order of work.",
        f"The published percentage is of plans issued in the last {window} weeks, all cases counted.",
        f"The range holds the play of chance in requests, and levels of requests and capacity that may be wrong by "
        f"{inputs.intake_error_pct:.0f}% and {inputs.capacity_error_pct:.0f}%; not growth of requests, new duties or "
        "a change of the order of work.",
    ]
    if len(inputs.past_issued) < window:
        sentences.append(f"Plans issued before the start are known for {len(inputs.past_issued)} weeks only.")
    return (*sentences, *inputs.notes)


def _warnings(inputs: QueueInputs, rows: pd.DataFrame, lowest: int | None) -> tuple[str, ...]:
    found, capacity = [], float(inputs.capacities(len(rows))[-1])
    if capacity < inputs.need - 1e-9:
        found.append(
            f"In the end {capacity:.1f} plans can be issued a week and {inputs.need:.1f} are asked for, so the queue "
            f"grows by {inputs.need - capacity:.1f} a week and never ends."
        )
    if not sum(inputs.queue):
        found.append("No request is open at the start: there is no queue to clear.")
    elif rows["overdue"].iloc[0] < ENDED:
        found.append("No open request is overdue at the start.")
    if lowest == rows["week"].iloc[-1]:
        found.append("The published percentage is lowest in the last week looked at; it may fall further.")
    if lowest is None:
        found.append("No plan is issued in the weeks looked at, so there is no published percentage.")
    return tuple(found)
