"""What a data-quality rule is, what it may look at, and what it hands back.

A rule is declared once, beside the function that looks at the tables. The function returns a `Look`:
which rows it caught and how many it looked at. Findings are built from looks in one place (`findings`).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd

from highneeds.cases import Cases, RawReturn
from highneeds.clean.rules.view import Places, View

# Where a rule comes from.
ANNEX_A, OPEN_CHECKS, OWN = "Annex A checks", "open checks of the return", "own"

# Measures that a rule may stop, as people call them.
MONTHLY = "requests by month and area"
SIX_WEEKS = "decisions within 6 weeks"
TWENTY_WEEKS = "plans within 20 weeks"
BY_REQUEST_MONTH = "plans within 20 weeks by month of request"
IN_HAND = "open requests"
CASELOAD = "caseload"
CEASED = "plans ceased"
PLACEMENTS = "placements"
PRIMARY_NEED = "primary need"
REVIEWS = "annual reviews"
AGES = "figures by age"
ALL_MEASURES = (MONTHLY, SIX_WEEKS, TWENTY_WEEKS, BY_REQUEST_MONTH, IN_HAND, CASELOAD, PLACEMENTS, PRIMARY_NEED)
TIMES = (SIX_WEEKS, TWENTY_WEEKS, BY_REQUEST_MONTH)

NOT_CHECKED = "not checked: "


@dataclass(frozen=True)
class Context:
    """All that the rules may look at.

    cases: cleaned tables. returns: what they were cleaned from. printed: tables transcribed from papers, by name
    (schemas.PRINTED). published: DfE's figures for this authority, as a frame (measure, period, value) or a mapping
    of (measure, period) to value. previous_exception_share: percentage of the year before. gias: see
    `sources.gias.read_gias`. expected_placements: urn, minimum. late_entry_days: days after a month's end in which
    late entries are still expected. la_postcodes: True where the authority's own postcodes are known.
    """

    cases: Cases
    returns: Sequence[RawReturn] = ()
    printed: Mapping[str, pd.DataFrame] | None = None
    published: pd.DataFrame | Mapping[tuple[str, str], float] | None = None
    previous_exception_share: float | None = None
    gias: pd.DataFrame | None = None
    expected_placements: pd.DataFrame | None = None
    late_entry_days: int = 28
    la_postcodes: bool = False

    @cached_property
    def view(self) -> View:
        """The tables as arrays, joined once for all rules."""
        return View(self.cases)


@dataclass(frozen=True)
class Hit:
    """Rows of one table that a rule caught: where the table's rows were read, and a mask over them."""

    places: Places
    mask: np.ndarray


@dataclass(frozen=True)
class Look:
    """What a rule saw.

    out_of: rows looked at. count: where what is counted is no row (months, totals, settings), else None.
    severity: where it is not the rule's own. where: places given outright, where there is no table.
    """

    hits: tuple[Hit, ...] = ()
    out_of: int = 0
    detail: str = ""
    count: int | None = None
    severity: str | None = None
    where: tuple[tuple[str, str, tuple[int, ...]], ...] = ()
    checked: bool = True


@dataclass(frozen=True)
class Rule:
    """One rule. needs: (module, field) pairs without which it cannot be checked; unit: what its count counts."""

    id: str
    severity: str
    title: str
    message: str
    action: str
    look: Callable[[Context], Look] = field(repr=False)
    needs: tuple[tuple[str, str], ...] = ()
    stops: tuple[str, ...] = ()
    origin: str = OWN
    unit: str = "rows"


def saw(context: Context, table: str, mask: np.ndarray, out_of: np.ndarray | int, detail: str = "") -> Look:
    """Look at one table: mask of its rows; out_of a mask too, or a number."""
    looked = int(out_of) if np.isscalar(out_of) else int(np.count_nonzero(out_of))
    return Look((Hit(context.view.places(table), mask),), looked, detail)


def not_checked(reason: str) -> Look:
    """Look of a rule that could not be checked; the reason says what would allow it."""
    return Look(detail=NOT_CHECKED + reason, checked=False)


def counted(pairs: Iterable[tuple[str, int]]) -> str:
    """`week20: 3, cease_reason: 1`: what is not zero, in the order given."""
    return ", ".join(f"{words}: {number:,}" for words, number in pairs if number)


def number(mask: np.ndarray) -> int:
    """Rows of a mask."""
    return int(np.count_nonzero(mask))
