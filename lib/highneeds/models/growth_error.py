"""Growth error: how wrong forecasts of yearly growth are, alone and together, and the range of a sum of authorities.

Owns the four terms of the error, their estimation from past forecasts, their draws, and the checks and quantiles that
`caseload` shares. Leaves point forecasts to `annual`, and ages and placements to `caseload`.
Growth errs by a term for England and one for the authority that stay for all years of a path, and one of each that is
new every year. England's are drawn once a path, for all authorities: without them totals look far too certain.
Streams: every BLOCK paths have a random stream of their own, SeedSequence(seed, spawn_key=(block,)), and nothing is
summed across paths. So a seed gives the same bytes whatever the chunk, and a longer run begins with the shorter one.
"""

from dataclasses import dataclass
from math import ceil, sqrt
from numbers import Real
from statistics import NormalDist
from typing import NamedTuple

import numpy as np

from highneeds.errors import HighneedsError, ParamsError, SchemaError
from highneeds.models.forecast import LEVELS

TERMS = ("national_persistent", "national_transient", "authority_persistent", "authority_transient")
BLOCK, MEMORY_GB = 100, 1.0  # paths of one stream, and the fewest of a run; what one run may hold
MIN_AUTHORITIES, MIN_YEARS = 20, 3


def is_number(value: object) -> bool:
    """True for a real number; False for True and False, NaN, and text."""
    return isinstance(value, Real) and not isinstance(value, bool) and value == value


def _is_whole(value: object) -> bool:
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool)


@dataclass(frozen=True)
class Sds:
    """Standard deviations a year, on the log scale: .033 is about 3.3%.

    persistent: the same in all years of a path; transient: new every year; target_years: past target years behind the
    growth terms, by horizon; basis: where they come from. The defaults are measured on English authorities, 2019 to
    2025.
    Raises ParamsError where one is negative, not a number or over 1.
    """

    national_persistent: float = 0.010
    national_transient: float = 0.010
    authority_persistent: float = 0.033
    authority_transient: float = 0.033
    target_years: tuple[int, ...] = (7, 5, 3)
    basis: str = "sizes of past errors measured once on English authorities, target years 2019 to 2025"

    def __post_init__(self) -> None:
        """Check every size."""
        named = {name: getattr(self, name) for name in TERMS}
        wrong = [f"{name} {sd!r}" for name, sd in named.items() if not is_number(sd) or not 0 <= sd <= 1]
        if wrong:
            raise ParamsError(
                f"standard deviations: found {', '.join(wrong)}. Expected {', '.join(TERMS)}, each from "
                "0 to 1 on the log scale. Give .033 where 3.3% is meant."
            )

    def growth_sd(self, horizon: int, *, national: bool = True) -> float:
        """Standard deviation of an authority's log error after so many years; without England's part if asked."""
        persistent = self.authority_persistent**2 + national * self.national_persistent**2
        transient = self.authority_transient**2 + national * self.national_transient**2
        return sqrt(horizon**2 * persistent + horizon * transient)


MEASURED = Sds()


@dataclass(frozen=True)
class Draws:
    """How many paths, from which seed, and how many are worked on at once (memory; no figure depends on it).

    Raises ParamsError where a number is not whole or too small, or the chunk is not a multiple of BLOCK.
    """

    paths: int = 10_000
    seed: int = 0
    chunk: int = 500

    def __post_init__(self) -> None:
        """Check every number."""
        least = {"paths": BLOCK, "seed": 0, "chunk": BLOCK}
        found = {name: getattr(self, name) for name in least}
        wrong = [name for name, value in found.items() if not _is_whole(value) or value < least[name]]
        wrong += ["chunk"] if not wrong and self.chunk % BLOCK else []
        if wrong:
            raise ParamsError(
                f"draws: found {', '.join(f'{name} {found[name]!r}' for name in wrong)}. Expected whole numbers: at "
                f"least {BLOCK} paths, a seed of 0 or more, a chunk that is a multiple of {BLOCK}. Give such numbers."
            )


class Interval(NamedTuple):
    """Points by horizon, shape (..., horizons), and quantiles at LEVELS, shape (..., horizons, levels)."""

    points: np.ndarray
    quantiles: np.ndarray


