"""Open what a user has: a release zip, a folder of its CSVs, or the folder a recipe describes.

Owns safe opening (sizes, names, encodings) and recognising each CSV by its header.
What the cells mean belongs to the layouts.
"""

import hashlib
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd
import yaml

from highneeds.errors import SourceError
from highneeds.sources import context, ehc_plans, sen_in_england
from highneeds.sources.rows import Layout

LAYOUTS: tuple[Layout, ...] = (*ehc_plans.LAYOUTS, *sen_in_england.LAYOUTS, *context.LAYOUTS,
                               context.NEIGHBOURS, context.CODES)

MAX_ARCHIVE = 500 * 2**20
MAX_UNPACKED = 2 * 2**30
MAX_MEMBERS = 2_000
MAX_RATIO = 200


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
        files = [file for inner in sorted(path.rglob("*")) if inner.is_file()
                 for file in _open_one(inner, base=path)]
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
        raise SourceError(f"{recipe}: cannot be read as a recipe ({type(fault).__name__}). "
                          "Expected a list named 'files'; see data/processed/recipe.yml.") from fault
    faults, files = [], []
    for entry in entries:
        path = folder / entry["file"]
        if not path.is_file():
            faults.append(f"{path}: named in {recipe.name} but not there. Add the file, or take the entry out.")
            continue
        for found in _open_one(path, base=folder):
            files.append(RawFile(found.name, found.content, entry["title"], str(entry["dated"]),
                                 entry.get("note", ""), entry.get("publisher", found.publisher)))
    if faults:
        raise SourceError(faults)
    return files


def _open_one(path: Path, *, base: Path) -> Iterator[RawFile]:
    name = path.relative_to(base).as_posix()
    if path.suffix.lower() == ".zip":
        yield from _open_zip(path)
    elif path.suffix.lower() == ".csv":
        yield RawFile(name, path.read_bytes(), title=path.stem, dated="")


def _open_zip(path: Path) -> Iterator[RawFile]:
    """CSV members of a zip, read in memory only, so no member can name a place to be written to."""
    if path.stat().st_size > MAX_ARCHIVE:
        raise SourceError(f"{path.name}: {path.stat().st_size:,} bytes, more than the {MAX_ARCHIVE:,} allowed "
                          "for a release. Check that it is the DfE release.")
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError) as fault:
        raise SourceError(f"{path.name}: is not a zip that can be opened, or was cut off. "
                          "Download the release again.") from fault
    with archive:
        members = [member for member in archive.infolist() if member.filename.lower().endswith(".csv")]
        _refuse_bomb(path.name, archive.infolist())
        title, dated = _release_title(archive), _newest(members)
        for member in members:
            try:
                content = archive.read(member)
            except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, ValueError) as fault:
                raise SourceError(f"{path.name}, member {member.filename}: is damaged. "
                                  "Download the release again.") from fault
            yield RawFile(member.filename, content, title or path.stem, dated)


def _refuse_bomb(name: str, members: list[zipfile.ZipInfo]) -> None:
    unpacked = sum(member.file_size for member in members)
    packed = max(1, sum(member.compress_size for member in members))
    if len(members) > MAX_MEMBERS or unpacked > MAX_UNPACKED or unpacked / packed > MAX_RATIO:
        raise SourceError(f"{name}: {len(members):,} members, {unpacked:,} bytes unpacked, {unpacked / packed:.0f} "
                          f"times its size. Expected at most {MAX_MEMBERS:,} members, {MAX_UNPACKED:,} bytes and "
                          f"{MAX_RATIO} times. This is no DfE release; nothing was read.")


def _newest(members: list[zipfile.ZipInfo]) -> str:
    return max((date(*member.date_time[:3]).isoformat() for member in members), default="")


def _release_title(archive: zipfile.ZipFile) -> str:
    """Title and reporting year from the data guidance that comes with every release."""
    for member in archive.namelist():
        if member.lower().endswith("data-guidance.txt"):
            lines = archive.read(member)[:2000].decode("utf-8", "replace").splitlines()
            named = [line.strip() for line in lines if line.strip()]
            year = next((line for line in named[:4] if "reporting year" in line.lower()), "")
            return f"{named[0]}, {year.lower()}" if year else named[0]
    return ""


def recognise(file: RawFile) -> Layout | None:
    """Layout of a CSV by its header; None where it is a file we do not use."""
    head = read_frame(file, rows=1)
    return next((layout for layout in LAYOUTS if layout.fits(head)), None)


def read_frame(file: RawFile, *, rows: int | None = None) -> pd.DataFrame:
    """All cells as text, column names in lower case, with the line each row stands on."""
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            frame = pd.read_csv(io.BytesIO(file.content), dtype=str, keep_default_na=False,
                                encoding=encoding, nrows=rows)
            break
        except UnicodeDecodeError:
            continue
        except pd.errors.EmptyDataError as fault:
            raise SourceError(f"{file.name}: is empty. Expected a header row. Download the release again.") from fault
        except (pd.errors.ParserError, ValueError) as fault:
            raise SourceError(f"{file.name}: is not a readable CSV ({_where(fault)}). "
                              "Expected the same number of fields in every row. Download the release again.") from fault
    else:
        raise SourceError(f"{file.name}: is neither UTF-8 nor Windows text. Save it as CSV UTF-8.")
    frame.columns = [column.strip().lower() for column in frame.columns]
    twice = sorted({column for column in frame.columns if list(frame.columns).count(column) > 1})
    if twice:
        raise SourceError(f"{file.name}: the header names {', '.join(twice)} twice. Download the release again.")
    return frame.assign(row=range(2, len(frame) + 2)) if rows is None else frame


def _where(fault: Exception) -> str:
    text = str(fault).split("C error: ")[-1].strip()
    return text if len(text) < 100 else type(fault).__name__
