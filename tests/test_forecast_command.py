"""Commands that forecast and keep score: what they print, to the letter, and how they refuse."""

import csv
import io
import json
import math
import os
import re
import shutil
import subprocess
import sys
import time
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from highneeds.cli import main
from highneeds.models.yearly.annual import MEASURES, open_annual
from highneeds.report import outlook
from highneeds.report.outlook import forecast_lines
from highneeds.sources.panel import FILES, Panel, read_panel, write_panel
from tests.conftest import ROOT

HEADER = "area_code,measure,period,point,lower80,upper80,lower95,upper95,model"
NUMBERS = ("lower95", "lower80", "point", "upper80", "upper95")


@pytest.fixture(autouse=True)
def read_once(monkeypatch, panel):
    """The committed panel is read once for this file and not by each of its hundred commands."""
    monkeypatch.setattr(outlook, "read_panel", lambda folder: panel if ROOT in folder.parents else read_panel(folder))


def run(*words: str):
    """The command in this process, at the project's folder."""
    return CliRunner(env={"HIGHNEEDS_HOME": str(ROOT)}).invoke(main, list(words))


def parsed(text: str) -> list[dict]:
    """Rows of a CSV."""
    return list(csv.DictReader(io.StringIO(text)))


def home_of(folder, panel: Panel):
    """A project folder that holds what this panel says of the measures that are forecast."""
    values = panel.values[panel.values["measure"].isin(MEASURES.values())]
    write_panel(replace(panel, values=values), folder / "data" / "processed" / "panel")
    return folder


# ---- CSV -------------------------------------------------------------------------------------------------------------


def test_csv_has_one_row_a_year_under_the_agreed_header(panel):
    """A program reads these columns: names, order, period and numbers are a promise."""
    done = run("forecast", "Kent", "--horizon", "2", "--format", "csv")
    expected = open_annual(panel.values, panel.areas, "ehc_plans").forecast("E10000016", 2).rows()

    assert (0, "") == (done.exit_code, done.stderr)
    assert HEADER == done.stdout.splitlines()[0]
    actual = parsed(done.stdout)
    assert [("E10000016", "ehc_plans", "2026", "POOL"), ("E10000016", "ehc_plans", "2027", "POOL")] == [
        (row["area_code"], row["measure"], row["period"], row["model"]) for row in actual
    ]
    assert [[f"{row[name]:.1f}" for name in NUMBERS] for row in expected] == [
        [row[name] for name in NUMBERS] for row in actual
    ]


@pytest.mark.parametrize(("measure", "places"), (("requests", 1), ("sen_support", 2), ("ehc_pupils", 2)))
def test_percentages_have_two_places_and_counts_one(panel, measure, places):
    """A tenth of a percentage point is a year's change; a tenth of a plan is nobody."""
    expected = open_annual(panel.values, panel.areas, measure).forecast("E10000016", 1).rows()[0]

    (actual,) = parsed(run("forecast", "Kent", "--measure", measure, "--horizon", "1", "--format", "csv").stdout)

    assert [f"{expected[name]:.{places}f}" for name in NUMBERS] == [actual[name] for name in NUMBERS]


@pytest.mark.parametrize("measure", MEASURES)
def test_numbers_of_every_measure_rise_and_lie_ahead(measure):
    """Lower ends under the point, upper ends above it, the wider range outside; the years after the last one held."""
    done = run("forecast", "Leeds", "--measure", measure, "--format", "csv")

    first = 2025 if measure in ("requests", "new_plans") else 2026
    rows = parsed(done.stdout)
    assert [str(first + ahead) for ahead in range(3)] == [row["period"] for row in rows]
    for row in rows:
        values = [float(row[name]) for name in NUMBERS]
        assert values == sorted(values)
        assert values[0] < values[1] < values[3] < values[4]


def test_all_authorities_have_a_row_within_seconds():
    """153 authorities, one year: a row each, refused ones without numbers and with their reason beside."""
    start = time.perf_counter()
    done = run("forecast", "--all", "--measure", "ehc_plans", "--horizon", "1", "--format", "csv")
    seconds = time.perf_counter() - start

    rows = parsed(done.stdout)
    assert (0, 153, 153) == (done.exit_code, len(rows), len({row["area_code"] for row in rows}))
    refused = [row for row in rows if row["model"] == "refused"]
    assert [{"area_code": "E09000025", "measure": "ehc_plans", "period": "2026"}] == [
        {name: value for name, value in row.items() if value and name != "model"} for row in refused
    ]
    assert re.match(r"Newham: The figure for Jan 2025 is far below .* Last figure: 1,199\.", done.stderr)
    assert 1 == len(done.stderr.splitlines())
    assert seconds < 10


