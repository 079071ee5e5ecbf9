"""Paths: nothing is lost on any of them, their spread is the one asked for, and a seed says it all."""

from math import exp, log, sqrt
from statistics import NormalDist

import numpy as np
import pytest
from benchmarks.worlds import paths as world
from hypothesis import given, settings
from hypothesis import strategies as st

from highneeds.errors import HighneedsError, ParamsError, SchemaError
from highneeds.models.forecast import LEVELS
from highneeds.models.paths import (
    AGES,
    PLACEMENTS,
    Draws,
    Sds,
    Start,
    Wanted,
    calibrate,
    growth_errors,
    national_interval,
    simulate,
)

GROUPS = {"Under 5": (2, 4), "Age 5 to 10": (5, 10), "Age 11 to 15": (11, 15), "Age 16 to 25": (16, 25)}
STILL = Sds(0, 0, 0, 0, shares=(0, 0, 0, 0))
ALL = Wanted(age_groups=GROUPS, ages=True, reduce=lambda chunk: chunk)


def made_up(authorities: int = 4, years: int = 3, *, seed: int = 1) -> tuple[Start, np.ndarray]:
    """A start and a growth of about 9% a year; the last authority has no plans at all."""
    rng = np.random.default_rng(seed)
    stocks = 100 * rng.lognormal(0, 0.7, (authorities, len(AGES)))
    stocks[-1] = 0
    joiners = rng.dirichlet(np.ones(len(AGES)), authorities)
    placements = rng.dirichlet(np.ones(len(PLACEMENTS)), authorities)
    start = Start(stocks, joiners, rng.uniform(0, 0.2, len(AGES)), placements)
    return start, rng.normal(0.09, 0.02, (authorities, years))


def only_aged(**counts: int) -> np.ndarray:
    """One row of stocks (or shares): age10=100 stands for 100 children aged 10."""
    return np.array([[counts.get(f"age{age}", 0) for age in AGES]], dtype=float)


def row(start: Start, at: int) -> Start:
    """The start of one authority."""
    return Start(start.stocks[[at]], start.joiners[[at]], start.leavers, start.placements[[at]])


# ---- The chain -------------------------------------------------------------------------------------------------------


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6), size=st.floats(0, 0.5), growth=st.floats(-0.6, 0.6))
def test_ages_and_placements_add_up_to_the_total_on_every_path(seed, size, growth):
    """Whatever is drawn, a child is somewhere and of some age, and nobody is counted below nothing."""
    start, path = made_up(seed=seed)
    sds = Sds(size, size, size, size, shares=(size,) * 4)

    found = simulate(start, 0 * path + growth, sds=sds, draws=Draws(100, seed), wanted=ALL)

    [chunk] = found.reduced
    assert np.allclose(chunk.totals, chunk.ages.sum(axis=2), rtol=1e-5)
    assert np.allclose(chunk.totals, chunk.placements.sum(axis=2), rtol=1e-5)
    assert chunk.ages.min() >= 0 and chunk.placements.min() >= 0
    assert np.isfinite(chunk.totals).all()


def test_a_year_of_the_chain_is_as_worked_out_by_hand():
    """Of 100 aged 10 a tenth leave, 10 aged 25 are gone, and 31 join at 5 to make 110 into 121."""
    start = Start(only_aged(age10=100, age25=10), only_aged(age5=1), 0.1 * only_aged(age10=1), [[0.5, 0.3, 0.2, 0, 0]])
    chunk = simulate(start, [[log(1.1)]], sds=STILL, draws=Draws(100), wanted=ALL).reduced[0]

    expected = only_aged(age5=31, age11=90)[0]

    assert np.allclose(expected, chunk.ages[0, 0, :, 0], atol=1e-4)
    assert np.allclose([60.5, 36.3, 24.2, 0, 0], chunk.placements[0, 0, :, 0])


def test_where_fewer_than_none_would_join_all_ages_shrink_alike():
    """Half of 100 cannot be reached by joiners: nobody joins, and the 60 and 40 become 30 and 20."""
    start = Start(only_aged(age10=60, age15=40), only_aged(age5=1), only_aged(), [[1, 0, 0, 0, 0]])
    chunk = simulate(start, [[log(0.5)]], sds=STILL, draws=Draws(100), wanted=ALL).reduced[0]

    assert np.allclose(only_aged(age11=30, age16=20)[0], chunk.ages[0, 0, :, 0], atol=1e-4)


def test_ages_equal_a_slow_count_child_by_child_of_every_path():
    """Years, ages and authorities are not mixed up: the same chain in plain loops from each path's totals."""
    start, growth = made_up()
    chunk = simulate(start, growth, draws=Draws(100), wanted=ALL).reduced[0]
    for authority, path in ((0, 0), (1, 7), (2, 99)):
        stocks = list(start.stocks[authority])
        for year in range(3):
            stayed = [0.0] + [stock * (1 - leave) for stock, leave in zip(stocks, start.leavers, strict=True)][:-1]
            joined = float(chunk.totals[authority, year, path]) - sum(stayed)
            stocks = [now + joined * share for now, share in zip(stayed, start.joiners[authority], strict=True)]

            assert joined > 0
            assert np.allclose(stocks, chunk.ages[authority, year, :, path], rtol=1e-4)


