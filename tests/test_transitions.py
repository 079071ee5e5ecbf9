"""The local chain: children are counted once and none is lost, rates lean on neighbours, paths keep to their total."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from highneeds.errors import SchemaError
from highneeds.measures.local_moves import FIRST_YEAR, Pair
from highneeds.models.caseload.flows import PLACEMENTS
from highneeds.models.caseload.local_paths import changed_course, course_of, project_chain, simulate_chain
from highneeds.models.caseload.simulate import Total
from highneeds.models.caseload.spread import Spread
from highneeds.models.caseload.transitions import (
    CERTAIN,
    DISPERSION,
    NEAR,
    STAGE,
    STAGES,
    YEAR_GROUPS,
    Moves,
    _pearson,
    chain,
    count_moves,
    dispersion,
    in_groups,
    leaving_by_group,
    name_of,
    scaled,
)
from highneeds.models.growth_error import Draws
from highneeds.models.yearly.history import BANDS
from highneeds.scenarios import make_scenario

GROUPS, PLACES = len(YEAR_GROUPS), len(PLACEMENTS)
MAIN, UNIT, SPECIAL, INDEPENDENT, LATE, OTHER = range(PLACES)
OUT = PLACES
DRAWS = Draws(paths=200, seed=7, chunk=100)
YEAR_6, YEAR_7 = 6 - FIRST_YEAR, 7 - FIRST_YEAR


def januarys(*rows) -> pd.DataFrame:
    """A January's children: person_id, year_group, placement."""
    return pd.DataFrame(rows, columns=["person_id", "year_group", "placement"])


def counts_of(*cells, pairs: int = 1, joined: float = 100.0) -> Moves:
    """Moves with the same counts in every pair: (year group, from, to, count); as many join everywhere."""
    moved = np.zeros((pairs, GROUPS, PLACES, PLACES + 1))
    for group, source, target, count in cells:
        moved[:, group - FIRST_YEAR, source, target] = count
    stocks = np.full((GROUPS, PLACES), 10.0)
    return Moves(2025, stocks, moved, np.full((pairs, GROUPS, PLACES), joined), 1.0)


def known_chain():
    """A chain of 21,000 plans in which children of different placements move differently."""
    rng = np.random.default_rng(1)
    moves = np.zeros((GROUPS, PLACES, PLACES + 1))
    for low, high in STAGES:
        stay = 0.6 if low in (6, 11) else 0.9
        shares = rng.dirichlet(np.ones(PLACES + 1), PLACES)
        rates = stay * np.eye(PLACES, PLACES + 1) + (1 - stay) * shares
        moves[low - FIRST_YEAR : high - FIRST_YEAR + 1] = rates
    stocks = rng.integers(80, 200, (GROUPS, PLACES)).astype(float)
    joiners = rng.integers(20, 60, (GROUPS, PLACES)).astype(float)
    return moves, stocks, joiners


def simulated(pairs: int) -> tuple[Moves, np.ndarray, np.ndarray]:
    """Children who moved by the known chain, and the chain's moves and joiners."""
    moves, stocks, joiners = known_chain()
    rng = np.random.default_rng(2)
    shape = (pairs, GROUPS, PLACES)
    moved = rng.multinomial(np.broadcast_to(stocks.astype(int), shape), np.broadcast_to(moves, (*shape, PLACES + 1)))
    joined = rng.poisson(np.broadcast_to(joiners, shape))
    return Moves(2025, stocks, moved.astype(float), joined.astype(float), 1.0), moves, joiners


@pytest.fixture(scope="module")
def made():
    """A chain from four pairs of simulated Januaries."""
    return chain(simulated(4)[0])


def total_of(plans: float, *, growth: float = 1.05, width: float = 0.0, years: int = 4) -> Total:
    """A forecast that grows by so much a year."""
    ahead = np.arange(1, years + 1)
    return Total(plans * growth ** ahead[None], np.full((1, years), width) * ahead)


def scenario(*changes: dict):
    """A scenario of these changes."""
    given = {"name": "Other", "about": "What if", "changes": list(changes)}
    return make_scenario(given, range(1, len(changes) + 1), "scenarios/other.yml")


# ---- Counting --------------------------------------------------------------------------------------------------------


