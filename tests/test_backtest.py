"""Back-test: the scores by hand, the sheet against targets typed here, and every row on the same cells."""

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from highneeds.models import backtest, scores
from highneeds.models.backtest import Row, cells, score_sheet
from highneeds.models.forecast import LEVELS
from highneeds.models.yearly.annual import MEASURES, open_annual
from tests import yearly_world as world

PLANS, REQUESTS, NEW, SUPPORT = "ehc_plans", "requests_received", "new_ehc_plans", "sen_support_pupils_pct"
# The score sheet as it was agreed. Typed here, so that a target loosened in the code is found.
MUST_REACH = {
    (PLANS, "MAPE, 1 year ahead"): (-np.inf, 3.7),
    (PLANS, "MAPE, 2 years ahead"): (-np.inf, 6.3),
    (PLANS, "MAPE, 3 years ahead"): (-np.inf, 9.0),
    (PLANS, "years of 7 in which it beats the last national rate, 1 year ahead"): (6, np.inf),
    (PLANS, "years of 7 in which it beats the own drift, 1 year ahead"): (6, np.inf),
    (PLANS, "MAPE from files since 2019 alone, 1 year ahead"): (-np.inf, 3.9),
    (PLANS, "MASE, 1 year ahead"): (-np.inf, 0.85),
    (PLANS, "80% ranges that held, 1 year ahead"): (78, 90),
    (PLANS, "80% ranges that held, 2 years ahead"): (78, 90),
    (PLANS, "80% ranges that held, 3 years ahead"): (78, 90),
    (PLANS, "the same in the worst target year, 1 year ahead"): (70, 96),
    (PLANS, "the same in the worst target year, 2 years ahead"): (70, 96),
    (PLANS, "the same in the worst target year, 3 years ahead"): (70, 96),
    (PLANS, "95% ranges that held, 1 year ahead"): (93, 99),
    (PLANS, "95% ranges that held, 2 years ahead"): (93, 99),
    (PLANS, "95% ranges that held, 3 years ahead"): (93, 99),
    (PLANS, "mean width of the 80% range, 1 year ahead"): (-np.inf, 15),
    (PLANS, "mean width of the 80% range, 2 years ahead"): (-np.inf, 25),
    (PLANS, "mean width of the 80% range, 3 years ahead"): (-np.inf, 34),
    (PLANS, "CRPS, 1 year ahead"): (-np.inf, 3.0),
    (PLANS, "CRPS, 2 years ahead"): (-np.inf, 4.8),
    (PLANS, "CRPS, 3 years ahead"): (-np.inf, 6.4),
    (PLANS, "England's growth, largest error of a year, 1 year ahead"): (-np.inf, 2.2),
    (PLANS, "WAPE of plans aged 5 to 10, 3 years ahead"): (-np.inf, 10.5),
    (PLANS, "WAPE of plans aged 11 to 15, 3 years ahead"): (-np.inf, 9.5),
    (PLANS, "WAPE of plans aged 16 to 19, 3 years ahead"): (-np.inf, 12.0),
    (REQUESTS, "WAPE, 1 year ahead"): (-np.inf, 16),
    (REQUESTS, "WAPE, 2 years ahead"): (-np.inf, 22),
    (NEW, "WAPE, 1 year ahead"): (-np.inf, 19.5),
    (SUPPORT, "MAE, points, 1 year ahead"): (-np.inf, 0.38),
}
FLAGS = "authority-years of requests that the neighbour test flags at 5%"


@pytest.fixture(scope="module")
def sheet(panel):
    """The whole sheet on the committed panel, and the seconds it took."""
    start = time.perf_counter()
    rows = score_sheet(panel.values, panel.areas, panel.neighbours, measures=tuple(MEASURES))
    return rows, time.perf_counter() - start


@pytest.fixture(scope="module")
def plans(panel):
    """EHC plans of the committed panel."""
    return open_annual(panel.values, panel.areas, "ehc_plans")


# ---- Scores by hand --------------------------------------------------------------------------------------------------

POINT, ACTUAL = np.array([110.0, 80.0]), np.array([100.0, 100.0])


