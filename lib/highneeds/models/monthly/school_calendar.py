"""School calendar: school days of English months by rule, and the shape of a year of requests that follows from them.

A usual term calendar, with no table of dates to maintain: bank holidays, Easter by the computus, half terms, two weeks
at Christmas and Easter, six in summer. Authorities and academies differ by a few days (some have a two-week October
half term), and single royal holidays are not known: the models learn what an authority's own months say beyond it.
"""

import calendar
from collections.abc import Sequence
from datetime import date, timedelta
from functools import lru_cache

import numpy as np

# A working day of the school holidays, in school days. Most requests come from schools, which stop; those of parents,
# young people and health services go on, and are taken as about three in ten. An assumption, fitted to no authority;
# it decides how low August lies before a model has learnt an authority's own months.
HOLIDAY_WEIGHT = 0.3
_MONDAY, _SATURDAY = 0, 5
_WEEK = timedelta(weeks=1)


def easter(year: int) -> date:
    """Easter Sunday (Gregorian). Source: the anonymous computus, Nature, 20 April 1876."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    weekday = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 22 * weekday) // 451
    month, day = divmod(h + weekday - 7 * m + 114, 31)
    return date(year, month, day + 1)


def bank_holidays(year: int) -> frozenset[date]:
    """Bank holidays of England in a calendar year, substitute days included; single royal ones are not known.

    Source: Banking and Financial Dealings Act 1971, schedule 1, and the usual early May and New Year proclamations.
    """
    sunday = easter(year)
    days = {sunday - timedelta(2), sunday + timedelta(1), _monday_from(date(year, 5, 1))}
    days |= {_last_monday(year, 5), _last_monday(year, 8)}
    for day in (date(year, 1, 1), date(year, 12, 25), date(year, 12, 26)):
        while day.weekday() >= _SATURDAY or day in days:
            day += timedelta(1)
        days.add(day)
    return frozenset(days)


def school_holidays(year: int) -> tuple[tuple[date, date], ...]:
    """Holidays that begin in a calendar year: first Monday and last Sunday of each, in order.

    February half term: the week of the first Monday from 12 February; Easter: two weeks (`_easter_break`); May half
    term: the week of the spring bank holiday; summer: six weeks from the first Monday from 20 July; October half term:
    the week of the first Monday from 23 October; Christmas: two weeks from the first Monday from 19 December.
    """
    starts = (
        (_monday_from(date(year, 2, 12)), 1),
        (_easter_break(year), 2),
        (_last_monday(year, 5), 1),
        (_monday_from(date(year, 7, 20)), 6),
        (_monday_from(date(year, 10, 23)), 1),
        (_monday_from(date(year, 12, 19)), 2),
    )
    return tuple((start, start + weeks * _WEEK - timedelta(1)) for start, weeks in starts)


def is_school_day(day: date) -> bool:
    """True on a weekday of term (training days of staff count: requests are written on them too)."""
    return bool(_weights(day.year)[day] == 1)


def school_days(month: str) -> int:
    """School days of a month such as `2024-03`."""
    return int(np.sum(day_weights(month) == 1))


def day_weights(month: str) -> np.ndarray:
    """Weight of each day of a month: 1 a school day, HOLIDAY_WEIGHT a holiday's working day, 0 the others."""
    year, number = int(month[:4]), int(month[5:7])
    days = calendar.monthrange(year, number)[1]
    weights = _weights(year)
    return np.array([weights[date(year, number, day)] for day in range(1, days + 1)])


@lru_cache(maxsize=1024)
def month_weight(month: str) -> float:
    """Requests expected of a month, in those of one school day."""
    return float(day_weights(month).sum())


@lru_cache(maxsize=1024)
def share_of_year(month: str) -> float:
    """Share (0-1) of its calendar year's requests expected in a month: the borrowed profile."""
    return month_weight(month) / sum(month_weight(f"{month[:4]}-{number:02d}") for number in range(1, 13))


def profile(months: Sequence[str]) -> np.ndarray:
    """Requests expected of each month, in those of an average month of its year."""
    return np.array([12 * share_of_year(month) for month in months])


def exposure_share(month: str, *, day: int) -> float:
    """Share (0-1) of a month's requests expected by the end of this day of it, counted from 1; 0 before the first.

    Raises ValueError for a day outside the month.
    """
    weights = day_weights(month)
    if not 0 <= day <= len(weights):
        raise ValueError(f"{month}: day {day} is not in the month; expected 0 to {len(weights)}.")
    passed = np.concatenate([[0.0], weights.cumsum()])
    return float(passed[day] / passed[-1])


@lru_cache(maxsize=256)
def _weights(year: int) -> dict[date, float]:
    """Weight of every day of a year. Christmas holidays begun the year before reach into it."""
    closed = {
        start + timedelta(step)
        for start, end in (*school_holidays(year - 1), *school_holidays(year))
        for step in range((end - start).days + 1)
    }
    off, first = bank_holidays(year), date(year, 1, 1)
    days = (first + timedelta(step) for step in range((date(year + 1, 1, 1) - first).days))
    return {
        day: 0.0 if day in off or day.weekday() >= _SATURDAY else HOLIDAY_WEIGHT if day in closed else 1.0
        for day in days
    }


def _easter_break(year: int) -> date:
    """Monday on which two weeks begin: after an early Easter, around a usual one, before a late one."""
    sunday = easter(year)
    if sunday < date(year, 4, 5):
        return sunday + timedelta(1)
    return sunday - timedelta(6) if sunday <= date(year, 4, 15) else sunday - timedelta(13)


def _monday_from(day: date) -> date:
    return day + timedelta((_MONDAY - day.weekday()) % 7)


def _last_monday(year: int, month: int) -> date:
    last = date(year, month, calendar.monthrange(year, month)[1])
    return last - timedelta((last.weekday() - _MONDAY) % 7)
