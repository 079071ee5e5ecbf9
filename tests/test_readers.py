"""Readers of local case data: one story in seven layouts comes out as the same modules, cell by cell."""

import time
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from highneeds.cases import PLACE
from highneeds.errors import SourceError
from highneeds.fields import DATE, FIELDS, MODULES, PERSON, REQUESTS
from highneeds.sources.case_files import layout_of, read_cases
from highneeds.sources.sen2_xml import read_sen2_xml
from highneeds.sources.text_tables import read_csv_text, read_headings, read_workbook_text
from tests import layouts

DATES = {(field.module, field.name) for field in FIELDS if field.kind == DATE}
WRITE = {
    "sen2_xml": layouts.write_xml,
    "blade_csv": layouts.write_blade,
    "template": lambda folder: layouts.write_template(folder / "return.xlsx"),
    "pre_submission": lambda folder: layouts.write_pre_submission(folder / "draft.xlsx"),
    "five_csv": layouts.write_five,
}


def only(path):
    """The one return that a path holds."""
    (found,) = read_cases(path)
    return found


def story(made, module):
    """Records of a module as (received date of the request, field, text) where there is text; dates in one form."""
    frame, requests = made.modules[module], made.modules[REQUESTS]
    key = "person_id" if module == PERSON else "request_id"
    received = dict(zip(requests[key], iso(requests["received_date"]), strict=True))
    told = set()
    for name in frame.columns.difference(["person_id", "request_id", *PLACE]):
        texts = iso(frame[name]) if (module, name) in DATES else frame[name]
        told |= {(received[who], name, text) for who, text in zip(frame[key], texts, strict=True) if pd.notna(text)}
    return told


def iso(texts):
    """Dates of any layout as ISO text."""
    return pd.to_datetime(texts, format="mixed").dt.strftime("%Y-%m-%d")


@pytest.mark.parametrize("layout", ["blade_csv", "template", "pre_submission"])
@pytest.mark.parametrize("module", MODULES)
def test_every_layout_tells_the_same_story(tmp_path, layout, module):
    """The XML's records, cell by cell, from the export, the template and the draft workbook."""
    expected = story(only(layouts.write_xml(tmp_path / "xml")), module)

    actual = story(only(WRITE[layout](tmp_path / "other")), module)

    assert expected == actual


@pytest.mark.parametrize("module", ["person", "requests", "assessment", "namedplan", "activeplans"])
def test_five_files_tell_what_they_can_of_the_same_story(tmp_path, module):
    """The set has no source of request, which came in 2025."""
    expected = {
        cell for cell in story(only(layouts.write_xml(tmp_path / "xml")), module) if cell[1] != "request_source"
    }

    assert expected == story(only(layouts.write_five(tmp_path / "five")), module)


@pytest.mark.parametrize("layout", WRITE)
def test_layouts_are_known_and_stamped(tmp_path, layout):
    """Year, reference date and authority come from the header; two layouts have none."""
    made = only(WRITE[layout](tmp_path))
    headed = layout in ("sen2_xml", "blade_csv", "template")

    assert (layout, headed) == (made.layout, made.year == 2025)
    assert ((date(2025, 1, 16), "886") if headed else (None, "")) == (made.extract_date, made.la_code)
    assert (layout not in ("sen2_xml", "blade_csv")) == made.stable_ids
    assert not made.invented
    assert {layout} == {layout_of(path) for path in tmp_path.iterdir()}


@pytest.mark.parametrize("layout", WRITE)
def test_one_child_with_two_requests_has_one_plan(tmp_path, layout):
    """Records hang on the request, not on the child."""
    made = only(WRITE[layout](tmp_path))
    requests, plans = made.modules["requests"], made.modules["namedplan"]

    assert [2, 1] == requests.groupby("person_id", sort=False)["request_id"].nunique().tolist()
    assert requests["request_id"].iloc[0] == plans["request_id"].item()


