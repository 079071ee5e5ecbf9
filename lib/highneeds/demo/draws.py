"""Draws and days as whole arrays: weighted choices, days as whole numbers, months, text from a short list.

Days are counted from 1 January 1970; `NONE` stands for no day.
"""

from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa

NONE = np.iinfo(np.int32).min
EPOCH = date(1970, 1, 1)


def day(value: date) -> int:
    """Day as a whole number."""
    return (value - EPOCH).days


# Year, month and day of the month of every day from 1900 to 2119, looked up instead of worked out.
_ORIGIN = day(date(1900, 1, 1))
_DAYS = np.arange(_ORIGIN, day(date(2120, 1, 1))).astype("datetime64[D]")
_MONTHS = _DAYS.astype("datetime64[M]").astype(np.int64)
_WITHIN = (_DAYS - _DAYS.astype("datetime64[M]").astype("datetime64[D]")).astype(np.int64)
_FIRSTS = np.arange(_MONTHS[0], _MONTHS[-1] + 1).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)


def months_of(days: np.ndarray) -> np.ndarray:
    """Months from January 1970 of each day (days beyond 1900 and 2119 count as those)."""
    return _MONTHS[np.clip(days - _ORIGIN, 0, len(_MONTHS) - 1)]


def years_of(days: np.ndarray) -> np.ndarray:
    """Calendar year of each day."""
    return months_of(days) // 12 + 1970


def month_names(months: np.ndarray) -> np.ndarray:
    """Months from January 1970 as text, `2024-03`."""
    return months.astype("datetime64[M]").astype(str)


def first_of(years: np.ndarray, month: int) -> np.ndarray:
    """First day of a month in each year, as a whole number."""
    return _FIRSTS[(np.asarray(years, dtype=np.int64) - 1970) * 12 + month - 1 - _MONTHS[0]]


def birthdays(births: np.ndarray, ages: np.ndarray | int) -> np.ndarray:
    """Day on which each person reaches an age (29 February counts as 1 March)."""
    places = births - _ORIGIN
    return _FIRSTS[_MONTHS[places] + 12 * np.asarray(ages, dtype=np.int64) - _MONTHS[0]] + _WITHIN[places]


def ages_on(births: np.ndarray, on: np.ndarray | int) -> np.ndarray:
    """Age in whole years on a day."""
    guess = years_of(np.broadcast_to(np.asarray(on, dtype=np.int64), births.shape)) - years_of(births)
    return guess - (birthdays(births, guess) > on)


def weekday(days: np.ndarray) -> np.ndarray:
    """Monday is 0. Day 0 was a Thursday."""
    return (days + 3) % 7


def back_to_weekday(days: np.ndarray) -> np.ndarray:
    """Days, with Saturdays and Sundays moved to the Friday before."""
    return days - np.maximum(weekday(days) - 4, 0)


def choose(weights: Mapping | Sequence[float], size: int, rng: np.random.Generator) -> np.ndarray:
    """Places in a list, drawn by weight."""
    values = np.fromiter(weights.values() if isinstance(weights, Mapping) else weights, dtype=float)
    edges = np.cumsum(values / values.sum())[:-1]
    return np.searchsorted(edges, rng.random(size), side="right")


def words(texts: Sequence[str], places: np.ndarray, present: np.ndarray | None = None) -> pa.Array:
    """Text by its place in a short list; missing where `present` is False."""
    mask = None if present is None else ~present
    indices = pa.array(places.astype(np.int32), mask=mask)
    return pa.array(list(texts), type=pa.string()).take(indices)


def text(values: pa.Array) -> pd.Series:
    """Arrow text as a column of a frame."""
    return pd.Series(pd.array(values, dtype="str"))


def code(weights: Mapping[str, float], size: int, rng: np.random.Generator, present=None) -> pd.Series:
    """Codes drawn by weight, as a column; missing where `present` is False."""
    return text(words(list(weights), choose(weights, size, rng), present))


def dates(days: np.ndarray) -> pd.Series:
    """Whole-number days as a column of dates; NONE is missing."""
    seconds = np.where(days == NONE, np.int64(0), days.astype(np.int64) * 86_400).astype("datetime64[s]")
    seconds[days == NONE] = np.datetime64("NaT")
    return pd.Series(seconds)


def flags(values: np.ndarray) -> pd.Series:
    """Truth values as a column that could hold missing ones."""
    return pd.Series(pd.array(values, dtype="boolean"))
