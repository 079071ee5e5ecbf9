"""Words that a model or a file gives: each number in them becomes a figure that names it, as in any other sentence."""

import re
from dataclasses import replace

from highneeds.claims import PLAIN_NUMBERS, Claim
from highneeds.figures import Figure
from highneeds.measures.declarations import OWN
from highneeds.periods import AT_DATE
from highneeds.sections.page import Page

NAMED = "name and words of a scenario, from its file"
_NUMBER = r"(?P<number>\d+(?:,\d{3})*(?:\.\d+)?)(?P<sign>%?)"
_EITHER = re.compile(rf"{'|'.join(PLAIN_NUMBERS)}|{_NUMBER}")


def quoted(page: Page, id: str, text: str, *, how: str, caution: bool = False) -> Claim:
    """A sentence as a model says it, its numbers traced to it. how: which model, and where it is explained."""
    template, slots = traced(page, id, text, how=how)
    return replace(page.say(id, template, **slots), caution=caution)


def traced(page: Page, id: str, text: str, *, how: str, name: str = "piece") -> tuple[str, dict[str, Figure | str]]:
    """Such words within a sentence: a template of slots that begin with a name, and what stands in them."""
    pieces: list[Figure | str] = []
    last = 0
    for match in _EITHER.finditer(text):
        if match["number"]:
            number = len([piece for piece in pieces if isinstance(piece, Figure)]) + 1
            pieces += [text[last : match.start()], _figure(page, f"{id}_{number}", match["number"], match["sign"], how)]
            last = match.end()
    pieces.append(text[last:])
    slots = {f"{name}{at}": piece for at, piece in enumerate(pieces)}
    return "".join(f"{{{slot}}}" for slot in slots), slots


def side_figure(page: Page, id: str, value: float, unit: str, *, how: str, places: int = 0) -> Figure:
    """A number that says how the page's other figures were reached: a window, a count to the nearest ten."""
    area, local = page.facts.authority, page.local
    return Figure(
        id=f"{page.slug}_{id}.{area.slug}",
        measure=f"{page.slug}_{id}",
        area_code=area.code,
        area=area.name,
        period=(local.day if local else page.facts.as_at).isoformat(),
        period_basis=AT_DATE,
        value=float(value),
        status="",
        unit=unit,
        source=local.local.source if local else OWN,
        reference=how,
        places=places,
    )


def _figure(page: Page, id: str, number: str, sign: str, how: str) -> Figure:
    places = len(number.partition(".")[2])
    return side_figure(page, id, float(number.replace(",", "")), sign or "number", how=how, places=places)
