"""Cases on the very day of a statutory limit, and the day after."""

import numpy as np

from highneeds.demo.draws import NONE
from highneeds.demo.queue import ASSESS, ISSUE, NOT_ISSUE, SIX_WEEKS, SIXTEEN_WEEKS, TWENTY_WEEKS, Flow
from highneeds.errors import ParamsError


def set_boundaries(flow: Flow, count: int, *, as_at: int) -> None:
    """Move the decisions of a few finished cases (in place) so that `count` of them fall on each day of interest.

    Six-week decisions on days 42 and 43, decisions not to issue on days 112 and 113, plans on days 140 and 141.
    Raises ParamsError where there are too few finished cases.
    """
    finished = np.flatnonzero((flow.outcome == ASSESS) & (flow.done != NONE) & (flow.reversed_on == NONE))
    early = finished[(flow.decided - flow.received)[finished] < SIXTEEN_WEEKS - 14]
    early = early[flow.received[early] + TWENTY_WEEKS + 1 <= as_at]
    for days, values, pool in (
        (SIX_WEEKS, flow.decided, early[(flow.done - flow.received)[early] > SIX_WEEKS + 14]),
        (SIXTEEN_WEEKS, flow.done, early[flow.issue[early] == NOT_ISSUE]),
        (TWENTY_WEEKS, flow.done, early[flow.issue[early] == ISSUE]),
    ):
        if len(pool) < 2 * count:
            raise ParamsError(
                f"cases on the day of a limit: {len(pool)} finished cases can be moved to day {days}, {2 * count} are "
                "asked for. Ask for fewer, or for more requests a year."
            )
        for more in (0, 1):
            values[pool[more::2][:count]] = flow.received[pool[more::2][:count]] + days + more
