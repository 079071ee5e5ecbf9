"""SEN Support and EHC plans in schools: is need met in mainstream school without a plan?"""

from highneeds import charts, periods
from highneeds.charts import Series
from highneeds.claims import direction
from highneeds.figures import change_pct, difference
from highneeds.sections.common import against, beside, compared_rows, gap, latest_known, printed_figure, years
from highneeds.sections.page import Block, KeyFigure, Page
from highneeds.tables import Column, Row

TITLE = "SEN Support and EHC plans in schools"
QUESTION = "Is need met in school without a plan?"

SUPPORT, PLANS = "sen_support_pupils_pct", "school_ehc_pupils_pct"


def answer(page: Page) -> Block:
    """Both shares now and at the start of the series, beside England."""
    facts, area = page.facts, page.facts.authority
    latest = facts.latest(SUPPORT)
    mine = facts.get(SUPPORT, area, latest) if latest else None
    if mine is None or not mine.known:
        return page.answer(gap(page, SUPPORT, latest))
    england = facts.get(SUPPORT, facts.england, latest)
    said = [
        page.say(
            "answer",
            "{mine} of pupils at schools in {area} were on SEN Support {mine.when}; in England {england}.",
            mine=mine,
            area=area.name,
            england=england,
        )
    ]
    plans = facts.get(PLANS, area, latest)
    if plans.known:
        plans_england = facts.get(PLANS, facts.england, latest)
        said.append(
            page.say(
                "answer_plans", "{plans} had an EHC plan; in England {england}.", plans=plans, england=plans_england
            )
        )
    first = [year for year in facts.periods(SUPPORT) if facts.get(SUPPORT, area, year).known][0]
    if first != latest:
        start = facts.get(SUPPORT, area, first)
        change = difference(mine, start)
        said.append(
            page.say(
                "answer_since",
                "Since January {first} the share on SEN Support has gone from {start} to {mine}; England's "
                "from {estart} to {eend} ({see}).",
                see=page.see("f", "support"),
                first=first,
                start=start,
                mine=mine,
                estart=facts.get(SUPPORT, facts.england, first),
                eend=england,
            )
        )
        page.changed = [
            page.say(
                "changed",
                "Pupils on SEN Support: {start} {start.when}, {mine} {mine.when} ({way} {change.size} "
                "percentage points).",
                start=start,
                mine=mine,
                change=change,
                way=direction(change, level="a change of"),
            )
        ]
    return page.answer(*said)


def key_figures(page: Page) -> Block | None:
    """Both shares, plans held and plans per 1,000 residents."""
    keys: list[KeyFigure] = []
    for measure, label, words in (
        (SUPPORT, "Pupils on SEN Support", "Share of pupils in all schools in the area."),
        (PLANS, "Pupils with an EHC plan", "Share of pupils in all schools in the area."),
        ("ehc_plans", "EHC plans maintained", "Children and young people who live in the area, age 0 to 25."),
        ("ehc_plans_per_1000", "EHC plans per 1,000 people aged 0 to 25", "Same age span above and below the line."),
    ):
        key = against(page, measure, label, words)
        if key is not None:
            keys.append(key)
    return page.key_figures(*keys) if keys else None


def support_by_year(page: Page) -> Block | None:
    """SEN Support since 2016, beside England and the range of neighbours."""
    return _by_year(
        page, SUPPORT, "support", "on SEN Support", "Pupils on SEN Support, all schools", "Both shares over the years"
    )


def plans_by_year(page: Page) -> Block | None:
    """Pupils with a plan since 2016, beside England."""
    return _by_year(page, PLANS, "plans", "with an EHC plan", "Pupils with an EHC plan, all schools")


def _by_year(page: Page, measure: str, id: str, words: str, subject: str, heading: str = "") -> Block | None:
    facts, area = page.facts, page.facts.authority
    held = years(page, measure)
    mine = [facts.get(measure, area, year) for year in held]
    known = [figure for figure in mine if figure.known]
    if not known:
        return None
    series = [
        Series(area.name, mine),
        Series("England", [facts.get(measure, facts.england, year) for year in held], "england"),
        Series(facts.region.name, [facts.get(measure, facts.region, year) for year in held], "region"),
    ]
    last = known[-1]
    england = facts.get(measure, facts.england, last.period)
    where = beside(last, england)
    title = page.say(
        f"{id}_title",
        "{area}: {last} of pupils " + words + ", {where} England's {england}",
        area=area.name,
        last=last,
        where=where,
        england=england,
    )
    return page.chart(
        id,
        charts.line_chart(series, unit="%"),
        title=title,
        subtitle=f"{subject}, {area.name}, January of each year, per cent",
        alt=charts.describe(series, f"Line chart of the share of pupils {words}"),
        row_head="January",
        heading=heading,
        columns=[f"{area.name} (%)", "England (%)", f"{facts.region.name} (%)"],
        rows=[
            (periods.label(year, periods.JANUARY), [line.figures[at] for line in series])
            for at, year in enumerate(held)
        ],
    )


