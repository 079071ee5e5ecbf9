"""Schedules are ready to copy: each parses in its own format, and all start the one command that the page explains."""

import configparser
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import click
import pytest
import yaml
from click.testing import CliRunner
from lxml import etree

from highneeds.cli import main, runs
from highneeds.cli.days import last_month_end
from highneeds.engine.job import DONE, FAILED, Outcome
from highneeds.engine.summary import write_summary
from highneeds.report.faults import Fault
from tests.conftest import ROOT

FOLDER = ROOT / "schedules"
PAGE = ROOT / "docs" / "schedules.md"
FILES = {path.name: path.read_text(encoding="utf-8") for path in sorted(FOLDER.iterdir())}
STARTERS = ("highneeds.timer", "highneeds-task.xml")  # they start another file, which holds the commands
HOLDERS = [name for name in FILES if name not in STARTERS]
ORDER = ["fetch", "report --all --as-at last-month-end", "site"]
COMMAND = re.compile(r"(?:^|(?<=[\s'\"`!]))(?:[^\s'\"`!]*[/\\])?highneeds ((?:[a-z]|--)[^|;&><`\n\"]*)")
PLACE, WINDOWS_PLACE = "/opt/highneeds", "C:\\highneeds"
TASK = "{http://schemas.microsoft.com/windows/2004/02/mit/task}"
CRON_FIELD = re.compile(r"\*|\d+(,\d+)*")


def without_comments(text):
    return "\n".join(line for line in text.splitlines() if not re.match(r"\s*(#|rem )", line))


def commands(text):
    """Arguments of every highneeds command in a text."""
    return [" ".join(shlex.split(found.partition(" #")[0], posix=True)) for found in COMMAND.findall(text)]


def unit(name):
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment]
    parser.read_string(FILES[name])
    return parser


def steps(document):
    """Steps of all jobs of a pipeline, in order."""
    jobs = document["jobs"]
    return [step for job in (jobs.values() if isinstance(jobs, dict) else jobs) for step in job["steps"]]


def step_with(document, words):
    [step] = [step for step in steps(document) if words in step.get("run", step.get("bash", ""))]
    return step


def stub(folder, statuses):
    """A highneeds that writes down what it is asked, and ends with the exit status given for the command."""
    place = folder / ".venv" / "bin" / "highneeds"
    place.parent.mkdir(parents=True)
    cases = "".join(f"{name}) exit {status};; " for name, status in statuses.items())
    place.write_text(f'#!/bin/sh\necho "$@" >> "{folder}/asked"\ncase "$1" in {cases}esac\n', encoding="utf-8")
    place.chmod(0o755)


def run_in(folder, line, shell="sh", **environment):
    return subprocess.run(
        [shell, "-c", line], cwd=folder, env=os.environ | environment, capture_output=True, text=True, check=False
    )


def asked(folder):
    return (folder / "asked").read_text(encoding="utf-8").splitlines()


def cron_line():
    lines = without_comments(FILES["highneeds.cron"]).splitlines()
    [line] = [line for line in lines if not re.match(r"\w+=", line)]
    return line


@pytest.mark.parametrize("name", HOLDERS)
def test_every_file_runs_the_same_three_commands(name):
    """Reports do not depend on which system started them."""
    assert ORDER == commands(without_comments(FILES[name]))


@pytest.mark.parametrize("text", [*FILES.values(), PAGE.read_text(encoding="utf-8")], ids=[*FILES, PAGE.name])
def test_every_command_line_is_one_the_command_accepts(text):
    """A renamed option would otherwise be found out on the 3rd of the month."""
    wrong = []
    for line in commands(text):
        name, *arguments = line.split()
        try:
            main.commands[name].make_context(name, arguments, resilient_parsing=False)
        except click.exceptions.Exit:
            pass  # --help
        except (click.UsageError, KeyError) as fault:
            wrong.append(f"{line}: {fault}")

    assert [] == wrong


def test_the_page_holds_command_lines_to_check():
    """A pattern that finds nothing would accept everything."""
    found = commands(PAGE.read_text(encoding="utf-8"))

    assert ORDER == found[:3]
    assert {"report --help", "report Kent", f"{ORDER[1]} --scheduler tls://HOST:8786"} <= set(found)


def test_every_option_of_the_page_is_one_of_the_report_command():
    """Options named by themselves, outside a command line."""
    named = set(re.findall(r"`(--[a-z-]+)`", PAGE.read_text(encoding="utf-8")))
    known = {option for parameter in main.commands["report"].params for option in parameter.opts}

    assert {"--as-at", "--dry-run", "--explain"} <= named
    assert set() == named - known


