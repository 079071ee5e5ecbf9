"""Columns, types and keys of every table we keep, checked on the way in and out.

Validation is pandera's; its findings are put into our own words, all of them at once.
"""

import pandas as pd

from highneeds.errors import SchemaError
from highneeds.measures.declarations import MEASURES
from highneeds.periods import is_well_formed

VALUES = ["area_code", "period", "period_basis", "measure", "breakdown", "value", "status", "source", "reference"]
VALUES_KEY = ["area_code", "period", "period_basis", "measure", "breakdown"]
PRINTED = ["measure", "breakdown", "period", "period_basis", "value", "unit", "status", "as_printed", "source"]
STATUSES = ["", "x", "z", "c", "d", "e", "p", "low"]
MAX_ROWS_NAMED = 5
PRINTED_STATUSES = ["", "blank", "approx"]


def check_values(values: pd.DataFrame, where: str) -> pd.DataFrame:
    """The panel's values, or SchemaError listing every fault: one row an area, period and measure."""
    import pandera.pandas as pa

    schema = pa.DataFrameSchema(
        {
            "area_code": pa.Column(str, pa.Check.str_matches(r"^E\d{8}$")),
            "period": pa.Column(str),
            "period_basis": pa.Column(str),
            "measure": pa.Column(str, pa.Check.isin(list(MEASURES))),
            "breakdown": pa.Column(str, pa.Check.str_length(min_value=1)),
            "value": pa.Column(float, nullable=True),
            "status": pa.Column(str, pa.Check.isin(STATUSES)),
            "source": pa.Column(str, pa.Check.str_length(min_value=1)),
            "reference": pa.Column(str),
        },
        unique=VALUES_KEY,
        strict=True,
    )
    faults = _faults(schema, values, where)
    lost = values["value"].isna() & values["status"].eq("")
    if lost.any():
        faults.append(f"{where}: {lost.sum():,} rows have neither a value nor a symbol. Expected one of them.")
    signed = [name for name, measure in MEASURES.items() if measure.signed]
    below = values[values["value"].lt(0) & ~values["measure"].isin(signed)]
    faults += [
        f"{where}: row {row + 2}: {measure} is below 0. Expected 0 or more, for it is not declared as signed."
        for row, measure in below["measure"].head(MAX_ROWS_NAMED).items()
    ]
    shapes = values[["period", "period_basis"]].drop_duplicates()
    faults += [
        f"{where}: period '{period}' is not a {basis}."
        for period, basis in shapes.itertuples(index=False)
        if not is_well_formed(period, basis)
    ]
    if faults:
        raise SchemaError(faults)
    return values


def check_printed(rows: pd.DataFrame, where: str) -> pd.DataFrame:
    """A table typed in from a paper, or SchemaError: every row has a source, no printed cell is lost."""
    import pandera.pandas as pa

    missing = [column for column in PRINTED if column not in rows]
    if missing:
        raise SchemaError(f"{where}: columns {', '.join(missing)} are missing. Expected {', '.join(PRINTED)}.")
    text = pa.Column(str, pa.Check.str_length(min_value=1))
    schema = pa.DataFrameSchema(
        {
            "measure": text,
            "breakdown": text,
            "period": text,
            "period_basis": text,
            "unit": text,
            "source": text,
            "value": pa.Column(float, nullable=True),
            "as_printed": pa.Column(str),
            "status": pa.Column(str, pa.Check.isin(PRINTED_STATUSES)),
        },
        strict=True,
    )
    faults = _faults(schema, rows, where)
    lost = rows["value"].isna() & rows["status"].ne("blank")
    faults += [f"{where}: row {row + 2} has no value and is not marked blank." for row in rows.index[lost]]
    if faults:
        raise SchemaError(faults)
    return rows


def _faults(schema: object, frame: pd.DataFrame, where: str) -> list[str]:
    """Pandera's findings, one line for each column and rule, with the first rows that break it."""
    import pandera.errors

    try:
        schema.validate(frame, lazy=True)  # type: ignore[attr-defined]
    except pandera.errors.SchemaErrors as found:
        lines = []
        for (column, rule), cases in found.failure_cases.groupby(["column", "check"], dropna=False, sort=False):
            rows = [int(index) + 2 for index in cases["index"].dropna().head(5)]
            samples = ", ".join(sorted({str(case)[:40] for case in cases["failure_case"].dropna()})[:3])
            at = f", rows {', '.join(map(str, rows))}" if rows else ""
            lines.append(
                f"{where}: column {column}{at}: found {samples or 'a fault'}, expected {rule} ({len(cases):,} cells)."
            )
        return lines
    return []
