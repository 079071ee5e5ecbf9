"""The figure: one number with everything an auditor asks of it, and the arithmetic that keeps the trace.

A figure is published (a source and a row) or computed (a formula over other figures' ids).
Formatting lives here too, so that a number looks the same in a sentence, a table and a chart.
"""

import math
import operator
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from highneeds import periods
from highneeds.measures.declarations import MEASURES, OWN
from highneeds.measures.ratios import MIN_CASES

CHANGE = "change"
POUNDS = "pounds"  # printed to the pound; unit GBP is printed in millions
CHANGE_PCT = "change_pct"


@dataclass(frozen=True)
class Figure:
    """A number, or the symbol that stands for it, with area, period, unit, source and reference."""

    id: str
    measure: str
    area_code: str
    area: str
    period: str
    period_basis: str
    value: float | None
    status: str
    unit: str
    source: str
    reference: str
    breakdown: str = "Total"
    places: int = 0
    inputs: tuple["Figure", ...] = ()

    @property
    def known(self) -> bool:
        """True where there is a number."""
        return self.value is not None

    @property
    def text(self) -> str:
        """Number as printed: thousands separated, unit sign attached, or the symbol in brackets."""
        if self.value is None:
            return f"[{self.status or 'x'}]"
        return format_number(self.value, self.unit, self.places)

    @property
    def size(self) -> str:
        """Number without its sign, for sentences whose word carries the direction."""
        return self.text if self.value is None else format_number(abs(self.value), self.unit, self.places)

    @property
    def when(self) -> str:
        """Period in words, with its preposition."""
        return periods.in_words(self.period, self.period_basis)


@dataclass(frozen=True)
class Fraction:
    """The two sides of a rate: names of the figures summed, and their sum where each is known."""

    above: str
    below: str
    above_value: float | None
    below_value: float | None


_NAME = r"[\w.-]+"
_SUM = rf"{_NAME}(?: [+-] {_NAME})*"
_RATE = re.compile(rf"[\d.]+ \* \(?({_SUM})\)? / \(?({_SUM})\)?")
_REST = re.compile(rf"[\d.]+ \* \(1 - \(({_SUM})\) / \(({_SUM})\)\)")
_GROWTH = re.compile(rf"100 \* \(({_NAME}) / ({_NAME}) - 1\)(?:, half a step .*)?")


def fraction_of(figure: Figure) -> Fraction | None:
    """Numerator and denominator of a rate, a share or a change in per cent, read from its formula; None of all else.

    A change is its difference over the figure it started from; a complement, what is left over the whole.
    """
    held = {part.id: part.value for part in figure.inputs}

    def side(names: str) -> float | None:
        """Sum of figures, those after a minus taken off."""
        first, *rest = re.split(r" ([+-]) ", names)
        values = [held.get(name) for name in (first, *rest[1::2])]
        signs = [1, *(1 if sign == "+" else -1 for sign in rest[::2])]
        return None if None in values else sum(map(operator.mul, signs, values))  # type: ignore[arg-type]

    for pattern, written in ((_REST, "{1} - ({0})"), (_GROWTH, "{0} - {1}"), (_RATE, "{0}")):
        if found := pattern.fullmatch(figure.reference):
            top, bottom = side(found[1]), side(found[2])
            if pattern is not _RATE and top is not None and bottom is not None:
                top = bottom - top if pattern is _REST else top - bottom
            return Fraction(written.format(found[1], found[2]), found[2], top, bottom)
    return None


def format_number(value: float, unit: str, places: int) -> str:
    """`4,001`, `33.3%`, `8.4`, `£312.0m` (unit GBP), `£9,250` (unit pounds): half away from zero, as a reader rounds.

    places: decimals; -2 rounds to hundreds, for a forecast that must not look finer than it is.
    """
    if unit == "GBP":
        return _money(_rounded(value / 1e6, 1), 1, "m")
    if unit == POUNDS:
        return _money(_rounded(value, places), max(places, 0), "")
    number = f"{_rounded(value, places):,.{max(places, 0)}f}"
    if re.fullmatch(r"-0(\.0*)?", number):
        number = number[1:]
    number = number.replace("-", "−")
    return f"{number}%" if unit == "%" else number


def _money(value: float, places: int, tail: str) -> str:
    sign = "−" if value < 0 else ""
    return f"{sign}£{abs(value):,.{places}f}{tail}"


def _rounded(value: float, places: int) -> float:
    factor = 10**places
    # 1e-9 lets 2.675 (stored as 2.67499...) round as it is written.
    return math.copysign(math.floor(abs(value) * factor + 0.5 + 1e-9) / factor, value)


def signed(figure: Figure) -> str:
    """A change as printed, with a plus sign where it is a rise."""
    return f"+{figure.text}" if figure.known and figure.value > 0 else figure.text  # type: ignore[operator]


