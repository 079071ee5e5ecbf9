"""Money: Kent's printed plan comes out again, planning files add up by hand, a scenario changes the lines it names."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from highneeds.errors import SchemaError
from highneeds.models.deficit.assumptions import Assumptions, Funding, Scheme
from highneeds.models.deficit.changed import changed
from highneeds.models.deficit.outlook import Outlook
from highneeds.scenarios import Scenario, make_scenario
from highneeds.sections.finance.money import DISPLACED, Money, displaced, projected
from highneeds.sections.finance.money_inputs import groups_of, money_of, price_rise
from highneeds.sections.outlooks import View, views
from highneeds.sections.page import Page
from highneeds.sources.papers import read_papers
from highneeds.sources.planning import read_planning
from tests.conftest import ROOT

KENT = ROOT / "data" / "raw" / "kent"
PAPER = "Kent County Council, Safety Valve Programme report to Scrutiny Committee, 18 March 2025"
COSTS = """placement,financial_year,unit_cost_gbp,inflation_pct,source
state special,2024-25,25000,4,ledger
independent,2024-25,50000,5,contracts
"""
BUDGET = """line,name,financial_year,amount_gbp,source
opening_balance,,2024-25,64000000,accounts
high_needs_block,,2024-25,250000000,allocation
high_needs_block,,2025-26,260000000,allocation
high_needs_block,,2026-27,270000000,forecast
block_transfer,,2024-25,15000000,forum
block_transfer,,2025-26,15000000,forum
block_transfer,,2026-27,15000000,forum
other_blocks,,2024-25,1000000,ledger
other_blocks,,2025-26,0,ledger
other_blocks,,2026-27,0,ledger
dfe_contribution,,2024-25,14000000,agreement
dfe_contribution,,2025-26,14000000,agreement
dfe_contribution,,2026-27,14000000,agreement
council_contribution,,2024-25,12000000,council
council_contribution,,2025-26,12000000,council
council_contribution,,2026-27,12000000,council
other_spend,Inclusion,2024-25,31000000,ledger
other_spend,Inclusion,2025-26,32000000,ledger
other_spend,Inclusion,2026-27,33000000,ledger
"""
SAVINGS = """scheme,first_year,full_year_gbp,ramp_pct,probability_pct,source
Early years,2025-26,4000000,25;100,50,plan
"""
CAPACITY = """setting,placement,phase,places_now,places_planned,opens,confidence_pct,filled,source
Oak,state special,secondary,0,120,2025-09-01,100,,plan
"""
SCENARIO = """name: Other
about: What if?
changes:
  - {line: high_needs_block, by_pct: 1, from: 2025-26}
  - {line: unit_cost, of: independent, by_pct: -5, from: 2025-26}
  - {line: opens, of: Oak, by_months: 12}
