"""Projection: plans by age and placement each January, without any error: the point of every path.

Next January's plans = those moved up x their stay rate + those who joined x the same, spread over placements.
Owns the arithmetic and bringing it to a total forecast elsewhere. Ranges belong to `simulate`.
"""

from dataclasses import dataclass

import numpy as np

from highneeds.models.caseload.rates import Rates, grown_joiners


@dataclass(frozen=True, eq=False)
class Projection:
    """What follows from rates; first axis: authorities.

    plans: shape (n, years, ages, placements). stayed, joined: its two parts by age, shape (n, years, ages). ended:
    plans that stood or began and no longer stand, less those moved in, shape (n, years): negative where more moved in.
    factor: what joiners were multiplied by to reach the total given, shape (n, years).
    """

    plans: np.ndarray
    stayed: np.ndarray
    joined: np.ndarray
    ended: np.ndarray
    factor: np.ndarray

    @property
    def totals(self) -> np.ndarray:
        """All plans, shape (n, years)."""
        return self.plans.sum(axis=(2, 3))

    @property
    def by_placement(self) -> np.ndarray:
        """Plans by placement, shape (n, years, placements)."""
        return self.plans.sum(axis=2)

    @property
    def by_age(self) -> np.ndarray:
        """Plans by age, shape (n, years, ages)."""
        return self.plans.sum(axis=3)


def project(rates: Rates, *, totals: np.ndarray | None = None, factor: np.ndarray | None = None) -> Projection:
    """Plans by age and placement.

    totals: forecast totals to reach by more or fewer joiners, shape (n, known years); later years keep the last factor.
    factor: joiners' factor as found before (a scenario keeps that of the base), shape (n, years). Neither: 1.
    """
    bands, found = rates.stocks.sum(axis=2), []
    for at in range(len(rates.years)):
        stayed, joined = one_year(rates, bands, at)
        if factor is not None:
            times = factor[:, at]
        elif totals is not None and at < totals.shape[1]:
            times = _reach(totals[:, at], stayed.sum(axis=1), joined.sum(axis=1))
        else:
            times = found[-1][3] if found else np.ones(len(bands))
        joined = joined * times[:, None]
        began = (rates.joiners[:, at] * times[:, None]).sum(axis=1)
        ended = bands.sum(axis=1) + began - (stayed + joined).sum(axis=1)
        bands = stayed + joined
        found.append((stayed, joined, ended, times))
    stayed, joined, ended, factor = (np.stack(parts, axis=1) for parts in zip(*found, strict=True))
    return Projection((stayed + joined)[..., None] * rates.mix, stayed, joined, ended, factor)


def one_year(rates: Rates, bands: np.ndarray, at: int) -> tuple[np.ndarray, np.ndarray]:
    """Of year number `at`: those who stay, and those who joined and stay, by age, shape (n, ages) each."""
    stay = rates.stay[:, at]
    return older(bands, rates.moving_up) * stay, grown_joiners(rates.joiners[:, at], rates.moving_up) * stay


def older(bands: np.ndarray, moving_up: np.ndarray) -> np.ndarray:
    """Age groups (second axis) a year older, before anyone joins or leaves; the oldest age out."""
    share = moving_up.reshape(1, -1, *[1] * (bands.ndim - 2))
    moving = bands * share
    result = bands - moving
    result[:, 1:] += moving[:, :-1]
    return result


def _reach(total: np.ndarray, stayed: np.ndarray, joined: np.ndarray) -> np.ndarray:
    """Factor on joiners that brings the sum to the total; never below nothing."""
    return np.maximum(np.divide(total - stayed, joined, out=np.ones_like(total), where=joined > 0), 0)
