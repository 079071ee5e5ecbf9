"""Money and plans that are published for authorities alone: kinds add up, and a sum with a gap is no sum."""

import pandas as pd
import pytest

from highneeds import terms
from highneeds.clean.authorities_alone import spend_by_kind, with_wider_areas
from highneeds.clean.panel import build_panel
from highneeds.errors import SchemaError, SourceError
from highneeds.schemas import VALUES, check_values
from highneeds.sources.panel import Panel
from highneeds.sources.releases import RawFile

ENGLAND, NORTH, SOUTH = terms.ENGLAND, "E12000001", "E12000008"
ATON, BETON, CETON = "E06000001", "E06000002", "E06000003"
AREAS = pd.DataFrame(
    {
        "area_code": [ENGLAND, NORTH, SOUTH, ATON, BETON, CETON],
        "area_name": ["England", "North", "South", "Aton", "Beton", "Ceton"],
        "region_code": ["", "", "", NORTH, NORTH, SOUTH],
    }
)
KENT, CAMDEN, CUMBERLAND, BUCKINGHAMSHIRE = "E10000016", "E09000007", "E06000063", "E06000060"


def money(measure: str, rows: dict[tuple[str, str], float]) -> pd.DataFrame:
    """Values of one financial year from (area, breakdown) to value; a missing value is `x`."""
    frame = pd.DataFrame([(*key, value) for key, value in rows.items()], columns=["area_code", "breakdown", "value"])
    frame = frame.assign(period="2021-22", period_basis="financial year", measure=measure, source="sheet-2022")
    status = frame["value"].isna().map({True: "x", False: ""})
    return frame.assign(status=status, reference="row 2, " + frame["breakdown"])[VALUES]


def spend(total: float, **columns: float) -> pd.DataFrame:
    """Spending of Aton: the total and the columns named; nought in the others."""
    every = {column: 0.0 for columns in terms.SPEND_KINDS.values() for column in columns}
    named = {f"outturn_{name}": value for name, value in columns.items()}
    return money(
        "high_needs_spend", {(ATON, name): value for name, value in ({"Total": total} | every | named).items()}
    )


def by_kind(values: pd.DataFrame) -> dict[str, float | str]:
    """Kinds that are not nought: their value, or the symbol in its place."""
    return {
        row.breakdown: row.status if pd.isna(row.value) else row.value for row in values.itertuples() if row.value != 0
    }


def test_columns_of_spending_become_kinds_and_income_is_taken_off():
    """The sheet prints income as positive and takes it off in its total."""
    values, told = spend_by_kind(
        spend(
            9.5,
            topup_maintained_primary=4,
            topup_maintained_secondary=3.5,
            topup_maintained_special=3,
            topup_maintained_income=1,
        ),
        AREAS,
    )

    assert {
        "Total": 9.5,
        "top-up: maintained mainstream": 7.5,
        "top-up: maintained special": 3,
        "top-up: income": -1,
    } == by_kind(values)
    assert [] == told
    income = values.set_index("breakdown").loc["top-up: income", "reference"]
    assert "row 2, sum of outturn_topup_maintained_income + outturn_topup_independent_income, times -1" == income


def test_kinds_that_do_not_add_up_to_the_total_are_not_used():
    """Ten pounds are somewhere that no column shows."""
    values, told = spend_by_kind(spend(13, topup_maintained_special=3), AREAS)

    assert {"Total": 13} | dict.fromkeys(terms.SPEND_KINDS, "x") == by_kind(values)
    assert ["high_needs_spend 2021-22: kinds do not add up to the total (Aton). Not used."] == told


def test_a_missing_column_of_spending_leaves_every_kind_unavailable():
    """x is no nought, and what else it holds cannot be checked."""
    values, _ = spend_by_kind(spend(3, topup_maintained_special=3, therapies=float("nan")), AREAS)

    assert "x" == by_kind(values)["top-up: maintained special"]


def test_england_and_regions_are_sums_of_authorities():
    """The sheet holds authorities alone."""
    rows = {(ATON, "Total"): 1.1, (BETON, "Total"): 2.2, (CETON, "Total"): -4.0}

    values = with_wider_areas(money("dsg_balance", rows), AREAS).set_index("area_code")["value"]

    assert [3.3, -4.0, -0.7] == values[[NORTH, SOUTH, ENGLAND]].tolist()


def test_a_sum_of_authorities_names_their_rows():
    """An area of one authority has a cell."""
    rows = {(ATON, "Total"): 1.1, (BETON, "Total"): 2.2, (CETON, "Total"): -4.0}
    read = money("dsg_balance", rows).assign(reference=["row 2, gbp", "row 3, gbp", "row 7, gbp"])

    values = with_wider_areas(read, AREAS).set_index("area_code")["reference"]

    assert "sum of rows 2 to 3, gbp (2 authorities)" == values[NORTH]
    assert ["row 7, gbp", "sum of rows 2 to 3, 7, gbp (3 authorities)"] == values[[SOUTH, ENGLAND]].tolist()


