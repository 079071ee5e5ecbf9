"""Change: the one result of every test of change, the comparison that all of them make, and its power.

Owns the arithmetic once growths are known, and the words for a chance. Which growths are compared is `yearly`'s
and `months`'s; sentences with figures in them are the sections'.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from highneeds.errors import ParamsError
from highneeds.terms import STATISTICAL

MIN_OTHERS = 8  # neighbours or comparison authorities
MIN_COUNT = 10
LEVEL = 0.05
SEEN = 0.8  # a change that would be seen in four cases of five
MORE, LESS, UNCLEAR = "more", "less", "no clear difference"
_HARDLY, _NEARLY = "hardly ever", "nearly always"
_ODDS = {
    0.01: _HARDLY,
    0.03: "about one case in thirty",
    0.05: "about one case in twenty",
    0.10: "about one case in ten",
    0.20: "about one case in five",
    0.25: "about one case in four",
    1 / 3: "about one case in three",
    0.50: "about half of all cases",
    2 / 3: "about two cases in three",
    0.75: "about three cases in four",
    0.80: "about four cases in five",
    0.90: "about nine cases in ten",
    1.00: _NEARLY,
}


@dataclass(frozen=True)
class Change:
    """What can be said of a change between two periods. The verdict is relative to how the others moved.

    first, last: periods compared (spans of months as `2023-01 to 2023-12`); before, after: their counts (for months,
    the mean of a month); others: who they are, in words; k: how many; others_log_growth: mean of their log growths.
    standard_error, half_width: of the difference of log growths, and half of its 95% range. p: two-sided, decides the
    verdict; method: where p is from, in a sentence. placebo_p: rank of the same test done on every other in turn;
    authorities: how many of those there are; grew_less: how many of them grew less. warnings: sentences a reader must
    see; refusal: why there is no test, with what would help (figures are then missing).
    """

    measure: str
    area_code: str
    first: str
    last: str
    period_basis: str
    others: str = STATISTICAL.its
    before: float = float("nan")
    after: float = float("nan")
    others_log_growth: float = float("nan")
    standard_error: float = float("nan")
    half_width: float = float("nan")
    p: float = float("nan")
    method: str = ""
    placebo_p: float = float("nan")
    k: int = 0
    authorities: int = 0
    grew_less: int = 0
    warnings: tuple[str, ...] = ()
    refusal: str = ""

    @property
    def known(self) -> bool:
        """True where there is a test."""
        return not self.refusal

    @property
    def difference(self) -> float:
        """Own log growth minus the others' mean."""
        return float(np.log(self.after / self.before)) - self.others_log_growth if self.known else float("nan")

    @property
    def growth_pct(self) -> float:
        """Own growth, per cent."""
        return 100 * (self.after / self.before - 1) if self.known else float("nan")

    @property
    def others_growth_pct(self) -> float:
        """Growth of the others, per cent: geometric mean, each with equal weight."""
        return _pct(self.others_log_growth)

    @property
    def difference_pct(self) -> float:
        """How far the last figure is from what the others' growth would have made of the first, per cent of that."""
        return _pct(self.difference)

    @property
    def range95_pct(self) -> tuple[float, float]:
        """95% range of difference_pct; nought is inside where the verdict is not clear, and outside where it is."""
        return _pct(self.difference - self.half_width), _pct(self.difference + self.half_width)

    @property
    def expected(self) -> tuple[float, float, float]:
        """Lower end, middle and upper end (95%) of the last figure, had it moved as the others did."""
        middle = np.log(self.before) + self.others_log_growth if self.known else float("nan")
        return tuple(float(np.exp(middle + step * self.half_width)) for step in (-1, 0, 1))  # type: ignore[return-value]

    @property
    def percentile(self) -> float:
        """Per cent of the other authorities that grew less; missing where there is none."""
        return 100 * self.grew_less / self.authorities if self.authorities else float("nan")

    @property
    def verdict(self) -> str:
        """MORE or LESS growth than the others where p is at most 5%, else UNCLEAR; empty where refused."""
        if not self.known:
            return ""
        return UNCLEAR if self.p > LEVEL else MORE if self.difference > 0 else LESS

    @property
    def movement(self) -> str:
        """The verdict as a sentence can end: `rose by less than its statistical neighbours`; empty where refused."""
        if self.verdict in ("", UNCLEAR):
            return self.verdict and f"showed no clear difference from {self.others}"
        own, theirs = _direction(self.growth_pct), _direction(self.others_growth_pct)
        if own != theirs:
            return f"{own} while {self.others} {theirs}"
        if own == "stayed level":
            return f"moved {'above' if self.verdict == MORE else 'below'} {self.others}, by little"
        return f"{own} by {'more' if (own == 'rose') == (self.verdict == MORE) else 'less'} than {self.others}"

    @property
    def smallest_seen_pct(self) -> tuple[float, float]:
        """Smallest fall and smallest rise, per cent, that this test would see in four cases of five."""
        return smallest_seen(self.standard_error, self.k)

    def power(self, effect_pct: float) -> float:
        """Chance (0-1) that this test sees a true change of effect_pct beyond the others' movement."""
        return power(self.standard_error, self.k, effect_pct=effect_pct)


