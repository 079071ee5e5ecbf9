"""Data quality and reconciliation: can the authority's own cases be relied on, do they agree with what is published?"""

from collections import Counter

import pandas as pd

from highneeds import periods
from highneeds.cases import ERROR, SEVERITIES, Finding
from highneeds.clean.rules import NOT_CHECKED, RULES
from highneeds.figures import Figure, change_pct, counted, difference
from highneeds.measures.declarations import MEASURES
from highneeds.measures.dry_run import bridge, dry_run, newest_year
from highneeds.sections.local import LocalAt
from highneeds.sections.page import Block, Page
from highneeds.tables import Column, Row

TITLE = "Data quality and reconciliation"
QUESTION = "Can the authority's own cases be relied on, and do they agree with what is published?"
RESIDUAL_PCT = 1.0
_NOBODY = {"months", "totals", "figures", "columns"}
_MODULES = {
    "person": "Children and young people",
    "requests": "Requests",
    "assessment": "Assessments",
    "namedplan": "Plans named",
    "plandetail": "Placements named in plans",
    "activeplans": "Plans in force",
    "placementdetail": "Placements",
    "senneed": "Needs",
    "sen_support_list": "Children on the list of SEN Support",
}


def answer(page: Page) -> Block:
    """How many rules found something, and whether anything is stopped by it."""
    local = page.local
    if local is None:
        area = page.facts.authority
        page.missing.append(
            f"Data quality and reconciliation: no case data are held. A return or an extract in data/raw/{area.slug} "
            "would supply them; highneeds check tells what is wrong with it first."
        )
        return page.answer(
            page.say(
                "answer",
                "No case data of {area} are held, so there are none to check. The figures of this report are "
                "published, by DfE or in the authority's own papers.",
                area=area.name,
            )
        )
    found = page.local.findings
    fired = Counter(finding.severity for finding in found if finding.count)
    checked = sum(not finding.detail.startswith(NOT_CHECKED) for finding in found)
    like = _rows_of(local, "requests", "used")
    counts = {
        name: _note(like, f"rules-{slug}", number, "rules", f"rules of {len(found)}: {slug}")
        for name, slug, number in (
            ("errors", "with-errors", fired[ERROR]),
            ("others", "with-warnings", sum(fired.values()) - fired[ERROR]),
            ("checked", "checked", checked),
        )
    }
    said = [
        page.say(
            "answer",
            "Of {checked} rules that could be checked, {errors} found errors and {others} found something to look at. "
            "Errors stop the figures that depend on them and no others.",
            **counts,
        )
    ]
    return page.answer(*said)


def _note(like: Figure, name: str, value: float, unit: str, how: str) -> Figure:
    return counted(f"case_findings.{name}", value, unit, like, how)


def _rows_of(local: LocalAt, module: str, column: str) -> Figure:
    counts = local.cases.counts.set_index("module")
    day = local.cases.extract_date.isoformat()
    return local.figure(
        "case_rows",
        day,
        float(counts.loc[module, column]),
        breakdown=f"{module}, {column.replace('_', ' ')}",
        how=f"rows of the module {module}: {column.replace('_', ' ')}",
    )


def rows_table(page: Page) -> Block | None:
    """Rows read, used and set aside, by kind of record."""
    local = page.local
    if local is None:
        return None
    counts = local.cases.counts
    rows = [
        Row(
            _MODULES.get(module, module),
            [_rows_of(local, module, column) for column in ("rows_in", "used", "quarantined")],
        )
        for module in counts.loc[counts["rows_in"].gt(0), "module"]
    ]
    return page.table(
        "rows",
        f"Rows of case data read, used and set aside, {local.area.name}",
        row_head="Record",
        columns=[Column("Rows read"), Column("Rows used"), Column("Rows set aside")],
        rows=rows,
        heading="Nothing is lost",
        note="Set aside: second records, records without a parent, requests without a usable date, spans that end "
        "before they begin, and records that a later return replaces.",
    )


def findings_table(page: Page) -> Block | None:
    """Rules that found something: errors first."""
    local = page.local
    if local is None:
        return None
    fired = sorted((f for f in page.local.findings if f.count), key=lambda f: (SEVERITIES.index(f.severity), f.rule))
    if not fired:
        return None
    rows = [
        Row(f.rule, [f.severity.capitalize(), f.message, _caught(local, f), ", ".join(f.stops) or "nothing", f.action])
        for f in fired
    ]
    return page.table(
        "findings",
        f"What the data-quality rules found, {local.area.name}",
        row_head="Rule",
        columns=[
            Column("Kind", words=True),
            Column("What was found", words=True),
            Column("Rows, or what is counted"),
            Column("What it stops", words=True),
            Column("What to do", words=True),
        ],
        rows=rows,
        heading="What the rules found",
        note="Row numbers stand in the report that highneeds check writes for the analyst; they are not published. "
        + page.disclosure_note("rule"),
    )


