"""The programme section as a council meets it: on the page, in the report, and where there is no plan."""

import csv
import json
import re
from dataclasses import replace
from datetime import date
from urllib.parse import unquote

import pytest
from lxml import html as lxml_html

from highneeds.claims import loose_numbers
from highneeds.errors import SourceError
from highneeds.models.programme.criteria import VERDICTS
from highneeds.report.allowed import allowed_days, allowed_words
from highneeds.report.run import make_report
from highneeds.sections import programme
from highneeds.sections.page import Page
from highneeds.sections.programme import dates
from highneeds.sections.programme.register import held
from highneeds.sources.citations import paper_and_place
from highneeds.sources.papers import read_papers
from highneeds.sources.planning import Planning
from tests.conftest import ROOT
from tests.test_every_authority import blocks_of

PLANS = ("Kent", "Leicestershire", "West Northamptonshire", "Leeds")


@pytest.fixture(scope="module")
def shown(facts_on):
    """Page and blocks of the section, made once an authority."""
    made = {}

    def of(name, as_at="2026-04-08"):
        if (name, as_at) not in made:
            facts = facts_on(name, as_at)
            papers = read_papers(ROOT / "data" / "raw" / facts.authority.slug)
            page = Page("programme", programme.TITLE, programme.QUESTION, 1, facts, papers)
            made[name, as_at] = page, [block for call in blocks_of("programme") if (block := call(page))]
        return made[name, as_at]

    return of


def said(page):
    return {claim.id.removeprefix("programme."): claim for claim in page.claims}


def sheet(page, name):
    return next(each for each in page.sheets.values() if each["slug"].endswith(f"programme-{name}"))


def numbers(row):
    return [cell["value"] for cell in row[1:]]


def test_kents_answer_tells_criteria_and_dates(shown):
    """Nine criteria with a measure; of 44 entries two are late and 32 have no date."""
    claims = said(shown("Kent")[0])

    assert claims["answer_criteria"].text.startswith(
        "Of 9 success criteria with a published measure, 1 is met by the data and 0 are not met; 6 show no clear change"
    )
    assert "has 44 entries" in claims["answer_dates"].text
    assert "2 are past the last day" in claims["answer_dates"].text and "32 no date" in claims["answer_dates"].text


def test_a_status_that_no_paper_gives_is_said(shown):
    """West Northamptonshire's plan of 2021 gives no status: what is counted as late may be done."""
    page = shown("West Northamptonshire")[0]

    assert said(page)["answer_unsaid"].text.startswith("For 57 of these entries no paper gives a status")


@pytest.mark.parametrize("name", PLANS)
def test_tables_add_up(shown, name):
    """Workstreams add up to all of them, states to entries, verdicts to criteria."""
    page, _ = shown(name)
    *rows, whole = map(numbers, sheet(page, "workstreams")["rows"])
    counts = {name.split(".")[0]: each.value for name, each in page.figures.items() if ".criteria" not in name}

    assert whole == [sum(column) for column in zip(*rows, strict=True)]
    assert all(entries == sum(states) for entries, *states in [*rows, whole])
    assert counts["programme_criteria_linked"] == len(sheet(page, "criteria")["rows"])
    assert counts["programme_criteria_linked"] == sum(
        counts[f"programme_criteria_{part}"] for part in ("met", "not_met", "unclear", "unknown")
    )
    assert {row[-1]["text"] for row in sheet(page, "criteria")["rows"]} <= set(VERDICTS)


