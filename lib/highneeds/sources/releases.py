"""Open what a user has: a release zip, a folder of its CSVs, or the folder a recipe describes.

Owns safe opening (sizes, names, encodings) and recognising each CSV by its header.
What the cells mean belongs to the layouts.
"""

import csv
import hashlib
import io
import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd
import yaml

from highneeds.errors import SourceError
from highneeds.sources import context, ehc_plans, sen_in_england
from highneeds.sources.rows import Layout

LAYOUTS: tuple[Layout, ...] = (
    *ehc_plans.LAYOUTS,
    *sen_in_england.LAYOUTS,
    *context.LAYOUTS,
    context.NEIGHBOURS,
    context.CODES,
)

MAX_ARCHIVE = 500 * 2**20
MAX_UNPACKED = 2 * 2**30
MAX_MEMBERS = 2_000
MAX_RATIO = 200
MAX_ROWS_NAMED = 5

# What a zip that is cut off or damaged can raise, wherever the damage lies.
UNREADABLE = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, RuntimeError, OSError, EOFError, ValueError)


@dataclass(frozen=True)
class RawFile:
    """One CSV as found: its name within the release, its bytes and what is known of the release."""

    name: str
    content: bytes
    title: str
    dated: str
    note: str = ""
    publisher: str = "Department for Education"

    @property
    def sha256(self) -> str:
        """Checksum of the file's bytes."""
        return hashlib.sha256(self.content).hexdigest()


def open_release(path: Path) -> list[RawFile]:
    """CSV files of a release zip or a folder (zips inside it included). Raises SourceError."""
    if not path.exists():
        raise SourceError(f"{path}: nothing is there. Give a DfE release zip, or the folder of its CSVs.")
    if path.is_dir():
        files = [file for inner in sorted(path.rglob("*")) if inner.is_file() for file in _open_one(inner, base=path)]
    else:
        files = list(_open_one(path, base=path.parent))
    if not files:
        raise SourceError(f"{path}: holds no CSV file. Give a DfE release zip, or the folder of its CSVs.")
    return files


def open_recipe(folder: Path, recipe: Path) -> list[RawFile]:
    """The files that a recipe names, with the titles and dates that the files do not carry."""
    try:
        entries = yaml.safe_load(recipe.read_text(encoding="utf-8"))["files"]
    except (OSError, yaml.YAMLError, KeyError, TypeError) as fault:
        raise SourceError(
            f"{recipe}: cannot be read as a recipe ({type(fault).__name__}). "
            "Expected a list named 'files'; see data/processed/recipe.yml."
        ) from fault
    faults, files = [], []
    for entry in entries:
        path = folder / entry["file"]
        if not path.is_file():
            faults.append(f"{path}: named in {recipe.name} but not there. Add the file, or take the entry out.")
            continue
        for found in _chosen(list(_open_one(path, base=folder)), entry, faults):
            files.append(
                RawFile(
                    found.name,
                    found.content,
                    entry["title"],
                    str(entry["dated"]),
                    entry.get("note", ""),
                    entry.get("publisher", found.publisher),
                )
            )
    if faults:
        raise SourceError(faults)
    return files


def _chosen(found: list[RawFile], entry: dict, faults: list[str]) -> list[RawFile]:
    """The members of a zip that the entry names; all of them where it names none."""
    names = {file.name for file in found}
    faults += [
        f"{entry['file']}: member {name} is named in the recipe but not there. Add it, or take its name out."
        for name in entry.get("members", [])
        if name not in names
    ]
    return [file for file in found if file.name in entry.get("members", names)]


def _open_one(path: Path, *, base: Path) -> Iterator[RawFile]:
    name = path.relative_to(base).as_posix()
    if path.suffix.lower() == ".zip":
        yield from _open_zip(path)
    elif path.suffix.lower() == ".csv":
        yield RawFile(name, path.read_bytes(), title=path.stem, dated="")


def _open_zip(path: Path) -> Iterator[RawFile]:
    """CSV members of a zip, read in memory only, so no member can name a place to be written to."""
    if path.stat().st_size > MAX_ARCHIVE:
        raise SourceError(
            f"{path.name}: {path.stat().st_size:,} bytes, more than the {MAX_ARCHIVE:,} allowed "
            "for a release. Check that it is the DfE release."
        )
    try:
        archive = zipfile.ZipFile(path)
    except UNREADABLE as fault:
        raise SourceError(
            f"{path.name}: is not a zip that can be opened, or was cut off. Download the release again."
        ) from fault
    with archive:
        members = [member for member in archive.infolist() if member.filename.lower().endswith(".csv")]
        refuse_bomb(path.name, archive.infolist())
        title, dated = _release_title(archive, path.name), _newest(members)
        for member in members:
            yield RawFile(member.filename, _content(archive, member, path.name), title or path.stem, dated)


def _content(archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str) -> bytes:
    try:
        return archive.read(member)
    except UNREADABLE as fault:
        raise SourceError(f"{name}, member {member.filename}: is damaged. Download the release again.") from fault


