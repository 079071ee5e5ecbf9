"""Positions of a projection as figures: the balance and the year's gap with their ranges, and the plan's chance."""

from dataclasses import replace

from highneeds.figures import Figure
from highneeds.measures.declarations import OWN
from highneeds.models.deficit.outlook import ACCUMULATED, Side
from highneeds.models.forecast import LEVELS
from highneeds.sections.finance.figures import Seen, pounds
from highneeds.sections.finance.ledger import closing, net
from highneeds.sections.forecasts import STATUS
from highneeds.sections.outlooks import ENDS
from highneeds.sections.page import Page


def balance_figures(page: Page, one: Seen, year: str, *, side: Side | None = None, percent: int = 80) -> list[Figure]:
    """Point and ends of the 80% (or 95%) range of the balance at 31 March of a year."""
    return position_figures(page, one, year, ACCUMULATED, side=side, percent=percent)


def position_figures(
    page: Page, one: Seen, year: str, of: str, *, side: Side | None = None, percent: int = 80
) -> list[Figure]:
    """Point and ends of a position's range. of: IN_YEAR or ACCUMULATED; side: left out, the one shown."""
    side = side or one.side
    at = one.outlook.years.index(year)
    point = (side.accumulated if of == ACCUMULATED else side.in_year)[at] / 100
    name = "mitigated" if side is one.outlook.mitigated else "unmitigated"
    how, on = f"{name}, over the paths of plans and prices", []
    if side is one.side:
        on = [closing(page, one, year) if of == ACCUMULATED else net(page, one, year)]
        how += f"; its line: {on[0].id}"
    low, high = (side.quantile(LEVELS[end], year, of=of) for end in ENDS[percent])
    values = {"point": point, f"lower{percent}": low, f"upper{percent}": high}
    return [
        pounds(page, one, f"{of}-{name}-{what}", year, value, f"{what}: {how}", of=of, on=on)
        for what, value in values.items()
    ]


def chance_figure(page: Page, one: Seen, printed: Figure) -> Figure:
    """Chance that the balance is at most what the plan says."""
    area = page.facts.authority
    point = closing(page, one, one.last)
    return replace(
        printed,
        id=f"dsg_balance_chance.{area.slug}.{one.last}",
        measure="dsg_balance_chance",
        value=100 * one.side.chance_at_most(float(printed.value), one.last),  # type: ignore[arg-type]
        unit="%",
        status=STATUS,
        source=OWN,
        places=0,
        reference=f"share of paths on which the balance is at most {printed.id}; most likely {point.id} "
        "(docs/methods.md)",
        inputs=(printed, point),
    )
