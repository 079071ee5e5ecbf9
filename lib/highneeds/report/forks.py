"""Processes forked from one server that has its imports done, and holds what every section of a run needs alike.

The server never runs a notebook. Each fork is a copy of it, shares nothing with other forks, and ends when the process
that asked for it ends. Where a system cannot fork, the caller starts an ordinary process.
"""

import contextlib
import json
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from multiprocessing import spawn
from multiprocessing.process import BaseProcess
from pathlib import Path

PRELOAD = "highneeds.report.preload"
PREPARE = "HIGHNEEDS_PREPARE"  # tells the server, and nobody else, what to prepare
CAN_FORK = "forkserver" in multiprocessing.get_all_start_methods()
# Dask tells its workers to give freed memory back at once: right for them, slow for processes that live for seconds.
TRIM = "MALLOC_TRIM_THRESHOLD_"
ARENA_MAX = -8  # of glibc's malloc.h
SERVER = ("_forkserver_address", "_forkserver_authkey")  # the second from Python 3.14 on
WATCH_SECONDS = 1.0

_starting = threading.Lock()
_told = {"home": "", "as_at": ""}


def start_server(home: Path | None = None, as_at: date | None = None) -> bool:
    """Start the server, once in a process and for its forks; False where the system cannot fork.

    home, as_at: project and day whose published figures and yearly models the server works out beforehand; no day:
    the newest. Its work goes on while this process goes on with its own.
    """
    if not CAN_FORK:
        return False
    from multiprocessing import forkserver

    with _starting:
        if home:
            _told.update(home=str(home), as_at=as_at.isoformat() if as_at else "")
        trim = os.environ.pop(TRIM, None)
        os.environ[PREPARE] = json.dumps(_told | _main())
        try:
            multiprocessing.get_context("forkserver").set_forkserver_preload([PRELOAD])
            forkserver.ensure_running()
        finally:
            del os.environ[PREPARE]
            if trim is not None:
                os.environ[TRIM] = trim
    return True


def _main() -> dict[str, str]:
    """Script or module that this process runs. Forks would run it again to find what it defines; nothing of ours is."""
    told = spawn.get_preparation_data("main")
    return {"main": told.get("init_main_from_path", ""), "main_name": told.get("init_main_from_name", "")}


def start(target: Callable, *args: object) -> BaseProcess:
    """Run target(*args) in a process of its own: a fork of the server, or an ordinary one where nothing can fork."""
    current = multiprocessing.current_process()
    if current.daemon:  # a cluster's worker, say: it may not have children until it says otherwise
        current.daemon = False
    start_server()
    context = multiprocessing.get_context("forkserver" if CAN_FORK else "spawn")
    given = (target, args, os.getpid(), _server())
    process = context.Process(target=_begin, args=given, daemon=True)  # type: ignore[attr-defined]
    process.start()
    return process


def _server() -> dict[str, object]:
    """What a fork needs to know of this process' server, to be served by it too."""
    if not CAN_FORK:
        return {}
    from multiprocessing.forkserver import _forkserver  # type: ignore[attr-defined]

    return {name: getattr(_forkserver, name, None) for name in SERVER} | {"told": _told, "pid": _pid(_forkserver)}


def _pid(server) -> int | None:
    return server._forkserver_pid or getattr(server, "pid_of_owner", None)


def _use_server(known: Mapping[str, object]) -> None:
    """In a fork: be served by the server that made it. Left to itself, multiprocessing would start another, cold."""
    if not known.get(SERVER[0]):
        return
    from multiprocessing import forkserver

    import psutil

    server, start_another = forkserver._forkserver, forkserver.ensure_running  # type: ignore[attr-defined]
    _told.update(known["told"])  # type: ignore[call-overload]
    for name in SERVER:
        setattr(server, name, known[name])
    server.pid_of_owner = known["pid"]

    def ensure_running() -> None:
        if server._forkserver_pid or not psutil.pid_exists(known["pid"]):
            start_another()

    server.ensure_running = forkserver.ensure_running = ensure_running


def _begin(target: Callable, args: tuple, owner: int, server: Mapping[str, object]) -> None:
    """Become a process of its own: own group, own children, ended when its owner is gone."""
    _use_server(server)
    if hasattr(os, "setpgid"):
        os.setpgid(0, 0)
    multiprocessing.current_process().daemon = False  # it may start processes of its own
    with open(os.devnull, "wb") as nowhere:  # what a library prints is no message for an officer
        os.dup2(nowhere.fileno(), 1)
        os.dup2(nowhere.fileno(), 2)
    threading.Thread(target=_end_with, args=(owner,), daemon=True).start()
    target(*args)


def _end_with(owner: int) -> None:
    """End this process once the one that asked for it is gone: nobody else would."""
    import psutil

    asked_by = None
    with contextlib.suppress(psutil.NoSuchProcess):
        asked_by = psutil.Process(owner)
    while asked_by is not None and asked_by.is_running():
        time.sleep(WATCH_SECONDS)
    if hasattr(os, "killpg"):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(0, signal.SIGKILL)
    os._exit(1)


def limit_memory(megabytes: int) -> None:
    """Let this process take so much more memory than it was born with; a request beyond it fails in its own cell."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return
    import psutil

    _reserve_little()
    most = psutil.Process().memory_info().vms + megabytes * 2**20
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    with contextlib.suppress(ValueError, OSError):  # a system that has the name and not the limit
        resource.setrlimit(resource.RLIMIT_AS, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


def _reserve_little() -> None:
    """Two heaps for all threads of this process to come.

    Linux counts what is set aside against the limit, and glibc would set aside 64 MB for each of a kernel's dozen
    threads: with a tight limit none was left for the last one's stack.
    """
    import ctypes

    with contextlib.suppress(AttributeError, OSError, TypeError):  # another C library has no such setting
        ctypes.CDLL(None).mallopt(ARENA_MAX, 2)


@contextlib.contextmanager
def unlimited_memory() -> Iterator[None]:
    """Start a program without this process' limit: a browser reserves far more memory than it uses."""
    try:
        import resource
    except ImportError:
        yield
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (hard, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
