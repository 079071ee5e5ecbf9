"""Published rows by age and by placement, added up to the five bands and the six groups that reports speak of.

Owns which parts may be added: only what adds up to the whole, so that a gap never passes for a nought. Cells, editions
and faulty totals belong to `panel` and `defects`; which ages and columns make a band or a group, to `terms`.
"""

import pandas as pd

from highneeds import terms
from highneeds.clean.references import REST, names, places, row_and_columns, runs
from highneeds.schemas import VALUES

MEASURES = ("ehc_plans", "new_ehc_plans", "ceased_plans")
WITH_SINGLE_AGES = ("ehc_plans",)  # of the others only the bands are kept: the panel is committed, and small
GROUPS = list(terms.PLACEMENT_GROUPS)
BANDS = list(terms.AGE_BANDS)
TOTAL, COUNT = "Total", "count"
_KEYS = ["area_code", "period", "period_basis", "measure", "source"]
_ROW = [*_KEYS, "who"]
_BAND = [*_KEYS, "band"]


def add_up(values: pd.DataFrame, areas: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Values with age bands, placement groups and bands by group, and one line for what does not add up.

    values: rows as read (schemas.VALUES); `age 5` counts one age, `age 5, fe_total` one of its placements.
    A row's placements must add up to its count, else its groups are `x`. An authority's ages must add up to its total:
    an age without a row is then a nought, else bands are left out. Gone afterwards: columns of placements, plans of
    unknown age, and single ages but of WITH_SINGLE_AGES.
    """
    values = pd.concat([values, _totals_of_bands(values)], ignore_index=True)
    cells = _cells(values[values["measure"].isin(MEASURES)])
    if cells.empty:
        return values[VALUES], []
    table = _with_groups(_table(cells, areas), areas)
    ages = table[table["who"].ne(TOTAL)]
    ages = ages.assign(band=ages["who"].map(terms.BAND_OF_AGE), gap=ages[COUNT].isna())
    sums = _sums_of_ages(table, ages)
    known = ages.dropna(subset="band")
    parts = [_groups(table), *(_bands(known, _standing(known, sums), table) if len(known) else ())]
    kept = cells["column"].eq(COUNT) & (
        cells["who"].eq(TOTAL) | (cells["measure"].isin(WITH_SINGLE_AGES) & cells["who"].ne(terms.AGE_UNKNOWN))
    )
    made = pd.concat([values.drop(index=cells.index[~kept]), *parts], ignore_index=True)[VALUES]
    return made, _told(table, sums, areas.set_index("area_code")["area_name"])


def _cells(mine: pd.DataFrame) -> pd.DataFrame:
    """Rows that count everybody or one age, and their placements: `who` they count, in which `column`."""
    split = {label: _who_and_column(label) for label in mine["breakdown"].unique()}
    who, column = ({label: pair[at] for label, pair in split.items()} for at in (0, 1))
    mine = mine.assign(who=mine["breakdown"].map(who), column=mine["breakdown"].map(column))
    return mine[mine["who"].isin([TOTAL, *terms.BAND_OF_AGE, terms.AGE_UNKNOWN])]


def _who_and_column(label: str) -> tuple[str, str]:
    who, _, column = label.rpartition(", ")
    return (who, column) if column in terms.PLACEMENT_COLUMNS else (label, COUNT)


def _table(cells: pd.DataFrame, areas: pd.DataFrame) -> pd.DataFrame:
    """One row an area, period, measure, source and `who`: its count and its placements, a column each.

    `row` and `columns` say where the count stood; they are missing where it was added up.
    """
    table = cells.pivot(index=_ROW, columns="column", values="value").reset_index()  # noqa: PD010
    counts = cells[cells["column"].eq(COUNT)]
    table = table.merge(counts[_ROW].join(row_and_columns(counts["reference"])), "left", _ROW)
    levels = areas.set_index("area_code")["level"]
    return table.assign(local=table["area_code"].map(levels).eq("local authority"))


def _with_groups(table: pd.DataFrame, areas: pd.DataFrame) -> pd.DataFrame:
    """Table with a column a group, missing where a row's placements do not add up; `placed` is what they add up to.

    `beside` and `rest` are true where other settings, or plans of no known placement, were added to `other`.
    """
    groups = pd.DataFrame(
        {
            group: table.reindex(columns=list(columns)).sum(axis="columns", min_count=1)
            for group, columns in terms.PLACEMENT_GROUPS.items()
        }
    )
    # A file that lacks a group altogether says nothing about placements.
    held = groups.notna().groupby([table["measure"], table["source"]]).transform("any").all(axis="columns")
    placed = groups.sum(axis="columns", skipna=False)
    gap = table[COUNT] - placed
    beside = table.get(terms.BESIDE_ED_ELSEWHERE, pd.Series(0.0, table.index)).fillna(0)
    lost = gap.where(gap.gt(0) & gap.le(_without_placements(table, placed, areas)), 0)
    more = beside.where(gap.eq(beside), lost)
    groups["other"] += more
    placed += more
    table = table.assign(beside=gap.eq(beside) & gap.gt(0), rest=lost.gt(0) & gap.ne(beside))
    return table.assign(held=held, placed=placed, **groups.where(placed.eq(table[COUNT]), axis="index"))


def _without_placements(table: pd.DataFrame, placed: pd.Series, areas: pd.DataFrame) -> pd.Series:
    """Plans, in England and each region, of authorities that return a total and no placement."""
    lacking = table[table["local"] & placed.isna() & table["who"].eq(TOTAL)]
    region = lacking["area_code"].map(areas.set_index("area_code")["region_code"])
    wide = pd.concat([lacking.assign(area_code=region), lacking.assign(area_code=terms.ENGLAND)])
    return _laid_under(wide.groupby(_ROW)[COUNT].sum(), table, _ROW).fillna(0)


def _laid_under(found: pd.Series, rows: pd.DataFrame, keys: list[str]) -> pd.Series:
    """For each row, what was found for its keys."""
    return pd.Series(found.reindex(pd.MultiIndex.from_frame(rows[keys])).to_numpy(), rows.index)


def _sums_of_ages(table: pd.DataFrame, ages: pd.DataFrame) -> pd.DataFrame:
    """Each area's ages together: `fits` its total, or a `gap` in them; by _KEYS."""
    sums = ages.groupby(_KEYS).agg(together=(COUNT, "sum"), gap=("gap", "any"), local=("local", "first"))
    total = table[table["who"].eq(TOTAL)].set_index(_KEYS)[COUNT]
    return sums.assign(fits=sums["together"].eq(total.reindex(sums.index)))


def _standing(known: pd.DataFrame, sums: pd.DataFrame) -> pd.Series:
    """True for each area, period, measure, source and band whose sum over ages may be used."""
    rows = known.groupby(_BAND).agg(numbers=(COUNT, "count"), gap=("gap", "any")).unstack("band")  # noqa: PD010
    numbers, gap = (rows[name].reindex(columns=BANDS).fillna(0) for name in ("numbers", "gap"))
    most = numbers.groupby(level=["period", "measure", "source"]).transform("max")
    whole = numbers.eq(most) & most.gt(0)
    sums = sums.reindex(numbers.index)
    # England and regions hold plans of no known age; where an age is x, the bands without it can be whole.
    loose = (sums["gap"] | ~sums["local"]).to_numpy()[:, None]
    return (gap.eq(0) & (whole & loose | sums["fits"].to_numpy()[:, None])).stack()  # noqa: PD013


def _groups(table: pd.DataFrame) -> pd.DataFrame:
    """A row a group for everybody in an area."""
    rows = table[table["who"].eq(TOTAL) & table["held"]]
    added = _added(_columns_held(rows), rows["columns"])
    return _by_group(rows, "", pd.DataFrame({group: places(rows["row"], added[group]) for group in GROUPS}))


def _bands(known: pd.DataFrame, stands: pd.Series, table: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """A row a band, and a row a band and group, of every area whose ages add up."""
    sums = known.groupby(_BAND)[[COUNT, *GROUPS]].sum().reindex(stands.index[stands], fill_value=0).reset_index()
    lost = known[GROUPS[0]].isna().groupby([known[key] for key in _BAND]).any()
    sums[GROUPS] = sums[GROUPS].mask(_laid_under(lost, sums, _BAND).eq(True))
    references = _references_of_bands(sums, known, table)
    bands = sums.assign(breakdown=sums["band"], value=sums[COUNT], status="", reference=references[COUNT])
    placed = _laid_under(known.groupby(["measure", "source"])["held"].any(), sums, ["measure", "source"])
    sums, references = sums[placed], references[placed]
    return bands, _by_group(sums, sums["band"] + ", ", references)


def _by_group(rows: pd.DataFrame, before: pd.Series | str, references: pd.DataFrame) -> pd.DataFrame:
    """A row a group of each row; references has a column a group."""
    parts = [
        rows[_KEYS].assign(breakdown=before + group, value=rows[group], reference=references[group]) for group in GROUPS
    ]
    long = pd.concat(parts, ignore_index=True)
    return long.assign(status=_status(long["value"]))


def _references_of_bands(sums: pd.DataFrame, known: pd.DataFrame, table: pd.DataFrame) -> pd.DataFrame:
    """For each row of sums, the rows of ages and the columns that were added up: for its count, and for each group."""
    found = known.groupby(_BAND).agg(row=("row", runs), columns=("columns", "first"))
    held = _columns_held(known).groupby([known[key] for key in _BAND]).any()
    of = " (" + found.index.get_level_values("band").str.lower() + ")"
    texts = {COUNT: places(found["row"], found["columns"], pd.Series(of, found.index))}
    texts |= {group: places(found["row"], added) for group, added in _added(held, found["columns"]).items()}
    whole = table[table["who"].eq(TOTAL)].set_index(_KEYS)
    total = _laid_under("row " + whole["row"] + ", " + whole["columns"], sums, _KEYS)
    none = "no row of " + sums["band"].str.lower() + ": the other ages add up to " + total
    return pd.DataFrame({name: _laid_under(text, sums, _BAND).fillna(none) for name, text in texts.items()})


def _columns_held(rows: pd.DataFrame) -> pd.DataFrame:
    """True where a row has a number in a column of a group; `beside` and `rest` as in the table."""
    columns = [column for columns in terms.PLACEMENT_GROUPS.values() for column in columns if column in rows]
    return rows[columns].notna().assign(beside=rows["beside"], rest=rows["rest"])


def _added(held: pd.DataFrame, counted: pd.Series) -> pd.DataFrame:
    """What each group is the sum of, a column a group; counted: name of the column that the groups add up to."""
    added = pd.DataFrame(
        {
            group: names(held[[column for column in columns if column in held]])
            for group, columns in terms.PLACEMENT_GROUPS.items()
        }
    ).assign(**terms.PLACEMENT_COLUMNS_SHORT)
    beside = held["beside"].map({True: f" + {terms.BESIDE_ED_ELSEWHERE}", False: ""})
    rest = (" + " + REST + counted).where(held["rest"], "")
    return added.assign(other=added["other"] + beside + rest)


def _status(value: pd.Series) -> pd.Series:
    return value.isna().map({True: "x", False: ""})


def _totals_of_bands(values: pd.DataFrame) -> pd.DataFrame:
    """Plans in total where a file has the five bands and no total (2010 to 2018)."""
    bands = values[values["measure"].eq("ehc_plans") & values["breakdown"].isin(BANDS)]
    # Not applicable is no gap: nobody over 19 held a statement. Unavailable is one.
    broken = bands["value"].isna() & bands["status"].ne("z")
    whole = bands[~broken.groupby([bands[key] for key in _KEYS]).transform("any") & bands["value"].notna()]
    whole = whole.join(row_and_columns(whole["reference"]))
    sums = whole.groupby(_KEYS, as_index=False).agg(
        value=("value", "sum"), row=("row", runs), columns=("columns", "first"), many=("row", "size")
    )
    of = " (" + sums["many"].astype(str) + " bands)"
    return sums.assign(breakdown=TOTAL, status="", reference=places(sums["row"], sums["columns"], of))


def _told(table: pd.DataFrame, sums: pd.DataFrame, names: pd.Series) -> list[str]:
    """One line for each measure and period with authorities whose placements or ages do not add up."""
    everybody = table[table["who"].eq(TOTAL) & table["held"]]
    odd = {
        "placements": everybody[everybody["placed"].notna() & everybody[GROUPS[0]].isna()],
        "ages": sums[~sums["fits"] & ~sums["gap"] & sums["local"]].reset_index(),
    }
    return [
        f"{measure} {period}: {what} do not add up to the total "
        f"({', '.join(rows['area_code'].map(names).sort_values())}). Not used."
        for what, found in odd.items()
        for (measure, period), rows in found.groupby(["measure", "period"])
    ]
