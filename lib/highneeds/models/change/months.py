"""Did a monthly count change? Before and after a month, beside the same months of authorities it is compared with.

Owns the difference-in-differences on log ratios with its placebo (each comparison authority treated in turn) and which
months are compared. The yardstick is how far the comparison authorities differ from each other. Months are never taken
as independent of each other, so neither Poisson nor corrected (HAC) standard errors stand here: in series of two to
four years both find changes where there are none. `result` holds the result and its power.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from highneeds.errors import ParamsError, SchemaError
from highneeds.models.change.result import LEVEL, MIN_COUNT, MIN_OTHERS, Change, Compared, compare, half_width
from highneeds.periods import CALENDAR_MONTH

CONTROLS = "the authorities compared with"
MIN_MONTHS = 6
YEAR = 12
RANKED = round(1 / LEVEL) - 1  # controls from which a rank can reach 5%


def placebo_did(
    treated: pd.Series, controls: pd.DataFrame | None, *, change_at: str, measure: str = "", area_code: str = ""
) -> Change:
    """Change of monthly counts from change_at on, beside the same months of control authorities.

    treated: counts by month (`2024-03`), without months that may be incomplete; controls: months x authorities.
    change_at comes from what is known of the authority (a decision, a new form), never from a search of the series for
    its largest step. Compared: the year before with the whole years since; where a year is not full, the calendar
    months that both sides have. So the season cancels; more years before predict published requests no better. Counts
    are summed over the months, so that a month with none is no hindrance. p: with 19 controls or more the rank of the
    change among those of the controls, each treated in turn; with fewer a rank cannot reach 5%, so t with the
    controls' spread (`compare`).
    Refuses, with the reason and what would help: no controls or fewer than 8, fewer than 6 such months, months
    missing, fewer than 10 cases on a side.
    Raises SchemaError for months or authorities that are malformed or doubled and for cells that are no counts,
    ParamsError for change_at.
    """
    series = _by_month(treated.to_frame(), "treated").iloc[:, 0].dropna()
    others = _by_month(pd.DataFrame() if controls is None else controls, "controls")
    if not others.columns.is_unique or (area_code and area_code in others.columns):
        raise SchemaError(
            "controls: an authority stands twice, or is the treated one. Expected a column for each other."
        )
    like = {"measure": measure, "area_code": area_code, "period_basis": CALENDAR_MONTH, "others": CONTROLS}
    spans = _spans(series.index, _number(change_at))
    like |= {"first": _span_in_words(spans.before), "last": _span_in_words(spans.after)}
    refusal = _refusal(series, others, spans)
    if refusal:
        return Change(**like, refusal=refusal)
    kept, out = _usable(others, spans)
    if len(kept) < MIN_OTHERS:
        return Change(**like, refusal=_too_few(len(kept), out))
    return _tested(series, others[kept], spans, like=like, warnings=_warnings(spans, out))


@dataclass(frozen=True)
class _Spans:
    """Months compared, as numbers (12 x year + month - 1); unused: months since the change that are not."""

    before: tuple[int, ...]
    after: tuple[int, ...]
    unused: tuple[int, ...]


def _spans(months: Sequence[int], at: int) -> _Spans:
    """The year before a month and the whole years since; where a year is not full, the months that both sides have."""
    if not len(months):
        return _Spans((), (), ())
    first, last = min(months), max(months)
    since = range(at, last + 1)
    after = tuple(month for month in since[:YEAR] if month - YEAR >= first)
    before = tuple(month - YEAR for month in after)
    if len(after) == YEAR:
        after = tuple(since[: len(since) // YEAR * YEAR])
    return _Spans(before, after, tuple(month for month in since if month not in after))


def _refusal(series: pd.Series, others: pd.DataFrame, spans: _Spans) -> str:
    """Why the months cannot be compared, and what would help; empty where they can."""
    if others.shape[1] == 0:
        return (
            "There is nothing to compare with. A before-and-after comparison of one series by itself finds changes far "
            "too often where there are none: what moves all authorities, and the drift of every series, look like an "
            f"effect. Monthly counts of {MIN_OTHERS} or more other authorities over the same months would help; until "
            "then use the yearly test against statistical neighbours."
        )
    if len(spans.before) < MIN_MONTHS:
        return (
            f"{len(spans.before)} months since the change have the same month a year earlier; {MIN_MONTHS} are needed, "
            "so that the season cancels. Wait for more months, or add earlier ones."
        )
    missing = [month for month in (*spans.before, *spans.after) if month not in series.index]
    if missing:
        return f"No count is held for {', '.join(map(_month, missing))}. Add them, or compare months without them."
    for side, months in (("before", spans.before), ("after", spans.after)):
        if series[list(months)].sum() < MIN_COUNT:
            return (
                f"Fewer than {MIN_COUNT} cases were counted {side} the change: one more or less would look like a "
                "change. Take larger areas together."
            )
    return ""


def _usable(others: pd.DataFrame, spans: _Spans) -> tuple[list, list]:
    """Controls with every month and enough cases on both sides, and those without."""
    sides = [others.reindex(list(months)) for months in (spans.before, spans.after)]
    fit = np.logical_and.reduce([side.notna().all() & (side.sum() >= MIN_COUNT) for side in sides])
    return list(others.columns[fit]), list(others.columns[~fit])


def _too_few(kept: int, out: list) -> str:
    lacking = f" ({len(out)} more lack months or have under {MIN_COUNT} cases on a side)" if out else ""
    return (
        f"{kept} authorities can be compared with{lacking}; {MIN_OTHERS} are needed to say how far authorities differ "
        "when nothing has happened. Add monthly counts of others over the same months."
    )


def _tested(series: pd.Series, others: pd.DataFrame, spans: _Spans, *, like: dict, warnings: tuple) -> Change:
    before, after = (series[list(months)].to_numpy(float) for months in (spans.before, spans.after))
    growth, noise = _growth(before[:, None], after[:, None])
    sides = (others.loc[list(months)].to_numpy(float) for months in (spans.before, spans.after))
    theirs, theirs_noise = _growth(*sides)
    found = compare(growth, theirs[None, :], own_noise=noise, others_noise=theirs_noise[None, :])
    if np.isnan(found.t[0]):
        return Change(
            **like, refusal="The authorities compared with all changed alike, as counts never do. Check them."
        )
    return Change(
        **like,
        **_decided(found, theirs),
        before=float(before.mean()),
        after=float(after.mean()),
        others_log_growth=float(found.mean[0]),
        standard_error=float(found.standard_error[0]),
        k=len(theirs),
        authorities=len(theirs),
        grew_less=int((theirs < growth[0]).sum()),
        warnings=warnings,
    )


def _decided(found: Compared, theirs: np.ndarray) -> dict:
    """p, placebo_p, half_width and method: by rank where a rank can reach the level, else by t."""
    k, error = len(theirs), float(found.standard_error[0])
    placebo = _placebo(theirs, error)
    rank = (1 + int((placebo >= abs(found.difference[0])).sum())) / (1 + k)
    if k >= RANKED:
        method = f"rank among {k} authorities, each treated in turn"
        return {"p": rank, "placebo_p": rank, "half_width": _ranked_half_width(placebo), "method": method}
    method = f"t test on the spread of {k} authorities: a rank among so few cannot reach {LEVEL:.0%}, {RANKED} can"
    return {"p": float(found.p[0]), "placebo_p": rank, "half_width": half_width(error, k), "method": method}


def _growth(before: np.ndarray, after: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Log ratio of the mean months of each column, and its counting noise (1/before + 1/after, of the sums)."""
    return np.log(after.mean(axis=0) / before.mean(axis=0)), 1 / before.sum(axis=0) + 1 / after.sum(axis=0)


