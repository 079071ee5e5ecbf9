"""Faults of what a projection is made from, told together and by name; arrays ready to be multiplied where none is.

Owns checks, and unit costs and amounts worked out from others; leaves what the inputs are to `assumptions`.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from highneeds.errors import SchemaError
from highneeds.models.deficit.assumptions import DISPLACED, GRANT_LINE, Assumptions, Plans, Scheme
from highneeds.models.deficit.years import year_faults
from highneeds.models.growth_error import array, is_number, refuse
from highneeds.periods import is_financial_year

SMALL, LARGE = 10_000, 1_000_000  # pounds: below and above, in one table, one of the two is in another unit
MOST = 1e12  # pounds


@dataclass(frozen=True, eq=False)
class Checked:
    """Inputs as arrays, placements in the assumptions' order.

    point: (years, placements) and paths: (years, placements, paths) of plans; prices: pounds a plan, (years,
    placements); other_spend, funding: pounds a year by name of line.
    """

    point: np.ndarray
    paths: np.ndarray
    prices: np.ndarray
    other_spend: dict[str, np.ndarray]
    funding: dict[str, np.ndarray]


def unit_costs(spend: Mapping[str, float], plans: Mapping[str, float]) -> dict[str, float]:
    """Pounds a plan, by placement: base-year spend over the plans of the January inside that year.

    A January count stands above the year's average where plans grow; as these costs are lower by as much, only a
    change of growth is missed. Raises SchemaError where a placement lacks plans or spend, or either is no amount.
    """
    names = tuple(dict.fromkeys((*spend, *plans)))
    faults = [f"{name}: found in one of spend and plans. Expected both. Add it." for name in {*spend} ^ {*plans}]
    refuse(sorted(faults))
    money, held = (
        _array(what, [table[name] for name in names]) for what, table in (("spend", spend), ("plans", plans))
    )
    faults = _not_ok("spend", money, money >= 0, "0 or more", names)
    refuse(faults + _not_ok("plans", held, (held > 0) | ((held == 0) & (money == 0)), "above 0 where spent", names))
    return {name: float(cost / many) if many else 0.0 for name, cost, many in zip(names, money, held, strict=True)}


def grown(base_gbp: float, growth: Sequence[float]) -> np.ndarray:
    """Pounds a year from the base year's, by growth on the year before (fractions; the first 0): grant, top-ups."""
    rates = _array("growth", growth, (None,))
    refuse(_rate_faults("growth", rates[None, :], [""], [f"year {at}" for at in range(1, len(rates) + 1)]))
    return _array("base_gbp", base_gbp) * np.cumprod(1 + rates)


def looks_like_millions(lines: Mapping[str, ArrayLike]) -> tuple[str, ...]:
    """Names of lines that seem to be in millions (or thousands) where others are in pounds.

    A line is named where all its amounts but 0 are below 10,000 in size while another holds more than 1,000,000.
    """
    sizes = {name: np.abs(np.atleast_1d(_array(name, amounts))) for name, amounts in lines.items()}
    if not any((size > LARGE).any() for size in sizes.values()):
        return ()
    return tuple(name for name, size in sizes.items() if size.any() and (size < SMALL).all())


def checked(plans: Plans, assumptions: Assumptions) -> Checked:
    """Arrays of plans and assumptions that fit each other.

    Raises SchemaError, all faults together: years missing or unlike, placements unknown or missing, shapes, gaps,
    plans or costs below 0, rates of 1 or more, probabilities and ramps outside 0-1, a grant above 0, two lines of one
    name, amounts that look like millions.
    """
    refuse(_name_faults(plans, assumptions) + _number_faults(assumptions))
    found = _arrays(plans, assumptions)
    refuse(_plan_faults(found, assumptions) + _money_faults(found, assumptions))
    return found


# ---- Names and single numbers ----------------------------------------------------------------------------------------


def _name_faults(plans: Plans, assumptions: Assumptions) -> list[str]:
    faults = year_faults(assumptions.years, "assumptions")
    lost, extra = _apart(assumptions.years, plans.years)
    faults += [f"plans: no January for {year}. Expected one in each year assumed. Forecast it too." for year in lost]
    faults += [f"assumptions: {year} is missing. Expected all years of the plans. Add it." for year in extra]
    if not faults and tuple(plans.years) != tuple(assumptions.years):
        faults.append("plans: years are in another order than assumed. Expected earliest first. Put them in order.")
    lost, extra = _apart(assumptions.placements, plans.placements)
    faults += [f"plans: placement '{name}' is missing. Expected one for each unit cost. Add it." for name in lost]
    faults += [f"plans: placement '{name}' is unknown: it has no unit cost. Add one, or correct it." for name in extra]
    spending = [*assumptions.placements, *assumptions.other_spend, *(each.name for each in assumptions.top_ups)]
    for names in (spending, [scheme.name for scheme in assumptions.schemes], plans.placements):
        twice = [name for name, count in Counter(names).items() if count > 1]
        faults += [f"'{name}' stands more than once. Expected each name once. Rename or add up." for name in twice]
    return faults


def _apart(wanted: Sequence[str], found: Sequence[str]) -> tuple[list[str], list[str]]:
    return [name for name in wanted if name not in found], [name for name in found if name not in wanted]


def _number_faults(assumptions: Assumptions) -> list[str]:
    faults = [fault for scheme in assumptions.schemes for fault in _scheme_faults(scheme)]
    for name, low, most in (("opening_gbp", -MOST, MOST), ("price_sd", 0, 1)):
        value = getattr(assumptions, name)
        if not is_number(value) or not low <= value <= most:
            faults.append(f"{name}: found {value!r}. Expected a number from {low:g} to {most:g}. Correct it.")
    return faults


