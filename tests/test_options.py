"""Option calculators: the papers' arithmetic where they have any, answers worked out by hand elsewhere, and laws."""

import math
from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from highneeds.errors import SchemaError
from highneeds.models.options import alternative_provision as flow
from highneeds.models.options import banding, grant, inclusion, invest, placements, places, schools
from highneeds.periods import years_between, years_on

EXCLUSIONS = pd.DataFrame(
    {
        "academic_year": ["2016/17", "2017/18", "2018/19"],
        "phase": "Secondary",
        "exclusions": [40.0, 60.0, 50.0],
        "row": [2, 3, 4],
        "file": "options/alternative_provision_exclusions.csv",
    }
)
FLOW = pd.DataFrame(
    {
        "phase": ["Secondary"],
        "reintegrated_low_pct": [50.0],
        "reintegrated_pct": [50.0],
        "reintegrated_high_pct": [50.0],
        "return_months": [6.0],
        "stay_months": [6.0],
        "leavers_pct": [20.0],
        "growth_pct": [0.0],
        "placed_at_end": [10.0],
        "target_year": ["2020/21"],
        "row": [2],
        "file": "options/alternative_provision_flow.csv",
    }
)


def test_places_follow_exclusions_stay_return_and_leavers():
    """W2 by hand: 50 a year x half a year, 10 still placed x three quarters; a year on, (10 + 50) x 0.5 x 0.8 are."""
    actual = flow.places_needed(EXCLUSIONS, FLOW)

    assert ["2019/20", "2020/21"] == actual["academic_year"].tolist()
    assert [25 + 10 * 0.75, 25 + 24 * 0.75] == actual["places"].tolist()


def test_the_worst_year_stands_beside_the_expectation():
    """W2 asks for the year with most exclusions: 60 x half a year and 10 x three quarters; then 28 are still placed."""
    actual = flow.places_needed(EXCLUSIONS, FLOW)

    assert [30 + 7.5, 30 + 28 * 0.75] == actual["worst"].tolist()
    assert actual["low"].lt(actual["places"]).all()
    assert actual["places"].lt(actual["high"]).all()


def test_growth_is_counted_from_the_last_known_year():
    """10% a year: 55 exclusions in the first year ahead, 60.5 in the second."""
    actual = flow.places_needed(EXCLUSIONS, FLOW.assign(growth_pct=10.0))

    assert [55.0, 60.5] == actual["exclusions"].round(9).tolist()


def test_years_that_differ_more_than_chance_widen_the_range():
    """The same mean with a larger spread must give less certainty."""
    steady = flow.places_needed(EXCLUSIONS.assign(exclusions=[50.0, 50.0, 50.0]), FLOW)
    wild = flow.places_needed(EXCLUSIONS.assign(exclusions=[10.0, 90.0, 50.0]), FLOW)

    widths = [(made["high"] - made["low"]).iloc[-1] for made in (steady, wild)]

    assert 2 * widths[0] < widths[1]


def test_steady_years_are_still_poisson():
    """Three equal counts do not prove certainty: the spread of a year is at least that of chance."""
    level = flow.level_of(EXCLUSIONS.assign(exclusions=[50.0, 50.0, 50.0]))

    assert (50.0, 50.0) == (level.mean, level.variance)


def test_drawn_exclusions_have_the_mean_and_spread_they_should():
    """Variance of a future year: that of years (100) and that of the mean of three years (100 / 3)."""
    level = flow.Level(mean=50.0, variance=100.0, years=3, worst=60, last_year="2018/19")

    drawn = flow._draw(level, np.ones(1), np.random.default_rng(1))[0]

    assert 50.0 == pytest.approx(drawn.mean(), rel=0.01)
    assert 100 + 100 / 3 == pytest.approx(drawn.var(), rel=0.06)


def test_unsure_returns_widen_the_range():
    """What nobody measured must show."""
    sure = flow.places_needed(EXCLUSIONS, FLOW)
    unsure = flow.places_needed(EXCLUSIONS, FLOW.assign(reintegrated_low_pct=10.0, reintegrated_high_pct=90.0))

    widths = [(made["high"] - made["low"]).iloc[0] for made in (sure, unsure)]

    assert widths[0] < widths[1]


