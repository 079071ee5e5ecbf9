"""The management plan's own parts: its unmitigated and mitigated lines in one table, and what its template asks.

Figures are those of the section on finance, as printed there: nothing is worked out here.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from highneeds.report.wanted import Found, read_wanted, walk

ASKED, INTRODUCTION = "dsg_plan.yml", "introduction"
OUTLOOK = r"dsg_balance_outlook\.{area}\.{year}\.accumulated-"
LINES = (
    ("Unmitigated: balance if the pattern continued", OUTLOOK + "unmitigated-point"),
    ("Unmitigated: 8-in-10 range, from", OUTLOOK + "unmitigated-lower80"),
    ("Unmitigated: 8-in-10 range, to", OUTLOOK + "unmitigated-upper80"),
    ("Mitigated: balance with the savings planned", OUTLOOK + "mitigated-point"),
    ("Mitigated: 8-in-10 range, from", OUTLOOK + "mitigated-lower80"),
    ("Mitigated: 8-in-10 range, to", OUTLOOK + "mitigated-upper80"),
    ("Mitigated: balance of the plan as printed", r"printed_dsg_accumulated_position_pounds\.{area}\.{year}"),
)
YEAR, AREA = r"(?P<year>\d{4}-\d{2})", r"[a-z-]+"


@dataclass(frozen=True)
class Lines:
    """Years, and for each line its name and one row of figures.csv a year."""

    years: list[str]
    rows: list[tuple[str, list[Mapping]]]

    @property
    def mitigated(self) -> bool:
        """True where there is a mitigated line to set beside the unmitigated one."""
        return any(name.startswith("Mitigated") for name, _ in self.rows)


def plan_lines(figures: Sequence[Mapping]) -> Lines | None:
    """Unmitigated and mitigated balances by year; None where no balance is projected. A line with a gap is left out."""
    held = [(name, _by_year(figures, pattern)) for name, pattern in LINES]
    years = sorted(held[0][1])
    if not years:
        return None
    whole = [(name, [found[year] for year in years]) for name, found in held if set(years) <= set(found)]
    return Lines(years, whole)


def _by_year(figures: Sequence[Mapping], pattern: str) -> dict[str, Mapping]:
    wanted = re.compile(pattern.replace("{area}", AREA).replace("{year}", YEAR))
    found = {}
    for figure in figures:
        if (match := wanted.fullmatch(figure["id"])) and figure["value"] is not None:
            found[match["year"]] = figure
    return found


def not_held(sections: Sequence[dict], *, introduction: bool) -> list[Found]:
    """What the template asks and this report does not hold, with the file that would supply it.

    introduction: whether the authority wrote one.
    """
    asked = [item for item in read_wanted(ASKED) if item.id != INTRODUCTION or not introduction]
    return [found for found in walk(asked, sections) if found.why_not or not found.places]
