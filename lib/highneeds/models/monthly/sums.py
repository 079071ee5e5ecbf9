"""Forecasts of several months together, such as the next twelve: ranges of a sum are not sums of ranges.

Drawn from the same paths as the months' own ranges (`outlook`), so that a sum knows that its months rise and fall
together. Which series are forecast at all is `months`'s decision.
"""

from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np
import pandas as pd

from highneeds.errors import ParamsError
from highneeds.models.forecast import LEVELS, Forecast, Step
from highneeds.models.monthly.months import complete_months, read_donor
from highneeds.models.monthly.outlook import MODEL, outlook
from highneeds.models.monthly.table import read_counts
from highneeds.months import TOTAL

_SEED = 20_260_401


def forecast_sums(
    counts: pd.DataFrame,
    made: Mapping[str, Forecast],
    *,
    first: str,
    last: str,
    data_to: date | None = None,
    donors: Sequence[pd.DataFrame] = (),
) -> dict[str, Step]:
    """Sum over the months from first to last (`2025-04`) of each series that `made` forecasts, `Total` included.

    made: what `forecast_months` gave for the same counts, data_to and donors. A step's period is
    `2025-04 to 2026-03`, its horizon that of the last month. Points of the areas add up to the total's where every
    area is forecast. Raises ParamsError where a month was not forecast, or is the part month, which rests on counts
    that the later ones do not.
    """
    whole = made[TOTAL]
    if not whole.known:
        return {}
    complete, part = complete_months(read_counts(counts), data_to)
    ahead = outlook(
        complete,
        horizon=len(whole.steps),
        donors=[read_donor(table, number) for number, table in enumerate(donors, start=1)],
    )
    open_to = ahead.months[0 if part is None else 1 :]
    if not (first in open_to and last in open_to and first <= last):
        raise ParamsError(
            f"months {first} to {last}: the forecast has {open_to[0]} to {open_to[-1]}. Expected months among these."
            if open_to
            else f"months {first} to {last}: only the part month is forecast. Ask for a longer horizon."
        )
    inside = slice(ahead.months.index(first), ahead.months.index(last) + 1)
    expected = ahead.intensities[:, :-1, inside].sum(axis=2)
    seen = np.random.default_rng(_SEED).poisson(expected)
    seen = np.concatenate([seen, seen.sum(axis=1, keepdims=True)], axis=1)
    quantiles = np.quantile(seen, LEVELS, axis=0, method="inverted_cdf").T
    points, names = ahead.points[:, inside].sum(axis=1), (*ahead.areas, TOTAL)
    return {
        name: Step(f"{first} to {last}", inside.stop, float(point), tuple(map(float, levels)), 0, MODEL)
        for name, point, levels in zip(names, points, quantiles, strict=True)
        if made[name].known
    }
