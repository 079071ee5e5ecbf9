"""Planning files: every fault with file, row and column; the folder is found, is no case data, and is fingerprinted."""

import shutil
from pathlib import Path

import pandas as pd
import pytest

from highneeds.errors import SourceError
from highneeds.models.places import settings_of
from highneeds.report.made_from import made_from
from highneeds.sections.local import read_local
from highneeds.sources.case_files import read_cases
from highneeds.sources.planning import planning_folder, read_planning
from highneeds.sources.planning_columns import LAYOUTS
from tests.conftest import ROOT

EXAMPLES = ROOT / "lib" / "highneeds" / "assets" / "planning"
CAPACITY = "setting,placement,phase,places_now,places_planned,opens,confidence_pct,filled,source\n"
COSTS = "placement,financial_year,unit_cost_gbp,inflation_pct,source\n"
BUDGET = "line,name,financial_year,amount_gbp,source\n"
SAVINGS = "scheme,first_year,full_year_gbp,ramp_pct,probability_pct,source\n"
SCENARIO = "name: {name}\nabout: What if?\nchanges:\n  - {{line: births, by_pct: -5}}\n"


def write(folder: Path, name: str, text: str) -> Path:
    """Folder with one file more."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return folder


def faults(folder: Path, scenario: str = "") -> list[str]:
    """Every fault of a planning folder."""
    with pytest.raises(SourceError) as found:
        read_planning(folder, scenario=scenario)
    return list(found.value.faults)


# ---- Files that are right --------------------------------------------------------------------------------------------


def test_a_folder_that_is_not_there_holds_nothing(tmp_path):
    """Most authorities have none: that is no fault."""
    held = read_planning(tmp_path / "planning")

    assert ({}, {}, (), {}) == (held.tables, held.options.tables, held.scenarios, held.files)
    assert held.table("capacity") is None


def test_the_invented_examples_can_be_read():
    """Whoever starts has a shape of every file to copy, scenarios among them."""
    names = sorted(path.stem for path in (EXAMPLES / "scenarios").glob("*.yml"))

    held = read_planning(EXAMPLES, scenario=",".join(names[:2]))

    assert set(LAYOUTS) == set(held.tables)
    assert {"invented"} == {source for table in held.tables.values() for source in table["source"]}
    assert names[:2] == [Path(each.file).stem for each in held.scenarios]
    assert {f"{name}.csv" for name in LAYOUTS} <= set(held.files)


def test_cells_come_in_their_types_with_rows(tmp_path):
    """A row keeps its number although a blank line stands before it; a blank day and count are none."""
    text = (
        CAPACITY
        + "Oak,state special,all-through,60,60,,100,58,paper\n\nElm,independent,all,0,12,2027-09-01,80,,paper\n"
    )

    oak, elm = settings_of(read_planning(write(tmp_path, "capacity.csv", text)).tables["capacity"])

    assert (2, None, 58.0, 60.0) == (oak.row, oak.opens, oak.filled, oak.now)
    assert (4, "2027-09-01", None, 0.8) == (elm.row, elm.opens.isoformat(), elm.filled, elm.confidence)


def test_a_budget_holds_a_surplus_and_two_lines_of_other_spend(tmp_path):
    """A minus stands for a surplus; other spend is told apart by name."""
    rows = (
        "opening_balance,,2024-25,-500000,s\nother_spend,Inclusion,2024-25,20000,s\n"
        "other_spend,Early years,2024-25,30000,s\nhigh_needs_block,,2024-25,90000,s\n"
    )

    table = read_planning(write(tmp_path, "budget.csv", BUDGET + rows)).tables["budget"]

    assert [-500_000, 20_000, 30_000, 90_000] == table["amount_gbp"].tolist()


# ---- Faults ----------------------------------------------------------------------------------------------------------


def test_all_faults_of_a_capacity_file_are_told_together(tmp_path):
    """Every wrong cell with its row and column, in one go."""
    rows = (
        "Oak,state special,secondary,-5,60,2027-09-01,120,,paper\n"
        "Elm,special,secondary,60,sixty,1 September 2027,100,,paper\n"
        "Ash,state special,secondary,60.5,60,,100,,\n"
    )

    found = faults(write(tmp_path, "capacity.csv", CAPACITY + rows))

    expected = {
        "planning/capacity.csv: row 2, column places_now: found '-5'. Expected a whole number, 0 or more.",
        "planning/capacity.csv: row 2, column confidence_pct: found '120'. Expected a percentage from 0 to 100",
        "planning/capacity.csv: row 3, column placement: found 'special'. Expected one of: mainstream, resourced",
        "planning/capacity.csv: row 3, column places_planned: found 'sixty'. Expected a whole number, 0 or more.",
        "planning/capacity.csv: row 3, column opens: found '1 September 2027'. Expected a day as 2025-09-01.",
        "planning/capacity.csv: row 4, column places_now: found '60.5'. Expected a whole number, 0 or more.",
        "planning/capacity.csv: row 4, column source: found nothing. Expected words. Say where the row comes from",
    }
    assert expected == {start for start in expected for line in found if line.startswith(start)}
    assert len(expected) == len(found)


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("capacity.csv", CAPACITY + "Oak,state special,s,60,90,,100,,p\n",
         "planning/capacity.csv: row 2, column opens: found nothing, though places go from 60 to 90."),
        ("capacity.csv", CAPACITY + "Oak,state special,s,60,60,,100,,p\nOAK,state special,s,5,5,,100,,p\n",
         "planning/capacity.csv: rows 2, 3, column setting and placement: found the same twice."),
        ("unit_costs.csv", COSTS + "independent,2024-25,50000,3,p\nmainstream,2025-26,9000,3,p\nother,2025-26,1,3,p\n",
         "planning/unit_costs.csv: rows 2, column financial_year: found another value than in the other rows."),
        ("unit_costs.csv", COSTS + "independent,2024-25,50000,3,p\nindependent,2024-25,51000,3,p\n",
         "planning/unit_costs.csv: rows 2, 3, column placement: found the same twice."),
        ("unit_costs.csv", COSTS + "independent,2024-25,£50000,60,p\n",
         "planning/unit_costs.csv: row 2, column unit_cost_gbp: found '£50000'. Expected a number of pounds"),
        ("unit_costs.csv", COSTS + "independent,2024-25,50000,60,p\n",
         "planning/unit_costs.csv: row 2, column inflation_pct: found '60'. Expected a yearly rise in per cent"),
        ("budget.csv", BUDGET + "high_needs_block,,2024-25,323,p\nother_spend,Inclusion,2024-25,48000000,p\n",
         "planning/budget.csv: rows 2, column amount_gbp: found numbers under 10,000 beside others over 1,000,000."),
        ("budget.csv", BUDGET + "high_needs_block,,2024-25,300000,p\nhigh_needs_block,,2026-27,320000,p\n",
         "planning/budget.csv: row 2, column financial_year: found no row for 2025-26 (line high_needs_block)."),
        ("budget.csv", BUDGET + "high_needs_blok,,2024-25,300000,p\n",
         "planning/budget.csv: row 2, column line: found 'high_needs_blok'. Expected one of: opening_balance,"),
        ("budget.csv", BUDGET + "other_spend,,2024-25,300000,p\n",
         "planning/budget.csv: row 2, column name: found nothing. Expected what the other spend is for."),
        ("budget.csv", BUDGET + "opening_balance,,2024-25,1,p\nopening_balance,,2025-26,1,p\n",
         "planning/budget.csv: rows 2, 3, column line: found 2 opening balances. Expected one"),
        ("budget.csv", BUDGET + "high_needs_block,,2024-25,300000,p\nhigh_needs_block,,2024-25,310000,p\n",
         "planning/budget.csv: rows 2, 3, column line and name and financial_year: found the same twice."),
        ("budget.csv", BUDGET + "high_needs_block,A,2024-25,300000,p\nhigh_needs_block,B,2024-25,310000,p\n",
         "planning/budget.csv: rows 2, 3, column line: found high_needs_block of 2024-25 more than once."),
        ("budget.csv", BUDGET + "high_needs_block,,2024-26,300000,p\n",
         "planning/budget.csv: row 2, column financial_year: found '2024-26'. Expected a financial year as 2025-26."),
        ("savings.csv", SAVINGS + "Inclusion,2025-26,4000000,25;60;101,70,p\n",
         "planning/savings.csv: row 2, column ramp_pct: found '25;60;101'. Expected percentages from 0 to 100"),
        ("savings.csv", SAVINGS.replace("scheme", "sceme") + "Inclusion,2025-26,4000000,100,70,p\n",
         "planning/savings.csv: row 1, column 1: found 'sceme'. Expected one of scheme,"),
        ("capacty.csv", CAPACITY,
         "planning/capacty.csv: there is no planning file of that name. Expected one of, the nearest first: capac"),
        ("capacity.xlsx", "",
         "planning/capacity.xlsx: there is no planning file of that name."),
        ("budget.csv", BUDGET, "planning/budget.csv: holds no rows."),
    ],
)  # fmt: skip
def test_a_fault_is_told_with_file_row_and_column(tmp_path, name, text, told):
    """Where, what was found, what was expected."""
    found = faults(write(tmp_path, name, text))

    assert told in "\n".join(found)


def test_faults_of_all_files_and_scenarios_are_told_together(tmp_path):
    """A folder is put right in one go."""
    write(tmp_path, "capacity.csv", CAPACITY + "Oak,state special,s,x,60,,100,,p\n")
    write(tmp_path, "unit_costs.csv", COSTS + "independent,2024-25,x,3,p\n")
    write(tmp_path, "options/top_slice.csv", "service\n")
    write(tmp_path, "scenarios/late.yml", "name: Late\nabout: a\nchanges:\n  - {line: birth, by_pct: 1}\n")

    found = faults(tmp_path, "late,later")

    for start in (
        "planning/capacity.csv: row 2", "planning/unit_costs.csv: row 2", "options/top_slice.csv: row 1",
        "scenarios/late.yml: row 4, line", "scenario 'later': there is none of that name. Expected one of late, or a",
    ):  # fmt: skip
        assert any(line.startswith(start) for line in found), start


def test_a_lock_of_an_office_program_is_passed_over(tmp_path):
    """It stands there while somebody has the file open."""
    write(tmp_path, "~$capacity.csv", "")
    write(tmp_path, ".DS_Store", "")

    assert {} == read_planning(tmp_path).tables


# ---- Scenarios by name -----------------------------------------------------------------------------------------------


def test_scenarios_come_in_the_order_asked_for(tmp_path):
    """The second is compared with the first; a file elsewhere may be one of them."""
    for name in ("late", "early"):
        write(tmp_path, f"planning/scenarios/{name}.yml", SCENARIO.format(name=name))
    write(tmp_path, "mine.yml", SCENARIO.format(name="Mine"))

    held = read_planning(tmp_path / "planning", scenario=f"late, {tmp_path / 'mine.yml'}")

    assert ["late", "Mine"] == [each.name for each in held.scenarios]
    assert () == read_planning(tmp_path / "planning").scenarios


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("erly", "scenario 'erly': there is none of that name. Expected one of early, late, or a file. Did you mean"),
        ("late,early,late", "scenario: found 3. Expected at most 2, to be compared."),
        ("late,late", "scenarios/late.yml: name: found 'late', as in scenarios/late.yml. Expected another name"),
        ("late,twin", "scenarios/twin.yml: name: found 'LATE', as in scenarios/late.yml. Expected another name"),
    ],
)  # fmt: skip
def test_scenarios_that_cannot_be_told_apart_or_found_are_refused(tmp_path, asked, told):
    """Their figures would stand under one name."""
    for name in ("late", "early"):
        write(tmp_path, f"scenarios/{name}.yml", SCENARIO.format(name=name))
    if "twin" in asked:
        write(tmp_path, "scenarios/twin.yml", SCENARIO.format(name="LATE"))

    assert told in "\n".join(faults(tmp_path, asked))


def test_without_scenarios_a_name_asks_for_a_file(tmp_path):
    """An empty list of names would help nobody."""
    [line] = faults(tmp_path, "late")

    assert "Expected a file: its folder of scenarios holds none." in line


# ---- Where the folder is ---------------------------------------------------------------------------------------------


def test_the_folder_beside_given_cases_is_found(tmp_path):
    """In the folder of the cases, or one up; else in the authority's raw data."""
    raw, cases = tmp_path / "raw" / "kent", tmp_path / "delivery" / "march"
    cases.mkdir(parents=True)
    file = cases / "return.xml"
    file.touch()

    assert raw / "planning" == planning_folder(raw)
    assert raw / "planning" == planning_folder(raw, file)
    (tmp_path / "delivery" / "planning").mkdir()
    assert tmp_path / "delivery" / "planning" == planning_folder(raw, cases) == planning_folder(raw, file)
    (cases / "planning").mkdir()
    assert cases / "planning" == planning_folder(raw, cases) == planning_folder(raw, file)


