"""What the tests share: the committed panel, facts about an authority, the releases where they are at hand."""

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

import pytest

from highneeds.demo.write import write_demo
from highneeds.facts import Facts
from highneeds.files import alone, panel_folder
from highneeds.params import find_authority
from highneeds.report.frames import BRIEFING
from highneeds.report.notebooks import FILES
from highneeds.report.run import Made, make_report
from highneeds.sources.panel import Panel, read_panel

ROOT = Path(__file__).resolve().parents[1]
OFFICIAL = ROOT.parent / "shared" / "official"
DEMO_DAY = date(2025, 3, 18)
AUTHORITIES = ("Kent", "Isle of Wight", "Rutland", "West Northamptonshire", "Leeds", "Leicestershire")

LONGEST = (
    "test_browser", "test_report", "test_engine", "test_every_authority", "test_notebooks_by_hand", "test_new_section",
    "test_explored_drawn", "test_lab", "test_import", "test_cluster",
)  # fmt: skip
FORM_SECTIONS = ("finance", "places", "sen_support", "data_quality")


def browser_is_missing(what: str = "a Chromium browser") -> None:
    """Skip with a reason; where continuous integration runs, a missing browser is a failure."""
    reason = f"{what} is not on this machine; on Debian: apt install chromium nodejs npm openssl"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The files that take longest first: one that began last would keep a single core busy while the others wait."""
    places = {name: at for at, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.path.stem, len(places)))


@pytest.fixture(scope="session")
def common(tmp_path_factory) -> Path:
    """Folder of a whole run of tests: what one of its processes made there, the others find."""
    mine = tmp_path_factory.getbasetemp()
    return mine.parent if "PYTEST_XDIST_WORKER" in os.environ else mine


class Reports(Mapping):
    """Whole reports by authority, each made when it is first asked for; one that stands is not made again."""

    def __init__(self, out: Path) -> None:
        self.out, self.held = out, {}

    def __getitem__(self, name: str) -> Made:
        if name not in AUTHORITIES:
            raise KeyError(name)
        if name not in self.held:
            self.held[name] = make_report(ROOT, name, out=self.out)
        return self.held[name]

    def form(self, name: str, frame: str) -> Made:
        """Another form of a report, in a folder beside it; of a few sections, but the briefing, which takes all."""
        sections = () if frame == BRIEFING else FORM_SECTIONS
        if (name, frame) not in self.held:
            self.held[name, frame] = make_report(ROOT, name, frame=frame, sections=sections, out=self.out)
        return self.held[name, frame]

    def __iter__(self) -> Iterator[str]:
        return iter(AUTHORITIES)

    def __len__(self) -> int:
        return len(AUTHORITIES)


@pytest.fixture(scope="session")
def made(common) -> Reports:
    """Reports on six authorities, made once."""
    return Reports(common / "reports")


@pytest.fixture(scope="session")
def demo_cases(common) -> Path:
    """Invented cases of an authority of Kent's size: the CSV export, and the look-ups beside it."""
    out = common / "cases" / "demo"
    with alone(common / "cases.lock"):
        if not out.is_dir():
            write_demo(out, layouts=["blade_csv"], requests_a_year=4_000, as_at=DEMO_DAY, seed=2025, la_code="886")
    return out


@pytest.fixture(scope="session")
def invented(demo_cases, common) -> Made:
    """Report on Kent with invented cases, made once."""
    return make_report(ROOT, "Kent", cases=demo_cases / "blade_csv", out=common / "invented")


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
