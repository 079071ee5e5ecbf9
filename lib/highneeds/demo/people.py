"""Children and young people behind the requests: who asks again, birth dates, numbers, names of nobody."""

import numpy as np
import pandas as pd

from highneeds.demo import calibration as figures
from highneeds.demo import numbers
from highneeds.demo.draws import NONE, ages_on, birthdays, choose, code, dates, flags, text, words

SECOND_REQUEST_AFTER = 90  # days after the end of the first


def who_asks_again(received, closed, areas, *, rng: np.random.Generator) -> np.ndarray:
    """First request of the same child, for each request; itself where the child is new.

    A second request follows a refusal (closed: its day, NONE for others) in the same area, later than it.
    """
    first = np.arange(len(received))
    asks = np.flatnonzero((closed != NONE) & (rng.random(len(received)) < figures.SECOND_REQUESTS))
    wanted = closed[asks] + SECOND_REQUEST_AFTER + rng.exponential(120, len(asks)).astype(np.int64)
    order = np.lexsort((received, areas))
    big = np.int64(10**6)
    keys = areas[order].astype(np.int64) * big + received[order]
    places = np.searchsorted(keys, areas[asks].astype(np.int64) * big + wanted)
    found = order[np.minimum(places, len(order) - 1)]
    fits = (places < len(order)) & (areas[found] == areas[asks]) & (received[found] >= wanted) & ~np.isin(found, asks)
    asks, found = asks[fits], found[fits]
    found, once = np.unique(found, return_index=True)
    first[found] = asks[once]
    return first


def birth_days(on: np.ndarray | int, count: int, ages: dict[int, float], *, rng: np.random.Generator) -> np.ndarray:
    """Birth days of children whose age on a day (or on each child's own day) is drawn from a table of ages."""
    years = np.array(list(ages))[choose(ages, count, rng)]
    return birthdays(np.broadcast_to(np.asarray(on, dtype=np.int64), (count,)), -years) - rng.integers(1, 365, count)


def persons_frame(births, areas, *, as_at: int, la_code: str, outside: int, rng: np.random.Generator) -> pd.DataFrame:
    """Persons, one row each, with every field of module person."""
    count = len(births)
    age = ages_on(births, as_at)
    with_upn = (age >= 6) | (rng.random(count) < 0.6)
    with_uln = (age >= 17) | ((age >= 14) & (rng.random(count) < 0.7))
    upn, uln = numbers.upns(count, la_code=la_code), numbers.ulns(count)
    return pd.DataFrame(
        {
            "person_id": np.arange(count) + 300_001,
            "surname": text(words([f"Invented {name}" for name in numbers.SURNAMES], rng.integers(0, 8, count))),
            "forename": text(words(numbers.FORENAMES, rng.integers(0, 10, count))),
            "birth_date": dates(births),
            "sex": text(words(("M", "F"), (rng.random(count) >= figures.MALE).astype(int))),
            "ethnicity": code(figures.ETHNICITIES, count, rng),
            "postcode": text(numbers.postcodes(areas, outside=outside, districts=figures.DISTRICTS_PER_AREA, rng=rng)),
            "upn": text(upn).where(with_upn),
            "uln": text(uln).where(with_uln),
            "upn_unknown": text(words(("UN1",), np.zeros(count, int), ~with_upn & ~with_uln)),
            "disability": flags(rng.random(count) < 0.12),
        }
    )
