"""The section on options: what it says from its files, what it leaves out, and what it must not give away."""

import re
import shutil
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from highneeds.charts import Series
from highneeds.charts.options import CashLine, Step, bridge_chart, cash_chart, change_chart
from highneeds.errors import SchemaError
from highneeds.measures.declarations import OWN
from highneeds.sections import options
from highneeds.sections.options.common import hidden, where
from highneeds.sections.page import Page
from highneeds.sources.option_columns import LAYOUTS
from highneeds.sources.option_files import Options, read_options
from highneeds.sources.papers import Papers
from highneeds.sources.planning import Planning
from tests.conftest import ROOT
from tests.test_charts import texts
from tests.test_figures import figure

EXAMPLES = ROOT / "lib" / "highneeds" / "assets" / "planning" / "options"
BLOCKS = {name: getattr(options.choices, name) for name in options.choices.__all__}
CALCULATORS = [name for name in BLOCKS if name not in ("answer", "key_figures", "missing")]


def open_options(facts, held: Options) -> Page:
    """Page with these option files."""
    papers = Papers({}, None, {})
    return Page("options", options.TITLE, options.QUESTION, 1, facts, papers, planning=Planning(options=held))


def only(*names: str, **changed: pd.DataFrame) -> Options:
    """Some of the example files, some of them changed."""
    tables = read_options(EXAMPLES).tables
    return Options({name: changed.get(name, tables[name]) for name in names})


def told(page: Page) -> dict[str, str]:
    """Everything the section says, by claim."""
    for block in BLOCKS.values():
        block(page)
    return {claim.id.removeprefix("options."): claim.text for claim in page.claims}


@pytest.fixture(scope="module")
def whole(facts_on):
    """Page with every example file, and what it says."""
    page = open_options(facts_on("Kent"), read_options(EXAMPLES))
    return page, told(page)


def test_every_calculator_answers_from_its_example(facts_on):
    """Eleven options, each a block and a key figure, nothing missing."""
    page = open_options(facts_on("Kent"), read_options(EXAMPLES))

    made = {name: block(page) for name, block in BLOCKS.items()}

    assert ["missing"] == [name for name, block in made.items() if block is None]
    assert len(options.choices.CALCULATORS) == len(CALCULATORS) == len(page.keys)


def test_without_files_every_block_is_left_out_and_the_answer_says_so(facts_on):
    """No file, no number; the reader learns which files would bring which answer."""
    page = open_options(facts_on("Kent"), Options())

    made = {name: block(page) for name, block in BLOCKS.items()}

    assert {"answer", "missing"} == {name for name, block in made.items() if block is not None}
    assert {} == page.figures
    assert 1 == len(page.missing)
    assert "a top-slice of school budgets (school_budgets.csv and top_slice.csv)" in page.missing[0]


def test_a_half_given_pair_of_files_names_the_missing_one(facts_on):
    """Who has typed in the budgets should hear what is left to do."""
    page = open_options(facts_on("Kent"), only("school_budgets"))

    said = told(page)

    assert "a top-slice of school budgets (top_slice.csv)" in page.missing[0]
    assert "a top-slice of school budgets" in said["missing"]
    assert options.choices.top_slice(page) is None


def test_every_needed_file_is_declared_and_every_declared_file_is_used():
    """A file nobody reads would be typed in for nothing."""
    needed = {name for calculator in options.choices.CALCULATORS for name in calculator.files}

    assert set(LAYOUTS) == needed | {"banding_guarantee", "banding_neighbours"}


def test_invented_figures_are_called_invented(whole):
    """A councillor who sees one chart must not take it for the council's money."""
    page, said = whole
    block = options.choices.banding(page).markup

    assert "all of the files" in said["caution_invented"]
    assert "caution" in options.choices.answer(page).markup
    assert "(invented example)" in block
    assert "Source: invented." in block


def test_assumed_inputs_are_named_by_file(facts_on):
    """An answer is no firmer than what it rests on."""
    slices = only("top_slice").tables["top_slice"].assign(source="assumed: last year's budget")
    budgets = only("school_budgets").tables["school_budgets"].assign(source="budget return")

    said = told(open_options(facts_on("Kent"), Options({"top_slice": slices, "school_budgets": budgets})))

    assert "Assumed in part, because nobody knows: top_slice.csv." in said["caution_assumed"]
    assert "caution_invented" not in said


def test_every_figure_leads_to_its_rows(whole):
    """An auditor follows a number to the file and rows it was worked out from."""
    page, _ = whole
    found = [figure for figure in page.figures.values() if figure.source != OWN]

    assert len(found) > 200
    assert all(re.search(r"options/\w+\.csv, rows? \d", figure.reference) for figure in found)
    assert all(figure.inputs or figure.measure == "options" for figure in page.figures.values() if figure.source == OWN)


def test_the_section_can_be_written_down(whole):
    """What the runner writes is plain data, with a sheet for each table and chart."""
    page, _ = whole

    results = page.as_results()

    assert len(results["figures"]) == len(page.figures)
    assert all("label" in figure for figure in results["figures"])
    assert {"options"} == {key["section"] for key in results["key_list"]}


