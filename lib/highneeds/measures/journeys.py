"""Journeys: one row a request, with its steps, its time limits and how it ended, on any past day.

Owns how the records of a request join (by request id, never by child) and which event ended the case.
What is counted from journeys belongs to `local_requests` and `local_timeliness`.
"""

from datetime import date

import numpy as np
import pandas as pd

from highneeds.cases import Cases
from highneeds.errors import SchemaError
from highneeds.fields import ASSESSMENT, REQUESTS
from highneeds.limits import DECIDE_NOT_TO_ISSUE, DECIDE_TO_ASSESS, ISSUE_PLAN, due_dates

ISSUED, NOT_ISSUED, REFUSED = "issued", "not issued", "refused"
EXPORTED, WITHDRAWN, HISTORICAL, OPEN = "exported", "withdrawn", "historical", "none"
# In order of precedence, should a record claim two of them: what is dated and firm comes first.
ENDS = (ISSUED, NOT_ISSUED, REFUSED, EXPORTED, WITHDRAWN, HISTORICAL, OPEN)
COMPETING = (REFUSED, NOT_ISSUED, WITHDRAWN, EXPORTED)

FLAGS = {
    "request_mediation": REQUESTS,
    "request_tribunal": REQUESTS,
    "assessment_mediation": ASSESSMENT,
    "assessment_tribunal": ASSESSMENT,
    "other_mediation": ASSESSMENT,
    "other_tribunal": ASSESSMENT,
}
OTHER_FLAGS = ("other_mediation", "other_tribunal")

_OUTCOME = pd.CategoricalDtype(list("YNAWH"))
_END = pd.CategoricalDtype(list(ENDS))
_DATE, _FLAG = "datetime64[us]", "boolean"
_REQUESTS = {
    "request_id": "int64",
    "person_id": "int64",
    "received_date": _DATE,
    "request_outcome": "str",
    "request_outcome_date": _DATE,
    "request_mediation": _FLAG,
    "request_tribunal": _FLAG,
    "exported": "str",
    "closed_date": _DATE,
}
_ASSESSMENTS = {
    "assessment_outcome": "str",
    "assessment_outcome_date": _DATE,
    "assessment_mediation": _FLAG,
    "assessment_tribunal": _FLAG,
    "other_mediation": _FLAG,
    "other_tribunal": _FLAG,
    "week20": _FLAG,
}


def journeys(cases: Cases, *, at: date | None = None, other_flags_exclude: bool = True) -> pd.DataFrame:
    """One row a request, in the order of `cases.requests`.

    request_id, person_id, received_date, area and request_source (where held), birth_date; request_outcome and
    assessment_outcome (category Y, N, A, W, H) with their dates; week20 as recorded; exception (week20, blank is no;
    missing throughout where no input carries the field); any_mediation_or_tribunal (any of the six flags, or of four
    with other_flags_exclude False; a blank flag is not raised; missing throughout where no input carries a flag);
    exported, closed_date; historical (request outcome H); has_plan, plan_start (earliest plan under the request);
    issued_date (assessment outcome Y with a date); ended_by (see ENDS) and ended_date; days_to_decision and
    days_to_issue (missing: without usable dates, which negative ones are too); decide_due, not_issue_due, issue_due.

    How a case ended, where records disagree: the first of ENDS. A refusal is undone by an assessment record with an
    outcome Y, N, A or W, or by a plan; a decision not to issue is undone by a plan, and then the case ended on that
    plan's start date, with no issued_date, so it never counts as timely. Y without a date is open: agreed, not yet
    issued. Withdrawals and exports end on closed_date, which the return lacks: their date may be missing.
    `historical`: decided before the period of the return, how is not recorded; such a case is not open.

    at: state at the end of that day. Requests received later are left out; an event dated later has not happened.
    What has no date of its own (flags, undated outcomes, the undoing of a refusal) is taken as it stands today, save
    that nothing undated in an assessment precedes the decision to assess.
    Raises SchemaError where a request id is there twice. Source: DfE, SEN2 guides 2023 to 2025; SI 2014/1530.
    """
    rows = _joined(cases)
    if at is not None:
        rows = _as_at(rows[~rows["received_date"].gt(pd.Timestamp(at))].reset_index(drop=True), pd.Timestamp(at))
    rows = rows.assign(**_plans(cases.plans, rows["request_id"], at))
    rows = rows.assign(**_flags(rows, cases, other_flags_exclude=other_flags_exclude))
    rows = _with_days(_with_end(rows))
    return rows.drop(columns=list(FLAGS))


