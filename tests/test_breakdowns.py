"""Ages become bands and placements become groups only where they add up: a gap never passes for a nought."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from highneeds import terms
from highneeds.clean.breakdowns import add_up
from highneeds.schemas import VALUES
from highneeds.terms import AGE_BANDS, PLACEMENT_GROUPS

ENGLAND, REGION, ATON, BETON = terms.ENGLAND, "E12000001", "E06000001", "E06000002"
AREAS = pd.DataFrame(
    {
        "area_code": [ENGLAND, REGION, ATON, BETON],
        "area_name": ["England", "The region", "Aton", "Beton"],
        "level": ["national", "regional", "local authority", "local authority"],
        "region_code": ["", "", REGION, REGION],
    }
)
X = float("nan")
# One column of each group that holds plans; a row that names some of them has nought in the others.
ONE_OF_EACH = {group: columns[0] for group, columns in PLACEMENT_GROUPS.items()}


def read(rows: dict[tuple[str, str], float], measure: str = "new_ehc_plans") -> pd.DataFrame:
    """Values as read from one file, from (area, breakdown) to value; a missing value is `x`."""
    frame = pd.DataFrame([(*key, value) for key, value in rows.items()], columns=["area_code", "breakdown", "value"])
    frame = frame.assign(period="2024", period_basis="calendar year", measure=measure, source="new-plans-2025")
    reference = [f"row {number}, total" for number in range(2, len(frame) + 2)]
    return frame.assign(status=frame["value"].isna().map({True: "x", False: ""}), reference=reference)[VALUES]


def placed(area: str, who: str, total: float, **columns: float) -> dict[tuple[str, str], float]:
    """A row of a release: its count, its placements as named, and nought in the first column of each other group."""
    cells = dict.fromkeys(ONE_OF_EACH.values(), 0.0) | columns
    return {(area, who): total} | {(area, f"{who}, {column}"): value for column, value in cells.items()}


def found(values: pd.DataFrame, area: str) -> dict[str, float | str]:
    """What an area has by breakdown: its value, or the symbol in its place."""
    mine = values[values["area_code"].eq(area)]
    return {
        row.breakdown: row.status if pd.isna(row.value) else row.value for row in mine.itertuples() if row.value != 0
    }


def test_ages_that_add_up_become_bands_with_a_nought_where_no_row_is():
    """DfE leaves out an age at which no plan started."""
    values, told = add_up(read({(ATON, "Total"): 10, (ATON, "age 4"): 3, (ATON, "age 5"): 7}), AREAS)

    assert {"Total": 10, "Under 5": 3, "Age 5 to 10": 7} == found(values, ATON)
    assert {"Total", *AGE_BANDS} == set(values["breakdown"])
    assert [] == told


def test_each_sum_names_the_rows_and_columns_it_was_made_of():
    """Labels alone do not say which: a release has two blocks of ages that are labelled alike."""
    rows = {(ATON, "Total"): 10, (ATON, "age 4"): 3, (ATON, "age 5"): 4, (ATON, "age 6"): 3}
    rows |= {(ATON, "Total, special_academy"): 6, (ATON, "Total, special_free_school"): 4}
    every = dict.fromkeys(((ATON, f"Total, {column}") for column in ONE_OF_EACH.values()), 0.0)

    values = add_up(read(rows | every), AREAS)[0].set_index("breakdown")["reference"]

    assert "row 3, total" == values["Under 5"]
    assert "sum of rows 4 to 5, total (age 5 to 10)" == values["Age 5 to 10"]
    assert "no row of age 11 to 15: the other ages add up to row 2, total" == values["Age 11 to 15"]
    assert "row 2, sum of special_la_maintained + special_academy + special_free_school" == values["state special"]
    assert "row 2, mainstream_la_maintained" == values["mainstream"]


def test_ages_that_do_not_add_up_become_no_bands_and_are_told():
    """Two plans are somewhere: no band can be trusted, least of all the ones without a row."""
    values, told = add_up(read({(ATON, "Total"): 12, (ATON, "age 4"): 3, (ATON, "age 5"): 7}), AREAS)

    assert {"Total": 12} == found(values, ATON)
    assert ["new_ehc_plans 2024: ages do not add up to the total (Aton). Not used."] == told


def test_plans_of_unknown_age_are_counted_in_the_whole_and_in_no_band():
    """Hampshire's ceased plans of 2023 hold twelve of unknown age: its bands are good all the same."""
    rows = {(ATON, "Total"): 10, (ATON, "age 16"): 3, (ATON, "age 20 and over"): 6, (ATON, "age unknown"): 1}

    values, _ = add_up(read(rows, "ceased_plans"), AREAS)

    assert {"Total": 10, "Age 16 to 19": 3, "Age 20 to 25": 6} == found(values, ATON)


