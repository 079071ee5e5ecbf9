"""From a printed figure to the rows it rests on: formula, figures behind it, file, row and column, told in lines.

Reads a finished report's lists and, for the place in the project, the panel and the authority's tables. Writes nothing.
"""

import csv
import difflib
import gzip
import io
import json
import re
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from highneeds.errors import ParamsError
from highneeds.files import panel_folder
from highneeds.measures.declarations import OWN
from highneeds.report.compare import read_rows

MOST = 20  # figures printed alike that are listed
LONGEST = 150  # lines of a chain
ROWS_TOLD = 6  # rows of a table, where a figure counts several
FORMULA = 400  # characters: the figures of a longer formula follow below it
WIDTH = 100
SERVICE = "https://explore-education-statistics.service.gov.uk/find-statistics/"
PLACES = {  # of publications that anyone can open
    "Education, health and care plans": f"{SERVICE}education-health-and-care-plans",
    "Special educational needs in England": f"{SERVICE}special-educational-needs-in-england",
}
IN_RELEASE = "data/"  # a folder of the release's zip, not of the project
PANEL_KEY = ("area_code", "period", "period_basis", "measure", "breakdown")
NEEDED = {
    *PANEL_KEY,
    *"id section label area printed unit source source_id reference numerator denominator rests_on shown".split(),
}
_SPAN = r"\d+(?: to \d+)?"
_LOCAL = re.compile(rf"(?P<file>[\w./-]+\.csv)(?:, rows?|:) (?P<rows>{_SPAN}(?:, {_SPAN})*)")
_UNSAID = re.compile(
    r"[-−–+£%,\s]|m(?:illion)?$|\[e\]$"
)  # a table has the unit in its heading, a text the sign in a word

Rows = dict[str, tuple[int, dict[str, str]]]


@dataclass
class _Chain:
    """What is needed to follow figures: the report's rows by name, the sources; figures and files told already."""

    home: Path
    rows: Rows
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
    """The chain of a figure, or the figures that are meant where a number is printed for several.

    wanted: a figure's name, its short name in audit.html, the name of a sentence, or a number as it is printed.
    Raises ParamsError where the report has no such figure; it names the nearest.
    """
    rows = listed(folder)
    names = named(folder, rows, wanted) or printed_as(rows, wanted)
    if not names:
        near = difflib.get_close_matches(wanted, rows, n=3, cutoff=0.5)
        hint = f" Nearest: {', '.join(near)}." if near else ""
        raise ParamsError(
            f"'{wanted}': the report has no such figure. Expected a name of figures.csv, of a sentence in claims.csv, "
            f"a short name of audit.html (f1 to f{len(rows)}), or a number as it is printed.{hint}"
        )
    if len(names) > 1 and not named(folder, rows, wanted):
        return list(_choice(folder, rows, names, wanted))
    chain = _Chain(home, rows, {row["source"]: row for row in read_rows(panel_folder(home) / "sources.csv")})
    return _shortened(_chained(chain, names))


def listed(folder: Path) -> Rows:
    """Line and row of each figure of a report, where it stands first; `shown_in` names the sections that print it.

    Raises ParamsError where the folder holds no list of figures, or one of another make.
    """
    rows: Rows = {}
    for at, row in enumerate(read_rows(folder / "figures.csv"), start=2):
        if lost := sorted(name for name in NEEDED if row.get(name) is None):
            raise ParamsError(f"{folder / 'figures.csv'}, row {at}: has no {', '.join(lost)}. Make the report again.")
        held = rows.setdefault(row["id"], (at, row | {"shown_in": ""}))[1]
        if row["shown"]:
            held["shown_in"] += f"{', ' if held['shown_in'] else ''}{row['section'].replace('_', ' ')}"
    if not rows:
        raise ParamsError(f"{folder / 'figures.csv'}: holds no figures. Expected the folder of a finished report.")
    return rows


def named(folder: Path, rows: Rows, wanted: str) -> list[str]:
    """Figures meant by a name: their own, the short one of audit.html, or that of a sentence with them."""
    if wanted in rows:
        return [wanted]
    short = re.fullmatch(r"#?f([1-9]\d{0,8})", wanted)
    if short and int(short[1]) <= len(rows):
        return [list(rows)[int(short[1]) - 1]]
    said = (row["figures"].split("; ") for row in read_rows(folder / "claims.csv") if row["id"] == wanted)
    return [name for name in next(said, []) if name in rows]


