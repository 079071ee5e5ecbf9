"""The register of released tables, and the check of a new release against the earlier ones.

A reader who keeps last month's report can subtract. The check writes the shown cells of the old and the new
releases and what relates them (totals, spans of months, measures that add up) as one system, as if no case had
been entered late, and stops a release that lets a hidden or unprinted small count be worked out. It also stops a
released count, below the level of the authority, that comes back changed by fewer than the threshold: the change
is one late-entered child, or two. A rounded count is never exact, and is not solved with.
"""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from highneeds.disclosure.linked import long_form
from highneeds.disclosure.policy import HIDDEN, LOW, Policy
from highneeds.disclosure.relations import CountTable, keys_of, labels_of
from highneeds.disclosure.suppress import Protected
from highneeds.disclosure.together import given_away
from highneeds.errors import SourceError

COLUMNS = ["release", "as_at", "table", "measure", "coordinates", "adds_over", "value", "status"]
EXACT, ROUNDED, REST = "", "rounded", "rest"
_REVISED = (
    "{table}: {cell}, differs from release {release} by fewer than the threshold, which shows the cases entered or "
    "removed since. Print the earlier count until the year is closed, hide the cell, or round the table."
)
_STATUSES = {EXACT, ROUNDED, REST, HIDDEN, LOW}


@dataclass(frozen=True)
class Register:
    """Cells of released tables, as printed.

    rows: release (its id), as_at (ISO day), table, measure, coordinates (`area=Dover|period=2025-03`), adds_over
      (dimensions in which the table's labels add to its total, joined by |), value (Int64, missing where hidden),
      status ("" exact, `c`, `low`, `rounded`, or `rest`: an unprinted remainder of a total).
    """

    rows: pd.DataFrame


@dataclass(frozen=True)
class Block:
    """One reason not to release: kind (`revision` or `difference`), where, and what to do.

    release: the earlier release. hide: keys of new cells that, hidden, stop it; give them to `protect(also_hide=...)`.
    """

    kind: str
    table: str
    release: str
    measure: str
    coordinates: str
    says: str
    hide: tuple[str, ...] = ()


def empty_register() -> Register:
    """Register before the first release."""
    return Register(pd.DataFrame({name: pd.Series(dtype="str") for name in COLUMNS}).astype({"value": "Int64"}))


def register_of(tables: Sequence[CountTable], printed: Protected, *, release: str, as_at: date) -> Register:
    """Rows for one release: the tables as they were protected, rounded or printed exactly."""
    long = long_form(tables)
    names = [name for name in long.columns if any(name in table.totals for table in tables)]
    parts = []
    for table in tables:
        own = long[long["table"].eq(table.name)]
        shown = printed.tables[table.name]
        status = shown["status"].mask(shown["status"].eq("") & (printed.method == "round"), ROUNDED)
        over = "|".join(sorted(name for name, total in table.totals.items() if total is not None))
        cells = pd.DataFrame({"measure": table.measure, "coordinates": _coordinates(own, names)})
        cells = cells.assign(value=shown["value"].array, status=status.to_numpy(), adds_over=over, table=table.name)
        parts += [cells, _rests(printed.cells, table).assign(adds_over=over, table=table.name)]
    rows = pd.concat(parts, ignore_index=True).assign(release=release, as_at=as_at.isoformat())
    return Register(rows[COLUMNS].astype({"value": "Int64"}))


def with_release(register: Register, new: Register) -> Register:
    """Register with a release added; one that is there already under the same id is replaced."""
    kept = register.rows[~register.rows["release"].isin(new.rows["release"].unique())]
    return Register(pd.concat([kept, new.rows], ignore_index=True))


