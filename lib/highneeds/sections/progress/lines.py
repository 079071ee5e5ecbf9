"""Lines of a summary of progress: what each counts, when it is counted, and its figures for any area and year.

Owns the list; what is shown of it and said of it is `published`'s, `printed`'s and `bridge`'s.
"""

from dataclasses import dataclass

from highneeds import periods
from highneeds.claims import direction
from highneeds.facts import Area
from highneeds.figures import Figure, change_pct, difference
from highneeds.measures.declarations import MEASURES
from highneeds.models.change.result import LEVEL
from highneeds.models.change.result import UNCLEAR as NO_CLEAR_DIFFERENCE
from highneeds.models.spans import BANDS_OF_AGE, OF_AGE, plans_of_school_age
from highneeds.sections import change_tests
from highneeds.sections.page import Page

NOT_TESTED, UNTOLD = "not tested", "cannot be told yet"
DOUBTED = "is in doubt: two tests disagree"


@dataclass(frozen=True)
class Line:
    """A line: its name in a table, the measure, its breakdown.

    paper: the measure's name in a paper's table; tested: whether a change of it can be tested beside similar
    authorities.
    """

    label: str
    measure: str
    paper: str
    breakdown: str = "Total"
    tested: bool = False

    @property
    def basis(self) -> str:
        """When it is counted."""
        return MEASURES[self.measure].period_basis


PLANS = Line("EHC plans (age 0 to 25)", "ehc_plans", "ehc_plans", tested=True)
SCHOOL_AGE = Line(
    "EHC plans (age 5 to 15)", "ehc_plans", "ehc_plans_statutory_school_age",
    OF_AGE,
)  # fmt: skip
REQUESTS = Line("Requests for an assessment", "requests_received", "ehc_requests", tested=True)
IN_TIME = Line(
    "Plans issued within 20 weeks (%)", "within_20_weeks_excluding_exceptions_pct",
    "within_20_weeks_pct",
)  # fmt: skip
SUPPORT = Line("Pupils on SEN Support", "sen_support_pupils", "sen_support_pupils")
SUPPORT_SHARE = Line("Pupils on SEN Support (% of pupils)", "sen_support_pupils_pct", "sen_support_pupils_pct")
CHILDREN = Line("Children (age 0 to 17)", "population", "population_children", "Age 0 to 17")
PUBLISHED = (CHILDREN, PLANS, SCHOOL_AGE, REQUESTS, IN_TIME, SUPPORT_SHARE)
ALL = (*PUBLISHED, SUPPORT)


def figure(page: Page, line: Line, area: Area, period: str) -> Figure:
    """One published figure of a line."""
    if line is SCHOOL_AGE:
        return plans_of_school_age(page.facts, area, period)
    return page.facts.get(line.measure, area, period, line.breakdown)


def years(page: Page, line: Line) -> list[str]:
    """Periods for which England has a figure, oldest first."""
    if line.breakdown == "Total":
        return page.facts.periods(line.measure)
    key = ("progress years", line.measure, line.breakdown)
    if key not in page.facts.kept:
        values = page.facts.values
        mine = values[
            values["measure"].eq(line.measure)
            & values["breakdown"].eq(BANDS_OF_AGE[0] if line is SCHOOL_AGE else line.breakdown)
        ]
        held = sorted(mine.loc[mine["area_code"].eq(page.facts.england.code), "period"].unique())
        page.facts.kept[key] = [year for year in held if figure(page, line, page.facts.england, year).known]
    return page.facts.kept[key]


def series(page: Page, line: Line, area: Area) -> dict[int, float]:
    """Published values of a line by year, where there are any."""
    held = {int(year[:4]): figure(page, line, area, year) for year in years(page, line)}
    return {year: each.value for year, each in held.items() if each.known}  # type: ignore[misc]


def latest_two(page: Page, line: Line, area: Area) -> tuple[Figure, Figure] | None:
    """The newest year and the one before it, newest last; None where no year is held."""
    held = years(page, line)
    if not held:
        return None
    last = held[-1]
    before = periods.previous_year(last, line.basis)
    return figure(page, line, area, before), figure(page, line, area, last)


def change(before: Figure, now: Figure) -> Figure:
    """Change of a count in per cent, of a share in percentage points."""
    return difference(now, before) if now.unit == "%" else change_pct(now, before)


def span(first: str, last: str, basis: str) -> str:
    """Two periods as a cell can hold them: `Jan 2024 to Jan 2025`, `calendar 2023 to 2024`."""
    text = f"{periods.label(first, basis)} to {periods.label(last, basis)}"
    return f"calendar {text}" if basis == periods.CALENDAR_YEAR else text


def reading(page: Page, line: Line, before: Figure, now: Figure) -> str:
    """What a test beside similar authorities says of a change, in a few words."""
    if not line.tested:
        return NOT_TESTED
    if not (before.known and now.known):
        return UNTOLD
    made = change_tests.change_of(page, line.measure, before.period, now.period)
    if not made.known:
        return UNTOLD
    if made.verdict == NO_CLEAR_DIFFERENCE:
        return unclear(page)
    if made.placebo_p > 2 * LEVEL:
        return DOUBTED
    return made.movement.replace(page.facts.others.its, page.facts.others.those_alike)


def unclear(page: Page) -> str:
    """What a change inside its range is, in a table's cell."""
    return f"no clear change beside {page.facts.others.those_alike}"


def moved(made: Figure) -> str:
    """`up`, `down` or `a change of`, before the size of a change."""
    return direction(made, level="a change of")
