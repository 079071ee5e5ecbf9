"""Months followed, from case data: 20 weeks by month of issue, due and received, and the curve of waiting."""

from highneeds import charts, periods
from highneeds.charts import Series
from highneeds.charts.curves import Curve, curve_chart, outcome_chart
from highneeds.figures import Figure, difference
from highneeds.measures.incidence import cumulative_incidence
from highneeds.measures.journeys import ISSUED as ISSUED_EVENT
from highneeds.sections.local import LocalAt
from highneeds.sections.page import Block, Page
from highneeds.sections.released import (
    COHORTS,
    DUE,
    ISSUED,
    ISSUED_YEARS,
    LATE,
    NO_PLAN,
    NOT_YET,
    ON_TIME,
    TOTAL,
    WITHIN,
)
from highneeds.tables import Column, Row

YEAR = 13
WEEKS = 52
SHOWN_WEEKS = (6, 12, 16, 20, 26, 39, 52)
COHORT_MONTHS = 3
LIMIT_WEEK = 20


def by_month(page: Page) -> Block | None:
    """Two rates by month: of plans issued, as DfE counts, and of plans that fell due."""
    local = page.local
    if local is None or ISSUED not in local.shown.tables or DUE not in local.shown.tables:
        return None
    months = [m for m in local.shown.labels(ISSUED, "period") if m in local.shown.labels(DUE, "period")][-YEAR:]
    issued = {month: _issued_cells(local, month) for month in months}
    due = {month: _due_cells(local, month) for month in months}
    series = [
        Series("of plans issued", [issued[m][2] for m in months]),
        Series("of plans due", [due[m][2] for m in months], "england"),
    ]
    known = [m for m in months if issued[m][2].known and due[m][2].known and m not in local.shown.unsure[ISSUED]]
    if len(known) < 2:
        return None
    title = page.say(
        "two_rates_title",
        "{issued} of plans issued in {month} were on time; of plans due that month, {due}",
        month=periods.in_words(known[-1], periods.CALENDAR_MONTH).removeprefix("in "),
        issued=issued[known[-1]][2],
        due=due[known[-1]][2],
    )
    rows = [(periods.label(m, periods.CALENDAR_MONTH), [*issued[m], *due[m]]) for m in months]
    return page.chart(
        "two-rates",
        charts.line_chart(series, unit="%"),
        title=title,
        subtitle=f"Within 20 weeks: of plans issued in the month (as DfE counts, exceptions included) and of plans "
        f"due in the month, {local.area.name}, {periods.month_range(months[0], months[-1])}, per cent",
        alt=charts.describe(series, "Line chart of two rates by month"),
        row_head="Month",
        columns=["Issued", "Within 20 weeks", "Of issued (%)", "Due", "Issued by due day", "Of due (%)"],
        rows=rows,
        heading="Month by month, counted two ways",
        note="The rate of plans issued falls when late plans are cleared and rises when they are left waiting; the "
        "rate of plans due follows the children. " + page.disclosure_note("period"),
    )


def _issued_cells(local: LocalAt, month: str) -> list[Figure]:
    whole = local.count("local_plans_counted", ISSUED, period=month, within_20_weeks=TOTAL)
    part = local.count("local_plans_within_20_weeks", ISSUED, period=month, within_20_weeks=WITHIN, name=TOTAL)
    return [whole, part, local.share("local_within_20_weeks_pct", part, whole)]


def _due_cells(local: LocalAt, month: str) -> list[Figure]:
    whole = local.count("local_plans_due", DUE, period=month, by_due_day=TOTAL)
    part = local.count("local_plans_issued_by_due_day", DUE, period=month, by_due_day=WITHIN, name=TOTAL)
    return [whole, part, local.share("local_issued_by_due_day_pct", part, whole)]


def by_year(page: Page) -> Block | None:
    """DfE's measure both ways by year on local cases, the year so far included."""
    local = page.local
    if local is None or ISSUED_YEARS not in local.shown.tables:
        return None
    rows = []
    for year in local.shown.labels(ISSUED_YEARS, "period"):
        cells = []
        for exception, tail in ((TOTAL, ""), ("no", "_excluding_exceptions")):
            where = {"period": year, "exception": exception}
            whole = _of_year(local, f"local_plans_counted{tail}", within_20_weeks=TOTAL, **where)
            part = _of_year(local, f"local_plans_within_20_weeks{tail}", within_20_weeks=WITHIN, **where)
            cells += [whole, part, local.share(f"local_within_20_weeks{tail}_pct", part, whole)]
        so_far = year in local.shown.unsure[ISSUED_YEARS]
        rows.append(Row(year + (" so far" if so_far else ""), cells))
    heads = ("Issued", "Within 20 weeks", "Within 20 weeks (%)")
    columns = [Column(f"{head}, {kind}") for kind in ("all", "no exception") for head in heads]
    return page.table(
        "local-years",
        f"Plans issued and issued within 20 weeks, as DfE counts, from {local.area.name}'s own cases, calendar years",
        row_head="Calendar year",
        columns=columns,
        rows=rows,
        note="Plans with a mediation or tribunal are left out, as in the published measure. "
        + page.disclosure_note("period", "exception"),
    )


def _of_year(local: LocalAt, measure: str, *, period: str, **where: str) -> Figure:
    made = local.count(measure, ISSUED_YEARS, period=period, **where, name=TOTAL)
    return local.figure(
        measure, period, made.value, status=made.status, basis=periods.CALENDAR_YEAR, how=made.reference
    )


