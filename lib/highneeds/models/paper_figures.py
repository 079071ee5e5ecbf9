"""Cells of a paper as figures, and numbers computed from figures with their formula.

Owns what sections and `reconcile` share of them. Nothing is mended: a printed cell stays as it is printed.
"""

import re
from collections.abc import Callable
from dataclasses import replace

import pandas as pd

from highneeds.facts import Area
from highneeds.figures import Figure, change_pct, slug
from highneeds.measures.declarations import OWN
from highneeds.models.deficit import printed as lines
from highneeds.models.deficit.checks import Check, implied_opening, rolled_on
from highneeds.models.deficit.printed import ACCUMULATED, NET, TOTAL, Cell, Plan
from highneeds.periods import AT_DATE, FINANCIAL_YEAR

MOVES = (NET, lines.DFE, lines.COUNCIL, lines.STABILITY)  # what moves a balance in a year


def row_figures(rows: pd.DataFrame | None, area: Area, measure: str, period: str, breakdown: str) -> list[Figure]:
    """Every printed figure of a measure, period and breakdown: one, none, or several where a paper says it again."""
    if rows is None:
        return []
    hit = rows[rows["measure"].eq(measure) & rows["period"].eq(period) & rows["breakdown"].eq(breakdown)]
    return [_row_figure(row, area, f".row-{row['row']}" if len(hit) > 1 else "") for _, row in hit.iterrows()]


def _row_figure(row: pd.Series, area: Area, tail: str) -> Figure:
    blank, measure, period = pd.isna(row["value"]), row["measure"], row["period"]
    return Figure(
        id=f"printed_{measure}.{area.slug}.{slug(period)}.{slug(row['breakdown'])}{tail}",
        measure=f"printed_{measure}",
        area_code=area.code,
        area=area.name,
        period=period,
        period_basis=row["period_basis"],
        value=None if blank else float(row["value"]),
        status="b" if blank else "",
        unit=row["unit"],
        source=row["source"],
        reference=f"{row['file']}, row {row['row']}",
        breakdown=row["breakdown"],
        places=_places(str(row["as_printed"])),
    )


def _places(printed: str) -> int:
    """Decimals of the first number of a printed text: 1 of `c.£1.5m`, 0 of `over 4,000`."""
    found = re.search(r"\d[\d,]*(?:\.(\d+))?", printed)
    return len(found[1] or "") if found else 0


def cell_figure(
    rows: pd.DataFrame, area: Area, table: str, cell: Cell, *, basis: str = FINANCIAL_YEAR, tail: str = ""
) -> Figure:
    """One cell of a printed plan; its table stands in its id, for two tables of a paper may differ."""
    return Figure(
        id=f"printed_{table}.{area.slug}.{cell.period}.{slug(cell.measure)}.{slug(cell.breakdown)}{tail}",
        measure=f"printed_{cell.measure}",
        area_code=area.code,
        area=area.name,
        period=cell.period,
        period_basis=basis,
        value=None if cell.value is None else float(cell.value),
        status="b" if cell.value is None else "",
        unit=cell.unit,
        source=rows.loc[rows["row"].eq(cell.row), "source"].iloc[0],
        reference=f"{cell.file}, row {cell.row}",
        breakdown=cell.breakdown,
        places=max(0, -int(cell.step.as_tuple().exponent)),
    )


def made_figure(name: str, of: Callable[..., float], how: str, *inputs: Figure, **changes) -> Figure:
    """A number computed from figures: `how` is its formula, {0} the id of the first; "+" adds up all. A blank is 0."""
    like, ids = inputs[0], [each.id for each in inputs]
    made = replace(
        like,
        measure=name,
        value=float(of(*(0.0 if each.status == "b" else each.value for each in inputs))),
        status="",
        source=OWN,
        reference=" + ".join(ids) if how == "+" else how.format(*ids),
        breakdown=TOTAL,
        places=max(each.places for each in inputs if each.unit == like.unit),
        inputs=inputs,
    )
    made = replace(made, **changes)
    return replace(made, id=f"{name}.{slug(made.area)}.{slug(made.period)}")


def added(*values: float) -> float:
    """Sum of its arguments."""
    return sum(values)


def growth(name: str, after: Figure, before: Figure) -> Figure:
    """Change in per cent under a name of its own, so that a formula over it can be read."""
    made = change_pct(after, before)
    return replace(made, id=f"{name}.{slug(made.area)}.{slug(made.period)}", measure=name)


def sum_of_parts(rows: pd.DataFrame, area: Area, table: str, check: Check) -> Figure:
    """What the printed parts of a printed total come to."""
    parts = [cell_figure(rows, area, table, cell) for cell in check.parts]
    return made_figure(f"{table}_{check.total.measure}_recomputed", added, "+", *parts, period=check.total.period)


def moved_of(rows: pd.DataFrame, area: Area, table: str, plan: Plan, year: str) -> list[Figure]:
    """What moves the balance in a year: net as printed, and contributions."""
    totals = {measure: plan.total(measure, year) for measure in MOVES}
    cells = [(held,) if held is not None else plan.parts(measure, year) for measure, held in totals.items()]
    return [cell_figure(rows, area, table, cell) for held in cells for cell in held]


def opening_of(rows: pd.DataFrame, area: Area, table: str, plan: Plan) -> Figure | None:
    """The balance brought forward that the first printed balance implies; None where it implies none."""
    first = plan.years[0]
    if implied_opening(plan) is None:
        return None
    balance = cell_figure(rows, area, table, plan.cells[ACCUMULATED, TOTAL, first])
    moved = moved_of(rows, area, table, plan, first)
    how, day = " - ".join(f"{{{at}}}" for at in range(len(moved) + 1)), f"{first[:4]}-03-31"
    before = {"period": day, "period_basis": AT_DATE}
    return made_figure("implied_opening", lambda whole, *parts: whole - sum(parts), how, balance, *moved, **before)


def rolled_of(rows: pd.DataFrame, area: Area, table: str, plan: Plan) -> dict[str, Figure]:
    """The balance by year, each carried on from the one before as carried on."""
    held, made = opening_of(rows, area, table, plan), {}
    for each in rolled_on(plan) if held is not None else ():
        parts, now = (
            moved_of(rows, area, table, plan, each.period),
            {"period": each.period, "period_basis": FINANCIAL_YEAR},
        )
        held = made[each.period] = made_figure("balance_rolled_on", added, "+", held, *parts, **now)
    return made
