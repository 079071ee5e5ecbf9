"""History: boundary changes merged by rule, doubtful figures set aside by rule, and nothing later than the origin."""

import numpy as np
import pandas as pd
import pytest

from highneeds import terms
from highneeds.models.yearly.history import BANDS, Matrix, carried, families, national_growth, percentages, read_history
from tests import yearly_world as world
from tests.yearly_world import code, rows

DORSET = {"E10000009", "E06000028", "E06000029", "E06000058", "E06000059"}
NORTHAMPTONSHIRE = {"E10000021", "E06000061", "E06000062"}
CUMBRIA = {"E10000006", "E06000063", "E06000064"}


@pytest.fixture(scope="module")
def history(panel):
    """History of the committed panel."""
    return read_history(panel.values, panel.areas)


def merged(unit: dict[str, str]) -> list[set[str]]:
    """Units of more than one authority."""
    members: dict[str, set[str]] = {}
    for each, name in unit.items():
        members.setdefault(name, set()).add(each)
    return [found for found in members.values() if len(found) > 1]


def area(code: str, *, opened: str = "1990-04-01", closed: str = "", region: str = "E12000001") -> list[str]:
    """Row of an authority."""
    return [code, code[-3:], code, "local authority", region, opened, closed, ""]


# ---- Boundary changes ------------------------------------------------------------------------------------------------


def test_three_boundary_changes_are_found_without_their_names(panel):
    """Authorities that closed on the eve of others' opening, in one region, can only be followed together."""
    actual = merged(families(panel.areas))

    assert sorted(map(sorted, (DORSET, NORTHAMPTONSHIRE, CUMBRIA))) == sorted(map(sorted, actual))


def test_a_fourth_boundary_change_is_found_by_the_same_rule():
    """The next reorganisation must need no change of code; a closing elsewhere on the same day is another matter."""
    areas = pd.DataFrame(
        [
            area("E06000001", closed="2028-03-31"),
            area("E06000002", closed="2028-03-31"),
            area("E06000003", opened="2028-04-01"),
            area("E06000004", opened="2028-04-01"),
            area("E06000005", closed="2028-03-31", region="E12000002"),
            area("E06000006", opened="2028-05-01"),
        ],
        columns=world.AREA_COLUMNS,
    )

    actual = families(areas)

    together = dict.fromkeys(["E06000001", "E06000002", "E06000003", "E06000004"], "E06000001")
    assert together | {"E06000005": "E06000005", "E06000006": "E06000006"} == actual


def test_the_panel_makes_150_units_that_sum_to_england(panel, history):
    """Merging must neither lose nor double a child: each January's units sum to England's published row."""
    england = panel.values[
        panel.values["area_code"].eq(terms.ENGLAND)
        & panel.values["measure"].eq("ehc_plans")
        & panel.values["breakdown"].eq("Total")
    ].set_index("period")["value"]

    assert 150 == len(history.codes)
    assert list(range(2010, 2026)) == list(history.plans.years)
    assert not np.isnan(history.plans.values).any()
    for year in history.plans.years:
        assert abs(england[str(year)] - history.plans.at(year).sum()) <= 1, year


def test_bands_sum_to_the_total(history):
    """Bands are of the same children as the total; no band was held before anybody was in it."""
    known = ~np.isnan(history.bands[:, -1]).any(axis=1)

    assert len(BANDS) == history.bands.shape[2]
    assert known.sum() > 140
    assert np.abs(history.bands[known, -1].sum(axis=1) - history.plans.at(2025)[known]).max() <= 1


def test_a_sum_with_an_unknown_part_is_unknown():
    """One of two authorities gave no figure: their unit has none either, and not the other's alone."""
    areas = pd.DataFrame(
        [area(code(1), closed="2012-03-31"), area(code(2), opened="2012-04-01"), area(code(3), opened="2012-04-01")],
        columns=world.AREA_COLUMNS,
    )
    values = rows(code(1), "ehc_plans", 2011, [100, 110]) + rows(code(2), "ehc_plans", 2013, [60, 70, 75])
    values += rows(code(3), "ehc_plans", 2013, [60, None, 80])

    actual = read_history(pd.DataFrame(values), areas)

    assert (code(1),) == actual.codes
    assert [100, 110, 120, None, 155] == [None if np.isnan(each) else each for each in actual.plans.values[0]]


