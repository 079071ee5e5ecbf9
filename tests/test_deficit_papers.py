"""The papers' money, item by item (K8 to H4), from the figures as they are typed in: what adds up and what does not.

Figures are read from data/raw; what a paper prints and what its own numbers give stand side by side, neither mended.
"""

from decimal import Decimal

import pytest

from highneeds.errors import SchemaError
from highneeds.models.deficit.arithmetic import (
    base_from_change,
    delay_cost,
    evenly,
    full_year,
    implied_places,
    implied_yearly_gap,
    over_grant_pct,
    pct_change,
    residual,
    share_pct,
    to_reconcile,
    whole_from_share,
    yearly_growth_pct,
    yearly_mean,
)
from highneeds.models.deficit.checks import (
    checks,
    failed,
    growth_checks,
    implied_opening,
    rolled_on,
    sign_that_reconciles,
)
from highneeds.models.deficit.ledger import Turned, accumulated, net, pence, total_of, total_spend, turned_signs
from highneeds.models.deficit.policy import STABILITY_LINE, Policies, StabilityGrant, apply
from highneeds.models.deficit.printed import ACCUMULATED, NET, SPEND, printed_ledger, printed_plan
from highneeds.models.deficit.rounded import (
    ADDS_UP,
    DOES_NOT_ADD_UP,
    WITHIN_ROUNDING,
    growth_range,
    rounding_of,
    verdict,
)
from highneeds.sources.papers import read_papers
from tests.conftest import ROOT

KENT = read_papers(ROOT / "data" / "raw" / "kent").tables
LEICESTERSHIRE = read_papers(ROOT / "data" / "raw" / "leicestershire").tables
PLAN = printed_plan(KENT["dsg_projection"])
BY_TYPE = printed_plan(KENT["high_needs_spend"])
TSIL, HIGH_NEEDS = LEICESTERSHIRE["tsil_figures"], LEICESTERSHIRE["high_needs_development_plan"]
MILLION = 10**8  # pence


def stated(rows, measure: str, period: str = "", breakdown: str = "") -> float:
    """The one figure of a measure, by period and breakdown where there are several."""
    found = rows[rows["measure"].eq(measure)]
    found = found[found["period"].eq(period)] if period else found
    return (found[found["breakdown"].eq(breakdown)] if breakdown else found)["value"].item()


def judged(plan, measure: str) -> list[tuple]:
    """Period, recomputed, printed and verdict of each check of a measure."""
    return [
        (check.total.period, check.recomputed, check.printed, check.verdict)
        for check in checks(plan)
        if check.total.measure == measure
    ]


# ---- K8: Kent's spend by type ----------------------------------------------------------------------------------------


def test_k8_one_printed_total_cannot_be_the_sum_of_its_parts():
    """267 is printed as 264: rounding of six numbers makes less than 3. 335 printed as 334 may be rounding."""
    assert [
        ("2020-21", 267, 264, DOES_NOT_ADD_UP),
        ("2021-22", 299, 299, ADDS_UP),
        ("2022-23", 335, 334, WITHIN_ROUNDING),
        ("2023-24", 365, 365, ADDS_UP),
        ("2024-25", 391, 391, ADDS_UP),
    ] == judged(BY_TYPE, SPEND)
    assert [None] == [sign_that_reconciles(check) for check in failed(checks(BY_TYPE))]


def test_k8_two_printed_growths_cannot_come_from_the_printed_totals():
    """Printed 13, 10, 11, 7; the totals give 13.3, 11.7, 9.3, 7.1, and rounding cannot bridge the middle two."""
    found = growth_checks(BY_TYPE)

    assert [13.3, 11.7, 9.3, 7.1] == [round(each.growth.as_printed, 1) for each in found]
    assert [13, 10, 11, 7] == [each.printed_pct for each in found]
    assert [(11.4, 12.1), (9.0, 9.6)] == [(round(g.lowest, 1), round(g.highest, 1)) for _, g, *_ in found[1:3]]
    assert [ADDS_UP, DOES_NOT_ADD_UP, DOES_NOT_ADD_UP, ADDS_UP] == [each.verdict for each in found]


