"""Plans maintained on a day, one row each, with the child's age, the placement and the primary need on that day.

Owns which records hold on a day. Counting them belongs to `local_caseload`. Records join by request id; the child
is found through `Cases.links`, so a plan whose request was set aside still has its child.
"""

from datetime import date

import numpy as np
import pandas as pd

from highneeds.cases import Cases
from highneeds.fields import REQUESTS
from highneeds.terms import AGE_BANDS

NOT_RECORDED = "not recorded"
TWO_RECORDED = "two recorded"
TYPE_UNKNOWN = "establishment of unknown type"
OLDER = "Age 26 and over"
PRIMARY = "1"
ACTIVE = "active"
_ORDER = ["placement_rank", "urn", "ukprn", "sen_setting"]
_FLAGS = ["sen_unit_indicator", "resourced_provision_indicator"]


def plans_on(cases: Cases, on: date, *, cease_day_counts: bool = False) -> pd.DataFrame:
    """Plans maintained on a day, one row a plan: request_id, person_id, birth_date, sex, area (where held), and the
    plan's own columns.

    Maintained: start date no later than the day, and no cease date or a later one; cease_day_counts: a plan counts on
    the day it ceases too (DfE's convention is not published). A plan without a start date is not counted.
    """
    return with_child(cases.plans[_maintained(cases.plans, pd.Timestamp(on), cease_day_counts)], cases)


def running(ends: pd.Series, day: pd.Timestamp, *, last_day_counts: bool = False) -> pd.Series:
    """True where there is no end, or it lies after the day (or on it, where the last day counts)."""
    return ends.isna() | ends.gt(day) | (ends.eq(day) & last_day_counts)


def with_child(rows: pd.DataFrame, cases: Cases) -> pd.DataFrame:
    """Rows with person_id, birth_date and sex of the request's child, and area where the requests have it."""
    rows = rows.reset_index(drop=True)
    links = cases.links.drop_duplicates("request_id").set_index("request_id")["person_id"]
    people = cases.persons[["person_id", "birth_date", "sex"]].drop_duplicates("person_id").set_index("person_id")
    rows = rows.assign(person_id=links.reindex(rows["request_id"]).to_numpy())
    for name in ("birth_date", "sex"):
        rows[name] = people[name].reindex(rows["person_id"]).reset_index(drop=True)
    if "area" in cases.requests and (cases.has(REQUESTS, "area") or cases.requests["area"].notna().any()):
        areas = cases.requests[["request_id", "area"]].drop_duplicates("request_id").set_index("request_id")["area"]
        rows["area"] = areas.reindex(rows["request_id"]).reset_index(drop=True)
    return rows


def ages(births: pd.Series, on: date) -> pd.Series:
    """Completed years on a day; missing where the birth date is missing or later."""
    before = births.dt.month * 100 + births.dt.day > on.month * 100 + on.day
    years = on.year - births.dt.year - before
    return years.where(years.ge(0))


def age_bands(births: pd.Series, on: date) -> pd.Series:
    """DfE's age band on a day (terms.AGE_BANDS, and `Age 26 and over`), `not recorded` where it cannot be told."""
    edges, labels = band_edges()
    years = ages(births, on).to_numpy(dtype=float)
    found = np.searchsorted(edges, np.nan_to_num(years), side="right") - 1
    codes = np.where(np.isnan(years), len(labels), found)
    return pd.Series(pd.Categorical.from_codes(codes, [*labels, NOT_RECORDED]), index=births.index)


def band_edges() -> tuple[list[int], list[str]]:
    """First age of each band, and its label; read from DfE's own ages in each band."""
    firsts = [0 if ages_in[0].startswith("under") else int(ages_in[0].split()[-1]) for ages_in in AGE_BANDS.values()]
    final = int(list(AGE_BANDS.values())[-1][-1].split()[-1])
    return [*firsts, final + 1], [*AGE_BANDS, OLDER]


