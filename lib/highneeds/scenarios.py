"""Scenarios: named changes to rates, places, prices, grant, savings and dates, checked before anything runs.

Owns what a scenario may say and the words for what is wrong with it. What a line means for a model belongs to that
model, which asks `changes_of`; reading the file belongs to `sources.planning`.
"""

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from highneeds.errors import SchemaError
from highneeds.periods import FINANCIAL_YEAR, is_financial_year

ASSUMED = "assumed"
BY_PCT, BY, TO, BY_MONTHS = "by_pct", "by", "to", "by_months"
OPERATIONS = (BY_PCT, BY, TO, BY_MONTHS)
AGE, PLACEMENT, SETTING, SCHEME, SPEND, NOTHING = "age", "placement", "setting", "scheme", "other spend", ""
YEAR, NO_YEARS = "year", ""
AMOUNT, SHARE, PERCENT, DAY, FY, SWITCH = "amount", "share", "percentage", "date", "financial year", "on or off"
ALL = "all"
HELD_IN = {SETTING: "planning/capacity.csv", SCHEME: "planning/savings.csv", SPEND: "planning/budget.csv"}
ON, OFF = "on", "off"


@dataclass(frozen=True)
class Line:
    """What one line of a scenario may be asked for.

    label: in words. of: what `of` names (empty: nothing). operations: those it takes. takes: what `to` takes.
    years: what `from` and `until` count in; unit: of `by` and `to`.
    """

    label: str
    of: str
    operations: tuple[str, ...]
    years: str
    unit: str = ""
    takes: str = AMOUNT


LINES: dict[str, Line] = {
    "entry_rate": Line("New plans for each resident", AGE, (BY_PCT,), YEAR, "%"),
    "exit_rate": Line("Plans that end, for each held", AGE, (BY_PCT,), YEAR, "%"),
    "births": Line("Births against the last level", NOTHING, (BY_PCT,), NO_YEARS, "%"),
    "migration": Line("Net migration a year", NOTHING, (TO,), NO_YEARS, "% of residents", PERCENT),
    "placement": Line("Children placed, moved to another type", PLACEMENT, (BY_PCT,), YEAR, "%"),
    "places": Line("Places", SETTING, (BY, TO), NO_YEARS, "places"),
    "opens": Line("Opening of places", SETTING, (BY_MONTHS, TO), NO_YEARS, "months", DAY),
    "confidence": Line("Chance that places open", SETTING, (TO,), NO_YEARS, "share", SHARE),
    "unit_cost": Line("Cost of a placement", PLACEMENT, (BY_PCT, BY, TO), FINANCIAL_YEAR, "pounds a year"),
    "inflation": Line(
        "Yearly rise of the cost of a placement", PLACEMENT, (BY, TO), FINANCIAL_YEAR, "% a year", PERCENT
    ),
    "other_spend": Line("Other spend", SPEND, (BY_PCT, BY, TO), FINANCIAL_YEAR, "pounds"),
    "high_needs_block": Line("High needs block", NOTHING, (BY_PCT, BY, TO), FINANCIAL_YEAR, "pounds"),
    "block_transfer": Line("Transfer from the schools block", NOTHING, (BY_PCT, BY, TO), FINANCIAL_YEAR, "pounds"),
    "dfe_contribution": Line("Contribution of the DfE", NOTHING, (BY_PCT, BY, TO), FINANCIAL_YEAR, "pounds"),
    "council_contribution": Line("Contribution of the council", NOTHING, (BY_PCT, BY, TO), FINANCIAL_YEAR, "pounds"),
    "saving": Line("Saving of a scheme in a full year", SCHEME, (BY_PCT,), NO_YEARS, "%"),
    "saving_probability": Line("Chance that a saving is made", SCHEME, (TO,), NO_YEARS, "share", SHARE),
    "saving_starts": Line("Start of a saving", SCHEME, (TO,), NO_YEARS, "", FY),
    "opening_balance": Line("Balance brought forward", NOTHING, (BY, TO), NO_YEARS, "pounds"),
    "stability_grant": Line("High Needs Stability Grant", NOTHING, (TO,), NO_YEARS, "", SWITCH),
}
KEYS = ("line", "of", "instead", *OPERATIONS, "from", "until", "source")
HEADS = ("name", "about", "changes")


