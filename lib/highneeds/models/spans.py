"""Which published years a paper's years are: by the counts nearest to its own, and by the growth that it prints.

A paper's label and the department's year need not be one: plans "in 2023" may be those of January 2024. Owns the
search; what follows from it is said by the sections. Nothing near is nothing found: then the labels stand as printed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from highneeds import periods
from highneeds.errors import SchemaError
from highneeds.facts import Area, Facts
from highneeds.figures import Figure, total

NEAR_PCT = 2.0  # a printed count further off than this is of some other count
LAGS = (0, 1, -1)  # years by which a label may differ; the first of equals is taken
PLANS, OF_AGE, BANDS_OF_AGE = "ehc_plans", "Age 5 to 15", ("Age 5 to 10", "Age 11 to 15")
FIRST_AGES, LAST_AGES = (3, 4, 5), (15, 16)  # where statutory school age may be taken to start and to end


@dataclass(frozen=True)
class Match:
    """A printed count and the published year it is set beside; near: within NEAR_PCT of that year's count."""

    label: int
    printed: float
    year: int
    published: float | None

    @property
    def miss_pct(self) -> float:
        """Printed less published, per cent of the published; infinite where none is."""
        return 100 * (self.printed / self.published - 1) if self.published else float("inf")

    @property
    def near(self) -> bool:
        """True where the two may be one count."""
        return abs(self.miss_pct) <= NEAR_PCT

    @property
    def lag(self) -> int:
        """Years from the label to the published year."""
        return self.year - self.label


def fit(series: Mapping[int, float], printed: Sequence[tuple[int, float]]) -> tuple[Match, ...]:
    """The published year of each printed count, in the order given.

    series: published counts by year; printed: label and count. Labels of a table lag alike: the one lag of LAGS at
    which all counts are near, and nearest together, is taken. Where there is none, each label's own nearest year is,
    if all are near; else the labels stand as they are. Raises SchemaError for counts that are not above 0.
    """
    wrong = [str(value) for _, value in printed if not value > 0]
    if wrong or not printed:
        raise SchemaError(
            f"printed counts: found {', '.join(wrong) or 'none'}. Expected numbers above 0. Correct them."
        )
    alike = [tuple(_match(series, label, value, lag) for label, value in printed) for lag in LAGS]
    near = [each for each in alike if all(match.near for match in each)]
    if near:
        return min(near, key=lambda each: max(abs(match.miss_pct) for match in each))
    own = tuple(
        min((_match(series, label, value, lag) for lag in LAGS), key=lambda match: abs(match.miss_pct))
        for label, value in printed
    )
    return own if all(match.near for match in own) else alike[0]


def spans_of_growth(
    series: Mapping[str, Mapping[int, float]], growth: Mapping[str, float], *, step: float = 1.0
) -> tuple[tuple[int, int], ...]:
    """Every pair of years over which each area's count grew as is printed of it, earliest first.

    series: counts by area and year; growth: printed per cent by area, rounded to `step`. Empty where none fits all.
    """
    held = [set(series[area]) for area in growth]
    years = sorted(set.intersection(*held)) if held else []
    return tuple(
        (first, last)
        for first, last in combinations(years, 2)
        if all(_prints_as(series[area], first, last, pct, step) for area, pct in growth.items())
    )


def fit_ages(by_age: Mapping[int, float], printed: float) -> tuple[int, int] | None:
    """First and last age whose plans together lie nearest a printed count of school age; None where none is near.

    by_age: plans by single year of age; spans start at one of FIRST_AGES and end at one of LAST_AGES.
    """
    spans = [(first, last) for first in FIRST_AGES for last in LAST_AGES if set(range(first, last + 1)) <= set(by_age)]
    sums = {span: sum(by_age[age] for age in range(span[0], span[1] + 1)) for span in spans}
    near = {span: abs(printed / held - 1) for span, held in sums.items() if held > 0}
    best = min(near, key=lambda span: near[span], default=None)
    return best if best is not None and 100 * near[best] <= NEAR_PCT else None


def plans_by_january(facts: Facts, area: Area) -> dict[int, float]:
    """Published plans of an area by year, where there are any."""
    held = {int(year): facts.get(PLANS, area, year) for year in facts.periods(PLANS)}
    return {year: figure.value for year, figure in held.items() if figure.known}  # type: ignore[misc]


def plans_of_school_age(facts: Facts, area: Area, year: str) -> Figure:
    """Published plans of children aged 5 to 15 in a January, from the two bands that make them up."""
    parts = [facts.get(PLANS, area, year, band) for band in BANDS_OF_AGE]
    id = f"{PLANS}.{area.slug}.{year}.age-5-to-15"
    return total(parts, id, period=year, period_basis=periods.JANUARY, breakdown=OF_AGE)


def _match(series: Mapping[int, float], label: int, printed: float, lag: int) -> Match:
    return Match(label, printed, label + lag, series.get(label + lag))


def _prints_as(counts: Mapping[int, float], first: int, last: int, pct: float, step: float) -> bool:
    if not counts[first] > 0:
        return False
    made = 100 * (counts[last] / counts[first] - 1)
    return pct - step / 2 <= made < pct + step / 2
