"""Forecasts and tests of change as figures and sentences: every number with its model, its origin and its record."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from highneeds import charts, periods, terms
from highneeds.charts import Interval, Series
from highneeds.charts.ahead import ahead_chart
from highneeds.claims import Claim
from highneeds.figures import Figure, change_pct, counted, slug
from highneeds.measures.declarations import OWN
from highneeds.models.change.result import UNCLEAR, Change, in_words, seen_in_words
from highneeds.models.change.yearly import one_test, tested_panel
from highneeds.models.forecast import Forecast, PanelScore, Past, Step
from highneeds.sections.page import Page
from highneeds.sections.quoted import quoted

YEARS = 3
STATUS = "f"
CHANCE = "8-in-10"
SMALLEST_P = 0.01  # smaller ones are said to be under it
EFFECT = 7.0  # per cent; the size of fall that committees are told of


def places_of(value: float, unit: str) -> int:
    """Three figures that count: a forecast must not look finer than it is."""
    if unit == "%":
        return 1
    return 0 if value < 1_000 else -1 if value < 10_000 else -2


@dataclass(frozen=True)
class Outlook:
    """Figures of one forecast year: point and the ends of its ranges; horizon in years."""

    horizon: int
    point: Figure
    lower80: Figure
    upper80: Figure
    lower95: Figure
    upper95: Figure


def forecast_of(page: Page, measure: str, horizon: int = YEARS) -> Forecast | None:
    """Forecast of a measure for the page's authority; None where no authority has figures of it."""
    annual = page.annual(measure)
    return None if annual is None else annual.forecast(page.facts.authority.code, horizon)


def learned_from(page: Page, measure: str) -> list[Figure]:
    """Every published figure of the authority that a forecast of a yearly measure can rest on."""
    return [page.facts.get(measure, page.facts.authority, year) for year in page.facts.periods(measure)]


def outlooks(
    forecast: Forecast, past: Sequence[Figure], steps: Sequence[Step] = (), *, origin: str = ""
) -> list[Outlook]:
    """Every year of a forecast as figures.

    past: the authority's own figures, of which it rests on those up to its origin; steps and origin: of a forecast made
    earlier, else its own.
    """
    return [_outlook(forecast, step, origin or forecast.origin, past) for step in steps or forecast.steps]


def _outlook(forecast: Forecast, step: Step, origin: str, past: Sequence[Figure]) -> Outlook:
    (low80, high80), (low95, high95) = step.range(80), step.range(95)
    named = {"point": step.point, "lower80": low80, "upper80": high80, "lower95": low95, "upper95": high95}
    return Outlook(
        step.horizon, **{name: _figure(forecast, step, origin, name, value, past) for name, value in named.items()}
    )


def _figure(
    forecast: Forecast, step: Step, origin: str, name: str, value: float, past: Sequence[Figure] = ()
) -> Figure:
    basis = f"{step.target_years} target years" if step.target_years else "what was over then"
    return Figure(
        id=f"{forecast.measure}_forecast.{slug(forecast.area)}.{step.period}.{name}.from-{origin}",
        measure=f"{forecast.measure}.forecast",
        area_code=forecast.area_code,
        area=forecast.area,
        period=step.period,
        period_basis=forecast.period_basis,
        value=value,
        status=STATUS,
        unit=forecast.unit,
        source=OWN,
        reference=f"{name}: model {step.model}, origin {origin}, figures from {forecast.training[0]}, range from "
        f"{basis} (docs/methods.md)",
        places=places_of(value, forecast.unit),
        inputs=tuple(item for item in past if item.known and forecast.training[0] <= item.period <= origin),
    )


def past_outlook(forecast: Forecast, past: Past, held: Sequence[Figure]) -> Outlook:
    """A forecast made again with the figures of then, as figures."""
    ends = {
        "point": past.point,
        "lower80": past.lower80,
        "upper80": past.upper80,
        "lower95": past.lower95,
        "upper95": past.upper95,
    }
    step = Step(past.period, past.horizon, past.point, (), 0, past.model)
    return Outlook(
        past.horizon, **{name: _figure(forecast, step, past.origin, name, value, held) for name, value in ends.items()}
    )


