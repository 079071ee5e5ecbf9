"""Options that spend to save: funding for inclusion that becomes plans, and schemes that displace dearer places."""

import pandas as pd

from highneeds import charts, periods
from highneeds.charts import Series
from highneeds.charts.options import MINUS, TOTAL, CashLine, Step, bridge_chart, cash_chart
from highneeds.disclosure.policy import HIDDEN
from highneeds.figures import Figure, slug
from highneeds.models.options import inclusion, invest
from highneeds.sections.options.common import Option, Worked, heading, held, hidden, policy, saves
from highneeds.sections.page import Block, KeyFigure, Page
from highneeds.tables import Cell, Column, Row

INCLUSION_FILES, INVEST_FILES = ("funding_for_inclusion",), ("invest_to_save",)
CASH_LINES = {invest.BOTH: "Both", invest.HIGH_NEEDS: "High needs", invest.GENERAL: "General fund"}
MONEY = {
    "spend_gbp": "awards now, a year",
    "saving_gbp": "awards of the cases that do not become plans",
    "plans_gbp": "cases that become plans x cost of a plan",
    "support_grant_gbp": "the new grant, a year",
    "net_gbp": "awards now less plans less grant",
}


def _inclusion(page: Page) -> Worked | None:
    tables = held(page, *INCLUSION_FILES)
    return Worked(page, tables[0]["financial_year"].iloc[0], periods.FINANCIAL_YEAR, tables) if tables else None


def _inclusion_cells(worked: Worked, row: dict, tail: str, hide: bool) -> dict[str, Figure]:
    made = {
        name: worked.pounds(f"inclusion_{name.removesuffix('_gbp')}.{tail}", row[name], how, hide=hide)
        for name, how in MONEY.items()
    }
    made["cases"] = worked.figure(
        f"inclusion_cases.{tail}", row["cases"], "cases", "cases with an award now", status=HIDDEN if hide else ""
    )
    return made


def _inclusion_total(worked: Worked) -> dict[str, Figure]:
    """All groups together, the net saving at the low and high share of plans, and the share that breaks even."""
    groups = worked.rows[0]
    few = hidden(groups["cases"], fewest=policy(worked.page).threshold).total
    made = _inclusion_cells(worked, inclusion.transition(groups).sum(numeric_only=True).to_dict(), "all", few)
    # Many plans leave little: the low end of the saving comes with the high share.
    for name, share in (("least", inclusion.HIGH), ("most", inclusion.LOW)):
        net = inclusion.transition(groups, share=share)["net_gbp"].sum()
        made[name] = worked.pounds(f"inclusion_net.{name}", net, f"net saving with {share}", hide=few)
    how = "share of cases becoming plans at which the net saving is nothing"
    made["even"] = worked.figure("inclusion_break_even.all", inclusion.break_even_pct(groups), "%", how)
    return made


def funding_for_inclusion_option(page: Page) -> Option | None:
    """Net saving in a year, between its ends."""
    worked = _inclusion(page)
    if worked is None:
        return None
    total = _inclusion_total(worked)
    words = page.say(
        "key_inclusion",
        "A year, after plans and the new grant; {least} to {most} by how many cases become plans.",
        least=total["least"],
        most=total["most"],
    )
    key = KeyFigure("Ending funding for inclusion: net saving", total["net_gbp"], "", [], words)
    return Option("ending funding for inclusion", key, total["net_gbp"])


def funding_for_inclusion(page: Page) -> Block | None:
    """What ends, what plans and the new grant cost instead, and how sure the saving is."""
    worked = _inclusion(page)
    if worked is None:
        return None
    total = _inclusion_total(worked)
    said = page.say(
        "inclusion",
        "Awards of {saved} a year end for cases that do not become plans. With all awards gone, plans would cost "
        f"{{plans}} and the new grant {{grant}}. In all, this would {saves(total['net_gbp'])} {{net.size}} a year.",
        saved=total["saving_gbp"],
        plans=total["plans_gbp"],
        grant=total["support_grant_gbp"],
        net=total["net_gbp"],
    )
    range_said = page.say(
        "inclusion_range",
        "If more or fewer cases become plans, the net saving is between {least} and {most}; it is nothing where {even} "
        "of all cases do.",
        least=total["least"],
        most=total["most"],
        even=total["even"],
    )
    head = page.paragraphs(heading("Funding for inclusion that becomes plans", *worked.rows), said, range_said)
    blocks = [head, _bridge(page, worked, total), _inclusion_table(page, worked, total)]
    return Block("".join(block.markup for block in blocks if block is not None))


