"""Rules on children: their numbers, ages and characteristics, and requests of one child that overlap."""

import numpy as np

from highneeds import fields
from highneeds.cases import ERROR, WARNING
from highneeds.clean.rules.identifiers import good_ulns, good_upns
from highneeds.clean.rules.model import (
    AGES,
    ANNEX_A,
    IN_HAND,
    MONTHLY,
    OPEN_CHECKS,
    Context,
    Look,
    Rule,
    counted,
    not_checked,
    number,
    saw,
)
from highneeds.clean.rules.view import last_august, years_before

_UPN, _BORN = (fields.PERSON, "upn"), (fields.PERSON, "birth_date")
STARTS_SCHOOL = 6  # from this age a child without a number is asked about


def overlapping_requests(context: Context) -> Look:
    """Requests received while an earlier request of the same child was open."""
    view = context.view
    person = view.child("requests")
    counts = np.bincount(person[person >= 0], minlength=1)
    several = np.flatnonzero((person >= 0) & (counts[np.maximum(person, 0)] > 1))
    received = view.dates("requests", "received_date").astype("datetime64[D]")
    order = several[np.lexsort((several, received[several], person[several]))]
    child, start, end = person[order], received[order], view.ends[order]
    # Days run on from child to child, so that one running maximum serves all children.
    offset = (child - child.min(initial=0)) * 10_000_000
    latest = np.maximum.accumulate(end.astype("int64") + offset) if len(order) else np.empty(0)
    open_before = np.zeros(len(order), dtype=bool)
    open_before[1:] = (child[1:] == child[:-1]) & (start.astype("int64")[1:] + offset[1:] < latest[:-1])
    mask = np.zeros(len(person), dtype=bool)
    mask[order[open_before]] = True
    historical = view.code("requests", "request_outcome", "H")
    return saw(context, "requests", mask & ~historical, len(person))


def shared_upns(context: Context) -> Look:
    """Children with a UPN that another child has too."""
    upn = context.cases.persons["upn"]
    known = ~context.view.missing("persons", "upn")
    return saw(context, "persons", upn.duplicated(keep=False).to_numpy() & known, known)


def wrong_upns(context: Context) -> Look:
    """UPNs of the wrong shape, or with the wrong check letter."""
    known = ~context.view.missing("persons", "upn")
    return saw(context, "persons", known & ~good_upns(context.cases.persons["upn"]), known)


def wrong_ulns(context: Context) -> Look:
    """ULNs of the wrong shape, or with the wrong check digit."""
    known = ~context.view.missing("persons", "uln")
    return saw(context, "persons", known & ~good_ulns(context.cases.persons["uln"]), known)


def no_number(context: Context) -> Look:
    """Children without UPN, ULN or a reason; and children of six or over without either number."""
    view = context.view
    none = view.missing("persons", "upn") & view.missing("persons", "uln")
    given = context.cases.has(fields.PERSON, "upn_unknown")
    silent = none & view.missing("persons", "upn_unknown") if given else np.zeros(len(none), dtype=bool)
    old = none & (view.dates("persons", "birth_date") <= years_before(view.day, STARTS_SCHOOL))
    words = [("neither number nor reason", number(silent)), ("aged 6 or over with neither number", number(old))]
    return saw(context, "persons", silent | old, len(none), counted(words))


def too_old_for_reason(context: Context) -> Look:
    """Children said to be under six (UN1) who are not."""
    view = context.view
    under_six = view.code("persons", "upn_unknown", "UN1")
    old = view.dates("persons", "birth_date") <= years_before(view.day, STARTS_SCHOOL)
    return saw(context, "persons", under_six & old, under_six)


def no_birth_date(context: Context) -> Look:
    """Children without a birth date that can be used."""
    missing = context.view.missing("persons", "birth_date")
    return saw(context, "persons", missing, len(missing))


def old_for_a_plan(context: Context) -> Look:
    """Young people of 25 or over with a plan held; 26 and over is an error."""
    view = context.view
    born, held = view.dates("persons", "birth_date"), view.persons_with_plan
    over = held & (born <= years_before(view.day, 26))
    mask = held & (born <= years_before(view.day, 25))
    look = saw(context, "persons", mask, held & ~np.isnat(born))
    words = counted([("aged 25", number(mask & ~over)), ("aged 26 or over", number(over))])
    return Look(look.hits, look.out_of, words, severity=ERROR if over.any() else WARNING)


