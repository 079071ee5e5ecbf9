"""No number in a sentence is typed, every one is marked, and data cannot write markup."""

import pytest

from highneeds.claims import claim, direction, listed, loose_numbers
from highneeds.errors import ClaimError
from highneeds.figures import change_pct
from tests.test_figures import figure


def test_a_typed_number_stops_the_report():
    """The commonest way for a report to go stale is a digit left in a sentence."""
    with pytest.raises(ClaimError, match="42.1% is typed"):
        claim("a", "Only 42.1% of plans were on time.")


def test_names_of_limits_may_hold_digits():
    """20 weeks is the name of a limit, ages 0 to 25 of a span."""
    made = claim("a", "Plans issued within 20 weeks, people aged 0 to 25, of every 1,000 people.")

    assert "20 weeks" in made.text


def test_a_figure_is_marked_with_its_id():
    """The page leads from the number to its row in figures.csv."""
    made = claim("a", "{n} requests {n.when}.", n=figure(4001))

    assert "4,001 requests in calendar 2024." == made.text
    assert '<span class="num" data-figure="requests_received.kent.2024">4,001</span>' in made.html


def test_markup_in_data_is_shown_not_run():
    """An area named <script> must be read, not obeyed."""
    made = claim("a", "{area} had most.", area="<script>alert()</script>")

    assert "<script>" not in made.html
    assert "&lt;script&gt;" in made.html


def test_a_slot_without_a_figure_is_an_error():
    """A sentence with a hole is not published."""
    with pytest.raises(ClaimError, match="no figure was given for n"):
        claim("a", "{n} requests.")


@pytest.mark.parametrize(
    ("new", "old", "expected"),
    [(110, 100, "up"), (90, 100, "down"), (100, 100, "no change"), (100_001, 100_000, "no change")],
)
def test_direction_follows_the_printed_change(new, old, expected):
    """A change that prints as 0.0% must not be called a rise."""
    change = change_pct(figure(new), figure(old, id="requests_received.kent.2023", period="2023"))

    assert expected == direction(change)


def test_lists_read_as_english():
    """The last two names are joined by and."""
    assert ["a", "a and b", "a, b and c"] == [listed(items) for items in (["a"], ["a", "b"], ["a", "b", "c"])]


@pytest.mark.parametrize(
    "said",
    [
        "Plans within 20 weeks, 8-in-10 range, aged 0 to 25, per 1,000 people.",
        "From 5 February 2025 to 18 March 2025, in 2027/28 and 2024-25 (Figure 1.2, Table A.3).",
        "Counts of 1 to 4 are not shown; fewer than 10 cases; a block of £6,000; year 6 into year 7.",
        '<span class="nr">2.1</span> <strong>Caution:</strong> <span class="num" data-figure="a">4,001</span>.',
    ],
)
def test_plain_numbers_and_figures_need_no_other_source(said):
    """Names, rules, days, years, parts of the report, and what is marked."""
    assert [] == loose_numbers(said)


@pytest.mark.parametrize(
    ("said", "loose"),
    [
        ("Kent received 4,001 requests in 2024.", ["4,001"]),
        ("About 39% lead to a plan; 74.2 come in a week.", ["39%", "74.2"]),
        ('<span class="num" data-figure="a">12</span> of 30 plans', ["30"]),
        ("hidden in 16 of 22 months", ["16", "22"]),
        ("in 31 of the last 20 weeks", ["31"]),
        ("2,024 plans", ["2,024"]),
    ],
)
def test_any_other_number_is_found(said, loose):
    """A number that somebody typed, or that a model wrote into a sentence."""
    assert loose == loose_numbers(said)
