"""What an authority's meetings leave behind: recommendations, actions, risks and meetings, one small file each.

Owns their columns, and the rules that only they have. The reading itself is that of `strict_tables`; votes and surveys
are tables typed in from papers, checked by `ballots`.
"""

import difflib
import hashlib
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from highneeds.sources.ballots import CAST, Ballot, ballots
from highneeds.sources.strict_tables import Layout, read_table

LAYOUTS = {
    "recommendations": Layout(
        tuple("id held meeting recommendation kind may_vote members_present vote outcome source".split()),
        ("id",),
        blank=("may_vote", "members_present", "vote", "outcome"),
    ),
    "actions": Layout(
        tuple("id agreed_on meeting action lead_role due_by state state_on source".split()),
        ("id",),
        blank=("lead_role", "due_by"),
    ),
    "risks": Layout(
        tuple(
            "id recorded_on risk cause effect likelihood impact mitigation owner_role direction source".split()
        ),
        ("id",),
        blank=("cause", "effect", "likelihood", "impact", "mitigation", "owner_role", "direction"),
    ),
    "meetings": Layout(
        tuple("held last_held meeting meetings matter source".split()),
        ("held", "meeting", "matter"),
        blank=("last_held", "meetings"),
    ),
}  # fmt: skip
FILES = tuple(f"{name}.csv" for name in LAYOUTS)


def read_registers(
    folder: Path, printed: Mapping[str, pd.DataFrame]
) -> tuple[dict[str, pd.DataFrame], dict[str, str], list[str]]:
    """Registers of an authority's folder by name, checksums by file name, and all faults; empty where there are none.

    printed: tables typed in from its papers, whose votes the recommendations name.
    """
    tables, files, faults = {}, {}, []
    for name, layout in LAYOUTS.items():
        path = folder / f"{name}.csv"
        if not path.is_file():
            continue
        table, found = read_table(path, layout, f"{folder.name}/{path.name}")
        faults += found
        if not found:
            tables[name] = table
            files[path.name] = hashlib.sha256(path.read_bytes()).hexdigest()
    if "recommendations" in tables:
        faults += _vote_faults(tables["recommendations"], ballots(printed))
    if "actions" in tables:
        faults += _day_faults(tables["actions"])
    if "meetings" in tables:
        faults += _span_faults(tables["meetings"])
    return tables, files, faults


def _vote_faults(rows: pd.DataFrame, held: list[Ballot]) -> list[str]:
    """A vote that is named is there, says the outcome itself, and has no more votes than members."""
    decisions, faults = {each.decision: each for each in held}, []
    for _, row in rows[rows["vote"].notna()].iterrows():
        where, ballot = f"{row['file']}: row {row['row']}, column", decisions.get(row["vote"])
        if ballot is None:
            near = difflib.get_close_matches(row["vote"], decisions, n=1)
            hint = f" Did you mean '{near[0]}'?" if near else ""
            faults.append(
                f"{where} vote: found '{row['vote'][:40]}'. Expected a decision of a table of votes, or nothing. "
                f"Correct it, or add the vote.{hint}"
            )
            continue
        if not pd.isna(row["outcome"]):
            faults.append(f"{where} outcome: found '{row['outcome']}'. Expected nothing beside a vote. Empty the cell.")
        cast = sum(ballot.count(vote) for vote in CAST)
        if cast > row["members_present"]:
            faults.append(
                f"{where} members_present: found {row['members_present']:g}, but {cast} votes. Expected at least "
                "as many members as votes. Correct one of them."
            )
    return faults


def _day_faults(rows: pd.DataFrame) -> list[str]:
    """Nothing is due, or known, before it was agreed."""
    return [
        f"{row['file']}: row {row['row']}, column {name}: found {row[name].date()}, before agreed_on with "
        f"{row['agreed_on'].date()}. Expected the same day or a later one. Correct one of them."
        for _, row in rows.iterrows()
        for name in ("due_by", "state_on")
        if row[name] < row["agreed_on"]
    ]


def _span_faults(rows: pd.DataFrame) -> list[str]:
    """A row of several meetings ends after it begins."""
    return [
        f"{row['file']}: row {row['row']}, column last_held: found {row['last_held']}, before held with {row['held']}. "
        "Expected a later one, or nothing. Correct one of them."
        for _, row in rows[rows["last_held"].notna()].iterrows()
        if row["last_held"] < row["held"]
    ]
