"""Finance: spend, grant and the deficit, projected and as the authority's papers print them.

`balance` holds the projection and `lines` its lines, rules and assumptions; `money` works them out from `money_inputs`
(`money_of_files` where there are planning files) and `figures` traces them. `printed` adds up printed plans and
`stated` checks statements in words one by one (`statement`, `stated_beside`), both with the cells of `papers`;
`published` sets the grant and spend beside others (`published_figures`).
"""

from highneeds.sections.finance import balance, lines, printed, published, stated

TITLE = "Finance: spend, grant and the deficit"
QUESTION = "Will the deficit close?"

__all__ = ["QUESTION", "TITLE", "balance", "lines", "printed", "published", "stated"]
