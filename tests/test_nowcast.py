"""The nowcast of timeliness: equal to independent estimators, true where the truth is known, honest where it is not."""

import warnings
from datetime import date, timedelta
from math import isnan

import numpy as np
import pandas as pd
import pytest
from benchmarks.worlds import queue as world
from statsmodels.duration.survfunc import CumIncidenceRight, SurvfuncRight

from highneeds.errors import ParamsError
from highneeds.measures.incidence import cumulative_incidence
from highneeds.measures.journeys import ENDS, EXPORTED, ISSUED, NOT_ISSUED, OPEN, REFUSED, WITHDRAWN, journeys
from highneeds.models.queue.nowcast import PACE, PLANS, REQUESTS, nowcast
from highneeds.models.queue.period_incidence import (
    OTHER_END,
    PLAN,
    STILL_OPEN,
    Exposure,
    exposure,
    gradient,
    period_curve,
    variance,
)
from tests.random_cases import EXTRACT, random_cases

DAY = date(2025, 6, 30)


def frame(rows):
    """Journeys from (days before DAY received, how it ended, days after receipt it ended)."""
    ago, ends, after = (list(column) for column in zip(*rows, strict=True))
    received = pd.Series(pd.Timestamp(DAY) - pd.to_timedelta(ago, unit="D")).astype("datetime64[us]")
    ended = received + pd.to_timedelta(pd.Series(after, dtype=float), unit="D")
    ended_by = pd.Series(pd.Categorical(ends, categories=list(ENDS)))
    nothing = pd.Series(pd.NaT, index=received.index, dtype="datetime64[us]")
    return pd.DataFrame(
        {
            "received_date": received,
            "ended_by": ended_by,
            "ended_date": ended,
            "issued_date": ended.where(ended_by.eq(ISSUED)),
            "request_outcome_date": nothing,
            "assessment_outcome_date": nothing,
            "closed_date": nothing,
            "days_to_decision": np.nan,
            "historical": False,
        }
    )


def spans(seed, size, kinds):
    """Random times at risk, with ties."""
    rng = np.random.default_rng(seed)
    entry = rng.integers(0, 60, size) - 1
    return entry, np.maximum(entry + 1, rng.integers(0, 160, size)), rng.integers(0, kinds, size)


def steady(seed, *, days=900, a_day=4.0, late=0.3, not_issued=0.0):
    """A world whose pace never changes: 40% refused at 5 weeks, plans at 15 to 19 weeks or, `late`, at 25 to 40.

    not_issued: share of requests that end in the twentieth week with a decision not to issue a plan.
    """
    rng = np.random.default_rng(seed)
    received = np.repeat(np.arange(days), rng.poisson(a_day, days))
    size = len(received)
    slow, draw = rng.random(size) < late, rng.random(size)
    after = np.where(slow, rng.integers(175, 281, size), rng.integers(105, 134, size))
    kind = np.where(draw < 0.4, REFUSED, np.where(draw < 0.4 + not_issued, NOT_ISSUED, ISSUED))
    after = np.where(kind == REFUSED, rng.integers(28, 43, size), after)
    after = np.where(kind == NOT_ISSUED, rng.integers(134, 140, size), after)
    ago = days - 1 - received
    still = after > ago
    return frame(zip(ago, np.where(still, OPEN, kind), np.where(still, np.nan, after), strict=True))


# ---- The estimator ---------------------------------------------------------------------------------------------------


