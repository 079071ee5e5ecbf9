"""The queue of overdue cases: when it would end if the work went on as now, and from which inputs.

A planning sum on the authority's own cases (`models.queue.clearance`), told with every input and assumption; nothing
of it where the released tables hide the queue. Its numbers are made in `clearance_figures`; what the published
percentage would do on the way is told in `clearance_rate`.
"""

from collections.abc import Sequence

from highneeds import periods
from highneeds.charts.curves import weeks_ahead_chart
from highneeds.claims import Claim
from highneeds.figures import Figure
from highneeds.models.queue.inputs import MINIMUM_PLANS, YEAR
from highneeds.sections.forecasts import CHANCE
from highneeds.sections.local import LocalAt
from highneeds.sections.page import Block, Page
from highneeds.sections.quoted import quoted, side_figure
from highneeds.sections.timeliness import queue
from highneeds.sections.timeliness.clearance_figures import (
    AS_NOW,
    FEW_CASES,
    FEW_FOLLOWED,
    FEW_PLANS,
    LAST,
    MORE_HANDS,
    OLDEST,
    SHOWN,
    WINDOWS,
    Outlook,
    at_week,
    input_figure,
    line_of,
    measured,
    month_of,
    row_head,
    runs,
    tens,
    told,
    warned,
    week_figure,
)
from highneeds.sections.timeliness.clearance_rate import rate_ahead
from highneeds.tables import Cell, Column, Row

HEADING = "When the queue of overdue cases would end"
METHOD = "weekly queue of overdue cases (docs/methods.md)"


def ahead(page: Page) -> Block | None:
    """When the overdue queue would end and the rate on the way, from inputs as measured; or why it is not told."""
    local, late = page.local, queue.waiting(page)
    if local is None or late is None:
        return None
    found = measured(local) if late.value else ""
    if isinstance(found, str):
        return page.paragraphs(HEADING, _refused(page, local, late, found))
    made = Outlook(local, *found, runs(found[1]))
    notes = warned(page, made, about_rate=False)
    said = page.paragraphs(HEADING, _end(page, made), _needed(page, made), _others(page, made), *notes)
    parts = [said, _inputs_table(page, made, late), _overdue_chart(page, made, late), *rate_ahead(page, made)]
    return Block("\n".join(part.markup for part in parts))


def _refused(page: Page, local: LocalAt, late: Figure, why: str) -> Claim:
    """One sentence: no overdue cases, a hidden number of them, or inputs that cannot be measured."""
    day = periods.day_in_words(local.day)
    if late.known and not late.value:
        return page.say(
            "no_queue", "On {day} no open request had waited more than 20 weeks: there is no queue to clear.", day=day
        )
    reasons = {
        FEW_PLANS: "fewer than {few} plans were issued in the last 52 weeks",
        FEW_FOLLOWED: "too few requests of the last year can be followed to their 20 weeks",
        FEW_CASES: "an input would rest on so few cases that it is not shown, to protect individuals",
        "": "the number of overdue cases is not shown, to protect individuals",
    }
    slots = {"few": str(MINIMUM_PLANS)}
    said = page.say("no_outlook", f"When the queue of overdue cases would end is not told: {reasons[why]}.", **slots)
    page.unknown.append(page.say("unknown_outlook", "When the queue of overdue cases would end.", **slots))
    return said


def _end(page: Page, made: Outlook) -> Claim:
    """When the queue would end as now: the range first; or that it would not within two years."""
    now, slots = made.now, {"chance": CHANCE, "see": page.see("f", "overdue-ahead")}
    ends = {"low": now.ends_lower80, "mid": now.ends_week, "high": now.ends_upper80}
    weeks = {name: week_figure(made, AS_NOW, f"end-{name}", week) for name, week in ends.items() if week is not None}
    if now.ends_week == 0:
        return page.say(
            "queue_end",
            "No overdue case waits for hands alone: those of today are held up for a recorded reason, are not yet "
            "ready, or will end without a plan ({see}).",
            see=slots["see"],
        )
    if "mid" not in weeks:
        words = "would not end within two years"
        words += "; the chance that it ends by week {low} is one in ten" if "low" in weeks else ""
        words += " ({see})"
    elif "low" not in weeks:
        words = "would end about week {mid}, {month}, on expected numbers, but in nine draws of ten not within two "
        words += "years ({see})"
    elif "high" not in weeks:
        words = "would end in week {low} at the earliest, and perhaps not within two years ({chance} range; most "
        words += "likely week {mid}, {month}; {see})"
    else:
        words = "would end between week {low} and week {high} ({chance} range; most likely week {mid}, {month}; {see})"
    month = month_of(weeks["mid"]) if "mid" in weeks else ""
    return page.say(
        "queue_end",
        f"If requests, capacity and the order of work stayed as measured, the queue of overdue cases {words}.",
        **slots,
        **weeks,
        month=month,
    )


