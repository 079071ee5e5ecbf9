"""Options that touch every school's budget: a top-slice, and the threshold of the notional budget."""

import pandas as pd

from highneeds import periods
from highneeds.claims import Claim
from highneeds.figures import POUNDS, Figure, slug
from highneeds.models.options import schools
from highneeds.sections.common import noun
from highneeds.sections.options.common import (
    MOST_ROWS,
    Option,
    Worked,
    heading,
    held,
    hidden,
    policy,
    pounds_text,
    saves,
)
from highneeds.sections.page import Block, KeyFigure, Page
from highneeds.tables import Column, Row

SLICE_FILES = ("school_budgets", "top_slice")
NOTIONAL_FILES = ("notional_budgets", "notional_threshold")
BLOCK = pounds_text(schools.BLOCK_GBP)


def _slice(page: Page) -> tuple[Worked, dict[str, Figure]] | None:
    tables = held(page, *SLICE_FILES)
    if tables is None:
        return None
    budgets, services = tables
    worked = Worked(page, services["financial_year"].iloc[0], periods.FINANCIAL_YEAR, tables)
    charges = schools.top_slice(budgets, services)
    cost, pupils, whole = services["cost_gbp"].sum(), budgets["pupils"].sum(), budgets["budget_gbp"].sum()
    rates = charges["charge_pct"].dropna()
    made = {
        "cost": worked.pounds("top_slice_cost.all", cost, "sum of the services"),
        "share": worked.figure(
            "top_slice_share.all", 100 * cost / whole if whole else None, "%", "100 x cost / budgets", places=2
        ),
        "pupil": worked.figure(
            "top_slice_per_pupil.all", cost / pupils if pupils else None, POUNDS, "cost / pupils", places=2
        ),
        "low": worked.figure("top_slice_share.lowest", rates.min(), "%", "lowest share of a budget", places=2),
        "high": worked.figure("top_slice_share.highest", rates.max(), "%", "highest share of a budget", places=2),
    }
    return worked, made


def top_slice_option(page: Page) -> Option | None:
    """What schools would pay, and the share of their budgets."""
    found = _slice(page)
    if found is None:
        return None
    made = found[1]
    words = page.say(
        "key_top_slice", "{share} of schools' budgets, or {pupil} a pupil.", share=made["share"], pupil=made["pupil"]
    )
    return Option("a top-slice", KeyFigure("Top-slice: what schools would pay", made["cost"], "", [], words))


def top_slice(page: Page) -> Block | None:
    """Charge of each school in pounds and in per cent of its budget."""
    found = _slice(page)
    if found is None:
        return None
    worked, made = found
    said = page.say(
        "top_slice",
        "The services cost {cost} {cost.when}: {share} of all school budgets, or {pupil} a pupil. For a single school "
        "it would be between {low} and {high} of its budget.",
        **made,
    )
    head = page.paragraphs(heading("A top-slice of school budgets", *worked.rows), said)
    return Block(head.markup + _slice_table(page, worked, made).markup)


