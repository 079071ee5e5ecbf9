"""Monthly counts: sums that hold, gaps that are not zeros, refusals with reasons, and scores on simulated months."""

import warnings
from datetime import date

import numpy as np
import pandas as pd
import pytest
from benchmarks.worlds import monthly as world
from hypothesis import given, settings
from hypothesis import strategies as st

from highneeds.errors import ParamsError, SchemaError
from highneeds.models.forecast import LEVELS, Step
from highneeds.models.monthly import fit as monthly_fit
from highneeds.models.monthly import school_calendar
from highneeds.models.monthly.months import Named, forecast_months
from highneeds.models.monthly.part_month import complete_part_month, cumulative, intensity_cv, surprise
from highneeds.models.monthly.table import following
from highneeds.months import TOTAL

KENT = Named("local_requests", "E10000016", "Kent")


def months(size, first="2022-03"):
    return [following(first, step) for step in range(size)]


def steady(size=36, *, seed=1, **means):
    """Counts that follow the calendar and chance alone."""
    index = months(size)
    expected = np.outer(school_calendar.profile(index), list((means or {"East": 100, "West": 40}).values()))
    names = list(means or {"East": 100, "West": 40})
    return pd.DataFrame(np.random.default_rng(seed).poisson(expected), index=index, columns=names).astype(float)


def forecast(table, **options):
    return forecast_months(table, named=KENT, **({"with_record": False} | options))


def points(made):
    return [step.point for step in made.steps]


def test_a_steady_series_is_continued():
    """Where the truth is the calendar times a level, the forecast is near it in every month, August included."""
    made = forecast(steady(48))["East"]
    truth = 100 * school_calendar.profile([step.period for step in made.steps])

    assert months(12, "2026-03") == [step.period for step in made.steps]
    assert points(made) == pytest.approx(truth, rel=0.15)


def test_the_fit_is_the_ridge_regression_it_claims_to_be(monkeypatch):
    """The dual form is fast and opaque; the slow obvious one has a column for every effect."""
    from scipy.optimize import minimize

    for name, only in {"WANDER": (0.05,), "SHOCK": (0.08,), "STRANGE_ODDS": 1e-15}.items():
        monkeypatch.setattr(monthly_fit, name, only)
    size, ahead = 15, 8
    counts = np.array([30, 25, 28, 31, 40, 12, 28, 35, 36, 30, 33, 29, 38, np.nan, 45])
    month = np.arange(2, 2 + size + ahead) % 12
    offset = np.linspace(-0.1, 0.1, size + ahead)
    at = np.arange(size + ahead) - (size - 1)
    trend = np.where(at <= 6, at, 6 + np.cumsum(0.85 ** np.clip(at - 6, 0, None) * (at > 6))) / 12
    walk = [(at >= step) * 1.0 for step in range(1, ahead + 1)] + [(at < -back) * 1.0 for back in range(size - 1)]
    effects = [
        np.ones(len(at)), 0.10 * trend, *(0.08 * np.eye(12)[month].T), *(0.05 * np.array(walk)), *0.08 * np.eye(len(at))
    ]  # fmt: skip
    columns, known = np.array(effects).T, ~np.isnan(counts)
    level = np.log(counts[known].sum() / np.exp(offset[:size][known]).sum())

    def loss(beta):
        eta = (offset + level + columns @ beta)[:size][known]
        return np.sum(np.exp(eta) - counts[known] * eta) + beta @ beta / 2

    slow = minimize(loss, np.zeros(columns.shape[1]), method="BFGS", options={"gtol": 1e-7}).x
    fit, own_months = monthly_fit.total_fit(counts, offset=offset, month=month)

    assert fit.centre[0] == pytest.approx((offset + level + columns @ slow)[size:], abs=1e-4)
    assert own_months == pytest.approx(0.08 * slow[2:14], abs=1e-4)


