"""The command's group: exit statuses, and faults told in plain lines."""

import os
import sys

import click

from highneeds import __version__
from highneeds.errors import HighneedsError

DONE, BAD_INPUT, USAGE, IN_PART = 0, 1, 2, 3


class Plain(click.Group):
    """Commands whose faults are plain lines on standard error, never a traceback."""

    def invoke(self, ctx: click.Context) -> object:
        """Run a command; a fault the user can mend ends with exit status 1."""
        try:
            return super().invoke(ctx)
        except HighneedsError as fault:
            for line in fault.faults:
                click.echo(line, err=True)
            ctx.exit(BAD_INPUT)
        except BrokenPipeError:
            # The reader of a pipe (head, say) had enough.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            ctx.exit(DONE)
        except OSError as fault:
            click.echo(
                f"{fault.filename or 'a file'}: {fault.strerror or type(fault).__name__}. "
                "Check that the place exists, has room and may be written to.",
                err=True,
            )
            ctx.exit(BAD_INPUT)


@click.group(cls=Plain, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="highneeds")
def main() -> None:
    """Committee reports on EHC plans and high needs, for any local authority in England.

    Exit status: 0 done, 1 bad input, 2 wrong use, 3 done in part.
    """
