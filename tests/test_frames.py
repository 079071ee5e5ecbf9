"""The forms of a report: the same sections in another order and another front, each in a folder of its own."""

import csv
import json
import re
from datetime import date

import pikepdf
import pytest
from click.testing import CliRunner
from lxml import html as lxml_html

from highneeds import params
from highneeds.cli import FRAME_NAMES, main
from highneeds.errors import ParamsError, SourceError
from highneeds.report import frames
from highneeds.report.dsg_plan import plan_lines
from highneeds.report.front import read_front
from highneeds.report.made_from import finished, made_from
from highneeds.report.render import lowered
from highneeds.report.run import make_report
from highneeds.report.site import read_entries, write_site
from tests.conftest import ROOT
from tests.test_report import RULES, text_of

DAY = date(2026, 4, 8)
OTHERS = ("forum", "dsg-plan", "briefing")


@pytest.fixture(scope="module")
def shown(made):
    """Every form on Kent, and the forum's on Leicestershire."""
    forms = {("Kent", "scrutiny"): made["Kent"]} | {("Kent", frame): made.form("Kent", frame) for frame in OTHERS}
    return forms | {("Leicestershire", "forum"): made.form("Leicestershire", "forum")}


def page_of(report, build="report"):
    return lxml_html.fromstring((report.folder / f"{build}.html").read_bytes())


def test_every_section_has_its_place_in_every_form():
    """A section that a form forgot would be lost without a word."""
    for frame in frames.FRAMES.values():
        assert sorted(params.SECTIONS) == sorted(frame.sections), frame.name
        assert params.APPENDICES == frame.sections[-len(params.APPENDICES) :], frame.name


def test_the_command_and_the_suite_know_the_same_forms():
    """The command keeps its own list only so that help stays quick."""
    assert tuple(frames.FRAMES) == FRAME_NAMES


def test_no_two_forms_share_a_folder_and_each_folder_says_its_form():
    """A forum's report must not take the place of the committee's."""
    folders = {frame.folder(DAY): name for name, frame in frames.FRAMES.items()}

    assert len(frames.FRAMES) == len(folders)
    assert "scrutiny" == folders["2026-04-08"]
    assert folders == {folder: frames.of_folder(folder) for folder in folders}


def test_an_unknown_form_is_refused_with_those_there_are(tmp_path):
    """By the command and by the library."""
    done = CliRunner().invoke(main, ["report", "Kent", "--frame", "leaflet"])

    assert 2 == done.exit_code and "dsg-plan" in done.output
    with pytest.raises(ParamsError, match="frame 'leaflet'"):
        make_report(ROOT, "Kent", frame="leaflet", out=tmp_path)


def test_money_comes_first_at_the_forum_and_numbers_follow(shown):
    """Section 1 of the forum's report is finance, its tables are 1.1 and on."""
    page = page_of(shown["Kent", "forum"])
    heads = [text_of(node) for node in page.xpath("//main/section/h2")]

    assert any(re.fullmatch(r"1 Finance.*", head) for head in heads)
    numbers = [text_of(node) for node in page.xpath("//section[@id='s-finance']//caption//span[@class='nr']")]
    assert numbers and all(number.startswith("Table 1.") for number in numbers)


def test_each_form_stands_in_a_folder_of_its_own_and_its_manifest_names_it(shown):
    """All stand side by side after all were made."""
    for frame in frames.FRAMES:
        folder = shown["Kent", frame].folder
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))

        assert frames.FRAMES[frame].folder(shown["Kent", frame].as_at) == folder.name
        assert (frame, frame) == (manifest["parameters"]["frame"], manifest["made_from"]["setting frame"])
        assert () == shown["Kent", frame].faults


def test_a_briefing_runs_no_notebook_where_the_report_stands(tmp_path):
    """It numbers tables as the full report does, so it takes that report's sections as they are; a plan cannot."""
    kept = {}
    for frame in ("scrutiny", "briefing", "dsg-plan"):
        told = []
        asked = {"sections": ("finance", "sen_support"), "frame": frame, "out": tmp_path, "tell": told.append}
        make_report(ROOT, "Rutland", **asked)
        kept[frame] = [event["kept"] for event in told if event["event"] == "section"]

    assert {"scrutiny": [False] * 2, "briefing": [True] * 2, "dsg-plan": [False] * 2} == kept


