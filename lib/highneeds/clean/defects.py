"""Rules that catch faulty published cells. A caught cell keeps its place and loses its value.

Rules, not a list of names: they must catch the next release's faults too.
"""

import pandas as pd

FLOWS = ("requests_received", "new_ehc_plans", "plans_issued")
MIN_AUTHORITIES = 3
MIN_NEIGHBOURING_COUNT = 20


def repeated_regional_total(values: pd.DataFrame, areas: pd.DataFrame) -> pd.Series:
    """True where every authority of a region shows one and the same count: the region's total."""
    region = values["area_code"].map(areas.set_index("area_code")["region_code"])
    local = values[region.fillna("").ne("") & _is_flow(values)].assign(region=region)
    groups = local.groupby(["region", "period", "measure", "breakdown"])["value"]
    same = groups.transform("nunique").eq(1) & groups.transform("count").ge(MIN_AUTHORITIES) & local["value"].gt(0)
    return same.reindex(values.index, fill_value=False)


def zero_between_counts(values: pd.DataFrame) -> pd.Series:
    """True where a count is zero although the years on both sides are not small."""
    flows = values[_is_flow(values)].sort_values("period")
    series = flows.groupby(["area_code", "measure", "breakdown"])["value"]
    beside = pd.concat([series.shift(1), series.shift(-1)], axis="columns").min(axis="columns", skipna=False)
    zero = flows["value"].eq(0) & beside.ge(MIN_NEIGHBOURING_COUNT)
    return zero.reindex(values.index, fill_value=False)


def _is_flow(values: pd.DataFrame) -> pd.Series:
    """Totals alone: an age band or a placement can well be nought in one year, or the same all over a region."""
    return values["measure"].isin(FLOWS) & values["breakdown"].eq("Total")


def reject(values: pd.DataFrame, areas: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Values with faulty cells marked `d`, and one line for each rule that fired."""
    rules = {
        "every authority of the region repeats the regional total": repeated_regional_total(values, areas),
        "zero between years that are not small": zero_between_counts(values),
    }
    names = areas.set_index("area_code")["area_name"]
    lines = []
    for reason, hit in rules.items():
        for (measure, period), rows in values[hit].groupby(["measure", "period"]):
            where = ", ".join(rows["area_code"].map(names).sort_values())
            lines.append(f"{measure} {period}: {reason} ({where}). Not used.")
        values = values.assign(value=values["value"].mask(hit), status=values["status"].mask(hit, "d"))
    return values, lines
