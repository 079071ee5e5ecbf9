"""Outlook: one authority's plans by age and placement in Januaries to come, with ranges, and under a scenario.

Puts rates, the forecast of the total and the paths together. Which cases of its own it may use instead of published
age bands is told by who asks (`Local`).
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from highneeds.errors import SchemaError
from highneeds.models.caseload import population
from highneeds.models.caseload.changed import changed
from highneeds.models.caseload.flows import NEW, PLACEMENTS, Flows, Held
from highneeds.models.caseload.local_paths import Course, Walk, changed_course, course_of, project_chain, simulate_chain
from highneeds.models.caseload.project import Projection, project
from highneeds.models.caseload.rates import Rates, estimate
from highneeds.models.caseload.simulate import Paths, Total, simulate, total_of
from highneeds.models.caseload.spread import Spread, measure
from highneeds.models.caseload.transitions import YEAR_GROUPS, Chain, name_of, scaled
from highneeds.models.forecast import Forecast
from highneeds.models.growth_error import Draws, quantiles
from highneeds.models.yearly.annual import Annual
from highneeds.models.yearly.history import BANDS, STOCK
from highneeds.scenarios import Scenario

YEARS = 5  # Januaries ahead: as far as deficit plans look
DRAWS = Draws(paths=2_000, seed=0, chunk=1_000)
BY_BAND = "published age bands"
BY_YEAR_GROUP = "the authority's own cases, by year group"


@dataclass(frozen=True, eq=False)
class Caseload:
    """Plans of one authority: points and ranges.

    years: Januaries forecast. now: shape (ages, placements); plans: points, (years, ages, placements); began, ended:
    new plans and plans that ended, less those moved in, of the year before each January, shape (years,). stayed,
    joined: the parts of plans by age, (years, ages). ranges: `total` (years, levels), `placement` (years, placements,
    levels), `age` (years, ages, levels), at forecast.LEVELS. paths: plans by placement on every path, (years,
    placements, paths), float32. residents: by band, (1 + years, bands), None where not held; basis: what rates rest on.
    """

    code: str
    area: str
    origin: int
    years: tuple[int, ...]
    ages: tuple[str, ...]
    placements: tuple[str, ...]
    now: np.ndarray
    plans: np.ndarray
    stayed: np.ndarray
    joined: np.ndarray
    began: np.ndarray
    ended: np.ndarray
    ranges: dict[str, np.ndarray]
    paths: np.ndarray
    residents: np.ndarray | None
    basis: str

    @property
    def totals(self) -> np.ndarray:
        """All plans, shape (years,)."""
        return self.plans.sum(axis=(1, 2))

    @property
    def by_placement(self) -> np.ndarray:
        """Plans by placement, shape (years, placements)."""
        return self.plans.sum(axis=1)

    @property
    def by_age(self) -> np.ndarray:
        """Plans by age, shape (years, ages)."""
        return self.plans.sum(axis=2)


@dataclass(frozen=True, eq=False)
class Ready:
    """What an authority's outlook follows from: its rates, its total and its spread, with one authority each.

    residents: by band, shape (1 + years, bands), first of the mid-year before the origin; single: the last mid-year
    held by single year of age, and its residents aged 0 to 25; both None where none is held.
    """

    code: str
    area: str
    origin: int
    rates: Rates
    total: Total
    spread: Spread
    residents: np.ndarray | None
    single: tuple[int, np.ndarray] | None


@dataclass(frozen=True, eq=False)
class Everyone:
    """Rates and spreads of all units as at the last January, learnt once; residents are one in each cell."""

    flows: Flows
    rates: Rates
    spread: Spread


def learn(held: Held, *, years: int = YEARS) -> Everyone | None:
    """What all units' figures tell; None where flows by age are not held up to the last January."""
    flows = held.until(held.history.origin)
    return None if flows is None else Everyone(flows, estimate(flows, years), measure(flows))


