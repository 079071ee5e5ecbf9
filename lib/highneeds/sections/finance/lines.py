"""The management plan's lines year by year, the rules with dates, and every assumption with its source."""

from collections.abc import Mapping, Sequence

from highneeds.figures import Figure, slug
from highneeds.models.deficit import ledger as kinds
from highneeds.models.deficit.ledger import total_of
from highneeds.models.deficit.outlook import Side
from highneeds.models.deficit.policy import falls_on_reserves, timetable
from highneeds.sections.finance.figures import Seen, balance_figures, end_of, pounds, seen
from highneeds.sections.page import Block, Page
from highneeds.tables import Column, Row

LINES = (
    (kinds.SPEND, "Spend"),
    (kinds.SAVING, "Savings"),
    (kinds.GRANT, "High needs grant"),
    (kinds.TRANSFER, "Transfer from schools block"),
    (kinds.OTHER_BLOCK, "Variances on other blocks"),
    (kinds.DFE, "DfE contribution"),
    (kinds.COUNCIL, "Council contribution"),
    (kinds.STABILITY, "High Needs Stability Grant"),
)


def lines(page: Page) -> Block | None:
    """The lines of the management plan, year by year, exact at the point; of a scenario those that it changes."""
    held = seen(page)
    if not held:
        return None
    return Block("".join(_lines_of(page, one, held[0]).markup for one in held))


def _lines_of(page: Page, one: Seen, base: Seen) -> Block:
    rows = _ledger_rows(page, one)
    told, id, heading, note = "", "lines", "Line by line", "Every line adds up to the penny; the table rounds."
    if one is not base:
        before = {row.label: [cell.value for cell in row.cells] for row in _ledger_rows(page, base)}  # type: ignore[union-attr]
        rows = [row for row in rows if before.get(row.label) != [cell.value for cell in row.cells]]  # type: ignore[union-attr]
        told, id, heading = f", {one.view.label}", f"lines-{slug(one.view.label)}", ""
        note = "Only lines that the scenario changes are shown; those left out are as before."
    return page.table(
        id,
        f"In-year and accumulated position, {page.facts.authority.name}, {one.words}{told}",
        row_head="Line",
        columns=[Column(year) for year in one.outlook.years],
        rows=rows,
        heading=heading,
        note=f"Spend is above nothing; grant, transfers, savings and contributions below it. {note}",
    )


def _ledger_rows(page: Page, one: Seen) -> list[Row]:
    side, rows = one.side, []
    for at, name in enumerate(one.outlook.placements):
        values = [float(value) for value in one.outlook.spend_by_placement[:, at]]
        rows.append(
            _row(page, one, f"Placements: {name}", values, f"plans of the January x unit cost x price rise: {name}")
        )
    for line in side.ledger.lines:
        if line.kind == kinds.SPEND and line.name not in one.outlook.placements:
            rows.append(_row(page, one, line.name, [pence / 100 for pence in line.pence], line.source))
    for kind, name in LINES[1:5]:
        amounts = total_of(side.ledger, (kind,))
        if any(amounts):
            rows.append(_row(page, one, name, [pence / 100 for pence in amounts], _source(side, kind)))
    net = [pence / 100 for pence in side.in_year]
    rows.append(_row(page, one, "Net in the year", net, "sum of the lines above", on=rows, rule=True))
    moves = [rows[-1]]
    for kind, name in LINES[5:]:
        amounts = total_of(side.ledger, (kind,))
        if any(amounts):
            moves.append(_row(page, one, name, [pence / 100 for pence in amounts], _source(side, kind)))
    return [*rows, *moves[1:], *_balance_rows(page, one, moves)]


def _balance_rows(page: Page, one: Seen, moves: Sequence[Row]) -> list[Row]:
    """Brought forward and accumulated: each year's opening is the close of the year before."""
    opening, closing = "Balance brought forward", "Accumulated balance, 31 March"
    how = "brought forward + net + contributions"
    before, opened, closed = [one.side.opening, *one.side.accumulated[:-1]], [], []
    for at, (year, start, end) in enumerate(zip(one.outlook.years, before, one.side.accumulated, strict=True)):
        opened += _cells(page, one, opening, {year: start / 100}, "balance of the year before", on=[closed[-1:]])
        parts = [opened[-1], *(row.cells[at] for row in moves)]
        closed += _cells(page, one, closing, {year: end / 100}, how, on=[parts])
    return [Row(opening, opened), Row(closing, closed, rule=True, strong=True)]


def _source(side: Side, kind: str) -> str:
    return "; ".join(dict.fromkeys(line.source for line in side.ledger.lines if line.kind == kind))


def _row(
    page: Page, one: Seen, name: str, values: Sequence[float], how: str, *, on: Sequence[Row] = (), rule: bool = False
) -> Row:
    """A line of the plan. on: the lines it is worked out from, left out for what the projection starts from."""
    amounts = dict(zip(one.outlook.years, values, strict=True))
    behind = [[row.cells[at] for row in on] for at in range(len(amounts))]
    return Row(name, _cells(page, one, name, amounts, how, on=behind), rule=rule, strong=rule)


def _cells(
    page: Page, one: Seen, name: str, amounts: Mapping[str, float], how: str, *, on: Sequence[Sequence]
) -> list[Figure]:
    """Amounts of a line by year; on: the figures behind each."""
    return [
        pounds(page, one, f"line-{slug(name)}", year, value, how, measure="dsg_plan_line", on=behind)
        for (year, value), behind in zip(amounts.items(), on, strict=True)
    ]


def rules(page: Page) -> Block | None:
    """Dated rules: what is applied, and from when a deficit would fall on the council's own reserves."""
    held = seen(page)
    if not held:
        return None
    one = held[0]
    policies = one.money.assumptions.policies
    rows = [
        Row(rule.name, ["applied" if rule.applied else "not applied", rule.dates, rule.source])
        for rule in timetable(policies)
    ]
    falling = [year for year in one.outlook.years if falls_on_reserves(policies, year)]
    if falling:
        point = balance_figures(page, one, falling[0])[0]
        said = page.say(
            "reserves",
            "From {year} a deficit counts against the council's usable reserves: most likely {point} {point.when}.",
            year=falling[0],
            point=point,
        )
    else:
        said = page.say(
            "reserves",
            "In all the years shown the statutory override keeps the deficit away from usable reserves. It ends on "
            "{day}, and what is left then counts against the council's own money.",
            day=end_of(policies.override.last_year),
        )
    table = page.table(
        "rules",
        "Rules with dates, and whether they are applied here",
        row_head="Rule",
        columns=[Column("Here", words=True), Column("Dates", words=True), Column("What it says", words=True)],
        rows=rows,
        note="A scenario switches the stability grant on: line stability_grant (docs/scenarios.md).",
    )
    return Block(page.paragraphs("Rules that decide who pays", said).markup + table.markup)


def assumptions(page: Page) -> Block | None:
    """Every assumption with its source."""
    held = seen(page)
    if not held:
        return None
    return page.table(
        "money-assumptions",
        "What the projection assumes",
        row_head="Line",
        columns=[Column("Assumed", words=True), Column("Source", words=True)],
        rows=[Row(note.line, [note.says, note.source]) for note in held[0].money.notes],
        heading="Every assumption and its source",
        note="The January inside a financial year stands for that year. On the paths prices are out by one per cent a "
        "year or so, always in the same direction: a judgement, not measured.",
    )
