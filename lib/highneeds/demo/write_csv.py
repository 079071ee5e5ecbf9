"""Layouts that are CSV files: COLLECT's export of nine files, and the set of five modules."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from highneeds import fields
from highneeds.demo.cells import Style, collect, columns, element, held, plain
from highneeds.demo.world import World

_BLADE = Style(day=collect)
# Heading of each field, and module, of the five; request ids are spelt in two ways.
FIVE = {
    fields.PERSON: {
        "Person ID": "person_id",
        "Surname": "surname",
        "Forename": "forename",
        "Dob (ccyy-mm-dd)": "birth_date",
        "Gender": "sex",
        "Ethnicity": "ethnicity",
        "Postcode": "postcode",
        "UPN - Unique Pupil Number": "upn",
        "ULN - Young Persons Unique Learner Number": "uln",
        "UPN and ULN unavailable reason": "upn_unknown",
    },
    fields.REQUESTS: {
        "Person ID": "person_id",
        "Requests Record ID": "request_id",
        "Date Request Was Received": "received_date",
        "Initial Request Whilst In RYA": "rya",
        "Request Outcome Date": "request_outcome_date",
        "Request Outcome": "request_outcome",
        "Request Mediation": "request_mediation",
        "Request Tribunal": "request_tribunal",
        "Exported - Child Or Young Person Moves Out Of LA Before Assessment Is Completed": "exported",
        "New start date": "",
    },
    fields.ASSESSMENT: {
        "Person ID": "person_id",
        "Requests Record ID": "request_id",
        "Assessment Outcome To Issue EHCP": "assessment_outcome",
        "Assessment Outcome Date": "assessment_outcome_date",
        "Assessment Mediation": "assessment_mediation",
        "Assessment Tribunal": "assessment_tribunal",
        "Other Mediation": "other_mediation",
        "Other Tribunal": "other_tribunal",
        "Twenty Weeks Time Limit Exceptions Apply": "week20",
    },
    fields.NAMED_PLAN: {
        "Person ID": "person_id",
        "Request Records ID": "request_id",
        "EHC Plan Start Date": "start_date",
        "Residential Settings": "plan_res",
        "Worked based learning activity": "plan_wbp",
        "Personal budget taken up": "pb",
        "Personal budget - organised arrangements": "oa",
        "Personal budget - direct payments": "dp",
        "Date EHC Plan Ceased": "cease_date",
        "Reason EHC Plan Ceased": "cease_reason",
    },
    fields.ACTIVE_PLANS: {
        "Person ID": "person_id",
        "Request Records ID": "request_id",
        "EHC Plan (Transfer)": "transfer_la",
        "Residential Settings": "active_res",
        "Worked based learning activity": "active_wbp",
        "EHCP review decisions date": "last_review",
    },
}
_TITLES = ("persons", "requests", "assessments", "named_plans", "active_plans")


def write_table(table: pa.Table, path: Path) -> Path:
    """Write text columns as a CSV file, blank where missing."""
    try:
        pyarrow.csv.write_csv(
            table, path, pyarrow.csv.WriteOptions(batch_size=2**14, quoting_style="none", quoting_header="none")
        )
    except pa.ArrowInvalid:
        # A cell or heading holds a comma or a quote.
        pyarrow.csv.write_csv(table, path, pyarrow.csv.WriteOptions(quoting_style="needed"))
    return path


def write_blade_csv(world: World, folder: Path) -> list[Path]:
    """Write the nine files of COLLECT's export; gives their paths. `sourceid` marks every row as invented."""
    stem = f"Blade-Export_{world.reference_date:%d-%m-%Y}"
    written = [write_table(_blade_header(world), folder / f"{stem}_sen2.csv")]
    keys = {fields.PERSON: world.modules[fields.PERSON]["person_id"].to_numpy()}
    keys[fields.REQUESTS] = world.modules[fields.REQUESTS]["request_id"].to_numpy()
    for module in fields.MODULES:
        frame = world.modules[module]
        own = keys.setdefault(module, np.arange(1, len(frame) + 1))
        written.append(write_table(_blade_table(world, module, own, keys), folder / f"{stem}_{module}.csv"))
    return written


