"""Workbooks of the SEN2 return: the Excel template, with stacked tables, and the pre-submission one, a sheet a module.

Request ids in both are the authority's own. Tables are found by title or sheet name, columns by heading.
"""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from highneeds.cases import RawReturn
from highneeds.errors import HighneedsError, SourceError
from highneeds.fields import MODULES, PERSON, REQUESTS, SHEETS, TEMPLATE_HEADER, TEMPLATE_TITLES, plain_heading
from highneeds.sources.returns import (
    HEADER,
    Stamp,
    need,
    pick,
    placed,
    source_file,
    stamp,
    template_names,
    tidy_ids,
    whole_return,
    xml_names,
)

TEMPLATE, PRE_SUBMISSION = "template", "pre_submission"
INVENTED_SHEET = "invented"
_TITLES = {plain_heading(title): module for module, title in TEMPLATE_TITLES.items()}
_TITLES[plain_heading(TEMPLATE_HEADER)] = TEMPLATE_HEADER
_TEMPLATE_IDS = {"person id": "person_id", "requests record id": "request_id", "la": "la"}
_SHEET_IDS = {"persontableid": "person_id", "requeststableid": "request_id"}
_SHEETS = {plain_heading(title): module for module, title in SHEETS.items()}
_TITLE_COLUMNS = 3  # the second in the template as issued; people delete the first or insert one

Sheets = Mapping[str, pd.DataFrame]


def workbook_layout(sheets: Sheets) -> str:
    """`template`, `pre_submission` or "", by what the sheets hold."""
    if template_sheets(sheets):
        return TEMPLATE
    known = {module: sheet for name, sheet in sheets.items() if (module := _SHEETS.get(plain_heading(name)))}
    fits = PERSON in known and REQUESTS in known
    if fits and any(_SHEET_IDS.keys() & set(_headings(sheet)) for sheet in known.values()):
        return PRE_SUBMISSION
    return ""


def template_sheets(sheets: Sheets) -> list[str]:
    """Names of the sheets that hold the template's tables of persons and requests."""
    return [name for name, sheet in sheets.items() if {PERSON, REQUESTS} <= set(_titles(sheet).values())]


def read_template(path: Path, sheets: Sheets) -> RawReturn:
    """Return in the Excel template; `sheets` from `read_workbook_text`. Raises SourceError, all faults."""
    names = template_sheets(sheets)
    if len(names) > 1:
        raise SourceError(
            f"{path.name}: sheets {' and '.join(names)} both hold a return. Expected one. Remove the other."
        )
    where = f"{path.name}, sheet {names[0]}"
    tables = dict(_tables(sheets[names[0]], where))
    header = tables.pop(TEMPLATE_HEADER, pd.DataFrame(columns=["row"]))
    modules = _each(tables, lambda module, table: _template_module(module, table, where))
    said = _template_stamp(header, modules, where)
    frames = {
        m: placed(frame.drop(columns="la", errors="ignore"), file=path.name, sheet=names[0])
        for m, frame in modules.items()
    }
    return whole_return(TEMPLATE, [source_file(path)], frames, _with_sheet(said, sheets), stable_ids=True)


def _titles(sheet: pd.DataFrame) -> dict[int, str]:
    """Position of each title in a sheet, and its table."""
    found: dict[int, str] = {}
    for column in [name for name in sheet.columns if name != "row"][:_TITLE_COLUMNS]:
        texts = sheet[column].dropna()
        known = {text: _TITLES.get(plain_heading(text)) for text in texts.unique()}
        found |= {at: table for at, table in texts.map(known).dropna().items()}
    return dict(sorted(found.items()))


def _tables(sheet: pd.DataFrame, where: str):
    """Each table of the template: its title's table, and its rows under their headings. Raises SourceError."""
    starts = _titles(sheet)
    twice = [table for table in set(starts.values()) if list(starts.values()).count(table) > 1]
    if twice:
        titles = " and ".join(sorted(TEMPLATE_TITLES.get(table, table) for table in twice))
        raise SourceError(
            f"{where}: title {titles} stands twice. Expected once. Put each return in a workbook of its own."
        )
    ends = [*list(starts)[1:], len(sheet)]
    for (start, table), end in zip(starts.items(), ends, strict=True):
        yield table, under_headings(sheet.iloc[start + 1 : end])


