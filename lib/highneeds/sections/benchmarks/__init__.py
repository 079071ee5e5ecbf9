"""The authority beside England, its region and its neighbours, on every measure that has counts behind it.

`scored` holds what each measure says and the verdicts, `rates` the answer and the table, `outliers` the tested
statements, `pictures` the profile of all measures and the one furthest out, `moved` the change over the years.
"""

from highneeds.sections.benchmarks import moved, outliers, pictures, rates

TITLE = "Beside other authorities"
QUESTION = "Are we different from places like us?"

__all__ = ["QUESTION", "TITLE", "moved", "outliers", "pictures", "rates"]
