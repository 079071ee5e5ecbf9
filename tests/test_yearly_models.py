"""Yearly models: every number against a slow obvious reference, no look at what came later, no silent fallback."""

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from highneeds.models.forecast import LEVELS
from highneeds.models.yearly import choice, cohort, conformal, doubts, levels, lone, pooled
from highneeds.models.yearly.annual import LONGEST, MEASURES, open_annual
from highneeds.models.yearly.history import BANDS, History, Matrix, carried, read_history
from highneeds.models.yearly.national import england
from tests import yearly_world as world
from tests.yearly_world import code, rows

FLOWS = ("new_ehc_plans", "requests_received")
MEDIAN = LEVELS.index(0.5)
KENT, NEWHAM, NOTTINGHAM, ST_HELENS = "E10000016", "E09000025", "E06000018", "E08000013"
WEST_NORTHAMPTONSHIRE, SCILLY, ISLE_OF_WIGHT = "E06000062", "E06000053", "E06000046"


@pytest.fixture(scope="module")
def annual(panel):
    """Yearly measures of the committed panel, opened once each."""
    return {name: open_annual(panel.values, panel.areas, name) for name in MEASURES}


@pytest.fixture(scope="module")
def history(annual):
    """History of the committed panel."""
    return annual["ehc_plans"].history


@pytest.fixture(scope="module")
def sixty():
    """An invented panel of sixty authorities."""
    return world.values(60, first=2014, flows_from=2016)


def opened(values: pd.DataFrame, count: int, measure: str = "ehc_plans"):
    """A measure of an invented panel."""
    return open_annual(values, world.areas(count), measure)


def cell(values: pd.DataFrame, at: int, measure: str, year: int | None = None) -> pd.Series:
    """True for the totals of an invented authority, of one year where asked."""
    found = values["area_code"].eq(code(at)) & values["measure"].eq(measure) & values["breakdown"].eq("Total")
    return found if year is None else found & values["period"].eq(str(year))


# ---- No look at what came later --------------------------------------------------------------------------------------


def later(values: pd.DataFrame, january: int) -> pd.Series:
    """True for what was not known in a January: stocks after it, flows of its year and after."""
    year, stock = values["period"].str[:4].astype(int), values["period_basis"].eq("January")
    return (stock & (year > january)) | (~stock & (year >= january))


def spoilt(values: pd.DataFrame, january: int) -> pd.DataFrame:
    """The panel with what came later scaled at random, a third of it gone, and two invented years after it."""
    rng = np.random.default_rng(january)
    after = later(values, january)
    wild = values.copy()
    wild.loc[after, "value"] *= rng.lognormal(0, 1, after.sum())
    wild = wild[~after | (rng.random(len(values)) < 2 / 3)]
    more = values[values["period"].isin(["2024", "2025"])]
    more = more.assign(period=(more["period"].str[:4].astype(int) + 2).astype(str), value=3 * more["value"])
    return pd.concat([wild, more])


def seen_from(annual, origin: int, horizons=(1, 2, 3, 5)) -> dict:
    """Everything a forecast from an origin rests on, by area code."""
    found = {"scales": pd.Series(annual.track.scales(origin), annual.matrix.codes)}
    for ahead in horizons:
        points, (values, years) = annual.track.points(origin, ahead), annual.track.quantiles(origin, ahead)
        found[f"points {ahead}"] = pd.Series(points.log, annual.matrix.codes)
        found[f"models {ahead}"] = pd.Series(points.names, annual.matrix.codes)
        found[f"ranges {ahead}"] = pd.DataFrame(values, annual.matrix.codes).assign(years=years)
    return found


@pytest.mark.parametrize(
    ("measure", "january"),
    [("ehc_plans", 2014), *((measure, january) for measure in MEASURES for january in (2017, 2020, 2024))],
)
def test_nothing_after_the_origin_changes_a_forecast(panel, annual, measure, january):
    """A back-test that peeks is worth nothing: not one bit of point, scale, range or doubt may move."""
    origin = january - (measure in ("requests", "new_plans"))
    expected = seen_from(annual[measure], origin)

    for values in (panel.values[~later(panel.values, january)], spoilt(panel.values, january)):
        other = open_annual(values, panel.areas, measure)
        for name, actual in seen_from(other, origin).items():
            known = actual.loc[actual.notna().all(axis=1)] if actual.ndim == 2 else actual.dropna()
            wanted = expected[name].reindex(actual.index)
            assert wanted.loc[known.index].equals(known), name
            assert known.index.equals(wanted.dropna(how="any").index), name
        if other.history:
            assert annual[measure].known(origin).doubts == other.known(origin).doubts


@pytest.mark.parametrize("measure", ("ehc_plans", "new_plans"))
@pytest.mark.parametrize("january", (2017, 2023))
def test_nothing_after_the_origin_changes_england(panel, annual, measure, january):
    """England's range is drawn from sizes of past errors; those of later years are not among them."""
    origin = january - (measure == "new_plans")
    other = open_annual(spoilt(panel.values, january), panel.areas, measure)

    expected, actual = (england(each, 3, origin=origin) for each in (annual[measure], other))

    assert (expected.rows(), expected.refusal) == (actual.rows(), actual.refusal)


def test_a_flow_judged_doubtful_later_counts_where_it_was_not_doubtful_then(annual):
    """Errors and scales of 2023 rest on Medway's 309 of 2022, as anybody would have in January 2024."""
    track = annual["requests"].track
    medway = track.codes.index("E06000035")

    assert np.log(309) == track.at(2022, by=2023)[medway]
    assert np.isnan(track.at(2022)[medway])


def test_row_order_changes_no_bit(panel, annual):
    """Sums in another order give other last bits: rows are sorted out before anything is added."""
    for measure in ("ehc_plans", "requests", "sen_support"):
        shuffled = open_annual(panel.values.sample(frac=1, random_state=2), panel.areas, measure)
        assert repr(annual[measure].forecast(KENT, 3)) == repr(shuffled.forecast(KENT, 3))


# ---- POOL and EB against a slow reference ----------------------------------------------------------------------------


def slow_filled(flow: Matrix) -> np.ndarray:
    """`carried` one unit and one year at a time."""
    counts = [[0.5 if value == 0 else value for value in line] for line in flow.values.tolist()]
    complete = [line for line in counts if not any(np.isnan(line))]
    whole = [sum(line[at] for line in complete) for at in range(len(flow.years))]
    filled = []
    for line in counts:
        known = [at for at, value in enumerate(line) if not np.isnan(value)]
        shares = [np.log(line[at] / whole[at]) for at in known]
        filled.append([np.exp(np.interp(at, known, shares)) * whole[at] for at in range(len(line))])
    return np.array(filled)


