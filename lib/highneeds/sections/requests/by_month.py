"""Requests by month and area from the authority's own table, and the bridge to the published count."""

from highneeds import charts, periods
from highneeds.charts import Series
from highneeds.claims import Claim, direction
from highneeds.figures import Figure, change_pct, counted, difference, slug, total
from highneeds.models.change.result import UNCLEAR, seen_in_words
from highneeds.months import TOTAL, MonthlyTable, monthly_table, span_total
from highneeds.sections import change_tests
from highneeds.sections.common import printed_figure
from highneeds.sections.page import Block, Page
from highneeds.sections.requests import months_ahead, own_cases
from highneeds.sections.requests.months_ahead import Ahead, MonthCounts, look_ahead
from highneeds.tables import Column, Row

TABLE = "requests_by_month_and_area"


def _table(page: Page) -> MonthlyTable | None:
    rows = page.papers.tables.get(TABLE)
    if rows is None:
        return None
    area = page.facts.authority
    return monthly_table(
        rows, authority=area.name, area_code=area.code, dated=page.papers.dated, as_at=page.facts.as_at
    )


def ahead(page: Page) -> Ahead | None:
    """Forecast of the months to come, from the counts as shown; None where no month has one."""
    if page.local is not None:
        return look_ahead(own_cases.counts_shown(page.local))
    table = _table(page)
    if table is None:
        return None
    areas = {name: [table.cells[m, name] for m in table.months if (m, name) in table.cells] for name in table.areas}
    totals = [table.printed[month] for month in table.months]
    return look_ahead(MonthCounts(page.facts.authority, totals, areas, together=True))


def by_month(page: Page) -> Block | None:
    """Local requests by month and the months to come: from case data, else from the authority's own table."""
    made = ahead(page)
    if page.local is not None:
        return own_cases.by_month(page, page.local, made)
    table, area = _table(page), page.facts.authority
    if table is None:
        page.missing.append(
            f"Requests by month and area: no case data and no local table. An extract or return in "
            f"data/raw/{area.slug}, or a file {TABLE}.csv there, would supply them."
        )
        return None
    bars = Series(area.name, [table.printed[month] for month in table.months])
    whole = span_total(table, TOTAL, area.name)
    title = months_ahead.title(page, made, "{whole} requests in {count} months", whole=whole, count=_months(table))
    more, described = months_ahead.words(made)
    note = (
        "Hatched: may be a part month. The paper shades part months, and the shading is lost in the published text."
        if table.part
        else ""
    )
    return page.chart(
        "by-month",
        months_ahead.picture(bars, made),
        title=title,
        subtitle=f"Requests received by month, {area.name}, {periods.month_range(table.months[0], table.months[-1])}, "
        f"number{more}",
        alt=charts.describe([bars], "Bar chart of requests by month")
        + (
            f" {', '.join(periods.label(m, periods.CALENDAR_MONTH) for m in table.part)} may be incomplete."
            if table.part
            else ""
        )
        + described,
        row_head="Month",
        columns=months_ahead.columns(made),
        heading="By month and area, the authority's own count",
        rows=months_ahead.rows(
            [(periods.label(m, periods.CALENDAR_MONTH), [table.printed[m]]) for m in table.months], made
        ),
        note=note,
    )


def by_area(page: Page) -> Block | None:
    """Small charts of each area by month, on one scale."""
    if page.local is not None:
        return own_cases.by_area(page, page.local)
    table, area = _table(page), page.facts.authority
    if table is None:
        return None
    named = [name for name in table.areas if not name.lower().startswith("not ")]
    panels = [Series(name, [table.cells[m, name] for m in table.months]) for name in named]
    sums = {name: span_total(table, name, area.name) for name in named}
    top = max(named, key=lambda name: sums[name].value)
    title = page.say(
        "by_area_title",
        "{top} had the most requests, {most} in {count} months",
        top=top,
        most=sums[top],
        count=_months(table),
    )
    rows = [(periods.label(m, periods.CALENDAR_MONTH), [table.cells[m, name] for name in named]) for m in table.months]
    return page.chart(
        "by-area",
        charts.small_multiples(panels, unit="requests"),
        title=title,
        subtitle="Requests received by month and area, "
        f"{periods.month_range(table.months[0], table.months[-1])}, number, one scale",
        alt=charts.describe(panels, "Small bar charts of requests by month"),
        row_head="Month",
        columns=named,
        rows=rows,
    )


def months_and_areas(page: Page) -> Block | None:
    """Areas by month: from case data, else the authority's table, with the check that its totals agree."""
    if page.local is not None:
        return own_cases.months_and_areas(page, page.local)
    table, area = _table(page), page.facts.authority
    if table is None:
        return None
    columns = [Column(name) for name in (*table.areas, "Total, as printed", "Sum of areas")]
    rows = []
    for month in table.months:
        label = periods.label(month, periods.CALENDAR_MONTH) + (" (may be a part month)" if month in table.part else "")
        rows.append(
            Row(label, [*(table.cells[month, name] for name in table.areas), table.printed[month], table.summed[month]])
        )
    totals = [span_total(table, name, area.name) for name in (*table.areas, TOTAL)]
    rows.append(
        Row(
            "All months, as they stand" if table.part else "All months",
            [*totals, _sum_of_sums(table, area.name)],
            rule=True,
            strong=True,
        )
    )
    return page.table(
        "months-areas",
        f"Requests by month and area, {area.name}, {periods.month_range(table.months[0], table.months[-1])}, number",
        row_head="Month",
        columns=columns,
        rows=rows,
        note="Requests from addresses outside the authority are kept apart and count in the total.",
    )


