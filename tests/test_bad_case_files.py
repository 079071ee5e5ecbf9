"""Bad case files end in a message that says where and what to do: never in a crash, never with a child's details."""

import io
import os
import random
import struct
import time
import traceback
import zipfile
from datetime import date
from pathlib import Path

import pytest

from highneeds.clean.cases import clean_cases
from highneeds.clean.rules import Context, check
from highneeds.demo.write import write_demo
from highneeds.errors import HighneedsError, SourceError
from highneeds.measures.journeys import journeys
from highneeds.measures.local_caseload import caseload
from highneeds.measures.local_requests import requests_by
from highneeds.measures.local_timeliness import open_cases
from highneeds.sources.case_files import read_cases
from highneeds.sources.text_tables import read_csv_text
from tests import layouts

# Raised by hand before a release: FUZZ_FILES=5000 pytest tests/test_bad_case_files.py
FUZZ_FILES = int(os.environ.get("FUZZ_FILES", "250"))
PLANTED = ("planted", "b801200005001", "b80120000", "zz99", "3wz", "4wz")
QUICK = 1.0  # seconds


def faults_of(path):
    """Faults that reading a path ends with."""
    with pytest.raises(SourceError) as told:
        read_cases(path)
    return told.value.faults


def the_fault(path):
    """The one fault that reading a path ends with."""
    (fault,) = faults_of(path)
    return fault


def put(path, content):
    """A file with these bytes or this text."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize("name", ["a.csv", "a.xml", "a.xlsx", "a.xls"])
def test_a_file_of_zero_bytes_is_named(tmp_path, name):
    """An export that failed leaves an empty file."""
    fault = the_fault(put(tmp_path / name, b""))

    assert fault.startswith(f"{name}: has no bytes. Expected a file with data.")


def test_a_path_that_is_not_there_is_named(tmp_path):
    """A typing error in a path is no crash."""
    assert the_fault(tmp_path / "no such.csv").startswith("no such.csv: is not there.")


def test_a_folder_where_a_file_should_be_is_named(tmp_path):
    """A reader of files says so; the door searches folders, and says where it found nothing."""
    (tmp_path / "return.csv").mkdir()

    with pytest.raises(SourceError, match=r"return\.csv: is a folder\. Expected a file"):
        read_csv_text(tmp_path / "return.csv")
    assert the_fault(tmp_path / "return.csv").startswith("return.csv: no case data was found.")


def test_links_in_a_circle_and_special_files_do_not_hang(tmp_path):
    """A link to itself cannot be opened; a pipe would wait for ever."""
    (tmp_path / "self.csv").symlink_to(tmp_path / "self.csv")
    os.mkfifo(tmp_path / "pipe.csv")

    assert ["pipe.csv: is not a file with data", "self.csv: cannot be opened"] == [
        fault.split(".", 2)[0] + "." + fault.split(".", 2)[1] for fault in faults_of(tmp_path)
    ]


def test_a_zip_in_a_folder_is_not_passed_over_in_silence(tmp_path):
    """Its files would be missing from every count."""
    layouts.write_xml(tmp_path)
    put(tmp_path / "more.zip", b"PK\x03\x04")

    assert "more.zip: is a zip. Expected its files themselves. Unpack it into the folder." == the_fault(tmp_path)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (layouts.XML[:1500], "return.xml: line 26: is not well-formed XML"),
        (layouts.XML.replace("</Message>", ""), "is not well-formed XML"),
        ("<?xml version='1.0'?>", "is not well-formed XML"),
        ("<Message><Header/></Message>", "no Person element was found"),
        (layouts.XML.replace("<Year>2025</Year>", "").replace("2025-01-16", ""), "no Year was found"),
        (layouts.XML.replace(">2025<", ">2024<"), "year 2024 but reference date 2025-01-16"),
        (layouts.XML.replace("</Header>", "</Header><Header><Year>2024</Year></Header>"), "2 different years"),
        (layouts.XML.replace("<Sex>", "<LEA>887</LEA><Sex>", 1), "2 different authorities"),
        (layouts.XML.replace("<LEA>886", "<LEA>Kent"), "LA number is not three digits"),
        (layouts.XML.replace(">2025<", ">MMXX<"), "the header's year is no year from 2023 on"),
        (layouts.XML.replace("2025-01-16", "mid January"), "reference date is no date"),
        (
            layouts.XML.replace("<RYA>0</RYA>", "<RYA>0</RYA><rya>1</rya>", 1),
            "line 12: a record holds the same element",
        ),
        ("<M>" + "<a>" * 400 + "</a>" * 400 + "</M>", "nested deeper than a return is"),
    ],
)
def test_broken_and_contradicting_xml_is_refused(tmp_path, text, expected):
    """Each with the line where there is one."""
    assert expected in the_fault(layouts.write_xml(tmp_path, text))


def test_swelling_entities_are_refused_before_they_are_read(tmp_path):
    """Ten lines that would unfold to gigabytes."""
    lines = "".join(f'<!ENTITY l{at} "{f"&l{at - 1};" * 10}">' for at in range(1, 10))
    text = f'<?xml version="1.0"?><!DOCTYPE m [<!ENTITY l0 "ha">{lines}]><Message><Surname>&l9;</Surname></Message>'
    started = time.perf_counter()

    fault = the_fault(layouts.write_xml(tmp_path, text))

    assert "return.xml: line 1: declares a document type (DOCTYPE)" in fault
    assert time.perf_counter() - started < QUICK


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_outside_entities_are_never_looked_up(tmp_path, encoding):
    """A return could otherwise read any file of the machine into itself."""
    secret = put(tmp_path / "elsewhere" / "secret", b"topsecret")
    head = f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE m [<!ENTITY x SYSTEM "{secret.as_uri()}">]>'
    text = head + layouts.XML.split("?>")[1].replace("Plantedone", "&x;")
    path = put(tmp_path / "return.xml", text.encode(encoding))

    fault = the_fault(path)

    assert "declares a document type" in fault
    assert "topsecret" not in fault


def test_an_inclusion_is_an_unknown_element(tmp_path):
    """XInclude is never followed."""
    secret = put(tmp_path / "elsewhere" / "secret", b"topsecret")
    tag = f'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" parse="text" href="{secret.as_uri()}"/>'
    path = layouts.write_xml(tmp_path, layouts.XML.replace("Plantedone", tag))

    (made,) = read_cases(path)

    assert made.modules["person"]["surname"].isna().tolist() == [True, False]


def workbook_of(members):
    """Bytes of a zip with these members."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return made.getvalue()


