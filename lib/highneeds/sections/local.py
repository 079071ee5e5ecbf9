"""An authority's own case data as the sections use it: read, cleaned, cut at the report's day, under one policy.

Sections ask for figures; no row of a child leaves this room. What is shown has passed disclosure control.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path

import pandas as pd
import yaml

from highneeds import periods
from highneeds.cases import Cases, Finding, RawReturn
from highneeds.clean.cases import clean_cases
from highneeds.clean.places import read_lookup
from highneeds.clean.rules import Context, check
from highneeds.disclosure.policy import FEW, NOT_APPLICABLE, Policy, make_policy
from highneeds.disclosure.register import Register, empty_register, from_text
from highneeds.errors import SourceError
from highneeds.facts import Area
from highneeds.figures import Figure, slug
from highneeds.measures.declarations import MEASURES, OWN
from highneeds.measures.journeys import journeys
from highneeds.sections.released import TOTAL, Shown, released
from highneeds.sources.case_files import ENDINGS, PASSED_OVER, PLANNING, read_cases
from highneeds.sources.gias import read_expected_placements, read_gias
from highneeds.sources.papers import is_printed_table, read_papers, read_printed_table
from highneeds.sources.text_tables import read_csv_text

LOOKUP, ESTABLISHMENTS, EXPECTED, POLICY = "postcodes.csv", "gias.csv", "expected_placements.csv", "disclosure.yml"
PRINTED_TABLE = "printed.csv"
BESIDE = (LOOKUP, ESTABLISHMENTS, EXPECTED, POLICY, PRINTED_TABLE)
REGISTER = "released.csv"  # beside an authority's reports


@dataclass(frozen=True)
class Local:
    """Cleaned cases of one authority, and what stands beside them in its folder."""

    cases: Cases
    returns: tuple[RawReturn, ...]
    folder: Path
    policy: Policy

    @cached_property
    def establishments(self) -> pd.DataFrame | None:
        """Schools and colleges by URN, where the authority's folder has the register."""
        path = beside(self.folder, ESTABLISHMENTS)
        return read_gias(path) if path else None

    def findings(
        self, published: pd.DataFrame | None = None, printed: Mapping[str, pd.DataFrame] | None = None
    ) -> tuple[Finding, ...]:
        """What each of the data-quality rules found.

        published: measure, period, value of DfE's figures. printed: tables of the authority's papers, by name.
        """
        expected = beside(self.folder, EXPECTED)
        return check(
            Context(
                cases=self.cases,
                returns=self.returns,
                printed=(self._printed() | dict(printed or {})) or None,
                published=published,
                gias=self.establishments,
                expected_placements=read_expected_placements(expected) if expected else None,
                la_postcodes=beside(self.folder, LOOKUP) is not None,
            )
        )

    def _printed(self) -> dict[str, pd.DataFrame]:
        """Tables typed in from papers in the folder, and one called printed.csv one folder up."""
        above = self.folder.parent / PRINTED_TABLE
        own = {PRINTED_TABLE: read_printed_table(above)} if above.is_file() else {}
        return own | read_papers(self.folder).tables

    @property
    def source(self) -> str:
        """How the data are named under a table."""
        day = periods.day_in_words(self.cases.extract_date)
        if self.cases.invented:
            return f"Invented cases, made for demonstration, as at {day}"
        return f"The authority's own case data, as at {day}"


@dataclass(frozen=True)
class LocalAt:
    """Case data as known on a day: one row a request with its state on that day (measures.journeys)."""

    local: Local
    day: date
    area: Area
    register: Register | None = None  # what was released before
    published: pd.DataFrame | None = None  # measure, period, value of DfE's figures for the authority
    printed: Mapping[str, pd.DataFrame] | None = None  # tables of its papers

    @cached_property
    def journeys(self) -> pd.DataFrame:
        """One row a request."""
        return journeys(self.local.cases, at=self.day)

    @property
    def cases(self) -> Cases:
        """Cleaned tables."""
        return self.local.cases

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """What each data-quality rule found."""
        return self.local.findings(self.published, self.printed)

    @cached_property
    def shown(self) -> Shown:
        """Every count table a report prints, after disclosure control."""
        return released(self.journeys, self.cases, at=self.day, policy=self.local.policy, register=self.register)

    def count(self, measure: str, table: str, *, how: str = "", name: str = "", **where: str) -> Figure:
        """One printed count of a released table; `where` gives the label of each dimension."""
        value, status = self.shown.value(table, **where)
        period = where["period"]
        told = [f"{key} {label}" for key, label in where.items() if key != "period"]
        breakdown = name or ", ".join(label for key, label in where.items() if key != "period" and label != TOTAL)
        how = how or f"count of cases: {table}" + (f", {', '.join(told)}" if told else "")
        return self.figure(measure, _plain_period(period), value, status=status, breakdown=breakdown or TOTAL, how=how)

    def share(self, measure: str, top: Figure, bottom: Figure) -> Figure:
        """100 * top / bottom under the policy: hidden where a hidden count could be worked out from it."""
        value, status = _share(top, bottom, self.local.policy)
        made = self.figure(measure, top.period, value, status=status, breakdown=top.breakdown, basis=top.period_basis)
        return replace(made, inputs=(top, bottom), reference=f"100 * {top.id} / {bottom.id}", source=OWN)

    def figure(
        self,
        measure: str,
        period: str,
        value: float | None,
        *,
        status: str = "",
        breakdown: str = "Total",
        basis: str = "",
        how: str = "",
    ) -> Figure:
        """One figure of a declared local measure; `how` says what was counted."""
        declared = MEASURES[measure]
        tail = "" if breakdown == "Total" else f".{slug(breakdown)}"
        missing = value is None or pd.isna(value)
        return Figure(
            id=f"{measure}.{self.area.slug}.{period}{tail}",
            measure=measure,
            area_code=self.area.code,
            area=self.area.name,
            period=period,
            period_basis=basis or declared.period_basis,
            value=None if missing else float(value),  # type: ignore[arg-type]
            status=(status or "x") if missing else status,
            unit=declared.unit,
            source=self.local.source,
            reference=how or declared.definition,
            breakdown=breakdown,
            places=declared.places,
        )


