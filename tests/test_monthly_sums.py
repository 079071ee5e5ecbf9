"""Sums of months to come: areas add up, a sum is surer than its months, and its range holds as often as it says."""

from datetime import date

import pytest
from benchmarks.worlds import monthly as world

from highneeds.errors import ParamsError
from highneeds.models.monthly.months import Named, forecast_months
from highneeds.models.monthly.sums import forecast_sums
from highneeds.months import TOTAL
from tests.test_monthly_model import steady

KENT = Named("local_requests", "E10000016", "Kent")


def made_of(table, **options):
    return forecast_months(table, named=KENT, with_record=False, **options)


def year_of(table, **options):
    made = made_of(table, **options)
    months = [step.period for step in made[TOTAL].steps]
    return made, forecast_sums(table, made, first=months[0], last=months[-1])


def test_points_of_a_sum_are_the_sums_of_points_and_areas_make_the_total():
    """Whoever adds up the months of the chart must get the number of the table."""
    made, sums = year_of(steady(36))

    for name, step in sums.items():
        assert step.point == pytest.approx(sum(each.point for each in made[name].steps))
    assert sums[TOTAL].point == pytest.approx(sums["East"].point + sums["West"].point)
    assert "2025-03 to 2026-02" == sums[TOTAL].period


def test_a_year_is_surer_than_its_months_but_not_as_if_they_were_independent():
    """Chance of single months cancels, the level's does not: the range lies between the two simple answers."""
    made, sums = year_of(steady(36))
    half = [(high - low) / 2 for low, high in (step.range(80) for step in made[TOTAL].steps)]
    low, high = sums[TOTAL].range(80)

    assert sum(size**2 for size in half) ** 0.5 < (high - low) / 2 < sum(half)


def test_the_same_counts_give_the_same_sum():
    """A number that changes without a reason cannot be audited."""
    assert year_of(steady(24))[1] == year_of(steady(24))[1]


def test_refused_series_have_no_sum():
    """An area without a forecast gets none by the back door; nor does a table without any."""
    small = steady(24, East=60, Tiny=1)

    assert ["East", TOTAL] == list(year_of(small)[1])
    assert {} == forecast_sums(steady(6), made_of(steady(6)), first="2022-09", last="2022-10")


@pytest.mark.parametrize(("first", "last"), [("2025-02", "2025-05"), ("2025-04", "2026-04"), ("2025-06", "2025-05")])
def test_months_that_were_not_forecast_have_no_sum(first, last):
    """Months before, after, and in the wrong order: each is an instruction, never a smaller sum."""
    table = steady(36)

    with pytest.raises(ParamsError, match="the forecast has 2025-03 to 2026-02"):
        forecast_sums(table, made_of(table), first=first, last=last)


def test_the_part_month_is_in_no_sum():
    """It rests on counts that the later months do not; its own forecast says what it will come to."""
    table, day = steady(37), date(2025, 3, 12)
    made = made_of(table, data_to=day, horizon=13)

    with pytest.raises(ParamsError, match="2025-04"):
        forecast_sums(table, made, first="2025-03", last="2026-02", data_to=day)
    assert (
        "2025-04 to 2026-03" == forecast_sums(table, made, first="2025-04", last="2026-03", data_to=day)[TOTAL].period
    )


@pytest.mark.parametrize("months", [12, 36])
def test_ranges_of_sums_hold_as_often_as_they_say_in_simulated_authorities(months):
    """360 sums of areas (90 authorities held 79-83% in the full run, `authorities=90`); here 40, so wider limits."""
    held = []
    for history, came in world.cells(2026, months, authorities=40):
        sums = forecast_sums(history, made_of(history), first=came.index[0], last=came.index[-1])
        for name in came:
            low, high = sums[name].range(80)
            held.append(low <= came[name].sum() <= high)

    assert 70 <= 100 * sum(held) / len(held) <= 92
