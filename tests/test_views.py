"""Views: typed like a report's parameters; as a file, as a cell and back, the same view."""

import ast
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from highneeds import periods
from highneeds.errors import ParamsError, SourceError
from highneeds.measures.declarations import MEASURES
from highneeds.views import MEASURES_SHOWN, SLIDERS, View, as_cell, make_view, read_view, view_yaml

KENT = {"authority": "Kent", "as_at": "2026-04-08"}
WORDS = st.text(max_size=30)
PERIODS = {
    periods.FINANCIAL_YEAR: st.sampled_from(["", "2016-17", "2024-25"]),
    periods.AT_DATE: st.sampled_from(["", "2023-03-31", "2025-03-31"]),
}


@st.composite
def views(draw) -> View:
    """Any view that can be asked for."""
    declared = MEASURES[draw(st.sampled_from(MEASURES_SHOWN))]
    span = sorted(draw(PERIODS.get(declared.period_basis, st.sampled_from(["", "2012", "2024"]))) for _ in range(2))
    return make_view(
        authority=draw(WORDS.filter(str.strip)),
        as_at=draw(st.dates(min_value=View.model_fields["as_at"].metadata[0].ge)),
        neighbours=draw(WORDS),
        scenario=draw(WORDS),
        cases=draw(WORDS),
        measure=declared.name,
        breakdown="Total" if declared.is_ratio else draw(WORDS),
        first=span[0],
        last=span[1],
        model=draw(st.sampled_from(["chosen", "flow", "none"])),
        horizon=draw(st.integers(1, 5)),
        interval=draw(st.sampled_from([80, 95])),
        **{name: draw(st.floats(0.5, 1.5 if name == "unit_cost" else 2.0)) for name in SLIDERS},
    )


def saved(tmp_path, text: str):
    """A file of a view."""
    path = tmp_path / "growth.yml"
    path.write_text(text, encoding="utf-8")
    return path


def faults(act) -> list[str]:
    """Every fault that an act stops with."""
    with pytest.raises((ParamsError, SourceError)) as found:
        act()
    return list(found.value.faults)


@settings(max_examples=200, deadline=None)
@given(view=views())
def test_a_view_comes_back_from_its_file_as_it_was(tmp_path_factory, view):
    """What an analyst saved is what the report draws; the same view gives the same bytes."""
    path = tmp_path_factory.mktemp("views") / "one.yml"
    path.write_bytes(view_yaml(view))

    actual = read_view(path)

    assert view == actual
    assert view_yaml(view) == view_yaml(actual)


@settings(max_examples=100, deadline=None)
@given(view=views())
def test_the_code_of_a_view_asks_for_the_same_view(view):
    """Copied into a cell it shows what was seen; the code is one call, with nothing but plain values."""
    call = ast.parse(as_cell(view)).body[-1].value

    actual = make_view(**{each.arg: ast.literal_eval(each.value) for each in call.keywords})

    assert ("show", view) == (call.func.id, actual)


def test_a_file_written_by_hand_may_say_less(tmp_path):
    """What is left out stands as things are; a bare year is a period, not a number."""
    path = saved(tmp_path, "authority: Kent\nas_at: 2026-04-08\nfirst: 2016\nentry_rate: 0.9\n")

    assert make_view(**KENT, first="2016", entry_rate=0.9) == read_view(path)


def test_all_faults_of_a_view_are_told_together(tmp_path):
    """One line each, which says what was found, what was expected, and the nearest name."""
    text = "authority: Kent\nas_at: 2026-04-08\nmesure: x\nmeasure: ehcplans\nhorizon: 9\ninterval: 70\nplaces: 3\n"

    lines = faults(lambda: read_view(saved(tmp_path, text)))

    assert ["mesure", "measure", "horizon", "interval", "places"] == sorted(
        (re.search(r"parameter '(\w+)'", line)[1] for line in lines),
        key=["mesure", "measure", "horizon", "interval", "places"].index,
    )
    assert all(line.startswith("growth.yml: parameter") for line in lines)
    assert any("Did you mean 'measure'?" in line for line in lines)
    assert any("Nearest: ehc_plans" in line for line in lines)


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"measure": "within_20_weeks_pct", "breakdown": "Age 0 to 25"}, "has no breakdown but Total"),
        ({"first": "2016-17"}, "goes by January, written as 2025"),
        ({"measure": "high_needs_spend", "first": "2016"}, "goes by financial year, written as 2024-25"),
        ({"first": "2020", "last": "2019"}, "The last period is before the first, 2020"),
        ({"entry_rate": float("nan")}, "parameter 'entry_rate': found 'nan'"),
        ({"entry_rate": "much"}, "parameter 'entry_rate': found 'much'"),
        ({"measure": "local_requests"}, "No published measure has that name"),
        ({"as_at": "2026-02-30"}, "parameter 'as_at': found '2026-02-30'"),
    ],
)
def test_what_cannot_be_drawn_is_refused_by_name(asked, says):
    """Before anything runs, in words of the measure."""
    [line] = faults(lambda: make_view(**(KENT | asked)))

    assert says in line


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no parameters were found"),
        ("- Kent\n", "no parameters were found"),
        ("authority: [Kent\n", "cannot be read as YAML"),
        ("[" * 5_000, "cannot be read as YAML"),
        ("authority: Kent\n" * 20_000, "no parameters were found"),
        ("authority: Kent\nas_at: 2026-04-08\nauthority: Leeds\n", "row 3: 'authority' is given twice"),
        ("authority: {name: Kent}\nas_at: 2026-04-08\n", "parameter 'authority'"),
    ],
)
def test_a_file_that_is_no_view_is_refused_in_a_line(tmp_path, text, says):
    """Whatever is in it."""
    [line] = faults(lambda: read_view(saved(tmp_path, text)))

    assert says in line


def test_a_folder_or_a_missing_file_is_refused_in_a_line(tmp_path):
    """A path that leads nowhere is no traceback."""
    for path in (tmp_path, tmp_path / "none.yml"):
        [line] = faults(lambda path=path: read_view(path))
        assert "cannot be read as YAML" in line
