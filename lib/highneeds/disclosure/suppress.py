"""Suppression: which cells of linked count tables are hidden, so that no small count can be read or worked out.

First small counts are hidden; then, in every row and column with exactly one hidden cell, the next smallest;
then every small count must have a second table of whole numbers that prints the same and in which it reaches
the threshold. Cells that no such table needs are shown again. The same tables always give the same cells.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from highneeds.disclosure.audit import solvable
from highneeds.disclosure.linked import System, system_of
from highneeds.disclosure.policy import HIDDEN, ROUND, SUPPRESS, Policy
from highneeds.disclosure.relations import CountTable
from highneeds.disclosure.rounding import rounded
from highneeds.disclosure.search import Search
from highneeds.errors import ParamsError

SHOWN, PRIMARY, SECONDARY = "shown", "primary", "secondary"
# What hiding a cell costs: a count costs itself, a zero more than any count, then sub-totals, margins, grand totals.
_ZERO, _SUBTOTAL, MARGIN, _TOTAL = 1_500, 3_000, 100_000, 1_000_000


@dataclass(frozen=True)
class Protected:
    """Tables that may be printed, and why each cell stands as it does.

    tables: name to the table's counts as given with `value` (Int64, missing where hidden) and `status` ("" or "c").
    cells: key, measure, dimensions, count, threshold, printed, state (shown, primary, secondary). Counts are true
      and the reader must not learn primary from secondary: `cells` is never published.
    method: the policy's: suppress, round or none.
    """

    tables: Mapping[str, pd.DataFrame]
    cells: pd.DataFrame
    method: str = SUPPRESS


def published(
    tables: Sequence[CountTable],
    *,
    policy: Policy,
    adds: Mapping[str, Sequence[str]] | None = None,
    also_hide: Collection[str] = (),
    seen: Collection[str] = (),
) -> Protected:
    """Tables as the policy has them printed: suppressed, rounded or exact. Arguments as `protect`."""
    if policy.method == SUPPRESS:
        return protect(tables, policy=policy, adds=adds, also_hide=also_hide, seen=seen)
    system = system_of(tables, policy=policy, adds=adds)
    base = policy if policy.method == ROUND else policy.model_copy(update={"rounding_base": 1})
    printed = {table.name: rounded(table.counts.reset_index(drop=True), policy=base) for table in tables}
    return Protected(printed, system.cells.assign(state=SHOWN).reset_index(drop=True), policy.method)


def protect(
    tables: Sequence[CountTable],
    *,
    policy: Policy,
    adds: Mapping[str, Sequence[str]] | None = None,
    also_hide: Collection[str] = (),
    seen: Collection[str] = (),
) -> Protected:
    """Tables with small counts hidden, and others so that they cannot be worked out, as one system.

    adds: measure to the measures that are its parts. also_hide: keys to hide as well; seen: keys that earlier
    releases showed, hidden only where nothing else helps, because the reader has them (both from `register`).
    Raises SchemaError as `linked.system_of`; ParamsError where the policy does not suppress.
    """
    if policy.method != SUPPRESS:
        raise ParamsError(
            f"disclosure policy '{policy.name}': method is '{policy.method}'. Expected '{SUPPRESS}' here."
        )
    system = system_of(tables, policy=policy, adds=adds)
    state = states(system, also_hide=also_hide, seen=seen)
    cells = system.cells.assign(state=state)
    return Protected(
        {table.name: _as_printed(table, cells, system.places) for table in tables}, cells.reset_index(drop=True)
    )


def states(system: System, *, also_hide: Collection[str] = (), seen: Collection[str] = ()) -> np.ndarray:
    """State of each cell of a system: shown, primary or secondary, as text."""
    first = _primary(system) | system.cells["key"].isin(list(also_hide)).to_numpy()
    hidden = first | ~system.cells["printed"].to_numpy()
    held = system.cells["key"].isin(list(seen)).to_numpy()
    cost = np.where(held, _TOTAL, _costs(system))
    _row_rule(system, hidden, first, cost)
    needed = _reach(system, hidden, first, cost, held)
    return np.select([first, needed], [PRIMARY, SECONDARY], SHOWN)


def worked_out(system: System, state: np.ndarray) -> list[str]:
    """Keys of hidden cells that follow from the shown ones: the proof wants none."""
    printed = system.cells["printed"].to_numpy()
    hidden = (state != SHOWN) | ~printed
    small = _small(system)
    found = solvable(system.relations, hidden) & (printed | small)
    return list(system.cells.loc[found, "key"])


def _as_printed(table: CountTable, cells: pd.DataFrame, places: pd.DataFrame) -> pd.DataFrame:
    own = places[places["table"].eq(table.name)].sort_values("row")
    shown = cells["state"].eq(SHOWN).to_numpy()[own["cell"]]
    value = pd.array(cells["count"].to_numpy()[own["cell"]], dtype="Int64")
    value[~shown] = pd.NA
    frame = table.counts.reset_index(drop=True).drop(columns="count")
    return frame.assign(value=value, status=np.where(shown, "", HIDDEN))


def _small(system: System) -> np.ndarray:
    cells = system.cells
    return (cells["count"].gt(0) & cells["count"].lt(cells["threshold"])).to_numpy()


def _primary(system: System) -> np.ndarray:
    """Small counts, and one zero of each group whose people all stand in one category."""
    first = _small(system).copy()
    rows = system.groups.assign(count=system.cells["count"].to_numpy()[system.groups["cell"]])
    alone = rows["count"].gt(0).groupby(rows["group"]).transform("sum").eq(1)
    first[rows[alone & rows["count"].eq(0)].groupby("group")["cell"].first().to_numpy()] = True
    return first


def _costs(system: System) -> np.ndarray:
    counts = system.cells["count"].to_numpy()
    whole = np.asarray((system.relations == 1).sum(axis=0)).ravel() > 0
    part = np.asarray((system.relations == -1).sum(axis=0)).ravel() > 0
    depth = system.cells["dimensions"].str.split("|").map(lambda names: len([name for name in names if name]))
    above = (depth.groupby(system.cells["measure"]).transform("max") - depth).to_numpy()
    inner = np.where(counts == 0, _ZERO, 1 + np.minimum(counts, _ZERO - 2))
    tiers = [whole & ~part & (above > 0), whole & (above > 0), whole]
    prices = [np.full(len(counts), _TOTAL), MARGIN * above, _SUBTOTAL + np.minimum(counts, _SUBTOTAL)]
    return np.select(tiers, prices, inner).astype("float64")


def _row_rule(system: System, hidden: np.ndarray, first: np.ndarray, cost: np.ndarray) -> None:
    """Hide the cheapest shown cell of each relation that has exactly one hidden; repeat until there is none."""
    guarded = system.cells["printed"].to_numpy() | first
    rows = np.split(system.relations.indices, system.relations.indptr[1:-1])
    while True:
        single = [row for row in rows if hidden[row].sum() == 1 and guarded[row[hidden[row]]].all() and len(row) > 1]
        if not single:
            return
        for row in single:
            if hidden[row].sum() == 1:
                shown = row[~hidden[row]]
                hidden[shown[np.lexsort((shown, cost[shown]))[0]]] = True


def _reach(system: System, hidden: np.ndarray, first: np.ndarray, cost: np.ndarray, held: np.ndarray) -> np.ndarray:
    """Printed cells that must stay hidden: those that the other tables found for primary cells move.

    Two readers are met: one who grants a hidden count any value from 0, one who trusts that zeros are shown and
    grants 1 or more. Neither can tell a primary count; the first cannot rule out that it reaches the threshold.
    """
    counts, printed = system.cells["count"].to_numpy(), system.cells["printed"].to_numpy()
    goal = np.where(_small(system), system.cells["threshold"].to_numpy(), counts + 1)
    trusting = np.where(printed & (counts > 0), 1, 0)
    needed = np.zeros(len(counts), dtype=bool)
    graph = sparse.bmat([[None, system.relations], [system.relations.T, None]])
    part = connected_components(graph, directed=False)[1][system.relations.shape[0] :]
    for label in np.unique(part[first]):
        at = np.flatnonzero(part == label)
        inner = system.relations[:, at]
        search = Search(
            inner[np.flatnonzero(np.diff(inner.indptr))],
            counts[at],
            goal=goal[at],
            cost=cost[at],
            free=(first | ~printed)[at],
            hidden=hidden[at],
        )
        # What an earlier release showed is known, so that only a cell it showed itself may lean on it.
        needed[at] = _searched(search, np.flatnonzero((first & ~held)[at]), trusting[at], held[at])
        needed[at] |= _searched(search, np.flatnonzero((first & held)[at]), trusting[at], np.zeros(len(at), dtype=bool))
    return needed & printed


def _searched(search: Search, cells: np.ndarray, trusting: np.ndarray, held: np.ndarray) -> np.ndarray:
    search.held = held
    for cell in search.together(cells, floor=trusting):
        if not search.changed[cell]:
            search.change(cell, floor=trusting)
    plain = np.zeros_like(trusting)
    for cell in search.together(cells, floor=plain):
        if not search.reached[cell]:
            search.reach(cell, floor=plain, ceiling=MARGIN)
    return search.moved