def test_planning_files_are_no_case_data(tmp_path):
    """Capacity and costs of an authority without cases must not be taken for an extract of them."""
    shutil.copytree(EXAMPLES, tmp_path / "planning")

    assert read_local(tmp_path) is None
    with pytest.raises(SourceError, match="no case data was found"):
        read_cases(tmp_path)


def test_cases_beside_planning_files_are_read_without_them(tmp_path, demo_cases):
    """The same returns with and without the folder."""
    shutil.copytree(demo_cases / "blade_csv", tmp_path / "cases")
    before = read_cases(tmp_path / "cases")
    shutil.copytree(EXAMPLES, tmp_path / "cases" / "planning")

    after = read_cases(tmp_path / "cases")

    assert [[file.name for file in made.files] for made in before] == [[f.name for f in made.files] for made in after]


# ---- Fingerprints ----------------------------------------------------------------------------------------------------


@pytest.fixture
def home(tmp_path) -> Path:
    """A project whose panel and notebooks are not there: made_from says so, and that is all it needs."""
    write(tmp_path, "data/raw/kent/planning/capacity.csv", CAPACITY + "Oak,state special,s,60,60,,100,,p\n")
    write(tmp_path, "data/raw/kent/planning/scenarios/late.yml", SCENARIO.format(name="Late"))
    write(tmp_path, "cases/return.xml", "<a/>")
    write(tmp_path, "cases/planning/capacity.csv", CAPACITY + "Elm,state special,s,9,9,,100,,p\n")
    write(tmp_path, "mine.yml", SCENARIO.format(name="Mine"))
    return tmp_path