def test_a_child_stays_moves_leaves_or_joins():
    """One stays, one moves at year 7, one leaves and one joins."""
    before = januarys((1, 3, "mainstream"), (2, 6, "mainstream"), (3, 12, "post-16"))
    after = januarys((1, 4, "mainstream"), (2, 7, "state special"), (4, 0, "other"))

    counted = count_moves([Pair(2025, before, after)])

    assert (1, 1, 1) == (
        counted.moved[0, 3 - FIRST_YEAR, MAIN, MAIN],
        counted.moved[0, YEAR_6, MAIN, SPECIAL],
        counted.moved[0, 12 - FIRST_YEAR, LATE, OUT],
    )
    assert (3, 1, 3) == (counted.children, counted.joined[0, 0 - FIRST_YEAR, OTHER], counted.stocks.sum())


def test_a_placement_that_is_not_told_is_neither_a_leaver_nor_a_joiner():
    """Who holds a plan in both Januaries has not left because one of them says nothing of a school."""
    before = januarys((1, 3, "mainstream"), (2, 3, "not recorded"))
    after = januarys((1, 4, "not recorded"), (2, 4, "mainstream"))

    counted = count_moves([Pair(2025, before, after)])

    assert (0, 0, 2) == (counted.moved.sum(), counted.joined.sum(), counted.stocks.sum())


def test_leavers_whose_placement_is_lost_still_leave():
    """Of two stayers both are told, of two leavers one: each told leaver stands for two."""
    before = januarys((1, 3, "mainstream"), (2, 3, "mainstream"), (3, 3, "mainstream"), (4, 3, "not recorded"))
    after = januarys((1, 4, "mainstream"), (2, 4, "mainstream"))

    counted = count_moves([Pair(2025, before, after)])

    assert (2.0, 1.0) == (counted.leavers, counted.moved[..., OUT].sum())


def test_stocks_may_be_those_of_an_earlier_january():
    """A forecast starts from the last January that DfE has published, though the cases are newer."""
    first, second = januarys((1, 3, "mainstream")), januarys((1, 4, "mainstream"), (2, 4, "other"))

    counted = count_moves([Pair(2025, first, second)], january=2024)

    assert (2024, 1.0) == (counted.january, counted.stocks.sum())


def test_a_january_that_is_not_held_is_refused():
    """Stocks of another year would be brought to this year's number in silence."""
    with pytest.raises(SchemaError, match="found 2024, 2025. Expected 2026"):
        count_moves([Pair(2025, januarys((1, 3, "other")), januarys((1, 4, "other")))], january=2026)


def test_every_year_group_is_in_one_stage():
    """A year group in two stages would be overwritten, one in none left empty."""
    assert list(YEAR_GROUPS) == [group for low, high in STAGES for group in range(low, high + 1)]


def test_year_groups_have_names():
    """A table of ages is read by people."""
    assert ["4 years before reception", "1 year before reception", "Reception", "Year 11"] == [
        name_of(group) for group in (-4, -1, 0, 11)
    ]


# ---- Rates -----------------------------------------------------------------------------------------------------------


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10_000), mean=st.sampled_from([0.01, 1.0, 50.0]))
def test_shares_of_moves_sum_to_one(seed, mean):
    """Every child is somewhere a year later, however thin the counts."""
    rng = np.random.default_rng(seed)
    moved = rng.poisson(mean, (2, GROUPS, PLACES, PLACES + 1)).astype(float)
    moved[0, 0, 0, 0] += 1

    moves = chain(replace(counts_of(), moved=moved)).moves

    assert pytest.approx(np.ones((GROUPS, PLACES))) == moves.sum(axis=2)
    assert (moves >= 0).all()


def test_a_year_group_without_children_moves_as_its_stage():
    """Year 8 was never seen in a unit; years 7 and 9 were, and half of them moved."""
    cells = [(group, UNIT, target, 500) for group in (7, 9) for target in (UNIT, MAIN)]

    moves = chain(counts_of(*cells)).moves

    assert 0.5 == pytest.approx(moves[8 - FIRST_YEAR, UNIT, UNIT], abs=0.03)


def test_a_year_group_with_many_children_moves_as_itself():
    """A stage of movers does not touch 100,000 who stayed."""
    cells = [(7, UNIT, MAIN, 500), (9, UNIT, MAIN, 500), (8, UNIT, UNIT, 100_000)]

    moves = chain(counts_of(*cells)).moves

    assert 1 == pytest.approx(moves[8 - FIRST_YEAR, UNIT, UNIT], abs=0.001)


