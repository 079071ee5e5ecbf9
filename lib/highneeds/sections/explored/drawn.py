"""A view drawn: chart, table and sentences from a page, the same in the explorer, a cell and a report. No widgets."""

from dataclasses import dataclass, replace
from pathlib import Path

from highneeds import charts, periods
from highneeds.charts import Interval, Series
from highneeds.charts.light import address
from highneeds.claims import Claim
from highneeds.errors import ParamsError
from highneeds.figures import Figure
from highneeds.measures.declarations import MEASURES
from highneeds.sections.explored.ahead import Ahead, coming
from highneeds.sections.explored.sayings import RANGES, Asked, said, title
from highneeds.sections.explored.series import lines_of
from highneeds.sections.opening import open_page
from highneeds.sections.page import Block, Page
from highneeds.tables import Cell, Column, Row, table_html
from highneeds.views import View, make_view

SLUG, TITLE = "explored", "Explored: views that were saved"
QUESTION = "What did a closer look show?"
EMPTY = "none"  # in a cell: sheets take no sign alone


@dataclass(frozen=True)
class Drawn:
    """A view as it is shown. picture: SVG; columns, rows: the table's; claims: sentences beneath."""

    id: str
    view: View
    title: Claim
    subtitle: str
    alt: str
    picture: str
    row_head: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Cell, ...]], ...]
    claims: tuple[Claim, ...]
    note: str

    @property
    def chart(self) -> str:
        """The picture as an address that an image can name."""
        return address(self.picture)

    @property
    def table(self) -> str:
        """The table as plain HTML."""
        rows = [Row(label, cells) for label, cells in self.rows]
        columns = [Column(name) for name in self.columns]
        named = {"number": "", "label_id": f"d-{self.id}"}
        return table_html(caption=self.subtitle, row_head=self.row_head, columns=columns, rows=rows, **named)

    @property
    def figures(self) -> list[Figure]:
        """Every figure of the table."""
        return [cell for _, cells in self.rows for cell in cells if isinstance(cell, Figure)]


def draw(page: Page, view: View, id: str = "view") -> Drawn:
    """A view of the page's authority, as at the page's day. id: name of the view on its page.

    Raises ParamsError or SchemaError where the view asks for what is not held.
    """
    asked = Asked(id, view, lines_of(page, view), coming(page, view))
    series = _series(asked)
    columns, rows = _table(asked)
    return Drawn(
        id,
        view,
        title(page, asked),
        _subtitle(page, asked),
        charts.describe(series, f"Line chart of {asked.label}"),
        _picture(asked, series),
        MEASURES[view.measure].period_basis.capitalize(),
        columns,
        rows,
        tuple(said(page, asked)),
        MEASURES[view.measure].definition,
    )


def fresh(page: Page) -> Page:
    """The same page with nothing said on it yet; facts and fitted models are shared, not made again."""
    blank = {"figures": {}, "shown": set(), "claims": [], "keys": [], "changed": [], "unknown": [], "missing": []}
    return replace(page, **blank, answers=[], sheets={}, _numbers={})


def shown(page: Page, drawn: Drawn, heading: str = "") -> Block:
    """A drawn view as blocks of the page: its chart with its data, then its sentences."""
    chart = page.chart(
        drawn.id, drawn.picture, title=drawn.title, subtitle=drawn.subtitle, alt=drawn.alt, row_head=drawn.row_head,
        columns=drawn.columns, rows=drawn.rows, note=drawn.note, heading=heading,
    )  # fmt: skip
    return Block(chart.markup + page.paragraphs("", *drawn.claims).markup)


def open_view(view: View, home: str = "") -> Page:
    """The page that a view is drawn on. Raises ParamsError where its case data are not there."""
    if view.cases and not Path(view.cases).exists():
        raise ParamsError(f"cases: '{view.cases}' is not there. Expected a file or folder of case data. Correct it.")
    asked = {"cases": view.cases, "scenario": view.scenario, "neighbours": view.neighbours, "home": home}
    return open_page(SLUG, TITLE, QUESTION, authority=view.authority, as_at=view.as_at.isoformat(), **asked)


