"""The forms of a report: which sections each has, in what order and under which headings, and where it stands.

Each form is a small template over the same sections. What a form's front says stands in `front` and its template.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from highneeds import params
from highneeds.errors import ParamsError

SCRUTINY, FORUM, DSG_PLAN, BRIEFING = "scrutiny", "forum", "dsg-plan", "briefing"


@dataclass(frozen=True)
class Group:
    """A heading and the sections under it; without a heading they stand by themselves.

    beside: a section under another heading that also speaks of this one.
    """

    heading: str
    slugs: tuple[str, ...]
    beside: str = ""

    @property
    def id(self) -> str:
        """Name of the heading in links."""
        return "tab-" + self.heading.lower().replace(" ", "-")


@dataclass(frozen=True)
class Frame:
    """One form of a report. words: as the index names it; asks: what stands above the recommendations.

    shares: the form whose finished sections it may take, because it numbers them alike.
    """

    name: str
    words: str
    asks: str
    template: str
    groups: tuple[Group, ...]
    shares: str = ""

    @property
    def sections(self) -> tuple[str, ...]:
        """Its sections in their order: those that there are."""
        return tuple(slug for group in self.groups for slug in group.slugs if slug in params.SECTIONS)

    def chosen(self, slugs: Sequence[str]) -> tuple[str, ...]:
        """Chosen sections in the order in which they are shown; all of the form's own where none is chosen."""
        if not slugs:
            return self.sections
        if all(not group.heading for group in self.groups):
            return tuple(slugs)
        return tuple(slug for slug in self.sections if slug in slugs)

    def folder(self, day: date) -> str:
        """Name of a report's folder: the day, and the form where it is not the first."""
        return day.isoformat() + ("" if self.name == SCRUTINY else f"-{self.name}")

    def store(self, day: date) -> str:
        """Name of the folder that keeps its finished sections: that of the form it shares them with."""
        return FRAMES[self.shares or self.name].folder(day)


FRAMES = {
    frame.name: frame
    for frame in (
        Frame(
            SCRUTINY, "report to scrutiny", "The committee is asked to:", "paper.html.j2", (Group("", params.SECTIONS),)
        ),
        Frame(
            FORUM, "report to the schools forum", "The forum is asked to:", "forum.html.j2",
            (
                Group("", (
                    "finance", "options", "places", "caseload", "programme", "governance", "benchmarks", "progress",
                    "requests", "timeliness", "sen_support", *params.APPENDICES,
                )),
            ),
        ),
        Frame(
            DSG_PLAN, "management plan of the schools grant, summary", "Readers are asked to:", "dsg-plan.html.j2",
            (
                Group("Financial summary", ("finance", "options")),
                Group(
                    "Children and young people summary",
                    ("caseload", "progress", "requests", "timeliness", "sen_support", "benchmarks"),
                ),
                Group("Governance and workstream log", ("programme", "governance")),
                Group("Stakeholder engagement", (), beside="governance"),
                Group("Provision", ("places",)),
                Group("", params.APPENDICES),
            ),
        ),
        Frame(
            BRIEFING, "briefing, one page", "The committee is asked to:", "briefing.html.j2",
            (Group("", params.SECTIONS),), shares=SCRUTINY,
        ),
    )
}  # fmt: skip


def frame_of(name: str) -> Frame:
    """Form by its name. Raises ParamsError where there is none."""
    if name not in FRAMES:
        raise ParamsError(f"frame '{name}': there is none of that name. Expected one of {', '.join(FRAMES)}.")
    return FRAMES[name]


def of_folder(name: str) -> str:
    """Name of the form whose report stands in a folder of this name."""
    return next((frame for frame in FRAMES if name.endswith(f"-{frame}")), SCRUTINY)


def grouped(frame: Frame, sections: Iterable[dict]) -> list[tuple[Group, list[dict]]]:
    """Executed sections under the form's headings; a heading without a section is kept, for what is missing there."""
    held = {section["slug"]: section for section in sections if not section["appendix"]}
    return [(group, [held[slug] for slug in group.slugs if slug in held]) for group in frame.groups if group.heading]
