"""The data check as a person reads it: lines for the terminal, a CSV file, and a page of its own.

Owns how findings are put into words. What is looked for belongs to `clean.rules`. Rows are told by file, sheet and
row number; no cell's content is shown.
"""

import csv
import io
import textwrap
from collections.abc import Sequence

from highneeds import __version__, periods, terms
from highneeds.cases import SEVERITIES, Cases, Finding
from highneeds.clean.rules import NOT_CHECKED, RULES, was_checked
from highneeds.fields import SHEETS
from highneeds.report.data import safe_text
from highneeds.report.render import ASSETS, environment

WIDTH = 80
INVENTED = "INVENTED DATA: made up to show what the check can do. No child in it is real."
FIRED, PASSED, UNCHECKED = "found something", "passed", "not checked"
LAYOUTS = {
    "sen2_xml": "SEN2 return (XML)",
    "blade_csv": "CSV export of the SEN2 return",
    "template": "SEN2 Excel template",
    "pre_submission": "workbook with a sheet for each module",
    "five_csv": "set of five CSV files",
    "annex_a": "Ofsted Annex A",
    "extract": "the authority's own extract",
}
RECORDS = SHEETS | {"sen_support_list": "SEN Support list"}
LATER_RETURN = "later return"
COLUMNS = [
    *("rule", "severity", "title", "result", "count", "out_of", "unit", "share_pct", "where"),
    *("detail", "message", "what_to_do", "stops", "origin"),
]
_LABEL = 11


def check_lines(cases: Cases, findings: Sequence[Finding]) -> list[str]:
    """The check for a terminal of 80 columns: a short summary, then a block for each rule that found something."""
    lines = [*_about(cases), "", *_rows_read(cases), "", *_tally(findings), ""]
    for finding in _by_severity(findings):
        lines += [*_block(finding), ""]
    unchecked = [finding for finding in findings if result(finding) == UNCHECKED]
    if unchecked:
        lines += ["NOT CHECKED"]
        for finding in unchecked:
            text = f"{finding.rule}  {RULES[finding.rule].title}: {finding.detail.removeprefix(NOT_CHECKED)}."
            lines += textwrap.wrap(text, WIDTH, subsequent_indent="      ")
        lines += [""]
    passed = " ".join(finding.rule for finding in findings if result(finding) == PASSED)
    return [*lines, *textwrap.wrap(f"PASSED: {passed or 'none'}", WIDTH, subsequent_indent="  ")]


