"""The section on progress: what the papers print and what is published, side by side; then gaps, faults and laws."""

import re

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from highneeds import periods
from highneeds.figures import Figure
from highneeds.sections import progress
from highneeds.sections.page import Page
from highneeds.sections.progress import lines
from highneeds.sources.papers import Papers, read_papers
from tests.conftest import ROOT

BLOCKS = (
    progress.published.answer, progress.published.key_figures, progress.published.table, progress.printed.table,
    progress.bridge.paragraphs, progress.growth.statements,
)  # fmt: skip


def open_page(facts, papers: Papers | None = None) -> Page:
    held = papers or read_papers(ROOT / "data" / "raw" / facts.authority.slug)
    page = Page("progress", progress.TITLE, progress.QUESTION, 1, facts, held)
    for block in BLOCKS:
        block(page)
    return page


def told(page: Page) -> dict[str, str]:
    return {claim.id.removeprefix("progress."): claim.text for claim in page.claims}


def sheet(page: Page, slug: str) -> dict[str, list]:
    """Cells of a table by the head of their row."""
    [held] = [each for each in page.sheets.values() if each["slug"].endswith(slug)]
    return {head: [cell.get("value", cell.get("text")) for cell in cells] for head, *cells in held["rows"]}


def with_rows(papers: Papers, change) -> Papers:
    tables = dict(papers.tables)
    tables["progress_summary"] = change(tables["progress_summary"].copy())
    return Papers(tables, papers.dated, papers.files)


@pytest.fixture(scope="module")
def kent(facts_on):
    """The section on Kent."""
    return open_page(facts_on("Kent"))


@pytest.fixture(scope="module")
def leicestershire(facts_on):
    """The section on Leicestershire."""
    return open_page(facts_on("Leicestershire"))


@pytest.mark.parametrize(
    ("line", "before", "now", "change", "counted", "less"),
    [
        ("Children (age 0 to 17)", 342_900, 348_300, 1.6, "mid-2022 to mid-2023", (-394, -1_898)),
        ("EHC plans (age 0 to 25)", 19_407, 20_665, 6.5, "Jan 2024 to Jan 2025", (0, 30)),
        ("EHC plans, statutory school age", 13_864, 14_564, 5.0, "Jan 2024 to Jan 2025", (621, -2)),
        ("Requests for an assessment", 4_302, 3_991, -7.2, "calendar 2023 to 2024", (314, -10)),
        ("Plans issued within 20 weeks (%)", 18.0, 33.4, 15.4, "calendar 2023 to 2024", (-0.0, 0.1)),
    ],
)
def test_kents_table_as_printed_with_its_changes_and_the_published_counts(
    kent, line, before, now, change, counted, less
):
    """Each line as printed, its change worked out, the published years it is set beside, and the difference."""
    cells = sheet(kent, "progress-printed")[line]

    assert [before, now] == cells[:2]
    assert change == round(cells[2], 1)
    assert counted == cells[3]
    assert less == tuple(round(cell, 1) for cell in cells[4:])


def test_a_line_without_published_counts_says_so(kent):
    """Counts of pupils on SEN Support end with January 2023: nothing is set beside the paper's."""
    cells = sheet(kent, "progress-printed")["Pupils on SEN Support"]

    assert ([27_968, 29_782], 6.5, "none held for these years") == (cells[:2], round(cells[2], 1), cells[3])


def test_the_published_year_of_kent(kent):
    """Counted on days that differ, each said; the change beside England's."""
    rows = sheet(kent, "progress-published")

    assert ["Jan 2024 to Jan 2025", 19_407, 20_635] == rows["EHC plans (age 0 to 25)"][:3]
    assert ["Jan 2024 to Jan 2025", 13_243, 14_566] == rows["EHC plans (age 5 to 15)"][:3]
    assert ["calendar 2023 to 2024", 3_988, 4_001] == rows["Requests for an assessment"][:3]
    assert [0.3, 11.8] == [round(cell, 1) for cell in rows["Requests for an assessment"][3:5]]
    assert "no clear change beside similar authorities" == rows["Requests for an assessment"][5]
    assert "not tested" == rows["Plans issued within 20 weeks (%)"][5]


