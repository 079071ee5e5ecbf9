"""One statement of a paper: its printed figures by slot, what is computed from them, and its sentence.

Owns how a statement is said; the list of statements is in `stated`.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from highneeds.claims import Claim
from highneeds.figures import Figure
from highneeds.sections.common import printed_figure
from highneeds.sections.finance.papers import ZEROS, made_figure, pounds_figure
from highneeds.sections.page import Page

STATED = "stated_figures"


# ---- Statements in words ---------------------------------------------------------------------------------------------

Slots = dict[str, Any]  # figures, and words set in a sentence
YEARS = 3  # from 31 March 2025 to 31 March 2028: the years 2025-26 to 2027-28


@dataclass(frozen=True)
class Sum:
    """A number of a statement: its function, the slots it takes, its formula, and what it changes (unit, period)."""

    of: Callable[..., float]
    slots: tuple[str, ...]
    how: str
    changes: Mapping = field(default_factory=dict)


@dataclass(frozen=True)
class Statement:
    """What a paper says in words: its printed figures by slot, what is computed from them, and the sentence.

    more: adds slots from elsewhere before anything is computed, or gives None where it lacks what the sentence needs.
    """

    id: str
    table: str
    held: Mapping[str, tuple[str, ...]]
    words: str
    made: Mapping[str, Sum] = field(default_factory=dict)
    more: Callable[[Page, Slots], Slots | None] = lambda page, slots: {}
    caution: bool = False


def said_of(page: Page, each: Statement) -> Claim | None:
    """A statement with its figures; slots of a span of years have their span in words beside them."""
    found = {slot: printed_figure(page, each.table, *key) for slot, key in each.held.items()}
    if any(figure is None or not figure.known for figure in found.values()):
        return None
    slots: Slots = {slot: pounds_figure(f) if f.unit in ZEROS else f for slot, f in found.items()}
    slots |= {f"{slot}_span": f.period.replace("/", " to ") for slot, f in found.items() if "/" in f.period}
    more = each.more(page, slots)
    if more is None:
        return None
    slots |= more
    for slot, one in each.made.items():
        inputs = [slots[name] for name in one.slots]
        slots[slot] = made_figure(f"{each.id}_{slot}", one.of, one.how, *inputs, **one.changes)
    words = each.words + slots.pop("tail", "")
    used = set(re.findall(r"\{(\w+)", words))
    said = {slot: each for slot, each in slots.items() if slot in used}
    return (page.warn if each.caution else page.say)(each.id, words, **said)


def beside_said(figure: Figure | None, slot: str, tail: str) -> Slots:
    """A published figure with the sentence that names it; nothing where there is none."""
    return {slot: figure, "tail": tail} if figure is not None and figure.known else {}
