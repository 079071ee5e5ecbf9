"""The slow reference: every measure on local case data in plain Python, row by row, from the written definitions.

It shares no code with `highneeds.measures` and types its own limits, so that a mistake there is not repeated here.
A measure is a dictionary: (period, splits ..., measure) to (numerator, denominator); a count has no denominator.
"""

import calendar
import statistics
from collections import defaultdict
from datetime import date, timedelta

import pandas as pd

SIX_WEEKS, SIXTEEN_WEEKS, TWENTY_WEEKS, A_YEAR = 42, 112, 140, 364
SIX_FLAGS = "request_mediation request_tribunal assessment_mediation assessment_tribunal other_mediation other_tribunal"
ENDED_OTHERWISE = ("refused", "not issued", "withdrawn", "exported")


def plain(table):
    """Rows of a frame as dictionaries: missing is None, times are dates."""
    rows = []
    for row in table.to_dict("records"):
        rows.append({name: plain_value(value) for name, value in row.items()})
    return rows


def plain_value(value):
    """One cell."""
    if value is None or value is pd.NA or value is pd.NaT or value != value:
        return None
    return value.date() if isinstance(value, pd.Timestamp) else value


# ---- One request -----------------------------------------------------------------------------------------------------


def state(cases, at=None, other=True):
    """What is known of each request at the end of a day: a list of dictionaries."""
    assessments = {row["request_id"]: row for row in plain(cases.assessments)}
    births = {row["person_id"]: row["birth_date"] for row in plain(cases.persons)}
    plans = defaultdict(list)
    for row in plain(cases.plans):
        plans[row["request_id"]].append(row["start_date"])
    known = []
    for request in plain(cases.requests):
        if at is not None and request["received_date"] is not None and request["received_date"] > at:
            continue
        assessment = assessments.get(request["request_id"])
        known.append(one_case(request, assessment, plans[request["request_id"]], at or date.max, other))
        known[-1]["birth_date"] = births.get(request["person_id"])
    return known


def one_case(request, assessment, starts, at, other):
    """State of one request."""
    case = dict(request)
    case["assessment_outcome"] = case["assessment_outcome_date"] = case["week20"] = None
    if assessment is not None:
        case.update({name: value for name, value in assessment.items()})
    flags = SIX_FLAGS.split() if other else SIX_FLAGS.split()[:4]
    case["dropped"] = any(case.get(flag) is True for flag in flags)
    case["exception"] = case["week20"] is True
    turn_back(case, at)
    starts = [start for start in starts if start is None or start <= at]
    dated = [start for start in starts if start is not None]
    case["has_plan"], case["plan_start"] = bool(starts), min(dated) if dated else None
    case["historical"] = case["request_outcome"] == "H"
    case["issued"] = case["assessment_outcome_date"] if case["assessment_outcome"] == "Y" else None
    case["ended_by"], case["ended"] = how_it_ended(case)
    decided = case["request_outcome_date"] if case["request_outcome"] in ("Y", "N") else None
    case["decided"] = decided
    case["to_decision"], case["to_issue"] = days(case, decided), days(case, case["issued"])
    return case


def turn_back(case, at):
    """Undo what is dated later than the day."""
    decision_to_come = False
    if case["request_outcome"] in ("Y", "N") and later(case["request_outcome_date"], at):
        decision_to_come = True
        case["request_outcome"] = "A"
    if case["request_outcome"] == "W" and later(case["closed_date"], at):
        case["request_outcome"] = "A"
    outcome, when = case["assessment_outcome"], case["assessment_outcome_date"]
    happened_on = when if outcome in ("Y", "N") else case["closed_date"] if outcome == "W" else None
    if later(happened_on, at):
        case["assessment_outcome"] = "A"
    if decision_to_come and (happened_on is None or later(happened_on, at)):
        case["assessment_outcome"] = None  # nothing undated in an assessment precedes the decision to assess
    for name in ("request_outcome_date", "assessment_outcome_date"):
        if later(case[name], at):
            case[name] = None
    if later(case["closed_date"], at):
        case["closed_date"] = case["exported"] = None


def later(day, at):
    """True where there is a day and it is after."""
    return day is not None and day > at


