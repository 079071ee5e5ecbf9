"""Many reports in one run: each fault costs what it should and nothing more, and a run that was stopped goes on."""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading

import psutil
import pytest
from click.testing import CliRunner
from lxml import html as lxml_html
from pydantic import ValidationError

from highneeds.cli import main
from highneeds.engine import plan, pool
from highneeds.engine.job import DONE, FAILED, Job, Outcome, run_job
from highneeds.engine.summary import answer, write_summary
from highneeds.errors import ParamsError
from highneeds.files import alone
from highneeds.report.notebooks import FILES, Limits, check_values, notebook_path
from tests.conftest import ROOT, poison
from tests.test_forks import wait_for

DAY = "2026-04-08"
QUICK = ("--sections", "sen_support")


def run(*words):
    return CliRunner().invoke(main, ["report", *map(str, words)])


def start(*words, **environment):
    """The same as a process of its own."""
    command = [sys.executable, "-m", "highneeds.cli", "report", *map(str, words)]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ | environment
    )


def events(out):
    path = out / "events.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    return [json.loads(line) for line in lines if line.endswith("}")]


def event(out, kind, **wanted):
    """First event of a kind, waited for."""

    def found():
        return next((e for e in events(out) if e["event"] == kind and wanted.items() <= e.items()), None)

    return wait_for(found)


def contents(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def summary(out):
    return json.loads((out / "summary.json").read_text(encoding="utf-8"))


# Which reports


@pytest.fixture(scope="module")
def areas(panel):
    return panel.areas


def test_all_are_the_153_authorities_of_today(areas):
    """Closed authorities and regions are not among them."""
    assert 153 == len(plan.choose(areas, (), everyone=True))


def test_a_region_is_its_authorities(areas):
    """By name or code, in any case."""
    named = plan.choose(areas, (), region="south east")

    assert {"Kent", "Medway", "Isle of Wight"} <= set(named["area_name"]) and len(named) == 19
    assert list(named["area_code"]) == list(plan.choose(areas, (), region="E12000008")["area_code"])


def test_every_name_that_is_none_is_told_at_once(areas):
    """An operator mends a list once, not name by name."""
    with pytest.raises(ParamsError) as told:
        plan.choose(areas, ("Kant", "Devon", "Northamptonshire"))

    assert 2 == len(told.value.faults) and "Nearest: Kent" in told.value.faults[0]
    with pytest.raises(ParamsError, match="region 'Wessex'.*South East"):
        plan.choose(areas, (), region="Wessex")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ([], "Expected AUTHORITY"),
        (["Kent", "--all"], "Expected AUTHORITY"),
        (["--all", "--region", "London"], "Expected AUTHORITY"),
        (["Kent", "Devon", "--cases", "."], "--cases are one authority's"),
        (["Kent", "--jobs", "0"], "--jobs"),
        (["Kent", "--as-at", "last-month"], "last-month-end"),
        (["Kent", "--section", "requests"], "No such option"),
    ],
)
def test_wrong_use_is_told_before_anything_starts(words, says):
    """Exit status 2, and the words to use."""
    done = run(*words)

    assert 2 == done.exit_code and says in done.output


def test_a_dry_run_lists_and_makes_nothing(tmp_path):
    """What would be made, and why."""
    done = run("--region", "South West", "--dry-run", "--explain", "--out", tmp_path / "out")

    assert 0 == done.exit_code
    assert "Devon: would be made\n  because it was never made" in done.output
    assert "15 of 15 would be made. Nothing was made." in done.output
    assert not (tmp_path / "out").exists()


# Parameters


def job(**given):
    like = {"home": str(ROOT), "out": "/nowhere", "authority": "E06000017", "name": "Rutland", "sections": ["requests"]}
    return like | given