def test_the_report_command_asks_for_all_authorities_at_the_last_month_end(monkeypatch):
    """The options together make sense to the command, not only each by itself."""
    seen = []
    monkeypatch.setattr(runs, "run_reports", lambda given: seen.append(given) or 0)

    result = CliRunner().invoke(main, ORDER[1].split())

    assert 0 == result.exit_code, result.output
    assert [(True, last_month_end(date.today()))] == [(given.everyone, given.as_at) for given in seen]


@pytest.mark.parametrize("name", FILES)
def test_every_file_says_at_its_head_where_it_goes_and_what_to_edit(name):
    """Ready to copy, by somebody who has not read the page."""
    head = " ".join(FILES[name].splitlines()[:6])

    assert re.search(r"\bPut it\b|\bPaste it\b|\bstays where it is\b|schtasks /create", head)
    assert re.search(r"\bEdit\b|\bNothing to edit\b", head)


@pytest.mark.parametrize("name", FILES)
def test_no_file_names_a_place_of_one_machine_or_a_registry(name):
    """What is copied works anywhere: only the two places that are told to be edited."""
    unix = set(re.findall(r"(?<![\w:/.<)}])/(?:opt|srv|home|Users|root|tmp|mnt|usr|work)\b[^\s\"';:|,]*", FILES[name]))
    windows = set(re.findall(r"[A-Z]:\\[\w\\.-]*", FILES[name]))

    assert all(place == PLACE or place.startswith(f"{PLACE}/") for place in unix)
    assert all(place.startswith((WINDOWS_PLACE, "C:\\ProgramData\\")) for place in windows)
    assert [] == [word for word in ("py" + "pi", "regi" + "stry", "index" + "-url") if word in FILES[name].lower()]


def test_the_crontab_line_has_five_fields_and_no_percent_sign():
    """In a crontab a percent sign ends the command."""
    *fields, command = cron_line().split(maxsplit=5)

    assert 5 == len(fields)
    assert all(map(CRON_FIELD.fullmatch, fields))
    assert command.startswith('cd "$HIGHNEEDS_HOME" ')
    assert "%" not in command
    assert FILES["highneeds.cron"].endswith("\n")


def test_mail_to_somebody_else_is_left_to_whoever_copies_the_crontab():
    """An address that nobody edited would take the mail away from everybody."""
    assert "\n# MAILTO=" in FILES["highneeds.cron"]
    assert "\nMAILTO=" not in FILES["highneeds.cron"]


@pytest.mark.skipif(os.name != "posix", reason="cron is a Unix program")
@pytest.mark.parametrize("status", [0, 1, 3])
def test_cron_ends_with_the_status_of_the_reports_and_tells_a_failed_fetch(tmp_path, status):
    """Neither a fetch that fails nor an index that does may hide what came of the reports."""
    stub(tmp_path, {"fetch": 1, "report": status, "site": 3})

    done = run_in(tmp_path.parent, cron_line().split(maxsplit=5)[5], HIGHNEEDS_HOME=str(tmp_path))

    assert status == done.returncode
    assert ORDER == asked(tmp_path)
    assert "No new figures" in done.stdout
    assert done.stdout.endswith(f"{status}\n")


def test_the_service_hides_no_exit_status_of_the_reports():
    """Exit status 3, some reports are incomplete, makes the service fail, so that OnFailure= is heard."""
    service = unit("highneeds.service")["Service"]

    assert "oneshot" == service["Type"]
    assert service["ExecStart"].startswith(f"{PLACE}/.venv/bin/highneeds report")  # no - before it, no shell around it
    assert not {"SuccessExitStatus", "Restart", "RestartForceExitStatus"} & set(service)
    assert service["ExecStopPost"].startswith("-")


@pytest.mark.skipif(os.name != "posix", reason="systemd is a Linux program")
def test_a_fetch_that_fails_is_a_warning_in_the_journal_and_stops_no_service(tmp_path):
    """systemd reads <4> at the head of a line as: warning."""
    stub(tmp_path, {"fetch": 1})
    line = unit("highneeds.service")["Service"]["ExecStartPre"].replace(PLACE, str(tmp_path))

    done = run_in(tmp_path, line)

    assert (0, "<4>", ["fetch"]) == (done.returncode, done.stdout[:3], asked(tmp_path))


