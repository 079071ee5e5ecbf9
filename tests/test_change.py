"""A yearly change is judged by how far similar places differ; what cannot be judged is refused with its reason."""

import math
import statistics

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from highneeds.errors import ParamsError, SchemaError
from highneeds.models.change.result import (
    LESS,
    MORE,
    UNCLEAR,
    Change,
    compare,
    in_words,
    power,
    seen_in_words,
    smallest_seen,
)
from highneeds.models.change.yearly import false_flag_rate, neighbour_test, neighbour_tests, panel_power

KENT, MEDWAY, NEWHAM, LEEDS = "E10000016", "E06000035", "E09000025", "E08000035"
YEARS = [str(year) for year in range(2018, 2025)]
EIGHT = [(1000, 1100)] * 4 + [(1000, 1300)] * 4
FAR = {"first": "2023", "last": "2024"}


def small_world(own=(2000, 2000), others=EIGHT, **of_own):
    """Values, areas and neighbours of A0 (own) and A1, A2 ..., each a neighbour of all others; cells by year."""
    pairs = [own, *others]
    codes = [f"E0600000{at}" if at < 10 else f"E060000{at}" for at in range(len(pairs))]
    rows = [
        (code, year, value)
        for code, pair in zip(codes, pairs, strict=True)
        for year, value in zip(("2023", "2024"), pair, strict=True)
    ]
    values = pd.DataFrame(rows, columns=["area_code", "period", "value"]).assign(
        period_basis="calendar year", measure="requests_received", breakdown="Total", status=""
    )
    areas = pd.DataFrame({"area_code": codes, "la_code": [f"{at:03d}" for at in range(len(codes))]})
    areas = areas.assign(area_name="Place " + areas["la_code"], opened="2009-01-01", closed="")
    areas.loc[0, list(of_own)] = list(of_own.values())
    both = [(a, b) for a in areas["la_code"] for b in areas["la_code"] if a != b]
    neighbours = pd.DataFrame(both, columns=["la_code", "neighbour_la_code"]).assign(rank="1")
    return values, areas, neighbours


def small_test(*world, first="2023", last="2024", measure="requests_received", area_code="E06000000"):
    return neighbour_test(*(world or small_world()), measure=measure, area_code=area_code, first=first, last=last)


def test_the_statistic_is_the_one_written_down():
    """Difference over the neighbours' standard deviation x sqrt(1 + 1/k), in logs: computed here by hand."""
    growths = [math.log(1.1)] * 4 + [math.log(1.3)] * 4
    spread = statistics.stdev(growths)

    actual = small_test()

    expected = {
        "difference": -statistics.mean(growths),
        "standard_error": spread * math.sqrt(9 / 8),
        "half_width": 2.3646 * spread * math.sqrt(9 / 8),  # t, 7 degrees of freedom, from a printed table
        "others_growth_pct": 100 * (math.sqrt(1.1 * 1.3) - 1),
        "growth_pct": 0,
        "k": 8,
    }
    assert expected == {name: pytest.approx(getattr(actual, name), rel=1e-4) for name in expected}


def test_a_smaller_authority_gets_its_own_chance_variation_on_top():
    """20 requests move by a fifth by chance alone; neighbours with thousands do not show that."""
    large, small = small_test(), small_test(*small_world(own=(20, 20)))
    theirs = statistics.mean(1 / before + 1 / after for before, after in EIGHT)

    expected = math.sqrt(large.standard_error**2 + 1 / 20 + 1 / 20 - theirs)

    assert pytest.approx(expected) == small.standard_error


@pytest.mark.parametrize(
    ("measure", "first", "last"), [("requests_received", "2021", "2024"), ("ehc_plans", "2022", "2025")]
)
def test_all_authorities_at_once_agree_with_a_slow_loop(panel, measure, first, last):
    """The vectorised test and one written for reading give the same p for every authority."""
    from scipy import stats

    rows = panel.values[panel.values["measure"].eq(measure) & panel.values["breakdown"].eq("Total")]
    count = {(row.area_code, row.period): row.value for row in rows.itertuples()}
    areas = panel.areas[panel.areas["la_code"].ne("")]
    code_of, opened = areas.set_index("la_code")["area_code"], areas.set_index("area_code")["opened"]
    start = f"{first}-01-01" if measure == "requests_received" else f"{first}-01-31"

    def pair(code):
        both = count.get((code, first), math.nan), count.get((code, last), math.nan)
        return both if min(both) >= 10 and opened[code] <= start else None

    def p(la_code):
        own, listed = pair(code_of[la_code]), panel.neighbours[panel.neighbours["la_code"].eq(la_code)]
        others = [two for code in listed["neighbour_la_code"] if (two := pair(code_of[code]))]
        if own is None or len(others) < 8:
            return None
        growths = [math.log(b / a) for a, b in others]
        extra = max(0, 1 / own[0] + 1 / own[1] - statistics.mean(1 / a + 1 / b for a, b in others))
        error = math.sqrt(statistics.variance(growths) * (1 + 1 / len(others)) + extra)
        t = (math.log(own[1] / own[0]) - statistics.mean(growths)) / error
        return 2 * stats.t.sf(abs(t), len(others) - 1)

    found = neighbour_tests(panel.values, panel.areas, panel.neighbours, measure=measure, first=first, last=last)

    expected = {code: p(la_code) for la_code, code in code_of.items()}
    assert {code: value and pytest.approx(value) for code, value in expected.items()} == {
        code: change.p if change.known else None for code, change in found.items()
    }


