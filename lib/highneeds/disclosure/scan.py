"""The last look at what is to be published: does any of it hold a child's data?

Owns the search of a text; `contents` takes files apart. A hit says what kind, where and how often, never what.
The caller stops the publication at any hit.
"""

import re
from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from highneeds.disclosure import patterns
from highneeds.disclosure.contents import parts_of
from highneeds.disclosure.known import LEAST_SURNAME, WORD, Known, Vocabulary, plain_text, vocabulary

NOT_SCANNED = "not scanned"
_CODE = re.compile(r"[A-Za-z0-9]+(?:[-_/][A-Za-z0-9]+)*")
_SIGNS = re.compile(r"[-_/]")
# What may stand between two parts of a name: spaces, list and quotation marks, an initial.
_GAP = re.compile(r"(?:[\s,;|\"'_()\[\]:\-/]|(?<![^\W\d_])[^\W\d_]\.?(?![^\W\d_])){1,12}")
_CALENDAR = frozenset(
    "january february march april may june july august september october november december "
    "jan feb mar apr jun jul aug sep sept oct nov dec monday tuesday wednesday thursday friday saturday sunday".split()
)


@dataclass(frozen=True)
class Hit:
    """Personal data found, or a part that could not be read: kind, part of the file, first line, how often."""

    kind: str
    part: str
    line: int
    count: int

    @property
    def says(self) -> str:
        """Plain sentence: where, what kind, what to do."""
        if self.kind == NOT_SCANNED:
            return f"{self.part}: could not be scanned for personal data. Take it out, or use a format that can be."
        return (
            f"{self.part}, line {self.line}: {self.kind}, {self.count} found. Expected no personal data. "
            "Take it out at its source, or add the word or date to what is allowed if it is not a child's."
        )


def scan_file(
    name: str, content: bytes, known: Known, *, allowed_dates: Collection[date] = (), allowed_words: Iterable[str] = ()
) -> list[Hit]:
    """Hits in a file by its content: web page, PDF, CSV, JSON, notebook, workbook, drawing, picture, text.

    name: the file's name, for the hits. Everything in it is looked at, shown or not. See `scan_text` for the rest.
    """
    words = _words(allowed_words)
    found: list[Hit] = []
    for part, text in parts_of(name, content):
        if text is None:
            found.append(Hit(NOT_SCANNED, part, 1, 1))
        else:
            found += scan_text(text, known, allowed_dates=allowed_dates, allowed_words=words, part=part)
    return found


def scan_text(
    text: str,
    known: Known,
    *,
    allowed_dates: Collection[date] = (),
    allowed_words: Iterable[str] = (),
    part: str = "text",
) -> list[Hit]:
    """Hits in a text, one for each kind: first line, how often.

    allowed_dates: days that may stand though children were born on them (as_at, survey days, sources' dates).
    allowed_words: words that may stand though they are surnames, and phrases, postcodes and email addresses that may
    stand; `known.vocabulary` makes them once for many files.
    """
    words = _words(allowed_words)
    plain = plain_text(text)
    found: dict[str, list[int]] = {}
    for kind, at in _found(text, plain, known, frozenset(allowed_dates), words):
        found.setdefault(kind, []).append(at)
    lines = [at for at, sign in enumerate(text) if sign == "\n"] if found else []
    return [Hit(kind, part, bisect_right(lines, min(at)) + 1, len(at)) for kind, at in sorted(found.items())]


def _words(allowed: Iterable[str]) -> Vocabulary:
    return allowed if isinstance(allowed, Vocabulary) else vocabulary(allowed)


def _found(text: str, plain: str, known: Known, days: frozenset[date], words: Vocabulary) -> Iterator[tuple[str, int]]:
    yield from _codes(text, known)
    yield from (("NHS number", at) for at in patterns.nhs_numbers(text))
    for at, code, capitals in patterns.postcodes(text):
        if (capitals or code in known.postcodes) and code not in words:
            yield "postcode", at
    yield from (("email address", at) for at, address in patterns.emails(text) if address not in words)
    births = known.birth_dates - days
    yield from (("date of birth", at) for at, day in patterns.dates(text) if day in births)
    yield from _names(plain, known, words)


def _codes(text: str, known: Known) -> Iterator[tuple[str, int]]:
    for found in _CODE.finditer(text):
        whole = found[0]
        if len(whole) < 6:
            continue
        for piece in {whole, *_SIGNS.split(whole), *whole.split("/")}:
            capitals = piece.upper()
            if capitals in known.upns or (len(piece) == 13 and patterns.is_upn(capitals)):
                yield "UPN", found.start()
            elif piece in known.ulns:
                yield "ULN", found.start()
            elif piece.casefold() in known.ids:
                yield "own id", found.start()


def _names(plain: str, known: Known, words: Vocabulary) -> Iterator[tuple[str, int]]:
    tokens = [(found.start(), found.end(), found[0]) for found in WORD.finditer(plain)]
    lower = [token[2].lower() for token in tokens]
    for number, word in enumerate(lower):
        if word in known.starts:
            for length in known.lengths:
                phrase = " ".join(lower[number : number + length])
                kind = "name" if phrase in known.names else "surname" if phrase in known.long_surnames else ""
                if kind and phrase not in words and _together(plain, tokens[number : number + length]):
                    yield kind, tokens[number][0]
        if (
            word in known.surnames
            and word not in words
            and tokens[number][2][0].isupper()
            and len(word) >= LEAST_SURNAME
        ):
            yield "surname", tokens[number][0]


def _together(plain: str, tokens: list[tuple[int, int, str]]) -> bool:
    """True where words follow each other as a name's do; two months in a row are a calendar's."""
    if all(word.lower() in _CALENDAR for _, _, word in tokens):
        return False
    gaps = [plain[end:start] for (_, end, _), (start, _, _) in zip(tokens, tokens[1:], strict=False)]
    return all(_GAP.fullmatch(gap) for gap in gaps)
