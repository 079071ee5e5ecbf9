"""Open cases on a day by stage and age, what is overdue, and waits: of cases still open and of plans issued."""

from collections.abc import Sequence
from datetime import date

import numpy as np
import pandas as pd

from highneeds.measures.journeys import OPEN, is_outcome
from highneeds.measures.local_rows import FIGURES, at_day, grid, no_rows, percentage, quantiles, table, truth

AWAITING, ASSESSING, AGREED = "awaiting the decision whether to assess", "being assessed", "agreed, not yet issued"
STAGES = (AWAITING, ASSESSING, AGREED)
ALL = "all"
# Weeks open: a band ends with its last week's last day, so that 0-6 is within the six weeks and 20-26 is overdue.
BAND_WEEKS = (6, 16, 20, 26, 39, 52)
BANDS = ("0-6 weeks", "6-16 weeks", "16-20 weeks", "20-26 weeks", "26-39 weeks", "39-52 weeks", "52+ weeks")
AGE_UNKNOWN = "not recorded"
QUARTILES = {"lower_quartile": 0.25, "median": 0.5, "upper_quartile": 0.75}

# Step overdue: the limit, and the stages in which the step has not been taken.
OVERDUE = {
    "overdue_decision": ("decide_due", (AWAITING,)),
    "overdue_issue_decision": ("not_issue_due", (AWAITING, ASSESSING)),
    "overdue_plan": ("issue_due", STAGES),
}


def open_cases(journeys: pd.DataFrame, at: date) -> pd.DataFrame:
    """Cases open at the end of a day: counts by stage and weeks open, what is overdue, and how long they have waited.

    Takes journeys cut at the same day. Columns stage and weeks_open say `all` where a row is not split by them.
    open_cases, open_with_exception: counts by stage and weeks open. open_with_plan_record: open by the outcomes
    although a plan hangs under the request: a contradiction to look into.
    overdue_decision (no decision after 6 weeks), overdue_issue_decision (no decision about a plan after 16),
    overdue_plan (no plan after 20): of open cases in the stages where the step is still to come; each again with
    `_ex`, cases with an exception being gone from both sides (status `n` where the flag is not held).
    wait_days_lower_quartile, _median, _upper_quartile: days since the request came; denominator: cases measured.
    """
    day = pd.Timestamp(at)
    live = is_outcome(journeys["ended_by"], OPEN) & ~journeys["received_date"].gt(day).to_numpy()
    cases = journeys[live]
    stage, days = stages(cases), (day - cases["received_date"]).dt.days.to_numpy()
    parts = [_counts(cases, stage, days), _plan_records(cases, stage)]
    parts += [_overdue(cases, stage, day, name) for name in OVERDUE]
    parts.append(_waits_of_open(stage, days))
    return at_day(pd.concat(parts, ignore_index=True)[["stage", "weeks_open", *FIGURES]], at)


def stages(cases: pd.DataFrame) -> np.ndarray:
    """Number in STAGES of each open case.

    Agreed: assessment outcome Y without a date. Awaiting: request outcome A or blank. All others are being assessed.
    """
    agreed = is_outcome(cases["assessment_outcome"], "Y")
    waiting = is_outcome(cases["request_outcome"], "A") | cases["request_outcome"].isna().to_numpy()
    return np.where(agreed, STAGES.index(AGREED), np.where(waiting, STAGES.index(AWAITING), STAGES.index(ASSESSING)))


def waits(
    journeys: pd.DataFrame, *, by: str | Sequence[str] = "month", at: date | None = None, late_days: int = 0
) -> pd.DataFrame:
    """Quartiles and median of the days from request to plan, of all plans issued in a period with usable dates.

    Measures days_to_issue_lower_quartile, _median, _upper_quartile; denominator: plans measured. Plans with mediation
    or tribunal are in. No longest wait is capped. Status `z` where none was issued. Columns: see `local_rows`.
    """
    cells = grid(journeys, by, dates=[journeys["issued_date"]], at=at)
    if cells is None:
        return no_rows(by)
    places, days = cells.place(journeys["issued_date"]), journeys["days_to_issue"].to_numpy()
    found = quantiles(places, days, list(QUARTILES.values()), size=len(cells.cells))
    measured = cells.tally(places, ~np.isnan(days))
    parts = [
        cells.rows(f"days_to_issue_{name}", measured, measured).assign(numerator=np.nan, value=values)
        for name, values in zip(QUARTILES, found, strict=True)
    ]
    return table(parts, at=at, late_days=late_days)


