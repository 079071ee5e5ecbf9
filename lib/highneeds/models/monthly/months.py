"""Monthly counts by area: one forecast an area and one for the total, which the areas' points add up to.

The total is fitted first, then each area's share of it, so that what hits all areas at once (a shock, the shape of
the year) is learnt from all of them. Points add up in every month. Ranges do not and should not: areas rarely all
turn out high together; but every path drawn for a range adds up. Arithmetic is `fit`'s and
`outlook`'s, reading and refusing `table`'s, part months `part_month`'s.

Ranges are those of the model, with every uncertainty it has (effects, how fast levels move, size of shocks, chance of
counts), and are not widened further: on simulated months they held as often as they say.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd

from highneeds import periods
from highneeds.errors import ParamsError, SchemaError
from highneeds.models.forecast import Forecast, Past, Record, Step, refused
from highneeds.models.monthly import school_calendar
from highneeds.models.monthly.outlook import MODEL, Outlook, bearing, outlook
from highneeds.models.monthly.part_month import complete_part_month, surprise
from highneeds.models.monthly.table import LEAST_MONTHS, WINDOW_MONTHS, Counts, area_refusal, gap_warnings, read_counts
from highneeds.months import TOTAL

MOST_HORIZON = 24
# Own past forecasts: from RECORD_FROM months on, made at every third month of the last two years.
RECORD_FROM, RECORD_EVERY, RECORD_ORIGINS = 24, 3, 8
PAST_DRAWS = 500  # a quarter of the forecast's own: there are many of them
# The last month, or the last three together, is out of line where less likely than this, on either side.
OUT_OF_LINE, LOOKED_AT = 0.001, 3


@dataclass(frozen=True)
class Named:
    """What the counts are of: measure, the authority's code and name, and the word for what is counted."""

    measure: str
    area_code: str
    authority: str
    unit: str = "requests"


def forecast_months(
    counts: pd.DataFrame,
    *,
    named: Named,
    horizon: int = 12,
    data_to: date | None = None,
    donors: Sequence[pd.DataFrame] = (),
    with_record: bool = True,
) -> dict[str, Forecast]:
    """Forecast of each area (by its column's name) and of the total (`Total`): what would come if the last months'
    pattern continued.

    counts: months by areas as `table.read_counts` asks; data_to: day up to which the last month is counted,
    where it is a part month: the first step then completes it and the later ones rest on complete months only;
    donors: other authorities' tables of the same shape, whose months are borrowed; with_record: also make the own
    past forecasts. Series that cannot be forecast are refused with the reason. Raises SchemaError for a faulty table
    and ParamsError for a horizon outside 1-24 months or a data_to before the last month.
    """
    if not 1 <= horizon <= MOST_HORIZON:
        raise ParamsError(f"horizon {horizon}: expected 1 to {MOST_HORIZON} months. Ask for fewer months.")
    complete, part = complete_months(read_counts(counts), data_to)
    lent = [read_donor(table, number) for number, table in enumerate(donors, start=1)]
    names, refusals = (*counts.columns, TOTAL), _refusals(complete, named.unit)
    steps, past, notes = {}, [], []
    if not refusals[TOTAL]:
        try:
            ahead = outlook(complete, horizon=horizon, donors=lent)
            past = _past_outlooks(complete, lent, horizon=horizon, origins=RECORD_ORIGINS if with_record else 1)
        except ArithmeticError as fault:
            refusals = dict.fromkeys(names, f"{fault}: look for counts that cannot be right in the last months.")
        else:
            steps = {name: ahead.steps(name) for name in (*ahead.areas, TOTAL)}
            steps, notes = (steps, []) if part is None else _with_part(steps, part, data_to)
    run = _Run(complete, named, refusals, past, notes, len(lent), with_record)
    return {name: run.forecast(name, steps.get(name, ())) for name in names}


