"""Deadlines as plans print them: each reading is a span, what is odd is said, and nothing is guessed."""

import calendar
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from highneeds.models.programme import deadlines as read
from highneeds.models.programme.benefits import read_amount
from highneeds.models.programme.deadlines import Deadline, placeholders, read_deadline

NOVEMBER_2021 = date(2021, 11, 1)
DAYS = st.dates(date(2001, 1, 1), date(2099, 12, 31))
CYRILLIC = {"A": "А", "a": "а", "e": "е", "O": "О", "o": "о", "c": "с", "p": "р", "t": "т", "M": "М", "y": "у"}


@pytest.mark.parametrize(
    ("text", "earliest", "latest", "precision"),
    [
        ("29 Oct 21", date(2021, 10, 29), date(2021, 10, 29), read.DAY),
        ("18 NOv 21", date(2021, 11, 18), date(2021, 11, 18), read.DAY),
        ("31/12/2022", date(2022, 12, 31), date(2022, 12, 31), read.DAY),
        ("Nov2022", date(2022, 11, 1), date(2022, 11, 30), read.MONTH),
        ("SEPT 2022", date(2022, 9, 1), date(2022, 9, 30), read.MONTH),
        ("Jan-25", date(2025, 1, 1), date(2025, 1, 31), read.MONTH),
        ("2025-09", date(2025, 9, 1), date(2025, 9, 30), read.MONTH),
        ("by end of March 2022", date(2022, 3, 1), date(2022, 3, 31), read.MONTH),
        ("Q4 2025-26", date(2026, 1, 1), date(2026, 3, 31), read.QUARTER),
        ("Autumn 2020", date(2020, 9, 1), date(2020, 12, 31), read.TERM),
        ("2025/26 financial year", date(2025, 4, 1), date(2026, 3, 31), read.FINANCIAL_YEAR),
        ("2022/23 fy", date(2022, 4, 1), date(2023, 3, 31), read.FINANCIAL_YEAR),
        ("2025-26 academic year", date(2025, 9, 1), date(2026, 8, 31), read.SCHOOL_YEAR),
        ("2022", date(2022, 1, 1), date(2022, 12, 31), read.YEAR),
        ("April 2025 – September 2025", date(2025, 4, 1), date(2025, 9, 30), read.SPAN),
    ],
)
def test_a_plain_date_is_the_span_it_means(text, earliest, latest, precision):
    """Days, months, quarters, terms and years, in the forms that the papers use."""
    made = read_deadline(text)

    assert (earliest, latest, precision, ()) == (made.earliest, made.latest, made.precision, made.flags)


def test_cyrillic_letters_are_read_and_told():
    """West Northamptonshire prints `Ост 2020` in another alphabet, in a plan of November 2021."""
    made = read_deadline("Ост 2020", plan_date=NOVEMBER_2021)

    assert ("Ост 2020", "Oct 2020", date(2020, 10, 31)) == (made.text, made.read, made.latest)
    assert (read.LETTERS, read.BEFORE_PLAN) == made.flags


@pytest.mark.parametrize(
    ("text", "flag"),
    [
        ("xxx", read.PLACEHOLDER),
        ("£x m", read.PLACEHOLDER),
        ("TBC", read.PLACEHOLDER),
        ("EVERY JANUARY", read.EVERY_YEAR),
        ("pending additional budget.", read.UNREADABLE),
        ("Agency Panel responses - first", read.UNREADABLE),
        ("31 Feb 2022", read.UNREADABLE),
        ("2016/19", read.UNREADABLE),
        ("13/14/2022", read.UNREADABLE),
    ],
)
def test_what_is_no_date_stays_without_one(text, flag):
    """A placeholder is not a day, and nothing is ever late by it."""
    made = read_deadline(text)

    assert (None, None, (flag,)) == (made.earliest, made.latest, made.flags)


@pytest.mark.parametrize("text", ["from April 2025", "September 2027 at the earliest", "Autumn 2025 ongoing"])
def test_a_beginning_has_no_end(text):
    """`From` names no day on which something should be over."""
    made = read_deadline(text)

    assert made.earliest and made.latest is None and read.OPEN_ENDED in made.flags


