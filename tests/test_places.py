"""Places: what opens when, counted by hand; what is short and how likely; what a delay costs."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from highneeds.errors import SchemaError
from highneeds.models.deficit.arithmetic import delay_cost
from highneeds.models.forecast import LEVELS
from highneeds.models.places import (
    Setting,
    changed_settings,
    cost_of_delay,
    places_in_years,
    settings_of,
    shortfall,
    supply,
    supply_paths,
    vacancy_pct,
)
from highneeds.scenarios import Scenario, make_scenario

SPECIAL, INDEPENDENT = "state special", "independent"
PLACEMENTS = (SPECIAL, INDEPENDENT)
LOW, HIGH = LEVELS.index(0.1), LEVELS.index(0.9)


def school(
    opens: str = "2027-09-01", *, now=0.0, planned=120.0, confidence=1.0, name="Oak", placement=SPECIAL
) -> Setting:
    """A special school of 120 places that opens on a day; no day: no change."""
    day = date.fromisoformat(opens) if opens else None
    return Setting(name, placement, "secondary", now, planned if opens else now, day, confidence, None, "invented", 2)


def scenario(*changes: dict) -> Scenario:
    """A scenario of these changes, from row 4 on."""
    given = {"name": "Late", "about": "What if", "changes": list(changes)}
    return make_scenario(given, range(4, 4 + len(changes)), "scenarios/late.yml")


# ---- Supply ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("opens", "expected"), [("2027-01-20", 120), ("2027-01-21", 120), ("2027-01-22", 0)])
def test_a_place_counts_in_january_from_the_survey_day_on(opens, expected):
    """The survey of 2027 is on 21 January: what opens that day is there, what opens the day after is not."""
    assert expected == supply([school(opens)], [2027], PLACEMENTS)[0, 0]


def test_expected_places_count_a_change_by_its_chance():
    """40 open and 120 planned: 80 more at 75%, so 100 expected once they are due; those open now are sure."""
    found = supply([school(now=40, confidence=0.75)], [2027, 2028], PLACEMENTS)

    assert [[40, 0], [100, 0]] == found.tolist()


def test_places_that_close_are_counted_off():
    """60 places fall to 20: none is left of the 40 once the day has come."""
    found = supply([school("2027-09-01", now=60, planned=20)], [2027, 2028], PLACEMENTS)

    assert [60, 20] == found[:, 0].tolist()


def test_settings_of_one_type_are_added_up_and_types_kept_apart():
    """Two special schools and an independent one."""
    found = supply([school(now=5), school("", now=7), school("", now=9, placement=INDEPENDENT)], [2026], PLACEMENTS)

    assert [[12, 9]] == found.tolist()


@pytest.mark.parametrize(
    ("opens", "months"),
    [
        ("2026-09-01", 7),
        ("2026-09-30", 7),
        ("2026-04-01", 12),
        ("2027-03-31", 1),
        ("2027-04-01", 0),
        ("2020-09-01", 12),
    ],
)
def test_a_financial_year_counts_the_months_a_place_is_open(opens, months):
    """From 1 September to 31 March are seven of twelve; the month of opening counts."""
    assert 120 * months / 12 == pytest.approx(school(opens).in_year("2026-27"))


def test_places_expected_over_financial_years():
    """60 open, 120 planned from 1 September 2026 at 50%: half of 7/12 of 60 more, then half of 60 more."""
    found = places_in_years(
        [school("2026-09-01", now=60, confidence=0.5)], ["2025-26", "2026-27", "2027-28"], PLACEMENTS
    )

    assert [60, 60 + 0.5 * 60 * 7 / 12, 90] == pytest.approx(found[:, 0].tolist())


def test_a_table_becomes_settings():
    """Blank opening and blank count of filled places mean none, percentages become shares."""
    row = {
        "setting": "Oak", "placement": SPECIAL, "phase": "all-through", "places_now": 164.0, "places_planned": 164.0,
        "opens": pd.NaT, "confidence_pct": 80.0, "filled": np.nan, "source": "paper", "row": 2,
    }  # fmt: skip
    table = pd.DataFrame([row, row | {"opens": pd.Timestamp("2027-09-01"), "filled": 154.0, "row": 3}])

    first, second = settings_of(table)

    assert (None, None, 0.8, 0.0) == (first.opens, first.filled, first.confidence, first.to_come)
    assert (date(2027, 9, 1), 154.0, 3) == (second.opens, second.filled, second.row)


# ---- Chances ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("confidence", "expected"), [(0.0, 40), (1.0, 120)])
def test_what_is_certain_comes_on_every_path_or_on_none(confidence, expected):
    """A chance of nought never opens, one of one always does."""
    found = supply_paths([school(now=40, confidence=confidence)], [2028], PLACEMENTS, paths=500)

    assert {expected} == set(found[0, 0].tolist())


def test_a_change_comes_whole_or_not_at_all_and_stays():
    """75%: about three paths in four, and on each the same in both Januaries."""
    found = supply_paths([school(confidence=0.75)], [2028, 2029], PLACEMENTS, paths=4_000)[:, 0]

    assert {0.0, 120.0} == set(found[0].tolist())
    assert 0.75 == pytest.approx((found[0] == 120).mean(), abs=0.025)
    assert (found[0] == found[1]).all()


@given(confidence=st.floats(0, 1), now=st.integers(0, 200), planned=st.integers(0, 200))
def test_paths_agree_with_the_expected_supply(confidence, now, planned):
    """The mean over paths is the supply that the table prints, within chance."""
    held = [school(now=now, planned=planned, confidence=confidence)]

    mean = supply_paths(held, [2028], PLACEMENTS, paths=3_000)[0, 0].mean(dtype=float)

    assert supply(held, [2028], PLACEMENTS)[0, 0] == pytest.approx(mean, abs=0.05 * abs(planned - now) + 1e-3)


def test_another_setting_changes_no_draw():
    """A school added to the file must not move the luck of the others."""
    alone = supply_paths([school(confidence=0.5)], [2028], PLACEMENTS, paths=200)[0, 0]

    elm = school(confidence=0.5, name="Elm", placement=INDEPENDENT)
    found = supply_paths([elm, school(confidence=0.5)], [2028], PLACEMENTS, paths=200)

    assert (alone == found[0, 0]).all()
    assert (found[0, 0] != found[0, 1]).any()


def test_what_is_short_has_its_range_and_its_chance():
    """100 places; 80, 90 ... 130 children, a sixth of the paths each: short on three of six, by 30 at the upper end."""
    children = np.zeros((1, 2, 600))
    children[0, 0] = np.repeat([80.0, 90, 100, 110, 120, 130], 100)

    found = shortfall(np.array([[105.0, 0]]), children, [school("", now=100)], [2026], PLACEMENTS)

    assert (5, 0.5) == (found.points[0, 0], found.chance[0, 0])
    assert [-20, 30] == found.ranges[0, 0, [LOW, HIGH]].tolist()
    assert 0 == found.chance[0, 1]


def test_a_place_that_may_not_come_widens_what_is_short():
    """100 children; 120 places at a half: empty by 20 or short by 100, each as likely."""
    children = np.full((1, 2, 2_000), 100.0)

    found = shortfall(children[..., 0], children, [school(confidence=0.5)], [2028], PLACEMENTS)

    assert (40, -20, 100) == (found.points[0, 0], *found.ranges[0, 0, [LOW, HIGH]])
    assert 0.5 == pytest.approx(found.chance[0, 0], abs=0.04)


def test_what_is_short_leaves_the_plans_as_they_were():
    """The paths of demand belong to the caseload: nobody sorts them."""
    children = np.random.default_rng(1).uniform(0, 200, (1, 2, 300)).astype("float32")
    before = children.copy()

    shortfall(children[..., 0], children, [school("", now=100)], [2026], PLACEMENTS)

    assert (before == children).all()


# ---- Vacancies and delay ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("commissioned", "filled", "expected"), [(164, 154, 100 * 10 / 164), (164, 170, -100 * 6 / 164), (164, 164, 0)]
)
def test_empty_places_are_a_share_of_those_commissioned(commissioned, filled, expected):
    """West Northamptonshire's 164 places: ten of them empty are 6.1%; more children than places are below nothing."""
    assert expected == pytest.approx(vacancy_pct(commissioned, filled))


