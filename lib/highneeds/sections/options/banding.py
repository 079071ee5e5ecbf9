"""Bands of funding for plans as an option: their values, the change for each school, the cost of a guarantee."""

from highneeds import charts, periods
from highneeds.charts import Series
from highneeds.charts.options import change_chart
from highneeds.claims import Claim
from highneeds.figures import POUNDS, Figure, slug
from highneeds.models.options import banding as bands
from highneeds.sections.options.common import (
    MOST_BARS,
    MOST_ROWS,
    Hidden,
    Option,
    Worked,
    heading,
    held,
    hidden,
    optional,
    policy,
    saves,
)
from highneeds.sections.page import Block, KeyFigure, Page
from highneeds.tables import Column, Row

BANDING_FILES = ("banding_sample", "bands")
BESIDE = {
    "neighbours_gbp": ("neighbours_band_value", "median of neighbours' values"),
    "difference_gbp": ("band_value_difference", "our value less their median"),
}


def _banding(page: Page) -> Worked | None:
    tables = held(page, *BANDING_FILES)
    return Worked(page, tables[1]["financial_year"].iloc[0], periods.FINANCIAL_YEAR, tables) if tables else None


def _banding_total(worked: Worked) -> dict[str, Figure]:
    """What the bands change spending by on the sampled plans, and how many schools lose."""
    effect = bands.effect_by_school(*worked.rows)
    how = "sum of band values less sum of current costs, a year"
    return {
        "change": worked.pounds("banding_change.all", effect["effect_gbp"].sum(), how),
        "saving": worked.pounds("banding_saving.all", -effect["effect_gbp"].sum(), "current costs less band values"),
        "plans": worked.figure("banding_plans.all", len(worked.rows[0]), "plans", "sampled plans"),
        "schools": worked.figure("banding_schools.all", len(effect), "schools", "schools with sampled plans"),
        "losing": worked.figure(
            "banding_schools.losing", effect["effect_gbp"].lt(0).sum(), "schools", "schools with a change below 0"
        ),
    }


def banding_option(page: Page) -> Option | None:
    """Yearly change of spending on the sampled plans."""
    worked = _banding(page)
    if worked is None:
        return None
    total = _banding_total(worked)
    words = page.say(
        "key_banding",
        "On {plans} sampled plans, a year; {losing} of {schools} schools would lose.",
        **{name: total[name] for name in ("plans", "losing", "schools")},
    )
    key = KeyFigure("Bands: change of spending", total["change"], "", [], words)
    return Option("funding plans by bands, on the sampled plans alone", key, total["saving"])


def banding(page: Page) -> Block | None:
    """Band values beside neighbours', what they change for each school, and the cost of a guarantee."""
    worked = _banding(page)
    if worked is None:
        return None
    total = _banding_total(worked)
    way = saves(total["saving"])
    said = page.say(
        "banding",
        f"On the {{plans}} sampled plans, the bands would {way} {{change.size}} a year {{change.when}}: {{losing}} of "
        "{schools} schools would lose. Plans that were not sampled are not counted.",
        **{name: total[name] for name in ("plans", "change", "losing", "schools")},
    )
    head = page.paragraphs(heading("Bands of funding for plans", *worked.rows), said, _guarantee_said(page, worked))
    blocks = [head, _band_table(page, worked), _school_chart(page, worked), _guarantee_table(page, worked)]
    return Block("".join(block.markup for block in blocks if block is not None))


def _band_table(page: Page, worked: Worked) -> Block:
    values, neighbours = bands.band_values(*worked.rows), optional(page, "banding_neighbours")
    beside = bands.beside_neighbours(values, neighbours[0]) if neighbours else values
    both = Worked(page, worked.period, worked.period_basis, [*worked.rows, *neighbours])
    columns = [Column("Sampled plans"), Column("Value a year (£)")]
    rows = []
    for row in beside.to_dict("records"):
        tail = slug(row["band"])
        cells = [
            worked.figure(f"band_plans.{tail}", row["plans"], "plans", "sampled plans in the band"),
            worked.pounds(f"band_value.{tail}", row["value_gbp"], f"median, to the nearest £{bands.STEP_GBP}"),
        ]
        if neighbours:
            count = both.figure(f"band_neighbours.{tail}", row["neighbours"], "authorities", "neighbours with the band")
            cells += [count, *(_beside(both, tail, row, name) for name in BESIDE)]
        rows.append(Row(f"Band {row['band']}", cells))
    columns += [Column("Neighbours"), Column("Their median (£)"), Column("Difference (£)")] if neighbours else []
    return page.table(
        "bands",
        f"Value of each band, {page.facts.authority.name}, {worked.period}",
        row_head="Band",
        columns=columns,
        rows=rows,
        note="A band's value is the median of its sampled plans. Neighbours' bands of the same name need not mean the "
        "same needs.",
    )


def _beside(both: Worked, tail: str, row: dict, name: str) -> Figure:
    measure, how = BESIDE[name]
    return both.figure(f"{measure}.{tail}", row[name], POUNDS, how, status="" if row["neighbours"] else "x")


