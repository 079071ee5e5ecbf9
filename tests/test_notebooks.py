"""Notebooks are thin documents: parameters, one call a cell, no logic, no outputs in git.

The start page is no section: it has no parameters and is no part of a report. What holds for any notebook holds for it.
"""

import ast
import json
import re

import pytest

from highneeds.explore import lab
from highneeds.params import EXPLORED, SECTIONS
from highneeds.report import guard
from highneeds.report.notebooks import FILES, parameters_of
from tests.conftest import ROOT

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
START = ROOT / lab.START
OF_SECTIONS = [path for path in NOTEBOOKS if path != START]
# Where fewer figures than elsewhere are right: places by type alone; meetings in words; files that Kent has not given;
# views that nobody has saved.
LEAST_FIGURES = {"50_places": 40, "77_governance": 10, "80_options": -1, "85_explored": -1, "90_data_quality": -1}
BANNED = (ast.FunctionDef, ast.For, ast.If, ast.Try, ast.While, ast.ClassDef, ast.Lambda)


def cells(path):
    return json.loads(path.read_text(encoding="utf-8"))["cells"]


def code(path):
    return [cell for cell in cells(path) if cell["cell_type"] == "code"]


def test_every_section_has_its_notebook():
    """Sections, notebooks and their order are one list."""
    assert tuple(slug for slug in FILES if slug != EXPLORED) == SECTIONS
    assert sorted(FILES.values()) == [path.name for path in OF_SECTIONS]


def test_the_start_page_leads_to_every_notebook_with_its_own_question():
    """Title and question are those that the notebook opens with; every other link leads somewhere too."""
    page = "\n".join("".join(cell["source"]) for cell in cells(START))

    rows = re.findall(r"^\| \[(.+)\]\((.+)\) \| (.+) \|$", page, flags=re.M)

    assert [(*opening(path)[:1], path.name, opening(path)[1]) for path in OF_SECTIONS] == rows
    assert [] == [name for name in re.findall(r"\]\(([^)]+)\)", page) if not (START.parent / name).is_file()]


def opening(path):
    """Title and question of a notebook."""
    first = "".join(cells(path)[0]["source"])
    return re.match(r"# (.+)\n", first)[1], re.search(r"\*\*(.+\?)\*\*", first)[1]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_no_outputs_are_committed(path):
    """Outputs make diffs unreadable and can leak records."""
    assert all(not cell["outputs"] and cell["execution_count"] is None for cell in code(path))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_cells_are_short_and_hold_no_logic(path):
    """Logic belongs in the library, where it is tested."""
    for cell in code(path):
        source = "".join(cell["source"])
        tags = cell["metadata"].get("tags", [])
        limit = 10 if "setup" in tags else 5

        assert len([line for line in source.splitlines() if line.strip()]) <= limit, source
        assert not any(isinstance(node, BANNED) for node in ast.walk(ast.parse(source))), source


@pytest.mark.parametrize("path", OF_SECTIONS, ids=lambda path: path.stem)
def test_parameters_are_those_the_runner_passes(path):
    """Papermill only warns about a name it does not know; here it is an error."""
    parameters = [cell for cell in code(path) if "parameters" in cell["metadata"].get("tags", [])]

    names = [node.targets[0].id for node in ast.parse("".join(parameters[0]["source"])).body]

    [slug] = [slug for slug, name in FILES.items() if name == path.name]

    assert 1 == len(parameters)
    assert list(parameters_of(slug)) == names


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_opens_with_title_question_and_reader(path):
    """Somebody who opens it knows what it is for."""
    first = cells(path)[0]

    assert "markdown" == first["cell_type"]
    assert "".join(first["source"]).startswith("# ")
    assert "?**" in "".join(first["source"])


@pytest.mark.parametrize("path", OF_SECTIONS, ids=lambda path: path.stem)
def test_a_notebook_runs_from_its_defaults(path, monkeypatch, capsys):
    """An analyst who runs all cells gets Kent, with no file written."""
    monkeypatch.chdir(ROOT / "notebooks")
    space: dict = {}

    for cell in code(path):
        exec(compile("".join(cell["source"]), path.name, "exec"), space)  # noqa: S102

    assert "Kent" == space["page"].facts.authority.name
    assert len(space["page"].figures) > LEAST_FIGURES.get(path.stem, 50)
    assert space["page"].answers
    assert "" == capsys.readouterr().out


def test_what_an_analyst_saved_beneath_a_cell_does_not_count_as_the_projects_own_words(tmp_path):
    """The search for names passes over words that the project itself says; a saved output may hold a child's name."""
    (tmp_path / "notebooks" / ".ipynb_checkpoints").mkdir(parents=True)
    said = {"output_type": "stream", "name": "stdout", "text": "Zebedee"}
    cell = {"cell_type": "code", "source": "page.close()", "outputs": [said]}
    for name in ("notebooks/20.ipynb", "notebooks/.ipynb_checkpoints/20-checkpoint.ipynb"):
        (tmp_path / name).write_text(json.dumps({"cells": [cell]}), encoding="utf-8")

    texts = "".join(guard._own_texts(tmp_path))

    assert "page.close()" in texts
    assert "Zebedee" not in texts
