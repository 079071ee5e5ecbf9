"""Several returns of one authority as one set of records: who is the same child, which request is the same.

Within one return a record's own ids decide. Across returns the authority's own ids decide where every return has
them; else a child is known by UPN, ULN, or name with date of birth, and a request by its child and the day it was
received. A later return's record takes the place of an earlier one's; where the later is blank, or says only
`historical`, what the earlier said stands.
"""

from collections.abc import Sequence

import pandas as pd

from highneeds import fields
from highneeds.cases import PLACE, RawReturn
from highneeds.sources.annex_a import SEN_SUPPORT_LIST

LATER = "later return"
DUPLICATE = "DQ02"
RETURN = "return_number"  # 0 is the earliest
_OWN = ("person_id", "request_id")
_HISTORICAL = {"request_outcome": "request_outcome_date", "assessment_outcome": "assessment_outcome_date"}


def stacked(returns: Sequence[dict[str, pd.DataFrame]], module: str) -> pd.DataFrame:
    """Records of a module of all returns, the earliest first, numbered by return."""
    parts = [tables[module].assign(**{RETURN: number}) for number, tables in enumerate(returns) if module in tables]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def number_persons(tables: dict[str, pd.DataFrame], raws: Sequence[RawReturn]) -> None:
    """Replace the text person_id wherever it stands by whole numbers that mean one child in all returns."""
    frames = [tables[module] for module in (fields.PERSON, fields.REQUESTS, SEN_SUPPORT_LIST) if len(tables[module])]
    keys = [_within_return(frame, "person_id", raws) for frame in frames]
    if not keys:
        return
    _number(frames, "person_id", keys)
    person = tables[fields.PERSON]
    if len(raws) > 1 and len(person) and not all(raw.stable_ids for raw in raws):
        _renumber(frames, "person_id", _same_child(person))


def number_requests(tables: dict[str, pd.DataFrame], raws: Sequence[RawReturn]) -> None:
    """Replace the text request_id in every module by whole numbers that mean one request in all returns; -1 none."""
    children = [module for module in fields.MODULES if module != fields.PERSON and len(tables[module])]
    frames = [tables[module] for module in children]
    if not frames:
        return
    _number(frames, "request_id", [_within_return(frame, "request_id", raws) for frame in frames])
    if len(raws) > 1 and not all(raw.stable_ids for raw in raws):
        _renumber(frames, "request_id", _same_request(tables[fields.REQUESTS]))


def _number(frames: Sequence[pd.DataFrame], name: str, keys: Sequence[pd.Series]) -> None:
    """Whole numbers in place of text keys, the same for the same text in all frames; -1 where there is none."""
    codes = pd.Series(pd.concat(keys, ignore_index=True).factorize()[0], dtype="int64")
    start = 0
    for frame in frames:
        frame[name] = codes[start : start + len(frame)].array
        start += len(frame)


def _renumber(frames: Sequence[pd.DataFrame], name: str, same: pd.Series) -> None:
    for frame in frames:
        frame[name] = frame[name].map(same).fillna(frame[name]).astype("int64")


def _within_return(frame: pd.DataFrame, name: str, raws: Sequence[RawReturn]) -> pd.Series:
    """Id as text that is distinct among returns, unless every return has the authority's own ids."""
    ids = frame[name].astype("str")
    if len(raws) == 1 or all(raw.stable_ids for raw in raws):
        return ids
    return ids.where(ids.isna(), frame[RETURN].astype("str") + "|" + ids)


def _same_child(person: pd.DataFrame) -> pd.Series:
    """Person number to the number of the same child's first record; a key that is not unique in a return is no key."""
    named = person["surname"].str.upper() + "|" + person["forename"].str.upper()
    named = named + "|" + person["birth_date"].astype("str")
    key = ("u" + person["upn"]).fillna("l" + person["uln"]).fillna("n" + named.where(person["birth_date"].notna()))
    twice = pd.DataFrame({"key": key, RETURN: person[RETURN]}).duplicated(keep=False)
    key = key.mask(twice).fillna("p" + person["person_id"].astype("str"))
    first = person["person_id"].groupby(key).transform("first")
    return pd.Series(first.array, index=person["person_id"].array).groupby(level=0).first()


def _same_request(requests: pd.DataFrame) -> pd.Series:
    """Request number to the number of its first record: the same child, the same day, the same place in that day."""
    keyed = requests[[RETURN, "person_id", "received_date", "request_id"]].copy()
    keyed["nth"] = keyed.groupby([RETURN, "person_id", "received_date"], dropna=False).cumcount()
    known = keyed["received_date"].notna() & keyed["request_id"].ge(0)
    first = keyed[known].groupby(["person_id", "received_date", "nth"])["request_id"].transform("first")
    return pd.Series(first.array, index=keyed.loc[known, "request_id"].array).groupby(level=0).first()


def one_each(frame: pd.DataFrame, key: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """One record a key: the newest return's, blanks filled from earlier ones; and what was set aside, with its rule."""
    known = frame[key].ge(0)
    repeated = frame.duplicated([key, RETURN]) & known
    set_aside = [frame.loc[repeated, PLACE].assign(rule=DUPLICATE)]
    frame = frame[~repeated]
    older = frame.duplicated(key, keep="last") & frame[key].ge(0)
    if not older.any():
        return frame, set_aside[0]
    set_aside.append(frame.loc[older, PLACE].assign(rule=LATER))
    return _filled(frame, key, older), pd.concat(set_aside, ignore_index=True)


def _filled(frame: pd.DataFrame, key: str, older: pd.Series) -> pd.DataFrame:
    """Newest records, with what earlier ones said where the newest are blank or say `historical`."""
    newest = frame[~older]
    earlier = frame[older & frame[key].isin(newest[key])]
    for outcome, dated in _HISTORICAL.items():
        if outcome in newest:
            newest = _decided_before(newest, earlier, key=key, outcome=outcome, dated=dated)
    last = earlier.groupby(key).last()
    for name in last.columns.difference([*_OWN, *PLACE, RETURN]):
        if earlier[name].notna().any():
            said = newest[key].map(last[name]).astype(newest[name].dtype)
            newest = newest.assign(**{name: newest[name].where(newest[name].notna(), said)})
    return newest


def _decided_before(newest, earlier, *, key: str, outcome: str, dated: str) -> pd.DataFrame:
    """Where the newest says only `historical`, the decision and its day from the earlier return."""
    decided = earlier[earlier[outcome].isin(["Y", "N"])].drop_duplicates(key, keep="last").set_index(key)
    says = newest[outcome].eq("H") & newest[key].isin(decided.index)
    if not says.any():
        return newest
    return newest.assign(
        **{
            name: newest[name].mask(says, newest[key].map(decided[name]).astype(newest[name].dtype))
            for name in (outcome, dated)
        }
    )


def newest_set(frame: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Records of which a request has several (placements, needs): those of its newest return."""
    newest = frame.groupby("request_id")[RETURN].transform("max")
    older = frame[RETURN].ne(newest) & frame["request_id"].ge(0)
    return frame[~older], frame.loc[older, PLACE].assign(rule=LATER)
