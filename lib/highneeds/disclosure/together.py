"""Earlier releases and a new one, solved together: which counts only the two of them give away.

Cells that no release shows are the unknowns. A cell that several releases show with different values is tried
with each release's own, because a reader may use any of them. What old or new releases give away alone is not
reported here: the first cannot be mended, the second is what `suppress` proves.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from highneeds.disclosure.audit import pinned, solved
from highneeds.disclosure.linked import long_form, matrix_of
from highneeds.disclosure.policy import HIDDEN, LOW, Policy
from highneeds.disclosure.relations import CountTable, keys_of, labels_of, relation_rows
from highneeds.disclosure.spans import time_sums

STEPS = 3  # how far from a cell that is given away a cell is sought that would stop it

Adds = Mapping[str, Sequence[str]]
Sums = Mapping[str, Mapping[str, Sequence[str]]]


def given_away(old: pd.DataFrame, new: pd.DataFrame, *, policy: Policy, adds: Adds, sums: Sums) -> pd.DataFrame:
    """Cells that old and new rows of the register give away together and not apart.

    One row a cell: measure, coordinates, key, near (keys of cells that share a relation with it) and hide (key of a
    new cell, shown by no earlier release, that would stop it; blank where there is none).
    """
    joint = _Joint(pd.concat([old, new], ignore_index=True), adds=adds, sums=sums)
    apart = [_Joint(rows, adds=adds, sums=sums).known_small(policy) for rows in (old, new)]
    keys = sorted(joint.known_small(policy) - apart[0] - apart[1])
    rows = joint.cells.set_index("key").loc[keys, ["measure", "dimensions"]].reset_index()
    before, now = (set(joint.exact_keys(part)) for part in (old, new))
    around = [joint.around(key, now - before) for key in keys]
    coordinates = [key.partition("|")[2] for key in keys]
    return rows.assign(coordinates=coordinates, near=[near for near, _ in around], hide=[cell for _, cell in around])


class _Joint:
    """Rows of the register as one system: cells, relations, and what each release shows of them."""

    def __init__(self, rows: pd.DataFrame, *, adds: Adds, sums: Sums) -> None:
        wide, names = _labelled(rows)
        tables = _tables(wide, names, sums)
        long = long_form(tables)
        relations, spans = relation_rows(long, tables, adds)
        printed = long.drop_duplicates("key")[["key", "measure", "dimensions"]]
        self.cells = pd.concat([printed, spans[["key", "measure", "dimensions"]]], ignore_index=True)
        self.number = pd.Series(range(len(self.cells)), index=self.cells["key"])
        self.relations = matrix_of(relations, self.number)
        self.wide = wide.assign(key=keys_of(wide, names))
        self.shown, self.known = self._versions()

    def exact_keys(self, rows: pd.DataFrame) -> pd.Series:
        """Keys of the cells that some of these rows show exactly."""
        those = self.wide["release"].isin(rows["release"].unique()) & self.wide["status"].eq("")
        return self.wide.loc[those, "key"]

    def known_small(self, policy: Policy) -> set[str]:
        """Keys of hidden cells that can be worked out, and of unprinted ones that prove to be small counts."""
        found, values = solved(self.relations, ~self.known, self.shown)
        fixed, value = pinned(self.relations, ~self.known, self.shown[:, -1])
        values = np.where(found[:, None], values, value[:, None])
        faces = {face: policy.threshold_for(face.split("|")) for face in self.cells["dimensions"].unique()}
        threshold = self.cells["dimensions"].map(faces).to_numpy()[:, None]
        small = ((values > 0) & (values < threshold)).any(axis=1)
        hidden = self.cells["key"].isin(self.wide.loc[self.wide["status"].isin([HIDDEN, LOW]), "key"]).to_numpy()
        possible = (values >= 0).any(axis=1)  # below 0: a late entry, so the reader learns no count
        return set(self.cells.loc[(found | fixed) & (small | (hidden & possible)), "key"])

    def around(self, key: str, fresh: set[str]) -> tuple[frozenset[str], str]:
        """Keys of the cells around one, and the cheapest fresh one among them that could be hidden."""
        near = np.zeros(len(self.cells), dtype=bool)
        near[self.number[key]] = True
        first: frozenset[str] = frozenset()
        for _ in range(STEPS):
            rows = (self.relations != 0) @ near
            near |= (self.relations[np.flatnonzero(rows)] != 0).sum(axis=0).A1 > 0
            first = first or frozenset(self.cells.loc[near, "key"])
            choices = self.cells[near & self.cells["key"].isin(fresh).to_numpy()]
            if len(choices):
                size = self.shown[self.number[choices["key"]], -1]
                order = pd.DataFrame({"key": choices["key"], "depth": -choices["dimensions"].str.len(), "size": size})
                return first, order.sort_values(["depth", "size", "key"])["key"].iloc[0]
        return first, ""

    def _versions(self) -> tuple[np.ndarray, np.ndarray]:
        """Cells x releases of what a reader would put in, each release's own where it has one, else the latest."""
        exact = self.wide[self.wide["status"].eq("")].sort_values("as_at", kind="stable")
        values = exact.drop_duplicates(["key", "release"], keep="last").set_index(["key", "release"])["value"].unstack()  # noqa: PD010
        latest = exact.drop_duplicates("key", keep="last").set_index("key")["value"]
        order = list(exact["release"].drop_duplicates()) or [""]
        values = values.reindex(index=self.cells["key"], columns=order).astype("Float64")
        shown = values.apply(lambda column: column.fillna(latest.reindex(self.cells["key"])))
        known = self.cells["key"].isin(latest.index).to_numpy()
        return shown.fillna(0).to_numpy(dtype="int64"), known


def _labelled(rows: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Register rows with a column for each dimension, blank at totals."""
    labels = {text: labels_of(text) for text in rows["coordinates"].unique()}
    over = {name for text in rows["adds_over"].unique() for name in text.split("|") if name}
    names = sorted({name for found in labels.values() for name in found} | over)
    columns = {
        name: rows["coordinates"].map({text: found.get(name, "") for text, found in labels.items()}) for name in names
    }
    return rows.assign(**columns), names


def _tables(wide: pd.DataFrame, names: Sequence[str], sums: Sums) -> list[CountTable]:
    known = {name: {**time_sums(wide[name].unique()), **sums.get(name, {})} for name in names}
    tables = []
    for (release, table, measure, over), own in wide.groupby(["release", "table", "measure", "adds_over"], sort=True):
        used = [name for name in names if name in over.split("|") or own[name].ne("").any()]
        totals = {name: "" if name in over.split("|") else None for name in used}
        counts = own[used].drop_duplicates().assign(count=0)
        tables.append(CountTable(f"{release}: {table}", measure, counts, totals, {name: known[name] for name in used}))
    return tables
