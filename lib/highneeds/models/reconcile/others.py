"""West Northamptonshire's recovery plan (W1 to W7) and Leeds's management plan (L2 to L5).

Most of what these two print is a plan without its numbers: each line says what is missing and which file brings it.
"""

from collections.abc import Iterator

from highneeds.models.paper_figures import added, made_figure
from highneeds.models.reconcile.desk import Desk
from highneeds.models.reconcile.line import Line

RECOVERY, WORKSTREAMS = "recovery_plan_figures", "dsg_management_plan_figures"
_OF_RECOVERY = (
    ("W1", "Places and money left open", "Printed as x: places in mainstream schools, capital approved.", None),
    ("W2", "Alternative provision places", "Exclusions are not printed (alternative_provision_exclusions.csv).", None),
    ("W3", "Bands", "Sampled plans are not printed (banding_sample.csv, bands.csv).", None),
    ("W4", "Costs that stand out", "Costs by need and setting are not printed (independent_placements.csv).", None),
    ("W5", "Top-slice", "Cost and schools' budgets are not printed (top_slice.csv, school_budgets.csv).", None),
    (
        "W6", "Places of the capital programme", "Places filled are not printed (commissioned_places.csv).",
        ("sufficiency_places", "2021-11", "Capital programme"),
    ),
    ("W7", "Top-up without a plan", "Spend and awards are not printed (non_plan_top_up.csv).", None),
)  # fmt: skip
_OF_WORKSTREAMS = (
    (
        "L2", "Blocks of notional budget", "Schools and pupils are not printed (notional_budgets.csv).",
        ("additional_funding_block_value", "2025-26", "Total"),
    ),
    ("L3", "Funding for inclusion to plans", "Cases and spend are not printed (funding_for_inclusion.csv).", None),
    ("L4", "Invest to save", "Costs of both sides are not printed (invest_to_save.csv).", None),
)  # fmt: skip


def lines(desk: Desk) -> Iterator[Line]:
    """Every line that the printed tables at hand allow, in the papers' order."""
    yield from _without_inputs(desk, RECOVERY, _OF_RECOVERY)
    yield from _without_inputs(desk, WORKSTREAMS, _OF_WORKSTREAMS)
    yield from _provisions(desk)


def _without_inputs(desk: Desk, table: str, items) -> Iterator[Line]:
    for item, what, missing, key in items:
        printed = desk.printed(table, *key) if key is not None else None
        yield from desk.unchecked(item, what, table, missing, printed=printed)


def _provisions(desk: Desk) -> Iterator[Line]:
    """Resourced provisions announced, and their phases (L5); early years money without its parts."""
    whole, *parts = (
        desk.printed(WORKSTREAMS, "new_resourced_provisions", "2025-09", name)
        for name in ("Total", "Secondary", "Primary")
    )
    if whole is not None and all(part is not None for part in parts):
        yield from desk.sum(
            "L5", "New resourced provisions", whole, made_figure("provisions_by_phase", added, "+", *parts)
        )
    money = desk.printed(WORKSTREAMS, "early_years_block_retained_funding", "2025-04")
    if money is not None:
        yield from desk.unchecked(
            "L5", "Early years money kept", WORKSTREAMS, "Its parts are not printed.", printed=money
        )