def slug(text: str) -> str:
    """Lower-case words joined by hyphens, safe in ids and paths on every system."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def difference(new: Figure, old: Figure) -> Figure:
    """New minus old, in their unit (percentage points for shares)."""
    unit = "percentage points" if new.unit == "%" else new.unit
    return _derived(new, old, CHANGE, unit, new.places, lambda a, b: a - b, "{0} - {1}")


def change_pct(new: Figure, old: Figure) -> Figure:
    """Percentage change from old to new; not shown from a base of fewer than MIN_CASES, and none from a share of 0."""
    few = old.known and abs(old.value) < MIN_CASES and old.unit != "%"  # type: ignore[arg-type]
    lost = "u" if few else "z" if old.value == 0 else ""
    made = _derived(
        new, old, CHANGE_PCT, "%", 1, lambda a, b: 0.0 if lost else 100 * (a / b - 1), "100 * ({0} / {1} - 1)"
    )
    return replace(made, value=None, status=lost) if lost else made


def total(figures: list[Figure], id: str, *, period: str, period_basis: str, breakdown: str = "Total") -> Figure:
    """Sum; unavailable when a part is, blanks of a printed table apart."""
    first = figures[0]
    parts = [figure for figure in figures if figure.status != "b"]
    lost = next((figure for figure in parts if figure.value is None), None)
    return Figure(
        id=id,
        measure=first.measure,
        area_code=first.area_code,
        area=first.area,
        period=period,
        period_basis=period_basis,
        value=None if lost else sum(figure.value for figure in parts),  # type: ignore[misc]
        status=lost.status if lost else "",
        unit=first.unit,
        source=OWN,
        places=first.places,
        breakdown=breakdown,
        reference=" + ".join(figure.id for figure in parts),
        inputs=tuple(parts),
    )


def counted(
    id: str,
    value: float,
    unit: str,
    like: Figure,
    how: str,
    *,
    source: str = OWN,
    places: int = 0,
    on: Sequence[Figure] = (),
) -> Figure:
    """A number that describes other figures (months in a table, a median of changes).

    how: the way it was got, in words; on: the figures that it rests on, where they are held.
    """
    return replace(
        like,
        id=id,
        measure=id.partition(".")[0],
        value=float(value),
        status="",
        unit=unit,
        source=source,
        reference=how,
        breakdown="Total",
        places=places,
        inputs=tuple(on),
    )


def share(top: Figure, bottom: Figure, id: str, label: str) -> Figure:
    """100 * top / bottom, as a percentage to one decimal."""
    lost = next((figure for figure in (top, bottom) if figure.value is None), None)
    value = None if lost or not bottom.value else 100 * top.value / bottom.value  # type: ignore[operator]
    return Figure(
        id=id,
        measure=label,
        area_code=top.area_code,
        area=top.area,
        period=top.period,
        period_basis=top.period_basis,
        value=value,
        status=lost.status if lost else "" if value is not None else "z",
        unit="%",
        source=OWN,
        places=1,
        reference=f"100 * {top.id} / {bottom.id}",
        inputs=(top, bottom),
    )


def _derived(new: Figure, old: Figure, kind: str, unit: str, places: int, sum_of, formula: str) -> Figure:
    lost = next((figure for figure in (new, old) if figure.value is None), None)
    tail = new.id.removeprefix(new.measure)
    against = old.measure if old.measure != new.measure else old.area if old.area_code != new.area_code else old.period
    return Figure(
        id=f"{new.measure}.{kind}{tail}.from-{slug(against)}",
        measure=f"{new.measure}.{kind}",
        area_code=new.area_code,
        area=new.area,
        period=f"{old.period} to {new.period}" if old.period != new.period else new.period,
        period_basis=new.period_basis,
        value=None if lost else sum_of(new.value, old.value),
        status=lost.status if lost else "",
        unit=unit,
        source=OWN,
        reference=formula.format(new.id, old.id),
        places=places,
        breakdown=new.breakdown,
        inputs=(new, old),
    )


def label_of(measure: str) -> str:
    """Declared label of a measure, of the measure a change is about, or of that whose name another's begins with."""
    name, _, kind = measure.partition(".")
    label = MEASURES[name].label if name in MEASURES else _label_of_part(name)
    return label + {"": "", CHANGE: ", change", CHANGE_PCT: ", change in per cent"}.get(kind, f", {kind}")


def _label_of_part(name: str) -> str:
    """`Decided to assess, of requests received: distance`; plain words where no declared name stands in front."""
    declared = max((known for known in MEASURES if name.startswith(f"{known}_")), key=len, default="")
    rest = re.sub("[_-]", " ", name.removeprefix(declared)).strip()
    return f"{MEASURES[declared].label}: {rest}" if declared else rest
