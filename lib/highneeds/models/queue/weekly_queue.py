"""Weekly queue: requests come in, some leave, the rest wait for work to be done and then for hands, week by week.

Expected numbers, not single cases: a week may issue 31.4 plans. Requests are kept by the week they came in, so nothing
about their age is lost. Owns the inputs, their checks and the arithmetic of one run; what is read from a run belongs
to `clearance`, where inputs come from an authority's own cases to `inputs`.

Weeks: a request of week c has waited w = t - c weeks at the end of week t. Its 20 weeks end in week c + 20, so a plan
issued while w <= 20 is within 20 weeks, and a request still open at the end of that week is overdue.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import numpy as np

from highneeds.errors import ParamsError

OLDEST_FIRST, NEW_FIRST, SPLIT_TEAMS = "oldest first", "new cases first", "split teams"
ORDERS = (OLDEST_FIRST, NEW_FIRST, SPLIT_TEAMS)
LIMIT_WEEKS = 20  # SI 2014/1530 reg 13(2); the run has whole weeks
LEAVES, READY = {6: 1.0}, {16: 1.0}


@dataclass(frozen=True)
class Trace:
    """Where an input came from: the value, the counts behind it, their days, and what the two counts are.

    The value is their ratio, save for `queue` (all that are open), `ready` (a week) and `share`, which `says` explains.
    """

    name: str
    value: float
    numerator: float
    denominator: float
    first: date
    last: date
    says: str


@dataclass(frozen=True)
class QueueInputs:
    """What a run needs; checked when made.

    queue: open requests by complete weeks waited (0, 1, 2 ...); intake: requests a week; share: of requests, those
    that lead to a plan (0-1); capacity: plans that can be issued a week, one number or one a week (the last one then
    holds); order: one of ORDERS; backlog_share: of the capacity, what the backlog team of SPLIT_TEAMS is given (0-1).
    leaves: week in which requests without a plan end, to their share; ready: week from which a plan can be issued, to
    the share of plans (both sum to 1). past_issued, past_on_time: plans issued, and within 20 weeks, in each of the
    weeks before, oldest first. intake_error_pct, capacity_error_pct: how far the two levels may be wrong (one standard
    deviation); intake_alpha: extra spread of weekly requests beyond chance (0: Poisson).
    at: last day of week 0. Raises ParamsError with every fault.
    """

    queue: tuple[float, ...]
    intake: float
    share: float
    capacity: float | tuple[float, ...]
    order: str = OLDEST_FIRST
    backlog_share: float = 0.3
    leaves: Mapping[int, float] = field(default_factory=lambda: dict(LEAVES))
    ready: Mapping[int, float] = field(default_factory=lambda: dict(READY))
    past_issued: tuple[float, ...] = ()
    past_on_time: tuple[float, ...] = ()
    intake_error_pct: float = 5.0
    capacity_error_pct: float = 10.0
    intake_alpha: float = 0.0
    at: date | None = None
    traces: tuple[Trace, ...] = ()
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuses what cannot be a queue."""
        faults = [*_bad_numbers(self), *_bad_shares(self)]
        if self.order not in ORDERS:
            faults.append(f"queue: order={self.order!r}. Expected one of {', '.join(map(repr, ORDERS))}.")
        if len(self.past_issued) != len(self.past_on_time):
            faults.append("queue: past_issued and past_on_time differ in length. Expected one number a week in both.")
        elif any(part > whole for part, whole in zip(self.past_on_time, self.past_issued, strict=True)):
            faults.append("queue: past_on_time is above past_issued in some week. Expected a part of the plans issued.")
        if faults:
            raise ParamsError(faults)

    def capacities(self, weeks: int) -> np.ndarray:
        """Capacity of weeks 1 to `weeks`."""
        given = np.atleast_1d(np.asarray(self.capacity, dtype=float))
        return given[np.minimum(np.arange(weeks), len(given) - 1)]

    @property
    def need(self) -> float:
        """Plans a week that the intake asks for in the long run."""
        return self.intake * self.share