def slow_rows(history: History, at: int, horizon: int, *, centred: bool, large: list[int]) -> tuple[list, list]:
    """Predictors of every unit and the targets of the large ones at one origin, by loops."""
    plans, year = history.plans.values, history.plans.years.index(at)
    growth = np.log(plans[:, 1:] / plans[:, :-1])
    mean = [np.mean([growth[unit, each] for unit in large]) for each in range(growth.shape[1])]
    columns = []
    for name in FLOWS:
        flow = history.flows[name]
        filled = slow_filled(flow)[:, at - 1 - flow.years[0]]
        columns.append([np.log(filled[unit] / plans[unit, year]) for unit in range(len(plans))])
    own = [
        np.mean([growth[unit, each] - mean[each] for each in (year - 3, year - 2, year - 1)])
        for unit in range(len(plans))
    ]
    if not centred:
        own = [each + np.mean(mean[year - 3 : year]) for each in own]
    table = []
    for column in [own, *columns]:
        middle = np.mean([column[unit] for unit in large]) if centred else 0.0
        column = [value - middle for value in column]
        low, high = np.percentile([column[unit] for unit in large], [1, 99])
        table.append([min(max(value, low), high) for value in column])
    if not centred:
        table = [[1.0] * len(plans), *table]
    targets = []
    if at + horizon <= history.origin:
        targets = [np.log(plans[unit, year + horizon] / plans[unit, year]) / horizon for unit in large]
        targets = [target - np.mean(targets) for target in targets] if centred else targets
        low, high = np.percentile(targets, [1, 99])
        targets = [min(max(target, low), high) for target in targets]
    return [list(line) for line in zip(*table, strict=True)], targets


@pytest.mark.parametrize(("origin", "horizon", "centred"), ((2025, 1, True), (2025, 2, False), (2022, 3, True)))
def test_pool_equals_a_slow_regression_on_the_real_panel(history, origin, horizon, centred):
    """Fast arrays against loops that anybody can check: coefficients, cells, origins and points."""
    known = history.until(origin)
    large = [unit for unit, plans in enumerate(known.plans.at(origin)) if plans >= 50]
    predictors, targets = [], []
    origins = tuple(range(2017, origin - horizon + 1))
    for at in origins:
        every, target = slow_rows(known, at, horizon, centred=centred, large=large)
        predictors += [every[unit] for unit in large]
        targets += target
    expected = np.linalg.lstsq(np.array(predictors), np.array(targets), rcond=None)[0]
    growth = np.log(known.plans.values[large, -1] / known.plans.values[large, -2]).mean()

    actual = pooled.fit(known, horizon, centred=centred)

    now, _ = slow_rows(known, origin, horizon, centred=centred, large=large)
    yearly = np.array(now) @ expected + (growth if centred else 0)
    np.testing.assert_allclose(actual.coefficients, expected, rtol=1e-8)
    assert (origins, len(targets)) == (actual.origins, actual.cells)
    np.testing.assert_allclose(
        pooled.predict(known, actual), np.log(known.plans.at(origin)) + horizon * yearly, rtol=1e-10
    )


def known_law(count: int = 60, years: int = 8) -> History:
    """Growth is .07, .30 of the log of new plans a plan and .20 of requests a plan (deviations), and nothing else."""
    rng = np.random.default_rng(4)
    plans, made = rng.uniform(500, 900, count), {"ehc_plans": [], "new_ehc_plans": [], "requests_received": []}
    for _ in range(years):
        new, asked = rng.normal(-1.8, 0.1, count), rng.normal(-1.3, 0.1, count)
        made["ehc_plans"].append(plans)
        made["new_ehc_plans"].append(plans * np.exp(new))
        made["requests_received"].append(plans * np.exp(asked))
        plans = plans * np.exp(0.07 + 0.3 * (new + 1.8) + 0.2 * (asked + 1.3))
    table = [
        row
        for at in range(count)
        for name, first, series in (
            ("ehc_plans", 2018, made["ehc_plans"]),
            # What a January's growth follows from is the flow of the year before it.
            ("new_ehc_plans", 2017, made["new_ehc_plans"]),
            ("requests_received", 2017, made["requests_received"]),
        )
        for row in rows(code(at + 1), name, first, [line[at] for line in series])
    ]
    return read_history(pd.DataFrame(table), world.areas(count))


def test_known_coefficients_are_found_again(monkeypatch):
    """Without noise and without winsorising the regression must give the law that made the figures."""
    monkeypatch.setattr(pooled, "WINSOR", (0.0, 100.0))
    history = known_law()

    raw, centred = (pooled.fit(history, 1, centred=each) for each in (False, True))

    np.testing.assert_allclose(raw.coefficients, [0.07 + 0.3 * 1.8 + 0.2 * 1.3, 0, 0.3, 0.2], atol=1e-9)
    np.testing.assert_allclose(centred.coefficients, [0, 0.3, 0.2], atol=1e-9)


def test_pool_is_the_mean_of_both_regressions(history):
    """Points named POOL are the mean of the centred and the raw regression on the log scale."""
    both = [pooled.predict(history, pooled.fit(history, 1, centred=centred)) for centred in (True, False)]

    actual = choice.caseload(history, 1)

    named = actual.names == "POOL"
    assert 148 == named.sum()
    np.testing.assert_allclose(actual.log[named], np.mean(both, axis=0)[named])
    np.testing.assert_allclose(actual.log[~named], pooled.empirical_bayes(history, 1)[~named])


def test_a_horizon_without_a_complete_origin_uses_the_longest_that_has_one(history):
    """Eight years ahead no origin is over; coefficients of seven years serve, and no horizon is left without."""
    complete = 2025 - 2017

    fits = [pooled.fit(history, complete, centred=centred) for centred in (True, False)]

    assert pooled.fit(history, complete + 1, centred=True) is None
    expected = np.mean([pooled.predict(history, fitted, LONGEST) for fitted in fits], axis=0)
    np.testing.assert_allclose(choice._pool(history, LONGEST), expected)


