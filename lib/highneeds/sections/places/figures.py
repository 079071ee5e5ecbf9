"""Figures of places: what a capacity file holds, and what is short by type of place each January."""

from collections.abc import Sequence

from highneeds.claims import listed
from highneeds.figures import Figure
from highneeds.models.places import Setting, changed_settings, settings_of, shortfall, supply
from highneeds.sections.outlooks import HIGH, LOW, View, figure
from highneeds.sections.page import Page

FILE = "planning/capacity.csv"


def settings_held(page: Page) -> tuple[Setting, ...]:
    """Settings of the capacity file; empty where there is none."""
    table = page.planning.table("capacity")
    return settings_of(table) if table is not None else ()


def changed(settings: tuple[Setting, ...], view: View) -> tuple[Setting, ...]:
    """Settings as the view's scenario has them."""
    return changed_settings(settings, view.scenario) if view.scenario else settings


def sources_said(settings: tuple[Setting, ...]) -> str:
    """Where the capacity comes from, in a sentence."""
    return f"Sources of capacity: {listed(list(dict.fromkeys(setting.source for setting in settings)))}."


def short_by_type(page: Page, view: View, settings: tuple[Setting, ...]) -> dict[str, list[list[Figure]]]:
    """By type of place, for each January: children, places, what is short, its range and its chance."""
    case = view.caseload
    found = shortfall(case.by_placement, case.paths, settings, case.years, case.placements)
    places = supply(settings, case.years, case.placements)
    made: dict[str, list[list[Figure]]] = {}
    for name in dict.fromkeys(setting.placement for setting in settings):
        n, rows = case.placements.index(name), []
        for at, year in enumerate(case.years):
            children = figure(page, view, "point", year, case.by_placement[at, n], "flow model", breakdown=name)
            there = _places(page, view, year, places[at, n], name)
            ends = [found.points[at, n], found.ranges[at, n, LOW], found.ranges[at, n, HIGH]]
            gaps = [
                _gap(page, view, year, what, value, name, on=(children, there))
                for what, value in zip(("short", "short-lower80", "short-upper80"), ends, strict=True)
            ]
            chance = _chance(page, view, year, found.chance[at, n], name, on=(children, there))
            rows.append([children, there, *gaps, chance])
        made[name] = rows
    return made


def _chance(page: Page, view: View, year: int, chance: float, name: str, on: Sequence[Figure]) -> Figure:
    how, measure = "share of paths with fewer places than children", "places_short"
    return figure(
        page, view, "chance", year, 100 * chance, how, breakdown=name, unit="%", places=0, measure=measure, on=on
    )


def places_line(page: Page, view: View) -> list[Figure]:
    """State special places each January forecast; empty where none are held."""
    settings = settings_held(page)
    if not settings or not any(setting.placement == "state special" for setting in settings):
        return []
    case = view.caseload
    n = case.placements.index("state special")
    found = supply(settings, case.years, case.placements)
    return [_places(page, view, year, found[at, n], "state special") for at, year in enumerate(case.years)]


def _places(page: Page, view: View, year: int, value: float, name: str) -> Figure:
    how = f"{FILE}: places open, and planned places times their chance"
    return figure(page, view, "places", year, value, how, breakdown=name, unit="places", measure="places", places=0)


def _gap(page: Page, view: View, year: int, what: str, value: float, name: str, on: Sequence[Figure]) -> Figure:
    how = (
        "children with a plan less places, on paths"
        if what != "short"
        else "children, most likely, less places expected"
    )
    return figure(page, view, what, year, value, how, breakdown=name, unit="places", measure="places_short", on=on)
