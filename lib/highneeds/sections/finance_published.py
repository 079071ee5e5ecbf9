"""What is published of an authority's high needs money: the grant, the balance, spend by kind beside others.

Owns these figures for the authority, England and the statistical neighbours; leaves what the authority's own papers
print to `finance_printed` and every projection to `finance`.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from highneeds import charts, periods
from highneeds.charts import Series
from highneeds.claims import Claim, direction
from highneeds.facts import NEIGHBOURS, Area
from highneeds.figures import POUNDS, Figure, change_pct, counted, slug, total
from highneeds.measures.declarations import OWN
from highneeds.measures.ratios import MIN_CASES
from highneeds.models.deficit.years import following, january_of
from highneeds.sections.common import beside, gap, years
from highneeds.sections.page import Block, Page
from highneeds.tables import Column, Row

BLOCK, SPEND, BALANCE, PLANS, PLACED = (
    "high_needs_block", "high_needs_spend", "dsg_balance", "ehc_plans", "high_needs_placements",
)  # fmt: skip
INDEPENDENT = "Top-up, independent and non-maintained schools"
KINDS = {
    "Places": ("place funding",),
    "Top-up, state mainstream schools": ("top-up: maintained mainstream",),
    "Top-up, state special schools": ("top-up: maintained special",),
    INDEPENDENT: ("top-up: independent and non-maintained",),
    "Top-up, after school": ("top-up: maintained post-school", "top-up: independent post-school"),
    "Alternative provision": ("top-up: maintained AP", "top-up: independent AP", "AP services"),
    "SEN support services and therapies": ("SEN support services", "therapies"),
    "Hospital education": ("hospital",),
    "Income, taken off": ("top-up: income",),
}
TOGETHER = "Statistical neighbours"


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


# ---- Figures ---------------------------------------------------------------------------------------------------------

Ask = Callable[[Area], Figure]


def _newest(page: Page, measure: str) -> str:
    """Newest period with any row of a measure: of a balance England has no figure; empty where there is none."""
    values = page.facts.values
    return max(values.loc[values["measure"].eq(measure), "period"], default="")


def _ratio(name: str, areas: Sequence[Area], top: Ask, bottom: Ask, *, unit: str = POUNDS, few: int = 0) -> Figure:
    """Sum of tops over sum of bottoms of the areas that have both (100 times it, for a %); none below `few` cases."""
    pairs = [(top(area), bottom(area)) for area in areas]
    held = [pair for pair in pairs if pair[0].known and pair[1].known]
    area = areas[0] if len(areas) == 1 else Area(NEIGHBOURS, TOGETHER)
    above, below = (sum(pair[at].value for pair in held) for at in (0, 1))  # type: ignore[misc]
    lost = next((each.status for pair in pairs for each in pair if not each.known), "x")
    status = lost if not held else "z" if not below else "u" if below < few else ""
    scale, sums = 100 if unit == "%" else 1, [" + ".join(pair[at].id for pair in held) for at in (0, 1)]
    return replace(
        pairs[0][0],
        id=f"{name}.{area.slug}.{pairs[0][0].period}",
        measure=name,
        area_code=area.code,
        area=area.name,
        breakdown="Total",
        value=None if status else scale * above / below,
        status=status,
        unit=unit,
        source=OWN,
        reference=f"{scale} * ({sums[0]}) / ({sums[1]})" if held else "no authority has every part",
        places=1 if unit == "%" else 0,
        inputs=tuple(each for pair in held or pairs for each in pair),
    )


def _money(page: Page, measure: str, area: Area, year: str, kind: str = "Total") -> Figure:
    """Money of a year, in all or of one of KINDS; a kind with a part that is not given is not given."""
    parts = [page.facts.get(measure, area, year, name) for name in KINDS.get(kind, (kind,))]
    if len(parts) == 1:
        return parts[0]
    id = f"{measure}_of_kind.{area.slug}.{year}.{slug(kind)}"
    return total(parts, id, period=year, period_basis=parts[0].period_basis, breakdown=kind)


def _per_plan(page: Page, measure: str, year: str, areas: Sequence[Area], *, kind: str = "Total") -> Figure:
    """Money of a year for each plan of the January inside it, pounds."""
    return _ratio(
        f"{measure}_per_plan_{slug(kind)}",
        areas,
        lambda area: _money(page, measure, area, year, kind),
        lambda area: page.facts.get(PLANS, area, january_of(year)),
        few=MIN_CASES,
    )


def _share(page: Page, kind: str, year: str, areas: Sequence[Area]) -> Figure:
    """One kind of spend, per cent of all."""
    return _ratio(
        f"{SPEND}_share_{slug(kind)}",
        areas,
        lambda area: _money(page, SPEND, area, year, kind),
        lambda area: _money(page, SPEND, area, year),
        unit="%",
    )


def _of_block(page: Page, day: str, areas: Sequence[Area]) -> Figure:
    """The balance of a 31 March, per cent of the high needs block of the year that ends that day."""
    year = following(f"{day[:4]}-{int(day[2:4]) + 1:02d}", -1)
    return _ratio(
        f"{BALANCE}_of_block",
        areas,
        lambda area: page.facts.get(BALANCE, area, day),
        lambda area: page.facts.get(BLOCK, area, year),
        unit="%",
    )


# ---- Sentences -------------------------------------------------------------------------------------------------------


def _each_said(page: Page, measure: str, year: str) -> tuple[str, dict]:
    """Words and slots for money for each plan, beside England and the neighbours; none where it is not known."""
    facts = page.facts
    mine = _per_plan(page, measure, year, [facts.authority])
    if not mine.known:
        return "", {}
    slots: dict = {"mine": mine, "plans": facts.get(PLANS, facts.authority, january_of(year))}
    near = (facts.neighbours, "its statistical neighbours together")
    words = []
    for slot, areas, name in (("england", [facts.england], "England"), ("near", *near)):
        other = _per_plan(page, measure, year, areas) if areas else mine
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
    facts, year = page.facts, _newest(page, SPEND)
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
        {kind: _share(page, kind, year, [area]) for kind in KINDS}
        for area in (page.facts.authority, page.facts.england)
    )
    kind = max(mine, key=lambda name: mine[name].value or 0.0)
    words = "The largest part was {kind}: {mine} of it, against {england} in England."
    return page.say("spend_largest", words, kind=kind[0].lower() + kind[1:], mine=mine[kind], england=england[kind])


def _independent_said(page: Page, year: str) -> Claim:
    """Share of spend on independent and non-maintained schools, and top-up for each child placed there."""
    facts, january = page.facts, _newest(page, PLACED)
    pair = (facts.authority, facts.england)
    mine, england = (_share(page, INDEPENDENT, year, [area]) for area in pair)
    each, there = (
        _ratio(
            f"{SPEND}_per_independent_placement",
            [area],
            lambda area: _money(page, SPEND, area, year, INDEPENDENT),
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
    facts, day = page.facts, _newest(page, BALANCE)
    if not day:
        return []
    mine, of_block = facts.get(BALANCE, facts.authority, day), _of_block(page, day, [facts.authority])
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
    shares = [_of_block(page, day, [area]) for area in facts.neighbours]
    held = [each for each in shares if each.known]
    if not held or not mine.known:
        return []
    larger = [each for each in held if each.value > mine.value]  # type: ignore[operator]
    slots = {
        name: counted(f"balances_{name}.{facts.authority.slug}.{day}", len(found), "authorities", mine, how)
        for name, found, how in (
            ("larger", larger, f"statistical neighbours above {mine.id}"),
            ("held", held, "statistical neighbours with a balance and a block"),
            ("all", shares, "statistical neighbours"),
        )
    }
    words = (
        "Of {all} statistical neighbours {held} have such a figure; against the block {larger} had a larger deficit."
    )
    return [page.say("balance_rank", words, **slots)]


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
    block, spend, day = facts.latest(BLOCK), _newest(page, SPEND), _newest(page, BALANCE)
    then = f"{periods.label(day, periods.AT_DATE)}, at second hand" if day else ""
    if not (block and spend and then):
        return None
    groups = [(area.name, [area]) for area in (facts.authority, facts.england, *facts.neighbours)]
    groups[2:2] = [(f"{TOGETHER}, together", facts.neighbours)] if facts.neighbours else []
    made = (
        ("High needs block (£m)", block, lambda areas: _summed(page, BLOCK, block, areas)),
        ("Block for each plan (£)", block, lambda areas: _per_plan(page, BLOCK, block, areas)),
        ("Spend for each plan (£)", spend, lambda areas: _per_plan(page, SPEND, spend, areas)),
        ("On independent and non-maintained (%)", spend, lambda areas: _share(page, INDEPENDENT, spend, areas)),
        ("DSG deficit (£m)", then, lambda areas: _summed(page, BALANCE, day, areas)),
        ("Deficit, of block (%)", then, lambda areas: _of_block(page, day, areas)),
    )
    return page.table(
        "money-beside",
        f"Published high needs money, {facts.authority.name}, England and its statistical neighbours",
        row_head="Authority",
        columns=[Column(f"{head}, {when}") for head, when, _ in made],
        rows=[Row(name, [make(areas) for *_, make in made]) for name, areas in groups],
        note="Plans: of the January in the year. Below nothing: a surplus. Together: those with both of its figures.",
    )


def _summed(page: Page, measure: str, period: str, areas: Sequence[Area]) -> Figure:
    if len(areas) == 1:
        return page.facts.get(measure, areas[0], period)
    return page.facts.pool(measure, areas, period, TOGETHER)


def _kinds_table(page: Page) -> Block | None:
    """Spend by kind: pounds, per cent of all and for each plan, beside England and the neighbours together."""
    facts, year = page.facts, _newest(page, SPEND)
    if not year or not facts.get(SPEND, facts.authority, year).known:
        return None
    groups = [[facts.authority], [facts.england], *([facts.neighbours] if facts.neighbours else [])]
    names = [facts.authority.name, "England", "Neighbours together"][: len(groups)]
    rows = []
    for kind in (*KINDS, "Total"):
        shares = [_share(page, kind, year, areas) for areas in groups]
        each = [_per_plan(page, SPEND, year, areas, kind=kind) for areas in groups]
        rows.append(Row(kind, [_money(page, SPEND, facts.authority, year, kind), *shares, *each], rule=kind == "Total"))
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