def test_phases_are_added_path_by_path():
    """Both at their worst at once is rarer than either: the range of the sum is narrower than the sum of ranges."""
    both = pd.concat([EXCLUSIONS, EXCLUSIONS.assign(phase="Primary")], ignore_index=True)

    actual = flow.places_needed(both, pd.concat([FLOW, FLOW.assign(phase="Primary")], ignore_index=True))

    last = actual[actual["academic_year"].eq("2020/21")].set_index("phase")
    widths = last["high"] - last["low"]
    assert last["places"][flow.ALL] == last["places"]["Primary"] + last["places"]["Secondary"]
    assert widths[flow.ALL] < widths["Primary"] + widths["Secondary"]


def test_the_order_of_rows_changes_no_place():
    """Two people who sort their file differently get the same answer, and so does one who runs it twice."""
    expected = flow.places_needed(EXCLUSIONS, FLOW)

    pd.testing.assert_frame_equal(expected, flow.places_needed(EXCLUSIONS.iloc[::-1], FLOW))


def test_no_exclusions_and_nobody_placed_need_no_places():
    """Nothing in, nothing out."""
    actual = flow.places_needed(EXCLUSIONS.assign(exclusions=0.0), FLOW.assign(placed_at_end=0.0))

    assert {0.0} == set(actual[["places", "low", "high", "worst"]].to_numpy().ravel())


def test_one_year_of_exclusions_is_refused():
    """It says nothing of how far years differ."""
    with pytest.raises(SchemaError, match="row 2: found one year of exclusions for Secondary. Expected 2"):
        flow.places_needed(EXCLUSIONS.iloc[:1], FLOW)


def test_a_target_that_is_over_is_refused():
    """2018/19 has its exclusions."""
    with pytest.raises(SchemaError, match="row 2, column target_year: found 2018/19. Expected a year after 2018/19"):
        flow.places_needed(EXCLUSIONS, FLOW.assign(target_year="2018/19"))


def test_phases_that_end_apart_or_are_not_there_are_refused():
    """A sum over different years is none."""
    short = pd.concat([EXCLUSIONS, EXCLUSIONS.assign(phase="Primary").iloc[:2]], ignore_index=True)
    both = pd.concat([FLOW, FLOW.assign(phase="Primary")], ignore_index=True)

    with pytest.raises(SchemaError, match="the phases end in 2017/18 and 2018/19"):
        flow.places_needed(short, both)
    with pytest.raises(SchemaError, match="found no row for phase Primary"):
        flow.places_needed(EXCLUSIONS, both)


def test_vacancies_and_over_filled_places_are_told_apart():
    """W6 by hand: 10 of 60 empty, 3 pupils too many in 40: net 7 of 100."""
    rows = pd.DataFrame({"commissioned_places": [60, 40], "filled_places": [50, 43]})

    each, all_rows = places.vacancies(rows), places.together(rows)

    assert [10, 0] == each["vacant_places"].tolist()
    assert [0, 3] == each["over_places"].tolist()
    assert (10, 3, 7.0) == (all_rows["vacant_places"], all_rows["over_places"], all_rows["vacancy_pct"])


def test_no_commissioned_place_has_no_vacancy_rate():
    """0 of 0 is not 0%."""
    actual = places.vacancies(pd.DataFrame({"commissioned_places": [0], "filled_places": [2]}))

    assert actual["vacancy_pct"].isna().all()


def sample(**schools_costs) -> pd.DataFrame:
    """Sampled plans by school."""
    rows = [(school, cost) for school, costs in schools_costs.items() for cost in costs]
    return pd.DataFrame(rows, columns=["school", "current_gbp"]).astype({"current_gbp": float})


def bands_from(*bounds) -> pd.DataFrame:
    """Bands A, B ... from these lower bounds."""
    names = list("ABCDE"[: len(bounds)])
    numbers = range(2, len(bounds) + 2)
    return pd.DataFrame({"band": names, "from_gbp": bounds, "row": numbers, "file": "options/bands.csv"}).astype(
        {"from_gbp": float}
    )


SAMPLE = sample(North=[4_000, 4_100, 4_120, 4_300, 4_400], South=[9_000, 9_060, 9_080, 9_900, 9_950])


