"""A monthly change is judged beside other authorities' same months, or not at all."""

import math
import statistics

import numpy as np
import pandas as pd
import pytest
from benchmarks.worlds import change as world
from hypothesis import given, settings
from hypothesis import strategies as st

from highneeds.errors import ParamsError, SchemaError
from highneeds.models.change.months import placebo_did
from highneeds.models.change.result import LESS, MORE, UNCLEAR

SEASON = [90, 100, 130, 80, 110, 120, 90, 20, 60, 110, 120, 70]
GROWTHS = [1.0, 1.1, 1.2, 1.3, 1.0, 1.1, 1.2, 1.3]


def months(count, first=2023):
    """2023-01, 2023-02 ..."""
    return [f"{first + at // 12}-{at % 12 + 1:02d}" for at in range(count)]


def series(growth, *, count=24, size=1):
    """The season, year after year, each year `growth` times the one before."""
    values = [size * SEASON[at % 12] * growth ** (at // 12) for at in range(count)]
    return pd.Series(values, index=months(count), dtype=float)


def controls(growths=GROWTHS, **of_series):
    """One column for each growth."""
    return pd.DataFrame({f"C{at}": series(growth, **of_series) for at, growth in enumerate(growths)})


def spread_out(count):
    """Growths of this many controls, evenly from -20% to +20%."""
    return list(np.exp(np.linspace(-0.2, 0.2, count)))


def test_the_statistic_is_the_one_written_down():
    """Log ratio of the year's sums minus the controls' mean, over their spread x sqrt(1 + 1/k)."""
    logs = [math.log(growth) for growth in GROWTHS]

    actual = placebo_did(series(0.8), controls(), change_at="2024-01", measure="local_requests", area_code="E1")

    expected = {
        "difference": math.log(0.8) - statistics.mean(logs),
        "growth_pct": -20,
        "before": sum(SEASON) / 12,
        "k": 8,
        "placebo_p": 1 / 9,
    }
    assert expected == {name: pytest.approx(getattr(actual, name)) for name in expected}
    extra = (1 + 1 / 0.8) / sum(SEASON) - statistics.mean((1 + 1 / growth) / sum(SEASON) for growth in GROWTHS)
    assert pytest.approx(math.sqrt(statistics.variance(logs) * 9 / 8 + extra)) == actual.standard_error
    assert ("2023-01 to 2023-12", "2024-01 to 2024-12") == (actual.first, actual.last)


def test_growth_that_all_share_is_no_change():
    """National growth of 30% is seen in everybody and proves nothing about one."""
    shared = [1.3 * growth for growth in GROWTHS]

    assert UNCLEAR == placebo_did(series(1.3), controls(shared), change_at="2024-01").verdict


@pytest.mark.parametrize("change_at", ["2024-05", "2024-03"])
def test_the_season_cancels_when_less_than_a_year_has_passed(change_at):
    """Eight or ten months are compared with the same ones a year earlier, August with August."""
    actual = placebo_did(series(1.0), controls(spread_out(9)), change_at=change_at)

    assert (pytest.approx(0), pytest.approx(0)) == (actual.growth_pct, actual.difference)
    assert (f"2023-{change_at[5:]} to 2023-12", f"{change_at} to 2024-12") == (actual.first, actual.last)


def test_months_that_have_no_partner_are_left_out_and_told():
    """Data from September, a change the next June: only September to May have a month on both sides."""
    treated, others = series(1.0, count=36).iloc[8:], controls(count=36).iloc[8:]

    actual = placebo_did(treated, others, change_at="2024-06")

    assert ("2023-09 to 2024-05", "2024-09 to 2025-05") == (actual.first, actual.last)
    assert ("2024-06 to 2024-08, 2025-06 to 2025-12 not used",) == tuple(text[:47] for text in actual.warnings)


def test_whole_years_since_the_change_are_all_used():
    """Of 28 months since, 24 stand against the year before; the last four are told."""
    actual = placebo_did(series(1.0, count=40), controls(count=40), change_at="2024-01")

    assert ("2023-01 to 2023-12", "2024-01 to 2025-12") == (actual.first, actual.last)
    assert "2026-01 to 2026-04 not used" in actual.warnings[0]


def test_months_with_none_are_no_hindrance():
    """A small area has months without a request; their logarithm does not exist, their year's does."""
    treated = series(1.0, size=0.1).round()
    treated.iloc[[7, 19]] = 0

    actual = placebo_did(treated, controls(), change_at="2024-01")

    assert actual.known and math.isfinite(actual.p)


@pytest.mark.parametrize(("count", "ranked"), [(18, False), (19, True), (39, True)])
def test_a_rank_decides_only_where_it_can_reach_five_per_cent(count, ranked):
    """Of 18 controls the most extreme rank is 1 in 19, above 5%; then t decides, and the result says why."""
    actual = placebo_did(series(0.5), controls(spread_out(count)), change_at="2024-01")

    assert pytest.approx(1 / (count + 1)) == actual.placebo_p
    assert ranked == (actual.p == actual.placebo_p)
    assert ("rank among" if ranked else "a rank among so few cannot reach 5%, 19 can") in actual.method
    assert LESS == actual.verdict


@given(st.floats(0.4, 2.5), st.sampled_from([8, 12, 19, 20, 39, 60]))
@settings(max_examples=60, deadline=None)
def test_the_range_leaves_nought_out_exactly_where_the_verdict_is_clear(growth, count):
    """By rank or by t: range and verdict are one statement."""
    actual = placebo_did(series(growth), controls(spread_out(count)), change_at="2024-01")
    lower, upper = actual.range95_pct

    assert (actual.verdict == UNCLEAR) == (lower <= 0 <= upper)


def test_order_of_months_and_of_controls_does_not_matter():
    """Months are placed by their name."""
    treated, others = series(1.9), controls()
    mixed = others.sample(frac=1, random_state=1).sample(frac=1, axis=1, random_state=2)

    expected = placebo_did(treated, others, change_at="2024-01")
    actual = placebo_did(treated.sample(frac=1, random_state=3), mixed, change_at="2024-01")

    assert pytest.approx((expected.p, expected.difference)) == (actual.p, actual.difference)
    assert (MORE, expected.warnings) == (actual.verdict, actual.warnings)


def test_a_small_area_is_not_measured_by_large_ones():
    """Twelve requests a year move by a third by chance; controls with a thousand do not show that."""
    large, small = (placebo_did(series(0.6, size=size), controls(), change_at="2024-01") for size in (1, 0.02))

    assert (LESS, UNCLEAR) == (large.verdict, small.verdict)
    assert pytest.approx(large.difference) == small.difference


@pytest.mark.parametrize("nothing", [None, pd.DataFrame(), pd.DataFrame(index=months(24))])
def test_one_series_by_itself_is_refused(nothing):
    """Before and after one date, every growing series `changes`: no number is better than a wrong one."""
    actual = placebo_did(series(0.5), nothing, change_at="2024-01")

    assert "by itself finds changes far too often" in actual.refusal
    assert "Monthly counts of 8 or more other authorities" in actual.refusal
    assert math.isnan(actual.p)


def gap(frame, *cells):
    frame = frame.copy()
    for month in cells:
        frame.loc[month] = math.nan
    return frame


def one_gap_each(frame, count):
    frame = frame.copy()
    for at in range(count):
        frame.iloc[at, at] = math.nan
    return frame


REFUSED = {
    "7 authorities can be compared with": (series(1.0), controls(GROWTHS[:7]), "2024-01"),
    "6 authorities can be compared with (2 more lack months": (series(1.0), one_gap_each(controls(), 2), "2024-01"),
    "5 months since the change have the same month": (series(1.0), controls(), "2024-08"),
    "0 months since the change": (series(1.0), controls(), "2026-01"),
    "3 months since the change": (series(1.0), controls(), "2023-04"),
    "No count is held for 2023-06, 2024-02": (gap(series(1.0), "2023-06", "2024-02"), controls(), "2024-01"),
    "Fewer than 10 cases were counted after": (series(0.005), controls(), "2024-01"),
    "changed alike": (series(0.5), controls([1.1] * 8), "2024-01"),
    "0 months": (pd.Series(dtype=float), controls(), "2024-01"),
}


@pytest.mark.parametrize("reason", REFUSED)
def test_what_cannot_be_tested_is_refused_with_its_reason(reason):
    """Too little on any side: the reason and what would help, never half a result."""
    treated, others, change_at = REFUSED[reason]

    actual = placebo_did(treated, others, change_at=change_at)

    assert reason in actual.refusal
    assert (False, "", 0) == (actual.known, actual.verdict, actual.k)


def test_controls_without_all_months_are_left_out_and_counted():
    """A control is compared over the very same months or not at all."""
    whole, gaps = controls([*GROWTHS, 1.5]), one_gap_each(controls([*GROWTHS, 1.5]), 1)
    expected = placebo_did(series(0.8), whole.iloc[:, 1:], change_at="2024-01")

    actual = placebo_did(series(0.8), gaps, change_at="2024-01")

    assert expected.p == actual.p
    assert [True] == ["under 10 cases on a side: C0." in text for text in actual.warnings]


@pytest.mark.parametrize(
    ("treated", "others", "words"),
    [
        (series(1.0).rename({"2023-04": "April"}), controls(), "'April' is not a month"),
        (series(1.0).rename({"2023-04": "2023-13"}), controls(), "'2023-13' is not a month"),
        (series(1.0).rename({"2023-04": "2023-05"}), controls(), "2023-05 stand twice"),
        (-series(1.0), controls(), "treated: a count is negative"),
        (series(1.0), -controls(), "controls: a count is negative"),
        (series(1.0).astype(object).replace(20, "few"), controls(), "not a number"),
        (series(1.0), pd.concat([controls(), controls()], axis=1), "stands twice"),
        (series(1.0), controls().rename(columns={"C0": "E1"}), "is the treated one"),
    ],
)
def test_faulty_tables_raise(treated, others, words):
    """A fault of the table is put right by a person, not worked around."""
    with pytest.raises(SchemaError, match=words):
        placebo_did(treated, others, change_at="2024-01", area_code="E1")


def test_a_change_at_no_month_raises():
    """A day or a year does not say which months are after."""
    with pytest.raises(ParamsError, match="2024-03"):
        placebo_did(series(1.0), controls(), change_at="2024")


def test_where_nothing_happens_one_run_in_twenty_is_flagged_at_most():
    """Random-walk levels and national growth: the test must not take the drift of a series for an effect."""
    counts = world.simulate(world.RANDOM_WALK, np.random.default_rng(11), runs=600, months=24)

    flagged, usual = world.flagged_pct(counts), world.year_on_year_flagged_pct(counts)

    assert 2 <= flagged <= 8
    assert usual > 50


def test_a_large_fall_is_seen_more_often_than_a_small_one():
    """The test has power, and as little of it as is said: a fall of 7% is hardly ever seen."""
    seen = [
        world.flagged_pct(
            world.simulate(world.RANDOM_WALK, np.random.default_rng(12), runs=150, months=24, effect_pct=effect),
            falls_only=True,
        )
        for effect in (-7, -30, -60)
    ]

    assert seen[0] < 20 < seen[1] < 90 < seen[2]
