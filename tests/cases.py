"""Small raw returns for tests, written as a reader would hand them over."""

from datetime import date

import pandas as pd

from highneeds import fields
from highneeds.cases import RawReturn

DAY = date(2025, 1, 16)


def module(name, file="return.csv", **columns):
    """Frame of one module from columns of text; row numbers follow the header."""
    frame = pd.DataFrame({key: pd.Series(values, dtype="str") for key, values in columns.items()})
    return frame.assign(
        file=pd.Series(file, index=frame.index, dtype="category"),
        sheet=pd.Series(name, index=frame.index, dtype="category"),
        row=range(2, len(frame) + 2),
    )


def raw_return(
    layout="five_csv", year=None, extract_date=DAY, la_code="886", stable_ids=True, date_order=None, **modules
):
    """Return of one authority; every column given is held."""
    held = {(name, column) for name, frame in modules.items() for column in frame.columns}
    declared = {(f.module, f.name) for f in fields.FIELDS}
    return RawReturn(
        layout=layout,
        files=(),
        modules=modules,
        held=frozenset(held & declared),
        year=year,
        extract_date=extract_date,
        la_code=la_code,
        stable_ids=stable_ids,
        date_order=date_order or {},
    )


def person(ids, **columns):
    """Person module of these ids."""
    return module("person", person_id=ids, **columns)


def requests(ids, persons, received, **columns):
    """Requests module."""
    return module("requests", request_id=ids, person_id=persons, received_date=received, **columns)
