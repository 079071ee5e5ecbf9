"""One report, from an authority's name to a finished folder that appears whole or not at all.

Made by one process at a time; what stands already and follows from the same is left as it is.
"""

import shutil
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from highneeds import params
from highneeds.errors import ParamsError, SourceError
from highneeds.facts import Facts, plain_name
from highneeds.figures import slug
from highneeds.files import alone, clear_killed, panel_folder, whole_folder, write_whole
from highneeds.report import moved
from highneeds.report.allowed import allowed_days, allowed_words
from highneeds.report.faults import Fault
from highneeds.report.forum import decides_of
from highneeds.report.frames import SCRUTINY, Frame, frame_of
from highneeds.report.front import read_front
from highneeds.report.inputs import case_files, planning_inputs, raw_inputs
from highneeds.report.kernels import warm
from highneeds.report.lists import claims_csv, figures_csv, figures_of, said_of
from highneeds.report.made_from import earlier_report, finished, made_from, register_checksum, section_key
from highneeds.report.made_from import reasons as reasons_of
from highneeds.report.manifest import FileRecord, Manifest, packages, record
from highneeds.report.notebooks import LIMITS, Limits, Run, notebook_path, run_notebook
from highneeds.report.paper import make_paper, write_pages, write_sheets
from highneeds.report.release import let_out, local_at, register_with
from highneeds.report.saved_views import check_held, view_inputs, view_parameters, views_of, write_views
from highneeds.report.store import Store
from highneeds.sections.local import REGISTER, read_local
from highneeds.sections.opening import case_folder, newest_input, reports_of
from highneeds.sections.outlooks import check_scenarios
from highneeds.sections.shared import Shared, open_shared
from highneeds.sources.panel import FILES
from highneeds.sources.papers import read_papers
from highneeds.sources.planning import Planning, planning_folder, read_planning, scenario_paths

AT_ONCE = 2
WORK = ".work"  # beside the reports: locks, and finished sections of reports in the making
Tell = Callable[[dict], None]
CHANGED = "{}: while the report was made, {}. Nothing was published; run it again."


@dataclass(frozen=True)
class Made:
    """A finished report: its folder, and each thing that is missing from it.

    unchanged: it stood already, made from the same. reasons: why it was made, where it was.
    """

    folder: Path
    authority: str
    as_at: date
    faults: tuple[Fault, ...]
    unchanged: bool = False
    reasons: tuple[str, ...] = ()

    @property
    def whole(self) -> bool:
        """True where nothing is missing."""
        return not self.faults


def make_report(
    home: Path,
    authority: str,
    *,
    as_at: date | None = None,
    sections: Sequence[str] = (),
    cases: Path | None = None,
    scenario: str = "",
    neighbours: str = "",
    views: Sequence[Path] = (),
    frame: str = SCRUTINY,
    out: Path | None = None,
    at_once: int = AT_ONCE,
    limits: Limits = LIMITS,
    force: bool = False,
    tell: Tell = lambda event: None,
) -> Made:
    """Report on one authority, or the one that stands where it follows from the same.

    sections: left out, those of the form. frame: name of the form (report.frames).
    cases: file or folder of the authority's own case data, where they are not in its folder of raw data.
    scenario: names of files in its planning folder, or files, with commas: at most two.
    neighbours: names or codes of authorities that stand in the place of its statistical neighbours, with commas.
    views: files of views saved in the explorer, for a section of their own.
    at_once: notebooks at a time. force: make it again all the same. tell: is told of each section, as plain data.
    Raises HighneedsError for bad input before any notebook runs.
    Raises DisclosureError, and leaves the last report as it is, where the new one would name a child or would let
    small numbers be worked out from reports released before.
    """
    form = frame_of(frame)
    sections = form.chosen(sections, views=bool(views))
    shared = open_shared(panel_folder(home))
    row = params.find_authority(shared.panel.areas, authority)
    name = slug(plain_name(row["area_name"]))
    root = (out or home / "reports").resolve()
    cases = cases.resolve() if cases else None
    chosen = ",".join(params.find_neighbours(shared.panel.areas, neighbours, authority=row))
    wanted = {"code": row["area_code"], "sections": sections, "as_at": as_at, "cases": cases, "scenario": scenario}
    wanted |= {"neighbours": chosen, "frame": frame, "views": views}
    data = {"cases": str(cases or ""), "scenario": scenario, "neighbours": chosen}
    saved = views_of(views, shared.panel.areas, [row.to_dict()], data)
    afresh = partial(made_from, home, name, **wanted)
    made = afresh()
    (root / WORK).mkdir(parents=True, exist_ok=True, mode=0o700)  # nothing in it has passed the last door yet
    waiting = partial(tell, {"event": "waiting", "authority": plain_name(row["area_name"])})
    with alone(root / WORK / "locks" / f"{name}.lock", waiting):
        found = finished(root, name, made)
        reasons = found.because(force=force)
        if not reasons:
            return Made(found.folder, found.authority, date.fromisoformat(found.as_at), (), unchanged=True)  # type: ignore[arg-type]
        tell({"event": "working", "authority": plain_name(row["area_name"])})
        data |= {"saved": saved, "made": made, "afresh": afresh, "at_once": at_once, "force": force, "tell": tell}
        asked = _Asked(home, root, shared, row, form, sections, limits=limits, **data)
        return _make(asked, as_at, reasons)


