"""What `highneeds forecast` and `highneeds backtest` print: rows for programs, a short table for people."""

import csv
import io
import json
import math
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path

from highneeds import files, params, periods, terms
from highneeds.facts import held_by
from highneeds.measures.declarations import MEASURES as DECLARED
from highneeds.models.backtest import Row, score_sheet
from highneeds.models.forecast import Forecast, refused
from highneeds.models.yearly.annual import MEASURES, open_annual
from highneeds.models.yearly.national import england
from highneeds.sources.panel import Panel, read_panel

COLUMNS = ("area_code", "measure", "period", "point", "lower80", "upper80", "lower95", "upper95", "model")
REFUSED = "refused"
_NUMBERS = COLUMNS[3:8]


def forecast_lines(
    home: Path, authority: str, *, measure: str, horizon: int, as_at: date | None, form: str
) -> tuple[list[str], list[str], int]:
    """Lines to print, one line for each refusal, and the number of forecasts.

    authority: a name, a code or England; empty for all. measure: a name of models.annual.MEASURES; form: table, csv
    or json.
    Raises ParamsError for an authority that there is not.
    """
    panel = read_panel(files.panel_folder(home))
    made = _forecasts(panel, authority, measure=measure, horizon=horizon, as_at=as_at)
    refusals = [f"{one.area}: {one.refusal}{_last(one)}" for one in made if not one.known]
    known = len(made) - len(refusals)
    if form == "csv":
        return _csv(COLUMNS, [row for one in made for row in _rows(one, measure, horizon)]), refusals, known
    if form == "json":
        text = json.dumps([_as_data(one, measure) for one in made], indent=1, ensure_ascii=False)
        return text.splitlines(), refusals, known
    return _table(made, one=bool(authority)), refusals, known


def _forecasts(panel: Panel, authority: str, *, measure: str, horizon: int, as_at: date | None) -> list[Forecast]:
    values = held_by(panel, as_at).values if as_at else panel.values
    nation = authority.strip().lower() in ("england", terms.ENGLAND.lower())
    row = params.find_authority(panel.areas, authority) if authority and not nation else None
    annual = open_annual(values, panel.areas, measure)
    if annual is None:
        return [_nothing(measure, row, as_at)]
    if nation:
        return [england(annual, horizon)]
    return annual.forecast_all(horizon) if row is None else [annual.forecast(row["area_code"], horizon)]


def _nothing(measure: str, row, as_at: date | None) -> Forecast:
    declared = DECLARED[MEASURES[measure]]
    code, name = (row["area_code"], row["area_name"]) if row is not None else (terms.ENGLAND, "All authorities")
    like = {"measure": declared.name, "area_code": code, "area": name, "unit": declared.unit}
    day = f" by {periods.day_in_words(as_at)}" if as_at else ""
    said = (
        f"No figures of '{declared.label}' are held{day}, or too few years. Import the releases: highneeds import PATH"
    )
    return refused(like | {"period_basis": declared.period_basis, "origin": ""}, said)


def _last(one: Forecast) -> str:
    """Last figure of a series that is not forecast, where there is one."""
    return f" Last figure: {_number(one.latest, one)}." if math.isfinite(one.latest) else ""


def _rows(one: Forecast, measure: str, horizon: int) -> list[dict]:
    """Rows of a forecast as printed; a refusal keeps its years, without numbers."""
    if one.known:
        rows = [row | {"measure": measure} for row in one.rows()]
        places = 2 if one.unit == "%" else 1
        return [row | {name: f"{row[name]:.{places}f}" for name in _NUMBERS} for row in rows]
    years = range(1, horizon + 1) if one.origin else ()
    blank = dict.fromkeys(_NUMBERS, "") | {"area_code": one.area_code, "measure": measure, "model": REFUSED}
    return [blank | {"period": str(int(one.origin) + ahead)} for ahead in years]


def _csv(columns: Sequence[str], rows: list[dict]) -> list[str]:
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().splitlines()


def _as_data(one: Forecast, measure: str) -> dict:
    """Everything a forecast says, for a program: no number that is not one."""
    data = asdict(one) | {"measure": measure, "declared_measure": one.measure}
    data["steps"] = [
        row | {"horizon": step.horizon, "target_years": step.target_years, "quantiles": list(step.quantiles)}
        for row, step in zip(one.rows(), one.steps, strict=True)
    ]
    return _plain(data)