def test_a_band_is_worth_the_median_of_its_sample_to_the_nearest_50():
    """Medians of 4,120 and 9,080 come to 4,100 and 9,100."""
    actual = banding.band_values(SAMPLE, bands_from(0, 6_000))

    assert [4_100.0, 9_100.0] == actual["value_gbp"].tolist()


def test_blank_bounds_cut_the_sample_into_equal_parts():
    """Ten plans, two bands: five each."""
    actual = banding.band_values(SAMPLE, bands_from(None, None))

    assert [5, 5] == actual["plans"].tolist()


def test_the_effect_on_a_school_is_its_band_values_less_its_costs():
    """North has 20,920 and would get 5 x 4,100; South has 46,990 and would get 5 x 9,100."""
    actual = banding.effect_by_school(SAMPLE, bands_from(0, 6_000))

    assert [20_500 - 20_920, 45_500 - 46_990] == actual["effect_gbp"].tolist()


def test_a_band_of_four_plans_is_refused_with_its_row():
    """Four are too few for a price and for the plans to stay unknown."""
    with pytest.raises(SchemaError, match="row 3, band 'B': 4 sampled plans fall in it. Expected 5 or more"):
        banding.band_values(SAMPLE.iloc[:9], bands_from(0, 6_000))


@pytest.mark.parametrize(
    ("bounds", "fault"),
    [
        ((6_000, 0), "row 3, column from_gbp: it does not start above"),
        ((0, None), "row 3, column from_gbp: it does not start above"),
        ((5_000, 8_000), "row 2, column from_gbp: 5 sampled plans cost less"),
    ],
)
def test_bounds_that_cannot_hold_the_sample_are_refused(bounds, fault):
    """A plan without a band would be lost in silence."""
    with pytest.raises(SchemaError, match=fault):
        banding.with_bands(SAMPLE, bands_from(*bounds))


def test_a_guarantee_tops_losing_schools_up_for_two_years():
    """W3: both lose; with 1% allowed, South's floor is 46,520.10 and lacks 1,020.10, North's 20,710.80 and 210.80."""
    effect = banding.effect_by_school(SAMPLE, bands_from(0, 6_000))
    settings = pd.Series({"financial_year": "2023-24", "guarantee_years": 2, "allowed_loss_pct": 1.0})

    actual = banding.guarantee_by_year(effect, settings)

    assert ["2023-24", "2024-25", "2025-26"] == actual["financial_year"].tolist()
    assert [1_230.90, 1_230.90, 0.0] == actual["cost_gbp"].round(2).tolist()
    assert [2, 2, 0] == actual["schools"].tolist()


def test_a_school_that_gains_costs_no_guarantee():
    """Only what a loser lacks is paid."""
    effect = pd.DataFrame({"current_gbp": [100.0], "banded_gbp": [150.0], "effect_gbp": [50.0]})

    assert [0.0] == banding.guarantee(effect, allowed_loss_pct=0.0)["top_up_gbp"].tolist()


def test_neighbours_values_stand_beside_ours():
    """Median of 4,000, 4,200 and 5,000; a band no neighbour has is missing, not zero."""
    values = pd.DataFrame({"band": ["A", "B"], "plans": [5, 5], "value_gbp": [4_100.0, 9_100.0]})
    neighbours = pd.DataFrame({"band": ["A", "A", "A"], "value_gbp": [4_000.0, 5_000.0, 4_200.0]})

    actual = banding.beside_neighbours(values, neighbours)

    assert [3, 0] == actual["neighbours"].tolist()
    assert -100.0 == actual["difference_gbp"].iloc[0]
    assert actual["difference_gbp"].isna().iloc[1]


def placed(*costs, need="SEMH") -> pd.DataFrame:
    """Placements of one need and setting."""
    return pd.DataFrame({"need": need, "setting": "Day", "provider": "P", "cost_gbp": [float(cost) for cost in costs]})


def test_costs_far_from_the_median_stand_out_both_ways():
    """W4 by hand: median 50, deviations 1, 1, 2, 2, 0, 40, 40; MAD 2; limits 50 -+ 3 x 1.4826 x 2 = 41.1 and 58.9."""
    actual = placements.outliers(placed(49, 51, 48, 52, 50, 90, 10))

    assert ["", "", "", "", "", "high", "low"] == actual["stands_out"].tolist()
    assert [2 * placements.NORMAL] == actual["spread_gbp"].unique().tolist()