def test_the_same_panel_gives_the_same_bytes(panel, tmp_path):
    """Row order on disk, and a second run, change no byte of CSV or JSON."""
    home = home_of(tmp_path, panel)
    path = home / "data" / "processed" / "panel" / FILES[0]
    held = pd.read_csv(path, dtype=str, keep_default_na=False)
    held.sample(frac=1, random_state=3).to_csv(path, index=False)

    for form in ("csv", "json"):
        wanted = {"measure": "requests", "horizon": 1, "as_at": None, "form": form}
        first, again, other = (forecast_lines(home, "", **wanted) for home in (ROOT, ROOT, home))
        assert first == again
        assert first == other


@pytest.mark.parametrize("measure", ("ehc_plans", "new_plans", "sen_support"))
def test_as_at_is_the_panel_cut_at_the_day(panel, tmp_path, monkeypatch, measure):
    """What had not ended by the day is as good as not held: stocks to January 2022, flows to calendar 2021."""
    year, stock = panel.values["period"].str[:4].astype(int), panel.values["period_basis"].eq("January")
    cut = panel.values[(stock & (year <= 2022)) | (~stock & (year <= 2021))]
    held = {ROOT: panel, tmp_path: replace(panel, values=cut)}
    monkeypatch.setattr(outlook, "read_panel", lambda folder: held[folder.parents[2]])

    for authority, horizon in (("", 2), ("England", 1)):
        wanted = {"measure": measure, "horizon": horizon, "form": "csv"}
        expected = forecast_lines(tmp_path, authority, **wanted, as_at=None)
        actual = forecast_lines(ROOT, authority, **wanted, as_at=date(2022, 6, 30))
        assert expected == actual


@pytest.mark.parametrize("day", ("2011-06-01", "2015-06-01", "2016-06-01", "2018-02-01"))
@pytest.mark.parametrize("measure", ("ehc_plans", "requests", "sen_support"))
def test_every_early_day_has_a_forecast_or_a_reason(day, measure):
    """Before flows, before percentages, with one year held: never a traceback, never a range of no width."""
    done = run("forecast", "Kent", "--measure", measure, "--as-at", day, "--format", "csv")

    assert not isinstance(done.exception, Exception)
    if done.exit_code == 0:
        assert all(float(row["lower80"]) < float(row["upper80"]) for row in parsed(done.stdout))
    else:
        assert (3, True) == (done.exit_code, done.stderr.startswith("Kent: "))
        assert all(not row["point"] for row in parsed(done.stdout))


# ---- JSON ------------------------------------------------------------------------------------------------------------


def strictly(text: str):
    """JSON as the standard has it: NaN and Infinity are no numbers."""

    def no(constant: str):
        raise AssertionError(f"{constant} is not JSON")

    return json.loads(text, parse_constant=no)


def test_json_holds_everything_a_forecast_says(panel):
    """Steps with all quantiles, reason, record and warnings; a program need not read the table."""
    one = open_annual(panel.values, panel.areas, "ehc_plans").forecast("E06000062", 2)

    (actual,) = strictly(run("forecast", "West Northamptonshire", "--horizon", "2", "--format", "json").stdout)

    assert ("ehc_plans", "2025", one.reason, list(one.warnings)) == tuple(
        actual[name] for name in ("measure", "origin", "reason", "warnings")
    )
    assert [list(step.quantiles) for step in one.steps] == [step["quantiles"] for step in actual["steps"]]
    assert [row | {"horizon": at + 1} for at, row in enumerate(one.rows())] == [
        {name: step[name] for name in (*HEADER.split(","), "horizon")} for step in actual["steps"]
    ]
    assert len(one.record.own) == len(actual["record"]["own"]) > 0
    assert len(one.record.panel) == len(actual["record"]["panel"]) > 0


