"""Primary need: plans by need in what may come, from who holds plans now and who gets new ones.

Owns that split of a projected total. Needs seldom change once a plan is held, so those who stay keep theirs and those
who join bring that of the last year's new plans. Ranges are not given: one year of needs is published.
"""

import numpy as np

PRIOR = 50.0  # plans of which England's needs are mixed with the authority's own


def by_need(
    held: np.ndarray, new: np.ndarray, *, stayed: np.ndarray, joined: np.ndarray, prior: np.ndarray
) -> np.ndarray:
    """Plans by need each January, shape (years, needs).

    held, new: plans by need last January and of the last calendar year, shape (needs,). stayed, joined: all plans that
    stay and that join each year, shape (years,). prior: England's new plans by need, shape (needs,), of which as many
    as PRIOR plans are mixed with the authority's own.
    """
    held, new, prior = (np.asarray(each, dtype=float) for each in (held, new, prior))
    joining = (new + PRIOR * prior / prior.sum()) / (new.sum() + PRIOR)
    shares, made = held / held.sum(), []
    for stay, join in zip(stayed, joined, strict=True):
        plans = stay * shares + join * joining
        shares = plans / plans.sum()
        made.append(plans)
    return np.array(made)