@dataclass(frozen=True)
class Change:
    """One change. of, instead: names, empty where the line has none; first, last: years, empty for all."""

    line: str
    of: str
    instead: str
    operation: str
    value: float | str
    first: str
    last: str
    source: str
    row: int

    def applies(self, name: str, year: str = "") -> bool:
        """True for what it names (`all` names everything) in a year of its span."""
        return (
            self.of in ("", ALL, name)
            and (not self.first or year >= self.first)
            and (not self.last or year <= self.last)
        )

    def of_amount(self, amount: float) -> float:
        """An amount after the change."""
        if self.operation == TO:
            return float(self.value)
        return amount * (1 + self.value / 100) if self.operation == BY_PCT else amount + self.value  # type: ignore[operator]

    @property
    def says(self) -> str:
        """The change in words, for the table of assumptions."""
        line, value = LINES[self.line], self.value
        number = value if isinstance(value, str) else f"{value:,.10g}".replace("-", "−")
        plus = "+" if not isinstance(value, str) and value > 0 and self.operation != TO else ""
        gap = "" if line.unit.startswith("%") else " "
        unit = {BY_PCT: "%", BY_MONTHS: " months"}.get(self.operation, f"{gap}{line.unit}" if line.unit else "")
        if self.operation == TO and line.takes in (DAY, FY, SHARE, SWITCH):
            unit = ""
        words = f"to {number}{unit}" if self.operation == TO else f"{plus}{number}{unit}"
        span = f" from {self.first}" if self.first else ""
        span += f" until {self.last}" if self.last else ""
        return words + (f", placed in {self.instead} instead" if self.instead else "") + span


@dataclass(frozen=True)
class Scenario:
    """Named changes, where they were read, and in a sentence what they stand for."""

    name: str
    about: str
    changes: tuple[Change, ...]
    file: str

    def changes_of(self, line: str) -> tuple[Change, ...]:
        """Its changes of one line, in the order of the file."""
        return tuple(change for change in self.changes if change.line == line)


def make_scenario(given: object, rows: Sequence[int], where: str) -> Scenario:
    """Scenario from what a file holds, or SchemaError with every fault.

    given: mapping with name, about and changes (a list of mappings); rows: line of the file of each change.
    """
    if not isinstance(given, Mapping) or not isinstance(given.get("changes"), list) or not given["changes"]:
        raise SchemaError(
            f"{where}: no list of changes was found. Expected name, about and changes. See docs/scenarios.md."
        )
    faults = [
        f"{where}: '{key}' is not known. Expected {', '.join(HEADS)}.{_near(str(key), HEADS)}"
        for key in given
        if key not in HEADS
    ]
    faults += [f"{where}: {key} is missing. Say it in words." for key in ("name", "about") if not _text(given.get(key))]
    made = []
    for change, row in zip(given["changes"], rows, strict=True):
        found = _change_faults(change, f"{where}: row {row}")
        faults += found
        made += [] if found else [_change(change, row)]
    if faults:
        raise SchemaError(faults)
    return Scenario(str(given["name"]).strip(), str(given["about"]).strip(), tuple(made), where)


def check_names(scenario: Scenario, known: Mapping[str, Iterable[str]]) -> None:
    """Raise SchemaError for every name in `of` and `instead` that the figures do not have.

    known: what `of` names (AGE, SETTING ...) to the names there are; a kind that is left out is not held at all.
    """
    faults = []
    for change in scenario.changes:
        kind = LINES[change.line].of
        names = [*known.get(kind, ())]
        for name in filter(None, (change.of, change.instead)):
            if name in names or (name == ALL and names):
                continue
            where = f"{scenario.file}: row {change.row}, {change.line}"
            there = f"Expected {ALL} or one of {', '.join(names)}."
            if not names:
                there = (
                    f"No {kind} is held: expected {HELD_IN.get(kind, 'figures of it')}. Add it, or take the line out."
                )
            faults.append(f"{where}: found {kind} '{name}'. {there}{_near(name, names)}")
    if faults:
        raise SchemaError(faults)


def check_years(scenario: Scenario, lines: Iterable[str], years: Sequence[str]) -> None:
    """Raise SchemaError for every change of these lines whose span holds none of the years: it would change nothing."""
    faults = []
    for change in (change for line in lines for change in scenario.changes_of(line)):
        if any((change.first or year) <= year <= (change.last or year) for year in years):
            continue
        spans = (("from", change.first), ("until", change.last))
        found = " ".join(f"{key} {year}" for key, year in spans if year)
        faults.append(
            f"{scenario.file}: row {change.row}, {change.line}: found {found}. Expected a span that holds one of "
            f"{years[0]} to {years[-1]}. Correct it."
        )
    if faults:
        raise SchemaError(faults)


def _change(given: Mapping, row: int) -> Change:
    operation = next(name for name in OPERATIONS if name in given)
    value = given[operation]
    value = ("on" if value else "off") if isinstance(value, bool) else value
    value = value.isoformat() if isinstance(value, date) else value
    span = [str(given[key]) if key in given else "" for key in ("from", "until")]
    names = [str(given.get(key) or "") for key in ("of", "instead")]
    source = _text(given.get("source")) or ASSUMED
    return Change(given["line"], *names, operation, value, *span, source, row)