def test_no_places_have_no_share_that_is_empty():
    """Nothing divided by nothing is no nought."""
    assert np.isnan(vacancy_pct(0, 0))


def test_the_cost_of_a_delay_is_places_times_gap_times_months():
    """Kent's K12: 250 places, 36 months late from September 2024, at a gap of £20,000: £15m, by either way."""
    years = ["2024-25", "2025-26", "2026-27", "2027-28"]
    planned = [school("2024-09-01", planned=250)]
    late = changed_settings(planned, scenario({"line": "opens", "of": "Oak", "by_months": 36}))

    lost = places_in_years(planned, years, PLACEMENTS) - places_in_years(late, years, PLACEMENTS)
    costs = cost_of_delay(lost, np.array([[20_000, 0]] * 4))

    assert 250 * 20_000 * np.array([7, 12, 12, 5]) / 12 == pytest.approx(costs)
    assert delay_cost(250, 20_000, 36) == pytest.approx(costs.sum())


def test_a_delay_of_places_that_may_not_come_costs_its_share():
    """At 60% sure, 60% of it."""
    years = ["2024-25", "2025-26"]
    planned = [school("2024-09-01", confidence=0.6)]
    late = changed_settings(planned, scenario({"line": "opens", "of": "all", "by_months": 12}))

    lost = places_in_years(planned, years, PLACEMENTS) - places_in_years(late, years, PLACEMENTS)

    assert 0.6 * 120 == pytest.approx(lost.sum())


