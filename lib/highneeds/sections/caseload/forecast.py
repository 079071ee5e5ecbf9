"""EHC plans: how many are held, how many will be, and which ages grow."""

from highneeds import charts, periods
from highneeds.charts import Series
from highneeds.claims import direction
from highneeds.figures import Figure, change_pct, counted, slug
from highneeds.models.forecast import Forecast
from highneeds.models.yearly.ages import BandForecast, forecast_ages
from highneeds.models.yearly.choice import is_tiny
from highneeds.sections import change_tests, forecasts
from highneeds.sections.common import gap, years
from highneeds.sections.forecasts import CHANCE
from highneeds.sections.page import Block, KeyFigure, Page
from highneeds.sections.quoted import quoted
from highneeds.tables import Column, Row

PLANS = "ehc_plans"
GROWTH_YEARS = 3  # of which growth is set beside others'


def _forecast(page: Page) -> Forecast | None:
    return forecasts.forecast_of(page, PLANS)


def answer(page: Page) -> Block:
    """Plans now, the range in three years, and how wrong such forecasts have been."""
    facts, area = page.facts, page.facts.authority
    latest = facts.latest(PLANS)
    if not latest or not facts.get(PLANS, area, latest).known:
        return page.answer(gap(page, PLANS, latest))
    now, forecast = facts.get(PLANS, area, latest), _forecast(page)
    held = page.say("answer", "{area} held {now} EHC plans {now.when}.", area=area.name, now=now)
    if forecast is None or not forecast.known:
        return page.answer(held, forecasts.refusal(page, forecast))
    last = forecasts.outlooks(forecast, forecasts.learned_from(page, PLANS))[-1]
    said = page.say(
        "answer_forecast",
        "If the pattern of the last years continued, it would hold between {low} and {high} {last.when} ({chance} "
        "range; most likely about {last}; {see}).",
        low=last.lower80,
        high=last.upper80,
        last=last.point,
        chance=CHANCE,
        see=page.see("f", "trend"),
    )
    page.unknown.append(
        page.say(
            "unknown_reform", "What a change of law would do to the number of plans: no forecast here foresees one."
        )
    )
    how = "yearly model of EHC plans (docs/methods.md)"
    warned = [
        quoted(page, f"warning_{at}", note, how=how, caution=True) for at, note in enumerate(forecast.warnings, 1)
    ]
    return page.answer(held, said, forecasts.record_said(page, forecast, 1, "answer_record"), *warned)


def key_figures(page: Page) -> Block | None:
    """Plans now, next January and in three years, each with its range."""
    facts, forecast = page.facts, _forecast(page)
    latest = facts.latest(PLANS)
    now = facts.get(PLANS, facts.authority, latest) if latest else None
    if now is None or not now.known:
        return None
    before = facts.get(PLANS, facts.authority, periods.previous_year(latest, periods.JANUARY))
    way = f"{direction(change_pct(now, before))} from {before.text}" if before.known else ""
    since = before if before.known else None
    keys = [KeyFigure("EHC plans held", now, way, [], page.say("key_now", "Plans maintained, age 0 to 25."), since)]
    learned = forecasts.learned_from(page, PLANS)
    made = forecasts.outlooks(forecast, learned) if forecast is not None and forecast.known else []
    for each in made[:1] + made[-1:] if len(made) > 1 else made:
        words = page.say(
            f"key_{each.point.period}",
            "Forecast; {chance} range {low} to {high}.",
            chance=CHANCE,
            low=each.lower80,
            high=each.upper80,
        )
        keys.append(
            KeyFigure(f"Forecast {periods.label(each.point.period, periods.JANUARY)}", each.point, "", [], words)
        )
    return page.key_figures(*keys)


