"""Success criteria against the data: what is asked of which measure, the figures, and the verdict."""

from math import isnan

from highneeds import periods
from highneeds.figures import Figure
from highneeds.measures.declarations import MEASURES, OWN
from highneeds.measures.targets import AREAS, ENGLAND, NEARER, NEIGHBOURS, REGION, Target
from highneeds.models.programme.criteria import UNKNOWN, Judged, judge
from highneeds.models.programme.register import Entry
from highneeds.sections.page import Block, Page
from highneeds.sections.programme.register import held, of_row, rows_told
from highneeds.sections.quoted import quoted
from highneeds.tables import Column, Row

_LEVEL = {"<=": "at most", ">=": "at least", "<": "below", ">": "above"}


def judged(page: Page) -> list[tuple[Entry, Judged]]:
    """Every criterion with a measure, and what the data say of it; worked out once."""
    if "judged" not in page.kept:
        page.kept["judged"] = [
            (entry, judge(page.facts, entry.measure, entry.target, start=entry.begins, due=entry.due))
            for entry in held(page)
            if entry.target is not None
        ]
    return page.kept["judged"]


def criteria(page: Page) -> Block | None:
    """The table of criteria: each with its test, figures and verdict."""
    made = judged(page)
    if not made:
        return None
    told = " ".join(line for entry, found in made if (line := _told(entry, found)))
    note = (
        "Change: points of a percentage, else per cent; for a gap, beyond the other's change. Clear from: how far "
        f"{page.facts.others.those_alike} differ anyway (95% range). A success must be that clear; for a change the "
        f"other way it is enough to be more than chance. {told}"
    )
    return page.table(
        "criteria",
        f"Success criteria against published figures, {page.facts.authority.name}",
        row_head="Success criterion",
        columns=[
            Column("Test", words=True), Column("Before, or compared with"), Column("Newest"), Column("Change"),
            Column("Clear from"), Column("Verdict", words=True),
        ],
        rows=[Row(entry.criterion, _cells(page, entry, found)) for entry, found in made],
        heading="Is it working?",
        note=quoted(page, "criteria_note", note.rstrip(), how=rows_told([each for each, _ in made if each.evidence])),
    )  # fmt: skip


def _told(entry: Entry, found: Judged) -> str:
    """Why a criterion cannot be told yet, and what its paper or register says beside it; empty where nothing."""
    said = [found.why] if found.verdict == UNKNOWN else []
    said += [f"{entry.evidence.rstrip('.')}."] if entry.evidence else []
    return f"{entry.criterion}: {' '.join(said)}" if said else ""


def _cells(page: Page, entry: Entry, found: Judged) -> list[Figure | str]:
    target = entry.target
    before = found.against or (_number(page, entry) if target.number is not None else "not tested")  # type: ignore[union-attr]
    return [
        _test_words(page, entry.measure, target, found),  # type: ignore[arg-type]
        before,
        found.now or "not held",
        _moved(page, entry, found, "change", found.change),
        _moved(page, entry, found, "clear_from", found.clear),
        found.verdict,
    ]


def _number(page: Page, entry: Entry) -> Figure:
    """The number that a target names, as a figure of its row."""
    return of_row(page, entry, "target", entry.target.number, MEASURES[entry.measure].unit)  # type: ignore[union-attr]


def _moved(page: Page, entry: Entry, found: Judged, name: str, value: float) -> Figure | str:
    if isnan(value) or found.now is None:
        return "not tested" if not entry.target.is_level else "a level"  # type: ignore[union-attr]
    made = of_row(page, entry, name, value, "percentage points" if found.now.unit == "%" else "%")
    inputs = tuple(figure for figure in (found.now, found.against) if figure is not None)
    how = f"{name.replace('_', ' ')} for '{entry.target.text}' of {', '.join(f.id for f in inputs)} (docs/programme.md)"  # type: ignore[union-attr]
    return Figure(**(vars(made) | {"source": OWN, "reference": how, "inputs": inputs}))


def _beside(page: Page) -> dict[str, str]:
    return {NEIGHBOURS: page.facts.others.its, ENGLAND: "England", REGION: "its region"}


def _test_words(page: Page, measure: str, target: Target, found: Judged) -> str:
    """`Plans in mainstream schools (%): rises, January 2023 to January 2025`."""
    declared = MEASURES[measure]
    unit = {"GBP": "£m"}.get(declared.unit, declared.unit)
    label = declared.label if unit in declared.label.lower() else f"{declared.label} ({unit})"
    basis = declared.period_basis
    newest = periods.label(found.now.period, basis) if found.now is not None else ""
    if target.is_level:
        other = _beside(page).get(target.against) or (
            MEASURES[target.against].label.lower() if target.against else "the number given"
        )
        when = periods.label(target.at, basis) if target.at else newest
        return f"{label}: {_LEVEL[target.verb]} {other}" + (f", {when}" if when else "")
    words = f"{NEARER} to {_beside(page)[target.against]}" if target.against in AREAS else target.verb
    span = periods.label(target.since, basis)
    return (
        f"{label}: {words}, {span} to {newest}"
        if newest > "" and target.since != found.now.period
        else f"{label}: {words} since {span}"
    )  # type: ignore[union-attr]
