"""Controls of the explorer: one for each parameter of a view, built from its declaration.

Owns which kind of widget a type gets and what each may be set to; what follows from a change belongs to `explorer`.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import anywidget
import ipywidgets as widgets
from pydantic.fields import FieldInfo
from traitlets import Float, Int, Unicode, Union

from highneeds.facts import plain_name
from highneeds.measures.declarations import MEASURES
from highneeds.sections.explored.series import periods_held
from highneeds.sections.page import Page
from highneeds.views import MEASURES_SHOWN, OF_A_REPORT, TOTAL, View

ASSETS = Path(__file__).parents[1] / "assets"
STEP = 0.05
LOOKS = {"description_width": "8em"}
WIDTH = "24em"
ALL = ("all", "")
WORDS = {"chosen": "the better record", "flow": "flow of plans", "none": "no forecast", 80: "8 in 10", 95: "19 in 20"}
Options = Sequence[tuple[str, object]]


class Slider(anywidget.AnyWidget):
    """A number between two ends, to type or to move; name and hint stand in the page for both."""

    _esm = ASSETS / "slider.js"
    _css = ASSETS / "slider.css"
    value, min, max, step = (Union([Int(), Float()]).tag(sync=True) for _ in range(4))
    description, tooltip = (Unicode().tag(sync=True) for _ in range(2))


def controls_for(view: View, choices: Mapping[str, Options]) -> dict[str, widgets.Widget]:
    """A labelled widget for each parameter, set as the view has it. choices: what a text may be, where it is a list."""
    made = {}
    for name, field in View.model_fields.items():
        if name not in OF_A_REPORT:
            made[name] = _control(name, field, getattr(view, name), choices.get(name))
    return made


def _control(name: str, field: FieldInfo, value: Any, choices: Options | None) -> widgets.Widget:
    more: dict[str, Any] = {"description": label_of(name), "tooltip": field.description, "style": LOOKS}
    more |= {"layout": widgets.Layout(width=WIDTH)}
    kind = field.annotation
    if get_origin(kind) is Literal:
        choices = [(WORDS[each], each) for each in get_args(kind)]
    if choices is not None:
        return widgets.Dropdown(options=with_value(choices, value), value=value, **more)
    if kind in (int, float):
        low, high = _bounds(field)
        named = {"description": label_of(name), "tooltip": field.description}
        return Slider(value=value, min=low, max=high, step=1 if kind is int else STEP, **named, layout=more["layout"])
    if isinstance(value, str):
        return widgets.Text(value=value, continuous_update=False, **more)
    return widgets.DatePicker(value=value, **more)


def label_of(name: str) -> str:
    """A parameter in words, as its control says it."""
    return View.model_fields[name].title or name.replace("_", " ").capitalize()


def _bounds(field: FieldInfo) -> tuple[Any, Any]:
    """Lowest and highest value that a parameter may have."""
    low = next(each.ge for each in field.metadata if hasattr(each, "ge"))
    high = next(each.le for each in field.metadata if hasattr(each, "le"))
    return low, high


def with_value(choices: Options, value: object) -> list[tuple[str, object]]:
    """Choices that hold a value, for a list shows nothing else."""
    held = list(choices)
    return held if value in [each for _, each in held] else [*held, (str(value), value)]


def choices_of(page: Page, view: View) -> dict[str, Options]:
    """What the panel holds to choose from: authorities, measures, and parts and periods of the view's measure."""
    areas = page.facts.panel.areas
    today = areas[areas["level"].eq("local authority") & areas["closed"].eq("")]
    names = sorted(plain_name(name) for name in today["area_name"])
    return {
        "authority": [(name, name) for name in names],
        "measure": sorted((MEASURES[name].label + _unit(name), name) for name in _held(page)),
        **parts_and_periods(page, view.measure, view.breakdown),
    }


def parts_and_periods(page: Page, measure: str, breakdown: str) -> dict[str, Options]:
    """Parts that a measure is held by, and the periods of one of them; the first part where it has no such."""
    parts = page.facts.breakdowns(measure) or [TOTAL]
    held = periods_held(page, measure, breakdown if breakdown in parts else parts[0])
    spans = [ALL, *((period, period) for period in held)]
    return {"breakdown": [(part, part) for part in parts], "first": spans, "last": spans}


def _held(page: Page) -> list[str]:
    """Measures of which the panel has any figure."""
    return [name for name in MEASURES_SHOWN if MEASURES[name].is_ratio or page.facts.breakdowns(name)]


def _unit(name: str) -> str:
    """Two measures may have one label, the one a count and the other a share."""
    unit = {"%": "%", "GBP": "£"}.get(MEASURES[name].unit, MEASURES[name].unit)
    return "" if unit in MEASURES[name].label else f" ({unit})"
