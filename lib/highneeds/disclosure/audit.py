"""What a reader can work out: the printed relations, solved for the hidden cells.

Owns the proof that a hidden cell follows from no combination of shown cells. Other tables that print the same
are found in `search`; which cells to hide belongs to `suppress`; what earlier releases add to `register`.
"""

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

# Elimination modulo a prime is exact for 0, 1 and -1 unless a minor is a multiple of it; products fit 64 bits.
PRIME = 2**31 - 1
SPREADS = 8  # solutions looked at before cells are tried one by one


def solvable(relations: sparse.csr_matrix, hidden: np.ndarray) -> np.ndarray:
    """True for each hidden cell whose count follows from the shown cells. relations: relations x cells."""
    return solved(relations, hidden, np.zeros((relations.shape[1], 1), dtype="int64"))[0]


def solved(relations: sparse.csr_matrix, hidden: np.ndarray, shown: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Which hidden cells follow from shown ones, and their counts: (cells), (cells x versions).

    shown: cells x versions of what is printed, 0 where hidden; several versions are solved at once.
    """
    found = np.zeros(relations.shape[1], dtype=bool)
    counts = shown.copy()
    positions = np.flatnonzero(hidden)
    inner = relations[:, positions].tocsr()
    rows = np.flatnonzero(np.diff(inner.indptr))
    if not len(rows):
        return found, counts
    right = -(relations[rows] @ np.where(hidden[:, None], 0, shown))
    inner = inner[rows]
    graph = sparse.bmat([[None, inner], [inner.T, None]])
    _, label = connected_components(graph, directed=False)
    for part in np.unique(label[: len(rows)]):
        own, columns = np.flatnonzero(label[: len(rows)] == part), np.flatnonzero(label[len(rows) :] == part)
        matrix = np.hstack([inner[own][:, columns].toarray(), right[own]])
        single, values = _single_rows(matrix, len(columns))
        found[positions[columns[single]]] = True
        counts[positions[columns[single]]] = values
    return found, counts


def _single_rows(matrix: np.ndarray, width: int) -> tuple[np.ndarray, np.ndarray]:
    """Unknowns that stand alone in a row of the reduced system, and the right sides of those rows."""
    matrix = matrix.astype("int64") % PRIME
    row = 0
    for column in range(width):
        below = np.flatnonzero(matrix[row:, column])
        if not len(below):
            continue
        pivot = row + below[0]
        matrix[[row, pivot]] = matrix[[pivot, row]]
        matrix[row] = matrix[row] * pow(int(matrix[row, column]), -1, PRIME) % PRIME
        others = np.flatnonzero(matrix[:, column])
        others = others[others != row]
        active = np.flatnonzero(matrix[row])
        block = np.ix_(others, active)
        matrix[block] = (matrix[block] - matrix[others, column][:, None] * matrix[row, active]) % PRIME
        row += 1
        if row == len(matrix):
            break
    alone = matrix[(matrix[:, :width] != 0).sum(axis=1) == 1]
    values = alone[:, width:]
    return np.argmax(alone[:, :width] != 0, axis=1), np.where(values > PRIME // 2, values - PRIME, values)


def pinned(relations: sparse.csr_matrix, hidden: np.ndarray, shown: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Hidden cells that counts of 0 or more leave one whole number, and that number: (cells), (cells).

    shown: count of each cell that is printed. Nothing is pinned where no counts fit: late entries then stand between
    the tables. Where a cell is not in doubt it is found by the spread of a few solutions, the others one by one.
    """
    found, value = np.zeros(len(hidden), dtype=bool), np.zeros(len(hidden), dtype="int64")
    at = np.flatnonzero(hidden & (np.asarray((relations != 0).sum(axis=0)).ravel() > 0))
    inner = relations[:, at].tocsr()
    rows = np.flatnonzero(np.diff(inner.indptr))
    if not len(rows):
        return found, value
    right = -(relations[rows] @ np.where(hidden, 0, shown))
    ends = _ends(inner[rows], right, (0, 4 * shown.max(initial=0) + 1_000))
    if ends is None:
        return found, value
    low, high = ends
    whole = np.ceil(low - 1e-6)
    single = np.floor(high + 1e-6) <= whole
    found[at[single]], value[at[single]] = True, whole[single].astype("int64")
    return found, value


def _ends(inner: sparse.csr_matrix, right: np.ndarray, bounds: tuple[int, int]) -> np.ndarray | None:
    """Least and greatest value found of each unknown, exact where they are less than 1 apart; None where none fits."""

    def best(objective: np.ndarray) -> np.ndarray | None:
        from scipy.optimize import linprog  # slow to load, and seldom needed

        return linprog(objective, A_eq=inner, b_eq=right, bounds=bounds, method="highs").x

    size = inner.shape[1]
    low, high = np.full(size, np.inf), np.full(size, -np.inf)
    draws = np.random.default_rng(1)
    for turn in range(SPREADS):
        values = best(np.ones(size) if turn == 0 else draws.normal(size=size))
        if values is None:
            return None
        low, high = np.minimum(low, values), np.maximum(high, values)
    for cell in np.flatnonzero(high - low < 1):
        unit = np.eye(1, size, cell)[0]
        ends = [best(unit), best(-unit)]
        low[cell], high[cell] = (edge if end is None else end[cell] for end, edge in zip(ends, bounds, strict=True))
    return np.array([low, high])