"""


def folder_of(tmp_path: Path, **files: str) -> Path:
    """A planning folder of unit costs and a budget, with other texts for its files where given; empty: no such file."""
    held = {"unit_costs": COSTS, "budget": BUDGET} | files
    folder = tmp_path / "planning"
    (folder / "scenarios").mkdir(parents=True)
    for name, text in held.items():
        path = folder / "scenarios" / "other.yml" if name == "scenario" else folder / f"{name}.csv"
        if text:
            path.write_text(text, encoding="utf-8")
    return folder


def page_of(facts, folder: Path | None = None, *, papers: bool = False) -> Page:
    """A page on an authority with a planning folder (and its scenario, where it has one) or with its papers."""
    asked = "other" if folder and (folder / "scenarios" / "other.yml").is_file() else ""
    planning = {"planning": read_planning(folder, scenario=asked)} if folder else {}
    return Page("finance", "t", "q", 1, facts, read_papers(KENT if papers else ROOT / "docs"), **planning)


def opened(page: Page) -> tuple[list[View], Money | None]:
    """Views of a page and what a projection is made of."""
    made = views(page)
    return made, money_of(page, made)


def lines_of(outlook: Outlook) -> dict[str, tuple[int, ...]]:
    """Pence by line, savings included."""
    return {line.name: line.pence for line in outlook.mitigated.ledger.lines}


# ---- Kent as printed -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def kent(facts_on):
    """Page, views and money of Kent from its printed plan."""
    page = page_of(facts_on("Kent"), papers=True)
    return page, *opened(page)


def test_kents_unit_costs_are_its_printed_spend_over_its_plans(kent):
    """£163m over 6,427 plans in special schools, £82m over 1,776, £75m over 6,224 and 1,075, £25m over 2,952."""
    assumptions = kent[2].assumptions

    expected = {
        "mainstream": 75e6 / (6_224 + 1_075),
        "resourced provision or SEN unit": 75e6 / (6_224 + 1_075),
        "state special": 163e6 / 6_427,
        "independent": 82e6 / 1_776,
        "post-16": 25e6 / 2_952,
    }
    assert expected == pytest.approx(dict(zip(assumptions.placements, assumptions.unit_costs, strict=True)))


def test_kents_base_year_comes_out_as_printed(kent):
    """Net £54m and a balance of £97m at 31 March 2025, to the penny: plans x unit costs are exact."""
    page, made, money = kent

    found = projected(page, money, made[0]).unmitigated

    assert (54 * 10**8, 97 * 10**8, 67 * 10**8) == (found.in_year[0], found.accumulated[0], found.opening)
    assert {54e6} == set(np.round(found.paths["in_year"][0], 2))


def test_kents_other_lines_are_as_printed(kent):
    """Grant, transfer, contributions: £ million of the paper, the council's +10 of 2027-28 among them."""
    page, made, money = kent

    lines = lines_of(projected(page, money, made[0]))

    millions = {name: [pence / 10**8 for pence in held] for name, held in lines.items()}
    assert [-323, -351, -362, -371] == millions["High needs grant"]
    assert [-15, -16, -16, -16] == millions["Transfer from schools block"]
    assert [-9, -14, -14, -28] == millions["DfE contribution"]
    assert [-15, -15, -11, 10] == millions["Council contribution"]
    assert [48] * 4 == millions["Other SEN Support & Alternative Provision Services"]


def test_every_line_of_kents_ledger_names_the_paper(kent):
    """A printed figure must not be called an assumption."""
    page, made, money = kent

    ledger = projected(page, money, made[0]).unmitigated.ledger

    assert {True} == {line.source.startswith(PAPER) for line in ledger.lines}


def test_the_notes_show_the_sign_as_printed(kent):
    """A council that takes ten million back in 2027-28 must not read as if it gave them."""
    [note] = [note for note in kent[2].notes if note.line == "Council contribution"]

    assert "2026-27 −£11.0m; 2027-28 £10.0m" in note.says


def test_the_price_rise_is_that_of_spend_over_plans_with_the_mix_held_still(kent, facts_on):
    """By hand from the printed spend of 2021-22 and 2024-25 and the plans of January 2022 and 2025."""
    facts = facts_on("Kent")
    plans = {
        year: {
            name: facts.get("ehc_plans", facts.authority, year, name).value
            for name in ("mainstream", "resourced provision or SEN unit", "state special", "independent", "post-16")
        }
        for year in ("2022", "2025")
    }
    pooled = {
        year: [held["state special"], held["independent"], held["mainstream"] + held["resourced provision or SEN unit"],
               held["post-16"]]
        for year, held in plans.items()
    }  # fmt: skip
    before, after = [123, 60, 54, 19], [163, 81, 75, 24]
    then = sum(
        new * (old / p22) / (new / p25) for new, old, p22, p25 in zip(after, before, *pooled.values(), strict=True)
    )

    rise, note = price_rise(kent[0], "2024-25")

    assert (sum(after) / then) ** (1 / 3) - 1 == pytest.approx(rise)
    assert "2021-22 to 2024-25" in note.says and note.source.startswith(PAPER)


def test_without_a_series_of_spend_the_rise_is_assumed_and_said_so(facts_on):
    """Three per cent is nobody's figure."""
    rise, note = price_rise(page_of(facts_on("Kent")), "2024-25")

    assert (0.03, "assumed") == (rise, note.source)


