"""Tests of change: is a move more than similar places make anyway?

`yearly` sets a year beside statistical neighbours, `months` before and after beside other authorities; `result` holds
what both say, with its probability and its power.
"""
