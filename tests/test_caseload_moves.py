"""Moves between placements: which records can bear them, what may be shown of them, and where they lead."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from highneeds.clean.cases import clean_cases
from highneeds.demo.write import write_demo
from highneeds.disclosure.known import known_of, vocabulary
from highneeds.disclosure.policy import Policy
from highneeds.disclosure.scan import scan_text
from highneeds.errors import SchemaError
from highneeds.facts import Area
from highneeds.measures import local_moves
from highneeds.measures.local_moves import (
    FIRST_YEAR,
    Pair,
    held_in_january,
    pair_of,
    pairs_held,
    placement_group,
    usable,
)
from highneeds.models.caseload.outlook import outlook, outlook_of_chain
from highneeds.models.caseload.transitions import chain, count_moves
from highneeds.models.growth_error import Draws
from highneeds.scenarios import make_scenario
from highneeds.sections import local_chain
from highneeds.sections.caseload.moves import STAGES, moves, shown_shares
from highneeds.sections.local import LocalAt, read_local
from highneeds.sections.local_chain import agrees, pairs_of
from highneeds.sections.opening import open_page
from highneeds.sections.outlooks import ready_of, views
from highneeds.sections.page import Page
from highneeds.terms import PLACEMENT_GROUPS
from tests.cases import module, person, raw_return, requests
from tests.conftest import DEMO_DAY, ROOT

KENT = Area("E10000016", "Kent")
DRAWS = Draws(paths=200, seed=0, chunk=100)
SCHOOLS = pd.DataFrame({"urn": ["100001", "100002"], "type": ["Academy converter", "Community special school"]})
DAY = date(2025, 1, 16)


@pytest.fixture(scope="module")
def returns(tmp_path_factory):
    """Real returns of 2024 and 2025 of an invented authority, and its whole history."""
    out = tmp_path_factory.mktemp("returns")
    given = {"layouts": ["blade_csv"], "requests_a_year": 1_000, "as_at": DEMO_DAY, "la_code": "886"}
    write_demo(out / "stacked", years=[2024, 2025], **given)
    write_demo(out / "single", years=[2025], **given)
    write_demo(out / "history", **given)
    return {
        name: LocalAt(read_local(out / name / "blade_csv", la_code="886"), day, KENT)
        for name, day in (("stacked", DAY), ("single", DAY), ("history", DEMO_DAY))
    }


@pytest.fixture(scope="module")
def page(demo_cases) -> Page:
    """The page on Kent with invented cases, the moves said on it."""
    opened = open_page(
        "caseload", "Caseload", "How many?", authority="Kent", cases=str(demo_cases / "blade_csv"), home=str(ROOT)
    )
    opened.markup = moves(opened).markup
    return opened


@pytest.fixture(scope="module")
def kent(page):
    """What Kent's outlook follows from, and the chain of its invented cases."""
    return ready_of(page), chain(count_moves(pairs_of(page.local)[0]))


def case(*, entered: str, left: str | None = None, urn: str = "100001", ceased: str | None = None, **more):
    """One child, born in June 2014, with one plan and one placement."""
    plan = module("namedplan", request_id=["r1"], start_date=["2020-05-01"], cease_date=[ceased])
    placed = {"request_id": ["r1"], "urn": [urn], "placement_rank": ["1"], "entry_date": [entered]}
    modules = {"placementdetail": module("placementdetail", **placed, leaving_date=[left])} | more
    return clean_cases(
        [
            raw_return(
                person=person(["c1"], birth_date=["2014-06-01"]),
                requests=requests(["r1"], ["c1"], ["2020-01-01"]),
                namedplan=plan,
                activeplans=module("activeplans", request_id=["r1"]),
                **modules,
            )
        ]
    )


def children(size: int, **columns) -> pd.DataFrame:
    """A January of so many children in year 3 at a mainstream school since long."""
    made = {"person_id": np.arange(size), "year_group": 3, "placement": "mainstream"}
    return pd.DataFrame(made | {"entered": pd.Timestamp("2020-09-01")} | columns)


def pair(
    before: int = 1_000, *, ended: int = 50, came: int = 100, moved: int = 100, january: int = 2025, **lost
) -> Pair:
    """Children of whom so many end, come and are placed anew; lost: columns of the first January."""
    first = children(before, **lost)
    second = children(before + came).iloc[ended:].reset_index(drop=True)
    second.loc[: moved - 1, "entered"] = pd.Timestamp(january - 1, 9, 1)
    return Pair(january, first, second)


