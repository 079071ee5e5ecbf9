"""The figures of an authority's papers worked out again: a table a paper, as printed, recomputed, difference, verdict.

Owns how the lines of `models.reconcile` are shown; what they come to is decided there.
"""

from collections.abc import Sequence

from highneeds.claims import Claim
from highneeds.figures import Figure, counted
from highneeds.models.deficit.rounded import DOES_NOT_ADD_UP
from highneeds.models.reconcile import reconciled
from highneeds.models.reconcile.line import UNCHECKED, VERDICTS, Line
from highneeds.sections.common import noun
from highneeds.sections.page import Block, Page
from highneeds.tables import Cell, Column, Row

TITLE = "The papers' figures, worked out again"
QUESTION = "Do the figures that the authority's papers print add up?"

HEAD = "Item, what is printed, and where"
UNITS = {"GBP million": "£m", "GBP": "pounds", "%": "per cent"}  # a cell of signs alone is no text
NONE = "none"  # in a cell: nothing is printed, or nothing can be worked out
CHECKED = (
    *map(Column, ("As printed", "Worked out", "Difference")), Column("Unit", words=True), Column("Verdict", words=True),
)  # fmt: skip
NOT_CHECKED = (
    *map(Column, ("As printed", "Implied")), Column("Unit", words=True), Column("What is missing", words=True),
)  # fmt: skip


def answer(page: Page) -> Block:
    """How many figures were checked, and how many have each verdict; without papers, which file would bring one."""
    found = _lines(page)
    if not found:
        return page.answer(_missing(page))
    every = [line for held in found.values() for line in held]
    return page.answer(_counted_said(page, found, every), _reading(page))


def _lines(page: Page) -> dict[str, list[Line]]:
    """Lines by paper, worked out once a page."""
    if "reconciled" not in page.kept:
        page.kept["reconciled"] = reconciled(page.papers.tables, page.facts, page.papers.dated)
    return page.kept["reconciled"]


def _counted_said(page: Page, found: dict[str, list[Line]], every: Sequence[Line]) -> Claim:
    checks = _number(page, "checks", "checks", every)
    template = "{checks} {check} of {papers} {paper}: "
    slots: dict = {"checks": checks, "check": noun(checks, "check")}
    slots["papers"] = _number(page, "papers", "papers", [held[0] for held in found.values()])
    slots["paper"] = noun(slots["papers"], "paper")
    parts = []
    for verdict in VERDICTS:
        held = [line for line in every if line.verdict == verdict]
        if held:
            slot = verdict.replace(" ", "_")
            slots[slot], slots[f"{slot}_words"] = _number(page, slot, "checks", held), _plural(verdict, len(held))
            parts.append(f"{{{slot}}} {{{slot}_words}}")
    return page.say("answer", template + "; ".join(parts) + ".", **slots)


def _plural(verdict: str, number: int) -> str:
    """A verdict as it stands after a number of checks."""
    if number == 1:
        return verdict
    words = {"adds up": "add up", DOES_NOT_ADD_UP: "do not add up", "differs from published": "differ from published"}
    return words.get(verdict, verdict)


def _number(page: Page, name: str, unit: str, lines: Sequence[Line]) -> Figure:
    """How many lines there are, with their items; like the first figure at hand."""
    area = page.facts.authority
    like = Figure(
        id="", measure="", area_code=area.code, area=area.name, period=page.facts.as_at.isoformat(),
        period_basis="at date", value=None, status="", unit=unit, source="", reference="",
    )  # fmt: skip
    how = f"lines of the tables below: {', '.join(dict.fromkeys(line.item for line in lines))}"
    on = [line.printed for line in lines if line.printed is not None]
    return counted(f"reconciled_{name}.{area.slug}.{like.period}", len(lines), unit, like, how, on=on)


def _reading(page: Page) -> Claim:
    return page.say(
        "reading",
        "Nothing printed is mended. A line within rounding may be right; one that does not add up may be a slip in any "
        "of its numbers. A published count may differ because it is of another day or kind. Items are numbered as in "
        "docs/papers.md.",
    )


def _missing(page: Page) -> Claim:
    """Which folder would bring a paper's figures; said in the list of what was not possible too."""
    where = f"data/raw/{page.facts.authority.slug}"
    page.missing.append(
        f"The reconciliation of the authority's own papers. Tables typed in from them, such as {where}/"
        "high_needs_spend.csv or progress_summary.csv, would bring it."
    )
    return page.say(
        "no_papers",
        "No figures of the authority's own papers are held, so none can be worked out again. Tables typed in from them "
        "in {where} would bring this appendix.",
        where=where,
    )


def tables(page: Page) -> Block | None:
    """A table a paper, in the papers' order; None where no paper is held."""
    held = _lines(page)
    return Block("".join(_of_paper(page, at, *each) for at, each in enumerate(held.items(), start=1))) if held else None


def _of_paper(page: Page, at: int, paper: str, held: Sequence[Line]) -> str:
    """A paper's checks; and, in a table of its own, what cannot be checked."""
    checked = [line for line in held if line.verdict != UNCHECKED]
    left = [line for line in held if line.verdict == UNCHECKED]
    blocks = []
    if checked:
        blocks.append(
            page.table(
                f"paper-{at}", paper, row_head=HEAD, columns=CHECKED, rows=[_checked(line) for line in checked],
                note="Difference: worked out less printed, or published less printed.",
            )
        )  # fmt: skip
    if left:
        blocks.append(
            page.table(
                f"paper-{at}-unchecked", f"{paper}: what cannot be checked", row_head=HEAD, columns=NOT_CHECKED,
                rows=[_unchecked(line) for line in left],
                note="Implied: what other printed numbers would make it.",
            )
        )  # fmt: skip
    return "".join(block.markup for block in blocks)


def _checked(line: Line) -> Row:
    said = f"{line.verdict}. {line.comment}" if line.comment else line.verdict
    cells: list[Cell] = [_cell(line.printed), _cell(line.made), _cell(line.difference), _unit(line), said]
    return Row(_label(line), cells, strong=line.verdict == DOES_NOT_ADD_UP)


def _unchecked(line: Line) -> Row:
    return Row(_label(line), [_cell(line.printed), _cell(line.made), _unit(line), line.comment])


def _label(line: Line) -> str:
    """Item, what is printed and where: `K13 Growth of exceptional pupil need (5.4 table)`."""
    where = f" ({line.where.removeprefix('paragraph ').removesuffix(' row')})" if line.where else ""
    return f"{line.item} {line.what}{where}"


def _unit(line: Line) -> str:
    unit = next((figure.unit for figure in (line.printed, line.made) if figure is not None), NONE)
    return UNITS.get(unit, unit)


def _cell(figure: Figure | None) -> Cell:
    return figure if figure is not None else NONE
