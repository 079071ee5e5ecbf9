"""Options: what each choice would cost or save, from the files that are there.

`choices` tells which there are and lists each; one module holds each theme, and `common` what they share.
"""

from highneeds.sections.options import choices

TITLE = "Options: what each choice would cost or save"
QUESTION = "What would each choice cost or save?"

__all__ = ["QUESTION", "TITLE", "choices"]
