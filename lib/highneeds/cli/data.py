"""Commands about data: import, fetch, demo, measures, authorities."""

from pathlib import Path

import click

from highneeds.cli.group import main

DEMO_LAYOUTS = ("sen2_xml", "blade_csv", "template", "pre_submission", "five_csv", "annex_a", "extract")


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
