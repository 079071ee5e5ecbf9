"""What a report may print although a child bears that name or was born on that day: published words and known days.

Owns the lists; `guard` searches the files of a report for anything else that the case data say of children.
"""

from collections.abc import Iterable
from datetime import date

import pandas as pd

from highneeds.disclosure import patterns
from highneeds.models.deficit.policy import Policies, timetable
from highneeds.models.programme.register import entries
from highneeds.periods import AT_DATE, FINANCIAL_YEAR, is_well_formed, last_day
from highneeds.sources.panel import Panel
from highneeds.sources.papers import Papers
from highneeds.sources.planning import Planning

YEARS_AHEAD = 10  # of which the end of a financial year may be printed


def allowed_words(panel: Panel, papers: Papers, front: dict, planning: Planning) -> list[str]:
    """Words of published and own texts: places, titles, settings and schemes, the committee's front matter."""
    said = [str(item) for value in front.values() for item in (value if isinstance(value, list) else [value])]
    printed = [text for rows in papers.tables.values() for text in _texts(rows[["breakdown", "source", "as_printed"]])]
    register = _texts(papers.programme) if papers.programme is not None else []
    printed += [text for rows in papers.registers.values() for text in _texts(rows.select_dtypes(exclude="number"))]
    planned = [text for rows in _planned(planning) for text in _texts(rows.select_dtypes(exclude="number"))]
    scenarios = [
        text
        for scenario in planning.scenarios
        for text in (scenario.name, scenario.about, *(f"{c.of} {c.instead} {c.source}" for c in scenario.changes))
    ]
    areas, sources = panel.areas["area_name"], panel.sources
    return [*areas, *sources["title"], *sources["publisher"], *said, *printed, *register, *planned, *scenarios]


def allowed_days(panel: Panel, papers: Papers, front: dict, planning: Planning, day: date) -> set[date]:
    """Days of sources, paper and meeting, of balances, openings and rules, and the ends of financial years."""
    own = {found for found in (papers.dated, front.get("meeting_date")) if isinstance(found, date)}
    tables = [panel.values, *papers.tables.values()]
    register = entries(papers.programme, as_at=day) if papers.programme is not None else []
    own |= {found for entry in register for read in (entry.begins, entry.due) for found in read.days}
    told = [*panel.sources["dated"], *(text for rows in _planned(planning) for text in _texts(rows))]
    told += _texts(papers.programme) if papers.programme is not None else []
    told += [text for rows in papers.registers.values() for text in _texts(rows)]
    told += [rule.source for rule in timetable(Policies())]
    told += [f"{change.value} {change.source}" for scenario in planning.scenarios for change in scenario.changes]
    return own | _balances(tables) | _year_ends(tables, day) | {found for _, found in patterns.dates("\n".join(told))}


def _planned(planning: Planning) -> list[pd.DataFrame]:
    return [*planning.tables.values(), *planning.options.tables.values()]


def _texts(rows: pd.DataFrame) -> list[str]:
    return [str(cell) for cell in pd.unique(rows.astype(object).to_numpy().ravel()) if not pd.isna(cell)]


def _periods(tables: Iterable[pd.DataFrame], basis: str) -> set[str]:
    found = {period for rows in tables for period in rows.loc[rows["period_basis"].eq(basis), "period"].unique()}
    return {period for period in found if is_well_formed(period, basis)}


def _balances(tables: Iterable[pd.DataFrame]) -> set[date]:
    return {date.fromisoformat(period) for period in _periods(tables, AT_DATE)}


def _year_ends(tables: Iterable[pd.DataFrame], day: date) -> set[date]:
    """31 March of every financial year with a figure, and of the years that a projection may reach."""
    known = {last_day(period, FINANCIAL_YEAR).year for period in _periods(tables, FINANCIAL_YEAR)}
    return {date(year, 3, 31) for year in {*known, *range(day.year, day.year + YEARS_AHEAD)}}
