"""What all of the programme section shares: the entries of the register, their counts as figures, dates in words."""

from collections.abc import Sequence

from highneeds import periods
from highneeds.clean.references import runs
from highneeds.figures import Figure
from highneeds.models.programme.deadlines import DAY, MONTH, NONE, RECURRING, Deadline
from highneeds.models.programme.register import Entry, entries
from highneeds.periods import AT_DATE
from highneeds.sections.page import Page
from highneeds.sources.citations import paper_and_place

FILE = "programme.csv"


REGISTER = "the plan register, programme.csv (docs/programme.md)"


def held(page: Page) -> list[Entry]:
    """Entries of the register whose paper was out by the day of the report; empty where there is none."""
    if "programme" not in page.kept:
        table = page.papers.programme
        page.kept["programme"] = [] if table is None else entries(table, as_at=page.facts.as_at)
    return page.kept["programme"]


def count(page: Page, name: str, found: Sequence[Entry], how: str, *, unit: str = "entries", breakdown: str = "Total"):
    """How many entries are so, as a figure that names their rows."""
    rows = f"rows {runs([entry.row for entry in found])}" if found else "no row"
    return _figure(page, name, len(found), f"{_file(page)}, {rows}: {how}", unit=unit, breakdown=breakdown)


def rows_told(found: Sequence[Entry]) -> str:
    """Where what is said of entries stands: `kent/programme.csv, rows 5, 34: evidence`; the register where of none."""
    return f"{found[0].file}, rows {runs([entry.row for entry in found])}: evidence" if found else REGISTER


def streams(page: Page, found: Sequence[tuple[str, str]]) -> Figure:
    """How many workstreams the register has."""
    return _figure(
        page, "workstreams", len(found), f"{_file(page)}: different programmes and workstreams", unit="workstreams"
    )


def of_row(page: Page, entry: Entry, name: str, value: float | None, unit: str, *, status: str = "") -> Figure:
    """A number that one row of the register gives; its source is the paper, its reference the row and the place."""
    paper, place = paper_and_place(entry.source)
    return Figure(
        id=f"programme_{name}.{page.facts.authority.slug}.{page.facts.as_at.isoformat()}.row-{entry.row}",
        measure=f"programme_{name}",
        area_code=page.facts.authority.code,
        area=page.facts.authority.name,
        period=page.facts.as_at.isoformat(),
        period_basis=AT_DATE,
        value=value,
        status=status,
        unit=unit,
        source=paper,
        reference=f"{entry.file}, row {entry.row}" + (f" ({place})" if place else ""),
        breakdown=entry.id,
        places=1,
    )


def in_words(read: Deadline) -> str:
    """What a date was read as: `March 2022`, `1 April 2025 to 31 March 2026`, `from September 2025, no end`."""
    if read.earliest is None:
        return {RECURRING: "every year", NONE: "nothing" if read.text else "none given"}[read.precision]
    if read.latest is None:
        return f"from {_day(read.earliest, read.precision)}, no end"
    if read.precision in (DAY, MONTH):
        return _day(read.latest, read.precision)
    return f"{periods.day_in_words(read.earliest)} to {periods.day_in_words(read.latest)}"


def _day(day, precision: str) -> str:
    words = periods.day_in_words(day)
    return words.partition(" ")[2] if precision == MONTH else words


def _figure(page: Page, name: str, value: float, reference: str, *, unit: str, breakdown: str = "Total") -> Figure:
    area, day = page.facts.authority, page.facts.as_at.isoformat()
    tail = "" if breakdown == "Total" else f".{breakdown}"
    return Figure(
        id=f"programme_{name}.{area.slug}.{day}{tail}",
        measure=f"programme_{name}",
        area_code=area.code,
        area=area.name,
        period=day,
        period_basis=AT_DATE,
        value=value,
        status="",
        unit=unit,
        source=f"Plan register of {area.name} ({FILE}), each row of which names its paper",
        reference=reference,
        breakdown=breakdown,
    )


def _file(page: Page) -> str:
    return held(page)[0].file