@pytest.mark.parametrize(
    "given",
    [
        {'year = 1; open("pwned.txt", "w"); z': 1},
        {"authority": "../../etc"},
        {"authority": "E06000017; import os"},
        {"as_at": "2026-04-08'; import os"},
        {"cell_seconds": "300"},
        {"sections": "requests"},
        {"memory_mb": True},
        {"at_once": 1000},
    ],
)
def test_a_job_of_another_shape_is_refused(given):
    """A job may come over a network: names, types and forms are declared."""
    with pytest.raises(ValidationError):
        Job.model_validate(job(**given))


def test_a_section_of_another_name_makes_no_report(tmp_path):
    """Sections are a fixed list; a path is none."""
    outcome = Outcome.model_validate(run_job(job(out=str(tmp_path), sections=["../../evil"])))

    assert "refused" == outcome.state and "there is none of that name" in outcome.lines[0]


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({'year = 1; open("pwned.txt", "w"); z': 1}, "there is none of that name"),
        ({"authority": 7}, "Expected str"),
        ({"run": {"section_number": True}}, "Expected int"),
        ({"run": {"hom": "elsewhere"}}, "'hom'"),
        ({"authorty": "Kent"}, "'authorty'"),
    ],
)
def test_parameters_of_a_notebook_are_checked_before_papermill_sees_them(values, says):
    """papermill runs names as code and only warns of one it does not know."""
    with pytest.raises(ParamsError, match=says):
        check_values("finance", values)


def test_all_faults_of_parameters_are_told_together():
    """Once, with every name."""
    with pytest.raises(ParamsError) as told:
        check_values("finance", {"a b": 1, "as_at": 2, "cases": None})

    assert 3 == len(told.value.faults)


def test_a_notebook_that_leads_out_of_its_folder_is_not_run(project, tmp_path):
    """Only notebooks of the project run."""
    notebook = project / "notebooks" / FILES["sen_support"]
    notebook.rename(tmp_path / "elsewhere.ipynb")
    notebook.symlink_to(tmp_path / "elsewhere.ipynb")

    with pytest.raises(ParamsError, match="leads out of the notebooks folder"):
        notebook_path(project, "sen_support")


def test_braces_in_a_place_stay_as_they_are(tmp_path):
    """papermill fills `{authority}` in: a folder so named would become another, or lead out."""
    done = run("Rutland", *QUICK, "--out", tmp_path / "{authority}" / "{{x}")

    assert 0 == done.exit_code, done.output
    assert (tmp_path / "{authority}" / "{{x}" / "rutland" / DAY / "notebooks" / FILES["sen_support"]).is_file()


# A run of several


@pytest.fixture(scope="module")
def several(tmp_path_factory):
    """Three reports, one of whose authorities has a corrupt table; and the same again."""
    home = tmp_path_factory.mktemp("several") / "project"
    shutil.copytree(ROOT / "notebooks", home / "notebooks")
    shutil.copytree(ROOT / "data", home / "data", ignore=shutil.ignore_patterns("official"))
    table = home / "data" / "raw" / "kent" / "requests_by_month_and_area.csv"
    table.write_text(table.read_text().replace("North,2024-03,calendar month,96", "North,2024-03,calendar month,9O"))
    patch = pytest.MonkeyPatch()
    patch.setenv("HIGHNEEDS_HOME", str(home))
    out = home / "reports"
    first = run("Rutland", "Kent", "Devon", *QUICK, "--jobs", "2", "--explain")
    told = contents(out) | {"events": events(out)}
    second = run("Rutland", "Kent", "Devon", *QUICK, "--jobs", "2")
    patch.undo()
    return first, told, second, out


def test_a_corrupt_input_costs_its_own_report(several):
    """The others are made; the line names file, row and column; the exit status says in part."""
    first, _, _, out = several

    assert 3 == first.exit_code
    assert "Kent: kent/requests_by_month_and_area.csv: row 2: found '9O' in value" in first.output
    assert "Traceback" not in first.output
    assert {"rutland", "devon"} == {path.name for path in out.iterdir() if path.is_dir() and path.name[0] != "."}


