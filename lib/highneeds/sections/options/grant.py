"""Options that move grant: recoupment for excluded pupils, a transfer from the schools block, top-up without a plan."""

import pandas as pd

from highneeds import charts, periods
from highneeds.charts import Series
from highneeds.claims import direction
from highneeds.disclosure.policy import HIDDEN
from highneeds.figures import Figure, slug
from highneeds.models.options import grant
from highneeds.sections.options.common import Option, Worked, heading, held, hidden, policy
from highneeds.sections.page import Block, KeyFigure, Page
from highneeds.tables import Column, Row

EXCLUDED_FILES, TRANSFER_FILES, TOP_UP_FILES = ("excluded_pupils",), ("block_transfer",), ("non_plan_top_up",)


def _recouped(page: Page) -> tuple[Worked, pd.DataFrame, dict[str, Figure]] | None:
    tables = held(page, *EXCLUDED_FILES)
    if tables is None:
        return None
    worked = Worked(page, tables[0]["financial_year"].iloc[0], periods.FINANCIAL_YEAR, tables)
    money = grant.recoupment(tables[0]).groupby("phase", as_index=False, sort=False)
    phases = money.agg(pupils=("weeks", "size"), recouped_gbp=("recouped_gbp", "sum"))
    few = hidden(phases["pupils"], fewest=policy(page).threshold).total
    sums = {"pupils": len(tables[0]), "recouped_gbp": phases["recouped_gbp"].sum()}
    return worked, phases, _recouped_cells(worked, sums, "all", few)


def _recouped_cells(worked: Worked, row: dict, tail: str, hide: bool) -> dict[str, Figure]:
    how = f"amount per pupil x complete weeks that remain / {grant.WEEKS}, summed"
    status = HIDDEN if hide else ""
    return {
        "pupils": worked.figure(
            f"excluded_pupils.{tail}", row["pupils"], "pupils", "pupils in the file", status=status
        ),
        "pounds": worked.pounds(f"excluded_pupil_funding.{tail}", row["recouped_gbp"], how, hide=hide),
    }


def excluded_pupils_option(page: Page) -> Option | None:
    """Money that follows excluded pupils."""
    found = _recouped(page)
    if found is None:
        return None
    total = found[2]
    words = page.say("key_excluded", "It follows {pupils} pupils from the school they left.", pupils=total["pupils"])
    return Option("recoupment", KeyFigure("Recoupment for excluded pupils", total["pounds"], "", [], words))


def excluded_pupils(page: Page) -> Block | None:
    """Money that leaves a school's budget with an excluded pupil, by phase."""
    found = _recouped(page)
    if found is None:
        return None
    worked, phases, total = found
    said = page.say(
        "excluded",
        "{pounds} would leave schools' budgets {pounds.when} with {pupils} permanently excluded pupils: it goes to the "
        "school that admits them, or pays for their place meanwhile.",
        **total,
    )
    fewest = policy(page).threshold
    hide = hidden(phases["pupils"], fewest=fewest)
    rows = []
    for row, gone in zip(phases.to_dict("records"), hide.rows, strict=True):
        made = _recouped_cells(worked, row, slug(row["phase"]), gone)
        rows.append(Row(row["phase"].capitalize(), [made["pupils"], made["pounds"]]))
    rows.append(Row("All", [total["pupils"], total["pounds"]], rule=True, strong=True))
    table = page.table(
        "excluded",
        f"Recoupment for excluded pupils, {page.facts.authority.name}, {worked.period}",
        row_head="Phase",
        columns=[Column("Pupils"), Column("Recouped (£)")],
        rows=rows,
        note=f"The amount per pupil times the complete weeks that remain of the financial year over {grant.WEEKS}; of "
        "the school year where an excluded pupil would have left the school that summer. Financial adjustment orders "
        f"are not counted.{hide.note(fewest, 'pupils')}",
    )
    return Block(page.paragraphs(heading("Recoupment for excluded pupils", *worked.rows), said).markup + table.markup)


def _transfers(page: Page) -> list[tuple[dict, dict[str, Figure]]] | None:
    """Rows with who decides, and their figures, in order of years."""
    tables = held(page, *TRANSFER_FILES)
    if tables is None:
        return None
    made = []
    for _, row in grant.block_transfer(tables[0]).sort_values("financial_year").iterrows():
        own = Worked(page, row["financial_year"], periods.FINANCIAL_YEAR, [tables[0][tables[0]["row"].eq(row["row"])]])
        how = {name: "setting" for name in ("schools_block_gbp", "transfer_pct", "transfer_gbp")}
        if row["worked_out"]:
            how[row["worked_out"]] = "worked out: transfer = schools block x per cent / 100"
        figures = {
            "block": own.pounds("schools_block", row["schools_block_gbp"], how["schools_block_gbp"]),
            "share": own.figure("block_transfer_share", row["transfer_pct"], "%", how["transfer_pct"], places=2),
            "pounds": own.pounds("block_transfer", row["transfer_gbp"], how["transfer_gbp"]),
        }
        made.append((row.to_dict(), figures))
    return made


def block_transfer_option(page: Page) -> Option | None:
    """Pounds of the latest transfer, and who decides it."""
    made = _transfers(page)
    if made is None:
        return None
    row, figures = made[-1]
    words = page.say(
        "key_transfer", "{share} of the schools block; for the {who}.", share=figures["share"], who=row["decides"]
    )
    return Option("a transfer from the schools block", KeyFigure("Block transfer", figures["pounds"], "", [], words))


