"""The section on decisions, risks and consultation: what it says of the papers, of invented files, and of none."""

import json
from pathlib import Path

import pytest
from lxml import html as lxml_html

from highneeds.figures import Figure
from highneeds.report.run import make_report
from highneeds.sections import governance
from highneeds.sections.page import Block, Page
from highneeds.sources.papers import Papers, read_papers
from tests.conftest import ROOT
from tests.test_every_authority import BROKEN, blocks_of
from tests.test_governance_files import held, papers_of, survey, votes


def page_of(facts, papers: Papers) -> tuple[Page, dict[str, str]]:
    """A page with all blocks called in the notebook's order; what it says, by the claims' short ids."""
    page = Page("governance", governance.TITLE, governance.QUESTION, 8, facts, papers)
    for block in blocks_of("governance"):
        block(page)
    return page, {claim.id.partition(".")[2]: claim.text for claim in page.claims}


@pytest.fixture(scope="module")
def leicestershire(facts_on):
    """The page on Leicestershire."""
    return page_of(facts_on("Leicestershire"), papers_of("leicestershire"))


def invented(facts_on, tmp_path: Path, **files: str) -> tuple[Page, dict[str, str]]:
    """The page on Devon with these files."""
    return page_of(facts_on("Devon"), read_papers(held(tmp_path, **files)))


def sheet(page: Page, title: str) -> dict:
    """The table whose title begins so."""
    [found] = [each for each in page.sheets.values() if each["title"].startswith(title)]
    return found


def cells(row: list) -> list:
    """Numbers and texts of a row."""
    return [cell if isinstance(cell, str) else cell.get("text", cell.get("value")) for cell in row]


# ---- Leicestershire --------------------------------------------------------------------------------------------------


def test_f2_every_vote_stands_with_its_three_counts(leicestershire):
    """13 for, 2 against and 1 abstained is printed of capping; one of the 17 listed as present did neither."""
    rows = [cells(row) for row in sheet(leicestershire[0], "Votes")["rows"]]

    assert 7 == len(rows)
    assert ["note", 13, 2, 1, 1, "carried"] == next(row[1:] for row in rows if row[0].startswith("Capping"))
    assert ["approve", 6, 1, 0, 0, "carried"] == rows[0][1:]
    assert {"carried"} == {row[-1] for row in rows}


def test_f2_the_rate_the_share_kept_and_both_early_years_rates_are_said(leicestershire):
    """£18 a pupil; 5% kept and 95% passed on; +£0.58, +£1.68 as reported, and £0.60 down as put right."""
    said = leicestershire[1]

    assert all(text in said["votes_money"] for text in ("£18 per pupil", "keeps 5%", "passes on 95%"))
    assert all(text in said["corrections"] for text in ("up by £0.58", "by £1.68", "down by £0.60", "£2.28 short"))


def test_f1_the_survey_is_recomputed_beside_what_is_printed(leicestershire):
    """11.5% rounds to 11, 12 is printed, and the printed ones make 101."""
    page, said = leicestershire
    rows = {row[0]: cells(row)[1:] for row in sheet(page, "Survey")["rows"]}

    assert (
        "7 of 61 (disagreed) is 11.5%, which rounds to 11%; printed is 12%."
        in said["printed_rate_per_pupil_2024_02_13"]
    )
    assert "add up to 101%, the counts to all 61" in said["printed_rate_per_pupil_2024_02_13"]
    assert "printed_core_offer_value_for_money_2024_02_13" not in said
    assert [7, 11.5, 9.6, 26.0, 12] == [round(rows["Rate per pupil: disagreed"][at], 1) for at in (0, 1, 4, 5, 6)]


def test_f1_a_majority_is_said_with_its_base_and_its_least(leicestershire):
    """37 of 61, and at least 50.7% of all 73."""
    text = leicestershire[1]["most_core_offer_value_for_money_2024_02_13"]

    assert "37 of 61 who answered agreed (60.7%). That is at least 50.7% of all asked: a majority" in text


def test_actions_without_a_day_are_not_overdue(leicestershire):
    """Three are open, none has a day: whether they are overdue cannot be told."""
    page, said = leicestershire

    assert "3 of 6 actions were still open when last recorded, on 13 February 2024" in said["answer_actions"]
    assert "Not one of 3 open actions has a day" in said["actions_undated"]
    assert {"no day given"} == {cells(row)[3] for row in sheet(page, "Open actions")["rows"]}
    assert "actions_overdue" not in said


def test_every_figure_leads_to_a_row_or_a_formula(leicestershire):
    """Source and reference on each; what is computed names what it is computed from."""
    for figure in leicestershire[0].figures.values():
        assert isinstance(figure, Figure) and figure.source and figure.reference and figure.unit, figure.id
        assert all(each.id in figure.reference for each in figure.inputs), figure.id