def test_counted_lines_tell_how_far_it_is(several):
    """Without a terminal: which, what came of it, how many, how long."""
    first, _, second, _ = several

    assert "3 of 3 done, 1 with faults" in first.output
    assert "Devon: made because it was never made" in first.output
    assert "2 of 3 reports stand whole: 2 made now, 0 as before. 1 needs attention." in first.output
    assert "2 of 3 reports stand, nothing changed." in second.output and 3 == second.exit_code


def test_the_summary_says_what_came_of_each(several):
    """For a mailer as data, for a person as a page with the fault and the way out."""
    _, told, _, out = several
    data = json.loads(told["summary.json"])

    assert {"done": 2, "unchanged": 0, "in part": 0, "refused": 1, "failed": 0} == data["counts"]
    assert ["Devon", "Kent", "Rutland"] == [each["name"] for each in data["outcomes"]]
    assert f"devon/{DAY}" == data["outcomes"][0]["folder"]
    page = lxml_html.fromstring(told["summary.html"])
    assert [f"devon/{DAY}/report.html", f"rutland/{DAY}/report.html"] == page.xpath("//td/../th/a/@href")
    assert "found '9O' in value" in page.text_content()
    assert 2 == summary(out)["counts"]["unchanged"]


def test_the_log_is_one_object_a_line_with_seconds(several):
    """A monitor follows it."""
    _, told, _, _ = several
    kinds = [each["event"] for each in told["events"]]

    assert "run" == kinds[0] and "end" == kinds[-1]
    assert 3 == kinds.count("outcome") and 2 == kinds.count("section")
    assert sorted(each["seconds"] for each in told["events"]) == [each["seconds"] for each in told["events"]]


def test_summary_and_log_name_no_place_of_this_machine(several):
    """They are put where everybody looks."""
    _, told, _, out = several

    assert str(out).encode() not in told["summary.json"] + told["summary.html"]


def test_where_none_could_be_made_the_status_is_bad_input(project, tmp_path):
    """Status 3 would say that there is something to read."""
    (project / "data" / "processed" / "panel" / "panel.csv.gz").write_bytes(b"no zip")

    done = run("Rutland", "Devon", *QUICK, "--out", tmp_path / "out")

    assert 1 == done.exit_code
    assert done.output.count("cannot be read") == 2 and "Traceback" not in done.output


def test_names_in_an_unexpected_message_are_not_repeated(project, tmp_path, demo_cases):
    """A library's message may hold a cell of the case data; kind and place are enough to mend it."""
    poison(project, "data_quality", "raise KeyError('Jane Doe')")

    done = run("Kent", "--sections", "data_quality", "--cases", demo_cases / "blade_csv", "--out", tmp_path / "out")

    assert "Jane" not in done.output and "KeyError (its message is left out: case data)" in done.output


def test_a_notebook_runs_in_a_folder_of_its_own(project, tmp_path, monkeypatch):
    """A file that one leaves is not there for the next, nor in the folder where the command was given."""
    look = f"import os; open({str(tmp_path / 'seen')!r}, 'a').write(str(os.listdir('.')))\nopen('left', 'w').close()"
    poison(project, "timeliness", look)
    poison(project, "sen_support", look)
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")

    done = run("Rutland", "--sections", "timeliness,sen_support", "--out", tmp_path / "out")

    assert 0 == done.exit_code, done.output
    assert "[][]" == (tmp_path / "seen").read_text()
    assert [] == list((tmp_path / "here").iterdir()) and not list(project.rglob("left"))


# Faults in a section


def test_a_kernel_that_is_killed_once_is_started_again(project, tmp_path):
    """The machine was short of memory for a moment."""
    mark = tmp_path / "mark"
    line = (
        f"import os, pathlib; p = pathlib.Path({str(mark)!r})\nq = p.exists() or p.touch() or os.kill(os.getpid(), 9)"
    )
    poison(project, "sen_support", line)

    done = run("Rutland", *QUICK, "--out", tmp_path / "out")

    assert 0 == done.exit_code, done.output
    assert mark.exists()