@pytest.mark.parametrize(
    ("measure", "first", "last", "growth", "neighbours", "p", "grew_less"),
    [
        ("requests_received", "2023", "2024", 0.3, 14.0, 0.21, 28),
        ("requests_received", "2021", "2024", -1.1, 64.9, 0.03, 1),
        ("ehc_plans", "2021", "2024", 27.0, 33.7, 0.48, 34),
        ("ehc_plans", "2022", "2025", 16.4, 37.1, 0.09, 10),
    ],
)
def test_kent_is_as_an_earlier_study_of_the_same_figures_found(
    panel, measure, first, last, growth, neighbours, p, grew_less
):
    """Growth, neighbours' growth, p and percentile as found with other code (two differ in the last digit)."""
    tables = panel.values, panel.areas, panel.neighbours

    actual = neighbour_test(*tables, measure=measure, area_code=KENT, first=first, last=last)

    found = (
        round(actual.growth_pct, 1),
        round(actual.others_growth_pct, 1),
        round(actual.p, 2),
        round(actual.percentile),
    )
    assert (growth, neighbours, p, grew_less) == found


@pytest.mark.parametrize("measure", ["requests_received", "new_ehc_plans", "ehc_plans"])
def test_about_one_authority_year_in_twenty_is_flagged(panel, measure):
    """A test at 5% that flagged half of all authorities, as the chance variation of a count does, would be no test."""
    flags = false_flag_rate(panel.values, panel.areas, panel.neighbours, measure=measure, years=YEARS)

    assert flags.tested > 950
    assert 4 <= flags.share_pct <= 7


def test_small_authorities_are_not_flagged_more_than_others(panel):
    """Before their own chance variation was added, a sixth of the smallest tenth was flagged, each year."""
    tables = panel.values, panel.areas, panel.neighbours
    known = [
        change
        for last in YEARS
        for change in neighbour_tests(*tables, measure="ehc_plans", first=str(int(last) - 1), last=last).values()
        if change.known
    ]
    tenth = np.quantile([change.before for change in known], 0.1)

    small = [change.verdict != UNCLEAR for change in known if change.before <= tenth]

    assert 1 <= 100 * np.mean(small) <= 8


def test_the_placebo_is_a_rank_among_all_authorities():
    """Of nine tests in turn only the own one is this far out: one in nine, whatever t's tables say."""
    actual = small_test(*small_world(own=(2000, 500)))

    assert (pytest.approx(1 / 9), 8, 0, LESS) == (
        actual.placebo_p,
        actual.authorities,
        actual.grew_less,
        actual.verdict,
    )


def test_tests_that_disagree_say_so():
    """Neighbours that happen to be alike make any place look odd; the placebo among all authorities tells."""
    alike, far = [(2000, 2000 + at) for at in range(9)], [(2000, 4000), (2000, 1000)]
    values, areas, neighbours = small_world(own=(2000, 2800), others=[*alike, *far])
    of_the_alike = neighbours[neighbours["neighbour_la_code"].between("001", "009")]

    actual = small_test(values, areas, of_the_alike)

    assert actual.verdict == MORE and actual.placebo_p > 0.1
    assert [True] == ["two tests disagree" in text for text in actual.warnings if "disagree" in text]


def test_order_of_rows_and_other_years_do_not_matter():
    """Only the two periods asked for are read."""
    values, areas, neighbours = small_world()
    later = values.assign(period=values["period"].replace({"2023": "2025", "2024": "2026"}), value=7.0)
    mixed = pd.concat([values, later]).sample(frac=1, random_state=1)

    assert small_test() == small_test(mixed, areas.sample(frac=1, random_state=2), neighbours)