@pytest.mark.parametrize("name", PLANS)
def test_every_entry_stands_in_the_register(shown, name):
    """The folded table and the data files hold what the short tables leave out."""
    page, blocks = shown(name)
    with (ROOT / "data" / "raw" / page.facts.authority.slug / "programme.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))

    alone = len({paper_and_place(row["source"])[0] for row in rows}) == 1
    sources = [paper_and_place(row["source"])[1] or "the paper" if alone else row["source"] for row in rows]
    assert sources == [row[-1]["text"] for row in sheet(page, "register")["rows"]]
    assert [row["due"] or "none given" for row in rows] == [row[4]["text"] for row in sheet(page, "register")["rows"]]
    assert "<details><summary>Every entry of the plan" in blocks[-1].markup


def test_messy_dates_are_shown_as_printed(shown):
    """The Cyrillic deadline, what was read, and that it lies before the plan's own date."""
    rows = {row[1]["text"]: row for row in sheet(shown("West Northamptonshire")[0], "odd-dates")["rows"]}

    assert "October 2020" == rows["Ост 2020"][2]["text"]
    assert "before the date of the plan itself" in rows["Ост 2020"][3]["text"]
    assert {"xxx", "£x", "EVERY JANUARY"} < set(rows)


def test_more_odd_dates_than_a_table_holds_are_counted(facts_on):
    """Eleven texts that are no dates: ten rows and a sentence whose number has its source."""
    papers = read_papers(ROOT / "data" / "raw" / "kent")
    papers = replace(papers, programme=papers.programme.assign(due="in time"))
    page = Page("programme", programme.TITLE, programme.QUESTION, 1, facts_on("Kent"), papers)
    dates.odd_dates(page)

    table = sheet(page, "odd-dates")
    assert 10 == len(table["rows"])
    assert "odd_more" in said(page) and not loose_numbers(said(page)["odd_more"].html)


def test_benefits_are_never_nought_for_want_of_a_number(shown):
    """Leicestershire prints 36.5 million planned and nothing delivered; Kent a delivered nought."""
    leicestershire = {row[0]: row for row in sheet(shown("Leicestershire")[0], "benefits")["rows"]}
    kent = {row[0]: row for row in sheet(shown("Kent")[0], "benefits")["rows"]}

    planned, delivered = leicestershire["Reduce cost over seven years"][1:3]
    assert (36.5e6, None, "b") == (planned["value"], delivered["value"], delivered["status"])
    assert 0.0 == kent["Open special schools in Swanley and Whitstable"][2]["value"]


@pytest.mark.parametrize("name", PLANS)
def test_the_timeline_shows_all_that_has_a_date(shown, monkeypatch, name):
    """At most twenty-five rows, every dated entry on one of them, and its words for those who cannot see it."""
    drawn = []
    monkeypatch.setattr(dates, "gantt_chart", lambda rows, *, as_at: drawn.append(rows) or "<svg/>")
    page, _ = shown(name)
    markup = dates.timeline(page).markup
    dated = [entry for entry in held(page) if entry.begins.earliest or entry.due.earliest]
    [picture] = lxml_html.fromstring(f"<div>{markup}</div>").iter("img")

    assert len(drawn[0]) <= 25 and len(dated) == sum(len(marks) for _, marks in drawn[0])
    assert len(dated) == len(sheet(page, "timeline")["rows"])
    assert re.match(rf"Timeline of {len(dated)} entries.*, from \d+ \w+ 20\d\d to .*; \d+ lie", picture.get("alt"))


def test_a_real_timeline_is_drawn_alike_each_time(shown):
    """Same entries, same bytes; names of rows stand in it as text."""
    page, _ = shown("Kent")
    one, two = dates.timeline(page).markup, dates.timeline(page).markup
    picture = unquote(re.search(r"svg.xml,([^\"]+)", one)[1])

    assert one == two
    assert "SEN funding model" in picture and "Communities of Schools" in picture


def test_an_authority_without_a_plan_is_told_which_file_to_bring(shown):
    """One sentence, the file's place in the appendix, and no figure."""
    page, blocks = shown("Devon")

    assert 1 == len(blocks) and {} == page.figures
    assert "programme.csv would bring it" in page.answers[0].text
    assert ["data/raw/devon"] == re.findall(r"data/raw/\w+", page.missing[0])


def test_a_report_from_before_the_paper_knows_no_plan(shown):
    """Kent's paper is of 18 March 2025."""
    assert "No action plan of Kent is held" in shown("Kent", "2025-03-17")[0].answers[0].text
    assert "has 44 entries" in said(shown("Kent", "2025-03-18")[0])["answer_dates"].text


def test_words_and_days_of_the_plan_may_be_printed(panel):
    """A child may share a word or a birthday with the plan; the plan was published."""
    papers = read_papers(ROOT / "data" / "raw" / "kent")
    days = allowed_days(panel, papers, {}, Planning(), date(2026, 4, 8))
    without = allowed_days(panel, replace(papers, programme=None), {}, Planning(), date(2026, 4, 8))

    assert any("Swanley and Whitstable" in text for text in allowed_words(panel, papers, {}, Planning()))
    assert {date(2025, 4, 1), date(2025, 9, 30)} <= days - without


def test_the_section_stands_in_the_report_and_its_files_in_the_manifest(tmp_path):
    """Notebook, page, figures with source and row, and the register among the inputs; equal runs, equal bytes."""
    made = make_report(ROOT, "Kent", sections=("programme",), out=tmp_path / "one")
    again = make_report(ROOT, "Kent", sections=("programme",), out=tmp_path / "two")
    page = lxml_html.fromstring((made.folder / "report.html").read_bytes())
    with (made.folder / "figures.csv").open(encoding="utf-8", newline="") as file:
        figures = list(csv.DictReader(file))

    assert () == made.faults
    assert page.get_element_by_id("t-programme-criteria") is not None
    assert all(row["unit"] and row["reference"] and row["source"] for row in figures)
    assert not [row["reference"] for row in figures if re.search(r"\d\.\d{6}", row["reference"])]
    inputs = json.loads((made.folder / "manifest.json").read_text(encoding="utf-8"))["inputs"]
    assert "data/raw/kent/programme.csv" in {each["path"] for each in inputs}
    for name in ("report.html", "figures.csv"):
        assert (made.folder / name).read_bytes() == (again.folder / name).read_bytes()


def test_a_faulty_register_stops_the_whole_report(project, tmp_path):
    """Faults are told before any notebook runs, all of them."""
    path = project / "data" / "raw" / "kent" / "programme.csv"
    text = path.read_text(encoding="utf-8").replace("under way", "going well").replace("dsg_balance", "dsg_balanc")
    path.write_text(text, encoding="utf-8")

    with pytest.raises(SourceError) as caught:
        make_report(project, "Kent", sections=("programme",), out=tmp_path)

    assert {"going well", "dsg_balanc"} == {re.search(r"found '([^']+)'", line)[1] for line in caught.value.faults}
