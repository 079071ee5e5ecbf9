"""The one table of a plain extract, whatever its columns are called: CSV, or a workbook's first sheet with a header.

Title rows above a workbook's header are passed over. A file whose first row holds cells instead of headings is refused,
so that nobody's name is ever taken for the name of a column.
"""

import re
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from highneeds.errors import SourceError
from highneeds.sources.date_forms import read_forms
from highneeds.sources.text_tables import read_csv_text, read_workbook_text

WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".ods")
UPN_FORM = r"[A-Za-z]\d{11}[0-9A-Za-z]"
ULN_FORM = r"[1-9]\d{9}"
POSTCODE_FORM = r"[A-Za-z]{1,2}\d[A-Za-z\d]? ?\d[A-Za-z]{2}"
_LONG_NUMBER = r"\d{5,}(\.\d+)?"
_LOOKED_THROUGH = 30
_FILLED = 0.6


@dataclass(frozen=True)
class ExtractTable:
    """Columns of text (NaN where blank) and `row`, with the names of the file and of the sheet ("" for CSV)."""

    frame: pd.DataFrame
    file: str
    sheet: str = ""

    @property
    def columns(self) -> list[str]:
        """The file's own columns, in its order."""
        return [str(column) for column in self.frame.columns if column != "row"]


def read_table(path: Path) -> ExtractTable:
    """Table of an extract. Raises SourceError where there is no header row, or the file cannot be read."""
    if path.suffix.lower() in WORKBOOKS:
        return _from_sheets(path.name, read_workbook_text(path))
    table = ExtractTable(read_csv_text(path), path.name)
    cells = [at for at, column in enumerate(table.columns, start=1) if _is_cell(column)]
    if cells:
        raise SourceError(
            f"{path.name}: row 1 holds data, not headings (column {', '.join(map(str, cells[:5]))}). "
            "Expected the columns' names in row 1. Export the file again with its header."
        )
    return table


def _from_sheets(file: str, sheets: dict[str, pd.DataFrame]) -> ExtractTable:
    for sheet, cells in sheets.items():
        at = _header_at(cells)
        if at is not None:
            return ExtractTable(_below(cells, at), file, sheet)
    raise SourceError(
        f"{file}: no sheet has a header row among its first {_LOOKED_THROUGH} rows. Expected one row with a different "
        "name over each column. Add the header, or delete the columns without a name."
    )


def _header_at(cells: pd.DataFrame) -> int | None:
    """Position of the first row where most cells are filled, distinct, and no data."""
    head = cells.drop(columns="row").head(_LOOKED_THROUGH)
    width = int(head.notna().sum(axis=1).max()) if len(head) else 0
    for at in range(len(head) - 1):
        names = head.iloc[at].dropna().tolist()
        if len(names) >= max(2, _FILLED * width):
            # The first row that could be a header decides: below it lie the cells.
            distinct = len({name.lower() for name in names}) == len(names)
            return at if distinct and not any(map(_is_cell, names)) else None
    return None


def _below(cells: pd.DataFrame, at: int) -> pd.DataFrame:
    names = cells.drop(columns="row").iloc[at]
    named = [column for column in names.index if isinstance(names[column], str) and names[column].lower() != "row"]
    below = cells.iloc[at + 1 :].reset_index(drop=True)
    return below[named].set_axis([names[column] for column in named], axis=1).assign(row=below["row"])


def _is_cell(text: str) -> bool:
    """True for a text that can only be a cell of data: a day, a UPN, a postcode or a long number."""
    found = read_forms(pd.Series([text], dtype="str"))
    forms = (UPN_FORM, POSTCODE_FORM, _LONG_NUMBER)
    return bool(found.readable.any()) or any(re.fullmatch(form, text.strip()) for form in forms)