def _blade_header(world: World) -> pa.Table:
    row = {
        "sen2tableid": "1",
        "NativeId": world.la_code,
        "sen2orderseqcolumn": "1",
        "sourceid": "INVENTED",
        "collection": "SEN2",
        "year": str(world.year),
        "referencedate": collect(world.reference_date),
        "sourcelevel": "L",
        "softwarecode": "INVENTED",
        "release": "1",
        "serialno": "1",
        "datetime": collect(world.reference_date),
        "lea": world.la_code,
        "dmo": "1",
        "dco": "1",
    }
    return pa.table({name: [text] for name, text in row.items()})


def _blade_table(world: World, module: str, own: np.ndarray, keys: dict[str, np.ndarray]) -> pa.Table:
    parent = fields.PARENTS[module]
    count = len(own)
    table = {
        f"{module}tableid": pa.array(own),
        "NativeId": pa.array([world.la_code]).take(pa.array(np.zeros(count, np.int32))),
        f"{module}orderseqcolumn": pa.array(np.arange(1, count + 1)),
        "sourceid": pa.array(["INVENTED"]).take(pa.array(np.zeros(count, np.int32))),
        f"{parent or 'sen2'}tableid": _parent_keys(world, module, parent, keys) if parent else pa.array([1] * count),
    }
    named = {field.name: element(field, world.year).lower() for field in held(world, module)}
    return pa.table(table | {named[name]: text for name, text in columns(world, module, style=_BLADE).items()})


def _parent_keys(world: World, module: str, parent: str, keys: dict[str, np.ndarray]) -> pa.Array:
    """Table id of each record's parent; a request id that is no parent's becomes an id beyond all of them."""
    frame = world.modules[module]
    if module == fields.REQUESTS:
        return plain(frame["person_id"])
    wanted = frame["request_id"].to_numpy()
    there = world.modules[parent]["request_id"].to_numpy()
    order = np.argsort(there, kind="stable")
    places = np.minimum(np.searchsorted(there[order], wanted), max(len(there) - 1, 0))
    found = there[order][places] == wanted
    beyond = int(keys[parent].max(initial=0)) + 1 + np.arange(len(wanted))
    return pa.array(np.where(found, keys[parent][order][places], beyond))


def write_five_csv(world: World, folder: Path) -> list[Path]:
    """Write the set of five CSV modules; gives their paths."""
    return [
        write_table(_five_table(world, module, headings), folder / f"module_{number}_{title}.csv")
        for number, ((module, headings), title) in enumerate(zip(FIVE.items(), _TITLES, strict=True), start=1)
    ]


def _five_table(world: World, module: str, headings: dict[str, str]) -> pa.Table:
    frame = world.modules[module]
    # The set is not bound to a year: it carries fields that the return of this one has not.
    texts = columns(_any_year(world, module), module)
    ids = {"person_id": person_ids(world, module), "request_id": frame.get("request_id")}
    blank = pa.nulls(len(frame), pa.string())
    dropped = {name for of, name in world.dropped if of == module}
    return pa.table(
        {
            heading: _marked(plain(ids[name])) if name in ids else texts.get(name, blank)
            for heading, name in headings.items()
            if name not in dropped
        }
    )


def _marked(ids: pa.Array) -> pa.Array:
    """Ids that say of every row, in files that hold nothing else to say it, that it is invented."""
    return pc.binary_join_element_wise("INVENTED", ids, "-")


def _any_year(world: World, module: str) -> World:
    names = [name for name in ("active_res", "active_wbp") if module == fields.ACTIVE_PLANS]
    return replace(world, year=2023) if names and world.year > 2023 else world


def person_ids(world: World, module: str) -> pd.Series:
    """Person of each record of a module."""
    frame, requests = world.modules[module], world.modules[fields.REQUESTS]
    if "person_id" in frame:
        return frame["person_id"]
    known = requests.drop_duplicates("request_id").set_index("request_id")["person_id"]
    return frame["request_id"].map(known).astype("Int64")
