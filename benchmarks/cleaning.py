"""A million requests: read, cleaned, checked with every rule and measured, beside a script that only reads and parses.

    python benchmarks/cleaning.py [REQUESTS] [--layout five_csv|blade_csv]

Prints seconds, rows a second and peak memory of both sides, each in a process of its own, and their ratio.
The cases are invented (highneeds demo); writing them is not timed.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

DAY = date(2025, 3, 18)
A_YEAR_OF_KENT = 39_274  # requests in the whole history of an authority with 4,000 requests a year


def plain(folder: Path) -> dict:
    """What any analyst would write: read each file with pandas and parse its dates."""
    import pandas as pd

    rows = 0
    for path in sorted(folder.glob("*.csv")):
        frame = pd.read_csv(path, dtype=str, encoding="utf-8-sig")
        for name in frame.columns:
            if (
                "date" in name.lower()
                or name.startswith("Dob")
                or name in ("reviewmeeting", "lastreview", "reviewdraft")
            ):
                frame[name] = pd.to_datetime(
                    frame[name], format="mixed" if name == "datetime" else None, errors="coerce"
                )
        rows += len(frame)
    return {"rows": rows}


def ours(folder: Path) -> dict:
    """Everything: read, join, clean, 48 rules, all measures."""
    from highneeds.clean.cases import clean_cases
    from highneeds.clean.places import read_lookup
    from highneeds.clean.rules import Context, check
    from highneeds.measures.dry_run import dry_run
    from highneeds.measures.journeys import journeys
    from highneeds.measures.local_caseload import annual_reviews, caseload, ceased, new_plans
    from highneeds.measures.local_requests import requests_by
    from highneeds.measures.local_timeliness import (
        cohorts,
        cumulative_incidence,
        due_month,
        open_cases,
        published_20_week,
        waits,
    )
    from highneeds.sources.case_files import read_cases
    from highneeds.sources.gias import read_gias
    from highneeds.sources.text_tables import read_csv_text

    steps, start = {}, time.perf_counter()

    def done(step: str) -> None:
        steps[step] = time.perf_counter() - start - sum(steps.values())

    lookup = read_lookup(read_csv_text(folder.parent / "postcodes.csv"), "postcodes.csv")
    gias = read_gias(folder.parent / "gias.csv")
    returns = read_cases(folder)
    done("read")
    cases = clean_cases(returns, lookup=lookup, extract_date=DAY)
    done("clean")
    found = check(Context(cases=cases, returns=returns, gias=gias, la_postcodes=True))
    done("48 rules")
    paths = journeys(cases, at=DAY)
    tables = [
        requests_by(paths, by=["month", "area"], at=DAY),
        published_20_week(paths, by="month", at=DAY),
        due_month(paths, DAY),
        cohorts(paths, DAY),
        cumulative_incidence(paths, DAY),
        open_cases(paths, DAY),
        waits(paths, at=DAY),
        caseload(cases, DAY, establishments=gias),
        new_plans(cases, at=DAY),
        ceased(cases, at=DAY),
        annual_reviews(cases, DAY),
        dry_run(cases, "2024"),
    ]
    done("measures")
    assert len(found) == 48 and all(len(table) for table in tables)
    assert (cases.counts["rows_in"] == cases.counts["used"] + cases.counts["quarantined"]).all()
    return {"rows": int(cases.counts["rows_in"].sum()), "steps": steps}


def run_apart(side: str, folder: Path) -> dict:
    """One side in a process of its own: seconds from start to end, peak memory, rows."""
    start = time.perf_counter()
    made = subprocess.run(
        [sys.executable, __file__, "--side", side, str(folder)], capture_output=True, text=True, check=False
    )
    if made.returncode:
        sys.exit(made.stderr)
    return json.loads(made.stdout) | {"seconds": time.perf_counter() - start}


def main() -> None:
    """Both sides, one after the other, and the ratio."""
    given = argparse.ArgumentParser()
    given.add_argument("requests", nargs="?", type=int, default=1_000_000)
    given.add_argument("--layout", default="blade_csv", choices=["blade_csv", "five_csv"])
    given.add_argument("--side", nargs=2, metavar=("SIDE", "FOLDER"))
    asked = given.parse_args()
    if asked.side:
        import resource

        made = {"plain": plain, "ours": ours}[asked.side[0]](Path(asked.side[1]))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        print(json.dumps(made | {"peak_gb": peak}))
        return
    from highneeds.demo.write import write_demo

    with tempfile.TemporaryDirectory(prefix="highneeds-") as place:
        out = Path(place) / "demo"
        size = max(round(4_000 * asked.requests / A_YEAR_OF_KENT), 20)
        write_demo(out, layouts=[asked.layout], requests_a_year=size, as_at=DAY, seed=1, la_code="999")
        folder = out / asked.layout
        megabytes = sum(path.stat().st_size for path in folder.glob("*.csv")) / 2**20
        sides = {side: run_apart(side, folder) for side in ("plain", "ours", "plain", "ours")}
    print(f"{asked.layout}: {sides['ours']['rows']:,} rows in {megabytes:,.0f} MB (about {asked.requests:,} requests)")
    for side, words in (("plain", "pandas reads and parses dates"), ("ours", "read, clean, 48 rules, measures")):
        made = sides[side]
        rate = made["rows"] / made["seconds"]
        print(f"  {words:<34}{made['seconds']:6.1f} s  {rate:10,.0f} rows/s  {made['peak_gb']:5.2f} GB")
    for step, seconds in sides["ours"]["steps"].items():
        print(f"    {step:<32}{seconds:6.1f} s")
    print(f"  ratio {sides['ours']['seconds'] / sides['plain']['seconds']:.2f} (aim: at most 2; 4 GB)")


if __name__ == "__main__":
    main()
