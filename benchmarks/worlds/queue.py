"""A simulated authority whose plan-writing team falls behind and then recovers, case by case, in weekly steps.

78 requests a week, 62% of them assessed and in the end given a plan, the others refused around the sixth week. For 78
weeks the team can issue 72% of what comes in; over the next 30 weeks that rises to 135% and stays there. Three orders
of work: oldest first; one team each for new and for overdue cases from the start of the recovery (what new cases do
not need goes to overdue ones); new cases first from the beginning. The truth about every request is known here, so
estimates of the share within 20 weeks can be scored, which no published figure allows.
Owns the world and its scores; the estimates come from `highneeds.models`.
"""

from datetime import date, timedelta

import numpy as np
import pandas as pd

from highneeds.limits import ISSUE_PLAN, due_dates, limit
from highneeds.measures.journeys import ENDS, ISSUED, OPEN, REFUSED
from highneeds.models.queue.nowcast import nowcast

OLDEST_FIRST, SPLIT_TEAMS, NEW_FIRST = RULES = ("oldest first", "split teams", "new cases first")
FIRST_DAY = date(2020, 1, 6)  # a Monday; the shortage of capacity begins here
REQUESTS, ASSESSED, SHORT, RECOVERED = 78, 0.62, 0.72, 1.35  # a week; share; capacity over what comes in
SHORTAGE_WEEKS, RAMP_WEEKS, WEEKS_BEFORE, WEEKS = 78, 30, 40, 260
READY_DAYS = (16 * 7, 18 * 7)  # the work on a case takes this long, however many hands there are
REFUSED_DAYS = (28, 49)
TARGET, RUNS = 0.60, 10
_NONE = 10**6
_DUE_DAYS = limit(ISSUE_PLAN, FIRST_DAY).days


def simulate(rule: str, rng: np.random.Generator) -> pd.DataFrame:
    """Every request with its whole story: days since FIRST_DAY of receipt, refusal and plan (missing: not in time).

    Columns received, refused, issued. rule: one of RULES.
    """
    counts = rng.poisson(REQUESTS, WEEKS + WEEKS_BEFORE)
    received = np.repeat(7 * np.arange(-WEEKS_BEFORE, WEEKS), counts) + rng.integers(0, 5, counts.sum())
    assessed = rng.random(len(received)) < ASSESSED
    refused = np.where(assessed, _NONE, received + rng.integers(*REFUSED_DAYS, len(received)))
    ready = np.where(assessed, received + rng.integers(*READY_DAYS, len(received)), _NONE)
    issued = _work(received, ready, rule, rng)
    story = pd.DataFrame({"received": received, "refused": refused, "issued": issued})
    return story.mask(story >= _NONE).astype(float)


def capacity(week: int) -> float:
    """Plans that can be issued in a week, on average; before week 0 there was enough for all."""
    need = REQUESTS * ASSESSED
    if week < 0:
        return 2 * need
    ramp = min(max(week - SHORTAGE_WEEKS, 0) / RAMP_WEEKS, 1)
    return need * (SHORT + (RECOVERED - SHORT) * ramp)


def journeys_at(story: pd.DataFrame, day: int) -> pd.DataFrame:
    """What the authority knew at the end of a day: the columns of `measures.journeys` that timeliness needs."""
    seen = story[story["received"] <= day].reset_index(drop=True)
    ended = seen[["refused", "issued"]].where(seen[["refused", "issued"]] <= day)
    which = np.where(ended["issued"].notna(), ISSUED, np.where(ended["refused"].notna(), REFUSED, OPEN))
    received, issued = _dates(seen["received"]), _dates(ended["issued"])
    return pd.DataFrame(
        {
            "received_date": received,
            "request_outcome": pd.Categorical(np.where(ended["refused"].notna(), "N", "Y"), categories=list("YNAWH")),
            "assessment_outcome": pd.Categorical(
                np.where(ended["issued"].notna(), "Y", None), categories=list("YNAWH")
            ),
            "request_outcome_date": _dates(ended["refused"]),
            "assessment_outcome_date": issued,
            "closed_date": _dates(seen["received"] * np.nan),
            "exception": pd.Series(False, index=seen.index, dtype="boolean"),
            "historical": False,
            "issued_date": issued,
            "ended_by": pd.Series(pd.Categorical(which, categories=list(ENDS))),
            "ended_date": issued.fillna(_dates(ended["refused"])),
            "days_to_decision": ended["refused"] - seen["received"],
            "days_to_issue": ended["issued"] - seen["received"],
            "issue_due": due_dates(ISSUE_PLAN, received),
        }
    )