def test_nothing_is_said_before_it_was_known(facts_on):
    """At the end of 2023 there had been no vote and no survey; of the actions those of November were known."""
    page, said = page_of(facts_on("Leicestershire", "2023-12-31"), papers_of("leicestershire"))

    assert not {"answer_votes", "answer_survey", "corrections", "votes_money"} & set(said)
    assert "Not held: votes and a survey." in said["missing"]
    assert not any("2024" in cell for row in sheet(page, "Meetings")["rows"] for cell in cells(row))
    assert not any("2024" in cell for row in sheet(page, "Open actions")["rows"] for cell in cells(row))
    known = papers_of("leicestershire").registers["actions"].query("agreed_on <= '2023-12-31'")
    assert len(known) == len(sheet(page, "Open actions")["rows"]) == 3  # all were settled later, so all were open


# ---- Kent, Leeds, West Northamptonshire ------------------------------------------------------------------------------


def test_k16_kent_has_its_risks_and_its_log_of_meetings(facts_on):
    """Four reports are counted in the paper, five meetings named; seven of the sub-committee are both."""
    page, said = page_of(facts_on("Kent"), papers_of("kent"))

    assert (10, 12) == (len(sheet(page, "Risks")["rows"]), len(sheet(page, "Meetings")["rows"]))
    assert "none is scored" in said["answer_risks"] and "4 of them as rising" in said["answer_risks"]
    assert (
        "counts 4 reports to the Scrutiny Committee; the meetings that it names are 5"
        in said["stated_scrutiny_committee"]
    )
    assert "7 meetings of the SEND Sub-Committee, and names as many" in said["stated_send_sub_committee"]
    assert "5 consultations and 6 key decisions" in said["consulted"]
    assert "Risks recorded" == page.keys[0].label


@pytest.mark.parametrize(
    ("name", "slug", "open_of"),
    [("Leeds", "leeds", (2, 3)), ("West Northamptonshire", "west-northamptonshire", (4, 4))],
)
def test_a_decision_asked_for_is_not_taken_for_one_that_was_made(facts_on, name, slug, open_of):
    """Where a paper gives no outcome, none is recorded."""
    page, _ = page_of(facts_on(name), papers_of(slug))
    outcomes = [cells(row)[4] for row in sheet(page, "Recommendations")["rows"]]

    assert open_of == (outcomes.count("not recorded"), len(outcomes))


# ---- Files of its own ------------------------------------------------------------------------------------------------


def test_risks_with_both_numbers_come_first_with_their_score(facts_on, tmp_path):
    """4 x 5 before 2 x 3; one number alone gives no score."""
    rows = "K1,2026-01,Small,,,2,3,,Head of Finance,,s\nK2,2026-01,Half,,,5,,,,,s\nK3,2026-01,Large,,,4,5,,,falling,s\n"

    page, said = invented(facts_on, tmp_path, risks=rows)

    assert [["Large (falling)", 20], ["Small", 6], ["Half", "not scored"]] == [
        [cells(row)[0], cells(row)[-1]] for row in sheet(page, "Risks")["rows"]
    ]
    assert "3 risks are recorded; 2 with likelihood and impact" in said["answer_risks"]


@pytest.mark.parametrize(
    ("counts", "present", "outcome", "turned"),
    [
        ((5, 4, 0), 9, "carried", "could have turned none"),
        ((5, 4, 1), 10, "carried", "could have turned “Transfer”"),
        ((5, 4, 0), 10, "carried", "could have turned “Transfer”"),
        ((4, 5, 0), 9, "not carried", "could have turned none"),
        ((4, 4, 0), 8, "tied", "could have turned none"),
    ],
)
def test_a_vote_is_counted_again(facts_on, tmp_path, counts, present, outcome, turned):
    """Outcome from the counts; one member who abstained or was silent is enough where the majority is one."""
    asked = f"R1,2026-01-20,Forum,Move money,approve,all,{present},Transfer,,s\n"

    page, said = invented(facts_on, tmp_path, votes=votes(*counts), recommendations=asked)

    assert outcome == cells(sheet(page, "Votes")["rows"][0])[-1]
    assert turned in said["votes_turned"]


def test_an_overdue_action_is_counted(facts_on, tmp_path):
    """Due in February, open, and it is April."""
    rows = (
        "A1,2026-01-20,Forum,Act,Chair,2026-02-20,open,2026-03-01,s\n"
        "A2,2026-01-20,Forum,Wait,Chair,2026-06-20,open,2026-03-01,s\n"
    )

    page, said = invented(facts_on, tmp_path, actions=rows)

    assert "1 is past the day by which it was due." == said["actions_overdue"]
    assert ["20 Feb 2026", "20 Jun 2026"] == [cells(row)[3] for row in sheet(page, "Open actions")["rows"]]
    assert page.figures["governance_actions_overdue.devon.2026-03-01"].reference.endswith(": 2")


