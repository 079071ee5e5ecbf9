"""Forecast by age band: the cohort model's composition, with ranges earned among authorities of like size.

Bands are scaled to the forecast of the total, so that they sum to it. Under-fives and those over 19 have been a fifth
wrong whatever was done: their ranges are wide, and shown wide.
"""

from dataclasses import dataclass

import numpy as np

from highneeds.models.yearly.annual import Annual
from highneeds.models.yearly.cohort import composition, forecast_bands
from highneeds.models.yearly.history import BANDS

ALIKE = 50  # authorities with a band of like size whose past errors make a range
LEVEL = 0.8


@dataclass(frozen=True)
class BandForecast:
    """Plans of one age band: now, and `horizon` years on with the ends of the 80% range; target_years behind it."""

    band: str
    now: float
    point: float
    lower80: float
    upper80: float
    target_years: int


def forecast_ages(annual: Annual, code: str, horizon: int) -> list[BandForecast]:
    """Every age band of an authority; empty where no bands or no forecast of them are known.

    The range is the quantile of past absolute log errors, over all target years that are over, among the ALIKE units
    whose band was nearest in size; both are taken per authority of today by its share of the unit.
    """
    now = composition(annual.known(annual.origin)) if annual.history is not None and not annual.alone else None
    scaled = scaled_bands(annual, annual.origin, horizon)
    if now is None or scaled is None:
        return []
    unit, share = annual.unit_of(code), annual.share_of(code, annual.origin)
    errors, sizes, years = _errors(annual, horizon)
    made = []
    for at, band in enumerate(BANDS):
        here, point = share * now[unit, -1, at], share * scaled[unit, at]
        width = _width(errors[:, at], sizes[:, at], here) if years else np.nan
        made.append(BandForecast(band, here, point, point / np.exp(width), point * np.exp(width), years))
    return [each for each in made if np.isfinite([each.now, each.point, each.lower80]).all()]


def scaled_bands(annual: Annual, origin: int, horizon: int) -> np.ndarray | None:
    """Bands from an origin that sum to the forecast total, shape (units, 5); None where no band can be forecast."""
    bands = forecast_bands(annual.known(origin), horizon)
    if bands is None:
        return None
    total = np.exp(annual.track.points(origin, horizon).log)
    return bands / bands.sum(axis=1, keepdims=True) * total[:, None]


def _errors(annual: Annual, horizon: int) -> tuple[np.ndarray, np.ndarray, int]:
    """Absolute log errors and sizes at the origin, shape (cells, 5), and the target years they are of."""
    errors, sizes = [], []
    for origin in range(annual.track.first, annual.origin - horizon + 1):
        scaled, held = scaled_bands(annual, origin, horizon), composition(annual.known(origin))
        if scaled is None or held is None:
            continue
        actual = annual.history.bands[:, annual.matrix.years.index(origin + horizon)]  # type: ignore[union-attr]
        used = annual.track.learns(origin) & (actual > 0).all(axis=1) & (scaled > 0).all(axis=1)
        errors.append(np.abs(np.log(actual[used]) - np.log(scaled[used])))
        sizes.append(held[used, -1])
    if not errors:
        return np.zeros((0, len(BANDS))), np.zeros((0, len(BANDS))), 0
    return np.vstack(errors), np.vstack(sizes), len(errors)


def _width(errors: np.ndarray, sizes: np.ndarray, here: float) -> float:
    """Quantile of the errors of the nearest in size, as many cells as ALIKE authorities have."""
    nearest = np.argsort(np.abs(np.log(np.maximum(sizes, 1)) - np.log(max(here, 1))), kind="stable")
    return float(np.quantile(errors[nearest[: max(ALIKE, len(errors) // 3)]], LEVEL))