def workbook_with_sheet(body, tmp_path):
    """A workbook as a spreadsheet writes it, its sheet's rows replaced."""
    path = layouts.write_sheets(tmp_path / "a.xlsx", {"S": [["a"]]})
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    sheet = members["xl/worksheets/sheet1.xml"].decode()
    start, end = sheet.index("<sheetData>") + 11, sheet.index("</sheetData>")
    return put(path, workbook_of(members | {"xl/worksheets/sheet1.xml": sheet[:start] + body + sheet[end:]}))


def test_a_zip_bomb_is_refused_at_once(tmp_path):
    """300 megabytes of nothing in 300 kilobytes."""
    path = put(
        tmp_path / "bomb.xlsx", workbook_of({"xl/workbook.xml": b"<a/>", "xl/worksheets/sheet1.xml": bytes(3 * 10**8)})
    )
    started = time.perf_counter()

    fault = the_fault(path)

    assert "bomb.xlsx" in fault
    assert "300,000,004 bytes unpacked" in fault
    assert time.perf_counter() - started < QUICK


def test_a_zip_that_lies_about_its_size_is_refused(tmp_path):
    """The size that a zip declares is what protects its reader."""
    content = workbook_of({"xl/workbook.xml": bytes(10**8)})
    small = struct.pack("<I", 1000)
    path = put(tmp_path / "liar.xlsx", content.replace(struct.pack("<I", 10**8), small))
    started = time.perf_counter()

    assert "liar.xlsx: a member is larger than the zip says." in the_fault(path)
    assert time.perf_counter() - started < QUICK


def test_too_many_members_are_refused(tmp_path):
    """A workbook has a few dozen."""
    assert "2,500 members" in the_fault(put(tmp_path / "a.xlsx", workbook_of({str(at): b"" for at in range(2_500)})))


