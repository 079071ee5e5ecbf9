"""Measures on local case data: equal to the slow reference, true on hand-made cases, and bound by laws."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.duration.survfunc import CumIncidenceRight

from highneeds.cases import Cases
from highneeds.errors import ParamsError, SchemaError
from highneeds.measures import local_caseload, local_requests, local_timeliness
from highneeds.measures.incidence import EVENTS, aalen_johansen
from highneeds.measures.journeys import journeys
from highneeds.measures.local_open import STAGES, open_cases, waits
from highneeds.measures.local_rows import period_state, wide
from tests import reference
from tests.random_cases import ABSENT_FLAGS, EXTRACT, HELD, cases_of, random_cases, without

SEEDS = (1, 2, 3)
DAYS = (None, date(2024, 8, 31), date(2025, 1, 16))  # None: the day of the extract
TYPES = {"100001": "Academy", "100002": "Special school"}


@pytest.fixture(scope="module", params=SEEDS)
def cases(request) -> Cases:
    """Several thousand random cases with every oddity."""
    return random_cases(request.param, size=3_000)


@pytest.fixture(scope="module", params=DAYS, ids=str)
def both(request, cases):
    """Journeys, the reference's cases and the day, at the extract and at past days."""
    return journeys(cases, at=request.param), reference.state(cases, request.param), request.param or EXTRACT


def cells(rows, *keys):
    """(keys ..., measure) to (numerator, denominator); empty cells left out; shares checked against their parts."""
    shares = rows[rows["denominator"].gt(0)]
    assert np.allclose(shares["value"], 100 * shares["numerator"] / shares["denominator"])
    found = {}
    for row in rows.to_dict("records"):
        pair = (row["numerator"], None if row["denominator"] != row["denominator"] else row["denominator"])
        if pair[0] or pair[1]:
            found[(*(row[key] for key in keys), row["measure"])] = pair
    return found


# ---- Equal to the reference ------------------------------------------------------------------------------------------


def test_every_case_stands_as_the_reference_says(both):
    """The state of a request on any day is what everything else counts."""
    frame, known, _ = both
    names = {
        "request_id": "request_id",
        "person_id": "person_id",
        "birth_date": "birth_date",
        "request_outcome": "request_outcome",
        "request_outcome_date": "request_outcome_date",
        "assessment_outcome": "assessment_outcome",
        "assessment_outcome_date": "assessment_outcome_date",
        "exported": "exported",
        "closed_date": "closed_date",
        "exception": "exception",
        "any_mediation_or_tribunal": "dropped",
        "historical": "historical",
        "has_plan": "has_plan",
        "plan_start": "plan_start",
        "issued_date": "issued",
        "ended_by": "ended_by",
        "ended_date": "ended",
        "days_to_decision": "to_decision",
        "days_to_issue": "to_issue",
        "area": "area",
    }
    actual = reference.plain(frame[list(names)])
    expected = [{ours: case[theirs] for ours, theirs in names.items()} for case in known]

    assert expected == actual


def test_without_the_other_flags_fewer_cases_are_dropped(cases):
    """Whether the two Other flags exclude is not published, so it is a switch."""
    dropped = journeys(cases, other_flags_exclude=False)["any_mediation_or_tribunal"]
    every = journeys(cases)["any_mediation_or_tribunal"]

    assert [case["dropped"] for case in reference.state(cases, other=False)] == dropped.tolist()
    assert every.sum() > dropped.sum()


@pytest.mark.parametrize("splits", [(), ("area",), ("request_source",)])
def test_requests_and_decisions_equal_the_reference(both, splits):
    """Received, decided, refused both ways, six weeks; by month and split."""
    frame, known, at = both
    by = ("month", *({"request_source": "source"}.get(name, name) for name in splits))

    actual = cells(local_requests.requests_by(frame, by=by, at=at), "period", *splits)

    assert reference.requests_by(known, splits=splits) == actual


@pytest.mark.parametrize("by", ["year", "month"])
def test_published_timeliness_equals_the_reference(both, by):
    """The measure DfE publishes, with every band and boundary."""
    frame, known, _ = both

    actual = cells(local_timeliness.published_20_week(frame, by=(by, "area")), "period", "area")

    assert reference.published_20_week(known, getattr(reference, by), ("area",)) == actual


def test_due_month_equals_the_reference(both):
    """Of plans due in the month, those issued by the day."""
    frame, known, at = both

    assert reference.due_month(known, at) == cells(local_timeliness.due_month(frame, at), "period")


@pytest.mark.parametrize("agreed_only", [False, True])
@pytest.mark.parametrize("exclude_exceptions", [False, True])
def test_cohorts_equal_the_reference(both, agreed_only, exclude_exceptions):
    """What became of a month's requests, in each variant."""
    frame, known, at = both
    variant = {"agreed_only": agreed_only, "exclude_exceptions": exclude_exceptions}

    actual = cells(local_timeliness.cohorts(frame, at, **variant), "period")

    assert reference.cohorts(known, at, **variant) == actual


def test_curves_equal_the_reference(both):
    """Aalen-Johansen by loops gives the same curves, cohort by cohort and for all together."""
    frame, known, at = both
    rows = local_timeliness.cumulative_incidence(frame, at, weeks=60)
    told = rows[rows["value"].notna()]
    expected = reference.incidence(known, at, 60)

    actual = told.set_index(["period", "measure", "week"])["value"]

    assert set(actual.index) <= set(expected)
    assert {period for period, _, _ in expected} == set(rows["period"])
    assert np.allclose([expected[key] for key in actual.index], actual)


