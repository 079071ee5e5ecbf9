"""What a table of monthly counts lets us expect: points that add up, ranges from paths that add up.

Puts the fits of the total and of the areas' shares together. What may be forecast, and its words, are `monthly`'s.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from highneeds.models.forecast import LEVELS, Step
from highneeds.models.monthly import fit, school_calendar
from highneeds.models.monthly.table import LEAST_MONTHS, STALE_MONTHS, WINDOW_MONTHS, Counts, following

MODEL = "NBR"
DRAWS, _SEED = 2000, 20_260_331


@dataclass(frozen=True)
class Outlook:
    """What is expected of each area that has counts and, last, of the total (S series, H months).

    areas: names, without the total; months: H; points: (S, H), the areas' adding up to the total's; quantiles: at
    LEVELS, (S, H, levels); intensities: drawn paths before chance of counts, (draws, S, H).
    """

    areas: tuple[str, ...]
    months: tuple[str, ...]
    points: np.ndarray
    quantiles: np.ndarray
    intensities: np.ndarray

    def steps(self, area: str) -> tuple[Step, ...]:
        """Steps of an area; of the total where the name is not an area's."""
        at = self.areas.index(area) if area in self.areas else -1
        return tuple(
            Step(
                month, ahead + 1, float(self.points[at, ahead]), tuple(map(float, self.quantiles[at, ahead])), 0, MODEL
            )
            for ahead, month in enumerate(self.months)
        )


def outlook(counts: Counts, *, horizon: int, donors: Sequence[Counts] = (), draws: int = DRAWS) -> Outlook:
    """Fit the last WINDOW_MONTHS and draw the months to come; donors' months after the last known are not read.

    Areas without any count, or without one in the last months, have no part in it. The same counts give the same
    numbers. Raises ArithmeticError where a fit does not settle.
    """
    months = tuple(following(counts.months[-1], step) for step in range(1, horizon + 1))
    effects = borrowed_months(donors, until=counts.months[-1])
    counts = _recent(counts).of(bearing(counts))
    every = (*counts.months, *months)
    month = _month_numbers(every)
    known = np.concatenate([np.maximum(counts.part_known, 1e-9), np.ones(horizon)])
    offset = np.log(school_calendar.profile(every)) + np.log(known) + effects[month]
    total, _ = fit.total_fit(counts.total, offset=offset, month=month)
    parts = np.where(np.isnan(counts.total)[:, None], np.nan, counts.values).T
    share = fit.share_fit(parts, whole=counts.total / known[: len(counts.months)], ahead=horizon)
    rng = np.random.default_rng(_SEED)
    drawn = np.exp(total.draws(rng, draws)) * _shares(share.draws(rng, draws), axis=1)
    seen = rng.poisson(drawn)
    seen = np.concatenate([seen, seen.sum(axis=1, keepdims=True)], axis=1)
    quantiles = np.quantile(seen, LEVELS, axis=0, method="inverted_cdf").transpose(1, 2, 0)
    points = np.exp(total.centre) * _shares(share.centre, axis=0)
    return Outlook(counts.areas, months, _with_total(points, 0), quantiles, _with_total(drawn, 1))


def bearing(counts: Counts) -> list[str]:
    """Areas that have counts, and have them up to now."""
    here = ~np.isnan(counts.values[-STALE_MONTHS:]).all(axis=0) & (np.nansum(counts.values, axis=0) > 0)
    return [area for area, bears in zip(counts.areas, here, strict=True) if bears]


def borrowed_months(donors: Sequence[Counts], *, until: str) -> np.ndarray:
    """Twelve month effects beyond the calendar, log scale: mean of what other authorities' own months show.

    Each donor's are shrunk to the calendar by its months of evidence. Months after `until` are not read; a donor with
    fewer than 12 by then is not either.
    """
    found = []
    for donor in donors:
        cut = donor.until(sum(month <= until for month in donor.months))
        if len(cut.months) < LEAST_MONTHS:
            continue
        cut, ahead = _recent(cut), (following(cut.months[-1], 1),)
        month = _month_numbers((*cut.months, *ahead))
        known = np.append(np.maximum(cut.part_known, 1e-9), 1.0)
        offset = np.log(school_calendar.profile((*cut.months, *ahead))) + np.log(known)
        found.append(fit.total_fit(cut.total, offset=offset, month=month)[1])
    return np.mean(found, axis=0) if found else np.zeros(12)


def _recent(counts: Counts) -> Counts:
    start = max(len(counts.months) - WINDOW_MONTHS, 0)
    return Counts(counts.months[start:], counts.areas, counts.values[start:])


def _month_numbers(months: Sequence[str]) -> np.ndarray:
    return np.array([int(month[5:7]) - 1 for month in months])


def _shares(logs: np.ndarray, *, axis: int) -> np.ndarray:
    shares = np.exp(logs - logs.max(axis=axis, keepdims=True))
    return shares / shares.sum(axis=axis, keepdims=True)


def _with_total(parts: np.ndarray, axis: int) -> np.ndarray:
    return np.concatenate([parts, parts.sum(axis=axis, keepdims=True)], axis=axis)
