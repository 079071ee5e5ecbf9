"""Every data-quality rule fires where it should and stays quiet where it should; findings tell places, not children."""

import csv
import io
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from highneeds import fields
from highneeds.cases import ERROR, PLACE, SEVERITIES, WARNING, Cases, SourceFile
from highneeds.clean.cases import clean_cases
from highneeds.clean.places import NO_POSTCODE, OUTSIDE, UNMAPPED
from highneeds.clean.rules import NOT_CHECKED, RULES, Context, check, was_checked
from highneeds.clean.rules.identifiers import UPN_LETTERS, good_postcodes, good_ulns, good_upns
from highneeds.clean.rules.months import expected
from highneeds.clean.rules.view import positions
from highneeds.errors import SourceError
from highneeds.report.check import check_csv, check_html, check_lines
from highneeds.sources.gias import read_expected_placements, read_gias
from highneeds.sources.papers import read_papers
from tests.cases import module, person, raw_return, requests

ROOT = Path(__file__).resolve().parents[1]

DAY = date(2025, 1, 16)
PLANTED = ("Qwertysurname", "Zxcvforename", "QX9 9QX", "P207000016049", "2014-02-28", "9276308686")
MODULES_OF = {
    "persons": (fields.PERSON,),
    "requests": (fields.REQUESTS,),
    "assessments": (fields.ASSESSMENT,),
    "plans": (fields.NAMED_PLAN, fields.ACTIVE_PLANS),
    "placements": (fields.PLACEMENT_DETAIL,),
    "needs": (fields.SEN_NEED,),
}
# One child with one request, assessment, plan, placement and need, all in order.
GOOD = {
    "persons": {
        "person_id": 0,
        "surname": "Qwertysurname",
        "forename": "Zxcvforename",
        "birth_date": "2014-02-28",
        "sex": "M",
        "ethnicity": "WBRI",
        "postcode": "QX9 9QX",
        "upn": "P207000016049",
        "uln": "9276308686",
        "disability": False,
    },
    "requests": {
        "request_id": 0,
        "person_id": 0,
        "received_date": "2024-03-01",
        "request_outcome": "Y",
        "request_outcome_date": "2024-04-01",
        "request_mediation": False,
        "request_tribunal": False,
        "area": "North",
    },
    "assessments": {
        "request_id": 0,
        "assessment_outcome": "Y",
        "assessment_outcome_date": "2024-07-01",
        "week20": False,
    },
    "plans": {"request_id": 0, "start_date": "2024-07-01", "named": True, "active": True},
    "placements": {
        "request_id": 0,
        "kind": "active",
        "urn": "100001",
        "placement_rank": "1",
        "entry_date": "2024-09-01",
        "sen_unit_indicator": False,
        "resourced_provision_indicator": False,
    },
    "needs": {"request_id": 0, "sen_type": "ASD", "sen_type_rank": "1"},
}
KINDS = {fields.DATE: "datetime64[s]", fields.FLAG: "boolean"}
HELD = frozenset((field.module, field.name) for field in fields.FIELDS)
GIAS = pd.DataFrame(
    {
        "urn": ["100001", "100002", "100003"],
        "type": ["Community school", "Community special school", "Online provider"],
        "open": [True, False, True],
        "has_unit": pd.array([False, True, None], dtype="boolean"),
        "has_resourced_provision": pd.array([True, False, None], dtype="boolean"),
    }
)
PRINTED = {
    "measure": "high_needs_spend",
    "period": "2020-21",
    "period_basis": "financial year",
    "unit": "GBP million",
    "status": "",
    "as_printed": "",
    "source": "a paper",
}


def table(name, changes):
    """Rows that differ from the good one in what is given; row numbers follow the header."""
    rows = [GOOD[name] | change for change in changes]
    kinds = {"person_id": "int64", "request_id": "int64", "named": "bool", "active": "bool", "kind": "str"}
    kinds = {key: kind for key, kind in kinds.items() if key in GOOD[name]}
    kinds |= {
        field.name: KINDS.get(field.kind, "str")
        for part in MODULES_OF[name]
        for field in fields.of_module(part, local=True)
    }
    columns = {key: pd.Series([row.get(key) for row in rows], dtype=kind) for key, kind in kinds.items()}
    frame = pd.DataFrame(columns)
    return frame.assign(
        file=pd.Series(f"{name}.csv", frame.index, "str"),
        sheet=pd.Series("", frame.index, "str"),
        row=range(2, len(frame) + 2),
        module=pd.Series(MODULES_OF[name][0], frame.index, "str"),
    )