def placements_on(
    cases: Cases, on: date, *, establishments: pd.DataFrame | None = None, cease_day_counts: bool = False
) -> pd.DataFrame:
    """Placement on a day of each plan maintained that day, one row a request id.

    request_id, placed (False where no record spans the day), setting, urn, ukprn, placement_rank, entry_date, sen_unit,
    resourced_provision (False where blank).
    The placement: of the records of placements (not of those named in the plan, which have no dates) that were entered
    by the day and not left by it, the one of rank 1 first, then 2, then without a rank; of several the latest entered,
    then the first URN, and a flagged unit or provision before none. setting: sen_setting code; else the type of the
    URN in `establishments` (urn, type; as text); else `establishment of unknown type`; `not recorded` where no
    placement spans the day, or the record names nothing.
    """
    held = _maintained(cases.plans, pd.Timestamp(on), cease_day_counts)
    plans = cases.plans.loc[held, "request_id"].drop_duplicates()
    spans = _spanning(cases.placements, pd.Timestamp(on))
    best = _first_of_each(spans[spans["request_id"].isin(plans)])
    rows = best.set_index("request_id").reindex(plans)
    found = pd.Series(plans.isin(best["request_id"]).to_numpy(), index=rows.index)
    return pd.DataFrame(
        {
            "placed": found,
            "setting": _settings(rows, establishments).where(found, NOT_RECORDED),
            **{name: rows[name] for name in ("urn", "ukprn", "placement_rank", "entry_date")},
            "sen_unit": rows["sen_unit_indicator"].fillna(False).astype(bool),
            "resourced_provision": rows["resourced_provision_indicator"].fillna(False).astype(bool),
        }
    ).reset_index()


def primary_need(cases: Cases, on: date, *, cease_day_counts: bool = False) -> pd.DataFrame:
    """Primary need of each plan maintained on a day, one row a request id: request_id, primary_need.

    primary_need: the code of rank 1; `not recorded` where there is none; `two recorded` where rank 1 holds two codes.
    """
    held = _maintained(cases.plans, pd.Timestamp(on), cease_day_counts)
    plans = cases.plans.loc[held, "request_id"].drop_duplicates()
    needs = cases.needs
    first = needs.loc[needs["sen_type_rank"].eq(PRIMARY) & needs["sen_type"].notna(), ["request_id", "sen_type"]]
    first = first.drop_duplicates()
    several = first["request_id"].duplicated(keep=False)
    codes = first[~several].set_index("request_id")["sen_type"].reindex(plans)
    two = plans.isin(first.loc[several, "request_id"]).to_numpy()
    return codes.fillna(NOT_RECORDED).mask(two, TWO_RECORDED).rename("primary_need").reset_index()


def _maintained(plans: pd.DataFrame, day: pd.Timestamp, cease_day_counts: bool) -> pd.Series:
    return plans["start_date"].le(day) & running(plans["cease_date"], day, last_day_counts=cease_day_counts)


def _spanning(placements: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    entered = placements["kind"].eq(ACTIVE) & placements["entry_date"].le(day)
    rows = placements.loc[
        entered & running(placements["leaving_date"], day), ["request_id", *_ORDER, *_FLAGS, "entry_date"]
    ]
    return rows.assign(_latest=(day - rows["entry_date"]).dt.days)


def _first_of_each(rows: pd.DataFrame) -> pd.DataFrame:
    """First row of each request id in a set order; only requests with several rows are sorted, for speed."""
    order = ["request_id", "placement_rank", "_latest", *_ORDER[1:], *_FLAGS]
    rising = [name not in _FLAGS for name in order]
    several = rows["request_id"].duplicated(keep=False)
    ordered = rows[several].sort_values(order, ascending=rising, na_position="last")
    return pd.concat([rows[~several], ordered.drop_duplicates("request_id")], ignore_index=True)


def _settings(rows: pd.DataFrame, establishments: pd.DataFrame | None) -> pd.Series:
    setting = rows["sen_setting"].astype("str")
    if establishments is not None:
        types = establishments.drop_duplicates("urn").set_index(establishments["urn"].drop_duplicates().astype("str"))
        setting = setting.fillna(rows["urn"].map(types["type"]))
    named = rows["urn"].notna() | rows["ukprn"].notna()
    return setting.mask(setting.isna() & named, TYPE_UNKNOWN).fillna(NOT_RECORDED)
