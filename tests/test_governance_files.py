"""Registers, votes and surveys as files: what is read, and every fault with file, row and column."""

import functools
import re
import shutil
from pathlib import Path

import pytest

from highneeds.errors import SourceError
from highneeds.report.made_from import made_from
from highneeds.sections.local import read_local
from highneeds.sources.ballots import ballots, surveys
from highneeds.sources.governance import LAYOUTS
from highneeds.sources.papers import Papers, read_papers
from tests.conftest import ROOT

RAW = ROOT / "data" / "raw"
HEADS = {name: ",".join(layout.columns) + "\n" for name, layout in LAYOUTS.items()}
PRINTED = "measure,breakdown,period,period_basis,value,unit,status,as_printed,source\n"


@functools.cache
def papers_of(name: str) -> Papers:
    """Committed papers of an authority, read once."""
    return read_papers(RAW / name)


def held(tmp_path: Path, **files: str) -> Path:
    """An authority's folder with these files; rows follow the headings of each."""
    folder = tmp_path / "somewhere"
    folder.mkdir(exist_ok=True)
    for name, rows in files.items():
        (folder / f"{name}.csv").write_text(HEADS.get(name, PRINTED) + rows, encoding="utf-8")
    return folder


def read(tmp_path: Path, **files: str) -> Papers:
    """What is read of such a folder."""
    return read_papers(held(tmp_path, **files))


def faults(tmp_path: Path, **files: str) -> list[str]:
    """Every fault of such a folder."""
    with pytest.raises(SourceError) as found:
        read(tmp_path, **files)
    return list(found.value.faults)


def votes(*counts: object, decision: str = "Transfer") -> str:
    """Rows of a vote."""
    kinds = ("approved", "rejected", "abstained")
    return "".join(
        f"votes,{decision} - {kind},2026-01-20,at date,{count},votes,,{count},s\n"
        for kind, count in zip(kinds, counts, strict=False)
    )


def survey(asked: int, base: int, *answers: int, pct: str = "50") -> str:
    """Rows of a survey with one question."""
    rows = [("survey_schools_affected", "Total", asked), ("survey_responses", "Total", base)]
    rows += [("survey_responses", f"Fair - {at}", count) for at, count in enumerate(answers)]
    rows += [("survey_responses_pct", "Fair - 0", pct)]
    return "".join(f"{name},{what},2026-01-20,at date,{count},schools,,{count},s\n" for name, what, count in rows)


# ---- What the papers give --------------------------------------------------------------------------------------------


def test_the_papers_of_four_authorities_are_read():
    """Every register that is committed, with its source on every row; Devon has none."""
    names = ("kent", "leicestershire", "leeds", "west-northamptonshire", "devon")
    found = {name: papers_of(name).registers for name in names}

    assert [{"recommendations", "risks", "meetings"}, set(LAYOUTS), {"recommendations", "risks"}] == [
        set(found[name]) for name in names[:3]
    ]
    assert (10, 6, {}) == (len(found["kent"]["risks"]), len(found["leicestershire"]["actions"]), found["devon"])
    assert all(rows["source"].str.len().gt(20).all() for each in found.values() for rows in each.values())


def test_no_score_is_made_up():
    """None of the papers gives a likelihood or an impact."""
    for name in ("kent", "leicestershire", "leeds", "west-northamptonshire"):
        risks = papers_of(name).registers["risks"]

        assert risks[["likelihood", "impact"]].isna().all(axis=None)


def test_words_of_registers_carry_no_figure():
    """A number in a sentence of a register would have no unit, period or source of its own."""
    for path in RAW.glob("*/*.csv"):
        if path.stem in LAYOUTS:
            rows = papers_of(path.parent.name).registers[path.stem]
            words = rows[
                [name for name in ("recommendation", "action", "risk", "cause", "effect", "matter") if name in rows]
            ]

            assert not words.stack().str.contains(r"\d").any(), path


def test_f2_seven_votes_are_found_with_their_counts():
    """The forum of 13 February 2024: every vote belongs to a recommendation, and 17 members were listed."""
    papers = papers_of("leicestershire")
    found = {
        each.decision: tuple(each.count(v) for v in ("approved", "rejected", "abstained"))
        for each in ballots(papers.tables)
    }
    asked = papers.registers["recommendations"].set_index("vote")["members_present"].dropna()

    assert (6, 1, 0) == found["School improvement de-delegation"]
    assert (13, 2, 1) == found["Capping and scaling"]
    assert set(found) == set(asked.index)
    assert all(sum(votes) <= asked[name] for name, votes in found.items())


