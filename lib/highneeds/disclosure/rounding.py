"""Rounding: the other way to protect counts, and the check that it is not mixed with exact counts.

Every count, totals too, goes to the nearest multiple by itself, so that parts may not add to their total.
"""

from collections.abc import Collection, Mapping

import numpy as np
import pandas as pd

from highneeds.disclosure.policy import LOW, Policy
from highneeds.errors import SchemaError


def rounded(counts: pd.DataFrame, *, policy: Policy, column: str = "count") -> pd.DataFrame:
    """Table with `value` (Int64, nearest multiple of the policy's base, ties up) and `status` in place of its counts.

    status: `low` where a count above 0 rounds to 0 (value missing, printed [low]), else "". A 0 stays 0.
    Raises SchemaError where a count is no whole number of 0 or more.
    """
    exact = pd.to_numeric(counts[column], errors="coerce")
    wrong = np.flatnonzero((exact.isna() | exact.lt(0) | exact.mod(1).ne(0)).to_numpy())
    if len(wrong):
        raise SchemaError(
            f"rounding, column '{column}': {len(wrong)} values, first at row {wrong[0] + 1}, are no whole number of 0 "
            "or more. Expected true counts. Round before anything is hidden or divided."
        )
    base = policy.rounding_base
    nearest = (2 * exact.astype("int64") + base) // (2 * base) * base
    low = exact.gt(0) & nearest.eq(0)
    value = nearest.astype("Int64").mask(low)
    return counts.drop(columns=column).assign(value=value, status=np.where(low, LOW, ""))


def mixed(tables: Mapping[str, pd.DataFrame], *, policy: Policy, rounded_names: Collection[str]) -> list[str]:
    """Faults of a set of tables printed together, as plain lines; empty where they may be printed.

    tables: name to a frame with `value` (missing where hidden). rounded_names: tables said to be rounded. Rounded and
    exact counts of one set of cases are not printed together, because exact parts give back what a total hides.
    """
    base = policy.rounding_base
    exact = sorted(name for name, table in tables.items() if name not in set(rounded_names))
    faults = [f"{name}: said to be rounded, but there is no such table. Expected one of {', '.join(sorted(tables))}. "
              "Correct the name." for name in sorted(set(rounded_names) - set(tables))]  # fmt: skip
    for name in sorted(set(rounded_names) & set(tables)):
        odd = tables[name]["value"].dropna().mod(base).ne(0).sum()
        if odd:
            faults.append(
                f"{name}: said to be rounded, but {odd} values are no multiple of {base}. Expected every count and "
                "total rounded. Round the whole table, or hide its small counts instead."
            )
    if exact and set(rounded_names) & set(tables):
        faults.append(
            f"{', '.join(exact)}: exact counts beside rounded ones ({', '.join(sorted(rounded_names))}). "
            "Expected one method in one set of tables. Round all of them, or none."
        )
    return faults
