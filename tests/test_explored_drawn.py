"""Views drawn: the section's own figures, whatever door they are asked through; sliders as scenarios of its models."""

from dataclasses import replace

import pandas as pd
import pytest
import yaml

from highneeds.claims import loose_numbers
from highneeds.errors import ParamsError
from highneeds.figures import Figure
from highneeds.scenarios import make_scenario
from highneeds.sections import open_page, outlooks
from highneeds.sections.caseload import forecast as caseload
from highneeds.sections.explored.drawn import Drawn, draw, fresh, open_view, show, shown
from highneeds.sections.explored.sliders import slid
from highneeds.sections.finance.figures import seen
from highneeds.sections.finance.positions import balance_figures
from highneeds.sources.planning import Planning
from highneeds.views import MEASURES_SHOWN, View, make_view
from tests.conftest import ROOT

DAY = "2026-04-08"
CAPACITY = {
    "setting": ["Old school", "New school"], "placement": ["state special", "state special"],
    "phase": ["all", "all"], "places_now": [6_000.0, 0.0], "places_planned": [6_000.0, 400.0],
    "opens": [pd.NaT, pd.Timestamp("2026-09-01")], "confidence_pct": [100.0, 100.0], "filled": [6_000.0, 0.0],
    "source": ["invented", "invented"], "row": [2, 3],
}  # fmt: skip


@pytest.fixture(scope="module")
def kent():
    """The page of Kent's views."""
    return open_view(view(), str(ROOT))


def view(**given) -> View:
    """A view of Kent."""
    return make_view(**({"authority": "Kent", "as_at": DAY} | given))


def drawn(page, **given) -> Drawn:
    """A view of Kent, drawn on a page with nothing on it."""
    return draw(fresh(page), view(**given))


def column(drawn: Drawn, name: str) -> list[Figure]:
    """Figures of one column."""
    at = drawn.columns.index(name)
    return [cells[at] for _, cells in drawn.rows if isinstance(cells[at], Figure)]


def said(drawn: Drawn) -> str:
    """All its sentences."""
    return " ".join(claim.text for claim in drawn.claims)


@pytest.mark.parametrize("measure", MEASURES_SHOWN)
def test_every_measure_is_drawn_with_the_figures_of_the_facts(kent, measure):
    """Authority, England, region: by the same ids and values as any section would print."""
    parts = kent.facts.breakdowns(measure)
    for part in parts[:1] + parts[-1:]:
        made, facts = drawn(kent, measure=measure, breakdown=part, model="none"), kent.facts
        for area in (facts.authority, facts.england, facts.region):
            if area.name in made.columns:
                got = column(made, area.name)
                assert [facts.get(measure, area, each.period, part) for each in got] == got
        assert made.picture.startswith("<svg") and made.alt.startswith("Line chart of")
        assert made.title.text.startswith("Kent: ")


def test_the_forecast_of_plans_is_that_of_the_caseload_section(kent):
    """The law: one measure, one period, one figure, through either door."""
    page = open_page("caseload", "t", "q", authority="Kent", as_at=DAY, home=str(ROOT))
    caseload.trend(page)

    made = drawn(kent)

    for each in made.figures:
        if each.measure == "ehc_plans.forecast" or (each.area == "Kent" and each.id in page.figures):
            assert page.figures[each.id] == each
    assert 3 == len(column(made, "Forecast"))


def test_the_balance_ahead_is_that_of_the_finance_section(kent):
    """And its scenario that of the same projection with other prices."""
    page = open_page("finance", "t", "q", authority="Kent", as_at=DAY, home=str(ROOT))
    [one] = seen(page)
    own = {year: balance_figures(page, one, year) for year in one.outlook.years}

    made = drawn(kent, measure="dsg_balance", horizon=5, unit_cost=0.9)

    got = column(made, "Forecast")
    assert [row[0] for row in own.values() if row[0].period >= got[0].period][: len(got)] == got
    under = {each.period: each.value for each in column(made, "Scenario")}
    assert {
        each.period: each.value for each in got if each.period < DAY
    }.items() <= under.items()  # no slider moves what is over
    assert all(under[each.period] < each.value for each in got if each.period > DAY)
    assert ["2027-03-31", "2028-03-31"] == [each.period for each in got if each.period > DAY]


@pytest.mark.parametrize("factor", [0.5, 1.5])
def test_prices_can_be_moved_to_either_end(kent, factor):
    """The model refuses a step to nothing, or to twice the price of the year before."""
    made = drawn(kent, measure="dsg_balance", horizon=5, unit_cost=factor)

    assert f"unit cost times {factor:.2f} from 2026-27" in said(made)
    assert "Scenario" in made.columns


def test_prices_of_years_that_are_over_are_not_moved():
    """A day after the last year of the plan leaves nothing to change, and says so."""
    asked = view(as_at="2028-04-08", measure="dsg_balance", unit_cost=0.9)

    made = draw(open_view(asked, str(ROOT)), asked)

    assert "Moved without effect" in said(made) and "Scenario" not in made.columns


def test_a_picture_says_whose_range_it_shows(kent):
    """With a scenario the band is that of the scenario."""
    assert drawn(kent).subtitle.endswith("dashed: forecast with its 8-in-10 range")
    assert drawn(kent, entry_rate=0.9).subtitle.endswith("dashed: forecast and scenario, which has the range")


def test_the_slider_of_entry_is_the_line_of_a_scenario_file(kent):
    """A tenth fewer new plans is the same whether it is slid or written down."""
    written = {
        "name": "fewer",
        "about": "a",
        "changes": [{"line": "entry_rate", "of": "all", "by_pct": -10, "from": 2026}],
    }
    under = outlooks.view_under(kent, make_scenario(written, [4], "fewer.yml"))

    made = column(drawn(kent, entry_rate=0.9, horizon=5), "Scenario")

    assert pytest.approx(list(under.caseload.totals)) == [each.value for each in made]


