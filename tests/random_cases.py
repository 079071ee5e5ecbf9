"""Invented local case data with every oddity that measures must stand: numbers and codes alone, no person."""

from datetime import date

import numpy as np
import pandas as pd

from highneeds.cases import Cases
from highneeds.fields import ASSESSMENT, FIELDS, REQUESTS

EXTRACT = date(2026, 1, 15)
HELD = frozenset((field.module, field.name) for field in FIELDS)
ABSENT_FLAGS = frozenset(
    pair for pair in HELD if pair[0] in (REQUESTS, ASSESSMENT) and pair[1].endswith(("mediation", "tribunal"))
)
DATES = "datetime64[us]"
_FIRST = np.datetime64("2022-01-01")
_SPAN = int((np.datetime64(EXTRACT) - _FIRST).astype(int))
_FLAGS = [True, False, pd.NA]
_NONE = [
    "surname forename ethnicity postcode upn uln upn_unknown disability".split(),
    "rya".split(),
    "plan_res plan_wbp pb oa dp updated_date".split(),
    "ukprn sen_setting_other attendance_pattern res wbp".split(),
]


def random_cases(seed: int, *, size: int = 2_000, held: frozenset[tuple[str, str]] = HELD) -> Cases:
    """Cases of `size` requests, on the day EXTRACT; the same seed gives the same cases."""
    rng = np.random.default_rng(seed)
    requests = _requests(rng, size)
    assessments = _assessments(rng, requests)
    plans = _plans(rng, requests, assessments, size)
    ids = plans["request_id"].unique()
    links = pd.DataFrame({"request_id": np.arange(size + size // 20)})
    links["person_id"] = rng.integers(0, max(1, size * 8 // 10), len(links))
    links.loc[: size - 1, "person_id"] = requests["person_id"].to_numpy()
    persons = pd.DataFrame({"person_id": np.arange(max(1, size * 8 // 10))})
    persons["birth_date"] = _dates(rng, len(persons), since="1999-01-01", span=9_800, missing=0.03)
    persons["sex"] = _codes(rng, ["M", "F", None], [0.6, 0.35, 0.05], len(persons))
    tables = {
        "persons": persons.assign(**dict.fromkeys(_NONE[0])),
        "requests": requests.assign(**dict.fromkeys(_NONE[1])),
        "assessments": assessments,
        "plans": plans.assign(**dict.fromkeys(_NONE[2])),
        "placements": _placements(rng, ids).assign(**dict.fromkeys(_NONE[3])),
        "needs": _needs(rng, ids),
    }
    return cases_of(**tables, links=links, held=held)


def cases_of(*, held: frozenset[tuple[str, str]] = HELD, **tables: pd.DataFrame) -> Cases:
    """Cases from tables, the others empty."""
    nothing = {
        name: pd.DataFrame({"request_id": pd.Series(dtype="int64")}) for name in ("quarantine", "counts", "cells")
    }
    return Cases(
        **tables,
        **nothing,
        extract_date=EXTRACT,
        la_code="999",
        layouts=("extract",),
        years=(),
        files=(),
        held=held,
        invented=True,
    )


def _codes(rng: np.random.Generator, codes: list, shares: list[float], size: int) -> pd.Series:
    return pd.Series(np.array(codes, dtype=object)[rng.choice(len(codes), size, p=shares)], dtype="str")


def _flags(rng: np.random.Generator, size: int, *, raised: float) -> pd.Series:
    return pd.Series(rng.choice(3, size, p=[raised, 0.8 - raised, 0.2])).map(dict(enumerate(_FLAGS))).astype("boolean")


def _dates(rng: np.random.Generator, size: int, *, since: str, span: int, missing: float) -> pd.Series:
    days = np.datetime64(since) + rng.integers(0, span, size)
    return pd.Series(days.astype(DATES)).mask(rng.random(size) < missing)


def _after(rng: np.random.Generator, dates: pd.Series, edges: list[int], top: int, *, missing: float) -> pd.Series:
    """Dates some days later: often on an edge, now and then earlier."""
    size = len(dates)
    days = np.where(rng.random(size) < 0.3, rng.choice(edges, size), rng.integers(0, top, size))
    days = np.where(rng.random(size) < 0.01, -rng.integers(1, 30, size), days)
    return (dates + pd.to_timedelta(days, unit="D").to_series(index=dates.index)).mask(rng.random(size) < missing)


def _by_now(dates: pd.Series) -> pd.Series:
    return dates.mask(dates.gt(pd.Timestamp(EXTRACT)))


def _requests(rng: np.random.Generator, size: int) -> pd.DataFrame:
    received = _dates(rng, size, since="2022-01-01", span=_SPAN + 1, missing=0.005)
    outcome = _codes(rng, ["Y", "N", "A", "W", "H", None], [0.6, 0.2, 0.07, 0.07, 0.05, 0.01], size)
    decided = _after(rng, received, [41, 42, 43], 130, missing=0.03)
    later = decided.gt(pd.Timestamp(EXTRACT)) & outcome.isin(["Y", "N"])
    dated = outcome.isin(["Y", "N"]) | (rng.random(size) < 0.02)
    flags = {name: _flags(rng, size, raised=0.04) for name in ("request_mediation", "request_tribunal")}
    frame = pd.DataFrame(
        {
            "request_id": np.arange(size),
            "person_id": rng.integers(0, max(1, size * 8 // 10), size),
            "received_date": received,
            "request_source": _codes(rng, [*"12345", None], [0.3, 0.3, 0.1, 0.1, 0.1, 0.1], size),
            "request_outcome": outcome.mask(later, "A"),
            "request_outcome_date": _by_now(decided.where(dated)),
            **flags,
            "exported": _codes(rng, ["301", None], [0.02, 0.98], size),
            "closed_date": _by_now(_after(rng, received, [30, 60], 300, missing=0.5)),
            "area": _codes(rng, ["North", "South", "East", None], [0.4, 0.3, 0.2, 0.1], size),
        }
    )
    kept = frame["request_outcome"].eq("W") | frame["exported"].notna() | (rng.random(size) < 0.02)
    return frame.assign(closed_date=frame["closed_date"].where(kept))


def _assessments(rng: np.random.Generator, requests: pd.DataFrame) -> pd.DataFrame:
    odds = requests["request_outcome"].map({"Y": 0.95, "N": 0.2, "A": 0.02, "W": 0.02, "H": 0.6}).fillna(0.5)
    chosen = requests[rng.random(len(requests)) < odds].reset_index(drop=True)
    size = len(chosen)
    outcome = _codes(rng, ["Y", "N", "A", "W", "H", None], [0.7, 0.1, 0.09, 0.05, 0.05, 0.01], size)
    issued = _after(rng, chosen["received_date"], [111, 112, 113, 139, 140, 141, 364, 365], 600, missing=0.04)
    later = issued.gt(pd.Timestamp(EXTRACT)) & outcome.isin(["Y", "N"])
    dated = outcome.isin(["Y", "N"]) | (rng.random(size) < 0.02)
    flags = "assessment_mediation assessment_tribunal other_mediation other_tribunal".split()
    return pd.DataFrame(
        {
            "request_id": chosen["request_id"],
            "assessment_outcome": outcome.mask(later, "A"),
            "assessment_outcome_date": _by_now(issued.where(dated)),
            **{name: _flags(rng, size, raised=0.03) for name in flags},
            "week20": _flags(rng, size, raised=0.1),
        }
    )


def _plans(rng: np.random.Generator, requests: pd.DataFrame, assessments: pd.DataFrame, size: int) -> pd.DataFrame:
    made = assessments[assessments["assessment_outcome"].eq("Y") | (rng.random(len(assessments)) < 0.1)]
    undone = requests[requests["request_outcome"].isin(["N", "H"]) & (rng.random(size) < 0.3)]
    orphans = np.arange(size, size + size // 20)
    ids = np.concatenate([made["request_id"], undone["request_id"], orphans])
    ids = np.concatenate([ids, ids[rng.random(len(ids)) < 0.04]])  # two plans under one request
    rng.shuffle(ids)
    dates = assessments.set_index("request_id")["assessment_outcome_date"].reindex(ids).reset_index(drop=True)
    start = dates.fillna(_dates(rng, len(ids), since="2020-01-01", span=2_200, missing=0.05))
    meeting = _by_now(_after(rng, start, [364, 365, 366], 900, missing=0.3))
    due = pd.Series(rng.choice(["2025-02-15", "2025-03-31", "2026-02-15", None], len(ids), p=[0.1, 0.1, 0.1, 0.7]))
    due = pd.to_datetime(due).astype(DATES)
    return pd.DataFrame(
        {
            "request_id": ids,
            "start_date": start,
            "cease_date": _by_now(_after(rng, start, [0, 1], 1_500, missing=0.6)),
            "cease_reason": _codes(rng, [*"123456789", None], [0.1] * 10, len(ids)),
            "transfer_la": _codes(rng, ["302", None], [0.04, 0.96], len(ids)),
            "review_meeting": meeting,
            "review_outcome": None,
            "last_review": _by_now(_after(rng, meeting, [27, 28, 29], 80, missing=0.3)),
            "phase_transfer_due_date": due,
            "phase_transfer_final_date": _by_now(
                _after(rng, due - pd.Timedelta(days=30), [29, 30, 31], 90, missing=0.2)
            ),
        }
    )


def _placements(rng: np.random.Generator, ids: np.ndarray) -> pd.DataFrame:
    ids = np.repeat(ids, rng.integers(0, 4, len(ids)))
    size = len(ids)
    entry = _dates(rng, size, since="2020-01-01", span=2_200, missing=0.05)
    entry = entry.mask(rng.random(size) < 0.2, pd.Timestamp("2024-09-02"))  # ties
    return pd.DataFrame(
        {
            "request_id": ids,
            "kind": _codes(rng, ["active", "named"], [0.8, 0.2], size),
            "urn": _codes(rng, ["100001", "100002", "100003", None], [0.4, 0.2, 0.1, 0.3], size),
            "sen_setting": _codes(rng, ["EHE", "OLA", None], [0.1, 0.1, 0.8], size),
            "sen_unit_indicator": _flags(rng, size, raised=0.1),
            "resourced_provision_indicator": _flags(rng, size, raised=0.1),
            "placement_rank": _codes(rng, ["1", "2", None], [0.6, 0.3, 0.1], size),
            "entry_date": entry,
            "leaving_date": _after(rng, entry, [0, 1], 900, missing=0.5),
        }
    )


def _needs(rng: np.random.Generator, ids: np.ndarray) -> pd.DataFrame:
    ids = np.repeat(ids, rng.integers(0, 3, len(ids)))
    return pd.DataFrame(
        {
            "request_id": ids,
            "sen_type": _codes(rng, ["ASD", "SEMH", "SLCN", "DS", None], [0.3, 0.3, 0.2, 0.1, 0.1], len(ids)),
            "sen_type_rank": _codes(rng, ["1", "2", None], [0.6, 0.3, 0.1], len(ids)),
        }
    )


def without(cases_held: frozenset[tuple[str, str]], *names: str) -> frozenset[tuple[str, str]]:
    """Fields held, but for these names."""
    return frozenset(pair for pair in cases_held if pair[1] not in names)
