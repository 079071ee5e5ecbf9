"""The papers worked out again, line by line: what is known of them, then injected faults, laws, and the appendix."""

import csv
import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html as lxml_html

from highneeds.figures import Figure
from highneeds.models.deficit.rounded import ADDS_UP, DOES_NOT_ADD_UP, WITHIN_ROUNDING
from highneeds.models.reconcile import reconciled
from highneeds.models.reconcile.line import AGREES, DIFFERS, UNCHECKED, VERDICTS, beside_published, judged
from highneeds.params import numbered
from highneeds.report.run import make_report
from highneeds.sections import reconciliation
from highneeds.sections.page import Page, places_together
from highneeds.sources.citations import paper_and_place
from highneeds.sources.papers import Papers, read_papers
from tests.conftest import ROOT

# Items whose arithmetic can be, or should be, worked out again, by the authority whose paper prints them.
ITEMS = {
    "Kent": {f"K{number}" for number in range(1, 16)},
    "Leicestershire": {*(f"F{n}" for n in (1, 2, 3)), *(f"T{n}" for n in range(1, 8)), *(f"H{n}" for n in range(1, 5))},
    "West Northamptonshire": {f"W{number}" for number in range(1, 8)},
    "Leeds": {"L2", "L3", "L4", "L5"},
}


def papers_of(name: str) -> Papers:
    return read_papers(ROOT / "data" / "raw" / name.lower().replace(" ", "-"))


def lines_of(facts, tables=None) -> list:
    papers = papers_of(facts.authority.name)
    held = reconciled(papers.tables if tables is None else tables, facts, papers.dated)
    return [line for lines in held.values() for line in lines]


@pytest.fixture(scope="module")
def found(facts_on):
    """Lines of an authority by item and what is printed."""
    made = {}

    def of(name: str) -> dict:
        if name not in made:
            made[name] = {(line.item, line.what): line for line in lines_of(facts_on(name))}
        return made[name]

    return of


@pytest.mark.parametrize("name", ITEMS)
def test_every_item_of_a_paper_has_a_line(found, name):
    """A silent omission is the one fault that nobody would see."""
    assert ITEMS[name] == {item for item, _ in found(name)}


@pytest.mark.parametrize("name", ITEMS)
def test_every_item_stands_in_the_list_of_items(name):
    """Numbers of items mean something to a reader of docs/papers.md."""
    listed = (ROOT / "docs" / "papers.md").read_text(encoding="utf-8")
    rows = [line.split("|")[1] for line in listed.splitlines() if line.startswith("| ") and "yes" in line]
    named = set()
    for row in rows:
        numbers = re.findall(r"([A-Z])(\d+)", row)
        span = range(int(numbers[0][1]), int(numbers[-1][1]) + 1)
        named |= {f"{numbers[0][0]}{number}" for number in span}

    assert ITEMS[name] <= named


