"""The plan register: read strictly, with every fault; entries late only when they must be."""

import csv
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from highneeds.errors import SourceError
from highneeds.measures.targets import read_target, target_faults
from highneeds.models.programme import register
from highneeds.models.programme.register import by_workstream, entries, flagged, in_state, open_entries, status_counts
from highneeds.sources.papers import read_papers
from highneeds.sources.programme import LAYOUT
from tests.conftest import ROOT

RAW, DAY = ROOT / "data" / "raw", date(2026, 4, 8)
ROW = {"id": "A1", "programme": "Plan", "action": "Do it", "source": "Council, plan, 1 March 2025, paragraph 1"}
STATES = (register.LATE, register.DATED, register.OPEN, register.UNDATED)


def written(folder, *rows, columns=LAYOUT.columns):
    """A folder with a register of these rows over the plain one."""
    folder.mkdir(exist_ok=True)
    with (folder / "programme.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, restval="")
        writer.writeheader()
        writer.writerows(ROW | row for row in rows)
    return folder


def read(folder, *rows, as_at=DAY):
    return entries(read_papers(written(folder, *rows)).programme, as_at=as_at)


@pytest.fixture(scope="module")
def plans():
    """Entries of the four authorities whose papers are held."""
    names = ("kent", "leicestershire", "west-northamptonshire", "leeds")
    return {name: entries(read_papers(RAW / name).programme, as_at=DAY) for name in names}


def test_kent_has_its_nine_conditions_and_twenty_two_projects(plans):
    """Appendix 1 lists nine conditions, appendix 2 twenty-two projects, five of them with dates in paragraph 5.2."""
    kent = plans["kent"]
    conditions = [entry for entry in kent if entry.source.endswith(("Appendix 1", "and paragraph 3.9")) and entry.name]
    projects = [entry for entry in kent if "Appendix 2" in entry.source]

    assert 9 == len({entry.workstream for entry in conditions})
    assert 22 == len(projects)
    assert 5 == sum("paragraph 5.2" in entry.source for entry in projects)


def test_leeds_has_eleven_workstreams_of_which_two_have_both_dates(plans):
    """The log prints both a start and an estimated completion for two rows only."""
    leeds = plans["leeds"]

    assert 11 == len(by_workstream(leeds))
    assert ["L01", "L07"] == [entry.id for entry in leeds if entry.begins.dated and entry.due.dated]


def test_leicestershire_has_the_four_workstreams_and_the_seven_that_the_older_plan_describes(plans):
    """Its older paper describes seven workstreams and asks for a working group."""
    streams = by_workstream(plans["leicestershire"])
    of = {programme: [name for held, name in streams if held == programme] for programme, _ in streams}

    assert 5 == len(of["Transforming SEND"]) and "Whole programme" in of["Transforming SEND"]
    assert 7 == len(set(of["Development Plan"]) - {"Whole programme", "Working group"})


def test_west_northamptonshires_messy_deadlines_are_told_and_none_is_guessed(plans):
    """Cyrillic letters, a deadline a year before the plan, one every January, blanks for places and pounds."""
    held = {entry.id: entry for entry in plans["west-northamptonshire"]}

    assert 8 == len(by_workstream(held.values()))
    assert ("Ост 2020", date(2020, 10, 31)) == (held["W4.2"].due.text, held["W4.2"].due.latest)
    assert {"W4.2", "W4.11", "W5.1", "W5.2", "W5.3", "W6.1", "W6.2"} == {e.id for e, _ in flagged(held.values())}
    assert {"W3.2": ("xxx",), "W3.3": ("£x",)} == {name: e.blanks for name, e in held.items() if e.blanks}
    assert ["W4.11", "W7.7", "W7.8"] == [e.id for e in in_state(held.values(), register.UNDATED, DAY)]


def test_leads_are_roles(plans):
    """The plan's own key turns initials into roles; initials that it does not hold are said to be so."""
    roles = {entry.lead for held in plans.values() for entry in held} - {""}

    assert {
        "Head of SEN assessment", "Head of school organisation and capital", "Interim assistant director",
        "Finance business partner", "initials that the plan's key does not hold",
    } == roles  # fmt: skip


def test_all_faults_are_told_together(tmp_path):
    """A person mends a file once: each line has its row, what was found and what to do."""
    rows = [
        {"status": "finished"},
        {"id": "A2", "success_criterion": "x", "linked_measure": "ehc_plan", "target": "<= 3"},
        {"id": "A3", "success_criterion": "x", "linked_measure": "ehc_plans", "target": "goes down"},
        {"id": "A4", "success_criterion": "x", "linked_measure": "ehc_plans", "target": "<= neighbours"},
        {"id": "A5", "success_criterion": "x", "linked_measure": "ehc_plans"},
        {"id": "A6", "linked_measure": "ehc_plans", "target": "falls since 2022"},
        {"id": "A7", "action": ""},
    ]

    with pytest.raises(SourceError) as caught:
        read_papers(written(tmp_path / "kent", *rows))

    told = caught.value.faults
    assert [2, 3, 4, 5, 6, 7, 8] == [int(line.split("row ")[1][0]) for line in told]
    assert all("Expected" in line and line.startswith("kent/programme.csv") for line in told)
    assert "ehc_plans" in told[1]


def test_unknown_columns_and_doubled_ids_are_refused(tmp_path):
    """A typo in a heading loses a column; an id twice loses an entry."""
    columns = tuple("deadline" if name == "due" else name for name in LAYOUT.columns)

    with pytest.raises(SourceError, match=r"found 'deadline'(.|\n)*due not found"):
        read_papers(written(tmp_path / "one", {}, columns=columns))
    with pytest.raises(SourceError, match="rows 2, 3, column id: found the same twice"):
        read_papers(written(tmp_path / "two", {}, {}))


@pytest.mark.parametrize(
    ("measure", "target", "said"),
    [
        ("within_20_weeks_pct", "falls since 2022-23", "basis calendar year"),
        ("dsg_balance", "<= 0 at 2028-02-31", "basis at date"),
        ("ehc_plans", "falls since 2025 in 2024", "earlier period first"),
        ("high_needs_spend", "<= ehc_plans", "in GBP by financial year"),
        ("ehc_plans", "<= neighbour", "nearest: neighbours"),
        ("ehc_plans_per_1000", "nearer ehc_plans since 2023", "Expected a form"),
    ],
)
def test_a_target_that_cannot_be_tested_is_refused(measure, target, said):
    """Periods of another kind, impossible days, other units, unknown names."""
    [line] = target_faults(measure, target)

    assert said in line


@given(
    verb=st.sampled_from(["<=", ">=", "<", ">"]),
    number=st.integers(-999, 9999),
    millions=st.booleans(),
    pad=st.booleans(),
)
@settings(deadline=None)
def test_a_number_in_a_target_is_itself(verb, number, millions, pad):
    """Spaces and `m` for millions change nothing else."""
    made = read_target(f"{verb}{' ' if pad else ''}{number}{'m' if millions else ''}")

    assert (verb, number * (1e6 if millions else 1)) == (made.verb, made.number)


def test_words_stay_as_printed(tmp_path):
    """Letter case of a deadline is evidence; the same month in two spellings stays in two."""
    held = read(tmp_path / "kent", {"due": "MAR 2022"}, {"id": "A2", "due": "Mar 2022"})

    assert ["MAR 2022", "Mar 2022"] == [entry.due.text for entry in held]


def test_a_report_as_at_an_earlier_day_knows_no_later_paper(tmp_path):
    """The paper is of 1 March 2025."""
    folder = tmp_path / "kent"

    assert 1 == len(read(folder, {}, as_at=date(2025, 3, 1)))
    assert [] == read(folder, {}, as_at=date(2025, 2, 28))


@given(day=st.dates(date(2015, 1, 1), date(2035, 1, 1)), on=st.integers(0, 2000))
@settings(deadline=None, max_examples=60)
def test_lateness_only_grows_and_counts_add_up(plans, day, on):
    """What is late today is late tomorrow; what is done or stopped never is; every open entry is in one state."""
    for held in plans.values():
        states = [in_state(held, state, day) for state in STATES]
        later = in_state(held, register.LATE, day + timedelta(on))

        assert {entry.id for entry in states[0]} <= {entry.id for entry in later}
        assert all(not entry.closed and entry.due.latest < day for entry in states[0])
        assert len(open_entries(held)) == sum(map(len, states))
        assert len(held) == sum(status_counts(held).values())


def test_the_last_day_itself_is_not_late(tmp_path):
    """Due in March: not late on 31 March, late on 1 April, and not when done."""
    [entry, done] = read(tmp_path / "kent", {"due": "March 2026"}, {"id": "A2", "due": "March 2026", "status": "done"})

    assert (False, True) == (entry.late(date(2026, 3, 31)), entry.late(date(2026, 4, 1)))
    assert not done.late(date(2030, 1, 1))
