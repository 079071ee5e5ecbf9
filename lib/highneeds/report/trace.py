"""From a printed figure to the rows it rests on: formula, figures behind it, file, row and column, told in lines.

Reads a finished report's lists and, for the place in the project, the panel and the authority's tables. Writes nothing.
"""

import csv
import difflib
import gzip
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from highneeds.errors import ParamsError
from highneeds.files import panel_folder
from highneeds.measures.declarations import OWN
from highneeds.report.compare import read_rows

DEEPEST = 8  # computed from computed from ...: no chain is longer
MOST = 20
SERVICE = "https://explore-education-statistics.service.gov.uk/find-statistics/"
PLACES = {  # of publications that anyone can open
    "Education, health and care plans": f"{SERVICE}education-health-and-care-plans",
    "Special educational needs in England": f"{SERVICE}special-educational-needs-in-england",
}
PANEL_KEY = ("area_code", "period", "period_basis", "measure", "breakdown")
_LOCAL = re.compile(r"(?P<file>[\w./-]+\.(?:csv|yml)), rows? (?P<row>\d+)")


@dataclass
class _Chain:
    """What is needed to follow figures: the report's rows by name, the sources; figures and files told already."""

    home: Path
    rows: dict[str, tuple[int, dict]]
    sources: dict[str, dict]
    told: set[str] = field(default_factory=set)
    opened: set[str] = field(default_factory=set)

    @cached_property
    def panel(self) -> dict[tuple[str, ...], tuple[int, str]]:
        """Row and value of each figure of the panel; read once, because a pooled figure rests on many."""
        with gzip.open(panel_folder(self.home) / "panel.csv.gz", "rt", encoding="utf-8", newline="") as file:
            rows = csv.reader(file)
            heads = next(rows)
            key, value = [heads.index(name) for name in PANEL_KEY], heads.index("value")
            return {tuple(row[at] for at in key): (line, row[value]) for line, row in enumerate(rows, start=2)}


def trace_lines(home: Path, folder: Path, wanted: str) -> list[str]:
    """The chain of a figure: by its name, by the sentence it stands in, or as it is printed.

    Raises ParamsError where the report has no such figure; it names the nearest.
    """
    listed = read_rows(folder / "figures.csv")
    rows: dict[str, tuple[int, dict]] = {}
    for at, row in enumerate(listed, start=2):
        rows.setdefault(row["id"], (at, row))
    if not rows:
        raise ParamsError(f"{folder / 'figures.csv'}: holds no figures. Expected the folder of a finished report.")
    names = _named(folder, rows, wanted)
    if len(names) > 1 and not _is_claim(folder, wanted):
        return [f"{len(names):,} figures are printed as {wanted}. Ask again with one of these names:", *names[:MOST]]
    chain = _Chain(home, rows, {row["source"]: row for row in read_rows(panel_folder(home) / "sources.csv")})
    return [line for name in names for line in _told(chain, name, 0)]


def _named(folder: Path, rows: dict, wanted: str) -> list[str]:
    """Names of the figures that are meant."""
    if wanted in rows:
        return [wanted]
    said = [row["figures"].split("; ") for row in read_rows(folder / "claims.csv") if row["id"] == wanted]
    if said:
        return [name for name in said[0] if name]
    printed = [name for name, (_, row) in rows.items() if row["printed"] == wanted and row["shown"] == "yes"]
    if not printed:
        near = difflib.get_close_matches(wanted, rows, n=3, cutoff=0.5)
        hint = f" Nearest: {', '.join(near)}." if near else ""
        raise ParamsError(
            f"'{wanted}': the report has no such figure. Expected a name of figures.csv, of a sentence in claims.csv, "
            f"or a number as it is printed.{hint}"
        )
    return printed


def _is_claim(folder: Path, wanted: str) -> bool:
    return any(row["id"] == wanted for row in read_rows(folder / "claims.csv"))


def _told(chain: _Chain, name: str, depth: int) -> Iterator[str]:
    """A figure, what it is computed from, and where that stood."""
    at, row = chain.rows[name]
    pad = "    " * depth
    part = "" if row["breakdown"] == "Total" else f", {row['breakdown']}"
    when = f"{row['period']}, {row['period_basis']}"
    yield f"{pad}{row['printed']}  {row['label']}{part}, {row['area']}, {when} ({row['unit']})"
    if name in chain.told:
        yield f"{pad}  {name}: see above"
        return
    chain.told.add(name)
    yield f"{pad}  figures.csv, row {at}: {name}"
    if row["source"] != OWN:
        yield from (f"{pad}  {line}" for line in _place(chain, row))
        return
    sides = f" = {row['numerator']} of {row['denominator']}" if row["numerator"] and row["denominator"] else ""
    yield f"{pad}  computed: {row['reference']}{sides}"
    if depth < DEEPEST:
        for part in _behind(chain, name, row):
            yield from _told(chain, part, depth + 1)


def _behind(chain: _Chain, name: str, row: dict) -> list[str]:
    """Names of the figures that a figure rests on: those that the list gives, else those in its formula."""
    listed = row["rests_on"].split("; ") if row["rests_on"] else re.findall(r"[\w.-]+", row["reference"])
    return [part for part in dict.fromkeys(listed) if part in chain.rows and part != name]


def _place(chain: _Chain, row: dict) -> Iterator[str]:
    """File, row and column of a figure that was published or typed in."""
    if not row["source"]:
        yield f"no figure: {row['reference']}"
        return
    source = chain.sources.get(row["source_id"])
    yield f"source: {row['source']}"
    if source is None:
        yield f"place: {row['reference']}"
        yield from _local_row(chain.home, row["reference"])
        return
    yield f"released file: {source['file']}, {row['reference']} (the heading is row 1); dated {source['dated']}"
    if source["source"] not in chain.opened:
        chain.opened.add(source["source"])
        yield from (f"to be had at: {place}" for title, place in PLACES.items() if source["title"].startswith(title))
        yield f"checksum of that file (SHA-256): {source['sha256']}"
    if row["reference"].startswith(("row ", "rows ", "sum of ")):  # others count or describe many rows
        yield from _panel_row(chain, row)


def _panel_row(chain: _Chain, row: dict) -> Iterator[str]:
    """The figure's row in the project's own panel."""
    found = chain.panel.get(tuple(row[name] for name in PANEL_KEY))
    if found is None:
        yield "in the project: the panel has no such row now; it was made anew since"
        return
    yield f"in the project: data/processed/panel/panel.csv.gz, row {found[0]}: value {found[1] or 'none'}"
    yield f"    found by: {', '.join(f'{name} {row[name]}' for name in PANEL_KEY)}"


def _local_row(home: Path, reference: str) -> Iterator[str]:
    """The row of a table in the authority's folder, as it stands there."""
    found = _LOCAL.search(reference)
    path = home / "data" / "raw" / found["file"] if found else None
    if path is None or not path.is_file() or path.suffix != ".csv":
        return
    rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")))
    at = int(found["row"]) - 2  # type: ignore[index]
    if 0 <= at < len(rows):
        yield f"in the project: data/raw/{found['file']}, row {found['row']}:"  # type: ignore[index]
        yield "    " + "; ".join(f"{name}: {cell}" for name, cell in rows[at].items() if name and cell)