def counts(page: Page) -> Block | None:
    """Pupils counted, with the estimate marked as one, and plans by home authority apart from them."""
    facts, area = page.facts, page.facts.authority
    held = [year for year in years(page, SUPPORT)]
    names = ("sen_support_pupils", SUPPORT, "school_ehc_pupils", PLANS, "ehc_plans")
    if not any(facts.get(name, area, year).known for name in names for year in held):
        return None
    columns = (
        "Pupils on SEN Support",
        "Pupils on SEN Support (%)",
        "Pupils with an EHC plan",
        "Pupils with an EHC plan (%)",
        "EHC plans, by home authority",
    )
    lost = facts.get("sen_support_pupils", area, held[-1])
    if lost.status == "n":
        page.missing.append(
            f"Pupils on SEN Support and with a plan, as counts, {periods.label(held[-1], periods.JANUARY)}: not in the "
            "releases held. The command highneeds fetch, or an import of DfE's release Special educational needs in "
            "England, would supply it."
        )
    return page.table(
        "counts",
        f"SEN Support and EHC plans, {area.name}, January of each year",
        row_head="January",
        columns=[Column(name) for name in columns],
        rows=[
            Row(periods.label(year, periods.JANUARY), [facts.get(name, area, year) for name in names]) for year in held
        ],
        note="Pupils are counted where the school is; EHC plans where the child lives, in and out of school, "
        "age 0 to 25. The two must not be added. Before 2019 the count by home authority covers statements too.",
        heading="Pupils and plans counted",
    )


def own_counts(page: Page) -> Block | None:
    """The authority's own count of pupils on SEN Support and of plans, beside what DfE publishes."""
    facts, area = page.facts, page.facts.authority
    pair = [printed_figure(page, "progress_summary", "sen_support_pupils", year) for year in ("2023", "2024")]
    said = []
    if all(figure is not None for figure in pair):
        before, now = pair
        change = change_pct(now, before)
        said.append(
            page.say(
                "own_support",
                "The authority's own paper counts {before} school age children on SEN Support for {y0} and "
                "{now} for {y1}: {way} {change.size}. It does not say whether the years are those of the January "
                "census.",
                before=before,
                now=now,
                change=change,
                y0=before.period,
                y1=now.period,
                way=direction(change),
            )
        )
    plans = [printed_figure(page, "progress_summary", "ehc_plans", year) for year in ("2023", "2024")]
    if all(figure is not None for figure in plans):
        before, now = plans
        later = [facts.get("ehc_plans", area, str(int(figure.period) + 1)) for figure in plans]
        if all(figure.known for figure in later):
            said.append(
                page.say(
                    "own_plans",
                    "Its EHC plans for {y0} and {y1} are {before} and {now}. DfE publishes {l0} {l0.when} and "
                    "{l1} {l1.when}, so the paper's years appear to end in the January after.",
                    y0=before.period,
                    y1=now.period,
                    before=before,
                    now=now,
                    l0=later[0],
                    l1=later[1],
                )
            )
    return page.paragraphs("The authority's own count", *said) if said else None


def own_list(page: Page) -> Block | None:
    """Children on the authority's own list of SEN Support, beside the census, which counts by school."""
    local = page.local
    if local is None or local.cases.sen_support.empty:
        return None
    number = local.cases.sen_support["person_id"].nunique()
    if number < local.local.policy.threshold:
        return None
    listed = local.figure(
        "local_sen_support", local.cases.extract_date.isoformat(), float(number), how="children on Annex A list 2"
    )
    said = page.say(
        "own_list",
        "The authority's own list of children on SEN Support holds {listed} on {day}. The school census counts pupils "
        "where their school is, so the two need not agree.",
        listed=listed,
        day=periods.day_in_words(local.cases.extract_date),
    )
    return page.paragraphs("The authority's own list", said)


def compared(page: Page) -> Block | None:
    """Both shares and the plan rate beside region, England and neighbours."""
    year = latest_known(page, SUPPORT)
    if not year:
        return None
    names = (SUPPORT, PLANS, "ehc_plans", "ehc_plans_per_1000")
    columns = (
        "Pupils on SEN Support (%)",
        "Pupils with an EHC plan (%)",
        "EHC plans",
        "EHC plans per 1,000 aged 0 to 25",
    )
    rows = []
    for at, (name, cells) in enumerate(compared_rows(page, names, year)):
        if "together" in name:
            continue  # shares published without their counts cannot be pooled, and are never averaged
        rows.append(Row(name, cells, rule=at == 4, strong=at == 0))
    return page.table(
        "compared",
        f"SEN Support and EHC plans, {page.facts.authority.name} and others, {periods.label(year, periods.JANUARY)}",
        row_head="Area",
        columns=[Column(name) for name in columns],
        rows=rows,
        heading="Beside other authorities",
    )


def reading(page: Page) -> Block | None:
    """What the two shares can and cannot say together."""
    facts, area = page.facts, page.facts.authority
    year = latest_known(page, "ehc_plans_per_1000")
    if not year:
        return None
    rate, england = facts.get("ehc_plans_per_1000", area, year), facts.get("ehc_plans_per_1000", facts.england, year)
    pooled = facts.neighbours_pooled("ehc_plans_per_1000", year)
    plans = facts.get("ehc_plans", area, year)
    said = [
        page.say(
            "rate",
            "{area} maintained {plans} EHC plans {plans.when}: {rate} for every 1,000 people aged 0 to 25, against "
            "{pooled} in {others} together and {england} in England.",
            others=facts.others.its,
            area=area.name,
            plans=plans,
            rate=rate,
            pooled=pooled,
            england=england,
        )
    ]
    said.append(
        page.say(
            "meaning",
            "A high share on SEN Support with few plans can mean that schools meet need early, or that plans "
            "are hard to get; the shares alone cannot tell which. Refusals and tribunal outcomes belong beside them.",
        )
    )
    page.unknown.append(
        page.say(
            "unknown_support",
            "Whether pupils on SEN Support get what they need: the census counts them, not what they receive.",
        )
    )
    return page.paragraphs("Plans and support together", *said)
