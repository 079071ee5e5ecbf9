"""Options about places: alternative provision from exclusions, and commissioned places that stand empty."""

from dataclasses import replace

import pandas as pd

from highneeds import charts, periods
from highneeds.charts import Interval, Series
from highneeds.charts.options import change_chart
from highneeds.claims import Claim
from highneeds.disclosure.policy import FEW, HIDDEN
from highneeds.figures import Figure, slug
from highneeds.measures.declarations import OWN
from highneeds.models.options import alternative_provision as flow
from highneeds.models.options import places
from highneeds.sections.forecasts import CHANCE
from highneeds.sections.options.common import MOST_BARS, MOST_ROWS, Option, Worked, heading, held, hidden, policy
from highneeds.sections.page import Block, KeyFigure, Page
from highneeds.tables import Column, Row

AP_FILES = ("alternative_provision_exclusions", "alternative_provision_flow")
AP_COLUMNS = ("places", "low", "high", "worst")
AP_HOW = {
    "places": "expected places: mean exclusions with growth, stays and leavers",
    "low": "10th percentile of drawn futures",
    "high": "90th percentile of drawn futures",
    "worst": "places if every year had the exclusions of the worst year, with growth",
}
PLACE_FILES = ("commissioned_places",)


def _ap_figures(page: Page) -> dict[tuple[str, str], dict[str, Figure]] | None:
    """Figures by phase and academic year; None without the files."""
    tables = held(page, *AP_FILES)
    if tables is None:
        return None
    made = {}
    for row in flow.places_needed(*tables).itertuples():
        worked = Worked(page, row.academic_year, periods.AS_LABELLED, tables)
        made[row.phase, row.academic_year] = {
            name: worked.figure(
                f"alternative_provision_places.{slug(row.phase)}.{name}",
                getattr(row, name),
                "places",
                f"{AP_HOW[name]} (docs/options.md)",
                status="f",
            )
            for name in AP_COLUMNS
        }
    return made


def _whole(made: dict[tuple[str, str], dict[str, Figure]]) -> list[dict[str, Figure]]:
    """All phases together by year; the one phase where there is but one."""
    phases = list(dict.fromkeys(phase for phase, _ in made))
    return [figures for (phase, _), figures in made.items() if phase == phases[-1]]


def _ap_said(page: Page, last: dict[str, Figure]) -> Claim:
    return page.say(
        "alternative_provision",
        "If exclusions went on as in the past years, {low} to {high} places would be needed {point.when} ({chance} "
        "range; expected about {point}). Were every year like the worst, {worst} would be.",
        low=last["low"],
        high=last["high"],
        point=last["places"],
        worst=last["worst"],
        chance=CHANCE,
    )


def alternative_provision_option(page: Page) -> Option | None:
    """Places needed in the target year."""
    made = _ap_figures(page)
    if made is None:
        return None
    last = _whole(made)[-1]
    words = page.say(
        "key_alternative_provision",
        "{chance} range {low} to {high}; {worst} if every year were like the worst.",
        chance=CHANCE,
        low=last["low"],
        high=last["high"],
        worst=last["worst"],
    )
    return Option(
        "places in alternative provision",
        KeyFigure("Alternative provision places needed", last["places"], "", [], words),
    )


def alternative_provision(page: Page) -> Block | None:
    """Places in alternative provision to the target year, with their range, beside the answer of the worst year."""
    made = _ap_figures(page)
    if made is None:
        return None
    chart = _ap_chart(page, _whole(made))
    said = _ap_said(page, _whole(made)[-1])
    table = _ap_table(page, made)
    return Block(chart.markup + page.paragraphs("", said).markup + table.markup)