def made(*, day=DAY, years=(), layouts=("extract",), held=HELD, **tables):
    """Cleaned cases: the good child, changed; a table is given as a dict (one row) or a list (any number)."""
    changes = {name: tables.get(name, {}) for name in GOOD}
    frames = {name: table(name, [rows] if isinstance(rows, dict) else rows) for name, rows in changes.items()}
    counts = [(part, 1, 1, 0) for part in fields.MODULES]
    return Cases(
        **frames,
        links=frames["requests"][["request_id", "person_id"]],
        quarantine=pd.DataFrame({key: pd.Series(dtype="str") for key in ("module", *PLACE, "rule")}),
        counts=pd.DataFrame(counts, columns=["module", "rows_in", "used", "quarantined"]),
        cells=pd.DataFrame({key: pd.Series(dtype="str") for key in ("module", "field", *PLACE, "rule")}),
        extract_date=day,
        la_code="886",
        layouts=layouts,
        years=years,
        files=(SourceFile("requests.csv", "0" * 64, 1),),
        held=held,
    )


def of(**tables):
    """Context of the good child, changed."""
    return Context(made(**tables))


def cleaned(**modules):
    """Context of a raw return, through cleaning; the child and the request are there unless given."""
    given = {
        "person": person(["P1"], birth_date=["2014-02-28"]),
        "requests": requests(["R1"], ["P1"], ["2024-03-01"], request_outcome=["Y"]),
    }
    raw = raw_return(**(given | modules))
    return Context(clean_cases([raw]), returns=(raw,))


def columns_but(*missing):
    """A return in the XML layout that lacks some fields."""
    raw = raw_return(layout="sen2_xml", year=2025, person=person(["P1"]))
    held = {(field.module, field.name) for field in fields.FIELDS} - set(missing)
    return Context(made(), returns=(replace(raw, held=frozenset(held), files=(SourceFile("sen2.xml", "", 1),)),))


def waits(days, *, at=42):
    """Requests decided after these days; one child each."""
    received = np.datetime64("2024-01-01")
    return of(
        requests=[
            {"request_id": i, "person_id": i, "received_date": received, "request_outcome_date": received + day}
            for i, day in enumerate(days)
        ],
        persons=[{"person_id": i} for i in range(len(days))],
        assessments=[],
    )


def monthly(counts, *, first="2023-01"):
    """Requests of consecutive months, one child each, in calendar years of returns."""
    months = np.datetime64(first) + np.repeat(np.arange(len(counts)), counts)
    day = months.astype("datetime64[D]") + np.timedelta64(9, "D")
    rows = [{"request_id": i, "person_id": i, "received_date": each} for i, each in enumerate(day)]
    return made(requests=rows, years=(2024, 2025), layouts=("five_csv",), assessments=[])


def issued(count, exceptions, **more):
    """Plans issued in 2024, some with an exception."""
    rows = [{"request_id": i, "week20": i < exceptions} for i in range(count)]
    return Context(made(assessments=rows, years=(2025,), layouts=("five_csv",)), **more)


def printed(*parts, total, **more):
    """One printed table: parts and their total."""
    names = [f"Part {i}" for i in range(len(parts))]
    rows = pd.DataFrame({"breakdown": [*names, "Total"], "value": [*map(float, parts), float(total)]})
    return Context(made(), printed={"spend": rows.assign(**(PRINTED | more))})


def ceased(*reasons):
    """Plans that ceased for these reasons."""
    rows = [{"request_id": i, "cease_date": "2024-12-01", "cease_reason": r} for i, r in enumerate(reasons)]
    return of(plans=rows)


