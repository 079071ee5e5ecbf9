"""The forms of a report: which sections each has, in what order and under which headings, and where it stands.

Each form is a small template over the same sections. What a form's front says stands in `front` and its template.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from highneeds import params
from highneeds.errors import ParamsError

SCRUTINY, FORUM, DSG_PLAN, BRIEFING = "scrutiny", "forum", "dsg-plan", "briefing"
# What a form puts in an order of its own; the sections that it does not name follow by themselves.
MONEY, PLACES, LOG = ("finance", "options"), ("places",), ("programme", "governance")
CHILDREN = ("caseload", "progress", "requests", "timeliness", "sen_support", "benchmarks")
FORUM_FIRST = (
    *MONEY, *PLACES, "caseload", *LOG, "benchmarks", "progress", "requests", "timeliness", "sen_support",
)  # fmt: skip


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

    def chosen(self, slugs: Sequence[str], *, views: bool = False) -> tuple[str, ...]:
        """Chosen sections in the order in which they are shown; all of the form's own where none is chosen.

        views: whether saved views are given; they stand after all that is no appendix, where the choice does not say.
        Raises ParamsError for their section without them.
        """
        if params.EXPLORED in slugs and not views:
            raise ParamsError(f"section '{params.EXPLORED}': found no saved view. Expected some: give --view FILE.")
        if not slugs:
            chosen = self.sections
        elif any(group.heading for group in self.groups):
            chosen = tuple(slug for slug in self.sections if slug in slugs)
        else:
            chosen = tuple(slugs)
        return _with_views(chosen) if views and params.EXPLORED not in chosen else chosen

    def folder(self, day: date) -> str:
        """Name of a report's folder: the day, and the form where it is not the first."""
        return day.isoformat() + ("" if self.name == SCRUTINY else f"-{self.name}")

    def store(self, day: date) -> str:
        """Name of the folder that keeps its finished sections: that of the form it shares them with."""
        return FRAMES[self.shares or self.name].folder(day)


def _with_views(slugs: tuple[str, ...]) -> tuple[str, ...]:
    """Sections with that of saved views, before the appendices at the end."""
    at = next((at for at in range(len(slugs), 0, -1) if slugs[at - 1] not in params.APPENDICES), 0)
    return (*slugs[:at], params.EXPLORED, *slugs[at:])


def _others(*named: tuple[str, ...]) -> tuple[str, ...]:
    """Sections that a form does not name: no form forgets one."""
    held = {slug for slugs in named for slug in slugs} | set(params.APPENDICES)
    return tuple(slug for slug in params.SECTIONS if slug not in held)


VIEWS = Group("Explored", (params.EXPLORED,))
FRAMES = {
    frame.name: frame
    for frame in (
        Frame(
            SCRUTINY, "report to scrutiny", "The committee is asked to:", "paper.html.j2", (Group("", params.SECTIONS),)
        ),
        Frame(
            FORUM, "report to the schools forum", "The forum is asked to:", "forum.html.j2",
            (Group("", (*FORUM_FIRST, *_others(FORUM_FIRST), *params.APPENDICES)),),
        ),
        Frame(
            DSG_PLAN, "management plan of the schools grant, summary", "Readers are asked to:", "dsg-plan.html.j2",
            (
                Group("Financial summary", MONEY),
                Group("Children and young people summary", (*CHILDREN, *_others(MONEY, CHILDREN, LOG, PLACES))),
                Group("Governance and workstream log", LOG),
                Group("Stakeholder engagement", (), beside="governance"),
                Group("Provision", PLACES),
                VIEWS,
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
    """Executed sections under the form's headings; a heading without a section is kept, for what is missing there.

    But that of saved views: nobody asks for them where none is given.
    """
    held = {section["slug"]: section for section in sections if not section["appendix"]}
    groups = [group for group in frame.groups if group.heading and (group is not VIEWS or params.EXPLORED in held)]
    return [(group, [held[slug] for slug in group.slugs if slug in held]) for group in groups]
