"""Text to types: dates, flags and codes of one module, with a note of each cell that could not be used.

A cell that cannot be used is set to missing and noted by its place and rule, never by its content:
DQ04 a date that cannot be read or could be two days, DQ06 a date after the day of the extract,
DQ13 a code that is not in the list of its year.
"""

from collections.abc import Sequence
from datetime import date

import numpy as np
import pandas as pd

from highneeds import fields
from highneeds.cases import PLACE, RawReturn
from highneeds.clean.dates import parse_dates

CELL_COLUMNS = ["module", "field", *PLACE, "rule"]
TRUE, FALSE = {"1", "TRUE", "YES", "Y", "T"}, {"0", "FALSE", "NO", "N", "F"}
# Events that have happened: a later date than the extract's is a mistake. A plan may be due to cease, though.
HAPPENED = {
    "birth_date",
    "received_date",
    "request_outcome_date",
    "assessment_outcome_date",
    "closed_date",
    "start_date",
    "review_meeting",
    "last_review",
    "review_draft",
    "phase_transfer_final_date",
    "entry_date",
}
_SEX = {"1": "M", "2": "F", "0": None, "9": None}
_DAY = "datetime64[s]"


def typed_module(raw: RawReturn, module: str, *, extract_date: date | None) -> tuple[pd.DataFrame, list[pd.DataFrame]]:
    """One module of one return with every declared field typed (absent ones missing), and its unusable cells."""
    frame = raw.modules[module]
    typed, cells = frame[[c for c in ("person_id", "request_id", *PLACE) if c in frame]].copy(), []
    for field in fields.of_module(module, local=True):
        text = frame[field.name] if field.name in frame else pd.Series(pd.NA, index=frame.index, dtype="str")
        values, faults = _column(text, field, raw, extract_date)
        typed[field.name] = values
        cells += [_cells(frame[mask], module, field.name, rule) for rule, mask in faults.items() if mask.any()]
    return typed, cells


def _column(text: pd.Series, field: fields.Field, raw: RawReturn, extract_date: date | None):
    if field.kind == fields.DATE:
        return _dates(text, field, raw, extract_date)
    if field.kind == fields.FLAG:
        return _flags(text)
    if field.kind == fields.CODE:
        return _codes(text, field, raw.year)
    return (_without_decimals(text) if field.kind == fields.ID else text), {}


def _dates(text: pd.Series, field: fields.Field, raw: RawReturn, extract_date: date | None):
    if text.isna().all():
        return pd.Series(pd.NaT, index=text.index, dtype=_DAY), {}
    parsed = parse_dates(text, order=raw.date_order.get(field.name, ""))
    values, faults = parsed.values, {"DQ04": parsed.unreadable | parsed.ambiguous}
    if extract_date is not None and field.name in HAPPENED:
        late = values.gt(pd.Timestamp(extract_date))
        values, faults["DQ06"] = values.mask(late), late
    return values, faults


def _flags(text: pd.Series):
    codes, uniques = text.factorize()
    plain = [_whole(str(value)).upper() for value in uniques]
    known = np.array([1 if value in TRUE else 0 if value in FALSE else -1 for value in plain] + [-1], dtype=np.int8)
    found = known[codes]
    values = pd.Series(pd.array(found == 1, dtype="boolean"), index=text.index).mask(found == -1)
    return values, {"DQ13": pd.Series((found == -1) & (codes >= 0), index=text.index)}


def _codes(text: pd.Series, field: fields.Field, year: int | None):
    clean = by_unique(text, lambda value: _whole(value).upper())
    if field.codes is None:
        return clean, {}
    listed = {
        code for code in field.codes if year is None or fields.CODES_SINCE.get((field.name, code), field.first) <= year
    }
    wrong = clean.notna() & ~clean.isin(listed)
    if field.name == "sex":
        clean = by_unique(clean, lambda value: _SEX.get(value, value))
    return clean.mask(wrong), {"DQ13": wrong}


def _without_decimals(text: pd.Series) -> pd.Series:
    """Ids as text without the `.0` that a workbook adds to whole numbers."""
    return text.str.removesuffix(".0") if text.str.endswith(".0").any() else text


def by_unique(text: pd.Series, change) -> pd.Series:
    """Text changed by a function of one value, called once for each distinct value; None becomes missing."""
    codes, uniques = text.factorize()
    changed = pd.array([*(change(str(value)) for value in uniques), None], dtype="str")
    return pd.Series(changed.take(codes), index=text.index)


def _whole(value: str) -> str:
    """`12.0`, as a workbook hands over whole numbers, is `12`."""
    return value[:-2] if value.endswith(".0") and value[:-2].isdigit() else value


def _cells(rows: pd.DataFrame, module: str, name: str, rule: str) -> pd.DataFrame:
    return rows[PLACE].assign(module=module, field=name, rule=rule)[CELL_COLUMNS]


def newest_event(frames: Sequence[pd.DataFrame]) -> date | None:
    """Newest day on which something happened, for inputs that do not say of which day they speak.

    A lone date far after all others is a typing mistake: a day counts only where two other events
    lie in the thirty days before it.
    """
    columns = [
        frame[name]
        for frame in frames
        for name in ("received_date", "request_outcome_date", "assessment_outcome_date", "start_date", "last_review")
        if name in frame
    ]
    days = pd.concat([column.dropna() for column in columns]).sort_values().to_numpy() if columns else np.array([])
    if len(days) < 3:
        return pd.Timestamp(days[-1]).date() if len(days) else None
    near = days[2:] - days[:-2] <= np.timedelta64(30, "D")
    kept = days[2:][near]
    return pd.Timestamp(kept[-1] if len(kept) else days[len(days) // 2]).date()