def test_open_cases_equal_the_reference(both):
    """Stage by age, overdue, exceptions apart, and how long they have waited."""
    frame, known, at = both
    rows = open_cases(frame, at)
    waiting = rows["measure"].str.startswith("wait_days")
    counts, quartiles = reference.open_cases(known, at)

    assert counts == cells(rows[~waiting], "stage", "weeks_open")
    assert quartiles == rows[waiting].groupby("stage")["value"].agg(list).to_dict()


def test_waits_equal_the_reference(both):
    """Median and quartiles of the days to a plan, by month of issue."""
    frame, known, _ = both
    rows = waits(frame)
    rows = rows[rows["denominator"].gt(0)]

    assert reference.waits(known) == rows.groupby("period")["value"].agg(list).to_dict()


@pytest.mark.parametrize("cease_day_counts", [False, True])
@pytest.mark.parametrize("on", [date(2025, 1, 16), date(2024, 2, 29)])
def test_caseload_equals_the_reference(cases, on, cease_day_counts):
    """Plans on a day by every breakdown, and the children who have them."""
    schools = pd.DataFrame({"urn": list(TYPES), "type": list(TYPES.values())})
    rows = local_caseload.caseload(cases, on, cease_day_counts=cease_day_counts, establishments=schools)
    counts = rows[rows["measure"].eq("plans") & rows["breakdown"].ne("Total") & rows["value"].gt(0)]
    by_category = counts.set_index(["breakdown", "category"])["value"].to_dict()
    total = rows[rows["breakdown"].eq("Total")].set_index("measure")["value"]

    actual = (by_category, total["plans"], total["persons"])

    assert reference.caseload(cases, on, cease_day_counts, TYPES) == actual


def test_new_and_ceased_plans_equal_the_reference(cases):
    """Flows of plans by year."""
    ceased = local_caseload.ceased(cases)
    counted = ceased[ceased["measure"].eq("ceased") & ceased["value"].gt(0)]

    assert reference.new_plans(cases) == cells(local_caseload.new_plans(cases), "period")
    assert reference.ceased(cases) == counted.set_index(["period", "cease_reason"])["value"].to_dict()


@pytest.mark.parametrize("on", [date(2025, 6, 30), date(2026, 1, 15), date(2024, 2, 29)])
def test_annual_reviews_equal_the_reference(cases, on):
    """Reviews held, overdue, decided in time, and phase transfers by due day."""
    rows = local_caseload.annual_reviews(cases, on)
    some = {key: pair for key, pair in reference.annual_reviews(cases, on).items() if pair[0] or pair[1]}

    assert some == cells(rows, "category")


def test_the_curve_agrees_with_an_independent_estimator():
    """statsmodels knows the same estimator; its curve at each of its times is ours on that day."""
    known = [case for case in reference.state(random_cases(7, size=1_500)) if case["received_date"]]
    spent = [reference.time_and_event(case, EXTRACT) for case in known if not case["historical"]]
    times, events = zip(*[(t, EVENTS.index(e) + 1 if e else 0) for t, e in filter(None, spent)], strict=True)
    theirs = CumIncidenceRight(np.array(times), np.array(events))
    counts = np.zeros((1, max(times) + 1, 1 + len(EVENTS)), dtype="int64")
    np.add.at(counts, (0, list(times), list(events)), 1)

    ours, _ = aalen_johansen(counts)

    for number in range(len(EVENTS)):
        assert np.allclose(theirs.cinc[number], ours[0, theirs.times.astype(int), number])


# ---- True on cases made by hand --------------------------------------------------------------------------------------


def table(rows, **kinds):
    """Frame of rows, with the columns and types of a cleaned table whether rows give them or not."""
    blank = {"date": "datetime64[s]", "flag": "boolean", "text": "str", "id": "int64"}
    columns = {name: blank[kind] for kind, names in kinds.items() for name in names.split()}
    return pd.DataFrame({name: pd.Series([row.get(name) for row in rows], dtype=k) for name, k in columns.items()})


def made(requests=(), assessments=(), plans=(), placements=(), needs=(), persons=(), held=HELD) -> Cases:
    """Cases from rows; requests number themselves and belong to child 1 where they do not say."""
    requests = [{"request_id": number, "person_id": 1} | row for number, row in enumerate(requests, start=1)]
    persons = persons or [{"person_id": 1}]
    links = {row["request_id"]: row["person_id"] for row in requests} | {row["request_id"]: 1 for row in plans}
    received = "received_date request_outcome_date closed_date"
    reviews = "review_meeting last_review phase_transfer_due_date phase_transfer_final_date"
    return cases_of(
        held=held,
        persons=table(persons, id="person_id", date="birth_date", text="sex"),
        requests=table(
            requests,
            id="request_id person_id",
            date=received,
            text="request_source request_outcome exported area",
            flag="request_mediation request_tribunal",
        ),
        assessments=table(
            assessments,
            id="request_id",
            text="assessment_outcome",
            date="assessment_outcome_date",
            flag="assessment_mediation assessment_tribunal other_mediation other_tribunal week20",
        ),
        plans=table(plans, id="request_id", date="start_date cease_date " + reviews, text="cease_reason transfer_la"),
        placements=table(
            placements,
            id="request_id",
            text="kind urn ukprn sen_setting placement_rank",
            date="entry_date leaving_date",
            flag="sen_unit_indicator resourced_provision_indicator",
        ),
        needs=table(needs, id="request_id", text="sen_type sen_type_rank"),
        links=pd.DataFrame({"request_id": list(links), "person_id": list(links.values())}, dtype="int64"),
    )


