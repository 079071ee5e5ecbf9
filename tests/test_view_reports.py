"""Saved views in a report: a section of their own, traced, recorded and verified; none where none is asked for."""

import csv
import itertools
import json
import shutil
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner
from pypdf import PdfReader

from highneeds import params
from highneeds.cli import main
from highneeds.engine.job import Job
from highneeds.engine.plan import choose, plan
from highneeds.errors import DisclosureError, ParamsError
from highneeds.report import frames
from highneeds.report.made_from import made_from
from highneeds.report.notebooks import FILES, LIMITS
from highneeds.report.page_text import parse, without_source
from highneeds.report.run import make_report
from highneeds.report.verify import verify
from highneeds.sections import explored, open_page
from highneeds.sections.explored.drawn import fresh
from highneeds.sections.explored.saved import read_saved
from highneeds.sections.local import read_local
from highneeds.views import View, view_yaml
from tests.conftest import DEMO_DAY, ROOT

SECTIONS = ("sen_support",)
RUTLAND = "E06000017"
SAVED = {
    "plans": {"measure": "ehc_plans", "first": "2015", "horizon": 2},
    "issued": {"measure": "plans_issued", "first": "2016"},
    "issued-lately": {"measure": "plans_issued", "first": "2022", "interval": 95},
    "more-entries": {"measure": "ehc_plans", "entry_rate": 1.2, "horizon": 5},
}


def save(folder: Path, name: str, authority: str = "Rutland", **asked) -> Path:
    """A view as the explorer saves it."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.yml"
    path.write_bytes(view_yaml(View(authority=authority, as_at=date(2026, 1, 31), **asked)))
    return path


def rows(folder: Path, name: str) -> list[dict]:
    with (folder / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def manifest(folder: Path) -> dict:
    return json.loads((folder / "manifest.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Four views of Rutland."""
    folder = tmp_path_factory.mktemp("views")
    return [save(folder, name, **asked) for name, asked in SAVED.items()]


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """A report without views."""
    return make_report(ROOT, "Rutland", sections=SECTIONS, out=tmp_path_factory.mktemp("plain"))


@pytest.fixture(scope="module")
def shown(tmp_path_factory, files):
    """The same with two views."""
    return make_report(ROOT, "Rutland", sections=SECTIONS, views=files[:2], out=tmp_path_factory.mktemp("shown"))


@pytest.fixture(scope="module")
def page():
    """A page to draw on."""
    return open_page("explored", explored.TITLE, explored.QUESTION, authority="Rutland")


def test_without_a_view_nothing_of_views_is_in_a_report(plain):
    """Neither on its pages nor in its record: earlier reports stand."""
    held = manifest(plain.folder)

    assert {"authority", "as_at", "sections", "frame", "neighbours", "scenario"} == set(held["parameters"])
    assert [] == [name for name in held["made_from"] if "view" in name or "explored" in name]
    assert not (plain.folder / "views").exists()
    assert "xplore" not in (plain.folder / "report.html").read_text(encoding="utf-8")


def test_views_change_nothing_else_of_a_report(plain, shown):
    """The other sections' figures and sentences are those of the report without views."""
    for name in ("figures.csv", "claims.csv"):
        others = [row for row in rows(shown.folder, name) if row["section"] != "explored"]
        assert rows(plain.folder, name) == others


def test_each_view_has_chart_table_and_sentences_with_traced_figures(shown):
    """No number without its source or its formula, and every file says where it came from."""
    text = (shown.folder / "report.html").read_text(encoding="utf-8")
    figures = [row for row in rows(shown.folder, "figures.csv") if row["section"] == "explored"]

    assert shown.whole
    for id in ("plans", "issued"):
        assert f'id="f-explored-{id}"' in text and f'id="t-explored-{id}"' in text
        assert any(f"explored.{id}_beside" == row["id"] for row in rows(shown.folder, "claims.csv"))
    assert figures and all(row["source"] and row["reference"] for row in figures)
    assert {"ehc_plans.rutland.2025", "plans_issued.rutland.2024"} <= {row["id"] for row in figures}
    assert [] == without_source(parse(text.encode()))


def test_views_are_recorded_with_their_order_and_checksum(shown, files):
    """As inputs, as parameters and as what the report follows from; by name, and from no place of this machine."""
    held, saved = manifest(shown.folder), read_saved(files[:2])

    assert ["plans.yml", "issued.yml"] == held["parameters"]["views"]
    assert ["sen_support", "explored"] == held["parameters"]["sections"]
    assert "plans.yml,issued.yml" == held["made_from"]["setting views"]
    assert saved[0].sha256 == held["made_from"]["view plans.yml"]
    told = {item["path"]: item["sha256"] for item in held["inputs"] if item["path"].startswith("views/")}
    assert {f"views/{each.name}": each.sha256 for each in saved} == told
    assert told == {item["path"]: item["sha256"] for item in held["outputs"] if item["path"].startswith("views/")}
    executed = (shown.folder / "notebooks" / FILES["explored"]).read_text(encoding="utf-8")
    assert str(files[0].parent) not in executed and "./views/plans.yml" in executed


