"""statsforecast's AutoETS and AutoARIMA beside our models: the same cells, the same run, its own native ranges.

Yearly: EHC plans of all larger units, every past origin; peers see the series to the origin, ours also other
authorities and the flows of the year before. Monthly: the simulated authorities of `benchmarks.worlds.monthly`, whose
calendar ours shares. Each peer runs with its defaults on the figures as they are and on their logs, so that neither
is held against it. Where it raises, gives a number that is none, or a range of no width, the drift of the same scale
stands in for it and is counted.
Owns the peers and their scores; ours come from `highneeds.models`. Nothing here is part of the package.
"""

import platform
import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Protocol

import numpy as np
import pandas as pd
from benchmarks.worlds import monthly

from highneeds.models import scores
from highneeds.models.backtest import FIRST_TARGETS, cells
from highneeds.models.forecast import LEVELS
from highneeds.models.monthly.months import Named, forecast_months
from highneeds.models.yearly.annual import Annual, open_annual
from highneeds.models.yearly.history import STOCK
from highneeds.sources.panel import Panel

CENTRAL = (95, 90, 80, 70, 60, 50, 40, 30, 20, 10)  # per cent of the central ranges whose ends are LEVELS
KIND_SINCE, KIND_TARGET = 2015, 2022  # the window kindest to series alone: after the reform, recent targets
MONTHS, STRANGE, YEAR = (12, 36, 60), 36, 12
SEED = 2026
OURS = "ours"
_MIDDLE, _SCORED = len(LEVELS) // 2, slice(1, -1)


class Model(Protocol):
    """What a statsforecast model offers."""

    def forecast(self, y: np.ndarray, h: int, level: list[int]) -> Mapping[str, np.ndarray]:
        """Mean and ends of central ranges, each of shape (h,)."""


@dataclass(frozen=True)
class Peer:
    """A rival. make: season's length to a model; stand_in: what serves where it fails; log: works on logs."""

    name: str
    make: Callable[[int], Model]
    stand_in: Callable[[int], Model]
    log: bool = False


@dataclass
class Made:
    """Forecasts of one model. levels: key of a batch of series to shape (series, ahead, LEVELS); failed: to True where
    the stand-in served; seconds: of all; fits: how many series were fitted.
    """

    name: str
    levels: dict = field(default_factory=dict)
    failed: dict = field(default_factory=dict)
    seconds: float = 0.0
    fits: int = 0


def statsforecast_peers() -> list[Peer]:
    """AutoETS and AutoARIMA on both scales; then, for reference, a straight line and the last figure."""
    from statsforecast import models

    def drift(_: int) -> Model:
        return models.RandomWalkWithDrift()

    made = []
    for name, make in (
        ("AutoETS", lambda season: models.AutoETS(season_length=season)),
        ("AutoARIMA", lambda season: models.AutoARIMA(season_length=season)),
    ):
        made += [Peer(name, make, drift), Peer(f"{name}, logs", make, drift, log=True)]
    made += [Peer("drift", drift, drift), Peer("drift, logs", drift, drift, log=True)]
    return [*made, Peer("naive", lambda _: models.Naive(), drift)]


def seasonal_peers(months: int) -> list[Peer]:
    """The same for monthly figures, with the same month of last year; it has no range from one year alone."""
    from statsforecast import models

    made = [peer for peer in statsforecast_peers() if peer.name != "drift, logs"]  # of months: absurdly wide
    if months <= YEAR:
        return made
    seasonal = Peer("SeasonalNaive", lambda season: models.SeasonalNaive(season_length=season), made[0].stand_in)
    return [*made, seasonal]


def levels_of(peer: Peer, line: np.ndarray, *, ahead: int, season: int) -> tuple[np.ndarray, bool]:
    """Quantiles of one series at LEVELS, shape (ahead, levels), and whether the stand-in had to serve.

    line: the series' figures, oldest first, no gap; counts of nothing are let by where there are logs (log of 1 + y).
    """
    for failed, make in enumerate((peer.make, peer.stand_in)):
        try:
            levels = _fitted(make(season), line, ahead, log=peer.log)
        except Exception:  # noqa: BLE001, S112  whatever a library raises on a short series is counted by the caller
            continue
        if np.isfinite(levels).all() and (levels[:, -1] > levels[:, 0]).all():
            return np.maximum(levels, 0.0), bool(failed)
    raise ValueError(f"{peer.name}: neither it nor its stand-in could forecast a series of {len(line)} figures.")


def _fitted(model: Model, line: np.ndarray, ahead: int, *, log: bool) -> np.ndarray:
    zero = 1.0 if log and (line <= 0).any() else 0.0
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")  # the numbers are checked by the caller
        said = model.forecast(y=np.log(line + zero) if log else line, h=ahead, level=sorted(CENTRAL))
    ends = [[said[f"{side}-{percent}"] for percent in CENTRAL] for side in ("lo", "hi")]
    levels = np.column_stack([*ends[0], said["mean"], *ends[1][::-1]])
    return np.exp(levels) - zero if log else levels