def _needed(page: Page, made: Outlook) -> Claim | None:
    """Smallest steady capacity that would end the queue within a year, where as now it would not."""
    now = made.now
    if now.ends_week is not None and now.ends_week <= YEAR:
        return None
    return page.say(
        "queue_needed",
        "To end it within a year, {needed} plans would have to be issued every week; {capacity} a week were "
        "issued in the last {weeks} weeks, and new requests alone ask for {need}.",
        needed=input_figure(made, "needed", now.capacity_needed),
        capacity=input_figure(made, "capacity", float(made.inputs.capacity)),  # type: ignore[arg-type]
        need=input_figure(made, "need", made.inputs.need),
        weeks=side_figure(page, "queue_weeks", made.weeks, "weeks", how=METHOD),
    )


def _others(page: Page, made: Outlook) -> Claim | None:
    """When it would end under the two other choices of the chart."""
    if made.now.ends_week == 0:
        return None
    slots, words = {}, {}
    for name, label in (("oldest", OLDEST), ("more", MORE_HANDS)):
        week = made.runs[label].ends_week
        if week is not None:
            slots[name] = week_figure(made, label, "end-mid", week)
        words[name] = "not within two years" if week is None else f"about week {{{name}}}"
    return page.say(
        "queue_others",
        f"If the case that waits longest were always taken first, it would end {words['oldest']}; with a fifth more "
        f"capacity, {words['more']}.",
        **slots,
    )


def _inputs_table(page: Page, made: Outlook, late: Figure) -> Block:
    """Inputs as measured, each with what it was counted from, and every assumption beneath."""
    inputs, traces = made.inputs, {trace.name: trace for trace in made.inputs.traces}

    def row(label: str, figure: Cell, counted_from: str) -> Row:
        return Row(label, [figure, counted_from])

    year, recent = f"the last {YEAR} weeks", f"the last {made.weeks} weeks"
    plans, ended = traces["share"].numerator, traces["share"].denominator - traces["share"].numerator
    rows = [
        row("Overdue cases at the start", late, "open cases, as in the table of the queue"),
        row(
            "Requests a week",
            input_figure(made, "intake", inputs.intake, unit="requests a week"),
            f"about {tens(traces['intake'].numerator)} requests in {year}",
        ),
        row(
            "Requests that lead to a plan (%)",
            input_figure(made, "share", 100 * inputs.share, unit="%", places=0),
            f"pace of {year}: about {tens(plans)} plans, {tens(ended)} other ends",
        ),
        row("Plans needed a week for new requests", input_figure(made, "need", inputs.need), "the two multiplied"),
        row(
            "Plans issued a week (capacity)",
            input_figure(made, "capacity", float(inputs.capacity)),  # type: ignore[arg-type]
            f"about {tens(traces['capacity'].numerator)} plans in {recent}",
        ),
        row(
            "Of them for overdue cases (%)",
            input_figure(made, "backlog_share", 100 * inputs.backlog_share, unit="%", places=0),
            f"the order of work: about {tens(traces['backlog_share'].numerator)} came after 20 weeks",
        ),
        row(
            "Week from which a plan can be issued",
            input_figure(made, "ready", float(min(inputs.ready)), unit="week", places=0),
            "a tenth of the year's plans was issued by then",
        ),
    ]
    day = periods.day_in_words(made.local.day)
    return page.table(
        "queue-inputs",
        f"What the outlook rests on, {made.local.area.name}, as measured to {day}",
        row_head="Input",
        columns=[Column("Measured"), Column("From", words=True)],
        rows=rows,
        note=quoted(page, "queue_note", _note(made), how=METHOD),
    )


