"""Workbooks written column by column: cells become markup as whole arrays, since a cell at a time takes minutes.

A sheet is a list of blocks below one another; every cell is text, a number or a day. The same cells give the same
bytes: no clock, no random names.
"""

import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from highneeds.demo.cells import all_text, joined, marked_up
from highneeds.errors import ParamsError

MOST_ROWS = 1_048_576
TEXT, NUMBER, DAY = "text", "number", "day"
_OPENING = {TEXT: '" t="inlineStr"><is><t>', NUMBER: '"><v>', DAY: '" s="1"><v>'}
_CLOSING = {TEXT: "</t></is></c>", NUMBER: "</v></c>", DAY: "</v></c>"}
_STAMP = (1980, 1, 1, 0, 0, 0)
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_STYLES = (
    f'{_HEAD}<styleSheet xmlns="{_MAIN}"><fonts count="1"><font/></fonts><fills count="1"><fill/></fills>'
    '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
    '<cellXfs count="2"><xf/><xf numFmtId="14" applyNumberFormat="1"/></cellXfs></styleSheet>'
)


@dataclass(frozen=True)
class Block:
    """Cells of a sheet: rows of single texts, then a table with its headings, then empty rows.

    above: texts by column number (0 is column A), one dict a row. table: heading to (kind, cells as text); missing
    cells stay empty. left: column of the table's first heading.
    """

    table: Mapping[str, tuple[str, pa.Array]]
    above: Sequence[Mapping[int, str]] = ()
    left: int = 0
    below: int = 0

    @property
    def rows(self) -> int:
        """Rows that the block takes."""
        cells = [len(cells) for _, cells in self.table.values()]
        return len(self.above) + (1 + cells[0] if cells else 0) + self.below


def write_workbook(sheets: Mapping[str, Sequence[Block]], path: Path) -> Path:
    """Write sheets of blocks as a workbook. Raises ParamsError where a sheet has more rows than a workbook can."""
    long = [name for name, blocks in sheets.items() if sum(block.rows for block in blocks) > MOST_ROWS]
    if long:
        raise ParamsError(
            f"{path.name}, sheet {long[0]}: more than {MOST_ROWS:,} rows, which no workbook can hold. "
            "Choose layouts of CSV files or XML, or fewer requests a year."
        )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in _frame_of(list(sheets)).items():
            archive.writestr(_entry(name), content)
        for number, blocks in enumerate(sheets.values(), start=1):
            with archive.open(_entry(f"xl/worksheets/sheet{number}.xml"), "w", force_zip64=True) as file:
                _write_sheet(blocks, file)
    return path


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _STAMP)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry._compresslevel = 1
    return entry


def _frame_of(names: list[str]) -> dict[str, str]:
    """Every part of a workbook but its sheets."""
    numbers = range(1, len(names) + 1)
    types = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{_KIND}.worksheet+xml"/>' for n in numbers
    )
    tabs = "".join(
        f'<sheet name="{name}" sheetId="{n}" r:id="rId{n}"/>' for n, name in zip(numbers, names, strict=True)
    )
    links = "".join(
        f'<Relationship Id="rId{n}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>' for n in numbers
    )
    links += f'<Relationship Id="rId{len(names) + 1}" Type="{_OFFICE}/styles" Target="styles.xml"/>'
    return {
        "[Content_Types].xml": f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_KIND}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_KIND}.styles+xml"/>{types}</Types>',
        "_rels/.rels": f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{tabs}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{links}</Relationships>',
        "xl/styles.xml": _STYLES,
    }


def _write_sheet(blocks: Sequence[Block], file) -> None:
    file.write(f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetData>'.encode())
    row = 1
    for block in blocks:
        for texts in block.above:
            file.write(_line(texts, row).encode())
            row += 1
        if block.table:
            file.write(_line(dict(enumerate(block.table, start=block.left)), row).encode())
            file.write(_body(block, row + 1))
        row += block.rows - len(block.above)
    file.write(b"</sheetData></worksheet>")


def _line(texts: Mapping[int, str], row: int) -> str:
    escaped = marked_up(pa.array(list(texts.values()), pa.string())).to_pylist()
    cells = "".join(
        f'<c r="{letters(place)}{row}{_OPENING[TEXT]}{text}{_CLOSING[TEXT]}'
        for place, text in zip(texts, escaped, strict=True)
    )
    return f'<row r="{row}">{cells}</row>'


def _body(block: Block, first: int) -> memoryview:
    count = len(next(iter(block.table.values()))[1])
    numbers = pa.array(np.arange(first, first + count)).cast(pa.string())
    cells = [
        joined(f'<c r="{letters(place)}', numbers, _OPENING[kind], marked_up(text), _CLOSING[kind])
        for place, (kind, text) in enumerate(block.table.values(), start=block.left)
    ]
    rows = joined('<row r="', numbers, '">', *cells, "</row>")
    return all_text(rows)


def letters(place: int) -> str:
    """Letters of a column: 0 is A, 26 is AA."""
    return letters(place // 26 - 1) + chr(65 + place % 26) if place >= 26 else chr(65 + place)