@dataclass(frozen=True)
class _Run:
    """What the forecasts of one table share."""

    counts: Counts
    named: Named
    refusals: dict[str, str]
    past: list[tuple[int, Outlook]]
    notes: list[str]
    donors: int
    with_record: bool

    def forecast(self, name: str, steps: tuple[Step, ...]) -> Forecast:
        """Forecast of an area or the total, or its refusal."""
        counts, named = self.counts, self.named
        like = {
            "measure": named.measure,
            "area_code": named.area_code,
            "area": named.authority if name == TOTAL else name,
            "unit": named.unit,
            "period_basis": periods.CALENDAR_MONTH,
            "origin": counts.months[-1],
        }
        if self.refusals[name]:
            return refused(like, self.refusals[name])
        own = _own_past(counts, name, self.past) if self.with_record and len(counts.months) >= RECORD_FROM else ()
        return Forecast(
            **like,
            latest=float(_series(counts, name)[-1]),
            model=MODEL,
            reason=_reason(counts, self.donors),
            training=(counts.months[-WINDOW_MONTHS:][0], counts.months[-1]),
            steps=steps,
            record=Record(own=own),
            warnings=(*self._warnings(name), *self.notes, _track(own, len(counts.months), self.with_record)),
        )

    def _warnings(self, name: str) -> list[str]:
        """Breaks, gaps, and for the total the areas that are in it without a forecast, or not in it."""
        counts, gaps = self.counts, gap_warnings(self.counts)
        said = _out_of_line(counts, name, self.past, self.named.unit)
        if name != TOTAL:
            return [*said, *([gaps[name]] if name in gaps else [])]
        carried = bearing(counts)
        for area in counts.areas:
            if self.refusals[area]:
                kept = "is in the total, which the areas shown then do not add up to"
                how = kept if area in carried else "is not in the total"
                said.append(f"{area} has no forecast of its own and {how}.")
        return [*said, *gaps.values()]


def complete_months(counts: Counts, data_to: date | None) -> tuple[Counts, dict[str, float] | None]:
    """Complete months, and the counts so far of the part month where the last is one."""
    last = counts.months[-1]
    if data_to is None or data_to >= periods.last_day(last, periods.CALENDAR_MONTH):
        return counts, None
    if f"{data_to:%Y-%m}" != last or len(counts.months) == 1:
        raise ParamsError(
            f"data_to {data_to}: the table's last month is {last}. Expected a day of that month, after a complete "
            "one, or none. Drop the months after the day of the data."
        )
    return counts.until(len(counts.months) - 1), dict(zip(counts.areas, counts.values[-1], strict=True))


def read_donor(table: pd.DataFrame, number: int) -> Counts:
    """Counts of another authority whose months are borrowed. Raises SchemaError, which names it by its number."""
    try:
        donor = read_counts(table)
    except SchemaError as fault:
        raise SchemaError(f"donor {number}: {line}" for line in fault.faults) from fault
    if len(donor.months) < LEAST_MONTHS:
        raise SchemaError(
            f"donor {number}: {len(donor.months)} months. Expected {LEAST_MONTHS} at least, a whole year, to borrow "
            "its shape. Leave the donor out."
        )
    return donor


def _series(counts: Counts, name: str) -> np.ndarray:
    """Counts of an area, or of the total in the months in which every area is known."""
    if name != TOTAL:
        return counts.values[:, counts.areas.index(name)]
    return counts.of(bearing(counts)).values.sum(axis=1)


def _refusals(counts: Counts, unit: str) -> dict[str, str]:
    """Why an area or the total has no forecast; empty text where it has one."""
    found = {area: area_refusal(_series(counts, area), area=area, unit=unit) for area in counts.areas}
    carried = bearing(counts)
    whole = area_refusal(counts.of(carried).total if carried else np.zeros(len(counts.months)), area=TOTAL, unit=unit)
    if whole:
        found = {
            area: why or f"{area}: the total of the areas cannot be forecast. {whole}" for area, why in found.items()
        }
    return found | {TOTAL: whole}


def _past_outlooks(
    counts: Counts, donors: Sequence[Counts], *, horizon: int, origins: int
) -> list[tuple[int, Outlook]]:
    """Outlooks made with the months then known, newest origin first; the first also tells what was to be expected of
    the last months. Short tables have that one only.
    """
    size = len(counts.months)
    made = []
    for back in range(1, origins + 1):
        then = counts.until(size - RECORD_EVERY * back)
        if back > 1 and (size < RECORD_FROM or len(then.months) < LEAST_MONTHS):
            break
        if bearing(then):
            ahead = max(LOOKED_AT, min(horizon, size - len(then.months)))
            made.append((len(then.months), outlook(then, horizon=ahead, donors=donors, draws=PAST_DRAWS)))
    return made