def test_the_curve_is_what_a_hand_computes():
    """Four requests seen from day 0, one from day 2: 1 of 4 refused on day 1, 2 of 4 get a plan on day 3."""
    seen = Exposure(
        entry=np.array([-1, -1, -1, -1, 1]),
        time=np.array([1, 3, 3, 5, 5]),
        kind=np.array([OTHER_END, PLAN, PLAN, STILL_OPEN, PLAN]),
        undated=0,
        left_out=0,
    )

    curve = period_curve(seen, days=6)

    assert [4, 4, 4, 4, 2, 2, 0] == curve.at_risk.tolist()
    assert np.allclose([0, 0, 0, 3 / 8, 3 / 8, 3 / 8 + 3 / 16, 3 / 8 + 3 / 16], curve.shares[:, 0])
    assert np.allclose([0, 1 / 4, 1 / 4, 1 / 4, 1 / 4, 1 / 4, 1 / 4], curve.shares[:, 1])


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_with_one_kind_of_end_it_is_the_kaplan_meier_of_statsmodels(seed):
    """SurvfuncRight knows late entry; value and standard error are the same to 1e-12."""
    entry, time, kind = spans(seed, 400, 2)
    time[0], kind[0] = 200, STILL_OPEN  # somebody stays, so that no standard error divides by nought
    theirs = SurvfuncRight(time, kind, entry=entry)

    ours = period_curve(Exposure(entry, time, kind, 0, 0), days=200)

    errors = [variance(ours, gradient(ours, PLAN, day)) ** 0.5 for day in theirs.surv_times]
    assert np.abs(1 - ours.shares[theirs.surv_times, 0] - theirs.surv_prob).max() < 1e-12
    assert np.abs(np.array(errors) - theirs.surv_prob_se).max() < 1e-12


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_without_late_entry_it_is_the_cumulative_incidence_of_statsmodels(seed):
    """CumIncidenceRight knows competing ends, not late entry; value and standard error are the same to 1e-12."""
    _, time, kind = spans(seed, 400, 3)
    time[0], kind[0] = 200, STILL_OPEN  # somebody stays, so that no standard error divides by nought
    theirs = CumIncidenceRight(time, kind)

    ours = period_curve(Exposure(np.full(400, -1), time, kind, 0, 0), days=200)

    for end in (PLAN, OTHER_END):
        errors = [variance(ours, gradient(ours, end, int(day))) ** 0.5 for day in theirs.times]
        assert np.abs(ours.shares[theirs.times.astype(int), end - 1] - theirs.cinc[end - 1]).max() < 1e-12
        assert np.abs(np.array(errors) - theirs.cinc_se[end - 1]).max() < 1e-12


def test_the_time_at_risk_is_what_a_walk_through_the_calendar_counts():
    """Day by day and request by request: who was open at which age on a day of the window, and who ended."""
    rows = journeys(random_cases(5, size=800), at=EXTRACT)
    first, last = EXTRACT - timedelta(days=69), EXTRACT
    at_risk, plans, others = (np.zeros(400, dtype=int) for _ in range(3))
    for row in rows.to_dict("records"):
        dated = not pd.isna(row["ended_date"])
        if row["historical"] or pd.isna(row["received_date"]) or (not dated and row["ended_by"] != OPEN):
            continue
        end = row["ended_date"].date() if dated else date.max
        if end < row["received_date"].date():
            continue
        for day in (first + timedelta(days=number) for number in range(70)):
            age = (day - row["received_date"].date()).days
            if 0 <= age < 400 and day <= end:
                at_risk[age] += 1
                plans[age] += end == day and row["ended_by"] == ISSUED
                others[age] += end == day and row["ended_by"] != ISSUED
    dated = rows[rows["ended_date"].notna() | rows["ended_by"].eq(OPEN)]

    curve = period_curve(exposure(dated, first=first, last=last), days=399)

    assert at_risk.tolist() == curve.at_risk.tolist()
    assert plans.tolist() == curve.ends[:, 0].tolist()
    assert others.tolist() == curve.ends[:, 1].tolist()


def test_a_window_over_the_whole_history_is_the_curve_of_all_requests():
    """The period estimate and the measure of request cohorts are one estimator, seen through different windows."""
    rows = journeys(random_cases(4, size=2_000), at=EXTRACT)
    measured = cumulative_incidence(rows, EXTRACT, weeks=60)
    expected = measured[measured["period"].eq("all") & measured["measure"].eq(ISSUED)].set_index("week")["value"]

    curve = period_curve(exposure(rows, first=date(2000, 1, 1), last=EXTRACT), days=420)

    assert np.allclose(expected, 100 * curve.shares[7 * np.arange(61), 0], atol=1e-10)


def test_an_earlier_window_does_not_see_what_came_after():
    """The window before is compared with this one; it must be as it would have been computed then."""
    now = steady(3)
    back = pd.Timedelta(days=42)
    ended_later = now["ended_date"].gt(pd.Timestamp(DAY) - back)
    then = now.assign(ended_by=now["ended_by"].mask(ended_later, OPEN), ended_date=now["ended_date"].mask(ended_later))
    then = then[then["received_date"].le(pd.Timestamp(DAY) - back)]
    first, last = DAY - timedelta(days=83), DAY - timedelta(days=42)

    today = period_curve(exposure(now, first=first, last=last), days=400)
    earlier = period_curve(exposure(then, first=first, last=last), days=400)

    assert earlier.at_risk.tolist() == today.at_risk.tolist()
    assert earlier.shares.tolist() == today.shares.tolist()


