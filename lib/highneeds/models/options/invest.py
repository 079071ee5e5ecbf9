"""Invest to save: cash by month of a scheme, for the general fund and the high needs block, and when it breaks even."""

import numpy as np
import pandas as pd

GENERAL, HIGH_NEEDS, BOTH = "general fund", "high needs block", "both"
FUNDS = (HIGH_NEEDS, GENERAL, BOTH)


def cash(scheme: pd.Series) -> pd.DataFrame:
    """Cash of one scheme by month: month (1 is the start), and for each fund its running sum, in pounds.

    scheme: one_off_gbp (spent in month 1), running_yearly_gbp (from month 1), displaced_yearly_gbp (the cost no longer
    paid elsewhere, from displaced_after_months + 1), horizon_months, cost_high_needs_pct, displaced_high_needs_pct
    (the rest falls to the general fund). A twelfth of a yearly sum falls in each month. Above 0 is saved.
    """
    months = np.arange(1, int(scheme["horizon_months"]) + 1)
    cost = scheme["one_off_gbp"] + months * scheme["running_yearly_gbp"] / 12
    saved = np.clip(months - scheme["displaced_after_months"], 0, None) * scheme["displaced_yearly_gbp"] / 12
    of_cost, of_saved = scheme["cost_high_needs_pct"] / 100, scheme["displaced_high_needs_pct"] / 100
    high = saved * of_saved - cost * of_cost
    general = saved * (1 - of_saved) - cost * (1 - of_cost)
    return pd.DataFrame({"month": months, HIGH_NEEDS: high, GENERAL: general, BOTH: high + general})


def together(schemes: pd.DataFrame) -> pd.DataFrame:
    """Cash of all schemes by month from the first start to the last end; a scheme that is over keeps its last sum."""
    first = min(_at(start) for start in schemes["starts"])
    parts = [(_at(scheme["starts"]) - first, cash(scheme)) for _, scheme in schemes.iterrows()]
    months = max(delay + len(sums) for delay, sums in parts)
    made = pd.DataFrame({"month": np.arange(1, months + 1)})
    for fund in FUNDS:
        rows = [np.pad(sums[fund].to_numpy(), (delay, 0)) for delay, sums in parts]
        made[fund] = sum(np.pad(row, (0, months - len(row)), mode="edge") for row in rows)
    return made


def _at(month: str) -> int:
    """Months since year 0 of `2026-09`."""
    return 12 * int(month[:4]) + int(month[5:])


def break_even(running: pd.Series) -> int | None:
    """First month from which the running sum stays at or above 0; None where the last month is below.

    A half penny counts as nothing: twelfths of a pound are not exact.
    """
    below = np.flatnonzero(running.to_numpy() < -0.005)
    month = int(below[-1]) + 2 if len(below) else 1
    return month if month <= len(running) else None


def steady_saving(scheme: pd.Series) -> float:
    """Pounds saved in a year once all is running: displaced cost less running cost; below 0 is a cost."""
    return float(scheme["displaced_yearly_gbp"] - scheme["running_yearly_gbp"])


def summary(schemes: pd.DataFrame) -> pd.DataFrame:
    """One row a scheme: its break-even month (missing where it is not reached) and final sum of each fund.

    Adds break_even_month, and for each fund `<fund> gbp` at the end of the scheme's horizon; yearly_gbp is
    `steady_saving`.
    """
    rows = []
    for _, scheme in schemes.iterrows():
        sums = cash(scheme)
        ends = {f"{fund} gbp": sums[fund].iloc[-1] for fund in FUNDS}
        month = break_even(sums[BOTH])
        rows.append(
            {"break_even_month": np.nan if month is None else month, "yearly_gbp": steady_saving(scheme)} | ends
        )
    return schemes.assign(**pd.DataFrame(rows, index=schemes.index))
