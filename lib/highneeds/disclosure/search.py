"""Other tables of counts that print the same: the search that shows a hidden count could be another.

Each table found is checked in whole numbers: every relation kept, every shown cell unchanged, no count below the
least that a reader grants it. Linear programmes only suggest it, so their tolerances prove nothing.
"""

import numpy as np
from scipy import sparse

GAIN = 100.0  # worth of one step towards a goal, against at most 1 for moving a cell
NODES = 200  # branches tried where a relaxed solution is not whole; a count, so that every run is alike
SEED, SHARE, IDLE_ROUNDS = 1, 0.3, 3  # a fixed seed: the same tables always hide the same cells
IDLE = 1e-3  # cost of moving a cell that is hidden already


class Search:
    """Other tables found so far for one system: which cells they move, change and bring to their goals.

    relations: relations x cells; counts, goal (count a cell should be able to reach), cost (of hiding a cell), one a
    cell; free: cells that are hidden whatever is found; hidden: bool a cell; a copy is widened where cells must join.
    Attributes, one bool a cell: held (may not move, because the reader has it; set by the caller), moved (by some
    table found), changed (by one at the first floor), reached (its goal).
    """

    def __init__(self, relations, counts, *, goal, cost, free, hidden) -> None:
        self.relations, self.counts, self.goal, self.cost, self.hidden = relations, counts, goal, cost, hidden.copy()
        order = np.argsort(np.argsort(cost, kind="stable"), kind="stable")
        self.reluctance = np.where(free, IDLE, (1 + order) / len(cost))
        self.held = np.zeros(len(counts), dtype=bool)
        self.moved, self.changed, self.reached = (np.zeros(len(counts), dtype=bool) for _ in range(3))

    def together(self, cells: np.ndarray, *, floor: np.ndarray) -> np.ndarray:
        """Bring many cells to their goals at once, by hidden cells alone; returns the cells that were not brought."""
        left, idle = cells[~self.reached[cells]], 0
        draws = np.random.default_rng(SEED)
        while len(left) and idle < IDLE_ROUNDS:
            # Cells of one row rise at each other's expense, so that a part of them is asked for at a time.
            asked = left[draws.random(len(left)) < SHARE] if len(left) > 1 else left
            moves = self._elsewhere(asked, floor) if len(asked) else None
            before = len(left)
            self._take(moves)
            left = left[~self.reached[left]]
            idle = idle + 1 if before - len(left) <= 0.02 * before else 0
        return left

    def change(self, cell: int, *, floor: np.ndarray) -> None:
        """Let a cell be another count at all, at the least cost; totals are hidden where nothing else helps."""
        found = [self._cheapest(cell, step, floor) for step in (1, -1)]
        if all(moves is None for moves in found):
            self.held = np.zeros_like(self.held)
            found = [self._cheapest(cell, step, floor) for step in (1, -1)]
        prices = [np.inf if moves is None else self.cost[(moves != 0) & ~self.hidden].sum() for moves in found]
        self._widen(found[int(np.argmin(prices))])

    def reach(self, cell: int, *, floor: np.ndarray, ceiling: float) -> None:
        """Let a cell reach its goal, unless that would hide a cell that costs as much as the ceiling."""
        moves = self._cheapest(cell, int(self.goal[cell] - self.counts[cell]), floor)
        if moves is not None and not (self.cost[(moves != 0) & ~self.hidden] >= ceiling).any():
            self._widen(moves)

    def _widen(self, moves: np.ndarray | None) -> None:
        if moves is None:
            raise RuntimeError("suppression: no other table prints the same; report this as a fault of the suite")
        self.hidden |= moves != 0
        self._take(moves)

    def _take(self, moves: np.ndarray | None) -> None:
        if moves is not None:
            self.moved |= moves != 0
            self.changed |= moves != 0
            self.reached |= self.counts + moves >= self.goal

    def _elsewhere(self, cells: np.ndarray, floor: np.ndarray) -> np.ndarray | None:
        at = np.flatnonzero(self.hidden)
        inner = self.relations[:, at].tocsr()
        inner = inner[np.flatnonzero(np.diff(inner.indptr))]
        size, many = len(at), len(cells)
        pick = sparse.csr_matrix((np.ones(many), (range(many), np.searchsorted(at, cells))), shape=(many, size))
        # Unequal worth: a few cells are brought all the way, rather than all of them part of it.
        worth = -GAIN * (1 + np.arange(many, 0, -1) / many)
        moves = _solve(
            np.concatenate([self.reluctance[at], self.reluctance[at], worth]),
            equal=sparse.hstack([inner, -inner, sparse.csr_matrix((inner.shape[0], many))], format="csr"),
            under=sparse.hstack([-pick, pick, sparse.eye(many)], format="csr"),
            low=np.zeros(2 * size + many),
            high=np.concatenate([*self._room(floor)[:, at], (self.goal - self.counts)[cells]]),
        )
        return self._checked(moves, at, floor)

    def _cheapest(self, cell: int, step: int, floor: np.ndarray) -> np.ndarray | None:
        size = len(self.counts)
        price = np.where(self.hidden, IDLE, self.cost)
        low = np.zeros(2 * size)
        high = np.concatenate(self._room(floor))
        there, back = (cell, size + cell) if step > 0 else (size + cell, cell)
        if high[there] < abs(step):
            return None
        low[there], high[back] = abs(step), 0
        equal = sparse.hstack([self.relations, -self.relations], format="csr")
        moves = _solve(np.concatenate([price, price]), equal=equal, under=None, low=low, high=high)
        return self._checked(moves, np.arange(size), floor)

    def _room(self, floor: np.ndarray) -> np.ndarray:
        """How far each cell may move up and down: (2, cells)."""
        return np.where(self.held, 0, [np.full(len(self.counts), np.inf), self.counts - floor])

    def _checked(self, moves: np.ndarray | None, at: np.ndarray, floor: np.ndarray) -> np.ndarray | None:
        """Moves of all cells, where they truly keep every relation and every floor."""
        if moves is None:
            return None
        net = np.zeros(len(self.counts), dtype="int64")
        net[at] = (moves[: len(at)] - moves[len(at) : 2 * len(at)]).astype("int64")
        kept = not (self.relations @ net).any() and (self.counts + net >= floor).all()
        return net if kept else None


def _solve(objective: np.ndarray, *, equal, under, low: np.ndarray, high: np.ndarray) -> np.ndarray | None:
    """Whole numbers that make a sum least under equal @ x = 0, under @ x <= 0; None where none was found."""
    right = np.zeros(equal.shape[0])
    above = None if under is None else np.zeros(under.shape[0])
    bounds = np.column_stack([low, high])
    from scipy.optimize import Bounds, LinearConstraint, linprog, milp  # slow to load, and seldom needed

    found = linprog(objective, A_ub=under, b_ub=above, A_eq=equal, b_eq=right, bounds=bounds, method="highs")
    if found.x is None:
        return None
    if np.abs(found.x - np.round(found.x)).max() < 1e-6:
        return np.round(found.x)
    limits = [LinearConstraint(equal, 0, 0)] + ([] if under is None else [LinearConstraint(under, -np.inf, 0)])
    whole = milp(
        objective,
        integrality=np.ones(len(objective)),
        bounds=Bounds(low, high),
        constraints=limits,
        options={"node_limit": NODES, "mip_rel_gap": 0.05},
    )
    return None if whole.x is None else np.round(whole.x)
