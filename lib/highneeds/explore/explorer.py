"""The explorer: controls, chart, table and sentences of one view, the code of it, and saving it for a report."""

import html
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import ipywidgets as widgets

from highneeds import files
from highneeds.errors import HighneedsError, ParamsError
from highneeds.explore.controls import choices_of, controls_for, parts_and_periods, with_value
from highneeds.explore.shown import Table, chart_html, faults_html
from highneeds.facts import plain_name
from highneeds.figures import slug
from highneeds.params import find_authority
from highneeds.sections import open_page
from highneeds.sections.explored.drawn import QUESTION, SLUG, TITLE, Drawn, draw, fresh, open_view
from highneeds.sections.page import Page
from highneeds.sections.shared import open_shared, prepare
from highneeds.views import View, as_cell, make_view, view_yaml

OF_PAGE = ("authority", "as_at", "cases", "scenario", "neighbours")  # what another page is opened for
DEPENDENT = ("breakdown", "first", "last")  # what may be chosen hangs on the measure
CHOICES = ("neighbours", "scenario", "cases")  # what a view and its report must agree on
KEPT = 8  # pages
FOLDER, ENDING = "views", ".yml"
FINEST = 4  # decimals of a slider
LONGEST = 60  # characters of a saved view's name


def explorer(authority: str = "Kent", *, home: str = "", **given: Any) -> "widgets.VBox":
    """The explorer on an authority, or plain lines that say why there is none.

    given: any other parameter of a view; as_at left out: the newest input's day. home: the project folder.
    """
    try:
        return open_explorer(authority, Path(home) if home else files.home(), **given)
    except HighneedsError as found:
        return widgets.VBox([widgets.HTML(faults_html(list(found.faults)))])


def open_explorer(authority: str, root: Path, **given: Any) -> "Explorer":
    """The explorer on an authority of a project folder. Raises a HighneedsError, all faults together."""
    named = plain_name(find_authority(open_shared(files.panel_folder(root)).panel.areas, authority)["area_name"])
    as_at = given.pop("as_at", None) or _newest(named, given, root)
    view = make_view(authority=named, as_at=as_at, **given)
    prepare(root, view.as_at)
    return Explorer(view, root)


def _newest(authority: str, given: dict[str, Any], root: Path) -> date:
    """Day of the newest input of an authority."""
    held = {name: given.get(name, "") for name in ("cases", "scenario", "neighbours")}
    return open_page(SLUG, TITLE, QUESTION, authority=authority, home=str(root), **held).facts.as_at


def report_command(view: View, where: str) -> str:
    """What makes a report with a saved view: it is refused where the report's own choices are others."""
    said = [("--view", where), *((f"--{name}", getattr(view, name)) for name in CHOICES if getattr(view, name))]
    options = " ".join(f"{name} {_in_a_shell(value)}" for name, value in said)
    return f"highneeds report {_in_a_shell(view.authority)} {options}"


def _in_a_shell(text: str) -> str:
    """Quoted as every shell reads it, those of Windows too."""
    return text if re.fullmatch(r"[\w./:\\-]+", text) else f'"{text}"'


def _plain(value: Any) -> Any:
    """A slider's number as it reads: steps of a twentieth add up to 0.8500000000000001."""
    return round(value, FINEST) if isinstance(value, float) else value