def test_the_service_may_write_where_the_commands_write_and_nowhere_else():
    """fetch writes into data, report and site into reports."""
    service = unit("highneeds.service")["Service"]

    assert "strict" == service["ProtectSystem"]
    assert {f"{PLACE}/reports", f"{PLACE}/data"} == set(service["ReadWritePaths"].split())
    assert ["yes", "yes"] == [service["PrivateTmp"], service["NoNewPrivileges"]]
    assert f"HOME=%C/{service['CacheDirectory']}" in service["Environment"].split()


def test_the_timer_makes_up_for_a_day_the_machine_was_off():
    """Otherwise a month would be left out."""
    timer = unit("highneeds.timer")

    assert "true" == timer["Timer"]["Persistent"]
    assert re.fullmatch(r"\*-\*-\d\d \d\d:\d\d:\d\d", timer["Timer"]["OnCalendar"])
    assert "timers.target" == timer["Install"]["WantedBy"]


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not on this machine")
def test_systemd_accepts_both_units_once_the_place_is_edited(tmp_path):
    """Nothing but the place of the project needs editing."""
    home = tmp_path / "project"
    stub(home, {})
    paths = [tmp_path / name for name in FILES if name.endswith((".service", ".timer"))]
    for path in paths:
        path.write_text(FILES[path.name].replace(PLACE, str(home)), encoding="utf-8")

    done = subprocess.run(["systemd-analyze", "verify", *paths], capture_output=True, text=True, check=False)

    assert (0, "") == (done.returncode, "".join(line for line in done.stderr.splitlines() if "highneeds" in line))


def test_the_windows_task_starts_the_batch_file_every_month():
    """Missed days are made up for, a second start is ignored, and no run lasts longer than six hours."""
    task = etree.fromstring(FILES["highneeds-task.xml"].encode("ascii"))

    def text(path):
        return task.findtext("/".join(f"{TASK}{part}" for part in path.split("/")))

    months = task.findall(f".//{TASK}ScheduleByMonth/{TASK}Months/*")

    assert f"{TASK}Task" == task.tag
    assert (1, 2) <= tuple(map(int, task.get("version").split(".")))
    assert 12 == len({month.tag for month in months})
    assert "3" == text("Triggers/CalendarTrigger/ScheduleByMonth/DaysOfMonth/Day")
    assert "true" == text("Settings/StartWhenAvailable")
    assert "IgnoreNew" == text("Settings/MultipleInstancesPolicy")
    assert "PT6H" == text("Settings/ExecutionTimeLimit")
    assert f"{WINDOWS_PLACE}\\schedules\\highneeds-task.cmd" == text("Actions/Exec/Command")
    assert WINDOWS_PLACE == text("Actions/Exec/WorkingDirectory")


@pytest.mark.parametrize("name", ["highneeds-task.xml", "highneeds-task.cmd"])
def test_the_windows_files_are_ascii(name):
    """Task Scheduler refuses a file whose bytes or text differ from the encoding it names; so it names none."""
    assert FILES[name].isascii()
    assert "encoding=" not in FILES[name]


def test_the_batch_file_ends_with_the_status_of_the_reports():
    """Task Scheduler shows it as the last run's result; the index that is made afterwards must not hide it."""
    lines = FILES["highneeds-task.cmd"].splitlines()
    [at] = [number for number, line in enumerate(lines) if line.startswith("highneeds report ")]

    assert 'set "STATUS=%ERRORLEVEL%"' == lines[at + 1]
    assert "exit /b %STATUS%" == lines[-1]
    assert 1 == sum("STATUS=" in line for line in lines)


def test_the_batch_file_uses_the_environment_of_environment_yml():
    """And has Windows' line ends, which its interpreter expects."""
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    content = (FOLDER / "highneeds-task.cmd").read_bytes()

    assert f"activate {environment['name']} " in FILES["highneeds-task.cmd"]
    assert content.count(b"\r\n") == content.count(b"\n")


def test_both_services_start_often_enough_to_keep_their_caches():
    """Both remove a cache that was not used for seven days; the 3rd, as everywhere, is among the days."""
    github, azure = (yaml.safe_load(FILES[name]) for name in ("github-actions.yml", "azure-pipelines.yml"))
    [one], [other] = github[True]["schedule"], azure["schedules"]  # YAML reads the key `on` as true
    minute, hour, days, *rest = one["cron"].split()
    days = sorted(map(int, days.split(",")))
    gaps = [after - before for before, after in zip(days, [*days[1:], days[0] + 31], strict=True)]

    assert one["cron"] == other["cron"]
    assert ["*", "*"] == rest
    assert all(map(CRON_FIELD.fullmatch, (minute, hour)))
    assert 3 in days
    assert max(gaps) < 7
    assert other["always"] is True
    assert "workflow_dispatch" in github[True]


