"""What a change of requests may be called: the words that the neighbour test allows, and when a count is in doubt.

The tests' own sentences are `forecasts`'s; where they stand is `requests`'s and `requests_outlook`'s.
"""

import re

from highneeds.claims import Claim, direction
from highneeds.figures import Figure, change_pct, difference
from highneeds.measures.declarations import MEASURES
from highneeds.measures.ratios import MIN_CASES
from highneeds.models.change.result import LEVEL, MORE, UNCLEAR, Change
from highneeds.sections import change_tests, forecasts
from highneeds.sections.forecasts import CHANCE
from highneeds.sections.page import Page

MEASURE = "requests_received"
WINDOW = 3  # years of the longer test


def doubted(page: Page, now: Figure) -> Figure | None:
    """The figure held before the newest one, where that is less than half of it, or more than twice."""
    facts, area = page.facts, page.facts.authority
    earlier = [facts.get(MEASURE, area, year) for year in facts.periods(MEASURE) if year < now.period]
    held = [figure for figure in earlier if figure.known and figure.value >= MIN_CASES]
    if not now.known or not held or held[-1].value / 2 <= now.value <= held[-1].value * 2:
        return None
    return held[-1]


def moved_said(page: Page, now: Figure, before: Figure, tested: Change | None) -> Claim:
    """How far the count itself moved, a fact whatever it means; then what the test lets us say of it."""
    change, pct = difference(now, before), change_pct(now, before)
    slots: dict[str, Figure | str] = {"change": change, "before": before, "pct": pct, "see": page.see("f", "by-year")}
    if direction(change) == "no change":
        moved = "That is the same as the {before} of the year before."
    elif not pct.known:
        moved = "The year before there were {before}."
    else:
        moved = "That is {change.size} {more} than {before.when} ({before}): {way} {pct.size} ({see})."
        slots |= {
            "more": direction(change, up="more", down="fewer"),
            "way": direction(pct, up="up", down="down", level="a change of"),
        }
    if tested is None:
        return page.say("answer_change", moved, **slots)
    if not tested.known:
        meant = "Whether demand has changed cannot be told from that. {why}"
    elif tested.verdict == UNCLEAR:
        meant = "Beside {alike} that is no clear change ({others})."
    elif not _agreed(tested):
        meant = "Whether that differs from {alike} is in doubt: two tests disagree ({others})."
    else:
        meant = "That is a clear difference: requests in {area} {movement} ({others})."
    slots |= {"why": tested.refusal, "movement": tested.movement, "area": page.facts.authority.name}
    slots["alike"] = page.facts.others.those_alike
    slots |= {"others": page.see("f", "others")} if tested.known else {}
    return page.say("answer_change", f"{moved} {meant}", **slots)


def longer_said(page: Page, now: Figure) -> Claim | None:
    """The change over three years, where it is a clear one: what a year hides may show in three."""
    first = str(int(now.period) - WINDOW)
    if first not in page.facts.periods(MEASURE):
        return None
    change = change_tests.change_of(page, MEASURE, first, now.period)
    if not change.known or doubted(page, now) or not _agreed(change):
        return None
    own, others, _ = change_tests.change_figures(page, change)
    return page.say(
        "answer_longer",
        "Since calendar {first}, requests in {area} {movement}: {own} here, {others} on average there."
        + (" How requests are collected changed in between." if _collected_anew(first, now.period) else ""),
        first=first,
        area=page.facts.authority.name,
        movement=change.movement,
        own=own,
        others=others,
    )


def in_short(page: Page, now: Figure, change: Change) -> str:
    """The verdict as the end of a line; empty where there is none."""
    if not change.known or doubted(page, now):
        return ""
    alike = page.facts.others.those_alike
    if change.verdict == UNCLEAR:
        return f": no clear change beside {alike}"
    if not _agreed(change):
        return f": two tests beside {alike} disagree"
    return f": clearly {'above' if change.verdict == MORE else 'below'} the change in {alike}"


def outlook_said(page: Page) -> Claim | None:
    """Range three years on; nothing where no forecast is made."""
    forecast = forecasts.forecast_of(page, MEASURE)
    if forecast is None or not forecast.known:
        return None
    last = forecasts.outlooks(forecast, forecasts.learned_from(page, MEASURE))[-1]
    return page.say(
        "answer_forecast",
        "If the pattern of the last years continued, it would receive between {low} and {high} {last.when} ({chance} "
        "range; most likely about {last}; {see}).",
        low=last.lower80,
        high=last.upper80,
        last=last.point,
        chance=CHANCE,
        see=page.see("f", "by-year"),
    )


def _agreed(change: Change) -> bool:
    """False where the neighbours call a difference clear that many authorities have from theirs."""
    return change.verdict != UNCLEAR and change.placebo_p <= 2 * LEVEL


def _collected_anew(first: str, last: str) -> bool:
    """True where a break of the series lies between two years."""
    breaks = [year for text in MEASURES[MEASURE].breaks for year in re.findall(r"\b20\d\d\b", text)]
    return any(first < year <= last for year in breaks)
