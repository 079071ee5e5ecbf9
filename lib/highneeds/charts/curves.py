"""Charts of waiting: curves over weeks since the request, and months whose outcome is not yet known."""

from collections.abc import Sequence
from dataclasses import dataclass

from highneeds.charts import (
    BLUE,
    GREY,
    LIGHT,
    LIGHT_BLUE,
    ORANGE,
    RULE,
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
_NOT_YET = {"color": "#E4E4E4", "hatch": "////", "edgecolor": LIGHT, "linewidth": 0}


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
            known = [
                (w, v) for w, v in zip(curve.weeks, curve.values, strict=True) if w <= min(curve.known_to, last_week)
            ]
            if not known:
                continue
            x, y = zip(*known, strict=True)
            axes.step(x, y, where="post", zorder=4, **look)
            ends.append((x[-1], y[-1], f"{curve.label} {_tick(y[-1], '%')}", look["color"], "authority"))
        first_unknown = max((curve.known_to for curve in curves), default=0)
        if first_unknown < last_week:
            axes.axvspan(first_unknown, last_week, zorder=1, **_NOT_YET)
            axes.text((first_unknown + last_week) / 2, 4, "not yet known", ha="center", va="bottom", color=TEXT)
        axes.axvline(limit_week, color=GREY, linewidth=1.2, zorder=3)
        axes.annotate(limit_label, (limit_week, 100), xytext=(4, -2), textcoords="offset points", va="top", color=GREY)
        axes.set_ylim(0, 100)
        axes.set_xlim(0, last_week)
        axes.set_xticks(range(0, last_week + 1, 4), [str(week) for week in range(0, last_week + 1, 4)])
        axes.set_xlabel("Weeks since the request")
        axes.yaxis.set_major_formatter(lambda value, _: _tick(value, "%"))
        _label_ends(axes, ends)
        return _svg(figure)


def outcome_chart(stacks: Sequence[Series], *, unit: str, height: float = 2.9) -> str:
    """Bars a month made of outcomes; the last part is what is not yet known, hatched and named like the others."""
    colours = (BLUE, ORANGE, LIGHT_BLUE)
    with _canvas(height) as (figure, axes):
        ticks = [_key(item) for item in stacks[0].figures]
        base, names = [0.0] * len(ticks), []
        for part, look in zip(
            stacks, [{"color": c, "edgecolor": "white", "linewidth": 1} for c in colours] + [_NOT_YET], strict=False
        ):
            size = [item.value or 0 for item in part.figures]
            axes.bar(range(len(ticks)), size, bottom=base, width=0.74, **look)
            base = [low + add for low, add in zip(base, size, strict=True)]
            names.append((len(ticks) - 0.7, base[-1] - size[-1] / 2, part.label, TEXT, "part"))
        _axis(axes, ticks, unit)
        axes.set_xlim(-0.6, len(ticks) - 0.4)
        axes.set_ylim(0, max(base, default=1) * 1.05 or 1)
        axes.grid(color=RULE)
        _label_ends(axes, names)
        return _svg(figure)
