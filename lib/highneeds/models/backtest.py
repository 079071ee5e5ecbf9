"""Back-test: the score sheet of the yearly models on official data, each row with its target and its years.

Every cell is a forecast from an origin that saw stocks to January T and flows to T-1. Beside it stand, on the same
cells, the last national rate and the authority's own drift. Simulated rows belong to `benchmarks`.
"""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from highneeds.models import scores
from highneeds.models.caseload.score import flow_rows
from highneeds.models.change.result import Flags
from highneeds.models.change.yearly import false_flag_rate, panel_power
from highneeds.models.sheet import Row, cells, range_scores
from highneeds.models.yearly.ages import scaled_bands
from highneeds.models.yearly.annual import Annual, open_annual
from highneeds.models.yearly.history import BANDS, STOCK
from highneeds.models.yearly.national import england

FIRST_TARGETS = {1: 2019, 2: 2021, 3: 2023}  # first target years whose ranges are scored, by horizon
SHORT_FILE = 2019  # first January of the newest release taken alone
# Plans DfE published for England in January 2026 (reporting year 2026), later than any file of the panel.
ENGLAND_2026 = 718_838
EFFECTS = (-7.0, -15.0, -30.0)  # per cent; the first is what committees are told of


def score_sheet(
    values: pd.DataFrame, areas: pd.DataFrame, neighbours: pd.DataFrame, *, measures: Sequence[str]
) -> list[Row]:
    """Rows of the sheet for measures of `annual.MEASURES`; none for a measure without figures.

    values, areas, neighbours: the panel's.
    """
    rows: list[Row] = []
    for measure in measures:
        annual = open_annual(values, areas, measure)
        if annual is not None and not annual.alone:
            rows += _SHEETS[measure](annual, values, areas)
    if "requests" in measures:
        rows += _changes(values, areas, neighbours)
    return rows


def _caseload(annual: Annual, values: pd.DataFrame, areas: pd.DataFrame) -> list[Row]:
    last, all_targets = annual.origin, range(FIRST_TARGETS[1], annual.origin + 1)
    rows = [_points(annual, h, all_targets, scores.mape, "MAPE", (3.7, 6.3, 9.0)[h - 1]) for h in (1, 2, 3)]
    rows += _beaten(annual, all_targets)
    short = _since(values, SHORT_FILE)
    again = open_annual(short, areas, STOCK)
    rows.append(_points(again, 1, range(2022, last + 1), scores.mape, f"MAPE from files since {SHORT_FILE} alone", 3.9))
    rows.append(_mase(annual, all_targets))
    for horizon, first in FIRST_TARGETS.items():
        rows += _ranges(annual, horizon, range(first, last + 1))
    rows += [_england_growth(annual, all_targets), _england_2026(annual)]
    return rows + _bands(annual) + flow_rows(annual, values, areas)


def _requests(annual: Annual, *_: pd.DataFrame) -> list[Row]:
    years = range(2020, annual.origin + 1)
    return [_points(annual, h, years, scores.wape, "WAPE", (16, 22)[h - 1]) for h in (1, 2)] + _covers(annual)


def _new_plans(annual: Annual, *_: pd.DataFrame) -> list[Row]:
    return [_points(annual, 1, range(2019, annual.origin + 1), scores.wape, "WAPE", 19.5)] + _covers(annual)


def _sen_support(annual: Annual, *_: pd.DataFrame) -> list[Row]:
    return [_points(annual, 1, range(2019, annual.origin + 1), scores.mae, "MAE, points", 0.38)] + _covers(annual)


def _ehc_pupils(annual: Annual, *_: pd.DataFrame) -> list[Row]:
    return [_points(annual, 1, range(2019, annual.origin + 1), scores.mae, "MAE, points", np.inf)] + _covers(annual)


