"""Funding for inclusion, paid without a plan, that ends: what it saves, and what plans and a new grant cost instead."""

import numpy as np
import pandas as pd

CENTRAL, LOW, HIGH = "become_plans_pct", "become_plans_low_pct", "become_plans_high_pct"


def transition(groups: pd.DataFrame, *, share: str = CENTRAL) -> pd.DataFrame:
    """Yearly pounds of each group once its awards have ended, if a share of the cases becomes plans.

    groups: cases, spend_gbp (all awards now, a year), plan_cost_gbp (a plan's top-up, a year, in place of the award),
    support_grant_gbp (the new grant, a year, in all), and the share in per cent in the column named.
    Adds plans (cases that become plans), saving_gbp (awards of the cases that do not: the saving before the grant),
    replaced_gbp (awards of those that do), plans_gbp (cost of their plans), net_gbp = spend - plans - grant.
    net_gbp below 0 is a cost. saving + replaced = spend.
    """
    part = groups[share] / 100
    plans = groups["cases"] * part
    return groups.assign(
        plans=plans,
        saving_gbp=groups["spend_gbp"] * (1 - part),
        replaced_gbp=groups["spend_gbp"] * part,
        plans_gbp=plans * groups["plan_cost_gbp"],
        net_gbp=groups["spend_gbp"] - plans * groups["plan_cost_gbp"] - groups["support_grant_gbp"],
    )


def break_even_pct(groups: pd.DataFrame) -> float:
    """Share of cases becoming plans at which all groups together neither save nor cost, if it is alike in each.

    Limited to 0-100: 0 where even no plan at all costs more, 100 where even all as plans cost less.
    """
    whole = (groups["cases"] * groups["plan_cost_gbp"]).sum()
    left = (groups["spend_gbp"] - groups["support_grant_gbp"]).sum()
    if not whole:
        return 100.0 if left >= 0 else 0.0
    return float(np.clip(100 * left / whole, 0, 100))
