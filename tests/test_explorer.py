"""The explorer: a widget's value is set, the figure beside it follows, in under a second and without a traceback."""

import html
import re
import statistics
import time
from dataclasses import replace

import pytest

from highneeds.explore.controls import Slider
from highneeds.explore.explorer import Explorer, explorer, open_explorer, report_command
from highneeds.explore.shown import frame_of
from highneeds.sections.explored.drawn import EMPTY, draw, open_view
from highneeds.views import OF_A_REPORT, View, read_view
from tests.conftest import ROOT

DAY = "2026-04-08"
SECOND = 1.0


@pytest.fixture
def kent() -> Explorer:
    """The explorer on Kent, as things are."""
    return open_explorer("Kent", ROOT, as_at=DAY)


def last(made: Explorer, column: str) -> float:
    """Last figure of a column of the view that is shown."""
    at = made.drawn.columns.index(column)
    return [cells[at] for _, cells in made.drawn.rows if not isinstance(cells[at], str)][-1].value


def test_every_parameter_has_a_labelled_control(kent):
    """One loop over the declaration: none forgotten, each with a label, a hint and a place in the order of keys."""
    assert [name for name in View.model_fields if name not in OF_A_REPORT] == list(kent.controls)
    assert all(control.description and control.tooltip for control in kent.controls.values())
    assert not any(getattr(control, "disabled", False) for control in kent.controls.values())
    assert all(isinstance(kent.controls[name], Slider) for name in list(kent.controls)[-4:])


def test_a_slider_moves_the_figure(kent):
    """Fewer new plans, fewer plans; the picture and the sentence follow."""
    before = kent.chart.value

    kent.controls["entry_rate"].value = 0.8

    assert last(kent, "Scenario") < last(kent, "Forecast")
    assert "entry rate times" in kent.chart.value
    assert before != kent.chart.value
    assert "" == kent.fault.value


def test_another_authority_is_another_page(kent):
    """Every figure of it is that authority's."""
    kent.controls["authority"].value = "Leeds"

    assert kent.drawn.title.text.startswith("Leeds: ")
    assert "Leeds" in kent.drawn.columns and "Kent" not in kent.drawn.columns


def test_another_measure_offers_its_own_parts_and_periods(kent):
    """A choice that the measure does not have falls back to the whole."""
    kent.controls["breakdown"].value = "state special"
    kent.controls["first"].value = "2020"
    kent.controls["measure"].value = "high_needs_block"

    assert ("Total", "") == (kent.controls["breakdown"].value, kent.controls["first"].value)
    assert "" == kent.fault.value
    assert "High needs block" in kent.drawn.subtitle


def test_a_measure_without_a_total_begins_with_its_first_part(kent):
    """Plans by primary need have none."""
    kent.controls["measure"].value = "ehc_plans_primary_need"

    assert "Autistic spectrum disorder" == kent.view.breakdown
    assert "" == kent.fault.value


def test_what_the_explorer_shows_is_what_the_section_draws(kent):
    """One function behind both."""
    view = kent.view

    assert draw(open_view(view, str(ROOT)), view) == kent.drawn


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("neighbours", "Narnia, Leeds", "Narnia"),
        ("neighbours", "Kent, Leeds", "own authority"),
        ("as_at", None, "parameter 'as_at': found nothing"),
        ("scenario", "none-such", "there is none of that name"),
        ("cases", "/none/such", "is not there"),
    ],
)
def test_a_fault_is_a_plain_line_in_the_widget(kent, name, value, says):
    """Never a traceback; put right, the view is back."""
    control = kent.controls[name]
    was, picture = control.value, kent.chart.value

    control.value = value
    shown = html.unescape(kent.fault.value)
    control.value = was

    assert says in shown and "Traceback" not in shown
    assert ("", picture) == (kent.fault.value, kent.chart.value)


def test_a_fault_of_ours_says_no_more_than_its_kind(kent, monkeypatch):
    """Case data may stand in its message."""
    monkeypatch.setattr("highneeds.explore.explorer.draw", lambda *_: 1 / int("0" + "Jane Doe"[4:4]))

    kent.controls["horizon"].value = 5

    assert "ZeroDivisionError" in kent.fault.value
    assert "Jane" not in kent.fault.value and kent.drawn is None


def test_an_authority_that_there_is_not_is_told_in_a_line():
    """The first call of an analyst, mistyped."""
    [told] = explorer("Kentt", home=str(ROOT)).children

    assert "Nearest: Kent" in told.value


