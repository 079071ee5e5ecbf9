"""An attacker with every printed total, sub-total and linked table cannot work out a hidden count."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.linalg import null_space
from scipy.optimize import linprog

from highneeds.disclosure.policy import Policy
from highneeds.disclosure.relations import CountTable
from highneeds.disclosure.suppress import protect

POLICY = Policy()
QUARTERS = {f"2025-Q{q}": tuple(f"2025-{3 * q - 2 + m:02d}" for m in range(3)) for q in (1, 2)}


class Attacker:
    """Reads printed tables only. Shares no code with the library: own keys, own equations, own algebra."""

    def __init__(self, tables, printed):
        self.values, self.equations = {}, []
        self.hidden = set()
        for table in tables:
            frame = printed[table.name]
            dims = list(table.totals)
            for *labels, value in frame[[*dims, "value"]].astype(object).itertuples(index=False):
                cell = self.cell(table, dict(zip(dims, labels, strict=True)))
                if pd.isna(value):
                    self.hidden.add(cell)
                else:
                    self.values[cell] = int(value)
            self.read_sums(table, frame, dims)
        self.hidden = sorted(self.hidden - set(self.values), key=sorted_cell)
        self.matrix, self.right = self.linear_system()

    @staticmethod
    def cell(table, labels):
        kept = {(dim, label) for dim, label in labels.items() if label != table.totals[dim]}
        return (table.measure, frozenset(kept))

    def read_sums(self, table, frame, dims):
        rows = [dict(zip(dims, row, strict=True)) for row in frame[dims].itertuples(index=False)]
        have = {self.cell(table, row) for row in rows}
        for row in rows:
            for dim in dims:
                sums = table.sums.get(dim, {})
                if row[dim] == table.totals[dim]:
                    parts = [label for label in frame[dim].unique() if label != row[dim] and label not in sums]
                elif row[dim] in sums:
                    parts = sums[row[dim]]
                else:
                    continue
                cells = [self.cell(table, {**row, dim: part}) for part in parts]
                self.equations.append((self.cell(table, row), [cell for cell in cells if cell in have]))

    def linear_system(self):
        position = {cell: number for number, cell in enumerate(self.hidden)}
        matrix, right = [], []
        for total, parts in self.equations:
            row, rest = np.zeros(len(position)), 0
            for cell, sign in [(total, 1), *((part, -1) for part in parts)]:
                if cell in position:
                    row[position[cell]] += sign
                else:
                    rest -= sign * self.values[cell]
            if row.any():
                matrix.append(row)
                right.append(rest)
        return np.array(matrix).reshape(len(matrix), len(position)), np.array(right)

    def by_algebra(self):
        """Hidden cells that no direction of the null space moves."""
        if not self.hidden or not len(self.matrix):
            return []
        free = null_space(self.matrix)
        return [cell for cell, row in zip(self.hidden, free, strict=True) if np.abs(row).max(initial=0) < 1e-9]

    def by_bounds(self, least=0):
        """Hidden cells whose least and greatest possible counts leave one whole number."""
        found = []
        for number, cell in enumerate(self.hidden):
            ends = []
            for sign in (1, -1):
                goal = np.zeros(len(self.hidden))
                goal[number] = sign
                equal = {"A_eq": self.matrix, "b_eq": self.right} if len(self.matrix) else {}
                ends.append(linprog(goal, **equal, bounds=(least, 10_000), method="highs").x[number])
            if np.floor(ends[1] + 1e-6) - np.ceil(ends[0] - 1e-6) < 1:
                found.append(cell)
        return found


def sorted_cell(cell):
    return (cell[0], sorted(cell[1]))


def with_totals(frame, dims):
    for dim in dims:
        rest = [name for name in frame.columns if name not in (dim, "count")]
        total = frame.groupby(rest, as_index=False)["count"].sum() if rest else frame[["count"]].sum().to_frame().T
        frame = pd.concat([frame, total.assign(**{dim: "Total"})], ignore_index=True)
    return frame


def crossed(sizes, rng, mean):
    names = list(sizes)
    index = pd.MultiIndex.from_product([[f"{name[0]}{n}" for n in range(sizes[name])] for name in names], names=names)
    frame = index.to_frame(index=False)
    weight = np.exp(rng.normal(size=len(frame)))
    return frame.assign(count=rng.poisson(mean * weight))


def two_ways(rng, mean):
    frame = with_totals(crossed({"area": 6, "outcome": 5}, rng, mean), ["area", "outcome"])
    return [CountTable("t", "requests", frame, {"area": "Total", "outcome": "Total"})]


def three_ways(rng, mean):
    frame = with_totals(crossed({"area": 3, "outcome": 3, "kind": 3}, rng, mean), ["area", "outcome", "kind"])
    return [CountTable("t", "requests", frame, dict.fromkeys(("area", "outcome", "kind"), "Total"))]


def in_time(rng, mean):
    months = [month for quarter in QUARTERS.values() for month in quarter]
    frame = crossed({"area": 5, "period": 6}, rng, mean)
    frame["period"] = frame["period"].map(dict(zip(sorted(frame["period"].unique()), months, strict=True)))
    quarters = [
        frame[frame["period"].isin(parts)].groupby("area", as_index=False)["count"].sum().assign(period=quarter)
        for quarter, parts in QUARTERS.items()
    ]
    frame = with_totals(pd.concat([frame, *quarters], ignore_index=True), ["area"])
    return [CountTable("t", "requests", frame, {"area": "Total", "period": None}, {"period": QUARTERS})]


def linked(rng, mean):
    cases = crossed({"area": 4, "outcome": 4, "need": 3}, rng, mean / 2)
    first = with_totals(cases.groupby(["area", "outcome"], as_index=False)["count"].sum(), ["area", "outcome"])
    second = with_totals(cases.groupby(["area", "need"], as_index=False)["count"].sum(), ["area", "need"])
    third = with_totals(cases.groupby(["outcome", "need"], as_index=False)["count"].sum(), ["outcome", "need"])
    return [
        CountTable("a", "requests", first, {"area": "Total", "outcome": "Total"}),
        CountTable("b", "requests", second, {"area": "Total", "need": "Total"}),
        CountTable("c", "requests", third, {"outcome": "Total", "need": "Total"}),
    ]


SHAPES = {"two ways": two_ways, "three ways": three_ways, "in time": in_time, "linked": linked}


def several(shape, rng, mean, many):
    """Unconnected sets of tables, each of its own measure, to be protected in one call."""
    sets = [SHAPES[shape](rng, mean) for _ in range(many)]
    return [
        replace(table, name=f"{number}{table.name}", measure=f"m{number}")
        for number, tables in enumerate(sets)
        for table in tables
    ]


def primary_only(tables):
    """Naive protection: small counts hidden, nothing else."""
    printed = {}
    for table in tables:
        value = table.counts["count"].astype("Int64")
        printed[table.name] = table.counts.assign(value=value.mask(value.between(1, POLICY.threshold - 1)))
    return printed


@pytest.mark.parametrize("shape", SHAPES)
def test_no_hidden_count_follows_from_what_is_printed(shape):
    """Totals, sub-totals and linked tables are one system of equations for a reader; it must have no solution."""
    rng = np.random.default_rng(list(SHAPES).index(shape))
    solved = []
    for mean in (0.4, 1, 3, 8, 20):
        tables = several(shape, rng, mean, 8)
        attacker = Attacker(tables, protect(tables, policy=POLICY).tables)
        solved += attacker.by_algebra()

    assert [] == solved


@pytest.mark.parametrize("least", [0, 1])
@pytest.mark.parametrize("shape", SHAPES)
def test_no_hidden_count_is_pinned_by_its_bounds(shape, least):
    """A reader knows that counts are not negative, and may trust that every zero is shown."""
    rng = np.random.default_rng(10 + list(SHAPES).index(shape))
    pinned = []
    for mean in (0.4, 1, 3, 8):
        tables = several(shape, rng, mean, 1)
        printed = protect(tables, policy=POLICY)
        attacker = Attacker(tables, printed.tables)
        hidden = printed.cells[printed.cells["state"].ne("shown") & printed.cells["printed"]]
        if least == 0 or hidden["count"].gt(0).all():
            pinned += attacker.by_bounds(least)

    assert [] == pinned


@pytest.mark.parametrize("shape", SHAPES)
def test_the_attacker_does_beat_primary_suppression_alone(shape):
    """An attacker who never succeeds would prove nothing."""
    rng = np.random.default_rng(20 + list(SHAPES).index(shape))
    beaten = 0
    for _ in range(12):
        tables = SHAPES[shape](rng, rng.choice([3, 8, 20]))
        beaten += bool(Attacker(tables, primary_only(tables)).by_algebra())

    assert 6 <= beaten