def block_transfer(page: Page) -> Block | None:
    """A transfer from the schools block by year: pounds, share, and who decides."""
    made = _transfers(page)
    if made is None:
        return None
    last, figures = made[-1]
    said = page.say(
        "transfer",
        "A transfer of {share} of the schools block would be {pounds} {pounds.when}; it is for the {who} to decide. "
        "Without it, the high needs block is worse off by the same amount, and schools are better off by it.",
        share=figures["share"],
        pounds=figures["pounds"],
        who=last["decides"],
    )
    text = heading("A transfer from the schools block", *(held(page, *TRANSFER_FILES) or []))
    return Block(page.paragraphs(text, said).markup + _transfer_table(page, made).markup)


def _transfer_table(page: Page, made: list[tuple[dict, dict[str, Figure]]]) -> Block:
    rows = [
        Row(row["financial_year"], [each["block"], each["share"], each["pounds"], row["forum"], row["decides"]])
        for row, each in made
    ]
    numbers = [Column(head) for head in ("Schools block (£)", "Share (%)", "Transfer (£)")]
    return page.table(
        "transfer",
        f"Transfers from the schools block to the high needs block, {page.facts.authority.name}",
        row_head="Financial year",
        columns=[*numbers, Column("Forum", words=True), Column("Who decides", words=True)],
        rows=rows,
        note=f"Up to {grant.FORUM_LIMIT_PCT:g}% of the schools block the schools forum decides; above it, or where the "
        "forum refuses, the Secretary of State. A transfer lasts one year.",
    )


def _top_up(page: Page) -> list[dict[str, Figure]] | None:
    """Figures by year; money and counts hidden where a year has too few awards."""
    tables = held(page, *TOP_UP_FILES)
    if tables is None:
        return None
    made, threshold = [], policy(page).threshold
    for row in grant.top_up_exit(tables[0]).to_dict("records"):
        own = Worked(page, row["financial_year"], periods.FINANCIAL_YEAR, tables)
        few = 0 < row["awards"] < threshold
        exceptional = few or 0 < row["exceptional_awards"] < threshold
        share_status = HIDDEN if exceptional else "z" if not row["awards"] else ""
        made.append(
            {
                "spend": own.pounds("non_plan_top_up", row["spend_gbp"], "spend", hide=few),
                "change": own.pounds("non_plan_top_up_change", row["since_first_gbp"], "less the first year", hide=few),
                "awards": own.figure("non_plan_awards", row["awards"], "awards", "awards", status=_hide(few)),
                "exceptional": own.figure(
                    "exceptional_awards", row["exceptional_awards"], "awards", "awards", status=_hide(exceptional)
                ),
                "share": own.figure(
                    "exceptional_share", row["exceptional_pct"], "%", "exceptional / all", status=share_status
                ),
            }
        )
    return made


def _hide(hide: bool) -> str:
    return HIDDEN if hide else ""


def non_plan_top_up_option(page: Page) -> Option | None:
    """Change of spending since the first year."""
    made = _top_up(page)
    if made is None:
        return None
    last, first = made[-1], made[0]
    words = page.say("key_non_plan", "From {first} {first.when} to {last}.", first=first["spend"], last=last["spend"])
    key = KeyFigure("Top-up without a plan: change", last["change"], direction(last["change"]), [], words)
    return Option("leaving top-up without a plan", key)


def non_plan_top_up(page: Page) -> Block | None:
    """Spending on top-up without a plan by year, and how many awards are exceptional."""
    made = _top_up(page)
    if made is None:
        return None
    chart, last = _top_up_chart(page, made), made[-1]
    said = page.say(
        "non_plan",
        "{exceptional} of {awards} awards {awards.when} were exceptional ({share}); the aim is that all are.",
        exceptional=last["exceptional"],
        awards=last["awards"],
        share=last["share"],
    )
    return Block(chart.markup + page.paragraphs("", said).markup)


def _top_up_chart(page: Page, made: list[dict[str, Figure]]) -> Block:
    first, last, spend = made[0], made[-1], [each["spend"] for each in made]
    way = direction(last["change"], up="rose", down="fell", level="did not change")
    way = way if last["change"].known else "by year"
    title = page.say(
        "non_plan_title",
        f"Top-up without a plan {way}: {{first}} {{first.when}}, {{last}} {{last.when}}",
        first=first["spend"],
        last=last["spend"],
    )
    names = ("spend", "change", "awards", "exceptional", "share")
    return page.chart(
        "non_plan",
        charts.bar_chart(Series("Spend", spend), unit="pounds"),
        title=title,
        subtitle=f"Top-up for children without a plan, {page.facts.authority.name}, financial years, pounds",
        alt=charts.describe([Series("Spend", spend)], "Bar chart of spending by year"),
        row_head="Financial year",
        columns=["Spend (£)", "Since the first year (£)", "Awards", "Exceptional", "Exceptional (%)"],
        rows=[(each["spend"].period, [each[name] for name in names]) for each in made],
        heading=heading("Top-up without a plan", *(held(page, *TOP_UP_FILES) or [])),
    )
