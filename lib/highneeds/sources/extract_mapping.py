"""The mapping of a plain extract: which column is which field, kept as a small YAML file that the analyst confirms.

It lies beside the extract (`requests.csv`: `requests.mapping.yml`) and holds names of columns and words of code
columns. It never holds a cell of a column with names, dates of birth, postcodes, UPNs or ULNs.
"""

import re
from collections.abc import Mapping as Pairs
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import yaml

from highneeds.errors import SourceError
from highneeds.sources.date_forms import DAY_FIRST, MONTH_FIRST
from highneeds.sources.extract_codes import UNDECIDED
from highneeds.sources.extract_fields import TARGETS, codes_of

ENDING = ".mapping.yml"
AS_FOUND = "as found"
SURE, LIKELY, UNSURE = "sure", "likely", "unsure"
DERIVE, NOT_USED = "derive outcomes from dates", "not used"
_KEYS = ("confirmed", "extract_date", "la_code", "dates", "stable_ids", DERIVE, "columns", "codes", NOT_USED)
_LARGEST = 1_000_000


@dataclass(frozen=True)
class Proposal:
    """How sure a proposed field is (`sure`, `likely`, `unsure`), and the other fields that the column could be."""

    confidence: str
    alternatives: tuple[str, ...] = ()


@dataclass(frozen=True)
class Mapping:
    """What the columns of an extract are.

    columns: column to field (`extract_words.TARGETS`). codes: field to {text of a cell: code}; "?" waits for the
    analyst, "" leaves the cell blank. dates: `day first`, `month first` or `as found`, or {column: order}.
    stable_ids: the request ids are the authority's own and last. derive: outcomes that have no column are taken from
    the dates. proposals and notes (plain lines, no cells) stand only in a mapping that was just proposed.
    """

    file: str
    columns: dict[str, str]
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    dates: str | dict[str, str] = AS_FOUND
    extract_date: date | None = None
    la_code: str = ""
    stable_ids: bool = False
    derive: bool = False
    confirmed: bool = False
    not_used: tuple[str, ...] = ()
    proposals: Pairs[str, Proposal] = field(default_factory=dict, compare=False)
    notes: tuple[str, ...] = field(default=(), compare=False)

    def column_of(self, target: str) -> str:
        """Column that is mapped to a field, "" where none is."""
        return next((column for column, name in self.columns.items() if name == target), "")

    def order_of(self, column: str) -> str:
        """Order of day and month that the mapping tells for a column, "" where it tells none."""
        told = self.dates if isinstance(self.dates, str) else self.dates.get(column, "")
        return told if told in (DAY_FIRST, MONTH_FIRST) else ""


def mapping_path(path: Path) -> Path:
    """Where the mapping of an extract lies; a mapping's own path is itself."""
    return path if path.name.endswith(ENDING) else path.with_name(path.stem + ENDING)


def one_line(text: str) -> str:
    """Text for a message or a terminal: one line, no control characters, 60 characters at most."""
    return "".join(char if char.isprintable() else " " for char in " ".join(text.split()))[:60]


def read_mapping(path: Path, *, columns: Sequence[str] | None = None) -> Mapping:
    """Mapping of an extract (its path, or the mapping's own), checked; columns are the extract's, where known.

    Raises SourceError with all faults: unknown keys, fields, columns and codes, a field given twice, a wrong date.
    """
    target = mapping_path(path)
    raw, faults = _load(target), []
    _note_unknown_keys(raw, faults)
    mapped, confirmed = _pairs(raw, "columns", faults), _truth(raw, "confirmed", faults)
    mapping = Mapping(
        file=path.name if path != target else "",
        columns=mapped,
        codes=_codes(raw, mapped, faults, confirmed=confirmed),
        dates=_dates(raw, mapped, faults),
        extract_date=_day(raw, faults),
        la_code=_la_code(raw, faults),
        stable_ids=_truth(raw, "stable_ids", faults),
        derive=_truth(raw, DERIVE, faults),
        confirmed=confirmed,
        not_used=_unused(raw, faults),
    )
    faults += _column_faults(mapped, columns)
    if faults:
        raise SourceError(f"{target.name}: {fault}" for fault in faults)
    return mapping


def _note_unknown_keys(raw: dict[str, object], faults: list[str]) -> None:
    unknown = [key for key in raw if key not in _KEYS]
    if unknown:
        faults.append(f"found {_listed(unknown)}. Expected only {', '.join(_KEYS)}.")


