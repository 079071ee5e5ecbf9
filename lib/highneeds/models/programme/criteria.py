"""Is a success criterion met? A target against the figures of an authority, its neighbours, its region and England.

A level set against a number or another count is a fact. A level set against another area is tested against the
chance variation of the authority's own cases. A change that is asked for must be wider than the 95% range by which
statistical neighbours differ among themselves over the same time (`models.change`); a change the other way need only
be more than chance for the criterion not to be met. What lies between is no clear change.
"""

from dataclasses import dataclass, replace
from math import exp, expm1, log, nan, sqrt

import numpy as np

from highneeds import periods
from highneeds.facts import Facts
from highneeds.figures import Figure
from highneeds.measures.declarations import MEASURES
from highneeds.measures.ratios import parts
from highneeds.measures.targets import AREAS, ENGLAND, FALLS, NEARER, NEIGHBOURS, NO_RISE, RISES, Target
from highneeds.models.change.result import MIN_OTHERS, compare, half_width
from highneeds.models.programme.deadlines import Deadline

MET, NOT_MET = "met", "not met"
NO_CHANGE, NO_DIFFERENCE, UNKNOWN = "no clear change", "no clear difference", "cannot be told yet"
VERDICTS = (MET, NOT_MET, NO_CHANGE, NO_DIFFERENCE, UNKNOWN)
WIDE = 1.96  # standard errors either side of a 95% range of a count


@dataclass(frozen=True)
class Judged:
    """What the data say of a criterion. now: the figure tested; against: what it was set against, where that is one.

    change: of a change asked for, points for a percentage, else per cent; clear: the size from which it is clear;
    both missing for a level. why: what stands in the way, as a sentence; empty where nothing does.
    """

    verdict: str
    now: Figure | None = None
    against: Figure | None = None
    change: float = nan
    clear: float = nan
    why: str = ""


def judge(facts: Facts, measure: str, target: Target, *, start: Deadline, due: Deadline) -> Judged:
    """Verdict on one target. start, due: of the entry it belongs to; empty ones where the plan gives none.

    Cannot be told: without the figures, before the period asked about is over, where the newest figure is of before the
    start, and where a target not yet met has still time.
    """
    basis = MEASURES[measure].period_basis
    period = target.at or _newest(facts, measure)
    if target.at and periods.last_day(target.at, basis) > facts.as_at:
        newest = _own(facts, measure, _newest(facts, measure))
        return Judged(UNKNOWN, newest, why=f"{_when(target.at, basis)} is not over yet.")
    now = _own(facts, measure, period)
    if now is None or not now.known:
        about = f" for {_when(period, basis)}" if period else ""
        return Judged(UNKNOWN, why=f"No figure is held{about}.")
    ended = periods.last_day(period, basis)
    if start.earliest is not None and ended < start.earliest:
        return Judged(UNKNOWN, now, why=f"The newest figure, for {_when(period, basis)}, is from before the start.")
    found = _level(facts, target, now) if target.is_level else _moved(facts, measure, target, now)
    early = due.latest is not None and ended < due.latest
    if early and found.verdict not in (MET, UNKNOWN):
        why = f"Not met by {_when(period, basis)}, the newest figure; the date set is later."
        return replace(found, verdict=UNKNOWN, why=why)
    return found


def _newest(facts: Facts, measure: str) -> str:
    """Newest period for which the authority has a figure; of a balance England has none."""
    declared = MEASURES[measure]
    name, _ = parts(declared.numerator)[0] if declared.is_ratio else (measure, "")
    values = facts.values
    mine = values["measure"].eq(name) & values["area_code"].eq(facts.authority.code)
    held = sorted(set(values.loc[mine, "period"]), reverse=True)
    return next((period for period in held if facts.get(measure, facts.authority, period).known), "")


def _own(facts: Facts, measure: str, period: str) -> Figure | None:
    return facts.get(measure, facts.authority, period) if period else None


def _when(period: str, basis: str) -> str:
    return periods.label(period, basis)


# ---- Levels ----------------------------------------------------------------------------------------------------------


def _level(facts: Facts, target: Target, now: Figure) -> Judged:
    if target.number is not None:
        return Judged(_compared(target.verb, now.value, target.number), now)  # type: ignore[arg-type]
    if target.against not in AREAS:
        other = facts.get(target.against, facts.authority, now.period)
        if not other.known:
            return Judged(UNKNOWN, now, why=f"No figure of {MEASURES[target.against].label.lower()} is held for then.")
        return Judged(_compared(target.verb, now.value, other.value), now, other)  # type: ignore[arg-type]
    other = _area_figure(facts, now.measure, target.against, now.period)
    if not other.known:
        return Judged(UNKNOWN, now, why="No figure is held to compare with.")
    low, high = counting_range(now)
    ends = {_compared(target.verb, end, other.value) for end in (low, high)}  # type: ignore[arg-type]
    return Judged(ends.pop() if len(ends) == 1 else NO_DIFFERENCE, now, other)


def _compared(verb: str, value: float, other: float) -> str:
    met = {"<=": value <= other, ">=": value >= other, "<": value < other, ">": value > other}[verb]
    return MET if met else NOT_MET


def _area_figure(facts: Facts, measure: str, against: str, period: str) -> Figure:
    if against == NEIGHBOURS:
        return facts.neighbours_pooled(measure, period)
    return facts.get(measure, facts.england if against == ENGLAND else facts.region, period)


