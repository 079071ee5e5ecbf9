"""Workers on other machines, through Dask distributed: an optional extra. Jobs sent are small plain data.

Every machine has the same suite and packages and sees the project and the reports under the same paths.
"""

import hashlib
import ipaddress
import json
import platform
import re
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from pathlib import Path

from highneeds.errors import ParamsError
from highneeds.report.made_from import code_checksum, installed

RETRIES = 3
JOIN_SECONDS = 30
ADDRESS = re.compile(r"(?:(?P<scheme>[a-z]+)://)?(?P<host>\[[0-9a-fA-F:]+\]|[^\s/:\[\]]+):(?P<port>\d{1,5})")
FORMS = "Expected tls://HOST:PORT, or tcp://127.0.0.1:PORT on this machine alone."


def suite() -> str:
    """Checksum of what a report is made with: the suite's code, Python and all packages it needs."""
    said = json.dumps([code_checksum(), installed(), platform.python_version()])
    return hashlib.sha256(said.encode()).hexdigest()


def check_address(address: str) -> None:
    """Refuse an address that others could listen to: raises ParamsError unless it is encrypted or of this machine."""
    found = ADDRESS.fullmatch(address)
    if not found or (found["scheme"] or "tcp") not in ("tcp", "tls"):
        raise ParamsError(f"scheduler '{address}': is no address of a scheduler. {FORMS}")
    if found["scheme"] != "tls" and not _loopback(found["host"].strip("[]")):
        raise ParamsError(
            f"scheduler '{address}': jobs would go over the network unencrypted. {FORMS} "
            "Certificates are told to Dask itself (distributed.comm.tls in its configuration)."
        )


def _loopback(host: str) -> bool:
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def seen_from(home: str, out: str) -> dict[str, str]:
    """What a worker has and sees; runs on the worker."""
    from highneeds.files import panel_folder
    from highneeds.report.made_from import checksum
    from highneeds.sources.panel import FILES

    panel = panel_folder(Path(home)) / FILES[0]
    return {
        "suite, Python or a package": suite(),
        f"published figures in {home}": checksum(panel) if panel.is_file() else "missing",
        f"folder for reports {out}": "there" if Path(out).is_dir() else "missing",
    }


@contextmanager
def workers(address: str, home: Path, out: Path) -> Iterator[Executor]:
    """Executor on the workers of a scheduler. Raises ParamsError where one cannot be reached or differs from here."""
    check_address(address)
    try:
        from distributed import Client
    except ImportError:
        raise ParamsError(
            "--scheduler needs Dask distributed, which is not installed. Install it: pip install -e '.[cluster]'"
        ) from None
    out.mkdir(parents=True, exist_ok=True)
    try:
        client = Client(address, timeout=JOIN_SECONDS, set_as_default=False)
    except (OSError, TimeoutError, ValueError, TypeError) as fault:  # TypeError: tls without certificates
        raise ParamsError(
            f"scheduler '{address}': cannot be reached ({type(fault).__name__}). Start it (dask scheduler), "
            "or check its address and its certificates."
        ) from None
    with client:
        _check_workers(client, address, str(home), str(out))
        yield client.get_executor(retries=RETRIES, pure=False)


def _check_workers(client, address: str, home: str, out: str) -> None:
    here, there = seen_from(home, out), client.run(seen_from, home, out)
    if not there:
        raise ParamsError(f"scheduler '{address}': has no worker. Start one: dask worker {address} --nthreads 1")
    faults = [
        f"worker {worker}: {name} is not what it is here. Expected the same on every machine; make it so and run again."
        for worker, seen in sorted(there.items())
        for name in here
        if seen.get(name) != here[name]
    ]
    if faults:
        raise ParamsError(faults)
