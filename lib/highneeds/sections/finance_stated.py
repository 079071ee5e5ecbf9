"""What an authority's own papers say of money in words, each statement beside what its numbers give.

Owns the list of statements; a statement is made only where its printed figures are held.
"""

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from highneeds.claims import Claim, listed
from highneeds.figures import POUNDS, Figure, counted, slug
from highneeds.models.deficit.arithmetic import (
    base_from_change,
    evenly,
    full_year,
    implied_places,
    implied_yearly_gap,
    over_grant_pct,
    pct_change,
    whole_from_share,
    yearly_mean,
)
from highneeds.models.deficit.printed import SAVINGS, SPEND, TOTAL, Cell, groups_of
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
from highneeds.periods import AT_DATE, CALENDAR_MONTH
from highneeds.sections.common import printed_figure
from highneeds.sections.finance_papers import ZEROS, cell_figure, made_figure, pounds_figure, rolled_figures
from highneeds.sections.money_inputs import PROJECTION, printed_of
from highneeds.sections.outlooks import PLANS
from highneeds.sections.page import Block, Page

STATED, PROGRAMME, DEVELOPMENT = "stated_figures", "tsil_figures", "high_needs_development_plan"


# ---- Statements in words ---------------------------------------------------------------------------------------------

Slots = dict[str, Any]  # figures, and words set in a sentence
YEARS = 3  # from 31 March 2025 to 31 March 2028: the years 2025-26 to 2027-28


@dataclass(frozen=True)
class Sum:
    """A number of a statement: its function, the slots it takes, its formula, and what it changes (unit, period)."""

    of: Callable[..., float]
    slots: tuple[str, ...]
    how: str
    changes: Mapping = field(default_factory=dict)


@dataclass(frozen=True)
class Statement:
    """What a paper says in words: its printed figures by slot, what is computed from them, and the sentence.

    more: adds slots from elsewhere before anything is computed, or gives None where it lacks what the sentence needs.
    """

    id: str
    table: str
    held: Mapping[str, tuple[str, ...]]
    words: str
    made: Mapping[str, Sum] = field(default_factory=dict)
    more: Callable[[Page, Slots], Slots | None] = lambda page, slots: {}
    caution: bool = False


def statements(page: Page) -> Block | None:
    """What the papers say of money in words, each with its arithmetic (K10-K14, T4-T6, H2-H4).

    A statement is left out where one of its figures is not held; None where all are.
    """
    said = [claim for claim in (_said(page, each) for each in STATEMENTS) if claim is not None]
    return page.paragraphs("What its papers say of money, checked", *said) if said else None


def _said(page: Page, each: Statement) -> Claim | None:
    """A statement with its figures; slots of a span of years have their span in words beside them."""
    found = {slot: printed_figure(page, each.table, *key) for slot, key in each.held.items()}
    if any(figure is None or not figure.known for figure in found.values()):
        return None
    slots: Slots = {slot: pounds_figure(f) if f.unit in ZEROS else f for slot, f in found.items()}
    slots |= {f"{slot}_span": f.period.replace("/", " to ") for slot, f in found.items() if "/" in f.period}
    more = each.more(page, slots)
    if more is None:
        return None
    slots |= more
    for slot, one in each.made.items():
        inputs = [slots[name] for name in one.slots]
        slots[slot] = made_figure(f"{each.id}_{slot}", one.of, one.how, *inputs, **one.changes)
    words = each.words + slots.pop("tail", "")
    used = set(re.findall(r"\{(\w+)", words))
    said = {slot: each for slot, each in slots.items() if slot in used}
    return (page.warn if each.caution else page.say)(each.id, words, **said)


def _plan_savings(page: Page, slots: Slots) -> Slots | None:
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


def _residuals(page: Page, slots: Slots) -> Slots | None:
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


