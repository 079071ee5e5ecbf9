"""The entries of a plan register as at a day: which are late, which have no date, which come next.

An entry is late only when the last day that its deadline can mean is over and the register does not say that it is
done or stopped. Words of one workstream follow the order of the file.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from highneeds.measures.targets import Target, read_target
from highneeds.models.programme.benefits import Amount, read_amount
from highneeds.models.programme.deadlines import Deadline, placeholders, read_deadline

CLOSED = ("done", "stopped")
NOT_SAID = "no status given"
STATUSES = ("done", "under way", "not started", "stopped", NOT_SAID)
LATE, DATED, UNDATED, OPEN = "late", "date to come", "no date", "no end"


@dataclass(frozen=True)
class Entry:
    """One row of a register, read. name: what it is, in the row's own words; row, file: where it stands."""

    id: str
    programme: str
    workstream: str
    name: str
    criterion: str
    measure: str
    target: Target | None
    begins: Deadline
    due: Deadline
    lead: str
    status: str
    planned: Amount
    delivered: Amount
    evidence: str
    source: str
    printed: date | None  # first day that its paper can be of
    blanks: tuple[str, ...]  # placeholders in its words
    row: int
    file: str

    @property
    def closed(self) -> bool:
        """True where the register says done or stopped."""
        return self.status in CLOSED

    def late(self, as_at: date) -> bool:
        """True where the last day that the deadline can mean is over and the entry is not closed."""
        return not self.closed and self.due.latest is not None and self.due.latest < as_at

    def state(self, as_at: date) -> str:
        """Where an entry that is not closed stands: LATE, DATED, OPEN (a beginning alone) or UNDATED."""
        if self.due.latest is not None:
            return LATE if self.late(as_at) else DATED
        return OPEN if self.due.earliest is not None or self.begins.earliest is not None else UNDATED


def entries(table: pd.DataFrame, *, as_at: date) -> list[Entry]:
    """Entries of a register whose paper was printed by a day, in the order of the file."""
    made = [_entry(row) for row in table.to_dict("records")]
    return [entry for entry in made if entry.printed is None or entry.printed <= as_at]


def _entry(row: dict) -> Entry:
    printed = read_deadline(row["source"]).earliest
    begins = read_deadline(row["start"])
    words = [row[name] for name in ("action", "deliverable", "success_criterion") if row[name]]
    return Entry(
        id=row["id"],
        programme=row["programme"],
        workstream=row["workstream"] or row["programme"],
        name=words[0],
        criterion=row["success_criterion"],
        measure=row["linked_measure"],
        target=read_target(row["target"]) if row["target"] else None,
        begins=begins,
        due=read_deadline(row["due"], plan_date=printed, start=begins),
        lead=row["lead_role"],
        status=row["status"] or NOT_SAID,
        planned=read_amount(row["benefit_planned"]),
        delivered=read_amount(row["benefit_delivered"]),
        evidence=row["evidence"],
        source=row["source"],
        printed=printed,
        blanks=tuple(blank for words in row.values() if isinstance(words, str) for blank in placeholders(words)),
        row=int(row["row"]),
        file=row["file"],
    )


def open_entries(held: Iterable[Entry]) -> list[Entry]:
    """Entries that are neither done nor stopped."""
    return [entry for entry in held if not entry.closed]


def in_state(held: Iterable[Entry], state: str, as_at: date) -> list[Entry]:
    """Entries not closed that stand so; with dates, the earliest last day first."""
    found = [entry for entry in open_entries(held) if entry.state(as_at) == state]
    return sorted(found, key=lambda entry: (entry.due.latest or date.max, entry.row))


def status_counts(held: Sequence[Entry]) -> dict[str, int]:
    """Entries by status, in a fixed order; they add up to all of them."""
    counts = Counter(entry.status for entry in held)
    return {status: counts[status] for status in STATUSES}


def by_workstream(held: Iterable[Entry]) -> dict[tuple[str, str], list[Entry]]:
    """Entries by programme and workstream, in the order of the file."""
    found: dict[tuple[str, str], list[Entry]] = {}
    for entry in held:
        found.setdefault((entry.programme, entry.workstream), []).append(entry)
    return found


def flagged(held: Iterable[Entry]) -> list[tuple[Entry, Deadline]]:
    """Dates that are odd in any way: a start or a deadline with a flag, the start first."""
    return [(entry, read) for entry in held for read in (entry.begins, entry.due) if read.flags]
