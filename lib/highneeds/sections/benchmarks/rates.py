"""The answer, the key figures, and the table of rates with the cases behind them."""

from highneeds import periods
from highneeds.claims import Claim, listed
from highneeds.figures import Figure
from highneeds.models.funnel import FEW, HIGHER, LOWER
from highneeds.sections.benchmarks.scored import WORDS, Scored, halves, lowered, scored, tally, tested
from highneeds.sections.common import noun
from highneeds.sections.page import Block, KeyFigure, Page
from highneeds.tables import Column, Row

FEW_WORDS = "too few cases"


def answer(page: Page) -> Block:
    """How many measures lie beyond chance, how many of those are negative, and the same beside the neighbours."""
    area = page.facts.authority.name
    if not scored(page):
        day = periods.day_in_words(page.facts.as_at)
        words = "There is no published figure by {day} that sets {area} beside other authorities."
        return page.answer(page.say("answer", words, day=day, area=area))
    if not tested(page):
        every = tally(page, "measures", len(scored(page)), "measures with a theme and a figure for England")
        words = "Whether {area} is unlike other authorities cannot be told: on each of {all} measures it has {few}."
        return page.answer(page.say("answer", words, area=area, all=every, few=f"no figure or {FEW_WORDS}"))
    return page.answer(_beyond_said(page), _alone_said(page), _negative_said(page), _near_said(page))


def counts_of(page: Page) -> dict[str, Figure]:
    """Measures tested, beyond, outside alone, with a worse end, negative, and beyond the neighbours, as figures."""
    held = tested(page)
    judged = [each for each in held if each.measure.worse]
    near = [each for each in held if each.near in (HIGHER, LOWER)]
    how = "all judged together (docs/methods.md)"
    return {
        "tested": tally(page, "tested", len(held), "measures on which the authority has cases enough"),
        "beyond": tally(page, "beyond", sum(each.beyond for each in held), f"beyond chance and usual spread, {how}"),
        "alone": tally(page, "alone", sum(each.alone for each in held), f"outside the 95% limits, not beyond {how}"),
        "judged": tally(page, "judged", len(judged), "measures tested of which one end is declared the worse"),
        "negative": tally(page, "negative", sum(each.negative for each in held), f"beyond at the worse end, {how}"),
        "near": tally(page, "near", len(near), f"beyond the mean of the {page.facts.others.many}, {how}"),
    }


def _beyond_said(page: Page) -> Claim:
    made, held = counts_of(page), [each for each in tested(page) if each.beyond]
    words = "On {beyond} of {tested} measures {area} is" if held else "On none of {tested} measures is {area}"
    return page.say(
        "answer",
        words + " beyond what chance and the usual spread between authorities would explain{which}.",
        area=page.facts.authority.name,
        which=_which(held),
        tested=made["tested"],
        **({"beyond": made["beyond"]} if held else {}),
    )


def _alone_said(page: Page) -> Claim | None:
    """Measures outside the limits on their own that are not called outliers, and why not."""
    held = [each for each in tested(page) if each.alone]
    if not held:
        return None
    made, one = counts_of(page), len(held) == 1
    return page.say(
        "alone",
        "Taken alone, {count} {verb} outside the limits that hold nineteen authorities of twenty{which}. Of {tested} "
        "measures a few lie there by chance, so by itself that makes no outlier.",
        count=made["alone"],
        verb="lies" if one else "lie",
        which=_which(held, "alone"),
        tested=made["tested"],
    )


def _negative_said(page: Page) -> Claim | None:
    """The tested statement about negative outliers; none where no measure has a worse end."""
    made, held = counts_of(page), [each for each in tested(page) if each.negative]
    if not made["judged"].value:
        return None
    words = "{negative} {verb}{which}" if held else "none is a negative outlier"
    return page.say(
        "answer_worse",
        "Of {judged} {what} on which one end is worse for children, " + words + ".",
        what=noun(made["judged"], "measure"),
        verb="is a negative outlier" if len(held) == 1 else "are negative outliers",
        which=_which(held),
        judged=made["judged"],
        **({"negative": made["negative"]} if held else {}),
    )


