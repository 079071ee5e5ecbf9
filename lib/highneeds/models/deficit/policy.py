"""Dated rules on DSG deficits, each a setting that can be switched: what is law, what is announced, what is unknown.

Owns the statutory override, the High Needs Stability Grant and SEND costs in DfE's budget, and what each does to a
ledger, always as a line of its own; leaves lines and sums to `ledger`, paths to `outlook`. As known in November 2026.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, NamedTuple

import numpy as np

from highneeds.errors import ParamsError
from highneeds.models.deficit.ledger import (
    DFE,
    GRANT,
    STABILITY,
    Ledger,
    Line,
    accumulated,
    net,
    pence,
    total_of,
    with_lines,
)
from highneeds.models.deficit.years import following
from highneeds.models.growth_error import is_number
from highneeds.periods import FINANCIAL_YEAR, day_in_words, is_financial_year, last_day

STABILITY_LINE = "High Needs Stability Grant"
DFE_ENDS_LINE = "DfE contributions that end with the Stability Grant"
BUDGET_LINE = "In-year cost met from DfE's budget"


@dataclass(frozen=True)
class StatutoryOverride:
    """Deficits on the DSG stay in a reserve of their own, away from usable reserves, to the end of `last_year`."""

    on: bool = True
    last_year: str = "2027-28"
    source: str = (
        "Regulations keep a DSG deficit out of a council's usable reserves; government has extended them to the end of "
        "2027-28, after which a deficit that is left counts against the council's own money."
    )

    def __post_init__(self) -> None:
        """Check the year."""
        _refuse(_year_faults("statutory override", last_year=self.last_year))


@dataclass(frozen=True)
class StabilityGrant:
    """90% of the eligible high-needs deficit at the end of `deficit_year`, for authorities with an approved plan.

    plan_approved: whether a Local SEND Reform Plan is; without it nothing is paid. paid_in: unknown, so a setting
    without a default. s251_gbp, notes_gbp, accounts_gbp: the deficit in pounds in the section 251 return, the DSG note
    and the accounts, where known; the lowest counts; with none, the ledger's own balance. not_high_needs_gbp: the part
    of it that is no high-needs overspend. last_dfe_contribution: last year of DfE's Safety Valve contributions where
    the grant is paid; None: they go on. Which of the two will be is unknown.
    """

    on: bool = True
    plan_approved: bool = False
    share: float = 0.9
    deficit_year: str = "2025-26"
    paid_in: str | None = None
    s251_gbp: float | None = None
    notes_gbp: float | None = None
    accounts_gbp: float | None = None
    not_high_needs_gbp: float = 0.0
    last_dfe_contribution: str | None = None
    source: str = (
        "DfE and MHCLG, explanatory note of 9 February 2026: only deficits held in the DSG reserve at the end of "
        "2025-26 count; overspends other than on high needs are taken off; where returns and accounts differ without a "
        "reason, the lowest figure is used; an approved Local SEND Reform Plan is asked for."
    )

    def __post_init__(self) -> None:
        """Check years, share and amounts."""
        where, years = "stability grant", {"deficit_year": self.deficit_year}
        given = {"paid_in": self.paid_in, "last_dfe_contribution": self.last_dfe_contribution}
        faults = _year_faults(where, **years, **{name: year for name, year in given.items() if year is not None})
        if not faults and self.paid_in is not None and self.paid_in <= self.deficit_year:
            faults.append(f"{where}: paid_in {self.paid_in}: expected after {self.deficit_year}. Give a later year.")
        if not is_number(self.share) or not 0 <= self.share <= 1:
            faults.append(f"{where}: share {self.share!r}: expected 0 to 1. Give .9 where 90% is meant.")
        faults += _amount_faults(where, self._figures() | {"not_high_needs_gbp": self.not_high_needs_gbp})
        if self.in_force and self.paid_in is None:
            faults.append(
                f"{where}: paid_in is not given. Expected a year after {self.deficit_year}. Choose and say so."
            )
        _refuse(faults)

    @property
    def in_force(self) -> bool:
        """True where the grant is switched on and the authority's plan is approved."""
        return self.on and self.plan_approved

    def _figures(self) -> dict[str, float]:
        held = {"s251_gbp": self.s251_gbp, "notes_gbp": self.notes_gbp, "accounts_gbp": self.accounts_gbp}
        return {name: value for name, value in held.items() if value is not None}

    def lowest(self) -> int | None:
        """Lowest of the deficits given, pence; None where none is."""
        return min(map(pence, self._figures().values()), default=None)


