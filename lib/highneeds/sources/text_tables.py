"""Tables read as text: every cell as written, with the row it stands in. CSV files and workbooks.

Nothing is guessed: no dates, no numbers, no codes. Faults name rows and columns, never a cell's content.
"""

import codecs
import csv
import io
import re
import stat
from collections.abc import Callable
from datetime import date, datetime, time
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
from python_calamine import CalamineWorkbook, PasswordError, SheetTypeEnum

from highneeds.errors import SourceError
from highneeds.sources.archives import MAX_BOX, OLE, ZIP, check_workbook
from highneeds.sources.returns import heading_text, rows_text

MAX_BYTES = 2 * 2**30
TEXT = pd.StringDtype("pyarrow", na_value=np.nan)
_ARROW_TEXT = pa.large_string()
_HEAD = 2**16
_BLOCK = 2**24
_OTHER_KINDS = {ZIP: "a workbook or zip", OLE: "an old workbook", b"%PDF": "a PDF", b"\x1f\x8b": "a gzip"}
_CONTROL = re.compile(rb"[\x01-\x08\x0e-\x1f]")
_SEPARATOR_LINE = re.compile(rb"sep=(.)\r?\n", re.IGNORECASE)
_AGAIN = "Save it again as CSV UTF-8."


def check_file(path: Path) -> None:
    """Raise SourceError where a file is missing, a folder, empty, too large or may not be read."""
    found = ""
    try:
        told = path.stat()
        if not stat.S_ISREG(told.st_mode):
            found = "is a folder" if stat.S_ISDIR(told.st_mode) else "is not a file with data"
        elif told.st_size == 0 or told.st_size > MAX_BYTES:
            found = f"has more than {MAX_BYTES:,} bytes" if told.st_size else "has no bytes"
        else:
            path.open("rb").close()
    except (OSError, ValueError) as fault:
        found = "is not there" if isinstance(fault, FileNotFoundError) else "cannot be opened"
    if found:
        raise SourceError(f"{path.name}: {found}. Expected a file with data. Check the path, or export it again.")


def file_content(path: Path) -> bytes:
    """Bytes of a file. Raises SourceError as `check_file` does."""
    check_file(path)
    return path.read_bytes()


def read_csv_text(path: Path) -> pd.DataFrame:
    """Every column as text (outer spaces gone, blank is NaN), headings as written, and `row`: the header is row 1.

    Rows without any content are dropped, and so is a column of the file's own called `row`.
    UTF-8, UTF-16 with its mark, else Windows-1252; comma, semicolon or tab. Raises SourceError, all faults.
    """
    content, delimiter, before = _opening(_utf8(path.name, file_content(path)))
    names = _header(path.name, content, delimiter)
    table, rows = _parse(path.name, content, delimiter, len(names))
    columns = [tidy(column) for column in table.columns] if _has_outer_spaces(content, delimiter) else table.columns
    kept = [at for at, name in enumerate(names) if name != "row" and (name or columns[at].null_count < len(rows))]
    _refuse_headings(path.name, names, kept)
    return as_frame([columns[at] for at in kept], [names[at] for at in kept], rows + before)


def read_headings(path: Path) -> list[str]:
    """Headings of a CSV file, as written. Raises SourceError where it is no table."""
    content, delimiter, _ = _opening(_utf8(path.name, file_content(path)))
    return [name for name in _header(path.name, content, delimiter) if name]