def printed_as(rows: Rows, wanted: str) -> list[str]:
    """Figures on the page that are this number, whatever its sign and unit, with commas or without."""
    number = _bare(wanted)
    return [name for name, (_, row) in rows.items() if number and row["shown_in"] and _bare(row["printed"]) == number]


def _bare(printed: str) -> str:
    return _UNSAID.sub("", printed.strip().removesuffix("[e]").rstrip())


def _choice(folder: Path, rows: Rows, names: list[str], wanted: str) -> Iterator[str]:
    """Figures that are printed alike, those of the report's own authority first."""
    own = _authority(folder)
    ordered = sorted(names, key=lambda name: (rows[name][1]["area"] != own, rows[name][1]["printed"] != wanted))
    yield f"{len(names):,} figures read {wanted}, whatever their sign and unit. Ask again with one of these names:"
    for name in ordered[:MOST]:
        row = rows[name][1]
        text = f"{row['printed']}  {_about(row)}, {row['period_basis']}; in {row['shown_in']}"
        yield from textwrap.wrap(text, WIDTH, subsequent_indent="    ", break_long_words=False, break_on_hyphens=False)
        yield f"    {name}"
    if len(names) > MOST:
        yield f"and {len(names) - MOST:,} more, which figures.csv lists (column printed)."


def _authority(folder: Path) -> str:
    try:
        return json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["authority"]
    except (OSError, ValueError, KeyError, TypeError):
        return ""  # the list can be read without its record


def _about(row: dict[str, str]) -> str:
    """What a figure is, in words: label, what its name tells beyond it, part, area, period."""
    known = {"from", "to", "total"}
    for column in ("label", "area", "period", "period_basis", "breakdown", "measure", "unit"):
        known |= set(_words(row[column]))
    tails = [_words(part) for part in row["id"].split(".")[1:] if re.search("[a-z]", part)]
    tail = ", ".join(" ".join(words) for words in tails if not known.issuperset(words))
    tail = re.sub(r"\b(lower|upper)(\d0)\b", r"\1 end of the \2% range", tail)
    part = "" if row["breakdown"] == "Total" else f", {row['breakdown']}"
    return f"{row['label']}{f' ({tail})' if tail else ''}{part}, {row['area']}, {row['period']}"


def _words(text: str) -> list[str]:
    return re.findall("[a-z0-9]+", text.lower())


def _chained(chain: _Chain, names: list[str]) -> Iterator[tuple[str, list[str]]]:
    """Figures and those behind them, each with its lines; without a name where it was told above."""
    waiting = [(name, "") for name in reversed(names)]
    while waiting:
        name, pad = waiting.pop()
        row = chain.rows[name][1]
        if name in chain.told:
            yield "", [f"{pad}{row['printed']}  {_about(row)}: told above"]
            continue
        chain.told.add(name)
        behind = _behind(chain, name, row)
        lines = [f"{row['printed']}  {_about(row)}, {row['period_basis']} ({row['unit']})"]
        lines += [f"  {line}" for line in _told(chain, name, row, behind)]
        yield name, [f"{pad}{line}" for line in lines]
        waiting += [(part, f"{pad}    ") for part in reversed(behind)]


def _shortened(figures: Iterable[tuple[str, list[str]]]) -> list[str]:
    """Lines of whole figures while there is room, then how many figures are left out and how to ask for one."""
    lines: list[str] = []
    left: list[str] = []
    full = False
    for name, told in figures:
        full = full or len(lines) + len(told) >= LONGEST
        if not full:
            lines += told
        elif name:
            left.append(name)
    if left:
        count = f"{len(left):,} figures behind it are" if len(left) > 1 else "1 figure behind it is"
        lines.append(f"{count} left out here. Ask for one by its name in figures.csv: highneeds trace DIR {left[0]}")
    return lines if left or not full else [*lines, "All else that it rests on is told above."]


def _behind(chain: _Chain, name: str, row: dict) -> list[str]:
    """Names of the figures that a computed one rests on: those that the list gives, else those in its formula."""
    if row["source"] != OWN:
        return []
    held = row["rests_on"].split("; ") if row["rests_on"] else re.findall(r"[\w.-]+", row["reference"])
    return [part for part in dict.fromkeys(held) if part in chain.rows and part != name]