@pytest.mark.parametrize("layout", WRITE)
def test_frames_are_text_with_a_place(tmp_path, layout):
    """Ids and fields are text; file, sheet and row come last; what is held is what there are columns for."""
    made = only(WRITE[layout](tmp_path))
    for module, frame in made.modules.items():
        ids = [name for name in ("person_id", "request_id") if name in frame]
        assert PLACE == list(frame.columns[-3:])
        assert {"str"} == {str(kind) for kind in frame.dtypes.drop(PLACE)}
        assert "int64" == str(frame["row"].dtype)
        names = set(frame.columns) - {*ids, *PLACE}
        assert names == {name for held, name in made.held if held == module}
    assert ("namedplan", "cease_date") in made.held or layout in ("blade_csv", "template", "pre_submission")


@pytest.mark.parametrize(
    ("layout", "expected"), [("sen2_xml", [11, 32, 39]), ("blade_csv", [2, 3, 4]), ("template", [15, 16, 17])]
)
def test_rows_are_those_a_person_sees(tmp_path, layout, expected):
    """XML: line of the element. CSV and workbook: the row's number in a spreadsheet."""
    made = only(WRITE[layout](tmp_path))

    assert expected == made.modules["requests"]["row"].tolist()


@pytest.mark.parametrize("change", [str.upper, str.lower, str.swapcase])
def test_case_of_xml_names_does_not_matter(tmp_path, change):
    """Tools write SENsetting, SENSetting and sensetting."""
    import re

    text = re.sub(r"(?<=<)/?[A-Za-z0-9]+(?=>)", lambda tag: change(tag[0]), layouts.XML)
    expected = only(layouts.write_xml(tmp_path / "as issued"))

    actual = only(layouts.write_xml(tmp_path / "changed", text))

    for module in MODULES:
        pd.testing.assert_frame_equal(expected.modules[module], actual.modules[module])


def test_xml_may_have_namespaces_other_elements_and_a_flat_header(tmp_path):
    """None of them changes a record."""
    text = layouts.XML.replace("<Message>", '<Message xmlns="urn:return">').replace("<RYA>", "<New>x</New><RYA>")
    head = "<Year>2025</Year><ReferenceDate>2025-01-16</ReferenceDate><LEA>886</LEA>"
    flat = text[: text.index("<Header>")] + f"<Header>{head}</Header>" + text[text.index("</Header>") + 9 :]

    made = only(layouts.write_xml(tmp_path, flat))

    assert (2025, "886", 3) == (made.year, made.la_code, len(made.modules["requests"]))


def test_xml_fields_of_another_year_are_held_only_where_they_stand(tmp_path):
    """Residential settings were on active plans in 2023 and on placements since; attendance pattern ended in 2023."""
    text = layouts.XML.replace(">2025<", ">2023<").replace("2025-01-16", "2023-01-19")
    made = only(
        layouts.write_xml(tmp_path, text.replace("<Sex>", "<GenderCurrent>").replace("</Sex>", "</GenderCurrent>"))
    )

    assert ["F", "M"] == made.modules["person"]["sex"].tolist()
    assert {"active_res", "active_wbp"} <= set(made.modules["activeplans"])
    assert "review_meeting" not in made.modules["activeplans"]
    assert "request_source" in made.modules["requests"]  # it stands in the file


def test_a_large_return_keeps_its_lines_and_its_order(tmp_path):
    """Records are put away in parts, and a parser's own line counter ends at 65,535."""
    start, end = layouts.XML.index("<Person>"), layouts.XML.index("</Persons>")
    people = layouts.XML[start:end]
    path = layouts.write_xml(tmp_path, layouts.XML[:start] + people * 8_000 + layouts.XML[end:])

    requests = read_sen2_xml(path).modules["requests"]

    assert 24_000 == len(requests) == requests["request_id"].nunique()
    assert [11, 32, 39] == (requests["row"].tail(3) - people.count("\n") * 7_999).tolist()
    assert ["2024-03-04", "2024-09-09", "2024-03-11"] == requests["received_date"].tail(3).tolist()


def test_renamed_export_files_are_known_by_their_headers(tmp_path):
    """People rename what they download."""
    for at, (name, text) in enumerate(layouts.BLADE.items()):
        heading, rows = text.split("\n", 1)
        changed = heading.upper() if name == "requests" else heading
        (tmp_path / f"download ({at}).csv").write_text(f"{changed}\n{rows}", encoding="utf-8")

    assert story(only(layouts.write_xml(tmp_path.with_name("xml"))), "senneed") == story(only(tmp_path), "senneed")


