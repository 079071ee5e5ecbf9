"""Programme: an authority's action plan against its own dates and against the data.

`register` holds the entries and their counts, `answer` what is said first, `criteria` what the data say of each success
criterion, `dates` the timeline and what is late, `benefits` amounts planned and delivered.
"""

from highneeds.sections.programme import answer, benefits, criteria, dates

TITLE = "Programme: the plan against its dates and the data"
QUESTION = "Is the plan being delivered, and is it working?"

__all__ = ["QUESTION", "TITLE", "answer", "benefits", "criteria", "dates"]
