"""Alternative-provision places from permanent exclusions: how many, with what range, and what the worst year says.

Owns the flow of pupils in and out of places. A place is one pupil for one academic year. Exclusions of a phase are
gamma-Poisson: a level that few past years leave uncertain, yearly weather around it, chance on top.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from highneeds.errors import SchemaError
from highneeds.periods import years_between, years_on

PATHS = 20_000
SEED = 20_251
LEVELS = (0.1, 0.9)  # ends of the 80% range
FEWEST_YEARS = 2
MONTHS = 12
ALL = "All phases"


@dataclass(frozen=True)
class Level:
    """Yearly exclusions of one phase, from its past: mean and variance of a year, years behind them, worst and last.

    variance is at least the mean: counts are never steadier than chance.
    """

    mean: float
    variance: float
    years: int
    worst: int
    last_year: str


@dataclass(frozen=True)
class Flow:
    """What happens to the pupils of one phase; shares are fractions, stays are months.

    returned: low, most likely and high share of those placed who go back to a school within a year; return_months:
    their mean stay; stay_months: mean stay, in the year of the exclusion, of those who do not; leavers: share of those
    placed at the end of July who leave (end of Year 11; moving up from primary); growth: yearly, of exclusions.
    placed: pupils placed at the start of the first year ahead.
    """

    returned: tuple[float, float, float]
    return_months: float
    stay_months: float
    leavers: float
    growth: float
    placed: float


def level_of(exclusions: pd.DataFrame) -> Level:
    """Method of moments on one phase's rows (academic_year, exclusions). Raises SchemaError under two years."""
    counts = exclusions.sort_values("academic_year")["exclusions"].to_numpy(float)
    if len(counts) < FEWEST_YEARS:
        at = exclusions.iloc[0]
        raise SchemaError(
            f"{at['file']}: row {at['row']}: found one year of exclusions for {at['phase']}. Expected {FEWEST_YEARS} "
            "or more: one year says nothing of how far years differ. Add earlier years."
        )
    mean = counts.mean()
    return Level(mean, max(counts.var(ddof=1), mean), len(counts), int(counts.max()), exclusions["academic_year"].max())


def flow_of(row: pd.Series) -> Flow:
    """Flow from a row of alternative_provision_flow."""
    low, likely, high = (row[f"reintegrated_{name}pct"] / 100 for name in ("low_", "", "high_"))
    shares = row["leavers_pct"] / 100, row["growth_pct"] / 100
    return Flow((low, likely, high), row["return_months"], row["stay_months"], *shares, row["placed_at_end"])


def places(entrants: np.ndarray, flow: Flow, returned: float | np.ndarray) -> np.ndarray:
    """Places in each year (first axis of entrants) when a share of those placed returns to school each year.

    places(t) = entrants(t) x mean stay + pupils still placed x mean stay, where a returning pupil stays
    return_months and any other stay_months in the year of the exclusion, all of a later year.
    Still placed a year on: (pupils + entrants) x (1 - returned) x (1 - leavers).
    """
    back = returned * flow.return_months / MONTHS
    new_stay, old_stay = back + (1 - returned) * flow.stay_months / MONTHS, back + (1 - returned)
    found, held = np.empty(entrants.shape), np.full(entrants.shape[1:], flow.placed)
    for year, came in enumerate(entrants):
        found[year] = came * new_stay + held * old_stay
        held = (held + came) * (1 - returned) * (1 - flow.leavers)
    return found


def places_needed(exclusions: pd.DataFrame, flow: pd.DataFrame, *, seed: int = SEED) -> pd.DataFrame:
    """Places by phase and academic year, from the year after the last known one to the target year, and their sum.

    exclusions: academic_year, phase, exclusions. flow: a row a phase, as alternative_provision_flow.csv.
    Gives phase, academic_year, exclusions (expected), places (expected), low and high (80% range of the draws) and
    worst (places if every year had the exclusions of the worst year, growth added). The same seed gives the same.
    Raises SchemaError, all faults: too short a history, a target that is over, phases whose histories end apart.
    """
    phases = sorted(flow["phase"])
    levels = _levels(exclusions, phases)
    _refuse(flow, levels)
    target, first = flow["target_year"].iloc[0], next(iter(levels.values())).last_year
    years, made = years_between(first, target), []
    for at, phase in enumerate(phases):
        rng = np.random.Generator(np.random.SFC64(np.random.SeedSequence(seed, spawn_key=(at,))))
        made.append(_phase(levels[phase], flow_of(flow[flow["phase"].eq(phase)].iloc[0]), years, rng))
    named = list(zip(phases, made, strict=True)) + ([(ALL, _together(made))] if len(made) > 1 else [])
    both = pd.concat([each.frame().assign(phase=name) for name, each in named], ignore_index=True)
    both["academic_year"] = [years_on(first, int(step)) for step in both["step"]]
    return both[["phase", "academic_year", "exclusions", "places", "low", "high", "worst"]]