def trend(page: Page) -> Block | None:
    """Plans by January and the forecast with its range."""
    forecast, area = _forecast(page), page.facts.authority
    if forecast is None or not forecast.known:
        return None
    past = plans_by_year(page)
    made = forecasts.outlooks(forecast, forecasts.learned_from(page, PLANS))
    last = made[-1]
    title = page.say(
        "trend_title",
        "{area}: {low} to {high} plans {last.when} if the pattern continued",
        area=area.name,
        low=last.lower80,
        high=last.upper80,
        last=last.point,
    )
    series = [Series(area.name, past), Series("Forecast", [each.point for each in made], "forecast")]
    rows = [(item.period, [item, *["not a forecast"] * 4]) for item in past] + forecasts.range_rows(made)
    return page.chart(
        "trend",
        forecasts.fan_chart(past, made, unit="plans", label=area.name),
        title=title,
        subtitle=f"EHC plans, {area.name}, January each year, number; dashed: forecast with its {CHANCE} range",
        alt=charts.describe(series, "Line chart of plans with a forecast")
        + f" Its {CHANCE} range {last.point.when} is {last.lower80.text} to {last.upper80.text}.",
        row_head="January",
        heading="The trend and where it leads",
        columns=["Plans, or most likely", *forecasts.RANGE_COLUMNS[1:]],
        rows=rows,
        note=forecast.reason,
    )


def plans_by_year(page: Page) -> list[Figure]:
    """Plans of each January to show, known or not."""
    return [page.facts.get(PLANS, page.facts.authority, year) for year in years(page, PLANS)]


def beside_others(page: Page) -> Block | None:
    """Growth beside similar authorities, tested."""
    held = [item for item in plans_by_year(page) if item.known]
    if len(held) <= GROWTH_YEARS:
        return None
    change = change_tests.change_of(page, PLANS, held[-1 - GROWTH_YEARS].period, held[-1].period)
    return page.paragraphs(
        f"Growth beside {page.facts.others.those_alike}",
        *change_tests.change_said(page, change, what="the number of plans", id="change"),
    )


def by_age(page: Page) -> Block | None:
    """Plans by age band now and in three years, with ranges."""
    annual, forecast, area = page.annual(PLANS), _forecast(page), page.facts.authority
    if annual is None or forecast is None or not forecast.known:
        return None
    made = [] if is_tiny(forecast.latest) else forecast_ages(annual, area.code, forecasts.YEARS)
    if not made:
        return None
    rows = [_band_row(page, forecast, each) for each in made]
    growing = max(rows, key=lambda row: row.cells[1].value - row.cells[0].value)  # type: ignore[union-attr]
    said = page.say(
        "ages",
        "The age group that would grow most is {band}: from {now} plans to between {low} and {high} {point.when}.",
        band=_band_words(growing.label),
        now=growing.cells[0],
        point=growing.cells[1],
        low=growing.cells[2],
        high=growing.cells[3],
    )
    table = page.table(
        "ages",
        f"EHC plans by age, {area.name}: {periods.label(forecast.origin, periods.JANUARY)} and forecast for "
        f"{periods.label(forecast.steps[-1].period, periods.JANUARY)}, number",
        row_head="Age",
        columns=[Column("Now"), Column("Forecast"), Column(f"{CHANCE}: from"), Column(f"{CHANCE}: to")],
        rows=rows,
        note="Children already in the system move up with their age; the bands sum to the forecast of the total, their "
        "ranges do not.",
    )
    return Block(page.paragraphs("Which ages grow", said).markup + table.markup)


def _band_words(band: str) -> str:
    return "under 5" if band.startswith("Under") else f"ages {band.removeprefix('Age ')}"


def _band_row(page: Page, forecast: Forecast, made: BandForecast) -> Row:
    area, last = page.facts.authority, forecast.steps[-1]
    now = page.facts.get(PLANS, area, forecast.origin, made.band)
    if not now.known:
        now = counted(
            f"{PLANS}_shared_out.{area.slug}.{forecast.origin}.{slug(made.band)}",
            made.now,
            "plans",
            now,
            "total shared out by the last published ages",
        )
    cells = forecasts.band_figures(
        forecast, made.band, last, (made.point, made.lower80, made.upper80), made.target_years, now
    )
    return Row(made.band, [now, *cells])
