"""Rules on assessments and plans: what follows from what, plans of one child, ceased plans, primary need."""

import numpy as np
import pandas as pd

from highneeds import fields
from highneeds.cases import ERROR, WARNING
from highneeds.clean.rules.model import (
    CASELOAD,
    CEASED,
    OPEN_CHECKS,
    PLACEMENTS,
    PRIMARY_NEED,
    TWENTY_WEEKS,
    Context,
    Hit,
    Look,
    Rule,
    counted,
    number,
    saw,
)
from highneeds.clean.rules.view import ACTIVE_PART

REACHED_MAXIMUM_AGE, OTHER_REASON = "1", "9"
YOUNGEST_TO_AGE_OUT = 19
OTHER_REASON_PCT = 10

_OUTCOME, _ASSESSED = (fields.REQUESTS, "request_outcome"), (fields.ASSESSMENT, "assessment_outcome")
_STARTED, _REASON = (fields.NAMED_PLAN, "start_date"), (fields.NAMED_PLAN, "cease_reason")


def assessed_though_refused(context: Context) -> Look:
    """Assessments under a refused request that no mediation or tribunal explains."""
    view = context.view
    disputed = view.flag("requests", "request_mediation") | view.flag("requests", "request_tribunal")
    unexplained = view.code("requests", "request_outcome", "N") & ~disputed
    mask = view.up("assessments", "requests", unexplained)
    return saw(context, "assessments", mask, len(mask))


def plan_and_outcome_differ(context: Context) -> Look:
    """Issued without a plan's record; plans whose assessment was not to issue, nor historical."""
    view = context.view
    dated = ~np.isnat(view.dates("assessments", "assessment_outcome_date"))
    issued = view.code("assessments", "assessment_outcome", "Y") & dated
    no_plan = issued & (view.at("assessments", "plans") < 0)
    disputed = view.flag("assessments", "assessment_mediation") | view.flag("assessments", "assessment_tribunal")
    reversed_ = view.code("assessments", "assessment_outcome", "N") & disputed
    explained = view.code("assessments", "assessment_outcome", "Y", "H") | reversed_
    no_outcome = ~view.up("plans", "assessments", explained)
    words = [("issued, no plan's record", number(no_plan)), ("plan, no assessment to issue it", number(no_outcome))]
    hits = (Hit(view.places("assessments"), no_plan), Hit(view.places("plans"), no_outcome))
    return Look(hits, number(issued) + len(no_outcome), counted(words))


def plans_of_several_requests(context: Context) -> Look:
    """Plans and placements of one child, held on the day of the extract under more than one request."""
    view = context.view
    plans = view.open_plans & (view.child("plans") >= 0)
    placed = view.spanning_placements & (view.child("placements") >= 0)
    held = np.zeros(len(context.cases.links), dtype=bool)  # requests with a plan or a placement that day
    held[view.linked("plans")[plans]] = True
    held[view.linked("placements")[placed]] = True
    counts = np.bincount(context.cases.links["person_id"].to_numpy("int64")[held], minlength=1)
    several = np.append(counts > 1, False)
    both = [mask & several[view.child(table)] for table, mask in (("plans", plans), ("placements", placed))]
    words = counted([("plans", number(both[0])), ("placements", number(both[1]))])
    hits = (Hit(view.places("plans"), both[0]), Hit(view.places("placements"), both[1]))
    return Look(hits, number(plans) + number(placed), words)


def too_young_to_age_out(context: Context) -> Look:
    """Plans ceased for reaching the maximum age, of a young person under 19 that day."""
    view = context.view
    aged_out = view.code("plans", "cease_reason", REACHED_MAXIMUM_AGE)
    born, ceased = view.births("plans")[aged_out], view.dates("plans", "cease_date")[aged_out]
    of_age = (pd.Series(born) + pd.DateOffset(years=YOUNGEST_TO_AGE_OUT)).to_numpy()
    mask = aged_out.copy()
    mask[aged_out] = ceased < of_age
    return saw(context, "plans", mask, aged_out)