def check_csv(findings: Sequence[Finding]) -> bytes:
    """One row a rule, those that passed or were not checked too; UTF-8 with a mark that Excel reads."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for finding in findings:
        writer.writerow([safe_text(str(cell)) for cell in _cells(finding)])
    return text.getvalue().encode("utf-8-sig")


def check_html(cases: Cases, findings: Sequence[Finding], *, title: str, authority: str = "") -> str:
    """The check as one accessible page with nothing outside it; says INVENTED where the cases are."""
    return (
        environment()
        .get_template("check.html.j2")
        .render(
            title=title,
            authority=authority or (f"Authority {cases.la_code}" if cases.la_code else ""),
            invented=INVENTED if cases.invented else "",
            about=_facts(cases),
            tally=[(words, len(found)) for words, found in _groups(findings).items()],
            counts=_counts(cases),
            aside=_aside(cases),
            fired=[(f, RULES[f.rule], of_words(f), places(f)) for f in _by_severity(findings)],
            unchecked=[
                (finding.rule, RULES[finding.rule].title, finding.detail.removeprefix(NOT_CHECKED))
                for finding in findings
                if result(finding) == UNCHECKED
            ],
            passed=[(f.rule, RULES[f.rule].title, of_words(f)) for f in findings if result(f) == PASSED],
            style=(ASSETS / "report.css").read_text(encoding="utf-8"),
            version=__version__,
            attribution=terms.ATTRIBUTION,
        )
    )


def result(finding: Finding) -> str:
    """Found something, passed, or not checked."""
    if not was_checked(finding):
        return UNCHECKED
    return FIRED if finding.count else PASSED


def of_words(finding: Finding) -> str:
    """`12 of 4,001 rows (0.3%)`."""
    unit, share = RULES[finding.rule].unit, finding.share
    if share is None:
        return f"{finding.count:,} {unit}" if finding.count else f"no {unit} to look at"
    shown = "under 0.1" if 0 < share < 0.1 else f"{share:.1f}"
    return f"{finding.count:,} of {finding.out_of:,} {unit} ({shown}%)"


def places(finding: Finding) -> list[str]:
    """Where a rule found something: file, sheet, and the first row numbers (lines of an XML file)."""
    shown = sum(len(rows) for _, _, rows in finding.where)
    found = []
    for file, sheet, rows in finding.where:
        name = f"{file}, sheet {sheet}" if sheet else file
        if not rows:
            found.append(name)
            continue
        word = "line" if file.lower().endswith(".xml") else "row"
        numbers = ", ".join(f"{row:,}" if row > 9_999 else str(row) for row in rows)
        found.append(f"{name}: {word}{'s' if len(rows) > 1 else ''} {numbers}")
    more = finding.count - shown
    if found and shown and more > 0 and RULES[finding.rule].unit == "rows":
        found[-1] += f" and {more:,} more" if len(found) == 1 else ""
        found += [f"and {more:,} more rows in these files"] if len(found) > 1 else []
    return found


def _facts(cases: Cases) -> list[tuple[str, str]]:
    layouts = ", ".join(LAYOUTS.get(layout, layout) for layout in cases.layouts)
    facts = [
        ("Files", ", ".join(file.name for file in cases.files) or "none named"),
        ("Layout", layouts),
        ("Day of the data", periods.day_in_words(cases.extract_date)),
    ]
    facts += [("Years of the returns", ", ".join(str(year) for year in cases.years))] if cases.years else []
    return facts + ([("Authority", cases.la_code)] if cases.la_code else [])


def _about(cases: Cases) -> list[str]:
    lines = ["DATA CHECK", *([INVENTED] if cases.invented else [])]
    width = max(len(name) for name, _ in _facts(cases)) + 2
    for name, words in _facts(cases):
        head = f"{name}:".ljust(width)
        lines += textwrap.wrap(words, WIDTH, initial_indent=head, subsequent_indent=" " * width, break_on_hyphens=False)
    return lines


def _counts(cases: Cases) -> list[tuple[str, int, int, int]]:
    rows = cases.counts[["module", "rows_in", "used", "quarantined"]].itertuples(index=False)
    found = [(RECORDS[module], int(a), int(b), int(c)) for module, a, b, c in rows if a or module in SHEETS]
    return [*found, ("All", *(sum(row[at] for row in found) for at in (1, 2, 3)))]


def _aside(cases: Cases) -> str:
    """Why rows were set aside: `3 under DQ02, 120 replaced by a later return`."""
    rules = cases.quarantine["rule"].value_counts().sort_index()
    words = [
        f"{count:,} replaced by a later return" if rule == LATER_RETURN else f"{count:,} under {rule}"
        for rule, count in rules.items()
    ]
    return ", ".join(words)


def _rows_read(cases: Cases) -> list[str]:
    lines = [f"{'Rows':<18}{'read':>12}{'used':>12}{'set aside':>12}"]
    lines += [f"{name:<18}{read:>12,}{used:>12,}{aside:>12,}" for name, read, used, aside in _counts(cases)]
    why = _aside(cases)
    return lines + (textwrap.wrap(f"Set aside: {why}.", WIDTH, subsequent_indent="  ") if why else [])


def _groups(findings: Sequence[Finding]) -> dict[str, list[Finding]]:
    """Findings by severity where something was found, then those that passed, then those not checked."""
    fired = [finding for finding in findings if result(finding) == FIRED]
    groups = {
        f"{severity}{'' if severity == SEVERITIES[-1] else 's'}": [f for f in fired if f.severity == severity]
        for severity in SEVERITIES
    }
    rest = {kind: [f for f in findings if result(f) == kind] for kind in (PASSED, UNCHECKED)}
    return groups | rest


def _tally(findings: Sequence[Finding]) -> list[str]:
    words = ", ".join(
        f"{len(found)} {name.removesuffix('s') if len(found) == 1 and name != PASSED else name}"
        for name, found in _groups(findings).items()
    )
    return textwrap.wrap(f"{len(findings)} rules: {words}.", WIDTH)


def _by_severity(findings: Sequence[Finding]) -> list[Finding]:
    fired = [finding for finding in findings if result(finding) == FIRED]
    return sorted(fired, key=lambda finding: (SEVERITIES.index(finding.severity), finding.rule))


def _block(finding: Finding) -> list[str]:
    rule = RULES[finding.rule]
    lines = [f"{finding.rule}  {finding.severity.upper()}  {rule.title}: {of_words(finding)}"]
    told = [("", finding.message), ("Found", finding.detail), ("Where", "; ".join(places(finding)))]
    told += [("To do", finding.action), ("Affects", ", ".join(finding.stops))]
    for name, words in told:
        if words:
            start = "  " + (f"{name}:".ljust(_LABEL - 2) if name else "")
            lines += textwrap.wrap(words, WIDTH, initial_indent=start, subsequent_indent=" " * len(start))
    return lines


def _cells(finding: Finding) -> list[object]:
    rule, share = RULES[finding.rule], finding.share
    checked = was_checked(finding)
    return [
        finding.rule,
        finding.severity,
        rule.title,
        result(finding),
        finding.count if checked else "",
        finding.out_of if checked else "",
        rule.unit,
        "" if share is None else f"{share:.2f}",
        "; ".join(places(finding)),
        finding.detail,
        finding.message,
        finding.action,
        ", ".join(finding.stops),
        rule.origin,
    ]
