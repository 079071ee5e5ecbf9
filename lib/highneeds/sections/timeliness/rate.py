"""Twenty-week timeliness: do children get plans in 20 weeks, and what hides behind the rate?"""

from highneeds import charts, periods
from highneeds.charts import Series
from highneeds.claims import Claim, direction
from highneeds.figures import Figure, change_pct, difference, total
from highneeds.sections.common import against, beside, gap, latest_known, noun, years
from highneeds.sections.page import Block, KeyFigure, Page
from highneeds.sections.timeliness import change, outlook, queue

HEADLINE = change.HEADLINE


def answer(page: Page) -> Block:
    """The rate both ways with the numbers behind it, then what it leaves out."""
    facts, area = page.facts, page.facts.authority
    latest = facts.latest(HEADLINE)
    if not latest:
        return page.answer(gap(page, HEADLINE, ""))
    said = [_rate(page, latest), queue.headline(page), _all_plans(page, latest)]
    now = facts.get(HEADLINE, area, latest)
    if latest_known(page, "plans_issued"):
        before = facts.get(HEADLINE, area, periods.previous_year(latest, periods.CALENDAR_YEAR))
        if before.known and now.known:
            moved = difference(now, before)
            page.changed = [
                page.say(
                    "changed",
                    "Plans issued within 20 weeks, exceptions left out: {before} {before.when}, {now} {now.when}.",
                    before=before,
                    now=now,
                )
            ]
            said.append(
                page.say(
                    "answer_before",
                    "The year before it was {before}: {way} {change.size} percentage points ({see}).",
                    see=page.see("f", "by-year"),
                    before=before,
                    change=moved,
                    way=direction(moved, level="a change of"),
                )
                if direction(moved) != "no change"
                else page.say("answer_before", "The year before it was {before} too.", before=before)
            )
            said.append(change.usual(page))
        if page.local is None:
            _unknown_backlog(page)
    return page.answer(*said, outlook.headline(page))


def _unknown_backlog(page: Page) -> None:
    page.unknown.append(
        page.say(
            "unknown_backlog",
            "How many children are waiting past 20 weeks today. Published figures "
            "count plans when they are issued; a case extract would show the queue.",
        )
    )


def _rate(page: Page, latest: str) -> Claim:
    facts, area = page.facts, page.facts.authority
    rate = facts.get(HEADLINE, area, latest)
    top = facts.get("plans_within_20_weeks_excluding_exceptions", area, latest)
    bottom = facts.get("plans_issued_excluding_exceptions", area, latest)
    if rate.known:
        return page.say(
            "answer",
            "Of {bottom} EHC plans that {area} issued {rate.when} and DfE counts for this measure, {top} "
            "({rate}) were issued within 20 weeks of the request; lawful exceptions are left out.",
            top=top,
            bottom=bottom,
            rate=rate,
            area=area.name,
        )
    issued = facts.get("plans_issued", area, latest)
    if issued.known and issued.value == 0:
        return page.say("answer", "{area} issued no EHC plan {issued.when}.", area=area.name, issued=issued)
    if bottom.known and bottom.value == 0:
        return page.say(
            "answer",
            "{area} recorded a lawful exception for every plan it issued {bottom.when}, so the rate with "
            "exceptions left out does not exist.",
            area=area.name,
            bottom=bottom,
        )
    if rate.status == "u":
        return page.say(
            "answer",
            "{area} issued {bottom} EHC {plans} {bottom.when} that DfE counts for this measure, {top} of them "
            "within 20 weeks: too few for a rate.",
            area=area.name,
            top=top,
            bottom=bottom,
            plans=noun(bottom, "plan"),
        )
    return gap(page, HEADLINE, latest)


def _all_plans(page: Page, latest: str) -> Claim | None:
    facts, area = page.facts, page.facts.authority
    rate = facts.get("within_20_weeks_pct", area, latest)
    if not rate.known:
        return None
    top, bottom = facts.get("plans_within_20_weeks", area, latest), facts.get("plans_issued", area, latest)
    return page.say(
        "answer_all",
        "On all plans issued, exceptions included, it was {top} of {bottom} ({rate}).",
        top=top,
        bottom=bottom,
        rate=rate,
    )


