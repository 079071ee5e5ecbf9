"""What a real return of one year would hold, and what it would no longer say.

A return has the plans in force on the survey day and those that ceased since the January before, the decisions of
the calendar year before, and the work in hand; of earlier years it keeps neither refusals nor withdrawals, and
decisions of earlier years are historical (H).
"""

from dataclasses import replace

import pandas as pd

from highneeds.demo.plans import plan_details
from highneeds.demo.world import Spoiled, World
from highneeds.errors import ParamsError
from highneeds.fields import (
    ACTIVE_PLANS,
    ASSESSMENT,
    NAMED_PLAN,
    PERSON,
    PLACEMENT_DETAIL,
    PLAN_DETAIL,
    REQUESTS,
    SEN_NEED,
)
from highneeds.periods import SURVEY_DAYS

_ROUND = 352  # days between one review and the next, as plans are made


def one_return(world: World, year: int) -> World:
    """The world as a return of a year would hold it: its survey day, its fields, its cases.

    Raises ParamsError for a year whose survey day is not known, or after the day of the extract.
    """
    if year not in SURVEY_DAYS or SURVEY_DAYS[year] > world.as_at:
        raise ParamsError(f"return of {year}: its survey day is unknown or after {world.as_at}. Choose another year.")
    day, first = pd.Timestamp(SURVEY_DAYS[year]), pd.Timestamp(year - 1, 1, 1)
    named = _plans(world.modules[NAMED_PLAN], day, first)
    requests, assessments = _decisions(world, day, first, named)
    kept = {
        PERSON: _of(world.modules[PERSON], "person_id", requests),
        REQUESTS: requests,
        ASSESSMENT: _of(assessments, "request_id", requests),
        NAMED_PLAN: named,
    }
    held = named[named["cease_date"].isna()]
    kept[ACTIVE_PLANS] = _active(_of(world.modules[ACTIVE_PLANS], "request_id", held), held, requests, day, first)
    placed = world.modules[PLACEMENT_DETAIL]
    placed = placed[placed["entry_date"].le(day) & ~placed["leaving_date"].lt(first)]
    placed = _blanked(placed, "leaving_date", day).reset_index(drop=True)
    kept[PLAN_DETAIL] = plan_details(_of(placed, "request_id", named))
    kept[PLACEMENT_DETAIL] = _of(placed, "request_id", held)
    kept[SEN_NEED] = _of(world.modules[SEN_NEED], "request_id", held)
    spoiled = tuple(_moved(fault, world, kept) for fault in world.spoiled)
    return replace(world, modules=kept, year=year, reference_date=SURVEY_DAYS[year], spoiled=spoiled)


def _moved(fault: Spoiled, world: World, kept: dict[str, pd.DataFrame]) -> Spoiled:
    """The same spoiled cells, at the places where their records stand now."""
    texts = dict(zip(world.modules[fault.module]["request_id"].iloc[list(fault.rows)], fault.texts, strict=True))
    ids = kept[fault.module]["request_id"]
    rows = ids.index[ids.isin(list(texts))]
    return replace(fault, rows=tuple(rows), texts=tuple(texts[ids[row]] for row in rows))


def _of(frame: pd.DataFrame, key: str, parents: pd.DataFrame) -> pd.DataFrame:
    """Records whose parent is there."""
    return frame[frame[key].isin(parents[key])].reset_index(drop=True)


def _blanked(frame: pd.DataFrame, name: str, day: pd.Timestamp) -> pd.DataFrame:
    """Days that had not come yet are not known."""
    return frame.assign(**{name: frame[name].mask(frame[name].gt(day))})


def _plans(named: pd.DataFrame, day: pd.Timestamp, first: pd.Timestamp) -> pd.DataFrame:
    """Plans in force on the survey day, and those that ceased since the January before."""
    named = named[named["start_date"].le(day) & ~named["cease_date"].lt(first)]
    later = named["cease_date"].gt(day)
    named = named.assign(cease_reason=named["cease_reason"].mask(later))
    return _blanked(_blanked(named, "cease_date", day), "updated_date", day).reset_index(drop=True)


def _decisions(world: World, day: pd.Timestamp, first: pd.Timestamp, named: pd.DataFrame):
    """Requests and assessments that a return holds, as they stood on the survey day."""
    requests, assessments = world.modules[REQUESTS], world.modules[ASSESSMENT]
    requests = requests[~requests["received_date"].gt(day)].reset_index(drop=True)
    requests = _as_it_stood(requests, "request_outcome", requests["closed_date"], day, first)
    known = world.modules[REQUESTS].set_index("request_id")["closed_date"]
    closed = known.reindex(assessments["request_id"]).set_axis(assessments.index)
    assessments = _as_it_stood(assessments, "assessment_outcome", closed, day, first)
    begun = requests.set_index("request_id")["request_outcome"].ne("A")
    assessments = assessments[assessments["request_id"].map(begun).fillna(False).astype(bool)]
    now = {table: frame.loc[_now(frame, name, day, first), "request_id"] for table, frame, name in (
        (REQUESTS, requests, "request_outcome"), (ASSESSMENT, assessments, "assessment_outcome"))}  # fmt: skip
    withdrawn = requests.loc[requests["closed_date"].between(first, day), "request_id"]
    ids = pd.concat([*now.values(), withdrawn, named["request_id"]])
    requests = _blanked(requests, "closed_date", day)
    return requests[requests["request_id"].isin(ids)].reset_index(drop=True), assessments


def _as_it_stood(frame: pd.DataFrame, name: str, closed: pd.Series, day, first) -> pd.DataFrame:
    """Outcomes of the survey day: later ones awaited, those of earlier years historical."""
    decided = frame[f"{name}_date"].fillna(closed)
    outcome = frame[name].mask(decided.gt(day), "A").mask(decided.lt(first) & frame[name].isin(["Y", "N"]), "H")
    flags = {column: frame[column].mask(outcome.eq("A"), False) for column in frame if frame[column].dtype == "boolean"}
    told = frame[f"{name}_date"].where(outcome.isin(["Y", "N"]))
    return frame.assign(**{name: outcome, f"{name}_date": told} | flags)


def _now(frame: pd.DataFrame, name: str, day, first) -> pd.Series:
    """Decisions of the return's year, and work in hand."""
    return frame[f"{name}_date"].between(first, day) | frame[name].eq("A")


def _active(active: pd.DataFrame, held: pd.DataFrame, requests: pd.DataFrame, day, first) -> pd.DataFrame:
    """Reviews that had been held by then: the last ones are moved back by whole rounds."""
    start = active["request_id"].map(held.set_index("request_id")["start_date"])
    received = active["request_id"].map(requests.set_index("request_id")["received_date"])
    late = (active["last_review"] - day).dt.days.clip(lower=0).fillna(0)
    back = pd.to_timedelta(-(-late // _ROUND) * _ROUND, unit="D").astype("timedelta64[s]")
    moved = {name: active[name] - back for name in ("review_meeting", "last_review", "review_draft")}
    held_then = moved["review_meeting"].gt(start + pd.Timedelta(days=300))
    moved = {name: column.where(held_then) for name, column in moved.items()}
    return active.assign(
        **moved,
        review_outcome=active["review_outcome"].where(held_then),
        transfer_la=active["transfer_la"].where(received.ge(first)),
        phase_transfer_due_date=active["phase_transfer_due_date"].where(
            active["phase_transfer_due_date"].dt.year.eq(day.year)
        ),
        phase_transfer_final_date=active["phase_transfer_final_date"].where(
            active["phase_transfer_final_date"].le(day)
        ),
    )
