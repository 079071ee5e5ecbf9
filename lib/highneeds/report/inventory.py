"""What of an authority's own papers is where in its report: an appendix, for the authorities whose papers are held."""

from collections.abc import Sequence

from highneeds.report.wanted import Found, read_wanted, walk

INVENTORY = "inventory.yml"


def papers_found(authority: str, sections: Sequence[dict]) -> list[Found]:
    """Every table, chart, sum and plan of the authority's papers, and where it is; empty for other authorities."""
    return walk([item for item in read_wanted(INVENTORY) if item.of == authority], sections)