def prepare(everyone: Everyone, annual: Annual, values: pd.DataFrame, code: str) -> Ready | None:
    """Everything for one authority; None where its total cannot be forecast or its flows are not held.

    everyone, annual: of the same panel values.
    """
    flows, years = everyone.flows, len(everyone.rates.years)
    forecast = annual.forecast(code, years)
    if not forecast.known or annual.origin != flows.origin:
        return None
    unit = annual.unit_of(code)
    needed = (flows.stocks[unit, -1], flows.joined[unit], everyone.rates.stay[unit])
    if not all(np.isfinite(each).all() for each in needed):
        return None
    single = population.single_years(values, code)
    residents = None if single is None else _by_band(single, flows.origin, years)
    mine = slice(unit, unit + 1)
    rates = everyone.rates.of(mine)
    share = flows.history.share(NEW, code, flows.origin - 1)
    rates = replace(rates, entry=rates.entry * (share if np.isfinite(share) else 1.0))
    if residents is not None:
        per_head = np.divide(rates.entry, residents[0], out=np.zeros_like(rates.entry), where=residents[0] > 0)
        rates = replace(rates, entry=per_head, residents=residents[None, 1:])
    rates = _own_start(rates, values, code, flows, annual.share_of(code, annual.origin))
    spread = everyone.spread.of(mine)
    return Ready(code, forecast.area, flows.origin, rates, _total(forecast), spread, residents, single)


def outlook(ready: Ready, *, scenario: Scenario | None = None, draws: Draws = DRAWS) -> Caseload:
    """The outlook, or that under a scenario: with the same draws, so that the two differ by the scenario alone."""
    base = ready.rates
    rates = base if scenario is None else changed(base, scenario, residents=_residents(ready, scenario))
    point = project(base, totals=ready.total.points)
    if scenario is not None:
        point = project(rates, factor=point.factor)
    drawn = list(simulate(rates, ready.total, ready.spread, draws=draws, base=None if scenario is None else base))
    return _caseload(ready, rates, point, drawn)


def outlook_of_chain(ready: Ready, chain: Chain, *, scenario: Scenario | None = None, draws: Draws = DRAWS) -> Caseload:
    """The outlook from an authority's own cases by year group, with the same total, and the same draws of it.

    chain: at the January the forecast starts from; its plans are brought to the published number. Ages are year
    groups. Joiners are those who hold a plan at their first January, those who moved in with one among them, and
    `ended` holds those who moved away. Raises SchemaError where the chain starts from another January.
    """
    if chain.january != ready.origin:
        raise SchemaError(
            f"local chain: starts in January {chain.january}. Expected January {ready.origin}, from which the total is "
            "forecast. Count its stocks in that January."
        )
    base, course = _courses(ready, chain, scenario)
    point = project_chain(base, totals=ready.total.points[0])
    if scenario is not None:
        point = project_chain(course, factor=point.factor)
    paths = simulate_chain(course, ready.total, ready.spread, draws=draws, base=None if scenario is None else base)
    return _of_chain(ready, course, point, paths)


def _courses(ready: Ready, chain: Chain, scenario: Scenario | None) -> tuple[Course, Course]:
    """The chain as things are, and under the scenario."""
    years, level = len(ready.rates.years), scaled(chain, ready.rates.stocks.sum())
    now = None if ready.single is None else _single(ready.single, ready.origin, years)
    base = course_of(level, years, residents=now)
    if scenario is None:
        return base, base
    later = _single_under(ready, scenario)
    return base, changed_course(course_of(level, years, residents=now, later=later), scenario)


def _of_chain(ready: Ready, course: Course, point: Walk, paths: Paths) -> Caseload:
    return Caseload(
        ready.code,
        ready.area,
        ready.origin,
        course.years,
        tuple(name_of(group) for group in YEAR_GROUPS),
        PLACEMENTS,
        course.chain.stocks,
        point.plans,
        point.stayed.sum(axis=2),
        point.joined.sum(axis=2),
        point.joined.sum(axis=(1, 2)),
        point.left,
        _ranges(paths.placements[0], paths.ages[0]),
        paths.placements[0],
        ready.residents,
        BY_YEAR_GROUP,
    )


