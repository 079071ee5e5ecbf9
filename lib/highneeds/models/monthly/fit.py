"""Arithmetic of the monthly model: shrunk effects of a log-linear count model, fitted together, with their uncertainty.

    log mu(month) = log profile + level + trend + own month effects + wandering level + shock of the month

Every effect after the profile has a normal prior with a mean of nothing, so the fit is a ridge regression of counts
(iteratively reweighted least squares), done in its dual form: the priors together are one covariance of months. The
shock, log-normal on top of Poisson counts, is the overdispersion (a negative binomial's gamma shock is its twin).
How fast a level wanders, how large shocks are and how far the year's shape differs from the borrowed one is not
known: a small grid of answers is averaged, each weighted by how well it foretells the counts (Laplace's evidence).
Tables, refusals and words are left to `monthly`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

# Prior standard deviations, on the log scale.
LEVEL = 1.0  # of the total, around its mean: vague
SHARE = 2.0  # of an area's share, around its mean: vague
TREND = 0.10  # a year
DAMPED_AFTER = 6  # months for which the trend goes on in full; then each adds DAMPING of what the one before added
DAMPING = 0.85
MONTH = 0.08  # an authority's month effects beyond the borrowed profile ...
STRANGE_MONTH, STRANGE_ODDS = 0.20, 0.25  # ... or, with these odds, where its year has a shape of its own
WANDER = (0.006, 0.02, 0.05)  # of the total's level, a month
SHOCK = (0.04, 0.08, 0.16)  # of the total's month
SHARE_WANDER = (0.003, 0.012, 0.035)  # of an area's share, a month
SHARE_SHOCK = (0.01, 0.10)  # of an area's month, beyond the total's
_STEPS, _CLOSE, _LEAP = 50, 1e-6, 2.0


@dataclass(frozen=True)
class Fit:
    """Log intensities of the months to come under each setting of the grid, and the month effects found.

    weights: of the settings, shape (G,), sum 1; means: (G, series, H); covariances: (G, series, H, H);
    pull: what each past month says of the effects, shape (G, series, T).
    """

    weights: np.ndarray
    means: np.ndarray
    covariances: np.ndarray
    pull: np.ndarray

    @property
    def centre(self) -> np.ndarray:
        """Log intensity averaged over the settings, shape (series, H)."""
        return np.einsum("g,gsh->sh", self.weights, self.means)

    def draws(self, rng: np.random.Generator, size: int) -> np.ndarray:
        """Log intensities drawn together for all months: shape (size, series, H), settings by their weight."""
        edges = np.rint(np.cumsum(self.weights) * size).astype(int)
        drawn = np.empty((size, *self.means.shape[1:]))
        for mean, covariance, start, end in zip(self.means, self.covariances, [0, *edges[:-1]], edges, strict=True):
            if end > start:
                noise = rng.standard_normal((end - start, *mean.shape))
                drawn[start:end] = mean + np.einsum("shk,nsk->nsh", np.linalg.cholesky(covariance), noise)
        return drawn[rng.permutation(size)]


def total_fit(counts: np.ndarray, *, offset: np.ndarray, month: np.ndarray) -> tuple[Fit, np.ndarray]:
    """Fit of the total (level, damped trend, month effects, wandering level, shocks) and its twelve month effects.

    counts: shape (T,), missing where not known; offset: log of the profile (and of the part of the areas that is
    known), shape (T + H,); month: calendar month 0-11 of each, shape (T + H,). Raises ArithmeticError where the fit
    does not settle.
    """
    size = len(counts)
    at, years = np.arange(len(offset)) - (size - 1), _trend_years(size, len(offset) - size)
    same = (month[:, None] == month[None, :]).astype(float)
    base = LEVEL**2 + TREND**2 * np.outer(years, years)
    shapes = ((MONTH, 1 - STRANGE_ODDS), (STRANGE_MONTH, STRANGE_ODDS))
    grid = [(shape, odds, wander, shock) for shape, odds in shapes for wander in WANDER for shock in SHOCK]
    priors = [
        base + wander**2 * _together(at) + shape**2 * same + shock**2 * np.eye(len(at))
        for shape, _, wander, shock in grid
    ]
    fit = _fit(counts[None, :], offset[None, :], np.stack(priors), odds=[odds for _, odds, *_ in grid])
    spread = fit.weights * np.array([shape**2 for shape, *_ in grid])
    return fit, np.bincount(month[:size], weights=np.einsum("g,gt->t", spread, fit.pull[:, 0]), minlength=12)


def share_fit(counts: np.ndarray, *, whole: np.ndarray, ahead: int) -> Fit:
    """Fit of each area's share of the total: a wandering share and shocks of its own, spreads common to all areas.

    counts: shape (areas, T), missing where not known; whole: what the shares are of, shape (T,); ahead: H. The shares
    of a month are then to be brought to a sum of 1: Poisson areas, given their sum, are multinomial. Raises
    ArithmeticError where the fit does not settle.
    """
    size = counts.shape[1]
    at = np.arange(size + ahead) - (size - 1)
    offset = np.concatenate([np.log(np.maximum(np.nan_to_num(whole), 0.5)), np.zeros(ahead)])
    priors = [
        SHARE**2 + wander**2 * _together(at) + shock**2 * np.eye(len(at))
        for wander in SHARE_WANDER
        for shock in SHARE_SHOCK
    ]
    return _fit(counts, np.tile(offset, (len(counts), 1)), np.stack(priors), odds=[1.0] * len(priors))


def _together(at: np.ndarray) -> np.ndarray:
    """Covariance of a random walk read from the last month known (0), before and after it."""
    same_side = np.sign(at)[:, None] * np.sign(at)[None, :] > 0
    return np.where(same_side, np.minimum(np.abs(at)[:, None], np.abs(at)[None, :]), 0.0)


def _trend_years(size: int, ahead: int) -> np.ndarray:
    """Years for which a trend has run by each month, from the last month known; damped after DAMPED_AFTER months."""
    steps = np.arange(1, ahead + 1)
    gains = DAMPING ** np.maximum(steps - DAMPED_AFTER, 0.0)
    return np.concatenate([np.arange(1 - size, 1), np.cumsum(gains)]) / 12


def _fit(counts: np.ndarray, offset: np.ndarray, prior: np.ndarray, *, odds: Sequence[float]) -> Fit:
    """Laplace fit of every series under every setting; the evidence of the series together weights the settings."""
    size = counts.shape[1]
    known = ~np.isnan(counts)
    observed, rates = np.where(known, counts, 0.0), np.where(known, np.exp(offset[:, :size]), 0.0)
    level = np.log(np.maximum(observed.sum(axis=1), 0.5) / rates.sum(axis=1))[:, None]
    past, across, future = prior[:, :size, :size], prior[:, size:, :size], prior[:, size:, size:]
    pull, mean, evidence = _settle(observed[None], rates * np.exp(level), past[:, None])
    scores = evidence.sum(axis=1) + np.log(odds)
    weights = np.exp(scores - scores.max())
    root, inner = _inner(mean, past[:, None])
    half = np.linalg.solve(np.linalg.cholesky(inner), root[..., None] * np.swapaxes(across, 1, 2)[:, None])
    covariances = future[:, None] - np.swapaxes(half, -1, -2) @ half
    means = offset[:, size:] + level + np.einsum("ght,gst->gsh", across, pull)
    return Fit(weights / weights.sum(), means, covariances, pull)


def _settle(counts: np.ndarray, exposed: np.ndarray, past: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Newton's steps to the most probable effects f: K^-1 f, the Poisson means (weights) and the log evidence.

    Source: Rasmussen and Williams, Gaussian Processes for Machine Learning, 2006, algorithm 3.1.
    """
    shape = np.broadcast_shapes(counts.shape, past.shape[:-1])
    effects, pull = np.zeros(shape), np.zeros(shape)
    for _ in range(_STEPS):
        mean = exposed * np.exp(effects)
        root, inner = _inner(mean, past)
        wanted = mean * effects + counts - mean
        held = root[..., None] * (past @ wanted[..., None])
        pull = wanted - root * np.linalg.solve(inner, held)[..., 0]
        moved = np.clip((past @ pull[..., None])[..., 0], effects - _LEAP, effects + _LEAP)
        change, effects = np.abs(moved - effects).max(), moved
        if change < _CLOSE:
            break
    else:
        raise ArithmeticError(f"the fit did not settle in {_STEPS} steps")
    mean = exposed * np.exp(effects)
    said = np.where(exposed > 0, counts * (np.log(np.maximum(exposed, 1e-300)) + effects) - mean, 0.0).sum(axis=-1)
    _, determinant = np.linalg.slogdet(_inner(mean, past)[1])
    return pull, mean, said - 0.5 * (pull * effects).sum(axis=-1) - 0.5 * determinant


def _inner(mean: np.ndarray, past: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Root of the Poisson weights, and I + W^(1/2) K W^(1/2)."""
    root = np.sqrt(mean)
    return root, np.eye(mean.shape[-1]) + root[..., :, None] * past * root[..., None, :]
