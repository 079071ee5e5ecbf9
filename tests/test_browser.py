"""The pages in a real browser: axe-core, html-validate, keyboard, search, and nothing that leaves the page."""

import json
import shutil
import subprocess

import pytest

from highneeds.engine.job import DONE, FAILED, IN_PART, REFUSED, UNCHANGED, Outcome
from highneeds.engine.summary import write_summary
from highneeds.report.checking import check_path
from highneeds.report.faults import Fault
from highneeds.report.pdf import find_browser
from highneeds.report.run import make_report
from highneeds.report.site import write_site
from tests.conftest import ROOT, browser_is_missing

CHECKS = ROOT / "tests" / "browser"
PAGES = (
    "index",
    "Kent report",
    "Kent audit",
    "Rutland report",
    "Rutland audit",
    "cases report",
    "data check",
    "summary",
    "forum",
    "dsg-plan",
    "briefing",
)
STYLES = sorted((ROOT / "lib" / "highneeds" / "assets").rglob("*.css"))
VIEWS = ["light", "dark", "print", "phone", "zoom"]


@pytest.fixture(scope="module")
def found(made, invented, demo_cases, tmp_path_factory):
    """What the checks found on each page."""
    browser, node, npm = find_browser(), shutil.which("node"), shutil.which("npm")
    for tool, name in ((browser, "a Chromium browser"), (node, "node"), (npm, "npm")):
        if tool is None:
            browser_is_missing(name)
    tools = tmp_path_factory.mktemp("browser")
    for name in ("package.json", "package-lock.json", ".npmrc", ".htmlvalidate.json", "check.mjs"):
        shutil.copy(CHECKS / name, tools / name)
    done = subprocess.run([npm, "ci", "--silent"], cwd=tools, capture_output=True, text=True, check=False, timeout=300)
    assert 0 == done.returncode, done.stderr[-2000:]
    site = tmp_path_factory.mktemp("site")
    for name in ("Kent", "Rutland"):
        folder = made[name].folder
        shutil.copytree(folder, site / folder.parent.name / folder.name)
    make_report(ROOT, "Rutland", as_at=made["Rutland"].as_at.replace(year=2024), sections=["requests"], out=site)
    index, _, _ = write_site(site)
    pages = [index] + [made[n].folder / f"{build}.html" for n in ("Kent", "Rutland") for build in ("report", "audit")]
    check = check_path(ROOT, demo_cases / "blade_csv", out=tmp_path_factory.mktemp("check"))
    pages += [invented.folder / "report.html", check.files[0]]
    pages.append(summary_page(site))
    made["Kent"]  # a briefing takes its sections as they are
    pages += [made.form("Kent", frame).folder / "report.html" for frame in ("forum", "dsg-plan", "briefing")]
    command = [node, "check.mjs", browser, *map(str, pages)]
    done = subprocess.run(command, cwd=tools, capture_output=True, text=True, check=False, timeout=600)
    assert 0 == done.returncode, done.stderr[-2000:]
    results = json.loads(done.stdout)
    return {name: results[str(page)] for name, page in zip(PAGES, pages, strict=True)}


def summary_page(out):
    """Summary of a run in which everything happened that can."""
    fault = Fault(
        "cell 'by-year' stopped: ValueError: bad", "The notebook tells more.", "requests", "Growth beside others"
    )
    names = ("Barnet", "Bury", "Derby", "Devon", "Essex", "Kent", "Leeds", "Rutland")
    states = (DONE, UNCHANGED, DONE, IN_PART, REFUSED, FAILED, DONE, DONE)
    outcomes = [
        Outcome(
            authority="E06000017", name=name, state=state, as_at="2026-04-08" if state not in (REFUSED, FAILED) else "",
            folder="" if state in (REFUSED, FAILED) else str(out / name.lower() / "2026-04-08"),
            faults=[] if state in (DONE, UNCHANGED) else [fault.as_dict()],
            reasons=["input data/processed/panel/panel.csv.gz changed"] if state == DONE else [],
        )
        for name, state in zip(names, states, strict=True)
    ]  # fmt: skip
    return write_summary(out, outcomes)[0]


@pytest.mark.parametrize("page", PAGES)
def test_markup_is_valid(found, page):
    """html-validate finds missing scopes and labels that axe passes over."""
    assert [] == found[page]["markup"]


@pytest.mark.parametrize("page", PAGES)
def test_no_view_breaks_a_rule(found, page):
    """WCAG 2.2 A and AA and best practice, in light, dark, print, on a phone and at 400% zoom."""
    views = found[page]["views"]

    assert VIEWS == [view["view"] for view in views]
    assert {view["view"]: [] for view in views} == {view["view"]: view["violations"] for view in views}
    assert all(view["passes"] > 25 for view in views)  # axe ran, and had something to look at


def test_no_style_follows_the_height_of_the_window():
    """What was found of colours at a phone's width holds at 400% zoom, which is as wide and not as high."""
    asked = [line for path in STYLES for line in path.read_text(encoding="utf-8").splitlines() if "@media" in line]

    assert asked and [] == [line for line in asked if "height" in line or "orientation" in line or "aspect" in line]


@pytest.mark.parametrize("page", PAGES)
def test_nothing_scrolls_sideways(found, page):
    """At 320 pixels only the tables scroll, inside their own region."""
    assert [0] * len(VIEWS) == [max(0, view["sideways"]) for view in found[page]["views"]]


@pytest.mark.parametrize("page", PAGES)
def test_no_request_leaves_the_page_and_nothing_fails(found, page):
    """Self-contained, with its own security policy in force and a silent console."""
    assert [] == [url for view in found[page]["views"] for url in view["left"]]
    assert [] == [error for view in found[page]["views"] for error in view["errors"]]
    assert [] == found[page]["walk"]["errors"]


@pytest.mark.parametrize("page", PAGES)
def test_the_keyboard_reaches_everything_in_sight(found, page):
    """The first stop skips to the content; every stop is on screen and shows where it is."""
    walk = found[page]["walk"]

    assert walk["stops"][0]["text"].startswith("Skip to the ")
    assert walk["skipped"] in ("#report", "#reports", "#check", "#summary")
    assert len(walk["stops"]) > (
        1 if page == "briefing" else 8
    )  # one page has its chart's data to open, and no contents
    assert [] == [stop for stop in walk["stops"] if not (stop["outline"] and stop["seen"])]


def test_the_search_box_finds_and_tells(found):
    """Typing narrows the list, and a screen reader hears how many are left."""
    search = found["index"]["walk"]["search"]

    assert (0, ["Rutland"], "Authorities: 1 of 2") == (search["none"], search["some"], search["told"])
