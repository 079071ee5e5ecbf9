"""What papers print about money and what is published: the sentences hold the papers' arithmetic, gaps stay gaps."""

import re
from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from highneeds import terms
from highneeds.facts import Facts, Held, held_by
from highneeds.measures.declarations import OWN
from highneeds.params import find_authority
from highneeds.sections import finance
from highneeds.sections.page import Page
from highneeds.sources.papers import Papers, read_papers
from tests.conftest import ROOT

PRINTED = (finance.printed.spend_by_type, finance.printed.plan_as_printed, finance.stated.statements)
BLOCK, BALANCE = "high_needs_block", "dsg_balance"
DAY = "2026-04-08"
# Figures that describe others, without inputs of their own: how many, and a round amount to show shares by.
DESCRIBES = ("high_needs_spend_totals", "dsg_projection_totals", "balances", "round_grant")


@pytest.fixture(scope="module")
def facts_of(panel):
    """Facts on an authority by name, as at a day; the panel laid out once a day."""
    held: dict[str, Held] = {}

    def on(name: str, day: str = DAY) -> Facts:
        as_at = date.fromisoformat(day)
        if day not in held:
            held[day] = held_by(panel, as_at)
        return Facts(panel, find_authority(panel.areas, name), as_at, held[day])

    return on


def open_page(facts, papers: Papers | None = None) -> Page:
    held = papers or read_papers(ROOT / "data" / "raw" / facts.authority.slug)
    return Page("finance", "Finance", "Will the deficit close?", 1, facts, held)


def told(page: Page, *blocks) -> dict[str, str]:
    """Everything the blocks say, by id."""
    for block in blocks:
        block(page)
    return {claim.id.removeprefix("finance."): claim.text for claim in page.claims}


def sheet(page: Page, slug: str) -> dict[str, list]:
    """Values of a table by the head of their row; rows of one name follow one another."""
    [held] = [each for each in page.sheets.values() if each["slug"].endswith(slug)]
    rows: dict[str, list] = {}
    for head, *cells in held["rows"]:
        rows.setdefault(head, []).append([cell.get("value", cell.get("text")) for cell in cells])
    return rows


def spend_rows(parts: list[list[int | None]], totals: list[int], unit: str = "GBP million") -> pd.DataFrame:
    """A printed table of spend by type: a list of amounts a type (None: printed blank), a total a year."""
    lines = [(f"Type {at}", amounts) for at, amounts in enumerate(parts)] + [("Total", totals)]
    cells = [(name, f"20{20 + at}-{21 + at}", value) for name, line in lines for at, value in enumerate(line)]
    return pd.DataFrame(
        [
            {
                "measure": "high_needs_spend", "breakdown": name, "period": year, "period_basis": "financial year",
                "value": np.nan if value is None else float(value), "unit": unit, "source": "A paper",
                "status": "blank" if value is None else "", "as_printed": "" if value is None else str(value),
                "file": "kent/high_needs_spend.csv", "row": row,
            }
            for row, (name, year, value) in enumerate(cells, start=2)
        ]
    )  # fmt: skip


def with_spend(facts, rows: pd.DataFrame) -> Page:
    return open_page(facts, Papers({"high_needs_spend": rows}, None, {}))


# ---- Kent ------------------------------------------------------------------------------------------------------------


def test_k8_the_total_that_does_not_add_up_is_told_with_its_sum(facts_of):
    """106, 49, 46, 17 and 49 are 267 and printed is 264; no sign would let it add up."""
    said = told(open_page(facts_of("Kent")), finance.printed.spend_by_type)

    wrong = said["high_needs_spend_high_needs_spend_wrong_2020-21"]
    assert f"come to £{106 + 49 + 46 + 17 + 49}.0m, printed is £264.0m" in wrong
    assert "sign" not in wrong
    assert "3 add up exactly, 1 within rounding and 1 not at all" in said["high_needs_spend_sums"]
    assert f"£{137 + 68 + 61 + 21 + 48}.0m against £334.0m printed" in said["high_needs_spend_near"]


