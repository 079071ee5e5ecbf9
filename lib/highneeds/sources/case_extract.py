"""A plain case extract, one row a request with columns of any name, read by the mapping that the analyst confirmed.

`check` proposes the mapping (`propose_mapping`, `write_mapping`, `mapping_text`); here the confirmed one makes a
`RawReturn` of the extract. Only what the mapping says is derived; days stay text, and `clean` types them.
"""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd

from highneeds import fields
from highneeds.cases import PLACE, RawReturn
from highneeds.errors import SourceError
from highneeds.sources.date_forms import DAY_FIRST, MIXED, MONTH_FIRST, read_forms
from highneeds.sources.extract_codes import code_for, plain_value
from highneeds.sources.extract_fields import EXTRA, NEED, PLACEMENT, SECOND_NEED, kind_of
from highneeds.sources.extract_mapping import Mapping, mapping_path, one_line, read_mapping
from highneeds.sources.extract_mapping_text import mapping_text, write_mapping
from highneeds.sources.extract_outcomes import SOURCES, with_outcomes
from highneeds.sources.extract_proposal import propose_mapping
from highneeds.sources.extract_table import ExtractTable, read_table
from highneeds.sources.returns import INVENTED_NAME, placed, rows_text, source_file

__all__ = ["mapping_path", "mapping_text", "propose_mapping", "read_extract", "read_mapping", "write_mapping"]

LAYOUT = "extract"
_KEYS = (("upn",), ("uln",), ("surname", "forename", "birth_date"))
_NEEDS = {NEED: "1", SECOND_NEED: "2"}


def read_extract(path: Path) -> RawReturn:
    """The extract as text by module, through its confirmed mapping.

    Raises SourceError, all faults, where there is no mapping or it is not confirmed or wrong, where the file cannot
    be read, and where a column of days could be day first or month first and the mapping does not say which.
    """
    _refuse_without_mapping(path)
    table = read_table(path)
    mapping = _confirmed(path, table)
    _refuse_unclear_days(table, mapping)
    facts = with_outcomes(_with_codes(table.frame, mapping), derive=mapping.derive)
    own_ids = "request_id" in facts and bool(facts["request_id"].notna().all())
    facts = facts.assign(request_id=_request_ids(facts), person_id=_person_ids(facts))
    modules = {m: placed(part, file=table.file, sheet=table.sheet) for m, part in _modules(facts).items()}
    return RawReturn(
        layout=LAYOUT,
        files=(source_file(path),),
        modules=modules,
        held=_held(modules),
        extract_date=mapping.extract_date,
        la_code=mapping.la_code,
        stable_ids=mapping.stable_ids and own_ids,
        invented=_invented(facts),
        date_order=_told_orders(mapping),
    )


def _refuse_without_mapping(path: Path) -> None:
    if path.is_file() and not mapping_path(path).is_file():
        raise SourceError(
            f"{path.name}: its columns are not known. Expected {mapping_path(path).name} beside it. Run "
            f"'highneeds check {path.name}', which proposes it, correct it and write 'confirmed: true' in it."
        )


def _confirmed(path: Path, table: ExtractTable) -> Mapping:
    mapping = read_mapping(path, columns=table.columns)
    if not mapping.confirmed:
        raise SourceError(
            f"{mapping_path(path).name}: is not confirmed. Check each column, code and date in it, then write "
            f"'confirmed: true'. 'highneeds check {path.name}' shows what was proposed."
        )
    return mapping


def _refuse_unclear_days(table: ExtractTable, mapping: Mapping) -> None:
    """Days that could be two days stop the reading, by row numbers alone: a column may hold dates of birth."""
    columns = [column for column, target in mapping.columns.items() if kind_of(target) == fields.DATE]
    faults = [fault for column in columns if (fault := _unclear(table, column, mapping.order_of(column)))]
    if faults:
        name = mapping_path(Path(table.file)).name
        raise SourceError(
            f"{fault}. Expected one order. Write '{DAY_FIRST}' or '{MONTH_FIRST}' under 'dates' in {name}, for the "
            "file or for this column, or export dates as YYYY-MM-DD."
            for fault in faults
        )


