"""What an authority's own papers print about money, added up again: spend by type and its plan.

Owns showing what a paper prints beside what its own numbers give; what is said in words belongs to `finance_stated`.
"""

from collections.abc import Sequence

from highneeds import charts
from highneeds.charts import Series
from highneeds.claims import Claim, direction
from highneeds.figures import Figure, change_pct
from highneeds.models.deficit import printed as lines
from highneeds.models.deficit.checks import Growth, growth_checks, implied_opening
from highneeds.models.deficit.printed import ACCUMULATED, GROWTH, LABELS, NET, SAVINGS, SPEND, TOTAL, Plan
from highneeds.models.deficit.rounded import DOES_NOT_ADD_UP
from highneeds.models.paper_figures import MOVES, added, made_figure
from highneeds.sections.finance.money_inputs import HISTORY, PROJECTION, printed_of
from highneeds.sections.finance.papers import (
    cell_figure,
    line_figures,
    opening_figure,
    pounds_figure,
    sums_said,
    total_rows,
)
from highneeds.sections.page import Block, Page
from highneeds.tables import Column, Row

IN_UNIT = {"GBP million": "£ million", "GBP thousand": "£ thousand", "GBP": "£"}
DRAWN = ("authority", "england", "neighbours", "region")  # looks of up to four lines
_GROUPS = (
    (SPEND, (SPEND, SAVINGS), "Sum of the lines"),
    (NET, (lines.GRANT, lines.TRANSFER, lines.OTHER_BLOCKS), "Spend, grant and transfers"),
    (ACCUMULATED, MOVES[1:], "Balance rolled on"),
)


# ---- Spend by type ---------------------------------------------------------------------------------------------------


def spend_by_type(page: Page) -> Block | None:
    """Printed spend by type, added up again, its printed growth beside what the totals give, and a chart (K8).

    None where the paper prints no spend by type. Raises SchemaError for a table that is no printed plan.
    """
    plan = printed_of(page, HISTORY)
    if plan is None:
        return None
    said = sums_said(page, HISTORY, plan, page.see("t", "spend-printed")) + _growth_said(page, plan)
    names = _types(plan)
    table = page.table(
        "spend-printed",
        f"Spend on high needs by type, {page.facts.authority.name}, as printed, {IN_UNIT[plan.unit]}",
        row_head="Type of spend",
        columns=[Column(year) for year in plan.years],
        rows=[Row(name, line_figures(page, HISTORY, plan, SPEND, name)) for name in names]
        + total_rows(page, HISTORY, plan, SPEND, "Sum of the types"),
        note="Within rounding: the difference is smaller than rounding of all these numbers could make it.",
    )
    blocks = [page.paragraphs("Spend by type, as printed", *said), table, _growth_table(page, plan)]
    blocks.append(_spend_chart(page, plan, names) if names and len(plan.years) > 1 else None)
    return Block("".join(block.markup for block in blocks if block is not None))


def _types(plan: Plan) -> list[str]:
    """Printed types of spend, in the paper's order."""
    return [name for measure, name in dict.fromkeys(key[:2] for key in plan.cells) if measure == SPEND != name != TOTAL]


def _grown(page: Page, plan: Plan, each: Growth) -> list[Figure]:
    """Growth as printed, of the printed totals, and the lowest and highest that their rounding allows."""
    before = plan.years[plan.years.index(each.period) - 1]
    totals = [cell_figure(page, HISTORY, plan.cells[SPEND, TOTAL, year]) for year in (each.period, before)]
    growth, how, like = each.growth, "100 * ({0} / {1} - 1)", {"unit": "%", "places": 1}
    ends = (
        ("printed_spend_growth", growth.as_printed, how),
        ("printed_spend_growth_lowest", growth.lowest, f"{how}, half a step less and half a step more"),
        ("printed_spend_growth_highest", growth.highest, f"{how}, half a step more and half a step less"),
    )
    made = [made_figure(name, lambda *_, value=value: value, how, *totals, **like) for name, value, how in ends]
    return [cell_figure(page, HISTORY, plan.cells[GROWTH, TOTAL, each.period]), *made]


def _growth_said(page: Page, plan: Plan) -> list[Claim]:
    """Printed growth that the printed totals cannot give."""
    template = (
        "Growth in {year} is printed as {told}; the printed totals give {made}, and rounding allows {low} to {high}."
    )
    said = []
    for each in growth_checks(plan):
        if each.verdict == DOES_NOT_ADD_UP:
            slots = dict(zip(("told", "made", "low", "high"), _grown(page, plan, each), strict=True))
            said.append(page.say(f"growth_{each.period}", template, year=each.period, **slots))
    return said


def _growth_table(page: Page, plan: Plan) -> Block | None:
    growth = growth_checks(plan)
    heads = ("As printed", "Of the printed totals", "Rounding allows: from", "Rounding allows: to")
    if not growth:
        return None
    return page.table(
        "growth-printed",
        f"Growth of spend on high needs, {page.facts.authority.name}, per cent on the year before",
        row_head="Year",
        columns=[*map(Column, heads), Column("Verdict", words=True)],
        rows=[Row(each.period, [*_grown(page, plan, each), each.verdict]) for each in growth],
    )