@given(st.lists(st.floats(-1, 1), min_size=8, max_size=12, unique=True), st.floats(-1, 1), st.floats(-2, 2))
def test_growth_shared_by_all_cancels(others, own, shift):
    """The test is about the difference: national growth, whatever it is, moves nothing."""
    theirs = np.array([others])
    none = {"own_noise": np.zeros(1), "others_noise": np.zeros_like(theirs)}

    plain, moved = (compare(np.array([own + by]), theirs + by, **none) for by in (0, shift))

    assert 0 <= plain.p[0] <= 1
    assert plain.difference[0] == pytest.approx(moved.difference[0], abs=1e-9)
    assert plain.standard_error[0] == pytest.approx(moved.standard_error[0], abs=1e-9)


@given(st.integers(20, 5000), st.integers(20, 5000))
def test_the_range_leaves_nought_out_exactly_where_the_verdict_is_clear(before, after):
    """A reader who sees the range and one who sees the verdict must be told the same."""
    actual = small_test(*small_world(own=(before, after)))
    lower, upper = actual.range95_pct

    assert (actual.verdict == UNCLEAR) == (lower <= 0 <= upper)
    assert (actual.verdict == UNCLEAR) == (actual.expected[0] <= actual.after <= actual.expected[2])


@pytest.mark.parametrize(
    ("own", "others", "expected"),
    [
        (1.5, 1.1, "rose by more than its statistical neighbours"),
        (1.1, 1.5, "rose by less than its statistical neighbours"),
        (0.5, 0.9, "fell by more than its statistical neighbours"),
        (0.9, 0.5, "fell by less than its statistical neighbours"),
        (0.9, 1.5, "fell while its statistical neighbours rose"),
        (1.5, 0.9, "rose while its statistical neighbours fell"),
        (1.0, 1.5, "stayed level while its statistical neighbours rose"),
        (1.5, 1.0, "rose while its statistical neighbours stayed level"),
        (1.004, 1.0, "moved above its statistical neighbours, by little"),
    ],
)
def test_the_verdict_in_words_is_about_both(own, others, expected):
    """`Fell` without the neighbours' movement, or `less` without the own one, would each mislead."""
    logs = {"others_log_growth": math.log(others), "standard_error": 0.001, "half_width": 0.002}

    actual = Change("m", "a", "2023", "2024", "calendar year", before=1000, after=1000 * own, p=0.01, k=10, **logs)

    assert expected == actual.movement


def test_no_clear_difference_claims_no_movement():
    """Where the test sees nothing, neither more nor less is said."""
    actual = small_test(*small_world(own=(2000, 2300)))

    assert (UNCLEAR, "showed no clear difference from its statistical neighbours") == (actual.verdict, actual.movement)


def world_without(rows):
    values, areas, neighbours = small_world()
    return values.drop(index=rows), areas, neighbours


REFUSED = {
    "was formed on 1 April 2023, so 2023 is not wholly its own": small_world(opened="2023-04-01"),
    "was closed on 31 March 2024": small_world(closed="2024-03-31"),
    "No usable figure is held for Place 000 in 2024": world_without([1]),
    "fewer than 10 in 2023": small_world(own=(9, 40)),
    "7 of the 8 statistical neighbours": world_without([5]),
    "No statistical neighbours are published": (*small_world()[:2], small_world()[2].iloc[8:]),
    "all grew at one rate": small_world(others=[(1000, 1100)] * 8),
}


@pytest.mark.parametrize("reason", REFUSED)
def test_what_cannot_be_tested_is_refused_with_its_reason(reason):
    """A refusal says what is lacking; it never shows half a result."""
    actual = small_test(*REFUSED[reason])

    assert reason in actual.refusal
    assert (False, "", "", 0) == (actual.known, actual.verdict, actual.movement, actual.k)
    assert all(math.isnan(number) for number in (actual.p, actual.growth_pct, actual.difference_pct, *actual.expected))


def test_a_rejected_cell_is_no_figure():
    """A value that carries a symbol other than `estimated` has been found faulty or incomplete."""
    values, areas, neighbours = small_world()

    actual = small_test(values.assign(status=["d", *[""] * (len(values) - 1)]), areas, neighbours)

    assert "No usable figure is held for Place 000 in 2023" in actual.refusal


def test_an_authority_formed_between_is_left_out_of_the_neighbours_and_named(panel):
    """Its first figure covers a part of the year or of the area; a reader must know who is missing."""
    tables = panel.values, panel.areas, panel.neighbours
    found = neighbour_tests(*tables, measure="requests_received", first="2022", last="2024").values()
    names = [text for change in found for text in change.warnings if text.startswith("Left out")]

    assert any("Cumberland" in text for text in names)
    assert all(change.k + (1 + text.count(",")) == 10 for change in found for text in change.warnings if text in names)


@pytest.mark.parametrize(
    ("measure", "code", "first", "last"),
    [("requests_received", MEDWAY, "2022", "2023"), ("ehc_plans", NEWHAM, "2024", "2025")],
)
def test_a_change_beyond_belief_is_doubted(panel, measure, code, first, last):
    """309 requests, then 964; 2,705 plans, then 1,199: found by a rule, not by a list of names."""
    tables = panel.values, panel.areas, panel.neighbours

    actual = neighbour_test(*tables, measure=measure, area_code=code, first=first, last=last)

    assert any("check both returns first" in text for text in actual.warnings)