def outcomes(page: Page) -> Block | None:
    """What became of each month's requests; the part that nobody can know yet is hatched."""
    local = page.local
    if local is None or COHORTS not in local.shown.tables:
        return None
    months = local.shown.labels(COHORTS, "period")[-YEAR:]
    states = (ON_TIME, LATE, NO_PLAN, NOT_YET)
    stacks = [Series(state, [_cohort(local, month, state) for month in months]) for state in states]
    wholes = Series("all", [_cohort(local, month, TOTAL) for month in months])
    settled = [
        month
        for month in months
        if _cohort(local, month, NOT_YET).value == 0
        and _cohort(local, month, ON_TIME).known
        and _cohort(local, month, TOTAL).known
    ]
    if not settled:
        return None
    whole, part = _cohort(local, settled[-1], TOTAL), _cohort(local, settled[-1], ON_TIME)
    title = page.say(
        "cohorts_title",
        "Of {whole} requests received in {month}, {part} had a plan within 20 weeks",
        month=periods.in_words(settled[-1], periods.CALENDAR_MONTH).removeprefix("in "),
        whole=whole,
        part=part,
    )
    rows = [
        (periods.label(m, periods.CALENDAR_MONTH), [_cohort(local, m, TOTAL), *(_cohort(local, m, s) for s in states)])
        for m in months
    ]
    return page.chart(
        "cohorts",
        outcome_chart(stacks, wholes, unit="requests"),
        title=title,
        subtitle=f"Requests by month received and what became of them by {periods.day_in_words(local.day)}, number",
        alt=charts.describe(stacks, "Stacked bar chart of requests by month received"),
        row_head="Month received",
        columns=["Requests", *(state.capitalize() for state in states)],
        rows=rows,
        heading="What became of each month's requests",
        note="Hatched: still within their 20 weeks, so nobody knows yet. Ended without a plan: refused, not issued, "
        "withdrawn or moved away. " + page.disclosure_note("period", "state"),
    )


def _cohort(local: LocalAt, month: str, state: str) -> Figure:
    name = TOTAL if state == TOTAL else state
    return local.count("local_cohort", COHORTS, period=month, state=state, name=name)


def curve(page: Page) -> Block | None:
    """Share of requests that had led to a plan by each week: the newest months followed, and the same a year before."""
    local = page.local
    if local is None or COHORTS not in local.shown.tables:
        return None
    ripe = [m for m in local.shown.labels(COHORTS, "period") if _weeks_known(local, m) >= LIMIT_WEEK]
    if len(ripe) < COHORT_MONTHS + 12:
        return None
    groups = {"newest": ripe[-COHORT_MONTHS:], "before": ripe[-COHORT_MONTHS - 12 : -12]}
    figures = {key: _curve_figures(local, group) for key, group in groups.items()}
    if any(group[LIMIT_WEEK].value is None for group in figures.values()):
        return None
    curves = [
        Curve(
            " to ".join(periods.label(month, periods.CALENDAR_MONTH) for month in (group[0], group[-1])),
            range(len(figures[key])),
            [float("nan") if f.value is None else f.value for f in figures[key]],
            _known(figures[key]),
        )
        for key, group in groups.items()
    ]
    now, then = (figures[key][LIMIT_WEEK] for key in ("newest", "before"))
    moved = difference(now, then)
    title = page.say(
        "curve_title",
        "{now} of requests from {new} had led to a plan by week {limit}, against {then} of those from {old}",
        now=now,
        then=then,
        new=periods.month_range(groups["newest"][0], groups["newest"][-1]),
        old=periods.month_range(groups["before"][0], groups["before"][-1]),
        limit=str(LIMIT_WEEK),
    )
    page.remember([moved])
    rows = [(f"Week {week}", [figures["newest"][week], figures["before"][week]]) for week in SHOWN_WEEKS]
    alt = "Curves of the share of requests that had led to a plan. " + " ".join(
        f"{curve.label}: {figures[key][LIMIT_WEEK].text} by week {LIMIT_WEEK}, known to week {curve.known_to}."
        for key, curve in zip(groups, curves, strict=True)
    )
    return page.chart(
        "curve",
        curve_chart(curves, limit_week=LIMIT_WEEK, limit_label="20 weeks", last_week=WEEKS),
        title=title,
        subtitle=f"Share of requests that had led to a plan, by weeks since the request, {local.area.name}, per cent",
        alt=alt,
        row_head="Weeks since the request",
        columns=[curve.label for curve in curves],
        rows=rows,
        note="Refused and withdrawn requests stay below the line: they can no longer lead to a plan. Shaded: the "
        "newest months are not that old yet. " + page.disclosure_note("period"),
    )


def _weeks_known(local: LocalAt, month: str) -> int:
    return (local.day - periods.last_day(month, periods.CALENDAR_MONTH)).days // 7


def _known(figures: list[Figure]) -> int:
    """Last week for which the whole group is old enough."""
    unsure = [week for week, figure in enumerate(figures) if figure.status == "p"]
    return max(unsure[0] - 1, 0) if unsure else len(figures) - 1


def _curve_figures(local: LocalAt, months: list[str]) -> list[Figure]:
    """One figure a week, of the months taken together; hidden where too few plans stand behind it."""
    rows = cumulative_incidence(local.journeys, local.day, periods=months, weeks=WEEKS)
    rows = rows[rows["measure"].eq(ISSUED_EVENT) & rows["period"].eq("all")].sort_values("week")
    period, policy = f"{months[0]}-to-{months[-1]}", local.local.policy
    made = []
    for row in rows.itertuples():
        few = row.denominator < policy.minimum_cases or 0 < row.numerator < policy.threshold
        value, status = (None, "c") if few else (row.value, row.status)
        made.append(
            local.figure(
                "local_plan_by_week_pct",
                period,
                value,
                status=status,
                breakdown=f"week {row.week}",
                how="cumulative incidence with competing ends, requests of these months taken together",
            )
        )
    return made
