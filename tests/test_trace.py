"""From any figure of the Kent report to the row of a source, in lines that a reader without the code can follow."""

import csv
import gzip
import json
import random
import re

import pytest
from click.testing import CliRunner

from highneeds.cli import main
from highneeds.errors import ParamsError
from highneeds.files import panel_folder
from highneeds.report.compare import read_rows
from highneeds.report.run import make_report
from highneeds.report.trace import LONGEST, MOST, NEEDED, listed, printed_as, trace_lines
from tests.conftest import ROOT


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """Report on Kent of two sections."""
    return make_report(ROOT, "Kent", sections=("requests", "timeliness"), out=tmp_path_factory.mktemp("trace")).folder


def test_a_published_figure_leads_to_file_row_and_column(report):
    """Kent's 4,001 requests of 2024: the released file, its row and column, and the row of the panel."""
    lines = "\n".join(trace_lines(ROOT, report, "requests_received.kent.2024"))

    release = "of the release 'Education, health and care plans, reporting year 2025'"
    assert f"file: data/requests.csv {release}, row 12380, column requests_received_in_year (the heading" in lines
    assert "find-statistics/education-health-and-care-plans (choose reporting year 2025)" in lines
    at = int(re.search(r"panel\.csv\.gz, row (\d+): value 4001", lines)[1])
    with gzip.open(panel_folder(ROOT) / "panel.csv.gz", "rt", encoding="utf-8", newline="") as file:
        row = list(csv.reader(file))[at - 1]
    assert ["E10000016", "2024", "calendar year", "requests_received", "Total"] == row[:5]


def test_a_rate_leads_to_both_of_its_sides(report):
    """33.3% of Kent's plans of 2024 were within 20 weeks: 783 of 2,354, each with its row."""
    lines = trace_lines(ROOT, report, "within_20_weeks_excluding_exceptions_pct.kent.2024")

    assert any(line.endswith("= 783 of 2354") for line in lines)
    assert 2 == sum("file: data/timeliness_20_week.csv of the release" in line for line in lines)
    assert 2 == sum("row 11496, column" in line for line in lines)


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
        ends = ("file:", "place:", "no figure:", "computed:")
        assert any(line.strip().startswith(ends) for line in lines), lines
        assert not any("no such row now" in line for line in lines), lines


def test_a_number_as_printed_and_a_sentence_will_do(report):
    """A reader has the page, not the names."""
    assert trace_lines(ROOT, report, "3,988")[0].startswith("3,988  ")
    assert any("13  " in line for line in trace_lines(ROOT, report, "requests.answer_change"))


def test_what_is_not_there_is_told_with_the_nearest(report):
    """A plain line and status 1."""
    with pytest.raises(ParamsError, match="Nearest: requests_received.kent.2024"):
        trace_lines(ROOT, report, "requests_recieved.kent.2024")

    done = CliRunner().invoke(main, ["trace", str(report), "12,345,678"])
    assert 1 == done.exit_code and "the report has no such figure" in done.output


def test_every_number_of_the_page_leads_to_its_figure_however_it_is_typed(report):
    """A table has the unit in its heading, a sentence the sign in a word, a keyboard no minus."""
    rows = listed(report)
    for name, (_, row) in rows.items():
        printed = row["printed"]
        typed = {printed, printed.replace(",", ""), printed.replace("−", "-"), printed.strip("−£m%"), f"+{printed}"}
        assert not row["shown_in"] or all(name in printed_as(rows, text) for text in typed), row


def test_a_short_name_of_the_audit_page_leads_to_its_figure(report):
    """What an auditor clicks in audit.html is f274, not the name."""
    page = (report / "audit.html").read_text(encoding="utf-8")
    names = list(listed(report))

    for number in (1, 274, len(names)):
        lines = trace_lines(ROOT, report, f"f{number}")
        assert lines[1].endswith(f": {names[number - 1]}")
        assert names[number - 1] in page.partition(f'id="f{number}"')[2][:500]


def test_a_file_that_is_not_the_publishers_own_is_told_as_such(report):
    """Population by age is summed by somebody to upper-tier authorities: no page has that file."""
    lines = "\n".join(trace_lines(ROOT, report, "population.kent.2023.age-0-to-25"))

    assert "file: population/DERIVED_utla_single_year_of_age_mid2023.csv from 'Mid-year" in lines
    assert "not the publisher's file itself: derived from it" in lines
    assert "the release stands at" not in lines


def test_a_figure_with_nothing_behind_it_ends_in_a_plain_line(report):
    """How past forecasts did is counted over every authority: no row of a table holds it."""
    name = "requests_received.forecast-held.all-authorities.1-ahead.all-years"

    lines = trace_lines(ROOT, report, name)
    assert lines[-1].strip().startswith("no single row: counted over many authorities")
    assert "(forecast held, 1 ahead, all years)" in lines[0]


