"""The authority beside others: which measures, what they print, the verdicts, their words, and what is left out."""

import json
import re
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from highneeds.charts import compare
from highneeds.facts import Facts, held_by
from highneeds.figures import slug
from highneeds.measures.declarations import MEASURES
from highneeds.measures.model import THEMES
from highneeds.measures.ratios import parts
from highneeds.models.funnel import FEW
from highneeds.params import find_authority
from highneeds.report.run import make_report
from highneeds.sections import benchmarks
from highneeds.sections.benchmarks.rates import counts_of
from highneeds.sections.benchmarks.scored import MEASURED, halves, range_of, scored
from highneeds.sections.benchmarks.scored import tested as judged
from highneeds.sections.page import Page
from highneeds.sources.panel import Panel
from highneeds.sources.papers import Papers
from tests.conftest import ROOT

CALLS = (
    benchmarks.rates.answer,
    benchmarks.rates.key_figures,
    benchmarks.pictures.profile,
    benchmarks.outliers.outliers,
    benchmarks.rates.compared,
    benchmarks.pictures.ranges,
    benchmarks.pictures.funnel,
    benchmarks.moved.summary,
    benchmarks.moved.change,
)


@pytest.fixture(scope="module")
def page_on(panel):
    """The whole section on an authority, made once for each."""
    held, made = held_by(panel, date(2026, 4, 8)), {}

    def on(name: str) -> Page:
        if name not in made:
            made[name] = whole(Facts(panel, find_authority(panel.areas, name), date(2026, 4, 8), held))
        return made[name]

    return on


def whole(facts) -> Page:
    page = Page("benchmarks", benchmarks.TITLE, benchmarks.QUESTION, 1, facts, Papers({}, None, {}))
    for call in CALLS:
        call(page)
    return page


def text_of(page: Page) -> str:
    return "\n".join(claim.text for claim in page.claims)


def row_of(page: Page, sheet: str, label: str) -> dict:
    [found] = [each for each in page.sheets.values() if each["slug"].endswith(sheet)]
    [row] = [row for row in found["rows"] if row[0] == label]
    return dict(zip(found["columns"], row[1:], strict=True))


# ---- Which measures --------------------------------------------------------------------------------------------------


def test_every_ratio_of_published_counts_is_compared(panel):
    """By its declaration, not by a list kept by hand: a ratio whose parts the panel holds has a theme."""
    held = set(panel.values["measure"])
    ratios = [m for m in MEASURES.values() if m.is_ratio and all(name in held for name, _ in parts(m.numerator))]

    assert len(ratios) >= 15
    assert {m.name for m in ratios} == {m.name for m in MEASURED}
    assert {m.theme for m in MEASURED} == set(THEMES)
    assert sorted(MEASURED, key=lambda m: THEMES.index(m.theme)) == list(MEASURED)


def test_which_end_is_worse_is_declared_only_where_the_law_says_so():
    """Deadlines have a worse end; how many plans there are, and where, has none."""
    worse = {m.name: m.worse for m in MEASURED if m.worse}

    assert worse == {
        "within_6_weeks_pct": "low",
        "within_20_weeks_excluding_exceptions_pct": "low",
        "within_20_weeks_pct": "low",
        "over_52_weeks_pct": "high",
    }


# ---- Facts known from the papers -------------------------------------------------------------------------------------


def test_kent_refused_fifty_five_in_a_hundred(page_on):
    """As its own paper says, 2,200 of 4,001 requests (55.0%); and what its neighbours and England refused."""
    row = row_of(page_on("Kent"), "benchmarks-compared", "Refused, of requests received (%)")

    assert (2200, 4001) == (row["Cases"]["value"], row["Of"]["value"])
    assert [55.0, 24.2, 30.0, 25.2] == [
        round(row[name]["value"], 1) for name in ("Kent", "Neighbours", "Region", "England")
    ]
    assert "higher alone" == row["Shows"]["text"]


def test_a_negative_outlier_is_called_one_and_a_low_rate_among_low_ones_is_not(page_on):
    """Bristol decided 193 of 1,391 within 6 weeks; Kent's 33.3% within 20 weeks is within the usual spread."""
    kent, bristol = text_of(page_on("Kent")), text_of(page_on("Bristol"))

    assert "Of 4 measures on which one end is worse for children, none is a negative outlier." in kent
    assert "13.9% in Bristol (193 of 1,391), 84.8% in England. That is lower than chance and the usual" in bristol
    assert "1 is a negative outlier: decided within 6 weeks (lower)" in bristol


def test_what_lies_outside_alone_is_said_and_not_called_an_outlier(page_on):
    """Kent's three measures of refusal lie outside by themselves, not among fifteen."""
    said = text_of(page_on("Kent"))

    assert "On none of 15 measures is Kent beyond" in said
    assert "Taken alone, 3 lie outside" in said and "so by itself that makes no outlier" in said


