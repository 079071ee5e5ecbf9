"""Paths: plans by age and placement in what may come, drawn many times, so that ranges can be added up and priced.

Owns drawing them and pairing a scenario with its base. Sizes of errors come from the forecast of the total (its own
80% range) and from `spread`; random streams from `growth_error`, so that a seed gives the same bytes whatever the
chunk, and a longer run begins with the shorter one.

How this differs from a Dirichlet/beta model of transitions (the usual open one, witan.send): there, every rate is a
posterior of the authority's own past moves, so that thousands of children make ranges of a few per cent, though past
forecasts were out by far more. Here the total's error is as large as such forecasts' errors have been, shared years
and all; rates of small cells are drawn to England's or to neighbouring years' before anything is drawn; residents
enter, so that a smaller year group has fewer plans; and a scenario meets the same draws as its base.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from highneeds.models.caseload.project import older, project
from highneeds.models.caseload.rates import Rates, grown_joiners
from highneeds.models.caseload.spread import Spread
from highneeds.models.forecast import HALF_80
from highneeds.models.growth_error import BLOCK, MEASURED, Draws, Sds, array, not_ok, refuse, stream, yearly_errors

LASTING = 0.85  # an age group's error after k years is k ** LASTING times that of one: part of it comes back


@dataclass(frozen=True, eq=False)
class Total:
    """Forecast of all plans: points and log half-widths of the central 80% range, shape (n, years) each."""

    points: np.ndarray
    half_widths: np.ndarray


def total_of(points: np.ndarray, ends: np.ndarray) -> Total:
    """Total from points, shape (n, years), and the ends of their central 80% ranges, shape (n, years, 2)."""
    return Total(points, np.log(ends[..., 1] / ends[..., 0]) / 2)


class Paths(NamedTuple):
    """Paths number `first` and on, float32, paths last.

    ages: shape (n, years, ages, paths); placements: (n, years, placements, paths); each sums to the same totals.
    joining, all_plans: what joiners and then all plans were multiplied by to follow the total, (n, years, paths).
    """

    first: int
    ages: np.ndarray
    placements: np.ndarray
    joining: np.ndarray
    all_plans: np.ndarray

    @property
    def totals(self) -> np.ndarray:
        """All plans, shape (n, years, paths)."""
        return self.placements.sum(axis=2)


def simulate(
    rates: Rates, total: Total, spread: Spread, *, draws: Draws, base: Rates | None = None, sds: Sds = MEASURED
) -> Iterator[Paths]:
    """Chunks of paths, in order.

    Each January the plans are those moved up times their stay rate (which swings about its point) and joiners times
    whatever brings the sum to the total's path: its point times an error that lasts in part (`Sds`) and has the
    forecast's own range. Placements walk at random from their mix. base: rates whose plans follow the total; a
    scenario (rates) then keeps the base's multipliers, so that the two differ by the scenario alone.
    Raises SchemaError for points, widths or spreads that are negative, missing or not of the rates' shape.
    """
    _check(rates, total, spread)
    followed = base or rates
    points = project(followed, totals=total.points)
    for first in range(0, draws.paths, draws.chunk):
        noise = _noise(rates, total, spread, draws=draws, first=first, sds=sds)
        paths = _run(followed, points.factor, points.totals, noise, first)
        if base is not None:
            paths = _run(rates, points.factor, None, noise, first, (paths.joining, paths.all_plans))
        yield paths


class _Noise(NamedTuple):
    growth: np.ndarray  # log error of the total, (n, years, paths)
    ages: np.ndarray  # log error of the first year's stay rates, (n, ages, paths)
    walk: np.ndarray  # log error of placements' shares before they are made to sum, (n, years, placements, paths)


def _noise(rates: Rates, total: Total, spread: Spread, *, draws: Draws, first: int, sds: Sds) -> _Noise:
    """Errors of one chunk, block by block."""
    size = min(draws.chunk, draws.paths - first)
    parts = [_block(rates, total, spread, draws, (first + low) // BLOCK, sds) for low in range(0, size, BLOCK)]
    return _Noise(*(np.concatenate(each, axis=-1)[..., :size] for each in zip(*parts, strict=True)))


def _block(rates: Rates, total: Total, spread: Spread, draws: Draws, block: int, sds: Sds) -> _Noise:
    rng = stream(draws, block)
    n, years, ages = rates.entry.shape
    growth = error_of_total(rng, total, sds)
    swing = spread.ages.astype("float32")[:, :, None] * rng.standard_normal((n, ages, BLOCK), "float32")
    shape = (n, years, len(rates.placements), BLOCK)
    steps, back = rng.standard_normal(shape, "float32"), rng.standard_normal(shape, "float32")
    walk = np.cumsum(spread.walk.astype("float32")[:, None, :, None] * steps, axis=1)
    walk += spread.back.astype("float32")[:, None, :, None] * back
    return _Noise(growth, swing, walk)


def error_of_total(rng: np.random.Generator, total: Total, sds: Sds = MEASURED) -> np.ndarray:
    """Log error of a total on BLOCK paths, as wide as its forecast's own range, shape (n, years, BLOCK), float32."""
    n, years = total.points.shape
    usual = np.array([HALF_80 * sds.growth_sd(ahead) for ahead in range(1, years + 1)])
    widths = (total.half_widths / usual).astype("float32")[:, :, None]
    return np.cumsum(yearly_errors(rng, n, years, sds), axis=1) * widths