def test_kents_bridge(kent):
    """Years that lag, ages that differ, and two counts of requests that move apart."""
    said = told(kent)

    assert "its years are those before the Januaries counted" in said["years"]
    assert "down 7.2% (4,302 to 3,991)" in said["requests"] and "up 0.3%" in said["requests"]
    assert "13,864 lies nearest ages 4 to 15 on 18 January 2024 (13,860)" in said["ages"]
    assert "14,564 nearest ages 5 to 15 on 16 January 2025 (14,566)" in said["ages"]
    assert "from 13,243 to 14,566, up 10.0%" in said["ages_like"] and "up 5.0%" in said["ages_like"]
    assert "up 24.2%" in said["ages_caution"] and "up 10.8%" in said["ages_caution"]


def test_leicestershires_growth_is_told_beside_the_januaries_it_fits(leicestershire):
    """T1: 54% by the paper's counts; England and the region by other Januaries than the labels."""
    said = told(leicestershire)

    assert "2,777 and 4,267, up 54%; the two make it up 53.7%" in said["growth_2016"]
    assert "2,770 in January 2015 and 4,222 in January 2019" in said["growth_2016"]
    assert "grew by 52.2% and 44.2%" in said["growth_2016_others"]
    assert "those of 2016 and 2019; between them plans in Leicestershire grew by 41.0%" in said["growth_2016_others"]


def test_leicestershires_later_growth_and_all_years(leicestershire):
    """T2: 38.0%, and 112.0% over all years; T3: no counts, so the published years stand beside it."""
    said = told(leicestershire)

    assert "4,267 and 5,888, up 38%; the two make it up 38.0%" in said["growth_2020"]
    assert "112.0%" in said["growth_all"]
    assert "0% before" in said["in_time"] and "11% after" in said["in_time"]
    assert "32 of 537 in calendar 2023 (6.0%) and 33 of 772 in calendar 2024 (4.3%)" in said["in_time"]


def test_an_authority_without_a_paper_has_the_published_year_and_the_name_of_the_file(facts_on):
    """Devon: the same table from published figures; which file would bring its own."""
    page = open_page(facts_on("Devon"))

    assert ["Table 1.1"] == list(page.sheets)
    assert "9,848 EHC plans" in page.answers[0].text
    assert any("data/raw/devon/progress_summary.csv" in line for line in page.missing)


def test_leicestershire_has_no_table_of_progress_but_its_growth(leicestershire):
    """One paper's table does not stand in for another's."""
    assert ["Table 1.1"] == list(leicestershire.sheets)
    assert any("leicestershire/progress_summary.csv" in line for line in leicestershire.missing)


def test_the_first_key_figure_is_growth_in_plans_beside_england(kent):
    """It stands on the first page; the span of years is said in words."""
    first = kent.keys[0]

    assert ("6.3%", "from January 2024 to January 2025") == (first.figure.text, first.figure.when)
    assert ["10.8%"] == [figure.text for figure in first.beside]
    assert "no clear change" in first.direction


def test_a_new_authority_has_no_change_before_it_existed(facts_on):
    """West Northamptonshire in early 2022: one January, and nothing for the year before."""
    page = open_page(facts_on("West Northamptonshire", "2021-12-01"))

    assert page.answers and not re.search(r"\[\w\]|None|nan", " ".join(told(page).values()))


def test_too_few_are_not_turned_into_a_change(facts_on):
    """Isles of Scilly: from 8 requests no percentage is made, and no rate of plans in time."""
    page = open_page(facts_on("Isles of Scilly"))

    assert [None, "cannot be told yet"] == [
        sheet(page, "progress-published")["Requests for an assessment"][at] for at in (3, 5)
    ]
    assert "answer_requests" not in told(page) and "answer_in_time" not in told(page)


