"""Residents by age band, from single years of age moved forward: births held at the last level, migration an input.

Owns ageing. The figures are ONS mid-year estimates in the panel; nothing here is an official projection.
"""

import numpy as np
import pandas as pd

from highneeds.models.yearly.history import BANDS

OLDEST = 25
BAND_AGES = {"Under 5": (0, 4), "Age 5 to 10": (5, 10), "Age 11 to 15": (11, 15), "Age 16 to 19": (16, 19)}
BAND_AGES |= {"Age 20 to 25": (20, OLDEST)}


def single_years(values: pd.DataFrame, code: str) -> tuple[int, np.ndarray] | None:
    """Latest mid-year with every single year of age, and residents aged 0 to 25, shape (26,); None where not held.

    values: the panel's values.
    """
    held = values[values["measure"].eq("population") & values["area_code"].eq(code)]
    held = held[held["breakdown"].str.fullmatch(r"age \d+") & held["value"].notna()]
    for year, rows in sorted(held.groupby("period"), reverse=True):
        ages = rows["breakdown"].str.removeprefix("age ").astype(int)
        if set(ages) >= set(range(OLDEST + 1)):
            return int(year), rows["value"].set_axis(ages).loc[range(OLDEST + 1)].to_numpy(dtype=float)
    return None


def aged_forward(
    residents: np.ndarray, years: int, *, births_pct: float = 0.0, migration_pct: float = 0.0
) -> np.ndarray:
    """Residents by single year of age now and for each of `years` mid-years on, shape (1 + years, 26).

    residents: shape (26,). births_pct: change of those under one against the last level, per cent, in every later
    year. migration_pct: net migration a year, per cent of residents of each age.
    """
    made = [np.asarray(residents, dtype=float)]
    for _ in range(years):
        older = np.concatenate([[residents[0] * (1 + births_pct / 100)], made[-1][:-1]])
        made.append(older * (1 + migration_pct / 100))
    return np.stack(made)


def by_band(residents: np.ndarray) -> np.ndarray:
    """Residents by DfE's age bands, shape (..., 5), from single years 0 to 25 on the last axis."""
    ends = [BAND_AGES[band] for band in BANDS]
    return np.stack([residents[..., low : high + 1].sum(axis=-1) for low, high in ends], axis=-1)
