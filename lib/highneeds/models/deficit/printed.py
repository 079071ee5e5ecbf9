"""A plan as a paper prints it: every printed number with its place, its row and what its rounding leaves open.

Owns the measures of such a table, its faults, and the exact ledger of its lines; leaves adding it up again to
`checks`. Nothing is mended: a number that does not fit stays as printed.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

import pandas as pd

from highneeds.errors import SchemaError
from highneeds.models.deficit import ledger as kinds
from highneeds.models.deficit.ledger import Ledger, Line
from highneeds.models.deficit.rounded import step_of
from highneeds.models.deficit.years import year_faults
from highneeds.periods import is_financial_year

TOTAL, BLANK = "Total", "blank"
SPEND, SAVINGS, GRANT = "high_needs_spend", "high_needs_savings", "high_needs_grant"
TRANSFER, OTHER_BLOCKS = "schools_block_transfer", "other_block_variance"
DFE, COUNCIL, STABILITY = "dfe_contribution", "council_contribution", "high_needs_stability_grant"
NET, ACCUMULATED = "dsg_net_total", "dsg_accumulated_position"
GROWTH = f"{SPEND}_change_pct"

KIND_OF = {
    SPEND: kinds.SPEND,
    SAVINGS: kinds.SAVING,
    GRANT: kinds.GRANT,
    TRANSFER: kinds.TRANSFER,
    OTHER_BLOCKS: kinds.OTHER_BLOCK,
    DFE: kinds.DFE,
    COUNCIL: kinds.COUNCIL,
    STABILITY: kinds.STABILITY,
}
LABELS = {
    SPEND: "High needs spend",
    SAVINGS: "Savings",
    GRANT: "High needs grant",
    TRANSFER: "Transfer from schools block",
    OTHER_BLOCKS: "Variances on other blocks",
    DFE: "DfE contribution",
    COUNCIL: "Council contribution",
    STABILITY: "High Needs Stability Grant",
    NET: "Net in the year",
    ACCUMULATED: "Accumulated balance",
}
_GROUPS = (
    ("independent", ("independent",)),
    ("non-maintained", ("independent",)),
    ("special school", ("state special",)),
    ("mainstream", ("mainstream", "resourced provision or SEN unit")),
    ("post 16", ("post-16",)),
    ("post-16", ("post-16",)),
)
_MONEY = (*KIND_OF, NET, ACCUMULATED)
_PENCE_OF = {"GBP million": 10**8, "GBP thousand": 10**5, "GBP": 100}
_COLUMNS = ("measure", "breakdown", "period", "value", "unit", "status", "as_printed", "file", "row")


@dataclass(frozen=True)
class Cell:
    """One printed number: value (None where the paper prints a blank) in `unit`, and one step of its last place."""

    measure: str
    breakdown: str
    period: str
    value: Decimal | None
    step: Decimal
    unit: str
    file: str
    row: int

    @property
    def name(self) -> str:
        """Name of its line: the breakdown, or for a total what the measure is."""
        return LABELS.get(self.measure, self.measure) if self.breakdown == TOTAL else self.breakdown


@dataclass(frozen=True, eq=False)
class Plan:
    """Printed cells by measure, breakdown and year; years earliest first; the one unit of its amounts."""

    years: tuple[str, ...]
    cells: dict[tuple[str, str, str], Cell]
    unit: str

    def total(self, measure: str, year: str) -> Cell | None:
        """The printed total of a measure; None where there is none, or a blank."""
        cell = self.cells.get((measure, TOTAL, year))
        return cell if cell is not None and cell.value is not None else None

    def parts(self, measure: str, year: str) -> tuple[Cell, ...]:
        """Printed parts of a measure, blanks left out; its total where it has no parts."""
        names = dict.fromkeys(name for found, name, _ in self.cells if found == measure)
        apart = [name for name in names if name != TOTAL] or list(names)
        cells = [self.cells[measure, name, year] for name in apart]
        return tuple(cell for cell in cells if cell.value is not None)


def groups_of(label: str) -> tuple[str, ...]:
    """Placement groups that a printed type of spend pays for; empty where it is not driven by placements."""
    low = label.lower()
    return next((groups for words, groups in _GROUPS if words in low), ())


def printed_plan(rows: pd.DataFrame) -> Plan:
    """A plan from a printed table: a DSG projection, or spend by type with its totals.

    rows: columns measure, breakdown, period (financial years), value, unit, status (`blank` where the paper prints
    none), as_printed, file and row, as `sources.papers` reads them. Growth in spend may stand among them.
    Raises SchemaError, all faults together: columns missing, measures unknown, years malformed or missing, two rows
    of one cell, a value missing that is no blank, a line without a row for each year, more than one unit.
    """
    lost = [name for name in _COLUMNS if name not in rows]
    if lost or rows.empty:
        raise SchemaError(
            f"printed plan: found {len(rows)} rows, without columns {', '.join(lost) or 'missing'}. Expected rows with "
            f"{', '.join(_COLUMNS)}. Read the file with sources.papers."
        )
    if not pd.api.types.is_float_dtype(rows["value"]):
        raise SchemaError("printed plan: value holds text. Expected numbers. Read the file with sources.papers.")
    cells = [_cell(tuple(row)) for row in rows[list(_COLUMNS)].itertuples(index=False)]
    money = [cell for cell in cells if cell.measure in _MONEY]
    faults = [fault for cell, status in zip(cells, rows["status"], strict=True) for fault in _cell_faults(cell, status)]
    faults += [] if faults else _table_faults(money, cells)
    if faults:
        raise SchemaError(faults)
    years = tuple(sorted({cell.period for cell in money}))
    return Plan(years, {(cell.measure, cell.breakdown, cell.period): cell for cell in cells}, money[0].unit)


def printed_ledger(plan: Plan) -> Ledger:
    """The plan's lines in whole pence, as printed; its totals are left out, for they are what is to be checked.

    A blank counts as nothing. Raises SchemaError for a unit that is none of GBP, GBP thousand and GBP million, and for
    amounts that are no whole pence.
    """
    faults = [] if plan.unit in _PENCE_OF else [f"unit '{plan.unit}': expected one of {', '.join(_PENCE_OF)}."]
    lines = [] if faults else [_line(plan, *key, faults) for key in _line_names(plan)]
    if faults:
        raise SchemaError(faults)
    return Ledger(plan.years, tuple(lines))


def in_pounds(plan: Plan, value: Decimal) -> float:
    """An amount of the plan in pounds; SchemaError for a unit that is no money."""
    if plan.unit not in _PENCE_OF:
        raise SchemaError(f"unit '{plan.unit}': expected one of {', '.join(_PENCE_OF)}. Correct it in the table.")
    return float(value * _PENCE_OF[plan.unit] / 100)


# ---- Inside ----------------------------------------------------------------------------------------------------------


def _cell(row: tuple) -> Cell:
    measure, breakdown, period, value, unit, _, as_printed, file, number = row
    exact = None if pd.isna(value) else Decimal(repr(float(value)))
    if exact is not None and exact == exact.to_integral_value():
        exact = exact.to_integral_value()
    step = Decimal(0) if exact is None or not exact.is_finite() else step_of(exact, str(as_printed))
    return Cell(measure, breakdown, period, exact, step, unit, file, int(number))


def _cell_faults(cell: Cell, status: str) -> list[str]:
    where, faults, blank = f"{cell.file}: row {cell.row}", [], status == BLANK
    if cell.measure not in (*_MONEY, GROWTH):
        expected = ", ".join((*_MONEY, GROWTH))
        faults.append(f"{where}: measure '{cell.measure}' is unknown. Expected one of {expected}. Correct it.")
    if not is_financial_year(cell.period):
        faults.append(f"{where}: period '{cell.period}' is no financial year. Expected one such as 2024-25. Write it.")
    if cell.value is None and not blank:
        faults.append(f"{where}: value is missing and not marked blank. Expected a number. Type in what is printed.")
    if cell.value is not None and (blank or not cell.value.is_finite()):
        faults.append(
            f"{where}: found {cell.value} in value, status '{status}'. Expected a number, or blank. Correct it."
        )
    return faults


def _table_faults(money: Sequence[Cell], cells: Sequence[Cell]) -> list[str]:
    if not money:
        return [f"{cells[0].file}: no amount was found. Expected rows of {', '.join(_MONEY)}. Add them."]
    file, years = money[0].file, sorted({cell.period for cell in money})
    faults = year_faults(years, file)
    for key, count in Counter((cell.measure, cell.breakdown, cell.period) for cell in cells).items():
        same = [str(cell.row) for cell in cells if (cell.measure, cell.breakdown, cell.period) == key]
        if count > 1:
            faults.append(f"{file}: rows {', '.join(same)} are all {' / '.join(key)}. Expected one. Delete the others.")
    for measure, name in dict.fromkeys((cell.measure, cell.breakdown) for cell in money):
        held = {cell.period for cell in money if (cell.measure, cell.breakdown) == (measure, name)}
        lost = [year for year in years if year not in held]
        if lost:
            faults.append(f"{file}: {measure} / {name} has no row for {', '.join(lost)}. Add it, blank if not printed.")
    units = dict.fromkeys(cell.unit for cell in money)
    if len(units) > 1:
        rows = [str(next(cell.row for cell in money if cell.unit == unit)) for unit in units]
        faults.append(
            f"{file}: units {', '.join(units)} (first in rows {', '.join(rows)}). Expected one. Convert them."
        )
    return faults


def _line_names(plan: Plan) -> Iterator[tuple[str, str]]:
    """Measure and breakdown of each line: the parts of a measure, its total only where it has no parts."""
    held = dict.fromkeys((measure, name) for measure, name, _ in plan.cells if measure in KIND_OF)
    split = {measure for measure, name in held if name != TOTAL}
    return ((measure, name) for measure, name in held if name != TOTAL or measure not in split)


def _line(plan: Plan, measure: str, name: str, faults: list[str]) -> Line:
    cells = [plan.cells[measure, name, year] for year in plan.years]
    amounts = [(cell.value or Decimal(0)) * _PENCE_OF[plan.unit] for cell in cells]
    faults += [
        f"{cell.file}: row {cell.row}: {cell.value} {plan.unit} is no whole number of pence. Give it as printed."
        for cell, amount in zip(cells, amounts, strict=True)
        if amount != int(amount)
    ]
    rows = ", ".join(str(cell.row) for cell in cells)
    return Line(cells[0].name, KIND_OF[measure], tuple(map(int, amounts)), f"{cells[0].file}, rows {rows}")
