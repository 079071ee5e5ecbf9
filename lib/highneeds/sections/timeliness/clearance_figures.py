"""Outlook on the queue of overdue cases as figures: inputs that may be shown, runs by choice, each number's trace.

Owns which inputs are measured and shown: none that rests on a few cases. What is said of them belongs to
`timeliness_clearance`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import pandas as pd

from highneeds import periods
from highneeds.charts.curves import LineAhead
from highneeds.claims import Claim
from highneeds.disclosure.policy import NONE, ROUND, Policy
from highneeds.errors import ParamsError
from highneeds.figures import Figure, counted, format_number
from highneeds.models.queue.clearance import NEW_FIRST, OLDEST_FIRST, Clearance, QueueInputs, clearance
from highneeds.models.queue.inputs import MINIMUM_PLANS, YEAR, inputs_from
from highneeds.models.queue.weekly_queue import Trace
from highneeds.sections.forecasts import STATUS
from highneeds.sections.local import LocalAt
from highneeds.sections.page import Page
from highneeds.sections.quoted import quoted

WINDOWS = (13, 26, 52)  # weeks over which the pace is measured: the first in which no count is small
MORE = 1.2
LAST = 104
STEP = 4  # weeks between points drawn: a single week's change would tell of the few cases of one age
SHOWN = (0, 4, 8, 12, 16, 20, 28, 36, 44, 52, 64, 76, 88, 104)
AS_NOW, OLDEST, MORE_HANDS, NEWEST = "as now", "oldest first", "a fifth more capacity", "new cases first"
FEW_PLANS, FEW_FOLLOWED, FEW_CASES = "few plans", "few followed", "few cases"
_TOLD = {"intake", "share", "capacity", "backlog_share"}  # inputs whose counts are told


@dataclass(frozen=True)
class Outlook:
    """Inputs as measured over so many weeks, and what follows from them and from other choices, by label."""

    local: LocalAt
    weeks: int
    inputs: QueueInputs
    runs: dict[str, Clearance]

    @property
    def now(self) -> Clearance:
        """What follows from the inputs as measured."""
        return self.runs[AS_NOW]


def measured(local: LocalAt) -> tuple[int, QueueInputs] | str:
    """Weeks of the pace and the inputs, or why there are none: FEW_PLANS, FEW_FOLLOWED or FEW_CASES."""
    for weeks in WINDOWS:
        try:
            inputs = inputs_from(local.journeys, local.day, weeks=weeks)
        except ParamsError:
            begin = pd.Timestamp(local.day - timedelta(days=7 * YEAR - 1))
            plans = int(local.journeys["issued_date"].between(begin, pd.Timestamp(local.day)).sum())
            return FEW_PLANS if plans < MINIMUM_PLANS else FEW_FOLLOWED
        if not _any_small(inputs.traces, local.local.policy):
            return weeks, _tellable(inputs, local.local.policy)
    return FEW_CASES


def is_small(count: float, policy: Policy) -> bool:
    """True for a count that the policy does not show."""
    return policy.method != NONE and 0 < count < policy.threshold


def _any_small(traces: Sequence[Trace], policy: Policy) -> bool:
    """True where a count behind a printed input, or what it leaves of its whole, is small, or nothing was done."""
    told = {trace.name: trace for trace in traces if trace.name in _TOLD}
    counts = [told["intake"].numerator, told["capacity"].numerator]
    counts += [part for name in ("share", "backlog_share") for part in _parts(told[name])]
    return not told["capacity"].numerator or any(is_small(count, policy) for count in counts)


def _parts(trace: Trace) -> tuple[float, float]:
    return trace.numerator, trace.denominator - trace.numerator


def _tellable(inputs: QueueInputs, policy: Policy) -> QueueInputs:
    """Inputs without what rests on a few cases: slow plans stand with the others; a team of nobody is no team."""
    slow = next((trace for trace in inputs.traces if trace.name == "exceptions"), None)
    if slow is not None and any(is_small(part, policy) for part in _parts(slow)):
        inputs = replace(inputs, ready={max(inputs.ready, key=inputs.ready.__getitem__): 1.0})
    if not inputs.backlog_share:
        inputs = replace(inputs, order=NEW_FIRST)
    return replace(inputs, notes=())


def runs(inputs: QueueInputs) -> dict[str, Clearance]:
    """What follows from the inputs as measured, from other orders of work and from a fifth more capacity."""
    choices = {AS_NOW: inputs, OLDEST: replace(inputs, order=OLDEST_FIRST)}
    if inputs.order != NEW_FIRST:
        choices[NEWEST] = replace(inputs, order=NEW_FIRST)
    capacity = float(inputs.capacity) * MORE  # type: ignore[arg-type]
    choices[MORE_HANDS] = replace(inputs, capacity=capacity)
    return {label: clearance(choice, weeks=LAST, needed_by=YEAR) for label, choice in choices.items()}


def _figure(made: Outlook, label: str, name: str, value: float | None, *, week: int, unit: str) -> Figure:
    """One number of a run: a count of cases (rounded as the policy asks), a percentage or a week."""
    local, day = made.local, made.local.day
    measure = "local_within_20_weeks_pct" if unit == "%" else "local_overdue"
    if value is not None and unit == "cases":
        base = local.local.policy.rounding_base if local.local.policy.method == ROUND else 1
        value = base * round(value / base)
    period = (day + timedelta(days=7 * week)).isoformat()
    how = f"{name}: weekly queue, {label}, origin {day.isoformat()}, {LAST} weeks (docs/methods.md)"
    figure = local.figure(measure, period, value, basis=periods.AT_DATE, status=STATUS, how=how)
    id = f"{measure}.forecast.{local.area.slug}.{period}.{name}.{label.replace(' ', '-')}.from-{day.isoformat()}"
    return replace(figure, id=id, measure=f"{measure}.forecast", unit=unit, places=0)


def week_figure(made: Outlook, label: str, name: str, week: int) -> Figure:
    """A number of weeks after the day; its period is the day on which they are over."""
    return _figure(made, label, name, float(week), week=week, unit="weeks")


def at_week(made: Outlook, label: str, column: str, week: int) -> Figure:
    """A column of a run in one week."""
    value = float(made.runs[label].weeks[column].iloc[week])
    unit = "%" if column.startswith("published") else "cases"
    return _figure(made, label, column, value, week=week, unit=unit)


def told(made: Outlook, figure: Figure) -> str:
    """A number to come as it is told: one below the smallest count shown is not told finer than that."""
    policy = made.local.local.policy
    few = figure.unit == "cases" and is_small(figure.value or 0, policy)
    return f"under {policy.threshold}" if few else figure.text


def input_figure(made: Outlook, name: str, value: float, *, unit: str = "plans a week", places: int = 1) -> Figure:
    """An input or a steady pace, stored as it is printed."""
    day, local = made.local.day.isoformat(), made.local
    like = local.figure("local_plans_held", day, 0.0)
    hows = {
        "capacity": f"plans issued in the last {made.weeks} weeks, a week",
        "intake": f"requests received in the last {YEAR} weeks, a week",
        "share": "share of requests that do not end without a plan, at the pace of the last year (period incidence)",
        "need": "intake x share",
        "backlog_share": f"plans issued after 20 weeks, of plans issued in the last {made.weeks} weeks",
        "ready": "week by which a tenth of the year's plans was issued",
        "needed": f"smallest steady pace with which no overdue case waits for hands from week {YEAR} on",
    }
    how = f"{hows[name]}; weekly queue, origin {day} (docs/methods.md)"
    id = f"queue_{name}.{local.area.slug}.{day}"
    figure = counted(id, round(value, places), unit, like, how, source=local.local.source, places=places)
    return replace(figure, status=STATUS if name in ("needed", "need") else "")


def tens(count: float) -> str:
    """A count of cases to the nearest ten: exact ones, set beside the released months, could tell of a few days."""
    return format_number(count, "", -1)


def month_of(figure: Figure) -> str:
    """Month in which the period of a figure ends, in words."""
    return periods.in_words(figure.period[:7], periods.CALENDAR_MONTH).removeprefix("in ")


def line_of(made: Outlook, label: str, column: str, *, ranged: bool) -> LineAhead:
    """A column of a run as a line of a chart, with its range where asked."""
    weeks = [week for week in range(0, LAST + 1, STEP) if not pd.isna(made.runs[label].weeks[column].iloc[week])]

    def values(name: str) -> list[float]:
        return [at_week(made, label, name, week).value or 0.0 for week in weeks]

    sides = [values(f"{column}_{end}") for end in ("lower80", "upper80")] if ranged else [(), ()]
    return LineAhead(f"{label} {told(made, at_week(made, label, column, weeks[-1]))}", weeks, values(column), *sides)


def row_head(made: Outlook, week: int) -> str:
    """Head of a row of weeks to come, with its day."""
    day = made.local.day + timedelta(days=7 * week)
    return f"{'Now' if not week else f'Week {week}'} ({periods.day_in_words(day)})"


def warned(page: Page, made: Outlook, *, about_rate: bool) -> list[Claim]:
    """Warnings of the sum as now: about the percentage, or about the queue."""
    notes = [note for note in made.now.warnings if ("published percentage" in note) == about_rate]
    kind = "rate" if about_rate else "queue"
    how = "weekly queue of overdue cases (docs/methods.md)"
    return [quoted(page, f"{kind}_warning_{at}", note, how=how, caution=True) for at, note in enumerate(notes, 1)]