@settings(max_examples=25, deadline=None)
@given(
    st.integers(12, 30),
    st.lists(st.lists(st.integers(0, 400), min_size=30, max_size=30), min_size=1, max_size=4),
    st.integers(1, 24),
)
def test_areas_add_up_to_the_total_and_ranges_never_fall(size, columns, horizon):
    """For any counts at all, without a warning of any library: the committee adds the areas up."""
    table = pd.DataFrame({f"area {n}": column[:size] for n, column in enumerate(columns)}, index=months(size))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        made = forecast(table, horizon=horizon)

    areas = [made[area] for area in table if made[area].known]
    if len(areas) == len(table.columns):
        assert np.sum([points(area) for area in areas], axis=0) == pytest.approx(points(made[TOTAL]))
    assert all(list(step.quantiles) == sorted(step.quantiles) for f in made.values() for step in f.steps)
    assert all(f.known != bool(f.refusal) for f in made.values())


def test_a_total_is_surer_than_its_areas():
    """Chance of single areas evens out, so the total's range is narrower for its size; ranges do not add up."""
    made = forecast(steady(36, A=30, B=30, C=30))
    widths = {name: made[name].steps[0].range(80) for name in made}
    total, areas = widths.pop(TOTAL), widths.values()

    assert total[1] - total[0] < sum(high - low for low, high in areas)


def test_the_same_counts_give_the_same_numbers_whatever_the_order_of_areas():
    """A run can be checked by another, and a sorted spreadsheet is the same data."""
    table = steady(24)

    assert forecast(table)["West"].rows() == forecast(table[["West", "East"]])["West"].rows()


def test_a_missing_month_is_not_a_month_without_requests():
    """Read as none it would pull the level down; left out it leaves the forecast where it was."""
    whole, gap, none = steady(24), steady(24), steady(24)
    gap.loc["2023-10"], none.loc["2023-10"] = np.nan, 0
    made = forecast(gap)

    assert points(made[TOTAL]) == pytest.approx(points(forecast(whole)[TOTAL]), rel=0.05)
    assert sum(points(forecast(none)[TOTAL])) < 0.9 * sum(points(made[TOTAL]))
    assert "West: no count for Oct 2023: left out of the fit" in made["West"].warnings[0]


def test_one_areas_gap_keeps_the_other_areas_evidence():
    """A suppressed cell must not cost the authority its month: the total comes from the others' usual share."""
    gap = steady(24)
    gap.loc[["2023-10", "2023-11"], "West"] = np.nan

    assert points(forecast(gap)["East"]) == pytest.approx(points(forecast(steady(24))["East"]), rel=0.05)


def test_months_without_any_count_at_the_end_are_not_history():
    """A table made ready for the year to come has blank rows; the forecast starts after the last count."""
    table = steady(24)
    table = table.reindex([*table.index, "2024-03", "2024-04"])

    assert ("2024-02", "2024-03") == (forecast(table)["East"].origin, forecast(table)["East"].steps[0].period)


@pytest.mark.parametrize(
    ("series", "reason"),
    [
        ([np.nan] * 13 + [20.0] * 11, "Other: 11 complete months; a forecast needs 12"),
        ([1.0, 2.0] * 12, "Other: 1.5 requests a month; below 3 a month"),
        ([0.0] * 24, "Other: no requests in any of 24 months"),
        ([20.0] * 8 + [np.nan] * 8 + [20.0] * 8, "Other: 8 of 24 months are not available, more than a quarter"),
        ([20.0] * 20 + [np.nan] * 4, "Other: no count in the last 3 months"),
    ],
)
def test_an_area_that_cannot_be_forecast_is_refused_with_its_reason(series, reason):
    """The others keep their forecast, and the total says what became of the area."""
    made = forecast(steady(24).assign(Other=series))

    assert made["Other"].refusal.startswith(reason)
    assert (False, True, True) == (made["Other"].known, made["East"].known, made[TOTAL].known)
    assert any(said.startswith("Other has no forecast of its own and is ") for said in made[TOTAL].warnings)


def test_a_small_areas_requests_stay_in_the_total():
    """Refused is not gone: areas and total then differ by what the area brings."""
    made = forecast(steady(36).assign(Other=[1.0, 3.0] * 18))
    rest = np.array(points(made[TOTAL])) - points(made["East"]) - points(made["West"])

    assert 2.0 == pytest.approx(rest.mean(), rel=0.15)


