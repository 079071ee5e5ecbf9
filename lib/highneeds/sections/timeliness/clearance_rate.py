"""What the published percentage would do while the queue of overdue cases is worked on, by order of work.

The same capacity gives different percentages: it falls where old cases are cleared first, and stays high where they
are left. Its numbers are made in `clearance_figures`.
"""

from dataclasses import dataclass

from highneeds import charts, periods
from highneeds.charts import Series
from highneeds.charts.curves import weeks_ahead_chart
from highneeds.claims import Claim
from highneeds.figures import Figure
from highneeds.sections.forecasts import CHANCE
from highneeds.sections.page import Block, Page
from highneeds.sections.quoted import side_figure
from highneeds.sections.timeliness.clearance_figures import (
    AS_NOW,
    NEWEST,
    OLDEST,
    SHOWN,
    Outlook,
    at_week,
    is_small,
    line_of,
    month_of,
    row_head,
    warned,
)


def rate_ahead(page: Page, made: Outlook) -> list[Block]:
    """The published percentage on the way, by order of work; where its start may be shown."""
    heading = "What the published percentage would do on the way"
    top, bottom = sum(made.inputs.past_on_time), sum(made.inputs.past_issued)
    policy = made.local.local.policy
    if any(is_small(part, policy) for part in (top, bottom - top)):
        said = page.say("rate_hidden", "The percentage of today rests on so few cases that it is not shown.")
        return [page.paragraphs(heading, said)]
    said = [_rate_now(page, made, top, bottom), _rate_by_order(page, made), _rate_reading(page, made)]
    said += warned(page, made, about_rate=True)
    return [page.paragraphs(heading, *said), _rate_chart(page, made)]


def _orders(made: Outlook) -> list[str]:
    return [label for label in (AS_NOW, OLDEST, NEWEST) if label in made.runs]


NEAREST = "plans issued in the last 52 weeks, all cases, to the nearest ten"


@dataclass(frozen=True)
class _Fall:
    """How far the percentage falls below today's: `low` most likely, `floor` the lowest point of the 8-in-10 range.

    Either is missing where it does not lie below today's.
    """

    low: Figure | None
    floor: Figure | None


def _fall(made: Outlook, label: str) -> _Fall:
    today = at_week(made, label, "published_pct", 0)

    def lowest(column: str) -> Figure | None:
        values = made.runs[label].weeks[column].iloc[1:]
        if values.isna().all():
            return None
        figure = at_week(made, label, column, int(values.idxmin()))
        return figure if figure.text != today.text and figure.value < today.value else None  # type: ignore[operator]

    return _Fall(lowest("published_pct"), lowest("published_pct_lower80"))


def _words(fall: _Fall, tail: str) -> tuple[str, dict[str, Figure | str]]:
    """What the percentage would do, the range first, and the slots of the words; `tail` tells the slots apart."""
    if fall.floor is None:
        return "not fall", {}
    slots: dict[str, Figure | str] = {f"floor{tail}": fall.floor}
    if fall.low is None:
        return f"most likely not fall, but it could, to as low as {{floor{tail}}} ({{chance}} range),", slots
    slots |= {f"low{tail}": fall.low, f"month{tail}": month_of(fall.low)}
    lowest = f"most likely {{low{tail}}}, {{month{tail}}}"
    return f"fall, to as low as {{floor{tail}}} within the {{chance}} range ({lowest}),", slots


def _rate_now(page: Page, made: Outlook, top: float, bottom: float) -> Claim:
    """Today's percentage with its counts, and whether it falls first as the work goes on."""
    words, slots = _words(_fall(made, AS_NOW), "")
    return page.say(
        "rate_now",
        "Of about {bottom} plans issued in the last 52 weeks, about {top} ({now}) were within 20 weeks, all cases "
        f"counted. With the order of work as now that percentage would {words.removesuffix(',')} on the way ({{see}}).",
        now=at_week(made, AS_NOW, "published_pct", 0),
        top=side_figure(page, "rate_top", round(top, -1), "plans", how=f"{NEAREST}, issued within 20 weeks"),
        bottom=side_figure(page, "rate_bottom", round(bottom, -1), "plans", how=NEAREST),
        see=page.see("f", "rate-ahead"),
        chance=CHANCE,
        **slots,
    )