def asked(day, outcome="Y", **more):
    """Request received on a day."""
    return {"received_date": pd.Timestamp(day), "request_outcome": outcome} | more


def assessed(request, outcome="Y", day=None, **more):
    """Assessment of a request."""
    day = None if day is None else pd.Timestamp(day)
    return {"request_id": request, "assessment_outcome": outcome, "assessment_outcome_date": day} | more


def after(day, days):
    """A day some days later."""
    return pd.Timestamp(day) + pd.Timedelta(days=days)


def one(rows, measure, figure="value", **where):
    """One figure of a measure."""
    for name, value in where.items():
        rows = rows[rows[name].eq(value)]
    return rows.loc[rows["measure"].eq(measure), figure].item()


def ends(cases, **options):
    """How each request ended."""
    return journeys(cases, **options)["ended_by"].tolist()


def test_a_child_with_two_requests_is_timed_by_request():
    """Joined by child, the late plan would meet both requests and the rate would be counted from four pairs."""
    cases = made(
        [asked("2024-01-01"), asked("2024-06-01")],
        [assessed(1, day=after("2024-01-01", 200)), assessed(2, day=after("2024-06-01", 100))],
    )

    frame = journeys(cases)

    assert [200, 100] == frame["days_to_issue"].tolist()
    assert 2 == one(local_timeliness.published_20_week(frame), "plans_issued")


def test_the_limit_day_is_on_time_and_the_day_after_is_late():
    """Day 0 is the day received; 42 and 140 are on time, 43 and 141 are not, and both days are counted."""
    day = "2024-01-01"
    requests = [asked(day, request_outcome_date=after(day, days)) for days in (42, 43)]
    frame = journeys(made(requests, [assessed(1, day=after(day, 140)), assessed(2, day=after(day, 141))]))

    decisions, plans = local_requests.requests_by(frame, by="year"), local_timeliness.published_20_week(frame)

    assert [50, 1, 1] == [
        one(decisions, name) for name in ("decided_within_6_weeks", "decided_on_limit_day", "decided_day_after_limit")
    ]
    assert [1, 1, 1, 0] == [
        one(plans, name, "numerator")
        for name in ("issued_within_20_weeks", "issued_on_limit_day", "issued_day_after_limit", "issued_over_52_weeks")
    ]


@pytest.mark.parametrize(
    ("days", "overdue"),
    [(42, [0, 0, 0]), (43, [1, 0, 0]), (112, [1, 0, 0]), (113, [1, 1, 0]), (140, [1, 1, 0]), (141, [1, 1, 1])],
)
def test_an_open_case_is_overdue_the_day_after_each_limit(days, overdue):
    """A case awaiting its decision is late for all three steps, one after another."""
    at = date(2025, 6, 1)
    frame = journeys(made([asked(at - timedelta(days=days), "A")]), at=at)

    rows = open_cases(frame, at)

    steps = ("overdue_decision", "overdue_issue_decision", "overdue_plan")
    assert overdue == [one(rows, step, "numerator", stage="all") for step in steps]


def test_an_agreed_case_is_not_late_for_the_decision_about_its_plan():
    """Y without a date: the decision is made, the plan is not issued; the case is open."""
    frame = journeys(made([asked("2024-01-01")], [assessed(1)]))

    rows = open_cases(frame, EXTRACT)

    assert 1 == one(rows, "overdue_plan", "numerator", stage="agreed, not yet issued")
    assert 0 == one(rows, "overdue_issue_decision", "numerator", stage="all")


def test_exceptions_and_disputes_leave_the_published_measure_as_dfe_says():
    """Flags remove a case from every base, an exception from the headline alone; a blank flag removes nothing."""
    late, soon = after("2024-01-01", 150), after("2024-01-01", 100)
    cases = made(
        [asked("2024-01-01")] * 5 + [asked("2024-01-01", request_tribunal=True)],
        [
            assessed(1, day=soon),
            assessed(2, day=soon, week20=False),
            assessed(3, day=late, week20=True),
            assessed(4, day=late),
            assessed(5, day=soon, other_mediation=True),
            assessed(6, day=soon),
        ],
    )

    rows = local_timeliness.published_20_week(journeys(cases))

    assert (2, 4) == (
        one(rows, "issued_within_20_weeks", "numerator"),
        one(rows, "issued_within_20_weeks", "denominator"),
    )
    assert (2, 3) == tuple(one(rows, "issued_within_20_weeks_ex", name) for name in ("numerator", "denominator"))
    assert 2 == one(rows, "dropped_mediation_tribunal", "numerator")


def test_a_historical_request_keeps_its_plan_in_the_published_measure_only():
    """A request decided in an earlier year returns H while its plan still counts in the year it was issued."""
    frame = journeys(made([asked("2023-11-01", "H")], [assessed(1, day="2024-02-01")]))

    assert 1 == one(local_timeliness.published_20_week(frame), "issued_within_20_weeks", "numerator")
    assert local_requests.requests_by(frame, by="year").empty
    assert 1 == one(local_requests.requests_by(frame, by="year", count_historical=True), "requests_received")


def test_this_year_holds_this_year_alone():
    """A plan issued in January counts in the year of issue, its request in the year before."""
    frame = journeys(
        made([asked("2023-11-01", request_outcome_date=pd.Timestamp("2023-12-01"))], [assessed(1, day="2024-01-31")])
    )

    rows = local_timeliness.published_20_week(frame)

    assert {"2024": 1} == rows[rows["measure"].eq("plans_issued")].set_index("period")["value"].to_dict()


