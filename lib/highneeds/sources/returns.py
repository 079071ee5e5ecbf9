"""What the readers of case data share: headings to fields, what a return says of itself, and the whole return.

Each reader finds its records; here they become the frames of `cases.RawReturn`.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from highneeds.cases import PLACE, RawReturn, SourceFile
from highneeds.errors import SourceError
from highneeds.fields import FIELDS, MODULES, PERSON, REQUESTS, of_module, plain_heading

FIRST_YEAR = 2023  # before it the return was one row of totals an authority
MAX_ROWS_NAMED = 5
IDS = ["person_id", "request_id"]
INVENTED_CODE = "invented"
INVENTED_NAME = "Invented "
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = (
    re.compile(r"(?P<y>\d{4})-(?P<m>\d{1,2}|[a-z]{3})-(?P<d>\d{1,2})(?!\d)", re.IGNORECASE),
    re.compile(r"(?P<d>\d{1,2})/(?P<m>\d{1,2})/(?P<y>\d{4})(?!\d)"),
)
# Parts of a header record, by every heading that the layouts give them.
HEADER = {
    "year": "year",
    "referencedate": "date",
    "reference date": "date",
    "lea": "la",
    "la number": "la",
    "softwarecode": "software",
    "software code": "software",
}


@dataclass(frozen=True)
class Stamp:
    """What a return says of itself."""

    year: int | None = None
    day: date | None = None
    la_code: str = ""
    invented: bool = False


def source_file(path: Path) -> SourceFile:
    """Name, checksum and size of a file."""
    with path.open("rb") as file:
        return SourceFile(path.name, hashlib.file_digest(file, "sha256").hexdigest(), path.stat().st_size)


def rows_text(rows: Iterable[int]) -> str:
    """`row 3` or `rows 3, 8 and 12 more`, for messages."""
    found = sorted(set(rows))
    named = ", ".join(f"{row:,}" for row in found[:MAX_ROWS_NAMED])
    more = f" and {len(found) - MAX_ROWS_NAMED:,} more" if len(found) > MAX_ROWS_NAMED else ""
    return f"row{'s' if len(found) > 1 else ''} {named}{more}"


def xml_names(module: str) -> dict[str, str]:
    """Lower-case XML name, and its other spellings, to field, for a module."""
    fields = of_module(module)
    return {name: field.name for field in fields for name in (field.element.lower(), *field.aliases)}


def template_names(module: str) -> dict[str, str]:
    """Plain heading of the Excel template to field, for a module."""
    return {plain_heading(text): field.name for field in of_module(module) for text in field.template}


def five_names(module: str) -> dict[str, str]:
    """Plain heading of the five-CSV set to field, for a module."""
    return {plain_heading(text): field.name for field in of_module(module) for text in field.five}


# Headings that may stand in a message: any other may be a cell of a file without a header.
KNOWN_HEADINGS = frozenset(
    {name for module in MODULES for names in (xml_names, template_names, five_names) for name in names(module)}
    | {field.name for field in FIELDS}
    | {f"{module}tableid" for module in MODULES}
    | {*HEADER, "person id", "requests record id", "request records id", "unique id", "record type", "la"}
)


def heading_text(headings: list[str], position: int) -> str:
    """Column for a message: by name where we know the name, else by number."""
    text = headings[position]
    return f"'{text}'" if plain_heading(text) in KNOWN_HEADINGS else f"number {position + 1}"


def pick(frame: pd.DataFrame, names: Mapping[str, str], where: str) -> pd.DataFrame:
    """Columns of a frame that `names` (plain heading to our name) knows, renamed; `row` kept, others left out.

    Raises SourceError where two columns give one field.
    """
    headings = [str(column) for column in frame.columns]
    found: dict[str, list[int]] = {}
    for position, heading in enumerate(headings):
        name = names.get(plain_heading(heading)) if heading != "row" else None
        if name:
            found.setdefault(name, []).append(position)
    faults = [
        f"{where}: columns {', '.join(heading_text(headings, at) for at in places)} give the same thing ({name}). "
        "Expected one. Remove or rename the others."
        for name, places in found.items()
        if len(places) > 1
    ]
    if faults:
        raise SourceError(faults)
    taken = {name: frame.iloc[:, places[0]] for name, places in found.items()}
    return pd.DataFrame({**taken, "row": frame["row"]}, index=frame.index)


def need(frame: pd.DataFrame, headings: Mapping[str, str], where: str) -> None:
    """Raise SourceError where a column that joins the records is not there; headings: our name to the file's."""
    lacking = [f"'{heading}'" for name, heading in headings.items() if name not in frame]
    if lacking:
        raise SourceError(
            f"{where}: no column {' and no column '.join(lacking)}. Expected it, to join the records. "
            "Export the table again with all its columns."
        )


def one_each(tables: Mapping[Path, str], kinds: Mapping[str, str]) -> tuple[dict[str, Path], list[str]]:
    """File of each kind, in the order of `kinds` (kind to its words), and a fault for each kind that comes twice."""
    found = {kind: sorted(path for path, held in tables.items() if held == kind) for kind in kinds}
    faults = [
        f"{' and '.join(path.name for path in found[kind])}: all hold {words}. Expected one file. Remove the others."
        for kind, words in kinds.items()
        if len(found[kind]) > 1
    ]
    return {kind: paths[0] for kind, paths in found.items() if paths}, faults


def placed(frame: pd.DataFrame, *, file: str, sheet: str = "") -> pd.DataFrame:
    """Frame with ids first, then its fields, then the place each record was read from."""
    one = np.zeros(len(frame), dtype="int8")
    frame = frame.assign(file=pd.Categorical.from_codes(one, [file]), sheet=pd.Categorical.from_codes(one, [sheet]))
    ids = [name for name in IDS if name in frame]
    return frame[[*ids, *frame.columns.difference([*ids, *PLACE], sort=False), *PLACE]].reset_index(drop=True)