def test_a_survey_of_few_gives_counts_and_no_share(facts_on, tmp_path):
    """Nine answers are no base for a percentage."""
    page, said = invented(facts_on, tmp_path, survey=survey(20, 9, 8))

    assert "Fair: 8 of 9 who answered 0: too few for a share." == said["most_fair_2026_01_20"]
    assert {None} == {cell for cell in cells(sheet(page, "Survey")["rows"][0])[2:4]}


def test_markup_in_a_register_is_shown_not_run(facts_on, tmp_path):
    """A risk's words come from a file that somebody typed."""
    page = Page("governance", governance.TITLE, governance.QUESTION, 8, facts_on("Devon"), read_papers(
        held(tmp_path, risks="K1,2026-01,<script>alert(1)</script>,,,,,,,,s\n")))  # fmt: skip

    assert "<script" not in governance.registers.risks(page).markup


ASKED = "R{at},2026-01-20,Forum,Move money,approve,,,{vote},{outcome},s\n"
ACTION = "A{at},2026-01-20,Forum,Act,,{due},{state},2026-03-01,s\n"
RISK = "K{at},2026,Late,,,{score},{score},,,,s\n"
FEW_AND_MANY = [
    {"votes": votes(0, 3, 0), "recommendations": ASKED.format(at=1, vote="Transfer", outcome="")},
    {"votes": votes(3, 0, 0) + votes(2, 2, 0, decision="Other")},
    {"recommendations": ASKED.format(at=1, vote="", outcome="agreed")},
    {"recommendations": "".join(ASKED.format(at=at, vote="", outcome=each) for at, each in enumerate(("", "noted")))},
    {"actions": ACTION.format(at=1, due="", state="done")},
    {"actions": ACTION.format(at=1, due="", state="open")},
    {"actions": "".join(ACTION.format(at=at, due=due, state="open") for at, due in enumerate(("", "2026-09-01")))},
    {"actions": "".join(ACTION.format(at=at, due="2026-02-01", state="open") for at in range(2))},
    {"risks": RISK.format(at=1, score="")},
    {"risks": RISK.format(at=1, score=3) + RISK.format(at=2, score=5)},
    {"survey": survey(73, 61, 0, 61)},
    {"survey": survey(61, 61, 30, 31, pct="49")},
    {"survey": survey(10, 0, 0)},
    {"survey": survey(500, 100, 60)},
]  # fmt: skip


@pytest.mark.parametrize("files", FEW_AND_MANY)
def test_none_one_and_many_are_told_in_whole_sentences(facts_on, tmp_path, files):
    """No machine word, no gap, no plural of one; an answer and a key figure always."""
    page, said = invented(facts_on, tmp_path, **files)

    assert [] == [text for text in said.values() if BROKEN.search(text) or " 1 recommendations" in text]
    assert page.answers and page.keys


# ---- In a report -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def reports(tmp_path_factory):
    """The section alone in reports on an authority with its files and on one without."""
    out = tmp_path_factory.mktemp("reports")
    return {name: make_report(ROOT, name, sections=["governance"], out=out) for name in ("Leicestershire", "Devon")}


def test_the_section_stands_in_the_report_and_its_files_among_the_inputs(reports):
    """Its tables, its figures, its inputs with checksums."""
    folder = reports["Leicestershire"].folder
    page = lxml_html.fromstring((folder / "report.html").read_bytes())
    inputs = {record["path"] for record in json.loads((folder / "manifest.json").read_text())["inputs"]}

    assert 6 == len(page.xpath("//section[starts-with(@aria-labelledby, 't-governance-')]"))
    assert {"risks.csv", "actions.csv", "recommendations.csv", "meetings.csv", "schools_forum_votes.csv"} <= {
        Path(name).name for name in inputs
    }
    assert reports["Leicestershire"].whole


def test_an_authority_without_files_is_told_which_to_bring(reports):
    """One short paragraph; the names of the files stand in the appendix."""
    page = lxml_html.fromstring((reports["Devon"].folder / "report.html").read_bytes())
    text = " ".join(page.itertext())

    assert "Not held: votes, recommendations, a risk register, an action log and a survey." in text
    assert "votes.csv, recommendations.csv, risks.csv, actions.csv and survey.csv" in text
    assert not page.xpath("//section[starts-with(@aria-labelledby, 't-governance-')]")


def test_without_files_every_block_but_the_answer_is_nothing(facts_on):
    """No empty table."""
    page = Page("governance", governance.TITLE, governance.QUESTION, 8, facts_on("Devon"), Papers({}, None, {}))

    made = [block(page) for block in blocks_of("governance")]

    assert 1 == sum(isinstance(block, Block) for block in made)