@pytest.mark.parametrize("measure", MEASURES)
def test_json_of_all_has_no_number_that_is_none(measure):
    """Refusals hold a last figure that is not known; it is null, and never NaN."""
    made = strictly(run("forecast", "--all", "--measure", measure, "--horizon", "1", "--format", "json").stdout)

    assert 153 == len(made)
    assert all(bool(one["steps"]) != bool(one["refusal"]) for one in made)


# ---- Table -----------------------------------------------------------------------------------------------------------


def test_the_table_says_why_and_how_wrong_it_has_been():
    """A forecast without its past error beside it is an opinion."""
    done = run("forecast", "Kent", "--horizon", "3")

    assert (0, "") == (done.exit_code, done.stderr)
    assert "EHC plans (plans, January), forecast from Jan 2025" == done.stdout.splitlines()[0]
    assert 3 == len(
        re.findall(r"^Kent +Jan 202[678] +[\d,]+ +[\d,]+ to [\d,]+ +[\d,]+ to [\d,]+ +POOL", done.stdout, re.M)
    )
    assert "on average for 148 authorities over 7 target years" in done.stdout
    assert 7 == len(
        re.findall(r"^Jan 20\d\d, forecast a year before: .* came to .*range (?:held|missed)\.$", done.stdout, re.M)
    )
    assert "POOL: all authorities' growth" in done.stdout


@pytest.mark.parametrize(
    ("words", "measure"),
    (("--all", "ehc_plans"), ("England", "requests"), ("--all", "sen_support"), ("Kent", "ehc_pupils")),
)
def test_lines_of_figures_fit_a_screen(words, measure):
    """Rows of the table stay under 200 characters; only sentences may be longer."""
    done = run("forecast", words, "--measure", measure, "--horizon", "2")

    rows = [line for line in done.stdout.splitlines() if re.search(r"\d%? to [\d,.]+%? +\w", line)]
    assert len(rows) >= 2
    assert all(len(line) <= 200 for line in rows)
    assert "nan" not in done.stdout.lower().replace("finance", "")


def test_warnings_stand_under_the_table():
    """What a reader must mind is not left to the JSON."""
    assert "Mind: Its boundary changed" in run("forecast", "West Northamptonshire").stdout
    assert "Mind: There are so few plans" in run("forecast", "Isles of Scilly").stdout


