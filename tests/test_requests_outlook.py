"""Requests to come and requests that changed: words follow the test, ranges are shown, and nothing hidden is used."""

import re
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from highneeds.charts import Interval, Series
from highneeds.charts.ahead import ahead_chart
from highneeds.facts import Area
from highneeds.models.change.result import Change
from highneeds.models.monthly.table import following
from highneeds.months import TOTAL
from highneeds.sections import change_tests, forecasts, requests
from highneeds.sections.local import LocalAt, read_local
from highneeds.sections.page import Page
from highneeds.sections.released import REQUESTS
from highneeds.sections.requests.months_ahead import MonthCounts, look_ahead
from highneeds.sources.papers import read_papers
from tests.conftest import DEMO_DAY, ROOT
from tests.test_charts import texts
from tests.test_figures import figure

KENT = Area("E10000016", "Kent")


def words(block):
    """Text of a block without its marks: a number in a sentence is a figure."""
    return re.sub(r"<[^>]+>", "", block.markup)


def page_on(facts, local=None):
    return Page("requests", "t", "q?", 1, facts, read_papers(ROOT / "data" / "raw" / facts.authority.slug), local)


def change(p, *, placebo=None, after=130.0, refusal=""):
    """Growth of 30% beside neighbours' 10%, with this probability."""
    if refusal:
        return Change("requests_received", "E10000016", "2023", "2024", "calendar year", refusal=refusal)
    return Change(
        "requests_received",
        "E10000016",
        "2023",
        "2024",
        "calendar year",
        before=100.0,
        after=after,
        others_log_growth=float(np.log(1.1)),
        standard_error=0.1,
        half_width=0.2,
        p=p,
        placebo_p=p if placebo is None else placebo,
        k=10,
        authorities=140,
        grew_less=130,
    )


def said(page):
    return {claim.id.partition(".")[2]: claim.text for claim in page.claims}


@pytest.mark.parametrize(
    ("found", "answer", "short"),
    [
        (change(0.3), "that is no clear change (", "no clear change beside similar authorities"),
        (change(0.01), "a clear difference: requests in Kent rose by more than", "clearly above the change in"),
        (change(0.01, after=50.0), "requests in Kent fell while its statistical", "clearly below the change in"),
        (change(0.04, placebo=0.3), "is in doubt: two tests disagree", "two tests beside similar authorities disagree"),
    ],
)
def test_the_words_for_a_change_follow_the_test(facts_on, monkeypatch, found, answer, short):
    """A count that moved has moved; what that means is only what the test allows."""
    page = page_on(facts_on("Kent"))
    monkeypatch.setattr(change_tests, "change_of", lambda *_: found)

    requests.by_year.answer(page)
    requests.by_year.change_beside_others(page)

    assert "That is 13 more than in calendar 2023 (3,988): up 0.3% (Figure 1.1). " in said(page)["answer_change"]
    assert answer in said(page)["answer_change"]
    assert short in said(page)["changed"] and short in said(page)["others_title"]


def test_a_change_that_cannot_be_tested_is_said_to_be_untold(facts_on, monkeypatch):
    """Neither up nor level: the reason stands where the verdict would."""
    page = page_on(facts_on("Kent"))
    monkeypatch.setattr(change_tests, "change_of", lambda *_: change(0, refusal="Too few are known."))

    requests.by_year.answer(page)
    tested = requests.outlook.tested(page)

    assert said(page)["answer_change"].endswith(
        "Whether demand has changed cannot be told from that. Too few are known."
    )
    assert "Requests for assessment: 3,988 in calendar 2023, 4,001 in calendar 2024." == said(page)["changed"]
    assert tested is None


@pytest.mark.parametrize(
    ("found", "direction"), [(change(0.3), "no clear change from 3,988"), (change(0.01), "up from 3,988")]
)
def test_the_key_figure_speaks_as_the_test_does(facts_on, monkeypatch, found, direction):
    """The largest number on the first page must not say `up` where the test says no clear change."""
    page = page_on(facts_on("Kent"))
    monkeypatch.setattr(change_tests, "change_of", lambda *_: found)

    requests.by_year.key_figures(page)

    assert direction == next(key.direction for key in page.keys if key.label == "Requests received")


def test_the_fall_of_seven_per_cent_in_a_paper_meets_the_published_figures(facts_on):
    """Kent's paper: 4,302 to 3,991. What DfE's figures say of it, and how seldom such a fall could be seen."""
    page = page_on(facts_on("Kent"))

    requests.by_month.local_and_published(page)

    assert "4,302 requests for 2023 and 3,991 for 2024: down 7.2%" in said(page)["bridge"]
    assert (
        "The published figures show no fall that is clear beside similar authorities (probability 0.21): a true fall "
        "of 7.2% beyond theirs would be seen in about one case in ten." == said(page)["bridge_test"]
    )


