"""Files of the option calculators: what is read, and every way in which a file can be wrong, told with its row."""

import shutil
from pathlib import Path

import pandas as pd
import pytest

from highneeds.errors import SourceError
from highneeds.sources.option_columns import LAYOUTS
from highneeds.sources.option_files import read_options
from tests.conftest import ROOT

EXAMPLES = ROOT / "lib" / "highneeds" / "assets" / "planning" / "options"
TOP_SLICE = "service,cost_gbp,shared_by,financial_year,source\n"
AWARDS = "financial_year,spend_gbp,exceptional_awards,awards,source\n"


def write(folder: Path, name: str, text: str) -> Path:
    """Folder with one file more."""
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    return folder


def faults(folder: Path) -> list[str]:
    """Every fault of the files in a folder."""
    with pytest.raises(SourceError) as found:
        read_options(folder)
    return list(found.value.faults)


def test_every_file_has_an_invented_example_that_can_be_read():
    """Whoever starts has a shape to copy, and nobody takes it for somebody's figures."""
    held = read_options(EXAMPLES)

    assert set(LAYOUTS) == set(held.tables)
    assert {"invented"} == {source for table in held.tables.values() for source in table["source"]}


def test_a_folder_that_is_not_there_holds_nothing(tmp_path):
    """Most authorities have no option files: that is no fault."""
    held = read_options(tmp_path / "options")

    assert ({}, {}) == (held.tables, held.files)


def test_columns_come_in_their_types_with_row_and_file(tmp_path):
    """A row keeps its number although a blank line stands before it."""
    text = TOP_SLICE + "Outreach,1000.50,pupils,2026-27,paper\n,,,,\nHearing,20,budget,2026-27,paper\n"

    table = read_options(write(tmp_path, "top_slice.csv", text)).tables["top_slice"]

    assert [1000.5, 20.0] == table["cost_gbp"].tolist()
    assert [2, 4] == table["row"].tolist()
    assert {"options/top_slice.csv"} == set(table["file"])


def test_dates_become_dates_and_may_be_blank_where_that_means_something(tmp_path):
    """A pupil who was not in the last year has no end of it."""
    head = "pupil_number,phase,relevant_date,school_year_end,per_pupil_gbp,financial_year,source\n"

    table = read_options(write(tmp_path, "excluded_pupils.csv", head + "1,primary,2025-05-12,,4300,2025-26,s\n")).tables

    row = table["excluded_pupils"].iloc[0]
    assert pd.Timestamp("2025-05-12") == row["relevant_date"]
    assert pd.isna(row["school_year_end"])


def test_two_spellings_of_a_school_are_one_school(tmp_path):
    """Letter case and double spaces would split its effect in two."""
    head = "sample_number,school,setting,current_gbp,source\n"

    table = read_options(
        write(tmp_path, "banding_sample.csv", head + "1,Oak  School,p,1,s\n2,oak school,P,1,s\n")
    ).tables

    assert ["Oak School"] == table["banding_sample"]["school"].unique().tolist()
    assert ["p"] == table["banding_sample"]["setting"].unique().tolist()


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("Outreach,1 000,pupils,2026-27,s", "row 2, column cost_gbp: found '1 000'. Expected a number of pounds"),
        ("Outreach,£1000,pupils,2026-27,s", "row 2, column cost_gbp: found '£1000'"),
        ("Outreach,1e3,pupils,2026-27,s", "row 2, column cost_gbp: found '1e3'"),
        ("Outreach,-5,pupils,2026-27,s", "row 2, column cost_gbp: found '-5'"),
        ("Outreach,,pupils,2026-27,s", "row 2, column cost_gbp: found nothing"),
        ("Outreach,5,heads,2026-27,s", "row 2, column shared_by: found 'heads'. Expected one of: pupils, budget"),
        ("Outreach,5,pupils,2026-28,s", "row 2, column financial_year: found '2026-28'. Expected a financial year"),
        ("Outreach,5,pupils,2026/27,s", "row 2, column financial_year: found '2026/27'"),
        ("Outreach,5,pupils,2026-27,", "row 2, column source: found nothing. Expected words. Say where the row"),
    ],
)
def test_a_cell_that_is_not_what_its_column_holds_is_told(tmp_path, row, expected):
    """Where, what was found, what was expected, what to do."""
    found = faults(write(tmp_path, "top_slice.csv", f"{TOP_SLICE}{row}\n"))

    assert 1 == len(found)
    assert found[0].startswith(f"options/top_slice.csv: {expected}")


