"""Plans within 20 weeks: the published rate, and the children waiting behind it.

`rate` holds published rates and `compared` those of others; from case data come `queue` (who waits), `cohorts` (months
followed), `outlook` (today's pace) and `clearance` (when the queue would end, with `clearance_figures` and
`clearance_rate`). `change` says how far a rate moves by itself.
"""

from highneeds.sections.timeliness import change, clearance, cohorts, compared, outlook, queue, rate

TITLE = "Plans issued within 20 weeks"
QUESTION = "Do children get plans in 20 weeks, and who waits longer?"

__all__ = ["QUESTION", "TITLE", "change", "clearance", "cohorts", "compared", "outlook", "queue", "rate"]
