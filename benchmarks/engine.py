"""Speed of many reports beside the plain way, and how it grows. Not a test.

    .venv/bin/python benchmarks/engine.py                 # everything but the 153 (about 25 minutes on two cores)
    .venv/bin/python benchmarks/engine.py plain marginal  # some parts
    .venv/bin/python benchmarks/engine.py all             # 153 authorities, twice: the second finds nothing to do

plain:    ten authorities, all sections: papermill and nbconvert for each notebook (HTML alone), against
          `highneeds report` (HTML twice, PDF, sheets), in turns. The plain loop also two notebooks at a time.
cold:     one report from a shell, medians of three.
marginal: 1, 2, 4, 8 and 16 authorities: a straight line through them, and the memory of all processes together.
cluster:  32 authorities on a scheduler with two workers against threads here, in turns.
Each command is a process of its own, as a user starts it.
"""

import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
AUTHORITIES = (
    "Kent", "Rutland", "Devon", "Leeds", "Essex", "Barnet", "Derby", "Surrey", "Wirral", "Bury", "York", "Medway",
    "Luton", "Dudley", "Bolton", "Croydon", "Ealing", "Enfield", "Hackney", "Harrow", "Havering", "Islington",
    "Lambeth", "Merton", "Newham", "Oldham", "Reading", "Salford", "Slough", "Sutton", "Torbay", "Walsall",
)  # fmt: skip
SIZES = (1, 2, 4, 8, 16)
SAMPLE_SECONDS = 0.5
# As at a user's: compiled code is kept.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def seconds_of(command: list[str]) -> float:
    """Wall seconds of a command that must succeed."""
    start = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, env=ENVIRONMENT, cwd=ROOT, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command)}\n{done.stdout[-800:]}{done.stderr[-800:]}")
    return time.perf_counter() - start


def ours(names: tuple[str, ...], out: Path, *more: str) -> list[str]:
    """The command that makes these reports anew."""
    return [str(BIN / "highneeds"), "report", *names, "--force", "--out", str(out), *more]


def plain_notebook(authority: str, notebook: Path, folder: Path) -> None:
    """The plain way with one notebook: run it, convert it."""
    executed = folder / f"{authority}-{notebook.name}"
    seconds_of(
        [str(BIN / "papermill"), "--no-progress-bar", str(notebook), str(executed), "-p", "authority", authority]
    )
    seconds_of([str(BIN / "jupyter"), "nbconvert", "--to", "html", "--no-input", str(executed)])


def plain(names: tuple[str, ...], folder: Path, *, at_once: int = 1) -> float:
    """Seconds of the plain loop over authorities and notebooks."""
    work = [(name, notebook, folder) for name in names for notebook in NOTEBOOKS]
    start = time.perf_counter()
    with ThreadPoolExecutor(at_once) as pool:
        list(pool.map(lambda given: plain_notebook(*given), work))
    return time.perf_counter() - start


def spread(values: list[float]) -> str:
    """`36.1 (35.0 to 37.9)`."""
    return f"{statistics.median(values):.1f} ({min(values):.1f} to {max(values):.1f})"


def show_plain(folder: Path) -> None:
    """Ours against the plain loop, in turns."""
    ten = AUTHORITIES[:10]
    taken, rounds = [], []
    for part in (ten[:4], ten[4:7], ten[7:]):
        taken.append(seconds_of(ours(ten, folder / "ours")))
        rounds.append(plain(part, folder))
    two_at_once = plain(ten[:4], folder, at_once=2) * len(ten) / 4
    total, median = sum(rounds), statistics.median(taken)
    print(f"plain loop, ten authorities x {len(NOTEBOOKS)} notebooks, HTML alone   {total:8.1f} s")
    print(f"the same, two notebooks at a time (four authorities, scaled)   {two_at_once:8.1f} s")
    print(f"highneeds report, the same ten with PDF and sheets       {spread(taken):>22} s")
    print(f"ratio plain / ours {total / median:.1f}; two at a time / ours {two_at_once / median:.1f}")


def show_cold(folder: Path) -> None:
    """One report from a shell."""
    taken = [seconds_of(ours((name,), folder / "cold")) for name in ("Rutland", "Kent", "Rutland")]
    print(f"first report from a cold shell                           {spread(taken):>22} s")


