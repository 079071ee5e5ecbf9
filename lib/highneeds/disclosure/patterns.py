"""Shapes of personal data in text: numbers with their check digits, postcodes, addresses and dates.

Owns the rules of each shape. What the input holds belongs to `known`, where to look to `contents`.
Source: DfE, UPN guide (check letter); NHS Data Dictionary (check digit); UK postcode areas.
"""

import re
from collections.abc import Iterator
from datetime import date

_UPN_LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"
_UPN = re.compile(r"[A-Z]\d{11}[\dA-Z]")
_NHS = re.compile(r"(?<![\w.+#-])(?<!\d )(\d{3})( |-|)(\d{3})\2(\d{4})(?:\.0)?(?![\w-])(?!\.\d)(?! \d)")
_POSTCODE = re.compile(r"(?<![\w#])([A-Za-z]{1,2})(\d[A-Za-z\d]?)\s{0,2}(\d[A-Za-z]{2})(?!\w)")
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,6}[A-Za-z]{2,24}(?![\w-])")
# Letters that begin a postcode; other letters with digits are colours, codes and cell addresses.
_AREAS = frozenset(
    "AB AL B BA BB BD BH BL BN BR BS BT CA CB CF CH CM CO CR CT CV CW DA DD DE DG DH DL DN DT DY E EC EH EN EX "
    "FK FY G GL GU GY HA HD HG HP HR HS HU HX IG IM IP IV JE KA KT KW KY L LA LD LE LL LN LS LU M ME MK ML N NE "
    "NG NN NP NR NW OL OX PA PE PH PL PO PR RG RH RM S SA SE SG SK SL SM SN SO SP SR SS ST SW SY TA TD TF TN TQ "
    "TR TS TW UB W WA WC WD WF WN WR WS WV YO ZE".split()
)
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NAMED = r"(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}"
_ISO = re.compile(r"(?<!\d)(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?!\d)")
_COMPACT = re.compile(r"(?<![\w.])((?:19|20)\d{2})(\d{2})(\d{2})(?![\d.])(?!_)")
_NUMERIC = re.compile(r"(?<![\d.])(\d{1,2})([-/.])(\d{1,2})\2(\d{4})(?!\d)")
_SHORT = re.compile(r"(?<![\d/])(\d{1,2})/(\d{1,2})/(\d{2})(?![\d/])")
# Cells of a table are parted by commas, tabs and line ends: none of them may part a day from its month.
_SPACE = r"[ \u00a0\u2009\u202f]{1,2}"
_STOP = rf"(?:[.,]?{_SPACE}|[.-])?"
_YEAR = r"(?:[.,]?\s{1,2}|[.-])?(\d{4})(?!\d)"
_WORDS = re.compile(rf"(?<![\d.,])(\d{{1,2}})(?:st|nd|rd|th)?{_STOP}(?:of\s)?{_NAMED}{_YEAR}", re.I)
_WORDS_SHORT = re.compile(rf"(?<!\d)(\d{{1,2}})-{_NAMED}-(\d{{2}})(?!\d)", re.I)
_AMERICAN = re.compile(rf"(?<![a-z]){_NAMED}\.?{_SPACE}(\d{{1,2}})(?:st|nd|rd|th)?,?\s(\d{{4}})(?!\d)", re.I)
_YEAR_FIRST = re.compile(rf"(?<!\d)(\d{{4}})(?:-|{_SPACE}){_NAMED}(?:-|{_SPACE})(\d{{1,2}})(?!\d)", re.I)
_EPOCH = re.compile(r"(?<![\w.])(\d{11,13})(?![\w.])")
_DAY_MS = 86_400_000
# The address of a vocabulary (http://.../1999/02/22-...) is no date; a web address in a report is its own matter.
_ADDRESS = re.compile(r"https?://www\.w3\.org/[\w/.-]*$")


def is_upn(text: str) -> bool:
    """True where 13 characters have the shape of a UPN and its check letter."""
    if not _UPN.fullmatch(text) or (text[12].isalpha() and text[12] not in _UPN_LETTERS):
        return False
    values = [int(sign) if sign.isdigit() else _UPN_LETTERS.index(sign) for sign in text[1:]]
    return _UPN_LETTERS[sum(weight * value for weight, value in enumerate(values, start=2)) % 23] == text[0]


def is_nhs_number(digits: str) -> bool:
    """True where ten digits carry the check digit of an NHS number."""
    total = sum(weight * int(digit) for weight, digit in zip(range(10, 1, -1), digits, strict=False))
    return len(set(digits)) > 1 and (11 - total % 11) % 11 == int(digits[9])


def nhs_numbers(text: str) -> Iterator[int]:
    """Where a text has an NHS number: plain, or in groups of 3, 3 and 4.

    Three counts in a row of a table look like one too: groups with more numbers beside them, or whose last is a year,
    are left out unless NHS is named just before.
    """
    for found in _NHS.finditer(text):
        grouped = found[2] != "" and 1990 <= int(found[4]) <= 2040
        named = "nhs" in text[max(0, found.start() - 40) : found.start()].lower()
        if is_nhs_number(found[1] + found[3] + found[4]) and (named or not grouped):
            yield found.start()


def postcodes(text: str) -> Iterator[tuple[int, str, bool]]:
    """Postcodes of a text: where, written without its space in capitals, and whether it stands in capitals."""
    for found in _POSTCODE.finditer(text):
        plain = "".join(found.groups())
        if found[1].upper() in _AREAS:
            yield found.start(), plain.upper(), plain == plain.upper()


def emails(text: str) -> Iterator[tuple[int, str]]:
    """Email addresses of a text: where, and in lower case."""
    for found in _EMAIL.finditer(text):
        yield found.start(), found[0].lower()


def dates(text: str) -> Iterator[tuple[int, date]]:
    """Whole dates of a text in any usual form: where, and the day. Day first; month first where only that is a date."""
    for pattern, read in _FORMS:
        for found in pattern.finditer(text):
            day = _day(*read(found.groups()))
            if day is not None and not _ADDRESS.search(text, max(found.start() - 60, 0), found.start()):
                yield found.start(), day
    for found in _EPOCH.finditer(text):
        days, rest = divmod(int(found[1]), _DAY_MS)
        if not rest and days < 40_000:
            yield found.start(), date.fromordinal(date(1970, 1, 1).toordinal() + days)


def _day(year: int, month: int, day: int) -> date | None:
    if year < 100:
        year += 2000
    if not 1900 < year < 2100:
        return None
    if month > 12 and day <= 12:
        month, day = day, month
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _month(name: str) -> int:
    return MONTHS.index(name.lower()) + 1


_FORMS = (
    (_ISO, lambda part: (int(part[0]), int(part[2]), int(part[3]))),
    (_COMPACT, lambda part: (int(part[0]), int(part[1]), int(part[2]))),
    (_NUMERIC, lambda part: (int(part[3]), int(part[2]), int(part[0]))),
    (_SHORT, lambda part: (int(part[2]), int(part[1]), int(part[0]))),
    (_WORDS, lambda part: (int(part[2]), _month(part[1]), int(part[0]))),
    (_WORDS_SHORT, lambda part: (int(part[2]), _month(part[1]), int(part[0]))),
    (_AMERICAN, lambda part: (int(part[2]), _month(part[0]), int(part[1]))),
    (_YEAR_FIRST, lambda part: (int(part[0]), _month(part[1]), int(part[2]))),
)
