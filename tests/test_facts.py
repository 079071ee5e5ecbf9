"""Facts answer for one area or several together: sums first, then divides; gaps stay gaps."""

import pytest

from highneeds.measures.declarations import MEASURES
from highneeds.measures.ratios import ratio_rows

RATIOS = [name for name, measure in MEASURES.items() if measure.is_ratio]


def test_neighbours_are_pooled_not_averaged(facts_on):
    """Ten percentages of unlike authorities have no mean worth printing."""
    facts = facts_on("Kent")
    parts = [
        [facts.get(name, area, "2024").value for area in facts.neighbours]
        for name in ("plans_within_20_weeks_excluding_exceptions", "plans_issued_excluding_exceptions")
    ]

    actual = facts.neighbours_pooled("within_20_weeks_excluding_exceptions_pct", "2024")

    assert pytest.approx(100 * sum(parts[0]) / sum(parts[1])) == actual.value


def test_shares_without_counts_are_not_pooled(facts_on):
    """SEN percentages are published without the pupils behind them; their sum means nothing."""
    facts = facts_on("Kent")

    actual = facts.neighbours_pooled("sen_support_pupils_pct", "2025")

    assert (None, "z") == (actual.value, actual.status)


def test_a_neighbour_without_a_part_leaves_both_sums(facts_on):
    """Counting its plans above the line and not below would bend the rate."""
    facts = facts_on("Hampshire")
    pooled = facts.neighbours_pooled("within_20_weeks_pct", "2022")
    known = [a for a in facts.neighbours if facts.get("plans_issued", a, "2022").known]

    assert len(known) * 2 == len(pooled.inputs)


@pytest.mark.parametrize("name", RATIOS)
def test_one_figure_and_the_whole_column_agree(facts_on, panel, name):
    """The report's single figures and the vectorised measure are one definition."""
    facts = facts_on("Leeds")
    rows = ratio_rows(panel.values, name).set_index(["area_code", "period"])["value"]
    period = facts.latest(name)

    for area in (facts.authority, facts.england, facts.region):
        assert pytest.approx(rows[area.code, period]) == facts.get(name, area, period).value


def test_no_rate_is_shown_on_fewer_than_ten_cases(facts_on):
    """Isle of Wight issued seven plans in 2024: 28.6% would be one child in seven."""
    facts = facts_on("Isle of Wight")

    actual = facts.get("within_20_weeks_excluding_exceptions_pct", facts.authority, "2024")

    assert (None, "u") == (actual.value, actual.status)


def test_a_rate_of_nothing_is_not_applicable(facts_on):
    """Dorset marked every plan of 2024 as an exception: there is nothing to divide by."""
    facts = facts_on("Dorset")

    actual = facts.get("within_20_weeks_excluding_exceptions_pct", facts.authority, "2024")

    assert (None, "z") == (actual.value, actual.status)


def test_a_report_as_at_a_day_knows_nothing_later(facts_on):
    """In June 2024 calendar 2024 had not ended and January 2025 had not come."""
    facts = facts_on("Kent", "2024-06-30")

    assert ("2023", "2024") == (facts.latest("requests_received"), facts.latest("ehc_plans"))
    assert not facts.get("requests_received", facts.authority, "2024").known


def test_plans_for_each_thousand_use_people_of_the_same_age(facts_on):
    """Kent: 20,635 plans of people aged 0 to 25, divided by 476,670 people aged 0 to 25."""
    facts = facts_on("Kent")

    actual = facts.get("ehc_plans_per_1000", facts.authority, "2025")

    assert pytest.approx(1000 * 20_635 / 476_670) == actual.value
    assert "population.kent.2023.age-0-to-25" in actual.reference


def test_a_formula_can_be_recomputed_from_its_inputs(facts_on):
    """Every computed figure carries what it was computed from."""
    facts = facts_on("Kent")
    figure = facts.get("exceptions_pct", facts.authority, "2024")
    values = {item.id: item.value for item in figure.inputs}

    formula = figure.reference
    for name, value in sorted(values.items(), key=lambda pair: -len(pair[0])):
        formula = formula.replace(name, str(value))

    assert pytest.approx(figure.value) == eval(formula)  # noqa: S307 - our own formula


def test_row_order_of_the_panel_is_no_information(panel):
    """Shuffled rows give the same ratios."""
    shuffled = panel.values.sample(frac=1, random_state=1)

    one, two = (
        ratio_rows(v, "over_52_weeks_pct").sort_values(["area_code", "period"], ignore_index=True)
        for v in (panel.values, shuffled)
    )

    assert one.equals(two)


def test_a_figure_that_was_never_read_is_not_called_unpublished(facts_on):
    """DfE publishes pupils on SEN Support each year; that a release has not been read yet is our gap, not DfE's."""
    facts = facts_on("Kent")

    actual = facts.get("sen_support_pupils", facts.authority, "2016")

    assert (None, "n") == (actual.value, actual.status)


def test_a_change_of_the_neighbours_is_about_one_group(facts_on):
    """A neighbour without a return in one year would look like a rise or a fall of all of them."""
    tested = 0
    for name in ("Derby", "Nottingham", "Torbay", "Islington", "Lambeth", "Sandwell"):
        facts = facts_on(name)
        known = {
            y: {a.code for a in facts.neighbours if facts.get("requests_received", a, y).known}
            for y in ("2023", "2024")
        }

        now, before = facts.neighbours_change("requests_received", "2024", "2023")

        assert (
            {f.area_code for f in now.inputs} == {f.area_code for f in before.inputs} == known["2023"] & known["2024"]
        )
        tested += known["2023"] != known["2024"]
    assert tested  # at least one of them has such a neighbour
