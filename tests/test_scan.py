"""The scan finds a child's data wherever a file can hold it, says no value, and leaves real reports alone."""

import base64
import io
import json
import struct
import time
import zipfile
import zlib
from datetime import date

import numpy as np
import pandas as pd
import pikepdf
import pypdf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from highneeds.disclosure.known import known_of, vocabulary
from highneeds.disclosure.patterns import is_nhs_number, is_upn
from highneeds.disclosure.scan import NOT_SCANNED, scan_file, scan_text
from highneeds.periods import SURVEY_DAYS
from highneeds.report.allowed import allowed_days, allowed_words
from highneeds.report.front import read_front
from highneeds.sources.papers import read_papers
from highneeds.sources.planning import Planning
from tests.conftest import DEMO_DAY, ROOT

PERSONS = pd.DataFrame(
    {
        "forename": ["Zebedee", "Anna Mary"],
        "surname": ["O'Quill-Marsh", "Tarrow"],
        "birth_date": pd.to_datetime(["2013-02-28", "2011-11-05"]),
        "upn": ["B801200005001", "X000000000001"],
        "uln": ["9276308686", None],
        "postcode": ["CT16 1AB", "ME14 2CD"],
    }
)
KNOWN = known_of(PERSONS, own_ids=["CASE-00417", "123"])
# One of each kind, as it might slip into a file.
PLANTED = {
    "UPN": "B801200005001",
    "ULN": "9276308686",
    "NHS number": "943 476 5919",
    "postcode": "CT16 1AB",
    "email address": "someone@example.org",
    "date of birth": "28/02/2013",
    "name": "O'Quill-Marsh, Zebedee",
    "own id": "case-00417",
}


def kinds(hits):
    return sorted({hit.kind for hit in hits})


@pytest.mark.parametrize("kind", PLANTED)
def test_each_kind_is_found_in_text_and_its_value_is_not_told(kind):
    """A log of hits must not become the leak."""
    hits = scan_text(f"first line\nbefore {PLANTED[kind]} after", KNOWN, allowed_words=["marsh", "quill"])

    assert [(kind, 2, 1)] == [(hit.kind, hit.line, hit.count) for hit in hits if hit.kind == kind]
    assert PLANTED[kind] not in repr(hits) + "".join(hit.says for hit in hits)


@pytest.mark.parametrize(
    "form",
    ["2013-02-28", "2013-02-28T00:00:00", "20130228", "28/02/2013", "28.2.2013", "28-02-2013", "28/2/13",
     "28 February 2013", "28th of February 2013", "28 Feb. 2013", "February 28, 2013", "2013-Feb-28", "28-Feb-13",
     "02/28/2013", "1362009600000"],
)  # fmt: skip
def test_a_birth_date_is_found_in_every_usual_form(form):
    """A chart's axis and a spreadsheet do not write days alike."""
    assert ["date of birth"] == kinds(scan_text(f'"day": "{form}", 7', KNOWN))


def test_allowed_days_words_and_addresses_may_stand():
    """Survey days are somebody's birthday; a district is somebody's surname; an office has a postcode."""
    text = "As at 28 February 2013. Tarrow district. Office: CT16 1AB, send@example.org"

    allowed = {"allowed_dates": [date(2013, 2, 28)], "allowed_words": ["Tarrow", "CT16 1AB", "send@example.org"]}

    assert [] == scan_text(text, KNOWN, **allowed)
    assert ["date of birth", "email address", "postcode", "surname"] == kinds(scan_text(text, KNOWN))


@pytest.mark.parametrize(
    "text",
    ["Tarrow, Anna", "anna tarrow", "ANNA MARY TARROW", "Anna M. Tarrow", "Änna Tárrow", '"Tarrow","Anna Mary"',
     "Zebedee O’Quill-Marsh", "zebedee-oquill-marsh", "Anna\nTarrow", "Anna_Tarrow.csv"],
)  # fmt: skip
def test_a_name_is_found_in_either_order_and_any_spelling(text):
    """Commas, initials, accents and apostrophes differ from one program to the next."""
    assert "name" in kinds(scan_text(text, KNOWN, allowed_words=["tarrow", "quill", "marsh"]))


@pytest.mark.parametrize(
    "text",
    ["Plans: 943 476 2024 in all", "row 12 943 476 5919 33", "sha 9434765919abcdef", "3.9434765919", "#CT161A",
     "E10000016", "April May June", "2013-02", "version 1.2.13", "12 Feb 201", "tarrow in small letters", "123"],
)  # fmt: skip
def test_what_only_looks_alike_is_left_alone(text):
    """A scan that cries wolf is switched off."""
    known = known_of(PERSONS.assign(forename=["May", "Anna"], surname=["April", "Tarrow"]), own_ids=["123"])

    assert [] == scan_text(text, known, allowed_words=["April"])


