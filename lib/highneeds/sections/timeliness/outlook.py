"""Today's pace: how many of a hundred plans would come within 20 weeks, beside the rate as published and the newest
plans that fell due.

Owns how `models.queue.nowcast` is told. Counts of cases behind it are printed to the nearest ten, because its windows
of weeks and the released months would otherwise give away the few days between them.
"""

from dataclasses import dataclass, replace

from highneeds import periods
from highneeds.claims import Claim
from highneeds.figures import Figure, total
from highneeds.models.queue.nowcast import LONGEST_WINDOW, MINIMUM_AT_RISK, MINIMUM_PLANS, PACE, Nowcast
from highneeds.models.queue.nowcast import nowcast as estimate
from highneeds.sections.forecasts import CHANCE, STATUS
from highneeds.sections.local import LocalAt
from highneeds.sections.page import Block, Page
from highneeds.sections.quoted import quoted, side_figure
from highneeds.sections.released import DUE, ISSUED, ISSUED_YEARS, OPEN_CASES, TOTAL, WITHIN
from highneeds.tables import Column, Row

HEADING = "If the pace of the last weeks continued"
HUNDRED = "100"
TENS = "to the nearest ten, because exact ones beside the released months could tell of a few days"
PACE_TESTED = "nowcasts of simulated authorities (docs/methods.md)"
MONTHS = 12
DUE_MONTHS = 3


@dataclass(frozen=True)
class _Share:
    """One way to count the share: the row's label, the sentence and its period, the two counts, the percentage."""

    label: str
    words: str
    when: str
    top: Figure
    bottom: Figure
    share: Figure


def _estimate(page: Page) -> Nowcast | None:
    """The nowcast of plans; None without requests in the case data."""
    local = page.local
    if local is None or OPEN_CASES not in local.shown.tables:
        return None
    return estimate(local.journeys, local.day)


def _figures(local: LocalAt, made: Nowcast) -> dict[str, Figure]:
    """Most likely value and the ends of the 80% range, in plans of a hundred."""
    how = (
        f"{made.method}; origin {local.day.isoformat()}, pace of {made.weeks} weeks from {made.window[0].isoformat()} "
        "(docs/methods.md)"
    )
    ends = {"point": made.value, "lower80": made.lower80, "upper80": made.upper80, "before": made.before}
    figures = {}
    for name, value in ends.items():
        figure = local.figure(
            "local_within_20_weeks_pct",
            local.day.isoformat(),
            value,
            basis=periods.AT_DATE,
            status=STATUS,
            how=f"{name}: {how}",
        )
        figures[name] = replace(
            figure,
            id=f"local_within_20_weeks_pct.nowcast.{local.area.slug}.{local.day.isoformat()}.{name}",
            measure="local_within_20_weeks_pct.nowcast",
            unit=f"of {HUNDRED} plans",
            places=0,
        )
    return figures


def headline(page: Page) -> Claim | None:
    """The range of the nowcast, for the section's answer; None where there is none."""
    made = _estimate(page)
    if made is None or not made.known or page.local is None:
        return None
    figures = _figures(page.local, made)
    return page.say(
        "answer_pace",
        "If the pace of the last {weeks} weeks continued, " + _between(figures) + " of {hundred} plans would be issued "
        "within 20 weeks ({chance} range).",
        weeks=_weeks(page, made),
        low=figures["lower80"],
        high=figures["upper80"],
        hundred=HUNDRED,
        chance=CHANCE,
    )


def _between(figures: dict[str, Figure]) -> str:
    same = figures["lower80"].text == figures["upper80"].text
    return "about {low}" if same else "between {low} and {high}"


