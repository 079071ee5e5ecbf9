"""Saved views of a report: copied into its folder as what they ask for, and named in its manifest.

The copies are what the section reads and what `verify` makes the report from again. They hold neither comments nor
places of the machine on which a view was saved.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from highneeds.facts import Facts
from highneeds.report.manifest import FileRecord
from highneeds.sources.papers import Papers

VIEWS = "views"  # folder of a report; also the parameter of its manifest, where there are some


def views_of(paths: Sequence[Path], areas: pd.DataFrame, rows: Sequence[Mapping], given: Mapping[str, str]) -> tuple:
    """Saved views (sections.explored.saved.Saved) of reports on these authorities, in their order; none for none.

    areas: the panel's. rows: those of the authorities. given: cases, scenario and neighbours of the report, as text.
    Raises ParamsError for what is wrong with them.
    """
    if not paths:
        return ()
    from highneeds.sections.explored.saved import check_saved, read_saved  # draws charts: slow to load

    saved = read_saved(paths)
    check_saved(saved, areas, rows, given)
    return saved


def check_held(saved: Sequence, facts: Facts, papers: Papers) -> None:
    """Before anything runs: raise ParamsError where a view asks for what is not held; all faults together."""
    if saved:
        from highneeds.sections.explored.views import check_views

        check_views(saved, facts, papers)


def write_views(saved: Sequence, folder: Path) -> list[str]:
    """Files of the views in a report's folder, in their order."""
    place = folder / VIEWS
    if saved:
        place.mkdir()
    for each in saved:
        (place / each.name).write_bytes(each.content)
    return [str(place / each.name) for each in saved]


def view_inputs(saved: Sequence) -> list[FileRecord]:
    """Views as inputs of a report: the checksum is that of what they ask for."""
    return [FileRecord(path=f"{VIEWS}/{each.name}", sha256=each.sha256, size=len(each.content)) for each in saved]


def view_parameters(saved: Sequence) -> dict[str, list[str]]:
    """What a manifest says of views among its parameters: nothing where there is none."""
    return {VIEWS: [each.name for each in saved]} if saved else {}
