"""Forks of one server: what it has prepared, and that nothing of it or of its owner is shared or left behind."""

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from highneeds.report import forks
from tests.conftest import ROOT

pytestmark = pytest.mark.skipif(not forks.CAN_FORK, reason="this system cannot fork; ordinary processes start")

SERVER = """
import json, os, sys, threading
os.environ["HIGHNEEDS_PREPARE"] = json.dumps({"home": %r, "as_at": "2026-04-08", "main": "script.py", "main_name": ""})
import highneeds.report.preload as preload
preload._rehearse()
from highneeds.sections import shared
tasks = len(os.listdir("/proc/self/task")) if os.path.isdir("/proc/self/task") else threading.active_count()
[held] = [held for each in shared._shared.values() for held in each._held.values()]
print(json.dumps({
    "tasks": tasks, "blas": os.environ["OPENBLAS_NUM_THREADS"], "kept": sorted(key[1] for key in held.kept),
    "told": "HIGHNEEDS_PREPARE" in os.environ, "clock": os.environ.get("SOURCE_DATE_EPOCH"),
    "main": sys.modules["__main__"].__file__, "weasyprint": "weasyprint" in sys.modules,
}))
"""


@pytest.fixture(scope="module")
def server():
    """What a server holds once it has prepared everything."""
    code = SERVER % str(ROOT)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120)
    return json.loads(done.stdout)


def test_the_server_is_one_thread(server):
    """A thread alive at the fork would be lost with whatever it held; figures, models and a rehearsal leave none."""
    assert (1, "1") == (server["tasks"], server["blas"])


def test_the_server_has_the_models_of_the_run(server):
    """Fitted once for all authorities, not once for each of their notebooks."""
    assert ["ehc_plans", "everyone", "requests_received"] == server["kept"]


def test_the_server_leaves_no_trace_of_its_own_work(server):
    """What it was told and what the rehearsal set would reach every notebook."""
    assert (False, None, "script.py") == (server["told"], server["clock"], server["main"])


ENDS_LATE = """
import os, threading, time
from highneeds.report import preload
threading.Thread(target=time.sleep, args=(1,)).start()
preload._wait_for_threads()
ended = len(os.listdir("/proc/self/task")) if os.path.isdir("/proc/self/task") else 1
threading.Thread(target=time.sleep, args=(30,), daemon=True).start()
start = time.monotonic()
preload._wait_for_threads(seconds=0.2)
print(ended, threading.active_count(), time.monotonic() - start < 10)
"""


def test_a_thread_that_ends_late_is_awaited_but_not_for_ever():
    """Pango's threads end a moment after the fonts are freed; one that stays must not stop all reports."""
    code = subprocess.run([sys.executable, "-c", ENDS_LATE], capture_output=True, text=True, check=True, timeout=120)
    assert "1 2 True" == code.stdout.strip()


def ask(target, *args, seconds=60):
    """Answer that a fork sends back."""
    ours, theirs = multiprocessing.Pipe(duplex=False)
    process = forks.start(target, theirs, *args)
    theirs.close()
    try:
        assert ours.poll(seconds), "no answer"
        return ours.recv()
    finally:
        process.kill()
        process.join()
        ours.close()


def _family(answer):
    inner, outer = multiprocessing.Pipe(duplex=False)
    process = forks.start(_parent, outer)
    outer.close()
    answer.send({"own": os.getppid(), "grandchild": inner.recv()})
    process.join()


def _parent(answer):
    answer.send(os.getppid())


def test_forks_of_forks_come_from_the_same_server():
    """A report's process asks for kernels: another server, cold, would cost seconds each time."""
    family = ask(_family)

    assert family["own"] == family["grandchild"]


def _modules(answer):
    answer.send("highneeds.report.run" in sys.modules)


@pytest.mark.parametrize("as_module", [False, True])
def test_a_fork_does_not_run_its_owners_script_again(tmp_path, as_module):
    """JupyterLab's own script, or Dask's, would be imported in every kernel, a second each time."""
    script = tmp_path / "owner.py"
    script.write_text(
        "import sys\n"
        f"sys.path.insert(0, {str(ROOT)!r})\n"
        f"open({str(tmp_path / 'ran')!r}, 'a').write('x')\n"
        "from tests import test_forks\n"
        "if __name__ == '__main__':\n"
        "    print(test_forks.ask(test_forks._modules), test_forks.ask(test_forks._family) is not None)\n"
    )
    command = [sys.executable, *(("-m", "owner") if as_module else (str(script),))]

    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120, cwd=tmp_path)

    assert "True True" == done.stdout.strip()
    assert "x" == (tmp_path / "ran").read_text()


def _take(answer, megabytes):
    import numpy as np

    forks.limit_memory(500)
    try:
        answer.send(int(np.ones(megabytes * 2**17).sum()) // 2**17)
    except MemoryError:
        answer.send("refused")


@pytest.mark.parametrize(("megabytes", "said"), [(100, 100), (900, "refused")])
def test_a_process_takes_no_more_memory_than_it_may(megabytes, said):
    """One that takes all of it would bring down everybody's reports; refused, it says so in its own cell."""
    assert said == ask(_take, megabytes)


def _wait(answer):
    answer.send(os.getpid())
    time.sleep(120)


OWNER = """
import sys
sys.path.insert(0, %r)
from tests import test_forks
if __name__ == "__main__":
    import multiprocessing, time
    ours, theirs = multiprocessing.Pipe(duplex=False)
    kept = test_forks.forks.start(test_forks._wait, theirs)
    print(ours.recv(), test_forks.forks._server()["pid"], flush=True)
    time.sleep(120)
"""


def test_a_fork_and_its_server_end_with_a_killed_owner(tmp_path):
    """A run that is killed cannot tidy up."""
    script = tmp_path / "owner.py"
    script.write_text(OWNER % str(ROOT))
    owner = subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True)
    fork, server = map(int, owner.stdout.readline().split())
    assert psutil.pid_exists(fork) and psutil.pid_exists(server)

    owner.send_signal(signal.SIGKILL)
    owner.wait()

    assert wait_for(lambda: not psutil.pid_exists(fork)), "the fork outlived its owner"
    assert wait_for(lambda: not psutil.pid_exists(server)), "the server outlived its owner"


def test_a_server_that_was_killed_is_replaced():
    """The machine may have run out of memory; the next report must still be made, and warm."""
    before = ask(_parent)

    os.kill(before, signal.SIGKILL)
    wait_for(lambda: not psutil.pid_exists(before) or psutil.Process(before).status() == psutil.STATUS_ZOMBIE)

    after = ask(_parent)
    assert before != after
    assert ask(_modules)


def wait_for(found, seconds=60):
    """First true answer, within so many seconds."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if answer := found():
            return answer
        time.sleep(0.05)
    return None


@pytest.mark.skipif(sys.platform != "linux", reason="other systems count memory otherwise")
def test_a_tight_limit_leaves_room_for_threads():
    """What is only set aside for a thread is no memory that it takes: a kernel alone has a dozen of them."""
    script = (
        "import threading\nfrom highneeds.report.forks import limit_memory\nlimit_memory(200)\n"
        "end, kept = threading.Event(), []\n"
        "def work():\n    kept.append(bytes(10_000))\n    end.wait()\n"
        "threads = [threading.Thread(target=work, daemon=True) for _ in range(16)]\n"
        "[thread.start() for thread in threads]\nend.set()\n[thread.join() for thread in threads]\nprint(len(kept))\n"
    )

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=60)

    assert "16" == done.stdout.strip(), done.stderr[-500:]
