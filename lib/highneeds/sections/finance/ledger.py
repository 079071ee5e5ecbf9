"""The management plan's lines as figures, year by year: each with its formula, over the figures that it rests on.

What lies behind a line (printed cells, plans, unit costs, the rise of prices) is `behind`'s.
"""

from collections.abc import Sequence

from highneeds.figures import Figure, slug
from highneeds.models.deficit import ledger as kinds
from highneeds.models.deficit.ledger import total_of
from highneeds.models.deficit.outlook import Side
from highneeds.sections.finance import behind
from highneeds.sections.finance.figures import Seen, pounds
from highneeds.sections.page import Page
from highneeds.tables import Row

IN_YEAR = {
    kinds.SAVING: "Savings",
    kinds.GRANT: "High needs grant",
    kinds.TRANSFER: "Transfer from schools block",
    kinds.OTHER_BLOCK: "Variances on other blocks",
}
MOVES = {
    kinds.DFE: "DfE contribution",
    kinds.COUNCIL: "Council contribution",
    kinds.STABILITY: "High Needs Stability Grant",
}
NET, OPENING, CLOSING = "Net in the year", "Balance brought forward", "Accumulated balance, 31 March"


def ledger_rows(page: Page, one: Seen) -> list[Row]:
    """Every line of the plan by year, the balances last; worked out once a page and view."""
    key = ("ledger", one.view.label)
    if key not in page.kept:
        lines = [*_placement_rows(page, one), *_spend_rows(page, one), *_kind_rows(page, one, IN_YEAR)]
        moves = _kind_rows(page, one, MOVES)
        sums = _sums(page, one, NET, one.side.in_year, [row.cells for row in lines])
        of_year = Row(NET, sums, rule=True, strong=True)
        page.kept[key] = [*lines, of_year, *moves, *_balance_rows(page, one, [of_year, *moves])]
    return page.kept[key]


def closing(page: Page, one: Seen, year: str) -> Figure:
    """The balance at 31 March of a year, as its line has it."""
    return ledger_rows(page, one)[-1].cells[one.outlook.years.index(year)]  # type: ignore[return-value]


def net(page: Page, one: Seen, year: str) -> Figure:
    """What the year adds to the balance before contributions, as its line has it."""
    row = next(row for row in ledger_rows(page, one) if row.label == NET)
    return row.cells[one.outlook.years.index(year)]  # type: ignore[return-value]


def _placement_rows(page: Page, one: Seen) -> list[Row]:
    rows = []
    for at, name in enumerate(one.outlook.placements):
        values, cells = one.outlook.spend_by_placement[:, at], []
        for number, year in enumerate(one.outlook.years):
            how, on = behind.of_placement(page, one, name, year)
            cells.append(_cell(page, one, f"Placements: {name}", year, float(values[number]), how, on))
        rows.append(Row(f"Placements: {name}", cells))
    return rows


def _spend_rows(page: Page, one: Seen) -> list[Row]:
    """Spend that no placement drives."""
    rows = []
    for line in one.side.ledger.lines:
        if line.kind != kinds.SPEND or line.name in one.outlook.placements:
            continue
        cells = []
        for year, pence in zip(one.outlook.years, line.pence, strict=True):
            how, on = behind.of_spend(page, one, line, year)
            cells.append(_cell(page, one, line.name, year, pence / 100, how, on))
        rows.append(Row(line.name, cells))
    return rows


def _kind_rows(page: Page, one: Seen, names: dict[str, str]) -> list[Row]:
    """One line for all of a kind, where it has any amount."""
    rows = []
    for kind, name in names.items():
        amounts = total_of(one.side.ledger, (kind,))
        if not any(amounts):
            continue
        cells, told = [], _source(one.side, kind)
        for year, pence in zip(one.outlook.years, amounts, strict=True):
            how, on = behind.of_kind(page, one, kind, year)
            cells.append(_cell(page, one, name, year, pence / 100, how or told, on))
        rows.append(Row(name, cells))
    return rows


def _balance_rows(page: Page, one: Seen, moves: Sequence[Row]) -> list[Row]:
    """Brought forward and accumulated: each year's opening is the close of the year before."""
    opened, closed = [], []
    for at, year in enumerate(one.outlook.years):
        before, how, on = one.side.opening, *behind.of_opening(page, one)
        if closed:
            before, how, on = one.side.accumulated[at - 1], f"balance of the year before: {closed[-1].id}", closed[-1:]
        opened.append(_cell(page, one, OPENING, year, before / 100, how, on))
        parts = [opened[-1], *(row.cells[at] for row in moves)]
        how = " + ".join(part.id for part in parts)
        closed.append(_cell(page, one, CLOSING, year, one.side.accumulated[at] / 100, how, parts))
    return [Row(OPENING, opened), Row(CLOSING, closed, rule=True, strong=True)]


def _sums(page: Page, one: Seen, name: str, pence: Sequence[int], parts: Sequence[Sequence[Figure]]) -> list[Figure]:
    """Sums of the same year's cells of several lines."""
    return [
        _cell(page, one, name, year, amount / 100, " + ".join(part.id for part in column), column)
        for year, amount, column in zip(one.outlook.years, pence, zip(*parts, strict=True), strict=True)
    ]


def _source(side: Side, kind: str) -> str:
    return "; ".join(dict.fromkeys(line.source for line in side.ledger.lines if line.kind == kind))


def _cell(page: Page, one: Seen, name: str, year: str, value: float, how: str, on: Sequence[Figure]) -> Figure:
    return pounds(page, one, f"line-{slug(name)}", year, value, how, measure="dsg_plan_line", on=on)
