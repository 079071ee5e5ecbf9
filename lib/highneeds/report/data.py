"""The numbers behind every table and chart as files: CSV, XLSX (gptables) and ODS (odfdo).

Follows the Analysis Function's checklist for spreadsheets: one table a sheet, one header row with unique names, no
merged or blank cells, notes and source above the table, a cover and a list of contents. Text never becomes a formula.
"""

import csv
import io
import warnings
import zipfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from highneeds import terms

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
NOTES = "Notes"
FIXED_TIME = (1980, 1, 1, 0, 0, 0)  # a zip must carry a time, and ours tell nothing


def safe_text(text: str) -> str:
    """Text that a spreadsheet shows and never runs; numbers do not come this way."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def write_data(sheets: Sequence[dict], folder: Path, *, title: str, about: Sequence[str], as_at: datetime) -> None:
    """All sheets as CSV files, one workbook (tables.xlsx) and one open spreadsheet (tables.ods)."""
    folder.mkdir()
    for sheet in sheets:
        (folder / f"{sheet['slug']}.csv").write_bytes(sheet_csv(sheet))
    if sheets:
        _write_xlsx(sheets, folder / "tables.xlsx", title=title, about=about, as_at=as_at)
        _write_ods(sheets, folder / "tables.ods", title=title, about=about, as_at=as_at)


def header(sheet: dict) -> list[str]:
    """Unique column names; a last column for the marks beside numbers, where there are any."""
    names = [sheet["row_head"], *sheet["columns"]]
    assert len(set(names)) == len(names), f"{sheet['name']}: two columns have one name"
    return [*names, NOTES] if _marks(sheet) else names


def body(sheet: dict) -> list[list[str | float]]:
    """Rows of the sheet: text, numbers, or the symbol that stands for a number."""
    marked = _marks(sheet)
    lines = []
    for label, *cells in sheet["rows"]:
        line: list[str | float] = [label, *(_cell(cell) for cell in cells)]
        if marked:
            line.append(_row_notes(sheet["columns"], cells))
        lines.append(line)
    return lines


def _row_notes(columns: Sequence[str], cells: Sequence[dict]) -> str:
    """What the marks of a row mean, and for which columns."""
    marks: dict[str, list[str]] = {}
    for name, cell in zip(columns, cells, strict=True):
        if _is_marked(cell):
            marks.setdefault(cell["status"], []).append(name)
    notes = [
        f"{terms.SYMBOLS[status]} ({'all columns' if len(names) == len(columns) else ', '.join(names)})"
        for status, names in sorted(marks.items())
    ]
    return "; ".join(notes) or "none"


def sheet_csv(sheet: dict) -> bytes:
    """One table as CSV, UTF-8 with a mark that Excel reads."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    for line in [header(sheet), *body(sheet)]:
        writer.writerow([safe_text(cell) if isinstance(cell, str) else _number(cell) for cell in line])
    return text.getvalue().encode("utf-8-sig")


def _cell(cell: dict) -> str | float:
    if "text" in cell:
        return cell["text"] or "none"
    if cell["value"] is None:
        return f"[{cell['status'] or 'x'}]"
    return float(cell["value"])


def _number(value: float) -> str:
    return f"{value:.10g}"


def _is_marked(cell: dict) -> bool:
    return "text" not in cell and cell["value"] is not None and bool(cell["status"])


def _marks(sheet: dict) -> bool:
    return any(_is_marked(cell) for row in sheet["rows"] for cell in row[1:])


def _legend(sheet: dict) -> list[str]:
    used = {cell["status"] for row in sheet["rows"] for cell in row[1:] if "text" not in cell and cell["value"] is None}
    return [f"[{status}] {terms.SYMBOLS[status]}" for status in sorted(used) if status in terms.SYMBOLS]


def _write_xlsx(sheets: Sequence[dict], target: Path, *, title: str, about: Sequence[str], as_at: datetime) -> None:
    import gptables
    import pandas as pd

    tables = {
        sheet["name"]: gptables.GPTable(
            table=pd.DataFrame(body(sheet), columns=header(sheet), dtype=object),
            table_name=sheet["slug"].replace("-", "_"),
            title=f"{sheet['name']}: {sheet['title']}",
            instructions="This worksheet contains one table.",
            subtitles=[sheet["note"]] if sheet["note"] else [],
            legend=_legend(sheet),
            source=sheet["source"] or "see the report",
            index_columns={},
        )
        for sheet in sheets
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the library warns of what its own defaults leave out
        book = gptables.produce_workbook(
            str(target),
            sheets=tables,
            cover=gptables.Cover(title=title, intro=list(about)),
            workbook_options={"strings_to_formulas": False, "strings_to_urls": False},
        )
        book.set_properties({"title": title, "created": as_at})
        book.close()


def _write_ods(sheets: Sequence[dict], target: Path, *, title: str, about: Sequence[str], as_at: datetime) -> None:
    from odfdo import Cell, Document, Row, Table

    def table(name: str, lines: Sequence[Sequence[str | float]]) -> Table:
        made = Table(name)
        for line in lines:
            row = Row()
            for cell in line:
                row.append_cell(Cell(cell) if isinstance(cell, str) else Cell(cell, text=_number(cell)), clone=False)
            made.append_row(row, clone=False)
        return made

    document = Document("spreadsheet")
    document.body.clear()
    document.body.append(table("Cover", [[title], *([line] for line in about)]))
    contents = [[sheet["name"], sheet["title"]] for sheet in sheets]
    document.body.append(table("Contents", [["Sheet", "What it shows"], *contents]))
    for sheet in sheets:
        above = [f"{sheet['name']}: {sheet['title']}", sheet["note"], *_legend(sheet), f"Source: {sheet['source']}"]
        lines = [*([line] for line in above if line), header(sheet), *body(sheet)]
        document.body.append(table(sheet["name"], lines))
    document.meta.title = title
    document.meta.language = "en-GB"
    document.language = "en-GB"
    document.meta.creation_date = as_at
    document.meta.date = as_at
    buffer = io.BytesIO()
    document.save(buffer)
    _write_plain_zip(buffer.getvalue(), target)


def _write_plain_zip(content: bytes, target: Path) -> None:
    """The same members without the time at which they were packed; the media type first, as ODF asks."""
    with zipfile.ZipFile(io.BytesIO(content)) as packed, zipfile.ZipFile(target, "w") as plain:
        names = sorted(packed.namelist(), key=lambda name: (name != "mimetype", name))
        for name in names:
            how = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            plain.writestr(zipfile.ZipInfo(name, FIXED_TIME), packed.read(name), compress_type=how)
