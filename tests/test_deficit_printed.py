"""A printed plan added up again: what adds up, what rounding explains, what neither does, and what is refused."""

from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from highneeds.errors import SchemaError
from highneeds.models.deficit.checks import (
    checks,
    failed,
    growth_checks,
    implied_opening,
    rolled_on,
    says,
    sign_that_reconciles,
)
from highneeds.models.deficit.ledger import accumulated, net, total_spend
from highneeds.models.deficit.printed import in_pounds, printed_ledger, printed_plan
from highneeds.models.deficit.rounded import (
    ADDS_UP,
    DOES_NOT_ADD_UP,
    WITHIN_ROUNDING,
    growth_range,
    growth_verdict,
    rounding_of,
    step_of,
    verdict,
)

COLUMNS = ["measure", "breakdown", "period", "value", "unit", "status", "as_printed", "file", "row"]


def table(*cells: tuple, unit: str = "GBP million") -> pd.DataFrame:
    """Printed rows from (measure, breakdown, period, as printed); an empty text is a blank."""
    rows = [
        (measure, name, year, float(text) if text else np.nan, unit, "" if text else "blank", text, "a/plan.csv", at)
        for at, (measure, name, year, text) in enumerate(cells, start=2)
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def spend(*amounts: str, total: str) -> pd.DataFrame:
    """One year's spend lines and their printed total."""
    lines = [("high_needs_spend", f"line {at}", "2024-25", text) for at, text in enumerate(amounts)]
    return table(*lines, ("high_needs_spend", "Total", "2024-25", total))


def only_check(rows: pd.DataFrame):
    """The one check of a table that has one total."""
    [found] = checks(printed_plan(rows))
    return found


# ---- Rounding --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "as_printed", "expected"),
    [
        ("163", "163", "1"),
        ("-5", "−5", "1"),
        ("81.96", "£81.96m", "0.01"),
        ("41.5", "c£41.50m", "0.01"),
        ("5547", "5,547", "1"),
        ("1.5", "1,500,000", "0.000001"),
        ("4", "four", "1"),
        ("7.25", "", "0.01"),
        ("0", "0", "1"),
    ],
)
def test_a_printed_number_is_as_fine_as_its_last_place(value, as_printed, expected):
    """Trailing noughts count, thousands separators do not, and words leave the value's own decimals."""
    assert Decimal(expected) == step_of(Decimal(value), as_printed)


@pytest.mark.parametrize(
    ("amounts", "total", "expected"),
    [
        (("10", "20"), "30", ADDS_UP),
        (("10", "20"), "31", WITHIN_ROUNDING),
        (("10.0", "20.0"), "30.1", WITHIN_ROUNDING),
        (("10.0", "20.0"), "30.2", DOES_NOT_ADD_UP),
        (("10",), "11", DOES_NOT_ADD_UP),
        (("10", "20"), "28.4", DOES_NOT_ADD_UP),
    ],
)
def test_a_total_is_judged_by_what_rounding_can_do(amounts, total, expected):
    """Half a unit of each part and of the total, and not as much as all of them together."""
    assert expected == only_check(spend(*amounts, total=total)).verdict


def test_a_check_shows_its_sum():
    """An auditor sees parts, sum, printed total, difference and what rounding explains."""
    found = only_check(spend("10", "20", "30", total="62"))

    assert (60, 62, -2, 2) == (found.recomputed, found.printed, found.difference, found.rounding)
    assert "a/plan.csv: row 5: 2024-25, High needs spend: the parts come to 60, printed is 62" in says(found)
    assert [3] == [len(check.parts) for check in failed([found])]


def rounded(cents: int) -> Decimal:
    """Cents to whole units, halves away from zero."""
    return (Decimal(cents) / 100).quantize(Decimal(1), ROUND_HALF_UP)


@given(st.lists(st.integers(-20_000, 20_000), min_size=1, max_size=12))
def test_a_total_that_truly_adds_up_is_never_accused(cents):
    """However parts and total round, a plan that is right in pence is not said to be wrong."""
    difference = sum(map(rounded, cents)) - rounded(sum(cents))

    assert DOES_NOT_ADD_UP != verdict(difference, rounding_of([Decimal(1)] * (len(cents) + 1)))


