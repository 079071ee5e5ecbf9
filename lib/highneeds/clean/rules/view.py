"""Cleaned tables as arrays for the rules: joins, ages, what is open on the day of the extract. Computed once each."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import numpy as np
import pandas as pd

from highneeds.cases import Cases

ACTIVE_PART = "active plans"  # rows of the plans table, placed where the active plan's record was read
_PREFIXED = {ACTIVE_PART: ("plans", "active_")}
_PLACES_SHOWN = 20
_SPARSE = 8  # ids are looked up by position unless numbers are this many times as many as ids

Made = TypeVar("Made")


@dataclass(frozen=True)
class Places:
    """Where the rows of a table were read: code of each row's file and sheet, those files and sheets, row numbers."""

    codes: np.ndarray
    sheets: list[tuple[str, str]]
    rows: np.ndarray

    def first(self, mask: np.ndarray) -> list[tuple[str, str, np.ndarray]]:
        """For each file and sheet, the first row numbers among the rows of a mask, ascending."""
        hit = np.flatnonzero(mask)
        codes, rows = self.codes[hit], self.rows[hit]
        found = []
        for code in np.flatnonzero(np.bincount(codes, minlength=1)) if len(hit) else ():
            here = rows[codes == code]
            if len(here) > _PLACES_SHOWN:
                here = np.partition(here, _PLACES_SHOWN)[:_PLACES_SHOWN]
            found.append((*self.sheets[code], np.unique(here)))
        return found


