"""Nowcast: the share within 20 weeks that requests would meet if the last weeks' pace continued.

The published percentage speaks of plans issued, so it falls while old cases are cleared and rises while they are left;
the share of a group of requests is known only when the youngest is 20 weeks old. Between the two stands the period
estimate: the chance of a plan at each age, as seen in the last weeks (`period_incidence`), put together to one curve.

Two shares, not to be mixed. REQUESTS: of all requests, those with a plan within 20 weeks; refused, withdrawn and moved
ones count, and have none. PLANS: of requests that go on to a plan, those that have it within 20 weeks; comparable with
DfE's rate, exceptions and cases with mediation or tribunal included.
Owns the choice of the window, the range and the refusal. Queues to come belong to `clearance`.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from math import exp, isnan, log, nan, sqrt
from statistics import NormalDist

import pandas as pd

from highneeds.errors import ParamsError
from highneeds.limits import ISSUE_PLAN, limit
from highneeds.measures.journeys import ISSUED, is_outcome
from highneeds.measures.local_timeliness import check_cut
from highneeds.models.queue.period_incidence import (
    OTHER_END,
    PLAN,
    Exposure,
    PeriodCurve,
    exposure,
    gradient,
    period_curve,
    variance,
)

PLANS, REQUESTS = "plans", "requests"
WEEKS, LONGEST_WINDOW = 6, 26
MINIMUM_PLANS = 100
MINIMUM_AT_RISK = 10  # fewer, and one case moves the curve by more than a tenth of what is left of it
NEGLIGIBLE = 0.05  # share still open below which thin ages no longer matter
HORIZON_DAYS = 104 * 7

METHODS = {
    PLANS: "period Aalen-Johansen: share of requests with a plan within 20 weeks, over the share that does not end "
    "without a plan within two years",
    REQUESTS: "period Aalen-Johansen: share of requests with a plan within 20 weeks; other ends compete",
}
PACE = (
    "The range holds the play of chance in this window alone, not a change of pace. In simulated authorities that fell "
    "behind and recovered, such an estimate was 5 to 15 points wrong on average for requests made on the day."
)


@dataclass(frozen=True)
class Nowcast:
    """Share within 20 weeks (0-100) if the last weeks' pace continued; or a refusal, and then no value.

    of: PLANS or REQUESTS; lower80 to upper95: ranges that hold in 8 and 19 of 20 cases; window: first and last day;
    weeks: its length; events: plans issued in it; at_risk: requests open on some day of it; before: the same share in
    the window of the same length just before (missing where not known); method: what is estimated; reason: why this
    window; warnings: sentences a reader must see; refusal: why there is no value, and what would help.
    """

    of: str
    value: float
    lower80: float
    upper80: float
    lower95: float
    upper95: float
    window: tuple[date, date]
    weeks: int
    events: int
    at_risk: int
    method: str
    reason: str
    before: float = nan
    warnings: tuple[str, ...] = ()
    refusal: str = ""

    @property
    def known(self) -> bool:
        """True where there is a value."""
        return not self.refusal


def nowcast(journeys: pd.DataFrame, at: date, *, of: str = PLANS, weeks: int = WEEKS) -> Nowcast:
    """Share within 20 weeks if the pace of the last weeks up to `at` continued.

    Takes journeys cut at `at`. The window is widened week by week, to LONGEST_WINDOW, until MINIMUM_PLANS were issued
    in it and MINIMUM_AT_RISK requests were open at every age up to 20 weeks; the reason says so.
    PLANS is I(20 weeks) / (1 - J), I being the incidence of plans and J that of all other ends within 104 weeks (or to
    the last age that enough requests have reached): a request then still open counts as one that goes on to a plan,
    late. Kaplan-Meier with refusals leaving the risk set gives the same where all refusals come before the first plan,
    and too low a share where requests end without a plan after that, as with decisions not to issue.
    Range: delta method on the daily chances (Greenwood; Dinse and Larson), log(-log) scale; at 0 and 100 the exact
    binomial end. Raises ParamsError where `of` or `weeks` make no sense or journeys hold events after `at`.
    """
    _check(of, weeks)
    check_cut(journeys, at)
    limit_days = limit(ISSUE_PLAN, at).days
    found, curve, used = _narrowest(journeys, at, weeks, limit_days)
    first = at - timedelta(days=7 * used - 1)
    common = {"of": of, "window": (first, at), "weeks": used, "events": found.plans, "at_risk": len(found.time)}
    refusal = _refusal(found.plans, curve, limit_days)
    if refusal:
        return Nowcast(**dict.fromkeys(_ENDS, nan), **common, method=METHODS[of], reason="", refusal=refusal)
    share, error = _share(curve, of, limit_days)
    ends = _range(share, error, curve, limit_days)
    before = _before(journeys, of, used, first, limit_days)
    warnings = (PACE, *_moved(100 * before, ends, used), *_undated(found.undated, found.left_out))
    figures = dict(zip(_ENDS, (100 * share, *ends), strict=True))
    reason = _reason(weeks, used, found.plans)
    return Nowcast(**figures, **common, method=METHODS[of], reason=reason, before=100 * before, warnings=warnings)


_ENDS = ("value", "lower80", "upper80", "lower95", "upper95")
_TINY = 1e-9  # what rounding leaves of nought


def _check(of: str, weeks: int) -> None:
    if of not in METHODS:
        raise ParamsError(f"nowcast: of={of!r}. Expected {' or '.join(map(repr, METHODS))}.")
    if not 1 <= weeks <= LONGEST_WINDOW:
        raise ParamsError(f"nowcast: weeks={weeks}. Expected 1 to {LONGEST_WINDOW}; 6 to 10 do best.")


def _seen(journeys: pd.DataFrame, last: date, weeks: int, limit_days: int) -> Exposure:
    return exposure(journeys, first=last - timedelta(days=7 * weeks - 1), last=last, reach=limit_days)


def _narrowest(journeys: pd.DataFrame, at: date, weeks: int, limit_days: int) -> tuple[Exposure, PeriodCurve, int]:
    """Exposure, curve and length of the shortest window that will do, or of the longest one tried."""
    ended = journeys["ended_date"].where(is_outcome(journeys["ended_by"], ISSUED))
    ago = (pd.Timestamp(at) - ended).dt.days.to_numpy(dtype=float)
    for used in range(weeks, LONGEST_WINDOW + 1):
        if used < LONGEST_WINDOW and (ago < 7 * used).sum() < MINIMUM_PLANS:
            continue  # cannot hold enough plans: not worth a curve
        found = _seen(journeys, at, used, limit_days)
        curve = period_curve(found, days=HORIZON_DAYS)
        if not _refusal(found.plans, curve, limit_days):
            break
    return found, curve, used


def _known_to(curve: PeriodCurve) -> int:
    return curve.known_to(minimum=MINIMUM_AT_RISK, negligible=NEGLIGIBLE)


def _refusal(plans: int, curve: PeriodCurve, limit_days: int) -> str:
    if plans < MINIMUM_PLANS:
        return (
            f"{plans} plans were issued in the last {LONGEST_WINDOW} weeks; about {MINIMUM_PLANS} are needed. "
            "Use the newest group of requests that is 20 weeks old, or more areas together."
        )
    known = _known_to(curve)
    if known < limit_days:
        return (
            f"Fewer than {MINIMUM_AT_RISK} requests were open at the age of {known + 1} days in the last "
            f"{LONGEST_WINDOW} weeks, so the curve stops before 20 weeks. Use data that also hold the requests "
            "received in the year before."
        )
    return ""


def _share(curve: PeriodCurve, of: str, limit_days: int) -> tuple[float, float]:
    """Share (0-1) and its standard error."""
    on_time, slope = curve.shares[limit_days, PLAN - 1], gradient(curve, PLAN, limit_days)
    if of == REQUESTS:
        return float(on_time), sqrt(variance(curve, slope))
    known = _known_to(curve)
    going_on = 1 - curve.shares[known, OTHER_END - 1]
    slope = slope / going_on + gradient(curve, OTHER_END, known) * on_time / going_on**2
    return float(min(on_time / going_on, 1)), sqrt(variance(curve, slope))


def _range(share: float, error: float, curve: PeriodCurve, limit_days: int) -> tuple[float, ...]:
    """Ends of the 80% and 95% ranges, 0-100, on the log(-log) scale."""
    ends = []
    for tail in (0.10, 0.025):
        if share <= _TINY:
            ends += [0.0, 1 - tail ** (1 / max(curve.at_risk[: limit_days + 1].min(), 1))]
        elif share >= 1 - _TINY:
            ends += [tail ** (1 / max(curve.ends[: limit_days + 1, PLAN - 1].sum(), 1)), 1.0]
        else:
            width = min(NormalDist().inv_cdf(1 - tail) * error / abs(share * log(share)), 50)  # beyond, 0 and 1
            ends += [share ** exp(width), share ** exp(-width)]
    return tuple(100 * float(end) for end in ends)


def _before(journeys: pd.DataFrame, of: str, weeks: int, first: date, limit_days: int) -> float:
    """Share (0-1) in the window just before; missing where that one would be refused."""
    found = _seen(journeys, first - timedelta(days=1), weeks, limit_days)
    curve = period_curve(found, days=HORIZON_DAYS)
    return nan if _refusal(found.plans, curve, limit_days) else _share(curve, of, limit_days)[0]


def _reason(asked: int, used: int, plans: int) -> str:
    if used == asked:
        return f"{plans} plans were issued in the last {used} weeks; about {MINIMUM_PLANS} are needed."
    return (
        f"The window was widened from {asked} to {used} weeks: a shorter one holds fewer than about {MINIMUM_PLANS} "
        f"plans, or fewer than {MINIMUM_AT_RISK} requests at some age. It holds {plans} plans."
    )


def _moved(before: float, ends: tuple[float, ...], weeks: int) -> tuple[str, ...]:
    if isnan(before) or ends[2] <= before <= ends[3]:
        return ()
    direction = "faster" if before < ends[2] else "slower"
    return (
        f"The pace is changing: the {weeks} weeks before gave {before:.0f}%, so work has become {direction}, and what "
        "requests of today will meet depends on whether that goes on.",
    )


def _undated(undated: int, left_out: int) -> tuple[str, ...]:
    notes = []
    if undated:
        notes.append(f"{undated} requests ended on a day not recorded; they count on the earliest possible day.")
    if left_out:
        notes.append(f"{left_out} requests without usable dates are left out.")
    return tuple(notes)