@pytest.mark.parametrize(
    ("item", "what", "printed", "made", "verdict"),
    [
        ("K2", "Monthly totals of requests", 12, 12, ADDS_UP),
        ("K5", "Plans, under 2023", 19_407, 19_407, AGREES),
        ("K5", "Plans of school age, under 2023", 13_864, 13_243, DIFFERS),
        ("K5", "Plans of school age, under 2024", 14_564, 14_566, DIFFERS),
        ("K5", "Requests, 2023", 4_302, 3_988, DIFFERS),
        ("K6", "Fall of requests, own count", -7, -7.2, ADDS_UP),
        ("K6", "Fall of requests, published count", -7, 0.3, DIFFERS),
        ("K8", "High needs spend, 2020-21", 264, 267, DOES_NOT_ADD_UP),
        ("K8", "High needs spend, 2022-23", 334, 335, WITHIN_ROUNDING),
        ("K8", "Growth of spend, 2021-22", 13, 13.3, ADDS_UP),
        ("K8", "Growth of spend, 2022-23", 10, 11.7, DOES_NOT_ADD_UP),
        ("K8", "Growth of spend, 2023-24", 11, 9.3, DOES_NOT_ADD_UP),
        ("K8", "Growth of spend, 2024-25", 7, 7.1, ADDS_UP),
        ("K9", "High needs spend, 2027-28", 377, 376, WITHIN_ROUNDING),
        ("K9", "Net in the year, 2025-26", 27, 28, WITHIN_ROUNDING),
        ("K9", "Net in the year, 2026-27", 9, 10, WITHIN_ROUNDING),
        ("K9", "Net in the year, 2027-28", -11, -10, WITHIN_ROUNDING),
        ("K9", "Accumulated balance, 2027-28", 30, 50, DOES_NOT_ADD_UP),
        ("K9", "Balance brought forward, implied", 67, 67.2, AGREES),
        ("K9", "Spend 2024-25, in two tables", 393, 391, DOES_NOT_ADD_UP),
        ("K10", "Savings target and the plan's lines", 17, 18, WITHIN_ROUNDING),
        ("K10", "Savings target and the yearly amount", 17, 16.5, ADDS_UP),
        ("K11", "Deficit left, stated", 30, 50, DOES_NOT_ADD_UP),
        ("K11", "Deficit left, said again", 30, 50, DOES_NOT_ADD_UP),
        ("K13", "Growth of exceptional pupil need", 87, 86.7, ADDS_UP),
        ("K14", "Growth of mainstream top-up", 62, 61.5, ADDS_UP),
    ],
)
def test_kents_lines(found, item, what, printed, made, verdict):
    """What Kent's paper prints, what it comes to, and what that means."""
    line = found("Kent")[item, what]

    assert (printed, made, verdict) == (line.printed.value, round(line.made.value, 1), line.verdict)


def test_the_sign_that_would_reconcile_is_named(found):
    """The contribution of 2027-28 is printed as +10; turned, the balance is 30."""
    line = found("Kent")["K9", "Accumulated balance, 2027-28"]

    assert "sign of the council contribution" in line.comment
    assert 20 == line.difference.value


@pytest.mark.parametrize(
    ("item", "what", "printed", "made", "verdict"),
    [
        ("F1", "Answers on the rate", 61, 61, ADDS_UP),
        ("F1", "Offer agreed, share", 61, 60.7, ADDS_UP),
        ("F1", "Rate agreed, share", 82, 82.0, ADDS_UP),
        ("F1", "Rate disagreed, share", 12, 11.5, DOES_NOT_ADD_UP),
        ("F1", "Printed shares on the rate together", 101, 100, WITHIN_ROUNDING),
        ("T1", "Growth of plans, 2016 to 2020", 54, 53.7, ADDS_UP),
        ("T1", "Growth of plans, England", 38, 52.2, DIFFERS),
        ("T1", "Growth of plans, East Midlands", 32, 44.2, DIFFERS),
        ("T2", "Growth of plans, 2020 to 2022", 38, 38.0, ADDS_UP),
        ("T5", "Gap a year, by the rise of the deficit", 15, 15.0, ADDS_UP),
        ("H3", "Rise of placements since 2019", 31.5, 31.4, DIFFERS),
    ],
)
def test_leicestershires_lines(found, item, what, printed, made, verdict):
    """What Leicestershire's three papers print, what it comes to, and what that means."""
    line = found("Leicestershire")[item, what]

    assert (printed, made, verdict) == (line.printed.value, round(line.made.value, 1), line.verdict)


@pytest.mark.parametrize(
    ("what", "implied"),
    [
        ("Grant, original plan", 68.70),
        ("Savings, original plan", 18.30),
        ("Costs, original plan", 64.24),
        ("Grant less costs", -2.96),
        ("Schools block, implied by the transfer", 400),
        ("Places to come beyond the school named", 15),
    ],
)
def test_what_is_only_implied_is_worked_out_and_not_judged(found, what, implied):
    """The original plan's amounts, the schools block and the unnamed places are printed nowhere."""
    [line] = [line for (_, name), line in found("Leicestershire").items() if name == what]

    assert (None, implied, UNCHECKED) == (line.printed, round(line.made.value, 2), line.verdict)


