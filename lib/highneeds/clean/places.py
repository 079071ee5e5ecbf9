"""Postcode to area, through the authority's own lookup. Outside, missing and unmapped are kept apart."""

import re

import pandas as pd

from highneeds.clean.typed import by_unique
from highneeds.errors import SourceError

OUTSIDE = "Outside the authority"
NO_POSTCODE = "Postcode missing or invalid"
UNMAPPED = "Area not mapped"
NOT_AREAS = (OUTSIDE, NO_POSTCODE, UNMAPPED)

# A postcode in full: outward code, then a digit and two letters.
_POSTCODE = re.compile(r"([A-Z]{1,2}[0-9][0-9A-Z]?)([0-9][ABD-HJLNP-UW-Z]{2})")
_OUTSIDE_WORDS = {"outside", "out of area", "not this la", OUTSIDE.lower()}


def read_lookup(rows: pd.DataFrame, where: str) -> dict[str, str]:
    """Lookup from rows with columns postcode and area: keys are whole postcodes, sectors, districts or letters.

    The longest key that fits decides. An area named `outside` marks addresses outside the authority.
    Raises SourceError for missing columns or one key with two areas.
    """
    missing = [name for name in ("postcode", "area") if name not in rows]
    if missing:
        raise SourceError(f"{where}: columns {', '.join(missing)} are missing. Expected postcode and area.")
    keys = rows["postcode"].astype("str").map(_key)
    clash = rows.assign(key=keys).groupby("key")["area"].nunique().gt(1)
    if clash.any():
        lines = [str(row + 2) for row in rows.index[keys.isin(clash.index[clash])]]
        raise SourceError(f"{where}: rows {', '.join(lines[:10])} give one postcode two areas. Expected one each.")
    areas = rows["area"].where(~rows["area"].str.lower().isin(_OUTSIDE_WORDS), OUTSIDE)
    return dict(zip(keys, areas, strict=True))


def area_of(postcodes: pd.Series, lookup: dict[str, str]) -> pd.Series:
    """Area of each postcode (text; missing allowed), by the longest key of the lookup that fits.

    A whole, well-formed postcode without a key is `Area not mapped` where its district has other keys,
    and outside the authority where the lookup does not know its district at all.
    """
    districts = {_district(key) for key in lookup}
    return by_unique(postcodes.fillna(""), lambda text: _area(text, lookup, districts)).fillna(NO_POSTCODE)


def _area(text: str, lookup: dict[str, str], districts: set[str]) -> str:
    found = _POSTCODE.fullmatch(_plain(text))
    if not found:
        return NO_POSTCODE
    district, rest = found.groups()
    letters = re.match("[A-Z]+", district)[0]  # type: ignore[index]
    for key in (f"{district} {rest}", f"{district} {rest[0]}", district, letters):
        if key in lookup:
            return lookup[key]
    return UNMAPPED if district in districts else OUTSIDE


def _plain(text: str) -> str:
    return re.sub(r"\s+", "", str(text)).upper()


def _key(text: str) -> str:
    """Key as it is looked up: `QA1 2AB`, `QA1 2` (a sector, known by its space), `QA12`, `QA`."""
    whole = _POSTCODE.fullmatch(_plain(text))
    return f"{whole[1]} {whole[2]}" if whole else " ".join(str(text).upper().split())


def _district(key: str) -> str:
    return key.partition(" ")[0]
