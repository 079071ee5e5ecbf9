"""What must hold before a report takes its place: case data as older reports allow, the register, the last door.

Owns the order of these steps; what they look for belongs to `guard`, which is slow to load.
"""

from datetime import date
from pathlib import Path

from highneeds.errors import DisclosureError
from highneeds.facts import Facts
from highneeds.report.made_from import register_checksum, text_checksum
from highneeds.report.store import Store
from highneeds.sections.local import Local, LocalAt, read_register


def local_at(local: Local | None, facts: Facts, register: Path) -> LocalAt | None:
    """Case data as at the report's day. Raises DisclosureError, before any notebook runs, where old reports forbid."""
    if local is None:
        return None
    at = LocalAt(local, min(facts.as_at, local.cases.extract_date), facts.authority, read_register(register))
    from highneeds.report.guard import refuse_blocked

    refuse_blocked(at)
    return at


def register_with(at: LocalAt | None, path: Path) -> tuple[bytes, str]:
    """Register as it will be with this report, and its checksum."""
    if at is None:
        return b"", register_checksum(path.parent)
    from highneeds.report.guard import registered

    content = registered(at, path)
    return content, text_checksum(content)


def let_out(at: LocalAt, folder: Path, store: Store, home: Path, texts: list[str], days: set[date]) -> None:
    """The last door. Raises DisclosureError; then nothing of the report is kept."""
    from highneeds.report.guard import refuse_personal  # takes files apart: slow to load

    try:
        refuse_personal(folder, at, home=home, texts=texts, days=days)
    except DisclosureError:
        store.clear()
        raise
