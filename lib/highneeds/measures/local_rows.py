"""Tidy rows of local measures: periods laid out without gaps, counts, shares and their status.

Owns how rows are placed in periods and splits, and which symbol stands beside a value. What is counted belongs to
the measures. A frame of rows has: period, period_basis, one column a split, measure, numerator, denominator, value,
status. Counts have no denominator; shares are 0-100. Nothing is suppressed here.
Status: `p` the period is not over, or late entries may still come; `n` the inputs carry no such field;
`z` no case to take a share of.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from highneeds.errors import ParamsError
from highneeds.periods import AS_LABELLED, AT_DATE, CALENDAR_MONTH, CALENDAR_YEAR, last_day

PART, PROVISIONAL, COMPLETE = "part", "provisional", ""
NOT_RECORDED = "not recorded"
ALL_PERIODS = "all"
SPLITS = {"area": "area", "source": "request_source", "reason": "cease_reason"}
FIGURES = ["measure", "numerator", "denominator", "value", "status"]
_BASES = {"month": CALENDAR_MONTH, "year": CALENDAR_YEAR}


@dataclass(frozen=True)
class Grid:
    """Every cell that is counted: periods without gaps, times the values of each split; one row of `cells` each."""

    basis: str
    first: int
    periods: int
    splits: np.ndarray
    cells: pd.DataFrame

    def place(self, dates: pd.Series) -> np.ndarray:
        """Number of the cell of each row by its date; -1 where it has none."""
        numbers, known = period_numbers(dates, self.basis)
        inside = known & (numbers >= self.first) & (numbers < self.first + self.periods)
        return np.where(inside, (numbers - self.first) * (len(self.cells) // self.periods) + self.splits, -1)

    def tally(self, places: np.ndarray, where: np.ndarray | None = None) -> np.ndarray:
        """Number of rows in each cell, of those where the condition holds."""
        kept = places >= 0 if where is None else (places >= 0) & np.asarray(where)
        return np.bincount(places[kept], minlength=len(self.cells))

    def count(self, measure: str, places: np.ndarray, where: np.ndarray | None = None) -> pd.DataFrame:
        """Rows of a count."""
        return self.rows(measure, self.tally(places, where))

    def share(self, measure: str, places: np.ndarray, part: np.ndarray, whole: np.ndarray) -> pd.DataFrame:
        """Rows of a share: those of the whole where the part holds too, of the whole."""
        part, whole = np.asarray(part), np.asarray(whole)
        return self.rows(measure, self.tally(places, part & whole), self.tally(places, whole))

    def rows(self, measure: str, numerator: np.ndarray, denominator: np.ndarray | None = None) -> pd.DataFrame:
        """Rows from counts by cell; value is the count, or the share where a denominator is given."""
        below = np.full(len(self.cells), np.nan) if denominator is None else denominator.astype(float)
        value = numerator.astype(float) if denominator is None else percentage(numerator, below)
        status = np.where(below == 0, "z", "")
        return self.cells.assign(
            measure=measure, numerator=numerator.astype(float), denominator=below, value=value, status=status
        )

    def not_held(self, measure: str) -> pd.DataFrame:
        """Rows of a measure whose field no input carries."""
        nothing = np.full(len(self.cells), np.nan)
        return self.cells.assign(measure=measure, numerator=nothing, denominator=nothing, value=nothing, status="n")


def percentage(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """100 * part / whole, missing where the whole is 0."""
    part, whole = np.asarray(part, dtype=float), np.asarray(whole, dtype=float)
    return np.divide(100 * part, whole, out=np.full(len(part), np.nan), where=whole > 0)


def period_numbers(dates: pd.Series, basis: str) -> tuple[np.ndarray, np.ndarray]:
    """Whole number of the month or year of each date, and whether there is a date."""
    months = dates.to_numpy().astype("datetime64[M]")
    known = ~np.isnat(months)
    numbers = np.where(known, months.astype("int64"), 0)
    if basis == CALENDAR_YEAR:
        numbers = numbers // 12
    return (numbers if basis in _BASES.values() else np.zeros_like(numbers)), known


def grid(
    frame: pd.DataFrame, by: str | Sequence[str], *, dates: Iterable[pd.Series], at: date | None = None
) -> Grid | None:
    """Grid over the periods of these dates (to the period of `at`) and the splits named in `by`.

    by: `month`, `year`, and splits `area`, `source`; without month or year there is one period, `all`. None where a
    split's column is not in the frame or there is no date. Raises ParamsError where `by` names something else.
    """
    names = [by] if isinstance(by, str) else list(by)
    _check(names)
    basis = next((_BASES[name] for name in names if name in _BASES), AS_LABELLED)
    columns = [SPLITS[name] for name in names if name in SPLITS]
    ends = [pair for series in dates if (pair := _ends(series, basis))]
    if not ends or any(column not in frame for column in columns):
        return None
    ends += [] if at is None else [_ends(pd.Series([pd.Timestamp(at)]), basis) or ends[0]]
    first, last = min(pair[0] for pair in ends), max(pair[1] for pair in ends)
    codes, cells = _cells(frame, columns, [_period_label(number, basis) for number in range(first, last + 1)])
    cells.insert(1, "period_basis", basis)
    return Grid(basis, first, last - first + 1, codes, cells)


def no_rows(by: str | Sequence[str] = ()) -> pd.DataFrame:
    """Empty frame with the columns of rows."""
    names = [by] if isinstance(by, str) else list(by)
    columns = ["period", "period_basis", *[SPLITS[name] for name in names if name in SPLITS], *FIGURES]
    return pd.DataFrame({column: pd.Series(dtype="str") for column in columns}).astype(
        dict.fromkeys(["numerator", "denominator", "value"], "float64")
    )


def period_state(period: str, basis: str, *, at: date, late_days: int = 0) -> str:
    """`part` where the period is not over at `at`; `provisional` where late entries may still come; else empty."""
    if basis not in _BASES.values():
        return COMPLETE
    end = last_day(period, basis)
    if at < end:
        return PART
    return PROVISIONAL if at < end + timedelta(days=late_days) else COMPLETE


def table(parts: list[pd.DataFrame], *, at: date | None = None, late_days: int = 0) -> pd.DataFrame:
    """Rows put together; status `p` for periods that are part or provisional at `at`."""
    rows = pd.concat(parts, ignore_index=True)
    if at is None:
        return rows
    pairs = rows[["period", "period_basis"]].drop_duplicates().itertuples(index=False)
    unsure = {period for period, basis in pairs if period_state(period, basis, at=at, late_days=late_days)}
    return rows.assign(status=rows["status"].mask(rows["period"].isin(unsure) & rows["status"].ne("n"), "p"))


def at_day(rows: pd.DataFrame, on: date) -> pd.DataFrame:
    """Rows of a stock: period is the day."""
    rows = rows.reset_index(drop=True)
    rows.insert(0, "period", on.isoformat())
    rows.insert(1, "period_basis", AT_DATE)
    return rows


def wide(rows: pd.DataFrame, *, figure: str = "value") -> pd.DataFrame:
    """One row a cell and one column a measure, of one figure (value, numerator or denominator)."""
    keys = [column for column in rows.columns if column not in FIGURES]
    indexed = rows.set_index(keys)
    columns = {name: indexed.loc[indexed["measure"].eq(name), figure] for name in indexed["measure"].unique()}
    return pd.concat(columns, axis="columns").reset_index() if columns else rows[keys]


def quantiles(places: np.ndarray, values: np.ndarray, shares: Sequence[float], *, size: int) -> np.ndarray:
    """Quantiles of whole numbers in each cell, between neighbours on a straight line: shape (shares, size).

    Rows placed nowhere or without a value are left out; a cell without a row is missing.
    """
    kept = (places >= 0) & ~np.isnan(values)
    cells, values = places[kept], values[kept]
    counts = np.bincount(cells, minlength=size)
    ordered = values[np.lexsort((values, cells))]
    if not len(ordered):
        return np.full((len(shares), size), np.nan)
    starts, steps = np.cumsum(counts) - counts, np.outer(shares, np.maximum(counts - 1, 0))
    low = np.minimum(starts + np.floor(steps).astype("int64"), len(ordered) - 1)
    high = np.minimum(starts + np.ceil(steps).astype("int64"), len(ordered) - 1)
    found = ordered[low] + (steps - np.floor(steps)) * (ordered[high] - ordered[low])
    return np.where(counts > 0, found, np.nan)


def truth(flag: pd.Series) -> np.ndarray:
    """Nullable flag as plain booleans; missing is False."""
    return flag.to_numpy(dtype=bool, na_value=False)


def _check(names: list[str]) -> None:
    known = [*_BASES, *SPLITS]
    strange = [name for name in names if name not in known]
    if strange or sum(name in _BASES for name in names) > 1 or len(set(names)) < len(names):
        found, one = ", ".join(names), "at most one of month and year, and each name once"
        raise ParamsError(f"by: found {found}. Expected some of {', '.join(known)}; {one}.")


def _ends(dates: pd.Series, basis: str) -> tuple[int, int] | None:
    numbers, known = period_numbers(dates, basis)
    return (int(numbers[known].min()), int(numbers[known].max())) if known.any() else None


def _period_label(number: int, basis: str) -> str:
    if basis == CALENDAR_MONTH:
        return f"{1970 + number // 12:04d}-{number % 12 + 1:02d}"
    return f"{1970 + number:04d}" if basis == CALENDAR_YEAR else ALL_PERIODS


def _cells(frame: pd.DataFrame, columns: list[str], periods: list[str]) -> tuple[np.ndarray, pd.DataFrame]:
    codes, labels = np.zeros(len(frame), dtype="int64"), []
    for column in columns:
        found, names = _split(frame[column])
        codes = codes * len(names) + found
        labels.append(names)
    cells = pd.MultiIndex.from_product([periods, *labels], names=["period", *columns]).to_frame(index=False)
    return codes, cells


def _split(column: pd.Series) -> tuple[np.ndarray, list[str]]:
    """Number of each row's value and the values in order; what is missing comes last, under its own name."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        found, names = column.cat.codes.to_numpy().astype("int64"), list(column.cat.categories)
    else:
        found, uniques = pd.factorize(column, sort=True)
        names = [str(name) for name in uniques]
    if (found < 0).any():
        return np.where(found < 0, len(names), found), [*names, NOT_RECORDED]
    return found, names or [NOT_RECORDED]