def test_three_years_are_tested_too_and_a_clear_change_reaches_the_answer(facts_on):
    """Kent 2021 to 2024 stood still while its neighbours rose by two thirds; the year alone shows nothing."""
    page = page_on(facts_on("Kent"))

    requests.by_year.answer(page)
    requests.outlook.tested(page)

    told = said(page)
    assert told["answer_longer"].startswith(
        "Since calendar 2021, requests in Kent fell while its statistical neighbours"
    )
    assert told["answer_longer"].endswith("How requests are collected changed in between.")
    assert "a true fall of 7% beyond theirs would be seen in about one case in ten." in told["change_1_power"]
    assert "(probability 0.03)" in told["change_3"] and "change_3_power" not in told


def test_a_count_in_doubt_is_not_tested_and_not_the_start_of_the_forecast(facts_on):
    """Isle of Wight: 74 after 382. Neither a fall of four fifths nor a forecast from it may be announced."""
    page = page_on(facts_on("Isle of Wight"))

    requests.by_year.answer(page)
    requests.outlook.by_year(page)

    told = said(page)
    assert requests.outlook.tested(page) is None
    assert "answer_longer" not in told
    assert "It was set aside; the forecast starts from the usual share." in told["warning_1"]
    assert any(claim.caution for claim in page.answers)


def test_the_yearly_forecast_is_a_range_first_with_its_record(facts_on):
    """Range before the point, the year that is over named as such, and how such forecasts did."""
    page = page_on(facts_on("Kent"))

    block = requests.outlook.by_year(page)

    told, made = (
        said(page),
        forecasts.outlooks(
            forecasts.forecast_of(page, "requests_received"), forecasts.learned_from(page, "requests_received")
        ),
    )
    low, high = made[-1].lower80, made[-1].upper80
    assert (
        f"Kent: {low.text} to {high.text} requests in calendar 2027 if the pattern continued" == told["by_year_title"]
    )
    assert told["next_year"].startswith("For calendar 2025, which is over but not yet published, the range is ")
    assert "a year ahead, and" in told["record_1"] and "three years ahead, and" in told["record_3"]
    assert block.markup.count("<figure") == 1
    assert high.value > 2 * low.value  # a wide interval is shown wide
    assert f"8-in-10 range in calendar 2027 is {low.text} to {high.text}." in block.markup


def test_every_forecast_figure_is_marked_and_names_its_model(facts_on):
    """An auditor tells a forecast from a count in figures.csv, and where it is from."""
    page = page_on(facts_on("Kent"))

    for function in (requests.outlook.by_year, requests.by_month.by_month, requests.outlook.next_months):
        function(page)

    made = [item for item in page.figures.values() if item.measure.endswith(".forecast")]
    assert {"requests_received.forecast", "local_requests.forecast"} == {item.measure for item in made}
    assert {"f"} == {item.status for item in made}
    for item in made:
        assert re.search(r"model \w+, origin 202\d.*\d{4}.*docs/methods\.md", item.reference), item.reference


def test_where_no_forecast_is_made_the_past_is_drawn_and_the_reason_said(facts_on):
    """Isles of Scilly: two requests. The counts stand, the refusal is among what is not known."""
    page = page_on(facts_on("Isles of Scilly"))

    block = requests.outlook.by_year(page)

    assert "Isles of Scilly had 2 requests in calendar 2024 and 1 in calendar 2016" == said(page)["by_year_title"]
    assert "fewer than ten requests" in said(page)["no_forecast"]
    assert any("fewer than ten requests" in claim.text for claim in page.unknown)
    assert "forecast" not in block.markup.partition("</figure>")[0]


def test_printed_months_are_forecast_with_their_areas(facts_on):
    """Kent's own table: the total, each area, and the one with too few months refused by name."""
    page = page_on(facts_on("Kent", "2025-03-20"))

    block, ahead = requests.outlook.next_months(page), requests.by_month.ahead(page)

    areas = ["East", "North", "South", "West"]
    parts = sum(ahead.sums[area].point.value for area in areas)
    assert ("2025-03", "2026-02") == ahead.span
    assert [*areas, TOTAL] == list(ahead.sums)
    assert parts < ahead.sums[TOTAL].point.value < 1.03 * parts  # addresses elsewhere are the rest
    assert "Not Kent Address: 11 complete months; a forecast needs 12" in words(block)
    assert 3874 == ahead.before[TOTAL].value
    assert "February 2025 may still gain late entries" in said(page)["months_open"]
    assert "months_overtaken" not in said(page)


def test_a_forecast_that_time_has_overtaken_says_so(facts_on):
    """A table of last year forecasts months that are over: the authority has newer counts."""
    page = page_on(facts_on("Kent"))

    requests.outlook.next_months(page)

    assert "The last month held is February 2025, and this report is of 8 April 2026" in said(page)["months_overtaken"]


def test_without_monthly_counts_there_is_nothing_to_forecast(facts_on):
    """The missing file is named once, where the months would stand."""
    page = page_on(facts_on("Rutland"))

    assert requests.outlook.next_months(page) is None
    assert requests.by_month.by_month(page) is None


