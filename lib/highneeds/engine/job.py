"""One report as a job: a small specification, a process of its own with limits, and an outcome as plain data.

The same function serves a thread here and a worker of a cluster. Whatever happens to a job costs that job alone.
"""

import multiprocessing
import time
from collections.abc import Callable
from datetime import date
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Lock
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from highneeds.errors import HighneedsError
from highneeds.report import forks
from highneeds.report.faults import Fault, plain
from highneeds.report.frames import FRAMES, SCRUTINY
from highneeds.report.notebooks import Limits

DONE, IN_PART, UNCHANGED, REFUSED, FAILED = "done", "in part", "unchanged", "refused", "failed"
State = Literal["done", "in part", "unchanged", "refused", "failed"]
TRIES = 2  # a process that was killed is started once more; a fault in the work itself is not tried again
LOOK_SECONDS = 0.5
Tell = Callable[[dict], None]

_running: set = set()
_guard = Lock()
_stopped = False


class Job(BaseModel):
    """What one report is asked for. Names and types are these and no others: a job may come over a network."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    home: str = Field(min_length=1)
    out: str = Field(min_length=1)
    authority: str = Field(pattern=r"^E\d{8}$")
    name: str
    sections: list[str]
    as_at: str = Field(default="", pattern=r"^(\d{4}-\d{2}-\d{2})?$")
    cases: str = ""
    scenario: str = ""
    views: list[str] = []
    neighbours: str = Field(default="", pattern=r"^(E\d{8}(,E\d{8})*)?$")
    frame: str = Field(default=SCRUTINY, pattern=f"^({'|'.join(FRAMES)})$")
    at_once: int = Field(default=1, ge=1, le=16)
    cell_seconds: int = Field(default=Limits.cell_seconds, ge=1)
    report_seconds: int = Field(default=Limits.report_seconds, ge=1)
    memory_mb: int = Field(default=Limits.memory_mb, ge=256)
    force: bool = False
    suite: str = ""  # what it is to be made with: engine.cluster.suite()


class Outcome(BaseModel):
    """What came of a job. faults: report.faults.Fault as plain data; reasons: why it was made."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    authority: str
    name: str
    state: State
    folder: str = ""
    as_at: str = ""
    faults: list[dict[str, str]] = []
    reasons: list[str] = []
    seconds: float = 0.0

    @property
    def good(self) -> bool:
        """True where a whole report stands."""
        return self.state in (DONE, UNCHANGED)

    @property
    def lines(self) -> list[str]:
        """Each fault as one line."""
        return [Fault(**fault).says for fault in self.faults]


def run_job(given: dict, tell: Tell | None = None) -> dict:
    """Make one report in a process of its own; the outcome as plain data. Raises nothing that a job could cause.

    tell: is told of each step on the way, where the caller is on this machine.
    """
    job, start = Job.model_validate(given), time.monotonic()
    from highneeds.engine.cluster import suite

    say = tell or (lambda event: None)
    if job.suite and job.suite != suite():
        fault = Fault(
            "this worker has another version of the suite or of a package than the run that sent the job",
            "Install the same on all machines, then start the worker again.",
        )
        return _outcome(job, FAILED, [fault]).model_dump()
    forks.start_server(Path(job.home), date.fromisoformat(job.as_at) if job.as_at else None)
    outcome = None
    for _ in range(TRIES):
        outcome = _attempt(job, say)
        if outcome is not None:
            break
    if outcome is None:
        cause = "its process was ended from outside, twice" if not _stopped else "the run was stopped"
        step = "If memory ran out, run fewer at once (--jobs). Run again to go on from here."
        outcome = _outcome(job, FAILED, [Fault(cause, step)])
    return outcome.model_copy(update={"seconds": round(time.monotonic() - start, 2)}).model_dump()


def begin() -> None:
    """Let jobs run in this process, also after an earlier run was stopped."""
    global _stopped
    with _guard:
        _stopped = False


def stop_all() -> None:
    """End every job of this process: the run was stopped."""
    global _stopped
    with _guard:
        _stopped = True
        for process in list(_running):
            process.kill()


