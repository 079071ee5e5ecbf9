"""Track: point forecasts of one measure from every past origin, beside what happened, and the ranges they earn.

Every origin sees only what was known then; a range at an origin uses only errors whose target year was over by then.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from highneeds.models import scores
from highneeds.models.forecast import PanelScore
from highneeds.models.yearly import conformal
from highneeds.models.yearly.choice import Points


@dataclass
class Track:
    """Rolling origins of one measure, worked out when asked for and kept.

    codes: units; years: years with an actual; seen: origin to the log figures as judged then, shape (units, years to
    it); start: origin to the first origin whose errors count then (before it the inputs or the law were others);
    point: origin and horizon to the points of all units; spread: origin to scales; learns: origin to the units whose
    errors count.
    """

    codes: tuple[str, ...]
    years: tuple[int, ...]
    seen: Callable[[int], np.ndarray]
    start: Callable[[int], int]
    point: Callable[[int, int], Points]
    spread: Callable[[int], np.ndarray]
    learns: Callable[[int], np.ndarray]
    _points: dict[tuple[int, int], Points] = field(default_factory=dict)
    _spreads: dict[int, np.ndarray] = field(default_factory=dict)
    _quantiles: dict[tuple[int, int], tuple[np.ndarray, int]] = field(default_factory=dict)

    def points(self, origin: int, horizon: int) -> Points:
        """Points of all units from an origin, for a horizon."""
        if (origin, horizon) not in self._points:
            self._points[origin, horizon] = self.point(origin, horizon)
        return self._points[origin, horizon]

    def scales(self, origin: int) -> np.ndarray:
        """Scales of all units as known at an origin, shape (units,)."""
        if origin not in self._spreads:
            self._spreads[origin] = self.spread(origin)
        return self._spreads[origin]

    @property
    def first(self) -> int:
        """First origin whose errors count, with all that is held."""
        return self.start(self.years[-1])

    def at(self, year: int, *, by: int | None = None) -> np.ndarray:
        """Log actual of a year as judged by an origin (left out: by the last), shape (units,)."""
        return self.seen(by or self.years[-1])[:, self.years.index(year)]

    def origins(self, horizon: int, *, over_by: int) -> list[int]:
        """Origins whose target at this horizon was over by a year."""
        return [year for year in range(self.start(over_by), over_by - horizon + 1) if year in self.years]

    def errors(self, horizon: int, *, over_by: int) -> list[np.ndarray]:
        """Scaled absolute errors of the units that count, one array a target year."""
        found = []
        for origin in self.origins(horizon, over_by=over_by):
            actual = self.at(origin + horizon, by=over_by)
            error = np.abs(actual - self.points(origin, horizon).log) / self.scales(origin)
            found.append(error[self.learns(origin) & np.isfinite(error)])
        return [errors for errors in found if len(errors)]

    def offsets(self, origin: int, horizon: int) -> tuple[np.ndarray, int]:
        """What to add to the log points at each level, shape (units, levels), and the target years behind it.

        Where no target year at this horizon is over, errors of the longest shorter one are stretched; where none is
        over at all, the spread is normal and the number of target years 0.
        """
        for shorter in range(horizon, 0, -1):
            errors = self.errors(shorter, over_by=origin)
            if errors:
                widths = conformal.half_widths(errors, wider=conformal.stretch(horizon, shorter))
                return conformal.offsets(widths, self.scales(origin)), len(errors)
        return conformal.offsets(conformal.normal_widths(horizon), self.scales(origin)), 0

    def quantiles(self, origin: int, horizon: int) -> tuple[np.ndarray, int]:
        """Quantiles at each level in the measure's unit, shape (units, levels), and the target years behind them."""
        if (origin, horizon) not in self._quantiles:
            offsets, years = self.offsets(origin, horizon)
            with np.errstate(over="ignore"):
                found = np.exp(self.points(origin, horizon).log[:, None] + offsets)
            self._quantiles[origin, horizon] = found, years
        return self._quantiles[origin, horizon]


def panel_scores(track: Track, last: int, horizon: int, *, points: bool) -> list[PanelScore]:
    """Scores of the units that count, by target year over by `last`, and over all of them (period empty).

    points: the measure is a percentage, so errors are in points and not per cent of the actual.
    """
    rows = []
    for origin in track.origins(horizon, over_by=last):
        actual, (levels, _) = np.exp(track.at(origin + horizon)), track.quantiles(origin, horizon)
        used = track.learns(origin) & np.isfinite(actual) & np.isfinite(levels[:, 0])
        if used.any():
            error = np.abs(np.exp(track.points(origin, horizon).log) - actual)[used]
            error = error if points else 100 * error / actual[used]
            held = [scores.inside(levels, actual, percent)[used] for percent in (80, 95)]
            rows.append((str(origin + horizon), error, *held))
    return [_score(horizon, [row]) for row in rows] + ([_score(horizon, rows, period="")] if rows else [])


def _score(horizon: int, rows: list[tuple], period: str | None = None) -> PanelScore:
    error, in80, in95 = (np.concatenate([row[at] for row in rows]) for at in (1, 2, 3))
    size = max(len(row[1]) for row in rows)
    when = rows[0][0] if period is None else period
    return PanelScore(
        horizon, when, len(rows), size, float(error.mean()), float(100 * in80.mean()), float(100 * in95.mean())
    )
