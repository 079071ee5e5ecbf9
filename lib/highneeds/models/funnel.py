"""Is an authority unlike the others by more than chance? Funnel limits with the spread between authorities in them.

Owns the scores, the spread beyond chance, the limits, the comparison with a group, and the correction for many
measures. Chance alone is a poor yardstick: counts of thousands make nearly every authority differ from the mean, though
none is run unlike the rest. So each score's error has two parts: the counting, and a spread between authorities that is
estimated from all of them, the outermost drawn in (after Spiegelhalter 2005, Statistics in Medicine 24:1185; and
Spiegelhalter and others 2012, J. R. Statist. Soc. A 175:1). `intervals` holds the ranges of one rate and of a change.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd

from highneeds.errors import ParamsError, SchemaError
from highneeds.measures.ratios import MIN_CASES

SHARE, RATE = "share", "rate"
CUT = 0.1  # of the scores at either end are drawn in to the next
LEVEL = 0.05  # of measures called unlike, how many may be so by chance (false discovery rate)
LIMITS = (0.95, 0.998)
MIN_AUTHORITIES = 20  # fewer do not say how far authorities differ
HIGHER, LOWER, WITHIN, FEW = "higher", "lower", "within", "few"


@dataclass(frozen=True)
class Funnel:
    """One measure of all authorities, scored. Arrays in the order of codes.

    scores: on the scale on which chance is alike at every level; errors: of the counting; target: the rate of all
    together (a fraction); centre: that on the scale; tau: standard deviation between authorities beyond chance.
    """

    kind: str
    codes: tuple[str, ...]
    tops: np.ndarray
    bottoms: np.ndarray
    scores: np.ndarray
    errors: np.ndarray
    target: float
    centre: float
    tau: float

    @property
    def z(self) -> np.ndarray:
        """Distance of each authority from all together, in standard deviations of chance and usual spread."""
        return (self.scores - self.centre) / np.hypot(self.errors, self.tau)

    def at(self, code: str) -> int | None:
        """Place of an authority; None where it is not scored."""
        return self.codes.index(code) if code in self.codes else None

    def z_of(self, code: str) -> float:
        """Distance of one authority; missing where it is not scored."""
        at = self.at(code)
        return float("nan") if at is None else float(self.z[at])

    def limits(self, bottoms: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray]:
        """Lower and upper limit of the rate (a fraction) for denominators of these sizes."""
        width = _normal(level) * np.hypot(_errors(self.kind, bottoms, self.target), self.tau)
        return tuple(_back(self.kind, self.centre + side * width, bottoms) for side in (-1, 1))  # type: ignore[return-value]

    def outside(self, level: float) -> float:
        """Share (0-1) of the authorities that lie outside the limits."""
        return float((np.abs(self.z) > _normal(level)).mean())

    def beside(self, code: str, others: Sequence[str]) -> float:
        """Distance of one authority from the mean of others, each with equal weight; missing for fewer than two.

        Its error holds the authority's own chance and spread, and those of the mean.
        """
        at, near = self.at(code), [self.codes.index(other) for other in others if other in self.codes and other != code]
        if at is None or len(near) < 2:
            return float("nan")
        total = self.errors**2 + self.tau**2
        error = np.sqrt(total[at] + total[near].sum() / len(near) ** 2)
        return float((self.scores[at] - self.scores[near].mean()) / error)


def funnel(rows: pd.DataFrame, *, kind: str) -> Funnel | None:
    """Scores of all authorities on one measure; None where fewer than MIN_AUTHORITIES can be scored.

    Takes one row an authority: area_code, numerator, denominator (counts). Left out: shares on under MIN_CASES below
    the line, rates on under MIN_CASES above it, shares whose part exceeds its whole. Raises SchemaError for doubles.
    """
    kept = _usable(rows, kind)
    if len(kept) < MIN_AUTHORITIES:
        return None
    tops, bottoms = kept["numerator"].to_numpy(float), kept["denominator"].to_numpy(float)
    target = tops.sum() / bottoms.sum()
    if not 0 < target < (1 if kind == SHARE else np.inf):
        return None  # none has one, or all have: there is nothing to tell apart
    scores, centre = _scores(kind, tops, bottoms), _centre(kind, target)
    errors = _errors(kind, bottoms, target)
    tau = tau_squared(scores, errors, centre) ** 0.5
    return Funnel(kind, tuple(kept["area_code"]), tops, bottoms, scores, errors, float(target), centre, tau)


def funnel_of_changes(first: pd.DataFrame, last: pd.DataFrame, *, kind: str) -> Funnel | None:
    """How each authority moved between two periods, scored against how all moved together; None as in `funnel`.

    Takes the rows of both periods. tops and bottoms are those of the last; target is the rate of all in it. A stock
    holds many of the same children twice, so its chance is, if anything, put too high.
    """
    both = _usable(first, kind).merge(_usable(last, kind), on="area_code", suffixes=("_first", "_last"))
    if len(both) < MIN_AUTHORITIES:
        return None
    scores, errors, centres, target = [], [], [], 0.0
    for when in ("first", "last"):
        tops, bottoms = (both[f"{part}_{when}"].to_numpy(float) for part in ("numerator", "denominator"))
        target = tops.sum() / bottoms.sum()
        if not 0 < target < (1 if kind == SHARE else np.inf):
            return None
        scores.append(_scores(kind, tops, bottoms))
        centres.append(_centre(kind, target))
        errors.append(_errors(kind, bottoms, target))
    moved, error, centre = scores[1] - scores[0], np.hypot(*errors), centres[1] - centres[0]
    tau = tau_squared(moved, error, centre) ** 0.5
    return Funnel(kind, tuple(both["area_code"]), tops, bottoms, moved, error, float(target), centre, tau)


def tau_squared(scores: np.ndarray, errors: np.ndarray, centre: float, *, cut: float = CUT) -> float:
    """Variance between authorities beyond chance: that with which the distances spread as far as they should.

    cut: share of the distances at either end that is drawn in, so that outliers do not widen the yardstick they are
    held against. Drawing in makes even plain chance look narrower, by a known factor; that is put right. The equation
    is solved (Paule and Mandel), not taken in one step (DerSimonian and Laird): in one step it is the distances by
    chance alone that are drawn in, which are those of the largest authorities, outliers or not.
    """

    def too_wide(variance: float) -> float:
        z = (scores - centre) / np.sqrt(errors**2 + variance)
        low, high = np.quantile(z, [cut, 1 - cut]) if cut else (-np.inf, np.inf)
        return float((np.clip(z, low, high) ** 2).sum()) / _drawn_in(cut) - (len(z) - 1)

    if too_wide(0.0) <= 0:
        return 0.0
    from scipy.optimize import brentq

    most = float(((scores - centre) ** 2).sum()) / _drawn_in(cut)
    return float(brentq(too_wide, 0.0, most, xtol=1e-12))


def two_sided(z: float) -> float:
    """Probability of a distance at least as wide, either way, by chance and usual spread."""
    from scipy.special import ndtr

    return float(2 * ndtr(-abs(z)))


def adjusted(p: Mapping[str, float]) -> dict[str, float]:
    """Probabilities raised for having asked many questions at once (Benjamini and Hochberg); missing ones left out.

    Those at or under LEVEL are called unlike: of all that are, one in twenty is expected to be so by chance.
    """
    known = sorted(((name, value) for name, value in p.items() if not np.isnan(value)), key=lambda pair: -pair[1])
    made, least = {}, 1.0
    for place, (name, value) in enumerate(known):
        least = min(least, value * len(known) / (len(known) - place))
        made[name] = least
    return made


def verdicts(z: Mapping[str, float]) -> dict[str, str]:
    """HIGHER, LOWER, WITHIN, or FEW where there is no score; many measures of one authority judged together."""
    p = adjusted({name: two_sided(value) for name, value in z.items() if not np.isnan(value)})
    return {name: FEW if name not in p else _way(value) if p[name] <= LEVEL else WITHIN for name, value in z.items()}


def _way(z: float) -> str:
    return HIGHER if z > 0 else LOWER


def _usable(rows: pd.DataFrame, kind: str) -> pd.DataFrame:
    if kind not in (SHARE, RATE):
        raise ParamsError(f"kind '{kind}': Expected {SHARE} or {RATE}.")
    doubled = rows["area_code"][rows["area_code"].duplicated()]
    if len(doubled):
        raise SchemaError(
            f"rows: {doubled.iloc[0]} stands there twice. Expected one row an authority. Pool or drop one."
        )
    least = rows["denominator" if kind == SHARE else "numerator"].ge(MIN_CASES) & rows["denominator"].gt(0)
    whole = rows["numerator"].ge(0) & (rows["numerator"].le(rows["denominator"]) if kind == SHARE else True)
    return rows[least & whole].sort_values("area_code", ignore_index=True)


def _scores(kind: str, tops: np.ndarray, bottoms: np.ndarray) -> np.ndarray:
    """Angle of a share, as Anscombe steadied it for few cases; logarithm of a rate."""
    return np.arcsin(np.sqrt((tops + 0.375) / (bottoms + 0.75))) if kind == SHARE else np.log(tops / bottoms)


def _centre(kind: str, target: float) -> float:
    return float(np.arcsin(np.sqrt(target)) if kind == SHARE else np.log(target))


def _errors(kind: str, bottoms: np.ndarray, target: float) -> np.ndarray:
    """Chance of the scores: 1 / (2 root (n + 1/2)) of a share's angle, 1 / (root of cases expected) of a logarithm."""
    return 0.5 / np.sqrt(bottoms + 0.5) if kind == SHARE else 1 / np.sqrt(bottoms * target)


def _back(kind: str, scores: np.ndarray, bottoms: np.ndarray) -> np.ndarray:
    """Rates (fractions) of which these are the scores."""
    if kind == RATE:
        return np.exp(scores)
    tops = np.sin(np.clip(scores, 0, np.pi / 2)) ** 2 * (bottoms + 0.75) - 0.375
    return np.clip(tops / bottoms, 0, 1)


@lru_cache
def _normal(level: float) -> float:
    from scipy.special import ndtri

    return float(ndtri(0.5 + level / 2))


@lru_cache
def _drawn_in(cut: float) -> float:
    """Mean square of a standard normal whose ends beyond the quantiles cut and 1 - cut are drawn in to them."""
    if not cut:
        return 1.0
    end = _normal(1 - 2 * cut)
    height = np.exp(-(end**2) / 2) / np.sqrt(2 * np.pi)
    return float(2 * cut * end**2 + (1 - 2 * cut) - 2 * end * height)