def test_a_stage_without_children_moves_as_the_whole_authority_and_leaves_as_england():
    """Nobody was seen in year 6: those who stay move as at other ages, and England tells how many end."""
    cells = [(group, MAIN, target, 10_000) for group in (2, 3) for target in (MAIN, SPECIAL)]
    leaving = np.full(GROUPS, 0.2)

    moves = chain(counts_of(*cells), leaving=leaving).moves

    assert (0.2, 0.4) == (
        pytest.approx(moves[YEAR_6, MAIN, OUT]),
        pytest.approx(moves[YEAR_6, MAIN, SPECIAL], abs=0.01),
    )


def test_a_thin_stage_leans_on_the_whole_authority():
    """By hand: 50 of year 6, who all moved, and 50 that move as all ages do, of whom one in a thousand moves."""
    cells = [(group, MAIN, MAIN, 25_000) for group in (2, 3)]

    moves = chain(counts_of(*cells, (6, MAIN, SPECIAL, 50)), leaving=np.zeros(GROUPS)).moves

    stage = (50 + STAGE * 50 / 50_070) / (50 + STAGE)
    assert (50 + NEAR * stage) / (50 + NEAR) == pytest.approx(moves[YEAR_6, MAIN, SPECIAL])


def test_leavers_whose_placement_is_seldom_told_count_for_more():
    """Each told leaver stands for two: 100 of 1,000 told is 200 of 1,100."""
    made = counts_of((3, MAIN, MAIN, 900_000), (3, MAIN, OUT, 100_000))

    moves = chain(replace(made, leavers=2.0)).moves

    assert 200 / 1_100 == pytest.approx(moves[3 - FIRST_YEAR, MAIN, OUT], rel=0.001)


@settings(max_examples=20, deadline=None)
@given(own=st.integers(0, 10_000))
def test_a_rate_lies_between_its_own_and_its_stages(own):
    """Weights are the counts and NEAR: the more children, the nearer to their own rate."""
    cells = [(7, MAIN, SPECIAL, 400), (9, MAIN, MAIN, 400), (8, MAIN, MAIN, own)]

    shrunk = chain(counts_of(*cells))

    stage = chain(counts_of(*cells, (10, MAIN, MAIN, 0))).moves[10 - FIRST_YEAR, MAIN, MAIN]
    assert (own + NEAR * stage) / (own + NEAR) == pytest.approx(shrunk.moves[8 - FIRST_YEAR, MAIN, MAIN])


def test_plans_end_with_the_year_of_the_25th_birthday():
    """Section 46 of the Act goes no further than the end of that academic year."""
    made = chain(counts_of((20, OTHER, OTHER, 50)))

    assert 1 == made.moves[-1, OTHER, OUT]
    assert CERTAIN == made.concentration[-1, OTHER].sum()


def test_joiners_of_a_stage_keep_their_sum():
    """Year groups are drawn to each other, but nobody is made up."""
    moves = counts_of((1, MAIN, MAIN, 10), pairs=2, joined=0)
    joined = moves.joined.copy()
    joined[:, 1 - FIRST_YEAR, MAIN], joined[:, 2 - FIRST_YEAR, SPECIAL] = 90, 10

    made = chain(replace(moves, joined=joined))

    year_1, year_2 = made.joiners[1 - FIRST_YEAR].sum(), made.joiners[2 - FIRST_YEAR].sum()
    assert 100 == pytest.approx(made.joiners.sum())
    assert 90 > year_1 > year_2 > 10


def test_without_joiners_there_is_no_chain():
    """A total could not be reached by more of none."""
    with pytest.raises(SchemaError, match="nobody joined"):
        chain(counts_of((1, MAIN, MAIN, 10), joined=0))


def test_a_known_chain_is_found_again():
    """Four years of 21,000 children: rates and joiners are as they were made, within chance."""
    counted, moves, joiners = simulated(4)

    found = chain(counted)

    error = (found.moves - moves)[:-1]
    assert 0.012 > np.sqrt((error**2).mean())
    assert 0.10 > np.abs(error).max()
    assert 0 == pytest.approx(error.mean(axis=(0, 1)), abs=0.004)
    assert joiners.sum() == pytest.approx(found.joiners.sum(), rel=0.02)
    assert joiners == pytest.approx(found.joiners, rel=0.5)


