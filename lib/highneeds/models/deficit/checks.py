"""A printed plan added up again: each total beside the sum of its parts, with what rounding can explain.

Owns the totals of a plan, the balance brought forward they imply, the balance rolled on, the sign that would reconcile
and the growth of its totals; leaves the printed cells to `printed`. Nothing that is left over goes into a balance.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from highneeds.models.deficit.printed import (
    ACCUMULATED,
    COUNCIL,
    DFE,
    GRANT,
    GROWTH,
    LABELS,
    NET,
    OTHER_BLOCKS,
    SAVINGS,
    SPEND,
    STABILITY,
    TOTAL,
    TRANSFER,
    Cell,
    Plan,
)
from highneeds.models.deficit.rounded import (
    ADDS_UP,
    DOES_NOT_ADD_UP,
    GrowthRange,
    growth_range,
    growth_verdict,
    rounding_of,
    verdict,
)

_SPLIT = (SAVINGS, GRANT, TRANSFER, OTHER_BLOCKS, DFE, COUNCIL, STABILITY)


@dataclass(frozen=True)
class Check:
    """A printed total and its printed parts, in the plan's unit."""

    total: Cell
    parts: tuple[Cell, ...]

    @property
    def recomputed(self) -> Decimal:
        """Sum of the parts."""
        return sum((_value(cell) for cell in self.parts), Decimal(0))

    @property
    def printed(self) -> Decimal:
        """The total as printed."""
        return _value(self.total)

    @property
    def difference(self) -> Decimal:
        """Recomputed minus printed: above zero where the parts come to more."""
        return self.recomputed - self.printed

    @property
    def rounding(self) -> Decimal:
        """Largest difference that rounding could make; a difference must stay below it to be one."""
        return rounding_of(cell.step for cell in (*self.parts, self.total))

    @property
    def verdict(self) -> str:
        """Adds up, within rounding, or does not add up."""
        return verdict(self.difference, self.rounding)


class Implied(NamedTuple):
    """An amount that printed numbers imply, and how far their rounding could move it to either side."""

    value: Decimal
    rounding: Decimal


class Rolled(NamedTuple):
    """A year's balance carried on from the balance before it as carried on, beside the printed one."""

    period: str
    recomputed: Decimal
    printed: Decimal | None


class Growth(NamedTuple):
    """Growth of printed spend totals beside the printed growth, per cent."""

    period: str
    growth: GrowthRange
    printed_pct: float
    verdict: str


def checks(plan: Plan) -> tuple[Check, ...]:
    """Every printed total that has parts, by year: spend, other measures with parts, net, accumulated.

    Spend: spend lines and savings. Net: spend, grant, transfer and other blocks. Accumulated: the balance printed a
    year before, net and contributions; the first year has none before it, see `implied_opening`. Blanks are no parts.
    A total whose own parts hold a blank total (net, the balance before) cannot be checked and is left out.
    """
    before = dict(zip(plan.years[1:], plan.years, strict=False))
    return tuple(
        Check(total, parts)
        for year in plan.years
        for total, parts in _totals(plan, year, before.get(year))
        if total is not None and parts
    )


def failed(found: Iterable[Check]) -> tuple[Check, ...]:
    """Checks whose total does not add up, whatever rounding may have done."""
    return tuple(check for check in found if check.verdict == DOES_NOT_ADD_UP)


def implied_opening(plan: Plan) -> Implied | None:
    """Balance brought forward that the first printed balance implies: less its net and contributions.

    None where the first year's balance or net is not printed.
    """
    first = plan.years[0]
    balance, moved = plan.total(ACCUMULATED, first), _moves(plan, first)
    if balance is None or moved is None:
        return None
    value = _value(balance) - sum(map(_value, moved), Decimal(0))
    return Implied(value, rounding_of(cell.step for cell in (balance, *moved)))


