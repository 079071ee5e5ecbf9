"""What statements of a paper are set beside: the plan's own lines, printed prices, published counts.

Each takes the slots of a statement and gives more of them, or None where what the sentence needs is not held.
"""

import operator
import re
from decimal import Decimal

from highneeds.claims import listed
from highneeds.figures import POUNDS, counted, slug
from highneeds.models.deficit.printed import SAVINGS, SPEND, Cell, groups_of
from highneeds.models.deficit.rounded import (
    ADDS_UP,
    DOES_NOT_ADD_UP,
    WITHIN_ROUNDING,
    growth_range,
    growth_verdict,
    rounding_of,
    step_of,
    verdict,
)
from highneeds.models.deficit.years import january_of
from highneeds.periods import AT_DATE
from highneeds.sections.finance.money_inputs import PROJECTION, printed_of
from highneeds.sections.finance.papers import cell_figure, made_figure, pounds_figure, rolled_figures
from highneeds.sections.finance.statement import STATED, Slots, beside_said
from highneeds.sections.outlooks import PLANS
from highneeds.sections.page import Page


def plan_savings(page: Page, slots: Slots) -> Slots | None:
    """Savings lines of the plan together, and whether rounding reconciles them with the target (K10)."""
    plan, target = printed_of(page), slots["target"].inputs[0]
    cells = [] if plan is None else [cell for year in plan.years for cell in plan.parts(SAVINGS, year)]
    if not cells:
        return None
    parts = [cell_figure(page, PROJECTION, cell) for cell in cells]
    how = f"-({' + '.join(f'{{{at}}}' for at in range(len(parts)))})"
    together = made_figure("planned_savings", lambda *values: -sum(values), how, *parts, period=target.period)
    off = sum((-cell.value for cell in cells), Decimal(0)) - Decimal(str(target.value))
    steps = [*(cell.step for cell in cells), Decimal(1).scaleb(-target.places)]
    words = {ADDS_UP: "agree", WITHIN_ROUNDING: "can both hold, by rounding", DOES_NOT_ADD_UP: "cannot both hold"}
    return {"together": pounds_figure(together), "verdict": words[verdict(off, rounding_of(steps))]}


def residuals(page: Page, slots: Slots) -> Slots | None:
    """Every balance stated for the day, with its words, and the plan's own (K11)."""
    rows, plan, name = page.papers.tables[STATED], printed_of(page), "dsg_residual_deficit"
    hit = rows[rows["measure"].eq(name) & rows["period"].eq(slots["low"].period)]
    rolled = list(rolled_figures(page, PROJECTION, plan).values()) if plan is not None else []
    if hit.empty or not rolled:
        return None
    found: Slots = {"rolled": pounds_figure(rolled[-1])}
    for at, row in enumerate(hit.itertuples()):
        value = Decimal(repr(row.value))
        cell = Cell(name, row.breakdown, row.period, value, step_of(value, row.as_printed), row.unit, row.file, row.row)
        found[f"hedge{at}"] = re.split(r"[£\d]", row.as_printed)[0]
        found[f"said{at}"] = pounds_figure(cell_figure(page, STATED, cell, basis=AT_DATE, tail=f".row-{row.row}"))
    said = listed([*(f"{{hedge{at}}}{{said{at}}}" for at in range(len(hit))), "{low} to {high}"])
    found["tail"] = (
        f"The deficit left {{low.when}} is printed as {said}; by the plan's own net and contributions it comes to "
        "{rolled}. Over {path} is what past trends would have made it without action; it is no forecast."
    )
    return found


def delayed(page: Page, slots: Slots) -> Slots:
    """Months from the planned opening to the end of the year, and of all years, that the loss is printed for."""
    made: Slots = {}
    for slot in ("first", "whole"):
        planned, last = slots["schools"], slots[slot].period[-7:]
        count = 12 * (int(last[:4]) + 1 - int(planned.period[:4])) + 4 - int(planned.period[5:7])
        how = f"months from the opening planned ({{0}}) to the end of {last}"
        made[f"{slot}_months"] = made_figure(f"{slot}_delay", lambda _, n=count: n, how, planned, unit="months")
    return made


def prices(page: Page, slots: Slots) -> Slots | None:
    """Printed spend on the two kinds of special school over the plans of the January inside the year (K12)."""
    plan, year, made = printed_of(page), slots["first"].period, delayed(page, slots)
    for slot, group in (("dear", "independent"), ("cheap", "state special")):
        plans = made["plans"] = page.facts.get(PLANS, page.facts.authority, january_of(year), group)
        parts = plan.parts(SPEND, year) if plan is not None and year in plan.years else ()
        cells = [cell for cell in parts if groups_of(cell.breakdown) == (group,)]
        if len(cells) != 1 or not plans.value:
            return None
        spend, name = (
            pounds_figure(cell_figure(page, PROJECTION, cells[0])),
            f"unit_cost_{slug(group).replace('-', '_')}",
        )
        made[slot] = made_figure(name, operator.truediv, "{0} / {1}", spend, plans, unit=POUNDS, places=-2)
    return made if made["dear"].value > made["cheap"].value else None


def growth_allowed(page: Page, slots: Slots) -> Slots:
    """Whether the printed change can be that of the printed amounts (K13, K14)."""
    old, new, told = slots["before"].inputs[0], slots["after"].inputs[0], slots["told"]
    allowed = growth_range(old.value, new.value, step=10 ** -min(old.places, new.places))
    words = {ADDS_UP: "agrees", WITHIN_ROUNDING: "rounding allows", DOES_NOT_ADD_UP: "rounding does not allow"}
    return {"verdict": words[growth_verdict(allowed, told.value, step=10**-told.places)]}


def round_grant(page: Page, slots: Slots) -> Slots:
    """A round grant to show shares by, for the paper prints none (T4)."""
    how, like = "a round amount to show shares by: the paper prints no grant", slots["end"]
    return {"grant": counted(f"round_grant.{slug(like.area)}", 100e6, "GBP", like, how, places=1)}


def grant_and_block(page: Page, slots: Slots) -> Slots:
    """The round grant beside the high needs block as published."""
    year = page.facts.latest("high_needs_block")
    block = page.facts.get("high_needs_block", page.facts.authority, year) if year else None
    return round_grant(page, slots) | beside_said(block, "block", " The high needs block was {block} {block.when}.")


def plans_then(page: Page, slots: Slots) -> Slots:
    """Plans as published for the January before the rise (H3)."""
    year = slots["rise"].period[:4]
    plans = page.facts.get(PLANS, page.facts.authority, year)
    return beside_said(plans, "plans", " DfE counted {plans} plans {plans.when}.")
