"""Tables of monthly counts as the monthly model reads them: checked, trimmed, and what in them cannot be forecast.

The model itself is `outlook`'s, its arithmetic `fit`'s. A missing count is missing, never nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from highneeds import periods
from highneeds.errors import SchemaError
from highneeds.models.monthly import school_calendar
from highneeds.months import TOTAL

WINDOW_MONTHS = 60  # older months say little of the level and slow the fit
LEAST_MONTHS = 12
LEAST_MEAN = 3.0  # a month; below it a range says "none to a handful" whatever is done
MOST_MISSING = 0.25
# A month counts towards the total where the areas known usually bring at least this share of it.
LEAST_KNOWN = 0.5
STALE_MONTHS = 3


@dataclass(frozen=True)
class Counts:
    """Complete months of an authority's areas.

    months: consecutive, `2024-03`; areas: in the alphabet's order; values: shape (T, areas), missing where not known.
    """

    months: tuple[str, ...]
    areas: tuple[str, ...]
    values: np.ndarray

    @property
    def usual_shares(self) -> np.ndarray:
        """Each area's usual share of the total (0-1), from its own known months against the calendar."""
        expected = np.where(np.isnan(self.values), 0.0, school_calendar.profile(self.months)[:, None])
        level = np.nansum(self.values, axis=0) / np.maximum(expected.sum(axis=0), 1e-9)
        return level / level.sum() if level.sum() else np.full(len(level), 1 / len(level))

    @property
    def part_known(self) -> np.ndarray:
        """Usual share (0-1) of each month's total that its known areas bring."""
        return np.minimum(~np.isnan(self.values) @ self.usual_shares, 1.0)

    @property
    def total(self) -> np.ndarray:
        """Sum of each month's known areas; missing where they are less than LEAST_KNOWN of the total."""
        return np.where(self.part_known >= LEAST_KNOWN, np.nansum(self.values, axis=1), np.nan)

    def until(self, months: int) -> "Counts":
        """The first months only, as they were known then."""
        return Counts(self.months[:months], self.areas, self.values[:months])

    def of(self, areas: Sequence[str]) -> "Counts":
        """Some of the areas."""
        return Counts(self.months, tuple(areas), self.values[:, [self.areas.index(area) for area in areas]])


def read_counts(table: pd.DataFrame) -> Counts:
    """Counts from a table of months by areas: column order does not matter, months without any count at the ends go.

    table: indexed by periods `2024-03` in order, without a gap; one column an area (not the total: it is summed here);
    whole numbers, missing where not available. Raises SchemaError with every fault, naming month and area.
    """
    faults = [*_index_faults(list(table.index)), *_column_faults(list(table.columns))]
    if faults:
        raise SchemaError(faults)
    ordered = table[sorted(table.columns)]
    values = ordered.apply(pd.to_numeric, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    wrong = ordered.notna().to_numpy() & ~((values >= 0) & (values == np.floor(values)) & np.isfinite(values))
    if wrong.any():
        places = [(ordered.index[row], ordered.columns[column]) for row, column in zip(*wrong.nonzero(), strict=True)]
        raise SchemaError(
            f"monthly counts: {area} in {month} is {ordered.loc[month, area]}. Expected a whole number from 0, or "
            "a blank where it is not available. Correct the table."
            for month, area in places
        )
    held = (~np.isnan(values).all(axis=1)).nonzero()[0]
    if not len(held):
        raise SchemaError("monthly counts: no month has a count. Expected at least one. Check the table's numbers.")
    kept = slice(held[0], held[-1] + 1)
    return Counts(tuple(ordered.index[kept]), tuple(ordered.columns), values[kept])


def area_refusal(series: np.ndarray, *, area: str, unit: str) -> str:
    """Why a series cannot be forecast, with what would help; empty where it can. series: shape (T,)."""
    known = ~np.isnan(series)
    count, mean = int(known.sum()), float(np.nanmean(series)) if known.any() else 0.0
    if not known[-STALE_MONTHS:].any():
        return (
            f"{area}: no count in the last {STALE_MONTHS} months. If the area was merged or renamed, give its months "
            "under the area it now belongs to."
        )
    if count < LEAST_MONTHS:
        return (
            f"{area}: {count} complete months; a forecast needs {LEAST_MONTHS}, so that each month of the year was "
            f"seen once. Add earlier months, or wait for {LEAST_MONTHS - count} more."
        )
    if mean == 0:
        return f"{area}: no {unit} in any of {count} months: there is nothing to learn from. Join it to a larger area."
    if mean < LEAST_MEAN:
        return (
            f"{area}: {mean:.1f} {unit} a month; below {LEAST_MEAN:.0f} a month nearly every month is chance. Join "
            "the area to a neighbour, or read its numbers by the year."
        )
    span = known[known.argmax() :]
    if (missing := int((~span).sum())) > MOST_MISSING * len(span):
        return (
            f"{area}: {missing} of {len(span)} months are not available, more than a quarter. Fill the gaps from the "
            "case system."
        )
    return ""


def gap_warnings(counts: Counts) -> dict[str, str]:
    """What is missing in each area with gaps, in words, and how it was dealt with."""
    warnings = {}
    for area, column in zip(counts.areas, np.isnan(counts.values).T, strict=True):
        if column.any():
            months = [month for month, gone in zip(counts.months, column, strict=True) if gone]
            named = ", ".join(periods.label(month, periods.CALENDAR_MONTH) for month in months[:6])
            more = " and others" if len(months) > 6 else ""
            warnings[area] = (
                f"{area}: no count for {named}{more}: left out of the fit, not read as none. The total of such a month "
                "is taken from the other areas and their usual share."
            )
    return warnings


def following(month: str, steps: int) -> str:
    """Month so many steps later (or earlier)."""
    number = 12 * int(month[:4]) + int(month[5:7]) - 1 + steps
    return f"{number // 12}-{number % 12 + 1:02d}"


def _index_faults(months: list) -> list[str]:
    bad = [m for m in months if not (isinstance(m, str) and periods.is_well_formed(m, periods.CALENDAR_MONTH))]
    bad += [m for m in months if m not in bad and not 1 <= int(m[5:7]) <= 12]
    if bad:
        return [f"monthly counts: month {bad[0]!r}. Expected months such as '2024-03'. Correct the table's index."]
    return [
        f"monthly counts: {new} follows {old}. Expected {following(old, 1)}: months in order, each once, none left "
        "out. Add the missing month with blanks, or sort the table."
        for old, new in zip(months, months[1:], strict=False)
        if new != following(old, 1)
    ] or ([] if months else ["monthly counts: the table has no month. Expected a row a month."])


def _column_faults(areas: list) -> list[str]:
    faults = [] if areas else ["monthly counts: the table has no area. Expected a column an area."]
    if TOTAL in areas:
        faults.append(f"monthly counts: a column is called {TOTAL}. Expected areas only: drop it, it is summed here.")
    twice = sorted({str(area) for area in areas if areas.count(area) > 1})
    return faults + [f"monthly counts: area {area} has 2 columns. Expected one. Drop or add them up." for area in twice]
