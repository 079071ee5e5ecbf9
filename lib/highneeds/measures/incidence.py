"""How many requests have led to a plan, or ended otherwise, by each week: cumulative incidence with competing events.

The estimator is Aalen and Johansen's. A refused request can no longer get its plan, so it is not treated as if it
merely were out of sight; an open one is, from the day of the data on.
"""

from collections.abc import Sequence
from datetime import date

import numpy as np
import pandas as pd

from highneeds.measures.journeys import COMPETING, HISTORICAL, ISSUED, OPEN, REFUSED, is_outcome
from highneeds.measures.local_rows import ALL_PERIODS, grid, period_state
from highneeds.periods import AS_LABELLED

EVENTS = (ISSUED, *COMPETING)
_WEEK = 7


def cumulative_incidence(
    journeys: pd.DataFrame, at: date, *, periods: Sequence[str] | None = None, weeks: int = 104, by: str = "month"
) -> pd.DataFrame:
    """Share of requests (0-100) that had ended in each way by the last day of each week since they came.

    Takes journeys cut at `at`. One row a cohort (period received, and `all` for those together), event and week 0 to
    `weeks`: period, period_basis, measure (EVENTS), week, numerator (seen so far), denominator (cohort), value,
    status, at_risk (open and in sight at the start of the week's last day), not_yet_known (open, and younger than
    this week), undated, left_out. Week 20 ends on day 140.
    Status `p`: some of the cohort is not yet this old, so the value is an estimate from those who are; the value is
    missing where nobody is. H is left out. periods: the cohorts wanted, all where None.
    Convention for ends without a date (withdrawals of the return): the earliest day they can have happened: of the
    decision to assess where that is dated, else the day received. They are counted in `undated`; in a cohort followed
    to its end this does not move the curve of plans issued. Left out and counted: issues without usable dates, ends
    before the request, assessments recorded as historical.
    """
    received = journeys["received_date"]
    cells = grid(journeys, by, dates=[received.where(~journeys["historical"])])
    if cells is None:
        return pd.DataFrame(columns=[*_KEYS, *_FIGURES])
    cohort = np.where(journeys["historical"], -1, cells.place(received))
    labels = cells.cells["period"].tolist()
    if periods is not None:
        wanted = np.isin(labels, list(periods))
        cohort = np.where(wanted[cohort] & (cohort >= 0), cohort, -1)
    times, kinds, undated = times_to_end(journeys, pd.Timestamp(at))
    members = (cohort >= 0) & ~np.isnan(times)
    counts = _events(cohort[members], times[members].astype("int64"), kinds[members], size=len(labels), weeks=weeks)
    notes = [np.bincount(cohort[mask], minlength=len(labels)) for mask in (members & undated, (cohort >= 0) & ~members)]
    longest = _longest(np.where(members, cohort, -1), received, at, size=len(labels))
    rows = _rows(counts, [_with_total(note) for note in notes], np.append(longest, longest.max()), weeks)
    return _labelled(rows, labels, cells.basis, at)


