"""Outcomes and their dates from an extract that keeps a column for each kind of decision.

The return has one date of outcome; case systems often have one column for agreed, refused, issued and not issued.
A date of issue is the outcome's date only where the outcome is Y: decided but not issued is no date yet.
"""

import numpy as np
import pandas as pd

from highneeds.sources.extract_fields import AGREED_DATE, ISSUE_DATE, NOT_ISSUED_DATE, REFUSED_DATE

# Field of the return: columns of an extract that it is made of.
SOURCES = {
    "request_outcome_date": (AGREED_DATE, REFUSED_DATE),
    "assessment_outcome_date": (ISSUE_DATE, NOT_ISSUED_DATE),
    "start_date": (ISSUE_DATE,),
}


def with_outcomes(facts: pd.DataFrame, *, derive: bool) -> pd.DataFrame:
    """Facts with outcomes, outcome dates and the plan's start brought to the return's fields.

    facts: one row a request; columns by field, text. derive: where an outcome has no column, a date of issue means Y
    and Y before it, a refusal means N; a refusal stands even where a plan followed, as in the return. Else blank.
    The day of issue is the plan's start where the extract has no column for that.
    """
    facts = _with_outcome(facts, "assessment_outcome", (ISSUE_DATE, NOT_ISSUED_DATE), derive=derive)
    facts = _with_outcome(facts, "request_outcome", (AGREED_DATE, REFUSED_DATE), derive=derive)
    if ISSUE_DATE in facts and "start_date" not in facts:
        facts = facts.assign(start_date=facts[ISSUE_DATE])
    return facts.drop(
        columns=[name for name in (AGREED_DATE, REFUSED_DATE, ISSUE_DATE, NOT_ISSUED_DATE) if name in facts]
    )


def _with_outcome(facts: pd.DataFrame, outcome: str, sources: tuple[str, str], *, derive: bool) -> pd.DataFrame:
    yes, no = (_column(facts, name) for name in sources)
    dated, told = f"{outcome}_date", outcome in facts
    if not told and derive:
        facts = facts.assign(**{outcome: _derived(facts, outcome, yes, no)})
    if not any(name in facts for name in sources):
        return facts
    found, general = _column(facts, outcome).str.upper(), _column(facts, dated)
    either = no.fillna(yes).fillna(general)
    # Where there is a column for the day of issue, a day of decision does not stand in for it.
    when_yes = yes if sources[0] == ISSUE_DATE and ISSUE_DATE in facts else yes.fillna(general)
    days = either.mask(found.eq("Y"), when_yes).mask(found.eq("N"), no.fillna(general))
    return facts.assign(**{dated: days})


def _derived(facts: pd.DataFrame, outcome: str, yes: pd.Series, no: pd.Series) -> pd.Series:
    agreed = yes.notna()
    if outcome == "request_outcome":
        # Whoever was assessed, whatever came of it, was agreed to assess.
        agreed |= _column(facts, "assessment_outcome").isin(["Y", "N"])
        agreed |= _column(facts, ISSUE_DATE).notna() | _column(facts, NOT_ISSUED_DATE).notna()
    elif ISSUE_DATE not in facts and NOT_ISSUED_DATE not in facts:
        agreed |= _column(facts, "assessment_outcome_date").notna()
    letters = pd.Series("Y", index=facts.index, dtype="str").where(agreed)
    return letters.mask(no.notna(), "N")


def _column(facts: pd.DataFrame, name: str) -> pd.Series:
    return facts[name] if name in facts else pd.Series(np.nan, index=facts.index, dtype="str")
