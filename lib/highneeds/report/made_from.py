"""What a report is made from, each thing with its checksum; so that nothing is made twice, and why something is.

Notebooks, parameters, inputs, code, packages. No clock, and no path of this machine.
"""

import functools
import hashlib
import json
import platform
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from highneeds import __version__
from highneeds.files import panel_folder
from highneeds.params import EXPLORED
from highneeds.report.frames import SCRUTINY, of_folder
from highneeds.report.notebooks import FILES, notebook_path
from highneeds.sections.local import REGISTER, case_inputs
from highneeds.sources.panel import FILES as PANEL
from highneeds.sources.planning import planning_inputs
from highneeds.views import SAVED_IN

LIBRARY = Path(__file__).resolve().parents[1]
FRONT = ("committee.yml", "forum.yml")  # the front page's own words: no section reads them
NOTEBOOK, SETTING, INPUT, CASES, PACKAGE = "notebook ", "setting ", "input ", "case data ", "package "
VIEW, VIEWS = "view ", f"{SETTING}views"
CODE, REGISTERED = "the suite's own code", "the register of released tables"
SUITE = "highneeds"
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
ENDS = tuple(f"/{name}" for name in FRONT)
NAME = re.compile(r"[A-Za-z0-9._-]+")
FEW_PACKAGES = 3  # named one by one where no more than these changed
FIGURES, RECORD = "figures.csv", "manifest.json"
BEFORE = "the report before it"
FORCED = "--force was given"
NEVER = "it was never made"


def made_from(
    home: Path,
    slug: str,
    *,
    code: str,
    sections: Sequence[str],
    as_at: date | None = None,
    cases: Path | None = None,
    scenario: str = "",
    neighbours: str = "",
    views: Sequence[Path] = (),
    frame: str = SCRUTINY,
) -> dict[str, str]:
    """Everything that a report on an authority follows from, by name; the day as it was asked for.

    slug: the authority's folder of raw data; code: its code; neighbours: codes of those chosen, with commas; views:
    files of saved views: those beside the authority's data count where they are asked for, and nowhere else. The
    register of released tables is told apart, because a report that is published changes it.
    Raises ParamsError where a view is none.
    """
    raw = home / "data" / "raw" / slug
    own = [(f"{INPUT}{slug}/{name}", path) for name, path in case_inputs(raw) if not name.startswith(f"{SAVED_IN}/")]
    given = [(f"{CASES}{name}", path) for name, path in case_inputs(cases)] if cases else []
    given += [(f"{INPUT}{name}", path) for name, path in planning_inputs(raw, cases, scenario)]
    panel = panel_folder(home)
    told = {
        f"{SETTING}authority": code,
        f"{SETTING}as-at": as_at.isoformat() if as_at else "the newest input's",
        f"{SETTING}frame": frame,
        f"{SETTING}scenario": ",".join(Path(name).name for name in scenario.split(",")) or "none",
        f"{SETTING}neighbours": neighbours or "the statistical ones",
        f"{SETTING}sections": ",".join(sections),
        f"{SETTING}python": ".".join(platform.python_version_tuple()[:2]),
        CODE: code_checksum(),
    }
    told |= {f"{PACKAGE}{name}": version for name, version in installed().items()}
    told |= {f"{INPUT}data/processed/panel/{name}": _checksum_once(panel / name) for name in PANEL}
    told |= {f"{NOTEBOOK}{path.name}": _checksum_once(path) for path in (notebook_path(home, n) for n in sections)}
    told |= _views_told(views) if views else {}  # nothing is said where there is none: earlier reports stand
    return dict(sorted((told | {name: checksum(path) for name, path in [*given, *own]}).items()))


def _views_told(paths: Sequence[Path]) -> dict[str, str]:
    """Saved views in their order, each by the checksum of what it asks for."""
    from highneeds.sections.explored.saved import read_saved  # draws charts: slow to load

    saved = read_saved(paths)
    return {VIEWS: ",".join(each.name for each in saved)} | {f"{VIEW}{each.name}": each.sha256 for each in saved}


def section_key(made: Mapping[str, str], section: str, *, number: int, day: date, register: str) -> str:
    """Checksum of all that one section follows from. day: as it was found; register: checksum of the register."""
    other = {f"{NOTEBOOK}{name}" for slug, name in FILES.items() if slug != section}
    other |= {f"{SETTING}sections", f"{SETTING}frame"}
    if section != EXPLORED:
        other |= {name for name in made if name == VIEWS or name.startswith(VIEW)}
    used = {name: said for name, said in made.items() if name not in other and not name.endswith(ENDS)}
    used |= {"number": str(number), f"{SETTING}as-at": day.isoformat(), REGISTERED: register}
    return hashlib.sha256(json.dumps(used, sort_keys=True).encode("utf-8")).hexdigest()


def reasons(old: Mapping[str, str], new: Mapping[str, str]) -> list[str]:
    """Why a report is made again, in words; empty where it follows from the same."""
    lines: list[str] = []
    packages: list[str] = []
    for name in sorted({*old, *new}):
        said = packages if name.startswith(PACKAGE) else lines
        if name not in old:
            said.append(f"{name} is new")
        elif name not in new:
            said.append(f"{name} is gone")
        elif old[name] != new[name]:
            short = name.startswith((SETTING, PACKAGE))
            said.append(f"{name} was {old[name]}, is {new[name]}" if short else f"{name} changed")
    more = len(packages) - FEW_PACKAGES
    return lines + (packages if more <= 0 else [*packages[:FEW_PACKAGES], f"{more:,} more packages changed"])