@pytest.mark.parametrize(
    "body",
    [
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
        "<row r='1'><c r='XFD1'><v>1</v></c></row><row r='900000'><c r='A900000'><v>1</v></c></row>",
        '<row r="1">' + "<c><v>1</v></c>" * 16_000 + '</row><row r="1048576"><c><v>1</v></c></row>',
        '<row r="1"><c r="AAAAAA1"><v>1</v></c></row><row r="1000000"><c r="A1000000"><v>1</v></c></row>',
    ],
)
def test_one_far_off_cell_does_not_fill_the_memory(tmp_path, body):
    """Readers of sheets make room for the whole box, which stops the program itself."""
    assert "a sheet reaches to row" in the_fault(workbook_with_sheet(body, tmp_path))


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"PK\x03\x04" + b"garbage" * 50, "was cut off or damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000), "cannot be read as a workbook"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le"),
            "locked with a password",
        ),
        (workbook_of({"readme.txt": b"x"}), "cannot be read as a workbook"),
        (workbook_of({"xl/workbook.bin": b"x"}), "binary workbook (.xlsb)"),
    ],
)
def test_what_is_no_sound_workbook_is_refused(tmp_path, content, expected):
    """Garbage, locked, cut off or of another kind."""
    assert expected in the_fault(put(tmp_path / "a.xlsx", content))


def test_a_member_locked_with_a_password_is_refused(tmp_path):
    """The zip's own kind of lock."""
    content = bytearray(workbook_of({"xl/workbook.xml": b"<a/>"}))
    content[content.index(b"PK\x01\x02") + 8] |= 1

    assert "locked with a password" in the_fault(put(tmp_path / "a.xlsx", bytes(content)))


def test_a_workbook_that_was_cut_off_is_refused(tmp_path):
    """A copy that broke off."""
    path = layouts.write_template(tmp_path / "return.xlsx")
    path.write_bytes(path.read_bytes()[:-200])

    assert "return.xlsx: is a workbook that was cut off or damaged." in the_fault(path)


def test_two_returns_in_one_workbook_are_refused(tmp_path):
    """Their ids would run together."""
    rows = layouts.template_rows()
    path = layouts.write_sheets(tmp_path / "a.xlsx", {"Data Entry Template": rows, "Copy": rows})

    assert "sheets Data Entry Template and Copy both hold a return" in the_fault(path)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "Requests record ID",
            "Request number",
            "sheet Data Entry Template, Requests Records: no column 'Requests record ID'",
        ),
        ("Person ID", "Number", "sheet Data Entry Template, Person Record: no column 'Person ID'"),
        ("Ethnicity", "Surname", "Person Record: columns 'Surname', 'Surname' give the same thing (surname)"),
    ],
)
def test_a_template_without_its_ids_names_sheet_table_and_column(tmp_path, old, new, expected):
    """Records without ids cannot be joined."""
    tables = [
        (title, [[new if isinstance(cell, str) and cell.startswith(old) else cell for cell in block[0]], *block[1:]])
        for title, block in layouts.TEMPLATE
    ]

    assert any(expected in fault for fault in faults_of(layouts.write_template(tmp_path / "a.xlsx", tables)))


def test_records_of_two_authorities_in_a_template_are_refused(tmp_path):
    """Each row repeats the header's authority."""
    tables = [
        (title, [*block[:-1], [887 if cell == 886 else cell for cell in block[-1]]])
        for title, block in layouts.TEMPLATE
    ]

    assert "2 different authorities in one return" in the_fault(
        layouts.write_template(tmp_path / "a.xlsx", tables[1:4])
    )


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ("1,1,1,9,SEN2,2024,2025-Jan-16 00:00:00,L,886,Any\n", "year 2024 but reference date 2025-01-16"),
        ("1,1,1,9,SEN2,2025,,L,886,Any\n2,2,2,9,SEN2,2024,,L,886,Any\n", "2 different years in one return"),
        ("1,1,1,9,SEN2,2025,,L,886,Any\n2,2,2,9,SEN2,2025,,L,887,Any\n", "2 different authorities in one return"),
    ],
)
def test_years_or_authorities_mixed_in_an_export_are_refused(tmp_path, rows, expected):
    """A return speaks of one year and one authority."""
    heading = layouts.BLADE["sen2"].split("\n")[0]
    fault = the_fault(layouts.write_blade(tmp_path, layouts.BLADE | {"sen2": f"{heading}\n{rows}"}))

    assert "Blade-Export_20-01-2025_sen2.csv" in fault
    assert expected in fault


@pytest.mark.parametrize(
    ("gone", "named"), [("person", "person"), ("requests", "requests"), ("assessment", "assessment")]
)
def test_a_table_that_others_need_is_missed(tmp_path, gone, named):
    """Plans hang on assessments, all on requests and persons."""
    tables = {name: text for name, text in layouts.BLADE.items() if name != gone}

    assert f"the file Blade-Export_..._{named}.csv is missing" in the_fault(layouts.write_blade(tmp_path, tables))