def read_together(read: Callable[[str, Path], pd.DataFrame], paths: Mapping[str, Path]) -> dict[str, pd.DataFrame]:
    """Tables of one return by name, two files at a time. Raises SourceError, the faults of all files in order."""
    frames, faults = {}, []
    with ThreadPoolExecutor(max_workers=2) as pool:
        jobs = {name: pool.submit(read, name, path) for name, path in paths.items()}
    for name, job in jobs.items():
        try:
            frames[name] = job.result()
        except SourceError as fault:
            faults += fault.faults
    if faults:
        raise SourceError(faults)
    return frames


def looked_up(wanted: pd.Series, keys: pd.Series, values: pd.Series) -> pd.Series:
    """Value of each wanted key (text; keys are distinct), missing where there is none; hashed by Arrow, for speed."""
    at = pc.index_in(pa.array(wanted, pa.large_string()), value_set=pa.array(keys, pa.large_string()))
    return pd.Series(pa.array(values, pa.large_string()).take(at), index=wanted.index, dtype="str")


def tidy_ids(ids: pd.Series) -> pd.Series:
    """Ids without the `.0` that a spreadsheet adds to whole numbers."""
    return ids.str.removesuffix(".0") if ids.str.endswith(".0").any() else ids


def stamp(said: Mapping[str, Iterable[str]], where: str) -> Stamp:
    """What a header says; `said` maps year, date, la and software to the different texts found.

    Raises SourceError where it gives two years, two authorities, or a year and a date that disagree.
    """
    faults: list[str] = []
    year = _year(_only(said, "year", "years", "the years in files of their own", where, faults), where, faults)
    day = _day(_only(said, "date", "reference dates", "each return in a file of its own", where, faults), where, faults)
    la_code = _la(
        _only(said, "la", "authorities", "each authority's return in a file of its own", where, faults), where, faults
    )
    if year and day and day.year != year:
        faults.append(
            f"{where}: the header says year {year} but reference date {day}. Expected a day in January {year}. "
            "Correct the header, or export the return again."
        )
    if faults:
        raise SourceError(faults)
    software = {text.casefold() for text in said.get("software", ())}
    return Stamp(year or (day.year if day else None), day, la_code, software == {INVENTED_CODE})


def _only(said: Mapping[str, Iterable[str]], key: str, plural: str, put: str, where: str, faults: list[str]) -> str:
    texts = sorted({text.strip() for text in said.get(key, ()) if text and text.strip()})
    if len(texts) > 1:
        faults.append(f"{where}: {len(texts)} different {plural} in one return. Expected one. Put {put}.")
        return ""
    return texts[0] if texts else ""


def _year(text: str, where: str, faults: list[str]) -> int | None:
    if not text:
        return None
    if re.fullmatch(r"20[2-9]\d", text) and int(text) >= FIRST_YEAR:
        return int(text)
    faults.append(
        f"{where}: the header's year is no year from {FIRST_YEAR} on. Expected, for example, 2025. Correct it."
    )
    return None


def _la(text: str, where: str, faults: list[str]) -> str:
    if text and not re.fullmatch(r"\d{3}", text):
        faults.append(f"{where}: the header's LA number is not three digits. Expected, for example, 886. Correct it.")
        return ""
    return text


def _day(text: str, where: str, faults: list[str]) -> date | None:
    for pattern in _DAYS:
        found = pattern.match(text)
        month = found["m"].lower() if found else ""
        number = _MONTHS.index(month) + 1 if month in _MONTHS else int(month) if month.isdigit() else 0
        if found and 1 <= number <= 12:
            try:
                return date(int(found["y"]), number, int(found["d"]))
            except ValueError:
                break
    if text:
        faults.append(
            f"{where}: the header's reference date is no date. Expected, for example, 2025-01-16. Correct it."
        )
    return None


def whole_return(
    layout: str, files: Iterable[SourceFile], modules: Mapping[str, pd.DataFrame], said: Stamp, *, stable_ids: bool
) -> RawReturn:
    """The return: orphans lose their request id, and what is held follows from the columns."""
    joined = _without_orphans(dict(modules))
    return RawReturn(
        layout=layout,
        files=tuple(files),
        modules=joined,
        held=frozenset((m, name) for m, frame in joined.items() for name in frame.columns.difference([*IDS, *PLACE])),
        year=said.year,
        extract_date=said.day,
        la_code=said.la_code,
        stable_ids=stable_ids,
        invented=said.invented or _all_start(joined.get(PERSON), "surname", INVENTED_NAME),
    )


def _without_orphans(modules: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    requests = modules[REQUESTS]
    modules[REQUESTS] = requests.assign(person_id=_where_known(requests["person_id"], modules[PERSON]["person_id"]))
    for module, frame in modules.items():
        if module in MODULES and module not in (PERSON, REQUESTS):
            modules[module] = frame.assign(request_id=_where_known(frame["request_id"], requests["request_id"]))
    return modules


def _where_known(ids: pd.Series, known: pd.Series) -> pd.Series:
    # Arrow hashes text where it lies; pandas would make an object of every id.
    there = pc.is_in(pa.array(ids), value_set=pa.array(known), skip_nulls=True)
    return ids.where(there.to_numpy(zero_copy_only=False))


def _all_start(frame: pd.DataFrame | None, column: str, words: str) -> bool:
    if frame is None or column not in frame:
        return False
    texts = frame[column].dropna()
    return len(texts) > 0 and bool(texts.str.startswith(words).all())