def test_empirical_bayes_by_hand():
    """Growth of 10% and 20%: mean .10 and .20 in logs; a fifth of each one's deviation, .05, stays."""
    plans = [[100, 100 * np.exp(0.10)], [200, 200 * np.exp(0.20)]]
    table = rows(code(1), "ehc_plans", 2024, plans[0]) + rows(code(2), "ehc_plans", 2024, plans[1])
    history = read_history(pd.DataFrame(table), world.areas(2))

    actual = pooled.empirical_bayes(history, 3)

    np.testing.assert_allclose(
        actual, [np.log(plans[0][1]) + 3 * (0.15 - 0.2 * 0.05), np.log(plans[1][1]) + 3 * (0.15 + 0.2 * 0.05)]
    )


def test_one_zero_in_the_past_does_not_spoil_the_others(sixty):
    """A January of no plans at one authority, years ago, has an infinite rate; nobody else may feel it."""
    spoilt = sixty.copy()
    spoilt.loc[cell(spoilt, 3, "ehc_plans", 2019), "value"] = 0

    expected, actual = (opened(values, 60).forecast(code(9), 1).steps[0] for values in (sixty, spoilt))

    assert ("POOL", "POOL") == (expected.model, actual.model)
    assert expected.point == pytest.approx(actual.point, rel=0.01)


# ---- Cohort ----------------------------------------------------------------------------------------------------------


@given(arrays(float, (4, 5), elements=st.floats(0, 10_000)))
def test_nobody_is_lost_on_the_way_up_but_the_oldest(bands):
    """A year older, every child is in its band or the next; only a sixth of the oldest age out."""
    actual = cohort.moved_up(bands)

    assert (actual >= 0).all()
    np.testing.assert_allclose(bands.sum(axis=1) - bands[:, -1] / 6, actual.sum(axis=1), atol=1e-6)


def test_moving_up_by_hand():
    """A third of 2 to 4, a sixth of 5 to 10, a fifth of 11 to 15, a quarter of 16 to 19, a sixth of 20 to 25."""
    actual = cohort.moved_up(np.array([[30.0, 60, 50, 40, 60]]))

    np.testing.assert_allclose(actual, [[20, 50 + 10, 40 + 10, 30 + 10, 50 + 10]])


def test_composition_sums_to_the_published_totals(history):
    """Shares fill the years without bands; the total stays the one that was published."""
    actual = cohort.composition(history)

    assert (150, 16, len(BANDS)) == actual.shape
    np.testing.assert_allclose(actual.sum(axis=2), history.plans.values, rtol=1e-9)
    known = ~np.isnan(history.bands).any(axis=2)
    np.testing.assert_allclose(actual[known], history.bands[known], atol=1.5)


def banded(shares_by_year: list[list[float]], totals: list[float]) -> History:
    """One authority with bands as these shares of its totals; a year's shares may be missing."""
    table = rows(code(1), "ehc_plans", 2022, totals)
    for at, band in enumerate(BANDS):
        figures = [
            None if shares is None else shares[at] * total for shares, total in zip(shares_by_year, totals, strict=True)
        ]
        table += rows(code(1), "ehc_plans", 2022, figures, breakdown=band)
    return read_history(pd.DataFrame(table), world.areas(1))


def test_cohort_by_hand():
    """Net entry is what came beyond those who moved up, for each plan held; the one authority is the nation."""
    totals, shares = [100.0, 110.0, 120.0], [0.1, 0.3, 0.3, 0.2, 0.1]
    history = banded([shares] * 3, totals)
    held = np.array(shares) * np.array(totals)[:, None]
    entry = (held[2] - cohort.moved_up(held[1:2])[0]) / 110
    expected = cohort.moved_up(held[2:])[0] + entry * 120

    np.testing.assert_allclose(cohort.forecast_bands(history, 1)[0], expected)
    second = cohort.moved_up(expected[None])[0] + entry * expected.sum()
    np.testing.assert_allclose(cohort.forecast_bands(history, 2)[0], second)


def test_three_tenths_of_an_authoritys_own_net_entry_last():
    """Two authorities of a hundred: one grew by ten under-fives a year, one by none; the nation's rate is five."""
    table = []
    for at, joined in ((1, 10.0), (2, 0.0)):
        lines = [[20.0] * 5]
        for _ in range(2):
            lines.append([*cohort.moved_up(np.array(lines[-1:]))[0]])
            # The oldest who aged out are made good, so that both stay at a hundred and the rates are easy.
            lines[-1][-1] += 100 - sum(lines[-1])
            lines[-1][0] += joined
            lines[-1][-1] -= joined
        table += rows(code(at), "ehc_plans", 2023, [sum(line) for line in lines])
        for band, figures in zip(BANDS, zip(*lines, strict=True), strict=True):
            table += rows(code(at), "ehc_plans", 2023, figures, breakdown=band)
    history = read_history(pd.DataFrame(table), world.areas(2))

    actual = cohort.forecast_bands(history, 1)[:, 0] - 2 / 3 * history.bands[:, -1, 0]

    np.testing.assert_allclose(actual, [5 + 0.3 * 5, 5 - 0.3 * 5])


def test_a_year_without_bands_takes_the_shares_around_it():
    """Hackney and Peterborough gave no ages in 2024: half-way between 2023 and 2025, summed to the total."""
    first, last = [0.1, 0.3, 0.3, 0.2, 0.1], [0.1, 0.1, 0.3, 0.4, 0.1]
    history = banded([first, None, last], [100.0, 200.0, 300.0])

    np.testing.assert_allclose(cohort.composition(history)[0, 1], 200 * np.array([0.1, 0.2, 0.3, 0.3, 0.1]))


def test_three_years_ahead_the_cohort_is_averaged_in(history):
    """At one and two years POOL stands alone; at three it meets the children already there, half and half."""
    whole = cohort.forecast_bands(history, 3).sum(axis=1)
    alone = choice._pool(history, 3)

    assert {"POOL", "EB"} == set(choice.caseload(history, 2).names)
    actual = choice.caseload(history, 3)
    named = actual.names == "POOL+COHORT"
    assert 148 == named.sum()
    np.testing.assert_allclose(actual.log[named], ((alone + np.log(whole)) / 2)[named])


# ---- Levels and percentages ------------------------------------------------------------------------------------------


