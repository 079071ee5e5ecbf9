"""Ratios that set authorities side by side: where plans are placed, how many are new, how often none is issued."""

from highneeds.measures.model import PLACEMENT, PLANS, REQUESTS, Measure, share
from highneeds.periods import JANUARY


def _placed(name: str, where: str, *groups: str, told: str = "") -> Measure:
    return share(
        f"{name}_of_plans_pct",
        f"Plans in {where}",
        tuple(f"ehc_plans:{group}" for group in groups),
        ("ehc_plans",),
        f"EHC plans in January with a placement in {where}{told}, as a share of all plans.",
        period_basis=JANUARY,
        theme=PLACEMENT,
    )


PLAN_RATIOS = (
    share(
        "no_plan_of_assessed_pct",
        "No plan issued, of assessments decided",
        ("assessments_plan_not_issued",),
        ("assessments_plan_issued", "assessments_plan_not_issued"),
        "Assessments of the year that led to no plan, as a share of those with a decision.",
        theme=REQUESTS,
    ),
    share(
        "new_plans_per_1000",
        "New EHC plans per 1,000 people aged 0 to 25",
        ("new_ehc_plans",),
        ("population:Age 0 to 25",),
        "Plans that started in the year for every 1,000 residents aged 0 to 25, at the mid-year estimate nearest "
        "before the end of the year.",
        unit="per 1,000",
        scale=1000.0,
        theme=PLANS,
    ),
    _placed(
        "mainstream",
        "mainstream schools",
        "mainstream",
        "resourced provision or SEN unit",
        told=", resourced provision and units included",
    ),
    _placed("state_special", "state special schools", "state special"),
    _placed("independent", "independent and non-maintained schools", "independent"),
)