# One input that fires each rule, and how many rows (or months, totals, settings) it should tell.
FIRES = {
    "DQ01": (lambda: columns_but(("requests", "received_date"), ("assessment", "week20")), 2),
    "DQ02": (lambda: cleaned(requests=requests(["R1", "R1"], ["P1"] * 2, ["2024-03-01", "2024-04-01"])), 1),
    "DQ03": (lambda: cleaned(assessment=module("assessment", request_id=["R1", "R9"])), 1),
    "DQ04": (lambda: cleaned(requests=requests(["R1", "R2"], ["P1"] * 2, ["soon", "2024-04-01"])), 1),
    "DQ05": (lambda: cleaned(requests=requests(["R1", "R2"], ["P1"] * 2, [None, "2024-04-01"])), 1),
    "DQ06": (lambda: cleaned(requests=requests(["R1", "R2"], ["P1"] * 2, ["2025-01-17", "2024-04-01"])), 1),
    "DQ07": (lambda: of(requests={"request_outcome_date": "2024-02-29"}), 1),
    "DQ08": (lambda: of(assessments={"assessment_outcome_date": "2024-02-29"}), 1),
    "DQ09": (lambda: of(assessments={"assessment_outcome_date": "2024-03-31"}), 1),
    "DQ10": (
        lambda: cleaned(
            requests=requests(["R1", "R2"], ["P1"] * 2, ["2024-03-01"] * 2),
            namedplan=module(
                "namedplan",
                request_id=["R1", "R2"],
                start_date=["2024-06-01"] * 2,
                cease_date=["2024-05-31", "2024-06-02"],
            ),
            placementdetail=module(
                "placementdetail", request_id=["R1"], entry_date=["2024-06-01"], leaving_date=["2024-05-31"]
            ),
        ),
        2,
    ),
    "DQ11": (
        lambda: of(
            requests={"request_outcome_date": None},
            assessments={"assessment_outcome": "N", "assessment_outcome_date": None},
        ),
        2,
    ),
    "DQ12": (lambda: of(requests={"request_outcome": "A"}, assessments={"assessment_outcome": "H"}), 2),
    "DQ13": (lambda: cleaned(requests=requests(["R1"], ["P1"], ["2024-03-01"], request_outcome=["Q"])), 1),
    "DQ14": (lambda: of(requests={"request_outcome": "N"}), 1),
    "DQ15": (
        lambda: of(assessments=[{"request_id": 0}, {"request_id": 1}], plans=[{"request_id": 0}, {"request_id": 2}]),
        2,
    ),
    "DQ16": (lambda: of(assessments={"assessment_outcome_date": None}), 1),
    "DQ17": (lambda: of(requests=[{}, {"request_id": 1, "received_date": "2024-06-30"}]), 1),
    "DQ18": (lambda: of(persons=[{}, {"person_id": 1}]), 2),
    "DQ19": (
        lambda: of(requests=[{}, {"request_id": 1, "received_date": "2024-08-01"}], plans=[{}, {"request_id": 1}]),
        3,
    ),
    "DQ20": (lambda: of(persons=[{"upn": "X207000016049"}, {"upn": "P20700001604"}, {"upn": "PP07000016049"}]), 3),
    "DQ21": (lambda: of(persons=[{"uln": "9276308685"}, {"uln": "0276308686"}, {"uln": "927630868"}]), 3),
    "DQ22": (
        lambda: of(
            persons=[
                {"upn": None, "uln": None, "birth_date": "2022-01-01"},
                {"upn": None, "uln": None, "upn_unknown": "UN3", "birth_date": "2019-01-16"},
            ]
        ),
        2,
    ),
    "DQ23": (lambda: of(persons={"upn_unknown": "UN1", "birth_date": "2019-01-16"}), 1),
    "DQ24": (lambda: of(persons={"birth_date": None}), 1),
    "DQ25": (lambda: of(persons={"birth_date": "2000-01-16"}), 1),
    "DQ26": (lambda: of(persons=[{"birth_date": "1999-08-31"}]), 1),
    "DQ27": (
        lambda: of(persons={"birth_date": "2005-12-02"}, plans={"cease_date": "2024-12-01", "cease_reason": "1"}),
        1,
    ),
    "DQ28": (lambda: of(persons=[{"postcode": None}, {"postcode": "QX9 99Q"}]), 2),
    "DQ29": (lambda: of(requests=[{"area": None}, {"area": UNMAPPED}, {"area": NO_POSTCODE}, {}]), 3),
    "DQ30": (lambda: of(requests=[{"area": OUTSIDE}, {}]), 1),
    "DQ31": (
        lambda: of(
            requests=[
                {"received_date": "2022-06-30"},
                {"request_id": 1, "received_date": "2023-01-01", "request_outcome": "A"},
                {"request_id": 2, "request_outcome_date": "2024-02-29"},
            ]
        ),
        3,
    ),
    "DQ32": (lambda: waits([42] * 20 + [38, 39, 40, 41, 43]), 20),
    "DQ33": (lambda: issued(40, 12), 12),
    "DQ34": (lambda: Context(monthly([30, 31, 29, 30, 32, 30, 28, 30, 31, 30, 0, 30] + [30] * 11 + [90])), 2),
    "DQ35": (
        lambda: of(
            requests=[{"received_date": day} for day in ("2025-01-02", "2024-12-30", "2024-11-02", "2024-10-02")]
        ),
        2,
    ),
    "DQ36": (
        lambda: of(
            plans=[{"request_id": i} for i in range(4)],
            needs=[
                {"request_id": 0},
                {"request_id": 1, "sen_type_rank": "2"},
                {"request_id": 2},
                {"request_id": 2, "sen_type": "SLCN"},
            ],
        ),
        3,
    ),
    "DQ37": (lambda: of(placements={"leaving_date": "2025-01-16"}), 1),
    "DQ38": (lambda: of(placements=[{"urn": None}, {"sen_unit_indicator": None}]), 2),
    "DQ39": (
        lambda: Context(made(placements=[{"urn": urn} for urn in ("100001", "100002", "100003", "1")]), gias=GIAS),
        3,
    ),
    "DQ40": (
        lambda: Context(
            made(
                placements=[
                    {"sen_unit_indicator": True},
                    {"urn": "100002", "resourced_provision_indicator": True},
                    {"urn": "100003", "sen_unit_indicator": True},
                ]
            ),
            gias=GIAS,
        ),
        2,
    ),
    "DQ41": (
        lambda: Context(made(), expected_placements=pd.DataFrame({"urn": ["100001", "100009"], "minimum": [1, 1]})),
        1,
    ),
    "DQ42": (lambda: of(placements={"placement_rank": "2"}), 1),
    "DQ43": (lambda: of(plans=[{"last_review": "2024-06-30"}, {"updated_date": "2024-06-30"}]), 2),
    "DQ44": (
        lambda: of(
            plans=[
                {"last_review": None, "start_date": "2024-01-15"},
                {"review_meeting": "2024-10-01", "last_review": "2024-10-30"},
                {"review_meeting": "2024-12-18"},
            ]
        ),
        3,
    ),
    "DQ45": (lambda: of(persons=[{"sex": None}, {"ethnicity": None}, {"disability": None}]), 3),
    "DQ46": (lambda: printed(106, 49, 46, 66, total=264), 1),
    "DQ47": (lambda: Context(monthly([10] * 24), published={("requests_received", "2024"): 122}), 1),
    "DQ48": (lambda: ceased("1", "2", "3", "4", "5", "6", "7", "9", "9"), 2),
}
# One input, as near as may be, that does not.
PASSES = {
    "DQ01": lambda: columns_but(("requests", "request_source"), ("activeplans", "review_meeting")),
    "DQ02": lambda: cleaned(requests=requests(["R1", "R2"], ["P1"] * 2, ["2024-03-01"] * 2)),
    "DQ03": lambda: cleaned(assessment=module("assessment", request_id=["R1"])),
    "DQ04": lambda: cleaned(requests=requests(["R1", "R2"], ["P1"] * 2, ["2024-03-01", None])),
    "DQ05": lambda: cleaned(),
    "DQ06": lambda: cleaned(requests=requests(["R1"], ["P1"], ["2025-01-16"])),
    "DQ07": lambda: of(requests={"request_outcome_date": "2024-03-01"}),
    "DQ08": lambda: of(assessments={"assessment_outcome_date": "2024-03-01"}),
    "DQ09": lambda: of(assessments={"assessment_outcome_date": "2024-04-01"}),
    "DQ10": lambda: cleaned(
        namedplan=module("namedplan", request_id=["R1"], start_date=["2024-06-01"], cease_date=["2024-06-01"])
    ),
    "DQ11": lambda: of(
        requests=[{}, {"request_outcome": "A", "request_outcome_date": None}],
        assessments={"assessment_outcome_date": None},
    ),
    "DQ12": lambda: of(requests=[{"request_outcome": "N"}, {"request_outcome": "W", "request_outcome_date": None}]),
    "DQ13": lambda: cleaned(requests=requests(["R1"], ["P1"], ["2024-03-01"], request_outcome=["h"])),
    "DQ14": lambda: of(requests={"request_outcome": "N", "request_tribunal": True}),
    "DQ15": lambda: of(
        assessments=[
            {"assessment_outcome": "H", "assessment_outcome_date": None},
            {"request_id": 1, "assessment_outcome": "N", "assessment_tribunal": True},
            {"request_id": 2, "assessment_outcome_date": None},
        ],
        plans=[{"request_id": 0}, {"request_id": 1}],
    ),
    "DQ16": lambda: of(assessments=[{}, {"assessment_outcome": "A", "assessment_outcome_date": None}]),
    "DQ17": lambda: of(requests=[{}, {"request_id": 1, "received_date": "2024-07-01"}]),
    "DQ18": lambda: of(persons=[{}, {"person_id": 1, "upn": None}, {"person_id": 2, "upn": None}]),
    "DQ19": lambda: of(requests=[{}, {"request_id": 1}], plans=[{}, {"request_id": 1, "cease_date": "2025-01-16"}]),
    "DQ20": lambda: of(persons=[{"upn": "B801200005001"}, {"upn": None}, {"upn": "P207000016049"}]),
    "DQ21": lambda: of(persons=[{"uln": "9276308686"}, {"uln": None}]),
    "DQ22": lambda: of(
        persons=[
            {"upn": None, "uln": None, "upn_unknown": "UN1", "birth_date": "2019-01-17"},
            {"upn": None},
            {"uln": None},
        ]
    ),
    "DQ23": lambda: of(persons={"upn_unknown": "UN1", "birth_date": "2019-01-17"}),
    "DQ24": lambda: of(),
    "DQ25": lambda: of(persons={"birth_date": "2000-01-17"}),
    "DQ26": lambda: of(persons={"birth_date": "1999-09-01"}),
    "DQ27": lambda: of(persons={"birth_date": "2005-12-01"}, plans={"cease_date": "2024-12-01", "cease_reason": "1"}),
    "DQ28": lambda: of(persons=[{"postcode": "qx99qx"}, {"postcode": "EC1A 1BB"}, {"postcode": "GIR 0AA"}]),
    "DQ29": lambda: of(requests={"area": OUTSIDE}),
    "DQ30": lambda: Context(made(requests={"area": UNMAPPED}), la_postcodes=True),
    "DQ31": lambda: of(
        requests=[
            {"received_date": "2022-07-04"},
            {"request_id": 1, "received_date": "2023-01-19", "request_outcome": "A"},
            {"request_id": 2, "received_date": "2010-01-01", "request_outcome": "H"},
        ]
    ),
    "DQ32": lambda: waits([42] * 20 + [35] * 20 + [41, 43, 49, 49] * 10),
    "DQ33": lambda: issued(40, 11),
    "DQ34": lambda: Context(monthly([30, 31, 29, 30, 32, 30, 28, 12, 31, 30, 29, 30] + [30] * 7 + [13] + [30] * 4)),
    "DQ35": lambda: of(requests={"received_date": "2024-11-30"}),
    "DQ36": lambda: of(needs=[{}, {"sen_type": "SLCN", "sen_type_rank": "2"}]),
    "DQ37": lambda: of(placements={"leaving_date": "2025-01-17"}),
    "DQ38": lambda: of(placements={"urn": None, "sen_setting": "EHE", "sen_unit_indicator": None}),
    "DQ39": lambda: Context(made(placements=[{}, {"urn": "100002", "leaving_date": "2024-12-01"}]), gias=GIAS),
    "DQ40": lambda: Context(made(placements={"resourced_provision_indicator": True}), gias=GIAS),
    "DQ41": lambda: Context(made(), expected_placements=pd.DataFrame({"urn": ["100001"], "minimum": [1]})),
    "DQ42": lambda: of(placements=[{}, {"placement_rank": "2"}]),
    "DQ43": lambda: of(plans={"last_review": "2024-07-01", "updated_date": "2024-07-01"}),
    "DQ44": lambda: of(
        plans=[
            {"last_review": None, "start_date": "2024-01-16"},
            {"review_meeting": "2024-10-01", "last_review": "2024-10-29"},
            {"review_meeting": "2024-12-19"},
            {"start_date": "2020-01-01", "cease_date": "2024-12-01"},
        ]
    ),
    "DQ45": lambda: of(held=HELD - {("person", "disability")}, persons={"disability": None}),
    "DQ46": lambda: printed(106, 49, 46, 63, total=264),
    "DQ47": lambda: Context(monthly([10] * 24), published={("requests_received", "2024"): 121}),
    "DQ48": lambda: ceased(*["1", "2", "3", "4", "5", "6", "7", "8", "1", "9"]),
}


