"""The 20-week rate beside others: exceptions, a table, statistical neighbours, and the authority's own months."""

from highneeds import periods
from highneeds.figures import difference
from highneeds.sections.common import compared_rows, latest_known, printed_figure, years
from highneeds.sections.page import Block, Page
from highneeds.sections.timeliness.change import HEADLINE
from highneeds.tables import Column, Row

_OUTLYING_EXCEPTIONS = 3.0  # times England's share
_LOCAL = "timeliness_by_month"


def exceptions(page: Page) -> Block | None:
    """How many plans carry an exception, and a warning where the share is far from England's."""
    facts, area = page.facts, page.facts.authority
    year = facts.latest("plans_issued")
    mine, england = facts.get("exceptions_pct", area, year), facts.get("exceptions_pct", facts.england, year)
    if not (mine.known and england.known):
        return None
    issued, counted = facts.get("plans_issued", area, year), facts.get("plans_issued_excluding_exceptions", area, year)
    number = difference(issued, counted)
    said = [
        page.say(
            "exceptions",
            "An exception was recorded for {number} of {issued} plans ({mine}); in England for {england}.",
            number=number,
            issued=issued,
            mine=mine,
            england=england,
        )
    ]
    if mine.value == 100:
        said.append(
            page.warn(
                "exceptions_all",
                "Every plan carries an exception, which cannot be told from a recording fault. "
                "Use the rate with exceptions included.",
            )
        )
    elif mine.value > _OUTLYING_EXCEPTIONS * england.value:  # type: ignore[operator]
        said.append(
            page.warn(
                "exceptions_many",
                "That is far above England's share, so the two rates differ more than usual; read both.",
            )
        )
    return page.paragraphs("Exceptions to the time limit", *said)


def table(page: Page) -> Block | None:
    """Both rates and the counts behind them, by year."""
    facts, area = page.facts, page.facts.authority
    held = years(page, "plans_issued")
    if not any(facts.get("plans_issued", area, year).known for year in held):
        return None
    names = (
        "plans_issued",
        "plans_within_20_weeks",
        "within_20_weeks_pct",
        "plans_issued_excluding_exceptions",
        "plans_within_20_weeks_excluding_exceptions",
        HEADLINE,
        "plans_over_52_weeks",
    )
    columns = (
        "Plans issued",
        "Within 20 weeks",
        "Within 20 weeks (%)",
        "Plans issued, without exceptions",
        "Within 20 weeks, without exceptions",
        "Within 20 weeks, without exceptions (%)",
        "Over 52 weeks",
    )
    return page.table(
        "years",
        f"Plans issued and plans issued in time, {area.name}, calendar years",
        row_head="Calendar year",
        heading="The counts behind the rates",
        columns=[Column(name) for name in columns],
        rows=[Row(year, [facts.get(name, area, year) for name in names]) for year in held],
        note="Plans with a mediation or tribunal are left out by DfE. Waits over 52 weeks are published from 2023.",
    )


def compared(page: Page) -> Block | None:
    """The headline rate and its companions beside region, England and neighbours."""
    year = latest_known(page, HEADLINE) or page.facts.latest(HEADLINE)
    if not year:
        return None
    names = (HEADLINE, "within_20_weeks_pct", "plans_issued", "over_52_weeks_pct", "refused_of_received_pct")
    columns = (
        "Within 20 weeks, exceptions left out (%)",
        "Within 20 weeks, exceptions included (%)",
        "Plans issued",
        "Over 52 weeks (%)",
        "Requests refused (%)",
    )
    rows = [
        Row(name, cells, rule=at == 4, strong=at == 0)
        for at, (name, cells) in enumerate(compared_rows(page, names, year))
    ]
    return page.table(
        "compared",
        f"The 20-week rate, plans issued, long waits and refusals, {page.facts.authority.name} and others, "
        f"calendar {year}",
        row_head="Area",
        columns=[Column(name) for name in columns],
        rows=rows,
        heading="Beside other authorities",
        note=f"{page.facts.together} together: plans are summed over those with figures, then divided.",
    )


def own_points(page: Page) -> Block | None:
    """Monthly rates from the authority's own paper, with what they lack."""
    rows = page.papers.tables.get(_LOCAL)
    if rows is None:
        return None
    points = [
        printed_figure(page, _LOCAL, "within_20_weeks_pct", month)
        for month in rows["period"]
        if periods.last_day(month, periods.CALENDAR_MONTH) <= page.facts.as_at
    ]
    held = [point for point in points if point is not None and point.known]
    if not held:
        return None
    said = [
        page.say(
            "own_first",
            "The authority's own paper gives monthly rates: "
            + ", ".join(f"{{p{at}}} {{p{at}.when}}" for at in range(len(held)))
            + ".",
            **{f"p{at}": point for at, point in enumerate(held)},
        )
    ]
    said.append(
        page.warn(
            "own_lack",
            "It gives no number of plans for these months and does not say whether exceptions are "
            "included. A month's rate rises as soon as late cases run out, so it cannot be set beside a year's.",
        )
    )
    year = printed_figure(page, "progress_summary", "within_20_weeks_pct", "2024")
    published = page.facts.get(HEADLINE, page.facts.authority, "2024")
    if year is not None and published.known:
        said.append(
            page.say(
                "own_year",
                "For the year {y} the paper prints {year}; DfE publishes {published}.",
                y=year.period,
                year=year,
                published=published,
            )
        )
    page.unknown.append(
        page.say("unknown_months", "How many plans stand behind the monthly rates in the authority's own paper.")
    )
    return page.paragraphs("The authority's own monthly figures", *said)