@dataclass(frozen=True)
class DfeBudget:
    """SEND costs inside DfE's budget from `first_year`: the cost over grant of a year is then not the council's.

    Off by default: how it will be done has not been published, so the cost is shown until it is chosen to be met.
    """

    on: bool = False
    first_year: str = "2028-29"
    source: str = (
        "Government has said that from 2028-29 the cost of SEND will be met within DfE's own budget. How it will reach "
        "an authority, and whether all of it, is not known."
    )

    def __post_init__(self) -> None:
        """Check the year."""
        _refuse(_year_faults("DfE budget", first_year=self.first_year))


@dataclass(frozen=True)
class Policies:
    """The three rules together."""

    override: StatutoryOverride = field(default_factory=StatutoryOverride)
    stability: StabilityGrant = field(default_factory=StabilityGrant)
    dfe_budget: DfeBudget = field(default_factory=DfeBudget)


class Rule(NamedTuple):
    """A rule for a table: its name, whether it is applied, its dates in words and its source."""

    name: str
    applied: bool
    dates: str
    source: str


def timetable(policies: Policies) -> tuple[Rule, ...]:
    """The rules with their dates, in the order in which they take effect."""
    override, stability, budget = policies.override, policies.stability, policies.dfe_budget
    on = day_in_words(last_day(stability.deficit_year, FINANCIAL_YEAR))
    paid = f"paid in {stability.paid_in}" if stability.paid_in else "year of payment not known"
    starts = following(budget.first_year, -1)
    return (
        Rule(STABILITY_LINE, stability.in_force, f"deficit on {on}; {paid}", stability.source),
        Rule("Statutory override", override.on, f"until {_end_of(override.last_year)}", override.source),
        Rule("SEND costs in DfE's budget", budget.on, f"after {_end_of(starts)}", budget.source),
    )


def falls_on_reserves(policies: Policies, year: str) -> bool:
    """True where a deficit at 31 March of this year counts against usable reserves: no override, or none any more."""
    _refuse(_year_faults("override", year=year))
    return not policies.override.on or year > policies.override.last_year


def on_reserves(policies: Policies, years: Sequence[str], accumulated: Sequence[int]) -> tuple[int, ...]:
    """What of each year's balance falls on usable reserves, pence: all of a deficit once the override is over."""
    pairs = zip(years, accumulated, strict=True)
    return tuple(max(balance, 0) if falls_on_reserves(policies, year) else 0 for year, balance in pairs)


def eligible_deficit(stability: StabilityGrant, balance: int) -> int:
    """Deficit that counts for the grant, pence: the lowest figure given, else `balance`; less what is no high needs."""
    lowest = stability.lowest()
    return max((balance if lowest is None else lowest) - pence(stability.not_high_needs_gbp), 0)


def stability_grant(stability: StabilityGrant, balance: int) -> int:
    """The grant, pence, negative as all money in; to the nearest penny. 0 where it is not in force."""
    exact = eligible_deficit(stability, balance) * Decimal(repr(float(stability.share)))
    return -int(exact.quantize(Decimal(1), ROUND_HALF_UP)) if stability.in_force else 0


def apply(policies: Policies, ledger: Ledger, *, opening: int) -> Ledger:
    """The ledger with the lines that the rules add; its own lines stay as they are.

    In order: what DfE's budget meets (kind grant), DfE contributions that end (their opposite, kind dfe_contribution),
    the stability grant in the year it is paid (kind stability_grant), on the balance with the two before. A grant paid
    outside the ledger's years adds no line: see `paid_outside`. opening: balance brought forward, pence.
    Raises ParamsError where the grant needs a balance that neither the ledger nor its opening holds.
    """
    ledger = _with_ended(policies.stability, _with_budget(policies.dfe_budget, ledger))
    stability = policies.stability
    if not stability.in_force or paid_outside(stability, ledger.years):
        return ledger
    balances = accumulated(ledger, opening=opening)
    balance = _balance(stability, ledger.years, opening, balances) if stability.lowest() is None else 0
    amount = stability_grant(stability, balance)
    paid = tuple(amount if year == stability.paid_in else 0 for year in ledger.years)
    return with_lines(ledger, Line(STABILITY_LINE, STABILITY, paid, stability.source))


