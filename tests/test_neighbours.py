"""Whom an authority is set beside can be chosen: in every section, its words, and what the report follows from."""

import json
import re
from dataclasses import asdict
from datetime import date

import pytest
from click.testing import CliRunner
from lxml import html as lxml_html

from highneeds import terms
from highneeds.cli import main
from highneeds.engine.job import Job
from highneeds.errors import ParamsError
from highneeds.facts import Facts, held_by
from highneeds.models.change.yearly import neighbour_test
from highneeds.params import PLANNED, SECTIONS, find_authority, find_neighbours
from highneeds.report.made_from import made_from
from highneeds.report.notebooks import check_values, parameters_of
from highneeds.report.run import make_report
from highneeds.sections import open_page, requests
from highneeds.sections.change_tests import change_of
from tests.conftest import ROOT
from tests.test_report import test_no_number_in_a_paragraph_is_outside_figures as no_number_in_a_paragraph_is_outside

KENT, ESSEX, DEVON, BRISTOL = "E10000016", "E10000012", "E10000008", "E06000023"


def chosen(panel, named, authority="Kent"):
    return find_neighbours(panel.areas, named, authority=find_authority(panel.areas, authority))


@pytest.fixture(scope="module")
def held(panel):
    """Figures as at a day, shared as a run shares them."""
    return held_by(panel, date(2026, 4, 8))


def facts_with(panel, held, codes, authority="Kent"):
    return Facts(panel, find_authority(panel.areas, authority), date(2026, 4, 8), held, codes)


def test_names_and_codes_are_resolved_in_the_order_given(panel):
    """A comma within a name does not part it."""
    assert (ESSEX, BRISTOL, DEVON) == chosen(panel, "Essex, Bristol, City of, 878")
    assert chosen(panel, "City of London, Devon") == chosen(panel, f"E09000001,{DEVON}")
    assert () == chosen(panel, "  ")


def test_all_faults_of_a_choice_are_told_together(panel):
    """An unknown name, the authority itself, one named twice: one message each, in one go."""
    with pytest.raises(ParamsError) as fault:
        chosen(panel, "Essecks, Kent, Devon, 878")

    told = "\n".join(fault.value.faults)
    assert 3 == len(fault.value.faults)
    assert "'Essecks'" in told and "Essex" in told
    assert "'Kent' is the report's own authority" in told and "'878' is named twice" in told


def test_a_choice_has_two_to_twenty(panel):
    """One authority is no yardstick, and forty are no neighbours."""
    names = panel.areas.query("level == 'local authority' and closed == ''")["area_code"].tolist()
    many = [code for code in names if code != KENT]

    assert 20 == len(chosen(panel, ",".join(many[:20]))) and 2 == len(chosen(panel, ",".join(many[:2])))
    for wrong in (many[:1], many[:21]):
        with pytest.raises(ParamsError, match=f"found {len(wrong)}. Expected 2 to 20"):
            chosen(panel, ",".join(wrong))


def test_pools_and_changes_are_those_of_the_chosen(panel, held):
    """Their counts are summed, and their name says that they were chosen."""
    facts = facts_with(panel, held, (ESSEX, DEVON))
    parts = [facts.get("requests_received", area, "2024").value for area in facts.neighbours]

    pooled = facts.neighbours_pooled("requests_received", "2024")

    assert ["Essex", "Devon"] == [area.name for area in facts.neighbours]
    assert (sum(parts), "Chosen authorities") == (pooled.value, pooled.area)
    assert "chosen-authorities" in pooled.id
    assert terms.STATISTICAL == facts_with(panel, held, ()).others


def test_a_choice_does_not_leak_into_the_next_page_of_the_same_run(panel, held):
    """Tests of change are kept for all pages of a run: by whom they compare with."""
    eight = tuple(chosen(panel, "Essex, Devon, Suffolk, Norfolk, Surrey, Leeds, Bradford, Hampshire"))
    pages = [_page(facts_with(panel, held, codes)) for codes in ((), eight, ())]

    made = [change_of(page, "requests_received", "2021", "2024") for page in pages]

    assert made[0] is made[2] and made[0].others_log_growth != made[1].others_log_growth
    assert (10, 8) == (made[0].k, made[1].k)
    assert "the chosen authorities" in made[1].movement and "statistical" not in made[1].movement
    alone = neighbour_test(
        held.values,
        panel.areas,
        panel.neighbours,
        measure="requests_received",
        area_code=KENT,
        first="2021",
        last="2024",
    )
    assert asdict(alone) == asdict(made[0])


