"""Rules on placements: on the day of the extract, against the register of schools, against expected numbers."""

import numpy as np
import pandas as pd

from highneeds import fields
from highneeds.cases import WARNING
from highneeds.clean.rules.model import (
    ANNEX_A,
    OPEN_CHECKS,
    PLACEMENTS,
    Context,
    Look,
    Rule,
    counted,
    not_checked,
    number,
    saw,
)
from highneeds.clean.rules.view import ACTIVE_PART, last_august, years_before

# Words in a register's type of establishment that a child with a plan is not expected to be placed at.
UNEXPECTED_TYPES = ("higher education", "university technical", "online", "offshore", "overseas")
SETTINGS_NAMED = 10
SCHOOL_AGES = (5, 15)

_ENTERED, _URN = (fields.PLACEMENT_DETAIL, "entry_date"), (fields.PLACEMENT_DETAIL, "urn")
_RANK, _BORN = (fields.PLACEMENT_DETAIL, "placement_rank"), (fields.PERSON, "birth_date")


def no_placement(context: Context) -> Look:
    """Plans held without a placement on the day of the extract, transferred in or not."""
    view, held = context.view, context.view.open_plans
    mask = held & ~_placed(context, view.spanning_placements)
    moved_in = mask & ~view.missing("plans", "transfer_la")
    words = counted([("transferred in", number(moved_in)), ("not transferred in", number(mask & ~moved_in))])
    return saw(context, ACTIVE_PART, mask, held, words)


def _placed(context: Context, placements: np.ndarray) -> np.ndarray:
    """Plans that have one of these placements."""
    at = context.view.at("placements", "plans")
    mask = np.zeros(len(context.view.open_plans) + 1, dtype=bool)
    mask[at[placements]] = True
    return mask[:-1]


def setting_unknown(context: Context) -> Look:
    """Placements without URN, UKPRN or setting; schools without a word on unit and resourced provision."""
    view, cases = context.view, context.cases
    looked = view.code("placements", "kind", "active")
    if cases.has(fields.PLAN_DETAIL, "urn"):
        looked = looked | view.code("placements", "kind", "named")
    no_urn = view.missing("placements", "urn")
    nowhere = looked & no_urn & view.missing("placements", "ukprn") & view.missing("placements", "sen_setting")
    blank = np.zeros(len(looked), dtype=bool)
    for name in ("sen_unit_indicator", "resourced_provision_indicator"):
        for kind, module in (("active", fields.PLACEMENT_DETAIL), ("named", fields.PLAN_DETAIL)):
            if cases.has(module, name):
                blank |= looked & ~no_urn & view.missing("placements", name) & view.code("placements", "kind", kind)
    words = [("no URN, UKPRN or setting", number(nowhere)), ("unit or provision flag blank", number(blank))]
    return saw(context, "placements", nowhere | blank, looked, counted(words))


def closed_or_unexpected(context: Context) -> Look:
    """Placements of plans held, at a school that the register has as closed, of an unexpected type, or not at all."""
    if context.gias is None:
        return not_checked("no register of schools was given; the extract of all establishments would allow it")
    gias = context.gias
    types = gias["type"].fillna("").str.lower()
    odd = np.logical_or.reduce(
        [types.str.contains(word, regex=False).to_numpy(dtype=bool) for word in UNEXPECTED_TYPES]
    )
    at, looked = _register_rows(context)
    closed = looked & (at >= 0) & np.append(~gias["open"].to_numpy(dtype=bool, na_value=True), False)[at]
    unexpected = looked & (at >= 0) & np.append(odd, False)[at] & ~closed
    unknown = looked & (at < 0)
    words = [("closed", closed), ("unexpected type", unexpected), ("URN not in the register", unknown)]
    mask = closed | unexpected | unknown
    return saw(context, "placements", mask, looked, counted((text, number(hit)) for text, hit in words))


def _register_rows(context: Context) -> tuple[np.ndarray, np.ndarray]:
    """Row of the register for each placement, -1 where none; and placements of plans held that have a URN."""
    view = context.view
    urns, names = pd.factorize(context.cases.placements["urn"])
    rows = pd.Index(context.gias["urn"].astype("str")).get_indexer_for(names.astype("str")) if len(names) else []
    looked = view.open_placements & (urns >= 0)
    return np.append(np.asarray(rows, dtype="int64"), -1)[urns], looked


