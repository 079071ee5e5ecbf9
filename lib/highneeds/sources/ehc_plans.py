"""Readers of DfE's "Education, health and care plans": the 2023+ release files and the older ones."""

import numpy as np
import pandas as pd

from highneeds import terms
from highneeds.periods import CALENDAR_YEAR, JANUARY
from highneeds.sources.rows import COLUMNS, Layout, melt, place, single_filters, total_rows

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


def _totals(cells: dict[str, tuple[str, str]], basis: str):
    def read(frame: pd.DataFrame) -> pd.DataFrame:
        return melt(single_filters(total_rows(place(frame)), cells), cells, basis)

    return read


def _needs(measure: str) -> dict[str, tuple[str, str]]:
    return {f"number_{need}": (measure, label) for need, label in terms.PRIMARY_NEEDS.items()}


def _by_age(cells: dict[str, tuple[str, str]], basis: str, topics: str):
    """Reader of the totals in `cells`, of its first column by age, and of both by placement where the file has it.

    topics: pattern of the topics that give the age meant; a file may have the age now and the age at the start.
    """
    count, (measure, _) = next(iter(cells.items()))
    placements = {column: (measure, "") for column in terms.PLACEMENT_COLUMNS}

    def read(frame: pd.DataFrame) -> pd.DataFrame:
        known = [*cells, *placements]
        totals = single_filters(total_rows(place(frame)), known)
        if totals.empty:
            return totals  # ages alone would hide that the totals are gone
        ages = single_filters(_age_rows(place(frame), topics), known)
        parts = [
            melt(totals, cells, basis),
            _labelled(totals.assign(breakdown="Total"), placements, basis),
            _labelled(ages, {count: (measure, "")} | placements, basis),
        ]
        return pd.concat([part for part in parts if len(part)], ignore_index=True)

    return read


def _age_rows(frame: pd.DataFrame, topics: str) -> pd.DataFrame:
    """Rows of a single age each, or of the age nobody knows, whatever the release calls them."""
    topic, label = (frame[column].str.strip().str.lower() for column in ("breakdown_topic", "breakdown"))
    label = label.str.replace("aged ", "age ").replace(
        {"unknown": terms.AGE_UNKNOWN, "not recorded": terms.AGE_UNKNOWN}
    )
    known = label.str.fullmatch(r"(age|under) \d+( and (under|over))?") | label.eq(terms.AGE_UNKNOWN)
    return frame.assign(breakdown=label)[topic.str.contains(r"\bage\b") & topic.str.contains(topics) & known]


def _labelled(frame: pd.DataFrame, cells: dict[str, tuple[str, str]], basis: str) -> pd.DataFrame:
    """Raw rows under the frame's own breakdown; one of a placement has its column behind it: `age 5, fe_total`."""
    held = [column for column in cells if column in frame]
    if frame.empty or not held:
        return pd.DataFrame(columns=COLUMNS)
    rows = melt(frame, cells, basis)
    label = pd.Series(np.tile(frame["breakdown"], len(held)), dtype="str")
    return rows.assign(
        breakdown=label.where(~rows["column"].isin(terms.PLACEMENT_COLUMNS), label + ", " + rows["column"])
    )


def _age_bands(frame: pd.DataFrame) -> pd.DataFrame:
    """Five age bands, 2010 to 2023: statements and EHC plans together, as the file totals them."""
    frame = place(frame)
    frame = frame[frame["ehcp_or_statement"].str.lower().eq("total")]
    rows = melt(frame, {"num_caseload": ("ehc_plans", "")}, JANUARY)
    return rows.assign(breakdown=frame["characteristic_age"].to_numpy())


def _new_age_bands(frame: pd.DataFrame) -> pd.DataFrame:
    """New plans by age band, 2009 to 2021: statements and EHC plans together. Totals are other files' business."""
    bands = {band.lower(): band for band in terms.AGE_BANDS}
    label = frame["characteristic_age"].str.strip().str.lower().map(bands)
    frame = place(frame.assign(breakdown=label)[label.notna()])
    return melt(frame, {"total_new_all": ("new_ehc_plans", "")}, CALENDAR_YEAR).assign(
        breakdown=frame["breakdown"].to_numpy()
    )


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
        _by_age(NEW_PLANS, CALENDAR_YEAR, "plan|start"),
        figures=frozenset([*NEW_PLANS, *terms.PLACEMENTS]),
    ),
    Layout(
        "ceased plans",
        frozenset({"total_ceased", "breakdown"}),
        _by_age(CEASED, CALENDAR_YEAR, "plan|cease"),
        figures=frozenset(CEASED),
    ),
    Layout(
        "caseload",
        frozenset({"ehcplans", "mainstream_total", "breakdown"}),
        # Age at the count: the age at which a plan started is another matter.
        _by_age(CASELOAD, JANUARY, "^(?!.*plan)"),
        figures=frozenset(CASELOAD),
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
    Layout("new plans by age band", frozenset({"characteristic_age", "total_new_all"}), _new_age_bands),
    Layout("management information", frozenset({"inreq_ehc", "tot_inc_exc_ehc", "no_exc_20week_ehc"}), _information),
)
