"""Timeline of a plan: bars from start to due date, points for due dates alone, hatched where a date is not exact."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from highneeds.charts import BLUE, GREY, LIGHT_BLUE, MID_BLUE, _canvas, _svg

MOST_ROWS = 25
_LONGEST = 46
_MARGIN = timedelta(days=45)
_PAPER = {"facecolor": "white", "edgecolor": "none", "pad": 1.5}


@dataclass(frozen=True)
class Mark:
    """One entry on the timeline. low, high: days the due date can mean; high None: no end; low None: no due date.

    begins: first day of its start, where that is known. exact: a day or a month. late: past and not closed.
    """

    begins: date | None
    low: date | None
    high: date | None
    exact: bool
    late: bool

    @property
    def days(self) -> list[date]:
        """Every day that it is drawn at."""
        return [day for day in (self.begins, self.low, self.high) if day is not None]


def gantt_chart(rows: Sequence[tuple[str, Sequence[Mark]]], *, as_at: date) -> str:
    """One row an entry or a workstream, the first on top, with a line at the day of the report.

    Filled diamond: due and late; hollow: still to come, or closed; triangle: a beginning without an end. A number
    beside a diamond tells how many fall together.
    """
    days = [day for _, marks in rows for mark in marks for day in mark.days]
    first, last = min([as_at, *days]) - _MARGIN, max([as_at, *days]) + _MARGIN
    with _canvas(0.75 + 0.21 * max(len(rows), 2)) as (figure, axes):
        for at, (_, marks) in enumerate(rows):
            for mark in marks:
                _draw(axes, at, mark)
            _tell_together(axes, at, marks)
        axes.axvline(as_at, color=GREY, linewidth=1.4, linestyle=(0, (4, 2)), zorder=2)
        axes.set_yticks(range(len(rows)), [_short(label) for label, _ in rows])
        axes.set_ylim(len(rows) - 0.4, -0.95)
        axes.set_xlim(first, last)
        side = "right" if (as_at - first) > 0.7 * (last - first) else "left"
        axes.text(
            as_at, -0.62, f" {as_at.day} {as_at:%b %Y} ", ha=side, va="center", color=GREY, fontsize=9.5, bbox=_PAPER
        )
        axes.grid(visible=True, axis="x")
        axes.grid(visible=False, axis="y")
        _years(axes, first, last)
        return _svg(figure)


def _short(label: str) -> str:
    """Long names leave no room for bars; the table beside the picture has them whole."""
    return label if len(label) <= _LONGEST else f"{label[: _LONGEST - 1].rstrip()}…"


def _draw(axes, at: int, mark: Mark) -> None:
    """Bar, hatched span and point of one entry; a beginning alone is a triangle."""
    low, begins = mark.low, mark.begins
    if mark.high is None:
        axes.plot(low or begins, at, ">", color=MID_BLUE, markersize=8, zorder=4)
        return
    if begins is not None and low is not None and begins < low:
        axes.barh(at, low - begins, left=begins, height=0.46, color=LIGHT_BLUE, zorder=3)
    if mark.exact or low is None:
        face = BLUE if mark.late else "white"
        axes.plot(mark.high, at, "D", color=BLUE, markerfacecolor=face, markersize=6.5, markeredgewidth=1.6, zorder=5)
    else:
        axes.barh(at, mark.high - low, left=low, height=0.46, color=MID_BLUE, hatch="////", zorder=4)


def _tell_together(axes, at: int, marks: Sequence[Mark]) -> None:
    """How many points fall on one day, where it is more than one."""
    for day, count in Counter(mark.high for mark in marks if mark.exact and mark.high is not None).items():
        if count > 1:
            axes.annotate(str(count), (day, at), xytext=(0, 6), textcoords="offset points", ha="center", fontsize=8.5)


def _years(axes, first: date, last: date) -> None:
    """A tick each January, named by its year where there are many; each quarter where the span is short."""
    days = (last - first).days
    months, form = ((1,), "%Y") if days > 1500 else ((1,), "%b %Y") if days > 540 else ((1, 4, 7, 10), "%b %Y")
    ticks = [date(year, month, 1) for year in range(first.year, last.year + 1) for month in months]
    shown = [day for day in ticks if first <= day <= last]
    axes.set_xticks(shown, [f"{day:{form}}" for day in shown])
