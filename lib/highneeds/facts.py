"""Facts: the panel and an authority's own tables, asked one figure at a time.

Turns rows into figures with their trace, computes declared ratios through their parts, and pools
groups of authorities by summing before dividing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import pandas as pd

from highneeds import periods, terms
from highneeds.figures import Figure, slug
from highneeds.measures.declarations import MEASURES, OWN, Measure
from highneeds.measures.ratios import MIN_CASES, parts, population_period, ratio
from highneeds.schemas import VALUES_KEY
from highneeds.sources.panel import Panel

NEIGHBOURS = "neighbours"


@dataclass(frozen=True)
class Area:
    """An area as a report names it."""

    code: str
    name: str

    @property
    def slug(self) -> str:
        """Name as it stands in ids and paths."""
        return slug(self.name)


def plain_name(name: str) -> str:
    """`Bristol` for `Bristol, City of`: the name as a sentence can carry it."""
    head, _, tail = name.partition(", ")
    return head if tail in ("City of", "County of") else name


def neighbour_areas(panel: Panel, la_code: str) -> list[Area]:
    """Statistical neighbours of an authority, the closest first."""
    areas = panel.areas[panel.areas["la_code"].ne("")].set_index("la_code")
    mine = panel.neighbours[panel.neighbours["la_code"].eq(la_code)]
    order = mine.assign(rank=mine["rank"].astype(int)).sort_values("rank")["neighbour_la_code"]
    found = areas.loc[[code for code in order if code in areas.index]]
    return [Area(code, plain_name(name)) for code, name in zip(found["area_code"], found["area_name"], strict=True)]


@dataclass(frozen=True)
class Held:
    """Figures of periods that had ended by a day, laid out to be asked one by one.

    values: rows of the panel; rows: key to (value, status, source, reference); years: periods of a measure; kept: what
    was worked out once for all authorities (models, tests), by name.
    """

    values: pd.DataFrame
    rows: dict[tuple, tuple]
    years: dict[tuple, list[str]]
    kept: dict = field(default_factory=dict)


def held_by(panel: Panel, as_at: date) -> Held:
    """What the panel knows as at a day; one for all authorities of a run."""
    values = panel.values
    keys = values[["period", "period_basis"]].drop_duplicates().itertuples(index=False, name=None)
    ended = {key for key in keys if periods.last_day(*key) <= as_at}
    wanted = [key in ended for key in zip(_texts(values["period"]), _texts(values["period_basis"]), strict=True)]
    values = values[wanted]
    key = zip(*(_texts(values[column]) for column in VALUES_KEY), strict=True)
    told = (_texts(values[column]) for column in ("status", "source", "reference"))
    rows = dict(zip(key, zip(values["value"].tolist(), *told, strict=True), strict=True))
    years = values.groupby(["measure", "breakdown"])["period"].unique()
    return Held(values, rows, {key: sorted(found) for key, found in years.items()})


def _texts(column: pd.Series) -> list[str]:
    """Texts of a column, each different one made once: a long column of few is read ten times faster so."""
    codes, different = pd.factorize(column)
    held = different.tolist()
    return [held[code] for code in codes.tolist()]


class Facts:
    """Published figures for one authority, its neighbours, its region and England, as at a day."""

    def __init__(
        self, panel: Panel, authority: pd.Series, as_at: date, held: "Held | None" = None, chosen: Sequence[str] = ()
    ) -> None:
        """chosen: area codes of authorities that stand in the place of the statistical neighbours; none: those."""
        self.panel = panel
        self.as_at = as_at
        self.authority = Area(authority["area_code"], plain_name(authority["area_name"]))
        self.opened: str = authority["opened"]
        names = panel.areas.set_index("area_code")["area_name"]
        self.england = Area(terms.ENGLAND, "England")
        self.region = Area(authority["region_code"], names[authority["region_code"]])
        self.neighbours = (
            [Area(code, plain_name(names[code])) for code in chosen]
            if chosen
            else neighbour_areas(panel, authority["la_code"])
        )
        self.others = terms.CHOSEN if chosen else terms.STATISTICAL
        self.titles = {row.source: f"{row.publisher}, {row.title}" for row in panel.sources.itertuples()}
        held = held or held_by(panel, as_at)
        self.values, self._rows, self._years, self.kept = held.values, held.rows, held.years, held.kept

    def periods(
        self, measure: str, *, last: int | None = None, breakdown: str = "Total", area: Area | None = None
    ) -> list[str]:
        """Periods for which England, or another area, has a figure, oldest first; the last few where asked."""
        declared, area = MEASURES[measure], area or self.england
        key = parts(declared.numerator)[0] if declared.is_ratio else (measure, breakdown)
        held = [period for period in self._years.get(key, []) if self.get(measure, area, period, breakdown).known]
        return held[-last:] if last else held

    def breakdowns(self, measure: str) -> list[str]:
        """What a measure is held by: `Total` first, where there is one, then its parts in order."""
        if MEASURES[measure].is_ratio:
            return ["Total"]
        held = {breakdown for name, breakdown in self._years if name == measure}
        return sorted(held, key=lambda name: (name != "Total", name))

    def latest(self, measure: str) -> str:
        """Newest period for which England has a figure; empty where there is none."""
        return (self.periods(measure) or [""])[-1]

    def get(self, measure: str, area: Area, period: str, breakdown: str = "Total") -> Figure:
        """One figure. An area that DfE shows without a figure gives its symbol, never zero."""
        declared = MEASURES[measure]
        if declared.is_ratio:
            return self._ratio(declared, area, period, [area])
        return self._published(declared, area, period, breakdown)

    def pool(self, measure: str, areas: Sequence[Area], period: str, name: str, breakdown: str = "Total") -> Figure:
        """Several authorities taken together: those with every part are summed, then divided."""
        declared = MEASURES[measure]
        together = Area(NEIGHBOURS, name)
        if declared.is_ratio:
            return self._ratio(declared, together, period, areas)
        if declared.unit == "%":
            return replace(
                self._sum(declared, together, period, []),
                status="z",
                reference="shares published without their counts cannot be taken together",
            )
        members = [self.get(measure, area, period, breakdown) for area in areas]
        return self._sum(declared, together, period, members, breakdown)

    def neighbours_change(
        self, measure: str, period: str, previous: str, breakdown: str = "Total"
    ) -> tuple[Figure, Figure]:
        """A count of the neighbours together in two periods, over those that have both: one group, not two."""
        both = [a for a in self.neighbours if all(self.get(measure, a, p, breakdown).known for p in (period, previous))]
        name = f"{self.together} with both years"
        now, before = (self.pool(measure, both, p, name, breakdown) for p in (period, previous))
        return now, before

    def neighbours_pooled(self, measure: str, period: str, breakdown: str = "Total") -> Figure:
        """The statistical neighbours, or the authorities chosen in their place, taken together."""
        return self.pool(measure, self.neighbours, period, self.together, breakdown)

    @property
    def together(self) -> str:
        """Name of the neighbours taken together: `Statistical neighbours`, `Chosen authorities`."""
        return self.others.many.capitalize()

    def neighbour_pairs(self) -> pd.DataFrame:
        """The panel's pairs of authorities and neighbours, the authority's own replaced where others were chosen."""
        pairs = self.panel.neighbours
        if self.others is not terms.CHOSEN:
            return pairs
        codes = self.panel.areas.set_index("area_code")["la_code"]
        mine, picked = codes[self.authority.code], [codes[area.code] for area in self.neighbours]
        rows = {"la_code": mine, "rank": [str(at) for at in range(1, len(picked) + 1)], "neighbour_la_code": picked}
        rest = pairs[pairs["la_code"].ne(mine)]
        return pd.concat([rest, pd.DataFrame(rows).reindex(columns=pairs.columns, fill_value="")], ignore_index=True)

    def _published(self, declared: Measure, area: Area, period: str, breakdown: str) -> Figure:
        key = (area.code, period, declared.period_basis, declared.name, breakdown)
        row = self._rows.get(key)
        tail = "" if breakdown == "Total" else f".{slug(breakdown)}"
        value, status, source, reference = row if row else (None, "n", "", "no such row in the releases held")
        if row is None and self._before_it_existed(area, period, declared.period_basis):
            status, reference = "z", "the authority did not exist"
        if value is not None and pd.isna(value):
            value = None
        return Figure(
            id=f"{declared.name}.{area.slug}.{period}{tail}",
            measure=declared.name,
            area_code=area.code,
            area=area.name,
            period=period,
            period_basis=declared.period_basis,
            value=value,
            status=status,
            unit=declared.unit,
            source=source,
            reference=reference,
            breakdown=breakdown,
            places=declared.places,
        )

    def _before_it_existed(self, area: Area, period: str, basis: str) -> bool:
        opened = self.opened if area == self.authority else ""
        return bool(period) and bool(opened) and periods.last_day(period, basis).isoformat() < opened

    def _part(self, name: str, breakdown: str, area: Area, period: str, basis: str) -> Figure:
        if name == "population":
            period = population_period(period, basis, self._years.get((name, breakdown), [])) or period
        return self._published(MEASURES[name], area, period, breakdown)

    def _ratio(self, declared: Measure, area: Area, period: str, members: Sequence[Area]) -> Figure:
        basis = declared.period_basis
        tops, bottoms = [], []
        for member in members:
            top = [self._part(name, item, member, period, basis) for name, item in parts(declared.numerator)]
            bottom = [self._part(name, item, member, period, basis) for name, item in parts(declared.denominator)]
            if len(members) == 1 or all(figure.known for figure in [*top, *bottom]):
                tops, bottoms = tops + top, bottoms + bottom
        inputs = tuple(tops + bottoms)
        status = next((figure.status for figure in inputs if not figure.known), "" if inputs else "x")
        value = None
        if not status:
            above, below = sum(f.value for f in tops), sum(f.value for f in bottoms)  # type: ignore[misc]
            # A share rests on its denominator, a rate per 1,000 residents on the cases above the line.
            few = (below if declared.unit == "%" else above) < MIN_CASES
            status = "z" if below == 0 else "u" if few else ""
            value = None if status else ratio(declared, above, below)  # type: ignore[arg-type]
        fraction = f"({' + '.join(f.id for f in tops)}) / ({' + '.join(f.id for f in bottoms)})"
        formula = (
            f"{declared.scale:g} * (1 - {fraction})" if declared.complement else f"{declared.scale:g} * {fraction}"
        )
        return Figure(
            id=f"{declared.name}.{area.slug}.{period}",
            measure=declared.name,
            area_code=area.code,
            area=area.name,
            period=period,
            period_basis=basis,
            value=value,
            status=status,
            unit=declared.unit,
            source=OWN,
            reference=formula if inputs else "no authority has every part",
            places=declared.places,
            inputs=inputs,
        )

    def _sum(
        self, declared: Measure, area: Area, period: str, members: list[Figure], breakdown: str = "Total"
    ) -> Figure:
        held = tuple(figure for figure in members if figure.known)
        tail = "" if breakdown == "Total" else f".{slug(breakdown)}"
        return Figure(
            id=f"{declared.name}.{area.slug}.{period}{tail}",
            measure=declared.name,
            area_code=area.code,
            area=area.name,
            period=period,
            period_basis=declared.period_basis,
            value=sum(f.value for f in held) if held else None,  # type: ignore[misc]
            status="" if held else "x",
            unit=declared.unit,
            source=OWN,
            breakdown=breakdown,
            places=declared.places,
            reference=" + ".join(f.id for f in held),
            inputs=held,
        )
