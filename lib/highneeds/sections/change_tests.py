"""Tests of change as figures and sentences: is a move more than similar authorities make anyway?"""

from collections.abc import Sequence
from dataclasses import replace

from highneeds import periods, terms
from highneeds.claims import Claim
from highneeds.figures import Figure, change_pct, counted, slug
from highneeds.models.change.result import UNCLEAR, Change, in_words, seen_in_words
from highneeds.models.change.yearly import one_test, tested_panel
from highneeds.sections.page import Page
from highneeds.sections.quoted import quoted

SMALLEST_P = 0.01  # smaller ones are said to be under it
EFFECT = 7.0  # per cent; the size of fall that committees are told of


def change_of(page: Page, measure: str, first: str, last: str) -> Change:
    """The neighbour test of a measure between two periods, for the page's authority."""
    facts, panel, code = page.facts, page.facts.panel, page.facts.authority.code
    beside = tuple(area.code for area in facts.neighbours)
    key, laid = ("change", measure, first, last, code, *beside), ("tested panel", measure)
    if facts.others is terms.CHOSEN:
        laid = (*laid, code, *beside)
    if laid not in facts.kept:
        facts.kept[laid] = tested_panel(facts.values, panel.areas, facts.neighbour_pairs(), measure)
    if key not in facts.kept:
        facts.kept[key] = one_test(facts.kept[laid], code, first, last, called=facts.others)
    return facts.kept[key]


def change_said(
    page: Page, change: Change, *, what: str, id: str, power: bool = True, but: Sequence[str] = ()
) -> list[Claim]:
    """What the test says, with its probability; and, where it cannot tell, how seldom it could.

    power: False leaves the last out, where it was said of another change; but: warnings said already.
    """
    area = page.facts.authority
    if not change.known:
        return [
            page.say(
                id,
                "Whether {what} in {area} moved differently from {alike} is not tested. {why}",
                alike=page.facts.others.those_alike,
                what=what,
                area=area.name,
                why=change.refusal,
            )
        ]
    own, others, probability = change_figures(page, change)
    when = f"{periods.label(change.first, change.period_basis)} and {periods.label(change.last, change.period_basis)}"
    said = [
        page.say(
            id,
            "Between {when} {what} in {area} {movement}: {own} here, {others} on average in {k} {alike}. A "
            "gap as wide as this {odds} ({size} {p}).",
            when=when,
            what=what,
            area=area.name,
            movement=change.movement,
            own=own,
            others=others,
            k=_about_test(page, change, "neighbours", change.k, "authorities"),
            alike=page.facts.others.alike,
            odds=_by_chance(change.p),
            size="probability" if change.p >= SMALLEST_P else "probability under",
            p=probability,
        )
    ]
    if change.verdict == UNCLEAR and power:
        said.append(
            page.say(
                f"{id}_power",
                "That is not proof of no change: {alike} differ so much that a true fall of {size} beyond "
                "theirs {seen}.",
                alike=page.facts.others.those_alike,
                size=_about_test(page, change, "size-asked-about", EFFECT, "%"),
                seen=seen_in_words(change.power(-EFFECT)),
            )
        )
    notes = [note for note in change.warnings if note not in but]
    how = "test of a change (docs/methods.md)"
    return said + [quoted(page, f"{id}_note_{at}", note, how=how) for at, note in enumerate(notes, start=1)]


def change_figures(page: Page, change: Change) -> tuple[Figure, Figure, Figure]:
    """Own growth, the neighbours' mean growth and the probability."""
    area = page.facts.authority
    now, before = (page.facts.get(change.measure, area, period) for period in (change.last, change.first))
    pairs = [[page.facts.get(change.measure, a, p) for p in (change.first, change.last)] for a in page.facts.neighbours]
    others = [figure for pair in pairs if all(each.known for each in pair) for figure in pair]
    like = replace(now, period=f"{change.first} to {change.last}")
    tail = f"{area.slug}.{change.first}-to-{change.last}"
    how = f"neighbour test, {change.k} {page.facts.others.short} (docs/methods.md)"
    return (
        change_pct(now, before),
        counted(
            f"{change.measure}.neighbours-growth.{tail}", change.others_growth_pct, "%", like, how, places=1, on=others
        ),
        counted(
            f"{change.measure}.change-probability.{tail}",
            max(change.p, SMALLEST_P),
            "probability",
            like,
            how,
            places=2,
            on=(before, now, *others),
        ),
    )


def _about_test(page: Page, change: Change, name: str, value: float, unit: str) -> Figure:
    """A number that the test is set up with: how many it compares with, the size of change it is asked about."""
    now = page.facts.get(change.measure, page.facts.authority, change.last)
    like = replace(now, period=f"{change.first} to {change.last}")
    tail = f"{page.facts.authority.slug}.{change.first}-to-{change.last}"
    how = "set before the test (docs/methods.md)" if unit == "%" else f"{page.facts.others.many} with both figures"
    return counted(f"{change.measure}_{slug(name).replace('-', '_')}.{tail}", value, unit, like, how)


def _by_chance(p: float) -> str:
    """`would come by chance in about one case in five`, `would hardly ever come by chance`."""
    odds = in_words(p)
    return f"would come by chance in {odds}" if odds.startswith("about") else f"would {odds} come by chance"