def test_level_by_hand():
    """A third of 300, England from 200 to 242 in two years (10% a year): 121 next year, 133.1 the year after."""
    flow = Matrix(("A", "B"), (2022, 2023, 2024), np.array([[80.0, 100, 110], [120, 120, 132]]))

    np.testing.assert_allclose(np.exp(levels.level(flow, 1)), [110 * 1.1, 132 * 1.1])
    np.testing.assert_allclose(np.exp(levels.level(flow, 2)), [110 * 1.21, 132 * 1.21])


def test_level_takes_five_years_of_national_growth():
    """A jump of six years ago is no part of the rate."""
    whole = np.array([10.0, 1_000, 1_100, 1_210, 1_331, 1_464.1, 1_610.51])
    flow = Matrix(("A",), tuple(range(2018, 2025)), whole[None])

    np.testing.assert_allclose(np.exp(levels.level(flow, 1)), 1_610.51 * 1.1)


def test_a_flow_that_was_set_aside_starts_from_the_usual_share():
    """A gave no usable figure for 2024: it had a half of B's, so it starts from a half of B's."""
    flow = Matrix(("A", "B"), (2022, 2023, 2024), np.array([[50.0, 60, np.nan], [100, 120, 144]]))

    np.testing.assert_allclose(np.exp(levels.level(flow, 1)), [72 * 1.2, 144 * 1.2])


@pytest.mark.parametrize(("own", "expected"), ((0.0, [14.4, 8.4]), (0.5, [15.2, 8.0]), (1.0, [16.0, 7.6])))
def test_percentage_by_hand(own, expected):
    """England rose by .2 points, A by 1, B fell by .2. Two years on: twice the change, as weighted."""
    matrix = Matrix(("A", "B"), (2024, 2025), np.array([[13.0, 14.0], [8.2, 8.0]]))

    np.testing.assert_allclose(np.exp(levels.percentage(matrix, np.array([12.0, 12.2]), 2, own=own)), expected)


def test_percentage_never_falls_below_a_tenth():
    """Ten years of a falling nation must not end in nothing or below it."""
    matrix = Matrix(("A",), (2024, 2025), np.array([[3.0, 2.0]]))

    np.testing.assert_allclose(np.exp(levels.percentage(matrix, np.array([9.0, 8.0]), 10)), [0.2])


@pytest.mark.parametrize("horizon", (1, 2))
def test_level_pull_equals_a_slow_regression_on_the_real_panel(history, horizon):
    """Growth of the share on its last growth and on both flows above the share of plans, by loops."""
    large = [unit for unit, plans in enumerate(history.plans.at(2025)) if plans >= 50]
    shares = {}
    for name in FLOWS:
        filled = slow_filled(history.flows[name])
        shares[name] = np.log(filled / filled.sum(axis=0))
    own = shares["new_ehc_plans"]

    def drawn(year: int) -> np.ndarray:
        at, plans = year - 2016, np.log(history.plans.at(year + 1))
        columns = [own[:, at] - own[:, at - 1], own[:, at] - plans, shares["requests_received"][:, at] - plans]
        centred = [column - np.mean([column[unit] for unit in large]) for column in columns]
        return np.column_stack([np.clip(each, *np.percentile(each[large], [1, 99])) for each in centred])

    predictors, targets = [], []
    for year in range(2017, 2024 - horizon + 1):
        measured = history.flows["new_ehc_plans"]
        used = [unit for unit in large if not np.isnan(measured.at(year)[unit] + measured.at(year + horizon)[unit])]
        grown = own[:, year + horizon - 2016] - own[:, year - 2016]
        grown = grown[used] - grown[used].mean()
        predictors += drawn(year)[used].tolist()
        targets += np.clip(grown, *np.percentile(grown, [1, 99])).tolist()
    coefficients = np.linalg.lstsq(np.array(predictors), np.array(targets), rcond=None)[0]
    expected = levels.level(history.flows["new_ehc_plans"], horizon) + drawn(2024) @ coefficients

    np.testing.assert_allclose(levels.level_pull(history, "new_ehc_plans", horizon), expected, rtol=1e-9)


def test_level_pull_needs_no_flow_of_other_years(sixty):
    """Requests held for fewer years than new plans are left out, and not read a year askew."""
    late = sixty[~(sixty["measure"].eq("requests_received") & sixty["period"].lt("2019"))]
    without = sixty[sixty["measure"].ne("requests_received")]

    actual, expected = (opened(values, 60, "new_plans") for values in (late, without))

    assert "LEVEL-PULL" == actual.forecast(code(1), 1).model
    np.testing.assert_array_equal(actual.track.points(2024, 1).log, expected.track.points(2024, 1).log)


# ---- Ranges ----------------------------------------------------------------------------------------------------------


def test_scale_by_hand():
    """A strays by .02 and B by -.02 from their mean each year; a third strays not at all and is half everybody."""
    growth = np.array([[0.12, 0.12], [0.08, 0.08], [0.10, 0.10], [np.nan, np.nan]])
    everybody = (0.02**2 + 0.02**2 + 0) / 3

    actual = conformal.scale(growth, np.array([True, True, True, False]))

    expected = np.sqrt(0.5 * np.array([0.0004, 0.0004, 0, everybody]) + 0.5 * everybody)
    np.testing.assert_allclose(actual, expected)


def test_scale_looks_six_years_back():
    """What an authority did long ago says little of how it moves now."""
    growth = np.zeros((2, 7)) + [[0.1], [0.0]]
    wild = growth.copy()
    wild[0, 0] = 5.0

    np.testing.assert_array_equal(*(conformal.scale(each, np.array([True, True])) for each in (growth, wild)))


def test_nothing_known_gives_no_scale():
    """A range of no width would be a promise; with no growth at all there is no range."""
    assert np.isnan(conformal.scale(np.empty((3, 0)), np.ones(3, dtype=bool))).all()
    assert np.isnan(conformal.scale(np.zeros((3, 4)), np.ones(3, dtype=bool))).all()


errors_by_year = st.lists(arrays(float, st.integers(1, 30), elements=st.floats(0, 20)), min_size=1, max_size=5)


@given(errors_by_year, st.floats(1, 4))
def test_ranges_are_symmetric_and_never_move_the_point(errors, wider):
    """The median is the point; as much above as below; no quantile under a lower one; 95% no narrower than 80%."""
    offsets = conformal.offsets(conformal.half_widths(errors, wider=wider), np.array([0.05, 2.0]))

    assert [0, 0] == offsets[:, MEDIAN].tolist()
    np.testing.assert_allclose(offsets, -offsets[:, ::-1], atol=1e-12)
    assert (np.diff(offsets, axis=1) >= 0).all()
    low, high = LEVELS.index(0.1), LEVELS.index(0.9)
    assert (offsets[:, -1] - offsets[:, 0] >= offsets[:, high] - offsets[:, low]).all()