def under_headings(block: pd.DataFrame) -> pd.DataFrame:
    """Rows of a block under the headings in its first row; columns without a heading are left out."""
    if block.empty:
        return pd.DataFrame({"row": pd.Series(dtype="int64")})
    first = block.iloc[0].drop("row").dropna()
    first = first[first.ne("row")]
    body = block.iloc[1:]
    frame = body[[*first.index, "row"]]
    frame.columns = pd.Index([*first.astype(str), "row"], dtype=object)
    return frame


def _each(tables: Mapping[str, pd.DataFrame], read) -> dict[str, pd.DataFrame]:
    found, faults = {}, []
    for module in [module for module in MODULES if module in tables]:
        try:
            found[module] = read(module, tables[module])
        except HighneedsError as fault:
            faults += fault.faults
    if faults:
        raise SourceError(faults)
    return found


def _template_module(module: str, table: pd.DataFrame, where: str) -> pd.DataFrame:
    title = f"{where}, {TEMPLATE_TITLES[module]}"
    frame = pick(table, template_names(module) | _TEMPLATE_IDS, title)
    headings = {"person_id": "Person ID", "request_id": "Requests record ID"}
    return _with_ids(frame, module, headings, title)


def _with_ids(frame: pd.DataFrame, module: str, headings: Mapping[str, str], where: str) -> pd.DataFrame:
    """Frame with the ids its module has; rows that hold nothing but what a template fills in are gone."""
    ids = ["person_id"] if module == PERSON else ["request_id", "person_id"] if module == REQUESTS else ["request_id"]
    need(frame, {name: headings[name] for name in ids}, where)
    frame = frame.drop(columns=[name for name in headings if name in frame and name not in ids])
    filled = frame.drop(columns=["row", "la"], errors="ignore").notna().any(axis=1)
    frame = frame[filled]
    return frame.assign(**{name: tidy_ids(frame[name]) for name in ids})


def _template_stamp(header: pd.DataFrame, modules: Mapping[str, pd.DataFrame], where: str) -> Stamp:
    about = pick(header, {name: part for name, part in HEADER.items() if " " in name or name == "year"}, where)
    said = {part: set(about[part].dropna()) for part in about.columns.drop("row")}
    in_rows = [set(frame["la"].dropna()) for frame in modules.values() if "la" in frame]
    return stamp(said | {"la": said.get("la", set()).union(*in_rows)}, f"{where}, {TEMPLATE_HEADER}")


def _with_sheet(said: Stamp, sheets: Sheets) -> Stamp:
    marked = said.invented or any(name.strip().lower() == INVENTED_SHEET for name in sheets)
    return Stamp(said.year, said.day, said.la_code, marked)


def read_pre_submission(path: Path, sheets: Sheets) -> RawReturn:
    """Pre-submission workbook; it has no header record, so year and authority stay unknown. Raises SourceError."""
    known: dict[str, list[str]] = {}
    for name in sheets:
        module = _SHEETS.get(plain_heading(name))
        if module:
            known.setdefault(module, []).append(name)
    twice = [" and ".join(names) for names in known.values() if len(names) > 1]
    if twice:
        raise SourceError(
            f"{path.name}: sheets {names} hold the same module. Expected one. Remove the other." for names in twice
        )
    tables = {module: sheets[names[0]] for module, names in known.items()}
    modules = _each(
        tables, lambda module, sheet: _sheet_module(module, sheet, f"{path.name}, sheet {known[module][0]}")
    )
    frames = {m: placed(frame, file=path.name, sheet=known[m][0]) for m, frame in modules.items()}
    return whole_return(PRE_SUBMISSION, [source_file(path)], frames, _with_sheet(Stamp(), sheets), stable_ids=True)


def _headings(sheet: pd.DataFrame) -> list[str]:
    return [plain_heading(text) for text in sheet.iloc[0].drop("row").dropna().astype(str)] if len(sheet) else []


def _sheet_module(module: str, sheet: pd.DataFrame, where: str) -> pd.DataFrame:
    frame = pick(under_headings(sheet), xml_names(module) | _SHEET_IDS, where)
    return _with_ids(frame, module, {"person_id": "persontableid", "request_id": "requeststableid"}, where)