def test_errors_by_hand():
    """10 and 20 too far off of 100 each: 15% on average; of their sums 15% too; 15 in the unit."""
    assert (15.0, 15.0, 15.0) == pytest.approx(
        (scores.mape(POINT, ACTUAL), scores.wape(POINT, ACTUAL), scores.mae(POINT, ACTUAL))
    )


def test_mape_counts_authorities_and_wape_children():
    """10 of 10 missed and 0 of 90: half of the authorities' mean error, a tenth of the children."""
    point, actual = np.array([0.0, 90.0]), np.array([10.0, 90.0])

    assert (50.0, 10.0) == pytest.approx((scores.mape(point, actual), scores.wape(point, actual)))


def test_mase_by_hand():
    """An error of 10 beside yearly changes of 5 and 15: exactly what carrying the last figure on cost."""
    past = np.array([[100.0, 105, 90], [100, np.nan, 100]])

    assert 1.0 == pytest.approx(scores.mase(np.array([110.0]), np.array([100.0]), past[:1]))


def quantiles_of(*values: float) -> np.ndarray:
    """Quantiles that rise evenly from the first value to the last, one row."""
    return np.linspace(values[0], values[-1], len(LEVELS))[None]


def test_ranges_hold_at_their_ends():
    """Quantiles 0, 1 .. 20: the 80% range is 2 to 18, the 95% range 0 to 20; both hold at the very ends."""
    quantiles = np.repeat(quantiles_of(0, 20), 6, axis=0)
    actual = np.array([1.9, 2.0, 18.0, 18.1, 20.0, 20.1])

    assert [False, True, True, False, False, False] == scores.inside(quantiles, actual, 80).tolist()
    assert [True, True, True, True, True, False] == scores.inside(quantiles, actual, 95).tolist()


def test_width_by_hand():
    """From 2 to 18 with an actual of 50: 32%."""
    assert [32.0] == scores.width(quantiles_of(0, 20), np.array([50.0])).tolist()


@given(st.floats(1, 1e6), st.floats(1, 1e6))
def test_crps_of_a_point_mass_is_its_error(point, actual):
    """A forecast that is sure of one value scores as its error does: the pinballs of 5% to 95% have mean one half."""
    quantiles = np.full((1, len(LEVELS)), point)

    assert 100 * abs(point - actual) / actual == pytest.approx(scores.crps(quantiles, np.array([actual]))[0])


def test_crps_by_hand():
    """Quantiles 0 .. 20 at their levels, actual 10: each of the 19 pinballs between 5% and 95% by a loop."""
    total = 0.0
    for at, level in enumerate(LEVELS):
        if 0.05 <= level <= 0.95:
            gap = 10 - at
            total += gap * level if gap >= 0 else gap * (level - 1)

    assert [100 * 2 * total / 19 / 10] == pytest.approx(scores.crps(quantiles_of(0, 20), np.array([10.0])).tolist())


@given(arrays(float, 21, elements=st.floats(1, 1e4)).map(np.sort), st.floats(1, 1e4), st.floats(0.1, 10))
def test_crps_has_no_unit_and_is_never_negative(values, actual, scale):
    """Counting in thousands changes no score."""
    one = scores.crps(values[None], np.array([actual]))[0]

    assert 0 <= one
    assert one == pytest.approx(scores.crps(scale * values[None], np.array([scale * actual]))[0])


def test_a_sharp_right_range_scores_better_than_a_wide_one():
    """The score must reward knowing, or a range from nothing to everything would win."""
    actual = np.array([100.0])

    sharp, wide, wrong = (scores.crps(quantiles_of(*ends), actual)[0] for ends in ((95, 105), (50, 150), (145, 155)))

    assert sharp < wide < wrong


# ---- Rows ------------------------------------------------------------------------------------------------------------


def test_a_row_says_its_target_and_whether_it_holds():
    """The ends belong to what must be reached; a row without a target only informs."""
    assert ["78 to 90", "at most 3.7", "at least 6", ""] == [
        Row("", "", 1, "%", low, high).target
        for low, high in ((78, 90), (-np.inf, 3.7), (6, np.inf), (-np.inf, np.inf))
    ]
    assert [True, True, True, False, False] == [
        Row("", "", value, "%", 78, 90).holds for value in (78, 80, 90, 90.01, np.nan)
    ]


