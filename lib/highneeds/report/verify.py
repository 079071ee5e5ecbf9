"""A finished report held against its manifest, its inputs, and itself made again; all that does not hold, in words.

Owns the order of the checks. What differs between two builds is told by `compare`. Nothing is written into the report:
it is made again in a folder of its own, which goes when the comparison is done.
"""

import json
import shutil
import tempfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from highneeds.errors import HighneedsError, ParamsError
from highneeds.figures import slug
from highneeds.report import compare, moved
from highneeds.report.made_from import (
    CASES,
    CODE,
    NOTEBOOK,
    PACKAGE,
    REGISTERED,
    SETTING,
    checksum,
    made_from,
    reasons,
    register_checksum,
)
from highneeds.report.manifest import Manifest
from highneeds.report.notebooks import LIMITS, Limits
from highneeds.report.page_text import parse, without_source
from highneeds.report.run import make_report
from highneeds.report.saved_views import VIEWS
from highneeds.sections.local import REGISTER
from highneeds.sources.planning import planning_folder, scenario_paths

RECORD = "manifest.json"
NEWEST, NONE = "the newest input's", "none"
BY_CODE = (NOTEBOOK, PACKAGE, CODE, f"{SETTING}python")


@dataclass(frozen=True)
class Verdict:
    """What was found. faults: what does not hold; notes: what is good to know; counts: what was looked at."""

    folder: Path
    faults: tuple[str, ...]
    notes: tuple[str, ...] = ()
    counts: str = ""

    @property
    def holds(self) -> bool:
        """True where everything holds."""
        return not self.faults


def verify(
    home: Path, folder: Path, *, quick: bool = False, cases: Path | None = None, scenario: str = "", limits=LIMITS
) -> Verdict:
    """Whether a finished report is what its manifest says, follows from its inputs, and comes out again.

    quick: files and inputs alone, nothing is made again. cases, scenario: where the report's case data and scenarios
    are now, where it was made with some at a place of their own.
    Raises ParamsError where the folder is no report.
    """
    held = _read(folder)
    if isinstance(held, str):
        return Verdict(folder, (held,))
    faults = [*_own_seal(held), *_files(folder, held), *_page(folder)]
    asked = _Asked(home, folder, held, cases.resolve() if cases else None, scenario)
    changed, notes, can_run = _inputs(asked)
    faults += changed
    if not quick and can_run:
        found, more = _again(asked, limits, same_code=not notes)
        faults, notes = [*faults, *found], [*notes, *more]
    elif not quick:
        notes.append("The report was not made again: see above.")
    return Verdict(
        folder, tuple(dict.fromkeys(faults)), tuple(notes), _counts(folder, held, again=can_run and not quick)
    )


def _read(folder: Path) -> Manifest | str:
    path = folder / RECORD
    if not path.is_file():
        raise ParamsError(f"{path}: nothing is there. Expected the folder of a finished report.")
    try:
        return Manifest.model_validate_json(path.read_bytes())
    except (ValidationError, ValueError) as fault:
        first = fault.errors()[0] if isinstance(fault, ValidationError) else {"loc": (), "msg": str(fault)}
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        return f"{RECORD}: cannot be read as a manifest ({where}: {first['msg'].lower()}). Make the report again."


def _own_seal(held: Manifest) -> list[str]:
    if not held.digest:
        return [f"{RECORD}: carries no checksum of itself, as those made before this check. Make the report again."]
    return [] if held.digest == held.sealed().digest else [f"{RECORD}: was changed after it was made."]


def _files(folder: Path, held: Manifest) -> list[str]:
    """Files changed, missing, or there without being listed."""
    listed = {record.path: record.sha256 for record in held.outputs}
    lines = [f"{RECORD}: lists a file twice." for _ in range(len(held.outputs) != len(listed))]
    for name, expected in listed.items():
        path = folder / name
        if Path(name).is_absolute() or ".." in Path(name).parts:
            lines.append(f"{RECORD}: lists {name}, which is not in the report.")
        elif not path.is_file():
            lines.append(f"{name}: is missing.")
        elif checksum(path) != expected:
            lines.append(f"{name}: was changed after it was made (its checksum is not the manifest's).")
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file() or path.is_symlink()}
    return lines + [f"{name}: is not listed in the manifest." for name in sorted(found - {*listed, RECORD})]


def _page(folder: Path) -> list[str]:
    """Sentences without a source, and figures of the page that the list does not hold so."""
    if not ((folder / "report.html").is_file() and (folder / "figures.csv").is_file()):
        return []  # told as missing
    loose = without_source(parse((folder / "report.html").read_bytes()))
    said = [f"report.html: '{text[:200]}' has {', '.join(numbers)} without a source." for text, numbers in loose]
    return said + compare.page_against_list(folder)


