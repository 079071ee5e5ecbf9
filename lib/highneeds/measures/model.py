"""What a measure's declaration holds, and the names of the sources that many share."""

from dataclasses import dataclass, field

from highneeds.periods import CALENDAR_YEAR

EHC = "DfE, Education, health and care plans"
SEN = "DfE, Special educational needs in England"
ONS = "ONS, Mid-year population estimates"
ESFA = "ESFA, Dedicated schools grant allocations"
SPENDING = "DfE, High needs benchmarking tool (section 251 outturn)"
BALANCE = "DfE, Section 251 outturn, line 1.9.3, at second hand"
OWN = "computed here"
LOCAL = "the authority's own case data"

# What a ratio is about, in the order in which authorities are set side by side.
REQUESTS, TIMELINESS, PLANS, PLACEMENT = "Requests and decisions", "Timeliness", "Plans for the population", "Placement"
THEMES = (REQUESTS, TIMELINESS, PLANS, PLACEMENT)
HIGH, LOW = "high", "low"  # which end of a measure is the worse; of most neither is

PERSON_LEVEL = "the collection changed in 2023 from local totals to records of each child"


@dataclass(frozen=True)
class Measure:
    """One measure. Shares are 0-100, as DfE publishes them; `places` is decimals when printed.

    signed: its values may lie below 0. theme: of THEMES, of a ratio by which authorities are compared. worse: HIGH or
    LOW, where an authority at that end does worse by its children; empty where neither end is good in itself.
    """

    name: str
    label: str
    unit: str
    period_basis: str
    definition: str
    source: str
    breaks: tuple[str, ...] = ()
    places: int = 0
    numerator: tuple[str, ...] = field(default=())
    denominator: tuple[str, ...] = field(default=())
    scale: float = 1.0
    complement: bool = False
    signed: bool = False
    theme: str = ""
    worse: str = ""

    @property
    def is_ratio(self) -> bool:
        """True where the value is computed from other measures."""
        return bool(self.numerator)


def count(name: str, label: str, unit: str, definition: str, **more: object) -> Measure:
    """Declaration of a count."""
    more = {"period_basis": CALENDAR_YEAR, "source": EHC, "breaks": (PERSON_LEVEL,)} | more
    return Measure(name=name, label=label, unit=unit, definition=definition, **more)  # type: ignore[arg-type]


def share(
    name: str, label: str, top: tuple[str, ...], bottom: tuple[str, ...], definition: str, **more: object
) -> Measure:
    """Declaration of a ratio of other measures; a share unless told otherwise."""
    more = {"period_basis": CALENDAR_YEAR, "unit": "%", "scale": 100.0, "places": 1} | more
    return Measure(name=name, label=label, definition=definition, source=OWN, numerator=top, denominator=bottom, **more)  # type: ignore[arg-type]
