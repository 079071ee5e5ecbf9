"""Rules on dates: their order, dates that are missing or should not be there, waits."""

import numpy as np

from highneeds import fields, limits
from highneeds.cases import ERROR, WARNING
from highneeds.clean.rules.model import (
    ANNEX_A,
    BY_REQUEST_MONTH,
    CASELOAD,
    CEASED,
    IN_HAND,
    MONTHLY,
    PLACEMENTS,
    SIX_WEEKS,
    TIMES,
    TWENTY_WEEKS,
    Context,
    Hit,
    Look,
    Rule,
    counted,
    number,
    saw,
)
from highneeds.clean.rules.structure import SPANS, of_kind, set_aside
from highneeds.clean.rules.view import FAR

_WEEK = np.timedelta64(7, "D")
LONG_WAIT = np.timedelta64(104 * 7, "D")
# Bunching: this many decisions on the day of a limit, and this many times what the weeks around it suggest.
BUNCH_LEAST, BUNCH_TIMES = 10, 3
# Both days are working days, so a wait of whole weeks is commonest: 5 of the 25 pairs of weekdays. The seven days
# on each side of it hold 50 such pairs, ten times as many.
BUNCH_SHARE = 5 / 50

_RECEIVED = (fields.REQUESTS, "received_date")
_OUTCOME, _DECIDED = (fields.REQUESTS, "request_outcome"), (fields.REQUESTS, "request_outcome_date")
_ASSESSED, _TOLD = (fields.ASSESSMENT, "assessment_outcome"), (fields.ASSESSMENT, "assessment_outcome_date")


def decided_before_received(context: Context) -> Look:
    """Requests decided before they were received."""
    view = context.view
    received, decided = view.dates("requests", "received_date"), view.dates("requests", "request_outcome_date")
    return saw(context, "requests", decided < received, ~np.isnat(decided) & ~np.isnat(received))


def issued_before_received(context: Context) -> Look:
    """Plans issued, or refused, before the request was received."""
    return _told_before(context, context.view.dates("requests", "received_date"))


def issued_before_decided(context: Context) -> Look:
    """Plans issued, or refused, before it was decided to assess."""
    return _told_before(context, context.view.dates("requests", "request_outcome_date"))


def _told_before(context: Context, parents: np.ndarray) -> Look:
    view = context.view
    told, before = view.dates("assessments", "assessment_outcome_date"), view.up("assessments", "requests", parents)
    final = view.code("assessments", "assessment_outcome", "Y", "N")
    return saw(context, "assessments", final & (told < before), final & ~np.isnat(told) & ~np.isnat(before))


def outcome_without_date(context: Context) -> Look:
    """Final outcomes without a date; a plan decided but not yet issued (DQ16) is not among them."""
    view = context.view
    decided = view.code("requests", "request_outcome", "Y", "N")
    refused = view.code("assessments", "assessment_outcome", "N")
    hits = (
        Hit(view.places("requests"), decided & np.isnat(view.dates("requests", "request_outcome_date"))),
        Hit(view.places("assessments"), refused & np.isnat(view.dates("assessments", "assessment_outcome_date"))),
    )
    words = counted([("requests", number(hits[0].mask)), ("assessments", number(hits[1].mask))])
    return Look(hits, number(decided) + number(refused), words)


def date_without_outcome(context: Context) -> Look:
    """Dates beside outcomes that have none: awaited, withdrawn, historical."""
    view, hits, looked = context.view, [], 0
    for table, outcome in (("requests", "request_outcome"), ("assessments", "assessment_outcome")):
        none = view.code(table, outcome, "A", "W", "H")
        hits.append(Hit(view.places(table), none & ~np.isnat(view.dates(table, f"{outcome}_date"))))
        looked += number(none)
    words = counted([("requests", number(hits[0].mask)), ("assessments", number(hits[1].mask))])
    return Look(tuple(hits), looked, words)


def not_yet_issued(context: Context) -> Look:
    """Decided to issue a plan, without a date of issue."""
    view = context.view
    issue = view.code("assessments", "assessment_outcome", "Y")
    return saw(context, "assessments", issue & np.isnat(view.dates("assessments", "assessment_outcome_date")), issue)


def long_waits(context: Context) -> Look:
    """Requests that waited over two years for their end, or are open for longer, or ended before they began."""
    view = context.view
    received = view.dates("requests", "received_date").astype("datetime64[D]")
    historical = view.code("requests", "request_outcome", "H")
    open_now = view.ends == FAR
    waits = np.where(open_now, view.day, view.ends) - received
    told = view.dates("assessments", "assessment_outcome_date").astype("datetime64[D]")
    decided = view.dates("requests", "request_outcome_date").astype("datetime64[D]")
    early = decided < received
    at = view.at("assessments", "requests")
    early[at[(told < received[at]) & (at >= 0)]] = True
    late = (waits > LONG_WAIT) & ~early
    mask, looked = (late | early) & ~historical, ~np.isnat(received) & ~historical
    words = [("still open after 104 weeks", late & open_now), ("ended after 104 weeks", late & ~open_now)]
    words += [("ended before they began", early)]
    return saw(context, "requests", mask, looked, counted((text, number(hit & looked)) for text, hit in words))


