"""The section on the caseload: what it forecasts and refuses, and that the past is judged with the figures of then."""

import re
from dataclasses import replace

import pytest

from highneeds import terms
from highneeds.charts import Interval, Series, line_chart
from highneeds.figures import format_number
from highneeds.models.change.result import Change
from highneeds.models.yearly import choice
from highneeds.models.yearly.annual import open_annual
from highneeds.sections import caseload, change_tests, forecasts
from highneeds.sections.page import Page
from highneeds.sources.papers import read_papers
from tests.conftest import ROOT

BLOCKS = (
    caseload.forecast.answer,
    caseload.forecast.key_figures,
    caseload.forecast.trend,
    caseload.forecast.beside_others,
    caseload.record.made_then,
    caseload.forecast.by_age,
    caseload.record.record,
    caseload.record.calibration,
)


def open_trends(facts) -> Page:
    papers = read_papers(ROOT / "data" / "raw" / facts.authority.slug)
    return Page("caseload", caseload.TITLE, caseload.QUESTION, 1, facts, papers)


def told(facts) -> tuple[Page, dict[str, str]]:
    """Page with everything said, and its claims by id."""
    page = open_trends(facts)
    for block in BLOCKS:
        block(page)
    return page, {claim.id.removeprefix("caseload."): claim.text for claim in page.claims}


def test_the_range_stands_before_the_point(facts_on):
    """A reader must meet the uncertainty first."""
    _, said = told(facts_on("Kent"))

    range_first = r"between [\d,]+ and [\d,]+ in January 2028 \(8-in-10 range; most likely about [\d,]+"
    assert re.search(range_first, said["answer_forecast"])


def test_forecasts_are_printed_to_three_figures():
    """22,538.8 looks finer than any forecast is; 376 is left alone."""
    printed = [
        format_number(value, "plans", forecasts.places_of(value, "plans")) for value in (22_538.8, 4_778.8, 416.9)
    ]

    assert ["22,500", "4,780", "417"] == printed


def test_every_forecast_figure_carries_its_symbol_and_its_model(facts_on):
    """An auditor must tell a forecast from a published figure, and find how it was made."""
    page, _ = told(facts_on("Kent"))

    forecast = [figure for figure in page.figures.values() if figure.measure == "ehc_plans.forecast"]
    assert len(forecast) > 50
    assert all(figure.status == "f" and "docs/methods.md" in figure.reference for figure in forecast)
    assert "f" in terms.SYMBOLS


@pytest.mark.parametrize("name", ["Kent", "West Northamptonshire"])
def test_the_forecast_made_then_saw_only_the_figures_of_then(facts_on, name):
    """Hindsight would flatter: the same numbers come from a panel that ends in January 2021."""
    facts, then = facts_on(name), facts_on(name, "2021-06-01")
    shown, _ = told(facts)
    if name == "West Northamptonshire":
        # Formed in April 2021: there was nothing to forecast it from.
        assert not any(".from-2021" in id for id in shown.figures)
        return

    made = open_annual(then.values, then.panel.areas, "ehc_plans").forecast(then.authority.code, 4)

    assert [pytest.approx(step.point) for step in made.steps] == [
        shown.figures[f"ehc_plans_forecast.kent.{step.period}.point.from-2021"].value for step in made.steps
    ]


def test_the_straight_line_is_the_mean_change_of_three_years(facts_on):
    """Kent: 9,833 plans in January 2018 and 15,281 in 2021 give 1,816 a year."""
    page, _ = told(facts_on("Kent"))
    first, last = (page.figures[f"ehc_plans.kent.{year}"].value for year in ("2018", "2021"))

    drawn = page.figures["ehc_plans_straight_line.kent.2025.from-2021"]

    assert last + 4 * (last - first) / 3 == pytest.approx(drawn.value)


def test_age_bands_sum_to_the_forecast_total(facts_on):
    """Parts and whole of one table must agree."""
    page, _ = told(facts_on("Rutland"))
    total = page.figures["ehc_plans_forecast.rutland.2028.point.from-2025"].value

    bands = [f.value for f in page.figures.values() if ".2028.point.from-2025." in f.id]

    assert 5 == len(bands)
    assert total == pytest.approx(sum(bands))


