"""Where requests lead: the forecast by year, the tests of change, and the twelve months ahead by area."""

from collections.abc import Sequence

from highneeds import charts, periods
from highneeds.charts import Series
from highneeds.claims import Claim, listed
from highneeds.figures import Figure
from highneeds.models.forecast import Forecast
from highneeds.months import LATE_ENTRY_DAYS, TOTAL
from highneeds.sections import change_tests, forecasts
from highneeds.sections.common import years
from highneeds.sections.forecasts import CHANCE, Outlook
from highneeds.sections.page import Block, Page
from highneeds.sections.quoted import quoted
from highneeds.sections.requests import by_month
from highneeds.sections.requests.change import MEASURE, WINDOW, doubted
from highneeds.sections.requests.months_ahead import YEAR, Ahead
from highneeds.tables import Cell, Column, Row

BY_MONTH = "monthly model of requests (docs/methods.md)"


def by_year(page: Page) -> Block | None:
    """Requests received by calendar year and the years to come; then how wide the range is, and its record."""
    forecast = forecasts.forecast_of(page, MEASURE)
    bars = [page.facts.get(MEASURE, page.facts.authority, year) for year in years(page, MEASURE)]
    if forecast is None or not forecast.known:
        refused = forecasts.refusal(page, forecast) if any(bar.known for bar in bars) else None
        return _together(_past_chart(page, bars), page.paragraphs("", refused) if refused else None)
    made = forecasts.outlooks(forecast, forecasts.learned_from(page, MEASURE))
    return _together(_chart(page, bars, made, forecast), page.paragraphs("", *_said(page, forecast, made)))


def _together(*blocks: Block | None) -> Block | None:
    markup = "".join(block.markup for block in blocks if block is not None)
    return Block(markup) if markup else None


def _past_chart(page: Page, bars: Sequence[Figure]) -> Block | None:
    """What came, where there is no forecast."""
    area, known = page.facts.authority, [bar for bar in bars if bar.known]
    if len(known) < 2:
        return None
    title = page.say(
        "by_year_title",
        "{area} had {last} requests {last.when} and {first} {first.when}",
        area=area.name,
        last=known[-1],
        first=known[0],
    )
    series = Series(area.name, bars)
    return page.chart(
        "by-year",
        charts.bar_chart(series, unit="requests"),
        title=title,
        subtitle=f"Requests for EHC needs assessments, {area.name}, calendar years, number",
        alt=charts.describe([series], "Bar chart of requests by calendar year"),
        row_head="Calendar year",
        heading="Requests over the years",
        columns=["Requests"],
        rows=[(bar.period, [bar]) for bar in bars],
    )


def _chart(page: Page, bars: Sequence[Figure], made: Sequence[Outlook], forecast: Forecast) -> Block:
    area, last = page.facts.authority, made[-1]
    title = page.say(
        "by_year_title",
        "{area}: {low} to {high} requests {last.when} if the pattern continued",
        area=area.name,
        low=last.lower80,
        high=last.upper80,
        last=last.point,
    )
    past, ahead = Series(area.name, bars), Series("Most likely", [each.point for each in made], "forecast")
    rows: list[tuple[str, Sequence[Cell]]] = [(bar.period, [bar, *["not a forecast"] * 4]) for bar in bars]
    return page.chart(
        "by-year",
        forecasts.bars_chart(past, made, unit="requests"),
        title=title,
        subtitle=f"Requests for EHC needs assessments, {area.name}, calendar years, number; dashed: forecast",
        alt=charts.describe([past, ahead], "Bar chart of requests by calendar year with a forecast")
        + f" Its {CHANCE} range {last.point.when} is {last.lower80.text} to {last.upper80.text}.",
        row_head="Calendar year",
        heading="Requests over the years, and where they lead",
        columns=["Requests, or most likely", *forecasts.RANGE_COLUMNS[1:]],
        rows=[*rows, *forecasts.range_rows(made)],
        note=forecast.reason,
    )


def _said(page: Page, forecast: Forecast, made: Sequence[Outlook]) -> list[Claim | None]:
    """Next year's range, how wrong such ranges have been, and what to mind."""
    first = made[0]
    over = periods.last_day(first.point.period, periods.CALENDAR_YEAR) <= page.facts.as_at
    near = page.say(
        "next_year",
        "For calendar {year}{over} the range is {low} to {high}; most likely about {first}.",
        year=first.point.period,
        over=", which is over but not yet published," if over else "",
        low=first.lower80,
        high=first.upper80,
        first=first.point,
    )
    records = [
        forecasts.record_said(page, forecast, horizon, f"record_{horizon}")
        for horizon in dict.fromkeys((first.horizon, made[-1].horizon))
    ]
    warned = [
        quoted(page, f"warning_{at}", note, how="yearly model of requests (docs/methods.md)", caution=True)
        for at, note in enumerate(forecast.warnings, start=1)
    ]
    return [near, *records, *warned]