def is_outcome(outcomes: pd.Series, *codes: str) -> np.ndarray:
    """True where a categorical column holds one of the codes; compares small integers, for speed."""
    wanted = [outcomes.cat.categories.get_loc(code) for code in codes]
    return np.isin(outcomes.cat.codes.to_numpy(), wanted)


def _joined(cases: Cases) -> pd.DataFrame:
    requests = _columns(cases.requests, _REQUESTS, also=[n for n in ("area", "request_source") if _there(cases, n)])
    ids = requests["request_id"]
    if not ids.is_unique:
        raise SchemaError(_twice("requests", "request_id", ids))
    assessments = _looked_up(cases.assessments, "assessments", ids, _ASSESSMENTS, key="request_id")
    births = _looked_up(cases.persons, "persons", requests["person_id"], {"birth_date": _DATE}, key="person_id")
    rows = pd.concat([requests.reset_index(drop=True), births, assessments], axis="columns")
    outcomes = {name: rows[name].astype(_OUTCOME) for name in ("request_outcome", "assessment_outcome")}
    return rows.assign(**outcomes)


def _there(cases: Cases, name: str) -> bool:
    """True where the column is there and an input carries it; areas may also come from a lookup of postcodes."""
    filled = name == "area" and name in cases.requests and cases.requests[name].notna().any()
    return name in cases.requests and (cases.has(REQUESTS, name) or filled)


def _columns(table: pd.DataFrame, dtypes: dict[str, str], *, also: list[str]) -> pd.DataFrame:
    blank = {
        name: pd.Series(pd.NA, index=table.index).astype(kind) for name, kind in dtypes.items() if name not in table
    }
    return table.assign(**blank)[[*dtypes, *also]]


def _looked_up(table: pd.DataFrame, name: str, ids: pd.Series, dtypes: dict[str, str], *, key: str) -> pd.DataFrame:
    if not table[key].is_unique:
        raise SchemaError(_twice(name, key, table[key]))
    return _columns(table, dtypes, also=[]).set_axis(pd.Index(table[key])).reindex(ids).reset_index(drop=True)


def _twice(table: str, key: str, ids: pd.Series) -> str:
    return (
        f"{table}: {ids[ids.duplicated()].nunique()} values of {key} have more than one row. "
        "Expected one row each, or cases would be counted twice. Set the others aside when the data are cleaned."
    )


