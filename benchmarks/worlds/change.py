"""Simulated monthly requests of many authorities, in which nothing happens, or one thing to one of them.

Every authority has a level (30 to 200 a month), a season of its own around a shared one, the same national growth of
10% a year with shared ups and downs, and a deviation from all that which is drawn afresh each month (iid), dies away
(AR shocks) or stays (random-walk level). Counts vary around it by chance. With the random walk, growth of one year
deviates from the national by about 15%, as published requests do. The effect sets in with the last 12 months.
Owns the world and its scores; the test comes from `highneeds.models.change.months`.
"""

import numpy as np
import pandas as pd
from scipy.special import ndtr

from highneeds.models.change.months import placebo_did
from highneeds.models.change.result import LESS, LEVEL, MORE, Change

IID, AR, RANDOM_WALK = WORLDS = ("iid months", "AR shocks", "random-walk level")
CONTROLS, AFTER, FIRST_YEAR = 12, 12, 2021
GROWTH, NATIONAL_SD, SEASON_SD, OWN_SEASON_SD = 0.10, 0.04, 0.15, 0.08
DEVIATION_SD = {IID: 0.15, AR: 0.15, RANDOM_WALK: 0.05}  # of a month; of the walk, its step
AR_ROOT = 0.6
LENGTHS, EFFECTS = (24, 48), (-7.0, -15.0, -30.0)
RUNS, RUNS_FOR_INFORMATION, TARGET = 800, 150, 8.0  # of 800 runs, 5% has a standard error of 0.8 points


def simulate(
    world: str, rng: np.random.Generator, *, runs: int, months: int, effect_pct: float = 0.0, controls: int = CONTROLS
) -> np.ndarray:
    """Counts of shape (runs, months, 1 + controls); column 0 is the treated authority. world: one of WORLDS."""
    shape = (runs, months, 1 + controls)
    level = rng.uniform(np.log(30), np.log(200), (runs, 1, 1 + controls))
    shared, own = rng.normal(0, SEASON_SD, (runs, 12, 1)), rng.normal(0, OWN_SEASON_SD, (runs, 12, 1 + controls))
    season = (shared + own)[:, np.arange(months) % 12]
    national = np.log1p(GROWTH) * np.arange(months)[None, :, None] / 12 + rng.normal(0, NATIONAL_SD, (runs, months, 1))
    log_mean = level + season + national + _deviation(world, rng, shape)
    log_mean[:, -AFTER:, 0] += np.log1p(effect_pct / 100)
    return rng.poisson(np.exp(log_mean))


def tested(counts: np.ndarray) -> Change:
    """The monthly test on one run (months, 1 + controls), the change told to be at the start of the last 12 months."""
    months = [f"{FIRST_YEAR + at // 12}-{at % 12 + 1:02d}" for at in range(len(counts))]
    names = [f"control {at}" for at in range(1, counts.shape[1])]
    treated = pd.Series(counts[:, 0], index=months)
    return placebo_did(treated, pd.DataFrame(counts[:, 1:], index=months, columns=names), change_at=months[-AFTER])


def flagged_pct(counts: np.ndarray, *, falls_only: bool = False) -> float:
    """Per cent of runs in which the monthly test finds a change (a fall, where only falls are asked for)."""
    verdicts = [tested(run).verdict for run in counts]
    return 100 * float(np.mean([verdict in ((LESS,) if falls_only else (LESS, MORE)) for verdict in verdicts]))


def year_on_year_flagged_pct(counts: np.ndarray) -> float:
    """Per cent of runs that a Poisson z-test of the last year against the one before calls changed: how not to."""
    last, before = counts[:, -AFTER:, 0].sum(axis=1), counts[:, -2 * AFTER : -AFTER, 0].sum(axis=1)
    z = (last - before) / np.sqrt(last + before)
    return 100 * float(np.mean(2 * ndtr(-np.abs(z)) < LEVEL))


def scores(seed: int = 5) -> list[dict]:
    """Rows of measure, value (per cent of runs), target (empty: for information) and holds (None: for information)."""
    rng, rows = np.random.default_rng(seed), []
    for world in (RANDOM_WALK, AR, IID):
        for months in LENGTHS:
            judged = world == RANDOM_WALK
            counts = simulate(world, rng, runs=RUNS if judged else RUNS_FOR_INFORMATION, months=months)
            name = f"false positives, {world}, {months} months"
            rows.append(_row(f"monthly change test {name}", flagged_pct(counts), judged=judged))
            rows.append(_row(f"year-on-year Poisson test (not used) {name}", year_on_year_flagged_pct(counts)))
    for effect in EFFECTS:
        counts = simulate(RANDOM_WALK, rng, runs=RUNS_FOR_INFORMATION, months=LENGTHS[-1], effect_pct=effect)
        seen = flagged_pct(counts, falls_only=True)
        rows.append(_row(f"monthly change test sees {effect:+.0f}%, {RANDOM_WALK}, {LENGTHS[-1]} months", seen))
    return rows


def _deviation(world: str, rng: np.random.Generator, shape: tuple[int, int, int]) -> np.ndarray:
    drawn = rng.normal(0, DEVIATION_SD[world], shape)
    if world == IID:
        return drawn
    if world == RANDOM_WALK:
        return drawn.cumsum(axis=1)
    for month in range(1, shape[1]):
        drawn[:, month] = AR_ROOT * drawn[:, month - 1] + np.sqrt(1 - AR_ROOT**2) * drawn[:, month]
    return drawn


def _row(measure: str, value: float, *, judged: bool = False) -> dict:
    target = f"<= {TARGET:g}" if judged else ""
    return {"measure": measure, "value": value, "target": target, "holds": value <= TARGET if judged else None}
