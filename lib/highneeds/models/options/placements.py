"""Independent placements whose cost stands out, high or low, among placements of the same need and setting.

Owns the yardstick (median and median absolute deviation). What may be printed of it belongs to the section: the
cost of one placement never is.
"""

import numpy as np
import pandas as pd

FEWEST = 5  # placements of a group that can be judged
K = 3.0  # deviations from the median beyond which a cost stands out
NORMAL = 1.4826  # makes the median absolute deviation of a normal curve its standard deviation
GROUP = ["need", "setting"]
JUDGED, TOO_FEW, NO_SPREAD = "judged", "too few", "no spread"
HIGH, LOW = "high", "low"


def outliers(placements: pd.DataFrame, *, k: float = K) -> pd.DataFrame:
    """Each placement beside its group: placements (of the group), median_gbp, spread_gbp, verdict, stands_out.

    Takes need, setting, cost_gbp (pounds a year). spread_gbp is 1.4826 x the median absolute deviation.
    stands_out is `high` or `low` where |cost - median| > k x spread, else blank; blank too where the group is under
    five (`too few`) or more than half of it cost the same (`no spread`): there nothing is judged.
    """
    cost, groups = placements["cost_gbp"].astype(float), [placements[name] for name in GROUP]
    size = cost.groupby(groups).transform("size")
    median = cost.groupby(groups).transform("median")
    spread = NORMAL * (cost - median).abs().groupby(groups).transform("median")
    verdict = np.select([size.lt(FEWEST), spread.eq(0)], [TOO_FEW, NO_SPREAD], JUDGED)
    beyond = (cost - median).abs().gt(k * spread) & (verdict == JUDGED)
    side = np.where(~beyond, "", np.where(cost > median, HIGH, LOW))
    return placements.assign(placements=size, median_gbp=median, spread_gbp=spread, verdict=verdict, stands_out=side)


def by_group(placements: pd.DataFrame, *, k: float = K) -> pd.DataFrame:
    """One row a need and setting: placements, verdict, median_gbp, lower_gbp and upper_gbp (the limits), high, low.

    excess_gbp is what the high ones cost beyond the median, together: what a negotiation is about, not a saving.
    Median, limits and excess are missing where the group is under five; limits where it has no spread.
    """
    judged = outliers(placements, k=k)
    judged = judged.assign(
        high=judged["stands_out"].eq(HIGH),
        low=judged["stands_out"].eq(LOW),
        excess_gbp=(judged["cost_gbp"] - judged["median_gbp"]).where(judged["stands_out"].eq(HIGH), 0.0),
    )
    first = {name: (name, "first") for name in ("placements", "verdict", "median_gbp", "spread_gbp")}
    sums = {name: (name, "sum") for name in ("high", "low", "excess_gbp")}
    groups = judged.groupby(GROUP, as_index=False).agg(**first, **sums)
    enough, spread = groups["verdict"].ne(TOO_FEW), groups["verdict"].eq(JUDGED)
    median, reach = groups["median_gbp"], k * groups["spread_gbp"]
    return groups.assign(
        median_gbp=median.where(enough),
        lower_gbp=(median - reach).clip(lower=0).where(spread),
        upper_gbp=(median + reach).where(spread),
        excess_gbp=groups["excess_gbp"].where(enough),
    ).drop(columns="spread_gbp")


def by_provider(placements: pd.DataFrame) -> pd.DataFrame:
    """Placements and yearly cost by provider, most placements first: whom a visit would reach most pupils at."""
    groups = placements.groupby("provider", as_index=False)
    found = groups.agg(placements=("cost_gbp", "size"), cost_gbp=("cost_gbp", "sum"))
    return found.sort_values(["placements", "cost_gbp", "provider"], ascending=[False, False, True], ignore_index=True)
