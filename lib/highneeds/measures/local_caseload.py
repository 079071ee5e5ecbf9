"""Plans maintained on a day, new plans, plans that ceased, and annual reviews, from local case data.

Counts are of plans; children are counted beside them, because one child may have two plans by mistake. A measure
whose field no input carries has status `n`.
"""

from collections.abc import Iterator, Sequence
from datetime import date

import numpy as np
import pandas as pd

from highneeds.cases import Cases
from highneeds.fields import (
    ACTIVE_PLANS,
    CEASE_REASONS,
    NAMED_PLAN,
    PERSON,
    PLACEMENT_DETAIL,
    SEN_NEED,
    SEN_TYPES,
    SEXES,
)
from highneeds.limits import ANNUAL_REVIEW, REVIEW_DECISION, due_dates
from highneeds.measures.local_plans import (
    NOT_RECORDED,
    TWO_RECORDED,
    age_bands,
    placements_on,
    plans_on,
    primary_need,
    running,
    with_child,
)
from highneeds.measures.local_rows import FIGURES, at_day, grid, no_rows, percentage, table
from highneeds.periods import CALENDAR_YEAR

__all__ = ["annual_reviews", "caseload", "ceased", "new_plans", "placements_on", "plans_on", "primary_need"]

TOTAL = "Total"


