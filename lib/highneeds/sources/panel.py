"""The panel of published figures: one row an area, period, measure and breakdown, on disk and in memory."""

import io
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from highneeds.errors import SourceError
from highneeds.files import restore, whole_folder
from highneeds.schemas import VALUES, check_values

# Rows that are alike stand together: the file is a quarter smaller, and an authority's figures differ in few places.
ORDER = ["measure", "breakdown", "period", "area_code", "period_basis"]
TYPES = {column: float if column == "value" else str for column in VALUES}
FILES = ("panel.csv.gz", "areas.csv", "neighbours.csv", "sources.csv")


@dataclass(frozen=True)
class Panel:
    """Published figures and what they rest on.

    values: one row an area, period, measure and breakdown (schemas.VALUES).
    areas: England, regions and authorities (clean.areas.COLUMNS).
    neighbours: la_code, rank, neighbour_la_code, closeness.
    sources: source, title, publisher, edition, dated, file, sha256, note.
    """

    values: pd.DataFrame
    areas: pd.DataFrame
    neighbours: pd.DataFrame
    sources: pd.DataFrame


def read_panel(folder: Path) -> Panel:
    """Panel from its folder. Raises SourceError where a file is missing or damaged."""
    restore(folder)
    missing = [name for name in FILES if not (folder / name).is_file()]
    if missing:
        raise SourceError(
            f"{folder}: {', '.join(missing)} missing. Restore the folder, or build it: "
            "highneeds import FOLDER --recipe data/processed/recipe.yml"
        )
    try:
        values = pd.read_csv(folder / FILES[0], dtype=TYPES, keep_default_na=False, na_values={"value": [""]})
        text = {name: pd.read_csv(folder / name, dtype=str, keep_default_na=False) for name in FILES[1:]}
    except (OSError, EOFError, ValueError, KeyError) as fault:
        raise SourceError(
            f"{folder}: cannot be read ({type(fault).__name__}). Restore the folder, or build it "
            "again: highneeds import FOLDER --recipe data/processed/recipe.yml"
        ) from fault
    return Panel(values, text["areas.csv"], text["neighbours.csv"], text["sources.csv"])


def read_areas(folder: Path) -> pd.DataFrame:
    """The panel's areas alone: what a run needs to know before it starts. Raises SourceError where they are missing."""
    restore(folder)
    try:
        return pd.read_csv(folder / FILES[1], dtype=str, keep_default_na=False)
    except (OSError, ValueError):
        read_panel(folder)  # says what is wrong, and what to do
        raise


def write_panel(panel: Panel, folder: Path) -> None:
    """All four files together, or none; the same panel gives the same bytes."""
    values = check_values(panel.values.sort_values(ORDER, ignore_index=True), "panel")
    with whole_folder(folder) as filling:
        values.to_csv(
            filling / FILES[0],
            index=False,
            float_format="%.15g",
            lineterminator="\n",
            compression={"method": "gzip", "compresslevel": 9, "mtime": 0},
        )
        for name, table in zip(FILES[1:], (panel.areas, panel.neighbours, panel.sources), strict=True):
            _write_csv(table, filling / name)


def _write_csv(table: pd.DataFrame, path: Path) -> None:
    text = io.StringIO()
    table.to_csv(text, index=False, lineterminator="\n")
    path.write_bytes(text.getvalue().encode("utf-8"))
