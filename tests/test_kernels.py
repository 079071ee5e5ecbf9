"""Warm kernels: forked from one server, yet nothing of one notebook reaches the next."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from importlib.metadata import entry_points

import nbformat
import pytest

from highneeds.report import forks, kernels
from tests.conftest import ROOT

pytestmark = pytest.mark.skipif(not forks.CAN_FORK, reason="this system cannot fork; the ordinary kernel starts")

RUN = """
import sys
import papermill
from highneeds.report.kernels import warm
def main():
    warm() or sys.exit('no warm kernels')
    for source, target in zip(sys.argv[1::2], sys.argv[2::2]):
        papermill.execute_notebook(source, target, progress_bar=False, log_output=False)
if __name__ == '__main__':
    main()
"""
SPOIL = """
import builtins, os, random, sys
import matplotlib, numpy as np, pandas as pd
import highneeds.sections.caseload as caseload
matplotlib.rcParams['font.size'] = 99
np.random.seed(1); random.seed(1)
os.environ['SPOILT'] = 'yes'
builtins.spoilt = True
pd.set_option('display.max_rows', 7)
caseload.TITLE = 'spoilt'
sys.path.insert(0, '/spoilt')
open('left-behind.txt', 'w').close()
"""
LOOK = """
import builtins, json, os, random, sys
import matplotlib, numpy as np, pandas as pd
import highneeds.sections.caseload as caseload
print(json.dumps({
    'font': matplotlib.rcParams['font.size'], 'environment': os.environ.get('SPOILT'),
    'builtin': hasattr(builtins, 'spoilt'), 'rows': pd.get_option('display.max_rows'), 'title': caseload.TITLE,
    'path': '/spoilt' in sys.path, 'chance': [np.random.random(), random.random()], 'pid': os.getpid(),
    'backend': matplotlib.rcParams['backend'], 'owner': os.getppid(),
    'files': [os.readlink('/proc/self/fd/' + fd) for fd in os.listdir('/proc/self/fd')
              if os.path.exists('/proc/self/fd/' + fd)] if os.path.isdir('/proc/self/fd') else [],
    'left': sorted(os.listdir('.')),
}))
"""


def notebook(path, *cells):
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    book.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(book, path)
    return path


def printed(path):
    cells = nbformat.read(path, as_version=4).cells
    return json.loads(next(o.text for cell in cells for o in cell.outputs if o.output_type == "stream"))


@pytest.fixture(scope="module")
def looks(tmp_path_factory):
    """What a notebook sees before and after another has spoilt all it could reach."""
    folder = tmp_path_factory.mktemp("kernels")
    look, spoil = notebook(folder / "look.ipynb", LOOK), notebook(folder / "spoil.ipynb", SPOIL)
    script = folder / "run.py"
    script.write_text(RUN, encoding="utf-8")
    order = [(look, "first.ipynb"), (spoil, "spoilt.ipynb"), (look, "second.ipynb")]
    arguments = [str(part) for source, name in order for part in (source, folder / name)]
    subprocess.run([sys.executable, str(script), *arguments], check=True, cwd=folder, capture_output=True, timeout=120)
    return printed(folder / "first.ipynb"), printed(folder / "second.ipynb")


def test_a_notebook_leaves_nothing_for_the_next(looks):
    """Looks, environment, built-ins, options and our own modules are as they were."""
    first, second = looks
    alike = ("font", "environment", "builtin", "rows", "title", "path", "backend")

    assert [first[name] for name in alike] == [second[name] for name in alike]
    assert (None, False, False) == (second["environment"], second["builtin"], second["path"])
    assert "spoilt" != second["title"]


def test_a_kernel_holds_no_file_of_the_server_or_of_the_run(looks):
    """A file left open through a fork would share its place between kernels, or keep a lock that nobody frees."""
    opened = [name for name in looks[1]["files"] if name.startswith("/") and not name.startswith(("/dev/", "/proc/"))]

    assert [] == [name for name in opened if not name.endswith(".sqlite")]


def test_each_notebook_has_a_process_and_a_chance_of_its_own(looks):
    """Forks of one server would draw the same random numbers, were they not sown anew."""
    first, second = looks

    assert first["pid"] != second["pid"]
    assert first["owner"] == second["owner"], "both are forks of the one server"
    assert first["chance"] != second["chance"]


def test_a_forked_kernel_draws_with_the_backend_of_an_ordinary_one(looks):
    """matplotlib is imported before the kernel exists; its backend must not tell."""
    assert looks[0]["backend"].lower().removeprefix("module://") in ("matplotlib_inline.backend_inline", "inline")


def test_kernels_end_when_the_run_is_killed(tmp_path):
    """A run that is killed cannot tidy up; its kernels must notice by themselves."""
    waiting = notebook(
        tmp_path / "wait.ipynb",
        f"open({str(tmp_path / 'pid')!r}, 'w').write(str(__import__('os').getpid()))",
        "import time; time.sleep(120)",
    )
    script = tmp_path / "run.py"
    script.write_text(RUN, encoding="utf-8")
    run = subprocess.Popen(
        [sys.executable, str(script), str(waiting), str(tmp_path / "out.ipynb")],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    kernel = int(_wait_for(lambda: (tmp_path / "pid").read_text() if (tmp_path / "pid").is_file() else ""))

    os.kill(run.pid, signal.SIGKILL)
    run.wait()

    assert _wait_for(lambda: not _runs(kernel)), "the kernel outlived the run"


def _wait_for(found, seconds=60):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        answer = found()
        if answer:
            return answer
        time.sleep(0.1)
    return False


def _runs(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_another_python_keeps_its_own_kernel(monkeypatch):
    """A kernelspec of another environment is started as it says, not forked from ours."""
    asked = []

    async def ordinary(self, cmd, **kwargs):
        asked.append(cmd)
        return {}

    monkeypatch.setattr(kernels.LocalProvisioner, "launch_kernel", ordinary)
    provisioner = kernels.ForkProvisioner.__new__(kernels.ForkProvisioner)

    asyncio.run(provisioner.launch_kernel(["/elsewhere/python", "-m", "ipykernel_launcher", "-f", "x.json"]))

    assert 1 == len(asked)


def test_where_nothing_can_be_forked_there_is_no_fault(monkeypatch):
    """Windows has no fork: the ordinary kernel starts."""
    monkeypatch.setattr(forks, "CAN_FORK", False)

    assert kernels.warm() is False


def test_the_provisioner_is_registered_for_jupyterlab_too():
    """Any Jupyter of this environment may name it."""
    [found] = entry_points(group="jupyter_client.kernel_provisioners", name=kernels.NAME)

    assert kernels.ForkProvisioner is found.load()
    assert (ROOT / "lib" / "highneeds" / "report" / "preload.py").is_file()