def outcomes_by_month(page: Page) -> Block | None:
    """What became of each month's requests, from case data."""
    return own_cases.outcomes_by_month(page, page.local) if page.local is not None else None


def _sum_of_sums(table: MonthlyTable, authority: str) -> Figure:
    first, last = table.months[0], table.months[-1]
    return total(
        [table.summed[m] for m in table.months],
        f"local_requests.{slug(authority)}.{first}-to-{last}.sum-of-areas",
        period=f"{first} to {last}",
        period_basis=periods.CALENDAR_MONTH,
        breakdown="Sum of areas",
    )


def local_and_published(page: Page) -> Block | None:
    """The authority's own yearly count beside DfE's, and whether the months agree with their totals."""
    table, area, facts = _table(page), page.facts.authority, page.facts
    said = []
    if table is not None and page.local is None:
        whole = span_total(table, TOTAL, area.name)
        if table.disagreeing:
            said.append(
                page.say(
                    "sums",
                    "Printed totals differ from the sum of their areas in {count} of {of} months.",
                    of=_months(table),
                    count=counted(
                        f"local_requests.disagreeing-months.{table.months[0]}-to-{table.months[-1]}",
                        len(table.disagreeing),
                        "months",
                        _months(table),
                        "months whose areas do not sum to the total",
                    ),
                )
            )
        else:
            said.append(
                page.say(
                    "sums",
                    "The areas sum to the printed total in each of {of} months: {whole} requests in all ({see}).",
                    see=page.see("t", "months-areas"),
                    of=_months(table),
                    whole=whole,
                )
            )
        if table.part:
            last = ", ".join(periods.in_words(m, periods.CALENDAR_MONTH).removeprefix("in ") for m in table.part)
            without = span_total(_without(table, table.part), TOTAL, area.name)
            said.append(
                page.warn(
                    "part",
                    "{last} may be incomplete, because the paper is dated soon after. "
                    "Without it the total is {without}.",
                    last=last,
                    without=without,
                )
            )
    local = [printed_figure(page, "progress_summary", "ehc_requests", year) for year in ("2023", "2024")]
    if all(figure is not None for figure in local):
        before, now = local
        ours = change_pct(now, before)
        dfe_before, dfe_now = (facts.get("requests_received", area, f.period) for f in local)
        theirs = change_pct(dfe_now, dfe_before)
        if theirs.known and dfe_now.known:
            said.append(
                page.say(
                    "bridge",
                    "The authority's own paper counts {before} requests for {y0} and {now} for {y1}: "
                    "{way} {ours.size}. "
                    "DfE's published figures are {dfe_before} and {dfe_now}: {dfe_way} {theirs.size}.",
                    before=before,
                    now=now,
                    y0=before.period,
                    y1=now.period,
                    ours=ours,
                    way=direction(ours),
                    dfe_before=dfe_before,
                    dfe_now=dfe_now,
                    theirs=theirs,
                    dfe_way=direction(theirs),
                )
            )
            gap0, gap1 = difference(before, dfe_before), difference(now, dfe_now)
            said.append(
                page.warn(
                    "bridge_gap",
                    "The two counts differ by {gap0} for {y0} and {gap1} for {y1}, so they do not "
                    "support one statement about the trend until the difference is explained.",
                    gap0=gap0,
                    gap1=gap1,
                    y0=before.period,
                    y1=now.period,
                )
            )
            said.append(_published_change(page, ours, before.period, now.period))
            page.unknown.append(
                page.say(
                    "unknown_bridge",
                    "Why the authority's own count of requests and DfE's differ: {before} and {dfe_before} for {y0}.",
                    before=before,
                    dfe_before=dfe_before,
                    y0=before.period,
                )
            )
    return page.paragraphs("The authority's own count and the published one", *said) if said else None


def _published_change(page: Page, ours: Figure, first: str, last: str) -> Claim | None:
    """What the published figures say of a change that a paper tells of, and how seldom one of its size is seen."""
    change = change_tests.change_of(page, "requests_received", first, last)
    if direction(ours) == "no change":
        return None
    kind = direction(ours, up="rise", down="fall")
    if not change.known:
        return page.say(
            "bridge_test", "Whether there was a {kind} cannot be told yet. {why}", kind=kind, why=change.refusal
        )
    _, _, probability = change_tests.change_figures(page, change)
    slots = {
        "kind": kind,
        "ours": ours,
        "p": probability,
        "under": "" if change.p >= change_tests.SMALLEST_P else "under ",
        "movement": change.movement,
        "seen": seen_in_words(change.power(ours.value)),  # type: ignore[arg-type]
    }
    if change.verdict == UNCLEAR:
        return page.say(
            "bridge_test",
            "The published figures show no {kind} that is clear beside {others} (probability {under}{p}): a "
            "true {kind} of {ours.size} beyond theirs {seen}.",
            others=page.facts.others.those_alike,
            **slots,
        )
    return page.say(
        "bridge_test",
        "By the published figures, requests in {area} {movement} (probability {under}{p}); a true {kind} of "
        "{ours.size} beyond theirs {seen}.",
        area=page.facts.authority.name,
        **slots,
    )


def _without(table: MonthlyTable, months: list[str]) -> MonthlyTable:
    kept = [month for month in table.months if month not in months]
    return MonthlyTable(kept, table.areas, table.cells, table.printed, table.summed)


def _months(table: MonthlyTable) -> Figure:
    first = table.printed[table.months[0]]
    return counted(
        f"local_requests.months.{table.months[0]}-to-{table.months[-1]}",
        len(table.months),
        "months",
        first,
        f"months in {first.reference.partition(',')[0]}",
    )
