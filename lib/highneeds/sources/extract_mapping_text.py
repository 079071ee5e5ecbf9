"""A mapping as people see it: the YAML file beside the extract, and plain lines for a terminal."""

import textwrap
from pathlib import Path

import yaml

from highneeds.errors import SourceError
from highneeds.files import write_whole
from highneeds.sources.extract_codes import UNDECIDED
from highneeds.sources.extract_fields import codes_of
from highneeds.sources.extract_mapping import DERIVE, NOT_USED, Mapping, Proposal, mapping_path, one_line


def write_mapping(mapping: Mapping, path: Path, *, replace: bool = False) -> Path:
    """Write a mapping beside its extract; gives its path. SourceError where one is there, unless told to replace."""
    target = mapping_path(path)
    if target.exists() and not replace:
        raise SourceError(
            f"{target.name}: is there already and is not written over. Edit it, or delete it and run "
            f"'highneeds check {mapping.file}' for a new proposal."
        )
    write_whole(target, _yaml_text(mapping).encode("utf-8"))
    return target


def _yaml_text(mapping: Mapping) -> str:
    columns = mapping.columns.items()
    lines = [
        *_opening_lines(mapping),
        "# true where the request ids are your own and stay the same from one extract to the next.",
        f"stable_ids: {_word(mapping.stable_ids)}",
        "# true: where there is no column of outcomes, a date of issue means that assessing and issuing were agreed,",
        "# and a date of refusal that they were not. Anything else stays undecided.",
        f"{DERIVE}: {_word(mapping.derive)}",
        "columns:" if mapping.columns else "columns: {}",
        *(f"  {quoted(column)}: {target}{_remark(mapping, column)}" for column, target in columns),
        "codes:" if mapping.codes else "codes: {}",
        *_code_lines(mapping),
        f"{NOT_USED}:" if mapping.not_used else f"{NOT_USED}: []",
        *(f"  - {quoted(column)}" for column in mapping.not_used),
    ]
    return "\n".join(lines) + "\n"


def _opening_lines(mapping: Mapping) -> list[str]:
    day = mapping.extract_date.isoformat() if mapping.extract_date else quoted("")
    dates = mapping.dates if isinstance(mapping.dates, str) else ""
    return [
        f"# What the columns of {one_line(mapping.file)} are. Nothing is read until you have checked this file.",
        "# 1. columns: put the right field after each column. Delete a line, or move it to 'not used', to drop it.",
        '# 2. codes: put the return\'s code after each text; "" leaves such cells blank; every ? needs an answer.',
        "# 3. extract_date: the day the extract was taken. 4. When all is right, write confirmed: true.",
        *(f"# Note: {line}" for line in mapping.notes),
        f"confirmed: {_word(mapping.confirmed)}",
        f"extract_date: {day}" + ("  # proposed: the newest event in the file" if mapping.proposals else ""),
        f"la_code: {quoted(mapping.la_code)}  # three digits, as on the return",
        "# day first (25/12/2024), month first (12/25/2024), or as found: each column shows its own order.",
        "# Where columns differ, write the columns below 'dates:', as  \"column\": day first",
        f"dates: {dates}".rstrip(),
        *(f"  {quoted(column)}: {order}" for column, order in _orders(mapping)),
    ]


def _orders(mapping: Mapping) -> list[tuple[str, str]]:
    return [] if isinstance(mapping.dates, str) else list(mapping.dates.items())


def _code_lines(mapping: Mapping) -> list[str]:
    lines = []
    for target, codes in mapping.codes.items():
        meanings = "; ".join(f"{code} {label}" for code, label in codes_of(target).items())
        lines += [f"  # {line}" for line in textwrap.wrap(meanings, 110)]
        lines += [f"  {target}:" if codes else f"  {target}: {{}}"]
        lines += [f"    {quoted(text)}: {quoted(code)}" for text, code in codes.items()]
    return lines


def _remark(mapping: Mapping, column: str) -> str:
    proposal = mapping.proposals.get(column)
    if not proposal:
        return ""
    others = f"; or {', '.join(proposal.alternatives)}" if proposal.alternatives else ""
    return f"  # {proposal.confidence}{others}"


def quoted(text: str) -> str:
    """Text as YAML writes it on one line, between double quotes."""
    return yaml.safe_dump(text, default_style='"', allow_unicode=True, width=10**9).strip()


def _word(value: bool) -> str:
    return "true" if value else "false"


def mapping_text(mapping: Mapping) -> list[str]:
    """Plain lines for a terminal: each column and its field, how sure it is, and what is not used. No cells."""
    width = max([6, *(len(one_line(column)) for column in mapping.columns)])
    lines = [f"{'Column'.ljust(width)}  Field"]
    for column, target in mapping.columns.items():
        proposal = mapping.proposals.get(column, Proposal(""))
        remark = "; or ".join(part for part in (proposal.confidence, ", ".join(proposal.alternatives)) if part)
        lines.append(f"{one_line(column).ljust(width)}  {target}" + (f"  ({remark})" if remark else ""))
    undecided = sum(code == UNDECIDED for codes in mapping.codes.values() for code in codes.values())
    dates = mapping.dates if isinstance(mapping.dates, str) else "by column"
    return [
        *lines,
        f"{len(mapping.not_used)} of {len(mapping.columns) + len(mapping.not_used)} columns are not used.",
        f"Dates: {dates}. Day of the extract: {mapping.extract_date or 'not known'}.",
        *([f"{undecided} texts of code columns wait for a code."] if undecided else []),
        *mapping.notes,
    ]
