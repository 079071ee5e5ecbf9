"""Requests of the months to come, as figures: what the monthly model is given, and what it gives.

The model is given the counts as they are shown. A hidden count is missing to it, so that no forecast leads back to one.
Which sentences, charts and tables they stand in is `by_month`'s, `own_cases`'s and `outlook`'s.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import pandas as pd

from highneeds import charts, periods
from highneeds.charts import Series
from highneeds.claims import Claim
from highneeds.facts import Area
from highneeds.figures import Figure, slug, total
from highneeds.models.forecast import Forecast, Step
from highneeds.models.monthly.months import MOST_HORIZON, Named, forecast_months
from highneeds.models.monthly.sums import forecast_sums
from highneeds.models.monthly.table import LEAST_MONTHS, MOST_MISSING, following
from highneeds.months import TOTAL
from highneeds.sections import forecasts
from highneeds.sections.forecasts import Outlook
from highneeds.sections.page import Page

MEASURE = "local_requests"
YEAR = 12
HIDDEN = "c"
# Requests a month. Hidden months are the small ones; of an area below this they are so often its own small ones that
# what is left would overstate it.
LEAST_SHOWN = 10


@dataclass(frozen=True)
class MonthCounts:
    """Counts as a report shows them, oldest month first.

    totals: of each month; areas: of each month in which areas are known; day: the day of the data, where the last
    month may be a part month; together: the areas make up the totals of all months, so both are forecast as one.
    """

    authority: Area
    totals: Sequence[Figure]
    areas: Mapping[str, Sequence[Figure]]
    day: date | None = None
    together: bool = False


@dataclass(frozen=True)
class Ahead:
    """Forecast of the total by month, and of total and areas over the twelve months after the last count.

    forecast: of the total; months: its steps as figures; sums: by area, `Total` last; refusals: of areas, by name;
    before: the twelve months before, by area and `Total`; origin: last month that the areas' forecasts rest on;
    open_months: whole months to which late entries may still come; together: areas and total are one forecast.
    """

    forecast: Forecast
    months: Sequence[Outlook]
    sums: Mapping[str, Outlook]
    refusals: Mapping[str, str]
    before: Mapping[str, Figure]
    span: tuple[str, str]
    origin: str
    open_months: Sequence[str] = ()
    together: bool = False

    @property
    def known(self) -> bool:
        """True where there is a forecast of the total."""
        return self.forecast.known


def look_ahead(counts: MonthCounts) -> Ahead | None:
    """Forecasts of the months to come, or their refusals; None where no month has a count."""
    totals = _table({counts.authority.name: counts.totals})
    areas = _table(counts.areas)
    if totals.empty:
        return None
    part = _is_part(totals, counts.day)
    first = following(totals.index[-1], 1)
    span = (first, following(first, YEAR - 1))
    whole_of = areas if counts.together and len(areas) else totals
    made = _made(whole_of, counts, span=span, data_to=counts.day if part else None)
    by_area = {} if areas.empty else made if counts.together else _made(areas, counts, span=span)
    refusals = _refusals(by_area, counts)
    refusals[TOTAL] = _refusal(counts.authority.name, counts.totals, made[TOTAL].refusal)
    origin = next((each.origin for each in by_area.values()), made[TOTAL].origin)
    whole = replace(made[TOTAL], steps=() if refusals[TOTAL] else made[TOTAL].steps, refusal=refusals.pop(TOTAL))
    sums = {}
    if whole.known:
        sums = _sums(areas, by_area, counts, span=span, keep=[name for name in by_area if not refusals.get(name)])
        sums |= _sums(whole_of, made, counts, span=span, data_to=counts.day if part else None, keep=[TOTAL])
    return Ahead(
        whole,
        [_as_shown(each, whole, counts.authority, TOTAL, "range from the model's paths")
         for each in forecasts.outlooks(whole, counts.totals)],
        sums,
        {name: why for name, why in refusals.items() if why},
        _before(counts, origin),
        span,
        origin,
        [item.period for item in counts.totals if item.status == "p" and item.period <= made[TOTAL].origin],
        counts.together,
    )  # fmt: skip


def _table(columns: Mapping[str, Sequence[Figure]]) -> pd.DataFrame:
    """Months by columns, from the first month with a shown count to the last, none left out; not shown is missing."""
    shown = {name: {item.period: item.value for item in items if item.known} for name, items in columns.items()}
    held = sorted({month for values in shown.values() for month in values})
    if not held:
        return pd.DataFrame()
    months = [held[0]]
    while months[-1] < held[-1]:
        months.append(following(months[-1], 1))
    return pd.DataFrame(
        {name: [values.get(month) for month in months] for name, values in shown.items()}, index=months, dtype=float
    )


def _is_part(totals: pd.DataFrame, day: date | None) -> bool:
    """True where the last month is the one in which the data were drawn."""
    last = totals.index[-1]
    return (
        day is not None
        and len(totals) > 1
        and f"{day:%Y-%m}" == last
        and day < periods.last_day(last, periods.CALENDAR_MONTH)
    )


def _made(
    table: pd.DataFrame, counts: MonthCounts, *, span: tuple[str, str], data_to: date | None = None
) -> dict[str, Forecast]:
    origin = table.index[-1] if data_to is None else table.index[-2]
    horizon = next((ahead for ahead in range(1, MOST_HORIZON + 1) if following(origin, ahead) == span[1]), 0)
    named = Named(MEASURE, counts.authority.code, counts.authority.name)
    made = forecast_months(table, named=named, horizon=horizon or MOST_HORIZON, data_to=data_to)
    if horizon:
        return made
    why = f"The last month with counts of areas is {periods.label(origin, periods.CALENDAR_MONTH)}: too long ago."
    return {name: replace(each, steps=(), refusal=why) for name, each in made.items()}


def _refusals(made: Mapping[str, Forecast], counts: MonthCounts) -> dict[str, str]:
    """Why each area has no forecast; empty where it has one."""
    return {name: _refusal(name, counts.areas[name], each.refusal) for name, each in made.items() if name != TOTAL}


def _refusal(name: str, items: Sequence[Figure], refusal: str) -> str:
    """The model's reason; where counts are hidden for children's sake, that one."""
    hidden = sum(item.status == HIDDEN for item in items)
    shown = [item.value for item in items if item.known]
    if not hidden:
        return refusal
    few = sum(shown) < LEAST_SHOWN * len(shown)  # type: ignore[arg-type]
    if few or len(shown) < LEAST_MONTHS or hidden > MOST_MISSING * len(items):
        return f"{name}: hidden in {hidden} of {len(items)} months to protect individuals, too many to forecast it."
    return refusal


def _sums(
    table: pd.DataFrame,
    made: Mapping[str, Forecast],
    counts: MonthCounts,
    *,
    span: tuple[str, str],
    keep: Sequence[str],
    data_to: date | None = None,
) -> dict[str, Outlook]:
    """Sums over the span, as figures."""
    if not made or not made[TOTAL].known:
        return {}
    steps = forecast_sums(table, made, first=span[0], last=span[1], data_to=data_to)
    return {
        name: _as_shown(
            forecasts.outlooks(made[name], counts.areas.get(name, counts.totals), [_named(steps[name])])[0],
            made[name],
            counts.authority,
            name,
            "sum of the months, range from the model's paths",
        )
        for name in steps
        if name in keep
    }


def _named(step: Step) -> Step:
    """The span as it stands in an id."""
    return replace(step, period=step.period.replace(" ", "-"))


def _as_shown(made: Outlook, forecast: Forecast, authority: Area, breakdown: str, how: str) -> Outlook:
    """Figures of the authority, with the area as their breakdown and the way to their range."""
    tail = "" if breakdown == TOTAL else f".{slug(breakdown)}"
    first, last = forecast.training

    def named(figure: Figure, name: str) -> Figure:
        return replace(
            figure,
            id=f"{MEASURE}_forecast.{authority.slug}.{figure.period}{tail}.{name}.from-{forecast.origin}",
            area=authority.name,
            period=figure.period.replace("-to-", " to "),
            breakdown=breakdown,
            reference=f"{name}: model {forecast.model}, origin {forecast.origin}, months {first} to {last}, {how} "
            "(docs/methods.md)",
        )

    names = ("point", "lower80", "upper80", "lower95", "upper95")
    return Outlook(made.horizon, **{name: named(getattr(made, name), name) for name in names})


def _before(counts: MonthCounts, origin: str) -> dict[str, Figure]:
    """Sums of the twelve months to `origin`; a sum with a hidden month is hidden, one with fewer months is left out."""
    wanted = [following(origin, -back) for back in range(YEAR - 1, -1, -1)]
    sums = {}
    for name, items in (*counts.areas.items(), (TOTAL, counts.totals)):
        held = [item for item in items if item.period in wanted]
        if len(held) == YEAR:
            sums[name] = total(
                held,
                f"{MEASURE}.{counts.authority.slug}.{wanted[0]}-to-{origin}.{slug(name)}.twelve-months",
                period=f"{wanted[0]} to {origin}",
                period_basis=periods.CALENDAR_MONTH,
                breakdown=name,
            )
    return sums


def picture(bars: Series, ahead: Ahead | None, *, labels: bool = True) -> str:
    """Bars by month; with the forecast beside them where there is one."""
    if ahead is None or not ahead.known:
        return charts.bar_chart(bars, unit="requests", labels=labels)
    return forecasts.bars_chart(bars, ahead.months, unit="requests", labels=labels)


def title(page: Page, ahead: Ahead | None, past: str, **slots: Figure) -> Claim:
    """Range of the twelve months ahead; what came where there is no forecast."""
    if ahead is None or not ahead.known:
        return page.say("by_month_title", past + ", by the authority's own count", **slots)
    whole = ahead.sums[TOTAL]
    return page.say(
        "by_month_title",
        "{area}: {low} to {high} requests, {span}, if the pattern continued",
        area=page.facts.authority.name,
        low=whole.lower80,
        high=whole.upper80,
        span=periods.month_range(*ahead.span),
    )


def columns(ahead: Ahead | None) -> list[str]:
    """Heads of the chart's data."""
    if ahead is None or not ahead.known:
        return ["Requests"]
    return ["Requests, or most likely", *forecasts.RANGE_COLUMNS[1:]]


def rows(past: Sequence[tuple[str, list[Figure]]], ahead: Ahead | None) -> list[tuple[str, list[Figure | str]]]:
    """Rows of the chart's data: the months that came, then those forecast."""
    if ahead is None or not ahead.known:
        return [(label, list(cells)) for label, cells in past]
    held = [(label, [*cells, *["not a forecast"] * 4]) for label, cells in past]
    made = forecasts.range_rows(ahead.months)
    return held + [(f"{periods.label(month, periods.CALENDAR_MONTH)}, forecast", list(cells)) for month, cells in made]


def words(ahead: Ahead | None) -> tuple[str, str]:
    """What a subtitle and a text alternative add for the forecast; empty where there is none."""
    if ahead is None or not ahead.known:
        return "", ""
    last = ahead.months[-1]
    month = periods.in_words(last.point.period, periods.CALENDAR_MONTH).removeprefix("in ")
    return (
        f"; dashed: forecast to {month}",
        f" Forecast {last.point.when}: most likely {last.point.text}, {forecasts.CHANCE} range {last.lower80.text} to "
        f"{last.upper80.text}.",
    )