def test_numbers_in_the_name_of_a_scenario_are_figures_that_name_it(tmp_path):
    """An analyst calls a file what it asks; a number without a source would stop the report's check."""
    path = tmp_path / "cut-25.yml"
    change = {"line": "entry_rate", "of": "all", "by_pct": -25}
    path.write_text(yaml.safe_dump({"name": "25 fewer in 100", "about": "What if?", "changes": [change]}))
    asked = view(scenario=str(path))

    [said] = [claim for claim in draw(open_view(asked, str(ROOT)), asked).claims if claim.id.endswith("view_scenario")]

    assert said.text.startswith("With scenario 25 fewer in 100: about ")
    assert [] == loose_numbers(said.html)
    assert str(tmp_path) not in said.text


def test_a_year_that_is_known_already_has_no_range(kent):
    """Kent's own outturn of March 2025 stands in its plan: no chance is left in it."""
    made = drawn(kent, measure="dsg_balance", horizon=5)

    points, low = column(made, "Forecast"), column(made, "Forecast, 8-in-10 range: from")

    assert "2025-03-31" == points[0].period and len(points) == len(low) + 1
    assert all(end.value < point.value for end, point in zip(low, points[1:], strict=True))


def test_more_refusals_are_fewer_new_plans_by_the_requests_left(kent):
    """Kent refused 57.9% of decided requests: a tenth more leaves 36.3 of 42.1."""
    share = kent.facts.get("refused_of_decided_pct", kent.facts.authority, "2024").value / 100

    [change] = slid(kent, view(refusal_rate=1.1)).changes

    assert pytest.approx(100 * ((1 - 1.1 * share) / (1 - share) - 1)) == change.value
    assert "one for one" in said(drawn(kent, refusal_rate=1.1))


def test_sliders_as_things_are_make_no_scenario(kent):
    """And nothing of one is shown."""
    assert slid(kent, view()) is None
    assert "Scenario" not in drawn(kent).columns


@pytest.mark.parametrize(
    "asked", [{"unit_cost": 0.9}, {"places": 2.0}, {"measure": "requests_received", "entry_rate": 2}]
)
def test_a_slider_that_moves_nothing_says_so(kent, asked):
    """A reader must not take an unchanged line for a finding."""
    made = drawn(kent, **asked)

    assert "Moved without effect" in said(made)
    assert "Scenario" not in made.columns


def test_planned_places_come_in_part_or_more_of_them(kent):
    """Half of what is planned from September 2026: 6,200 places instead of 6,400, beside the plans of the type."""
    page = replace(fresh(kent), planning=Planning({"capacity": pd.DataFrame(CAPACITY)}), kept={})

    made = drawn(page, breakdown="state special", places=0.5)

    assert [6_000.0, 6_400.0, 6_400.0] == [each.value for each in column(made, "Forecast, places")]
    assert [6_000.0, 6_200.0, 6_200.0] == [each.value for each in column(made, "Scenario, places")]
    assert "With planned places times 0.50: 6,200 places of this type" in said(made)
    assert "against 6,400 as things are" in said(made)


def test_more_state_places_lower_the_balance(kent):
    """Each child placed there would cost more elsewhere."""
    page = replace(fresh(kent), planning=Planning({"capacity": pd.DataFrame(CAPACITY)}), kept={})

    made = drawn(page, measure="dsg_balance", places=2.0, horizon=5)

    assert column(made, "Scenario")[-1].value < column(made, "Forecast")[-1].value


@pytest.mark.parametrize(("percent", "words"), [(80, "8-in-10 range"), (95, "95% range")])
def test_the_range_is_the_one_asked_for(kent, percent, words):
    """Named in the sentence, the table and the picture."""
    made = drawn(kent, interval=percent)

    low, high = (column(made, f"Forecast, {words}: {end}")[-1] for end in ("from", "to"))
    assert f"{low.text} to {high.text}" in said(made)
    assert words in said(made)


def test_the_period_is_the_one_asked_for(kent):
    """Nothing before the first or after the last."""
    got = column(drawn(kent, first="2016", last="2020", model="none"), "Kent")

    assert ["2016", "2017", "2018", "2019", "2020"] == [each.period for each in got]


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"breakdown": "State special"}, "Did you mean 'state special'?"),
        ({"first": "2099"}, "Expected periods from 2010 to"),
        ({"measure": "ehc_plans_primary_need"}, "is not held by it"),
    ],
)
def test_what_is_not_held_is_refused_with_what_is(kent, asked, says):
    """An instruction, not an empty chart."""
    with pytest.raises(ParamsError, match=".") as found:
        drawn(kent, **asked)

    assert says in str(found.value)


def test_the_same_view_gives_the_same_bytes(kent):
    """Whatever was drawn between."""
    first = drawn(kent, entry_rate=0.8)
    drawn(kent, measure="requests_received")

    again = drawn(kent, entry_rate=0.8)

    assert (first.picture, first.table, said(first)) == (again.picture, again.table, said(again))


def test_two_views_stand_on_one_page():
    """Each with its own name: no figure of the page has two values."""
    page = open_view(view(), str(ROOT))
    blocks = [shown(page, draw(page, view(entry_rate=rate), id)) for id, rate in (("less", 0.8), ("more", 1.2))]

    assert all(f'id="f-explored-{name}"' in block.markup for name, block in zip(("less", "more"), blocks, strict=True))


def test_a_cell_shows_the_view(monkeypatch):
    """The code that is copied runs."""
    monkeypatch.setenv("HIGHNEEDS_HOME", str(ROOT))

    assert "<figure" in show(authority="Rutland", as_at=DAY).markup