def peer_made(peer: Peer, batches: Mapping, *, ahead: int, season: int) -> Made:
    """Forecasts of a peer. batches: key to series (lists of figures); one fit gives all periods ahead."""
    made = Made(peer.name)
    first = next(line for lines in batches.values() for line in lines)
    levels_of(peer, first, ahead=ahead, season=season)  # compiles what is compiled on first use
    start = time.perf_counter()
    for key, lines in batches.items():
        found = [levels_of(peer, line, ahead=ahead, season=season) for line in lines]
        made.levels[key] = np.array([levels for levels, _ in found])
        made.failed[key] = np.array([failed for _, failed in found])
        made.fits += len(lines)
    made.seconds = time.perf_counter() - start
    return made


def yearly_cells(annual: Annual, first: Mapping[int, int]) -> dict[int, list[tuple[int, np.ndarray, np.ndarray]]]:
    """By horizon: target, actuals and the units scored. first: horizon to its first target year."""
    found: dict[int, list] = {}
    for horizon, start in first.items():
        for target in range(start, annual.origin + 1):
            actual, points = cells(annual, horizon, target)
            found.setdefault(horizon, []).append((target, actual, points["used"]))
    return found


def ours_yearly(panel: Panel, origins: Iterable[int], horizons: Sequence[int]) -> Made:
    """Our ranges of all units from every origin, from the panel's tables on: nothing is kept from an earlier run."""
    made, start = Made(OURS), time.perf_counter()
    annual = open_annual(panel.values, panel.areas, STOCK)
    for origin in origins:
        made.levels[origin] = np.stack([annual.track.quantiles(origin, horizon)[0] for horizon in horizons], axis=1)
        made.failed[origin] = np.zeros(len(annual.matrix.codes), dtype=bool)
        made.fits += int(annual.track.learns(annual.origin).sum())
    made.seconds = time.perf_counter() - start
    return made


def series_to(annual: Annual, origin: int, since: int) -> list[np.ndarray]:
    """Plans of each unit from a January to the origin, without what lies before its last gap."""
    lines = annual.matrix.until(origin).values[:, max(0, since - annual.matrix.years[0]) :]
    gaps = [np.flatnonzero(~(line > 0)) for line in lines]
    return [line[gap[-1] + 1 :] if len(gap) else line for line, gap in zip(lines, gaps, strict=True)]


def yearly_lines(panel: Panel, peers: Sequence[Peer], *, first: Mapping[int, int], since: int) -> Iterator[str]:
    """The yearly comparison, a table a horizon."""
    annual = open_annual(panel.values, panel.areas, STOCK)
    wanted, horizons = yearly_cells(annual, first), sorted(first)
    origins = sorted({target - horizon for horizon, found in wanted.items() for target, _, _ in found})
    used = np.flatnonzero(annual.track.learns(annual.origin))
    batches = {origin: [series_to(annual, origin, since)[unit] for unit in used] for origin in origins}
    all_made = [ours_yearly(panel, origins, horizons)]
    for peer in peers:
        made = peer_made(peer, batches, ahead=horizons[-1], season=1)
        for origin in origins:
            made.levels[origin] = _spread(made.levels[origin], used, len(annual.matrix.codes))
            made.failed[origin] = _spread(made.failed[origin], used, len(annual.matrix.codes))
        all_made.append(made)
    for at, horizon in enumerate(horizons):
        targets = [target for target, _, _ in wanted[horizon]]
        years = f"January {targets[0]} to {targets[-1]}"
        size = sum(len(actual) for _, actual, _ in wanted[horizon])
        yield from _heading(f"EHC plans, {horizon} year{'s' * (horizon > 1)} ahead, {years}, {size:,} cells", "MAPE")
        for made in all_made:
            yield _line(made, _yearly_scores(made, wanted[horizon], horizon, at))
    yield f"One fit gives all horizons; peers' series run from January {since} to the origin."


def _yearly_scores(made: Made, wanted: Sequence[tuple], horizon: int, at: int) -> list[float]:
    """Scores over all cells, every target year with equal weight in the MAPE, as in the back-test."""
    found = []
    for target, actual, used in wanted:
        levels = made.levels[target - horizon][used, at]
        held = [100.0 * scores.inside(levels, actual, percent) for percent in (80, 95)]
        whole = 100 * (levels[:, -1] - levels[:, 0]) / actual
        failed = 100.0 * made.failed[target - horizon][used]
        found.append((scores.crps(levels, actual), *held, scores.width(levels, actual), whole, failed))
    errors = [scores.mape(made.levels[target - horizon][used, at, _MIDDLE], actual) for target, actual, used in wanted]
    return [float(np.mean(errors)), *(float(np.concatenate(each).mean()) for each in zip(*found, strict=True))]