def test_with_too_few_months_nothing_is_forecast():
    """Without each month of the year seen once, season and level cannot be told apart."""
    made = forecast(steady(11))

    assert [False, False, False] == [f.known for f in made.values()]
    assert made[TOTAL].refusal.startswith("Total: 11 complete months")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t.mask(t.index.to_series().eq("2022-05"), -1), "East in 2022-05 is -1"),
        (lambda t: t.assign(West=t["West"] + 0.5), "West in 2022-03 is"),
        (lambda t: t.astype(object).mask(t.index.to_series().eq("2022-04"), "x"), "East in 2022-04 is x"),
        (lambda t: t.drop(index="2022-06"), "2022-07 follows 2022-05. Expected 2022-06"),
        (lambda t: t.iloc[::-1], "follows"),
        (lambda t: t.rename(index={"2022-03": "March 2022"}), "month 'March 2022'"),
        (lambda t: t.rename(index={"2022-03": "2022-13"}), "month '2022-13'"),
        (lambda t: t.assign(Total=t.sum(axis=1)), "a column is called Total"),
        (lambda t: t.set_axis(["East", "East"], axis=1), "area East has 2 columns"),
        (lambda t: t * np.nan, "no month has a count"),
        (lambda t: t.iloc[:0], "the table has no month"),
    ],
)
def test_a_faulty_table_is_an_error_that_says_where(change, message):
    """A wrong cell is not a gap: it is put right in the table, not guessed at."""
    with pytest.raises(SchemaError, match=message):
        forecast(change(steady(24)))


@pytest.mark.parametrize("horizon", [0, 25])
def test_a_horizon_beyond_two_years_is_refused(horizon):
    """Nothing was ever tried further ahead."""
    with pytest.raises(ParamsError, match="expected 1 to 24"):
        forecast(steady(24), horizon=horizon)


def test_the_reason_says_what_ran_and_on_what():
    """A reader must be able to tell this from a straight line without asking."""
    expected = (
        "Count regression with shrunk effects (NBR) on 24 months, all areas (2) fitted together: recent level; the "
        "year's shape from the school calendar, corrected by the authority's own months as far as they are evidence; "
        "a trend held close to none and damped after 6 months. It says what would come if the last months' pattern "
        "continued."
    )

    assert expected == forecast(steady(24))["East"].reason


def test_a_long_history_is_read_for_five_years():
    """What an authority was like before says little of its level now."""
    table = steady(70)
    recent = table.iloc[-60:]

    assert ("2022-03", "2027-12") == (table.index[0], table.index[-1])
    assert ("2023-01", "2027-12") == forecast(table)["East"].training
    assert forecast(recent)["East"].rows() == forecast(table)["East"].rows()


def test_an_authoritys_own_months_are_learnt_slowly():
    """One September at half its usual size moves the next one a little; four of them nearly all the way."""

    def september(years):
        table = steady(12 * years, seed=3)
        table[table.index.str.endswith("-09")] *= 0.5
        made = forecast(table.round())[TOTAL]
        step = next(step for step in made.steps if step.period.endswith("-09"))
        return step.point / (140 * school_calendar.profile([step.period])[0])

    assert 0.5 < september(4) < 0.6 < 0.7 < september(1) < 0.9


def test_other_authorities_months_are_borrowed():
    """Where several others have a low September, an authority with one year of data expects one too."""
    donors = [steady(48, seed=seed) for seed in (5, 6)]
    for donor in donors:
        donor[donor.index.str.endswith("-09")] = (donor[donor.index.str.endswith("-09")] * 0.5).round()
    alone, helped = forecast(steady(12))[TOTAL], forecast(steady(12), donors=donors)[TOTAL]
    at = [step.period for step in alone.steps].index("2023-09")

    assert helped.steps[at].point < 0.9 * alone.steps[at].point
    assert "other authorities' months (2 of them)" in helped.reason


def test_a_donor_of_less_than_a_year_is_an_error():
    """It has no shape of a year to lend."""
    with pytest.raises(SchemaError, match="donor 1: 11 months"):
        forecast(steady(12), donors=[steady(11)])