# ---- The nowcast -----------------------------------------------------------------------------------------------------


def test_in_a_steady_world_both_shares_are_the_true_ones():
    """60% of requests lead to a plan and 70% of plans come in time: 42% of requests."""
    rows = steady(11, a_day=20)

    assert abs(nowcast(rows, DAY, of=PLANS).value - 70) < 3
    assert abs(nowcast(rows, DAY, of=REQUESTS).value - 42) < 3


def test_refusals_before_the_first_plan_make_it_the_period_kaplan_meier():
    """Where nobody leaves after the sixth week, taking refusals out of the risk set gives the same share of plans."""
    rows = steady(12)
    seen = exposure(rows, first=DAY - timedelta(days=41), last=DAY)
    theirs = SurvfuncRight(seen.time, (seen.kind == PLAN).astype(int), entry=seen.entry)
    expected = 100 * (1 - theirs.surv_prob[theirs.surv_times <= 140][-1])

    assert abs(expected - nowcast(rows, DAY).value) < 1e-10


def test_decisions_not_to_issue_do_not_lower_the_share_of_plans():
    """Kaplan-Meier counts the doomed as if they might yet get a plan in time: 28 of 60 instead of 28 of 40."""
    rows = steady(13, a_day=20, not_issued=0.2)
    seen = exposure(rows, first=DAY - timedelta(days=181), last=DAY)
    theirs = SurvfuncRight(seen.time, (seen.kind == PLAN).astype(int), entry=seen.entry)

    kaplan_meier = 100 * (1 - theirs.surv_prob[theirs.surv_times <= 140][-1])

    assert abs(nowcast(rows, DAY, weeks=26).value - 70) < 3
    assert kaplan_meier < 52


def test_the_range_holds_the_truth_as_often_as_it_says():
    """In a world without a change of pace, 8 of 10 and 19 of 20, within what 200 tries can tell."""
    found = [nowcast(steady(seed, days=420, a_day=5), DAY) for seed in range(200)]

    assert 72 <= np.mean([100 * (one.lower80 <= 70 <= one.upper80) for one in found]) <= 88
    assert 90 <= np.mean([100 * (one.lower95 <= 70 <= one.upper95) for one in found]) <= 99


def test_neither_the_order_of_rows_nor_requests_that_ended_before_the_window_matter():
    """What ended before these weeks says nothing of their pace."""
    rows = steady(14)
    ended = rows["ended_date"].lt(pd.Timestamp(DAY) - pd.Timedelta(days=140))

    assert nowcast(rows, DAY) == nowcast(rows.sample(frac=1, random_state=1), DAY)
    assert nowcast(rows, DAY) == nowcast(rows[~ended], DAY)


@pytest.mark.parametrize(("late", "value", "ends"), [(1.0, 0.0, "lower"), (0.0, 100.0, "upper")])
def test_nothing_and_everything_in_time_have_a_range_of_their_own(late, value, ends):
    """No case in time is not proof that none ever will be; the formula for shares between has no answer there."""
    found = nowcast(steady(15, late=late), DAY)

    assert abs(value - found.value) < 1e-9
    assert abs(value - getattr(found, f"{ends}95")) < 1e-9
    assert 0 < abs(found.upper95 - found.lower95) < 10
    assert abs(found.upper80 - found.lower80) < abs(found.upper95 - found.lower95)


def test_the_window_is_the_one_asked_for_where_it_holds_enough():
    """Six weeks to the day, both ends in; the reason says how many plans."""
    found = nowcast(steady(16, a_day=8), DAY)

    assert (date(2025, 5, 20), DAY) == found.window
    assert 6 == found.weeks
    assert f"{found.events} plans were issued in the last 6 weeks; about 100 are needed." == found.reason
    assert PACE in found.warnings


def test_a_quiet_authority_gets_a_longer_window_and_is_told():
    """Never in silence."""
    found = nowcast(steady(17, a_day=1.2), DAY)

    assert 100 <= found.events <= 110
    assert 6 < found.weeks < 26
    assert f"widened from 6 to {found.weeks} weeks" in found.reason


def test_too_few_plans_are_a_refusal_with_its_reason():
    """Half a year of a small authority is not enough; no value is made up."""
    found = nowcast(steady(18, a_day=0.3), DAY)

    assert not found.known
    assert isnan(found.value)
    assert isnan(found.upper95)
    assert found.refusal.startswith(f"{found.events} plans were issued in the last 26 weeks; about 100 are needed.")


