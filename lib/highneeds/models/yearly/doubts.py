"""Doubts: when a series must not be forecast, or only with a warning, each with its reason.

Rules, not a list of names: a stock whose last change is too large for the plans that were issued is a change of
reporting; a flow far from its usual share was set aside; too few children tell nothing.
"""

from dataclasses import dataclass

import numpy as np

from highneeds.measures.declarations import MEASURES as DECLARED
from highneeds.models.forecast import Record
from highneeds.models.yearly.choice import is_tiny
from highneeds.models.yearly.history import STOCK, History, Matrix
from highneeds.periods import label

LARGE_CHANGE = 0.25  # of a stock or a percentage in a year
EXITS = (-0.05, 0.25)  # share of plans that may leave in a year, net of moves; beyond it the count was changed
TOO_SELDOM = 60.0  # per cent of 80% ranges that held over the last two target years
FEW = 10  # children; fewer tell nothing of a trend


@dataclass(frozen=True)
class Judgement:
    """Last figure, what a reader must be warned of, and why there must be no forecast (empty: there may)."""

    latest: float
    warnings: tuple[str, ...] = ()
    refusal: str = ""


def judge(measure: str, code: str, matrix: Matrix, history: History | None) -> Judgement:
    """Whether an authority's series can be forecast from the last year of `matrix`.

    matrix: the measure by unit, doubtful cells NaN; history: of counts, None for percentages.
    """
    own = history.own[measure] if history else matrix
    if code not in own.codes:
        return Judgement(
            np.nan, refusal=f"{code}: no figure of this measure is held for it. Import one, then try again."
        )
    line = own.values[own.codes.index(code)]
    year, basis = matrix.years[-1], DECLARED[measure].period_basis
    when = label(str(year), basis)
    known = np.flatnonzero(~np.isnan(line))
    if not len(known):
        return Judgement(
            np.nan,
            refusal="The authority has no figure yet: it may have been formed after the last one. "
            "A forecast can start from its first figure.",
        )
    latest = float(line[-1])
    if np.isnan(latest) and measure not in (history.flows if history else {}):
        return Judgement(
            latest,
            refusal=f"There is no figure for {when}. A forecast needs the last one: import it, or ask "
            "for the forecast as at an earlier day.",
        )
    if measure == STOCK and history is not None and np.isnan(matrix.values[matrix.codes.index(history.unit[code]), -1]):
        return Judgement(
            latest,
            refusal=f"There is no figure for {when} of an authority that it shared a past with, and the two are "
            "forecast together: import it, or ask for the forecast as at an earlier day.",
        )
    usual = float(np.nanmedian(line[-5:])) if np.isfinite(line[-5:]).any() else float(line[known[-1]])
    if DECLARED[measure].unit != "%" and max(usual, np.nan_to_num(latest)) < FEW:
        return Judgement(
            latest,
            refusal=f"There are fewer than ten {DECLARED[measure].unit}: too few to tell a trend "
            "from one child. Give the count itself.",
        )
    if DECLARED[measure].unit == "%" or measure == STOCK:
        return _stock(measure, code, line, when, history)
    return _flow(measure, code, line, when, history)  # type: ignore[arg-type]


def _stock(measure: str, code: str, line: np.ndarray, when: str, history: History | None) -> Judgement:
    """A level break in the last year of a count refuses, unless the plans issued explain it; an earlier one warns."""
    latest, warnings = float(line[-1]), list(_merged(code, history))
    known = np.flatnonzero(~np.isnan(line))[-2:]
    years = int(np.diff(known)[0]) if len(known) == 2 else 1
    # Few plans now and few before: a large authority that falls to nothing is no small one.
    tiny = measure == STOCK and bool(is_tiny(line[known].max()))
    if tiny:
        warnings.append("There are so few plans that one child moves the figure: read the range, not the point.")
    if tiny or not _large(line[known], years):
        if not tiny and history is not None and any(_unexplained(code, history, back) for back in (2, 3)):
            warnings.append(
                "A change of more than a quarter within the last three years that new plans do not explain "
                "may be one of recording: check the figures."
            )
        return Judgement(latest, tuple(warnings))
    way = "above" if latest > line[known[0]] else "below"
    said = f"The figure for {when} is far {way} the one held before it"
    if history is not None and (years > 1 or _unexplained(code, history, 1)):
        return Judgement(
            latest,
            tuple(warnings),
            f"{said}. A change of more than a quarter in a year that new "
            "plans do not explain is more often a change of recording than of need. Check the last "
            "figures with the authority's return; a forecast can start again from two that agree.",
        )
    cause = "New plans explain so large a change" if history is not None else "So large a change is rare"
    return Judgement(latest, (*warnings, f"{said}. {cause}, but a pattern may have broken: check it."))


def _large(pair: np.ndarray, years: int = 1) -> bool:
    """True where the second of two figures is more than a quarter a year off the first."""
    if len(pair) < 2 or not pair[0] > 0:
        return False
    return not (1 - LARGE_CHANGE) ** years <= pair[1] / pair[0] <= (1 + LARGE_CHANGE) ** years


def _unexplained(code: str, history: History, back: int) -> bool:
    """True for a large change of plans `back` years ago that leaves a share of exits which cannot be."""
    plans, issued = history.own[STOCK], history.own.get("new_ehc_plans")
    at, year = plans.codes.index(code), plans.years[-1] - back
    before, now = plans.at(year)[at], plans.at(year + 1)[at]
    if not _large(np.array([before, now])):
        return False
    exits = (before + issued.at(year)[at] - now) / before if issued is not None else np.nan
    return not EXITS[0] <= exits <= EXITS[1]


def _flow(measure: str, code: str, line: np.ndarray, when: str, history: History) -> Judgement:
    latest, warnings = float(line[-1]), list(_merged(code, history))
    if np.isnan(latest):
        warnings.append(
            f"There is no figure for {when}: the forecast starts from the authority's usual share of England."
        )
    if any(
        doubt.code == history.unit[code] and doubt.measure == measure and label(str(doubt.year), "") == when
        for doubt in history.doubts
    ):
        warnings.append(
            f"The figure for {when} is far from the authority's usual share of England. It was set aside; the forecast "
            "starts from the usual share."
        )
    return Judgement(latest, tuple(warnings))


def _merged(code: str, history: History | None) -> list[str]:
    """Says that the figures of a boundary change are forecast together."""
    if history is None or sum(unit == history.unit[code] for unit in history.unit.values()) < 2:
        return []
    return [
        "Its boundary changed: it is forecast together with the authorities it shared a past with, and given its "
        "last share of the sum. The range leaves out how that share may move."
    ]


def too_short(measure: str) -> str:
    """Refusal where no model has enough years."""
    return (
        f"Too few years of '{measure}' are held to say how it moves, or they never move or move without bounds. "
        "Expected at least two years of twenty authorities, or four years without a gap of one. Import the "
        "releases, then try again."
    )


def narrow(record: Record) -> list[str]:
    """Says that ranges lately held too seldom, over all authorities, at any horizon of the record."""
    lately = {}
    for score in record.panel:
        if score.period:
            lately.setdefault(score.horizon, []).append(score.cover80)
    seldom = [horizon for horizon, held in lately.items() if len(held) > 1 and np.mean(held[-2:]) < TOO_SELDOM]
    if not seldom:
        return []
    return [
        "In the last two target years fewer than six in ten of such ranges held, where eight should have: read the "
        "range as too narrow."
    ]
