"""Text to days: every form that case systems write, one decision for a column, nothing guessed."""

import time
from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from highneeds.clean.dates import parse_dates

SIXTEENTH = [
    "2025-01-16",
    "2025-01-16T00:00:00",
    "2025-01-16 09:30:00.123",
    "2025-01-16T00:00:00Z",
    "2025/01/16",
    "2025-Jan-16 00:00:00",
    "16-Jan-2025",
    "16-JAN-25",
    "16 January 2025",
    "Thursday 16th January 2025",
    "Jan 16 2025 12:00AM",
    "16/01/2025",
    "16-01-2025",
    "16.01.2025",
    "16/1/25",
    "16/01/2025 14:05",
    "  16/01/2025\u00a0",
    "16\u201301\u20132025",
    "20250116",
    "45673",
    "45673.0",
    "45673.75",
]
WRITTEN = {
    "iso": "%Y-%m-%d",
    "iso with time": "%Y-%m-%dT%H:%M:%S",
    "portal": "%Y-%b-%d 00:00:00",
    "short name": "%d-%b-%Y",
    "long name": "%d %B %Y",
    "slashes": "%d/%m/%Y",
    "dashes": "%d-%m-%Y",
    "dots": "%d.%m.%Y",
    "eight digits": "%Y%m%d",
}
days_of_a_child = st.dates(date(1900, 1, 1), date(2100, 12, 31))


def column(*texts):
    return pd.Series(list(texts), dtype="str")


def days(parsed):
    return [None if pd.isna(day) else day.date().isoformat() for day in parsed.values]


@pytest.mark.parametrize("text", SIXTEENTH)
def test_each_form_gives_the_same_day(text):
    """Returns, workbooks and case systems write 16 January 2025 in many ways."""
    assert ["2025-01-16"] == days(parse_dates(column(text)))


@pytest.mark.parametrize(
    "text", ["31/02/2025", "2025-13-01", "30 February 2025", "16/01-2025", "16/01/1899", "01/01/2101"]
)
def test_days_that_are_not_in_the_calendar_are_unreadable(text):
    """A 31 February is a mistake that somebody has to put right."""
    parsed = parse_dates(column(text, "2025-01-16"))

    assert [True, False] == parsed.unreadable.tolist()
    assert [None, "2025-01-16"] == days(parsed)


@pytest.mark.parametrize(
    "text", ["18263", "54789", "3", "123456", "10.5", "yes", "16/01", "2025", "=TODAY()", "<b>1</b>"]
)
def test_other_numbers_and_words_are_not_days(text):
    """A case number must not turn into a day of 1923."""
    assert [True] == parse_dates(column(text)).unreadable.tolist()


def test_blank_cells_are_neither_unreadable_nor_ambiguous():
    """A blank is no fault of the date's form."""
    parsed = parse_dates(pd.Series([None, "", "  ", "\u00a0"], dtype="str"))

    assert (0, 0, 4) == (parsed.unreadable.sum(), parsed.ambiguous.sum(), parsed.values.isna().sum())
    assert ("", "", ()) == (parsed.form, parsed.order, parsed.examples)


def test_one_clear_cell_decides_the_order_of_the_column():
    """25/12 can only be day first, so 03/04 is 3 April in that column."""
    parsed = parse_dates(column("03/04/2024", "25/12/2024"))

    assert ["2024-04-03", "2024-12-25"] == days(parsed)
    assert ("day first", "day/month/year") == (parsed.order, parsed.form)


def test_a_month_first_column_is_read_month_first():
    """12/25 can only be month first, so 03/04 is 4 March in that column."""
    parsed = parse_dates(column("03/04/2024", "12/25/2024"))

    assert ["2024-03-04", "2024-12-25"] == days(parsed)
    assert ("month first", "month/day/year") == (parsed.order, parsed.form)


def test_a_column_that_shows_no_order_is_not_guessed():
    """03/04 is either of two days, and a wrong one moves a case by a month."""
    parsed = parse_dates(column("2024-05-01", "03/04/2024", None, "03/04/2024", "05/06/2024"))

    assert [False, True, False, True, True] == parsed.ambiguous.tolist()
    assert ["2024-05-01", None, None, None, None] == days(parsed)
    assert (1, 4) == parsed.examples
    assert "year-month-day; day and month as numbers, order not known" == parsed.form


@pytest.mark.parametrize(("order", "expected"), [("day first", "2024-04-03"), ("month first", "2024-03-04")])
def test_an_order_that_was_told_is_followed(order, expected):
    """The analyst knows the system that wrote the file."""
    assert [expected] == days(parse_dates(column("03/04/2024"), order=order))


def test_a_told_order_that_the_column_contradicts_is_not_followed():
    """Somebody is wrong: the clear cell is read, the others wait."""
    parsed = parse_dates(column("03/04/2024", "25/12/2024"), order="month first")

    assert [None, "2024-12-25"] == days(parsed)
    assert [True, False] == parsed.ambiguous.tolist()


@pytest.mark.parametrize("order", ["", "day first", "month first"])
def test_a_column_that_mixes_orders_gives_only_what_is_clear(order):
    """Two systems in one column: no order is right for all of it."""
    parsed = parse_dates(column("03/04/2024", "25/12/2024", "05/05/2024", "12/25/2024", "2024-01-02"), order=order)

    assert [None, "2024-12-25", "2024-05-05", "2024-12-25", "2024-01-02"] == days(parsed)
    assert [0] == np.flatnonzero(parsed.ambiguous).tolist()
    assert ("mixed", (1, 3)) == (parsed.order, parsed.examples)