# ---- The sheet on official data --------------------------------------------------------------------------------------


def test_every_row_reaches_what_was_agreed(sheet):
    """Values against targets typed in this file; no row of the agreed sheet may be missing."""
    found = {(row.group, row.measure): row for row in sheet[0]}

    assert [] == sorted(set(MUST_REACH) - set(found))
    missed = {key: found[key].value for key, (low, high) in MUST_REACH.items() if not low <= found[key].value <= high}
    assert {} == missed


def test_no_target_was_loosened(sheet):
    """What the code holds itself to is what was agreed, to the digit."""
    found = {(row.group, row.measure): (row.low, row.high) for row in sheet[0]}

    assert MUST_REACH == {key: found[key] for key in MUST_REACH}
    others = {key for key, ends in found.items() if key not in MUST_REACH and np.isfinite(ends).any()}
    assert 2 == len(others), "England in 2026 and the false flags have targets; no other row may invent one"


def test_england_in_2026_lies_in_the_range_forecast_from_2025(sheet, plans):
    """718,838 plans were published after every file of the panel: 12.5% more, within the 80% range of then."""
    row = next(row for row in sheet[0] if "January 2026" in row.measure)

    assert 100 * (718_838 / plans.matrix.at(2025).sum() - 1) == pytest.approx(row.value)
    assert 12.5 == round(row.value, 1)
    assert row.low <= row.value <= row.high
    assert row.high - row.low < 4


def test_neighbour_tests_false_flags_are_near_their_promise(sheet):
    """A test at 5% that flags 4 to 7% of real authority-years does what it says."""
    row = next(row for row in sheet[0] if row.measure.startswith(FLAGS))

    assert (4, 7) == (row.low, row.high)
    assert 4 <= row.value <= 7


def test_every_target_year_is_shown(sheet):
    """A mean can hide a bad year: seven, five and three target years stand beside it, and make it."""
    found = {(row.group, row.measure): row for row in sheet[0]}

    for name, first in (("MAPE, 1 year ahead", 2019), ("MAPE, 2 years ahead", 2019), ("MAPE, 3 years ahead", 2019)):
        row = found[PLANS, name]
        assert list(range(first, 2026)) == [year for year, _ in row.by_year]
        assert row.value == pytest.approx(np.mean([value for _, value in row.by_year]))
    for ahead, first in (("1 year", 2019), ("2 years", 2021), ("3 years", 2023)):
        for name in ("80% ranges that held", "95% ranges that held", "mean width of the 80% range", "CRPS"):
            row = found[PLANS, f"{name}, {ahead} ahead"]
            assert list(range(first, 2026)) == [year for year, _ in row.by_year]
        by_year = dict(found[PLANS, f"80% ranges that held, {ahead} ahead"].by_year)
        worst = found[PLANS, f"the same in the worst target year, {ahead} ahead"]
        assert worst.value in by_year.values()
        assert 70 <= min(by_year.values()) and max(by_year.values()) <= 96


def test_the_sheet_takes_seconds(sheet):
    """Twenty seconds at most on one core: a score that takes an hour is not looked at."""
    assert sheet[1] < 20


def test_a_sheet_of_one_measure_is_of_that_measure_alone(panel, sheet):
    """Asked of new plans, the sheet says nothing of plans; what it says is the same."""
    actual = score_sheet(panel.values, panel.areas, panel.neighbours, measures=["new_plans"])

    assert [row for row in sheet[0] if row.group == NEW] == actual


def test_a_measure_or_a_panel_without_figures_has_no_rows(panel):
    """Nothing to score is no fault; a panel of few authorities has no pooled model to score."""
    few = world.values(10)

    assert [] == score_sheet(panel.values.iloc[:0], panel.areas, panel.neighbours, measures=["ehc_plans", "new_plans"])
    assert [] == score_sheet(few, world.areas(10), panel.neighbours, measures=["ehc_plans"])


