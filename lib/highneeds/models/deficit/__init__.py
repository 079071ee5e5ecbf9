"""The money: what a DSG management plan adds up to, printed or projected, to the penny.

`years` names financial years and `ledger` holds lines in whole pence; `rounded` says what rounding can explain,
`printed` takes a plan as a paper prints it and `checks` adds it up again; `arithmetic` has the papers' smaller sums.
`policy` holds dated rules, `assumptions` what a projection rests on, `changed` the same under a scenario, `inputs` its
faults, and `outlook` the projection with its range.
"""
