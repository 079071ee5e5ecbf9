"""Figures of a projected balance: points, ranges and chances, beside what the authority's paper prints."""

from collections.abc import Sequence
from dataclasses import dataclass

from highneeds import periods
from highneeds.figures import Figure
from highneeds.measures.declarations import OWN
from highneeds.models.deficit.outlook import ACCUMULATED, Outlook, Side
from highneeds.models.deficit.printed import ACCUMULATED as PRINTED_BALANCE
from highneeds.models.deficit.printed import in_pounds
from highneeds.periods import AT_DATE, FINANCIAL_YEAR
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

    of: ACCUMULATED for a balance at 31 March, left out, of the year; on: the figures that it rests on.
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
        inputs=tuple(on),
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