def test_a_plan_without_usable_dates_stays_below_the_line():
    """Issued before it was asked for: neither on time nor late, and reported apart, as in DfE's own files."""
    cases = made(
        [asked("2024-03-01"), asked("2024-01-01")], [assessed(1, day="2024-02-01"), assessed(2, day="2024-02-01")]
    )

    rows = local_timeliness.published_20_week(journeys(cases))

    assert (50, 1) == (one(rows, "issued_within_20_weeks"), one(rows, "unclassified", "numerator"))


def test_refusals_are_counted_both_ways():
    """Kent 2024 was published as 2,200 of 4,001 received; of those decided the share is higher."""
    outcomes = ["N"] * 11 + ["Y"] * 8 + ["A"]
    rows = local_requests.requests_by(journeys(made([asked("2024-05-01", code) for code in outcomes])), by="year")

    assert 55 == one(rows, "refused_of_received")
    assert 100 * 11 / 19 == one(rows, "refused_of_decided")


def test_a_reversed_refusal_keeps_its_outcome_and_goes_on():
    """The original N and its date stay; the case is open, or ends as its assessment does."""
    refused = asked("2024-01-01", "N", request_outcome_date=pd.Timestamp("2024-02-01"), request_tribunal=True)
    cases = made(
        [refused] * 5,
        [assessed(2, "A"), assessed(3, "Y", "2024-12-01"), assessed(4, "N", "2024-12-01")],
        [{"request_id": 5, "start_date": pd.Timestamp("2025-01-10")}],
    )
    frame = journeys(cases)

    assert ["refused", "none", "issued", "not issued", "issued"] == frame["ended_by"].tolist()
    assert ["refused", "none", "none", "none", "refused"] == ends(cases, at=date(2024, 11, 30))
    assert {"N"} == set(frame["request_outcome"])
    assert 80 == one(local_requests.requests_by(frame, by="year"), "refusals_undone")


def test_the_past_is_told_as_it_stood():
    """Decision and issue later than the day have not happened; a request received later is not there."""
    cases = made(
        [asked("2024-01-01", request_outcome_date=pd.Timestamp("2024-02-01")), asked("2024-09-01", "A")],
        [assessed(1, day="2024-05-01")],
    )
    stages = {
        day: [
            name
            for name in STAGES
            if one(open_cases(journeys(cases, at=day), day), "open_cases", stage=name, weeks_open="all")
        ]
        for day in (date(2024, 1, 31), date(2024, 2, 1), date(2024, 4, 30), date(2024, 5, 1))
    }

    assert [[STAGES[0]], [STAGES[1]], [STAGES[1]], []] == list(stages.values())
    assert 1 == len(journeys(cases, at=date(2024, 8, 31)))


def test_withdrawals_end_with_or_without_a_date():
    """The return gives withdrawals no date; an extract's closing date tells when, and the past stays open."""
    cases = made([asked("2024-01-01", "W"), asked("2024-01-01", "W", closed_date=pd.Timestamp("2024-03-01"))])

    assert ["withdrawn", "withdrawn"] == ends(cases)
    assert ["withdrawn", "none"] == ends(cases, at=date(2024, 2, 1))
    assert [True, False] == journeys(cases)["ended_date"].isna().tolist()


def test_what_was_decided_before_the_period_is_not_open():
    """Outcome H says that a decision was made, not which; such a case is not a family waiting."""
    cases = made(
        [asked("2023-01-01", "H"), asked("2023-01-01", "H"), asked("2023-01-01", "H")],
        [assessed(2, "H"), assessed(3, "A")],
    )

    assert ["historical", "historical", "none"] == ends(cases)
    assert 1 == one(open_cases(journeys(cases), EXTRACT), "open_cases", stage="all", weeks_open="all")


def test_an_exported_case_leaves_but_an_issued_plan_stays_issued():
    """A child who moves away before the assessment ends is not waiting here."""
    cases = made(
        [asked("2024-01-01", exported="301"), asked("2024-01-01", exported="301")], [assessed(2, day="2024-04-01")]
    )

    assert ["exported", "issued"] == ends(cases)


def test_a_month_without_requests_is_a_nought():
    """The August trough is a fact; a missing month would hide it."""
    rows = local_requests.requests_by(journeys(made([asked("2024-07-01"), asked("2024-09-01"), asked("2024-09-02")])))
    received = rows[rows["measure"].eq("requests_received")]

    assert {"2024-07": 1, "2024-08": 0, "2024-09": 2} == received.set_index("period")["value"].to_dict()


def test_part_and_provisional_months_are_marked():
    """Neither may enter a total or a trend without a word."""
    frame = journeys(made([asked("2024-10-01"), asked("2024-11-01"), asked("2024-12-01")]))
    rows = local_requests.requests_by(frame, at=date(2024, 12, 10), late_days=14)
    received = rows[rows["measure"].eq("requests_received")]

    assert ["", "p", "p"] == received["status"].tolist()
    assert ["", "provisional", "part"] == [
        period_state(period, "calendar month", at=date(2024, 12, 10), late_days=14) for period in received["period"]
    ]
    assert "" == period_state("2024-11", "calendar month", at=date(2024, 11, 30))