def show(**given: object) -> Block:
    """A view by its parameters, for a cell of a notebook. Raises ParamsError, all faults together."""
    view = make_view(**given)
    page = open_view(view)
    return shown(page, draw(page, view))


# ---- Chart -----------------------------------------------------------------------------------------------------------


def _series(asked: Asked) -> list[Series]:
    """Lines of the chart: rates and shares beside others; counts of so different sizes with what is to come alone."""
    declared, now, under = MEASURES[asked.view.measure], asked.coming.now, asked.coming.under
    mine, *others = asked.lines
    lines = [Series(mine.label, mine.figures)]
    for ahead, role in ((now, "forecast"), (under, "scenario")):
        lines += [] if ahead is None else [Series(ahead.label, [*mine.known[-1:], *ahead.points], role)]
    shown_last = under or now
    if shown_last is not None and shown_last.places:
        lines.append(Series("Places", shown_last.places, "neighbours"))
    beside = others if declared.is_ratio or declared.unit == "%" else []
    return [*lines, *(Series(line.label, line.figures, line.role) for line in beside)][: charts.MAX_SERIES]


def _picture(asked: Asked, series: list[Series]) -> str:
    ahead, start = asked.coming.under or asked.coming.now, asked.lines[0].known[-1:]
    interval = None
    if ahead is not None:
        label = {80: "8 in 10 chance", 95: "19 in 20 chance"}[asked.view.interval]
        interval = Interval([*start, *ahead.lower], [*start, *ahead.upper], label)
    return charts.line_chart(series, unit=MEASURES[asked.view.measure].unit, interval=interval, height=3.0)


def _subtitle(page: Page, asked: Asked) -> str:
    declared = MEASURES[asked.view.measure]
    unit = {"%": "per cent", "GBP": "pounds"}.get(declared.unit, declared.unit)
    told = "" if unit in declared.label else f", {unit}"
    band = f"its {RANGES[asked.view.interval]}" if asked.coming.under is None else "scenario, which has the range"
    dashed = f"; dashed: forecast {'with' if asked.coming.under is None else 'and'} {band}" if asked.coming.now else ""
    return f"{asked.label}, {page.facts.authority.name}, {declared.period_basis}{told}{dashed}"


# ---- Table -----------------------------------------------------------------------------------------------------------


def _table(asked: Asked) -> tuple[tuple[str, ...], tuple[tuple[str, tuple[Cell, ...]], ...]]:
    """A row a period: the authority, what is to come with its range, then the other areas."""
    mine, *others = asked.lines
    columns: dict[str, dict[str, Figure]] = {mine.label: _by_period(mine.figures)}
    for ahead in filter(None, (asked.coming.now, asked.coming.under)):
        columns |= _columns(ahead, asked.view.interval)
    columns |= {line.label: _by_period(line.figures) for line in others}
    found = {figure.period: figure for held in columns.values() for figure in held.values()}
    rows = [
        (periods.label(period, found[period].period_basis), tuple(held.get(period, EMPTY) for held in columns.values()))
        for period in sorted(found)
    ]
    return tuple(columns), tuple(rows)


def _columns(ahead: Ahead, percent: int) -> dict[str, dict[str, Figure]]:
    """Points and ends of the range, which a year that is known already does not have."""
    ends = [pair for pair in zip(ahead.lower, ahead.upper, strict=True) if pair[0].value != pair[1].value]
    low, high = ([pair[end] for pair in ends] for end in (0, 1))
    kinds = {"": ahead.points, f", {RANGES[percent]}: from": low, f", {RANGES[percent]}: to": high}
    kinds |= {", places": ahead.places} if ahead.places else {}
    return {f"{ahead.label}{tail}": _by_period(figures) for tail, figures in kinds.items()}


def _by_period(figures) -> dict[str, Figure]:
    return {figure.period: figure for figure in figures}