# ---- Placements and year groups --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("setting", "group"),
    [
        ("Community school", "mainstream"),
        ("Free schools", "mainstream"),
        ("Local authority nursery school", "mainstream"),
        ("Foundation special school", "state special"),
        ("Free schools special", "state special"),
        ("Non-maintained special school", "independent"),
        ("Other independent school", "independent"),
        ("Further education", "post-16"),
        ("Special post 16 institution", "post-16"),
        ("Academy 16-19 converter", "post-16"),
        ("Pupil referral unit", "other"),
        ("Free schools alternative provision", "other"),
        ("EHE", "other"),
        ("Miscellaneous", "not recorded"),
        ("establishment of unknown type", "not recorded"),
    ],
)
def test_a_type_of_establishment_is_a_type_of_placement(setting, group):
    """Types as the register of schools prints them, and codes of the return."""
    row = pd.DataFrame(
        {"setting": [setting], "sen_unit": False, "resourced_provision": False, "urn": "1", "ukprn": None}
    )

    assert [group] == list(placement_group(row))


def test_a_unit_counts_in_a_mainstream_school_alone():
    """A special school with a flag is still a special school."""
    rows = pd.DataFrame({"setting": ["Academy converter", "Community special school"], "urn": "1", "ukprn": None})

    found = placement_group(rows.assign(sen_unit=[True, True], resourced_provision=False))

    assert ["resourced provision or SEN unit", "state special"] == list(found)


def test_a_provider_without_a_urn_is_post_16():
    """Schools have a URN, colleges may be given by their UKPRN alone."""
    row = {"setting": ["establishment of unknown type"], "urn": [None], "ukprn": ["10000001"]}

    found = placement_group(pd.DataFrame(row).assign(sen_unit=False, resourced_provision=False))

    assert ["post-16"] == list(found)


def test_every_type_of_placement_is_one_of_the_models():
    """A word that the model does not know would be dropped."""
    assert set(PLACEMENT_GROUPS) == {group for group, _ in local_moves._WORDS} | {local_moves.UNIT}


def test_year_groups_turn_on_the_first_of_september():
    """Born on 31 August 2019: year 1 in January 2025; a day later: reception; a year older than 24: cut to the last."""
    births = pd.Series(pd.to_datetime(["2019-08-31", "2019-09-01", "1998-01-01", None]))

    assert [1.0, 0.0, 20.0] == list(local_moves.year_groups(births, 2025).dropna())


# ---- Who is held -----------------------------------------------------------------------------------------------------


def test_a_child_is_where_the_record_of_the_day_says():
    """Ten on 31 August 2024, so in year 6 in January 2025; at a special school since September."""
    found = held_in_january(case(entered="2024-09-01", urn="100002"), 2025, SCHOOLS)

    assert [(6, "state special")] == list(zip(found["year_group"], found["placement"], strict=True))


def test_without_a_register_a_school_is_not_recorded():
    """A URN alone does not say what it is."""
    assert ["not recorded"] == list(held_in_january(case(entered="2024-09-01"), 2025)["placement"])


def test_a_child_who_left_before_the_day_is_not_there():
    """The plan ended in December."""
    assert held_in_january(case(entered="2020-09-01", ceased="2024-12-01"), 2025, SCHOOLS).empty


def test_a_plan_that_ended_is_placed_where_it_was_last_named():
    """A return keeps no placement of a plan that ended: without this, all leavers would leave from nowhere."""
    named = module("plandetail", request_id=["r1"], urn=["100002"], placement_rank=["1"])
    none = module("placementdetail", request_id=[], urn=[], placement_rank=[], entry_date=[], leaving_date=[])
    cases = case(entered="2020-09-01", ceased="2024-06-01", plandetail=named, placementdetail=none)

    assert ["state special"] == list(held_in_january(cases, 2024, SCHOOLS)["placement"])


@pytest.mark.parametrize("entered", ["2024-09-01", None])
def test_a_plan_in_force_is_not_placed_by_what_is_named_in_it_today(entered):
    """The school of today says nothing of the school of last January, whether or not a placement has a date."""
    named = module("plandetail", request_id=["r1"], urn=["100002"], placement_rank=["1"])
    dated = module(
        "placementdetail",
        request_id=["r1"] if entered else [],
        urn=["100001"] if entered else [],
        entry_date=[entered] if entered else [],
        leaving_date=[None] if entered else [],
        placement_rank=["1"] if entered else [],
    )

    found = held_in_january(case(entered="", plandetail=named, placementdetail=dated), 2024, SCHOOLS)

    assert ["not recorded"] == list(found["placement"])


# ---- Which Januaries -------------------------------------------------------------------------------------------------