def nowcast(page: Page) -> Block | None:
    """What requests meet at today's pace, beside the published way of counting and the newest complete group."""
    made, local = _estimate(page), page.local
    if made is None or local is None:
        return None
    if not made.known:
        return page.paragraphs(HEADING, _refused(page, made))
    figures = _figures(local, made)
    shares = [share for share in (_as_published(local), _followed(local)) if share is not None]
    said = [_pace(page, local, made, figures), *_beside(page, shares), _moving(page, made, figures)]
    caution = quoted(page, "pace_caution", PACE + _undated(made), how=PACE_TESTED, caution=True)
    table = page.table(
        "pace",
        f"Plans within 20 weeks, three ways of counting, {local.area.name}, {periods.day_in_words(local.day)}",
        row_head="What is counted",
        columns=[
            Column("Within 20 weeks"),
            Column("Of"),
            Column("Share (%)"),
            Column(f"{CHANCE}: from"),
            Column(f"{CHANCE}: to"),
        ],
        rows=_rows(shares, made, figures),
        note="Plans issued leave out those with a mediation or tribunal, as DfE does; the others count every case. "
        "Plans due: requests whose 20 weeks ended then, and that had not ended without a plan. "
        + page.disclosure_note("period"),
    )
    return Block(page.paragraphs(HEADING, *said, caution).markup + table.markup)


def _rows(shares: list[_Share], made: Nowcast, figures: dict[str, Figure]) -> list[Row]:
    rows = [Row(each.label, [each.top, each.bottom, each.share, "counted", "counted"]) for each in shares]
    ends = [figures[name] for name in ("point", "lower80", "upper80")]
    rows.append(Row(f"At the pace of the last {made.weeks} weeks", [ends[0], HUNDRED, *ends], strong=True))
    return rows


def _weeks(page: Page, made: Nowcast) -> Figure:
    """Length of the window that the pace is measured over."""
    return side_figure(page, "pace_weeks", made.weeks, "weeks", how=f"window of the nowcast: {made.reason or 'as set'}")


def _pace(page: Page, local: LocalAt, made: Nowcast, figures: dict[str, Figure]) -> Claim:
    first, last = (periods.day_in_words(day) for day in made.window)
    return page.say(
        "pace",
        "If the pace of the last {weeks} weeks continued, " + _between(figures) + " of {hundred} plans would be issued "
        "within 20 weeks ({chance} range; most likely {point}; {see}). The pace is that of {first} to {last}: about "
        "{plans} plans were issued, and about {at_risk} requests were open on some day.",
        see=page.see("t", "pace"),
        weeks=_weeks(page, made),
        hundred=HUNDRED,
        low=figures["lower80"],
        high=figures["upper80"],
        chance=CHANCE,
        point=figures["point"],
        first=first,
        last=last,
        plans=side_figure(
            page, "pace_plans", round(made.events, -1), "plans", how=f"plans issued in the window, {TENS}"
        ),
        at_risk=side_figure(page, "pace_open", round(made.at_risk, -1), "requests", how=f"open on some day, {TENS}"),
    )


def _beside(page: Page, shares: list[_Share]) -> list[Claim]:
    """The two counted shares, each with its counts, where they may be shown."""
    return [
        page.say(f"pace_beside_{at}", each.words, top=each.top, bottom=each.bottom, share=each.share, when=each.when)
        for at, each in enumerate(shares, start=1)
        if each.share.known
    ]


def _moving(page: Page, made: Nowcast, figures: dict[str, Figure]) -> Claim | None:
    """Says that the pace changes, where the window before gave something outside the wider range."""
    if not _moved(made):
        return None
    faster = made.before < made.lower95
    return page.say(
        "pace_moving",
        "The pace is changing: the {weeks} weeks before gave {before} of {hundred}, so work has become "
        + ("faster" if faster else "slower")
        + ". What requests made today will meet depends on whether that goes on.",
        weeks=_weeks(page, made),
        before=figures["before"],
        hundred=HUNDRED,
    )


def _moved(made: Nowcast) -> bool:
    """True where the window before gave something outside the wider range; not known counts as no."""
    return made.before < made.lower95 or made.before > made.upper95


def _undated(made: Nowcast) -> str:
    """Further warnings of the model, without their counts, which may be small."""
    if len(made.warnings) <= 1 + _moved(made):
        return ""
    return " Some requests lack a date; they count on the earliest possible day, or not at all."


def _refused(page: Page, made: Nowcast) -> Claim:
    """Why there is no estimate and what to read instead; the counts behind it may be small and are not told."""
    if made.events < MINIMUM_PLANS:
        why = "fewer than {needed} plans were issued in the last {weeks} weeks"
    else:
        why = "fewer than {few} requests were open at some age up to 20 weeks in the last {weeks} weeks"
    slots = {"needed": str(MINIMUM_PLANS), "weeks": str(LONGEST_WINDOW), "few": str(MINIMUM_AT_RISK)}
    page.unknown.append(
        page.say(
            "unknown_pace", f"What share of plans for requests made now will come within 20 weeks: {why}.", **slots
        )
    )
    return page.say(
        "pace_refused",
        f"What the pace of the last weeks means for requests made now cannot be told: {why}, too few for one curve. "
        "Read the newest months whose requests are all 20 weeks old, or take more areas together.",
        **slots,
    )


