"""All 153 authorities get whole sentences: small ones, new ones, and those with missing returns."""

import json
import re
from collections.abc import Callable
from datetime import date
from importlib import import_module
from operator import attrgetter

import pytest

from highneeds import charts
from highneeds.charts import compare
from highneeds.demo.write import write_demo
from highneeds.facts import Facts, held_by, plain_name
from highneeds.figures import slug
from highneeds.params import SECTIONS
from highneeds.report.notebooks import FILES
from highneeds.sections import forecasts
from highneeds.sections import page as page_module
from highneeds.sections.local import LocalAt, read_local
from highneeds.sources.papers import read_papers
from tests.conftest import DEMO_DAY, ROOT

MODULES = {slug: import_module(f"highneeds.sections.{slug}") for slug in SECTIONS}
BROKEN = re.compile(r"\bnan\b|None|NaT|\binf\b|\[[a-z]\]|(?<![\d.,])1 (plans|requests)\b|  |\{|\}")
AS_AT = date(2026, 4, 8)
DRAWN = ("line_chart", "bar_chart", "stacked_chart", "dot_chart", "swarm_chart", "small_multiples")


def blocks_of(section: str) -> list[Callable[[page_module.Page], object]]:
    """What a section's notebook calls, in its order."""
    book = json.loads((ROOT / "notebooks" / FILES[section]).read_text(encoding="utf-8"))
    cells = ["".join(cell["source"]) for cell in book["cells"] if cell["cell_type"] == "code"]
    called = re.findall(rf"^{section}\.([\w.]+)\(page\)$", "\n".join(cells), re.MULTILINE)
    return [attrgetter(name)(MODULES[section]) for name in called]


def pages(facts, local=None):
    papers = read_papers(ROOT / "data" / "raw" / facts.authority.slug)
    for number, section in enumerate(SECTIONS, start=1):
        of = MODULES[section]
        page = page_module.Page(section, of.TITLE, of.QUESTION, number, facts, papers, local)
        blocks = [block(page) for block in blocks_of(section)]
        yield page, [block.markup for block in blocks if isinstance(block, page_module.Block)]


def test_every_authority_is_told_in_whole_sentences(panel, monkeypatch):
    """No symbol, gap or machine word may stand in a sentence; every section has an answer."""
    for name in DRAWN:
        monkeypatch.setattr(charts, name, lambda *args, **kwargs: "<svg/>")
    for name in ("profile_chart", "interval_chart", "funnel_chart"):
        monkeypatch.setattr(compare, name, lambda *args, **kwargs: "<svg/>")
    monkeypatch.setattr(forecasts, "ahead_chart", lambda *args, **kwargs: "<svg/>")
    local = panel.areas.query("level == 'local authority' and closed == ''")
    held = held_by(panel, AS_AT)
    wrong = []
    for _, row in local.iterrows():
        for page, _ in pages(Facts(panel, row, AS_AT, held)):
            wrong += [
                f"{row['area_name']}: {claim.id}: {claim.text}" for claim in page.claims if BROKEN.search(claim.text)
            ]
            if not page.answers:
                wrong.append(f"{row['area_name']}: {page.slug} has no answer")

    assert [] == wrong
    assert 153 == len(local)


@pytest.mark.parametrize("name", ["Isles of Scilly", "City of London", "Cumberland"])
def test_the_smallest_and_newest_draw_their_charts(facts_on, name):
    """One plan, five plans, two years of history: real charts, no warning turned away."""
    drawn = [markup for _, markups in pages(facts_on(name)) for markup in markups if "<img" in markup]

    assert drawn


def test_nothing_known_is_said_plainly(facts_on):
    """At the start of 2010 nothing had been published; each section says so and stops."""
    answers = {
        page.slug: " ".join(claim.text for claim in page.answers)
        for page, _ in pages(facts_on("Kent", "2010-01-02"))
        # of files of its own, whatever is published
        if page.slug not in ("data_quality", "governance", "options", "programme", "reconciliation")
    }

    assert {"no published figure"} == {
        "no published figure" if "no published figure" in text else text for text in answers.values()
    }


def test_slugs_of_authorities_are_unique(panel):
    """Two authorities never share a folder."""
    local = panel.areas.query("level == 'local authority' and closed == ''")

    assert len(local) == local["area_name"].map(plain_name).map(slug).nunique()


def test_no_plan_issued_is_not_an_exception_for_every_plan(facts_on):
    """Isles of Scilly issued nothing in 2022: no rate, and no excuse either."""
    [answer] = [
        page.answers[0].text
        for page, _ in pages(facts_on("Isles of Scilly", "2023-01-10"))
        if page.slug == "timeliness"
    ]

    assert "Isles of Scilly issued no EHC plan in calendar 2022." == answer


@pytest.mark.parametrize(("a_year", "faults"), [(30, ()), (300, ("DQ05", "DQ08", "DQ16", "DQ31"))])
def test_case_data_of_any_size_are_told_in_whole_sentences(panel, tmp_path, a_year, faults):
    """A small authority has mostly hidden numbers, a faulty extract has gaps: sentences stay whole all the same."""
    layouts = ["blade_csv"]
    write_demo(
        tmp_path / "d", layouts=layouts, requests_a_year=a_year, as_at=DEMO_DAY, seed=1, la_code="857", faults=faults
    )
    row = panel.areas.query("la_code == '857'").iloc[0]
    facts = Facts(panel, row, AS_AT)
    local = LocalAt(read_local(tmp_path / "d" / "blade_csv", la_code="857"), DEMO_DAY, facts.authority)

    for page, _ in pages(facts, local):
        broken = [claim.text for claim in page.claims if BROKEN.search(claim.text)]
        assert [] == broken
        assert page.answers


@pytest.mark.parametrize("day", ["2010-01-02", "2014-06-01", "2018-06-01", "2021-06-30", "2023-12-31", "2025-01-31"])
def test_a_report_as_at_an_earlier_day_is_made(facts_on, day):
    """Whatever had been published by then, sections that need more say so."""
    for name in ("Leicestershire", "Rutland", "West Northamptonshire"):
        for page, _ in pages(facts_on(name, day)):
            assert page.answers, (name, page.slug)
            assert [] == [claim.text for claim in page.claims if BROKEN.search(claim.text)]