def _as_at(rows: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """Outcomes and dates as they stood at the end of a day."""
    decided, assessed = rows["request_outcome_date"], rows["assessment_outcome_date"]
    ro, ao, closed_later = rows["request_outcome"], rows["assessment_outcome"], rows["closed_date"].gt(day)
    decided_later = is_outcome(ro, "Y", "N") & decided.gt(day)
    assessed_later = is_outcome(ao, "Y", "N") & assessed.gt(day) | is_outcome(ao, "W") & closed_later
    assessed_by_then = is_outcome(ao, "Y", "N") & assessed.le(day) | is_outcome(ao, "W") & rows["closed_date"].le(day)
    return rows.assign(
        request_outcome=ro.mask(decided_later | is_outcome(ro, "W") & closed_later, "A"),
        request_outcome_date=decided.mask(decided.gt(day)),
        assessment_outcome=ao.mask(assessed_later, "A").mask(decided_later & ~assessed_by_then),
        assessment_outcome_date=assessed.mask(assessed.gt(day)),
        exported=rows["exported"].mask(closed_later),
        closed_date=rows["closed_date"].mask(closed_later),
    )


def _plans(plans: pd.DataFrame, ids: pd.Series, at: date | None) -> dict[str, pd.Series]:
    """Whether a plan hangs under each request by then, and its earliest start (missing where none is recorded)."""
    starts = pd.Series(plans["start_date"].to_numpy(), index=plans["request_id"].to_numpy())
    if at is not None:
        starts = starts[~starts.gt(pd.Timestamp(at)).to_numpy()]
    if not starts.index.is_unique:
        starts = starts.sort_values(na_position="last", kind="stable")
        starts = starts[~starts.index.duplicated()]
    has_plan = pd.Series(starts.index.get_indexer(ids) >= 0, index=ids.index)
    return {"has_plan": has_plan, "plan_start": starts.reindex(ids).set_axis(ids.index).astype(_DATE)}


def _flags(rows: pd.DataFrame, cases: Cases, *, other_flags_exclude: bool) -> dict[str, pd.Series]:
    counted = [name for name in FLAGS if other_flags_exclude or name not in OTHER_FLAGS]
    held = [name for name in counted if cases.has(FLAGS[name], name)]
    raised = np.zeros(len(rows), dtype=bool)
    for name in held:
        raised |= rows[name].to_numpy(dtype=bool, na_value=False)
    unknown = pd.Series(pd.NA, index=rows.index, dtype=_FLAG)
    exception = rows["week20"].fillna(False) if cases.has(ASSESSMENT, "week20") else unknown
    return {
        "exception": exception,
        "any_mediation_or_tribunal": pd.Series(raised, index=rows.index, dtype=_FLAG) if held else unknown,
        "historical": pd.Series(is_outcome(rows["request_outcome"], "H"), index=rows.index),
    }


def _with_end(rows: pd.DataFrame) -> pd.DataFrame:
    ro, ao, has_plan = rows["request_outcome"], rows["assessment_outcome"], rows["has_plan"].to_numpy()
    no, not_issued = is_outcome(ro, "N"), is_outcome(ao, "N")
    issued_date = rows["assessment_outcome_date"].where(is_outcome(ao, "Y"))
    undone_by_plan = has_plan & (not_issued | no & ~is_outcome(ao, "Y", "A"))
    claims = [
        issued_date.notna().to_numpy() | undone_by_plan,
        not_issued,
        no & ~is_outcome(ao, "Y", "N", "A", "W"),
        (rows["exported"].notna() & rows["exported"].ne("")).to_numpy(),
        is_outcome(ro, "W") | is_outcome(ao, "W"),
        is_outcome(ao, "H") | is_outcome(ro, "H") & ao.isna().to_numpy(),
    ]
    code = np.select(claims, range(len(claims)), default=len(claims)).astype("int8")
    return rows.assign(
        issued_date=issued_date,
        ended_by=pd.Series(pd.Categorical.from_codes(code, dtype=_END), index=rows.index),
        ended_date=_ended_date(rows, issued_date, code),
    )


def _ended_date(rows: pd.DataFrame, issued_date: pd.Series, code: np.ndarray) -> pd.Series:
    dates = {
        ISSUED: issued_date.fillna(rows["plan_start"]),
        NOT_ISSUED: rows["assessment_outcome_date"],
        REFUSED: rows["request_outcome_date"],
        EXPORTED: rows["closed_date"],
        WITHDRAWN: rows["closed_date"],
    }
    ended = pd.Series(pd.NaT, index=rows.index, dtype=_DATE)
    for end, days in dates.items():
        ended = ended.mask(code == ENDS.index(end), days)
    return ended


def _with_days(rows: pd.DataFrame) -> pd.DataFrame:
    received = rows["received_date"]
    decided = rows["request_outcome_date"].where(is_outcome(rows["request_outcome"], "Y", "N"))
    decision, issue = (decided - received).dt.days, (rows["issued_date"] - received).dt.days
    return rows.assign(
        days_to_decision=decision.where(decision.ge(0)),
        days_to_issue=issue.where(issue.ge(0)),
        decide_due=due_dates(DECIDE_TO_ASSESS, received),
        not_issue_due=due_dates(DECIDE_NOT_TO_ISSUE, received),
        issue_due=due_dates(ISSUE_PLAN, received),
    )
