"""Faults in the records of children: numbers, birth dates, postcodes, sex."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from highneeds.demo.bench import Bench
from highneeds.demo.numbers import INSIDE, OUTSIDE, UPN_LETTERS
from highneeds.fields import PERSON, REQUESTS


def _same_upn(bench: Bench, rule: str) -> int:
    places = bench.pick(rule, PERSON, bench[PERSON]["upn"].notna(), count=10)
    first, second = places[0::2][: len(places) // 2], places[1::2]
    return bench.change(PERSON, "upn", second, bench[PERSON]["upn"].iloc[first].to_numpy())


def _wrong_upn(bench: Bench, rule: str) -> int:
    upn = bench[PERSON]["upn"]
    places = bench.pick(rule, PERSON, upn.notna())
    letters = [UPN_LETTERS[(UPN_LETTERS.index(text[0]) + 1) % 23] + text[1:] for text in upn.iloc[places]]
    return bench.change(PERSON, "upn", places, letters)


def _wrong_uln(bench: Bench, rule: str) -> int:
    uln = bench[PERSON]["uln"]
    places = bench.pick(rule, PERSON, uln.notna())
    return bench.change(PERSON, "uln", places, [text[:-1] + str((int(text[-1]) + 1) % 10) for text in uln.iloc[places]])


def _no_number(bench: Bench, rule: str) -> int:
    places = bench.pick(rule, PERSON, bench.older_than(PERSON, 7))
    bench.change(PERSON, "uln", places, None)
    return bench.change(PERSON, "upn", places, None)


def _too_old_for_un1(bench: Bench, rule: str) -> int:
    places = bench.pick(rule, PERSON, bench.older_than(PERSON, 7) & bench[PERSON]["upn"].notna())
    return bench.change(PERSON, "upn_unknown", places, "UN1")


def _no_birth_date(bench: Bench, rule: str) -> int:
    return bench.change(PERSON, "birth_date", bench.pick(rule, PERSON, bench[PERSON]["birth_date"].notna()), pd.NaT)


def _with_plan(bench: Bench) -> pd.Series:
    """True for persons with a plan in force."""
    held = bench[REQUESTS]["person_id"][bench.in_force(REQUESTS).to_numpy()]
    return bench[PERSON]["person_id"].isin(held)


def _aged_25(bench: Bench, rule: str) -> int:
    places = bench.pick(rule, PERSON, _with_plan(bench) & bench.older_than(PERSON, 17))
    return bench.change(PERSON, "birth_date", places, bench.day - pd.DateOffset(years=25) - pd.Timedelta(days=3))


def _born_since_august(bench: Bench, rule: str) -> int:
    places = bench.pick(rule, PERSON, _with_plan(bench) & ~bench.older_than(PERSON, 5))
    return bench.change(PERSON, "birth_date", places, bench.day - pd.Timedelta(days=1))


def _bad_postcode(bench: Bench, rule: str) -> int:
    return _move(bench, bench.pick(rule, PERSON, bench[PERSON]["postcode"].notna()), "NOT KNOWN")


def _live_outside(bench: Bench, rule: str) -> int:
    return _move(bench, bench.pick(rule, PERSON, bench[PERSON]["postcode"].str.startswith(INSIDE)), f"{OUTSIDE}1 1AA")


def _move(bench: Bench, places: np.ndarray, postcode: str) -> int:
    """Another postcode for persons, in their requests too."""
    ids = bench[PERSON]["person_id"].to_numpy()[places]
    asked = np.flatnonzero(bench[REQUESTS]["person_id"].isin(ids))
    bench.change(REQUESTS, "request_postcode", asked, postcode)
    return bench.change(PERSON, "postcode", places, postcode)


def _no_sex(bench: Bench, rule: str) -> int:
    return bench.change(PERSON, "sex", bench.pick(rule, PERSON, bench[PERSON]["sex"].notna()), None)


FAULTS: dict[str, Callable[[Bench, str], int]] = {
    "DQ18": _same_upn,
    "DQ20": _wrong_upn,
    "DQ21": _wrong_uln,
    "DQ22": _no_number,
    "DQ23": _too_old_for_un1,
    "DQ24": _no_birth_date,
    "DQ25": _aged_25,
    "DQ26": _born_since_august,
    "DQ28": _bad_postcode,
    "DQ30": _live_outside,
    "DQ45": _no_sex,
}
