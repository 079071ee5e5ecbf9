"""Monthly counts by area: forecast together, so that areas and total agree in every month.

`table` reads and refuses counts, `school_calendar` says when requests come, `fit` and `outlook` are the model,
`part_month` completes a month under way, `months` puts the forecasts together.
"""
