"""Returns and extracts to cleaned case tables: typed, joined by request, nothing lost.

A row is used or quarantined, never dropped: rows in = rows used + rows quarantined. Quarantined are rows that
cannot be used at all: second records of one key (DQ02), records without a parent (DQ03), requests without a
received date (DQ05; or DQ04, DQ06 where the date stands there but cannot be used), spans that end before they
begin (DQ10), and records that a later return replaces. What hangs under a quarantined request is still used
where it can be: a plan counts in the caseload though nobody knows when it was asked for.
"""

from collections.abc import Sequence
from datetime import date

import pandas as pd

from highneeds import fields
from highneeds.cases import PLACE, Cases, RawReturn
from highneeds.clean.places import area_of
from highneeds.clean.stack import RETURN, newest_set, number_persons, number_requests, one_each, stacked
from highneeds.clean.typed import CELL_COLUMNS, newest_event, typed_module
from highneeds.errors import SourceError
from highneeds.sources.annex_a import SEN_SUPPORT_LIST

QUARANTINE_COLUMNS = ["module", *PLACE, "rule"]
_ONE_EACH = {
    fields.PERSON: "person_id",
    fields.REQUESTS: "request_id",
    fields.ASSESSMENT: "request_id",
    fields.NAMED_PLAN: "request_id",
    fields.ACTIVE_PLANS: "request_id",
    SEN_SUPPORT_LIST: "person_id",
}
_SPANS = {fields.NAMED_PLAN: ("start_date", "cease_date"), fields.PLACEMENT_DETAIL: ("entry_date", "leaving_date")}


class Quarantine:
    """Rows set aside, with the rule that says why."""

    def __init__(self) -> None:
        self.rows: list[pd.DataFrame] = []

    def add(self, module: str, rows: pd.DataFrame, rule: str = "") -> None:
        """Set rows of a module aside; the rule stands in the rows or is given."""
        if len(rows):
            ruled = rows if not rule else rows.assign(rule=rule)
            self.rows.append(ruled.assign(module=module)[QUARANTINE_COLUMNS])

    def frame(self) -> pd.DataFrame:
        """All rows set aside, ordered by module and place."""
        if not self.rows:
            return pd.DataFrame({name: pd.Series(dtype="str") for name in QUARANTINE_COLUMNS})
        return pd.concat(self.rows, ignore_index=True)


def clean_cases(
    returns: Sequence[RawReturn], *, lookup: dict[str, str] | None = None, extract_date: date | None = None
) -> Cases:
    """Cleaned tables of one authority from all its returns and extracts.

    lookup: postcode key to area, from the authority (see `clean.places`). extract_date: the day the data speak of,
    where no input says it. Raises SourceError where there is nothing to clean or two authorities are mixed.
    """
    raws = sorted(returns, key=lambda raw: (raw.extract_date or date.min, raw.year or 0, raw.layout))
    la_code = _one_authority(raws)
    tables, cells, day = _typed(raws, extract_date)
    rows_in = {module: len(tables[module]) for module in (*fields.MODULES, SEN_SUPPORT_LIST)}
    number_persons(tables, raws)
    number_requests(tables, raws)
    quarantine = Quarantine()
    held = frozenset(pair for raw in raws for pair in raw.held)
    cells = pd.concat([cells, _without_person(tables)], ignore_index=True)
    for module in (*fields.MODULES, SEN_SUPPORT_LIST):
        tables[module] = _usable(tables, module, quarantine)
    links = tables[fields.REQUESTS][["request_id", "person_id"]].reset_index(drop=True)
    tables[fields.REQUESTS] = _with_received(tables[fields.REQUESTS], cells, quarantine, held)
    set_aside = quarantine.frame()
    requests = _with_area(tables[fields.REQUESTS], tables[fields.PERSON], lookup, held)
    return Cases(
        persons=_final(tables, fields.PERSON),
        requests=_final(tables | {fields.REQUESTS: requests}, fields.REQUESTS),
        assessments=_final(tables, fields.ASSESSMENT),
        plans=_plans(tables),
        placements=_placements(tables),
        needs=_final(tables, fields.SEN_NEED),
        sen_support=_final(tables, SEN_SUPPORT_LIST),
        links=links,
        quarantine=set_aside,
        counts=_counts(rows_in, set_aside),
        cells=cells,
        extract_date=day,
        la_code=la_code,
        layouts=tuple(dict.fromkeys(raw.layout for raw in raws)),
        years=tuple(sorted({raw.year for raw in raws if raw.year})),
        files=tuple(dict.fromkeys(file for raw in raws for file in raw.files)),
        held=held | ({(fields.REQUESTS, "area")} if lookup else set()),
        invented=any(raw.invented for raw in raws),
    )