@dataclass(frozen=True)
class Flags:
    """How many authority-years a test flagged; by_year: (last year, flagged, tested)."""

    by_year: tuple[tuple[str, int, int], ...]

    @property
    def flagged(self) -> int:
        """Authority-years flagged."""
        return sum(flagged for _, flagged, _ in self.by_year)

    @property
    def tested(self) -> int:
        """Authority-years tested."""
        return sum(tested for _, _, tested in self.by_year)

    @property
    def share_pct(self) -> float:
        """Per cent of those tested that were flagged; missing where none was tested."""
        return 100 * self.flagged / self.tested if self.tested else float("nan")


@dataclass(frozen=True)
class Compared:
    """Arrays, one value a row: others' mean log growth, difference, standard error, t, two-sided p, k others used."""

    mean: np.ndarray
    difference: np.ndarray
    standard_error: np.ndarray
    t: np.ndarray
    p: np.ndarray
    k: np.ndarray


def compare(own: np.ndarray, others: np.ndarray, *, own_noise: np.ndarray, others_noise: np.ndarray) -> Compared:
    """Log growths (n,) against those of others (n, m), NaN where out: t with k - 1 degrees of freedom.

    Standard error: the others' standard deviation x sqrt(1 + 1/k), and the counting noise by which own exceeds theirs
    (noise: 1/before + 1/after, same shapes; squares are added). Without that the smallest tenth of authorities is
    flagged two to three times as often as the rest. Missing where own is, where k < MIN_OTHERS or where the others do
    not differ.
    """
    from scipy.special import stdtr

    there = np.isfinite(others)
    k = there.sum(axis=1)
    some = np.maximum(k, 1)
    mean = np.where(there, others, 0).sum(axis=1) / some
    spread = np.sqrt((np.where(there, others - mean[:, None], 0) ** 2).sum(axis=1) / np.maximum(k - 1, 1))
    extra = np.maximum(own_noise - np.where(there, others_noise, 0).sum(axis=1) / some, 0)
    error = np.sqrt(spread**2 * (1 + 1 / some) + extra)
    usable = np.isfinite(own) & (k >= MIN_OTHERS) & (spread > 1e-12)
    mean, error = (np.where(usable, array, np.nan) for array in (mean, error))
    difference = own - mean
    t = difference / error
    return Compared(mean, difference, error, t, 2 * stdtr(np.maximum(k - 1, 1), -np.abs(t)), k)


def half_width(standard_error: float, k: int) -> float:
    """Half of the 95% range of a difference of log growths, t with k - 1 degrees of freedom."""
    return _critical(k) * standard_error


def power(standard_error: float, k: int, *, effect_pct: float) -> float:
    """Chance (0-1) that a true change of effect_pct is flagged at 5% and in its own direction (noncentral t).

    standard_error: of the difference of log growths, taken as known; k: others compared with. effect_pct is a size
    that matters, chosen beforehand: at the size just seen the chance says nothing that p does not.
    Raises ParamsError for -100% or less: no count falls further than to nothing.
    """
    from scipy.special import nctdtr

    if not effect_pct > -100:
        raise ParamsError(f"effect_pct {effect_pct:g}: Expected a change above -100 per cent.")
    if not standard_error > 0 or k < 2:
        return float("nan")
    return float(1 - nctdtr(k - 1, abs(np.log1p(effect_pct / 100)) / standard_error, _critical(k)))


def smallest_seen(standard_error: float, k: int, *, chance: float = SEEN) -> tuple[float, float]:
    """Smallest fall (negative) and rise, per cent, that would be seen with this chance."""
    if not standard_error > 0 or k < 2:
        return float("nan"), float("nan")
    size = _needed(k, chance) * standard_error
    return _pct(-size), _pct(size)


def in_words(probability: float) -> str:
    """A chance as people say it: `hardly ever`, `about one case in five`, `nearly always`: the nearest of thirteen.

    Raises ParamsError outside 0-1.
    """
    if not 0 <= probability <= 1:
        raise ParamsError(f"probability {probability:g}: Expected a number from 0 to 1.")
    return _ODDS[min(_ODDS, key=lambda odds: abs(odds - probability))]


def seen_in_words(probability: float) -> str:
    """The same as the end of a sentence: `would be seen in about one case in five`, `would hardly ever be seen`."""
    words = in_words(probability)
    return f"would {words} be seen" if words in (_HARDLY, _NEARLY) else f"would be seen in {words}"


@lru_cache
def _critical(k: int) -> float:
    from scipy.special import stdtrit

    return float(stdtrit(k - 1, 1 - LEVEL / 2))


@lru_cache
def _needed(k: int, chance: float) -> float:
    """Standard errors by which a true change must differ from nought to be seen with this chance."""
    from scipy.special import nctdtrinc

    return float(nctdtrinc(k - 1, 1 - chance, _critical(k)))


def _pct(log_ratio: float) -> float:
    return 100 * float(np.expm1(log_ratio))


def _direction(growth_pct: float) -> str:
    if abs(growth_pct) < 0.5:  # prints as 0%
        return "stayed level"
    return "rose" if growth_pct > 0 else "fell"
