"""Every measure, declared once: label, unit, period basis, definition, source, series breaks.

Titles, axes, tables, figures.csv and docs/measures.md read these declarations. A ratio names its
numerator and denominator, so that one function computes all of them and each can be traced.
"""

from dataclasses import dataclass, field

from highneeds.periods import CALENDAR_MONTH, CALENDAR_YEAR, FINANCIAL_YEAR, JANUARY, MID_YEAR

EHC = "DfE, Education, health and care plans"
SEN = "DfE, Special educational needs in England"
ONS = "ONS, Mid-year population estimates"
ESFA = "ESFA, Dedicated schools grant allocations"
OWN = "computed here"

PERSON_LEVEL = "the collection changed in 2023 from local totals to records of each child"


@dataclass(frozen=True)
class Measure:
    """One measure. Shares are 0-100, as DfE publishes them; `places` is decimals when printed."""

    name: str
    label: str
    unit: str
    period_basis: str
    definition: str
    source: str
    breaks: tuple[str, ...] = ()
    places: int = 0
    numerator: tuple[str, ...] = field(default=())
    denominator: tuple[str, ...] = field(default=())
    scale: float = 1.0
    complement: bool = False

    @property
    def is_ratio(self) -> bool:
        """True where the value is computed from other measures."""
        return bool(self.numerator)


def _count(name: str, label: str, unit: str, definition: str, **more: object) -> Measure:
    more = {"period_basis": CALENDAR_YEAR, "source": EHC, "breaks": (PERSON_LEVEL,)} | more
    return Measure(name=name, label=label, unit=unit, definition=definition, **more)  # type: ignore[arg-type]


def _share(
    name: str, label: str, top: tuple[str, ...], bottom: tuple[str, ...], definition: str, **more: object
) -> Measure:
    more = {"period_basis": CALENDAR_YEAR, "unit": "%", "scale": 100.0, "places": 1} | more
    return Measure(name=name, label=label, definition=definition, source=OWN, numerator=top, denominator=bottom, **more)  # type: ignore[arg-type]


