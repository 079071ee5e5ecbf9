"""The commands `check` and `preview`: case data looked at before anybody publishes or submits them.

What they print and write is for the analyst who holds the data: exact counts and row numbers, no cell's content.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd

from highneeds import params, periods
from highneeds.cases import ERROR
from highneeds.errors import SourceError
from highneeds.facts import Facts, plain_name
from highneeds.figures import format_number, slug
from highneeds.files import panel_folder, write_whole
from highneeds.measures.declarations import MEASURES
from highneeds.measures.dry_run import bridge, dry_run, newest_year
from highneeds.report.check import INVENTED, check_csv, check_html, check_lines
from highneeds.sections.local import Local, read_local
from highneeds.sections.opening import published
from highneeds.sources.case_files import EXTRACT, layout_of
from highneeds.sources.extract_mapping import mapping_path
from highneeds.sources.extract_mapping_text import mapping_text, write_mapping
from highneeds.sources.extract_proposal import propose_mapping
from highneeds.sources.panel import Panel, read_panel

RESIDUAL_PCT = 1.0


@dataclass(frozen=True)
class Checked:
    """What a check says, the files it wrote, and whether it found errors."""

    lines: list[str]
    files: list[Path]
    errors: bool


def check_path(home: Path, path: Path, *, authority: str = "", out: Path | None = None) -> Checked:
    """Check case data in a file or folder; for a plain extract not seen before, propose how its columns are meant.

    authority: whose data they are, where they do not say; then DfE's figures are compared too.
    """
    if _is_new_extract(path):
        return _proposal(path)
    panel = read_panel(panel_folder(home))
    local = _local(path)
    area = _area(panel, authority or local.cases.la_code)
    known = None if area is None else published(Facts(panel, area, local.cases.extract_date))
    findings = local.findings(known)
    name = plain_name(area["area_name"]) if area is not None else ""
    folder = out or home / "reports" / "check" / (slug(path.resolve().stem) or "cases")
    title = f"Data check: {name or path.name}"
    write_whole(folder / "check.html", check_html(local.cases, findings, title=title, authority=name).encode("utf-8"))
    write_whole(folder / "check.csv", check_csv(findings))
    errors = any(finding.severity == ERROR and finding.count for finding in findings)
    return Checked(check_lines(local.cases, findings), [folder / "check.html", folder / "check.csv"], errors)


def _is_new_extract(path: Path) -> bool:
    return path.is_file() and not mapping_path(path).is_file() and layout_of(path) == EXTRACT


def _proposal(path: Path) -> Checked:
    mapping = propose_mapping(path)
    written = write_mapping(mapping, mapping_path(path))
    lines = [
        *mapping_text(mapping),
        "",
        f"Read {written.name}, correct it, and set 'confirmed: true'. Then check again.",
    ]
    return Checked(lines, [written], False)


def _local(path: Path) -> Local:
    local = read_local(path)
    if local is None:
        raise SourceError(
            f"{path}: no case data was found. Expected a SEN2 return or an extract: XML, CSV or workbook. "
            "The README lists the layouts that are read."
        )
    return local


def _area(panel: Panel, named: str) -> pd.Series | None:
    """Row of the authority; None where nobody says whose data they are, or the code is of none today."""
    if not named:
        return None
    codes = panel.areas["la_code"].eq(named) & panel.areas["closed"].eq("")
    return params.find_authority(panel.areas, named) if codes.any() or not named.isdigit() else None


def preview_lines(home: Path, path: Path, *, authority: str = "", year: str = "") -> list[str]:
    """What DfE would publish from these cases, beside its figures, and the bridge between the two, for a terminal."""
    panel = read_panel(panel_folder(home))
    local = _local(path)
    area = _area(panel, authority or local.cases.la_code)
    if area is None:
        raise SourceError(f"{path.name}: the data do not say whose they are. Give the authority: --authority NAME.")
    facts = Facts(panel, area, date.max)
    year = year or newest_year(local.cases)
    lines = [INVENTED, ""] if local.cases.invented else []
    lines += [f"{facts.authority.name}: what DfE would publish for calendar {year}", ""]
    lines += _dry_run_lines(local, facts, year)
    return [*lines, "", *_bridge_lines(local, facts, year)]


def _dry_run_lines(local: Local, facts: Facts, year: str) -> list[str]:
    rows = [("", "own cases", "published", "before")]
    early = False
    for row in dry_run(local.cases, year).itertuples():
        declared = MEASURES[row.measure]
        own = f"[{row.status}]" if pd.isna(row.value) else format_number(row.value, declared.unit, declared.places)
        early |= row.status == "p"
        then = periods.previous_year(row.period, row.period_basis)
        beside = [facts.get(row.measure, facts.authority, period).text for period in (row.period, then)]
        rows.append((f"{declared.label}, {periods.label(row.period, row.period_basis)}", own, *beside))
    made = _columns(rows)
    if early:
        day = periods.day_in_words(local.cases.extract_date)
        made += ["", f"The data are of {day}, before the survey day: outcomes and plans held may still change."]
    return [
        *made,
        "Published: DfE's figure for the same period; before: for the period before. [n] not held, [x] not available.",
    ]


def _bridge_lines(local: Local, facts: Facts, year: str) -> list[str]:
    survey = periods.last_day(str(int(year) + 1), periods.JANUARY)
    steps = bridge(local.cases, year, at=min(survey, local.cases.extract_date))
    rows = [(row.step, f"{row.count:,}") for row in steps.itertuples(index=False)]
    figure, here = facts.get("requests_received", facts.authority, year), int(steps["count"].iloc[-1])
    rows.append((f"Published by DfE for {year}", figure.text))
    if figure.known:
        gap = figure.value - here  # type: ignore[operator]
        red = abs(gap) > figure.value * RESIDUAL_PCT / 100  # type: ignore[operator]
        rows.append(
            ("Not explained" + (" (OVER 1%: find the reason before submitting)" if red else ""), f"{gap:+,.0f}")
        )
    return ["Bridge from rows to the published count of requests", "", *_columns(rows)]


def _columns(rows: list[tuple[str, ...]]) -> list[str]:
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    return [
        "  ".join(
            cell.ljust(width) if at == 0 else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
