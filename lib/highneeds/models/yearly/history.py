"""History: yearly figures of all authorities as arrays, with boundary changes merged and doubtful cells set aside.

Owns what a model may see: `until` cuts stocks at January T and flows at calendar T-1, and the rules that set doubtful
flows aside look at nothing later. What is made of it belongs to the models.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
import pandas as pd

from highneeds import terms

BANDS = tuple(terms.AGE_BANDS)
STOCK = "ehc_plans"
FLOWS = ("new_ehc_plans", "requests_received")
TINY = 50  # plans; an authority with fewer teaches the others nothing but noise
FAR = 2.2  # times the usual share of England: a flow beyond it is set aside
AROUND = 5  # years whose median share is usual


@dataclass(frozen=True)
class Matrix:
    """Figures by unit and year. values: float, shape (units, years), NaN where there is no figure."""

    codes: tuple[str, ...]
    years: tuple[int, ...]
    values: np.ndarray

    def until(self, year: int) -> "Matrix":
        """The same without any later year."""
        kept = sum(at <= year for at in self.years)
        return Matrix(self.codes, self.years[:kept], self.values[:, :kept])

    def at(self, year: int) -> np.ndarray:
        """One year's figures, shape (units,); all NaN for a year that is not held."""
        if year not in self.years:
            return np.full(len(self.codes), np.nan)
        return self.values[:, self.years.index(year)]


@dataclass(frozen=True)
class Doubt:
    """A flow that was set aside: which and by what rule."""

    code: str
    measure: str
    year: int
    value: float


@dataclass(frozen=True)
class History:
    """What is known of all authorities as at January `origin`.

    plans: EHC plans by January; bands: the same by age band, shape (units, years, 5); counts: measure to flows by
    calendar year; flows: the same with doubtful cells NaN; own: plans and flows of each authority of today, as
    published; unit: the unit of each. Units are authorities, those that a boundary change touched merged into one.
    """

    origin: int
    plans: Matrix
    bands: np.ndarray
    counts: dict[str, Matrix]
    flows: dict[str, Matrix]
    own: dict[str, Matrix]
    unit: dict[str, str]
    doubts: tuple[Doubt, ...]

    @property
    def codes(self) -> tuple[str, ...]:
        """Units, in one order for every matrix."""
        return self.plans.codes

    @property
    def large(self) -> np.ndarray:
        """True for units that a pooled model may learn from, shape (units,)."""
        return self.plans.at(self.origin) >= TINY

    def until(self, origin: int) -> "History":
        """As known at an earlier January: stocks to it, flows to the year before, doubts judged anew."""
        plans = self.plans.until(origin)
        kept = len(plans.years)
        counts = {name: flow.until(origin - 1) for name, flow in self.counts.items() if flow.years[0] < origin}
        own = {name: held.until(origin if name == STOCK else origin - 1) for name, held in self.own.items()}
        return _history(plans, self.bands[:, :kept], counts, own, self.unit)

    def share(self, measure: str, code: str, year: int) -> float:
        """Part of its unit's figure that is an authority's own, 0 to 1, in the last year up to `year` that tells it.

        NaN where none does.
        """
        held = self.own[measure].until(year)
        together = [at for at, each in enumerate(held.codes) if self.unit[each] == self.unit[code]]
        if len(together) == 1:
            return 1.0
        own, whole = held.values[held.codes.index(code)], held.values[together].sum(axis=0)
        told = np.flatnonzero(whole > 0)
        return float(own[told[-1]] / whole[told[-1]]) if len(told) else np.nan


def families(areas: pd.DataFrame) -> dict[str, str]:
    """Unit of every authority, old or new, by code.

    Authorities of one region where some closed on the eve of the day on which others opened are one unit, named by
    its oldest code: nothing tells how their children were shared out before. areas: the panel's areas.
    """
    local = areas[areas["level"].eq("local authority")]
    closings: dict[tuple[str, str], list[str]] = {}
    for row in local[local["closed"].ne("")].itertuples():
        eve = (date.fromisoformat(row.closed) + timedelta(days=1)).isoformat()
        closings.setdefault((row.region_code, eve), []).append(row.area_code)
    unit = {code: code for code in local["area_code"]}
    for row in local.itertuples():
        closed = closings.get((row.region_code, row.opened), [])
        for code in [*closed, row.area_code] if closed else []:
            unit[code] = min(closed)
    return unit


