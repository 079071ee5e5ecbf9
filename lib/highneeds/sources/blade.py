"""COLLECT's CSV export of a SEN2 return: nine files, joined by table ids, known by their headers.

The export numbers its tables' rows anew each time, so its request ids hold within one export only.
"""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

import pandas as pd

from highneeds.cases import RawReturn
from highneeds.errors import SourceError
from highneeds.fields import MODULES, PARENTS, PERSON, REQUESTS
from highneeds.sources.returns import (
    HEADER,
    Stamp,
    looked_up,
    need,
    one_each,
    pick,
    placed,
    read_together,
    source_file,
    stamp,
    tidy_ids,
    whole_return,
    xml_names,
)
from highneeds.sources.text_tables import read_csv_text

LAYOUT = "blade_csv"
SEN2 = "sen2"
TABLES = (SEN2, *MODULES)
_DATED_NAME = re.compile(r"(\d{2}-\d{2}-\d{4})_[a-z0-9]+$", re.IGNORECASE)


def blade_module(headings: Iterable[str]) -> str:
    """Which of the nine files has these headings: `sen2` or a module; "" where it is none of them."""
    plain = {heading.strip().lower() for heading in headings}
    ordered = [table for table in TABLES if f"{table}orderseqcolumn" in plain]
    ids = [table for table in TABLES if _key(table) in plain]
    if len(ordered) == 1 and ids:
        return ordered[0]
    # A file carries its own id and its parent's: its own is the deeper one.
    own = [
        table
        for table in ids
        if not any(PARENTS.get(other) == table or table == SEN2 for other in ids if other != table)
    ]
    marks = {"sourceid", "nativeid", "referencedate"} | {f"{table}orderseqcolumn" for table in TABLES}
    return own[0] if len(own) == 1 and len(ids) <= 2 and plain & marks else ""


def exports(paths: Iterable[Path]) -> list[list[Path]]:
    """Files of one export together: by folder, and by the date in their names where a folder holds several."""
    groups: dict[tuple[Path, str], list[Path]] = {}
    folders: dict[Path, set[str]] = {}
    for path in paths:
        folders.setdefault(path.parent, set()).add(_dated(path))
    for path in sorted(paths):
        alone = len(folders[path.parent] - {""}) < 2
        groups.setdefault((path.parent, "" if alone else _dated(path)), []).append(path)
    return [groups[key] for key in sorted(groups)]


def _dated(path: Path) -> str:
    found = _DATED_NAME.search(path.stem)
    return "-".join(reversed(found[1].split("-"))) if found else ""


def _key(table: str) -> str:
    return f"{table}tableid"


def read_blade(tables: Mapping[Path, str]) -> RawReturn:
    """One export; `tables` maps each file to what it holds (`blade_module`).

    Raises SourceError where a file is missing that the others need, or two files hold the same.
    """
    paths = _one_each(tables)
    raw = read_together(_table, paths)
    said = _stamp(raw, paths)
    modules = {module: raw[module] for module in MODULES if module in raw}
    return whole_return(LAYOUT, map(source_file, paths.values()), _joined(modules, paths), said, stable_ids=False)


def _one_each(tables: Mapping[Path, str]) -> dict[str, Path]:
    """File of each table, in the return's order."""
    found, faults = one_each(tables, {table: f"table {table} of one export" for table in TABLES})
    lacking = [table for table in (PERSON, REQUESTS) if table not in found]
    parents = {PARENTS[module] for module in found if PARENTS.get(module)}
    lacking += [table for table in MODULES if table in parents and table not in (*found, *lacking)]
    names = ", ".join(sorted(path.name for path in tables))
    faults += [
        f"{names}: the file Blade-Export_..._{table}.csv is missing beside them. Expected it, to join the others. "
        "Export all nine files."
        for table in lacking
    ]
    if faults:
        raise SourceError(faults)
    return found


def _table(table: str, path: Path) -> pd.DataFrame:
    names = {_key(table): _key(table)}
    if table == SEN2:
        names |= {heading: part for heading, part in HEADER.items() if " " not in heading}
    else:
        parent = PARENTS[table] or SEN2
        names |= {_key(parent): _key(parent)} | {"lea": "la"} | xml_names(table)
    frame = pick(read_csv_text(path), names, path.name)
    needed = [] if table == SEN2 else [_key(table)] if table == PERSON else [_key(table), _key(PARENTS[table])]
    need(frame, {column: column for column in needed}, path.name)
    keys = {column: tidy_ids(frame[column]) for column in frame.columns if column.endswith("tableid")}
    return frame.assign(**keys)


def _stamp(raw: Mapping[str, pd.DataFrame], paths: Mapping[str, Path]) -> Stamp:
    about = raw.get(SEN2, pd.DataFrame())
    said = {part: set(about[part].dropna()) for part in set(HEADER.values()) if part in about}
    said["la"] = said.get("la", set()).union(*(set(frame["la"].dropna()) for frame in raw.values() if "la" in frame))
    return stamp(said, paths.get(SEN2, paths[PERSON]).name)


def _joined(modules: Mapping[str, pd.DataFrame], paths: Mapping[str, Path]) -> dict[str, pd.DataFrame]:
    """Modules with the request id of every record, found by way of its parents' table ids."""
    joined: dict[str, pd.DataFrame] = {}
    for module, frame in modules.items():
        frame = frame.drop(columns="la", errors="ignore")
        if module == PERSON:
            frame = frame.assign(person_id=frame[_key(PERSON)])
        elif module == REQUESTS:
            frame = frame.assign(person_id=frame[_key(PERSON)], request_id=frame[_key(REQUESTS)])
        else:
            parent = joined[PARENTS[module]]
            known = parent.dropna(subset=[_key(PARENTS[module])]).drop_duplicates(_key(PARENTS[module]))
            found = looked_up(frame[_key(PARENTS[module])], known[_key(PARENTS[module])], known["request_id"])
            frame = frame.assign(request_id=found)
        joined[module] = frame
    keys = [_key(table) for table in TABLES]
    return {
        module: placed(frame.drop(columns=keys, errors="ignore"), file=paths[module].name)
        for module, frame in joined.items()
    }
