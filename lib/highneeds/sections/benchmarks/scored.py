"""Every measure by which authorities are compared: rates of all, the score of each, and what may be said of this one.

Owns which measures these are (by their declaration), their figures and their verdicts; leaves words, charts and tables
to the modules beside it. What all authorities share is kept for the next page; what neighbours enter is not.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd

from highneeds.facts import Area
from highneeds.figures import Figure, counted
from highneeds.measures.declarations import MEASURES, OWN, Measure
from highneeds.measures.model import HIGH, THEMES
from highneeds.measures.ratios import ratio_rows
from highneeds.models.funnel import FEW, HIGHER, LEVEL, LOWER, RATE, SHARE, WITHIN, Funnel, funnel, two_sided, verdicts
from highneeds.models.intervals import interval95
from highneeds.sections.page import Page

WORDS = {HIGHER: "higher", LOWER: "lower", WITHIN: "within", FEW: "cannot be told"}
MEASURED = tuple(
    sorted((m for m in MEASURES.values() if m.theme), key=lambda measure: THEMES.index(measure.theme))
)  # declared so, in the order of the themes


@dataclass(frozen=True)
class Scored:
    """One measure at its newest period: the authority's rate and its place among all.

    verdict: beside all authorities; near: beside the mean of its neighbours; each judged with all measures together.
    impossible: its part exceeds its whole.
    """

    measure: Measure
    period: str
    mine: Figure
    funnel: Funnel | None
    z: float
    near_z: float
    impossible: bool
    verdict: str = FEW
    near: str = FEW

    @property
    def beyond(self) -> bool:
        """True where chance and the usual spread between authorities would not explain the rate."""
        return self.verdict in (HIGHER, LOWER)

    @property
    def alone(self) -> bool:
        """True where it lies outside the limits taken by itself, and not once all measures are judged together."""
        return self.verdict == WITHIN and two_sided(self.z) <= LEVEL

    @property
    def negative(self) -> bool:
        """True where it lies beyond at the end that is declared the worse."""
        return self.beyond and (self.verdict == HIGHER) == (self.measure.worse == HIGH) and bool(self.measure.worse)

    @property
    def label(self) -> str:
        """Label with its unit where that is not in it."""
        return f"{self.measure.label} (%)" if self.measure.unit == "%" else self.measure.label


def lowered(label: str) -> str:
    """A label within a sentence: its first letter small, but of EHC."""
    return label if label.startswith("EHC") else label[0].lower() + label[1:]


def kind_of(measure: Measure) -> str:
    """SHARE or RATE: a part of a whole, or cases for a population."""
    return SHARE if measure.unit == "%" else RATE


def scored(page: Page) -> list[Scored]:
    """Every measure with a figure for England, judged together; worked out once a page."""
    if "scored" not in page.kept:
        found = [each for measure in MEASURED if (each := _score(page, measure)) is not None]
        here = verdicts({each.measure.name: each.z for each in found})
        near = verdicts({each.measure.name: each.near_z for each in found})
        page.kept["scored"] = [
            replace(each, verdict=here[each.measure.name], near=near[each.measure.name]) for each in found
        ]
    return page.kept["scored"]


def tested(page: Page) -> list[Scored]:
    """Those of the measures on which the authority can be judged."""
    return [each for each in scored(page) if each.verdict != FEW]


def _score(page: Page, measure: Measure) -> Scored | None:
    facts = page.facts
    period = facts.latest(measure.name)
    if not period:
        return None
    made, mine = funnel_of(page, measure, period), facts.get(measure.name, facts.authority, period)
    code, near = facts.authority.code, [area.code for area in facts.neighbours]
    z, near_z = (made.z_of(code), made.beside(code, near)) if made else (float("nan"), float("nan"))
    return Scored(measure, period, mine, made, z, near_z, _impossible(measure, mine))


def _impossible(measure: Measure, figure: Figure) -> bool:
    if not figure.known or measure.unit != "%":
        return False
    return not 0 <= figure.value <= 100  # type: ignore[operator]


def rows_of(page: Page, measure: Measure, period: str) -> pd.DataFrame:
    """Cases and their whole of every local authority of today: area_code, numerator, denominator."""
    key = ("benchmarks", "rows", measure.name)
    if key not in page.facts.kept:
        areas = page.facts.panel.areas
        today = areas[areas["level"].eq("local authority") & areas["closed"].eq("")]["area_code"]
        rows = ratio_rows(page.facts.values, measure.name)
        rows = rows[rows["area_code"].isin(today)]
        tops = rows["denominator"] - rows["numerator"] if measure.complement else rows["numerator"]
        page.facts.kept[key] = rows.assign(numerator=tops)
    held = page.facts.kept[key]
    return held[held["period"].eq(period)][["area_code", "numerator", "denominator"]]


def funnel_of(page: Page, measure: Measure, period: str) -> Funnel | None:
    """All authorities scored on a measure; the same for every page of a day."""
    key = ("benchmarks", "funnel", measure.name, period)
    if key not in page.facts.kept:
        page.facts.kept[key] = funnel(rows_of(page, measure, period), kind=kind_of(measure))
    return page.facts.kept[key]


# ---- Figures ---------------------------------------------------------------------------------------------------------


def halves(measure: Measure, figure: Figure) -> tuple[Figure, Figure]:
    """Cases and their whole behind one rate, each a figure; of a complement, the cases that it counts."""
    count = len(measure.numerator) * (len(figure.inputs) // (len(measure.numerator) + len(measure.denominator)))
    tops, bottoms = figure.inputs[:count], figure.inputs[count:]
    top, bottom = _sum(figure, tops, "cases"), _sum(figure, bottoms, "whole")
    if measure.complement and top.known and bottom.known:
        left = f"{bottom.id} - {top.id}"
        top = replace(
            top,
            id=f"{measure.name}_other_cases.{figure.id.partition('.')[2]}",
            value=bottom.value - top.value,  # type: ignore[operator]
            source=OWN,
            reference=left,
            inputs=(top, bottom),
        )
    return top, bottom


def _sum(rate: Figure, parts: Sequence[Figure], what: str) -> Figure:
    if len(parts) == 1:
        return parts[0]
    lost = next((part.status for part in parts if not part.known), "" if parts else rate.status or "x")
    return replace(
        rate,
        id=f"{rate.measure}_{what}.{rate.id.partition('.')[2]}",
        measure=f"{rate.measure}_{what}",
        value=None if lost else sum(part.value for part in parts),  # type: ignore[misc]
        status=lost,
        unit=parts[0].unit if parts else "",
        places=0,
        source=OWN,
        reference=" + ".join(part.id for part in parts) or "no part is held",
        inputs=tuple(parts),
    )


def range_of(measure: Measure, figure: Figure) -> tuple[Figure, Figure] | None:
    """95% range of one rate by chance alone; None where there is no rate."""
    if not figure.known or _impossible(measure, figure):
        return None
    top, bottom = halves(measure, figure)
    ends = interval95(top.value, bottom.value, kind=kind_of(measure))  # type: ignore[arg-type]
    how = f"{'Wilson' if kind_of(measure) == SHARE else 'Byar'} range of {top.id} / {bottom.id} (docs/methods.md)"
    tail = figure.id.partition(".")[2]
    low, high = (
        counted(
            f"{measure.name}_{end}.{tail}",
            measure.scale * value,
            figure.unit,
            figure,
            how,
            places=figure.places,
            on=(top, bottom),
        )
        for end, value in zip(("from", "to"), ends, strict=True)
    )
    return low, high


def distance(page: Page, each: Scored) -> Figure:
    """How far the authority lies from all together, in standard deviations, as a figure."""
    made = each.funnel
    how = f"funnel of {len(made.codes)} authorities, spread {made.tau:.2f} (docs/methods.md)" if made else "not scored"
    id = f"{each.measure.name}_distance.{page.facts.authority.slug}.{each.period}"
    z = 0 if made is None else each.z
    return counted(id, z, "standard deviations", each.mine, how, places=1, on=(each.mine,))


def tally(page: Page, name: str, count: int, how: str) -> Figure:
    """A number of measures; it rests on how far the authority lies from all on each."""
    like, on = scored(page)[0].mine, [distance(page, each) for each in tested(page)]
    return counted(f"benchmarks_{name}.{page.facts.authority.slug}", count, "measures", like, how, on=on)


def furthest(page: Page) -> Scored | None:
    """The measure to look at closely: a negative outlier first, else any beyond, else the one furthest out."""
    held = tested(page)
    return max(held, key=lambda each: (each.negative, each.beyond, abs(each.z)), default=None)


def areas_of(page: Page) -> list[tuple[Area, str]]:
    """Authority, region, England and each neighbour, with their roles."""
    facts = page.facts
    first = [(facts.authority, "authority"), (facts.region, "region"), (facts.england, "england")]
    return [*first, *((area, "neighbours") for area in facts.neighbours)]