@pytest.mark.parametrize(
    ("name", "row", "column"),
    [
        ("notional_threshold.csv", "financial_year,before_pct,after_pct,source\n2026-27,40,160,s\n", "after_pct"),
        (
            "commissioned_places.csv",
            "provider,setting,commissioned_places,filled_places,counted_on,source\nP,s,10,9.5,2026-01-15,s\n",
            "filled_places",
        ),
        (
            "commissioned_places.csv",
            "provider,setting,commissioned_places,filled_places,counted_on,source\nP,s,10,9,15/01/2026,s\n",
            "counted_on",
        ),
        (
            "commissioned_places.csv",
            "provider,setting,commissioned_places,filled_places,counted_on,source\nP,s,10,9,2026-02-30,s\n",
            "counted_on",
        ),
        (
            "alternative_provision_exclusions.csv",
            "academic_year,phase,exclusions,source\n2016/18,Secondary,5,s\n",
            "academic_year",
        ),
    ],
)
def test_shares_counts_and_days_outside_their_bounds_are_told(tmp_path, name, row, column):
    """160%, half a place, a day that is none."""
    found = faults(write(tmp_path, name, row))

    assert [f"options/{name}: row 2, column {column}: found"] == [line.split(" '")[0] for line in found]


def test_a_cell_that_may_hold_a_name_is_not_repeated(tmp_path):
    """Somebody may have put a child's name in the place of a number."""
    head = "pupil_number,phase,relevant_date,school_year_end,per_pupil_gbp,financial_year,source\n"

    found = faults(write(tmp_path, "excluded_pupils.csv", head + "Jane Doe,primary,2025-05-12,,4300,2025-26,s\n"))

    assert ["options/excluded_pupils.csv: row 2, column pupil_number: found something else"] == [
        line.split(".")[0] + "." + line.split(".")[1] for line in found
    ]


def test_all_faults_of_all_files_come_together(tmp_path):
    """One run, one list to work through."""
    write(tmp_path, "top_slice.csv", TOP_SLICE + "Outreach,x,pupils,y,s\n")

    found = faults(write(tmp_path, "non_plan_top_up.csv", AWARDS + "2024-25,z,1,2,s\n"))

    assert ["non_plan_top_up.csv", "top_slice.csv", "top_slice.csv"] == [line.split(":")[0][8:] for line in found]


def test_columns_that_are_unknown_or_missing_are_told_with_the_nearest_name(tmp_path):
    """A typing error is put right at once."""
    found = faults(write(tmp_path, "top_slice.csv", "service,cost,shared_by,source\nOutreach,5,pupils,s\n"))

    assert "row 1, column 2: found 'cost'." in found[0]
    assert found[0].endswith("Did you mean 'cost_gbp'?")
    assert "row 1: cost_gbp, financial_year not found" in found[1]


def test_an_unknown_file_is_told_with_the_known_ones_nearest_first(tmp_path):
    """A file that nobody reads would be trusted in vain."""
    found = faults(write(tmp_path, "top-slice.csv", TOP_SLICE))

    assert found[0].startswith("options/top-slice.csv: there is no option file of that name.")
    assert "the nearest first: top_slice.csv, " in found[0]


def test_the_lock_of_an_office_program_is_passed_over(tmp_path):
    """Somebody has the file open: no reason to stop."""
    write(tmp_path, ".~lock.top_slice.csv#", "x")

    assert {} == read_options(write(tmp_path, "~$top_slice.csv", "x")).tables


