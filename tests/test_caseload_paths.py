"""Paths of the caseload: a seed says it all, nobody is lost, ranges are the forecast's, a scenario alone differs."""

import time
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from highneeds.errors import SchemaError
from highneeds.models.caseload.changed import changed
from highneeds.models.caseload.flows import PLACEMENTS, read_flows
from highneeds.models.caseload.outlook import _residents, learn, outlook, prepare
from highneeds.models.caseload.project import project
from highneeds.models.caseload.simulate import Paths, Total, simulate
from highneeds.models.caseload.spread import Spread
from highneeds.models.forecast import HALF_80, LEVELS
from highneeds.models.growth_error import MEASURED, Draws
from highneeds.models.yearly.annual import open_annual
from highneeds.models.yearly.history import BANDS
from highneeds.scenarios import Scenario, make_scenario
from tests.test_caseload_model import made_up, of_order

KENT = "E10000016"
LOW, MEDIAN, HIGH = (LEVELS.index(level) for level in (0.1, 0.5, 0.9))
DRAWS = Draws(paths=300, seed=7, chunk=100)


@pytest.fixture(scope="module")
def annual(panel):
    """Yearly models of plans on the committed panel."""
    return open_annual(panel.values, panel.areas, "ehc_plans")


@pytest.fixture(scope="module")
def ready(panel, annual):
    """What an authority's outlook follows from, by code; learnt once."""
    everyone = learn(read_flows(panel.values, panel.areas))
    return lambda code: prepare(everyone, annual, panel.values, code)


@pytest.fixture(scope="module")
def kent(ready):
    """Kent's outlook as things are."""
    return outlook(ready(KENT))


def total_of(made, *, growth: float = 1.08, width: float = 0.05) -> Total:
    """A forecast that grows by so much a year, its range wider every year."""
    years = np.arange(1, len(made.years) + 1)
    return Total(made.stocks.sum(axis=(1, 2))[:, None] * growth**years, np.full((len(made.stocks), 1), width) * years)


def spread_of(made, *, ages: float = 0.05, walk: float = 0.1, back: float = 0.05) -> Spread:
    """The same spread for every authority, age and placement."""
    n, shape = len(made.stocks), (len(made.stocks), len(made.placements))
    return Spread(np.full((n, len(made.ages)), ages), np.full(shape, walk), np.full(shape, back))


def together(made, total, spread, draws, **given) -> Paths:
    """All chunks as one."""
    chunks = list(simulate(made, total, spread, draws=draws, **given))
    return Paths(0, *(np.concatenate(parts, axis=-1) for parts in list(zip(*chunks, strict=True))[1:]))


def scenario(*changes: dict) -> Scenario:
    """A scenario of these changes."""
    given = {"name": "Other", "about": "What if", "changes": list(changes)}
    return make_scenario(given, range(1, len(changes) + 1), "scenarios/other.yml")


# ---- Seeds -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("chunk", [200, 300, 1_000])
def test_a_seed_gives_the_same_bytes_whatever_the_chunk(chunk):
    """How much memory a machine has must not change a figure."""
    made = made_up()
    expected = together(made, total_of(made), spread_of(made), DRAWS)

    actual = together(made, total_of(made), spread_of(made), replace(DRAWS, chunk=chunk))

    assert [each.tobytes() for each in expected[1:]] == [each.tobytes() for each in actual[1:]]


def test_another_seed_gives_other_paths():
    """A seed that changes nothing would be no seed."""
    made = made_up()
    one, other = (together(made, total_of(made), spread_of(made), replace(DRAWS, seed=seed)) for seed in (7, 8))

    assert not np.isclose(one.totals, other.totals).any()


def test_a_longer_run_begins_with_the_shorter_one():
    """More paths make a range finer and change none of those that were drawn."""
    made = made_up()
    short, long = (together(made, total_of(made), spread_of(made), replace(DRAWS, paths=n)) for n in (150, 400))

    for shorter, longer in zip(short[1:], long[1:], strict=True):
        assert shorter.tobytes() == longer[..., :150].tobytes()


def test_chunks_are_told_where_they_stand():
    """Who sums chunks up needs to know which paths they hold."""
    made = made_up()

    found = [
        (paths.first, paths.totals.shape[-1])
        for paths in simulate(made, total_of(made), spread_of(made), draws=replace(DRAWS, paths=250))
    ]

    assert [(0, 100), (100, 100), (200, 50)] == found


