"""Places: will there be one? Demand by type of placement, the places there are and will be, and what delay costs."""

from dataclasses import replace

import pandas as pd

from highneeds import charts, periods
from highneeds.charts import Interval, Series
from highneeds.claims import Claim
from highneeds.figures import Figure, counted, difference, slug
from highneeds.periods import JANUARY
from highneeds.sections.common import capital, gap, printed_figure
from highneeds.sections.forecasts import CHANCE, YEARS
from highneeds.sections.outlooks import PLANS, View, figure, placed, three, unplaced, views
from highneeds.sections.page import Block, KeyFigure, Page
from highneeds.sections.places.figures import FILE, places_line, settings_held, short_by_type
from highneeds.tables import Column, Row

SPECIALIST = {  # the largest first; as a key figure names them
    "state special": "In state special schools",
    "resourced provision or SEN unit": "In resourced provision and units",
    "independent": "In independent schools",
}


def answer(page: Page) -> Block:
    """What specialist places will be asked for, and whether there are as many."""
    made = views(page)
    if not made:
        why = "No forecast of plans can be made, so none of the places they need."
        return page.answer(gap(page, PLANS, page.facts.latest(PLANS)), page.say("none", "{why}", why=why))
    if not placed(page):
        return page.answer(unplaced(page), _missing_said(page))
    view, area = made[0], page.facts.authority
    now, then = _now(page, view, "state special"), _ahead(page, view, "state special")
    said = page.say(
        "answer",
        "Of the children with an EHC plan held by {area}, {now} were in state special schools {now.when}. If the "
        "pattern of the last years continued, {low} to {high} would need such a place {then.when} ({see}).",
        now=now,
        area=area.name,
        low=then[1],
        high=then[2],
        then=then[0],
        see=page.see("f", "demand"),
    )
    return page.answer(said, *_short_said(page, view), _missing_said(page))


def _now(page: Page, view: View, group: str) -> Figure:
    return page.facts.get(PLANS, page.facts.authority, str(view.caseload.origin), group)


def _ahead(page: Page, view: View, group: str, years: int = YEARS) -> list[Figure]:
    """Point and ends of the range, so many Januaries on."""
    case, at = view.caseload, min(years, len(view.caseload.years)) - 1
    n = case.placements.index(group)
    return three(page, view, case.years[at], case.by_placement[at, n], case.ranges["placement"][at, n], group)


def _short_said(page: Page, view: View) -> list[Claim]:
    """The largest shortfall in three years, where capacity is held."""
    held = settings_held(page)
    if not held:
        return []
    cells = short_by_type(page, view, held)
    at = min(YEARS, len(view.caseload.years)) - 1
    worst = max(cells, key=lambda name: cells[name][at][2].value)  # type: ignore[arg-type,return-value]
    _, _, short, low, high, chance = cells[worst][at]
    if short.value <= 0:  # type: ignore[operator]
        words = "No type of place would be short {short.when} at the most likely demand ({see})."
        return [page.say("answer_short", words, short=short, see=page.see("t", "capacity"))]
    return [
        page.say(
            "answer_short",
            "Most short {short.when}: {name}. Most likely {short} places would be missing; the chance that places run "
            "out at all is {chance} ({chance_of} range: from {low} to {high} missing; {see}).",
            short=short,
            name=worst,
            low=low,
            high=high,
            chance=chance,
            chance_of=CHANCE,
            see=page.see("t", "capacity"),
        )
    ]


def _missing_said(page: Page) -> Claim | None:
    """Which file would say more."""
    if settings_held(page):
        return None
    text = (
        f"How many places there are and will be is not held. The file {FILE} in the authority's folder of raw data "
        "would bring it; docs/planning.md says how it looks."
    )
    page.missing.append(text)
    return page.say(
        "missing",
        "How many places there are and will be is not held: the last appendix names the file that would tell.",
    )


def key_figures(page: Page) -> Block | None:
    """Specialist placements now and in three years."""
    made = views(page)
    if not made or not placed(page):
        return None
    keys = []
    for group, label in SPECIALIST.items():
        now, then = _now(page, made[0], group), _ahead(page, made[0], group)
        if not now.known:
            continue
        words = page.say(
            f"key_{slug(group)}", "Forecast {then.when}: {low} to {high} ({chance} range).",
            then=then[0], low=then[1], high=then[2], chance=CHANCE,
        )  # fmt: skip
        keys.append(KeyFigure(label, now, "", [], words))
    return page.key_figures(*keys) if keys else None