def _ap_chart(page: Page, years: list[dict[str, Figure]]) -> Block:
    points, worst = ([each[name] for each in years] for name in ("places", "worst"))
    last = years[-1]
    title = page.say(
        "alternative_provision_title",
        "Between {low} and {high} places in alternative provision would be needed {point.when}",
        low=last["low"],
        high=last["high"],
        point=last["places"],
    )
    series = [Series("Expected", points, "forecast"), Series("As the worst year", worst, "england")]
    picture = charts.line_chart(
        series, unit="places", interval=Interval([each["low"] for each in years], [each["high"] for each in years], "")
    )
    return page.chart(
        "alternative_provision",
        picture,
        title=title,
        subtitle=f"Places, {page.facts.authority.name}, academic years; shaded: {CHANCE} range of the expected",
        alt=charts.describe(series, "Line chart of places needed")
        + f" The {CHANCE} range {last['places'].when} is {last['low'].text} to {last['high'].text}.",
        row_head="Academic year",
        columns=["Expected", f"{CHANCE}: from", f"{CHANCE}: to", "Every year the worst"],
        rows=[(each["places"].period, [each[name] for name in AP_COLUMNS]) for each in years],
        heading=heading("Places in alternative provision", *_tables(page, AP_FILES)),
    )


def _ap_table(page: Page, made: dict[tuple[str, str], dict[str, Figure]]) -> Block:
    target = list(made)[-1][1]
    ends = [(phase, figures) for (phase, year), figures in made.items() if year == target]
    rows = [
        Row(phase, [figures[name] for name in AP_COLUMNS], rule=phase == flow.ALL, strong=phase == flow.ALL)
        for phase, figures in ends
    ]
    return page.table(
        "alternative_provision",
        f"Places in alternative provision by phase, {page.facts.authority.name}, {target}",
        row_head="Phase",
        columns=[
            Column("Expected"),
            Column(f"{CHANCE}: from"),
            Column(f"{CHANCE}: to"),
            Column("Every year the worst"),
        ],
        rows=rows,
        note="A place is one pupil for a year. Ranges hold what differs from year to year, the level that few past "
        "years leave open and how many return to school; they do not add up. Growth, stays and leavers are taken as "
        "given. Commissioning for the worst year buys places that most years leave empty.",
    )


def _tables(page: Page, names: tuple[str, ...]) -> list[pd.DataFrame]:
    return held(page, *names) or []


def _worked_places(page: Page) -> tuple[pd.DataFrame, Worked] | None:
    tables = held(page, *PLACE_FILES)
    if tables is None:
        return None
    rows = places.vacancies(tables[0]).sort_values(["vacancy_pct", "provider"], ascending=[False, True])
    day = rows["counted_on"].iloc[0].date().isoformat()
    return rows, Worked(page, day, periods.AT_DATE, tables)


def _place_cells(worked: Worked, values: pd.Series, tail: str, hide: bool) -> dict[str, Figure]:
    """Commissioned, filled, vacant and over-filled places and the rate of one row; pupils in places may be hidden."""
    few = 0 < values["commissioned_places"] < policy(worked.page).minimum_denominator
    made = {
        "commissioned": worked.figure(f"commissioned_places.{tail}", values["commissioned_places"], "places", "sum")
    }
    for name, how in (("filled", "sum"), ("vacant", "commissioned - filled, where above 0"), ("over", "filled beyond")):
        made[name] = worked.figure(
            f"{name}_places.{tail}", values[f"{name}_places"], "places", how, status=HIDDEN if hide else ""
        )
    how, status = "100 x (commissioned - filled) / commissioned", HIDDEN if hide else FEW if few else ""
    made["rate"] = worked.figure(f"vacancy_rate.{tail}", values["vacancy_pct"], "%", how, places=1, status=status)
    return made


def _place_total(page: Page) -> dict[str, Figure] | None:
    found = _worked_places(page)
    if found is None:
        return None
    rows, worked = found
    hide = hidden(rows["filled_places"], fewest=policy(page).school_threshold).total
    return _place_cells(worked, places.together(rows), "all", hide)


def vacancies_option(page: Page) -> Option | None:
    """Share of commissioned places that stand empty."""
    total = _place_total(page)
    if total is None:
        return None
    words = page.say(
        "key_vacancies",
        "{vacant} of {commissioned} commissioned places stand empty; {over} pupils are beyond what was commissioned.",
        vacant=total["vacant"],
        commissioned=total["commissioned"],
        over=total["over"],
    )
    return Option("empty places", KeyFigure("Vacancy rate, net", total["rate"], "", [], words))


