"""Commands that make or check reports: report, check, preview, site."""

import sys
from pathlib import Path

import click

from highneeds.cli.days import Day
from highneeds.cli.group import BAD_INPUT, DONE, IN_PART, main
from highneeds.contents import ON_ASKING, SLUGS

SECTION_NAMES = SLUGS
ON_VIEWS = tuple(section.slug for section in ON_ASKING)  # come with --view
FRAME_NAMES = ("scrutiny", "forum", "dsg-plan", "briefing")


def _sections(ctx: click.Context, param: click.Parameter, value: str | None) -> list[str]:
    chosen = [name.strip() for name in value.split(",")] if value else []
    unknown = [name for name in chosen if name not in (*SECTION_NAMES, *ON_VIEWS)]
    if unknown or len(set(chosen)) != len(chosen):
        raise click.BadParameter(
            f"{', '.join(unknown) or 'a section named twice'}. Expected some of {','.join(SECTION_NAMES)}."
        )
    return chosen


@main.command()
@click.argument("authorities", nargs=-1, metavar="[AUTHORITY]...")
@click.option("--all", "everyone", is_flag=True, help="All authorities of today.")
@click.option("--region", default="", help="All authorities of a region, such as 'South East'.")
@click.option("--as-at", type=Day(), help="Use periods that had ended by this day. Left out: the newest input's day.")
@click.option(
    "--cases",
    type=click.Path(exists=True, path_type=Path),
    help="File or folder of the authority's own case data. Left out: its folder in data/raw.",
)
@click.option(
    "--scenario",
    "scenarios",
    multiple=True,
    help="Scenario beside the figures as they are: a file, or the name of one in the authority's planning folder. Two "
    "are compared with each other.",
)
@click.option(
    "--view",
    "views",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A view that the explorer saved, shown in a section of its own. May be repeated.",
)
@click.option(
    "--neighbours",
    default="",
    help="Authorities to compare with, with commas, in the place of the statistical neighbours: 'Essex, Devon'.",
)
@click.option(
    "--frame",
    type=click.Choice(FRAME_NAMES),
    default=FRAME_NAMES[0],
    show_default=True,
    help="Form of the report: for a "
    "scrutiny committee, a schools forum, as summary of the DSG management plan, or on one page.",
)
@click.option(
    "--sections",
    callback=_sections,
    help=f"Sections, with commas. Left out: those of the form, of {','.join(SECTION_NAMES)}.",
)
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Folder for reports. Left out: reports.")
@click.option("--jobs", type=click.IntRange(1, 256), help="Reports at a time. Left out: as cores and memory allow.")
@click.option("--scheduler", help="Address of a Dask scheduler whose workers make the reports: tls://HOST:PORT.")
@click.option("--force", is_flag=True, help="Make again what stands already.")
@click.option("--explain", is_flag=True, help="Say why each report is made.")
@click.option("--dry-run", is_flag=True, help="List what would be made, and make nothing.")
@click.option("--cell-seconds", type=click.IntRange(1), default=300, show_default=True, help="Longest a cell may take.")
@click.option("--report-seconds", type=click.IntRange(1), default=1800, show_default=True, help="Longest for a report.")
@click.option(
    "--memory-mb", type=click.IntRange(256), default=4096, show_default=True, help="Most memory of a process."
)
def report(authorities: tuple[str, ...], everyone: bool, region: str, **asked) -> None:
    """Write the committee report on an authority, or on many.

    AUTHORITY is a name, a nine-character code or a three-digit code. What stands already and would come out the same is
    left as it is; a run that was stopped goes on where it was. Of more than one report a summary is written.
    Exit status: 0 every report stands whole, 1 none could be made, 3 some have something missing.
    """
    if (bool(authorities), everyone, bool(region)).count(True) != 1:
        raise click.UsageError("Expected AUTHORITY (one or more), --all or --region: highneeds report Kent")
    if asked["cases"] and len(authorities) != 1:
        raise click.UsageError("--cases are one authority's. Expected one AUTHORITY with it.")
    if asked["neighbours"] and len(authorities) != 1:
        raise click.UsageError("--neighbours are one authority's. Expected one AUTHORITY with it.")
    from highneeds.cli.runs import Asked, run_reports

    sys.exit(run_reports(Asked(authorities, everyone, region, **asked)))


@main.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--authority", default="", help="Whose data they are, where they do not say: a name or a code.")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Folder for check.html and check.csv.")
def check(path: Path, authority: str, out: Path | None) -> None:
    """Check case data before they are used or sent.

    PATH is a SEN2 return or an extract: XML, CSV, workbook, or a folder of them. For a plain extract not seen before
    it proposes which column is which, and writes that beside the file for you to confirm. Exit status 1: errors found.
    """
    from highneeds.files import home
    from highneeds.report.checking import check_path

    done = check_path(home(), path, authority=authority, out=out)
    for line in done.lines:
        click.echo(line)
    click.echo()
    for file in done.files:
        click.echo(f"wrote {file}")
    sys.exit(BAD_INPUT if done.errors else DONE)


@main.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--authority", default="", help="Whose data they are, where they do not say: a name or a code.")
@click.option("--year", default="", help="Calendar year. Left out: the last one that the data hold whole.")
def preview(path: Path, authority: str, year: str) -> None:
    """Dry run of the return: what DfE would publish from case data.

    Shows the figures beside published ones, and the bridge from rows in PATH to the published count of requests.
    """
    from highneeds.files import home
    from highneeds.report.checking import preview_lines

    if year and not (year.isdigit() and len(year) == 4):
        raise click.BadParameter(f"found {year}. Expected a calendar year such as 2024.", param_hint="--year")
    for line in preview_lines(home(), path, authority=authority, year=year):
        click.echo(line)


@main.command()
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), help="Folder of the reports. Left out: reports."
)
def site(out: Path | None) -> None:
    """Write the index of all reports."""
    from highneeds.files import home
    from highneeds.report.site import write_site

    page, count, faults = write_site(out or home() / "reports")
    click.echo(f"Index of {count:,} report{'' if count == 1 else 's'}: {page}")
    for line in faults:
        click.echo(line, err=True)
    sys.exit(IN_PART if faults else DONE)
