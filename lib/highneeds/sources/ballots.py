"""Votes and surveys in tables typed in from papers: which rows belong together, and what cannot be.

Owns the names of such tables and rows. What follows from a vote or a survey belongs to `models.governance`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

import pandas as pd

from highneeds.periods import AT_DATE

VOTES, SURVEY = "votes", "survey"  # a table of that name, or one that ends in it: schools_forum_votes.csv
CAST = ("approved", "rejected", "abstained")
ASKED, ANSWERS, PERCENT = "survey_schools_affected", "survey_responses", "survey_responses_pct"
TOTAL, JOIN = "Total", " - "


@dataclass(frozen=True)
class Ballot:
    """One decision put to a vote: its table and day, and the row of approved, rejected and abstained."""

    table: str
    decision: str
    period: str
    rows: Mapping[str, pd.Series]

    def count(self, vote: str) -> int:
        """Votes of one kind."""
        return int(self.rows[vote]["value"])


@dataclass(frozen=True)
class Survey:
    """One survey: rows of how many were asked (None: not said) and answered, and of each answer by question."""

    table: str
    period: str
    asked: pd.Series | None
    base: pd.Series
    answers: Mapping[tuple[str, str], pd.Series]
    printed: Mapping[tuple[str, str], pd.Series]  # percentages as printed


def tables_of(tables: Mapping[str, pd.DataFrame], kind: str) -> dict[str, pd.DataFrame]:
    """Printed tables that are votes, or surveys, by their names."""
    return {name: rows for name, rows in tables.items() if name == kind or name.endswith(f"_{kind}")}


def ballots(tables: Mapping[str, pd.DataFrame]) -> list[Ballot]:
    """Every decision put to a vote, in the order of the tables; those that `ballot_faults` names left out."""
    return [
        Ballot(table, decision, period, held)
        for table, rows in tables_of(tables, VOTES).items()
        for (decision, period), held in _cast(rows)
        if set(held) == set(CAST)
    ]


def _cast(rows: pd.DataFrame) -> Iterator[tuple[tuple[str, str], dict[str, pd.Series]]]:
    named = _named(rows[rows["measure"].eq(VOTES)])
    for key, group in named.groupby(["name", "period"], sort=False):
        yield key, {row["last"]: row for _, row in group.iterrows()}  # type: ignore[misc]


def _named(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows with the two halves of their breakdown: decision and vote, question and answer."""
    halves = rows["breakdown"].str.rpartition(JOIN)
    return rows.assign(name=halves[0], last=halves[2])


def surveys(tables: Mapping[str, pd.DataFrame]) -> list[Survey]:
    """Every survey with the number that answered it."""
    found = []
    for table, rows in tables_of(tables, SURVEY).items():
        for period, held in rows.groupby("period", sort=False):
            whole = held[held["breakdown"].eq(TOTAL)].set_index("measure", drop=False)
            if ANSWERS not in whole.index:
                continue
            parts = _named(held[held["breakdown"].ne(TOTAL)])
            asked = whole.loc[ASKED] if ASKED in whole.index else None
            counts, printed = (_by_answer(parts, name) for name in (ANSWERS, PERCENT))
            found.append(Survey(table, str(period), asked, whole.loc[ANSWERS], counts, printed))
    return found


def _by_answer(parts: pd.DataFrame, measure: str) -> dict[tuple[str, str], pd.Series]:
    rows = parts[parts["measure"].eq(measure)]
    return {(row["name"], row["last"]): row for _, row in rows.iterrows()}


# ---- Faults ----------------------------------------------------------------------------------------------------------


def ballot_faults(tables: Mapping[str, pd.DataFrame]) -> list[str]:
    """What no vote or survey can be: counts below nothing or in parts, kinds missing, more answers than schools."""
    faults = []
    for rows in tables_of(tables, VOTES).values():
        faults += _odd_rows(rows, (VOTES,)) + _twice(rows)
        faults += _unfinished(rows)
    for rows in tables_of(tables, SURVEY).values():
        faults += _odd_rows(rows, (ASKED, ANSWERS, PERCENT)) + _twice(rows)
        faults += _over_base(rows)
    return faults