def told(home: Path, **given) -> dict[str, str]:
    """What a report on Kent is made from."""
    return made_from(home, "kent", code="E10000016", sections=(), **given)


def changed_by(home: Path, name: str, **given) -> set[str]:
    """Names whose fingerprints another line in a file changes."""
    before = told(home, **given)
    path = home / name
    path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    after = told(home, **given)
    return {name for name in {*before, *after} if before.get(name) != after.get(name)}


@pytest.mark.parametrize("name", ["planning/capacity.csv", "planning/scenarios/late.yml"])
def test_a_changed_planning_file_makes_a_report_again(home, name):
    """A report that stood on the old figures must not be taken for one on the new."""
    assert {f"input kent/{name}"} == changed_by(home, f"data/raw/kent/{name}", scenario="late")


def test_a_planning_folder_beside_given_cases_is_in_the_fingerprint(home):
    """It is read, so it counts."""
    name = "cases/planning/capacity.csv"

    found = changed_by(home, name, cases=home / "cases" / "return.xml")

    assert {"input planning/capacity.csv"} == found


def test_a_scenario_file_elsewhere_is_in_the_fingerprint(home):
    """And so is which scenario was asked for, by its name alone: no path of this machine."""
    asked = {"scenario": f"late,{home / 'mine.yml'}"}

    assert {"input scenario mine.yml"} == changed_by(home, "mine.yml", **asked)
    assert ("late,mine.yml", "none") == (told(home, **asked)["setting scenario"], told(home)["setting scenario"])
    assert not any(str(home) in text for pair in told(home, **asked).items() for text in pair)


def test_the_checksums_of_what_was_read_are_kept(tmp_path):
    """For the manifest: every file of the folder that a figure may rest on."""
    write(tmp_path, "capacity.csv", CAPACITY + "Oak,state special,s,60,60,,100,,p\n")
    write(tmp_path, "options/top_slice.csv", "service,cost_gbp,shared_by,financial_year,source\nA,1,pupils,2025-26,p\n")

    write(tmp_path, "scenarios/late.yml", SCENARIO.format(name="Late"))

    files = read_planning(tmp_path, scenario="late").files

    assert {"capacity.csv", "options/top_slice.csv", "scenarios/late.yml"} == set(files)
    assert {64} == {len(checksum) for checksum in files.values()}
    assert isinstance(read_planning(tmp_path).options.tables["top_slice"], pd.DataFrame)
