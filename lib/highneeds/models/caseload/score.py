"""Score: how far the flow model's past forecasts were out, beside the trend model's on the same cells.

Every cell is a forecast from a January that saw stocks to it and flows to the year before. Residents by single year of
age are held for mid-2023 alone, so past forecasts hold them still; that moves a score by a hundredth of a point.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from highneeds.models import scores
from highneeds.models.caseload.flows import PLACEMENTS, Flows, Held, read_flows
from highneeds.models.caseload.project import project
from highneeds.models.caseload.rates import Rates, estimate
from highneeds.models.caseload.simulate import simulate, total_of
from highneeds.models.caseload.spread import Spread, measure
from highneeds.models.growth_error import Draws, quantiles
from highneeds.models.sheet import Row, cells, range_scores
from highneeds.models.yearly.annual import Annual
from highneeds.models.yearly.choice import Points
from highneeds.models.yearly.history import BANDS

TARGETS = range(2021, 2026)
AHEAD = (1, 3)
DRAWS = Draws(paths=300, seed=0, chunk=300)
GROUP, NAME = "ehc_plans", "FLOW"


@dataclass
class FlowAnnual(Annual):
    """Plans of all authorities with the flow model's points: its ranges are earned and scored as the trend's are."""

    held: Held | None = None

    def _point(self, origin: int, horizon: int) -> Points:
        flows = self.held.until(origin)  # type: ignore[union-attr]
        size = len(self.matrix.codes)
        if flows is None:
            return Points(np.full(size, np.nan), np.full(size, NAME, dtype=object))
        with np.errstate(invalid="ignore"):
            log = np.log(project(estimate(flows, horizon)).totals[:, -1])
        return Points(log, np.full(size, NAME, dtype=object))


def flow_rows(annual: Annual, values: pd.DataFrame, areas: pd.DataFrame) -> list[Row]:
    """Rows of the sheet: totals beside the trend model and its rivals, ages, placements and their ranges."""
    held = read_flows(values, areas)
    if held is None:
        return []
    flow = FlowAnnual(annual.measure, annual.matrix, annual.names, annual.history, held=held)
    rows: list[Row] = []
    for ahead in AHEAD:
        made = {year: flows for year in TARGETS if (flows := held.until(year - ahead)) is not None}
        rows += _totals(annual, flow, [*made], ahead) + _total_ranges(annual, flow, [*made], ahead)
        rows += _ages(annual, held, made, ahead) + _placements(annual, held, made, ahead)
    return rows


def _totals(annual: Annual, flow: Annual, years: list[int], ahead: int) -> list[Row]:
    """MAPE and MASE of the flow model; the trend model's beside them, the rivals' on the same cells."""
    found: dict[str, dict[int, float]] = {name: {} for name in ("flow", "trend", "national", "drift")}
    scaled: dict[str, dict[int, float]] = {"flow": {}, "trend": {}}
    for year in years:
        for name, model in (("flow", flow), ("trend", annual)):
            actual, points = cells(model, ahead, year)
            past = annual.matrix.until(year - ahead).values[points["used"]]
            found[name][year] = scores.mape(points["model"], actual)
            scaled[name][year] = scores.mase(points["model"], actual, past)
            found["national"][year] = scores.mape(points["national"], actual)
            found["drift"][year] = scores.mape(points["drift"], actual)
    if not years:
        return []
    mean = {name: float(np.mean([*each.values()])) for name, each in found.items()}
    return [
        Row(
            GROUP,
            _text(ahead, "MAPE", mean["trend"]),
            mean["flow"],
            "%",
            by_year=tuple(found["flow"].items()),
            national=mean["national"],
            drift=mean["drift"],
        ),
        _beside(ahead, "MASE", "", scaled),
    ]


def _total_ranges(annual: Annual, flow: Annual, years: list[int], ahead: int) -> list[Row]:
    """Coverage, width and CRPS of the flow model's own ranges, the trend model's beside them."""
    named = (("80% ranges held", "%"), ("95% ranges held", "%"), ("width of 80% range", "%"), ("CRPS", "%"))
    found = {
        name: {year: range_scores(model, ahead, year) for year in years}
        for name, model in (("flow", flow), ("trend", annual))
    }
    return [
        _beside(
            ahead,
            label,
            unit,
            {name: {year: float(np.nanmean(each[at])) for year, each in held.items()} for name, held in found.items()},
        )
        for at, (label, unit) in enumerate(named)
        if years
    ]


def _beside(ahead: int, label: str, unit: str, found: dict[str, dict[int, float]]) -> Row:
    """A score of the flow model with the trend model's in its words; target years count alike."""
    mean = {name: float(np.mean([*each.values()])) for name, each in found.items()}
    return Row(GROUP, _text(ahead, label, mean["trend"]), mean["flow"], unit, by_year=tuple(found["flow"].items()))


