"""Commands of the analyst's bench: explore and new-section."""

import click

from highneeds.cli.group import main


@main.command()
@click.argument("authority", required=False, default="")
@click.option("--no-browser", is_flag=True, help="Open no browser; print which file to open in one.")
@click.option(
    "--port", type=click.IntRange(1024, 65535), help="Port on this machine. Left out: the first free one from 8888."
)
@click.option(
    "--git-setup", is_flag=True, help="Start nothing; set this clone's git up for notebooks (nbstripout and nbdime)."
)
def explore(authority: str, no_browser: bool, port: int | None, git_setup: bool) -> None:
    """Open JupyterLab on the start page of the notebooks.

    AUTHORITY is what the start page begins with: a name, a nine-character code or a three-digit code. Left out: Kent.
    Nothing is fetched from outside, and your own Jupyter's settings are neither used nor changed.
    """
    from highneeds.files import home

    root = home()
    if git_setup:
        from highneeds.explore.git import set_up_git

        for line in set_up_git(root):
            click.echo(line)
        return
    from highneeds.explore.lab import check_lab, open_lab

    check_lab(root, port)
    from highneeds.report.kernels import NAME, warm

    named = _named(root, authority) if authority else ""
    kernels = NAME if warm(root) else ""
    open_lab(root, say=click.echo, authority=named, port=port, browser=not no_browser, kernels=kernels)


def _named(root, authority: str) -> str:
    """The authority's own name, so that a misspelt one stops here."""
    from highneeds.files import panel_folder
    from highneeds.params import find_authority
    from highneeds.sources.panel import read_areas

    return str(find_authority(read_areas(panel_folder(root)), authority)["area_name"])


@main.command("new-section")
@click.argument("name")
@click.option("--measure", default="", help="Measure it is about. Left out: the one of that NAME, else ehc_plans.")
@click.option("--title", default="", help="Heading in the report. Left out: the measure's label.")
@click.option("--question", default="", help="The question it answers. Left out: how it changed, how others compare.")
def new_section(name: str, measure: str, title: str, question: str) -> None:
    """Begin a section of the report: notebook, library module, test and entry.

    NAME is that of its module: small letters, digits and _. What is written works as it is, for every authority.
    """
    from highneeds.files import home
    from highneeds.report.new_section import begin_section

    root = home()
    begun = begin_section(root, name, measure=measure, title=title, question=question)
    for path in begun.files:
        click.echo(f"wrote {path.relative_to(root).as_posix()}")
    click.echo()
    click.echo("Next:")
    click.echo(f"  highneeds report Kent --sections {name}         # see it as a section")
    click.echo(f"  .venv/bin/python -m pytest tests/test_{name}_section.py tests/test_notebooks.py")
    click.echo(f"  Edit notebooks/{begun.section.notebook} and lib/highneeds/sections/{name}.py: docs/new-measure.md")