# ---- Faults injected into the paper's table --------------------------------------------------------------------------


def test_a_count_that_fits_no_year_claims_no_year(facts_on):
    """Plans typed in ten times too large: no sentence says which January they are."""
    facts = facts_on("Kent")
    papers = read_papers(ROOT / "data" / "raw" / "kent")
    page = open_page(facts, with_rows(papers, lambda rows: rows.assign(value=rows["value"] * 10)))

    assert "years" not in told(page) and "ages" not in told(page)


def test_one_year_alone_makes_no_table(facts_on):
    """A change needs two; the file is named among what is missing."""
    papers = read_papers(ROOT / "data" / "raw" / "kent")
    page = open_page(facts_on("Kent"), with_rows(papers, lambda rows: rows[rows["period"].eq("2024")]))

    assert ["Table 1.1"] == list(page.sheets)
    assert any("progress_summary.csv" in line for line in page.missing)


def test_a_line_with_one_year_blank_is_left_out_and_the_others_stay(facts_on):
    """A blank of the paper is not a zero."""
    papers = read_papers(ROOT / "data" / "raw" / "kent")

    def blank(rows: pd.DataFrame) -> pd.DataFrame:
        lost = rows["measure"].eq("ehc_requests") & rows["period"].eq("2023")
        return rows.assign(value=rows["value"].mask(lost), status=rows["status"].mask(lost, "blank"))

    page = open_page(facts_on("Kent"), with_rows(papers, blank))

    rows = sheet(page, "progress-printed")
    assert "Requests for an assessment" not in rows and len(rows) == 5
    assert "requests" not in told(page)


def test_a_line_of_the_papers_own_is_shown_under_its_name(facts_on):
    """A measure that nobody publishes is printed with its change, and nothing beside it."""
    papers = read_papers(ROOT / "data" / "raw" / "kent")
    page = open_page(
        facts_on("Kent"),
        with_rows(
            papers, lambda rows: rows.assign(measure=rows["measure"].replace("population_children", "mediations"))
        ),
    )

    assert "none held for these years" == sheet(page, "progress-printed")["Mediations"][3]


# ---- Laws ------------------------------------------------------------------------------------------------------------


def count(value: float, period: str, unit: str = "plans") -> Figure:
    return Figure(
        id=f"ehc_plans.x.{period}", measure="ehc_plans", area_code="E1", area="X", period=period,
        period_basis=periods.JANUARY, value=value, status="", unit=unit, source="s", reference="r",
    )  # fmt: skip


@settings(deadline=None)
@given(st.integers(10, 10**6), st.integers(0, 10**6))
def test_a_change_of_a_count_is_in_per_cent_of_the_first_year(before, now):
    """Applied to the first year it gives the second; the word follows the sign."""
    made = lines.change(count(before, "2024"), count(now, "2025"))

    assert before * (1 + made.value / 100) == pytest.approx(now, abs=1e-6)
    assert lines.moved(made) == ("up" if made.value >= 0.05 else "down" if made.value <= -0.05 else "a change of")


@settings(deadline=None)
@given(st.floats(0, 100), st.floats(0, 100))
def test_a_change_of_a_share_is_in_points(before, now):
    """From 18.0 to 33.3 per cent is 15.3 points, not 85 per cent."""
    made = lines.change(count(before, "2024", "%"), count(now, "2025", "%"))

    assert ("percentage points", pytest.approx(now - before)) == (made.unit, made.value)


@pytest.mark.parametrize(
    ("period", "basis", "expected"),
    [
        ("2024 to 2025", periods.JANUARY, "from January 2024 to January 2025"),
        ("2023 to 2024", periods.CALENDAR_YEAR, "from calendar 2023 to 2024"),
    ],
)
def test_a_span_of_years_is_said_as_one(period, basis, expected):
    """A change belongs to both years, not to the survey day of the first."""
    assert expected == periods.in_words(period, basis)