def _caught(local: LocalAt, finding: Finding) -> Figure:
    """Rows caught, hidden where they are few."""
    # Months, totals or columns are nobody; rows, plans and settings may be children.
    few = RULES[finding.rule].unit not in _NOBODY and 0 < finding.count < local.local.policy.threshold
    return local.figure(
        "case_findings",
        local.cases.extract_date.isoformat(),
        None if few else float(finding.count),
        status="c" if few else "",
        breakdown=finding.rule,
        how=f"rows caught by rule {finding.rule}",
    )


def unchecked(page: Page) -> Block | None:
    """Rules that could not be checked, and what would allow it."""
    if page.local is None:
        return None
    lines = [f for f in page.local.findings if f.detail.startswith(NOT_CHECKED)]
    if not lines:
        return None
    rows = [Row(f.rule, [f.message, f.detail.removeprefix(NOT_CHECKED)]) for f in lines]
    return page.table(
        "unchecked",
        "Rules that could not be checked",
        row_head="Rule",
        columns=[Column("What it looks for", words=True), Column("Why not", words=True)],
        rows=rows,
    )


def dry_run_table(page: Page) -> Block | None:
    """What DfE would publish from these cases, beside what it has published."""
    local = page.local
    if local is None:
        return None
    year = newest_year(local.cases)
    rows = [_dry_row(page, local, row) for row in dry_run(local.cases, year).itertuples() if row.status != "n"]
    if not rows:
        return None
    return page.table(
        "dry-run",
        f"What DfE would publish for calendar {year} from {local.area.name}'s own cases, beside published figures",
        row_head="Measure",
        columns=[
            Column("From own cases"),
            Column("Published, same period"),
            Column("Difference"),
            Column("Published, the period before"),
        ],
        rows=rows,
        heading="Own cases beside published figures",
        note="Whole-authority figures as DfE publishes them, which are not hidden or rounded. Plans are those held on "
        "the survey day in January after the year.",
    )


def _dry_row(page: Page, local: LocalAt, row) -> Row:
    declared, facts = MEASURES[row.measure], page.facts
    mine = Figure(
        id=f"dry_run.{local.area.slug}.{row.period}.{row.measure.replace('_', '-')}",
        measure="dry_run",
        area_code=local.area.code,
        area=local.area.name,
        period=row.period,
        period_basis=row.period_basis,
        value=None if pd.isna(row.value) else float(row.value),
        status=row.status if pd.isna(row.value) else "",
        unit=declared.unit,
        source=local.local.source,
        reference=f"{row.measure} computed from the case data (highneeds preview)",
        breakdown=declared.label,
        places=declared.places,
    )
    now = facts.get(row.measure, local.area, row.period)
    before = facts.get(row.measure, local.area, periods.previous_year(row.period, row.period_basis))
    gap = difference(mine, now) if declared.unit == "%" else change_pct(mine, now)
    unit = " (%)" if declared.unit == "%" else ""
    return Row(f"{declared.label}{unit}", [mine, now, _with_unit(gap), before])


def _with_unit(gap: Figure) -> Figure | str:
    if not gap.known:
        return gap
    sign = "+" if gap.value and gap.value > 0 else ""
    return f"{sign}{gap.text} points" if gap.unit == "percentage points" else f"{sign}{gap.text}"


def bridge_table(page: Page) -> Block | None:
    """From rows in the file to requests that count, to the published number, with what is left unexplained."""
    local = page.local
    if local is None or not local.cases.has("requests", "received_date"):
        return None
    year = newest_year(local.cases)
    survey = periods.last_day(str(int(year) + 1), periods.JANUARY)
    steps = bridge(local.cases, year, at=min(survey, local.cases.extract_date))
    figures = [_step(local, row.step, row.count, year) for row in steps.itertuples(index=False)]
    rows = [
        Row(row.step, [figure], strong=last, rule=last)
        for row, figure, last in zip(steps.itertuples(), figures, [False] * (len(steps) - 1) + [True], strict=True)
    ]
    counted_here, published = figures[-1], page.facts.get("requests_received", local.area, year)
    rows.append(Row("Published by DfE for the year", [published]))
    residual = difference(published, counted_here)
    rows.append(Row("Not explained", [residual], strong=True))
    page.remember([residual])
    _say_residual(page, published, counted_here)
    return page.table(
        "bridge",
        f"From rows in the case data to the published count of requests, {local.area.name}, calendar {year}",
        row_head="Step",
        columns=[Column("Requests")],
        rows=rows,
        note="Requests of another authority and entries that were no valid request are not marked in the data, so they "
        "are part of what is not explained, as are late entries and DfE's own edits.",
    )


def _step(local: LocalAt, step: str, count: int, year: str) -> Figure:
    """Records of a step: of files and returns, not of children with anything in common, so none is hidden."""
    return local.figure("bridge", year, float(count), breakdown=step, how=f"requests of the case data: {step.lower()}")


def _say_residual(page: Page, published: Figure, here: Figure) -> None:
    gap = change_pct(here, published)
    if gap.known and abs(gap.value) > RESIDUAL_PCT:  # type: ignore[arg-type]
        page.unknown.append(
            page.say(
                "unknown_bridge",
                "Why the authority's own cases give {here} requests for {year} and DfE published {published}.",
                here=here,
                year=here.period,
                published=published,
            )
        )