@given(st.integers(200, 10**6), st.integers(200, 10**6))
def test_the_range_of_growth_holds_the_true_growth(before, after):
    """Two amounts rounded to units: whatever they were, their growth lies in the range."""
    found = growth_range(float(rounded(before)), float(rounded(after)), step=1)
    true = 100 * (after / before - 1)

    assert found.lowest - 1e-9 <= true <= found.highest + 1e-9
    assert DOES_NOT_ADD_UP != growth_verdict(found, float(Decimal(true).quantize(Decimal(1), ROUND_HALF_UP)))


def test_growth_by_hand():
    """100 to 110, to the unit: 109.5 / 100.5 to 110.5 / 99.5."""
    found = growth_range(100, 110, step=1)

    assert (8.955, 11.055, 10.0) == tuple(round(value, 3) for value in found)
    assert [ADDS_UP, WITHIN_ROUNDING, DOES_NOT_ADD_UP] == [growth_verdict(found, printed) for printed in (10, 11, 12)]


def test_a_growth_of_exactly_a_half_prints_upwards():
    """80 to 90 is 12.5%: 13 as it stands, 12 if rounding made it so."""
    found = growth_range(80, 90, step=1)

    assert [ADDS_UP, WITHIN_ROUNDING] == [growth_verdict(found, printed) for printed in (13, 12)]


@pytest.mark.parametrize(("before", "after", "step"), [(0, 5, 1), (0.5, 5, 1), (5, -5, 1), (5, 6, 0)])
def test_growth_from_nothing_is_refused(before, after, step):
    """A base that may have been nothing has no percentage."""
    with pytest.raises(SchemaError, match="growth"):
        growth_range(before, after, step=step)


# ---- A plan ----------------------------------------------------------------------------------------------------------

YEAR, NEXT = "2024-25", "2025-26"


def plan_rows(council: str = "-4") -> pd.DataFrame:
    """Two years of net, contributions and balance: 50 carried on by 10 - 4 and 12 - 4, and printed 56 and 64."""
    return table(
        ("dsg_net_total", "Total", YEAR, "10"),
        ("dsg_net_total", "Total", NEXT, "12"),
        ("council_contribution", "Total", YEAR, "-4"),
        ("council_contribution", "Total", NEXT, council),
        ("dsg_accumulated_position", "Total", YEAR, "56"),
        ("dsg_accumulated_position", "Total", NEXT, "64"),
    )


def test_the_balance_brought_forward_is_implied():
    """56 - 10 + 4 = 50, give or take three halves."""
    assert (50, 1.5) == implied_opening(printed_plan(plan_rows()))


def test_a_balance_carried_on_keeps_its_difference():
    """With +4 printed for -4 the balance comes to 72 beside 64 printed; the 8 are shown, not absorbed."""
    found = rolled_on(printed_plan(plan_rows("4")))

    assert [(YEAR, 56, 56), (NEXT, 72, 64)] == found_as_tuples(found)


def found_as_tuples(found):
    """Named tuples as plain ones."""
    return [tuple(each) for each in found]


def test_the_one_sign_that_reconciles_is_named():
    """Turning the council's +4 gives 64; the balance before, or net, would not."""
    [check] = failed(checks(printed_plan(plan_rows("4"))))

    assert ("council_contribution", NEXT, 4) == (lambda cell: (cell.measure, cell.period, cell.value))(
        sign_that_reconciles(check)
    )


@pytest.mark.parametrize(
    ("amounts", "total"),
    [(("10", "20"), "30"), (("5.0", "5.0", "20.0"), "20.0"), (("10.0", "20.0"), "25.0"), (("0.0", "20.0"), "25.0")],
)
def test_no_sign_is_named_where_none_or_two_would_do(amounts, total):
    """A total that adds up needs none; two fives are a guess; a nought has no sign."""
    assert sign_that_reconciles(only_check(spend(*amounts, total=total))) is None


def test_a_blank_is_no_part_and_no_rounding():
    """Kent prints no saving for its first year: nothing is added, nothing is left open."""
    rows = table(
        ("high_needs_spend", "A", YEAR, "10"),
        ("high_needs_savings", "Total", YEAR, ""),
        ("high_needs_spend", "Total", YEAR, "10"),
    )

    found = only_check(rows)

    assert (1, 1) == (len(found.parts), found.rounding)
    assert [(1_000_000_000,), (0,)] == [line.pence for line in printed_ledger(printed_plan(rows)).lines]