def test_a_file_of_headings_alone_is_told(tmp_path):
    """It would look like an answer of nothing."""
    assert "holds no rows" in faults(write(tmp_path, "top_slice.csv", TOP_SLICE))[0]


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        (
            "top_slice.csv",
            TOP_SLICE + "Outreach,5,pupils,2026-27,s\noutreach,6,pupils,2026-27,s\n",
            "rows 2, 3, column service: found the same twice",
        ),
        (
            "top_slice.csv",
            TOP_SLICE + "A,5,pupils,2026-27,s\nB,6,pupils,2026-27,s\nC,6,pupils,2027-28,s\n",
            "rows 4, column financial_year: found another value than in the other rows",
        ),
        (
            "non_plan_top_up.csv",
            AWARDS + "2021-22,5,1,2,s\n2024-25,5,1,2,s\n",
            "row 2, column financial_year: found no row for 2022-23, 2023-24",
        ),
        (
            "non_plan_top_up.csv",
            AWARDS + "2021-22,5,3,2,s\n",
            "row 2, column exceptional_awards: found 3, above awards with 2",
        ),
        (
            "non_plan_top_up.csv",
            AWARDS + "2021-22,1500000,1,2,s\n2022-23,1.4,1,2,s\n",
            "rows 3, column spend_gbp: found numbers under 10,000 beside others over 1,000,000",
        ),
    ],
)
def test_rows_that_disagree_are_told(tmp_path, name, text, expected):
    """Keys, years, order, pounds beside millions."""
    found = faults(write(tmp_path, name, text))

    assert [True] == [line.startswith(f"options/{name}: {expected}") for line in found]


def test_small_and_large_sums_with_others_between_are_one_unit(tmp_path):
    """A £9,000 service beside one of £2m is no mistake where there are others of every size."""
    rows = "A,9000,pupils,2026-27,s\nB,2000000,pupils,2026-27,s\nC,300000,pupils,2026-27,s\n"

    held = read_options(write(tmp_path, "top_slice.csv", TOP_SLICE + rows))

    assert 3 == len(held.tables["top_slice"])


def test_a_gap_is_looked_for_within_each_phase(tmp_path):
    """One phase's years do not fill another's gap."""
    head = "academic_year,phase,exclusions,source\n"
    rows = "2016/17,Primary,5,s\n2017/18,Secondary,5,s\n2018/19,Primary,5,s\n"

    found = faults(write(tmp_path, "alternative_provision_exclusions.csv", head + rows))

    assert "found no row for 2017/18 (phase Primary)" in found[0]


def test_files_that_belong_together_must_agree(tmp_path):
    """A top-slice of one year from budgets of another is no share of anything."""
    folder = tmp_path / "options"
    shutil.copytree(EXAMPLES, folder)
    write(folder, "top_slice.csv", TOP_SLICE + "Outreach,5,pupils,2030-31,s\n")

    found = faults(folder)

    assert "options/top_slice.csv: row 2, column financial_year: found '2030-31'" in found[0]
    assert "stands in options/school_budgets.csv: 2026-27" in found[0]


def test_a_file_that_is_no_table_is_told_with_its_folder(tmp_path):
    """A workbook renamed is still a workbook."""
    folder = tmp_path / "options"
    folder.mkdir()
    (folder / "top_slice.csv").write_bytes(b"PK\x03\x04rest")

    assert faults(folder)[0].startswith("options/top_slice.csv: ")


def test_a_changed_file_has_another_checksum(tmp_path):
    """A report can say from what it was made."""
    text = TOP_SLICE + "Outreach,5,pupils,2026-27,s\n"

    before = read_options(write(tmp_path, "top_slice.csv", text)).files
    after = read_options(write(tmp_path, "top_slice.csv", text.replace("5", "6"))).files

    assert before.keys() == after.keys()
    assert before != after


def test_the_page_of_options_names_every_file_and_column():
    """docs/options.md is where a user looks for what to write."""
    page = (ROOT / "docs" / "options.md").read_text(encoding="utf-8")
    names = {f"`{name}.csv`" for name in LAYOUTS}
    columns = {f"`{column}`" for layout in LAYOUTS.values() for column in layout.columns}

    assert [] == sorted(name for name in names | columns if name not in page)