def test_half_widths_are_quantiles_of_all_past_errors():
    """Eleven errors, 0 to 10, from two years: eight in ten lie under 8; a wider range is wider everywhere."""
    errors = [np.arange(6.0), np.arange(6.0, 11.0)]

    actual = conformal.half_widths(errors)

    assert (8.0, 9.5, 0.0) == pytest.approx((actual[LEVELS.index(0.9)], actual[-1], actual[MEDIAN]))
    np.testing.assert_allclose(1.5 * actual, conformal.half_widths(errors, wider=1.5))


def test_longer_horizons_are_wider_by_a_known_law():
    """Half the variance of a year's error lasts, half is new: (h + h squared) / 2 times that of one year."""
    assert 1 == conformal.stretch(2, 2)
    assert np.sqrt(3) == pytest.approx(conformal.stretch(2, 1))
    assert np.sqrt(2) == pytest.approx(conformal.stretch(3, 2))
    one, two = conformal.normal_widths(1), conformal.normal_widths(2)
    assert (1.2816, 1.9600) == pytest.approx((one[LEVELS.index(0.9)], one[-1]), abs=1e-4)
    np.testing.assert_allclose(np.sqrt(3) * one, two)


def test_no_target_year_over_gives_a_normal_range_and_says_so(annual):
    """From the first origin there is no past error of the model: no target year stands behind the range."""
    track = annual["ehc_plans"].track

    offsets, years = track.offsets(track.first, 1)

    assert 0 == years
    np.testing.assert_allclose(offsets, conformal.offsets(conformal.normal_widths(1), track.scales(track.first)))


def test_a_horizon_without_errors_borrows_from_a_shorter_one(annual):
    """One year after the first origin, errors one year ahead are over and errors of two are not."""
    track = annual["ehc_plans"].track
    one, years = track.offsets(track.first + 1, 1)

    two, behind = track.offsets(track.first + 1, 2)

    assert (1, 1) == (years, behind)
    np.testing.assert_allclose(np.sqrt(3) * one, two)


def test_ranges_are_the_quantiles_of_past_errors(annual):
    """The range of Kent three years ahead, worked out again from every origin whose target was over by 2024."""
    track = annual["ehc_plans"].track
    errors = []
    for origin in range(track.first, 2024 - 3 + 1):
        gap = np.abs(track.at(origin + 3) - track.points(origin, 3).log) / track.scales(origin)
        errors += gap[annual["ehc_plans"].known(origin).large].tolist()
    width = np.quantile(errors, 0.8) * track.scales(2024)[track.codes.index(KENT)]

    low, high = annual["ehc_plans"].made_in(KENT, 2024, 3)[-1].range(80)

    point = annual["ehc_plans"].made_in(KENT, 2024, 3)[-1].point
    assert (point * np.exp(-width), point * np.exp(width)) == pytest.approx((low, high))


# ---- A series alone --------------------------------------------------------------------------------------------------

TWELVE = np.array([500, 520, 560, 590, 640, 700, 720, 790, 850, 940, 990, 1_080], dtype=float)


def test_eight_points_or_more_have_a_state_space_trend():
    """The very numbers that statsmodels gives when it is called plainly."""
    from scipy.stats import norm
    from statsmodels.tsa.statespace.structural import UnobservedComponents

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ahead = UnobservedComponents(np.log(TWELVE), "lltrend").fit(disp=0).get_forecast(3)
    expected = ahead.predicted_mean[-1] + ahead.se_mean[-1] * norm.ppf(LEVELS)

    actual, model, why = lone.lone_trend(TWELVE, 3)

    np.testing.assert_allclose(actual, expected)
    assert ("UCM", True) == (model, "its own trend" in why)


def test_a_short_series_has_a_drift_by_hand():
    """Growth .1, .2, .3 in logs: .2 a year, sd .1; one year ahead sd x sqrt(1 + 1/3), Student's t with 2, x 1.5."""
    from scipy.stats import t

    series = 100 * np.exp([0, 0.1, 0.3, 0.6])
    spread = 1.5 * 0.1 * np.sqrt(1 + 1 / 3)

    actual, model, why = lone.lone_trend(series, 1)

    np.testing.assert_allclose(actual, np.log(100) + 0.8 + spread * t.ppf(LEVELS, 2))
    assert ("DRIFT", True) == (model, "too few years" in why)
    assert actual[MEDIAN] == pytest.approx(np.log(100) + 0.8)


@pytest.mark.parametrize("series", ([], [100.0], [100.0, 110, 121], [500.0] * 12, [1.0, 2, 4, 8, 16]))
def test_too_short_or_still_has_no_forecast(series):
    """Three figures tell no spread, and a series that never strays tells a range of no width."""
    assert lone.lone_trend(np.array(series), 1) is None


@settings(max_examples=12, deadline=None)
@given(arrays(float, st.integers(4, 12), elements=st.floats(1, 1e5)), st.integers(1, 5))
def test_no_warning_of_a_library_escapes(series, horizon):
    """Whatever the series, a reader sees numbers or a reason and never a ConvergenceWarning."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        actual = lone.lone_trend(series, horizon)

    assert actual is None or (np.isfinite(actual[0]).all() and (np.diff(actual[0]) > 0).all() and actual[2])


@pytest.mark.parametrize("how", ("flag", "warning", "error"))
def test_a_fit_that_does_not_converge_is_not_used_and_said(monkeypatch, how):
    """The optimiser may say so by its flag, by a warning or by an error; the drift takes its place by name."""
    from statsmodels.tools.sm_exceptions import ConvergenceWarning
    from statsmodels.tsa.statespace.structural import UnobservedComponents

    fit = UnobservedComponents.fit

    def unsettled(self, **kwargs):
        if how == "error":
            raise np.linalg.LinAlgError("Singular matrix")
        result = fit(self, **kwargs)
        if how == "warning":
            warnings.warn("Maximum Likelihood optimization failed to converge.", ConvergenceWarning, stacklevel=1)
        result.mle_retvals["converged"] = how == "warning"
        return result

    monkeypatch.setattr(UnobservedComponents, "fit", unsettled)

    _, model, why = lone.lone_trend(TWELVE, 1)

    assert ("DRIFT", True) == (model, "did not settle" in why)


# ---- What runs, and why ----------------------------------------------------------------------------------------------


def subset(panel, count: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The committed panel of the first so many authorities of today that never changed."""
    local = panel.areas[panel.areas["level"].eq("local authority") & panel.areas["closed"].eq("")]
    kept = local[local["opened"].lt("2010")]["area_code"].sort_values().head(count)
    wanted = [*kept, *panel.areas.loc[panel.areas["level"].ne("local authority"), "area_code"]]
    return (panel.values[panel.values["area_code"].isin(wanted)], panel.areas[panel.areas["area_code"].isin(wanted)])