# ---- K9: Kent's projection -------------------------------------------------------------------------------------------


def test_k9_spend_adds_up_but_for_rounding():
    """393, 395, 388 as printed; 376 beside 377 in the last year."""
    assert [
        ("2024-25", 393, 393, ADDS_UP),
        ("2025-26", 395, 395, ADDS_UP),
        ("2026-27", 388, 388, ADDS_UP),
        ("2027-28", 376, 377, WITHIN_ROUNDING),
    ] == judged(PLAN, SPEND)


def test_k9_net_is_one_out_in_three_years():
    """54, then 28, 10, -10 beside 27, 9, -11: each within rounding."""
    assert [
        ("2024-25", 54, 54, ADDS_UP),
        ("2025-26", 28, 27, WITHIN_ROUNDING),
        ("2026-27", 10, 9, WITHIN_ROUNDING),
        ("2027-28", -10, -11, WITHIN_ROUNDING),
    ] == judged(PLAN, NET)


def test_k9_the_printed_ten_breaks_the_roll_forward():
    """97, 95, 79 carry on as printed; then 79 - 11 - 28 + 10 is 50 and not 30."""
    assert [("2024-25", 97, 97), ("2025-26", 95, 95), ("2026-27", 79, 79), ("2027-28", 50, 30)] == [
        tuple(each) for each in rolled_on(PLAN)
    ]
    assert ("2027-28", 50, 30, DOES_NOT_ADD_UP) == judged(PLAN, ACCUMULATED)[-1]
    assert 1 == len(failed(checks(PLAN)))


def test_k9_the_council_contribution_of_the_last_year_is_the_sign_that_reconciles():
    """-10 for the printed +10 gives 30; no other sign does."""
    [check] = failed(checks(PLAN))

    assert ("Council contribution", "2027-28", 10) == (lambda cell: (cell.name, cell.period, cell.value))(
        sign_that_reconciles(check)
    )
    assert (20, 2.5) == (check.difference, check.rounding)


def test_k9_the_balance_brought_forward_is_sixty_seven():
    """97 - 54 + 9 + 15, give or take 2 for rounding: £67.2m stands in the section 251 return for 31 March 2024."""
    assert (67, 2) == implied_opening(PLAN)


def test_k9_line_by_line_in_pence():
    """The lines alone, exact: 376 and -11 in the last year, and a balance that ends at 52 by Kent's own lines."""
    ledger = printed_ledger(PLAN)

    assert [393, 395, 388, 376] == [amount / MILLION for amount in total_spend(ledger)]
    assert [0, -5, -6, -7] == [amount / MILLION for amount in total_of(ledger, ["saving"])]
    assert [54, 28, 10, -11] == [amount / MILLION for amount in net(ledger)]
    assert [97, 96, 81, 52] == [amount / MILLION for amount in accumulated(ledger, opening=67 * MILLION)]
    assert (Turned("Council contribution", "council_contribution", "2027-28", 10 * MILLION),) == turned_signs(ledger)


def test_k9_with_the_stability_grant_as_a_line_of_its_own():
    """Nine tenths of the printed £95m at the end of 2025-26 are £85.5m; Kent's own lines stay as they are."""
    rules = Policies(stability=StabilityGrant(plan_approved=True, paid_in="2026-27", accounts_gbp=95e6))
    ledger = printed_ledger(PLAN)

    found = apply(rules, ledger, opening=67 * MILLION)

    assert (STABILITY_LINE, (0, 0, -pence(85_500_000), 0)) == (found.lines[-1].name, found.lines[-1].pence)
    assert ledger.lines == found.lines[:-1]
    assert [97, 96, -4.5, -33.5] == [amount / MILLION for amount in accumulated(found, opening=67 * MILLION)]