@dataclass(frozen=True)
class Run:
    """What happened in each path and week; arrays of shape (paths, weeks + 1), week 0 being the start.

    overdue_ready: of the overdue, those that wait for hands alone; longest_wait: weeks waited by the oldest open
    request (more than half a case). cohort_pct: shape (weeks + 1,) of the first path, by week of request; missing
    where the 20 weeks end after the run.
    """

    intake: np.ndarray
    leaving: np.ndarray
    issued: np.ndarray
    on_time: np.ndarray
    open: np.ndarray
    overdue: np.ndarray
    overdue_ready: np.ndarray
    longest_wait: np.ndarray
    cohort_pct: np.ndarray


def ramp(start: float, end: float, weeks: int) -> tuple[float, ...]:
    """Capacity that moves from one level to another in equal steps, reaching it in the last of these weeks."""
    return tuple(float(each) for each in np.linspace(start, end, weeks + 1)[1:])


def run(inputs: QueueInputs, *, intake: np.ndarray, capacity: np.ndarray) -> Run:
    """Lets the queue run. intake, capacity: shape (paths, weeks), of weeks 1 on."""
    oldest, weeks = len(inputs.queue) - 1, intake.shape[1]
    came = np.arange(-oldest, weeks + 1)  # the week each column of requests came in
    ready_weeks, ready_shares = np.array(list(inputs.ready)), np.array(list(inputs.ready.values()))
    plans, others, still_there = _columns(inputs, intake)
    waiting = plans[:, :, None] * ready_shares
    start = slice(0, oldest + 1)
    rows = [_week(inputs, -came[start], waiting[:, start], others[:, start])]
    on_time_by_column = np.zeros(plans.shape)
    for week in range(1, weeks + 1):
        here = slice(0, oldest + week + 1)  # the columns that have come in
        waited, left = week - came[here], waiting[:, here]
        can = (waited[:, None] >= ready_weeks) * left
        late = np.repeat(waited > LIMIT_WEEKS, len(ready_weeks))
        served = _served(can.reshape(len(can), -1), late, capacity[:, week - 1], inputs).reshape(can.shape)
        left -= served
        in_time = served.sum(axis=2) * (waited <= LIMIT_WEEKS)
        on_time_by_column[:, here] += in_time
        gone = others[:, here] @ (still_there[week - 1] - still_there[week])[here]
        flows = {"intake": intake[:, week - 1], "leaving": gone, "issued": served.sum(axis=(1, 2))}
        now = _week(inputs, waited, left, others[:, here] * still_there[week, here])
        rows.append(now | flows | {"on_time": in_time.sum(axis=1)})
    names = ("intake", "leaving", "issued", "on_time", "open", "overdue", "overdue_ready", "longest_wait")
    arrays = {name: np.stack([row[name] for row in rows], axis=1) for name in names}
    return Run(**arrays, cohort_pct=_cohort_pct(on_time_by_column[0], plans[0], came, weeks))