@pytest.mark.parametrize(
    ("label", "groups"),
    [
        ("Maintained Special Schools", ("state special",)),
        ("Independent Special Schools", ("independent",)),
        ("Non-maintained special schools", ("independent",)),
        ("Mainstream School Support (incl. SRPs & Communities)", ("mainstream", "resourced provision or SEN unit")),
        ("Post 16 institutions", ("post-16",)),
        ("Other SEN Support Services", ()),
    ],
)
def test_a_printed_type_of_spend_pays_for_its_placements(label, groups):
    """Support services follow no child."""
    assert groups == groups_of(label)


def test_an_authority_without_papers_or_files_has_no_projection(facts_on):
    """No money is made up."""
    assert opened(page_of(facts_on("Leeds")))[1] is None


# ---- From planning files ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def planned(facts_on, tmp_path_factory):
    """Page, views and money of Kent from planning files, with savings, capacity and a scenario."""
    folder = folder_of(tmp_path_factory.mktemp("kent"), savings=SAVINGS, capacity=CAPACITY, scenario=SCENARIO)
    page = page_of(facts_on("Kent"), folder)
    return page, *opened(page)


def test_the_base_year_adds_up_by_hand(planned):
    """6,427 x £25,000 + 1,776 x £50,000 + 31m + 1m - 250m - 15m is 16,475,000; with 64m less 26m, 54,475,000."""
    page, made, money = planned

    found = projected(page, money, made[0]).unmitigated

    assert (16_475_000_00, 54_475_000_00) == (found.in_year[0], found.accumulated[0])


def test_the_next_year_adds_up_by_hand(planned):
    """Forecast plans at prices 4% and 5% up, and the lines of the file."""
    page, made, money = planned
    case = made[0].caseload
    special, independent = (
        case.by_placement[0, case.placements.index(name)] for name in ("state special", "independent")
    )

    found = projected(page, money, made[0])

    net = special * 25_000 * 1.04 + independent * 50_000 * 1.05 + 32e6 - 260e6 - 15e6
    assert net * 100 == pytest.approx(found.unmitigated.in_year[1], abs=1)
    assert 54_475_000_00 + net * 100 - 26e8 == pytest.approx(found.unmitigated.accumulated[1], abs=1)


def test_savings_come_by_their_ramp_and_chance(planned):
    """£4m in a full year at a half: 25% of it in 2025-26 is £0.5m, all of it £2m from then on."""
    page, made, money = planned

    found = projected(page, money, made[0])

    saved = [a - b for a, b in zip(found.mitigated.in_year, found.unmitigated.in_year, strict=True)]
    assert [0, -50_000_000, -200_000_000] == saved


def test_every_line_of_the_ledger_names_its_source(planned):
    """Each amount as the file says where it is from."""
    page, made, money = planned

    sources = {line.name: line.source for line in projected(page, money, made[0]).mitigated.ledger.lines}

    expected = {
        "state special": "ledger",
        "independent": "contracts",
        "Inclusion": "ledger",
        "High needs grant": "allocation; forecast",
        "Transfer from schools block": "forum",
        "Variances on other blocks": "ledger",
        "DfE contribution": "agreement",
        "Council contribution": "council",
        "Early years": "plan",
    }
    assert expected == sources


def test_every_line_of_the_files_is_a_note(planned):
    """Assumptions are printed with amount and source."""
    notes = {note.line: (note.says, note.source) for note in planned[2].notes}

    assert ("£25,000 in 2024-25, then 4% a year", "ledger") == notes["Cost of a placement: state special"]
    assert ("2024-25 £31.0m; 2025-26 £32.0m; 2026-27 £33.0m", "ledger") == notes["Inclusion"]
    assert ("2024-25 £64.0m", "accounts") == notes["Opening balance"]
    assert "£4.0m in a full year" in notes["Saving: Early years"][0]


def test_planning_files_come_before_a_printed_plan(facts_on, tmp_path):
    """What an authority files is newer than what a paper printed."""
    page = page_of(facts_on("Kent"), folder_of(tmp_path), papers=True)

    money = opened(page)[1]

    assert (None, 64e6) == (money.printed, money.assumptions.opening_gbp)


