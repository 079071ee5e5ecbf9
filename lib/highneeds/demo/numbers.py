"""Pupil and learner numbers with right check characters, postcodes of an invented area, names of nobody."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from highneeds.demo.draws import words

UPN_LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"
# No postcode in Great Britain begins with these letters; their shape is valid all the same.
INSIDE, OUTSIDE = "ZA", "ZB"
POSTCODE_LETTERS = "ABDEFGHJLNPQRSTUWXYZ"
SURNAMES = ("Ashgrove", "Birchfield", "Cedarwell", "Dalemoor", "Elmbrook", "Fernhollow", "Glenwater", "Hawkridge")
FORENAMES = ("Alder", "Bryony", "Clover", "Dorian", "Elowen", "Flint", "Heather", "Ivo", "Juniper", "Rowan")


def upns(count: int, *, la_code: str) -> pa.Array:
    """So many different pupil numbers (text): check letter, authority, year, serial number.

    Characters 2 to 13 are weighted 2 to 13; the sum, modulo 23, is the place of the check letter.
    """
    rest = 10**9 * int(la_code) + 10_000_000 + np.arange(count, dtype=np.int64)
    total = np.zeros(count, dtype=np.int64)
    for weight in range(13, 1, -1):
        total += weight * (rest // 10 ** (13 - weight) % 10)
    digits = pc.utf8_lpad(pa.array(rest).cast(pa.string()), 12, padding="0")
    return pc.binary_join_element_wise(words(UPN_LETTERS, total % 23), digits, "")


def ulns(count: int) -> pa.Array:
    """So many different learner numbers (text): nine digits and a check digit.

    Digits times 10 to 2, modulo 11, leave a remainder; the check digit is 10 less it, and a number that leaves
    none is not given out.
    """
    nine = 900_000_001 + np.arange(count + count // 8 + 20, dtype=np.int64)
    total = np.zeros(len(nine), dtype=np.int64)
    for weight in range(2, 11):
        total += weight * (nine // 10 ** (weight - 2) % 10)
    rest = total % 11
    whole = nine * 10 + 10 - rest
    return pa.array(whole[rest > 0][:count]).cast(pa.string())


def postcodes(areas: np.ndarray, *, outside: int, districts: int, rng: np.random.Generator) -> pa.Array:
    """Postcodes (text) for area numbers; each area has its own districts, outside ones lie beyond the authority."""
    size = len(areas)
    spread = rng.integers(0, districts, size)
    number = np.where(areas == outside, spread + 1, areas * districts + spread + 1)
    letters = words((INSIDE, OUTSIDE), (areas == outside).astype(np.int64))
    first, last = (words(POSTCODE_LETTERS, rng.integers(0, 20, size)) for _ in range(2))
    sector = pa.array(rng.integers(1, 10, size)).cast(pa.string())
    district = pc.binary_join_element_wise(letters, pa.array(number).cast(pa.string()), "")
    unit = pc.binary_join_element_wise(sector, first, last, "")
    return pc.binary_join_element_wise(district, unit, " ")


def lookup(areas: tuple[str, ...], *, districts: int) -> pd.DataFrame:
    """The authority's own table of districts (`postcode`) and areas."""
    rows = [
        (f"{INSIDE}{place * districts + step + 1}", area)
        for place, area in enumerate(areas)
        for step in range(districts)
    ]
    return pd.DataFrame(rows, columns=["postcode", "area"])
