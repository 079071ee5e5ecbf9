"""Readers of what surrounds the SEN figures: population, high needs money, neighbours, area codes."""

import pandas as pd

from highneeds import terms
from highneeds.periods import AT_DATE, FINANCIAL_YEAR, JANUARY, MID_YEAR
from highneeds.sources.rows import Layout, melt, place

_AGES = [str(age) for age in range(26)]


def _children(frame: pd.DataFrame) -> pd.DataFrame:
    frame = place(frame[~frame["region_code"].isin(terms.LONDON_HALVES)])
    return melt(frame, {"population_estimate": ("population", "Age 0 to 17")}, MID_YEAR)


def _single_years(year: str):
    def read(frame: pd.DataFrame) -> pd.DataFrame:
        """Residents by single year of age 0 to 25, one row an upper-tier authority, no year named."""
        frame = frame[frame["new_la_code"].str.startswith("E")]
        frame = frame.assign(
            level="local authority",
            area_code=frame["new_la_code"],
            la_code="",
            area_name=frame["la_name"],
            time_period=year,
        )
        cells = {age: ("population", f"age {age}") for age in _AGES} | {"pop_0_25": ("population", "Age 0 to 25")}
        return melt(frame, cells, MID_YEAR)

    return read


def _high_needs_block(frame: pd.DataFrame) -> pd.DataFrame:
    regions = {name.upper(): code for code, name in terms.REGIONS.items()}
    level = frame["geographic_level"].str.lower()
    # Types of council are listed among the regions, and London twice: once in capitals as a type.
    region = frame["area_name"].str.upper().map(regions).where(frame["area_name"].ne("LONDON"))
    frame = frame.assign(
        level=level,
        la_code=frame["old_la_code"],
        area_name=frame["area_name"],
        time_period=frame["financial_year"],
        area_code=region.fillna(""),
    )
    frame.loc[level.eq("national"), "area_code"] = terms.ENGLAND
    frame.loc[level.eq("local authority"), "area_code"] = ""
    frame = frame[level.ne("regional") | region.notna()]
    cells = {
        "high_needs_block": ("high_needs_block", "Total"),
        "high_needs_block_after_deductions": ("high_needs_block_after_deductions", "Total"),
    }
    return melt(frame, cells, FINANCIAL_YEAR)


def _spend(frame: pd.DataFrame) -> pd.DataFrame:
    """Outturn of 2021-22 by kind and plans of January 2021, from DfE's benchmarking sheet; authorities alone."""
    frame = frame.replace("", "x")
    frame = frame.assign(
        level="local authority",
        area_code="",
        la_code=frame["old_la_code"],
        area_name=frame["la_name"],
        # The total of an authority without parts was filled up with nought.
        outturn_high_needs_total=frame["outturn_high_needs_total"].mask(frame["outturn_place_total"].eq("x"), "x"),
    )
    columns = [column for columns in terms.SPEND_KINDS.values() for column in columns]
    spend = {"outturn_high_needs_total": ("high_needs_spend", "Total")}
    spend |= {column: ("high_needs_spend", column) for column in columns}
    plans = {column: ("high_needs_placements", label) for column, label in terms.SPEND_PLACEMENTS.items()}
    parts = [
        melt(frame.assign(time_period="2021-22"), spend, FINANCIAL_YEAR),
        melt(frame.assign(time_period="2021"), plans, JANUARY),
    ]
    return pd.concat(parts, ignore_index=True)


def _balance(frame: pd.DataFrame) -> pd.DataFrame:
    """Balance of the dedicated schools grant at 31 March 2024, a deficit positive; authorities alone."""
    frame = frame.assign(
        level="local authority",
        area_code=frame["new_la_code"],
        la_code="",
        area_name=frame["la_name"],
        time_period="2024-03-31",
    )
    rows = melt(frame, {"dsg_1_9_3_carried_forward_2023_24_gbp": ("dsg_balance", "Total")}, AT_DATE)
    # A blank or a nought stands where the table has no figure.
    return rows.assign(text=rows["text"].replace({"": "x", "0": "x"}))


def _neighbours(frame: pd.DataFrame) -> pd.DataFrame:
    """Ten statistical neighbours: columns la_code, rank (1-10), neighbour_la_code, closeness."""
    parts = [
        pd.DataFrame(
            {
                "la_code": frame["old_la_code"],
                "rank": rank,
                "neighbour_la_code": frame[f"sn_{rank}"].str.strip(),
                "closeness": frame[f"sn_{rank}p"].str.strip(),
            }
        )
        for rank in range(1, 11)
    ]
    return pd.concat(parts, ignore_index=True)


def _codes(frame: pd.DataFrame) -> pd.DataFrame:
    """Authorities that are or were: columns area_code, la_code, area_name, region_code, opened, closed."""

    def day(text: pd.Series) -> pd.Series:
        return pd.to_datetime(text, format="%d/%m/%Y").dt.strftime("%Y-%m-%d").fillna("")

    frame = frame[frame["old_la_code"].str.fullmatch(r"\d{3}") & frame["new_la_code"].str.startswith("E")]
    return pd.DataFrame(
        {
            "area_code": frame["new_la_code"],
            "la_code": frame["old_la_code"],
            "area_name": frame["la_name"],
            "region_code": frame["parent_geography_code"].replace(terms.LONDON_HALVES),
            "opened": day(frame["date_of_operation"]),
            "closed": day(frame["date_of_termination"]),
        }
    )


LAYOUTS = (
    Layout("children aged 0 to 17", frozenset({"age_group", "population_estimate", "geographic_level"}), _children),
    Layout(
        "population by single year of age, mid-2023",
        frozenset({"pop_0_17", "pop_0_25", "new_la_code"}),
        _single_years("2023"),
    ),
    Layout("high needs block", frozenset({"financial_year", "high_needs_block", "total_dsg"}), _high_needs_block),
    Layout(
        "high needs outturn and placements",
        frozenset({"outturn_high_needs_total", "outturn_place_total", "ehc_total", "old_la_code"}),
        _spend,
    ),
    Layout(
        "balance of the dedicated schools grant",
        frozenset({"new_la_code", "dsg_1_9_3_carried_forward_2023_24_gbp"}),
        _balance,
    ),
)
NEIGHBOURS = Layout("statistical neighbours", frozenset({"old_la_code", "sn_1", "sn_10", "sn_10p"}), _neighbours)
CODES = Layout(
    "authority codes", frozenset({"new_la_code", "old_la_code", "date_of_operation", "date_of_termination"}), _codes
)
