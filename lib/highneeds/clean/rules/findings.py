"""Looks to findings: counts, shares and the first row numbers by file and sheet. The one place that builds them."""

from collections.abc import Sequence

import numpy as np

from highneeds.cases import Finding
from highneeds.clean.rules.model import NOT_CHECKED, Context, Look, Rule, not_checked

ROWS_SHOWN = 20
# Fields that come from another file than a return.
_FILES = {"area": "a table of the authority's postcodes and areas"}


def finding(rule: Rule, context: Context) -> Finding:
    """What a rule found; count 0 where it passed, or where a field it needs is in no input."""
    absent = [pair for pair in rule.needs if pair not in context.cases.held]
    look = not_checked(_wanted(absent)) if absent else rule.look(context)
    count = sum(int(np.count_nonzero(hit.mask)) for hit in look.hits) if look.count is None else look.count
    return Finding(
        rule=rule.id,
        severity=look.severity or rule.severity,
        message=rule.message,
        action=rule.action,
        count=count,
        out_of=look.out_of,
        where=look.where or _where(look),
        stops=rule.stops,
        detail=look.detail,
    )


def was_checked(found: Finding) -> bool:
    """False where a field or an outside file was not there to check the rule with."""
    return not found.detail.startswith(NOT_CHECKED)


def _wanted(absent: Sequence[tuple[str, str]]) -> str:
    names = ", ".join(f"{name} ({module})" for module, name in absent)
    files = {_FILES.get(name, "a return or extract with that field") for _, name in absent}
    return f"no input has {names}; {' and '.join(sorted(files))} would allow it"


def _where(look: Look) -> tuple[tuple[str, str, tuple[int, ...]], ...]:
    """First rows of each file and sheet; rows that several tables caught are told once."""
    found: dict[tuple[str, str], list[np.ndarray]] = {}
    for hit in look.hits:
        for file, sheet, rows in hit.places.first(hit.mask):
            found.setdefault((file, sheet), []).append(rows)
    return tuple(
        (file, sheet, tuple(int(row) for row in np.unique(np.concatenate(rows))[:ROWS_SHOWN]))
        for (file, sheet), rows in sorted(found.items())
    )