def test_two_readings_are_both_allowed_for():
    """3 April or 4 March; a financial or a school year: the last day of both counts."""
    numbers, year = read_deadline("03/04/2025"), read_deadline("2025/26")

    assert (date(2025, 3, 4), date(2025, 4, 3)) == (numbers.earliest, numbers.latest)
    assert (date(2025, 4, 1), date(2026, 8, 31)) == (year.earliest, year.latest)
    assert (read.TWO_READINGS,) == numbers.flags == year.flags


def test_what_stands_beside_a_date_is_told():
    """Words that may change its meaning, a second date, a date that cannot be."""
    assert (read.OTHER_WORDS,) == read_deadline("March 2025 for initial briefing note").flags
    assert read.SEVERAL in read_deadline("September 2020 and March 2021").flags
    assert read.PART_UNREADABLE in read_deadline("31 Feb 2022 and 3 March 2022").flags


def test_a_deadline_before_its_start_is_told():
    """One of the two must be wrong; neither is mended."""
    start = read_deadline("September 2022")

    assert (read.BEFORE_START,) == read_deadline("March 2022", start=start).flags
    assert () == read_deadline("September 2022", start=start).flags


def test_nothing_printed_is_nothing_odd():
    """An empty cell is undated, not faulty."""
    assert Deadline("") == read_deadline("")


def test_placeholders_are_found_in_words():
    """`up to xxx places`, `the £x m programme`; ordinary words and sums are none."""
    assert ["xxx"] == placeholders("up to xxx more places") and ["£x"] == placeholders("the £x m programme")
    assert [] == placeholders("the £30m programme for 6 schools, extra staff")


@given(day=DAYS)
@settings(deadline=None)
def test_a_day_is_read_back_from_every_form(day):
    """However it is written, it is that day; a month written alone holds it and no other month's days."""
    name, short = calendar.month_name[day.month], calendar.month_abbr[day.month]
    forms = [day.isoformat(), f"{day.day} {name} {day.year}", f"{day.day:02} {short.upper()} {day.year % 100:02}"]
    month = read_deadline(f"{short} {day.year}")

    assert {(day, day)} == {(made.earliest, made.latest) for made in map(read_deadline, forms)}
    assert month.earliest == day.replace(day=1)
    assert month.latest + timedelta(1) == (day.replace(day=1) + timedelta(32)).replace(day=1)


@given(day=DAYS, numbers=st.booleans())
@settings(deadline=None)
def test_letters_of_another_alphabet_change_no_reading(day, numbers):
    """The span is the same, and that letters were replaced is always told."""
    plain = f"{day.day} {calendar.month_name[day.month]} {day.year}"[0 if numbers else len(str(day.day)) + 1 :]
    swapped = "".join(CYRILLIC.get(letter, letter) for letter in plain)
    one, other = read_deadline(plain), read_deadline(swapped)

    assert (one.earliest, one.latest) == (other.earliest, other.latest)
    assert (read.LETTERS in other.flags) == (swapped != plain)


@given(text=st.text(max_size=40) | st.from_regex(r"[0-9a-z£x/. -]{0,24}", fullmatch=True))
@settings(deadline=None)
def test_no_text_is_refused_and_spans_run_forward(text):
    """Whatever a cell holds is kept as printed; a last day is never before the first."""
    made = read_deadline(text, plan_date=NOVEMBER_2021)

    assert text == made.text
    assert made.latest is None or made.earliest <= made.latest
    assert made.earliest is not None or made.latest is None
    assert made.dated or made.flags or not text.strip()


@pytest.mark.parametrize(
    ("text", "gbp", "about"),
    [
        ("£36.5m", 36.5e6, False),
        ("c.£1.5m", 1.5e6, True),
        ("approximately £1m", 1e6, True),
        ("19,730,000", 19.73e6, False),
        ("£0", 0.0, False),
        ("£6k", 6e3, False),
        ("£x m", None, False),
        ("", None, False),
    ],
)
def test_amounts_are_read_as_printed(text, gbp, about):
    """A placeholder is no amount, and nothing is not nought."""
    made = read_amount(text)

    assert (gbp if gbp is None else pytest.approx(gbp), about) == (made.gbp, made.about)
    assert made.unreadable == (text == "£x m")