def test_months_out_of_line_are_said():
    """Half-entered last months look like a fall; an ordinary series is left in peace."""
    fallen = steady(36)
    fallen.iloc[-1] = (fallen.iloc[-1] * 0.3).round()

    assert not any("out" in said or "chance" in said for said in forecast(steady(36))["East"].warnings)
    said = [warning for warning in forecast(fallen)["East"].warnings if "1 chance in 1,000" in warning]
    assert said[0].startswith(f"East: {fallen['East'].iloc[-1]:.0f} requests in Feb 2025, where the months before")


def test_the_record_is_what_would_have_been_forecast_then():
    """Changing everything after an origin changes nothing that was said at it, donors' later months included."""
    table, donor = steady(30), steady(36, seed=9)
    later, other_donor = table.copy(), donor.copy()
    later.iloc[27:] = later.iloc[27:] * 2
    other_donor.iloc[27:] = other_donor.iloc[27:] * 3

    def said(counts, lender):
        own = forecast(counts, donors=[lender], with_record=True)["West"].record.own
        return [(p.origin, p.period, p.point, p.lower80, p.upper95) for p in own]

    assert said(table, donor) == said(later, other_donor)
    assert "2023-02" == min(origin for origin, *_ in said(table, donor))


def test_the_record_holds_what_came():
    """Each row of the past stands beside its month's count."""
    table = steady(30)
    made = forecast(table, with_record=True)

    assert all(table.loc[past.period, "East"] == past.actual for past in made["East"].record.own)
    assert all(table.loc[past.period].sum() == past.actual for past in made[TOTAL].record.own)
    assert 3 + 6 + 9 + 3 * 12 == len(made["East"].record.own)
    assert "own 54 past forecasts" in made["East"].warnings[-1]


def test_a_short_history_has_no_record_and_says_so():
    """A track record nobody has must not look like one."""
    made = forecast(steady(23), with_record=True)["East"]

    assert () == made.record.own
    assert "own past forecasts need two years of months, and fewer are held" in made.warnings[-1]
    assert {0} == {step.target_years for step in made.steps}


def step_of(point, low80, high80):
    """Step whose 80% range is known."""
    levels = [low80 if level < 0.5 else high80 for level in LEVELS]
    return Step("2025-03", 1, point, tuple(map(float, levels)), 0, "NBR")


def test_a_part_month_by_hand():
    """Range 60-100 around 80: k = 80^2 / ((40/2.5631)^2 - 80) = 39.1; 20 at half: 20 + .5(20+k)/(.5+k/80) = 49.9."""
    done = complete_part_month(20, exposure_share=0.5, step=step_of(80.0, 60, 100))

    assert 49.9 == pytest.approx(done.point, abs=0.05)
    assert ("EXPO", "2025-03", 1) == (done.model, done.period, done.horizon)


@given(st.integers(0, 300), st.floats(0, 1), st.floats(5, 200), st.floats(0.05, 0.6))
def test_a_part_month_lies_between_what_came_and_what_both_say(seen, share, mean, cv):
    """Never less than has come; as forecast where it runs to plan; as counted when the month is over."""
    half = 1.2815515655446004 * np.sqrt(mean + (cv * mean) ** 2)
    step = step_of(mean, mean - half, mean + half)
    done = complete_part_month(seen, exposure_share=share, step=step)

    assert cv == pytest.approx(intensity_cv(step))
    assert seen <= done.quantiles[0] <= done.quantiles[-1]
    assert list(done.quantiles) == sorted(done.quantiles)
    pace = seen / share if share else float("inf")
    assert min(mean, pace) - 1e-6 <= done.point - 1e-6 <= max(mean, pace)


@pytest.mark.parametrize(("seen", "share", "expected"), [(0, 0.0, 80.0), (40, 0.5, 80.0), (63, 1.0, 63.0)])
def test_a_part_month_at_its_ends(seen, share, expected):
    """Nothing seen: the forecast; on plan: the forecast; over: the count."""
    assert expected == pytest.approx(complete_part_month(seen, exposure_share=share, step=step_of(80.0, 60, 100)).point)


