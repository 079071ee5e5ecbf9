"""Deadlines as plans print them: a text to the span of days it can mean, with what is odd about it. Nothing is guessed.

`Mar 2022` is any day of that month, `2025/26` any day of a financial or a school year. What no form fits stays
unread. A text that gives only a beginning (`from April 2025`) has no latest day, so nothing is ever late by it.
"""

import calendar
import re
import unicodedata
from dataclasses import dataclass, replace
from datetime import date

from highneeds.periods import last_day

DAY, MONTH, QUARTER, TERM = "day", "month", "quarter", "term"
SCHOOL_YEAR, FINANCIAL_YEAR, YEAR, SPAN = "school year", "financial year", "year", "span"
EITHER_YEAR, RECURRING, NONE = "financial or school year", "recurring", "none"
LETTERS = "letters of another alphabet, read as the Latin ones they look like"
PLACEHOLDER = "a placeholder, not a date"
BEFORE_PLAN = "before the date of the plan itself"
BEFORE_START = "before the start"
UNREADABLE = "no date can be read"
OPEN_ENDED = "a beginning without an end"
EVERY_YEAR = "recurs, so no one day is due"
TWO_READINGS = "two readings, so both are allowed for"
OTHER_WORDS = "words beside the date"
PART_UNREADABLE = "one of its dates cannot be read"
SEVERAL = "more than one date, so all are allowed for"

_LOOKALIKES = str.maketrans(
    "АВСЕНІЈКМОРЅТХУаеіјорсѕтухкмнвΑΒΕΖΗΙΚΜΝΟΡΤΥΧο", "ABCEHIJKMOPSTXYaeijopcstyxkmhbABEZHIKMNOPTYXo"
)
_PLACEHOLDER = re.compile(
    r"\bx{2,}\b|\bt\.?b\.?[acd]\b|to be (?:agreed|confirmed|decided|set)|£ ?x\b|\?{2,}|\b(?:dd|mm|yy|yyyy)\b", re.I
)
_NAMES = (
    r"jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?"
)
_MONTHS = {name: n for n, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), start=1)}
_SPLIT = r"(20\d\d)\s?[/-]\s?(?:20)?(\d\d)(?!\d)"
_FINANCIAL_WORDS, _SCHOOL_WORDS = r"(?:financial(?: year)?|fy|f/y)", r"(?:school|academic)(?: year)?"
_TERMS = {"autumn": (9, 1, 12, 31), "spring": (1, 1, 4, 30), "summer": (4, 1, 8, 31)}  # whole terms, holidays after
# The first form that fits a place in the text is taken there; each is told by its name.
_FORMS = re.compile(
    rf"(?P<iso>\b(20\d\d)-(\d\d)-(\d\d)\b)"
    rf"|(?P<numbers>\b(\d{{1,2}})[/.](\d{{1,2}})[/.](20\d\d|\d\d)\b)"
    rf"|(?P<day>\b(\d{{1,2}})(?:st|nd|rd|th)? ?({_NAMES})\.?,? ?(20\d\d|\d\d)\b)"
    rf"|(?P<quarter>\bq(?:uarter)? ?([1-4]),?(?: of)? {_SPLIT})"
    rf"|(?P<financial>\b{_SPLIT}(?: {_FINANCIAL_WORDS}\b)|\b{_FINANCIAL_WORDS} {_SPLIT})"
    rf"|(?P<school>\b{_SPLIT}(?: {_SCHOOL_WORDS}\b)|\b{_SCHOOL_WORDS} {_SPLIT})"
    rf"|(?P<either>\b{_SPLIT})"
    rf"|(?P<month>\b({_NAMES})\.?[ -]?'?(20\d\d|\d\d)\b)"
    rf"|(?P<term>\b(autumn|spring|summer)(?: term)?,?(?: of)? (20\d\d)\b)"
    rf"|(?P<year>\b(20\d\d)\b)",
    re.I,
)
_OPENING = re.compile(
    r"\b(?:from|starting|begin(?:s|ning)?|rolling|onwards?|ongoing|after|not before|at the earliest)\b", re.I
)
_RECURS = re.compile(r"\b(?:every|each|annual(?:ly)?|yearly|monthly|termly|weekly|quarterly)\b", re.I)
_PLAIN = re.compile(r"\b(?:by|on|in|the|end|start|of|mid|early|late|term|and|to|until|between)\b|[\s,.;:()–—-]+", re.I)


