"""Sections of the report: each asks one question of the facts and answers it with claims, tables and charts.

A notebook opens its page, calls the section's functions in reading order, and closes the page.
"""

from highneeds.sections.opening import open_page
from highneeds.sections.page import Page

__all__ = ["Page", "open_page"]
