"""How requests wait and are decided: the request stage, then two teams with a capacity a week and an order of work.

One team takes cases that are still in time, nearest limit first; the other takes overdue cases, oldest first.
The share of plans on time follows from what each team can do in a week, as it does in an authority.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from highneeds.demo import calibration as figures
from highneeds.demo.draws import NONE, back_to_weekday, day, months_of, weekday, years_of
from highneeds.limits import DECIDE_NOT_TO_ISSUE, DECIDE_TO_ASSESS, ISSUE_PLAN, limit

ASSESS, REFUSE, WITHDRAW, EXPORT, HISTORICAL = range(5)
ISSUE, NOT_ISSUE = 0, 1
SIX_WEEKS, SIXTEEN_WEEKS, TWENTY_WEEKS = (
    limit(step, figures.FIRST_DAY).days for step in (DECIDE_TO_ASSESS, DECIDE_NOT_TO_ISSUE, ISSUE_PLAN)
)
_LONGEST = 95 * 7  # cases older than this are decided at once, whatever else waits


@dataclass
class Flow:
    """Requests as arrays, one place a request; days are whole numbers, NONE where it has not happened.

    outcome: ASSESS, REFUSE, WITHDRAW, EXPORT or HISTORICAL; decided: day of it (also where the case was withdrawn);
    reversed_on: a refusal was reversed on this day; issue: ISSUE or NOT_ISSUE; done: day of that decision;
    left: withdrawn or exported while it was assessed.
    """

    received: np.ndarray
    outcome: np.ndarray
    decided: np.ndarray
    reversed_on: np.ndarray
    issue: np.ndarray
    done: np.ndarray
    left: np.ndarray
    left_by_export: np.ndarray


def decide(received: np.ndarray, *, as_at: int, scale: float, rng: np.random.Generator) -> Flow:
    """All decisions on requests received on these days, up to the day of the extract."""
    outcome = _outcomes(received, rng)
    decided = received + _days_to_decide(received, rng)
    decided = np.maximum(back_to_weekday(decided), received)
    turned = (outcome == REFUSE) & (rng.random(len(received)) < figures.REVERSED)
    reversed_on = np.where(turned, back_to_weekday(decided + rng.integers(60, 150, len(received))), NONE)
    begun = np.where(turned, reversed_on, np.where(outcome == ASSESS, decided, NONE))
    issue = (rng.random(len(received)) < by_year(figures.NOT_ISSUED, received)).astype(np.int8)
    goes = rng.random(len(received))
    leaves = (begun != NONE) & (goes < figures.ASSESSMENT_WITHDRAWN + figures.ASSESSMENT_EXPORTED)
    left = np.where(leaves, back_to_weekday(begun + rng.integers(20, 200, len(received))), NONE)
    done = _assess(received, begun, issue, left, as_at=as_at, scale=scale, rng=rng)
    left[done != NONE] = NONE
    flow = Flow(received, outcome, decided, reversed_on, issue, done, left, goes < figures.ASSESSMENT_EXPORTED)
    return _known_by(flow, as_at)


def by_year(figure: Mapping[int, float], days: np.ndarray) -> np.ndarray:
    """Figure of each day's year; the last one holds for later years."""
    first, last = min(figure), max(figure)
    table = np.array([figure[year] for year in range(first, last + 1)])
    return table[np.clip(years_of(days), first, last) - first]