def _ranges(placements: np.ndarray, ages: np.ndarray) -> dict[str, np.ndarray]:
    """Quantiles of paths, shape (years, placements or ages, paths); those of ages are sorted in place."""
    return {
        "total": quantiles(placements.sum(axis=1, keepdims=True))[:, 0],
        "placement": quantiles(placements.copy()),
        "age": quantiles(ages),
    }


def _caseload(ready: Ready, rates: Rates, point: Projection, drawn: list[Paths]) -> Caseload:
    placements = np.concatenate([paths.placements[0] for paths in drawn], axis=-1)
    ages = np.concatenate([paths.ages[0] for paths in drawn], axis=-1)
    return Caseload(
        ready.code,
        ready.area,
        ready.origin,
        rates.years,
        rates.ages,
        rates.placements,
        rates.stocks[0],
        point.plans[0],
        point.stayed[0],
        point.joined[0],
        (rates.joiners[0] * point.factor[0][:, None]).sum(axis=1),
        point.ended[0],
        _ranges(placements, ages),
        placements,
        ready.residents,
        BY_BAND,
    )


def _residents(ready: Ready, scenario: Scenario) -> np.ndarray | None:
    """Residents under a scenario's births and migration, as `Rates.residents`; None where it has neither."""
    later = _single_under(ready, scenario)
    return None if later is None else population.by_band(later)[None, 1:]


def _single_under(ready: Ready, scenario: Scenario) -> np.ndarray | None:
    """The same by single year of age and from the mid-year before the origin, shape (1 + years, 26).

    Raises SchemaError where it has, and no residents by single year of age are held.
    """
    asked = (*scenario.changes_of("births"), *scenario.changes_of("migration"))
    if asked and ready.single is None:
        raise SchemaError(
            f"{scenario.file}: row {change.row}, {change.line}: no residents of {ready.area} by single year of age are "
            "held. Expected them, for they are what it changes. Take the line out."
            for change in asked
        )
    if not asked or ready.single is None:
        return None
    births, migration = (
        sum(float(change.value) for change in scenario.changes_of(line)) for line in ("births", "migration")
    )
    years = len(ready.rates.years)
    return _single(ready.single, ready.origin, years, births_pct=births, migration_pct=migration)


def _by_band(single: tuple[int, np.ndarray], origin: int, years: int) -> np.ndarray:
    """Residents by band of the mid-year before the origin and of those after it, shape (1 + years, bands)."""
    return population.by_band(_single(single, origin, years))


def _single(single: tuple[int, np.ndarray], origin: int, years: int, **change: float) -> np.ndarray:
    """Residents by single year of age of the same mid-years, shape (1 + years, 26).

    change: of births and migration, after the origin: what is past is as it was.
    """
    now = population.aged_forward(single[1], max(0, origin - 1 - single[0]))[-1]
    return population.aged_forward(now, years, **change)


def _own_start(rates: Rates, values: pd.DataFrame, code: str, flows: Flows, share: float) -> Rates:
    """Rates from the authority's own plans by age and placement where they are held, else its part of its unit's."""
    mine = values[
        values["area_code"].eq(code) & values["measure"].eq(STOCK) & values["period"].eq(str(flows.origin))
    ].set_index("breakdown")["value"]
    cells = [[mine.get(f"{band}, {placement}", np.nan) for placement in PLACEMENTS] for band in BANDS]
    start = np.array(cells, dtype=float)
    if np.isfinite(start).all() and abs(start.sum() - mine.get("Total", np.nan)) < 0.5:
        return replace(rates, stocks=start[None])
    return replace(rates, stocks=rates.stocks * share)


def _total(forecast: Forecast) -> Total:
    """Points and log half-widths of the central 80% of a forecast, for one authority."""
    points = np.array([[step.point for step in forecast.steps]])
    ends = np.array([[step.range(80) for step in forecast.steps]])
    return total_of(points, ends)
