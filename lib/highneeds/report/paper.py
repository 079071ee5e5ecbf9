"""Executed sections to the files of one report: pages, PDF, sheets and the list of figures."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

import pandas as pd

from highneeds import params, periods, terms
from highneeds.claims import listed
from highneeds.facts import neighbour_areas, plain_name
from highneeds.measures.declarations import OWN
from highneeds.report import pdf
from highneeds.report.data import write_data
from highneeds.report.faults import Fault
from highneeds.report.forum import NO_FORUM, Decides
from highneeds.report.frames import SCRUTINY
from highneeds.report.lists import figures_of
from highneeds.report.moved import Moved
from highneeds.report.notebooks import Run
from highneeds.report.render import Paper, paper_html, section_html
from highneeds.sections.local import Local
from highneeds.sources.citations import paper_and_place
from highneeds.sources.panel import Panel
from highneeds.sources.papers import Papers


def make_paper(
    panel: Panel, papers: Papers, row: pd.Series, day: date, front: dict, runs: list[Run], inputs, local,
    *, since: Moved | None = None, chosen: Sequence[str] = (), frame: str = SCRUTINY, decides: Decides = NO_FORUM,
) -> Paper:  # fmt: skip
    """What all builds of a paper hold alike, from the executed sections.

    since: what moved since the report before. chosen: area codes of chosen neighbours. decides: what the front of a
    forum's paper adds.
    """
    figures = [*figures_of(runs), *decides.figures]
    statuses = {figure["status"] for figure in figures if figure["status"] in terms.SYMBOLS}
    missing = [line for run in runs if run.results for line in run.results["missing"]]
    missing += [f"The section '{run.slug}' could not be made." for run in runs if run.fault]
    missing += decides.missing
    return Paper(
        authority=plain_name(row["area_name"]),
        as_at=day,
        front=front,
        sources=_source_table(panel, papers, figures, local),
        neighbours=_neighbours(panel, row, chosen),
        missing=missing,
        defects=_defects(figures),
        symbols=sorted(statuses - {"p"}),
        figures=figures,
        released={source.source: source.file for source in panel.sources.itertuples()},
        invented=local is not None and local.cases.invented,
        quality=_quality(figures),
        inputs=[(item.path, item.sha256) for item in inputs],
        moved=since,
        frame=frame,
        decides=decides.markup,
    )


def _quality(figures: list[dict]) -> list[tuple[str, int]]:
    """How many figures are published, computed, or not there, each counted once."""
    unique = {figure["id"]: figure for figure in figures}.values()
    computed = sum(figure["source"] == OWN for figure in unique)
    lines = [
        ("Published or printed, with source and row", len(unique) - computed),
        ("Computed from other figures", computed),
    ]
    statuses = Counter(figure["status"] for figure in unique if figure["status"])
    return lines + [(f"Marked [{s}]: {terms.SYMBOLS.get(s, s)}", count) for s, count in sorted(statuses.items())]


def _source_table(panel: Panel, papers: Papers, figures: list[dict], local: Local | None) -> list[tuple[str, str, str]]:
    dated = {f"{row.publisher}, {row.title}": row.dated for row in panel.sources.itertuples()}
    if local is not None:
        dated[local.source] = local.cases.extract_date.isoformat()
    own = papers.dated.isoformat() if papers.dated else "not dated"
    named = [figure["source"] for figure in figures if figure["source"] and figure["source"] != OWN]
    used = Counter(title if title in dated else paper_and_place(title)[0] for title in named)
    return [(title, dated.get(title, own), f"{count:,}") for title, count in sorted(used.items())]


def _neighbours(panel: Panel, row: pd.Series, chosen: Sequence[str]) -> str:
    """Who the authority is set beside, as a sentence."""
    areas = panel.areas.set_index("area_code")["area_name"]
    if chosen:
        names = listed([plain_name(areas[code]) for code in chosen])
        return f"The authority is set beside chosen authorities in the place of its statistical neighbours: {names}."
    names = [area.name for area in neighbour_areas(panel, row["la_code"])]
    return (
        "Statistical neighbours are the ten authorities that the Department for Education finds most like this one: "
        f"{listed(names) if names else 'none are listed for this authority'}."
    )


def _defects(figures: list[dict]) -> list[str]:
    """Published cells met in this report that our rules refuse."""
    shown = sorted(
        {(figure["label"], figure["area"], figure["period"]) for figure in figures if figure["status"] == "d"}
    )
    return [
        f"Not used: {label}, {area}, {period}. The published cell breaks a data-quality rule (a regional total "
        "repeated for every authority, or a zero between years that are not small)."
        for label, area, period in shown
    ]


def _section(run: Run, number: int, *, audit: bool) -> dict:
    """Results of a section with its body; a section that failed has a sentence instead."""
    if run.results is not None:
        return run.results | {"body": section_html(run.executed, number=number, audit=audit)}
    return {
        "slug": run.slug,
        "number": number,
        "appendix": run.slug in params.APPENDICES,
        "title": run.slug.replace("_", " ").capitalize(),
        "question": "",
        "answers": [],
        "body": "<p>This section could not be made this time. The run's message names the cause.</p>",
    }


def write_pages(paper: Paper, runs: list[Run], folder: Path, *, memory_mb: int = 0) -> tuple[str, Fault | None]:
    """report.html, audit.html and report.pdf; the engine that made the PDF, and a fault where none could."""
    builds = {
        audit: [_section(run, number, audit=audit) for number, run in enumerate(runs, start=1)]
        for audit in (False, True)
    }
    page, target = folder / "report.html", folder / "report.pdf"
    fault = ""
    for engine in pdf.ENGINES:
        said = engine.says
        page.write_text(paper_html(paper, builds[False], engine=said), encoding="utf-8", newline="\n")
        fault = pdf.write_pdf(page, target, engine, memory_mb=memory_mb)
        if not fault or not engine.is_missing(fault):
            break
    if fault:
        said = "No PDF was made with this page."
        page.write_text(paper_html(paper, builds[False], engine=said), encoding="utf-8", newline="\n")
    audit = paper_html(paper, builds[True], engine=said, audit=True)
    (folder / "audit.html").write_text(audit, encoding="utf-8", newline="\n")
    return ("", Fault(fault, "")) if fault else (engine.name, None)


def write_sheets(paper: Paper, runs: list[Run], folder: Path) -> None:
    """Every table and the numbers behind every chart, as files in data/."""
    sheets = [sheet for run in runs if run.results for sheet in run.results["sheets"]]
    day = periods.day_in_words(paper.as_at)
    title = f"{paper.front['subject']}: {paper.authority}, as at {day}"
    about = [
        f"Every table of the report on {paper.authority}, and the numbers behind every chart, as at {day}.",
        "Symbols in square brackets stand for numbers that are not there; each sheet explains its own.",
        terms.ATTRIBUTION,
        f"Contact: {paper.front['contact']}",
    ]
    write_data(
        sheets, folder / "data", title=title, about=about, as_at=datetime.combine(paper.as_at, datetime.min.time())
    )
