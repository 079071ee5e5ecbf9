"""What a report follows from: nothing is made twice, everything that changed is, and the reason is named."""

import json
import os
import shutil
from datetime import date
from pathlib import Path

import pytest

from highneeds.report import made_from as made
from highneeds.report import run as making
from highneeds.report.notebooks import FILES
from highneeds.report.run import make_report
from tests.conftest import ROOT

SECTIONS = ("timeliness", "sen_support")
DAY = "2026-04-08"


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A project of its own, and a report of two sections on Rutland in it."""
    home = tmp_path_factory.mktemp("project") / "home"
    shutil.copytree(ROOT / "notebooks", home / "notebooks")
    shutil.copytree(ROOT / "data", home / "data", ignore=shutil.ignore_patterns("official"))
    (home / "data" / "raw" / "rutland").mkdir()
    report(home)
    return home


@pytest.fixture
def home(project, tmp_path):
    """The same to spoil."""
    return Path(shutil.copytree(project, tmp_path / "home"))


def report(home, **given):
    """The report, and what was told of each section: kept or made."""
    told = []
    asked = {"sections": SECTIONS, "out": home / "reports"} | given
    done = make_report(home, "Rutland", tell=told.append, **asked)
    return done, {event["section"]: event["kept"] for event in told if event["event"] == "section"}


def stamps(folder):
    return {path.relative_to(folder).as_posix(): path.stat().st_mtime_ns for path in folder.rglob("*")}


def test_a_report_that_follows_from_the_same_is_left_as_it_is(home):
    """A schedule that runs every day makes what changed, and nothing else."""
    folder = home / "reports" / "rutland" / DAY
    before = stamps(folder)

    done, sections = report(home)

    assert (True, True, folder.resolve(), date.fromisoformat(DAY)) == (
        done.unchanged,
        done.whole,
        done.folder.resolve(),
        done.as_at,
    )
    assert {} == sections
    assert before == stamps(folder)


def test_force_makes_it_again_with_the_same_bytes(home):
    """Same inputs, same bytes: also in the work folder and the manifest."""
    folder = home / "reports" / "rutland" / DAY
    before = {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}

    done, sections = report(home, force=True)

    assert not done.unchanged and ("--force was given",) == done.reasons
    assert dict.fromkeys(SECTIONS, False) == sections
    assert before == {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def _touch_notebook(home):
    path = home / "notebooks" / FILES["sen_support"]
    path.write_text(path.read_text(encoding="utf-8").replace('"id": "title"', '"id": "title2"'), encoding="utf-8")


def _touch_front(home):
    (home / "data" / "raw" / "rutland" / "committee.yml").write_text("to: Somebody else\n", encoding="utf-8")


def _touch_panel(home):
    path = home / "data" / "processed" / "panel" / "sources.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("Education", "Education ", 1), encoding="utf-8")


def _damage(home):
    path = home / "reports" / "rutland" / DAY / "report.html"
    path.write_text(path.read_text(encoding="utf-8").replace("Rutland", "Rut1and", 1), encoding="utf-8")


def _lose(home):
    (home / "reports" / "rutland" / DAY / "data" / "tables.ods").unlink()


def _spoil_manifest(home):
    (home / "reports" / "rutland" / DAY / "manifest.json").write_text("{", encoding="utf-8")


MADE, KEPT = dict.fromkeys(SECTIONS, False), dict.fromkeys(SECTIONS, True)
CHANGES = [
    (_touch_notebook, "notebook 30_sen_support.ipynb changed", {"timeliness": True, "sen_support": False}),
    (_touch_front, "input rutland/committee.yml is new", KEPT),
    (_touch_panel, "input data/processed/panel/sources.csv changed", MADE),
    (_damage, "report.html was changed after it was made", KEPT),
    (_lose, "data/tables.ods is missing", KEPT),
    (_spoil_manifest, "its manifest cannot be read", KEPT),
]


@pytest.mark.parametrize(("change", "reason", "sections"), CHANGES, ids=lambda value: getattr(value, "__name__", ""))
def test_what_changed_is_made_again_with_its_reason(home, change, reason, sections):
    """Only the sections that follow from what changed run again."""
    change(home)

    done, made_again = report(home)

    assert (reason,) == done.reasons
    assert sections == made_again
    assert report(home)[0].unchanged


def test_parameters_code_and_packages_count(home, monkeypatch):
    """An upgrade, another day or other sections give another report."""
    monkeypatch.setattr(made, "installed", lambda: {"pandas": "9.9"})
    monkeypatch.setattr(made, "code_checksum", lambda: "another")
    wanted = made.made_from(home, "rutland", code="E06000017", sections=("sen_support",), as_at=date(2025, 1, 1))

    found = made.finished(home / "reports", "rutland", wanted)

    told = " | ".join(found.reasons)
    assert not found.stands
    assert "setting as-at was the newest input's, is 2025-01-01" in told
    assert "setting sections was timeliness,sen_support, is sen_support" in told
    assert "the suite's own code changed" in told and "more packages changed" in told


def test_one_package_that_changed_is_named(home, monkeypatch):
    """An operator who upgraded pandas recognises the reason."""
    held = made.installed()
    monkeypatch.setattr(made, "installed", lambda: held | {"pandas": "9.9"})
    wanted = made.made_from(home, "rutland", code="E06000017", sections=SECTIONS)

    [reason] = made.finished(home / "reports", "rutland", wanted).reasons

    assert reason.startswith("package pandas was 3.") and reason.endswith(", is 9.9")


def test_case_data_look_ups_and_settings_count_wherever_they_lie(tmp_path):
    """A changed list of postcodes one folder up changes areas."""
    cases = tmp_path / "cases" / "return"
    cases.mkdir(parents=True)
    (cases / "requests.csv").write_text("a")
    (cases.parent / "postcodes.csv").write_text("b")
    (cases / ".hidden").write_text("c")
    told = made.made_from(ROOT, "rutland", code="E06000017", sections=SECTIONS, cases=cases)

    assert {"case data requests.csv", "case data ../postcodes.csv"} == {n for n in told if n.startswith("case data")}
    alone = made.made_from(ROOT, "rutland", code="E06000017", sections=SECTIONS, cases=cases / "requests.csv")
    assert {"case data requests.csv", "case data ../postcodes.csv"} == {n for n in alone if n.startswith("case data")}


def test_what_a_report_is_made_from_names_no_place_of_this_machine(home):
    """A manifest is published."""
    text = (home / "reports" / "rutland" / DAY / "manifest.json").read_text(encoding="utf-8")

    assert str(home) not in text and os.path.expanduser("~") not in text


def test_a_report_whose_inputs_change_while_it_is_made_is_not_published(home, monkeypatch):
    """Half of one release and half of the next would be true of neither; the report before stands."""
    folder, real = home / "reports" / "rutland" / DAY, making.write_sheets
    before = stamps(folder)

    def meanwhile(*given):
        real(*given)
        _touch_panel(home)

    monkeypatch.setattr(making, "write_sheets", meanwhile)
    with pytest.raises(making.SourceError, match="panel/sources.csv changed. Nothing was published; run it again."):
        report(home, force=True)

    assert before == stamps(folder)


def test_what_a_killed_run_left_is_put_right(home):
    """Killed between two renames, the old report waits under another name; half-filled folders are in the way."""
    reports = home / "reports" / "rutland"
    (reports / DAY).rename(reports / f".{DAY}.old")
    shutil.copytree(reports / f".{DAY}.old", reports / f".{DAY}.x1y2")

    done, sections = report(home)

    assert done.whole and KEPT == sections
    assert [DAY] == [path.name for path in reports.iterdir()]


def test_a_damaged_section_in_store_is_made_again(home):
    """A disk that lies about what it wrote must not reach a committee."""
    place = home / "reports" / ".work" / "sections" / "rutland" / DAY / "sen_support"
    (place / "results.json").write_text("{", encoding="utf-8")
    _touch_front(home)

    done, sections = report(home)

    assert done.whole and {"timeliness": True, "sen_support": False} == sections


def test_sections_are_kept_for_the_newest_report_alone(home):
    """A report each month would leave a megabyte of sections each."""
    report(home, as_at=date(2025, 6, 30), sections=("sen_support",))

    assert ["2025-06-30"] == [path.name for path in (home / "reports" / ".work" / "sections" / "rutland").iterdir()]
    assert report(home)[0].unchanged


def test_the_register_of_released_tables_counts(home):
    """A later report released more: what may be shown beside it has to be judged anew."""
    (home / "reports" / "rutland" / "released.csv").write_text("x", encoding="utf-8")
    wanted = made.made_from(home, "rutland", code="E06000017", sections=SECTIONS)

    assert ("the register of released tables changed",) == made.finished(home / "reports", "rutland", wanted).reasons


def test_the_work_folder_is_closed_to_others(home):
    """What lies in it has not been searched for children yet."""
    assert 0o700 == (home / "reports" / ".work").stat().st_mode & 0o777


def test_a_report_folder_that_leads_elsewhere_is_refused(home, tmp_path):
    """Paths are ours: a link in the folder of reports must not lead a report out of it."""
    shutil.rmtree(home / "reports" / "rutland")
    (tmp_path / "elsewhere").mkdir()
    (home / "reports" / "rutland").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(making.ParamsError, match="leads out of"):
        report(home)

    assert [] == list((tmp_path / "elsewhere").iterdir())


def test_the_manifest_tells_all_of_it(home):
    """An auditor sees what would make another report."""
    told = json.loads((home / "reports" / "rutland" / DAY / "manifest.json").read_text(encoding="utf-8"))["made_from"]

    kinds = {name.split(" ")[0] for name in told}
    assert {"input", "notebook", "setting", "package", "the"} == kinds
