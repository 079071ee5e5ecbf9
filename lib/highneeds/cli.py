"""The command `highneeds`. Imports the heavy libraries only inside the command that needs them."""

import os
import sys
from pathlib import Path

import click

from highneeds import __version__
from highneeds.errors import HighneedsError

DONE, BAD_INPUT, USAGE, IN_PART = 0, 1, 2, 3
SECTION_NAMES = ("requests", "timeliness", "sen_support", "data_quality")
DEMO_LAYOUTS = ("sen2_xml", "blade_csv", "template", "pre_submission", "five_csv", "annex_a", "extract")


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


@main.command("import")
@click.argument("path", type=click.Path(path_type=Path))
@click.option(
    "--recipe",
    type=click.Path(path_type=Path),
    help="Build the panel anew from the files that this recipe names inside PATH.",
)
def import_(path: Path, recipe: Path | None) -> None:
    """Read a DfE release into the panel of figures.

    PATH is the zip as downloaded, or a folder of its CSV files.
    """
    from highneeds.clean.panel import build_panel
    from highneeds.files import home, panel_folder
    from highneeds.sources.panel import read_panel, write_panel
    from highneeds.sources.releases import open_recipe, open_release

    folder = panel_folder(home())
    if recipe:
        panel, done = build_panel(open_recipe(path, recipe))
    else:
        panel, done = build_panel(open_release(path), read_panel(folder))
    write_panel(panel, folder)
    _say_import(done)


def _say_import(done) -> None:
    for line in done.read:
        click.echo(f"read    {line}")
    for line in done.passed_over:
        click.echo(f"passed  {line}: not a table that the reports use")
    for line in done.faulty_cells:
        click.echo(f"faulty  {line}")
    click.echo(
        f"The panel has {done.added:,} new figures, {done.revised:,} revised and {done.unchanged:,} as they were."
    )


@main.command()
@click.option(
    "--base-url",
    envvar="HIGHNEEDS_RELEASES_URL",
    help="Address of DfE's content service, where it is not the public one.",
)
@click.option(
    "--seconds", type=click.IntRange(1), default=900, show_default=True, help="Longest time one release may take."
)
def fetch(base_url: str | None, seconds: int) -> None:
    """Get and import the newest DfE releases."""
    from highneeds.clean.panel import build_panel
    from highneeds.files import home, panel_folder
    from highneeds.sources.fetch import PUBLICATIONS, fetch_release
    from highneeds.sources.panel import read_panel, write_panel
    from highneeds.sources.releases import open_release

    root = home()
    folder = panel_folder(root)
    panel = read_panel(folder)
    fetched = [
        fetch_release(name, root / "data" / "raw" / "official", base_url=base_url, seconds=seconds)
        for name in PUBLICATIONS
    ]
    files = [file for path in fetched for file in open_release(path)]
    panel, done = build_panel(files, panel)
    write_panel(panel, folder)
    for path in fetched:
        click.echo(f"fetched {path.name}")
    _say_import(done)


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


@main.command()
@click.option(
    "--out", required=True, type=click.Path(path_type=Path), help="Folder to write, new or holding an earlier demo."
)
@click.option(
    "--layout", "layouts", multiple=True, type=click.Choice(DEMO_LAYOUTS), help="May be repeated. Left out: all."
)
@click.option(
    "--requests-a-year", type=click.IntRange(20), default=4000, show_default=True, help="Size of the authority."
)
@click.option(
    "--as-at",
    type=click.DateTime(["%Y-%m-%d"]),
    default="2025-03-18",
    show_default=True,
    help="Day on which the records are read.",
)
@click.option(
    "--year", "years", multiple=True, type=int, help="Real returns of these years. Left out: the whole history."
)
@click.option("--seed", type=int, default=2025, show_default=True, help="Another seed, another authority.")
@click.option("--la-code", default="999", show_default=True, help="Three digits; 999 is nobody.")
@click.option("--faults", default="", help="Faults to put in, by rule, with commas: DQ05,DQ08.")
def demo(out: Path, layouts, requests_a_year: int, as_at, years, seed: int, la_code: str, faults: str) -> None:
    """Write invented cases, to try things out without anyone's data."""
    from highneeds.demo.write import write_demo

    written = write_demo(
        out,
        layouts=layouts or DEMO_LAYOUTS,
        requests_a_year=requests_a_year,
        years=years,
        as_at=as_at.date(),
        seed=seed,
        la_code=la_code,
        faults=[rule.strip() for rule in faults.split(",") if rule.strip()],
    )
    click.echo("Everything in these files is invented. Nobody in them exists.")
    for path in written:
        click.echo(f"  {path}")


@main.command()
def measures() -> None:
    """Print what every measure means."""
    from highneeds.measures.docs import measures_page

    click.echo(measures_page(), nl=False)


@main.command()
def authorities() -> None:
    """List the authorities and their codes."""
    import csv

    from highneeds.files import home, panel_folder, restore

    folder = panel_folder(home())
    restore(folder)
    with (folder / "areas.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    regions = {row["area_code"]: row["area_name"] for row in rows if row["level"] == "regional"}
    for row in sorted(rows, key=lambda row: row["area_name"]):
        if row["level"] == "local authority" and not row["closed"]:
            click.echo(f"{row['area_code']}  {row['la_code']}  {row['area_name']:<38}{regions[row['region_code']]}")


if __name__ == "__main__":
    main()