def _spend_chart(page: Page, plan: Plan, names: Sequence[str]) -> Block:
    """The largest types of spend by year, all others together."""
    held = {
        name: [pounds_figure(figure) for figure in line_figures(page, HISTORY, plan, SPEND, name)] for name in names
    }
    order = sorted(held, key=lambda name: -(held[name][-1].value or 0.0))
    own = len(order) if len(order) <= len(DRAWN) else len(DRAWN) - 1
    drawn = {name: held[name] for name in order[:own]}
    if order[own:]:
        rest = zip(*(held[name] for name in order[own:]), strict=True)
        drawn["All others"] = [made_figure("printed_spend_others", added, "+", *parts) for parts in rest]
    series = [Series(name, line, role) for (name, line), role in zip(drawn.items(), DRAWN, strict=False)]
    return page.chart(
        "spend-printed",
        charts.line_chart(series, unit="GBP", height=3.2),
        title=_spend_title(page, list(drawn.values())[0], names=list(drawn)),
        subtitle=f"Spend by type, {page.facts.authority.name}, financial years, pounds, as its paper prints it",
        alt=charts.describe(series, "Line chart of spend on high needs by type"),
        row_head="Financial year",
        columns=list(drawn),
        rows=[(year, [line[at] for line in drawn.values()]) for at, year in enumerate(plan.years)],
    )


def _spend_title(page: Page, largest: Sequence[Figure], *, names: Sequence[str]) -> Claim:
    known = [figure for figure in largest if figure.known] or largest
    first, last = known[0], known[-1]
    change = change_pct(last, first)
    return page.say(
        "spend_title", "{name}: {first} {first.when}, {last} {last.when} as printed, {way} {change.size}",
        name=names[0], way=direction(change), change=change, first=first, last=last,
    )  # fmt: skip


# ---- The plan --------------------------------------------------------------------------------------------------------


def plan_as_printed(page: Page) -> Block | None:
    """The projection line by line as printed, its totals added up and its balance rolled on (K9).

    None where the paper prints no projection. Raises SchemaError for a table that is no printed plan.
    """
    plan = printed_of(page)
    if plan is None:
        return None
    said = sums_said(page, PROJECTION, plan, page.see("t", "plan-printed"))
    said += [claim for claim in (_opening_said(page, plan), _twice_said(page, plan)) if claim is not None]
    table = page.table(
        "plan-printed",
        f"The projection of the schools grant (DSG), {page.facts.authority.name}, as printed, {IN_UNIT[plan.unit]}",
        row_head="Line",
        columns=[Column(year) for year in plan.years],
        rows=[row for group in _GROUPS for row in _group_rows(page, plan, *group)],
        note="Spend and deficits are above nothing; savings, grant, transfers and contributions below it. The balance "
        "is rolled on from the one that the first year implies, by the printed net and contributions.",
    )
    return Block(page.paragraphs("Its plan, as printed", *said).markup + table.markup)


def _group_rows(page: Page, plan: Plan, total: str, measures: Sequence[str], label: str) -> list[Row]:
    """Lines that lead to a printed total, the total, and what they come to."""
    keys = [key for key in dict.fromkeys(key[:2] for key in plan.cells) if key[0] in measures and key != (SPEND, TOTAL)]
    rows = [
        Row(LABELS[measure] if name == TOTAL else name, line_figures(page, PROJECTION, plan, measure, name))
        for measure, name in keys
    ]
    held = (total, TOTAL, plan.years[0]) in plan.cells
    return rows + (total_rows(page, PROJECTION, plan, total, label) if held else [])


def _opening_said(page: Page, plan: Plan) -> Claim | None:
    """The balance brought forward, beside the one published for that day."""
    implied, opening = implied_opening(plan), opening_figure(page, PROJECTION, plan)
    if implied is None or opening is None:
        return None
    half = "half a step of each number in {0}"
    limit = made_figure("implied_opening_rounding", lambda _: float(implied.rounding), half, opening, places=1)
    template = "The first printed balance implies {opening} brought forward {opening.when}, give or take {limit}."
    slots = {"opening": pounds_figure(opening), "limit": pounds_figure(limit)}
    known = page.facts.get("dsg_balance", page.facts.authority, opening.period)
    if known.known:
        template, slots["known"] = template + " The balance published for that day is {known}.", known
    return page.say("opening", template, **slots)


def _twice_said(page: Page, plan: Plan) -> Claim | None:
    """Spend of one year that two tables print differently."""
    other = printed_of(page, HISTORY)
    for year in plan.years if other is not None else ():
        here, there = plan.total(SPEND, year), other.total(SPEND, year)  # type: ignore[union-attr]
        if here is not None and there is not None and here.value != there.value:
            one, two = (
                pounds_figure(cell_figure(page, HISTORY, there)),
                pounds_figure(cell_figure(page, PROJECTION, here)),
            )
            words = "Spend in {year} is {one} in the table by type and {two} in the plan."
            return page.say("spend_twice", words, year=year, one=one, two=two)
    return None
