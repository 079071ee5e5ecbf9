"""Reports on workers of a cluster: the same reports, whoever makes them; a lost worker costs nothing."""

import os
import shutil
import signal
import socket
import subprocess
import sys

import pytest
from click.testing import CliRunner

from highneeds.cli import main
from highneeds.engine import cluster
from highneeds.engine.job import FAILED, run_job
from highneeds.errors import ParamsError
from tests.conftest import ROOT, browser_is_missing
from tests.test_engine import DAY, QUICK, contents, job, run, summary
from tests.test_forks import wait_for

NAMES = ("Rutland", "Devon", "Leeds", "York")


@pytest.mark.parametrize(
    "address", ["127.0.0.1:8786", "tcp://localhost:8786", "tcp://[::1]:8786", "tls://reports.example.gov.uk:8786"]
)
def test_addresses_of_this_machine_and_encrypted_ones_are_taken(address):
    """Nobody else can listen."""
    cluster.check_address(address)


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("tcp://10.0.0.7:8786", "unencrypted"),
        ("reports.example.gov.uk:8786", "unencrypted"),
        ("tcp://127.0.0.1.example.com:8786", "unencrypted"),
        ("http://127.0.0.1:8786", "no address"),
        ("127.0.0.1", "no address"),
        ("tls://", "no address"),
        ("tcp://127.0.0.1:8786/../x", "no address"),
    ],
)
def test_other_addresses_are_refused_with_the_form_to_use(address, says):
    """Jobs, and what workers may be told to run, must not cross a network in the clear."""
    with pytest.raises(ParamsError, match=says) as told:
        cluster.check_address(address)

    assert "Expected tls://HOST:PORT" in str(told.value)


def test_a_scheduler_that_is_not_there_is_told_in_words(tmp_path, monkeypatch):
    """Not a traceback after a minute."""
    monkeypatch.setattr(cluster, "JOIN_SECONDS", 1)

    done = run("Rutland", *QUICK, "--scheduler", "127.0.0.1:9", "--out", tmp_path)

    assert 1 == done.exit_code and "cannot be reached" in done.output and "Traceback" not in done.output


def test_encryption_without_certificates_is_told_in_words(tmp_path, monkeypatch):
    """Dask's own configuration holds them; a run that has none says so."""
    monkeypatch.setattr(cluster, "JOIN_SECONDS", 1)

    done = run("Rutland", *QUICK, "--scheduler", "tls://127.0.0.1:9", "--out", tmp_path)

    assert 1 == done.exit_code and "certificates" in done.output and "Traceback" not in done.output


def test_without_the_extra_the_message_names_it(tmp_path, monkeypatch):
    """Dask is optional."""
    monkeypatch.setitem(sys.modules, "distributed", None)

    done = run("Rutland", *QUICK, "--scheduler", "127.0.0.1:8786", "--out", tmp_path)

    assert 1 == done.exit_code and "[cluster]" in done.output


class Client:
    """Client whose workers answer what they are told to."""

    def __init__(self, answers):
        self.answers = answers

    def run(self, function, *given):
        return self.answers


def test_every_worker_that_differs_is_named(tmp_path):
    """Another version would make another report, and nobody would know which."""
    here = cluster.seen_from(str(ROOT), str(tmp_path))
    other = here | {"suite, Python or a package": "another"}
    lost = {name: "missing" if "figures" in name else said for name, said in here.items()}

    cluster._check_workers(Client({"a": here, "b": here}), "x", str(ROOT), str(tmp_path))
    with pytest.raises(ParamsError) as told:
        cluster._check_workers(Client({"a": other, "b": here, "c": lost}), "x", str(ROOT), str(tmp_path))

    assert 2 == len(told.value.faults)
    assert "worker a: suite, Python or a package" in told.value.faults[0]
    assert "worker c: published figures" in told.value.faults[1]
    with pytest.raises(ParamsError, match="has no worker"):
        cluster._check_workers(Client({}), "x", str(ROOT), str(tmp_path))


def test_a_worker_that_joins_later_with_another_version_makes_nothing(tmp_path):
    """Every job says what it is to be made with."""
    outcome = run_job(job(out=str(tmp_path), suite="another"))

    assert FAILED == outcome["state"] and "another version" in outcome["faults"][0]["cause"]
    assert [] == list(tmp_path.iterdir())


# A real cluster on this machine


