"""The command `highneeds`. Imports the heavy libraries only inside the command that needs them."""

from highneeds.cli.data import DEMO_LAYOUTS
from highneeds.cli.explore import explore, new_section
from highneeds.cli.group import main
from highneeds.cli.models import FORECASTS
from highneeds.cli.reports import FRAME_NAMES, SECTION_NAMES
from highneeds.cli.verify import trace, verify

__all__ = [
    "DEMO_LAYOUTS", "FORECASTS", "FRAME_NAMES", "SECTION_NAMES", "explore", "main", "new_section", "trace", "verify",
]  # fmt: skip