def test_f1_the_survey_has_its_base_and_its_answers():
    """61 of 73; one question has four answers that make 61, of the other only those who agreed are printed."""
    [found] = surveys(papers_of("leicestershire").tables)
    rate = [int(row["value"]) for key, row in found.answers.items() if key[0] == "Rate per pupil"]

    assert (73, 61) == (found.asked["value"], found.base["value"])
    assert ([50, 3, 7, 1], 5) == (rate, len(found.printed))


# ---- Wiring ----------------------------------------------------------------------------------------------------------


def test_registers_are_no_case_data_and_are_fingerprinted(tmp_path):
    """They are not taken for an extract; one more letter, and the report is made again."""
    folder = held(tmp_path, risks="K1,2026-01,Late,,,,,,,,s\n", votes=votes(3, 1, 0))
    home = tmp_path / "home"
    for name in ("notebooks", "data/processed"):
        shutil.copytree(ROOT / name, home / name)
    shutil.copytree(folder, home / "data" / "raw" / "kent")
    before = made_from(home, "kent", code="E10000016", sections=["governance"])
    path = home / "data" / "raw" / "kent" / "risks.csv"
    path.write_text(path.read_text() + "K2,2026-01,Later,,,,,,,,s\n")
    after = made_from(home, "kent", code="E10000016", sections=["governance"])

    assert read_local(folder) is None
    assert {"risks.csv", "votes.csv"} <= set(read_papers(folder).files)
    assert ["input kent/risks.csv"] == [name for name in before if before[name] != after[name]]


def test_the_page_on_these_files_names_every_file_and_column():
    """docs/governance.md is where a user looks for what to write; its example can be read."""
    page = (ROOT / "docs" / "governance.md").read_text(encoding="utf-8")
    names = {f"`{name}.csv`" for name in LAYOUTS}
    columns = {f"`{column}`" for layout in LAYOUTS.values() for column in layout.columns}

    assert [] == sorted(name for name in names | columns if name not in page)


def test_the_examples_of_the_page_can_be_read(tmp_path):
    """A risk with its score, and a vote: the one row shown is read, and the two left out are told."""
    page = (ROOT / "docs" / "governance.md").read_text(encoding="utf-8")
    shown = [block.replace("    ", "") + "\n" for block in re.findall(r"(?:^    .+\n?)+", page, re.MULTILINE)]
    folder = tmp_path / "somewhere"
    folder.mkdir()
    (folder / "risks.csv").write_text(shown[0])

    [risk] = read_papers(folder).registers["risks"].itertuples()
    (folder / "votes.csv").write_text(shown[1])
    with pytest.raises(SourceError) as found:
        read_papers(folder)

    assert (4, 4, "rising") == (risk.likelihood, risk.impact, risk.direction)
    assert "Transfer between blocks: found no row for rejected, abstained" in str(found.value)


# ---- Faults ----------------------------------------------------------------------------------------------------------