# ---- Laws ------------------------------------------------------------------------------------------------------------


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6), size=st.floats(0, 1), growth=st.floats(0.3, 2))
def test_everybody_is_somewhere_and_of_some_age_on_every_path(seed, size, growth):
    """Whatever is drawn, ages and placements sum to one total, and nobody is counted below nothing."""
    made = made_up(seed)
    spread = spread_of(made, ages=size, walk=size, back=size)

    found = together(made, total_of(made, growth=growth, width=size), spread, Draws(100, seed, 100))

    np.testing.assert_allclose(found.ages.sum(axis=2), found.totals, rtol=1e-4)
    assert min(each.min() for each in found[1:]) >= 0
    assert np.isfinite(found.totals).all()


def test_without_spread_every_path_is_the_point():
    """Widths come from the errors alone."""
    made = made_up()
    total = total_of(made, width=0)
    point = project(made, totals=total.points)

    found = together(made, total, spread_of(made, ages=0, walk=0, back=0), Draws(100, 1, 100))

    for path in (0, 99):
        np.testing.assert_allclose(point.by_age, found.ages[..., path], rtol=1e-4)
        np.testing.assert_allclose(point.by_placement, found.placements[..., path], rtol=1e-4)


def test_totals_are_their_points_times_the_errors_of_growth():
    """In the logs of a path nothing but the forecast's own error stands beside its point."""
    made = made_up()
    total = total_of(made, width=0.06)
    sds = [HALF_80 * MEASURED.growth_sd(ahead) for ahead in range(1, 4)]

    errors = np.log(together(made, total, spread_of(made), Draws(2_000, 1, 1_000)).totals / total.points[:, :, None])

    for at in range(3):
        np.testing.assert_allclose(np.quantile(errors[0, at], 0.9), total.half_widths[0, at], rtol=0.08)
    # One and the same error lasts in part: wide Januaries follow wide ones.
    shares = errors[0] * (np.array(sds) / total.half_widths[0])[:, None]
    persistent = MEASURED.authority_persistent**2 + MEASURED.national_persistent**2
    transient = MEASURED.authority_transient**2 + MEASURED.national_transient**2
    expected = (2 * persistent + transient) / np.sqrt((persistent + transient) * (4 * persistent + 2 * transient))
    assert expected == pytest.approx(np.corrcoef(shares[0], shares[1])[0, 1], abs=0.04)


def slow_path(made, multipliers: Paths, unit: int, path: int) -> list[list[float]]:
    """Plans of one authority by January and age on one path without spread of ages, one number at a time."""
    bands, years = [float(sum(row)) for row in made.stocks[unit]], []
    factor = project(made, totals=total_of(made).points).factor
    for year in range(len(made.years)):
        older = [
            bands[age] * (1 - made.moving_up[age]) + (bands[age - 1] * made.moving_up[age - 1] if age else 0)
            for age in range(len(bands))
        ]
        new = [
            e * r * factor[unit, year] for e, r in zip(made.entry[unit, year], made.residents[unit, year], strict=True)
        ]
        last = len(bands) - 1
        begun = [
            new[age] * (1 - (made.moving_up[age] / 2 if age < last else 0))
            + (new[age - 1] * made.moving_up[age - 1] / 2 if age else 0)
            for age in range(len(bands))
        ]
        joining, every = (float(each[unit, year, path]) for each in (multipliers.joining, multipliers.all_plans))
        stay = made.stay[unit, year]
        bands = [(a * s + joining * b * s) * every for a, b, s in zip(older, begun, stay, strict=True)]
        years.append(bands)
    return years


def test_ages_agree_with_a_slow_count_of_every_path():
    """Years, ages, authorities and paths are not mixed up: the same chain in plain loops, from a path's multipliers."""
    made = made_up()

    found = together(made, total_of(made), spread_of(made, ages=0), Draws(100, 3, 100))

    for unit, path in ((0, 0), (1, 7), (2, 99)):
        np.testing.assert_allclose(slow_path(made, found, unit, path), found.ages[unit, :, :, path], rtol=1e-3)


