"""A release made ready: tables protected so that they agree with the earlier releases, and what still stops it.

The order a publication follows: protect, look at the register, hide what it asks for, look again. What is left
stops the release; the caller prints the blocks and publishes nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from highneeds.disclosure.policy import SUPPRESS, Policy
from highneeds.disclosure.register import Block, Register, blocked, carried, hide_keys, register_of
from highneeds.disclosure.relations import CountTable
from highneeds.disclosure.suppress import Protected, published

ROUNDS = 20


@dataclass(frozen=True)
class Prepared:
    """Tables as they may be printed, their rows for the register, and blocks: publish only where there are none."""

    protected: Protected
    rows: Register
    blocks: tuple[Block, ...]
    revised: tuple[Block, ...]  # counts hidden because they came back changed by a few


def prepare(
    tables: Sequence[CountTable],
    register: Register,
    *,
    policy: Policy,
    release: str,
    as_at: date,
    adds: Mapping[str, Sequence[str]] | None = None,
) -> Prepared:
    """Tables protected, and checked against the register; cells that would give a count away are hidden as well.

    release: id of the release; one of that id in the register is replaced. Faults as `suppress.published`.
    """
    earlier = Register(register.rows[register.rows["release"].ne(release)])
    hide, seen = carried(earlier)
    sums = {name: dict(parts) for table in tables for name, parts in table.sums.items()}
    revised: dict[str, Block] = {}
    for _ in range(ROUNDS):
        shown = published(tables, policy=policy, adds=adds, also_hide=hide, seen=seen)
        rows = register_of(tables, shown, release=release, as_at=as_at)
        blocks = blocked(earlier, rows, policy=policy, adds=adds, sums=sums)
        revised |= {block.coordinates: block for block in blocks if block.kind == "revision"}
        more = hide_keys(blocks) - hide
        if policy.method != SUPPRESS or not more:
            break
        hide |= more
    return Prepared(shown, rows, tuple(blocks), tuple(revised.values()))