def _at(row: pd.Series) -> str:
    return f"{row['file']}: row {row['row']}"


def _odd_rows(rows: pd.DataFrame, measures: tuple[str, ...]) -> list[str]:
    """Measures that do not belong here, and counts that are none."""
    unknown = rows[~rows["measure"].isin(measures)]
    counts = rows[rows["measure"].isin(measures) & rows["measure"].ne(PERCENT)]
    bad = counts[counts["value"].isna() | counts["value"].lt(0) | counts["value"].mod(1).ne(0)]
    share = rows[rows["measure"].eq(PERCENT) & (rows["value"].lt(0) | rows["value"].gt(100))]
    return [
        *(
            f"{_at(row)}, column measure: found '{row['measure'][:40]}'. Expected one of {', '.join(measures)}. "
            "Move other figures to a file of their own."
            for _, row in unknown.iterrows()
        ),
        *(
            f"{_at(row)}, column period: found '{row['period'][:20]}' ({row['period_basis'][:20]}). Expected a day as "
            f"2025-09-01, with '{AT_DATE}' as its basis. Correct it."
            for _, row in rows[~_dated(rows)].iterrows()
        ),
        *(
            f"{_at(row)}, column value: found {_shown(row['value'])}. Expected a whole number, 0 or more. Correct it."
            for _, row in bad.iterrows()
        ),
        *(
            f"{_at(row)}, column value: found {row['value']:g}. Expected a percentage from 0 to 100. Correct it."
            for _, row in share.iterrows()
        ),
    ]


def _dated(rows: pd.DataFrame) -> pd.Series:
    """Rows with a day that there is."""
    return rows["period_basis"].eq(AT_DATE) & rows["period"].map(_is_day)


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _shown(value: float) -> str:
    return "nothing" if pd.isna(value) else f"{value:g}"


def _twice(rows: pd.DataFrame) -> list[str]:
    key = ["measure", "breakdown", "period"]
    return [
        f"{_at(row)}, column breakdown: found '{row['breakdown'][:40]}' again. Expected it once a day. Take one out."
        for _, row in rows[rows.duplicated(key)].iterrows()
    ]


def _unfinished(rows: pd.DataFrame) -> list[str]:
    """A decision has three kinds of votes, each said: nobody against is 0, not a row left out."""
    faults = []
    for (decision, _), held in _cast(rows):
        first = next(iter(held.values()))
        wrong, lost = [name for name in held if name not in CAST], [name for name in CAST if name not in held]
        if wrong or lost:
            found = f"'{wrong[0][:20]}'" if wrong else f"no row for {', '.join(lost)}"
            faults.append(
                f"{_at(first)}, column breakdown: {decision[:40] or 'a vote'}: found {found}. Expected a decision and "
                f"one of {', '.join(CAST)}, joined by ' - ', with a row for each. Add or correct it."
            )
    return faults


def _over_base(rows: pd.DataFrame) -> list[str]:
    """Answers to one question are never more than those who answered, and these never more than those asked."""
    faults = []
    for name, held in [(rows["file"].iloc[0], each) for _, each in rows.groupby("period", sort=False)]:
        whole = held[held["breakdown"].eq(TOTAL)].groupby("measure")["value"].first()
        if ANSWERS not in whole:
            faults.append(
                f"{name}: row {held['row'].iloc[0]}: no {ANSWERS} of {TOTAL} found. Expected the base. Add it."
            )
            continue
        if whole.get(ASKED, whole[ANSWERS]) < whole[ANSWERS]:
            told = f"found {whole[ANSWERS]:g} who answered of {whole[ASKED]:g} asked"
            faults.append(f"{name}: row {held['row'].iloc[0]}: {told}. Expected no more. Correct one of them.")
        parts = _named(held[held["breakdown"].ne(TOTAL) & held["measure"].eq(ANSWERS)])
        for question, part in parts.groupby("name", sort=False):
            if part["value"].sum() > whole[ANSWERS]:
                faults.append(
                    f"{_at(part.iloc[0])}, column value: {question[:40]}: found {part['value'].sum():g} answers. "
                    f"Expected at most the {whole[ANSWERS]:g} who answered. Correct a count or the base."
                )
    return faults