@dataclass(frozen=True)
class Deadline:
    """A text as printed, how it was read, the first and last day it can mean, how exact it is, and what is odd.

    read: the text with look-alike letters replaced, empty where they were right. latest is None where the text gives
    no end; both are None where nothing can be read. An empty text has precision `none` and no flags.
    """

    text: str
    read: str = ""
    earliest: date | None = None
    latest: date | None = None
    precision: str = NONE
    flags: tuple[str, ...] = ()

    @property
    def dated(self) -> bool:
        """True where a last day is known."""
        return self.latest is not None

    @property
    def days(self) -> list[date]:
        """First and last day, as far as they are known."""
        return [day for day in (self.earliest, self.latest) if day is not None]

    @property
    def exact(self) -> bool:
        """True for a day or a month."""
        return self.precision in (DAY, MONTH)


def read_deadline(text: str, *, plan_date: date | None = None, start: Deadline | None = None) -> Deadline:
    """What a printed deadline can mean. plan_date: first day the plan can be of; start: of the same entry."""
    if not text.strip():
        return Deadline(text)
    plain = _plain(text)
    flags = [LETTERS] if plain != _spaced(unicodedata.normalize("NFKC", text)) else []
    made = _read(plain)
    made = replace(made, text=text, read=plain if flags else "", flags=(*flags, *made.flags))
    odd = []
    if made.dated and plan_date and made.latest < plan_date:  # type: ignore[operator]
        odd.append(BEFORE_PLAN)
    if made.dated and start is not None and start.earliest and made.latest < start.earliest:  # type: ignore[operator]
        odd.append(BEFORE_START)
    return replace(made, flags=(*made.flags, *odd))


def placeholders(text: str) -> list[str]:
    """Blanks that a plan's author meant to fill in, as they stand in a text: `xxx`, `£x`."""
    return [hit[0] for hit in _PLACEHOLDER.finditer(_plain(text))]


def _plain(text: str) -> str:
    """Text in Latin letters, letters and digits set apart where a month runs into a year, spaces tidied."""
    latin = unicodedata.normalize("NFKC", text).translate(_LOOKALIKES)
    return _spaced(latin)


def _spaced(text: str) -> str:
    return " ".join(text.split())


def _read(plain: str) -> Deadline:
    found = [_span(hit) for hit in _FORMS.finditer(plain)]
    spans = [span for span in found if span is not None]
    if not spans:
        return _without_date(plain)
    low, high = min(span[0] for span in spans), max(span[1] for span in spans)
    flags = [TWO_READINGS] if any(span[3] for span in spans) else []
    flags += [PART_UNREADABLE] if len(spans) < len(found) else []
    precision = spans[0][2] if len(spans) == 1 else SPAN
    flags += [SEVERAL] if len(spans) > 1 and not _is_range(plain, len(spans)) else []
    beside = _PLAIN.sub("", _OPENING.sub("", _FORMS.sub("", plain)))
    flags += [OTHER_WORDS] if beside else []
    if _OPENING.search(plain):
        return Deadline("", "", low, None, precision, (*flags, OPEN_ENDED))
    return Deadline("", "", low, high, precision, tuple(flags))


def _without_date(plain: str) -> Deadline:
    """A text in which no form fits: a placeholder, something that recurs, or nothing that can be read."""
    if _RECURS.search(plain):
        return Deadline("", precision=RECURRING, flags=(EVERY_YEAR,))
    return Deadline("", flags=(PLACEHOLDER if _PLACEHOLDER.search(plain) else UNREADABLE,))


def _is_range(plain: str, count: int) -> bool:
    between = _FORMS.sub("@", plain)
    return count == 2 and re.search(r"@ ?(?:-|–|—|to|until) ?@|between @ and @", between, re.I) is not None


