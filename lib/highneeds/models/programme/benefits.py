"""Benefits as plans print them: an amount read from its text, and planned beside delivered."""

import re
import unicodedata
from dataclasses import dataclass

_AMOUNT = re.compile(
    r"(?P<about>(?:c\.?|ca\.?|circa|about|around|approx(?:\.|imately)?|up to|over|at least|nearly) ?)?£? ?"
    r"(?P<sign>-?)(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?) ?(?P<unit>k|m|bn|thousand|million|billion)?",
    re.I,
)
_SIZES = {"": 1, "k": 1e3, "thousand": 1e3, "m": 1e6, "million": 1e6, "bn": 1e9, "billion": 1e9}


@dataclass(frozen=True)
class Amount:
    """Pounds as printed. gbp: None where there is no amount or it cannot be read; about: printed as approximate."""

    text: str
    gbp: float | None = None
    about: bool = False

    @property
    def unreadable(self) -> bool:
        """True for a text that is no amount, such as `£x m`."""
        return bool(self.text.strip()) and self.gbp is None


def read_amount(text: str) -> Amount:
    """An amount from its text: `£36.5m`, `c.£1.5m`, `36500000`; a placeholder stays unread, never nothing."""
    plain = " ".join(unicodedata.normalize("NFKC", text).replace("−", "-").split())
    found = _AMOUNT.fullmatch(plain)
    if found is None:
        return Amount(text)
    size = _SIZES[(found["unit"] or "").lower()] * float(found["number"].replace(",", ""))
    return Amount(text, -size if found["sign"] else size, bool(found["about"]))
