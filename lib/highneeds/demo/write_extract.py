"""A plain extract of a case system: one row a request, its own headings, words for codes, British dates.

Its mapping, which an analyst would confirm, is written beside it.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from highneeds import fields
from highneeds.clean.places import OUTSIDE
from highneeds.demo.cells import Style, british, columns, plain
from highneeds.demo.world import World
from highneeds.demo.write_csv import write_table
from highneeds.sources.extract_fields import codes_of, kind_of
from highneeds.sources.extract_mapping import Mapping
from highneeds.sources.extract_mapping_text import write_mapping

_STYLE = Style(day=british, no_yes=("No", "Yes"), words=True)
# Heading, field; fields of one placement and of two needs stand in the request's row.
HEADINGS = {
    "Case Number": "request_id",
    "Client Ref": "person_id",
    "Surname": "surname",
    "First Name": "forename",
    "DOB": "birth_date",
    "Gender": "sex",
    "Ethnic Origin": "ethnicity",
    "Home Postcode": "postcode",
    "UPN": "upn",
    "ULN": "uln",
    "Reason No UPN": "upn_unknown",
    "Disability": "disability",
    "Request Received": "received_date",
    "Requested By": "request_source",
    "Custody": "rya",
    "Decision To Assess": "request_outcome",
    "Decision To Assess Date": "request_outcome_date",
    "Mediation (Refusal To Assess)": "request_mediation",
    "Appeal (Refusal To Assess)": "request_tribunal",
    "Moved To LA": "exported",
    "Locality": "area",
    "Postcode At Request": "request_postcode",
    "Case Closed": "closed_date",
    "Decision To Issue": "assessment_outcome",
    "Decision To Issue Date": "assessment_outcome_date",
    "Mediation (Refusal To Issue)": "assessment_mediation",
    "Appeal (Refusal To Issue)": "assessment_tribunal",
    "Mediation (Other)": "other_mediation",
    "Appeal (Other)": "other_tribunal",
    "20 Week Exception": "week20",
    "Plan Start": "start_date",
    "Residential": "plan_res",
    "Work Based Learning": "plan_wbp",
    "Personal Budget": "pb",
    "Organised Arrangements": "oa",
    "Direct Payment": "dp",
    "Plan Ceased": "cease_date",
    "Reason Ceased": "cease_reason",
    "Plan Updated": "updated_date",
    "Transferred From LA": "transfer_la",
    "Review Meeting": "review_meeting",
    "Review Decision": "review_outcome",
    "Review Decision Date": "last_review",
    "Primary Need": "need",
    "Second Need": "second_need",
    "School URN": "urn",
    "Provider UKPRN": "ukprn",
    "Other Placement": "sen_setting",
    "SEN Unit": "sen_unit_indicator",
    "Resource Base": "resourced_provision_indicator",
    "Placement Start": "entry_date",
    "Placement End": "leaving_date",
}
_MODULES = (fields.REQUESTS, fields.PERSON, fields.ASSESSMENT, fields.NAMED_PLAN, fields.ACTIVE_PLANS)


def write_extract(world: World, folder: Path) -> list[Path]:
    """Write `ehc_cases.csv` and its confirmed mapping; gives their paths. A request that stands twice stays twice."""
    cells = _cells(world)
    table = {heading: cells[name] for heading, name in HEADINGS.items() if name in cells}
    table["Invented"] = pa.array(["Yes"]).take(pa.array(np.zeros(len(world.modules[fields.REQUESTS]), np.int32)))
    path = write_table(pa.table(table), folder / "ehc_cases.csv")
    return [path, write_mapping(_mapping(world, table), path)]


def _cells(world: World) -> dict[str, pa.Array]:
    """Field to text, one cell a request."""
    requests = world.modules[fields.REQUESTS]
    ids = requests["request_id"]
    any_year = replace(world, year=9999)
    found = {"request_id": plain(ids), "person_id": plain(requests["person_id"]), "area": _areas(world)}
    for module in _MODULES:
        key = "person_id" if module == fields.PERSON else "request_id"
        rows = _rows(world.modules[module][key], requests[key])
        texts = _columns(any_year, module)
        found |= {name: text.take(rows) for name, text in texts.items()}
    needs = world.modules[fields.SEN_NEED]
    for name, rank in (("need", "1"), ("second_need", "2")):
        rows = _rows(needs["request_id"].where(needs["sen_type_rank"].eq(rank), -1), ids)
        found[name] = _columns(any_year, fields.SEN_NEED)["sen_type"].take(rows)
    return found | _placement(any_year, ids)


def _columns(world: World, module: str) -> dict[str, pa.Array]:
    """Columns of a module in every year it knows, so that fields that have gone since are there as well."""
    texts = columns(replace(world, year=2023), module, style=_STYLE, local=True)
    return texts | columns(world, module, style=_STYLE, local=True)


def _areas(world: World) -> pa.Array:
    """Area of each request by the authority's lookup."""
    postcodes = world.modules[fields.REQUESTS]["request_postcode"]
    districts = postcodes.str.partition(" ")[0]
    known = dict(zip(world.lookup["postcode"], world.lookup["area"], strict=True))
    return plain(districts.map(known).where(lambda area: area.notna() | postcodes.isna(), OUTSIDE).astype("str"))


def _placement(world: World, ids: pd.Series) -> dict[str, pa.Array]:
    """The newest main placement."""
    placed = world.modules[fields.PLACEMENT_DETAIL]
    main = placed["request_id"].where(placed["placement_rank"].eq("1"), -1)
    newest = main.where(~main.duplicated(keep="last"), -1)
    rows = _rows(newest, ids)
    texts = _columns(world, fields.PLACEMENT_DETAIL)
    names = (
        "urn",
        "ukprn",
        "sen_setting",
        "sen_unit_indicator",
        "resourced_provision_indicator",
        "entry_date",
        "leaving_date",
    )
    return {name: texts[name].take(rows) for name in names if name in texts}


def _rows(keys: pd.Series, wanted: pd.Series) -> pa.Array:
    """Position of each wanted key's first record, missing where there is none."""
    known, once = np.unique(keys.to_numpy(), return_index=True)
    places = np.minimum(np.searchsorted(known, wanted.to_numpy()), len(known) - 1)
    return pa.array(once[places], mask=known[places] != wanted.to_numpy())


def _mapping(world: World, table: dict[str, pa.Array]) -> Mapping:
    columns_of = {heading: name for heading, name in HEADINGS.items() if heading in table}
    codes = {}
    for heading, name in columns_of.items():
        if kind_of(name) in (fields.CODE, fields.FLAG) and codes_of(name):
            texts = {text for text in table[heading].unique().to_pylist() if text}
            known = {label: code for code, label in codes_of(name).items()} | {"Yes": "1", "No": "0"}
            codes[name] = {text: known.get(text, text if text in codes_of(name) else "") for text in sorted(texts)}
    return Mapping(
        file="ehc_cases.csv",
        columns=columns_of,
        codes=codes,
        dates="day first",
        extract_date=world.as_at,
        la_code=world.la_code,
        stable_ids=True,
        confirmed=True,
        not_used=("Invented",),
    )
