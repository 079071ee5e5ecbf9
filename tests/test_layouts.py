"""One authority, seven layouts, the same measures: what a layout carries does not depend on how it is written."""

from dataclasses import replace
from datetime import date

import pandas as pd
import pytest

from highneeds.clean.cases import clean_cases
from highneeds.clean.places import read_lookup
from highneeds.demo.world import make_world
from highneeds.demo.write import write_demo
from highneeds.measures.dry_run import dry_run
from highneeds.measures.journeys import journeys
from highneeds.measures.local_caseload import annual_reviews, caseload, ceased, new_plans
from highneeds.measures.local_requests import requests_by
from highneeds.measures.local_rows import FIGURES
from highneeds.measures.local_timeliness import (
    cohorts,
    cumulative_incidence,
    due_month,
    open_cases,
    published_20_week,
    waits,
)
from highneeds.sources.case_files import read_cases
from highneeds.sources.text_tables import read_csv_text

DAY = date(2025, 3, 18)
WHOLE = ("blade_csv", "template", "pre_submission")  # carry every field of the return
PARTLY = ("five_csv", "extract")
LAYOUTS = ("sen2_xml", *WHOLE, *PARTLY, "annex_a")


@pytest.fixture(scope="module")
def by_layout(tmp_path_factory):
    """Cleaned cases of one invented authority, read from each layout."""
    out = tmp_path_factory.mktemp("demo") / "demo"
    write_demo(out, layouts=LAYOUTS, requests_a_year=100, as_at=DAY, seed=4, la_code="886")
    lookup = read_lookup(read_csv_text(out / "postcodes.csv"), "postcodes.csv")
    return {name: clean_cases(read_cases(out / name), lookup=lookup, extract_date=DAY) for name in LAYOUTS}


def measures(cases):
    """Every measure on these cases, one row a figure: name of the table, its labels as text, value."""
    paths = journeys(cases, at=DAY)
    tables = {
        "requests": requests_by(paths, by=["month", "area"], at=DAY),
        "published": published_20_week(paths, by="month", at=DAY),
        "due": due_month(paths, DAY),
        "cohorts": cohorts(paths, DAY),
        "curve": cumulative_incidence(paths, DAY, weeks=26),
        "open": open_cases(paths, DAY),
        "waits": waits(paths, by="year", at=DAY),
        "caseload": caseload(cases, DAY),
        "new": new_plans(cases, at=DAY),
        "ceased": ceased(cases, at=DAY),
        "reviews": annual_reviews(cases, DAY),
        "dry run": dry_run(cases, "2024"),
    }
    return pd.concat([_long(name, rows) for name, rows in tables.items()])


def _long(name, rows):
    rows = rows[rows["status"].ne("n") & rows["value"].notna()] if "status" in rows else rows
    labels = [column for column in rows.columns if column not in {*FIGURES, "mature"} - {"measure"}]
    key = rows[labels].astype(str).agg("|".join, axis="columns") if len(rows) else pd.Series(dtype="str")
    return pd.Series(rows["value"].to_numpy(dtype="float64"), index=name + "|" + key, name="value")


@pytest.mark.parametrize("layout", WHOLE)
def test_whole_layouts_give_identical_measures(by_layout, layout):
    """XML, the CSV export and both workbooks hold the same return."""
    expected, actual = measures(by_layout["sen2_xml"]), measures(by_layout[layout])

    pd.testing.assert_series_equal(expected.sort_index(), actual.sort_index(), check_names=False)
    assert len(expected) > 2_000


@pytest.mark.parametrize("layout", PARTLY)
def test_what_a_smaller_layout_carries_is_the_same(by_layout, layout):
    """The five CSVs have no placements or needs; an extract has what its columns have. The rest must agree."""
    cases = by_layout[layout]
    # Only an extract knows the day of a withdrawal; without it, it knows what the return knows.
    cases = replace(cases, requests=cases.requests.assign(closed_date=pd.NaT))
    whole, part = measures(by_layout["sen2_xml"]), measures(cases)
    shared = part.index.intersection(whole.index)
    tables = {key.partition("|")[0] for key in shared}

    pd.testing.assert_series_equal(whole[shared].sort_index(), part[shared].sort_index(), check_names=False)
    assert {"requests", "published", "due", "cohorts", "curve", "open", "waits", "new"} <= tables


def test_the_lists_of_an_inspection_hold_the_same_plans(by_layout):
    """Annex A has no requests; its plans are those that are in force."""
    whole, part = by_layout["sen2_xml"], by_layout["annex_a"]

    held = [
        caseload(cases, DAY).query("measure == 'plans' and category == 'Total'")["value"].item()
        for cases in (whole, part)
    ]

    assert held[0] == held[1]


def test_nothing_is_lost_in_any_layout(by_layout):
    """Rows in are rows used plus rows set aside."""
    for name, cases in by_layout.items():
        counts = cases.counts
        assert (counts["rows_in"] == counts["used"] + counts["quarantined"]).all(), name
        assert counts["rows_in"].sum() > 0, name


def test_the_list_of_sen_support_is_kept_and_counted(by_layout):
    """Children without a plan are no part of the return, and stand in a table of their own."""
    cases = by_layout["annex_a"]
    counts = cases.counts.set_index("module").loc["sen_support_list"]

    assert len(cases.sen_support) == counts["used"] == counts["rows_in"] > 10
    assert cases.sen_support["person_id"].isin(cases.persons["person_id"]).all()


def test_returns_of_several_years_stack_to_one_history(tmp_path):
    """Real returns, one a year, without ids that last: every plan issued in their years is found once."""
    years = (2024, 2025)
    write_demo(tmp_path / "d", layouts=["sen2_xml"], requests_a_year=100, years=years, as_at=DAY, seed=4, la_code="886")
    world = make_world(requests_a_year=100, as_at=DAY, seed=4, la_code="886")

    cases = clean_cases(read_cases(tmp_path / "d" / "sen2_xml"))

    found = (
        published_20_week(journeys(cases), by="year").query("measure == 'issued_within_20_weeks'").set_index("period")
    )
    for year in ("2023", "2024"):
        expected = world.truth.published(int(year))
        assert (expected["on_time"], expected["den"]) == tuple(found.loc[year, ["numerator", "denominator"]])
    assert (2024, 2025) == cases.years
    assert (cases.counts["rows_in"] == cases.counts["used"] + cases.counts["quarantined"]).all()
