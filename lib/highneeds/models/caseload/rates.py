"""Rates: who joins, who stays and where they are placed, from published figures by age band.

Owns their estimation. An authority's own rate is drawn to England's: the fewer children behind it, the more. What
follows from rates belongs to `project` and `simulate`.
"""

from dataclasses import dataclass, replace

import numpy as np

from highneeds.models.caseload.flows import NEW, PLACEMENTS, Flows, with_gaps_filled
from highneeds.models.yearly import choice
from highneeds.models.yearly.cohort import MOVING_UP, moved_up
from highneeds.models.yearly.history import BANDS

JOIN_YEARS = 2  # calendar years whose new plans tell how they fall over ages
JOIN_PRIOR = 200.0  # plans' worth of England's shares that an authority's own are mixed with
STAY_YEARS = 3  # Januaries whose deviation from England's stay rate is an authority's own
STAY_OWN = 0.5  # share of that deviation that lasts
STAY_PRIOR = 100.0  # plans' worth of England's stay rate
END_PRIOR = 50.0  # plans' worth of England's share of plans that end
USUAL_END = 0.08  # share of plans that end within a year, where none is published by age
FARTHEST = 0.5  # log deviation of a stay rate beyond which it is a misreport
DRIFT_YEARS = 3  # over which England's drift between placements is taken; an authority's own made forecasts worse
MIX_PRIOR = 30.0  # plans' worth of the expected placements within an age band


@dataclass(frozen=True, eq=False)
class Rates:
    """Everything a projection follows from; first axis: authorities. Years are the Januaries forecast, in order.

    stocks: plans last January by age and placement, shape (n, ages, placements). moving_up: share of each age group
    that is in the next one a year later, shape (ages,); of the last: share that ages out. joiners of the calendar year
    before each January are entry x residents, both (n, years, ages): plans begun for each resident, by age at start.
    stay: share of those moved up that still hold a plan the next January, moves between authorities included, shape
    (n, years, ages). ending: share of those moved up whose plan ceases within the year, shape (n, ages): what a change
    of the rate at which plans end changes. mix: share of each placement within an age group, shape (n, years, ages,
    placements).
    """

    first: int
    ages: tuple[str, ...]
    placements: tuple[str, ...]
    stocks: np.ndarray
    moving_up: np.ndarray
    entry: np.ndarray
    residents: np.ndarray
    stay: np.ndarray
    ending: np.ndarray
    mix: np.ndarray

    def of(self, units: slice | np.ndarray) -> "Rates":
        """The same of some of the authorities."""
        names = ("stocks", "entry", "residents", "stay", "ending", "mix")
        return replace(self, **{name: getattr(self, name)[units] for name in names})

    @property
    def years(self) -> tuple[int, ...]:
        """Januaries forecast."""
        return tuple(range(self.first, self.first + self.entry.shape[1]))

    @property
    def joiners(self) -> np.ndarray:
        """New plans of the calendar year before each January, by age at start, shape (n, years, ages)."""
        return self.entry * self.residents


def grown_joiners(joiners: np.ndarray, moving_up: np.ndarray) -> np.ndarray:
    """New plans by age at their first January: on average half a year after they began; nobody ages out by then."""
    moving = joiners * moving_up / 2
    moving[..., -1] = 0
    older = joiners - moving
    older[..., 1:] += moving[..., :-1]
    return older


def estimate(flows: Flows, horizon: int) -> Rates:
    """Rates of all units for 1 to `horizon` Januaries on, from what was known at the origin.

    Residents are one in each cell, so that entry is a count: who knows residents divides by them.
    """
    drifting, flows = drift(flows.placed), with_gaps_filled(flows)
    new = np.stack([np.exp(choice.flow(flows.history, NEW, ahead).log) for ahead in range(1, horizon + 1)], axis=1)
    entry = new[:, :, None] * joining_ages(flows)[:, None, :]
    mix = placed_within(flows, horizon, drifting)
    return Rates(
        first=flows.origin + 1,
        ages=BANDS,
        placements=PLACEMENTS,
        stocks=flows.stocks[:, -1, :, None] * mix[:, 0],
        moving_up=MOVING_UP,
        entry=entry,
        residents=np.ones(entry.shape),
        stay=np.repeat(stay_rates(flows)[:, None], horizon, axis=1),
        ending=ending_rates(flows),
        mix=mix[:, 1:],
    )


def joining_ages(flows: Flows) -> np.ndarray:
    """How new plans fall over age bands, shape (units, bands), each row summing to 1.

    A unit's own counts of JOIN_YEARS, and JOIN_PRIOR plans that fall as England's of the last year.
    """
    own = flows.joined[:, -JOIN_YEARS:].sum(axis=1)
    national = np.nansum(flows.joined[:, -1], axis=0)
    national = national / national.sum()
    own = np.where(np.isfinite(own), own, 0)
    return (own + JOIN_PRIOR * national) / (own.sum(axis=1, keepdims=True) + JOIN_PRIOR)


