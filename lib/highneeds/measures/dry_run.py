"""Dry run of the return: what DfE would publish from local case data, and the bridge from rows to that number.

Outcomes are taken as they stood on the survey day after the year, as in the return; where the data were drawn
earlier, as they stand in the data. Names are those of the published measures (`declarations`).
"""

from datetime import date

import pandas as pd

from highneeds.cases import Cases
from highneeds.fields import NAMED_PLAN, REQUESTS
from highneeds.measures.journeys import journeys
from highneeds.measures.local_caseload import new_plans, plans_on
from highneeds.measures.local_requests import requests_by
from highneeds.measures.local_timeliness import published_20_week
from highneeds.periods import CALENDAR_YEAR, JANUARY, last_day

_RECEIVED = {
    "requests_received": ("requests_received", "numerator"),
    "requests_to_assess": ("agreed_of_received", "numerator"),
    "requests_refused": ("refused_of_received", "numerator"),
    "requests_undecided": ("awaiting_decision", "numerator"),
    "requests_withdrawn": ("withdrawn_before_decision", "numerator"),
    "refused_of_received_pct": ("refused_of_received", "value"),
    "request_decisions_within_6_weeks": ("decided_within_6_weeks", "numerator"),
    "within_6_weeks_pct": ("decided_within_6_weeks", "value"),
}
_ISSUED = {
    "plans_issued": ("issued_within_20_weeks", "denominator"),
    "plans_within_20_weeks": ("issued_within_20_weeks", "numerator"),
    "within_20_weeks_pct": ("issued_within_20_weeks", "value"),
    "plans_issued_excluding_exceptions": ("issued_within_20_weeks_ex", "denominator"),
    "plans_within_20_weeks_excluding_exceptions": ("issued_within_20_weeks_ex", "numerator"),
    "within_20_weeks_excluding_exceptions_pct": ("issued_within_20_weeks_ex", "value"),
    "plans_over_52_weeks": ("issued_over_52_weeks", "numerator"),
}
COLUMNS = ["measure", "period", "period_basis", "value", "status"]


def newest_year(cases: Cases) -> str:
    """The calendar year whose return the data can rehearse: the last one over, or nearly so, on their day."""
    day = cases.extract_date
    return str(day.year if (day.month, day.day) >= (12, 1) else day.year - 1)


def dry_run(cases: Cases, year: str) -> pd.DataFrame:
    """Published measures of a calendar year, and plans held on the survey day after it, from local cases.

    Columns measure (the published name), period, period_basis, value (count, or 0-100), status: `p` where the data
    were drawn before the survey day, `n` where no input carries what the measure needs.
    """
    survey = last_day(str(int(year) + 1), JANUARY)
    at = min(survey, cases.extract_date)
    paths, early = journeys(cases, at=at), at < survey
    parts = []
    if cases.has(REQUESTS, "received_date"):
        parts += [_picked(requests_by(paths, by="year", at=at), _RECEIVED, year)]
        parts += [_picked(published_20_week(paths, by="year", at=at), _ISSUED, year)]
    parts.append(_picked(new_plans(cases, by="year", at=at), {"new_ehc_plans": ("new_plans", "numerator")}, year))
    held = float(len(plans_on(cases, at))) if cases.has(NAMED_PLAN, "start_date") else None
    status = "n" if held is None else ""
    parts.append(pd.DataFrame([("ehc_plans", str(int(year) + 1), JANUARY, held, status)], columns=COLUMNS))
    rows = pd.concat(parts, ignore_index=True)
    return rows.assign(status=rows["status"].mask(rows["status"].ne("n") & early, "p"))


def _picked(rows: pd.DataFrame, wanted: dict[str, tuple[str, str]], year: str) -> pd.DataFrame:
    rows = rows[rows["period"].eq(year)].set_index("measure")
    made = []
    for name, (measure, figure) in wanted.items():
        held = measure in rows.index and rows.loc[measure, "status"] != "n"
        value = rows.loc[measure, figure] if held else None
        status = "n" if not held else "z" if pd.isna(value) else ""
        made.append((name, year, CALENDAR_YEAR, None if pd.isna(value) else float(value), status))
    return pd.DataFrame(made, columns=COLUMNS).astype({"value": "float64"})


def bridge(cases: Cases, year: str, *, at: date | None = None) -> pd.DataFrame:
    """Steps from rows of requests to those that count as received in a year: step, count (negative where taken away).

    Duplicates, records replaced by a later return, rows without a usable received date, historical requests and
    requests of other years are taken away in this order; what is left is what the dry run counts.
    """
    aside = cases.quarantine[cases.quarantine["module"].eq(REQUESTS)]["rule"]
    rows = int(cases.counts.set_index("module")["rows_in"].get(REQUESTS, 0))
    requests = cases.requests
    historical = requests["request_outcome"].eq("H")
    of_year = requests["received_date"].dt.year.eq(int(year))
    later = requests["received_date"].gt(pd.Timestamp(at)) if at else pd.Series(False, index=requests.index)
    counted = of_year & ~historical & ~later
    steps = [
        ("Rows of requests in the case data", rows),
        ("Second records of one request", -int(aside.eq("DQ02").sum())),
        ("Records replaced by a later return", -int(aside.eq("later return").sum())),
        ("No received date that can be used", -int((~aside.isin(["DQ02", "later return"])).sum())),
        ("Historical: decided before the period of the return", -int((historical & ~later).sum())),
        (
            "Received in another year, or after the survey day",
            -int(len(requests) - counted.sum() - (historical & ~later).sum()),
        ),
        ("Requests that count in the year", int(counted.sum())),
    ]
    return pd.DataFrame(steps, columns=["step", "count"])