def _change_faults(given: object, where: str) -> list[str]:
    """Everything wrong with one change."""
    if not isinstance(given, Mapping) or "line" not in given:
        return [f"{where}: found no line. Expected 'line: ' and one of {', '.join(LINES)}. Write it."]
    name = str(given["line"])
    if name not in LINES:
        return [f"{where}, line: found '{name}'. Expected one of {', '.join(LINES)}.{_near(name, LINES)}"]
    line = LINES[name]
    faults = [
        f"{where}: '{key}' is not known. Expected {', '.join(KEYS)}.{_near(str(key), KEYS)}"
        for key in given
        if key not in KEYS
    ]
    asked = [key for key in OPERATIONS if key in given]
    if len(asked) != 1 or asked[0] not in line.operations:
        found = ", ".join(asked) or "none"
        faults.append(f"{where}, {name}: found {found}. Expected one of {', '.join(line.operations)}. Give just that.")
    else:
        faults += _value_faults(line, asked[0], given[asked[0]], f"{where}, {name}, {asked[0]}")
    if line.of and not _text(given.get("of")):
        faults.append(f"{where}, {name}: of is missing. Expected what it is of: {line.of} by name, or {ALL}. Add it.")
    if not line.of and "of" in given:
        faults.append(f"{where}, {name}: of is given. Expected none: the line is one. Take it out.")
    faults += _instead_faults(name, given, f"{where}, {name}")
    return faults + _span_faults(line, given, f"{where}, {name}")


def _instead_faults(name: str, given: Mapping, where: str) -> list[str]:
    """`instead` belongs to line placement, which moves children from one type to another."""
    ends = [_text(given.get(key)) for key in ("of", "instead")]
    if name != "placement" and "instead" in given:
        return [f"{where}: instead is given. Expected it for line placement alone. Take it out."]
    if name != "placement":
        return []
    if not ends[1]:
        return [f"{where}: instead is missing. Expected the type in which children are placed instead. Add it."]
    if ALL in ends:
        return [f"{where}: found {ALL}. Expected one placement in of and another in instead. Name it."]
    same = ends[0] == ends[1]
    return [f"{where}: found {ends[0]} in of and instead. Expected two types. Correct one."] if same else []


def _value_faults(line: Line, operation: str, value: object, where: str) -> list[str]:
    if operation == TO and line.takes == SWITCH:
        wrong, expected = not (isinstance(value, bool) or value in (ON, OFF)), f"{ON} or {OFF}"
    elif operation == TO and line.takes == DAY:
        wrong, expected = not _is_day(value), "a day such as 2027-09-01"
    elif operation == TO and line.takes == FY:
        wrong, expected = not is_financial_year(str(value)), "a financial year such as 2026-27"
    elif not isinstance(value, (int, float)) or isinstance(value, bool):
        wrong, expected = True, "a number without signs or separators"
    elif operation == TO and line.takes == SHARE:
        wrong, expected = not 0 <= value <= 1, "a share from 0 to 1"
    elif operation == TO and line.takes == PERCENT:
        wrong, expected = not -100 <= value <= 100, "a percentage from -100 to 100"
    elif operation == BY_MONTHS:
        wrong, expected = not (abs(value) <= 240 and value == round(value)), "whole months, from -240 to 240"
    elif operation == BY_PCT:
        wrong, expected = not -100 <= value <= 1000, "per cent, from -100 to 1000"
    else:
        wrong, expected = not abs(value) < 1e12, "a number"
    return [f"{where}: found '{value}'. Expected {expected}. Correct it."] if wrong else []


def _span_faults(line: Line, given: Mapping, where: str) -> list[str]:
    span = [(key, str(given[key])) for key in ("from", "until") if key in given]
    if span and line.years == NO_YEARS:
        return [f"{where}: found {span[0][0]}. Expected no years: the line holds for all of them. Take it out."]
    right = is_financial_year if line.years == FINANCIAL_YEAR else re.compile(r"\d{4}").fullmatch
    example = "2026-27" if line.years == FINANCIAL_YEAR else "2026"
    faults = [
        f"{where}, {key}: found '{value}'. Expected a {line.years} such as {example}. Correct it."
        for key, value in span
        if not right(value)
    ]
    if not faults and len(span) == 2 and span[0][1] > span[1][1]:
        faults.append(f"{where}: until {span[1][1]} is before from {span[0][1]}. Expected it later. Correct one.")
    return faults


def _is_day(value: object) -> bool:
    if isinstance(value, date):
        return not isinstance(value, datetime)
    try:
        date.fromisoformat(str(value))
    except ValueError:
        return False
    return re.fullmatch(r"\d{4}-\d{2}-\d{2}", str(value)) is not None


def _text(value: object) -> str:
    return str(value).strip() if isinstance(value, (str, int, float)) and str(value).strip() else ""


def _near(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, [*known], n=1)
    return f" Did you mean '{near[0]}'?" if near else ""
