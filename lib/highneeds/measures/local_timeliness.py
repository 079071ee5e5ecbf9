"""The twenty weeks, counted four ways: as published, by the month a plan was due, by the month received, as a curve.

The published way counts what was issued, so it falls when late plans are cleared and rises when they are left; the
other ways follow the requests. Open cases and waits stand beside them (`local_open`), the curve in `incidence`.
"""

from collections.abc import Sequence
from datetime import date

import numpy as np
import pandas as pd

from highneeds.errors import ParamsError
from highneeds.limits import ISSUE_PLAN, due_dates
from highneeds.measures.incidence import cumulative_incidence
from highneeds.measures.journeys import COMPETING, HISTORICAL, ISSUED, OPEN, is_outcome
from highneeds.measures.local_open import open_cases, waits
from highneeds.measures.local_rows import ALL_PERIODS, Grid, grid, no_rows, table, truth
from highneeds.periods import last_day

__all__ = ["cohorts", "cumulative_incidence", "due_month", "open_cases", "published_20_week", "waits"]

DAY = pd.Timedelta(days=1)
YEAR_DAYS = 52 * 7  # DfE's last band: over 52 weeks
EXCLUDING = "_ex"


def published_20_week(
    journeys: pd.DataFrame, *, by: str | Sequence[str] = "year", at: date | None = None, late_days: int = 0
) -> pd.DataFrame:
    """Plans within 20 weeks as DfE publishes it: of plans issued in the period, whenever they were asked for.

    plans_issued (every dated Y), issued_within_20_weeks_all (of all of them), dropped_mediation_tribunal (of
    plans_issued; what the published measure leaves out). Then of the rest: issued_within_20_weeks,
    issued_20_to_52_weeks, issued_over_52_weeks, unclassified (without usable dates: they stay below the line),
    issued_on_limit_day, issued_day_after_limit; each again with `_ex` after it, cases with an exception being gone
    from both sides; exceptions (of the same plans, with a blank flag counted as none) and exceptions_blank.
    Requests recorded as historical stay in: their plan may be of this year.
    Measures that need flags no input carries have status `n`. Columns: see `local_rows`.
    Source: DfE, Education, health and care plans, 2024 release, note on the scope of timeliness.
    """
    cells = grid(journeys, by, dates=[journeys["issued_date"]], at=at)
    if cells is None:
        return no_rows(by)
    places, kinds = cells.place(journeys["issued_date"]), _issue_kinds(journeys)
    dropped, exception = journeys["any_mediation_or_tribunal"], journeys["exception"]
    every, base = np.ones(len(journeys), dtype=bool), ~truth(dropped)
    scoped, excepted = dropped.notna().all(), dropped.notna().all() and exception.notna().all()
    on_time = kinds["issued_within_20_weeks"]
    parts = [
        cells.count("plans_issued", places),
        cells.share("issued_within_20_weeks_all", places, on_time, every),
        _held(cells, "dropped_mediation_tribunal", places, ~base, every, held=scoped),
        *[_held(cells, name, places, kind, base, held=scoped) for name, kind in kinds.items()],
    ]
    plain = base & ~truth(exception)
    parts += [_held(cells, name + EXCLUDING, places, kind, plain, held=excepted) for name, kind in kinds.items()]
    parts += [
        _held(cells, "exceptions", places, truth(exception), base, held=excepted),
        _held(cells, "exceptions_blank", places, journeys["week20"].isna().to_numpy(), base, held=excepted),
    ]
    return table(parts, at=at, late_days=late_days)


def due_month(journeys: pd.DataFrame, at: date, *, by: str | Sequence[str] = "month") -> pd.DataFrame:
    """Of plans that fell due in a period, the share issued by the day they were due.

    A plan falls due on the last day of the 20 weeks, unless the case ended otherwise by then (refused, not issued,
    withdrawn, exported; one without a date counts as ended by then) or is recorded as historical. Cases that ended
    otherwise later stay in: their plan was due. Measures: plans_due (due day no later than `at`),
    issued_by_due_day and issued_by_due_day_ex (exceptions gone from both sides), ended_otherwise (of those whose due
    day has come), not_yet_known (due after `at`, open). Status `p` where the period ends after `at`.
    Raises ParamsError where journeys hold events after `at`.
    """
    check_cut(journeys, at)
    due, counted = journeys["issue_due"], ~journeys["historical"].to_numpy()
    cells = grid(journeys, by, dates=[due.where(counted)], at=at)
    if cells is None:
        return no_rows(by)
    places, come = cells.place(due), due.le(pd.Timestamp(at)).to_numpy()
    left = _left_by(journeys, due)
    on_time = _issue_kinds(journeys)["issued_within_20_weeks"]
    due_now, exception = counted & come & ~left, journeys["exception"]
    name, plain, held = "issued_by_due_day", due_now & ~truth(exception), exception.notna().all()
    waiting = counted & ~come & is_outcome(journeys["ended_by"], OPEN)
    parts = [
        cells.count("plans_due", places, due_now),
        cells.share(name, places, on_time, due_now),
        _held(cells, name + EXCLUDING, places, on_time, plain, held=held),
        cells.count("ended_otherwise", places, counted & come & left),
        cells.count("not_yet_known", places, waiting),
    ]
    return table(parts, at=at)


