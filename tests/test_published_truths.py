"""Published figures, as the department prints them, must come out of the panel to the digit."""

import pytest

from highneeds import terms
from highneeds.clean.panel import build_panel
from highneeds.files import panel_folder
from highneeds.measures.declarations import MEASURES
from highneeds.measures.ratios import ratio_rows
from highneeds.sources.panel import FILES, write_panel
from highneeds.sources.releases import open_recipe
from tests.conftest import ROOT

HEADLINE = "within_20_weeks_excluding_exceptions_pct"

# DfE, Education, health and care plans 2025, timeliness: den, on time, %, den ex, on time ex, % ex, over a year %.
TIMELINESS = [
    ("England", "2023", 80_945, 39_784, "49.1%", 76_506, 38_471, "50.3%", "5.1%"),
    ("England", "2024", 90_392, 41_448, "45.9%", 84_866, 39_407, "46.4%", "7.2%"),
    ("Kent", "2023", 1_804, 324, "18.0%", 1_796, 324, "18.0%", "11.8%"),
    ("Kent", "2024", 2_424, 784, "32.3%", 2_354, 783, "33.3%", "14.2%"),
    ("Leicestershire", "2023", 537, 32, "6.0%", 537, 32, "6.0%", "12.5%"),
    ("Leicestershire", "2024", 772, 33, "4.3%", 772, 33, "4.3%", "44.6%"),
    ("Leeds", "2024", 717, 67, "9.3%", 717, 67, "9.3%", "57.2%"),
    ("West Northamptonshire", "2024", 711, 77, "10.8%", 590, 72, "12.2%", "18.7%"),
]
PARTS = (
    "plans_issued", "plans_within_20_weeks", "within_20_weeks_pct", "plans_issued_excluding_exceptions",
    "plans_within_20_weeks_excluding_exceptions", HEADLINE, "over_52_weeks_pct",
)  # fmt: skip


@pytest.mark.parametrize("truth", TIMELINESS, ids=lambda truth: f"{truth[0]} {truth[1]}")
def test_timeliness_is_as_published_both_ways(facts_on, truth):
    """Counts and percentages with and without exceptions, and over a year, are DfE's own."""
    name, year, *expected = truth
    facts = facts_on("Kent" if name == "England" else name)
    area = facts.england if name == "England" else facts.authority

    actual = [facts.get(part, area, year) for part in PARTS]

    assert [e if isinstance(e, str) else float(e) for e in expected] == [
        figure.text if figure.unit == "%" else figure.value for figure in actual
    ]


def test_england_requests_and_plans_are_as_published(facts_on):
    """154,489 requests in 2024 and 638,745 plans in January 2025."""
    facts = facts_on("Kent")

    actual = [facts.get("requests_received", facts.england, "2024"), facts.get("ehc_plans", facts.england, "2025")]

    assert [154_489, 638_745] == [figure.value for figure in actual]


def test_kent_decisions_give_the_published_percentages(facts_on):
    """Kent 2024: 1,602 and 2,200 of 4,001 requests are 40.0% and 55.0% of all received."""
    facts = facts_on("Kent")

    actual = [
        facts.get(name, facts.authority, "2024").text
        for name in ("to_assess_of_received_pct", "refused_of_received_pct")
    ]

    assert ["40.0%", "55.0%"] == actual


@pytest.mark.parametrize(
    ("period", "published"),
    [("2010", 228_221), ("2018", 319_819), ("2019", 353_995), ("2022", 473_255), ("2023", 517_048), ("2024", 576_474)],
)
def test_england_caseload_over_the_years_is_as_published(facts_on, period, published):
    """Totals of releases from 2010 on, whatever file they come from; 2023 and 2024 as the 2025 edition revised them."""
    facts = facts_on("Kent")

    actual = facts.get("ehc_plans", facts.england, period).value

    assert published == actual


def test_age_bands_of_single_years_sum_to_the_total_where_ages_are_known(panel):
    """From 2024 bands are summed here; for England nothing may be lost but plans without a known age."""
    rows = panel.values.query("area_code == 'E92000001' and measure == 'ehc_plans' and period == '2025'")
    bands = rows[rows["breakdown"].isin(terms.AGE_BANDS) & rows["reference"].str.startswith("sum of rows ")]

    total = rows.loc[rows["breakdown"].eq("Total"), "value"].item()

    assert 5 == len(bands)
    assert 0 <= total - bands["value"].sum() < 0.002 * total