def test_fewer_than_fifty_authorities_have_eb_and_its_reason(panel):
    """A regression on thirty authorities would be noise; what runs instead stands in the result."""
    values, areas = subset(panel, 30)

    actual = open_annual(values, areas, "ehc_plans").forecast("E06000005", 3)

    assert ["EB", "EB", "EB+COHORT"] == [step.model for step in actual.steps]
    assert actual.reason.startswith("EB: too little is known for the pooled model")
    assert 0 < actual.steps[0].target_years


@pytest.mark.parametrize(("first", "model"), ((2012, "UCM"), (2020, "DRIFT")))
def test_fewer_than_twenty_stand_alone_and_say_so(panel, first, model):
    """Ten authorities teach nothing: each has its own trend, its own range, and no panel's record beside it."""
    values, areas = subset(panel, 10)
    values = values[values["period"].str[:4].astype(int).ge(first)]

    actual = open_annual(values, areas, "ehc_plans").forecast("E06000005", 2)

    assert ({model}, {0}) == ({step.model for step in actual.steps}, {step.target_years for step in actual.steps})
    assert "too few authorities" in actual.reason
    assert ((), ()) == (actual.record.own, actual.record.panel)
    assert actual.steps[0].point == actual.steps[0].quantile(0.5)


def test_three_years_of_one_authority_are_refused(panel):
    """Too little for any model: no number, and what would help."""
    values, areas = subset(panel, 10)

    actual = open_annual(values[values["period"].str[:4].ge("2023")], areas, "ehc_plans").forecast("E06000005", 1)

    assert not actual.known
    assert "Too few years" in actual.refusal
    assert "Expected at least" in actual.refusal


@pytest.mark.parametrize("measure", ("sen_support", "requests"))
def test_one_year_of_a_panel_is_refused(panel, measure):
    """From one year no range can be told; a range of no width was printed once."""
    year = "2016"
    values = panel.values[panel.values["period"].str[:4].le(year) | panel.values["period"].eq("2017")]
    values = values[~(values["period"].eq("2017") & values["measure"].ne("ehc_plans"))]

    annual = open_annual(values, panel.areas, measure)

    assert {False} == {each.known for each in annual.forecast_all(2)}
    assert "Too few years" in annual.forecast(KENT, 1).refusal
    assert not england(annual, 1).known


def test_newham_is_refused(annual):
    """2,705 plans, then 1,199, with new plans going on: a change of recording, not of need."""
    actual = annual["ehc_plans"].forecast(NEWHAM, 3)

    assert (False, ()) == (actual.known, actual.steps)
    assert "The figure for Jan 2025 is far below the one held before it" in actual.refusal
    assert "change of recording" in actual.refusal


def test_nottingham_is_warned(annual):
    """1,371, 2,115, 1,909: the jump is two years old, so there is a forecast, and a warning."""
    actual = annual["ehc_plans"].forecast(NOTTINGHAM, 1)

    assert actual.known
    assert ["A change of more than a quarter within the last three years"] == [each[:59] for each in actual.warnings]


def test_st_helens_is_warned_and_not_refused(annual):
    """Its plans rose by more than a third, and its new plans explain it."""
    actual = annual["ehc_plans"].forecast(ST_HELENS, 1)

    assert actual.known
    assert ["New plans explain so large a change" in each for each in actual.warnings] == [True]


def test_west_northamptonshire_is_shared_out_of_its_unit(annual):
    """Two authorities of one unit: their points sum to the unit's, and both are told so."""
    for measure in ("ehc_plans", "requests", "new_plans"):
        each = annual[measure]
        parts = [each.forecast(code, 3) for code in (WEST_NORTHAMPTONSHIRE, "E06000061")]
        unit = each.matrix.codes.index("E10000021")
        for ahead in (1, 2, 3):
            whole = np.exp(each.track.points(each.origin, ahead).log[unit])
            assert whole == pytest.approx(sum(part.steps[ahead - 1].point for part in parts))
        assert all(any("boundary changed" in warning for warning in part.warnings) for part in parts)


def test_scilly_is_warned_of_its_size_and_refused_where_it_is_too_small(annual):
    """Seventeen plans can be carried on with a word of caution; one request tells nothing."""
    plans, asked = (annual[name].forecast(SCILLY, 3) for name in ("ehc_plans", "requests"))

    assert {"EB"} == {step.model for step in plans.steps}
    assert "too few plans for the pooled model" in plans.reason
    assert any("one child moves the figure" in warning for warning in plans.warnings)
    assert "fewer than ten requests" in asked.refusal


def test_isle_of_wights_requests_start_from_its_usual_share(annual):
    """74 requests after hundreds: set aside by rule, told to the reader, never the start of the forecast."""
    actual = annual["requests"].forecast(ISLE_OF_WIGHT, 1)

    assert 74 == actual.latest
    assert actual.steps[0].point > 400
    assert any("The figure for 2024 is far from the authority's usual share" in warning for warning in actual.warnings)


def test_every_authority_has_a_forecast_or_a_reason(annual):
    """153 authorities, five measures: nothing in between, no NaN, rising quantiles, known models."""
    for name, each in annual.items():
        made = each.forecast_all(3)
        assert 153 == len(made), name
        for one in made:
            assert_sound(one)


def assert_sound(one) -> None:
    """A forecast has numbers, a range and a reason; a refusal has its reason and nothing else."""
    if not one.known:
        assert one.refusal and not one.rows()
        return
    numbers = np.array([[step.point, *step.quantiles] for step in one.steps])
    assert np.isfinite(numbers).all()
    assert (numbers > 0).all()
    assert (np.diff(numbers[:, 1:], axis=1) >= 0).all()
    assert (numbers[:, -1] > numbers[:, 1]).all()
    assert one.reason.startswith(f"{one.model}: ") and one.reason.endswith(".")
    assert not one.refusal


