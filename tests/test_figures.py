"""A figure keeps its trace, prints one way, and never turns a gap into a number."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from highneeds.figures import Figure, change_pct, difference, format_number, fraction_of, label_of, share, slug, total


def figure(
    value,
    *,
    id="requests_received.kent.2024",
    unit="requests",
    period="2024",
    status="",
    places=0,
    measure="requests_received",
):
    return Figure(
        id,
        measure,
        "E10000016",
        "Kent",
        period,
        "calendar year",
        value,
        status,
        unit,
        "requests-2025",
        "row 2",
        places=places,
    )


@pytest.mark.parametrize(
    ("value", "unit", "places", "expected"),
    [
        (4001, "requests", 0, "4,001"),
        (33.26, "%", 1, "33.3%"),
        (2.675, "per 1,000", 2, "2.68"),
        (0.45, "%", 1, "0.5%"),
        (-7.23, "%", 1, "−7.2%"),
        (-0.04, "%", 1, "0.0%"),
        (9_954_000_000, "GBP", 0, "£9,954.0m"),
    ],
)
def test_numbers_print_as_readers_round(value, unit, places, expected):
    """Half goes away from zero, a true minus sign is used, and nothing prints as minus nought."""
    assert expected == format_number(value, unit, places)


def test_a_change_names_both_figures_in_its_formula():
    """An auditor recomputes it from figures.csv alone."""
    new, old = figure(4001), figure(3988, id="requests_received.kent.2023", period="2023")

    actual = change_pct(new, old)

    assert "100 * (requests_received.kent.2024 / requests_received.kent.2023 - 1)" == actual.reference
    assert (new, old) == actual.inputs
    assert "0.3%" == actual.text


@pytest.mark.parametrize("gap", ["x", "z", "d"])
def test_a_change_from_a_gap_is_a_gap(gap):
    """Unavailable is not zero."""
    actual = difference(figure(10), figure(None, status=gap, id="a.kent.2023", period="2023"))

    assert (None, gap) == (actual.value, actual.status)


def test_no_percentage_is_given_from_a_base_under_ten():
    """From 8 to 2 is six fewer children, not a fall of three quarters."""
    actual = change_pct(figure(2), figure(8, id="requests_received.kent.2023", period="2023"))

    assert (None, "u", "[u]") == (actual.value, actual.status, actual.text)


def test_no_percentage_is_given_from_a_share_of_nothing():
    """No plan was on time in a year: what came after is no percentage of that."""
    new, old = figure(4.0, unit="%"), figure(0.0, unit="%", id="requests_received.kent.2023", period="2023")

    actual = change_pct(new, old)

    assert (None, "z") == (actual.value, actual.status)


def test_a_sum_passes_over_a_printed_blank_and_stops_at_a_gap():
    """Kent prints no count for one bucket in January 2025; the other parts still sum to the printed total."""
    parts = [figure(94, id="a"), figure(None, status="b", id="b"), figure(282, id="c")]

    blank = total(parts, "sum", period="2025-01", period_basis="calendar month")
    gap = total([*parts, figure(None, status="x", id="d")], "sum", period="2025-01", period_basis="calendar month")

    assert (376, None) == (blank.value, gap.value)


def test_differences_of_different_measures_have_different_names():
    """Plans late and plans with exceptions are both `issued less something`."""
    issued, on_time, counted = (
        figure(v, id=f"{m}.kent.2024", measure=m) for v, m in ((9, "issued"), (4, "on_time"), (8, "counted"))
    )

    assert difference(issued, on_time).id != difference(issued, counted).id


def test_a_share_of_nothing_is_not_applicable():
    """Division by zero is a symbol, not an error and not infinity."""
    actual = share(figure(0), figure(0, id="b"), "s", "share")

    assert (None, "z") == (actual.value, actual.status)


@given(st.floats(-1e9, 1e9), st.integers(0, 2))
def test_printing_is_within_half_a_unit_of_the_last_place(value, places):
    """A printed figure may be rounded, never wrong."""
    printed = float(format_number(value, "", places).replace(",", "").replace("−", "-"))

    assert abs(printed - value) <= 0.5 * 10**-places + 1e-6 * max(1, abs(value))


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=8))
def test_a_sum_does_not_depend_on_order(values):
    """Row order is no information."""
    parts = [figure(float(value), id=f"p{at}") for at, value in enumerate(values)]

    forward, backward = (total(p, "s", period="2024", period_basis="calendar year").value for p in (parts, parts[::-1]))

    assert sum(values) == forward == backward


def test_slugs_are_safe_in_paths():
    """Names of authorities become folders on every system."""
    assert ["kingston-upon-hull", "st-helens", "etc-passwd"] == [
        slug(t) for t in ("Kingston upon Hull", "St. Helens", "../etc/passwd")
    ]


COUNTS = st.integers(1, 10**6)


@given(COUNTS, COUNTS)
def test_a_share_is_what_stands_above_its_line_over_what_stands_below(top, bottom):
    """A rate carries both of its sides, by name and by number."""
    made = share(figure(float(top), id="a.kent.2024"), figure(float(bottom), id="b.kent.2024"), "s.kent.2024", "s")

    parts = fraction_of(made)

    assert ("a.kent.2024", "b.kent.2024", top, bottom) == (
        parts.above,
        parts.below,
        parts.above_value,
        parts.below_value,
    )
    assert made.value == pytest.approx(100 * parts.above_value / parts.below_value)


@given(st.integers(10, 10**6), COUNTS)
def test_a_change_in_per_cent_is_a_difference_over_its_start(old, new):
    """What a change is of, is the figure it started from."""
    before = figure(float(old), id="requests_received.kent.2023", period="2023")
    made = change_pct(figure(float(new)), before)

    parts = fraction_of(made)

    assert (new - old, old) == (parts.above_value, parts.below_value)
    assert made.value == pytest.approx(100 * parts.above_value / parts.below_value)


def test_a_complement_is_what_is_left_over_the_whole():
    """Decisions within six weeks: all but those that took longer."""
    late, whole = figure(28.0, id="late.kent.2024"), figure(200.0, id="whole.kent.2024")
    made = replace(
        figure(86.0, unit="%"), reference="100 * (1 - (late.kent.2024) / (whole.kent.2024))", inputs=(late, whole)
    )

    parts = fraction_of(made)

    assert ("whole.kent.2024 - (late.kent.2024)", 172.0, 200.0) == (parts.above, parts.above_value, parts.below_value)


def test_a_difference_over_a_part_keeps_its_signs():
    """Spend over the grant, in per cent of the grant; and a sum with a part taken off."""
    costs, grant, rest = (figure(value, id=f"{id}.kent.2024") for id, value in (("a", 110.0), ("b", 100.0), ("c", 5.0)))
    over = figure(10.0, unit="%")
    made = {
        "100 * (a.kent.2024 - b.kent.2024) / b.kent.2024": (10.0, 100.0),
        "100 * (a.kent.2024 + c.kent.2024 - b.kent.2024) / b.kent.2024": (15.0, 100.0),
    }

    for formula, sides in made.items():
        parts = fraction_of(replace(over, reference=formula, inputs=(costs, grant, rest)))
        assert sides == (parts.above_value, parts.below_value)


def test_no_two_sides_are_made_up():
    """A count, a published share and a share with a part that is not known have none, or say that it is not known."""
    lost = share(figure(None, id="a.kent.2024", status="x"), figure(9.0, id="b.kent.2024"), "s.kent.2024", "s")

    assert fraction_of(figure(4001.0)) is None
    assert fraction_of(figure(13.1, unit="%")) is None
    assert (None, 9.0) == (fraction_of(lost).above_value, fraction_of(lost).below_value)


@pytest.mark.parametrize(
    ("measure", "expected"),
    [
        ("to_assess_of_received_pct", "Decided to assess, of requests received"),
        ("to_assess_of_received_pct.change", "Decided to assess, of requests received, change"),
        ("to_assess_of_received_pct_distance", "Decided to assess, of requests received: distance"),
        ("ehc_plans_per_1000_change_from", "EHC plans per 1,000 people aged 0 to 25: change from"),
        ("high_needs_spend_share_top-up-after-school", "{high_needs_spend}: share top up after school"),
        ("dsg_plan_line", "dsg plan line"),
        ("ehc_planstock", "ehc planstock"),
    ],
)
def test_what_is_made_of_a_measure_is_labelled_by_it(measure, expected):
    """A reader knows the measure's label, not its name; the longest declared name counts."""
    assert expected.format(high_needs_spend=label_of("high_needs_spend")) == label_of(measure)