def test_what_the_high_ones_cost_beyond_the_median_is_added_up():
    """One at 90 beside a median of 50."""
    actual = placements.by_group(placed(49, 51, 48, 52, 50, 90, 10)).iloc[0]

    assert (1, 1, 40.0) == (actual["high"], actual["low"], actual["excess_gbp"])
    assert (41.1, 58.9) == (round(actual["lower_gbp"], 1), round(actual["upper_gbp"], 1))


def test_a_group_of_four_is_neither_judged_nor_priced():
    """A median of four tells too much of each."""
    rows = placed(49, 51, 48, 500)

    assert [""] == placements.outliers(rows)["stands_out"].unique().tolist()
    assert placements.by_group(rows)[["median_gbp", "lower_gbp", "upper_gbp", "excess_gbp"]].isna().all(axis=None)


def test_where_most_cost_the_same_there_is_no_spread_to_judge_by():
    """A deviation of zero would make every other cost stand out."""
    rows = placed(50, 50, 50, 50, 90)

    assert [placements.NO_SPREAD] == placements.by_group(rows)["verdict"].tolist()
    assert [""] == placements.outliers(rows)["stands_out"].unique().tolist()


def test_groups_are_judged_each_by_its_own_median():
    """A usual cost of one need is far out of line for another."""
    rows = pd.concat([placed(49, 51, 48, 52, 50), placed(99, 101, 98, 102, 50, need="Autism")])

    assert 1 == placements.outliers(rows)["stands_out"].ne("").sum()


def test_providers_come_with_most_placements_first():
    """Whom a visit would reach most pupils at."""
    rows = placed(1, 2, 3).assign(provider=["P", "Q", "Q"])

    assert [("Q", 2, 5.0), ("P", 1, 1.0)] == list(placements.by_provider(rows).itertuples(index=False, name=None))


@given(
    st.lists(st.integers(1_000, 200_000), min_size=5, max_size=30),
    st.integers(1, 50),
    st.randoms(use_true_random=False),
)
def test_scale_and_order_change_no_verdict(costs, factor, order):
    """Pounds or pence, sorted or not: the same placements stand out."""
    rows = placed(*costs)
    shuffled = list(rows.index)
    order.shuffle(shuffled)

    expected = placements.outliers(rows)["stands_out"]
    scaled = placements.outliers(rows.assign(cost_gbp=rows["cost_gbp"] * factor))["stands_out"]

    assert expected.tolist() == scaled.tolist()
    assert expected.tolist() == placements.outliers(rows.loc[shuffled])["stands_out"].sort_index().tolist()


BUDGETS = pd.DataFrame(
    {"school": ["A", "B", "C"], "pupils": [100, 200, 300], "budget_gbp": [500_000.0, 900_000.0, 1_600_000.0]}
)


def services(*rows) -> pd.DataFrame:
    """Services with what they cost and how they are shared."""
    return pd.DataFrame(rows, columns=["service", "cost_gbp", "shared_by"])


def test_a_top_slice_is_told_in_pounds_and_per_cent():
    """W5 by hand: £6,000 by 600 pupils is £10 each; school A pays £1,000, 0.2% of its £500,000."""
    actual = schools.top_slice(BUDGETS, services(("outreach", 6_000.0, "pupils")))

    assert [1_000.0, 2_000.0, 3_000.0] == actual["charge_gbp"].tolist()
    assert 0.2 == actual["charge_pct"].iloc[0]


def test_eighteen_pounds_a_pupil_come_to_eighteen_pounds_a_pupil():
    """F2: de-delegation at £18 per pupil; 600 pupils raise £10,800."""
    actual = schools.top_slice(BUDGETS, services(("school improvement", 10_800.0, "pupils")))

    assert [18.0] == (actual["charge_gbp"] / actual["pupils"]).unique().tolist()


def test_services_shared_by_budget_take_one_per_cent_of_each():
    """£30,000 of £3,000,000."""
    actual = schools.top_slice(BUDGETS, services(("outreach", 30_000.0, "budget")))

    assert [5_000.0, 9_000.0, 16_000.0] == actual["charge_gbp"].tolist()


