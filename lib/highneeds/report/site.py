"""The index of all reports: static files, one page, a search box, and what moved since the report before."""

import base64
import hashlib
import json
from collections import Counter
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from highneeds import __version__, periods, terms
from highneeds.errors import SourceError
from highneeds.files import write_whole
from highneeds.report.frames import FRAMES, SCRUTINY
from highneeds.report.render import ASSETS, KEYS_OF_A_SECTION, MOST_KEYS, environment

FILES = {
    "report.html": "report (web page)",
    "report.pdf": "report (PDF)",
    "audit.html": "audit build",
    "data/tables.xlsx": "tables (Excel)",
    "data/tables.ods": "tables (OpenDocument)",
    "figures.csv": "figures (CSV)",
}


@dataclass(frozen=True)
class Entry:
    """One report as the index shows it."""

    authority: str
    as_at: date
    folder: str
    headlines: list[dict]
    changed: list[str]
    faults: list[str]
    invented: bool
    links: list[tuple[str, str, str]]
    frame: str = SCRUTINY

    @property
    def day(self) -> str:
        """Day of the report in words."""
        return periods.day_in_words(self.as_at)

    @property
    def form(self) -> str:
        """Form of the report in words."""
        return FRAMES[self.frame].words if self.frame in FRAMES else self.frame

    @property
    def keys(self) -> list[dict]:
        """Headline figures that stand on the report's own first page."""
        seen: Counter[str] = Counter()
        kept = []
        for key in self.headlines:
            seen[key["section"]] += 1
            if seen[key["section"]] <= KEYS_OF_A_SECTION:
                kept.append(key)
        return kept[:MOST_KEYS]


def read_entries(reports: Path) -> tuple[list[Entry], list[str]]:
    """Finished reports below a folder, by authority, newest first; and a line for each that is damaged."""
    entries, faults = [], []
    for path in sorted(reports.glob("*/*/manifest.json")):
        if path.parent.name.startswith("."):
            continue  # a report that another run is making, or left when it was killed
        try:
            manifest = json.loads(path.read_text(encoding="utf-8"))
            entries.append(_entry(path.parent, reports, manifest))
        except (OSError, ValueError, KeyError, TypeError) as fault:
            faults.append(
                f"{path.relative_to(reports)}: is no manifest that can be read ({type(fault).__name__}). "
                "The report is left out of the index; make it again."
            )
    return sorted(entries, key=lambda entry: (entry.authority, -entry.as_at.toordinal())), faults


def _entry(folder: Path, reports: Path, manifest: dict) -> Entry:
    place = folder.relative_to(reports).as_posix()
    held = {name: words for name, words in FILES.items() if (folder / name).is_file()}
    return Entry(
        authority=manifest["authority"] + (" (invented data)" if manifest.get("invented") else ""),
        as_at=date.fromisoformat(manifest["parameters"]["as_at"]),
        folder=place,
        headlines=list(manifest["headlines"]),
        changed=list(manifest["changed"]),
        faults=list(manifest["faults"]),
        invented=bool(manifest.get("invented", False)),
        frame=manifest["parameters"].get("frame", SCRUTINY),
        links=[(f"{place}/{name}", words, _size(folder / name)) for name, words in held.items()],
    )


def _size(path: Path) -> str:
    size = path.stat().st_size
    return f"{size / 2**20:.1f} MB" if size >= 2**20 else f"{max(1, round(size / 1024)):,} kB"


def moved(new: Entry, old: Entry) -> list[str]:
    """Headline figures that two reports on one authority print differently: revised ones, then newer ones."""
    before = {key["label"]: key for key in old.headlines}
    revised, newer = [], []
    for key in new.headlines:
        was = before.get(key["label"])
        if was is None or (was["value"], was["when"]) == (key["value"], key["when"]):
            continue
        if was["when"] == key["when"]:
            revised.append(f"{key['label']} {key['when']}: was {was['value']}, now {key['value']} (revised)")
        else:
            newer.append(f"{key['label']}: {was['value']} {was['when']}, now {key['value']} {key['when']}")
    return revised + newer


def _shown(name: str, held: list[Entry]) -> tuple[str, Entry, list[Entry], list[str], list[Entry]]:
    """An authority's newest report, earlier ones of the same form, what moved between them, and its other forms."""
    first = next((entry for entry in held if entry.frame == SCRUTINY), held[0])
    old = [entry for entry in held if entry.frame == first.frame and entry is not first]
    others = [entry for entry in held if entry.frame != first.frame]
    return name, first, old, moved(first, old[0]) if old else [], others


def write_site(reports: Path) -> tuple[Path, int, list[str]]:
    """Write reports/index.html; its path, the number of reports, and the faults met.

    Raises SourceError where there is no finished report.
    """
    entries, faults = read_entries(reports)
    if not entries:
        empty = f"{reports}: holds no finished report. Make one first: highneeds report AUTHORITY"
        raise SourceError([*faults, empty])
    groups: dict[str, list[Entry]] = {}
    for entry in entries:
        groups.setdefault(entry.authority, []).append(entry)
    script = (ASSETS / "site.js").read_text(encoding="utf-8")
    checksum = hashlib.sha256(script.encode("utf-8")).digest()
    page = environment().get_template("site.html.j2")
    text = page.render(
        groups=[_shown(name, held) for name, held in groups.items()],
        version=__version__,
        attribution=terms.ATTRIBUTION,
        style=(ASSETS / "report.css").read_text(encoding="utf-8"),
        script=script,
        script_hash=base64.b64encode(checksum).decode("ascii"),
    )
    write_whole(reports / "index.html", text.encode("utf-8"))
    return reports / "index.html", len(entries), faults
