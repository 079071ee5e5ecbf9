"""Transitions: who joins, moves between placements and leaves, by national curriculum year, from an authority's own
cases: a Markov chain of year group and placement.

Owns counting moves between Januaries and the rates that follow. Which records can bear it is for
`measures.local_moves`; what is drawn from the rates for `local_paths`. Where the cases cannot bear it, the published
age bands serve (`rates`).

How this differs from a Dirichlet/beta model (the open one is Mastodon C's witan.send), and why:
- There, leaving, moving and where to are three draws (beta, beta, Dirichlet) for each year group, need and setting;
  here they are one draw over all that can become of a child, by year group and placement. Needs are split afterwards
  (`needs`): counts by all three would be ones and twos.
- There, a state's own counts are mixed with fixed amounts of the year group's and the whole authority's, and with an
  even prior that lets any move happen. Here a year group is drawn to its stage, and a stage to the whole authority and
  to England's leaving, never to an even spread: a move nobody makes stays rare.
- There, each group of children of each year is drawn by itself, so that errors cancel out over groups and years, and
  thousands of children give ranges of a per cent or two. Here an error in a rate lasts for a whole path, a year swings
  as far beyond chance as past years did (`dispersion`), and placements swing as published ones have (`spread`).
- There, joiners follow the number of residents and the total is what comes of it; rates alone foretold authorities'
  totals no better than the trend a year ahead and worse three years ahead (`score`), so here the total follows its
  forecast, and residents tell which year groups the joiners are in.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from highneeds.errors import SchemaError
from highneeds.measures.local_moves import FIRST_YEAR, LAST_YEAR, Pair
from highneeds.models.caseload.flows import PLACEMENTS
from highneeds.models.caseload.population import BAND_AGES

YEAR_GROUPS = tuple(range(FIRST_YEAR, LAST_YEAR + 1))
# Year groups that move alike: each transfer between phases stands alone.
STAGES = ((FIRST_YEAR, -2), (-1, -1), (0, 5), (6, 6), (7, 10), (11, 11), (12, 13), (14, 15), (16, LAST_YEAR))
NEAR = 20.0  # plans' worth of its stage's moves that a year group's own are mixed with
STAGE = 50.0  # plans' worth of the whole authority's moves that a stage's own are mixed with
USUAL_END = 0.05  # share of plans that end within a year, where England's is not given
DISPERSION = 3.0  # of a year's moves, where fewer than LEAST_PAIRS tell: an assumption, wider than chance on purpose
LEAST_PAIRS = 3
CERTAIN = 1e6  # plans' worth of what is no estimate: a plan ends with the year in which its holder turns 25
TURNED = 4.5 / 12  # share of a year group that has had its birthday of the school year by mid-January


def name_of(group: int) -> str:
    """Year group in words; before reception, by the years that are left until it."""
    if group > 0:
        return f"Year {group}"
    return "Reception" if group == 0 else f"{-group} year{'s' if group < -1 else ''} before reception"


@dataclass(frozen=True, eq=False)
class Moves:
    """Counts of children between Januaries, the oldest pair first.

    january: that of stocks, plans by year group and placement, shape (groups, placements); a plan whose placement is
    not told is shared out as the told ones. moved: of those in a year group and placement, how many were in each
    placement the next January or, last column, held no plan, shape (pairs, groups, placements, placements + 1);
    joined: plans not held the January before, by year group and placement at the later, (pairs, groups, placements).
    Both are whole numbers and leave out whose placement is not told. leavers: what those that left must be multiplied
    by to be as many of all as they are, because placements of leavers and stayers are not told equally often.
    """

    january: int
    stocks: np.ndarray
    moved: np.ndarray
    joined: np.ndarray
    leavers: float

    @property
    def pairs(self) -> int:
        """How many pairs of Januaries."""
        return len(self.moved)

    @property
    def children(self) -> int:
        """Children followed for a year; who is in several pairs counts in each."""
        return int(self.moved.sum())


def count_moves(pairs: Sequence[Pair], *, january: int | None = None) -> Moves:
    """Moves of all pairs. january: of the stocks, one that a pair begins or ends with; left out, the last.

    Raises SchemaError where there is no pair, or none with that January.
    """
    held = {pair.january - 1: pair.before for pair in pairs} | {pair.january: pair.after for pair in pairs}
    if not held or (january is not None and january not in held):
        there = f"found {', '.join(map(str, sorted(held)))}" if held else "found none"
        raise SchemaError(
            f"pairs of Januaries: {there}. Expected {january or 'one or more'}. Count on other Januaries."
        )
    at = max(held) if january is None else january
    counted = [_counted(pair) for pair in pairs]
    told, every = (sum(each) for each in zip(*(each[2:] for each in counted), strict=True))
    leavers = (every[0] / told[0]) / (every[1] / told[1]) if min(told[0], told[1]) > 0 else 1.0
    return Moves(at, _stocks(held[at]), np.stack([c[0] for c in counted]), np.stack([c[1] for c in counted]), leavers)


def _counted(pair: Pair) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Moves and joiners of a pair; leavers and stayers whose placements are told, and all of them."""
    size, groups = len(PLACEMENTS), len(YEAR_GROUPS)
    moved, joined = np.zeros((groups, size, size + 1)), np.zeros((groups, size))
    where = pair.after.drop_duplicates("person_id").set_index("person_id")["placement"]
    target = _place(where.reindex(pair.before["person_id"]))
    target[pair.left] = size
    group, source = _group(pair.before), _place(pair.before["placement"])
    told = (group >= 0) & (source >= 0) & (target >= 0)
    np.add.at(moved, (group[told], source[told], target[told]), 1.0)
    group, place = _group(pair.after), _place(pair.after["placement"])
    new = pair.came & (group >= 0) & (place >= 0)
    np.add.at(joined, (group[new], place[new]), 1.0)
    left = moved[..., -1].sum()
    return (
        moved,
        joined,
        np.array([left, moved.sum() - left]),
        np.array([pair.left.sum(), (~pair.left).sum()], dtype=float),
    )