def test_k8_growth_that_cannot_be_is_told_with_what_rounding_allows(facts_of):
    """334 over 299 is 11.7% and printed is 10%; 365 over 334 is 9.3% and printed is 11%. The other two fit."""
    said = told(open_page(facts_of("Kent")), finance.printed.spend_by_type)

    grown = {name: text for name, text in said.items() if name.startswith("growth_")}
    assert ["growth_2022-23", "growth_2023-24"] == list(grown)
    assert f"as 10%; the printed totals give {100 * (334 / 299 - 1):.1f}%" in grown["growth_2022-23"]
    assert f"{100 * (333.5 / 299.5 - 1):.1f}% to {100 * (334.5 / 298.5 - 1):.1f}%" in grown["growth_2022-23"]
    assert f"as 11%; the printed totals give {100 * (365 / 334 - 1):.1f}%" in grown["growth_2023-24"]


def test_k8_the_drawn_lines_hold_all_spend_by_type(facts_of):
    """Three types and the others together: nothing of the five is lost."""
    page = open_page(facts_of("Kent"))
    finance.printed.spend_by_type(page)

    [drawn] = [each for name, each in page.sheets.items() if name.startswith("Figure")]
    sums = [round(sum(cell["value"] for cell in cells) / 1e6) for _, *cells in drawn["rows"]]
    assert ([267, 299, 335, 365, 391], 4) == (sums, len(drawn["columns"]))


def test_k9_the_plan_is_shown_as_printed_beside_what_it_comes_to(facts_of):
    """376 for 377, net 28, 10, -10 for 27, 9, -11, and a balance of 50 for 30."""
    page = open_page(facts_of("Kent"))
    finance.printed.plan_as_printed(page)

    rows = sheet(page, "plan-printed")
    assert [[393, 395, 388, 377]] == rows["High needs spend, as printed"]
    assert [[393, 395, 388, 376]] == rows["Sum of the lines"]
    assert [[54, 28, 10, -10]] == rows["Spend, grant and transfers"]
    assert [[97, 95, 79, 50]] == rows["Balance rolled on"]
    assert [[0, 0, 0, -1], [0, 1, 1, 1], [0, 0, 0, 20]] == rows["Difference"]
    assert ["not checked", "adds up", "adds up", "does not add up"] == rows["Verdict"][-1]


def test_k9_the_balance_that_breaks_and_the_sign_that_would_mend_it_are_told(facts_of):
    """79 - 11 - 28 + 10 is 50; with the 10 taken off instead it is 30, as printed. 67 stood before, 67.2 published."""
    said = told(open_page(facts_of("Kent")), finance.printed.plan_as_printed)

    wrong = said["dsg_projection_dsg_accumulated_position_wrong_2027-28"]
    assert "6 add up exactly, 4 within rounding and 1 not at all" in said["dsg_projection_sums"]
    assert f"come to £{79 - 11 - 28 + 10}.0m, printed is £30.0m" in wrong
    assert f"council contribution (printed as £10.0m) turned they come to £{79 - 11 - 28 - 10}.0m" in wrong
    assert f"implies £{97 - 54 + 9 + 15}.0m brought forward on 31 March 2024, give or take £2.0m" in said["opening"]
    assert "published for that day is £67.2m" in said["opening"]
    assert "£391.0m in the table by type and £393.0m in the plan" in said["spend_twice"]


