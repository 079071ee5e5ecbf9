"""The raw row: what every reader of published figures returns, and the small moves they share.

A raw row is one published cell: the area as the file names it, period, period basis, measure,
breakdown, the cell's text as printed, and the row and column it stood in.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

from highneeds import terms
from highneeds.errors import SourceError
from highneeds.periods import AT_DATE, CALENDAR_YEAR, FINANCIAL_YEAR, JANUARY, MID_YEAR

COLUMNS = [
    "level",
    "area_code",
    "la_code",
    "area_name",
    "period",
    "period_basis",
    "measure",
    "breakdown",
    "text",
    "row",
    "column",
]

MAX_ROWS_NAMED = 5

# How a release writes the periods of each basis.
_PERIODS = {
    CALENDAR_YEAR: r"[0-9]{4}",
    MID_YEAR: r"[0-9]{4}",
    JANUARY: r"[0-9]{4}([-/]?[0-9]{2})?",
    FINANCIAL_YEAR: r"[0-9]{4}[-/]?[0-9]{2}",
    AT_DATE: r"[0-9]{4}-[0-9]{2}-[0-9]{2}",
}
_EXAMPLES = {
    CALENDAR_YEAR: "2024",
    MID_YEAR: "2024",
    JANUARY: "202425",
    FINANCIAL_YEAR: "2024-25",
    AT_DATE: "2024-03-31",
}
_LEVELS = {"national": "national", "regional": "regional", "local authority": "local authority"}


@dataclass(frozen=True)
class Layout:
    """One file layout: how to recognise it by its header, and how to read it into raw rows."""

    name: str
    required: frozenset[str]
    read: Callable[[pd.DataFrame], pd.DataFrame]
    first_cell: tuple[str, str] = ("", "")  # a column and the text its first row must start with
    figures: frozenset[str] = frozenset()  # columns that give it away even where a required one is gone

    def fits(self, head: pd.DataFrame) -> bool:
        """True where the columns (in lower case) and the first row mark this layout."""
        if self.lacking(head):
            return False
        column, text = self.first_cell
        return not column or (len(head) > 0 and head[column].iloc[0].strip().lower().startswith(text))

    def lacking(self, head: pd.DataFrame) -> list[str]:
        """Columns that this layout cannot do without and the file does not have."""
        return sorted((self.required | {self.first_cell[0]}) - {""} - set(head.columns))

    def resembles(self, head: pd.DataFrame) -> bool:
        """True where a column is lacking, although most of the figures are there."""
        return bool(self.lacking(head)) and 2 * len(self.figures & set(head.columns)) > len(self.figures)


def place(frame: pd.DataFrame) -> pd.DataFrame:
    """Add level, area_code, la_code and area_name from the columns every DfE release carries."""
    level = frame["geographic_level"].str.strip().str.lower().map(_LEVELS)
    frame = frame.assign(level=level)
    known = frame[level.notna()].copy()
    region = _column(known, "region_code").where(known["level"].eq("regional"), "")
    local = _column(known, "new_la_code").where(known["level"].eq("local authority"), "")
    known["area_code"] = (region + local).where(known["level"].ne("national"), terms.ENGLAND)
    known["la_code"] = _column(known, "old_la_code").where(known["level"].eq("local authority"), "")
    names = _column(known, "la_name").where(known["level"].eq("local authority"), _column(known, "region_name"))
    known["area_name"] = names.where(known["level"].ne("national"), "England")
    return known


def _column(frame: pd.DataFrame, name: str) -> pd.Series:
    if name in frame:
        return frame[name].str.strip()
    return pd.Series("", index=frame.index, dtype="str")


def period_of(text: pd.Series, basis: str) -> pd.Series:
    """Period from a release's time_period: `2024`, `202425`, `2019-20` or a day, on the given basis."""
    if basis == AT_DATE:
        return text.str.strip()
    digits = text.str.replace(r"[^0-9]", "", regex=True)
    if basis == FINANCIAL_YEAR:
        return digits.str[:4] + "-" + digits.str[-2:]
    long = digits.str.len().eq(6)
    if basis == JANUARY:
        # An academic year's January falls in its second calendar year.
        return (digits.str[:4].astype(int) + long).astype(str)
    return digits.str[:4]


def _refuse_odd_periods(frame: pd.DataFrame, basis: str) -> None:
    odd = frame[~frame["time_period"].str.strip().str.fullmatch(_PERIODS[basis])]
    if len(odd):
        raise SourceError(
            f"row {row}, column time_period: found {text[:20]!r}. Expected a {basis} as in {_EXAMPLES[basis]}. "
            "Download the release again, or report it to DfE."
            for row, text in zip(odd["row"].head(MAX_ROWS_NAMED), odd["time_period"], strict=False)
        )


def melt(frame: pd.DataFrame, cells: Mapping[str, tuple[str, str]], basis: str) -> pd.DataFrame:
    """Long raw rows from a wide frame; cells maps a column to its (measure, breakdown).

    Columns that a release does not have are passed over: releases gain and lose measures.
    """
    _refuse_odd_periods(frame, basis)
    standing = frame[["level", "area_code", "la_code", "area_name", "time_period", "row"]]
    parts = [
        standing.assign(measure=measure, breakdown=breakdown, column=column, text=frame[column].str.strip())
        for column, (measure, breakdown) in cells.items()
        if column in frame
    ]
    if not parts:
        raise SourceError(f"none of the columns {', '.join(cells)} is there. Download the release again.")
    long = pd.concat(parts, ignore_index=True)
    return long.assign(period=period_of(long["time_period"], basis), period_basis=basis)[COLUMNS]


def total_rows(frame: pd.DataFrame, topic: str = "breakdown_topic", item: str = "breakdown") -> pd.DataFrame:
    """Rows that speak of everybody: the label has changed between releases, its sense has not."""
    label = frame[item].str.strip().str.lower()
    same = label.eq(frame[topic].str.strip().str.lower()) if topic in frame else False
    return frame[same | label.str.match(r"(all|total)\b") | label.eq("new ehc plans")]


def single_filters(frame: pd.DataFrame, known: Iterable[str]) -> pd.DataFrame:
    """Keep the total of any filter column that a later release has added (request source, say)."""
    numeric = r"-?[\d.,]*|[a-z]|low|no data"
    for column in frame.columns.difference([*known, *_STANDING]):
        values = frame[column].str.strip().str.lower()
        if values.str.fullmatch(numeric).all():
            continue
        totals = values.str.match(r"(all|total)\b")
        if totals.any():
            frame = frame[totals]
    return frame


_STANDING = [
    "time_period",
    "time_identifier",
    "geographic_level",
    "country_code",
    "country_name",
    "region_code",
    "region_name",
    "new_la_code",
    "old_la_code",
    "la_name",
    "breakdown_topic",
    "breakdown",
    "level",
    "area_code",
    "la_code",
    "area_name",
    "row",
]