def calibrate(errors: np.ndarray, *, tail: float = 0.01) -> Sds:
    """Sizes of the four growth terms from past forecasts, by the method of moments.

    errors: log actual minus log forecast, shape (authorities, target years, horizons 1, 2, ...); NaN where none.
    An h-year error divided by h has variance persistent + transient / h. England's: the mean error of a target year,
    squared (a bias is an error too), less what the mean of that many authorities owes to chance. Authorities': the
    variance about that mean. Both terms are then found by least squares over horizons, weighted by target years,
    neither below 0. The share `tail` at either end of the deviations (each year's median taken out) is pulled in
    first, and the variance made good for it as of a normal curve: a misreport by one is not everyone's uncertainty.
    With one horizon the two terms cannot be told apart and are given half each; `basis` says so.
    Raises SchemaError where fewer than MIN_YEARS target years of a first horizon have MIN_AUTHORITIES errors.
    """
    errors = array("errors", errors, (None, None, None))
    refuse(not_ok("errors", errors, np.isnan(errors) | (np.abs(errors) < 3), "log(actual) - log(forecast), no zeros"))
    if not (is_number(tail) and 0 <= tail < 0.25):
        raise ParamsError(f"tail {tail!r}: expected a share from 0 to .25. Give .01 to pull in one in a hundred.")
    found = np.array([_moments(errors[:, :, at], tail) for at in range(errors.shape[2])]).reshape(-1, 3)
    years, horizons = found[:, 0].astype(int), 1 + np.flatnonzero(found[:, 0])
    if not len(horizons) or years[0] < MIN_YEARS:
        raise SchemaError(
            f"errors: {years[0] if len(years) else 0} target years one year ahead have {MIN_AUTHORITIES} authorities "
            f"or more. Expected at least {MIN_YEARS}. Forecast from earlier origins too, or keep the measured sizes."
        )
    yearly, weights = found[horizons - 1, 1:] / horizons[:, None] ** 2, years[horizons - 1]
    variances = np.concatenate([_split(yearly[:, at], horizons, weights) for at in (0, 1)])
    sizes = dict(zip(TERMS, np.sqrt(variances).tolist(), strict=True))
    return Sds(**sizes, target_years=tuple(years.tolist()), basis=_basis(len(errors), years, horizons))


def growth_errors(
    authorities: int, years: int, *, sds: Sds = MEASURED, paths: int = 10_000, seed: int = 0
) -> np.ndarray:
    """Errors of yearly log growth, float32, shape (authorities, years, paths); summed over years, those of a January.

    `national_interval` uses these very errors for the same authorities, years and seed.
    """
    wrong = [f"{size!r}" for size in (authorities, years) if not _is_whole(size) or size < 1]
    if wrong:
        raise ParamsError(f"authorities and years: found {', '.join(wrong)}. Expected whole numbers from 1. Give such.")
    draws = Draws(paths, seed)
    check_memory(2 * authorities * years * draws.paths)
    blocks = [yearly_errors(stream(draws, at), authorities, years, sds) for at in range(ceil(paths / BLOCK))]
    return np.concatenate(blocks, axis=-1)[..., :paths]


def national_interval(
    log_points: np.ndarray,
    *,
    weights: np.ndarray | None = None,
    sds: Sds = MEASURED,
    paths: int = 10_000,
    seed: int = 0,
) -> Interval:
    """Range of a sum of authorities, England's or any group's, at each horizon.

    log_points: log of each authority's forecast count, shape (authorities, horizons 1, 2, ...). weights: what each
    exp(log_points) counts for: 1 by default; 0 outside the group; the latest counts where log_points are log growth
    since then. Shape (authorities,), or (groups, authorities) for groups that then share their paths.
    Points are sums of the authorities' points and are not moved; the median lies a little above, as errors are
    symmetric on the log scale. Raises SchemaError for counts given in place of logs, gaps and negative weights.
    """
    log_points = array("log_points", log_points, (None, None))
    weights = np.ones(len(log_points)) if weights is None else array("weights", weights)
    groups = array("weights", np.atleast_2d(weights), (None, len(log_points)))
    faults = not_ok("log_points", log_points, np.abs(log_points) < 20, "logs of counts, without gaps: np.log(counts)")
    refuse(faults + not_ok("weights", groups, (groups >= 0) & np.isfinite(groups), "0 or more, without gaps"))
    draws = Draws(paths, seed)
    check_memory(4 * len(groups) * log_points.shape[1] * draws.paths)
    counts = np.exp(log_points)
    sums = [_summed(groups, counts, sds, stream(draws, block)) for block in range(ceil(paths / BLOCK))]
    points, ranges = groups @ counts, quantiles(np.concatenate(sums, axis=-1)[..., :paths])
    return Interval(points, ranges) if weights.ndim == 2 else Interval(points[0], ranges[0])


# ---- For `caseload` --------------------------------------------------------------------------------------------------


def stream(draws: Draws, block: int) -> np.random.Generator:
    """Random stream of a block of paths."""
    return np.random.Generator(np.random.SFC64(np.random.SeedSequence(draws.seed, spawn_key=(block,))))


def yearly_errors(rng: np.random.Generator, authorities: int, years: int, sds: Sds) -> np.ndarray:
    """Errors of yearly log growth of one block, float32, shape (authorities, years, BLOCK)."""
    shapes = ((1, 1), (1, years), (authorities, 1), (authorities, years))
    sizes = [np.float32(getattr(sds, name)) for name in TERMS]
    terms = [size * rng.standard_normal((*shape, BLOCK), "float32") for size, shape in zip(sizes, shapes, strict=True)]
    return (terms[0] + terms[1]) + (terms[2] + terms[3])


