"""Charts: real text, the same bytes each time, gaps said, and a text alternative made from the data."""

import re

from highneeds.charts import (
    Interval,
    Series,
    bar_chart,
    describe,
    dot_chart,
    line_chart,
    small_multiples,
    stacked_chart,
    swarm_chart,
)
from tests.test_figures import figure


def years(*values, name="requests_received", status=""):
    return [
        figure(v, id=f"{name}.kent.{y}", period=str(y), status="x" if v is None else status)
        for y, v in zip(range(2021, 2030), values, strict=False)
    ]


def texts(svg):
    return [re.sub(r"<[^>]+>", "", text).strip() for text in re.findall(r"<text[^>]*>(.*?)</text>", svg, flags=re.S)]


def test_the_same_data_give_the_same_bytes():
    """A chart that differs without a reason cannot be audited."""
    lines = [Series("Kent", years(1, 2, 3)), Series("England", years(3, 2, 1), "england")]

    assert line_chart(lines, unit="requests") == line_chart(lines, unit="requests")


def test_lines_are_named_beside_their_ends():
    """No legend to match by colour; the last value is readable."""
    svg = line_chart([Series("Kent", years(10, 30)), Series("England", years(20, 25), "england")], unit="%")

    assert {"Kent 30%", "England 25%"} <= set(texts(svg))


def test_labels_of_close_lines_do_not_overlap():
    """Two lines that end together still get two readable names."""
    svg = line_chart([Series("Kent", years(10, 30)), Series("England", years(20, 30.1), "england")], unit="%")

    heights = [float(y) for y in re.findall(r'translate\([\d.]+ ([\d.]+)\)"[^>]*>(?:Kent|England)', svg)] or [
        float(m) for m in re.findall(r'y="([\d.]+)"[^>]*>(?:Kent|England)', svg)
    ]

    assert 2 == len(heights)
    assert abs(heights[0] - heights[1]) >= 9


def test_a_gap_in_bars_is_written_not_drawn_as_zero():
    """x is not zero."""
    svg = bar_chart(Series("Kent", years(10, None, 30)), unit="requests")

    assert "not" in " ".join(texts(svg))
    assert "available" in " ".join(texts(svg))


def test_part_months_are_hatched_and_labelled():
    """A short bar at the end must not look like a fall."""
    svg = bar_chart(Series("Kent", [*years(10, 20), *years(5, status="p")]), unit="requests")

    assert "<pattern" in svg
    assert "part?" in texts(svg)


def test_text_stays_text():
    """Readers can search, select and enlarge it."""
    for svg in (
        stacked_chart([Series("a", years(5, 6)), Series("b", years(7, 8))], unit="plans"),
        dot_chart([Series("Kent", years(8)), Series("Devon", years(9), "neighbours")], unit="per 1,000"),
        small_multiples([Series("North", years(1, 2, 3)), Series("East", years(3, 2, 1))], unit="requests"),
        swarm_chart(
            {"a": 1.0, "b": 2.0, "c": 300.0}, mine="a", marks=["b"], unit="%", mine_label="Kent 1%", marks_label="marks"
        ),
    ):
        assert svg.startswith("<svg")
        assert texts(svg)
        assert "<dc:date>" not in svg


def test_the_alternative_says_ends_extremes_and_gaps():
    """Somebody who cannot see the chart learns what it shows."""
    actual = describe([Series("Kent", years(10, 40, None, 20))], "Line chart of requests")

    assert (
        "Line chart of requests. Kent: 10 in calendar 2021 and 20 in calendar 2024, "
        "highest 40 in calendar 2022; 1 not available." == actual
    )


def test_a_series_without_figures_is_said():
    """Silence about a missing line would mislead."""
    actual = describe([Series("Kent", years(None, None))], "Line chart")

    assert "Kent: no figure available." in actual


def test_a_line_is_broken_where_a_year_is_missing():
    """Nobody knows what lay between, so nothing is drawn there."""
    whole, broken = (line_chart([Series("Kent", years(*v))], unit="%") for v in ((1, 2, 3, 4), (1, 2, None, 4)))

    lines = [
        re.search(r'<path d="([^"]+)"[^>]*stroke: #12436d; stroke-width: 3', svg, flags=re.S | re.I)
        for svg in (whole, broken)
    ]

    assert [1, 2] == [line.group(1).count("M") for line in lines]


def test_a_line_that_ends_early_says_its_year():
    """A rate of 2022 must not look like this year's."""
    svg = line_chart([Series("Kent", years(10, 30, None)), Series("England", years(20, 25, 26), "england")], unit="%")

    assert {"Kent 30% (2022)", "England 26%"} <= set(texts(svg))


def test_a_forecast_is_dashed_and_its_interval_is_drawn_and_named():
    """A line into the future without its range would promise what nobody knows."""
    past, ahead = years(10, 20, 30), years(None, None, 30, 40, 50)
    low, high = (
        [figure(v, id=f"{n}{y}", period=str(y)) for y, v in zip((2023, 2024, 2025), values, strict=True)]
        for n, values in (("low", (30, 34, 38)), ("high", (30, 46, 62)))
    )

    svg = line_chart(
        [Series("Kent", past), Series("forecast", ahead, "forecast")], unit="plans", interval=Interval(low, high)
    )

    assert {"8 in 10 chance", "forecast 50", "Kent 30 (2023)"} <= set(texts(svg))
    assert "stroke-dasharray" in svg
    assert "fill-opacity: 0.35" in svg or "opacity: 0.35" in svg


def test_parts_of_a_bar_are_named_beside_it():
    """Not by a key that must be matched by colour."""
    svg = stacked_chart([Series("within 20 weeks", years(5, 6)), Series("over 52 weeks", years(0, 0))], unit="plans")

    assert {"within 20 weeks", "over 52 weeks"} <= set(texts(svg))
    assert "legend" not in svg