def test_other_januaries_are_named_beside_the_growth_they_give(found):
    """England's 38% and the East Midlands' 32% are those of January 2016 to January 2019."""
    comments = {
        found("Leicestershire")["T1", f"Growth of plans, {name}"].comment for name in ("England", "East Midlands")
    }

    assert {"January 2016 to January 2019 gives it."} == comments


@pytest.mark.parametrize("name", ITEMS)
def test_what_cannot_be_checked_says_what_is_missing(found, name):
    """A verdict without its reason helps nobody."""
    left = [line for line in found(name).values() if line.verdict == UNCHECKED]

    assert left and all(line.comment for line in left)
    assert all(line.verdict in VERDICTS and line.paper for line in found(name).values())
    assert all(line.made is not None for line in found(name).values() if line.verdict != UNCHECKED)


@pytest.mark.parametrize("name", ITEMS)
def test_a_line_leads_to_the_row_it_was_typed_in_from(found, name):
    """Printed figures have a file and row; what is worked out has a formula over other figures."""
    for line in found(name).values():
        if line.printed is not None:
            assert re.search(r"\.csv, row \d+| ", line.printed.reference) and line.where
        if line.difference is not None:
            assert {line.made.id, line.printed.id} == {each.id for each in line.difference.inputs}


def changed(papers: Papers, table: str, row: int, value: float) -> dict:
    """Tables with one typed-in value changed, by its row in the file."""
    tables = dict(papers.tables)
    rows = tables[table].copy()
    rows.loc[rows["row"].eq(row), "value"] = value
    return tables | {table: rows}


@pytest.mark.parametrize(
    ("table", "measure", "period", "breakdown", "value", "item", "what"),
    [
        (
            "high_needs_spend",
            "high_needs_spend",
            "2024-25",
            "Post 16 institutions",
            34,
            "K8",
            "High needs spend, 2024-25",
        ),
        (
            "stated_figures",
            "exceptional_pupil_need_funding",
            "2024-25",
            "Total",
            20,
            "K13",
            "Growth of exceptional pupil need",
        ),
        ("dsg_projection", "dsg_accumulated_position", "2025-26", "Total", 90, "K9", "Accumulated balance, 2025-26"),
    ],
)
def test_one_typing_error_turns_one_verdict(facts_on, table, measure, period, breakdown, value, item, what):
    """A check that could not fail would check nothing."""
    facts, papers = facts_on("Kent"), papers_of("Kent")
    rows = papers.tables[table]
    hit = rows[rows["measure"].eq(measure) & rows["period"].eq(period) & rows["breakdown"].eq(breakdown)]

    lines = lines_of(facts, changed(papers, table, int(hit["row"].item()), value))

    [line] = [line for line in lines if (line.item, line.what) == (item, what)]
    assert DOES_NOT_ADD_UP == line.verdict


def test_a_month_that_does_not_add_up_is_counted(facts_on):
    """Eleven of twelve, and the line says so."""
    facts, papers = facts_on("Kent"), papers_of("Kent")
    tables = changed(papers, "requests_by_month_and_area", 2, 97.0)

    [line] = [line for line in lines_of(facts, tables) if line.what == "Monthly totals of requests"]

    assert (12, 11, DOES_NOT_ADD_UP) == (line.printed.value, line.made.value, line.verdict)


def test_a_published_count_that_is_not_held_yet_is_no_difference(facts_on):
    """As at a day before the department's count there is nothing to differ from."""
    facts = facts_on("Kent", "2024-03-01")

    lines = [line for line in lines_of(facts) if line.what == "Requests, 2024"]

    assert [UNCHECKED] == [line.verdict for line in lines] and lines[0].made is None


def test_an_authority_without_papers_has_no_lines(facts_on):
    """Nothing is made up."""
    assert {} == reconciled({}, facts_on("Devon"))


def figure(value: float, places: int = 0, name: str = "a") -> Figure:
    return Figure(
        id=f"{name}.x.2024", measure=name, area_code="E1", area="X", period="2024", period_basis="as labelled",
        value=value, status="", unit="plans", source="Paper, page 1", reference="f.csv, row 2", places=places,
    )  # fmt: skip