def cohorts(
    journeys: pd.DataFrame,
    at: date,
    *,
    agreed_only: bool = False,
    exclude_exceptions: bool = False,
    by: str | Sequence[str] = "month",
) -> pd.DataFrame:
    """What became, by `at`, of the requests received in each period; H left out.

    Counts that sum to cohort_size: on_time, late, issued_without_usable_dates, refused, not_issued, withdrawn,
    exported, ended_unknown (assessment recorded as historical), open; of the last, open_within_20_weeks (limit day
    after `at`). Bounds of the share on time: low (on time so far), high (were every open case within its 20 weeks to
    be issued in time). agreed_only: request outcome Y alone, so refusals do not count.
    mature: the 20 weeks of the period's last day are over at `at`; then low = high. Status `p` where not mature.
    Survivorship: one annual return lacks earlier years' refusals and withdrawals; use a live extract or several years.
    Raises ParamsError where journeys hold events after `at`.
    """
    check_cut(journeys, at)
    cells = grid(journeys, by, dates=[journeys["received_date"].where(~journeys["historical"])])
    if cells is None:
        return no_rows(by).assign(mature=pd.Series(dtype=bool))
    held = not exclude_exceptions or journeys["exception"].notna().all()
    counts = _cohort_counts(journeys, at, cells, _members(journeys, agreed_only, exclude_exceptions))
    parts = [cells.rows(name, count) if held else cells.not_held(name) for name, count in counts.items()]
    highest = counts["on_time"] + counts["open_within_20_weeks"]
    for name, top in {"low": counts["on_time"], "high": highest}.items():
        parts.append(cells.rows(name, top, counts["cohort_size"]) if held else cells.not_held(name))
    return _with_maturity(table(parts), at, last=journeys["received_date"].max())


def check_cut(journeys: pd.DataFrame, at: date) -> None:
    """Raises ParamsError where journeys hold events after `at`."""
    dates = ["received_date", "request_outcome_date", "assessment_outcome_date", "closed_date", "ended_date"]
    late = [name for name in dates if journeys[name].max() > pd.Timestamp(at)]
    if late:
        raise ParamsError(
            f"journeys: {', '.join(late)} after {at.isoformat()}. Expected the state on that day. "
            "Make them with journeys(cases, at=...) for the same day."
        )


def _issue_kinds(journeys: pd.DataFrame) -> dict[str, np.ndarray]:
    issued, due, days = journeys["issued_date"], journeys["issue_due"], journeys["days_to_issue"]
    usable = days.notna().to_numpy()
    on_time, long = usable & issued.le(due).to_numpy(), days.gt(YEAR_DAYS).to_numpy()
    return {
        "issued_within_20_weeks": on_time,
        "issued_20_to_52_weeks": usable & ~on_time & ~long,
        "issued_over_52_weeks": long & ~on_time,
        "unclassified": ~usable,
        "issued_on_limit_day": issued.eq(due).to_numpy(),
        "issued_day_after_limit": issued.eq(due + DAY).to_numpy(),
    }


def _held(
    cells: Grid, name: str, places: np.ndarray, part: np.ndarray, whole: np.ndarray, *, held: bool
) -> pd.DataFrame:
    return cells.share(name, places, part, whole) if held else cells.not_held(name)


def _left_by(journeys: pd.DataFrame, due: pd.Series) -> np.ndarray:
    """True where the case ended without a plan by its due day, or on a day not recorded."""
    ended = is_outcome(journeys["ended_by"], *COMPETING, HISTORICAL)
    return ended & ~journeys["ended_date"].gt(due).to_numpy()


def _members(journeys: pd.DataFrame, agreed_only: bool, exclude_exceptions: bool) -> np.ndarray:
    members = ~journeys["historical"].to_numpy()
    if agreed_only:
        members &= is_outcome(journeys["request_outcome"], "Y")
    return members & ~truth(journeys["exception"]) if exclude_exceptions else members


def _cohort_counts(journeys: pd.DataFrame, at: date, cells: Grid, members: np.ndarray) -> dict[str, np.ndarray]:
    places, kinds, ended = cells.place(journeys["received_date"]), _issue_kinds(journeys), journeys["ended_by"]
    issued, still_open = is_outcome(ended, ISSUED), is_outcome(ended, OPEN)
    on_time, unusable = kinds["issued_within_20_weeks"], kinds["unclassified"]
    conditions = {
        "cohort_size": members,
        "on_time": issued & on_time,
        "late": issued & ~on_time & ~unusable,
        "issued_without_usable_dates": issued & unusable,
        **{end.replace(" ", "_"): is_outcome(ended, end) for end in COMPETING},
        "ended_unknown": is_outcome(ended, HISTORICAL),
        "open": still_open,
        "open_within_20_weeks": still_open & journeys["issue_due"].gt(pd.Timestamp(at)).to_numpy(),
    }
    return {name: cells.tally(places, members & condition) for name, condition in conditions.items()}


def _with_maturity(rows: pd.DataFrame, at: date, *, last: pd.Timestamp) -> pd.DataFrame:
    labels = rows[["period", "period_basis"]].drop_duplicates()
    pairs = labels.itertuples(index=False)
    ends = [last if period == ALL_PERIODS else last_day(period, basis) for period, basis in pairs]
    due = due_dates(ISSUE_PLAN, pd.Series(pd.to_datetime(ends), dtype="datetime64[us]"))
    over = ~due.gt(pd.Timestamp(at))
    mature = rows["period"].map(dict(zip(labels["period"], over, strict=True))).astype(bool)
    unsure = ~mature & rows["status"].ne("n")
    return rows.assign(mature=mature, status=rows["status"].mask(unsure, "p"))