def test_the_check_letter_and_digit_are_the_published_ones():
    """`B801200005001` is the guide's own example; `X207000016049` should end its sum on P."""
    assert [True, False, True] == [is_upn(upn) for upn in ("B801200005001", "X207000016049", "P207000016049")]
    assert [True, False, False] == [is_nhs_number(digits) for digits in ("9434765919", "9434765918", "0000000000")]


@given(st.text(max_size=300))
def test_any_text_at_all_can_be_scanned(text):
    """Odd signs must not stop a publication with a fault."""
    assert isinstance(scan_text(text, KNOWN), list)


# --- every place of every format -------------------------------------------------------------------------------------

SECRET = "B801200005001"
DRAWN = '<title>Chart</title><path d="M 943 476 L 5919 1"/>'
SVG = f'<svg xmlns="http://www.w3.org/2000/svg">{DRAWN}<desc>{SECRET}</desc></svg>'
PAGES = {
    "visible text": f"<p>{SECRET}</p>",
    "alternative text": f'<img alt="{SECRET}" src="x.png">',
    "data attribute": f'<td data-value="{SECRET}">[c]</td>',
    "hidden element": f'<p hidden style="display:none">{SECRET}</p>',
    "comment": f"<!-- {SECRET} -->",
    "script": f'<script>const rows = ["{SECRET}"];</script>',
    "style": f"<style>p::after {{ content: '{SECRET}' }}</style>",
    "entities": "<p>&#66;801200005001</p>",
    "metadata": f'<meta name="author" content="{SECRET}">',
    "embedded drawing": f'<img src="data:image/svg+xml;base64,{base64.b64encode(SVG.encode()).decode()}">',
    "percent-encoded drawing": f'<img src="data:image/svg+xml,%3Csvg%3E%3Ctext%3E{SECRET}%3C/text%3E%3C/svg%3E">',
    "name parted by tags": "<td>Tarrow</td><td><b>Anna</b> Mary</td>",
}


def png(*chunks):
    header = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    every = [(b"IHDR", header), *chunks, (b"IDAT", zlib.compress(b"\0\0")), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in every
    )


PNG = png((b"tEXt", b"Comment\0" + SECRET.encode()))


def notebook(*, source="1 + 1", outputs=(), metadata=None, attachments=None):
    cell = {"cell_type": "code", "source": [source], "outputs": list(outputs), "metadata": metadata or {}}
    return json.dumps({"cells": [{**cell, "attachments": attachments or {}}], "metadata": {}, "nbformat": 4}).encode()


def shown(mime, data):
    return notebook(outputs=[{"output_type": "display_data", "data": {mime: data}, "metadata": {}}])


NOTEBOOKS = {
    "source": notebook(source=f"# {SECRET}"),
    "cell metadata": notebook(metadata={"papermill": {"parameters": {"child": SECRET}}}),
    "printed text": notebook(outputs=[{"output_type": "stream", "name": "stdout", "text": ["ok\n", SECRET]}]),
    "plain output": shown("text/plain", [SECRET[:5], SECRET[5:]]),
    "web output": shown("text/html", ["<p>", "&#66;801200005001", "</p>"]),
    "drawing": shown("image/svg+xml", SVG),
    "picture": shown("image/png", base64.b64encode(PNG).decode()),
    "json output": shown("application/json", {"a": [1, {"b": SECRET}]}),
    "traceback": notebook(outputs=[{"output_type": "error", "traceback": [f"KeyError: {SECRET}"]}]),
    "attachment": notebook(attachments={"a.png": {"image/png": base64.b64encode(PNG).decode()}}),
}


