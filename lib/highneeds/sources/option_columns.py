"""What the files of the option calculators hold: columns in order, keys, rules between rows and between files."""

from highneeds.sources.strict_tables import Layout


def _layout(columns: str, key: str, **rules: object) -> Layout:
    return Layout((*columns.split(), "source"), tuple(key.split()), **rules)  # type: ignore[arg-type]


_RETURNED = ("reintegrated_low_pct", "reintegrated_pct", "reintegrated_high_pct")
_BECOME = ("become_plans_low_pct", "become_plans_pct", "become_plans_high_pct")
_YEAR = ("financial_year",)

LAYOUTS = {
    "alternative_provision_exclusions": _layout(
        "academic_year phase exclusions", "academic_year phase", yearly="academic_year", within="phase"
    ),
    "alternative_provision_flow": _layout(
        f"phase {' '.join(_RETURNED)} return_months stay_months leavers_pct growth_pct placed_at_end target_year",
        "phase",
        one=("target_year",),
        ordered=_RETURNED,
    ),
    "banding_sample": _layout("sample_number school setting current_gbp", "sample_number"),
    "bands": _layout("band from_gbp financial_year", "band", blank=("from_gbp",), one=_YEAR),
    "banding_guarantee": _layout("financial_year guarantee_years allowed_loss_pct", "financial_year", one=_YEAR),
    "banding_neighbours": _layout("authority band value_gbp financial_year", "authority band"),
    "independent_placements": _layout(
        "placement_number provider setting need cost_gbp financial_year", "placement_number", one=_YEAR
    ),
    "school_budgets": _layout("school phase pupils budget_gbp financial_year", "school", one=_YEAR),
    "top_slice": _layout("service cost_gbp shared_by financial_year", "service", one=_YEAR),
    "notional_budgets": _layout(
        "school phase notional_budget_gbp pupils_with_high_needs financial_year", "school", one=_YEAR
    ),
    "notional_threshold": _layout("financial_year before_pct after_pct", "financial_year", one=_YEAR),
    "funding_for_inclusion": _layout(
        f"group cases spend_gbp {' '.join(_BECOME)} plan_cost_gbp support_grant_gbp financial_year",
        "group",
        one=_YEAR,
        ordered=_BECOME,
    ),
    "invest_to_save": _layout(
        "scheme pupils starts horizon_months displaced_after_months one_off_gbp running_yearly_gbp "
        "displaced_yearly_gbp cost_high_needs_pct displaced_high_needs_pct",
        "scheme",
    ),
    "excluded_pupils": _layout(
        "pupil_number phase relevant_date school_year_end per_pupil_gbp financial_year",
        "pupil_number",
        blank=("school_year_end",),
        one=_YEAR,
    ),
    "block_transfer": _layout(
        "financial_year schools_block_gbp transfer_pct transfer_gbp forum",
        "financial_year",
        blank=("schools_block_gbp", "transfer_pct", "transfer_gbp"),
        yearly="financial_year",
    ),
    "non_plan_top_up": _layout(
        "financial_year spend_gbp exceptional_awards awards",
        "financial_year",
        ordered=("exceptional_awards", "awards"),
        yearly="financial_year",
    ),
    "commissioned_places": _layout(
        "provider setting commissioned_places filled_places counted_on", "provider setting", one=("counted_on",)
    ),
}

# A value of the first must stand in the second, where both files are there.
MATCHES = (
    ("alternative_provision_exclusions", "alternative_provision_flow", "phase"),
    ("alternative_provision_flow", "alternative_provision_exclusions", "phase"),
    ("banding_neighbours", "bands", "band"),
    ("banding_guarantee", "bands", "financial_year"),
    ("top_slice", "school_budgets", "financial_year"),
    ("notional_threshold", "notional_budgets", "financial_year"),
)
