"""Paths of the local chain: plans by year group and placement in what may come, and the point of every path.

Owns a course (rates of a chain year by year, as things are or under a scenario), its projection, and drawing. Rates
are drawn once for a path from what was counted (Dirichlet), and every year swings about them, both wider than chance
by the chain's dispersion. The total follows its forecast and that forecast's own error, ages and placements swing as
published ones have, and a scenario meets the draws and multipliers of its base: all as in `simulate`, which says why,
and with the same random numbers, so that a path has the same total in both models.
"""

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from highneeds.models.caseload.changed import moved
from highneeds.models.caseload.simulate import Paths, Total, error_of_total, multipliers_to
from highneeds.models.caseload.spread import Spread
from highneeds.models.caseload.transitions import FIRST_YEAR, PLACEMENTS, YEAR_GROUPS, Chain, in_groups
from highneeds.models.growth_error import BLOCK, Draws, array, not_ok, refuse, stream
from highneeds.models.yearly.history import BANDS
from highneeds.scenarios import Scenario

BORN_BY_JUNE = 10 / 12  # share of a year group that in mid-year has the age it has on 31 August


class Shift(NamedTuple):
    """Share of one placement's plans that stand in another; below 0, more come to it."""

    of: int
    instead: int
    share: float


@dataclass(frozen=True, eq=False)
class Course:
    """A chain in the Januaries that follow it.

    joining, leaving: what joiners and the share that leaves are multiplied by each year, shape (years, groups).
    shifts: of each January, in the order they are made; they move where plans stand, not what follows from it, as a
    placement's share in `rates` does.
    """

    chain: Chain
    joining: np.ndarray
    leaving: np.ndarray
    shifts: tuple[tuple[Shift, ...], ...]

    @property
    def years(self) -> tuple[int, ...]:
        """Januaries forecast."""
        return tuple(range(self.chain.january + 1, self.chain.january + 1 + len(self.joining)))


class Walk(NamedTuple):
    """Point of a course: plans, stayed and joined, shape (years, groups, placements); left, factor, shape (years,).

    stayed, joined: before any shift, each January's parts; left: plans that stood a January before and no longer do;
    factor: what joiners were multiplied by.
    """

    plans: np.ndarray
    stayed: np.ndarray
    joined: np.ndarray
    left: np.ndarray
    factor: np.ndarray


def course_of(
    chain: Chain, years: int, *, residents: np.ndarray | None = None, later: np.ndarray | None = None
) -> Course:
    """The chain as things are.

    residents: by single year of age 0 to 25, of the mid-year before its January and of those that follow, shape (1 +
    years, 26): joiners of a year group grow with it. later: the same under a scenario's births and migration.
    """
    joining = np.ones((years, len(YEAR_GROUPS)))
    if residents is not None:
        now = _of_groups(residents)
        then = now if later is None else _of_groups(later)
        joining = np.divide(then[1:], now[0], out=joining, where=now[0] > 0)
    return Course(chain, joining, np.ones_like(joining), ((),) * years)


def changed_course(course: Course, scenario: Scenario) -> Course:
    """The course under a scenario's entry_rate, exit_rate and placement; its names and years have been checked.

    entry_rate counts calendar years (that before each January), exit_rate and placement Januaries; age bands are
    mapped to year groups. Births and migration come in by `course_of`.
    """
    joining, leaving, shifts = course.joining.copy(), course.leaving.copy(), list(course.shifts)
    for at, january in enumerate(course.years):
        entry, ending = np.ones(len(BANDS)), np.ones(len(BANDS))
        for number, age in enumerate(BANDS):
            for change in scenario.changes_of("entry_rate"):
                entry[number] *= 1 + change.value / 100 if change.applies(age, str(january - 1)) else 1  # type: ignore[operator]
            for change in scenario.changes_of("exit_rate"):
                ending[number] += change.value / 100 if change.applies(age, str(january)) else 0  # type: ignore[operator]
        joining[at] *= in_groups(entry)
        leaving[at] *= in_groups(ending, older=1)
        shifts[at] += tuple(
            Shift(PLACEMENTS.index(change.of), PLACEMENTS.index(change.instead), -float(change.value) / 100)
            for change in scenario.changes_of("placement")
            if change.applies(change.of, str(january))
        )
    return replace(course, joining=joining, leaving=leaving, shifts=tuple(shifts))


