"""Readers of DfE's "Education, health and care plans": the 2023+ release files and the older ones."""

import pandas as pd

from highneeds import terms
from highneeds.periods import CALENDAR_YEAR, JANUARY
from highneeds.sources.rows import Layout, melt, place, single_filters, total_rows

REQUESTS = {
    "requests_received_in_year": ("requests_received", "Total"),
    "requests_decided_to_assess": ("requests_to_assess", "Total"),
    "requests_decided_not_to_assess": ("requests_refused", "Total"),
    "requests_decision_not_made": ("requests_undecided", "Total"),
    "requests_withdrawn": ("requests_withdrawn", "Total"),
    "request_outcome_six_weeks": ("request_decisions_within_6_weeks", "Total"),
    "request_outcome_over_6_weeks": ("request_decisions_over_6_weeks", "Total"),
}
ASSESSMENTS = {
    "assess_in_year": ("assessments_in_year", "Total"),
    "assess_issued": ("assessments_plan_issued", "Total"),
    "assess_not_issued": ("assessments_plan_not_issued", "Total"),
    "assess_not_made": ("assessments_undecided", "Total"),
    "assess_withdrawn": ("assessments_withdrawn", "Total"),
}
TIMELINESS = {
    "plans_issued_den": ("plans_issued", "Total"),
    "plans_issued_den_ex": ("plans_issued_excluding_exceptions", "Total"),
    # Despite its name this column includes exceptions; the _ex columns leave them out.
    "plans_issued_within_20_weeks": ("plans_within_20_weeks", "Total"),
    "plans_issued_20_weeks_ex": ("plans_within_20_weeks_excluding_exceptions", "Total"),
    "plans_issued_gt20weeks_ltyear": ("plans_20_to_52_weeks", "Total"),
    "plans_issued_gt20weeks_ltyear_ex": ("plans_20_to_52_weeks_excluding_exceptions", "Total"),
    "plans_issued_gt_1_year": ("plans_over_52_weeks", "Total"),
    "plans_issued_gt_1_year_ex": ("plans_over_52_weeks_excluding_exceptions", "Total"),
}
NEW_PLANS = {"new_ehc_plans": ("new_ehc_plans", "Total")}
CEASED = {"total_ceased": ("ceased_plans", "Total")} | {
    column: ("ceased_plans", label) for column, label in terms.CEASE_REASONS.items()
}
CASELOAD = {"ehcplans": ("ehc_plans", "Total")} | {
    column: ("ehc_plans", label) for column, label in terms.PLACEMENTS.items()
}
# Before 2023 the return was one row of totals an authority ("sen2_mi").
INFORMATION = {
    "inreq_ehc": ("requests_received", "Total"),
    "ass_refused_ehc": ("requests_refused", "Total"),
    "new_all_ehc": ("new_ehc_plans", "Total"),
    "tot_inc_exc_ehc": ("plans_issued", "Total"),
    "tot_no_exc_ehc": ("plans_issued_excluding_exceptions", "Total"),
    "inc_exc_20week_ehc": ("plans_within_20_weeks", "Total"),
    "no_exc_20week_ehc": ("plans_within_20_weeks_excluding_exceptions", "Total"),
}
FIRST_FULL_YEAR = 2016  # requests were first collected for 2016; 2014 and 2015 mix two systems
FIRST_OWN_BAND_YEAR = 2024  # from here ages are single years, and the bands are sums of them


def _totals(cells: dict[str, tuple[str, str]], basis: str):
    def read(frame: pd.DataFrame) -> pd.DataFrame:
        return melt(single_filters(total_rows(place(frame)), cells), cells, basis)

    return read


def _needs(measure: str) -> dict[str, tuple[str, str]]:
    return {f"number_{need}": (measure, label) for need, label in terms.PRIMARY_NEEDS.items()}


def _caseload(frame: pd.DataFrame) -> pd.DataFrame:
    frame = place(frame)
    totals = melt(single_filters(total_rows(frame), CASELOAD), CASELOAD, JANUARY)
    # Age at the count, whatever the release calls it; the age at which a plan started is another matter.
    topic = frame["breakdown_topic"].str.lower()
    ages = frame[topic.str.contains(r"\bage\b") & ~topic.str.contains("plan")]
    ages = ages[ages["breakdown"].str.lower().str.fullmatch(r"(age|aged|under) \d+( and (under|over))?")]
    rows = melt(single_filters(ages, CASELOAD), {"ehcplans": ("ehc_plans", "")}, JANUARY)
    labels = ages["breakdown"].str.lower().str.replace("aged ", "age ").to_numpy()
    return pd.concat([totals, rows.assign(breakdown=labels)], ignore_index=True)


def _age_bands(frame: pd.DataFrame) -> pd.DataFrame:
    """Five age bands, 2010 to 2023: statements and EHC plans together, as the file totals them."""
    frame = place(frame)
    frame = frame[frame["ehcp_or_statement"].str.lower().eq("total")]
    rows = melt(frame, {"num_caseload": ("ehc_plans", "")}, JANUARY)
    return rows.assign(breakdown=frame["characteristic_age"].to_numpy())


def _information(frame: pd.DataFrame) -> pd.DataFrame:
    rows = melt(place(frame), INFORMATION, CALENDAR_YEAR)
    return rows[rows["period"].astype(int).ge(FIRST_FULL_YEAR)]


LAYOUTS = (
    Layout(
        "requests",
        frozenset({"requests_received_in_year", "breakdown"}),
        _totals(REQUESTS, CALENDAR_YEAR),
        figures=frozenset(REQUESTS),
    ),
    Layout(
        "assessments",
        frozenset({"assess_in_year", "breakdown"}),
        _totals(ASSESSMENTS, CALENDAR_YEAR),
        figures=frozenset(ASSESSMENTS),
    ),
    Layout(
        "timeliness",
        frozenset({"plans_issued_den", "plans_issued_den_ex", "breakdown"}),
        _totals(TIMELINESS, CALENDAR_YEAR),
        figures=frozenset(TIMELINESS),
    ),
    Layout(
        "new plans",
        frozenset({"new_ehc_plans", "breakdown"}),
        _totals(NEW_PLANS, CALENDAR_YEAR),
        figures=frozenset([*NEW_PLANS, *terms.PLACEMENTS]),
    ),
    Layout(
        "ceased plans",
        frozenset({"total_ceased", "breakdown"}),
        _totals(CEASED, CALENDAR_YEAR),
        figures=frozenset(CEASED),
    ),
    Layout(
        "caseload", frozenset({"ehcplans", "mainstream_total", "breakdown"}), _caseload, figures=frozenset(CASELOAD)
    ),
    # Stock and flow share one header; only the period tells them apart.
    Layout(
        "primary need",
        frozenset({"ehc_plans", "number_asd", "breakdown"}),
        _totals(_needs("ehc_plans_primary_need"), JANUARY),
        ("time_identifier", "academic"),
        figures=frozenset(_needs("")),
    ),
    Layout(
        "primary need of new plans",
        frozenset({"ehc_plans", "number_asd", "breakdown"}),
        _totals(_needs("new_ehc_plans_primary_need"), CALENDAR_YEAR),
        ("time_identifier", "calendar"),
        figures=frozenset(_needs("")),
    ),
    Layout("age bands", frozenset({"characteristic_age", "num_caseload", "ehcp_or_statement"}), _age_bands),
    Layout("management information", frozenset({"inreq_ehc", "tot_inc_exc_ehc", "no_exc_20week_ehc"}), _information),
)