FAULTY = [
    ({"risks": "K1,2026-01,Late,,,6,2,,,,s\n"}, "risks.csv: row 2, column likelihood: found '6'"),
    ({"risks": "K1,2026-01,Late,,,2.5,2,,,,s\n"}, "row 2, column likelihood: found '2.5'"),
    ({"risks": "K1,2026-13,Late,,,,,,,,s\n"}, "row 2, column recorded_on: found '2026-13'"),
    ({"risks": "K1,2026-02-30,Late,,,,,,,,s\n"}, "row 2, column recorded_on: found '2026-02-30'"),
    ({"risks": "K1,2026,Late,,,,,,,up,s\n"}, "row 2, column direction: found 'up'. Expected one of: rising"),
    ({"risks": "K1,2026,A,,,,,,,,s\nK1,2026,B,,,,,,,,s\n"}, "rows 2, 3, column id: found the same twice"),
    ({"risks": "K1,2026,Late,,,,,,,,\n"}, "row 2, column source: found nothing"),
    ({"actions": "A1,2026-01-20,Forum,Act,,,doing,2026-01-20,s\n"}, "row 2, column state: found 'doing'"),
    ({"actions": "A1,2026-01-20,Forum,Act,,2026-01-19,open,2026-01-20,s\n"}, "column due_by: found 2026-01-19, before"),
    ({"actions": "A1,2026-01-20,Forum,Act,,,open,2026-01-19,s\n"}, "column state_on: found 2026-01-19, before"),
    ({"actions": "A1,January,Forum,Act,,,open,2026-01-20,s\n"}, "column agreed_on: found 'January'"),
    ({"meetings": "2026-02,2026-01,Forum,2,Money,s\n"}, "row 2, column last_held: found 2026-01, before held"),
    ({"recommendations": "R1,2026-01-20,Forum,Move it,decide,,,,,s\n"}, "column kind: found 'decide'"),
    (
        {"recommendations": "R1,2026-01-20,Forum,Move it,approve,,,Transfr,,s\n", "votes": votes(3, 1, 0)},
        "column vote: found 'Transfr'. Expected a decision of a table of votes, or nothing. Correct it, or add "
        "the vote. Did you mean 'Transfer'?",
    ),
    (
        {"recommendations": "R1,2026-01-20,Forum,Move it,approve,,3,Transfer,,s\n", "votes": votes(3, 1, 0)},
        "column members_present: found 3, but 4 votes",
    ),
    (
        {"recommendations": "R1,2026-01-20,Forum,Move it,approve,,4,Transfer,agreed,s\n", "votes": votes(3, 1, 0)},
        "column outcome: found 'agreed'. Expected nothing beside a vote",
    ),
    ({"votes": votes(3, -1, 0)}, "votes.csv: row 3, column value: found -1. Expected a whole number"),
    ({"votes": votes(3, 0.5, 0)}, "votes.csv: row 3, column value: found 0.5"),
    ({"votes": votes(3, 1)}, "row 2, column breakdown: Transfer: found no row for abstained"),
    ({"votes": votes(3, 1, 0) + votes(3, 1, 0)}, "row 5, column breakdown: found 'Transfer - approved' again"),
    ({"forum_votes": votes(3, 1, 0).replace("abstained", "absent")}, "forum_votes.csv: row 2, column breakdown"),
    ({"votes": votes(3, 1, 0).replace("2026-01-20", "2026-02-31")}, "column period: found '2026-02-31' (at date)"),
    ({"votes": votes(3, 1, 0).replace("votes,Tr", "ballots,Tr", 1)}, "row 2, column measure: found 'ballots'"),
    ({"survey": survey(73, 61, 40, 22)}, "column value: Fair: found 62 answers. Expected at most the 61"),
    ({"survey": survey(60, 61, 40)}, "found 61 who answered of 60 asked"),
    ({"survey": survey(73, 61, 40, pct="101")}, "column value: found 101. Expected a percentage from 0 to 100"),
    (
        {"survey": survey(73, 61, 40).replace("survey_responses,Total", "survey_responses,Fair - 9")},
        "no survey_responses of Total",
    ),
]


@pytest.mark.parametrize(("files", "said"), FAULTY)
def test_a_fault_is_told_with_its_place(tmp_path, files, said):
    """Where, what was found, what is expected."""
    told = faults(tmp_path, **files)

    assert any(said in line for line in told), told


def test_the_same_files_without_the_fault_are_read(tmp_path):
    """So that no test above passes because something else is wrong."""
    papers = read(
        tmp_path,
        risks="K1,2026-01,Late,,,5,2,,,rising,s\nK2,2026,Later,,,,,,,,s\n",
        actions="A1,2026-01-20,Forum,Act,,2026-01-20,open,2026-01-20,s\n",
        meetings="2026-01,2026-02,Forum,2,Money,s\n",
        recommendations="R1,2026-01-20,Forum,Move it,approve,,4,Transfer,,s\n",
        votes=votes(3, 1, 0),
        survey=survey(73, 61, 40, 21),
    )

    assert set(LAYOUTS) == set(papers.registers)
    assert (1, 1) == (len(ballots(papers.tables)), len(surveys(papers.tables)))


def test_faults_of_all_files_are_told_together(tmp_path):
    """One run, one list: registers, votes, a survey, and a column that nobody knows."""
    (held(tmp_path) / "meetings.csv").write_text("held,meeting,topic,source\n2026,Forum,Money,s\n")

    told = faults(tmp_path, risks="K1,2026,Late,,,9,,,,,s\n", votes=votes(-3, 1, 0), survey=survey(73, 61, 62))

    assert {"risks", "votes", "survey", "meetings"} == {re.match(r"somewhere/(\w+)\.csv", line)[1] for line in told}
    assert any("found 'topic'" in line for line in told)