@pytest.mark.parametrize(
    ("id", "holds"),
    [
        ("savings", ("£17.0m", "£5.5m a year", f"£{3 * 5.5:.1f}m from 2025-26 to 2027-28", f"£{5 + 6 + 7}.0m")),
        ("savings", ("£17.0m and the lines can both hold, by rounding",)),
        ("residual", ("£30.0m, at least £30.0m and £20.0m to £30.0m", "comes to £50.0m")),
        ("residual", ("Over £600.0m", "no forecast")),
        ("delay_year", ("£1.9m", "7 months", f"£{1.9 * 12 / 7:.1f}m in a full year")),
        ("exceptional", ("£7.5m in 2022-23", "£14.0m", f"{100 * (14 / 7.5 - 1):.1f}% more", "87%, which agrees")),
        ("top_up", ("£13.0m", "£21.0m", f"{100 * (21 / 13 - 1):.1f}% more", "62%, which agrees")),
    ],
)  # fmt: skip
def test_kents_statements_stand_beside_their_arithmetic(facts_of, id, holds):
    """K10, K11, K12, K13 and K14, each worked out again."""
    said = told(open_page(facts_of("Kent")), finance.stated.statements)

    assert [] == [part for part in holds if part not in said[id]]


def test_k12_places_come_from_printed_spend_over_published_plans(facts_of):
    """£82m and £163m over the plans of January 2025; £1.9m for 7 months, £23m for the 43 to March 2028."""
    facts = facts_of("Kent")
    dear, cheap = (
        million * 1e6 / facts.get("ehc_plans", facts.authority, "2025", group).value
        for million, group in ((82, "independent"), (163, "state special"))
    )
    said = told(open_page(facts), finance.stated.statements)["delay_places"]

    few, many = (round(cost * 12 / ((dear - cheap) * months), -1) for cost, months in ((1.9e6, 7), (23e6, 43)))
    assert f"cost £{round(dear, -2):,.0f}" in said
    assert f"£{round(dear - cheap, -2):,.0f} apart" in said
    assert (f"about {few:.0f} places" in said, f"about {many:.0f} places on average over 43 months" in said) == (1, 1)


def test_places_are_not_said_before_the_plans_are_known(facts_of):
    """In 2024 nobody knows the plans of January 2025: what rests on them is left out, the rest stays."""
    said = told(open_page(facts_of("Kent", "2024-12-31")), finance.stated.statements)

    assert ("delay_year" in said, "delay_places" in said, "delay_caution" in said) == (True, False, False)


# ---- Leicestershire --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("id", "holds"),
    [
        ("deficit", ("£65.5m on 31 March 2025", "£110.6m on 31 March 2028", "£45.1m more, £15.0m a year")),
        ("over_grant", ("22% over", "48% in 2027-28", "£22.0m and £48.0m")),
        ("over_grant", (f"22% of a grant of £{15 / 0.22:.1f}m", f"48% of one of £{15 / 0.48 + 0.001:.1f}m")),
        ("over_grant", ("The high needs block was £104.8m in 2023-24.",)),
        ("come_off", ("gaps of £118.0m", "rise by £45.1m", f"£{118 - 45.1:.1f}m must")),
        ("come_off", (f"£{(118 - 45.1) / 3:.1f}m a year",)),
        ("investment", (f"£36.5m over 7 years are £{36.5 / 7:.1f}m a year", f"is £{41.5 - 36.5:.1f}m")),
        ("original", ("grant of £68,700,000", "costs of £64,240,000", "savings of £18,300,000", "5,150 placements")),
        ("in_year", ("£84,920,000", "£81,960,000", "£2,960,000", f"{100 * (84.92 - 81.96) / 81.96:.1f}%")),
        ("placements", ("31.5%", f"{5_547 / 1.315:,.0f} in April 2019", "4,222 plans in January 2019")),
        ("transfer", ("0.5%", "£2.0m worse", f"about £{2 / 0.005:.1f}m")),
    ],
)  # fmt: skip
def test_leicestershires_statements_stand_beside_their_arithmetic(facts_of, id, holds):
    """T4, T5, T6, H2, H3 and H4, each worked out again."""
    said = told(open_page(facts_of("Leicestershire")), finance.stated.statements)

    assert [] == [part for part in holds if part not in said[id]]


# ---- Any paper -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["Rutland", "Leeds", "West Northamptonshire"])
def test_an_authority_without_such_a_paper_says_nothing_of_one(facts_of, name):
    """Rutland has no papers; those of the other two print no such table."""
    page = open_page(facts_of(name))

    assert ([None] * 3, []) == ([block(page) for block in PRINTED], page.claims)


