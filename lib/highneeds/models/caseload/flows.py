"""Flows: what is known of stocks and new plans by age band and placement, as at a January.

Owns reading them from the panel and cutting them at an origin. Rates belong to `rates`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from highneeds.models.yearly.cohort import composition
from highneeds.models.yearly.history import BANDS, STOCK, History, as_cube, carried, read_history
from highneeds.terms import PLACEMENT_GROUPS

NEW, CEASED = "new_ehc_plans", "ceased_plans"
PLACEMENTS = tuple(PLACEMENT_GROUPS)


@dataclass(frozen=True, eq=False)
class Flows:
    """Stocks and flows of all units as at January `origin`.

    stocks: plans by January (years) and band, shape (units, years, 5), gaps shared out (`cohort.composition`).
    joined: new plans by calendar year (flow_years, which end the year before origin) and band, shape (units, flow
    years, 5), their sum the year's new plans. ceased: plans that ceased by calendar year and band, NaN where not held.
    placed: plans by January and placement, shape (units, years, 6), NaN where not held; crossed: plans at `cross_year`
    by band and placement, shape (units, 5, 6), NaN where not held, None where no January has them.
    """

    history: History
    years: tuple[int, ...]
    stocks: np.ndarray
    flow_years: tuple[int, ...]
    joined: np.ndarray
    ceased: np.ndarray
    placed: np.ndarray
    crossed: np.ndarray | None
    cross_year: int

    @property
    def origin(self) -> int:
        """January as at which it is known."""
        return self.history.origin


@dataclass(frozen=True, eq=False)
class Held:
    """Everything the panel has, from which `until` cuts what was known at an origin."""

    history: History
    joined: np.ndarray  # (units, flow years, 5), as published: NaN where a year has no ages
    ceased: np.ndarray
    flow_years: tuple[int, ...]
    placed: np.ndarray  # (units, years, 6)
    crossed: dict[int, np.ndarray]  # January to (units, 5, 6)

    def until(self, origin: int) -> Flows | None:
        """As known at a January; None where bands or new plans by age were not held then."""
        history = self.history if origin == self.history.origin else self.history.until(origin)
        stocks = composition(history)
        new = history.flows.get(NEW)
        if stocks is None or new is None or new.years[-1] != origin - 1:
            return None
        years = new.years
        at = [self.flow_years.index(year) for year in years if year in self.flow_years]
        if len(at) != len(years):
            return None
        totals = carried(new, origin - 1)
        joined = _shared_out(self.joined[:, at], totals)
        kept = len(history.plans.years)
        crossed = [year for year in self.crossed if year <= origin]
        cross_year = max(crossed, default=origin)
        return Flows(
            history,
            history.plans.years,
            stocks,
            years,
            joined,
            self.ceased[:, at],
            self.placed[:, :kept],
            self.crossed[cross_year] if crossed else None,
            cross_year,
        )


def read_flows(values: pd.DataFrame, areas: pd.DataFrame) -> Held | None:
    """Stocks and flows from the panel's values (schemas.VALUES) and areas; None where new plans by age are not held."""
    history = read_history(values, areas)
    if history is None or NEW not in history.flows:
        return None
    held = values[values["area_code"].isin(history.unit) & values["measure"].isin([STOCK, NEW, CEASED])]
    held = held.assign(unit=held["area_code"].map(history.unit), year=held["period"].astype(int)).reset_index(drop=True)
    years = history.flows[NEW].years
    joined = _stack(held, history, NEW, BANDS, years)
    if np.isnan(joined).all():
        return None
    ceased = _stack(held, history, CEASED, BANDS, years)
    placed = _stack(held, history, STOCK, PLACEMENTS, history.plans.years)
    crossed = {}
    cells = [f"{band}, {placement}" for band in BANDS for placement in PLACEMENTS]
    for year in sorted(held.loc[held["breakdown"].isin(cells) & held["measure"].eq(STOCK), "year"].unique()):
        found = _stack(held, history, STOCK, cells, (int(year),))[:, 0]
        crossed[int(year)] = found.reshape(len(found), len(BANDS), len(PLACEMENTS))
    return Held(history, joined, ceased, years, placed, crossed)


def _stack(
    held: pd.DataFrame, history: History, measure: str, categories: Sequence[str], years: tuple[int, ...]
) -> np.ndarray:
    """Figures of a measure by unit, year and category."""
    mine = held[held["measure"].eq(measure)].assign(category=lambda rows: rows["breakdown"])
    return as_cube(mine, history.codes, years, categories)


def _shared_out(bands: np.ndarray, totals: np.ndarray) -> np.ndarray:
    """New plans by band that sum to each year's total; where a unit's ages are not held, by the nation's shares."""
    bands = np.where(np.isnan(bands) & ~np.isnan(bands).all(axis=2, keepdims=True), 0, bands)
    whole = bands.sum(axis=2, keepdims=True)
    national = np.nansum(bands, axis=0)
    national = national / np.maximum(national.sum(axis=1, keepdims=True), 1)
    known = np.nan_to_num(whole) > 0
    shares = np.where(known, bands / np.where(known, whole, 1), national)
    return shares * totals[:, :, None]


def with_gaps_filled(flows: Flows) -> Flows:
    """The same with every missing placement count taken from the nation's shares of the year.

    A January of which nobody's placements are held is spread evenly: its total is right, and no placement of it shown.
    """
    national = np.nansum(flows.placed, axis=0)
    whole = national.sum(axis=1, keepdims=True)
    even = np.full_like(national, 1 / national.shape[1])
    shares = np.where(whole > 0, national / np.maximum(whole, 1), even)
    lost = np.isnan(flows.placed).any(axis=2, keepdims=True)
    plans = flows.history.plans.values[:, :, None]
    return replace(flows, placed=np.where(lost, plans * shares, flows.placed))
