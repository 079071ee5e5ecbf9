"""What is published of an authority's high needs money: the grant, the balance, spend by kind beside others.

Owns these figures for the authority, England and the statistical neighbours; leaves what the authority's own papers
print to `printed` and every projection to `balance`.
"""

from highneeds import charts, periods
from highneeds.charts import Series
from highneeds.claims import Claim, direction
from highneeds.figures import Figure, change_pct, counted
from highneeds.measures.ratios import MIN_CASES
from highneeds.models.deficit.years import january_of
from highneeds.sections.common import beside, gap, years
from highneeds.sections.finance.published_figures import (
    BALANCE,
    BLOCK,
    INDEPENDENT,
    KINDS,
    PLACED,
    PLANS,
    SPEND,
    money_in,
    newest,
    of_block_pct,
    per_plan,
    ratio_of,
    share_of,
    summed,
)
from highneeds.sections.page import Block, Page
from highneeds.tables import Column, Row


def published_said(page: Page) -> Claim:
    """The high needs block of the last year held, and how it grew."""
    facts, area = page.facts, page.facts.authority
    year = facts.latest(BLOCK)
    now = facts.get(BLOCK, area, year) if year else None
    if now is None or not now.known:
        return gap(page, BLOCK, year)
    first = facts.get(BLOCK, area, facts.periods(BLOCK)[0])
    if not first.known or first == now:
        return page.say("block", "The high needs block of {area} was {now} {now.when}.", area=area.name, now=now)
    change = change_pct(now, first)
    return page.say(
        "block",
        "The high needs block of {area} was {now} {now.when}, {way} {change.size} from {first} {first.when}.",
        area=area.name, now=now, way=direction(change), change=change, first=first,
    )  # fmt: skip


def published(page: Page) -> Block:
    """Published money in words, the grant by year, and two tables beside England and the statistical neighbours."""
    blocks = [
        page.paragraphs("What is published", *published_claims(page)),
        _block_chart(page),
        _beside_table(page),
        _kinds_table(page),
    ]
    return Block("".join(block.markup for block in blocks if block is not None))


def published_claims(page: Page) -> list[Claim]:
    """The grant, unless the answer has told it, spend by kind, and the balance: each given or said to be missing."""
    said = published_said(page)
    first = [] if said.id in {claim.id for claim in page.answers} else [said]
    return [*first, *_block_said(page), *_spend_said(page), *_balance_said(page)]


# ---- Sentences -------------------------------------------------------------------------------------------------------


def _each_said(page: Page, measure: str, year: str) -> tuple[str, dict]:
    """Words and slots for money for each plan, beside England and the neighbours; none where it is not known."""
    facts = page.facts
    mine = per_plan(page, measure, year, [facts.authority])
    if not mine.known:
        return "", {}
    slots: dict = {"mine": mine, "plans": facts.get(PLANS, facts.authority, january_of(year))}
    near = (facts.neighbours, f"{facts.others.its} together")
    words = []
    for slot, areas, name in (("england", [facts.england], "England"), ("near", *near)):
        other = per_plan(page, measure, year, areas) if areas else mine
        if areas and other.known:
            words.append(f"{{{slot}_way}} {name} ({{{slot}}})")
            slots |= {slot: other, f"{slot}_way": beside(mine, other)}
    return f"{{mine}} for each of the {{plans}} plans {{plans.when}}, {' and '.join(words)}", slots


def _block_said(page: Page) -> list[Claim]:
    """The block for each plan, and what that does not mean."""
    year = page.facts.latest(BLOCK)
    words, slots = _each_said(page, BLOCK, year) if year else ("", {})
    if not slots:
        return []
    caution = page.warn(
        "block_caution",
        "The block also pays for alternative provision and for help without a plan, so an amount for each plan sets "
        "authorities side by side; it is not what a plan costs.",
    )
    return [page.say("block_per_plan", f"The high needs block {{mine.when}} was {words}.", **slots), caution]


