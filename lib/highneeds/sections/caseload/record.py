"""How good forecasts of the caseload were: the one made years ago, this authority's own, and everyone's ranges."""

from dataclasses import replace

from highneeds import charts
from highneeds.charts import Interval, Series
from highneeds.figures import Figure, counted, slug
from highneeds.models.forecast import Forecast, Past
from highneeds.sections import forecasts
from highneeds.sections.caseload.forecast import PLANS, plans_by_year
from highneeds.sections.forecasts import CHANCE, Outlook
from highneeds.sections.page import Block, Page
from highneeds.tables import Column, Row

BACK = 4  # years from which "the forecast made then" is judged
LINE_YEARS = 3  # of which a straight line is drawn on


def made_then(page: Page) -> Block | None:
    """The forecast that was possible then and a straight line drawn then, beside what happened and today's forecast."""
    forecast, area, past = forecasts.forecast_of(page, PLANS), page.facts.authority, plans_by_year(page)
    annual, known = page.annual(PLANS), [item for item in past if item.known]
    if annual is None or forecast is None or len(known) < BACK + LINE_YEARS + 1:
        return None
    last, then, learned = known[-1], known[-1 - BACK], forecasts.learned_from(page, PLANS)
    now = forecasts.outlooks(forecast, learned) if forecast.known else []
    steps = annual.made_in(area.code, int(then.period), BACK + len(now))
    if not steps or int(then.period) < annual.track.first:
        return None
    made = forecasts.outlooks(forecast, learned, steps, origin=then.period)
    line = _straight_line(page, known[:-BACK], BACK + len(now))
    judged = made[:BACK]
    end, straight = judged[-1], line[BACK - 1]
    held = end.lower80.value <= last.value <= end.upper80.value  # type: ignore[operator]
    title = page.say(
        "then_title",
        "From January {then}, {last.period} was forecast at {low} to {high}; it came to {last}",
        then=then.period,
        low=end.lower80,
        high=end.upper80,
        last=last,
    )
    series = [
        Series(area.name, past),
        Series(f"Forecast of {then.period}", [then, *(each.point for each in made)], "forecast"),
        Series(f"Straight line of {then.period}", [then, *line], "neighbours"),
        *([Series("Forecast now", [last, *(each.point for each in now)], "forecast")] if now else []),
    ]
    ends = [then, *(each.lower80 for each in judged)], [then, *(each.upper80 for each in judged)]
    chart = page.chart(
        "then",
        charts.line_chart(series, unit="plans", interval=Interval(*ends), height=2.9),
        title=title,
        subtitle=f"EHC plans, {area.name}, January each year, number; the band is the {CHANCE} range of {then.period}",
        alt=charts.describe(series, "Line chart of plans, with forecasts made then and now"),
        row_head="January",
        heading="The forecast made then, and what happened",
        columns=[
            "Plans held",
            f"Forecast of {then.period}",
            f"{CHANCE}: from",
            f"{CHANCE}: to",
            f"Straight line of {then.period}",
            "Forecast now",
        ],
        rows=_then_rows(known[-BACK:], made, line, now),
        note="The forecast of then is made again with the figures of then, never with hindsight. The straight line "
        "carries on the mean yearly change of the three years before, as plans are often drawn up.",
    )
    misses = [_miss(page, name, figure, last) for name, figure in (("forecast", end.point), ("line", straight))]
    said = page.say(
        "then_said",
        "The forecast possible in January {then} was out by {miss} for January {last.period}, a straight line by "
        "{line_miss} ({see}); its range " + ("held." if held else "did not hold."),
        then=then.period,
        last=last,
        miss=misses[0],
        line_miss=misses[1],
        see=page.see("f", "then"),
    )
    return Block(chart.markup + page.paragraphs("", said).markup)


def _then_rows(
    held: list[Figure], made: list[Outlook], line: list[Figure], now: list[Outlook]
) -> list[tuple[str, list[Figure | str]]]:
    """A row a January since then: what was held or is forecast now, beside what was said then."""
    newest = [*([each, "known"] for each in held), *(["not yet known", each.point] for each in now)]
    return [
        (each.point.period, [plans, each.point, each.lower80, each.upper80, drawn, today])
        for (plans, today), each, drawn in zip(newest, made, line, strict=True)
    ]


def _straight_line(page: Page, known: list[Figure], ahead: int) -> list[Figure]:
    """Mean yearly change of the last three years, carried on."""
    last, first = known[-1], known[-1 - LINE_YEARS]
    slope = (last.value - first.value) / LINE_YEARS  # type: ignore[operator]
    how = f"{last.id} + years x ({last.id} - {first.id}) / {LINE_YEARS}"
    made = []
    for years_on in range(1, ahead + 1):
        period = str(int(last.period) + years_on)
        value = max(last.value + years_on * slope, 0.0)  # type: ignore[operator]
        figure = counted(
            f"{PLANS}_straight_line.{slug(last.area)}.{period}.from-{last.period}", value, "plans", last, how
        )
        places = forecasts.places_of(value, "plans")
        made.append(replace(figure, period=period, status=forecasts.STATUS, places=places, inputs=(first, last)))
    return made


