"""Ledger: the lines of a DSG management plan by financial year, in whole pence, and the sums over them.

Owns amounts, kinds and roll-forward; leaves reading a printed plan to `printed` and projecting one to `outlook`.
Signs are as Kent prints them: spend positive; savings, grant, transfer and contributions negative; a positive balance
is a deficit. So every total is a plain sum, and no balance takes up what does not add.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from numbers import Integral, Real
from typing import NamedTuple

from highneeds.errors import SchemaError
from highneeds.models.deficit.years import year_faults

SPEND, SAVING, GRANT, TRANSFER, OTHER_BLOCK = "spend", "saving", "grant", "transfer", "other_block"
DFE, COUNCIL, STABILITY = "dfe_contribution", "council_contribution", "stability_grant"
SPENDING = (SPEND, SAVING)
IN_YEAR = (*SPENDING, GRANT, TRANSFER, OTHER_BLOCK)
CONTRIBUTIONS = (DFE, COUNCIL, STABILITY)
KINDS = (*IN_YEAR, *CONTRIBUTIONS)

MOST_POUNDS = 10**12  # more than any authority's: beyond it a float no longer holds every penny
_PENNY = Decimal("0.01")
_PLAIN = re.compile(r"[+-]?\d+(\.\d+)?", re.ASCII)


@dataclass(frozen=True)
class Line:
    """One named line: its kind (one of KINDS), whole pence a year, and where the amounts come from."""

    name: str
    kind: str
    pence: tuple[int, ...]
    source: str


@dataclass(frozen=True)
class Ledger:
    """Lines by financial year, earliest first, each line with one amount a year.

    Raises SchemaError, all faults together: years missing or out of order, a kind unknown, a name or source empty,
    two lines of one name and kind, too few or too many amounts, amounts that are not whole pence.
    """

    years: tuple[str, ...]
    lines: tuple[Line, ...]

    def __post_init__(self) -> None:
        """Check years and lines."""
        faults = year_faults(self.years, "ledger")
        for (name, kind), count in Counter((line.name, line.kind) for line in self.lines).items():
            if count > 1:
                faults.append(
                    f"ledger: {count} lines are named '{name}' ({kind}). Expected one of a name and kind. Add them up "
                    "or rename them."
                )
        faults += [fault for line in self.lines for fault in _line_faults(line, self.years)]
        if faults:
            raise SchemaError(faults)


class Turned(NamedTuple):
    """An amount whose sign is not the usual one of its kind."""

    name: str
    kind: str
    year: str
    pence: int


def pence(pounds: Decimal | float | str) -> int:
    """Whole pence of an amount of pounds, exactly. A float is taken as it prints; text is digits, point and sign.

    Raises SchemaError for more than two decimals, NaN, infinity, True or False, separators, and over MOST_POUNDS.
    """
    amount = _decimal(pounds)
    if amount is None or not amount.is_finite() or abs(amount) > MOST_POUNDS or amount != amount.quantize(_PENNY):
        raise SchemaError(
            f"amount {pounds!r}: expected pounds with two decimals at most, such as 1234.50, up to {MOST_POUNDS:,}. "
            "Give digits only, or round it first with nearest_pence."
        )
    return int(amount.quantize(_PENNY) * 100)


def nearest_pence(pounds: float) -> int:
    """Pence nearest to a computed amount of pounds, halves away from zero; SchemaError where it is no amount."""
    amount = _decimal(pounds)
    if amount is None or not amount.is_finite() or abs(amount) > MOST_POUNDS:
        raise SchemaError(f"amount {pounds!r}: expected pounds, up to {MOST_POUNDS:,}. Check what it is made from.")
    return int(amount.quantize(_PENNY, ROUND_HALF_UP) * 100)


def total_of(ledger: Ledger, kinds: Sequence[str]) -> tuple[int, ...]:
    """Sum of the lines of these kinds, pence a year; SchemaError for a kind that is none."""
    wrong = [kind for kind in kinds if kind not in KINDS]
    if wrong:
        raise SchemaError(f"kinds {', '.join(wrong)}: expected some of {', '.join(KINDS)}. Correct them.")
    rows = [line.pence for line in ledger.lines if line.kind in kinds]
    return tuple(sum(amounts) for amounts in zip(*rows, strict=True)) or (0,) * len(ledger.years)


def total_spend(ledger: Ledger) -> tuple[int, ...]:
    """Spend less savings, pence a year."""
    return total_of(ledger, SPENDING)


def net(ledger: Ledger) -> tuple[int, ...]:
    """In-year position, pence a year: spend, savings, grant, transfer and other blocks; positive is overspent."""
    return total_of(ledger, IN_YEAR)


def contributions(ledger: Ledger) -> tuple[int, ...]:
    """What DfE and the council put towards the balance, and the stability grant, pence a year."""
    return total_of(ledger, CONTRIBUTIONS)


def roll_forward(opening: int, net: Sequence[int], contributions: Sequence[int]) -> tuple[int, ...]:
    """Balance at 31 March of each year, pence: what was brought forward, plus net, plus contributions.

    opening: balance at 31 March before the first year. Raises SchemaError for unlike lengths or what is no pence.
    """
    wrong = [amount for amount in (opening, *net, *contributions) if type(amount) is not int]
    if wrong or len(net) != len(contributions):
        raise SchemaError(
            f"roll-forward: found {len(net)} net positions, {len(contributions)} contributions and "
            f"{len(wrong)} amounts that are no whole pence. Expected as many of each, in pence. Use pence(pounds)."
        )
    balances, balance = [], opening
    for moved, paid in zip(net, contributions, strict=True):
        balance += moved + paid
        balances.append(balance)
    return tuple(balances)


def accumulated(ledger: Ledger, *, opening: int) -> tuple[int, ...]:
    """Balance at 31 March of each of the ledger's years, pence, from the balance brought forward."""
    return roll_forward(opening, net(ledger), contributions(ledger))