@pytest.mark.parametrize("frame", OTHERS)
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__.removeprefix("test_"))
def test_every_form_keeps_the_rules_of_a_page(shown, frame, rule):
    """Headings, tables, links, ids and words, as on the committee's page; a briefing has one picture."""
    for build in ("report", "audit"):
        page = page_of(shown["Kent", frame], build)
        if rule.__name__ == "test_every_picture_has_words_of_its_own":
            alts = page.xpath("//img/@alt")
            assert alts and all(len(alt) > 40 and re.search(r"\d", alt) for alt in alts)
        else:
            rule(page)


def test_every_number_of_every_form_is_in_its_list_of_figures(shown):
    """Also those of the front: seats of members, lines of the plan."""
    for key, report in shown.items():
        with (report.folder / "figures.csv").open(encoding="utf-8", newline="") as file:
            figures = {row["id"]: row for row in csv.DictReader(file)}
        page = page_of(report)
        if key[1] == "briefing":
            marked = page.xpath("//*[@data-figure]")
            assert marked and all(node.get("data-figure") in figures for node in marked)
        elif key[1] != "scrutiny":
            wanted = {node.get("data-figure") for node in page.xpath("//*[@data-figure]")}
            assert wanted <= set(figures) and len(wanted) > 50
            for id in wanted:
                assert figures[id]["unit"] and figures[id]["period"] and figures[id]["reference"], id


def test_the_briefing_is_one_page_with_seven_figures_at_most(shown):
    """One A4 page that can be printed and read; one chart."""
    report = shown["Kent", "briefing"]
    page = page_of(report)

    with pikepdf.open(report.folder / "report.pdf") as document:
        assert 1 == len(document.pages)
    assert 1 <= len(page.xpath("//li[@class='key']")) <= 7
    assert 1 == len(page.xpath("//main//img"))
    heads = [text_of(node) for node in page.xpath("//main//h2")]
    assert ["Key figures", "In one chart", "What has changed", "What we do not know", "Recommendations"] == heads
    full = {text_of(node) for node in page_of(shown["Kent", "scrutiny"]).xpath("//li")}
    for item in page.xpath("//section[@id='news' or @id='gaps']//li"):
        assert text_of(item) in full


def test_the_forum_is_told_who_may_vote_or_which_file_would_say(shown):
    """Leicestershire's members are held, Kent's are not."""
    held = page_of(shown["Leicestershire", "forum"])
    rows = held.xpath("//table[caption[@id='t-forum-decides']]/tbody/tr")
    kent = text_of(page_of(shown["Kent", "forum"]))

    assert "All members" == text_of(rows[-1][0])
    assert int(text_of(rows[-1][1])) == sum(int(text_of(row[1])) for row in rows[:-1])
    assert "The forum is asked to:" in kent and "The file forum.yml in the authority's folder" in kent
    assert any("forum.yml" in text_of(item) for item in page_of(shown["Kent", "forum"]).xpath("//*[@id='missing']//li"))


def test_the_plan_stands_under_the_headings_of_the_departments_template(shown):
    """In their order; a section's headings are one level down there."""
    page = page_of(shown["Kent", "dsg-plan"])
    heads = [text_of(node) for node in page.xpath("//main//h2")]
    tabs = ["Introduction", "Narrative summary", "Financial summary", "Children and young people summary"]
    tabs += ["Governance and workstream log", "Stakeholder engagement", "Provision"]

    assert tabs == [head for head in heads if head in tabs]
    assert "s-finance" in page.xpath("//section[@id='tab-financial-summary']//section/@id")
    assert "s-places" in page.xpath("//section[@id='tab-provision']//section/@id")
    assert not page.xpath("//section[starts-with(@id, 's-') and not(@class)]//h2")


def test_unmitigated_and_mitigated_lines_stand_in_one_table(shown):
    """Kent: £97.0m in both on 31 March 2025, then apart: the plan's £30.0m against £367.6m."""
    rows = page_of(shown["Kent", "dsg-plan"]).xpath("//table[caption[@id='lines-table']]/tbody/tr")
    lines = {text_of(row[0]): [text_of(cell) for cell in row[1:]] for row in rows}
    printed = {"2024-25": "£97.0m", "2025-26": "£95.0m", "2026-27": "£79.0m", "2027-28": "£30.0m"}

    assert list(printed.values()) == lines["Mitigated: balance of the plan as printed"]
    point = lines["Unmitigated: balance if the pattern continued"]
    assert ("£97.0m", "£367.6m") == (point[0], point[-1])


