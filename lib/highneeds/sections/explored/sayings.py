"""Sentences of a view: where the authority stands, beside whom, where it leads, what the sliders change."""

from dataclasses import dataclass, replace

from highneeds import periods
from highneeds.claims import Claim, direction, listed
from highneeds.figures import Figure, change_pct, difference
from highneeds.measures.declarations import MEASURES
from highneeds.sections import forecasts
from highneeds.sections.explored.ahead import Coming
from highneeds.sections.explored.series import Line
from highneeds.sections.explored.sliders import PLANS, effective, refused, since
from highneeds.sections.page import Page
from highneeds.sections.quoted import NAMED, side_figure, traced
from highneeds.views import TOTAL, View

RANGES = {80: "8-in-10 range", 95: "95% range"}


@dataclass(frozen=True)
class Asked:
    """A view with its name on the page and what is held of it."""

    id: str
    view: View
    lines: list[Line]
    coming: Coming

    @property
    def label(self) -> str:
        """The measure in words, with its part."""
        declared, part = MEASURES[self.view.measure], self.view.breakdown
        return declared.label + ("" if part == TOTAL else f", {part}")


def said(page: Page, asked: Asked) -> list[Claim]:
    """Every sentence of a view, those with nothing to say left out."""
    sayings = (_beside, _forecast, _record, _scenario, _places, _refusals, _without_effect)
    return [claim for saying in sayings if (claim := saying(page, asked)) is not None]


def title(page: Page, asked: Asked) -> Claim:
    """The finding: the newest figure, and the first beside it."""
    known, area = asked.lines[0].known, page.facts.authority.name
    if not known:
        day = periods.day_in_words(page.facts.as_at)
        return page.say(f"{asked.id}_title", "{area}: no published figure by {day}", area=area, day=day)
    if len(known) == 1:
        return page.say(f"{asked.id}_title", "{area}: {now} {now.when}", area=area, now=known[-1])
    way = direction(difference(known[-1], known[0]), up="up from", down="down from", level="level with")
    slots = {"area": area, "now": known[-1], "then": known[0], "way": way}
    return page.say(f"{asked.id}_title", "{area}: {now} {now.when}, {way} {then} {then.when}", **slots)


def _beside(page: Page, asked: Asked) -> Claim | None:
    """The others in the same period: their figure where it can be compared, else their growth."""
    known = asked.lines[0].known
    if not known or len(asked.lines) < 2 or MEASURES[asked.view.measure].signed:
        return None
    declared = MEASURES[asked.view.measure]
    figures = _same_period(asked, known[-1]) if declared.is_ratio or declared.unit == "%" else _growth(page, asked)
    slots: dict = {f"figure{at}": figure for at, (_, figure) in enumerate(figures)}
    words = [f"{{name{at}}} {{figure{at}}}" for at in range(len(figures))]
    if not words:
        return None
    slots |= {f"name{at}": name for at, (name, _) in enumerate(figures)}
    head = "Beside others {now.when}: " if figures[0][1].period == known[-1].period else "Change {change.when}: "
    slots |= {"now": known[-1], "change": figures[0][1]}
    return page.say(f"{asked.id}_beside", head + listed(words) + ".", **slots)


def _same_period(asked: Asked, now: Figure) -> list[tuple[str, Figure]]:
    found = (
        (line.label, next((each for each in line.known if each.period == now.period), None)) for line in asked.lines
    )
    return [(name, figure) for name, figure in found if figure is not None]


def _growth(page: Page, asked: Asked) -> list[tuple[str, Figure]]:
    """Change in per cent over the authority's own first and last period, for each area with both."""
    known, facts, view = asked.lines[0].known, page.facts, asked.view
    if len(known) < 2:
        return []
    first, last = known[0].period, known[-1].period
    pairs = [
        (area.name, [facts.get(view.measure, area, period, view.breakdown) for period in (last, first)])
        for area in (facts.authority, facts.england, facts.region)
    ]
    now, before = facts.neighbours_change(view.measure, last, first, view.breakdown)
    # Who has both years hangs on the years: each pair of them is figures of its own.
    spanned = [replace(figure, id=f"{figure.id}.{first}-to-{last}") for figure in (now, before)]
    pairs.append((facts.together, spanned))
    changes = [(name, change_pct(*pair)) for name, pair in pairs if all(each.known for each in pair)]
    return [(name, change) for name, change in changes if change.known]


