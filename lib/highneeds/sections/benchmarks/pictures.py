"""The pictures: where the authority lies on every measure; the measure furthest out, its ranges and its funnel."""

import numpy as np

from highneeds import periods
from highneeds.charts import compare
from highneeds.charts.compare import Band, Cloud, Dot, Place
from highneeds.facts import Area
from highneeds.figures import Figure, counted
from highneeds.models.funnel import LIMITS, Funnel
from highneeds.sections.benchmarks.rates import counts_of
from highneeds.sections.benchmarks.scored import (
    WORDS,
    Scored,
    areas_of,
    distance,
    furthest,
    halves,
    kind_of,
    range_of,
    tested,
)
from highneeds.sections.common import beside
from highneeds.sections.page import Block, Page

NORMAL95 = 1.96  # standard deviations within which 19 authorities of 20 lie
STEPS = 60  # points of a limit's curve


def profile(page: Page) -> Block | None:
    """Where the authority lies on every measure, in one picture, with the neighbours' rates behind it."""
    held, facts = tested(page), page.facts
    if not held:
        return None
    made = counts_of(page)
    title = page.say(
        "profile_title",
        "{area}: {beyond} of {tested} measures beyond chance and the usual spread",
        area=facts.authority.name,
        beyond=made["beyond"],
        tested=made["tested"],
    )
    picture = compare.profile_chart([_place(page, each) for each in held], area=facts.authority.name, band=NORMAL95)
    others = [area for area, _ in areas_of(page)[1:]]
    far = [distance(page, each) for each in held]
    alt = "Profile, distance from all authorities together in standard deviations: "
    alt += "; ".join(
        f"{each.label} {figure.text}, {WORDS[each.verdict]}" for each, figure in zip(held, far, strict=True)
    )
    return page.chart(
        "profile",
        picture,
        title=title,
        subtitle="Distance from all authorities together, in standard deviations of chance and the usual spread",
        alt=f"{alt}.",
        row_head="Measure",
        columns=[facts.authority.name, "Distance", *(area.name for area in others)],
        rows=[
            (each.label, [each.mine, figure, *(facts.get(each.measure.name, a, each.period) for a in others)])
            for each, figure in zip(held, far, strict=True)
        ],
        note=f"Dot: {facts.authority.name}, its line what chance alone allows. Upright marks: {facts.others.many}. Of "
        "many measures a few lie outside the shaded band by chance.",
    )


def _place(page: Page, each: Scored) -> Place:
    made, codes = each.funnel, [area.code for area in page.facts.neighbours]
    assert made is not None
    at = made.at(page.facts.authority.code)
    assert at is not None
    # The range is chance's alone, on the same scale: a long one says that the number of cases is small.
    wide = NORMAL95 * made.errors[at] / (made.errors[at] ** 2 + made.tau**2) ** 0.5
    near = [made.z_of(code) for code in codes]
    word = WORDS[each.verdict] if each.beyond else ""
    return Place(each.measure.label, each.z, each.z - wide, each.z + wide, near, each.mine.text, word)


def ranges(page: Page) -> Block | None:
    """The measure on which the authority lies furthest out: all areas' rates with their ranges."""
    each, facts = furthest(page), page.facts
    if each is None:
        return None
    held = [
        (area, role, rate, ends)
        for area, role in areas_of(page)
        if (rate := facts.get(each.measure.name, area, each.period)).known
        and (ends := range_of(each.measure, rate)) is not None
    ]
    england = facts.get(each.measure.name, facts.england, each.period)
    title = page.say(
        "ranges_title",
        "{label}: {mine} in {area}, {where} England's {england}",
        label=each.measure.label,
        area=facts.authority.name,
        mine=each.mine,
        where=beside(each.mine, england),
        england=england,
    )
    dots = [Dot(area.name, rate, low.value, high.value, role) for area, role, rate, (low, high) in held]  # type: ignore[arg-type]
    alt = "; ".join(f"{area.name} {rate.text} ({low.text} to {high.text})" for area, _, rate, (low, high) in held)
    return page.chart(
        "ranges",
        compare.interval_chart(dots, unit=each.mine.unit),
        title=title,
        subtitle=f"{each.label}, {periods.in_words(each.period, each.measure.period_basis)}, with the range that "
        f"chance alone allows ({LIMITS[0]:.0%})",
        alt=f"Dots with ranges: {alt}.",
        row_head="Area",
        heading="The measure furthest from others",
        columns=[each.label, "From", "To", "Cases", "Of"],
        rows=[(area.name, [rate, *ends, *halves(each.measure, rate)]) for area, _, rate, ends in held],
    )