def test_the_key_figure_of_the_first_page_is_how_many_lie_beyond_chance(page_on):
    """Only the first key figure of a section stands there."""
    page = page_on("Leeds")

    assert ("Measures beyond chance", counts_of(page)["beyond"].value) == (
        page.keys[0].label,
        page.keys[0].figure.value,
    )
    assert 0 < page.keys[0].figure.value < page.keys[0].sentence.figures[0].value


def test_the_exceptions_counted_are_those_left_out():
    """Kent 2024: 2,424 plans issued, 2,354 without exceptions; 70 had one."""
    from highneeds.files import panel_folder
    from highneeds.sources.panel import read_panel

    panel = read_panel(panel_folder(ROOT))
    facts = Facts(panel, find_authority(panel.areas, "Kent"), date(2026, 4, 8))
    measure = MEASURES["exceptions_pct"]

    top, bottom = halves(measure, facts.get("exceptions_pct", facts.authority, "2024"))

    assert (70, 2424) == (top.value, bottom.value)
    assert f"{bottom.id} - plans_issued_excluding_exceptions.kent.2024" == top.reference


# ---- Laws ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["Kent", "Leeds", "Rutland"])
def test_counts_add_up(page_on, name):
    """Beyond and alone are parts of tested; negative is a part of judged; cases never exceed their whole."""
    page = page_on(name)
    made = {key: figure.value for key, figure in counts_of(page).items()}

    assert made["beyond"] + made["alone"] <= made["tested"] <= len(scored(page))
    assert made["negative"] <= min(made["judged"], made["beyond"]) and made["near"] <= made["tested"]
    for each in judged(page):
        top, bottom = halves(each.measure, each.mine)
        assert 0 <= top.value <= bottom.value
        assert each.mine.value == pytest.approx(each.measure.scale * top.value / bottom.value)
        low, high = range_of(each.measure, each.mine)
        assert low.value <= each.mine.value <= high.value


def test_most_authorities_are_no_outliers(panel):
    """Of all authorities' measures a few in a hundred are called outliers: a test that calls many is no test."""
    held = held_by(panel, date(2026, 4, 8))
    local = panel.areas.query("level == 'local authority' and closed == ''").iloc[::6]
    beyond = every = 0
    for _, row in local.iterrows():
        page = Page("benchmarks", "t", "q?", 1, Facts(panel, row, date(2026, 4, 8), held), Papers({}, None, {}))
        beyond, every = beyond + sum(each.beyond for each in judged(page)), every + len(judged(page))

    assert 0.005 < beyond / every < 0.06


def test_changes_are_those_of_the_panel(page_on):
    """Kent's refusals: 27.6% of 2019's requests and 55.0% of 2024's, a rise of 27.3 points; England's 2.4."""
    row = row_of(page_on("Kent"), "benchmarks-change", "Refused, of requests received (%)")

    assert ("2019", "rose") == (row["Since"]["text"], row["Shows"]["text"])
    assert [27.6, 27.3, 2.4] == [round(row[name]["value"], 1) for name in ("Then", "Change", "England")]
    assert row["Lowest"]["value"] < row["Change"]["value"] < row["Highest"]["value"]


# ---- Faults and gaps -------------------------------------------------------------------------------------------------


def spoiled(panel, change) -> Panel:
    return Panel(change(panel.values.copy()), panel.areas, panel.neighbours, panel.sources)


def test_a_part_above_its_whole_is_left_out_and_said(panel):
    """A revised release with 5,000 refusals of 4,001 requests: no verdict on it, and the others stand."""

    def more(values: pd.DataFrame) -> pd.DataFrame:
        mine = values["area_code"].eq("E10000016") & values["period"].eq("2024")
        values.loc[mine & values["measure"].eq("requests_refused"), "value"] = 5000.0
        return values

    bad = spoiled(panel, more)
    page = whole(Facts(bad, find_authority(bad.areas, "Kent"), date(2026, 4, 8)))

    [each] = [each for each in scored(page) if each.measure.name == "refused_of_received_pct"]
    assert (FEW, True) == (each.verdict, each.impossible)
    assert "part exceeds whole" == row_of(page, "benchmarks-compared", each.label)["Shows"]["text"]
    assert "refused, of requests received" in re.search(r"It cannot be told.*", text_of(page))[0]
    assert 14 <= len(judged(page)) < 15


def test_small_authorities_are_told_what_cannot_be_told(page_on):
    """City of London counts 26 plans: a rate of plans, and no share of its few requests."""
    page = page_on("City of London")

    assert 0 < len(judged(page)) < len(scored(page))
    assert "too few cases" in {row[-1]["text"] for row in page.sheets["Table 1.1"]["rows"]}
    assert "for want of a figure or of cases enough" in text_of(page)