def test_a_pair_with_leavers_joiners_and_moves_is_used():
    """What a live system holds."""
    assert ((2024, 2025), "") == (
        tuple(each.january for each in usable([pair(), pair(january=2024)])[0]),
        usable([pair()])[1],
    )


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        (pair(400), "400 plans on 18 January 2024, fewer than 500"),
        (pair(placement="not recorded"), "the register of schools"),
        (pair(ended=0), "hardly any plan that ended"),
        (pair(came=0), "hardly any plan that began"),
        (pair(moved=0), "do not keep where children were placed on 18 January 2024"),
    ],
)
def test_records_that_lose_people_are_refused_with_a_reason(made, reason):
    """Nobody leaving, or nobody moving, is a fault of the records more often than of the world."""
    found, why = usable([made])

    assert () == found
    assert reason in why


def test_movers_whose_earlier_placement_is_gone_are_refused():
    """A list of today's placements: who moved has lost where they came from, and only stayers would be counted."""
    lost = np.where(np.arange(1_000) < 200, "not recorded", "mainstream")

    found, why = usable([pair(placement=lost, moved=150)])

    assert () == found
    assert "do not keep where children were placed" in why


def test_earlier_records_with_leavers_missing_are_left_out():
    """An annual return holds a few leavers of the year before its own: in January, before the survey day."""
    found, _ = usable([pair(ended=100), pair(ended=30, january=2024), pair(ended=100, january=2023)])

    assert [2025] == [each.january for each in found]


def test_at_most_four_pairs_are_used():
    """Older moves tell of older rules."""
    assert [2022, 2023, 2024, 2025] == [
        each.january for each in usable(pair(january=y) for y in range(2025, 2015, -1))[0]
    ]


def test_one_annual_return_bears_its_last_pair_and_a_live_extract_four(returns):
    """Survivorship: the earlier leavers are not in a return."""
    found = {name: [each.january for each in pairs_of(returns[name])[0]] for name in returns}

    assert {"stacked": [2024, 2025], "single": [2025], "history": [2022, 2023, 2024, 2025]} == found


def test_stacked_returns_count_the_moves_that_the_whole_history_has(returns):
    """The return of 2025 replaces the placements of 2024's: each pair is read from its own two."""
    found = [count_moves(pairs_of(returns[name])[0][-2:]) for name in ("stacked", "history")]

    stayed = [each.moved[..., :-1] for each in found]
    assert stayed[1].sum() > 5_000
    assert np.abs(stayed[0] - stayed[1]).sum() <= 0.002 * stayed[1].sum()
    assert [each.moved[..., -1].sum() for each in found][0] == pytest.approx(found[1].moved[..., -1].sum(), rel=0.01)


def test_stacked_returns_read_together_would_lose_movers(returns):
    """Why they are not: of those who moved before January 2024 the earlier placement has been replaced."""
    local = returns["stacked"]

    together = pair_of(local.cases, 2024, local.local.establishments)

    assert "do not keep where children were placed on 19 January 2023" in local_moves.fault_of(together)


def test_no_january_after_the_day_of_the_page_is_used(returns):
    """A page as at last summer knows nothing of this winter."""
    local = returns["history"]

    found, _ = pairs_held(local.cases, at=date(2024, 6, 30), establishments=local.local.establishments)

    assert 2024 == found[-1].january


# ---- What may be shown -----------------------------------------------------------------------------------------------


def test_one_small_count_hides_another():
    """60, 37 and 3 of 100: without 37 hidden too, 3 would be the rest."""
    found = shown_shares(np.array([60.0, 37.0, 3.0, 0.0]), Policy())

    assert [(60.0, ""), (None, "c"), (None, "c"), (0.0, "")] == found


def test_two_small_counts_that_are_together_small_hide_a_third():
    """1 and 1 of 100: their sum is two children."""
    found = shown_shares(np.array([60.0, 38.0, 1.0, 1.0]), Policy())

    assert ["", "c", "c", "c"] == [status for _, status in found]


def test_percentages_are_whole_and_a_small_one_is_low():
    """21,500 of 21,600 is 99.537...: the fraction would give both numbers away; 0.46% is not nothing."""
    found = shown_shares(np.array([21_500.0, 100.0]), Policy())

    assert [(100.0, ""), (None, "low")] == found


def test_a_policy_that_hides_nothing_hides_nothing():
    """The authority decides."""
    assert [(97.0, ""), (3.0, "")] == shown_shares(np.array([97.0, 3.0]), Policy(method="none"))


