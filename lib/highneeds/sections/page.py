"""The page of one section: numbers its paragraphs, tables and charts, and remembers every figure printed."""

import html
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from highneeds import files, params
from highneeds.charts.light import address
from highneeds.claims import Claim, claim
from highneeds.facts import Facts
from highneeds.figures import Figure
from highneeds.figures import slug as area_slug
from highneeds.measures.declarations import OWN
from highneeds.models.yearly.annual import Annual
from highneeds.sections.keys import KeyFigure, keys_html
from highneeds.sections.local import LocalAt
from highneeds.sections.results import results_of
from highneeds.sections.shared import annual_of
from highneeds.sources.option_files import Options
from highneeds.sources.papers import Papers
from highneeds.sources.planning import Planning
from highneeds.tables import Cell, Column, Row, symbols_html, table_html

PLACE = "paragraph"


class Block:
    """A piece of the page that Jupyter shows as HTML."""

    def __init__(self, markup: str) -> None:
        self.markup = markup

    def _repr_html_(self) -> str:
        return self.markup

    def __repr__(self) -> str:
        return "<block>"


@dataclass
class Page:
    """Collects what a section says. Numbers follow the order in which things are first said."""

    slug: str
    title: str
    question: str
    number: int
    facts: Facts
    papers: Papers
    local: LocalAt | None = None
    planning: Planning = field(default_factory=Planning)
    results: str = ""  # where the report wants the results; empty: nowhere
    figures: dict[str, Figure] = field(default_factory=dict)
    shown: set[str] = field(default_factory=set)  # ids of figures that are printed; the others only stand behind them
    claims: list[Claim] = field(default_factory=list)
    keys: list[KeyFigure] = field(default_factory=list)
    changed: list[Claim] = field(default_factory=list)
    unknown: list[Claim] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    answers: list[Claim] = field(default_factory=list)
    sheets: dict[str, dict] = field(default_factory=dict)
    kept: dict = field(default_factory=dict)  # what several of its calls need, worked out once
    _numbers: dict[str, dict[str, int]] = field(default_factory=dict)

    @property
    def mark(self) -> str:
        """What its paragraphs, tables and charts are numbered with: the section's number, an appendix's letter."""
        if self.slug in params.APPENDICES:
            return chr(ord("A") + self.number - 1)
        return str(self.number)

    def number_of(self, kind: str, id: str) -> str:
        """Number of a paragraph, table or chart: `2.3`. Said again, it keeps its number."""
        held = self._numbers.setdefault(kind, {})
        return f"{self.mark}.{held.setdefault(id, len(held) + 1)}"

    def see(self, kind: str, id: str) -> str:
        """`Figure 1.2` or `Table 1.1`, for a sentence that points to it."""
        return f"{'Figure' if kind == 'f' else 'Table'} {self.number_of(kind, id)}"

    def say(self, id: str, template: str, **slots: Figure | str) -> Claim:
        """Sentence whose figures are remembered."""
        made = claim(f"{self.slug}.{id}", template, **slots)
        self.remember(made.figures)
        self.claims = [*(c for c in self.claims if c.id != made.id), made]
        return made

    def remember(self, figures: Iterable[Figure]) -> None:
        """Keep figures that are printed, and all they are computed from, for figures.csv."""
        kept = list(figures)
        self.shown |= {figure.id for figure in kept}
        self._keep(kept)

    def _keep(self, figures: Iterable[Figure]) -> None:
        for figure in figures:
            held = self.figures.get(figure.id)
            if held is not None and (held.value, held.status) != (figure.value, figure.status):
                raise AssertionError(f"figure {figure.id} has two values: {held.value} and {figure.value}")
            self.figures[figure.id] = figure
            self._keep(figure.inputs)

    def paragraphs(self, heading: str, *said: Claim | None, note: Claim | str = "") -> Block:
        """Numbered paragraphs under a heading."""
        body = "\n".join(self._paragraph(claim, "para") for claim in said if claim is not None)
        head = _heading(heading)
        return Block(head + body + (f"\n{_note(note)}" if note else ""))

    def answer(self, *said: Claim | None) -> Block:
        """The section's answer, first of all."""
        self.answers = [claim for claim in said if claim is not None]
        body = "\n".join(self._paragraph(claim, "answer") for claim in self.answers)
        return Block(body)

    def _paragraph(self, claim: Claim, kind: str) -> str:
        """One numbered paragraph; a caution says so in a word, not in colour alone."""
        css, word = (f"{kind} caution", "<strong>Caution:</strong> ") if claim.caution else (kind, "")
        number = f'<span class="nr">{self.number_of("p", claim.id)}</span>'
        return f'<p class="{css}" id="p-{claim.id.replace(".", "-")}">{number} {word}{claim.html}</p>'

    def warn(self, id: str, template: str, **slots: Figure | str) -> Claim:
        """Sentence that warns of a figure: said like any other, shown as a callout."""
        return replace(self.say(id, template, **slots), caution=True)

    def key_figures(self, *keys: KeyFigure) -> Block:
        """Large numbers at the top of the section."""
        self.keys = list(keys)
        for key in keys:
            self.remember([key.figure, *key.beside, *([key.since] if key.since else [])])
        return Block(keys_html(keys))

    def table(
        self,
        id: str,
        caption: Claim | str,
        *,
        row_head: str,
        columns: Sequence[Column],
        rows: Sequence[Row],
        note: Claim | str = "",
        heading: str = "",
    ) -> Block:
        """Numbered table with its symbols, note and source beneath."""
        figures = [cell for row in rows for cell in row.cells if isinstance(cell, Figure)]
        self.remember(figures)
        text = caption.text if isinstance(caption, Claim) else caption
        markup = table_html(
            caption=text,
            number=self.number_of("t", id),
            row_head=row_head,
            columns=columns,
            rows=rows,
            label_id=f"t-{self.slug}-{id}",
        )
        self._keep_sheet(f"Table {self.number_of('t', id)}", id, text, row_head, columns, rows, note)
        extra = _note(note)
        return Block(f"{_heading(heading)}{markup}\n{symbols_html(figures)}{extra}{self.source_line(figures)}")

    def chart(
        self,
        id: str,
        picture: str,
        *,
        title: Claim,
        subtitle: str,
        alt: str,
        row_head: str,
        columns: Sequence[str],
        rows: Sequence[tuple[str, Sequence[Cell]]],
        note: Claim | str = "",
        heading: str = "",
    ) -> Block:
        """Numbered chart: title says the finding, subtitle the measure, place, period and unit."""
        figures = [cell for _, cells in rows for cell in cells if isinstance(cell, Figure)]
        self.remember(figures)
        number = self.number_of("f", id)
        data = table_html(
            caption=f"Data for Figure {number}",
            number="",
            row_head=row_head,
            columns=[Column(name) for name in columns],
            rows=[Row(name, cells) for name, cells in rows],
            label_id=f"d-{self.slug}-{id}",
        )
        self._keep_sheet(
            f"Figure {number}",
            id,
            f"{title.text}. {subtitle}",
            row_head,
            [Column(name) for name in columns],
            [Row(name, cells) for name, cells in rows],
            note,
        )
        extra = _note(note)
        return Block(
            f'{_heading(heading)}<figure id="f-{self.slug}-{id}">\n<figcaption><span class="nr">Figure {number}</span> '
            f'<strong>{title.html}</strong><span class="sub">{html.escape(subtitle)}</span></figcaption>\n'
            f'<img alt="{html.escape(alt)}" src="{address(picture)}">\n'
            f"<details><summary>Data for Figure {number}</summary>\n{data}\n</details>\n"
            f"{symbols_html(figures)}{extra}{self.source_line(figures)}\n</figure>"
        )

    def _keep_sheet(self, name, id, title, row_head, columns, rows, note) -> None:
        """Numbers of a table or chart as plain data, for the files beside the report."""

        def plain(cell: Cell) -> dict:
            if isinstance(cell, Figure):
                return {"value": cell.value, "status": cell.status, "places": cell.places, "unit": cell.unit}
            return {"text": cell}

        figures = [cell for row in rows for cell in row.cells if isinstance(cell, Figure)]
        heads = [row_head, *(column.label for column in columns)]
        if len(set(heads)) != len(heads):  # no data file could tell them apart
            raise AssertionError(f"{name}: two columns have one name: {', '.join(heads)}")
        self.sheets[name] = {
            "name": name,
            "slug": f"{area_slug(name)}-{self.slug.replace('_', '-')}-{id}",
            "title": title,
            "row_head": row_head,
            "columns": [column.label for column in columns],
            "rows": [[row.label, *map(plain, row.cells)] for row in rows],
            "note": note.text if isinstance(note, Claim) else note,
            "source": "; ".join(dict.fromkeys(self.title_of(source) for source in _sources(figures))),
        }

    @property
    def options(self) -> Options:
        """Tables of the option calculators."""
        return self.planning.options

    def annual(self, measure: str) -> Annual | None:
        """Yearly models of a measure, fitted once on what was known by the day of the page; None without figures."""
        return annual_of(self.facts.values, self.facts.panel.areas, self.facts.kept, measure)

    def disclosure_note(self, *dimensions: str) -> str:
        """Policy under which counts of case data are shown, in a sentence; empty where there are none."""
        return self.local.local.policy.says_for(dimensions) if self.local else ""

    def source_line(self, figures: Iterable[Figure]) -> str:
        """Sources of these figures and of all they are computed from, each once."""
        titles = dict.fromkeys(self.title_of(source) for source in _sources(figures))
        own = "; percentages, rates and sums computed from them" if any(f.source == OWN for f in figures) else ""
        said = "; ".join(places_together(list(titles)))
        return f'<p class="source">Source: {html.escape(said + own)}.</p>' if titles else ""

    def title_of(self, source: str) -> str:
        """Publisher and title of a source of the panel; a paper's own title as it stands."""
        return self.facts.titles.get(source, source)

    def close(self) -> Block:
        """Last call of a notebook: writes what the report needs, where the runner asks for it."""
        sources = dict.fromkeys(self.title_of(source) for source in _sources(self.figures.values()))
        if self.results:
            files.write_whole(Path(self.results), json.dumps(self.as_results(), indent=1, ensure_ascii=False).encode())
        items = "".join(f"<li>{html.escape(title)}</li>" for title in sources)
        return Block(
            f"<h3>Sources of this section</h3>\n<ul>{items}</ul>\n<p>{len(self.figures):,} figures, each with "
            "its source and row or its formula.</p>"
        )

    def as_results(self) -> dict:
        """The section as plain data: headline, key figures, claims and every figure."""
        return results_of(self)


def places_together(titles: Sequence[str]) -> list[str]:
    """Titles in order; several places of one paper (`..., paragraph 3.8 table`) as one: `..., paragraphs 1.5, 3.8`."""
    papers: dict[str, list[str]] = {}
    for title in titles:
        paper, _, place = title.rpartition(f", {PLACE} ")
        papers.setdefault(paper or title, []).extend([place.removesuffix(" table")] if paper else [])
    said = []
    for paper, places in papers.items():
        found = sorted(set(places), key=lambda place: [int(number) for number in re.findall(r"[0-9]+", place)])
        said.append(f"{paper}, {PLACE}{'s' if len(found) > 1 else ''} {', '.join(found)}" if found else paper)
    return said


def _heading(text: str) -> str:
    return f"<h3>{html.escape(text)}</h3>\n" if text else ""


def _note(note: Claim | str) -> str:
    """Small print beneath a table or a chart; empty where there is none."""
    said = note.html if isinstance(note, Claim) else html.escape(note)
    return f'<p class="note">{said}</p>' if note else ""


def _sources(figures: Iterable[Figure]) -> Iterable[str]:
    for figure in figures:
        if figure.inputs:
            yield from _sources(figure.inputs)
        elif figure.source and figure.source != OWN:
            yield figure.source