def _counts(cases: pd.DataFrame, stage: np.ndarray, days: np.ndarray) -> pd.DataFrame:
    edges = [7 * weeks for weeks in BAND_WEEKS]
    band = np.where(np.isnan(days), len(BANDS), np.searchsorted(edges, np.nan_to_num(days), side="left"))
    parts = [_cross(stage, band, "open_cases")]
    if cases["exception"].notna().all():
        excepted = truth(cases["exception"])
        parts.append(_cross(stage[excepted], band[excepted], "open_with_exception"))
    else:
        parts.append(_rows([(ALL, ALL)], "open_with_exception", [np.nan], status="n"))
    return pd.concat(parts)


def _cross(stage: np.ndarray, band: np.ndarray, measure: str) -> pd.DataFrame:
    """Counts by stage and band, with the sums of both."""
    counts = np.bincount(stage * (len(BANDS) + 1) + band, minlength=len(STAGES) * (len(BANDS) + 1))
    counts = counts.reshape(len(STAGES), -1)
    counts = np.vstack([counts, counts.sum(axis=0)])
    counts = np.hstack([counts, counts.sum(axis=1, keepdims=True)])
    keys = [(name, weeks) for name in (*STAGES, ALL) for weeks in (*BANDS, AGE_UNKNOWN, ALL)]
    return _rows(keys, measure, counts.ravel())


def _rows(
    keys: list[tuple[str, str]],
    measure: str,
    numerator: Sequence[float] | np.ndarray,
    denominator: np.ndarray | None = None,
    *,
    status: str = "",
) -> pd.DataFrame:
    rows = pd.DataFrame(keys, columns=["stage", "weeks_open"]).assign(measure=measure, numerator=numerator)
    if denominator is None:
        return rows.assign(denominator=np.nan, value=rows["numerator"].astype(float), status=status)
    value = percentage(rows["numerator"].to_numpy(), denominator)
    return rows.assign(denominator=denominator, value=value, status=np.where(denominator == 0, "z", status))


def _by_stage(stage: np.ndarray, where: np.ndarray) -> np.ndarray:
    counts = np.bincount(stage[where], minlength=len(STAGES))
    return np.append(counts, counts.sum()).astype(float)


def _plan_records(cases: pd.DataFrame, stage: np.ndarray) -> pd.DataFrame:
    counts = _by_stage(stage, cases["has_plan"].to_numpy())
    return _rows([(name, ALL) for name in (*STAGES, ALL)], "open_with_plan_record", counts)


def _overdue(cases: pd.DataFrame, stage: np.ndarray, day: pd.Timestamp, name: str) -> pd.DataFrame:
    column, concerned = OVERDUE[name]
    to_come = np.isin(stage, [STAGES.index(each) for each in concerned])
    late = to_come & cases[column].lt(day).to_numpy()
    kept = [STAGES.index(each) for each in concerned] + [len(STAGES)]
    keys = [((*STAGES, ALL)[number], ALL) for number in kept]
    rows = _rows(keys, name, _by_stage(stage, late)[kept], _by_stage(stage, to_come)[kept])
    if not cases["exception"].notna().all():
        nothing = np.full(len(keys), np.nan)
        return pd.concat([rows, _rows(keys, name + "_ex", nothing, nothing, status="n")])
    plain = ~truth(cases["exception"])
    below = _by_stage(stage, to_come & plain)[kept]
    return pd.concat([rows, _rows(keys, name + "_ex", _by_stage(stage, late & plain)[kept], below)])


def _waits_of_open(stage: np.ndarray, days: np.ndarray) -> pd.DataFrame:
    by_stage = quantiles(stage, days, list(QUARTILES.values()), size=len(STAGES))
    overall = quantiles(np.zeros_like(stage), days, list(QUARTILES.values()), size=1)
    measured = _by_stage(stage, ~np.isnan(days))
    keys = [(name, ALL) for name in (*STAGES, ALL)]
    parts = [
        _rows(keys, f"wait_days_{name}", measured, measured).assign(numerator=np.nan, value=values)
        for name, values in zip(QUARTILES, np.hstack([by_stage, overall]), strict=True)
    ]
    return pd.concat(parts)