def _span(hit: re.Match) -> tuple[date, date, str, bool] | None:
    """First and last day, precision, and whether there were two readings; None where the calendar has no such day."""
    kind = hit.lastgroup or next(name for name, value in hit.groupdict().items() if value)
    parts = [part for part in hit.groups()[_first_part(kind) :] if part is not None][: _PARTS[kind]]
    try:
        return _SPANS[kind](*parts)
    except ValueError:
        return None


def _first_part(kind: str) -> int:
    return _FORMS.groupindex[kind]


_PARTS = {"iso": 3, "numbers": 3, "day": 3, "quarter": 3, "financial": 2, "school": 2, "either": 2, "month": 2}
_PARTS |= {"term": 2, "year": 1}


def _full(year: str) -> int:
    return int(year) if len(year) == 4 else 2000 + int(year)


def _of_numbers(one: str, two: str, year: str) -> tuple[date, date, str, bool]:
    """Day first, as here; where it could also be month first, both."""
    days = []
    for day, month in ((one, two), (two, one)):
        if int(month) <= 12:
            days.append(date(_full(year), int(month), int(day)))
    if not days:
        raise ValueError("no such day")
    return min(days), max(days), DAY if len(set(days)) == 1 else SPAN, len(set(days)) > 1


def _of_day(day: str, month: str, year: str) -> tuple[date, date, str, bool]:
    found = date(_full(year), _MONTHS[month[:3].lower()], int(day))
    return found, found, DAY, False


def _of_month(month: str, year: str) -> tuple[date, date, str, bool]:
    number, full = _MONTHS[month[:3].lower()], _full(year)
    return date(full, number, 1), date(full, number, calendar.monthrange(full, number)[1]), MONTH, False


def _of_quarter(quarter: str, first: str, second: str) -> tuple[date, date, str, bool]:
    """Quarter of a financial year: the first is April to June."""
    _check_years(first, second)
    start = date(int(first) + (quarter == "4"), (int(quarter) * 3) % 12 + 1, 1)
    end = date(start.year, start.month + 2, calendar.monthrange(start.year, start.month + 2)[1])
    return start, end, QUARTER, False


def _of_years(first: str, second: str, kind: str) -> tuple[date, date, str, bool]:
    _check_years(first, second)
    year = int(first)
    low, high = date(year, 4, 1), date(year + 1, 3, 31)
    school = date(year, 9, 1), date(year + 1, 8, 31)
    if kind == FINANCIAL_YEAR:
        return low, high, kind, False
    return (*school, kind, False) if kind == SCHOOL_YEAR else (low, school[1], kind, True)


def _of_either(first: str, second: str) -> tuple[date, date, str, bool]:
    """`2025/26` is a financial or a school year, `2025-09` a month."""
    if (int(first) + 1) % 100 != int(second) and 1 <= int(second) <= 12:
        month = date(int(first), int(second), calendar.monthrange(int(first), int(second))[1])
        return month.replace(day=1), month, MONTH, False
    return _of_years(first, second, EITHER_YEAR)


def _check_years(first: str, second: str) -> None:
    """Two years in a row; `2016/19` names no one year."""
    if (int(first) + 1) % 100 != int(second):
        raise ValueError("not one year")


def _of_term(term: str, year: str) -> tuple[date, date, str, bool]:
    month, day, last_month, last = _TERMS[term.lower()]
    return date(int(year), month, day), date(int(year), last_month, last), TERM, False


_SPANS = {
    "iso": lambda year, month, day: (*[date(int(year), int(month), int(day))] * 2, DAY, False),
    "numbers": _of_numbers,
    "day": _of_day,
    "quarter": _of_quarter,
    "financial": lambda first, second: _of_years(first, second, FINANCIAL_YEAR),
    "school": lambda first, second: _of_years(first, second, SCHOOL_YEAR),
    "either": lambda first, second: _of_either(first, second),
    "month": _of_month,
    "term": _of_term,
    "year": lambda year: (date(int(year), 1, 1), last_day(year, "calendar year"), YEAR, False),
}