def test_the_copy_in_the_report_is_what_the_view_asks_for(shown, tmp_path):
    """Neither authority nor day nor what somebody noted in it; and it can be given again, for any authority."""
    copy = shown.folder / "views" / "plans.yml"
    noted = tmp_path / "plans.yml"
    noted.write_text("# for Jane\nmeasure: ehc_plans\nhorizon: 2\nfirst: '2015'\n", encoding="utf-8")

    text = copy.read_text(encoding="utf-8")

    assert "authority" not in text and "as_at" not in text and "cases" not in text
    assert [each.content for each in read_saved([noted])] == [copy.read_bytes()]


def test_a_report_with_views_holds_when_it_is_made_again(shown):
    """From the copies in its own folder: the analyst's files may be gone."""
    found = verify(ROOT, shown.folder)

    assert ((), ()) == (found.faults, found.notes)


def test_a_view_that_was_changed_in_the_report_is_told(shown, tmp_path):
    """As a file of the report, and as an input."""
    spoilt = shutil.copytree(shown.folder, tmp_path / "rutland" / shown.folder.name)
    copy = spoilt / "views" / "plans.yml"
    copy.write_text(copy.read_text(encoding="utf-8").replace("2015", "2016"), encoding="utf-8")

    found = verify(ROOT, spoilt, quick=True)

    assert "views/plans.yml: was changed after it was made (its checksum is not the manifest's)." in found.faults
    assert "Input changed: view plans.yml changed." in found.faults
    copy.unlink()
    assert "views/plans.yml: is missing." in verify(ROOT, spoilt, quick=True).faults


def test_what_changes_in_a_view_makes_its_section_again_and_no_other(tmp_path):
    """A comment or another day changes nothing; another period does, and says so."""
    told = []
    view = save(tmp_path / "views", "plans", first="2015")
    asked = {"sections": SECTIONS, "views": [view], "out": tmp_path / "out", "tell": told.append}
    make_report(ROOT, "Rutland", **asked)
    view.write_bytes(b"# a note\n" + view.read_bytes().replace(b"2026-01-31", b"2026-02-28"))
    again = make_report(ROOT, "Rutland", **asked)
    save(tmp_path / "views", "plans", first="2016")
    told.clear()
    changed = make_report(ROOT, "Rutland", **asked)
    gone = plan(
        ROOT, choose(_areas(), ["Rutland"]), out=tmp_path / "out", sections=SECTIONS, limits=LIMITS, at_once=1
    )  # fmt: skip

    assert again.unchanged
    assert ("view plans.yml changed",) == changed.reasons
    kept = {event["section"]: event["kept"] for event in told if event["event"] == "section"}
    assert {"sen_support": True, "explored": False} == kept
    assert "setting views is gone" in gone[0].reasons and "view plans.yml is gone" in gone[0].reasons


def test_a_view_that_was_saved_is_no_input_of_reports_that_do_not_ask_for_it(project):
    """The explorer saves views among the authority's data: a schedule must not make all its reports again."""
    wanted = {"code": RUTLAND, "sections": SECTIONS}
    before = made_from(project, "rutland", **wanted)
    save(project / "data" / "raw" / "rutland" / "views", "plans")

    assert before == made_from(project, "rutland", **wanted)


def values(made) -> dict:
    return {id: (figure.value, figure.status, figure.text) for id, figure in made.figures.items()}


@pytest.mark.parametrize("pair", list(itertools.combinations(range(len(SAVED)), 2)), ids=str)
def test_two_views_in_either_order_give_the_same_figures_and_sentences(page, files, pair):
    """Also two of one measure over other years, whose neighbours with figures differ."""
    first, other = fresh(page), fresh(page)
    for made, at in ((first, pair), (other, pair[::-1])):
        made.kept = {}
        explored.views.each(made, [str(files[number]) for number in at])

    assert values(first) == values(other)
    assert {c.id: c.text for c in first.claims} == {c.id: c.text for c in other.claims}


