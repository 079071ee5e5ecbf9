"""Case data all the way to the report: monthly sections, marks of invention, and the two guards at the door."""

import json
import re
from datetime import date

import pytest
from pypdf import PdfReader

from highneeds.cases import Finding
from highneeds.demo.world import make_world
from highneeds.demo.write import write_demo
from highneeds.errors import DisclosureError, SourceError
from highneeds.facts import Area
from highneeds.report import notebooks
from highneeds.report.page_text import parse, without_source
from highneeds.report.run import make_report
from highneeds.sections import requests
from highneeds.sections.local import LocalAt, read_local
from highneeds.sections.opening import open_page
from highneeds.sections.released import COHORTS, OPEN_CASES, REQUESTS, TOTAL
from tests.conftest import DEMO_DAY, ROOT

KENT = Area("E10000016", "Kent")


@pytest.fixture(scope="module")
def local(demo_cases):
    """Case data as at their own day."""
    return LocalAt(read_local(demo_cases / "blade_csv", la_code="886"), DEMO_DAY, KENT)


@pytest.fixture(scope="module")
def truth():
    """What is true of the invented authority, from how it was simulated."""
    return make_world(requests_a_year=4_000, as_at=DEMO_DAY, seed=2025, la_code="886").truth


def page_text(made):
    return (made.folder / "report.html").read_text(encoding="utf-8")


def test_the_report_gains_its_monthly_sections(invented):
    """Queue, stages, months counted two ways, cohorts, curve, reviews, quality, dry run and bridge."""
    text = page_text(invented)

    assert invented.whole
    for words in (
        "Open cases by stage and time since the request",
        "Open cases past a statutory limit",
        "Month by month, counted two ways",
        "What became of each month&#x27;s requests",
        "by weeks since the request",
        "Annual reviews, the authority&#x27;s own cases",
        "Requests by area and month",
        "Appendix A: Data quality and reconciliation",
        "What DfE would publish for calendar 2024",
        "From rows in the case data to the published count of requests",
    ):
        assert words in text, words


def test_no_sentence_has_a_number_without_a_source(invented):
    """Windows, counts to the nearest ten and what a model says of itself are figures like all others."""
    assert [] == without_source(parse((invented.folder / "report.html").read_bytes()))


def test_printed_counts_are_the_truth(local, truth):
    """Month totals, the queue and what is overdue, against how the cases were simulated."""
    months = truth.requests.groupby("month")["requests"].sum()
    for month in local.shown.labels(REQUESTS, "period"):
        assert months[month] == local.shown.value(REQUESTS, period=month, area=TOTAL)[0]
    day = DEMO_DAY.isoformat()

    late = local.shown.value(OPEN_CASES, period=day, stage=TOTAL, weeks_open="over 20 weeks")[0]
    whole = local.shown.value(OPEN_CASES, period=day, stage=TOTAL, weeks_open=TOTAL)[0]

    assert truth.open_cases["cases"].sum() == whole
    assert [truth.overdue[name] for name in truth.overdue if "20" in name or "plan" == name][-1] == late


def test_small_counts_are_not_in_any_file(invented, local):
    """A hidden cell stands in no table, file or data attribute."""
    hidden = [
        f"local_requests.kent.{row.period}.{row.area.lower()}"
        for row in local.shown.tables[REQUESTS].itertuples()
        if row.status == "c" and row.area in ("East", "North", "South", "West") and " " not in row.period
    ]
    figures = (invented.folder / "figures.csv").read_text(encoding="utf-8").splitlines()

    found = [line for line in figures for name in hidden if line.startswith(name + ",")]

    assert hidden and found
    assert all(re.search(r",\[c\],c,", line) for line in found)


def test_every_file_and_every_page_says_that_the_cases_are_invented(invented):
    """Nobody may take a demonstration for the truth."""
    reader = PdfReader(invented.folder / "report.pdf")

    assert all("INVENTED DATA" in page.extract_text() for page in reader.pages)
    assert "INVENTED DATA" in reader.metadata.title
    assert json.loads((invented.folder / "manifest.json").read_text())["invented"] is True
    assert "kent-invented" == invented.folder.parent.name
    for name in ("report.html", "audit.html"):
        assert "No child and no case in it is real" in (invented.folder / name).read_text(encoding="utf-8")
    assert "Invented cases, made for demonstration" in (invented.folder / "figures.csv").read_text(encoding="utf-8")


def test_executed_notebooks_hold_aggregates_only(invented):
    """No frame of records is shown, and no path of the case files."""
    for path in sorted((invented.folder / "notebooks").glob("*.ipynb")):
        text = path.read_text(encoding="utf-8")
        assert "blade_csv" not in text and "Blade-Export" not in text
        outputs = [out for cell in json.loads(text)["cells"] for out in cell.get("outputs", [])]
        assert {"text/html"} >= {kind for out in outputs for kind in out.get("data", {})}


def test_the_inputs_are_in_the_manifest(invented):
    """By name and checksum, as every input."""
    paths = [item["path"] for item in json.loads((invented.folder / "manifest.json").read_text())["inputs"]]

    assert 9 == sum(path.startswith("cases/Blade-Export_") for path in paths)


