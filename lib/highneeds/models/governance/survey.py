"""Shares of a survey: of those who answered, with an interval, and of all who were asked, whatever the others think.

Two ways to say how far a share may be trusted. The interval (Wilson's, at 95%, with the correction for a finite number
asked) supposes that those who answered are like a chance sample of those asked. The range supposes nothing: it goes
from none of the silent ones to all of them.
"""

import math
from dataclasses import dataclass

from highneeds.measures.ratios import MIN_CASES

LEVEL = 0.95
OF_ALL, LIKELY, NOT_CLEAR, FEW = "of all", "likely", "not clear", "too few"


@dataclass(frozen=True)
class Share:
    """One answer: count of base who answered, of asked (None: not said). Percentages from 0 to 100."""

    count: int
    base: int
    asked: int | None = None

    @property
    def pct(self) -> float | None:
        """Share of those who answered; None under MIN_CASES of them."""
        return 100 * self.count / self.base if self.base >= MIN_CASES else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Wilson's interval; where all who were asked answered it has no width."""
        return None if self.base < MIN_CASES else wilson_pct(self.count, self.base, self.asked)

    @property
    def of_all(self) -> tuple[float, float] | None:
        """Least and most of all who were asked; None where their number is not known, or under MIN_CASES."""
        if self.asked is None or self.asked < MIN_CASES:
            return None
        return 100 * self.count / self.asked, 100 * (self.count + self.asked - self.base) / self.asked

    @property
    def majority(self) -> str:
        """Whether more than half say so: of all asked whatever the others think, likely, not clear, or too few."""
        if self.interval is None:
            return FEW
        if self.of_all is not None and self.of_all[0] > 50:
            return OF_ALL
        return LIKELY if self.interval[0] > 50 else NOT_CLEAR


def wilson_pct(count: int, base: int, asked: int | None = None) -> tuple[float, float]:
    """Ends of Wilson's interval in per cent; base of asked raises the answers to what they are worth.

    The answers are worth base x (asked - 1) / (asked - base): more, the fewer are left who did not answer.
    """
    from statsmodels.stats.proportion import proportion_confint

    share = count / base
    if asked is not None and asked <= base:
        return 100 * count / base, 100 * count / base
    worth = base if asked is None else base * (asked - 1) / (asked - base)
    low, high = proportion_confint(share * worth, worth, alpha=1 - LEVEL, method="wilson")
    return 100 * max(0.0, float(low)), 100 * min(1.0, float(high))


def rounded(pct: float) -> int:
    """Whole per cent, half away from nothing, as a reader rounds."""
    return math.floor(pct + 0.5 + 1e-9)
