"""Ratios of declared measures, for every area at once: sums first, then divides; shares are never averaged."""

import pandas as pd

from highneeds.measures.declarations import MEASURES, Measure
from highneeds.periods import JANUARY

MIN_CASES = 10  # a rate on fewer cases is not shown: one child would move it by ten points
MAX_POPULATION_AGE = 2  # years that a population estimate may lie before the figure it serves


def ratio(measure: Measure, top: float, bottom: float) -> float:
    """Value of a ratio measure from its summed numerator and denominator."""
    share = 1 - top / bottom if measure.complement else top / bottom
    return measure.scale * share


def parts(names: tuple[str, ...]) -> list[tuple[str, str]]:
    """(measure, breakdown) of each part; `population:Age 0 to 25` names a breakdown."""
    return [(name.partition(":")[0], name.partition(":")[2] or "Total") for name in names]


def population_period(period: str, basis: str, available: list[str]) -> str | None:
    """Mid-year estimate that serves a flow of calendar year Y (mid-Y or before) or January Y (before)."""
    latest = int(period[:4]) - (1 if basis == JANUARY else 0)
    years = [year for year in available if latest - MAX_POPULATION_AGE <= int(year) <= latest]
    return max(years, default=None)


def ratio_rows(values: pd.DataFrame, name: str) -> pd.DataFrame:
    """One row an area and period: area_code, period, numerator, denominator, value.

    name: a declared ratio. Rows lacking a part are left out; a rate on too few cases
    is left missing.
    """
    measure = MEASURES[name]
    top = _sum_parts(values, parts(measure.numerator), measure.period_basis)
    bottom = _sum_parts(values, parts(measure.denominator), measure.period_basis)
    rows = pd.concat({"numerator": top, "denominator": bottom}, axis="columns").dropna().reset_index()
    enough = rows["denominator"].ge(MIN_CASES) if measure.unit == "%" else rows["numerator"].ge(MIN_CASES)
    return rows.assign(value=ratio(measure, rows["numerator"], rows["denominator"]).where(enough))


def _sum_parts(values: pd.DataFrame, wanted: list[tuple[str, str]], basis: str) -> pd.Series:
    columns = []
    for name, breakdown in wanted:
        rows = values[values["measure"].eq(name) & values["breakdown"].eq(breakdown) & values["value"].notna()]
        series = rows.set_index(["area_code", "period"])["value"]
        columns.append(_spread(series, values, basis) if name == "population" else series)
    return pd.concat(columns, axis="columns").dropna().sum(axis="columns")


def _spread(population: pd.Series, values: pd.DataFrame, basis: str) -> pd.Series:
    """Population estimates laid under the periods they serve."""
    available = sorted(population.index.get_level_values("period").unique())
    periods = values.loc[values["period_basis"].eq(basis), "period"].unique()
    serves = {period: population_period(period, basis, available) for period in periods}
    layers = {period: population.xs(year, level="period") for period, year in serves.items() if year}
    if not layers:
        return population.iloc[:0]
    return pd.concat(layers, names=["period"]).swaplevel().rename_axis(["area_code", "period"])


def yearly_change_pct(values: pd.DataFrame, name: str, period: str, previous: str) -> pd.Series:
    """Percentage change of a count for every area with both periods and MIN_CASES in the first, by area_code."""
    rows = values[values["measure"].eq(name) & values["breakdown"].eq("Total")]
    now, before = (rows[rows["period"].eq(p)].set_index("area_code")["value"] for p in (period, previous))
    return (100 * (now / before.where(before.ge(MIN_CASES)) - 1)).dropna()
