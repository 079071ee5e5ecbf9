"""The desk at which papers are reconciled: printed figures by key, published figures, and lines made from them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import pandas as pd

from highneeds.facts import Area, Facts
from highneeds.figures import Figure, counted
from highneeds.measures.declarations import OWN
from highneeds.models.deficit.checks import Check, checks
from highneeds.models.deficit.printed import LABELS, Plan, printed_plan
from highneeds.models.deficit.rounded import ADDS_UP
from highneeds.models.paper_figures import cell_figure, made_figure, row_figures, sum_of_parts
from highneeds.models.reconcile.line import UNCHECKED, Line, beside_published, judged
from highneeds.sources.citations import paper_and_place

NOT_HELD, NO_BASE = "The published count is not held.", "Too few to work out a change from."


@dataclass(frozen=True)
class Desk:
    """An authority's printed tables and the published facts, asked one figure at a time."""

    tables: Mapping[str, pd.DataFrame]
    facts: Facts
    dated: date | None = None

    @property
    def area(self) -> Area:
        """The authority."""
        return self.facts.authority

    def has(self, table: str) -> bool:
        """True where a table is held and has rows."""
        return table in self.tables and len(self.tables[table]) > 0

    def all(self, table: str, measure: str, period: str, breakdown: str = "Total") -> list[Figure]:
        """Every known figure that a table prints of a measure."""
        found = row_figures(self.tables.get(table), self.area, measure, period, breakdown)
        return [figure for figure in found if figure.known]

    def printed(self, table: str, measure: str, period: str, breakdown: str = "Total") -> Figure | None:
        """The one figure that a table prints of a measure; None where it prints none, or several."""
        found = self.all(table, measure, period, breakdown)
        return found[0] if len(found) == 1 else None

    def plan(self, table: str) -> Plan | None:
        """A printed plan; None where the table is not held."""
        return printed_plan(self.tables[table]) if self.has(table) else None

    # ---- Lines -------------------------------------------------------------------------------------------------------

    def line(
        self, item: str, what: str, printed: Figure | None, made: Figure | None, verdict: str, comment: str = ""
    ) -> Line:
        """A line with its place taken from what is printed, or from the inputs of what is made."""
        like = printed if printed is not None else made
        sources = [] if like is None else [figure.source for figure in _leaves(like) if figure.source != OWN]
        paper, where = paper_and_place(sources[0] if sources else "")
        return Line(item, what, paper, where, printed, made, verdict, comment)

    def sum(
        self,
        item: str,
        what: str,
        printed: Figure | None,
        made: Figure | None,
        *,
        slack: float = 0.0,
        comment: str = "",
    ) -> Iterator[Line]:
        """A printed figure beside what its inputs give; nothing where either is missing."""
        if printed is not None and made is not None and not made.known:
            yield self.line(item, what, printed, None, UNCHECKED, NO_BASE)
        elif printed is not None and made is not None:
            yield self.line(item, what, printed, made, judged(printed, made, slack=slack), comment)

    def published(
        self, item: str, what: str, printed: Figure | None, published: Figure, comment: str = ""
    ) -> Iterator[Line]:
        """A printed figure beside the published one; it cannot be checked where that is not held."""
        if printed is None:
            return
        if not published.known:
            yield self.line(item, what, printed, None, UNCHECKED, NOT_HELD)
        else:
            yield self.line(item, what, printed, published, beside_published(printed, published), comment)

    def unchecked(
        self,
        item: str,
        what: str,
        table: str,
        missing: str,
        *,
        printed: Figure | None = None,
        made: Figure | None = None,
    ) -> Iterator[Line]:
        """What cannot be worked out again, with what is missing; nothing where the paper's table is not held."""
        if not self.has(table):
            return
        found = self.line(item, what, printed, made, UNCHECKED, missing)
        paper, _ = paper_and_place(self.tables[table]["source"].iloc[0])
        yield found if found.paper else replace(found, paper=paper)

    # ---- Totals of a printed plan ------------------------------------------------------------------------------------

    def cell(self, table: str, cell) -> Figure:
        """One cell of a printed plan."""
        return cell_figure(self.tables[table], self.area, table, cell)

    def made_sum(self, table: str, check: Check) -> Figure:
        """What the parts of a printed total come to."""
        return sum_of_parts(self.tables[table], self.area, table, check)

    def totals(self, item: str, table: str, comments: Mapping[tuple[str, str], str]) -> Iterator[Line]:
        """Each printed total that does not add up exactly, and one line for those that do.

        comments: what to say of a total, by measure and period.
        """
        plan = self.plan(table)
        found = checks(plan) if plan is not None else ()
        exact = [check for check in found if check.verdict == ADDS_UP]
        for check in found:
            if check.verdict != ADDS_UP:
                printed, made = self.cell(table, check.total), self.made_sum(table, check)
                key = (check.total.measure, check.total.period)
                what = f"{LABELS[check.total.measure]}, {check.total.period}"
                yield self.line(item, what, printed, made, check.verdict, comments.get(key, ""))
        if exact:
            names = [f"{check.total.measure} {check.total.period}" for check in exact]
            yield self.count(item, "Other totals that add up", self.cell(table, exact[0].total), names, names)

    def count(self, item: str, what: str, like: Figure, printed: Sequence[str], held: Sequence[str]) -> Line:
        """How many totals are printed, and how many of them are the sum of their parts."""
        name, tail = item.lower(), f"{self.area.slug}.{like.period}"
        one = counted(
            f"totals_printed_{name}.{tail}", len(printed), "totals", like, ", ".join(printed), source=like.source
        )
        two = counted(f"totals_that_add_up_{name}.{tail}", len(held), "totals", like, ", ".join(held) or "none")
        verdict = judged(one, replace(two, inputs=(like,)))
        return self.line(item, what, one, replace(two, inputs=(like,)), verdict)


def in_millions(figure: Figure) -> Figure:
    """A published amount in pounds, in the papers' unit."""
    if not figure.known:
        return figure
    name = f"{figure.measure}_in_millions"
    return made_figure(name, lambda value: value / 1e6, "{0} / 1000000", figure, unit="GBP million", places=1)


def _leaves(figure: Figure) -> Iterator[Figure]:
    if not figure.inputs:
        yield figure
    for each in figure.inputs:
        yield from _leaves(each)