@pytest.mark.parametrize("name", ["Kent", "Leicestershire"])
def test_every_figure_leads_to_a_paper_a_release_or_other_figures(facts_of, name):
    """What stands in no source is computed from what does; a count says what it counts."""
    page = open_page(facts_of(name))
    told(page, *PRINTED, finance.published.published)

    bare = [each for each in page.figures.values() if not each.inputs and each.source in ("", OWN)]
    assert [] == [each.id for each in bare if not (each.id.startswith(DESCRIBES) and each.reference)]
    assert len(page.figures) > 50


def test_a_table_in_thousands_is_told_to_the_thousand(facts_of):
    """1,500 and 2,501 thousand pounds are £4,001,000, printed as £4,100,000."""
    page = with_spend(facts_of("Kent"), spend_rows([[1_500], [2_501]], [4_100], "GBP thousand"))

    said = told(page, finance.printed.spend_by_type)["high_needs_spend_high_needs_spend_wrong_2020-21"]

    assert "come to £4,001,000, printed is £4,100,000; rounding explains less than £1,500" in said


def test_a_blank_is_shown_as_a_blank(facts_of):
    """Kent prints no savings in 2024-25: the cell is no 0, and its sum is 393 without it."""
    page = open_page(facts_of("Kent"))
    finance.printed.plan_as_printed(page)

    assert [[None, -5, -6, -7]] == sheet(page, "plan-printed")["Savings"]


def test_a_blank_among_the_others_adds_nothing(facts_of):
    """Of five types the two smallest are drawn together: 20 and a blank, then 20 and 10."""
    parts = [[90, 91], [80, 81], [70, 71], [20, 20], [None, 10]]
    page = with_spend(facts_of("Kent"), spend_rows(parts, [260, 273]))
    finance.printed.spend_by_type(page)

    [drawn] = [each for name, each in page.sheets.items() if name.startswith("Figure")]
    assert [20e6, 30e6] == [cells[-1]["value"] for _, *cells in drawn["rows"]]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(*[st.integers(1, 400)] * 2, st.integers(-4, 4)), min_size=2, max_size=4))
def test_every_printed_total_is_counted_once_and_each_wrong_one_told(facts_of, cells):
    """Two types and a total a year: 1.5 is what three roundings can make, so 2 and more does not add up."""
    totals = [max(one + two + off, 1) for one, two, off in cells]
    page = with_spend(facts_of("Kent"), spend_rows([[c[0] for c in cells], [c[1] for c in cells]], totals))

    said = told(page, finance.printed.spend_by_type)

    off = [abs(total - one - two) for total, (one, two, _) in zip(totals, cells, strict=True)]
    counts = [len(off), off.count(0), off.count(1), sum(each > 1 for each in off)]
    assert counts == [int(number) for number in re.findall(r"\d+", said["high_needs_spend_sums"])[:4]]
    assert counts[3] == sum("_wrong_" in id for id in said)


# ---- What is published -----------------------------------------------------------------------------------------------


def test_kinds_hold_each_published_kind_of_spend_once():
    """A kind left out, or taken twice, would make shares that are not of 100."""
    taken = [name for names in finance.published_figures.KINDS.values() for name in names]

    assert sorted(terms.SPEND_KINDS) == sorted(taken)


@pytest.mark.parametrize("name", ["Kent", "Rutland", "West Northamptonshire"])
def test_shares_of_the_kinds_of_spend_come_to_a_hundred(facts_of, name):
    """The authority's, England's and the neighbours'."""
    page = open_page(facts_of(name))
    finance.published.published(page)

    rows = sheet(page, "spend-kinds")
    shares = [[cells[at] for kind, [cells] in rows.items() if kind != "Total"] for at in (1, 2, 3)]
    assert [100.0] * 3 == [pytest.approx(sum(each)) for each in shares]