def _scheme_faults(scheme: Scheme) -> list[str]:
    where, faults = f"scheme '{scheme.name}'", []
    if not is_financial_year(scheme.starts):
        faults.append(
            f"{where}: starts '{scheme.starts}' is no financial year. Expected one such as 2026-27. Write it."
        )
    if not is_number(scheme.full_year_gbp) or not abs(scheme.full_year_gbp) < MOST:
        faults.append(f"{where}: full_year_gbp {scheme.full_year_gbp!r} is no amount. Expected pounds. Give them.")
    shares = {f"ramp {at}": share for at, share in enumerate(scheme.ramp, start=1)} | {
        "probability": scheme.probability
    }
    wrong = [f"{name} {share!r}" for name, share in shares.items() if not is_number(share) or not 0 <= share <= 1]
    if wrong or not scheme.ramp:
        found = ", ".join(wrong) or "no ramp"
        faults.append(f"{where}: found {found}. Expected shares from 0 to 1. Give .75 where 75% is meant.")
    if not scheme.source.strip():
        faults.append(f"{where}: source is empty. Expected where the saving is stated. Say where.")
    return faults


# ---- Arrays ----------------------------------------------------------------------------------------------------------


def _arrays(plans: Plans, assumptions: Assumptions) -> Checked:
    years, many, faults = len(assumptions.years), len(assumptions.placements), []

    def held(name: str, values: object, shape: tuple[int | None, ...] = (years,)) -> np.ndarray:
        try:
            return _array(name, values, shape)
        except SchemaError as fault:
            faults.extend(fault.faults)
            return np.zeros([size or 2 for size in shape])

    order = [plans.placements.index(name) for name in assumptions.placements]
    point = held("plans, point", plans.point, (years, many))[:, order]
    paths = held("plans, paths", plans.paths, (years, many, None))[:, order]
    costs = held("unit costs", assumptions.unit_costs, (many,))
    rates = held("inflation", assumptions.inflation, (many, years))
    faults += _not_ok("unit costs", costs, costs >= 0, "pounds, 0 or more", assumptions.placements)
    faults += _rate_faults("inflation", rates, assumptions.placements, assumptions.years)
    spend = {name: held(name, amounts) for name, amounts in assumptions.other_spend.items()}
    spend |= {each.name: held(each.name, _grown(each.base_gbp, each.growth, faults)) for each in assumptions.top_ups}
    funding = {name: held(name, amounts) for name, amounts in assumptions.funding.lines().items()}
    refuse(faults)
    return Checked(point, paths, (costs[:, None] * np.cumprod(1 + rates, axis=1)).T, spend, funding)


def _grown(base_gbp: float, growth: Sequence[float], faults: list[str]) -> np.ndarray:
    try:
        return grown(base_gbp, growth)
    except SchemaError as fault:
        faults += fault.faults
        return np.zeros(len(growth))


def _plan_faults(found: Checked, assumptions: Assumptions) -> list[str]:
    axes = (assumptions.years, assumptions.placements)
    faults = _not_ok("plans, point", found.point, found.point >= 0, "0 or more", *axes)
    faults += _not_ok("plans, paths", found.paths, found.paths >= 0, "0 or more", *axes, range(found.paths.shape[2]))
    return faults + ([] if found.paths.shape[2] > 1 else ["plans, paths: found 1. Expected 2 or more. Draw more."])


def _money_faults(found: Checked, assumptions: Assumptions) -> list[str]:
    grant, years = found.funding[GRANT_LINE], assumptions.years
    faults = _not_ok(GRANT_LINE, grant, grant <= 0, "0 or less, for money in is negative", years)
    lines = {**found.other_spend, **found.funding, "all placements": (found.point * found.prices).sum(axis=1)}
    for name, amounts in lines.items():
        faults += _not_ok(name, amounts, np.abs(amounts) < MOST, "an amount of pounds", years)
    lines |= {f"scheme '{scheme.name}'": np.array(scheme.full_year_gbp) for scheme in assumptions.schemes}
    return faults + [
        f"{name}: all amounts are below {SMALL:,} while others pass {LARGE:,}. Expected pounds throughout. Give "
        "67000000 where 67 million is meant; put an amount that is truly so small into another line."
        for name in looks_like_millions(
            {name: line for name, line in lines.items() if name != DISPLACED}
            | {"opening_gbp": np.array(assumptions.opening_gbp)}
        )
    ]


def _rate_faults(name: str, rates: np.ndarray, rows: Sequence[str], years: Sequence[str]) -> list[str]:
    """Rates are fractions between -1 and 1; the base year has none, as prices are those of that year."""
    faults = _not_ok(name, rates, np.abs(rates) < 1, "a fraction between -1 and 1: .03 where 3% is meant", rows, years)
    return faults + _not_ok(name, rates[:, :1], rates[:, :1] == 0, "0 in the base year", rows, years[:1])


def _array(name: str, values: object, shape: tuple[int | None, ...] | None = None) -> np.ndarray:
    """Numbers without gaps, of this shape."""
    found = array(name, values, shape)
    if np.asarray(values).dtype == bool or not np.isfinite(found).all():
        raise SchemaError(f"{name}: found a gap, or True or False. Expected numbers only. Fill it; unknown is not 0.")
    return found


def _not_ok(name: str, values: np.ndarray, ok: np.ndarray, expected: str, *labels: Sequence[object]) -> list[str]:
    """One fault that names where the first value stands that is not ok, and counts them."""
    wrong = np.argwhere(~ok)
    if not len(wrong):
        return []
    where = ", ".join(filter(None, (str(names[at]) for names, at in zip(labels, wrong[0], strict=True))))
    return [f"{name}: {where}: found {values[tuple(wrong[0])]:g} ({len(wrong)} such). Expected {expected}. Correct it."]
