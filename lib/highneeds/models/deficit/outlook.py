"""Outlook: in-year and accumulated position a year, unmitigated and mitigated, exact at the point and on paths.

Owns the projection, its range and its chances; leaves inputs to `assumptions`, sums of pence to `ledger`, dated rules
to `policy` and plans to come to `paths`. What the range leaves out is said at `project`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from zlib import crc32

import numpy as np

from highneeds.errors import ParamsError
from highneeds.models.deficit import ledger as kinds
from highneeds.models.deficit.assumptions import (
    ASSUMED,
    COUNCIL_LINE,
    DFE_LINE,
    GRANT_LINE,
    OTHER_LINE,
    TRANSFER_LINE,
    Assumptions,
    Plans,
    Scheme,
)
from highneeds.models.deficit.inputs import Checked, checked
from highneeds.models.deficit.ledger import Ledger, Line, Turned, accumulated, nearest_pence, net, turned_signs
from highneeds.models.deficit.policy import Flows, apply, on_paths, paid_outside
from highneeds.models.forecast import LEVELS
from highneeds.models.growth_error import quantiles

IN_YEAR, ACCUMULATED = "in_year", "accumulated"
UNMITIGATED, MITIGATED = "unmitigated", "mitigated"
_FUNDING_KINDS = {
    GRANT_LINE: kinds.GRANT,
    TRANSFER_LINE: kinds.TRANSFER,
    OTHER_LINE: kinds.OTHER_BLOCK,
    DFE_LINE: kinds.DFE,
    COUNCIL_LINE: kinds.COUNCIL,
}
_SCHEMES, _PRICES = 1, 2  # keys of random streams; those of `growth_error` have one number, these have two


@dataclass(frozen=True, eq=False)
class Side:
    """Unmitigated or mitigated: the exact point, and what may come.

    ledger: all lines of the point, the rules' own among them; opening: pence brought forward; paths: pounds by
    IN_YEAR and ACCUMULATED, each (years, paths); quantiles: the same at forecast.LEVELS, (years, levels).
    """

    ledger: Ledger
    opening: int
    paths: dict[str, np.ndarray]
    quantiles: dict[str, np.ndarray]

    @property
    def in_year(self) -> tuple[int, ...]:
        """Point: net position of each year, pence; positive is overspent."""
        return net(self.ledger)

    @property
    def accumulated(self) -> tuple[int, ...]:
        """Point: balance at 31 March of each year, pence; positive is a deficit."""
        return accumulated(self.ledger, opening=self.opening)

    def chance_at_most(self, value_gbp: float, year: str, *, of: str = ACCUMULATED) -> float:
        """Share of paths (0-1) on which a year's position is at most this many pounds; ParamsError for other years."""
        return float(np.mean(self._of(year, of, self.paths) <= value_gbp))

    def quantile(self, level: float, year: str, *, of: str = ACCUMULATED) -> float:
        """Pounds that the position of a year stays below with this chance; level is one of LEVELS."""
        if level not in LEVELS:
            raise ParamsError(f"level {level}: expected one of {', '.join(map(str, LEVELS))}. Choose one.")
        return float(self._of(year, of, self.quantiles)[LEVELS.index(level)])

    def _of(self, year: str, of: str, arrays: dict[str, np.ndarray]) -> np.ndarray:
        if year not in self.ledger.years or of not in arrays:
            expected = f"{', '.join(self.ledger.years)} and {', '.join(arrays)}"
            raise ParamsError(f"{year}, {of}: not in this outlook. Expected one each of {expected}. Choose again.")
        return arrays[of][self.ledger.years.index(year)]


@dataclass(frozen=True, eq=False)
class Outlook:
    """Both sides of a projection.

    spend_by_placement: point, pounds, (years, placements). turned: amounts given with a sign that is unusual, kept as
    given. grant_paid_outside: a stability grant is in force whose year of payment is none of these years.
    """

    years: tuple[str, ...]
    placements: tuple[str, ...]
    spend_by_placement: np.ndarray
    unmitigated: Side
    mitigated: Side
    turned: tuple[Turned, ...]
    grant_paid_outside: bool
    seed: int

    def rows(self) -> list[dict]:
        """One row a side, position and year: side, measure, period, point_gbp, lower80, upper80, lower95, upper95."""
        return [
            row
            for name, side in ((UNMITIGATED, self.unmitigated), (MITIGATED, self.mitigated))
            for of, points in ((IN_YEAR, side.in_year), (ACCUMULATED, side.accumulated))
            for row in _rows(side, {"side": name, "measure": of}, points)
        ]


