"""Layouts of the SEN2 return that are workbooks: the Excel template and the pre-submission workbook."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from highneeds import fields
from highneeds.demo.cells import columns, day_text, element, held, iso, plain, serial
from highneeds.demo.sheets import DAY, NUMBER, TEXT, Block, write_workbook
from highneeds.demo.world import World
from highneeds.demo.write_csv import person_ids

# Headings of the template as they are printed, line breaks and all, where they differ from the plain ones.
_PERSON_KEY = "Person ID\n\n(This must match the relevant ID in the Person record table)"
_REQUEST_KEY = "Requests record ID\n\n(This must match the relevant ID in the Requests table)"
_LA = "LA\n(From Header Record)"
_PRINTED = {
    "birth_date": "Date of Birth \n(ccyy-mm-dd)",
    "placement_rank": "Placement Rank (1=Primary, 2=Secondary)",
    "sen_type_rank": "SEN Type of Need rank  (1=Primary, 2=Secondary)",
    "sen_setting": "SEN Setting \N{EN DASH} Establishment type",
    "upn_unknown": "UPN and ULN unavailable \N{EN DASH} Reason",
}
_NUMBERS = {"urn", "ukprn", "placement_rank", "sen_type_rank", "cease_reason", "request_source"}
INVENTED_NOTE = "Everything in this workbook is invented. Nobody in it exists."


def write_template(world: World, folder: Path) -> list[Path]:
    """Write the Excel template, nine tables in one sheet; gives its path."""
    blocks = [_header_block(world), *(_template_block(world, module) for module in fields.MODULES)]
    return [write_workbook({fields.TEMPLATE_SHEET: blocks}, folder / f"SEN2-template-{world.year}.xlsx")]


def _header_block(world: World) -> Block:
    row = {
        "Record Type": (TEXT, "0"),
        "Collection Name": (TEXT, "SEN2"),
        "Year": (NUMBER, str(world.year)),
        "Reference Date": (TEXT, iso(world.reference_date)),
        "Source Level": (TEXT, "L"),
        "LA Number": (NUMBER, world.la_code),
        "Software Code": (TEXT, "INVENTED"),
        "Release": (TEXT, "1"),
        "Serial Number": (NUMBER, "1"),
        "Date & Time \n(ccyy-mm-ddThh:mm:ss)": (NUMBER, serial(world.reference_date)),
        "Designated Medical Officer": (TEXT, "1"),
        "Designated Clinical Officer": (TEXT, "1"),
    }
    table = {heading: (kind, pa.array([text])) for heading, (kind, text) in row.items()}
    return Block(table, above=({1: fields.TEMPLATE_HEADER},), left=1, below=2)


def _template_block(world: World, module: str) -> Block:
    frame = world.modules[module]
    person_key, request_key = _PERSON_KEY, _REQUEST_KEY
    if module == fields.PERSON:
        person_key = "Person ID\n\n(This must be a unique ID for each Person record)"
    if module == fields.REQUESTS:
        request_key = "Requests record ID\n\n(This must be a unique ID for each Requests record)"
    table = {"Record Type": (TEXT, _same(str(fields.MODULES.index(module) + 1), len(frame)))}
    table[person_key] = (NUMBER, plain(person_ids(world, module)))
    if module != fields.PERSON:
        table[request_key] = (NUMBER, plain(frame["request_id"]))
    table[_LA] = (NUMBER, _same(world.la_code, len(frame)))
    texts = columns(world, module)
    for field in held(world, module):
        heading = _PRINTED.get(field.name, field.template[-1 if field.name == "sex" and world.year < 2024 else 0])
        table[heading] = (_kind(field, texts[field.name]), texts[field.name])
    return Block(table, above=({1: fields.TEMPLATE_TITLES[module]},), left=1, below=2)


def _kind(field: fields.Field, cells: pa.Array) -> str:
    """Flags and numbers arrive as numbers; a spoiled cell makes its column text."""
    numeric = field.kind == fields.FLAG or field.name in _NUMBERS
    return NUMBER if numeric and pc.all(pc.match_substring_regex(cells, r"^\d+$").fill_null(True)).as_py() else TEXT


def _same(text: str, count: int) -> pa.Array:
    return pa.array([text]).take(pa.array(np.zeros(count, np.int32)))


def write_pre_submission(world: World, folder: Path) -> list[Path]:
    """Write the workbook with a sheet a module, days as days; and a sheet that says it is invented. Gives its path."""
    sheets = {fields.SHEETS[module]: [_sheet_block(world, module)] for module in fields.MODULES}
    sheets["Invented"] = [Block({}, above=({0: INVENTED_NOTE},))]
    return [write_workbook(sheets, folder / f"SEN2-pre-submission-{world.year}.xlsx")]


def _sheet_block(world: World, module: str) -> Block:
    frame = world.modules[module]
    table = {"persontableid": (NUMBER, plain(person_ids(world, module)))}
    if module != fields.PERSON:
        table["requeststableid"] = (NUMBER, plain(frame["request_id"]))
    texts = columns(world, module)
    spoiled = {fault.name for fault in world.spoiled if fault.module == module}
    for field in held(world, module):
        # The workbooks that are about have this one heading misspelt.
        heading = "rquestsource" if field.name == "request_source" else element(field, world.year).lower()
        cells, kind = texts[field.name], _kind(field, texts[field.name])
        if field.kind == fields.DATE and field.name not in spoiled:
            cells, kind = day_text(frame[field.name], serial), DAY
        table[heading] = (kind, cells)
    return Block(table)