def _delayed(page: Page, slots: Slots) -> Slots:
    """Months from the planned opening to the end of the year, and of all years, that the loss is printed for."""
    made: Slots = {}
    for slot in ("first", "whole"):
        planned, last = slots["schools"], slots[slot].period[-7:]
        count = 12 * (int(last[:4]) + 1 - int(planned.period[:4])) + 4 - int(planned.period[5:7])
        how = f"months from the opening planned ({{0}}) to the end of {last}"
        made[f"{slot}_months"] = made_figure(f"{slot}_delay", lambda _, n=count: n, how, planned, unit="months")
    return made


def _prices(page: Page, slots: Slots) -> Slots | None:
    """Printed spend on the two kinds of special school over the plans of the January inside the year (K12)."""
    plan, year, made = printed_of(page), slots["first"].period, _delayed(page, slots)
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


def _growth_allowed(page: Page, slots: Slots) -> Slots:
    """Whether the printed change can be that of the printed amounts (K13, K14)."""
    old, new, told = slots["before"].inputs[0], slots["after"].inputs[0], slots["told"]
    allowed = growth_range(old.value, new.value, step=10 ** -min(old.places, new.places))
    words = {ADDS_UP: "agrees", WITHIN_ROUNDING: "rounding allows", DOES_NOT_ADD_UP: "rounding does not allow"}
    return {"verdict": words[growth_verdict(allowed, told.value, step=10**-told.places)]}


def _round_grant(page: Page, slots: Slots) -> Slots:
    """A round grant to show shares by, for the paper prints none (T4)."""
    how, like = "a round amount to show shares by: the paper prints no grant", slots["end"]
    return {"grant": counted(f"round_grant.{slug(like.area)}", 100e6, "GBP", like, how, places=1)}


def _grant_and_block(page: Page, slots: Slots) -> Slots:
    """The round grant beside the high needs block as published."""
    year = page.facts.latest("high_needs_block")
    block = page.facts.get("high_needs_block", page.facts.authority, year) if year else None
    return _round_grant(page, slots) | _beside(block, "block", " The high needs block was {block} {block.when}.")


def _plans_then(page: Page, slots: Slots) -> Slots:
    """Plans as published for the January before the rise (H3)."""
    year = slots["rise"].period[:4]
    plans = page.facts.get(PLANS, page.facts.authority, year)
    return _beside(plans, "plans", " DfE counted {plans} plans {plans.when}.")


def _beside(figure: Figure | None, slot: str, tail: str) -> Slots:
    """A published figure with the sentence that names it; nothing where there is none."""
    return {slot: figure, "tail": tail} if figure is not None and figure.known else {}


def _original(name: str) -> dict[str, tuple[str, str]]:
    """Slots of an amount of the development plan and of its change on the original plan."""
    return {name: (name, "2024-25"), f"{name}_change": (f"{name}_change_on_original_plan_pct", "2024-25")}


def _base(name: str) -> Sum:
    return Sum(base_from_change, (name, f"{name}_change"), "{0} / (1 + {1} / 100)")


def _a_year(total: float) -> float:
    return yearly_mean(total, YEARS)


def _over_years(grant: float, share_one: float, share_two: float) -> float:
    """Gaps of the years after the first, for shares of the grant that rise in even steps."""
    return sum(implied_yearly_gap(grant, share) for share in evenly(share_one, share_two, YEARS))


def _rose(id: str, name: str, label: str, breakdown: str) -> Statement:
    """Two amounts, the change printed and the change they make."""
    return Statement(
        id, STATED,
        {
            "before": (name, "2022-23", breakdown), "after": (name, "2024-25", breakdown),
            "told": (f"{name}_change_pct", "2022-23/2024-25", breakdown),
        },
        label + " is printed as {before} {before.when} and {after} {after.when}. That is {made} more; printed is "
        "{told}, which {verdict}.",
        {"made": Sum(pct_change, ("before", "after"), "100 * ({1} / {0} - 1)", {"unit": "%", "places": 1})},
        _growth_allowed,
    )  # fmt: skip


