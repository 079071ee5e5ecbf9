"""Models: measures to forecasts and tests of change, each with its reason and its track record.

`yearly` forecasts all authorities' years together, `monthly` one authority's months by area, `change` tests moves,
`queue` follows open cases; `funnel` tells outliers from chance, `intervals` says how far one rate could be off; `paths`
draws futures with `growth_error`'s sizes. Every forecast is a `forecast.Forecast`; `scores` and `backtest` say how good
they were.
"""