@dataclass(frozen=True)
class _Asked:
    """A report that is to be made: by then all of it is settled but the day."""

    home: Path
    root: Path
    shared: Shared
    row: pd.Series
    frame: Frame
    sections: tuple[str, ...]
    cases: str
    scenario: str
    neighbours: str  # area codes, with commas; empty: the statistical ones
    saved: tuple[Any, ...]  # views for a section of their own
    made: dict[str, str]  # what it follows from, as it was at the start
    afresh: Callable[[], dict[str, str]]  # ... and as it is
    limits: Limits
    at_once: int
    force: bool
    tell: Tell

    @property
    def name(self) -> str:
        """Authority's name as a sentence carries it."""
        return plain_name(self.row["area_name"])

    @property
    def chosen(self) -> tuple[str, ...]:
        """Area codes of the authorities that were chosen to compare with; none: the statistical neighbours."""
        return tuple(self.neighbours.split(",")) if self.neighbours else ()


def _make(asked: _Asked, as_at: date | None, reasons: tuple[str, ...]) -> Made:
    home, row, panel, name = asked.home, asked.row, asked.shared.panel, asked.name
    raw = home / "data" / "raw" / slug(name)
    papers, front = read_papers(raw), read_front(raw, asked.frame.name)
    local = read_local(case_folder(home, name, asked.cases), la_code=row["la_code"])
    plans, planning = planning_folder(raw, Path(asked.cases) if asked.cases else None), Planning()
    if set(asked.sections) & set(params.PLANNED):
        planning = read_planning(plans, scenario=asked.scenario)
        check_scenarios(planning, papers)  # faults are told before anything runs
    day = params.make_params(authority=row["area_code"], as_at=as_at or newest_input(panel, papers, local)).as_at
    facts = Facts(asked.shared.panel, row, day, asked.shared.held(day))
    check_held(asked.saved, facts, papers)
    front, decides = decides_of(asked.frame.name, raw, front, facts, papers)
    warm(home, day)
    reports = reports_of(asked.root, name, local)
    target = reports / asked.frame.folder(day)
    if not target.resolve().is_relative_to(asked.root):
        raise ParamsError(f"{target}: leads out of {asked.root}. Remove the link, or give another place with --out.")
    at = local_at(local, facts, reports / REGISTER)
    store = Store(asked.root / WORK / "sections" / reports.name / asked.frame.store(day))
    clear_killed(target)
    with whole_folder(target) as folder:
        runs = _run_all(asked, store, day, reports, folder, private=local is not None)
        inputs = [record(p, home) for p in [*(panel_folder(home) / f for f in FILES), *raw_inputs(raw, papers)]]
        inputs += [FileRecord(path=f"cases/{f.name}", sha256=f.sha256, size=f.size) for f in case_files(local)]
        inputs += planning_inputs(plans, asked.scenario)
        inputs += view_inputs(asked.saved)
        before = earlier_report(reports, target.name)
        inputs += moved.recorded(before)
        headlines = [key for run in runs if run.results for key in run.results["key_list"]]
        keys = [key["id"] for key in headlines]
        since = moved.moved_since(reports, before, figures_of(runs), keys, said_of(runs), name)
        paper = make_paper(
            panel, papers, row, day, front, runs, inputs, local,
            since=since, chosen=asked.chosen, frame=asked.frame.name, decides=decides,
        )  # fmt: skip
        engine, pdf_fault = write_pages(paper, runs, folder, memory_mb=asked.limits.memory_mb)
        faults = [run.fault for run in runs if run.fault] + ([pdf_fault] if pdf_fault else [])
        (folder / "figures.csv").write_bytes(figures_csv(paper.figures))
        (folder / "claims.csv").write_bytes(claims_csv(runs))
        if since is not None:
            (folder / "moved.csv").write_bytes(since.as_csv())
        write_sheets(paper, runs, folder)
        _tidy(folder, runs)
        if asked.made != asked.afresh():
            raise SourceError(CHANGED.format(name, "; ".join(reasons_of(asked.made, asked.afresh()))))
        registered, checksum = register_with(at, reports / REGISTER)
        manifest = Manifest(
            authority=name,
            packages=packages(),
            parameters={"authority": row["area_code"], "as_at": day.isoformat(), "sections": list(asked.sections)}
            | {"frame": asked.frame.name, "neighbours": list(asked.chosen)}
            | {"scenario": [path.name for path in scenario_paths(plans, asked.scenario, [])]}
            | view_parameters(asked.saved),
            invented=paper.invented,
            headlines=headlines,
            changed=[claim["text"] for run in runs if run.results for claim in run.results["changed"]],
            inputs=inputs,
            notebooks=[record(notebook_path(home, section), home) for section in asked.sections],
            outputs=[record(path, folder) for path in sorted(folder.rglob("*")) if path.is_file()],
            pdf_engine=engine,
            faults=[fault.says for fault in faults],
            made_from=asked.made,
            registered=checksum,
            earlier=before,
        )
        (folder / "manifest.json").write_bytes(manifest.sealed().as_bytes())
        if at is not None:
            words, days = (
                allowed_words(panel, papers, front, planning),
                allowed_days(panel, papers, front, planning, day),
            )
            let_out(at, folder, store, home, words, days)
            # Before the report takes its place: what stands in it is never missing from the register.
            write_whole(reports / REGISTER, registered)
    store.clear_others()
    return Made(target, name, day, tuple(faults), reasons=reasons)


