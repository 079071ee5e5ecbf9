"""What the input says of children, as sets to look a text up in; and the words a report may use.

Nothing here is printed: neither class shows its content.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import pandas as pd

LEAST_SURNAME = 3
LEAST_ID, LEAST_DIGITS = 6, 8  # an id of digits alone is told from a count only when it is long
_APOSTROPHES = re.compile(r"(?<=[^\W\d_])['’‘`](?=[^\W\d_])")
_FOREIGN = re.compile(r"[^\x00-\x7f]+")
WORD = re.compile(r"[^\W\d_]{2,}")


@dataclass(frozen=True, repr=False)
class Known:
    """Identifiers and names of the input. Build it with `known_of`; its content is never shown.

    names: forename and surname, in both orders; starts: their first words; lengths: their numbers of words.
    """

    upns: frozenset[str]
    ulns: frozenset[str]
    postcodes: frozenset[str]
    birth_dates: frozenset[date]
    names: frozenset[str]
    surnames: frozenset[str]
    long_surnames: frozenset[str]
    starts: frozenset[str]
    lengths: tuple[int, ...]
    ids: frozenset[str]

    def __repr__(self) -> str:
        """Class name alone."""
        return "Known(...)"


class Vocabulary(frozenset):
    """Words and phrases, in plain form, that a report may use. Build it with `vocabulary`."""

    def __repr__(self) -> str:
        """Size alone."""
        return f"Vocabulary({len(self)} words)"


def known_of(persons: pd.DataFrame, *, own_ids: Iterable[str] = ()) -> Known:
    """Known from the persons table (cases.Cases.persons; columns may be absent) and the input's own ids."""
    pairs = _columns(persons, "forename", "surname").dropna().drop_duplicates()
    fore, sur = (pairs[name].map({text: plain_name(text) for text in pairs[name].unique()}) for name in pairs)
    both = pd.DataFrame({"fore": fore, "first": fore.str.split(" ").str[0], "sur": sur}).drop_duplicates()
    both = both[both["fore"].ne("") & both["sur"].ne("")]
    names = set()
    for forename in ("fore", "first"):
        names |= set(both[forename] + " " + both["sur"]) | set(both["sur"] + " " + both[forename])
    surnames = {name for name in sur.unique() if len(name) >= LEAST_SURNAME}
    births = pd.to_datetime(_columns(persons, "birth_date")["birth_date"], errors="coerce").dropna()
    long_surnames = frozenset(name for name in surnames if " " in name)
    every = names | long_surnames
    return Known(
        upns=frozenset(_texts(persons, "upn").str.upper()),
        ulns=frozenset(_texts(persons, "uln")),
        postcodes=frozenset(
            _texts(persons, "postcode", "request_postcode").str.upper().str.replace(r"\s", "", regex=True)
        ),
        birth_dates=frozenset(births.drop_duplicates().dt.date),
        names=frozenset(names),
        surnames=frozenset(surnames - long_surnames),
        long_surnames=long_surnames,
        starts=frozenset(name.partition(" ")[0] for name in every),
        lengths=tuple(sorted({name.count(" ") + 1 for name in every})),
        ids=frozenset(text for text in (str(found).strip().casefold() for found in own_ids) if _is_long(text)),
    )


def vocabulary(texts: Iterable[str]) -> Vocabulary:
    """Words of texts that are known to hold no case data: templates, place names, code lists.

    A text of one line and at most six words is also allowed as a phrase, an email address or a postcode as itself.
    """
    found: set[str] = set()
    for text in texts:
        words = [word.lower() for word in WORD.findall(plain_text(text))]
        found.update(words)
        if len(words) <= 6 and "\n" not in text.strip():
            found |= {" ".join(words), text.strip().lower(), re.sub(r"\s", "", text).upper()}
    return Vocabulary(found - {""})


def plain_text(text: str) -> str:
    """Text without accents and the apostrophes inside words; its lines stay where they are."""
    return _APOSTROPHES.sub("", _FOREIGN.sub(_without_accents, text))


def _without_accents(found: re.Match[str]) -> str:
    return "".join(sign for sign in unicodedata.normalize("NFKD", found[0]) if not unicodedata.combining(sign))


def plain_name(text: str) -> str:
    """A name as words of two letters or more in lower case, without accents: `O'Neil-Smith` is `oneil smith`."""
    return " ".join(word.lower() for word in WORD.findall(plain_text(str(text))))


def _is_long(text: str) -> bool:
    digits = sum(sign.isdigit() for sign in text)
    return digits > 0 and len(text) >= (LEAST_DIGITS if digits == len(text) else LEAST_ID)


def _columns(persons: pd.DataFrame, *names: str) -> pd.DataFrame:
    return persons.reindex(columns=list(names))


def _texts(persons: pd.DataFrame, *names: str) -> pd.Series:
    held = [persons[name].dropna().astype("str") for name in names if name in persons]
    texts = pd.concat(held) if held else pd.Series([], dtype="str")
    return texts[texts.ne("")].drop_duplicates()
