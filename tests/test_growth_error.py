"""Errors of growth: their spread is as asked for, sizes are found again from past errors, and a seed says all."""

from math import exp, log, sqrt
from statistics import NormalDist

import numpy as np
import pytest
from benchmarks.worlds import paths as world
from hypothesis import given, settings
from hypothesis import strategies as st

from highneeds.errors import HighneedsError, ParamsError, SchemaError
from highneeds.models.forecast import LEVELS
from highneeds.models.growth_error import Draws, Sds, calibrate, growth_errors, national_interval

STILL = Sds(0, 0, 0, 0)
# ---- The spread ------------------------------------------------------------------------------------------------------


@settings(max_examples=6, deadline=None)
@given(sds=st.builds(Sds, *[st.floats(0.005, 0.1)] * 4))
def test_errors_grow_over_years_as_the_formula_says(sds):
    """An h-year error has variance h squared times the lasting terms plus h times the yearly ones."""
    summed = growth_errors(40, 4, sds=Sds(0, 0, sds.authority_persistent, sds.authority_transient), paths=2_000)
    found = summed.cumsum(axis=1).std(axis=(0, 2))

    expected = [sds.growth_sd(horizon, national=False) for horizon in (1, 2, 3, 4)]

    assert np.allclose(expected, found, rtol=0.025)  # 80,000 independent errors: five times their own error
    whole = growth_errors(1, 3, sds=sds, paths=10_000).cumsum(axis=1).std(axis=(0, 2))
    assert np.allclose([sds.growth_sd(horizon) for horizon in (1, 2, 3)], whole, rtol=0.04)


def test_england_s_error_is_drawn_once_a_path_for_all_authorities():
    """Two authorities' errors go together just as far as England's part of them."""
    sds = Sds(0.03, 0.02, 0.03, 0.04)
    summed = growth_errors(2, 3, sds=sds, paths=20_000).cumsum(axis=1)
    for horizon in (1, 2, 3):
        shared = 1 - sds.growth_sd(horizon, national=False) ** 2 / sds.growth_sd(horizon) ** 2
        found = np.corrcoef(summed[:, horizon - 1])[0, 1]

        assert abs(shared - found) < 0.03
    alone = growth_errors(2, 1, sds=Sds(0, 0, 0.03, 0.04), paths=20_000)
    assert abs(np.corrcoef(alone[:, 0])[0, 1]) < 0.03


def test_an_authority_s_range_is_the_one_a_normal_error_gives():
    """Point times exp(z times the size of the error), at every level, and the point is not moved."""
    found = national_interval(np.log([[1_000, 1_100]]), paths=40_000, seed=2)
    for horizon, point in ((1, 1_000), (2, 1_100)):
        size = Sds().growth_sd(horizon)
        expected = [point * exp(NormalDist().inv_cdf(level) * size) for level in LEVELS]

        assert point == pytest.approx(found.points[horizon - 1])
        assert np.allclose(expected, found.quantiles[horizon - 1], rtol=0.06 * size)


def test_without_england_s_term_the_total_would_look_far_too_certain():
    """150 authorities' own errors all but cancel out; England's do not."""
    log_points = np.full((150, 1), log(3_000))
    ranges = [national_interval(log_points, sds=sds).quantiles[0] for sds in (Sds(), Sds(0, 0, 0.033, 0.033), STILL)]
    widths = [100 * (found[-3] - found[2]) / 450_000 for found in ranges]

    own = 0.033 * sqrt(2 / 150)
    expected = [2.563 * sqrt(0.0002 + own**2), 2.563 * own, 0]
    assert np.allclose(100 * np.array(expected), widths, rtol=0.04, atol=1e-6)