def found(context, rule):
    """The finding of one rule."""
    return {finding.rule: finding for finding in check(context)}[rule]


def test_every_rule_has_an_input_that_fires_it_and_one_that_does_not():
    """A rule without both tests may be a rule that never fires, or always does."""
    assert [f"DQ{number:02d}" for number in range(1, 49)] == list(RULES)
    assert list(RULES) == list(FIRES) == list(PASSES)


@pytest.mark.parametrize("rule", FIRES)
def test_rule_fires(rule):
    """The fault is told, with as many rows as it has."""
    make, count = FIRES[rule]

    finding = found(make(), rule)

    assert (count, True) == (finding.count, was_checked(finding))
    assert finding.count <= finding.out_of
    assert finding.severity in SEVERITIES


@pytest.mark.parametrize("rule", PASSES)
def test_rule_stays_quiet(rule):
    """The nearest input without the fault is checked, and passes."""
    finding = found(PASSES[rule](), rule)

    assert (0, True) == (finding.count, was_checked(finding))
    assert finding.out_of > 0


def test_the_good_child_breaks_no_rule():
    """What fires in the tests above is the change, not the child."""
    context = Context(made(), gias=GIAS, la_postcodes=True)

    assert [] == [finding.rule for finding in check(context) if finding.count]


def test_rules_say_what_to_do():
    """A message alone leaves the reader to guess."""
    for rule in RULES.values():
        assert rule.title and rule.message.endswith(".") and rule.action.endswith("."), rule.id
        assert not rule.title.endswith("."), rule.id
        assert set(rule.needs) <= HELD, rule.id


