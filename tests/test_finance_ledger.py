"""Lines of the management plan as figures: each formula, read with its figures, gives the amount that is printed."""

import re

import pytest

from highneeds.demo.planning import FOLDER, write_planning
from highneeds.measures.declarations import OWN
from highneeds.sections import finance
from highneeds.sections.finance.figures import seen
from highneeds.sections.finance.ledger import CLOSING, NET, OPENING, closing, ledger_rows, net
from highneeds.sections.outlooks import views
from highneeds.sections.page import Page
from highneeds.sections.places.figures import settings_held, short_by_type
from highneeds.sources.papers import Papers, read_papers
from highneeds.sources.planning import read_planning
from tests.conftest import ROOT

NAME = re.compile(r"[a-z][\w-]*\.[\w.-]*\w")


@pytest.fixture(scope="module")
def page(facts_on):
    """Kent's projection, which follows its printed plan."""
    return Page("finance", "t", "q?", 1, facts_on("Kent"), read_papers(ROOT / "data" / "raw" / "kent"))


@pytest.fixture(scope="module")
def rows(page):
    """Lines of the plan by name."""
    return {row.label: row.cells for row in ledger_rows(page, seen(page)[0])}


def reckoned(figure):
    """What its formula comes to with the figures that it rests on."""
    held = {part.id: part.value for part in figure.inputs}
    formula = figure.reference.removesuffix(" (docs/methods.md)").rpartition(": ")[2]
    left = NAME.sub("", formula)
    assert re.fullmatch(r"[\d.()*+/^ -]*", left), formula
    return eval(NAME.sub(lambda name: repr(float(held[name[0]])), formula).replace("^", "**"))


def test_every_amount_of_the_plan_follows_from_its_formula(rows):
    """Placements, spend, grant, net and balances, to a penny, in all four years."""
    assert {NET, OPENING, CLOSING} < set(rows) and all(4 == len(cells) for cells in rows.values())
    for cells in rows.values():
        for figure in cells:
            assert reckoned(figure) == pytest.approx(figure.value, abs=0.02), figure.id


def test_a_chain_ends_at_printed_and_published_rows_of_its_own_year(page, rows):
    """The grant of 2027-28 is row 33 of the table, not that of 2024-25; a balance ends at rows alone."""
    assert "kent/dsg_projection.csv, row 33" == rows["High needs grant"][-1].inputs[0].reference
    ends, left = set(), [closing(page, seen(page)[0], "2027-28")]
    while left:
        figure = left.pop()
        left += figure.inputs
        ends |= set() if figure.inputs else {(figure.source, figure.reference)}

    assert all(source and source != OWN and reference for source, reference in ends)
    assert {f"kent/dsg_projection.csv, row {row}" for row in range(30, 34)} <= {reference for _, reference in ends}


def test_the_opening_balance_is_what_the_first_printed_balance_implies(rows):
    """97 - 54 + 9 + 15 = 67: there is no year before."""
    first = rows[OPENING][0]

    assert ("£67.0m", "1000000 * implied_opening.kent.2024-03-31 (docs/methods.md)") == (first.text, first.reference)


def test_positions_rest_on_their_lines(page, rows):
    """The year's gap and the balance are the plan's own lines."""
    one = seen(page)[0]

    assert (rows[NET][-1], rows[CLOSING][-1]) == (net(page, one, "2027-28"), closing(page, one, "2027-28"))


def test_costs_and_their_rise_are_said_with_what_they_rest_on(page):
    """£82m over 1,776 plans is £46,171; prices rose 5.5% a year."""
    finance.lines.assumptions(page)
    said = next(claim for claim in page.claims if claim.id == "finance.unit_costs")
    costs = {figure.text: figure for figure in said.figures}

    assert {"£46,171", "£25,362", "£10,275", "£8,469", "5.5%"} == set(costs)
    assert reckoned(costs["£46,171"]) == pytest.approx(costs["£46,171"].value)
    assert {"2021-22", "2024-25"} <= {part.period for part in costs["5.5%"].inputs}


def test_places_rest_on_the_file_and_what_is_short_on_children_and_places(facts_on, tmp_path):
    """Capacity is no count of plans: only the children beside it are."""
    write_planning(tmp_path, requests_a_year=4_000)
    planning = read_planning(tmp_path / FOLDER, options=False)
    page = Page("places", "t", "q?", 1, facts_on("Kent"), Papers({}, None, {}), None, planning)
    view = views(page)[0]
    made = short_by_type(page, view, settings_held(page))

    for children, there, *gaps in (row for rows in made.values() for row in rows):
        assert () == there.inputs and "capacity.csv" in there.reference
        assert all((children, there) == gap.inputs for gap in gaps)
        assert {"ehc_plans"} == {part.measure for part in children.inputs}