def _columns(inputs: QueueInputs, intake: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Requests by week they came in: those that will have a plan, those that will not, and the part of the latter still
    open by week (weeks + 1, columns).

    Of requests already waiting w weeks, those leaving before are gone: the older, the more of them lead to a plan.
    """
    weeks, queue = intake.shape[1], np.asarray(inputs.queue, dtype=float)[::-1]
    waited = np.arange(len(queue) - 1, -1, -1)
    gone_by = np.zeros(max(len(queue) + weeks, *inputs.leaves) + 1)
    for week, share in inputs.leaves.items():
        gone_by[week:] += share
    stay = np.where(gone_by > 1 - 1e-9, 0, 1 - gone_by)
    others_of_queue = (1 - inputs.share) * stay[waited]
    both = inputs.share + others_of_queue
    known = np.divide(inputs.share, both, out=np.ones(len(queue)), where=both > 0)
    repeated = np.broadcast_to(queue, (len(intake), len(queue)))
    plans = np.concatenate([repeated * known, intake * inputs.share], axis=1)
    others = np.concatenate([repeated * (1 - known), intake * (1 - inputs.share)], axis=1)
    ages = np.arange(weeks + 1)[:, None] - np.concatenate([-waited, np.arange(1, weeks + 1)])
    at_first = np.concatenate([stay[waited], np.ones(weeks)])
    there = np.where(ages >= 0, stay[np.maximum(ages, 0)], 1.0)
    return plans, others, np.divide(there, at_first, out=np.zeros(there.shape), where=at_first > 0)


def _week(inputs: QueueInputs, waited: np.ndarray, waiting: np.ndarray, others: np.ndarray) -> dict:
    """State at the end of a week, of the columns that have come in; flows nought."""
    each = waiting.sum(axis=2) + others
    overdue = waited >= LIMIT_WEEKS
    can = waiting * (waited[:, None] >= np.array(list(inputs.ready)))
    older = np.cumsum(each, axis=1) > 0.5
    flows = dict.fromkeys(("intake", "leaving", "issued", "on_time"), np.zeros(len(each)))
    return flows | {
        "open": each.sum(axis=1),
        "overdue": each[:, overdue].sum(axis=1),
        "overdue_ready": can[:, overdue].sum(axis=(1, 2)),
        "longest_wait": np.where(older.any(axis=1), waited[np.argmax(older, axis=1)], 0),
    }


def _served(can: np.ndarray, late: np.ndarray, capacity: np.ndarray, inputs: QueueInputs) -> np.ndarray:
    """Plans issued this week, by column; a team with nothing left to do helps the other."""
    if inputs.order == OLDEST_FIRST:
        return _take(can, capacity)
    for_backlog = inputs.backlog_share if inputs.order == SPLIT_TEAMS else 0.0
    backlog, new = can * late, can * ~late
    served = _take(backlog, capacity * for_backlog) + _take(new, capacity * (1 - for_backlog))
    spare = np.maximum(capacity - served.sum(axis=1), 0)
    return served + _take(can - served, spare)


def _take(work: np.ndarray, amount: np.ndarray) -> np.ndarray:
    """The first `amount` of the work, oldest column first."""
    upto = np.cumsum(work, axis=1)
    return np.clip(amount[:, None] - (upto - work), 0, work)


def _cohort_pct(on_time: np.ndarray, plans: np.ndarray, came: np.ndarray, weeks: int) -> np.ndarray:
    share = np.divide(100 * on_time, plans, out=np.full(len(plans), np.nan), where=plans > 0)
    shown = (came >= 1) & (came <= weeks - LIMIT_WEEKS)
    return np.where(shown, share, np.nan)[came >= 0]


def _bad_numbers(inputs: QueueInputs) -> list[str]:
    """A sentence for each number that is negative, missing or not a number."""
    faults = []
    rows = {"queue": inputs.queue, "intake": inputs.intake, "capacity": inputs.capacity}
    rows |= {name: getattr(inputs, name) for name in ("past_issued", "past_on_time", "intake_alpha")}
    rows |= {name: getattr(inputs, name) for name in ("intake_error_pct", "capacity_error_pct")}
    for name, given in rows.items():
        numbers = np.atleast_1d(np.asarray(given, dtype=float))
        if not np.isfinite(numbers).all() or (numbers < 0).any():
            faults.append(f"queue: {name} holds a negative or missing number. Expected 0 or more.")
        if name in ("queue", "capacity") and not len(numbers):
            faults.append(f"queue: {name} is empty. Expected at least one number; for an empty queue give (0,).")
    return faults


def _bad_shares(inputs: QueueInputs) -> list[str]:
    faults = [
        f"queue: {name}={getattr(inputs, name)}. Expected a share from 0 to 1."
        for name in ("share", "backlog_share")
        if not 0 <= getattr(inputs, name) <= 1
    ]
    for name in ("leaves", "ready"):
        weeks = getattr(inputs, name)
        if abs(sum(weeks.values()) - 1) > 1e-6 or min(weeks.values(), default=-1) < 0 or min(weeks, default=-1) < 0:
            faults.append(f"queue: {name} must be weeks from 0 on and their shares, summing to 1.")
    return faults
