"""What adds to what in linked count tables: totals, sub-totals, overlapping spans, measures that add up.

Owns a cell's key (measure and coordinates, totals left out), so that a margin shared by two tables is one
cell, and the relations a reader can write down between keys, whatever the counts are.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

_ESCAPES = (("%", "%25"), ("|", "%7C"), ("=", "%3D"), ("\n", "%0A"))


@dataclass(frozen=True)
class CountTable:
    """One table of counts, as it would be printed.

    counts: one row a cell; a column for each dimension (labels as text) and `count` (whole number, 0 or more).
    totals: dimension to the label of its total, None where the dimension has none (stocks at several dates; months
      that are added by `sums`). The total is taken to cover all that is counted: give a span of time a label of its
      own in `sums`, never the total's.
    sums: dimension to sub-totals, each with its parts: {"period": {"2025-Q1": ("2025-01", "2025-02", "2025-03")}}.
      Parts may be sub-totals, may overlap, and need not be printed.
    groups: dimensions in which it would matter that everybody stands in one category; a person's attributes
      (the policy's) are such dimensions without being named.
    """

    name: str
    measure: str
    counts: pd.DataFrame
    totals: Mapping[str, str | None]
    sums: Mapping[str, Mapping[str, Sequence[str]]] = field(default_factory=dict)
    groups: Collection[str] = ()


def keys_of(long: pd.DataFrame, names: Sequence[str]) -> pd.Series:
    """Key of each cell, as text: `requests|area=Dover|period=2025-03`. Blank labels (totals) are left out."""
    keys = _pieces(long["measure"], "")
    for name in sorted(names):
        keys = keys + _pieces(long[name], f"|{name}=")
    return pd.Series(keys, index=long.index, dtype="str")


def labels_of(coordinates: str) -> dict[str, str]:
    """Dimension to label, of a key's coordinates: `area=Dover|period=2025-03`."""
    found = dict(part.split("=", 1) for part in coordinates.split("|") if part)
    for plain, code in reversed(_ESCAPES):
        found = {name: label.replace(code, plain) for name, label in found.items()}
    return found


def relation_rows(
    long: pd.DataFrame, tables: Sequence[CountTable], adds: Mapping[str, Sequence[str]]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Relations between keys, whatever the counts: relation, key, weight, rest; and the cells no table prints.

    rest: key for what a total holds beyond its parts, blank where there can be nothing beyond them.
    """
    names = [name for name in long.columns if any(name in table.totals for table in tables)]
    printed = long.drop_duplicates("key")
    found, known = [_empty_rows()], pd.Index(printed["key"])
    for table in tables:
        own = long[long["table"].eq(table.name)]
        for dimension, total in table.totals.items():
            if total is not None:
                found.append(_total_rows(own, dimension, names, table, known))
    unprinted = [printed.iloc[:0]]
    for (measure, dimension), sums in _sums(tables).items():
        those = printed[printed["measure"].eq(measure) & printed[dimension].ne("")]
        for _, face in those.groupby("dimensions", sort=True):
            rows, missing = _sum_rows(face, dimension, names, sums)
            found.append(rows)
            unprinted.append(missing)
    for total, parts in adds.items():
        found.append(_measure_rows(printed, names, total, parts))
    spans = pd.concat(unprinted, ignore_index=True).drop_duplicates("key")
    spans = spans[~spans["key"].isin(printed["key"])]
    spans = spans[["key", "measure", "dimensions"]].assign(count=np.nan, printed=False)
    return pd.concat(found, ignore_index=True), spans


def _pieces(labels: pd.Series, head: str) -> np.ndarray:
    """Each label after its head, with the signs a key is made of written otherwise; blank where the label is."""
    codes, found = pd.factorize(labels)
    texts = []
    for label in found:
        text = str(label)
        for plain, code in _ESCAPES:
            text = text.replace(plain, code)
        texts.append(head + text if text else "")
    return np.array(texts, dtype=object)[codes] if texts else np.array([], dtype=object)


def _empty_rows() -> pd.DataFrame:
    columns = ["relation", "key", "weight", "rest", "over"]
    return pd.DataFrame({name: [] for name in columns}, dtype="str").astype({"weight": "int64"})


def _relation(label: pd.Series, key: pd.Series, weight: int, *, over: str, rest: pd.Series | str = "") -> pd.DataFrame:
    made = {"relation": label.to_numpy(), "key": key.to_numpy(), "weight": weight, "over": over}
    return pd.DataFrame({**made, "rest": rest.to_numpy() if isinstance(rest, pd.Series) else rest})


def _total_rows(
    own: pd.DataFrame, dimension: str, names: list[str], table: CountTable, known: pd.Index
) -> pd.DataFrame:
    """Total of a dimension = its labels that are not themselves sums of printed labels."""
    sums = table.sums.get(dimension, {})
    plain = set(own[dimension].unique()) - set(sums) - {""}
    inner = [label for label in sums if set(leaves(label, sums)) & plain]
    rows = own[own[dimension].ne("") & ~own[dimension].isin(inner)]
    totals = keys_of(rows, [name for name in names if name != dimension])
    there = known.get_indexer(totals) >= 0
    rows, totals = rows[there], totals[there]
    label = f"{table.name}, {dimension}: " + totals
    rest = keys_of(rows.assign(**{dimension: f"(others, {table.name})"}), names)
    heads = pd.DataFrame({"label": label, "total": totals, "rest": rest}).drop_duplicates("label")
    whole = _relation(heads["label"], heads["total"], 1, over=dimension, rest=heads["rest"])
    return pd.concat([whole, _relation(label, rows["key"], -1, over=dimension)])


def leaves(label: str, sums: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """Parts of a sub-total down to those that are no sub-totals."""
    if label not in sums:
        return (label,)
    return tuple(dict.fromkeys(leaf for part in sums[label] for leaf in leaves(part, sums)))


def _sums(tables: Sequence[CountTable]) -> dict[tuple[str, str], dict[str, Sequence[str]]]:
    merged: dict[tuple[str, str], dict[str, Sequence[str]]] = {}
    for table in tables:
        for dimension, sums in table.sums.items():
            merged.setdefault((table.measure, dimension), {}).update(sums)
    return merged


def _sum_rows(
    face: pd.DataFrame, dimension: str, names: list[str], sums: Mapping[str, Sequence[str]]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Each printed sub-total = its parts; parts no table prints are gathered into spans no printed sum divides."""
    printed = set(face[dimension].unique())
    heads = sorted(printed & set(sums))
    open_heads = [head for head in heads if not set(sums[head]) <= printed]
    spans = _spans({head: leaves(head, sums) for head in open_heads}, printed)
    other = keys_of(face, [name for name in names if name != dimension])
    found, missing = [_empty_rows()], [face.iloc[:0]]
    for head in heads:
        parts = set(sums[head]) if head not in open_heads else set(leaves(head, sums)) & printed
        totals, where = face[face[dimension].eq(head)], other[face[dimension].eq(head)]
        label = f"{head}, {dimension}: " + where
        inside = face[face[dimension].isin(parts) & other.isin(where)]
        found += [
            _relation(label, totals["key"], 1, over=dimension),
            _relation(f"{head}, {dimension}: " + other[inside.index], inside["key"], -1, over=dimension),
        ]
        for span in spans.get(head, ()):
            lost = totals.assign(**{dimension: span})
            lost["key"] = keys_of(lost, names)
            missing.append(lost)
            found.append(_relation(label, lost["key"], -1, over=dimension))
    return pd.concat(found, ignore_index=True), pd.concat(missing, ignore_index=True)


def _spans(open_heads: Mapping[str, Sequence[str]], printed: set[str]) -> dict[str, list[str]]:
    """Unprinted leaves that stand in the same sub-totals, as one span: {sub-total: [span, ...]}."""
    owners: dict[str, list[str]] = {}
    for head, parts in open_heads.items():
        for leaf in parts:
            if leaf not in printed:
                owners.setdefault(leaf, []).append(head)
    gathered: dict[tuple[str, ...], list[str]] = {}
    for leaf, heads in owners.items():
        gathered.setdefault(tuple(heads), []).append(leaf)
    spans: dict[str, list[str]] = {}
    for heads, parts in gathered.items():
        for head in heads:
            spans.setdefault(head, []).append("+".join(sorted(parts)))
    return spans


def _measure_rows(printed: pd.DataFrame, names: list[str], total: str, parts: Sequence[str]) -> pd.DataFrame:
    """A measure = the measures that are its parts, wherever both are printed."""
    at = keys_of(printed.assign(measure=total), names)
    inside = printed[printed["measure"].isin(parts) & at.isin(printed["key"])]
    where = at[inside.index]
    heads = printed[printed["measure"].eq(total) & printed["key"].isin(where)]
    rest = keys_of(heads.assign(measure=f"{total} without {', '.join(parts)}"), names)
    label = "measures: "
    whole = _relation(label + heads["key"], heads["key"], 1, over="", rest=rest)
    return pd.concat([whole, _relation(label + where, inside["key"], -1, over="")], ignore_index=True)