def rolled_on(plan: Plan) -> tuple[Rolled, ...]:
    """Balances from the implied opening by the printed net and contributions, each on the one before as carried on.

    Stops where a net position is not printed; empty where no opening is implied. A difference from the printed
    balances stays a difference.
    """
    opening, found = implied_opening(plan), []
    balance = opening.value if opening else Decimal(0)
    for year in plan.years if opening else ():
        moved = _moves(plan, year)
        if moved is None:
            break
        balance += sum(map(_value, moved), Decimal(0))
        printed = plan.total(ACCUMULATED, year)
        found.append(Rolled(year, balance, None if printed is None else _value(printed)))
    return tuple(found)


def sign_that_reconciles(check: Check) -> Cell | None:
    """The one part which, with its sign turned, lets the total add up (exactly or within rounding).

    None where the total adds up as printed, where no part does it, and where more than one would: then it is a guess.
    """
    if check.verdict != DOES_NOT_ADD_UP:
        return None
    found = [
        cell for cell in check.parts if verdict(check.difference - 2 * _value(cell), check.rounding) != DOES_NOT_ADD_UP
    ]
    return found[0] if len(found) == 1 else None


def growth_checks(plan: Plan) -> tuple[Growth, ...]:
    """Growth of the printed spend totals beside the growth printed, year by year, where both are."""
    found = []
    for before, year in pairwise(plan.years):
        old, new, printed = plan.total(SPEND, before), plan.total(SPEND, year), plan.total(GROWTH, year)
        if old is None or new is None or printed is None:
            continue
        growth = growth_range(float(_value(old)), float(_value(new)), step=float(max(old.step, new.step)))
        stated = float(_value(printed))
        found.append(Growth(year, growth, stated, growth_verdict(growth, stated, step=float(printed.step))))
    return tuple(found)


def says(check: Check) -> str:
    """A check in a line for an auditor: `2027-28, Accumulated balance: the parts come to 50, printed is 30 (...)`."""
    same = check.verdict == ADDS_UP
    tail = "" if same else f", difference {check.difference:+f}; rounding explains less than {check.rounding:f}"
    return (
        f"{check.total.file}: row {check.total.row}: {check.total.period}, {LABELS[check.total.measure]}: the parts "
        f"come to {check.recomputed:f}, printed is {check.printed:f} ({check.verdict}{tail})."
    )


# ---- Inside ----------------------------------------------------------------------------------------------------------


def _value(cell: Cell) -> Decimal:
    return cell.value if cell.value is not None else Decimal(0)


def _totals(plan: Plan, year: str, before: str | None) -> list[tuple[Cell | None, tuple[Cell, ...]]]:
    split = [(plan.total(measure, year), _apart(plan, measure, year)) for measure in _SPLIT]
    parts = _apart(plan, SPEND, year)
    spend = parts + plan.parts(SAVINGS, year) if parts else ()
    held, moved = plan.total(ACCUMULATED, before) if before else None, _moves(plan, year)
    carried = () if held is None or moved is None else (held, *moved)
    return [
        (plan.total(SPEND, year), spend),
        *split,
        (plan.total(NET, year), _net_parts(plan, year)),
        (plan.total(ACCUMULATED, year), carried),
    ]


def _apart(plan: Plan, measure: str, year: str) -> tuple[Cell, ...]:
    """Parts of a measure that are not its total itself."""
    return tuple(cell for cell in plan.parts(measure, year) if cell.breakdown != TOTAL)


def _summed(plan: Plan, measures: Sequence[str], year: str) -> tuple[Cell, ...]:
    """Totals of measures as printed, or their parts where no total is."""
    found: tuple[Cell, ...] = ()
    for measure in measures:
        total = plan.total(measure, year)
        found += (total,) if total is not None else plan.parts(measure, year)
    return found


def _net_parts(plan: Plan, year: str) -> tuple[Cell, ...]:
    """Spend as printed (its lines and savings where no total is), grant, transfer and other blocks."""
    spend = (SPEND,) if plan.total(SPEND, year) is not None else (SPEND, SAVINGS)
    return _summed(plan, (*spend, GRANT, TRANSFER, OTHER_BLOCKS), year)


def _moves(plan: Plan, year: str) -> tuple[Cell, ...] | None:
    """What moves the balance in a year: net as printed and contributions; None where net is not printed."""
    moved = plan.total(NET, year)
    return None if moved is None else (moved, *_summed(plan, (DFE, COUNCIL, STABILITY), year))