def _rate_by_order(page: Page, made: Outlook) -> Claim:
    """Lowest percentage, its range first, under the other orders of work."""
    conditions = {OLDEST: "if the case that waits longest were always taken first", NEWEST: "if new cases always were"}
    told = {label: _words(_fall(made, label), str(at)) for at, label in enumerate(_orders(made)[1:])}
    slots = {name: slot for _, each in told.values() for name, slot in each.items()}
    if not slots:
        return page.say("rate_by_order", "With the same capacity it would not fall under another order of work either.")
    words = "; it would ".join(f"{words} {conditions[label]}" for label, (words, _) in told.items())
    return page.say("rate_by_order", f"With the same capacity it would {words}.", chance=CHANCE, **slots)


def _rate_reading(page: Page, made: Outlook) -> Claim | None:
    """What to make of it, where the order of work decides whether the percentage falls."""
    if not any(_fall(made, label).floor for label in _orders(made)):
        return None
    return page.say(
        "rate_reading",
        "The hands and the children are the same each time: the percentage follows the order of work, and says little "
        "about how many wait. Read it with the number overdue ({see}).",
        see=page.see("f", "overdue-ahead"),
    )


def _rate_chart(page: Page, made: Outlook) -> Block:
    """The percentage of the last 52 weeks by week ahead, one line an order of work."""
    local, labels = made.local, _orders(made)
    day = periods.day_in_words(local.day)
    lines = [line_of(made, label, "published_pct", ranged=label in (AS_NOW, OLDEST)) for label in labels]
    ranged = [f"{column}{end}" for column in ("published_pct",) for end in ("", "_lower80", "_upper80")]
    names = [(AS_NOW, column) for column in ranged] + [(OLDEST, column) for column in ranged]
    names += [(label, "published_pct") for label in labels[2:]]
    rows = [(row_head(made, week), [at_week(made, label, column, week) for label, column in names]) for week in SHOWN]
    series = [Series(label, [at_week(made, label, "published_pct", week) for week in SHOWN]) for label in labels]
    heads = [f"{label.capitalize()} (%)" for label in labels]
    spans = [[f"{label.capitalize()}, {CHANCE}: {end}" for end in ("from", "to")] for label in labels[:2]]
    return page.chart(
        "rate-ahead",
        weeks_ahead_chart(lines, unit="%", start=day),
        title=_rate_title(page, made),
        subtitle=f"Plans of 52 weeks issued within 20 weeks, {local.area.name}, by weeks after {day}, per cent",
        alt=charts.describe(series, "Line chart of the percentage to come"),
        row_head="Weeks ahead",
        columns=[heads[0], *spans[0], heads[1], *spans[1], *heads[2:]],
        rows=rows,
        note=f"Blue: {CHANCE} range as now. Grey: the same with the oldest first. All cases count, those with a "
        "mediation or tribunal too. Plans that are hard to finish are known only by a recorded exception, so a rate "
        "near its top is no promise.",
    )


def _rate_title(page: Page, made: Outlook) -> Claim:
    """The finding of the chart: whether the rate falls with the oldest first, and whether it does as now."""
    slots, words = {}, {}
    for name, label in (("oldest", OLDEST), ("now", AS_NOW)):
        fall = _fall(made, label)
        slots |= {name: fall.low or fall.floor} if fall.floor else {}
        words[name] = f"would fall to about {{{name}}}" if fall.low else f"may fall to {{{name}}}"
        words[name] = words[name] if fall.floor else "would not fall"
    if words["oldest"] == words["now"]:
        return page.say("rate_title", "The rate would not fall on the way, as now or with the oldest first")
    return page.say(
        "rate_title", f"The rate {words['oldest']} with the oldest first, and {words['now']} as now", **slots
    )