@pytest.mark.parametrize("name", ["github-actions.yml", "azure-pipelines.yml"])
def test_pipelines_set_up_as_the_readme_says(name):
    """Python 3.12, the README's packages for the PDF, and the Makefile's own way to the environment."""
    document = yaml.safe_load(FILES[name])
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    packages = re.search(r"`apt install ([^`]+)`", readme).group(1)
    python = [step.get("with", step.get("inputs", {})) for step in steps(document)]
    versions = {given.get("python-version") or given.get("versionSpec") for given in python} - {None}

    assert packages in step_with(document, "apt-get install")["run" if "github" in name else "bash"]
    assert step_with(document, "make .venv/ready")
    assert "READY := $(VENV)/ready" in (ROOT / "Makefile").read_text(encoding="utf-8")
    assert {"3.12"} == versions


@pytest.mark.parametrize("name", ["github-actions.yml", "azure-pipelines.yml"])
def test_pipelines_warn_of_case_data_in_public_places(name):
    """An artifact of a public repository can be read by everybody."""
    assert "MUST NOT HOLD LOCAL CASE DATA" in FILES[name]
    assert re.search(r"belong to a private \w+\s*(#\s*)?only", FILES[name])


def test_github_keeps_the_reports_of_a_run_that_fails():
    """The reports' step fails with its own status; index, cache and artifact come all the same."""
    document = yaml.safe_load(FILES["github-actions.yml"])
    made = step_with(document, "highneeds report")
    after = steps(document)[steps(document).index(made) + 1 :]
    kept = [step["with"]["path"] for step in after if "with" in step]

    assert f".venv/bin/highneeds {ORDER[1]}" == made["run"]
    assert not made.get("continue-on-error")
    assert all(step["if"] == "always() && steps.reports.outcome != 'skipped'" for step in after)
    assert ["reports", "reports"] == kept
    assert after[-1]["with"]["include-hidden-files"] is False


def test_a_cache_is_saved_under_a_key_that_the_next_run_finds():
    """No key is used twice, for a cache is never written over; the next run takes the newest that begins alike."""
    document = yaml.safe_load(FILES["github-actions.yml"])
    restored = {
        step["with"]["path"]: step["with"] for step in steps(document) if "cache/restore" in step.get("uses", "")
    }
    saved = {step["with"]["path"]: step["with"] for step in steps(document) if "cache/save" in step.get("uses", "")}

    assert {"reports", "data/processed/panel"} == set(restored) == set(saved)
    for path, given in restored.items():
        assert given["key"] == saved[path]["key"]
        assert given["key"].startswith(given["restore-keys"])
        assert given["key"].endswith("${{ github.run_id }}-${{ github.run_attempt }}")


@pytest.mark.skipif(not shutil.which("bash"), reason="bash is not on this machine")
@pytest.mark.parametrize("status", [0, 1, 3])
def test_azure_keeps_the_reports_and_fails_with_their_status(tmp_path, status):
    """Azure keeps no cache of a job that failed: one job passes the status on, the next ends with it."""
    document = yaml.safe_load(FILES["azure-pipelines.yml"])
    made, (job, verdict) = step_with(document, "highneeds report"), document["jobs"]
    stub(tmp_path, {"fetch": 1, "report": status, "site": 1})

    fetched = run_in(tmp_path, step_with(document, "highneeds fetch")["bash"], "bash")
    done = run_in(tmp_path, made["bash"], "bash")
    last = run_in(tmp_path, verdict["steps"][-1]["bash"].replace("$(status)", str(status)), "bash")

    assert (0, 0, status) == (fetched.returncode, done.returncode, last.returncode)
    assert "##vso[task.logissue type=warning]" in fetched.stdout
    assert f"##vso[task.setvariable variable=status;isOutput=true]{status}\n" == done.stdout
    assert f"$[ dependencies.{job['job']}.outputs['{made['name']}.status'] ]" == verdict["variables"]["status"]
    assert job["job"] == verdict["dependsOn"]