def test_children_are_counted_once_however_often_they_are_asked_for():
    """The unit is the request; the children stand beside it."""
    rows = local_requests.requests_by(journeys(made([asked("2024-05-01"), asked("2024-05-20")])))

    assert (2, 1) == (one(rows, "requests_received"), one(rows, "persons_with_request"))


def test_an_area_not_known_enters_the_total():
    """Dropping blank areas would lose requests from a table that claims to hold all."""
    rows = local_requests.requests_by(
        journeys(made([asked("2024-05-01", area="North"), asked("2024-05-01")])), by=("year", "area")
    )
    received = rows[rows["measure"].eq("requests_received")]

    assert {"North": 1, "not recorded": 1} == received.set_index("area")["value"].to_dict()


def test_clearing_late_plans_lowers_the_published_rate_while_nobody_newly_waits():
    """Domain 4.6: 100 on time read 100%; issue 100 overdue plans as well and it reads 50%. The rest tells the truth."""
    requests = [asked("2024-01-10")] * 100 + [asked("2022-01-10")] * 100
    on_time = [assessed(number, day="2024-05-01") for number in range(1, 101)]
    late = [assessed(number, day="2024-06-03") for number in range(101, 201)]
    kept, cleared = (journeys(made(requests, rows)) for rows in (on_time, on_time + late))
    at = date(2024, 12, 31)

    published = [
        one(local_timeliness.published_20_week(frame), "issued_within_20_weeks_ex") for frame in (kept, cleared)
    ]
    waiting = [one(open_cases(frame, at), "open_cases", stage="all", weeks_open="all") for frame in (kept, cleared)]
    due = [
        one(local_timeliness.due_month(frame, at), "issued_by_due_day", period="2024-05") for frame in (kept, cleared)
    ]
    lowest = [one(local_timeliness.cohorts(frame, at), "low", period="2024-01") for frame in (kept, cleared)]

    assert ([100, 50], [100, 0], [100, 100], [100, 100]) == (published, waiting, due, lowest)


def test_a_young_cohort_has_bounds_and_a_mature_one_has_a_rate():
    """One on time, one open: between a half and all, until the twenty weeks of the month's last day are over."""
    requests, plans = [asked("2024-01-31"), asked("2024-01-31")], [assessed(1, day="2024-03-01")]
    seen = {}
    for at in (date(2024, 6, 18), date(2024, 6, 19)):  # 31 January and 139, 140 days
        row = wide(local_timeliness.cohorts(journeys(made(requests, plans), at=at), at)).iloc[0]
        seen[at.day] = (row["low"], row["high"], bool(row["mature"]))

    assert {18: (50, 100, False), 19: (50, 50, True)} == seen


def test_a_plan_refused_after_its_due_day_was_due():
    """A case that ends by its due day leaves; one that ends later was overdue on that day."""
    requests = [asked("2024-01-01", "N", request_outcome_date=after("2024-01-01", days)) for days in (140, 141)]
    rows = local_timeliness.due_month(journeys(made(requests)), EXTRACT)

    assert (1, 1) == (one(rows, "plans_due", period="2024-05"), one(rows, "ended_otherwise", period="2024-05"))


def test_a_due_day_to_come_is_not_yet_known():
    """Nothing is said of a plan whose twenty weeks are running."""
    at = date(2024, 5, 15)
    rows = local_timeliness.due_month(journeys(made([asked("2024-01-01", "A")]), at=at), at)

    assert (0, 1, "p") == (one(rows, "plans_due"), one(rows, "not_yet_known"), one(rows, "plans_due", "status"))


def test_the_curve_says_what_is_not_yet_known():
    """Of two requests one has its plan in week 10; the other is 100 days old, so nothing is told beyond."""
    at = date(2024, 4, 10)
    cases = made([asked("2024-01-01"), asked("2024-01-01")], [assessed(1, day=after("2024-01-01", 70))])
    rows = local_timeliness.cumulative_incidence(journeys(cases, at=at), at, weeks=20)
    plan = rows[rows["measure"].eq("issued") & rows["period"].eq("2024-01")].set_index("week")

    assert [0, 50, 50] == plan.loc[[9, 10, 14], "value"].tolist()
    assert ["", "", "p"] == plan.loc[[10, 14, 15], "status"].tolist()
    assert plan["value"].isna()[15] and 1 == plan["not_yet_known"][15]


def test_refused_requests_do_not_count_as_if_they_might_still_get_a_plan():
    """Kaplan and Meier would say 100%: the one still at risk got its plan. Half got one."""
    cases = made(
        [asked("2024-01-01", "N", request_outcome_date=pd.Timestamp("2024-02-01")), asked("2024-01-01")],
        [assessed(2, day="2024-05-01")],
    )
    rows = local_timeliness.cumulative_incidence(journeys(cases), EXTRACT, weeks=20)

    assert [50, 50] == [one(rows, name, period="2024-01", week=20) for name in ("issued", "refused")]


def test_a_cohort_whose_cases_have_all_ended_is_known_for_good():
    """Nobody is left to wait for: the curve does not stop at the age of the data."""
    cases = made([asked("2024-01-01")], [assessed(1, day="2024-02-01")])
    at = date(2024, 2, 10)
    rows = local_timeliness.cumulative_incidence(journeys(cases, at=at), at, weeks=20)

    assert (100, "") == tuple(one(rows, "issued", name, period="2024-01", week=20) for name in ("value", "status"))