@pytest.mark.parametrize(
    ("line", "options", "says"),
    [
        ("while True: pass", ("--cell-seconds", "8"), "cell 'key-figures' took longer than 8 seconds"),
        ("import time; time.sleep(60)", ("--cell-seconds", "8"), "took longer than 8 seconds and was stopped"),
        ("import numpy; numpy.ones(2**30)", ("--memory-mb", "600"), "stopped: MemoryError"),
        (
            "import os; os.kill(os.getpid(), 9)",
            (),
            "kernel ended at cell 'key-figures' (DeadKernelError: Kernel died), twice",
        ),
        ("import sys; sys.exit(3)", (), "stopped: SystemExit: 3"),
    ],
    ids=["hung", "asleep", "memory", "killed", "exit"],
)
def test_a_section_that_hangs_hoards_or_dies_costs_itself(project, tmp_path, line, options, says):
    """The other section is in the report; the line names section, heading, cause and what to do."""
    poison(project, "sen_support", line)
    sections = ("--sections", "timeliness,sen_support")

    done = run("Rutland", *sections, *options, "--out", tmp_path / "out")

    page = lxml_html.fromstring((tmp_path / "out" / "rutland" / DAY / "report.html").read_bytes())
    assert 3 == done.exit_code, done.output
    assert "section 'sen_support'" in done.output and says in done.output and "left out of the report" in done.output
    assert "The section 'sen_support' could not be made." in page.text_content()
    assert page.get_element_by_id("s-timeliness") is not None


def test_a_section_that_failed_is_tried_again_and_the_others_are_kept(project, tmp_path):
    """The next run mends what it can."""
    notebook = project / "notebooks" / FILES["sen_support"]
    sound = notebook.read_text(encoding="utf-8")
    poison(project, "sen_support", "raise ValueError('bad')")
    sections = ("--sections", "timeliness,sen_support")
    assert 3 == run("Rutland", *sections, "--out", tmp_path / "out").exit_code

    again = run("Rutland", *sections, "--out", tmp_path / "out", "--dry-run", "--explain")
    notebook.write_text(sound, encoding="utf-8")
    done = run("Rutland", "Devon", *sections, "--out", tmp_path / "out")

    assert "because last time: section 'sen_support'" in again.output
    assert 0 == done.exit_code, done.output
    assert event(tmp_path / "out", "section", authority="Rutland", section="timeliness")["kept"]
    assert not event(tmp_path / "out", "section", authority="Rutland", section="sen_support")["kept"]


# Faults of a process, of a run, of the disk


SLOW = "import time; time.sleep(3)"


@pytest.fixture
def slow(project, tmp_path):
    """A run of two reports whose second sections take seconds, to be watched."""
    poison(project, "sen_support", SLOW)
    return ("Rutland", "Devon", "--sections", "timeliness,sen_support", "--jobs", "1", "--out", tmp_path / "out")


def test_a_report_whose_process_is_killed_is_started_again_where_it_was(slow, tmp_path):
    """Finished sections are kept; the report comes out whole."""
    process = start(*slow)
    started = event(tmp_path / "out", "started", authority="Devon")
    assert event(tmp_path / "out", "section", authority="Devon", section="timeliness")

    os.kill(started["process"], signal.SIGKILL)
    out, err = process.communicate(timeout=120)

    assert 0 == process.returncode, err
    assert "Devon: its process was ended from outside" in err
    told = [each for each in events(tmp_path / "out") if each.get("section") == "timeliness"]
    assert [("Devon", False), ("Devon", True)] == [(e["authority"], e["kept"]) for e in told[:2]]


