"""The papers' tables stay as printed: totals agree where the paper's do, and disagree where they do not."""

from datetime import date

import pandas as pd
import pytest

from highneeds.errors import HighneedsError, SourceError
from highneeds.months import TOTAL, monthly_table, span_total
from highneeds.sources.papers import read_papers
from tests.conftest import ROOT

RAW = ROOT / "data" / "raw"
KENT_MONTHS = [419, 281, 302, 304, 346, 115, 248, 376, 420, 346, 376, 341]


@pytest.fixture(scope="module")
def kent():
    """Kent's tables."""
    return read_papers(RAW / "kent")


@pytest.fixture(scope="module")
def months(kent):
    """Kent's monthly requests by area."""
    rows = kent.tables["requests_by_month_and_area"]
    return monthly_table(rows, authority="Kent", area_code="E10000016", dated=kent.dated, as_at=date(2026, 4, 8))


def test_kent_monthly_totals_are_as_printed(months):
    """Twelve months, 3,874 requests in all."""
    actual = [months.printed[month].value for month in months.months]

    assert KENT_MONTHS == actual
    assert 3_874 == span_total(months, TOTAL, "Kent").value


def test_kent_areas_sum_to_each_total(months):
    """Printed totals include the addresses outside Kent, and a blank counts as nothing."""
    assert [] == months.disagreeing
    assert [858, 1_266, 893, 819, 38] == [span_total(months, area, "Kent").value for area in months.areas]


def test_a_printed_blank_stays_blank(months):
    """January 2025 has no count outside Kent; it is not typed in as zero."""
    cell = months.cells["2025-01", "Not Kent Address"]

    assert (None, "b") == (cell.value, cell.status)


def test_only_the_month_just_before_the_paper_may_be_a_part_month(months):
    """A paper of 18 March 2025 cannot yet hold all of February's late entries."""
    assert ["2025-02"] == months.part


def test_months_after_the_day_of_the_report_are_left_out(kent):
    """A report as at October 2024 knows nothing of November."""
    rows = kent.tables["requests_by_month_and_area"]

    actual = monthly_table(rows, authority="Kent", area_code="E10000016", dated=kent.dated, as_at=date(2024, 10, 31))

    assert ("2024-03", "2024-10") == (actual.months[0], actual.months[-1])


def test_a_month_whose_areas_do_not_sum_is_named(kent):
    """One typing error in one cell must show."""
    rows = kent.tables["requests_by_month_and_area"].copy()
    rows.loc[rows["period"].eq("2024-05") & rows["breakdown"].eq("East"), "value"] = 95.0

    actual = monthly_table(rows, authority="Kent", area_code="E10000016", dated=None, as_at=date(2026, 1, 1))

    assert ["2024-05"] == actual.disagreeing


def value(tables, table, measure, period, breakdown="Total"):
    rows = tables[table]
    return rows[rows["measure"].eq(measure) & rows["period"].eq(period) & rows["breakdown"].eq(breakdown)][
        "value"
    ].item()


@pytest.mark.parametrize(
    ("year", "parts", "printed"),
    [("2020-21", 267, 264), ("2021-22", 299, 299), ("2022-23", 335, 334), ("2023-24", 365, 365), ("2024-25", 391, 391)],
)
def test_kent_spend_by_type_is_kept_where_it_does_not_add_up(kent, year, parts, printed):
    """Kent 3.14: the parts of 2020-21 and 2022-23 do not sum to the printed totals; neither is mended."""
    rows = kent.tables["high_needs_spend"]
    spend = rows[rows["measure"].eq("high_needs_spend") & rows["period"].eq(year)]

    assert parts == spend.loc[spend["breakdown"].ne("Total"), "value"].sum()
    assert printed == spend.loc[spend["breakdown"].eq("Total"), "value"].item()


def test_kent_projection_keeps_the_contribution_that_breaks_the_roll_forward(kent):
    """Kent 4.1 prints a council contribution of +10 in 2027-28; with it the balance is 50, printed is 30."""
    tables, year = kent.tables, "2027-28"
    moves = [
        value(tables, "dsg_projection", name, year)
        for name in ("dsg_net_total", "dfe_contribution", "council_contribution")
    ]
    before = value(tables, "dsg_projection", "dsg_accumulated_position", "2026-27")

    assert [-11, -28, 10] == moves
    assert 79 == before
    assert 50 == before + sum(moves)
    assert 30 == value(tables, "dsg_projection", "dsg_accumulated_position", year)


@pytest.mark.parametrize("authority", sorted(path.name for path in RAW.iterdir() if (path / "about.yml").is_file()))
def test_every_row_of_every_paper_has_a_source(authority):
    """A figure without paper and paragraph cannot be checked."""
    papers = read_papers(RAW / authority)

    assert papers.tables
    for name, rows in papers.tables.items():
        assert (
            rows["source"]
            .str.contains(
                r"paragraph|table|task|workstream|minute|recommendation|appendix|item|page|section", case=False
            )
            .all()
        ), name


def test_all_faults_of_a_folder_are_reported_together(tmp_path):
    """An officer should not have to run it three times to find three faults."""
    head = "measure,breakdown,period,period_basis,value,unit,status,as_printed,source\n"
    (tmp_path / "a.csv").write_text(head + "r,Total,2024-03,calendar month,12x,requests,,12,paper\n")
    (tmp_path / "b.csv").write_text("measure,value\nr,1\n")
    (tmp_path / "c.csv").write_text(head + "r,Total,2024-03,calendar month,,requests,,,paper\n")

    with pytest.raises(SourceError) as found:
        read_papers(tmp_path)

    lines = "\n".join(found.value.faults)
    assert "a.csv: row 2: found '12x' in value" in lines
    assert "b.csv: columns" in lines
    assert "c.csv: row 2 has no value and is not marked blank" in lines


def test_a_missing_folder_is_no_fault(tmp_path):
    """Most authorities have no tables of their own yet."""
    assert {} == read_papers(tmp_path / "nowhere").tables


def test_an_empty_file_is_named(tmp_path):
    """An upload that failed leaves an empty file."""
    (tmp_path / "a.csv").write_bytes(b"")

    with pytest.raises(HighneedsError, match=r"a\.csv: cannot be read"):
        read_papers(tmp_path)


def test_a_date_that_is_no_date_is_named(tmp_path):
    """The day of the paper decides which months may be incomplete."""
    (tmp_path / "about.yml").write_text("dated: soon\n")

    with pytest.raises(SourceError, match="no date was found"):
        read_papers(tmp_path)


def test_figures_are_numbers(kent):
    """Values load as numbers, whatever else stands in the row."""
    assert all(pd.api.types.is_float_dtype(rows["value"]) for rows in kent.tables.values())
