"""Caseload: plans by age and placement from January to January, from published figures or an authority's own returns.

Next January's plans are those that stay, moved up with the children, and those that join. `flows` holds what is known
of stocks and new plans, `rates` what follows from it, `project` the point by age and placement, `simulate` the ranges
about it (as wide as `spread` measures), `population` the residents, `needs` primary need. `transitions` and
`local_paths` do the same from an authority's own cases by year group. `changed` is a scenario's part, `outlook` one
authority's result, and `score` its past errors.
"""
