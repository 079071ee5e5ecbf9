"""The caseload's moves: of 100 children in each placement, how many stay, move and leave in a year, from the
authority's own cases; and what comes of it beside the model on published age bands.

Owns what of the counts may be shown, and the two tables. Which returns are counted together belongs to `local_chain`,
counting and rates to `measures.local_moves` and `models.caseload.transitions`.
"""

from dataclasses import replace

import numpy as np
import pandas as pd

from highneeds import periods
from highneeds.claims import Claim
from highneeds.disclosure.policy import HIDDEN, LOW, NONE, Policy
from highneeds.disclosure.shares import protected_shares
from highneeds.figures import Figure, slug
from highneeds.measures.local_moves import FIRST_YEAR, LAST_YEAR, POST_16, Pair
from highneeds.models.caseload.flows import PLACEMENTS
from highneeds.models.caseload.outlook import Caseload, Ready, outlook, outlook_of_chain
from highneeds.models.caseload.transitions import LEAST_PAIRS, Moves, chain, count_moves, leaving_by_group
from highneeds.periods import JANUARY
from highneeds.sections.common import capital
from highneeds.sections.forecasts import YEARS, places_of
from highneeds.sections.local_chain import FAR, FAR_MIX, pairs_of
from highneeds.sections.outlooks import PLANS, View, figure, ready_of
from highneeds.sections.page import Block, Page
from highneeds.sections.quoted import quoted
from highneeds.tables import Column, Row

# By year group in the first of two Januaries.
STAGES = {
    "Early years": (FIRST_YEAR, -1),
    "Reception to year 5": (0, 5),
    "Year 6, into year 7": (6, 6),
    "Years 7 to 10": (7, 10),
    "Year 11, into post-16": (11, 11),
    "Year 12 and after": (12, LAST_YEAR),
}
LEAST_CHILDREN = 100  # in a row of whole percentages: one of them is at least one child
NO_PLAN = "no plan"
ATTRIBUTE = "ncy"
PAIRS = ("one pair", "two pairs", "three pairs", "four pairs")  # as many as measures.local_moves looks at
PCT, FOLLOWED, HELD, CHAIN = "local_moves_pct", "local_moves_children", "local_moves_plans", "ehc_plans.local chain"
OTHERWISE = "local_moves_otherwise_pct"
UNITS = {PCT: "%", FOLLOWED: "children", HELD: "plans", OTHERWISE: "%"}


def moves(page: Page) -> Block | None:
    """Where children move from year to year, and where that leads; None without case data."""
    if page.local is None:
        return None
    pairs, why = pairs_of(page.local)
    if not pairs:
        reason = "Moves between placements are not shown, because {why}."
        return page.paragraphs("Moves between placements", page.say("moves_none", reason, why=why))
    ready, held = ready_of(page), {year for pair in pairs for year in (pair.january - 1, pair.january)}
    same = ready is not None and ready.origin in held
    counted = count_moves(pairs, january=ready.origin if same else None)  # type: ignore[union-attr]
    rows = _rows(page, counted, pairs)
    said = [_followed(page, counted, pairs), _largest(page, rows)]
    if ready is not None and not same:
        old = "Where they lead is not shown: the cases do not hold January {year}, from which the forecast starts."
        said.append(page.say("moves_old", old, year=str(ready.origin)))
    block = page.paragraphs("Moves between placements", *said).markup
    block += _table(page, rows).markup if rows else ""
    return Block(block + (_ahead(page, ready, counted).markup if same else ""))  # type: ignore[arg-type]


def shown_shares(counts: np.ndarray, policy: Policy) -> list[tuple[float | None, str]]:
    """Percentage and status of each count of a row, such that no small count can be worked out.

    Hidden: what the policy hides of a share beside its denominator; then the next smallest, until two at least are
    hidden and they are together no small count. Percentages are whole, in every file as on the page: a long fraction
    is a numerator and a denominator. Those under a half that are not 0 are `low`.
    """
    whole = counts.sum()
    frame = pd.DataFrame({"numerator": counts, "denominator": whole})
    hidden = np.zeros(len(counts), dtype=bool)
    if policy.method != NONE:
        hidden = protected_shares(frame, policy=policy, dimensions=(ATTRIBUTE,))["status"].eq(HIDDEN).to_numpy().copy()
        least = policy.threshold_for((ATTRIBUTE,))
        while hidden.any() and (hidden.sum() < 2 or counts[hidden].sum() < least) and (~hidden).any():
            shown = np.flatnonzero(~hidden)
            hidden[shown[np.lexsort((counts[shown], counts[shown] == 0))[0]]] = True
    made: list[tuple[float | None, str]] = []
    for count, secret in zip(counts, hidden, strict=True):
        share = 100 * count / whole
        made.append((None, HIDDEN) if secret else (None, LOW) if 0 < share < 0.5 else (_rounded(share, 0), ""))
    return made


