"""How a row of a table names where it is from: a paper, and the place in it."""

import re

_PLACE = re.compile(
    r", ((?:paragraphs?|appendix|tables?|tasks?|items?|rows?|pages?|recommendations|supporting documents|"
    r"background papers)\b.*|[^,]*\b(?:row|task|table))$",
    re.IGNORECASE,
)


def paper_and_place(source: str) -> tuple[str, str]:
    """A row's source as the paper's title and the place in it: `..., 18 March 2025` and `paragraph 3.14 table`."""
    found = _PLACE.search(source)
    return (source[: found.start()], found[1]) if found else (source, "")