def how_it_ended(case):
    """Kind and day of the end."""
    request, assessment = case["request_outcome"], case["assessment_outcome"]
    if case["issued"] is not None:
        return "issued", case["issued"]
    if assessment == "N":
        if case["has_plan"]:
            return "issued", case["plan_start"]
        return "not issued", case["assessment_outcome_date"]
    if request == "N" and assessment not in ("Y", "A"):
        if case["has_plan"]:
            return "issued", case["plan_start"]
        if assessment != "W":
            return "refused", case["request_outcome_date"]
    if case["exported"] is not None:
        return "exported", case["closed_date"]
    if request == "W" or assessment == "W":
        return "withdrawn", case["closed_date"]
    if assessment == "H" or (request == "H" and assessment is None):
        return "historical", None
    return "none", None


def days(case, day):
    """Days since the request; None where either day is missing or they are the wrong way round."""
    if day is None or case["received_date"] is None or day < case["received_date"]:
        return None
    return (day - case["received_date"]).days


# ---- Counting --------------------------------------------------------------------------------------------------------


class Tally:
    """Numerators and denominators by cell."""

    def __init__(self, splits=()):
        """Splits are names of columns of a case."""
        self.splits, self.top, self.bottom = splits, defaultdict(int), defaultdict(int)

    def key(self, case, period, measure):
        """Cell of a case."""
        return (period, *(case[name] if case[name] is not None else "not recorded" for name in self.splits), measure)

    def count(self, case, period, measure, counts=True):
        """One more, where it counts."""
        if period is not None and counts:
            self.top[self.key(case, period, measure)] += 1

    def share(self, case, period, measure, part, whole):
        """One more of the whole, and of the part."""
        if period is not None and whole:
            self.bottom[self.key(case, period, measure)] += 1
            self.top[self.key(case, period, measure)] += bool(part)

    def cells(self):
        """(numerator, denominator) by cell; no denominator for counts; empty cells left out."""
        keys = set(self.top) | set(self.bottom)
        return {key: (self.top[key], self.bottom.get(key)) for key in keys if self.top[key] or self.bottom.get(key)}


def month(day):
    """`2024-03`."""
    return None if day is None else f"{day.year:04d}-{day.month:02d}"


def year(day):
    """`2024`."""
    return None if day is None else f"{day.year:04d}"


def last_of(period):
    """Last day of a month or year."""
    if len(period) == 4:
        return date(int(period), 12, 31)
    number = int(period[5:])
    return date(int(period[:4]), number, calendar.monthrange(int(period[:4]), number)[1])


# ---- Requests and timeliness -----------------------------------------------------------------------------------------


def requests_by(known, period=month, splits=()):
    """Requests, decisions, refusals both ways, six weeks."""
    tally, people = Tally(splits), defaultdict(set)
    for case in known:
        outcome, when = case["request_outcome"], period(case["received_date"])
        if not case["historical"]:
            tally.count(case, when, "requests_received")
            if when is not None:
                people[tally.key(case, when, "persons_with_request")].add(case["person_id"])
            tally.share(case, when, "agreed_of_received", outcome == "Y", True)
            tally.share(case, when, "refused_of_received", outcome == "N", True)
            tally.share(case, when, "refused_of_decided", outcome == "N", outcome in ("Y", "N"))
            tally.share(case, when, "refusals_undone", case["ended_by"] != "refused", outcome == "N")
            tally.count(case, when, "awaiting_decision", outcome in ("A", None))
            tally.count(case, when, "withdrawn_before_decision", outcome == "W")
            undated = outcome in ("Y", "N") and case["request_outcome_date"] is None
            tally.count(case, when, "decisions_without_date", undated)
        when, wait = period(case["decided"]), case["to_decision"]
        tally.count(case, when, "decisions")
        tally.share(case, when, "decided_within_6_weeks", wait is not None and wait <= SIX_WEEKS, True)
        tally.count(case, when, "decided_on_limit_day", wait == SIX_WEEKS)
        tally.count(case, when, "decided_day_after_limit", wait == SIX_WEEKS + 1)
        tally.count(case, when, "decided_without_usable_dates", wait is None)
    return tally.cells() | {key: (len(found), None) for key, found in people.items()}


def bands(case):
    """Which bands the wait of a plan is in, and whether it lies on the limit."""
    wait = case["to_issue"]
    return {
        "issued_within_20_weeks": wait is not None and wait <= TWENTY_WEEKS,
        "issued_20_to_52_weeks": wait is not None and TWENTY_WEEKS < wait <= A_YEAR,
        "issued_over_52_weeks": wait is not None and wait > A_YEAR,
        "unclassified": wait is None,
        "issued_on_limit_day": wait == TWENTY_WEEKS,
        "issued_day_after_limit": wait == TWENTY_WEEKS + 1,
    }


