"""Places: what there are and will be by setting, against the plans that need them; what is short, empty or late.

Owns supply and its chances. Demand comes from `caseload`, money from `deficit`. A place stands for one child of the
authority: children from elsewhere in its schools, and its own in other authorities' schools, are not told apart.
"""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from zlib import crc32

import numpy as np
import pandas as pd

from highneeds.models.growth_error import quantiles, refuse
from highneeds.periods import FINANCIAL_YEAR, JANUARY, last_day
from highneeds.scenarios import ALL, BY_MONTHS, Scenario

MONTHS = 12


@dataclass(frozen=True)
class Setting:
    """Places of one setting and placement type.

    now: places open on the day of the file; planned: places once the change has opened on `opens` (None: no change);
    confidence: chance (0-1) that it opens by then at all; filled: places taken now, None where not counted.
    """

    name: str
    placement: str
    phase: str
    now: float
    planned: float
    opens: date | None
    confidence: float
    filled: float | None
    source: str
    row: int

    @property
    def to_come(self) -> float:
        """Places that the change adds; below 0 where it takes away."""
        return self.planned - self.now if self.opens else 0.0

    def open_on(self, day: date) -> float:
        """Places on a day, if all goes to plan."""
        return self.now + (self.to_come if self.opens and self.opens <= day else 0.0)

    def in_year(self, year: str) -> float:
        """Places over a financial year, each counted for the months it is open, if all goes to plan."""
        if self.opens is None:
            return self.now
        end = last_day(year, FINANCIAL_YEAR)
        months = (end.year - self.opens.year) * MONTHS + end.month - self.opens.month + 1
        return self.now + self.to_come * min(max(months, 0), MONTHS) / MONTHS


def settings_of(capacity: pd.DataFrame) -> tuple[Setting, ...]:
    """Settings from a checked capacity table (sources.planning_columns)."""
    return tuple(
        Setting(
            name=row.setting,
            placement=row.placement,
            phase=row.phase,
            now=row.places_now,
            planned=row.places_planned,
            opens=None if pd.isna(row.opens) else row.opens.date(),
            confidence=row.confidence_pct / 100,
            filled=None if pd.isna(row.filled) else row.filled,
            source=row.source,
            row=int(row.row),
        )
        for row in capacity.itertuples(index=False)
    )


def changed_settings(settings: Sequence[Setting], scenario: Scenario) -> tuple[Setting, ...]:
    """Settings under a scenario: places planned, opening day and confidence.

    Raises SchemaError where it changes places that no day opens, or moves a day that is not planned: nothing would
    come of it.
    """
    faults: list[str] = []
    made = tuple(_changed(setting, scenario, faults) for setting in settings)
    refuse(faults)
    return made


def _changed(setting: Setting, scenario: Scenario, faults: list[str]) -> Setting:
    """One setting under a scenario; what would change nothing is added to the faults."""
    found: list[str] = []
    for change in scenario.changes:
        if change.of not in (ALL, setting.name):
            continue
        where = f"{scenario.file}: row {change.row}, {change.line}: {setting.name}"
        if change.line == "places":
            setting = replace(setting, planned=max(change.of_amount(setting.planned), 0))
            found.append(f"{where} has no day on which places change. Expected one. Add line opens, to a day, of it.")
        elif change.line == "confidence":
            setting = replace(setting, confidence=float(change.value))
        elif change.line == "opens" and change.operation != BY_MONTHS:
            setting = replace(setting, opens=date.fromisoformat(str(change.value)))
        elif change.line == "opens" and setting.opens is not None:
            setting = replace(setting, opens=_months_on(setting.opens, round(float(change.value))))
        elif change.line == "opens" and change.of != ALL:
            faults.append(f"{where} has no day to be moved. Expected a setting whose places change. Name another.")
    faults += found if setting.opens is None else []
    return setting


def _months_on(day: date, months: int) -> date:
    """The same day so many months on; the last of a month that has no such day."""
    at = day.year * MONTHS + day.month - 1 + months
    year, month = at // MONTHS, at % MONTHS + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def supply(settings: Sequence[Setting], januaries: Sequence[int], placements: Sequence[str]) -> np.ndarray:
    """Places expected each January (confidence counted), shape (years, placements)."""
    expected = np.zeros((len(januaries), len(placements)))
    for setting in settings:
        for at, january in enumerate(januaries):
            opened = setting.open_on(last_day(str(january), JANUARY)) - setting.now
            expected[at, placements.index(setting.placement)] += setting.now + setting.confidence * opened
    return expected


def supply_paths(
    settings: Sequence[Setting], januaries: Sequence[int], placements: Sequence[str], *, paths: int, seed: int = 0
) -> np.ndarray:
    """Places each January on every path, shape (years, placements, paths): each change comes whole or not at all.

    Drawn once a path by a setting's confidence, from a stream that hangs on its name, so that another setting in the
    file changes no draw.
    """
    found = np.zeros((len(januaries), len(placements), paths), "float32")
    for setting in settings:
        key = crc32(f"{setting.name}|{setting.placement}".encode())
        rng = np.random.Generator(np.random.SFC64(np.random.SeedSequence(seed, spawn_key=(3, key))))
        comes = rng.random(paths) < setting.confidence
        for at, january in enumerate(januaries):
            opened = setting.open_on(last_day(str(january), JANUARY)) - setting.now
            found[at, placements.index(setting.placement)] += setting.now + opened * comes
    return found


@dataclass(frozen=True, eq=False)
class Shortfall:
    """Plans less places each January; above 0 is short, below 0 is empty. Shapes (years, placements [, levels]).

    chance: share of paths on which there are fewer places than plans.
    """

    points: np.ndarray
    ranges: np.ndarray
    chance: np.ndarray


def shortfall(
    demand: np.ndarray, demand_paths: np.ndarray, settings: Sequence[Setting], januaries: Sequence[int],
    placements: Sequence[str],
) -> Shortfall:  # fmt: skip
    """What is short by January and placement.

    demand: points, shape (years, placements); demand_paths: (years, placements, paths), of the same Januaries.
    """
    places = supply_paths(settings, januaries, placements, paths=demand_paths.shape[2])
    short = (demand_paths - places).astype("float32")
    chance = (short > 0).mean(axis=2)
    return Shortfall(demand - supply(settings, januaries, placements), quantiles(short), chance)


def vacancy_pct(commissioned: float, filled: float) -> float:
    """(commissioned - filled) / commissioned, per cent; below 0 where more are taken than were commissioned (W6)."""
    return 100 * (commissioned - filled) / commissioned if commissioned else float("nan")


def places_in_years(settings: Sequence[Setting], years: Sequence[str], placements: Sequence[str]) -> np.ndarray:
    """Places expected over each financial year, each counted for its months, shape (years, placements)."""
    expected = np.zeros((len(years), len(placements)))
    for setting in settings:
        for at, year in enumerate(years):
            opened = setting.in_year(year) - setting.now
            expected[at, placements.index(setting.placement)] += setting.now + setting.confidence * opened
    return expected


def cost_of_delay(lost: np.ndarray, gaps: np.ndarray) -> np.ndarray:
    """Pounds a year that places which are not there cost: places lost x difference in unit cost (K12).

    lost: places, each counted for the months it is not open, shape (years, placements). gaps: cost of the placement
    used instead less the cost of the place, pounds a year, shape (years, placements). Shape (years,).
    """
    return (lost * gaps).sum(axis=1)