def _spend_said(page: Page) -> list[Claim]:
    """Spend of the year held, the largest kind, and what independent schools took."""
    facts, year = page.facts, newest(page, SPEND)
    if not year:
        return []
    spent = facts.get(SPEND, facts.authority, year)
    if not spent.known:
        return [gap(page, SPEND, year)]
    words, slots = _each_said(page, SPEND, year)
    template = "{area} spent {spent} on high needs {spent.when}" + (f": {words}." if words else ".")
    said = page.say("spend", template, area=facts.authority.name, spent=spent, **slots)
    caution = page.warn(
        "spend_caution",
        "Spending is what the authority itself paid. Places in academies are paid for directly and are not in it, so "
        "an authority with more academies shows less. Top-up can be compared sooner than totals.",
    )
    return [said, _largest_said(page, year), _independent_said(page, year), caution]


def _largest_said(page: Page, year: str) -> Claim:
    mine, england = (
        {kind: share_of(page, kind, year, [area]) for kind in KINDS}
        for area in (page.facts.authority, page.facts.england)
    )
    kind = max(mine, key=lambda name: mine[name].value or 0.0)
    words = "The largest part was {kind}: {mine} of it, against {england} in England."
    return page.say("spend_largest", words, kind=kind[0].lower() + kind[1:], mine=mine[kind], england=england[kind])


def _independent_said(page: Page, year: str) -> Claim:
    """Share of spend on independent and non-maintained schools, and top-up for each child placed there."""
    facts, january = page.facts, newest(page, PLACED)
    pair = (facts.authority, facts.england)
    mine, england = (share_of(page, INDEPENDENT, year, [area]) for area in pair)
    each, there = (
        ratio_of(
            page,
            f"{SPEND}_per_independent_placement",
            [area],
            lambda area: money_in(page, SPEND, area, year, INDEPENDENT),
            lambda area: facts.get(PLACED, area, january, "independent"),
            few=MIN_CASES,
        )
        for area in pair
    )
    words, slots = "Independent and non-maintained schools took {mine}, against {england} in England", {}
    if each.known and there.known:
        words += (
            ". That is {each} for each of the {children} children placed there {children.when}, before that year; "
            "{there} in England"
        )
        slots = {"each": each, "there": there, "children": facts.get(PLACED, pair[0], january, "independent")}
    return page.say("spend_independent", words + ".", mine=mine, england=england, **slots)


def _balance_said(page: Page) -> list[Claim]:
    """The balance at the end of the year held, against the block, and how many neighbours have a larger deficit."""
    facts, day = page.facts, newest(page, BALANCE)
    if not day:
        return []
    mine, of_block = facts.get(BALANCE, facts.authority, day), of_block_pct(page, day, [facts.authority])
    if not mine.known:
        return [gap(page, BALANCE, day)]
    words = "The dedicated schools grant (DSG) of {area} stood at a {kind} of {mine.size} {mine.when}"
    slots = {"area": facts.authority.name, "kind": "deficit" if mine.value > 0 else "surplus", "mine": mine}  # type: ignore[operator]
    if of_block.known:
        words, slots["of_block"] = words + ", {of_block.size} of the high needs block {block.when}", of_block
        slots["block"] = of_block.inputs[1]
    said = page.say("balance_published", words + ".", **slots)
    caution = page.warn(
        "balance_caution",
        "This balance is at second hand, retyped from a published analysis of the returns. It is that of the whole "
        "grant: other blocks add to it or take away.",
    )
    return [said, *_rank_said(page, day, of_block), caution]


def _rank_said(page: Page, day: str, mine: Figure) -> list[Claim]:
    """How many of the neighbours that have a balance have a larger deficit for their block."""
    facts = page.facts
    shares = [of_block_pct(page, day, [area]) for area in facts.neighbours]
    held = [each for each in shares if each.known]
    if not held or not mine.known:
        return []
    larger = [each for each in held if each.value > mine.value]  # type: ignore[operator]
    slots = {
        name: counted(f"balances_{name}.{facts.authority.slug}.{day}", len(found), "authorities", mine, how)
        for name, found, how in (
            ("larger", larger, f"{facts.others.many} above {mine.id}"),
            ("held", held, f"{facts.others.many} with a balance and a block"),
            ("all", shares, facts.others.many),
        )
    }
    words = "Of {all} {others} {held} have such a figure; against the block {larger} had a larger deficit."
    return [page.say("balance_rank", words, others=facts.others.many, **slots)]


