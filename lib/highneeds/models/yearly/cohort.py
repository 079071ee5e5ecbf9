"""Cohort model: plans by age band, moved up with the children, plus net entry.

Owns composition by age. It does not explode as trends by band do: the band of 20 to 25 filled up after 2014 and its
trend would fill it for ever. Totals at one and two years are the pooled model's; bands are scaled to them.
"""

import numpy as np

from highneeds.models.yearly.history import History

# Share of a band that is in its last year of age and moves up within a year: members spread evenly over the ages
# that hold plans (2 to 4, 5 to 10, 11 to 15, 16 to 19, 20 to 25). Single ages were not published before 2024, and
# net entry takes up what the shares miss.
MOVING_UP = np.array([1 / 3, 1 / 6, 1 / 5, 1 / 4, 1 / 6])
OWN_ENTRY = 0.3  # share of an authority's own deviation in net entry that lasts
OWN_YEARS = 2


def composition(history: History) -> np.ndarray | None:
    """Plans by band that sum to each January's total, shape (units, years, 5); None where no band is known.

    A year without bands takes its shares from the years around it, the last years from the last known.
    """
    bands = np.where(history.bands >= 0, history.bands, np.nan)
    # Nobody over 19 held a statement: the oldest band is empty before it began.
    bands[:, :, -1] = np.where(np.isnan(bands[:, :, -1]) & ~np.isnan(bands[:, :, 0]), 0, bands[:, :, -1])
    whole = bands.sum(axis=2)
    known = whole > 0
    if not known.any():
        return None
    shares = bands / np.where(known, whole, np.nan)[:, :, None]
    usual = _usual(shares)
    for unit in np.flatnonzero(~known.all(axis=1)):
        held = np.flatnonzero(known[unit])
        for band in range(shares.shape[2]):
            line = shares[unit, held, band] if len(held) else usual[:, band]
            years = held if len(held) else np.arange(shares.shape[1])
            shares[unit, :, band] = np.interp(np.arange(shares.shape[1]), years, line)
    return shares * history.plans.values[:, :, None]


def forecast_bands(history: History, horizon: int) -> np.ndarray | None:
    """Plans by band `horizon` years on, shape (units, 5), never below nothing.

    None where fewer than three Januaries have every band: nobody over 19 was counted before 2015.

    Each year: those who stay in their band, those who move up into it, and net entry for each plan held, which is
    the last national rate plus OWN_ENTRY of the unit's own mean deviation over OWN_YEARS.
    """
    held = composition(history)
    counted = ~np.isnan(history.bands[:, -OWN_YEARS - 1 :]).all(axis=0)
    if held is None or len(counted) < OWN_YEARS + 1 or not counted.all():
        return None
    entry = _net_entry(held)
    now = held[:, -1]
    for _ in range(horizon):
        now = np.maximum(moved_up(now) + entry * now.sum(axis=1, keepdims=True), 0)
    return now


def moved_up(bands: np.ndarray) -> np.ndarray:
    """Bands a year older, before anyone enters or leaves: shape (units, 5) in and out; the oldest age out."""
    moving = bands * MOVING_UP
    older = bands - moving
    older[:, 1:] += moving[:, :-1]
    return older


def _net_entry(held: np.ndarray) -> np.ndarray:
    """Net entry a year for each plan held, by band, shape (units, 5)."""
    deviations = []
    national = np.zeros(held.shape[2])
    for year in range(held.shape[1] - OWN_YEARS, held.shape[1]):
        entered = held[:, year] - moved_up(held[:, year - 1])
        base = held[:, year - 1].sum(axis=1)
        known = np.isfinite(entered).all(axis=1) & (base > 0)
        national = entered[known].sum(axis=0) / base[known].sum() if known.any() else national
        with np.errstate(divide="ignore", invalid="ignore"):
            deviations.append(np.where(known[:, None], entered / base[:, None] - national, 0))
    return national + OWN_ENTRY * np.mean(deviations, axis=0)


def _usual(shares: np.ndarray) -> np.ndarray:
    """Mean shares by year over the units that have them, shape (years, 5), for a unit that never had any."""
    known = ~np.isnan(shares).any(axis=2)
    total = np.nansum(shares, axis=0)
    mean = total / np.maximum(known.sum(axis=0), 1)[:, None]
    held = np.flatnonzero(known.any(axis=0))
    return np.stack([np.interp(np.arange(len(mean)), held, mean[held, band]) for band in range(mean.shape[1])], axis=1)