def ours_monthly(pairs: Sequence[tuple[pd.DataFrame, pd.DataFrame]]) -> Made:
    """Our monthly forecasts: areas of an authority together, no borrowed months from elsewhere."""
    made, start = Made(OURS), time.perf_counter()
    for number, (history, future) in enumerate(pairs):
        found = forecast_months(history, named=Named("requests", "", ""), horizon=len(future), with_record=False)
        made.levels[number] = np.array([[step.quantiles for step in found[area].steps] for area in history.columns])
        made.failed[number] = np.zeros(len(history.columns), dtype=bool)
        made.fits += len(history.columns)
    made.seconds = time.perf_counter() - start
    return made


def monthly_lines(
    pairs: Sequence[tuple[pd.DataFrame, pd.DataFrame]], peers: Sequence[Peer], said: str
) -> Iterator[str]:
    """The monthly comparison on some simulated authorities; said: which."""
    batches = {number: list(history.to_numpy(dtype=float).T) for number, (history, _) in enumerate(pairs)}
    ahead = len(pairs[0][1])
    size = sum(len(lines) for lines in batches.values())
    yield from _heading(f"Simulated requests of areas, {said}, {ahead} months ahead, {size} series", "MAE")
    yield _line(made := ours_monthly(pairs), _monthly_scores(made, pairs))
    for peer in peers:
        yield _line(made := peer_made(peer, batches, ahead=ahead, season=YEAR), _monthly_scores(made, pairs))


def _monthly_scores(made: Made, pairs: Sequence[tuple[pd.DataFrame, pd.DataFrame]]) -> list[float]:
    """Scores as per cent of each series' mean, the mean over series; months with few requests have no percentages."""
    found = []
    for number, (_, future) in enumerate(pairs):
        actual = future.to_numpy(dtype=float)
        levels = made.levels[number].transpose(2, 1, 0)
        mean = np.maximum(actual.mean(axis=0), 1e-9)
        error = 100 * (np.abs(levels[_MIDDLE] - actual).mean(axis=0) / mean).mean()
        low, high = LEVELS.index(0.1), LEVELS.index(0.9)
        held = [100 * ((actual >= levels[a]) & (actual <= levels[b])).mean() for a, b in ((low, high), (0, -1))]
        widths = [100 * ((levels[b] - levels[a]).mean(axis=0) / mean).mean() for a, b in ((low, high), (0, -1))]
        crps = monthly.crps_pct(levels[_SCORED], actual)
        found.append((error, crps, *held, *widths, 100 * made.failed[number].mean()))
    return [float(value) for value in np.mean(found, axis=0)]


def comparison(panel: Panel) -> Iterator[str]:
    """Lines of all tables, each as soon as it is made."""
    names = ("statsforecast", "statsmodels", "numpy", "scipy", "pandas")
    yield f"\nPeers: {', '.join(f'{name} {version(name)}' for name in names)}, Python {platform.python_version()}"
    yield "CRPS and widths are per cent of the actual (monthly: of the series' mean). stand-in: per cent of cells in"
    yield "which the peer failed and drift served. s: all fits on one core, compiled before; ms: a series and origin."
    yearly = statsforecast_peers()
    yield from yearly_lines(panel, yearly, first=FIRST_TARGETS, since=2010)
    yield f"\nThe window kindest to the peers: series from {KIND_SINCE}, targets from {KIND_TARGET}; ours as before."
    yield from yearly_lines(panel, yearly, first=dict.fromkeys(FIRST_TARGETS, KIND_TARGET), since=KIND_SINCE)
    for months in MONTHS:
        yield from monthly_lines(monthly.cells(SEED, months), seasonal_peers(months), f"{months} months known")
    strange = monthly.cells(SEED, STRANGE, month_sd=monthly.STRANGE_SD, authorities=monthly.AUTHORITIES // 2)
    yield from monthly_lines(
        strange, seasonal_peers(STRANGE), f"{STRANGE} months known, months strange to our calendar"
    )


def _spread(values: np.ndarray, used: np.ndarray, units: int) -> np.ndarray:
    """Values of the units used at the places of all units; the others are never looked at."""
    whole = np.zeros((units, *values.shape[1:]), dtype=values.dtype)
    whole[used] = values
    return whole


def _heading(title: str, error: str) -> list[str]:
    columns = (error, "CRPS", "in 80%", "in 95%", "width 80", "width 95", "stand-in", "s", "ms")
    return ["", title, f"  {'':<18}" + "".join(f"{column:>10}" for column in columns)]


def _line(made: Made, found: Sequence[float]) -> str:
    error, crps, *others = found
    numbers = [f"{error:.2f}", f"{crps:.2f}", *(f"{value:.1f}" for value in others), f"{made.seconds:.1f}"]
    numbers.append(f"{1000 * made.seconds / made.fits:.2f}")
    return f"  {made.name:<18}" + "".join(f"{number:>10}" for number in numbers)
