"""Paths: children by age and placement in what may come, drawn many times, so that ranges can be added up.

Owns the chain from stocks by single age to totals, ages and placements on every path, and its ranges; gives each chunk
of paths to the caller, who may put prices on it. Leaves the errors of growth, the range of a sum of authorities and
the random streams to `growth_error` (offered here too), and point forecasts to `annual`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from highneeds.models.growth_error import (
    BLOCK,
    MEASURED,
    PLACEMENTS,
    Draws,
    Interval,
    Sds,
    array,
    calibrate,
    check_memory,
    growth_errors,
    national_interval,
    not_ok,
    quantiles,
    refuse,
    stream,
    yearly_errors,
)

__all__ = [
    "AGES", "MEASURED", "PLACEMENTS", "Chunk", "Draws", "Interval", "Paths", "Sds", "Start", "Wanted",
    "calibrate", "growth_errors", "national_interval", "simulate",
]  # fmt: skip

AGES = tuple(range(2, 26))  # "under 3" stands at 2; those of 25 leave within the year
_DRAWS = Draws()
_TOLERANCE = 1e-4  # of shares that should sum to one


@dataclass(frozen=True, eq=False)
class Start:
    """What the chain starts from; rows are authorities.

    stocks: plans last January by AGES, shape (authorities, 24). joiners: how new plans fall over AGES, shares summing
    to 1; leavers: share (0-1) of those of each age whose plan ends within the year (at 25 it always does); both (24,)
    or (authorities, 24). placements: shares of PLACEMENTS, shape (authorities, 5), each row summing to 1.
    """

    stocks: np.ndarray
    joiners: np.ndarray
    leavers: np.ndarray
    placements: np.ndarray


class Chunk(NamedTuple):
    """Paths number `first` and on, float32, paths on the last axis: what `reduce` is given.

    totals: (authorities, years, paths); placements: (authorities, years, 5, paths); ages: (authorities, years, 24,
    paths), None unless wanted. Year 0 is the first January forecast. Ages and placements each sum to the totals.
    """

    first: int
    totals: np.ndarray
    placements: np.ndarray
    ages: np.ndarray | None


@dataclass(frozen=True, eq=False)
class Wanted:
    """What to keep of the paths.

    areas: weights (areas, authorities), 1 where an authority belongs; None: each authority. age_groups: name to first
    and last age, both within. ages: True gives `reduce` the single ages. reduce: called once a chunk, in order; what
    it returns is handed back, so prices go here (return sums: a chunk that is kept stays in memory).
    """

    areas: np.ndarray | None = None
    age_groups: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    ages: bool = False
    reduce: Callable[[Chunk], object] | None = None


_WANTED = Wanted()


@dataclass(frozen=True, eq=False)
class Paths:
    """What was simulated, by name: totals, placements and, if wanted, age_groups.

    points: without any error, shapes (areas, years), (areas, years, 5), (areas, years, groups); quantiles: the same
    with LEVELS as last axis; reduced: what `reduce` returned, in order of the paths; sds, draws: what was asked.
    """

    points: dict[str, np.ndarray]
    quantiles: dict[str, np.ndarray]
    reduced: tuple
    sds: Sds
    draws: Draws


def simulate(
    start: Start, growth: np.ndarray, *, sds: Sds = MEASURED, draws: Draws = _DRAWS, wanted: Wanted = _WANTED
) -> Paths:
    """Plans by total, placement and age on every path, and the ranges asked for.

    growth: point forecast of each authority's yearly log growth, shape (authorities, years).
    Each January every child is a year older, those of 25 and the leavers are gone, and as many join as bring the
    authority to its total on that path (stock x growth x error), spread over ages as `start.joiners`; where that
    would be fewer than none, all ages shrink alike. Placement shares walk at random from the start's, each
    authority's on its own: England's shares, which have trends in common, are less certain than this says.
    Raises SchemaError for what does not fit Start, ParamsError where the figures wanted would not fit in memory.
    """
    start, growth, areas = _checked(start, growth, wanted)
    _check_size(growth, areas, draws, wanted)
    kept: dict[str, np.ndarray] = {}
    reduced = []
    for first in range(0, draws.paths, draws.chunk):
        chunk, figures = _run(start, growth, _noise(growth, sds, draws, first), first, wanted)
        for name, values in figures.items():
            pooled = _pooled(values, areas)
            kept.setdefault(name, np.empty((*pooled.shape[:-1], draws.paths), "float32"))
            kept[name][..., first : first + pooled.shape[-1]] = pooled
        reduced += [wanted.reduce(chunk)] if wanted.reduce else []
    still = Sds(*[0.0] * 4, shares=(0.0,) * 4)
    without = _run(start, growth, _noise(growth, still, Draws(BLOCK), 0), 0, wanted)[1]
    points = {name: _pooled(values, areas)[..., 0].astype(float) for name, values in without.items()}
    return Paths(points, {name: quantiles(values) for name, values in kept.items()}, tuple(reduced), sds, draws)


# ---- One chunk -------------------------------------------------------------------------------------------------------


def _noise(growth: np.ndarray, sds: Sds, draws: Draws, first: int) -> tuple[np.ndarray, np.ndarray]:
    """Yearly errors of log growth, and yearly steps of log-ratios to mainstream, of one chunk."""
    size = min(draws.chunk, draws.paths - first)
    width = -(-size // BLOCK) * BLOCK
    steps = np.array(sds.shares, "float32")[:, None]
    errors = np.empty((*growth.shape, width), "float32")
    walks = np.empty((*growth.shape, len(steps), width), "float32")
    for low in range(0, width, BLOCK):
        rng = stream(draws, (first + low) // BLOCK)
        errors[..., low : low + BLOCK] = yearly_errors(rng, *growth.shape, sds)
        walks[..., low : low + BLOCK] = steps * rng.standard_normal((*walks.shape[:-1], BLOCK), "float32")
    return errors[..., :size], walks[..., :size]


def _run(
    start: Start, growth: np.ndarray, noise: tuple[np.ndarray, np.ndarray], first: int, wanted: Wanted
) -> tuple[Chunk, dict[str, np.ndarray]]:
    """One chunk, and the figures of it that ranges are wanted for."""
    errors, walks = noise
    points = start.stocks.sum(axis=1)[:, None] * np.exp(np.cumsum(growth, axis=1))
    totals = points.astype("float32")[..., None] * np.exp(np.cumsum(errors, axis=1))
    placements = _placed(start.placements.astype("float32"), walks, totals)
    ages, groups = _aged(start, totals, wanted)
    figures = {"totals": totals, "placements": placements}
    figures |= {"age_groups": groups} if wanted.age_groups else {}
    return Chunk(first, totals, placements, ages), figures


def _placed(shares: np.ndarray, walks: np.ndarray, totals: np.ndarray) -> np.ndarray:
    """Plans by placement: each start share times its walked ratio to mainstream, brought to the total."""
    placed = np.empty((*totals.shape[:2], shares.shape[1], totals.shape[2]), "float32")
    placed[:, :, 0] = shares[:, :1, None]
    np.exp(np.cumsum(walks, axis=1), out=placed[:, :, 1:])
    placed[:, :, 1:] *= shares[:, None, 1:, None]
    placed *= (totals / placed.sum(axis=2))[:, :, None]
    return placed


def _aged(start: Start, totals: np.ndarray, wanted: Wanted) -> tuple[np.ndarray | None, np.ndarray]:
    """Plans by single age, (authorities, years, 24, paths) or None, and by wanted group, both brought to the totals."""
    authorities, years, width = totals.shape
    stocks = np.empty((len(AGES), authorities, width), "float32")
    stocks[...] = start.stocks.T[..., None]
    kept = np.empty((years, *stocks.shape), "float32") if wanted.ages else None
    groups = np.empty((authorities, years, len(wanted.age_groups), width), "float32")
    staying = (1 - start.leavers).T.astype("float32")[..., None]
    joining = start.joiners.T.astype("float32")[..., None]
    for year in range(years):
        _one_year(stocks, totals[:, year], staying, joining)
        for at, (low, high) in enumerate(wanted.age_groups.values()):
            np.sum(stocks[AGES.index(low) : AGES.index(high) + 1], axis=0, out=groups[:, year, at])
        if kept is not None:
            kept[year] = stocks
    return None if kept is None else kept.transpose(2, 0, 1, 3), groups


def _one_year(stocks: np.ndarray, total: np.ndarray, staying: np.ndarray, joining: np.ndarray) -> None:
    """Age the stocks (ages, authorities, paths) by a year, in place, and let as many join as reach the total."""
    stayed = np.zeros_like(total)
    for age in range(len(stocks) - 1, 0, -1):
        np.multiply(stocks[age - 1], staying[age - 1], out=stocks[age])
        stayed += stocks[age]
    stocks[0] = 0
    joined = total - stayed
    if (joined < 0).any():
        stocks *= np.divide(total, stayed, out=np.ones_like(total), where=joined < 0)
        np.maximum(joined, 0, out=joined)
    for age, share in enumerate(joining):
        stocks[age] += joined * share


def _pooled(values: np.ndarray, areas: np.ndarray | None) -> np.ndarray:
    """Weighted sums over authorities, the first axis; as they are where no areas are given."""
    if areas is None:
        return values
    pooled = np.zeros((len(areas), *values.shape[1:]))
    for total, weights in zip(pooled, areas, strict=True):
        for authority in np.flatnonzero(weights):
            total += weights[authority] * values[authority]
    return pooled.astype("float32")


# ---- Checks ----------------------------------------------------------------------------------------------------------


def _checked(start: Start, growth: np.ndarray, wanted: Wanted) -> tuple[Start, np.ndarray, np.ndarray | None]:
    """The same, as float64 arrays of one number of authorities, or all their faults together."""
    stocks = array("stocks", start.stocks, (None, len(AGES)))
    size = len(stocks)
    growth = array("growth", growth, (size, None))
    joiners, leavers = _by_age("joiners", start.joiners, size), _by_age("leavers", start.leavers, size)
    placements = array("placements", start.placements, (size, len(PLACEMENTS)))
    areas = None if wanted.areas is None else array("areas", wanted.areas, (None, size))
    faults = not_ok("growth", growth, np.abs(growth) <= 1, "yearly log growth from -1 to 1 (.09, where 9% is meant)")
    faults += not_ok("leavers", leavers, (leavers >= 0) & (leavers <= 1), "a share from 0 to 1")
    shares = {"joiners": joiners, "placements": placements}
    amounts = {"stocks": stocks} | shares | ({} if areas is None else {"areas": areas})
    for name, values in amounts.items():
        faults += not_ok(name, values, (values >= 0) & np.isfinite(values), "0 or more, without gaps")
    for name, values in shares.items():
        sums = values.sum(axis=1)
        faults += not_ok(f"sum of {name}", sums, np.isnan(sums) | (np.abs(sums - 1) < _TOLERANCE), "1 in each row")
    refuse(faults + _group_faults(wanted.age_groups))
    return Start(stocks, joiners, leavers, placements), growth, areas


def _by_age(name: str, values: np.ndarray, size: int) -> np.ndarray:
    """One row an authority; the same for all where one row is given."""
    values = array(name, values)
    return array(name, np.tile(values, (size, 1)) if values.shape == (len(AGES),) else values, (size, len(AGES)))


def _group_faults(groups: Mapping[str, tuple[int, int]]) -> list[str]:
    return [
        f"age_groups {name!r}: found {ends!r}. Expected first and last age, from 2 to 25. Give two such ages."
        for name, ends in groups.items()
        if len(ends) != 2 or ends[0] not in AGES or ends[1] not in AGES or ends[0] > ends[1]
    ]


def _check_size(growth: np.ndarray, areas: np.ndarray | None, draws: Draws, wanted: Wanted) -> None:
    """Refuse what would not fit: the figures kept of all paths, and what one chunk needs."""
    rows, years = len(growth) if areas is None else len(areas), growth.shape[1]
    kept = rows * years * (1 + len(PLACEMENTS) + len(wanted.age_groups)) * draws.paths
    by_age = len(AGES) * (1 + years * wanted.ages)
    each = years * (2 + 4 * len(PLACEMENTS) + 2 * len(wanted.age_groups)) + 2 * by_age
    check_memory(kept + len(growth) * each * min(draws.chunk, draws.paths))
