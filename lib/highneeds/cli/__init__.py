"""The command `highneeds`. Imports the heavy libraries only inside the command that needs them."""

from highneeds.cli.data import DEMO_LAYOUTS
from highneeds.cli.group import main
from highneeds.cli.models import FORECASTS
from highneeds.cli.reports import SECTION_NAMES

__all__ = ["DEMO_LAYOUTS", "FORECASTS", "SECTION_NAMES", "main"]
