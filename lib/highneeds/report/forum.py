"""The front of a report to the schools forum: who decides, worked out beside the sections and not in a notebook."""

from dataclasses import dataclass, field
from pathlib import Path

from highneeds.facts import Facts
from highneeds.report.frames import FORUM
from highneeds.sections import decides
from highneeds.sections.page import Page
from highneeds.sources.forum import read_forum
from highneeds.sources.papers import Papers


@dataclass(frozen=True)
class Decides:
    """Markup of the table, its figures as rows of figures.csv, and what is missing."""

    markup: str = ""
    figures: list[dict] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)


NO_FORUM = Decides()


def decides_of(frame: str, raw: Path, front: dict, facts: Facts, papers: Papers) -> tuple[dict, Decides]:
    """The front with what the forum is asked, and who decides; nothing is changed for other forms."""
    if frame != FORUM:
        return front, NO_FORUM
    forum = read_forum(raw, front["recommendations"])
    page = Page(decides.SLUG, decides.TITLE, "", 1, facts, papers)
    markup = decides.who_decides(page, forum).markup
    made = Decides(markup, page.as_results()["figures"], page.missing)
    return front | {"recommendations": decides.asked(forum), "members": [each.name for each in forum.members]}, made