def with_lines(ledger: Ledger, *lines: Line) -> Ledger:
    """The ledger with further lines."""
    return replace(ledger, lines=(*ledger.lines, *lines))


def turned_signs(ledger: Ledger) -> tuple[Turned, ...]:
    """Amounts of the sign that is not their kind's: a contribution that raises the deficit, spend below nothing.

    They are kept and summed as they stand. Other blocks have either sign and are never among them.
    """
    return tuple(
        Turned(line.name, line.kind, year, amount)
        for line in ledger.lines
        for year, amount in zip(ledger.years, line.pence, strict=True)
        if line.kind != OTHER_BLOCK and (amount < 0 if line.kind == SPEND else amount > 0)
    )


# ---- Inside ----------------------------------------------------------------------------------------------------------


def _decimal(pounds: object) -> Decimal | None:
    if isinstance(pounds, bool):
        return None
    if isinstance(pounds, Decimal):
        return pounds
    if isinstance(pounds, str):
        return Decimal(pounds) if _PLAIN.fullmatch(pounds) else None
    if isinstance(pounds, Integral):
        return Decimal(int(pounds))
    return Decimal(repr(float(pounds))) if isinstance(pounds, Real) else None


def _line_faults(line: Line, years: Sequence[str]) -> list[str]:
    where, faults = f"ledger: line '{line.name}' ({line.kind})", []
    if line.kind not in KINDS:
        faults.append(f"{where}: the kind is unknown. Expected one of {', '.join(KINDS)}. Correct it.")
    if not str(line.name).strip() or not str(line.source).strip():
        faults.append(f"{where}: name or source is empty. Expected both. Say what the line is and where it is from.")
    if len(line.pence) != len(years):
        faults.append(f"{where}: found {len(line.pence)} amounts for {len(years)} years. Expected one each. Fill them.")
    for year, amount in zip(years, line.pence, strict=False):
        if type(amount) is not int:
            faults.append(f"{where}: {year}: found {amount!r}. Expected whole pence. Use pence(pounds).")
    return faults