# ---- Scenarios -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("opens", "months", "expected"),
    [
        ("2024-09-01", 36, "2027-09-01"),
        ("2027-09-01", -3, "2027-06-01"),
        ("2026-12-01", 1, "2027-01-01"),
        ("2027-08-31", 6, "2028-02-29"),
        ("2026-08-31", 6, "2027-02-28"),
        ("2027-08-31", 12, "2028-08-31"),
        ("2028-02-29", 12, "2029-02-28"),
        ("2027-01-30", 0, "2027-01-30"),
    ],
)
def test_an_opening_moves_by_months(opens, months, expected):
    """The same day of another month, or its last where it has no such day."""
    moved = changed_settings([school(opens)], scenario({"line": "opens", "of": "Oak", "by_months": months}))

    assert date.fromisoformat(expected) == moved[0].opens


def test_changes_reach_the_setting_they_name():
    """Day, places and chance of Oak; Elm stays as it is."""
    oak, elm = school(), school(name="Elm")

    made = changed_settings(
        [oak, elm],
        scenario(
            {"line": "opens", "of": "Oak", "to": "2028-01-05"},
            {"line": "places", "of": "Oak", "by": 30},
            {"line": "confidence", "of": "Oak", "to": 0.5},
        ),
    )

    assert (replace(oak, opens=date(2028, 1, 5), planned=150.0, confidence=0.5), elm) == made


def test_fewer_places_than_none_are_none():
    """A cut of 200 from 120."""
    [made] = changed_settings([school()], scenario({"line": "places", "of": "all", "by": -200}))

    assert 0 == made.planned


def test_a_setting_without_a_plan_can_be_given_one():
    """More places from a day on, in either order."""
    changes = [{"line": "places", "of": "Oak", "to": 80}, {"line": "opens", "of": "Oak", "to": "2026-09-01"}]

    for order in (changes, changes[::-1]):
        [made] = changed_settings([school("", now=60)], scenario(*order))

        assert (80, date(2026, 9, 1), 20) == (made.planned, made.opens, made.to_come)


def test_places_without_a_day_are_told_together():
    """They would never open, in silence."""
    asked = scenario({"line": "places", "of": "Oak", "by": 5}, {"line": "opens", "of": "Elm", "by_months": 6})

    with pytest.raises(SchemaError) as found:
        changed_settings([school("", now=60), school("", name="Elm")], asked)

    first, second = found.value.faults
    assert first.startswith("scenarios/late.yml: row 4, places: Oak has no day on which places change.")
    assert second.startswith("scenarios/late.yml: row 5, opens: Elm has no day to be moved.")


def test_all_moves_those_that_have_a_day():
    """Schools that are open already stay as they are."""
    held = [school("", now=60), school(name="Elm")]

    made = changed_settings(held, scenario({"line": "opens", "of": "all", "by_months": 12}))

    assert (held[0], date(2028, 9, 1)) == (made[0], made[1].opens)


def test_a_scenario_of_other_lines_leaves_places_alone():
    """Prices and entry are no business of places."""
    held = (school(), school(name="Elm"))

    asked = scenario({"line": "entry_rate", "of": "all", "by_pct": -5}, {"line": "unit_cost", "of": "all", "by": 5})

    assert held == changed_settings(held, asked)
