"""Governance: what was decided, what could go wrong, who was asked, and what is still to be done.

`summary` holds the answer and key figures; `decisions` votes, recommendations and meetings; `registers` actions and
risks; `surveys` who was asked and what they said. `figures` is what these share.
"""

from highneeds.sections.governance import decisions, registers, summary, surveys

TITLE = "Decisions, risks and consultation"
QUESTION = "What was decided, what could go wrong, and who was asked?"

__all__ = ["QUESTION", "TITLE", "decisions", "registers", "summary", "surveys"]
