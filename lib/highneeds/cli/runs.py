"""A run of reports as its operator meets it: what is planned, how far it is, what came of it."""

import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import click

from highneeds.cli.group import BAD_INPUT, DONE, IN_PART
from highneeds.cli.progress import Progress

SHOWN = ("report.html", "report.pdf", "audit.html", "figures.csv", "claims.csv", "data", "manifest.json")
AT_ONCE = 2  # notebooks of one report at a time: kernels wait half of their time


@dataclass(frozen=True)
class Asked:
    """The options of `highneeds report`."""

    authorities: tuple[str, ...]
    everyone: bool
    region: str
    as_at: date | None
    cases: Path | None
    scenarios: Sequence[str]
    views: Sequence[Path]
    neighbours: str
    frame: str
    sections: Sequence[str]
    out: Path | None
    jobs: int | None
    scheduler: str | None
    force: bool
    explain: bool
    dry_run: bool
    cell_seconds: int
    report_seconds: int
    memory_mb: int


def run_reports(asked: Asked) -> int:
    """Plan, run and tell; the exit status. Raises HighneedsError for what is wrong before anything runs."""
    from highneeds.files import alone, home, panel_folder
    from highneeds.report import forks

    root = home()
    out = (asked.out or root / "reports").resolve()
    if asked.force or not (asked.dry_run or asked.scheduler or any(out.glob("*/*/manifest.json"))):
        forks.start_server(root, asked.as_at)  # something is to be made: it warms up while the run is planned
    from highneeds.engine.plan import choose
    from highneeds.params import find_neighbours
    from highneeds.report.run import WORK
    from highneeds.sources.panel import read_areas

    areas = read_areas(panel_folder(root))
    chosen = choose(areas, asked.authorities, everyone=asked.everyone, region=asked.region)
    if asked.neighbours:  # as codes, whatever they were called: the same choice makes the same report
        codes = find_neighbours(areas, asked.neighbours, authority=chosen.iloc[0])
        asked = replace(asked, neighbours=",".join(codes))
    if asked.dry_run:
        return _dry_run(_planned(asked, root, chosen, out), asked)
    if len(chosen) == 1:
        [one] = _planned(asked, root, chosen, out)
        return _one(one, asked)
    (out / WORK).mkdir(parents=True, exist_ok=True, mode=0o700)
    with alone(out / WORK / "run.lock", patient=False) as mine:
        if not mine:
            click.echo(
                f"{out}: another run of many reports is at work there. Wait until it has ended, or give another "
                "place with --out.",
                err=True,
            )
            return BAD_INPUT
        return _many(_planned(asked, root, chosen, out), asked, out)


def _planned(asked: Asked, root: Path, chosen, out: Path) -> list:
    from highneeds.engine.cluster import suite
    from highneeds.engine.plan import plan
    from highneeds.params import make_params
    from highneeds.report.notebooks import Limits

    if asked.as_at:
        make_params(authority="any", as_at=asked.as_at)
    return plan(
        root,
        chosen,
        out=out,
        sections=asked.sections,
        frame=asked.frame,
        as_at=asked.as_at,
        cases=asked.cases.resolve() if asked.cases else None,
        scenario=",".join(str(Path(name).resolve()) if Path(name).is_file() else name for name in asked.scenarios),
        neighbours=asked.neighbours,
        views=[path.resolve() for path in asked.views],
        limits=Limits(asked.cell_seconds, asked.report_seconds, asked.memory_mb),
        at_once=AT_ONCE,
        force=asked.force,
        suite=suite() if asked.scheduler else "",
    )


def _dry_run(planned: list, asked: Asked) -> int:
    """What would be made, with why where that is asked for."""
    for each in planned:
        click.echo(f"{each.job.name}: {'would be made' if each.to_make else 'stands, nothing changed'}")
        for reason in each.reasons if asked.explain else ():
            click.echo(f"  because {reason}")
    count = sum(each.to_make for each in planned)
    click.echo(f"{count:,} of {len(planned):,} would be made. Nothing was made.")
    return DONE