def tested(page: Page) -> Block | None:
    """The latest year's change and that of three years, beside similar authorities; none of a count in doubt."""
    facts, area = page.facts, page.facts.authority
    latest = facts.latest(MEASURE)
    now = facts.get(MEASURE, area, latest) if latest else None
    if now is None or not now.known or doubted(page, now):
        return None
    held = set(facts.periods(MEASURE))
    firsts = [str(int(latest) - back) for back in (1, WINDOW)]
    changes = {
        f"change_{back}": change_tests.change_of(page, MEASURE, first, latest)
        for back, first in zip((1, WINDOW), firsts, strict=True)
        if first in held
    }
    said: list[Claim] = []
    warned: list[str] = []
    for id, change in changes.items():
        if change.known:
            clear = any(claim.id.endswith("_power") for claim in said)
            said += change_tests.change_said(page, change, what="requests", id=id, power=not clear, but=warned)
            warned += change.warnings
    return page.paragraphs("Is the change larger than chance?", *said) if said else None


def next_months(page: Page) -> Block | None:
    """The twelve months after the last count: in words, then by area."""
    ahead = by_month.ahead(page)
    if ahead is None:
        return None
    if not ahead.known:
        return page.paragraphs("", forecasts.refusal(page, ahead.forecast, "no_months_forecast"))
    return _together(page.paragraphs("The twelve months ahead", *_months_said(page, ahead)), _by_area(page, ahead))


def _months_said(page: Page, ahead: Ahead) -> list[Claim | None]:
    whole, before = ahead.sums[TOTAL], ahead.before.get(TOTAL)
    said: list[Claim | None] = [
        page.say(
            "next_months",
            "If the pattern of the last months continued, {area} would count between {low} and {high} requests from "
            "{span} ({chance} range; most likely about {point}; {see}).",
            area=page.facts.authority.name,
            low=whole.lower80,
            high=whole.upper80,
            point=whole.point,
            span=periods.month_range(*ahead.span),
            chance=CHANCE,
            see=page.see("f", "by-month"),
        )
    ]
    if before is not None and before.known:
        said.append(
            page.say(
                "months_before",
                "From {span} it counted {before}.",
                span=periods.month_range(*before.period.split(" to ")),
                before=before,
            )
        )
    warnings = enumerate(ahead.forecast.warnings, start=1)
    notes = [quoted(page, f"months_note_{at}", note, how=BY_MONTH) for at, note in warnings]
    return [*said, *notes, _counted_as_it_stands(page, ahead), _overtaken(page, ahead)]


def _counted_as_it_stands(page: Page, ahead: Ahead) -> Claim | None:
    """Months of the past that late entries may still raise."""
    if not ahead.open_months:
        return None
    named = [periods.in_words(month, periods.CALENDAR_MONTH).removeprefix("in ") for month in ahead.open_months]
    return page.say(
        "months_open",
        "{months} may still gain late entries; the forecast takes {it} as counted so far, so it may lie a little low.",
        months=listed(named),
        it="it" if len(named) == 1 else "them",
    )


def _overtaken(page: Page, ahead: Ahead) -> Claim | None:
    """Warning where the first month forecast is over: the authority knows more than this report."""
    over = periods.last_day(ahead.span[0], periods.CALENDAR_MONTH)
    if (page.facts.as_at - over).days < LATE_ENTRY_DAYS:
        return None
    return page.warn(
        "months_overtaken",
        "The last month held is {month}, and this report is of {day}: newer counts would replace this forecast.",
        month=periods.in_words(ahead.forecast.origin, periods.CALENDAR_MONTH).removeprefix("in "),
        day=periods.day_in_words(page.facts.as_at),
    )


def _by_area(page: Page, ahead: Ahead) -> Block | None:
    """A row an area, refused ones in words, then the total."""
    names = [name for name in (*ahead.sums, *ahead.refusals) if name != TOTAL]
    if not names:
        return None
    rows = [Row(name, _cells(ahead, name)) for name in sorted(names)]
    rows.append(Row("All requests", _cells(ahead, TOTAL), rule=True, strong=True))
    reasons = " ".join(ahead.refusals.values())
    return page.table(
        "areas-ahead",
        f"Requests by area, {page.facts.authority.name}, forecast for {periods.month_range(*ahead.span)}, number",
        row_head="Area",
        columns=[
            Column(f"{YEAR} months to {periods.label(ahead.origin, periods.CALENDAR_MONTH)}"),
            Column("Most likely"),
            Column(f"{CHANCE}: from"),
            Column(f"{CHANCE}: to"),
        ],
        rows=rows,
        note=quoted(page, "areas_note", f"{_adding_up(ahead)} {reasons}".strip(), how=BY_MONTH),
    )


def _adding_up(ahead: Ahead) -> str:
    """What the rows make together."""
    if ahead.together:
        return (
            "Areas add up to the total where each has a forecast; ranges do not, as areas rarely turn out high at once."
        )
    return (
        f"Areas rest on the months to {periods.label(ahead.origin, periods.CALENDAR_MONTH)}, the total on newer ones "
        "too, so they need not add up. Hidden counts are left out, never read as none."
    )


def _cells(ahead: Ahead, name: str) -> list[Cell]:
    before = ahead.before.get(name, "not held")
    made = ahead.sums.get(name)
    return [before, *((made.point, made.lower80, made.upper80) if made else ["no forecast"] * 3)]
