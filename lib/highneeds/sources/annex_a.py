"""Ofsted's Annex A: List 1, children with an EHC plan, and List 2, children on SEN Support. CSV files or sheets.

List 1 has one row a child and no request, so the child's id stands for the request's. List 2 has no place in the
return: its rows become `sen_support_list`.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from highneeds.cases import RawReturn, SourceFile
from highneeds.errors import SourceError
from highneeds.fields import ACTIVE_PLANS, NAMED_PLAN, PERSON, PLACEMENT_DETAIL, REQUESTS, SEN_NEED, plain_heading
from highneeds.sources.returns import Stamp, need, pick, placed, whole_return

LAYOUT = "annex_a"
LIST_1, LIST_2 = 1, 2
SEN_SUPPORT_LIST = "sen_support_list"
INVENTED_ID = "INVENTED-"
_FIRST_ROWS = 10  # a sheet may open with a title
_PERSON = {
    "unique id": "person_id",
    "upn": "upn",
    "uln": "uln",
    "date of birth": "birth_date",
    "gender": "sex",
    "sex": "sex",
    "ethnicity": "ethnicity",
    "does the child or young person have a disability?": "disability",
}
_NEED = {"sen primary need": "sen_type"}
_PLACE = {"main education establishment - urn": "urn"}
_HOME = {"elective home education": "home"}
_PLAN = {"date initial ehc plan issued": "start_date", "date updated ehc plan issued": "updated_date"}
_REVIEW = {"date ehc plan last reviewed": "last_review"}
_PHASE = {"main education establishment - phase": "phase"}
_YES = ("y", "yes", "1", "true")


@dataclass(frozen=True)
class ListTable:
    """One list as found: which, its rows under their headings with `row`, and where it stood."""

    number: int
    rows: pd.DataFrame
    source: SourceFile
    sheet: str = ""

    @property
    def where(self) -> str:
        """File and sheet, for messages."""
        return f"{self.source.name}, sheet {self.sheet}" if self.sheet else self.source.name


def annex_list(headings: Iterable[str]) -> int:
    """1 or 2 where the headings are a list's, else 0."""
    plain = {plain_heading(heading) for heading in headings}
    if not {"unique id", *_NEED} <= plain:
        return 0
    if plain & {*_PLAN, *_REVIEW}:
        return LIST_1
    return LIST_2 if plain & {*_PLACE, *_PHASE} else 0


def list_start(sheet: pd.DataFrame) -> int:
    """Position of the row with a list's headings among a sheet's first rows; -1 where there is none."""
    for at in range(min(_FIRST_ROWS, len(sheet))):
        if annex_list(sheet.iloc[at].drop("row").dropna().astype(str)):
            return at
    return -1


def read_annex_a(tables: Iterable[ListTable]) -> RawReturn:
    """Both lists, or either. Raises SourceError where a list comes twice or has no ids."""
    lists = sorted(tables, key=lambda table: (table.number, table.where))
    by_number: dict[int, list[ListTable]] = {}
    for table in lists:
        by_number.setdefault(table.number, []).append(table)
    twice = [
        f"{' and '.join(table.where for table in found)}: all hold List {number}. Expected one. Remove the others."
        for number, found in by_number.items()
        if len(found) > 1
    ]
    if twice:
        raise SourceError(twice)
    parts = [_modules(table) for table in lists]
    modules = {
        m: pd.concat([part[m] for part in parts if m in part], ignore_index=True) for part in parts for m in part
    }
    modules.setdefault(REQUESTS, _empty_requests())
    ids = modules[PERSON]["person_id"].dropna()
    said = Stamp(invented=len(ids) > 0 and bool(ids.str.startswith(INVENTED_ID).all()))
    files = dict.fromkeys(table.source for table in lists)
    return whole_return(LAYOUT, files, modules, said, stable_ids=False)


def _empty_requests() -> pd.DataFrame:
    text = pd.Series(dtype="str")
    return placed(pd.DataFrame({"request_id": text, "person_id": text, "row": pd.Series(dtype="int64")}), file="")


def _modules(table: ListTable) -> dict[str, pd.DataFrame]:
    frame = pick(table.rows, _PERSON | _NEED | _PLACE | _HOME | _PLAN | _REVIEW | _PHASE, table.where)
    need(frame, {"person_id": "Unique ID"}, table.where)
    person = _part(frame, table, dict.fromkeys(_PERSON.values()))
    if table.number == LIST_2:
        return {PERSON: person, SEN_SUPPORT_LIST: _part(frame, table, ["person_id", "sen_type", "urn", "phase"])}
    frame = frame.assign(request_id=frame["person_id"], sen_type_rank="1")
    placements = _placements(frame)
    needs = frame[frame["sen_type"].notna()]
    return {
        PERSON: person,
        REQUESTS: _part(frame, table, ["request_id", "person_id"]),
        NAMED_PLAN: _part(frame, table, ["request_id", *_PLAN.values()]),
        ACTIVE_PLANS: _part(frame, table, ["request_id", *_REVIEW.values()]),
        PLACEMENT_DETAIL: _part(placements, table, ["request_id", "urn", "sen_setting", "placement_rank"]),
        SEN_NEED: _part(needs, table, ["request_id", "sen_type", "sen_type_rank"]),
    }


def _placements(frame: pd.DataFrame) -> pd.DataFrame:
    """Children with a school or taught at home; a child with neither has no placement."""
    frame = frame.assign(placement_rank="1")
    if "home" in frame:
        at_home = frame["home"].str.lower().isin(_YES)
        frame = frame.assign(sen_setting=pd.Series("EHE", frame.index, "str").where(at_home))
    return frame[frame[[name for name in ("urn", "sen_setting") if name in frame]].notna().any(axis=1)]


def _part(frame: pd.DataFrame, table: ListTable, names: Iterable[str]) -> pd.DataFrame:
    columns = [name for name in names if name in frame]
    return placed(frame[[*columns, "row"]], file=table.source.name, sheet=table.sheet)