def test_without_fields_rules_are_not_checked_rather_than_passed():
    """A field that no input carries is not a field without faults."""
    cases = made(held=frozenset(), **{name: [] for name in GOOD})

    findings = check(Context(cases))

    unchecked = [finding for finding in findings if not was_checked(finding)]
    assert 48 == len(findings)
    assert {rule.id for rule in RULES.values() if rule.needs} <= {finding.rule for finding in unchecked}
    assert all(
        (0, 0) == (finding.count, finding.out_of) and "would allow it" in finding.detail for finding in unchecked[1:4]
    )


def test_empty_tables_are_checked_without_a_fault():
    """A return in which nobody has a plan is a return."""
    findings = check(Context(made(**{name: [] for name in GOOD}), gias=GIAS))

    assert [] == [finding.rule for finding in findings if finding.count]


@pytest.mark.parametrize(
    ("rule", "wanted"),
    [("DQ39", "register"), ("DQ40", "register"), ("DQ41", "URN and minimum"), ("DQ46", "papers"), ("DQ47", "release")],
)
def test_a_missing_outside_file_is_named(rule, wanted):
    """The reader learns which file would allow the check."""
    finding = found(of(), rule)

    assert finding.detail.startswith(NOT_CHECKED) and wanted in finding.detail


def test_areas_are_not_checked_without_a_table_of_postcodes():
    """No lookup means no area is known, which is no fault of the postcodes."""
    context = of(held=HELD - {("requests", "area")}, requests={"area": None})

    assert "table of the authority's postcodes" in found(context, "DQ29").detail
    assert not was_checked(found(of(requests={"area": None}), "DQ30"))