def caseload(
    cases: Cases, on: date, *, cease_day_counts: bool = False, establishments: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Plans maintained on a day, in all and by age band, sex, primary need, placement, provision and area.

    Columns: period (the day), period_basis, breakdown, category, then as in `local_rows`. Measures: plans, persons
    (children with a plan), plans_without_start_date (running, but not counted, because when they began is not known)
    for the total; plans and plans_share (0-100, of all plans that day) for each category.
    Age is completed years on the day; bands are DfE's. area only where the requests have it. What plan counts on its
    cease day: see `plans_on`. Which placement: see `placements_on`.
    """
    plans = plans_on(cases, on, cease_day_counts=cease_day_counts)
    parts = [_totals(cases, plans, on, cease_day_counts)]
    settings = placements_on(cases, on, establishments=establishments, cease_day_counts=cease_day_counts)
    needs = primary_need(cases, on, cease_day_counts=cease_day_counts)
    for breakdown, values in _breakdowns(cases, plans, settings, needs, on):
        parts.append(_split(breakdown, values, len(plans)))
    return at_day(pd.concat(parts, ignore_index=True), on)


def new_plans(cases: Cases, *, by: str | Sequence[str] = "year", at: date | None = None) -> pd.DataFrame:
    """New plans issued in each period (assessment outcome Y, by its date), and plans transferred in beside them.

    transferred_in: plans with another authority's code, by start date; they are not new, and status `n` where the
    field is not held. at: later dates are not counted. Columns: see `local_rows`.
    """
    issued = cases.assessments[cases.assessments["assessment_outcome"].eq("Y")]
    moved = cases.plans[cases.plans["transfer_la"].notna()]
    events = pd.concat(
        [
            pd.DataFrame({"request_id": issued["request_id"], "day": issued["assessment_outcome_date"], "new": True}),
            pd.DataFrame({"request_id": moved["request_id"], "day": moved["start_date"], "new": False}),
        ]
    )
    events = with_child(events[_by_then(events["day"], at)], cases)
    cells = grid(events, by, dates=[events["day"]], at=at)
    if cells is None:
        return no_rows(by)
    places, new = cells.place(events["day"]), events["new"].to_numpy(dtype=bool)
    held = cases.has(ACTIVE_PLANS, "transfer_la")
    transferred = cells.count("transferred_in", places, ~new) if held else cells.not_held("transferred_in")
    return table([cells.count("new_plans", places, new), transferred], at=at)


def ceased(cases: Cases, *, by: str | Sequence[str] = "year", at: date | None = None) -> pd.DataFrame:
    """Plans that ceased in each period by reason, and each reason's share of them.

    Columns as in `local_rows`, and cease_reason (code, or `not recorded`). Measures ceased, ceased_share (0-100 of
    those that ceased in the period, and area where split). at: later dates are not counted. A move to another
    authority (5) is in: the plan left this one. Shares have status `n` where no input carries the reason.
    """
    names = [by] if isinstance(by, str) else list(by)
    plans = with_child(cases.plans[_by_then(cases.plans["cease_date"], at)], cases)
    reasons = pd.Categorical(plans["cease_reason"].fillna(NOT_RECORDED), [*CEASE_REASONS, NOT_RECORDED])
    plans = plans.assign(cease_reason=reasons)
    cells = grid(plans, [*names, "reason"], dates=[plans["cease_date"]], at=at)
    if cells is None:
        return no_rows([*names, "reason"])
    counts = cells.tally(cells.place(plans["cease_date"]))
    whole = counts.reshape(-1, len(CEASE_REASONS) + 1).sum(axis=1).repeat(len(CEASE_REASONS) + 1)
    held = cases.has(NAMED_PLAN, "cease_reason")
    share = cells.rows("ceased_share", counts, whole) if held else cells.not_held("ceased_share")
    return table([cells.rows("ceased", counts), share], at=at)


def annual_reviews(cases: Cases, on: date, *, cease_day_counts: bool = False) -> pd.DataFrame:
    """Annual reviews of plans maintained on a day, and phase transfers by the day their amended plan is due.

    Columns: period (the day; for phase transfers the year), period_basis, breakdown, category, then as in `local_rows`.
    reviewed_in_12_months: of plans that began more than 12 months before, those with a review meeting within them;
    review_overdue: the others. decided_within_4_weeks: of review meetings of those 12 months (any plan) that have been
    decided or whose four weeks are over, those decided in time; decision_awaited: meetings within their four weeks.
    A decision dated before the meeting belongs to an earlier review and does not count.
    final_plan_by_due_day: of phase transfers due no later than the day, by due day; phase_transfers_to_come: due later.
    Only the latest review of each plan is in the data. Status `n` where no input carries the fields.
    """
    plans = plans_on(cases, on, cease_day_counts=cease_day_counts)
    stock = at_day(pd.concat([_reviews(cases, plans, on), _decisions(cases, plans, on)]), on)
    return pd.concat([stock, _phase_transfers(cases, plans, on)], ignore_index=True)


def _by_then(days: pd.Series, at: date | None) -> pd.Series:
    return days.notna() if at is None else days.le(pd.Timestamp(at))


def _row(
    measure: str, numerator: float, denominator: float = np.nan, *, breakdown: str = TOTAL, category: str = TOTAL
) -> pd.DataFrame:
    share = not np.isnan(denominator)
    value = percentage([numerator], [denominator])[0] if share else float(numerator)  # type: ignore[arg-type]
    status = "n" if np.isnan(numerator) else "z" if denominator == 0 else ""
    figures = [measure, float(numerator), float(denominator), value, status]
    return pd.DataFrame([[breakdown, category, *figures]], columns=["breakdown", "category", *FIGURES])


def _totals(cases: Cases, plans: pd.DataFrame, on: date, cease_day_counts: bool) -> pd.DataFrame:
    undated = cases.plans[cases.plans["start_date"].isna()]
    going = running(undated["cease_date"], pd.Timestamp(on), last_day_counts=cease_day_counts)
    return pd.concat(
        [
            _row("plans", len(plans)),
            _row("persons", plans["person_id"].nunique()),
            _row("plans_without_start_date", int(going.sum())),
        ]
    )


def _breakdowns(
    cases: Cases, plans: pd.DataFrame, settings: pd.DataFrame, needs: pd.DataFrame, on: date
) -> Iterator[tuple[str, pd.Series | None]]:
    """Each breakdown with the category of every plan, or None where no input carries its field."""
    settings = settings.set_index("request_id").reindex(plans["request_id"]).reset_index(drop=True)
    need = needs.set_index("request_id")["primary_need"].reindex(plans["request_id"]).reset_index(drop=True)
    placed = cases.has(PLACEMENT_DETAIL, "entry_date")
    flagged = cases.has(PLACEMENT_DETAIL, "sen_unit_indicator", "resourced_provision_indicator")
    sexes = list(dict.fromkeys(code for code in SEXES if code.isalpha()))
    yield "age band", age_bands(plans["birth_date"], on) if cases.has(PERSON, "birth_date") else None
    yield "sex", _coded(plans["sex"], sexes) if cases.has(PERSON, "sex") else None
    yield "primary need", _coded(need, [*SEN_TYPES, TWO_RECORDED]) if cases.has(SEN_NEED, "sen_type") else None
    yield "placement", settings["setting"] if placed else None
    yield "provision", _provision(settings) if placed and flagged else None
    if "area" in plans:
        yield "area", plans["area"].fillna(NOT_RECORDED)


def _coded(values: pd.Series, codes: list[str]) -> pd.Series:
    return pd.Series(pd.Categorical(values.fillna(NOT_RECORDED), [*codes, NOT_RECORDED]))


def _provision(settings: pd.DataFrame) -> pd.Series:
    unit, resourced = settings["sen_unit"].to_numpy(), settings["resourced_provision"].to_numpy()
    codes = np.where(settings["placed"], unit.astype("int8") + 2 * resourced.astype("int8"), 4)
    labels = ["neither", "SEN unit", "resourced provision", "both", NOT_RECORDED]
    return pd.Series(pd.Categorical.from_codes(codes, labels))


def _split(breakdown: str, values: pd.Series | None, whole: int) -> pd.DataFrame:
    if values is None:
        return _row("plans", np.nan, breakdown=breakdown, category=NOT_RECORDED)
    counts = values.value_counts(sort=False).sort_index()
    rows = pd.DataFrame(
        {"breakdown": breakdown, "category": counts.index.astype("str"), "numerator": counts.to_numpy()}
    )
    rows = rows.astype({"numerator": "float64"})
    share = percentage(rows["numerator"].to_numpy(), np.full(len(rows), whole))
    plain = rows.assign(measure="plans", denominator=np.nan, value=rows["numerator"], status="")
    shares = rows.assign(measure="plans_share", denominator=float(whole), value=share, status="" if whole else "z")
    return pd.concat([plain, shares])[["breakdown", "category", *FIGURES]]


def _reviews(cases: Cases, plans: pd.DataFrame, on: date) -> pd.DataFrame:
    if not cases.has(ACTIVE_PLANS, "review_meeting"):
        return pd.concat([_row(name, np.nan) for name in ("reviewed_in_12_months", "review_overdue")])
    older = due_dates(ANNUAL_REVIEW, plans["start_date"]).lt(pd.Timestamp(on))
    reviewed = older & _recent_meeting(plans, on)
    return pd.concat(
        [
            _row("reviewed_in_12_months", reviewed.sum(), older.sum()),
            _row("review_overdue", (older & ~reviewed).sum(), older.sum()),
        ]
    )


def _recent_meeting(plans: pd.DataFrame, on: date) -> pd.Series:
    day, meeting = pd.Timestamp(on), plans["review_meeting"]
    return meeting.le(day) & due_dates(ANNUAL_REVIEW, meeting).ge(day)


def _decisions(cases: Cases, plans: pd.DataFrame, on: date) -> pd.DataFrame:
    if not cases.has(ACTIVE_PLANS, "review_meeting", "last_review"):
        return pd.concat([_row(name, np.nan) for name in ("decided_within_4_weeks", "decision_awaited")])
    day, recent = pd.Timestamp(on), _recent_meeting(plans, on)
    due, sent = due_dates(REVIEW_DECISION, plans["review_meeting"]), plans["last_review"]
    decided = recent & sent.ge(plans["review_meeting"]) & sent.le(day)
    judged = decided | recent & due.lt(day)
    return pd.concat(
        [
            _row("decided_within_4_weeks", (decided & sent.le(due)).sum(), judged.sum()),
            _row("decision_awaited", (recent & ~judged).sum()),
        ]
    )


def _phase_transfers(cases: Cases, plans: pd.DataFrame, on: date) -> pd.DataFrame:
    if not cases.has(ACTIVE_PLANS, "phase_transfer_due_date", "phase_transfer_final_date"):
        return at_day(_row("final_plan_by_due_day", np.nan), on)
    day, due = pd.Timestamp(on), plans["phase_transfer_due_date"]
    parts = [at_day(_row("phase_transfers_to_come", due.gt(day).sum()), on)]
    in_time = plans["phase_transfer_final_date"].le(due)
    counts = pd.DataFrame({"due": due, "in_time": in_time})[due.le(day)].groupby("due")["in_time"].agg(["sum", "size"])
    for when, top, whole in counts.itertuples():
        row = _row("final_plan_by_due_day", top, whole, breakdown="due day", category=when.date().isoformat())
        row.insert(0, "period", str(when.year))
        row.insert(1, "period_basis", CALENDAR_YEAR)
        parts.append(row)
    return pd.concat(parts, ignore_index=True)
