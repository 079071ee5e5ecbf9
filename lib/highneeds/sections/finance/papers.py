"""Printed money as figures: cells of a paper, numbers computed from them, totals added up again.

Owns what `printed` and `stated` share; leaves the sums to `models.deficit`. A number that does not fit
stays as printed, and no cause is named but the one sign that would let a total add up.
"""

import operator
from collections.abc import Sequence
from dataclasses import replace

from highneeds.claims import Claim, listed
from highneeds.figures import POUNDS, Figure, counted, slug
from highneeds.measures.declarations import OWN
from highneeds.models.deficit.checks import Check, checks, failed
from highneeds.models.deficit.checks import sign_that_reconciles as turned_sign
from highneeds.models.deficit.printed import ACCUMULATED, LABELS, TOTAL, Cell, Plan
from highneeds.models.deficit.rounded import ADDS_UP, DOES_NOT_ADD_UP, WITHIN_ROUNDING
from highneeds.models.paper_figures import cell_figure as cell_figure_of
from highneeds.models.paper_figures import made_figure, moved_of, opening_of, rolled_of, sum_of_parts
from highneeds.periods import FINANCIAL_YEAR
from highneeds.sections.page import Page
from highneeds.tables import Row

ZEROS = {"GBP million": 6, "GBP thousand": 3, "GBP": 0}


# ---- Figures ---------------------------------------------------------------------------------------------------------


def cell_figure(page: Page, table: str, cell: Cell, *, basis: str = FINANCIAL_YEAR, tail: str = "") -> Figure:
    """One printed cell; its table stands in its id, for two tables of a paper may differ."""
    return cell_figure_of(page.papers.tables[table], page.facts.authority, table, cell, basis=basis, tail=tail)


def pounds_figure(figure: Figure) -> Figure:
    """An amount in pounds, shown in millions; to its printed place where that is finer than a tenth of a million."""
    zeros = ZEROS[figure.unit]
    in_millions = zeros == ZEROS["GBP million"] and figure.places <= 1
    return replace(
        figure,
        id=f"{figure.id}.pounds",
        value=None if figure.value is None else figure.value * 10**zeros,
        unit="GBP" if in_millions else POUNDS,
        source=OWN,
        reference=f"{10**zeros} * {figure.id}",
        places=1 if in_millions else figure.places - zeros,
        inputs=(figure,),
    )


# ---- Totals ----------------------------------------------------------------------------------------------------------


def _sum(page: Page, table: str, check: Check) -> Figure:
    return sum_of_parts(page.papers.tables[table], page.facts.authority, table, check)


def _count(page: Page, table: str, found: Sequence[Check], verdicts: tuple[str, ...]) -> Figure:
    """How many totals have one of these verdicts."""
    held = [check for check in found if check.verdict in verdicts]
    name = f"{table}_totals_{'_'.join(slug(each) for each in verdicts)}.{page.facts.authority.slug}"
    how = f"printed totals: {', '.join(f'{c.total.measure} {c.total.period}' for c in held) or 'none'}"
    on = [cell_figure(page, table, check.total) for check in held]
    return counted(name, len(held), "totals", cell_figure(page, table, found[-1].total), how, on=on)


def sums_said(page: Page, table: str, plan: Plan, see: str) -> list[Claim]:
    """How many printed totals add up, each that does not, and those that rounding explains."""
    found = checks(plan)
    if not found:
        return []
    verdicts = (ADDS_UP, WITHIN_ROUNDING, DOES_NOT_ADD_UP)
    said = page.say(
        f"{table}_sums",
        "Of {n} printed totals with parts, {exact} add up exactly, {near} within rounding and {wrong} not at all "
        "({see}).",
        n=_count(page, table, found, verdicts),
        exact=_count(page, table, found, verdicts[:1]),
        near=_count(page, table, found, verdicts[1:2]),
        wrong=_count(page, table, found, verdicts[2:]),
        see=see,
    )
    return [said, *(_wrong_said(page, table, check) for check in failed(found)), *_near_said(page, table, found)]