def watched(command: list[str]) -> tuple[float, float]:
    """Seconds of a command, and the most memory that all its processes held (MB; what is shared counts once)."""
    start, most = time.perf_counter(), 0.0
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=ENVIRONMENT, cwd=ROOT, text=True
    )
    while process.poll() is None:
        most = max(most, memory_of(process.pid))
        time.sleep(SAMPLE_SECONDS)
    if process.returncode:
        sys.exit(f"{' '.join(command)}\n{process.stderr.read()[-800:]}")  # type: ignore[union-attr]
    return time.perf_counter() - start, most


def memory_of(pid: int) -> float:
    """Proportional memory of a process and its descendants, MB."""
    total = 0
    try:
        family = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    except psutil.NoSuchProcess:
        return 0.0
    for each in family:
        try:
            total += each.memory_full_info().pss
        except (psutil.NoSuchProcess, psutil.AccessDenied, ProcessLookupError):
            continue
    return total / 2**20


def show_marginal(folder: Path) -> None:
    """Seconds and memory by number of authorities, and the line through the seconds."""
    print(f"{'authorities':<12}{'seconds':>9}{'memory MB':>11}   (two reports at a time)")
    taken = []
    for size in SIZES:
        seconds, memory = watched(ours(AUTHORITIES[:size], folder / "marginal", "--jobs", "2"))
        taken.append(seconds)
        print(f"{size:<12}{seconds:>9.1f}{memory:>11.0f}")
    slope, start = statistics.linear_regression(SIZES[1:], taken[1:])
    fit = statistics.correlation(SIZES[1:], taken[1:]) ** 2
    print(f"each further authority {slope:.2f} s, start {start:.1f} s (line from two on; r squared {fit:.4f})")


def show_all(folder: Path) -> None:
    """All authorities, and once more with nothing to do."""
    command = [str(BIN / "highneeds"), "report", "--all", "--jobs", "2", "--out", str(folder / "all")]
    first, memory = watched(command)
    made = len(list((folder / "all").glob("[a-z]*/*/report.pdf")))
    again = seconds_of(command)
    print(f"all: {made} reports in {first:.1f} s ({first / made:.2f} s each), {memory:.0f} MB; again {again:.2f} s")


def show_cluster(folder: Path) -> None:
    """Two workers here against threads here, in turns."""
    address = "tcp://127.0.0.1:18786"
    start = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "18786"]
    work = [sys.executable, "-m", "distributed.cli.dask_worker", address, "--nthreads", "1", "--nworkers", "2"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "env": ENVIRONMENT, "start_new_session": True}
    places = [[*start, "--no-dashboard"], [*work, "--no-dashboard", "--local-directory", str(folder / "dask")]]
    processes = [subprocess.Popen(command, **quiet) for command in places]  # type: ignore[call-overload]
    try:
        time.sleep(15)
        threads, cluster = [], []
        for turn in (threads, cluster, cluster, threads):  # so that a machine that drifts favours neither
            where = ("--jobs", "2") if turn is threads else ("--scheduler", address)
            turn.append(seconds_of(ours(AUTHORITIES, folder / "cluster", *where)))
    finally:
        for process in processes:
            os.killpg(process.pid, signal.SIGKILL)
    print(f"32 authorities, threads here {spread(threads)} s, two workers {spread(cluster)} s")
    pairs = [100 * (b / a - 1) for a, b in zip(threads, cluster, strict=True)]
    told = ", ".join(f"{each:+.1f}" for each in pairs)
    print(f"the cluster takes {statistics.mean(pairs):+.1f}% ({told}; the first starts both workers' servers)")


PARTS = {"plain": show_plain, "cold": show_cold, "marginal": show_marginal, "cluster": show_cluster, "all": show_all}


def main(chosen: list[str]) -> None:
    """Print the parts that were asked for."""
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before")
    for name in chosen or ["plain", "cold", "marginal", "cluster"]:
        folder = Path(tempfile.mkdtemp(prefix="highneeds-engine-"))
        try:
            PARTS[name](folder)
        finally:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main(sys.argv[1:])
