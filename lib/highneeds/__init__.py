"""EHC plans and high needs, from published and local data to a committee report.

One-way flow: sources, clean, measures, models, sections, report.
"""

__version__ = "0.1.0"
