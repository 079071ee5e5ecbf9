"""An invented authority: persons, requests, assessments, plans, placements and needs, with the truth beside them.

`make_world` simulates who asks when, how long each case waits and what becomes of it, and lays the result out as the
modules of the SEN2 return, typed, under the field names of `fields.FIELDS`. One seed, one world.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import pandas as pd

from highneeds import fields
from highneeds.demo import calibration as figures
from highneeds.demo import numbers, people
from highneeds.demo import plans as after
from highneeds.demo.boundary import set_boundaries
from highneeds.demo.draws import NONE, back_to_weekday, code, dates, day, flags, text, words
from highneeds.demo.queue import ASSESS, EXPORT, HISTORICAL, ISSUE, REFUSE, WITHDRAW, Flow, by_year, decide, receive
from highneeds.demo.settings import make_settings, register
from highneeds.demo.truth import Truth, tell_truth
from highneeds.errors import ParamsError
from highneeds.periods import SURVEY_DAYS

LA_CODE = "999"  # no authority has it
AS_AT = date(2025, 3, 18)
FIRST_REQUEST = 700_001
_STOCK_FROM = date(2014, 9, 1)


@dataclass(frozen=True)
class Spoiled:
    """Text that stands in cells of a module's field instead of what the frame holds; rows by position."""

    module: str
    name: str
    rows: tuple[int, ...]
    texts: tuple[str, ...]


@dataclass(frozen=True)
class World:
    """Everything about an invented authority.

    modules: module name to typed frame (dates datetime64, flags boolean, codes and numbers text) with request_id
    (and person_id in person and requests); ordered by request, persons by person. lookup: postcode, area.
    register: settings as the register of schools prints them. spoiled, dropped: faults that only a file can show.
    printed: a table as a paper would print it; expected: least number of placements at a setting (both empty unless
    a fault needs them). truth: what a right measure must find, faults or no faults. faults: rows changed, by rule.
    """

    modules: Mapping[str, pd.DataFrame]
    truth: Truth
    lookup: pd.DataFrame
    register: pd.DataFrame
    as_at: date
    la_code: str
    seed: int
    areas: tuple[str, ...]
    year: int
    reference_date: date
    spoiled: tuple[Spoiled, ...] = ()
    dropped: frozenset[tuple[str, str]] = frozenset()
    printed: pd.DataFrame = field(default_factory=pd.DataFrame)
    expected: pd.DataFrame = field(default_factory=pd.DataFrame)
    faults: Mapping[str, int] = field(default_factory=dict)


def make_world(
    *,
    requests_a_year: int = 4000,
    years: Sequence[int] = (2023, 2024, 2025),
    as_at: date = AS_AT,
    seed: int = 2025,
    la_code: str = LA_CODE,
    areas: Sequence[str] = figures.AREAS,
    boundary_cases: int = 0,
) -> World:
    """An invented authority with about so many requests a year, as its records stood on a day.

    years: returns on whose survey days the truth counts plans. areas: names of its areas; a few requests come from
    outside. boundary_cases: so many cases on each of the days 42 and 43, 112 and 113, 140 and 141.
    Raises ParamsError where the size, day or code makes no authority.
    """
    _check(requests_a_year, as_at, la_code, areas)
    rng = np.random.default_rng(seed)
    scale, last = requests_a_year / figures.SIZE, day(as_at)
    flow, births, first, areas_of = _simulate(scale, last, len(areas), rng)
    set_boundaries(flow, boundary_cases, as_at=last)
    modules, plans, settings = _lay_out(flow, births, first, areas_of, scale, last, la_code, rng)
    days = [*(on for year, on in SURVEY_DAYS.items() if year in years and on <= as_at), as_at]
    return World(
        modules=modules,
        truth=tell_truth(flow, areas_of, (*areas, figures.OUTSIDE), plans, modules, days=days, as_at=last),
        lookup=numbers.lookup(tuple(areas), districts=figures.DISTRICTS_PER_AREA),
        register=register(settings),
        as_at=as_at,
        la_code=la_code,
        seed=seed,
        areas=tuple(areas),
        year=as_at.year,
        reference_date=as_at,
    )


