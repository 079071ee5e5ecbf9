"""Seconds and sizes of a report, as a user meets them. Not a test.

    .venv/bin/python benchmarks/report.py Kent Rutland

Each report is made three times in a process of its own (the median counts), then its PDF alone once more.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from highneeds.report.pdf import write_pdf

RUNS = 3


def seconds_of(command: list[str]) -> float:
    """Wall seconds of a command that must succeed."""
    start = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - start


def main(authorities: list[str]) -> None:
    """Print one line an authority."""
    print(f"{'authority':<24}{'report s':>10}{'spread':>14}{'pdf s':>8}{'html kB':>9}{'audit kB':>10}{'pdf kB':>8}")
    for authority in authorities:
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, "-m", "highneeds.cli", "report", authority, "--out", folder]
            taken = [seconds_of(command) for _ in range(RUNS)]
            [made] = [path.parent for path in Path(folder).glob("*/*/report.html")]
            start = time.perf_counter()
            write_pdf(made / "report.html", made / "again.pdf")
            rendered = time.perf_counter() - start
            sizes = [(made / name).stat().st_size / 1024 for name in ("report.html", "audit.html", "report.pdf")]
        spread = f"{min(taken):.1f} to {max(taken):.1f}"
        print(
            f"{authority:<24}{statistics.median(taken):>10.1f}{spread:>14}{rendered:>8.1f}"
            f"{sizes[0]:>9.0f}{sizes[1]:>10.0f}{sizes[2]:>8.0f}"
        )


if __name__ == "__main__":
    main(sys.argv[1:] or ["Kent"])
