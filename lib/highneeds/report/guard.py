"""The last door before publication: nothing about a child leaves, and nothing small follows from older reports.

Every file of a finished report is searched for what the case data say of children; every count table is held
against the register of tables released before. Either stops the publication; the register grows when it passes.
"""

import functools
import json
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from highneeds import periods
from highneeds.disclosure.known import Vocabulary, known_of, vocabulary
from highneeds.disclosure.register import as_text, with_release
from highneeds.disclosure.scan import scan_file
from highneeds.errors import DisclosureError
from highneeds.sections.local import LocalAt, read_register

LIBRARY = Path(__file__).resolve().parents[1]
COPIES = ".ipynb_checkpoints"  # Jupyter's copies of notebooks that were saved
SAID = {".py", ".yml", ".j2", ".css", ".js", ".md", ".ipynb"}
MOST_FAULTS = 20


def refuse_blocked(local: LocalAt) -> None:
    """Raises DisclosureError where the report's tables and earlier ones together give small counts away."""
    blocks = local.shown.blocks
    if blocks:
        lines = [block.says for block in blocks[:MOST_FAULTS]]
        if len(blocks) > MOST_FAULTS:
            lines.append(f"... and {len(blocks) - MOST_FAULTS} more of the same.")
        raise DisclosureError(
            [
                *lines,
                "Nothing was published. Write 'method: round' into disclosure.yml beside the case data, or wait for "
                "more months.",
            ]
        )


def refuse_personal(folder: Path, local: LocalAt, *, home: Path, texts: Iterable[str], days: Iterable[date]) -> None:
    """Raises DisclosureError where any file in a folder holds an identifier, a name or a birth date of the case data.

    texts: words that may stand although they are surnames (places, titles of sources, the committee's own words).
    days: dates that a report may print although a child was born on one.
    """
    known = known_of(local.cases.persons, own_ids=_own_ids(local))
    words = _words(home, [*texts, local.local.source, *_areas(local)])
    allowed = {*days, *periods.SURVEY_DAYS.values(), local.day, local.cases.extract_date}
    faults = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        for hit in scan_file(
            path.relative_to(folder).as_posix(), path.read_bytes(), known, allowed_dates=allowed, allowed_words=words
        ):
            faults.append(hit.says)
    if faults:
        more = [f"... and {len(faults) - MOST_FAULTS} more."] if len(faults) > MOST_FAULTS else []
        raise DisclosureError(
            [*faults[:MOST_FAULTS], *more, "Nothing was published; the report before this one stands."]
        )


def registered(local: LocalAt, register: Path) -> bytes:
    """The register beside the authority's reports with what this report releases."""
    return as_text(with_release(read_register(register), local.shown.cells)).encode("utf-8")


def _own_ids(local: LocalAt) -> list[str]:
    """The authority's own ids of children and requests, where the input's ids are its own."""
    frames = [raw.modules[name] for raw in local.local.returns if raw.stable_ids for name in ("person", "requests")]
    columns = [frame[name] for frame in frames for name in ("person_id", "request_id") if name in frame]
    return [text for column in columns for text in column.dropna().unique()]


def _areas(local: LocalAt) -> list[str]:
    requests = local.cases.requests
    return [str(area) for area in requests["area"].dropna().unique()] if "area" in requests else []


def _words(home: Path, texts: Iterable[str]) -> Vocabulary:
    return vocabulary([*_own_texts(home), *texts])


@functools.cache
def _own_texts(home: Path) -> tuple[str, ...]:
    """What the project itself says: its sentences, templates and notebooks hold no case data."""
    places = [LIBRARY, home / "notebooks"]
    paths = sorted(path for place in places for path in place.rglob("*") if path.suffix in SAID or path.suffix == "")
    return tuple(_written(path) + "\n" for path in paths if path.is_file() and COPIES not in path.parts)


def _written(path: Path) -> str:
    """Text of a file; of a notebook its cells alone, since what an analyst saved beneath them may be case data."""
    text = path.read_text(encoding="utf-8", errors="ignore")
    if path.suffix != ".ipynb":
        return text
    try:
        return "\n".join("".join(cell["source"]) for cell in json.loads(text)["cells"])
    except (ValueError, KeyError, TypeError):  # no notebook: it says nothing
        return ""