@settings(max_examples=200, deadline=None)
@given(
    counts=st.lists(st.one_of(st.integers(0, 12), st.integers(0, 400)), min_size=7, max_size=7),
    least=st.integers(2, 12),
)
def test_no_small_count_can_be_worked_out(counts, least):
    """Of a hidden cell nothing is left alone, and hidden cells together are no small count."""
    whole = np.array([*counts, 100.0])
    policy = Policy(threshold=least, school_threshold=max(10, least))

    found = shown_shares(whole, policy)

    hidden = np.array([status == "c" for _, status in found])
    small = (whole > 0) & (whole < least)
    assert not (small & ~hidden).any()
    assert 1 != hidden.sum()
    assert not hidden.any() or whole[hidden].sum() >= least


# ---- The section -----------------------------------------------------------------------------------------------------


def test_the_section_says_on_how_much_it_rests(page):
    """Four pairs of Januaries in the invented history."""
    said = {claim.id: claim.text for claim in page.claims}["caseload.moves"]

    assert "over four pairs of Januaries" in said
    assert "the last on 16 January 2025" in said


def test_without_cases_there_is_no_section(facts_on):
    """Published figures hold no moves."""
    assert moves(Page("caseload", "Caseload", "How many?", 1, facts_on("Kent"), None)) is None


def test_records_that_cannot_bear_it_are_said_to(page):
    """A list without the register of schools: one paragraph, and what would help."""
    local = replace(page.local, local=replace(page.local.local, folder=ROOT / "nowhere"))
    bare = Page("caseload", "Caseload", "How many?", 1, page.facts, page.papers, local)

    block = moves(bare)

    assert "are not shown, because the type of placement cannot be told" in block.markup
    assert "<table" not in block.markup


def test_no_row_shows_a_count_under_the_threshold(page):
    """Every percentage that stands is of no child, or of five or more, in a row of a hundred at least."""
    moved = count_moves(pairs_of(page.local)[0]).moved.sum(axis=0)
    counts = {}
    for stage, (low, high) in STAGES.items():
        for place, row in zip(
            PLACEMENT_GROUPS, moved[low - FIRST_YEAR : high - FIRST_YEAR + 1].sum(axis=0), strict=True
        ):
            counts[f"{stage}: {place}"] = row

    shown = page.sheets["Table 1.1"]["rows"]

    cells = [(cell, count) for row in shown for cell, count in zip(row[1:], counts[row[0]], strict=True)]
    assert [label for label, row in counts.items() if row.sum() >= 100] == [row[0] for row in shown]
    assert not any(0 < count < 5 for cell, count in cells if cell["value"] is not None or cell["status"] != "c")
    assert all(cell["value"] == round(cell["value"]) for cell, _ in cells if cell["value"] is not None)


def test_no_file_holds_more_of_a_count_than_is_printed(page):
    """figures.csv carries values: an exact number of children there would undo what the page rounds."""
    exact = count_moves(pairs_of(page.local)[0]).children

    held = page.figures["local_moves_children.kent.2025"]

    assert round(exact, -2) == held.value
    assert held.text == f"{held.value:,.0f}"


def test_shares_are_the_counts(page):
    """Year 6 in mainstream schools: the row is what was counted, to the whole per cent."""
    counts = count_moves(pairs_of(page.local)[0]).moved.sum(axis=0)[6 - FIRST_YEAR, 0]
    row = next(row for row in page.sheets["Table 1.1"]["rows"] if row[0] == "Year 6, into year 7: mainstream")

    assert list(np.floor(100 * counts / counts.sum() + 0.5)) == [cell["value"] for cell in row[1:]]


def test_every_figure_names_the_cases_and_what_was_counted(page):
    """An auditor asks where 46% comes from."""
    shares = [figure for figure in page.figures.values() if figure.measure.startswith("local_moves")]

    assert {page.local.local.source} == {figure.source for figure in shares}
    assert all("January" in figure.reference or "DfE" in figure.reference for figure in shares)


def test_both_ways_of_reckoning_have_the_forecast_total(page):
    """Placements differ, their sum does not, rounding apart."""
    rows = page.sheets["Table 1.2"]["rows"]

    sums = [sum(row[at]["value"] for row in rows) for at in range(1, 7)]

    assert sums[1::2] == pytest.approx(sums[0::2], rel=0.005)


def test_nothing_of_a_child_is_on_the_page(page):
    """The scan before publication finds no name, number or birth date."""
    words = vocabulary([page.local.local.source, *(claim.text for claim in page.claims)])

    assert [] == scan_text(page.markup, known_of(page.local.cases.persons), allowed_words=words, allowed_dates=[DAY])