def project_chain(course: Course, *, totals: np.ndarray | None = None, factor: np.ndarray | None = None) -> Walk:
    """Plans by year group and placement each January, without any error.

    totals: forecast totals to reach by more or fewer joiners, shape (known years,); later years keep the last factor.
    factor: joiners' factor as found before (a scenario keeps that of the base), shape (years,). Neither: 1.
    """
    stocks, found = course.chain.stocks, []
    for at in range(len(course.years)):
        stayed = _stayed(stocks, course.chain.moves, course.leaving[at])
        joined = course.chain.joiners * course.joining[at][:, None]
        if factor is not None:
            times = factor[at]
        elif totals is not None and at < len(totals):
            times = max(totals[at] - stayed.sum(), 0.0) / joined.sum()
        else:
            times = found[-1][-1] if found else 1.0
        left, stocks = stocks.sum() - stayed.sum(), stayed + times * joined
        found.append((_shifted(stocks, course.shifts[at]), stayed, times * joined, left, times))
    return Walk(*(np.stack(each) for each in zip(*found, strict=True)))


def simulate_chain(
    course: Course, total: Total, spread: Spread | None = None, *, draws: Draws, base: Course | None = None
) -> Paths:
    """All paths at once, one authority; `ages` are year groups.

    total: as forecast, shapes (1, years). spread: of the authority's stay rates by age band and of its placements, as
    `simulate` uses it; left out, only what was counted is uncertain. base: whose plans follow the total; a scenario
    (course) then keeps the base's multipliers, so that the two differ by the scenario alone.
    Raises SchemaError for points or widths that are negative, missing or not of the course's years.
    """
    _check(course, total)
    followed = base or course
    point = project_chain(followed, totals=total.points[0])
    blocks = []
    for number in range(-(-draws.paths // BLOCK)):
        noise = _noise(followed.chain, point, total, spread, stream(draws, number))
        paths = _run(followed, point.factor, noise, None)
        blocks.append(paths if base is None else _run(course, point.factor, noise, paths[2:]))
    parts = [np.concatenate(each, axis=-1)[..., : draws.paths] for each in zip(*blocks, strict=True)]
    return Paths(0, *(each[None] for each in parts))


class _Noise(NamedTuple):
    wanted: np.ndarray  # totals to follow, (years, paths)
    ages: np.ndarray  # what stay rates are multiplied by, (years, paths, groups)
    places: np.ndarray  # what placements' shares are multiplied by before they are made to sum, (years, paths, places)
    moves: list[np.ndarray]  # each year's shares of moves, (paths, groups, places, places + 1)
    joiners: list[np.ndarray]  # each year's joiners, (paths, groups, places)


def _noise(chain: Chain, point: Walk, total: Total, spread: Spread | None, rng: np.random.Generator) -> _Noise:
    """Errors of one block of paths; those of the total, ages and placements are `simulate`'s own, in its order."""
    years = total.points.shape[1]
    wanted = total.points[0][:, None] * np.exp(error_of_total(rng, total)[0])
    bands = rng.standard_normal((1, years, len(BANDS), BLOCK), "float32")[0]
    steps, back = (rng.standard_normal((1, years, len(PLACEMENTS), BLOCK), "float32")[0] for _ in range(2))
    ages, places = np.zeros((years, BLOCK, len(YEAR_GROUPS))), np.zeros((years, BLOCK, len(PLACEMENTS)))
    if spread is not None:
        ages = (spread.ages[0][:, None] * bands).transpose(0, 2, 1)[..., _BAND_OF_GROUP]
        walk = np.cumsum(spread.walk[0][:, None] * steps, axis=0) + spread.back[0][:, None] * back
        places = walk.transpose(0, 2, 1)
    moves, joiners = _drawn_rates(chain, point, rng)
    return _Noise(wanted, np.exp(ages), np.exp(places), moves, joiners)


def _drawn_rates(chain: Chain, point: Walk, rng: np.random.Generator) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Each year's moves and joiners: rates drawn once a path, and a year's swing about them.

    The swing is as large as the point's plans make it, so that a scenario draws the same numbers as its base.
    """
    years, wide = len(point.factor), chain.dispersion
    if not wide:
        return [chain.moves] * years, [chain.joiners] * years
    lasting = _dirichlet(rng, np.broadcast_to(chain.concentration / wide, (BLOCK, *chain.concentration.shape)))
    usual = _gamma(rng, np.broadcast_to(chain.joiners * chain.pairs / wide, (BLOCK, *chain.joiners.shape)))
    usual *= wide / chain.pairs
    held = [chain.stocks, *point.plans[:-1]]
    moves = [_dirichlet(rng, lasting * np.maximum(plans / wide, 1.0)[..., None]) for plans in held]
    joiners = [_gamma(rng, usual * (times / wide)) * (wide / times) if times else usual for times in point.factor]
    return moves, joiners


def _dirichlet(rng: np.random.Generator, plans: np.ndarray) -> np.ndarray:
    """Shares on the last axis drawn from so many plans' worth of each."""
    gamma = _gamma(rng, plans)
    return gamma / np.maximum(gamma.sum(axis=-1, keepdims=True), 1e-30)


def _gamma(rng: np.random.Generator, shape: np.ndarray) -> np.ndarray:
    return rng.standard_gamma(shape.astype("float32"), dtype="float32")


def _run(
    course: Course, factor: np.ndarray, noise: _Noise, multipliers: tuple[np.ndarray, np.ndarray] | None
) -> tuple[np.ndarray, ...]:
    """One block: totals follow their path, or the multipliers of the base. Ages, placements, both multipliers."""
    stocks = np.broadcast_to(course.chain.stocks, (BLOCK, *course.chain.stocks.shape))
    made: list[tuple[np.ndarray, ...]] = []
    for at in range(len(course.years)):
        swing = noise.ages[at][..., None]
        stayed = _stayed(stocks, noise.moves[at], course.leaving[at]) * swing
        joined = factor[at] * noise.joiners[at] * course.joining[at][:, None] * swing
        if multipliers is None:
            joining, every = multipliers_to(noise.wanted[at], stayed.sum(axis=(1, 2)), joined.sum(axis=(1, 2)))
        else:
            joining, every = (each[at] for each in multipliers)
        stocks = (stayed + joining[:, None, None] * joined) * every[:, None, None]
        seen = _shifted(stocks, course.shifts[at]) * noise.places[at][:, None, :]
        whole = stocks.sum(axis=2)
        seen = seen * (whole / np.maximum(seen.sum(axis=2), 1e-30))[..., None]
        made.append((whole.T, seen.sum(axis=1).T, joining, every))
    return tuple(np.stack(each).astype("float32") for each in zip(*made, strict=True))


def _stayed(stocks: np.ndarray, moves: np.ndarray, leaving: np.ndarray) -> np.ndarray:
    """Stocks (..., groups, placements) a January on, a year group older, without those whose plan ended.

    leaving: what the share that leaves is multiplied by, shape (groups,); who stays moves as before.
    """
    ends = moves[..., -1]
    fewer = np.clip(ends * leaving[:, None], 0, 1)
    kept = np.divide(1 - fewer, 1 - ends, out=np.zeros_like(fewer), where=ends < 1)
    moving = np.matmul((stocks * kept)[..., None, :], moves[..., :-1])[..., 0, :]
    older = np.zeros_like(moving)
    older[..., 1:, :] = moving[..., :-1, :]
    return older


def _shifted(stocks: np.ndarray, shifts: tuple[Shift, ...]) -> np.ndarray:
    """Stocks (..., placements) with some of one placement's plans in another, never more than are there."""
    for shift in shifts:
        stocks = moved(stocks, shift.of, shift.instead, shift.share)
    return stocks


def _of_groups(residents: np.ndarray) -> np.ndarray:
    """Residents by year group in the January after each mid-year, from single years of age, shape (years, 26)."""
    ages = np.array(YEAR_GROUPS) - FIRST_YEAR
    return BORN_BY_JUNE * residents[:, ages] + (1 - BORN_BY_JUNE) * residents[:, np.maximum(ages - 1, 0)]


def _check(course: Course, total: Total) -> None:
    faults: list[str] = []
    for name, given in (("points of the total", total.points), ("half-widths of the total", total.half_widths)):
        values = array(name, given, (1, len(course.years)))
        faults += not_ok(name, values, (values >= 0) & np.isfinite(values), "0 or more, without gaps")
    refuse(faults)


_BAND_OF_GROUP = np.rint(in_groups(np.arange(len(BANDS), dtype=float))).astype(int)
