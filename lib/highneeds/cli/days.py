"""Days on the command line. The one place that looks at the clock, and only where it is asked to."""

from datetime import date, timedelta

import click

LAST_MONTH_END = "last-month-end"


class Day(click.ParamType):
    """A day as YYYY-MM-DD, or `last-month-end` for the last day of the month before this one."""

    name = f"YYYY-MM-DD|{LAST_MONTH_END}"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """The day that was named."""
        if isinstance(value, date):
            return value
        if value == LAST_MONTH_END:
            return last_month_end(date.today())
        try:
            return date.fromisoformat(str(value))
        except ValueError:
            self.fail(f"found '{value}'. Expected a day such as 2026-03-31, or {LAST_MONTH_END}.", param, ctx)


def last_month_end(today: date) -> date:
    """Last day of the month before that of a day."""
    return today.replace(day=1) - timedelta(days=1)
