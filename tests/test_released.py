"""This month's report beside last month's: what the two together would give away is hidden, or stops the second."""

from datetime import date

import pandas as pd
import pytest

from highneeds.cases import Cases
from highneeds.clean.cases import clean_cases
from highneeds.disclosure.policy import make_policy
from highneeds.disclosure.register import with_release
from highneeds.errors import DisclosureError
from highneeds.facts import Area
from highneeds.measures.journeys import journeys
from highneeds.report.guard import refuse_blocked
from highneeds.sections.local import Local, LocalAt
from highneeds.sections.released import REQUESTS, TOTAL, released
from tests.cases import person, raw_return, requests

FIRST, SECOND = date(2025, 3, 31), date(2025, 4, 30)


def cases_of(counts, *, day) -> Cases:
    """Requests by (month, area), each of a child of its own."""
    months = [month for (month, _), number in counts.items() for _ in range(number)]
    areas = [area for (_, area), number in counts.items() for _ in range(number)]
    ids = [str(at) for at in range(len(months))]
    made = requests(ids, ids, [f"{month}-10" for month in months], request_outcome=["A"] * len(ids), area=areas)
    return clean_cases([raw_return(person=person(ids), requests=made, extract_date=day)])


def shown(cases, *, at, policy="suppress", register=None):
    return released(journeys(cases, at=at), cases, at=at, policy=make_policy({"method": policy}), register=register)


COUNTS = {("2025-01", "North"): 40, ("2025-01", "South"): 30, ("2025-02", "North"): 50, ("2025-02", "South"): 20}
LATER = COUNTS | {("2025-01", "North"): 41, ("2025-03", "North"): 25, ("2025-03", "South"): 25}


def test_a_late_entry_does_not_show_through_two_reports():
    """One request of January came in late: its area is not told by the difference of two reports."""
    first = shown(cases_of(COUNTS, day=FIRST), at=FIRST)
    assert 40 == first.value(REQUESTS, period="2025-01", area="North")[0]

    second = shown(cases_of(LATER, day=SECOND), at=SECOND, register=first.cells)

    assert [] == list(second.blocks)
    assert (None, "c") == second.value(REQUESTS, period="2025-01", area="North")
    assert (None, "c") == second.value(REQUESTS, period="2025-01", area="South")
    assert 71 == second.value(REQUESTS, period="2025-01", area=TOTAL)[0]


def test_without_protection_the_second_report_is_stopped():
    """A policy of exact counts cannot hide the cell, so nothing is published, and the message says what to do."""
    first = shown(cases_of(COUNTS, day=FIRST), at=FIRST, policy="none")
    cases = cases_of(LATER, day=SECOND)
    local = Local(cases, (), None, make_policy({"method": "none"}))

    with pytest.raises(DisclosureError) as stopped:
        refuse_blocked(LocalAt(local, SECOND, Area("E10000016", "Kent"), first.cells))

    told = "\n".join(stopped.value.faults)
    assert "North" in told and "2025-01" in told and "Nothing was published" in told


def test_a_report_made_again_replaces_itself():
    """The same day's report is no earlier report."""
    first = shown(cases_of(COUNTS, day=FIRST), at=FIRST)

    again = shown(cases_of(COUNTS, day=FIRST), at=FIRST, register=first.cells)

    pd.testing.assert_frame_equal(first.tables[REQUESTS], again.tables[REQUESTS])
    assert len(with_release(first.cells, again.cells).rows) == len(first.cells.rows)


def test_rounding_is_the_other_way():
    """Rounded counts are multiples of five, totals on their own, and never mixed with exact ones."""
    rounded = shown(cases_of(COUNTS | {("2025-01", "West"): 2}, day=FIRST), at=FIRST, policy="round")

    values = pd.concat([table["value"] for table in rounded.tables.values()]).dropna()

    assert (values % 5 == 0).all()
    assert (None, "low") == rounded.value(REQUESTS, period="2025-01", area="West")


def test_a_small_count_and_its_partner_are_hidden():
    """Two in the West would follow from the month's total and the other areas."""
    table = shown(cases_of(COUNTS | {("2025-01", "West"): 2}, day=FIRST), at=FIRST)

    hidden = [
        area for area in ("North", "South", "West") if table.value(REQUESTS, period="2025-01", area=area)[1] == "c"
    ]

    assert "West" in hidden and len(hidden) >= 2
