"""The papers' counts of demand, item by item (K2 to K6, T3, F2): what the printed figures give.

Figures are read from data/raw and from the panel; where a paper and the department differ, both stand here.
"""

import pytest

from highneeds.models.deficit.arithmetic import pct_change
from highneeds.months import TOTAL
from highneeds.sources.papers import read_papers
from tests.conftest import ROOT

KENT = read_papers(ROOT / "data" / "raw" / "kent").tables
LEICESTERSHIRE = read_papers(ROOT / "data" / "raw" / "leicestershire").tables
MONTHS, PROGRESS = KENT["requests_by_month_and_area"], KENT["progress_summary"]


def progress(measure: str) -> tuple[float, float]:
    """What Kent's progress table prints for a measure, under 2023 and under 2024."""
    rows = PROGRESS[PROGRESS["measure"].eq(measure)].set_index("period")["value"]
    return rows["2023"], rows["2024"]


def of_ages(panel, area: str, period: str, first: int, last: int) -> float:
    """Plans of an area in a January, ages `first` to `last` as the department counts them."""
    rows = panel.values.query("measure == 'ehc_plans' and area_code == @area and period == @period")
    ages = rows.set_index("breakdown")["value"]
    return sum(ages[f"age {age}"] for age in range(first, last + 1))


def test_k2_every_printed_month_is_the_sum_of_its_areas():
    """Twelve columns, each the sum of four areas and the addresses outside Kent."""
    parts = MONTHS[MONTHS["breakdown"].ne(TOTAL)].groupby("period")["value"].sum()
    totals = MONTHS[MONTHS["breakdown"].eq(TOTAL)].set_index("period")["value"]

    assert 12 == len(totals)
    assert totals.to_dict() == parts.to_dict()


def test_k2_the_year_by_area():
    """North 858, East 1,266, South 893, West 819, outside 38: 3,874."""
    sums = MONTHS.groupby("breakdown")["value"].sum().to_dict()

    assert {"North": 858, "East": 1_266, "South": 893, "West": 819, "Not Kent Address": 38, TOTAL: 3_874} == sums


def test_k2_the_months_not_printed_follow_from_the_year():
    """If 3,991 of 2024 comes from the same source, January and February 2024 had 834: 2025's 717 are 14% fewer."""
    totals = MONTHS[MONTHS["breakdown"].eq(TOTAL)].set_index("period")["value"]
    printed_2024 = totals[totals.index.str.startswith("2024")].sum()
    year_2024 = progress("ehc_requests")[1]

    left, now = year_2024 - printed_2024, totals[["2025-01", "2025-02"]].sum()

    assert (3_157, 834, 717, -14) == (printed_2024, left, now, round(pct_change(left, now)))


def test_k3_three_months_are_stated_and_no_year_is_like_them(facts_on):
    """51.5, 76 and 89.9% of single months stand above the department's 33.3% of the whole year that holds two of them.

    The paper says neither how many plans a month's percentage counts nor whether exceptions are left out.
    """
    rows = KENT["timeliness_by_month"]
    facts = facts_on("Kent")
    year = facts.get("within_20_weeks_excluding_exceptions_pct", facts.authority, "2024").value

    assert {"2024-08": 51.5, "2024-10": 76, "2025-02": 89.9} == rows.set_index("period")["value"].to_dict()
    assert {"within_20_weeks_pct"} == set(rows["measure"])
    assert (rows["value"] > year).all() and 33.3 == round(year, 1)


@pytest.mark.parametrize(
    ("measure", "change"),
    [
        ("ehc_plans", 6.5),
        ("ehc_plans_statutory_school_age", 5.0),
        ("ehc_requests", -7.2),
        ("sen_support_pupils", 6.5),
        ("population_children", 1.6),
    ],
)
def test_k5_changes_of_the_progress_table(measure, change):
    """Plans +6.5%, plans of school age +5.0%, requests -7.2%, SEN Support +6.5%, children +1.6%."""
    actual = round(pct_change(*progress(measure)), 1)

    assert change == actual