def refuse_bomb(name: str, members: list[zipfile.ZipInfo]) -> None:
    """Raise SourceError where a zip would unpack to more than any release does."""
    unpacked = sum(member.file_size for member in members)
    packed = max(1, sum(member.compress_size for member in members))
    if len(members) > MAX_MEMBERS or unpacked > MAX_UNPACKED or unpacked / packed > MAX_RATIO:
        raise SourceError(
            f"{name}: {len(members):,} members, {unpacked:,} bytes unpacked, {unpacked / packed:.0f} "
            f"times its size. Expected at most {MAX_MEMBERS:,} members, {MAX_UNPACKED:,} bytes and "
            f"{MAX_RATIO} times. This is no DfE release; nothing was read."
        )


def _newest(members: list[zipfile.ZipInfo]) -> str:
    """Day of the newest member; empty where the zip has none: 1980 stands for no date."""
    year, month, day = max((member.date_time[:3] for member in members), default=(1980, 1, 1))
    try:
        return date(year, month, day).isoformat() if year > 1980 else ""
    except ValueError:
        return ""


def _release_title(archive: zipfile.ZipFile, name: str) -> str:
    """Title and reporting year from the data guidance that comes with every release."""
    for member in archive.infolist():
        if member.filename.lower().endswith("data-guidance.txt"):
            lines = _content(archive, member, name)[:2000].decode("utf-8-sig", "replace").splitlines()
            named = [line.strip() for line in lines if line.strip()] or [""]
            year = next((line for line in named[:4] if "reporting year" in line.lower()), "")
            return f"{named[0]}, {year.lower()}" if year else named[0]
    return ""


def recognise(file: RawFile) -> Layout | None:
    """Layout of a CSV by its header; None where it is a file we do not use.

    Raises SourceError where its other columns say that we use it, but one that we need is not there.
    """
    head = _head(file)
    for layout in LAYOUTS:
        if layout.fits(head):
            return layout
    alike = [layout for layout in LAYOUTS if layout.resembles(head)]
    if alike:
        lacking = ", or ".join(f"{', '.join(layout.lacking(head))} of the layout '{layout.name}'" for layout in alike)
        raise SourceError(
            f"{file.name}: a column is missing: {lacking}. "
            "Download the release again, or import the rest of it without this file."
        )
    return None


def _head(file: RawFile) -> pd.DataFrame:
    """Column names in lower case over the first row, of any file that has a header."""
    try:
        records = csv.reader(io.StringIO(_text(file)))
        names, first = next(records, []), next(records, [])
    except csv.Error as fault:
        raise SourceError(f"{file.name}: is not a readable CSV ({fault}). Download the release again.") from fault
    if not names:
        raise SourceError(f"{file.name}: is empty. Expected a header row. Download the release again.")
    return pd.DataFrame([dict(zip(_lower(names), [*first, *[""] * len(names)], strict=False))])


def read_frame(file: RawFile) -> pd.DataFrame:
    """All cells as text, column names in lower case, with the row of the file that each stands in."""
    cells = _cells(file)
    names = _lower(cells.iloc[0])
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise SourceError(f"{file.name}: the header names {', '.join(twice)} twice. Download the release again.")
    frame = cells.set_axis(names, axis="columns").assign(row=range(1, len(cells) + 1)).iloc[1:]
    ends_empty = cells.iloc[1:, -1].eq("")
    if ends_empty.any():
        _refuse_short_rows(file, len(names))
        frame = frame[~(ends_empty & cells.iloc[1:].eq("").all(axis="columns"))]
    return frame.reset_index(drop=True)


def _cells(file: RawFile) -> pd.DataFrame:
    """The file as it stands: the header is the first row, and empty rows are there to be counted."""
    text = io.StringIO(_text(file))
    try:
        return pd.read_csv(text, header=None, dtype=str, keep_default_na=False, skip_blank_lines=False)
    except (pd.errors.ParserError, ValueError) as fault:
        raise SourceError(
            f"{file.name}: is not a readable CSV ({_where(fault)}). "
            "Expected the same number of fields in every row. Download the release again."
        ) from fault


def _text(file: RawFile) -> str:
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return file.content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise SourceError(f"{file.name}: is neither UTF-8 nor Windows text. Save it as CSV UTF-8.")


def _lower(names: Iterable[str]) -> list[str]:
    return [name.strip().lower() for name in names]


def _refuse_short_rows(file: RawFile, expected: int) -> None:
    """Where a row lacks fields, pandas fills it up; only counting them tells."""
    try:
        counts = [len(fields) for fields in csv.reader(io.StringIO(_text(file)))]
    except csv.Error as fault:
        raise SourceError(f"{file.name}: is not a readable CSV ({fault}). Download the release again.") from fault
    short = [(row, count) for row, count in enumerate(counts, start=1) if 0 < count < expected]
    if short:
        raise SourceError(
            f"{file.name}: row {row} has {count} fields. Expected {expected}. Download the release again."
            for row, count in short[:MAX_ROWS_NAMED]
        )


def _where(fault: Exception) -> str:
    text = str(fault).split("C error: ")[-1].strip()
    return text if len(text) < 100 else type(fault).__name__
