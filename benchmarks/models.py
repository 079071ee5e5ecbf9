"""The score sheet of the models that published figures cannot give: simulated worlds, speed, and peers beside ours.

    .venv/bin/python benchmarks/models.py              the sheet: under a minute; exit status 1: a row missed its target
    .venv/bin/python benchmarks/models.py --detail     the same with every row that only informs
    PEERS/bin/python benchmarks/models.py --peers      the sheet, then statsforecast on the same cells: nine minutes

The rows on official data are `highneeds backtest`'s, which this times and counts. Everything runs on one core with
fixed seeds; the seconds are this machine's. The peers need an environment of their own, apart from the pinned one:

    python3 -m venv PEERS && PEERS/bin/pip install -e ".[peers]"

Owns the rows of speed and the printing; the worlds own theirs (`benchmarks.worlds`), `benchmarks.peers` the peers.
"""

import argparse
import csv
import importlib.util
import io
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))  # a script's own folder is on the path, the project's is not
if __name__ == "__main__":  # one core; read when numpy is first imported, here or in a process of ours
    for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
        os.environ.setdefault(_name, "1")

from highneeds import files  # noqa: E402
from highneeds.models.yearly.annual import open_annual  # noqa: E402
from highneeds.models.yearly.history import STOCK  # noqa: E402
from highneeds.sources.panel import Panel, read_panel  # noqa: E402

HORIZONS = (1, 2, 3)
POOL_SECONDS, IMPORT_SECONDS, FORECAST_SECONDS, BACKTEST_SECONDS = 0.5, 0.7, 3.0, 60.0
WARM_RUNS, PROCESS_RUNS = 5, 3
# Modules of benchmarks.worlds, and what their rows are headed.
WORLDS = {
    "monthly": "months, simulated",
    "queue": "timeliness, simulated",
    "change": "tests of change, simulated",
    "paths": "propagation, simulated",
}
NO_PEERS = (
    "statsforecast is not installed for this Python, so there is nothing to compare with. In a folder of its own: "
    'python3 -m venv PEERS && PEERS/bin/pip install -e ".[peers]" && PEERS/bin/python benchmarks/models.py --peers'
)


@dataclass(frozen=True)
class Row:
    """One row of the sheet. target: what must be reached, in words, empty where the row only informs (holds: None)."""

    group: str
    measure: str
    value: float
    target: str = ""
    holds: bool | None = None


def world_rows(name: str) -> list[Row]:
    """Rows of one simulated world, by the name of its module in `benchmarks.worlds`."""
    world = importlib.import_module(f"benchmarks.worlds.{name}")
    return [_of_world(WORLDS[name], row, near=getattr(world, "NEAR", 0.0)) for row in world.scores()]


def pool_rows(panel: Panel) -> list[Row]:
    """Seconds of the pooled caseload forecast of all authorities, warm: median of WARM_RUNS after one not timed.

    From the panel's tables to points and ranges at three horizons, every past origin behind the ranges included. The
    processor's own time: what else runs on the machine does not count.
    """

    def ranges() -> None:
        annual = open_annual(panel.values, panel.areas, STOCK)
        for horizon in HORIZONS:
            annual.track.quantiles(annual.origin, horizon)

    def everything() -> None:
        open_annual(panel.values, panel.areas, STOCK).forecast_all(HORIZONS[-1])

    size = len(open_annual(panel.values, panel.areas, STOCK).matrix.codes)
    said = f"seconds of a core, POOL for {size} units, {len(HORIZONS)} horizons, ranges from all past origins"
    ranges()
    taken = _median_seconds(ranges, WARM_RUNS, clock=time.process_time)
    return [
        _at_most("speed", said, taken, POOL_SECONDS),
        Row("speed", "the same with every authority's own past forecasts", _median_seconds(everything, 1)),
    ]


def import_rows(*, runs: int = PROCESS_RUNS) -> list[Row]:
    """Seconds that importing every module of `highneeds.models` adds once pandas is in: fresh processes, median.

    The second row adds the parts of scipy and statsmodels that functions import when they are called.
    """
    found = [json.loads(_output([sys.executable, "-c", _IMPORTS])) for _ in range(runs)]
    modules, whole = (statistics.median(run[at] for run in found) for at in (0, 1))
    said = "seconds, import of all models after pandas"
    return [
        _at_most("speed", said, modules, IMPORT_SECONDS),
        Row("speed", "the same with each library part that a function imports when called", whole),
    ]


def command_rows(*, runs: int = PROCESS_RUNS) -> list[Row]:
    """Seconds of the commands in processes of their own, and how many rows of the back-test miss their target."""
    line = [sys.executable, "-m", "highneeds.cli"]
    everyone = [*line, "forecast", "--all", "--measure", "ehc_plans", "--horizon", "1", "--format", "csv"]
    start_up = _median_seconds(lambda: _output([*line, "--help"]), runs)
    whole = _median_seconds(lambda: _output(everyone), runs)
    begun = time.perf_counter()
    sheet = list(csv.DictReader(io.StringIO(_output([*line, "backtest", "--format", "csv"], in_part=True))))
    taken = time.perf_counter() - begun
    judged = [row for row in sheet if row["target"]]
    missed = sum(row["result"] != "pass" for row in judged)
    return [
        _at_most("speed", "seconds, highneeds forecast --all, after start-up", whole - start_up, FORECAST_SECONDS),
        _at_most("speed", "seconds, highneeds backtest", taken, BACKTEST_SECONDS),
        _at_most("official data", f"rows of highneeds backtest that miss, of {len(judged)}", missed, 0),
    ]


