"""Cleaned rows to measures: what each is (declarations) and how ratios are computed (ratios)."""