def test_groups_share_their_paths_and_one_authority_is_a_group():
    """Weights of one authority give its own range; latest counts with log growth give the same as log counts."""
    counts, growth = np.array([500.0, 2_000, 4_000]), np.array([[0.1, 0.2], [0.08, 0.15], [0.12, 0.22]])
    log_points = growth + np.log(counts)[:, None]
    each = national_interval(log_points, weights=np.eye(3), paths=500)
    second = national_interval(log_points, weights=[0, 1, 0], paths=500)
    england, again = national_interval(log_points, paths=500), national_interval(growth, weights=counts, paths=500)

    assert np.allclose(each.points[1], second.points) and np.allclose(each.quantiles[1], second.quantiles)
    assert np.allclose(each.points.sum(axis=0), england.points)
    assert np.allclose(england.points, again.points) and np.allclose(england.quantiles, again.quantiles)


# ---- One seed, one answer --------------------------------------------------------------------------------------------


def test_a_longer_run_begins_with_the_shorter_one_and_another_seed_differs():
    """More paths refine a figure, and do not replace it by a chance one."""
    short, long = growth_errors(3, 2, paths=150, seed=8), growth_errors(3, 2, paths=400, seed=8)

    assert (short == long[..., :150]).all()
    assert not (short == growth_errors(3, 2, paths=150, seed=9)).any()
    assert len(np.unique(long)) > 0.99 * long.size


# ---- Sizes from past errors ------------------------------------------------------------------------------------------


@settings(max_examples=40, deadline=None)
@given(sds=st.tuples(*[st.floats(0, 0.1)] * 4), years=st.sampled_from([(8,), (8, 6), (8, 6, 4)]))
def test_sizes_are_found_exactly_where_the_moments_are_exact(sds, years):
    """Errors built to have just the variances of the model give its sizes back; one horizon gives their sum only."""
    found = calibrate(exact_errors(sds, years), tail=0)

    sizes = [found.national_persistent, found.national_transient, found.authority_persistent, found.authority_transient]
    if len(years) == 1:
        sds = np.sqrt(np.repeat([(sds[0] ** 2 + sds[1] ** 2) / 2, (sds[2] ** 2 + sds[3] ** 2) / 2], 2))
        assert "taken as equal" in found.basis
    assert np.allclose(sds, sizes, atol=1e-5)
    assert years == found.target_years


def exact_errors(sds: tuple, years: tuple) -> np.ndarray:
    """Twenty authorities, half above and half below a year's mean, which is above 0 and below by turns."""
    errors = np.full((20, max(years), len(years)), np.nan)
    for at, count in enumerate(years):
        horizon, sides = at + 1, np.resize([1, -1], 20)
        within = horizon**2 * sds[2] ** 2 + horizon * sds[3] ** 2
        mean = sqrt(horizon**2 * sds[0] ** 2 + horizon * sds[1] ** 2 + within / 20)
        errors[:, :count, at] = np.resize([1, -1], count) * mean + sqrt(within * 19 / 20) * sides[:, None]
    return errors


def drawn_errors(sds: Sds, target_years: int, *, seed: int = 6) -> np.ndarray:
    """Errors of 150 authorities as the model draws them, every target year from an origin of its own."""
    paths = growth_errors(150, 3, sds=sds, paths=target_years, seed=seed)
    return paths.cumsum(axis=1).transpose(0, 2, 1).astype(float)


def test_sizes_are_found_again_from_errors_that_were_drawn():
    """What the model draws, its estimate recognises, with and without gaps and tails pulled in."""
    truth = Sds(0.02, 0.015, 0.033, 0.04)
    errors = drawn_errors(truth, 1_000)
    errors[:5, :400] = np.nan
    for tail in (0, 0.01, 0.05):
        found = calibrate(errors, tail=tail)

        assert found.national_persistent == pytest.approx(0.02, rel=0.1)
        assert found.national_transient == pytest.approx(0.015, rel=0.15)
        assert found.authority_persistent == pytest.approx(0.033, rel=0.03)
        assert found.authority_transient == pytest.approx(0.04, rel=0.03)


def test_one_misreport_does_not_widen_everyone_s_range():
    """A caseload that is reported at half its size is an error of that return, seen in one of 150 authorities."""
    errors = drawn_errors(Sds(), 100)[:, :7]
    misreported = errors.copy()
    misreported[3, 6] = log(0.45)

    sizes = [calibrate(values).growth_sd(1) for values in (errors, misreported)]
    plain = [calibrate(values, tail=0).growth_sd(1) for values in (errors, misreported)]

    assert sizes[1] / sizes[0] < 1.02 < 1.1 < plain[1] / plain[0]