_SHEETS: dict[str, Callable[..., list[Row]]] = {
    "ehc_plans": _caseload,
    "requests": _requests,
    "new_plans": _new_plans,
    "sen_support": _sen_support,
    "ehc_pupils": _ehc_pupils,
}


def _points(annual: Annual, horizon: int, targets: Sequence[int], score: Callable, name: str, high: float) -> Row:
    """A score of points over target years with equal weight for MAPE and MAE, over all cells for WAPE."""
    held = {year: cells(annual, horizon, year) for year in targets if year - horizon > annual.matrix.years[0]}
    by_year = {year: score(points["model"], actual) for year, (actual, points) in held.items()}

    def overall(who: str) -> float:
        if score is scores.wape:
            together = [np.concatenate(parts) for parts in zip(*((p[who], a) for a, p in held.values()), strict=True)]
            return score(*together)
        return float(np.mean([score(points[who], actual) for actual, points in held.values()]))

    text = f"{name}, {horizon} year{'s' if horizon > 1 else ''} ahead"
    unit = "points" if score is scores.mae else "%"
    return Row(
        annual.measure,
        text,
        overall("model"),
        unit,
        high=high,
        by_year=tuple(by_year.items()),
        national=overall("national"),
        drift=overall("drift"),
    )


def _beaten(annual: Annual, targets: Sequence[int]) -> list[Row]:
    """Target years in which the model's MAPE one year ahead is lower than each rival's."""
    rows = []
    for rival, words in (("national", "last national rate"), ("drift", "own drift")):
        gaps = {}
        for year in targets:
            actual, points = cells(annual, 1, year)
            gaps[year] = scores.mape(points[rival], actual) - scores.mape(points["model"], actual)
        won = sum(gap > 0 for gap in gaps.values())
        text = f"years of {len(gaps)} in which it beats the {words}, 1 year ahead"
        rows.append(Row(annual.measure, text, won, "years", low=len(gaps) - 1, by_year=tuple(gaps.items())))
    return rows


def _mase(annual: Annual, targets: Sequence[int]) -> Row:
    by_year = {}
    for year in targets:
        actual, points = cells(annual, 1, year)
        by_year[year] = scores.mase(points["model"], actual, annual.matrix.until(year - 1).values[points["used"]])
    value = float(np.mean(list(by_year.values())))
    return Row(annual.measure, "MASE, 1 year ahead", value, "", high=0.85, by_year=tuple(by_year.items()))


def _ranges(annual: Annual, horizon: int, targets: Sequence[int]) -> list[Row]:
    """Coverage, by-year coverage, width and CRPS of the ranges that were known at each origin."""
    found = {year: range_scores(annual, horizon, year) for year in targets}
    text = f", {horizon} year{'s' if horizon > 1 else ''} ahead"

    def row(name: str, at: int, low: float, high: float) -> Row:
        by_year = tuple((year, float(each[at].mean())) for year, each in found.items())
        value = float(np.concatenate([each[at] for each in found.values()]).mean())
        return Row(annual.measure, name + text, value, "%", low, high, by_year)

    cover = row("80% ranges that held", 0, 78, 90)
    worst = max((value for _, value in cover.by_year), key=lambda value: max(70 - value, value - 96))
    return [
        cover,
        Row(annual.measure, "the same in the worst target year" + text, worst, "%", 70, 96, cover.by_year),
        row("95% ranges that held", 1, 93, 99),
        row("mean width of the 80% range", 2, -np.inf, (15, 25, 34)[horizon - 1]),
        row("CRPS", 3, -np.inf, (3.0, 4.8, 6.4)[horizon - 1]),
    ]


def _covers(annual: Annual) -> list[Row]:
    """Coverage without a target: shown, because a reader must know it."""
    rows = []
    for horizon in (1, 2, 3):
        years = range(annual.track.first + horizon, annual.origin + 1)
        rows.append(_ranges(annual, horizon, years)[0])
    return [Row(r.group, r.measure, r.value, r.unit, by_year=r.by_year) for r in rows]


