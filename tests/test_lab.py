"""The bench in a real browser: the command starts JupyterLab, an analyst works in it, and it ends without a trace."""

import json
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlparse
from urllib.request import url2pathname

import psutil
import pytest
from click.testing import CliRunner

from highneeds.cli import main
from highneeds.errors import LabError
from highneeds.explore import lab
from highneeds.report.pdf import find_browser
from tests.conftest import ROOT, browser_is_missing

CHECKS = ROOT / "tests" / "browser"
NOTEBOOKS = ("10_requests.ipynb", "30_sen_support.ipynb")
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="looks at sockets and processes as Linux shows them")


class Bench:
    """A JupyterLab that the command started, on a project of its own."""

    def __init__(self, place: Path, *options: str) -> None:
        self.place, self.home, self.asked = place, copied(place / "project"), place / "asked"
        opener = place / "opener"
        opener.write_text(f'#!/bin/sh\nprintf %s "$1" > {self.asked}.part && mv {self.asked}.part {self.asked}\n')
        opener.chmod(0o755)
        user, library = place / "user", os.pathsep.join([str(ROOT / "lib"), os.environ.get("PYTHONPATH", "")])
        self.env = os.environ | {
            "HIGHNEEDS_HOME": str(self.home), "HOME": str(user), "XDG_DATA_HOME": str(user / "data"),
            "BROWSER": f"{opener} %s", "PYTHONPATH": library,
        }  # fmt: skip
        self.started = time.time() * 1000
        self.log = open(place / "terminal.txt", "w")  # noqa: SIM115
        command = [sys.executable, "-m", "highneeds.cli", "explore", *options]
        self.run = subprocess.Popen(command, stdout=self.log, stderr=self.log, env=self.env, cwd=place)

    @property
    def terminal(self) -> str:
        """All that was printed, so far."""
        return (self.place / "terminal.txt").read_text(encoding="utf-8")

    def page(self) -> Path:
        """Redirect file that the line names, once there is one."""
        wait_for(lambda: "Ctrl+C" in self.terminal or self.run.poll() is not None)
        return Path(re.search(r"(\S+-open\.html)", self.terminal)[1])

    def end(self) -> int:
        """Ctrl+C; the exit status."""
        if self.run.poll() is None:
            self.run.send_signal(signal.SIGINT)
        try:
            return self.run.wait(timeout=30)
        finally:
            self.run.kill()
            self.log.close()


