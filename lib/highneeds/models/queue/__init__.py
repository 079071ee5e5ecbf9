"""Open cases and plans to come: what share will be in time, and when the queue of overdue cases ends.

`period_incidence` is the estimator and `nowcast` what it says of today's pace; `inputs` reads a queue from cases,
`weekly_queue` runs it and `clearance` says when it ends.
"""