def _rows(page: Page, counted: Moves, pairs: tuple[Pair, ...]) -> list[Row]:
    """A row for each stage and placement with enough children."""
    policy, rows = page.local.local.policy, []  # type: ignore[union-attr]
    every = counted.moved.sum(axis=0)
    for stage, (low, high) in STAGES.items():
        stood = every[low - FIRST_YEAR : high - FIRST_YEAR + 1].sum(axis=0)
        for source, counts in zip(PLACEMENTS, stood, strict=True):
            if counts.sum() < max(LEAST_CHILDREN, policy.minimum_denominator):
                continue
            cells = [
                _share(page, (stage, source, target), cell, pairs)
                for target, cell in zip((*PLACEMENTS, NO_PLAN), shown_shares(counts, policy), strict=True)
            ]
            rows.append(Row(f"{stage}: {source}", cells))
    return rows


def _share(page: Page, move: tuple[str, str, str], cell: tuple[float | None, str], pairs: tuple[Pair, ...]) -> Figure:
    """One cell. move: stage, placement in the first January, what became of it; cell: percentage and status."""
    stage, source, target = move
    first, last = pairs[0].january - 1, pairs[-1].january
    how = (
        f"100 * children in {target} the next January / children in {source} in a January whose placement is recorded "
        f"in both, {stage}, pairs of Januaries from {first} to {last}; hidden as sections.caseload_moves.shown_shares"
    )
    breakdown, made = f"{stage}, {source} to {target}", _local(page, PCT, last, cell[0], how)
    return replace(made, id=f"{made.id}.{slug(breakdown)}", breakdown=breakdown, status=cell[1])


def _local(page: Page, measure: str, january: int, value: float | None, how: str) -> Figure:
    """A figure of the case data that no measure declares, its value no finer than it is printed."""
    area, unit = page.facts.authority, UNITS[measure]
    places = 0 if unit == "%" or value is None else places_of(value, unit)
    return Figure(
        id=f"{measure}.{area.slug}.{january}",
        measure=measure,
        area_code=area.code,
        area=area.name,
        period=str(january),
        period_basis=JANUARY,
        value=None if value is None else _rounded(value, places),
        status="",
        unit=unit,
        source=page.local.local.source,  # type: ignore[union-attr]
        reference=how,
        places=places,
    )


def _followed(page: Page, counted: Moves, pairs: tuple[Pair, ...]) -> Claim:
    """On how many Januaries and children it rests."""
    first, last = (periods.in_words(str(year), JANUARY) for year in (pairs[0].january - 1, pairs[-1].january))
    how = "children whose placement is recorded in a January and the next, or who then held no plan; once for each pair"
    return page.say(
        "moves",
        "From one January to the next, {children} moves and stays of children with a plan were followed, over {pairs} "
        "of Januaries, the first {first}, the last {last}.",
        children=_local(page, FOLLOWED, pairs[-1].january, counted.children, how),
        pairs=PAIRS[len(pairs) - 1],
        first=first,
        last=last,
    )


def _largest(page: Page, rows: list[Row]) -> Claim | None:
    """The move that the largest share of children made; into post-16 everyone goes in time."""
    moved = [
        (cell, row.label, target)
        for row in rows
        for target, cell in zip(PLACEMENTS, row.cells, strict=False)
        if isinstance(cell, Figure) and cell.value and target != POST_16 and not row.label.endswith(f": {target}")
    ]
    if not moved:
        return None
    cell, label, target = max(moved, key=lambda each: each[0].value)  # type: ignore[arg-type, return-value]
    stage, source = label.split(": ")
    return page.say(
        "moves_largest",
        "The largest move, into {late} apart: of children placed in {source} ({stage}), {share} were in {target} a "
        "year later ({see}).",
        source=source,
        stage=stage[0].lower() + stage[1:],
        share=cell,
        target=target,
        late=POST_16,
        see=page.see("t", "moves"),
    )


def _table(page: Page, rows: list[Row]) -> Block:
    policy = page.local.local.policy  # type: ignore[union-attr]
    note = f"Rows with fewer than {LEAST_CHILDREN} children are left out. "
    if policy.method != NONE:
        top = policy.threshold_for((ATTRIBUTE,)) - 1
        note += f"A share of 1 to {top} children is not shown [{HIDDEN}], nor are others that would give it away. "
    return page.table(
        "moves",
        f"Of 100 children in a placement, where they are a year later, {page.facts.authority.name}, per cent",
        row_head="Year group and placement in the first January",
        columns=[Column(capital(target)) for target in (*PLACEMENTS, NO_PLAN)],
        rows=rows,
        note=f"{note}No plan: it ended, or the child moved away. Disclosure policy: {policy.name}.",
    )


