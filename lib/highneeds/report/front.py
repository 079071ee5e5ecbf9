"""The front of a report: our defaults, with what the authority's own committee.yml says over them, for each form."""

import difflib
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import yaml

from highneeds import periods
from highneeds.errors import SourceError
from highneeds.report.frames import FRAMES, SCRUTINY

ASSETS = Path(__file__).resolve().parents[1] / "assets"
COMMITTEE = "committee.yml"
SPARED = ("From", "Subject")  # the one stands on the full report, the other in the title
FRONT = (
    "subject", "from", "to", "meeting_date", "classification", "contact", "recommendations", "introduction"
)  # fmt: skip


def read_front(folder: Path, frame: str = SCRUTINY) -> dict:
    """Front matter of one form: what is said of the form counts before what is said of all, the authority's own first.

    Raises SourceError with every fault of the authority's committee.yml, whatever the form.
    """
    house = yaml.safe_load((ASSETS / COMMITTEE).read_text(encoding="utf-8"))
    own = _own(folder / COMMITTEE)
    return _plain(house) | _plain(own) | house.get(frame, {}) | (own.get(frame) or {})


def front_rows(front: Mapping, as_at: date, *, short: bool = False) -> list[tuple[str, str]]:
    """Lines of the table at the head of the report. short: without those that a single page can spare."""
    meeting = front["meeting_date"]
    rows = [
        ("To", front["to"]),
        ("From", front["from"]),
        ("Meeting date", periods.day_in_words(meeting) if isinstance(meeting, date) else str(meeting)),
        ("Subject", front["subject"]),
        ("Classification", front["classification"]),
        ("Contact", front["contact"]),
        ("Figures as at", periods.day_in_words(as_at)),
    ]
    return [row for row in rows if not (short and row[0] in SPARED)]


def _plain(given: Mapping) -> dict:
    return {name: value for name, value in given.items() if name not in FRAMES}


def _own(path: Path) -> dict:
    """What the authority's file says; empty where there is none."""
    if not path.is_file():
        return {}
    where = f"{path.parent.name}/{path.name}"
    try:
        given = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except yaml.YAMLError as fault:
        raise SourceError(
            f"{where}: cannot be read as YAML ({str(fault).splitlines()[0]}). Compare it with the example."
        ) from fault
    if not isinstance(given, dict):
        raise SourceError(
            f"{where}: found a list or a line of text. Expected lines 'name: value' with {', '.join(FRONT)}."
        )
    faults = _faults(_plain(given), where, (*FRONT, *FRAMES))
    for frame in FRAMES:
        block = given.get(frame)
        if block is None:
            continue
        if isinstance(block, dict):
            faults += _faults(block, f"{where}, {frame}", FRONT)
        else:
            faults.append(f"{where}: {frame} is not followed by lines 'name: value', set in by two spaces.")
    if faults:
        raise SourceError(faults)
    return given


def _faults(given: Mapping, where: str, known: tuple[str, ...]) -> list[str]:
    faults = []
    for name in given:
        if name not in known:
            near = difflib.get_close_matches(str(name), known, n=1)
            hint = f" Did you mean '{near[0]}'?" if near else ""
            faults.append(f"{where}: '{name}' is not known. Expected one of {', '.join(known)}.{hint}")
    wanted = given.get("recommendations")
    if "recommendations" in given and not (
        isinstance(wanted, list) and wanted and all(isinstance(item, str) for item in wanted)
    ):
        faults.append(f"{where}: recommendations are not a list of sentences. Expected lines that start with '- '.")
    return faults
