"""Places: demand by type of placement beside the places there are and will be.

`demand` holds the years to come, `capacity` what is short and setting by setting what opens, `figures` what both share.
"""

from highneeds.sections.places import capacity, demand

TITLE = "Places: demand and capacity"
QUESTION = "Will there be a place?"

__all__ = ["QUESTION", "TITLE", "capacity", "demand"]
