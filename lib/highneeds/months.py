"""Monthly counts by area from an authority's own table: totals checked, part months known."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta

import pandas as pd

from highneeds import periods
from highneeds.figures import Figure, slug, total

TOTAL = "Total"
# Days after a month's end in which late entries are still expected. Unknown locally, so a setting.
LATE_ENTRY_DAYS = 28


@dataclass(frozen=True)
class MonthlyTable:
    """Counts by month and area, as printed and as the areas sum.

    cells: figure of each (month, area); printed: each month's printed total; summed: sum of its areas.
    """

    months: list[str]
    areas: list[str]
    cells: dict[tuple[str, str], Figure]
    printed: dict[str, Figure]
    summed: dict[str, Figure]

    @property
    def disagreeing(self) -> list[str]:
        """Months whose printed total is not the sum of its areas."""
        return [month for month in self.months if self.printed[month].value != self.summed[month].value]

    @property
    def part(self) -> list[str]:
        """Months that may be incomplete."""
        return [month for month in self.months if self.printed[month].status == "p"]


def monthly_table(
    rows: pd.DataFrame,
    *,
    authority: str,
    area_code: str,
    dated: date | None,
    as_at: date,
    measure: str = "local_requests",
    late_entry_days: int = LATE_ENTRY_DAYS,
) -> MonthlyTable | None:
    """Table from printed rows (schemas.PRINTED with row and file); None where no month had ended by as_at.

    A month is marked `p` where the paper is dated before the month's end plus late_entry_days.
    """
    rows = rows[rows["period_basis"].eq(periods.CALENDAR_MONTH)]
    ended = rows["period"].map(lambda month: periods.last_day(month, periods.CALENDAR_MONTH) <= as_at).astype(bool)
    rows = rows[ended]
    if rows.empty:
        return None
    months, areas = sorted(rows["period"].unique()), [area for area in rows["breakdown"].unique() if area != TOTAL]
    figures = {(row.period, row.breakdown): _figure(row, measure, authority, area_code) for row in rows.itertuples()}
    if dated is not None:
        figures = {key: _marked(figure, dated, late_entry_days) for key, figure in figures.items()}
    cells = {key: figure for key, figure in figures.items() if key[1] != TOTAL}
    summed = {month: _month_sum(month, areas, cells, measure, authority) for month in months}
    printed = {month: figures.get((month, TOTAL), summed[month]) for month in months}
    return MonthlyTable(months, areas, cells, printed, summed)


def span_total(table: MonthlyTable, area: str, authority: str) -> Figure:
    """Sum over all months of one area, or of the printed totals."""
    first, last = table.months[0], table.months[-1]
    parts: Iterable[Figure] = (
        (table.printed[m] for m in table.months)
        if area == TOTAL
        else (table.cells[m, area] for m in table.months if (m, area) in table.cells)
    )
    held = list(parts)
    summed = total(
        held,
        f"{held[0].measure}.{slug(authority)}.{first}-to-{last}.{slug(area)}",
        period=f"{first} to {last}",
        period_basis=periods.CALENDAR_MONTH,
        breakdown=area,
    )
    return replace(summed, status="p" if any(f.status == "p" for f in held) else summed.status)


def _month_sum(month: str, areas: list[str], cells: dict, measure: str, authority: str) -> Figure:
    parts = [cells[month, area] for area in areas if (month, area) in cells]
    return total(
        parts,
        f"{measure}.{slug(authority)}.{month}.sum-of-areas",
        period=month,
        period_basis=periods.CALENDAR_MONTH,
        breakdown="Sum of areas",
    )


def _figure(row, measure: str, authority: str, area_code: str) -> Figure:
    blank = pd.isna(row.value)
    return Figure(
        id=f"{measure}.{slug(authority)}.{row.period}.{slug(row.breakdown)}",
        measure=measure,
        area_code=area_code,
        area=authority,
        period=row.period,
        period_basis=row.period_basis,
        value=None if blank else float(row.value),
        status="b" if blank else "",
        unit=row.unit,
        source=row.source,
        reference=f"{row.file}, row {row.row}",
        breakdown=row.breakdown,
    )


def _marked(figure: Figure, dated: date, late_entry_days: int) -> Figure:
    complete = periods.last_day(figure.period, figure.period_basis) + timedelta(days=late_entry_days)
    return replace(figure, status="p") if figure.known and dated < complete else figure
