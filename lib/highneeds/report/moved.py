"""Numbers that moved since the last report on an authority: revised, newer, new or gone, headline figures first.

The report before is an input like any other: its list of figures is recorded by checksum, and where it changes the
report is made again. Which report that is belongs to `made_from`.
"""

import re
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from highneeds import periods
from highneeds.report.compare import read_rows
from highneeds.report.lists import as_csv
from highneeds.report.made_from import FIGURES, earlier_changed
from highneeds.report.manifest import FileRecord

COLUMNS = (
    *("id", "section", "label", "area", "breakdown", "was_period", "was", "period", "period_basis", "now", "kind"),
    "headline",
)
REVISED, NEWER, NEW, GONE = KINDS = ("revised", "newer", "new", "gone")
MOST = 12  # rows that the report itself shows
NOT_SHOWN = "not shown"
_PERIOD = re.compile(r"(?:19|20)\d\d(?:-\d\d){0,2}")


@dataclass(frozen=True)
class Moved:
    """Rows of moved.csv, and the day of the report before in words."""

    since: str
    rows: tuple[dict, ...]
    area: str = ""  # the authority's own name, which goes without saying

    @property
    def top(self) -> list[dict]:
        """Rows that the report shows, with place and period in words."""
        return [row | {"what": _what(row, self.area), "when": _when(row)} for row in self.rows[:MOST]]

    @property
    def more(self) -> int:
        """Rows that only moved.csv has."""
        return max(0, len(self.rows) - MOST)

    def as_csv(self) -> bytes:
        """moved.csv."""
        return as_csv(COLUMNS, self.rows)


def moved_since(
    reports: Path,
    before: dict[str, str],
    figures: Sequence[dict],
    headlines: Iterable[str],
    said: Iterable[str],
    area: str,
) -> Moved | None:
    """What a report prints otherwise than the one before it; None where there is none before."""
    if not before:
        return None
    rows = moved_rows(figures, read_rows(reports / before["folder"] / FIGURES), set(headlines), set(said))
    return Moved(periods.day_in_words(date.fromisoformat(before["as_at"])), tuple(rows), area)


def moved_rows(new: Sequence[dict], old: Sequence[dict], headlines: set[str], said: set[str]) -> list[dict]:
    """One row a printed figure that moved, in the sections that both reports have; of a series its newest figure.

    A figure of one name that is printed otherwise was revised. Where a series has a newer figure, that one is set
    against the newest of then. Headline figures come first, then those of sentences, then totals, each by kind.
    """
    both = {row["section"] for row in new} & {row["section"] for row in old}
    now, was = (
        {(row["section"], row["id"]): row for row in rows if row["shown"] == "yes" and row["section"] in both}
        for rows in (new, old)
    )
    revised = [key for key in now if key in was and was[key]["printed"] != now[key]["printed"]]
    rows = [_row(was[key], now[key], REVISED) for key in revised]
    latest_now, latest_was = _latest(now.values()), _latest(was.values())
    for series, newest in latest_now.items():
        before = latest_was.get(series)
        if before is None:
            rows.append(_row(None, newest, NEW))
        elif (newest["section"], newest["id"]) not in was:
            rows.append(_row(before, newest, NEWER))
    rows += [_row(row, None, GONE) for series, row in latest_was.items() if series not in latest_now]
    rows = [row | {"headline": "yes" if row["id"] in headlines else ""} for row in rows]
    return sorted(
        rows,
        key=lambda row: (
            not row["headline"],
            row["id"] not in said,
            row["breakdown"] != "Total",
            KINDS.index(row["kind"]),
        ),
    )


def _latest(rows: Iterable[dict]) -> dict[tuple[str, str], dict]:
    """Newest figure of each series: figures of a section whose names differ in the period alone."""
    found: dict[tuple[str, str], dict] = {}
    for row in rows:
        series = (row["section"], _PERIOD.sub("*", row["id"]))
        if series not in found or row["period"] > found[series]["period"]:
            found[series] = row
    return found


def _row(was: dict | None, now: dict | None, kind: str) -> dict:
    told = now or was or {}
    return {name: told[name] for name in ("id", "section", "label", "area", "breakdown", "period", "period_basis")} | {
        "was_period": was["period"] if was else "",
        "was": was["printed"] if was else NOT_SHOWN,
        "now": now["printed"] if now else NOT_SHOWN,
        "kind": kind,
    }


def _what(row: dict, own: str) -> str:
    part = "" if row["breakdown"] == "Total" else f", {row['breakdown']}"
    return f"{row['label']}{part}" + (f", {row['area']}" if row["area"] != own else "")


def _when(row: dict) -> str:
    now, was = (_period(row[name], row["period_basis"]) for name in ("period", "was_period"))
    return f"{now}; was {'to ' if ' to ' in was else ''}{was.rpartition(' to ')[2]}" if row["kind"] == NEWER else now


def _period(period: str, basis: str) -> str:
    """A period, or the two ends of a span, as a table says it."""
    ends = period.split(" to ")
    return " to ".join(periods.label(end, basis) if periods.is_well_formed(end, basis) else end for end in ends)


def recorded(before: dict[str, str]) -> list[FileRecord]:
    """The report before as an input."""
    return [FileRecord(path=f"earlier/{before['folder']}/{FIGURES}", sha256=before["sha256"], size=0)] if before else []


def changed(folder: Path, held: dict[str, str]) -> list[str]:
    """What is to be said of the report before, where it is no longer as a report found it."""
    if not held:
        return []
    if not (folder.parent / held["folder"] / FIGURES).is_file():
        return [f"Input missing: the report as at {held['as_at']}, beside which numbers that moved were found."]
    where = f"Input changed: the report as at {held['as_at']}, beside which numbers that moved were found."
    return [where] if earlier_changed(folder.parent, held) else []


def copy_earlier(folder: Path, beside: Path, held: dict[str, str]) -> None:
    """What of the report before is needed to make a report again, put beside its new place."""
    for name in (FIGURES, "manifest.json") if held else ():
        source = folder.parent / held["folder"] / name
        if source.is_file():
            (beside / held["folder"]).mkdir(exist_ok=True)
            shutil.copyfile(source, beside / held["folder"] / name)