def _wrong_said(page: Page, table: str, check: Check) -> Claim:
    """One total that does not add up, and the sign that would reconcile it where there is just one."""
    name, made, cell = f"{table}_{check.total.measure}", _sum(page, table, check), turned_sign(check)
    limit = made_figure(f"{name}_rounding", lambda _: float(check.rounding), "half a step of each number in {0}", made)
    template = "{line} of {year}: the parts come to {made}, printed is {total}; rounding explains less than {limit}."
    slots: dict = {"made": made, "total": cell_figure(page, table, check.total), "limit": replace(limit, places=1)}
    if cell is not None:
        turned = cell_figure(page, table, cell)
        slots["mended"] = made_figure(
            f"{name}_turned", lambda whole, part: whole - 2 * part, "{0} - 2 * {1}", made, turned
        )
        slots["turned"] = turned
        template += (
            " With the sign of {name} (printed as {turned}) turned they come to {mended}; no other sign does that."
        )
    slots = {name: pounds_figure(figure) for name, figure in slots.items()}
    slots |= {"line": LABELS[check.total.measure], "year": check.total.period}
    slots |= {"name": f"the {lower_case(cell.name)}"} if cell is not None else {}
    return page.say(f"{name}_wrong_{check.total.period}", template, **slots)


def _near_said(page: Page, table: str, found: Sequence[Check]) -> list[Claim]:
    """Totals that rounding explains, in one sentence."""
    parts, slots = [], {}
    for at, check in enumerate(check for check in found if check.verdict == WITHIN_ROUNDING):
        parts.append(f"{{line{at}}} of {{year{at}}} ({{sum{at}}} against {{total{at}}} printed)")
        slots[f"line{at}"], slots[f"year{at}"] = lower_case(LABELS[check.total.measure]), check.total.period
        slots[f"sum{at}"] = pounds_figure(_sum(page, table, check))
        slots[f"total{at}"] = pounds_figure(cell_figure(page, table, check.total))
    return [page.say(f"{table}_near", f"Within rounding: {listed(parts)}.", **slots)] if parts else []


def lower_case(text: str) -> str:
    """A label within a sentence."""
    return text if text.startswith("DfE") else text[0].lower() + text[1:]


def line_figures(page: Page, table: str, plan: Plan, measure: str, name: str) -> list[Figure]:
    """A printed line, year by year."""
    return [cell_figure(page, table, plan.cells[measure, name, year]) for year in plan.years]


def total_rows(page: Page, table: str, plan: Plan, measure: str, label: str) -> list[Row]:
    """A total as printed, what its parts come to, the difference where there is one, and what it means."""
    found = {check.total.period: check for check in checks(plan) if check.total.measure == measure}
    printed = dict(zip(plan.years, line_figures(page, table, plan, measure, TOTAL), strict=True))
    rows = [Row(f"{LABELS[measure]}, as printed", list(printed.values()), rule=True, strong=True)]
    if not found:
        return rows
    rolled = measure == ACCUMULATED
    made = (
        rolled_figures(page, table, plan) if rolled else {year: _sum(page, table, each) for year, each in found.items()}
    )
    rows.append(Row(label, [made.get(year, "") for year in plan.years]))
    if any(check.difference for check in found.values()):
        name = f"{table}_{measure}_difference"
        gaps = {year: made_figure(name, operator.sub, "{0} - {1}", made[year], printed[year]) for year in made}
        rows.append(Row("Difference", [gaps.get(year, "") for year in plan.years]))
    return [*rows, Row("Verdict", [found[year].verdict if year in found else "not checked" for year in plan.years])]


def moved_figures(page: Page, table: str, plan: Plan, year: str) -> list[Figure]:
    """What moves the balance in a year: net as printed, and contributions."""
    return moved_of(page.papers.tables[table], page.facts.authority, table, plan, year)


def opening_figure(page: Page, table: str, plan: Plan) -> Figure | None:
    """The balance brought forward that the first printed balance implies."""
    return opening_of(page.papers.tables[table], page.facts.authority, table, plan)


def rolled_figures(page: Page, table: str, plan: Plan) -> dict[str, Figure]:
    """The balance by year, each carried on from the one before as carried on."""
    return rolled_of(page.papers.tables[table], page.facts.authority, table, plan)
