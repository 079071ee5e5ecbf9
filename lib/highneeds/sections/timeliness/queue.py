"""The queue behind the 20 weeks, from case data: open cases by stage and wait, what is overdue, annual reviews."""

from highneeds import periods
from highneeds.claims import Claim
from highneeds.figures import Figure
from highneeds.measures.local_open import ALL, BANDS, STAGES, open_cases
from highneeds.sections.common import noun
from highneeds.sections.local import LocalAt
from highneeds.sections.page import Block, Page
from highneeds.sections.released import OPEN_CASES, OVERDUE, REVIEWS, TOTAL, UNDECIDED, WITHIN
from highneeds.tables import Column, Row

HEADING = "The queue today, from the authority's own cases"


def _open(local: LocalAt, stage: str = TOTAL, weeks: str = TOTAL) -> Figure:
    name = ", ".join(label for label in (stage, weeks) if label != TOTAL)
    return local.count(
        "local_open_cases", OPEN_CASES, period=local.day.isoformat(), stage=stage, weeks_open=weeks, name=name
    )


def _overdue(local: LocalAt, exception: str) -> Figure:
    measure = "local_overdue" if exception == TOTAL else "local_overdue_excluding_exceptions"
    where = {"period": local.day.isoformat(), "weeks_open": "over 20 weeks", "exception": exception}
    return local.count(measure, OVERDUE, **where, name="no plan after 20 weeks")


def _late(local: LocalAt, stage: str, weeks: str, name: str) -> Figure:
    where = {"period": local.day.isoformat(), "stage": stage, "weeks_open": weeks}
    return local.count("local_overdue", OPEN_CASES, **where, name=name)


def waiting(page: Page) -> Figure | None:
    """Open cases past 20 weeks, as released; None without requests in the case data."""
    local = page.local
    if local is None or OPEN_CASES not in local.shown.tables:
        return None
    return _waiting(local)


def _waiting(local: LocalAt) -> Figure:
    return _late(local, TOTAL, "over 20 weeks", "no plan after 20 weeks")


def headline(page: Page) -> Claim | None:
    """How many cases are open and how many of them are past 20 weeks, for the section's answer."""
    local = page.local
    if local is None or OPEN_CASES not in local.shown.tables:
        return None
    cases, late = _open(local), _waiting(local)
    template = "On {day}, {cases} requests were open in {area}; {late} of them had waited more than 20 weeks ({see})."
    if not cases.known:
        template = "How many requests were open in {area} on {day} is not shown, to protect individuals ({see})."
    elif not late.known:
        template = (
            "On {day}, {cases} requests were open in {area}; how many of them had waited more than 20 weeks is not "
            "shown, to protect individuals ({see})."
        )
    return page.say(
        "queue",
        template,
        day=periods.day_in_words(local.day),
        see=page.see("t", "open-cases"),
        cases=cases,
        late=late,
        area=local.area.name,
    )


def answer(page: Page) -> Block | None:
    """What is behind the headline: lawful exceptions, and how long half of the open cases have waited."""
    local = page.local
    if local is None or OPEN_CASES not in local.shown.tables:
        return None
    said = [_lawful(page, local, _waiting(local)), _wait(page, local)]
    return page.paragraphs(HEADING, *said)


def _lawful(page: Page, local: LocalAt, late: Figure) -> Claim | None:
    without = _overdue(local, "no")
    if not without.known or not late.known:
        return None
    if without.value == late.value:
        return page.say("queue_lawful", "No lawful exception is recorded for any of the {late}.", late=late)
    return page.say(
        "queue_lawful", "{without} of the {late} have no lawful exception recorded.", without=without, late=late
    )


def _wait(page: Page, local: LocalAt) -> Claim | None:
    rows = open_cases(local.journeys, local.day)
    row = rows[rows["measure"].eq("wait_days_median") & rows["stage"].eq(ALL)].iloc[0]
    if not row["denominator"] >= local.local.policy.minimum_cases:
        return None
    wait = local.figure(
        "local_median_wait_days",
        local.day.isoformat(),
        row["value"],
        how="median of days since the request, open cases",
    )
    return page.say(
        "queue_wait", "Half of the open cases have waited longer than {wait} days since the request.", wait=wait
    )


def open_table(page: Page) -> Block | None:
    """Open cases by stage and weeks since the request."""
    local = page.local
    if local is None or OPEN_CASES not in local.shown.tables:
        return None
    rows = [Row(stage.capitalize(), [_open(local, stage, weeks) for weeks in (*BANDS, TOTAL)]) for stage in STAGES]
    rows.append(Row("All open cases", [_open(local, weeks=weeks) for weeks in (*BANDS, TOTAL)], rule=True, strong=True))
    return page.table(
        "open-cases",
        f"Open cases by stage and time since the request, {local.area.name}, {periods.day_in_words(local.day)}, number",
        row_head="Stage",
        columns=[*(Column(band) for band in BANDS), Column("All")],
        rows=rows,
        note="A band ends with its last week: 16-20 weeks is up to and including the day on which the plan is due. "
        + page.disclosure_note("stage", "weeks_open"),
    )


def overdue(page: Page) -> Block | None:
    """Each statutory step that is late in open cases, with its limit."""
    local = page.local
    if local is None or OPEN_CASES not in local.shown.tables:
        return None
    steps = (
        ("No decision whether to assess after 6 weeks", STAGES[0], "over 6 weeks"),
        ("No decision about a plan after 16 weeks", UNDECIDED, "over 16 weeks"),
        ("No plan after 20 weeks", TOTAL, "over 20 weeks"),
    )
    rows = []
    for words, stage, weeks in steps:
        late = _late(local, stage, weeks, words.lower())
        plain = _overdue(local, "no") if stage == TOTAL else "not split"
        rows.append(Row(words, [late, plain]))
    return page.table(
        "overdue",
        f"Open cases past a statutory limit, {local.area.name}, {periods.day_in_words(local.day)}, number",
        row_head="Step that is late",
        columns=[Column("Open cases"), Column("Without a lawful exception")],
        rows=rows,
        note="A case can be late for more than one step. " + page.disclosure_note("stage", "weeks_open"),
    )


def reviews(page: Page) -> Block | None:
    """Annual reviews held in the last twelve months, of plans older than that."""
    local = page.local
    if local is None or REVIEWS not in local.shown.tables:
        return None
    day = local.day.isoformat()
    whole = local.count("local_reviews", REVIEWS, period=day, reviewed=TOTAL)
    held = local.count("local_reviews", REVIEWS, period=day, reviewed=WITHIN, name="reviewed in the last 12 months")
    rate = local.share("local_reviewed_pct", held, whole)
    if not rate.known:
        return None
    said = page.say(
        "reviews",
        "Of {whole} {plans} more than a year old, {held} ({rate}) had a review meeting in the year before {day}; "
        "the law asks for one every year.",
        plans=noun(whole, "plan"),
        whole=whole,
        held=held,
        rate=rate,
        day=periods.day_in_words(local.day),
    )
    return page.paragraphs("Annual reviews, the authority's own cases", said)