def test_a_bias_shared_by_all_years_is_england_s_error():
    """Forecasts that were 3% too low every year were wrong every year."""
    found = calibrate(drawn_errors(Sds(0, 0, 0.03, 0.03), 100) + 0.03 * np.array([1, 2, 3]))

    assert found.national_persistent == pytest.approx(0.03, rel=0.05)
    assert found.national_transient < 0.006


def test_the_estimate_says_how_much_is_behind_it():
    """A range from three target years is read otherwise than one from seven."""
    errors = drawn_errors(Sds(), 100)[:, :7]
    errors[:, 5:, 1] = errors[:, 3:, 2] = np.nan

    found = calibrate(errors)

    assert (7, 5, 3) == found.target_years
    assert "150 authorities (7 target years at 1, 5 target years at 2, 3 target years at 3 ahead)" in found.basis


# ---- Bad input -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Sds(national_persistent=-0.01), "national_persistent -0.01"),
        (lambda: Sds(authority_transient=3.3), r"authority_transient 3.3.*Give .033 where 3.3% is meant"),
        (lambda: Draws(paths=50), "paths 50"),
        (lambda: Draws(paths=1e4), "paths 10000.0"),
        (lambda: Draws(seed=-1), "seed -1"),
        (lambda: Draws(seed=None), "seed None"),
        (lambda: Draws(chunk=250), "chunk 250.*multiple of 100"),
        (lambda: growth_errors(0, 3), "found 0. Expected whole numbers from 1"),
        (lambda: growth_errors(10**6, 6), "GB. Expected at most 1"),
        (lambda: national_interval([[1.0]], paths=10**9), "GB"),
        (lambda: calibrate(np.zeros((30, 5, 1)), tail=0.5), "tail 0.5"),
    ],
)
def test_a_parameter_out_of_range_is_refused(make, words):
    """Per cent given for shares, or a run that fills the machine, stop before they start."""
    with pytest.raises(ParamsError, match=words):
        make()


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: national_interval([[4_000.0]]), r"log_points: found 4000 at \[0, 0\].*np.log"),
        (lambda: national_interval([[np.nan]]), "log_points: found nan"),
        (lambda: national_interval([8.1, 8.2]), r"log_points: found shape \(2,\). Expected \(any, any\)"),
        (lambda: national_interval([[8.1], [8.2]], weights=[1, -1]), r"weights: found -1 at \[0, 1\]"),
        (lambda: national_interval([[8.1], [8.2]], weights=[1]), r"weights: found shape \(1, 1\). Expected \(any, 2\)"),
        (lambda: calibrate(np.zeros((30, 2, 1))), "2 target years one year ahead"),
        (lambda: calibrate(np.zeros((19, 7, 3))), "0 target years one year ahead"),
        (lambda: calibrate(np.full((30, 7, 3), np.nan)), "0 target years one year ahead"),
        (lambda: calibrate(np.full((30, 7, 3), 5.2)), "errors: found 5.2"),
        (lambda: calibrate(np.full((30, 7, 3), np.inf)), "errors: found inf"),
        (lambda: calibrate(np.zeros((30, 7))), r"errors: found shape \(30, 7\). Expected \(any, any, any\)"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(make, words):
    """Counts in place of their logs, gaps and too short a past give no range at all, not a wrong one."""
    with pytest.raises(SchemaError, match=words) as caught:
        make()

    assert isinstance(caught.value, HighneedsError) and "Expected" in str(caught.value)


# ---- The benchmark ---------------------------------------------------------------------------------------------------


def test_the_benchmark_reports_what_its_process_measured():
    """The score sheet reads four fields a row, and the time is that of a process of its own."""
    rows = world.scores(1, authorities=5, paths=200)

    assert all(["measure", "value", "target", "holds"] == list(row) for row in rows)
    assert {"seconds", "peak memory"} <= {row["measure"].split(",")[0] for row in rows}
    assert all(0 < row["value"] < 40 for row in rows)
