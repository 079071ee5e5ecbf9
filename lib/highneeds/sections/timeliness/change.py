"""Reading a change of the 20-week rate: how far such rates move by themselves, and why none is forecast.

There is no test for the published yearly rate: who is issued a plan depends on which cases are worked on, so plans of
a year are not drawn by chance. What can be said is how far the rates of all authorities moved over the same years.
"""

from dataclasses import replace

import pandas as pd

from highneeds import periods
from highneeds.claims import Claim, direction
from highneeds.facts import Facts
from highneeds.figures import Figure, counted, difference
from highneeds.measures.ratios import ratio_rows
from highneeds.sections.page import Block, Page

HEADLINE = "within_20_weeks_excluding_exceptions_pct"
MIN_AUTHORITIES = 50  # fewer cannot show what is usual
ORDINARY, RARE = 0.25, 0.05  # share of authorities that moved as far: from it on ordinary; no more than it, rare


def _moves(page: Page) -> pd.DataFrame:
    """Change of the rate from one year to the next, percentage points: a row an authority, a column a later year.

    A change is known where both years have a rate, so both have ten plans or more.
    """
    facts = page.facts
    if "rates moved" not in facts.kept:
        facts.kept["rates moved"] = _all_moves(facts)
    return facts.kept["rates moved"]


def _all_moves(facts: Facts) -> pd.DataFrame:
    areas = facts.panel.areas
    codes = set(areas.loc[areas["level"].eq("local authority"), "area_code"])
    rows = ratio_rows(facts.values, HEADLINE)
    rates = rows[rows["area_code"].isin(codes)].set_index(["area_code", "period"])["value"].unstack()  # noqa: PD010
    before = rates.rename(columns=lambda year: str(int(year) + 1))
    return (rates - before.reindex(columns=rates.columns)).dropna(how="all", axis="columns")


def _over_all(page: Page, name: str, value: float, period: str, how: str, *, unit: str, places: int = 0) -> Figure:
    """A number over all authorities; its sources are those of England's rate."""
    like = page.facts.get(HEADLINE, page.facts.england, page.facts.latest(HEADLINE))
    like = replace(like, area_code="all", area="All authorities", period=period, period_basis=periods.AS_LABELLED)
    source = next(part.source for part in like.inputs)
    id = f"{HEADLINE}.all-authorities.{name}.{period.replace(' ', '-')}"
    return counted(id, value, unit, like, how, source=source, places=places)


def usual(page: Page) -> Claim | None:
    """How far rates of all authorities moved between the same two years, beside this authority's move."""
    facts, area = page.facts, page.facts.authority
    latest = facts.latest(HEADLINE)
    if not latest:
        return None
    previous = periods.previous_year(latest, periods.CALENDAR_YEAR)
    own = difference(facts.get(HEADLINE, area, latest), facts.get(HEADLINE, area, previous))
    moves = _moves(page)
    if not own.known or direction(own) == "no change" or latest not in moves:
        return None
    others = moves[latest].dropna().drop(area.code, errors="ignore").abs()
    if len(others) < MIN_AUTHORITIES:
        return None
    as_far = int(others.ge(abs(own.value) - 1e-9).sum())  # type: ignore[arg-type]
    span, points = f"{previous} to {latest}", "percentage points"
    how = f"{HEADLINE}, {previous} to {latest}, authorities with ten plans or more in both years, this one left out"
    count = _over_all(page, f"others-than-{area.slug}", len(others), span, how, unit="authorities")
    typical = _over_all(
        page,
        f"median-move-without-{area.slug}",
        float(others.median()),
        span,
        f"median of absolute changes; {how}",
        unit=points,
        places=1,
    )
    further = _over_all(
        page,
        f"moved-as-far-as-{area.slug}",
        as_far,
        span,
        f"moved as far as {area.name} or further; {how}",
        unit="authorities",
    )
    return page.say(
        "usual",
        "Such rates move a good deal by themselves: of {count} other authorities half moved by more than {typical} "
        "percentage points, up or down, between {previous} and {latest}, and {further} moved at least as far as "
        "{area}. " + _reading(as_far / len(others)),
        count=count,
        typical=typical,
        further=further,
        previous=previous,
        latest=latest,
        area=area.name,
    )


def _reading(as_far: float) -> str:
    """What the share of authorities that moved as far allows to say; never that something caused it."""
    if as_far >= ORDINARY:
        return "A move of this size is ordinary for one authority and says little by itself."
    if as_far > RARE:
        return "The move is larger than most, but not rare; one year alone does not show a lasting change."
    return "So large a move is rare; what lies behind it is worth asking, the order of work first."


def no_forecast(page: Page) -> Block | None:
    """Why the rate is not forecast: how far a forecast of no change would have been out, over all years held.

    Nothing where the authority has no rate of the latest year to forecast from.
    """
    latest = page.facts.latest(HEADLINE)
    if not latest or not page.facts.get(HEADLINE, page.facts.authority, latest).known:
        return None
    moves = _moves(page)
    every = moves.abs().stack().dropna()  # noqa: PD013
    if len(every) < MIN_AUTHORITIES:
        return None
    first, last = periods.previous_year(min(moves.columns), periods.CALENDAR_YEAR), max(moves.columns)
    span, how = f"{first} to {last}", "yearly changes of all authorities with ten plans or more in both years"
    error = _over_all(
        page, "mean-move", float(every.mean()), span, f"mean of absolute {how}", unit="percentage points", places=1
    )
    cells = _over_all(page, "moves", len(every), span, f"number of {how}", unit="changes")
    slots: dict[str, Figure | str] = {"error": error, "cells": cells, "first": first, "last": last}
    said = page.say(
        "no_forecast",
        "Next year's rate is not forecast. From {first} to {last} the rate of one authority moved by {error} "
        "percentage points a year on average ({cells} yearly changes), so to expect it to stay as it is would have "
        "been out by as much. " + _instead(page),
        **slots,
    )
    page.unknown.append(
        page.say(
            "unknown_next",
            "What next year's 20-week rate will be: it moves by {error} percentage points a year on average, too much "
            "for a forecast.",
            error=error,
        )
    )
    return page.paragraphs("Next year's rate", said)


def _instead(page: Page) -> str:
    if page.local is None:
        return "A case extract would show what the pace of the last weeks means for requests made now."
    return "What the pace of the last weeks means for requests made now follows below, where the cases allow it."