def counting_range(figure: Figure) -> tuple[float, float]:
    """95% range of a rate or share for the chance variation of its own cases; the figure itself where none is known.

    A share: Wilson. A rate: a count's range on the log scale.
    """
    top, bottom = _parts_of(figure)
    if not top or not bottom:
        return figure.value, figure.value  # type: ignore[return-value]
    if figure.unit != "%":
        factor = exp(WIDE / sqrt(top))
        return figure.value / factor, figure.value * factor  # type: ignore[operator]
    share, more = figure.value / 100, WIDE**2 / bottom  # type: ignore[operator]
    half = WIDE * sqrt(share * (1 - share) / bottom + more / (4 * bottom))
    low, high = ((share + more / 2 + step * half) / (1 + more) for step in (-1, 1))
    return 100 * low, 100 * high


def _parts_of(figure: Figure) -> tuple[float, float]:
    """Cases above and below the line of a ratio; nothing for what is none."""
    declared = MEASURES.get(figure.measure)
    if declared is None or not declared.is_ratio or not figure.inputs:
        return 0.0, 0.0
    at = len(parts(declared.numerator))
    tops, bottoms = figure.inputs[:at], figure.inputs[at:]
    return sum(item.value or 0 for item in tops), sum(item.value or 0 for item in bottoms)


# ---- Changes ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Moved:
    """A change in its own scale (points, or a log ratio), how far it must go to be clear or more than chance."""

    size: float
    clear: float
    chance: float


def _moved(facts: Facts, measure: str, target: Target, now: Figure) -> Judged:
    """Own change, or the change of the gap to others, beside how far neighbours differ among themselves."""
    then = facts.get(measure, facts.authority, target.since)
    basis = now.period_basis
    if target.since >= now.period:
        return Judged(UNKNOWN, now, why=f"No figure is held for any time after {_when(target.since, basis)}.")
    if not then.known:
        return Judged(UNKNOWN, now, why=f"No figure is held for {_when(target.since, basis)}.")
    own = _change(then, now)
    others = [_change(*(facts.get(measure, area, each.period) for each in (then, now))) for area in facts.neighbours]
    error, k, mean = _yardstick(then, now, own, others)
    if own is None or not k:
        return Judged(UNKNOWN, now, then, why=f"Fewer than {MIN_OTHERS} neighbours have both figures to compare with.")
    clear, noise = half_width(error, k), _noise(then, now)
    moved = _Moved(own, clear, WIDE * sqrt(noise) if noise else clear)
    if target.verb == NEARER:
        return _nearer(facts, target, now, then, moved, mean)
    return Judged(_verdict(target.verb, moved), now, then, *_printed(now, moved, target.verb))


def _nearer(facts: Facts, target: Target, now: Figure, then: Figure, moved: _Moved, mean: float) -> Judged:
    """Whether the gap to others closes: the change beyond theirs, towards where they were."""
    before, after = (_area_figure(facts, now.measure, target.against, each.period) for each in (then, now))
    theirs = _change(before, after) if target.against != NEIGHBOURS else mean
    if theirs is None or not before.known:
        return Judged(UNKNOWN, now, why="No figure is held to compare with.")
    towards = FALLS if then.value > before.value else RISES  # type: ignore[operator]
    beyond = replace(moved, size=moved.size - theirs)
    return Judged(_verdict(towards, beyond), now, after, *_printed(now, beyond, towards))


def _verdict(verb: str, moved: _Moved) -> str:
    """A success must be clear; that something went the other way need only be more than chance."""
    down = moved.size if verb in (FALLS, NO_RISE) else -moved.size  # below nothing: the way that was asked for
    wanted, other = (moved.clear, moved.chance) if verb in (FALLS, RISES) else (moved.chance, moved.clear)
    return MET if down < -wanted else NOT_MET if down > other else NO_CHANGE


def _printed(now: Figure, moved: _Moved, verb: str) -> tuple[float, float]:
    """The change and the size from which it is clear: points of a percentage, else per cent."""
    if now.unit == "%":
        return moved.size, moved.clear
    falls = verb in (FALLS, NO_RISE)
    return 100 * expm1(moved.size), abs(100 * expm1(-moved.clear if falls else moved.clear))


def _change(then: Figure, now: Figure) -> float | None:
    """Points for a percentage, else the log of the ratio; None where one is missing or nothing."""
    if not (then.known and now.known):
        return None
    if now.unit == "%":
        return now.value - then.value  # type: ignore[operator]
    return log(now.value / then.value) if now.value > 0 and then.value > 0 else None  # type: ignore[operator]


def _noise(then: Figure, now: Figure) -> float:
    """Chance variance of a change, in its own scale squared; nothing where the cases behind it are not known."""
    if now.unit == "GBP":
        return 0.0
    if now.unit == "%":
        shares = [(figure.value, _parts_of(figure)[1]) for figure in (then, now)]
        return sum(value * (100 - value) / cases for value, cases in shares if cases)  # type: ignore[operator]
    tops = [_parts_of(figure)[0] or figure.value for figure in (then, now)]
    return sum(1 / top for top in tops if top)


def _yardstick(then: Figure, now: Figure, own: float | None, others: list[float | None]) -> tuple[float, int, float]:
    """Standard error of a change, neighbours behind it and their mean change; no neighbours where it cannot be told."""
    row = np.array([[nan if change is None else change for change in others] or [nan]])
    if own is None:
        return nan, 0, nan
    found = compare(np.array([own]), row, own_noise=np.array([_noise(then, now)]), others_noise=np.zeros_like(row))
    error = float(found.standard_error[0])
    return (error, int(found.k[0]), float(found.mean[0])) if np.isfinite(error) else (nan, 0, nan)