def _school_chart(page: Page, worked: Worked) -> Block | None:
    """Change by school. Schools with too few sampled plans are hidden: their costs would be single plans' costs."""
    effect = bands.effect_by_school(*worked.rows).sort_values(["effect_gbp", "school"], ignore_index=True)
    fewest = policy(page).unit_cost_minimum
    hide = hidden(effect["plans"], fewest=fewest)
    shown = effect[[not gone for gone in hide.rows]]
    if shown.empty:
        return None
    cells = {row["school"]: _school_cells(worked, row) for row in shown.to_dict("records")}
    names = list(cells)
    edge = MOST_BARS // 2
    ends = names if len(names) <= MOST_BARS else [*names[:edge], *names[-edge:]]
    bars = [Series(name, [cells[name][-1]]) for name in ends]
    title = page.say(
        "banding_title",
        "Largest loss and gain among schools shown: {low} and {high} a year",
        low=cells[names[0]][-1],
        high=cells[names[-1]][-1],
    )
    left = len(names) - MOST_ROWS
    listed = names if left <= 0 else [*names[: MOST_ROWS // 2], *names[-MOST_ROWS // 2 :]]
    return page.chart(
        "banding",
        change_chart(bars, unit=POUNDS),
        title=title,
        subtitle=f"Change by school on its sampled plans, {page.facts.authority.name}, {worked.period}, pounds a year",
        alt=charts.describe(bars, "Bar chart of the change by school"),
        row_head="School",
        columns=["Now (£)", "By bands (£)", "Change (£)"],
        rows=[(name, cells[name]) for name in listed],
        note=_school_note(hide, fewest, left),
    )


def _school_cells(worked: Worked, row: dict) -> list[Figure]:
    tail = slug(row["school"])
    return [
        worked.pounds(f"banding_now.{tail}", row["current_gbp"], "sum of the school's sampled costs"),
        worked.pounds(f"banding_then.{tail}", row["banded_gbp"], "sum of the school's band values"),
        worked.pounds(f"banding_change.{tail}", row["effect_gbp"], "band values less current costs"),
    ]


def _school_note(hide: Hidden, fewest: int, left: int) -> str:
    more = f" {left} schools between these are not listed." if left > 0 else ""
    return f"Change on sampled plans alone.{hide.note(fewest, 'sampled plans')}{more}"


def _guarantee(page: Page, worked: Worked) -> tuple[Worked, list[dict]] | None:
    """Years of the guarantee, with figures; cost hidden where it rests on too few plans."""
    found = optional(page, "banding_guarantee")
    if not found:
        return None
    settings, effect = found[0].iloc[0], bands.effect_by_school(*worked.rows)
    losing = bands.guarantee(effect, allowed_loss_pct=settings["allowed_loss_pct"]).query("top_up_gbp > 0")
    few = 0 < losing["plans"].sum() < policy(page).unit_cost_minimum
    every = [*worked.rows, *found]
    made = []
    for row in bands.guarantee_by_year(effect, settings).to_dict("records"):
        own, hide = Worked(page, row["financial_year"], periods.FINANCIAL_YEAR, every), few and row["schools"] > 0
        made.append(
            {
                "schools": own.figure("guarantee_schools.all", row["schools"], "schools", "schools below their floor"),
                "cost": own.pounds("guarantee_cost.all", row["cost_gbp"], "floors less band values", hide=hide),
                "net": own.pounds("guarantee_net.all", row["net_gbp"], "change by bands plus guarantee", hide=hide),
            }
        )
    return Worked(page, settings["financial_year"], periods.FINANCIAL_YEAR, found), made


def _guarantee_said(page: Page, worked: Worked) -> Claim | None:
    found = _guarantee(page, worked)
    if found is None:
        return None
    own, made = found
    settings = own.rows[0].iloc[0]
    years = own.figure("guarantee_years.all", settings["guarantee_years"], "years", "setting")
    loss = own.figure("guarantee_allowed_loss.all", settings["allowed_loss_pct"], "%", "setting", places=1)
    return page.say(
        "guarantee",
        "A guarantee that no school loses more than {loss} on them would cost {cost} a year for {years} years, "
        "topping up {schools} schools.",
        loss=loss,
        cost=made[0]["cost"],
        years=years,
        schools=made[0]["schools"],
    )


def _guarantee_table(page: Page, worked: Worked) -> Block | None:
    found = _guarantee(page, worked)
    if found is None:
        return None
    rows = [Row(each["cost"].period, [each["schools"], each["cost"], each["net"]]) for each in found[1]]
    return page.table(
        "guarantee",
        f"Bands with a minimum income guarantee, {page.facts.authority.name}, pounds a year",
        row_head="Financial year",
        columns=[Column("Schools topped up"), Column("Guarantee (£)"), Column("Change of spending, net (£)")],
        rows=rows,
        note="Sampled plans alone, at the prices of the sample. The last row is the first year after the guarantee.",
    )
