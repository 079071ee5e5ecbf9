"""Data-quality rules DQ01 to DQ48: each declared once, all checked in one call.

Owns the table of rules and `check`. The rules stand in small modules by subject; what was set aside while
cleaning (unreadable dates, orphans, duplicates) is counted from `Cases.quarantine` and `Cases.cells`.
Source: Ofsted's Annex A checks, open checks of the SEN2 return, and rules of our own (`Rule.origin`).
"""

from highneeds.cases import Finding
from highneeds.clean.rules import addresses, dates, months, people, placements, plans, published, reviews, structure
from highneeds.clean.rules.findings import finding, was_checked
from highneeds.clean.rules.model import NOT_CHECKED, Context, Rule

__all__ = ["NOT_CHECKED", "RULES", "Context", "Rule", "check", "was_checked"]

_SUBJECTS = (structure, dates, reviews, people, addresses, plans, placements, months, published)
RULES: dict[str, Rule] = {
    rule.id: rule for rule in sorted((r for subject in _SUBJECTS for r in subject.RULES), key=lambda rule: rule.id)
}


def check(context: Context) -> tuple[Finding, ...]:
    """One finding for each rule, DQ01 to DQ48 in order, whether it fired or not.

    count is 0 where the rule passed; where it could not be checked, out_of is 0 too and the detail begins
    with `not checked: ` and says what would allow it. No finding holds a cell's content.
    """
    return tuple(finding(rule, context) for rule in RULES.values())