def test_reasons_are_those_of_the_models_that_ran(annual):
    """Three years ahead two models ran; both reasons stand in the result."""
    actual = annual["ehc_plans"].forecast(KENT, 3)

    assert ["POOL", "POOL", "POOL+COHORT"] == [step.model for step in actual.steps]
    assert f"POOL: {choice.REASONS['POOL']}; {choice.REASONS['POOL+COHORT']}." == actual.reason
    assert (("2010", "2025"), "2025", 20_635) == (actual.training, actual.origin, actual.latest)
    assert [7, 6, 5] == [step.target_years for step in actual.steps]


# ---- Bad input -------------------------------------------------------------------------------------------------------


def test_an_authority_formed_after_the_last_january_is_refused(sixty):
    """It has no figure to start from; the reason says so."""
    areas = pd.concat(
        [
            world.areas(60),
            pd.DataFrame(
                [[code(61), "061", "New", "local authority", world.REGION, "2025-04-01", "", ""]],
                columns=world.AREA_COLUMNS,
            ),
        ]
    )

    for measure in ("ehc_plans", "requests"):
        actual = open_annual(sixty, areas, measure).forecast(code(61), 2)
        assert "may have been formed after the last one" in actual.refusal


def test_x_in_the_last_year_of_plans_is_refused(sixty):
    """The forecast starts from the last figure; another year's is not silently taken for it."""
    values = sixty.copy()
    values.loc[cell(values, 1, "ehc_plans", 2025), "value"] = np.nan
    values.loc[cell(values, 1, "ehc_plans", 2025), "status"] = "x"

    annual = opened(values, 60)

    assert "There is no figure for Jan 2025" in annual.forecast(code(1), 1).refusal
    assert annual.forecast(code(2), 1).known
    assert ("The sum leaves out Authority 1: no last figure is held.",) == england(annual, 1).warnings


def test_x_in_the_last_year_of_a_flow_is_told(sixty):
    """A flow starts from its usual share of England where the last figure is missing, and says so."""
    values = sixty.copy()
    values.loc[cell(values, 1, "requests_received", 2024), "value"] = np.nan

    actual = opened(values, 60, "requests").forecast(code(1), 1)

    assert actual.known and np.isnan(actual.latest)
    assert any("There is no figure for 2024" in warning for warning in actual.warnings)


@pytest.mark.parametrize(("before", "last"), (([500, 540, 580], 0), ([500, 540, None], 0), ([500, 540, 580], 60)))
def test_a_large_authority_that_falls_to_nothing_is_refused(sixty, before, last):
    """Nothing after 580 is no small authority: it is a return that failed."""
    values = sixty.copy()
    values.loc[cell(values, 1, "ehc_plans") & values["period"].ge("2022"), "value"] = np.array(
        [*before, last], dtype=float
    )

    actual = opened(values, 60).forecast(code(1), 1)

    assert "The figure for Jan 2025 is far below the one held before it" in actual.refusal


def test_a_year_without_requests_is_no_silent_matter(sixty):
    """Requests of the last year not published: POOL looks at new plans alone, and says so."""
    values = sixty[~(sixty["measure"].eq("requests_received") & sixty["period"].eq("2024"))]

    actual = opened(values, 60).forecast(code(1), 1)

    assert "POOL" == actual.model
    assert "growth and new plans tell more" in actual.reason
    assert "requests of the last year are not held" in actual.reason
    assert "2023" == opened(values, 60, "requests").forecast(code(1), 1).origin


def test_a_panel_without_requests_has_no_requests(sixty):
    """Nothing to forecast requests from; plans go on without them."""
    values = sixty[sixty["measure"].ne("requests_received")]

    assert opened(values, 60, "requests") is None
    assert "requests of the last year are not held" in opened(values, 60).forecast(code(1), 1).reason


def test_a_panel_without_flows_has_eb(sixty):
    """Without new plans and requests there is no pooled model."""
    actual = opened(sixty[sixty["measure"].eq("ehc_plans")], 60).forecast(code(1), 1)

    assert ("EB", True) == (actual.model, "too little is known for the pooled model" in actual.reason)


def test_a_panel_without_plans_has_no_counts(sixty):
    """No authority has plans: there is nothing that flows could stand beside, and percentages go on."""
    values = sixty[sixty["measure"].ne("ehc_plans")]
    symbols = sixty.assign(value=sixty["value"].mask(sixty["measure"].eq("ehc_plans")))

    for held in (values, symbols):
        assert [None] * 3 == [opened(held, 60, name) for name in ("ehc_plans", "requests", "new_plans")]
        assert opened(held, 60, "sen_support").forecast(code(1), 1).known


def test_flows_of_an_authority_without_plans(sixty):
    """Requests and no plans: a forecast or a reason, and no fault of a look-up."""
    values = sixty[~cell(sixty, 1, "ehc_plans")]

    assert_sound(opened(values, 60, "requests").forecast(code(1), 1))
    assert "may have been formed after" in opened(values, 60).forecast(code(1), 1).refusal


def test_one_misreport_long_ago_does_not_stop_england(sixty):
    """A figure twenty times too small in one January is a slip of a hand, not a size of error."""
    values = sixty.copy()
    values.loc[cell(values, 1, "ehc_plans", 2022), "value"] /= 50

    actual, expected = (england(opened(each, 60), 1) for each in (values, sixty))

    assert actual.known
    assert expected.steps[0].point == pytest.approx(actual.steps[0].point, rel=0.02)


def test_england_is_refused_where_it_is_no_sum(annual, panel):
    """A percentage is no sum; ten authorities are not England; each refusal has its own reason."""
    values, areas = subset(panel, 10)

    assert "not the sum of authorities'" in england(annual["sen_support"], 1).refusal
    assert "Too few authorities" in england(open_annual(values, areas, "ehc_plans"), 1).refusal
    assert "Too few past forecasts" in england(annual["requests"], 1, origin=2018).refusal


def test_england_is_the_sum_of_all_authorities(annual):
    """The point is the sum of the units' points; the range is narrower than one that added up theirs."""
    track = annual["ehc_plans"].track
    actual = england(annual["ehc_plans"], 3)

    for step in actual.steps:
        assert np.exp(track.points(2025, step.horizon).log).sum() == pytest.approx(step.point)
        ends = track.quantiles(2025, step.horizon)[0].sum(axis=0)
        low, high = step.range(80)
        assert ends[LEVELS.index(0.1)] < low < step.point < high < ends[LEVELS.index(0.9)]
    assert (638_745, ()) == (actual.latest, actual.warnings)


