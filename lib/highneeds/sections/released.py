"""Every count table of case data that a report prints, as one linked system, before and after disclosure control.

The tables of all sections stand here together because a reader has them together: a number hidden in one must
not follow from another. Months are the last ones that the report shows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from highneeds import fields
from highneeds.cases import Cases
from highneeds.disclosure.policy import Policy
from highneeds.disclosure.register import Block, Register, empty_register
from highneeds.disclosure.relations import CountTable
from highneeds.disclosure.release import prepare
from highneeds.measures.local_caseload import annual_reviews
from highneeds.measures.local_open import AGE_UNKNOWN, ALL, ASSESSING, AWAITING, BANDS, open_cases
from highneeds.measures.local_requests import requests_by
from highneeds.measures.local_rows import wide
from highneeds.measures.local_timeliness import cohorts, due_month, published_20_week

TOTAL = "Total"
MONTHS = 24
LATE_DAYS = 28  # days after a month's end in which late entries are still expected

REQUESTS, OUTCOMES, DECISIONS = "requests by month and area", "outcomes by month", "decisions by month"
ISSUED, ISSUED_YEARS, DUE, COHORTS = "plans issued by month", "plans issued by year", "plans due by month", "cohorts"
OPEN_CASES, OVERDUE, REVIEWS = "open cases", "overdue cases", "annual reviews"

ASSESS, REFUSED, WAITING, WITHDRAWN = "decided to assess", "refused", "not yet decided", "withdrawn before a decision"
WITHIN, LATER = "within", "later"
ON_TIME, LATE, NO_PLAN, NOT_YET = "within 20 weeks", "later, or overdue", "ended without a plan", "not yet known"
OVER = {"over 6 weeks": BANDS[1:], "over 16 weeks": BANDS[2:], "over 20 weeks": BANDS[3:]}
UNDECIDED = "no decision about a plan"


@dataclass(frozen=True)
class Shown:
    """Tables as they may be printed: name to frame with its dimensions, `value` (missing where hidden), `status`."""

    tables: Mapping[str, pd.DataFrame]
    before: Sequence[CountTable]
    unsure: Mapping[str, frozenset[str]]  # table to the periods that may be incomplete
    cells: Register  # what the register of released tables will hold of them
    blocks: Sequence[Block]  # what reports released before would give away together with these

    def value(self, table: str, **where: str) -> tuple[float | None, str]:
        """One count and its status; (None, `n`) where the table or the cell is not there."""
        frame = self.tables.get(table)
        if frame is None:
            return None, "n"
        for name, label in where.items():
            frame = frame[frame[name].eq(label)]
        if len(frame) != 1:
            return None, "n"
        row = frame.iloc[0]
        part = "p" if where.get("period") in self.unsure.get(table, ()) else ""
        return (None, row["status"] or "c") if pd.isna(row["value"]) else (float(row["value"]), row["status"] or part)

    def labels(self, table: str, name: str) -> list[str]:
        """Labels of a dimension in the table's order, its total and sub-totals left out."""
        frame = self.tables.get(table)
        if frame is None:
            return []
        every = list(dict.fromkeys(frame[name]))
        parts = {label: p for t in self.before if t.name == table for label, p in t.sums.get(name, {}).items()}
        return [label for label in every if label != TOTAL and not set(parts.get(label, ())) & set(every)]


def released(
    journeys: pd.DataFrame, cases: Cases, *, at: date, policy: Policy, register: Register | None = None
) -> Shown:
    """All tables of a report on case data as at a day, under one policy.

    register: what was released before. What it hid stays hidden, and more is hidden until nothing small follows from
    old and new together; what cannot be helped so stands in `blocks`, and stops the publication.
    """
    made, unsure = _tables(journeys, cases, at)
    if not made:
        return Shown({}, [], {}, empty_register(), [])
    release = at.isoformat()
    ready = prepare(made, register or empty_register(), policy=policy, release=release, as_at=at)
    return Shown(ready.protected.tables, made, unsure, ready.rows, ready.blocks)


def _tables(journeys: pd.DataFrame, cases: Cases, at: date) -> tuple[list[CountTable], dict[str, frozenset[str]]]:
    made, unsure, found = [], {}, list(_reviews(cases, at))
    # Lists of plans (Annex A) have no requests: nobody knows when they came, or which are open.
    if cases.has(fields.REQUESTS, "received_date"):
        found += [*_requests(journeys, at), *_issued(journeys, at), *_followed(journeys, at), *_open(journeys, at)]
    for table, periods in found:
        if len(table.counts):
            made.append(table)
            unsure[table.name] = periods
    return made, unsure