# ---- Cells -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("horizon", (1, 2, 3))
@pytest.mark.parametrize("target", (2019, 2022, 2025))
def test_cells_are_148_authorities(plans, horizon, target):
    """All but the City of London and Scilly, whose plans are counted in tens, in every year and horizon."""
    actual, points = cells(plans, horizon, target)

    left_out = {code for code, used in zip(plans.matrix.codes, points["used"], strict=True) if not used}
    assert {"E06000053", "E09000001"} == left_out
    assert {(148,)} == {actual.shape, *(points[name].shape for name in ("model", "national", "drift"))}
    np.testing.assert_array_equal(actual, plans.matrix.at(target)[points["used"]])


@pytest.mark.parametrize(("horizon", "target"), ((1, 2025), (3, 2024)))
def test_rivals_by_hand_on_the_same_cells(plans, horizon, target):
    """The last national rate and the own drift of three years, for one authority, from published figures."""
    origin, kent = target - horizon, plans.matrix.codes.index("E10000016")
    past = np.log(plans.matrix.until(origin).values)
    growth = past[:, 1:] - past[:, :-1]
    large = plans.known(2025).large

    _, points = cells(plans, horizon, target)

    at = np.flatnonzero(points["used"]).tolist().index(kent)
    national = np.exp(past[kent, -1] + horizon * growth[large, -1].mean())
    drift = np.exp(past[kent, -1] + horizon * growth[kent, -3:].mean())
    assert (national, drift) == pytest.approx((points["national"][at], points["drift"][at]))
    model = np.exp(plans.track.points(origin, horizon).log[kent])
    assert model == pytest.approx(points["model"][at])


def test_scores_of_the_sheet_are_those_of_its_cells(plans, sheet):
    """MAPE one year ahead and both rivals', counted again from the cells year by year."""
    again = {name: [] for name in ("model", "national", "drift")}
    for year in range(2019, 2026):
        actual, points = cells(plans, 1, year)
        for name, found in again.items():
            found.append(100 * np.mean(np.abs(points[name] - actual) / actual))

    row = next(row for row in sheet[0] if (row.group, row.measure) == (PLANS, "MAPE, 1 year ahead"))

    assert tuple(np.mean(found) for found in again.values()) == pytest.approx((row.value, row.national, row.drift))
    assert again["model"] == pytest.approx([value for _, value in row.by_year])


def test_wape_of_the_sheet_is_over_all_cells(panel, sheet):
    """Errors of all years over children of all years, and not a mean of yearly shares."""
    annual = open_annual(panel.values, panel.areas, "requests")
    held = [cells(annual, 1, year) for year in range(2020, 2025)]
    error = sum(np.abs(points["model"] - actual).sum() for actual, points in held)

    row = next(row for row in sheet[0] if (row.group, row.measure) == (REQUESTS, "WAPE, 1 year ahead"))

    assert 100 * error / sum(actual.sum() for actual, _ in held) == pytest.approx(row.value)


def test_coverage_of_the_sheet_is_that_of_its_cells(plans, sheet):
    """The 80% range three years ahead, authority by authority, with ranges known at each origin."""
    held = []
    for year in (2023, 2024, 2025):
        actual, points = cells(plans, 3, year)
        ends = plans.track.quantiles(year - 3, 3)[0][points["used"]]
        held += [low <= each <= high for each, low, high in zip(actual, ends[:, 2], ends[:, -3], strict=True)]

    row = next(row for row in sheet[0] if (row.group, row.measure) == (PLANS, "80% ranges that held, 3 years ahead"))

    assert (0.1, 0.9) == (LEVELS[2], LEVELS[-3])
    assert (3 * 148, 100 * np.mean(held)) == (len(held), pytest.approx(row.value))


def test_the_short_file_holds_nothing_before_2019(panel):
    """The row of the newest release alone must not read what older releases held."""
    short = backtest._since(panel.values, backtest.SHORT_FILE)

    assert "2019" == short["period"].min()[:4]
    assert 2019 == open_annual(short, panel.areas, "ehc_plans").matrix.years[0]
