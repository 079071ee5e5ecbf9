"""Requests for EHC needs assessments: how many, from where, what was decided, and where it leads.

`by_year` holds published counts, `by_month` the authority's own table or cases (`own_cases`), `outlook` the years and
months to come (`months_ahead`), `change` the words that a change may be called.
"""

from highneeds.sections.requests import by_month, by_year, outlook

TITLE = "Requests for EHC needs assessments"
QUESTION = "Is demand for assessment rising?"

__all__ = ["QUESTION", "TITLE", "by_month", "by_year", "outlook"]