@settings(deadline=None)
@given(st.integers(-10_000, 10_000), st.integers(0, 2))
def test_what_is_printed_adds_up_to_itself(number, places):
    """Whatever it is rounded to."""
    printed = figure(number / 10**places, places)

    assert ADDS_UP == judged(printed, printed)
    assert AGREES == beside_published(printed, printed)


@settings(deadline=None)
@given(st.integers(-1_000, 1_000), st.floats(-20, 20), st.floats(0, 5))
def test_rounding_explains_no_more_than_it_can(number, off, slack):
    """A difference beyond half a step and the slack never passes; one inside always does."""
    verdict = judged(figure(number), figure(number + off, 6), slack=slack)

    if abs(off) > 0.5 + slack + 1e-6:
        assert DOES_NOT_ADD_UP == verdict
    if abs(off) < 0.5 + slack - 1e-6 and slack > 0:
        assert verdict in (ADDS_UP, WITHIN_ROUNDING)


def test_a_difference_of_shares_is_in_points(found):
    """11.5 against 12 per cent is half a point, not half a per cent."""
    line = found("Leicestershire")["F1", "Rate disagreed, share"]

    assert ("percentage points", -0.52) == (line.difference.unit, round(line.difference.value, 2))


# ---- The appendix ----------------------------------------------------------------------------------------------------


def open_page(facts, papers: Papers | None = None) -> Page:
    held = papers or papers_of(facts.authority.name)
    return Page("reconciliation", reconciliation.TITLE, reconciliation.QUESTION, 1, facts, held)


@pytest.mark.parametrize(
    ("name", "papers"), [("Kent", 1), ("Leicestershire", 3), ("West Northamptonshire", 1), ("Leeds", 1)]
)
def test_the_appendix_shows_every_line_once(facts_on, name, papers):
    """A table a paper, and one of what it leaves open; the answer counts all of them."""
    page = open_page(facts_on(name))
    reconciliation.answer(page)
    reconciliation.tables(page)

    shown = [row for sheet in page.sheets.values() for row in sheet["rows"]]
    counts = {figure.measure: figure.value for figure in page.claims[0].figures}
    assert len(lines_of(facts_on(name))) == len(shown) == counts["reconciled_checks"]
    assert papers == counts["reconciled_papers"]
    verdicts = [v for k, v in counts.items() if k not in ("reconciled_checks", "reconciled_papers")]
    assert counts["reconciled_checks"] == sum(verdicts)


def test_no_cell_of_the_appendix_is_blank_or_a_sign_alone(facts_on):
    """A screen reader says every cell, and the workbook takes it."""
    page = open_page(facts_on("Leicestershire"))
    reconciliation.tables(page)

    texts = [
        cell["text"] for sheet in page.sheets.values() for row in sheet["rows"] for cell in row[1:] if "text" in cell
    ]

    assert texts and all(re.search(r"[A-Za-z]", text) for text in texts)


def test_an_authority_without_papers_is_told_what_would_bring_them(facts_on):
    """Devon has none: one short paragraph, and a line among what was not possible."""
    page = open_page(facts_on("Devon"))

    reconciliation.answer(page)

    assert reconciliation.tables(page) is None
    assert "data/raw/devon" in page.answers[0].text and 1 == len(page.missing)


def test_appendices_have_letters_in_the_order_of_the_report(facts_on):
    """After data quality it is B; alone, A: its tables are numbered as the report's heading says."""
    page = open_page(facts_on("Kent"))

    assert [(1, "requests"), (1, "data_quality"), (2, "reconciliation")] == numbered(
        ["requests", "data_quality", "reconciliation"]
    )
    assert [(1, "reconciliation"), (1, "finance")] == numbered(["reconciliation", "finance"])
    assert ["A", "B"] == [replace(page, number=number).mark for number in (1, 2)]


def text_of(element) -> str:
    return re.sub(r"\s+", " ", element.text_content()).strip()


@pytest.fixture(scope="module")
def reports(tmp_path_factory):
    """Both parts of the report, on an authority with papers and on one without."""
    out, chosen = tmp_path_factory.mktemp("papers"), ["progress", "reconciliation"]
    made = {name: make_report(ROOT, name, sections=chosen, out=out) for name in ("Kent", "Devon")}
    return {
        name: (each, lxml_html.fromstring((each.folder / "report.html").read_bytes())) for name, each in made.items()
    }


