"""Commissioned places: how many stand empty, and how many settings hold more pupils than were commissioned."""

import pandas as pd

COUNTS = ["commissioned_places", "filled_places"]


def vacancies(places: pd.DataFrame) -> pd.DataFrame:
    """Vacant and over-filled places and the vacancy rate of each row.

    Takes commissioned_places and filled_places (counts). Adds vacant_places (0 or more), over_places (pupils beyond
    what was commissioned) and vacancy_pct = 100 x (commissioned - filled) / commissioned, below 0 where over-filled,
    missing where none was commissioned.
    """
    commissioned, filled = (places[name].astype(float) for name in COUNTS)
    gap = commissioned - filled
    rate = (100 * gap / commissioned).where(commissioned.gt(0))
    return places.assign(vacant_places=gap.clip(lower=0), over_places=(-gap).clip(lower=0), vacancy_pct=rate)


def together(places: pd.DataFrame) -> pd.Series:
    """All rows as one: sums, then the rate. Vacant and over-filled places do not cancel out, the rate lets them."""
    each = vacancies(places)
    whole = vacancies(places[COUNTS].sum().to_frame().T).iloc[0]
    return pd.Series(
        {
            **{name: whole[name] for name in COUNTS},
            "vacant_places": each["vacant_places"].sum(),
            "over_places": each["over_places"].sum(),
            "vacancy_pct": whole["vacancy_pct"],
        }
    )
