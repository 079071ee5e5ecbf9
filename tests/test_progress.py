"""What an operator sees of a run, on a terminal and off it; and the days a schedule may name."""

import io
import sys
from datetime import date

import click
import pytest

from highneeds.cli.days import Day, last_month_end
from highneeds.cli.progress import Progress, in_words


class Clock:
    """Seconds that a test sets."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


def test_off_a_terminal_every_report_is_a_counted_line(capsys):
    """A log that a scheduler keeps: counts, faults so far, time left; faults on standard error."""
    clock = Clock()
    progress = Progress(4, terminal=False, clock=clock)
    for second, (name, good) in enumerate((("Barnet", True), ("Bury", False), ("Devon", True), ("Kent", True)), 1):
        clock.now = 100.0 * second
        progress.count(name, "done" if good else "refused", good, [] if good else ["a fault. Mend it."])
    progress.close()

    out, err = capsys.readouterr()

    assert [
        "Barnet: done. 1 of 4 done, about 5 min left",
        "Bury: refused. 2 of 4 done, 1 with faults, about 3 min left",
        "Devon: done. 3 of 4 done, 1 with faults, about 2 min left",
        "Kent: done. 4 of 4 done, 1 with faults",
    ] == out.splitlines()
    assert ["Bury: a fault. Mend it."] == err.splitlines()


def test_the_time_left_follows_the_latest_pace():
    """The first reports wait for a server to warm up; later ones must not pay for that in the estimate."""
    clock = Clock()
    progress = Progress(60, terminal=False, clock=clock)
    clock.now = 1000.0
    progress.count("first", "done", True, [])
    for _ in range(30):
        clock.now += 3
        progress.count("next", "done", True, [])

    assert 29 * 3 == pytest.approx(progress._seconds_left(29))


def test_on_a_terminal_there_is_a_bar_that_goes_when_all_is_done(monkeypatch):
    """Bar, counts and time left; a fault stands as a line above the bar and stays."""
    screen = io.StringIO()
    monkeypatch.setattr(sys, "stderr", screen)
    progress = Progress(2, terminal=True)
    progress.count("Bury", "refused", False, ["a fault. Mend it."])
    progress.note("Devon: its process was ended from outside (status -9).")
    progress.close()

    text = screen.getvalue()

    assert "Bury: a fault. Mend it.\n" in text and "status -9).\n" in text
    assert "1 of 2 reports, 1 with faults" in text and "left" in text
    assert text.endswith("\r") or text.endswith("\r\x1b[K")


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "about 1 s"), (89, "about 89 s"), (91, "about 2 min"), (5000, "about 83 min"), (7200, "about 2.0 h")],
)
def test_time_left_is_told_in_words(seconds, words):
    """No more digits than are true."""
    assert words == in_words(seconds)


@pytest.mark.parametrize(
    ("today", "end"), [((2026, 3, 1), (2026, 2, 28)), ((2024, 3, 31), (2024, 2, 29)), ((2026, 1, 15), (2025, 12, 31))]
)
def test_the_end_of_last_month(today, end):
    """The same day however often a month's run is repeated."""
    assert date(*end) == last_month_end(date(*today))


def test_a_day_is_a_day_or_its_name():
    """A schedule cannot know the date."""
    assert date(2026, 3, 31) == Day().convert("2026-03-31", None, None)
    assert last_month_end(date.today()) == Day().convert("last-month-end", None, None)
    with pytest.raises(click.BadParameter, match="Expected a day such as 2026-03-31, or last-month-end"):
        Day().convert("31/3/2026", None, None)
