"""What follows a plan: when it ceases and why, reviews, phase transfers, placements with their history, needs."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from highneeds.demo import calibration as figures
from highneeds.demo.draws import (
    NONE,
    ages_on,
    back_to_weekday,
    birthdays,
    choose,
    code,
    dates,
    day,
    first_of,
    flags,
    text,
    words,
    years_of,
)
from highneeds.demo.settings import POST_16, Settings

LAST_AGE = 25
_PHASE_AGES = (5, 11, 16)  # in September after this birthday a child moves on
FIRST = day(figures.FIRST_DAY)


@dataclass(frozen=True)
class Plans:
    """Plans as arrays, one place a plan: request ids, first day, last day (NONE while in force), birth days."""

    request_id: np.ndarray
    start: np.ndarray
    cease: np.ndarray
    reason: pd.Series
    births: np.ndarray


def cease_plans(request_id, start, births, *, as_at: int, rng: np.random.Generator) -> Plans:
    """When plans end: too old, ready to leave, or for one of the rarer reasons at any age."""
    size = len(start)
    age = ages_on(births, np.maximum(start, FIRST))
    leaving = _leaving_day(births, age, rng)
    early = np.maximum(start, FIRST) + 1 + (rng.exponential(365.25 / figures.EARLY_CEASES, size)).astype(np.int64)
    oldest = birthdays(births, LAST_AGE)
    end = np.minimum(np.minimum(leaving, early), oldest)
    end = np.where(end == oldest, end, np.maximum(back_to_weekday(end), start + 1))
    reason = code(figures.LEAVING_REASONS, size, rng)
    reason = reason.mask(pd.Series(early < leaving), code(figures.EARLY_REASONS, size, rng))
    reason = reason.mask(pd.Series(end == oldest), "1")
    known = end <= as_at
    return Plans(request_id, start, np.where(known, end, NONE), reason.where(pd.Series(known)), births)


def _leaving_day(births, age, rng: np.random.Generator) -> np.ndarray:
    """A day in the year of age at which the young person leaves, always after the age of today."""
    ages = np.array(list(figures.LEAVING_AGES))
    edges = np.cumsum(list(figures.LEAVING_AGES.values())) / sum(figures.LEAVING_AGES.values())
    floor = np.where(age < ages[0], 0.0, edges[np.clip(age - ages[0], 0, len(edges) - 1)])
    draw = floor + (1 - floor) * rng.random(len(age))
    left_at = ages[np.minimum(np.searchsorted(edges, draw, side="right"), len(ages) - 1)]
    return birthdays(births, left_at) + rng.integers(0, 365, len(age)) * (left_at < LAST_AGE)


def named_plans(plans: Plans, *, rng: np.random.Generator) -> pd.DataFrame:
    """Module named plan, one row a plan."""
    size = len(plans.start)
    budget = rng.random(size) < 0.04
    return pd.DataFrame(
        {
            "request_id": plans.request_id,
            "start_date": dates(plans.start),
            "plan_res": code({"A": 3, "B": 1}, size, rng, rng.random(size) < 0.02),
            "plan_wbp": code({"A": 1, "T": 1, "S": 2}, size, rng, _works(plans, rng)),
            "pb": flags(budget),
            "oa": flags(budget & (rng.random(size) < 0.4)),
            "dp": code({"E": 6, "S": 2, "H": 1, "I": 1}, size, rng, budget & (rng.random(size) < 0.8)),
            "cease_date": dates(plans.cease),
            "cease_reason": plans.reason,
        }
    )


def _works(plans: Plans, rng: np.random.Generator) -> np.ndarray:
    return (ages_on(plans.births, np.maximum(plans.start, FIRST)) >= 15) & (rng.random(len(plans.start)) < 0.06)


def active_plans(plans: Plans, named: pd.DataFrame, *, moved_in, as_at: int, rng: np.random.Generator) -> pd.DataFrame:
    """Module active plans: transfers in, the last annual review, phase transfers; one row a plan."""
    size = len(plans.start)
    end = np.where(plans.cease == NONE, as_at, plans.cease)
    rounds = (end - plans.start) // 352
    meeting = np.where(rounds > 0, plans.start + rounds * 352 - rng.integers(0, 9, size), NONE)
    decided = meeting != NONE
    decision = np.where(decided, np.minimum(meeting + rng.integers(6, 28, size), end), NONE)
    meeting = np.where(decided, np.minimum(meeting, decision - 6), NONE)
    outcome = choose((70, 28, 2), size, rng)
    amended = decided & (outcome == 1)
    return pd.DataFrame(
        {
            "request_id": plans.request_id,
            "transfer_la": text(words(("998", "997", "996"), rng.integers(0, 3, size), moved_in)),
            "active_res": named["plan_res"],
            "active_wbp": named["plan_wbp"],
            "review_meeting": dates(meeting),
            "review_outcome": text(words(("M", "A", "C"), outcome, decided)),
            "last_review": dates(decision),
            "review_draft": dates(np.where(amended, decision, NONE)),
            **_phase_transfers(plans, as_at, rng),
        }
    )


def _phase_transfers(plans: Plans, as_at: int, rng: np.random.Generator) -> dict[str, pd.Series]:
    """Day on which an amended plan is due, before 15 February (to post-16: 31 March), and day it was sent."""
    year, to_post_16 = _year_of_move(plans, as_at)
    moves = year != NONE
    due = np.where(moves, first_of(np.maximum(year, 1970), 2) + np.where(to_post_16, 58, 14), NONE)
    final = due - rng.integers(-12, 40, len(due))
    return {
        "phase_transfer_due_date": dates(due),
        "phase_transfer_final_date": dates(np.where(moves & (final <= as_at), final, NONE)),
    }


def updated_dates(active: pd.DataFrame, *, as_at: int) -> pd.Series:
    """Day on which an amended plan was sent: thirty days after its draft, where that is past."""
    final = active["review_draft"] + pd.Timedelta(days=30)
    return final.where(final.le(pd.Timestamp(as_at * 86_400, unit="s"))).astype("datetime64[s]")


def _year_of_move(plans: Plans, as_at: int) -> tuple[np.ndarray, np.ndarray]:
    """Year in which a plan in force moves to its next phase, where that is the extract's; True where to post-16."""
    year = years_of(np.array([as_at]))[0]
    moves = [years_of(september(plans.births, age)) for age in _PHASE_AGES]
    in_force = (plans.cease == NONE) & (plans.start < first_of(np.array([year]), 1)[0])
    now = np.any([move == year for move in moves], axis=0) & in_force
    return np.where(now, year, NONE), moves[-1] == year


