"""Reading the option calculators' files: every fault of every file, and what one file says that another does not know.

What the files hold stands in `option_columns`; reading one in `strict_tables`; what is computed from them belongs to
`models.options`.
"""

from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from highneeds.errors import SourceError
from highneeds.sources.option_columns import LAYOUTS, MATCHES
from highneeds.sources.strict_tables import read_folder


@dataclass(frozen=True)
class Options:
    """Tables by file name (without .csv), each with `row` and `file`; files: name to sha256."""

    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)


def read_options(folder: Path) -> Options:
    """Files of the option calculators in a folder; empty where the folder is not there.

    Each table holds the columns of its layout in their types (counts, pounds and percentages as floats, days as
    dates, years and months as text), `row` (as a spreadsheet counts, header = row 1) and `file`.
    Raises SourceError with all faults of all files: unknown names, columns, cells, keys, gaps, values that disagree.
    """
    tables, files, faults = read_folder(folder, LAYOUTS, name="options")
    faults += [] if faults else _disagreements(tables)
    if faults:
        raise SourceError(faults)
    return Options(tables, files)


def _disagreements(tables: dict[str, pd.DataFrame]) -> list[str]:
    """Values of one file that another, which belongs to it, does not know."""
    faults = []
    for name, other, column in MATCHES:
        if name in tables and other in tables:
            known = list(dict.fromkeys(tables[other][column]))
            odd = tables[name][~tables[name][column].isin(known)]
            faults += [
                f"options/{name}.csv: row {row}, column {column}: found '{value[:40]}'. Expected one that stands in "
                f"options/{other}.csv: {', '.join(known)}. Correct one of the files."
                for row, value in zip(odd["row"], odd[column], strict=True)
            ]
    return faults