def test_the_largest_saving_and_cost_are_named(whole):
    """The answer says where the money is."""
    _, said = whole

    assert "ending funding for inclusion: £746,700" in said["answer_saving"]
    assert "funding plans by bands, on the sampled plans alone: £1,230" in said["answer_cost"]


def test_the_range_of_places_stands_before_the_worst_year(whole):
    """A reader meets the uncertainty first, then the answer of the peak."""
    _, said = whole

    assert re.search(
        r"^If exclusions .* \d+ to \d+ places .* expected about \d+\)\. Were .* worst, \d+",
        said["alternative_provision"],
    )


def test_a_cost_is_called_a_cost(facts_on):
    """The sign decides the word."""
    dear = only("funding_for_inclusion").tables["funding_for_inclusion"].assign(plan_cost_gbp=30_000.0)

    said = told(open_options(facts_on("Kent"), only("funding_for_inclusion", funding_for_inclusion=dear)))

    assert "In all, this would cost £" in said["inclusion"]
    assert "a year would be lacking" in said["inclusion_title"]


def test_a_scheme_that_never_pays_back_is_told_in_words(facts_on):
    """No month is invented."""
    vain = only("invest_to_save").tables["invest_to_save"].assign(displaced_yearly_gbp=0.0)

    said = told(open_options(facts_on("Kent"), only("invest_to_save", invest_to_save=vain)))

    assert "not within 36 months" in said["invest"]


def test_a_school_with_few_sampled_plans_shows_no_pounds(whole):
    """Three plans at Example Unit G: its costs are nearly single plans' costs, and a second school hides beside it."""
    page, _ = whole

    block = options.choices.banding(page).markup

    assert "Example Unit G" not in block
    assert "Example Secondary D" not in block
    assert not any("example-unit-g" in id for id in page.figures if id.startswith("banding"))


def test_no_single_placement_can_be_read(whole):
    """Neither a cost that stands out nor a group under five is printed."""
    page, _ = whole
    costs = page.options.tables["independent_placements"]

    block = options.choices.value_for_money(page).markup

    printed = set(re.findall(r"£[\d,]+", block))
    assert "SLCN" not in block
    assert not printed & {f"£{cost:,.0f}" for cost in costs["cost_gbp"]}


def test_another_yardstick_finds_others_beside_the_usual_ones(whole):
    """An analyst who tries one deviation keeps the figures of three."""
    page, _ = whole

    options.choices.value_for_money(page, k=1.0)

    found = [page.figures[f"placements_beyond.kent.2025-26.all{tail}"].value for tail in ("", ".beyond-1")]
    assert found[0] < found[1]


def test_groups_that_are_all_too_small_are_said_and_not_shown(facts_on):
    """Four placements give no yardstick, and no number at all."""
    few = only("independent_placements").tables["independent_placements"].head(4)
    page = open_options(facts_on("Kent"), only("independent_placements", independent_placements=few))

    said = told(page)

    assert "enough independent placements" in said["value_for_money_few"]
    assert not re.search(r"£\d", options.choices.value_for_money(page).markup)
    assert options.choices.key_figures(page) is None


def test_few_placements_that_stand_out_are_hidden_in_every_group(whole):
    """Counts of one to four are [c], and the total stands because it gives none of them back."""
    page, _ = whole

    counts = [f for id, f in page.figures.items() if id.startswith(("placements_high.", "placements_low."))]

    assert {"c", ""} == {f.status for f in counts}
    assert all(f.value == 0 or f.value >= 5 for f in counts if f.known)


def test_years_of_few_awards_show_no_money(facts_on):
    """£30,000 for three awards is nearly one child's funding."""
    rows = only("non_plan_top_up").tables["non_plan_top_up"]
    few = rows.assign(awards=[310.0, 255.0, 140.0, 3.0], exceptional_awards=[12.0, 15.0, 18.0, 3.0], spend_gbp=3e4)
    page = open_options(facts_on("Kent"), only("non_plan_top_up", non_plan_top_up=few))

    said = told(page)

    assert "[c] in 2024-25" in said["non_plan_title"]
    assert page.figures["non_plan_top_up.kent.2024-25"].status == "c"


def test_a_small_scheme_shows_its_month_but_no_money(facts_on):
    """Two children in care: what they cost is nobody's to read."""
    small = only("invest_to_save").tables["invest_to_save"].assign(pupils=2.0).head(1)
    page = open_options(facts_on("Kent"), only("invest_to_save", invest_to_save=small))

    told(page)

    assert not re.search(r"£\d", options.choices.invest_to_save(page).markup)
    assert page.figures["invest_break_even.kent.2026-09.all"].value == 19


