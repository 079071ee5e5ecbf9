"""School calendar: published dates, the law's number of days, and shares that add up."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from highneeds.models.monthly import school_calendar
from highneeds.models.monthly.school_calendar import HOLIDAY_WEIGHT

YEARS = st.integers(2000, 2099)
MONTHS = st.builds(lambda year, month: f"{year}-{month:02d}", YEARS, st.integers(1, 12))


@pytest.mark.parametrize(
    "sunday", [date(2000, 4, 23), date(2008, 3, 23), date(2024, 3, 31), date(2025, 4, 20), date(2038, 4, 25)]
)
def test_easter_falls_on_the_published_sunday(sunday):
    """It moves school days between March and April, so a wrong one would look like a change in requests."""
    assert sunday == school_calendar.easter(sunday.year)


@pytest.mark.parametrize(
    ("year", "published"),
    [
        (2022, ["01-03", "04-15", "04-18", "05-02", "05-30", "08-29", "12-26", "12-27"]),
        (2025, ["01-01", "04-18", "04-21", "05-05", "05-26", "08-25", "12-25", "12-26"]),
        (2026, ["01-01", "04-03", "04-06", "05-04", "05-25", "08-31", "12-25", "12-28"]),
        (2027, ["01-01", "03-26", "03-29", "05-03", "05-31", "08-30", "12-27", "12-28"]),
    ],
)
def test_bank_holidays_are_those_gov_uk_publishes(year, published):
    """With substitute days; in 2022 without the Jubilee's two days and the State Funeral, which no rule foretells."""
    assert published == sorted(f"{day:%m-%d}" for day in school_calendar.bank_holidays(year))


def test_holidays_of_2025_are_the_usual_ones():
    """Most English term calendars of 2025 have these weeks; a late Easter has its two weeks before it."""
    expected = [
        (date(2025, 2, 17), date(2025, 2, 23)),
        (date(2025, 4, 7), date(2025, 4, 20)),
        (date(2025, 5, 26), date(2025, 6, 1)),
        (date(2025, 7, 21), date(2025, 8, 31)),
        (date(2025, 10, 27), date(2025, 11, 2)),
        (date(2025, 12, 22), date(2026, 1, 4)),
    ]

    assert expected == list(school_calendar.school_holidays(2025))


@pytest.mark.parametrize(("year", "start"), [(2024, "04-01"), (2026, "03-30"), (2025, "04-07")])
def test_easter_holidays_begin_after_around_or_before_easter(year, start):
    """31 March, 5 April and 20 April: holidays stay near the start of April wherever Easter falls."""
    assert start == f"{school_calendar.school_holidays(year)[1][0]:%m-%d}"


@given(YEARS)
def test_a_school_year_has_about_as_many_days_as_the_law_asks(year):
    """190 days of lessons and 5 of training; a rule that lost or gained a week would show here."""
    months = [f"{year}-{month:02d}" for month in range(9, 13)] + [f"{year + 1}-{month:02d}" for month in range(1, 9)]

    assert 191 <= sum(school_calendar.school_days(month) for month in months) <= 199


def test_the_first_days_of_a_new_year_belong_to_the_holidays_begun_before():
    """Schools were back on Monday 6 January 2025; 1 January is a bank holiday besides."""
    actual = [school_calendar.is_school_day(date(2025, 1, day)) for day in range(1, 8)]

    assert [False, False, False, False, False, True, True] == actual


def test_august_brings_what_comes_in_holidays_only():
    """August 2025: 21 weekdays, one a bank holiday, none a school day."""
    assert 0 == school_calendar.school_days("2025-08")
    assert pytest.approx(20 * HOLIDAY_WEIGHT) == school_calendar.month_weight("2025-08")


def test_easter_moves_requests_between_march_and_april():
    """March 2024 lost Good Friday to Easter; March 2025 had all its 21 weekdays."""
    assert (20, 21) == (school_calendar.school_days("2024-03"), school_calendar.school_days("2025-03"))
    assert school_calendar.share_of_year("2024-03") < school_calendar.share_of_year("2025-03")


@given(YEARS)
def test_the_profile_of_a_year_is_shares_that_add_up(year):
    """It says how a year's requests fall on its months, not how many there are."""
    months = [f"{year}-{month:02d}" for month in range(1, 13)]

    assert pytest.approx(12) == school_calendar.profile(months).sum()


@given(MONTHS)
def test_exposure_grows_from_nothing_to_the_whole_month(month):
    """A part month can be completed on any day of it."""
    days = len(school_calendar.day_weights(month))
    shares = [school_calendar.exposure_share(month, day=day) for day in range(days + 1)]

    assert (0.0, 1.0) == (shares[0], shares[-1])
    assert sorted(shares) == shares


def test_exposure_counts_school_days_not_days():
    """January 2025 to the 7th: 2 and 3 January in holidays, two school days, of 20 school days and two others."""
    expected = (2 * HOLIDAY_WEIGHT + 2) / (2 * HOLIDAY_WEIGHT + 20)

    assert pytest.approx(expected) == school_calendar.exposure_share("2025-01", day=7)


def test_a_day_outside_the_month_is_an_error():
    """A day 31 of June is a slip of the caller's, not the end of June."""
    with pytest.raises(ValueError, match="2025-06: day 31"):
        school_calendar.exposure_share("2025-06", day=31)