def test_what_did_not_apply_is_no_gap_in_a_sum():
    """`z` says that there was nothing to count; only an unknown figure makes a sum unknown."""
    areas = pd.DataFrame([area(code(1), closed="2012-03-31"), area(code(2), opened="2012-04-01")])
    areas.columns = world.AREA_COLUMNS
    values = pd.DataFrame(
        rows(code(1), "ehc_plans", 2012, [100, None, None]) + rows(code(2), "ehc_plans", 2013, [120, 130])
    )
    values.loc[values["value"].isna(), "status"] = "z"

    assert [100, 120, 130] == read_history(values, areas).plans.values[0].tolist()


def test_shares_of_a_unit_sum_to_one(history):
    """What is forecast for a unit is given back to its authorities, no more and no less."""
    for unit in ("E10000021", "E06000028", "E10000006"):
        members = [each for each in history.own["ehc_plans"].codes if history.unit[each] == unit]
        for measure, year in (("ehc_plans", 2025), ("requests_received", 2024), ("new_ehc_plans", 2024)):
            assert len(members) >= 2
            assert 1 == pytest.approx(sum(history.share(measure, each, year) for each in members))
    assert 1 == history.share("ehc_plans", "E10000016", 2025)


def test_a_share_is_taken_from_the_last_year_that_tells_it():
    """A gap in the last year of one part leaves the split of the year before, never an unknown one."""
    areas = pd.DataFrame(
        [area(code(1), closed="2012-03-31"), area(code(2), opened="2012-04-01"), area(code(3), opened="2012-04-01")],
        columns=world.AREA_COLUMNS,
    )
    values = rows(code(1), "ehc_plans", 2011, [100, 110]) + rows(code(2), "ehc_plans", 2013, [30, None])
    values += rows(code(3), "ehc_plans", 2013, [90, 80])

    actual = read_history(pd.DataFrame(values), areas)

    assert 0.25 == actual.share("ehc_plans", code(2), 2014)
    assert np.isnan(actual.share("ehc_plans", code(2), 2012))


# ---- Doubts ----------------------------------------------------------------------------------------------------------


def test_the_regional_total_of_2022_is_no_authoritys_figure(panel, history):
    """Every row of Yorkshire's new plans of 2022 holds the regional total, 6,078; none may be learnt from."""
    local = panel.areas[panel.areas["region_code"].eq("E12000003") & panel.areas["level"].eq("local authority")]
    units = {history.unit[each] for each in local[local["closed"].eq("")]["area_code"]}
    at = [history.codes.index(unit) for unit in sorted(units)]

    assert 15 == len(at)
    assert np.isnan(history.counts["new_ehc_plans"].at(2022)[at]).all()
    assert 6_078 not in history.counts["new_ehc_plans"].values


@pytest.mark.parametrize(
    ("where", "year", "value"),
    (("E08000021", 2017, 17), ("E06000057", 2017, 65), ("E06000035", 2022, 309), ("E06000046", 2024, 74)),
)
def test_zero_and_halved_years_are_set_aside(history, where, year, value):
    """Newcastle 17, Northumberland 65, Medway 309, Isle of Wight 74: far from their usual share of England."""
    at = history.codes.index(where)

    assert value == history.counts["requests_received"].at(year)[at]
    assert np.isnan(history.flows["requests_received"].at(year)[at])
    assert (where, year, value) in [
        (doubt.code, doubt.year, doubt.value) for doubt in history.doubts if doubt.measure == "requests_received"
    ]


def test_west_berkshires_missing_requests_are_no_zero(history):
    """DfE printed 0 for 2022 between 270 and 407; a model that read nothing would halve its next year."""
    at = history.codes.index("E06000037")

    assert np.isnan(history.flows["requests_received"].at(2022)[at])
    assert 407 == history.flows["requests_received"].at(2023)[at]


def test_few_figures_are_set_aside(history):
    """A rule that set aside much would be choosing its facts: one in fifty at the most."""
    for name, flow in history.flows.items():
        aside = sum(doubt.measure == name for doubt in history.doubts)
        assert aside <= flow.values.size / 50, name
        assert aside == np.isnan(flow.values).sum() - np.isnan(history.counts[name].values).sum()