def _run_all(asked: _Asked, store: Store, day: date, reports: Path, folder: Path, *, private: bool) -> list[Run]:
    """Every section: from the store where it is finished, else through its notebook."""
    register = register_checksum(reports)
    given = {"authority": asked.row["area_code"], "as_at": day.isoformat(), "cases": asked.cases}
    given |= {"scenario": asked.scenario, "neighbours": asked.neighbours, "views": write_views(asked.saved, folder)}
    given["released"] = str(reports / REGISTER)

    def one(number: int, section: str) -> Run:
        key = section_key(asked.made, section, number=number, day=day, register=register)
        run = None if asked.force else store.get(section, key)
        event = {"event": "section", "authority": asked.name, "section": section, "kept": run is not None}
        if run is None:
            run = run_notebook(
                asked.home, section, given, number=number, folder=folder, limits=asked.limits, private=private
            )
            if run.fault is None:
                run = store.put(run, key)
        asked.tell(event | {"fault": run.fault.as_dict() if run.fault else None})
        return run

    with ThreadPoolExecutor(max_workers=asked.at_once) as pool:
        jobs = [pool.submit(one, number, section) for number, section in params.numbered(asked.sections)]
        return [job.result() for job in jobs]


def _tidy(folder: Path, runs: list[Run]) -> None:
    """Executed notebooks in a folder of their own; the sections' working files go."""
    kept = folder / "notebooks"
    kept.mkdir()
    for run in runs:
        if run.executed.is_file():
            shutil.copyfile(run.executed, kept / run.executed.name)
        for name in (run.executed.name, f"{run.slug}.json"):
            (folder / name).unlink(missing_ok=True)
