"""The set of five CSV modules: persons, requests, assessments, named plans, active plans, one file each.

Files are known by their headings. Ids are the authority's own. The set has no header record.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path

import pandas as pd

from highneeds.cases import RawReturn
from highneeds.errors import SourceError
from highneeds.fields import ACTIVE_PLANS, ASSESSMENT, NAMED_PLAN, PERSON, REQUESTS, plain_heading
from highneeds.sources.returns import (
    Stamp,
    five_names,
    need,
    one_each,
    pick,
    placed,
    read_together,
    source_file,
    tidy_ids,
    whole_return,
)
from highneeds.sources.text_tables import read_csv_text

LAYOUT = "five_csv"
NUMBERS = {PERSON: 1, REQUESTS: 2, ASSESSMENT: 3, NAMED_PLAN: 4, ACTIVE_PLANS: 5}
# Both spellings of the request's id occur, in any module.
_IDS = {"person id": "person_id", "requests record id": "request_id", "request records id": "request_id"}
# Some sets write the whole name in one column.
_WHOLE_NAME = {"surname forename": "surname"}
# An authority's own extract may share a few headings, but not most.
_MOSTLY = 0.6
# Headings that only one module has, so that they tell it apart.
_OWN = {
    PERSON: {"surname", "dob", "ethnicity", "postcode", "upn - unique pupil number"},
    REQUESTS: {"date request was received", "request outcome", "request outcome date"},
    ASSESSMENT: {"assessment outcome to issue ehcp", "assessment outcome date"},
    NAMED_PLAN: {"ehc plan start date", "date ehc plan ceased", "reason ehc plan ceased"},
    ACTIVE_PLANS: {"ehc plan", "ehcp review decisions date"},
}


def five_module(headings: Iterable[str]) -> str:
    """Which module of the set has these headings; "" where none has, or where they are of several at once."""
    plain = {plain_heading(heading) for heading in headings}
    fits = [module for module, own in _OWN.items() if plain & own]
    if len(fits) != 1 or len(plain & _known(fits[0])) < _MOSTLY * len(plain):
        return ""
    ids = {"person id"} if fits == [PERSON] else _IDS.keys() - {"person id"}
    return fits[0] if plain & ids else ""


def _known(module: str) -> set[str]:
    return {*five_names(module), *_IDS, *_WHOLE_NAME, "new start date"}


def read_five_csv(tables: Mapping[Path, str]) -> RawReturn:
    """One set; `tables` maps each file to its module (`five_module`).

    Raises SourceError where persons or requests are missing, or two files hold one module.
    """
    paths = _one_each(tables)
    modules = read_together(_table, paths)
    return whole_return(LAYOUT, map(source_file, paths.values()), modules, Stamp(), stable_ids=True)


def _one_each(tables: Mapping[Path, str]) -> dict[str, Path]:
    found, faults = one_each(tables, {module: f"module {number} ({module})" for module, number in NUMBERS.items()})
    names = ", ".join(sorted(path.name for path in tables))
    faults += [
        f"{names}: module {NUMBERS[module]} ({module}) is missing beside them. Expected a CSV file with it. Add it."
        for module in (PERSON, REQUESTS)
        if module not in found
    ]
    if faults:
        raise SourceError(faults)
    return found


def _table(module: str, path: Path) -> pd.DataFrame:
    names = five_names(module) | _IDS | (_WHOLE_NAME if module == PERSON else {})
    frame = pick(read_csv_text(path), names, path.name)
    ids = {"person_id": "Person ID"} if module == PERSON else {"request_id": "Requests Record ID"}
    ids |= {"person_id": "Person ID"} if module == REQUESTS else {}
    need(frame, ids, path.name)
    frame = frame.assign(**{name: tidy_ids(frame[name]) for name in ids})
    return placed(
        frame.drop(columns=[name for name in ("person_id", "request_id") if name in frame and name not in ids]),
        file=path.name,
    )
