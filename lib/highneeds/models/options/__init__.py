"""What each option would cost or save: small pure functions, one theme a module, from the option files' tables.

`alternative_provision` counts places from exclusions, `places` vacancies; `banding` prices bands from sampled plans;
`placements` finds costs that stand out; `schools` shares a top-slice and counts blocks above a notional budget;
`inclusion` moves funding without a plan to plans; `invest` runs cash by month; `grant` has recoupment, the transfer
from the schools block and top-up without a plan. Money is in pounds, frames come out new.
"""
