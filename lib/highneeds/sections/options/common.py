"""What the calculators of the options section share: their tables, figures with their rows, and what may be shown.

A figure made here carries the rows it was worked out from. Money behind too few pupils is hidden, and so much beside
it that no sum gives it back.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from highneeds.disclosure.policy import HIDDEN, Policy
from highneeds.figures import POUNDS, Figure, format_number, slug
from highneeds.sections.page import KeyFigure, Page

INVENTED, ASSUMED = "invented", "assumed"
MOST_ROWS = 30  # of a table by school; what is left out is said beneath it
MOST_BARS = 12


@dataclass(frozen=True)
class Option:
    """What one option says in the answer: its words, its key figure, its saving in a year (below 0: a cost)."""

    words: str
    key: KeyFigure
    yearly: Figure | None = None


@dataclass(frozen=True)
class Worked:
    """Makes figures for one period from rows of option files."""

    page: Page
    period: str
    period_basis: str
    rows: Sequence[pd.DataFrame]

    def figure(self, id: str, value: float | None, unit: str, how: str, *, places: int = 0, status: str = "") -> Figure:
        """Figure `measure.tail` from these rows, worked out as `how` says; hidden or missing where there is a status.

        A value that is missing without a status is not available (`x`).
        """
        area = self.page.facts.authority
        measure, _, tail = id.partition(".")
        missing = value is None or pd.isna(value)
        lost = status in ("c", "u", "x", "z")
        return Figure(
            id=".".join(part for part in (measure, area.slug, slug(self.period), tail) if part),
            measure=measure,
            area_code=area.code,
            area=area.name,
            period=self.period,
            period_basis=self.period_basis,
            value=None if missing or lost else float(value),  # type: ignore[arg-type]
            status=status or ("x" if missing else ""),
            unit=unit,
            source="; ".join(dict.fromkeys(text for rows in self.rows for text in rows["source"])),
            reference=f"{how}; {'; '.join(where(rows) for rows in self.rows)}",
            places=places,
        )

    def pounds(self, id: str, value: float | None, how: str, *, hide: bool = False) -> Figure:
        """Pounds, or `[c]` where they must not be shown."""
        return self.figure(id, value, POUNDS, how, status=HIDDEN if hide else "")


def where(rows: pd.DataFrame) -> str:
    """`options/bands.csv, rows 2 to 5`: where rows stand."""
    at = sorted(rows["row"])
    if len(at) == 1:
        return f"{rows['file'].iloc[0]}, row {at[0]}"
    whole = at == list(range(at[0], at[-1] + 1))
    words = f"{at[0]} to {at[-1]}" if whole else ", ".join(map(str, at))
    return f"{rows['file'].iloc[0]}, rows {words}"


def held(page: Page, *names: str) -> list[pd.DataFrame] | None:
    """Tables of these files, or None where one of them is not there."""
    tables = [page.options.tables.get(name) for name in names]
    return None if any(table is None for table in tables) else tables  # type: ignore[return-value]


def optional(page: Page, name: str) -> list[pd.DataFrame]:
    """A table that may be missing, alone in a list, or nothing."""
    table = page.options.tables.get(name)
    return [] if table is None else [table]


def heading(text: str, *rows: pd.DataFrame) -> str:
    """Heading that says where the rows beneath are invented."""
    return f"{text} (invented example)" if _any(INVENTED, rows) else text


def from_kind(page: Page, kind: str) -> list[str]:
    """Names of the files with rows whose source is `invented` or `assumed`."""
    return [f"{name}.csv" for name, table in page.options.tables.items() if _any(kind, [table])]


def _any(kind: str, rows: Sequence[pd.DataFrame]) -> bool:
    return any(table["source"].str.casefold().str.startswith(kind).any() for table in rows)


def policy(page: Page) -> Policy:
    """Disclosure policy of the report's case data; the standard one where there are none."""
    return page.local.local.policy if page.local else Policy()


@dataclass(frozen=True)
class Hidden:
    """Which rows of a table are hidden, and whether their total is."""

    rows: tuple[bool, ...]
    total: bool

    def note(self, fewest: int, what: str) -> str:
        """Sentence for under the table; empty where nothing is hidden."""
        if not any(self.rows) and not self.total:
            return ""
        return f" Rows with fewer than {fewest} {what} are not shown, nor others that would give them away."


def hidden(counts: Sequence[float], *, fewest: int) -> Hidden:
    """Rows that rest on too few pupils (0 apart), and the next smallest until no sum gives a hidden one back.

    Hidden rows are two or more and rest on `fewest` together, so that the total less the shown rows tells of no one.
    Where all rows together are too few, the total is hidden too.
    """
    size = np.asarray(counts, dtype=float)
    hide = (size > 0) & (size < fewest)
    order = [at for at in np.argsort(size, kind="stable") if size[at] > 0 and not hide[at]]
    while hide.any() and (hide.sum() < 2 or size[hide].sum() < fewest) and order:
        hide[order.pop(0)] = True
    alone = bool(hide.any() and (hide.sum() < 2 or size[hide].sum() < fewest))
    return Hidden(tuple(map(bool, hide)), alone)


def saves(saving: Figure) -> str:
    """`save` or `cost`, by the sign of a saving; both denied where it prints as nothing, or is not shown."""
    if not saving.known or not saving.size.strip("£0"):
        return "neither save nor cost"
    return "save" if saving.value > 0 else "cost"  # type: ignore[operator]


def pounds_text(value: float) -> str:
    """A sum that is a setting or a rule, as it is printed."""
    return format_number(value, POUNDS, 0)