def test_azure_publishes_whatever_was_made_and_nothing_hidden():
    """Hidden folders hold what has not yet been searched for names."""
    document = yaml.safe_load(FILES["azure-pipelines.yml"])
    gather = step_with(document, "rsync")
    [publish] = [step for step in steps(document) if step.get("task", "").startswith("PublishPipelineArtifact@")]

    assert ["always()", "always()"] == [gather["condition"], publish["condition"]]
    assert "--exclude='.*' reports/ " in gather["bash"]
    assert f'"{publish["inputs"]["targetPath"]}"' in gather["bash"]


def test_the_page_names_every_file():
    """A file that the page does not explain is found by nobody."""
    page = PAGE.read_text(encoding="utf-8")

    assert [] == [name for name in FILES if f"`{name}`" not in page]


def test_the_page_fits_on_two_screens():
    """Short enough to be read before it is needed."""
    lines = PAGE.read_text(encoding="utf-8").splitlines()

    assert len(lines) < 120
    assert [] == [line for line in lines if len(line) > 125]


def test_the_page_explains_every_exit_status():
    """0, 1, 2 and 3, each with what to do."""
    page = PAGE.read_text(encoding="utf-8")

    assert ["0", "1", "2", "3"] == re.findall(r"^\| (\d) \|[^|]+\|[^|]+\|$", page, flags=re.M)


def test_the_notebook_and_parameters_of_the_page_exist():
    """A job with a parameter that the notebook does not know would report on another authority."""
    page = PAGE.read_text(encoding="utf-8")
    [name] = set(re.findall(r"notebooks/\w+\.ipynb", page))
    cells = json.loads((ROOT / name).read_text(encoding="utf-8"))["cells"]
    [source] = ["".join(cell["source"]) for cell in cells if "parameters" in cell["metadata"].get("tags", [])]

    for parameter in re.search(r"Parameters: `(\w+)`[^`]+`\w+`\) and `(\w+)`", page).groups():
        assert re.search(rf"^{parameter} = ", source, flags=re.M), parameter


@pytest.fixture
def summary(tmp_path) -> Path:
    """Folder with the summary of a run: one report made, one not."""
    (tmp_path / "reports").mkdir()
    fault = Fault("it took too long", "Run again.")
    made = Outcome(authority="E10000008", name="Devon", state=DONE)
    failed = Outcome(authority="E10000016", name="Kent", state=FAILED, faults=[fault.as_dict()])
    write_summary(tmp_path / "reports", [made, failed])
    return tmp_path


def line_of_page(start):
    [line] = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith(f"    {start} ")]
    return line.strip()


def test_the_line_for_a_mailer_counts_the_reports(summary):
    """It reads the summary that the command really writes."""
    arguments = shlex.split(line_of_page(".venv/bin/python"))[1:]

    done = subprocess.run([sys.executable, *arguments], cwd=summary, capture_output=True, text=True, check=False)

    assert "'done': 1" in done.stdout
    assert "'failed': 1" in done.stdout


@pytest.mark.skipif(not shutil.which("jq"), reason="jq is not on this machine")
def test_the_line_for_a_mailer_says_what_is_wrong(summary):
    """Each report that has a fault, with the first of them."""
    done = subprocess.run(shlex.split(line_of_page("jq")), cwd=summary, capture_output=True, text=True, check=False)

    assert "Kent: it took too long\n" == done.stdout


def test_dask_hears_the_certificates_from_the_environment(tmp_path):
    """The variables that the page names are those that Dask reads."""
    pytest.importorskip("distributed", reason="Dask distributed is not installed")
    names = set(re.findall(r"DASK_DISTRIBUTED__\w+(?:\$\{role\}\w+)?", PAGE.read_text(encoding="utf-8")))
    spelt = {name.replace("${role}", role): name for name in names for role in ("SCHEDULER", "WORKER", "CLIENT")}
    given = {name: "true" if "REQUIRE" in name else name for name in spelt}
    code = (
        "import json; from distributed.security import Security; told = Security(); "
        "print(json.dumps({name: getattr(told, name) for name in told.__slots__}, default=str))"
    )

    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | given | {"DASK_CONFIG": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    told = json.loads(done.stdout)

    assert told["require_encryption"] is True
    assert "DASK_DISTRIBUTED__COMM__TLS__CA_FILE" == told["tls_ca_file"]
    for role in ("scheduler", "worker", "client"):
        for part in ("cert", "key"):
            assert f"DASK_DISTRIBUTED__COMM__TLS__{role}__{part}".upper() == told[f"tls_{role}_{part}"]
