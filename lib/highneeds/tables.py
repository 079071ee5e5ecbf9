"""Frames of figures to accessible tables: caption, scoped headers, units, symbols explained."""

import html
from collections.abc import Sequence
from dataclasses import dataclass

from highneeds import terms
from highneeds.figures import Figure

Cell = Figure | str
SHORT = 14
SAID = ("", "p", "f")  # marks told in words: part months beside the month, forecasts in the title
KEEP = 8  # rows of a table that print keeps on one page


@dataclass(frozen=True)
class Column:
    """Head of a column; `words` marks a column of text, set left."""

    label: str
    words: bool = False


@dataclass(frozen=True)
class Row:
    """Row head and its cells; `rule` draws a line above (totals)."""

    label: str
    cells: Sequence[Cell]
    rule: bool = False
    strong: bool = False


def table_html(
    *, caption: str, number: str, row_head: str, columns: Sequence[Column], rows: Sequence[Row], label_id: str
) -> str:
    """Table with its caption inside; the section around it scrolls on small screens."""
    head = "".join(_th(column.label, "col", "words" if column.words else "") for column in columns)
    body = "\n".join(_row(row, columns) for row in rows)
    name = f'<span class="nr">Table {number}</span> ' if number else ""
    return (
        f'<section class="table{" keep" if len(rows) <= KEEP else ""}" aria-labelledby="{label_id}" '
        'tabindex="0">\n'
        f"<table>\n"
        f'<caption id="{label_id}"><span class="cap">{name}{html.escape(caption)}</span></caption>\n'
        f"<thead><tr>{_th(row_head, 'col', 'words')}{head}</tr></thead>\n"
        f"<tbody>\n{body}\n</tbody>\n</table>\n</section>"
    )


def symbols_html(figures: Sequence[Figure]) -> str:
    """One line that explains the symbols among these figures; empty where there are none."""
    used = dict.fromkeys(figure.status for figure in figures if figure.status not in SAID)
    if not used:
        return ""
    words = "; ".join(f"[{status}] {terms.SYMBOLS.get(status, status)}" for status in sorted(used))
    return f'<p class="note">{html.escape(words)}.</p>'


def cell_text(cell: Cell) -> str:
    """Cell as printed: the unit stands in the column's head, a status beside the number."""
    if isinstance(cell, str):
        return cell
    if not cell.known:
        return cell.text
    number = cell.text.removesuffix("%")
    return f"{number} [{cell.status}]" if cell.status not in SAID else number


def _th(label: str, scope: str, css: str = "") -> str:
    mark = f' class="{css}"' if css else ""
    return f'<th scope="{scope}"{mark}>{html.escape(label)}</th>'


def _row(row: Row, columns: Sequence[Column]) -> str:
    cells = "".join(_td(cell, column) for cell, column in zip(row.cells, columns, strict=True))
    css = " ".join(name for name, on in (("rule", row.rule), ("strong", row.strong)) if on)
    mark = f' class="{css}"' if css else ""
    # A short row head (a year, a month) stays on one line.
    head = "words short" if len(row.label) <= SHORT else "words"
    return f"<tr{mark}>{_th(row.label, 'row', head)}{cells}</tr>"


def _td(cell: Cell, column: Column) -> str:
    css = ' class="words"' if column.words else ""
    mark = f' data-figure="{html.escape(cell.id)}"' if isinstance(cell, Figure) else ""
    return f"<td{css}{mark}>{html.escape(cell_text(cell), quote=False)}</td>"