def places_of(frame: pd.DataFrame, prefix: str = "") -> Places:
    """Places of a frame's rows (columns file, sheet, row)."""
    files, names = pd.factorize(frame[f"{prefix}file"], use_na_sentinel=False)
    sheets, titles = pd.factorize(frame[f"{prefix}sheet"], use_na_sentinel=False)
    pairs = files * max(len(titles), 1) + sheets
    codes, distinct = pd.factorize(pairs)
    width = max(len(titles), 1)
    named = [(_text(names[pair // width]), _text(titles[pair % width])) for pair in distinct]
    return Places(codes, named, pd.to_numeric(frame[f"{prefix}row"]).fillna(0).to_numpy("int64"))


def _text(value: object) -> str:
    return "" if pd.isna(value) else str(value)


def positions(wanted: np.ndarray, ids: np.ndarray) -> np.ndarray:
    """Position in `ids` of each wanted id; -1 where it is not there. Ids below 0 mean none."""
    if not len(ids) or not len(wanted):
        return np.full(len(wanted), -1)
    top = int(max(ids.max(), wanted.max())) + 1
    if top > _SPARSE * (len(ids) + len(wanted)) + 1_000:
        found = pd.Index(ids).get_indexer(pd.Index(wanted)) if pd.Index(ids).is_unique else _first(wanted, ids)
        return np.where(wanted < 0, -1, found)
    at = np.full(top + 1, -1)
    known = np.flatnonzero(ids >= 0)[::-1]  # the first record of an id wins
    at[ids[known]] = known
    return at[np.where(wanted < 0, top, wanted)]


def _first(wanted: np.ndarray, ids: np.ndarray) -> np.ndarray:
    order = np.argsort(ids, kind="stable")
    at = np.searchsorted(ids[order], wanted)
    candidate = order[np.minimum(at, len(ids) - 1)]
    return np.where(ids[candidate] == wanted, candidate, -1)


class View:
    """Arrays of the cleaned tables. Masks run over the rows of the table they name."""

    def __init__(self, cases: Cases) -> None:
        self.cases = cases
        self.day = np.datetime64(cases.extract_date, "D")
        self._held: dict[tuple, object] = {}

    def _once(self, key: tuple, make: Callable[[], Made]) -> Made:
        if key not in self._held:
            self._held[key] = make()
        return self._held[key]  # type: ignore[return-value]

    def table(self, name: str) -> pd.DataFrame:
        """Cleaned table by name."""
        return getattr(self.cases, _PREFIXED.get(name, (name,))[0])

    def places(self, name: str) -> Places:
        """Where the rows of a table were read."""
        return self._once(("places", name), lambda: self._places(name))

    def _places(self, name: str) -> Places:
        table, prefix = _PREFIXED.get(name, (name, ""))
        frame = getattr(self.cases, table)
        if not prefix or f"{prefix}row" not in frame:
            return self.places(table) if prefix else places_of(frame)
        known = frame[f"{prefix}row"].notna()
        if not known.all():
            frame = frame.assign(**{f"{prefix}{c}": frame[f"{prefix}{c}"].where(known, frame[c]) for c in _PLACE})
        return places_of(frame, prefix)

    def dates(self, table: str, column: str) -> np.ndarray:
        """Dates of a column."""
        return self.table(table)[column].to_numpy()

    def flag(self, table: str, column: str) -> np.ndarray:
        """True where a flag is set; blank is not set."""
        return self.table(table)[column].to_numpy(dtype=bool, na_value=False)

    def missing(self, table: str, column: str) -> np.ndarray:
        """True where a cell is missing."""
        return self._once(("missing", table, column), lambda: self.table(table)[column].isna().to_numpy())

    def code(self, table: str, column: str, *codes: str) -> np.ndarray:
        """True where a column holds one of these codes."""
        numbers, names = self._once(("codes", table, column), lambda: self._codes(table, column))
        wanted = [number for number, name in enumerate(names) if name in codes]
        mask = numbers == wanted[0] if wanted else np.zeros(len(numbers), dtype=bool)
        for number in wanted[1:]:
            mask |= numbers == number
        return mask

    def _codes(self, table: str, column: str) -> tuple[np.ndarray, list[str]]:
        numbers, names = pd.factorize(self.table(table)[column])
        return numbers.astype(np.int16), [str(name) for name in names]

    def at(self, child: str, parent: str) -> np.ndarray:
        """Row of the parent table with the same request id, for each row of a table; -1 where there is none."""
        return self._once(("at", child, parent), lambda: positions(self.ids(child), self.ids(parent)))

    def ids(self, table: str) -> np.ndarray:
        """Request ids of a table."""
        return self.table(table)["request_id"].to_numpy("int64")

    def up(self, child: str, parent: str, values: np.ndarray) -> np.ndarray:
        """Values of the parent table, brought to the rows of the child; False or NaT where there is no parent."""
        none = np.zeros(1, dtype=bool) if values.dtype == bool else np.array(["NaT"], dtype=values.dtype)
        return np.concatenate([values, none])[self.at(child, parent)]

    @cached_property
    def person_ids(self) -> np.ndarray:
        """Person ids of the persons table."""
        return self.cases.persons["person_id"].to_numpy("int64")

    def child(self, table: str) -> np.ndarray:
        """Person id of each row of a table, through `links`; -1 where it is not known."""
        return self._once(("child", table), lambda: self._child(table))

    def _child(self, table: str) -> np.ndarray:
        return np.append(self.cases.links["person_id"].to_numpy("int64"), -1)[self.linked(table)]

    def linked(self, table: str) -> np.ndarray:
        """Row of `links` for each row of a table, by request id; -1 where it is not there."""
        ids = self.cases.links["request_id"].to_numpy("int64")
        return self._once(("linked", table), lambda: positions(self.ids(table), ids))

    def births(self, table: str) -> np.ndarray:
        """Birth date of the child of each row; NaT where it is not known."""
        return self._once(("births", table), lambda: self._births(table))

    def _births(self, table: str) -> np.ndarray:
        dates = self.dates("persons", "birth_date")
        padded = np.append(dates, np.array(["NaT"], dtype=dates.dtype))
        return padded[positions(self.child(table), self.person_ids)]

    @cached_property
    def open_plans(self) -> np.ndarray:
        """Plans held on the day of the extract: started by then or without a start, not ceased by then."""
        return _spans(self.dates("plans", "start_date"), self.dates("plans", "cease_date"), self.day)

    @cached_property
    def spanning_placements(self) -> np.ndarray:
        """Placements taken up and not left on the day of the extract."""
        placements = _spans(self.dates("placements", "entry_date"), self.dates("placements", "leaving_date"), self.day)
        return placements & self.code("placements", "kind", "active")

    @cached_property
    def open_placements(self) -> np.ndarray:
        """Those whose plan is held that day too."""
        return self.spanning_placements & self.up("placements", "plans", self.open_plans)

    @cached_property
    def ends(self) -> np.ndarray:
        """Day on which each request came to an end; far ahead where it is open, the received day where not known."""
        return _ends(self)

    @cached_property
    def persons_in_hand(self) -> np.ndarray:
        """Persons with a plan held, or a request open, on the day of the extract."""
        held = self.child("plans")[self.open_plans]
        asked = self.child("requests")[self.ends == FAR]
        return self.persons_with(np.concatenate([held, asked]))

    @cached_property
    def persons_with_plan(self) -> np.ndarray:
        """Persons with a plan held on the day of the extract."""
        return self.persons_with(self.child("plans")[self.open_plans])

    def persons_with(self, ids: np.ndarray) -> np.ndarray:
        """Mask over persons: True for these ids."""
        mask = np.zeros(len(self.person_ids) + 1, dtype=bool)
        mask[positions(ids, self.person_ids)] = True
        return mask[:-1]


_PLACE = ("file", "sheet", "row")
FAR = np.datetime64("9999-01-01", "D")


def _spans(start: np.ndarray, end: np.ndarray, day: np.datetime64) -> np.ndarray:
    # A plan that ceases on the day is counted as ceased; the guides leave the day itself open.
    return ~(start > day) & ~(end <= day)


def _ends(view: View) -> np.ndarray:
    """A request ends with its refusal, or with the outcome of its assessment, or where it was withdrawn or closed."""
    received = view.dates("requests", "received_date").astype("datetime64[D]")
    decided = view.dates("requests", "request_outcome_date").astype("datetime64[D]")
    outcome = view.code("requests", "request_outcome", "N", "W", "H")
    ends = np.where(outcome, np.where(np.isnat(decided), received, decided), FAR)
    told = view.dates("assessments", "assessment_outcome_date").astype("datetime64[D]")
    over = view.code("assessments", "assessment_outcome", "N", "W", "H")
    issued = view.code("assessments", "assessment_outcome", "Y") & ~np.isnat(told)
    # Without a date the end is taken to be the day of receipt: such a request is not called overlapping.
    last = np.where(over | issued, np.where(np.isnat(told), np.datetime64("0001-01-01", "D"), told), FAR)
    at = view.at("assessments", "requests")
    known = at >= 0
    ends[at[known]] = np.maximum(last[known], received[at[known]])
    closed = view.dates("requests", "closed_date").astype("datetime64[D]")
    ends = np.where(np.isnat(closed), ends, np.fmin(ends, closed))
    gone = ~view.missing("requests", "exported") & (ends == FAR)
    return np.where(gone, received, ends)


def years_before(day: np.datetime64, years: int) -> np.datetime64:
    """Last birth date that makes someone this many years old on a day."""
    return np.datetime64((pd.Timestamp(day) - pd.DateOffset(years=years)).date(), "D")


def last_august(day: np.datetime64) -> np.datetime64:
    """The 31 August on or before a day: ages of a school year are counted there."""
    moment = pd.Timestamp(day)
    august = pd.Timestamp(moment.year, 8, 31)
    return np.datetime64((august if august <= moment else august - pd.DateOffset(years=1)).date(), "D")