def _load(path: Path) -> dict[str, object]:
    """The file as text values: no word is taken for a number, a date or a truth."""
    try:
        content = path.read_bytes()
        if len(content) > _LARGEST:
            raise SourceError(f"{path.name}: is larger than {_LARGEST:,} bytes. Expected a short mapping.")
        code = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
        # BaseLoader makes nothing but text, lists and pairs.
        raw = yaml.load(content.decode(code), Loader=yaml.BaseLoader)
    except UnicodeDecodeError as fault:
        raise SourceError(f"{path.name}: is not UTF-8 text. Save it again as UTF-8.") from fault
    except (yaml.YAMLError, RecursionError) as fault:
        at = f" at line {fault.problem_mark.line + 1}" if getattr(fault, "problem_mark", None) else ""
        raise SourceError(
            f"{path.name}: is not readable as YAML{at}. Expected lines such as 'confirmed: true'."
        ) from None
    except OSError as fault:
        raise SourceError(f"{path.name}: cannot be read ({type(fault).__name__}).") from fault
    if not isinstance(raw, dict) or not all(isinstance(key, str) for key in raw):
        raise SourceError(f"{path.name}: holds no mapping. Expected lines such as 'confirmed: true' and 'columns:'.")
    return raw


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"'{one_line(str(name))}'" for name in names[:10])


def _pairs(raw: dict[str, object], key: str, faults: list[str]) -> dict[str, str]:
    found = raw.get(key) or {}
    if not isinstance(found, dict) or not all(isinstance(part, str) for pair in found.items() for part in pair):
        faults.append(f"'{key}' is not a list of lines such as  \"column\": field.")
        return {}
    return found


def _column_faults(mapped: dict[str, str], columns: Sequence[str] | None) -> list[str]:
    faults, targets = [], list(mapped.values())
    if not mapped:
        faults.append("no column is mapped to a field. Expected at least received_date.")
    unknown = sorted({target for target in targets if target not in TARGETS})
    if unknown:
        faults.append(f"unknown fields {_listed(unknown)}. Expected fields out of: {', '.join(TARGETS)}.")
    for target in sorted({target for target in targets if targets.count(target) > 1 and target in TARGETS}):
        names = [column for column, name in mapped.items() if name == target]
        faults.append(f"field {target} is given to {len(names)} columns ({_listed(names)}). Keep one of them.")
    lacking = [column for column in mapped if columns is not None and column not in columns]
    if lacking:
        faults.append(f"columns {_listed(lacking)} are not in the file. Write them as the file's header has them.")
    return faults


def _codes(
    raw: dict[str, object], mapped: dict[str, str], faults: list[str], *, confirmed: bool
) -> dict[str, dict[str, str]]:
    found = raw.get("codes") or {}
    if not isinstance(found, dict):
        faults.append("'codes' is not a list of fields, each with lines such as  \"text\": code.")
        return {}
    checked = {}
    for target in found:
        codes = _pairs(found, target, faults)
        if target not in TARGETS:
            faults.append(f"codes are given for '{one_line(target)}', which is no field.")
        elif target in mapped.values():
            known = {"", *codes_of(target)} if confirmed else {"", UNDECIDED, *codes_of(target)}
            wrong = [
                str(at) for at, code in enumerate(codes.values(), start=1) if codes_of(target) and code not in known
            ]
            if wrong:
                faults.append(
                    f"codes of {target}: {len(wrong)} answers are not in the list (number {', '.join(wrong[:10])}). "
                    f'Expected {", ".join(codes_of(target))}, or "" to leave such cells blank.'
                )
            checked[target] = codes
    return checked


def _dates(raw: dict[str, object], mapped: dict[str, str], faults: list[str]) -> str | dict[str, str]:
    found = raw.get("dates") or AS_FOUND
    told = found if isinstance(found, dict) else {"": found}
    if any(order not in (DAY_FIRST, MONTH_FIRST, AS_FOUND) for order in told.values()):
        faults.append(f"'dates' is not understood. Expected {DAY_FIRST}, {MONTH_FIRST} or {AS_FOUND}.")
        return AS_FOUND
    strangers = [column for column in told if column and column not in mapped]
    if strangers:
        faults.append(f"'dates' names columns that are not mapped: {_listed(strangers)}.")
    return found  # type: ignore[return-value]


def _day(raw: dict[str, object], faults: list[str]) -> date | None:
    text = raw.get("extract_date") or ""
    try:
        day = date.fromisoformat(text) if text else None  # type: ignore[arg-type]
    except (ValueError, TypeError):
        day = date.min
    if day is not None and not 2014 <= day.year <= 2100:
        faults.append("extract_date is not a day from 2014 on. Expected YYYY-MM-DD, or nothing.")
        return None
    return day


def _la_code(raw: dict[str, object], faults: list[str]) -> str:
    code = raw.get("la_code") or ""
    if not isinstance(code, str) or not re.fullmatch(r"([0-9]{3})?", code):
        faults.append("la_code is not three digits. Expected the authority's code as on the return, or nothing.")
        return ""
    return code


def _truth(raw: dict[str, object], key: str, faults: list[str]) -> bool:
    found = raw.get(key) or "false"
    value = found.lower() if isinstance(found, str) else ""
    if value not in ("true", "false", "yes", "no"):
        faults.append(f"'{key}' is not understood. Expected true or false.")
    return value in ("true", "yes")


def _unused(raw: dict[str, object], faults: list[str]) -> tuple[str, ...]:
    found = raw.get(NOT_USED) or []
    if not isinstance(found, list) or not all(isinstance(name, str) for name in found):
        faults.append(f"'{NOT_USED}' is not a list of columns.")
        return ()
    return tuple(found)
