"""Kernels that start warm and stay isolated: each forked from a server that has its imports done.

A `jupyter_client` kernel provisioner, registered as `highneeds-fork`. One fresh process a notebook, shared with
nothing: it is a copy of the server, which never runs a cell. Where nothing can be forked, the ordinary kernel starts.
"""

import contextlib
import multiprocessing
import os
import random
import signal
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from importlib.metadata import entry_points

from jupyter_client.provisioning import LocalProvisioner
from jupyter_client.provisioning.factory import KernelProvisionerFactory

NAME = "highneeds-fork"
PRELOAD = "highneeds.report.preload"
CAN_FORK = "forkserver" in multiprocessing.get_all_start_methods()
INLINE = "module://matplotlib_inline.backend_inline"
WATCH_SECONDS = 1.0


def warm() -> bool:
    """Start the server and make its forks this process' kernels; False where the system or the installation cannot.

    The server's imports run while this process goes on with its own.
    """
    if not CAN_FORK or not entry_points(group=KernelProvisionerFactory.GROUP_NAME, name=NAME):
        return False
    from multiprocessing import forkserver

    multiprocessing.get_context("forkserver").set_forkserver_preload([PRELOAD])
    forkserver.ensure_running()
    KernelProvisionerFactory.instance().default_provisioner_name = NAME
    return True


class ForkProvisioner(LocalProvisioner):
    """Provisioner whose kernel is a fork of the preloaded server."""

    async def launch_kernel(self, cmd: list[str], **kwargs):
        """Fork a kernel that reads the connection file named in the command; returns the connection's information."""
        if not CAN_FORK or not _is_ours(cmd):
            return await super().launch_kernel(cmd, **kwargs)
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload([PRELOAD])
        cwd, arguments = str(kwargs.get("cwd") or os.getcwd()), cmd[cmd.index("-f") :]
        process = context.Process(
            target=_run_kernel, args=(arguments, dict(kwargs["env"]), cwd, os.getpid()), daemon=True
        )
        process.start()
        self.process = Forked(process)
        self.pid = self.pgid = process.pid
        self.cwd = cwd
        return self.connection_info


def _is_ours(cmd: Sequence[str]) -> bool:
    """True for the ordinary kernel of this very Python; any other is started as its kernelspec says."""
    return "ipykernel_launcher" in cmd and "-f" in cmd and os.path.realpath(cmd[0]) == os.path.realpath(sys.executable)


class Forked:
    """A forked kernel, with the face of a subprocess.Popen that the provisioner knows."""

    stdin = stdout = stderr = None

    def __init__(self, process) -> None:
        self._process = process
        self.pid = process.pid

    def poll(self) -> int | None:
        """Exit status, None while it runs."""
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int | None:
        """Exit status once it has ended."""
        self._process.join(timeout)
        return self._process.exitcode

    def send_signal(self, signum: int) -> None:
        """Send a signal, if it still runs."""
        if self.poll() is None:
            os.kill(self.pid, signum)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)


def _run_kernel(arguments: Sequence[str], env: Mapping[str, str], cwd: str, owner: int) -> None:
    """Become a kernel: own group, folder, environment and chance; ended when its owner is gone."""
    os.setpgid(0, 0)
    multiprocessing.current_process().daemon = False  # a notebook may start processes of its own
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    _as_if_new()
    threading.Thread(target=_end_with, args=(owner,), daemon=True).start()
    from ipykernel.kernelapp import IPKernelApp

    sys.argv = ["ipykernel_launcher", *arguments]
    app = IPKernelApp.instance()
    app.initialize(list(arguments))
    app.start()


def _as_if_new() -> None:
    """What a fresh process would have of its own: chance, and the backend that a kernel draws with."""
    import matplotlib
    import numpy as np

    random.seed()
    np.random.seed()
    matplotlib.use(os.environ.get("MPLBACKEND", INLINE))


def _end_with(owner: int) -> None:
    """End this kernel once the process that asked for it is gone: nobody else would."""
    while True:
        time.sleep(WATCH_SECONDS)
        try:
            os.kill(owner, 0)
        except ProcessLookupError:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(0, signal.SIGKILL)
