"""Money: the projection of one authority's balance as a page shows it, with a scenario's prices and places.

Owns what a projection is made of and running it for a view; leaves where its assumptions come from to `money_inputs`,
the projection itself to `models.deficit` and showing it to `finance`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from highneeds.facts import Facts
from highneeds.models.caseload.flows import PLACEMENTS
from highneeds.models.deficit.assumptions import DISPLACED, Assumptions, Plans
from highneeds.models.deficit.changed import changed
from highneeds.models.deficit.outlook import Outlook, project
from highneeds.models.deficit.printed import Plan
from highneeds.models.deficit.years import january_of
from highneeds.models.places import changed_settings, cost_of_delay, places_in_years, settings_of
from highneeds.sections.outlooks import PLANS, View
from highneeds.sections.page import Page

INSTEAD = "independent"  # where children are placed for whom there is no state place


@dataclass(frozen=True)
class Note:
    """One assumption in words: what, how much, and where it is from."""

    line: str
    says: str
    source: str


@dataclass(frozen=True, eq=False)
class Money:
    """What a projection is made of, before any scenario. notes: every assumption; printed: the plan it follows."""

    assumptions: Assumptions
    notes: tuple[Note, ...]
    printed: Plan | None = None

    @property
    def years(self) -> tuple[str, ...]:
        """Financial years, the first the base year."""
        return self.assumptions.years


def projected(page: Page, money: Money, view: View) -> Outlook:
    """The projection, or that under a view's scenario: other plans, other prices, other places."""
    assumptions = money.assumptions
    if view.scenario is not None:
        assumptions = changed(assumptions, view.scenario)
        assumptions = _with_places(page, assumptions, view)
    return project(_plans(page.facts, view, assumptions), assumptions)


# ---- Plans -----------------------------------------------------------------------------------------------------------


def _plans(facts: Facts, view: View, assumptions: Assumptions) -> Plans:
    """Plans by placement in the January inside each year: as published up to the origin, then as forecast."""
    case = view.caseload
    at = [PLACEMENTS.index(name) for name in assumptions.placements]
    points, paths = [], []
    for year in assumptions.years:
        january = int(january_of(year))
        if january <= case.origin:
            held = held_plans(facts, january, assumptions.placements)
            points.append(held)
            paths.append(np.repeat(held[:, None], case.paths.shape[2], axis=1))
        else:
            number = case.years.index(january)
            points.append(case.by_placement[number, at])
            paths.append(case.paths[number, at])
    return Plans(assumptions.years, assumptions.placements, np.array(points), np.array(paths, dtype=float))


def held_plans(facts: Facts, january: int, placements: Sequence[str]) -> np.ndarray:
    """Published plans by placement in a January; NaN where one is not published."""
    found = [facts.get(PLANS, facts.authority, str(january), name).value for name in placements]
    return np.array([np.nan if value is None else value for value in found], dtype=float)


# ---- Places and money ------------------------------------------------------------------------------------------------


def displaced(page: Page, money: Money, view: View) -> list[float]:
    """Pounds a year that a scenario's other places cost, below nothing where they save; nothing without a scenario."""
    assumptions = money.assumptions
    return _displaced(page, assumptions if view.scenario is None else changed(assumptions, view.scenario), view)


def _with_places(page: Page, assumptions: Assumptions, view: View) -> Assumptions:
    """A line of its own for what a scenario's other places cost or save: children placed elsewhere at another price."""
    costs = _displaced(page, assumptions, view)
    if not any(costs):
        return assumptions
    told = f"scenario {view.label}: places lost, for their months, x what an independent placement costs more"
    other = {**assumptions.other_spend, DISPLACED: costs}
    return replace(assumptions, other_spend=other, sources={**assumptions.sources, DISPLACED: told})


def _displaced(page: Page, assumptions: Assumptions, view: View) -> list[float]:
    table, names, years = page.planning.table("capacity"), assumptions.placements, assumptions.years
    if table is None or view.scenario is None or INSTEAD not in names:
        return [0.0] * len(years)
    settings = settings_of(table)
    kept = [
        [each for each in held if each.placement in names]
        for held in (settings, changed_settings(settings, view.scenario))
    ]
    before, after = (places_in_years(held, years, names) for held in kept)
    prices = assumptions.unit_costs[None, :] * np.cumprod(1 + assumptions.inflation, axis=1).T
    gaps = prices[:, [names.index(INSTEAD)]] - prices
    return [float(cost) for cost in cost_of_delay(before - after, gaps)]


def reached(view: View, years: Sequence[str]) -> tuple[str, ...]:
    """Of these years, those whose January is held or forecast."""
    return tuple(year for year in years if int(january_of(year)) <= view.caseload.years[-1])


def in_millions(pounds: float) -> str:
    """Pounds in words, to a tenth of a million."""
    sign = "−" if pounds < 0 else ""
    return f"{sign}£{abs(pounds) / 1e6:,.1f}m"