def stay_rates(flows: Flows) -> np.ndarray:
    """Plans next January for each that stood or began and has moved up with its child, shape (units, bands).

    England's rate of the last year, moved by STAY_OWN of the unit's mean log deviation over STAY_YEARS; a deviation
    counts the more, the more plans stand behind it. Over 1 where more moved in than ended.
    """
    deviations, latest = [], None
    for back in range(STAY_YEARS):
        at = len(flows.years) - 2 - back
        flow = len(flows.flow_years) - 1 - back
        if at < 0 or flow < 0:
            break
        base, actual = _base(flows, at, flow), flows.stocks[:, at + 1]
        known = np.isfinite(base).all(axis=1) & np.isfinite(actual).all(axis=1) & (base > 0).all(axis=1)
        national = actual[known].sum(axis=0) / base[known].sum(axis=0)
        latest = national if latest is None else latest
        safe = np.where(known[:, None], base, 1.0)
        ratio = np.log(np.maximum(np.where(known[:, None], actual, national), 0.5) / np.maximum(safe * national, 0.5))
        ratio = np.clip(np.where(known[:, None], ratio, 0), -FARTHEST, FARTHEST)
        deviations.append(ratio * np.where(known[:, None], base / (base + STAY_PRIOR), 0))
    return latest * np.exp(STAY_OWN * np.mean(deviations, axis=0))


def ending_rates(flows: Flows) -> np.ndarray:
    """Share of those moved up whose plan ceased in the last year published by age, shape (units, bands).

    A unit's own count, and END_PRIOR plans that end as England's; England's of all bands where no age is published.
    """
    known = [at for at in range(flows.ceased.shape[1]) if np.isfinite(flows.ceased[:, at]).any()]
    if not known or len(flows.years) < 2:
        return np.full(flows.stocks[:, -1].shape, USUAL_END)
    at = known[-1]
    base = _base(flows, flows.years.index(flows.flow_years[at]), at)
    both = np.isfinite(base) & np.isfinite(flows.ceased[:, at])
    counts, behind = np.where(both, flows.ceased[:, at], 0), np.where(both, base, 0)
    national = counts.sum(axis=0) / np.maximum(behind.sum(axis=0), 1)
    return np.clip((counts + END_PRIOR * national) / (behind + END_PRIOR), 0, 1)


def _base(flows: Flows, at: int, flow: int) -> np.ndarray:
    """Those who could hold a plan a year after January number `at`: moved up, and joined since."""
    return moved_up(flows.stocks[:, at]) + grown_joiners(flows.joined[:, flow], MOVING_UP)


def placed_within(flows: Flows, horizon: int, drifting: np.ndarray) -> np.ndarray:
    """Share of each placement within each band, now and for 1 to `horizon` Januaries on.

    Shape (units, 1 + horizon, bands, placements). The last January held by band and placement, with MIX_PRIOR plans
    placed as expected (England's placements at that age, tilted to the unit's own at all ages); where no January has
    both, the unit's own at all ages. It then drifts as England's placements did (drifting, of `drift`).
    """
    placed = flows.placed[:, -1]
    own = (placed + MIX_PRIOR * _national_share(flows.placed)) / (placed.sum(axis=1, keepdims=True) + MIX_PRIOR)
    bands = flows.stocks.shape[2]
    now = np.repeat(own[:, None, :], bands, axis=1)
    if flows.crossed is not None:
        now = _within_bands(flows.crossed, own, flows.placed)
    since = flows.origin - flows.cross_year
    steps = np.arange(horizon + 1) + since
    tilted = now[:, None] * np.exp(steps[:, None] * drifting)[None, :, None, :]
    return tilted / tilted.sum(axis=3, keepdims=True)


def drift(placed: np.ndarray) -> np.ndarray:
    """England's yearly drift of each placement's log-ratio to mainstream over DRIFT_YEARS, shape (placements,).

    placed: as held, NaN where it is not.
    """
    national = np.nansum(placed, axis=0)
    held = np.flatnonzero(national.sum(axis=1) > 0)[-DRIFT_YEARS - 1 :]
    if len(held) < 2:
        return np.zeros(placed.shape[2])
    ends = np.log(np.maximum(national[[held[0], held[-1]]], 0.5))
    ratios = ends - ends[:, :1]
    return (ratios[1] - ratios[0]) / (held[-1] - held[0])


def _national_share(placed: np.ndarray) -> np.ndarray:
    national = np.nansum(placed[:, -1], axis=0)
    return national / max(national.sum(), 1)


def _within_bands(crossed: np.ndarray, own: np.ndarray, placed: np.ndarray) -> np.ndarray:
    """Placements within each band: the unit's own counts, and MIX_PRIOR plans placed as expected.

    A band that nobody's counts hold is placed as the unit's plans of all ages are.
    """
    counts = np.where(np.isfinite(crossed), crossed, 0)
    held, whole = counts.sum(axis=(0, 2)), np.maximum(_national_share(placed), 1e-9)
    national = np.where(held[:, None] > 0, counts.sum(axis=0) / np.maximum(held, 1)[:, None], whole)
    expected = national[None] * (own / whole)[:, None, :]
    expected = expected / np.maximum(expected.sum(axis=2, keepdims=True), 1e-9)
    return (counts + MIX_PRIOR * expected) / (counts.sum(axis=2, keepdims=True) + MIX_PRIOR)