def _check(requests_a_year: int, as_at: date, la_code: str, areas: Sequence[str]) -> None:
    faults = []
    if requests_a_year < 20:
        faults.append(f"requests a year: {requests_a_year}. Expected 20 or more.")
    if not date(2023, 1, 1) <= as_at <= date(2040, 12, 31):
        faults.append(f"day of the extract: {as_at}. Expected a day from 2023, the first person-level return, to 2040.")
    if not (la_code.isascii() and la_code.isdigit() and len(la_code) == 3):
        faults.append(f"code of the authority: {la_code}. Expected three digits.")
    if not 1 <= len(areas) <= 20 or len(set(areas)) != len(areas):
        faults.append("areas: expected 1 to 20 different names.")
    if faults:
        raise ParamsError(faults)


def _simulate(scale: float, as_at: int, areas: int, rng: np.random.Generator):
    """All requests in order of receipt, with the birth day of each child, its first request and its area."""
    received = receive(as_at, scale=scale, rng=rng)
    flow = decide(received, as_at=as_at, scale=scale, rng=rng)
    areas_of = _areas(len(received), areas, rng)
    first = people.who_asks_again(received, _ended_without_plan(flow), areas_of, rng=rng)
    births = people.birth_days(received, len(received), figures.AGES, rng=rng)[first]
    stock, stock_births = _stock(round(figures.STOCK * figures.SIZE * scale), rng)
    moved, moved_births = _moved_in(as_at, scale, rng)
    flow = _joined(flow, stock, moved)
    births = np.concatenate([births, stock_births, moved_births])
    others = _areas(len(births) - len(areas_of), areas, rng)
    others = np.where(others == areas, rng.integers(0, areas, len(others)), others)
    first = np.concatenate([first, np.arange(len(first), len(births))])
    order = np.argsort(flow.received, kind="stable")
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    ordered = Flow(**{name: values[order] for name, values in vars(flow).items()})
    return ordered, births[order], place[first[order]], np.concatenate([areas_of, others])[order]


def _areas(count: int, areas: int, rng: np.random.Generator) -> np.ndarray:
    """Area of each request by number; the number after the last one is outside."""
    shares = figures.AREA_SHARES if areas == len(figures.AREA_SHARES) else np.arange(2 * areas, areas, -1)
    edges = np.cumsum(shares) / np.sum(shares) * (1 - figures.OUTSIDE_SHARE)
    return np.searchsorted(edges, rng.random(count), side="right")


def _ended_without_plan(flow: Flow) -> np.ndarray:
    """Day on which a child was told there will be no assessment or no plan; NONE for all others."""
    refused = np.where((flow.outcome == REFUSE) & (flow.reversed_on == NONE), flow.decided, NONE)
    return np.where((flow.issue != ISSUE) & (flow.outcome == ASSESS), flow.done, refused)


def _stock(count: int, rng: np.random.Generator):
    """Plans in force on the first day: their requests and plans were decided before the records begin."""
    first = day(figures.FIRST_DAY)
    births = people.birth_days(first, count, figures.STOCK_AGES, rng=rng)
    earliest = np.maximum(births + 930, day(_STOCK_FROM))
    start = earliest + (rng.random(count) ** 0.8 * (first - 10 - earliest)).astype(np.int64)
    start = back_to_weekday(start)
    return (back_to_weekday(start - rng.integers(110, 190, count)), start), births


def _moved_in(as_at: int, scale: float, rng: np.random.Generator):
    """Children who moved in with a plan of another authority; the plan is taken over on the day of the move."""
    first = day(figures.FIRST_DAY)
    count = round(figures.TRANSFERS_IN * figures.SIZE * scale * (as_at - first) / 365.25)
    moved = back_to_weekday(first + 7 + rng.integers(0, max(as_at - first - 7, 1), count))
    return (moved, moved), people.birth_days(moved, count, {age: 1 for age in range(4, 16)}, rng=rng)


def _joined(flow: Flow, *historical) -> Flow:
    """Flow with requests whose decisions were historical; `done` is the first day of their plan."""
    parts = {name: [values] for name, values in vars(flow).items()}
    for received, start in historical:
        none = np.full(len(received), NONE, dtype=np.int64)
        for name, values in zip(
            parts, (received, none * 0 + HISTORICAL, none, none, none * 0 + ISSUE, start, none, none > 0), strict=True
        ):
            parts[name].append(values)
    return Flow(**{name: np.concatenate(values) for name, values in parts.items()})