def test_areas_are_not_checked_where_no_input_has_postcodes():
    """Annex A lists have none; that is no fault of every child in them."""
    bare = HELD - {("person", "postcode"), ("requests", "request_postcode")}
    context = Context(made(held=bare, requests={"area": NO_POSTCODE}), la_postcodes=True)

    assert [False, False] == [was_checked(found(context, rule)) for rule in ("DQ29", "DQ30")]


def test_places_name_file_and_row():
    """Row 3 of requests.csv is where a person looks."""
    context = of(requests=[{}, {"request_id": 1, "request_outcome_date": "2024-02-01"}])

    assert (("requests.csv", "", (3,)),) == found(context, "DQ07").where


def test_rows_set_aside_are_told_where_they_were_read():
    """Cleaning moved the row out of the tables; its place is kept."""
    context = cleaned(requests=requests(["R1", "R2", "R1"], ["P1"] * 3, ["2024-03-01", "x", "2024-05-01"]))

    assert (("return.csv", "requests", (4,)),) == found(context, "DQ02").where
    assert (1, (("return.csv", "requests", (3,)),)) == (found(context, "DQ04").count, found(context, "DQ04").where)
    assert "received_date: 1" == found(context, "DQ04").detail


def test_no_more_than_twenty_rows_a_sheet_and_the_first_ones():
    """The first rows are enough to see what is wrong."""
    context = of(persons=[{"person_id": i, "birth_date": None} for i in range(50)])

    finding = found(context, "DQ24")

    assert 50 == finding.count
    assert (("persons.csv", "", tuple(range(2, 22))),) == finding.where


def test_a_request_without_its_child_is_told_though_it_is_used():
    """It counts by month, and has no age and no area."""
    context = cleaned(requests=requests(["R1", "R2"], ["P1", "P9"], ["2024-03-01"] * 2))

    assert 1 == found(context, "DQ03").count
    assert 2 == len(context.cases.requests)


def test_the_plan_of_a_request_set_aside_still_has_its_age():
    """The child is found through the links, not through the request's row."""
    context = cleaned(
        person=person(["P1"], birth_date=["1999-01-01"]),
        requests=requests(["R1"], ["P1"], [None]),
        namedplan=module("namedplan", request_id=["R1"], start_date=["2020-01-01"]),
    )

    assert (1, ERROR) == (found(context, "DQ25").count, found(context, "DQ25").severity)


def test_twenty_five_is_a_query_and_twenty_six_an_error():
    """The worse of the two is the finding's severity, both counts are told."""
    people = [{"person_id": i, "birth_date": day} for i, day in enumerate(["2000-01-16", "1999-01-16"])]
    ids = [{"request_id": i, "person_id": i} for i in range(2)]
    both = of(persons=people, requests=ids, plans=[{"request_id": i} for i in range(2)])

    finding = found(both, "DQ25")

    assert (ERROR, 2, "aged 25: 1, aged 26 or over: 1") == (finding.severity, finding.count, finding.detail)
    assert WARNING == found(FIRES["DQ25"][0](), "DQ25").severity


def test_no_placement_is_split_by_transfer():
    """A child who has just moved in is a different query."""
    context = of(plans=[{"request_id": 0}, {"request_id": 1, "transfer_la": "838"}], placements=[])

    assert "transferred in: 1, not transferred in: 1" == found(context, "DQ37").detail


def test_exceptions_are_compared_with_the_year_before():
    """A field that is no longer filled in shows as a share that falls to nothing."""
    fell, rose = issued(40, 0, previous_exception_share=20.0), issued(40, 10, previous_exception_share=6.0)

    assert (1, 10) == (found(fell, "DQ33").count, found(rose, "DQ33").count)
    assert 0 == found(issued(40, 8, previous_exception_share=6.0), "DQ33").count
    assert "0.0% of 40 plans, 20.0% before" in found(fell, "DQ33").detail


