"""Fields of the SEN2 person-level return: their names in each layout, types, codes and first year.

The one declaration that readers, cleaning rules and the generator of invented cases share.
Headings are compared in their plain form (`plain_heading`), because templates break lines inside them.
Source: DfE, SEN2 person-level return, guides for 2023, 2024 and 2025. Codes the guides leave open are None.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

PERSON, REQUESTS, ASSESSMENT = "person", "requests", "assessment"
NAMED_PLAN, PLAN_DETAIL = "namedplan", "plandetail"
ACTIVE_PLANS, PLACEMENT_DETAIL, SEN_NEED = "activeplans", "placementdetail", "senneed"

# Module, and the module its records hang under.
PARENTS = {
    PERSON: "",
    REQUESTS: PERSON,
    ASSESSMENT: REQUESTS,
    NAMED_PLAN: ASSESSMENT,
    PLAN_DETAIL: NAMED_PLAN,
    ACTIVE_PLANS: REQUESTS,
    PLACEMENT_DETAIL: ACTIVE_PLANS,
    SEN_NEED: ACTIVE_PLANS,
}
MODULES = tuple(PARENTS)
ELEMENTS = {
    PERSON: "Person",
    REQUESTS: "Requests",
    ASSESSMENT: "Assessment",
    NAMED_PLAN: "NamedPlan",
    PLAN_DETAIL: "PlanDetail",
    ACTIVE_PLANS: "ActivePlans",
    PLACEMENT_DETAIL: "PlacementDetail",
    SEN_NEED: "SENneed",
}
# Titles of the tables in the Excel template's one sheet; names of the pre-submission workbook's sheets.
TEMPLATE_SHEET = "Data Entry Template"
TEMPLATE_HEADER = "Header Record"
TEMPLATE_TITLES = {
    PERSON: "Person Record",
    REQUESTS: "Requests Records",
    ASSESSMENT: "Assessments Records",
    NAMED_PLAN: "Named Plan Records",
    PLAN_DETAIL: "Plan Detail Records",
    ACTIVE_PLANS: "Active Plan Records",
    PLACEMENT_DETAIL: "Placement Detail Records",
    SEN_NEED: "SEN Need Records",
}
SHEETS = {
    PERSON: "Person",
    REQUESTS: "Requests",
    ASSESSMENT: "Assessments",
    NAMED_PLAN: "Named Plan",
    PLAN_DETAIL: "Plan Detail",
    ACTIVE_PLANS: "Active Plan",
    PLACEMENT_DETAIL: "Placement Detail",
    SEN_NEED: "SEN Need",
}

ID, TEXT, DATE, CODE, FLAG = "id", "text", "date", "code", "flag"

REQUEST_OUTCOMES = {
    "Y": "Assess",
    "N": "Do not assess",
    "A": "Awaited",
    "W": "Withdrawn or ceased before decision",
    "H": "Historical: decided before the period",
}
ASSESSMENT_OUTCOMES = {
    "Y": "Issue a plan",
    "N": "Do not issue",
    "A": "Awaited",
    "W": "Withdrawn or ceased before decision",
    "H": "Historical: decided before the period",
}
REQUEST_SOURCES = {
    "1": "Parent or young person",
    "2": "School or other education setting",
    "3": "Health",
    "4": "Social care",
    "5": "Other",
}
CEASE_REASONS = {
    "1": "Reached maximum age",
    "2": "Needs met without a plan",
    "3": "Moved to higher education",
    "4": "Moved to paid employment, apprenticeships apart",
    "5": "Transferred to another LA",
    "6": "No longer wishes to engage",
    "7": "Moved outside England",
    "8": "Deceased",
    "9": "Other",
}
SEN_SETTINGS = {
    "OLA": "Arrangements by the LA (EOTAS)",
    "OPA": "Arrangements by parents, home education apart",
    "EHE": "Elective home education",
    "EYP": "Early years provider without a URN",
    "OTH": "Other",
    "NEET": "Not in education, employment or training, aged 16 to 25",
    "NIEC": "Not in education: notice to cease issued",
    "NIEO": "Not in education: other",
}
SEN_TYPES = {
    "SPLD": "Specific learning difficulty",
    "MLD": "Moderate learning difficulty",
    "SLD": "Severe learning difficulty",
    "PMLD": "Profound and multiple learning difficulty",
    "SEMH": "Social, emotional and mental health",
    "SLCN": "Speech, language and communication needs",
    "HI": "Hearing impairment",
    "VI": "Vision impairment",
    "MSI": "Multi-sensory impairment",
    "PD": "Physical disability",
    "ASD": "Autistic spectrum disorder",
    "OTH": "Other difficulty or disability",
    "DS": "Down syndrome",
}
RESIDENTIAL = {"A": "38 to 51 weeks", "B": "52 weeks"}
RANKS = {"1": "Primary", "2": "Secondary"}
SEXES = {"M": "Male", "F": "Female", "0": "Not known", "1": "Male", "2": "Female", "9": "Not specified"}
UPN_REASONS = {
    "UN1": "Under 6",
    "UN2": "Never in a state school",
    "UN3": "Educated outside England",
    "UN5": "Unreliable match",
    "UN8": "New to the LA",
    "UN9": "Never in a state school or further education",
    "UN10": "No further action before the number was known",
}
# First return in which a code may appear, where that is later than its field's.
CODES_SINCE = {("sen_setting", "OTH"): 2024, ("sen_type", "DS"): 2025}


@dataclass(frozen=True)
class Field:
    """One field: our name, its module, XML element, headings in other layouts, type, codes, years it stands in."""

    name: str
    module: str
    element: str
    kind: str
    template: tuple[str, ...] = ()  # headings of the Excel template
    five: tuple[str, ...] = ()  # headings of the five-CSV set
    aliases: tuple[str, ...] = ()  # other spellings of the lower-case XML name met in the wild
    codes: Mapping[str, str] | None = None  # None: any code, the guide leaves the list open
    first: int = 2023
    last: int = 9999
    local: bool = False  # not in the return: only an authority's own extract or Annex A has it


def _f(name: str, module: str, element: str, kind: str, *template: str, **more: object) -> Field:
    return Field(name, module, element, kind, template, **more)  # type: ignore[arg-type]


_SETTING = "SEN Setting - Establishment type"
_PLACE = (
    ("urn", "URN", ID, ("URN - Unique Reference Number",)),
    ("ukprn", "UKPRN", ID, ("UKPRN - UK Provider Reference Number",)),
    ("sen_setting_other", "SENsettingOther", TEXT, ("SEN Setting - Other",)),
    ("sen_unit_indicator", "SENunitIndicator", FLAG, ("SEN Unit Indicator",)),
    ("resourced_provision_indicator", "ResourcedProvisionIndicator", FLAG, ("Resourced Provision Indicator",)),
)


def _place_fields(module: str) -> list[Field]:
    plain = [Field(name, module, element, kind, headings) for name, element, kind, headings in _PLACE]
    return [
        *plain,
        _f("sen_setting", module, "SENsetting", CODE, _SETTING, codes=SEN_SETTINGS),
        _f("placement_rank", module, "PlacementRank", CODE, "Placement Rank", codes=RANKS),
    ]


FIELDS: tuple[Field, ...] = (
    _f("surname", PERSON, "Surname", TEXT, "Surname", five=("Surname",)),
    _f("forename", PERSON, "Forename", TEXT, "Forename", five=("Forename",)),
    _f("birth_date", PERSON, "PersonBirthDate", DATE, "Date of Birth", five=("Dob",)),
    _f("sex", PERSON, "Sex", CODE, "Sex", "Gender", five=("Sex", "Gender"), aliases=("gendercurrent",), codes=SEXES),
    _f("ethnicity", PERSON, "Ethnicity", CODE, "Ethnicity", five=("Ethnicity",)),
    _f("postcode", PERSON, "PostCode", TEXT, "Post Code", five=("Postcode",)),
    _f("upn", PERSON, "UPN", ID, "UPN - Unique Pupil Number", five=("UPN - Unique Pupil Number",)),
    _f(
        "uln",
        PERSON,
        "UniqueLearnerNumber",
        ID,
        "ULN - Young Persons Unique Learner Number",
        five=("ULN - Young Persons Unique Learner Number",),
    ),
    _f(
        "upn_unknown",
        PERSON,
        "UPNunknown",
        CODE,
        "UPN and ULN unavailable - Reason",
        five=("UPN and ULN unavailable reason",),
        codes=UPN_REASONS,
    ),
    _f("disability", PERSON, "", FLAG, local=True),
    _f(
        "received_date",
        REQUESTS,
        "ReceivedDate",
        DATE,
        "Date request was received",
        five=("Date Request Was Received",),
    ),
    _f(
        "request_source",
        REQUESTS,
        "RequestSource",
        CODE,
        "Source of request for an EHC needs assessment",
        aliases=("rquestsource",),
        codes=REQUEST_SOURCES,
        first=2025,
    ),
    _f("rya", REQUESTS, "RYA", FLAG, "Initial Request Whilst In RYA", five=("Initial Request Whilst In RYA",)),
    _f(
        "request_outcome",
        REQUESTS,
        "RequestOutcome",
        CODE,
        "Request Outcome",
        five=("Request Outcome",),
        codes=REQUEST_OUTCOMES,
    ),
    _f(
        "request_outcome_date",
        REQUESTS,
        "RequestOutcomeDate",
        DATE,
        "Request Outcome Date",
        five=("Request Outcome Date",),
    ),
    _f("request_mediation", REQUESTS, "RequestMediation", FLAG, "Request Mediation", five=("Request Mediation",)),
    _f("request_tribunal", REQUESTS, "RequestTribunal", FLAG, "Request Tribunal", five=("Request Tribunal",)),
    _f(
        "exported",
        REQUESTS,
        "Exported",
        ID,
        "Exported - Child or young person moves out of LA before assessment is completed",
        five=("Exported - Child Or Young Person Moves Out Of LA Before Assessment Is Completed",),
    ),
    _f("area", REQUESTS, "", TEXT, local=True),
    _f("request_postcode", REQUESTS, "", TEXT, local=True),
    _f("closed_date", REQUESTS, "", DATE, local=True),
    _f(
        "assessment_outcome",
        ASSESSMENT,
        "AssessmentOutcome",
        CODE,
        "Assessment Outcome - Decision to issue EHC plan",
        five=("Assessment Outcome To Issue EHCP",),
        codes=ASSESSMENT_OUTCOMES,
    ),
    _f(
        "assessment_outcome_date",
        ASSESSMENT,
        "AssessmentOutcomeDate",
        DATE,
        "Assessment Outcome Date",
        five=("Assessment Outcome Date",),
    ),
    _f(
        "assessment_mediation",
        ASSESSMENT,
        "AssessmentMediation",
        FLAG,
        "Assessment Mediation",
        five=("Assessment Mediation",),
    ),
    _f(
        "assessment_tribunal",
        ASSESSMENT,
        "AssessmentTribunal",
        FLAG,
        "Assessment Tribunal",
        five=("Assessment Tribunal",),
    ),
    _f("other_mediation", ASSESSMENT, "OtherMediation", FLAG, "Other Mediation", five=("Other Mediation",)),
    _f("other_tribunal", ASSESSMENT, "OtherTribunal", FLAG, "Other Tribunal", five=("Other Tribunal",)),
    _f(
        "week20",
        ASSESSMENT,
        "Week20",
        FLAG,
        "Twenty week time limit exceptions apply",
        five=("Twenty Weeks Time Limit Exceptions Apply",),
    ),
    _f("start_date", NAMED_PLAN, "StartDate", DATE, "EHC Plan Start Date", five=("EHC Plan Start Date",)),
    _f(
        "plan_res",
        NAMED_PLAN,
        "PlanRes",
        CODE,
        "Residential Settings",
        five=("Residential Settings",),
        codes=RESIDENTIAL,
    ),
    _f(
        "plan_wbp",
        NAMED_PLAN,
        "PlanWBP",
        CODE,
        "Work Based Learning Activity",
        five=("Worked based learning activity",),
    ),
    _f("pb", NAMED_PLAN, "PB", FLAG, "Personal Budget taken up", five=("Personal budget taken up",)),
    _f(
        "oa",
        NAMED_PLAN,
        "OA",
        FLAG,
        "Personal Budget - Organised Arrangements",
        five=("Personal budget - organised arrangements",),
    ),
    _f("dp", NAMED_PLAN, "DP", CODE, "Personal Budget - Direct Payments", five=("Personal budget - direct payments",)),
    _f("cease_date", NAMED_PLAN, "CeaseDate", DATE, "Date EHC plan ceased", five=("Date EHC Plan Ceased",)),
    _f(
        "cease_reason",
        NAMED_PLAN,
        "CeaseReason",
        CODE,
        "Reason EHC plan ceased",
        five=("Reason EHC Plan Ceased",),
        codes=CEASE_REASONS,
    ),
    _f("updated_date", NAMED_PLAN, "", DATE, local=True),
    *_place_fields(PLAN_DETAIL),
    _f(
        "transfer_la",
        ACTIVE_PLANS,
        "TransferLA",
        ID,
        "EHC Plan transferred in from another LA during calendar year",
        five=("EHC Plan",),  # "EHC Plan (Transfer)": the remark in brackets is dropped
    ),
    _f(
        "active_res",
        ACTIVE_PLANS,
        "RES",
        CODE,
        "Residential Settings",
        five=("Residential Settings",),
        codes=RESIDENTIAL,
        last=2023,
    ),
    _f(
        "active_wbp",
        ACTIVE_PLANS,
        "WBP",
        CODE,
        "Work Based Learning Activity",
        five=("Worked based learning activity",),
        last=2023,
    ),
    _f("review_meeting", ACTIVE_PLANS, "ReviewMeeting", DATE, "Annual Review Meeting Date", first=2024),
    _f("review_outcome", ACTIVE_PLANS, "ReviewOutcome", CODE, "Annual Review Decision", first=2024),
    _f(
        "last_review",
        ACTIVE_PLANS,
        "LastReview",
        DATE,
        "EHC Plan Review Decisions Date",
        five=("EHCP review decisions date",),
    ),
    _f(
        "review_draft",
        ACTIVE_PLANS,
        "ReviewDraft",
        DATE,
        "Annual review - date draft amended EHC plan issued",
        first=2025,
    ),
    _f(
        "phase_transfer_due_date",
        ACTIVE_PLANS,
        "PhaseTransferDueDate",
        DATE,
        "Phase transfer review - due date for any amended plan",
        first=2025,
    ),
    _f(
        "phase_transfer_final_date",
        ACTIVE_PLANS,
        "PhaseTransferFinalDate",
        DATE,
        "Phase transfer review - final plan date",
        first=2025,
    ),
    *_place_fields(PLACEMENT_DETAIL),
    _f("entry_date", PLACEMENT_DETAIL, "EntryDate", DATE, "Placement Start Date"),
    _f("leaving_date", PLACEMENT_DETAIL, "LeavingDate", DATE, "Placement Leaving Date"),
    _f("attendance_pattern", PLACEMENT_DETAIL, "AttendancePattern", CODE, "Attendance Pattern", last=2023),
    _f("res", PLACEMENT_DETAIL, "RES", CODE, "Residential Settings", codes=RESIDENTIAL, first=2024),
    _f("wbp", PLACEMENT_DETAIL, "WBP", CODE, "Work Based Learning Activity", first=2024),
    _f("sen_type", SEN_NEED, "SENtype", CODE, "SEN Type of Need", codes=SEN_TYPES),
    _f("sen_type_rank", SEN_NEED, "SENtypeRank", CODE, "SEN Type of Need rank", codes=RANKS),
)

# Text that names or could name a child: it never leaves the cleaned tables.
PERSONAL = frozenset({"surname", "forename", "birth_date", "upn", "uln", "postcode", "request_postcode"})


def of_module(module: str, *, local: bool = False) -> list[Field]:
    """Fields of a module in the return's order; with an authority's own fields where asked."""
    return [field for field in FIELDS if field.module == module and (local or not field.local)]


def named(name: str) -> Field:
    """Field by our name; the first where several modules have it."""
    return next(field for field in FIELDS if field.name == name)


def plain_heading(text: str) -> str:
    """Heading without line breaks, case, dashes of several lengths, and remarks in brackets."""
    flat = re.sub(r"\(.*?\)", " ", text.replace("\n", " "))
    flat = re.sub(r"[\u2010-\u2015]", "-", flat.replace("\u2019", "'"))
    return re.sub(r"\s+", " ", flat).strip().lower()
