"""Percentages, durations and unit costs on few cases: what is hidden and what is flagged.

A percentage beside its denominator is its numerator, so that it is hidden wherever either count is hidden.
The counts come from `suppress`, numerators and denominators protected together.
"""

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd

from highneeds.disclosure.policy import FEW, HIDDEN, NOT_APPLICABLE, Policy
from highneeds.errors import SchemaError

UNRELIABLE = "unreliable"
_QUANTILE = re.compile(r"^p(\d{1,2})_")
_EXTREME = re.compile(r"(^|_)(min|max|minimum|maximum|shortest|longest|range)(_|$)")


def protected_shares(
    counts: pd.DataFrame, *, policy: Policy, dimensions: Sequence[str] = (), whole_groups: bool = False
) -> pd.DataFrame:
    """Adds share_pct (0-100, missing where hidden), status and flag to numerators and denominators.

    Takes numerator, denominator (true counts) and, where they were protected, numerator_status and
    denominator_status ("c" where hidden). dimensions: what the counts are broken down by.
    status: `c` where the numerator or what it leaves is a small count, or either count is hidden; `u` where the
    denominator is under the policy's minimum; `z` where it is 0. flag: `unreliable` below the policy's reliable_from.
    whole_groups: hide 0% and 100% too, where it would matter that nobody or everybody is in the category.
    Raises SchemaError where a column is missing or a numerator exceeds its denominator.
    """
    _refuse(counts)
    top, bottom = counts["numerator"].astype("float64"), counts["denominator"].astype("float64")
    small = policy.threshold_for(dimensions)
    few = top.between(1, small - 1) | (bottom - top).between(1, small - 1)
    if whole_groups:
        few |= top.eq(0) | top.eq(bottom)
    for column in ("numerator_status", "denominator_status"):
        if column in counts:
            few |= counts[column].eq(HIDDEN)
    # A hidden denominator stays hidden: `u` beside it would say that it is small.
    status = np.select(
        [bottom.eq(0), few, bottom.lt(policy.minimum_denominator)], [NOT_APPLICABLE, HIDDEN, FEW], default=""
    )
    share = (100 * top / bottom.where(bottom.gt(0))).where(status == "")
    unsure = (status == "") & bottom.lt(policy.reliable_from)
    return counts.assign(share_pct=share, status=status, flag=np.where(unsure, UNRELIABLE, ""))


def share_leaks(shares: pd.DataFrame) -> list[int]:
    """Positions of rows whose printed percentage gives back a hidden count; empty is what a release wants.

    Takes share_pct, numerator_status and denominator_status as they would be printed.
    """
    printed = shares["share_pct"].notna()
    hidden = shares["numerator_status"].eq(HIDDEN) | shares["denominator_status"].eq(HIDDEN)
    return list(np.flatnonzero(printed & hidden))


def protected_durations(durations: pd.DataFrame, *, policy: Policy) -> pd.DataFrame:
    """Means, medians and percentiles made missing on few cases, with `status` (`u`, or `c` for percentiles alone).

    Takes cases (count) and columns of figures: mean_..., median_..., p90_... A percentile needs as many cases beyond
    it as the smallest count that is shown. Raises SchemaError where a column is a minimum or maximum: that is one case.
    """
    figures = [name for name in durations if re.match(r"^(mean|median|p\d{1,2})_", str(name))]
    extremes = [str(name) for name in durations if _EXTREME.search(str(name))]
    if extremes or "cases" not in durations:
        raise SchemaError(
            [f"durations: column '{name}' is one child's. Expected means, medians or percentiles. Take it out."
             for name in extremes]
            + ([] if "cases" in durations else ["durations: no column 'cases'. Expected the cases counted. Add it."])
        )  # fmt: skip
    cases = durations["cases"].astype("float64")
    few = cases.lt(policy.minimum_cases) | cases.isna()
    out, status = durations.copy(), np.where(few, FEW, "")
    for name in figures:
        quantile = _QUANTILE.match(str(name))
        tail = min(int(quantile[1]), 100 - int(quantile[1])) / 100 if quantile else 0.5
        thin = (cases * tail).lt(policy.threshold) if quantile else few
        out[name] = durations[name].mask(few | thin)
        status = np.where((status == "") & thin, HIDDEN, status)
    return out.assign(status=status)


def protected_unit_costs(costs: pd.DataFrame, *, policy: Policy) -> pd.DataFrame:
    """Money (columns ending _gbp) made missing where few placements are behind it, with `status` (`c`).

    Takes cases (placements) and columns of money. Totals go with the averages: one beside the count is the other.
    """
    if "cases" not in costs:
        raise SchemaError("unit costs: no column 'cases'. Expected the placements behind each cost. Add it.")
    few = costs["cases"].lt(policy.unit_cost_minimum) | costs["cases"].isna()
    money = [name for name in costs if str(name).endswith("_gbp")]
    return costs.assign(**{name: costs[name].mask(few) for name in money}, status=np.where(few, HIDDEN, ""))


def _refuse(counts: pd.DataFrame) -> None:
    lost = [name for name in ("numerator", "denominator") if name not in counts]
    if lost:
        raise SchemaError(f"shares: no column {', '.join(lost)}. Expected true counts in both. Add it.")
    wrong = np.flatnonzero((counts["numerator"].gt(counts["denominator"]) | counts["numerator"].lt(0)).to_numpy())
    if len(wrong):
        raise SchemaError(
            f"shares: {len(wrong)} numerators, first at row {wrong[0] + 1}, are below 0 or above their denominator. "
            "Expected a part of the cases below the line. Correct the counts."
        )