def _run(
    rates: Rates,
    factor: np.ndarray,
    points: np.ndarray | None,
    noise: _Noise,
    first: int,
    multipliers: tuple[np.ndarray, np.ndarray] | None = None,
) -> Paths:
    """One chunk: totals follow their points and errors, or the multipliers of the base."""
    n, years, groups = rates.entry.shape
    width = noise.growth.shape[-1]
    ages = np.empty((n, years, groups, width), "float32")
    placements = np.empty((n, years, len(rates.placements), width), "float32")
    joining, every = multipliers or (np.empty((n, years, width), "float32"), np.empty((n, years, width), "float32"))
    bands = np.repeat(rates.stocks.sum(axis=2).astype("float32")[..., None], width, axis=2)
    for at in range(years):
        lasting = np.float32((at + 1) ** LASTING - at**LASTING)
        stay = rates.stay[:, at].astype("float32")[..., None] * np.exp(lasting * noise.ages)
        stayed = older(bands, rates.moving_up.astype("float32")) * stay
        new = grown_joiners(rates.joiners[:, at], rates.moving_up) * factor[:, at, None]
        joined = new.astype("float32")[..., None] * stay
        if points is not None:
            wanted = points[:, at].astype("float32")[:, None] * np.exp(noise.growth[:, at])
            joining[:, at], every[:, at] = multipliers_to(wanted, stayed.sum(axis=1), joined.sum(axis=1))
        bands = (stayed + joined * joining[:, at, None]) * every[:, at, None]
        ages[:, at] = bands
        placements[:, at] = _placed(bands, rates.mix[:, at].astype("float32"), np.exp(noise.walk[:, at]))
    return Paths(first, ages, placements, joining, every)


def multipliers_to(wanted: np.ndarray, stayed: np.ndarray, joined: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What brings joiners to the total wanted; and, where even none would be too many, all plans. Both float32."""
    missing = np.maximum(wanted - stayed, 0)
    joining = np.divide(missing, joined, out=np.zeros_like(missing), where=joined > 0)
    joining = joining.astype("float32")  # as it is kept, so that a scenario meets the very same
    reached = stayed + joining * joined
    return joining, np.divide(wanted, reached, out=np.ones_like(wanted), where=reached > 0).astype("float32")


def _placed(bands: np.ndarray, mix: np.ndarray, walk: np.ndarray) -> np.ndarray:
    """Plans by placement: the mix within each age, walked, brought to the age's plans; (n, placements, paths)."""
    sums = mix @ walk  # of the walked shares within each age, (n, ages, paths)
    return walk * (mix.transpose(0, 2, 1) @ (bands / sums))


def _check(rates: Rates, total: Total, spread: Spread) -> None:
    n, years, ages = rates.entry.shape
    points = array("points of the total", total.points, (n, years))
    widths = array("half-widths of the total", total.half_widths, (n, years))
    sizes = array("spread of ages", spread.ages, (n, ages))
    shape = (n, len(rates.placements))
    named = {"points of the total": points, "half-widths of the total": widths, "spread of ages": sizes}
    for name in ("walk", "back"):
        told = f"spread of placements, {name}"
        named[told] = array(told, getattr(spread, name), shape)
    faults: list[str] = []
    for name, values in named.items():
        faults += not_ok(name, values, (values >= 0) & np.isfinite(values), "0 or more, without gaps")
    refuse(faults)