def test_without_spread_every_quantile_is_the_point():
    """Widths come from the errors alone."""
    start, growth = made_up()
    found = simulate(start, growth, sds=STILL, draws=Draws(200), wanted=Wanted(age_groups=GROUPS))

    expected = start.stocks.sum(axis=1)[:, None] * np.exp(growth.cumsum(axis=1))

    assert np.allclose(expected, found.points["totals"], rtol=1e-6)
    assert np.allclose(expected[..., None] * start.placements[:, None], found.points["placements"], rtol=1e-6)
    for name, points in found.points.items():
        assert (found.quantiles[name] == points[..., None]).all(), name


def test_quantiles_are_those_of_all_paths_together():
    """Chunks are put together again before ranges are taken, in order and without a path lost."""
    start, growth = made_up()
    found = simulate(start, growth, draws=Draws(1_250, 3, 300), wanted=ALL)
    for name, at in (("totals", 1), ("placements", 2)):
        paths = np.concatenate([chunk[at] for chunk in found.reduced], axis=-1)

        assert paths.shape[-1] == 1_250
        assert np.allclose(np.moveaxis(np.quantile(paths, LEVELS, axis=-1), 0, -1), found.quantiles[name], rtol=1e-5)
    ages = np.concatenate([chunk.ages for chunk in found.reduced], axis=-1)
    under_five = np.moveaxis(np.quantile(ages[:, :, :3].sum(axis=2), LEVELS, axis=-1), 0, -1)
    assert np.allclose(under_five, found.quantiles["age_groups"][:, :, 0], rtol=1e-5)
    assert [0, 300, 600, 900, 1_200] == [chunk.first for chunk in found.reduced]


def test_the_range_of_an_area_is_that_of_sums_and_of_one_authority_its_own():
    """A region is added up path by path; an area of one authority is that authority."""
    start, growth = made_up()
    areas = np.array([[1, 0.5, 1, 1], [0, 1, 0, 0]])  # half of the second authority is in the region
    own = simulate(start, growth, draws=Draws(500), wanted=Wanted(age_groups=GROUPS))
    found = simulate(start, growth, draws=Draws(500), wanted=Wanted(areas, GROUPS, reduce=lambda chunk: chunk.totals))

    region = np.einsum("a,ayp->yp", areas[0], found.reduced[0])
    expected = np.moveaxis(np.quantile(region, LEVELS, axis=-1), 0, -1)

    assert np.allclose(expected, found.quantiles["totals"][0], rtol=1e-5)
    for name, ranges in found.quantiles.items():
        assert (own.quantiles[name][1] == ranges[1]).all(), name


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


def test_placement_shares_walk_by_the_sizes_given():
    """The log-ratio to mainstream moves by its size times the root of the years."""
    start, growth = made_up(2)
    sds = Sds(shares=(0.105, 0.19, 0.18, 0.25))
    placements = simulate(start, growth, sds=sds, draws=Draws(10_000, 5, 10_000), wanted=ALL).reduced[0].placements
    ratios = np.log(placements[0, :, 1:] / placements[0, :, :1])

    for year in (0, 1, 2):
        assert np.allclose(np.array(sds.shares) * sqrt(year + 1), ratios[year].std(axis=-1), rtol=0.04)
    assert np.allclose(np.log(start.placements[0, 1:] / start.placements[0, 0]), ratios.mean(axis=(0, 2)), atol=0.02)


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


def test_the_chain_and_the_sum_of_authorities_say_the_same():
    """The same authorities, years and seed have the same growth errors, wherever they are asked for."""
    start, growth = made_up()
    wanted = Wanted(np.ones((1, 4)), reduce=lambda chunk: chunk.totals)
    chain = simulate(start, growth, draws=Draws(500, 9), wanted=wanted)
    latest = start.stocks.sum(axis=1)
    total = national_interval(growth.cumsum(axis=1), weights=latest, paths=500, seed=9)
    errors = growth_errors(4, 3, paths=500, seed=9).cumsum(axis=1)

    assert np.allclose(chain.quantiles["totals"][0], total.quantiles, rtol=1e-5)
    points = latest[:, None] * np.exp(growth.cumsum(axis=1))
    assert np.allclose(points[..., None] * np.exp(errors), chain.reduced[0], rtol=1e-5)


# ---- One seed, one answer --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("chunk", [100, 300, 500, 2_000])
def test_a_seed_gives_the_same_bytes_whatever_the_chunk(chunk):
    """How many paths are worked on at once is a matter of memory, never of figures."""
    start, growth = made_up()
    wanted = Wanted([[1, 1, 0, 0.5]], GROUPS, ages=True, reduce=lambda chunk: chunk)
    whole = simulate(start, growth, draws=Draws(1_050, 4, 1_100), wanted=wanted)
    found = simulate(start, growth, draws=Draws(1_050, 4, chunk), wanted=wanted)

    for name, ranges in whole.quantiles.items():
        assert ranges.tobytes() == found.quantiles[name].tobytes(), name
    for at in (1, 2, 3):
        parts = np.concatenate([piece[at] for piece in found.reduced], axis=-1)
        assert whole.reduced[0][at].tobytes() == parts.tobytes()


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