@dataclass(frozen=True)
class _Asked:
    """What is verified, and where its private inputs are now."""

    home: Path
    folder: Path
    held: Manifest
    cases: Path | None
    scenario: str

    @property
    def day(self) -> date | None:
        """Day that the report was asked for; None where it followed from the inputs."""
        said = self.held.made_from.get(f"{SETTING}as-at", NEWEST)
        return None if said == NEWEST else date.fromisoformat(said)

    @property
    def choices(self) -> dict[str, Any]:
        """Form, neighbours and views that were asked for; the views as the report itself has them."""
        held = self.held.parameters
        views = [self.folder / VIEWS / Path(name).name for name in held.get("views", [])]
        return {"frame": str(held["frame"]), "neighbours": ",".join(held["neighbours"]), "views": views}

    @property
    def scenarios(self) -> str:
        """Scenarios by the names under which they can be found now: those given, else those of the record."""
        said = self.held.made_from.get(f"{SETTING}scenario", NONE)
        if self.scenario or said == NONE:
            return self.scenario
        folder = planning_folder(self.home / "data" / "raw" / slug(self.held.authority), self.cases)
        stems = [Path(name).stem for name in said.split(",")]
        found = scenario_paths(folder, ",".join(stems), [])
        return ",".join(stems if len(found) == len(stems) else said.split(","))


def _inputs(asked: _Asked) -> tuple[list[str], list[str], bool]:
    """Inputs that changed; what else differs from the day it was made; and whether it can be made again."""
    held, was = asked.held, dict(asked.held.made_from)
    apart = sorted(name.removeprefix(CASES) for name in was if name.startswith(CASES))
    if apart and asked.cases is None:
        line = f"The report was made with case data at a place of their own ({', '.join(apart[:3])}). "
        return [line + "Say where they are now with --cases PATH."], [], False
    try:
        now = made_from(
            asked.home,
            slug(held.authority),
            code=str(held.parameters["authority"]),
            sections=held.parameters["sections"],
            as_at=asked.day,
            cases=asked.cases,
            scenario=asked.scenarios,
            **asked.choices,
        )
    except (HighneedsError, KeyError, ValueError) as fault:
        return [f"{RECORD}: its parameters cannot be used ({fault})."], [], False
    was.pop(f"{SETTING}scenario", None), now.pop(f"{SETTING}scenario", None)  # files are compared, not their names
    lines = reasons(was, now)
    by_code = [line for line in lines if line.startswith(BY_CODE) or "more packages changed" in line]
    notes = [f"Made by other code: {'; '.join(by_code)}. Figures are compared all the same."] if by_code else []
    if held.registered != register_checksum(asked.folder.parent):
        notes.append(f"{REGISTERED.capitalize()} beside the report is not as it was: later reports add to it.")
    faults = [f"Input changed: {line}." for line in lines if line not in by_code]
    return [*faults, *moved.changed(asked.folder, held.earlier)], notes, True


def _again(asked: _Asked, limits: Limits, *, same_code: bool) -> tuple[list[str], list[str]]:
    """Make the report again in a folder of its own, and say what differs."""
    held = asked.held
    with tempfile.TemporaryDirectory(prefix="highneeds-verify-", ignore_cleanup_errors=True) as place:
        beside = Path(place) / (slug(held.authority) + ("-invented" if held.invented else ""))
        _lay_out(asked, beside)
        try:
            made = make_report(
                asked.home,
                str(held.parameters["authority"]),
                as_at=date.fromisoformat(str(held.parameters["as_at"])),
                sections=held.parameters["sections"],
                cases=asked.cases,
                scenario=asked.scenarios,
                **asked.choices,
                out=Path(place),
                limits=limits,
            )
        except HighneedsError as fault:
            return [f"Made again, it stops: {line}" for line in fault.faults], []
        engine = json.loads((made.folder / RECORD).read_text(encoding="utf-8"))["pdf_engine"]
        notes = []
        if engine != held.pdf_engine:
            names = (held.pdf_engine or "no program", engine or "no program")
            notes.append("The PDF was made by {}, here by {}: its bytes are not compared.".format(*names))
        stopped = [f"Made again: {fault.says}" for fault in made.faults if fault.says not in held.faults]
        alike = same_code and engine == held.pdf_engine
        return stopped + compare.differences(asked.folder, made.folder, same_code=alike), notes


def _lay_out(asked: _Asked, beside: Path) -> None:
    """What stood beside the report when it was made: the register of released tables, and the report before it."""
    beside.mkdir()
    register = asked.folder.parent / REGISTER
    if register.is_file():
        shutil.copyfile(register, beside / REGISTER)
    moved.copy_earlier(asked.folder, beside, asked.held.earlier)


def _counts(folder: Path, held: Manifest, *, again: bool) -> str:
    figures, claims = (len(compare.read_rows(folder / name)) for name in compare.LISTS)
    inputs = sum(not name.startswith((*BY_CODE, SETTING)) for name in held.made_from)
    ways = "made again" if again else "not made again"
    return f"{len(held.outputs):,} files, {inputs:,} inputs, {figures:,} figures, {claims:,} sentences; {ways}"
