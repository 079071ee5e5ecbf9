"""A first proposal of what the columns of an extract are, from their headings and a look at their cells.

The same file always gives the same proposal. The analyst confirms it; nothing is read by a proposal alone.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from highneeds import fields
from highneeds.sources.date_forms import DAY_FIRST, FORMS, MONTH_FIRST, NUMBERS, Readings, read_forms
from highneeds.sources.extract_codes import propose_codes
from highneeds.sources.extract_fields import (
    AGREED_DATE,
    ISSUE_DATE,
    NOT_ISSUED_DATE,
    PERSON_ID,
    REFUSED_DATE,
    REQUEST_ID,
    TARGETS,
    codes_of,
    kind_of,
)
from highneeds.sources.extract_mapping import AS_FOUND, LIKELY, SURE, UNSURE, Mapping, Proposal, one_line
from highneeds.sources.extract_table import POSTCODE_FORM, ULN_FORM, UPN_FORM, ExtractTable, read_table
from highneeds.sources.extract_words import Guess, guesses, heading_words, says_date
from highneeds.sources.returns import rows_text

_SAMPLE = 5_000
_MOST_TEXTS = 60
_MANY = 100
_FORMS = {
    "upn": UPN_FORM,
    "uln": ULN_FORM,
    "postcode": POSTCODE_FORM,
    "request_postcode": POSTCODE_FORM,
    "urn": r"\d{5,6}",
    "ukprn": r"\d{8}",
}
_SOMEBODY_ELSES = {"placement", "parent", "carer", "gp", "officer", "worker", "previous", "former"}
_EVENTS = (
    "received_date",
    "request_outcome_date",
    AGREED_DATE,
    REFUSED_DATE,
    "assessment_outcome_date",
    ISSUE_DATE,
    NOT_ISSUED_DATE,
    "closed_date",
    "last_review",
)


@dataclass(frozen=True)
class Look:
    """What the cells of a column look like: shares of the filled cells of a sample."""

    filled: int
    days: float
    numbers: float  # whole numbers that could be days
    distinct: int
    unique: bool
    forms: dict[str, float]


def propose_mapping(path: Path) -> Mapping:
    """Proposed mapping of an extract, not confirmed. Raises SourceError where there is no table to look at."""
    return propose(read_table(path))


def propose(table: ExtractTable) -> Mapping:
    """Proposed mapping of a table that was read."""
    columns, proposals = _assigned(table)
    readings = {c: read_forms(table.frame[c]) for c, target in columns.items() if kind_of(target) == fields.DATE}
    dates, notes = _orders(table, readings)
    codes, left_out = _codes(table, columns)
    targets = set(columns.values())
    mapping = Mapping(
        file=table.file,
        columns=columns,
        codes=codes,
        dates=dates,
        stable_ids=_own_ids(table, columns),
        derive=bool({"request_outcome", "assessment_outcome"} - targets and targets & {*_EVENTS[1:7]}),
        not_used=tuple(column for column in table.columns if column not in columns),
        proposals=proposals,
        notes=(*notes, *left_out),
    )
    return _with_day(mapping, readings)


def look(column: pd.Series) -> Look:
    """What the first filled cells of a column look like."""
    filled = column.dropna()
    sample = filled.head(_SAMPLE).str.strip()
    size = max(1, len(sample))
    found = read_forms(sample)
    number = np.isin(found.form, [FORMS.index(form) for form in NUMBERS])
    counts = np.bincount(found.codes[found.codes >= 0], minlength=len(found.form))
    return Look(
        filled=len(filled),
        days=counts[found.readable & ~number].sum() / size,
        numbers=counts[found.readable & number].sum() / size,
        distinct=sample.nunique(),
        unique=bool(len(filled)) and len(filled) == len(column) and not filled.duplicated().any(),
        forms={form: sample.str.fullmatch(form).sum() / size for form in set(_FORMS.values())},
    )


def _assigned(table: ExtractTable) -> tuple[dict[str, str], dict[str, Proposal]]:
    """Column to field, the likeliest pairs first; each column and each field once."""
    looks = {column: look(table.frame[column]) for column in table.columns}
    found = {column: _likely(column, looks[column]) for column in table.columns}
    order = {column: at for at, column in enumerate(table.columns)}
    pairs = [(guess, column) for column, several in found.items() for guess in several]
    chosen: dict[str, Guess] = {}
    for guess, column in sorted(pairs, key=lambda p: (-p[0].score, TARGETS.index(p[0].field), order[p[1]])):
        if column not in chosen and guess.field not in {taken.field for taken in chosen.values()}:
            chosen[column] = guess
    columns = {column: chosen[column].field for column in table.columns if column in chosen}
    others = {column: tuple(g.field for g in found[column] if g.field != columns[column])[:3] for column in columns}
    proposals = {c: Proposal(_confidence(chosen[c], looks[c]), others[c]) for c in columns}
    return columns, proposals


def _likely(column: str, seen: Look) -> list[Guess]:
    """Fields that a column may be, its heading and its cells taken together."""
    says = says_date(column)
    days = seen.days >= 0.6 or (says and (seen.days >= 0.2 or seen.numbers >= 0.9 or not seen.filled))
    words = heading_words(column)
    if not days and says:
        return []
    if not days and words == {"id"}:
        return [Guess(REQUEST_ID if seen.unique else PERSON_ID, 1, 1, weak=True)]
    found = [guess for guess in guesses(column, days=days) if _fits(guess.field, seen)]
    if not found and not days and not words & _SOMEBODY_ELSES:
        found = [Guess(name, 1, 1, weak=True) for name in ("upn", "postcode") if seen.forms[_FORMS[name]] >= 0.8]
    return found


def _fits(target: str, seen: Look) -> bool:
    if not seen.filled:
        return True
    if target in _FORMS:
        return seen.forms[_FORMS[target]] >= 0.3
    if codes_of(target):
        return seen.distinct <= _MOST_TEXTS or seen.distinct < 0.2 * min(seen.filled, _SAMPLE)
    return True


def _confidence(guess: Guess, seen: Look) -> str:
    if guess.score < 1.5 and not (guess.weak and guess.loose == 0):
        return UNSURE
    sure = not guess.weak and guess.loose <= 0.5 and seen.filled > 0
    return SURE if sure else LIKELY


def _own_ids(table: ExtractTable, columns: dict[str, str]) -> bool:
    column = next((name for name, target in columns.items() if target == REQUEST_ID), None)
    return column is not None and bool(table.frame[column].notna().all()) and table.frame[column].is_unique


def _orders(table: ExtractTable, readings: dict[str, Readings]) -> tuple[str | dict[str, str], list[str]]:
    """Order of day and month for the file, or by column where columns differ; and what the analyst must know."""
    shown = {column: found.shown for column, found in readings.items() if found.shown in (DAY_FIRST, MONTH_FIRST)}
    orders = sorted(set(shown.values()))
    dates: str | dict[str, str] = AS_FOUND if not orders else orders[0] if len(orders) == 1 else shown
    notes = []
    for column, found in readings.items():
        if found.two_meanings.any() and column not in shown:
            places = rows_text(table.frame["row"].iloc[list(found.rows(found.two_meanings))])
            told = f"is read {dates}, as other columns show" if len(orders) == 1 else "needs an answer under dates"
            mixed = "mixes day first and month first: cells that could be either are not read"
            notes.append(
                f"column '{one_line(column)}' {mixed if found.shown else told} (see {places})."
                + ("" if found.shown else " By itself it could be day first or month first.")
            )
    return dates, notes


def _with_day(mapping: Mapping, readings: dict[str, Readings]) -> Mapping:
    """The mapping with the newest event as the proposed day of the extract."""
    parts = []
    for column, found in readings.items():
        if mapping.columns[column] in _EVENTS:
            days = found.month_first if (found.shown or mapping.order_of(column)) == MONTH_FIRST else found.day_first
            parts.append(days[found.codes[found.codes >= 0]])
    return replace(mapping, extract_date=_newest(parts))


def _newest(parts: Iterable[np.ndarray]) -> date | None:
    """Newest day; among many events one that is not alone, since a lone day far on is a typing mistake.

    Not alone: two other events lie within the thirty days before it.
    """
    days = np.sort(np.concatenate([np.array([], dtype="datetime64[s]"), *parts]))
    days = days[~np.isnat(days)]
    if len(days) >= _MANY:
        near = days[2:] - days[:-2] <= np.timedelta64(30, "D")
        days = days[2:][near] if near.any() else days[: len(days) // 2 + 1]
    return pd.Timestamp(days[-1]).date() if len(days) else None


def _codes(table: ExtractTable, columns: dict[str, str]) -> tuple[dict[str, dict[str, str]], list[str]]:
    """Field to {text: code} from the distinct texts of code columns; and where texts were left out."""
    codes, notes = {}, []
    for column, target in columns.items():
        if codes_of(target):
            cells = table.frame[column]
            codes[target], left = propose_codes(cells, target)
            if left:
                rows = rows_text(table.frame.loc[cells.isin(left), "row"])
                notes.append(
                    f"column '{one_line(column)}', {rows}: texts that could "
                    "name somebody are not listed under codes. Add a line for those that have a code."
                )
    return codes, notes