FAULTS = ("blank", "not applicable", "zero", "drop", "times", "flat")


@settings(max_examples=20, deadline=None, derandomize=True)
@given(
    count=st.sampled_from((3, 25, 60)),
    faults=st.lists(
        st.tuples(
            st.sampled_from(FAULTS),
            st.sampled_from(("", "ehc_plans", "new_ehc_plans", "requests_received", "sen_support_pupils_pct")),
            st.sampled_from(("", *map(str, range(2016, 2026)))),
            st.integers(0, 3),
            st.sampled_from((0.1, 0.5, 1.0)),
        ),
        min_size=1,
        max_size=4,
    ),
    measure=st.sampled_from(("ehc_plans", "requests", "new_plans", "sen_support")),
    seed=st.integers(0, 1_000),
)
def test_no_fault_of_the_figures_is_a_fault_of_the_program(count, faults, measure, seed):
    """Cells blanked, zeroed, dropped, multiplied, copied: a sound forecast or a reason, and never a warning."""
    values = WORLDS[count].copy()
    rng = np.random.default_rng(seed)
    for fault, name, year, at, part in faults:
        hit = values["measure"].eq(name) if name else values["value"].notna()
        hit &= values["period"].eq(year) if year else True
        hit &= values["area_code"].eq(code(at)) if at else True
        hit &= rng.random(len(values)) < part
        values = damaged(values, hit, fault)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        annual = opened(values, count, measure)
        if annual is not None:
            for at in (1, 2, 3):
                assert_sound(annual.forecast(code(at), 3))
            assert_sound(england(annual, 2, origin=annual.origin))


WORLDS = {count: world.values(count, first=2016, flows_from=2017) for count in (3, 25, 60)}


def damaged(values: pd.DataFrame, hit: pd.Series, fault: str) -> pd.DataFrame:
    """The panel with one kind of fault in some of its cells."""
    if fault == "drop":
        return values[~hit]
    if fault in ("blank", "not applicable"):
        status = "x" if fault == "blank" else "z"
        return values.assign(value=values["value"].mask(hit), status=values["status"].mask(hit, status))
    figures = {"zero": 0.0, "times": 20 * values["value"], "flat": 500.0}[fault]
    return values.assign(value=values["value"].mask(hit, figures))


# ---- Track record ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("origin", (2019, 2023))
def test_kents_past_forecasts_are_those_that_were_possible_then(panel, annual, origin):
    """The record is worked out again from a panel that ends at the origin."""
    then = open_annual(panel.values[~later(panel.values, origin)], panel.areas, "ehc_plans").forecast(KENT, 2)
    actual = {(past.origin, past.horizon): past for past in annual["ehc_plans"].forecast(KENT, 2).record.own}
    published = panel.values[
        panel.values["area_code"].eq(KENT)
        & panel.values["measure"].eq("ehc_plans")
        & panel.values["breakdown"].eq("Total")
    ].set_index("period")["value"]

    for step in then.steps:
        past = actual[str(origin), step.horizon]
        assert (step.period, step.model, step.point) == (past.period, past.model, past.point)
        assert (*step.range(80), *step.range(95)) == (past.lower80, past.upper80, past.lower95, past.upper95)
        assert published[step.period] == past.actual


def test_a_record_has_every_origin_once(annual):
    """Seven origins one year ahead, six two years ahead: none left out because it went badly."""
    own = annual["ehc_plans"].forecast(KENT, 2).record.own

    expected = [(str(origin), ahead) for origin in range(2018, 2025) for ahead in (1, 2) if origin + ahead <= 2025]
    assert expected == [(past.origin, past.horizon) for past in own]


def test_panel_scores_are_those_of_all_authorities(annual):
    """Error and coverage one year ahead over 148 authorities, counted again one by one."""
    each = annual["ehc_plans"]
    errors, in80, in95, sizes = [], [], [], []
    for origin in range(2018, 2025):
        counted = 0
        for unit in np.flatnonzero(each.known(origin).large):
            actual = each.matrix.at(origin + 1)[unit]
            values = each.track.quantiles(origin, 1)[0][unit]
            point = np.exp(each.track.points(origin, 1).log[unit])
            errors.append(100 * abs(point - actual) / actual)
            in80.append(values[LEVELS.index(0.1)] <= actual <= values[LEVELS.index(0.9)])
            in95.append(values[0] <= actual <= values[-1])
            counted += 1
        sizes.append(counted)

    record = each.forecast(KENT, 1).record
    whole, years = record.of(1), [score for score in record.panel if score.period]

    assert (7, max(sizes)) == (whole.years, whole.authorities)
    expected = (np.mean(errors), 100 * np.mean(in80), 100 * np.mean(in95))
    assert expected == pytest.approx((whole.error, whole.cover80, whole.cover95))
    assert sizes == [score.authorities for score in years]
    assert [str(year) for year in range(2019, 2026)] == [score.period for score in years]


def test_errors_of_percentages_are_points(annual):
    """An error of .4 points on 14% is no error of .4%."""
    each = annual["sen_support"]
    actual = each.matrix.at(2025)
    error = np.abs(np.exp(each.track.points(2024, 1).log) - actual)

    scores = [score for score in each.forecast(KENT, 1).record.panel if score.period == "2025"]

    assert np.nanmean(error[~np.isnan(each.matrix.at(2024))]) == pytest.approx(scores[0].error)


def test_forecasts_made_then_are_asked_for_by_origin(annual):
    """A report shows what was forecast in 2022 beside what came; before the first figures there was nothing."""
    each = annual["ehc_plans"]

    assert ["2023", "2024", "2025"] == [step.period for step in each.made_in(KENT, 2022, 3)]
    assert [] == each.made_in(KENT, 1999, 3)
    assert [] == each.made_in(WEST_NORTHAMPTONSHIRE, 2015, 1)


def test_carried_agrees_with_its_slow_reference(history):
    """The fill that every regression rests on, one unit and one year at a time."""
    for flow in history.flows.values():
        np.testing.assert_allclose(carried(flow, 2024), slow_filled(flow))


def test_refusals_are_instructions():
    """Where, what was found, what to do: a refusal that only says no helps nobody."""
    assert "Import" in doubts.too_short("EHC plans")