@pytest.mark.parametrize(("fault", "factor"), (("zero", 0.0), ("a third", 0.33), ("threefold", 3.0)))
@pytest.mark.parametrize("year", (2016, 2019, 2024))
def test_the_same_faults_are_found_under_other_names(fault, factor, year):
    """Invented authorities with invented faults: a list of names or years would miss them."""
    values = world.values(30, flows_from=2016)
    at = values["area_code"].eq(code(7)) & values["measure"].eq("requests_received") & values["period"].eq(str(year))
    values.loc[at, "value"] = (values.loc[at, "value"] * factor).round()

    actual = read_history(values, world.areas(30))

    assert [(code(7), "requests_received", year)] == [(each.code, each.measure, each.year) for each in actual.doubts]
    assert np.isnan(actual.flows["requests_received"].at(year)[actual.codes.index(code(7))])


def test_ordinary_and_small_figures_are_kept():
    """A flow that doubles need not be wrong, and a handful of children may swing as it will."""
    values = world.values(30, flows_from=2016)
    asked = values["measure"].eq("requests_received") & values["period"].eq("2020")
    values.loc[asked & values["area_code"].eq(code(7)), "value"] *= 1.9
    small = values["measure"].eq("requests_received") & values["area_code"].eq(code(9))
    values.loc[small, "value"] = [3, 9, 1, 0, 8, 2, 9, 4, 1]

    assert () == read_history(values, world.areas(30)).doubts


def test_doubts_are_judged_anew_at_every_cut(history):
    """Medway's 309 was far off only once 964 had followed; a judgement of today would know too much."""
    medway = ("E06000035", "requests_received", 2022)

    newham = ("E09000025", "new_ehc_plans", 2019)

    now, then, earlier = (
        {(doubt.code, doubt.measure, doubt.year) for doubt in held.doubts}
        for held in (history, history.until(2024), history.until(2021))
    )

    assert (True, False) == (medway in now, medway in then)
    assert 309 == history.until(2024).flows["requests_received"].at(2022)[history.codes.index("E06000035")]
    assert (False, True) == (newham in now, newham in earlier)


# ---- Cuts ------------------------------------------------------------------------------------------------------------


def test_a_cut_keeps_stocks_to_january_and_flows_to_the_year_before(history):
    """The flow of a calendar year is known only in the January after it."""
    actual = history.until(2022)

    assert (2022, 2022) == (actual.origin, actual.plans.years[-1])
    assert {2021} == {flow.years[-1] for flow in (*actual.flows.values(), *actual.counts.values())}
    assert {"ehc_plans": 2022, "new_ehc_plans": 2021, "requests_received": 2021} == {
        name: held.years[-1] for name, held in actual.own.items()
    }
    assert (150, 13, len(BANDS)) == actual.bands.shape
    assert {} == history.until(2015).flows


def test_flows_of_a_year_whose_january_is_not_held_are_left_out():
    """Requests of 2025 published ahead of January 2026's plans have no caseload to stand beside."""
    values = world.values(3, last=2025)
    early = pd.DataFrame(rows(code(1), "requests_received", 2025, [400]))

    actual = read_history(pd.concat([values, early]), world.areas(3))

    assert 2024 == actual.flows["requests_received"].years[-1]


def test_row_order_and_row_labels_do_not_matter(panel, history):
    """The panel is a set of facts; where a row stands says nothing."""
    shuffled = panel.values.sample(frac=1, random_state=5)
    doubled = pd.concat([shuffled.iloc[:100], shuffled.iloc[100:].reset_index(drop=True)])

    for values in (shuffled, doubled):
        actual = read_history(values, panel.areas)
        assert history.doubts == actual.doubts
        np.testing.assert_array_equal(history.plans.values, actual.plans.values)
        np.testing.assert_array_equal(history.bands, actual.bands)
        for name in history.flows:
            np.testing.assert_array_equal(history.flows[name].values, actual.flows[name].values)