def test_england_has_bands_although_some_plans_have_no_age():
    """In January 2024 two authorities gave totals alone; England's bands miss 0.6% of plans, and are still wanted."""
    rows = {(ENGLAND, "Total"): 30, (ENGLAND, "age 5"): 20, (ATON, "Total"): 20, (ATON, "age 5"): 20}

    values, _ = add_up(read(rows), AREAS)

    assert {"Total": 30, "Age 5 to 10": 20} == found(values, ENGLAND)


def test_a_band_for_which_no_age_was_read_is_not_made_up():
    """England's ages do not add up here, so nothing says that the bands without a row are nought."""
    values, _ = add_up(read({(ENGLAND, "Total"): 30, (ENGLAND, "age 5"): 20}), AREAS)

    assert ["Total", "Age 5 to 10"] == values["breakdown"].tolist()


def test_an_unavailable_age_leaves_its_band_out():
    """x is no nought."""
    rows = {(ATON, "Total"): 10, (ATON, "age 4"): X, (ATON, "age 5"): 7, (BETON, "Total"): 2, (BETON, "age 4"): 2}

    values, _ = add_up(read(rows), AREAS)

    assert {"Total": 10, "Age 5 to 10": 7} == found(values, ATON)


def test_single_ages_stay_for_the_caseload():
    """A projection by single age needs them."""
    values, _ = add_up(read({(ATON, "Total"): 7, (ATON, "age 5"): 7}, "ehc_plans"), AREAS)

    assert {"Total": 7, "age 5": 7, "Age 5 to 10": 7} == found(values, ATON)


def test_placements_become_six_groups_that_add_up_to_the_total():
    """Independent mainstream schools go with the independent special ones, units with resourced provision."""
    rows = placed(
        ATON,
        "Total",
        31,
        mainstream_academy=1,
        mainstream_independent=2,
        mainstream_academy_senunit=4,
        special_academy_free=8,
        ap_pru_total=16,
    )

    values, told = add_up(read(rows), AREAS)

    assert {
        "Total": 31,
        "mainstream": 1,
        "independent": 2,
        "resourced provision or SEN unit": 4,
        "state special": 8,
        "other": 16,
    } == found(values, ATON)
    assert [] == told


@pytest.mark.parametrize(
    ("elsewhere", "beside", "expected"),
    [(5, 3, 8), (8, 3, 8)],
    ids=["left out of educated elsewhere", "within educated elsewhere"],
)
def test_other_settings_are_counted_once(elsewhere, beside, expected):
    """Until 2023 `educated elsewhere` leaves them out, later it has them: the total tells which."""
    rows = placed(ATON, "Total", 8, ed_elsewhere=elsewhere, other_placement_settings=beside)

    values, _ = add_up(read(rows), AREAS)

    assert expected == found(values, ATON)["other"]
    named = values.set_index("breakdown").loc["other", "reference"]
    assert (elsewhere == 5) == ("+ other_placement_settings" in named)


def test_an_unavailable_column_counts_as_nothing_where_the_others_add_up():
    """Columns that a year's return did not have are x throughout; the total shows that nothing is in them."""
    rows = placed(ATON, "Total", 8, mainstream_academy=8, placement_unknown=X, await_prov_2022=X)

    values, _ = add_up(read(rows), AREAS)

    assert {"Total": 8, "mainstream": 8} == found(values, ATON)


def test_academies_and_free_schools_may_come_apart():
    """The release of 2026 has a column for each."""
    values, _ = add_up(read(placed(ATON, "Total", 5, special_academy=2, special_free_school=3)), AREAS)

    assert {"Total": 5, "state special": 5} == found(values, ATON)


def test_placements_that_do_not_add_up_are_unavailable_and_told():
    """In 2022 all of Yorkshire showed the region's total beside its own placements."""
    values, told = add_up(read(placed(ATON, "Total", 6078, mainstream_academy=357)), AREAS)

    assert {"Total": 6078} | dict.fromkeys(PLACEMENT_GROUPS, "x") == found(values, ATON)
    assert ["new_ehc_plans 2024: placements do not add up to the total (Aton). Not used."] == told