def _stocks(frame: pd.DataFrame) -> np.ndarray:
    stocks = np.zeros((len(YEAR_GROUPS), len(PLACEMENTS)))
    group, place = _group(frame), _place(frame["placement"])
    told = (group >= 0) & (place >= 0)
    np.add.at(stocks, (group[told], place[told]), 1.0)
    return stocks * (len(frame) / max(told.sum(), 1))


def _group(frame: pd.DataFrame) -> np.ndarray:
    """Position of each year group; -1 where it is not known."""
    return (frame["year_group"] - FIRST_YEAR).fillna(-1).to_numpy(dtype=int)


def _place(values: pd.Series) -> np.ndarray:
    """Position of each placement; -1 where it is not told."""
    return pd.Index(PLACEMENTS).get_indexer(values)


@dataclass(frozen=True, eq=False)
class Chain:
    """Rates a year by year group.

    concentration: plans behind each row of moves, a year group's own and NEAR that moved as its stage, shape (groups,
    placements, placements + 1). joiners: a year, by year group and placement at the first January, (groups,
    placements). dispersion: variance of a year's moves over that of pure chance; 0 draws nothing.
    """

    january: int
    stocks: np.ndarray
    concentration: np.ndarray
    joiners: np.ndarray
    pairs: int
    dispersion: float

    @property
    def moves(self) -> np.ndarray:
        """Mean share of each move, each row summing to 1."""
        return self.concentration / self.concentration.sum(axis=2, keepdims=True)


def chain(moves: Moves, *, leaving: np.ndarray | None = None) -> Chain:
    """Rates from counted moves, small cells drawn to their stage and stages to the whole authority.

    leaving: England's share of plans that end within a year by year group, shape (groups,); see `leaving_by_group`.
    Raises SchemaError where nobody moved or nobody joined.
    """
    counts, joined = (each.sum(axis=0, dtype=float) for each in (moves.moved, moves.joined))
    if not counts.sum() or not joined.sum():
        raise SchemaError("moves: nobody was followed, or nobody joined. Expected both. Count on other Januaries.")
    counts[..., -1] *= moves.leavers
    ends = np.full(len(YEAR_GROUPS), USUAL_END) if leaving is None else np.asarray(leaving, dtype=float)
    whole = _whole(counts[..., :-1].sum(axis=0))
    concentration, joiners = np.empty_like(counts), np.empty_like(joined)
    split = joined.sum(axis=0) / joined.sum()
    for at in (slice(low - FIRST_YEAR, high - FIRST_YEAR + 1) for low, high in STAGES):
        usual = np.column_stack([whole * (1 - ends[at].mean()), np.full(len(whole), ends[at].mean())])
        concentration[at] = counts[at] + NEAR * _drawn(counts[at].sum(axis=0), usual, STAGE)
        joiners[at] = _joining(joined[at], split)
    concentration[-1] = 0
    concentration[-1, :, -1] = CERTAIN
    return Chain(moves.january, moves.stocks, concentration, joiners / moves.pairs, moves.pairs, dispersion(moves))