def test_overlaps_are_found_behind_a_closed_request():
    """The first request is open all the while; the second's end does not hide it from the third."""
    rows = [
        {"request_id": 0, "request_outcome": "A", "request_outcome_date": None},
        {"request_id": 1, "received_date": "2024-04-01", "request_outcome": "N", "request_outcome_date": "2024-04-20"},
        {"request_id": 2, "received_date": "2024-06-01", "request_outcome": "N", "request_outcome_date": "2024-06-20"},
        {"request_id": 3, "received_date": "2024-06-01", "person_id": 1},
    ]

    finding = found(of(requests=rows, assessments=[]), "DQ17")

    assert (2, (("requests.csv", "", (3, 4)),)) == (finding.count, finding.where)


def test_an_august_trough_is_expected():
    """Schools are closed: with a single year, August is told only where it collapses."""
    months = np.arange(648, 660)  # 2024
    usual = np.array([340, 346, 419, 281, 302, 304, 346, 115, 248, 376, 420, 346])
    collapsed = np.where(months % 12 == 7, 40, usual)

    def low(counts):
        return (counts < expected(months, counts).low).tolist()

    assert not any(low(usual))
    assert [month == 7 for month in range(12)] == low(collapsed)


def test_printed_percentages_answers_and_blanks_are_not_summed():
    """Parts of a share do not add up, answers to several questions overlap, and a blank leaves the sum unknown."""
    assert 0 == found(printed(10, 20, total=50, unit="%"), "DQ46").out_of
    assert 0 == found(printed(10, float("nan"), total=50), "DQ46").out_of
    assert 1 == found(printed(10, 20, total=50), "DQ46").count


def test_printed_sums_of_the_papers_are_as_the_papers_have_them():
    """Kent's table of spend: 2020-21 parts 267 v 264 and 2022-23 parts 335 v 334; projection 2027-28: 376 v 377."""
    papers = read_papers(ROOT / "data" / "raw" / "kent").tables
    context = Context(made(), printed=papers)

    detail = found(context, "DQ46").detail

    for words in (
        "2020-21: parts 267, printed 264",
        "2022-23: parts 335, printed 334",
        "2027-28: parts 376, printed 377",
    ):
        assert words in detail
    assert not re.search(r"ehc_requests 2024-(0[3-9]|1[0-2])", detail)


@pytest.mark.parametrize("upn", ["B801200005001", "P207000016049", "p207000016049"])
def test_right_check_letters_pass(upn):
    """The letter is computed, whatever its case."""
    assert [True] == good_upns(pd.Series([upn])).tolist()


@pytest.mark.parametrize(
    "upn", ["X207000016049", "Q207000016049", "B80120000500", "B8012000050011", "B80120000500I", "é801200005001", ""]
)
def test_wrong_upns_do_not_pass(upn):
    """Wrong letter, length or characters."""
    assert [False] == good_upns(pd.Series([upn], dtype="str")).tolist()


@given(st.text("0123456789", min_size=11, max_size=11), st.sampled_from([*"0123456789", *UPN_LETTERS]))
def test_one_check_letter_in_twenty_three_is_right(digits, last):
    """The slow sum by hand agrees, for permanent and temporary numbers."""
    final = UPN_LETTERS.index(last) if last in UPN_LETTERS else int(last)
    total = sum(weight * int(digit) for weight, digit in zip(range(2, 13), digits, strict=True)) + 13 * final

    passing = good_upns(pd.Series([letter + digits + last for letter in UPN_LETTERS]))

    assert [total % 23 == index for index in range(23)] == passing.tolist()


@given(st.text("123456789", min_size=9, max_size=9))
def test_at_most_one_check_digit_is_right(digits):
    """The slow sum by hand agrees."""
    total = sum(weight * int(digit) for weight, digit in zip(range(10, 1, -1), digits, strict=True))

    passing = good_ulns(pd.Series([f"{digits}{last}" for last in range(10)]))

    assert [(total + last) % 11 == 10 for last in range(10)] == passing.tolist()


def test_postcodes_of_every_shape_pass():
    """Spaces and case are no fault; letters that no inward code has are."""
    text = pd.Series(["QA1 1AA", "q111aa", "QA11 1AA", "EC1A 1BB", "QA1 1CA", "QA1", "1AA QA1", None])

    assert [True] * 4 + [False] * 4 == good_postcodes(text).tolist()


@given(st.lists(st.integers(0, 30), unique=True), st.lists(st.integers(-1, 40)), st.sampled_from([1, 10**9]))
def test_positions_are_those_of_the_ids(ids, wanted, scale):
    """Dense ids and sparse ones are found alike; -1 is nobody."""
    at = positions(np.array(wanted, dtype="int64") * scale, np.array(ids, dtype="int64") * scale)

    assert [ids.index(one) if one in ids else -1 for one in wanted] == at.tolist()


def faulty():
    """A context in which many rules fire."""
    rows = {
        "persons": [{"upn": "X207000016049", "uln": "9276308685", "postcode": "QX9 99Q"}, {"person_id": 1}],
        "requests": [{"request_outcome_date": "2024-02-01"}, {"request_id": 1, "received_date": "2024-03-31"}],
        "plans": [{"last_review": "2022-01-01"}],
        "placements": [{"urn": None}],
    }
    return Context(replace(made(**rows), invented=True))


