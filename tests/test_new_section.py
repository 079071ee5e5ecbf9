"""A section that was begun by the command works as it is: its test, the rules of all notebooks, a report with it."""

import csv
import json
import os
import re
import shutil
import subprocess
import sys

import pytest
from click.testing import CliRunner
from lxml import html as lxml_html

from highneeds.cli import main
from highneeds.errors import ParamsError
from highneeds.report import new_section
from highneeds.report.new_section import begin_section
from tests import test_report
from tests.conftest import ROOT
from tests.test_report import RULES, text_of

WORDS = ("--measure", "refused_of_received_pct", "--title", "Requests refused", "--question", "How many are refused?")
WRITTEN = ("lib/highneeds/sections/refusals.py", "tests/test_refusals_section.py")
# Rules of every section; not those of one alone, nor that something is drawn: nobody draws a rate on three cases.
EVERY = "whole_sentences or nothing_known or earlier_day"
ONLY = """from tests import test_every_authority as every
every.SECTIONS = ("refusals",)
from tests.test_every_authority import *
"""


@pytest.fixture
def clone(project):
    """The project with its code: what an analyst has."""
    held = names(ROOT)
    for folder in ("lib", "tests", "docs"):
        shutil.copytree(ROOT / folder, project / folder, ignore=shutil.ignore_patterns("__pycache__", "golden"))
    for name in ("pyproject.toml", "README.md"):
        shutil.copy(ROOT / name, project)
    yield project
    assert held == names(ROOT)


def names(home):
    """Files that make up the code of a project."""
    return {
        path.relative_to(home).as_posix(): path.stat().st_size
        for folder in ("lib", "tests", "notebooks")
        for path in (home / folder).rglob("*")
        if path.suffix in (".py", ".ipynb")
    }


def python(home, *words):
    """Run Python with the clone's own code."""
    env = {**os.environ, "PYTHONPATH": str(home / "lib"), "HIGHNEEDS_HOME": str(home), "PYTEST_ADDOPTS": "-o addopts="}
    env = {name: value for name, value in env.items() if not name.startswith("PYTEST_XDIST")}
    return subprocess.run([sys.executable, *words], cwd=home, env=env, capture_output=True, text=True, check=False)


def test_a_new_section_works_as_it_is(clone):
    """Nothing is edited between the command and the report."""
    done = python(clone, "-m", "highneeds.cli", "new-section", "refusals", *WORDS)

    assert 0 == done.returncode, done.stderr
    written = re.findall(r"^wrote (.*)$", done.stdout, re.MULTILINE)
    written = [name for name in written if name != "notebooks/00_start.ipynb"]
    assert [*WRITTEN, "notebooks/81_refusals.ipynb", "lib/highneeds/contents.py"] == written
    assert "highneeds report Kent --sections refusals" in done.stdout

    rules_hold(clone)
    report_holds_it(clone)


def rules_hold(clone):
    """Its own test, the rules of all notebooks, of all authorities, of the house, and of how code is written."""
    (clone / "tests" / "test_only.py").write_text(ONLY, encoding="utf-8")
    rules = ["tests/test_refusals_section.py", "tests/test_notebooks.py", "tests/test_architecture.py"]
    rules += ["tests/test_frames.py::test_every_section_has_its_place_in_every_form"]
    rules += ["tests/test_cli.py::test_the_command_and_the_parameters_know_the_same_sections"]
    pytest_ = ("-m", "pytest", "-q", "-p", "no:cacheprovider")

    own = f"not test_only and (not from_its_defaults or refusals) or test_only and ({EVERY})"
    held = python(clone, *pytest_, *rules, "tests/test_only.py", "-k", own)
    (clone / "tests" / "test_only.py").unlink()
    written = [
        python(clone, "-m", "ruff", *words, *WRITTEN, "lib/highneeds/contents.py")
        for words in (("check", "-q"), ("format", "--check"))
    ]

    assert 0 == held.returncode, held.stdout
    assert [0, 0] == [each.returncode for each in written], written[0].stdout + written[1].stdout


def report_holds_it(clone):
    """A report holds it: heading, answer, chart and table, every number of it with its source."""
    out = clone.parent / "out"
    done = python(
        clone, "-m", "highneeds.cli", "report", "Rutland", "--sections", "requests,refusals", "--out", str(out)
    )
    [folder] = [path.parent for path in out.glob("rutland/*/report.html")]
    page = lxml_html.fromstring((folder / "report.html").read_bytes())

    assert 0 == done.returncode, done.stderr
    assert "2 Requests refused" in " ".join(text_of(node) for node in page.xpath("//main/section/h2"))
    assert page.xpath("//figure[@id='f-refusals-by-year']") and page.xpath("//caption[@id='t-refusals-compared']")
    with (folder / "figures.csv").open(encoding="utf-8", newline="") as file:
        held = {row["id"] for row in csv.DictReader(file)}
    assert {node.get("data-figure") for node in page.xpath("//*[@data-figure]")} <= held
    assert "refused_of_received_pct.rutland.2024" in held
    [alt] = page.xpath("//figure[@id='f-refusals-by-year']/img/@alt")
    assert len(alt) > 40 and re.search(r"\d", alt)
    for rule in RULES:
        if rule is not test_report.test_every_picture_has_words_of_its_own:  # it counts the pictures of a whole report
            rule(page)