def test_the_code_of_the_view_is_at_hand(kent):
    """Hidden until it is asked for; it follows the view."""
    assert "none" == kent.cell.layout.display

    kent.copy.click()
    kent.controls["horizon"].value = 5

    assert kent.cell.layout.display in ("", None)
    assert "show(authority='Kent', as_at='2026-04-08', horizon=5)" in kent.cell.value


def test_a_view_is_saved_whole_and_read_back(kent, tmp_path):
    """Beside the authority's other inputs, under a name that every system takes."""
    kent.home = tmp_path
    kent.controls["entry_rate"].value = 0.9
    kent.name.value = "Fewer new plans!"

    kent.save.click()

    path = tmp_path / "data" / "raw" / "kent" / "views" / "fewer-new-plans.yml"
    assert kent.view == read_view(path)
    assert [path] == [*path.parent.iterdir()]
    assert "highneeds report Kent --view data/raw/kent/views/fewer-new-plans.yml" in kent.saved.value


def test_the_command_holds_what_the_report_must_agree_on(kent):
    """Else the report would refuse the view that it was given."""
    view = kent.view.model_copy(update={"authority": "Isle of Wight", "neighbours": "Kent, Leeds", "scenario": "late"})

    assert (
        'highneeds report "Isle of Wight" --view data/raw/v.yml --neighbours "Kent, Leeds" --scenario late'
        == report_command(view, "data/raw/v.yml")
    )


@pytest.mark.parametrize("name", ["", "!!", "x" * 80, "../.."])
def test_a_view_without_a_good_name_is_not_saved(kent, tmp_path, name):
    """No file appears, and no path leads out of the folder."""
    kent.home = tmp_path
    kent.name.value = name

    kent.save.click()

    assert "Give the view a name" in kent.fault.value
    assert [] == [*tmp_path.rglob("*")]


def test_the_table_sorts_numbers_as_numbers(kent):
    """As printed, but for signs that the sorting by numbers would take for words; each cell is a figure or nothing."""
    kent.controls["measure"].value = "dsg_balance"

    cells = [cell for row in kent.table.frame.iloc[:, 1:].to_numpy() for cell in row]

    assert cells and all(re.fullmatch(r"(-?[\d,]+(\.\d+)?)?( ?\[\w\])?", cell) for cell in cells), cells
    assert "£ million" in kent.table.interactive.caption
    kind = kent.table.interactive._dt_args["columnDefs"][0]
    assert (list(range(1, kent.table.frame.shape[1])), "num-fmt") == (kind["targets"], kind["type"])


@pytest.mark.parametrize(
    ("unit", "value", "cell"), [("GBP", -136_212_345.0, "-136.2"), ("plans", -20_635.0, "-20,635"), ("%", 57.9, "57.9")]
)
def test_a_cell_of_the_table_is_a_number_that_can_be_sorted(kent, unit, value, cell):
    """The minus sign of print would make it a word."""
    figure = replace(kent.drawn.figures[0], unit=unit, value=value, places=1 if unit == "%" else 0)

    frame = frame_of(replace(kent.drawn, columns=("Kent", "England"), rows=(("Jan 2025", (figure, EMPTY)),)))

    assert ["Jan 2025", cell, ""] == frame.iloc[0].tolist()


def test_a_fault_leaves_no_table(kent):
    """Nothing of the view before stands beneath what is to be put right."""
    kent.controls["cases"].value = "nowhere.csv"

    assert kent.fault.value
    assert "none" == kent.table.layout.display and kent.table.frame.empty


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("entry_rate", [0.5, 0.6, 0.7, 0.8, 0.9, 1.1]),
        ("interval", [95, 80, 95, 80, 95, 80]),
        ("measure", ["requests_received", "dsg_balance", "ehc_plans", "dsg_balance", "ehc_plans", "requests_received"]),
    ],
)
def test_an_update_takes_less_than_a_second(kent, name, values):
    """Median of five after the first."""
    took = []
    for value in values:
        start = time.perf_counter()
        kent.controls[name].value = value
        took.append(time.perf_counter() - start)

    assert statistics.median(took[1:]) < SECOND


def test_another_authority_takes_less_than_a_second(kent):
    """From the panel that is held; median of five after the first."""
    took = []
    for value in ["Leeds", "Rutland", "Surrey", "Essex", "Devon", "Bristol"]:
        start = time.perf_counter()
        kent.controls["authority"].value = value
        took.append(time.perf_counter() - start)
        assert kent.drawn is not None

    assert statistics.median(took[1:]) < SECOND
