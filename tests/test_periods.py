"""A period must say which span or day it means, whatever its basis."""

from datetime import date

import pytest

from highneeds import periods


@pytest.mark.parametrize(
    ("period", "basis", "expected"),
    [
        ("2024", periods.CALENDAR_YEAR, "in calendar 2024"),
        ("2025", periods.JANUARY, "on 16 January 2025"),
        ("2019", periods.JANUARY, "in January 2019"),
        ("2023-24", periods.FINANCIAL_YEAR, "in 2023-24"),
        ("2024-03", periods.CALENDAR_MONTH, "in March 2024"),
        ("2025-03-08", periods.AT_DATE, "on 8 March 2025"),
    ],
)
def test_periods_read_as_words(period, basis, expected):
    """A councillor reads the basis in the sentence."""
    assert expected == periods.in_words(period, basis)


@pytest.mark.parametrize(
    ("period", "basis", "expected"),
    [
        ("2024", periods.CALENDAR_YEAR, date(2024, 12, 31)),
        ("2025", periods.JANUARY, date(2025, 1, 16)),
        ("2023-24", periods.FINANCIAL_YEAR, date(2024, 3, 31)),
        ("2024-02", periods.CALENDAR_MONTH, date(2024, 2, 29)),
        ("2023", periods.MID_YEAR, date(2023, 6, 30)),
    ],
)
def test_periods_end_on_a_day(period, basis, expected):
    """A report as at a day leaves out what had not ended by then."""
    assert expected == periods.last_day(period, basis)


@pytest.mark.parametrize(
    ("period", "basis"),
    [("2024-25", periods.CALENDAR_YEAR), ("24", periods.JANUARY), ("2024-3", periods.CALENDAR_MONTH)],
)
def test_a_period_of_the_wrong_shape_is_known(period, basis):
    """An academic year must never pass as a calendar year."""
    assert not periods.is_well_formed(period, basis)


def test_the_year_before_a_financial_year_keeps_its_form():
    """2000-01 follows 1999-00; 2023-24 follows 2022-23."""
    actual = [periods.previous_year(period, periods.FINANCIAL_YEAR) for period in ("2023-24", "2000-01")]

    assert ["2022-23", "1999-00"] == actual