def _near_said(page: Page) -> Claim | None:
    if len(page.facts.neighbours) < 2:
        return None
    made, others = counts_of(page), page.facts.others
    held = [each for each in tested(page) if each.near in (HIGHER, LOWER)]
    words = (
        "{near} of {tested} {verb} by more than that{which}" if held else "none of {tested} differs by more than that"
    )
    return page.say(
        "answer_near",
        "Set beside the mean of {others}, " + words + ".",
        others=others.its,
        verb="differs" if len(held) == 1 else "differ",
        which=_which(held, "near"),
        tested=made["tested"],
        **({"near": made["near"]} if held else {}),
    )


def _which(held: list[Scored], by: str = "verdict") -> str:
    """`: refused, of requests received (higher)`; empty for none. by: verdict, near, or alone."""
    ways = {
        "verdict": lambda each: each.verdict,
        "near": lambda each: each.near,
        "alone": lambda each: HIGHER if each.z > 0 else LOWER,
    }
    words = [f"{lowered(each.measure.label)} ({WORDS[ways[by](each)]})" for each in held]
    return f": {'; '.join(words) if any(',' in word for word in words) else listed(words)}" if words else ""


def key_figures(page: Page) -> Block | None:
    """Measures beyond chance, negative outliers, and measures unlike the neighbours."""
    if not tested(page):
        return None
    made, others = counts_of(page), page.facts.others
    words = [("beyond", "Measures beyond chance", "Of {tested} tested.")]
    if made["judged"].value:
        words.append(("negative", "Negative outliers", "Of {judged} measures on which one end is worse for children."))
    if len(page.facts.neighbours) > 1:
        words.append(("near", f"Measures unlike {others.many}", "Of {tested} tested, beside the mean of {others}."))
    keys = [
        KeyFigure(label, made[name], "", [], page.say(f"key_{name}", text, others=others.its, **made))
        for name, label, text in words
    ]
    return page.key_figures(*keys)


def compared(page: Page) -> Block | None:
    """Every measure with its cases, beside the neighbours, the region and England, and the verdicts."""
    held, facts = scored(page), page.facts
    if not held:
        return None
    near = facts.others.short.capitalize()
    columns = [
        *(Column(name) for name in (facts.authority.name, "Cases", "Of", near, "Region", "England")),
        Column("Shows", words=True),
    ]
    rows = [
        Row(each.label, _cells(page, each), rule=at > 0 and held[at - 1].measure.theme != each.measure.theme)
        for at, each in enumerate(held)
    ]
    return page.table(
        "compared",
        f"{facts.authority.name} beside {facts.others.its}, {facts.region.name} and England, {_periods(held)}",
        row_head="Measure",
        columns=columns,
        rows=rows,
        heading="Rates, and what chance would explain",
        note="Higher, lower: beyond chance and the usual spread, all measures judged together. Alone: outside the 95% "
        "limits taken by itself. Cases, Of: what the rate divides. Some measures are two forms of one thing. Shares of "
        "pupils are left out: they are published without counts.",
    )


def _periods(held: list[Scored]) -> str:
    """`calendar 2024; plans held and where: January 2025`, of measures that are not all of one period."""
    flows, stocks = (
        dict.fromkeys(each.period for each in held if (each.measure.period_basis == periods.JANUARY) == stock)
        for stock in (False, True)
    )
    words = [f"calendar {listed(list(flows))}"] if flows else []
    return "; ".join([*words, f"plans held and their placement: January {listed(list(stocks))}"] if stocks else words)


def _cells(page: Page, each: Scored) -> list[Figure | str]:
    facts, name = page.facts, each.measure.name
    top, bottom = halves(each.measure, each.mine)
    others = [facts.neighbours_pooled(name, each.period)]
    others += [facts.get(name, area, each.period) for area in (facts.region, facts.england)]
    return [each.mine, top, bottom, *others, verdict_word(each)]


def verdict_word(each: Scored) -> str:
    """The verdict beside all authorities; where there is none, why."""
    if each.verdict != FEW:
        return f"{WORDS[HIGHER if each.z > 0 else LOWER]} alone" if each.alone else WORDS[each.verdict]
    if each.impossible:
        return "part exceeds whole"
    return FEW_WORDS if each.mine.status == "u" else WORDS[FEW] if each.mine.known else "no figure"
