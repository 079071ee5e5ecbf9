"""Financial years by name: `2024-25` runs from 1 April 2024 to 31 March 2025.

Owns what follows what, and the faults of a run of years; leaves words and days to `periods`.
"""

from collections.abc import Sequence
from itertools import pairwise

from highneeds.errors import SchemaError
from highneeds.periods import is_financial_year, years_between, years_on


def following(year: str, by: int = 1) -> str:
    """The year that comes so many years later (earlier, where negative). Raises SchemaError for no financial year."""
    if not is_financial_year(year):
        raise SchemaError(f"'{year}' is no financial year. Expected one such as 2024-25. Write it so.")
    return years_on(year, by)


def span(first: str, count: int) -> tuple[str, ...]:
    """So many years in a row."""
    return tuple(following(first, at) for at in range(count))


def january_of(year: str) -> str:
    """The January inside a year, whose plans stand for it: `2026` for `2025-26`."""
    return following(year)[:4]


def year_faults(years: Sequence[str], where: str) -> list[str]:
    """One line for each year that is no financial year, is out of order or is missing; none where all is well."""
    if not len(years):
        return [f"{where}: no year was found. Expected financial years in a row, such as 2024-25. Give them."]
    wrong = [year for year in years if not is_financial_year(year)]
    if wrong:
        return [f"{where}: '{year}' is no financial year. Expected one such as 2024-25. Write it so." for year in wrong]
    return [fault for before, after in pairwise(years) for fault in _step_faults(before, after, where)]


def _step_faults(before: str, after: str, where: str) -> list[str]:
    if after <= before:
        return [f"{where}: {after} follows {before}. Expected each year once, earliest first. Put them in order."]
    lost = [years_on(before, step) for step in range(1, years_between(before, after))]
    return [f"{where}: {year} is missing after {before}. Expected every year between. Add it." for year in lost]