def read_history(values: pd.DataFrame, areas: pd.DataFrame) -> History | None:
    """History from the panel's values (schemas.VALUES) and areas; None where no authority has two Januaries of plans.

    A unit's figure is the sum of its authorities that existed; one of them without a figure leaves the unit without.
    """
    unit = families(areas)
    held = values[values["area_code"].isin(unit) & values["measure"].isin([STOCK, *FLOWS])]
    held = held.assign(unit=held["area_code"].map(unit), year=held["period"].astype(int)).reset_index(drop=True)
    codes = tuple(sorted(held["unit"].unique()))
    plans = as_matrix(held[held["measure"].eq(STOCK) & held["breakdown"].eq("Total")], codes)
    if plans is None or len(plans.years) < 2:
        return None
    flows = {
        name: as_matrix(held[held["measure"].eq(name) & held["breakdown"].eq("Total")], plans.codes) for name in FLOWS
    }
    bands = [
        as_matrix(held[held["measure"].eq(STOCK) & held["breakdown"].eq(band)], plans.codes, plans.years)
        for band in BANDS
    ]
    known = {name: flow.until(plans.years[-1] - 1) for name, flow in flows.items() if flow is not None}
    known = {name: flow for name, flow in known.items() if flow.years}
    stacked = np.stack([band.values for band in bands], axis=2)  # type: ignore[union-attr]
    today = areas[areas["level"].eq("local authority") & areas["closed"].eq("")]["area_code"]
    alone = held[held["breakdown"].eq("Total")].assign(unit=held["area_code"])
    own = {
        name: as_matrix(alone[alone["measure"].eq(name)], tuple(sorted(today)), flow.years)
        for name, flow in {STOCK: plans, **known}.items()
    }
    return _history(plans, stacked, known, own, unit)  # type: ignore[arg-type]


def percentages(values: pd.DataFrame, areas: pd.DataFrame, measure: str) -> tuple[Matrix, np.ndarray] | None:
    """Published percentages of today's authorities by January, and England's; None where none is held.

    Percentages of authorities that a boundary change touched are not merged: they have no counts to merge by.
    """
    local = set(areas.loc[areas["level"].eq("local authority") & areas["closed"].eq(""), "area_code"])
    held = values[values["measure"].eq(measure) & values["breakdown"].eq("Total")]
    held = held.assign(unit=held["area_code"], year=held["period"].astype(int))
    matrix = as_matrix(held[held["area_code"].isin(local)])
    if matrix is None:
        return None
    england = as_matrix(held[held["area_code"].eq(terms.ENGLAND)], (terms.ENGLAND,), matrix.years)
    return matrix, england.values[0]  # type: ignore[union-attr]


def as_matrix(
    rows: pd.DataFrame, codes: tuple[str, ...] | None = None, years: tuple[int, ...] | None = None
) -> Matrix | None:
    """Sums by unit and year; years without a gap from the first to the last that has a figure; None without any.

    rows: unit, year, value, status, one an area, year and category; codes, years: left out, those of the rows.
    """
    if rows.empty and (codes is None or years is None):
        return None
    codes = codes or tuple(sorted(rows["unit"].unique()))
    if years is None:
        held = rows.loc[rows["value"].notna(), "year"]
        if held.empty:
            return None
        years = tuple(range(int(held.min()), int(held.max()) + 1))
    cube = as_cube(rows.assign(category=""), codes, years, ("",))
    return Matrix(codes, years, cube[:, :, 0])


def as_cube(
    rows: pd.DataFrame, codes: tuple[str, ...], years: tuple[int, ...], categories: Sequence[str]
) -> np.ndarray:
    """Sums by unit, year and category, NaN where one of the areas summed has no figure, or none is there at all.

    rows: unit, year, category, value, status, one an area, year and category; years without a gap.
    """
    at = np.stack(
        [
            pd.Index(codes).get_indexer(rows["unit"]),
            rows["year"].to_numpy() - years[0],
            pd.Index(categories).get_indexer(rows["category"]),
        ]
    )
    shape = (len(codes), len(years), len(categories))
    inside = ((at >= 0) & (at < np.array(shape)[:, None])).all(axis=0)
    place, value = np.ravel_multi_index(at[:, inside], shape), rows["value"].to_numpy(dtype=float)[inside]
    # Not applicable (nobody over 19 held a statement; an authority not yet there) is no gap in a sum.
    lost = np.isnan(value) & rows["status"].ne("z").to_numpy()[inside]
    size = int(np.prod(shape))
    seen = np.bincount(place, ~np.isnan(value), minlength=size)
    sums = np.bincount(place, np.nan_to_num(value), minlength=size).astype(float)  # counts, not weights, of no rows
    broken = np.bincount(place, lost, minlength=size) > 0
    sums[broken | (seen == 0)] = np.nan
    return sums.reshape(shape)


