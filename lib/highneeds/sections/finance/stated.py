"""What an authority's own papers say of money in words, each statement beside what its numbers give.

Owns the list of statements; a statement is made only where its printed figures are held.
"""

import operator

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
from highneeds.models.deficit.printed import TOTAL
from highneeds.periods import CALENDAR_MONTH
from highneeds.sections.finance.stated_beside import (
    delayed,
    grant_and_block,
    growth_allowed,
    plan_savings,
    plans_then,
    prices,
    residuals,
    round_grant,
)
from highneeds.sections.finance.statement import STATED, YEARS, Statement, Sum, said_of
from highneeds.sections.page import Block, Page

PROGRAMME, DEVELOPMENT = "tsil_figures", "high_needs_development_plan"


def statements(page: Page) -> Block | None:
    """What the papers say of money in words, each with its arithmetic (K7, K10-K15, T4-T6, H2-H4).

    A statement is left out where one of its figures is not held; None where all are.
    """
    said = [claim for claim in (said_of(page, each) for each in STATEMENTS) if claim is not None]
    return page.paragraphs("What its papers say of money, checked", *said) if said else None


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
        growth_allowed,
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
        plan_savings,
    ),
    Statement(
        "residual", STATED,
        {
            "low": ("dsg_residual_deficit_low", "2028-03-31"), "high": ("dsg_residual_deficit_high", "2028-03-31"),
            "path": ("dsg_accumulated_deficit_historic_trends", "2028-03-31"),
        },
        "",
        more=residuals,
    ),
    Statement(
        "delay_year", STATED, _LOST,
        "{first} is printed as lost {first.when} because {schools} special schools did not open {schools.when}. That "
        "is for {first_months} months, so {year} in a full year.",
        {"year": Sum(full_year, ("first", "first_months"), "12 * {0} / {1}")},
        delayed,
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
        prices,
    ),
    Statement(
        "delay_caution", STATED, _LOST,
        "The paper prints neither the number of places nor the difference in price. The prices here are means over all "
        "children placed, whose needs differ, so these places are an indication.",
        more=prices, caution=True,
    ),
    _rose("exceptional", "exceptional_pupil_need_funding", "Funding for exceptional pupil need", TOTAL),
    _rose("top_up", "mainstream_top_up_funding", "Mainstream top-up for SEN Support", "SEN Support cases"),
    Statement(
        "avoided", STATED,
        {"fees": ("placement_fee_spend_avoided", "2024-25", "Non-maintained and independent special schools")},
        "About {fees} is printed as avoided {fees.when} by asking more of schools that want a higher fee. Neither the "
        "fees they asked for nor those agreed are printed, so it cannot be worked out again.",
    ),
    Statement(
        "ruled_out", STATED,
        {
            "moved": (
                "pupils_movable_from_special_schools", "2025-03-18",
                "Special to mainstream and independent to state-funded special",
            ),
            "top_up": ("mainstream_funding_without_ehc_plan", "2024-25", "Children without an EHCP"),
            "services": ("sen_support_services_cessation_saving", "2025-03-18", "Non-statutory services"),
        },
        "Three choices were considered and ruled out because of what else they might bring: to move up to {moved} "
        "pupils out of special or independent schools, to take away top-up for children without a plan (about {top_up} "
        "{top_up.when}), and to end support services that the law does not ask for (over {services}).",
    ),
    Statement(
        "service_moved", STATED,
        {"saved": ("specialist_teaching_and_learning_service_saving", "2025-26")},
        "Paying for the specialist teaching and learning service out of schools' joint budgets is printed as saving "
        "{saved} in the {saved.period} academic year.",
    ),
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
        grant_and_block,
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
        round_grant,
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
        plans_then,
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