# ---- K10 to K14: Kent's stated figures -------------------------------------------------------------------------------


def test_k10_three_savings_targets():
    """The table's 5, 6 and 7 sum to 18, the text says 17, and 5.5 a year comes to 16.5.

    Rounding could make 17 of three lines that print as 5, 6 and 7: it is the text that has to say which is meant.
    """
    rows, stated_rows = KENT["dsg_projection"], KENT["stated_figures"]
    savings = rows[rows["measure"].eq("high_needs_savings")]["value"].dropna()

    total = stated(stated_rows, "unattributed_savings_target")
    yearly = stated(stated_rows, "unattributed_savings_target_per_year")

    assert (18, 17, 16.5) == (-savings.sum(), total, 3 * yearly)
    assert WITHIN_ROUNDING == verdict(Decimal(18 - 17), rounding_of([Decimal(1)] * 4))
    assert (6.0, 5.7) == (yearly_mean(18, 3), round(yearly_mean(total, 3), 1))


def test_k11_the_residual_deficit_is_stated_thrice_and_the_lines_give_more():
    """£30m, at least £30m, and £20m to £30m; by the printed contribution it would be £50m, outside all three."""
    rows = KENT["stated_figures"]
    said = rows[rows["measure"].eq("dsg_residual_deficit")]["value"].tolist()
    low, high = (stated(rows, f"dsg_residual_deficit_{end}") for end in ("low", "high"))

    assert ([30, 30], 20, 30) == (said, low, high)
    assert float(rolled_on(PLAN)[-1].recomputed) > high


def test_k12_the_lost_saving_of_the_first_year_does_not_give_that_of_all():
    """£1.9m is for September to March: £3.3m a year, £9.8m for the 36 months to September 2027, not £23m.

    Schools fill up year by year, and a third was to open in 2025: inputs the paper does not give.
    """
    rows = KENT["stated_figures"]
    first = 1e6 * stated(rows, "new_special_school_delay_lost_saving", "2024-25")
    total = 1e6 * stated(rows, "new_special_school_delay_lost_saving", "2024-25/2027-28")

    assert (3.3, 7.7) == (round(full_year(first, 7) / 1e6, 1), round(full_year(total, 36) / 1e6, 1))
    assert 9.8 == round(first / 7 * 36 / 1e6, 1)


def test_k12_the_cost_of_delay_is_places_by_gap_by_months():
    """120 places, £30,000 apart, a year and a half late: £5.4m; and £5.4m is 120 places."""
    assert 5_400_000 == delay_cost(120, 30_000, 18)
    assert 120 == implied_places(5_400_000, 30_000, 18)


def test_k13_exceptional_need_nearly_doubled():
    """£7.5m to £14m is 86.7%, printed 87%: 36.6% in each of two years."""
    rows = KENT["stated_figures"]
    before, after = (stated(rows, "exceptional_pupil_need_funding", year) for year in ("2022-23", "2024-25"))

    assert (86.7, 36.6) == (round(pct_change(before, after), 1), round(yearly_growth_pct(before, after, 2), 1))
    assert 87 == stated(rows, "exceptional_pupil_need_funding_change_pct")


def test_k14_top_ups_without_a_plan():
    """£13m to £21m is 61.5%, printed 62%."""
    rows = KENT["stated_figures"]
    before, after = (stated(rows, "mainstream_top_up_funding", year) for year in ("2022-23", "2024-25"))

    assert 61.5 == round(pct_change(before, after), 1)
    assert 62 == stated(rows, "mainstream_top_up_funding_change_pct")


# ---- T1 to T6: Leicestershire's programme ----------------------------------------------------------------------------