def key_figures(page: Page) -> Block | None:
    """Both rates, plans over a year, plans issued, refusals."""
    keys: list[KeyFigure] = []
    for measure, label, words in (
        (HEADLINE, "Issued within 20 weeks, exceptions left out", "DfE's headline measure."),
        ("within_20_weeks_pct", "Issued within 20 weeks, exceptions included", "The same on all plans issued."),
        ("over_52_weeks_pct", "Issued after more than 52 weeks", "Of all plans issued, exceptions included."),
        (
            "plans_issued",
            "Plans issued, exceptions included",
            "Plans with a mediation or tribunal are left out by DfE.",
        ),
    ):
        key = against(page, measure, label, words)
        if key is not None:
            keys.append(key)
    return page.key_figures(*keys) if keys else None


def by_year(page: Page) -> Block | None:
    """The headline rate over the years, beside England and the neighbours together."""
    facts, area = page.facts, page.facts.authority
    held = years(page, HEADLINE)
    mine = [facts.get(HEADLINE, area, year) for year in held]
    if not any(figure.known for figure in mine):
        return None
    series = [
        Series(area.name, mine),
        Series("England", [facts.get(HEADLINE, facts.england, year) for year in held], "england"),
        Series(
            facts.others.short.capitalize(), [facts.neighbours_pooled(HEADLINE, year) for year in held], "neighbours"
        ),
    ]
    last = [figure for figure in mine if figure.known][-1]
    england = facts.get(HEADLINE, facts.england, last.period)
    where = beside(last, england)
    title = page.say(
        "by_year_title",
        "{area}: {last} within 20 weeks {last.when}, {where} England's {england}",
        area=area.name,
        last=last,
        england=england,
        where=where,
    )
    return page.chart(
        "by-year",
        charts.line_chart(series, unit="%"),
        title=title,
        subtitle=f"EHC plans issued within 20 weeks, exceptions left out, {area.name}, calendar years, per cent",
        alt=charts.describe(series, "Line chart of the share of plans issued within 20 weeks"),
        row_head="Calendar year",
        heading="The rate over the years",
        columns=[f"{area.name} (%)", "England (%)", f"{facts.together}, together (%)"],
        rows=[(year, [line.figures[at] for line in series]) for at, year in enumerate(held)],
        note="The collection changed in 2023 from local totals to records of each child; compare across that year "
        "with care.",
    )


def waits(page: Page) -> Block | None:
    """Plans issued, by how long the child had waited."""
    facts, area = page.facts, page.facts.authority
    bands = (
        ("plans_within_20_weeks", "within 20 weeks"),
        ("plans_20_to_52_weeks", "20 to 52 weeks"),
        ("plans_over_52_weeks", "over 52 weeks"),
    )
    held = [year for year in years(page, "plans_issued") if all(facts.get(name, area, year).known for name, _ in bands)]
    if not held:
        return None
    series = [Series(label, [facts.get(name, area, year) for year in held]) for name, label in bands]
    late, over = series[1].figures[-1], series[2].figures[-1]
    issued = facts.get("plans_issued", area, held[-1])
    title = page.say(
        "waits_title",
        "Of {issued} {plans} issued {issued.when}, {late} came after 20 weeks and {over} after 52 weeks",
        plans=noun(issued, "plan"),
        issued=issued,
        late=late,
        over=over,
    )
    unplaced = [_unplaced(page, year, [line.figures[at] for line in series]) for at, year in enumerate(held)]
    note = (
        "Some plans counted as issued carry no usable dates and fall in no band."
        if any(f.value for f in unplaced)
        else ""
    )
    return page.chart(
        "waits",
        charts.stacked_chart(series, unit="plans"),
        title=title,
        subtitle=f"EHC plans issued, exceptions included, by wait from request, {area.name}, calendar years, number",
        alt=charts.describe(series, "Stacked bar chart of plans issued by length of wait"),
        row_head="Calendar year",
        heading="How long plans took",
        columns=[*(label for _, label in bands), "In no band", "Plans issued"],
        rows=[
            (year, [*(line.figures[at] for line in series), unplaced[at], facts.get("plans_issued", area, year)])
            for at, year in enumerate(held)
        ],
        note=note,
    )


