"""Files that hold authorities alone, and money by kind: the sums that their publisher leaves to the reader.

Owns England and its regions as sums of their authorities, and the kinds of high needs spending as sums of columns.
"""

import pandas as pd

from highneeds import terms
from highneeds.clean.references import TURNED, places, row_and_columns, runs
from highneeds.schemas import VALUES

SUMMED = ("high_needs_spend", "high_needs_placements", "dsg_balance")
SPEND = "high_needs_spend"
ROUNDING = 1.0  # pounds; every column of the sheet is to the penny
_KEYS = ["area_code", "period", "period_basis", "measure", "source"]


def with_wider_areas(values: pd.DataFrame, areas: pd.DataFrame) -> pd.DataFrame:
    """Values with England and regions added where the file holds authorities alone (schemas.VALUES).

    Where an authority has no figure, what it belongs to has none either: `x`.
    """
    rows = _alone(values)
    region = rows["area_code"].map(areas.set_index("area_code")["region_code"])
    keys = ["area_code", "period", "period_basis", "measure", "breakdown", "source"]
    wide = pd.concat([rows.assign(area_code=region), rows.assign(area_code=terms.ENGLAND)])
    sums = wide.groupby(keys, as_index=False).agg(
        value=("value", "sum"),
        lost=("lost", "sum"),
        many=("row", "size"),
        row=("row", runs),
        columns=("columns", "first"),
    )
    without = sums["lost"].astype(str) + " of its authorities without a figure"
    of = " (" + sums["many"].astype(str) + " authorities)"
    sums = sums.assign(
        value=sums["value"].round(2).mask(sums["lost"].gt(0)),
        status=sums["lost"].gt(0).map({True: "x", False: ""}),
        reference=without.where(sums["lost"].gt(0), places(sums["row"], sums["columns"], of)),
    )
    return pd.concat([values, sums[VALUES]], ignore_index=True)


def _alone(values: pd.DataFrame) -> pd.DataFrame:
    """Values published for authorities alone, with the `row` and `columns` of each; `lost` where it has no figure."""
    alone = values["measure"].isin(SUMMED) | (
        values["measure"].eq("population") & values["breakdown"].ne("Age 0 to 17")
    )
    rows = values[alone].assign(lost=lambda found: found["value"].isna())
    return rows.join(row_and_columns(rows["reference"]))


def spend_by_kind(values: pd.DataFrame, areas: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Values with columns of spending added up to terms.SPEND_KINDS, income below 0, and a line for what is odd.

    The kinds of an area add up to its total; where they do not, or a column is missing, all of them are `x`.
    """
    kinds = {column: kind for kind, columns in terms.SPEND_KINDS.items() for column in columns}
    spend = values[values["measure"].eq(SPEND)]
    parts = spend[spend["breakdown"].isin(kinds)]
    if parts.empty:
        return values, []
    parts = parts.assign(breakdown=parts["breakdown"].map(kinds), lost=parts["value"].isna())
    parts = parts.join(row_and_columns(parts["reference"]))
    parts["value"] *= parts["breakdown"].eq(terms.SPEND_INCOME).map({True: -1, False: 1})
    together = parts.groupby(_KEYS).agg(value=("value", "sum"), lost=("lost", "any"))
    whole = spend[spend["breakdown"].eq("Total")].set_index(_KEYS)["value"].reindex(together.index)
    odd = ~together["lost"] & ~together["value"].sub(whole).abs().le(ROUNDING)
    sums = _kinds(parts, together["lost"] | odd)
    names = areas.set_index("area_code")["area_name"]
    told = [
        f"{SPEND} {key[1]}: kinds do not add up to the total ({names[key[0]]}). Not used." for key in odd.index[odd]
    ]
    return pd.concat([values.drop(index=parts.index), sums], ignore_index=True), told


def _kinds(parts: pd.DataFrame, refused: pd.Series) -> pd.DataFrame:
    """A row a kind of spending; `x` where it is refused."""
    sums = parts.groupby([*_KEYS, "breakdown"], as_index=False).agg(
        value=("value", "sum"), row=("row", "first"), columns=("columns", " + ".join)
    )
    not_used = pd.Series(refused.reindex(pd.MultiIndex.from_frame(sums[_KEYS])).to_numpy(), sums.index)
    turned = sums["breakdown"].eq(terms.SPEND_INCOME).map({True: TURNED, False: ""})
    return sums.assign(
        value=sums["value"].round(2).mask(not_used),
        status=not_used.map({True: "x", False: ""}),
        reference=places(sums["row"], sums["columns"]) + turned,
    )[VALUES]
