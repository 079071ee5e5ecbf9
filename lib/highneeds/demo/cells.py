"""Typed frames to text: how each layout writes days, flags and codes, with the spoiled cells of a fault put in."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from highneeds import fields
from highneeds.demo.draws import EPOCH
from highneeds.demo.world import World
from highneeds.fields import CODES_SINCE, Field

FIRST_PLAIN_SEX = 2024  # before it, sex is a number in an element of another name
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_INSTEAD = {"DS": "SLD", "OTH": "OLA"}  # codes of earlier years for codes that came later


def iso(day: date) -> str:
    """`2025-01-16`."""
    return day.isoformat()


def collect(day: date) -> str:
    """`2025-Jan-16 00:00:00`, as COLLECT exports days."""
    return f"{day.year}-{_MONTHS[day.month - 1]}-{day.day:02} 00:00:00"


def british(day: date) -> str:
    """`16/01/2025`."""
    return f"{day.day:02}/{day.month:02}/{day.year}"


def serial(day: date) -> str:
    """Day as a workbook counts it."""
    return str((day - date(1899, 12, 30)).days)


@dataclass(frozen=True)
class Style:
    """How a layout writes days and flags, and the words it uses for codes, where it does."""

    day: Callable[[date], str] = iso
    no_yes: tuple[str, str] = ("0", "1")
    words: bool = False


ISO = Style()


def held(world: World, module: str, *, local: bool = False) -> list[Field]:
    """Fields of a module that the world's year has and no fault took away, in the return's order."""
    there = world.modules[module]
    return [
        field
        for field in fields.of_module(module, local=local)
        if field.name in there
        and (field.local or field.first <= world.year <= field.last)
        and (module, field.name) not in world.dropped
    ]


def columns(world: World, module: str, *, style: Style = ISO, local: bool = False) -> dict[str, pa.Array]:
    """Field name to its cells as text, missing where blank, in the return's order."""
    frame = world.modules[module]
    found = {f.name: column(frame[f.name], f, style=style, year=world.year) for f in held(world, module, local=local)}
    for spoiled in world.spoiled:
        if spoiled.module == module and spoiled.name in found:
            texts = found[spoiled.name].to_numpy(zero_copy_only=False)
            texts[list(spoiled.rows)] = spoiled.texts
            found[spoiled.name] = pa.array(texts, pa.string())
    return found


def column(values: pd.Series, field: Field, *, style: Style = ISO, year: int = 9999) -> pa.Array:
    """One column as text."""
    if field.kind == fields.DATE:
        return day_text(values, style.day)
    if field.kind == fields.FLAG:
        return pc.if_else(pa.array(values.astype("boolean")), style.no_yes[1], style.no_yes[0])
    text = plain(values)
    if field.kind != fields.CODE or field.codes is None:
        return text
    return _codes(text, field, style.words, year)


def plain(values: pd.Series) -> pa.Array:
    """Text or whole numbers as Arrow text."""
    found = pa.array(values)
    found = found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found
    return found.cast(pa.string())


def day_text(values: pd.Series, form: Callable[[date], str]) -> pa.Array:
    """Days as text; every day is written once and looked up."""
    missing = values.isna().to_numpy()
    days = values.to_numpy().astype("datetime64[D]").astype(np.int64)
    if missing.all():
        return pa.nulls(len(days), pa.string())
    low, high = days[~missing].min(), days[~missing].max()
    texts = pa.array([form(EPOCH + timedelta(days=int(place))) for place in range(low, high + 1)], pa.string())
    return texts.take(pa.array(np.where(missing, 0, days - low), mask=missing))


def _codes(text: pa.Array, field: Field, words: bool, year: int) -> pa.Array:
    coded = text.dictionary_encode()
    changed = []
    for code in coded.dictionary.to_pylist():
        if CODES_SINCE.get((field.name, code), 0) > year:
            code = _INSTEAD[code]
        if field.name == "sex" and year < FIRST_PLAIN_SEX:
            code = {"M": "1", "F": "2"}.get(code, code)
        changed.append(field.codes.get(code, code) if words and field.codes else code)
    return pa.array(changed, pa.string()).take(coded.indices)


def element(field: Field, year: int) -> str:
    """XML name of a field in a year's return."""
    return "GenderCurrent" if field.name == "sex" and year < FIRST_PLAIN_SEX else field.element


def joined(*parts: pa.Array | str) -> pa.Array:
    """Texts side by side; empty where a part is missing. Large text: a whole return can pass two gigabytes."""
    large = pa.large_string()
    cast = [pa.scalar(part, large) if isinstance(part, str) else part.cast(large) for part in parts]
    return pc.binary_join_element_wise(*cast, pa.scalar("", large)).fill_null("")


def marked_up(text: pa.Array) -> pa.Array:
    """Text that may stand between XML tags."""
    for mark, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        if pc.any(pc.match_substring(text, mark)).as_py():
            text = pc.replace_substring(text, mark, entity)
    return text


def all_text(texts: pa.Array) -> memoryview:
    """All of a column of large text, one cell after another, without a copy."""
    if not len(texts):
        return memoryview(b"")
    offsets = np.frombuffer(texts.buffers()[1], dtype=np.int64)
    return memoryview(texts.buffers()[2])[offsets[texts.offset] : offsets[texts.offset + len(texts)]]
