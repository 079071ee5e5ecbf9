"""Yearly forecasts of every measure: points, ranges and track record put together for one authority or all.

Which model makes the points belongs to `choice`, the ranges to `track` and `conformal`, refusals to `doubts`.
"""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd

from highneeds.facts import plain_name
from highneeds.measures.declarations import MEASURES as DECLARED
from highneeds.models.forecast import LEVELS, Forecast, PanelScore, Past, Record, Step, refused
from highneeds.models.yearly import choice, conformal, doubts, lone, pooled
from highneeds.models.yearly.choice import Points
from highneeds.models.yearly.history import FLOWS, STOCK, History, Matrix, percentages, read_history
from highneeds.models.yearly.track import Track, panel_scores
from highneeds.periods import JANUARY

# What a forecast is asked for by, and the declared measure.
MEASURES = {
    "ehc_plans": STOCK,
    "requests": "requests_received",
    "new_plans": "new_ehc_plans",
    "sen_support": "sen_support_pupils_pct",
    "ehc_pupils": "school_ehc_pupils_pct",
}
LONGEST = 10  # years a forecast may be asked for; the command keeps the same limit
WARM_UP = 2  # years of a series before its first error counts
TURNOVER = 0.25  # plans begun and ended in a year, for each plan held
_TAIL80, _TAIL95 = LEVELS.index(0.1), LEVELS.index(0.025)