def copied(home: Path) -> Path:
    """A project whose notebooks may be opened and spoilt."""
    shutil.copytree(ROOT / "notebooks", home / "notebooks", ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    shutil.copytree(ROOT / "data", home / "data", ignore=shutil.ignore_patterns("official"))
    shutil.copytree(ROOT / "docs", home / "docs")
    return home


def wait_for(found, seconds=60):
    end = time.monotonic() + seconds
    while time.monotonic() < end and not found():
        time.sleep(0.05)
    assert found()


@pytest.fixture(scope="module")
def tools(tmp_path_factory) -> Path:
    """Playwright for Debian's Chromium."""
    for tool, name in (
        (find_browser(), "a Chromium browser"),
        (shutil.which("node"), "node"),
        (shutil.which("npm"), "npm"),
    ):
        if tool is None:
            browser_is_missing(name)
    folder = tmp_path_factory.mktemp("tools")
    for name in ("package.json", "package-lock.json", ".npmrc", "lab.mjs"):
        shutil.copy(CHECKS / name, folder / name)
    done = subprocess.run(
        ["npm", "ci", "--silent"], cwd=folder, capture_output=True, text=True, check=False, timeout=300
    )
    assert 0 == done.returncode, done.stderr[-2000:]
    return folder


@pytest.fixture(scope="module")
def worked(tools, tmp_path_factory):
    """What an analyst saw, what the machine showed meanwhile, and what was left when the bench was ended."""
    place = tmp_path_factory.mktemp("bench")
    bench = Bench(place, "Devon")
    try:
        page = bench.page()
        wait_for(bench.asked.is_file)
        address = bench.asked.read_text(encoding="utf-8")
        mode = stat.S_IMODE(page.stat().st_mode), stat.S_IMODE(page.parent.stat().st_mode)
        token = re.search(r"token=([\w-]+)", page.read_text(encoding="utf-8"))[1]
        command = [
            "node",
            "lab.mjs",
            find_browser(),
            address,
            str(bench.started),
            str(place),
            "Kent",
            "Rutland",
            *NOTEBOOKS,
        ]
        done = subprocess.run(command, cwd=tools, capture_output=True, text=True, check=False, timeout=600)
        processes = [bench.run.pid, *(child.pid for child in psutil.Process(bench.run.pid).children(recursive=True))]
        ports = listening(processes)
        shown = [" ".join(psutil.Process(pid).cmdline()) for pid in processes if psutil.pid_exists(pid)]
        kernels = [json.loads(path.read_text(encoding="utf-8")) for path in page.parent.glob("kernel-*.json")]
    finally:
        status = bench.end()
    ended = time.monotonic()
    while any(map(runs, processes)) and time.monotonic() < ended + 10:
        time.sleep(0.1)
    assert 0 == done.returncode, done.stderr[-2000:]
    seen = json.loads(done.stdout)
    for line in timings(seen):
        sys.__stdout__.write(line + "\n")
    return seen | {
        "bench": bench, "address": address, "page": page, "mode": mode, "token": token, "ports": ports, "shown": shown,
        "kernels": kernels, "status": status, "alive": [pid for pid in processes if runs(pid)],
    }  # fmt: skip


def timings(seen) -> list[str]:
    """Seconds that somebody waits for: to a usable page, to a first chart, from another authority to its chart."""
    said = [f"highneeds explore: {seen.get('usable')} seconds to a usable page"]
    for name, told in seen["notebooks"].items():
        first, again = told["first"], told["again"]
        said.append(
            f"{name}: first chart {first['charted']} s, all cells {first['seconds']} s; "
            f"another authority: chart redrawn {again['charted']} s, all cells {again['seconds']} s"
        )
    if "explorer" in seen:
        slider, choice = seen["explorer"]["moved"]["seconds"], seen["explorer"]["chosen"]["seconds"]
        said.append(f"explorer: drawn again {slider} s after a slider moved, {choice} s after another authority")
    return said


def listening(processes) -> list[int]:
    """Ports on which these processes listen."""
    found = [each for each in psutil.net_connections("inet") if each.pid in processes and each.status == "LISTEN"]
    return sorted({each.laddr.port for each in found})


def runs(pid) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_the_command_opens_a_start_page_that_fits_one_screen(worked):
    """No step in between: no question, no dialogue, no scrolling."""
    assert "stopped" not in worked, worked["stopped"]
    assert [] == worked["dialogs"]
    assert worked["fits"]
    assert worked["usable"] < 60


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_all_cells_run_and_another_authority_changes_the_figures(worked, name):
    """Run All, put another name into the parameters cell, Run All: other figures, charts drawn, no error."""
    told = worked["notebooks"][name]

    assert told["line"].startswith('authority = "Rutland"')
    assert "Kent" in told["first"]["figure"] and re.search(r"\d", told["first"]["figure"])
    assert "Rutland" in told["again"]["figure"] and re.search(r"\d", told["again"]["figure"])
    for run in (told["first"], told["again"]):
        assert [] == run["errors"]
        assert run["charts"] and all(run["charts"])
        assert run["tables"]


def test_nothing_is_asked_of_the_outside_and_nothing_fails(worked):
    """Offline: no news, no list of extensions, no look for updates; a silent console."""
    assert [] == worked["left"]
    assert [] == worked["failed"]
    assert [] == worked["errors"]


@LINUX
def test_the_token_is_in_a_file_for_its_user_alone(worked):
    """Neither the terminal nor the list of processes shows it; the browser gets a file, not an address with it."""
    assert (0o600, 0o700) == worked["mode"]
    assert worked["address"].startswith("file:") and worked["page"] == Path(
        url2pathname(urlparse(worked["address"]).path)
    )
    assert worked["token"] not in worked["bench"].terminal
    assert not any(worked["token"] in command for command in worked["shown"])


@LINUX
def test_kernels_speak_through_sockets_in_the_closed_folder(worked):
    """Anybody on a shared server could listen to a kernel's ports. The one IPython keeps takes text, with a secret."""
    folder = str(worked["page"].parent)

    assert len(NOTEBOOKS) + 1 == len(worked["kernels"])
    assert {"ipc"} == {kernel["transport"] for kernel in worked["kernels"]}
    assert all(kernel["ip"].startswith(folder) for kernel in worked["kernels"])
    assert len(worked["ports"]) <= 1 + len(worked["kernels"])


@pytest.mark.parametrize("act", ("moved", "chosen", "typed"))
def test_the_explorer_of_the_start_page_draws_again(worked, act):
    """Move the slider of the entry rate, choose another authority, type the years ahead: another figure, no fault."""
    told = worked["explorer"]

    assert [] == told["errors"] + told["faults"]
    assert told[act]["before"] != told[act]["after"]
    assert re.search(r"\d", told[act]["after"])


def test_the_explorer_begins_with_the_authority_that_the_command_named(worked):
    """Notebooks of sections keep what stands in their own cells."""
    assert worked["explorer"]["moved"]["before"].startswith("Devon: ")


def test_the_explorer_has_no_fault_that_axe_finds(worked):
    """Every control has a name, every picture its text, every table its heads."""
    assert [] == worked["explorer"]["violations"]


def test_ending_it_leaves_nothing_behind(worked):
    """Ctrl+C ends server and kernels; the folder with the token goes with them; the notebooks are as they were."""
    home = worked["bench"].home
    before = {path.name: path.read_bytes() for path in (ROOT / "notebooks").glob("*.ipynb")}

    assert 0 == worked["status"]
    assert [] == worked["alive"]
    assert not worked["page"].parent.exists()
    assert before == {path.name: path.read_bytes() for path in (home / "notebooks").glob("*.ipynb")}


def test_the_users_own_jupyter_is_untouched(worked):
    """All that is kept stands in a folder of its own."""
    user = worked["bench"].place / "user"

    assert not (user / ".jupyter").exists() and not (user / ".ipython").exists()
    assert ["highneeds-jupyter"] == [path.name for path in (user / "data").iterdir()]


def test_one_plain_line_says_what_happens_and_how_to_end(worked):
    """What is printed is a sentence, not a server's log."""
    said = worked["bench"].terminal.splitlines()

    assert said[0].startswith("JupyterLab opens in your browser on notebooks/00_start.ipynb.")
    assert "Ctrl+C" in said[0]
    assert len(said) <= 2, said  # the second is Jupyter's word that it ends


def test_without_a_browser_the_line_names_the_file_to_open(tmp_path):
    """On a server without a display: the way in is a path, never a token."""
    bench = Bench(tmp_path, "Rutland", "--no-browser")
    try:
        page = bench.page()
        wait_for(lambda: "token=" in page.read_text(encoding="utf-8"))
        token = re.search(r"token=([\w-]+)", page.read_text(encoding="utf-8"))[1]
    finally:
        status = bench.end()

    assert bench.terminal.startswith("JupyterLab is ready. Open ")
    assert (0, False, False) == (status, token in bench.terminal, bench.asked.exists())


def test_a_browser_needs_a_display(monkeypatch):
    """Linux without one would start a browser for text in the terminal."""
    monkeypatch.setattr(lab, "SYSTEM", "linux")

    assert not lab.has_browser({})


def test_windows_kernels_use_tcp(monkeypatch, tmp_path):
    """There are no such sockets there."""
    monkeypatch.setattr(lab, "SYSTEM", "win32")

    assert not any("transport" in given for given in lab.arguments(tmp_path))


def test_all_that_stops_the_bench_is_told_together(monkeypatch, tmp_path):
    """No JupyterLab, no start page, a port that is taken: one line each, and what to do."""
    monkeypatch.setattr(lab.importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(lab, "_is_free", lambda port: False)

    with pytest.raises(LabError) as found:
        lab.check_lab(tmp_path, 9000)

    assert ["jupyterlab", "start page", "port 9000"] == [
        next(word for word in ("jupyterlab", "start page", "port 9000") if word in line) for line in found.value.faults
    ]


def test_a_misspelt_authority_stops_before_anything_starts(monkeypatch):
    """The nearest names are told."""
    monkeypatch.setenv("HIGHNEEDS_HOME", str(ROOT))

    done = CliRunner().invoke(main, ["explore", "Rutlnd"])

    assert 1 == done.exit_code
    assert "Rutland" in done.output