def test_no_finding_holds_a_childs_name_number_date_or_postcode():
    """Findings are read by more people than the data are."""
    contexts = [faulty(), *(make() for make, _ in FIRES.values())]
    findings = [finding for context in contexts for finding in check(context)]
    text = repr(findings)

    assert [] == [value for value in (*PLANTED, "X207000016049", "9276308685", "QX9 99Q") if value in text]


def test_the_check_in_words_and_pages_holds_none_either():
    """Nor does anything made from them."""
    context = faulty()
    findings = check(context)
    pages = [
        "\n".join(check_lines(context.cases, findings)),
        check_csv(findings).decode("utf-8-sig"),
        check_html(context.cases, findings, title="Data check"),
    ]

    assert [] == [value for value in PLANTED for page in pages if value in page]


def test_lines_fit_a_terminal_and_say_where():
    """Eighty columns; the rule, the file, the row, and what to do."""
    context = faulty()

    lines = check_lines(context.cases, check(context))

    text = " ".join(" ".join(lines).split())
    assert max(map(len, lines)) <= 80
    assert any("INVENTED" in line for line in lines[:3])
    assert "DQ07 ERROR Decided before received: 1 of 2 rows (50.0%)" in text
    assert "Where: requests.csv: row 2" in text
    assert "48 rules:" in text and "NOT CHECKED" in text and "PASSED: " in text


def test_csv_has_a_row_for_every_rule():
    """What passed and what was not checked are told too."""
    findings = check(faulty())

    rows = list(csv.DictReader(io.StringIO(check_csv(findings).decode("utf-8-sig"))))

    assert list(RULES) == [row["rule"] for row in rows]
    assert {"found something", "passed", "not checked"} == {row["result"] for row in rows}
    assert "" == next(row for row in rows if row["rule"] == "DQ47")["count"]


def test_page_is_accessible_and_complete_in_itself():
    """Language, one h1, captions, scopes, and nothing from elsewhere."""
    from lxml import html as lxml_html

    context = faulty()
    page = lxml_html.document_fromstring(check_html(context.cases, check(context), title="Data check"))

    assert "en-GB" == page.get("lang")
    assert ["Data check"] == [head.text_content() for head in page.iter("h1")]
    assert all(table.find("caption") is not None for table in page.iter("table"))
    assert all(head.get("scope") for head in page.iter("th"))
    assert [] == page.xpath("//script | //link | //img | //@src")
    assert {link.lstrip("#") for link in page.xpath("//a/@href")} <= set(page.xpath("//@id"))
    assert len(page.xpath("//@id")) == len(set(page.xpath("//@id")))
    assert "INVENTED" in page.findtext(".//title")


def test_the_register_of_schools_is_read(tmp_path):
    """Windows-1252, other columns between, some missing."""
    path = tmp_path / "edubasealldata.csv"
    text = (
        "URN,LA (code),EstablishmentName,TypeOfEstablishment (name),EstablishmentStatus (name),SenUnitCapacity\n"
        '100001,886,"Invented Café School",Community school,Open,12\n'
        "100002,886,Invented Old School,Community school,Closed,\n"
        '100003,886,Invented School,Community school,"Open, but proposed to close",0\n'
    )
    path.write_bytes(text.encode("cp1252"))

    schools = read_gias(path)

    assert ["urn", "name", "type", "status", "open", "has_unit", "has_resourced_provision", "phase"] == list(schools)
    assert [True, False, True] == schools["open"].tolist()
    assert [True, False, False] == schools["has_unit"].tolist()
    assert schools["has_resourced_provision"].isna().all() and "Invented Café School" == schools["name"][0]


def test_a_register_without_its_columns_is_refused(tmp_path):
    """The message names what is missing and what to download."""
    path = tmp_path / "schools.csv"
    path.write_text("URN,Name\n1,a\n", encoding="utf-8")

    with pytest.raises(SourceError, match=r"schools.csv: no column 'TypeOfEstablishment \(name\)' and no column"):
        read_gias(path)


def test_a_school_twice_in_the_register_is_refused(tmp_path):
    """A join would count its placements twice."""
    path = tmp_path / "schools.csv"
    path.write_text("urn,minimum\n100001,4\n100001,5\n", encoding="utf-8")

    with pytest.raises(SourceError, match="schools.csv: rows 2, 3: a URN stands there more than once"):
        read_expected_placements(path)


def test_expected_placements_are_read_and_refused(tmp_path):
    """Whole numbers only."""
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_text("URN,Minimum\n100001,4\n", encoding="utf-8")
    bad.write_text("urn,minimum\n100001,some\n", encoding="utf-8")

    assert [("100001", 4)] == list(read_expected_placements(good).itertuples(index=False, name=None))
    with pytest.raises(SourceError, match="bad.csv: row 2: minimum is no whole number"):
        read_expected_placements(bad)
