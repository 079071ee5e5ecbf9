"""How far a rate could be off by chance alone: 95% ranges of one rate and of the difference of two.

Owns Wilson's range of a share, Byar's range of a rate, and Newcombe's way (MOVER) from two ranges to that of their
difference. How far authorities differ beyond chance is `funnel`'s.
"""

from math import sqrt

from highneeds.models.funnel import RATE, SHARE

Z95 = 1.959964


def interval95(top: float, bottom: float, *, kind: str) -> tuple[float, float]:
    """95% range of top / bottom, as fractions: Wilson's of a share, Byar's of a rate. bottom must be above nought."""
    if kind == SHARE:
        share, square = top / bottom, Z95**2
        middle, width = (
            share + square / (2 * bottom),
            Z95 * sqrt(share * (1 - share) / bottom + square / (4 * bottom**2)),
        )
        low, high = (middle - width) / (1 + square / bottom), (middle + width) / (1 + square / bottom)
        return (0.0 if top == 0 else low), (1.0 if top == bottom else high)
    assert kind == RATE
    more = top + 1
    low = top * (1 - 1 / (9 * top) - Z95 / (3 * sqrt(top))) ** 3 if top else 0.0
    return low / bottom, more * (1 - 1 / (9 * more) + Z95 / (3 * sqrt(more))) ** 3 / bottom


def difference95(
    new: float, new_range: tuple[float, float], old: float, old_range: tuple[float, float]
) -> tuple[float, float]:
    """95% range of new - old from the ranges of both, for two that do not lean on each other."""
    change = new - old
    low = change - sqrt((new - new_range[0]) ** 2 + (old_range[1] - old) ** 2)
    return low, change + sqrt((new_range[1] - new) ** 2 + (old - old_range[0]) ** 2)
