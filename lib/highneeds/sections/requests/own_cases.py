"""Requests by month and area, and what was decided, from the authority's own case data."""

from highneeds import charts, periods
from highneeds.charts import Series
from highneeds.claims import listed
from highneeds.clean.places import NOT_AREAS
from highneeds.figures import Figure, counted
from highneeds.sections.local import LocalAt
from highneeds.sections.page import Block, Page
from highneeds.sections.released import (
    ASSESS,
    DECISIONS,
    OUTCOMES,
    REFUSED,
    REQUESTS,
    TOTAL,
    WAITING,
    WITHDRAWN,
    WITHIN,
)
from highneeds.sections.requests import months_ahead
from highneeds.sections.requests.months_ahead import Ahead, MonthCounts
from highneeds.tables import Column, Row

HEADING = "By month and area, the authority's own cases"
MOST_PANELS = 6
RECENT = 6  # months of the table by area, so that it fits a page
YEAR = 13  # months of the table of outcomes: a year, and the same month before
PART_NOTE = "Hatched: may be incomplete, because late entries may still come."


def _split(local: LocalAt, month: str) -> dict[str, str]:
    """Where a month's total stands: its table has areas only where the addresses are mapped."""
    frame = local.shown.tables[REQUESTS]
    return {"period": month} | ({"area": TOTAL} if "area" in frame else {})


def months(local: LocalAt) -> list[str]:
    """Months shown, the oldest first."""
    return local.shown.labels(REQUESTS, "period")


def settled(local: LocalAt) -> list[str]:
    """Months shown that late entries can no longer change; only they are split by area."""
    return [month for month in months(local) if month not in local.shown.unsure.get(REQUESTS, ())]


def _span(local: LocalAt) -> str:
    return f"{settled(local)[0]} to {settled(local)[-1]}"


def month_label(local: LocalAt, month: str) -> str:
    """Month for a row head, with a word where it may be incomplete."""
    unsure = month in local.shown.unsure.get(REQUESTS, ())
    return periods.label(month, periods.CALENDAR_MONTH) + (" (may be incomplete)" if unsure else "")


def total_of(local: LocalAt, month: str) -> Figure:
    """Requests received in a month."""
    return local.count(
        "local_requests", REQUESTS, **_split(local, month), how="requests received in the month, H left out"
    )


def counts_shown(local: LocalAt) -> MonthCounts:
    """Counts by month, and by area in the months that have areas, as disclosure control left them."""
    named = local.shown.labels(REQUESTS, "area") if _has_area(local) else []
    areas = {area: [_cell(local, month, area) for month in settled(local)] for area in named}
    return MonthCounts(local.area, [total_of(local, month) for month in months(local)], areas, local.day)


def by_month(page: Page, local: LocalAt, ahead: Ahead | None = None) -> Block | None:
    """Requests by month received, and the forecast of the months to come."""
    shown = months(local)
    if not settled(local):
        page.missing.append(
            "Requests by month: the case data hold no requests with the day they were received. A SEN2 return or an "
            "extract of requests would supply them."
        )
        return None
    bars = Series(local.area.name, [total_of(local, month) for month in shown])
    span = local.count("local_requests", REQUESTS, **_split(local, _span(local)))
    of = counted(
        f"local_requests.months-of-cases.{_span(local).replace(' ', '-')}",
        len(settled(local)),
        "months",
        span,
        "complete months shown",
    )
    title = months_ahead.title(
        page,
        ahead,
        "{whole} requests in {count} complete months" if span.known else "Requests in {count} complete months",
        whole=span,
        count=of,
    )
    unsure = [month for month in shown if month in local.shown.unsure.get(REQUESTS, ())]
    alt = charts.describe([bars], "Bar chart of requests by month")
    if unsure:
        alt += f" {listed([periods.label(m, periods.CALENDAR_MONTH) for m in unsure])} may be incomplete."
    more, described = months_ahead.words(ahead)
    rows = [(month_label(local, month), [total_of(local, month)]) for month in shown]
    return page.chart(
        "by-month",
        months_ahead.picture(bars, ahead, labels=len(shown) <= YEAR),
        title=title,
        subtitle=f"Requests received by month, {local.area.name}, "
        f"{periods.month_range(shown[0], shown[-1])}, number{more}",
        alt=alt + described,
        row_head="Month",
        columns=months_ahead.columns(ahead),
        rows=months_ahead.rows(rows, ahead),
        heading=HEADING,
        note=PART_NOTE if unsure else "",
    )


