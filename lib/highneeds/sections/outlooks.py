"""What caseload, places and finance share: the outlook of plans by age and placement, as figures, with its scenarios.

Worked out once for a page's day and kept; figures of it say which model, which origin and which assumption they follow.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from highneeds import periods
from highneeds.claims import Claim
from highneeds.errors import SchemaError
from highneeds.figures import Figure, slug
from highneeds.measures.declarations import OWN
from highneeds.models.caseload.flows import PLACEMENTS
from highneeds.models.caseload.outlook import Caseload, Ready, outlook, outlook_of_chain, prepare
from highneeds.models.caseload.transitions import Chain
from highneeds.models.deficit.printed import SPEND as SPENT
from highneeds.models.deficit.printed import TOTAL, groups_of
from highneeds.models.forecast import LEVELS
from highneeds.models.yearly.history import BANDS
from highneeds.periods import JANUARY
from highneeds.scenarios import AGE, PLACEMENT, SCHEME, SETTING, SPEND, Scenario, check_names
from highneeds.sections.forecasts import STATUS, places_of
from highneeds.sections.local_chain import chain_of
from highneeds.sections.page import Page
from highneeds.sections.shared import everyone_of
from highneeds.sources.papers import Papers
from highneeds.sources.planning import Planning

PLANS = "ehc_plans"
LOW, HIGH = LEVELS.index(0.1), LEVELS.index(0.9)
ENDS = {
    80: (LOW, HIGH),
    95: (LEVELS.index(0.025), LEVELS.index(0.975)),
}  # of a range, by what it is to hold in per cent


@dataclass(frozen=True)
class View:
    """One outlook as it is shown: as things are, or under a scenario."""

    label: str
    caseload: Caseload
    scenario: Scenario | None = None

    @property
    def tail(self) -> str:
        """What its figures' ids end in."""
        return f".scenario-{slug(self.label)}" if self.scenario else ""


def ready_of(page: Page) -> Ready | None:
    """What the authority's outlook follows from; None where there can be none."""
    kept, code = page.facts.kept, page.facts.authority.code
    if ("ready", code) not in kept:
        everyone, annual = everyone_of(page.facts.values, page.facts.panel.areas, kept), page.annual(PLANS)
        usable = everyone is not None and annual is not None and not annual.alone
        kept["ready", code] = prepare(everyone, annual, page.facts.values, code) if usable else None
    return kept["ready", code]


def views(page: Page) -> list[View]:
    """As things are, then each scenario asked for; empty where there can be no outlook.

    Raises SchemaError where a scenario names what the figures do not have.
    """
    if "views" not in page.kept:
        ready, made = ready_of(page), []
        if ready is not None:
            own = _own_chain(page, ready)
            made.append(View("As things are", _outlook(ready, own)))
            check_scenarios(page.planning, page.papers)
            for scenario in page.planning.scenarios:
                made.append(View(scenario.name, _outlook(ready, own, scenario), scenario))
        page.kept["views"] = made
    return page.kept["views"]


def view_under(page: Page, scenario: Scenario) -> View | None:
    """The outlook under one more scenario, whose names are known to be held; None where there can be no outlook."""
    ready = ready_of(page)
    if ready is None:
        return None
    return View(scenario.name, _outlook(ready, _own_chain(page, ready), scenario), scenario)


def _own_chain(page: Page, ready: Ready) -> Chain | None:
    """Moves of the authority's own cases, counted once for a page; None where there are none or they cannot bear it."""
    if "chain" not in page.kept:
        page.kept["chain"] = chain_of(page.local, ready) if page.local is not None else None
    return page.kept["chain"]


def _outlook(ready: Ready, own: Chain | None, scenario: Scenario | None = None) -> Caseload:
    """By year group from the authority's own moves where they can bear it, else from published age bands."""
    return outlook(ready, scenario=scenario) if own is None else outlook_of_chain(ready, own, scenario=scenario)


