"""The management plan's lines year by year, the rules with dates, and every assumption with its source."""

from highneeds.claims import Claim, listed
from highneeds.figures import Figure, slug
from highneeds.models.deficit.policy import falls_on_reserves, timetable
from highneeds.sections.finance.behind import unit_cost, yearly_rise
from highneeds.sections.finance.figures import Seen, end_of, seen
from highneeds.sections.finance.ledger import ledger_rows
from highneeds.sections.finance.positions import balance_figures
from highneeds.sections.page import Block, Page
from highneeds.tables import Column, Row

WORDS = {"post-16": "after sixteen"}


def lines(page: Page) -> Block | None:
    """The lines of the management plan, year by year, exact at the point; of a scenario those that it changes."""
    held = seen(page)
    if not held:
        return None
    return Block("".join(_lines_of(page, one, held[0]).markup for one in held))


def _lines_of(page: Page, one: Seen, base: Seen) -> Block:
    rows = ledger_rows(page, one)
    told, id, heading, note = "", "lines", "Line by line", "Every line adds up to the penny; the table rounds."
    if one is not base:
        before = {row.label: [cell.value for cell in row.cells] for row in ledger_rows(page, base)}  # type: ignore[union-attr]
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
    table = page.table(
        "money-assumptions",
        "What the projection assumes",
        row_head="Line",
        columns=[Column("Assumed", words=True), Column("Source", words=True)],
        rows=[Row(note.line, [note.says, note.source]) for note in held[0].money.notes],
        note="The January inside a financial year stands for that year. On the paths prices are out by one per cent a "
        "year or so, always in the same direction: a judgement, not measured.",
    )
    return Block(page.paragraphs("Every assumption and its source", _costs_said(page, held[0])).markup + table.markup)


def _costs_said(page: Page, one: Seen) -> Claim | None:
    """What a placement of each printed type costs, and how that rises; None where planning files say so themselves."""
    if one.money.printed is None:
        return None
    costs: dict[Figure, list[str]] = {}
    for name in one.outlook.placements:
        costs.setdefault(unit_cost(page, one, name), []).append(name)
    slots: dict[str, Figure | str] = {}
    for at, (figure, names) in enumerate(costs.items()):
        slots |= {f"cost_{at}": figure, f"names_{at}": " or ".join(WORDS.get(name, name) for name in names)}
    told = listed([f"{{cost_{at}}} ({{names_{at}}})" for at in range(len(costs))])
    return page.say(
        "unit_costs",
        f"In {{year}} a placement is taken to cost {told} a year: printed spend over the plans of that January. It "
        "rises by {rise} a year.",
        year=one.money.years[0],
        rise=yearly_rise(page, one),
        **slots,
    )
