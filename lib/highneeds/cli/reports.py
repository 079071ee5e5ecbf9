"""Commands that make or check reports: report, check, preview, site."""

import sys
from pathlib import Path

import click

from highneeds.cli.group import BAD_INPUT, DONE, IN_PART, main

SECTION_NAMES = ("requests", "timeliness", "sen_support", "trends", "data_quality")


@main.command()
@click.argument("authority")
@click.option(
    "--as-at",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Use periods that had ended by this day. Left out: the day of the newest input.",
)
@click.option(
    "--cases",
    type=click.Path(exists=True, path_type=Path),
    help="File or folder of the authority's own case data. Left out: its folder in data/raw.",
)
@click.option("--sections", help=f"Sections, with commas. Left out: {','.join(SECTION_NAMES)}.")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Folder for reports. Left out: reports.")
def report(authority: str, as_at, cases: Path | None, sections: str | None, out: Path | None) -> None:
    """Write the committee report on an authority.

    AUTHORITY is a name, a nine-character code or a three-digit code.
    """
    chosen = [name.strip() for name in sections.split(",")] if sections else list(SECTION_NAMES)
    unknown = [name for name in chosen if name not in SECTION_NAMES]
    if unknown or len(set(chosen)) != len(chosen):
        raise click.BadParameter(
            f"{', '.join(unknown) or 'a section named twice'}. Expected some of {','.join(SECTION_NAMES)}.",
            param_hint="--sections",
        )
    from highneeds.files import home
    from highneeds.report.run import make_report

    made = make_report(home(), authority, as_at=as_at.date() if as_at else None, sections=chosen, cases=cases, out=out)
    click.echo(f"Report on {made.authority}:")
    for name in ("report.html", "report.pdf", "audit.html", "figures.csv", "data", "manifest.json"):
        if (made.folder / name).exists():
            click.echo(f"  {made.folder / name}")
    for line in made.faults:
        click.echo(line, err=True)
    sys.exit(DONE if made.whole else IN_PART)


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