def test_by_hand_and_on_schedule_give_the_same_figures(shown, files, monkeypatch):
    """An analyst types the files of the views into the notebook's parameters."""
    book = json.loads((ROOT / "notebooks" / FILES["explored"]).read_text(encoding="utf-8"))
    space: dict = {}
    for cell in (cell for cell in book["cells"] if cell["cell_type"] == "code"):
        source = "".join(cell["source"]).replace('"Kent"', '"Rutland"')
        exec(source.replace("views = []", f"views = {[str(path) for path in files[:2]]!r}"), space)  # noqa: S102
    scheduled = [row for row in rows(shown.folder, "figures.csv") if row["section"] == "explored"]

    assert {row["id"]: row["printed"] for row in scheduled} == {
        id: figure.text for id, figure in space["page"].figures.items()
    }


def test_no_view_at_all_is_said_with_what_to_do(page):
    """The notebook as it is in git."""
    made = fresh(page)
    made.kept = {}

    said = explored.views.answer(made, []).markup

    assert "No saved view is given. Save one in the explorer" in said
    assert explored.views.each(made, []) is None


# ---- Faults ----------------------------------------------------------------------------------------------------------


def _areas():
    from highneeds.files import panel_folder
    from highneeds.sources.panel import read_areas

    return read_areas(panel_folder(ROOT))


def test_all_faults_of_all_view_files_are_told_together_and_nothing_is_made(tmp_path):
    """Each with its file, what was found and what to do; no traceback."""
    (tmp_path / "broken.yml").write_text("measure: [", encoding="utf-8")
    (tmp_path / "odd.yml").write_text("measure: ehc_plan\nhorizont: 3\ninterval: 81\n", encoding="utf-8")
    (tmp_path / "view.txt").write_text("measure: ehc_plans\n", encoding="utf-8")
    given = [tmp_path / name for name in ("broken.yml", "odd.yml", "view.txt")]
    options = [part for path in given for part in ("--view", str(path))]

    done = CliRunner().invoke(main, ["report", "Rutland", *options, "--out", str(tmp_path / "out")])

    lines = done.output.splitlines()
    assert 1 == done.exit_code and "Traceback" not in done.output
    assert ["broken.yml", "odd.yml", "odd.yml", "odd.yml", "view.txt"] == [line.partition(":")[0] for line in lines]
    assert "Did you mean 'horizon'?" in done.output and "Nearest: ehc_plans" in done.output
    assert not list((tmp_path / "out").glob("rutland/*"))


def test_a_view_of_another_authority_is_refused_unless_it_leaves_the_authority_out(tmp_path):
    """Kent's story would otherwise be told of Rutland."""
    kent = save(tmp_path, "kent", authority="Kent")
    (tmp_path / "anybody.yml").write_text("measure: school_ehc_pupils\nauthority: ''\n", encoding="utf-8")
    asked = {"out": tmp_path, "sections": SECTIONS, "limits": LIMITS, "at_once": 1}

    with pytest.raises(ParamsError) as told:
        plan(ROOT, choose(_areas(), ["Rutland", "Kent"]), views=[kent, tmp_path / "anybody.yml"], **asked)
    with pytest.raises(ParamsError, match="whom the report is about"):
        make_report(ROOT, "Rutland", views=[kent], sections=SECTIONS, out=tmp_path)
    planned = plan(ROOT, choose(_areas(), ["Rutland", "Kent"]), views=[tmp_path / "anybody.yml"], **asked)

    assert (
        "kent.yml: parameter 'authority': found 'Kent'. Expected Rutland, whom the report is about. Take it out of the "
        "file, so that the view is of any authority, or report on Kent alone.",
    ) == told.value.faults
    assert [["sen_support", "explored"]] * 2 == [each.job.sections for each in planned]
    assert all(Job.model_validate_json(each.job.model_dump_json()) == each.job for each in planned)


def test_neighbours_scenarios_and_cases_of_a_view_are_the_reports_or_are_refused(tmp_path):
    """What a view names must be what the report has: nothing is left out in silence."""
    view = save(tmp_path, "own", neighbours="Devon, Essex", scenario="late", cases="somewhere")
    asked = {"out": tmp_path, "sections": SECTIONS, "views": [view], "limits": LIMITS, "at_once": 1}

    with pytest.raises(ParamsError) as told:
        plan(ROOT, choose(_areas(), ["Rutland"]), **asked)
    given = {"neighbours": "E10000012,E10000008", "scenario": "late.yml", "cases": Path("somewhere")}
    [planned] = plan(ROOT, choose(_areas(), ["Rutland"]), **asked, **given)

    assert ["neighbours", "scenario", "cases"] == [line.split("'")[1] for line in told.value.faults]
    assert all("Take it out of the file, or give the report --" in line for line in told.value.faults)
    assert planned.to_make