def test_a_scenario_changes_the_lines_it_names_and_no_other(planned):
    """Grant up by 1% and independent places down by 5% from 2025-26, a school a year late: three lines differ."""
    page, made, money = planned
    before, after = (lines_of(projected(page, money, view)) for view in made)

    assert {"independent", "High needs grant", DISPLACED} == {name for name in after if before.get(name) != after[name]}
    assert before.keys() == after.keys() - {DISPLACED}
    grant = before["High needs grant"]
    assert (grant[0], grant[1] * 1.01, grant[2] * 1.01) == pytest.approx(after["High needs grant"])
    cost = before["independent"]
    assert (cost[0], cost[1] * 0.95, cost[2] * 0.95) == pytest.approx(after["independent"], abs=1)


def test_a_late_school_is_priced_by_hand(planned):
    """120 places a year late from September 2025: 70 lost in 2025-26 and 50 in the year after, at the gap then."""
    page, made, money = planned
    gaps = [50_000 * 0.95 * 1.05**year - 25_000 * 1.04**year for year in (1, 2)]

    found = lines_of(projected(page, money, made[1]))[DISPLACED]

    assert [0, 70 * gaps[0] * 100, 50 * gaps[1] * 100] == pytest.approx(list(found), abs=1)
    assert displaced(page, money, made[1]) == pytest.approx([pence / 100 for pence in found], abs=0.01)
    assert [0, 0, 0] == displaced(page, money, made[0])


def test_a_scenario_of_plans_reaches_the_money(facts_on, tmp_path):
    """Children in independent schools placed in state special schools instead: both lines, and nothing else."""
    text = SCENARIO[: SCENARIO.index("  - ")] + (
        "  - {line: placement, of: independent, by_pct: -10, instead: state special, from: 2027}\n"
    )
    page = page_of(facts_on("Kent"), folder_of(tmp_path, scenario=text))
    made, money = opened(page)
    before, after = (projected(page, money, view) for view in made)

    moved = 0.1 * before.spend_by_placement[2, 1] / (50_000 * 1.05**2)

    assert (before.spend_by_placement[:2] == after.spend_by_placement[:2]).all()
    expected = before.spend_by_placement[2] + moved * np.array([25_000 * 1.04**2, -50_000 * 1.05**2])
    np.testing.assert_allclose(expected, after.spend_by_placement[2])


def without(text: str, *starts: str) -> str:
    """A table without the rows that begin so."""
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith(starts))


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({"budget": without(BUDGET, "opening_balance")}, "no opening_balance of 2024-25 was found"),
        ({"budget": BUDGET.replace("opening_balance,,2024-25", "opening_balance,,2025-26")},
         "no opening_balance of 2024-25 was found"),
        ({"budget": without(BUDGET, "high_needs_block")}, "no high_needs_block was found"),
        ({"budget": without(BUDGET, "block_transfer,,2024-25")},
         "row 6, block_transfer: no row for 2024-25. Expected every year of the plan. Add it."),
        ({"budget": without(BUDGET, "other_spend,Inclusion,2026-27")},
         "row 18, other_spend Inclusion: no row for 2026-27."),
        ({"unit_costs": COSTS.replace("2024-25", "2040-41"), "budget": BUDGET.replace("2024-25", "2040-41").replace(
            "2025-26", "2041-42").replace("2026-27", "2042-43")},
         "unit_costs.csv: column financial_year: the January in that year is not forecast, for forecasts end in 2030"),
        ({"unit_costs": COSTS.replace("2024-25", "2003-04"), "budget": BUDGET.replace("2024-25", "2003-04").replace(
            "2025-26", "2004-05").replace("2026-27", "2005-06")},
         "plans by placement of January 2004, 2005, 2006 are not published"),
    ],
)  # fmt: skip
def test_files_that_do_not_make_a_plan_are_refused_in_words(facts_on, tmp_path, files, told):
    """A missing year is no nought, and a missing balance no balance of nought."""
    page = page_of(facts_on("Kent"), folder_of(tmp_path, **files))

    with pytest.raises(SchemaError) as found:
        opened(page)

    assert told in "\n".join(found.value.faults)


def test_a_scenario_that_names_an_unknown_line_of_spend_is_refused(facts_on, tmp_path):
    """The names there are are given, although most lines of a budget have none."""
    text = SCENARIO[: SCENARIO.index("  - ")] + "  - {line: other_spend, of: Inclusoin, by_pct: -10}\n"
    page = page_of(facts_on("Kent"), folder_of(tmp_path, scenario=text))

    with pytest.raises(SchemaError, match=r"row 4, other_spend: .* one of Inclusion\. Did you mean 'Inclusion'\?"):
        views(page)