def _own_past(counts: Counts, name: str, past: list[tuple[int, Outlook]]) -> tuple[Past, ...]:
    """Forecasts made then, beside what came; from the oldest origin on."""
    actual, rows = _series(counts, name), []
    for size, made in reversed(past):
        then = _series(counts.until(size), name)
        if (name != TOTAL and name not in made.areas) or area_refusal(then, area=name, unit=""):
            continue
        for step, value in zip(made.steps(name), actual[size:], strict=False):
            if not np.isnan(value):
                (low80, high80), (low95, high95) = step.range(80), step.range(95)
                place = (counts.months[size - 1], step.period, step.horizon, MODEL)
                rows.append(Past(*place, step.point, low80, high80, low95, high95, float(value)))
    return tuple(rows)


def _out_of_line(counts: Counts, name: str, past: list[tuple[int, Outlook]], unit: str) -> list[str]:
    """Warning where the last month, or the last three together, are beyond what the months before lead to expect."""
    size, made = past[0] if past else (0, None)
    if made is None or len(counts.months) - size != LOOKED_AT or (name != TOTAL and name not in made.areas):
        return []
    at = made.areas.index(name) if name != TOTAL else -1
    came, drawn = _series(counts, name)[size:], made.intensities[:, at, :LOOKED_AT]
    last = periods.label(counts.months[-1], periods.CALENDAR_MONTH)
    spans = ((came[-1], drawn[:, -1], last), (came.sum(), drawn.sum(axis=1), f"the {LOOKED_AT} months to {last}"))
    return [
        f"{name}: {count:.0f} {unit} in {span}, where the months before lead to expect about {paths.mean():.0f}: less "
        "than 1 chance in 1,000. If entries are missing, give the day of the data or leave the month out; if "
        "something has changed, the forecast has only begun to follow it."
        for count, paths, span in spans
        if not np.isnan(count) and surprise(count, mean=paths.mean(), variance=paths.var()) < OUT_OF_LINE
    ]


def _with_part(
    steps: dict[str, tuple[Step, ...]], part: dict[str, float], data_to: date
) -> tuple[dict[str, tuple[Step, ...]], list[str]]:
    """First steps completed from what has come so far; the areas' rests of the month add up to the total's rest."""
    areas = [name for name in steps if name != TOTAL]
    month, day = f"{data_to:%Y-%m}", periods.day_in_words(data_to)
    label = periods.label(month, periods.CALENDAR_MONTH)
    if missing := [area for area in areas if np.isnan(part[area])]:
        return steps, [f"{label} to {day} was not used: no count for {', '.join(missing)}."]
    share = school_calendar.exposure_share(month, day=data_to.day)
    seen = {area: int(part[area]) for area in areas} | {TOTAL: int(sum(part[area] for area in areas))}
    first = {n: complete_part_month(seen[n], exposure_share=share, step=steps[n][0]) for n in steps}
    rest = {name: step.point - seen[name] for name, step in first.items()}
    scale = rest[TOTAL] / max(sum(rest[area] for area in areas), 1e-9)
    for area in areas:
        first[area] = _stretched(first[area], float(seen[area]), scale)
    note = (
        f"{label} is a part month, counted to {day}, by when the school calendar expects {100 * share:.0f}% "
        "of it; it was completed from what has come so far. Later months rest on complete months only."
    )
    return {name: (first[name], *steps[name][1:]) for name in steps}, [note]


def _stretched(step: Step, seen: float, scale: float) -> Step:
    quantiles = tuple(round(seen + scale * (value - seen)) for value in step.quantiles)
    return replace(step, point=seen + scale * (step.point - seen), quantiles=tuple(map(float, quantiles)))


def _reason(counts: Counts, donors: int) -> str:
    months, areas = min(len(counts.months), WINDOW_MONTHS), len(bearing(counts))
    lent = f" and other authorities' months ({donors} of them)" if donors else ""
    return (
        f"Count regression with shrunk effects ({MODEL}) on {months} months, all areas ({areas}) fitted together: "
        f"recent level; the year's shape from the school calendar{lent}, corrected by the authority's own months as "
        "far as they are evidence; a trend held close to none and damped after 6 months. It says what would come if "
        "the last months' pattern continued."
    )


def _track(own: tuple[Past, ...], months: int, with_record: bool) -> str:
    """What is known of past errors, in a sentence."""
    common = "No public panel of monthly counts was found, so these ranges were tried on simulated months"
    if own:
        held = sum(past.held80 for past in own)
        return f"{common}; of this series' own {len(own)} past forecasts, {held} ended inside their 8 in 10 range."
    if not with_record:
        return f"{common}; own past forecasts were not asked for."
    if months < RECORD_FROM:
        return f"{common}; own past forecasts need two years of months, and fewer are held."
    return f"{common}; this series was too short or too small for own past forecasts."