def test_a_run_that_is_killed_leaves_no_part_and_goes_on_where_it_was(slow, tmp_path):
    """Nothing half made stands, no process is left, and the end is the same as if nothing had happened."""
    one = ("Devon", *slow[2:])
    process = start(*one)
    kept = tmp_path / "out" / ".work" / "sections" / "devon" / DAY / "timeliness"
    assert wait_for(kept.is_dir)
    family, made = psutil.Process(process.pid).children(recursive=True), kept.stat().st_mtime_ns

    process.send_signal(signal.SIGKILL)
    process.communicate()

    assert family and wait_for(lambda: not any(each.is_running() for each in family)), "processes were left"
    assert not (tmp_path / "out" / "devon" / DAY).exists()
    done = run(*one)
    assert 0 == done.exit_code, done.output
    assert made == kept.stat().st_mtime_ns, "the finished section was made again"
    assert [DAY] == [path.name for path in (tmp_path / "out" / "devon").iterdir()]
    assert 0 == run(*one[:-1], tmp_path / "again").exit_code
    assert contents(tmp_path / "again" / "devon") == contents(tmp_path / "out" / "devon")


def test_a_run_that_is_asked_to_end_says_how_far_it_came(slow, tmp_path):
    """A service is stopped with SIGTERM: status 3, a summary, and no process left."""
    process = start(*slow)
    assert event(tmp_path / "out", "section", authority="Devon", section="timeliness")
    family = psutil.Process(process.pid).children(recursive=True)

    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=60)

    assert 3 == process.returncode, err
    assert "Stopped. Run again to go on from here. 0 of 2 reports stand whole" in out
    assert {FAILED} == {each["state"] for each in summary(tmp_path / "out")["outcomes"]}
    assert "stopped" == events(tmp_path / "out")[-1]["event"]
    assert wait_for(lambda: not any(each.is_running() for each in family)), "processes were left"
    assert "Traceback" not in out + err


def test_a_run_can_be_made_after_one_that_was_stopped(tmp_path):
    """JupyterLab's process lives on: stopping one run must not stop all that come after."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # workers of a test run pass it over
    executor = pool.threads(1)
    with executor:
        stopped = pool.run_jobs([Job.model_validate(job(out=str(tmp_path), sections=["sen_support"]))], executor)
        with pytest.raises(KeyboardInterrupt):
            next(_interrupt(stopped))
    signal.signal(signal.SIGINT, before)
    with pool.threads(1) as executor:
        [outcome] = pool.run_jobs([Job.model_validate(job(out=str(tmp_path), sections=["sen_support"]))], executor)

    assert DONE == outcome.state


def _interrupt(outcomes):
    """As Ctrl-C reaches a run that waits for its next outcome."""
    timer = threading.Timer(0.5, lambda: os.kill(os.getpid(), signal.SIGINT))
    timer.start()
    yield next(outcomes)


def test_a_full_disk_costs_its_own_report(project, tmp_path):
    """No half report, the one before stands, and the line says what is wrong."""
    out = tmp_path / "disk"
    out.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=900k", "tmpfs", out], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("only an administrator may mount a small disk")
    try:
        done = run("Rutland", "Devon", *QUICK, "--jobs", "1", "--out", out)
        left = [path.name for path in out.glob("[a-z]*/*")]

        assert 3 == done.exit_code, done.output
        assert done.output.count("No space left on device") == 1, done.output
        assert "Check that the place exists, has room" in done.output and "Traceback" not in done.output
        assert left == [DAY]
    finally:
        subprocess.run(["umount", out], check=True)


def test_a_second_run_of_many_is_refused(tmp_path):
    """Two at once would write one summary and do everything twice."""
    with alone(tmp_path / ".work" / "run.lock"):
        done = run("Rutland", "Devon", *QUICK, "--out", tmp_path)

    assert 1 == done.exit_code and "another run of many reports is at work there" in done.output


def test_a_second_run_on_one_report_waits_and_finds_it_made(tmp_path):
    """Two people ask for the same report: one makes it, both have it."""
    lock = tmp_path / ".work" / "locks" / "rutland.lock"
    with alone(lock):
        process = start("Rutland", *QUICK, "--out", tmp_path)
        assert wait_for(lambda: "waiting for it" in process.stderr.readline())
        assert not (tmp_path / "rutland").exists()
    _, err = process.communicate(timeout=120)

    assert 0 == process.returncode, err
    assert (tmp_path / "rutland" / DAY / "report.pdf").is_file()


def test_a_lock_is_free_when_its_holder_is_killed(tmp_path):
    """No file has to be removed by hand after a crash."""
    code = (
        "import time\nfrom pathlib import Path\nfrom highneeds.files import alone\n"
        f"with alone(Path({str(tmp_path / 'l')!r})):\n    print('held', flush=True)\n    time.sleep(60)"
    )
    holder = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert "held" == holder.stdout.readline().strip()
    with alone(tmp_path / "l", patient=False) as mine:
        assert not mine

    holder.kill()
    holder.wait()

    with alone(tmp_path / "l", patient=False) as mine:
        assert mine


def test_without_fork_a_report_is_made_all_the_same(tmp_path):
    """Windows starts an ordinary process for each report and an ordinary kernel for each notebook."""
    script = tmp_path / "ordinary.py"
    script.write_text(
        "import sys\nfrom highneeds.report import forks\n"
        "import multiprocessing\n"
        "forks.CAN_FORK = False\n"
        "from highneeds.engine.job import run_job\n"
        "if __name__ == '__main__':\n"
        f"    print(run_job({job(out=str(tmp_path / 'out'), sections=['sen_support'])!r})['state'])\n"
    )

    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=200, check=False)

    assert DONE == done.stdout.strip(), done.stderr
    assert 0 == run("Rutland", *QUICK, "--out", tmp_path / "forked").exit_code
    ordinary, forked = (tmp_path / name / "rutland" / DAY for name in ("out", "forked"))
    assert contents(ordinary) == contents(forked)


# Small parts


def test_jobs_follow_cores_and_free_memory(monkeypatch):
    """A small machine runs one report at a time, not none."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)), raising=False)
    for megabytes, jobs in ((100_000, 8), (3 * pool.MB_A_JOB, 3), (10, 1)):
        monkeypatch.setattr(psutil, "virtual_memory", lambda mb=megabytes: type("M", (), {"available": mb * 2**20}))
        assert jobs == pool.jobs_here()