def test_data_that_begin_too_late_are_a_refusal():
    """Plans enough, but nobody is old enough to tell what happens before the twentieth week."""
    rows = steady(19, a_day=30)
    young = rows[rows["received_date"].gt(pd.Timestamp(DAY) - pd.Timedelta(days=130))]

    assert "so the curve stops before 20 weeks" in nowcast(young, DAY).refusal


def test_no_requests_are_a_refusal():
    """An empty extract is not an error of the program."""
    rows = steady(19)

    assert nowcast(rows[rows["historical"]], DAY).refusal.startswith("0 plans were issued")


def test_a_change_of_pace_is_said():
    """Half of the plans of the last six weeks were not issued after all: the six weeks before tell another story."""
    rows = steady(20, a_day=10)
    recent = rows["issued_date"].gt(pd.Timestamp(DAY) - pd.Timedelta(days=42)) & (np.arange(len(rows)) % 2 == 0)
    slower = rows.assign(
        ended_by=rows["ended_by"].mask(recent, OPEN),
        ended_date=rows["ended_date"].mask(recent),
        issued_date=rows["issued_date"].mask(recent),
    )

    assert not any("pace is changing" in sentence for sentence in nowcast(rows, DAY).warnings)
    assert any("so work has become slower" in sentence for sentence in nowcast(slower, DAY).warnings)


def test_what_has_no_date_is_counted_and_said():
    """Withdrawals of the return carry no date; a request without a date of receipt cannot be placed."""
    rows = steady(21)
    rows.loc[rows.index[-3:], "ended_by"] = [WITHDRAWN, WITHDRAWN, EXPORTED]
    rows.loc[rows.index[-5:-3], "received_date"] = pd.NaT

    found = nowcast(rows, DAY)

    assert "3 requests ended on a day not recorded; they count on the earliest possible day." in found.warnings
    assert "2 requests without usable dates are left out." in found.warnings


def test_historical_requests_are_left_out():
    """How they were decided is not recorded, so their clock says nothing."""
    rows = steady(22)
    old = rows.tail(50).assign(historical=True)

    assert nowcast(rows, DAY) == nowcast(pd.concat([rows, old], ignore_index=True), DAY)


@pytest.mark.parametrize(
    ("asked", "says"), [({"of": "children"}, "'plans' or 'requests'"), ({"weeks": 0}, "1 to 26"), ({"weeks": 27}, "26")]
)
def test_what_makes_no_sense_is_refused_by_name(asked, says):
    """The message says what was found and what was expected."""
    with pytest.raises(ParamsError, match=says):
        nowcast(steady(23), DAY, **asked)


def test_journeys_of_a_later_day_are_refused():
    """They know what nobody knew on the day."""
    with pytest.raises(ParamsError, match="Expected the state on that day"):
        nowcast(steady(24), DAY - timedelta(days=30))


def test_odd_data_give_no_library_warning():
    """Every oddity a return can hold; nothing may reach the user's screen but our own words."""
    rows = journeys(random_cases(6, size=3_000), at=EXTRACT)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = nowcast(rows, EXTRACT)

    assert found.known
    assert found.lower95 < found.lower80 < found.value < found.upper80 < found.upper95


# ---- The world of the score sheet ------------------------------------------------------------------------------------


def test_the_world_falls_behind_and_recovers_as_described():
    """Oldest first: nothing in time for a year and more; new cases first: nearly all in time while the queue grows."""
    stories = {rule: world.simulate(rule, np.random.default_rng(1)) for rule in world.RULES}
    year = {rule: world.published(story, 2 * 364 - 1, days=364) for rule, story in stories.items()}

    assert year[world.OLDEST_FIRST] < 2 < 40 < year[world.SPLIT_TEAMS] < 75 < 95 < year[world.NEW_FIRST]
    assert all(world.share_on_time(story, 3 * 364, 4 * 364) > 95 for story in stories.values())


def test_the_nowcast_errs_far_less_than_the_published_rate_where_teams_are_split():
    """The row of the score sheet: at most 60% of the error of the last four weeks' published rate."""
    errors = np.concatenate([world._errors(world.SPLIT_TEAMS, np.random.default_rng(seed)) for seed in range(3)])

    nowcast_error, published_error = errors.mean(axis=0)[:2]

    assert nowcast_error <= 0.60 * published_error