def test_two_files_for_one_table_are_both_named(tmp_path):
    """A second copy, even a changed one, cannot be told from the first."""
    layouts.write_blade(tmp_path)
    put(tmp_path / "requests (1).csv", layouts.BLADE["requests"] + "504,4,1,9,72,,,,,,,,\n")

    fault = the_fault(tmp_path)

    assert fault.startswith("Blade-Export_20-01-2025_requests.csv and requests (1).csv: all hold table requests")


def test_two_halves_of_two_exports_are_no_return(tmp_path):
    """Table ids are numbered anew in each export."""
    layouts.write_blade(tmp_path, {"person": layouts.BLADE["person"]}, day="20-01-2025")
    layouts.write_blade(tmp_path, {"requests": layouts.BLADE["requests"]}, day="21-01-2025")

    assert ["person.csv is missing", "requests.csv is missing"] == sorted(
        fault.split("Blade-Export_..._")[1][: len(name)]
        for fault, name in zip(
            sorted(faults_of(tmp_path)), ["requests.csv is missing", "person.csv is missing"], strict=True
        )
    )


def test_two_files_for_one_module_and_missing_modules_of_five(tmp_path):
    """The set needs persons and requests, once each."""
    put(tmp_path / "twice" / "other.csv", layouts.FIVE["m1"] + "P3,x,,,,,,\n")
    layouts.write_five(tmp_path / "twice")
    layouts.write_five(tmp_path / "few", {"m3": layouts.FIVE["m3"]})

    assert [
        "m1.csv and other.csv: all hold module 1 (person). Expected one file. Remove the others.",
        "m3.csv: module 1 (person) is missing beside them. Expected a CSV file with it. Add it.",
        "m3.csv: module 2 (requests) is missing beside them. Expected a CSV file with it. Add it.",
    ] == sorted(faults_of(tmp_path))


def test_one_annex_list_twice_is_refused(tmp_path):
    """Last year's list left in the folder."""
    layouts.write_annex(tmp_path)
    put(tmp_path / "old.csv", layouts.ANNEX_1.replace("C3", "C4"))

    assert "list 1.csv and old.csv: all hold List 1." in the_fault(tmp_path)


def test_the_same_return_twice_is_refused(tmp_path):
    """A copy would count every child twice."""
    layouts.write_xml(tmp_path)
    layouts.write_xml(tmp_path / "copy")

    assert "return.xml and return.xml: hold the same bytes." in the_fault(tmp_path)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("Surname,Surname\nx,y\n", "a.csv: column 'Surname': the heading stands 2 times (columns 1, 2)."),
        ("Plantedone,x,Plantedone\n1,2,3\n", "a.csv: column number 1: the heading stands 2 times (columns 1, 3)."),
        ("a,,c\n1,2,3\n", "a.csv: column 2: has cells but no heading."),
        ("a,b\n1,2\n1\n1,2,3\n", "a.csv: rows 3, 4: 1, 3 cells. Expected 2, as in the header."),
        ('a,b\n1,2\n3,"Plantedone\n4,5\n', "a.csv: row 3: a quoted cell does not end"),
        ('a,b\n1,"2\n3,"Plantedone\n4,"5\n', "a quoted cell does not end"),
        ("a,b\n1,\0\n", "a.csv: row 2: found bytes that no text has."),
        (b"a,b\n1,\x81\n", "a.csv: row 2: found a character that is not utf-8 or cp1252."),
        (b"\xef\xbb\xbfa,b\n1,\xe9\n", "a.csv: row 2: found a character that is not utf-8."),
        (b"\xff\xfea\x00,\x00b\x00\n\x00\x00\xd8", "found a character that is not utf-16"),
        (b"%PDF-1.7 text\n", "is a PDF, not a CSV file"),
        ("\n\n \n", "no header row was found"),
        (bytes(range(1, 9)) * 9, "found bytes that no text has"),
    ],
)
def test_bad_csv_files_say_where_and_what(tmp_path, content, expected):
    """File, row or column, what was expected; no cell is repeated."""
    with pytest.raises(SourceError) as told:
        read_csv_text(put(tmp_path / "a.csv", content))

    assert expected in str(told.value)
    assert "planted" not in str(told.value).lower()


