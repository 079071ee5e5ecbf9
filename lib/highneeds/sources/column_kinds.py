"""What a column of an authority's own planning file may hold: known by its name, else by the unit its name ends in.

Owns which text a cell may carry and what it becomes: `_gbp` pounds, `_pct` 0 to 100, `_months` months. Which columns a
file has belongs to its layout; reading it and telling faults to `strict_tables`.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import pandas as pd

from highneeds.periods import is_split_year
from highneeds.terms import PLACEMENT_GROUPS

SHARED_BY = ("pupils", "budget")
BUDGET_LINES = (
    "opening_balance",
    "high_needs_block",
    "block_transfer",
    "other_blocks",
    "dfe_contribution",
    "council_contribution",
    "other_spend",
)
FORUM = ("agreed", "refused", "not asked")
ASKED_TO = ("comment", "note", "approve", "act")
OUTCOMES = ("agreed", "agreed in principle", "not agreed", "noted", "deferred")
STATES = ("open", "done", "dropped")
DIRECTIONS = ("rising", "steady", "falling")


@dataclass(frozen=True)
class Kind:
    """What a column may hold: in words, how text becomes it (missing where it is not), lowest and highest."""

    says: str
    parse: Callable[[pd.Series], pd.Series]
    low: float | None = None
    high: float | None = None


def _plain_number(text: pd.Series) -> pd.Series:
    return pd.to_numeric(text.where(text.str.fullmatch(r"-?\d+(\.\d+)?")), errors="coerce").astype(float)


def _whole(text: pd.Series) -> pd.Series:
    number = _plain_number(text)
    return number.where(number.mod(1).eq(0))


def _date(text: pd.Series) -> pd.Series:
    return pd.to_datetime(text.where(text.str.fullmatch(r"\d{4}-\d{2}-\d{2}")), format="%Y-%m-%d", errors="coerce")


def _month(text: pd.Series) -> pd.Series:
    return text.where(text.str.fullmatch(r"\d{4}-(0[1-9]|1[0-2])"))


def _day_month_or_year(text: pd.Series) -> pd.Series:
    day, month = _date(text).notna(), _month(text).notna()
    return text.where(day | month | text.str.fullmatch(r"20\d{2}"))


def _year(mark: str) -> Callable[[pd.Series], pd.Series]:
    return lambda text: text.where(text.map(lambda cell: cell.startswith("20") and is_split_year(cell, mark)))


def _ramp(text: pd.Series) -> pd.Series:
    each = text.where(text.str.fullmatch(r"\d{1,3}(;\d{1,3})*"))
    return each.where(each.fillna("").map(lambda cell: all(int(part) <= 100 for part in cell.split(";") if part)))


def _one_spelling(text: pd.Series) -> pd.Series:
    """Words as they were first written: letter case and inner spaces do not tell two schools apart."""
    tidy = text.str.split().str.join(" ")
    first = dict(zip(reversed(tidy.str.casefold().tolist()), reversed(tidy.tolist()), strict=True))
    return tidy.str.casefold().map(first)


def _among(words: Iterable[str]) -> Kind:
    held = tuple(words)
    return Kind(f"one of: {', '.join(held)}", lambda text: text.where(text.isin(held)))


_COUNT = Kind("a whole number, 0 or more", _whole, 0)
_POUNDS = Kind("a number of pounds, 0 or more, without signs or separators", _plain_number, 0)
_PERCENT = Kind("a percentage from 0 to 100, without the sign", _plain_number, 0, 100)
_MONTHS = Kind("a number of months from 0 to 240", _plain_number, 0, 240)
_WHOLE_MONTHS = Kind("a whole number of months from 0 to 240", _whole, 0, 240)
_DAY = Kind("a day as 2025-09-01", _date)
_ACADEMIC = Kind("an academic year as 2025/26", _year("/"))
_TEXT = Kind("words", _one_spelling)
_WHEN = Kind("a day as 2025-09-01, a month as 2025-09 or a year as 2025", _day_month_or_year)
_ONE_TO_FIVE = Kind("a whole number from 1 to 5", _whole, 1, 5)
_OTHERS = {
    "placement": _among(PLACEMENT_GROUPS),
    "line": _among(BUDGET_LINES),
    "places_now": _COUNT,
    "places_planned": _COUNT,
    "filled": _COUNT,
    "opens": _DAY,
    "amount_gbp": Kind("a number of pounds, a minus sign in front of a surplus, no separators", _plain_number),
    "inflation_pct": Kind("a yearly rise in per cent from -20 to 50", _plain_number, -20, 50),
    "first_year": Kind("a financial year as 2025-26", _year("-")),
    "ramp_pct": Kind("percentages from 0 to 100 with semicolons, such as 25;60;100", _ramp),
    "sample_number": _COUNT,
    "placement_number": _COUNT,
    "pupil_number": _COUNT,
    "exclusions": _COUNT,
    "placed_at_end": _COUNT,
    "pupils": _COUNT,
    "pupils_with_high_needs": _COUNT,
    "cases": _COUNT,
    "awards": _COUNT,
    "exceptional_awards": _COUNT,
    "commissioned_places": _COUNT,
    "filled_places": _COUNT,
    "guarantee_years": Kind("a whole number of years from 0 to 10", _whole, 0, 10),
    "growth_pct": Kind("a yearly growth in per cent from -50 to 50", _plain_number, -50, 50),
    "horizon_months": Kind("a whole number of months from 1 to 240", _whole, 1, 240),
    "displaced_after_months": _WHOLE_MONTHS,
    "relevant_date": _DAY,
    "school_year_end": _DAY,
    "counted_on": _DAY,
    "starts": Kind("a month as 2025-09", _month),
    "academic_year": _ACADEMIC,
    "target_year": _ACADEMIC,
    "financial_year": Kind("a financial year as 2025-26", _year("-")),
    "shared_by": _among(SHARED_BY),
    "forum": _among(FORUM),
    "held": _WHEN,
    "last_held": _WHEN,
    "recorded_on": _WHEN,
    "agreed_on": _DAY,
    "due_by": _DAY,
    "state_on": _DAY,
    "meetings": _COUNT,
    "members_present": _COUNT,
    "kind": _among(ASKED_TO),
    "outcome": _among(OUTCOMES),
    "state": _among(STATES),
    "likelihood": _ONE_TO_FIVE,
    "impact": _ONE_TO_FIVE,
    "direction": _among(DIRECTIONS),
}
_UNITS = {"_gbp": _POUNDS, "_pct": _PERCENT, "_months": _MONTHS}


def kind_of(column: str) -> Kind:
    """What a column may hold: by its own name, else by its unit, else words."""
    unit = next((kind for tail, kind in _UNITS.items() if column.endswith(tail)), _TEXT)
    return _OTHERS.get(column, unit)
