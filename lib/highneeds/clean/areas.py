"""England, its regions and its authorities: one identity an authority through all code changes.

DfE's three-digit code is the identity: an authority keeps it when its ONS code changes
(Gateshead, Buckinghamshire), and gets a new one when its boundary does (Northamptonshire).
"""

import pandas as pd

from highneeds import terms

COLUMNS = ["area_code", "la_code", "area_name", "level", "region_code", "opened", "closed", "other_codes"]


def areas_table(codes: pd.DataFrame, published: pd.DataFrame) -> pd.DataFrame:
    """Areas from DfE's code list and the rows of a release.

    codes: area_code, la_code, area_name, region_code, opened, closed, one row a code. The newest
    code is ours; releases go on using older ones for years, and `identify` knows them.
    published: raw rows; authorities that no row names are left out.
    """
    local = codes.sort_values(["la_code", "opened"]).groupby("la_code")
    table = local.agg(
        area_code=("area_code", "last"),
        area_name=("area_name", "last"),
        region_code=("region_code", "last"),
        opened=("opened", "first"),
        closed=("closed", "last"),
        other_codes=("area_code", lambda s: " ".join(sorted(set(s)))),
    )
    table = table.reset_index().assign(level="local authority")
    known = set(published["la_code"]) | set(published["area_code"])
    table = table[table["la_code"].isin(known) | table["area_code"].isin(known)]
    others = table["other_codes"].str.split().map(set)
    table["other_codes"] = [
        " ".join(sorted(codes - {code})) for codes, code in zip(others, table["area_code"], strict=True)
    ]
    wide = [{"area_code": terms.ENGLAND, "area_name": "England", "level": "national"}]
    wide += [{"area_code": code, "area_name": name, "level": "regional"} for code, name in terms.REGIONS.items()]
    return pd.concat([pd.DataFrame(wide), table], ignore_index=True).fillna("")[COLUMNS]


def identify(rows: pd.DataFrame, areas: pd.DataFrame) -> pd.Series:
    """Area code that we use for each raw row; missing where the row names no area we know."""
    by_la = areas[areas["la_code"].ne("")].set_index("la_code")["area_code"]
    by_code = pd.Series(areas["area_code"].to_numpy(), index=areas["area_code"])
    older = areas.assign(old=areas["other_codes"].str.split()).explode("old").dropna(subset="old")
    by_code = pd.concat([by_code, older.set_index("old")["area_code"]])
    by_code = by_code[~by_code.index.duplicated()]
    return rows["la_code"].map(by_la).fillna(rows["area_code"].map(by_code))
