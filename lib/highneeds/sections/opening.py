"""Opening a page: from an authority's name to its facts, papers, cases and plans, with the same checks everywhere.

Owns where an authority's inputs and reports stand; what a page does with them is `page`'s.
"""

from datetime import date
from pathlib import Path

import pandas as pd

from highneeds import files, params
from highneeds.facts import Facts, plain_name
from highneeds.figures import slug as area_slug
from highneeds.sections.local import REGISTER, Local, LocalAt, read_local, read_register
from highneeds.sections.page import Page
from highneeds.sections.shared import open_shared
from highneeds.sources.papers import Papers, read_papers
from highneeds.sources.planning import Planning, planning_folder, read_planning


def newest_input(panel, papers: Papers, local: Local | None = None) -> date:
    """Day of the newest input: the default day of a report, so that the same inputs give the same report."""
    dated = [date.fromisoformat(text) for text in panel.sources["dated"] if text]
    own = [papers.dated] if papers.dated else []
    return max([*dated, *own, *([local.cases.extract_date] if local else [])])


def reports_of(reports: Path, area: str, local: Local | None) -> Path:
    """Folder of an authority's reports. Those on invented cases stand apart, so that they replace no real one."""
    return reports / (area_slug(area) + ("-invented" if local is not None and local.cases.invented else ""))


def case_folder(root: Path, area: str, cases: str = "") -> Path:
    """Where an authority's own case data are looked for: the place given, else its folder of raw data."""
    return Path(cases) if cases else root / "data" / "raw" / area_slug(area)


def open_page(
    slug: str,
    title: str,
    question: str,
    *,
    authority: str,
    as_at: str = "",
    cases: str = "",
    scenario: str = "",
    neighbours: str = "",
    section_number: int = 1,
    released: str = "",
    home: str = "",
    results: str = "",
) -> Page:
    """Page on one authority. `as_at` empty means the day of the newest input; `home` the project folder.

    cases: file or folder of the authority's own case data; empty means its folder of raw data.
    scenario: names of files in the authority's planning folder, or files, with commas: at most two; empty means none.
    neighbours: names or codes of authorities to compare with, with commas; empty means the statistical neighbours.
    released: register of tables released before; empty means the one beside the authority's reports.
    results: file for the results, where a report is made; empty means none.
    section_number, released, home and results are what a report passes as `run`.
    """
    root = Path(home) if home else files.home()
    shared = open_shared(files.panel_folder(root))
    panel = shared.panel
    row = params.find_authority(panel.areas, authority)
    name = plain_name(row["area_name"])
    papers = read_papers(root / "data" / "raw" / area_slug(name))
    local = read_local(case_folder(root, name, cases), la_code=row["la_code"])
    given = as_at or newest_input(panel, papers, local).isoformat()
    checked = params.make_params(
        authority=authority,
        as_at=given,
        section_number=section_number,
        cases=cases,
        scenario=scenario,
        neighbours=neighbours,
    )
    chosen = params.find_neighbours(panel.areas, checked.neighbours, authority=row)
    raw = root / "data" / "raw" / area_slug(name)
    planning = Planning()
    if slug in params.PLANNED:
        folder = planning_folder(raw, Path(cases) if cases else None)
        planning = read_planning(folder, scenario=scenario, options=slug == "options")
    facts = Facts(panel, row, checked.as_at, shared.held(checked.as_at), chosen)
    at = None
    if local is not None:
        register = Path(released) if released else reports_of(root / "reports", name, local) / REGISTER
        day = min(checked.as_at, local.cases.extract_date)
        at = LocalAt(local, day, facts.authority, read_register(register), published(facts), papers.tables)
    return Page(slug, title, question, checked.section_number, facts, papers, at, planning, results)


def published(facts: Facts) -> pd.DataFrame:
    """DfE's figures for the authority as the rules compare them: measure, period, value."""
    values = facts.values
    mine = values[values["area_code"].eq(facts.authority.code) & values["breakdown"].eq("Total")]
    return mine[["measure", "period", "value"]]