def test_a_break_in_the_series_is_told(panel):
    """From 2023 records of each child are counted; a change across that may be one of counting."""
    tables = panel.values, panel.areas, panel.neighbours
    across, after = (
        neighbour_test(*tables, measure="requests_received", area_code=LEEDS, first=first, last="2024").warnings
        for first in ("2022", "2023")
    )

    assert (True, False) == tuple(any("break" in text for text in texts) for texts in (across, after))


@pytest.mark.parametrize(
    "wrong",
    [
        {"measure": "sen_support_pupils_pct"},
        {"measure": "within_20_weeks_pct"},
        {"measure": "nothing"},
        {"area_code": "E92000001"},
        {"first": "2024", "last": "2023"},
        {"last": "2024-03"},
    ],
)
def test_what_cannot_be_asked_for_raises(wrong):
    """A percentage is no count, England is no authority, time runs forward."""
    with pytest.raises(ParamsError, match="such as|Expected"):
        small_test(**wrong)


def test_doubled_rows_raise():
    """Two figures for one cell: neither can be trusted."""
    values, areas, neighbours = small_world()

    with pytest.raises(SchemaError, match="2 rows of requests_received share an area and period"):
        small_test(pd.concat([values, values.iloc[:1]]), areas, neighbours)


@pytest.mark.parametrize("effect", [-7, -30, 40])
def test_power_is_how_often_a_simulated_change_is_seen(effect):
    """Neighbours and authority drawn afresh many times, the change put in: count the flags in its direction."""
    rng, spread = np.random.default_rng(3), 0.15
    others = rng.normal(0, spread, (40_000, 10))
    own = rng.normal(0, spread, 40_000) + math.log1p(effect / 100)
    found = compare(own, others, own_noise=np.zeros(40_000), others_noise=np.zeros_like(others))

    seen = np.mean((found.p <= 0.05) & (np.sign(found.difference) == np.sign(effect)))

    assert pytest.approx(seen, abs=0.01) == power(spread * math.sqrt(1.1), 10, effect_pct=effect)


def test_power_on_real_data_is_near_what_the_formula_says(panel):
    """Each authority's growth is cut by the effect; real growths have longer tails than the formula's."""
    tables, asked = (panel.values, panel.areas, panel.neighbours), {"measure": "ehc_plans"}
    formula = [c.power(-15) for c in neighbour_tests(*tables, **asked, **FAR).values() if c.known]

    actual = panel_power(*tables, **asked, years=["2024"], effect_pct=-15)

    assert pytest.approx(100 * np.mean(formula), abs=8) == actual.share_pct


@given(st.floats(0.01, 0.6), st.integers(8, 40))
def test_the_smallest_change_seen_has_the_power_it_is_named_for(error, k):
    """Put back into the power, both ends give four cases in five."""
    fall, rise = smallest_seen(error, k)

    assert fall < 0 < rise
    assert [pytest.approx(0.8, abs=1e-3)] * 2 == [power(error, k, effect_pct=size) for size in (fall, rise)]


@pytest.mark.parametrize("effect", [-100, -250])
def test_no_count_falls_below_nothing(effect):
    """A fall of more than everything is a slip of the keyboard."""
    with pytest.raises(ParamsError, match="above -100"):
        power(0.1, 10, effect_pct=effect)


@pytest.mark.parametrize(
    ("probability", "expected"),
    [
        (0.015, "hardly ever"),
        (0.025, "about one case in thirty"),
        (0.06, "about one case in twenty"),
        (0.102, "about one case in ten"),
        (0.18, "about one case in five"),
        (0.34, "about one case in three"),
        (0.47, "about half of all cases"),
        (0.78, "about four cases in five"),
        (0.91, "about nine cases in ten"),
        (0.999, "nearly always"),
    ],
)
def test_chances_are_said_as_people_say_them(probability, expected):
    """`18.4%` of nothing anybody has seen says less than `about one case in five`."""
    assert expected == in_words(probability)


def test_the_words_fit_into_a_sentence():
    """`Seen in hardly ever` is no English."""
    assert ["would hardly ever be seen", "would be seen in about one case in five"] == [
        seen_in_words(p) for p in (0, 0.2)
    ]


@pytest.mark.parametrize("probability", [-0.01, 1.2, math.nan])
def test_a_chance_outside_nought_to_one_raises(probability):
    """Missing power must not become `hardly ever`."""
    with pytest.raises(ParamsError, match="0 to 1"):
        in_words(probability)
