"""Finance: will the deficit close? The balance if the pattern continued, beside the authority's own plan."""

from dataclasses import replace

from highneeds import charts
from highneeds.charts import Interval, Series
from highneeds.claims import Claim
from highneeds.figures import Figure, slug
from highneeds.models.deficit.outlook import IN_YEAR
from highneeds.sections.finance.figures import Seen, pounds, printed_balance, seen
from highneeds.sections.finance.positions import balance_figures, chance_figure, position_figures
from highneeds.sections.finance.published import published_said
from highneeds.sections.forecasts import CHANCE
from highneeds.sections.page import Block, KeyFigure, Page
from highneeds.sections.quoted import NAMED, traced

RARE = 1.0  # per cent; smaller chances are said to be under it


def answer(page: Page) -> Block:
    """The balance at the end of the plan, and the chance of what the plan says."""
    held = seen(page)
    if not held:
        return page.answer(published_said(page), _missing_said(page), _half_said(page))
    one, last = held[0], held[0].last
    point, low, high = balance_figures(page, one, last)
    said = page.say(
        "answer",
        "If the pattern of the last years continued{savings}, the accumulated deficit of {area} would be {low} to "
        "{high} {low.when} ({chance} range; {see}).",
        savings=", with the savings planned each coming by its chance" if one.money.assumptions.schemes else "",
        area=page.facts.authority.name,
        low=low,
        high=high,
        chance=CHANCE,
        see=page.see("f", "balance"),
    )
    unknown = "What grant, prices and rules will be after the years that are planned: they are assumed here as given."
    page.unknown.append(page.say("unknown_money", "{what}", what=unknown))
    return page.answer(
        said, _against_plan(page, one), _mitigated_said(page, one), _half_said(page), *_warnings(page, one)
    )


def _against_plan(page: Page, one: Seen) -> Claim | None:
    """The plan's own balance and the chance of staying within it."""
    printed = printed_balance(page, one.last)
    if printed is None:
        return None
    chance = chance_figure(page, one, printed)
    rare = chance.value < RARE  # type: ignore[operator]
    return page.say(
        "plan",
        "Its plan says {printed}. The chance of no more than that {side} is {size} {chance}.",
        printed=printed,
        side="with the savings planned" if one.money.assumptions.schemes else "without further action",
        size="less than" if rare else "about",
        chance=_least_told(chance) if rare else chance,
    )


def _least_told(chance: Figure) -> Figure:
    """The limit under which a chance lies: it stands in the sentence, the chance itself behind it."""
    how = f"smallest chance that is told as a number; {chance.id} lies below it"
    return replace(
        chance, id=f"least_{chance.id}", measure="least_chance_told", value=RARE, reference=how, inputs=(chance,)
    )


def _mitigated_said(page: Page, one: Seen) -> Claim | None:
    """What the planned savings are expected to bring."""
    if not one.money.assumptions.schemes:
        return None
    pairs = [
        balance_figures(page, one, one.last, side=side) for side in (one.outlook.unmitigated, one.outlook.mitigated)
    ]
    return page.say(
        "mitigated",
        "Most likely it would be {without} without the savings planned, and {with_them} with them, each by its chance.",
        without=pairs[0][0],
        with_them=pairs[1][0],
    )


def _warnings(page: Page, one: Seen) -> list[Claim]:
    said = []
    for at, turned in enumerate(one.outlook.turned, start=1):
        said.append(
            page.warn(
                f"turned_{at}",
                "{line} of {year} stands with an unusual sign: it is taken as given.",
                line=turned.name,
                year=turned.year,
            )
        )
    return said


def _half_said(page: Page) -> Claim | None:
    """That one of the two files of a projection is there without the other, where it is so."""
    held = [name for name in ("unit_costs", "budget") if page.planning.table(name) is not None]
    if len(held) != 1:
        return None
    other = "budget" if held == ["unit_costs"] else "unit_costs"
    return page.warn(
        "half",
        "The file planning/{held}.csv is not used: a projection from files also needs planning/{other}.csv.",
        held=held[0],
        other=other,
    )


def _missing_said(page: Page) -> Claim:
    text = (
        "No projection of the balance is made: the files planning/unit_costs.csv and planning/budget.csv in the "
        "authority's folder of raw data would bring it; docs/planning.md says how they look."
    )
    page.missing.append(text)
    return page.say(
        "missing", "No projection of the balance is made: the last appendix names the files that would bring one."
    )


