"""The forms in which case systems and spreadsheets write a day, and what one text can mean.

A text such as 03/04/2025 has two readings. This module gives both and never chooses: `clean.dates` decides for a
whole column, and the mapping of an extract shows the analyst what the columns themselves show.
Days lie in 1900 to 2100. Two-digit years 00 to 49 are 2000 to 2049, 50 to 99 are 1950 to 1999.
Time of day is dropped; a time marked as UTC (`Z`, `+00:00`) gives the day in England, so that midnight in summer time
stored as 23:00 UTC does not become the day before.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

DAY_FIRST, MONTH_FIRST, MIXED = "day first", "month first", "mixed"
DAY = "datetime64[s]"

ISO = "year-month-day"
NAMED = "day, month's name and year"
PARTS = "day and month as numbers"
COMPACT = "eight digits, year first"
SERIAL = "Excel day numbers"
FORMS = (ISO, NAMED, PARTS, COMPACT, SERIAL)
NUMBERS = (COMPACT, SERIAL)  # a whole number, so its column's name must say that it is a date

_TIME = (
    r"(?:[ T]+(?P<time>[0-2]?\d:[0-5]\d(?::[0-5]\d(?:[.,]\d{1,9})?)?)(?: ?[ap]\.?m\.?)?"
    r" ?(?P<zone>z|utc|gmt|[+-]\d{2}:?\d{2})?)?"
)
_WEEKDAY = r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?,? )?"
_MONTH = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_DAY, _YEAR = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?", r"(?P<year>\d{4}|\d{2})"
# Form, pattern; the first that fits a text is its form.
_PATTERNS = (
    (ISO, r"(?P<year>\d{4})(?P<one>[-/.])(?P<month>\d{1,2})(?P<two>[-/.])(?P<day>\d{1,2})" + _TIME),
    (PARTS, r"(?P<day>\d{1,2})(?P<one>[-/.])(?P<month>\d{1,2})(?P<two>[-/.])" + _YEAR + _TIME),
    (NAMED, r"(?P<year>\d{4})[-/. ]" + _MONTH + r"[-/. ](?P<day>\d{1,2})" + _TIME),
    (NAMED, _WEEKDAY + _DAY + r"(?:[-/.]| ?(?:of )?)" + _MONTH + r"[-/., ]{0,2}" + _YEAR + _TIME),
    (NAMED, _WEEKDAY + _MONTH + r"[-/. ]" + _DAY + r"[-/., ]{1,2}(?P<year>\d{4})" + _TIME),
    (COMPACT, r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})(?:\.0+)?"),
    (SERIAL, r"(?P<serial>\d{5})(?:\.\d*)?"),
)
_MONTHS = {name: n for n, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), start=1)}
_SERIALS = (18264, 54788)  # 1950-01-01 to 2049-12-31, day 0 being 1899-12-30
_UTC = ("z", "utc", "gmt", "+00:00", "+0000", "-00:00")
_NONE = np.datetime64("NaT", "s")


@dataclass(frozen=True)
class Readings:
    """Distinct texts of a column and what each can mean.

    codes: for each row of the column the position of its text, -1 where blank. day_first, month_first: the day
    (datetime64[s]) under each order; the same where a text has but one meaning, NaT where it has none.
    form: position in FORMS, -1 where no form fits.
    """

    codes: np.ndarray
    day_first: np.ndarray
    month_first: np.ndarray
    form: np.ndarray

    @property
    def two_meanings(self) -> np.ndarray:
        """Texts that are one day when read day first, and another when read month first."""
        both = ~np.isnat(self.day_first) & ~np.isnat(self.month_first)
        return both & (self.day_first != self.month_first)

    @property
    def readable(self) -> np.ndarray:
        """Texts that are a day under at least one order."""
        return ~np.isnat(self.day_first) | ~np.isnat(self.month_first)

    def only(self, order: str) -> np.ndarray:
        """Texts that are a day under this order alone."""
        day, month = ~np.isnat(self.day_first), ~np.isnat(self.month_first)
        return day & ~month if order == DAY_FIRST else month & ~day

    @property
    def shown(self) -> str:
        """Order that the texts show by themselves: `day first`, `month first`, `mixed`, or nothing."""
        orders = [order for order in (DAY_FIRST, MONTH_FIRST) if self.only(order).any()]
        return MIXED if len(orders) == 2 else "".join(orders)

    def rows(self, texts: np.ndarray, most: int = 2) -> tuple[int, ...]:
        """Positions of the first rows of distinct texts among those marked."""
        marked = np.append(texts, False)[self.codes]
        found = np.flatnonzero(marked)
        firsts = found[np.unique(self.codes[found], return_index=True)[1]]
        return tuple(int(row) for row in np.sort(firsts)[:most])


def read_forms(text: pd.Series) -> Readings:
    """What the texts of a column can mean as days; never raises on a text. Each distinct text is read once."""
    codes, distinct = pd.factorize(text.astype("str"))
    plain = _plain(distinct)
    blank = pc.equal(plain, "").to_numpy(zero_copy_only=False)
    day_first = np.full(len(plain), _NONE)
    month_first, form, at = day_first.copy(), np.full(len(plain), -1, dtype=np.int8), np.arange(len(plain))
    for name, pattern in _PATTERNS:
        if not len(plain):
            break
        parts = pc.extract_regex(plain, f"(?i)^{pattern}$")
        fits = parts.is_valid().to_numpy(zero_copy_only=False)
        if fits.any():
            form[at[fits]] = FORMS.index(name)
            day_first[at[fits]], month_first[at[fits]] = _days(parts.drop_null(), name)
            at, plain = at[~fits], plain.filter(pa.array(~fits))
    codes = np.where(np.append(blank, True)[codes], -1, codes)
    return Readings(codes, day_first, month_first, form)


def _plain(distinct: pd.Index) -> pa.Array:
    """Texts without outer spaces, with plain spaces and dashes."""
    texts = pa.array(distinct, type=pa.large_string(), from_pandas=True)
    texts = texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts
    spaced = pc.replace_substring_regex(texts, r"[\s\v\x1c-\x1f\x{85}\p{Z}]+", " ")
    return pc.utf8_trim(pc.replace_substring_regex(spaced, "[\u2010-\u2015\u2212]", "-"), " ")


def _days(parts: pa.StructArray, form: str) -> tuple[np.ndarray, np.ndarray]:
    """Days under both orders, from the parts of the texts that fit a form."""
    if form == SERIAL:
        serial = _numbers(parts, "serial")
        inside = (serial >= _SERIALS[0]) & (serial <= _SERIALS[1])
        days = np.where(inside, np.datetime64("1899-12-30", "s") + serial * np.timedelta64(86_400, "s"), _NONE)
        return days, days
    year, day = _full_years(_numbers(parts, "year")), _numbers(parts, "day")
    month = _named_months(parts) if form == NAMED else _numbers(parts, "month")
    first = _calendar(year, month, day)
    if form in (ISO, PARTS):
        same = pc.equal(parts.field("one"), parts.field("two")).to_numpy(zero_copy_only=False)
        first = np.where(same, first, _NONE)
    second = np.where(same, _calendar(year, day, month), _NONE) if form == PARTS else first
    return (first, second) if form == COMPACT else (_in_england(first, parts), _in_england(second, parts))


def _numbers(parts: pa.StructArray, name: str) -> np.ndarray:
    return parts.field(name).cast(pa.int64()).to_numpy(zero_copy_only=False)


def _full_years(years: np.ndarray) -> np.ndarray:
    return np.where(years < 50, years + 2000, np.where(years < 100, years + 1900, years))


def _named_months(parts: pa.StructArray) -> np.ndarray:
    short = pc.utf8_lower(pc.utf8_slice_codeunits(parts.field("month"), 0, 3))
    return pc.add(pc.index_in(short, pa.array(list(_MONTHS), type=short.type)), 1).to_numpy(zero_copy_only=False)


def _calendar(year: np.ndarray, month: np.ndarray, day: np.ndarray) -> np.ndarray:
    """Days of the calendar; NaT for a 31 February, and for years outside 1900 to 2100."""
    real = (year >= 1900) & (year <= 2100) & (month >= 1) & (month <= 12)
    months = (np.where(real, year, 1970) - 1970) * 12 + np.where(real, month, 1) - 1
    first = months.astype("datetime64[M]")
    last = ((first + 1).astype("datetime64[D]") - first.astype("datetime64[D]")).astype(int)
    real &= (day >= 1) & (day <= last)
    days = first.astype("datetime64[D]") + np.where(real, day - 1, 0)
    return np.where(real, days.astype("datetime64[s]"), _NONE)


def _in_england(days: np.ndarray, parts: pa.StructArray) -> np.ndarray:
    """The day after where a time marked as UTC is past midnight by English clocks."""
    utc = pc.is_in(pc.utf8_lower(parts.field("zone")), pa.array(_UTC, type=parts.field("zone").type))
    late = pc.match_substring_regex(parts.field("time"), "^23:")
    moved = pc.and_(utc, late).fill_null(False).to_numpy(zero_copy_only=False) & ~np.isnat(days)
    if not moved.any():
        return days
    clock = pd.DatetimeIndex(days[moved] + np.timedelta64(23, "h")).tz_localize("UTC").tz_convert("Europe/London")
    days = days.copy()
    days[moved] = clock.tz_localize(None).normalize().to_numpy().astype("datetime64[s]")
    return days