def test_where_fewer_than_none_would_join_all_ages_shrink_alike():
    """A total below those who stay cannot be reached by joiners: nobody joins, and every age gives up its part."""
    made = made_up(years=1)
    stayed = project(made).stayed[:, 0]

    found = together(made, total_of(made, growth=0.1, width=0.5), spread_of(made, ages=0), Draws(100, 1, 100))

    lost = found.totals[:, 0] < 0.999 * stayed.sum(axis=1)[:, None]
    assert 0.3 < lost.mean() < 0.7
    assert (found.joining[:, 0][lost] == 0).all() and (found.all_plans[:, 0][~lost] > 0.998).all()
    expected = stayed[:, :, None] * found.all_plans[:, 0][:, None]
    np.testing.assert_allclose(expected.transpose(0, 2, 1)[lost], found.ages[:, 0].transpose(0, 2, 1)[lost], rtol=1e-4)


def test_a_point_below_those_who_stay_is_where_all_stay_and_none_join():
    """Such a forecast is not followed at the point, and so not on paths either: both are of one piece."""
    made = made_up(years=1)

    found = together(made, total_of(made, growth=0.1, width=0), spread_of(made, ages=0), Draws(100, 1, 100))

    np.testing.assert_allclose(project(made).stayed[:, 0], found.ages[:, 0, :, 5], rtol=1e-4)


def test_an_authority_without_plans_stays_without():
    """Nought times any error is nought, and no number is made of nothing."""
    made = replace(made_up(), stocks=np.zeros((3, 5, 4)), entry=np.zeros((3, 3, 5)))

    found = together(made, Total(np.zeros((3, 3)), np.full((3, 3), 0.1)), spread_of(made), Draws(100, 1, 100))

    assert (found.ages == 0).all() and (found.placements == 0).all()


# ---- Beside the forecast ---------------------------------------------------------------------------------------------


def test_the_range_of_the_total_is_the_forecasts_own(annual, kent):
    """A reader who meets two ranges of one January asks which to believe."""
    forecast = np.array([step.range(80) for step in annual.forecast(KENT, 5).steps])

    actual = kent.ranges["total"][:, [LOW, HIGH]]

    expected, found = (np.log(ends[:, 1] / ends[:, 0]) for ends in (forecast, actual))
    np.testing.assert_allclose(actual, forecast, rtol=0.03)
    np.testing.assert_allclose(found, expected, rtol=0.1)


def test_medians_lie_near_the_points(kent):
    """Points are not moved to the paths: they must not lie far from their middle either."""
    np.testing.assert_allclose(kent.ranges["total"][:, MEDIAN], kent.totals, rtol=0.01)
    np.testing.assert_allclose(kent.ranges["placement"][:3, :, MEDIAN], kent.by_placement[:3], rtol=0.05)
    np.testing.assert_allclose(kent.ranges["age"][:3, 1:4, MEDIAN], kent.by_age[:3, 1:4], rtol=0.03)


def test_ranges_hold_their_points_and_widen(kent):
    """The further ahead, the less is known: of the total, and of each placement."""
    for name, points in (("total", kent.totals), ("placement", kent.by_placement), ("age", kent.by_age)):
        low, high = (kent.ranges[name][..., at] for at in (LOW, HIGH))
        assert ((low < points) & (points < high)).all(), name
    widths = np.log(kent.ranges["placement"][..., HIGH] / kent.ranges["placement"][..., LOW])
    assert (np.diff(widths, axis=0) > 0).all()


# ---- Scenarios -------------------------------------------------------------------------------------------------------

NOTHING = (
    {"line": "entry_rate", "of": "all", "by_pct": 0},
    {"line": "exit_rate", "of": "Age 16 to 19", "by_pct": 0},
    {"line": "births", "by_pct": 0},
    {"line": "migration", "to": 0},
    {"line": "placement", "of": "independent", "by_pct": 0, "instead": "mainstream"},
    {"line": "high_needs_block", "by_pct": 5},
)


def test_a_scenario_that_changes_nothing_equals_its_base_to_the_last_bit(ready, kent):
    """So that every difference that is shown is the scenario's."""
    other = outlook(ready(KENT), scenario=scenario(*NOTHING))

    assert kent.paths.tobytes() == other.paths.tobytes()
    np.testing.assert_allclose(kent.plans, other.plans, rtol=1e-12)
    for name, ranges in kent.ranges.items():
        assert ranges.tobytes() == other.ranges[name].tobytes(), name


