"""Targets: what a success criterion of an action plan asks of a measure, in a small language of its own.

    <= 20 | >= 60 in 2026 | <= 30m at 2028-03-31     a number in the measure's unit; m: millions
    <= neighbours | >= england | < region            another area's figure for the same period
    <= high_needs_block                              another measure, same unit and periods
    falls since 2023 | rises since 2023              the authority's own change
    does not rise since 2023 | does not fall since 2023
    nearer neighbours since 2023 | nearer england since 2023

Owns reading it and refusing what cannot be tested. Whether it is met belongs to `models.programme.criteria`.
"""

import difflib
import re
from dataclasses import dataclass

from highneeds.measures.declarations import MEASURES, Measure
from highneeds.periods import AT_DATE, is_well_formed

NEIGHBOURS, ENGLAND, REGION = "neighbours", "england", "region"
AREAS = (NEIGHBOURS, ENGLAND, REGION)
FALLS, RISES, NO_RISE, NO_FALL, NEARER = "falls", "rises", "does not rise", "does not fall", "nearer"
LEVELS = ("<=", ">=", "<", ">")
CHANGES = (FALLS, RISES, NO_RISE, NO_FALL)
FORMS = (
    "'<= 20', '>= 60 in 2026', '<= neighbours', '<= high_needs_block', 'falls since 2023', 'does not rise since 2023' "
    "or 'nearer neighbours since 2023'"
)
_AT = r"(?: (?:in|at) (?P<at>[\d-]+))?"
_LEVEL = re.compile(
    rf"(?P<verb><=|>=|<|>) ?(?:(?P<number>-?\d+(?:\.\d+)?)(?P<million>m?)|(?P<against>[a-z_0-9]+)){_AT}"
)
_CHANGE = re.compile(rf"(?P<verb>{'|'.join(CHANGES)}) since (?P<since>[\d-]+){_AT}")
_NEARER = re.compile(rf"(?P<verb>nearer) (?P<against>[a-z]+) since (?P<since>[\d-]+){_AT}")


@dataclass(frozen=True)
class Target:
    """One target as read. number: what a level is set against, else `against` names an area or a measure.

    since: the period that a change is counted from; at: the period asked about, empty for the newest one.
    """

    text: str
    verb: str
    number: float | None = None
    against: str = ""
    since: str = ""
    at: str = ""

    @property
    def is_level(self) -> bool:
        """True for a level, False for a change."""
        return self.verb in LEVELS


def read_target(text: str) -> Target | None:
    """A target from its text; None where it is not of the language."""
    tidy = " ".join(text.split()).lower()
    found = next((hit for form in (_LEVEL, _CHANGE, _NEARER) if (hit := form.fullmatch(tidy))), None)
    if found is None:
        return None
    held = {name: value for name, value in found.groupdict().items() if value}
    number = float(held["number"]) * (1e6 if held.get("million") else 1) if "number" in held else None
    given = {name: held.get(name, "") for name in ("against", "since", "at")}
    return Target(tidy, held["verb"], number, **given)


def target_faults(measure: str, text: str) -> list[str]:
    """What is wrong with a measure and its target, each as `found ... Expected ... .`; empty where nothing is."""
    declared = MEASURES.get(measure)
    if declared is None:
        near = ", ".join(difflib.get_close_matches(measure.lower(), MEASURES, n=3, cutoff=0.3)) or "none is close"
        return [
            f"column linked_measure: found '{measure[:40]}'. Expected a name from docs/measures.md; nearest: {near}."
        ]
    target = read_target(text)
    if target is None:
        return [f"column target: found '{text[:40]}'. Expected a form such as {FORMS}."]
    return [*_period_faults(declared, target), *_against_faults(declared, target)]


def _period_faults(declared: Measure, target: Target) -> list[str]:
    faults = [
        f"column target: found the period '{period}'. Expected one of basis {declared.period_basis}, that of "
        f"{declared.name}."
        for period in (target.since, target.at)
        if period and not (is_well_formed(period, declared.period_basis) and _is_real(period, declared.period_basis))
    ]
    if not faults and target.since and target.at and target.since >= target.at:
        faults.append(f"column target: found '{target.since}' to '{target.at}'. Expected the earlier period first.")
    return faults


def _is_real(period: str, basis: str) -> bool:
    """False for a 31 February; well-formed years and months are real."""
    from datetime import date

    if basis != AT_DATE:
        return True
    try:
        return bool(date.fromisoformat(period))
    except ValueError:
        return False


def _against_faults(declared: Measure, target: Target) -> list[str]:
    if not target.against:
        return []
    if target.against in AREAS:
        if target.verb == NEARER or target.is_level:
            comparable = declared.unit == "%" or declared.unit.startswith("per ")
            said = f"column target: found a comparison of {declared.name} with {target.against}. Expected a rate or a "
            return [] if comparable else [said + "percentage, for areas differ in size."]
        return []
    other = MEASURES.get(target.against)
    if other is None or target.verb == NEARER:
        near = (
            ", ".join(difflib.get_close_matches(target.against, [*AREAS, *MEASURES], n=3, cutoff=0.3))
            or "none is close"
        )
        return [f"column target: found '{target.against}'. Expected an area or a measure; nearest: {near}."]
    if (other.unit, other.period_basis) != (declared.unit, declared.period_basis):
        return [
            f"column target: found {other.name} ({other.unit}, {other.period_basis}). Expected a measure in "
            f"{declared.unit} by {declared.period_basis}, as {declared.name} is."
        ]
    return []