def test_the_invented_examples_make_a_projection_with_every_scenario(facts_on, tmp_path):
    """What is shipped to be copied works together: files, scenarios and forecast."""
    source = ROOT / "lib" / "highneeds" / "assets" / "planning"
    shutil.copytree(source, tmp_path / "planning")
    names = sorted(path.stem for path in (source / "scenarios").glob("*.yml"))
    planning = read_planning(tmp_path / "planning", scenario=",".join(names[:2]))
    page = Page("finance", "t", "q", 1, facts_on("Kent"), read_papers(ROOT / "docs"), planning=planning)
    made, money = opened(page)

    found = [projected(page, money, view) for view in made]

    assert 1 + min(len(names), 2) == len(found)
    assert len({each.mitigated.accumulated for each in found}) == len(found)


# ---- A scenario's changes to money -----------------------------------------------------------------------------------

YEARS = ("2024-25", "2025-26", "2026-27", "2027-28")


def assumed() -> Assumptions:
    """Two placements over four years: £100 and £1,000 a plan, the second 10% dearer every year."""
    rates = np.zeros((2, 4))
    rates[1, 1:] = 0.1
    flat = [-1_000.0] * 4
    return Assumptions(
        YEARS, ("mainstream", "independent"), np.array([100.0, 1_000.0]), rates, Funding(*[flat] * 5), 500.0,
        other_spend={"Inclusion": [10.0] * 4}, schemes=(Scheme("Early", 80.0, "2025-26", (1.0,), 0.5, "plan"),),
    )  # fmt: skip


def scenario(*changes: dict) -> Scenario:
    """A scenario of these changes, from row 4 on."""
    given = {"name": "n", "about": "a", "changes": list(changes)}
    return make_scenario(given, range(4, 4 + len(changes)), "scenarios/n.yml")


def prices(made: Assumptions) -> list[list[float]]:
    """Cost of a plan by placement and year."""
    return (made.unit_costs[:, None] * np.cumprod(1 + made.inflation, axis=1)).tolist()


FLAT = [100.0] * 4


@pytest.mark.parametrize(
    ("change", "mainstream", "independent"),
    [
        ({"of": "independent", "by_pct": -5}, FLAT, [950, 1_045, 1_149.5, 1_264.45]),
        ({"of": "independent", "by_pct": -5, "from": "2026-27"}, FLAT, [1_000, 1_100, 1_149.5, 1_264.45]),
        ({"of": "independent", "by_pct": -5, "from": "2025-26", "until": "2026-27"},
         FLAT, [1_000, 1_045, 1_149.5, 1_331]),
        ({"of": "independent", "by_pct": -5, "until": "2024-25"}, FLAT, [950, 1_100, 1_210, 1_331]),
        ({"of": "independent", "to": 900, "from": "2025-26"}, FLAT, [1_000, 900, 990, 1_089]),
        ({"of": "independent", "by": 100, "from": "2025-26"}, FLAT, [1_000, 1_200, 1_320, 1_452]),
        ({"of": "all", "by_pct": 10, "from": "2020-21"}, [110.0] * 4, [1_100, 1_210, 1_331, 1_464.1]),
        ({"of": "mainstream", "to": 0}, [0.0] * 4, [1_000, 1_100, 1_210, 1_331]),
    ],
)  # fmt: skip
def test_a_unit_cost_changes_in_its_years_and_is_carried_by_inflation(change, mainstream, independent):
    """From the first year named to the last, and then as if nothing had been."""
    made = changed(assumed(), scenario({"line": "unit_cost"} | change))

    for expected, actual in zip((mainstream, independent), prices(made), strict=True):
        assert expected == pytest.approx(actual)


def test_a_cost_that_halves_and_one_that_vanishes_within_a_plan_are_told_apart():
    """Half is a step like any other; to nothing, or to twice as much, no rate of a year can lead."""
    made = changed(assumed(), scenario({"line": "unit_cost", "of": "mainstream", "by_pct": -50, "from": "2026-27"}))
    asked = scenario({"line": "unit_cost", "of": "all", "by_pct": -100, "from": "2026-27"})

    assert [100, 100, 50, 50] == pytest.approx(prices(made)[0])
    with pytest.raises(SchemaError, match="row 4, unit_cost: mainstream would fall to nothing") as found:
        changed(assumed(), asked)
    assert 2 == len(found.value.faults)