def _outcomes(received: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    months = np.array([np.datetime64(month, "M").astype(np.int64) for month in figures.REFUSED])
    middle = months_of(received) + (received % 30) / 30 - 0.5
    refused = np.interp(middle, months, list(figures.REFUSED.values()))
    draw = rng.random(len(received))
    outcome = np.where(draw < refused, REFUSE, ASSESS).astype(np.int8)
    other = rng.random(len(received))
    outcome[other < figures.REQUEST_WITHDRAWN + figures.REQUEST_EXPORTED] = WITHDRAW
    outcome[other < figures.REQUEST_EXPORTED] = EXPORT
    return outcome


def _days_to_decide(received: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    size = len(received)
    in_time = rng.random(size) < by_year(figures.DECIDED_IN_TIME, received)
    quick = 12 + (SIX_WEEKS - 12) * rng.beta(4, 1.6, size)
    slow = SIX_WEEKS + 3 + rng.exponential(16, size)
    return np.where(in_time, np.floor(quick), np.minimum(slow, 160)).astype(np.int64)


def _assess(received, begun, issue, left, *, as_at: int, scale: float, rng: np.random.Generator) -> np.ndarray:
    """Day on which each assessment is decided; NONE where it was not by the day of the extract."""
    size = len(received)
    work = 62 * np.exp(rng.normal(0, 0.22, size)) + (rng.random(size) < figures.HARD_CASES) * rng.exponential(150, size)
    work = np.where(issue == NOT_ISSUE, work - 22, work)
    latest = np.maximum(received + _LONGEST, begun + 14)
    ready = np.minimum(begun + np.clip(work, 14, 500).astype(np.int64), latest)
    ready = np.where(begun == NONE, np.int64(10**6), ready)
    due = received + np.where(issue == NOT_ISSUE, SIXTEEN_WEEKS, TWENTY_WEEKS)
    stuck = (rng.random(size) < figures.STUCK_CASES) * rng.exponential(figures.STUCK_DAYS, size)
    orders = (due + rng.normal(0, 12, size), received + rng.normal(0, 60, size) + stuck)
    arrivals = np.argsort(ready, kind="stable")
    starts = ready[arrivals]
    done, pool, seen = np.full(size, NONE, dtype=np.int64), np.empty(0, dtype=np.int64), 0
    first = day(figures.FIRST_DAY) - 1  # 1 January 2019 was a Tuesday: weeks run from Mondays
    for monday, hands in _weeks(first, as_at, scale, rng):
        upto = np.searchsorted(starts, monday + 5)
        pool = np.concatenate([pool, arrivals[seen:upto]])
        pool, seen = pool[(left[pool] == NONE) | (left[pool] > monday)], upto
        taken = _take(pool, orders, received, due, monday, hands)
        chosen = pool[taken]
        soonest = np.clip(ready[chosen] - monday, 0, 4)
        latest = np.where(due[chosen] >= monday, np.minimum(due[chosen] - monday, 4), 4)
        free = np.maximum(latest - soonest, 0) + 1
        done[chosen] = monday + soonest + (rng.random(len(chosen)) * free).astype(np.int64)
        pool = pool[~taken]
    return np.where(done > as_at, NONE, done)


def _weeks(first: int, as_at: int, scale: float, rng: np.random.Generator):
    """Mondays up to the day of the extract, with what each team can decide in the week."""
    changes = [day(np.datetime64(month, "D").astype(object)) for month in figures.TEAMS]
    teams = list(figures.TEAMS.values())
    for monday in range(first, as_at + 1, 7):
        place = max(np.searchsorted(changes, monday, side="right") - 1, 0)
        yield monday, [int(figure * scale + rng.random()) for figure in teams[place]]


def _take(pool, orders, received, due, monday: int, hands) -> np.ndarray:
    """Which cases of the pool are decided this week (True), by the two teams' order of work."""
    taken = np.zeros(len(pool), dtype=bool)
    in_time = due[pool] >= monday
    first = orders[0][pool]
    late = orders[1][pool]
    for mask, order, count in ((in_time, first, hands[0]), (~in_time, late, hands[1])):
        places = np.flatnonzero(mask)
        if 0 < count < len(places):
            places = places[np.argpartition(order[places], count - 1)[:count]]
        taken[places if count else places[:0]] = True
    return taken | (monday - received[pool] > _LONGEST)


def _known_by(flow: Flow, as_at: int) -> Flow:
    """Only what had happened by the day of the extract."""
    flow.decided = np.where(flow.decided > as_at, NONE, flow.decided)
    flow.reversed_on = np.where(flow.reversed_on > as_at, NONE, flow.reversed_on)
    flow.left = np.where(flow.left > as_at, NONE, flow.left)
    return flow


def receive(as_at: int, *, scale: float, rng: np.random.Generator) -> np.ndarray:
    """Days on which requests come in, in order: weekdays, by month, up to the day of the extract."""
    firsts, counts = _months(as_at, scale=scale)
    lengths = np.diff(firsts)
    begin, length = np.repeat(firsts[:-1], counts), np.repeat(lengths, counts)
    days = begin + rng.integers(0, 10**6, len(begin)) % length
    moved = back_to_weekday(days)
    days = np.sort(np.where(moved < begin, begin + (7 - weekday(begin)) % 7, moved))
    days = days[days <= as_at]
    if len(days):
        days[-1] = as_at  # the day of the extract is the newest event in every layout
    return days


def _months(as_at: int, *, scale: float) -> tuple[np.ndarray, np.ndarray]:
    """First day of every month (and of the one after the last), and the requests of each month."""
    ends = months_of(np.array([day(figures.FIRST_DAY), as_at]))
    months = np.arange(ends[0], ends[1] + 2)
    names = [str(np.datetime64(int(month), "M")) for month in months[:-1]]
    totals = [figures.YEARS.get(int(name[:4]), figures.LATER_YEARS) for name in names]
    usual = [
        figures.SEASON[int(name[5:]) - 1] * total / sum(figures.SEASON)
        for name, total in zip(names, totals, strict=True)
    ]
    volumes = np.array([figures.MONTHS.get(name, value) for name, value in zip(names, usual, strict=True)])
    return months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64), np.rint(volumes * scale).astype(int)
