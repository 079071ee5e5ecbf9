"""A report about the wrong authority is worse than none: names are matched exactly or refused with a hint."""

from datetime import date

import pytest

from highneeds.errors import ParamsError
from highneeds.params import find_authority, make_params


@pytest.mark.parametrize(
    ("named", "code"),
    [
        ("Kent", "E10000016"), ("kent county council", "E10000016"), ("886", "E10000016"), ("E10000016", "E10000016"),
        ("e10000016", "E10000016"), (" Kent ", "E10000016"), ("Bristol", "E06000023"), ("City of Bristol", "E06000023"),
        ("Bristol, City of", "E06000023"),
        ("Hull", "E06000010"), ("St Helens", "E08000013"), ("St. Helens", "E08000013"),
        ("Buckinghamshire", "E06000060"), ("E10000002", "E06000060"),
        ("Dorset", "E06000059"), ("Isle of Wight", "E06000046"),
        ("Brighton & Hove", "E06000043"), ("Herefordshire", "E06000019"), ("Leicestershire", "E10000018"),
    ],
)  # fmt: skip
def test_an_authority_is_found_by_name_or_code(panel, named, code):
    """Officers write names in many ways; codes have changed over the years."""
    assert code == find_authority(panel.areas, named)["area_code"]


@pytest.mark.parametrize(
    ("named", "nearest"),
    [
        ("Kant", "Kent"),
        ("Leistershire", "Leicestershire"),
        ("northampton", "West Northamptonshire"),
        ("wight", "Isle of Wight"),
    ],
)
def test_a_misspelling_gets_the_nearest_names(panel, named, nearest):
    """The fault says what to type instead."""
    with pytest.raises(ParamsError, match=nearest):
        find_authority(panel.areas, named)


@pytest.mark.parametrize("named", ["", "England", "South East", "E92000001", "999", "../etc", "Kent; rm -rf"])
def test_what_is_no_authority_is_refused(panel, named):
    """Regions, unknown codes and nonsense never fall back to a default."""
    with pytest.raises(ParamsError, match="none of that name or code"):
        find_authority(panel.areas, named)


@pytest.mark.parametrize("named", ["Northamptonshire", "928", "Cumbria"])
def test_a_closed_authority_is_refused_with_its_day(panel, named):
    """A report on a county that no longer exists would mislead."""
    with pytest.raises(ParamsError, match="closed on"):
        find_authority(panel.areas, named)


def test_every_current_authority_is_found_by_its_own_name(panel):
    """No two names may meet in one spelling."""
    local = panel.areas.query("level == 'local authority' and closed == ''")

    actual = [find_authority(panel.areas, name)["area_code"] for name in local["area_name"]]

    assert local["area_code"].tolist() == actual


def test_all_faults_of_the_parameters_are_reported_together():
    """Unknown name, wrong type and impossible day, in one go."""
    with pytest.raises(ParamsError) as found:
        make_params(authority="", as_at="yesterday", section_number=0, authorty="Kent")

    lines = "\n".join(found.value.faults)
    assert 4 == len(found.value.faults)
    assert "Did you mean 'authority'?" in lines


def test_a_year_without_data_is_a_fault():
    """Nothing can be said as at 1999."""
    with pytest.raises(ParamsError, match="as_at"):
        make_params(authority="Kent", as_at=date(1999, 1, 1))