def _history(
    plans: Matrix, bands: np.ndarray, counts: dict[str, Matrix], own: dict[str, Matrix], unit: dict[str, str]
) -> History:
    """History with its doubtful flows, far from the unit's usual share of all, found and set aside."""
    flows, doubts = {}, []
    for name, flow in counts.items():
        far = _far(flow.values)
        doubts += [
            Doubt(flow.codes[unit], name, flow.years[year], float(flow.values[unit, year]))
            for unit, year in zip(*np.nonzero(far), strict=True)
        ]
        flows[name] = replace(flow, values=np.where(far, np.nan, flow.values))
    return History(plans.years[-1], plans, bands, counts, flows, own, unit, tuple(doubts))


def _far(counts: np.ndarray) -> np.ndarray:
    """True where a count's share of the whole is more than FAR times, or less than a FAR-th, of the median of AROUND
    years; small counts (usual under 20) may swing as they will.
    """
    if counts.shape[1] < 3:
        return np.zeros(counts.shape, dtype=bool)
    whole = _whole(counts)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.log(np.where(counts > 0, counts, 0.5) / whole)
    share[np.isnan(counts) | ~np.isfinite(share)] = np.nan
    width = min(AROUND, counts.shape[1])
    starts = np.clip(np.arange(counts.shape[1]) - width // 2, 0, counts.shape[1] - width)
    usual = np.stack([_median(share[:, start : start + width]) for start in starts], axis=1)
    return (np.abs(share - usual) > np.log(FAR)) & (np.exp(usual) * whole >= 20)


def _median(share: np.ndarray) -> np.ndarray:
    """Median of each row's known values; NaN for a row without any."""
    held = ~np.isnan(share).all(axis=1)
    result = np.full(len(share), np.nan)
    result[held] = np.nanmedian(share[held], axis=1)
    return result


def _whole(counts: np.ndarray) -> np.ndarray:
    """Sum by year over the units that have every year, shape (years,); over all units where none has.

    A year of which nobody has a figure counts for no unit, and has no sum: NaN.
    """
    held = ~np.isnan(counts).all(axis=0)
    whole = ~np.isnan(counts[:, held]).any(axis=1)
    return np.where(held, np.nansum(counts[whole] if whole.any() else counts, axis=0), np.nan)


def carried(flow: Matrix, upto: int) -> np.ndarray:
    """Flow of every year up to `upto` with gaps filled by the unit's share of the whole, shape (units, years).

    Between known years the share runs straight; after the last it stays. A year that nobody has a figure of takes
    its whole from the years around it in the same way. NaN for a unit without any figure.
    """
    counts = np.where(flow.values > 0, flow.values, np.where(flow.values == 0, 0.5, np.nan))
    counts = counts[:, : upto - flow.years[0] + 1]
    whole = _whole(counts)
    held = np.flatnonzero(~np.isnan(whole))
    if len(held):
        whole = np.exp(np.interp(np.arange(len(whole)), held, np.log(whole[held])))
    share = np.log(counts / whole)
    for unit in np.flatnonzero(np.isnan(share).any(axis=1) & ~np.isnan(share).all(axis=1)):
        known = np.flatnonzero(~np.isnan(share[unit]))
        share[unit] = np.interp(np.arange(share.shape[1]), known, share[unit, known])
    return np.exp(share) * whole


def national_growth(counts: np.ndarray) -> np.ndarray:
    """Log growth of all units together by year, over the units that have both years, shape (years - 1,)."""
    growth = np.full(counts.shape[1] - 1, np.nan)
    for at in range(1, counts.shape[1]):
        both = ~np.isnan(counts[:, at - 1 : at + 1]).any(axis=1)
        before, after = counts[both, at - 1].sum(), counts[both, at].sum()
        growth[at - 1] = np.log(after / before) if before > 0 and after > 0 else np.nan
    return growth
