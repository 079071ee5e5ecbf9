"""Codes, labels, order and symbols: the field's words, held once.

Owns what a code means and how it is printed. What a measure is belongs to `measures`.
"""

from dataclasses import dataclass

ENGLAND = "E92000001"

# Statuses beside a value. DfE's own letters, then ours; printed in square brackets.
SYMBOLS = {
    "x": "not available: the publisher gives no figure",
    "n": "not held: the releases read so far have no such figure",
    "z": "not applicable: the figure cannot exist here",
    "c": "suppressed to protect individuals",
    "d": "not used: the published cell is faulty (see data quality)",
    "f": "forecast: what would come if the pattern of the last years went on",
    "e": "estimated from published percentages and pupil numbers, not published as a count",
    "p": "may be incomplete: the data were drawn before late entries could be in",
    "b": "blank in the source paper",
    "u": "under 10 cases: no rate is shown",
    "low": "rounds to nothing: a small number that is not zero",
}

REGIONS = {
    "E12000001": "North East",
    "E12000002": "North West",
    "E12000003": "Yorkshire and The Humber",
    "E12000004": "East Midlands",
    "E12000005": "West Midlands",
    "E12000006": "East of England",
    "E12000007": "London",
    "E12000008": "South East",
    "E12000009": "South West",
}

# Inner and Outer London are halves of a region; both point to London.
LONDON_HALVES = {"E13000001": "E12000007", "E13000002": "E12000007"}

AGE_BANDS = {
    "Under 5": ("under 3", "age 3", "age 4"),
    "Age 5 to 10": ("age 5", "age 6", "age 7", "age 8", "age 9", "age 10"),
    "Age 11 to 15": ("age 11", "age 12", "age 13", "age 14", "age 15"),
    "Age 16 to 19": ("age 16", "age 17", "age 18", "age 19"),
    "Age 20 to 25": ("age 20", "age 21", "age 22", "age 23", "age 24", "age 25"),
}

# Band of each age as releases label it. Ages at the start and at the end of a plan come with both ends taken together.
BAND_OF_AGE = {age: band for band, ages in AGE_BANDS.items() for age in ages} | {
    "age 2 and under": "Under 5",
    "age 20 and over": "Age 20 to 25",
}
AGE_UNKNOWN = "age unknown"

PRIMARY_NEEDS = {
    "asd": "Autistic spectrum disorder",
    "ds": "Down syndrome",
    "hi": "Hearing impairment",
    "mld": "Moderate learning difficulty",
    "msi": "Multi-sensory impairment",
    "oth": "Other difficulty or disability",
    "pd": "Physical disability",
    "pmld": "Profound and multiple learning difficulty",
    "semh": "Social, emotional and mental health",
    "slcn": "Speech, language and communication needs",
    "sld": "Severe learning difficulty",
    "spld": "Specific learning difficulty",
    "vi": "Vision impairment",
    "need_unknown": "Primary need not recorded",
}

PLACEMENTS = {
    "mainstream_total": "Mainstream: total",
    "mainstream_la_maintained_resourced_provision": "Mainstream: LA maintained, resourced provision",
    "mainstream_la_maintained_senunit": "Mainstream: LA maintained, SEN unit",
    "mainstream_academy_resourced_provision": "Mainstream: academy, resourced provision",
    "mainstream_academy_senunit": "Mainstream: academy, SEN unit",
    "mainstream_free_school_resourced_provision": "Mainstream: free school, resourced provision",
    "mainstream_free_school_senunit": "Mainstream: free school, SEN unit",
    "mainstream_independent": "Mainstream: independent",
    "special_la_maintained": "Special: LA maintained",
    "special_academy_free": "Special: academy or free school",
    "special_independent": "Special: independent",
    "special_non_maintained": "Special: non-maintained",
    "special_total": "Special: total",
    "ap_pru_total": "Alternative provision or PRU: total",
    "general_fe_tertiary_colleges": "Further education: general FE and tertiary",
    "specialist_post_16_institutions": "Further education: specialist post-16 institution",
    "fe_total": "Further education: total",
    "ed_elsewhere": "Educated elsewhere: total",
    "nm_early_years": "Non-maintained early years",
    "placement_unknown": "Placement not recorded",
    "await_prov_2022": "Awaiting provision (before 2023)",
    "perm_ex_2022": "Permanently excluded (before 2023)",
}