_DECLARED = (
    _count(
        "requests_received",
        "Requests for an EHC needs assessment",
        "requests",
        "Requests received in the year, whatever became of them.",
    ),
    _count(
        "requests_to_assess",
        "Decided to assess",
        "requests",
        "Requests received in the year where the authority decided to assess.",
    ),
    _count(
        "requests_refused",
        "Refused",
        "requests",
        "Requests received in the year where the authority decided not to assess.",
    ),
    _count(
        "requests_undecided",
        "Not yet decided",
        "requests",
        "Requests received in the year with no decision when the return was made.",
    ),
    _count(
        "requests_withdrawn",
        "Withdrawn",
        "requests",
        "Requests received in the year that were withdrawn, or ceased, before a decision.",
    ),
    _count(
        "request_decisions_within_6_weeks",
        "Decided within 6 weeks",
        "decisions",
        "Decisions dated in the year that were told to the family within 6 weeks.",
    ),
    _count(
        "request_decisions_over_6_weeks",
        "Decided after 6 weeks",
        "decisions",
        "Decisions dated in the year that were told to the family after 6 weeks.",
    ),
    _count(
        "assessments_in_year",
        "EHC needs assessments",
        "assessments",
        "Assessments in the year, by outcome where known.",
    ),
    _count(
        "assessments_plan_issued",
        "Assessments that led to a plan",
        "assessments",
        "Assessments where the authority decided to issue a plan.",
    ),
    _count(
        "assessments_plan_not_issued",
        "Assessments that led to no plan",
        "assessments",
        "Assessments where the authority decided not to issue a plan.",
    ),
    _count(
        "assessments_undecided",
        "Assessments not yet decided",
        "assessments",
        "Assessments with no decision when the return was made.",
    ),
    _count(
        "assessments_withdrawn",
        "Assessments withdrawn",
        "assessments",
        "Assessments withdrawn, or ceased, before a decision.",
    ),
    _count(
        "new_ehc_plans",
        "New EHC plans",
        "plans",
        "EHC plans that started in the year.",
        breaks=(PERSON_LEVEL, "before 2016 the count covers statements and EHC plans"),
    ),
    _count(
        "plans_issued",
        "Plans issued, exceptions included",
        "plans",
        "Plans issued in the year that count towards the 20-week measure; plans with a mediation "
        "or tribunal are left out by DfE.",
    ),
    _count(
        "plans_issued_excluding_exceptions",
        "Plans issued, exceptions left out",
        "plans",
        "The same, without cases where a lawful exception to the time limit applies.",
    ),
    _count(
        "plans_within_20_weeks",
        "Plans issued within 20 weeks, exceptions included",
        "plans",
        "Of plans issued, those sent within 20 weeks of the request.",
    ),
    _count(
        "plans_within_20_weeks_excluding_exceptions",
        "Plans issued within 20 weeks, exceptions left out",
        "plans",
        "Of plans issued, those sent within 20 weeks of the request, without exceptions.",
    ),
    _count(
        "plans_20_to_52_weeks",
        "Plans issued after 20 and up to 52 weeks",
        "plans",
        "Of plans issued, exceptions included, those sent after 20 and up to 52 weeks.",
    ),
    _count(
        "plans_over_52_weeks",
        "Plans issued after more than 52 weeks",
        "plans",
        "Of plans issued, exceptions included, those sent more than 52 weeks after the request.",
    ),
    _count(
        "plans_20_to_52_weeks_excluding_exceptions",
        "Plans issued after 20 and up to 52 weeks, exceptions left out",
        "plans",
        "The same, without exceptions.",
    ),
    _count(
        "plans_over_52_weeks_excluding_exceptions",
        "Plans issued after more than 52 weeks, exceptions left out",
        "plans",
        "The same, without exceptions.",
    ),
    _count(
        "ehc_plans",
        "EHC plans",
        "plans",
        "Plans maintained by the authority on the survey day in January; home authority; age 0 to 25.",
        period_basis=JANUARY,
        breaks=(PERSON_LEVEL, "before 2019 the count covers statements and EHC plans"),
    ),
    _count(
        "ehc_plans_primary_need",
        "EHC plans by primary need",
        "plans",
        "Plans on the survey day in January by the need ranked first.",
        period_basis=JANUARY,
    ),
    _count(
        "new_ehc_plans_primary_need",
        "New EHC plans by primary need",
        "plans",
        "Plans that started in the year by the need ranked first.",
    ),
    _count(
        "ceased_plans",
        "EHC plans that ceased",
        "plans",
        "Plans that ended in the year, by reason; moves to another authority are among them.",
    ),
    _count(
        "sen_support_pupils",
        "Pupils on SEN Support",
        "pupils",
        "Pupils on SEN Support on the January school census; the school's authority, not the home's.",
        period_basis=JANUARY,
        source=SEN,
        breaks=(),
    ),
    _count(
        "school_ehc_pupils",
        "Pupils with an EHC plan",
        "pupils",
        "Pupils with an EHC plan on the January school census; the school's authority.",
        period_basis=JANUARY,
        source=SEN,
        breaks=(),
    ),
    _count(
        "pupils",
        "Pupils on roll",
        "pupils",
        "Pupils on roll on the January school census, all schools.",
        period_basis=JANUARY,
        source=SEN,
        breaks=(),
    ),
    _count(
        "sen_support_pupils_pct",
        "Pupils on SEN Support",
        "%",
        "Share of pupils in all schools who are on SEN Support, as published.",
        period_basis=JANUARY,
        source=SEN,
        breaks=(),
        places=1,
    ),
    _count(
        "school_ehc_pupils_pct",
        "Pupils with an EHC plan",
        "%",
        "Share of pupils in all schools who have an EHC plan, as published.",
        period_basis=JANUARY,
        source=SEN,
        breaks=(),
        places=1,
    ),
    _count(
        "population",
        "Population",
        "people",
        "Usual residents at 30 June, by age.",
        period_basis=MID_YEAR,
        source=ONS,
        breaks=("mid-2019 and mid-2020 by single year of age were made before Census 2021",),
    ),
    _count(
        "high_needs_block",
        "High needs block",
        "GBP",
        "High needs block of the dedicated schools grant, before deductions.",
        period_basis=FINANCIAL_YEAR,
        source=ESFA,
        breaks=(),
    ),
    _count(
        "high_needs_block_after_deductions",
        "High needs block after deductions",
        "GBP",
        "High needs block after recoupment and direct funding of places.",
        period_basis=FINANCIAL_YEAR,
        source=ESFA,
        breaks=(),
    ),
    _count(
        "local_requests",
        "Requests for an EHC needs assessment (local count)",
        "requests",
        "Requests by month received and area, as printed in the authority's own paper.",
        period_basis=CALENDAR_MONTH,
        source="the authority's own paper",
        breaks=(),
    ),
    _share(
        "refused_of_received_pct",
        "Refused, of requests received",
        ("requests_refused",),
        ("requests_received",),
        "DfE's form: refusals as a share of all requests received in the year.",
    ),
    _share(
        "refused_of_decided_pct",
        "Refused, of requests decided",
        ("requests_refused",),
        ("requests_to_assess", "requests_refused"),
        "Refusals as a share of requests with a decision; differs while cases are pending.",
    ),
    _share(
        "to_assess_of_received_pct",
        "Decided to assess, of requests received",
        ("requests_to_assess",),
        ("requests_received",),
        "DfE's form: decisions to assess as a share of all requests received in the year.",
    ),
    _share(
        "within_6_weeks_pct",
        "Decided within 6 weeks",
        ("request_decisions_within_6_weeks",),
        ("request_decisions_within_6_weeks", "request_decisions_over_6_weeks"),
        "Decisions told to the family within 6 weeks, as a share of decisions dated in the year.",
    ),
    _share(
        "within_20_weeks_excluding_exceptions_pct",
        "Issued within 20 weeks, exceptions left out",
        ("plans_within_20_weeks_excluding_exceptions",),
        ("plans_issued_excluding_exceptions",),
        "DfE's headline: exceptions leave numerator and denominator; filed by date of issue.",
    ),
    _share(
        "within_20_weeks_pct",
        "Issued within 20 weeks, exceptions included",
        ("plans_within_20_weeks",),
        ("plans_issued",),
        "The same on all plans issued, exceptions included.",
    ),
    _share(
        "over_52_weeks_pct",
        "Issued after more than 52 weeks",
        ("plans_over_52_weeks",),
        ("plans_issued",),
        "Plans sent more than 52 weeks after the request, as a share of plans issued, exceptions included.",
    ),
    _share(
        "exceptions_pct",
        "Plans with an exception",
        ("plans_issued_excluding_exceptions",),
        ("plans_issued",),
        "Plans for which a lawful exception to the 20-week limit was recorded, of plans issued.",
        complement=True,
    ),
    _share(
        "requests_per_1000",
        "Requests per 1,000 people aged 0 to 25",
        ("requests_received",),
        ("population:Age 0 to 25",),
        "Requests received in the year for every 1,000 residents aged 0 to 25, at the mid-year "
        "estimate nearest before the end of the year.",
        unit="per 1,000",
        scale=1000.0,
    ),
    _share(
        "ehc_plans_per_1000",
        "EHC plans per 1,000 people aged 0 to 25",
        ("ehc_plans",),
        ("population:Age 0 to 25",),
        "EHC plans in January for every 1,000 residents aged 0 to 25, at the mid-year estimate nearest before.",
        unit="per 1,000",
        scale=1000.0,
        period_basis=JANUARY,
    ),
)

MEASURES = {measure.name: measure for measure in _DECLARED}