def _one_authority(raws: Sequence[RawReturn]) -> str:
    if not raws:
        raise SourceError("no case data was found. Expected a return or an extract; see README for the layouts read.")
    codes = sorted({raw.la_code for raw in raws if raw.la_code})
    if len(codes) > 1:
        named = "; ".join(f"{raw.files[0].name}: {raw.la_code}" for raw in raws if raw.files and raw.la_code)
        raise SourceError(f"returns of several authorities are mixed ({named}). Keep one authority in a folder.")
    return codes[0] if codes else ""


def _typed(raws: Sequence[RawReturn], extract_date: date | None):
    """Stacked tables of all returns, their unusable cells, and the day that the data speak of."""
    parts, cells, days = [], [], []
    for raw in raws:
        day = raw.extract_date or extract_date
        if day is None:
            first = [
                typed_module(raw, module, extract_date=None)[0] for module in fields.MODULES if module in raw.modules
            ]
            day = newest_event(first)
        typed = {m: typed_module(raw, m, extract_date=day) for m in fields.MODULES if m in raw.modules}
        lists = {SEN_SUPPORT_LIST: raw.modules[SEN_SUPPORT_LIST]} if SEN_SUPPORT_LIST in raw.modules else {}
        parts.append({module: frame for module, (frame, _) in typed.items()} | lists)
        cells += [cell for _, found in typed.values() for cell in found]
        days += [day] if day else []
    if not days:
        names = ", ".join(file.name for raw in raws for file in raw.files)
        raise SourceError(
            f"{names}: no event has a date, so the day of the extract is not known. Give it in the mapping."
        )
    every = (*fields.MODULES, SEN_SUPPORT_LIST)
    tables = {module: frame if len(frame := stacked(parts, module)) else _empty(module) for module in every}
    noted = (
        pd.concat(cells, ignore_index=True)
        if cells
        else pd.DataFrame({c: pd.Series(dtype="str") for c in CELL_COLUMNS})
    )
    return tables, noted, max(days)


def _empty(module: str) -> pd.DataFrame:
    """A module without rows, its columns typed."""
    ids = {"person_id": "int64"} if module in (fields.PERSON, SEN_SUPPORT_LIST) else {"request_id": "int64"}
    ids |= {"person_id": "int64"} if module == fields.REQUESTS else {}
    kinds = {fields.DATE: "datetime64[s]", fields.FLAG: "boolean"}
    columns = ids | {f.name: kinds.get(f.kind, "str") for f in fields.of_module(module, local=True)}
    columns |= {"file": "str", "sheet": "str", "row": "int64", RETURN: "int64"}
    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in columns.items()})