class Explorer(widgets.VBox):
    """Widgets of one view. view, drawn: as they stand; drawn is None where the view cannot be drawn."""

    def __init__(self, view: View, home: Path) -> None:
        self.home, self.view = home, view
        self.drawn: Drawn | None = None
        self._pages: dict[tuple, Page] = {}
        self._settling = False
        self.controls = controls_for(view, choices_of(self._page(view), view))
        self.fault, self.chart, self.table = widgets.HTML(), widgets.HTML(), Table()
        self._make_doors()
        for control in self.controls.values():
            control.observe(self._changed, names="value")
        panel = widgets.VBox([*self.controls.values()], layout=widgets.Layout(flex="0 0 auto"))
        shown = [self.fault, self.chart, self.table, *self._doors()]
        picture = widgets.VBox(shown, layout=widgets.Layout(flex="1 1 28em", min_width="0", margin="0 0 0 1.5em"))
        super().__init__([widgets.HBox([panel, picture], layout=widgets.Layout(flex_flow="row wrap"))])
        self.redraw()

    # ---- Drawing -----------------------------------------------------------------------------------------------------

    def redraw(self) -> None:
        """Draw the view as the controls stand; what is wrong with it stands in its place, a line each."""
        self._guarded(self._draw)
        if self.fault.value:
            self.drawn, self.chart.value = None, ""
            self.table.show(None)
        self.cell.value = as_cell(self.view) if self.drawn is not None else ""

    def _draw(self) -> None:
        asked = {name: _plain(control.value) for name, control in self.controls.items()}
        self.view = make_view(**{name: value for name, value in asked.items() if value is not None})
        self.drawn = draw(fresh(self._page(self.view)), self.view)
        self.chart.value = chart_html(self.drawn)
        self.table.show(self.drawn)

    def _guarded(self, act: Callable[[], None]) -> None:
        """Do it, and say in plain lines what to put right; of all else only the kind, for case data may be in it."""
        try:
            act()
        except HighneedsError as found:
            self.fault.value = faults_html(list(found.faults))
        except Exception as found:
            name = type(found).__name__
            self.fault.value = faults_html(
                [f"This could not be done ({name}). Choose otherwise, or report it with the choices made."]
            )
        else:
            self.fault.value = ""

    def _page(self, view: View) -> Page:
        """The page of a view, opened once for the same authority, day and inputs."""
        key = tuple(getattr(view, name) for name in OF_PAGE)
        if key not in self._pages:
            self._pages[key] = open_view(view, str(self.home))
            while len(self._pages) > KEPT:
                self._pages.pop(next(iter(self._pages)))
        return self._pages[key]

    def _changed(self, change: dict[str, Any]) -> None:
        if self._settling:
            return
        if change["owner"] in (self.controls["measure"], self.controls["breakdown"]):
            self._guarded(self._settle)
        self.redraw()

    def _settle(self) -> None:
        """Offer what the measure has; a choice that it does not have falls back to the first."""
        controls, self._settling = self.controls, True
        try:
            measure, page = controls["measure"].value, self._page(self.view)
            offered = parts_and_periods(page, measure, controls["breakdown"].value)
            for name in DEPENDENT:
                kept, held = controls[name].value, [value for _, value in offered[name]]
                controls[name].options = with_value(offered[name], kept if kept in held else held[0])
                controls[name].value = kept if kept in held else held[0]
        finally:
            self._settling = False

    # ---- Taking a view away ------------------------------------------------------------------------------------------

    def _make_doors(self) -> None:
        wide = widgets.Layout(width="46em")
        self.copy = widgets.Button(description="Copy as cell", tooltip="show the code that makes this view again")
        self.cell = widgets.Textarea(
            description="Code", layout=widgets.Layout(width="46em", height="7em", display="none")
        )
        self.name = widgets.Text(description="Name", placeholder="name of the saved view", layout=wide)
        self.save = widgets.Button(description="Save as section", tooltip="save the view for a report")
        self.saved = widgets.HTML()
        self.copy.on_click(self._show_cell)
        self.save.on_click(lambda _: self._guarded(self._save))

    def _doors(self) -> list[widgets.Widget]:
        return [self.copy, self.cell, widgets.HBox([self.name, self.save]), self.saved]

    def _show_cell(self, _: object) -> None:
        """The code appears with the cursor in it, to be copied with the keyboard."""
        self.cell.layout.display = ""
        self.cell.focus()

    def _save(self) -> None:
        self.saved.value = ""
        if self.drawn is None:
            raise ParamsError("save as section: the view is not drawn. Expected one that is. Put right what is said.")
        path = self._place()
        told = "Replaced" if path.exists() else "Saved"
        files.write_whole(path, view_yaml(self.view))
        where = path.relative_to(self.home).as_posix()
        command = report_command(self.view, where)
        self.saved.value = f'<p role="status">{told}: {where}. In a report: <code>{html.escape(command)}</code></p>'

    def _place(self) -> Path:
        """Where the view is saved: beside the authority's other inputs."""
        name = slug(self.name.value)
        if not name or len(name) > LONGEST:
            raise ParamsError(
                f"name: found '{self.name.value}'. Expected letters or digits, at most {LONGEST}. Give the view a name."
            )
        folder = self._page(self.view).facts.authority.slug
        return self.home / "data" / "raw" / folder / FOLDER / f"{name}{ENDING}"
