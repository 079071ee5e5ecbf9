"""Rules on annual reviews: their order with the plan's own dates, reviews and decisions that are overdue."""

import numpy as np
import pandas as pd

from highneeds import fields, limits
from highneeds.cases import WARNING
from highneeds.clean.rules.model import ANNEX_A, REVIEWS, Context, Look, Rule, counted, number, saw
from highneeds.clean.rules.view import ACTIVE_PART


def issued_after_review(context: Context) -> Look:
    """Plans whose issue is later than their last review, or than the day the record was last updated."""
    view = context.view
    told = np.where(
        view.code("assessments", "assessment_outcome", "Y"),
        view.dates("assessments", "assessment_outcome_date"),
        np.datetime64("NaT"),
    )
    told = view.up("plans", "assessments", told)
    issued = np.where(np.isnat(told), view.dates("plans", "start_date"), told)
    review, updated = view.dates("plans", "last_review"), view.dates("plans", "updated_date")
    reviewed, changed = issued > review, issued > updated
    looked = ~np.isnat(issued) & ~(np.isnat(review) & np.isnat(updated))
    words = counted([("after the last review", number(reviewed)), ("after the last update", number(changed))])
    return saw(context, ACTIVE_PART, reviewed | changed, looked, words)


def review_overdue(context: Context) -> Look:
    """Plans held whose annual review is overdue, or whose review decision is late or was."""
    view = context.view
    held, day = view.open_plans, view.day
    meeting, decision = view.dates("plans", "review_meeting"), view.dates("plans", "last_review")
    last = np.fmax(np.fmax(view.dates("plans", "start_date"), meeting), decision)
    due = _due(limits.ANNUAL_REVIEW, last)
    overdue = held & (due < day)
    answer_due = _due(limits.REVIEW_DECISION, meeting)
    answered = decision >= meeting
    late = held & np.where(answered, decision > answer_due, answer_due < day)
    words = [
        ("review more than 12 months ago", number(overdue)),
        ("decision over 4 weeks after the meeting", number(late)),
    ]
    return saw(context, ACTIVE_PART, overdue | late, held & ~np.isnat(last), counted(words))


def _due(step: str, starts: np.ndarray) -> np.ndarray:
    return limits.due_dates(step, pd.Series(starts)).to_numpy()


RULES = (
    Rule(
        "DQ43",
        WARNING,
        "Issued after its review or update",
        "A plan's date of issue is later than its last review, or than the day its record was last updated.",
        "Check the dates. Where the plan's date is that of an amended plan, nothing needs correcting.",
        issued_after_review,
        needs=((fields.NAMED_PLAN, "start_date"),),
        stops=(REVIEWS,),
        origin=ANNEX_A,
    ),
    Rule(
        "DQ44",
        WARNING,
        "Annual review overdue or decided late",
        "A plan was last reviewed (or made) over 12 months ago, or its review was decided over 4 weeks after the "
        "meeting.",
        "Enter reviews that were held and decisions that were sent; the rest is work to do.",
        review_overdue,
        needs=((fields.NAMED_PLAN, "start_date"), (fields.ACTIVE_PLANS, "last_review")),
        stops=(REVIEWS,),
    ),
)