def test_a_rise_of_prices_changes_in_its_years():
    """One point less a year from 2026-27: 10%, 9%, 9%; the base year has none."""
    made = changed(assumed(), scenario({"line": "inflation", "of": "independent", "by": -1, "from": "2026-27"}))

    assert [0, 0.1, 0.09, 0.09] == pytest.approx(made.inflation[1].tolist())
    assert [0, 0, 0, 0] == made.inflation[0].tolist()


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("high_needs_block", "grant"),
        ("block_transfer", "transfer"),
        ("dfe_contribution", "dfe"),
        ("council_contribution", "council"),
    ],
)
def test_money_in_is_given_without_a_sign_and_kept_below_nothing(line, name):
    """£100 more of grant is 100 less of deficit; the other lines stay."""
    made = changed(assumed(), scenario({"line": line, "by": 100, "from": "2026-27"})).funding
    made_to = changed(assumed(), scenario({"line": line, "to": 5, "until": "2024-25"})).funding

    assert [-1_000, -1_000, -1_100, -1_100] == getattr(made, name)
    assert [-5, -1_000, -1_000, -1_000] == getattr(made_to, name)
    for other in {"grant", "transfer", "dfe", "council", "other_blocks"} - {name}:
        assert [-1_000.0] * 4 == list(getattr(made, other))


def test_other_spend_savings_and_balance_change_as_named():
    """A tenth more on inclusion, a saving twice as large, sure and a year later, £50 less brought forward."""
    made = changed(
        assumed(),
        scenario(
            {"line": "other_spend", "of": "Inclusion", "by_pct": 10},
            {"line": "saving", "of": "Early", "by_pct": 100},
            {"line": "saving_probability", "of": "all", "to": 1},
            {"line": "saving_starts", "of": "Early", "to": "2026-27"},
            {"line": "opening_balance", "by": -50},
        ),
    )

    assert [11.0] * 4 == pytest.approx(made.other_spend["Inclusion"])
    assert (Scheme("Early", 160.0, "2026-27", (1.0,), 1.0, "plan"),) == made.schemes
    assert 450 == made.opening_gbp


@pytest.mark.parametrize(("value", "expected"), [(True, True), ("on", True), (False, False), ("off", False)])
def test_the_stability_grant_is_switched(value, expected):
    """On: its plan approved, paid in the year after its deficit; off: not in force."""
    stability = changed(assumed(), scenario({"line": "stability_grant", "to": value})).policies.stability

    assert (expected, "2026-27") == (stability.in_force, stability.paid_in)


def test_years_outside_the_plan_are_told_together():
    """They would change nothing in silence; of the rise of prices the base year has none to change."""
    asked = scenario(
        {"line": "high_needs_block", "by": 100, "from": "2036-37"},
        {"line": "unit_cost", "of": "all", "by": 100, "until": "2023-24"},
    )

    with pytest.raises(SchemaError) as found:
        changed(assumed(), asked)
    with pytest.raises(SchemaError, match="row 4, inflation: found until 2024-25"):
        changed(assumed(), scenario({"line": "inflation", "of": "all", "by": 1, "until": "2024-25"}))

    told = ("row 5, unit_cost: found until 2023-24.", "row 4, high_needs_block: found from 2036-37.")
    for line, words in zip(found.value.faults, told, strict=True):
        assert f"scenarios/n.yml: {words} Expected a span that holds one of 2024-25 to 2027-28." in line


def test_what_is_given_is_left_as_it_was():
    """A scenario is shown beside its base: the base must not move with it."""
    base = assumed()
    before = (base.unit_costs.copy(), base.inflation.copy(), list(base.funding.grant))

    changed(
        base, scenario({"line": "unit_cost", "of": "all", "by_pct": 5}, {"line": "inflation", "of": "all", "by": 1})
    )

    for one, other in zip(before, (base.unit_costs, base.inflation, base.funding.grant), strict=True):
        np.testing.assert_array_equal(one, other)
