"""Bands of funding for plans, from sampled costs: their values, what they mean for a school, and a guarantee.

Owns cutting and pricing bands. A sample says what its own plans would change by, nothing of plans not sampled.
"""

import numpy as np
import pandas as pd

from highneeds.errors import SchemaError
from highneeds.periods import years_on

FEWEST = 5  # sampled plans of a band
STEP_GBP = 50  # band values are rounded to it


def with_bands(sample: pd.DataFrame, bands: pd.DataFrame) -> pd.DataFrame:
    """Sampled plans with their band.

    sample: current_gbp (pounds a year). bands: band and from_gbp, the lowest cost of the band, in rising order; all
    blank cuts the sample into as many parts of equal size (equal costs stay together), in the order of the rows.
    Raises SchemaError: bounds partly blank or not rising, plans below the lowest.
    """
    cost = sample["current_gbp"].to_numpy(float)
    bounds = _bounds(cost, bands)
    at = np.searchsorted(bounds, cost, side="right") - 1
    if (at < 0).any():
        first = bands.iloc[0]
        raise SchemaError(
            f"{first['file']}: row {first['row']}, column from_gbp: {int((at < 0).sum())} sampled plans cost less "
            "than the lowest band. Expected the lowest band to start at or below the lowest cost. Lower it."
        )
    return sample.assign(band=bands["band"].to_numpy()[at])


def _bounds(cost: np.ndarray, bands: pd.DataFrame) -> np.ndarray:
    given = bands["from_gbp"].to_numpy(float)
    if np.isnan(given).all():
        inner = np.quantile(cost, np.arange(1, len(given)) / len(given))
        return np.array([-np.inf, *inner])
    rises = np.diff(given) > 0
    if not rises.all():  # a blank is no rise either
        odd = bands.iloc[1 + int(np.flatnonzero(~rises)[0])]
        raise SchemaError(
            f"{odd['file']}: row {odd['row']}, column from_gbp: it does not start above the band before it. Expected "
            "lower bounds that rise from row to row, or none at all. Order the bands, or leave every bound blank."
        )
    return given


def band_values(sample: pd.DataFrame, bands: pd.DataFrame) -> pd.DataFrame:
    """Value of each band: the median of its sampled plans, to the nearest £50.

    Gives band, plans, value_gbp in the order of `bands`. Raises SchemaError, all faults, where a band holds fewer
    than five sampled plans: too few for a price, and for the plans to stay unknown.
    """
    cost = with_bands(sample, bands).groupby("band")["current_gbp"]
    found = bands[["band", "row", "file"]].assign(plans=bands["band"].map(cost.size()).fillna(0).astype(int))
    few = found[found["plans"].lt(FEWEST)]
    if len(few):
        raise SchemaError(
            f"{row.file}: row {row.row}, band '{row.band}': {row.plans} sampled plans fall in it. Expected {FEWEST} or "
            "more. Move its bounds, make fewer bands, or sample more plans."
            for row in few.itertuples()
        )
    value = np.floor(found["band"].map(cost.median()) / STEP_GBP + 0.5) * STEP_GBP
    return found[["band", "plans"]].assign(value_gbp=value)


def effect_by_school(sample: pd.DataFrame, bands: pd.DataFrame) -> pd.DataFrame:
    """What a school's sampled plans get now, what they would get, and the difference.

    Gives school, plans, current_gbp, banded_gbp, effect_gbp = banded - current (pounds a year; below 0 is a loss).
    """
    values = band_values(sample, bands).set_index("band")["value_gbp"]
    priced = with_bands(sample, bands).assign(banded_gbp=lambda plans: plans["band"].map(values))
    sums = {name: (name, "sum") for name in ("current_gbp", "banded_gbp")}
    found = priced.groupby("school", as_index=False).agg(plans=("current_gbp", "size"), **sums)
    return found.assign(effect_gbp=found["banded_gbp"] - found["current_gbp"])


def guarantee(effect: pd.DataFrame, *, allowed_loss_pct: float) -> pd.DataFrame:
    """Adds floor_gbp = current x (1 - allowed loss) and top_up_gbp, what a losing school lacks to it; never below 0."""
    floor = effect["current_gbp"] * (1 - allowed_loss_pct / 100)
    return effect.assign(floor_gbp=floor, top_up_gbp=(floor - effect["banded_gbp"]).clip(lower=0))


def guarantee_by_year(effect: pd.DataFrame, settings: pd.Series) -> pd.DataFrame:
    """Cost of a minimum income guarantee in each of its years, and nothing in the year after it ends.

    settings: financial_year (its first), guarantee_years, allowed_loss_pct. Gives financial_year, schools (topped
    up), cost_gbp, net_gbp (what bands and guarantee together change spending by).
    """
    held = guarantee(effect, allowed_loss_pct=settings["allowed_loss_pct"])
    change, years = effect["effect_gbp"].sum(), int(settings["guarantee_years"])
    schools, cost = int(held["top_up_gbp"].gt(0).sum()), held["top_up_gbp"].sum()
    rows = [
        (years_on(settings["financial_year"], at), schools if at < years else 0, cost if at < years else 0.0)
        for at in range(years + 1)
    ]
    frame = pd.DataFrame(rows, columns=["financial_year", "schools", "cost_gbp"])
    return frame.assign(net_gbp=frame["cost_gbp"] + change)


def beside_neighbours(values: pd.DataFrame, neighbours: pd.DataFrame) -> pd.DataFrame:
    """Our band values beside the median of neighbours' values of the same band.

    Gives band, value_gbp, neighbours (how many), neighbours_gbp (missing where there is none), difference_gbp.
    """
    theirs = neighbours.groupby("band")["value_gbp"]
    median = values["band"].map(theirs.median())
    return values.assign(
        neighbours=values["band"].map(theirs.size()).fillna(0).astype(int),
        neighbours_gbp=median,
        difference_gbp=values["value_gbp"] - median,
    )