def test_an_undated_withdrawal_does_not_move_the_curve_of_a_finished_cohort():
    """Its day is not known; wherever it is put, one of two requests led to a plan."""
    cases = made([asked("2024-01-01", "W"), asked("2024-01-01")], [assessed(2, day="2024-05-01")])
    rows = local_timeliness.cumulative_incidence(journeys(cases), EXTRACT, weeks=20)

    assert (50, 1) == tuple(one(rows, "issued", name, period="all", week=20) for name in ("value", "undated"))


def test_a_very_long_wait_is_not_capped():
    """A tool that stops at 61 days shows every council the same."""
    cases = made([asked("2022-01-01"), asked("2022-01-01", "A")], [assessed(1, day=after("2022-01-01", 900))])
    frame = journeys(cases)

    assert 900 == one(waits(frame, by="year"), "days_to_issue_median")
    assert (pd.Timestamp(EXTRACT) - pd.Timestamp("2022-01-01")).days == one(
        open_cases(frame, EXTRACT), "wait_days_median", stage="all"
    )


# ---- Plans, made by hand ---------------------------------------------------------------------------------------------

ON = date(2025, 1, 16)


def plan(start="2023-01-01", cease=None, request=1, **more):
    """Plan under a request."""
    return {"request_id": request, "start_date": pd.Timestamp(start), "cease_date": pd.Timestamp(cease)} | more


def categories(rows, breakdown):
    """Category to plans, of those with any."""
    rows = rows[rows["breakdown"].eq(breakdown) & rows["measure"].eq("plans") & rows["value"].gt(0)]
    return rows.set_index("category")["value"].to_dict()


@pytest.mark.parametrize(("cease_day_counts", "plans"), [(False, 1), (True, 2)])
def test_the_day_a_plan_ceases_is_a_convention(cease_day_counts, plans):
    """DfE's is not published; starting that day counts, ceasing that day is asked for."""
    cases = made(plans=[plan(start=ON), plan(cease=ON, request=2), plan(start="2025-01-17", request=3)])

    assert plans == one(
        local_caseload.caseload(cases, ON, cease_day_counts=cease_day_counts), "plans", category="Total"
    )


def test_a_child_with_two_plans_is_one_child():
    """Two plans at once are a mistake to look into, not two children."""
    rows = local_caseload.caseload(made(plans=[plan(), plan(request=2)]), ON)

    assert (2, 1) == (one(rows, "plans", category="Total"), one(rows, "persons"))


@pytest.mark.parametrize(
    ("born", "band"),
    [
        ("2020-01-16", "Age 5 to 10"),
        ("2020-01-17", "Under 5"),
        ("2014-01-17", "Age 5 to 10"),
        ("2014-01-16", "Age 11 to 15"),
        ("2009-01-17", "Age 11 to 15"),
        ("2009-01-16", "Age 16 to 19"),
        ("1999-01-17", "Age 20 to 25"),
        ("1999-01-16", "Age 26 and over"),
        (None, "not recorded"),
    ],
)
def test_age_is_of_the_day_that_is_counted(born, band):
    """Not of the day the report is made; and a band holds the ages its name says."""
    cases = made(plans=[plan()], persons=[{"person_id": 1, "birth_date": pd.Timestamp(born)}])

    assert {band: 1} == categories(local_caseload.caseload(cases, ON), "age band")


def placed(entry, leaving=None, rank="1", **more):
    """Placement of request 1."""
    days = {"entry_date": pd.Timestamp(entry), "leaving_date": pd.Timestamp(leaving)}
    return {"request_id": 1, "kind": "active", "placement_rank": rank} | days | more


def test_an_open_placement_is_open_and_a_closed_one_is_closed():
    """A tool had the two the other way round: a school left last year is not where the child is."""
    left = placed("2020-09-01", "2024-07-20", urn="100001")
    now = placed("2024-09-02", None, urn="100002")

    found = local_caseload.placements_on(made(plans=[plan()], placements=[left, now]), ON)

    assert ["100002"] == found["urn"].tolist()


def test_the_main_placement_comes_before_a_later_second_one():
    """Rank 1 is the main setting, however new the other is; a plan's named setting is no placement."""
    rows = [placed("2024-12-01", rank="2", urn="100003"), placed("2022-09-01", urn="100001")]
    named = placed("2023-01-01", urn="100002") | {"kind": "named"}

    found = local_caseload.placements_on(made(plans=[plan()], placements=[*rows, named]), ON)

    assert ["100001"] == found["urn"].tolist()


def test_the_type_of_a_school_is_looked_up_by_its_urn():
    """By row number another school's type would be found."""
    schools = pd.DataFrame({"urn": ["100002", "100001"], "type": ["Special school", "Academy"]}, index=[5, 1])
    cases = made(plans=[plan()], placements=[placed("2022-09-01", urn="100001")])

    assert ["Academy"] == local_caseload.placements_on(cases, ON, establishments=schools)["setting"].tolist()


def test_a_plan_without_a_placement_that_day_is_not_recorded():
    """Neither its setting nor whether it is a unit is known."""
    rows = local_caseload.caseload(made(plans=[plan()], placements=[placed("2025-02-01", urn="100001")]), ON)

    assert {"not recorded": 1} == categories(rows, "placement") == categories(rows, "provision")


@pytest.mark.parametrize(
    ("needs", "expected"),
    [
        ([("ASD", "1"), ("SEMH", "2")], "ASD"),
        ([("ASD", "2")], "not recorded"),
        ([("ASD", "1"), ("SEMH", "1")], "two recorded"),
        ([("ASD", "1"), ("ASD", "1")], "ASD"),
        ([], "not recorded"),
    ],
)
def test_primary_need_is_the_need_of_rank_one(needs, expected):
    """Two needs of rank 1 are said, not chosen between."""
    rows = [{"request_id": 1, "sen_type": code, "sen_type_rank": rank} for code, rank in needs]

    assert [expected] == local_caseload.primary_need(made(plans=[plan()], needs=rows), ON)["primary_need"].tolist()


