"""What the explorer shows of a drawn view: its picture and sentences as HTML, its table to sort and search."""

import html
import re

import ipywidgets as widgets
import pandas as pd
from itables.widget import ITable

from highneeds.sections.explored.drawn import EMPTY, Drawn
from highneeds.tables import Cell, cell_text, symbols_html

LOOK = (
    "<style>.hn-view figure{margin:0}.hn-view img{max-width:100%;width:46em}.hn-view figcaption{font-weight:600}"
    ".hn-view .sub{display:block;font-weight:400}.hn-view p{max-width:46em;line-height:1.4;margin:.4em 0}"
    ".hn-view td,.hn-view th{padding:.15em .6em;text-align:right}.hn-view th.words{text-align:left}"
    ".hn-view caption{text-align:left}.dt-container table.dataTable thead th{white-space:normal;vertical-align:bottom}"
    ".hn-fault{border-left:.4em solid #801650;padding:.4em .8em}</style>"
)
AS_PRINTED = {"paging": False, "order": [], "showIndex": False, "buttons": ["copy", "csv"]}
AS_PRINTED |= {"layout": {"topStart": "buttons", "topEnd": "search", "bottomStart": None, "bottomEnd": None}}
MONEY = re.compile(r"£([\d.,]+)m")


def chart_html(drawn: Drawn) -> str:
    """Title, picture with its text alternative, and sentences."""
    said = "".join(f"<p>{claim.html}</p>" for claim in drawn.claims)
    return (
        f'{LOOK}<div class="hn-view"><figure><figcaption>{drawn.title.html}'
        f'<span class="sub">{html.escape(drawn.subtitle)}</span></figcaption>'
        f'<img alt="{html.escape(drawn.alt)}" src="{drawn.chart}"></figure>{said}</div>'
    )


def faults_html(faults: list[str]) -> str:
    """One plain line for each fault, read out by a screen reader as it appears."""
    lines = "".join(f"<p>{html.escape(line)}</p>" for line in faults)
    return f'{LOOK}<div class="hn-view hn-fault" role="alert">{lines}</div>' if faults else ""


class Table(widgets.VBox):
    """The view's table, sorted and searched by its reader; beneath it what symbols in it mean."""

    def __init__(self) -> None:
        self.frame = pd.DataFrame()
        self.interactive = ITable(self.frame, **AS_PRINTED)
        self.notes = widgets.HTML()
        super().__init__([self.interactive, self.notes], layout=widgets.Layout(overflow="auto", max_width="100%"))

    def show(self, drawn: Drawn | None) -> None:
        """Show the table of a view; nothing for none."""
        self.frame = pd.DataFrame() if drawn is None else frame_of(drawn)
        numbers = list(range(1, len(self.frame.columns)))
        kinds = [{"targets": numbers, "type": "num-fmt", "className": "dt-right"}] if numbers else []
        caption = "" if drawn is None else caption_of(drawn)
        self.interactive.update(self.frame, caption=caption, columnDefs=kinds, **AS_PRINTED)
        notes = "" if drawn is None else symbols_html(drawn.figures)
        self.notes.value = f'<div class="hn-view">{notes}</div>' if notes else ""
        self.layout.display = "none" if drawn is None else ""


def frame_of(drawn: Drawn) -> pd.DataFrame:
    """Rows as they are printed, a period first, then a column each; numbers so that they sort as numbers."""
    rows = [[label, *map(_sortable, cells)] for label, cells in drawn.rows]
    return pd.DataFrame(rows, columns=[drawn.row_head, *drawn.columns])


def caption_of(drawn: Drawn) -> str:
    """What the numbers are; money without its signs, which the sorting could not read."""
    return drawn.subtitle.replace(", pounds", ", £ million")


def _sortable(cell: Cell) -> str:
    """A number as printed, its sign and unit as the sorting by numbers reads them; empty where there is none."""
    return "" if cell == EMPTY else MONEY.sub(r"\1", cell_text(cell)).replace("−", "-")