def test_no_library_speaks_to_the_user():
    """With every warning an error, in a process of its own: the forecast still comes, and nothing else."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "highneeds.cli", "forecast", "England"],
        capture_output=True,
        text=True,
        env={**os.environ, "HIGHNEEDS_HOME": str(ROOT)},
    )

    assert (0, "") == (done.returncode, done.stderr)
    assert "SUM" in done.stdout


# ---- England ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ("England", "england", " E92000001 "))
def test_england_is_asked_for_by_name_or_code(name):
    """The nation is no authority, and everybody asks for it."""
    rows = parsed(run("forecast", name, "--horizon", "1", "--format", "csv").stdout)

    assert [("E92000001", "SUM")] == [(row["area_code"], row["model"]) for row in rows]


def test_englands_percentage_is_refused():
    """It is not a sum; the reason says what to ask for."""
    done = run("forecast", "England", "--measure", "sen_support", "--format", "csv")

    assert (3, HEADER) == (done.exit_code, done.stdout.splitlines()[0])
    assert "England: England's percentage is not the sum of authorities'. Ask for" in done.stderr


# ---- Refusals and wrong use ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ("csv", "json", "table"))
@pytest.mark.parametrize(
    ("words", "reason"),
    (
        (("Newham",), "Newham: The figure for Jan 2025 is far below the one held before it."),
        (("Isles of Scilly", "--measure", "requests"), "Isles of Scilly: There are fewer than ten requests"),
        (("Kent", "--as-at", "2009-01-01"), "Kent: No figures of 'EHC plans' are held by 1 January 2009"),
        (("--all", "--as-at", "2009-01-01"), "All authorities: No figures of 'EHC plans' are held"),
    ),
)
def test_a_refusal_ends_with_3_and_its_reason_on_stderr(words, reason, form):
    """A script must see that there is no forecast, and a person why."""
    done = run("forecast", *words, "--format", form)

    assert (3, True) == (done.exit_code, done.stderr.startswith(reason))
    assert "Traceback" not in done.stderr
    assert isinstance(done.exception, SystemExit)


@pytest.mark.parametrize(
    "words",
    (
        (),
        ("",),
        ("Kent", "--all"),
        ("Kent", "--measure", "finance"),
        ("Kent", "--horizon", "0"),
        ("Kent", "--horizon", "11"),
        ("Kent", "--horizon", "two"),
        ("Kent", "--as-at", "yesterday"),
        ("Kent", "--format", "xml"),
        ("Kent", "Surrey"),
    ),
)
def test_wrong_use_ends_with_2(words):
    """Wrong use is told as such, with nothing printed that could be taken for a forecast."""
    done = run("forecast", *words)

    assert (2, "") == (done.exit_code, done.stdout)
    assert "Usage: " in done.stderr


def test_an_unknown_authority_is_met_with_the_nearest():
    """A slip of a finger needs the right name, not a traceback."""
    done = run("forecast", "Kemt")

    assert (1, "") == (done.exit_code, done.stdout)
    assert "authority 'Kemt': there is none of that name or code. Nearest: Kent" in done.stderr
    assert "closed on 2019-03-31" in run("forecast", "Poole").stderr


def test_an_authority_is_known_by_name_and_by_codes():
    """The same forecast whatever it was called."""
    words = ("--horizon", "1", "--format", "csv")

    assert 1 == len({run("forecast", name, *words).stdout for name in ("Kent", "kent", "886", "E10000016")})


def test_a_missing_panel_is_told(tmp_path):
    """Without the panel there is nothing to learn from; the line says how to get it."""
    done = CliRunner(env={"HIGHNEEDS_HOME": str(tmp_path)}).invoke(main, ["forecast", "Kent"])

    assert 1 == done.exit_code
    assert "missing. Restore the folder" in done.stderr


# ---- Score sheet -----------------------------------------------------------------------------------------------------


def test_backtest_prints_a_row_a_score():
    """Target, result and both rivals beside each score; by year in the last column."""
    done = run("backtest", "--measure", "ehc_plans", "--measure", "requests", "--format", "csv")

    rows = parsed(done.stdout)
    assert (0, "") == (done.exit_code, done.stderr)
    assert [
        "measure",
        "score",
        "value",
        "unit",
        "target",
        "result",
        "last_national_rate",
        "own_drift",
        "by_year",
    ] == list(rows[0])
    first = rows[0]
    assert ("ehc_plans", "MAPE, 1 year ahead", "at most 3.7", "pass") == tuple(
        first[name] for name in ("measure", "score", "target", "result")
    )
    assert float(first["value"]) < float(first["last_national_rate"]) < float(first["own_drift"])
    assert {"ehc_plans", "requests_received"} == {row["measure"] for row in rows}
    assert {"pass", ""} == {row["result"] for row in rows}
    assert all(math.isfinite(float(row["value"])) for row in rows)


def test_backtest_as_a_table_counts_what_was_reached():
    """A reader sees at the foot how many rows reach their target; no line is wider than a screen."""
    done = run("backtest", "--measure", "new_plans")

    lines = done.stdout.splitlines()
    assert "New EHC plans (new_ehc_plans)" == lines[0]
    assert re.match(r"1 of 1 rows reach their target\. National: the last national rate", lines[-1])
    assert max(map(len, lines)) <= 200


def test_a_missed_target_ends_with_3(panel, monkeypatch):
    """A model that got worse must fail a script that runs the sheet."""
    values = panel.values.copy()
    wild = values["measure"].eq("new_ehc_plans") & values["breakdown"].eq("Total")
    values.loc[wild, "value"] *= np.random.default_rng(1).lognormal(0, 0.4, wild.sum())
    monkeypatch.setattr(outlook, "read_panel", lambda folder: replace(panel, values=values))

    done = run("backtest", "--measure", "new_plans")

    assert 3 == done.exit_code
    assert "MISS" in done.stdout
    assert done.stdout.splitlines()[-1].startswith("0 of 1 rows reach their target.")


def test_backtest_refuses_an_unknown_measure():
    """There is no score of what is not forecast."""
    assert 2 == run("backtest", "--measure", "finance").exit_code


def test_the_command_itself_is_installed():
    """Where the command is on the path, it is this one."""
    found = shutil.which("highneeds", path=os.path.dirname(sys.executable))
    if found is None:
        pytest.skip("the package is not installed as a command here")

    done = subprocess.run([found, "forecast", "--help"], capture_output=True, text=True, check=True)

    assert "--as-at" in done.stdout