def test_equal_day_and_month_are_clear():
    """05/05 is one day in either order."""
    parsed = parse_dates(column("05/05/2024", "12/12/2024"))

    assert ["2024-05-05", "2024-12-12"] == days(parsed)


@pytest.mark.parametrize(
    ("text", "expected"), [("16/01/49", "2049-01-16"), ("16/01/50", "1950-01-16"), ("16-Jan-99", "1999-01-16")]
)
def test_two_digit_years_turn_at_fifty(text, expected):
    """Every child of these files was born, and every plan made, between 1950 and 2049."""
    assert [expected] == days(parse_dates(column(text)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2025-06-30T23:00:00Z", "2025-07-01"),
        ("2025-06-30T23:00:00+00:00", "2025-07-01"),
        ("2025-01-15T23:00:00Z", "2025-01-15"),
        ("2025-06-30T23:00:00", "2025-06-30"),
    ],
)
def test_midnight_in_summer_time_kept_as_utc_is_the_english_day(text, expected):
    """A system that stores UTC writes 1 July, 0:00 in England, as 30 June, 23:00."""
    assert [expected] == days(parse_dates(column(text)))


def test_the_index_is_kept():
    """Callers assign the result back to the rows it came from."""
    text = pd.Series(["2025-01-16", "x"], index=[7, 3], dtype="str")

    parsed = parse_dates(text)

    assert [[7, 3]] * 3 == [list(part.index) for part in (parsed.values, parsed.unreadable, parsed.ambiguous)]
    assert "datetime64[s]" == str(parsed.values.dtype)


def test_an_empty_column_is_no_fault():
    """A module may have no record."""
    assert 0 == len(parse_dates(pd.Series([], dtype="str")).values)


def test_an_unknown_order_is_refused():
    """A typing mistake in the caller must not read as no order."""
    with pytest.raises(ValueError, match="day first"):
        parse_dates(column("03/04/2024"), order="dmy")


@pytest.mark.parametrize("written", WRITTEN.values(), ids=WRITTEN)
@given(several=st.lists(days_of_a_child, min_size=1, max_size=5))
@settings(max_examples=40, deadline=None)
def test_any_day_comes_back_from_each_form(written, several):
    """Writing and reading agree for every day from 1900 to 2100."""
    texts = [day.strftime(written).replace(f"{day.year:d}", f"{day.year:04d}") for day in several]

    actual = days(parse_dates(column(*texts), order="day first"))

    assert [day.isoformat() for day in several] == actual


@given(number=st.integers(18264, 54788))
@settings(max_examples=60, deadline=None)
def test_excel_day_numbers_count_from_the_end_of_1899(number):
    """1950 to 2049, as workbooks saved as text hold them."""
    expected = date.fromordinal(date(1899, 12, 30).toordinal() + number).isoformat()

    assert [expected] == days(parse_dates(column(str(number))))


pieces = st.sampled_from(["03/04/2024", "25/12/2024", "12/25/2024", "2024-05-01", "x", "", "45000", "05/05/2024"])


@given(texts=st.lists(pieces, max_size=8), seed=st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_the_order_of_rows_is_irrelevant(texts, seed):
    """A column is decided as a whole, not by what comes first."""
    places = list(range(len(texts)))
    seed.shuffle(places)
    text = column(*texts)

    straight, shuffled = parse_dates(text), parse_dates(text.iloc[places])

    assert straight.values.equals(shuffled.values.sort_index())
    assert straight.ambiguous.equals(shuffled.ambiguous.sort_index())
    assert (straight.form, straight.order) == (shuffled.form, shuffled.order)


@given(
    texts=st.lists(
        st.text(max_size=25) | st.from_regex(r"\A[0-9]{1,6}[-/. ][0-9a-zA-Z]{1,9}[-/. ][0-9]{1,12}\Z"), max_size=6
    )
)
@settings(max_examples=200, deadline=None)
def test_no_text_makes_it_stumble(texts):
    """Whatever stands in a cell is read, or said to be unreadable or ambiguous, or blank."""
    parsed = parse_dates(column(*texts))
    blank = [not text.strip() for text in texts]

    told = parsed.values.notna().astype(int) + parsed.unreadable + parsed.ambiguous
    assert [0 if nothing else 1 for nothing in blank] == told.tolist()


@given(texts=st.lists(pieces, min_size=1, max_size=6))
@settings(max_examples=60, deadline=None)
def test_reading_what_was_read_changes_nothing(texts):
    """Written as ISO and read again, the days stay the same."""
    once = parse_dates(column(*texts)).values

    assert once.equals(parse_dates(once.dt.strftime("%Y-%m-%d").astype("str")).values)


def test_a_million_rows_take_a_blink():
    """Each distinct text is read once; well under a second on a slow, busy machine, about 0.03 s on a free one."""
    dates = pd.date_range("2014-09-01", periods=4_000).strftime("%d/%m/%Y").to_numpy()
    text = pd.Series(dates[np.random.default_rng(1).integers(0, 4_000, 1_000_000)], dtype="str")
    start = time.perf_counter()

    parsed = parse_dates(text)

    assert time.perf_counter() - start < 1
    assert 0 == parsed.values.isna().sum()
