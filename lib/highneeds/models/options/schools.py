"""Options that touch every school's budget: a top-slice shared out, and blocks of £6,000 above a notional budget.

Money is shared out in whole pence, so that what schools pay is what the service costs.
"""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pandas as pd

from highneeds.errors import SchemaError

BLOCK_GBP = 6_000  # what a school pays itself for a pupil with high needs
BY_PUPILS = "pupils"  # of `shared_by`; else by budget


def top_slice(budgets: pd.DataFrame, services: pd.DataFrame) -> pd.DataFrame:
    """What each school would pay towards the services: charge_gbp, and charge_pct of its budget.

    budgets: school, pupils, budget_gbp. services: cost_gbp and shared_by (`pupils` or `budget`).
    Charges add up to the services' cost to the penny. charge_pct is missing where a school has no budget.
    Raises SchemaError where no school has what a service is shared by.
    """
    pence = [0] * len(budgets)
    for service in services.itertuples():
        weights = budgets["pupils" if service.shared_by == BY_PUPILS else "budget_gbp"]
        if not weights.sum():
            raise SchemaError(
                f"{service.file}: row {service.row}, column shared_by: found {service.shared_by}, of which each school "
                "has 0. Expected something to share by. Fill in the schools' numbers."
            )
        pence = [a + b for a, b in zip(pence, shared_pence(_pence(service.cost_gbp), weights), strict=True)]
    charge = pd.Series([each / 100 for each in pence], index=budgets.index, dtype=float)
    rate = (100 * charge / budgets["budget_gbp"]).where(budgets["budget_gbp"].gt(0))
    return budgets.assign(charge_gbp=charge, charge_pct=rate)


def shared_pence(pence: int, weights: pd.Series) -> list[int]:
    """Whole pence shared out by weight; the pence left over go to the largest remainders, the first row first.

    weights: 0 or more, not all 0.
    """
    parts = [Fraction(Decimal(str(weight))) for weight in weights]
    whole_weight = sum(parts)
    exact = [pence * part / whole_weight for part in parts]
    whole = [int(share) for share in exact]
    order = sorted(range(len(parts)), key=lambda at: (whole[at] - exact[at], at))
    for at in order[: pence - sum(whole)]:
        whole[at] += 1
    return whole


def _pence(pounds: float) -> int:
    return int((Decimal(str(pounds)) * 100).quantize(Decimal(1), ROUND_HALF_UP))


def blocks(budgets: pd.DataFrame, *, threshold_pct: float) -> pd.Series:
    """Whole blocks of £6,000 that a school is paid: those beyond its share of the notional budget, rounded up.

    budgets: notional_budget_gbp, pupils_with_high_needs. Blocks = pupils x £6,000 less threshold_pct of the notional
    budget, over £6,000, rounded up; never below 0. Worked out exactly: a school just at its threshold gets none.
    """
    share = Fraction(Decimal(str(threshold_pct))) / 100
    found = [
        max(0, -((share * Fraction(Decimal(str(budget))) - BLOCK_GBP * int(pupils)) // BLOCK_GBP))
        for budget, pupils in zip(budgets["notional_budget_gbp"], budgets["pupils_with_high_needs"], strict=True)
    ]
    return pd.Series(found, index=budgets.index, dtype="int64")


def threshold_change(budgets: pd.DataFrame, *, before_pct: float, after_pct: float) -> pd.DataFrame:
    """Each school's blocks and pounds before and after the threshold moves.

    Adds blocks_before, blocks_after, before_gbp, after_gbp (blocks x £6,000) and saving_gbp = before - after.
    A school is over the threshold where it has a block.
    """
    before, after = (blocks(budgets, threshold_pct=pct) for pct in (before_pct, after_pct))
    return budgets.assign(
        blocks_before=before,
        blocks_after=after,
        before_gbp=BLOCK_GBP * before,
        after_gbp=BLOCK_GBP * after,
        saving_gbp=BLOCK_GBP * (before - after),
    )


def by_phase(change: pd.DataFrame) -> pd.DataFrame:
    """Schools, those over the threshold before and after, blocks and pounds, by phase, from `threshold_change`."""
    over = change.assign(schools=1, over_before=change["blocks_before"].gt(0), over_after=change["blocks_after"].gt(0))
    columns = ["schools", "over_before", "over_after", "blocks_before", "blocks_after"]
    money = ["before_gbp", "after_gbp", "saving_gbp", "pupils_with_high_needs"]
    return over.groupby("phase", as_index=False, sort=False)[[*columns, *money]].sum()


def shortfall(budgets: pd.DataFrame) -> pd.Series:
    """Pounds by which pupils x £6,000 is above the whole notional budget; 0 where it is not."""
    needed = BLOCK_GBP * budgets["pupils_with_high_needs"]
    return (needed - budgets["notional_budget_gbp"]).clip(lower=0)