@pytest.mark.parametrize(("seen", "share"), [(-1, 0.5), (3, 1.2)])
def test_a_part_month_of_impossible_numbers_is_an_error(seen, share):
    """A share above one means the wrong month or day."""
    with pytest.raises(ValueError, match="expected a count and a share"):
        complete_part_month(seen, exposure_share=share, step=step_of(80.0, 60, 100))


@pytest.mark.parametrize(("mean", "shape"), [(0.3, 0.5), (5.0, 2.0), (80.0, 39.0), (400.0, 1e6)])
def test_the_negative_binomial_is_scipys(mean, shape):
    """Written out here so that a forecast does not wait for scipy.stats to load."""
    from scipy.stats import nbinom

    below = cumulative(mean, shape=shape)
    expected = nbinom.cdf(np.arange(len(below) - 1), shape, shape / (shape + mean))

    assert below[:-1] == pytest.approx(expected, abs=1e-6)
    assert 2 * nbinom.sf(int(2 * mean), shape, shape / (shape + mean)) == pytest.approx(
        surprise(int(2 * mean) + 1, mean=mean, variance=mean**2 / shape), abs=1e-6
    )


def test_a_part_month_starts_the_forecast_and_adds_up():
    """The month under way is completed from what has come; it is no history for the months after it."""
    table = steady(25)
    table.iloc[-1] = [30.0, 20.0]
    made = forecast(table, data_to=date(2024, 3, 14))
    first = {name: f.steps[0] for name, f in made.items()}

    assert {"2024-03"} == {step.period for step in first.values()}
    assert {("EXPO", "NBR")} == {(f.steps[0].model, f.steps[1].model) for f in made.values()}
    assert first[TOTAL].point == pytest.approx(first["East"].point + first["West"].point)
    assert points(forecast(table.iloc[:-1])["East"])[1:] == points(made["East"])[1:]
    assert 30 < first["East"].point < points(forecast(table.iloc[:-1])["East"])[0]
    assert any("Mar 2024 is a part month, counted to 14 March 2024" in said for said in made[TOTAL].warnings)


def test_a_month_counted_to_its_end_is_complete():
    """The day of the data after the month's end makes no part month."""
    table = steady(24)

    assert forecast(table)["East"].rows() == forecast(table, data_to=date(2024, 3, 2))["East"].rows()


def test_a_part_month_with_a_missing_area_is_not_used():
    """Its total is unknown, and said to be; the month is forecast like the others."""
    table = steady(25)
    table.iloc[-1] = [30.0, np.nan]
    made = forecast(table, data_to=date(2024, 3, 14))["East"]

    assert "NBR" == made.steps[0].model
    assert any("14 March 2024 was not used: no count for West" in said for said in made.warnings)


def test_data_of_a_day_before_the_last_month_are_an_error():
    """Months after the day of the data cannot have been counted."""
    with pytest.raises(ParamsError, match="the table's last month is 2024-02"):
        forecast(steady(24), data_to=date(2023, 12, 5))


@pytest.mark.parametrize("size", [12, 36])
def test_simulated_months_are_forecast_better_than_last_years(size):
    """Fewer authorities than the score sheet's, so wider bounds: a wrong sign or a lost uncertainty still shows."""
    rows = {row["measure"]: row for row in world._length_rows(world.cells(7, size, authorities=9), size)}

    assert rows[f"monthly CRPS over seasonal naive's, {size} months"]["value"] < 0.9
    assert 70 < rows[f"monthly 80% range holds, {size} months"]["value"] < 90


def test_simulated_part_months_are_completed_better_than_by_either_source():
    """Forecast and exposure together beat the forecast alone and the exposure alone."""
    (wape, _), _ = world._part_scores(7, series=30)
    both, exposure, _, alone, _ = wape[1]

    assert both < min(exposure, alone)


def test_a_world_is_the_same_for_the_same_seed():
    """Peers are run on the same cells by another script."""
    (history, future), (again, _), (other, _) = world.cells(3, 24)[0], world.cells(3, 24)[0], world.cells(4, 24)[0]

    assert ((24, 4), (12, 4)) == (history.shape, future.shape)
    assert history.equals(again)
    assert not history.equals(other)