def _plain(value: object) -> object:
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _table(made: list[Forecast], *, one: bool) -> list[str]:
    """A table for people: one authority with its record, or a line a year of each."""
    known = [each for each in made if each.known]
    if not known:
        return []
    declared = DECLARED[known[0].measure]
    basis = f"{declared.unit}, {known[0].period_basis}"
    lines = [f"{declared.label} ({basis}), forecast from {_when(known[0], known[0].origin)}", ""]
    lines.append(f"{'Authority':<37}{'Period':<10}{'Point':>9}  {'80% range':^21}  {'95% range':^21}  Model")
    for each in known:
        for step in each.steps:
            ends = [f"{_number(low, each)} to {_number(high, each)}" for low, high in (step.range(80), step.range(95))]
            lines.append(
                f"{each.area:<37}{_when(each, step.period):<10}{_number(step.point, each):>9}  "
                f"{ends[0]:^21}  {ends[1]:^21}  {step.model}".rstrip()
            )
    return lines + (_said(known[0]) if one else [])


def _said(one: Forecast) -> list[str]:
    """Why this model, how wrong it has been, and what to mind."""
    lines = ["", one.reason]
    for step in one.steps:
        score = one.record.of(step.horizon)
        if score is not None:
            error = f"{score.error:.2f} points" if one.unit == "%" else f"{score.error:.1f}%"
            lines.append(
                f"{step.horizon} year{'s' if step.horizon > 1 else ''} ahead: out by {error} on average for "
                f"{score.authorities} authorities over {score.years} target years; "
                f"{score.cover80:.0f} in 100 of its 80% ranges held."
            )
    for past in one.record.own:
        if past.horizon == 1:
            held = "held" if past.held80 else "missed"
            lines.append(
                f"{_when(one, past.period)}, forecast a year before: {_number(past.point, one)} "
                f"({_number(past.lower80, one)} to {_number(past.upper80, one)}); "
                f"came to {_number(past.actual, one)}: range {held}."
            )
    return lines + [f"Mind: {warning}" for warning in one.warnings]


def _when(one: Forecast, period: str) -> str:
    return periods.label(period, one.period_basis)


def _number(value: float, one: Forecast) -> str:
    return f"{value:.1f}%" if one.unit == "%" else f"{value:,.0f}"


def backtest_lines(home: Path, measures: Sequence[str], *, form: str) -> tuple[list[str], int]:
    """Lines of the score sheet and the number of rows that missed. form: table or csv."""
    panel = read_panel(files.panel_folder(home))
    rows = score_sheet(panel.values, panel.areas, panel.neighbours, measures=measures)
    missed = sum(not row.holds for row in rows)
    if form == "csv":
        return _csv(
            ("measure", "score", "value", "unit", "target", "result", "last_national_rate", "own_drift", "by_year"),
            [_sheet_row(row) for row in rows],
        ), missed
    lines, group = [], ""
    for row in rows:
        if row.group != group:
            group = row.group
            lines += [
                "",
                f"{DECLARED[group].label} ({group})",
                f"{'Score':<64}{'Value':>8}  {'Target':<14}{'Result':<7}{'National':>9}{'Drift':>8}",
            ]
        rivals = "".join(f"{_or_blank(rival):>{size}}" for rival, size in ((row.national, 9), (row.drift, 8)))
        lines.append(f"{row.measure:<64}{row.value:>8.2f}  {row.target:<14}{_result(row):<7}{rivals}".rstrip())
        if row.by_year:
            lines.append("    " + "  ".join(f"{year} {value:.1f}" for year, value in row.by_year))
    counted = sum(row.target != "" for row in rows)
    lines += [
        "",
        f"{counted - missed} of {counted} rows reach their target. National: the last national rate; drift: the "
        "authority's own; both on the same cells.",
    ]
    return lines[1:], missed


def _sheet_row(row: Row) -> dict:
    return {
        "measure": row.group,
        "score": row.measure,
        "value": f"{row.value:.4f}",
        "unit": row.unit,
        "target": row.target,
        "result": _result(row),
        "last_national_rate": _or_blank(row.national),
        "own_drift": _or_blank(row.drift),
        "by_year": " ".join(f"{year}:{value:.2f}" for year, value in row.by_year),
    }


def _result(row: Row) -> str:
    return "" if not row.target else "pass" if row.holds else "MISS"


def _or_blank(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"