def tidy(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Arrow text without outer spaces; blank is null."""
    column = pc.utf8_trim_whitespace(column)
    return pc.if_else(pc.equal(column, ""), pa.scalar(None, _ARROW_TEXT), column)


def _has_outer_spaces(content: bytes, delimiter: str) -> bool:
    """True where some cell may begin or end with a space; most exports have none, and need no trimming."""
    if not content.isascii() or any(sign in content for sign in (b"\v", b"\f", b"\x1c")):
        return True
    if b"\t" in content and delimiter != "\t":
        return True
    signs = np.frombuffer(content, dtype=np.uint8)
    edges = np.frombuffer(delimiter.encode() + b'"\r\n ', dtype=np.uint8)
    for start in range(0, len(signs), _BLOCK):
        at = start + np.flatnonzero(signs[start : start + _BLOCK] == ord(" "))
        if not len(at):
            continue
        if at[0] == 0 or at[-1] == len(signs) - 1:
            return True
        if np.isin(signs[at - 1], edges).any() or np.isin(signs[at + 1], edges).any():
            return True
    return False


def as_frame(columns: list[pa.ChunkedArray], names: list, rows: np.ndarray) -> pd.DataFrame:
    """Frame of text columns and `row` (whole numbers), without the rows that hold nothing."""
    holds = np.zeros(len(rows), dtype=bool)
    for column in columns:
        holds |= pc.is_valid(column).to_numpy()
    table = pa.table(columns, names=[str(at) for at in range(len(columns))])
    frame = table.to_pandas(types_mapper=lambda _: TEXT)
    frame.columns = pd.Index(names, dtype=object)
    frame["row"] = rows.astype("int64")
    return frame if holds.all() else frame[holds].reset_index(drop=True)


def _utf8(name: str, content: bytes) -> bytes:
    for mark, kind in _OTHER_KINDS.items():
        if content.startswith(mark):
            raise SourceError(
                f"{name}: is {kind}, not a CSV file. Give the file its own ending, or save it as CSV UTF-8."
            )
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        content = _decoded(name, content, ("utf-16",))
    marked = content.startswith(codecs.BOM_UTF8)
    content = content.removeprefix(codecs.BOM_UTF8)
    nul = content.find(b"\0")
    if nul >= 0 or _CONTROL.search(content, 0, _HEAD):
        row = content.count(b"\n", 0, max(nul, 0)) + 1
        raise SourceError(f"{name}: row {row:,}: found bytes that no text has. Expected a CSV file. {_AGAIN}")
    return content if content.isascii() else _decoded(name, content, ("utf-8",) if marked else ("utf-8", "cp1252"))


def _decoded(name: str, content: bytes, encodings: tuple[str, ...]) -> bytes:
    for encoding in encodings:
        try:
            return content.decode(encoding).encode()
        except UnicodeError as fault:
            at = getattr(fault, "start", 0)
    row = content.count(b"\n", 0, at) + 1
    raise SourceError(f"{name}: row {row:,}: found a character that is not {' or '.join(encodings)}. {_AGAIN}")


def _opening(content: bytes) -> tuple[bytes, str, int]:
    """Content from its header on, its delimiter, and how many rows stand before the header."""
    start = content.lstrip(b"\r\n ")
    before = len(content[: len(content) - len(start)].replace(b"\r\n", b"\n").splitlines())
    told = _SEPARATOR_LINE.match(start)
    if told and told[1] in b",;\t|":
        return start[told.end() :], told[1].decode(), before + 1
    counts = {mark: len(_first_record(start, mark)) for mark in ",;\t"}
    # A comma wins a tie; headings seldom hold the marks of another kind.
    return start, max(counts, key=counts.__getitem__), before


def _first_record(content: bytes, delimiter: str) -> list[str]:
    text = content[:_HEAD].decode(errors="ignore")
    try:
        return next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), [])
    except csv.Error:
        return []


def _header(name: str, content: bytes, delimiter: str) -> list[str]:
    names = [text.strip() for text in _first_record(content, delimiter)]
    if not any(names):
        raise SourceError(f"{name}: no header row was found. Expected the columns' headings in row 1. Export it again.")
    return names


def _refuse_headings(name: str, names: list[str], kept: list[int]) -> None:
    faults = []
    for heading in dict.fromkeys(names[at] for at in kept):
        places = [at for at in kept if names[at] == heading]
        if not heading:
            numbers = ", ".join(str(at + 1) for at in places)
            faults.append(f"{name}: column {numbers}: has cells but no heading. Expected a heading in row 1. Add it.")
        elif len(places) > 1:
            numbers = ", ".join(str(at + 1) for at in places)
            shown = heading_text(names, places[0])
            faults.append(
                f"{name}: column {shown}: the heading stands {len(places)} times (columns {numbers}). Expected once."
            )
    if faults:
        raise SourceError(faults)


def _parse(name: str, content: bytes, delimiter: str, width: int) -> tuple[pa.Table, np.ndarray]:
    """Records after the header, and the row of each."""
    ragged: dict[int, int] = {}
    empty: list[int] = []

    def on_ragged(found: pyarrow.csv.InvalidRow) -> str:
        if found.text.strip(f' {delimiter}"\r\n'):
            ragged[found.number] = found.actual_columns
        else:
            empty.append(found.number)
        return "skip"

    table = _arrow(content, delimiter, width, on_ragged)
    if table is None or _breaks_inside(content, table):
        _refuse_open_quotes(name, content, delimiter, sure=table is None)
    if ragged:
        counts = ", ".join(str(count) for count in sorted(set(ragged.values()))[:3])
        raise SourceError(
            f"{name}: {rows_text(ragged)}: {counts} cells. Expected {width}, as in the header. The file may have been "
            "cut off, or a cell holds the separator without quotes. Export it again."
        )
    rows = np.delete(np.arange(1, len(table) + len(empty) + 1), np.array(empty, dtype="int64") - 1)
    return table.slice(1), rows[1:]


def _arrow(content: bytes, delimiter: str, width: int, on_ragged: Callable) -> pa.Table | None:
    names = [str(at) for at in range(width)]
    try:
        return pyarrow.csv.read_csv(
            pa.BufferReader(content),
            # One thread: only then are the rows numbered.
            read_options=pyarrow.csv.ReadOptions(use_threads=False, block_size=_BLOCK, column_names=names),
            parse_options=pyarrow.csv.ParseOptions(
                delimiter=delimiter, newlines_in_values=True, ignore_empty_lines=False, invalid_row_handler=on_ragged
            ),
            convert_options=pyarrow.csv.ConvertOptions(
                column_types=dict.fromkeys(names, _ARROW_TEXT),
                strings_can_be_null=True,
                quoted_strings_can_be_null=True,
                null_values=[""],
            ),
        )
    except pa.ArrowException:
        return None


def _breaks_inside(content: bytes, table: pa.Table) -> bool:
    if b'"' not in content:
        return False
    odd = content.count(b'"') % 2 == 1
    return odd or any(pc.any(pc.match_substring(column, "\n")).as_py() for column in table.columns)


def _refuse_open_quotes(name: str, content: bytes, delimiter: str, *, sure: bool) -> None:
    """A quote without its partner swallows the rows that follow, and leaves no other trace."""
    number = 0
    try:
        for _ in csv.reader(io.StringIO(content.decode(), newline=""), delimiter=delimiter, strict=True):
            number += 1
    except csv.Error:
        sure = True
    if sure:
        raise SourceError(
            f"{name}: row {number + 1:,}: a quoted cell does not end, or a row is longer than can be read. "
            "Expected a quote on either side of the cell. The file may have been cut off. Export it again."
        )


def read_workbook_text(path: Path) -> dict[str, pd.DataFrame]:
    """Sheet name to its cells as text, without a header: columns 0 (column A), 1 ..., and `row` as the sheet shows it.

    Whole numbers have no decimals, dates are ISO text, true and false are 1 and 0, a formula is its last result.
    Rows without any content are dropped. Raises SourceError, all faults.
    """
    content = file_content(path)
    check_workbook(path.name, content)
    book = _calamine(path.name, lambda: CalamineWorkbook.from_filelike(io.BytesIO(content)))
    names = [sheet.name for sheet in book.sheets_metadata if sheet.typ == SheetTypeEnum.WorkSheet]
    if len(set(names)) < len(names):
        raise SourceError(f"{path.name}: two sheets have the same name. Expected one of each. Save it again as .xlsx.")
    return {name: _sheet(f"{path.name}, sheet {name}", book, name) for name in names}


def _calamine(where: str, read: Callable):
    try:
        return read()
    except PasswordError:
        found = "is locked with a password. Save a copy without the password"
    except Exception:
        found = "cannot be read as a workbook. It may be damaged. Open it and save it again as .xlsx"
    except BaseException as fault:
        # The parser's own panics are no Exception, and carry no class that can be imported.
        if type(fault).__name__ != "PanicException":
            raise
        found = "cannot be read as a workbook. It is damaged. Open it and save it again as .xlsx"
    raise SourceError(f"{where}: {found}.")


def _sheet(where: str, book: CalamineWorkbook, name: str) -> pd.DataFrame:
    sheet = _calamine(where, lambda: book.get_sheet_by_name(name))
    if sheet.total_height * sheet.width > MAX_BOX:
        raise SourceError(f"{where}: has more than {MAX_BOX:,} cells. Save the data as CSV.")
    rows = _calamine(where, lambda: sheet.to_python(skip_empty_area=False))
    columns = [_cells(column) for column in zip(*rows, strict=True)]
    return as_frame(columns, list(range(len(columns))), np.arange(1, len(rows) + 1))


def _cells(column: tuple) -> pa.ChunkedArray:
    # True, 1 and 1.0 are one key, and one text.
    texts = {cell: _cell(cell) for cell in set(column)}
    return tidy(pa.chunked_array([pa.array(map(texts.__getitem__, column), _ARROW_TEXT)]))


def _cell(cell: object) -> str:
    if isinstance(cell, (bool, int)):
        return str(int(cell))
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(sep=" ")
    return cell.isoformat() if isinstance(cell, (date, time)) else str(cell)