@dataclass(frozen=True)
class _Made:
    """One phase: expected exclusions, expected places and worst, by year; drawn places, by year and path."""

    exclusions: np.ndarray
    places: np.ndarray
    worst: np.ndarray
    drawn: np.ndarray

    def frame(self) -> pd.DataFrame:
        """One row a year: step, exclusions, places, low, high, worst."""
        low, high = np.quantile(self.drawn, LEVELS, axis=-1)
        columns = {"exclusions": self.exclusions, "places": self.places, "low": low, "high": high, "worst": self.worst}
        return pd.DataFrame({"step": range(1, len(self.places) + 1), **columns})


def _together(made: list[_Made]) -> _Made:
    """All phases as one: their paths are added, not the ends of their ranges."""
    names = ("exclusions", "places", "worst", "drawn")
    return _Made(*(sum(getattr(one, name) for one in made) for name in names))


def _levels(exclusions: pd.DataFrame, phases: list[str]) -> dict[str, Level]:
    levels, faults = {}, []
    for phase in phases:
        rows = exclusions[exclusions["phase"].eq(phase)]
        if rows.empty:
            faults.append(
                f"options/alternative_provision_exclusions.csv: found no row for phase {phase}. Expected "
                f"{FEWEST_YEARS} years or more. Add them, or take the phase out of the flow."
            )
            continue
        try:
            levels[phase] = level_of(rows)
        except SchemaError as fault:
            faults += fault.faults
    if faults:
        raise SchemaError(faults)
    return levels


def _refuse(flow: pd.DataFrame, levels: dict[str, Level]) -> None:
    at, ends = flow.iloc[0], sorted({level.last_year for level in levels.values()})
    faults = []
    if len(ends) > 1:
        faults.append(
            f"options/alternative_provision_exclusions.csv: the phases end in {' and '.join(ends)}. Expected one last "
            "year for all. Add the years that are missing."
        )
    if years_between(ends[-1], at["target_year"]) < 1:
        faults.append(
            f"{at['file']}: row {at['row']}, column target_year: found {at['target_year']}. Expected a year after "
            f"{ends[-1]}, the last one with exclusions. Correct the target year."
        )
    if faults:
        raise SchemaError(faults)


def _phase(level: Level, flow: Flow, years: int, rng: np.random.Generator) -> _Made:
    growth = (1 + flow.growth) ** np.arange(1, years + 1)
    expected, worst = level.mean * growth, level.worst * growth
    drawn = places(_draw(level, growth, rng), flow, _returned(flow, rng))
    likely = flow.returned[1]
    return _Made(expected, places(expected, flow, likely), places(worst, flow, likely), drawn)


def _draw(level: Level, growth: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Exclusions by year and path: the level is drawn once a path, each year's weather and chance on their own."""
    if not level.mean:
        return np.zeros((len(growth), PATHS))
    of_mean = level.variance / level.years
    around = (level.variance - level.mean) / level.mean**2  # squared spread of the years beyond chance
    mean = _gamma(level.mean, of_mean, PATHS, rng)
    weather = _gamma(1.0, around, (len(growth), PATHS), rng)
    return rng.poisson(mean * growth[:, None] * weather).astype(float)


def _gamma(mean: float, variance: float, shape: int | tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """Gamma draws of a mean and a variance; the mean itself where the variance is nothing."""
    if variance <= 0:
        return np.full(shape, mean)
    return rng.gamma(mean**2 / variance, variance / mean, shape)


def _returned(flow: Flow, rng: np.random.Generator) -> float | np.ndarray:
    low, likely, high = flow.returned
    return rng.triangular(low, likely, high, PATHS) if low < high else likely