def read_register(path: Path) -> Register:
    """Register of released tables; an empty one where nothing was released yet."""
    return from_text(path.read_text(encoding="utf-8"), name=path.name) if path.is_file() else empty_register()


def _share(top: Figure, bottom: Figure, policy: Policy) -> tuple[float | None, str]:
    """Percentage and status. What the numerator leaves stands in the same protected table, so it is not small."""
    hidden = next((figure.status for figure in (top, bottom) if not figure.known), "")
    if hidden:
        return None, hidden
    if not bottom.value or bottom.value < policy.minimum_denominator:
        return None, FEW if bottom.value else NOT_APPLICABLE
    part = "p" if "p" in (top.status, bottom.status) else ""
    return 100 * top.value / bottom.value, part  # type: ignore[operator]


def _plain_period(period: str) -> str:
    """`2024-01 to 2024-12` as it stands in an id."""
    return period.replace(" ", "-")


def read_local(path: Path, *, la_code: str = "", extract_date: date | None = None) -> Local | None:
    """Case data of a file or folder; None where there is none.

    Beside it may stand postcodes.csv (postcode, area), gias.csv, expected_placements.csv and disclosure.yml.
    Raises SourceError with every fault of every file, or where the data are another authority's.
    """
    folder = path if path.is_dir() else path.parent
    if not _holds_cases(path):
        return None
    returns = read_cases(path)
    lookup_file = beside(folder, LOOKUP)
    lookup = read_lookup(read_csv_text(lookup_file), lookup_file.name) if lookup_file else None
    cases = clean_cases(returns, lookup=lookup, extract_date=extract_date)
    if la_code and cases.la_code and cases.la_code != la_code:
        raise SourceError(
            f"{folder.name}: the case data are of authority {cases.la_code}. Expected {la_code}. "
            "Move them to the folder of their own authority."
        )
    return Local(cases=cases, returns=tuple(returns), folder=folder, policy=_policy(beside(folder, POLICY)))


def _holds_cases(path: Path) -> bool:
    """True for a file, and for a folder with anything in it but tables of papers, look-ups and settings."""
    if not path.is_dir():
        return path.exists()
    files = (file for file in path.rglob("*") if file.is_file() and not file.name.startswith((".", "~$")))
    return any(
        file.suffix.lower() in ENDINGS and file.name.lower() not in PASSED_OVER and not is_printed_table(file)
        for file in files
        if PLANNING not in file.relative_to(path).parts
    )


def case_inputs(path: Path) -> list[tuple[str, Path]]:
    """Every file that reading case data at a place may use, with its name from there: data, look-ups, settings."""
    folder = path.parent if path.is_file() else path
    if not path.is_file():
        own = [file for file in sorted(path.rglob("*")) if file.is_file()]
    else:
        printed = [file for file in sorted(folder.glob("*.csv")) if file != path and is_printed_table(file)]
        own = [path, *sorted(folder.glob(f"{path.name}*.yml")), *sorted(folder.glob(f"{path.stem}*.yml")), *printed]
        own += [folder / name for name in BESIDE if (folder / name).is_file()]
    held = {file.relative_to(folder).as_posix(): file for file in own if not file.name.startswith((".", "~$"))}
    above = {f"../{name}": folder.parent / name for name in BESIDE if (folder.parent / name).is_file()}
    return list((held | above).items())


def beside(folder: Path, name: str) -> Path | None:
    """A look-up or setting in the folder of the case data, or one folder up; None where there is none."""
    return next((path for path in (folder / name, folder.parent / name) if path.is_file()), None)


def _policy(path: Path | None) -> Policy:
    if path is None:
        return Policy()
    try:
        given = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except yaml.YAMLError as fault:
        raise SourceError(f"{path.name}: cannot be read as YAML ({str(fault).splitlines()[0]}).") from fault
    return make_policy(given)