def test_an_authority_without_cases_enough_is_told_so(panel):
    """Four cases on every measure: one sentence, no key figure, no picture."""

    def few(values: pd.DataFrame) -> pd.DataFrame:
        mine = values["area_code"].eq("E10000016") & values["measure"].ne("population")
        return values.assign(value=values["value"].mask(mine, 4.0))

    small = spoiled(panel, few)
    page = whole(Facts(small, find_authority(small.areas, "Kent"), date(2026, 4, 8)))

    assert [] == judged(page) and [] == page.keys
    assert "Whether Kent is unlike other authorities cannot be told: on each of 15 measures" in text_of(page)
    assert not [name for name in page.sheets if name.startswith("Figure")]


def test_nothing_published_is_said_and_nothing_else(panel):
    """At the start of 2010."""
    page = whole(Facts(panel, find_authority(panel.areas, "Kent"), date(2010, 1, 2)))

    assert ["There is no published figure by 2 January 2010 that sets Kent beside other authorities."] == [
        claim.text for claim in page.claims
    ]
    assert {} == page.sheets and [] == page.keys


def test_funnels_of_all_authorities_are_shared_and_neighbours_are_not(panel):
    """Two pages of a run share the scores of all; what neighbours enter is each page's own."""
    held = held_by(panel, date(2026, 4, 8))
    row = find_authority(panel.areas, "Kent")
    pages = [
        Page("benchmarks", "t", "q?", 1, Facts(panel, row, date(2026, 4, 8), held, codes), Papers({}, None, {}))
        for codes in ((), ("E08000035", "E10000008"))
    ]
    one, two = (scored(page) for page in pages)

    assert all(a.funnel is b.funnel and a.z == b.z for a, b in zip(one, two, strict=True))
    assert any(a.near_z != b.near_z for a, b in zip(one, two, strict=True))
    assert "the chosen authorities" in benchmarks.rates.answer(pages[1]).markup


# ---- Pictures and wiring ---------------------------------------------------------------------------------------------


def test_pictures_draw_what_lies_beyond_their_axis():
    """A distance of nine deviations is an arrow at the edge, not a dot outside the page."""
    places = [
        compare.Place("A", 9.0, 8.0, 10.0, [float("nan"), -7.0], "1%", "higher"),
        compare.Place("B", 0, -1, 1, [], "2%"),
    ]

    drawn = compare.profile_chart(places, area="Kent", band=1.96)

    assert drawn.startswith("<svg") and "higher" in drawn and "nan" not in drawn
    assert drawn == compare.profile_chart(places, area="Kent", band=1.96)


def test_a_funnel_names_its_lines_and_the_authority():
    """Labels stand on the lines; colour alone says nothing."""
    rng = np.random.default_rng(1)
    cloud = compare.Cloud(rng.uniform(50, 5000, 40), rng.uniform(10, 60, 40), 3, (1, 2))
    grid = np.geomspace(40, 5000, 20)
    bands = [compare.Band(grid, 30 - 100 / np.sqrt(grid), 30 + 100 / np.sqrt(grid), name) for name in ("one", "two")]

    drawn = compare.funnel_chart(cloud, bands, target=30.0, unit="%", area="Kent", size_label="plans")

    assert all(f">{word}<" in drawn for word in ("one", "two", "Kent", "all together", "plans"))


def test_every_figure_has_what_an_auditor_asks_and_no_long_decimals(page_on):
    """Unit, period, basis, source and a reference that a person can read."""
    for figure in page_on("Kent").figures.values():
        assert figure.unit and figure.period and figure.period_basis and figure.reference, figure.id
        assert not re.search(r"\d\.\d{6}", figure.reference), figure.reference
        assert figure.source or figure.status


def test_a_report_holds_the_section_with_charts_and_tables(tmp_path):
    """The notebook is run, the section printed, its data written."""
    made = make_report(ROOT, "Devon", sections=("benchmarks",), out=tmp_path)
    page = (made.folder / "report.html").read_text(encoding="utf-8")

    assert () == made.faults
    assert 3 == page.count("<figure id=") and 2 == len(re.findall(r'id="t-benchmarks-', page))
    names = {path.name for path in (made.folder / "data").iterdir()}
    assert {"table-1-1-benchmarks-compared.csv", "figure-1-3-benchmarks-funnel.csv"} <= names
    manifest = json.loads((made.folder / "manifest.json").read_text(encoding="utf-8"))
    assert "Measures beyond chance" == manifest["headlines"][0]["label"]
    assert (made.folder / "audit.html").stat().st_size < 450_000
    assert slug(made.authority) == "devon" and replace(made, faults=()).whole
