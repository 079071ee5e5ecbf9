"""From any figure of the Kent report to the row of a source, in lines that a reader without the code can follow."""

import csv
import gzip
import random
import re

import pytest
from click.testing import CliRunner

from highneeds.cli import main
from highneeds.errors import ParamsError
from highneeds.files import panel_folder
from highneeds.report.compare import read_rows
from highneeds.report.run import make_report
from highneeds.report.trace import trace_lines
from tests.conftest import ROOT


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """Report on Kent of two sections."""
    return make_report(ROOT, "Kent", sections=("requests", "timeliness"), out=tmp_path_factory.mktemp("trace")).folder


def test_a_published_figure_leads_to_file_row_and_column(report):
    """Kent's 4,001 requests of 2024: the released file, its row and column, and the row of the panel."""
    lines = "\n".join(trace_lines(ROOT, report, "requests_received.kent.2024"))

    assert "released file: data/requests.csv, row 12380, requests_received_in_year" in lines
    assert "find-statistics/education-health-and-care-plans" in lines
    at = int(re.search(r"panel\.csv\.gz, row (\d+): value 4001", lines)[1])
    with gzip.open(panel_folder(ROOT) / "panel.csv.gz", "rt", encoding="utf-8", newline="") as file:
        row = list(csv.reader(file))[at - 1]
    assert ["E10000016", "2024", "calendar year", "requests_received", "Total"] == row[:5]


def test_a_rate_leads_to_both_of_its_sides(report):
    """33.3% of Kent's plans of 2024 were within 20 weeks: 783 of 2,354, each with its row."""
    lines = trace_lines(ROOT, report, "within_20_weeks_excluding_exceptions_pct.kent.2024")

    assert any(line.endswith("= 783 of 2354") for line in lines)
    assert 2 == sum("released file: data/timeliness_20_week.csv, row 11496" in line for line in lines)


def test_a_figure_typed_in_from_a_paper_shows_the_row_it_stands_in(report):
    """North had 96 requests in March 2024, by the table in paragraph 3.8."""
    lines = "\n".join(trace_lines(ROOT, report, "local_requests.kent.2024-03.north"))

    assert "data/raw/kent/requests_by_month_and_area.csv, row 2:" in lines
    assert "breakdown: North; period: 2024-03" in lines and "value: 96" in lines


def test_figures_chosen_by_lot_all_end_at_a_place(report):
    """Thirty printed figures: every chain ends at a released file, a row of a table, or a formula and its document."""
    shown = [row["id"] for row in read_rows(report / "figures.csv") if row["shown"] == "yes"]
    for name in random.Random(8).sample(shown, 30):
        lines = trace_lines(ROOT, report, name)
        ends = ("released file:", "place:", "no figure:", "computed:")
        assert any(line.strip().startswith(ends) for line in lines), lines
        assert not any("no such row now" in line for line in lines), lines


def test_a_number_as_printed_and_a_sentence_will_do(report):
    """A reader has the page, not the names."""
    assert trace_lines(ROOT, report, "4,001")[0].startswith("4,001  ")
    assert any("13  " in line for line in trace_lines(ROOT, report, "requests.answer_change"))


def test_what_is_not_there_is_told_with_the_nearest(report):
    """A plain line and status 1."""
    with pytest.raises(ParamsError, match="Nearest: requests_received.kent.2024"):
        trace_lines(ROOT, report, "requests_recieved.kent.2024")

    done = CliRunner().invoke(main, ["trace", str(report), "12,345,678"])
    assert 1 == done.exit_code and "the report has no such figure" in done.output