def september(births: np.ndarray, age: int) -> np.ndarray:
    """1 September after (or on) the birthday of an age."""
    reached = birthdays(births, age)
    start = first_of(years_of(reached), 9)
    return np.where(start >= reached, start, first_of(years_of(reached) + 1, 9))


def placements(plans: Plans, settings: Settings, *, as_at: int, rng: np.random.Generator) -> pd.DataFrame:
    """Module placement detail: one row for each phase a child passed through, a second row where placed twice.

    Placements that ended before the first simulated day are left out.
    """
    edges = [plans.start, *(september(plans.births, age) for age in _PHASE_AGES)]
    end = np.where(plans.cease == NONE, np.int64(10**6), plans.cease)
    parts = []
    for phase in range(POST_16 + 1):
        begin = np.maximum(plans.start, edges[phase])
        after = edges[phase + 1] if phase < POST_16 else np.full(len(begin), 10**6)
        leave = np.minimum(end, after - 1)
        there = np.flatnonzero((begin <= leave) & (begin <= as_at) & (leave >= FIRST))
        parts.append(_phase(plans, there, phase, begin[there], leave[there], settings, rng))
    rows = pd.DataFrame({name: np.concatenate([part[name] for part in parts]) for name in parts[0]})
    twice = rows[rng.random(len(rows)) < 0.03]
    rows = pd.concat([rows.assign(rank=1), _second(twice, settings, rng)], ignore_index=True)
    rows = rows.sort_values(["plan", "begin", "rank"], kind="stable", ignore_index=True)
    return _placement_frame(rows, plans, settings, as_at=as_at, rng=rng)


def _phase(plans, there, phase, begin, leave, settings: Settings, rng) -> dict[str, np.ndarray]:
    place = choose(settings.shares[phase], len(there), rng)
    return {"plan": there, "phase": np.full(len(there), phase), "begin": begin, "leave": leave, "place": place}


