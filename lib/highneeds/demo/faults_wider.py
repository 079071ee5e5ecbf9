"""Faults beyond single records: months, years, shares, the register of schools, look-ups, printed tables."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from highneeds.demo.bench import Bench
from highneeds.errors import ParamsError
from highneeds.fields import ASSESSMENT, NAMED_PLAN, PLACEMENT_DETAIL, REQUESTS

SETTINGS = 3  # settings said to be short of placements
_PRINTED_BY = "Invented County Council, report to nobody"


def _sectors_left_out(bench: Bench, rule: str) -> int:
    """One district is given by sectors, and the last of them is forgotten."""
    lookup = bench.world.lookup
    district, area = lookup.iloc[0]
    sectors = pd.DataFrame({"postcode": [f"{district} {sector}" for sector in range(1, 9)], "area": area})
    bench.tables["lookup"] = pd.concat([sectors, lookup.iloc[1:]], ignore_index=True)
    return int(bench[REQUESTS]["request_postcode"].str.startswith(f"{district} 9").sum())


def _bunched(bench: Bench, rule: str) -> int:
    requests = bench[REQUESTS]
    last_day = requests["received_date"] + pd.Timedelta(days=42)
    plain = requests["request_outcome"].eq("N") & ~requests["request_mediation"] & ~requests["request_tribunal"]
    moved = plain & last_day.le(bench.day) & requests["request_outcome_date"].ne(last_day)
    places = bench.untouched(REQUESTS, moved)
    places = places[np.arange(len(places)) % 5 > 0]
    return bench.change(REQUESTS, "request_outcome_date", places, last_day.to_numpy()[places])


def _all_exceptions(bench: Bench, rule: str) -> int:
    assessments = bench[ASSESSMENT]
    last_year = assessments["assessment_outcome_date"].dt.year.eq(bench.day.year - 1)
    places = bench.untouched(ASSESSMENT, assessments["assessment_outcome"].eq("Y") & last_year & ~assessments["week20"])
    return bench.change(ASSESSMENT, "week20", places, True)


def _month_emptied(bench: Bench, rule: str) -> int:
    """The June before the last calendar year's end has no requests."""
    requests = bench[REQUESTS]
    month = requests["received_date"].dt.strftime("%Y-%m").eq(f"{bench.day.year - 1}-06")
    return bench.drop_requests(requests.loc[month & requests["request_outcome"].ne("H"), "request_id"].to_numpy())


def _part_month(bench: Bench, rule: str) -> int:
    """Nothing to change: the day of the extract cuts its month short, or late entries may still come."""
    received = bench[REQUESTS]["received_date"]
    return int(received.ge(bench.day.replace(day=1)).sum())


def _now_at(bench: Bench) -> pd.DataFrame:
    """Placements of plans in force, still going on."""
    placed = bench[PLACEMENT_DETAIL]
    return placed[bench.in_force(PLACEMENT_DETAIL).to_numpy() & placed["leaving_date"].isna().to_numpy()]


def _school_closed(bench: Bench, rule: str) -> int:
    counts = _now_at(bench)["urn"].value_counts()
    register = bench.tables.get("register", bench.world.register)
    closed = register["URN"].astype("str").eq(counts.index[len(counts) // 2])
    status = register["EstablishmentStatus (name)"].mask(closed, "Closed")
    bench.tables["register"] = register.assign(**{"EstablishmentStatus (name)": status})
    return int(counts.iloc[len(counts) // 2])


def _no_such_unit(bench: Bench, rule: str) -> int:
    now = _now_at(bench)
    counts = now.loc[now["sen_unit_indicator"].to_numpy(dtype=bool), "urn"].value_counts()
    if counts.empty:
        raise ParamsError(f"{rule}: no case in a world of this size and day fits. Ask for more requests a year.")
    register = bench.tables.get("register", bench.world.register)
    places = register["SenUnitCapacity"].mask(register["URN"].astype("str").eq(counts.index[0]))
    bench.tables["register"] = register.assign(SenUnitCapacity=places)
    return int(counts.iloc[0])


def _fewer_than_expected(bench: Bench, rule: str) -> int:
    counts = _now_at(bench)["urn"].value_counts().head(SETTINGS)
    bench.tables["expected"] = pd.DataFrame({"urn": counts.index, "minimum": counts.to_numpy() + 5})
    return len(counts)


def _printed_total_off(bench: Bench, rule: str) -> int:
    """A table as a committee paper prints it, one month's total off by one."""
    counts = bench.world.truth.requests
    counts = counts[counts["month"].eq(counts["month"].unique()[-3])]
    total = counts["requests"].sum() + 1
    breakdown, value = [*counts["area"], "Total"], [*counts["requests"], total]
    bench.tables["printed"] = pd.DataFrame(
        {
            "measure": "ehc_requests",
            "breakdown": breakdown,
            "period": counts["month"].iloc[0],
            "period_basis": "calendar month",
            "value": value,
            "unit": "requests",
            "status": "",
            "as_printed": [str(number) for number in value],
            "source": _PRINTED_BY,
        }
    )
    return 1


def _requests_lost(bench: Bench, rule: str) -> int:
    """Every tenth request of the last calendar year is gone."""
    requests = bench[REQUESTS]
    last_year = requests["received_date"].dt.year.eq(bench.day.year - 1) & requests["request_outcome"].ne("H")
    return bench.drop_requests(requests.loc[last_year, "request_id"].to_numpy()[::10])


def _other_reasons(bench: Bench, rule: str) -> int:
    reasons = bench[NAMED_PLAN]["cease_reason"]
    places = bench.untouched(NAMED_PLAN, reasons.notna() & ~reasons.isin(["1", "9", "12"]))[::3]
    return bench.change(NAMED_PLAN, "cease_reason", places, "9")


FAULTS: dict[str, Callable[[Bench, str], int]] = {
    "DQ29": _sectors_left_out,
    "DQ32": _bunched,
    "DQ33": _all_exceptions,
    "DQ34": _month_emptied,
    "DQ35": _part_month,
    "DQ39": _school_closed,
    "DQ40": _no_such_unit,
    "DQ41": _fewer_than_expected,
    "DQ46": _printed_total_off,
    "DQ47": _requests_lost,
    "DQ48": _other_reasons,
}
