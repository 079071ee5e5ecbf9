"""The papers' smaller sums: changes, shares, means, bases, the cost of delay, spend over grant.

Owns plain arithmetic on a few numbers, per cent as 0-100, pounds as pounds unless said; leaves whole plans to
`checks` and what rounding allows to `rounded`. Every function refuses what is no number, and a base of nothing.
"""

from collections.abc import Sequence
from math import isfinite
from numbers import Real

from highneeds.errors import SchemaError

MONTHS = 12


def pct_change(before: float, after: float) -> float:
    """Change from before to after, per cent of before."""
    _refuse(_numbers(before=before, after=after) or _none_of(before=before))
    return 100 * (after - before) / abs(before)


def base_from_change(after: float, pct: float) -> float:
    """The amount that a change of pct per cent made into `after`; SchemaError for a fall of 100% or more."""
    faults = _numbers(after=after, pct=pct)
    if not faults and pct <= -100:
        faults = [f"pct {pct}: a fall of 100% or more leaves no base. Expected above -100. Check the percentage."]
    _refuse(faults)
    return after / (1 + pct / 100)


def share_pct(part: float, whole: float) -> float:
    """Part, per cent of the whole."""
    _refuse(_numbers(part=part, whole=whole) or _none_of(whole=whole))
    return 100 * part / whole


def whole_from_share(part: float, pct: float) -> float:
    """The whole of which `part` is pct per cent: £2m at 0.5% is of £400m."""
    _refuse(_numbers(part=part, pct=pct) or _none_of(pct=pct))
    return 100 * part / pct


def yearly_mean(total: float, years: float) -> float:
    """Total over so many years, a year."""
    _refuse(_numbers(total=total, years=years) or _below_one(years))
    return total / years


def yearly_growth_pct(before: float, after: float, years: float) -> float:
    """Growth a year, compounded, that leads from before to after; both above nothing."""
    faults = _numbers(before=before, after=after, years=years) or _below_one(years)
    faults += [] if faults or min(before, after) > 0 else ["before and after: expected above 0. Give amounts as sizes."]
    _refuse(faults)
    return 100 * ((after / before) ** (1 / years) - 1)


def residual(total: float, parts: Sequence[float]) -> float:
    """What a total holds beyond its named parts: a figure of its own, to be shown, not shared out."""
    _refuse(_numbers(total=total, **{f"part {at}": part for at, part in enumerate(parts, start=1)}))
    return total - sum(parts)


# ---- Delay -----------------------------------------------------------------------------------------------------------


def delay_cost(places: float, unit_cost_gap_gbp: float, months: float) -> float:
    """Saving lost, pounds, while so many places are not open.

    places x the yearly gap between an independent and a state place, pounds x months / 12. All places are taken to
    be filled from the first day by children who would otherwise be in the dearer place: the most it can be.
    """
    faults = _numbers(places=places, unit_cost_gap_gbp=unit_cost_gap_gbp, months=months)
    _refuse(faults or _negative(places=places, months=months))
    return places * unit_cost_gap_gbp * months / MONTHS


def implied_places(cost_gbp: float, unit_cost_gap_gbp: float, months: float) -> float:
    """Places behind a saving said to be lost: `delay_cost` turned round."""
    faults = _numbers(cost_gbp=cost_gbp, unit_cost_gap_gbp=unit_cost_gap_gbp, months=months)
    _refuse(faults or _negative(months=months) + _none_of(unit_cost_gap_gbp=unit_cost_gap_gbp, months=months))
    return cost_gbp * MONTHS / (unit_cost_gap_gbp * months)


def full_year(cost: float, months: float) -> float:
    """What an amount for so many months comes to in twelve."""
    _refuse(_numbers(cost=cost, months=months) or _negative(months=months) + _none_of(months=months))
    return cost * MONTHS / months


# ---- Spend over grant ------------------------------------------------------------------------------------------------


def over_grant_pct(spend: float, grant: float) -> float:
    """Spend beyond the grant, per cent of the grant; the grant as printed (negative) or as a size."""
    _refuse(_numbers(spend=spend, grant=grant) or _none_of(grant=grant))
    return 100 * (spend - abs(grant)) / abs(grant)


def implied_yearly_gap(grant: float, over_pct: float) -> float:
    """What being over_pct per cent over this grant means in money, in the grant's unit; a size above 0 is overspent."""
    _refuse(_numbers(grant=grant, over_pct=over_pct))
    return abs(grant) * over_pct / 100


def evenly(first: float, last: float, years: int) -> tuple[float, ...]:
    """Values of the years after the first one, up to the last, in even steps, where only the two ends are known."""
    _refuse(_numbers(first=first, last=last, years=years) or _below_one(years))
    return tuple(first + (last - first) * at / years for at in range(1, years + 1))


def to_reconcile(gaps: Sequence[float], rise: float) -> float:
    """What must come off the yearly gaps (savings, transfers, contributions) for the balance to rise by no more.

    gaps: spend over grant of each year; rise: of the balance over the same years. Above 0: the gaps alone would make
    the balance rise by more than is said.
    """
    return residual(sum(gaps), [rise])


# ---- Inside ----------------------------------------------------------------------------------------------------------


def _numbers(**values: object) -> list[str]:
    return [
        f"{name}: found {value!r}. Expected a number. Give one, or leave the figure out where none is known."
        for name, value in values.items()
        if isinstance(value, bool) or not isinstance(value, Real) or not isfinite(value)
    ]


def _none_of(**values: float) -> list[str]:
    return [
        f"{name}: found 0. Expected anything else: nothing can be divided by it." for name, v in values.items() if not v
    ]


def _negative(**values: float) -> list[str]:
    return [f"{name}: found {value}. Expected 0 or more. Correct it." for name, value in values.items() if value < 0]


def _below_one(years: float) -> list[str]:
    return [] if years >= 1 else [f"years: found {years}. Expected 1 or more. Count the years again."]


def _refuse(faults: list[str]) -> None:
    if faults:
        raise SchemaError(faults)