# ---- Chart and tables ------------------------------------------------------------------------------------------------


def _block_chart(page: Page) -> Block | None:
    """The high needs block by year."""
    area = page.facts.authority
    line = [page.facts.get(BLOCK, area, year) for year in years(page, BLOCK)]
    known = [figure for figure in line if figure.known]
    if len(known) < 2:
        return None
    series = [Series(area.name, line)]
    title = page.say(
        "block_title", "High needs block: {first} {first.when}, {last} {last.when}", first=known[0], last=known[-1]
    )
    return page.chart(
        "block",
        charts.line_chart(series, unit="GBP"),
        title=title,
        subtitle=f"High needs block before deductions, {area.name}, financial years, pounds of the year",
        alt=charts.describe(series, "Line chart of the high needs block"),
        row_head="Financial year",
        columns=[area.name],
        rows=[(figure.period, [figure]) for figure in line],
        note="Prices are those of each year.",
    )


def _beside_table(page: Page) -> Block | None:
    """Block, spend and balance beside England and each neighbour."""
    facts = page.facts
    block, spend, day = facts.latest(BLOCK), newest(page, SPEND), newest(page, BALANCE)
    then = f"{periods.label(day, periods.AT_DATE)}, at second hand" if day else ""
    if not (block and spend and then):
        return None
    groups = [(area.name, [area]) for area in (facts.authority, facts.england, *facts.neighbours)]
    groups[2:2] = [(f"{facts.together}, together", facts.neighbours)] if facts.neighbours else []
    made = (
        ("High needs block (£m)", block, lambda areas: summed(page, BLOCK, block, areas)),
        ("Block for each plan (£)", block, lambda areas: per_plan(page, BLOCK, block, areas)),
        ("Spend for each plan (£)", spend, lambda areas: per_plan(page, SPEND, spend, areas)),
        ("On independent and non-maintained (%)", spend, lambda areas: share_of(page, INDEPENDENT, spend, areas)),
        ("DSG deficit (£m)", then, lambda areas: summed(page, BALANCE, day, areas)),
        ("Deficit, of block (%)", then, lambda areas: of_block_pct(page, day, areas)),
    )
    return page.table(
        "money-beside",
        f"Published high needs money, {facts.authority.name}, England and {facts.others.its}",
        row_head="Authority",
        columns=[Column(f"{head}, {when}") for head, when, _ in made],
        rows=[Row(name, [make(areas) for *_, make in made]) for name, areas in groups],
        note="Plans: of the January in the year. Below nothing: a surplus. Together: those with both of its figures.",
    )


def _kinds_table(page: Page) -> Block | None:
    """Spend by kind: pounds, per cent of all and for each plan, beside England and the neighbours together."""
    facts, year = page.facts, newest(page, SPEND)
    if not year or not facts.get(SPEND, facts.authority, year).known:
        return None
    groups = [[facts.authority], [facts.england], *([facts.neighbours] if facts.neighbours else [])]
    names = [facts.authority.name, "England", f"{facts.others.short.capitalize()} together"][: len(groups)]
    rows = []
    for kind in (*KINDS, "Total"):
        shares = [share_of(page, kind, year, areas) for areas in groups]
        each = [per_plan(page, SPEND, year, areas, kind=kind) for areas in groups]
        rows.append(
            Row(kind, [money_in(page, SPEND, facts.authority, year, kind), *shares, *each], rule=kind == "Total")
        )
    heads = [f"{facts.authority.name} (£m)", *(f"{name} (%)" for name in names), *(f"{name} (£)" for name in names)]
    return page.table(
        "spend-kinds",
        f"Spend on high needs by kind, {year}: amount, per cent of all, and pounds for each plan",
        row_head="Kind",
        columns=[Column(head) for head in heads],
        rows=rows,
        note="Top-up is what is paid for a child beyond the money for the place. State schools are maintained schools "
        "and academies. Income is taken off.",
    )