def _lay_out(flow: Flow, births, first, areas_of, scale: float, as_at: int, la_code: str, rng):
    """Modules of the return, plans as arrays, and the settings."""
    ids = np.arange(len(flow.received), dtype=np.int64) + FIRST_REQUEST
    heads, person = np.unique(first, return_inverse=True)
    persons = people.persons_frame(
        births[heads], areas_of[heads], as_at=as_at, la_code=la_code, outside=int(areas_of.max(initial=0)), rng=rng
    )
    requests = _requests(flow, ids, persons, person, rng)
    assessments = _assessments(flow, ids, rng)
    has_plan = np.flatnonzero((flow.done != NONE) & (flow.issue == ISSUE))
    plans = after.cease_plans(ids[has_plan], flow.done[has_plan], births[has_plan], as_at=as_at, rng=rng)
    moved = (flow.outcome[has_plan] == HISTORICAL) & (flow.received[has_plan] >= day(figures.FIRST_DAY))
    named = after.named_plans(plans, rng=rng)
    active = after.active_plans(plans, named, moved_in=moved, as_at=as_at, rng=rng)
    settings = make_settings(scale, rng)
    placed = after.placements(plans, settings, as_at=as_at, rng=rng)
    modules = {
        fields.PERSON: persons,
        fields.REQUESTS: requests,
        fields.ASSESSMENT: assessments,
        fields.NAMED_PLAN: named.assign(updated_date=after.updated_dates(active, as_at=as_at)),
        fields.PLAN_DETAIL: after.plan_details(placed),
        fields.ACTIVE_PLANS: active,
        fields.PLACEMENT_DETAIL: placed,
        fields.SEN_NEED: after.needs(plans, rng=rng),
    }
    return modules, plans, settings


def _requests(flow: Flow, ids, persons: pd.DataFrame, person, rng: np.random.Generator) -> pd.DataFrame:
    size, refused = len(ids), flow.outcome == REFUSE
    known, told = flow.decided != NONE, np.isin(flow.outcome, (ASSESS, REFUSE))
    letter = np.array([0, 1, 2, 2, 3])[flow.outcome]
    appeals = rng.random(size)
    turned = flow.reversed_on != NONE
    exported = ((flow.outcome == EXPORT) & known) | ((flow.left != NONE) & flow.left_by_export)
    postcode = persons["postcode"].take(person).reset_index(drop=True)
    return pd.DataFrame(
        {
            "request_id": ids,
            "person_id": person + int(persons["person_id"].iloc[0]),
            "received_date": dates(flow.received),
            "request_source": code(figures.SOURCES, size, rng),
            "rya": flags(rng.random(size) < 0.001),
            "request_outcome": text(words("YNWHA", np.where(known | (letter == 3), letter, 4))),
            "request_outcome_date": dates(np.where(told & known, flow.decided, NONE)),
            "request_mediation": flags(refused & known & (turned & (appeals < 0.5) | ~turned & (appeals < 0.012))),
            "request_tribunal": flags(refused & known & (turned & (appeals >= 0.5) | ~turned & (appeals > 0.98))),
            "exported": text(words(("998", "997", "996"), rng.integers(0, 3, size), exported)),
            "request_postcode": postcode,
            "closed_date": dates(np.where(np.isin(flow.outcome, (WITHDRAW, EXPORT)), flow.decided, flow.left)),
        }
    )


def _assessments(flow: Flow, ids, rng: np.random.Generator) -> pd.DataFrame:
    begun = (flow.outcome == HISTORICAL) | ((flow.outcome == ASSESS) & (flow.decided != NONE))
    there = np.flatnonzero(begun | (flow.reversed_on != NONE))
    done, left, issue = flow.done[there], flow.left[there], flow.issue[there]
    historical = flow.outcome[there] == HISTORICAL
    decided = (done != NONE) & ~historical
    letter = np.where(historical, 4, np.where(done != NONE, issue, np.where(left != NONE, 2, 3)))
    late = decided & (issue == ISSUE) & (done - flow.received[there] > 140)
    columns = {
        "request_id": ids[there],
        "assessment_outcome": text(words("YNWAH", letter)),
        "assessment_outcome_date": dates(np.where(decided, done, NONE)),
    }
    for name, share in figures.ASSESSMENT_FLAGS.items():
        columns[name] = flags(decided & (rng.random(len(there)) < share * np.where(issue == ISSUE, 1, 3)))
    exception = rng.random(len(there)) < by_year(figures.EXCEPTIONS, np.where(decided, done, 18_000))
    columns["week20"] = flags(exception & late)
    return pd.DataFrame(columns)