def funnel(page: Page) -> Block | None:
    """Every authority by size and rate, between the limits: of chance alone, and with the usual spread."""
    each, facts = furthest(page), page.facts
    if each is None or each.funnel is None:
        return None
    made, measure = each.funnel, each.measure
    near = [at for area in facts.neighbours if (at := made.at(area.code)) is not None]
    at = made.at(facts.authority.code)
    assert at is not None
    scale = measure.scale
    grid = np.geomspace(made.bottoms.min() * 0.9, made.bottoms.max() * 1.05, STEPS)
    limits = {f"{level:.1%}".replace(".0%", "%"): made.limits(grid, level) for level in LIMITS}
    chance = Funnel(**{**vars(made), "tau": 0.0}).limits(grid, LIMITS[0])
    bands = [Band(grid, *(scale * side for side in chance), "chance alone")]
    bands += [Band(grid, *(scale * side for side in ends), label) for label, ends in limits.items()]
    picture = compare.funnel_chart(
        Cloud(made.bottoms, scale * made.tops / made.bottoms, at, near),
        bands,
        target=scale * made.target,
        unit=measure.unit,
        area=facts.authority.name,
        size_label=f"{_size(each)}; diamonds: {facts.others.many}",
    )
    title = page.say("funnel_title", "{label}: {area} {verdict}", label=measure.label, area=facts.authority.name,
                     verdict=_placed(each))  # fmt: skip
    rows = [(area, _limits(page, each, area)) for area in (facts.authority, *facts.neighbours)]
    mine = rows[0][1]
    alt = (
        f"Funnel plot of {len(made.codes)} authorities. {facts.authority.name}: {mine[0].text} on {mine[2].text}; the "
        f"95% limits there are {mine[3].text} and {mine[4].text}. Outside their 95% limits lie "
        f"{made.outside(LIMITS[0]) * len(made.codes):.0f} authorities."
    )
    return page.chart(
        "funnel",
        picture,
        title=title,
        subtitle=f"{each.label}, all authorities, {periods.in_words(each.period, measure.period_basis)}, by size",
        alt=alt,
        row_head="Authority",
        columns=[each.label, "Cases", "Of", "Lower 95% limit", "Upper 95% limit"],
        rows=[(area.name, cells) for area, cells in rows if cells[3] is not None],
        note="Dotted: what chance alone allows at each size. Dashed and solid: with the usual spread, to hold 95% and "
        "99.8% of authorities. The verdict judges all measures together.",
    )


def _placed(each: Scored) -> str:
    if each.beyond:
        return f"is {each.verdict} than chance and the usual spread explain"
    return "is within what chance and the usual spread explain"


def _size(each: Scored) -> str:
    if kind_of(each.measure) == "rate":
        return "people aged 0 to 25"
    _, bottom = halves(each.measure, each.mine)
    return bottom.unit


def _limits(page: Page, each: Scored, area: Area) -> list[Figure | None]:
    """Rate, cases, whole and the 95% limits at its size; no limits where the area is not scored."""
    made, measure = each.funnel, each.measure
    rate = page.facts.get(measure.name, area, each.period)
    top, bottom = halves(measure, rate)
    if made is None or made.at(area.code) is None:
        return [rate, top, bottom, None, None]
    low, high = made.limits(np.array([bottom.value]), LIMITS[0])
    how = f"95% limit of the funnel at its size, spread {made.tau:.2f} (docs/methods.md)"
    tail = rate.id.partition(".")[2]
    ends = [
        counted(
            f"{measure.name}_limit_{end}.{tail}",
            measure.scale * side[0],
            rate.unit,
            rate,
            how,
            places=rate.places,
            on=(bottom,),
        )
        for end, side in (("low", low), ("high", high))
    ]
    return [rate, top, bottom, *ends]