def test_a_different_start_is_said(page):
    """Invented placements are not Kent's: a tenth of its plans would have to stand elsewhere."""
    said = {claim.id: claim.text for claim in page.claims}["caseload.moves_otherwise"]

    assert "10% would have to stand in another placement" in said
    assert "<strong>Caution:</strong> Of DfE" in page.markup


# ---- The outlook -----------------------------------------------------------------------------------------------------


def test_a_path_has_the_same_total_in_both_models(kent):
    """Only who they are and where they are placed may differ."""
    ready, made = kent

    own, bands = outlook_of_chain(ready, made, draws=DRAWS), outlook(ready, draws=DRAWS)

    assert bands.paths.sum(axis=1) == pytest.approx(own.paths.sum(axis=1), rel=1e-4)
    assert bands.totals == pytest.approx(own.totals)
    assert bands.now.sum() == pytest.approx(own.now.sum())


def test_an_outlook_of_the_chain_adds_up(kent):
    """Plans = those who stayed and joined, and the year's change = joined - ended."""
    made = outlook_of_chain(*kent, draws=DRAWS)

    before = np.array([made.now.sum(), *made.totals[:-1]])
    assert made.by_age == pytest.approx(made.stayed + made.joined)
    assert made.totals - before == pytest.approx(made.began - made.ended)
    assert (25, 6) == made.now.shape == (len(made.ages), len(made.placements))


def test_placements_have_ranges_no_narrower_than_half_of_those_from_published_ages(kent):
    """Thousands of children must not make a forecast look surer than past ones were."""
    ready, made = kent
    draws = replace(DRAWS, paths=1_000)

    ranges = [
        each.ranges["placement"] for each in (outlook_of_chain(ready, made, draws=draws), outlook(ready, draws=draws))
    ]

    widths = [np.log(each[..., -3] / each[..., 2]) for each in ranges]
    assert (widths[0] > 0.5 * widths[1]).all()


def test_a_chain_of_another_january_is_refused(kent):
    """Last year's plans brought to this year's number would be a year too young."""
    ready, made = kent

    with pytest.raises(SchemaError, match="starts in January 2024. Expected January 2025"):
        outlook_of_chain(ready, replace(made, january=2024))


@pytest.mark.parametrize(
    ("change", "up"),
    [
        ({"line": "births", "by_pct": 50}, 1),
        ({"line": "migration", "to": -3}, -1),
        ({"line": "entry_rate", "of": "all", "by_pct": -10}, -1),
        ({"line": "exit_rate", "of": "Age 16 to 19", "by_pct": -50}, 1),
    ],
)
def test_a_scenario_moves_every_path_its_own_way(kent, change, up):
    """More births, more plans; the same draws, so that no path goes against it."""
    ready, made = kent
    given = {"name": "Other", "about": "What if", "changes": [change]}

    other = outlook_of_chain(ready, made, scenario=make_scenario(given, [1], "other.yml"), draws=DRAWS)

    as_is = outlook_of_chain(ready, made, draws=DRAWS)
    assert (up * (other.paths.sum(axis=1) - as_is.paths.sum(axis=1))[-1] > 0).all()
    assert up * (other.totals[-1] - as_is.totals[-1]) > 0


def test_own_moves_take_the_place_of_published_bands_only_where_the_cases_agree(page, monkeypatch):
    """Invented children are placed otherwise than Kent's: bands stay. Where cases agree, year groups are used."""
    assert "published age bands" == views(page)[0].caseload.basis
    monkeypatch.setattr(local_chain, "FAR", 1.0)
    monkeypatch.setattr(local_chain, "FAR_MIX", 1.0)

    own = views(replace(page, kept={}))[0].caseload

    assert "year group" in own.basis
    assert own.totals == pytest.approx(views(page)[0].caseload.totals, rel=1e-6)


def test_agreement_is_of_number_and_of_placements(page):
    """A tenth more plans, or one in twenty elsewhere, is as far as cases may be from DfE's count."""
    ready = ready_of(page)
    counted = count_moves(pairs_of(page.local)[0], january=ready.origin)
    same = replace(counted, stocks=counted.stocks * 0 + ready.rates.stocks[0].sum(axis=0) / len(counted.stocks))
    elsewhere = same.stocks.copy()
    elsewhere[:, 0] -= 0.06 * same.stocks.sum() / len(elsewhere)
    elsewhere[:, 1] += 0.06 * same.stocks.sum() / len(elsewhere)

    assert agrees(same, ready)
    assert not agrees(replace(same, stocks=1.11 * same.stocks), ready)
    assert not agrees(replace(same, stocks=elsewhere), ready)