def test_orphans_keep_no_request(tmp_path):
    """A record whose parent is not there is kept, without a request id, all the way down."""
    tables = layouts.BLADE | {
        "assessment": layouts.BLADE["assessment"].replace(",9,501,", ",9,599,"),
        "requests": layouts.BLADE["requests"].replace(",9,72,", ",9,79,"),
    }
    made = only(layouts.write_blade(tmp_path, tables))

    assert [True, False] == made.modules["assessment"]["request_id"].isna().tolist()
    assert [True] == made.modules["namedplan"]["request_id"].isna().tolist()
    assert [True] == made.modules["plandetail"]["request_id"].isna().tolist()
    assert [False] == made.modules["activeplans"]["request_id"].isna().tolist()
    assert [False, False, True] == made.modules["requests"]["person_id"].isna().tolist()


def test_orphans_of_five_files_keep_no_request(tmp_path):
    """A plan whose request is not in the set cannot be timed."""
    tables = layouts.FIVE | {"m4": layouts.FIVE["m4"].replace("P1,R1", "P1,R9")}

    assert only(layouts.write_five(tmp_path, tables)).modules["namedplan"]["request_id"].isna().all()


def test_optional_tables_may_be_missing(tmp_path):
    """An authority may export persons, requests and assessments alone."""
    tables = {name: layouts.BLADE[name] for name in ("person", "requests", "assessment")}
    made = only(layouts.write_blade(tmp_path, tables))

    assert {"person", "requests", "assessment"} == set(made.modules)
    assert (None, "") == (made.year, made.la_code)


def test_two_exports_in_one_folder_are_two_returns(tmp_path):
    """Each is whole; the date in the names keeps them apart."""
    layouts.write_blade(tmp_path, day="20-01-2025")
    old = {
        name: text.replace("2025-Jan-16", "2024-Jan-18").replace(",2025,", ",2024,")
        for name, text in layouts.BLADE.items()
    }
    layouts.write_blade(tmp_path, old, day="21-01-2024")

    assert [2025, 2024] == [made.year for made in read_cases(tmp_path)]


def test_a_surname_and_forename_in_one_column_is_the_surname(tmp_path):
    """Some sets write the whole name in one column."""
    first = (
        layouts.FIVE["m1"]
        .replace("Surname,Forename", "Surname Forename")
        .replace("e,Ana", "e Ana")
        .replace("o,Ben", "o Ben")
    )

    made = only(layouts.write_five(tmp_path, layouts.FIVE | {"m1": first}))

    assert ["Plantedone Ana", "Plantedtwo Ben"] == made.modules["person"]["surname"].tolist()


def test_annex_a_lists_become_modules(tmp_path):
    """A child of List 1 stands for its request; home education is a setting; List 2 is kept beside the return."""
    made = only(layouts.write_annex(tmp_path))
    placements = made.modules["placementdetail"]

    assert ("annex_a", False, "") == (made.layout, made.stable_ids, made.la_code)
    assert ["C1", "C3", "C9"] == made.modules["person"]["person_id"].tolist()
    assert ["C1", "C3"] == made.modules["requests"]["request_id"].tolist()
    assert [("118001", "1"), ("EHE", "1")] == list(
        zip(placements["urn"].fillna(placements["sen_setting"]), placements["placement_rank"], strict=True)
    )
    assert [("C9", "SLCN", "118009", "Primary")] == list(
        made.modules["sen_support_list"][["person_id", "sen_type", "urn", "phase"]].itertuples(index=False, name=None)
    )
    assert {("namedplan", "start_date"), ("namedplan", "updated_date"), ("person", "disability")} <= made.held


def test_annex_a_may_be_sheets_with_a_title(tmp_path):
    """Workbooks often open with the list's name."""
    rows = [line.split(",") for line in layouts.ANNEX_1.splitlines()]
    path = layouts.write_sheets(tmp_path / "annex.xlsx", {"List 1": [["List 1"], [], *rows], "Notes": [["none"]]})
    made = only(path)

    assert (["C1", "C3"], [4, 5], {"List 1"}) == (
        made.modules["namedplan"]["request_id"].tolist(),
        made.modules["namedplan"]["row"].tolist(),
        set(made.modules["namedplan"]["sheet"]),
    )


