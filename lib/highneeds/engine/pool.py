"""Many jobs through one executor: threads here, each with a process of its own, or the workers of a cluster."""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor, as_completed
from contextlib import AbstractContextManager
from functools import partial

from highneeds.engine.job import FAILED, Job, Outcome, begin, run_job, stop_all
from highneeds.report.faults import Fault

MB_A_JOB = 700  # what a report takes at its peak, its kernels and its PDF included (benchmarks/engine.py)
Tell = Callable[[dict], None]


def jobs_here() -> int:
    """Reports at a time that the cores and the free memory of this machine allow."""
    import psutil

    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(cores, psutil.virtual_memory().available // (MB_A_JOB * 2**20)))


def threads(jobs: int) -> AbstractContextManager[Executor]:
    """Executor on this machine: a thread waits for each job's process."""
    return ThreadPoolExecutor(max_workers=jobs)


def run_jobs(jobs: Sequence[Job], executor: Executor, *, tell: Tell | None = None) -> Iterator[Outcome]:
    """Outcomes as they come. tell: is told of each step, where jobs run on this machine.

    A caller that stops asking, or is interrupted, ends the jobs that still run; what they had finished is kept.
    """
    begin()
    work = partial(run_job, tell=tell) if tell else run_job
    futures = {executor.submit(work, job.model_dump()): job for job in jobs}
    try:
        for future in as_completed(futures):
            yield _outcome(future, futures[future])
    except BaseException:
        for future in futures:
            future.cancel()
        stop_all()
        raise


def _outcome(future: Future, job: Job) -> Outcome:
    """What came of a job, also where its worker was lost for good."""
    try:
        return Outcome.model_validate(future.result())
    except Exception as lost:
        step = "See the worker's own log, then run again to go on from here."
        fault = Fault(f"its worker was lost ({type(lost).__name__})", step)
        return Outcome(authority=job.authority, name=job.name, state=FAILED, faults=[fault.as_dict()])