def test_a_sum_with_a_gap_is_no_sum():
    """England's deficit without three authorities would look like England's deficit."""
    rows = {(ATON, "Total"): 1.0, (BETON, "Total"): float("nan"), (CETON, "Total"): 4.0}

    values = with_wider_areas(money("dsg_balance", rows), AREAS).set_index("area_code")

    assert {NORTH: "x", SOUTH: "", ENGLAND: "x"} == values.loc[[NORTH, SOUTH, ENGLAND], "status"].to_dict()
    assert "1 of its authorities without a figure" == values.loc[ENGLAND, "reference"]


def test_what_is_published_for_regions_too_is_not_summed():
    """The high needs block has England's own line."""
    values = money("high_needs_block", {(ATON, "Total"): 1.0})

    assert values.equals(with_wider_areas(values, AREAS))


BALANCES = (
    "new_la_code,la_name,dsg_1_9_3_carried_forward_2023_24_gbp,intervention_programme\n"
    f"{KENT},Kent,67167405,Safety Valve\n{CAMDEN},Camden,-22344113,\n{CUMBERLAND},Cumberland,0,\n"
    f"{BUCKINGHAMSHIRE},Buckinghamshire,,\n"
)
COLUMNS = [column for columns in terms.SPEND_KINDS.values() for column in columns]
SHEET = "\n".join(
    [
        ",".join(["old_la_code", "la_name", "outturn_high_needs_total", *COLUMNS, *terms.SPEND_PLACEMENTS]),
        ",".join(["886", "Kent", "15.0", *["1.0"] * len(COLUMNS), *["7.0"] * 8]),
        ",".join(["928", "Northamptonshire", "0.0", *[""] * len(COLUMNS), *["9.0"] * 8]),
    ]
)


@pytest.fixture(scope="module")
def small(panel) -> Panel:
    """The committed panel with no figures but Kent's, so that a build takes no time."""
    return Panel(panel.values[panel.values["area_code"].eq(KENT)], panel.areas, panel.neighbours, panel.sources)


def built(small: Panel, text: str) -> pd.DataFrame:
    """Values of a panel onto which one file was read."""
    return build_panel([RawFile("money.csv", text.encode(), "Money", "2024-12-01")], small)[0].values


def test_a_surplus_is_below_nought_and_no_figure_is_no_balance(small):
    """Camden holds 22 million pounds; the table shows 0 where it has nothing."""
    values = built(small, BALANCES).query("measure == 'dsg_balance'").set_index("area_code")

    assert [67_167_405, -22_344_113] == values.loc[[KENT, CAMDEN], "value"].tolist()
    assert ["x", "x"] == values.loc[[CUMBERLAND, BUCKINGHAMSHIRE], "status"].tolist()
    assert {("2024-03-31", "at date")} == set(zip(values["period"], values["period_basis"], strict=True))


def test_a_balance_that_is_no_number_is_refused_by_row_and_column(small):
    """The person needs the cell."""
    with pytest.raises(SourceError, match="money.csv: row 2, column dsg_1_9_3.*found '67m'"):
        built(small, BALANCES.replace("67167405", "67m"))


def test_spending_and_plans_of_one_sheet_have_their_own_periods(small):
    """Nineteen columns of a pound, two of them income: fifteen pounds in 2021-22, beside plans of January 2021."""
    values = built(small, SHEET).query("area_code == @KENT and source == 'high-needs-outturn-and-placements-2022'")
    values = values.set_index(["measure", "period", "breakdown"])["value"]

    assert 15 == values["high_needs_spend", "2021-22", "Total"]
    assert -2 == values["high_needs_spend", "2021-22", "top-up: income"]
    assert 7 == values["high_needs_placements", "2021", "hospital or AP"]


def test_a_closed_authority_has_plans_of_its_time_and_no_spending(small):
    """Northamptonshire closed in April 2021: its total of nought is a filled-up blank."""
    values = built(small, SHEET).query("area_code == 'E10000021'")

    assert {"high_needs_placements"} == set(values["measure"])
    assert 9 == values.set_index("breakdown").loc["state special", "value"]


def test_a_count_below_nought_is_refused_and_a_balance_is_not():
    """Only a measure that is declared as signed can lie below 0."""
    fine = money("high_needs_spend", {(ATON, "Total"): -1.0})

    assert fine is check_values(fine, "panel")
    with pytest.raises(SchemaError, match="panel: row 2: high_needs_block is below 0"):
        check_values(fine.assign(measure="high_needs_block"), "panel")
