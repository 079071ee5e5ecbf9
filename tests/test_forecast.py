"""Forecast: the one result says its quantiles, ranges, rows and refusals the same way whatever model made it."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from highneeds.models.forecast import LEVELS, Forecast, PanelScore, Past, Record, Step, refused

STEP = Step("2026", 1, 100.0, tuple(float(at) for at in range(len(LEVELS))), 7, "POOL")
LIKE = {
    "measure": "ehc_plans",
    "area_code": "E10000016",
    "area": "Kent",
    "unit": "plans",
    "period_basis": "January",
    "origin": "2025",
}


def made(*steps: Step) -> Forecast:
    """A forecast of Kent with these steps."""
    return Forecast(**LIKE, latest=90.0, model="POOL", reason="POOL: so.", training=("2010", "2025"), steps=steps)


def test_levels_are_symmetric_about_the_median():
    """Ranges are taken from both ends of the levels; one that has no partner would make them lopsided."""
    assert list(LEVELS) == sorted(LEVELS)
    assert [0.5] == [LEVELS[len(LEVELS) // 2]]
    assert pytest.approx([1.0] * len(LEVELS)) == [a + b for a, b in zip(LEVELS, reversed(LEVELS), strict=True)]


def test_every_level_gives_its_own_quantile():
    """A level found by nearness and not by search would give its neighbour's value."""
    assert list(STEP.quantiles) == [STEP.quantile(level) for level in LEVELS]


@given(st.sampled_from(LEVELS), st.floats(-1e-12, 1e-12))
def test_a_level_is_found_through_rounding(level, error):
    """1 - 0.1 and 0.9 are not the same float; both ask for the same quantile."""
    assert STEP.quantile(level) == STEP.quantile(level + error)


@pytest.mark.parametrize("level", (0.0, 0.01, 0.12, 0.5001, 0.999, 1.0, 2.0, -1.0, math.nan))
def test_a_level_that_is_not_held_is_refused(level):
    """A quantile between two held ones would be invented."""
    with pytest.raises(ValueError, match=r"expected one of 0\.025, 0\.05"):
        STEP.quantile(level)


def test_ranges_cut_the_same_share_off_both_ends():
    """The 80% range leaves out a tenth at either end, the 95% range a fortieth."""
    assert (STEP.quantile(0.1), STEP.quantile(0.9)) == STEP.range(80)
    assert (STEP.quantile(0.025), STEP.quantile(0.975)) == STEP.range(95)
    assert (0.0, 20.0) == STEP.range(95)


@pytest.mark.parametrize("percent", (50, 90, 0.8))
def test_only_two_ranges_are_given(percent):
    """Any other range is asked for by its levels."""
    with pytest.raises(KeyError):
        STEP.range(percent)


def test_rows_hold_what_the_command_prints():
    """Charts, CSV and claims read these names; order and names are a promise."""
    expected = {
        "area_code": "E10000016",
        "measure": "ehc_plans",
        "period": "2026",
        "point": 100.0,
        "lower80": 2.0,
        "upper80": 18.0,
        "lower95": 0.0,
        "upper95": 20.0,
        "model": "POOL",
    }

    actual = made(STEP).rows()

    assert [expected] == actual
    assert list(expected) == list(actual[0])


def test_a_refusal_has_a_reason_and_no_row():
    """A reader of rows must never meet a number of a series that was refused."""
    actual = refused(LIKE, "There is no figure.", warnings=["Mind."])

    assert (False, "There is no figure.", ("Mind.",), [], "none") == (
        actual.known,
        actual.refusal,
        actual.warnings,
        actual.rows(),
        actual.model,
    )
    assert math.isnan(actual.latest)
    assert made(STEP).known


def past(point: float, actual: float) -> Past:
    """A past forecast with an 80% range of 90 to 110."""
    return Past("2024", "2025", 1, "POOL", point, 90.0, 110.0, 80.0, 120.0, actual)


def test_an_error_is_per_cent_of_what_happened():
    """110 forecast, 100 came: 10% too high; of nothing there is no percentage."""
    assert 10.0 == pytest.approx(past(110, 100).error_pct)
    assert -50.0 == pytest.approx(past(50, 100).error_pct)
    assert math.isnan(past(110, 0).error_pct)


def test_a_range_holds_at_its_very_ends():
    """The ends belong to the range, as in the scores."""
    assert [False, True, True, False] == [past(100, actual).held80 for actual in (89.9, 90, 110, 110.1)]


def test_a_record_gives_the_score_over_all_years():
    """Scores of single years stand beside the whole; a reader asks for the whole."""
    year, whole = PanelScore(1, "2025", 1, 150, 4.0, 80, 95), PanelScore(1, "", 7, 148, 3.6, 83, 95)

    record = Record(panel=(year, whole))

    assert whole == record.of(1)
    assert record.of(2) is None
    assert Record().of(1) is None