def _unplaced(page: Page, year: str, bands: list[Figure]) -> Figure:
    issued = page.facts.get("plans_issued", page.facts.authority, year)
    value = issued.value - sum(band.value for band in bands) if issued.known else None  # type: ignore[operator,misc]
    return Figure(
        id=f"plans_issued.in-no-band.{page.facts.authority.slug}.{year}",
        measure="plans_issued.in_no_band",
        area_code=issued.area_code,
        area=issued.area,
        period=year,
        period_basis=issued.period_basis,
        value=value,
        status="" if issued.known else issued.status,
        unit="plans",
        source="computed here",
        reference=f"{issued.id} - ({' + '.join(band.id for band in bands)})",
        inputs=(issued, *bands),
    )


def why_it_misleads(page: Page) -> Block | None:
    """Why the rate can fall while a backlog is cleared, in this authority's own numbers."""
    facts, area = page.facts, page.facts.authority
    year = latest_known(page, "plans_within_20_weeks")
    if not year:
        return None
    issued, on_time = facts.get("plans_issued", area, year), facts.get("plans_within_20_weeks", area, year)
    bands = [facts.get(name, area, year) for name in ("plans_20_to_52_weeks", "plans_over_52_weeks")]
    late = (
        total(bands, f"plans_after_20_weeks.{area.slug}.{year}", period=year, period_basis=periods.CALENDAR_YEAR)
        if all(band.known for band in bands)
        else difference(issued, on_time)
    )
    said = [
        page.say(
            "filed_by_issue",
            "The rate counts plans in the year they are issued, whenever they were asked for. Issuing "
            "plans that are already late lowers it, although no child waits longer for that; leaving them unissued "
            "raises it.",
        )
    ]
    said.append(
        page.say(
            "late_now",
            "{late} of {issued} {plans} issued {issued.when} came after 20 weeks. The rate does not say "
            "how many children were still waiting ({see}).",
            see=page.see("t", "years"),
            late=late,
            issued=issued,
            plans=noun(issued, "plan"),
        )
    )
    before_year = periods.previous_year(year, periods.CALENDAR_YEAR)
    before, now = (facts.get("within_20_weeks_pct", area, y) for y in (before_year, year))
    issued_before = facts.get("plans_issued", area, before_year)
    if before.known and now.known:
        rate, volume = difference(now, before), change_pct(issued, issued_before)
        said.append(
            page.say(
                "rate_and_volume",
                "Between {y0} and {y1} the rate on all plans went {rate_way} ({before} to {now}) and the number "
                "of plans issued went {volume_way} ({issued_before} to {issued}). " + _reading(rate, volume),
                y0=before_year,
                y1=year,
                before=before,
                now=now,
                issued_before=issued_before,
                issued=issued,
                rate_way=direction(rate, level="neither up nor down"),
                volume_way=direction(volume, level="neither up nor down"),
            )
        )
    refused, refused_before = (facts.get("refused_of_received_pct", area, y) for y in (year, before_year))
    if refused.known and refused_before.known:
        moved = difference(refused, refused_before)
        said.append(
            page.say(
                "refusals_too",
                "Over the same time the share of requests refused went {way}, {refused_before} to "
                "{refused}. Fewer assessments leave more time for each.",
                way=direction(moved, level="neither up nor down"),
                refused=refused,
                refused_before=refused_before,
            )
            if direction(moved) == "up"
            else page.say(
                "refusals_too",
                "Over the same time the share of requests refused went {way}, {refused_before} to {refused}.",
                way=direction(moved, level="neither up nor down"),
                refused=refused,
                refused_before=refused_before,
            )
        )
    return page.paragraphs("What the rate does not show", *said)


def _reading(rate: Figure, volume: Figure) -> str:
    up, more = direction(rate) == "up", direction(volume) == "up"
    if up and more:
        return "Both rose: more plans, and a larger share of them in time."
    if not up and more:
        return (
            "More plans and a lower rate is what clearing a backlog looks like; "
            "it is also what growing delay looks like."
        )
    if up:
        return "A higher rate on fewer plans can mean that late cases were left waiting; the queue would tell."
    return "Neither rose: no more plans, and no larger share of them in time."
