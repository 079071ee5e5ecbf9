"""Strict reading of an authority's own planning tables: every fault of a file, each with its row and what to do.

Owns columns, cells, keys, gaps and mixed units. What a file holds stands in its layout; what a cell may be in
`column_kinds`.
"""

import difflib
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pandas as pd

from highneeds.errors import SourceError
from highneeds.periods import years_between, years_on
from highneeds.sources.column_kinds import kind_of
from highneeds.sources.text_tables import read_csv_text

MOST_NAMED = 20  # faults of one column that are told one by one
THOUSANDS, MILLIONS = 10_000, 1_000_000
_NOT_REPEATED = ("sample_number", "placement_number", "pupil_number")  # somebody may have typed a name there


@dataclass(frozen=True)
class Layout:
    """One file: its columns in order (the last is always `source`), and what is asked of its rows.

    key: columns that together name a row once. blank: columns whose cells may be empty. one: columns with one value
    in the whole file. ordered: columns of which none may be above the next. yearly: column whose years must run
    without a gap, within each value of `within`.
    """

    columns: tuple[str, ...]
    key: tuple[str, ...]
    blank: tuple[str, ...] = ()
    one: tuple[str, ...] = ()
    ordered: tuple[str, ...] = ()
    yearly: str = ""
    within: str = ""


def unknown_file(path: Path, layouts: Mapping[str, Layout], folder: str) -> str:
    """Fault of a file whose name is none of those known, the nearest first."""
    near = difflib.get_close_matches(path.stem.lower(), layouts, n=len(layouts), cutoff=0.3)
    names = [f"{name}.csv" for name in [*near, *(name for name in layouts if name not in near)]]
    return (
        f"{folder}/{path.name}: there is no {folder.removesuffix('s')} file of that name. Expected one of, the nearest "
        f"first: {', '.join(names)}. Rename it or move it elsewhere."
    )


Rule = Callable[[pd.DataFrame], list[str]]  # faults of a table whose cells are right


def read_folder(
    folder: Path,
    layouts: Mapping[str, Layout],
    *,
    name: str,
    rules: Mapping[str, Rule] | None = None,
    apart: Sequence[str] = (),
) -> tuple[dict[str, pd.DataFrame], dict[str, str], list[str]]:
    """Tables of a folder by name, checksums by file name, and all faults; nothing where the folder is not there.

    name: of the folder, as faults tell it. rules: what only one file is asked, by its name. apart: folders inside
    that are read elsewhere.
    """
    tables, files, faults = {}, {}, []
    for path in sorted(folder.glob("*")) if folder.is_dir() else []:
        if path.name.startswith((".", "~")) or path.name in apart:
            continue  # a lock of an office program is not a file of ours
        if path.suffix.lower() != ".csv" or path.stem not in layouts:
            faults.append(unknown_file(path, layouts, name))
            continue
        table, found = read_table(path, layouts[path.stem], f"{name}/{path.name}")
        if not found and rules and path.stem in rules:
            found = rules[path.stem](table)
        faults += found
        tables[path.stem] = table
        files[path.name] = hashlib.sha256(path.read_bytes()).hexdigest()
    return tables, files, faults


def read_table(path: Path, layout: Layout, where: str) -> tuple[pd.DataFrame, list[str]]:
    """Table of one file and its faults; the table is empty where there are faults."""
    try:
        text = read_csv_text(path)
    except SourceError as fault:
        return pd.DataFrame(), [f"{Path(where).parent}/{line}" for line in fault.faults]
    faults = _heading_faults(text, layout, where)
    if faults:
        return pd.DataFrame(), faults
    if text.empty:
        return pd.DataFrame(), [f"{where}: holds no rows. Expected one or more below the headings, or no file."]
    table = text[["row"]].assign(file=where)
    for column in layout.columns:
        table[column], found = _parsed(text, column, column in layout.blank, where)
        faults += found
    faults += [] if faults else _row_faults(table, layout, where)
    return (pd.DataFrame(), faults) if faults else (table[[*layout.columns, "row", "file"]], [])


def _heading_faults(text: pd.DataFrame, layout: Layout, where: str) -> list[str]:
    held = [name for name in text.columns if name != "row"]
    faults = []
    for name in held:
        if name not in layout.columns:
            near = difflib.get_close_matches(str(name).lower(), layout.columns, n=1)
            hint = f" Did you mean '{near[0]}'?" if near else ""
            faults.append(
                f"{where}: row 1, column {held.index(name) + 1}: found '{str(name)[:40]}'. Expected one of "
                f"{', '.join(layout.columns)}. Rename the column or take it out.{hint}"
            )
    missing = [name for name in layout.columns if name not in held]
    if missing:
        faults.append(
            f"{where}: row 1: {', '.join(missing)} not found. Expected the columns {', '.join(layout.columns)}. "
            "Add the missing ones."
        )
    return faults


