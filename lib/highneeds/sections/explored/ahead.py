"""What comes after the last figure of a view: its forecast and its scenario, each from the model that sections use.

Yearly measures from the yearly models, plans by age and placement from the flow model, the balance from the projection
of finance.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from highneeds.figures import Figure
from highneeds.models.forecast import Forecast
from highneeds.models.yearly.annual import MEASURES as FORECAST
from highneeds.sections import forecasts, outlooks
from highneeds.sections.explored.sliders import BALANCE, PLANS, slid
from highneeds.sections.finance.figures import Seen, seen
from highneeds.sections.finance.money import projected
from highneeds.sections.finance.positions import balance_figures
from highneeds.sections.page import Page
from highneeds.sections.places.figures import changed, settings_held, short_by_type
from highneeds.views import FLOW, NONE, TOTAL, View

_NO_MODEL = "The model asked for does not forecast this measure."
_NO_PART = "This part of the measure has no forecast: the flow model knows age bands and placement groups of EHC plans."


@dataclass(frozen=True)
class Ahead:
    """Periods to come of one line: points, ends of the range, the model in words; forecast: with its record."""

    label: str
    points: Sequence[Figure]
    lower: Sequence[Figure]
    upper: Sequence[Figure]
    model: str
    forecast: Forecast | None = None
    places: Sequence[Figure] = ()


@dataclass(frozen=True)
class Coming:
    """The forecast as things are and under the scenario; why: in a sentence, where there is no forecast."""

    now: Ahead | None = None
    under: Ahead | None = None
    why: str = ""


def coming(page: Page, view: View) -> Coming:
    """What comes after the last figure of a view."""
    if view.model == NONE:
        return Coming(why="None was asked for.")
    scenario = slid(page, view)
    if view.measure == BALANCE:
        return _of_money(page, view, scenario)
    if view.measure == PLANS and (view.model == FLOW or view.breakdown != TOTAL or scenario is not None):
        return _of_flows(page, view, scenario)
    return _of_years(page, view)


def _of_years(page: Page, view: View) -> Coming:
    if view.measure not in FORECAST.values() or (view.model == FLOW and view.measure != PLANS):
        return Coming(why=_NO_MODEL)
    if view.breakdown != TOTAL:
        return Coming(why=_NO_PART)
    made = forecasts.forecast_of(page, view.measure, view.horizon)
    if made is None or not made.known:
        return Coming(why=made.refusal if made is not None else "Too few years of figures are held.")
    each = forecasts.outlooks(made, forecasts.learned_from(page, view.measure))
    low, high = ([getattr(year, f"{end}{view.interval}") for year in each] for end in ("lower", "upper"))
    return Coming(Ahead("Forecast", [year.point for year in each], low, high, made.reason, made))


def _of_flows(page: Page, view: View, scenario) -> Coming:
    """Plans in all or of a part: as things are from the yearly model where it forecasts them, else by flows."""
    made = outlooks.views(page)
    plain = _of_years(page, view) if view.breakdown == TOTAL and view.model != FLOW else Coming()
    if not made:
        return plain if plain.now else Coming(why=plain.why or forecast_refused(page))
    base = plain.now or _flow(page, made[0], view, "Forecast")
    if base is None:
        return Coming(why=_NO_PART)
    if scenario is None:
        return Coming(base)
    under = outlooks.view_under(page, scenario)
    return Coming(base, _flow(page, under, view, "Scenario") if under is not None else None)


def forecast_refused(page: Page) -> str:
    """Why there is no outlook of plans."""
    made = forecasts.forecast_of(page, PLANS)
    return made.refusal if made is not None and made.refusal else "Too few figures by age and placement are held."


def _flow(page: Page, seen_as: outlooks.View, view: View, label: str) -> Ahead | None:
    case, name = seen_as.caseload, view.breakdown
    if name == TOTAL:
        points, levels = case.totals, case.ranges["total"]
    elif name in case.placements:
        at = case.placements.index(name)
        points, levels = case.by_placement[:, at], case.ranges["placement"][:, at]
    elif name in case.ages:
        at = case.ages.index(name)
        points, levels = case.by_age[:, at], case.ranges["age"][:, at]
    else:
        return None
    rows = [
        outlooks.three(page, seen_as, year, points[at], levels[at], name, view.interval)
        for at, year in enumerate(case.years[: view.horizon])
    ]
    model = f"Flow model, on {case.basis}, with the total as forecast by year"
    return Ahead(label, *map(list, zip(*rows, strict=True)), model, places=_places(page, seen_as, view))


def _places(page: Page, seen_as: outlooks.View, view: View) -> list[Figure]:
    """Places of the type whose plans are shown, each January; empty where no capacity of it is held."""
    settings = settings_held(page)
    if not any(setting.placement == view.breakdown for setting in settings):
        return []
    years = short_by_type(page, seen_as, changed(settings, seen_as))[view.breakdown]
    return [cells[1] for cells in years[: view.horizon]]


def _of_money(page: Page, view: View, scenario) -> Coming:
    held = seen(page)
    if not held:
        return Coming(why="No plan of the deficit, nor prices and a budget, are held to project the balance from.")
    base = _balance(page, held[0], view, "Forecast")
    under = outlooks.view_under(page, scenario) if scenario is not None else None
    if under is None:
        return Coming(base)
    one = Seen(under, projected(page, held[0].money, under), held[0].money)
    return Coming(base, _balance(page, one, view, "Scenario"))


def _balance(page: Page, one: Seen, view: View, label: str) -> Ahead | None:
    """Balances after the last published one."""
    known = page.facts.periods(BALANCE, area=page.facts.authority)
    rows = [balance_figures(page, one, year, percent=view.interval) for year in one.outlook.years]
    rows = [row for row in rows if row[0].period > (known or [""])[-1]][: view.horizon]
    if not rows:
        return None
    return Ahead(label, *map(list, zip(*rows, strict=True)), f"Projection of the balance, {one.words}")