def project(plans: Plans, assumptions: Assumptions, *, seed: int = 0) -> Outlook:
    """Positions by year, with and without savings; the base year, the first, is priced like any other.

    Point: point plans x unit cost x inflation, each placement's year rounded to the penny once, all else exact sums;
    savings at full x ramp x probability. Paths: plans on paths x the same prices x one error of prices a path (sd
    `price_sd`, growing with the years); each scheme comes in full or not at all, drawn once a path by its probability,
    independently of plans, prices and other schemes. Point and median may differ, and the point is not moved. The same
    seed gives the same bytes; a scheme's draws hang on its name and the seed, and a longer run begins with a shorter.
    What the range leaves out: grant to come, pay awards and other spend (as assumed, without error), schemes that
    fail together, schemes that come in part or late, a change of law. It is too narrow by these.
    Raises SchemaError for inputs that do not fit (see `inputs.checked`), ParamsError for a seed that is none.
    """
    if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
        raise ParamsError(f"seed {seed!r}: expected a whole number, 0 or more. Give one.")
    found = checked(plans, assumptions)
    spend = found.point * found.prices
    bare = Ledger(assumptions.years, _lines(found, assumptions, spend))
    net_paths = _net_paths(found, assumptions, seed)
    saved = _saved_on_paths(assumptions, found.paths.shape[2], seed)
    savings = [_saving(scheme, assumptions.years) for scheme in assumptions.schemes]
    lowered = kinds.with_lines(bare, *savings)
    return Outlook(
        assumptions.years,
        assumptions.placements,
        spend,
        _side(bare, net_paths, found, assumptions),
        _side(lowered, net_paths - saved, found, assumptions),
        turned_signs(lowered),
        paid_outside(assumptions.policies.stability, assumptions.years),
        seed,
    )


# ---- The point -------------------------------------------------------------------------------------------------------


def _lines(found: Checked, assumptions: Assumptions, spend: np.ndarray) -> tuple[Line, ...]:
    sources = {each.name: each.source for each in assumptions.top_ups} | dict(assumptions.sources)
    amounts = dict(zip(assumptions.placements, spend.T, strict=True)) | found.other_spend
    lines = [(name, kinds.SPEND, paid) for name, paid in amounts.items()]
    lines += [(name, _FUNDING_KINDS[name], paid) for name, paid in found.funding.items()]
    return tuple(Line(name, kind, _pence(paid), sources.get(name, ASSUMED)) for name, kind, paid in lines)


def _saving(scheme: Scheme, years: Sequence[str]) -> Line:
    expected = -scheme.probability * scheme.planned_gbp(years)
    return Line(scheme.name, kinds.SAVING, _pence(expected), scheme.source)


def _pence(pounds: np.ndarray) -> tuple[int, ...]:
    return tuple(nearest_pence(float(amount)) for amount in pounds)


# ---- On paths --------------------------------------------------------------------------------------------------------


def _net_paths(found: Checked, assumptions: Assumptions, seed: int) -> np.ndarray:
    """Net position before savings and rules, pounds, (years, paths)."""
    spend = np.einsum("ypn,yp->yn", found.paths, found.prices)
    if assumptions.price_sd:
        errors = assumptions.price_sd * _stream(seed, _PRICES, 0).standard_normal(spend.shape[1])
        spend *= np.exp(np.arange(len(spend))[:, None] * errors)
    in_year = (GRANT_LINE, TRANSFER_LINE, OTHER_LINE)
    fixed = [*found.other_spend.values(), *(found.funding[name] for name in in_year)]
    return spend + np.sum(fixed, axis=0)[:, None]


def _saved_on_paths(assumptions: Assumptions, paths: int, seed: int) -> np.ndarray:
    """Pounds saved, (years, paths): schemes in order of their names, so that the order given changes no byte."""
    saved = np.zeros((len(assumptions.years), paths))
    for scheme in sorted(assumptions.schemes, key=lambda scheme: scheme.name):
        drawn = _stream(seed, _SCHEMES, crc32(scheme.name.encode())).random(paths)
        saved += scheme.planned_gbp(assumptions.years)[:, None] * (drawn < scheme.probability)
    return saved


def _stream(seed: int, key: int, part: int) -> np.random.Generator:
    return np.random.Generator(np.random.SFC64(np.random.SeedSequence(seed, spawn_key=(key, part))))


def _side(bare: Ledger, net_paths: np.ndarray, found: Checked, assumptions: Assumptions) -> Side:
    opening = nearest_pence(assumptions.opening_gbp)
    funding, years = found.funding, assumptions.years
    flows = Flows(years, float(assumptions.opening_gbp), net_paths, funding[DFE_LINE], funding[COUNCIL_LINE])
    in_year, contributions = on_paths(assumptions.policies, flows)
    balances = flows.opening + np.cumsum(in_year + contributions, axis=0)
    paths = {IN_YEAR: in_year, ACCUMULATED: balances}
    ranges = {of: quantiles(values.copy()) for of, values in paths.items()}
    return Side(apply(assumptions.policies, bare, opening=opening), opening, paths, ranges)


def _rows(side: Side, key: dict, points: Sequence[int]) -> list[dict]:
    ends = {"lower80": 0.1, "upper80": 0.9, "lower95": 0.025, "upper95": 0.975}
    return [
        {**key, "period": year, "point_gbp": point / 100}
        | {name: side.quantile(level, year, of=key["measure"]) for name, level in ends.items()}
        for year, point in zip(side.ledger.years, points, strict=True)
    ]
