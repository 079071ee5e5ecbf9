"""Invented planning files beside invented cases: capacity, costs, budget, savings, scenarios, option files.

Owns copying the examples of `assets/planning` and bringing places and budget to the size of the invented authority.
Every row says that it is invented.
"""

import csv
import io
import shutil
from pathlib import Path

ASSETS = Path(__file__).resolve().parents[1] / "assets" / "planning"
FOLDER = "planning"
SIZE = 4_000  # requests a year of the authority that the examples are made for
SCALED = {
    "capacity.csv": ("places_now", "places_planned", "filled"),
    "budget.csv": ("amount_gbp",),
    "savings.csv": ("full_year_gbp",),
}


def write_planning(out: Path, *, requests_a_year: int) -> list[Path]:
    """Write the planning folder into a folder; gives the paths written. Same arguments, same bytes."""
    target = out / FOLDER
    shutil.copytree(ASSETS, target)
    for name, columns in SCALED.items():
        path = target / name
        path.write_text(_scaled(path.read_text(encoding="utf-8"), columns, requests_a_year / SIZE), encoding="utf-8")
    return sorted(path for path in target.rglob("*") if path.is_file())


def _scaled(text: str, columns: tuple[str, ...], factor: float) -> str:
    """A table with some columns brought to size, in whole numbers; blanks stay blank."""
    rows = list(csv.DictReader(io.StringIO(text)))
    for row in rows:
        row.update({name: str(round(float(row[name]) * factor)) for name in columns if row[name]})
    made = io.StringIO()
    writer = csv.DictWriter(made, rows[0], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return made.getvalue()