def test_plans_of_an_authority_without_placements_are_not_recorded_in_its_region():
    """Hackney gave a total alone in January 2024: London holds its plans, under `other`; Hackney has x."""
    rows = placed(REGION, "Total", 10, mainstream_academy=7)
    rows |= placed(ATON, "Total", 7, mainstream_academy=7)
    rows |= placed(BETON, "Total", 3, **dict.fromkeys(ONE_OF_EACH.values(), X))

    values, told = add_up(read(rows), AREAS)

    assert {"Total": 10, "mainstream": 7, "other": 3} == found(values, REGION)
    assert values["reference"].str.endswith(" + shortfall of all groups from total").sum() == 1
    assert {"Total": 3} | dict.fromkeys(PLACEMENT_GROUPS, "x") == found(values, BETON)
    assert [] == told


def test_a_regions_gap_without_a_cause_is_not_filled():
    """Every authority gave its placements: what the region lacks is a fault, not an unrecorded placement."""
    rows = placed(REGION, "Total", 10, mainstream_academy=7) | placed(ATON, "Total", 10, mainstream_academy=10)

    values, _ = add_up(read(rows), AREAS)

    assert "x" == found(values, REGION)["other"]


def test_a_file_without_the_columns_of_a_group_has_no_groups():
    """No statement about placements is better than x for everybody, which would cover last year's figures."""
    values, _ = add_up(read({(ATON, "Total"): 10, (ATON, "Total, fe_total"): 10}), AREAS)

    assert {"Total": 10} == found(values, ATON)


def test_placements_of_ages_become_placements_of_bands():
    """Age 6 has no row, so nobody of six started a plan."""
    rows = placed(ATON, "Total", 9, mainstream_academy=2, fe_total=7)
    rows |= placed(ATON, "age 5", 2, mainstream_academy=2)
    rows |= placed(ATON, "age 17", 4, fe_total=4) | placed(ATON, "age 18", 3, fe_total=3)

    values, _ = add_up(read(rows), AREAS)

    bands = {"Age 5 to 10": 2, "Age 5 to 10, mainstream": 2, "Age 16 to 19": 7, "Age 16 to 19, post-16": 7}
    assert {"Total": 9, "mainstream": 2, "post-16": 7} | bands == found(values, ATON)


def test_a_band_with_an_age_whose_placements_are_unavailable_has_x_for_each_group():
    """Cambridgeshire gave ages and no placements for January 2025."""
    rows = placed(ATON, "Total", 2, mainstream_academy=X) | placed(ATON, "age 5", 2, mainstream_academy=X)
    rows |= placed(BETON, "Total", 1, mainstream_academy=1) | placed(BETON, "age 5", 1, mainstream_academy=1)

    values, _ = add_up(read(rows), AREAS)

    assert (2, "x") == (found(values, ATON)["Age 5 to 10"], found(values, ATON)["Age 5 to 10, mainstream"])


TABLES = st.dictionaries(
    st.sampled_from([*terms.BAND_OF_AGE]),
    st.dictionaries(st.sampled_from([*ONE_OF_EACH]), st.integers(0, 50), max_size=6),
    min_size=1,
    max_size=6,
)


@settings(max_examples=30, deadline=None)
@given(ages=TABLES)
def test_every_way_of_adding_up_gives_one_total(ages):
    """Bands, groups, and bands by group are three cuts of the same plans."""
    by_group = {group: sum(row.get(group, 0) for row in ages.values()) for group in PLACEMENT_GROUPS}
    total = sum(by_group.values())
    rows = placed(ATON, "Total", total, **{ONE_OF_EACH[group]: plans for group, plans in by_group.items()})
    for age, row in ages.items():
        cells = {ONE_OF_EACH[group]: float(plans) for group, plans in row.items()}
        rows |= placed(ATON, age, sum(row.values()), **cells)

    made = add_up(read(rows), AREAS)[0].set_index("breakdown")["value"]

    assert total == made[list(AGE_BANDS)].sum() == made[list(PLACEMENT_GROUPS)].sum()
    for band in AGE_BANDS:
        assert made[band] == sum(made[f"{band}, {group}"] for group in PLACEMENT_GROUPS)
    for group in PLACEMENT_GROUPS:
        assert made[group] == sum(made[f"{band}, {group}"] for band in AGE_BANDS) == by_group[group]
