"""Independent placements whose cost stands out, as an option: how many, in which groups, and where a visit pays.

Which placement stands out is never printed: `models.options.placements.outliers` tells its row to whoever holds the
file.
"""

import pandas as pd

from highneeds import periods
from highneeds.claims import Claim
from highneeds.disclosure.policy import HIDDEN
from highneeds.figures import POUNDS, Figure, slug
from highneeds.models.options import placements as costs
from highneeds.sections.options.common import MOST_ROWS, Option, Worked, heading, held, hidden, policy
from highneeds.sections.page import Block, KeyFigure, Page
from highneeds.tables import Column, Row

FILES = ("independent_placements",)
SIDES = (costs.HIGH, costs.LOW)
VERDICTS = {costs.JUDGED: "judged", costs.NO_SPREAD: "no spread: more than half cost the same"}


def _worked(page: Page) -> Worked | None:
    tables = held(page, *FILES)
    return Worked(page, tables[0]["financial_year"].iloc[0], periods.FINANCIAL_YEAR, tables) if tables else None


def _groups(worked: Worked, k: float) -> pd.DataFrame:
    """Groups that are large enough to be told of."""
    groups = costs.by_group(worked.rows[0], k=k)
    return groups[groups["placements"].ge(policy(worked.page).unit_cost_minimum)]


def _of(k: float) -> str:
    """End of the id of what another yardstick than the usual one finds."""
    return "" if k == costs.K else f".{slug(f'beyond {k:g}')}"


def _total(worked: Worked, k: float) -> dict[str, Figure]:
    """Placements in groups large enough, those that stand out, and what the high ones cost beyond the median."""
    groups, rules = _groups(worked, k), policy(worked.page)
    how = f"placements further than {k:g} deviations from the median of their need and setting"
    counts = [int(groups[side].sum()) for side in SIDES]
    hide = hidden(counts, fewest=rules.threshold)
    gone = dict(zip((*SIDES, "beyond"), (*hide.rows, hide.total), strict=True))
    made = {
        name: worked.figure(
            f"placements_{name}.all{_of(k)}", count, "placements", how, status=HIDDEN if gone[name] else ""
        )
        for name, count in zip((*SIDES, "beyond"), (*counts, sum(counts)), strict=True)
    }
    few = 0 < counts[0] < rules.unit_cost_minimum
    made["placements"] = worked.figure(
        "placements_judged.all", groups["placements"].sum(), "placements", "placements in groups of five or more"
    )
    made["excess"] = worked.pounds(
        f"placements_excess.all{_of(k)}",
        groups["excess_gbp"].sum(),
        "costs of the high ones less their medians",
        hide=few,
    )
    return made


def value_for_money_option(page: Page) -> Option | None:
    """How many placements stand out."""
    worked = _worked(page)
    if worked is None or _groups(worked, costs.K).empty:
        return None
    total = _total(worked, costs.K)
    words = page.say(
        "key_value_for_money",
        "Of {placements} placements in groups large enough to judge.",
        placements=total["placements"],
    )
    key = KeyFigure("Independent placements whose cost stands out", total["beyond"], "", [], words)
    return Option("placements whose cost stands out", key)


def value_for_money(page: Page, k: float = costs.K) -> Block | None:
    """Costs of independent placements by need and setting, how many stand out, and providers with many placements.

    k: deviations from the median (1.4826 x the median absolute one) beyond which a cost stands out.
    """
    worked = _worked(page)
    if worked is None:
        return None
    title = heading("Independent placements whose cost stands out", *worked.rows)
    if _groups(worked, k).empty:
        few = "No need and setting has enough independent placements to be judged; none is shown."
        return page.paragraphs(title, page.say("value_for_money_few", few))
    total = _total(worked, k)
    said = page.say(
        "value_for_money",
        "{beyond} of {placements} independent placements cost far more or far less than others of the same need and "
        "setting.",
        beyond=total["beyond"],
        placements=total["placements"],
    )
    head = page.paragraphs(title, said, _excess(page, total))
    blocks = [head, _table(page, worked, k, total), _providers(page, worked)]
    return Block("".join(block.markup for block in blocks if block is not None))