def test_the_block_for_each_plan_is_of_the_january_inside_the_year(facts_of):
    """£311,984,600 or so for 2023-24 over the plans of January 2024."""
    facts = facts_of("Kent")
    said = told(open_page(facts), finance.published.published_claims)

    block = facts.get(BLOCK, facts.authority, "2023-24").value
    plans = facts.get("ehc_plans", facts.authority, "2024").value
    assert f"£{block / plans:,.0f} for each of the {plans:,.0f} plans on 18 January 2024" in said["block_per_plan"]


def test_neighbours_together_are_those_with_both_figures(facts_of):
    """Buckinghamshire has no balance: neither that nor its block is in the share of Oxfordshire's neighbours."""
    facts = facts_of("Oxfordshire")
    near = [area for area in facts.neighbours if facts.get(BALANCE, area, "2024-03-31").known]
    page = open_page(facts)
    finance.published.published(page)

    balance, block = (
        sum(facts.get(measure, area, period).value for area in near)
        for measure, period in ((BALANCE, "2024-03-31"), (BLOCK, "2023-24"))
    )
    shown = sheet(page, "money-beside")["Statistical neighbours, together"][0][-1]
    assert (True, pytest.approx(100 * balance / block)) == (len(near) < len(facts.neighbours), shown)


@pytest.mark.parametrize(
    ("name", "missing"),
    [
        ("Buckinghamshire", ["gap_dsg_balance"]),
        ("Cumberland", ["gap_dsg_balance", "gap_high_needs_spend"]),
        ("City of London", ["gap_dsg_balance", "gap_high_needs_block", "gap_high_needs_spend"]),
        ("Kent", []),
    ],
)
def test_what_is_not_published_is_said_and_not_taken_as_nothing(facts_of, name, missing):
    """No balance in the returns as retyped, no authority in 2021-22, no grant at all."""
    page = open_page(facts_of(name))
    said = told(page, finance.published.published_claims)

    assert missing == sorted(id for id in said if id.startswith("gap_"))
    assert [] == [text for text in said.values() if re.search(r"(?:grant|spent|was|of) £0(?:\.0m)?\b", text)]


def test_no_rate_is_shown_on_fewer_than_ten_children(facts_of):
    """York had 9 children in independent and non-maintained schools: a share of spend, no pounds a child."""
    said = told(open_page(facts_of("York")), finance.published.published_claims)

    assert "for each of" not in said["spend_independent"]
    assert "for each of" in told(open_page(facts_of("Kent")), finance.published.published_claims)["spend_independent"]


def test_a_surplus_is_called_one(facts_of):
    """Essex carried more forward than it spent: below 0 in the return."""
    facts = facts_of("Essex")
    said = told(open_page(facts), finance.published.published_claims)["balance_published"]

    held = facts.get(BALANCE, facts.authority, "2024-03-31").value
    assert f"a surplus of £{-held / 1e6:.1f}m on 31 March 2024" in said


def test_the_block_is_not_said_twice(facts_of):
    """Where the section's answer has given it, the paragraphs do not repeat it."""
    page = open_page(facts_of("Rutland"))
    page.answer(finance.published.published_said(page))

    again = [claim.id for claim in finance.published.published_claims(page)]

    assert "finance.block_per_plan" in again
    assert "finance.block" not in again


def test_every_authority_of_today_gets_its_money_or_a_gap(panel, facts_of):
    """All 153: the block, spend and balance are each given, or said to be missing, and no figure has two values."""
    rows = panel.areas[panel.areas["la_code"].ne("") & panel.areas["closed"].eq("")]
    pairs = (("block", BLOCK), ("spend", "high_needs_spend"), ("balance_published", BALANCE))
    silent = []
    for name in rows["area_name"]:
        said = set(told(open_page(facts_of(name)), *PRINTED[1:], finance.published.published_claims))
        silent += [(name, id) for id, measure in pairs if len(said & {id, f"gap_{measure}"}) != 1]

    assert (153, []) == (len(rows), silent)
