"""Explored: views that an analyst saved in the explorer, each with its chart, its table and its sentences.

`saved` reads their files and holds them against the report, `drawn` draws one as the explorer does (`series` what is
published, `ahead` what may come, `sliders` what the sliders change, `sayings` the sentences), `views` sets them on the
page of a report.
"""

from highneeds.sections.explored import drawn, saved, views
from highneeds.sections.explored.drawn import QUESTION, TITLE

__all__ = ["QUESTION", "TITLE", "drawn", "saved", "views"]