def _excess(page: Page, total: dict[str, Figure]) -> Claim | None:
    """What the high ones cost beyond their medians, where enough of them stand behind it."""
    if not total["excess"].known or not total["excess"].value:
        return None
    return page.say(
        "value_for_money_excess",
        "The {high} high ones cost {excess} a year beyond their medians: what there is to talk about, not a saving.",
        high=total[costs.HIGH],
        excess=total["excess"],
    )


def _rows(worked: Worked, k: float) -> list[Row]:
    """A row a need and setting; counts of one to four are hidden, and others beside them."""
    groups = _groups(worked, k)
    hide = {side: hidden(groups[side], fewest=policy(worked.page).threshold).rows for side in SIDES}
    rows = []
    for at, row in enumerate(groups.to_dict("records")):
        tail, how = slug(f"{row['need']} {row['setting']}"), f"placements beyond {k:g} deviations"
        status = {side: HIDDEN if hide[side][at] else "" for side in SIDES}
        counts = [
            worked.figure(f"placements_{side}.{tail}{_of(k)}", row[side], "placements", how, status=status[side])
            for side in SIDES
        ]
        size = worked.figure(
            f"placements.{tail}", row["placements"], "placements", "placements of the need and setting"
        )
        median = worked.pounds(f"placement_median.{tail}", row["median_gbp"], "median cost a year")
        rows.append(Row(f"{row['need']}, {row['setting']}", [size, median, *counts, VERDICTS[row["verdict"]]]))
    return rows


def _table(page: Page, worked: Worked, k: float, total: dict[str, Figure]) -> Block:
    fewest = policy(page).unit_cost_minimum
    sums = [total["placements"], "", *(total[side] for side in SIDES), ""]
    left = costs.by_group(worked.rows[0], k=k)["placements"].lt(fewest).sum()
    heads = [Column(head) for head in ("Placements", "Median cost (£)", "High", "Low")]
    return page.table(
        "value_for_money",
        f"Independent placements by need and setting, {page.facts.authority.name}, {worked.period}",
        row_head="Need and setting",
        columns=[*heads, Column("Verdict", words=True)],
        rows=[*_rows(worked, k), Row("All of these", sums, rule=True, strong=True)],
        note=page.say(
            "value_for_money_note",
            "High and low: further than {k} x {normal} x the median absolute deviation from the median. Groups under "
            "{fewest} placements ({left} of them) are neither judged nor shown. A cost that stands out may be right "
            "for the child: it is a reason to look.",
            k=f"{k:g}",
            normal=str(costs.NORMAL),
            fewest=str(fewest),
            left=worked.figure("option_small_groups", float(left), "groups", f"groups under {fewest} placements"),
        ),
    )


def _providers(page: Page, worked: Worked) -> Block | None:
    """Providers with enough placements to be named."""
    fewest = policy(page).school_threshold
    found = costs.by_provider(worked.rows[0])
    many = found[found["placements"].ge(fewest)].head(MOST_ROWS)
    if many.empty:
        return None
    rows = []
    for row in many.to_dict("records"):
        tail = slug(row["provider"])
        size = worked.figure(
            f"provider_placements.{tail}", row["placements"], "placements", "placements at the provider"
        )
        cost = worked.figure(f"provider_cost.{tail}", row["cost_gbp"], POUNDS, "sum of their costs, a year")
        rows.append(Row(row["provider"], [size, cost]))
    return page.table(
        "providers",
        f"Providers with {fewest} placements or more, {page.facts.authority.name}, {worked.period}",
        row_head="Provider",
        columns=[Column("Placements"), Column("Cost a year (£)")],
        rows=rows,
        note="Where many children are placed, one visit or one new contract reaches them all.",
    )