def aalen_johansen(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Cumulative incidence from counts by cohort, day and kind (0: out of sight that day, after its events).

    counts: whole numbers, shape (cohorts, days, 1 + events). Returns shares 0-1 of shape (cohorts, days, events),
    and the number at risk on each day.
    """
    each_day = counts.sum(axis=2)
    at_risk = each_day[:, ::-1].cumsum(axis=1)[:, ::-1]
    hazards = np.divide(
        counts[:, :, 1:], at_risk[:, :, None], out=np.zeros(counts[:, :, 1:].shape), where=at_risk[:, :, None] > 0
    )
    still_open = np.cumprod(1 - hazards.sum(axis=2), axis=1)
    before = np.concatenate([np.ones((len(counts), 1)), still_open[:, :-1]], axis=1)
    return np.cumsum(before[:, :, None] * hazards, axis=1), at_risk


_KEYS = ["period", "period_basis", "measure", "week"]
_FIGURES = ["numerator", "denominator", "value", "status", "at_risk", "not_yet_known", "undated", "left_out"]


def times_to_end(journeys: pd.DataFrame, day: pd.Timestamp) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Days to the end or to `day`, number of the event (0: open), and whether the end has no date."""
    ended, received = journeys["ended_by"], journeys["received_date"]
    numbers = {OPEN: 0, HISTORICAL: 0} | {event: number for number, event in enumerate(EVENTS, start=1)}
    kinds = np.array([numbers[name] for name in ended.cat.categories])[ended.cat.codes]
    seen = (journeys["ended_date"] - received).dt.days.to_numpy(dtype=float)
    undated = is_outcome(ended, *COMPETING) & journeys["ended_date"].isna().to_numpy()
    decided = journeys["days_to_decision"].where(~is_outcome(ended, REFUSED)).fillna(0).to_numpy()
    times = np.where(undated, decided, seen)
    times = np.where(is_outcome(ended, OPEN), (day - received).dt.days.to_numpy(dtype=float), times)
    times = np.where(is_outcome(ended, HISTORICAL) | (times < 0), np.nan, times)
    return times, kinds, undated


def _events(cohort: np.ndarray, times: np.ndarray, kinds: np.ndarray, *, size: int, weeks: int) -> np.ndarray:
    """Counts by cohort (the last is all together), day and kind; what comes after the last week is out of sight."""
    days, width = _WEEK * weeks + 2, 1 + len(EVENTS)
    kinds, times = np.where(times >= days - 1, 0, kinds), np.minimum(times, days - 1)
    counts = np.bincount((cohort * days + times) * width + kinds, minlength=size * days * width)
    counts = counts.reshape(size, days, width)
    return np.concatenate([counts, counts.sum(axis=0, keepdims=True)])


def _with_total(counts: np.ndarray) -> np.ndarray:
    return np.append(counts, counts.sum())


def _longest(cohort: np.ndarray, received: pd.Series, at: date, *, size: int) -> np.ndarray:
    """Days since the first request of each cohort: beyond them nobody has been seen."""
    days = (pd.Timestamp(at) - received).dt.days.to_numpy(dtype=float)
    longest = np.full(size, -1.0)
    np.maximum.at(longest, cohort[cohort >= 0], days[cohort >= 0])
    return longest


def _rows(counts: np.ndarray, notes: list[np.ndarray], longest: np.ndarray, weeks: int) -> pd.DataFrame:
    shares, at_risk = aalen_johansen(counts)
    ends = _WEEK * np.arange(weeks + 1)
    seen, hidden = counts[:, :, 1:].cumsum(axis=1)[:, ends], counts[:, :, 0].cumsum(axis=1)
    younger = np.hstack([np.zeros((len(counts), 1), dtype="int64"), hidden])[:, ends]  # out of sight on a day before
    shape = (len(counts), len(EVENTS), weeks + 1)
    known = ((ends[None, :] <= longest[:, None]) | (younger == 0))[:, None, :]
    values = np.where(known, 100 * shares[:, ends].transpose(0, 2, 1), np.nan)
    spread = {
        "cohort": np.arange(shape[0])[:, None, None],
        "event": np.arange(shape[1])[None, :, None],
        "week": np.arange(shape[2])[None, None, :],
        "numerator": seen.transpose(0, 2, 1),
        "denominator": counts.sum(axis=(1, 2))[:, None, None],
        "value": values,
        "at_risk": at_risk[:, ends][:, None, :],
        "not_yet_known": younger[:, None, :],
        "undated": notes[0][:, None, None],
        "left_out": notes[1][:, None, None],
    }
    return pd.DataFrame({name: np.broadcast_to(array, shape).ravel() for name, array in spread.items()})


def _labelled(rows: pd.DataFrame, labels: list[str], basis: str, at: date) -> pd.DataFrame:
    rows = rows[rows["denominator"].gt(0) | rows["left_out"].gt(0)].reset_index(drop=True)
    names, bases = np.array([*labels, ALL_PERIODS]), np.array([*[basis] * len(labels), AS_LABELLED])
    part = np.array([*[period_state(label, basis, at=at) != "" for label in labels], False])
    unsure = rows["not_yet_known"].gt(0).to_numpy() | rows["value"].isna().to_numpy() | part[rows["cohort"]]
    rows = rows.assign(
        period=names[rows["cohort"]],
        period_basis=bases[rows["cohort"]],
        measure=np.array(EVENTS)[rows["event"]],
        status=np.where(unsure, "p", ""),
    )
    return rows[[*_KEYS, *_FIGURES]]
