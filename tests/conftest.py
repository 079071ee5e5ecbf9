"""What the tests share: the committed panel, facts about an authority, the releases where they are at hand."""

import json
import os
import shutil
from datetime import date
from pathlib import Path

import pytest

from highneeds.demo.write import write_demo
from highneeds.facts import Facts
from highneeds.files import panel_folder
from highneeds.params import find_authority
from highneeds.report.notebooks import FILES
from highneeds.report.run import make_report
from highneeds.sources.panel import Panel, read_panel

ROOT = Path(__file__).resolve().parents[1]
OFFICIAL = ROOT.parent / "shared" / "official"
DEMO_DAY = date(2025, 3, 18)
AUTHORITIES = ("Kent", "Isle of Wight", "Rutland", "West Northamptonshire", "Leeds")


def browser_is_missing(what: str = "a Chromium browser") -> None:
    """Skip with a reason; where continuous integration runs, a missing browser is a failure."""
    reason = f"{what} is not on this machine; on Debian: apt install chromium nodejs npm openssl"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """Reports on five authorities, made once."""
    out = tmp_path_factory.mktemp("reports")
    return {name: make_report(ROOT, name, out=out) for name in AUTHORITIES}


@pytest.fixture(scope="session")
def demo_cases(tmp_path_factory) -> Path:
    """Invented cases of an authority of Kent's size: the CSV export, and the look-ups beside it."""
    out = tmp_path_factory.mktemp("cases") / "demo"
    write_demo(out, layouts=["blade_csv"], requests_a_year=4_000, as_at=DEMO_DAY, seed=2025, la_code="886")
    return out


@pytest.fixture(scope="session")
def invented(demo_cases, tmp_path_factory):
    """Report on Kent with invented cases, made once."""
    return make_report(ROOT, "Kent", cases=demo_cases / "blade_csv", out=tmp_path_factory.mktemp("invented"))


@pytest.fixture
def project(tmp_path, monkeypatch) -> Path:
    """A project of its own to spoil; its reports stand beside it."""
    home = tmp_path / "project"
    shutil.copytree(ROOT / "notebooks", home / "notebooks")
    shutil.copytree(ROOT / "data", home / "data", ignore=shutil.ignore_patterns("official"))
    monkeypatch.setenv("HIGHNEEDS_HOME", str(home))
    return home


def poison(home: Path, section: str, line: str) -> None:
    """Put a line in the place of the fourth code cell of a section's notebook."""
    path = home / "notebooks" / FILES[section]
    book = json.loads(path.read_text(encoding="utf-8"))
    [cell for cell in book["cells"] if cell["cell_type"] == "code"][3]["source"] = line
    path.write_text(json.dumps(book), encoding="utf-8")


@pytest.fixture(scope="session")
def panel() -> Panel:
    """The committed panel of published figures."""
    return read_panel(panel_folder(ROOT))


@pytest.fixture(scope="session")
def facts_on(panel):
    """Facts on an authority by name, as at a day far enough on to hold everything."""
    made: dict[tuple[str, str], Facts] = {}

    def on(name: str, as_at: str = "2026-04-08") -> Facts:
        key = (name, as_at)
        if key not in made:
            made[key] = Facts(panel, find_authority(panel.areas, name), date.fromisoformat(as_at))
        return made[key]

    return on


@pytest.fixture(scope="session")
def official() -> Path:
    """Folder of releases; tests that need it are skipped where it is not."""
    if not OFFICIAL.is_dir():
        pytest.skip("the releases are not on this machine")
    return OFFICIAL