def bunched(context: Context) -> Look:
    """Outcomes dated on exactly the last day of a time limit, far more than the days around it suggest."""
    view = context.view
    received = view.dates("requests", "received_date")
    decided = view.dates("requests", "request_outcome_date") - received
    told = view.dates("assessments", "assessment_outcome_date") - view.up("assessments", "requests", received)
    steps = (
        ("requests", decided, view.code("requests", "request_outcome", "Y", "N"), limits.DECIDE_TO_ASSESS),
        ("assessments", told, view.code("assessments", "assessment_outcome", "N"), limits.DECIDE_NOT_TO_ISSUE),
        ("assessments", told, view.code("assessments", "assessment_outcome", "Y"), limits.ISSUE_PLAN),
    )
    hits, words, looked = [], [], 0
    for table, waits, final, step in steps:
        days = limits.limit(step, context.cases.extract_date).days
        on_day = final & (waits == np.timedelta64(days, "D"))
        apart = np.abs(waits - np.timedelta64(days, "D"))
        near, week_off = (number(final & mask) for mask in (apart <= _WEEK, apart == _WEEK))
        count = number(on_day)
        # Where all decide on one weekday, only that weekday can be compared.
        expected = max((near - count) * BUNCH_SHARE, week_off / 2)
        looked += number(final & ~np.isnat(waits))
        if count >= BUNCH_LEAST and count > BUNCH_TIMES * expected:
            hits.append(Hit(view.places(table), on_day))
            words.append(f"day {days}: {count:,}, about {expected:,.0f} expected from the week on each side")
    return Look(tuple(hits), looked, "; ".join(words))


RULES = (
    Rule(
        "DQ05",
        ERROR,
        "Received date missing",
        "A request has no received date, so no time limit and no month can be worked out.",
        "Enter the day the request was received. The request is set aside until then; its plan still counts.",
        set_aside("DQ05", (fields.REQUESTS,)),
        needs=(_RECEIVED,),
        stops=(MONTHLY, *TIMES, IN_HAND),
    ),
    Rule(
        "DQ06",
        ERROR,
        "Date after the extract",
        "A received, decision, issue, review or birth date is later than the day of the extract.",
        "Correct the date, or give the right day of the extract. The date is read as missing.",
        set_aside("DQ06", of_kind(fields.DATE)),
        stops=(MONTHLY, *TIMES, IN_HAND, CASELOAD),
        origin=ANNEX_A,
    ),
    Rule(
        "DQ07",
        ERROR,
        "Decided before received",
        "The decision whether to assess is dated before the request was received.",
        "Check both dates; often a re-opened request kept its first decision's date.",
        decided_before_received,
        needs=(_RECEIVED, _DECIDED),
        stops=(SIX_WEEKS,),
    ),
    Rule(
        "DQ08",
        ERROR,
        "Issued before received",
        "The plan was issued (or the family told that none will be) before the request was received.",
        "Check both dates; a plan from a transfer or an earlier request belongs to that request, as historical (H).",
        issued_before_received,
        needs=(_RECEIVED, _ASSESSED, _TOLD),
        stops=(TWENTY_WEEKS, BY_REQUEST_MONTH),
    ),
    Rule(
        "DQ09",
        ERROR,
        "Issued before the decision to assess",
        "The plan was issued (or the family told that none will be) before the decision whether to assess.",
        "Check both dates; where the first decision was changed, keep the first decision's own date.",
        issued_before_decided,
        needs=(_DECIDED, _ASSESSED, _TOLD),
        stops=(TWENTY_WEEKS, BY_REQUEST_MONTH),
    ),
    Rule(
        "DQ10",
        ERROR,
        "Ends before it begins",
        "A plan ceased before it started, or a placement was left before it was entered.",
        "Check both dates. The row is set aside until then.",
        set_aside("DQ10", SPANS),
        stops=(CASELOAD, CEASED, PLACEMENTS),
    ),
    Rule(
        "DQ11",
        WARNING,
        "Outcome without a date",
        "A decision (Y or N) has no date that can be used. Plans not yet issued are under DQ16.",
        "Enter the day on which the family was told.",
        outcome_without_date,
        needs=(_OUTCOME, _DECIDED),
        stops=(SIX_WEEKS,),
    ),
    Rule(
        "DQ12",
        WARNING,
        "Date without a final outcome",
        "There is a date beside an outcome that has none: awaited (A), withdrawn (W) or historical (H).",
        "Remove the date, or enter the outcome that was reached on it.",
        date_without_outcome,
        needs=(_OUTCOME, _DECIDED),
        stops=(SIX_WEEKS,),
    ),
    Rule(
        "DQ16",
        WARNING,
        "Plan agreed, no issue date",
        "It was decided to issue a plan, and there is no date of issue. The request counts as open.",
        "Enter the day the final plan was sent, or leave it blank if it has not been sent.",
        not_yet_issued,
        needs=(_ASSESSED, _TOLD),
        stops=(TWENTY_WEEKS,),
    ),
    Rule(
        "DQ31",
        WARNING,
        "Wait over 104 weeks, or negative",
        "A request waited over two years for its end, is still open after two years, or ended before it began.",
        "Check the received date; close requests that were withdrawn, moved away or entered twice.",
        long_waits,
        needs=(_RECEIVED, _OUTCOME, _ASSESSED, _TOLD),
        stops=(IN_HAND, BY_REQUEST_MONTH),
    ),
    Rule(
        "DQ32",
        WARNING,
        "Decisions bunch on the last day",
        "Many decisions are dated on exactly the last day of a time limit (day 42, 112 or 140): at least 10, and over "
        "three times as many as the week on each side suggests.",
        "Check that the date is the day the family was told, and not one the system fills in.",
        bunched,
        needs=(_RECEIVED, _OUTCOME, _DECIDED, _ASSESSED, _TOLD),
        stops=TIMES,
    ),
)
