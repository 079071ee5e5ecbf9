"""Forecasts as figures and sentences: every number with its model, its origin and its record."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from highneeds import charts
from highneeds.charts import Interval, Series
from highneeds.charts.ahead import ahead_chart
from highneeds.claims import Claim
from highneeds.figures import Figure, counted, slug
from highneeds.measures.declarations import OWN
from highneeds.models.forecast import Forecast, PanelScore, Past, Step
from highneeds.sections.page import Page

YEARS = 3
STATUS = "f"
CHANCE = "8-in-10"


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
    how = f"record of forecasts {ahead(score.horizon)}, made with the figures of then (highneeds backtest)"
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