def test_parts_of_other_measures_are_added_up_too():
    """Savings listed scheme by scheme under a total are checked like spend, and each becomes a line."""
    rows = table(
        ("high_needs_savings", "Annex", YEAR, "-2"),
        ("high_needs_savings", "Travel", YEAR, "-3"),
        ("high_needs_savings", "Total", YEAR, "-9"),
    )

    assert (-5, -9, DOES_NOT_ADD_UP) == (lambda c: (c.recomputed, c.printed, c.verdict))(only_check(rows))
    assert ["Annex", "Travel"] == [line.name for line in printed_ledger(printed_plan(rows)).lines]


def test_net_is_made_of_spend_lines_where_no_total_is_printed():
    """Spend 10 + 5 less savings 2, less grant 9: 4."""
    rows = table(
        ("high_needs_spend", "A", YEAR, "10"),
        ("high_needs_spend", "B", YEAR, "5"),
        ("high_needs_savings", "Total", YEAR, "-2"),
        ("high_needs_grant", "Total", YEAR, "-9"),
        ("dsg_net_total", "Total", YEAR, "4"),
    )

    found = only_check(rows)

    assert (4, ADDS_UP, 4) == (found.recomputed, found.verdict, len(found.parts))


def test_a_balance_whose_net_is_not_printed_is_not_checked():
    """What is not printed is unknown, not nothing."""
    rows = plan_rows()
    rows.loc[[0, 1], ["value", "status"]] = [np.nan, "blank"]

    found = printed_plan(rows)

    assert ((), None, ()) == (checks(found), implied_opening(found), rolled_on(found))


def test_a_printed_plan_becomes_a_ledger_in_pence():
    """Lines alone, each with its rows; totals are for checking and never carried over."""
    rows = table(("high_needs_spend", "A", YEAR, "10.25"), ("high_needs_grant", "Total", YEAR, "-9"))
    ledger = printed_ledger(printed_plan(rows))

    assert ((1_025_000_000,), (125_000_000,)) == (total_spend(ledger), net(ledger))
    assert (625_000_000,) == accumulated(ledger, opening=500_000_000)
    assert ["a/plan.csv, rows 2", "a/plan.csv, rows 3"] == [line.source for line in ledger.lines]


def test_units_are_said_once_and_become_pounds():
    """Thousands are thousands."""
    found = printed_plan(table(("high_needs_spend", "A", YEAR, "10"), unit="GBP thousand"))

    assert 10_000.0 == in_pounds(found, Decimal(10))
    assert (1_000_000,) == total_spend(printed_ledger(found))


def test_growth_is_checked_only_where_it_is_printed():
    """The first year has none before it, and a blank says nothing."""
    rows = table(
        ("high_needs_spend", "Total", YEAR, "100"),
        ("high_needs_spend", "Total", NEXT, "110"),
        ("high_needs_spend_change_pct", "Total", YEAR, ""),
        ("high_needs_spend_change_pct", "Total", NEXT, "12"),
    )

    assert [(NEXT, 12.0, DOES_NOT_ADD_UP)] == [
        (found.period, found.printed_pct, found.verdict) for found in growth_checks(printed_plan(rows))
    ]


def test_growth_between_amounts_of_unlike_places_is_as_rough_as_the_rougher():
    """10 may be anything from 9.5 to 10.5, whichever of the two it is."""
    rows = table(
        ("high_needs_spend", "Total", YEAR, "10.0"),
        ("high_needs_spend", "Total", NEXT, "11"),
        ("high_needs_spend_change_pct", "Total", YEAR, ""),
        ("high_needs_spend_change_pct", "Total", NEXT, "14"),
    )

    [found] = growth_checks(printed_plan(rows))

    assert growth_range(10, 11, step=1) == found.growth
    assert WITHIN_ROUNDING == found.verdict


