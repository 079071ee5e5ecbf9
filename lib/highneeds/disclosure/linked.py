"""Count tables as one system: which cells are the same cell, and which are the sum of which.

Owns the system of cells and counts, and what a total holds beyond its printed parts. The relations come from
`relations`; whether a cell may be shown belongs to `suppress` and `register`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

from highneeds.disclosure.policy import Policy
from highneeds.disclosure.relations import CountTable, keys_of, relation_rows
from highneeds.errors import SchemaError

# Columns that tables of counts are given here and in `suppress`.
_TAKEN = {"table", "row", "measure", "count", "key", "dimensions", "value", "status"}


@dataclass(frozen=True)
class System:
    """Cells of linked tables and what relates them.

    cells: key, measure, dimensions (joined by |), count, threshold, printed (False: a rest or a span no table
      prints, which a reader may work out), one row a cell in a fixed order.
    relations: one row a relation, 1 at the total and -1 at its parts; relations @ count = 0.
    places: table, row (position in that table's counts), cell (position in cells).
    groups: group (number), cell: cells among which one alone being non-zero would reveal everybody's category.
    """

    cells: pd.DataFrame
    relations: sparse.csr_matrix
    places: pd.DataFrame
    groups: pd.DataFrame


def system_of(
    tables: Sequence[CountTable], *, policy: Policy, adds: Mapping[str, Sequence[str]] | None = None
) -> System:
    """One system of several tables. `adds`: measure to the measures that are parts of it, at equal coordinates.

    Raises SchemaError where a table has no such column, a count that is no whole number of 0 or more, the same cell
    twice, where two tables disagree on a cell, or where parts add to more than their total.
    """
    long = long_form(tables)
    _refuse_clashes(long)
    cells = long.drop_duplicates("key")[["key", "measure", "dimensions", "count"]].assign(printed=True)
    rows, unprinted = relation_rows(long, tables, adds or {})
    rows, cells = _with_rests(rows, pd.concat([cells, unprinted], ignore_index=True))
    faces = {face: policy.threshold_for(face.split("|")) for face in cells["dimensions"].unique()}
    cells = cells.assign(threshold=cells["dimensions"].map(faces).astype("int64"), count=cells["count"].astype("int64"))
    number = pd.Series(range(len(cells)), index=cells["key"])
    places = long[["table", "row"]].assign(cell=long["key"].map(number).to_numpy())
    return System(
        cells[["key", "measure", "dimensions", "count", "threshold", "printed"]],
        matrix_of(rows, number),
        places,
        _groups(long, tables, policy, number),
    )


def long_form(tables: Sequence[CountTable]) -> pd.DataFrame:
    """Cells of all tables: table, row, measure, each dimension (blank at its total), count, dimensions, key."""
    faults = [fault for table in tables for fault in _faults(table)]
    if faults:
        raise SchemaError(faults)
    parts = []
    for table in tables:
        frame = table.counts[[*table.totals, "count"]].reset_index(drop=True)
        for dimension, total in table.totals.items():
            labels = frame[dimension].astype(str)
            frame[dimension] = labels if total is None else labels.mask(labels.eq(total), "")
        parts.append(frame.assign(table=table.name, measure=table.measure, row=range(len(frame))))
    names = sorted({dimension for table in tables for dimension in table.totals})
    long = pd.concat(parts, ignore_index=True)
    long[names] = long[names].fillna("")
    face = pd.Series("", index=long.index)
    for name in names:
        face = face.where(long[name].eq(""), face + name + "|")
    return long.assign(dimensions=face.str.rstrip("|"), key=keys_of(long, names))


def _faults(table: CountTable) -> list[str]:
    taken = sorted(set(table.totals) & _TAKEN)
    if taken:
        return [
            f"{table.name}: a dimension is called {', '.join(taken)}. That name is taken. Name the column otherwise."
        ]
    lost = [name for name in (*table.totals, "count") if name not in table.counts]
    if lost:
        return [f"{table.name}: no column {', '.join(lost)}. Expected one for each dimension and 'count'. Add it."]
    counts = pd.to_numeric(table.counts["count"], errors="coerce")
    wrong = np.flatnonzero((counts.isna() | counts.lt(0) | counts.mod(1).ne(0)).to_numpy())
    blank = table.counts[list(table.totals)].isna().any(axis=None) if len(table.totals) else False
    lines = []
    if len(wrong):
        lines.append(
            f"{table.name}: {len(wrong)} counts, first at row {wrong[0] + 1}, are no whole number of 0 or more. "
            "Expected true counts before any is hidden. Give a 0 where nobody is counted."
        )
    if blank:
        lines.append(f"{table.name}: a dimension has a blank label. Expected text in each. Name the unknown group.")
    return lines


def _refuse_clashes(long: pd.DataFrame) -> None:
    twice = long[long.duplicated(["table", "key"])]
    counts = long.groupby("key")["count"].transform("nunique")
    apart = long[counts.gt(1)].groupby("key")["table"].agg(lambda names: ", ".join(sorted(set(names))))
    faults = [
        f"{table}: {len(rows)} cells stand twice, first at row {rows['row'].iloc[0] + 1}. "
        "Expected one row for each combination of labels. Add the counts up, or add the column that tells them apart."
        for table, rows in twice.groupby("table", sort=True)
    ]
    faults += [
        f"{key}: tables {names} print different counts. Expected one. Give what is counted differently another measure."
        for key, names in apart.items()
        if "," in names
    ]
    if faults:
        raise SchemaError(faults)


def _with_rests(rows: pd.DataFrame, cells: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Counts of unprinted spans, then what totals hold beyond their parts, as cells of their own."""
    rows, cells = _solved_spans(rows, cells)
    value = rows["weight"] * rows["key"].map(cells.set_index("key")["count"])
    beyond = value.groupby(rows["relation"]).sum()
    rest = rows[rows["rest"].ne("")].set_index("relation")[["rest", "over"]]
    wrong = beyond.index[beyond.lt(0) | (beyond.gt(0) & ~beyond.index.isin(rest.index))]
    if len(wrong):
        raise SchemaError(
            [
                f"{relation}: the parts do not add to their total. Expected a row for each part (0 where nobody is "
                "counted) and a total that counts each case once. Correct the table, or give the dimension no total."
                for relation in sorted(wrong)[:20]
            ]
        )
    beyond = beyond[beyond.gt(0)]
    rest = rest.loc[beyond.index].reset_index()
    extra = rest.assign(key=rest["rest"], weight=-1, rest="")
    heads = rows[rows["weight"].eq(1)].set_index("relation")["key"]
    like = cells.set_index("key").loc[heads[beyond.index], ["measure", "dimensions"]].reset_index(drop=True)
    faces = [_joined(face, name) for face, name in zip(like["dimensions"], rest["over"], strict=True)]
    added = like.assign(key=extra["key"], dimensions=faces, count=beyond.to_numpy(), printed=False)
    return pd.concat([rows, extra], ignore_index=True), pd.concat([cells, added], ignore_index=True)


def _joined(face: str, name: str) -> str:
    return "|".join(sorted({part for part in (*face.split("|"), name) if part}))


def _solved_spans(rows: pd.DataFrame, cells: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Counts of spans that printed sums give by subtraction; relations with other spans are left out."""
    counts = cells.set_index("key")["count"].astype("float64")
    while True:
        value = rows["weight"] * rows["key"].map(counts)
        unknown = value.isna().groupby(rows["relation"]).transform("sum")
        one = unknown.eq(1) & value.isna()
        if not one.any():
            break
        left = value.fillna(0).groupby(rows["relation"]).transform("sum")[one]
        counts.update(pd.Series(left.to_numpy(), index=rows.loc[one, "key"]).groupby(level=0).first())
    below = sorted(counts.index[counts.lt(0)])
    if below:
        raise SchemaError(
            [f"{key}: a longer span counts fewer than a span inside it. Expected at least as many. Correct the sums."
             for key in below[:20]]
        )  # fmt: skip
    cells = cells.assign(count=cells["key"].map(counts))
    return rows[unknown.eq(0)].reset_index(drop=True), cells[cells["count"].notna()].reset_index(drop=True)


def matrix_of(rows: pd.DataFrame, number: pd.Series) -> sparse.csr_matrix:
    """Relations x cells of relation rows; number: key to column."""
    relation, labels = pd.factorize(rows["relation"], sort=True)
    shape = (len(labels), len(number))
    made = sparse.csr_matrix((rows["weight"], (relation, number[rows["key"]].to_numpy())), shape=shape, dtype="int64")
    # Two tables may state one relation; it is kept once.
    text = [tuple(zip(made[row].indices, made[row].data, strict=True)) for row in range(made.shape[0])]
    return made[sorted(dict(zip(reversed(text), range(len(text) - 1, -1, -1), strict=True)).values())]


def _groups(long: pd.DataFrame, tables: Sequence[CountTable], policy: Policy, number: pd.Series) -> pd.DataFrame:
    names = [name for name in long.columns if any(name in table.totals for table in tables)]
    found = [pd.DataFrame({"label": [], "key": []}, dtype="str")]
    for table in tables:
        for dimension in sorted(set(table.totals) & (policy.attributes | set(table.groups))):
            own = long[long["table"].eq(table.name) & long[dimension].ne("")]
            own = own[~own[dimension].isin(table.sums.get(dimension, {}))]
            where = keys_of(own, [name for name in names if name != dimension])
            found.append(pd.DataFrame({"label": f"{table.name}, {dimension}: " + where, "key": own["key"]}))
    rows = pd.concat(found, ignore_index=True)
    return pd.DataFrame({"group": pd.factorize(rows["label"])[0], "cell": rows["key"].map(number).astype("int64")})