def _page(facts):
    from highneeds.sections.page import Page
    from highneeds.sources.papers import Papers

    return Page("requests", requests.TITLE, requests.QUESTION, 1, facts, Papers({}, None, {}))


def test_a_choice_too_small_for_a_test_is_told_so(panel, held):
    """Two authorities do not say how far authorities differ."""
    made = change_of(_page(facts_with(panel, held, (ESSEX, DEVON))), "requests_received", "2023", "2024")

    assert "Too few of the chosen authorities have usable figures for 2023 and 2024" in made.refusal


def test_parameters_stay_five_and_each_section_takes_its_own():
    """Sections that read planning files keep their scenario and are told the neighbours within `run`."""
    assert all(5 == len(parameters_of(slug)) for slug in SECTIONS)
    assert all(("scenario" in parameters_of(slug)) == (slug in PLANNED) for slug in SECTIONS)
    good = {"authority": KENT, "as_at": "", "cases": ""}
    check_values("finance", good | {"scenario": "", "run": {"neighbours": ESSEX}})
    check_values("requests", good | {"neighbours": ESSEX, "run": {}})
    for slug, wrong in (
        ("requests", {"scenario": ""}),
        ("finance", {"neighbours": ""}),
        ("requests", {"run": {"neighbours": ""}}),
    ):
        with pytest.raises(ParamsError, match="there is none of that name"):
            check_values(slug, good | wrong)


def test_what_a_report_follows_from_holds_the_choice():
    """Another choice is another report; the same by other names is the same."""
    wanted = {"code": KENT, "sections": ("requests",)}
    key = "setting neighbours"

    assert f"{ESSEX},{DEVON}" == made_from(ROOT, "kent", neighbours=f"{ESSEX},{DEVON}", **wanted)[key]
    assert "the statistical ones" == made_from(ROOT, "kent", **wanted)[key]


def test_a_job_takes_codes_and_nothing_else():
    """What comes over a network is checked."""
    asked = {"home": "h", "out": "o", "authority": KENT, "name": "Kent", "sections": []}

    assert Job(**asked, neighbours=f"{ESSEX},{DEVON}").neighbours
    with pytest.raises(ValueError, match="neighbours"):
        Job(**asked, neighbours="Essex; rm")


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        (["Kent", "--neighbours", "Essex"], 1, "Expected 2 to 20"),
        (["Kent", "--neighbours", "Kent, Essex"], 1, "own authority"),
        (["Kent", "Devon", "--neighbours", "Essex, Surrey"], 2, "one authority's"),
    ],
)
def test_the_command_refuses_a_bad_choice_before_anything_runs(words, status, says, tmp_path):
    """A plain line and the exit status of its kind."""
    done = CliRunner().invoke(main, ["report", *words, "--out", str(tmp_path), "--dry-run"])

    assert (status, True) == (done.exit_code, says in done.output)


def test_a_page_is_opened_with_a_choice():
    """As a notebook does it."""
    page = open_page("requests", "t", "q?", authority="Kent", neighbours="Essex, Devon")

    assert ["Essex", "Devon"] == [area.name for area in page.facts.neighbours]


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """Every section of a report on Rutland beside three chosen authorities."""
    return make_report(ROOT, "Rutland", neighbours="Essex, Devon, Kent", out=tmp_path_factory.mktemp("chosen"))


def test_no_section_of_a_report_speaks_of_statistical_neighbours_where_others_were_chosen(report):
    """Headings, captions, columns, sources and sentences; the page says once in whose place they stand."""
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", (report.folder / "report.html").read_text(encoding="utf-8")))

    assert () == report.faults
    assert 1 == len(re.findall("statistical neighbour", text, re.IGNORECASE))
    assert "beside chosen authorities in the place of its statistical neighbours: Essex, Devon and Kent" in text
    assert "chosen authorities" in text.lower() and "similar authorities" not in text


def test_no_number_of_a_refused_test_stands_outside_the_figures(report):
    """With three chosen authorities every test of change is refused, in words that hold no number of their own."""
    page = lxml_html.fromstring((report.folder / "report.html").read_bytes())

    no_number_in_a_paragraph_is_outside(page)
    assert "Too few of the chosen authorities" in page.text_content()


def test_the_manifest_and_the_notebooks_hold_the_choice(report):
    """An auditor can make the report again."""
    manifest = json.loads((report.folder / "manifest.json").read_text(encoding="utf-8"))

    assert [ESSEX, DEVON, KENT] == manifest["parameters"]["neighbours"]
    figures = (report.folder / "figures.csv").read_text(encoding="utf-8")
    assert "Chosen authorities" in figures and "Statistical neighbours" not in figures