def _bridge(page: Page, worked: Worked, total: dict[str, Figure]) -> Block | None:
    names = ("spend_gbp", "plans_gbp", "support_grant_gbp", "net_gbp")
    if not all(total[name].known for name in names):
        return None
    labels = ("Awards now", "Plans instead", "New grant", "Left over")
    kinds = (TOTAL, MINUS, MINUS, TOTAL)
    steps = [Step(label, total[name], kind) for label, name, kind in zip(labels, names, kinds, strict=True)]
    title = page.say(
        "inclusion_title",
        f"Of {{spend}} now, {{net}} a year would be {'left' if total['net_gbp'].value >= 0 else 'lacking'}",  # type: ignore[operator]
        spend=total["spend_gbp"],
        net=total["net_gbp"],
    )
    series = [Series(step.label, [step.figure]) for step in steps]
    return page.chart(
        "inclusion",
        bridge_chart(steps),
        title=title,
        subtitle=f"Funding for inclusion, {page.facts.authority.name}, {worked.period}, pounds a year",
        alt=charts.describe(series, "Bridge from the awards paid now to what is left over"),
        row_head="Part",
        columns=["Pounds a year"],
        rows=[(step.label, [step.figure]) for step in steps],
    )


def _inclusion_table(page: Page, worked: Worked, total: dict[str, Figure]) -> Block:
    groups, fewest = inclusion.transition(worked.rows[0]), policy(page).threshold
    hide = hidden(groups["cases"], fewest=fewest)
    rows = []
    for row, gone in zip(groups.to_dict("records"), hide.rows, strict=True):
        tail = slug(row["group"])
        made = _inclusion_cells(worked, row, tail, gone)
        share = worked.figure(f"inclusion_become_plans.{tail}", row["become_plans_pct"], "%", "setting")
        rows.append(Row(row["group"], [made["cases"], share, *(made[name] for name in MONEY)]))
    rows.append(Row("All", [total["cases"], "", *(total[name] for name in MONEY)], rule=True, strong=True))
    heads = ("Awards now (£)", "Ending without a plan (£)", "Plans (£)", "New grant (£)", "Net saving (£)")
    return page.table(
        "inclusion",
        f"Funding for inclusion that ends, {page.facts.authority.name}, {worked.period}, a year",
        row_head="Group",
        columns=[Column("Cases"), Column("Become plans (%)"), *(Column(head) for head in heads)],
        rows=rows,
        note="An award ends where a plan begins: the plan's cost stands in its place. What schools do instead, and "
        f"children who would have come later, are not counted.{hide.note(fewest, 'cases')}",
    )


def _invest(page: Page) -> Worked | None:
    tables = held(page, *INVEST_FILES)
    return Worked(page, tables[0]["starts"].min(), periods.CALENDAR_MONTH, tables) if tables else None


def _invest_total(worked: Worked) -> dict[str, Figure]:
    """All schemes together: yearly saving once all run, and each fund at the end."""
    schemes = worked.rows[0]
    few = hidden(schemes["pupils"], fewest=policy(worked.page).unit_cost_minimum).total
    sums = invest.together(schemes)
    yearly = sum(invest.steady_saving(scheme) for _, scheme in schemes.iterrows())
    made = {"yearly": worked.pounds("invest_yearly.all", yearly, "displaced less running costs, a year", hide=few)}
    for fund in invest.FUNDS:
        how = f"running sum of the {fund} in the last month"
        made[fund] = worked.pounds(f"invest_end.all.{slug(fund)}", sums[fund].iloc[-1], how, hide=few)
    made["months"] = worked.figure(
        "invest_months.all", len(sums), "months", "months from the first start to the last end"
    )
    return made


def _month(worked: Worked, tail: str, month: float | None, months: int) -> Figure | str:
    """Month in which money spent has come back, or words where it does not."""
    if month is None or pd.isna(month):
        return f"not within {months} months"
    how = "first month from which the running sum stays at or above nothing"
    return worked.figure(f"invest_break_even.{tail}", month, "months", how)


def _month_of_all(worked: Worked) -> Figure | str:
    sums = invest.together(worked.rows[0])
    return _month(worked, "all", invest.break_even(sums[invest.BOTH]), len(sums))


def invest_to_save_option(page: Page) -> Option | None:
    """Yearly saving once all schemes run, and when they have paid for themselves."""
    worked = _invest(page)
    if worked is None:
        return None
    yearly = _invest_total(worked)["yearly"]
    words = page.say("key_invest", "Once all schemes run; break-even month: {month}.", month=_month_of_all(worked))
    return Option(
        "the invest-to-save schemes", KeyFigure("Invest to save: yearly saving", yearly, "", [], words), yearly
    )


