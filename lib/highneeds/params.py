"""What a report is asked for: typed, checked once, before anything runs.

Also owns naming an authority: by name, nine-character code or three-digit code.
"""

import difflib
import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import TypeVar

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from highneeds.contents import CONTENTS, EVERY, SLUGS
from highneeds.errors import ParamsError

SECTIONS = SLUGS
APPENDICES = tuple(section.slug for section in CONTENTS if section.appendix)
EXPLORED = "explored"  # the section of saved views
PLANNED = tuple(section.slug for section in EVERY if section.planned)  # they read the planning folder
EARLIEST = date(2010, 1, 1)
FEWEST_NEIGHBOURS, MOST_NEIGHBOURS = 2, 20  # that may be chosen
# A comma that parts two names, not one within a name such as `Bristol, City of`.
_BETWEEN = re.compile(r",(?!\s*(?:City|County) of\s*(?:,|$))", re.IGNORECASE)


def numbered(sections: Sequence[str]) -> list[tuple[int, str]]:
    """Each section of a report with its number; appendices are counted apart, for their letters."""
    held = {True: 0, False: 0}
    found = []
    for section in sections:
        held[section in APPENDICES] += 1
        found.append((held[section in APPENDICES], section))
    return found


class Params(BaseModel):
    """Parameters of one report, as they stand in its manifest."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    authority: str = Field(min_length=1, description="authority's name, nine-character code or three-digit code")
    as_at: date = Field(ge=EARLIEST, description="periods that had not ended by this day are left out")
    section_number: int = Field(
        default=1, ge=1, le=99, description="number of the section, or of the appendix, in the report"
    )
    cases: str = Field(default="", description="file or folder of case data; empty: the authority's own folder")
    scenario: str = Field(default="", description="names of scenario files, or files, with commas; empty: none")
    neighbours: str = Field(default="", description="names of authorities to compare with, with commas; empty: none")


Kind = TypeVar("Kind", bound=Params)


def make_params(**given: object) -> Params:
    """Params, or ParamsError with one line for each fault."""
    return checked(Params, given)


def checked(kind: type[Kind], given: Mapping[str, object], where: str = "") -> Kind:
    """Parameters of a kind, or ParamsError with one line for each fault. where: file that gave them, empty for none."""
    try:
        return kind.model_validate(dict(given))
    except ValidationError as found:
        head = f"{where}: " if where else ""
        raise ParamsError(f"{head}{_fault(kind, error)}" for error in found.errors()) from None


def _fault(kind: type[Params], error: Mapping) -> str:
    """One fault as an instruction."""
    name = ".".join(map(str, error["loc"][:1]))
    if error["type"] == "extra_forbidden":
        near = difflib.get_close_matches(name, kind.model_fields, n=1)
        hint = f" Did you mean '{near[0]}'?" if near else ""
        names = ", ".join(kind.model_fields)
        return f"parameter '{name}': there is none of that name. Expected one of {names}.{hint}"
    found = "nothing" if error["type"] == "missing" else f"'{error.get('input')}'"
    says = error["msg"].removeprefix("Value error, ").rstrip(".")
    return f"parameter '{name}': found {found}. {says}. Expected: {kind.model_fields[name].description}."


def find_authority(areas: pd.DataFrame, named: str) -> pd.Series:
    """Row of the one authority that was named. Raises ParamsError with the nearest names.

    areas: the panel's areas. Authorities that no longer exist are refused with what replaced them left
    to the reader: their names are not reused.
    """
    local = areas[areas["level"].eq("local authority")]
    wanted = _plain(named)
    for column in ("area_code", "la_code"):
        hit = local[local[column].str.lower().eq(named.strip().lower())]
        if len(hit) == 1:
            return _open(hit.iloc[0])
    older = local[local["other_codes"].str.lower().str.split().map(lambda codes: named.strip().lower() in codes)]
    if len(older) == 1:
        return _open(older.iloc[0])
    current = local[local["closed"].eq("")]
    keys = {
        key: code
        for name, code in zip(current["area_name"], current["area_code"], strict=True)
        for key in _spellings(name)
    }
    if wanted in keys:
        return current[current["area_code"].eq(keys[wanted])].iloc[0]
    closed = local[local["closed"].ne("") & local["area_name"].map(_plain).eq(wanted)]
    if len(closed):
        return _open(closed.iloc[0])
    names = current.set_index("area_code")["area_name"]
    near = [keys[key] for key in difflib.get_close_matches(wanted, keys, n=5, cutoff=0.5)]
    near += [code for key, code in keys.items() if wanted and len(wanted) > 2 and wanted in key]
    nearest = ", ".join(names[code] for code in dict.fromkeys(near)) or "none is close"
    raise ParamsError(
        f"authority '{named}': there is none of that name or code. Nearest: {nearest}. All names: highneeds authorities"
    )


def find_neighbours(areas: pd.DataFrame, named: str, *, authority: pd.Series) -> tuple[str, ...]:
    """Area codes of the authorities that were chosen to compare with, in the order named; none where none is named.

    named: names or codes, with commas. authority: the row of the one that the report is about.
    Raises ParamsError, all faults together: unknown names, the authority itself, one named twice, too few or too many.
    """
    if not named.strip():
        return ()
    codes: list[str] = []
    faults: list[str] = []
    names = [name.strip() for name in _BETWEEN.split(named) if name.strip()]
    for name in names:
        try:
            code = find_authority(areas, name)["area_code"]
        except ParamsError as fault:
            faults += [f"neighbours: {line}" for line in fault.faults]
            continue
        if code == authority["area_code"]:
            faults.append(f"neighbours: '{name}' is the report's own authority. Expected others. Leave it out.")
        elif code in codes:
            faults.append(f"neighbours: '{name}' is named twice. Expected each once. Leave one out.")
        codes.append(code)
    if not FEWEST_NEIGHBOURS <= len(names) <= MOST_NEIGHBOURS:
        faults.append(
            f"neighbours: found {len(names)}. Expected {FEWEST_NEIGHBOURS} to {MOST_NEIGHBOURS} authorities, with "
            "commas. Name more or fewer, or leave the choice out for the statistical neighbours."
        )
    if faults:
        raise ParamsError(faults)
    return tuple(codes)


def _open(row: pd.Series) -> pd.Series:
    if row["closed"]:
        raise ParamsError(
            f"authority '{row['area_name']}' ({row['la_code']}): closed on {row['closed']}. "
            "Expected an authority of today. All names: highneeds authorities"
        )
    return row


def _plain(name: str) -> str:
    words = re.sub(r"[^a-z0-9 ]+", " ", name.lower().replace("&", " and ").replace("'", "")).split()
    return " ".join("saint" if word == "st" else word for word in words)


def _spellings(name: str) -> set[str]:
    """`Bristol, City of` is also `City of Bristol`, `Bristol`, `Bristol City Council`."""
    head, _, tail = name.partition(", ")
    forms = {name, head, f"{tail} {head}" if tail in ("City of", "County of") else name}
    if head.startswith("Kingston upon Hull"):
        forms.add("Hull")
    plain = {_plain(form) for form in forms}
    suffixes = ("", " council", " county council", " city council", " borough council", " metropolitan borough council")
    return {form + suffix for form in plain for suffix in suffixes}