def published_20_week(known, period=year, splits=()):
    """Domain 4.4."""
    tally = Tally(splits)
    for case in known:
        when = period(case["issued"])
        tally.count(case, when, "plans_issued")
        tally.share(case, when, "issued_within_20_weeks_all", bands(case)["issued_within_20_weeks"], True)
        tally.share(case, when, "dropped_mediation_tribunal", case["dropped"], True)
        for name, holds in bands(case).items():
            tally.share(case, when, name, holds, not case["dropped"])
            tally.share(case, when, name + "_ex", holds, not case["dropped"] and not case["exception"])
        tally.share(case, when, "exceptions", case["exception"], not case["dropped"])
        tally.share(case, when, "exceptions_blank", case["week20"] is None, not case["dropped"])
    return tally.cells()


def due_month(known, at, splits=()):
    """Domain 4.5, companion: of plans due in the month, share issued by the due day."""
    tally = Tally(splits)
    for case in known:
        if case["historical"] or case["received_date"] is None:
            continue
        due = case["received_date"] + timedelta(days=TWENTY_WEEKS)
        otherwise = case["ended_by"] in (*ENDED_OTHERWISE, "historical")
        left = otherwise and (case["ended"] is None or case["ended"] <= due)
        in_time, when = bands(case)["issued_within_20_weeks"], month(due)
        if due > at:
            tally.count(case, when, "not_yet_known", case["ended_by"] == "none")
            continue
        tally.count(case, when, "ended_otherwise", left)
        tally.count(case, when, "plans_due", not left)
        tally.share(case, when, "issued_by_due_day", in_time, not left)
        tally.share(case, when, "issued_by_due_day_ex", in_time, not left and not case["exception"])
    return tally.cells()


def cohorts(known, at, agreed_only=False, exclude_exceptions=False, splits=()):
    """Domain 4.5: what became of a month's requests."""
    tally = Tally(splits)
    for case in known:
        left_out = case["historical"] or (agreed_only and case["request_outcome"] != "Y")
        if left_out or (exclude_exceptions and case["exception"]):
            continue
        when, end, wait = month(case["received_date"]), case["ended_by"], case["to_issue"]
        if when is None:
            continue
        on_time = wait is not None and wait <= TWENTY_WEEKS
        young = end == "none" and (at - case["received_date"]).days < TWENTY_WEEKS
        tally.count(case, when, "cohort_size")
        tally.count(case, when, "on_time", on_time)
        tally.count(case, when, "late", wait is not None and not on_time)
        tally.count(case, when, "issued_without_usable_dates", end == "issued" and wait is None)
        for kind in ENDED_OTHERWISE:
            tally.count(case, when, kind.replace(" ", "_"), end == kind)
        tally.count(case, when, "ended_unknown", end == "historical")
        tally.count(case, when, "open", end == "none")
        tally.count(case, when, "open_within_20_weeks", young)
        tally.share(case, when, "low", on_time, True)
        tally.share(case, when, "high", on_time or young, True)
    return tally.cells()


def incidence(known, at, weeks):
    """Aalen-Johansen by loops: (period, event, week) to share 0-100, for months and `all`."""
    groups = defaultdict(list)
    for case in known:
        if case["historical"] or case["received_date"] is None:
            continue
        spent = time_and_event(case, at)
        if spent is not None:
            groups[month(case["received_date"])].append(spent)
            groups["all"].append(spent)
    return {
        (period, event, week): value
        for period, spent in groups.items()
        for (event, week), value in aalen_johansen(spent, weeks).items()
    }


def time_and_event(case, at):
    """Days to the end and its kind, or days seen and None; None where it cannot be told."""
    end, ended = case["ended_by"], case["ended"]
    if end == "historical":
        return None
    if end == "none":
        return (at - case["received_date"]).days, None
    if ended is None:
        if end == "issued":
            return None
        known = case["to_decision"] if end != "refused" else None
        return known or 0, end
    spent = (ended - case["received_date"]).days
    return None if spent < 0 else (spent, end)


