"""Yearly models: EHC plans, requests, new plans and percentages of all authorities, forecast together.

`history` holds what is known, `choice` picks the model (`pooled`, `cohort`, `levels`), `track` and `conformal` give the
range, `doubts` refuses, `annual` puts a forecast together, `national` sums them; `lone` is for one series by itself.
"""