# England, DfE: new plans of 2021 by band as published in 2022; the others are sums of the columns of the 2025 release.
CUTS = [
    ("new_ehc_plans", "2021", "Under 5", 14_428),
    ("new_ehc_plans", "2021", "Age 20 to 25", 179),
    ("new_ehc_plans", "2024", "Under 5", 203 + 2_134 + 13_245),
    ("new_ehc_plans", "2024", "Age 20 to 25", 276),
    ("new_ehc_plans", "2024", "state special", 3_494 + 3_082),
    ("ceased_plans", "2024", "Under 5", 8 + 72 + 428),
    ("ceased_plans", "2024", "Age 20 to 25", 18_576),
    ("ehc_plans", "2025", "mainstream", 95_542 + 141_630 + 9_366),
    ("ehc_plans", "2025", "independent", 29_647 + 4_381 + 7_174),
    ("ehc_plans", "2025", "other", 4_858 + 49_750 + 4_524 + 19_339),
    # In January 2019 "educated elsewhere" leaves out 1,902 plans in other settings.
    ("ehc_plans", "2019", "other", 2_731 + 11_654 + 1_708 + 3_486 + 63 + 1_902),
]


@pytest.mark.parametrize("truth", CUTS, ids=lambda truth: " ".join(truth[:3]))
def test_england_by_age_and_by_placement_is_as_published(facts_on, truth):
    """Bands and groups are sums of published cells, and of nothing else."""
    measure, period, breakdown, published = truth
    facts = facts_on("Kent")

    assert published == facts.get(measure, facts.england, period, breakdown).value


def test_kent_by_age_and_placement_is_as_published(facts_on):
    """Ages 5 to 10 in Kent's own and in academy special schools on 16 January 2025, six rows and two columns."""
    facts = facts_on("Kent")
    published = (287 + 273 + 316 + 301 + 340 + 357) + (61 + 56 + 60 + 71 + 56 + 62)

    assert published == facts.get("ehc_plans", facts.authority, "2025", "Age 5 to 10, state special").value


GROUPS, BANDS = list(terms.PLACEMENT_GROUPS), list(terms.AGE_BANDS)
WHOLES = [
    ("ehc_plans", GROUPS, range(2019, 2026)),
    ("new_ehc_plans", GROUPS, range(2019, 2025)),
    ("new_ehc_plans", BANDS, range(2016, 2025)),
    ("ceased_plans", BANDS, range(2023, 2025)),
]


@pytest.mark.parametrize(("measure", "cuts", "years"), WHOLES, ids=lambda value: str(value)[:20])
def test_groups_and_bands_add_up_to_the_total_of_every_authority(panel, measure, cuts, years):
    """Where an authority has a total and its parts, they are the same plans; only ages nobody knows may be lacking."""
    values = panel.values[panel.values["measure"].eq(measure) & panel.values["period"].isin([str(y) for y in years])]
    table = values.pivot_table(index=["area_code", "period"], columns="breakdown", values="value")
    table = table.dropna(subset=["Total", *cuts])
    wide = table.index.get_level_values("area_code").str.match("E92|E12")
    apart = table["Total"] - table[cuts].sum(axis="columns")

    assert len(table) > 140 * len(years)
    assert apart[~wide].between(0, 12).all(), apart[~wide & apart.ne(0)]
    assert apart[wide].between(0, 0.06 * table.loc[wide, "Total"]).all()


@pytest.mark.parametrize(("measure", "cuts", "years"), WHOLES, ids=lambda value: str(value)[:20])
def test_authorities_by_age_and_placement_do_not_exceed_england(panel, measure, cuts, years):
    """An authority counted twice would show in its group; those without placements make the sum smaller."""
    levels = panel.areas.set_index("area_code")["level"]
    values = panel.values[panel.values["measure"].eq(measure) & panel.values["breakdown"].isin(cuts)]
    values = values[values["period"].isin([str(year) for year in years])]
    level = values["area_code"].map(levels)
    keys = ["period", "breakdown"]
    england = values[level.eq("national")].set_index(keys)["value"]
    sums = values[level.eq("local authority")].groupby(keys)["value"].sum()

    assert len(cuts) * len(years) == len(england)
    assert (sums.sub(england) <= 0).all(), sums.sub(england)
    assert sums.sum() >= 0.97 * england.sum()


def test_high_needs_spending_of_2021_22_adds_up(facts_on):
    """England spent 7,486 million pounds; the thirteen kinds are all of it, income taken off."""
    facts = facts_on("Kent")
    kinds = [facts.get("high_needs_spend", facts.england, "2021-22", kind).value for kind in terms.SPEND_KINDS]

    total = facts.get("high_needs_spend", facts.england, "2021-22").value

    assert 7_486 == round(total / 1e6)
    assert pytest.approx(total, abs=1) == sum(kinds)


def test_kents_deficit_at_the_end_of_2023_24(facts_on):
    """67.2 million pounds; the Safety Valve paper's projection for Kent implies an opening balance of 67."""
    facts = facts_on("Kent")

    kent, england = (facts.get("dsg_balance", area, "2024-03-31") for area in (facts.authority, facts.england))

    assert (67_167_405, None, "x") == (kent.value, england.value, england.status)


