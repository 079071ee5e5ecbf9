"""What a projection of the balance rests on: plans, prices, other spend, grant, savings, each given, none guessed.

Owns the inputs of `outlook`; leaves their faults to `inputs`, the projection to `outlook` and dated rules to `policy`.
Amounts are pounds. Money in (grant, transfer, contributions) is negative, as Kent prints it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from highneeds.models.deficit.policy import Policies

# Yearly error of prices, the same in all years of a path. A judgement, not measured: no series of an authority's unit
# costs is published that is long enough. At .01, prices are out by up to 1.3% a year in eight of ten paths.
PRICE_SD = 0.01
GRANT_LINE, TRANSFER_LINE = "High needs grant", "Transfer from schools block"
OTHER_LINE, DFE_LINE, COUNCIL_LINE = "Variances on other blocks", "DfE contribution", "Council contribution"
ASSUMED = "assumption of this projection"
DISPLACED = "Children placed for want of, or thanks to, other places"  # worked out, so it may be truly small


@dataclass(frozen=True, eq=False)
class Plans:
    """Plans in the January inside each financial year, which stands for the year; the first is the base year.

    point: (years, placements); paths: (years, placements, paths). The point is never moved to the paths' middle.
    """

    years: tuple[str, ...]
    placements: tuple[str, ...]
    point: np.ndarray
    paths: np.ndarray


@dataclass(frozen=True)
class Scheme:
    """A saving: pounds in a full year (above 0 saves, below 0 costs), the year it starts, and how sure it is.

    ramp: share of the full saving by year since it started, 0-1; the last one lasts. probability: 0-1 that it comes at
    all. Its line in a ledger is negative. Not inflated.
    """

    name: str
    full_year_gbp: float
    starts: str
    ramp: tuple[float, ...]
    probability: float
    source: str

    def planned_gbp(self, years: Sequence[str]) -> np.ndarray:
        """Pounds saved a year if it comes: full saving x ramp, 0 before it starts."""
        since = [int(year[:4]) - int(self.starts[:4]) for year in years]
        return np.array([self.full_year_gbp * self.ramp[min(at, len(self.ramp) - 1)] if at >= 0 else 0 for at in since])


@dataclass(frozen=True)
class TopUp:
    """Spend that grows at a rate of its own (top-ups without a plan): pounds in the base year, yearly growth.

    growth: fraction on the year before, one a year, the base year's 0.
    """

    name: str
    base_gbp: float
    growth: tuple[float, ...]
    source: str


@dataclass(frozen=True, eq=False)
class Funding:
    """Money in, pounds a year, negative: high needs grant, schools block transfer, other blocks, contributions."""

    grant: Sequence[float]
    transfer: Sequence[float]
    other_blocks: Sequence[float]
    dfe: Sequence[float]
    council: Sequence[float]

    def lines(self) -> dict[str, Sequence[float]]:
        """Amounts by the name of their line."""
        names = (GRANT_LINE, TRANSFER_LINE, OTHER_LINE, DFE_LINE, COUNCIL_LINE)
        return dict(zip(names, (self.grant, self.transfer, self.other_blocks, self.dfe, self.council), strict=True))


@dataclass(frozen=True, eq=False)
class Assumptions:
    """All that plans are priced and financed with. `inputs.checked` says what is wrong with it.

    unit_costs: pounds a plan in the base year, (placements,): base-year spend over the same January's plans, see
    `inputs.unit_costs`. inflation: fraction on the year before, (placements, years), the base year's 0. other_spend:
    pounds a year by name, not driven by plans. opening_gbp: balance at 31 March before the base year, a deficit
    positive. price_sd: sd of the yearly error of log prices, one error a path for all placements and years. sources:
    where the amounts of a line are from, by its name.
    """

    years: tuple[str, ...]
    placements: tuple[str, ...]
    unit_costs: np.ndarray
    inflation: np.ndarray
    funding: Funding
    opening_gbp: float
    other_spend: Mapping[str, Sequence[float]] = field(default_factory=dict)
    top_ups: tuple[TopUp, ...] = ()
    schemes: tuple[Scheme, ...] = ()
    price_sd: float = PRICE_SD
    policies: Policies = field(default_factory=Policies)
    sources: Mapping[str, str] = field(default_factory=dict)
