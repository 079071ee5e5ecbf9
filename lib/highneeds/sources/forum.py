"""Who sits on the schools forum and what it is asked: one small file, read strictly, all faults told together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import yaml

from highneeds.errors import SourceError

FILE = "forum.yml"
HOUSE = Path(__file__).resolve().parents[1] / "assets" / FILE
DECISION, CONSULTATION, NOTING = "decision", "consultation", "noting"
KINDS = (DECISION, CONSULTATION, NOTING)
ALL = "all"
TOP, OF_MEMBERS, OF_ITEMS = ("dated", "source", "members", "items"), ("name", "seats"), ("asks", "kind", "voters")
MOST_SEATS, MOST_ITEMS = 99, 6


@dataclass(frozen=True)
class Members:
    """Members of one phase or sector, and how many they are."""

    name: str
    seats: int


@dataclass(frozen=True)
class Item:
    """One thing the forum is asked: its kind (empty where nobody said), and who votes where it is a decision."""

    asks: str
    kind: str = ""
    voters: tuple[str, ...] = ()


@dataclass(frozen=True)
class Forum:
    """Members by phase and what they are asked. file: where members stand; empty where no members are held."""

    members: tuple[Members, ...]
    items: tuple[Item, ...]
    dated: date | None = None
    source: str = ""
    file: str = ""


def read_forum(folder: Path, recommendations: Sequence[str] = ()) -> Forum:
    """The authority's forum.yml; where it does not say what is asked, `recommendations`, else our own items.

    Raises SourceError with every fault of the file.
    """
    house = _items(yaml.safe_load(HOUSE.read_text(encoding="utf-8"))["items"], (), HOUSE.name, [])
    instead = tuple(Item(text) for text in recommendations) or house
    path = folder / FILE
    if not path.is_file():
        return Forum((), instead)
    where, faults = f"{folder.name}/{FILE}", []
    given = _given(path, where)
    faults += [
        f"{where}: '{name}' is not known. Expected one of {', '.join(TOP)}." for name in given if name not in TOP
    ]
    members = _members(given.get("members"), where, faults)
    names = tuple(each.name for each in members)
    items = _items(given.get("items"), names, where, faults) if "items" in given else instead
    dated, source = given.get("dated"), given.get("source")
    if not isinstance(dated, date):
        faults.append(f"{where}: no date was found. Expected a line 'dated: YYYY-MM-DD', the day of the list.")
    if not (isinstance(source, str) and source.strip()):
        faults.append(f"{where}: no source was found. Expected a line 'source:' that names the list of members.")
    if faults:
        raise SourceError(faults)
    return Forum(members, items, dated, str(source), where)


def _given(path: Path, where: str) -> Mapping:
    try:
        given = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as fault:
        raise SourceError(f"{where}: cannot be read as YAML ({str(fault).splitlines()[0]}).") from fault
    if not isinstance(given, dict):
        raise SourceError(f"{where}: found no lines 'name: value'. Expected {', '.join(TOP)}; see docs/frames.md.")
    return given


def _rows(given: object, part: str, known: tuple[str, ...], where: str, faults: list[str]) -> list[tuple[str, Mapping]]:
    """Entries of a list with what each is called in a fault; those that are no entries are told."""
    if not (isinstance(given, list) and given):
        faults.append(f"{where}: {part} is not a list. Expected lines that start with '- ' and hold {known[0]}.")
        return []
    rows = []
    for number, row in enumerate(given, start=1):
        place = f"{where}: {part} {number}"
        if not isinstance(row, dict):
            faults.append(f"{place}: found '{str(row)[:40]}'. Expected lines {', '.join(known)}.")
            continue
        faults += [f"{place}: '{name}' is not known. Expected {', '.join(known)}." for name in row if name not in known]
        rows.append((place, row))
    return rows


def _members(given: object, where: str, faults: list[str]) -> tuple[Members, ...]:
    found: list[Members] = []
    for place, row in _rows(given, "members", OF_MEMBERS, where, faults):
        name, seats = row.get("name"), row.get("seats")
        if not (isinstance(name, str) and name.strip()):
            faults.append(f"{place}: no name was found. Expected a phase or sector, such as 'Maintained primary'.")
        elif name in {each.name for each in found}:
            faults.append(f"{place}: '{name}' stands twice. Add the seats together.")
        elif type(seats) is not int or not 1 <= seats <= MOST_SEATS:
            faults.append(f"{place}: found '{seats}' in seats. Expected a whole number from 1 to {MOST_SEATS}.")
        else:
            found.append(Members(name, seats))
    return tuple(found)


def _items(given: object, names: tuple[str, ...], where: str, faults: list[str]) -> tuple[Item, ...]:
    found = []
    rows = _rows(given, "items", OF_ITEMS, where, faults)
    if len(rows) > MOST_ITEMS:
        faults.append(f"{where}: found {len(rows)} items. Expected no more than {MOST_ITEMS}: a table holds no more.")
    for place, row in rows:
        asks, kind, voters = row.get("asks"), row.get("kind"), row.get("voters", ALL)
        if not (isinstance(asks, str) and asks.strip()):
            faults.append(f"{place}: nothing is asked. Expected a line 'asks:' that begins with a verb.")
            continue
        if kind not in KINDS:
            faults.append(f"{place}: found '{kind}' in kind. Expected one of {', '.join(KINDS)}.")
            continue
        chosen = names if voters == ALL else tuple(voters) if isinstance(voters, list) else (str(voters),)
        if "voters" in row and kind != DECISION:
            faults.append(f"{place}: voters stand beside {kind}. Only a decision has a vote: take the line out.")
        faults += [
            f"{place}: found '{name}' in voters. Expected {ALL}, or some of {', '.join(names) or 'the members'}."
            for name in chosen
            if name not in names
        ]
        found.append(Item(asks, str(kind), tuple(map(str, chosen)) if kind == DECISION else ()))
    return tuple(found)
