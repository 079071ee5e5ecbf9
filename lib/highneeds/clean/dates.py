"""Text to days, decided once for a whole column: the order of day and month is shown or told, never guessed.

The forms themselves, the limits of years and the pivot of two-digit years: `sources.date_forms`.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from highneeds.sources.date_forms import DAY, DAY_FIRST, FORMS, MIXED, MONTH_FIRST, Readings, read_forms

_ORDERS = ("", DAY_FIRST, MONTH_FIRST)


@dataclass(frozen=True)
class ParsedDates:
    """A column read as days.

    values: datetime64[s], NaT where a cell is blank or cannot be used. unreadable: not blank, and no day in any form.
    ambiguous: could be two days, and neither the column nor the caller says which. form: the forms found, in plain
    words. order: `day first`, `month first`, `mixed`, or "" where nothing depends on it or nothing is known.
    examples: positions (from 0) of two rows that show why a column is ambiguous or mixed, else empty.
    """

    values: pd.Series
    unreadable: pd.Series
    ambiguous: pd.Series
    form: str
    order: str
    examples: tuple[int, ...]


def parse_dates(text: pd.Series, *, order: str = "") -> ParsedDates:
    """Days of a column of text (missing allowed); order is `day first`, `month first` or "" where nobody says.

    A text with one meaning is read as what it means. One with two (03/04/2025) follows the order that the column's
    other texts show; where they show none, the order told; where they show both, or another than the one told, it is
    ambiguous and not read. Never raises on a text; ValueError for an unknown order.
    """
    if order not in _ORDERS:
        raise ValueError(f"order is {order!r}. Expected 'day first', 'month first' or nothing.")
    found = read_forms(text)
    decided = _decide(found.shown, order)
    unclear = found.two_meanings & (decided not in (DAY_FIRST, MONTH_FIRST))
    days = np.where(np.isnat(found.day_first), found.month_first, found.day_first)
    if decided == MONTH_FIRST:
        days = np.where(found.two_meanings, found.month_first, days)
    days = np.where(unclear, np.datetime64("NaT", "s"), days)
    return ParsedDates(
        values=pd.Series(np.append(days, np.datetime64("NaT", "s"))[found.codes], index=text.index, dtype=DAY),
        unreadable=_rows(~found.readable, found, text),
        ambiguous=_rows(unclear, found, text),
        form=_form(found, decided),
        order=decided if decided == MIXED or found.two_meanings.any() or found.shown else "",
        examples=_examples(found, unclear),
    )


def _decide(shown: str, told: str) -> str:
    """The order to read by; `mixed` where the column shows both, nothing where it is unknown or contradicts."""
    if shown in (DAY_FIRST, MONTH_FIRST) and told not in ("", shown):
        return ""
    return shown or told


def _rows(texts: np.ndarray, found: Readings, text: pd.Series) -> pd.Series:
    return pd.Series(np.append(texts, False)[found.codes], index=text.index)


def _form(found: Readings, decided: str) -> str:
    used = np.unique(found.form[found.readable])
    words = {form: form for form in FORMS}
    words["day and month as numbers"] = {
        DAY_FIRST: "day/month/year",
        MONTH_FIRST: "month/day/year",
        MIXED: "day/month/year and month/day/year mixed",
    }.get(decided, "day and month as numbers, order not known")
    return "; ".join(words[FORMS[code]] for code in used)


def _examples(found: Readings, unclear: np.ndarray) -> tuple[int, ...]:
    """Rows that show the trouble: one of each order in a mixed column, else two that could be either."""
    if found.shown == MIXED:
        return tuple(sorted(found.rows(found.only(order), 1)[0] for order in (DAY_FIRST, MONTH_FIRST)))
    return found.rows(unclear)