def _miss(page: Page, name: str, made: Figure, actual: Figure) -> Figure:
    """Absolute error of a forecast, per cent of what happened."""
    value = 100 * abs(made.value - actual.value) / actual.value  # type: ignore[operator]
    how = f"100 * |{made.id} - {actual.id}| / {actual.id}"
    return replace(
        counted(f"{PLANS}_miss_of_{name}.{slug(actual.area)}.{actual.period}", value, "%", actual, how, places=1),
        inputs=(made, actual),
    )


def record(page: Page) -> Block | None:
    """Every forecast that was possible since the models could be fitted, a year and three years ahead."""
    forecast = forecasts.forecast_of(page, PLANS)
    if forecast is None or not forecast.record.own:
        return None
    annual = page.annual(PLANS)
    rows = [_record_row(page, forecast, past) for past in _ordered(forecast)]
    held = sum(past.held80 for past in forecast.record.own)
    like = plans_by_year(page)[-1]
    how = "forecasts for this authority whose target year is over"
    of = counted(
        f"{PLANS}_own_forecasts.{slug(like.area)}.to-{like.period}", len(forecast.record.own), "forecasts", like, how
    )
    inside = counted(f"{PLANS}_own_forecasts_held.{slug(like.area)}.to-{like.period}", held, "forecasts", like, how)
    said = page.say(
        "record",
        "For {area}, {inside} of {of} such ranges held, those two years ahead counted too; of {chance} ranges, "
        "{expected} would be expected to.",
        area=page.facts.authority.name,
        inside=inside,
        of=of,
        chance=CHANCE,
        expected=counted(
            f"{PLANS}_own_forecasts_expected.{slug(like.area)}.to-{like.period}",
            0.8 * len(forecast.record.own),
            "forecasts",
            like,
            "0.8 x forecasts whose target year is over",
        ),
    )
    table = page.table(
        "record",
        f"Forecasts made again with the figures of then, {page.facts.authority.name}, plans in January",
        row_head="Target year",
        columns=[
            Column("Years ahead", words=True),
            Column("Forecast"),
            Column(f"{CHANCE}: from"),
            Column(f"{CHANCE}: to"),
            Column("Plans held"),
            Column("Range", words=True),
        ],
        rows=rows,
        note=f"The first January whose forecast counts is {annual.track.first + 1}." if annual else "",
    )
    return Block(page.paragraphs("How good such forecasts were here", said).markup + table.markup)


def _ordered(forecast: Forecast) -> list[Past]:
    return sorted(
        (past for past in forecast.record.own if past.horizon in (1, forecasts.YEARS)),
        key=lambda past: (past.horizon, past.period),
    )


def _record_row(page: Page, forecast: Forecast, past: Past) -> Row:
    made = forecasts.past_outlook(forecast, past, forecasts.learned_from(page, PLANS))
    actual = page.facts.get(PLANS, page.facts.authority, past.period)
    cells = [str(past.horizon), made.point, made.lower80, made.upper80, actual, "held" if past.held80 else "missed"]
    return Row(past.period, cells)


def calibration(page: Page) -> Block | None:
    """Share of authorities whose range held, by target year and horizon, beside what was promised."""
    forecast = forecasts.forecast_of(page, PLANS)
    scores = [score for score in forecast.record.panel if score.period] if forecast is not None else []
    if forecast is None or not scores:
        return None
    held = {(s.horizon, s.period): forecasts.score_figures(forecast, s) for s in scores}
    targets = sorted({period for _, period in held})
    horizons = sorted({horizon for horizon, _ in held})
    blank = replace(next(iter(held.values()))[3], value=None, status="z", id="", reference="no such forecast is over")

    def shares(horizon: int) -> list[Figure]:
        return [
            held[horizon, year][3]
            if (horizon, year) in held
            else replace(blank, period=year, id=f"{PLANS}.forecast-held.all-authorities.{horizon}-ahead.{year}")
            for year in targets
        ]

    roles = ("authority", "neighbours", "region")
    series = [
        Series(forecasts.ahead(horizon).capitalize(), shares(horizon), role)
        for horizon, role in zip(horizons, roles, strict=False)
    ]
    promised = [
        replace(
            shares(horizons[0])[0],
            period=year,
            value=80.0,
            status="",
            places=0,
            id=f"{PLANS}.forecast-promised.all-authorities.{year}",
            reference="an 8-in-10 range",
        )
        for year in targets
    ]
    series.append(Series("Promised", promised, "england"))
    overall = next(s for s in forecast.record.panel if s.horizon == 1 and not s.period)
    years, authorities, _, share = forecasts.score_figures(forecast, overall)
    title = page.say(
        "calibration_title",
        "A year ahead, {share} of {chance} ranges held for {authorities} authorities over {years} years",
        share=share,
        chance=CHANCE,
        authorities=authorities,
        years=years,
    )
    return page.chart(
        "calibration",
        charts.line_chart(series, unit="%", height=2.7),
        title=title,
        subtitle=f"{CHANCE} ranges of EHC plans that held, authorities with 50 plans or more, by target year, per cent",
        alt=charts.describe(series, "Line chart of the share of ranges that held"),
        row_head="January",
        heading="Do the ranges keep their promise?",
        columns=[*(f"{forecasts.ahead(h).capitalize()} (%)" for h in horizons), "Promised (%)"],
        rows=[(year, [line.figures[at] for line in series]) for at, year in enumerate(targets)],
        note="All authorities share the national error of a year, so one year can hold nearly all ranges or few. Few "
        "target years are over: the record itself is uncertain.",
    )