def test_a_break_in_recording_is_refused_with_its_reason(facts_on):
    """Newham: 2,705 plans, then 1,199, while 379 were issued."""
    page, said = told(facts_on("Newham"))

    assert "more often a change of recording" in said["no_forecast"]
    assert not page.answers[0].text.startswith("No forecast")
    assert not any(figure.id.endswith("from-2025") for figure in page.figures.values() if figure.status == "f")


def test_the_smallest_authority_is_warned_of_and_shows_no_ages(facts_on):
    """Bands of one or two children are no forecast."""
    page, said = told(facts_on("Isles of Scilly"))

    assert "one child moves the figure" in said["warning_1"]
    assert "answer_record" not in said
    assert caseload.forecast.by_age(page) is None


def test_the_record_counts_what_its_table_shows(facts_on):
    """`15 of 18` must be the rows, two years ahead among them."""
    page, said = told(facts_on("Kent"))
    record = page.annual("ehc_plans").forecast("E10000016", 3).record.own

    held = sum(past.held80 for past in record)

    assert f"For Kent, {held} of {len(record)} such ranges held" in said["record"]


def test_calibration_is_the_share_of_authorities_whose_range_held(facts_on):
    """Recounted plainly for January 2025, a year ahead."""
    page, _ = told(facts_on("Kent"))
    annual = page.annual("ehc_plans")
    held = [
        past.held80
        for code in annual.codes
        for past in annual._own(code, 1)
        if past.period == "2025" and annual.known(2024).large[annual.unit_of(code)]
    ]

    shown = page.figures["ehc_plans.forecast-held.all-authorities.1-ahead.2025"].value

    # Four authorities share the unit of two boundary changes, so the plain count of 153 is not the count of 148.
    assert 148 <= len(held) <= 153
    assert shown == pytest.approx(100 * sum(held) / len(held), abs=1.5)


@pytest.mark.parametrize(
    ("p", "expected"),
    [
        (0.21, "would come by chance in about one case in five (probability 0.21)"),
        (0.001, "would hardly ever come by chance (probability under 0.01)"),
        (0.99, "would nearly always come by chance (probability 0.99)"),
    ],
)
def test_a_probability_is_said_in_words_and_in_figures(facts_on, p, expected):
    """The odds are for every reader, the number for the auditor."""
    page = open_trends(facts_on("Kent"))
    change = _change(p=p)

    said = change_tests.change_said(page, change, what="the number of plans", id="tried")

    assert expected in said[0].text


def test_an_unclear_change_says_how_seldom_it_could_be_seen(facts_on):
    """No clear difference is not proof of none; a clear one needs no such sentence."""
    unclear, clear = (
        change_tests.change_said(open_trends(facts_on("Kent")), _change(p=p), what="the number of plans", id="tried")
        for p in (0.21, 0.01)
    )

    assert "a true fall of 7%" in unclear[1].text
    assert 1 == len(clear)


def _change(p: float) -> Change:
    return Change(
        measure="ehc_plans",
        area_code="E10000016",
        first="2022",
        last="2025",
        period_basis="January",
        before=17_733.0,
        after=20_635.0,
        others_log_growth=0.3,
        standard_error=0.1,
        half_width=0.2,
        p=p,
        k=10,
    )


def test_a_line_that_ends_before_the_forecast_is_named_where_there_is_room(facts_on):
    """At its end stands the dashed line: the name goes below, or above where the forecast falls."""
    facts = facts_on("Kent")
    past = [facts.get("ehc_plans", facts.authority, year) for year in ("2023", "2024", "2025")]
    ahead = replace(past[-1], period="2026", value=25_000.0, status="f", places=-2, id="ahead")

    picture = line_chart(
        [Series("Kent", past), Series("Forecast", [past[-1], ahead], "forecast")],
        unit="plans",
        interval=Interval([past[-1], ahead], [past[-1], ahead]),
    )

    assert "Kent 20,635 (2025)" in picture
    assert "Forecast 25,000" in picture


def test_the_page_of_methods_explains_every_model():
    """Each name that a forecast can carry stands in docs/methods.md with its words and limits."""
    page = (ROOT / "docs" / "methods.md").read_text(encoding="utf-8")
    names = {*choice.REASONS, "UCM", "DRIFT", "SUM", "NBR", "EXPO"}
    # EB+COHORT is EB, with the cohort averaged in as for POOL.
    missing = [name for name in names - {"EB+COHORT"} if name not in page]

    assert [] == missing