def scaled(made: Chain, plans: float) -> Chain:
    """The same rates for so many plans in all: stocks and joiners grow alike, what is known of the rates does not."""
    times = plans / made.stocks.sum()
    return replace(made, stocks=made.stocks * times, joiners=made.joiners * times)


def leaving_by_group(ending: np.ndarray) -> np.ndarray:
    """Share of plans that end within a year by year group, from that by age band at the later January (Rates.ending).

    ending: shape (bands,). A year group's ages a year on stand in two bands where a birthday divides them.
    """
    return in_groups(ending, older=1)


def in_groups(bands: np.ndarray, *, older: int = 0) -> np.ndarray:
    """Values by age band, shape (bands,), as values by year group: the mean over the ages it has in January.

    older: years later at which the ages count.
    """
    ages = np.array(YEAR_GROUPS) + 4 + older
    return (1 - TURNED) * bands[_band_of(ages)] + TURNED * bands[_band_of(ages + 1)]


def _band_of(ages: np.ndarray) -> np.ndarray:
    """Position of the age band of each age."""
    return np.searchsorted([low for low, _ in BAND_AGES.values()], ages, side="right") - 1


def dispersion(moves: Moves) -> float:
    """Variance of a year's moves over that of pure chance: never below 1; DISPERSION with fewer than LEAST_PAIRS.

    Pearson's chi-square of each year's moves about those of all years, stage by stage and placement by placement, over
    what chance alone would make it: (years - 1)(outcomes - 1) times N / (N - 1), exactly, however small the cells.
    """
    if moves.pairs < LEAST_PAIRS:
        return DISPERSION
    found = expected = 0.0
    for low, high in STAGES:
        stage = moves.moved[:, low - FIRST_YEAR : high - FIRST_YEAR + 1].sum(axis=1)
        for place in range(stage.shape[1]):
            chi_square, by_chance = _pearson(stage[:, place])
            found, expected = found + chi_square, expected + by_chance
    return max(found / expected, 1.0) if expected else DISPERSION


def _pearson(table: np.ndarray) -> tuple[float, float]:
    """Chi-square of a table of counts, and its mean where rows differ by chance alone."""
    table = table[table.sum(axis=1) > 0][:, table.sum(axis=0) > 0]
    whole = table.sum()
    if whole < 2 or min(table.shape) < 2:
        return 0.0, 0.0
    usual = np.outer(table.sum(axis=1), table.sum(axis=0)) / whole
    free = (table.shape[0] - 1) * (table.shape[1] - 1)
    return float(((table - usual) ** 2 / usual).sum()), float(free * whole / (whole - 1))


def _whole(counts: np.ndarray) -> np.ndarray:
    """Share of each move of those who keep a plan, all year groups; where hardly any was seen, they stay."""
    return _drawn(counts, np.eye(len(counts)), NEAR)


def _drawn(counts: np.ndarray, usual: np.ndarray, weight: float) -> np.ndarray:
    """Shares by row: counts, and so many plans that moved as usual."""
    return (counts + weight * usual) / (counts.sum(axis=1, keepdims=True) + weight)


def _joining(joined: np.ndarray, split: np.ndarray) -> np.ndarray:
    """Joiners of a stage by year group and placement; year groups are drawn to each other, their sum stays.

    joined: counts, shape (groups, placements); split: shares of placements among all joiners.
    """
    own, stage = joined.sum(axis=1), joined.sum(axis=0)
    mean = own.mean()
    totals = mean * (own + NEAR) / (mean + NEAR)
    shares = _drawn(joined, _drawn(stage[None], split[None], STAGE), NEAR)
    return totals[:, None] * shares