def test_t1_t2_growth_in_plans():
    """2,777 to 4,267 is 53.7% (printed 54), to 5,888 another 38.0%, and 112% in all."""
    first, middle, last = (stated(TSIL, "ehc_plans", year) for year in ("2016", "2020", "2022"))

    changes = [pct_change(first, middle), pct_change(middle, last), pct_change(first, last)]

    assert [53.7, 38.0, 112.0] == [round(change, 1) for change in changes]
    assert (54, 38) == tuple(stated(TSIL, "ehc_plans_change_pct", p, "Total") for p in ("2016/2020", "2020/2022"))


def test_t4_spend_over_grant_does_not_go_with_fifteen_millions_a_year():
    """£15m would be 22% of a grant of £68m and 48% of one of £31m: no grant is both."""
    gap = stated(TSIL, "high_needs_funding_gap_per_year")
    over = [stated(TSIL, "high_needs_spend_over_grant_pct", year) for year in ("2024-25", "2027-28")]

    assert [22, 48] == over
    assert [68.2, 31.2] == [round(whole_from_share(gap, pct), 1) for pct in over]


def test_t4_what_would_reconcile_it():
    """For each £100m of grant, gaps rising to £48m sum to £118m over three years; the deficit rises by £45.1m.

    So £72.9m of savings, transfers and contributions would have to come off, £24.3m a year.
    """
    over = [stated(TSIL, "high_needs_spend_over_grant_pct", year) for year in ("2024-25", "2027-28")]
    start, end = (stated(TSIL, "high_needs_cumulative_deficit", day) for day in ("2025-03-31", "2028-03-31"))
    gaps = evenly(*(implied_yearly_gap(-100, pct) for pct in over), 3)

    off = to_reconcile(gaps, end - start)

    assert (118.0, 72.9, 24.3) == (round(sum(gaps), 1), round(off, 1), round(yearly_mean(off, 3), 1))


def test_t4_over_grant_is_the_inverse_of_the_gap():
    """Spend of 122 on a grant of 100, printed as -100: 22% over; and the other way round."""
    assert 22 == over_grant_pct(122, -100) == over_grant_pct(122, 100)
    assert -10 == over_grant_pct(90, 100)
    assert 22 == implied_yearly_gap(-100, 22)


def test_t5_the_deficit_rises_by_fifteen_millions_a_year():
    """65.5 to 110.6 is 45.1 over three years: 15.0 a year, as stated."""
    start, end = (stated(TSIL, "high_needs_cumulative_deficit", day) for day in ("2025-03-31", "2028-03-31"))

    rise = residual(end, [start])

    assert (45.1, 15.0) == (round(rise, 1), round(yearly_mean(rise, 3), 1))


def test_t6_savings_beside_the_investment():
    """36.5 over seven years is 5.2 a year; investment of 41.5 is 5.0 more than all of it."""
    saved, years = stated(TSIL, "tsil_cost_reductions"), stated(TSIL, "tsil_cost_reduction_years")
    invested = stated(TSIL, "local_provision_investment")

    assert (5.2, -5.0) == (round(yearly_mean(saved, years), 1), residual(saved, [invested]))


# ---- H1 to H4: Leicestershire's plan of 2021; F1: its survey ---------------------------------------------------------


def test_h1_fifteen_places_to_come_are_not_named():
    """534 developed, 459 open (86%), 75 to come; 60 of these are Bowman's. The three new schools have 200."""
    made, opened = (
        stated(HIGH_NEEDS, "sufficiency_places", breakdown=name)
        for name in ("Developed", "Available from the autumn term")
    )
    schools = HIGH_NEEDS[HIGH_NEEDS["measure"].eq("new_school_places")]
    bowman = schools[schools["period"].eq("2023-09")]["value"].item()

    assert (75, 86) == (residual(made, [opened]), round(share_pct(opened, made)))
    assert (200, 15) == (schools["value"].sum(), residual(made, [opened, bowman]))