_LOST = {
    "first": ("new_special_school_delay_lost_saving", "2024-25"),
    "whole": ("new_special_school_delay_lost_saving", "2024-25/2027-28"),
    "schools": ("new_special_schools_planned_opening", "2024-09", "Swanley and Whitstable"),
}
_DEFICITS = {
    "start": ("high_needs_cumulative_deficit", "2025-03-31"),
    "end": ("high_needs_cumulative_deficit", "2028-03-31"),
    "gap": ("high_needs_funding_gap_per_year", "2024-25/2027-28"),
}
_SHARES = {
    "share_one": ("high_needs_spend_over_grant_pct", "2024-25"),
    "share_two": ("high_needs_spend_over_grant_pct", "2027-28"),
}
_RISE = Sum(operator.sub, ("end", "start"), "{0} - {1}")
_PLACES, _PCT = {"unit": "places", "places": -1}, {"unit": "%", "places": 1}
_TO_GAP, _TO_BLOCK = "{0} * {1} / 100", "100 * {0} / {1}"

STATEMENTS = (
    Statement(
        "savings", STATED,
        {
            "target": ("unattributed_savings_target", "2025-26/2027-28"),
            "yearly": ("unattributed_savings_target_per_year", "2025-26/2027-28"),
        },
        "Savings yet to be found are printed as {target}; about {yearly} a year, as the text also says, comes to "
        "{over} from {yearly_span}, and the savings lines of the plan to {together}. {target} and the lines {verdict}.",
        {"over": Sum(lambda yearly: YEARS * yearly, ("yearly",), f"{YEARS} * {{0}}")},
        _plan_savings,
    ),
    Statement(
        "residual", STATED,
        {
            "low": ("dsg_residual_deficit_low", "2028-03-31"), "high": ("dsg_residual_deficit_high", "2028-03-31"),
            "path": ("dsg_accumulated_deficit_historic_trends", "2028-03-31"),
        },
        "",
        more=_residuals,
    ),
    Statement(
        "delay_year", STATED, _LOST,
        "{first} is printed as lost {first.when} because {schools} special schools did not open {schools.when}. That "
        "is for {first_months} months, so {year} in a full year.",
        {"year": Sum(full_year, ("first", "first_months"), "12 * {0} / {1}")},
        _delayed,
    ),
    Statement(
        "delay_places", STATED, _LOST,
        "By printed spend over the plans {plans.when}, a plan in an independent school cost {dear} {dear.when} and "
        "one in a state special school {cheap}, {gap} apart. At that difference {first} is about {few} places, and "
        "{whole} from {whole_span} about {many} places on average over {whole_months} months.",
        {
            "gap": Sum(operator.sub, ("dear", "cheap"), "{0} - {1}"),
            "few": Sum(implied_places, ("first", "gap", "first_months"), "12 * {0} / ({1} * {2})", _PLACES),
            "many": Sum(implied_places, ("whole", "gap", "whole_months"), "12 * {0} / ({1} * {2})", _PLACES),
        },
        _prices,
    ),
    Statement(
        "delay_caution", STATED, _LOST,
        "The paper prints neither the number of places nor the difference in price. The prices here are means over all "
        "children placed, whose needs differ, so these places are an indication.",
        more=_prices, caution=True,
    ),
    _rose("exceptional", "exceptional_pupil_need_funding", "Funding for exceptional pupil need", TOTAL),
    _rose("top_up", "mainstream_top_up_funding", "Mainstream top-up for SEN Support", "SEN Support cases"),
    Statement(
        "deficit", PROGRAMME, _DEFICITS,
        "The deficit is printed as {start} {start.when} and {end} {end.when}: {rise} more, {yearly} a year, beside "
        "about {gap} a year in words.",
        {"rise": _RISE, "yearly": Sum(_a_year, ("rise",), f"{{0}} / {YEARS}")},
    ),
    Statement(
        "over_grant", PROGRAMME, _SHARES | _DEFICITS,
        "Spend is printed as {share_one} over the grant {share_one.when} and {share_two} {share_two.when}: for each "
        "{grant} of grant, {gap_one} and {gap_two} a year. About {gap} a year would be {share_one} of a grant of "
        "{whole_one} and {share_two} of one of {whole_two}: no one grant is both.",
        {
            "gap_one": Sum(implied_yearly_gap, ("grant", "share_one"), _TO_GAP),
            "gap_two": Sum(implied_yearly_gap, ("grant", "share_two"), _TO_GAP, {"period": "2027-28"}),
            "whole_one": Sum(whole_from_share, ("gap", "share_one"), _TO_BLOCK),
            "whole_two": Sum(whole_from_share, ("gap", "share_two"), _TO_BLOCK),
        },
        _grant_and_block,
    ),
    Statement(
        "come_off", PROGRAMME, _SHARES | _DEFICITS,
        "If that share rises in even steps, {grant} of grant leaves gaps of {gaps} in all from the end of "
        "{share_one.period} to that of {share_two.period}. For the deficit to rise by {rise}, {off} must come off by "
        "savings, transfers or contributions, {yearly} a year.",
        {
            "rise": _RISE,
            "gaps": Sum(_over_years, ("grant", "share_one", "share_two"), f"{{0}} * {YEARS} steps, {{1}} to {{2}}"),
            "off": Sum(operator.sub, ("gaps", "rise"), "{0} - {1}"),
            "yearly": Sum(_a_year, ("off",), f"{{0}} / {YEARS}"),
        },
        _round_grant,
    ),
    Statement(
        "investment", PROGRAMME,
        {
            "saved": ("tsil_cost_reductions", "2022-23/2028-29"),
            "years": ("tsil_cost_reduction_years", "2022-23/2028-29"),
            "spent": ("local_provision_investment", "2024-25/2027-28"),
        },
        "Cost reductions of {saved} over {years} years are {yearly} a year. Investment in local provision from "
        "{spent_span} is {spent}. The difference is {gap.size}; the two are of different years.",
        {
            "yearly": Sum(yearly_mean, ("saved", "years"), "{0} / {1}"),
            "gap": Sum(operator.sub, ("spent", "saved"), "{0} - {1}"),
        },
    ),
    Statement(
        "original", DEVELOPMENT,
        _original("high_needs_dsg") | _original("high_needs_costs") | _original("planned_savings")
        | _original("high_needs_placements"),
        "The original plan's amounts are not printed. The printed changes imply, {grant.when}, a grant of {grant}, "
        "costs of {costs}, savings of {savings} and {placements} placements.",
        {
            "grant": _base("high_needs_dsg"), "costs": _base("high_needs_costs"),
            "savings": _base("planned_savings"), "placements": _base("high_needs_placements"),
        },
    ),
    Statement(
        "in_year", DEVELOPMENT,
        {"costs": ("high_needs_costs", "2024-25"), "grant": ("high_needs_dsg", "2024-25")},
        "Costs of {costs} less a grant of {grant} leave {gap} {gap.when}, {share} of the grant, if the two are of one "
        "kind.",
        {
            "gap": Sum(operator.sub, ("costs", "grant"), "{0} - {1}"),
            "share": Sum(over_grant_pct, ("costs", "grant"), "100 * ({0} - {1}) / {1}", _PCT),
        },
    ),
    Statement(
        "placements", DEVELOPMENT,
        {
            "after": ("high_needs_placements", "2024-25"),
            "rise": ("high_needs_placements_change_pct", "2019-04/2025-03"),
        },
        "A rise of {rise} to {after} placements implies {base} {base.when}.",
        {
            "base": Sum(
                base_from_change, ("after", "rise"), "{0} / (1 + {1} / 100)",
                {"period": "2019-04", "period_basis": CALENDAR_MONTH},
            )
        },
        _plans_then,
    ),
    Statement(
        "transfer", DEVELOPMENT,
        {
            "cost": ("deficit_increase_without_schools_block_transfer", "2022-23"),
            "pct": ("schools_block_transfer_pct", "2022-23"),
        },
        "Without the transfer of {pct} of the schools block the deficit is printed as {cost} worse {cost.when}. That "
        "implies a schools block of about {whole}.",
        {"whole": Sum(whole_from_share, ("cost", "pct"), _TO_BLOCK)},
    ),
)  # fmt: skip
