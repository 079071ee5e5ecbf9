"""An action plan against its dates and the data: what is late, what has no date, which criteria are met.

`deadlines` reads dates as printed, `register` the entries of a plan, `benefits` its amounts, `criteria` whether a
success criterion is met by a measure.
"""