def key_figures(page: Page) -> Block | None:
    """The balance at the end, the in-year position, and what the plan says."""
    held = seen(page)
    if not held:
        return None
    one, keys = held[0], []
    point, low, high = balance_figures(page, one, one.last)
    words = page.say(
        "key_balance", "Range {low} to {high} ({chance}), {words}.", low=low, high=high, chance=CHANCE, words=one.words
    )
    keys.append(KeyFigure("Accumulated deficit", point, "", [], words))
    in_year = position_figures(page, one, one.last, IN_YEAR)
    words = page.say(
        "key_in_year", "Spend over grant and transfer, most likely: {low} to {high}.", low=in_year[1], high=in_year[2]
    )
    keys.append(KeyFigure("In-year deficit", in_year[0], "", [], words))
    printed = printed_balance(page, one.last)
    if printed is not None:
        keys.append(KeyFigure("The plan's own balance", printed, "", [], page.say("key_plan", "As printed.")))
    return page.key_figures(*keys)


def balance(page: Page) -> Block | None:
    """Accumulated balance by year with its range, with and without savings, beside the plan."""
    held = seen(page)
    if not held:
        return None
    one = held[0]
    years = one.outlook.years
    bare = [balance_figures(page, one, year, side=one.outlook.unmitigated) for year in years]
    lines = [Series("If the pattern continued", [each[0] for each in bare], "forecast")]
    columns = ["Most likely", f"{CHANCE}: from", f"{CHANCE}: to"]
    table = {year: [*each] for year, each in zip(years, bare, strict=True)}
    if one.money.assumptions.schemes:
        mended = [balance_figures(page, one, year, side=one.outlook.mitigated) for year in years]
        lines.append(Series("With the savings planned", [each[0] for each in mended], "region"))
        columns += ["With the savings planned", f"With them, {CHANCE}: from", f"With them, {CHANCE}: to"]
        for year, each in zip(years, mended, strict=True):
            table[year] += each
    printed = {year: printed_balance(page, year) for year in years}
    if all(item is not None for item in printed.values()):
        lines.append(Series("The plan as printed", [printed[year] for year in years], "authority"))  # type: ignore[misc]
        columns.append("The plan as printed")
        for year in years:
            table[year].append(printed[year])  # type: ignore[arg-type]
    title = page.say(
        "balance_title",
        "Accumulated deficit: {low} to {high} {low.when} if the pattern continued",
        low=bare[-1][1],
        high=bare[-1][2],
    )
    return page.chart(
        "balance",
        charts.line_chart(
            lines, unit="GBP", interval=Interval([each[1] for each in bare], [each[2] for each in bare]), height=2.9
        ),
        title=title,
        subtitle=f"Accumulated balance of the schools grant (DSG), {page.facts.authority.name}, 31 March each year; "
        f"band: the {CHANCE} range without savings",
        alt=charts.describe(lines, "Line chart of the accumulated balance"),
        row_head="Financial year",
        heading="The balance by year",
        columns=columns,
        rows=[(year, cells) for year, cells in table.items()],
        note="A deficit stands above nothing. The range holds children and prices; grant, other spend and rules are as "
        "assumed, without error, so it is too narrow by theirs.",
    )


def _compared(page: Page, last: str, first: str, drawn: dict[str, list[Figure]]) -> Claim:
    """Where the last scenario leads, beside the first line; their names are words of a file."""
    name, slots = traced(page, "scenario_name", last, how=NAMED)
    other, more = traced(page, "scenario_other", first.lower(), how=NAMED, name="other")
    text = f"{name}: {{then}} {{then.when}}, against {{now}} ({other})"
    return page.say("scenario_title", text, then=drawn[last][-1], now=drawn[first][-1], **slots, **more)


def scenarios(page: Page) -> Block | None:
    """The balance as things are and under each scenario."""
    held = seen(page)
    if len(held) < 2:
        return None
    years = held[0].outlook.years
    drawn = {one.view.label: [balance_figures(page, one, year)[0] for year in years] for one in held}
    roles = ("authority", "forecast", "region")
    series = [Series(label, line, role) for (label, line), role in zip(drawn.items(), roles, strict=False)]
    last, first = held[-1], held[1] if len(held) > 2 else held[0]
    title = _compared(page, last.view.label, first.view.label, drawn)
    rows = []
    for at, year in enumerate(years):
        cells = [line[at] for line in drawn.values()]
        gap = drawn[last.view.label][at].value - drawn[first.view.label][at].value  # type: ignore[operator]
        rows.append(
            (
                year,
                [*cells, pounds(page, last, f"against-{slug(first.view.label)}", year, gap, "difference of the two")],
            )
        )
    return page.chart(
        "scenarios",
        charts.line_chart(series, unit="GBP"),
        title=title,
        subtitle=f"Accumulated balance, {page.facts.authority.name}, 31 March each year, most likely",
        alt=charts.describe(series, "Line chart of the accumulated balance under each scenario"),
        row_head="Financial year",
        heading="What a scenario would change",
        columns=[*drawn, "Difference"],
        rows=rows,
        note="What each scenario assumes stands in the section on the caseload.",
    )