def placed(page: Page) -> bool:
    """True where the outlook's last January is published by placement: without it nobody knows who is where."""
    made = views(page)
    if not made:
        return False
    facts, january = page.facts, str(made[0].caseload.origin)
    return all(facts.get(PLANS, facts.authority, january, group).known for group in made[0].caseload.placements)


def unplaced(page: Page) -> Claim:
    """Why nothing is said of placements."""
    january = str(views(page)[0].caseload.origin)
    return page.say(
        "unplaced",
        "There is no figure for where children of {area} are placed {when}, so none of placements to come.",
        area=page.facts.authority.name,
        when=periods.in_words(january, JANUARY),
    )


def check_scenarios(planning: Planning, papers: Papers) -> None:
    """Raise SchemaError, all faults of all scenarios together, where one names what the figures do not have."""
    faults: list[str] = []
    for scenario in planning.scenarios:
        try:
            check_names(scenario, known_names(planning, papers))
        except SchemaError as found:
            faults += found.faults
    if faults:
        raise SchemaError(faults)


def known_names(planning: Planning, papers: Papers) -> dict[str, Sequence[str]]:
    """What a scenario may name, by kind."""
    known: dict[str, Sequence[str]] = {AGE: BANDS, PLACEMENT: PLACEMENTS}
    printed = papers.tables.get("dsg_projection")
    if printed is not None:
        labels = printed.loc[printed["measure"].eq(SPENT), "breakdown"].unique()
        known[SPEND] = [label for label in labels if label != TOTAL and not groups_of(label)]
    for kind, table, column in (
        (SETTING, "capacity", "setting"),
        (SCHEME, "savings", "scheme"),
        (SPEND, "budget", "name"),
    ):
        rows = planning.table(table)
        if rows is not None:
            known[kind] = list(dict.fromkeys(rows[column].dropna()))
    return known


def figure(
    page: Page,
    view: View,
    name: str,
    period: int | str,
    value: float,
    how: str,
    *,
    breakdown: str = "Total",
    unit: str = "plans",
    basis: str = JANUARY,
    measure: str = "ehc_plans.flow model",
    places: int | None = None,
    on: Sequence[Figure] = (),
) -> Figure:
    """One figure of an outlook.

    name: what it is (point, lower80 ...); how: the formula or model in words; on: the figures that it rests on; left
    out, plans rest on the published plans that the outlook starts from, all else on the files that `how` names.
    """
    area = page.facts.authority
    tail = "" if breakdown == "Total" else f".{slug(breakdown)}"
    told = f"; scenario {view.label}" if view.scenario else ""
    kind, origin = slug(measure).replace("-", "_"), f"from-{view.caseload.origin}{view.tail}"
    return Figure(
        id=f"{kind}.{area.slug}.{period}{tail}.{name}.{origin}",
        measure=measure,
        area_code=area.code,
        area=area.name,
        period=str(period),
        period_basis=basis,
        value=float(value),
        status=STATUS,
        unit=unit,
        source=OWN,
        reference=f"{how}{told} (docs/methods.md)",
        breakdown=breakdown,
        places=places_of(abs(value), unit) if places is None else places,
        inputs=tuple(on) or (started_from(page, view, breakdown) if unit == "plans" else ()),
    )


def started_from(page: Page, view: View, breakdown: str = "Total") -> tuple[Figure, ...]:
    """Published plans of the January from which an outlook starts: in all, and of an age band or placement."""
    january = str(view.caseload.origin)
    found = [page.facts.get(PLANS, page.facts.authority, january, name) for name in dict.fromkeys(("Total", breakdown))]
    return tuple(figure for figure in found if figure.known)


def three(
    page: Page, view: View, period: int, point: float, levels: np.ndarray, breakdown: str, percent: int = 80
) -> list[Figure]:
    """Point and ends of the 80% (or 95%) range of one January and category."""
    how = f"flow model, origin {view.caseload.origin}, on {view.caseload.basis}, total as forecast"
    low, high = ENDS[percent]
    named = (("point", point), (f"lower{percent}", levels[low]), (f"upper{percent}", levels[high]))
    return [figure(page, view, name, period, value, f"{name}: {how}", breakdown=breakdown) for name, value in named]
