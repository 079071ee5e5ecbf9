"""Cleaning of case data: types, joins by request, quarantine, years stacked."""

import pandas as pd
import pytest

from highneeds.clean.cases import clean_cases
from highneeds.clean.places import NO_POSTCODE, OUTSIDE, UNMAPPED, area_of, read_lookup
from highneeds.errors import SourceError
from tests.cases import module, person, raw_return, requests


def rules(cases):
    return sorted(zip(cases.quarantine["module"], cases.quarantine["row"], cases.quarantine["rule"], strict=True))


def test_rows_in_are_rows_used_plus_rows_quarantined():
    """Nothing is lost, whatever is wrong with it."""
    cases = clean_cases(
        [
            raw_return(
                person=person(["P1", "P2"]),
                requests=requests(
                    ["R1", "R2", "R2", "R3"], ["P1", "P2", "P2", "P9"], ["2024-01-02", None, "2024-05-01", "x"]
                ),
                assessment=module("assessment", request_id=["R1", "R8", None], assessment_outcome=["Y", "Y", "N"]),
                namedplan=module(
                    "namedplan", request_id=["R1", "R2"], start_date=["2024-06-01"] * 2, cease_date=["2024-05-01", None]
                ),
            )
        ]
    )

    assert (cases.counts["rows_in"] == cases.counts["used"] + cases.counts["quarantined"]).all()
    assert [
        ("assessment", 3, "DQ03"),
        ("assessment", 4, "DQ03"),
        ("namedplan", 2, "DQ10"),
        ("requests", 3, "DQ05"),
        ("requests", 4, "DQ02"),
        ("requests", 5, "DQ04"),
    ] == rules(cases)
    assert 1 == len(cases.requests) and 1 == len(cases.plans)


def test_a_plan_of_a_request_without_a_received_date_still_finds_its_child():
    """An error stops what depends on it and nothing else: the caseload does not need the request's day."""
    cases = clean_cases(
        [
            raw_return(
                person=person(["P1"]),
                requests=requests(["R1"], ["P1"], [None]),
                namedplan=module("namedplan", request_id=["R1"], start_date=["2024-06-01"]),
            )
        ]
    )

    joined = cases.plans.merge(cases.links, on="request_id")

    assert [cases.persons["person_id"].item()] == joined["person_id"].tolist()


def test_two_requests_of_one_child_stay_two():
    """Joining by child would give each request the other's plan."""
    cases = clean_cases(
        [
            raw_return(
                person=person(["P1"]),
                requests=requests(["R1", "R2"], ["P1", "P1"], ["2023-01-02", "2024-01-02"], request_outcome=["N", "Y"]),
                assessment=module(
                    "assessment", request_id=["R2"], assessment_outcome=["Y"], assessment_outcome_date=["2024-05-20"]
                ),
            )
        ]
    )

    joined = cases.requests.merge(cases.assessments, on="request_id", how="left")

    assert [False, True] == joined["assessment_outcome"].notna().tolist()


def test_cells_that_cannot_be_used_are_noted_and_the_row_is_kept():
    """A code or date that is wrong stops what needs it, not the request's count."""
    cases = clean_cases(
        [
            raw_return(
                year=2024,
                person=person(["P1", "P2"], birth_date=["2015-02-30", "2031-01-01"], sex=["1", "X"]),
                requests=requests(
                    ["R1", "R2"], ["P1", "P2"], ["2024-01-02"] * 2, request_outcome=["Q", "y"], rya=["1.0", "0"]
                ),
                senneed=module("senneed", request_id=["R1"], sen_type=["DS"], sen_type_rank=["1.0"]),
            )
        ]
    )

    noted = sorted(zip(cases.cells["field"], cases.cells["row"], cases.cells["rule"], strict=True))

    assert [
        ("birth_date", 2, "DQ04"),
        ("birth_date", 3, "DQ06"),
        ("request_outcome", 2, "DQ13"),
        ("sen_type", 2, "DQ13"),
        ("sex", 3, "DQ13"),
    ] == noted
    assert ["Y"] == cases.requests["request_outcome"].dropna().tolist()
    assert [True, False] == cases.requests["rya"].tolist()
    assert ["M"] == cases.persons["sex"].dropna().tolist()
    assert ["1"] == cases.needs["sen_type_rank"].tolist()


def test_a_code_is_held_against_the_list_of_its_year():
    """Down syndrome became a need of its own in the 2025 return."""
    need = {"request_id": ["R1"], "sen_type": ["DS"], "sen_type_rank": ["1"]}
    parts = {"person": person(["P1"]), "requests": requests(["R1"], ["P1"], ["2024-01-02"])}

    later = clean_cases([raw_return(year=2025, **parts, senneed=module("senneed", **need))])

    assert ["DS"] == later.needs["sen_type"].tolist() and 0 == len(later.cells)


def year_return(year, **more):
    given = {"stable_ids": False, "layout": "sen2_xml", "extract_date": pd.Timestamp(year, 1, 16).date()} | more
    return given | {"year": year}