def _unclear(table: ExtractTable, column: str, told: str) -> str:
    """What is wrong with a column of days; a column that mixes orders is left to cleaning, cell by cell."""
    found = read_forms(table.frame[column])
    if not found.two_meanings.any() or found.shown == MIXED:
        return ""
    where = f"{table.file}{f', sheet {table.sheet}' if table.sheet else ''}, column '{one_line(column)}'"
    rows = table.frame["row"]
    if not found.shown and not told:
        either = rows_text(rows.iloc[list(found.rows(found.two_meanings))])
        return f"{where}: {either} could be day first or month first"
    if told and found.shown not in ("", told):
        shows = rows_text(rows.iloc[list(found.rows(found.only(found.shown)))])
        return f"{where}: {shows} can only be {found.shown}, but the mapping says {told}"
    return ""


def _with_codes(frame: pd.DataFrame, mapping: Mapping) -> pd.DataFrame:
    """Mapped columns by field, with the mapping's codes; texts that it does not list stay for cleaning to report."""
    frame = frame[[*mapping.columns, "row"]].rename(columns=mapping.columns)
    changed = {}
    for target, codes in mapping.codes.items():
        known = {plain_value(text): code or None for text, code in codes.items()}
        numbers, texts = pd.factorize(frame[target])
        coded = [known.get(plain_value(text), text) for text in texts]
        changed[target] = pd.Series(pd.array([*coded, None], dtype="str").take(numbers), index=frame.index)
    return frame.assign(**changed)


def _request_ids(facts: pd.DataFrame) -> pd.Series:
    """The authority's own ids, and the row's number where a row has none."""
    by_row = "~row " + facts["row"].astype("str")
    return facts["request_id"].fillna(by_row) if "request_id" in facts else by_row


def _person_ids(facts: pd.DataFrame) -> pd.Series:
    """The authority's own ids; where a row has none, a code for its UPN, ULN, names with date of birth, or row."""
    own = facts["person_id"] if "person_id" in facts else pd.Series(np.nan, index=facts.index, dtype="str")
    if own.notna().all() and len(own):
        return own
    known = pd.Series(np.nan, index=facts.index, dtype="str")
    for names in _KEYS:
        if all(name in facts for name in names):
            joined = facts[names[0]]
            for name in names[1:]:
                joined = joined + "|" + facts[name]
            known = known.fillna(names[0] + " " + joined.str.upper())
    known = known.fillna("row " + facts["row"].astype("str"))
    return own.fillna("~" + pd.Series(known.factorize()[0] + 1, index=facts.index).astype("str"))


