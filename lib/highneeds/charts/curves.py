"""Charts of waiting: curves over weeks since the request, months whose outcome is not yet known, weeks to come."""

from collections.abc import Sequence
from dataclasses import dataclass

from highneeds.charts import (
    BLUE,
    GREY,
    LIGHT,
    LIGHT_BLUE,
    MID_BLUE,
    ORANGE,
    TEXT,
    Series,
    _axis,
    _canvas,
    _key,
    _label_ends,
    _svg,
    _tick,
)

_LOOKS = (
    {"color": BLUE, "linewidth": 3.0},
    {"color": GREY, "linewidth": 1.8, "linestyle": (0, (5, 2))},
    {"color": ORANGE, "linewidth": 2.0, "linestyle": (0, (1, 1))},
)
_PAPER = {"facecolor": "white", "edgecolor": "none", "pad": 1.5}
_HIDDEN = {"facecolor": "white", "edgecolor": LIGHT, "linewidth": 1, "linestyle": (0, (2, 2))}
_NOT_YET = {"facecolor": "#E4E4E4", "hatch": "////", "edgecolor": LIGHT, "linewidth": 0}


@dataclass(frozen=True)
class Curve:
    """Share of a group that reached an end, by week since the request; known only to a week."""

    label: str
    weeks: Sequence[int]
    values: Sequence[float]
    known_to: int


def curve_chart(
    curves: Sequence[Curve], *, limit_week: int, limit_label: str, last_week: int, height: float = 2.9
) -> str:
    """Up to three curves from 0 to 100 per cent; the limit is a labelled rule, the weeks not yet known are shaded."""
    with _canvas(height) as (figure, axes):
        ends = []
        for curve, look in zip(curves, _LOOKS, strict=False):
            last = min(curve.known_to, last_week)
            known = [(w, v) for w, v in zip(curve.weeks, curve.values, strict=True) if w <= last and v == v]
            if not known:
                continue
            x, y = zip(*known, strict=True)
            axes.step(x, y, where="post", zorder=4, **look)
            words = f"{curve.label} {_tick(y[-1], '%')}"
            if last < last_week:
                style = {"color": look["color"], "fontweight": "semibold", "zorder": 6, "bbox": _PAPER}
                axes.annotate(words, (x[-1], y[-1]), xytext=(-2, 7), textcoords="offset points", ha="right", **style)
            else:
                ends.append((x[-1], y[-1], words, look["color"], "authority"))
        newest = min(curves, key=lambda curve: curve.known_to)
        if newest.known_to < last_week:
            axes.axvspan(newest.known_to, last_week, zorder=1, **_NOT_YET)
            words = f"not yet known: {newest.label}"
            axes.text(newest.known_to + 0.8, 96, words, ha="left", va="top", color=TEXT, bbox=_PAPER)
        axes.axvline(limit_week, color=GREY, linewidth=1.2, zorder=3)
        axes.annotate(
            limit_label,
            (limit_week, 100),
            xytext=(-4, -2),
            textcoords="offset points",
            ha="right",
            va="top",
            color=GREY,
        )
        axes.set_ylim(0, 100)
        axes.set_xlim(0, last_week)
        axes.set_xticks(range(0, last_week + 1, 4), [str(week) for week in range(0, last_week + 1, 4)])
        axes.set_xlabel("Weeks since the request")
        axes.yaxis.set_major_formatter(lambda value, _: _tick(value, "%"))
        _label_ends(axes, ends)
        return _svg(figure)


@dataclass(frozen=True)
class LineAhead:
    """A line over weeks to come, missing weeks left out, and the ends of its range where one is drawn.

    label: name and last number as they are told at its end.
    """

    label: str
    weeks: Sequence[int]
    values: Sequence[float]
    lower: Sequence[float] = ()
    upper: Sequence[float] = ()