def _note(made: Outlook) -> str:
    return " ".join((_window_note(made), "Assumed:", *made.now.assumptions, _dates_note(made))).strip()


def _window_note(made: Outlook) -> str:
    words = "Counts are told to the nearest ten."
    if made.weeks != WINDOWS[0]:
        words += f" The pace is measured over {made.weeks} weeks because fewer hold only a few late or timely plans."
    return words


def _dates_note(made: Outlook) -> str:
    undated = made.local.journeys["received_date"].isna().any()
    return "Requests without a date received are left out." if undated else ""


def _overdue_chart(page: Page, made: Outlook, late: Figure) -> Block:
    """Overdue cases by week ahead: as now with its range, oldest first, and with a fifth more capacity."""
    local, labels = made.local, (AS_NOW, OLDEST, MORE_HANDS)
    day = periods.day_in_words(local.day)
    lines = [line_of(made, label, "overdue", ranged=label == AS_NOW) for label in labels]
    rows = [(row_head(made, week), _overdue_cells(made, labels, week, late)) for week in SHOWN]
    return page.chart(
        "overdue-ahead",
        weeks_ahead_chart(lines, unit="cases", start=day, range_label=f"{CHANCE} range, as now"),
        title=_overdue_title(page, made),
        subtitle=f"Open cases past 20 weeks, {local.area.name}, expected number by weeks after {day}",
        alt=_alt(made, labels, late),
        row_head="Weeks ahead",
        columns=["As now", f"{CHANCE}: from", f"{CHANCE}: to", OLDEST.capitalize(), MORE_HANDS.capitalize()],
        rows=rows,
        note="The queue ends when no overdue case waits for hands alone. Cases held up for a recorded reason, and "
        "requests that end late without a plan, keep the line above nought.",
    )


def _alt(made: Outlook, labels: Sequence[str], late: Figure) -> str:
    """Text alternative: where each line stands after one year and after two."""
    parts = [f"Line chart of overdue cases to come, {late.text} at the start."]
    for label in labels:
        year, end = (told(made, at_week(made, label, "overdue", week)) for week in (YEAR, LAST))
        parts.append(f"{label.capitalize()}: {year} after {YEAR} weeks and {end} after {LAST}.")
    low, high = (told(made, at_week(made, AS_NOW, f"overdue_{end}80", YEAR)) for end in ("lower", "upper"))
    return " ".join((*parts, f"The {CHANCE} range as now after {YEAR} weeks is {low} to {high}."))


def _overdue_title(page: Page, made: Outlook) -> Claim:
    """The finding of the chart: the span in which the queue would end as now."""
    now = made.now
    ends = {"low": now.ends_lower80, "high": now.ends_upper80}
    slots = {
        name: month_of(week_figure(made, AS_NOW, f"end-{name}", week))
        for name, week in ends.items()
        if week is not None
    }
    if now.ends_week == 0:
        words = "As now, no overdue case waits for hands alone"
    elif now.ends_week is None or "low" not in slots:
        words = "As now, the queue of overdue cases would not end within two years"
    elif "high" not in slots:
        words = "As now, the overdue queue would end in {low} at the earliest, perhaps not within two years"
    elif slots["low"] == slots["high"]:
        words = "As now, the queue of overdue cases would end about {low}"
    else:
        words = "As now, the queue of overdue cases would end between {low} and {high}"
    return page.say("overdue_title", words, **slots)


def _overdue_cells(made: Outlook, labels: Sequence[str], week: int, late: Figure) -> list[Cell]:
    """As now with its range, then the others; the start as released, small numbers as such."""
    if not week:
        return [late, late, late, *[late] * (len(labels) - 1)]
    names = [(AS_NOW, "overdue"), (AS_NOW, "overdue_lower80"), (AS_NOW, "overdue_upper80")]
    names += [(label, "overdue") for label in labels[1:]]
    figures = [at_week(made, label, column, week) for label, column in names]
    return [told(made, figure) if told(made, figure) != figure.text else figure for figure in figures]