def as_text(register: Register) -> str:
    """The register as CSV text."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    rows = register.rows.assign(value=register.rows["value"].astype("str").fillna("").replace("<NA>", ""))
    writer.writerows(rows[COLUMNS].to_numpy().tolist())
    return out.getvalue()


def from_text(text: str, *, name: str = "register.csv") -> Register:
    """Register from CSV text. Raises SourceError with every row that is not as `as_text` writes it."""
    found = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    if not found or found[0] != COLUMNS:
        raise SourceError(
            f"{name}, row 1: the headings differ. Expected {','.join(COLUMNS)}. "
            "Restore the register from the last release, or start a new one with an empty file of these headings."
        )
    faults = []
    for number, row in enumerate(found[1:], start=2):
        if len(row) != len(COLUMNS) or row[7] not in _STATUSES or (row[7] in (EXACT, ROUNDED)) != row[6].isdecimal():
            faults.append(
                f"{name}, row {number}: not a cell of a release. Expected {len(COLUMNS)} columns, a whole number as "
                f"value where status is blank or {ROUNDED}, else no value. Restore the register from the last release."
            )
    if faults:
        raise SourceError(faults[:50])
    rows = pd.DataFrame(found[1:], columns=COLUMNS, dtype="str")
    return Register(rows.assign(value=pd.to_numeric(rows["value"], errors="coerce").astype("Int64")))


def blocked(
    register: Register,
    new: Register,
    *,
    policy: Policy,
    adds: Mapping[str, Sequence[str]] | None = None,
    sums: Mapping[str, Mapping[str, Sequence[str]]] | None = None,
) -> list[Block]:
    """Reasons not to release `new` after what the register holds; empty where it may be released.

    adds: measure to its parts. sums: dimension to sub-totals and their parts; spans of months are known without it.
    """
    old = register.rows[~register.rows["release"].isin(new.rows["release"].unique())]
    if not len(old):
        return []
    found = given_away(old, new.rows, policy=policy, adds=adds or {}, sums=sums or {})
    return _revisions(old, new.rows, policy) + _differences(old, new.rows, found)


def _revisions(old: pd.DataFrame, new: pd.DataFrame, policy: Policy) -> list[Block]:
    """Exact cells that come back changed by fewer than the threshold, at the levels where that matters."""
    names = ["measure", "coordinates"]
    before, now = (rows[rows["status"].eq(EXACT)] for rows in (old, new))
    pairs = now.drop_duplicates(names).merge(before, on=names, suffixes=("", "_old"))
    change = (pairs["value"] - pairs["value_old"]).abs().astype("int64")
    # A value that some earlier release printed already teaches nothing new.
    known = change.eq(0).groupby([pairs[name] for name in names]).transform("any")
    faces = {text: list(labels_of(text)) for text in pairs["coordinates"].unique()}
    threshold = pairs["coordinates"].map({text: policy.threshold_for(face) for text, face in faces.items()})
    levels = pairs["coordinates"].map({text: policy.level(face) for text, face in faces.items()})
    stop = change.gt(0) & change.lt(threshold) & ~known & levels.isin(policy.revision_levels)
    pairs = pairs.assign(key=_keys(pairs))
    rows = pairs[stop].sort_values("as_at_old").drop_duplicates(names, keep="last")
    return [
        Block(
            "revision",
            row.table,
            row.release_old,
            row.measure,
            row.coordinates,
            _REVISED.format(table=row.table, cell=_place(row.key), release=row.release_old),
            (row.key,),
        )
        for row in rows.sort_values(["table", *names]).itertuples()
    ]


def _differences(old: pd.DataFrame, new: pd.DataFrame, found: pd.DataFrame) -> list[Block]:
    """Hidden or unprinted small counts that only old and new together give away."""
    blocks = []
    for row in found.itertuples():
        release, table = _printed_in(old, row.near)["release"], _printed_in(new, row.near)["table"]
        what = f"hide {_place(row.hide)}" if row.hide else "round the table"
        says = (
            f"{table}: with release {release}, a count that is not printed can be worked out: "
            f"{_place(row.key)}. Before this release, {what}."
        )
        hide = (row.hide,) if row.hide else ()
        blocks.append(Block("difference", table, release, row.measure, row.coordinates, says, hide))
    return blocks


def plain(coordinates: str) -> str:
    """Coordinates in words: `area Dover, period 2025-03`; `in total` where there are none."""
    return ", ".join(f"{name} {label}" for name, label in labels_of(coordinates).items()) or "in total"


def _place(key: str) -> str:
    measure, _, coordinates = key.partition("|")
    return f"{measure}, {plain(coordinates)}"


def carried(register: Register) -> tuple[frozenset[str], frozenset[str]]:
    """Keys that earlier releases hid and never showed, and keys they showed: for `protect(also_hide=, seen=)`."""
    keys = _keys(register.rows)
    seen = frozenset(keys[register.rows["status"].eq(EXACT)])
    return frozenset(keys[register.rows["status"].isin([HIDDEN, LOW])]) - seen, seen


def hide_keys(blocks: Iterable[Block]) -> frozenset[str]:
    """Keys that, hidden in the new release, would stop these blocks: for `protect(also_hide=...)`."""
    return frozenset(key for block in blocks for key in block.hide)


def _printed_in(rows: pd.DataFrame, near: frozenset[str]) -> pd.Series:
    """Latest row that prints a cell among these keys; the latest of all where none does."""
    keys = _keys(rows)
    hits = rows[keys.isin(near) & rows["status"].ne(REST)]
    return (hits if len(hits) else rows).sort_values("as_at", kind="stable").iloc[-1]


def _keys(rows: pd.DataFrame) -> pd.Series:
    head = keys_of(rows, [])
    return head.where(rows["coordinates"].eq(""), head + "|" + rows["coordinates"])


def _coordinates(own: pd.DataFrame, names: Sequence[str]) -> np.ndarray:
    return keys_of(own.assign(measure=""), names).str.removeprefix("|").to_numpy()


def _rests(cells: pd.DataFrame, table: CountTable) -> pd.DataFrame:
    mark = keys_of(pd.DataFrame({"measure": [f"(others, {table.name})"]}), []).iloc[0]
    own = cells[~cells["printed"] & cells["measure"].eq(table.measure) & cells["key"].str.contains(mark, regex=False)]
    coordinates = own["key"].str.split("|", n=1).str[1]
    return pd.DataFrame({"measure": table.measure, "coordinates": coordinates, "value": pd.NA, "status": REST})