def demand(page: Page) -> Block | None:
    """Children in state special schools and beyond, and how many may need such a place."""
    made = views(page)
    if not made or not placed(page):
        return None
    view, area = made[0], page.facts.authority
    case, n = view.caseload, view.caseload.placements.index("state special")
    held = [year for year in page.facts.periods(PLANS) if int(year) <= case.origin][-6:]
    past = [page.facts.get(PLANS, area, year, "state special") for year in held]
    ahead = [
        three(page, view, year, case.by_placement[at, n], case.ranges["placement"][at, n], "state special")
        for at, year in enumerate(case.years)
    ]
    series = [Series(area.name, past), Series("Most likely", [past[-1], *(each[0] for each in ahead)], "forecast")]
    places = places_line(page, view)
    series += [Series("Places", places, "england")] if places else []
    band = Interval([past[-1], *(each[1] for each in ahead)], [past[-1], *(each[2] for each in ahead)])
    title = page.say(
        "demand_title",
        "State special schools: {now} children now, {low} to {high} {then.when}",
        now=past[-1],
        low=ahead[YEARS - 1][1],
        high=ahead[YEARS - 1][2],
        then=ahead[YEARS - 1][0],
    )
    rows = [(item.period, [item, "known", "known"]) for item in past]
    rows += [(each[0].period, list(each)) for each in ahead]
    return page.chart(
        "demand",
        charts.line_chart(series, unit="plans", interval=band),
        title=title,
        subtitle=f"Children with a plan in state special schools, {area.name}, January each year, number; dashed: "
        f"forecast with its {CHANCE} range",
        alt=charts.describe(series, "Line chart of children in state special schools"),
        row_head="January",
        heading="Demand for specialist places",
        columns=["Children placed, or most likely", f"{CHANCE}: from", f"{CHANCE}: to"],
        rows=rows,
        note="What is counted is where children are, so a lack of places in the past has held this line down. Children "
        "placed in other authorities' schools are counted here, children from elsewhere are not.",
    )


def specialist(page: Page) -> Block | None:
    """Every specialist type, now and in the years to come."""
    made = views(page)
    if not made or not placed(page):
        return None
    view, area = made[0], page.facts.authority
    case, rows = view.caseload, []
    for group in (*SPECIALIST, "post-16"):
        n = case.placements.index(group)
        points = [
            figure(
                page, view, "point", year, case.by_placement[at, n], "flow model, total as forecast", breakdown=group
            )
            for at, year in enumerate(case.years)
        ]
        rows.append(Row(capital(group), [_now(page, view, group), *points]))
    return page.table(
        "specialist",
        f"Children with a plan by specialist placement, {area.name}, January, number, most likely",
        row_head="Placement",
        columns=[
            Column(periods.label(str(case.origin), JANUARY)),
            *(Column(periods.label(str(year), JANUARY)) for year in case.years),
        ],
        rows=rows,
        note="Ranges stand in the section on the caseload.",
    )


def as_printed(page: Page) -> Block | None:
    """Checks of what the authority's own papers say of places."""
    said = [claim for claim in (_developed(page), _resourced(page), _planned(page)) if claim is not None]
    return page.paragraphs("What its papers say of places", *said) if said else None


def _developed(page: Page) -> Claim | None:
    """Places developed, open and to come, and those that the paper names (H1)."""
    table = "high_needs_development_plan"
    built = printed_figure(page, table, "sufficiency_places", "2021", "Developed")
    ready = printed_figure(page, table, "sufficiency_places", "2021", "Available from the autumn term")
    coming = printed_figure(page, table, "new_school_places", "2023-09", "Bowman SEMH Academy")
    if built is None or ready is None or coming is None:
        return None
    left = replace(difference(built, ready), id=f"places_to_come.{slug(built.area)}.2021")
    unnamed = replace(difference(left, coming), id=f"places_not_named.{slug(built.area)}.2021")
    return page.say(
        "developed",
        "Of {built} places developed, {ready} were open, so {left} were still to come; the school named as still to "
        "open has {coming} of them, and {unnamed} are not named.",
        built=built,
        ready=ready,
        left=left,
        coming=coming,
        unnamed=unnamed,
    )


def _resourced(page: Page) -> Claim | None:
    """Resourced provisions announced, and their parts (L5)."""
    rows = page.papers.tables.get("dsg_management_plan_figures", pd.DataFrame())
    if rows.empty or not rows["measure"].eq("new_resourced_provisions").any():
        return None
    table, measure = "dsg_management_plan_figures", "new_resourced_provisions"
    found = [printed_figure(page, table, measure, "2025-09", name) for name in ("Total", "Secondary", "Primary")]
    if any(item is None for item in found):
        return None
    whole, secondary, primary = found
    together = counted(
        f"{measure}_parts.{slug(whole.area)}.2025-09", secondary.value + primary.value, "provisions", whole,  # type: ignore[union-attr,operator]
        f"{secondary.id} + {primary.id}",  # type: ignore[union-attr]
    )  # fmt: skip
    return page.say(
        "resourced",
        "{whole} new resourced provisions are announced {whole.when}: {secondary} secondary and {primary} primary, "
        "{together} in all. How many places each has is not printed.",
        whole=whole,
        secondary=secondary,
        primary=primary,
        together=replace(together, inputs=(secondary, primary)),
    )


def _planned(page: Page) -> Claim | None:
    """Places that a capital programme is to bring, and what is not said of them (W6)."""
    places = printed_figure(page, "recovery_plan_figures", "sufficiency_places", "2021-11", "Capital programme")
    if places is None:
        return None
    return page.say(
        "planned",
        "The paper {places.when} counts on {places} new places. How many places stand empty is not printed, so whether "
        "they are spare or at hand for children who move in cannot be told.",
        places=places,
    )
