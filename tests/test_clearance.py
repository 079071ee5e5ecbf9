"""The clearance of a queue: hand-made weeks, laws that hold for any queue, and agreement with a simulated authority."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from benchmarks.worlds import queue as world
from hypothesis import given, settings
from hypothesis import strategies as st

from highneeds.errors import ParamsError
from highneeds.measures.journeys import OPEN, journeys
from highneeds.measures.local_open import open_cases
from highneeds.measures.local_timeliness import published_20_week
from highneeds.models.queue.clearance import NEW_FIRST, OLDEST_FIRST, ORDERS, SPLIT_TEAMS, QueueInputs, clearance, ramp
from highneeds.models.queue.clearance import capacity_needed as needed
from highneeds.models.queue.inputs import inputs_from
from highneeds.models.queue.weekly_queue import run
from tests.random_cases import EXTRACT, random_cases

# Kent-like: 78 requests a week, 62% of them to a plan, and 40 weeks' worth of cases waiting.
BACKLOG = QueueInputs(
    queue=(78,) * 6 + (48,) * 14 + (30,) * 20,
    intake=78,
    share=0.62,
    capacity=65,
    past_issued=(35,) * 52,
    past_on_time=(28,) * 52,
)


def once(inputs, weeks=60):
    """One run of expected numbers."""
    return run(inputs, intake=np.full((1, weeks), inputs.intake), capacity=inputs.capacities(weeks)[None, :])


queues = st.builds(
    QueueInputs,
    queue=st.lists(st.floats(0, 90), min_size=1, max_size=50).map(tuple),
    intake=st.floats(0, 100),
    share=st.floats(0.05, 1),
    capacity=st.lists(st.floats(0, 120), min_size=1, max_size=30).map(tuple),
    order=st.sampled_from(ORDERS),
    backlog_share=st.floats(0, 1),
    leaves=st.sampled_from([{6: 1.0}, {0: 0.2, 5: 0.5, 30: 0.3}, {1: 1.0}]),
    ready=st.sampled_from([{16: 1.0}, {0: 1.0}, {14: 0.9, 26: 0.1}]),
)


# ---- By hand ---------------------------------------------------------------------------------------------------------


def test_three_weeks_by_hand():
    """6 overdue, 4 due this week, 2 requests a week that can be issued at once, 5 plans a week, oldest first."""
    queue = (0.0,) * 19 + (4.0, 6.0)  # the last has waited 20 weeks: its limit is past
    inputs = QueueInputs(queue=queue, intake=2, share=1, capacity=5, ready={0: 1.0})

    done = once(inputs, weeks=3)

    assert [12 - 2, 10 + 2 - 5, 7 + 2 - 5, 4 + 2 - 5] == done.open[0].tolist()
    assert [6, 1 + 4, 0, 0] == done.overdue[0].tolist()
    assert [0, 0, 0, 5] == done.on_time[0].tolist()
    assert [20, 21, 1, 0] == done.longest_wait[0].tolist()


def test_the_limit_week_is_in_time_and_the_week_after_is_late():
    """A request of 19 complete weeks has its limit in the coming week; with new cases first it is kept."""
    queue = (0.0,) * 19 + (4.0, 6.0)
    inputs = QueueInputs(queue=queue, intake=0, share=1, capacity=5, order=NEW_FIRST, ready={0: 1.0})

    done = once(inputs, weeks=2)

    assert [0, 4, 0] == done.on_time[0].tolist()
    assert [0, 5, 5] == done.issued[0].tolist()


def test_requests_without_a_plan_leave_at_their_week():
    """Of 10 requests a week 6 lead to no plan; they leave in the second week after the one they came in."""
    inputs = QueueInputs(queue=(0,), intake=10, share=0.4, capacity=0, leaves={2: 1.0})

    done = once(inputs, weeks=4)

    assert np.allclose([0, 0, 0, 6, 6], done.leaving[0])
    assert np.allclose([0, 10, 20, 24, 28], done.open[0])


def test_the_longer_a_request_has_waited_the_likelier_it_leads_to_a_plan():
    """A request 10 weeks old has outlived all refusals; of new ones 40% lead to a plan."""
    inputs = QueueInputs(queue=(10,) + (0,) * 9 + (10,), intake=0, share=0.4, capacity=0, leaves={2: 1.0})

    done = once(inputs, weeks=3)

    assert np.allclose([20, 20, 14, 14], done.open[0])


def test_a_split_team_gets_its_share_and_helps_when_it_has_nothing_to_do():
    """10 hands, 30% on 4 overdue cases: 3 and 7 the first week; then 1 overdue case is left and 9 hands are free."""
    queue = (30.0,) + (0.0,) * 19 + (4.0,)
    inputs = QueueInputs(
        queue=queue, intake=0, share=1, capacity=10, order=SPLIT_TEAMS, backlog_share=0.3, ready={0: 1.0}
    )

    done = once(inputs, weeks=3)

    assert [0, 7, 9, 10] == np.round(done.on_time[0], 9).tolist()
    assert [0, 10, 10, 10] == np.round(done.issued[0], 9).tolist()


def test_a_ramp_ends_at_its_level():
    """Four equal steps from 30 to 50, the last one reaching it; the level then holds."""
    inputs = replace(BACKLOG, capacity=ramp(30, 50, 4))

    assert (35.0, 40.0, 45.0, 50.0) == inputs.capacity
    assert [35, 40, 45, 50, 50, 50] == inputs.capacities(6).tolist()


# ---- Laws ------------------------------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(queues)
def test_nothing_is_lost_and_nothing_is_made(inputs):
    """What is open is what was, plus what came, less what was issued and what left; and nothing is ever negative."""
    done = once(inputs, weeks=50)
    open_, flows = done.open[0], (done.intake - done.issued - done.leaving)[0]

    assert abs(open_[0] - sum(inputs.queue)) < 1e-6
    assert np.allclose(open_[1:], open_[:-1] + flows[1:], atol=1e-6)
    for figures in (done.open, done.overdue, done.overdue_ready, done.issued, done.on_time, done.leaving):
        assert figures.min() >= -1e-9
    assert (done.issued[0, 1:] <= inputs.capacities(50) + 1e-9).all()
    assert (done.on_time <= done.issued + 1e-9).all()
    assert (done.overdue_ready <= done.overdue + 1e-9).all()
    assert (done.overdue <= done.open + 1e-9).all()


@settings(max_examples=40, deadline=None)
@given(queues)
def test_the_order_of_work_changes_who_waits_not_how_many(inputs):
    """Every order issues the same number of plans; oldest first never lets anyone wait longer than another order."""
    done = {order: once(replace(inputs, order=order)) for order in ORDERS}

    for order in (NEW_FIRST, SPLIT_TEAMS):
        assert np.allclose(done[OLDEST_FIRST].issued, done[order].issued, atol=1e-6)
        assert (done[OLDEST_FIRST].overdue <= done[order].overdue + 1e-6).all()
        older = done[OLDEST_FIRST].open[0] > 1  # of half a case, the rounding decides
        assert (done[OLDEST_FIRST].longest_wait[0] <= done[order].longest_wait[0] + 1e-9)[older].all()


@settings(max_examples=40, deadline=None)
@given(queues, st.floats(0.1, 40))
def test_more_capacity_never_leaves_more_overdue(inputs, more):
    """Bisection stands on this."""
    with_more = replace(inputs, capacity=tuple(each + more for each in inputs.capacity))

    assert (once(with_more).overdue_ready <= once(inputs).overdue_ready + 1e-6).all()


def test_the_published_percentage_depends_on_the_order_alone():
    """Same queue, same hands, same number of plans: at the end of a year, three different percentages."""
    rows = {order: clearance(replace(BACKLOG, capacity=ramp(35, 60, 26), order=order)).weeks for order in ORDERS}
    year = {order: frame["published_pct"][52] for order, frame in rows.items()}

    assert year[OLDEST_FIRST] < 30 < 60 < year[SPLIT_TEAMS] < year[NEW_FIRST]
    assert np.allclose(rows[OLDEST_FIRST]["issued"], rows[NEW_FIRST]["issued"])


# ---- What is read from a run -----------------------------------------------------------------------------------------


def test_the_published_percentage_falls_first_when_old_cases_are_cleared():
    """80% at the start; the overdue go first, so it falls while waiting ends, and recovers when it has ended."""
    found = clearance(BACKLOG)
    published = found.weeks["published_pct"]

    assert 80 == published[0]
    assert 0 < found.lowest_week <= 60
    assert found.lowest_pct == published.min() < 40
    assert found.ends_week is not None
    assert 100 == round(published[104])


def test_the_queue_ends_in_the_first_week_without_an_overdue_case_waiting():
    """And it is not there in any later week."""
    found = clearance(BACKLOG)
    waiting = found.weeks["overdue_ready"]

    assert waiting[found.ends_week - 1] >= 0.5
    assert (waiting[found.ends_week :] < 0.5).all()


def test_the_capacity_needed_is_enough_and_a_tenth_less_is_not():
    """The smallest steady number of plans a week that ends the queue in time."""
    found = clearance(BACKLOG, needed_by=40)
    ends = [clearance(replace(BACKLOG, capacity=found.capacity_needed + more)).ends_week for more in (0, -0.1)]

    assert ends[0] <= 40 < ends[1]
    assert needed(BACKLOG, by=80) < found.capacity_needed < needed(BACKLOG, by=20)


def test_capacity_below_what_is_asked_for_is_said_plainly():
    """78 requests a week of which 62% lead to a plan ask for 48.4; with 40 the queue never ends."""
    found = clearance(replace(BACKLOG, capacity=40))

    assert found.ends_week is None
    assert found.capacity_needed > 48
    assert (
        "In the end 40.0 plans can be issued a week and 48.4 are asked for, so the queue grows by 8.4 a week and never "
        "ends."
    ) in found.warnings


def test_a_queue_that_ends_only_for_a_while_has_not_ended():
    """Capacity that falls back after the catch-up lets the queue come again."""
    capacity = (100,) * 40 + (20,)

    assert clearance(replace(BACKLOG, capacity=capacity), weeks=40).ends_week is not None
    assert clearance(replace(BACKLOG, capacity=capacity), weeks=104).ends_week is None


def test_an_empty_queue_is_said_plainly():
    """There is nothing to clear, and with enough capacity nothing comes to be."""
    found = clearance(QueueInputs(queue=(0,), intake=10, share=0.5, capacity=8))

    assert 0 == found.ends_week
    assert "No request is open at the start: there is no queue to clear." in found.warnings


def test_without_any_plan_there_is_no_percentage():
    """Nought of nought is not 0%."""
    found = clearance(QueueInputs(queue=(5,) * 30, intake=5, share=0.5, capacity=0), weeks=10)

    assert found.weeks["published_pct"].isna().all()
    assert found.lowest_week is None
    assert any("no published percentage" in sentence for sentence in found.warnings)


def test_the_share_of_requests_in_time_follows_the_group_not_the_issue():
    """Nobody waits for hands, a tenth of plans cannot be ready in time: every group of requests is at 90%."""
    inputs = QueueInputs(queue=(10,) * 14, intake=10, share=1, capacity=50, ready={14: 0.9, 26: 0.1})

    weeks = clearance(inputs, weeks=30).weeks

    assert weeks["cohort_pct"].isna().tolist() == [True] + [False] * 30
    assert np.allclose(90, weeks["cohort_pct"][1:])


def test_a_short_window_is_the_month_and_a_long_one_the_year():
    """The published percentage of four weeks moves at once, that of a year slowly; both start from the past given."""
    inputs = replace(BACKLOG, past_on_time=(0,) * 48 + (35,) * 4)
    month, year = (clearance(inputs, weeks=8, window=window).weeks["published_pct"] for window in (4, 52))

    assert 100 == month[0]
    assert 100 * 4 / 52 == pytest.approx(year[0])
    assert month[4] < 1 < 5 < year[4]


def test_the_same_seed_gives_the_same_and_ranges_are_in_order():
    """Chance is drawn once; the wider range holds the narrower."""
    one, two = (clearance(BACKLOG, weeks=30, seed=7) for _ in range(2))
    other = clearance(BACKLOG, weeks=30, seed=8).weeks
    weeks = one.weeks

    assert weeks.equals(two.weeks)
    assert not weeks["open_upper95"].equals(other["open_upper95"])
    for name in ("open", "overdue", "published_pct"):
        ends = [weeks[f"{name}_{end}"] for end in ("lower95", "lower80", "upper80", "upper95")]
        assert all((low <= high).all() for low, high in zip(ends, ends[1:], strict=False))
    assert weeks["open"].between(weeks["open_lower80"], weeks["open_upper80"]).all()


def test_the_range_is_as_wide_as_the_errors_given():
    """No error of level and Poisson alone: open requests vary by the root of all that came."""
    sure = replace(BACKLOG, intake_error_pct=0, capacity_error_pct=0)
    last = clearance(sure, weeks=30).weeks.iloc[-1]

    # Those who lead to no plan leave again after six weeks.
    expected = 2 * 1.2816 * np.sqrt(78 * (0.62**2 * 24 + 6))

    assert last["open_upper80"] - last["open_lower80"] == pytest.approx(expected, rel=0.25)


def test_assumptions_say_what_went_in():
    """A reader must see what was taken for granted."""
    found = clearance(replace(BACKLOG, order=SPLIT_TEAMS, capacity=ramp(40, 60, 10)), window=4)
    text = " ".join(found.assumptions)

    assert "78.0 requests come in a week and 62% of them lead to a plan" in text
    assert "42.0 plans can be issued a week at first and 60.0 from week 10 on." in text
    assert "One team has 30% of the capacity" in text
    assert "plans issued in the last 4 weeks" in text
    assert "not growth of requests" in text


# ---- Bad input -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"capacity": -1}, "capacity holds a negative or missing number"),
        ({"capacity": ()}, "capacity is empty"),
        ({"intake": float("nan")}, "intake holds a negative or missing number"),
        ({"queue": ()}, "queue is empty"),
        ({"queue": (3, -2)}, "queue holds a negative or missing number"),
        ({"share": 1.2}, "share=1.2"),
        ({"backlog_share": -0.1}, "backlog_share=-0.1"),
        ({"order": "newest"}, "order='newest'. Expected one of 'oldest first', 'new cases first', 'split teams'"),
        ({"leaves": {6: 0.9}}, "leaves must be weeks from 0 on and their shares, summing to 1"),
        ({"ready": {-1: 1.0}}, "ready must be weeks"),
        ({"ready": {}}, "ready must be weeks"),
        ({"past_issued": (3,), "past_on_time": ()}, "differ in length"),
        ({"past_issued": (3,), "past_on_time": (4,)}, "past_on_time is above past_issued"),
    ],
)
def test_what_cannot_be_a_queue_is_refused_by_name(wrong, says):
    """The message names the input, what was expected and what to do."""
    with pytest.raises(ParamsError) as caught:
        replace(BACKLOG, **wrong)

    assert says in str(caught.value)


def test_all_faults_are_told_at_once():
    """Nobody should mend one fault to meet the next."""
    with pytest.raises(ParamsError) as caught:
        replace(BACKLOG, capacity=-1, share=2, order="")

    assert 3 == len(caught.value.faults)


@pytest.mark.parametrize("wrong", [{"weeks": 0}, {"window": 200}, {"needed_by": 0}])
def test_weeks_that_make_no_sense_are_refused(wrong):
    """Nought weeks are no run."""
    with pytest.raises(ParamsError, match=next(iter(wrong))):
        clearance(BACKLOG, **wrong)


# ---- From an authority's own cases -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def rows():
    """Journeys with every oddity of a return."""
    return journeys(random_cases(1, size=3_000), at=EXTRACT)


def test_the_queue_is_what_is_open_and_its_overdue_are_the_overdue(rows):
    """The model starts where the measure of open cases stands, to the day of the limit and the day after."""
    live = rows.index[rows["ended_by"].eq(OPEN) & rows["received_date"].notna()][:40]
    received = pd.Series(pd.Timestamp(EXTRACT) - pd.to_timedelta([139, 140, 141, 147] * 10, unit="D"), index=live)
    rows = rows.copy()
    rows.loc[live, "received_date"] = received
    rows.loc[live, "issue_due"] = received + pd.Timedelta(days=140)
    measured = open_cases(rows, EXTRACT)
    every = measured["stage"].eq("all") & measured["weeks_open"].eq("all")
    of = measured[every].set_index("measure")["numerator"]
    undated = int((rows["ended_by"].eq(OPEN) & rows["received_date"].isna()).sum())

    inputs = inputs_from(rows, EXTRACT)

    assert of["open_cases"] == sum(inputs.queue) + undated
    assert of["overdue_plan"] == sum(inputs.queue[20:])
    assert inputs.notes == (f"{undated} open requests without a date received are left out of the queue.",)


def test_the_past_is_what_was_published(rows):
    """The percentage of week 0 is the one measured over the same year, all plans counted."""
    year = rows[rows["issued_date"].gt(np.datetime64(EXTRACT) - np.timedelta64(364, "D"))]
    counted = published_20_week(year, by="year")
    counted = counted[counted["measure"].eq("issued_within_20_weeks_all")]

    first = clearance(inputs_from(rows, EXTRACT), weeks=1).weeks["published_pct"][0]

    assert 364 == (EXTRACT - inputs_from(rows, EXTRACT).traces[1].first).days + 1
    assert 100 * counted["numerator"].sum() / counted["denominator"].sum() == pytest.approx(first)


def test_every_input_has_its_trace(rows):
    """A report prints where each number came from."""
    inputs = inputs_from(rows, EXTRACT, weeks=13)
    traces = {trace.name: trace for trace in inputs.traces}
    recent = rows["issued_date"].gt(np.datetime64(EXTRACT) - np.timedelta64(91, "D"))

    assert {"queue", "intake", "share", "capacity", "backlog_share", "ready", "exceptions"} == set(traces)
    assert int(recent.sum()) == traces["capacity"].numerator
    assert inputs.capacity == traces["capacity"].numerator / 13
    assert inputs.intake == traces["intake"].numerator / 52
    assert inputs.backlog_share == traces["backlog_share"].numerator / traces["capacity"].numerator
    assert (date(2025, 10, 17), EXTRACT) == (traces["capacity"].first, traces["capacity"].last)
    assert inputs.share == traces["share"].value
    assert SPLIT_TEAMS == inputs.order


def test_the_share_allows_for_requests_still_open():
    """In the world 62% of requests lead to a plan; of those that ended while the queue grew it is far fewer."""
    story = world.simulate(world.OLDEST_FIRST, np.random.default_rng(3))

    inputs = inputs_from(world.journeys_at(story, 7 * 78 - 1), world.day_of(7 * 78 - 1))
    trace = next(trace for trace in inputs.traces if trace.name == "share")

    assert abs(inputs.share - 0.62) < 0.03
    assert trace.numerator / trace.denominator < 0.56
    assert abs(inputs.intake - 78) < 4
    assert abs(inputs.capacity - 0.72 * 0.62 * 78) < 5


@pytest.mark.parametrize("weeks", [0, 53])
def test_a_stretch_beyond_the_year_is_refused(rows, weeks):
    """Capacity is of the last weeks, up to a year."""
    with pytest.raises(ParamsError, match="1 to 52"):
        inputs_from(rows, EXTRACT, weeks=weeks)


def test_too_few_plans_are_refused_with_what_would_help():
    """A capacity from a handful of plans would be a guess."""
    few = journeys(random_cases(2, size=60), at=EXTRACT)

    with pytest.raises(ParamsError, match="Expected at least 30. Use data that hold a whole year, or give QueueInputs"):
        inputs_from(few, EXTRACT)


@pytest.mark.parametrize("rule", world.RULES)
def test_the_expected_queue_is_that_of_a_simulated_authority(rule):
    """Case by case and by chance there, by expected numbers here: the same queue, percentage and end."""
    day, later = 7 * world.SHORTAGE_WEEKS - 1, (13, 26, 52, 78)
    capacity = tuple(world.capacity(world.SHORTAGE_WEEKS + week) for week in range(130))
    expected, simulated = [], []
    for seed in range(6):
        story = world.simulate(rule, np.random.default_rng(seed))
        inputs = inputs_from(world.journeys_at(story, day), world.day_of(day))
        inputs = replace(inputs, capacity=capacity, order=rule, backlog_share=0.0)
        weeks = clearance(inputs, weeks=80).weeks
        expected.append([(weeks["overdue"][week], weeks["published_pct"][week]) for week in later])
        simulated.append([(_overdue(story, day + 7 * w), world.published(story, day + 7 * w, days=364)) for w in later])

    gap = np.abs(np.mean(expected, axis=0) - np.mean(simulated, axis=0))

    assert gap[:, 0].max() < 60  # of some 1,000 overdue cases at the start
    assert gap[:, 1].max() < 4  # percentage points


def _overdue(story, day):
    still = ~(story["issued"] <= day) & ~(story["refused"] <= day)
    return int((still & (story["received"] + 140 < day)).sum())
