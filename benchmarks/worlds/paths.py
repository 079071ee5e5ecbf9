"""Invented authorities of realistic sizes, carried forward on 10,000 paths in a process of its own.

Rebuilds the speed and spread check of propagation by simulation: 153 authorities, 24 single ages, 6 years, 6 types of
placement; ranges of every authority's total. No file is read: caseloads are lognormal about 3,400
plans, ages and placements scatter about England's usual shape.
Owns the world and its scores; the paths come from `highneeds.models.caseload.simulate`.

    python -m benchmarks.worlds.paths 2025          prints seconds, gigabytes and widths of this very process
"""

import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

from highneeds.models.caseload.flows import PLACEMENTS
from highneeds.models.caseload.rates import Rates
from highneeds.models.caseload.simulate import Total, simulate
from highneeds.models.caseload.spread import Spread
from highneeds.models.forecast import HALF_80
from highneeds.models.growth_error import MEASURED, Draws, national_interval, quantiles

AUTHORITIES, YEARS, PATHS, HORIZONS = 153, 6, 10_000, 3
SECONDS, GIGABYTES = 4.0, 0.6
WIDTHS = {"an authority": (12.5, 21.6, 30.8), "England": (3.8, 6.4, 9.0)}  # once measured, 80% ranges, per cent
NEAR = 1.0  # points; how far sizes of the invented authorities may move England's
_PLACED = (0.39, 0.04, 0.25, 0.06, 0.14, 0.12)
AGES = tuple(range(2, 26))
_ROOT = Path(__file__).resolve().parents[2]


def authorities(rng: np.random.Generator, count: int) -> tuple[Rates, Total, Spread]:
    """Rates of invented authorities, totals that grow by about 9% a year, and how far ages and placements swing."""
    ages = np.array(AGES)
    shape = np.exp(-(((ages - 13) / 6) ** 2)) + 0.05
    sizes = rng.lognormal(np.log(3_400), 0.6, count)
    mix = rng.dirichlet(40 * np.array(_PLACED), (count, len(ages)))
    stocks = (sizes[:, None] * rng.dirichlet(300 * shape / shape.sum(), count))[:, :, None] * mix
    joining = np.exp(-(((ages - 7) / 4) ** 2)) + 0.005
    leaving = np.where(ages < 16, 0.01, 0.12)
    entry = 0.17 * sizes[:, None, None] * np.tile(joining / joining.sum(), (count, YEARS, 1))
    rates = Rates(
        first=2026,
        ages=tuple(map(str, AGES)),
        placements=PLACEMENTS,
        stocks=stocks,
        moving_up=np.ones(len(ages)),
        entry=entry,
        residents=np.ones(entry.shape),
        stay=np.tile(1 - leaving, (count, YEARS, 1)),
        ending=np.tile(leaving, (count, 1)),
        mix=np.repeat(mix[:, None], YEARS, axis=1),
    )
    growth = rng.normal(0.09, 0.02, (count, YEARS))
    widths = np.array([HALF_80 * MEASURED.growth_sd(ahead) for ahead in range(1, YEARS + 1)])
    total = Total(sizes[:, None] * np.exp(np.cumsum(growth, axis=1)), np.tile(widths, (count, 1)))
    placed = (count, len(PLACEMENTS))
    return rates, total, Spread(np.full((count, len(ages)), 0.05), np.full(placed, 0.1), np.full(placed, 0.05))


def scores(seed: int = 2025, *, authorities: int = AUTHORITIES, paths: int = PATHS) -> list[dict]:
    """One row a score: measure, value, target and holds. Seconds are those of the run, without imports.

    Memory is the most the fresh process ever held, imports included. Widths are per cent of the point, at one, two
    and three years.
    """
    command = [sys.executable, "-m", "benchmarks.worlds.paths", str(seed), str(authorities), str(paths)]
    single = {name: "1" for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")}
    done = subprocess.run(command, cwd=_ROOT, env=os.environ | single, check=True, capture_output=True, text=True)
    found = json.loads(done.stdout)
    size = (
        f"{paths:,} paths x {authorities} authorities x {len(AGES)} ages x {YEARS} years x {len(PLACEMENTS)} placements"
    )
    rows = [_most(f"seconds, {size}", found["seconds"], SECONDS)]
    rows.append(_most(f"peak memory, GB, {size}", found["gigabytes"], GIGABYTES))
    for who, targets in WIDTHS.items():
        for at, (width, target) in enumerate(zip(found[who], targets, strict=True), start=1):
            near = abs(width - target) <= NEAR
            rows.append(_row(f"80% width of {who}, {at} year{'s' * (at > 1)} ahead, per cent", width, target, near))
    return rows


def measured(seed: int, count: int, paths: int) -> dict:
    """Seconds, peak gigabytes and widths of one run in this process."""
    rates, total, spread = authorities(np.random.default_rng(seed), count)
    begun = time.perf_counter()
    totals = np.empty((count, YEARS, paths), "float32")
    for chunk in simulate(rates, total, spread, draws=Draws(paths, seed)):
        upto = chunk.first + chunk.placements.shape[-1]
        totals[..., chunk.first : upto] = chunk.totals
    ranges = quantiles(totals)
    taken = time.perf_counter() - begun
    each = 100 * ((ranges[..., -3] - ranges[..., 2]) / total.points)[:, :HORIZONS].mean(axis=0)
    england = national_interval(np.log(total.points[:, :HORIZONS]), paths=paths, seed=seed)
    whole = 100 * (england.quantiles[:, -3] - england.quantiles[:, 2]) / england.points
    widths = {"an authority": each.tolist(), "England": whole.tolist()}
    return {"seconds": taken, "gigabytes": peak_gigabytes()} | widths


def peak_gigabytes() -> float:
    """The most memory this process held.

    Linux's own figure for the program where there is one: getrusage also counts what the parent held at the fork.
    """
    status = Path("/proc/self/status")
    if status.exists():
        [line] = [line for line in status.read_text().splitlines() if line.startswith("VmHWM")]
        return int(line.split()[1]) * 1024 / 1e9
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e9


def _most(measure: str, value: float, target: float) -> dict:
    return _row(measure, value, target, value <= target)


def _row(measure: str, value: float, target: float, holds: bool) -> dict:
    return {"measure": measure, "value": round(value, 3), "target": target, "holds": holds}


if __name__ == "__main__":
    print(json.dumps(measured(*(int(word) for word in sys.argv[1:4]))))