def _placebo(theirs: np.ndarray, error: float) -> np.ndarray:
    """Size of each control's difference from the others', widened where the treated one's counts are smaller."""
    k = len(theirs)
    apart = np.abs(theirs - (theirs.sum() - theirs) / (k - 1))
    return apart * error / (theirs.std(ddof=1) * np.sqrt(1 + 1 / k))


def _ranked_half_width(placebo: np.ndarray) -> float:
    """Size that a difference must exceed for its rank to reach the level."""
    allowed = int(LEVEL * (len(placebo) + 1) + 1e-9) - 1
    return float(np.sort(placebo)[::-1][allowed])


def _warnings(spans: _Spans, out: list) -> tuple[str, ...]:
    found = []
    if spans.unused:
        found.append(
            f"{_span_in_words(spans.unused)} not used: the season cancels only over months that both sides have."
        )
    if out:
        names = ", ".join(map(str, out))
        found.append(
            f"Left out of the comparison for want of months, or with under {MIN_COUNT} cases on a side: {names}."
        )
    return tuple(found)


def _by_month(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """Frame on month numbers. Raises SchemaError for malformed or doubled months and for negative counts."""
    months = [_number(month, name) for month in frame.index]
    doubled = sorted({month for month in months if months.count(month) > 1})
    if doubled:
        raise SchemaError(f"{name}: {', '.join(map(_month, doubled))} stand twice. Expected one row a month.")
    try:
        counts = frame.astype(float).set_axis(months, axis=0)
    except (TypeError, ValueError) as fault:
        raise SchemaError(f"{name}: a cell is not a number. Expected counts, and missing cells left empty.") from fault
    if (counts < 0).any(axis=None):
        raise SchemaError(f"{name}: a count is negative. Expected counts of 0 or more; correct the table.")
    return counts


def _number(month: str, name: str = "") -> int:
    year, dash, rest = str(month).partition("-")
    if not (dash and len(year) == 4 and len(rest) == 2 and (year + rest).isdigit() and 1 <= int(rest) <= YEAR):
        if name:
            raise SchemaError(f"{name}: '{month}' is not a month. Expected months such as 2024-03.")
        raise ParamsError(f"change_at '{month}': not a month. Expected a month such as 2024-03.")
    return YEAR * int(year) + int(rest) - 1


def _month(number: int) -> str:
    return f"{number // YEAR}-{number % YEAR + 1:02d}"


def _span_in_words(months: Sequence[int]) -> str:
    """`2023-01 to 2023-12`; months that do not follow each other in runs, with commas."""
    starts = [month for month in months if month - 1 not in months]
    ends = [month for month in months if month + 1 not in months]
    return ", ".join(f"{_month(start)} to {_month(end)}" for start, end in zip(starts, ends, strict=True))
