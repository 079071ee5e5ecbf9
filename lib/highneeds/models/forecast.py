"""Forecast: the one result of every model, with its range, its reason and its track record.

Charts, tables, claims and CSV read it. A model that cannot forecast gives a Forecast without steps and a refusal
that says why; no model ever falls back in silence: `model` and `reason` name what ran.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field

# 2.5% and 97.5%, and every 5% between: ends of the 80% and 95% ranges and what the score (CRPS) is summed over.
LEVELS = (0.025, *(round(0.05 * at, 2) for at in range(1, 20)), 0.975)
HALF_80 = 1.2815515655446004  # standard deviations from a normal curve's middle to the end of its central 80%


@dataclass(frozen=True)
class Step:
    """Forecast of one period.

    period: as its basis asks; horizon: years (months) after the last period known; point: in the measure's unit;
    quantiles: at LEVELS, never falling; target_years: past target years (for months: factors' histories) behind the
    range, 0 where the range is the model's own; model: what made this step, where horizons differ.
    """

    period: str
    horizon: int
    point: float
    quantiles: tuple[float, ...]
    target_years: int
    model: str

    def quantile(self, level: float) -> float:
        """Value that the truth stays below with this chance; level must be one of LEVELS."""
        at = bisect_left(LEVELS, level - 1e-9)
        if at == len(LEVELS) or not abs(LEVELS[at] - level) <= 1e-9:
            raise ValueError(f"level {level}: expected one of {', '.join(map(str, LEVELS))}.")
        return self.quantiles[at]

    def range(self, percent: int) -> tuple[float, float]:
        """Lower and upper end of the central 80% or 95% range."""
        tail = {80: 0.10, 95: 0.025}[percent]
        return self.quantile(tail), self.quantile(1 - tail)


@dataclass(frozen=True)
class Past:
    """The forecast made then, with the data of then, beside what happened."""

    origin: str
    period: str
    horizon: int
    model: str
    point: float
    lower80: float
    upper80: float
    lower95: float
    upper95: float
    actual: float

    @property
    def error_pct(self) -> float:
        """Forecast minus actual, per cent of the actual; a count of nothing has no percentage."""
        return 100 * (self.point - self.actual) / self.actual if self.actual else float("nan")

    @property
    def held80(self) -> bool:
        """True where the actual lay inside the 80% range."""
        return self.lower80 <= self.actual <= self.upper80


@dataclass(frozen=True)
class PanelScore:
    """How the same model did for all authorities, at one horizon, in one target year (`period` empty: in all).

    error: mean over authorities of the absolute error, per cent of the actual (points for percentages);
    cover80, cover95: per cent of authorities whose actual lay inside the range; years: target years.
    """

    horizon: int
    period: str
    years: int
    authorities: int
    error: float
    cover80: float
    cover95: float


@dataclass(frozen=True)
class Record:
    """Track record: the authority's own past forecasts, and the panel's scores."""

    own: tuple[Past, ...] = ()
    panel: tuple[PanelScore, ...] = ()

    def of(self, horizon: int) -> PanelScore | None:
        """Score over all target years at a horizon; None where there is none."""
        return next((score for score in self.panel if score.horizon == horizon and not score.period), None)


@dataclass(frozen=True)
class Forecast:
    """What a model says of one series of one area.

    origin: last period known; latest: its value; training: first and last period the model learnt from; reason: why
    this model, in a sentence; warnings: sentences a reader must see; refusal: why there is no forecast, with what to
    do (steps are then empty).
    """

    measure: str
    area_code: str
    area: str
    unit: str
    period_basis: str
    origin: str
    latest: float
    model: str
    reason: str
    training: tuple[str, str]
    steps: tuple[Step, ...] = ()
    record: Record = field(default_factory=Record)
    warnings: tuple[str, ...] = ()
    refusal: str = ""

    @property
    def known(self) -> bool:
        """True where there is a forecast."""
        return bool(self.steps)

    def rows(self) -> list[dict]:
        """One row a period: area_code, measure, period, point, lower80, upper80, lower95, upper95, model."""
        rows = []
        for step in self.steps:
            (lower80, upper80), (lower95, upper95) = step.range(80), step.range(95)
            ends = {"lower80": lower80, "upper80": upper80, "lower95": lower95, "upper95": upper95}
            key = {"area_code": self.area_code, "measure": self.measure, "period": step.period}
            rows.append(key | {"point": step.point} | ends | {"model": step.model})
        return rows


def refused(like: dict, refusal: str, *, warnings: Sequence[str] = ()) -> Forecast:
    """Forecast without steps; `like` holds measure, area_code, area, unit, period_basis and origin."""
    blank = {"latest": float("nan"), "model": "none", "reason": "", "training": ("", "")}
    return Forecast(**(blank | like), warnings=tuple(warnings), refusal=refusal)
