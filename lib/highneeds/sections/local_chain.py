"""Moves between placements of an authority's own cases as a chain, where they can bear it and agree with DfE's counts.

Owns which returns are counted together, and when the chain stands in place of published age bands. Counting and rates
belong to `measures.local_moves` and `models.caseload.transitions`.
"""

import numpy as np

from highneeds.clean.cases import clean_cases
from highneeds.measures.local_moves import Pair, pair_of, pairs_held, survey_day, usable
from highneeds.models.caseload.outlook import Ready
from highneeds.models.caseload.transitions import Chain, Moves, chain, count_moves, leaving_by_group
from highneeds.sections.local import LocalAt

FAR, FAR_MIX = 0.1, 0.05  # share by which the cases' plans, and their placements, may differ from DfE's


def chain_of(local: LocalAt, ready: Ready) -> Chain | None:
    """The chain by year group; None where the cases cannot bear it or are placed otherwise than DfE counts.

    It stands where the cases hold the January from which the forecast starts, with plans within FAR of DfE's number
    and at most FAR_MIX of them in another placement.
    """
    pairs, _ = pairs_of(local)
    if ready.origin not in {year for pair in pairs for year in (pair.january - 1, pair.january)}:
        return None
    counted = count_moves(pairs, january=ready.origin)
    return chain(counted, leaving=leaving_by_group(ready.rates.ending[0])) if agrees(counted, ready) else None


def agrees(counted: Moves, ready: Ready) -> bool:
    """True where the cases' plans by placement are near DfE's."""
    own, published = counted.stocks.sum(axis=0), ready.rates.stocks[0].sum(axis=0)
    if not own.sum() or not published.sum():
        return False
    apart = np.abs(own / own.sum() - published / published.sum()).sum() / 2
    return bool(abs(own.sum() / published.sum() - 1) <= FAR and apart <= FAR_MIX)


def pairs_of(local: LocalAt) -> tuple[tuple[Pair, ...], str]:
    """Pairs of Januaries to count on, the oldest first, and why there is none.

    Where every input is an annual return, each pair is taken from the return of its second January and the one before:
    a later return takes the place of an earlier one's placements, and with them of the moves between the two.
    """
    schools, returns = local.local.establishments, local.local.returns
    by_year = {raw.year: raw for raw in returns if raw.year and raw.extract_date == survey_day(raw.year)}
    if len(returns) < 2 or len(by_year) < len(returns):
        return pairs_held(local.cases, at=local.day, establishments=schools)
    known = sorted((year for year in by_year if survey_day(year) <= local.day), reverse=True)
    stacked = ([by_year[at] for at in (year - 1, year) if at in by_year] for year in known)
    return usable(pair_of(clean_cases(raws), raws[-1].year, schools) for raws in stacked)