def _forecast(page: Page, asked: Asked) -> Claim | None:
    now = asked.coming.now
    if now is None:
        return page.say(f"{asked.id}_no_forecast", "No forecast is made. {why}", why=asked.coming.why)
    return page.say(
        f"{asked.id}_forecast",
        "If the pattern continued: {low} to {high} {point.when} ({range}; most likely about {point}). {model}.",
        low=now.lower[-1],
        high=now.upper[-1],
        point=now.points[-1],
        range=RANGES[asked.view.interval],
        model=now.model.rstrip("."),
    )


def _record(page: Page, asked: Asked) -> Claim | None:
    """No forecast without its past error beside it."""
    now = asked.coming.now
    held = now.forecast if now is not None else None
    return None if held is None else forecasts.record_said(page, held, asked.view.horizon, f"{asked.id}_record")


def _scenario(page: Page, asked: Asked) -> Claim | None:
    now, under = asked.coming.now, asked.coming.under
    if now is None or under is None:
        return None
    moved = [name for name in effective(page, asked.view) if name != "places" or asked.view.measure != PLANS]
    if not moved and not asked.view.scenario:
        return None
    words, slots = [], {}
    for at, name in enumerate(moved):
        year = since(page, name)
        words.append(f"{{name{at}}} times {{factor{at}}}" + (f" from {{year{at}}}" if year else ""))
        slots |= {f"name{at}": str(View.model_fields[name].title).lower(), f"year{at}": year}
        slots[f"factor{at}"] = _factor(page, asked, name)
    if asked.view.scenario:
        names = listed([scenario.name for scenario in page.planning.scenarios])
        template, pieces = traced(page, f"{asked.id}_files", names, how=NAMED)
        slots, words = slots | pieces, [f"scenario {template}", *words]
    return page.say(
        f"{asked.id}_scenario",
        f"With {listed(words)}: about {{under}} {{under.when}} ({{low}} to {{high}}), against {{now}} as things are.",
        under=under.points[-1],
        low=under.lower[-1],
        high=under.upper[-1],
        now=now.points[-1],
        **slots,
    )


def _places(page: Page, asked: Asked) -> Claim | None:
    """Places of the type whose plans are shown: what is planned, and what the slider makes of it."""
    now, under = asked.coming.now, asked.coming.under
    if now is None or not now.places:
        return None
    if under is None or "places" not in effective(page, asked.view):
        return page.say(f"{asked.id}_places", "Places of this type: {now} {now.when}.", now=now.places[-1])
    return page.say(
        f"{asked.id}_places",
        "With planned places times {factor}: {under} places of this type {under.when}, against {now} as things are.",
        factor=_factor(page, asked, "places"),
        under=under.places[-1],
        now=now.places[-1],
    )


def _factor(page: Page, asked: Asked, name: str) -> Figure:
    value = getattr(asked.view, name)
    return side_figure(page, f"{asked.id}_{name}", value, "times", how=f"slider of the view: {name}", places=2)


def _refusals(page: Page, asked: Asked) -> Claim | None:
    """What the slider of refusals starts from, and what it takes for granted."""
    held = refused(page)
    if asked.coming.under is None or held is None or "refusal_rate" not in effective(page, asked.view):
        return None
    return page.say(
        f"{asked.id}_refusals",
        "The authority refused {held} of the requests it decided {held.when}. New plans are taken to follow the "
        "requests that are not refused, one for one.",
        held=held,
    )


def _without_effect(page: Page, asked: Asked) -> Claim | None:
    idle = [name for name in asked.view.moved if asked.coming.under is None or name not in effective(page, asked.view)]
    if not idle:
        return None
    names = listed([str(View.model_fields[name].title).lower() for name in idle])
    text = "Moved without effect on this measure, or on what is held of it: {names}."
    return page.say(f"{asked.id}_idle", text, names=names)