def test_excluded_pupils_are_never_shown_one_by_one(facts_on):
    """Four in a phase are hidden, and so is the other phase: the total less one would be the other."""
    rows = only("excluded_pupils").tables["excluded_pupils"].iloc[1:]
    page = open_options(facts_on("Kent"), only("excluded_pupils", excluded_pupils=rows))

    told(page)

    assert ["c", "c"] == [
        page.figures[f"excluded_pupils.kent.2025-26.{name}"].status for name in ("primary", "secondary")
    ]
    assert page.figures["excluded_pupils.kent.2025-26.all"].value == 12


def test_a_setting_of_few_pupils_shows_no_vacancies(facts_on):
    """Nine pupils in a unit are few enough to be known."""
    rows = only("commissioned_places").tables["commissioned_places"]
    few = rows.assign(filled_places=[118.0, 99.0, 51.0, 9.0, 11.0, 31.0])
    page = open_options(facts_on("Kent"), only("commissioned_places", commissioned_places=few))

    told(page)

    assert page.figures["filled_places.kent.2026-01-15.example-unit-g-resourced-provision"].status == "c"
    assert 2 == sum(figure.status == "c" for id, figure in page.figures.items() if id.startswith("filled_places"))


@given(st.lists(st.integers(0, 60), min_size=1, max_size=25), st.integers(2, 12))
def test_no_sum_gives_a_hidden_row_back(counts, fewest):
    """The total less the shown rows is nothing, or two rows and enough pupils; else the total is hidden."""
    found = hidden(counts, fewest=fewest)

    gone = [count for count, hide in zip(counts, found.rows, strict=True) if hide]
    shown = [count for count, hide in zip(counts, found.rows, strict=True) if not hide]
    assert all(count == 0 or count >= fewest for count in shown)
    assert not gone or found.total or (len(gone) >= 2 and sum(gone) >= fewest)
    assert not found.total or not any(shown)


def test_a_band_of_few_plans_stops_the_section(facts_on):
    """A poisoned input is refused with its row, not priced."""
    narrow = only("bands").tables["bands"].assign(from_gbp=[0.0, 3_000.0, 8_500.0, 13_000.0])
    page = open_options(facts_on("Kent"), only("bands", "banding_sample", bands=narrow))

    with pytest.raises(SchemaError, match="options/bands.csv: row 2, band 'A'"):
        options.choices.banding(page)


def test_a_large_authority_lists_thirty_schools_and_says_how_many_are_left(facts_on):
    """Three hundred rows are no table for a committee."""
    schools = pd.DataFrame(
        {
            "school": [f"School {at}" for at in range(300)],
            "phase": "primary",
            "pupils": 200.0,
            "budget_gbp": np.arange(300) * 1_000.0 + 900_000.0,
            "financial_year": "2026-27",
            "source": "budget return",
            "row": range(2, 302),
            "file": "options/school_budgets.csv",
        }
    )
    page = open_options(facts_on("Kent"), only("school_budgets", "top_slice", school_budgets=schools))

    block = options.choices.top_slice(page).markup

    assert 31 == len(re.findall(r'<th scope="row"', block))
    assert "270 schools between these are not listed" in block


def test_rows_are_told_as_a_reader_counts_them():
    """A run of rows as a run, others one by one."""
    rows = pd.DataFrame({"row": [4, 2, 3], "file": "options/bands.csv"})

    assert "options/bands.csv, rows 2 to 4" == where(rows)
    assert "options/bands.csv, rows 2, 4" == where(rows[rows["row"].ne(3)])
    assert "options/bands.csv, row 3" == where(rows[rows["row"].eq(3)])


def money(value: float, id: str):
    """A figure in pounds."""
    return replace(figure(value, id=id, unit="pounds"), places=0)


def test_bars_stand_either_side_of_nothing_with_their_sign():
    """A loss must not look like a gain; a long name keeps room for the bars."""
    svg = change_chart(
        [Series("School of a very long name indeed, Northtown", [money(-500, "a")]), Series("B", [money(700, "b")])],
        unit="pounds",
    )

    assert {"−£500", "+£700", "School of a very long name inde…"} <= set(texts(svg))


def test_a_bridge_shows_what_is_taken_and_what_is_left():
    """Each step carries its number, those taken away with their sign."""
    kinds = (("Now", 900, "total"), ("Plans", 400, "minus"), ("Left over", 500, "total"))

    svg = bridge_chart([Step(label, money(value, label), kind) for label, value, kind in kinds])

    assert {"£900", "−£400", "£500"} <= set(texts(svg))


def test_a_line_of_cash_names_its_fund_and_its_break_even_month():
    """No legend; the month is marked where the sum comes back."""
    svg = cash_chart([CashLine("Both", [-10.0, 0.0, 10.0])], start="September 2026", mark=2, mark_label="breaks even")

    assert {"Both", "breaks even", "Month, from September 2026"} <= set(texts(svg))


def test_the_examples_can_be_copied_and_read(tmp_path):
    """What the documents point to works as it stands."""
    shutil.copytree(EXAMPLES, tmp_path / "options")

    assert read_options(tmp_path / "options").files == read_options(EXAMPLES).files