def test_symbols_after_the_last_figure_add_no_year():
    """A release with nothing but `x` in its newest year does not move the origin to it."""
    values = rows(code(1), "ehc_plans", 2020, [100, 110, None]) + rows(code(2), "ehc_plans", 2020, [200, 210, None])

    assert (2020, 2021) == read_history(pd.DataFrame(values), world.areas(2)).plans.years


def test_before_the_first_flow_there_are_plans_alone(panel):
    """As at 2012 nobody was over 19 and no flow was published; that is a history, not a fault."""
    values = panel.values[panel.values["period"].str[:4].le("2012")]

    actual = read_history(values, panel.areas)

    assert ((2010, 2011, 2012), {}) == (actual.plans.years, actual.flows)
    assert np.isnan(actual.bands[:, :, -1]).all()


def test_one_january_is_no_history():
    """From one figure nothing can be said of growth."""
    assert read_history(pd.DataFrame(rows(code(1), "ehc_plans", 2025, [100])), world.areas(1)) is None
    assert read_history(world.values(1).iloc[:0], world.areas(1)) is None


# ---- Pieces ----------------------------------------------------------------------------------------------------------


def test_a_matrix_gives_one_year_or_none():
    """A year that is not held has no figures, rather than another year's."""
    matrix = Matrix(("A", "B"), (2023, 2024), np.array([[1.0, 2.0], [3.0, 4.0]]))

    assert [2, 4] == matrix.at(2024).tolist()
    assert np.isnan(matrix.at(2025)).all()
    assert ((2023,), [[1.0], [3.0]]) == (matrix.until(2023).years, matrix.until(2023).values.tolist())


def test_gaps_are_filled_along_the_share_of_the_whole():
    """A and B are whole: 100, 200, 400. C had a tenth, then a fortieth of it; between them it had a twentieth."""
    counts = [[50.0, 100, 200], [50, 100, 200], [10, np.nan, 10], [20, 40, np.nan], [0, 0, 0], [np.nan] * 3]

    actual = carried(Matrix(tuple("ABCDEF"), (2022, 2023, 2024), np.array(counts)), 2024)

    whole = np.array([100.5, 200.5, 400.5])  # nothing counts as half a child, so that it has a logarithm
    between = np.sqrt(10 / whole[0] * 10 / whole[2]) * whole[1]
    np.testing.assert_allclose(actual[2], [10, between, 10])
    np.testing.assert_allclose(actual[3], [20, 40, 40 / whole[1] * whole[2]])
    np.testing.assert_allclose(actual[4], 0.5)
    assert np.isnan(actual[5]).all()


def test_a_year_nobody_reported_takes_its_whole_from_its_neighbours():
    """With 2023 missing for all, a half of England stays a half of what lies between 100 and 400."""
    counts = np.array([[50.0, np.nan, 200], [50, np.nan, 200]])

    np.testing.assert_allclose(carried(Matrix(tuple("AB"), (2022, 2023, 2024), counts), 2024)[0], [50, 100, 200])


def test_carrying_looks_no_further_than_asked():
    """A later year must not reach back through the fill."""
    flow = Matrix(tuple("AB"), (2022, 2023, 2024), np.array([[50.0, 60, 999], [50, np.nan, 10]]))

    np.testing.assert_array_equal(carried(flow.until(2023), 2023), carried(flow, 2023))


def test_national_growth_is_of_those_with_both_years():
    """B gave no figure for 2023: its return in 2024 is no growth."""
    counts = np.array([[100.0, 110, 121], [100, np.nan, 300]])

    np.testing.assert_allclose(national_growth(counts), np.log([1.1, 1.1]))
    assert np.isnan(national_growth(np.array([[0.0, 10.0]]))).all()


def test_percentages_are_of_authorities_of_today_with_englands_beside_them(panel):
    """A closed authority's percentage goes nowhere; it has no counts to be merged by."""
    matrix, england = percentages(panel.values, panel.areas, "sen_support_pupils_pct")

    closed = set(panel.areas.loc[panel.areas["closed"].ne(""), "area_code"])
    assert 153 == len(matrix.codes)
    assert not closed & set(matrix.codes)
    assert (len(matrix.years),) == england.shape
    assert np.isfinite(england).all()
    assert percentages(panel.values.iloc[:0], panel.areas, "sen_support_pupils_pct") is None