def invest_to_save(page: Page) -> Block | None:
    """Cash of the schemes by month, when they break even, and which fund gains."""
    worked = _invest(page)
    if worked is None:
        return None
    total = _invest_total(worked)
    said = page.say(
        "invest",
        f"Once all schemes run, they would {saves(total['yearly'])} {{yearly.size}} a year. The month in which they "
        "have paid for themselves: {month}.",
        yearly=total["yearly"],
        month=_month_of_all(worked),
    )
    split = page.say(
        "invest_split",
        "After {months} months the high needs block stands at {high} and the general fund at {general}: who pays and "
        "who gains need not be the same.",
        months=total["months"],
        high=total[invest.HIGH_NEEDS],
        general=total[invest.GENERAL],
    )
    head = page.paragraphs(heading("Invest to save", *worked.rows), said, split)
    blocks = [head, _cash(page, worked, total), _invest_table(page, worked, total)]
    return Block("".join(block.markup for block in blocks if block is not None))


def _cash(page: Page, worked: Worked, total: dict[str, Figure]) -> Block | None:
    """Running sums by month; nothing where the sums must not be shown."""
    if not all(total[fund].known for fund in CASH_LINES):
        return None
    sums, month = invest.together(worked.rows[0]), _month_of_all(worked)
    even = month if isinstance(month, Figure) else None
    words = "Money spent comes back by month {month}" if even else "Money spent does not come back: {month}"
    start = periods.in_words(worked.period, worked.period_basis).removeprefix("in ")
    lines = [CashLine(name, sums[fund].tolist()) for fund, name in CASH_LINES.items()]
    series = [Series(name, [total[fund]]) for fund, name in CASH_LINES.items()]
    title = page.say("invest_title", words, month=month)
    return page.chart(
        "invest",
        cash_chart(lines, start=start, mark=int(even.value) if even else None, mark_label="breaks even"),  # type: ignore[arg-type]
        title=title,
        subtitle=f"Running sum of savings less costs, {page.facts.authority.name}, from {start}, pounds",
        alt=charts.describe(series, f"Line chart of cash over {len(sums)} months, at its end") + f" {title.text}.",
        row_head="Month",
        columns=[f"{name} (£)" for name in CASH_LINES.values()],
        rows=_cash_rows(worked, sums),
    )


def _cash_rows(worked: Worked, sums: pd.DataFrame) -> list[tuple[str, list[Cell]]]:
    """About a dozen months, the first and the last among them."""
    step = max(1, len(sums) // 12)
    shown = sums[sums["month"].mod(step).eq(0) | sums["month"].eq(1) | sums["month"].eq(len(sums))]
    return [(str(row["month"]), _cash_cells(worked, row, list(CASH_LINES))) for row in shown.to_dict("records")]


def _cash_cells(worked: Worked, row: dict, funds: list[str]) -> list[Cell]:
    how = f"running sum to month {row['month']}"
    return [worked.pounds(f"invest_cash.{slug(fund)}.{row['month']}", row[fund], how) for fund in funds]


def _invest_table(page: Page, worked: Worked, total: dict[str, Figure]) -> Block:
    fewest = policy(page).unit_cost_minimum
    schemes = invest.summary(worked.rows[0])
    hide = hidden(schemes["pupils"], fewest=fewest)
    rows = []
    for row, gone in zip(schemes.to_dict("records"), hide.rows, strict=True):
        tail = slug(row["scheme"])
        inputs = [
            worked.pounds(f"invest_{name}.{tail}", row[f"{name}_gbp"], "setting", hide=gone)
            for name in ("one_off", "running_yearly", "displaced_yearly")
        ]
        month = _month(worked, tail, row["break_even_month"], int(row["horizon_months"]))
        ends = [
            worked.pounds(f"invest_end.{tail}.{slug(fund)}", row[f"{fund} gbp"], "sum at its end", hide=gone)
            for fund in invest.FUNDS
        ]
        rows.append(Row(row["scheme"], [*inputs, month, *ends]))
    sums = ["", "", "", _month_of_all(worked), *(total[fund] for fund in invest.FUNDS)]
    rows.append(Row("All", sums, rule=True, strong=True))
    heads = ("One-off (£)", "Running, a year (£)", "Displaced, a year (£)", "Break-even month")
    funds = ("High needs block at the end (£)", "General fund at the end (£)", "Both (£)")
    return page.table(
        "invest",
        f"Invest-to-save schemes, {page.facts.authority.name}",
        row_head="Scheme",
        columns=[Column(head) for head in (*heads, *funds)],
        rows=rows,
        note="No inflation, no interest; a twelfth of a year's sum in each month. The displaced cost is taken to end: "
        f"a place left that is filled again saves nothing.{hide.note(fewest, 'pupils')}",
    )