def _one(planned, asked: Asked) -> int:
    """One report: where it is, or why it is not."""
    from highneeds.engine.job import Outcome

    outcome = _standing(planned)
    if outcome is None:
        from highneeds.engine.pool import run_jobs

        def tell(event: dict) -> None:
            _note(event, lambda line: click.echo(line, err=True))

        try:
            with _stoppable(), _executor(asked, 1, planned.job) as (executor, local):
                [outcome] = run_jobs([planned.job], executor, tell=tell if local else None)
        except KeyboardInterrupt:
            click.echo(f"{planned.job.name}: stopped. Run again to go on from here.", err=True)
            return IN_PART
    assert isinstance(outcome, Outcome)
    if outcome.folder:
        again = " Nothing changed since it was made; --force makes it again." if outcome.state == "unchanged" else ""
        click.echo(f"Report on {outcome.name}:{again}")
        for name in SHOWN:
            if (Path(outcome.folder) / name).exists():
                click.echo(f"  {Path(outcome.folder) / name}")
    if asked.explain:
        for reason in outcome.reasons:
            click.echo(f"  made because {reason}")
    for line in outcome.lines:
        click.echo(line, err=True)
    return DONE if outcome.good else IN_PART if outcome.folder else BAD_INPUT


def _many(planned: list, asked: Asked, out: Path) -> int:
    """Many reports: progress, a line for each fault, a log, a summary."""
    from highneeds.engine.events import EventLog
    from highneeds.engine.pool import jobs_here, run_jobs
    from highneeds.engine.summary import answer, write_summary

    to_make = [each.job for each in planned if each.to_make]
    outcomes = [outcome for each in planned if (outcome := _standing(each)) is not None]
    if asked.explain:
        for each in planned:
            for reason in each.reasons:
                click.echo(f"{each.job.name}: made because {reason}")
    jobs = min(asked.jobs or jobs_here(), max(1, len(to_make)))
    log = EventLog(out)
    log.write({"event": "run", "reports": len(planned), "to_make": len(to_make), "jobs": jobs})
    if outcomes:
        click.echo(f"{len(outcomes):,} of {len(planned):,} reports stand, nothing changed.")
    progress, stopped = Progress(len(to_make)), False

    def tell(event: dict) -> None:
        log.write(event)
        _note(event, progress.note)

    try:
        if to_make:
            with _stoppable(), _executor(asked, jobs, to_make[0]) as (executor, local):
                for outcome in run_jobs(to_make, executor, tell=tell if local else None):
                    outcomes.append(outcome)
                    told = outcome.model_dump(exclude={"seconds"}) | {"took": outcome.seconds}
                    log.write({"event": "outcome"} | told)
                    progress.count(outcome.name, outcome.state, outcome.good, outcome.lines)
    except KeyboardInterrupt:
        stopped = True
        outcomes += [_not_reached(job) for job in to_make if job.authority not in {each.authority for each in outcomes}]
    finally:
        progress.close()
    page, data = write_summary(out, outcomes)
    log.write({"event": "stopped" if stopped else "end"})
    log.close()
    click.echo(f"{'Stopped. Run again to go on from here. ' if stopped else ''}{answer(outcomes)}")
    click.echo(f"  {page}\n  {data}")
    if all(outcome.good for outcome in outcomes):
        return DONE
    return IN_PART if stopped or any(outcome.folder for outcome in outcomes) else BAD_INPUT


def _standing(planned):
    """Outcome of a report that is left as it is; None for one that is to be made."""
    from highneeds.engine.job import UNCHANGED, Outcome

    if planned.to_make:
        return None
    found = planned.found
    return Outcome(
        authority=planned.job.authority,
        name=planned.job.name,
        state=UNCHANGED,
        folder=str(found.folder),
        as_at=found.as_at,
    )


def _not_reached(job):
    from highneeds.engine.job import FAILED, Outcome
    from highneeds.report.faults import Fault

    fault = Fault("the run was stopped before it was finished", "Run again to go on from here.")
    return Outcome(authority=job.authority, name=job.name, state=FAILED, faults=[fault.as_dict()])


def _note(event: dict, say) -> None:
    """What an operator should know of while it happens."""
    if event["event"] == "waiting":
        say(f"{event['authority']}: another run is making this report; waiting for it.")
    if event["event"] == "died":
        say(f"{event['authority']}: its process was ended from outside (status {event['status']}).")


@contextmanager
def _executor(asked: Asked, jobs: int, sample) -> Iterator[tuple]:
    """Threads here, or the workers of a cluster; and whether it is here."""
    from highneeds.engine import cluster, pool
    from highneeds.report import forks

    if asked.scheduler:
        with cluster.workers(asked.scheduler, Path(sample.home), Path(sample.out)) as executor:
            yield executor, False
    else:
        forks.start_server(Path(sample.home), date.fromisoformat(sample.as_at) if sample.as_at else None)
        with pool.threads(jobs) as executor:
            yield executor, True


@contextmanager
def _stoppable() -> Iterator[None]:
    """A polite request to end (a service that is stopped, say) is heard like Ctrl-C."""

    def stop(number, frame):
        raise KeyboardInterrupt

    try:
        before = signal.signal(signal.SIGTERM, stop)
    except ValueError:  # not the main thread: whoever called us listens
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
