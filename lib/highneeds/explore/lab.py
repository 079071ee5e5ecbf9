"""Opening JupyterLab of this environment on the project: its own settings, offline, no token in any log.

Owns how the bench is started and what it is told; what lies on it are the notebooks. Jupyter is imported only when it
is to start, and nothing in the user's own Jupyter folders is read or written.
"""

import importlib.util
import json
import os
import secrets
import socket
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from highneeds.errors import LabError
from highneeds.files import HOME_VARIABLE, write_whole

LOOK = Path(__file__).parents[1] / "assets" / "bench.css"
START = Path("notebooks", "00_start.ipynb")
NAMED = "HIGHNEEDS_AUTHORITY"  # tells the start page which authority the command named
DEFAULT_AUTHORITY = "Kent"
SYSTEM = sys.platform
# A socket's name may have 107 characters; of these a kernel's own part takes up to 60.
LONGEST_FOLDER = 46
# Nothing is fetched, offered for installation or asked about: what does that is not even loaded. Nor is the debugger:
# it has each kernel listen on a port where anybody on the machine could run code.
NOT_LOADED = {
    "@jupyterlab/apputils-extension:announcements": True,
    "@jupyterlab/debugger-extension": True,
    "@jupyterlab/extensionmanager-extension": True,
}
# The notebooks are the ones that reports are made from: none of them is saved unless somebody saves it.
DEFAULTS = {"@jupyterlab/docmanager-extension:plugin": {"autosave": False}}


def named_authority() -> str:
    """Authority that `highneeds explore` was started with; Kent where none was named."""
    return os.environ.get(NAMED, "") or DEFAULT_AUTHORITY


def check_lab(home: Path, port: int | None = None) -> None:
    """All that would stop the bench, told together before anything starts. Raises LabError."""
    faults = []
    if importlib.util.find_spec("jupyterlab") is None:
        faults.append(
            "jupyterlab: not installed in the Python that runs highneeds. Expected it beside highneeds. "
            "Install it: python -m pip install --require-hashes -r requirements.lock; "
            "with conda: conda env update -f environment.yml"
        )
    if not (home / START).is_file():
        faults.append(f"{home / START}: not there. Expected the start page. Go to the project's folder, or restore it.")
    if port is not None and not _is_free(port):
        faults.append(f"port {port}: something else answers there. Expected a free one. Choose another or none.")
    if faults:
        raise LabError(faults)


def open_lab(
    home: Path,
    *,
    say: Callable[[str], None],
    authority: str = "",
    port: int | None = None,
    browser: bool = True,
    kernels: str = "",
) -> None:
    """Run JupyterLab on the start page until it is ended.

    authority: what the start page begins with. port: none is the first free one from 8888 on. browser: whether to open
    one. kernels: the provisioner of its kernels; empty is Jupyter's own. say: takes the one line for the user.
    """
    with _folders() as (settings, runtime):
        os.environ.update(environment(home, settings, runtime, authority))
        _write_settings(settings)
        from jupyterlab.labapp import LabApp

        server = LabApp.initialize_server(argv=arguments(home, port=port, kernels=kernels))
        for page in (server.browser_open_file, server.browser_open_file_to_run):
            os.close(os.open(page, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))  # Jupyter fills it, and takes it away
        server.io_loop.add_callback(_open, server, say, browser and has_browser(os.environ))
        server.start()


def environment(home: Path, settings: Path, runtime: Path, authority: str) -> dict[str, str]:
    """What Jupyter and its kernels find in their environment: the project, and folders apart from the user's own."""
    return {
        HOME_VARIABLE: str(home),
        NAMED: authority,
        "JUPYTER_CONFIG_DIR": str(settings / "config"),
        "JUPYTER_DATA_DIR": str(settings / "data"),
        "JUPYTER_RUNTIME_DIR": str(runtime),
        "IPYTHONDIR": str(settings / "ipython"),
    }


def arguments(home: Path, *, port: int | None = None, kernels: str = "") -> list[str]:
    """Settings of the server. They are handed over inside this process: no list of processes shows the token."""
    given = {
        "Application.log_level": "CRITICAL",
        "IdentityProvider.token": secrets.token_urlsafe(32),  # one that Jupyter was given it never logs
        "LabApp.custom_css": "True",
        "LabApp.check_for_updates_class": "jupyterlab.NeverCheckForUpdate",
        "LabApp.extension_manager": "readonly",
        "LabApp.news_url": "None",
        "LanguageServerManager.autodetect": "False",
        "ServerApp.allow_root": str(hasattr(os, "geteuid") and os.geteuid() == 0),
        "ServerApp.answer_yes": "True",
        "ServerApp.file_to_run": str(home / START),
        "ServerApp.ip": "localhost",
        "ServerApp.open_browser": "False",  # opened once the server answers
        "ServerApp.root_dir": str(home),
    }
    if port is not None:
        given |= {"ServerApp.port": str(port), "ServerApp.port_retries": "0"}
    if SYSTEM == "linux":  # a kernel's ports could be listened to by anybody on the machine; its sockets could not
        given["KernelManager.transport"] = "ipc"
    if kernels:
        given["KernelProvisionerFactory.default_provisioner_name"] = kernels
    return [f"--{name}={value}" for name, value in given.items()]


def has_browser(environ: Mapping[str, str]) -> bool:
    """True where a browser with a window can be opened: on Linux there must be a display, or one named by BROWSER."""
    import webbrowser

    if SYSTEM == "linux" and not any(environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")):
        return False
    try:
        return webbrowser.get() is not None
    except webbrowser.Error:
        return False


def opened_line(page: str, port: int, browser: bool) -> str:
    """The one line for the user: what happens, and how to end it. Never the token, which is in the file alone."""
    end = "To end it press Ctrl+C here, or choose File > Shut Down there."
    if browser:
        return f"JupyterLab opens in your browser on {START.as_posix()}. If it does not, open {page} in one. {end}"
    return (
        f"JupyterLab is ready. Open {page} in a browser; only you can read that file, so pass it to nobody. "
        f"From another machine: ssh -L {port}:localhost:{port} to this one, and use the address in the file. {end}"
    )


def _open(server, say: Callable[[str], None], browser: bool) -> None:
    if browser:
        server.launch_browser()
    say(opened_line(server.browser_open_file_to_run, server.port, browser))


def _is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


@contextmanager
def _folders() -> Iterator[tuple[Path, Path]]:
    """Folder of settings, kept, and one of this run alone, which no other user can enter and which goes with it."""
    from jupyter_core.paths import jupyter_data_dir

    settings = Path(jupyter_data_dir()).with_name("highneeds-jupyter")
    settings.mkdir(mode=0o700, parents=True, exist_ok=True)
    place = tempfile.gettempdir()
    if SYSTEM == "linux" and len(place) + len("/highneeds-12345678") > LONGEST_FOLDER:
        place = "/tmp"
    with tempfile.TemporaryDirectory(prefix="highneeds-", dir=place, ignore_cleanup_errors=True) as runtime:
        yield settings, Path(runtime)


def _write_settings(settings: Path) -> None:
    """What the bench is set to where its user has not set it otherwise."""
    folder = settings / "config" / "labconfig"
    page = {"disabledExtensions": NOT_LOADED}
    write_whole(settings / "config" / "custom" / "custom.css", LOOK.read_bytes())
    write_whole(folder / "page_config.json", json.dumps(page, indent=1).encode())
    write_whole(folder / "default_setting_overrides.json", json.dumps(DEFAULTS, indent=1).encode())