def test_the_report_on_kent_holds_both(reports):
    """Section 1 and appendix A, with tables numbered alike; the first key figure stands on the first page."""
    report, page = reports["Kent"]
    section, appendix = (page.get_element_by_id(f"s-{slug}") for slug in ("progress", "reconciliation"))

    assert () == report.faults
    assert "1 Progress: what a year has changed" == text_of(section.find("h2"))
    assert "Appendix A: The papers' figures, worked out again" == text_of(appendix.find("h2"))
    assert "Appendix B: Sources" in text_of(page)
    assert {"A.1", "A.2"} <= {text_of(node) for node in appendix.xpath(".//span[@class='nr']")}
    assert "does not add up" in text_of(appendix) and "13,864" in text_of(section)
    assert "6.3%" in text_of(page.get_element_by_id("glance"))


def test_the_report_on_devon_says_what_is_missing(reports):
    """No paper: a paragraph, no table, and the files in the list of what was not possible."""
    report, page = reports["Devon"]
    appendix = page.get_element_by_id("s-reconciliation")

    assert () == report.faults
    assert not appendix.xpath(".//table") and "data/raw/devon" in text_of(appendix)
    assert "progress_summary.csv" in text_of(page.get_element_by_id("missing"))


def test_every_figure_of_both_can_be_traced(reports):
    """Unit, period, basis, and a source with its row or a formula over ids that are there too."""
    for report, _ in reports.values():
        with (report.folder / "figures.csv").open(encoding="utf-8", newline="") as file:
            rows = {row["id"]: row for row in csv.DictReader(file)}
        for row in rows.values():
            assert row["unit"] and row["period"] and row["period_basis"] and row["reference"], row["id"]
            assert (row["value"] and row["source"]) or row["status"], row["id"]
            for name in re.findall(r"[a-z_0-9]+\.[a-z0-9-]+\.\d{4}[a-z0-9.-]*", row["reference"]):
                assert name in rows, (row["id"], name)


def test_no_number_in_a_paragraph_of_both_is_outside_figures(reports):
    """Years of a label, names of ages and numbers of tables apart, every digit is a figure's."""
    limits = r"\b(?:6|16|20|52) weeks\b|20-week|ages? \d+ to \d+|1,000 people"
    names = limits + r"|\b20\d\d-\d\d\b|\b20\d\d\b|\b\d{1,2} (?=[A-Z][a-z]+ 20\d\d)|(?:Figure|Table) \d+\.\d+"
    for _, page in reports.values():
        for paragraph in page.xpath("//p[contains(@class, 'para') or contains(@class, 'answer')]"):
            for span in paragraph.xpath(".//span"):
                span.text = ""
            assert not re.search(r"\d", re.sub(names, "", text_of(paragraph))), text_of(paragraph)


def test_places_of_one_paper_are_told_together():
    """Fifteen paragraphs of one paper are one source; other titles stay as they are, in order."""
    titles = ["P, paragraph 3.8 table", "DfE, release 2025", "P, paragraph 1.5", "P, paragraph 3.11 table", "Q, item 3"]

    assert ["P, paragraphs 1.5, 3.8, 3.11", "DfE, release 2025", "Q, item 3"] == places_together(titles)
    assert ["P, paragraph 4"] == places_together(["P, paragraph 4"])


def test_a_source_is_taken_apart_at_its_last_comma():
    """Paper and place; a source without a place is a paper."""
    assert ("A, B", "paragraph 1") == paper_and_place("A, B, paragraph 1")
    assert ("A", "") == paper_and_place("A")


def test_figures_of_the_same_name_have_one_value_on_the_page(facts_on):
    """The page refuses two values of one id; a changed copy shows that it would."""
    page = open_page(facts_on("Kent"))
    reconciliation.tables(page)
    first = next(iter(page.figures.values()))

    with pytest.raises(AssertionError, match="two values"):
        page.remember([replace(first, value=(first.value or 0) + 1)])
