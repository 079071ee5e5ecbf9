"""verify: a fresh report holds; one byte, sentence, figure, file or input that is changed is told in words."""

import json
import shutil
from datetime import date

import pytest
from click.testing import CliRunner

from highneeds.cli import main
from highneeds.report.made_from import checksum
from highneeds.report.manifest import Manifest
from highneeds.report.run import make_report
from highneeds.report.verify import verify
from tests.conftest import ROOT

SECTIONS = ("requests", "sen_support")


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A project of its own, whose inputs may be changed and put back."""
    place = tmp_path_factory.mktemp("verify") / "project"
    shutil.copytree(ROOT / "notebooks", place / "notebooks")
    shutil.copytree(ROOT / "data", place / "data", ignore=shutil.ignore_patterns("official"))
    return place


@pytest.fixture(scope="module")
def fresh(home):
    """Two reports as they were made."""
    return {name: make_report(home, name, sections=SECTIONS).folder for name in ("Kent", "Rutland")}


@pytest.fixture
def report(fresh, tmp_path):
    """A copy of the report on Kent to spoil."""
    return shutil.copytree(fresh["Kent"], tmp_path / "kent" / fresh["Kent"].name)


def swap(path, old, new):
    """Change one thing in a file, once."""
    content = path.read_bytes()
    assert content.count(old) >= 1, old
    path.write_bytes(content.replace(old, new, 1))


def reseal(folder):
    """A manifest that agrees with the files again, as somebody might make it who wants to deceive."""
    path = folder / "manifest.json"
    held = json.loads(path.read_text(encoding="utf-8"))
    for output in held["outputs"]:
        output["sha256"] = checksum(folder / output["path"])
        output["size"] = (folder / output["path"]).stat().st_size
    path.write_bytes(Manifest.model_validate(held).sealed().as_bytes())


def bytes_of(folder):
    return {path.relative_to(folder): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.mark.parametrize("name", ["Kent", "Rutland"])
def test_a_fresh_report_holds_when_it_is_made_again(home, fresh, name):
    """Same inputs, same bytes: nothing to tell, and nothing is written into it."""
    before = bytes_of(fresh[name])

    found = verify(home, fresh[name])

    assert ((), ()) == (found.faults, found.notes)
    assert before == bytes_of(fresh[name])


SPOILT = {
    "a sentence of the page": ("report.html", b"Kent received", b"Kent refused", "report.html: was changed"),
    "a byte of the PDF": ("report.pdf", b"%PDF-", b"%PDf-", "report.pdf: was changed"),
    "a sentence of the list": ("claims.csv", b"Kent received", b"Kent refused", "claims.csv: was changed"),
    "a figure of the list": ("figures.csv", b'"4,001"', b'"4,002"', "figures.csv: was changed"),
    "a headline of the manifest": (
        "manifest.json",
        b'"value": "4,001"',
        b'"value": "4,002"',
        "manifest.json: was changed",
    ),
    "no manifest at all": ("manifest.json", b"{", b"", "manifest.json: cannot be read"),
    "a file listed elsewhere": ("manifest.json", b'"figures.csv"', b'"../figures.csv"', "which is not in the report"),
}


@pytest.mark.parametrize("what", SPOILT)
def test_what_was_changed_after_it_was_made_is_told(home, report, what):
    """Bytes alone are enough: nothing need be made again."""
    file, old, new, says = SPOILT[what]
    swap(report / file, old, new)

    found = verify(home, report, quick=True)

    assert any(says in line for line in found.faults), found.faults


def test_files_that_went_and_files_that_came_are_told_together(home, report):
    """All faults in one go."""
    (report / "report.pdf").unlink()
    (report / "data" / "more.csv").write_text("a\n1\n")

    found = verify(home, report, quick=True)

    assert ("report.pdf: is missing.", "data/more.csv: is not listed in the manifest.") == found.faults


def test_a_figure_of_the_page_that_the_list_prints_otherwise_is_told(home, report):
    """Although the manifest was made to agree."""
    swap(report / "figures.csv", b'"4,001"', b'"4,002"')
    reseal(report)

    found = verify(home, report, quick=True)

    assert ["report.html: prints 4,001 as figure 'requests_received.kent.2024'; figures.csv has 4,002."] == list(
        found.faults
    )


def test_a_sentence_with_a_number_and_no_figure_is_told(home, report):
    """A sentence somebody added, in a manifest made to agree."""
    said = b'<p class="para">Another 77 requests were lost.</p><p class="answer"'
    swap(report / "report.html", b'<p class="answer"', said)
    reseal(report)

    found = verify(home, report, quick=True)

    assert ["report.html: 'Another 77 requests were lost.' has 77 without a source."] == list(found.faults)


def test_what_a_new_manifest_hides_comes_out_when_the_report_is_made_again(home, report):
    """A number changed everywhere and sealed anew passes the quick look: that is its limit."""
    swap(report / "claims.csv", b"Kent received", b"Kent refused")
    swap(report / "manifest.json", b'"value": "4,001"', b'"value": "4,002"')
    reseal(report)

    assert verify(home, report, quick=True).holds
    found = verify(home, report)
    assert 2 == len(found.faults)
    assert found.faults[0].startswith("claims.csv: text of 'requests.answer' is here Kent refused 4,001 requests")
    assert "manifest.json: what it says of headlines is not what the report made again says." == found.faults[1]


@pytest.mark.parametrize(
    "file", ["data/raw/kent/requests_by_month_and_area.csv", "data/processed/panel/neighbours.csv"]
)
def test_one_byte_of_an_input_is_told_with_its_file(home, fresh, file):
    """The report followed from other inputs than those that are there."""
    path = home / file
    before = path.read_bytes()
    path.write_bytes(before + b"\n")
    try:
        found = verify(home, fresh["Kent"], quick=True)
    finally:
        path.write_bytes(before)

    assert 1 == len(found.faults) and found.faults[0].startswith("Input changed: input ")
    assert file.rpartition("/")[2] in found.faults[0]


def test_an_input_that_changes_a_figure_is_told_with_the_figure(home, fresh):
    """The input, the figure as it is here, and as it comes out now."""
    path = home / "data" / "raw" / "kent" / "requests_by_month_and_area.csv"
    before = path.read_bytes()
    path.write_bytes(before.replace(b"North,2024-03,calendar month,96", b"North,2024-03,calendar month,97"))
    try:
        found = verify(home, fresh["Kent"])
    finally:
        path.write_bytes(before)

    assert any("requests_by_month_and_area.csv changed" in line for line in found.faults)
    wanted = "figures.csv: value of 'local_requests.kent.2024-03.north' is here 96; made again, it is 97."
    assert wanted in found.faults


def test_other_code_is_told_and_figures_are_compared_all_the_same(home, fresh):
    """A note's wording changed: no figure did, so the report holds, and the reader knows."""
    path = home / "notebooks" / "30_sen_support.ipynb"
    before = path.read_bytes()
    book = json.loads(before)
    next(cell for cell in book["cells"] if cell["cell_type"] == "markdown")["source"] += " "
    path.write_text(json.dumps(book, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    try:
        found = verify(home, fresh["Rutland"])
    finally:
        path.write_bytes(before)

    assert () == found.faults
    assert (
        "Made by other code: notebook 30_sen_support.ipynb changed. Figures are compared all the same." in found.notes
    )


def test_the_command_says_so_and_ends_with_its_status(home, report, fresh, monkeypatch):
    """0 where everything holds, 1 with the list, and one plain line where there is no report."""
    monkeypatch.setenv("HIGHNEEDS_HOME", str(home))
    swap(report / "report.html", b"Kent received", b"Kent refused")

    good = CliRunner().invoke(main, ["verify", str(fresh["Kent"]), "--quick"])
    bad = CliRunner().invoke(main, ["verify", str(report), "--quick"])
    none = CliRunner().invoke(main, ["verify", str(report.parent)])

    assert 0 == good.exit_code and "everything holds" in good.output
    assert 1 == bad.exit_code and "report.html: was changed after it was made" in bad.output
    assert 1 == none.exit_code and "Expected the folder of a finished report" in none.output
    assert "Traceback" not in bad.output + none.output


def test_a_report_stands_beside_the_one_before_and_says_what_moved(home, tmp_path):
    """The report before is an input: recorded, listed, followed by verify, and a reason to make the report again."""
    make_report(home, "Rutland", sections=("sen_support",), as_at=date(2025, 1, 1), out=tmp_path)
    made = make_report(home, "Rutland", sections=("sen_support",), out=tmp_path)
    manifest = json.loads((made.folder / "manifest.json").read_text(encoding="utf-8"))

    assert "2025-01-01" == manifest["earlier"]["as_at"]
    assert "earlier/2025-01-01/figures.csv" in {item["path"] for item in manifest["inputs"]}
    assert "Numbers that moved" in (made.folder / "report.html").read_text(encoding="utf-8")
    moved = (made.folder / "moved.csv").read_text(encoding="utf-8").splitlines()
    assert any(line.startswith("ehc_plans.rutland.2025,") and ",newer,yes" in line for line in moved)
    assert () == verify(home, made.folder).faults
    assert make_report(home, "Rutland", sections=("sen_support",), out=tmp_path).unchanged

    swap(tmp_path / "rutland" / "2025-01-01" / "figures.csv", b"plans", b"plans ")

    found = verify(home, made.folder, quick=True)
    assert ["Input changed: the report as at 2025-01-01, beside which numbers that moved were found."] == list(
        found.faults
    )
    again = make_report(home, "Rutland", sections=("sen_support",), out=tmp_path)
    assert ("the report before it changed",) == again.reasons
    assert not (again.folder / "moved.csv").exists()  # a report that was changed by hand is nothing to compare with