def _england_growth(annual: Annual, targets: Sequence[int]) -> Row:
    by_year = {}
    for year in targets:
        points, actual, before = (
            np.nansum(each)
            for each in (
                np.exp(annual.track.points(year - 1, 1).log),
                annual.matrix.at(year),
                annual.matrix.at(year - 1),
            )
        )
        by_year[year] = float(100 * (points - actual) / before)
    worst = max(by_year.values(), key=abs)
    text = "England's growth, largest error of a year, 1 year ahead"
    return Row(annual.measure, text, abs(worst), "points", high=2.2, by_year=tuple(by_year.items()))


def _england_2026(annual: Annual) -> Row:
    """England in January 2026, published since: its growth must lie in the 80% range forecast from January 2025."""
    step = england(annual, 1, origin=2025).steps[0]
    before = float(np.nansum(annual.matrix.at(2025)))
    low, high = (100 * (end / before - 1) for end in step.range(80))
    text = f"England's growth to January 2026 as published (forecast {100 * (step.point / before - 1):.1f})"
    return Row(annual.measure, text, 100 * (ENGLAND_2026 / before - 1), "%", round(low, 1), round(high, 1))


def _bands(annual: Annual) -> list[Row]:
    """Error of plans by age band three years ahead, bands scaled to the forecast total."""
    wanted = {"Age 5 to 10": 10.5, "Age 11 to 15": 9.5, "Age 16 to 19": 12.0}
    found: dict[int, tuple[np.ndarray, np.ndarray]] = {}
    for target in range(FIRST_TARGETS[1], annual.origin + 1):
        bands = scaled_bands(annual, target - 3, 3)
        if bands is not None:
            actual = annual.history.bands[:, annual.matrix.years.index(target)]  # type: ignore[union-attr]
            used = annual.track.learns(annual.origin) & ~np.isnan(actual).any(axis=1)
            found[target] = (bands[used], actual[used])
    return [_band(annual, band, high, found) for band, high in wanted.items()] if found else []


def _band(annual: Annual, band: str, high: float, found: dict[int, tuple[np.ndarray, np.ndarray]]) -> Row:
    at = BANDS.index(band)
    by_year = {year: scores.wape(bands[:, at], actual[:, at]) for year, (bands, actual) in found.items()}
    together = (np.concatenate(parts)[:, at] for parts in zip(*found.values(), strict=True))
    text = f"WAPE of plans aged {band.removeprefix('Age ')}, 3 years ahead"
    return Row(annual.measure, text, scores.wape(*together), "%", high=high, by_year=tuple(by_year.items()))


def _changes(values: pd.DataFrame, areas: pd.DataFrame, neighbours: pd.DataFrame) -> list[Row]:
    """How often the neighbour test flags real authority-years as they are, and moved by a change of known size."""
    asked = {"measure": "requests_received", "years": [str(year) for year in range(2018, 2025)]}
    found = false_flag_rate(values, areas, neighbours, **asked)  # type: ignore[arg-type]
    text = f"authority-years of requests that the neighbour test flags at 5% (of {found.tested:,})"
    rows = [Row("requests_received", text, found.share_pct, "%", 4, 7, _by_year(found))]
    for effect in EFFECTS:
        moved = panel_power(values, areas, neighbours, effect_pct=effect, **asked)  # type: ignore[arg-type]
        text = f"the same, each moved by {effect:g}% beyond its neighbours: seen as such"
        rows.append(Row("requests_received", text, moved.share_pct, "%", by_year=_by_year(moved)))
    return rows


def _by_year(flags: Flags) -> tuple[tuple[int, float], ...]:
    return tuple((int(year), 100 * flagged / tested) for year, flagged, tested in flags.by_year)


def _since(values: pd.DataFrame, year: int) -> pd.DataFrame:
    return values[values["period"].str[:4].astype(int) >= year]