def test_savings_printed_one_by_one_and_in_total_are_counted_once():
    """Spend 20 less savings 2 and 3 is 15; their printed total of 5 is no further saving."""
    rows = table(
        ("high_needs_spend", "A", YEAR, "20"),
        ("high_needs_savings", "Annex", YEAR, "-2"),
        ("high_needs_savings", "Travel", YEAR, "-3"),
        ("high_needs_savings", "Total", YEAR, "-5"),
        ("high_needs_spend", "Total", YEAR, "15"),
    )

    assert [(15, ADDS_UP), (-5, ADDS_UP)] == [(c.recomputed, c.verdict) for c in checks(printed_plan(rows))]


# ---- Faults ----------------------------------------------------------------------------------------------------------


def test_faults_of_a_table_are_told_together_with_file_and_row():
    """A misspelt measure, a year that is none, a lost value, and a blank that holds a number."""
    rows = table(
        ("council_contributions", "Total", YEAR, "1"),
        ("high_needs_grant", "Total", "2024-26", "1"),
        ("high_needs_grant", "Total", YEAR, ""),
        ("high_needs_grant", "Total", NEXT, "5"),
        ("high_needs_grant", "Total", NEXT, "inf"),
    )
    rows.loc[2, "status"], rows.loc[3, "status"] = "", "blank"

    with pytest.raises(SchemaError) as found:
        printed_plan(rows)

    expected = (
        "a/plan.csv: row 2: measure 'council_contributions' is unknown",
        "a/plan.csv: row 3: period '2024-26'",
        "a/plan.csv: row 4: value is missing",
        "a/plan.csv: row 5: found 5 in value, status 'blank'",
        "a/plan.csv: row 6: found Infinity",
    )
    assert len(expected) == len(found.value.faults)
    assert all(fault.startswith(start) for fault, start in zip(found.value.faults, expected, strict=True))


def test_faults_between_rows_are_told_with_the_rows():
    """A cell typed twice, a year left out of a line, a year left out of all, and two units."""
    rows = table(
        ("high_needs_spend", "A", YEAR, "1"),
        ("high_needs_spend", "A", YEAR, "1"),
        ("high_needs_spend", "A", "2026-27", "1"),
        ("high_needs_grant", "Total", YEAR, "-1"),
    )
    rows.loc[3, "unit"] = "GBP"

    with pytest.raises(SchemaError) as found:
        printed_plan(rows)

    assert [
        "a/plan.csv: 2025-26 is missing after 2024-25. Expected every year between. Add it.",
        "a/plan.csv: rows 2, 3 are all high_needs_spend / A / 2024-25. Expected one. Delete the others.",
        "a/plan.csv: high_needs_grant / Total has no row for 2026-27. Add it, blank if not printed.",
        "a/plan.csv: units GBP million, GBP (first in rows 2, 5). Expected one. Convert them.",
    ] == list(found.value.faults)


@pytest.mark.parametrize(
    ("rows", "says_what"),
    [
        (table(("high_needs_spend", "A", YEAR, "1")).drop(columns=["row", "unit"]), "without columns unit, row"),
        (table(("high_needs_spend", "A", YEAR, "1")).head(0), "found 0 rows"),
        (table(("high_needs_spend", "A", YEAR, "1")).astype({"value": str}), "value holds text"),
        (table(("high_needs_spend_change_pct", "Total", YEAR, "1")), "no amount was found"),
    ],
)
def test_a_table_that_is_no_plan_is_refused(rows, says_what):
    """Nothing is worked out from half a table."""
    with pytest.raises(SchemaError, match=says_what):
        printed_plan(rows)


@pytest.mark.parametrize(("unit", "amount"), [("plans", "1"), ("GBP", "1.005")])
def test_what_is_no_money_in_pence_makes_no_ledger(unit, amount):
    """A unit that is no money, or a fraction of a penny."""
    found = printed_plan(table(("high_needs_spend", "A", YEAR, amount), unit=unit))

    with pytest.raises(SchemaError, match="plans|pence"):
        printed_ledger(found)


def test_a_unit_that_is_no_money_has_no_pounds():
    """Plans are not pounds."""
    with pytest.raises(SchemaError, match="plans"):
        in_pounds(printed_plan(table(("high_needs_spend", "A", YEAR, "1"), unit="plans")), Decimal(1))
