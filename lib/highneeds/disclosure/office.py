"""Sheets of a workbook as rows of text: shared strings put in their cells, days written as days.

A workbook keeps a day as a number and a name in a list of strings; read raw, neither can be recognised.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from lxml import etree

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_SHEET = re.compile(r"^xl/worksheets/[^/]+\.xml$")
_DAY_FORMATS = frozenset([*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)])
_EPOCH = date(1899, 12, 30)


def sheet_parts(name: str, files: Mapping[str, bytes]) -> Iterator[tuple[str, str | None]]:
    """Rows of every sheet, hidden ones too, cells parted by tabs: (part, text). Nothing for other archives."""
    sheets = [member for member in files if _SHEET.match(member)]
    if not sheets:
        return
    strings, days = _strings(files.get("xl/sharedStrings.xml", b"")), _day_styles(files.get("xl/styles.xml", b""))
    for member in sheets:
        tree = _tree(files[member])
        rows = [] if tree is None else [_row(row, strings, days) for row in tree.iter(f"{_MAIN}row")]
        yield f"{name}, cells of {member}", None if tree is None else "\n".join(rows)


def _tree(content: bytes):
    try:
        return etree.fromstring(content, etree.XMLParser(resolve_entities=False, huge_tree=True))
    except etree.XMLSyntaxError:
        return None


def _strings(content: bytes) -> list[str]:
    tree = _tree(content) if content else None
    return [] if tree is None else ["".join(item.itertext(f"{_MAIN}t")) for item in tree.iter(f"{_MAIN}si")]


def _day_styles(content: bytes) -> set[str]:
    """Numbers of the cell styles that show a day."""
    tree = _tree(content) if content else None
    if tree is None:
        return set()
    own = {
        item.get("numFmtId"): re.sub(r'"[^"]*"|\[[^\]]*\]', "", item.get("formatCode", "")).lower()
        for item in tree.iter(f"{_MAIN}numFmt")
    }
    days = {str(number) for number in _DAY_FORMATS} | {key for key, code in own.items() if re.search("[dy]", code)}
    styles = tree.find(f"{_MAIN}cellXfs")
    return set() if styles is None else {str(at) for at, item in enumerate(styles) if item.get("numFmtId") in days}


def _row(row, strings: list[str], days: set[str]) -> str:
    return "\t".join(_cell(cell, strings, days) for cell in row.iter(f"{_MAIN}c"))


def _cell(cell, strings: list[str], days: set[str]) -> str:
    text = "".join(cell.itertext())
    if cell.get("t") == "s" and text.isdecimal() and int(text) < len(strings):
        return strings[int(text)]
    if cell.get("s") in days and re.fullmatch(r"\d{1,5}(\.\d*)?", text):
        return (_EPOCH + timedelta(days=int(float(text)))).isoformat()
    return text
