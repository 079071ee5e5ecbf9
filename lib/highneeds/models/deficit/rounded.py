"""What rounding can explain: how fine a printed number is, and which sums and growths such numbers allow.

Owns steps, verdicts and ranges; leaves tables and their totals to `printed` and `checks`. Rounding is to the nearest,
halves away from zero, as spreadsheets show numbers.
"""

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from highneeds.errors import SchemaError

ADDS_UP, WITHIN_ROUNDING, DOES_NOT_ADD_UP = "adds up", "within rounding", "does not add up"
_NUMBER = re.compile(r"\d[\d,]*(?:\.(\d+))?", re.ASCII)


class GrowthRange(NamedTuple):
    """Lowest and highest growth, per cent, between two rounded amounts; the growth of the amounts as printed."""

    lowest: float
    highest: float
    as_printed: float


def step_of(value: Decimal, as_printed: str = "") -> Decimal:
    """One unit in the last printed place, in the value's unit: 1 for `163`, 0.01 for `£81.96m` read as 81.96.

    A number printed at another scale (`1,500,000` read as 1.5 million) keeps its own place. Where the text holds no
    such number (`four`), the value's own decimals count.
    """
    for found in _NUMBER.finditer(as_printed):
        written, places = Decimal(found[0].replace(",", "")), len(found[1] or "")
        if written == abs(value):
            return Decimal(1).scaleb(-places)
        if written and value and _is_power_of_ten(abs(value) / written):
            return Decimal(1).scaleb(-places) * abs(value) / written
    return Decimal(1).scaleb(min(int(value.normalize().as_tuple().exponent), 0))


def rounding_of(steps: Iterable[Decimal]) -> Decimal:
    """Largest difference that rounding could make between a printed total and its parts: half of each one's step."""
    return sum(steps, Decimal(0)) / 2


def verdict(difference: Decimal, rounding: Decimal) -> str:
    """ADDS_UP, WITHIN_ROUNDING or DOES_NOT_ADD_UP.

    A difference as large as all the roundings together is none that rounding makes: every part would have to stand
    at exactly half a step and be rounded one way, and their sum, as exact a half, the other way.
    """
    if not difference:
        return ADDS_UP
    return WITHIN_ROUNDING if abs(difference) < rounding else DOES_NOT_ADD_UP


def growth_range(before: float, after: float, *, step: float) -> GrowthRange:
    """Growth, per cent, that two amounts rounded to `step` allow.

    Raises SchemaError where the step is not above 0, or an amount is not above half a step (growth from nothing).
    """
    half = step / 2
    if not (step > 0 and before > half and after > half):
        raise SchemaError(
            f"growth from {before} to {after}: expected amounts above half the step {step}. Growth from nothing, or "
            "from below, has no percentage: give the amounts themselves."
        )
    lowest, highest = (after - half) / (before + half), (after + half) / (before - half)
    return GrowthRange(100 * (lowest - 1), 100 * (highest - 1), 100 * (after / before - 1))


def growth_verdict(growth: GrowthRange, printed_pct: float, *, step: float = 1) -> str:
    """Verdict on a printed growth, per cent to `step`: as the printed amounts give it, as rounding allows, or neither.

    The printed percentage stands for whatever rounds to it: half a step to either side.
    """
    low, high = printed_pct - step / 2, printed_pct + step / 2
    if low <= growth.as_printed < high:
        return ADDS_UP
    return WITHIN_ROUNDING if growth.lowest < high and growth.highest > low else DOES_NOT_ADD_UP


def _is_power_of_ten(ratio: Decimal) -> bool:
    return ratio.normalize().as_tuple().digits == (1,)
