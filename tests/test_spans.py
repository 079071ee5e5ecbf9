"""Which published years a paper's years are: the papers' own counts first, then the laws of the search."""

from math import floor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from highneeds.errors import SchemaError
from highneeds.models.spans import NEAR_PCT, fit, fit_ages, plans_by_january, plans_of_school_age, spans_of_growth


def test_kents_years_are_those_before_the_januaries_counted(facts_on):
    """19,407 under 2023 is January 2024 to the plan; 20,665 under 2024 is near January 2025."""
    facts = facts_on("Kent")

    first, last = fit(plans_by_january(facts, facts.authority), [(2023, 19_407), (2024, 20_665)])

    assert (2024, 2025) == (first.year, last.year)
    assert 0 == first.miss_pct and first.near and last.near
    assert 20_635 == last.published


def test_kents_requests_are_near_no_year_so_the_labels_stand(facts_on):
    """3,991 is nearer 2023's 3,988 than 2024's 4,001; but 4,302 is near none, so neither is moved."""
    facts = facts_on("Kent")
    held = {
        int(y): facts.get("requests_received", facts.authority, y).value for y in facts.periods("requests_received")
    }

    found = fit(held, [(2023, 4_302), (2024, 3_991)])

    assert [(2023, False), (2024, True)] == [(match.year, match.near) for match in found]


def test_leicestershires_counts_are_of_2015_and_2019(facts_on):
    """2,777 and 4,267, under 2016 and 2020, lie nearest 2,770 and 4,222."""
    facts = facts_on("Leicestershire")

    found = fit(plans_by_january(facts, facts.authority), [(2016, 2_777), (2020, 4_267)])

    assert [(2015, 2_770), (2019, 4_222)] == [(match.year, match.published) for match in found]


def test_labels_that_do_not_lag_alike_find_their_own_years(facts_on):
    """4,267 and 5,888, under 2020 and 2022, lie nearest January 2019 and January 2022."""
    facts = facts_on("Leicestershire")

    found = fit(plans_by_january(facts, facts.authority), [(2020, 4_267), (2022, 5_888)])

    assert [2019, 2022] == [match.year for match in found]


def test_the_growth_of_england_and_the_region_is_of_other_januaries(facts_on):
    """38% and 32% are printed for 2016 to 2020, by label 52.2% and 44.2%; only January 2016 to 2019 gives both."""
    facts = facts_on("Leicestershire")
    series = {area.name: plans_by_january(facts, area) for area in (facts.england, facts.region)}

    found = spans_of_growth(series, {"England": 38, "East Midlands": 32})

    assert ((2016, 2019),) == found
    england, region = series["England"], series["East Midlands"]
    assert (52.2, 44.2) == tuple(round(100 * (s[2020] / s[2016] - 1), 1) for s in (england, region))


def test_kents_two_counts_of_school_age_are_of_different_ages(facts_on):
    """13,864 is ages 4 to 15, 14,564 is ages 5 to 15; the bands of 5 to 15 make 13,243 and 14,566."""
    facts = facts_on("Kent")
    ages = {
        year: {age: facts.get("ehc_plans", facts.authority, year, f"age {age}").value for age in range(3, 17)}
        for year in ("2024", "2025")
    }

    assert ((4, 15), (5, 15)) == (fit_ages(ages["2024"], 13_864), fit_ages(ages["2025"], 14_564))
    bands = [plans_of_school_age(facts, facts.authority, year).value for year in ("2024", "2025")]
    assert [13_243, 14_566] == bands


def test_a_count_of_no_span_of_ages_finds_none():
    """Ten plans at each age make no thousand."""
    assert fit_ages({age: 10.0 for age in range(3, 17)}, 1_000) is None
    assert fit_ages({}, 100) is None


@pytest.mark.parametrize("printed", [[], [(2020, 0.0)], [(2020, 10.0), (2021, -3.0)]])
def test_counts_that_are_none_are_refused(printed):
    """Nothing can be near to nothing."""
    with pytest.raises(SchemaError, match="above 0"):
        fit({2020: 10.0}, printed)


COUNTS = st.lists(st.integers(100, 100_000), min_size=6, max_size=12)


@settings(deadline=None)
@given(COUNTS, st.integers(0, 3))
def test_counts_printed_exactly_under_their_own_years_are_found_there(values, at):
    """Equal counts under their own labels need no lag, whatever the others are."""
    series = {2010 + step: float(value) for step, value in enumerate(values)}
    printed = [(2010 + at, series[2010 + at]), (2011 + at, series[2011 + at])]

    assert [year for year, _ in printed] == [match.year for match in fit(series, printed)]


@settings(deadline=None)
@given(COUNTS, st.floats(1.03, 1.9))
def test_a_count_far_from_every_year_moves_no_label(values, factor):
    """Without a near year the labels stand, and none is called near."""
    series = {2010 + step: float(value) for step, value in enumerate(values)}
    printed = [(2011, factor * max(values))]

    [match] = fit(series, printed)

    assert (2011, False) == (match.year, match.near) and abs(match.miss_pct) > NEAR_PCT


@settings(deadline=None)
@given(COUNTS, st.data())
def test_a_growth_printed_of_a_pair_is_found_again(values, data):
    """Growth rounded to the whole of any pair is found among the pairs; a stricter set of areas finds no more."""
    series = {2010 + step: float(value) for step, value in enumerate(values)}
    first, last = sorted(data.draw(st.lists(st.sampled_from(sorted(series)), min_size=2, max_size=2, unique=True)))
    pct = floor(100 * (series[last] / series[first] - 1) + 0.5)
    alone = spans_of_growth({"a": series}, {"a": pct})

    assert (first, last) in alone
    assert set(spans_of_growth({"a": series, "b": series}, {"a": pct, "b": pct + 7})) <= set(alone)