def changed(**fields) -> Start:
    """A sound start of two authorities, some of it replaced."""
    start = made_up(2)[0]
    return Start(**({name: getattr(start, name) for name in start.__dataclass_fields__} | fields))


def poked(name: str, value: float) -> Start:
    """A sound start with one figure replaced: authority 1, age (or placement) 2."""
    values = np.array(getattr(made_up(2)[0], name))
    values[(1, 2) if values.ndim == 2 else 2] = value
    return changed(**{name: values})


GROWTH = np.full((2, 3), 0.09)


@pytest.mark.parametrize(
    ("start", "growth", "words"),
    [
        (poked("stocks", -3), GROWTH, r"stocks: found -3 at \[1, 2\].*0 or more"),
        (poked("stocks", np.nan), GROWTH, r"stocks: found nan at \[1, 2\]"),
        (poked("stocks", np.inf), GROWTH, r"stocks: found inf at \[1, 2\]"),
        (poked("placements", np.nan), GROWTH, r"placements: found nan"),
        (poked("placements", 0.9), GROWTH, r"sum of placements: found 1.*at \[1\].*Expected 1 in each row"),
        (poked("joiners", -1), GROWTH, r"joiners: found -1 at \[1, 2\]"),
        (poked("joiners", 0.7), GROWTH, r"sum of joiners"),
        (poked("leavers", 20), GROWTH, r"leavers: found 20 at \[0, 2\].*a share from 0 to 1"),
        (changed(stocks=np.ones((2, 23))), GROWTH, r"stocks: found shape \(2, 23\). Expected \(any, 24\)"),
        (changed(stocks=np.ones(24)), GROWTH, r"stocks: found shape \(24,\)"),
        (changed(stocks=np.ones((0, 24))), GROWTH, r"none of them 0"),
        (changed(stocks=[["many"] * 24] * 2), GROWTH, r"stocks: found no array of numbers"),
        (changed(leavers=[[0.1], [0.1, 0.2]]), GROWTH, r"leavers: found no array of numbers"),
        (changed(placements=np.full((2, 4), 0.25)), GROWTH, r"placements: found shape \(2, 4\). Expected \(2, 5\)"),
        (changed(), 100 * GROWTH, r"growth: found 9 at \[0, 0\].*\(6 such\).*\.09, where 9% is meant"),
        (changed(), GROWTH * np.nan, r"growth: found nan"),
        (changed(), GROWTH[:1], r"growth: found shape \(1, 3\). Expected \(2, any\)"),
    ],
)
def test_a_start_that_cannot_be_is_refused_with_its_place(start, growth, words):
    """A negative stock or a share over one would run through to pounds unseen."""
    with pytest.raises(SchemaError, match=words):
        simulate(start, growth, draws=Draws(100))


def test_all_faults_are_told_together():
    """Who corrects one fault should not meet the next only then."""
    with pytest.raises(SchemaError) as caught:
        simulate(changed(stocks=-np.ones((2, 24)), leavers=np.full(24, 2.0)), 100 * GROWTH, draws=Draws(100))

    assert ["growth", "leavers", "stocks"] == [fault.split(":")[0] for fault in caught.value.faults]


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Sds(national_persistent=-0.01), "national_persistent -0.01"),
        (lambda: Sds(authority_transient=3.3), r"authority_transient 3.3.*Give .033 where 3.3% is meant"),
        (lambda: Sds(shares=(0.1, 0.2, float("nan"), 0.1)), "share of post-16 nan"),
        (lambda: Sds(shares=(0.1,)), "1 shares"),
        (lambda: Draws(paths=50), "paths 50"),
        (lambda: Draws(paths=1e4), "paths 10000.0"),
        (lambda: Draws(seed=-1), "seed -1"),
        (lambda: Draws(seed=None), "seed None"),
        (lambda: Draws(chunk=250), "chunk 250.*multiple of 100"),
        (lambda: growth_errors(0, 3), "found 0. Expected whole numbers from 1"),
        (lambda: growth_errors(10**6, 6), "GB. Expected at most 1"),
        (lambda: simulate(*made_up(), draws=Draws(10**8)), "GB. Expected at most 1"),
        (lambda: simulate(*made_up(), draws=Draws(10**8, chunk=10**8), wanted=Wanted(np.ones((1, 4)))), "GB"),
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
        (lambda: simulate(*made_up(), wanted=Wanted(areas=np.ones((1, 3)))), r"areas: found shape \(1, 3\)"),
        (lambda: simulate(*made_up(), wanted=Wanted(areas=-np.ones((1, 4)))), "areas: found -1"),
        (
            lambda: simulate(*made_up(), wanted=Wanted(age_groups={"Under 5": (0, 4)})),
            r"age_groups 'Under 5'.*\(0, 4\)",
        ),
        (lambda: simulate(*made_up(), wanted=Wanted(age_groups={"old": (25, 20)})), "age_groups 'old'"),
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
