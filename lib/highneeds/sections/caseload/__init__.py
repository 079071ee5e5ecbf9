"""EHC plans: how many are held and will be, who joins, moves and leaves.

`forecast` holds the years to come, `record` how good such forecasts were, `flows` joiners, leavers, placements and
needs, `moves` an authority's own moves between placements, `scenarios` what a scenario would change.
"""

from highneeds.sections.caseload import flows, forecast, moves, record, scenarios

TITLE = "EHC plans: caseload and forecast"
QUESTION = "How many EHC plans will we hold?"

__all__ = ["QUESTION", "TITLE", "flows", "forecast", "moves", "record", "scenarios"]