def test_a_plan_transferred_in_is_not_new():
    """The other authority issued it; the assessment is recorded as historical."""
    cases = made([asked("2024-01-01", "H")], [assessed(1, "H")], [plan("2024-05-01", transfer_la="302")])
    rows = local_caseload.new_plans(cases)

    assert (0, 1) == (one(rows, "new_plans"), one(rows, "transferred_in"))


def test_ceased_plans_are_counted_in_their_own_year():
    """Shares are of the year, not of all years."""
    ends_ = [("2023-05-01", "4"), ("2024-05-01", "4"), ("2024-06-01", None)]
    cases = made(plans=[plan("2020-01-01", day, n, cease_reason=code) for n, (day, code) in enumerate(ends_, start=1)])
    rows = local_caseload.ceased(cases)

    assert 50 == one(rows, "ceased_share", period="2024", cease_reason="4")
    assert 1 == one(rows, "ceased", period="2024", cease_reason="not recorded")


def test_a_review_is_due_within_twelve_months_and_decided_within_four_weeks():
    """The anniversary is in time; so is the twenty-eighth day after the meeting."""
    meeting = pd.Timestamp("2024-10-01")
    cases = made(
        plans=[
            plan("2024-01-16", request=1),  # one year old on the day: not yet overdue
            plan("2024-01-15", request=2),  # a year and a day: overdue
            plan("2020-01-01", request=3, review_meeting=meeting, last_review=meeting + pd.Timedelta(days=28)),
            plan("2020-01-01", request=4, review_meeting=meeting, last_review=meeting + pd.Timedelta(days=29)),
            plan("2020-01-01", request=5, review_meeting=meeting, last_review=meeting - pd.Timedelta(days=300)),
            plan("2020-01-01", request=6, review_meeting=pd.Timestamp("2025-01-10")),
            plan("2020-01-01", request=7, review_meeting=pd.Timestamp("2024-01-16")),  # its anniversary is the day
        ]
    )
    rows = local_caseload.annual_reviews(cases, ON)

    assert (5, 6) == tuple(one(rows, "reviewed_in_12_months", name) for name in ("numerator", "denominator"))
    assert (1, 4) == tuple(one(rows, "decided_within_4_weeks", name) for name in ("numerator", "denominator"))
    assert 1 == one(rows, "decision_awaited")


# ---- What is not held, and what cannot be --------------------------------------------------------------------------


def test_measures_of_an_absent_field_are_not_held():
    """Absent is not blank: without the exception flag nobody knows the headline, and noughts would be invented."""
    held = without(HELD, "week20", "review_meeting", "sex", "transfer_la", "cease_reason", "entry_date")
    cases = random_cases(1, size=300, held=held)
    frame = journeys(cases)
    published = local_timeliness.published_20_week(frame, at=EXTRACT)
    loads = local_caseload.caseload(cases, ON)

    assert {"n"} == set(published.loc[published["measure"].str.endswith("_ex"), "status"])
    assert "n" not in set(published.loc[published["measure"].eq("issued_within_20_weeks"), "status"])
    assert {"n"} == set(local_timeliness.cohorts(frame, EXTRACT, exclude_exceptions=True)["status"])
    assert {"sex", "placement", "provision"} == set(loads.loc[loads["status"].eq("n"), "breakdown"])
    assert "n" == one(local_caseload.annual_reviews(cases, ON), "reviewed_in_12_months", "status")
    assert {"n"} == set(open_cases(frame, EXTRACT).query("measure == 'overdue_plan_ex'")["status"])
    new, ceased = local_caseload.new_plans(cases), local_caseload.ceased(cases)
    assert {"n"} == set(new.loc[new["measure"].eq("transferred_in"), "status"])
    assert {"n"} == set(ceased.loc[ceased["measure"].eq("ceased_share"), "status"])


def test_without_any_dispute_flag_the_published_measure_cannot_be_told():
    """All plans issued can be counted; which of them DfE would leave out cannot."""
    rows = local_timeliness.published_20_week(journeys(random_cases(1, size=300, held=HELD - ABSENT_FLAGS)))
    told = rows[rows["status"].ne("n")]

    assert {"plans_issued", "issued_within_20_weeks_all"} == set(told["measure"])


def test_a_split_that_is_not_held_gives_no_rows():
    """A table by source from a year without the field is empty, not one row of blanks."""
    frame = journeys(random_cases(1, size=100, held=without(HELD, "request_source")))

    assert local_requests.requests_by(frame, by=("month", "source")).empty


def test_no_cases_give_no_rows():
    """An authority without a request has no rate."""
    frame = journeys(made())

    assert wide(local_requests.requests_by(frame)).empty and local_timeliness.published_20_week(frame).empty
    assert local_timeliness.cohorts(frame, EXTRACT).empty and local_timeliness.due_month(frame, EXTRACT).empty
    assert local_timeliness.cumulative_incidence(frame, EXTRACT).empty and waits(frame).empty
    assert 0 == one(open_cases(frame, EXTRACT), "open_cases", stage="all", weeks_open="all")
    assert 0 == one(local_caseload.caseload(made(), ON), "plans", category="Total")