def test_fewer_who_join_are_fewer_plans_on_every_path(ready, kent):
    """A tenth fewer new plans for each resident; where none begin in the first year, none are fewer."""
    other = outlook(ready(KENT), scenario=scenario({"line": "entry_rate", "of": "all", "by_pct": -10}))

    fewer = other.paths.sum(axis=1) < kent.paths.sum(axis=1)
    assert fewer[1:].all() and fewer[0].mean() > 0.99
    assert (other.paths.sum(axis=1) <= kent.paths.sum(axis=1)).all()
    np.testing.assert_allclose(0.9 * kent.began, other.began)
    assert (other.totals < kent.totals).all()


def test_a_change_of_entry_is_that_of_the_year_and_age_it_names(ready):
    """Calendar 2027 and under fives alone: joiners before January 2028, at one age."""
    base = ready(KENT).rates
    change = {"line": "entry_rate", "of": "Under 5", "by_pct": 20, "from": 2027, "until": 2027}

    made = changed(base, scenario(change))

    expected = np.ones((5, 5))
    expected[base.years.index(2028), BANDS.index("Under 5")] = 1.2
    np.testing.assert_allclose(expected, (made.entry / base.entry)[0])
    assert (base.stay == made.stay).all() and (base.mix == made.mix).all()


def test_more_who_end_are_more_by_the_share_that_ends(ready):
    """Half as many again end: half of the share of plans that ceased leaves in addition, from January 2027."""
    base = ready(KENT).rates

    made = changed(base, scenario({"line": "exit_rate", "of": "Age 16 to 19", "by_pct": 50, "from": 2027}))

    at = BANDS.index("Age 16 to 19")
    np.testing.assert_allclose(base.stay[0, 1:, at] - 0.5 * base.ending[0, at], made.stay[0, 1:, at])
    assert (base.stay[0, 0] == made.stay[0, 0]).all()


def test_nobody_is_left_below_nothing_who_stays():
    """Ten times as many plans that end cannot be more than all."""
    made = replace(made_up(years=1), ages=("Under 5", *"abcd"), ending=np.full((3, 5), 0.5))

    found = changed(made, scenario({"line": "exit_rate", "of": "Under 5", "by_pct": 1000}))

    assert (found.stay[:, :, 0] == 0).all()


def test_children_placed_elsewhere_leave_every_total_as_it_was(ready, kent):
    """A fifth of those in independent schools are in state special schools instead, on every path."""
    change = {"line": "placement", "of": "independent", "by_pct": -20, "instead": "state special"}

    other = outlook(ready(KENT), scenario=scenario(change))

    np.testing.assert_allclose(kent.totals, other.totals)
    np.testing.assert_allclose(kent.paths.sum(axis=1), other.paths.sum(axis=1), rtol=1e-5)
    away, to = PLACEMENTS.index("independent"), PLACEMENTS.index("state special")
    np.testing.assert_allclose(0.8 * kent.by_placement[:, away], other.by_placement[:, away])
    moved = kent.by_placement[:, away] - other.by_placement[:, away]
    np.testing.assert_allclose(moved, other.by_placement[:, to] - kent.by_placement[:, to])
    rest = [at for at in range(len(PLACEMENTS)) if at not in (away, to)]
    np.testing.assert_allclose(kent.by_placement[:, rest], other.by_placement[:, rest])


def test_no_more_children_are_moved_than_there_are():
    """Ten times as many in independent schools cannot come from fewer in mainstream than there are."""
    made = replace(made_up(placements=2), placements=("mainstream", "independent"))

    found = changed(made, scenario({"line": "placement", "of": "independent", "by_pct": 1000, "instead": "mainstream"}))

    np.testing.assert_allclose(found.mix.sum(axis=3), 1)
    np.testing.assert_allclose(np.minimum(11 * made.mix[..., 1], 1), found.mix[..., 1])


def test_fewer_births_are_fewer_plans_of_young_children(ready, kent):
    """Half as many births from now on: under fives lose plans year by year; bands move up in parts, others hardly."""
    other = outlook(ready(KENT), scenario=scenario({"line": "births", "by_pct": -50}))

    young = other.by_age[:, 0] / kent.by_age[:, 0]
    assert (young < 1).all() and (np.diff(young) < 0).all()
    np.testing.assert_allclose(kent.by_age[:, 2:], other.by_age[:, 2:], rtol=0.01)
    np.testing.assert_allclose(kent.by_age[0, 2:], other.by_age[0, 2:])


