"""Files of saved views, read together and held against the report that is to show them.

Owns what of a view is the report's to say: its authority, day, cases and neighbours; scenarios the view names, and the
report must have them. What a view itself may say belongs to `highneeds.views`.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd
import yaml

from highneeds import params
from highneeds.errors import HighneedsError, ParamsError
from highneeds.figures import slug
from highneeds.views import View, read_view

ENDINGS = (".yml", ".yaml")
MOST = 12  # views of a report: more would be a book of its own
OF_THE_REPORT = tuple(name for name in params.Params.model_fields if name != "scenario")
ANY = "any"  # authority of a view that leaves it out


@dataclass(frozen=True)
class Saved:
    """One view, by the name of its file; its scenarios by their names alone."""

    name: str
    view: View

    @property
    def id(self) -> str:
        """What its sentences and its chart are called on the page, in whatever order views are shown."""
        return slug(Path(self.name).stem)

    @property
    def content(self) -> bytes:
        """The view's file without what the report says: the same bytes wherever and however it was saved."""
        held = self.view.model_dump(exclude={*OF_THE_REPORT})
        return yaml.safe_dump(held, sort_keys=False, width=10_000).encode()

    @property
    def sha256(self) -> str:
        """Checksum of what it asks for."""
        return hashlib.sha256(self.content).hexdigest()

    def on(self, authority: str, as_at: date) -> View:
        """The view in one report: of its authority, as at its day; the rest that a report says is the page's."""
        said = {"authority": authority, "as_at": as_at, "cases": "", "neighbours": ""}
        return self.view.model_copy(update=said)


def read_saved(paths: Sequence[Path]) -> tuple[Saved, ...]:
    """Views in the order given. Raises ParamsError with every fault of every file."""
    faults = [f"views: found {len(paths)}. Expected at most {MOST}. Give fewer."] if len(paths) > MOST else []
    found = [made for path in paths if (made := _attempt(path, faults)) is not None]
    faults += _alike(found)
    if faults:
        raise ParamsError(faults)
    return tuple(found)


def _attempt(path: Path, faults: list[str]) -> Saved | None:
    """One view; what is wrong with its file is added to the faults."""
    if path.suffix.lower() not in ENDINGS:
        faults.append(f"{path.name}: is no YAML file. Expected a view that the explorer saved, *.yml. Give that.")
        return None
    if not slug(path.stem):
        faults.append(f"{path.name}: its name has neither a letter from a to z nor a digit. Expected some. Rename it.")
        return None
    try:
        view = read_view(path, authority=ANY, as_at=params.EARLIEST)
        return Saved(path.name, view.model_copy(update={"scenario": ",".join(_stems(view.scenario))}))
    except HighneedsError as fault:
        faults += fault.faults
        return None


def _alike(found: Sequence[Saved]) -> list[str]:
    """Views that could not be told apart on the page, or would be drawn twice."""
    ids: dict[str, str] = {}
    contents: dict[bytes, str] = {}
    faults = []
    for each in found:
        if each.id in ids:
            faults.append(
                f"{each.name}: is called as {ids[each.id]}. Expected another name. Give it once, or rename one."
            )
        elif each.content in contents:
            faults.append(
                f"{each.name}: asks for the same as {contents[each.content]}. Expected each view once. Leave one out."
            )
        ids.setdefault(each.id, each.name), contents.setdefault(each.content, each.name)
    return faults


def check_saved(saved: Sequence[Saved], areas: pd.DataFrame, rows: Sequence[Mapping], given: Mapping[str, str]) -> None:
    """Raise ParamsError where a view says of its report what is not so; all faults of all views together.

    areas: the panel's. rows: those of the authorities that are reported on. given: cases (file or folder), scenario
    (names or files) and neighbours (area codes) of the report, each with commas; empty for none.
    """
    faults = []
    for each in saved:
        faults += _authority(each, areas, rows)
        faults += _choice(each, "neighbours", given["neighbours"], lambda said: _codes(areas, said))
        faults += _choice(each, "scenario", given["scenario"], lambda said: set(_stems(said)))
        faults += _choice(each, "cases", given["cases"], lambda said: {Path(said).resolve()})
    if faults:
        raise ParamsError(faults)


def _authority(each: Saved, areas: pd.DataFrame, rows: Sequence[Mapping]) -> list[str]:
    """A view is of its own authority, or of whichever the report is about."""
    said = each.view.authority
    if said == ANY:
        return []
    try:
        code = params.find_authority(areas, said)["area_code"]
    except ParamsError as fault:
        return [f"{each.name}: {line}" for line in fault.faults]
    others = [row["area_name"] for row in rows if row["area_code"] != code]
    if not others:
        return []
    more = f" and {len(others) - 1:,} more" if len(others) > 1 else ""
    return [
        f"{each.name}: parameter 'authority': found '{said}'. Expected {others[0]}{more}, whom the report is about. "
        f"Take it out of the file, so that the view is of any authority, or report on {said} alone."
    ]


def _choice(each: Saved, name: str, given: str, read) -> list[str]:
    """What a view says of neighbours, scenario or cases is what the report has, or nothing."""
    said = getattr(each.view, name)
    try:
        if not said or (given and read(said) == read(given)):
            return []
    except ParamsError as fault:
        return [f"{each.name}: {line}" for line in fault.faults]
    return [
        f"{each.name}: parameter '{name}': found '{said}'. Expected what the report has, {given or 'none chosen'}. "
        f"Take it out of the file, or give the report --{name} '{said}'."
    ]


def _stems(said: str) -> list[str]:
    """Scenarios by their names, whether named or given as files."""
    return [Path(name.strip()).stem for name in said.split(",") if name.strip()]


def _codes(areas: pd.DataFrame, said: str) -> set[str]:
    """Area codes of authorities named."""
    return set(params.find_neighbours(areas, said, authority=pd.Series({"area_code": ""})))
