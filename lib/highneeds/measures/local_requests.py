"""Requests for an assessment, what was decided, how soon, and refusals counted both ways, from local case data.

A request counts in the period in which it was received, a decision in the period in which it is dated, whenever
its request came: DfE's own base for the six weeks, as far as its published numbers show.
"""

from collections.abc import Sequence
from datetime import date

import numpy as np
import pandas as pd

from highneeds.measures.journeys import REFUSED, is_outcome
from highneeds.measures.local_rows import Grid, grid, no_rows, table

DAY = pd.Timedelta(days=1)


def requests_by(
    journeys: pd.DataFrame,
    *,
    by: str | Sequence[str] = "month",
    at: date | None = None,
    late_days: int = 0,
    count_historical: bool = False,
) -> pd.DataFrame:
    """Requests, decisions, refusals and the six weeks, by month or year and by area or source.

    By the day received: requests_received, persons_with_request (children counted once a cell, so cells do not sum
    to a wider one), agreed_of_received, refused_of_received (DfE's way: of all received), refused_of_decided (of
    Y and N alone), refusals_undone (refusals that did not stand, of refusals), awaiting_decision (outcome A or blank),
    withdrawn_before_decision, decisions_without_date.
    By the day decided: decisions, decided_within_6_weeks (of decisions dated in the period; one without usable dates
    stays below the line), decided_on_limit_day, decided_day_after_limit, decided_without_usable_dates.
    Requests recorded as historical (H) are left out unless count_historical; they have no dated decision.
    at, late_days: a period that is not over at `at`, or was over less than late_days before, has status `p`.
    Empty where a split's column is not held. Columns: see `local_rows`.
    """
    counted = ~journeys["historical"].to_numpy() | count_historical
    decided = _decided(journeys)
    cells = grid(journeys, by, dates=[journeys["received_date"].where(counted), decided], at=at)
    if cells is None:
        return no_rows(by)
    parts = _by_day_received(journeys, cells, counted) + _by_day_decided(journeys, cells, decided)
    return table(parts, at=at, late_days=late_days)


def distinct(places: np.ndarray, persons: pd.Series, *, where: np.ndarray, size: int) -> np.ndarray:
    """Number of different persons in each cell."""
    kept = (places >= 0) & where & persons.notna().to_numpy()
    people, seen = pd.factorize(persons[kept])
    pairs = pd.unique(places[kept] * max(len(seen), 1) + people)
    return np.bincount(pairs // max(len(seen), 1), minlength=size)


def _decided(journeys: pd.DataFrame) -> pd.Series:
    return journeys["request_outcome_date"].where(is_outcome(journeys["request_outcome"], "Y", "N"))


def _by_day_received(journeys: pd.DataFrame, cells: Grid, counted: np.ndarray) -> list[pd.DataFrame]:
    outcome, places = journeys["request_outcome"], cells.place(journeys["received_date"])
    yes, no = counted & is_outcome(outcome, "Y"), counted & is_outcome(outcome, "N")
    undated = journeys["request_outcome_date"].isna().to_numpy()
    waiting = counted & (is_outcome(outcome, "A") | outcome.isna().to_numpy())
    people = distinct(places, journeys["person_id"], where=counted, size=len(cells.cells))
    return [
        cells.count("requests_received", places, counted),
        cells.rows("persons_with_request", people),
        cells.share("agreed_of_received", places, yes, counted),
        cells.share("refused_of_received", places, no, counted),
        cells.share("refused_of_decided", places, no, yes | no),
        cells.share("refusals_undone", places, ~is_outcome(journeys["ended_by"], REFUSED), no),
        cells.count("awaiting_decision", places, waiting),
        cells.count("withdrawn_before_decision", places, counted & is_outcome(outcome, "W")),
        cells.count("decisions_without_date", places, (yes | no) & undated),
    ]


def _by_day_decided(journeys: pd.DataFrame, cells: Grid, day: pd.Series) -> list[pd.DataFrame]:
    due, places = journeys["decide_due"], cells.place(day)
    usable = journeys["days_to_decision"].notna().to_numpy()
    every = np.ones(len(journeys), dtype=bool)
    return [
        cells.count("decisions", places),
        cells.share("decided_within_6_weeks", places, usable & day.le(due).to_numpy(), every),
        cells.count("decided_on_limit_day", places, day.eq(due).to_numpy()),
        cells.count("decided_day_after_limit", places, day.eq(due + DAY).to_numpy()),
        cells.count("decided_without_usable_dates", places, ~usable),
    ]