def outcome(name, state, **given):
    return Outcome(authority="E06000017", name=name, state=state, **given)


def test_the_run_in_one_sentence():
    """Whole or not, and how many need somebody."""
    said = answer([outcome("A", "done"), outcome("B", "unchanged"), outcome("C", "in part"), outcome("D", "failed")])

    assert "2 of 4 reports stand whole: 1 made now, 1 as before. 2 need attention." == said


def test_markup_in_a_fault_is_shown_not_run(tmp_path):
    """A file's name may be anything."""
    fault = {"cause": "<script>alert(1)</script>", "next_step": "", "section": "", "heading": ""}

    page, _ = write_summary(tmp_path, [outcome("A", "refused", faults=[fault])])

    assert "<script" not in page.read_text(encoding="utf-8")


def test_the_same_outcomes_give_the_same_summary(tmp_path):
    """Whatever the order in which they came and the seconds they took."""
    both = [outcome("A", "done", seconds=1.0), outcome("B", "done", seconds=2.0)]
    first = [path.read_bytes() for path in write_summary(tmp_path, both)]

    again = [each.model_copy(update={"seconds": 9.0}) for each in reversed(both)]
    assert first == [path.read_bytes() for path in write_summary(tmp_path, again)]


def test_limits_of_a_job_are_those_of_the_command():
    """One default, told in one place."""
    told = {p.name: p.default for p in main.commands["report"].params}

    assert Limits(told["cell_seconds"], told["report_seconds"], told["memory_mb"]) == Limits()
    given = Job.model_validate(job())
    assert Limits(given.cell_seconds, given.report_seconds, given.memory_mb) == Limits()


def test_reports_in_the_making_are_not_in_the_index(tmp_path):
    """A half-filled folder has a manifest for a moment."""
    from highneeds.report.site import read_entries

    (tmp_path / "kent" / f".{DAY}.abc").mkdir(parents=True)
    (tmp_path / "kent" / f".{DAY}.abc" / "manifest.json").write_text("{")

    assert ([], []) == read_entries(tmp_path)