def free_port():
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return held.getsockname()[1]


class Cluster:
    """A scheduler and workers, each a process of its own, as an operator starts them."""

    def __init__(self, folder, scheme="tcp", **environment):
        self.folder, self.environment = folder, os.environ | environment
        self.address = f"{scheme}://127.0.0.1:{free_port()}"
        host, port = self.address.partition("://")[2].split(":")
        self.processes = []
        self.scheduler = self._start(
            "scheduler", "--host", f"{scheme}://{host}", "--port", port, "--no-dashboard", "--no-show", "--no-jupyter"
        )

    def worker(self, name):
        options = ("--nthreads", "1", "--no-dashboard", "--name", name, "--local-directory", str(self.folder / name))
        process = self._start("worker", self.address, *options)
        assert wait_for(lambda: "Registered to" in (self.folder / f"{name}.log").read_text()), "the worker did not join"
        return process

    def _start(self, *words):
        name = words[words.index("--name") + 1] if "--name" in words else words[0]
        log = (self.folder / f"{name}.log").open("w")
        command = [sys.executable, "-m", "distributed.cli.dask_" + words[0], *words[1:]]
        process = subprocess.Popen(
            command, stdout=log, stderr=subprocess.STDOUT, env=self.environment, start_new_session=True
        )
        self.processes.append(process)
        return process

    def end(self):
        for process in reversed(self.processes):
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            process.wait()


@pytest.fixture
def workers(tmp_path):
    """A scheduler and two workers."""
    made = Cluster(tmp_path)
    try:
        made.pair = [made.worker("one"), made.worker("two")]
        yield made
    finally:
        made.end()


def test_workers_make_the_same_reports_and_one_that_is_killed_costs_nothing(workers, tmp_path):
    """Its jobs go to another, and what it had finished is kept."""
    out, command = tmp_path / "out", [sys.executable, "-m", "highneeds.cli", "report", *NAMES, *QUICK]
    process = subprocess.Popen(
        [*command, "--scheduler", workers.address, "--out", str(out)], stdout=subprocess.PIPE, text=True
    )
    assert wait_for(lambda: any(out.glob("[a-z]*/2*")) or process.poll() is not None)

    os.killpg(workers.pair[0].pid, signal.SIGKILL)
    said, _ = process.communicate(timeout=200)

    assert 0 == process.returncode, said
    assert "4 of 4 reports stand whole" in said
    # A report that was finished just before its worker was killed is found standing by the next.
    assert {each["state"] for each in summary(out)["outcomes"]} <= {"done", "unchanged"}
    assert 0 == run(*NAMES, *QUICK, "--out", tmp_path / "here").exit_code
    for name in NAMES:
        assert contents(tmp_path / "here" / name.lower() / DAY) == contents(out / name.lower() / DAY)


def test_jobs_cross_a_network_encrypted(tmp_path):
    """With certificates of the authority's own, told to Dask as its documentation says."""
    if shutil.which("openssl") is None:
        browser_is_missing("openssl")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    made = subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"]
        + ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)],
        capture_output=True,
        check=False,
    )
    assert 0 == made.returncode, made.stderr
    tls = {f"DASK_DISTRIBUTED__COMM__TLS__{who}__CERT": str(certificate) for who in ("SCHEDULER", "WORKER", "CLIENT")}
    tls |= {f"DASK_DISTRIBUTED__COMM__TLS__{who}__KEY": str(key) for who in ("SCHEDULER", "WORKER", "CLIENT")}
    tls |= {"DASK_DISTRIBUTED__COMM__TLS__CA_FILE": str(certificate)}
    encrypted = Cluster(tmp_path, "tls", **tls)
    try:
        encrypted.worker("one")
        done = subprocess.run(
            [sys.executable, "-m", "highneeds.cli", "report", "Rutland", *QUICK]
            + ["--scheduler", encrypted.address, "--out", str(tmp_path / "out")],
            env=os.environ | tls,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    finally:
        encrypted.end()

    assert 0 == done.returncode, done.stderr
    assert (tmp_path / "out" / "rutland" / DAY / "report.pdf").is_file()


def test_a_dry_run_needs_no_cluster():
    """Planning is done here."""
    done = CliRunner().invoke(main, ["report", "Rutland", "--dry-run", "--scheduler", "127.0.0.1:9"])

    assert 0 == done.exit_code