def quantiles(values: np.ndarray) -> np.ndarray:
    """Quantiles at LEVELS over the last axis, linear between paths; float64. The paths are sorted in place."""
    ranks = np.array(LEVELS) * (values.shape[-1] - 1)
    low = ranks.astype(int)
    found = np.empty((*values.shape[:-1], len(LEVELS)))
    for area, rows in zip(found, values, strict=True):
        rows.sort(axis=-1)
        below, above = rows[..., low].astype(float), rows[..., low + 1].astype(float)
        area[...] = below + (above - below) * (ranks - low)
    return found


def array(name: str, values: object, shape: tuple[int | None, ...] | None = None) -> np.ndarray:
    """Values as float64 of this shape (None: any; a size of None: any from 1); SchemaError where they are not."""
    try:
        found = np.asarray(values, dtype=float)
    except (TypeError, ValueError):
        raise SchemaError(f"{name}: found no array of numbers. Expected numbers only. Give NaN for a gap.") from None
    if shape is None or (found.ndim == len(shape) and found.size and found.shape == _filled(shape, found.shape)):
        return found
    sizes = ", ".join("any" if size is None else str(size) for size in shape)
    raise SchemaError(f"{name}: found shape {found.shape}. Expected ({sizes}), none of them 0. Reshape or fill it.")


def not_ok(name: str, values: np.ndarray, ok: np.ndarray, expected: str) -> list[str]:
    """One fault that names the first value that is not ok and counts the others; none where all are."""
    wrong = np.argwhere(~ok)
    if not len(wrong):
        return []
    place, more = tuple(wrong[0].tolist()), f" ({len(wrong)} such)" if len(wrong) > 1 else ""
    return [f"{name}: found {values[place]:g} at {list(place)}, counted from 0{more}. Expected {expected}. Correct it."]


def refuse(faults: list[str], kind: type[HighneedsError] = SchemaError) -> None:
    """Raise all faults together, if there are any."""
    if faults:
        raise kind(faults)


def check_memory(numbers: float) -> None:
    """Raise ParamsError where so many float32 numbers would not fit in MEMORY_GB."""
    if 4e-9 * numbers > MEMORY_GB:
        raise ParamsError(
            f"paths: the figures wanted would take {4e-9 * numbers:.1f} GB. Expected at most {MEMORY_GB:g}. Ask for "
            "fewer paths, areas or age groups, a smaller chunk, or fewer at once."
        )


# ---- Inside ----------------------------------------------------------------------------------------------------------


def _summed(groups: np.ndarray, counts: np.ndarray, sds: Sds, rng: np.random.Generator) -> np.ndarray:
    """Sums of each group on a block of paths, shape (groups, horizons, BLOCK)."""
    errors = yearly_errors(rng, *counts.shape, sds).cumsum(axis=1, dtype=float)
    return (groups @ (counts[:, :, None] * np.exp(errors)).transpose(1, 0, 2)).transpose(1, 0, 2)


def _moments(errors: np.ndarray, tail: float) -> tuple[int, float, float]:
    """Target years with enough authorities, England's squared mean error free of chance, variance about it."""
    errors = errors[:, np.sum(~np.isnan(errors), axis=0) >= MIN_AUTHORITIES]
    if not errors.shape[1]:
        return 0, 0.0, 0.0
    medians = np.nanmedian(errors, axis=0)
    deviations = errors - medians
    deviations = np.clip(deviations, *np.nanquantile(deviations, [tail, 1 - tail]))
    counts = np.sum(~np.isnan(deviations), axis=0)
    within = np.nanvar(deviations, axis=0, ddof=1) / _kept_variance(tail)
    national = (medians + np.nanmean(deviations, axis=0)) ** 2 - within / counts
    return errors.shape[1], float(national.mean()), float(np.average(within, weights=counts - 1))


def _basis(authorities: int, years: np.ndarray, horizons: np.ndarray) -> str:
    behind = ", ".join(f"{years[at - 1]} target years at {at}" for at in horizons)
    alone = "; one horizon only, so lasting and yearly errors were taken as equal" if len(horizons) == 1 else ""
    return f"estimated from past errors of {authorities} authorities ({behind} ahead){alone}"


def _kept_variance(tail: float) -> float:
    """Variance of a standard normal curve whose two tails of this share are pulled in to where they begin."""
    if not tail:
        return 1.0
    curve = NormalDist()
    end = curve.inv_cdf(1 - tail)
    return 1 - 2 * tail - 2 * end * curve.pdf(end) + 2 * tail * end**2


def _split(yearly: np.ndarray, horizons: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Lasting and yearly variance, neither negative, from the variance of h-year errors divided by h."""
    if len(horizons) == 1:
        return np.full(2, max(yearly[0], 0.0) / (1 + 1 / horizons[0]))
    from scipy.optimize import nnls

    root = np.sqrt(weights)
    design = np.column_stack([root, root / horizons])
    return nnls(design, root * yearly)[0]


def _filled(wanted: tuple[int | None, ...], found: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(size if want is None else want for want, size in zip(wanted, found, strict=True))