def _as_published(local: LocalAt) -> _Share | None:
    """DfE's way of counting over the last twelve complete months; the last complete year where a month is hidden."""
    shown = local.shown
    if ISSUED in shown.tables:
        months = [month for month in shown.labels(ISSUED, "period") if month not in shown.unsure[ISSUED]][-MONTHS:]
        parts = [[_issued(local, month, kind) for month in months] for kind in (WITHIN, TOTAL)]
        if len(months) == MONTHS and all(figure.known for side in parts for figure in side):
            when = periods.month_range(months[0], months[-1])
            sums = [_sum(local, side, f"{months[0]}-to-{months[-1]}", "issued") for side in parts]
            return _published_share(local, *sums, when)
    years = [year for year in shown.labels(ISSUED_YEARS, "period") if year not in shown.unsure.get(ISSUED_YEARS, ())]
    if not years:
        return None
    return _published_share(
        local, *(_of_year(local, years[-1], kind) for kind in (WITHIN, TOTAL)), f"calendar {years[-1]}"
    )


def _published_share(local: LocalAt, top: Figure, bottom: Figure, when: str) -> _Share:
    words = "Counted as published, of {bottom} plans issued in {when}, {top} ({share}) were within 20 weeks."
    return _Share(f"Plans issued, {when}", words, when, top, bottom, _share(local, top, bottom, "issued"))


def _issued(local: LocalAt, month: str, kind: str) -> Figure:
    measure = "local_plans_within_20_weeks" if kind == WITHIN else "local_plans_counted"
    return local.count(measure, ISSUED, period=month, within_20_weeks=kind, name=TOTAL)


def _of_year(local: LocalAt, year: str, kind: str) -> Figure:
    measure = "local_plans_within_20_weeks" if kind == WITHIN else "local_plans_counted"
    made = local.count(measure, ISSUED_YEARS, period=year, within_20_weeks=kind, exception=TOTAL, name=TOTAL)
    return replace(made, period_basis=periods.CALENDAR_YEAR)


def _followed(local: LocalAt) -> _Share | None:
    """Of plans that fell due in the last months: those issued by that day. These children asked 20 weeks before."""
    if DUE not in local.shown.tables:
        return None
    months = [month for month in local.shown.labels(DUE, "period") if month not in local.shown.unsure[DUE]]
    months = months[-DUE_MONTHS:]
    if len(months) < DUE_MONTHS:
        return None
    when, span = f"{months[0]}-to-{months[-1]}", periods.month_range(months[0], months[-1])
    top, bottom = (_sum(local, [_due(local, month, kind) for month in months], when, "due") for kind in (WITHIN, TOTAL))
    words = "Followed from the request, of {bottom} plans that fell due in {when}, {top} ({share}) came in time."
    return _Share(f"Plans due, {span}", words, span, top, bottom, _share(local, top, bottom, "due"))


def _due(local: LocalAt, month: str, kind: str) -> Figure:
    measure = "local_plans_issued_by_due_day" if kind == WITHIN else "local_plans_due"
    return local.count(measure, DUE, period=month, by_due_day=kind, name=TOTAL)


def _sum(local: LocalAt, parts: list[Figure], when: str, way: str) -> Figure:
    """Sum of released counts; hidden where one of them is."""
    id = f"{parts[0].measure}.{way}.{local.area.slug}.{when}"
    return total(parts, id, period=when, period_basis=periods.AS_LABELLED)


def _share(local: LocalAt, top: Figure, bottom: Figure, way: str) -> Figure:
    """Percentage under the policy, told apart from the released ones by its id."""
    measure = "local_issued_by_due_day_pct" if way == "due" else "local_within_20_weeks_pct"
    made = local.share(measure, top, bottom)
    return replace(made, id=f"{measure}.together.{local.area.slug}.{top.period}", breakdown=TOTAL)