def by_area(page: Page, local: LocalAt) -> Block | None:
    """Small charts of the areas with the most requests, on one scale."""
    areas = _areas(local)
    if len(areas) < 2 or not settled(local):
        return None
    shown = settled(local)[-YEAR:]
    sums = {area: local.count("local_requests", REQUESTS, period=_span(local), area=area, name=area) for area in areas}
    named = sorted(areas, key=lambda area: -(sums[area].value or 0))[:MOST_PANELS]
    panels = [Series(area, [_cell(local, month, area) for month in shown]) for area in named]
    if not sums[named[0]].known:
        return None
    title = page.say(
        "by_area_title",
        "{top} had the most requests, {most} in {span}",
        top=named[0],
        most=sums[named[0]],
        span=periods.month_range(settled(local)[0], settled(local)[-1]),
    )
    rows = [(month_label(local, month), [_cell(local, month, area) for area in named]) for month in shown]
    return page.chart(
        "by-area",
        charts.small_multiples(panels, unit="requests"),
        title=title,
        subtitle=f"Requests received by month and area, {periods.month_range(shown[0], shown[-1])}, number, one scale",
        alt=charts.describe(panels, "Small bar charts of requests by month"),
        row_head="Month",
        columns=named,
        rows=rows,
        note=page.disclosure_note("area", "period"),
    )


def _areas(local: LocalAt) -> list[str]:
    """Areas of the authority; addresses outside, missing and unmapped are no areas."""
    return [area for area in local.shown.labels(REQUESTS, "area") if area not in NOT_AREAS] if _has_area(local) else []


def _has_area(local: LocalAt) -> bool:
    return "area" in local.shown.tables.get(REQUESTS, ())


def _cell(local: LocalAt, month: str, area: str) -> Figure:
    return local.count("local_requests", REQUESTS, period=month, area=area, name=area)


def months_and_areas(page: Page, local: LocalAt) -> Block | None:
    """Areas by month, the last months and all months shown; what has no area stands apart."""
    if not _has_area(local) or not _areas(local):
        page.missing.append(
            "Requests by area: the case data have no area. A file postcodes.csv (columns postcode, area) beside "
            "them would supply it."
        )
        return None
    shown = settled(local)
    recent, span = shown[-RECENT:], _span(local)
    apart = [area for area in NOT_AREAS if area in local.shown.labels(REQUESTS, "area")]
    rows = [
        Row(area, [*(_cell(local, month, area) for month in recent), _cell(local, span, area)], rule=area in apart[:1])
        for area in [*_areas(local), *apart]
    ]
    whole = local.count("local_requests", REQUESTS, period=span, area=TOTAL)
    rows.append(Row("All requests", [*(total_of(local, month) for month in recent), whole], rule=True, strong=True))
    return page.table(
        "months-areas",
        f"Requests by area and month, {local.area.name}, {periods.month_range(recent[0], recent[-1])}, number",
        row_head="Area",
        columns=[
            *(Column(month_label(local, month)) for month in recent),
            Column(f"{periods.month_range(shown[0], shown[-1])}"),
        ],
        rows=rows,
        note="Addresses outside the authority, missing and not mapped are kept apart and count in the total. The "
        "newest months have no areas yet, because late entries may still change them. "
        + page.disclosure_note("area", "period"),
    )


def outcomes_by_month(page: Page, local: LocalAt) -> Block | None:
    """What became of each month's requests, and how soon decisions were made."""
    shown = months(local)[-YEAR:]
    if OUTCOMES not in local.shown.tables:
        return None
    rows = [Row(month_label(local, month), _outcome_cells(local, month)) for month in shown]
    columns = (
        "Received",
        "To assess",
        "Refused",
        "Not yet decided",
        "Withdrawn",
        "Decisions",
        "Within 6 weeks",
        "Within 6 weeks (%)",
    )
    return page.table(
        "outcomes-by-month",
        f"Requests by month received, and decisions by month made, {local.area.name}",
        row_head="Month",
        columns=[Column(name) for name in columns],
        rows=rows,
        heading="What was decided",
        note="Outcomes as they stand on the day of the data; decisions of a month may be about earlier requests. "
        + page.disclosure_note("outcome", "period"),
    )


def _outcome_cells(local: LocalAt, month: str) -> list[Figure]:
    kinds = {
        "local_requests_to_assess": ASSESS,
        "local_requests_refused": REFUSED,
        "local_requests_awaiting": WAITING,
        "local_requests_withdrawn": WITHDRAWN,
    }
    outcomes = [local.count(name, OUTCOMES, period=month, outcome=kind, name=TOTAL) for name, kind in kinds.items()]
    made = local.count("local_decisions", DECISIONS, period=month, within_6_weeks=TOTAL)
    soon = local.count("local_decisions_within_6_weeks", DECISIONS, period=month, within_6_weeks=WITHIN, name=TOTAL)
    return [total_of(local, month), *outcomes, made, soon, local.share("local_within_6_weeks_pct", soon, made)]
