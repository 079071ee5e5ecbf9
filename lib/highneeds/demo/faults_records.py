"""Faults in single records of requests, assessments, plans, placements and needs."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from highneeds.demo.bench import Bench
from highneeds.demo.numbers import INSIDE
from highneeds.fields import ACTIVE_PLANS, ASSESSMENT, NAMED_PLAN, PERSON, PLACEMENT_DETAIL, REQUESTS, SEN_NEED

_UNKNOWN_REQUEST = 9_000_001


def _days(number: int) -> pd.Timedelta:
    return pd.Timedelta(days=number)


def _refused(bench: Bench, rule: str, *, before: int = 0) -> np.ndarray:
    """Refused requests, plain ones of children asked for once, received so many days before the extract."""
    requests = bench[REQUESTS]
    plain = requests["request_outcome"].eq("N") & ~requests["request_mediation"] & ~requests["request_tribunal"]
    plain &= ~requests["person_id"].duplicated(keep=False)
    return bench.pick(rule, REQUESTS, plain & requests["received_date"].lt(bench.day - _days(before)))


def _issued(bench: Bench, rule: str, *, mask: pd.Series | bool = True) -> np.ndarray:
    assessments = bench[ASSESSMENT]
    return bench.pick(rule, ASSESSMENT, assessments["assessment_outcome"].eq("Y") & mask)


def _received_missing_column(bench: Bench, rule: str) -> int:
    bench.dropped.add((REQUESTS, "received_date"))
    return len(bench[REQUESTS])


def _duplicate_requests(bench: Bench, rule: str) -> int:
    places = _refused(bench, rule)
    bench.modules[REQUESTS] = pd.concat([bench[REQUESTS], bench[REQUESTS].iloc[places]], ignore_index=True)
    return len(places)


def _orphans(bench: Bench, rule: str) -> int:
    places = bench.pick(rule, SEN_NEED, bench[SEN_NEED]["sen_type_rank"].eq("2"))
    return bench.change(SEN_NEED, "request_id", places, _UNKNOWN_REQUEST + np.arange(len(places)))


def _unreadable(bench: Bench, rule: str) -> int:
    return bench.spoil(REQUESTS, "received_date", _refused(bench, rule), "32/13/2024")


def _no_received(bench: Bench, rule: str) -> int:
    return bench.change(REQUESTS, "received_date", _refused(bench, rule), pd.NaT)


def _after_extract(bench: Bench, rule: str) -> int:
    return bench.change(REQUESTS, "received_date", _refused(bench, rule), bench.day + _days(30))


def _decided_early(bench: Bench, rule: str) -> int:
    places = _refused(bench, rule)
    early = bench[REQUESTS]["received_date"].iloc[places] - _days(5)
    return bench.change(REQUESTS, "request_outcome_date", places, early.to_numpy())


def _issued_before_received(bench: Bench, rule: str) -> int:
    places = _issued(bench, rule)
    received = bench.of_request(ASSESSMENT, "received_date", REQUESTS)
    return bench.change(ASSESSMENT, "assessment_outcome_date", places, (received - _days(10)).to_numpy()[places])


def _issued_before_decided(bench: Bench, rule: str) -> int:
    requests = bench.of_request(ASSESSMENT, ["received_date", "request_outcome_date"], REQUESTS)
    slow = (requests["request_outcome_date"] - requests["received_date"]).gt(_days(10))
    places = _issued(bench, rule, mask=slow)
    early = requests["request_outcome_date"] - _days(2)
    return bench.change(ASSESSMENT, "assessment_outcome_date", places, early.to_numpy()[places])


def _left_before_entered(bench: Bench, rule: str) -> int:
    placed = bench[PLACEMENT_DETAIL]
    places = bench.pick(rule, PLACEMENT_DETAIL, placed["leaving_date"].notna())
    return bench.change(PLACEMENT_DETAIL, "leaving_date", places, (placed["entry_date"] - _days(5)).to_numpy()[places])


def _outcome_without_date(bench: Bench, rule: str) -> int:
    return bench.change(REQUESTS, "request_outcome_date", _refused(bench, rule), pd.NaT)


def _date_without_outcome(bench: Bench, rule: str) -> int:
    requests = bench[REQUESTS]
    places = bench.pick(rule, REQUESTS, requests["request_outcome"].eq("H"))
    return bench.change(
        REQUESTS, "request_outcome_date", places, (requests["received_date"] + _days(30)).to_numpy()[places]
    )


def _unknown_code(bench: Bench, rule: str) -> int:
    reasons = bench[NAMED_PLAN]["cease_reason"]
    return bench.change(NAMED_PLAN, "cease_reason", bench.pick(rule, NAMED_PLAN, reasons.notna()), "12")


def _assessed_though_refused(bench: Bench, rule: str) -> int:
    requests = bench[REQUESTS]
    assessed = requests["request_id"].isin(bench[ASSESSMENT]["request_id"])
    places = bench.pick(rule, REQUESTS, assessed & requests["request_outcome"].eq("N"))
    bench.change(REQUESTS, "request_mediation", places, False)
    return bench.change(REQUESTS, "request_tribunal", places, False)


def _plan_lost(bench: Bench, rule: str) -> int:
    places = _issued(bench, rule, mask=~bench.in_force(ASSESSMENT))
    ids = bench[ASSESSMENT]["request_id"].to_numpy()[places]
    return bench.drop_requests(ids, tuple(m for m in bench.modules if m not in (PERSON, REQUESTS, ASSESSMENT)))


def _not_yet_issued(bench: Bench, rule: str) -> int:
    places = bench.pick(rule, ASSESSMENT, bench[ASSESSMENT]["assessment_outcome"].eq("A"))
    return bench.change(ASSESSMENT, "assessment_outcome", places, "Y")


def _two_open_requests(bench: Bench, rule: str) -> int:
    awaited = bench[REQUESTS]["request_outcome"].eq("A")
    return _same_person(bench, bench.pick(rule, REQUESTS, awaited & _inside(bench), count=10))


def _two_plans(bench: Bench, rule: str) -> int:
    old = bench[REQUESTS]["request_outcome"].eq("H") & bench.in_force(REQUESTS)
    return _same_person(bench, bench.pick(rule, REQUESTS, old & _inside(bench), count=10))


def _inside(bench: Bench) -> pd.Series:
    return bench[REQUESTS]["request_postcode"].str.startswith(INSIDE)


def _same_person(bench: Bench, places: np.ndarray) -> int:
    """Give each second request to the child of the first."""
    first, second = places[0::2][: len(places) // 2], places[1::2]
    return bench.change(REQUESTS, "person_id", second, bench[REQUESTS]["person_id"].to_numpy()[first])


def _aged_out_young(bench: Bench, rule: str) -> int:
    plans = bench[NAMED_PLAN]
    young = (bench.births(NAMED_PLAN) + pd.DateOffset(years=18)).gt(plans["cease_date"])
    return bench.change(NAMED_PLAN, "cease_reason", bench.pick(rule, NAMED_PLAN, young), "1")


def _long_wait(bench: Bench, rule: str) -> int:
    places = _refused(bench, rule, before=760)
    late = bench[REQUESTS]["received_date"].iloc[places] + _days(740)
    return bench.change(REQUESTS, "request_outcome_date", places, late.to_numpy())


def _no_main_need(bench: Bench, rule: str) -> int:
    places = bench.pick(rule, SEN_NEED, bench[SEN_NEED]["sen_type_rank"].eq("1") & bench.in_force(SEN_NEED))
    bench.modules[SEN_NEED] = bench[SEN_NEED].drop(index=places).reset_index(drop=True)
    return len(places)


def _no_placement(bench: Bench, rule: str) -> int:
    places = bench.pick(rule, ACTIVE_PLANS, bench.in_force(ACTIVE_PLANS) & bench.older_than(ACTIVE_PLANS, 17))
    return bench.drop_requests(bench[ACTIVE_PLANS]["request_id"].to_numpy()[places], (PLACEMENT_DETAIL,))


def _nowhere(bench: Bench, rule: str) -> int:
    placed = bench[PLACEMENT_DETAIL]
    now = placed["leaving_date"].isna() & placed["placement_rank"].eq("1") & placed["urn"].notna()
    places = bench.pick(rule, PLACEMENT_DETAIL, now)
    bench.change(PLACEMENT_DETAIL, "ukprn", places, None)
    return bench.change(PLACEMENT_DETAIL, "urn", places, None)


def _second_only(bench: Bench, rule: str) -> int:
    placed = bench[PLACEMENT_DETAIL]
    now = placed["leaving_date"].isna() & placed["placement_rank"].eq("1")
    of_age = bench.older_than(PLACEMENT_DETAIL, 7) & ~bench.older_than(PLACEMENT_DETAIL, 14)
    return bench.change(PLACEMENT_DETAIL, "placement_rank", bench.pick(rule, PLACEMENT_DETAIL, now & of_age), "2")


def _issued_after_review(bench: Bench, rule: str) -> int:
    active, start = bench[ACTIVE_PLANS], bench.of_request(ACTIVE_PLANS, "start_date", NAMED_PLAN)
    new = active["last_review"].isna() & start.gt(bench.day - _days(300)) & bench.in_force(ACTIVE_PLANS)
    places = bench.pick(rule, ACTIVE_PLANS, new)
    bench.change(ACTIVE_PLANS, "review_meeting", places, (start - _days(30)).to_numpy()[places])
    return bench.change(ACTIVE_PLANS, "last_review", places, (start - _days(10)).to_numpy()[places])


def _review_overdue(bench: Bench, rule: str) -> int:
    start = bench.of_request(ACTIVE_PLANS, "start_date", NAMED_PLAN)
    places = bench.pick(rule, ACTIVE_PLANS, start.lt(bench.day - _days(400)) & bench.in_force(ACTIVE_PLANS))
    for name in ("review_meeting", "review_draft"):
        bench.change(ACTIVE_PLANS, name, places, pd.NaT)
    return bench.change(ACTIVE_PLANS, "last_review", places, pd.NaT)


FAULTS: dict[str, Callable[[Bench, str], int]] = {
    "DQ01": _received_missing_column,
    "DQ02": _duplicate_requests,
    "DQ03": _orphans,
    "DQ04": _unreadable,
    "DQ05": _no_received,
    "DQ06": _after_extract,
    "DQ07": _decided_early,
    "DQ08": _issued_before_received,
    "DQ09": _issued_before_decided,
    "DQ10": _left_before_entered,
    "DQ11": _outcome_without_date,
    "DQ12": _date_without_outcome,
    "DQ13": _unknown_code,
    "DQ14": _assessed_though_refused,
    "DQ15": _plan_lost,
    "DQ16": _not_yet_issued,
    "DQ17": _two_open_requests,
    "DQ19": _two_plans,
    "DQ27": _aged_out_young,
    "DQ31": _long_wait,
    "DQ36": _no_main_need,
    "DQ37": _no_placement,
    "DQ38": _nowhere,
    "DQ42": _second_only,
    "DQ43": _issued_after_review,
    "DQ44": _review_overdue,
}