def outside_ages(context: Context) -> Look:
    """Children in hand who were not 0 to 24 on the last 31 August."""
    view = context.view
    born, august = view.dates("persons", "birth_date"), last_august(view.day)
    unborn, old = born > august, born <= years_before(august, 25)
    mask = view.persons_in_hand & (unborn | old)
    words = counted([("born later", number(mask & unborn)), ("25 or over", number(mask & old))])
    return saw(context, "persons", mask, view.persons_in_hand & ~np.isnat(born), words)


def missing_characteristics(context: Context) -> Look:
    """Children without sex, ethnicity or (where it is held) disability."""
    view = context.view
    held = [name for name in ("sex", "ethnicity", "disability") if context.cases.has(fields.PERSON, name)]
    if not held:
        return not_checked("no input has sex, ethnicity or disability (person)")
    blanks = {name: view.missing("persons", name) for name in held}
    mask = np.logical_or.reduce(list(blanks.values()))
    return saw(context, "persons", mask, len(mask), counted((name, number(hit)) for name, hit in blanks.items()))


RULES = (
    Rule(
        "DQ17",
        ERROR,
        "Overlapping requests of one child",
        "A request was received while an earlier one of the same child was undecided, or its plan not issued.",
        "Keep one request, unless two were truly made; close the other as withdrawn (W) with a date.",
        overlapping_requests,
        needs=(
            (fields.REQUESTS, "received_date"),
            (fields.REQUESTS, "request_outcome"),
            (fields.ASSESSMENT, "assessment_outcome"),
        ),
        stops=(MONTHLY, IN_HAND),
    ),
    Rule(
        "DQ18",
        WARNING,
        "One UPN, two children",
        "The same UPN stands on two children's records.",
        "Merge the records if they are one child; otherwise ask the school for the right number.",
        shared_upns,
        needs=(_UPN,),
        stops=("children counted once",),
        origin=ANNEX_A,
    ),
    Rule(
        "DQ20",
        ERROR,
        "UPN wrong",
        "A UPN does not have the right shape (letter and 12 digits, or a letter at each end), or its check letter is "
        "wrong.",
        "Copy the number again from the school's record.",
        wrong_upns,
        needs=(_UPN,),
        origin=ANNEX_A,
    ),
    Rule(
        "DQ21",
        WARNING,
        "ULN wrong",
        "A ULN does not have ten digits, or its check digit is wrong.",
        "Copy the number again from the provider's record.",
        wrong_ulns,
        needs=((fields.PERSON, "uln"),),
        origin=ANNEX_A,
    ),
    Rule(
        "DQ22",
        WARNING,
        "No UPN or ULN",
        "A child has no UPN, no ULN and no reason why; or is six or over and has neither number.",
        "Enter the number, or the reason why there is none (UN2 to UN10 may hold for a child of six or over).",
        no_number,
        needs=(_UPN, _BORN),
        origin=ANNEX_A,
    ),
    Rule(
        "DQ23",
        WARNING,
        "Reason UN1 at six or over",
        "The reason for having no UPN says under six (UN1), and the child is six or over.",
        "Enter the UPN, or the reason that holds now.",
        too_old_for_reason,
        needs=((fields.PERSON, "upn_unknown"), _BORN),
    ),
    Rule(
        "DQ24",
        ERROR,
        "Birth date missing",
        "A child has no birth date that can be used.",
        "Enter the birth date.",
        no_birth_date,
        needs=(_BORN,),
        stops=(AGES,),
        origin=ANNEX_A,
    ),
    Rule(
        "DQ25",
        WARNING,
        "Aged 25 or over with a plan",
        "A young person with a plan is 25 (a query) or 26 and over (an error) on the day of the extract.",
        "Check the birth date; cease the plan if it should have ended.",
        old_for_a_plan,
        needs=(_BORN, (fields.NAMED_PLAN, "start_date")),
        stops=(AGES,),
        origin=ANNEX_A,
    ),
    Rule(
        "DQ26",
        WARNING,
        "Outside 0 to 24 on 31 August",
        "A child with a plan or an open request was not yet born, or 25 or over, on the last 31 August.",
        "Check the birth date. A baby born since then may be right.",
        outside_ages,
        needs=(_BORN,),
        stops=(AGES,),
        origin=OPEN_CHECKS,
    ),
    Rule(
        "DQ45",
        WARNING,
        "Sex, ethnicity or disability missing",
        "A child's sex, ethnicity or (where it is held) disability is missing.",
        "Enter what the family has told.",
        missing_characteristics,
        stops=("figures by sex, ethnicity and disability",),
        origin=ANNEX_A,
    ),
)