def test_review_dates_are_mapped_by_meaning(tmp_path):
    """The decision's date is the last review, the meeting's date the meeting."""
    plans = only(layouts.write_template(tmp_path / "t.xlsx")).modules["activeplans"]

    assert ("2024-12-02", True) == (plans["last_review"].item(), plans["review_meeting"].isna().item())


def test_templates_rows_without_any_content_are_left_out(tmp_path):
    """A template fills the record type and the authority in for rows nobody used."""
    tables = [(title, [*block, [block[1][0], None, 886]]) if "LA (From Header Record)" in block[0] else (title, block)
              for title, block in layouts.TEMPLATE]  # fmt: skip

    made = only(layouts.write_template(tmp_path / "t.xlsx", tables))

    assert [2, 3, 2] == [len(made.modules[module]) for module in ("person", "requests", "assessment")]


def invented_five(folder):
    """Every surname says so."""
    return layouts.write_five(
        folder, layouts.FIVE | {"m1": layouts.FIVE["m1"].replace(",Planted", ",Invented Planted")}
    )


@pytest.mark.parametrize(
    "write",
    [
        invented_five,
        lambda folder: layouts.write_xml(folder, layouts.XML.replace(">Any<", ">INVENTED<")),
        lambda folder: layouts.write_blade(
            folder, layouts.BLADE | {"sen2": layouts.BLADE["sen2"].replace("Any", "INVENTED")}
        ),
        lambda folder: layouts.write_sheets(
            folder / "x.xlsx", layouts.PRE_SUBMISSION | {"Invented": [["All invented"]]}
        ),
        lambda folder: layouts.write_sheets(
            folder / "x.xlsx",
            {"L": [line.split(",") for line in layouts.ANNEX_1.replace("\nC", "\nINVENTED-").splitlines()]},
        ),
    ],
)
def test_invented_data_say_so(tmp_path, write):
    """Software code, sheet, surnames or ids mark what was made up."""
    assert only(write(tmp_path)).invented


def test_one_surname_of_that_word_invents_nothing(tmp_path):
    """Only all of them do."""
    text = layouts.FIVE["m1"].replace("Plantedone", "Invented Plantedone")

    assert not only(layouts.write_five(tmp_path, layouts.FIVE | {"m1": text})).invented


def test_a_folder_is_searched_and_settings_are_passed_over(tmp_path):
    """Subfolders count; settings, look-ups, hidden files and papers' tables are no case data."""
    layouts.write_xml(tmp_path / "2025" / "sen2")
    for name in (
        "about.yml",
        "committee.yml",
        "x.mapping.yml",
        "postcodes.csv",
        "gias.csv",
        "notes.pdf",
        "read me.txt",
    ):
        (tmp_path / name).write_text("not case data", encoding="utf-8")
    (tmp_path / ".hidden.csv").write_text("a,b\n", encoding="utf-8")
    (tmp_path / "requests_by_month.csv").write_text(
        "source,measure,breakdown,period,as_printed\nx,y,z,2024,1\n", encoding="utf-8"
    )
    (tmp_path / "loop").symlink_to(tmp_path)

    assert ["return.xml"] == [file.name for made in read_cases(tmp_path) for file in made.files]


def test_the_order_of_returns_is_that_of_their_paths(tmp_path):
    """Same files, same result."""
    for year in ("2025", "2023", "2024"):
        text = layouts.XML.replace(">2025<", f">{year}<").replace("2025-01-16", f"{year}-01-16")
        layouts.write_xml(tmp_path / year, text)
    layouts.write_five(tmp_path / "2022")

    assert [None, 2023, 2024, 2025] == [made.year for made in read_cases(tmp_path)]


