"""The papers' figures worked out again: as printed, recomputed, the difference, and what it means.

`line` holds a line and its verdict, `desk` reaches printed and published figures; `kent`, `leicestershire` and `others`
list what each authority's papers print. Arithmetic is `deficit`'s and `spans`'s. A figure that does not fit stays as
printed; one whose inputs are not printed says which are missing.
"""

from collections.abc import Mapping
from datetime import date

import pandas as pd

from highneeds.facts import Facts
from highneeds.models.reconcile import kent, leicestershire, others
from highneeds.models.reconcile.desk import Desk
from highneeds.models.reconcile.line import Line

__all__ = ["reconciled"]


def reconciled(tables: Mapping[str, pd.DataFrame], facts: Facts, dated: date | None = None) -> dict[str, list[Line]]:
    """Lines by paper, in the papers' order; empty where no table that is known is held.

    tables: printed tables by file name, as `sources.papers` reads them; dated: day of the newest paper.
    """
    desk, found = Desk(tables, facts, dated), {}
    for line in (*kent.lines(desk), *leicestershire.lines(desk), *others.lines(desk)):
        found.setdefault(line.paper, []).append(line)
    return found
