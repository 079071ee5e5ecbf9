"""The sections of a report, declared once: `params`, the notebooks' runner, the command and the forms read it here.

Owns their order and the numbers of their notebooks; `frames` owns what a form puts first. Imports nothing of the suite,
so that the command's help stays quick. `highneeds new-section` adds a line.
"""

from typing import NamedTuple


class Section(NamedTuple):
    """One section. number: its place in a report, and the first two digits of its notebook's name.

    slug: name of its module in `highneeds.sections`. planned: it reads the planning folder. appendix: it has a letter.
    """

    number: int
    slug: str
    planned: bool = False
    appendix: bool = False

    @property
    def notebook(self) -> str:
        """Name of its notebook."""
        return f"{self.number:02d}_{self.slug}.ipynb"


CONTENTS = (
    Section(5, "progress"),
    Section(10, "requests"),
    Section(20, "timeliness"),
    Section(30, "sen_support"),
    Section(40, "caseload", planned=True),
    Section(50, "places", planned=True),
    Section(60, "finance", planned=True),
    Section(70, "benchmarks"),
    Section(75, "programme"),
    Section(77, "governance"),
    Section(80, "options", planned=True),
    Section(90, "data_quality", appendix=True),
    Section(95, "reconciliation", appendix=True),
)
ON_ASKING = (Section(85, "explored", planned=True),)  # saved views: in a report that is given some, and in no other
EVERY = tuple(sorted((*CONTENTS, *ON_ASKING)))  # each has a notebook
SLUGS = tuple(section.slug for section in CONTENTS)