def _modules(facts: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Records by module: one a person, one a request, and what hangs under a request where anything is filled."""
    modules = {fields.PERSON: _persons(facts)}
    needs = _needs(facts)
    facts = _with_placement(facts)
    for module in fields.MODULES:
        names = [field.name for field in fields.of_module(module, local=True) if field.name in facts]
        if module == fields.REQUESTS:
            modules[module] = facts[["request_id", "person_id", *names, "row"]]
        elif names and module not in (fields.PERSON, fields.PLAN_DETAIL, fields.SEN_NEED):
            modules[module] = facts.loc[_has_record(facts, module, names), ["request_id", *names, "row"]]
    return modules if needs is None else modules | {fields.SEN_NEED: needs}


def _has_record(facts: pd.DataFrame, module: str, names: list[str]) -> pd.Series:
    """Rows that have a record of a module.

    An extract fills `No` and the school in every row, so they alone make no assessment and no plan: a record needs an
    outcome, a day or a `yes`, an assessment else an agreed request; a placement needs a plan, where plans are held.
    """
    filled = facts[names].notna().any(axis=1)
    if module == fields.ASSESSMENT and "request_outcome" in facts:
        return filled & (facts["request_outcome"].isin(["Y", "H"]) | _says_more_than_no(facts, names))
    if module != fields.PLACEMENT_DETAIL:
        return _says_more_than_no(facts, names)
    plans = [f.name for m in (fields.NAMED_PLAN, fields.ACTIVE_PLANS) for f in fields.of_module(m, local=True)]
    held = [name for name in plans if name in facts]
    planned = _says_more_than_no(facts, held) if held else True
    if "assessment_outcome" in facts:
        planned |= facts["assessment_outcome"].isin(["Y", "H"])
    return filled & planned


def _says_more_than_no(facts: pd.DataFrame, names: list[str]) -> pd.Series:
    return (facts[names].notna() & facts[names].ne("0")).any(axis=1)


def _persons(facts: pd.DataFrame) -> pd.DataFrame:
    """One record a person: the first row's, its blanks filled from the person's other rows."""
    names = [field.name for field in fields.of_module(fields.PERSON, local=True) if field.name in facts]
    persons = facts[["person_id", *names, "row"]]
    again = persons["person_id"].duplicated(keep=False)
    if not again.any():
        return persons
    joined = persons[again].groupby("person_id", sort=False, as_index=False).first()
    return pd.concat([persons[~again], joined], ignore_index=True).sort_values("row", ignore_index=True)


def _needs(facts: pd.DataFrame) -> pd.DataFrame | None:
    """Types of need with their rank: the primary need's column is rank 1, the secondary need's rank 2."""
    parts = []
    if "sen_type" in facts:
        rank = facts["sen_type_rank"] if "sen_type_rank" in facts else "1"
        parts.append(facts[["request_id", "sen_type", "row"]].assign(sen_type_rank=rank))
    for column, rank in _NEEDS.items():
        if column in facts:
            named = facts[["request_id", column, "row"]].rename(columns={column: "sen_type"})
            parts.append(named.assign(sen_type_rank=rank))
    if not parts:
        return None
    needs = pd.concat(parts, ignore_index=True).dropna(subset=["sen_type"]).astype({"sen_type_rank": "str"})
    return needs.sort_values("row", kind="stable", ignore_index=True)


def _with_placement(facts: pd.DataFrame) -> pd.DataFrame:
    """The column `placement` by what each cell is: URN, UKPRN, setting or name; a single placement is the main one."""
    added = {}
    if PLACEMENT in facts:
        for name, found in _placement_kinds(facts[PLACEMENT]).items():
            if found.notna().any():
                added[name] = facts[name].fillna(found) if name in facts else found
    facts = facts.assign(**added)
    placing = [field.name for field in fields.of_module(fields.PLACEMENT_DETAIL) if field.name in facts]
    if not placing or "placement_rank" in facts:
        return facts
    main = pd.Series("1", index=facts.index, dtype="str").where(facts[placing].notna().any(axis=1))
    return facts.assign(placement_rank=main)


def _placement_kinds(cells: pd.Series) -> dict[str, pd.Series]:
    numbers, texts = pd.factorize(cells)
    codes = pd.array([*(code_for("sen_setting", text) for text in texts), None], dtype="str")
    setting = pd.Series(codes.take(numbers), index=cells.index)
    urn, ukprn = cells.str.fullmatch(r"\d{5,6}"), cells.str.fullmatch(r"\d{8}")
    name = cells.mask(urn | ukprn | setting.notna())
    return {"urn": cells.where(urn), "ukprn": cells.where(ukprn), "sen_setting": setting, "sen_setting_other": name}


def _held(modules: dict[str, pd.DataFrame]) -> frozenset[tuple[str, str]]:
    not_fields = ["request_id", "person_id", *PLACE]
    return frozenset((m, name) for m, frame in modules.items() for name in frame.columns.difference(not_fields))


def _told_orders(mapping: Mapping) -> dict[str, str]:
    """Field to the order that the mapping tells; a field made of several columns takes the first that tells one."""
    orders: dict[str, str] = {}
    for column, target in mapping.columns.items():
        told = mapping.order_of(column) if kind_of(target) == fields.DATE else ""
        for name in _fields_of(target) if told else ():
            orders.setdefault(name, told)
    return orders


def _fields_of(target: str) -> Iterable[str]:
    return [name for name, sources in SOURCES.items() if target in sources] if target in EXTRA else [target]


def _invented(facts: pd.DataFrame) -> bool:
    names = facts["surname"].dropna() if "surname" in facts else pd.Series(dtype="str")
    return len(names) > 0 and bool(names.str.startswith(INVENTED_NAME).all())
