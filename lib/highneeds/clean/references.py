"""Where a published figure stands in its file, in words: the rows and the columns it was read from or added up from.

Owns these forms, and reading them back. Which rows and columns make a figure, other modules settle.

    row 12, ehcplans                                        one cell
    row 12, sum of special_la_maintained + special_academy  cells of one row
    sum of rows 12, 15, 20 to 24, ehcplans (age 5 to 10)    cells of several rows; of each of them, every column named
    no row of age 5 to 10: the other ages add up to row 12, ehcplans    a nought that no row states

Rows are numbered as a spreadsheet does it: the heading is row 1. `*` in a column's name stands for anything; a column
whose name is a number follows the word "column" after several rows.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

import pandas as pd

REST = "shortfall of all groups from "
TURNED = ", times -1"
_RUN = r"\d+(?: to \d+)?"
_PLACE = re.compile(
    rf"(?:row|sum of rows) (?P<rows>{_RUN}(?:, {_RUN})*), (?:sum of |column )?(?P<columns>[^(),]+)"
    rf"(?P<turned>{TURNED})?(?: \([^()]+\))?"
)


@dataclass(frozen=True)
class Place:
    """Cells that a figure is the sum of: every column of every row, times `sign`.

    rest_from: the column from which all groups fall short; what they lack was added. Empty where nothing was.
    """

    rows: tuple[int, ...]
    columns: tuple[str, ...]
    sign: int = 1
    rest_from: str = ""


def runs(rows: Iterable[int | str]) -> str:
    """`2 to 5, 8`: rows that follow each other taken together."""
    ordered = sorted(map(int, rows))
    breaks = [(a, b) for a, b in pairwise(ordered) if b != a + 1]
    starts, ends = [ordered[0], *(b for _, b in breaks)], [*(a for a, _ in breaks), ordered[-1]]
    return ", ".join(str(a) if a == b else f"{a} to {b}" for a, b in zip(starts, ends, strict=True))


def row_and_columns(references: pd.Series) -> pd.DataFrame:
    """Columns `row` and `columns` of figures that stand in one row; missing where a reference names more."""
    return references.str.extract(r"^row (?P<row>\d+), (?:sum of )?(?P<columns>.+)$")


def names(held: pd.DataFrame) -> pd.Series:
    """`a + b`: names of the columns that are true in a row; of all where none is."""
    text = pd.Series("", held.index, dtype="str")
    for column in held:
        text += held[column].map({True: f" + {column}", False: ""})
    return text.mask(text.eq(""), " + " + " + ".join(held.columns)).str.removeprefix(" + ")


def places(rows: pd.Series, columns: pd.Series, of: pd.Series | str = "") -> pd.Series:
    """References from rows (`2 to 5, 8`), columns (`a + b`) and, for several rows, a few words for what they are."""
    single = rows.str.fullmatch(r"\d+")
    together = columns.str.contains(" + ", regex=False)
    in_one = "row " + rows + ", " + columns.mask(together, "sum of " + columns)
    plain = columns.mask(columns.str.fullmatch(r"\d+"), "column " + columns)
    return in_one.where(single, "sum of rows " + rows + ", " + plain + of)


def read_place(reference: str) -> Place | None:
    """The cells that a reference names; None where it names none."""
    found = _PLACE.fullmatch(reference)
    if found is None:
        return None
    ends = [list(map(int, run.split(" to "))) for run in found["rows"].split(", ")]
    rows = [row for run in ends for row in range(run[0], run[-1] + 1)]
    *columns, last = found["columns"].split(" + ")
    rest = last.removeprefix(REST) if last.startswith(REST) else ""
    return Place(tuple(rows), tuple(columns if rest else [*columns, last]), -1 if found["turned"] else 1, rest)