def test_a_line_with_a_gap_is_no_line():
    """A year that is not printed leaves the line out: no cell may stand empty."""
    name = "dsg_balance_outlook.kent.{}.accumulated-{}-point"
    figures = [{"id": name.format(year, "unmitigated"), "value": 1.0} for year in ("2024-25", "2025-26")]
    figures += [{"id": name.format("2024-25", "mitigated"), "value": 1.0}]

    lines = plan_lines(figures)

    assert ["2024-25", "2025-26"] == lines.years
    assert ["Unmitigated: balance if the pattern continued"] == [row for row, _ in lines.rows]
    assert not lines.mitigated and plan_lines([]) is None


def test_what_the_template_asks_and_is_not_held_is_named_with_its_file(shown):
    """Kent has no savings file and no capacity file; its unmitigated line is there and is not named."""
    rows = page_of(shown["Kent", "dsg-plan"]).xpath("//table[caption[@id='asked-table']]/tbody/tr")
    asked = {text_of(row[0]): text_of(row[2]) for row in rows}

    assert "planning/savings.csv" in asked["Mitigated forecast: the savings planned, each with its chance"]
    assert "planning/capacity.csv" in asked["Places there are and will be"]
    assert "Unmitigated forecast of the balance" not in asked and "Lines of each year" not in asked


def test_headings_go_down_one_level_and_nothing_else_changes():
    """Where a section stands under a heading of the plan."""
    assert '<h4 class="a">x</h4><hr><h5>y</h5><p>h3</p>' == lowered('<h3 class="a">x</h3><hr><h4>y</h4><p>h3</p>')


def test_one_form_says_nothing_of_another(shown):
    """The committee's report stands; a forum's of all sections was never made, although a short one was."""
    reports = shown["Kent", "scrutiny"].folder.parents[1]
    asked = {"code": "E10000016", "sections": params.SECTIONS}

    assert finished(reports, "kent", made_from(ROOT, "kent", **asked)).stands
    lacks = finished(
        reports, "leicestershire", made_from(ROOT, "leicestershire", code="E10000018", sections=(), frame="dsg-plan")
    )
    assert ("it was never made",) == lacks.reasons
    short = finished(reports, "kent", made_from(ROOT, "kent", **asked, frame="forum"))
    assert short.folder.name.endswith("-forum") and any("setting sections" in line for line in short.reasons)


def test_the_index_names_the_other_forms(shown):
    """One entry an authority, its committee report first; what moved is never read across forms."""
    reports = shown["Kent", "scrutiny"].folder.parents[1]
    page, count, faults = write_site(reports)
    document = lxml_html.fromstring(page.read_bytes())
    kent = document.xpath("//li[@data-name='Kent']")[0]
    links = [(text_of(a), a.get("href")) for a in kent.xpath(".//h3[text()='Other forms']/following-sibling::ul[1]//a")]

    assert (len(list(reports.glob("*/*/report.html"))), []) == (count, faults)
    assert {f"kent/2026-04-08-{frame}/report.html" for frame in OTHERS} == {href for _, href in links}
    assert any("report to the schools forum" in words for words, _ in links)
    assert not kent.xpath(".//details") and "was " not in text_of(kent.xpath(".//section")[0])
    assert {"scrutiny", *OTHERS} == {entry.frame for entry in read_entries(reports)[0] if entry.authority == "Kent"}


def write_front(tmp_path, text):
    (tmp_path / "committee.yml").write_text(text, encoding="utf-8")
    return tmp_path


def test_what_is_said_of_one_form_counts_there_alone(tmp_path):
    """The forum's day is not the committee's; who it is from is the same."""
    folder = write_front(tmp_path, "to: Cabinet\nfrom: An officer\nforum:\n  meeting_date: 2026-06-16\n")

    committee, forum = read_front(folder), read_front(folder, "forum")

    assert ("Cabinet", "An officer", "to be set") == tuple(committee[n] for n in ("to", "from", "meeting_date"))
    assert ("Schools forum", "An officer", date(2026, 6, 16)) == tuple(forum[n] for n in ("to", "from", "meeting_date"))


def test_faults_of_every_form_are_told_together(tmp_path):
    """Whatever form is asked for: the officer mends the file once."""
    text = "comittee: x\nforum:\n  two: y\n  recommendations: note\nbriefing: short\n"

    with pytest.raises(SourceError) as found:
        read_front(write_front(tmp_path, text), "dsg-plan")

    lines = "\n".join(found.value.faults)
    assert 4 == len(found.value.faults)
    assert "'comittee' is not known" in lines and ", forum: 'two' is not known" in lines
    assert "not a list of sentences" in lines and "briefing is not followed by lines" in lines