def no_such_unit(context: Context) -> Look:
    """Placements said to be in a unit or resourced provision, where the register has none."""
    if context.gias is None:
        return not_checked("no register of schools was given; the extract of all establishments would allow it")
    view, gias = context.view, context.gias
    at, looked = _register_rows(context)
    words, mask, flagged = [], np.zeros(len(at), dtype=bool), np.zeros(len(at), dtype=bool)
    pairs = (
        ("sen_unit_indicator", "has_unit", "unit"),
        ("resourced_provision_indicator", "has_resourced_provision", "resourced provision"),
    )
    for flag, column, text in pairs:
        # Where the register does not say, nothing is held against the placement.
        without = np.append(~gias[column].to_numpy(dtype=bool, na_value=True), False)[at]
        said = looked & view.flag("placements", flag)
        flagged, mask = flagged | said, mask | (said & without)
        words.append((text, number(said & without)))
    return saw(context, "placements", mask, flagged, counted(words))


def below_expected(context: Context) -> Look:
    """Settings with fewer placements of plans held than expected."""
    if context.expected_placements is None:
        return not_checked("no expected numbers were given; a table of URN and minimum would allow it")
    placed = context.cases.placements.loc[context.view.open_placements, "urn"].astype("str").value_counts()
    expected = context.expected_placements.set_index("urn")["minimum"]
    short = expected[placed.reindex(expected.index.astype("str")).fillna(0).to_numpy() < expected.to_numpy()]
    named = [f"URN {urn} (at least {minimum:,})" for urn, minimum in short.head(SETTINGS_NAMED).items()]
    more = f" and {len(short) - SETTINGS_NAMED:,} more" if len(short) > SETTINGS_NAMED else ""
    return Look(count=len(short), out_of=len(expected), detail=", ".join(named) + more)


def no_main_placement(context: Context) -> Look:
    """Plans held by children of school age without a main placement on the day of the extract."""
    view, held = context.view, context.view.open_plans
    august, (youngest, oldest) = last_august(view.day), SCHOOL_AGES
    born = view.births("plans")
    of_age = held & (born <= years_before(august, youngest)) & (born > years_before(august, oldest + 1))
    main = view.spanning_placements & view.code("placements", "placement_rank", "1")
    mask = of_age & ~_placed(context, main)
    other = mask & _placed(context, view.spanning_placements)
    words = counted([("no placement", number(mask & ~other)), ("a subsidiary or unranked one only", number(other))])
    return saw(context, ACTIVE_PART, mask, of_age, words)


RULES = (
    Rule(
        "DQ37",
        WARNING,
        "No placement on the day",
        "A plan held has no placement on the day of the extract.",
        "Enter the placement, or the setting that says why there is none (EHE, OLA, NEET and so on).",
        no_placement,
        needs=(_ENTERED,),
        stops=(PLACEMENTS,),
        origin=OPEN_CHECKS,
    ),
    Rule(
        "DQ38",
        WARNING,
        "Setting not known",
        "A placement has no URN, UKPRN or setting; or a school is given without the unit and resourced provision "
        "flags.",
        "Enter the URN (or UKPRN, or setting), and 0 or 1 for both flags.",
        setting_unknown,
        needs=(_URN,),
        stops=(PLACEMENTS,),
        origin=OPEN_CHECKS,
    ),
    Rule(
        "DQ39",
        WARNING,
        "School closed or unexpected",
        "A placement is at a school that the register has as closed, as higher education, university technical "
        "college, online or overseas, or not at all.",
        "Enter the school that took its place, or check the URN.",
        closed_or_unexpected,
        needs=(_URN,),
        stops=(PLACEMENTS,),
        origin=OPEN_CHECKS,
    ),
    Rule(
        "DQ40",
        WARNING,
        "Unit or provision that is not there",
        "A placement is said to be in a SEN unit or resourced provision, and the register shows none at that school.",
        "Clear the flag, or ask the school to correct the register.",
        no_such_unit,
        needs=(_URN, (fields.PLACEMENT_DETAIL, "sen_unit_indicator")),
        stops=(PLACEMENTS,),
        origin=OPEN_CHECKS,
    ),
    Rule(
        "DQ41",
        WARNING,
        "Fewer placements than expected",
        "A setting has fewer placements on the day of the extract than the least expected there.",
        "Look for placements under another URN, or missing; correct the expected number if it has changed.",
        below_expected,
        needs=(_URN,),
        stops=(PLACEMENTS,),
        origin=OPEN_CHECKS,
        unit="settings",
    ),
    Rule(
        "DQ42",
        WARNING,
        "School age, no main placement",
        "A child of school age (5 to 15 on the last 31 August) with a plan has no main placement (rank 1).",
        "Enter the main placement, or rank 1 on the only one.",
        no_main_placement,
        needs=(_ENTERED, _RANK, _BORN),
        stops=(PLACEMENTS,),
        origin=ANNEX_A,
    ),
)
