"""The public register of schools (extract of all establishments), and an authority's own expected placements.

Owns how their columns are named. What a closed school means for a placement belongs to the data-quality rules.
Source: DfE, Get information about schools, downloads: establishment fields CSV.
"""

from pathlib import Path

import pandas as pd

from highneeds.errors import SourceError
from highneeds.sources.returns import rows_text
from highneeds.sources.text_tables import read_csv_text

REGISTER = ["urn", "name", "type", "status", "open", "has_unit", "has_resourced_provision", "phase"]
EXPECTED = ["urn", "minimum"]
_REQUIRED = {"urn": "URN", "type": "TypeOfEstablishment (name)", "status": "EstablishmentStatus (name)"}
_OPTIONAL = {"name": "EstablishmentName", "phase": "PhaseOfEducation (name)"}
_COUNTS = {
    "has_unit": ("SenUnitCapacity", "SenUnitOnRoll"),
    "has_resourced_provision": ("ResourcedProvisionCapacity", "ResourcedProvisionOnRoll"),
}
_PROVISION = "TypeOfResourcedProvision (name)"
_PROVISION_WORDS = {"has_unit": "sen unit", "has_resourced_provision": "resourced provision"}
_CLOSED_ON = "CloseDate"


def read_gias(path: Path) -> pd.DataFrame:
    """Schools by URN: urn (text), name, type, status, open (boolean), has_unit, has_resourced_provision, phase.

    open: the status says open, or there is no status and no day of closing. has_unit and has_resourced_provision are
    missing where the extract has none of their columns. Columns are found whatever their case; UTF-8 or Windows-1252.
    Raises SourceError, all faults, for required columns that are missing, and URNs that are blank or twice there.
    """
    table = read_csv_text(path)
    columns = {str(name).strip().lower(): name for name in table.columns}
    lacking = [f"'{heading}'" for heading in _REQUIRED.values() if heading.lower() not in columns]
    if lacking:
        raise SourceError(
            f"{path.name}: no column {' and no column '.join(lacking)}. Expected the establishment fields of the "
            "register of schools. Download 'Establishment fields CSV' again, with all its columns."
        )
    found = {name: _text(table, columns, heading) for name, heading in (_REQUIRED | _OPTIONAL).items()}
    _refuse_urns(found["urn"], table["row"], path.name)
    closed = _text(table, columns, _CLOSED_ON).notna()
    status = found["status"].str.lower()
    opened = status.str.startswith("open").astype("boolean").where(status.notna(), ~closed).astype(bool)
    places = {name: _has(table, columns, name) for name in _COUNTS}
    return pd.DataFrame({**found, "open": opened, **places})[REGISTER]


def read_expected_placements(path: Path) -> pd.DataFrame:
    """Least number of placements expected at a setting: urn (text), minimum (whole number).

    Raises SourceError, all faults: columns missing, URNs blank or twice there, minima that are no whole numbers.
    """
    table = read_csv_text(path)
    columns = {str(name).strip().lower(): name for name in table.columns}
    lacking = [f"'{name}'" for name in EXPECTED if name not in columns]
    if lacking:
        raise SourceError(
            f"{path.name}: no column {' and no column '.join(lacking)}. Expected the columns urn and minimum."
        )
    urn, text = (_text(table, columns, name) for name in EXPECTED)
    _refuse_urns(urn, table["row"], path.name)
    wrong = ~text.fillna("").str.fullmatch(r"\d{1,6}")
    if wrong.any():
        raise SourceError(
            f"{path.name}: {rows_text(table.loc[wrong, 'row'])}: minimum is no whole number. Expected, for example, 12."
        )
    return pd.DataFrame({"urn": urn, "minimum": text.astype("int64")})


def _text(table: pd.DataFrame, columns: dict[str, object], heading: str) -> pd.Series:
    if heading.lower() in columns:
        return table[columns[heading.lower()]]
    return pd.Series(pd.NA, index=table.index, dtype="str")


def _has(table: pd.DataFrame, columns: dict[str, object], name: str) -> pd.Series:
    """True where places, pupils or the type of provision say so; missing where the extract has none of the three."""
    headings = [heading for heading in _COUNTS[name] if heading.lower() in columns]
    if not headings and _PROVISION.lower() not in columns:
        return pd.Series(pd.NA, index=table.index, dtype="boolean")
    said = _text(table, columns, _PROVISION).str.lower().str.contains(_PROVISION_WORDS[name], regex=False)
    found = said.fillna(False).astype(bool)
    for heading in headings:
        found = found | pd.to_numeric(_text(table, columns, heading), errors="coerce").gt(0)
    return found.astype("boolean")


def _refuse_urns(urn: pd.Series, rows: pd.Series, where: str) -> None:
    blank, twice = urn.isna(), urn.duplicated(keep=False) & urn.notna()
    faults = []
    if blank.any():
        faults.append(
            f"{where}: {rows_text(rows[blank])}: no URN. Expected one in every row. Fill it in, or remove the row."
        )
    if twice.any():
        faults.append(
            f"{where}: {rows_text(rows[twice])}: a URN stands there more than once. Expected one row a school."
        )
    if faults:
        raise SourceError(faults)
