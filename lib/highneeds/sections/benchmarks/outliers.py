"""The tested statements about outliers: measures beyond chance, why chance is no yardstick, what is untold."""

import numpy as np

from highneeds import periods
from highneeds.claims import Claim
from highneeds.figures import Figure, counted
from highneeds.models.funnel import HIGHER, LEVEL, LIMITS, two_sided
from highneeds.sections.benchmarks.scored import Scored, furthest, halves, lowered, scored, tested
from highneeds.sections.page import Block, Page


def outliers(page: Page) -> Block | None:
    """Each measure beyond chance with its cases; how many chance alone would call unlike; what cannot be told."""
    held = tested(page)
    if not held:
        return None
    said = [_beyond_said(page, each) for each in held if each.beyond]
    return page.paragraphs("Is it an outlier?", *said, _spread_said(page), _untold_said(page))


def _beyond_said(page: Page, each: Scored) -> Claim:
    facts = page.facts
    top, bottom = halves(each.measure, each.mine)
    kind = "That is the worse end: a negative outlier." if each.negative else "That is the better end."
    return page.say(
        f"beyond_{each.measure.name}",
        "{label}, {when}: {mine} in {area} ({top} of {bottom}), {england} in England. That is {way} than chance and "
        "the usual spread between authorities would explain. {kind}",
        label=each.measure.label,
        when=periods.in_words(each.period, each.measure.period_basis),
        mine=each.mine,
        area=facts.authority.name,
        top=top,
        bottom=bottom,
        england=facts.get(each.measure.name, facts.england, each.period),
        way="higher" if each.verdict == HIGHER else "lower",
        kind=kind if each.measure.worse else "Neither end is good in itself.",
    )


def _spread_said(page: Page) -> Claim | None:
    """Why chance alone is no yardstick: how many authorities it would call unlike on the measure looked at."""
    each = furthest(page)
    if each is None or each.funnel is None:
        return None
    made = each.funnel
    by_chance = sum(two_sided(z) <= LEVEL for z in (made.scores - made.centre) / made.errors)
    with_spread = int(np.rint(made.outside(LIMITS[0]) * len(made.codes)))
    return page.say(
        "spread",
        "Chance alone would call {many} of {all} authorities unlike the rest in {label}, for with thousands of cases "
        "every difference shows. So the usual spread between authorities is part of the yardstick; it leaves {left} "
        "outside.",
        many=_authorities(each, "by_chance", by_chance, "authorities outside the 95% limits of chance alone"),
        all=_authorities(each, "all", len(made.codes), "authorities with cases enough"),
        left=_authorities(each, "outside", with_spread, "authorities outside the 95% limits with the usual spread"),
        label=lowered(each.measure.label),
    )


def _untold_said(page: Page) -> Claim | None:
    lost = [each for each in scored(page) if each not in tested(page)]
    if not lost:
        return None
    return page.say(
        "untold",
        "It cannot be told, for want of a figure or of cases enough, for: {which}.",
        which="; ".join(lowered(each.measure.label) for each in lost),
    )


def _authorities(each: Scored, name: str, count: int, how: str) -> Figure:
    return counted(f"{each.measure.name}_{name}.authorities.{each.period}", count, "authorities", each.mine, how)
