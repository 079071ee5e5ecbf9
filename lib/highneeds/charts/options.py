"""Charts of options: changes either side of nothing, a bridge from one sum to another, cash by month."""

from collections.abc import Sequence
from dataclasses import dataclass

from highneeds.charts import BLUE, GREY, LIGHT, ORANGE, TEXT, Series, _canvas, _label_ends, _svg
from highneeds.figures import Figure, format_number

TOTAL, MINUS = "total", "minus"
LONGEST = 32
_LINES = (
    {"color": BLUE, "linewidth": 3.0, "zorder": 5},
    {"color": GREY, "linewidth": 1.8, "linestyle": (0, (5, 2)), "zorder": 4},
    {"color": ORANGE, "linewidth": 2.0, "linestyle": (0, (1, 1)), "zorder": 3},
)
_PAPER = {"facecolor": "white", "edgecolor": "none", "pad": 1.5}


def change_chart(items: Sequence[Series], *, unit: str) -> str:
    """One bar a row, left or right of nothing, its number beside it; in the order given, unknown ones left out."""
    rows = [(item.label, item.figures[0]) for item in items if item.figures[0].known][::-1]
    with _canvas(0.45 + 0.24 * max(len(rows), 3)) as (figure, axes):
        for at, (_, change) in enumerate(rows):
            loss = change.value < 0
            axes.barh(at, change.value, height=0.66, color=ORANGE if loss else BLUE)
            axes.annotate(
                _signed(change, unit),
                (change.value, at),
                xytext=(-5 if loss else 5, 0),
                textcoords="offset points",
                ha="right" if loss else "left",
                va="center",
                fontsize=9.5,
            )
        axes.set_yticks(range(len(rows)), [_short(label) for label, _ in rows])
        axes.axvline(0, color=GREY, linewidth=1)
        _room(axes, [change.value for _, change in rows])
        axes.grid(visible=False)
        axes.xaxis.set_visible(False)
        axes.spines["bottom"].set_visible(False)
        axes.set_ylim(-0.7, max(len(rows), 1) - 0.3)
        return _svg(figure)


def _short(label: str) -> str:
    """Long names leave no room for bars; the table beside the picture has them whole."""
    return label if len(label) <= LONGEST else f"{label[: LONGEST - 1].rstrip()}…"


def _room(axes, values: Sequence[float]) -> None:
    """Room for the numbers beside the longest bars."""
    low, high = min([0.0, *values]), max([0.0, *values])
    span = high - low or 1.0
    axes.set_xlim(low - 0.18 * span * (low < 0), high + 0.18 * span)


def _signed(change: Figure, unit: str) -> str:
    words = format_number(change.value, unit, change.places)
    return f"+{words}" if change.value > 0 else words


@dataclass(frozen=True)
class Step:
    """One bar of a bridge: a total from the ground, or what is taken from what stands before it."""

    label: str
    figure: Figure
    kind: str


def bridge_chart(steps: Sequence[Step], *, height: float = 2.7) -> str:
    """A first sum, what is taken away, and what is left; sums in pounds, each with its number."""
    with _canvas(height) as (figure, axes):
        level = 0.0
        for at, step in enumerate(steps):
            start, level = (0.0, step.figure.value) if step.kind == TOTAL else (level, level - step.figure.value)
            colour = BLUE if step.kind == TOTAL else LIGHT
            axes.bar(at, level - start, bottom=start, width=0.66, color=colour)
            if at + 1 < len(steps):
                axes.plot([at + 0.33, at + 0.67], [level, level], color=GREY, linewidth=1)
            words = ("−" if step.kind == MINUS else "") + step.figure.text
            where = {"xytext": (0, 3), "textcoords": "offset points", "ha": "center", "va": "bottom"}
            axes.annotate(words, (at, max(start, level)), **where)
        axes.set_xticks(range(len(steps)), [_two_lines(step.label) for step in steps])
        axes.axhline(0, color=GREY, linewidth=1)
        low, high = axes.get_ylim()
        axes.set_ylim(low, high + 0.12 * (high - low))
        axes.yaxis.set_major_formatter(lambda value, _: format_number(value, "pounds", 0))
        return _svg(figure)


def _two_lines(label: str) -> str:
    """Label broken at the space nearest to its middle."""
    spaces = [at for at, sign in enumerate(label) if sign == " "]
    if len(label) < 12 or not spaces:
        return label
    middle = min(spaces, key=lambda at: abs(at - len(label) / 2))
    return f"{label[:middle]}\n{label[middle + 1 :]}"


@dataclass(frozen=True)
class CashLine:
    """Running sum of one fund by month, in pounds, and the name that stands at its end."""

    label: str
    values: Sequence[float]


def cash_chart(lines: Sequence[CashLine], *, start: str, mark: int | None, mark_label: str = "") -> str:
    """Up to three running sums over the months since a start; below nothing is spent, above it saved.

    mark: month to rule and name (where the first line breaks even); None where there is none.
    """
    with _canvas(2.8) as (figure, axes):
        last = max(len(line.values) for line in lines)
        ends = []
        for line, look in zip(lines, _LINES, strict=False):
            axes.plot(range(1, len(line.values) + 1), line.values, **look)
            role = "authority" if line is lines[0] else "other"
            ends.append((1.01 * last, line.values[-1], line.label, look["color"], role))
        axes.axhline(0, color=GREY, linewidth=1)
        axes.set_xlim(1, last)
        if mark is not None:
            axes.axvline(mark, color=LIGHT, linewidth=1.2, zorder=2)
            side = "right" if mark > last / 2 else "left"
            axes.annotate(
                mark_label,
                (mark, axes.get_ylim()[1]),
                xytext=(-4 if side == "right" else 4, -2),
                textcoords="offset points",
                ha=side,
                va="top",
                color=TEXT,
                bbox=_PAPER,
            )
        step = 6 if last <= 60 else 12
        axes.set_xticks([1, *range(step, last + 1, step)], ["1", *(str(at) for at in range(step, last + 1, step))])
        axes.set_xlabel(f"Month, from {start}")
        axes.yaxis.set_major_formatter(lambda value, _: format_number(value, "pounds", 0))
        _label_ends(axes, ends)
        return _svg(figure)