def _requests(journeys: pd.DataFrame, at: date):
    rows = _last_months(requests_by(journeys, by="month", at=at, late_days=LATE_DAYS))
    if rows.empty:
        return
    yield _received(journeys, rows, at), _unsure(rows)
    kinds = {
        ASSESS: "agreed_of_received",
        REFUSED: "refused_of_received",
        WAITING: "awaiting_decision",
        WITHDRAWN: "withdrawn_before_decision",
    }
    yield _monthly(OUTCOMES, "requests", _kinds(rows, kinds, "outcome"), ["outcome"], _unsure(rows)), _unsure(rows)
    split = _split(rows, "decided_within_6_weeks", "within_6_weeks")
    yield _monthly(DECISIONS, "decisions", split, ["within_6_weeks"], _unsure(rows)), _unsure(rows)


def _received(journeys: pd.DataFrame, rows: pd.DataFrame, at: date) -> CountTable:
    """Requests by month and area. A month still open to late entries has no areas yet: a count of an area that comes
    back changed by one tells of one child.
    """
    whole, unsure = _counts(rows, "requests_received", []), _unsure(rows)
    if "area" not in journeys or journeys["area"].isna().all():
        return _monthly(REQUESTS, "requests", whole, [], unsure)
    areas = _last_months(requests_by(journeys, by=["month", "area"], at=at, late_days=LATE_DAYS))
    settled = _counts(areas[~areas["period"].isin(unsure)], "requests_received", ["area"])
    table = _monthly(REQUESTS, "requests", settled, ["area"], unsure)
    late = whole[whole["period"].isin(unsure)].assign(area=TOTAL)
    counts = pd.concat([table.counts, late], ignore_index=True)
    return CountTable(table.name, table.measure, counts, table.totals, table.sums)


def _issued(journeys: pd.DataFrame, at: date):
    every = published_20_week(journeys, by="month", at=at, late_days=LATE_DAYS)
    rows = _last_months(every)
    if rows.empty or rows["status"].eq("n").any():
        return
    split = _split(rows, "issued_within_20_weeks", "within_20_weeks")
    yield _monthly(ISSUED, "plans issued", split, ["within_20_weeks"], _unsure(rows)), _unsure(rows)
    years = published_20_week(journeys, by="year", at=at, late_days=LATE_DAYS)
    counts = pd.concat([_year(years, "issued_within_20_weeks", TOTAL), _year(years, "issued_within_20_weeks_ex", "no")])
    counts = counts[counts["period"].isin(sorted(years["period"].unique())[-3:])]
    totals = {"period": None, "within_20_weeks": TOTAL, "exception": TOTAL}
    sums = {"period": {year: _months_of(year) for year in counts["period"].unique()}}
    yield CountTable(ISSUED_YEARS, "plans issued", counts.reset_index(drop=True), totals, sums), _unsure(years)


def _year(rows: pd.DataFrame, measure: str, exception: str) -> pd.DataFrame:
    """Plans of each year in all and within 20 weeks, with or without those that have an exception."""
    rows = rows[rows["measure"].eq(measure)]
    parts = [(WITHIN, rows["numerator"]), (TOTAL, rows["denominator"])]
    return pd.concat(
        [_frame(rows["period"], within_20_weeks=kind, exception=exception, count=count) for kind, count in parts]
    )


def _followed(journeys: pd.DataFrame, at: date):
    rows = due_month(journeys, at)
    rows = _last_months(rows[rows["period"].le(at.isoformat()[:7])])
    if len(rows):
        split = _split(rows, "issued_by_due_day", "by_due_day")
        yield _monthly(DUE, "plans due", split, ["by_due_day"], _unsure(rows)), _unsure(rows)
    rows = _last_months(cohorts(journeys, at))
    if len(rows):
        yield _monthly(COHORTS, "requests", _states(rows), ["state"], frozenset()), _unsure(rows)


def _states(rows: pd.DataFrame) -> pd.DataFrame:
    """Requests of each month: within 20 weeks, later or overdue, ended without a plan, not yet known."""
    table = wide(rows, figure="numerator").set_index("period")
    overdue = table["open"] - table["open_within_20_weeks"]
    ended = table[["refused", "not_issued", "withdrawn", "exported", "ended_unknown"]].sum(axis="columns")
    states = {
        ON_TIME: table["on_time"],
        LATE: table["late"] + table["issued_without_usable_dates"] + overdue,
        NO_PLAN: ended,
        NOT_YET: table["open_within_20_weeks"],
    }
    return pd.concat([_frame(counts.index.to_series(), state=state, count=counts) for state, counts in states.items()])