def test_every_fault_is_told_and_nothing_is_written(clone):
    """The analyst mends the call once."""
    before = names(clone)
    words = ("--measure", "refused_of_recieved_pct", "--title", 'A "new" one', "--question", "Tell me")

    done = CliRunner().invoke(main, ["new-section", "common", *words])

    assert 1 == done.exit_code
    lines = done.output.splitlines()
    assert 4 == len(lines)
    assert "lib/highneeds/sections/common.py is there already" in lines[0]
    assert "title: found '\"'" in lines[1] and "question mark" in lines[2]
    assert "Nearest: refused_of_received_pct" in lines[3]
    assert before == names(clone)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("governance", "there is a section of that name"),
        ("Refusals", "is no name of a module"),
        ("2024", "is no name of a module"),
        ("../../x", "is no name of a module"),
        ("lambda", "is no name of a module"),
        ("cases", "means something else"),
        ("print", "means something else"),
        ("con", "means something else"),
        ("figures", "tests/test_figures_section.py is there already"),
    ],
)
def test_a_name_that_cannot_be_is_refused(clone, name, says):
    """A section that exists, no identifier, a name of Python's, of the notebook's own, of a file's."""
    (clone / "tests" / "test_figures_section.py").write_text("", encoding="utf-8")
    before = names(clone)

    with pytest.raises(ParamsError, match=re.escape(says)):
        begin_section(clone, name)
    assert before == names(clone)


def test_a_measure_without_figures_by_year_is_refused(clone):
    """A chart of one year says nothing; the fault names the page that helps."""
    with pytest.raises(ParamsError, match=r"holds 1 periods .* docs/new-measure.md"):
        begin_section(clone, "spending", measure="high_needs_spend")


def test_a_fault_on_the_way_takes_back_what_was_written(clone, monkeypatch):
    """A full disk leaves no half section."""
    before, write = names(clone), new_section.write_whole

    def full(path, content):
        if path.name == "contents.py":
            raise OSError(28, "No space left on device")
        write(path, content)

    monkeypatch.setattr(new_section, "write_whole", full)
    with pytest.raises(OSError, match="No space"):
        begin_section(clone, "refusals")
    assert before == names(clone)


def test_without_the_suites_code_it_says_where_to_go(project):
    """An installed command in a folder of data has no code to write to."""
    done = CliRunner().invoke(main, ["new-section", "refusals"])

    assert 1 == done.exit_code and "Expected a clone of the project" in done.output
    assert "Traceback" not in done.output


def test_sections_come_one_after_the_other_and_the_last_number_is_found(clone):
    """Numbers after the last section are used first, then the highest free one before it; then none is left."""
    path = clone / "lib" / "highneeds" / "contents.py"
    for name, number in (("first", 81), ("second", 82)):
        assert number == begin_section(clone, name).section.number
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('Section(82, "second")', 'Section(89, "second")'), encoding="utf-8")

    assert 88 == begin_section(clone, "third").section.number
    numbers = [int(number) for number in re.findall(r"^    Section\((\d+),", path.read_text(encoding="utf-8"), re.M)]
    assert sorted(numbers) == numbers

    lines = "".join(f'    Section({number}, "s{number}"),\n' for number in range(1, 90))
    path.write_text(f'CONTENTS = (\n{lines}    Section(90, "end", appendix=True),\n)\n', encoding="utf-8")
    with pytest.raises(ParamsError, match="no number below the appendices is free"):
        begin_section(clone, "fourth")


def test_the_start_page_leads_to_it_and_a_fault_takes_that_back_too(clone, monkeypatch):
    """A row in the order of the notebooks, with title and question."""
    path = clone / "notebooks" / "00_start.ipynb"
    rows = [f"| [T]({name}) | Q? |\n" for name in ("80_options.ipynb", "90_data_quality.ipynb")]
    path.write_text(json.dumps({"cells": [{"source": ["Here:\n", *rows, "\n", "End."]}]}), encoding="utf-8")
    before, write = path.read_bytes(), new_section.write_whole

    begun = begin_section(clone, "refusals", title="Refused", question="How many?")
    [cell] = json.loads(path.read_text(encoding="utf-8"))["cells"]

    assert ["Here:\n", rows[0], "| [Refused](81_refusals.ipynb) | How many? |\n", *rows[1:], "\n", "End."] == cell[
        "source"
    ]
    assert path in begun.files

    path.write_bytes(before)
    monkeypatch.setattr(new_section, "write_whole", lambda at, content: write(at, content) if at != entry else 1 / 0)
    entry = clone / "lib" / "highneeds" / "contents.py"
    with pytest.raises(ZeroDivisionError):
        begin_section(clone, "second")
    assert before == path.read_bytes()