def test_columns_nobody_knows_are_passed_over(tmp_path):
    """Authorities add their own."""
    wider = "\n".join(f"{line},{'Mine' if at == 0 else 'x'}" for at, line in enumerate(layouts.FIVE["m2"].splitlines()))

    (made,) = read_cases(layouts.write_five(tmp_path, layouts.FIVE | {"m2": wider}))

    assert "Mine" not in made.modules["requests"]


def mutated(content: bytes, chance: random.Random) -> bytes:
    """Bytes flipped, taken out, put in, cut off or said twice."""
    data = bytearray(content)
    for _ in range(chance.choice([1, 1, 2, 5, 20])):
        at, size = chance.randrange(len(data) + 1), chance.choice([1, 1, 4, 40, 400])
        deed = chance.randrange(6)
        if deed == 0 and at < len(data):
            data[at] ^= 1 << chance.randrange(8)
        elif deed == 1:
            del data[at : at + size]
        elif deed == 2:
            data[at:at] = chance.randbytes(size)
        elif deed == 3:
            data = data[: max(1, at)] if chance.random() < 0.3 else data
        elif deed == 4:
            data[at:at] = data[at : at + size]
        else:
            data[at:at] = chance.choice([b'"', b",", b"\n", b"<", b">", b"&", b"\0", b"\xff", b"=cmd()", b"</Person>"])
    return bytes(data)


def mutated_workbook(content: bytes, chance: random.Random) -> bytes:
    """A zip that is sound, with one member that is not."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    name = chance.choice(sorted(members))
    return workbook_of(members | {name: mutated(members[name], chance)})


def seeds(folder: Path) -> list[Path]:
    """One sound input of every layout, in folders of their own."""
    layouts.write_xml(folder / "xml")
    layouts.write_blade(folder / "blade")
    layouts.write_five(folder / "five")
    layouts.write_annex(folder / "annex")
    layouts.write_template(folder / "template" / "t.xlsx")
    layouts.write_pre_submission(folder / "draft" / "d.xlsx")
    put(
        folder / "extract" / "own.csv",
        layouts.FIVE["m2"].replace("Person ID", "Child").replace("Requests Record ID", "Case"),
    )
    write_demo(
        folder.parent / "demo", layouts=["extract", "five_csv"], requests_a_year=20, as_at=date(2025, 3, 18), seed=1
    )
    (folder.parent / "demo" / "extract").rename(folder / "confirmed")  # an extract with its confirmed mapping
    (folder.parent / "demo" / "five_csv").rename(folder / "larger")
    return sorted(path for path in folder.iterdir())


def all_the_way(folder: Path) -> None:
    """Read, clean, check and measure what is in a folder."""
    returns = read_cases(folder)
    cases = clean_cases(returns)
    check(Context(cases=cases, returns=returns))
    assert (cases.counts["rows_in"] == cases.counts["used"] + cases.counts["quarantined"]).all()
    paths = journeys(cases, at=cases.extract_date)
    requests_by(paths, by="month")
    open_cases(paths, cases.extract_date)
    caseload(cases, cases.extract_date)


def _last(fault: BaseException) -> str:
    """File and line in which a crash happened, for whoever mends it."""
    frame = traceback.extract_tb(fault.__traceback__)[-1]
    return f"{Path(frame.filename).name}:{frame.lineno}"


def test_no_mutated_file_crashes_or_tells_of_a_child(tmp_path):
    """Whatever happens to a file, it ends in measures or a message, never in a crash; messages hold no cell of it."""
    chance = random.Random(20250116)
    folders = seeds(tmp_path / "sound")
    crashes, leaks, refused = [], [], 0
    for number in range(FUZZ_FILES):
        folder = chance.choice(folders)
        sound = chance.choice(sorted(folder.iterdir()))
        content = sound.read_bytes()
        inside = sound.suffix == ".xlsx" and chance.random() < 0.7
        sound.write_bytes(mutated_workbook(content, chance) if inside else mutated(content, chance))
        try:
            all_the_way(folder)
        except HighneedsError as fault:
            refused += 1
            told = "".join(traceback.format_exception(fault)) + repr(fault)
            leaks += [f"{number} {sound.name}: {word}" for word in PLANTED if word in told.lower()]
        except BaseException as fault:
            crashes.append(f"{number} {folder.name}/{sound.name}: {type(fault).__name__} {_last(fault)}")
        finally:
            sound.write_bytes(content)

    assert ([], []) == (crashes, leaks)
    assert FUZZ_FILES // 5 < refused < FUZZ_FILES
