"""Kernels that start warm and stay isolated: each forked from a server that has its imports done.

A `jupyter_client` kernel provisioner, registered as `highneeds-fork`. One fresh process a notebook, shared with
nothing: it is a copy of the server, which never runs a cell. Where nothing can be forked, the ordinary kernel starts.
"""

import asyncio
import os
import random
import signal
import sys
from collections.abc import Mapping, Sequence
from datetime import date
from importlib.metadata import entry_points
from pathlib import Path

from jupyter_client.provisioning import LocalProvisioner
from jupyter_client.provisioning.factory import KernelProvisionerFactory
from traitlets import Int

from highneeds.report import forks

NAME = "highneeds-fork"
INLINE = "module://matplotlib_inline.backend_inline"


def warm(home: Path | None = None, as_at: date | None = None) -> bool:
    """Start the server and make its forks this process' kernels; False where the system or the installation cannot."""
    if not forks.CAN_FORK or not entry_points(group=KernelProvisionerFactory.GROUP_NAME, name=NAME):
        return False
    forks.start_server(home, as_at)
    KernelProvisionerFactory.instance().default_provisioner_name = NAME
    return True


class ForkProvisioner(LocalProvisioner):
    """Provisioner whose kernel is a fork of the preloaded server."""

    memory_mb = Int(0, config=True, help="Memory a kernel may take beyond what it starts with; 0: no limit.")

    async def launch_kernel(self, cmd: list[str], **kwargs):
        """Fork a kernel that reads the connection file named in the command; returns the connection's information."""
        if not forks.CAN_FORK or not _is_ours(cmd):
            return await super().launch_kernel(cmd, **kwargs)
        cwd, arguments = str(kwargs.get("cwd") or os.getcwd()), cmd[cmd.index("-f") :]
        asked = (_run_kernel, arguments, dict(kwargs["env"]), cwd, self.memory_mb)
        # In a thread: a server that still prepares answers late, and JupyterLab has a page to serve meanwhile.
        self.process = Forked(await asyncio.to_thread(forks.start, *asked))
        self.pid = self.pgid = self.process.pid
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


def _run_kernel(arguments: Sequence[str], env: Mapping[str, str], cwd: str, memory_mb: int) -> None:
    """Become a kernel: own folder, environment, memory and chance."""
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    _as_if_new()
    if memory_mb:
        forks.limit_memory(memory_mb)
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
