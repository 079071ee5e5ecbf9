"""Published figures of a view: the authority, England, its region and its neighbours over the periods asked for."""

import difflib
from dataclasses import dataclass

from highneeds.errors import ParamsError
from highneeds.figures import Figure
from highneeds.measures.declarations import MEASURES
from highneeds.sections.page import Page
from highneeds.views import View


@dataclass(frozen=True)
class Line:
    """One area's figures, a period each; role: of `charts.ROLES`."""

    label: str
    role: str
    figures: list[Figure]

    @property
    def known(self) -> list[Figure]:
        """Figures that are there."""
        return [figure for figure in self.figures if figure.known]


def lines_of(page: Page, view: View) -> list[Line]:
    """The authority first; the others where they have any figure. Raises ParamsError where the view asks for none."""
    facts, name, years = page.facts, view.breakdown, periods_of(page, view)
    areas = ((facts.authority, "authority"), (facts.england, "england"), (facts.region, "region"))
    lines = [
        Line(area.name, role, [facts.get(view.measure, area, year, name) for year in years]) for area, role in areas
    ]
    lines.append(Line(facts.together, "neighbours", _together(page, view, years)))
    return [lines[0], *(line for line in lines[1:] if line.known)]


def _together(page: Page, view: View, years: list[str]) -> list[Figure]:
    """Neighbours taken together; their sum only where each has a figure, else it would move with who is in it."""
    pooled = [page.facts.neighbours_pooled(view.measure, year, view.breakdown) for year in years]
    every = len(page.facts.neighbours)
    return [figure for figure in pooled if MEASURES[view.measure].is_ratio or len(figure.inputs) == every]


def periods_of(page: Page, view: View) -> list[str]:
    """Periods to show, those before the authority existed left out."""
    name = view.breakdown
    _check_breakdown(page, view)
    held = periods_held(page, view.measure, name)
    asked = [period for period in held if (view.first or period) <= period <= (view.last or period)]
    if held and not asked:
        raise ParamsError(
            f"first, last: {MEASURES[view.measure].label} has no figure from '{view.first}' to '{view.last}'. Expected "
            f"periods from {held[0]} to {held[-1]}. Choose others."
        )
    return asked


def periods_held(page: Page, measure: str, breakdown: str) -> list[str]:
    """Periods with a figure of England or of the authority, from the first in which the authority existed."""
    facts = page.facts
    found = {
        *facts.periods(measure, breakdown=breakdown),
        *facts.periods(measure, breakdown=breakdown, area=facts.authority),
    }
    held = sorted(found)
    while held and facts.opened and facts.get(measure, facts.authority, held[0], breakdown).status == "z":
        held.pop(0)
    return held


def _check_breakdown(page: Page, view: View) -> None:
    held = page.facts.breakdowns(view.measure)
    if view.breakdown in held or not held:
        return
    near = difflib.get_close_matches(view.breakdown, held, n=1)
    hint = f" Did you mean '{near[0]}'?" if near else ""
    raise ParamsError(
        f"breakdown '{view.breakdown}': {MEASURES[view.measure].label} is not held by it. Expected one of "
        f"{', '.join(held)}.{hint}"
    )