def test_people_who_move_in_bring_new_plans_at_the_same_rate(ready, kent):
    """One per cent more residents of every age a year from now on: 1.01 times the new plans, then 1.01 squared."""
    other = outlook(ready(KENT), scenario=scenario({"line": "migration", "to": 1}))

    np.testing.assert_allclose(1.01 * kent.began[0], other.began[0])
    # Of those born since, it holds from their birth on.
    assert other.began[4] == pytest.approx(1.01**5 * kent.began[4], rel=5e-3)


def test_what_is_past_is_as_it_was(ready):
    """Births and migration of a scenario change no year before the first January it forecasts."""
    kent = ready(KENT)
    asked = scenario({"line": "migration", "to": 1}, {"line": "births", "by_pct": -50})

    first = _residents(kent, asked)[0, 0]

    assert kent.single[0] < kent.origin - 1
    np.testing.assert_allclose(1.01 * kent.residents[1, 1:], first[1:])
    births = kent.single[1][0]
    np.testing.assert_allclose(1.01 * (kent.residents[1, 0] - births / 2), first[0])


def test_births_without_residents_by_age_are_refused(ready):
    """A line that would change nothing in silence is told, with its row."""
    unknown = replace(ready(KENT), single=None, residents=None)

    with pytest.raises(SchemaError, match=r"scenarios/other\.yml: row 1, births: no residents of Kent"):
        outlook(unknown, scenario=scenario({"line": "births", "by_pct": -5}))


# ---- Faults and speed ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("total", "spread", "told"),
    [
        ({"half_widths": np.full((3, 3), -0.1)}, {}, "half-widths of the total: found -0.1"),
        ({"points": np.full((3, 3), np.nan)}, {}, "points of the total: found nan"),
        ({"points": np.ones((3, 2))}, {}, r"points of the total: found shape \(3, 2\). Expected \(3, 3\)"),
        ({}, {"ages": np.ones((3, 4))}, r"spread of ages: found shape \(3, 4\)"),
        ({}, {"walk": np.full((3, 4), -1.0)}, "spread of placements, walk: found -1"),
        ({}, {"back": np.ones((4, 3))}, r"spread of placements, back: found shape \(4, 3\)"),
    ],
)
def test_what_does_not_fit_is_named(total, spread, told):
    """A wrong axis would be broadcast into figures that look right."""
    made = made_up()
    given = replace(total_of(made), **total), replace(spread_of(made), **spread)

    with pytest.raises(SchemaError, match=told):
        list(simulate(made, *given, draws=DRAWS))


def test_faults_of_numbers_are_told_together():
    """Not one a run."""
    made = made_up()
    total, spread = total_of(made, width=-0.1), spread_of(made, ages=-1, back=-1)

    with pytest.raises(SchemaError) as found:
        list(simulate(made, total, spread, draws=DRAWS))

    assert 3 == len(found.value.faults)


def test_a_scenario_of_one_authority_takes_no_time(ready):
    """1,000 paths by age and placement, with their base: a fraction of a second."""
    kent, other = ready(KENT), scenario({"line": "entry_rate", "of": "all", "by_pct": -10})
    start = time.perf_counter()

    made = outlook(kent, scenario=other, draws=Draws(1_000, 0, 1_000))

    assert time.perf_counter() - start < 1
    assert (5, len(PLACEMENTS), 1_000) == made.paths.shape


def test_all_authorities_take_less_than_half_a_minute(panel, annual, ready):
    """152 times 1,000 paths of five years, forecasts of the total included."""
    today = panel.areas[panel.areas["level"].eq("local authority") & panel.areas["closed"].eq("")]["area_code"]
    start = time.perf_counter()

    made = [outlook(each, draws=Draws(1_000, 0, 1_000)) for each in map(ready, today) if each is not None]

    assert time.perf_counter() - start < 30
    assert len(today) - 1 == len(made)
    assert all(np.isfinite(each.ranges["age"]).all() for each in made)


def test_the_order_of_authorities_does_not_change_their_points():
    """Draws hang on an authority's place in the run; the point that they swing about does not."""
    made = made_up()
    still = spread_of(made, ages=0, walk=0, back=0)

    one = together(made, total_of(made, width=0), still, Draws(100, 1, 100))
    other = together(of_order(made, [2, 0, 1]), total_of(of_order(made, [2, 0, 1]), width=0), still, Draws(100, 1, 100))

    np.testing.assert_array_equal(one.ages[[2, 0, 1]], other.ages)