@pytest.mark.parametrize(
    ("measure", "expected"),
    [
        ("high_needs_dsg", 68.70),
        ("planned_savings", 18.30),
        ("high_needs_costs", 64.24),
        ("high_needs_placements", 5_150.42),
    ],
)
def test_h2_bases_behind_the_changes(measure, expected):
    """81.96 after a rise of 19.3% was 68.70 in the original plan, and so on."""
    after, pct = stated(HIGH_NEEDS, measure), stated(HIGH_NEEDS, f"{measure}_change_on_original_plan_pct")

    assert expected == round(base_from_change(after, pct), 2)


def test_h2_costs_beyond_the_grant():
    """84.92 less 81.96: £2.96m overspent in the year, 3.6% over, if the two are of one kind."""
    costs, grant = stated(HIGH_NEEDS, "high_needs_costs"), stated(HIGH_NEEDS, "high_needs_dsg")

    assert (2.96, 3.6) == (round(residual(costs, [grant]), 2), round(over_grant_pct(costs, grant), 1))


def test_h3_the_base_of_the_rise_in_placements():
    """5,547 after 31.5% is 4,218 in April 2019; DfE counted 4,222 plans that January."""
    after = stated(HIGH_NEEDS, "high_needs_placements")

    assert 4_218 == round(base_from_change(after, stated(HIGH_NEEDS, "high_needs_placements_change_pct")))


def test_h4_the_transfer_implies_the_schools_block():
    """£2m at 0.5% is of £400m."""
    worse = stated(HIGH_NEEDS, "deficit_increase_without_schools_block_transfer")

    assert 400 == round(whole_from_share(worse, stated(HIGH_NEEDS, "schools_block_transfer_pct")))


def test_f1_one_percentage_of_the_survey_is_rounded_up():
    """50, 3, 7 and 1 of 61; 7 of 61 is 11.5% and prints as 11, not 12, and the printed ones sum to 101."""
    rows = LEICESTERSHIRE["schools_forum_survey"]
    rate = rows[rows["breakdown"].str.startswith("Rate per pupil")]
    counts = rate[rate["measure"].eq("survey_responses")]["value"].tolist()
    printed = rate[rate["measure"].eq("survey_responses_pct")]["value"].tolist()

    shares = [share_pct(count, 61) for count in counts]

    assert (61, 101) == (sum(counts), sum(printed))
    assert ([82, 5, 11, 2], [82, 5, 12, 2]) == ([round(share) for share in shares], printed)


def test_a_change_from_below_nothing_keeps_its_direction():
    """A deficit of 10 that halves has risen by half of its size, not fallen."""
    assert 50 == pct_change(-10, -5)


# ---- Refusals --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: pct_change(0, 5), "before: found 0"),
        (lambda: pct_change(float("nan"), None), "before: found nan.*after: found None"),
        (lambda: base_from_change(5, -100), "leaves no base"),
        (lambda: share_pct(1, 0), "whole: found 0"),
        (lambda: share_pct(True, 2), "part: found True"),
        (lambda: whole_from_share(1, 0), "pct: found 0"),
        (lambda: yearly_mean(1, 0), "years: found 0"),
        (lambda: yearly_growth_pct(-1, 2, 2), "above 0"),
        (lambda: delay_cost(-5, 1, 1), "places: found -5"),
        (lambda: delay_cost(5, 1, -1), "months: found -1"),
        (lambda: implied_places(1, 0, 12), "unit_cost_gap_gbp: found 0"),
        (lambda: full_year(1, 0), "months: found 0"),
        (lambda: over_grant_pct(1, 0), "grant: found 0"),
        (lambda: evenly(1, 2, 0), "years: found 0"),
        (lambda: residual(1, ["x"]), "part 1: found 'x'"),
        (lambda: growth_range(0.2, 1, step=1), "growth from 0.2"),
    ],
)
def test_what_cannot_be_worked_out_is_refused(call, says):
    """A base of nothing, a count below nothing or a gap stops, with its name."""
    with pytest.raises(SchemaError, match=f"(?s){says}"):
        call()
