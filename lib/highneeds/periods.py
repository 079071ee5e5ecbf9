"""Periods and their bases: what span or day a figure speaks of, in data, in words, in order.

A period is a string that sorts within its basis: `2024`, `2023-24`, `2024-03`, `2025-03-18`.
The basis says how to read it, because calendar-year flows, January stocks and financial-year
money meet in one committee table.
"""

import calendar
import re
from datetime import date

CALENDAR_YEAR = "calendar year"
JANUARY = "January"
FINANCIAL_YEAR = "financial year"
CALENDAR_MONTH = "calendar month"
MID_YEAR = "mid-year"
AT_DATE = "at date"
AS_LABELLED = "as labelled"

_SHAPES = {
    CALENDAR_YEAR: r"\d{4}",
    JANUARY: r"\d{4}",
    MID_YEAR: r"\d{4}",
    FINANCIAL_YEAR: r"\d{4}-\d{2}",
    CALENDAR_MONTH: r"\d{4}-\d{2}",
    AT_DATE: r"\d{4}-\d{2}-\d{2}",
}

# A change between two years, as a sentence says when it was.
_SPANS = {JANUARY: "from January {first} to January {last}", CALENDAR_YEAR: "from calendar {first} to {last}"}

# SEN2 survey days: the day on which January's stock is counted.
SURVEY_DAYS = {
    2023: date(2023, 1, 19),
    2024: date(2024, 1, 18),
    2025: date(2025, 1, 16),
    2026: date(2026, 1, 15),
    2027: date(2027, 1, 21),
}


def is_well_formed(period: str, basis: str) -> bool:
    """True where the period has the shape its basis asks for."""
    shape = _SHAPES.get(basis)
    return shape is None or re.fullmatch(shape, period) is not None


def is_financial_year(text: object) -> bool:
    """True for `2026-27`; False for `2026-28`, `2026/27`, 2026 and whatever else names no financial year."""
    return is_split_year(text, "-")


def is_split_year(text: object, mark: str) -> bool:
    """True for two years in a row with this mark between: `2026-27`, or an academic year as `2026/27`."""
    shaped = isinstance(text, str) and re.fullmatch(rf"\d{{4}}{mark}\d{{2}}", text, re.ASCII) is not None
    return shaped and text == years_on(text, 0)


def years_on(year: str, by: int = 1) -> str:
    """The financial or academic year so many years later, written as it is: `2018/19` and 2 give `2020/21`."""
    start = int(year[:4]) + by
    return f"{start:04d}{year[4]}{(start + 1) % 100:02d}"


def financial_year_of(day: date) -> str:
    """The financial year that a day lies in: 31 March 2024 in `2023-24`."""
    start = day.year if day.month > 3 else day.year - 1
    return years_on(f"{start:04d}-", 0)


def years_between(first: str, last: str) -> int:
    """Number of years from one year to another; negative where the second is earlier."""
    return int(last[:4]) - int(first[:4])


def last_day(period: str, basis: str) -> date:
    """Day on which the period is over (for a stock, the day it is counted)."""
    year = int(period[:4])
    if basis == JANUARY:
        return SURVEY_DAYS.get(year, date(year, 1, 31))
    if basis == MID_YEAR:
        return date(year, 6, 30)
    if basis == FINANCIAL_YEAR:
        return date(year + 1, 3, 31)
    if basis == CALENDAR_MONTH:
        month = int(period[5:7])
        return date(year, month, calendar.monthrange(year, month)[1])
    if basis == AT_DATE:
        return date.fromisoformat(period)
    return date(year, 12, 31)


def previous_year(period: str, basis: str) -> str:
    """Same period one year earlier."""
    year = int(period[:4]) - 1
    if basis == FINANCIAL_YEAR:
        return f"{year}-{(year + 1) % 100:02d}"
    return f"{year}{period[4:]}"


def label(period: str, basis: str) -> str:
    """Short form for a table head or an axis: `2024`, `Jan 2025`, `2023-24`, `Mar 2024`."""
    if basis == JANUARY:
        return f"Jan {period}"
    if basis == MID_YEAR:
        return f"mid-{period}"
    if basis == CALENDAR_MONTH:
        return f"{calendar.month_abbr[int(period[5:7])]} {period[:4]}"
    if basis == AT_DATE:
        return day_in_words(date.fromisoformat(period))
    return period


def in_words(period: str, basis: str) -> str:
    """Form for a sentence, with its preposition: `in calendar 2024`, `on 16 January 2025`; a span of years as one."""
    if basis in _SPANS and " to " in period:
        first, last = period.split(" to ")
        return _SPANS[basis].format(first=first, last=last)
    year = int(period[:4])
    if basis == JANUARY and year in SURVEY_DAYS:
        return f"on {day_in_words(SURVEY_DAYS[year])}"
    if basis == JANUARY:
        return f"in January {year}"
    if basis == MID_YEAR:
        return f"in mid-{year}"
    if basis == CALENDAR_YEAR:
        return f"in calendar {year}"
    if basis == CALENDAR_MONTH:
        return f"in {calendar.month_name[int(period[5:7])]} {year}"
    if basis == AT_DATE:
        return f"on {day_in_words(date.fromisoformat(period))}"
    return f"in {period}"


def day_in_words(day: date) -> str:
    """`18 March 2025`, without a leading zero on any operating system."""
    return f"{day.day} {calendar.month_name[day.month]} {day.year}"


def month_range(first: str, last: str) -> str:
    """`March 2024 to February 2025`."""
    start, end = (in_words(month, CALENDAR_MONTH).removeprefix("in ") for month in (first, last))
    return f"{start} to {end}"
