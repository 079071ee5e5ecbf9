"""The tables of a planning folder: capacity, unit costs, budget and savings.

Owns their columns, and the rules that only they have. The reading itself is that of `strict_tables`.
"""

from pathlib import Path

import pandas as pd

from highneeds.errors import SourceError
from highneeds.sources.strict_tables import Layout, read_folder

APART = ("scenarios", "options")  # folders inside, read elsewhere

LAYOUTS = {
    "capacity": Layout(
        tuple("setting placement phase places_now places_planned opens confidence_pct filled source".split()),
        ("setting", "placement"),
        blank=("opens", "filled"),
    ),
    "unit_costs": Layout(
        ("placement", "financial_year", "unit_cost_gbp", "inflation_pct", "source"),
        ("placement",),
        one=("financial_year",),
    ),
    "budget": Layout(
        ("line", "name", "financial_year", "amount_gbp", "source"),
        ("line", "name", "financial_year"),
        blank=("name",),
        yearly="financial_year",
        within="line",
    ),
    "savings": Layout(("scheme", "first_year", "full_year_gbp", "ramp_pct", "probability_pct", "source"), ("scheme",)),
}


def read_planning_tables(folder: Path) -> tuple[dict[str, pd.DataFrame], dict[str, str]]:
    """Tables of a planning folder by name, and checksums by file name; nothing where the folder is not there.

    Raises SourceError with all faults of all files.
    """
    tables, files, faults = read_folder(folder, LAYOUTS, name="planning", rules=_RULES, apart=APART)
    if faults:
        raise SourceError(faults)
    return tables, files


def _dated(capacity: pd.DataFrame) -> list[str]:
    """Places that change need a day."""
    moved = capacity[capacity["places_planned"].ne(capacity["places_now"]) & capacity["opens"].isna()]
    return [
        f"planning/capacity.csv: row {row}, column opens: found nothing, though places go from {now:g} to {then:g}. "
        "Expected the day on which they open, such as 2027-09-01. Add it, or plan no change."
        for row, now, then in zip(moved["row"], moved["places_now"], moved["places_planned"], strict=True)
    ]


def _named(budget: pd.DataFrame) -> list[str]:
    """Other spend is named; the other lines are one each a year, and the balance is of one year."""
    nameless = budget["line"].eq("other_spend") & budget["name"].isna()
    faults = [
        f"planning/budget.csv: row {row}, column name: found nothing. Expected what the other spend is for. Name it."
        for row in budget["row"][nameless]
    ]
    balances = budget[budget["line"].eq("opening_balance")]
    if len(balances) > 1:
        rows = ", ".join(map(str, balances["row"]))
        faults.append(
            f"planning/budget.csv: rows {rows}, column line: found {len(balances)} opening balances. Expected one, of "
            "the first year of the plan. Take the others out."
        )
    return faults + _more_than_once(budget[~budget["line"].isin(["other_spend", "opening_balance"])])


def _more_than_once(lines: pd.DataFrame) -> list[str]:
    """A grant in two rows would be added up, named or not."""
    same = lines[lines.duplicated(["line", "financial_year"], keep=False)]
    return [
        f"planning/budget.csv: rows {', '.join(map(str, rows['row']))}, column line: found {line} of {year} more than "
        "once. Expected one amount a year. Add them up, or take one out."
        for (line, year), rows in same.groupby(["line", "financial_year"], sort=False)
    ]


_RULES = {"capacity": _dated, "budget": _named}
