"""A finished report beside the same report made again: figures, sentences, pages, files; each difference in words."""

import csv
import io
import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from highneeds.report.page_text import marked, parse, texts

MOST = 12  # differences of one kind that are told one by one
LISTS = {"figures.csv": ("section", "id"), "claims.csv": ("id",)}
SAID = ("value", "printed", "status", "text", "figures")  # what a figure or a sentence is, whichever code laid it out
OF_THE_RECORD = ("authority", "headlines", "changed", "invented", "inputs", "faults", "earlier")


def differences(folder: Path, again: Path, *, same_code: bool) -> list[str]:
    """What differs. same_code: bytes are compared too; else figures and sentences alone."""
    lines = [line for name, key in LISTS.items() for line in _shortened(_rows(folder, again, name, key, same_code))]
    lines += _shortened(_page(folder, again))
    if same_code:
        lines += _record(folder, again)
        told = {line.partition(":")[0] for line in lines}
        lines += _shortened(line for line in _bytes(folder, again) if line.partition(":")[0] not in told)
    return lines


def page_against_list(folder: Path) -> list[str]:
    """Figures of the page that figures.csv does not hold, or prints otherwise."""
    held = {row["id"]: row["printed"] for row in read_rows(folder / "figures.csv")}
    lines = []
    for id, printed in marked(parse((folder / "report.html").read_bytes())):
        number, known = printed.partition(" [")[0], held.get(id)
        if known is None:
            lines.append(f"report.html: prints {printed} as figure '{id}', which figures.csv does not list.")
        elif number not in (known, known.removesuffix("%"), known.lstrip("−"), f"+{known}"):
            lines.append(f"report.html: prints {printed} as figure '{id}'; figures.csv has {known}.")
    return _shortened(dict.fromkeys(lines))


def read_rows(path: Path) -> list[dict[str, str]]:
    """Rows of a CSV file of a report; none where it is missing."""
    if not path.is_file():
        return []
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"), newline="")))


def _shortened(lines: Iterable[str]) -> list[str]:
    held = list(lines)
    more = len(held) - MOST
    return held if more <= 0 else [*held[:MOST], f"{held[0].partition(':')[0]}: and {more:,} more differences."]


def _rows(folder: Path, again: Path, name: str, key: tuple[str, ...], same_code: bool) -> list[str]:
    if not (folder / name).is_file():
        return []  # told as missing
    was, now = (
        {tuple(row.get(part, "") for part in key): row for row in read_rows(place / name)} for place in (folder, again)
    )
    lines = [f"{name}: '{at[-1]}' stands here and does not come out again." for at in was if at not in now]
    lines += [f"{name}: '{at[-1]}' comes out again and does not stand here." for at in now if at not in was]
    for at in was.keys() & now.keys():
        changed = [
            column for column in now[at] if (same_code or column in SAID) and was[at].get(column, "") != now[at][column]
        ]
        if changed:
            column = "value" if "value" in changed else changed[0]
            here, there = (row[at].get(column, "") or "nothing" for row in (was, now))
            lines.append(f"{name}: {column} of '{at[-1]}' is here {here}; made again, it is {there}.")
    return sorted(lines)


def _page(folder: Path, again: Path) -> list[str]:
    """Texts of the page that are on one side alone."""
    if not (folder / "report.html").is_file():
        return []
    was, now = (Counter(texts(parse((place / "report.html").read_bytes()))) for place in (folder, again))
    lines = [f"report.html: says '{text[:200]}'; made again, it does not." for text in was - now]
    return lines + [f"report.html: made again, it says '{text[:200]}'; here it does not." for text in now - was]


def _record(folder: Path, again: Path) -> list[str]:
    was, now = (json.loads((place / "manifest.json").read_text(encoding="utf-8")) for place in (folder, again))
    return [
        f"manifest.json: what it says of {name} is not what the report made again says."
        for name in OF_THE_RECORD
        if was.get(name) != now.get(name)
    ]


def _bytes(folder: Path, again: Path) -> list[str]:
    """Files whose bytes differ from those made again from the same inputs by the same code."""
    lines = []
    for path in sorted(path for path in again.rglob("*") if path.is_file() and path.name != "manifest.json"):
        name = path.relative_to(again).as_posix()
        mine = folder / name
        if mine.is_file() and mine.read_bytes() != path.read_bytes():
            lines.append(f"{name}: its bytes are not those of the file made again.")
    return lines
