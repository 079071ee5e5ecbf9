"""A clone set up by one command: outputs stay out of git, differences are told by cell."""

import json
import os
import shutil
import subprocess
import sys

import pytest

from highneeds.errors import LabError
from highneeds.explore.git import configuration, set_up_git
from highneeds.explore.lab import START
from tests.conftest import ROOT

BOOK = "notebooks/30_sen_support.ipynb"
OWN = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}


def git(home, *arguments, status=0):
    """What git prints, in a clone that knows nothing of this machine's user."""
    person = ("-c", "user.name=Nobody", "-c", "user.email=nobody@example.org")
    command = ["git", *person, *arguments]
    done = subprocess.run(command, cwd=home, capture_output=True, text=True, check=False, env=os.environ | OWN)
    assert status == done.returncode, done.stderr
    return done.stdout


@pytest.fixture
def clone(tmp_path):
    """A clone with the notebooks as committed, set up by the command."""
    shutil.copytree(ROOT / "notebooks", tmp_path / "notebooks", ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    shutil.copy(ROOT / ".gitattributes", tmp_path)
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "--message", "As committed")
    command = [sys.executable, "-m", "highneeds.cli", "explore", "--git-setup"]
    env = os.environ | OWN | {"HIGHNEEDS_HOME": str(tmp_path)}
    for _ in range(2):  # said again, it changes nothing
        done = subprocess.run(command, capture_output=True, text=True, check=True, env=env)
    assert "git of this clone takes the outputs out" in done.stdout
    return tmp_path


def ran(path):
    """Write a notebook as JupyterLab does after it ran."""
    book = json.loads(path.read_text(encoding="utf-8"))
    for number, cell in enumerate(cell for cell in book["cells"] if cell["cell_type"] == "code"):
        cell["execution_count"] = number + 1
        cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": ["Zebedee\n"]}]
    book["metadata"]["language_info"] |= {"version": "3.99.1", "codemirror_mode": {"name": "ipython", "version": 3}}
    path.write_text(json.dumps(book, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def test_notebooks_that_only_ran_are_no_change(clone):
    """No difference, nothing to commit: the start page, one section, one that has its own cases."""
    for name in (START, BOOK, "notebooks/90_data_quality.ipynb"):
        ran(clone / name)

    git(clone, "add", ".")

    assert "" == git(clone, "diff", "--cached", "--name-only")


def test_every_notebook_is_committed_as_the_filter_writes_it(clone):
    """All of them through the filter that git was given, in one process: the bytes that stand in git."""
    before = {path: path.read_bytes() for path in sorted((clone / "notebooks").glob("*.ipynb"))}
    *_, module, keep = configuration()["filter.nbstripout.clean"].split()
    keys = configuration()["filter.nbstripout.extrakeys"]
    for path in before:
        ran(path)

    subprocess.run(
        [sys.executable, "-m", module, keep, "--extra-keys", keys, *before], check=True, env=os.environ | OWN
    )

    assert len(before) > 10
    assert before == {path: path.read_bytes() for path in before}


def test_a_changed_cell_goes_in_without_its_output(clone):
    """What is committed holds the change, and no result."""
    path = clone / BOOK
    ran(path)
    path.write_text(path.read_text(encoding="utf-8").replace("sen_support.reading(page)", "sen_support.read(page)"))

    git(clone, "add", ".")
    held = git(clone, "show", f":{BOOK}")

    assert "sen_support.read(page)" in held
    assert "Zebedee" not in held and "3.99.1" not in held


def test_a_difference_is_told_by_cell(clone):
    """`git diff` shows the changed cell's source, not the notebook's JSON."""
    path = clone / START
    path.write_text(path.read_text(encoding="utf-8").replace("Open one", "Open any"))

    shown = git(clone, "diff")

    assert "/source" in shown and "Open any" in shown
    assert '"cell_type"' not in shown


def test_where_there_is_no_clone_the_line_says_so(tmp_path, monkeypatch):
    """A project that was copied without its history cannot be set up."""
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))

    with pytest.raises(LabError, match="Expected a clone of the project"):
        set_up_git(tmp_path)