def test_englands_leaving_is_taken_by_the_age_a_year_later():
    """A child of year 11 is 16 or 17 next January, one of reception 5 or 6."""
    leaving = leaving_by_group(np.array([0.1, 0.2, 0.3, 0.4, 0.5]))

    assert [0.2, 0.4] == [pytest.approx(leaving[group - FIRST_YEAR]) for group in (0, 11)]


def test_a_year_group_that_a_birthday_divides_stands_in_two_bands():
    """Of reception in mid-January 4.5 in 12 have turned 5."""
    under_5 = in_groups(np.array([1.0, 0, 0, 0, 0]))

    assert [1.0, pytest.approx(1 - 4.5 / 12), 0.0] == [under_5[group - FIRST_YEAR] for group in (-1, 0, 1)]


# ---- Dispersion ------------------------------------------------------------------------------------------------------


def test_two_years_cannot_tell_how_years_differ():
    """The stated assumption stands until three pairs are held."""
    assert DISPERSION == dispersion(counts_of((3, MAIN, MAIN, 50), pairs=2))


def test_years_by_chance_have_a_dispersion_near_one():
    """Simulated years differ by chance alone."""
    assert 1 == pytest.approx(dispersion(simulated(4)[0]), abs=0.2)


def test_years_that_differ_have_a_dispersion_over_one():
    """By hand: 50, 100 and 150 of 200 move, so 50% in all: chi-square 50 over 2 x 600 / 599."""
    moves = counts_of(pairs=3)
    for year, count in enumerate((50, 100, 150)):
        moves.moved[year, 3 - FIRST_YEAR, MAIN, [SPECIAL, MAIN]] = count, 200 - count

    found = dispersion(moves)

    assert 100 / (2 * 600 / 599) == pytest.approx(found)


def test_the_chi_square_expected_by_chance_is_exact_for_small_cells():
    """Four children, two a year, two of them move: the mean over all six ways is 4/3."""
    tables = []
    for movers in combinations(range(4), 2):
        first = sum(child < 2 for child in movers)
        tables.append(np.array([[first, 2 - first], [2 - first, first]], dtype=float))

    found = np.mean([_pearson(table)[0] for table in tables])

    assert _pearson(tables[0])[1] == pytest.approx(found)


# ---- The point -------------------------------------------------------------------------------------------------------


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000), exit_pct=st.integers(-100, 300))
def test_nobody_is_lost(seed, exit_pct):
    """Next January = this one - those who left + those who joined, whatever the rates."""
    rng = np.random.default_rng(seed)
    moved = rng.poisson(2.0, (1, GROUPS, PLACES, PLACES + 1)).astype(float)
    made = chain(replace(counts_of(), moved=moved))
    course = changed_course(course_of(made, 3), scenario({"line": "exit_rate", "of": "all", "by_pct": exit_pct}))

    walk = project_chain(course)

    before = np.array([made.stocks.sum(), *walk.plans.sum(axis=(1, 2))[:-1]])
    assert before - walk.left + walk.joined.sum(axis=(1, 2)) == pytest.approx(walk.plans.sum(axis=(1, 2)))
    assert (walk.left >= -1e-9).all() and (walk.plans >= 0).all()


def test_children_grow_a_year_older_every_january():
    """A hundred children of year 6 are in year 7 a year on, and their leavers gone."""
    made = chain(counts_of((6, MAIN, MAIN, 90_000), (6, MAIN, OUT, 10_000)))
    stocks = np.zeros((GROUPS, PLACES))
    stocks[YEAR_6, MAIN] = 100

    walk = project_chain(course_of(replace(made, stocks=stocks), 1))

    assert (90, 0) == (pytest.approx(walk.stayed[0, YEAR_7, MAIN], abs=0.1), walk.stayed[0, YEAR_6].sum())


def test_the_total_is_reached_by_joiners(made):
    """The forecast says how many; the cases say who."""
    wanted = total_of(made.stocks.sum()).points[0]

    walk = project_chain(course_of(made, 4), totals=wanted)

    assert wanted == pytest.approx(walk.plans.sum(axis=(1, 2)))


def test_a_year_that_is_not_forecast_keeps_the_last_factor(made):
    """Beyond the forecast the joiners go on as they came."""
    walk = project_chain(course_of(made, 3), totals=np.array([made.stocks.sum()]))

    assert walk.factor[0] == walk.factor[1] == walk.factor[2]


