"""The models' benchmark: its rows hold, a miss shows, and peers are scored on our cells by our scores."""

import subprocess
import sys

import numpy as np
import pytest
from benchmarks import models as sheet
from benchmarks import peers
from benchmarks.models import Row
from benchmarks.peers import CENTRAL, OURS, Peer, levels_of, monthly_lines, series_to, yearly_lines
from benchmarks.worlds import monthly

from highneeds.models.backtest import FIRST_TARGETS, score_sheet
from highneeds.models.forecast import LEVELS
from highneeds.models.yearly.annual import open_annual
from tests.conftest import ROOT


class Last:
    """The last figure for ever; a central range of p per cent reaches p units of `step` to each side."""

    def __init__(self, step=0.01):
        """step: half-width of a range of one per cent."""
        self.step = step

    def forecast(self, y, h, level):
        """Mean and ends, as statsforecast names them."""
        ends = {f"{side}-{p}": np.full(h, y[-1] + sign * p * self.step) for p in level for side, sign in SIDES}
        return {"mean": np.full(h, y[-1])} | ends


class Fails:
    """Raises, as AutoETS does on a few figures."""

    def forecast(self, y, h, level):
        """Never a forecast."""
        raise NotImplementedError("tiny datasets")


class Nan(Last):
    """A library's failure that does not raise."""

    def forecast(self, y, h, level):
        """Not a number."""
        return super().forecast(y * np.nan, h, level)


SIDES = (("lo", -1), ("hi", 1))


def a_peer(model=Last, stand_in=Last, **more):
    return Peer("peer", lambda season: model(), lambda season: stand_in(), **more)


def test_rows_of_speed_hold(panel):
    """The speeds of the sheet are kept, and the back-test it counts misses nothing."""
    rows = [*sheet.pool_rows(panel), *sheet.import_rows(runs=3), *sheet.command_rows(runs=1)]
    judged = [row for row in rows if row.target]

    assert 5 == len(judged)
    assert [] == [row for row in judged if not row.holds]


def test_rows_of_a_world_keep_its_verdicts():
    """Worlds tell targets in three ways; the sheet tells them in one."""
    told = [("<= 0.85", "at most 0.85"), ("75-85", "75 to 85"), (0.6, "at most 0.6"), (None, ""), ("", "")]
    for target, words in told:
        row = {"measure": "m", "value": 1.0, "target": target, "holds": True}
        assert Row("g", "m", 1.0, words, True) == sheet._of_world("g", row, near=1.0)
    width = {"measure": "80% width of England", "value": 3.0, "target": 3.8, "holds": True}

    assert "2.8 to 4.8" == sheet._of_world("g", width, near=1.0).target


def test_a_miss_is_printed_and_ends_with_status_1(monkeypatch, capsys):
    """Whoever runs it by a script must notice."""
    rows = [Row("speed", "slow", 9.0, "at most 3", False), Row("speed", "fast", 1.0, "at most 3", True)]
    monkeypatch.setattr(sheet, "pool_rows", lambda panel: [*rows, Row("speed", "for information", 5.0)])
    monkeypatch.setattr(sheet, "import_rows", list)
    monkeypatch.setattr(sheet, "command_rows", list)
    monkeypatch.setattr(sheet, "WORLDS", {})

    assert 1 == sheet.main([])
    printed = capsys.readouterr().out
    assert "MISS" in printed and "1 of 2 rows reach their target" in printed
    assert "for information" not in printed
    assert 1 == sheet.main(["--detail"])
    assert "for information" in capsys.readouterr().out