def test_k5_the_two_counts_of_school_age_are_not_of_the_same_ages(panel, facts_on):
    """13,864 is near ages 4 to 15 in January 2024, 14,564 near 5 to 15 in January 2025; like for like is +10.0%."""
    kent = facts_on("Kent").authority.code
    before, after = progress("ehc_plans_statutory_school_age")
    from_four = of_ages(panel, kent, "2024", 4, 15)
    from_five = of_ages(panel, kent, "2025", 5, 15)
    five_before = of_ages(panel, kent, "2024", 5, 15)

    assert (13_860, 14_566, 13_243) == (from_four, from_five, five_before)
    assert abs(before - from_four) <= 5 and abs(after - from_five) <= 5
    assert abs(before - five_before) > 600, "the first count cannot be of ages 5 to 15"
    assert 10.0 == round(pct_change(five_before, from_five), 1)
    assert 5.0 == round(pct_change(before, after), 1)


def test_k5_the_years_above_the_table_lag_the_department(facts_on):
    """What stands under 2023 and 2024 is, to a few plans, the department's January 2024 and January 2025."""
    facts = facts_on("Kent")
    published = [facts.get("ehc_plans", facts.authority, year).value for year in ("2024", "2025")]

    for printed, year in zip(progress("ehc_plans"), published, strict=True):
        assert abs(pct_change(year, printed)) < 0.5


def test_k6_down_seven_per_cent_here_and_level_in_the_release(facts_on):
    """4,302 to 3,991 is -7.23%, as stated; the department has 3,988 to 4,001, +0.3%."""
    facts = facts_on("Kent")
    published = [facts.get("requests_received", facts.authority, year).value for year in ("2023", "2024")]
    said = KENT["stated_figures"].query("measure == 'ehc_requests_change_pct'")["value"].item()

    local = pct_change(*progress("ehc_requests"))

    assert (-7.23, said) == (round(local, 2), round(local))
    assert ([3_988, 4_001], 0.3) == (published, round(pct_change(*published), 1))


def test_t3_neither_end_of_the_stated_rise_is_a_published_year(facts_on):
    """0 to 11% has no dates and no counts; the department's years are 6.0% and 4.3%, a fall."""
    rows = LEICESTERSHIRE["tsil_figures"].query("measure == 'within_20_weeks_pct'")
    facts = facts_on("Leicestershire")
    years = [facts.get("within_20_weeks_excluding_exceptions_pct", facts.authority, y).value for y in ("2023", "2024")]

    assert {"Before service reset": 0, "After service reset": 11} == rows.set_index("breakdown")["value"].to_dict()
    assert [6.0, 4.3] == [round(year, 1) for year in years]
    assert not LEICESTERSHIRE["tsil_figures"]["measure"].str.startswith("plans_issued").any()


def test_f2_votes_are_three_for_each_decision_and_never_more_than_the_members_present():
    """Approved, rejected and abstained of each recommendation; sixteen voted at most, as in the fullest vote."""
    votes = LEICESTERSHIRE["schools_forum_votes"]
    decision = votes["breakdown"].str.rsplit(" - ", n=1)
    table = votes.assign(decision=decision.str[0], vote=decision.str[1]).pivot(
        index="decision", columns="vote", values="value"
    )

    assert ["abstained", "approved", "rejected"] == sorted(table.columns)
    assert table.notna().all(axis=None)
    assert 16 == table.sum(axis=1).max()
    assert (table["approved"] > table["rejected"] + table["abstained"]).all(), "every recommendation was carried"


def test_f2_what_is_passed_through_and_what_is_kept_make_the_whole():
    """95% passed through leaves the 5% that may be kept; the queried rate change is kept beside the one it corrects."""
    rows = LEICESTERSHIRE["schools_forum_figures"].set_index(["measure", "breakdown"])["value"]
    changes = rows["early_years_provider_rate_change"].to_dict()

    passed, kept, limit = (
        rows[f"early_years_{name}_pct", TOTAL]
        for name in ("pass_through", "central_retention", "central_retention_limit")
    )

    assert (100, True) == (passed + kept, kept <= limit)
    assert {"3- and 4-year-olds": 0.58, "2-year-olds": 1.68, "2-year-olds (queried against 2023-24)": -0.60} == changes
