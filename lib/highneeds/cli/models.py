"""Commands that forecast and keep score: forecast, backtest."""

import sys

import click

from highneeds.cli.group import DONE, IN_PART, main

FORECASTS = ("ehc_plans", "requests", "new_plans", "sen_support", "ehc_pupils")


@main.command()
@click.argument("authority", required=False)
@click.option("--all", "everyone", is_flag=True, help="All authorities of today.")
@click.option("--measure", type=click.Choice(FORECASTS), default="ehc_plans", show_default=True)
@click.option("--horizon", type=click.IntRange(1, 10), default=3, show_default=True, help="Years ahead.")
@click.option(
    "--as-at",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Use periods that had ended by this day. Left out: all that are held.",
)
@click.option("--format", "form", type=click.Choice(("table", "csv", "json")), default="table", show_default=True)
def forecast(authority: str | None, everyone: bool, measure: str, horizon: int, as_at, form: str) -> None:
    """Forecast a yearly measure, with its range and its record.

    AUTHORITY is a name, a nine-character code, a three-digit code, or England. One row a year: point, 80% and 95%
    range, model. Exit status 3: nothing could be forecast, and the reason stands on standard error.
    """
    if bool(authority) == everyone:
        raise click.UsageError("Expected an authority or --all: highneeds forecast Kent, or highneeds forecast --all.")
    from highneeds.files import home
    from highneeds.report.outlook import forecast_lines

    day = as_at.date() if as_at else None
    lines, refusals, made = forecast_lines(
        home(), authority or "", measure=measure, horizon=horizon, as_at=day, form=form
    )
    for line in lines:
        click.echo(line)
    for line in refusals:
        click.echo(line, err=True)
    sys.exit(IN_PART if refusals and (authority or not made) else DONE)


@main.command()
@click.option(
    "--measure", "measures", multiple=True, type=click.Choice(FORECASTS), help="May be repeated. Left out: all."
)
@click.option("--format", "form", type=click.Choice(("table", "csv")), default="table", show_default=True)
def backtest(measures: tuple[str, ...], form: str) -> None:
    """Print how good past forecasts were, against what must be reached.

    Every forecast is made again from each past January with the figures of then, beside the last national rate and
    the authority's own drift on the same cells. Exit status 3: a row missed its target.
    """
    from highneeds.files import home
    from highneeds.report.outlook import backtest_lines

    lines, missed = backtest_lines(home(), measures or FORECASTS, form=form)
    for line in lines:
        click.echo(line)
    sys.exit(IN_PART if missed else DONE)
