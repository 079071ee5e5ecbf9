"""Rules on counts over time: months out of range, months not over, the share of exceptions."""

from dataclasses import dataclass

import numpy as np

from highneeds import fields
from highneeds.cases import INFO, WARNING
from highneeds.clean.rules.model import (
    BY_REQUEST_MONTH,
    MONTHLY,
    TWENTY_WEEKS,
    Context,
    Look,
    Rule,
    not_checked,
    number,
)

# A month is out of range beyond this many standard deviations of the counts from what was expected of them.
DEVIATIONS = 3.5
SMALL_DIFFERENCE = 0.1  # of what was expected: less is never told, however many the requests
FEWEST_MONTHS = 6
LATEST_MONTHS = 36  # of an extract: earlier months may lack cases that were archived
SUDDEN_ZERO = 5  # a month without a request, where at least so many were expected
AUGUST, AUGUST_LEAST = 8, 1 / 4  # usually low: without another August to compare with, only a collapse is told
_MAD = 1.4826  # median absolute deviation to standard deviation, for normally distributed counts

# England 2024: 90,392 plans, 84,866 without an exception. In 2023 and 2024 about nineteen in twenty authorities were
# below 28%, and moved by less than 18 points from one year to the next; a quarter had no exception at all.
NATIONAL_PCT = 100 * (1 - 84_866 / 90_392)
OUTLIER_PCT, OUTLIER_POINTS = 28.0, 18.0
FEWEST_PLANS = 30

_RECEIVED, _OUTCOME = (fields.REQUESTS, "received_date"), (fields.REQUESTS, "request_outcome")
FLAGS = {
    "requests": ("request_mediation", "request_tribunal"),
    "assessments": ("assessment_mediation", "assessment_tribunal", "other_mediation", "other_tribunal"),
}


@dataclass(frozen=True)
class Expected:
    """What was expected of each month, and the range outside which its count is told."""

    middle: np.ndarray
    low: np.ndarray
    high: np.ndarray


def month_numbers(context: Context) -> np.ndarray:
    """Month of receipt (months since 1970) of every request that is not historical."""
    view = context.view
    received = view.dates("requests", "received_date")
    kept = ~np.isnat(received) & ~view.code("requests", "request_outcome", "H")
    return received[kept].astype("datetime64[M]").astype("int64")


def months_in_scope(context: Context, months: np.ndarray) -> np.ndarray:
    """Months whose requests the inputs hold whole: calendar years of the returns; the latest months of an extract.

    A return holds the requests of the calendar year before it, and of earlier years only what was still in hand.
    """
    last = int(context.view.day.astype("datetime64[M]").astype("int64"))
    scope: set[int] = set()
    for year in context.cases.years:
        scope.update(range((year - 1971) * 12, (year - 1970) * 12))
    if len(months) and (not context.cases.years or {"extract", "annex_a"} & set(context.cases.layouts)):
        # The first month may begin in its middle.
        scope.update(range(max(int(months.min()) + 1, last - LATEST_MONTHS + 1), last + 1))
    return np.array(sorted(month for month in scope if month <= last), dtype="int64")