def test_a_service_shared_by_what_no_school_has_is_refused():
    """Nothing would be raised, and nobody would notice."""
    rows = services(("outreach", 6_000.0, "pupils")).assign(row=2, file="options/top_slice.csv")

    with pytest.raises(SchemaError, match="row 2, column shared_by: found pupils, of which each school has 0"):
        schools.top_slice(BUDGETS.assign(pupils=0), rows)


@given(st.integers(0, 10**9), st.lists(st.integers(0, 5_000), min_size=1, max_size=40).filter(any))
def test_shared_pence_add_up_and_no_share_is_a_penny_off(pence, weights):
    """What schools pay is what the service costs, and nobody pays more than the next whole penny."""
    shares = schools.shared_pence(pence, pd.Series(weights))

    assert pence == sum(shares)
    assert all(
        abs(share * sum(weights) - pence * weight) < sum(weights) for share, weight in zip(shares, weights, strict=True)
    )


def notional(*rows) -> pd.DataFrame:
    """Schools with a notional budget and pupils with high needs."""
    frame = pd.DataFrame(rows, columns=["notional_budget_gbp", "pupils_with_high_needs"])
    return frame.assign(school=[f"S{at}" for at in frame.index], phase="primary")


def test_blocks_are_whole_and_rounded_up():
    """L2: 10 pupils need £60,000; half of £100,000 is £50,000; £10,000 beyond is two blocks of £6,000."""
    assert [2] == schools.blocks(notional((100_000.0, 10)), threshold_pct=50.0).tolist()


def test_a_school_just_at_its_threshold_gets_no_block():
    """10 x £6,000 is half of £120,000; a hair below the half, one block is due, whatever floating point makes of it."""
    at, below = ([schools.blocks(notional((120_000.0, 10)), threshold_pct=pct)[0]] for pct in (50.0, 49.99))

    assert [0, 1] == [*at, *below]


def test_a_higher_threshold_leaves_fewer_schools_and_blocks():
    """L2 by hand: at 40% both are over, with 4 and 1 blocks; at 60% one, with 2: £18,000 less."""
    change = schools.threshold_change(notional((60_000.0, 8), (90_000.0, 7)), before_pct=40.0, after_pct=60.0)

    assert [4, 1] == change["blocks_before"].tolist()
    assert [2, 0] == change["blocks_after"].tolist()
    assert 18_000 == change["saving_gbp"].sum()
    assert (2, 1) == tuple(schools.by_phase(change)[["over_before", "over_after"]].iloc[0])


@given(st.integers(0, 10**6), st.integers(0, 300), st.integers(0, 100), st.integers(0, 100))
def test_raising_the_threshold_never_adds_a_block(budget, pupils, one, other):
    """And the blocks cover what is beyond the threshold, with less than a block to spare."""
    low, high = sorted((one, other))
    row = notional((float(budget), pupils))

    some, more = (int(schools.blocks(row, threshold_pct=float(pct))[0]) for pct in (high, low))

    beyond = max(0, pupils * 6_000 * 100 - high * budget)
    assert some <= more
    assert beyond <= some * 600_000 < beyond + 600_000 or some == 0 == beyond


def test_a_notional_budget_that_does_not_cover_its_pupils_lacks_the_rest():
    """F3: 10 x £6,000 less £45,000 is £15,000; a budget that covers them lacks nothing."""
    assert [15_000.0, 0.0] == schools.shortfall(notional((45_000.0, 10), (70_000.0, 10))).tolist()


GROUPS = pd.DataFrame(
    {
        "cases": [100],
        "spend_gbp": [600_000.0],
        "become_plans_low_pct": [20.0],
        "become_plans_pct": [40.0],
        "become_plans_high_pct": [70.0],
        "plan_cost_gbp": [9_000.0],
        "support_grant_gbp": [60_000.0],
    }
)