def paid_outside(stability: StabilityGrant, years: Sequence[str]) -> bool:
    """True where the grant is in force and paid in none of these years: what is paid before belongs in the opening."""
    return stability.in_force and stability.paid_in not in years


class Flows(NamedTuple):
    """What moves a balance on paths, pounds: net (years, paths), DfE's and the council's contributions (years,)."""

    years: tuple[str, ...]
    opening: float
    net: np.ndarray
    dfe: np.ndarray
    council: np.ndarray


def on_paths(policies: Policies, flows: Flows) -> tuple[np.ndarray, np.ndarray]:
    """What `apply` does, on paths: net and contributions with the rules, pounds, each of shape (years, paths)."""
    stability, budget = policies.stability, policies.dfe_budget
    met = np.array([budget.on and year >= budget.first_year for year in flows.years])
    net = np.where(met[:, None], np.minimum(flows.net, 0), flows.net)
    paid = np.where(_ended(stability, flows.years), 0.0, flows.dfe) + flows.council
    contributions = np.broadcast_to(paid[:, None], net.shape).copy()
    if not stability.in_force or paid_outside(stability, flows.years):
        return net, contributions
    lowest, balances = stability.lowest(), flows.opening + np.cumsum(net + contributions, axis=0)
    deficit = _balance(stability, flows.years, flows.opening, balances) if lowest is None else lowest / 100
    grant = stability.share * np.maximum(deficit - stability.not_high_needs_gbp, 0)
    contributions[flows.years.index(str(stability.paid_in))] -= grant
    return net, contributions


# ---- Inside ----------------------------------------------------------------------------------------------------------


def _with_budget(budget: DfeBudget, ledger: Ledger) -> Ledger:
    if not budget.on:
        return ledger
    pairs = zip(ledger.years, net(ledger), strict=True)
    met = tuple(-max(amount, 0) if year >= budget.first_year else 0 for year, amount in pairs)
    return with_lines(ledger, Line(BUDGET_LINE, GRANT, met, budget.source)) if any(met) else ledger


def _with_ended(stability: StabilityGrant, ledger: Ledger) -> Ledger:
    pairs = zip(_ended(stability, ledger.years), total_of(ledger, [DFE]), strict=True)
    back = tuple(-amount if ended else 0 for ended, amount in pairs)
    return with_lines(ledger, Line(DFE_ENDS_LINE, DFE, back, stability.source)) if any(back) else ledger


def _ended(stability: StabilityGrant, years: Sequence[str]) -> list[bool]:
    last = stability.last_dfe_contribution if stability.in_force else None
    return [last is not None and year > last for year in years]


def _balance(stability: StabilityGrant, years: Sequence[str], opening: float, balances: Any) -> Any:
    """Balance at the end of the deficit year, from those of the years or what is brought forward into them."""
    if stability.deficit_year in years:
        return balances[years.index(stability.deficit_year)]
    if following(stability.deficit_year) == years[0]:
        return opening
    raise ParamsError(
        f"stability grant: the deficit at the end of {stability.deficit_year} is not among {years[0]} to {years[-1]} "
        "and is not what they bring forward. Expected one of the two. Give s251_gbp, notes_gbp or accounts_gbp."
    )


def _end_of(year: str) -> str:
    return day_in_words(last_day(year, FINANCIAL_YEAR))


def _year_faults(where: str, **years: object) -> list[str]:
    return [
        f"{where}: {name} {year!r}: expected a financial year such as 2027-28. Write it so."
        for name, year in years.items()
        if not is_financial_year(year)
    ]


def _amount_faults(where: str, amounts: dict[str, float]) -> list[str]:
    wrong = [name for name, value in amounts.items() if not is_number(value) or not round(value, 2) == value < 1e12]
    wrong += [name for name in ("not_high_needs_gbp",) if name not in wrong and amounts[name] < 0]
    return [
        f"{where}: {name} {amounts[name]!r}: expected pounds with two decimals at most, and what is taken off 0 or "
        "more. Correct it."
        for name in wrong
    ]


def _refuse(faults: list[str]) -> None:
    if faults:
        raise ParamsError(faults)
