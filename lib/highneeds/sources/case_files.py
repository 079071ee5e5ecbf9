"""The door for local case data: files and folders in, whole returns out.

Each file is known by what it holds, never by its name or ending, and put with the files of its own return.
What nobody knows is taken for an authority's own extract.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from highneeds.cases import RawReturn
from highneeds.errors import HighneedsError, SourceError
from highneeds.sources.annex_a import LAYOUT as ANNEX_A
from highneeds.sources.annex_a import ListTable, annex_list, list_start, read_annex_a
from highneeds.sources.archives import OLE, ZIP
from highneeds.sources.blade import LAYOUT as BLADE
from highneeds.sources.blade import blade_module, exports, read_blade
from highneeds.sources.five_csv import LAYOUT as FIVE
from highneeds.sources.five_csv import five_module, read_five_csv
from highneeds.sources.governance import FILES as REGISTERS
from highneeds.sources.returns import source_file
from highneeds.sources.sen2_xml import LAYOUT as XML
from highneeds.sources.sen2_xml import read_sen2_xml
from highneeds.sources.text_tables import check_file, read_csv_text, read_headings, read_workbook_text
from highneeds.sources.workbooks import TEMPLATE, read_pre_submission, read_template, under_headings, workbook_layout

EXTRACT = "extract"
# Files of a case folder that are settings, look-ups or papers, and not case data.
PASSED_OVER = {
    "about.yml", "committee.yml", "forum.yml", "postcodes.csv", "gias.csv", "expected_placements.csv", "printed.csv",
    "programme.csv",
}  # fmt: skip
PASSED_OVER |= set(REGISTERS)
MAPPING = ".mapping.yml"
PLANNING = "planning"  # folder of capacity, costs and scenarios: no case data
# Text files in a folder are mostly notes to people; one that is given by itself is read.
ENDINGS = {".csv", ".tsv", ".xml", ".xlsx", ".xlsm", ".xls", ".ods"}
_PAPER = {"measure", "breakdown", "period", "as_printed", "source"}
_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")


@dataclass
class _Found:
    """Files by layout, as they are met; workbooks are read at once, since only their sheets tell what they are."""

    layouts: dict[Path, str] = field(default_factory=dict)
    blade: dict[Path, str] = field(default_factory=dict)
    five: dict[Path, str] = field(default_factory=dict)
    annex: dict[Path, list[ListTable]] = field(default_factory=dict)  # by folder
    alone: dict[Path, Callable[[], RawReturn]] = field(default_factory=dict)


def read_cases(path: Path) -> list[RawReturn]:
    """Returns and extracts in a file or a folder with its subfolders, in order of their files' paths.

    Raises SourceError, the faults of all files together; also where there is no case data at all.
    """
    found, faults = _Found(), []
    for file in _case_files(path, faults):
        attempt(lambda file=file: _sort_in(file, found), faults)
    returns = [made for read in _readers(found) if (made := attempt(read, faults))]
    faults += _same_content(returns)
    if faults:
        raise SourceError(dict.fromkeys(faults))
    if not returns:
        raise SourceError(
            f"{path.name}: no case data was found. Expected a SEN2 return or an extract: XML, CSV or workbook."
        )
    return returns


def layout_of(path: Path) -> str:
    """Layout of one file, as in `RawReturn.layout`; "" for a paper's table. Raises SourceError."""
    found = _Found()
    _sort_in(path, found)
    return found.layouts.get(path, "")


def attempt(act: Callable, faults: list[str]):
    """What an act gives; None where it cannot, and why is added to the faults."""
    try:
        return act()
    except HighneedsError as fault:
        faults += fault.faults
    return None


def _case_files(path: Path, faults: list[str]) -> Iterator[Path]:
    """The file, or the folder's files that may be case data."""
    if not path.is_dir():
        yield path
        return
    for folder, inner, names in os.walk(path, onerror=lambda fault: faults.append(_closed(fault))):
        inner[:] = sorted(name for name in inner if not name.startswith(".") and name != PLANNING)
        for name in sorted(names):
            file = Path(folder, name)
            if name.startswith((".", "~$")) or name.lower() in PASSED_OVER or name.lower().endswith(MAPPING):
                continue
            if not name.isprintable():
                faults.append(f"{ascii(name)}: the file's name has characters that cannot be shown. Rename it.")
            elif file.suffix.lower() == ".zip":
                faults.append(f"{name}: is a zip. Expected its files themselves. Unpack it into the folder.")
            elif file.suffix.lower() in ENDINGS:
                yield file