def test_views_that_cannot_be_told_apart_are_refused(tmp_path):
    """By name and by content."""
    one, two = save(tmp_path / "a", "plans", first="2015"), save(tmp_path / "b", "plans", first="2016")
    three = save(tmp_path / "c", "others", authority="Kent", first="2015")

    with pytest.raises(ParamsError) as told:
        read_saved([one, two, three])

    assert ["plans.yml: is called as plans.yml", "others.yml: asks for the same as plans.yml"] == [
        line.partition(".yml. ")[0] + ".yml" for line in told.value.faults
    ]


def test_what_a_view_asks_for_and_nobody_holds_is_told_before_anything_runs(tmp_path):
    """Parts and periods of all views together, each with those there are."""
    views = [save(tmp_path, "part", breakdown="Wizardry"), save(tmp_path, "years", first="1999", last="2001")]

    with pytest.raises(ParamsError) as told:
        make_report(ROOT, "Rutland", sections=SECTIONS, views=views, out=tmp_path / "out")

    assert ["part.yml", "years.yml"] == [line.partition(":")[0] for line in told.value.faults]
    assert not list((tmp_path / "out").glob("rutland/*"))


def test_their_section_cannot_be_asked_for_without_them(tmp_path):
    """With what to do."""
    done = CliRunner().invoke(main, ["report", "Rutland", "--sections", "explored", "--out", str(tmp_path)])

    assert 1 == done.exit_code
    assert "section 'explored': found no saved view. Expected some: give --view FILE." in done.output


# ---- Forms -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("frame", frames.FRAMES.values(), ids=lambda frame: frame.name)
def test_views_have_their_place_in_every_form(frame):
    """After all that is no appendix, whatever was chosen; and no place without views."""
    appendices = len(params.APPENDICES)

    whole, few = frame.chosen((), views=True), frame.chosen(("requests", "data_quality"), views=True)

    assert frame.sections == frame.chosen(())
    assert (*frame.sections[:-appendices], "explored", *params.APPENDICES) == whole
    assert ("requests", "explored", "data_quality") == few
    assert ("explored",) == frame.chosen(("explored",), views=True)
    assert whole == frame.chosen(whole, views=True)
    assert [] == [group for group, _ in frames.grouped(frame, []) if "explored" in group.slugs]


def test_the_management_plan_shows_views_under_a_heading_of_their_own(tmp_path, files):
    """Its other headings are the department's."""
    made = make_report(ROOT, "Rutland", frame="dsg-plan", sections=SECTIONS, views=files[:1], out=tmp_path)
    text = (made.folder / "report.html").read_text(encoding="utf-8")

    assert made.whole
    assert 'id="tab-explored"' in text and 'id="f-explored-plans"' in text


def test_a_briefing_takes_the_first_view_as_its_chart(tmp_path, files):
    """It is one page, and whoever names a view wants to see it."""
    made = make_report(ROOT, "Rutland", frame="briefing", sections=SECTIONS, views=files[1:3], out=tmp_path)
    text = (made.folder / "report.html").read_text(encoding="utf-8")

    assert made.whole and 1 == len(PdfReader(made.folder / "report.pdf").pages)
    assert 'id="f-explored-issued"' in text and 'id="f-explored-issued-lately"' not in text


def test_a_report_of_views_alone_has_no_empty_first_page(tmp_path, files):
    """No heading without anything beneath it, and no line of the contents that leads there."""
    made = make_report(ROOT, "Rutland", sections=["explored"], views=files[:1], out=tmp_path)
    text = (made.folder / "report.html").read_text(encoding="utf-8")

    assert made.whole and "At a glance" not in text and 'id="s-explored"' in text


# ---- Case data -------------------------------------------------------------------------------------------------------


def test_a_view_passes_the_same_guard_as_everything_else(demo_cases, tmp_path):
    """Were a child's number in the name of a view's file, the report would not be published."""
    cases = demo_cases / "blade_csv"
    persons = read_local(cases, la_code="886").cases.persons
    upn = str(persons["upn"].dropna().iloc[0])
    asked = {"cases": cases, "sections": ["data_quality"], "as_at": DEMO_DAY, "out": tmp_path / "out"}

    with pytest.raises(DisclosureError):
        make_report(ROOT, "Kent", views=[save(tmp_path, upn, authority="Kent")], **asked)
    assert not list((tmp_path / "out").glob("kent-invented/*/report.html"))
    made = make_report(ROOT, "Kent", views=[save(tmp_path, "plans", authority="Kent")], **asked)

    assert made.whole
    assert upn not in (made.folder / "manifest.json").read_text(encoding="utf-8")