def not_over(context: Context, months: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Months that the day of the extract cuts short; and months over, to which late entries may still come."""
    ends = (months + 1).astype("datetime64[M]").astype("datetime64[D]") - np.timedelta64(1, "D")
    part = context.view.day < ends
    return part, ~part & (context.view.day < ends + np.timedelta64(context.late_entry_days, "D"))


def expected(months: np.ndarray, counts: np.ndarray) -> Expected:
    """Expected counts: the median of the same month in other years; of all other months where there is none.

    The range is that of a Poisson count, widened by how much the months stray from what was expected of them.
    """
    others = [np.flatnonzero((months % 12 == month % 12) & (months != month)) for month in months]
    alone = np.array([len(other) == 0 for other in others])
    everything = np.arange(len(months))
    middle = np.array([np.median(counts[other if len(other) else everything != at]) for at, other in enumerate(others)])
    stray = _MAD * np.median(np.abs(counts - middle))
    widened = max(1.0, stray**2 / max(float(np.median(counts)), 1.0))
    compared = np.array([max(len(other), 1) for other in others])
    reach = DEVIATIONS * np.sqrt(widened * np.maximum(middle, 1) * (1 + 1 / compared))
    reach = np.maximum(reach, middle * SMALL_DIFFERENCE)
    low = np.where(alone & (months % 12 == AUGUST - 1), middle * AUGUST_LEAST, middle - reach)
    return Expected(middle, np.maximum(low, 0), middle + reach)


def strange_months(context: Context) -> Look:
    """Months with far more or fewer requests than expected, or suddenly none."""
    received = month_numbers(context)
    scope = months_in_scope(context, received)
    part, provisional = not_over(context, scope)
    scope = scope[~part & ~provisional]
    if len(scope) < FEWEST_MONTHS:
        return not_checked(f"{len(scope)} months are complete; at least {FEWEST_MONTHS} would allow it")
    counts = np.array([number(received == month) for month in scope])
    range_ = expected(scope, counts)
    strange = (counts < range_.low) | (counts > range_.high) | ((counts == 0) & (range_.middle >= SUDDEN_ZERO))
    words = [
        f"{month_label(scope[at])}: {counts[at]:,}, expected {range_.low[at]:,.0f} to {range_.high[at]:,.0f}"
        for at in np.flatnonzero(strange)
    ]
    return Look(count=number(strange), out_of=len(scope), detail="; ".join(words))


def unfinished_months(context: Context) -> Look:
    """Months with requests that are not over, or to which late entries may still come."""
    received = month_numbers(context)
    months = np.unique(received)
    part, provisional = not_over(context, months)
    words = [f"{month_label(month)} part month" for month in months[part]]
    words += [f"{month_label(month)} provisional" for month in months[provisional]]
    scope = np.union1d(months_in_scope(context, received), months[part | provisional])
    return Look(count=number(part | provisional), out_of=len(scope), detail="; ".join(words))


def month_label(month: int) -> str:
    """`2024-03` from months since 1970."""
    return str(np.int64(month).astype("datetime64[M]"))


def exceptions(context: Context) -> Look:
    """Share of plans issued with an exception: far above other authorities', or unlike the year before's."""
    view = context.view
    issued = view.dates("assessments", "assessment_outcome_date")
    base = view.code("assessments", "assessment_outcome", "Y") & ~np.isnat(issued) & ~_disputed(context)
    flagged = base & view.flag("assessments", "week20")
    years = issued.astype("datetime64[Y]").astype("int64") + 1970
    wanted = sorted(year - 1 for year in context.cases.years) or [int(str(view.day)[:4]) - 1, int(str(view.day)[:4])]
    words, count, looked, before = [], 0, 0, context.previous_exception_share
    for year in wanted:
        plans, with_exception = number(base & (years == year)), number(flagged & (years == year))
        looked += plans
        if plans < FEWEST_PLANS:
            continue
        share = 100 * with_exception / plans
        moved = before is not None and abs(share - before) > OUTLIER_POINTS
        if share > OUTLIER_PCT or moved:
            count += with_exception
            against = f", {before:.1f}% before" if moved else ""
            words.append(f"{year}: {share:.1f}% of {plans:,} plans{against} (England 2024: {NATIONAL_PCT:.1f}%)")
        before = share
    # A share that fell to nothing is told too, though no plan is flagged.
    return Look(count=max(count, len(words)), out_of=looked, detail="; ".join(words))


def _disputed(context: Context) -> np.ndarray:
    view = context.view
    requests = np.logical_or.reduce([view.flag("requests", name) for name in FLAGS["requests"]])
    own = np.logical_or.reduce([view.flag("assessments", name) for name in FLAGS["assessments"]])
    return own | view.up("assessments", "requests", requests)


RULES = (
    Rule(
        "DQ33",
        WARNING,
        "Share of exceptions is an outlier",
        "The share of plans issued with an exception to the 20 weeks is over 28% (about nineteen in twenty "
        "authorities are below), or over 18 points away from the year before's. At least 30 plans.",
        "Check that the exception is entered case by case. The headline rate leaves such plans out.",
        exceptions,
        needs=(
            (fields.ASSESSMENT, "assessment_outcome"),
            (fields.ASSESSMENT, "assessment_outcome_date"),
            (fields.ASSESSMENT, "week20"),
        ),
        stops=(TWENTY_WEEKS,),
        unit="plans",
    ),
    Rule(
        "DQ34",
        WARNING,
        "Month out of range",
        "A month has far more or fewer requests than the same month of other years (or the other months) suggest, or "
        "suddenly none.",
        "Check for requests entered late, twice or under a wrong date, and for a change of system.",
        strange_months,
        needs=(_RECEIVED, _OUTCOME),
        stops=(MONTHLY,),
        unit="months",
    ),
    Rule(
        "DQ35",
        INFO,
        "Month not complete",
        "A month was not over on the day of the extract, or late entries may still come.",
        "Nothing. Such months are marked, and left out of totals, changes and trends.",
        unfinished_months,
        needs=(_RECEIVED,),
        stops=(MONTHLY, BY_REQUEST_MONTH),
        unit="months",
    ),
)