def band_figures(
    forecast: Forecast, band: str, step: Step, values: tuple[float, float, float], target_years: int, now: Figure
) -> list[Figure]:
    """Point and ends of the 80% range of one age band, as figures. now: plans of the band at the origin."""
    names = ("point", "lower80", "upper80")
    figures = [
        _figure(forecast, step, forecast.origin, name, value, [now]) for name, value in zip(names, values, strict=True)
    ]
    return [
        replace(
            figure,
            id=f"{figure.id}.{slug(band)}",
            breakdown=band,
            reference=f"{name}: cohort model, origin {forecast.origin}, scaled to the total; range from {target_years} "
            "target years (docs/methods.md)",
        )
        for name, figure in zip(names, figures, strict=True)
    ]


def refusal(page: Page, forecast: Forecast | None, id: str = "no_forecast") -> Claim:
    """Why there is no forecast, in a sentence."""
    why = forecast.refusal if forecast is not None else "Too few years of figures are held."
    said = page.say(id, "No forecast is made. {why}", why=why)
    page.unknown.append(page.say(f"unknown_{id}", "How this will go on: no forecast is made. {why}", why=why))
    return said


def record_said(page: Page, forecast: Forecast, horizon: int, id: str) -> Claim | None:
    """How wrong forecasts made this way have been, over all authorities."""
    score = forecast.record.of(horizon)
    if score is None:
        return None
    years, authorities, error, held = score_figures(forecast, score)
    return page.say(
        id,
        "Over {years} target years, forecasts made this way for {authorities} authorities were out by {error} on "
        "average {ahead}, and {held} of their {chance} ranges held.",
        years=years,
        authorities=authorities,
        error=error,
        held=held,
        ahead=ahead(horizon),
        chance=CHANCE,
    )


def ahead(horizon: int) -> str:
    """`a year ahead`, `three years ahead`."""
    words = {1: "a year", 2: "two years", 3: "three years", 4: "four years", 5: "five years"}
    return f"{words.get(horizon, f'{horizon} years')} ahead"


def score_figures(forecast: Forecast, score: PanelScore) -> tuple[Figure, Figure, Figure, Figure]:
    """Target years, authorities, mean error and share of 80% ranges that held, as figures."""
    like = _figure(forecast, forecast.steps[0], forecast.origin, "point", 0.0)
    named = f"{forecast.measure}.forecast-{{}}.all-authorities.{score.horizon}-ahead.{score.period or 'all-years'}"
    like = replace(like, area_code="all", area="All authorities", period=score.period or f"to {forecast.origin}")
    like = replace(like, period_basis="as labelled") if not score.period else like
    how = f"forecasts from each past origin with the figures of then, {score.horizon} years ahead (highneeds backtest)"
    points = forecast.unit == "%"
    return (
        counted(named.format("years"), score.years, "target years", like, how),
        counted(named.format("authorities"), score.authorities, "authorities", like, how),
        counted(
            named.format("error"),
            score.error,
            "percentage points" if points else "%",
            like,
            how,
            places=2 if points else 1,
        ),
        counted(named.format("held"), score.cover80, "%", like, how),
    )


def fan_chart(past: Sequence[Figure], made: Sequence[Outlook], *, unit: str, label: str) -> str:
    """History and forecast in one chart: the dashed line and its range start at the last figure."""
    start = next((figure for figure in reversed(past) if figure.known), None)
    head = [start] if start is not None else []
    interval = Interval([*head, *(each.lower80 for each in made)], [*head, *(each.upper80 for each in made)])
    forecast = Series("Forecast", [*head, *(each.point for each in made)], "forecast")
    return charts.line_chart([Series(label, past), forecast], unit=unit, interval=interval)


def bars_chart(past: Series, made: Sequence[Outlook], *, unit: str, labels: bool = True) -> str:
    """History as bars and the forecast beside them: for what is counted over a year or a month."""
    forecast = Series("Most likely", [each.point for each in made], "forecast")
    interval = Interval([each.lower80 for each in made], [each.upper80 for each in made])
    return ahead_chart(past, forecast, interval, unit=unit, labels=labels)


def range_rows(made: Sequence[Outlook]) -> list[tuple[str, list[Figure]]]:
    """A row a forecast year: most likely, then the ends of both ranges."""
    return [(each.point.period, [each.point, each.lower80, each.upper80, each.lower95, each.upper95]) for each in made]


RANGE_COLUMNS = ("Most likely", "8 in 10: from", "8 in 10: to", "19 in 20: from", "19 in 20: to")


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
