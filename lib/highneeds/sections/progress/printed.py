"""The summary of progress as an authority's own paper prints it, with its changes worked out (K5)."""

import pandas as pd

from highneeds.figures import Figure, difference
from highneeds.models.spans import Match, fit
from highneeds.sections.common import printed_figure
from highneeds.sections.page import Block, Page
from highneeds.sections.progress import lines
from highneeds.sections.progress.lines import ALL, PLANS, SCHOOL_AGE, Line
from highneeds.tables import Column, Row

TABLE = "progress_summary"
FILE = f"{TABLE}.csv"


def labels(page: Page) -> tuple[str, str] | None:
    """The two years that the table's columns name, earliest first; the newest two of more."""
    rows = page.papers.tables.get(TABLE, pd.DataFrame({"period": []}))
    held = sorted(rows["period"].unique())[-2:]
    return (held[0], held[1]) if len(held) == 2 else None


def pair_of(page: Page, measure: str) -> tuple[Figure, Figure] | None:
    """A line as printed under both labels; None where one is not printed."""
    held = labels(page)
    if held is None:
        return None
    before, now = (printed_figure(page, TABLE, measure, label) for label in held)
    return (before, now) if before is not None and now is not None and before.known and now.known else None


def line_of(measure: str) -> Line | None:
    """The line that a printed measure is of; None for one of the paper's own."""
    return next((line for line in ALL if line.paper == measure), None)


def matches(page: Page, line: Line) -> tuple[Match, ...]:
    """Published years beside the two printed counts of a line; empty where either is not printed, or not above 0."""
    pair = pair_of(page, line.paper)
    if pair is None or not all(each.value > 0 and each.period.isdigit() for each in pair):  # type: ignore[operator]
        return ()
    held = lines.series(page, line, page.facts.authority)
    return fit(held, [(int(each.period), each.value) for each in pair])  # type: ignore[misc]


def year_of(match: Match) -> str:
    """The published year as a period."""
    return str(match.year)


def beside(page: Page, line: Line, match: Match) -> Figure | None:
    """The published figure that a printed count is set beside; None where it is not held."""
    held = {int(year[:4]): year for year in lines.years(page, line)}
    found = lines.figure(page, line, page.facts.authority, held[match.year]) if match.year in held else None
    return found if found is not None and found.known else None


def table(page: Page) -> Block | None:
    """Each line as printed, its change, the published count it is nearest to, and the difference from that."""
    held = labels(page)
    if held is None:
        _missing(page)
        return None
    rows = page.papers.tables[TABLE]
    made = [_row(page, measure) for measure in dict.fromkeys(rows["measure"]) if pair_of(page, measure) is not None]
    return page.table(
        "printed",
        f"Summary of progress as the paper of {page.facts.authority.name} prints it, beside published counts",
        row_head="Number of",
        columns=[
            *(Column(f"Under {label}") for label in held),
            Column("Change"),
            Column("Published counts beside it", words=True),
            *(Column(f"Less published, {label}") for label in held),
        ],
        rows=made,
        note="Change: per cent of the first year; for shares in per cent, percentage points. The paper prints no "
        "changes. The years are the paper's labels; the published counts beside them are the nearest. Statutory school "
        "age stands beside ages five to fifteen.",
        heading="As the authority's paper prints it",
    )


def _row(page: Page, measure: str) -> Row:
    before, now = pair_of(page, measure)  # type: ignore[misc]
    line = line_of(measure)
    cells = [before, now, lines.change(before, now)]
    # The paper does not say which ages it counts: its years are those of all plans, its ages set beside 5 to 15.
    found = [] if line is None else matches(page, PLANS if line is SCHOOL_AGE else line)
    figures = [beside(page, line, match) for match in found]  # type: ignore[arg-type]
    label = measure.replace("_", " ").capitalize() if line is None else line.label
    if not figures or any(each is None for each in figures):
        return Row(label, [*cells, "none held for these years", "", ""])
    label = "EHC plans, statutory school age" if line is SCHOOL_AGE else label
    when = lines.span(figures[0].period, figures[1].period, line.basis)  # type: ignore[union-attr]
    gaps = [difference(own, theirs) for own, theirs in zip((before, now), figures, strict=True)]  # type: ignore[arg-type]
    return Row(label, [*cells, when, *gaps])


def _missing(page: Page) -> None:
    page.missing.append(
        "The summary of progress as the authority's own paper prints it, and the bridge to the published counts. A "
        f"file data/raw/{page.facts.authority.slug}/{FILE} with two years of each line would bring them."
    )