def test_cases_without_a_plan_save_their_awards():
    """L3: 60 of 100 cases x £6,000 is £360,000; 40 plans cost as much, the grant £60,000: £180,000 are left."""
    actual = inclusion.transition(GROUPS).iloc[0]

    assert (360_000.0, 240_000.0) == (actual["saving_gbp"], actual["replaced_gbp"])
    assert (40.0, 360_000.0, 180_000.0) == (actual["plans"], actual["plans_gbp"], actual["net_gbp"])


def test_more_plans_leave_less():
    """At 70% the plans cost £630,000: £90,000 more than is there."""
    actual = [inclusion.transition(GROUPS, share=share)["net_gbp"].item() for share in (inclusion.LOW, inclusion.HIGH)]

    assert [360_000.0, -90_000.0] == actual


def test_the_break_even_share_leaves_nothing():
    """(600,000 - 60,000) of 900,000 is 60%."""
    share = inclusion.break_even_pct(GROUPS)

    assert 60.0 == share
    assert 0.0 == inclusion.transition(GROUPS.assign(become_plans_pct=share))["net_gbp"].item()


SCHEME = pd.Series(
    {
        "scheme": "bespoke",
        "starts": "2026-09",
        "horizon_months": 24.0,
        "displaced_after_months": 3.0,
        "one_off_gbp": 60_000.0,
        "running_yearly_gbp": 120_000.0,
        "displaced_yearly_gbp": 360_000.0,
        "cost_high_needs_pct": 100.0,
        "displaced_high_needs_pct": 40.0,
    }
)


def test_a_scheme_breaks_even_in_the_month_that_the_sum_says():
    """L4 by hand: 60,000 + 10,000 m = 30,000 (m - 3) at m = 7.5: month 8."""
    sums = invest.cash(SCHEME)

    assert 8 == invest.break_even(sums[invest.BOTH])
    assert [-70_000.0, 10_000.0] == sums[invest.BOTH].iloc[[0, 7]].tolist()


def test_the_fund_that_pays_need_not_be_the_fund_that_gains():
    """L4: after two years 630,000 are displaced, 60% of it in the general fund; the high needs block bears 300,000."""
    last = invest.cash(SCHEME).iloc[-1]

    assert (-48_000.0, 378_000.0, 330_000.0) == tuple(last[list(invest.FUNDS)].round(6))
    assert invest.break_even(invest.cash(SCHEME)[invest.HIGH_NEEDS]) is None


def test_a_scheme_that_never_pays_back_says_so():
    """Nothing displaced, nothing comes back."""
    actual = invest.summary(pd.DataFrame([SCHEME.to_dict() | {"displaced_yearly_gbp": 0.0}])).iloc[0]

    assert math.isnan(actual["break_even_month"])
    assert -120_000.0 == actual["yearly_gbp"]


def test_schemes_that_start_apart_are_added_by_calendar_month():
    """The second starts a month later: in month 1 only the first has spent; one that is over keeps its sum."""
    both = pd.DataFrame([SCHEME.to_dict(), SCHEME.to_dict() | {"starts": "2026-10", "horizon_months": 2.0}])

    actual = invest.together(both)[invest.BOTH]

    alone = invest.cash(SCHEME)[invest.BOTH]
    assert alone.iloc[0] == actual.iloc[0]
    assert alone.iloc[1] + alone.iloc[0] == actual.iloc[1]
    assert alone.iloc[-1] + alone.iloc[1] == actual.iloc[-1]


def pupil(day, amount=5_200.0, school_year_end=None, year="2024-25") -> pd.DataFrame:
    """One excluded pupil."""
    return pd.DataFrame(
        {
            "relevant_date": [pd.Timestamp(day)],
            "school_year_end": [pd.Timestamp(school_year_end) if school_year_end else pd.NaT],
            "per_pupil_gbp": [amount],
            "financial_year": [year],
            "row": [2],
            "file": ["options/excluded_pupils.csv"],
        }
    )


@pytest.mark.parametrize(
    ("day", "weeks"), [("2024-04-01", 52), ("2024-10-01", 26), ("2025-03-25", 1), ("2025-03-26", 0)]
)
def test_complete_weeks_remain_to_the_end_of_march(day, weeks):
    """A whole year is 52; six days are none."""
    assert weeks == grant.remaining_weeks(date.fromisoformat(day), date(2025, 3, 31))