def test_returns_of_several_years_stack_by_request():
    """Without the authority's own ids a child is known by UPN and a request by its day; `historical` hides nothing."""
    first = raw_return(
        **year_return(2024),
        person=person(["1", "2"], upn=["B801200005001", "P207000016049"]),
        requests=requests(
            ["1", "2"],
            ["1", "2"],
            ["2023-02-01", "2023-11-01"],
            request_outcome=["Y", "A"],
            request_outcome_date=["2023-03-01", None],
        ),
    )
    second = raw_return(
        **year_return(2025),
        person=person(["1", "2"], upn=["P207000016049", "B801200005001"]),
        requests=requests(
            ["1", "2", "3"],
            ["1", "2", "2"],
            ["2023-11-01", "2023-02-01", "2024-06-01"],
            request_outcome=["N", "H", "A"],
            request_outcome_date=["2024-01-05", None, None],
        ),
    )

    cases = clean_cases([second, first])

    table = cases.requests.sort_values("received_date")
    assert ["Y", "N", "A"] == table["request_outcome"].tolist()
    assert ["2023-03-01", "2024-01-05"] == table["request_outcome_date"].dropna().astype(str).tolist()
    assert 2 == len(cases.persons)
    assert ["later return"] * 4 == cases.quarantine["rule"].tolist()


def test_placements_of_a_later_return_replace_the_earlier_ones():
    """A list of placements is taken whole from the newest return that has the request."""

    def placements(urns):
        return module("placementdetail", request_id=["R1"] * len(urns), urn=urns, placement_rank=["1"] * len(urns))

    parts = {"person": person(["P1"]), "requests": requests(["R1"], ["P1"], ["2022-01-02"])}
    first = raw_return(
        year=2024, extract_date=pd.Timestamp(2024, 1, 18).date(), **parts, placementdetail=placements(["1", "2"])
    )
    second = raw_return(year=2025, **parts, placementdetail=placements(["3.0"]))

    cases = clean_cases([first, second])

    assert ["3"] == cases.placements["urn"].tolist()


def test_two_authorities_are_not_mixed():
    """A folder holds one authority."""
    parts = {"person": person(["P1"]), "requests": requests(["R1"], ["P1"], ["2024-01-02"])}

    with pytest.raises(SourceError, match="several authorities"):
        clean_cases([raw_return(**parts), raw_return(la_code="383", **parts)])


def test_the_day_of_the_extract_is_the_newest_event_and_never_a_lone_date():
    """A request typed as 2052 must not make every other date old."""
    received = ["2024-03-01", "2024-03-05", "2024-03-20", "2052-03-01"]
    cases = clean_cases(
        [raw_return(extract_date=None, person=person(["P"]), requests=requests(list("ABCD"), ["P"] * 4, received))]
    )

    assert "2024-03-20" == cases.extract_date.isoformat()
    assert [("requests", 5, "DQ06")] == rules(cases)


def test_nothing_to_clean_is_an_error():
    """A folder without data says so."""
    with pytest.raises(SourceError, match="no case data"):
        clean_cases([])


def test_postcodes_find_the_longest_key():
    """A sector and a district that read alike without their space are two keys."""
    lookup = read_lookup(
        pd.DataFrame(
            {
                "postcode": ["QA1", "QA1 2", "QA12", "qa1 2ab", "QB1 1AA", "QC"],
                "area": ["North", "East", "South", "West", "North", "Outside"],
            }
        ),
        "postcodes.csv",
    )
    given = ["QA1 1AA", "QA1 2AA", "QA12 3AA", "qa12ab", "QB1 2AA", "QC4 4AA", "ZZ9 9ZZ", "nowhere", None]

    actual = area_of(pd.Series(given, dtype="str"), lookup).tolist()

    assert ["North", "East", "South", "West", UNMAPPED, OUTSIDE, OUTSIDE, NO_POSTCODE, NO_POSTCODE] == actual


def test_one_postcode_with_two_areas_is_refused():
    """A lookup that contradicts itself cannot decide."""
    rows = pd.DataFrame({"postcode": ["QA1", "QA1"], "area": ["North", "South"]})

    with pytest.raises(SourceError, match="rows 2, 3"):
        read_lookup(rows, "postcodes.csv")


def test_the_address_at_the_request_comes_before_the_address_of_today():
    """A family may have moved since."""
    cases = clean_cases(
        [
            raw_return(
                person=person(["P1", "P2"], postcode=["QA1 1AA", "QA1 1AA"]),
                requests=requests(["R1", "R2"], ["P1", "P2"], ["2024-01-02"] * 2, request_postcode=["QB1 1AA", None]),
            )
        ],
        lookup={"QA1": "North", "QB1": "South"},
    )

    assert ["South", "North"] == cases.requests["area"].tolist()


def test_modules_without_rows_join_like_others():
    """An input may have plans only, or none at all."""
    parts = {"person": person(["P1"]), "requests": requests(["R1"], ["P1"], ["2024-01-02"])}
    backwards = module("namedplan", request_id=["R1"], start_date=["2024-06-01"], cease_date=["2024-05-01"])

    assert 0 == len(clean_cases([raw_return(**parts)]).plans)
    assert 0 == len(clean_cases([raw_return(**parts, namedplan=backwards)]).plans)


def test_a_plan_in_force_without_a_named_plan_keeps_its_own_place():
    """Modules come from files of their own; a fault is told where its record stands."""
    cases = clean_cases(
        [
            raw_return(
                person=person(["P1"]),
                requests=requests(["R1", "R2"], ["P1", "P1"], ["2022-01-02", "2024-01-02"]),
                namedplan=module("namedplan", file="four.csv", request_id=["R1"], start_date=["2022-06-01"]),
                activeplans=module(
                    "activeplans", file="five.csv", request_id=["R2", "R1"], last_review=["2024-06-01", None]
                ),
            )
        ]
    )

    plans = cases.plans.sort_values("request_id")

    assert [("four.csv", "namedplan", 2), ("five.csv", "activeplans", 2)] == list(
        zip(plans["file"], plans["sheet"], plans["row"], strict=True)
    )
    assert [True, False] == plans["named"].tolist()
