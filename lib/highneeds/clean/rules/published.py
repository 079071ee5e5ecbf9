"""Rules against what was printed or published: sums of tables in papers, DfE's figures for the authority."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from highneeds import fields
from highneeds.cases import ERROR, WARNING
from highneeds.clean.rules.model import MONTHLY, TIMES, Context, Look, Rule, not_checked, number

TOTAL = "Total"
TOLERANCE_PCT = 1.0
EXACT = 1e-6
_KEY = ["measure", "period", "period_basis", "unit"]
# A line of its own that goes into another measure's total: spend is printed after its savings.
_GOES_INTO = {"high_needs_savings": "high_needs_spend"}
# A breakdown `question - answer` is one answer of several questions: such parts overlap.
_OVERLAPPING = " - "


def printed_sums(context: Context) -> Look:
    """Printed totals that are not the sum of their printed parts."""
    if not context.printed:
        return not_checked("no tables from papers were given; tables transcribed from papers would allow it")
    where, words, looked = [], [], 0
    for name, rows in context.printed.items():
        totals = _totals(rows)
        wrong = totals[(totals["parts"] - totals["value"]).abs() > EXACT]
        looked += len(totals)
        if len(wrong):
            # A transcribed file's header is its row 1.
            lines = wrong["row"] if "row" in wrong else wrong["position"] + 2
            where.append((_file(rows, name), "", tuple(int(line) for line in sorted(lines)[:20])))
            words += [
                f"{row.measure} {row.period}: parts {row.parts:g}, printed {row.value:g}" for row in wrong.itertuples()
            ]
    return Look(count=len(words), out_of=looked, where=tuple(where), detail="; ".join(words))


def _file(rows: pd.DataFrame, name: str) -> str:
    return str(rows["file"].iloc[0]) if "file" in rows and len(rows) else f"{name}.csv"


def _totals(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of printed totals whose parts are all there, with the sum of the parts."""
    rows = rows.assign(position=np.arange(len(rows)))
    plain = rows["unit"].ne("%") & rows["status"].ne("approx") & ~rows["measure"].str.endswith("_pct")
    mixed = rows["breakdown"].str.contains(_OVERLAPPING, regex=False)
    rows = rows[plain & ~rows["measure"].isin(rows.loc[mixed, "measure"])]
    total, known = rows["breakdown"].eq(TOTAL), rows["value"].notna()
    lines = rows[rows["measure"].isin(list(_GOES_INTO)) & total & known]
    lines = lines.assign(measure=lines["measure"].map(_GOES_INTO))
    parts = pd.concat([rows[~total], lines]).groupby(_KEY)["value"].agg(parts="sum", size="size", known="count")
    # A single part is no breakdown, and a blank part leaves the sum unknown.
    whole = parts[parts["size"].gt(1) & parts["size"].eq(parts["known"])]
    return rows[total & known].merge(whole, left_on=_KEY, right_index=True)


def against_published(context: Context) -> Look:
    """Local counts that differ from DfE's figure by over 1%."""
    if context.published is None or not len(context.published):
        return not_checked("no published figures were given; DfE's release for this authority would allow it")
    local = local_counts(context)
    compared = {key: value for key, value in _published(context.published).items() if key in local}
    words = [
        f"{measure} {period}: {local[measure, period]:,} here, {value:,.0f} published"
        for (measure, period), value in compared.items()
        if abs(local[measure, period] - value) > value * TOLERANCE_PCT / 100
    ]
    if not compared:
        return not_checked("no published figure is of a year that the inputs hold; another release would allow it")
    return Look(count=len(words), out_of=len(compared), detail="; ".join(words))


def _published(figures: pd.DataFrame | Mapping[tuple[str, str], float]) -> dict[tuple[str, str], float]:
    if isinstance(figures, pd.DataFrame):
        figures = dict(zip(zip(figures["measure"], figures["period"], strict=True), figures["value"], strict=True))
    return {(m, str(period)): float(value) for (m, period), value in figures.items() if pd.notna(value)}


def local_counts(context: Context) -> dict[tuple[str, str], int]:
    """Counts that DfE publishes too, by (measure, period), for years that the inputs hold whole.

    requests_received and new_ehc_plans by calendar year; ehc_plans of January where the extract is of January.
    """
    view, cases = context.view, context.cases
    year_now = int(str(view.day)[:4])
    years = [year - 1 for year in cases.years] or [year_now - 1]
    counts = {}
    if cases.has(fields.REQUESTS, "received_date", "request_outcome"):
        received = _years(view.dates("requests", "received_date"))
        received[view.code("requests", "request_outcome", "H")] = -1
        counts |= {("requests_received", str(year)): number(received == year) for year in years}
    if cases.has(fields.ASSESSMENT, "assessment_outcome", "assessment_outcome_date"):
        issued = _years(view.dates("assessments", "assessment_outcome_date"))
        issued[~view.code("assessments", "assessment_outcome", "Y")] = -1
        counts |= {("new_ehc_plans", str(year)): number(issued == year) for year in years}
    if cases.has(fields.NAMED_PLAN, "start_date") and str(view.day)[5:7] == "01":
        started = ~np.isnat(view.dates("plans", "start_date"))
        counts["ehc_plans", str(year_now)] = number(view.open_plans & started)
    return counts


def _years(dates: np.ndarray) -> np.ndarray:
    return np.where(np.isnat(dates), -1, dates.astype("datetime64[Y]").astype("int64") + 1970)


RULES = (
    Rule(
        "DQ46",
        ERROR,
        "Parts do not sum to the printed total",
        "In a table transcribed from a paper, the parts do not sum to the total printed beside them.",
        "Check the transcription against the paper. If the paper is so, ask its author; both figures are kept.",
        printed_sums,
        stops=("figures from that table",),
        unit="totals",
    ),
    Rule(
        "DQ47",
        WARNING,
        "Local and published figures differ",
        "A count here differs from DfE's published figure by over 1%.",
        "Say why beside the figure: late entries, duplicates, historical requests, another definition.",
        against_published,
        stops=(MONTHLY, *TIMES),
        unit="figures",
    ),
)
