"""Progress: what a year has changed, and on whose count.

`lines` says what a summary of progress counts and gives each count its figures; `published` shows the latest year from
published figures, for every authority; `printed` the table of an authority's own paper with its changes worked out;
`bridge` which years and ages the paper's counts are of and the gap between them; `growth` what a paper says of it.
"""

from highneeds.sections.progress import bridge, growth, lines, printed, published

TITLE = "Progress: what a year has changed"
QUESTION = "What has changed in a year, and do the council's count and the published one agree?"

__all__ = ["QUESTION", "TITLE", "bridge", "growth", "lines", "printed", "published"]