def archive(**members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as held:
        for name, content in members.items():
            held.writestr(name.replace("__", "/") + ".xml", content)
    return out.getvalue()


MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
STYLES = f'<styleSheet {MAIN}><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>'
STRINGS = f"<sst {MAIN}><si><t>Tarrow</t></si><si><t>plan</t></si><si><r><t>An</t></r><r><t>na</t></r></si></sst>"


def sheet(cells):
    return f"<worksheet {MAIN}><sheetData><row r='1'>{cells}</row></sheetData></worksheet>"


WORKBOOKS = {
    "cell": archive(xl__worksheets__sheet1=sheet(f"<c t='inlineStr'><is><t>{SECRET}</t></is></c>")),
    "hidden sheet": archive(
        xl__workbook=f"<workbook {MAIN}><sheets><sheet name='a' state='veryHidden'/></sheets></workbook>",
        xl__worksheets__sheet9=sheet(f"<c t='str'><v>{SECRET}</v></c>"),
    ),
    "comment": archive(xl__comments1=f"<comments {MAIN}><comment><text><t>{SECRET}</t></text></comment></comments>"),
    "properties": archive(docProps__core=f"<p><creator>{SECRET}</creator></p>"),
    "birth date kept as a number": archive(
        xl__styles=STYLES, xl__worksheets__sheet1=sheet("<c s='1'><v>41333</v></c>")
    ),
    "name in two cells": archive(
        xl__sharedStrings=STRINGS, xl__worksheets__sheet1=sheet("<c t='s'><v>0</v></c><c t='s'><v>2</v></c>")
    ),
    "open document": archive(content=f"<d><table-cell date-value='2013-02-28'/><p>{SECRET}</p></d>"),
    "picture": archive(media=PNG),
}


def pdf(change):
    held = pikepdf.new()
    held.add_blank_page()
    change(held)
    out = io.BytesIO()
    held.save(out)
    return out.getvalue()


def page_text(held):
    font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
    held.pages[0].Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
    held.pages[0].Contents = held.make_stream(f"BT /F1 12 Tf 20 20 Td ({SECRET}) Tj ET".encode())


def info(held):
    held.docinfo["/Subject"] = SECRET


def xmp(held):
    with held.open_metadata() as data:
        data["dc:description"] = SECRET


def attached(held):
    held.attachments["notes.csv"] = f"upn\n{SECRET}\n".encode()


def alternative_text(held):
    element = pikepdf.Dictionary(Type=pikepdf.Name.StructElem, S=pikepdf.Name.Figure, Alt=SECRET)
    held.Root.StructTreeRoot = pikepdf.Dictionary(K=held.make_indirect(element))


def outline(held):
    with held.open_outline() as items:
        items.root.append(pikepdf.OutlineItem(SECRET, 0))


def note(held):
    annotation = pikepdf.Dictionary(
        Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Text, Contents=SECRET, Rect=[0, 0, 9, 9]
    )
    held.pages[0].Annots = pikepdf.Array([held.make_indirect(annotation)])


FILES = {
    **{f"page: {name}": (f"<!doctype html><html><body>{body}</body></html>").encode() for name, body in PAGES.items()},
    **{f"notebook: {name}": content for name, content in NOTEBOOKS.items()},
    **{f"workbook: {name}": content for name, content in WORKBOOKS.items()},
    **{
        f"PDF: {change.__name__}": pdf(change)
        for change in (page_text, info, xmp, attached, alternative_text, outline, note)
    },
    "drawing": SVG.encode(),
    "table": f"area,count\nDover,{SECRET}\n".encode(),
    "table in UTF-16": f"area\t{SECRET}".encode("utf-16"),
    "table in cp1252": f"£,{SECRET}".encode("cp1252"),
    "JSON": b'{"a": ["\\u0042801200005001"]}',
    "picture: text": PNG,
    "picture: packed text": png((b"zTXt", b"Comment\0\0" + zlib.compress(SECRET.encode()))),
    "picture: international text": png((b"iTXt", b"Comment\0\0\0\0\0" + SECRET.encode())),
    "picture: after its end": png() + SECRET.encode(),
}  # fmt: skip


@pytest.mark.parametrize("place", FILES)
def test_what_is_planted_is_found_wherever_a_format_can_hold_it(place):
    """Charts, alt text, data attributes, hidden cells, notebook outputs and PDF metadata obey the same rules."""
    hits = scan_file("report", FILES[place], KNOWN)

    assert {"UPN", "name", "date of birth"} & set(kinds(hits))
    assert NOT_SCANNED not in kinds(hits)
    assert SECRET not in repr(hits) + "".join(hit.says for hit in hits)


def test_the_same_files_without_the_secret_are_clean():
    """The finds above come from what was planted."""
    clean = [content.replace(SECRET.encode(), b"nothing") for content in FILES.values() if SECRET.encode() in content]

    assert [] == [
        hit
        for content in clean
        for hit in scan_file("report", content, known_of(PERSONS.iloc[:0]))
        if hit.kind == "UPN"
    ]


@given(st.sampled_from(sorted(FILES)), st.integers(0, 2_000), st.binary(max_size=12))
def test_a_damaged_file_is_scanned_or_said_to_be_unreadable(place, at, damage):
    """Whatever is wrong with a file, the answer is a list of hits and never a fault."""
    content = FILES[place]

    assert isinstance(scan_file("report", content[:at] + damage + content[at + len(damage) :], KNOWN), list)


@pytest.mark.parametrize("content", [b"\x00\x01\x02\x03" * 9 + b"\xff", b"PK\x03\x04 broken", b"%PDF-1.7 broken"])
def test_what_cannot_be_read_is_said(content):
    """Not scanned is not clean."""
    assert [NOT_SCANNED] == kinds(scan_file("mystery.bin", content, KNOWN))


def test_a_locked_pdf_is_not_scanned():
    """A reader with the password sees what the scan cannot."""
    writer, out = pypdf.PdfWriter(), io.BytesIO()
    writer.add_blank_page(100, 100)
    writer.encrypt("secret", algorithm="RC4-128")
    writer.write(out)

    assert [NOT_SCANNED] == kinds(scan_file("locked.pdf", out.getvalue(), KNOWN))


def test_neither_the_known_nor_the_vocabulary_shows_its_content():
    """A traceback prints its variables."""
    assert "Known(...) Vocabulary(2 words)" == f"{KNOWN!r} {vocabulary(['secret'])!r}"


def many_persons(count):
    draws = np.random.default_rng(1)
    letters = np.array(list("aeioulmnrstdk"))
    words = ["".join(draws.choice(letters, 7)).title() for _ in range(3_000)]
    common = ["Green", "Young", "May", "West", "Price", "Kent", "Dover", "King", "Long", "Day"]
    return pd.DataFrame(
        {
            "forename": draws.choice([*words[:500], "May", "April", "Will", "Grace", "Mark"], count),
            "surname": draws.choice([*words[500:], *common], count),
            "birth_date": pd.Timestamp("2000-01-01") + pd.to_timedelta(draws.integers(0, 9_000, count), unit="D"),
            "upn": [f"A{number:012d}" for number in range(count)],
            "uln": [str(7_000_000_000 + 7 * number) for number in range(count)],
            "postcode": [f"ME{number % 20} {number % 9}AB" for number in range(count)],
        }
    )


@pytest.fixture(scope="module")
def hundred_thousand():
    """As many children as a large county has had cases in its systems."""
    persons = many_persons(100_000)
    return known_of(persons, own_ids=[f"REQ{number:07d}" for number in range(len(persons))])


def test_a_real_report_raises_no_false_alarm(made, panel, hundred_thousand):
    """Published figures on Kent, read against 100,000 invented children and the project's own words."""
    texts = [
        path.read_text(encoding="utf-8")
        for folder in ("lib", "notebooks")
        for path in sorted((ROOT / folder).rglob("*"))
        if path.is_file() and path.suffix in {".py", ".yml", ".j2", ".html", ".css", ".js", ".ipynb"}
    ]
    words = vocabulary([*texts, *panel.areas["area_name"]])
    folder, raw = made["Kent"].folder, ROOT / "data" / "raw" / "kent"
    allowed = allowed_days(panel, read_papers(raw), read_front(raw), Planning(), made["Kent"].as_at)
    days = [*SURVEY_DAYS.values(), *allowed]
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]

    hits = [
        hit
        for path in files
        for hit in scan_file(path.name, path.read_bytes(), hundred_thousand, allowed_dates=days, allowed_words=words)
    ]

    assert len(files) > 10
    assert [] == hits