def lines_of(rows: Sequence[Row], *, detail: bool) -> list[str]:
    """Rows as a table, a group after another; without detail only those with a target."""
    lines, group = [], ""
    for row in rows:
        if row.holds is None and not detail:
            continue
        if row.group != group:
            group = row.group
            lines += ["", f"{group[:1].upper()}{group[1:]:<83}{'Value':>10}  {'Target':<18}Result"]
        result = "" if row.holds is None else "pass" if row.holds else "MISS"
        lines.append(f"  {row.measure:<82}{row.value:>10.3f}  {row.target:<18}{result}".rstrip())
    return lines


def main(given: Sequence[str] | None = None) -> int:
    """Print the sheet, and with --peers the comparison; returns 1 where a row missed or the peers are missing."""
    asked = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    asked.add_argument("--detail", action="store_true", help="also the rows without a target")
    asked.add_argument("--peers", action="store_true", help="also statsforecast on the same cells")
    wanted = asked.parse_args(given)
    if wanted.peers and importlib.util.find_spec("statsforecast") is None:
        print(NO_PEERS, file=sys.stderr)
        return 1
    panel = read_panel(files.panel_folder(files.home()))
    held = print_sheet(panel, detail=wanted.detail)
    if wanted.peers:
        from benchmarks.peers import comparison

        for line in comparison(panel):
            print(line, flush=True)
    return 0 if held else 1


def print_sheet(panel: Panel, *, detail: bool) -> bool:
    """Print each part as soon as it is measured, then the count and the seconds; True where every row holds."""
    begun = time.perf_counter()
    parts: list[tuple[str, Callable[[], list[Row]]]] = [
        ("speed", lambda: [*pool_rows(panel), *import_rows(), *command_rows()]),
        *((name, lambda name=name: world_rows(name)) for name in WORLDS),
    ]
    held, taken = [], []
    for name, part in parts:
        start = time.perf_counter()
        rows = part()
        taken.append(f"{name} {time.perf_counter() - start:.1f}")
        held += [row.holds for row in rows if row.holds is not None]
        print("\n".join(lines_of(rows, detail=detail)), flush=True)
    seconds, busy = time.perf_counter() - begun, sum(os.times()[:4])
    print(f"\n{sum(held)} of {len(held)} rows reach their target.")
    print(f"{seconds:.0f} s in all ({busy:.0f} s of work for the processor): {', '.join(taken)}.")
    return all(held)


# Prints the seconds of the modules alone, then with what their functions import. Looking for those is not timed.
_IMPORTS = """
import ast, importlib, json, pkgutil, time
import pandas
start = time.perf_counter()
import highneeds.models as models
found = list(pkgutil.walk_packages(models.__path__, models.__name__ + "."))
loaded = [importlib.import_module(each.name) for each in found]
modules = time.perf_counter() - start
inner = {
    node.module
    for module in loaded
    for function in ast.walk(ast.parse(open(module.__file__, encoding="utf-8").read()))
    if isinstance(function, ast.FunctionDef)
    for node in ast.walk(function)
    if isinstance(node, ast.ImportFrom) and not node.module.startswith("highneeds")
}
start = time.perf_counter()
for name in sorted(inner):
    importlib.import_module(name)
print(json.dumps([modules, modules + time.perf_counter() - start]))
"""


def _of_world(group: str, row: dict, *, near: float) -> Row:
    """A world's own row in this sheet's words. A target is text, a most, or the middle of a band 2 x near wide."""
    target, holds = row["target"], row["holds"]
    if isinstance(target, float):
        banded = row["measure"].startswith("80% width")
        target = f"{target - near:g} to {target + near:g}" if banded else f"at most {target:g}"
    words = str(target or "").replace("<= ", "at most ").replace("75-85", "75 to 85")
    return Row(group, row["measure"], row["value"], words, holds)


def _at_most(group: str, measure: str, value: float, most: float) -> Row:
    return Row(group, measure, value, f"at most {most:g}", bool(value <= most))


def _median_seconds(work: Callable[[], object], runs: int, *, clock: Callable[[], float] = time.perf_counter) -> float:
    taken = []
    for _ in range(runs):
        start = clock()
        work()
        taken.append(clock() - start)
    return statistics.median(taken)


def _output(command: Sequence[str], *, in_part: bool = False) -> str:
    """What a command printed; it must succeed, or (in_part) end with the status that says a target was missed."""
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode not in ((0, 3) if in_part else (0,)):
        sys.exit(f"{' '.join(command[1:])} ended with status {done.returncode}: {done.stderr.strip()[-500:]}")
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