def made(folder, *figures):
    """An invented report on Kent; of each figure only what matters is given."""
    plain = {"label": "Requests", "area": "Kent", "breakdown": "Total", "period": "2024", "shown": "yes"}
    plain |= {"period_basis": "calendar year", "section": "requests", "source": "computed here", "unit": "requests"}
    with (folder / "figures.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, sorted(NEEDED), restval="")
        writer.writeheader()
        writer.writerows(plain | figure for figure in figures)
    (folder / "manifest.json").write_text(json.dumps({"authority": "Kent"}), encoding="utf-8")
    return folder


@pytest.mark.parametrize("typed", ["£1,234.5m", "1,234.5", "1234.5", "-1234.5", "−£1,234.5m", "1 234.5 million"])
def test_sign_unit_and_commas_may_be_left_off(tmp_path, typed):
    """The one figure that is this number is followed at once."""
    folder = made(tmp_path, {"id": "a.kent", "printed": "−£1,234.5m"}, {"id": "b.kent", "printed": "1,234"})

    assert "figures.csv, row 2: a.kent" == trace_lines(ROOT, folder, typed)[1].strip()


@pytest.mark.parametrize("typed", ["7.2%", "-7.2", "7.2"])
def test_a_number_of_several_figures_is_never_followed_by_guess(tmp_path, typed):
    """A text says `down 7.2%` of a figure held as −7.2%; another figure is 7.2%. Kent's own come first."""
    folder = made(
        tmp_path,
        {"id": "late.england.2024", "printed": "7.2%", "area": "England"},
        {"id": "fall.kent.2024.over-a-year", "printed": "−7.2%", "breakdown": "North"},
        {"id": "hidden.kent.2024", "printed": "7.2%", "shown": ""},
    )

    done = CliRunner().invoke(main, ["trace", str(folder), typed])
    assert 0 == done.exit_code
    assert [
        f"2 figures read {typed}, whatever their sign and unit. Ask again with one of these names:",
        "−7.2%  Requests (over a year), North, Kent, 2024, calendar year; in requests",
        "    fall.kent.2024.over-a-year",
        "7.2%  Requests, England, 2024, calendar year; in requests",
        "    late.england.2024",
    ] == done.output.splitlines()


def test_many_figures_of_one_number_are_listed_in_part(tmp_path):
    """A terminal holds twenty; how many more there are is told."""
    folder = made(tmp_path, *({"id": f"a{at}.kent", "printed": "9"} for at in range(MOST + 5)))

    assert trace_lines(ROOT, folder, "9")[-1].startswith("and 5 more")


def test_a_figure_told_already_takes_one_line(tmp_path):
    """Two changes from the same start, and a figure that rests on both."""
    folder = made(
        tmp_path,
        {"id": "c.kent", "printed": "3", "reference": "a.kent - b.kent"},
        {"id": "a.kent", "printed": "8", "reference": "start.kent"},
        {"id": "b.kent", "printed": "5", "reference": "start.kent + c.kent"},
        {"id": "start.kent", "printed": "20,635", "reference": "set", "label": "EHC plans"},
    )

    lines = [line for line in trace_lines(ROOT, folder, "c.kent") if ": told above" in line]
    assert ["20,635  EHC plans, Kent, 2024: told above", "3  Requests, Kent, 2024: told above"] == [
        line.strip() for line in lines
    ]


def test_a_long_chain_is_cut_and_says_what_is_left_out(tmp_path):
    """Sixty figures of four lines each: whole figures while there is room, then their number and how to ask."""
    parts = [{"id": f"part{at}.kent", "printed": str(at), "reference": "set beforehand"} for at in range(60)]
    whole = {
        "id": "whole.kent",
        "printed": "1",
        "reference": "their sum",
        "rests_on": "; ".join(p["id"] for p in parts),
    }

    lines = trace_lines(ROOT, made(tmp_path, whole, *parts), "whole.kent")
    told = sum(": part" in line for line in lines)
    assert len(lines) <= LONGEST
    assert lines[-1].startswith(f"{60 - told} figures behind it are left out here.")
    assert lines[-1].endswith(f"highneeds trace DIR part{told}.kent")


@pytest.mark.parametrize("source", ["computed here", "Plan register of Kent"])
def test_a_count_of_rows_shows_some_of_them(tmp_path, source):
    """26 rows of Kent's plan register: six of them, whoever counted, and how many more."""
    rows = "kent/programme.csv, rows 2 to 13, 15 to 25, 28 to 29, 31: status is blank"
    folder = made(tmp_path, {"id": "a.kent", "printed": "26", "reference": rows, "source": source})

    lines = [line.strip() for line in trace_lines(ROOT, folder, "a.kent")]
    at = lines.index("in the project: data/raw/kent/programme.csv, 26 rows:")
    assert [*(f"row {row}: id: C" for row in range(2, 8))] == [line[:12] for line in lines[at + 1 : at + 7]]
    assert "and 20 more rows" == lines[-1]


def test_a_list_of_another_make_is_told_plainly(tmp_path):
    """An older report, or another file of that name."""
    (tmp_path / "figures.csv").write_text("id,printed\na.kent,1\n", encoding="utf-8")

    with pytest.raises(ParamsError, match="row 2: has no area, .*Make the report again"):
        trace_lines(ROOT, tmp_path, "1")