def _parsed(text: pd.DataFrame, column: str, may_be_blank: bool, where: str) -> tuple[pd.Series, list[str]]:
    """Values of a column in their type, and one line for each cell that is not what the column holds."""
    kind, cells = kind_of(column), text[column]
    values = kind.parse(cells.fillna(""))
    bad = values.isna()
    if kind.low is not None:
        bad |= values.lt(kind.low) | (values.gt(kind.high) if kind.high is not None else False)
    bad = (bad & cells.notna()) | (cells.isna() & (not may_be_blank))
    faults = [
        f"{where}: row {row}, column {column}: found {_shown(cell, column)}. Expected {kind.says}. {_remedy(column)}"
        for row, cell in zip(text["row"][bad], cells[bad], strict=True)
    ]
    if len(faults) > MOST_NAMED:
        faults = [*faults[:MOST_NAMED], f"{where}: column {column}: {len(faults) - MOST_NAMED} more rows like these."]
    return values.where(cells.notna()), faults


def _shown(cell: object, column: str) -> str:
    if pd.isna(cell):  # type: ignore[call-overload]
        return "nothing"
    return "something else" if column in _NOT_REPEATED else f"'{str(cell)[:20]}'"


def _remedy(column: str) -> str:
    if column == "source":
        return "Say where the row comes from; 'assumed' where nobody knows, 'invented' in an example."
    return "Correct the cell."


def _row_faults(table: pd.DataFrame, layout: Layout, where: str) -> list[str]:
    """Rules that need more than one cell: keys, order, one value, years without a gap, pounds beside millions."""
    return [
        *_twice(table, layout, where),
        *_out_of_order(table, layout, where),
        *_more_than_one(table, layout, where),
        *_years_missing(table, layout, where),
        *_mixed_units(table, layout, where),
    ]


def _twice(table: pd.DataFrame, layout: Layout, where: str) -> list[str]:
    same = table[table.duplicated(list(layout.key), keep=False)]
    return [
        f"{where}: rows {_listed(rows['row'])}, column {' and '.join(layout.key)}: found the same twice. Expected "
        "each once. Take one out, or tell them apart."
        for _, rows in same.groupby(list(layout.key), sort=False, dropna=False)
    ]


def _out_of_order(table: pd.DataFrame, layout: Layout, where: str) -> list[str]:
    return [
        f"{where}: row {row}, column {low}: found {a:g}, above {high} with {b:g}. Expected {low} to be at most "
        f"{high}. Correct one of them."
        for low, high in pairwise(layout.ordered)
        for row, a, b in zip(table["row"], table[low], table[high], strict=True)
        if a > b
    ]


def _more_than_one(table: pd.DataFrame, layout: Layout, where: str) -> list[str]:
    faults = []
    for column in layout.one:
        odd = table[table[column].ne(table[column].mode().iloc[0])]
        if len(odd):
            faults.append(
                f"{where}: rows {_listed(odd['row'])}, column {column}: found another value than in the other rows. "
                "Expected one for the whole file. Correct them, or keep one year a file."
            )
    return faults


def _years_missing(table: pd.DataFrame, layout: Layout, where: str) -> list[str]:
    if not layout.yearly:
        return []
    groups = table.groupby(layout.within) if layout.within else [("", table)]
    faults = []
    for name, rows in groups:
        years = sorted(rows[layout.yearly])
        every = [years_on(years[0], step) for step in range(years_between(years[0], years[-1]))]
        lost = ", ".join(year for year in every if year not in years)
        about = f" ({layout.within} {name})" if name else ""
        if lost:
            faults.append(
                f"{where}: row {rows['row'].iloc[0]}, column {layout.yearly}: found no row for {lost}{about}. "
                "Expected every year from the first to the last. Add it."
            )
    return faults


def _mixed_units(table: pd.DataFrame, layout: Layout, where: str) -> list[str]:
    faults = []
    for column in [name for name in layout.columns if name.endswith("_gbp")]:
        held = table[table[column].gt(0)]
        small, large = held[column].lt(THOUSANDS), held[column].gt(MILLIONS)
        if small.any() and large.any() and (small | large).all():
            faults.append(
                f"{where}: rows {_listed(held['row'][small])}, column {column}: found numbers under {THOUSANDS:,} "
                f"beside others over {MILLIONS:,}. Expected pounds in every row. Write the millions or thousands out."
            )
    return faults


def _listed(rows: pd.Series) -> str:
    named = ", ".join(map(str, rows.head(MOST_NAMED)))
    return named if len(rows) <= MOST_NAMED else f"{named} and {len(rows) - MOST_NAMED} more"