def test_funding_follows_an_excluded_pupil_for_the_weeks_that_remain():
    """F3: £5,200 x 26 / 52 = £2,600."""
    assert 2_600.0 == grant.recoupment(pupil("2024-10-01"))["recouped_gbp"].item()


def test_a_pupil_in_the_last_school_year_is_counted_to_its_end():
    """From 6 May to 31 August 2024 are 118 days, 16 complete weeks, not 47."""
    actual = grant.recoupment(pupil("2024-05-06", school_year_end="2024-08-31"))

    assert (16, 1_600.0) == (actual["weeks"].item(), actual["recouped_gbp"].item())


def test_a_date_outside_the_year_is_refused():
    """It would recoup nothing, or more than a year."""
    with pytest.raises(SchemaError, match="row 2, column relevant_date: it lies outside 2024-25"):
        grant.recoupment(pupil("2025-04-01"))


def transfer(block=None, pct=None, pounds=None, forum="agreed") -> pd.DataFrame:
    """One year's transfer; what is left out is blank."""
    return pd.DataFrame(
        {
            "schools_block_gbp": [block],
            "transfer_pct": [pct],
            "transfer_gbp": [pounds],
            "forum": [forum],
            "row": [2],
            "file": ["options/block_transfer.csv"],
        }
    ).astype({name: float for name in ("schools_block_gbp", "transfer_pct", "transfer_gbp")})


def test_two_million_at_half_a_per_cent_imply_a_schools_block_of_400_million():
    """H4: Leicestershire would be £2m worse off without a transfer of 0.5%."""
    actual = grant.block_transfer(transfer(pct=0.5, pounds=2e6)).iloc[0]

    assert (400e6, "schools_block_gbp") == (actual["schools_block_gbp"], actual["worked_out"])


@pytest.mark.parametrize(
    ("pct", "forum", "who"),
    [
        (0.5, "agreed", grant.FORUM_DECIDES),
        (0.5, "not asked", grant.FORUM_ASKED),
        (0.5, "refused", grant.MINISTER_DECIDES),
        (0.51, "agreed", grant.MINISTER_DECIDES),
    ],
)
def test_the_forum_decides_up_to_half_a_per_cent(pct, forum, who):
    """H4: Leicestershire's forum refused 0.5%; only the Secretary of State could then allow it."""
    assert who == grant.block_transfer(transfer(block=400e6, pct=pct, forum=forum))["decides"].item()


def test_pounds_or_per_cent_follow_from_the_other():
    """£400m at 0.5% and £2m of £400m are one transfer."""
    by_pct, by_pounds = (
        grant.block_transfer(transfer(block=400e6, **given)).iloc[0] for given in ({"pct": 0.5}, {"pounds": 2e6})
    )

    assert 2e6 == by_pct["transfer_gbp"]
    assert 0.5 == by_pounds["transfer_pct"]


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({"pct": 0.5}, "schools_block_gbp and transfer_gbp are blank. Expected at most one"),
        ({"block": 400e6, "pct": 0.5, "pounds": 3e6}, "0.5% of the schools block is £2,000,000, but"),
    ],
)
def test_a_transfer_that_cannot_be_worked_out_or_disagrees_is_refused(given, fault):
    """No number is made up, none silently preferred."""
    with pytest.raises(SchemaError, match=fault):
        grant.block_transfer(transfer(**given))


def test_leaving_top_up_without_a_plan_is_told_by_spend_and_exceptions():
    """W7: from £900,000 to £300,000; 12 of 40 awards are exceptional."""
    rows = pd.DataFrame(
        {
            "financial_year": ["2022-23", "2021-22"],
            "spend_gbp": [300_000.0, 900_000.0],
            "awards": [40, 0],
            "exceptional_awards": [12, 0],
        }
    )

    actual = grant.top_up_exit(rows)

    assert [0.0, -600_000.0] == actual["since_first_gbp"].tolist()
    assert 30.0 == actual["exceptional_pct"].iloc[1]
    assert actual["exceptional_pct"].isna().iloc[0]


def test_years_are_counted_across_a_century():
    """2099/00 is a year."""
    assert ["2019/20", "2100/01"] == [years_on("2018/19"), years_on("2098/99", 2)]
    assert 4 == years_between("2018-19", "2022-23")