def weeks_ahead_chart(
    lines: Sequence[LineAhead], *, unit: str, start: str, range_label: str = "", height: float = 2.9
) -> str:
    """Up to three lines from today on, each named at its end; ranges shaded, the first line's blue, another's grey.

    start: the day of week 0 in words; range_label: names the blue range, where there is room above it.
    """
    with _canvas(height) as (figure, axes):
        ends, last = [], max(line.weeks[-1] for line in lines)
        for at, (line, look) in enumerate(zip(lines, _LOOKS, strict=False)):
            if line.lower:
                colours = {"color": LIGHT_BLUE, "alpha": 0.35} if at == 0 else {"color": LIGHT, "alpha": 0.18}
                axes.fill_between(line.weeks, line.lower, line.upper, linewidth=0, zorder=1, **colours)
            axes.plot(line.weeks, line.values, zorder=5 - at, **look)
            role = "authority" if at == 0 else "other"
            ends.append((last + 1, line.values[-1], line.label, look["color"], role))
        top = max(max((*line.values, *line.upper)) for line in lines)
        axes.set_ylim(0, 105 if unit == "%" else 1.12 * top or 1)
        axes.set_xlim(0, last)
        if range_label and lines[0].lower:
            _label_range(axes, lines[0], range_label)
        axes.set_xticks(range(0, last + 1, 13), [str(week) if week else "now" for week in range(0, last + 1, 13)])
        axes.set_xlabel(f"Weeks after {start}")
        axes.locator_params(axis="y", nbins=5, integer=True)
        axes.yaxis.set_major_formatter(lambda value, _: _tick(value, unit))
        _label_ends(axes, _below_top(axes, ends))
        return _svg(figure)


def _below_top(axes, ends: list[tuple]) -> list[tuple]:
    """Ends lowered so that their names, pushed apart, do not rise above the chart."""
    low, high = axes.get_ylim()
    gap, ordered = (high - low) * 0.075, sorted(ends, key=lambda end: end[1])
    return [(x, min(y, high - gap * (len(ends) - at)), *rest) for at, (x, y, *rest) in enumerate(ordered)]


def _label_range(axes, line: LineAhead, words: str) -> None:
    """Names the range where it is widest, above its upper end."""
    widest = max(range(len(line.weeks)), key=lambda at: line.upper[at] - line.lower[at])
    week = line.weeks[widest]
    side = "right" if week > line.weeks[-1] / 2 else "left"
    style = {"xytext": (0, 4), "textcoords": "offset points", "ha": side, "va": "bottom", "color": MID_BLUE}
    axes.annotate(words, (week, line.upper[widest]), zorder=6, **style)


def outcome_chart(stacks: Sequence[Series], wholes: Series, *, unit: str, height: float = 2.9) -> str:
    """Bars a month made of outcomes; the last part is what is not yet known, hatched and named like the others.

    wholes: each month's total; what its hidden parts hold together is drawn as an empty, dotted part.
    """
    colours = (BLUE, ORANGE, LIGHT_BLUE)
    with _canvas(height) as (figure, axes):
        ticks = [_key(item) for item in stacks[0].figures]
        base, looks = [0.0] * len(ticks), [{"facecolor": c, "edgecolor": "white", "linewidth": 1} for c in colours]
        drawn = list(zip(stacks, [*looks, _NOT_YET], strict=False))
        for part, look in drawn:
            size = [item.value or 0 for item in part.figures]
            axes.bar(range(len(ticks)), size, bottom=base, width=0.74, **look)
            base = [low + add for low, add in zip(base, size, strict=True)]
        rest = [max((whole.value or 0) - low, 0) for whole, low in zip(wholes.figures, base, strict=True)]
        if any(rest):
            at = [number for number, height in enumerate(rest) if height]
            axes.bar(at, [rest[n] for n in at], bottom=[base[n] for n in at], width=0.74, **_HIDDEN)
            base = [low + add for low, add in zip(base, rest, strict=True)]
            drawn.append((Series("parts not shown", []), _HIDDEN))
        _axis(axes, ticks, unit)
        axes.set_xlim(-0.6, len(ticks) - 0.4)
        top = max(base, default=1) * 1.05 or 1
        axes.set_ylim(0, top)
        _name_parts(axes, [(part.label, look) for part, look in drawn], top)
        return _svg(figure)


def _name_parts(axes, parts: Sequence[tuple[str, dict]], top: float) -> None:
    """Each part's name beside the bars, in the order in which they stand on each other, with a patch of its look."""
    from matplotlib.patches import Rectangle

    right = axes.get_xlim()[1]
    for at, (label, look) in enumerate(parts):
        y = top * (0.1 + 0.2 * at)
        axes.add_patch(Rectangle((right + 0.1, y - top * 0.03), 0.45, top * 0.06, clip_on=False, **look))
        axes.annotate(label, (right + 0.75, y), va="center", color=TEXT, annotation_clip=False)
