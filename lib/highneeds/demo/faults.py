"""Faults that can be switched on, one for every data-quality rule: each changes what its rule looks for.

The truth of a world stays that of the faultless one. Some rules cannot be had alone: a plan issued before its
request was received (DQ08) was also issued before the decision to assess (DQ09). `BRING` names those.
"""

from collections.abc import Callable, Sequence

from highneeds.demo import faults_people, faults_records, faults_wider
from highneeds.demo.bench import Bench
from highneeds.demo.world import World
from highneeds.errors import ParamsError

FAULTS: dict[str, Callable[[Bench, str], int]] = dict(
    sorted((faults_people.FAULTS | faults_records.FAULTS | faults_wider.FAULTS).items())
)
# Rules whose finding a fault changes as well, since one cannot be without the other.
BRING = {"DQ01": ("DQ35",), "DQ07": ("DQ31",), "DQ08": ("DQ09", "DQ31"), "DQ28": ("DQ29",), "DQ34": ("DQ47",)}
# Faults of many rows leave alone what others picked; rows removed or doubled would move theirs: these go last.
_LAST = ("DQ32", "DQ33", "DQ48", "DQ34", "DQ47", "DQ15", "DQ02", "DQ03", "DQ04")


def add_faults(world: World, rules: Sequence[str], *, seed: int) -> World:
    """The world with a fault for each rule (`DQ05`, ...); `World.faults` says how many rows each changed.

    Raises ParamsError for rules that nobody knows, and where a world is too small for a fault.
    """
    unknown = [rule for rule in rules if rule not in FAULTS]
    if unknown:
        raise ParamsError(f"faults {', '.join(unknown)}: no such rule. Expected some of DQ01 to DQ48.")
    bench, counts = Bench(world, seed), {}
    for rule in sorted(set(rules), key=lambda rule: (_LAST.index(rule) + 1 if rule in _LAST else 0, rule)):
        counts[rule] = FAULTS[rule](bench, rule)
    return bench.finish(counts)