def _without_person(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Requests whose child is not there: the request still counts, its child's age and area are not known."""
    requests = tables[fields.REQUESTS]
    lost = ~requests["person_id"].isin(tables[fields.PERSON]["person_id"]) | requests["person_id"].lt(0)
    return requests.loc[lost, PLACE].assign(module=fields.REQUESTS, field="person_id", rule="DQ03")[CELL_COLUMNS]


def _usable(tables: dict[str, pd.DataFrame], module: str, quarantine: Quarantine) -> pd.DataFrame:
    """Rows of a module that can be used; the others are set aside, each for one reason."""
    frame = tables[module]
    if module not in (fields.PERSON, fields.REQUESTS, SEN_SUPPORT_LIST):
        orphan = ~frame["request_id"].isin(tables[fields.REQUESTS]["request_id"]) | frame["request_id"].lt(0)
        quarantine.add(module, frame[orphan], "DQ03")
        frame = frame[~orphan]
    if module in _SPANS:
        start, end = (frame[name] for name in _SPANS[module])
        quarantine.add(module, frame[end.lt(start)], "DQ10")
        frame = frame[~end.lt(start)]
    kept, set_aside = one_each(frame, _ONE_EACH[module]) if module in _ONE_EACH else newest_set(frame)
    quarantine.add(module, set_aside)
    return kept


def _with_received(
    requests: pd.DataFrame, cells: pd.DataFrame, quarantine: Quarantine, held: frozenset
) -> pd.DataFrame:
    """Requests with a usable received date, where the layout has one at all."""
    if (fields.REQUESTS, "received_date") not in held:
        return requests
    without = requests["received_date"].isna()
    if not without.any():
        return requests
    noted = cells[cells["module"].eq(fields.REQUESTS) & cells["field"].eq("received_date")]
    rules = noted.drop_duplicates(PLACE).set_index(
        pd.MultiIndex.from_frame(noted.drop_duplicates(PLACE)[PLACE].astype(object))
    )
    rows = requests.loc[without, PLACE]
    rule = rules["rule"].reindex(pd.MultiIndex.from_frame(rows.astype(object))).fillna("DQ05")
    quarantine.add(fields.REQUESTS, rows.assign(rule=rule.array))
    return requests[~without]


def _with_area(
    requests: pd.DataFrame, persons: pd.DataFrame, lookup: dict[str, str] | None, held: frozenset
) -> pd.DataFrame:
    """Requests with their area: the address at the request where it is kept, else the child's address of today."""
    if not lookup:
        return requests
    today = requests["person_id"].map(persons.set_index("person_id")["postcode"])
    then = requests["request_postcode"]
    return requests.assign(area=area_of(then.where(then.notna(), today.set_axis(requests.index)), lookup))


def _plans(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Named and active plan of a request as one row; `named` and `active` say which were there."""
    named, active = tables[fields.NAMED_PLAN], tables[fields.ACTIVE_PLANS]
    renamed = active.rename(columns={name: f"active_{name}" for name in PLACE}).drop(columns=RETURN)
    plans = named.drop(columns=RETURN).merge(renamed, on="request_id", how="outer", sort=False)
    plans["named"], plans["active"] = plans["row"].notna(), plans["active_row"].notna()
    plans = plans.assign(**_one_kind(plans, "file"), **_one_kind(plans, "sheet"))
    for name in PLACE:
        plans[name] = plans[name].where(plans["named"], plans[f"active_{name}"])
    module = pd.Series(fields.NAMED_PLAN, index=plans.index, dtype="str").where(plans["named"], fields.ACTIVE_PLANS)
    return plans.assign(module=module, row=plans["row"].astype("int64"))


def _one_kind(plans: pd.DataFrame, name: str) -> dict[str, pd.Series]:
    """File (or sheet) of both modules as categories of one list, so that one can stand in for the other."""
    both = {column: plans[column].astype("category") for column in (name, f"active_{name}")}
    every = sorted({label for column in both.values() for label in column.cat.categories})
    return {column: values.cat.set_categories(every) for column, values in both.items()}


def _placements(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Placements named in plans and placements taken up, told apart by `kind`."""
    kinds = (("named", fields.PLAN_DETAIL), ("active", fields.PLACEMENT_DETAIL))
    return pd.concat(
        [tables[module].assign(kind=kind, module=module) for kind, module in kinds], ignore_index=True
    ).drop(columns=RETURN)


def _final(tables: dict[str, pd.DataFrame], module: str) -> pd.DataFrame:
    return tables[module].drop(columns=RETURN).reset_index(drop=True).assign(module=module)


def _counts(rows_in: dict[str, int], quarantine: pd.DataFrame) -> pd.DataFrame:
    """Rows in, used and quarantined, by module."""
    aside = quarantine["module"].value_counts()
    rows = [
        (module, count, count - int(aside.get(module, 0)), int(aside.get(module, 0)))
        for module, count in rows_in.items()
    ]
    return pd.DataFrame(rows, columns=["module", "rows_in", "used", "quarantined"])