def _attempt(job: Job, tell: Tell) -> Outcome | None:
    """One try; None where the process died without an answer."""
    ours, theirs = multiprocessing.Pipe(duplex=False)
    with _guard:
        if _stopped:
            return None
        process = forks.start(_work, job.model_dump(), theirs)
        _running.add(process)
    theirs.close()
    tell({"event": "started", "authority": job.name, "process": process.pid})
    try:
        return _listen(job, ours, tell)
    except EOFError:
        process.join()
        tell({"event": "died", "authority": job.name, "status": process.exitcode})
        return None
    finally:
        process.kill()
        process.join()
        ours.close()
        with _guard:
            _running.discard(process)


def _listen(job: Job, ours: Connection, tell: Tell) -> Outcome:
    """Hear the process out, for no longer than a report may take; time spent waiting for another run does not count."""
    working, since = False, 0.0
    while True:
        if working and time.monotonic() - since > job.report_seconds:
            cause = f"it took longer than {job.report_seconds:,} seconds and was stopped"
            return _outcome(job, FAILED, [Fault(cause, "Raise --report-seconds, or run fewer at once (--jobs).")])
        if not ours.poll(LOOK_SECONDS):
            continue
        said = ours.recv()
        if said["event"] == "outcome":
            return Outcome.model_validate(said["outcome"])
        if said["event"] == "working":
            working, since = True, time.monotonic()
        tell(said)


def _work(given: dict, answer: Connection) -> None:
    """In the process: make the report, and tell how it went."""
    job, one = Job.model_validate(given), Lock()

    def tell(said: dict) -> None:
        with one:  # sections speak from threads of their own
            answer.send(said)

    forks.limit_memory(job.memory_mb)
    tell({"event": "outcome", "outcome": _make(job, tell).model_dump()})


def _make(job: Job, tell: Tell) -> Outcome:
    from highneeds.report.run import make_report

    try:
        made = make_report(
            Path(job.home),
            job.authority,
            as_at=date.fromisoformat(job.as_at) if job.as_at else None,
            sections=job.sections,
            cases=Path(job.cases) if job.cases else None,
            scenario=job.scenario,
            neighbours=job.neighbours,
            views=[Path(view) for view in job.views],
            frame=job.frame,
            out=Path(job.out),
            at_once=job.at_once,
            limits=Limits(job.cell_seconds, job.report_seconds, job.memory_mb),
            force=job.force,
            tell=tell,
        )
    except HighneedsError as refused:
        return _outcome(job, REFUSED, [Fault(line, "") for line in refused.faults])
    except MemoryError:
        step = "Raise --memory-mb, or run fewer at once (--jobs)."
        return _outcome(job, FAILED, [Fault(f"it needed more than {job.memory_mb:,} MB of memory", step)])
    except OSError as fault:
        step = "Check that the place exists, has room and may be written to; then run again to go on from here."
        where = Path(str(fault.filename)).name if fault.filename else job.out
        return _outcome(job, FAILED, [Fault(f"{where}: {fault.strerror or type(fault).__name__}", step)])
    except Exception as fault:  # a fault of ours: named by its place, its message left out, for it may hold a cell
        place = _place(fault)
        cause = f"an unexpected fault in the suite ({plain(type(fault).__name__, '', private=True)}, {place})"
        return _outcome(job, FAILED, [Fault(cause, "Report it with this line.")])
    state = UNCHANGED if made.unchanged else DONE if made.whole else IN_PART
    found = {"folder": str(made.folder), "as_at": made.as_at.isoformat(), "reasons": list(made.reasons)}
    return _outcome(job, state, list(made.faults)).model_copy(update=found)


def _outcome(job: Job, state: State, faults: list[Fault]) -> Outcome:
    return Outcome(authority=job.authority, name=job.name, state=state, faults=[fault.as_dict() for fault in faults])


def _place(fault: BaseException) -> str:
    """Module and line where it happened, the innermost of ours."""
    found, trace = "unknown place", fault.__traceback__
    while trace is not None:
        path = Path(trace.tb_frame.f_code.co_filename)
        if "highneeds" in path.parts:
            found = f"{path.name}:{trace.tb_lineno}"
        trace = trace.tb_next
    return found
