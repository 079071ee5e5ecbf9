"""Saved views on the page of a report: what they are, then each with its chart, its table and its sentences.

Drawing belongs to `drawn`: nothing here is worked out anew.
"""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from highneeds import params, periods, terms
from highneeds.claims import listed
from highneeds.errors import HighneedsError, ParamsError
from highneeds.facts import Facts
from highneeds.measures.declarations import MEASURES
from highneeds.sections.explored.drawn import Drawn, draw, shown
from highneeds.sections.explored.saved import Saved, check_saved, read_saved
from highneeds.sections.explored.series import periods_of
from highneeds.sections.page import Block, Page
from highneeds.sources.papers import Papers
from highneeds.tables import Column, Row
from highneeds.views import TOTAL

DASHED = "; dashed"  # what a chart's subtitle says of its lines, and a table has not
MOST_COLUMNS = 7  # of a table that a page can hold; the others' figures stand with the chart


def answer(page: Page, files: Sequence[str]) -> Block:
    """Which views were saved. files: of saved views; none where a notebook is run as it is."""
    saved = _saved(page, files)
    if not saved:
        said = page.say(
            "answer", "No saved view is given. Save one in the explorer, then name its file as a view of the report."
        )
        return page.answer(said)
    names = listed(list(dict.fromkeys(map(_label, saved))))
    text = "Saved in the explorer, and drawn with the figures of this report as at {day}: {names}."
    return page.answer(page.say("answer", text, names=names, day=periods.day_in_words(page.facts.as_at)))


def each(page: Page, files: Sequence[str]) -> Block | None:
    """Every view in the order given. Raises ParamsError where one asks for what is not held; all faults together."""
    saved = _saved(page, files)
    drawn = _drawn(page, saved)
    headings = _headings(saved)
    blocks = [_block(page, one, headings[view.name]) for view, one in zip(saved, drawn, strict=True)]
    return Block("\n".join(block.markup for block in blocks)) if blocks else None


def check_views(saved: Sequence[Saved], facts: Facts, papers: Papers) -> None:
    """Raise ParamsError where a view asks for parts or periods that are not held; all faults together."""
    page, faults = Page(params.EXPLORED, "", "", 1, facts, papers), []
    for view in saved:
        try:
            periods_of(page, view.on(facts.authority.code, facts.as_at))
        except HighneedsError as fault:
            faults += [f"{view.name}: {line}" for line in fault.faults]
    if faults:
        raise ParamsError(faults)


def _saved(page: Page, files: Sequence[str]) -> tuple[Saved, ...]:
    """Views by their files, read once and held against the page."""
    if "saved" not in page.kept:
        saved, facts = read_saved([Path(file) for file in files]), page.facts
        chosen = [area.code for area in facts.neighbours] if facts.others is terms.CHOSEN else []
        given = {
            "neighbours": ",".join(chosen),
            "scenario": ",".join(scenario.file for scenario in page.planning.scenarios),
            "cases": str(page.local.local.folder) if page.local else "",
        }
        row = {"area_code": facts.authority.code, "area_name": facts.authority.name}
        check_saved(saved, facts.panel.areas, [row], given)
        page.kept["saved"] = saved
    return page.kept["saved"]


def _drawn(page: Page, saved: Sequence[Saved]) -> list[Drawn]:
    faults: list[str] = []
    made = []
    for view in saved:
        try:
            made.append(draw(page, view.on(page.facts.authority.code, page.facts.as_at), view.id))
        except HighneedsError as fault:
            faults += [f"{view.name}: {line}" for line in fault.faults]
    if faults:
        raise ParamsError(faults)
    return made


def _headings(saved: Sequence[Saved]) -> dict[str, str]:
    """Measure and part in words; where several views have the same, the name of the file too."""
    words = {view.name: _label(view) for view in saved}
    counts = Counter(words.values())
    return {name: text if counts[text] == 1 else f"{text} ({Path(name).stem})" for name, text in words.items()}


def _label(saved: Saved) -> str:
    view = saved.view
    return MEASURES[view.measure].label + ("" if view.breakdown == TOTAL else f", {view.breakdown}")


def _block(page: Page, drawn: Drawn, heading: str) -> Block:
    """Chart and sentences as the explorer shows them, then the table: print leaves out a chart's own."""
    kept = _columns(page, drawn)
    table = page.table(
        drawn.id,
        drawn.subtitle.partition(DASHED)[0],
        row_head=drawn.row_head,
        columns=[Column(drawn.columns[at]) for at in kept],
        rows=[Row(label, [cells[at] for at in kept]) for label, cells in drawn.rows],
    )
    return Block(shown(page, drawn, heading).markup + table.markup)


def _columns(page: Page, drawn: Drawn) -> list[int]:
    """Columns of the table: all, or where these are too many for a page, without the other areas."""
    facts = page.facts
    others = {facts.england.name, facts.region.name, facts.together}
    every = list(range(len(drawn.columns)))
    return every if len(every) <= MOST_COLUMNS else [at for at in every if drawn.columns[at] not in others]
