"""Spans of months: which months a label of time covers, so that sub-totals of time are known as sums."""

import re
from collections.abc import Iterable

_MONTH = re.compile(r"^(\d{4})-(0[1-9]|1[0-2])$")
_QUARTER = re.compile(r"^(\d{4})[- ]Q([1-4])$")
_YEAR = re.compile(r"^(\d{4})$")
_FINANCIAL_YEAR = re.compile(r"^(\d{4})-(\d{2})$")
_RANGE = re.compile(r"^(\d{4}-\d{2}) to (\d{4}-\d{2})$")


def months_of(label: str) -> tuple[str, ...]:
    """Months of a span: `2025-Q1`, `2025`, `2024-25` (April to March), `2025-01 to 2025-03`. Empty for other labels.

    A single month is no span. `2011-12` and earlier look like months and are read as such.
    """
    if _MONTH.match(label):
        return ()
    if found := _QUARTER.match(label):
        first = 3 * int(found[2]) - 2
        return _between((int(found[1]), first), (int(found[1]), first + 2))
    if found := _YEAR.match(label):
        return _between((int(found[1]), 1), (int(found[1]), 12))
    found = _FINANCIAL_YEAR.match(label)
    if found and (int(found[1]) + 1) % 100 == int(found[2]):
        return _between((int(found[1]), 4), (int(found[1]) + 1, 3))
    found = _RANGE.match(label)
    if found and _MONTH.match(found[1]) and _MONTH.match(found[2]):
        first, last = (tuple(map(int, month.split("-"))) for month in found.groups())
        return _between(first, last)  # type: ignore[arg-type]
    return ()


def time_sums(labels: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Spans among the labels, each with its months: what `CountTable.sums` wants for a dimension of time."""
    found = {label: months_of(label) for label in labels}
    return {label: months for label, months in found.items() if months}


def _between(first: tuple[int, int], last: tuple[int, int]) -> tuple[str, ...]:
    start, end = (12 * year + month - 1 for year, month in (first, last))
    return tuple(f"{number // 12:04d}-{number % 12 + 1:02d}" for number in range(start, end + 1))
