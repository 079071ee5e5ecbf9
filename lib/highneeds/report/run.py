"""One report, from an authority's name to a finished folder that appears whole or not at all."""

import csv
import io
import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import pandas as pd

from highneeds import params, periods, terms
from highneeds.cases import SourceFile
from highneeds.claims import listed
from highneeds.facts import Facts, neighbour_areas, plain_name
from highneeds.figures import slug
from highneeds.files import panel_folder, whole_folder
from highneeds.measures.declarations import OWN
from highneeds.report import pdf
from highneeds.report.data import safe_text, write_data
from highneeds.report.kernels import warm
from highneeds.report.manifest import FileRecord, Manifest, packages, record
from highneeds.report.notebooks import Run, notebook_path, run_notebook
from highneeds.report.render import Paper, paper_html, read_front, section_html
from highneeds.sections.local import REGISTER, Local, LocalAt, read_local, read_register
from highneeds.sections.page import case_folder, newest_input, reports_of
from highneeds.sources.panel import FILES, Panel, read_panel
from highneeds.sources.papers import Papers, read_papers

FIGURE_COLUMNS = (
    "id",
    "section",
    "measure",
    "label",
    "area",
    "area_code",
    "breakdown",
    "period",
    "period_basis",
    "value",
    "printed",
    "status",
    "unit",
    "source",
    "source_id",
    "reference",
)
AT_ONCE = 2


@dataclass(frozen=True)
class Made:
    """A finished report: its folder, and one plain line for each thing that is missing from it."""

    folder: Path
    authority: str
    as_at: date
    faults: tuple[str, ...]

    @property
    def whole(self) -> bool:
        """True where nothing is missing."""
        return not self.faults


def make_report(
    home: Path,
    authority: str,
    *,
    as_at: date | None = None,
    sections: Sequence[str] = params.SECTIONS,
    cases: Path | None = None,
    out: Path | None = None,
) -> Made:
    """Report on one authority. Raises HighneedsError for bad input before any notebook runs.

    cases: file or folder of the authority's own case data, where they are not in its folder of raw data.
    Raises DisclosureError, and leaves the last report as it is, where the new one would name a child or would let
    small numbers be worked out from reports released before.
    """
    warm()
    panel = read_panel(panel_folder(home))
    row = params.find_authority(panel.areas, authority)
    name = plain_name(row["area_name"])
    raw = home / "data" / "raw" / slug(name)
    papers, front = read_papers(raw), read_front(raw)
    given = str(cases.resolve()) if cases else ""
    local = read_local(case_folder(home, name, given), la_code=row["la_code"])
    day = params.make_params(authority=row["area_code"], as_at=as_at or newest_input(panel, papers, local)).as_at
    paths = [notebook_path(home, section) for section in sections]
    reports = reports_of(out or home / "reports", name, local)
    at = _local_at(local, panel, row, day, reports / REGISTER)
    target = reports / day.isoformat()
    with whole_folder(target) as folder:
        values = {"authority": row["area_code"], "as_at": day.isoformat(), "cases": given}
        values["released"] = str(reports / REGISTER)
        runs = _run_all(home, sections, values, folder)
        inputs = [record(p, home) for p in [*(panel_folder(home) / f for f in FILES), *_raw_inputs(raw, papers)]]
        inputs += [FileRecord(path=f"cases/{f.name}", sha256=f.sha256, size=f.size) for f in _case_files(local)]
        paper = _paper(panel, papers, row, day, front, runs, inputs, local)
        engine, pdf_fault = _write_pages(paper, runs, folder)
        faults = [f"section '{run.slug}': {run.fault}. It is left out of the report." for run in runs if run.fault]
        faults += [pdf_fault] if pdf_fault else []
        (folder / "figures.csv").write_bytes(_figures_csv(runs))
        _write_sheets(paper, runs, folder)
        _tidy(folder, runs)
        manifest = Manifest(
            authority=name,
            packages=packages(),
            parameters={"authority": row["area_code"], "as_at": day.isoformat(), "sections": list(sections)},
            invented=paper.invented,
            headlines=[key for run in runs if run.results for key in run.results["key_list"]],
            changed=[claim["text"] for run in runs if run.results for claim in run.results["changed"]],
            inputs=inputs,
            notebooks=[record(path, home) for path in paths],
            outputs=[record(path, folder) for path in sorted(folder.rglob("*")) if path.is_file()],
            pdf_engine=engine,
            faults=faults,
        )
        (folder / "manifest.json").write_bytes(manifest.as_bytes())
        if at is not None:
            from highneeds.report.guard import refuse_personal  # takes files apart: slow to load

            refuse_personal(
                folder, at, home=home, texts=_own_words(panel, papers, front), days=_days(panel, papers, front)
            )
    if at is not None:
        from highneeds.report.guard import remember

        remember(at, reports / REGISTER)
    return Made(target, name, day, tuple(faults))


def _run_all(home: Path, sections: Sequence[str], given: Mapping[str, str], folder: Path) -> list[Run]:
    with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
        jobs = [
            pool.submit(run_notebook, home, section, given, number=number, folder=folder)
            for number, section in enumerate(sections, start=1)
        ]
        return [job.result() for job in jobs]