@dataclass(frozen=True)
class Finished:
    """A report that was made: its folder, name and day; reasons: why it is to be made again, where it is."""

    folder: Path | None = None
    authority: str = ""
    as_at: str = ""
    reasons: tuple[str, ...] = ()

    @property
    def stands(self) -> bool:
        """True where nothing is to be done."""
        return self.folder is not None and not self.reasons

    def because(self, *, force: bool) -> tuple[str, ...]:
        """Why it is to be made; empty where it is left as it is."""
        return (FORCED,) if force and self.stands else self.reasons


def finished(reports: Path, slug: str, wanted: Mapping[str, str]) -> Finished:
    """The report on an authority that follows from what is wanted, whole and undamaged; else why it is to be made.

    Reports of another form are others: they say nothing of this one.
    """
    paths = [path for name in (slug, f"{slug}-invented") for path in sorted(reports.glob(f"{name}/*/manifest.json"))]
    frame = wanted[f"{SETTING}frame"]
    paths = [path for path in paths if not path.parent.name.startswith(".") and of_folder(path.parent.name) == frame]
    found = [_judge(path, wanted) for path in paths]
    # The one that stands; else the nearest: fewest reasons, newest day.
    return min(found, key=lambda each: (len(each.reasons), _backwards(each.as_at)), default=Finished(reasons=(NEVER,)))


def _backwards(day: str) -> list[int]:
    return [-ord(letter) for letter in day]


def _judge(path: Path, wanted: Mapping[str, str]) -> Finished:
    folder = path.parent
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
        told = reasons(held["made_from"], wanted)
        if held["registered"] != register_checksum(folder.parent):
            told.append(f"{REGISTERED} changed")
        if earlier_changed(folder.parent, held.get("earlier") or {}):
            told.append(f"{BEFORE} changed")
        told += [f"last time: {line}" for line in held["faults"]]
        if not told:
            told += _damaged(folder, held["outputs"])
        return Finished(folder, held["authority"], held["parameters"]["as_at"], tuple(told))
    except (OSError, ValueError, KeyError, TypeError):
        return Finished(folder, as_at=folder.name, reasons=("its manifest cannot be read",))


def _damaged(folder: Path, outputs: Iterable[Mapping]) -> list[str]:
    lines = []
    for output in outputs:
        path = folder / output["path"]
        if not path.is_file():
            lines.append(f"{output['path']} is missing")
        elif checksum(path) != output["sha256"]:
            lines.append(f"{output['path']} was changed after it was made")
    return lines


def earlier_report(reports: Path, name: str) -> dict[str, str]:
    """Newest undamaged report of the same form before that of a folder; empty where there is none.

    Its day, its folder and the checksum of its figures.
    """
    frame = of_folder(name)
    for path in sorted(reports.glob(f"*/{RECORD}"), reverse=True):
        folder = path.parent
        day = DAY.match(folder.name)
        if day is None or of_folder(folder.name) != frame or folder.name >= name:
            continue
        try:
            listed = {each["path"]: each["sha256"] for each in json.loads(path.read_text(encoding="utf-8"))["outputs"]}
            found = checksum(folder / FIGURES)
        except (OSError, ValueError, KeyError, TypeError):
            continue
        if found == listed.get(FIGURES):
            return {"as_at": day[0], "folder": folder.name, "sha256": found}
    return {}


def earlier_changed(reports: Path, held: Mapping[str, str]) -> bool:
    """True where the report before, beside which a report was made, has other figures now.

    One that came since, or went, changes nothing in what stands.
    """
    path = reports / held["folder"] / FIGURES if held else None
    return path is not None and path.is_file() and checksum(path) != held["sha256"]


def register_checksum(reports: Path) -> str:
    """Checksum of the register beside an authority's reports; empty where there is none."""
    path = reports / REGISTER
    return checksum(path) if path.is_file() else ""


def text_checksum(content: bytes) -> str:
    """SHA-256 of what a file will hold."""
    return hashlib.sha256(content).hexdigest()


def checksum(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _checksum_once(path: Path) -> str:
    """Checksum of a file that all reports of a run share: read again only where it was written since."""
    if not path.is_file():
        return "missing"
    held = path.stat()
    return _shared_checksum(path, held.st_mtime_ns, held.st_size)


@functools.lru_cache(maxsize=256)
def _shared_checksum(path: Path, changed: int, size: int) -> str:
    return checksum(path)


@functools.cache
def code_checksum() -> str:
    """Checksum of the suite's own code, templates and looks."""
    digest = hashlib.sha256(__version__.encode())
    for path in sorted(LIBRARY.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            digest.update(path.relative_to(LIBRARY).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


@functools.cache
def installed() -> dict[str, str]:
    """Version of every package that the suite needs, and of those that these need in turn."""
    versions: dict[str, str] = {}
    wanted = [SUITE]
    while wanted:
        name = re.sub(r"[-_.]+", "-", wanted.pop()).lower()
        if name in versions:
            continue
        try:
            found = distribution(name)
        except PackageNotFoundError:  # wanted on another system, or by an option that is not installed
            continue
        versions[name] = found.version
        wanted += [NAME.match(need)[0] for need in found.requires or [] if "extra ==" not in need]  # type: ignore[index]
    return dict(sorted(versions.items()))