def test_a_name_in_the_output_stops_the_publication(demo_cases, tmp_path, monkeypatch):
    """Whatever the way in which it got there; the report before stays, and no part of the new one does."""
    surname = read_local(demo_cases / "blade_csv").cases.persons[["forename", "surname"]].dropna().iloc[7]
    real = notebooks.clean_notebook

    def leaking(path, **places):
        real(path, **places)
        text = path.read_text(encoding="utf-8")
        path.write_text(
            text.replace("# Data quality", f"# {surname['forename']} {surname['surname']}"), encoding="utf-8"
        )

    monkeypatch.setattr(notebooks, "clean_notebook", leaking)
    with pytest.raises(DisclosureError) as stopped:
        make_report(ROOT, "Kent", cases=demo_cases / "blade_csv", sections=["data_quality"], out=tmp_path)

    told = "\n".join(stopped.value.faults)
    assert "notebooks/90_data_quality.ipynb" in told and "Nothing was published" in told
    assert surname["surname"] not in told
    assert [] == [path for path in tmp_path.rglob("*") if path.is_file() and path.suffix != ".lock"]


def test_cases_of_another_authority_are_refused(demo_cases):
    """Kent's cases do not make Rutland's report."""
    with pytest.raises(SourceError, match="are of authority 886. Expected 857"):
        make_report(ROOT, "Rutland", cases=demo_cases / "blade_csv")


def test_an_earlier_day_shows_the_state_of_that_day(demo_cases):
    """The queue on 31 October is not today's."""
    page = open_page("timeliness", "t", "q?", authority="Kent", as_at="2024-10-31", cases=str(demo_cases / "blade_csv"))

    months = page.local.shown.labels(REQUESTS, "period")

    assert date(2024, 10, 31) == page.local.day
    assert "2024-10" == months[-1]


def test_months_not_over_are_marked_and_not_split(local):
    """A month still open to late entries is in no total and has no areas yet."""
    assert {"2025-02", "2025-03"} == local.shown.unsure[REQUESTS]
    assert (None, "n") == local.shown.value(REQUESTS, period="2025-02", area="East")
    assert "p" == local.shown.value(REQUESTS, period="2025-02", area=TOTAL)[1]
    assert "2023-04 to 2025-01" in set(local.shown.tables[REQUESTS]["period"])


def test_outcomes_of_a_month_add_up(local):
    """On time, late, ended and not yet known are all requests of the month, where none is hidden."""
    frame = local.shown.tables[COHORTS]
    shown = frame[frame["value"].notna()]
    whole = shown[shown["state"].eq(TOTAL)].set_index("period")["value"]
    parts = shown[shown["state"].ne(TOTAL)].groupby("period")["value"].agg(["sum", "size"])
    complete = parts[parts["size"].eq(4)]

    assert len(complete) > 5
    assert (complete["sum"] == whole[complete.index]).all()


def test_errors_stop_what_depends_on_them_and_the_rest_is_there(tmp_path):
    """Requests without a date leave the months; the plans under them stay in the caseload."""
    write_demo(
        tmp_path / "d", layouts=["five_csv"], requests_a_year=60, as_at=DEMO_DAY, seed=3, la_code="886", faults=["DQ05"]
    )
    found = read_local(tmp_path / "d" / "five_csv", la_code="886", extract_date=DEMO_DAY)

    rule = {finding.rule: finding for finding in found.findings()}["DQ05"]

    assert isinstance(rule, Finding) and rule.count > 0
    assert rule.count == found.cases.quarantine["rule"].eq("DQ05").sum()
    assert len(found.cases.requests) + rule.count == len(found.cases.links)


def test_lists_of_plans_alone_make_no_queue(tmp_path):
    """Annex A has no requests: none of its plans is an open case, and the report says what is missing."""
    write_demo(tmp_path / "d", layouts=["annex_a"], requests_a_year=100, as_at=DEMO_DAY, seed=3, la_code="886")
    page = open_page("requests", "t", "q?", authority="Kent", cases=str(tmp_path / "d" / "annex_a"))

    assert requests.by_month.by_month(page) is None
    assert [] == [name for name in page.local.shown.tables if name in (OPEN_CASES, REQUESTS)]
    assert ["Requests by month"] == [line.partition(":")[0] for line in page.missing]


def test_what_an_area_is_called_is_text_everywhere(tmp_path):
    """A name with markup or a formula in the authority's own look-up is shown and never run."""
    write_demo(tmp_path / "d", layouts=["five_csv"], requests_a_year=400, as_at=DEMO_DAY, seed=3, la_code="886")
    lookup = tmp_path / "d" / "postcodes.csv"
    names = {"North": "=cmd()", "East": "<script>alert(1)</script>"}
    text = lookup.read_text(encoding="utf-8")
    for old, new in names.items():
        text = text.replace(old, new)
    lookup.write_text(text, encoding="utf-8")
    cases = tmp_path / "d" / "five_csv"

    made = make_report(ROOT, "Kent", cases=cases, sections=["requests"], as_at=DEMO_DAY, out=tmp_path / "out")

    html, tables = page_text(made), list((made.folder / "data").glob("*months-areas.csv"))
    assert "<script>alert" not in html and "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "\n'=cmd()," in tables[0].read_text(encoding="utf-8-sig").replace("\r", "")
    for path in sorted((made.folder / "data").glob("*.csv")):
        assert not re.search(r"(^|,)\"?=cmd", path.read_text(encoding="utf-8-sig"), re.M)