def _slice_table(page: Page, worked: Worked, made: dict[str, Figure]) -> Block:
    charges = schools.top_slice(*worked.rows).sort_values(["charge_pct", "school"], ascending=[False, True])
    fewest = policy(page).threshold
    hide = hidden(charges["pupils"], fewest=fewest)
    rows = []
    for row, gone in zip(charges.to_dict("records"), hide.rows, strict=True):
        tail, status = slug(row["school"]), "c" if gone else ""
        charge = worked.figure(f"top_slice.{tail}", row["charge_gbp"], POUNDS, "share in whole pence", status=status)
        share = worked.figure(
            f"top_slice_share.{tail}", row["charge_pct"], "%", "100 x charge / budget", places=2, status=status
        )
        rows.append(Row(row["school"], [row["phase"], charge, share]))
    left = len(rows) - MOST_ROWS
    shown = rows if left <= 0 else [*rows[: MOST_ROWS // 2], *rows[-MOST_ROWS // 2 :]]
    total = Row("All schools", ["", made["cost"], made["share"]], rule=True, strong=True)
    more = (
        f" {left} schools between these are not listed; the charge of each follows from the rule." if left > 0 else ""
    )
    return page.table(
        "top_slice",
        f"What each school would pay, {page.facts.authority.name}, {worked.period}",
        row_head="School",
        columns=[Column("Phase", words=True), Column("Charge (£)"), Column("Share of its budget (%)")],
        rows=[*shown, total],
        note=f"Shared out {_shared(worked)}.{hide.note(fewest, 'pupils')}{more}",
    )


def _shared(worked: Worked) -> str:
    words = [f"by {row.shared_by}: {row.service}" for row in worked.rows[1].itertuples()]
    return "; ".join(words)


def _notional(page: Page) -> Worked | None:
    tables = held(page, *NOTIONAL_FILES)
    return Worked(page, tables[1]["financial_year"].iloc[0], periods.FINANCIAL_YEAR, tables) if tables else None


def _change(worked: Worked) -> pd.DataFrame:
    budgets, threshold = worked.rows[0], worked.rows[1].iloc[0]
    return schools.threshold_change(budgets, before_pct=threshold["before_pct"], after_pct=threshold["after_pct"])


def _notional_cells(worked: Worked, row: dict, tail: str, hide: bool) -> dict[str, Figure]:
    """Schools over the threshold, blocks and pounds, before and after; hidden where too few pupils stand behind."""
    made = {"schools": worked.figure(f"notional_schools.{tail}", row["schools"], "schools", "schools with a budget")}
    for when in ("before", "after"):
        over = f"schools with a block, threshold {when}"
        made[f"over_{when}"] = worked.figure(f"notional_over.{tail}.{when}", row[f"over_{when}"], "schools", over)
        how = f"whole blocks of {BLOCK} beyond the threshold {when}, rounded up"
        made[f"blocks_{when}"] = worked.figure(
            f"notional_blocks.{tail}.{when}", row[f"blocks_{when}"], "blocks", how, status="c" if hide else ""
        )
        made[f"{when}_gbp"] = worked.pounds(
            f"notional_cost.{tail}.{when}", row[f"{when}_gbp"], f"blocks x {BLOCK}", hide=hide
        )
    made["saving_gbp"] = worked.pounds(f"notional_saving.{tail}", row["saving_gbp"], "before less after", hide=hide)
    return made


def _notional_total(worked: Worked) -> dict[str, Figure]:
    phases = schools.by_phase(_change(worked))
    fewest = policy(worked.page).threshold
    few = hidden(phases["pupils_with_high_needs"], fewest=fewest).total
    return _notional_cells(worked, phases.sum(numeric_only=True).to_dict(), "all", few)


def notional_budget_option(page: Page) -> Option | None:
    """What moving the threshold would save in a year."""
    worked = _notional(page)
    if worked is None:
        return None
    total = _notional_total(worked)
    names = ("over_before", "over_after", "schools")
    words = page.say(
        "key_notional",
        "{over_before} of {schools} schools over the threshold before, {over_after} after.",
        **{name: total[name] for name in names},
    )
    key = KeyFigure("Notional budget threshold: saving", total["saving_gbp"], "", [], words)
    return Option("moving the notional budget threshold", key, total["saving_gbp"])


def notional_budget(page: Page) -> Block | None:
    """Schools over the threshold of the notional budget, blocks and pounds, before and after it moves."""
    worked = _notional(page)
    if worked is None:
        return None
    total, threshold = _notional_total(worked), worked.rows[1].iloc[0]
    moved = {
        name: worked.figure(f"notional_threshold.{name}", threshold[f"{name}_pct"], "%", "setting")
        for name in ("before", "after")
    }
    said = page.say(
        "notional",
        "With the threshold at {after} of the notional budget in place of {before}, {over_after} schools would be over "
        f"it in place of {{over_before}}. The move would {saves(total['saving_gbp'])} {{saving.size}} a year: blocks "
        "of {block} would come to {after_gbp} in place of {before_gbp}.",
        **moved,
        **{name: total[name] for name in ("over_before", "over_after", "before_gbp", "after_gbp")},
        saving=total["saving_gbp"],
        block=BLOCK,
    )
    head = page.paragraphs(heading("Threshold of the notional budget", *worked.rows), said, _shortfall(page, worked))
    return Block(head.markup + _notional_table(page, worked, total).markup)


def _shortfall(page: Page, worked: Worked) -> Claim:
    lacking = schools.shortfall(worked.rows[0])
    pupils = worked.rows[0]["pupils_with_high_needs"][lacking.gt(0)].sum()
    own = Worked(page, worked.period, worked.period_basis, worked.rows[:1])
    few = 0 < pupils < policy(page).school_threshold
    how = f"pupils x {BLOCK} less the whole notional budget, where above 0"
    count = own.figure("notional_shortfall_schools.all", lacking.gt(0).sum(), "schools", how)
    return page.say(
        "shortfall",
        f"The whole notional budget does not cover {{block}} for each such pupil in {{count}} {noun(count, 'school')}; "
        "what is lacking comes to {pounds}.",
        block=BLOCK,
        count=count,
        pounds=own.pounds("notional_shortfall.all", lacking.sum(), how, hide=few),
    )


def _notional_table(page: Page, worked: Worked, total: dict[str, Figure]) -> Block:
    phases, fewest = schools.by_phase(_change(worked)), policy(page).threshold
    hide = hidden(phases["pupils_with_high_needs"], fewest=fewest)
    names = ("over_before", "over_after", "blocks_before", "blocks_after", "before_gbp", "after_gbp", "saving_gbp")
    rows = []
    for row, gone in zip(phases.to_dict("records"), hide.rows, strict=True):
        made = _notional_cells(worked, row, slug(row["phase"]), gone)
        rows.append(Row(row["phase"].capitalize(), [made[name] for name in names]))
    rows.append(Row("All", [total[name] for name in names], rule=True, strong=True))
    heads = ("Over: before", "Over: after", "Blocks: before", "Blocks: after", "Paid: before (£)", "Paid: after (£)")
    return page.table(
        "notional",
        f"Schools over the threshold and blocks of {BLOCK}, {page.facts.authority.name}, {worked.period}",
        row_head="Phase",
        columns=[Column(head) for head in (*heads, "Saving (£)")],
        rows=rows,
        note=f"A school is paid whole blocks of {BLOCK}: those by which its pupils with high needs x {BLOCK} is above "
        f"the threshold's share of its notional budget, rounded up.{hide.note(fewest, 'pupils')}",
    )
