"""Which reports a run makes: the authorities that were named, and whether the report of each stands, and why not."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd

from highneeds import params
from highneeds.engine.job import Job
from highneeds.errors import ParamsError
from highneeds.facts import plain_name
from highneeds.figures import slug
from highneeds.files import panel_folder
from highneeds.report.frames import SCRUTINY, frame_of
from highneeds.report.made_from import Finished, finished, made_from
from highneeds.report.notebooks import Limits
from highneeds.report.saved_views import views_of
from highneeds.sources.panel import read_areas


@dataclass(frozen=True)
class Planned:
    """A report of a run: the job that would make it, and what stands of it."""

    job: Job
    found: Finished

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why it is to be made; empty where it stands."""
        return self.found.because(force=self.job.force)

    @property
    def to_make(self) -> bool:
        """True where it is to be made."""
        return bool(self.reasons)


def choose(areas: pd.DataFrame, named: Sequence[str], *, everyone: bool = False, region: str = "") -> pd.DataFrame:
    """Authorities of a run, one row each, by name. Raises ParamsError for every name that is none.

    areas: the panel's areas. Exactly one of named, everyone and region is given.
    """
    today = areas[areas["level"].eq("local authority") & areas["closed"].eq("")]
    if everyone:
        return today.sort_values("area_name", ignore_index=True)
    if region:
        return today[today["region_code"].eq(_region(areas, region))].sort_values("area_name", ignore_index=True)
    faults, codes = [], []
    for name in named:
        try:
            codes.append(params.find_authority(areas, name)["area_code"])
        except ParamsError as fault:
            faults += fault.faults
    if faults:
        raise ParamsError(faults)
    chosen = today[today["area_code"].isin(codes)]
    return chosen.sort_values("area_name", ignore_index=True)


def _region(areas: pd.DataFrame, named: str) -> str:
    regions = areas[areas["level"].eq("regional")]
    wanted = named.strip().lower()
    hit = regions[regions["area_name"].str.lower().eq(wanted) | regions["area_code"].str.lower().eq(wanted)]
    if len(hit) != 1:
        names = ", ".join(sorted(regions["area_name"]))
        raise ParamsError(f"region '{named}': there is none of that name or code. Expected one of {names}.")
    return hit["area_code"].item()


def plan(
    home: Path,
    chosen: pd.DataFrame,
    *,
    out: Path,
    sections: Sequence[str],
    as_at: date | None = None,
    cases: Path | None = None,
    scenario: str = "",
    neighbours: str = "",
    views: Sequence[Path] = (),
    frame: str = SCRUTINY,
    limits: Limits,
    at_once: int,
    force: bool = False,
    suite: str = "",
) -> list[Planned]:
    """Every report of a run with its job, and what stands of it.

    sections: none means those of the form. neighbours: area codes, with commas. views: files of saved views.
    Raises ParamsError for views that are none, or not of these reports; all faults together.
    """
    made = []
    sections = frame_of(frame).chosen(sections, views=bool(views))
    if views:  # told once for the run, not by each report
        given = {"cases": str(cases or ""), "scenario": scenario, "neighbours": neighbours}
        views_of(views, read_areas(panel_folder(home)), chosen.to_dict("records"), given)
    for row in chosen.to_dict("records"):
        name = plain_name(row["area_name"])
        settings = {"sections": sections, "as_at": as_at, "cases": cases, "scenario": scenario}
        settings |= {"neighbours": neighbours, "frame": frame, "views": views}
        wanted = made_from(home, slug(name), code=row["area_code"], **settings)
        job = Job(
            home=str(home),
            out=str(out),
            authority=row["area_code"],
            name=name,
            sections=list(sections),
            as_at=as_at.isoformat() if as_at else "",
            cases=str(cases or ""),
            scenario=scenario,
            neighbours=neighbours,
            views=[str(path) for path in views],
            frame=frame,
            at_once=at_once,
            cell_seconds=limits.cell_seconds,
            report_seconds=limits.report_seconds,
            memory_mb=limits.memory_mb,
            force=force,
            suite=suite,
        )
        made.append(Planned(job, finished(out, slug(name), wanted)))
    return made
