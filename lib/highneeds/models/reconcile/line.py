"""A line of a reconciliation: what is printed and where, what it comes to, the difference, and a verdict.

Owns verdicts and how a difference is judged; what rounding allows is `deficit.rounded`'s.
"""

import operator
from dataclasses import dataclass, replace

from highneeds.figures import Figure, format_number, slug
from highneeds.models.deficit.rounded import ADDS_UP, DOES_NOT_ADD_UP, WITHIN_ROUNDING
from highneeds.models.paper_figures import made_figure

AGREES, DIFFERS = "as published", "differs from published"
UNCHECKED = "cannot be checked"
VERDICTS = (ADDS_UP, WITHIN_ROUNDING, DOES_NOT_ADD_UP, AGREES, DIFFERS, UNCHECKED)


@dataclass(frozen=True)
class Line:
    """One check. item: its number in docs/papers.md; paper and where: title of the paper, and place in it.

    printed, made: as printed and worked out again; either is missing where there is none. comment: in a few words, why
    it differs, or what is missing.
    """

    item: str
    what: str
    paper: str
    where: str
    printed: Figure | None
    made: Figure | None
    verdict: str
    comment: str = ""

    @property
    def name(self) -> str:
        """Name that tells its figures from those of other lines."""
        return f"reconciled_{self.item.lower()}_{slug(self.what).replace('-', '_')}"

    @property
    def difference(self) -> Figure | None:
        """Worked out less printed; None where either is missing."""
        if self.printed is None or self.made is None or not (self.printed.known and self.made.known):
            return None
        made = made_figure(f"{self.name}_difference", operator.sub, "{0} - {1}", self.made, self.printed)
        places = max(self.made.places, self.printed.places)
        unit = "percentage points" if self.printed.unit == "%" else self.printed.unit
        return replace(made, unit=unit, places=places, period=self.printed.period)


def judged(printed: Figure, made: Figure, *, slack: float = 0.0) -> str:
    """ADDS_UP where `made` rounds to what is printed; WITHIN_ROUNDING where rounding of its inputs explains the rest.

    slack: how far rounding of the inputs could move `made` to either side.
    """
    if format_number(made.value, printed.unit, printed.places) == printed.text:  # type: ignore[arg-type]
        return ADDS_UP
    reach = 10.0**-printed.places / 2 + slack
    near = abs(made.value - printed.value) < reach - 1e-9  # type: ignore[operator]
    return WITHIN_ROUNDING if near and slack > 0 else DOES_NOT_ADD_UP


def beside_published(printed: Figure, published: Figure) -> str:
    """AGREES where the published figure rounds to what is printed, else DIFFERS."""
    return AGREES if judged(printed, published) == ADDS_UP else DIFFERS


def half_step(figure: Figure) -> float:
    """How far rounding may have moved a printed number."""
    return 10.0**-figure.places / 2