def vacancies(page: Page) -> Block | None:
    """Commissioned places that stand empty, by provider, and settings that hold more than was commissioned."""
    found, total = _worked_places(page), _place_total(page)
    if found is None or total is None:
        return None
    rows, worked = found
    hide = hidden(rows["filled_places"], fewest=policy(page).school_threshold)
    cells = [
        _place_cells(worked, row, slug(f"{row['provider']} {row['setting']}"), gone)
        for (_, row), gone in zip(rows.iterrows(), hide.rows, strict=True)
    ]
    said = page.say(
        "vacancies",
        "{vacant} places stand empty and {over} pupils are placed beyond what was commissioned: net, {rate} of "
        "{commissioned} places are vacant {rate.when}.",
        **{name: total[name] for name in ("vacant", "over", "rate", "commissioned")},
    )
    table = _place_table(page, list(zip(rows["provider"], rows["setting"], cells, strict=True)), total)
    head = heading("Empty places", *worked.rows)
    return Block(page.paragraphs(head, said).markup + _place_chart(page, rows, cells) + table.markup)


def _place_chart(page: Page, rows: pd.DataFrame, cells: list[dict[str, Figure]]) -> str:
    every = [
        Series(name, [_signed_gap(made)])
        for name, made in zip(rows["provider"], cells, strict=True)
        if made["filled"].known
    ]
    if not every:
        return ""
    every.sort(key=lambda bar: -bar.figures[0].value)  # type: ignore[operator]
    bars = every if len(every) <= MOST_BARS else [*every[: MOST_BARS // 2], *every[-MOST_BARS // 2 :]]
    title = page.say("vacancies_title", "Most empty places: {name}, {gap}", name=bars[0].label, gap=bars[0].figures[0])
    chart = page.chart(
        "vacancies",
        change_chart(bars, unit="places"),
        title=title,
        subtitle=f"Commissioned less filled places, {page.facts.authority.name}, number; left of the line: over-filled",
        alt=charts.describe(bars, "Bar chart of places commissioned less places filled"),
        row_head="Provider",
        columns=["Commissioned less filled"],
        rows=[(bar.label, list(bar.figures)) for bar in bars],
    )
    return chart.markup


def _signed_gap(made: dict[str, Figure]) -> Figure:
    """Commissioned less filled, below 0 where over-filled."""
    figure = made["filled"]
    tail = figure.id.partition(".")[2]
    return replace(
        figure,
        id=f"places_gap.{tail}",
        measure="places_gap",
        source=OWN,
        value=made["commissioned"].value - made["filled"].value,  # type: ignore[operator]
        reference=f"{made['commissioned'].id} - {made['filled'].id}",
        inputs=(made["commissioned"], made["filled"]),
    )


def _place_table(page: Page, made: list[tuple[str, str, dict[str, Figure]]], total: dict[str, Figure]) -> Block:
    names = ("commissioned", "filled", "vacant", "over", "rate")
    rows = [Row(provider, [setting, *(cells[name] for name in names)]) for provider, setting, cells in made[:MOST_ROWS]]
    rows.append(Row("All", ["", *(total[name] for name in names)], rule=True, strong=True))
    fewest = policy(page).school_threshold
    left = f" {len(made) - MOST_ROWS} more providers are in the file." if len(made) > MOST_ROWS else ""
    return page.table(
        "vacancies",
        f"Commissioned and filled places, {page.facts.authority.name}, {total['rate'].when.removeprefix('on ')}",
        row_head="Provider",
        columns=[
            Column("Setting", words=True),
            Column("Commissioned"),
            Column("Filled"),
            Column("Vacant"),
            Column("Beyond"),
            Column("Vacancy rate (%)"),
        ],
        rows=rows,
        note="Vacant places of one setting do not serve pupils beyond the number of another: the rate lets them cancel "
        f"out, the columns do not. Where fewer than {fewest} pupils are placed, the row is not shown, nor others that "
        f"would give it away. Some empty places let pupils join within the year.{left}",
    )
