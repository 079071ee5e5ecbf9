"""What all sections of a run share: the panel, its figures as at a day, the yearly models.

Worked out once in a process and kept by the panel's checksum; forks of a process that prepared them have them for
nothing. What is handed out are copies in name, so that nobody can change them for the next.
"""

import hashlib
from collections import OrderedDict
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import pandas as pd

from highneeds.facts import Held, held_by
from highneeds.models.caseload.flows import read_flows
from highneeds.models.caseload.outlook import Everyone, learn
from highneeds.models.yearly.annual import Annual, open_annual
from highneeds.sources.panel import FILES, Panel, read_panel

KEPT = 2  # panels, and days of each
YEARLY = ("requests_received", "ehc_plans")  # what the sections forecast by year
HORIZON = 5  # Januaries ahead: what the longest forecast of a section asks for


@dataclass
class Shared:
    """One panel, and its figures by day."""

    _panel: Panel
    _held: OrderedDict[date, Held] = field(default_factory=OrderedDict)

    @property
    def panel(self) -> Panel:
        """The panel; its tables may be changed without changing the next caller's."""
        held = self._panel
        return Panel(*(_own(table) for table in (held.values, held.areas, held.neighbours, held.sources)))

    def held(self, as_at: date) -> Held:
        """Figures of periods that had ended by a day, and the models that were fitted to them."""
        if as_at not in self._held:
            _keep(self._held, as_at, held_by(self._panel, as_at))
        return replace(self._held[as_at], values=_own(self._held[as_at].values))


_shared: OrderedDict[str, Shared] = OrderedDict()


def open_shared(folder: Path) -> Shared:
    """The panel in a folder, read once for each content. Raises SourceError where it is missing or damaged."""
    if not all((folder / name).is_file() for name in FILES):
        return Shared(read_panel(folder))
    key = hashlib.sha256(b"".join(hashlib.sha256((folder / name).read_bytes()).digest() for name in FILES)).hexdigest()
    if key not in _shared:
        _keep(_shared, key, Shared(read_panel(folder)))
    return _shared[key]


def prepare(home: Path, as_at: date | None = None) -> None:
    """Read the panel of a project and fit the yearly models as at a day, for the forks of this process.

    as_at: left out, the day of the newest source of the panel.
    """
    from highneeds import files

    shared = open_shared(files.panel_folder(home))
    day = as_at or max(date.fromisoformat(text) for text in shared.panel.sources["dated"] if text)
    held, areas = shared.held(day), shared.panel.areas
    for measure in YEARLY:
        annual = annual_of(held.values, areas, held.kept, measure)
        if annual is not None:
            annual.forecast(annual.codes[0], HORIZON)
    everyone_of(held.values, areas, held.kept)


def annual_of(values: pd.DataFrame, areas: pd.DataFrame, kept: dict, measure: str) -> Annual | None:
    """Yearly models of a measure, fitted once to these figures; None without figures. kept: where they are kept."""
    if ("annual", measure) not in kept:
        kept["annual", measure] = open_annual(values, areas, measure)
    return kept["annual", measure]


def everyone_of(values: pd.DataFrame, areas: pd.DataFrame, kept: dict) -> Everyone | None:
    """Rates of plans by age and placement of all authorities, learnt once; None without figures."""
    if ("caseload", "everyone") not in kept:
        held = read_flows(values, areas)
        kept["caseload", "everyone"] = None if held is None else learn(held)
    return kept["caseload", "everyone"]


def _own(table: pd.DataFrame) -> pd.DataFrame:
    return table.copy(deep=False)


def _keep(held: OrderedDict, key: object, made: object) -> None:
    held[key] = made
    while len(held) > KEPT:
        held.popitem(last=False)