def _write_pages(paper: Paper, runs: list[Run], folder: Path) -> tuple[str, str]:
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
        fault = pdf.write_pdf(page, target, engine)
        if not fault or not engine.is_missing(fault):
            break
    if fault:
        said = "No PDF was made with this page."
        page.write_text(paper_html(paper, builds[False], engine=said), encoding="utf-8", newline="\n")
    audit = paper_html(paper, builds[True], engine=said, audit=True)
    (folder / "audit.html").write_text(audit, encoding="utf-8", newline="\n")
    return "" if fault else engine.name, fault


def _write_sheets(paper: Paper, runs: list[Run], folder: Path) -> None:
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


def _paper(
    panel: Panel, papers: Papers, row: pd.Series, day: date, front: dict, runs: list[Run], inputs, local
) -> Paper:
    figures = _figures(runs)
    statuses = {figure["status"] for figure in figures if figure["status"] in terms.SYMBOLS}
    missing = [line for run in runs if run.results for line in run.results["missing"]]
    missing += [f"The section '{run.slug}' could not be made." for run in runs if run.fault]
    return Paper(
        authority=plain_name(row["area_name"]),
        as_at=day,
        front=front,
        sources=_source_table(panel, papers, figures, local),
        neighbours=_neighbour_names(panel, row),
        missing=missing,
        defects=_defects(figures),
        symbols=sorted(statuses - {"p"}),
        figures=figures,
        invented=local is not None and local.cases.invented,
        quality=_quality(figures),
        inputs=[(item.path, item.sha256) for item in inputs],
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


def _figures(runs: list[Run]) -> list[dict]:
    return [figure for run in runs if run.results for figure in run.results["figures"]]


def _figures_csv(runs: list[Run]) -> bytes:
    """Every figure of every section, with its source and row or its formula."""
    text = io.StringIO()
    writer = csv.DictWriter(text, FIGURE_COLUMNS, lineterminator="\n")
    writer.writeheader()
    for figure in _figures(runs):
        value = figure["value"]
        text_cells = {name: safe_text(cell) for name, cell in figure.items() if isinstance(cell, str)}
        writer.writerow(figure | text_cells | {"value": "" if value is None else f"{value:.10g}"})
    return text.getvalue().encode("utf-8")


def _source_table(panel: Panel, papers: Papers, figures: list[dict], local: Local | None) -> list[tuple[str, str, str]]:
    used = Counter(figure["source"] for figure in figures if figure["source"] and figure["source"] != OWN)
    dated = {f"{row.publisher}, {row.title}": row.dated for row in panel.sources.itertuples()}
    if local is not None:
        dated[local.source] = local.cases.extract_date.isoformat()
    own = papers.dated.isoformat() if papers.dated else "not dated"
    return [(title, dated.get(title, own), f"{count:,}") for title, count in sorted(used.items())]


def _neighbour_names(panel: Panel, row: pd.Series) -> str:
    names = [area.name for area in neighbour_areas(panel, row["la_code"])]
    return listed(names) if names else "none are listed for this authority"


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


def _local_at(local: Local | None, panel: Panel, row: pd.Series, day: date, register: Path) -> LocalAt | None:
    """Case data as at the report's day. Raises DisclosureError, before any notebook runs, where old reports forbid."""
    if local is None:
        return None
    area = Facts(panel, row, day).authority
    at = LocalAt(local, min(day, local.cases.extract_date), area, read_register(register))
    from highneeds.report.guard import refuse_blocked

    refuse_blocked(at)
    return at


def _own_words(panel: Panel, papers: Papers, front: dict) -> list[str]:
    """Words of published and own texts that a report may print: places, titles, the committee's front matter."""
    said = [str(item) for value in front.values() for item in (value if isinstance(value, list) else [value])]
    printed = [
        str(cell)
        for rows in papers.tables.values()
        for cell in pd.unique(rows[["breakdown", "source"]].to_numpy().ravel())
    ]
    return [*panel.areas["area_name"], *panel.sources["title"], *panel.sources["publisher"], *said, *printed]


def _days(panel: Panel, papers: Papers, front: dict) -> list[date]:
    """Days of sources, paper and meeting."""
    dated = [date.fromisoformat(text) for text in panel.sources["dated"] if text]
    own = [papers.dated, front["meeting_date"]]
    return [*dated, *(day for day in own if isinstance(day, date))]


def _case_files(local: Local | None) -> list[SourceFile]:
    """Files of case data that were read, in order of their names."""
    return sorted(local.cases.files, key=lambda file: file.name) if local else []


def _raw_inputs(raw: Path, papers: Papers) -> list[Path]:
    extra = [raw / name for name in ("about.yml", "committee.yml") if (raw / name).is_file()]
    return [*(raw / name for name in papers.files), *extra]


def _tidy(folder: Path, runs: list[Run]) -> None:
    """Executed notebooks in a folder of their own; the sections' working files go."""
    kept = folder / "notebooks"
    kept.mkdir()
    for run in runs:
        if run.executed.is_file():
            shutil.move(run.executed, kept / run.executed.name)
        (folder / f"{run.slug}.json").unlink(missing_ok=True)