def _text(ahead: int, label: str, trend: float) -> str:
    return f"flow model, {_years(ahead)}: {label} (trend model {trend:.2f})"


def _ages(annual: Annual, held: Held, made: dict[int, Flows], ahead: int) -> list[Row]:
    """WAPE of plans by age band, the model's own total."""
    errors: dict[int, list[float]] = {}
    for year, flows in made.items():
        actual = held.history.bands[:, held.history.plans.years.index(year)]
        point = project(estimate(flows, ahead)).by_age[:, -1]
        used = _used(annual, actual, point)
        errors[year] = [scores.wape(point[used, at], actual[used, at]) for at in range(len(BANDS))]
    return _by_category(errors, BANDS, ahead, "WAPE, {}")


def _placements(annual: Annual, held: Held, made: dict[int, Flows], ahead: int) -> list[Row]:
    """WAPE of plans by placement, and how many 80% ranges held."""
    errors: dict[int, list[float]] = {}
    inside: dict[int, list[float]] = {}
    for year, flows in made.items():
        if not np.isfinite(flows.placed[:, -1]).any():
            continue
        actual = held.placed[:, held.history.plans.years.index(year)]
        rates, spread = estimate(flows, ahead), measure(flows)
        point = project(rates).by_placement[:, -1]
        used = _used(annual, actual, point)
        errors[year] = [scores.wape(point[used, at], actual[used, at]) for at in range(len(PLACEMENTS))]
        levels = _ranges(annual, rates, spread, year - ahead, ahead, used)
        held80 = [scores.inside(levels[:, at], actual[used, at], 80) for at in range(len(PLACEMENTS))]
        inside[year] = [100 * float(each.mean()) for each in held80]
    rows = _by_category(errors, PLACEMENTS, ahead, "WAPE, {}")
    return rows + _by_category(inside, PLACEMENTS, ahead, "80% held, {}")


def _ranges(annual: Annual, rates: Rates, spread: Spread, origin: int, ahead: int, used: np.ndarray) -> np.ndarray:
    """Quantiles of plans by placement in the last January, around the trend model's total."""
    points = np.stack([np.exp(annual.track.points(origin, each).log) for each in range(1, ahead + 1)], axis=1)
    ends = np.stack([annual.track.quantiles(origin, each)[0][:, [2, -3]] for each in range(1, ahead + 1)], axis=1)
    drawn = simulate(rates.of(used), total_of(points[used], ends[used]), spread.of(used), draws=DRAWS)
    return quantiles(np.concatenate([paths.placements[:, -1] for paths in drawn], axis=-1))


def _used(annual: Annual, actual: np.ndarray, point: np.ndarray) -> np.ndarray:
    """Units that count and have every figure."""
    known = np.isfinite(actual).all(axis=1) & np.isfinite(point).all(axis=1) & (actual.sum(axis=1) > 0)
    return annual.track.learns(annual.origin) & known


def _by_category(errors: dict[int, list[float]], names: Sequence[str], ahead: int, words: str) -> list[Row]:
    """A row a category, its value the mean over target years."""
    rows = []
    for at, name in enumerate(names):
        by_year = tuple((year, each[at]) for year, each in errors.items())
        if by_year:
            text = f"flow model, {_years(ahead)}: {words.format(name[0].lower() + name[1:])}"
            rows.append(Row(GROUP, text, float(np.mean([value for _, value in by_year])), "%", by_year=by_year))
    return rows


def _years(ahead: int) -> str:
    return "1 year" if ahead == 1 else f"{ahead} years"
