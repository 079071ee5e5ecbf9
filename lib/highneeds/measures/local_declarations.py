"""Measures of an authority's own case data, declared once like the published ones.

Each is told apart from its published namesake by its name and its label: the two are different measures until
the bridge between them is known. How they are computed: `journeys`, `local_requests`, `local_timeliness`,
`local_open`, `local_caseload`.
"""

from highneeds.measures.model import LOCAL, Measure, count
from highneeds.periods import AT_DATE, CALENDAR_MONTH, CALENDAR_YEAR


def _monthly(name: str, label: str, unit: str, definition: str, **more: object) -> Measure:
    return count(
        name, label, unit, definition, **{"period_basis": CALENDAR_MONTH, "source": LOCAL, "breaks": ()} | more
    )


def _on_day(name: str, label: str, unit: str, definition: str, **more: object) -> Measure:
    return _monthly(name, label, unit, definition, period_basis=AT_DATE, **more)


def _pct(name: str, label: str, definition: str, **more: object) -> Measure:
    return _monthly(name, label, "%", definition, places=1, **more)


_REQUESTS = (
    _monthly(
        "local_requests_to_assess",
        "Requests decided: assess (local count)",
        "requests",
        "Of requests received in the month: decided to assess by the day of the data.",
    ),
    _monthly(
        "local_requests_refused",
        "Requests decided: do not assess (local count)",
        "requests",
        "Of requests received in the month: refused by the day of the data, those undone later included.",
    ),
    _monthly(
        "local_requests_awaiting",
        "Requests awaiting a decision (local count)",
        "requests",
        "Of requests received in the month: no decision whether to assess by the day of the data.",
    ),
    _monthly(
        "local_requests_withdrawn",
        "Requests withdrawn before a decision (local count)",
        "requests",
        "Of requests received in the month: withdrawn, or ended otherwise, before a decision.",
    ),
    _monthly(
        "local_decisions",
        "Decisions whether to assess (local count)",
        "decisions",
        "Decisions dated in the month, whenever the request came.",
    ),
    _monthly(
        "local_decisions_within_6_weeks",
        "Decisions within 6 weeks (local count)",
        "decisions",
        "Of decisions dated in the month: within 42 days of the request. One without usable dates counts as late.",
    ),
    _pct(
        "local_within_6_weeks_pct",
        "Decided within 6 weeks (local)",
        "Decisions within 42 days, of decisions dated in the month.",
    ),
)

_TIMELINESS = (
    _monthly(
        "local_plans_counted",
        "Plans issued that DfE would count (local count)",
        "plans",
        "Plans issued in the month without a mediation or tribunal flag, exceptions included.",
    ),
    _monthly(
        "local_plans_within_20_weeks",
        "Plans within 20 weeks (local count)",
        "plans",
        "Of those: within 140 days of the request, exceptions included.",
    ),
    _pct(
        "local_within_20_weeks_pct",
        "Issued within 20 weeks, exceptions included (local)",
        "DfE's measure on local data: by month of issue, mediations and tribunals left out.",
    ),
    _monthly(
        "local_plans_counted_excluding_exceptions",
        "Plans issued that DfE would count, exceptions left out (local count)",
        "plans",
        "Plans issued in the month without a mediation or tribunal flag and without an exception.",
    ),
    _monthly(
        "local_plans_within_20_weeks_excluding_exceptions",
        "Plans within 20 weeks, exceptions left out (local count)",
        "plans",
        "Of those: within 140 days of the request.",
    ),
    _pct(
        "local_within_20_weeks_excluding_exceptions_pct",
        "Issued within 20 weeks, exceptions left out (local)",
        "DfE's headline measure on local data, by month of issue.",
    ),
    _monthly(
        "local_plans_due",
        "Plans that fell due (local count)",
        "plans",
        "Requests whose twenty weeks ended in the month and whose case had not ended without a plan by then.",
    ),
    _monthly(
        "local_plans_issued_by_due_day",
        "Plans issued by the day they were due (local count)",
        "plans",
        "Of plans that fell due in the month: issued by that day.",
    ),
    _pct(
        "local_issued_by_due_day_pct",
        "Issued by the day due (local)",
        "Of plans that fell due in the month, whatever became of them later.",
    ),
    _monthly(
        "local_cohort",
        "What became of requests, by month received (local count)",
        "requests",
        "Requests received in the month by how they stood on the day of the data.",
    ),
    _pct(
        "local_cohort_on_time_pct",
        "Plan within 20 weeks, of all requests of the month (local)",
        "Lowest: plans within 20 weeks so far. Highest: were every case still within its 20 weeks to be on time.",
    ),
    _pct(
        "local_plan_by_week_pct",
        "Requests that had led to a plan, by week (local)",
        "Cumulative incidence with competing ends (Aalen and Johansen): refusals and withdrawals can no longer lead "
        "to a plan; open cases leave the estimate at their age on the day of the data.",
    ),
)

_STOCKS = (
    _on_day(
        "local_open_cases",
        "Open cases (local count)",
        "cases",
        "Requests received by the day, with no end recorded by then, by stage and weeks since the request.",
    ),
    _on_day(
        "local_open_with_exception",
        "Open cases with an exception (local count)",
        "cases",
        "Open cases for which a lawful exception to the 20 weeks is recorded.",
    ),
    _on_day(
        "local_overdue",
        "Overdue cases (local count)",
        "cases",
        "Open cases past the limit of the step that is still to come: 6, 16 or 20 weeks.",
    ),
    _on_day(
        "local_overdue_excluding_exceptions",
        "Overdue cases, exceptions left out (local count)",
        "cases",
        "The same without cases that have a lawful exception.",
    ),
    _on_day(
        "local_median_wait_days",
        "Median wait of open cases (local)",
        "days",
        "Half of the open cases have waited longer since their request.",
    ),
    _on_day(
        "local_plans_held",
        "EHC plans held (local count)",
        "plans",
        "Plans that had started by the day and had not ceased by then.",
    ),
    _on_day(
        "local_sen_support",
        "Children on SEN Support (local list)",
        "pupils",
        "Children on the authority's own list of SEN Support (Ofsted's Annex A, list 2), by where they live.",
    ),
    _on_day(
        "local_reviews",
        "Annual reviews (local count)",
        "plans",
        "Plans in force by whether an annual review meeting was held in the twelve months before.",
    ),
)

_REVIEWS = (
    _pct(
        "local_reviewed_pct",
        "Annual review held in the last 12 months (local)",
        "Of plans more than 12 months old on the day: those with a review meeting in the 12 months before.",
        period_basis=AT_DATE,
    ),
)

_QUALITY = (
    _on_day(
        "case_rows",
        "Rows of case data",
        "rows",
        "Rows read, used and set aside; rows read are rows used plus rows set aside.",
    ),
    _on_day(
        "case_findings",
        "Rows caught by a data-quality rule",
        "rows",
        "Rows that break the rule; one row may break several.",
    ),
    count(
        "dry_run",
        "What DfE would publish from the case data",
        "number",
        "The published measure computed from the authority's own case data (highneeds preview).",
        source=LOCAL,
        breaks=(),
        period_basis=CALENDAR_YEAR,
    ),
    count(
        "bridge",
        "Bridge from the local to the published count",
        "requests",
        "Steps from rows in the case data to requests that count in the year, and to the published number.",
        source=LOCAL,
        breaks=(),
        period_basis=CALENDAR_YEAR,
    ),
)

LOCAL_MEASURES = (*_REQUESTS, *_TIMELINESS, *_STOCKS, *_REVIEWS, *_QUALITY)
