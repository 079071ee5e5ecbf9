"""Sentences that carry figures: no number is typed, every number leads to its source."""

import calendar
import html
import re
from dataclasses import dataclass

from highneeds.errors import ClaimError
from highneeds.figures import Figure

# Names of statutory limits and age spans: words of the field, not findings.
_NAMES = re.compile(r"\b(?:6|16|20|52) weeks\b|\b20-week\b|\bage[ds]? \d+ to \d+\b|\b1,000 people\b")
# What a page may print in digits beside its figures: names, rules of law and of this suite, days, years, and numbers of
# its own parts. Declared here and nowhere else; every other number of a sentence, a note or a caption is a Figure.
PLAIN_NUMBERS = (
    r"\b(?:6|16|20|52)(?:-(?:16|20|52)| and up to 52)? weeks\b|\b20-week\b|\b[Ww]eek 20\b",  # limits in law, and bands
    r"\b[Aa]ge[ds]? \d+(?: to \d+| and over)?|\bpost-16\b",
    r"\b[Yy]ear \d{1,2}\b|\b[Kk]ey [Ss]tage \d\b",  # of school
    r"\b1,000 (?:people|pupils|residents)\b|\b[Oo]f 100 (?:plans|children)\b",  # bases of a rate
    r"\b8-in-10\b|\b95 in 100\b",  # ranges by their name
    r"\(95%\)|\b95% (?:limits?|range|interval)\b|\bat 95%|\bhold 95% and 99\.8% of authorities\b",
    r"£6,000\b|\b0\.5% of the schools block\b",  # rules of the grant
    r"\b[Cc]ounts of 1(?: to \d+)? are\b|\brounded to the nearest \d+\b",  # what is hidden
    r"\b1 to 4 (?:children|cases|pupils|plans)\b",
    # Limits that a rule sets before the figures are known.
    r"\b(?:fewer|less) than \d[\d,]*\b|\b[Uu]nder \d+ (?:placements|cases)\b|\b\d[\d,]* \w+ or more\b",
    r"\b3 x 1\.4826 x\b|\bover 52\b|\b(?:above|below) 0\b",  # constants of a method, and of a balance
    rf"\b\d{{1,2}} (?:to \d{{1,2}} )?(?:{'|'.join(calendar.month_name[1:])})\b",
    r"\b(?:19|20)\d\d(?:[-/]\d\d)?\b|\b(?:[Ss]ection|line) \d[\d.]*\d?\b",  # years, and places in a law or a return
    r"\b(?:Figures?|Tables?|[Pp]aragraphs?) [A-Z0-9]+(?:\.\d+)+(?:(?:, | and | to )[A-Z0-9]+(?:\.\d+)+)*",
)
_PLAIN = re.compile("|".join(PLAIN_NUMBERS))
_FIGURE = re.compile(r'<(span|td)\b[^>]*\bdata-figure="[^"]*"[^>]*>.*?</\1>|<span class="nr">.*?</span>', re.S)
_SLOT = re.compile(r"\{(\w+)(?:\.(\w+))?\}")


@dataclass(frozen=True)
class Claim:
    """A sentence or several, the figures in it, and where it stands in the report."""

    id: str
    text: str
    html: str
    figures: tuple[Figure, ...]
    caution: bool = False


def claim(id: str, template: str, **slots: Figure | str | list) -> Claim:
    """Sentence from a template. `{name}` prints a figure, `{name.size}` without its sign,
    `{name.when}` its period in words, `{name.area}` its area; a plain string slot is printed as it is.

    Raises ClaimError where the template itself holds a typed number or names a slot that is not given.
    """
    typed = re.findall(r"\d[\d,.%]*", _NAMES.sub("", _SLOT.sub("", template)))
    if typed:
        raise ClaimError(f"claim '{id}': the number {typed[0]} is typed. Expected every number in a slot.")
    missing = sorted({name for name, _ in _SLOT.findall(template)} - set(slots))
    if missing:
        raise ClaimError(f"claim '{id}': no figure was given for {', '.join(missing)}.")
    figures = tuple(slot for slot in slots.values() if isinstance(slot, Figure))
    plain = _SLOT.sub(lambda match: _print(slots[match[1]], match[2]), template)
    marked, last = "", 0
    for match in _SLOT.finditer(template):
        marked += html.escape(template[last : match.start()], quote=False) + _mark(slots[match[1]], match[2] or "")
        last = match.end()
    marked += html.escape(template[last:], quote=False)
    return Claim(id, plain, marked, figures)


def _print(slot: Figure | str, wanted: str) -> str:
    if isinstance(slot, Figure):
        return str(getattr(slot, wanted or "text"))
    return str(slot)


def _mark(slot: Figure | str, wanted: str) -> str:
    text = html.escape(_print(slot, wanted), quote=False)
    if isinstance(slot, Figure) and wanted in ("", "size"):
        return f'<span class="num" data-figure="{html.escape(slot.id)}">{text}</span>'
    return text


def loose_numbers(markup: str) -> list[str]:
    """Numbers in a piece of a page that are neither a figure nor a plain number: each one lacks a source."""
    text = html.unescape(re.sub(r"<[^>]+>", " ", _FIGURE.sub(" ", markup)))
    return re.findall(r"\d[\d,.]*%?", _PLAIN.sub(" ", re.sub(r"\s+", " ", text)))


def direction(change: Figure, *, up: str = "up", down: str = "down", level: str = "no change") -> str:
    """Word for the sign of a change as it is printed; a change that prints as zero is level."""
    if not change.known:
        return "not known"
    if not re.search(r"[1-9]", change.text):
        return level
    return up if change.value > 0 else down  # type: ignore[operator]


def listed(items: list[str]) -> str:
    """`a, b and c`."""
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"
