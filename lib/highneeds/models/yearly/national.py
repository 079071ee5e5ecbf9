"""England's forecast: the sum of all authorities', with a range that knows their errors are shared.

An authority's range is earned by errors of many; England has one error a year. Its range is drawn from the sizes of
shared and own errors that past forecasts had.
"""

import numpy as np

from highneeds import terms
from highneeds.errors import HighneedsError
from highneeds.models.forecast import Forecast, Past, Record, Step, refused
from highneeds.models.growth_error import (
    MEASURED,
    MIN_AUTHORITIES,
    MIN_YEARS,
    Interval,
    Sds,
    calibrate,
    national_interval,
)
from highneeds.models.yearly.annual import Annual
from highneeds.models.yearly.history import STOCK

PERCENTAGE = "England's percentage is not the sum of authorities'. Ask for an authority, or for a count."
FEW = "Too few authorities are held to sum to England. Import the releases, then try again."
UNTOLD = (
    "Too few past forecasts are over to say how wrong the sum is, or figures jump by too much. Ask for an authority, "
    "or for a later day."
)
ERRORS_AHEAD = 3  # horizons whose errors set the sizes
WILD = 3.0  # log error (twenty times) beyond which a figure was misreported, not misjudged


def england(annual: Annual, horizon: int, *, origin: int | None = None, seed: int = 0) -> Forecast:
    """England's plans, requests or new plans for 1 to `horizon` years, as at an origin (left out: the last).

    Refused: percentages, which need pupils, not authorities, to be summed; a panel of few authorities, which do not
    sum to England; figures that jump without bounds; a flow of which too few forecasts are over, as only the sizes of
    plans' errors were ever measured.
    """
    at = origin or annual.origin
    like = annual.like(terms.ENGLAND, "England") | {"origin": str(at)}
    if annual.history is None:
        return refused(like, PERCENTAGE)
    if annual.alone:
        return refused(like, FEW)
    log = np.column_stack([annual.track.points(at, ahead).log for ahead in range(1, horizon + 1)])
    known = np.isfinite(log).all(axis=1)
    try:
        sds = sizes(annual, at)
        found = national_interval(log[known], sds=sds, seed=seed)
    except HighneedsError:
        return refused(like, UNTOLD)
    if (annual.measure != STOCK and sds is MEASURED) or not np.ptp(found.quantiles, axis=1).all():
        return refused(like, UNTOLD)
    latest = float(np.nansum(annual.matrix.at(at)))
    return Forecast(
        **(like | {"latest": latest}),
        model="SUM",
        reason=f"SUM: the sum of all authorities' forecasts; its range: {sds.basis}.",
        training=(str(annual.matrix.years[0]), str(at)),
        steps=tuple(_step(at, ahead, found, sds) for ahead in range(1, horizon + 1)),
        warnings=_left_out(annual, known),
        record=Record(own=_past(annual, at, horizon) if origin is None else ()),
    )


def _step(at: int, ahead: int, found: Interval, sds: Sds) -> Step:
    years = sds.target_years[min(ahead, len(sds.target_years)) - 1]
    values = tuple(map(float, found.quantiles[ahead - 1]))
    return Step(str(at + ahead), ahead, float(found.points[ahead - 1]), values, years, "SUM")


def _left_out(annual: Annual, known: np.ndarray) -> tuple[str, ...]:
    """Says whose figures are missing from the sum; known: shape (units,)."""
    names = [annual.names.get(code, code) for code, held in zip(annual.matrix.codes, known, strict=True) if not held]
    return (f"The sum leaves out {', '.join(names)}: no last figure is held.",) if names else ()


def sizes(annual: Annual, origin: int) -> Sds:
    """Sizes of shared and own errors from forecasts whose target year was over by an origin.

    The sizes measured once stand in where too few are over.
    """
    track = annual.track
    origins = [year for year in range(track.start(origin), origin) if year in track.years]
    errors = np.full((len(track.codes), len(origins), ERRORS_AHEAD), np.nan)
    for row, year in enumerate(origins):
        for ahead in range(1, min(ERRORS_AHEAD, origin - year) + 1):
            gap = track.at(year + ahead, by=origin) - track.points(year, ahead).log
            errors[:, row, ahead - 1] = np.where(track.learns(year), gap, np.nan)
    errors[np.abs(errors) >= WILD] = np.nan
    years = (~np.isnan(errors[:, :, 0])).sum(axis=0) >= MIN_AUTHORITIES
    return calibrate(errors) if years.sum() >= MIN_YEARS else MEASURED


def _past(annual: Annual, last: int, horizon: int) -> tuple[Past, ...]:
    past = []
    for origin in range(annual.track.first + ERRORS_AHEAD, last):
        made = england(annual, min(horizon, last - origin), origin=origin)
        for step in made.steps:
            actual = float(np.nansum(annual.matrix.at(origin + step.horizon)))
            ends = (*step.range(80), *step.range(95))
            past.append(Past(str(origin), step.period, step.horizon, "SUM", step.point, *ends, actual))
    return tuple(past)
