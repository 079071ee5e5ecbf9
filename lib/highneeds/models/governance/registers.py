"""Registers: risks in their order, actions that are open, and those that are overdue on a day.

Nothing is guessed: a risk without both numbers has no score, an action without a day it is due is never overdue.
"""

from datetime import date

import pandas as pd

OPEN = "open"


def scored(risks: pd.DataFrame) -> pd.DataFrame:
    """Risks with their score, the highest first; then those without one, in the order of the register.

    Takes likelihood and impact (1 to 5, missing where not given); adds score, missing where one of them is.
    """
    made = risks.assign(score=risks["likelihood"] * risks["impact"])
    return made.sort_values("score", ascending=False, kind="stable", na_position="last")


def open_actions(actions: pd.DataFrame) -> pd.DataFrame:
    """Actions that were open when last recorded, the oldest first."""
    return actions[actions["state"].eq(OPEN)].sort_values("agreed_on", kind="stable")


def overdue(actions: pd.DataFrame, day: date) -> pd.DataFrame:
    """Open actions whose day had passed by a day; those without one are never among them."""
    held = open_actions(actions)
    return held[held["due_by"].lt(pd.Timestamp(day))]
