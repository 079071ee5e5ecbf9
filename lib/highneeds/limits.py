"""Statutory time limits, as a dated table: law changes, so no limit is a number in code.

Weeks are calendar weeks. The day the clock starts is day 0; a step is on time when days <= limit.
DfE's exact boundary is not published, so measures also count the cases on the day of the limit and the day after.
"""

from dataclasses import dataclass
from datetime import date

import pandas as pd


@dataclass(frozen=True)
class Limit:
    """One limit: what must be done within how many days, the law, and the days between which it holds."""

    step: str
    days: int
    says: str
    law: str
    valid_from: date
    valid_to: date | None = None
    months: int = 0  # where the law counts months, days is 0


DECIDE_TO_ASSESS = "decide_to_assess"
DECIDE_NOT_TO_ISSUE = "decide_not_to_issue"
ISSUE_PLAN = "issue_plan"
ANNUAL_REVIEW = "annual_review"
REVIEW_DECISION = "review_decision"
REVIEW_FINAL_PLAN = "review_final_plan"

_REGULATIONS = date(2014, 9, 1)
LIMITS = (
    Limit(DECIDE_TO_ASSESS, 42, "decide and tell the family whether to assess", "SI 2014/1530 reg 5(1)", _REGULATIONS),
    Limit(
        DECIDE_NOT_TO_ISSUE, 112, "tell the family that no plan will be issued", "SI 2014/1530 reg 10(1)", _REGULATIONS
    ),
    Limit(ISSUE_PLAN, 140, "send the final plan", "SI 2014/1530 reg 13(2)", _REGULATIONS),
    Limit(
        ANNUAL_REVIEW, 0, "review the plan after it was made or last reviewed", "CFA 2014 s44", _REGULATIONS, months=12
    ),
    Limit(REVIEW_DECISION, 28, "decide after the review meeting", "SI 2014/1530 reg 20(10)", _REGULATIONS),
    Limit(
        REVIEW_FINAL_PLAN,
        84,
        "send the amended plan after the review meeting",
        "SI 2014/1530 reg 22(3)",
        date(2022, 3, 3),
    ),
)


def limit(step: str, on: date) -> Limit:
    """The limit that holds for a clock that starts on a day. Raises KeyError where none held then."""
    for found in LIMITS:
        if found.step == step and found.valid_from <= on and (found.valid_to is None or on <= found.valid_to):
            return found
    raise KeyError(f"{step}: no limit held on {on}")


def due_dates(step: str, starts: pd.Series) -> pd.Series:
    """Last day on which the step is on time, for clocks that start on these days (datetime64, NaT kept)."""
    due = pd.Series(pd.NaT, index=starts.index, dtype=starts.dtype)
    for found in LIMITS:
        if found.step != step:
            continue
        holds = starts.ge(pd.Timestamp(found.valid_from))
        if found.valid_to is not None:
            holds &= starts.le(pd.Timestamp(found.valid_to))
        span = pd.DateOffset(months=found.months) if found.months else pd.Timedelta(days=found.days)
        due = due.where(~holds, starts + span)
    return due