@pytest.fixture(scope="module")
def local(demo_cases):
    """Invented case data as at their own day."""
    return LocalAt(read_local(demo_cases / "blade_csv", la_code="886"), DEMO_DAY, KENT)


def test_the_model_is_given_no_hidden_count(local, monkeypatch):
    """A cell shown as [c] is missing to the model, so that no forecast leads back to it."""
    given, real = [], requests.months_ahead.forecast_months
    monkeypatch.setattr(
        requests.months_ahead, "forecast_months", lambda table, **more: given.append(table) or real(table, **more)
    )
    shown = local.shown.tables[REQUESTS].set_index(["period", "area"])["value"]

    look_ahead(requests.own_cases.counts_shown(local))

    areas = next(table for table in given if "East" in table)
    hidden = [(month, area) for month in areas.index for area in areas if np.isnan(shown.astype(float)[month, area])]
    assert len(hidden) > 10
    assert all(np.isnan(areas.loc[cell]) for cell in hidden)
    assert all(
        areas.loc[month, area] == shown[month, area]
        for month in areas.index
        for area in areas
        if (month, area) not in hidden
    )


def test_case_data_are_forecast_from_the_month_after_the_day_of_the_data(facts_on, local):
    """The month under way is completed; the twelve months start after it; hidden areas are refused with the reason."""
    page = page_on(facts_on("Kent", DEMO_DAY.isoformat()), local)

    chart, block = requests.by_month.by_month(page), requests.outlook.next_months(page)

    ahead = requests.by_month.ahead(page)
    assert ("2025-04", "2026-03") == ahead.span
    assert ["2025-03", *(following("2025-04", step) for step in range(12))] == [o.point.period for o in ahead.months]
    assert ahead.months[0].lower80.value >= requests.own_cases.total_of(local, "2025-03").value
    assert "Mar 2025 is a part month, counted to 18 March 2025" in block.markup
    assert "Outside the authority: hidden in 16 of 22 months to protect individuals" in words(block)
    assert "[c]" in block.markup and "dashed: forecast to March 2026" in chart.markup


def counts(*values, first="2024-01", status=""):
    """Months from values; None is hidden."""
    named = [(following(first, step), value) for step, value in enumerate(values)]
    return [
        replace(
            figure(value, id=f"local_requests.kent.{month}", period=month, status="c" if value is None else status),
            measure="local_requests",
            period_basis="calendar month",
        )
        for month, value in named
    ]


def test_an_area_whose_small_months_are_hidden_is_not_forecast_from_its_large_ones():
    """Six a month with the months under five hidden looks like seven: refused, never overstated."""
    small = [6, 8, None, 7, 6, 9, 7, 6, None, 8, 7, 6, 7, 9]
    made = look_ahead(MonthCounts(KENT, counts(*[100] * 14), {"Large": counts(*[90] * 14), "Small": counts(*small)}))

    assert "Small: hidden in 2 of 14 months to protect individuals, too many to forecast it." == made.refusals["Small"]
    assert ["Large", TOTAL] == list(made.sums)


def test_hidden_totals_are_no_zeros_and_end_in_a_refusal():
    """A small authority's months are mostly hidden: no forecast, no fault."""
    made = look_ahead(MonthCounts(KENT, counts(*[None, 6, None, 5] * 5), {}, day=date(2025, 8, 12)))

    assert not made.known
    assert "Kent: hidden in 10 of 20 months to protect individuals, too many to forecast it." == made.forecast.refusal
    assert look_ahead(MonthCounts(KENT, counts(None, None), {})) is None


@pytest.mark.parametrize(
    ("day", "last", "first_ahead"),
    [
        (date(2025, 2, 12), 40, "2025-03"),  # February is under way
        (date(2025, 2, 28), 90, "2025-03"),  # February is over
        (date(2025, 2, 12), None, "2025-02"),  # what there is of it is hidden
    ],
)
def test_the_month_under_way_is_no_whole_month(day, last, first_ahead):
    """Twelve days are not a bad month; a hidden part month is left out."""
    values = [90] * 13 + [last]

    made = look_ahead(MonthCounts(KENT, counts(*values), {}, day=day))

    assert first_ahead == made.span[0]
    assert 80 < made.sums[TOTAL].point.value / 12 < 100


def years(values, start, status=""):
    return [
        figure(value, id=f"requests_received.kent.{start + at}", period=str(start + at), status=status)
        for at, value in enumerate(values)
    ]


def test_bars_and_their_forecast_are_one_picture_with_its_ends_named():
    """The range is read off the chart, not guessed; the same data give the same bytes."""
    past = Series("Kent", years([10, 20, 30], 2021))
    point, low, high = (years(values, 2024, "f") for values in ([35, 40], [30, 28], [41, 60]))

    def drawn():
        return ahead_chart(past, Series("Most likely", point, "forecast"), Interval(low, high), unit="requests")

    assert {"Most likely 40", "28", "60", "8 in 10 chance", "10", "30", "2021", "2025"} <= set(texts(drawn()))
    assert drawn() == drawn()
