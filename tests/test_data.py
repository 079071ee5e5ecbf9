"""The numbers as files: one table a sheet, unique heads, no blanks, no formula, the same numbers as the page."""

import csv
import zipfile
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from highneeds.report.data import safe_text, sheet_csv, write_data


def number(value, unit, status="", places=0):
    return {"value": value, "status": status, "places": places, "unit": unit}


SHEET = {
    "name": "Table 1.1",
    "slug": "table-1-1-x",
    "title": "Requests",
    "row_head": "Area",
    "columns": ["Requests", "Share (%)", "Note"],
    "rows": [
        ["=cmd()", number(12.0, "requests"), number(-7.25, "%", "e", 1), {"text": "@SUM(A1)"}],
        ["Kent", number(None, "requests", "x"), number(0.0, "%", "", 1), {"text": ""}],
    ],
    "note": "A note.",
    "source": "DfE",
}
SHEETS_NS = {
    "t": "urn:oasis:names:tc:opendocument:xmlns:table:1.0",
    "o": "urn:oasis:names:tc:opendocument:xmlns:office:1.0",
}
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def rows_of(content):
    return list(csv.reader(content.decode("utf-8-sig").splitlines()))


def test_csv_holds_numbers_symbols_and_their_meaning():
    """Numbers stay numbers, gaps keep their symbol, marks are explained in a column of their own."""
    actual = rows_of(sheet_csv(SHEET))

    assert ["Area", "Requests", "Share (%)", "Note", "Notes"] == actual[0]
    assert ["'=cmd()", "12", "-7.25", "'@SUM(A1)"] == actual[1][:4]
    assert "estimated" in actual[1][4] and "(Share (%))" in actual[1][4]
    assert ["Kent", "[x]", "0", "none", "none"] == actual[2]


@given(st.text(max_size=12))
def test_no_text_starts_a_formula(text):
    """A cell that comes from a file can never run in a spreadsheet."""
    assert not safe_text(text).startswith(("=", "+", "-", "@", "\t", "\r"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The sheet in every form."""
    target = tmp_path_factory.mktemp("data") / "data"
    write_data([SHEET], target, title="Kent", about=["About this file."], as_at=datetime(2026, 4, 8))
    return target


def test_a_workbook_has_cover_contents_and_one_marked_table_a_sheet(folder):
    """The Analysis Function's checklist: cover, contents, one table a sheet, marked up as a table."""
    with zipfile.ZipFile(folder / "tables.xlsx") as book:
        names = [sheet.get("name") for sheet in etree.fromstring(book.read("xl/workbook.xml")).iter(f"{MAIN}sheet")]
        tables = [name for name in book.namelist() if name.startswith("xl/tables/")]
        everything = b"".join(book.read(name) for name in book.namelist() if name.startswith("xl/worksheets/sheet"))

    assert ["Cover", "Contents", "Table 1.1"] == names
    assert len(tables) >= 1
    assert b"<f>" not in everything and b"mergeCell" not in everything


def test_an_open_spreadsheet_has_the_same_sheets_and_no_formula(folder):
    """ODS is the form government publishes in; numbers are numbers there too."""
    with zipfile.ZipFile(folder / "tables.ods") as book:
        content = etree.fromstring(book.read("content.xml"))
        first = book.infolist()[0]
    names = content.xpath("//t:table/@t:name", namespaces=SHEETS_NS)
    values = content.xpath("//t:table[@t:name='Table 1.1']//@o:value", namespaces=SHEETS_NS)

    assert ["Cover", "Contents", "Table 1.1"] == names
    assert {"12", "-7.25", "0"} == {f"{float(value):g}" for value in values}
    assert [] == content.xpath("//@t:formula", namespaces=SHEETS_NS)
    assert ("mimetype", zipfile.ZIP_STORED) == (first.filename, first.compress_type)


def test_the_same_sheets_give_the_same_bytes(folder, tmp_path):
    """No clock in a file."""
    write_data([SHEET], tmp_path / "again", title="Kent", about=["About this file."], as_at=datetime(2026, 4, 8))

    for path in folder.iterdir():
        assert path.read_bytes() == (tmp_path / "again" / path.name).read_bytes(), path.name


def test_every_table_and_chart_of_a_report_is_there(made):
    """Nothing is shown whose numbers cannot be taken away."""
    page = (made["Kent"].folder / "report.html").read_text(encoding="utf-8")
    data = made["Kent"].folder / "data"

    shown = page.count("<figure ") + page.count('<span class="nr">Table ')
    assert shown == len(list(data.glob("*.csv"))) > 10
    for path in data.glob("*.csv"):
        lines = rows_of(path.read_bytes())
        assert len(set(lines[0])) == len(lines[0]) and all(lines[0]), path.name
        assert all(len(line) == len(lines[0]) and all(line) for line in lines), path.name


def test_a_sheet_with_two_columns_of_one_name_is_refused():
    """A reader could not tell them apart."""
    with pytest.raises(AssertionError, match="two columns have one name"):
        sheet_csv(SHEET | {"columns": ["Requests", "Requests", "Note"]})