# Six groups of placements, and the columns that add up to each; a release has some of the columns of a group.
PLACEMENT_GROUPS = {
    "mainstream": ("mainstream_la_maintained", "mainstream_academy", "mainstream_free_school"),
    "resourced provision or SEN unit": (
        "mainstream_la_maintained_resourced_provision",
        "mainstream_la_maintained_senunit",
        "mainstream_academy_resourced_provision",
        "mainstream_academy_senunit",
        "mainstream_free_school_resourced_provision",
        "mainstream_free_school_senunit",
    ),
    # Before 2026 academies and free schools are one column.
    "state special": ("special_la_maintained", "special_academy_free", "special_academy", "special_free_school"),
    "independent": ("special_independent", "special_non_maintained", "mainstream_independent"),
    "post-16": ("fe_total",),
    "other": ("ap_pru_total", "ed_elsewhere", "nm_early_years", "placement_unknown", "await_prov_2022", "perm_ex_2022"),
}
# The columns of a group that has many, in fewer words: * stands for anything.
PLACEMENT_COLUMNS_SHORT = {"resourced provision or SEN unit": "mainstream_*_resourced_provision + mainstream_*_senunit"}
# "Educated elsewhere" leaves this column out in some years and has it in others.
BESIDE_ED_ELSEWHERE = "other_placement_settings"
PLACEMENT_COLUMNS = (*(column for columns in PLACEMENT_GROUPS.values() for column in columns), BESIDE_ED_ELSEWHERE)

# High needs spending by kind, and the columns of the benchmarking sheet that add up to each.
SPEND_KINDS = {
    "place funding": ("outturn_place_total",),
    "top-up: maintained mainstream": (
        "outturn_topup_maintained_early_years",
        "outturn_topup_maintained_primary",
        "outturn_topup_maintained_secondary",
    ),
    "top-up: maintained special": ("outturn_topup_maintained_special",),
    "top-up: maintained AP": ("outturn_topup_maintained_ap_pru",),
    "top-up: maintained post-school": ("outturn_topup_maintained_post_school",),
    "top-up: independent and non-maintained": (
        "outturn_topup_independent_early_years",
        "outturn_topup_independent_primary",
        "outturn_topup_independent_secondary",
        "outturn_topup_independent_special",
    ),
    "top-up: independent AP": ("outturn_topup_independent_ap_pru",),
    "top-up: independent post-school": ("outturn_topup_independent_post_school",),
    "top-up: income": ("outturn_topup_maintained_income", "outturn_topup_independent_income"),
    "SEN support services": ("outturn_sen_support_services",),
    "AP services": ("outturn_ap_services",),
    "hospital": ("outturn_hospital",),
    "therapies": ("outturn_therapies",),
}
SPEND_INCOME = "top-up: income"  # printed as positive in the sheet, taken off the rest in its total

# The same sheet's columns of plans; the first five are PLACEMENT_GROUPS, the last two together the sixth.
SPEND_PLACEMENTS = {
    "ehc_total": "Total",
    "ehc_mainstream": "mainstream",
    "ehc_resourced_unit": "resourced provision or SEN unit",
    "ehc_special_state": "state special",
    "ehc_nmss_independent": "independent",
    "ehc_post16": "post-16",
    "ehc_hospital_ap": "hospital or AP",
    "ehc_other": "other settings",
}

CEASE_REASONS = {
    "max_age": "Reached maximum age",
    "needs_met": "Needs met without a plan",
    "he": "Moved to higher education",
    "employ": "Moved to paid employment",
    "transfer": "Transferred to another LA",
    "no_engage": "No longer wishes to engage",
    "moved_outside_eng": "Moved outside England",
    "deceased": "Deceased",
    "other": "Other",
    "not_rec": "Not recorded",
}

ATTRIBUTION = (
    "Contains public sector information licensed under the Open Government Licence v3.0. "
    "Sources: Department for Education and Office for National Statistics."
)


@dataclass(frozen=True)
class Others:
    """The authorities that one is set beside, as headings and sentences call them.

    many: `statistical neighbours`; its: with the word before it; short: in the name of a line; alike, those_alike:
    where a test takes them for a yardstick, without and with the word before it.
    """

    many: str
    its: str
    short: str
    alike: str
    those_alike: str


STATISTICAL = Others(
    "statistical neighbours", "its statistical neighbours", "neighbours", "similar authorities", "similar authorities"
)
CHOSEN = Others(
    "chosen authorities", "the chosen authorities", "chosen authorities", "chosen authorities", "the chosen authorities"
)
