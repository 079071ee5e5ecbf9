"""A notebook that an analyst runs top to bottom gives the figures of the scheduled run.

The law is about figures, so cells run in this process, each notebook in a name space of its own, in the order and from
the folder in which JupyterLab runs them: four times thirteen notebooks without the start of a kernel. That a kernel
changes nothing is the law of `test_kernels`; that JupyterLab itself runs them, the browser test's. Compared with what
the notebooks wrote that papermill ran.
"""

import json
import re
from pathlib import Path

import pytest

from highneeds.params import SECTIONS
from highneeds.report.notebooks import FILES
from highneeds.report.run import WORK
from highneeds.report.store import RESULTS
from tests.conftest import ROOT

INVENTED = "Kent, invented cases"
NAMES = ("Kent", "Rutland", "West Northamptonshire", INVENTED)


@pytest.fixture
def case(request, made, invented, demo_cases):
    """Name to type, case data to type, and the scheduled report."""
    if request.param == INVENTED:
        return "Kent", str(demo_cases / "blade_csv"), invented
    return request.param, "", made[request.param]


def scheduled(report, section: str) -> dict:
    """What the scheduled run's notebook wrote: figures by their ids."""
    place = report.folder.parents[1] / WORK / "sections" / report.folder.parent.name / report.folder.name / section
    held = json.loads((place / RESULTS).read_text(encoding="utf-8"))
    return {figure["id"]: (figure["value"], figure["status"], figure["printed"]) for figure in held["figures"]}


def cells_of(path: Path, **typed: str) -> list[str]:
    """A notebook's code, with values typed into its parameters cell; nothing is injected."""
    book = json.loads(path.read_text(encoding="utf-8"))
    cells = [cell for cell in book["cells"] if cell["cell_type"] == "code"]
    for cell in cells:
        cell["source"] = "".join(cell["source"])
        if "parameters" in cell["metadata"].get("tags", []):
            for name, value in typed.items():
                line = f"{name} = {json.dumps(value)}  #"
                cell["source"], count = re.subn(rf"^{name} = .*?  #", lambda _, to=line: to, cell["source"], flags=re.M)
                assert 1 == count, (path.name, name)
    return [cell["source"] for cell in cells]


def by_hand(path: Path, **typed: str) -> dict:
    """Figures of a notebook whose cells were all run, top to bottom."""
    space: dict = {"__name__": "__main__"}
    for source in cells_of(path, **typed):
        exec(compile(source, path.name, "exec"), space)  # noqa: S102
    return {id: (figure.value, figure.status, figure.text) for id, figure in space["page"].figures.items()}


@pytest.mark.parametrize("case", NAMES, indirect=True)
def test_by_hand_and_on_schedule_give_the_same_figures(case, project, monkeypatch):
    """By id and value, and as printed: a large, a small and a new authority, and one with its own cases."""
    authority, cases, report = case
    monkeypatch.chdir(project / "notebooks")
    different = {}
    for section in SECTIONS:
        mine, theirs = by_hand(Path(FILES[section]), authority=authority, cases=cases), scheduled(report, section)
        different[section] = sorted(id for id in mine | theirs if mine.get(id) != theirs.get(id))

    assert dict.fromkeys(SECTIONS, []) == different


def test_the_comparison_sees_another_authority(made, project, monkeypatch):
    """It would not pass for a notebook that ignores what is typed."""
    monkeypatch.chdir(project / "notebooks")

    assert by_hand(Path(FILES["timeliness"]), authority="Rutland") != scheduled(made["Kent"], "timeliness")
    assert ROOT not in project.parents