@dataclass
class Annual:
    """One yearly measure of all authorities as at an origin: asks of it are answered from what was worked out once.

    history: counts of units (None for percentages); matrix: the measure by unit and year; england: the nation's
    percentages (None for counts); names: area code to name.
    """

    measure: str
    matrix: Matrix
    names: dict[str, str]
    history: History | None = None
    england: np.ndarray | None = None
    _known: dict[int, History] = field(default_factory=dict)
    _scored: dict[int, list[PanelScore]] = field(default_factory=dict)
    _logs: dict[int, np.ndarray] = field(default_factory=dict)

    @property
    def origin(self) -> int:
        """Last year with a figure of any unit."""
        return self.matrix.years[-1]

    @property
    def alone(self) -> bool:
        """True where too few authorities are held to learn from: every series stands for itself."""
        return len(self.matrix.codes) < pooled.MIN_AUTHORITIES_EB

    def known(self, origin: int) -> History:
        """History as at the January that belongs to an origin: a flow's year is known in the January after."""
        january = origin if self.measure == STOCK else origin + 1
        if january not in self._known:
            self._known[january] = self.history.until(january)  # type: ignore[union-attr]
        return self._known[january]

    @cached_property
    def track(self) -> Track:
        """Rolling origins of this measure."""
        return Track(
            self.matrix.codes, self.matrix.years, self._seen, self._start, self._point, self._spread, self._learns
        )

    def _seen(self, origin: int) -> np.ndarray:
        """Log figures up to an origin, doubts judged as of then."""
        if origin not in self._logs:
            flow = self.history is not None and self.measure != STOCK
            values = (self.known(origin).flows[self.measure] if flow else self.matrix.until(origin)).values
            with np.errstate(divide="ignore"):
                self._logs[origin] = np.log(np.where(values > 0, values, np.nan))
        return self._logs[origin]

    def _start(self, by: int) -> int:
        """First origin whose errors count by an origin: made by the model of then, where it can be fitted at all."""
        fitted = (year for year in self._fitted if year <= by)
        return next(fitted, self.matrix.years[0] + WARM_UP)

    @cached_property
    def _fitted(self) -> list[int]:
        """Januaries from which the pooled model could be fitted."""
        if self.measure != STOCK:
            return []
        return [year for year in self.matrix.years if pooled.fit(self.known(year), 1, centred=True)]

    def _point(self, origin: int, horizon: int) -> Points:
        if self.history is None:
            england = self.england[: self.matrix.years.index(origin) + 1]  # type: ignore[index]
            return choice.percentage(self.matrix.until(origin), england, self.measure, horizon)
        if self.measure == STOCK:
            return choice.caseload(self.known(origin), horizon)
        return choice.flow(self.known(origin), self.measure, horizon)

    def _spread(self, origin: int) -> np.ndarray:
        scales = conformal.scale(np.diff(self._seen(origin), axis=1), self._learns(origin))
        if self.history is None:
            return scales
        plans = self.known(origin).plans.values[:, -1]
        # Where plans are few, chance arrivals and departures of single children come on top.
        return np.where(choice.is_tiny(plans), np.sqrt(scales**2 + TURNOVER / np.maximum(plans, 1)), scales)

    def _learns(self, origin: int) -> np.ndarray:
        if self.history is None:
            return ~np.isnan(self.matrix.at(origin))
        return self.known(origin).large

    def forecast(self, code: str, horizon: int) -> Forecast:
        """Forecast of one authority for 1 to `horizon` years ahead, or a refusal with its reason."""
        like = self.like(code, self.names.get(code, code))
        found = doubts.judge(self.measure, code, self.matrix, self.history)
        if found.refusal:
            return refused(like | {"latest": found.latest}, found.refusal, warnings=found.warnings)
        steps = self._alone(code, horizon) if self.alone else self.made_in(code, self.origin, horizon)
        if not steps:
            return refused(like, doubts.too_short(DECLARED[self.measure].label))
        names = list(dict.fromkeys(step.model for step in steps))
        record = Record() if self.alone else Record(self._own(code, horizon), self._panel(code, horizon))
        return Forecast(
            **(like | {"latest": found.latest}),  # type: ignore[arg-type]
            model=names[0],
            reason=f"{names[0]}: {self._why(code, names)}.",
            training=(str(self.matrix.years[0]), str(self.origin)),
            steps=tuple(steps),
            record=record,
            warnings=(*found.warnings, *doubts.narrow(record)),
        )

    def forecast_all(self, horizon: int) -> list[Forecast]:
        """Forecasts of all authorities of today, by code."""
        return [self.forecast(code, horizon) for code in self.codes]

    @property
    def codes(self) -> list[str]:
        """Authorities of today."""
        return sorted(self.history.own[STOCK].codes if self.history else self.matrix.codes)

    def like(self, code: str, area: str) -> dict:
        """What a forecast of this measure and an area says of itself, whatever comes of it."""
        declared = DECLARED[self.measure]
        return {
            "measure": self.measure,
            "area_code": code,
            "area": area,
            "unit": declared.unit,
            "period_basis": declared.period_basis,
            "origin": str(self.origin),
        }

    def unit_of(self, code: str) -> int:
        """Position of the unit that an authority belongs to."""
        return self.matrix.codes.index(self.history.unit[code] if self.history else code)

    def share_of(self, code: str, year: int) -> float:
        """Part of its unit that is its own in a year, 0 to 1."""
        return self.history.share(self.measure, code, year) if self.history else 1.0

    def made_in(self, code: str, origin: int, horizon: int) -> list[Step]:
        """Years of the forecast that was possible from an origin, with the figures of then; empty where none was."""
        if self.alone or origin not in self.matrix.years:
            return []
        unit, share = self.unit_of(code), self.share_of(code, origin)
        steps = []
        for ahead in range(1, horizon + 1):
            points = self.track.points(origin, ahead)
            levels, years = self.track.quantiles(origin, ahead)
            values = tuple(float(value) for value in share * levels[unit])
            point = float(share * np.exp(points.log[unit]))
            steps.append(Step(str(origin + ahead), ahead, point, values, years, str(points.names[unit])))
        return steps if np.isfinite([step.quantiles for step in steps]).all() else []

    def _why(self, code: str, names: list[str]) -> str:
        if self.alone:
            return lone.lone_trend(self._line(code), 1)[2]  # type: ignore[index]
        return "; ".join(choice.reason(name, self.history, self.unit_of(code)) for name in names)

    def _line(self, code: str) -> np.ndarray:
        """Own figures of a lone series, its last run without a gap."""
        line = self.matrix.values[self.unit_of(code)]
        gaps = np.flatnonzero(~(line > 0))
        return line[gaps[-1] + 1 :] if len(gaps) else line

    def _alone(self, code: str, horizon: int) -> list[Step]:
        line, steps = self._line(code), []
        for ahead in range(1, horizon + 1):
            found = lone.lone_trend(line, ahead)
            if found is None:
                return []
            values = tuple(float(value) for value in np.exp(found[0]) * self.share_of(code, self.origin))
            steps.append(Step(str(self.origin + ahead), ahead, values[len(LEVELS) // 2], values, 0, found[1]))
        return steps

    def _own(self, code: str, horizon: int) -> tuple[Past, ...]:
        """Forecasts made then for this authority, with the data of then, beside what happened."""
        unit, past = self.unit_of(code), []
        own = self.history.own[self.measure] if self.history else self.matrix
        for origin in range(self.track.first, self.origin):
            share = self.share_of(code, origin)
            for ahead in range(1, min(horizon, self.origin - origin) + 1):
                actual = own.at(origin + ahead)[own.codes.index(code)]
                points = self.track.points(origin, ahead)
                levels = share * self.track.quantiles(origin, ahead)[0][unit]
                if np.isfinite([actual, *levels]).all():
                    ends = [levels[at] for at in (_TAIL80, -1 - _TAIL80, _TAIL95, -1 - _TAIL95)]
                    numbers = [float(value) for value in (share * np.exp(points.log[unit]), *ends, actual)]
                    label = (str(origin), str(origin + ahead), ahead, str(points.names[unit]))
                    past.append(Past(*label, *numbers))
        return tuple(past)

    def _panel(self, code: str, horizon: int) -> tuple[PanelScore, ...]:
        """Scores of all that count; none for an authority too small to be one of them."""
        if not self.track.learns(self.origin)[self.unit_of(code)]:
            return ()
        return tuple(score for ahead in range(1, horizon + 1) for score in self._scores(ahead))

    def _scores(self, ahead: int) -> list[PanelScore]:
        """Scores of all units by target year and over all of them, worked out once."""
        if ahead not in self._scored:
            points = DECLARED[self.measure].unit == "%"
            self._scored[ahead] = panel_scores(self.track, self.origin, ahead, points=points)
        return self._scored[ahead]


def open_annual(values: pd.DataFrame, areas: pd.DataFrame, measure: str) -> Annual | None:
    """A measure of all authorities (a name of MEASURES or a declared measure); None where none has any figure.

    values: the panel's values of periods that had ended by the day of the report; areas: the panel's areas.
    """
    declared = MEASURES.get(measure, measure)
    names = {code: plain_name(name) for code, name in zip(areas["area_code"], areas["area_name"], strict=True)}
    if DECLARED[declared].unit == "%":
        held = percentages(values[values["period_basis"].eq(JANUARY)], areas, declared)
        return Annual(declared, held[0], names, england=held[1]) if held else None
    history = read_history(values, areas)
    if history is None or (declared in FLOWS and declared not in history.flows):
        return None
    matrix = history.plans if declared == STOCK else history.flows[declared]
    return Annual(declared, matrix, names, history)