def aalen_johansen(spent, weeks):
    """(event, week) to share 0-100 by the week's last day."""
    still_open, share, found = 1.0, dict.fromkeys(("issued", *ENDED_OTHERWISE), 0.0), {}
    by_day = defaultdict(lambda: defaultdict(int))
    for time, event in spent:
        by_day[time][event] += 1
    at_risk = len(spent)
    for day in range(7 * weeks + 1):
        today = by_day.get(day, {})
        ended = {event: count for event, count in today.items() if event is not None}
        for event, count in ended.items():
            share[event] += still_open * count / at_risk
        if ended:
            still_open *= 1 - sum(ended.values()) / at_risk
        at_risk -= sum(today.values())
        if day % 7 == 0:
            found |= {(event, day // 7): 100 * value for event, value in share.items()}
    return found


def stage_of(case):
    """Stage of an open case."""
    if case["assessment_outcome"] == "Y":
        return "agreed, not yet issued"
    if case["request_outcome"] in ("A", None):
        return "awaiting the decision whether to assess"
    return "being assessed"


def weeks_open(age):
    """Band of an age in days."""
    if age is None:
        return "not recorded"
    for weeks, label in ((6, "0-6"), (16, "6-16"), (20, "16-20"), (26, "20-26"), (39, "26-39"), (52, "39-52")):
        if age <= 7 * weeks:
            return label + " weeks"
    return "52+ weeks"


def open_cases(known, at):
    """Domain 4.3: (stage, weeks open, measure) to (numerator, denominator); waits apart."""
    tally, waits = Tally(), defaultdict(list)
    for case in known:
        if case["ended_by"] != "none":
            continue
        age = None if case["received_date"] is None else (at - case["received_date"]).days
        stage, band = stage_of(case), weeks_open(age)
        for one in (stage, "all"):
            for other in (band, "all"):
                tally.count(case, (one, other), "open_cases")
                tally.count(case, (one, other), "open_with_exception", case["exception"])
            tally.count(case, (one, "all"), "open_with_plan_record", case["has_plan"])
            if age is not None:
                waits[one].append(age)
        for measure, limit, undone in (
            ("overdue_decision", SIX_WEEKS, stage.startswith("awaiting")),
            ("overdue_issue_decision", SIXTEEN_WEEKS, not stage.startswith("agreed")),
            ("overdue_plan", TWENTY_WEEKS, True),
        ):
            late = age is not None and age > limit
            for one in (stage, "all"):
                tally.share(case, (one, "all"), measure, late, undone)
                tally.share(case, (one, "all"), measure + "_ex", late, undone and not case["exception"])
    return {(*key[0], key[1]): pair for key, pair in tally.cells().items()}, {k: quartiles(v) for k, v in waits.items()}


def waits(known, period=month):
    """Quartiles of days to issue by period of issue."""
    found = defaultdict(list)
    for case in known:
        if case["issued"] is not None and case["to_issue"] is not None:
            found[period(case["issued"])].append(case["to_issue"])
    return {when: quartiles(values) for when, values in found.items()}


def quartiles(values):
    """Lower quartile, median, upper quartile."""
    if len(values) == 1:
        return [float(values[0])] * 3
    return [float(value) for value in statistics.quantiles(values, n=4, method="inclusive")]


# ---- Plans -----------------------------------------------------------------------------------------------------------


def plans_on(cases, on, cease_day_counts=False):
    """Plans maintained on a day, each with its child and area."""
    child = {row["request_id"]: row["person_id"] for row in plain(cases.links)}
    people = {row["person_id"]: row for row in plain(cases.persons)}
    areas = {row["request_id"]: row["area"] for row in plain(cases.requests)}
    held = []
    for plan in plain(cases.plans):
        if plan["start_date"] is None or plan["start_date"] > on:
            continue
        ceased = plan["cease_date"]
        if ceased is None or ceased > on or (cease_day_counts and ceased == on):
            person = child[plan["request_id"]]
            held.append(plan | {"person": people[person], "area": areas.get(plan["request_id"])})
    return held


def age(born, on):
    """Completed years."""
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def age_band(born, on):
    """DfE's bands."""
    if born is None or born > on:
        return "not recorded"
    years = age(born, on)
    for last, label in ((4, "Under 5"), (10, "Age 5 to 10"), (15, "Age 11 to 15"), (19, "Age 16 to 19")):
        if years <= last:
            return label
    return "Age 20 to 25" if years <= 25 else "Age 26 and over"


def placement(records, on, types):
    """Setting and provision on a day from the placement records of a request."""
    spanning = []
    for row in records:
        entered = row["kind"] == "active" and row["entry_date"] is not None and row["entry_date"] <= on
        if entered and (row["leaving_date"] is None or row["leaving_date"] > on):
            spanning.append(row)
    if not spanning:
        return "not recorded", "not recorded"
    first = min(spanning, key=lambda row: precedence(row, on))
    unit, resourced = first["sen_unit_indicator"] is True, first["resourced_provision_indicator"] is True
    provision = {(0, 0): "neither", (1, 0): "SEN unit", (0, 1): "resourced provision", (1, 1): "both"}[unit, resourced]
    if first["sen_setting"] is not None:
        return first["sen_setting"], provision
    if first["urn"] is None:
        return "not recorded", provision
    return types.get(first["urn"], "establishment of unknown type"), provision


def precedence(row, on):
    """Rank, then the latest entered, then the order of codes, then flagged before not."""
    codes = (row["urn"] or "~", row["sen_setting"] or "~")
    flags = (row["sen_unit_indicator"] is not True, row["resourced_provision_indicator"] is not True)
    return (row["placement_rank"] or "9", on - row["entry_date"], *codes, *flags)


def need(records):
    """Primary need from the need records of a request."""
    first = {row["sen_type"] for row in records if row["sen_type_rank"] == "1" and row["sen_type"] is not None}
    return "not recorded" if not first else first.pop() if len(first) == 1 else "two recorded"


def caseload(cases, on, cease_day_counts=False, types=()):
    """(breakdown, category) to plans; persons apart."""
    placements, needs, counts = defaultdict(list), defaultdict(list), defaultdict(int)
    for row in plain(cases.placements):
        placements[row["request_id"]].append(row)
    for row in plain(cases.needs):
        needs[row["request_id"]].append(row)
    held = plans_on(cases, on, cease_day_counts)
    for plan in held:
        setting, provision = placement(placements[plan["request_id"]], on, dict(types))
        counts["age band", age_band(plan["person"]["birth_date"], on)] += 1
        counts["sex", plan["person"]["sex"] or "not recorded"] += 1
        counts["primary need", need(needs[plan["request_id"]])] += 1
        counts["placement", setting] += 1
        counts["provision", provision] += 1
        counts["area", plan["area"] or "not recorded"] += 1
    return dict(counts), len(held), len({plan["person"]["person_id"] for plan in held})


def new_plans(cases):
    """By year: plans issued, and plans transferred in."""
    tally = Tally()
    for row in plain(cases.assessments):
        if row["assessment_outcome"] == "Y":
            tally.count(row, year(row["assessment_outcome_date"]), "new_plans")
    for row in plain(cases.plans):
        tally.count(row, year(row["start_date"]), "transferred_in", row["transfer_la"] is not None)
    return tally.cells()


def ceased(cases):
    """By year and reason."""
    counts = defaultdict(int)
    for row in plain(cases.plans):
        if row["cease_date"] is not None:
            counts[year(row["cease_date"]), row["cease_reason"] or "not recorded"] += 1
    return dict(counts)


def a_year_after(day):
    """Same day of the next year; 29 February becomes the 28th."""
    try:
        return day.replace(year=day.year + 1)
    except ValueError:
        return day.replace(year=day.year + 1, day=28)


def annual_reviews(cases, on):
    """Measure to (numerator, denominator)."""
    older = reviewed = judged = in_time = awaited = to_come = 0
    transfers = defaultdict(lambda: [0, 0])
    for plan in plans_on(cases, on):
        meeting, sent = plan["review_meeting"], plan["last_review"]
        recent = meeting is not None and meeting <= on <= a_year_after(meeting)
        if a_year_after(plan["start_date"]) < on:
            older += 1
            reviewed += recent
        if recent:
            decided = sent is not None and meeting <= sent <= on
            if decided or (on - meeting).days > 28:
                judged += 1
                in_time += decided and (sent - meeting).days <= 28
            else:
                awaited += 1
        due, final = plan["phase_transfer_due_date"], plan["phase_transfer_final_date"]
        if due is not None and due > on:
            to_come += 1
        elif due is not None:
            transfers[due.isoformat()][1] += 1
            transfers[due.isoformat()][0] += final is not None and final <= due
    return {
        ("Total", "reviewed_in_12_months"): (reviewed, older),
        ("Total", "review_overdue"): (older - reviewed, older),
        ("Total", "decided_within_4_weeks"): (in_time, judged),
        ("Total", "decision_awaited"): (awaited, None),
        ("Total", "phase_transfers_to_come"): (to_come, None),
        **{(due, "final_plan_by_due_day"): tuple(pair) for due, pair in transfers.items()},
    }
