"""Figures of a projected balance: points, ranges and chances, beside what the authority's paper prints."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from highneeds import periods
from highneeds.figures import Figure
from highneeds.measures.declarations import OWN
from highneeds.models.deficit.outlook import ACCUMULATED, Outlook, Side
from highneeds.models.deficit.printed import ACCUMULATED as PRINTED_BALANCE
from highneeds.models.deficit.printed import in_pounds
from highneeds.models.paper_figures import cell_figure
from highneeds.periods import AT_DATE, FINANCIAL_YEAR
from highneeds.sections import outlooks
from highneeds.sections.finance.money import Money, projected
from highneeds.sections.finance.money_inputs import PROJECTION, money_of, printed_of
from highneeds.sections.forecasts import STATUS
from highneeds.sections.outlooks import View, views
from highneeds.sections.page import Page

UNMITIGATED, MITIGATED = "if the pattern continued", "with the savings planned"


@dataclass(frozen=True, eq=False)
class Seen:
    """A projection as it is shown: the view it belongs to, its outlook, and the money it is made of."""

    view: View
    outlook: Outlook
    money: Money

    @property
    def side(self) -> Side:
        """With the savings, where any are planned."""
        return self.outlook.mitigated if self.money.assumptions.schemes else self.outlook.unmitigated

    @property
    def words(self) -> str:
        """What the side stands for."""
        return MITIGATED if self.money.assumptions.schemes else UNMITIGATED

    @property
    def last(self) -> str:
        """Last year projected."""
        return self.outlook.years[-1]


def seen(page: Page) -> list[Seen]:
    """The projection as things are and under each scenario; empty where none can be made."""
    if "seen" not in page.kept:
        made = views(page)
        money = money_of(page, made)
        page.kept["seen"] = [] if money is None else [Seen(view, projected(page, money, view), money) for view in made]
    return page.kept["seen"]


def balance_figures(page: Page, one: Seen, year: str, *, side: Side | None = None) -> list[Figure]:
    """Point and ends of the 80% range of the balance at 31 March of a year."""
    return position_figures(page, one, year, ACCUMULATED, side=side)


def position_figures(page: Page, one: Seen, year: str, of: str, *, side: Side | None = None) -> list[Figure]:
    """Point and ends of the 80% range of a position. of: IN_YEAR or ACCUMULATED; side: left out, the one shown."""
    side = side or one.side
    at = one.outlook.years.index(year)
    point = (side.accumulated if of == ACCUMULATED else side.in_year)[at] / 100
    name = "mitigated" if side is one.outlook.mitigated else "unmitigated"
    how = f"{name}, plans of the flow model x prices + other lines"
    values = {"point": point, "lower80": side.quantile(0.1, year, of=of), "upper80": side.quantile(0.9, year, of=of)}
    return [
        pounds(page, one, f"{of}-{name}-{what}", year, value, f"{what}: {how}", of=of) for what, value in values.items()
    ]


def pounds(
    page: Page,
    one: Seen,
    name: str,
    year: str,
    value: float,
    how: str,
    *,
    of: str = "",
    measure: str = "dsg_balance_outlook",
    on: Sequence[Figure] = (),
) -> Figure:
    """One amount of a projection.

    of: ACCUMULATED for a balance at 31 March, left out, of the year; on: the figures that it rests on, left out for
    what the projection starts from.
    """
    area = page.facts.authority
    day = periods.last_day(year, FINANCIAL_YEAR).isoformat() if of == ACCUMULATED else year
    return Figure(
        id=f"{measure}.{area.slug}.{year}.{name}{one.view.tail}",
        measure=measure,
        area_code=area.code,
        area=area.name,
        period=day,
        period_basis=AT_DATE if of == ACCUMULATED else FINANCIAL_YEAR,
        value=float(value),
        status=STATUS,
        unit="GBP",
        source=OWN,
        reference=f"{how} (docs/methods.md)",
        places=1,
        inputs=tuple(on) or started_from(page, one),
    )


def started_from(page: Page, one: Seen) -> tuple[Figure, ...]:
    """What a projection starts from: the plan's first year as printed, where it follows one, and published plans."""
    plan, area = one.money.printed, page.facts.authority
    cells = [cell for cell in plan.cells.values() if cell.period == one.money.years[0]] if plan is not None else []
    printed = [cell_figure(page.papers.tables[PROJECTION], area, PROJECTION, cell) for cell in cells]
    return (*printed, *outlooks.started_from(page, one.view))


def chance_figure(page: Page, one: Seen, printed: Figure) -> Figure:
    """Chance that the balance is at most what the plan says."""
    area = page.facts.authority
    return replace(
        printed,
        id=f"dsg_balance_chance.{area.slug}.{one.last}",
        measure="dsg_balance_chance",
        value=100 * one.side.chance_at_most(float(printed.value), one.last),  # type: ignore[arg-type]
        unit="%",
        status=STATUS,
        source=OWN,
        places=0,
        reference=f"share of paths on which the balance is at most {printed.id} (docs/methods.md)",
    )


def printed_balance(page: Page, year: str) -> Figure | None:
    """The balance that the authority's paper prints, in pounds."""
    plan = printed_of(page)
    cell = plan.total(PRINTED_BALANCE, year) if plan is not None else None
    if cell is None:
        return None
    area = page.facts.authority
    return Figure(
        id=f"printed_{PRINTED_BALANCE}_pounds.{area.slug}.{year}",
        measure=f"printed_{PRINTED_BALANCE}",
        area_code=area.code,
        area=area.name,
        period=periods.last_day(year, FINANCIAL_YEAR).isoformat(),
        period_basis=AT_DATE,
        value=in_pounds(plan, cell.value),  # type: ignore[arg-type]
        status="",
        unit="GBP",
        source=page.papers.tables[PROJECTION]["source"].iloc[0],
        reference=f"{cell.file}, row {cell.row}",
        places=1,
    )


def end_of(year: str) -> str:
    """`31 March 2028` for 2027-28."""
    return periods.day_in_words(periods.last_day(year, FINANCIAL_YEAR))
