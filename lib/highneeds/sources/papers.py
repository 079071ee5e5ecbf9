"""An authority's own tables: figures typed in from its papers, as printed, with a source on every row."""

import hashlib
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pandas as pd
import yaml

from highneeds.errors import HighneedsError, SourceError
from highneeds.schemas import PRINTED, check_printed
from highneeds.sources.ballots import ballot_faults
from highneeds.sources.governance import read_registers
from highneeds.sources.programme import FILE as PROGRAMME
from highneeds.sources.programme import read_programme

ABOUT = "about.yml"


@dataclass(frozen=True)
class Papers:
    """Tables by file name (without .csv), day of the newest paper, what was read; register of the plan, of meetings."""

    tables: dict[str, pd.DataFrame]
    dated: date | None
    files: dict[str, str]  # name to sha256
    programme: pd.DataFrame | None = None  # the plan register
    registers: dict[str, pd.DataFrame] = field(default_factory=dict)


def read_papers(folder: Path) -> Papers:
    """Tables of data/raw/<authority>; empty where the folder is not there. Raises SourceError, all faults."""
    tables, files, faults = {}, {}, []
    for path in sorted(folder.glob("*.csv")):
        if not is_printed_table(path):
            continue  # case data, or one of the authority's own lookups
        try:
            tables[path.stem] = read_printed_table(path)
            files[path.name] = hashlib.sha256(path.read_bytes()).hexdigest()
        except HighneedsError as fault:
            faults += fault.faults
    dated = _dated(folder / ABOUT, faults)
    programme = read_programme(folder, faults)
    registers, read, found = read_registers(folder, tables)
    faults += [*ballot_faults(tables), *found]
    if faults:
        raise SourceError(faults)
    if programme is not None:
        files[PROGRAMME] = hashlib.sha256((folder / PROGRAMME).read_bytes()).hexdigest()
    return Papers(tables, dated, files | read, programme, registers)


def is_printed_table(path: Path) -> bool:
    """True where a CSV's first line names columns of a table typed in from a paper, and hardly others; or is empty."""
    try:
        with path.open("rb") as file:
            head = file.readline(5000).decode("utf-8", errors="replace")
    except OSError:
        return False
    names = {name.strip().strip('"').lower() for name in head.lstrip("\ufeff").split(",")}
    return names <= {*PRINTED, ""} or 2 * len(names & set(PRINTED)) > len(PRINTED)


def read_printed_table(path: Path) -> pd.DataFrame:
    """One table typed in from a paper, with the row and file of each figure. Raises SourceError, all faults."""
    where = f"{path.parent.name}/{path.name}"
    try:
        text = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except (UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError, OSError) as fault:
        raise SourceError(
            f"{where}: cannot be read as a CSV ({type(fault).__name__}). Expected UTF-8 with a header row. "
            "Save it again as CSV UTF-8."
        ) from fault
    if "value" in text:
        number = pd.to_numeric(text["value"], errors="coerce")
        wrong = number.isna() & text["value"].ne("")
        if wrong.any():
            raise SourceError(
                [
                    f"{where}: row {row + 2}: found '{text['value'][row][:20]}' in value. Expected a number "
                    "without signs or separators, or nothing."
                    for row in text.index[wrong]
                ]
            )
        text["value"] = number.astype(float)
    return check_printed(text, where).assign(row=range(2, len(text) + 2), file=where)


def _dated(path: Path, faults: list[str]) -> date | None:
    if not path.is_file():
        return None
    try:
        dated = (yaml.safe_load(path.read_text(encoding="utf-8")) or {}).get("dated")
    except (yaml.YAMLError, AttributeError):
        dated = None
    if isinstance(dated, date):
        return dated
    faults.append(f"{path.parent.name}/{path.name}: no date was found. Expected a line 'dated: YYYY-MM-DD'.")
    return None
