"""Commands on a finished report: verify, trace."""

import sys
from pathlib import Path

import click

from highneeds.cli.group import BAD_INPUT, DONE, main

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@main.command()
@click.argument("folder", metavar="DIR", type=FOLDER)
@click.option("--quick", is_flag=True, help="Look at files and inputs alone; make nothing again.")
@click.option("--cases", type=click.Path(exists=True, path_type=Path), help="Where the report's case data are now.")
@click.option("--scenario", "scenarios", multiple=True, help="Where a scenario of the report is now; may be repeated.")
def verify(folder: Path, quick: bool, cases: Path | None, scenarios: tuple[str, ...]) -> None:
    """Check that a finished report still holds, to the last figure and sentence.

    DIR is the folder with report.html and manifest.json. Its files are held against the manifest, its inputs against
    what they were, its sentences against its figures; then it is made again elsewhere, and all that differs is told.
    Nothing in DIR is changed. Exit status: 0 everything holds, 1 something does not.
    """
    from highneeds.files import home
    from highneeds.report.verify import verify as look

    named = ",".join(str(Path(name).resolve()) if Path(name).is_file() else name for name in scenarios)
    found = look(home(), folder.resolve(), quick=quick, cases=cases, scenario=named)
    for line in found.notes:
        click.echo(line)
    for line in found.faults:
        click.echo(line, err=True)
    end = "everything holds" if found.holds else f"faults found: {len(found.faults):,}"
    click.echo(f"{folder}: {end} ({found.counts})." if found.counts else f"{folder}: {end}.")
    sys.exit(DONE if found.holds else BAD_INPUT)


@main.command(context_settings={"ignore_unknown_options": True})  # -2.4 is a figure
@click.argument("folder", metavar="DIR", type=FOLDER)
@click.argument("figure")
def trace(folder: Path, figure: str) -> None:
    """Follow a figure of a finished report to the rows it rests on.

    FIGURE is a number as the page shows it (sign, unit and commas may be left off), a name in figures.csv, a short
    name in audit.html (f274), or the name of a sentence in claims.csv (all its figures). Where a number is printed
    for several figures they are listed, those of the report's own authority first.
    """
    from highneeds.files import home
    from highneeds.report.trace import trace_lines

    for line in trace_lines(home(), folder.resolve(), figure):
        click.echo(line)