def test_days_of_balances_openings_and_year_ends_are_no_birth_dates(panel):
    """A child born on 31 March 2024 must not stop a report that prints the balance of that day."""
    raw = ROOT / "data" / "raw" / "kent"
    papers, front = read_papers(raw), read_front(raw)
    capacity = pd.DataFrame({"setting": ["Whitfield School"], "places": [80], "opens": pd.to_datetime(["2025-10-06"])})

    bare = allowed_days(panel, papers, front, Planning(), DEMO_DAY)
    planned = allowed_days(panel, papers, front, Planning(tables={"capacity": capacity}), DEMO_DAY)

    assert {date(2024, 3, 31), papers.dated, date(2028, 3, 31), date(2026, 2, 9)} <= bare
    assert {date(2025, 10, 6)} == planned - bare
    assert date(2015, 6, 14) not in bare
    assert "Whitfield School" in allowed_words(panel, papers, front, Planning(tables={"capacity": capacity}))


def test_a_long_report_is_scanned_in_two_seconds(hundred_thousand):
    """A megabyte against 100,000 children; a slow check is a skipped one."""
    page = "<p>In calendar 2024 the council issued 2,424 plans, 33.3% within 20 weeks of 140 days.</p>\n" * 11_500
    begin = time.perf_counter()

    scan_file("report.html", f"<html><body>{page}</body></html>".encode(), hundred_thousand)

    assert time.perf_counter() - begin < 10  # 2 s on a machine of its own