@settings(max_examples=10, deadline=None)
@given(times=st.floats(0.01, 100))
def test_twice_the_plans_is_twice_the_plans(times):
    """Rates do not depend on size: stocks, joiners and total grow alike."""
    small = chain(counts_of((3, MAIN, MAIN, 50), (6, MAIN, SPECIAL, 20)))
    wanted = total_of(small.stocks.sum()).points[0]

    large = project_chain(course_of(scaled(small, times * small.stocks.sum()), 4), totals=times * wanted)

    assert times * project_chain(course_of(small, 4), totals=wanted).plans == pytest.approx(large.plans)


def test_joiners_follow_the_residents_of_their_age(made):
    """Twice as many children of 4 and 5 next mid-year: twice the joiners in reception, the others as before."""
    residents = np.full((2, 26), 1_000.0)
    residents[1, [3, 4]] = 2_000

    walk = project_chain(course_of(made, 1, residents=residents))

    ratio = walk.joined[0].sum(axis=1) / made.joiners.sum(axis=1)
    assert [2, pytest.approx(1 + 1 / 6), 1] == [pytest.approx(ratio[group - FIRST_YEAR]) for group in (0, 1, 2)]


# ---- Scenarios -------------------------------------------------------------------------------------------------------


def test_a_tenth_fewer_new_plans_of_an_age_are_a_tenth_fewer_joiners(made):
    """Ages 5 to 10 are years 1 to 5 whole; year 11 is not touched; the calendar year is that before the January."""
    asked = scenario({"line": "entry_rate", "of": "Age 5 to 10", "by_pct": -10, "from": "2026"})

    walk = project_chain(changed_course(course_of(made, 2), asked))

    ratio = walk.joined.sum(axis=2) / made.joiners.sum(axis=1)
    assert [1, 1] == [pytest.approx(ratio[0, YEAR_6 - 1]), pytest.approx(ratio[1, 11 - FIRST_YEAR])]
    assert 0.9 == pytest.approx(ratio[1, 3 - FIRST_YEAR])


def test_a_higher_exit_rate_ends_that_many_more_plans(made):
    """Half as many again end; who stays moves as before."""
    asked = scenario({"line": "exit_rate", "of": "all", "by_pct": 50})
    ends = (made.stocks * made.moves[..., OUT])[:-1].sum()

    more = project_chain(changed_course(course_of(made, 1), asked)).left[0]

    assert 0.5 * ends == pytest.approx(more - project_chain(course_of(made, 1)).left[0])


def test_an_exit_rate_of_an_age_is_of_those_who_have_it_a_year_later(made):
    """Next January all of year 11 are 16 or 17, of year 10 those 4.5 in 12 who have had their birthday are 16."""
    asked = scenario({"line": "exit_rate", "of": "Age 16 to 19", "by_pct": 100})

    leaving = changed_course(course_of(made, 1), asked).leaving[0]

    assert [1, 1 + 4.5 / 12, 2] == [pytest.approx(leaving[group - FIRST_YEAR]) for group in (9, 10, 11)]


def test_children_placed_elsewhere_do_not_change_the_total(made):
    """A quarter of independent placements in state special schools instead, from 2027 on."""
    change = {"line": "placement", "of": "independent", "instead": "state special", "by_pct": -25, "from": "2027"}
    base, course = course_of(made, 2), changed_course(course_of(made, 2), scenario(change))

    now, then = project_chain(base).plans.sum(axis=1), project_chain(course).plans.sum(axis=1)

    assert now[0] == pytest.approx(then[0])
    assert 0.75 * now[1, INDEPENDENT] == pytest.approx(then[1, INDEPENDENT])
    assert now[1].sum() == pytest.approx(then[1].sum())


def test_a_scenario_that_changes_nothing_has_the_bytes_of_its_base(made):
    """Both meet the same draws, so that what differs is the scenario."""
    base, total = course_of(made, 4), total_of(made.stocks.sum(), width=0.05)
    nothing = changed_course(base, scenario({"line": "entry_rate", "of": "all", "by_pct": 0}))

    as_is = simulate_chain(base, total, draws=DRAWS)

    assert as_is.placements.tobytes() == simulate_chain(nothing, total, draws=DRAWS, base=base).placements.tobytes()