def test_the_sheet_of_spending_groups_placements_as_we_do(facts_on):
    """DfE's sheet and our sums over the release's columns are within 0.2% of each other for January 2021."""
    facts = facts_on("Kent")
    names = [name for name in GROUPS if name != "other"]

    sheet, ours = (
        [facts.get(measure, facts.england, "2021", name).value for name in names]
        for measure in ("high_needs_placements", "ehc_plans")
    )

    assert pytest.approx(sheet, rel=0.002) == ours


@pytest.mark.parametrize("measure", ["requests_received", "plans_issued", "plans_within_20_weeks", "ehc_plans"])
def test_authorities_sum_to_england(panel, measure):
    """An authority lost or counted twice would break the sum; missing returns may make it smaller, never larger."""
    levels = panel.areas.set_index("area_code")["level"]
    rows = panel.values[panel.values["measure"].eq(measure) & panel.values["breakdown"].eq("Total")]
    rows = rows.assign(level=rows["area_code"].map(levels))
    england = rows[rows["level"].eq("national")].set_index("period")["value"]
    sums = rows[rows["level"].eq("local authority")].groupby("period")["value"].sum()

    shares = (sums / england).dropna()

    assert (shares <= 1.0005).all(), shares
    assert (shares >= 0.97).all(), shares


def test_sen_support_in_january_2025_is_as_published(facts_on):
    """14.2% of pupils in England were on SEN Support and 5.3% had a plan."""
    facts = facts_on("Kent")

    actual = [
        facts.get(name, facts.england, "2025").text for name in ("sen_support_pupils_pct", "school_ehc_pupils_pct")
    ]

    assert ["14.2%", "5.3%"] == actual


def test_population_and_high_needs_block_are_as_published(facts_on):
    """Kent has 476,670 residents aged 0 to 25 in mid-2023; the high needs block of 2023-24 is 9,954 million pounds."""
    facts = facts_on("Kent")

    people = facts.get("population", facts.authority, "2023", "Age 0 to 25").value
    block = facts.get("high_needs_block", facts.england, "2023-24").text

    assert (476_670, "£9,954") == (people, block[:6])


def test_a_repeated_regional_total_is_not_used(facts_on):
    """DfE prints 6,078 new plans in 2022 for every authority of Yorkshire and The Humber: the region's total."""
    facts = facts_on("Leeds")

    leeds, region = (facts.get("new_ehc_plans", area, "2022") for area in (facts.authority, facts.region))

    assert ("d", None, 6_078) == (leeds.status, leeds.value, region.value)


def test_missing_returns_stay_missing(facts_on):
    """Isle of Wight made no usable return for 2023: x, never zero and never a neighbour's figure."""
    facts = facts_on("Isle of Wight")

    figure = facts.get("requests_received", facts.authority, "2023")

    assert (None, "x", "[x]") == (figure.value, figure.status, figure.text)


def test_an_authority_has_no_figure_before_it_existed(facts_on):
    """West Northamptonshire opened in April 2021: earlier years are not applicable, not unavailable."""
    facts = facts_on("West Northamptonshire")

    figure = facts.get("requests_received", facts.authority, "2019")

    assert ("z", None) == (figure.status, figure.value)


def test_every_current_authority_has_ten_neighbours_and_a_region(panel):
    """153 authorities can be reported on, each beside ten others."""
    local = panel.areas.query("level == 'local authority' and closed == ''")
    neighbours = panel.neighbours.groupby("la_code").size()

    assert 153 == len(local)
    assert {10} == set(local["la_code"].map(neighbours))
    assert local["region_code"].str.match(r"E1200000[1-9]").all()


def test_ratios_for_every_area_agree_with_the_published_percentages(panel):
    """Our vectorised share equals the figure computed part by part; Kent 2024 stands for all."""
    rows = ratio_rows(panel.values, HEADLINE)

    kent = rows.query("area_code == 'E10000016' and period == '2024'")

    assert 33.3 == kent["value"].round(1).item()
    assert (2_354, 783) == (kent["denominator"].item(), kent["numerator"].item())


def test_the_committed_panel_is_what_the_recipe_builds(official, tmp_path):
    """One documented command builds the panel, byte for byte."""
    committed = panel_folder(ROOT)
    built, _ = build_panel(open_recipe(official, ROOT / "data" / "processed" / "recipe.yml"))
    write_panel(built, tmp_path / "panel")

    for name in FILES:
        assert (committed / name).read_bytes() == (tmp_path / "panel" / name).read_bytes(), name


def test_the_panel_is_small(panel):
    """Two megabytes at most, for every clone carries it."""
    size = sum((panel_folder(ROOT) / name).stat().st_size for name in FILES)

    assert size < 2 * 2**20


def test_every_measure_of_the_panel_is_declared(panel):
    """An undeclared measure has no unit, definition or source."""
    assert set(panel.values["measure"]) <= set(MEASURES)