def other_reasons(context: Context) -> Look:
    """Plans ceased for an `other` reason, where that is over a tenth of all that ceased."""
    view = context.view
    ceased = ~view.missing("plans", "cease_date") | ~view.missing("plans", "cease_reason")
    other = view.code("plans", "cease_reason", OTHER_REASON)
    share = 100 * number(other) / max(number(ceased), 1)
    words = f"{share:.1f}% of plans ceased" if other.any() else ""
    return saw(context, "plans", other & (share > OTHER_REASON_PCT), ceased, words)


def primary_need_unclear(context: Context) -> Look:
    """Plans held with no need recorded, no need of rank 1, or two."""
    view, held = context.view, context.view.open_plans
    size = len(held)
    at = view.at("needs", "plans")
    needs = np.bincount(at[at >= 0], minlength=size)
    ranked = at[view.code("needs", "sen_type_rank", "1") & ~view.missing("needs", "sen_type") & (at >= 0)]
    first = np.bincount(ranked, minlength=size)
    none, several = held & (needs == 0), held & (first > 1)
    unranked = held & (needs > 0) & (first == 0) & context.cases.has(fields.SEN_NEED, "sen_type_rank")
    words = [("no need", none), ("no need of rank 1", unranked), ("two of rank 1", several)]
    mask = none | unranked | several
    return saw(context, ACTIVE_PART, mask, held, counted((text, number(hit)) for text, hit in words))


RULES = (
    Rule(
        "DQ14",
        ERROR,
        "Assessed though refused",
        "There is an assessment though the request was refused (N), with no mediation or tribunal on the request.",
        "Set the mediation or tribunal flag, or correct the request's outcome.",
        assessed_though_refused,
        needs=(_OUTCOME, (fields.REQUESTS, "request_mediation"), (fields.REQUESTS, "request_tribunal"), _ASSESSED),
        stops=("refusals",),
    ),
    Rule(
        "DQ15",
        WARNING,
        "Plan and outcome differ",
        "A plan was issued (Y with a date) and has no plan's record; or there is a plan whose assessment was neither "
        "to issue (Y) nor historical (H).",
        "Add the plan's record, or correct the assessment's outcome (H for transfers in and earlier years).",
        plan_and_outcome_differ,
        needs=(_ASSESSED, (fields.ASSESSMENT, "assessment_outcome_date"), _STARTED),
        stops=(TWENTY_WEEKS, CASELOAD),
    ),
    Rule(
        "DQ19",
        WARNING,
        "Plans of one child under two requests",
        "A child has plans or placements of more than one request on the day of the extract.",
        "End the plan or placement that is over. In the caseload the child counts once for each plan.",
        plans_of_several_requests,
        needs=(_STARTED,),
        stops=(CASELOAD, PLACEMENTS),
        origin=OPEN_CHECKS,
    ),
    Rule(
        "DQ27",
        WARNING,
        "Maximum age, but under 19",
        "A plan ceased for reaching the maximum age (reason 1), and the young person was under 19.",
        "Check the reason and the birth date.",
        too_young_to_age_out,
        needs=(_REASON, (fields.NAMED_PLAN, "cease_date"), (fields.PERSON, "birth_date")),
        stops=(CEASED,),
    ),
    Rule(
        "DQ36",
        WARNING,
        "Primary need missing or doubled",
        "A plan held has no need recorded, none of rank 1, or two of rank 1.",
        "Give each plan one need of rank 1, and at most one of rank 2.",
        primary_need_unclear,
        needs=((fields.SEN_NEED, "sen_type"),),
        stops=(PRIMARY_NEED,),
        origin=OPEN_CHECKS,
    ),
    Rule(
        "DQ48",
        WARNING,
        "Many plans ceased for other reasons",
        "Over a tenth of the plans that ceased did so for an other reason (9).",
        "Look whether one of the reasons 1 to 8 fits.",
        other_reasons,
        needs=(_REASON,),
        stops=(CEASED,),
    ),
)