def test_commands_and_tags_in_cells_are_text(tmp_path):
    """Nothing in a cell is ever run; it is kept as it is."""
    text = layouts.FIVE["m1"].replace("Ana", "=cmd()").replace("Ben", "<script>x</script>")

    made = only(layouts.write_five(tmp_path, layouts.FIVE | {"m1": text}))

    assert ["=cmd()", "<script>x</script>"] == made.modules["person"]["forename"].tolist()


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("utf-8", "name,b\r\nZoë, x \r\n"),
        ("utf-8-sig", "name,b\r\nZoë,x\r\n"),
        ("utf-16", "name\tb\r\nZoë\tx\r\n"),
        ("cp1252", "name;b\nZoë;x\n"),
        ("utf-8", "sep=;\nname;b\nZoë;x"),
        ("utf-8", 'name,b\rZoë,"x"\r'),
    ],
)
def test_encodings_and_delimiters_of_csv_files(tmp_path, encoding, text):
    """Excel writes marks, semicolons, tabs and old encodings."""
    path = tmp_path / "a.csv"
    path.write_bytes(text.encode(encoding))

    frame = read_csv_text(path)

    assert (["name", "b"], ["Zoë", "x"]) == (read_headings(path), frame.iloc[0].drop("row").tolist())


def test_rows_stay_right_across_blank_lines_and_quoted_breaks(tmp_path):
    """The header is row 1; a quoted line break stays within its row."""
    path = tmp_path / "a.csv"
    path.write_text('\na,b,\n1,"x\ny",\n\n,,\n,,,,\n 2 ,NA\n'.replace("NA\n", "NA,\n"), encoding="utf-8")

    frame = read_csv_text(path)

    assert [("1", "x\ny", 3), ("2", "NA", 7)] == list(frame.itertuples(index=False, name=None))


def test_a_table_without_rows_is_empty(tmp_path):
    """A module may have no records."""
    path = tmp_path / "a.csv"
    path.write_text("a,b\n", encoding="utf-8")

    assert (["a", "b", "row"], 0) == (list(read_csv_text(path).columns), len(read_csv_text(path)))


def test_workbook_cells_become_plain_text(tmp_path):
    """Whole numbers lose their decimals, dates are ISO, true is 1, blank is blank, rows are as shown."""
    import datetime

    import xlsxwriter

    path = tmp_path / "a.xlsx"
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet("S")
    sheet.write_row(1, 0, ["a", 1, 2.5, 9276308686, True])
    sheet.write_datetime(3, 0, datetime.datetime(2024, 3, 4), book.add_format({"num_format": "dd/mm/yyyy"}))
    sheet.write_formula(3, 1, "=1+1", None, 2)
    sheet.write_string(3, 2, "  =cmd() ")
    book.add_worksheet("Empty")
    book.close()

    sheets = read_workbook_text(path)

    assert ["S", "Empty"] == list(sheets)
    assert [["a", "1", "2.5", "9276308686", "1", 2], ["2024-03-04", "2", "=cmd()", 4]] == [
        [cell for cell in row if pd.notna(cell)] for row in sheets["S"].itertuples(index=False, name=None)
    ]


def test_half_a_million_rows_are_read_in_seconds(tmp_path):
    """No row is handled on its own."""
    path = tmp_path / "big.csv"
    heading, row, *_ = layouts.BLADE["requests"].splitlines()
    path.write_text(heading + "\n" + (row + "\n") * 500_000, encoding="utf-8")
    started = time.perf_counter()

    frame = read_csv_text(path)

    assert (500_000, 500_001) == (len(frame), frame["row"].iloc[-1])
    assert time.perf_counter() - started < 5


@pytest.mark.parametrize(
    "heading",
    [
        "Case,Request received",
        "Person ID,Surname,Postcode,Case,EHCNA requested,Agreed,Plan sent,Case worker",
        layouts.FIVE["m1"].splitlines()[0] + "," + layouts.FIVE["m2"].splitlines()[0],
    ],
)
def test_an_unknown_table_is_handed_on_as_an_extract(tmp_path, heading):
    """An authority's own columns are another reader's business, even where some look like a module's."""
    path = tmp_path / "own.csv"
    path.write_text(heading + "\n", encoding="utf-8")

    assert "extract" == layout_of(path)


def test_every_fault_of_every_file_is_told_at_once(tmp_path):
    """One run shows all there is to put right."""
    layouts.write_xml(tmp_path / "a", layouts.XML[:900])
    layouts.write_five(tmp_path / "b", {"m1": layouts.FIVE["m1"]})
    Path(tmp_path / "c.xlsx").write_bytes(b"PK\x03\x04nothing")

    with pytest.raises(SourceError) as told:
        read_cases(tmp_path)

    assert ["c.xlsx", "m1.csv", "return.xml"] == sorted(fault.split(":")[0] for fault in told.value.faults)
