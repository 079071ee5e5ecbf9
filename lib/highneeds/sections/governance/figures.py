"""What decisions, registers and surveys share: rows known by the page's day, and counts of them as figures.

A count says which rows of which file it counts, and the day on which the newest of them was recorded.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date

import pandas as pd

from highneeds import periods
from highneeds.figures import Figure, slug
from highneeds.models.governance.registers import OPEN
from highneeds.models.governance.votes import Vote
from highneeds.models.paper_figures import added, made_figure
from highneeds.periods import AS_LABELLED, AT_DATE, CALENDAR_MONTH
from highneeds.sections.common import printed_figure
from highneeds.sections.page import Page
from highneeds.sources.ballots import CAST, VOTES, Ballot, ballots
from highneeds.sources.citations import paper_and_place

RECORDED = {"recommendations": "held", "actions": "agreed_on", "risks": "recorded_on", "meetings": "held"}


def basis_of(when: str) -> str:
    """Period basis of a day, a month or a year as registers write them."""
    return {10: AT_DATE, 7: CALENDAR_MONTH}.get(len(when), AS_LABELLED)


def when_text(when: object) -> str:
    """A day or month as a register holds it, as text: `2024-02-13`, `2022-09`, `2021`."""
    return when.date().isoformat() if isinstance(when, pd.Timestamp) else str(when)


def when_short(when: object) -> str:
    """`13 Feb 2024`, `Sep 2022`, `2021`: short enough for a narrow column."""
    text = when_text(when)
    month = periods.label(text[:7], CALENDAR_MONTH) if len(text) > 4 else text
    return f"{int(text[8:])} {month}" if len(text) > 7 else month


def register(page: Page, name: str) -> pd.DataFrame:
    """Rows of a register that can have been recorded by the page's day; empty where there are none."""
    rows = page.papers.registers.get(name, pd.DataFrame())
    if rows.empty:
        return rows
    known = rows[rows[RECORDED[name]].map(lambda when: _first_day(when) <= page.facts.as_at)]
    return _as_known(known, page.facts.as_at) if name == "actions" else known


def _as_known(actions: pd.DataFrame, day: date) -> pd.DataFrame:
    """Actions as they stood on a day: one whose state was only told later was open when it was agreed."""
    later = actions["state_on"].gt(pd.Timestamp(day))
    return actions.assign(
        state=actions["state"].mask(later, OPEN), state_on=actions["state_on"].mask(later, actions["agreed_on"])
    )


def _first_day(when: object) -> date:
    """The earliest day that it can mean: what is dated by its year alone is left out only before that year."""
    return date.fromisoformat((when_text(when) + "-01-01")[:10])


def votes_held(page: Page) -> list[Ballot]:
    """Decisions put to a vote by the page's day."""
    return [each for each in ballots(page.papers.tables) if date.fromisoformat(each.period) <= page.facts.as_at]


def vote_of(page: Page, ballot: Ballot) -> Vote:
    """Counts of a vote, with the members present where a recommendation says how many."""
    asked = recommendation_of(page, ballot)
    present = None if asked is None or pd.isna(asked["members_present"]) else int(asked["members_present"])
    return Vote(*(ballot.count(vote) for vote in CAST), present)


def recommendation_of(page: Page, ballot: Ballot) -> pd.Series | None:
    """The recommendation that a vote decided; None where none names it."""
    rows = page.papers.registers.get("recommendations", pd.DataFrame())
    hit = rows[rows["vote"].eq(ballot.decision)] if len(rows) else rows
    return hit.iloc[0] if len(hit) else None


def cast_figures(page: Page, ballot: Ballot) -> list[Figure]:
    """Votes approved, rejected and abstained, as printed."""
    found = [printed_figure(page, ballot.table, VOTES, ballot.period, f"{ballot.decision} - {vote}") for vote in CAST]
    return [figure for figure in found if figure is not None]


def title_of(source: str) -> str:
    """The paper that a row comes from, without the paragraph."""
    return paper_and_place(source)[0]


def titles(rows: pd.DataFrame) -> list[str]:
    """Papers that rows come from, each once."""
    return list(dict.fromkeys(rows["source"].map(title_of)))


def rows_figure(page: Page, name: str, rows: pd.DataFrame, of: pd.DataFrame, unit: str, *, day: str = "") -> Figure:
    """How many rows of a register these are, paper by paper where there are several.

    of: all its rows; day: column of the day that the count is of.
    """
    newest = max(when_text(when) for when in of[day or RECORDED[_register(of.iloc[0])]])
    papers = titles(of)
    tails = [f".paper-{at}" for at in range(1, len(papers) + 1)] if len(papers) > 1 else [""]
    parts = [
        _count(page, f"governance_{name}", rows[rows["source"].map(title_of).eq(paper)], of, newest, unit, paper, tail)
        for paper, tail in zip(papers, tails, strict=True)
    ]
    return parts[0] if len(parts) == 1 else made_figure(f"governance_{name}", added, "+", *parts)


def _count(
    page: Page, name: str, rows: pd.DataFrame, of: pd.DataFrame, newest: str, unit: str, paper: str, tail: str
) -> Figure:
    """Rows from one paper."""
    area, listed = page.facts.authority, ", ".join(map(str, rows["row"])) or "none"
    return Figure(
        id=f"{name}.{area.slug}.{newest}{tail}",
        measure=name,
        area_code=area.code,
        area=area.name,
        period=newest,
        period_basis=basis_of(newest),
        value=float(len(rows)),
        status="",
        unit=unit,
        source=paper,
        reference=f"count of rows of {of['file'].iloc[0]}: {listed}",
    )


def cell_of(page: Page, row: pd.Series, column: str, unit: str) -> Figure:
    """A number of a register as a figure; not held where its cell is empty."""
    area, when = page.facts.authority, when_text(row[RECORDED[_register(row)]])
    blank = pd.isna(row[column])
    return Figure(
        id=f"governance_{column}.{area.slug}.{when}.{slug(_register(row))}-{row['row']}",
        measure=f"governance_{column}",
        area_code=area.code,
        area=area.name,
        period=when,
        period_basis=basis_of(when),
        value=None if blank else float(row[column]),
        status="n" if blank else "",
        unit=unit,
        source=title_of(row["source"]),
        reference=f"{row['file']}, row {row['row']}",
    )


def _register(row: pd.Series) -> str:
    return str(row["file"]).partition("/")[2].partition(".")[0]


def made(name: str, of: Callable[..., float | None], how: str, inputs: Sequence[Figure], **changes) -> Figure:
    """A number computed from figures, as `finance.papers.made_figure`; under ten cases (None) it is not shown."""
    value = of(*(figure.value for figure in inputs))
    figure = made_figure(name, lambda *_: 0.0 if value is None else value, how, *inputs, **changes)
    return replace(figure, value=None, status="u") if value is None else figure


def source_note(rows: pd.DataFrame) -> str:
    """Where the words of a table come from."""
    return f"From: {'; '.join(titles(rows))}. Paragraphs stand in {rows['file'].iloc[0]}."