def test_a_scenario_keeps_the_multipliers_of_its_base(made):
    """Fewer join in every path, and no path is pulled back to the total."""
    base, total = course_of(made, 4), total_of(made.stocks.sum(), width=0.05)
    fewer = changed_course(base, scenario({"line": "entry_rate", "of": "all", "by_pct": -20}))

    as_is, other = simulate_chain(base, total, draws=DRAWS), simulate_chain(fewer, total, draws=DRAWS, base=base)

    assert as_is.joining.tobytes() == other.joining.tobytes()
    assert (other.totals < as_is.totals).all()


# ---- Paths -----------------------------------------------------------------------------------------------------------


def test_without_any_width_every_path_is_the_point(made):
    """No dispersion, no error of the total: the paths are the projection."""
    course, total = course_of(replace(made, dispersion=0.0), 4), total_of(made.stocks.sum())
    point = project_chain(course, totals=total.points[0])

    paths = simulate_chain(course, total, draws=DRAWS)

    for found, wanted in ((paths.placements, point.plans.sum(axis=1)), (paths.ages, point.plans.sum(axis=2))):
        assert np.broadcast_to(wanted[None, ..., None], found.shape) == pytest.approx(found, rel=1e-5)


def test_a_seed_gives_the_same_bytes_and_a_longer_run_begins_with_the_shorter(made):
    """A figure in a report can be made again."""
    course, total = course_of(made, 4), total_of(made.stocks.sum(), width=0.05)
    spread = Spread(np.full((1, len(BANDS)), 0.05), np.full((1, PLACES), 0.1), np.full((1, PLACES), 0.05))

    short = simulate_chain(course, total, spread, draws=DRAWS)
    long = simulate_chain(course, total, spread, draws=replace(DRAWS, paths=350))

    assert short.placements.tobytes() == long.placements[..., :200].tobytes()
    assert short.ages.tobytes() != simulate_chain(course, total, spread, draws=replace(DRAWS, seed=8)).ages.tobytes()


def test_paths_by_year_group_and_by_placement_have_the_same_total(made):
    """Placements swing within a year group, never its number."""
    spread = Spread(np.full((1, len(BANDS)), 0.05), np.full((1, PLACES), 0.3), np.full((1, PLACES), 0.1))

    paths = simulate_chain(course_of(made, 4), total_of(made.stocks.sum(), width=0.05), spread, draws=DRAWS)

    assert paths.totals == pytest.approx(paths.ages.sum(axis=2), rel=1e-5)


def test_ranges_are_wider_the_further_beyond_chance_years_swing(made):
    """Nine times the variance is about three times the width."""
    total, draws = total_of(made.stocks.sum(), years=1), replace(DRAWS, paths=2_000)

    sizes = [
        simulate_chain(course_of(replace(made, dispersion=wide), 1), total, draws=draws).placements[0, 0].std(axis=-1)
        for wide in (1.0, 9.0)
    ]

    assert 3 == pytest.approx((sizes[1] / sizes[0]).mean(), rel=0.1)


def test_a_years_swing_has_the_variance_it_was_given(made):
    """By hand for one placement: wide x p (1 - p) x (n + n x n / N) of each row, and of joiners."""
    wide, course = 4.0, course_of(replace(made, dispersion=4.0), 1)
    stocks, seen, moves = made.stocks, made.concentration.sum(axis=2), made.moves
    loose = total_of(made.stocks.sum() * 1.05, years=1)
    stay = moves[..., SPECIAL]
    flows = (wide * stay * (1 - stay) * (stocks + stocks**2 / seen))[:-1].sum()

    paths = simulate_chain(course, loose, draws=replace(DRAWS, paths=4_000))

    factor = project_chain(course, totals=loose.points[0]).factor[0]
    joined = (wide * factor * made.joiners[:, SPECIAL] * (1 + factor / made.pairs)).sum()
    assert np.sqrt(flows + joined) == pytest.approx(paths.placements[0, 0, SPECIAL].std(), rel=0.25)


def test_totals_without_sense_are_refused(made):
    """All faults of a forecast come together."""
    with pytest.raises(SchemaError) as caught:
        simulate_chain(course_of(made, 2), Total(np.array([[-1.0, 5.0]]), np.array([[np.nan, 0.1]])), draws=DRAWS)

    assert 2 == len(caught.value.faults)