def _ahead(page: Page, ready: Ready, counted: Moves) -> Block:
    """Plans by placement in Januaries to come: own moves by year group beside published age bands."""
    made = chain(counted, leaving=leaving_by_group(ready.rates.ending[0]))
    own, bands = View("own", outlook_of_chain(ready, made)), View("bands", outlook(ready))
    rows = [Row(capital(place), _pair(page, own, bands, place)) for place in PLACEMENTS]
    said = page.paragraphs("", _widest(page, rows), _level(page, ready, counted), _otherwise(page, own, bands))
    heads = [periods.label(str(year), JANUARY) for year in own.caseload.years[:YEARS]]
    table = page.table(
        "moves_ahead",
        f"EHC plans by placement, {page.facts.authority.name}, from its own moves by year group and from published age "
        "bands, number",
        row_head="Placement",
        columns=[Column(f"{january}, {words}") for january in heads for words in ("own moves", "published ages")],
        rows=rows,
        note=quoted(
            page,
            "moves_note",
            "Own moves: children grow a year older, move and leave as they did, joiners come as they did, as many as "
            f"the forecast total asks for. Moves vary from year to year {made.dispersion:.1f} times as much as by "
            f"chance alone{' (assumed: too few Januaries to tell)' if made.pairs < LEAST_PAIRS else ''}.",
            how="chain of moves by year group (docs/methods.md)",
        ),
    )
    return Block(said.markup + table.markup)


def _widest(page: Page, rows: list[Row]) -> Claim:
    """The placement on which the two models differ most in the last January shown."""
    row = max(rows, key=lambda row: abs(row.cells[-2].value - row.cells[-1].value))  # type: ignore[union-attr]
    return page.say(
        "moves_ahead",
        "Both ways of reckoning have the same total. They differ most on {place}: the moves seen here lead to {own} "
        "plans {own.when}, the published age bands to {bands} ({see}).",
        place=row.label if row.label == capital(POST_16) else row.label[0].lower() + row.label[1:],
        own=row.cells[-2],
        bands=row.cells[-1],
        see=page.see("t", "moves_ahead"),
    )


def _pair(page: Page, own: View, bands: View, place: str) -> list[Figure]:
    """For each January the point of the chain, then that of the bands."""
    at, cells = PLACEMENTS.index(place), []
    for year in range(min(YEARS, len(own.caseload.years))):
        january = own.caseload.years[year]
        for view, measure in ((own, CHAIN), (bands, f"{PLANS}.flow model")):
            case: Caseload = view.caseload
            how = f"point: flow model, origin {case.origin}, on {case.basis}, total as forecast"
            value = case.by_placement[year, at]
            value = _rounded(value, places_of(value, "plans")) if view is own else value
            cells.append(figure(page, view, "point", january, value, how, breakdown=place, measure=measure))
    return cells


def _level(page: Page, ready: Ready, counted: Moves) -> Claim | None:
    """That the cases hold far more or fewer plans than DfE counts, where they do."""
    plans = counted.stocks.sum()
    published = page.facts.get(PLANS, page.facts.authority, str(ready.origin))
    if not published.known or abs(plans / published.value - 1) < FAR:  # type: ignore[operator]
        return None
    return page.warn(
        "moves_level",
        "The cases hold {own} plans {own.when}, DfE counts {published}: only their placements and moves are used, "
        "brought to DfE's number.",
        own=_local(page, HELD, ready.origin, plans, "children who held a plan on the survey day"),
        published=published,
    )


def _otherwise(page: Page, own: View, bands: View) -> Claim | None:
    """That the cases place many children otherwise than DfE's figures do, where they do."""
    now = own.caseload.now.sum(axis=0), bands.caseload.now.sum(axis=0)
    share = np.abs(now[0] - now[1]).sum() / 2 / now[1].sum()
    if share < FAR_MIX:
        return None
    how = "100 * half the sum over placements of |cases - DfE| / DfE's plans, the cases brought to DfE's number"
    return page.warn(
        "moves_otherwise",
        "Of DfE's plans {share.when}, {share} would have to stand in another placement to be placed as the cases have "
        "it: part of what differs ahead is where the two start.",
        share=_local(page, OTHERWISE, own.caseload.origin, 100 * share, how),
    )


def _rounded(value: float, places: int) -> float:
    """Half upwards, as a reader rounds; places below 0 round to tens and hundreds."""
    return float(np.floor(value * 10.0**places + 0.5) / 10.0**places)