def _closed(fault: OSError) -> str:
    return f"{Path(fault.filename or '').name}: the folder cannot be opened. Expected one that you may read."


def _kind(path: Path) -> str:
    """`xml`, `workbook` or `text`, by a file's first bytes."""
    check_file(path)
    with path.open("rb") as file:
        first = file.read(4096)
    if first.startswith((ZIP, OLE)):
        return "workbook"
    for mark in _MARKS:
        first = first.removeprefix(mark)
    opening = first.replace(b"\0", b"").lstrip()
    return "xml" if opening.startswith(b"<") else "text"


def _sort_in(path: Path, found: _Found) -> None:
    kind = _kind(path)
    if kind == "xml":
        found.layouts[path] = XML
        found.alone[path] = lambda: read_sen2_xml(path)
    elif path.with_name(path.stem + MAPPING).exists():
        _sort_in_extract(path, found)
    elif kind == "workbook":
        _sort_in_workbook(path, found)
    else:
        _sort_in_csv(path, found)


def _sort_in_extract(path: Path, found: _Found) -> None:
    found.layouts[path] = EXTRACT
    found.alone[path] = lambda: _extract(path)


def _sort_in_csv(path: Path, found: _Found) -> None:
    headings = read_headings(path)
    if _PAPER <= {heading.lower() for heading in headings}:
        return
    if module := blade_module(headings):
        found.layouts[path], found.blade[path] = BLADE, module
    elif module := five_module(headings):
        found.layouts[path], found.five[path] = FIVE, module
    elif number := annex_list(headings):
        found.layouts[path] = ANNEX_A
        table = ListTable(number, read_csv_text(path), source_file(path))
        found.annex.setdefault(path.parent, []).append(table)
    else:
        _sort_in_extract(path, found)


def _sort_in_workbook(path: Path, found: _Found) -> None:
    sheets = read_workbook_text(path)
    layout = workbook_layout(sheets)
    lists = [] if layout else list(_lists(path, sheets))
    if layout:
        read = read_template if layout == TEMPLATE else read_pre_submission
        found.layouts[path], found.alone[path] = layout, lambda: read(path, sheets)
    elif lists:
        found.layouts[path] = ANNEX_A
        found.annex.setdefault(path.parent, []).extend(lists)
    else:
        _sort_in_extract(path, found)


def _lists(path: Path, sheets: dict[str, pd.DataFrame]) -> Iterator[ListTable]:
    for name, sheet in sheets.items():
        start = list_start(sheet)
        if start >= 0:
            rows = under_headings(sheet.iloc[start:])
            yield ListTable(annex_list(map(str, rows.columns)), rows.reset_index(drop=True), source_file(path), name)


def _extract(path: Path) -> RawReturn:
    from highneeds.sources.case_extract import read_extract

    return read_extract(path)


def _readers(found: _Found) -> Iterable[Callable[[], RawReturn]]:
    """Readers of all returns, in order of their first files' paths."""
    reads = dict(found.alone)
    for paths in exports(found.blade):
        reads[paths[0]] = lambda paths=paths: read_blade({path: found.blade[path] for path in paths})
    for folder in {path.parent for path in found.five}:
        tables = {path: module for path, module in found.five.items() if path.parent == folder}
        reads[min(tables)] = lambda tables=tables: read_five_csv(tables)
    for folder, lists in found.annex.items():
        reads[folder / lists[0].source.name] = lambda lists=lists: read_annex_a(lists)
    return [reads[path] for path in sorted(reads)]


def _same_content(returns: list[RawReturn]) -> list[str]:
    """A copy left in the folder would count every child twice."""
    names: dict[tuple[str, ...], list[str]] = {}
    for made in returns:
        names.setdefault(tuple(file.sha256 for file in made.files), []).append(made.files[0].name)
    return [
        f"{' and '.join(same)}: hold the same bytes. Expected each return once. Remove the copy."
        for same in names.values()
        if len(same) > 1
    ]