def test_missing_peers_end_with_one_line_before_any_work(monkeypatch, capsys):
    """The pinned environment has no statsforecast and must not get it."""
    monkeypatch.setattr(sheet.importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(sheet, "pool_rows", lambda panel: pytest.fail("work was begun"))

    assert 1 == sheet.main(["--peers"])
    printed = capsys.readouterr()
    assert "" == printed.out
    assert 1 == printed.err.count("\n") and 'pip install -e ".[peers]"' in printed.err


def test_the_script_runs_from_any_folder(tmp_path):
    """A script's own folder is on Python's path, the project's is not."""
    command = [sys.executable, str(ROOT / "benchmarks" / "models.py"), "--help"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert (0, "") == (done.returncode, done.stderr)


def test_ends_of_a_peers_ranges_become_our_levels():
    """lo-95 is the 2.5% quantile, lo-90 the 5%, hi-80 the 90%."""
    line = np.array([100.0, 200.0])

    levels, failed = levels_of(a_peer(), line, ahead=2, season=1)

    expected = [200 + 0.01 * (200 * level - 100) for level in LEVELS]
    assert len(LEVELS) == 2 * len(CENTRAL) + 1
    assert (2, len(LEVELS)) == levels.shape and not failed
    assert expected == pytest.approx(levels[1])


def test_a_peer_on_logs_is_told_on_the_scale_of_the_figures():
    """A range of 1% half-width a per cent is a factor on the scale of counts; noughts are let by."""
    levels, _ = levels_of(a_peer(log=True), np.array([100.0, 200.0]), ahead=1, season=1)
    nought, _ = levels_of(a_peer(log=True), np.array([0.0, 200.0]), ahead=1, season=1)

    assert [200 * np.exp(-0.95), 200, 200 * np.exp(0.95)] == pytest.approx(levels[0, [0, 10, 20]])
    assert 201 * np.exp(0.95) - 1 == pytest.approx(nought[0, -1])


@pytest.mark.parametrize("broken", [Fails, Nan, lambda: Last(step=0.0)])
def test_a_peer_that_fails_is_replaced_and_counted(broken):
    """Raising, no number and a range without width are all failures; none is passed over."""
    levels, failed = levels_of(a_peer(model=broken), np.array([5.0, 7.0]), ahead=1, season=1)

    assert failed
    assert 7.0 == levels[0, 10]


def test_a_stand_in_that_fails_stops_the_run():
    """A cell without a forecast would make the comparison one of different cells."""
    with pytest.raises(ValueError, match="neither it nor its stand-in"):
        levels_of(a_peer(model=Fails, stand_in=Fails), np.array([5.0, 7.0]), ahead=1, season=1)


def test_peers_see_the_series_to_the_origin_only(panel):
    """From January of the first year asked for to January of the origin."""
    annual = open_annual(panel.values, panel.areas, "ehc_plans")
    unit = annual.unit_of("E10000016")

    line = series_to(annual, 2021, 2015)[unit]

    years = annual.matrix.years
    assert list(annual.matrix.values[unit, years.index(2015) : years.index(2021) + 1]) == list(line)


def test_the_yearly_table_holds_the_back_tests_scores_and_a_plain_peers(panel):
    """Ours: the very values of `highneeds backtest`. The peer: its error worked out by hand on the same cells."""
    annual = open_annual(panel.values, panel.areas, "ehc_plans")
    rows = {
        row.measure: row for row in score_sheet(panel.values, panel.areas, panel.neighbours, measures=["ehc_plans"])
    }
    used, years = annual.track.learns(annual.origin), annual.matrix.years
    lines = list(yearly_lines(panel, [a_peer()], first={1: FIRST_TARGETS[1]}, since=2010))

    ours = numbers(next(line for line in lines if line.startswith(f"  {OURS}")))
    plain = numbers(next(line for line in lines if line.startswith("  peer")))

    names = ("MAPE", "CRPS", "80% ranges that held", "95% ranges that held", "mean width of the 80% range")
    told = [rows[f"{name}, 1 year ahead"].value for name in names]
    assert told == pytest.approx(ours[:5], abs=0.051)
    plans = annual.matrix.values[used]
    errors = []
    for target in range(FIRST_TARGETS[1], annual.origin + 1):
        at = years.index(target)
        errors.append(100 * np.mean(np.abs(plans[:, at] - plans[:, at - 1]) / plans[:, at]))
    assert np.mean(errors) == pytest.approx(plain[0], abs=0.0051)


def test_the_monthly_table_scores_each_series_against_its_mean():
    """Per cent of the mean of the months that came, worked out with loops."""
    pairs = monthly.cells(3, 24, authorities=2)
    lines = list(monthly_lines(pairs, [a_peer()], "24 months known"))
    errors, inside = [], []
    for history, future in pairs:
        for area in history.columns:
            came, last = future[area].to_list(), history[area].iloc[-1]
            errors.append(100 * sum(abs(last - value) for value in came) / sum(came))
            inside += [abs(last - value) <= 0.8 for value in came]

    plain = numbers(next(line for line in lines if line.startswith("  peer")))

    assert [np.mean(errors), 100 * np.mean(inside)] == pytest.approx([plain[0], plain[2]], abs=0.051)
    assert 9 == len(numbers(next(line for line in lines if line.startswith(f"  {OURS}"))))


def test_what_failed_is_in_the_table():
    """A reader must see how often the drift stood in for a peer."""
    pairs = monthly.cells(3, 24, authorities=1)
    lines = list(monthly_lines(pairs, [a_peer(model=Fails)], "24 months known"))

    assert 100.0 == numbers(lines[-1])[6]


def numbers(line):
    return [float(word) for word in line.split()[1:]]


def test_the_peers_need_no_package_of_theirs_to_be_imported():
    """The pinned environment tests the scoring without statsforecast."""
    assert "statsforecast" not in vars(peers)
