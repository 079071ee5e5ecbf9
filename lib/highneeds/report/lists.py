"""What a report says, as lists for an auditor: every figure (figures.csv) and every sentence with one (claims.csv)."""

import csv
import io
from collections.abc import Iterable, Sequence

from highneeds.claims import loose_numbers
from highneeds.measures.declarations import OWN
from highneeds.report.data import safe_text
from highneeds.report.notebooks import Run

FIGURE_COLUMNS = (
    *("id", "section", "measure", "label", "area", "area_code", "breakdown", "period", "period_basis"),
    *("value", "printed", "status", "unit", "source", "source_id", "reference"),
    *("numerator", "numerator_of", "denominator", "denominator_of", "rests_on", "shown"),
)
NUMBERS = ("value", "numerator", "denominator")
CLAIM_COLUMNS = (
    *("id", "section", "text", "figures", "printed", "measure", "period", "period_basis"),
    *("inputs", "formula", "rates", "without_source"),
)
BETWEEN = "; "
RATES = ("%", "per 1,000")


def figures_of(runs: Iterable[Run]) -> list[dict]:
    """Figures of every section that could be made."""
    return [figure for run in runs if run.results for figure in run.results["figures"]]


def said_of(runs: Iterable[Run]) -> list[str]:
    """Names of the figures that stand in sentences."""
    return [name for run in runs if run.results for said in run.results["claims"] for name in said["figures"]]


def figures_csv(figures: Iterable[dict]) -> bytes:
    """Every figure of a report, with its source and row or its formula; a rate with the two sides of it."""
    return as_csv(FIGURE_COLUMNS, figures)


def claims_csv(runs: Iterable[Run]) -> bytes:
    """Every sentence with a figure or a number; in the order of the report, figures in the order of their slots."""
    rows = []
    for run in runs:
        if run.results:
            held = {figure["id"]: figure for figure in run.results["figures"]}
            rows += [_claim(run.slug, said, held) for said in run.results["claims"]]
    return as_csv(CLAIM_COLUMNS, [row for row in rows if row["figures"] or row["without_source"]])


def as_csv(columns: Sequence[str], rows: Iterable[dict]) -> bytes:
    """Rows as CSV: text that no spreadsheet takes for a formula, numbers to ten digits, the missing empty."""
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    for row in rows:
        cells = {name: safe_text(cell) if isinstance(cell, str) else cell for name, cell in row.items()}
        for name in NUMBERS:
            if name in cells and not isinstance(cells[name], str):
                cells[name] = "" if cells[name] is None else f"{cells[name]:.10g}"
        writer.writerow(cells)
    return text.getvalue().encode("utf-8")


def _claim(section: str, said: dict, held: dict[str, dict]) -> dict:
    figures = [held[id] for id in dict.fromkeys(said["figures"])]

    def each(name: str) -> str:
        return BETWEEN.join(str(figure[name]) for figure in figures)

    return {
        "id": said["id"],
        "section": section,
        "text": said["text"],
        "figures": each("id"),
        "printed": each("printed"),
        "measure": each("measure"),
        "period": each("period"),
        "period_basis": each("period_basis"),
        "inputs": BETWEEN.join(dict.fromkeys(_inputs(figures))),
        "formula": each("reference"),
        "rates": BETWEEN.join(_rate(figure) for figure in figures if figure["unit"] in RATES),
        "without_source": BETWEEN.join(loose_numbers(said["html"])),
    }


def _inputs(figures: Iterable[dict]) -> Iterable[str]:
    """What the figures rest on: the figures above and below the line, else other figures, else a source."""
    for figure in figures:
        if figure["numerator_of"]:
            yield from (figure["numerator_of"], figure["denominator_of"])
        elif figure["rests_on"]:
            yield from figure["rests_on"].split(BETWEEN)
        elif figure["source_id"] != figure["source"] or figure["source"]:
            yield figure["source_id"]


def _rate(figure: dict) -> str:
    """`42.1%: 600 of 1425`; or why there are no two sides: it was published so, or a model says it."""
    if not figure["denominator_of"]:
        why = figure["reference"] if figure["source"] == OWN else "published or printed without its counts"
        return f"{figure['printed']}: {why}"
    top, bottom = ("not known" if figure[n] is None else f"{figure[n]:.10g}" for n in ("numerator", "denominator"))
    return f"{figure['printed']}: {top} of {bottom}"
