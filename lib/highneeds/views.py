"""Views: what a chart of the explorer was asked for, typed and checked once, as a file and as a cell.

Owns the parameters of a view, its YAML and the code that shows it again. What is drawn of it belongs to
`sections.explored`, its widgets to `explore`.
"""

import difflib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal, get_args

import yaml
from pydantic import BeforeValidator, Field, ValidationInfo, field_validator

from highneeds import params, periods
from highneeds.errors import SourceError
from highneeds.measures.declarations import MEASURES
from highneeds.measures.local_declarations import LOCAL_MEASURES
from highneeds.params import Params

TOTAL = "Total"
AS_THINGS_ARE = 1.0
SLIDERS = ("entry_rate", "refusal_rate", "places", "unit_cost")
OF_A_REPORT = ("section_number",)  # what the report that shows a view says of itself
CHOSEN, FLOW, NONE = "chosen", "flow", "none"
MEASURES_SHOWN = tuple(
    name for name in MEASURES if name not in {each.name for each in LOCAL_MEASURES} and name != "local_requests"
)
SAVED_IN = "views"  # folder of saved views among an authority's raw data
LARGEST = 100_000  # characters of a view's file


def _whole(given: object) -> object:
    """A file's text as a whole number, where it is one."""
    return int(given) if isinstance(given, str) and given.strip().isdecimal() else given


def _factor(label: str, of: str, most: float = 2.0) -> float:
    """Declaration of a slider."""
    says = f"{of}, times this; 1.0 as things are, 0.5 to {most}"
    return Field(default=AS_THINGS_ARE, ge=0.5, le=most, allow_inf_nan=False, title=label, description=says)


class View(Params):
    """Parameters of one chart with its table and sentences: those of a report, and what to draw."""

    measure: str = Field(
        default="ehc_plans", title="Measure", description="name of a declared measure (docs/measures.md)"
    )
    breakdown: str = Field(
        default=TOTAL, title="Breakdown", description="part of a count that is published, as DfE names it; else Total"
    )
    first: str = Field(default="", title="First period", description="first period shown; empty: the earliest held")
    last: str = Field(default="", title="Last period", description="last period shown; empty: the newest held")
    model: Literal["chosen", "flow", "none"] = Field(
        default="chosen",
        title="Model",
        description="chosen: the one with the better record; flow: plans by age and placement; none: no forecast",
    )
    horizon: int = Field(default=3, ge=1, le=5, title="Years ahead", description="years of forecast, 1 to 5")
    interval: Annotated[Literal[80, 95], BeforeValidator(_whole)] = Field(
        default=80, title="Range", description="per cent of cases that the range is to hold, 80 or 95"
    )
    entry_rate: float = _factor("Entry rate", "new plans for each resident")
    refusal_rate: float = _factor("Refusal rate", "share of decided requests that are refused")
    places: float = _factor("Places", "places that planned changes bring or take away")
    unit_cost: float = _factor("Unit cost", "cost of each placement", most=1.5)

    @property
    def moved(self) -> dict[str, float]:
        """Sliders that do not stand as things are, and where they stand."""
        return {name: getattr(self, name) for name in SLIDERS if getattr(self, name) != AS_THINGS_ARE}

    @field_validator("measure")
    @classmethod
    def _declared(cls, name: str) -> str:
        if name in MEASURES_SHOWN:
            return name
        near = difflib.get_close_matches(name, MEASURES_SHOWN, n=3)
        raise ValueError(f"No published measure has that name. Nearest: {', '.join(near) or 'none is close'}")

    @field_validator("breakdown")
    @classmethod
    def _divisible(cls, name: str, info: ValidationInfo) -> str:
        declared = MEASURES.get(info.data.get("measure", ""))
        if declared is not None and declared.is_ratio and name != TOTAL:
            raise ValueError(f"{declared.label} is computed for all together, so it has no breakdown but {TOTAL}")
        return name

    @field_validator("first", "last")
    @classmethod
    def _shaped(cls, period: str, info: ValidationInfo) -> str:
        declared = MEASURES.get(info.data.get("measure", ""))
        if period and declared is not None and not periods.is_well_formed(period, declared.period_basis):
            raise ValueError(f"{declared.label} goes by {declared.period_basis}, written as {_example(declared)}")
        first = info.data.get("first", "") if info.field_name == "last" else ""
        if period and first and period < first:
            raise ValueError(f"The last period is before the first, {first}")
        return period


MODELS: tuple[str, ...] = get_args(View.model_fields["model"].annotation)


def _example(declared) -> str:
    """A period as the measure's basis asks for it."""
    held = {periods.FINANCIAL_YEAR: "2024-25", periods.CALENDAR_MONTH: "2025-03", periods.AT_DATE: "2025-03-31"}
    return held.get(declared.period_basis, "2025")


def make_view(**given: object) -> View:
    """View, or ParamsError with one line for each fault."""
    return params.checked(View, given)


def read_view(path: Path, **left_out: object) -> View:
    """A saved view. left_out: what takes the place of parameters that the file leaves out or leaves empty.

    Raises SourceError where it is no file of one, ParamsError with every fault of what it asks for.
    """
    try:
        with path.open(encoding="utf-8-sig") as file:
            text = file.read(LARGEST + 1)
        node = yaml.compose(text, Loader=yaml.BaseLoader) if len(text) <= LARGEST else None
        given = yaml.load(text, Loader=yaml.BaseLoader) if node is not None else None  # every value stays text
    except (OSError, UnicodeDecodeError, yaml.YAMLError, RecursionError) as fault:
        mark = getattr(fault, "problem_mark", None)
        row = f" row {mark.line + 1}:" if mark else ""
        raise SourceError(
            f"{path.name}:{row} cannot be read as YAML ({type(fault).__name__}). Expected a view saved by the "
            "explorer. Save it again."
        ) from None
    if not isinstance(given, dict):
        raise SourceError(
            f"{path.name}: no parameters were found. Expected a view saved by the explorer, one 'name: value' a row. "
            "Save it again."
        )
    if twice := [*_twice(node)]:  # type: ignore[arg-type]
        raise SourceError(
            f"{path.name}: row {row}: '{key}' is given twice. Expected it once. Take one out." for key, row in twice
        )
    said = {str(key): value for key, value in given.items() if not (key in left_out and value in ("", None))}
    return params.checked(View, {**left_out, **said}, path.name)


def _twice(node: yaml.MappingNode) -> Iterator[tuple[str, int]]:
    """Keys given again, with their rows: YAML would keep the last in silence."""
    seen = set()
    for key, _ in node.value:
        if str(key.value) in seen:
            yield str(key.value), key.start_mark.line + 1
        seen.add(str(key.value))


def view_yaml(view: View) -> bytes:
    """A view as its file: every parameter of it in order, so that the same view gives the same bytes."""
    held = {name: value for name, value in view.model_dump().items() if name not in OF_A_REPORT}
    return yaml.safe_dump(held, sort_keys=False, width=10_000).encode()


def as_cell(view: View) -> str:
    """Code that shows the view again in a notebook: what differs from the defaults, one argument each."""
    asked = {
        name: str(value) if name == "as_at" else value
        for name, value in view.model_dump().items()
        if name not in OF_A_REPORT and value != View.model_fields[name].default
    }
    given = ", ".join(f"{name}={value!r}" for name, value in asked.items())
    return f"from highneeds.sections.explored.drawn import show\n\nshow({given})\n"