def _second(rows: pd.DataFrame, settings: Settings, rng: np.random.Generator) -> pd.DataFrame:
    """The same spans at another setting of the register."""
    other = (rows["place"].to_numpy() + 1 + rng.integers(0, max(len(settings.frame) - 1, 1), len(rows))) % len(
        settings.frame
    )
    rows = rows.assign(place=other, rank=2)
    return rows


def _placement_frame(rows, plans: Plans, settings: Settings, *, as_at: int, rng) -> pd.DataFrame:
    size, leave = len(rows), rows["leave"].to_numpy()
    inside = rows["place"].to_numpy() < len(settings.frame)
    works = (rows["phase"] == POST_16).to_numpy() & (rng.random(size) < 0.04)
    return pd.DataFrame(
        {
            "request_id": plans.request_id[rows["plan"].to_numpy()],
            **_where(rows["place"].to_numpy(), inside, settings, rng),
            "placement_rank": text(words(("1", "2"), rows["rank"].to_numpy() - 1)),
            "entry_date": dates(rows["begin"].to_numpy()),
            "leaving_date": dates(np.where(leave <= as_at, leave, NONE)),
            "attendance_pattern": code({"F": 9, "P": 1}, size, rng, inside),
            "res": code({"A": 3, "B": 1}, size, rng, inside & (rng.random(size) < 0.02)),
            "wbp": code({"A": 1, "T": 1, "S": 2}, size, rng, works),
        }
    )


def _where(place: np.ndarray, inside: np.ndarray, settings: Settings, rng) -> dict[str, pd.Series]:
    """Setting of each placement: its numbers, or a code where it is in no setting; units and resourced provision."""
    known = np.where(inside, place, 0)
    urn, ukprn, unit, resourced = (
        settings.frame[name].to_numpy()[known] for name in ("urn", "ukprn", "unit_places", "resourced_places")
    )
    at_unit = inside & (rng.random(len(place)) < 0.55)
    coded = text(words(settings.codes, np.where(inside, 0, place - len(settings.frame)), ~inside))
    other = coded.eq("OTH").to_numpy(dtype=bool)
    return {
        "urn": pd.Series(urn).astype("str").where(inside),
        "ukprn": pd.Series(ukprn).astype("str").where(inside & (ukprn > 0)),
        "sen_setting": coded,
        "sen_setting_other": text(words(("Invented provision",), np.zeros(len(place), int), other)),
        "sen_unit_indicator": flags(at_unit & (unit > 0)),
        "resourced_provision_indicator": flags(at_unit & (resourced > 0)),
    }


def plan_details(placed: pd.DataFrame) -> pd.DataFrame:
    """Module plan detail: the settings named in the plan of today, the newest placement of each rank."""
    newest = placed.drop_duplicates(["request_id", "placement_rank"], keep="last")
    with_main = newest["entry_date"].eq(newest.groupby("request_id")["entry_date"].transform("max"))
    names = ["request_id", "urn", "ukprn", "sen_setting", "sen_setting_other", "placement_rank"]
    return newest.loc[with_main, [*names, "sen_unit_indicator", "resourced_provision_indicator"]].reset_index(drop=True)


def needs(plans: Plans, *, rng: np.random.Generator) -> pd.DataFrame:
    """Module SEN need: a primary need for every plan, a second one for some."""
    size, kinds = len(plans.start), list(figures.NEEDS)
    first = choose(figures.NEEDS, size, rng)
    second = (first + 1 + rng.integers(0, len(kinds) - 1, size)) % len(kinds)
    both = rng.random(size) < figures.SECOND_NEED
    which = np.concatenate([np.arange(size), np.flatnonzero(both)])
    kind = np.concatenate([first, second[both]])
    rank = np.concatenate([np.zeros(size, int), np.ones(both.sum(), int)])
    order = np.argsort(which, kind="stable")
    return pd.DataFrame(
        {
            "request_id": plans.request_id[which[order]],
            "sen_type": text(words(kinds, kind[order])),
            "sen_type_rank": text(words(("1", "2"), rank[order])),
        }
    )