def test_two_records_of_one_request_are_refused():
    """They would count the case twice; the message says what to do and names no one."""
    with pytest.raises(SchemaError, match="assessments: 1 values of request_id have more than one row"):
        journeys(made([asked("2024-01-01")], [assessed(1, "A"), assessed(1, "A")]))


def test_a_state_of_another_day_is_refused():
    """A cohort seen before its own events would call plans issued that are not."""
    with pytest.raises(ParamsError, match="assessment_outcome_date.* after 2024-03-01"):
        local_timeliness.cohorts(
            journeys(made([asked("2024-01-01")], [assessed(1, day="2024-04-01")])), date(2024, 3, 1)
        )


def test_an_unknown_split_is_refused():
    """A typing mistake must not give a table of all."""
    with pytest.raises(ParamsError, match="Expected some of month, year, area"):
        local_requests.requests_by(journeys(made([asked("2024-01-01")])), by=("month", "ward"))


# ---- Laws ------------------------------------------------------------------------------------------------------------

SOME = settings(max_examples=10, deadline=None)
ANY_SEED = st.integers(min_value=0, max_value=100_000)


def every_measure(cases):
    """All measures of some cases, as one frame of text, in an order of its own."""
    frame = journeys(cases)
    rows = pd.concat(
        [
            local_requests.requests_by(frame, by=("year", "area"), at=EXTRACT),
            local_timeliness.published_20_week(frame),
            local_timeliness.due_month(frame, EXTRACT),
            local_timeliness.cohorts(frame, EXTRACT),
            local_timeliness.cumulative_incidence(frame, EXTRACT, weeks=30),
            open_cases(frame, EXTRACT),
            waits(frame),
            local_caseload.caseload(cases, ON),
            local_caseload.new_plans(cases),
            local_caseload.ceased(cases),
            local_caseload.annual_reviews(cases, ON),
        ]
    )
    return rows.round(9).astype("str")


@SOME
@given(ANY_SEED)
def test_the_order_of_rows_does_not_matter(seed):
    """A file sorted another way is the same data."""
    cases = random_cases(seed, size=150)
    tables = ("persons", "requests", "assessments", "plans", "placements", "needs", "links")
    mixed = {name: getattr(cases, name).sample(frac=1, random_state=seed) for name in tables}

    pd.testing.assert_frame_equal(every_measure(cases), every_measure(cases_of(**mixed)))


@SOME
@given(ANY_SEED)
def test_areas_sum_to_the_total(seed):
    """A split loses nobody and counts nobody twice; only children are counted once a cell."""
    frame = journeys(random_cases(seed, size=200))
    for measure in (local_requests.requests_by, local_timeliness.published_20_week):
        whole, split = (measure(frame, by=by) for by in ("year", ("year", "area")))
        summed = split.groupby(["period", "measure"])["numerator"].sum()
        total = whole.set_index(["period", "measure"])["numerator"].drop(
            "persons_with_request", level=1, errors="ignore"
        )

        assert total.to_dict() == summed.reindex(total.index).to_dict()


@SOME
@given(ANY_SEED)
def test_shares_lie_between_nought_and_a_hundred_and_bands_fill_the_base(seed):
    """Parts of a whole."""
    frame = journeys(random_cases(seed, size=200))
    rows = local_timeliness.published_20_week(frame, by="month")
    curve = local_timeliness.cumulative_incidence(frame, EXTRACT, weeks=30)
    ended = curve.groupby(["period", "week"])["value"].sum()
    bands = ["issued_within_20_weeks", "issued_20_to_52_weeks", "issued_over_52_weeks", "unclassified"]
    numerators = wide(rows, figure="numerator")
    base = wide(rows, figure="denominator")["issued_within_20_weeks"]

    assert rows["value"].dropna()[rows["denominator"].gt(0)].between(0, 100).all()
    assert base.tolist() == numerators[bands].sum(axis=1).tolist()
    assert ended.between(-1e-9, 100 + 1e-9).all()


@SOME
@given(ANY_SEED)
def test_bounds_are_in_order_and_meet_when_the_cohort_is_mature(seed):
    """Everything between them is what nobody knows yet."""
    at = date(2025, 9, 30)
    rows = wide(local_timeliness.cohorts(journeys(random_cases(seed, size=200), at=at), at))
    mature = rows[rows["mature"]]
    ends_ = ["on_time", "late", "issued_without_usable_dates", "refused", "not_issued", "withdrawn", "exported"]

    assert (rows["low"].fillna(0) <= rows["high"].fillna(0)).all()
    assert mature["low"].dropna().tolist() == mature["high"].dropna().tolist() and 0 < len(mature) < len(rows)
    assert rows["cohort_size"].tolist() == rows[[*ends_, "ended_unknown", "open"]].sum(axis=1).tolist()


@SOME
@given(ANY_SEED, st.integers(min_value=1, max_value=20))
def test_more_plans_on_time_cannot_lower_the_rate(seed, more):
    """If they could, the measure would punish what it asks for."""
    frame = journeys(random_cases(seed, size=150))
    soon = journeys(made([asked("2025-03-01")] * more, [assessed(n, day="2025-05-01") for n in range(1, more + 1)]))
    together = pd.concat([frame, soon.astype(frame.dtypes.to_dict())], ignore_index=True)

    for name in ("issued_within_20_weeks", "issued_within_20_weeks_ex"):
        before, now = (one(local_timeliness.published_20_week(f), name, period="2025") for f in (frame, together))
        assert np.isnan(before) or now >= before