def day_of(number: int) -> date:
    """Calendar day of a day number."""
    return FIRST_DAY + timedelta(days=int(number))


def share_on_time(story: pd.DataFrame, first: int, last: int) -> float:
    """The truth: of requests received between two days that led to a plan, the percentage within 20 weeks."""
    cohort = story[story["received"].between(first, last) & story["issued"].notna()]
    return float(100 * (cohort["issued"] - cohort["received"] <= _DUE_DAYS).mean())


def published(story: pd.DataFrame, day: int, *, days: int) -> float:
    """Of plans issued in the days up to a day, the percentage within 20 weeks."""
    issued = story[story["issued"].between(day - days + 1, day)]
    return float(100 * (issued["issued"] - issued["received"] <= _DUE_DAYS).mean())


def scores(seed: int = 2025) -> list[dict]:
    """One row a score: measure, value, target (None: for information) and holds (None where there is no target).

    Errors are mean absolute errors in percentage points against the truth, over RUNS worlds, every 8 weeks of the four
    years from the half-year on. The row with a target: the nowcast's error for requests 8 to 12 weeks old, over that
    of the rate published for the last 4 weeks, where the recovery splits the teams.
    """
    rows = []
    for number, rule in enumerate(RULES):
        errors = np.concatenate([_errors(rule, np.random.default_rng([seed, number, run])) for run in range(RUNS)])
        means = errors.mean(axis=0)
        target = TARGET if rule == SPLIT_TEAMS else None
        ratio = float(means[0] / means[1])
        name = f"period nowcast error over that of published last 4 weeks, {rule}"
        rows.append(_row(name, ratio, target, None if target is None else ratio <= target))
        for what, error in zip(_COMPARED, means, strict=True):
            rows.append(_row(f"error in points, {rule}: {what}", float(error)))
    return rows


_COMPARED = (
    "period nowcast",
    "published, last 4 weeks",
    "published, last 12 months",
    "newest group 20 weeks old",
    "period nowcast, for requests of the next 4 weeks",
)


def _row(measure: str, value: float, target: float | None = None, holds: bool | None = None) -> dict:
    return {"measure": measure, "value": round(value, 3), "target": target, "holds": holds}


def _errors(rule: str, rng: np.random.Generator) -> np.ndarray:
    """Absolute errors of _COMPARED, one row an evaluation day."""
    story, rows = simulate(rule, rng), []
    for week in range(26, 208, 8):
        day = 7 * week - 1
        known = story[story["received"] > day - 728]
        now = nowcast(journeys_at(known, day), day_of(day)).value
        others = (published(story, day, days=28), published(story, day, days=364))
        estimates = np.array([now, *others, share_on_time(story, day - 167, day - 140)])
        errors = np.abs(estimates - share_on_time(story, day - 83, day - 56))
        rows.append([*errors, abs(now - share_on_time(story, day + 1, day + 28))])
    return np.array(rows)


def _dates(numbers: pd.Series) -> pd.Series:
    known = numbers.notna().to_numpy()
    days = np.full(len(numbers), np.datetime64("NaT"), dtype="datetime64[us]")
    days[known] = np.datetime64(FIRST_DAY, "D") + numbers.to_numpy()[known].astype("timedelta64[D]")
    return pd.Series(days)


def _work(received: np.ndarray, ready: np.ndarray, rule: str, rng: np.random.Generator) -> np.ndarray:
    """Day each plan is issued, week by week; a case leaves the pool when its plan is."""
    issued, due = np.full(len(received), _NONE), received + _DUE_DAYS
    arrivals = np.argsort(ready, kind="stable")
    starts, seen, pool = ready[arrivals], 0, np.empty(0, dtype="int64")
    for week in range(-WEEKS_BEFORE, WEEKS):
        monday = 7 * week
        upto = np.searchsorted(starts, monday + 5)
        pool, seen = np.concatenate([pool, arrivals[seen:upto]]), upto
        split = rule == NEW_FIRST or (rule == SPLIT_TEAMS and week >= SHORTAGE_WEEKS)
        late = (due[pool] < monday) if split else np.zeros(len(pool), dtype=bool)
        pool = pool[np.lexsort((received[pool], late))]
        hands = rng.poisson(capacity(week))
        chosen, pool = pool[:hands], pool[hands:]
        soonest = np.clip(ready[chosen] - monday, 0, 4)
        latest = np.where(due[chosen] >= monday, np.clip(due[chosen] - monday, soonest, 4), 4)
        issued[chosen] = monday + soonest + (rng.random(len(chosen)) * (latest - soonest + 1)).astype("int64")
    return issued