def _told(chain: _Chain, name: str, row: dict, behind: list[str]) -> Iterator[str]:
    """Where a figure stands in the report's list, and its formula or its place."""
    yield f"figures.csv, row {chain.rows[name][0]}: {name}"
    if row["source"] != OWN:
        yield from _place(chain, row)
        return
    sides = f" = {row['numerator']} of {row['denominator']}" if row["numerator"] and row["denominator"] else ""
    yield f"computed: {textwrap.shorten(row['reference'], FORMULA, placeholder=' ... (all in figures.csv)')}{sides}"
    rows = list(_local_rows(chain.home, row["reference"]))
    yield from rows
    if not behind and not rows:
        page = re.search(r"docs/[\w-]+\.md", row["reference"])
        way = page[0] if page else "docs/methods.md"
        yield f"no single row: counted over many authorities or rows, or set beforehand; {way} has the way"


def _place(chain: _Chain, row: dict) -> Iterator[str]:
    """File, row and column of a figure that was published or typed in."""
    if not row["source"]:
        yield f"no figure: {row['reference']}"
        return
    source = chain.sources.get(row["source_id"])
    yield f"source: {row['source']}"
    if source is None:
        yield f"place: {row['reference']}"
        yield from _local_rows(chain.home, row["reference"])
        return
    where = re.sub(r"^(row \d+), (\w+)$", r"\1, column \2", row["reference"])
    where += " (the heading is row 1)" if where.startswith("row ") else ""
    of = f"of the release '{source['title']}'" if source["file"].startswith(IN_RELEASE) else f"from '{source['title']}'"
    yield f"file: {source['file']} {of}, {where}; dated {source['dated']}"
    if source["source"] not in chain.opened:
        chain.opened.add(source["source"])
        yield from _file(source)
    if row["reference"].startswith(("row ", "sum of ", "no row of ")):  # others count or describe many rows
        yield from _panel_row(chain, row)


def _file(source: dict) -> Iterator[str]:
    """What is said once of a file: where its release is, or that it is not the publisher's own; note, checksum."""
    made = re.search("DERIVED_|TRANSCRIBED_", source["file"])
    if source["file"].startswith(IN_RELEASE):
        for title, place in PLACES.items():
            if source["title"].startswith(title):
                edition = source["title"].removeprefix(title).lstrip(", ") or f"edition {source['edition']}"
                yield f"the release stands at: {place} (choose {edition}); the file is in its zip"
    elif made or source["note"]:
        way = made[0].rstrip("_").lower() if made else "derived or transcribed"
        yield f"not the publisher's file itself: {way} from it"
    if source["note"]:
        yield f"note on the file: {source['note']}"
    yield f"checksum of that file (SHA-256): {source['sha256']}"


def _panel_row(chain: _Chain, row: dict) -> Iterator[str]:
    """The figure's row in the project's own panel."""
    found = chain.panel.get(tuple(row[name] for name in PANEL_KEY))
    if found is None:
        yield "in the project: the panel has no such row now; it was made anew since"
        return
    yield f"in the project: data/processed/panel/panel.csv.gz, row {found[0]}: value {found[1] or 'none'}"
    yield f"    found by: {', '.join(f'{name} {row[name]}' for name in PANEL_KEY)}"


def _local_rows(home: Path, reference: str) -> Iterator[str]:
    """The row of a table in the authority's folder as it stands there; of several rows, the first cells of some."""
    found = _LOCAL.search(reference)
    if found is None:
        return
    place = home / "data" / "raw" / found["file"]
    spans = (span.partition(" to ") for span in found["rows"].split(", "))
    asked = [line for first, _, last in spans for line in range(int(first), int(last or first) + 1)]
    rows = _cells(place) if place.is_file() else {}
    told = [line for line in asked if line in rows]
    if not told:
        yield f"in the project: data/raw/{found['file']} has no such row now"
    elif len(asked) == 1:
        yield f"in the project: data/raw/{found['file']}, row {told[0]}:"
        yield f"    {'; '.join(rows[told[0]])}"
    else:
        yield f"in the project: data/raw/{found['file']}, {len(asked):,} rows:"
        for line in told[:ROWS_TOLD]:
            yield f"    row {line}: {textwrap.shorten('; '.join(rows[line][:4]), WIDTH, placeholder=' ...')}"
        if len(asked) > ROWS_TOLD:
            yield f"    and {len(asked) - ROWS_TOLD:,} more rows"


def _cells(place: Path) -> dict[int, list[str]]:
    """Cells of a table that are filled, each with its heading, by the row's number."""
    text = place.read_text(encoding="utf-8-sig", errors="replace")
    held = enumerate(csv.DictReader(io.StringIO(text, newline="")), start=2)
    return {at: [f"{head}: {cell}" for head, cell in row.items() if head and cell] for at, row in held}