def _open(journeys: pd.DataFrame, at: date):
    rows = open_cases(journeys, at)
    counts = rows[rows["measure"].eq("open_cases") & ~(rows["weeks_open"].eq(AGE_UNKNOWN) & rows["numerator"].eq(0))]
    counts = counts.assign(count=counts["numerator"].astype("int64"))[["stage", "weeks_open", "count"]]
    counts = counts.replace({"stage": {ALL: TOTAL}, "weeks_open": {ALL: TOTAL}})
    over = pd.concat([_over(counts, label, bands) for label, bands in OVER.items()])
    counts = pd.concat([counts, over], ignore_index=True)
    early = counts[counts["stage"].isin([AWAITING, ASSESSING])].groupby("weeks_open", as_index=False)["count"].sum()
    counts = pd.concat([counts, early.assign(stage=UNDECIDED)], ignore_index=True).assign(period=at.isoformat())
    totals = {"period": None, "stage": TOTAL, "weeks_open": TOTAL}
    sums = {"weeks_open": OVER, "stage": {UNDECIDED: (AWAITING, ASSESSING)}}
    yield CountTable(OPEN_CASES, "open cases", counts, totals, sums), frozenset()
    late = rows[rows["measure"].isin(["overdue_plan", "overdue_plan_ex"]) & rows["stage"].eq(ALL)].set_index("measure")
    if late.loc["overdue_plan_ex", "status"] != "n":
        kinds = {TOTAL: "overdue_plan", "no": "overdue_plan_ex"}
        frame = pd.DataFrame(
            {"exception": list(kinds), "count": [int(late.loc[name, "numerator"]) for name in kinds.values()]}
        ).assign(weeks_open="over 20 weeks", period=at.isoformat())
        across = {"period": None, "weeks_open": TOTAL, "exception": TOTAL}
        yield CountTable(OVERDUE, "open cases", frame, across, {"weeks_open": OVER}), frozenset()


def _over(counts: pd.DataFrame, label: str, bands: Sequence[str]) -> pd.DataFrame:
    inside = counts[counts["weeks_open"].isin(bands)]
    return inside.groupby("stage", as_index=False, sort=False)["count"].sum().assign(weeks_open=label)


def _reviews(cases: Cases, at: date):
    rows = annual_reviews(cases, at)
    held = rows[rows["measure"].eq("reviewed_in_12_months") & rows["status"].ne("n")]
    if len(held) != 1:
        return
    inside, due = int(held["numerator"].iloc[0]), int(held["denominator"].iloc[0])
    frame = pd.DataFrame({"reviewed": [WITHIN, LATER, TOTAL], "count": [inside, due - inside, due]})
    yield (
        CountTable(REVIEWS, "reviews", frame.assign(period=at.isoformat()), {"period": None, "reviewed": TOTAL}),
        frozenset(),
    )


def _last_months(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[rows["period"].isin(sorted(rows["period"].unique())[-MONTHS:])]


def _unsure(rows: pd.DataFrame) -> frozenset[str]:
    return frozenset(rows.loc[rows["status"].eq("p"), "period"])


def _frame(period: pd.Series, *, count: pd.Series, **labels: str) -> pd.DataFrame:
    made = pd.DataFrame({"period": period.to_numpy(), "count": count.to_numpy().astype("int64")})
    return made.assign(**labels)


def _counts(rows: pd.DataFrame, measure: str, names: Sequence[str]) -> pd.DataFrame:
    rows = rows[rows["measure"].eq(measure)]
    return rows.assign(count=rows["numerator"].astype("int64"))[["period", *names, "count"]]


def _kinds(rows: pd.DataFrame, kinds: Mapping[str, str], name: str) -> pd.DataFrame:
    return pd.concat([_counts(rows, measure, []).assign(**{name: kind}) for kind, measure in kinds.items()])


def _split(rows: pd.DataFrame, measure: str, name: str) -> pd.DataFrame:
    """The part of a share, and the rest."""
    rows = rows[rows["measure"].eq(measure)]
    parts = {WITHIN: rows["numerator"], LATER: rows["denominator"] - rows["numerator"]}
    return pd.concat([_frame(rows["period"], count=count, **{name: kind}) for kind, count in parts.items()])


def _monthly(name: str, measure: str, counts: pd.DataFrame, names: Sequence[str], unsure: frozenset[str]) -> CountTable:
    """Table by month with its totals over each split, and over the months shown that are complete."""
    months = tuple(month for month in sorted(counts["period"].unique()) if month not in unsure)
    totals: dict[str, str | None] = {"period": None, **dict.fromkeys(names, TOTAL)}
    for column in names:
        others = [other for other in ("period", *names) if other != column]
        counts = pd.concat([counts, counts.groupby(others, as_index=False)["count"].sum().assign(**{column: TOTAL})])
    if not months:
        return CountTable(name, measure, counts[["period", *names, "count"]].reset_index(drop=True), totals)
    span, whole = f"{months[0]} to {months[-1]}", counts[counts["period"].isin(months)]
    whole = whole.groupby(list(names), as_index=False)["count"].sum() if names else whole[["count"]].sum().to_frame().T
    counts = pd.concat([counts, whole.assign(period=span)], ignore_index=True)
    return CountTable(name, measure, counts[["period", *names, "count"]], totals, {"period": {span: months}})


def _months_of(year: str) -> tuple[str, ...]:
    return tuple(f"{year}-{month:02d}" for month in range(1, 13))
