"""Bars of what came, and beside them what may come: the dashed middle, its shaded range, the ends of both named."""

from highneeds.charts import (
    BLUE,
    LIGHT_BLUE,
    MID_BLUE,
    TEXT,
    Interval,
    Series,
    _axis,
    _canvas,
    _key,
    _label_ends,
    _periods,
    _svg,
)
from highneeds.figures import format_number

_ROOM = 1.16  # of the tallest, for the numbers above bars
_EDGE = 0.36  # of a period: half a bar


def ahead_chart(
    bars: Series, forecast: Series, interval: Interval, *, unit: str, height: float = 2.75, labels: bool = True
) -> str:
    """Bars over periods from zero, then the forecast; a part month is hatched, and may have both.

    labels: number above each bar. The last period's range and middle are named beside it.
    """
    with _canvas(height) as (figure, axes):
        ticks = _periods([bars, forecast])
        for item in bars.figures:
            at = ticks.index(_key(item))
            if not item.known:
                axes.text(at, 0, " not\navailable", ha="center", va="bottom", fontsize=9)
                continue
            axes.bar(at, item.value, width=2 * _EDGE, color=BLUE, hatch="///" if item.status == "p" else None, zorder=2)
            if labels:
                text = format_number(item.value, "", item.places)
                axes.text(at, item.value, text, ha="center", va="bottom", fontsize=9.5, zorder=6)
        _fan(axes, ticks, forecast, interval)
        _axis(axes, ticks, unit)
        axes.set_xlim(-0.6, len(ticks) - 0.4)
        every = (*bars.figures, *interval.upper)
        axes.set_ylim(0, max((item.value or 0 for item in every), default=1) * _ROOM or 1)
        _name_ends(axes, len(ticks), forecast, interval)
        return _svg(figure)


def _fan(axes, ticks: list[tuple[str, str]], forecast: Series, interval: Interval) -> None:
    """The range, half a period wider than its first and last middle, and the dashed line through the middles."""
    x = [ticks.index(_key(item)) for item in forecast.figures]
    middle, low, high = ([item.value for item in side] for side in (forecast.figures, interval.lower, interval.upper))
    wide = [x[0] - _EDGE, *x, x[-1] + _EDGE]
    low, high = [low[0], *low, low[-1]], [high[0], *high, high[-1]]
    axes.fill_between(wide, low, high, color=LIGHT_BLUE, alpha=0.35, linewidth=0, zorder=3)
    for side in (low, high):
        axes.plot(wide, side, color=MID_BLUE, linewidth=0.8, zorder=3)
    axes.plot(x, middle, color=BLUE, linewidth=2.2, linestyle=(0, (4, 2)), marker="o", markersize=4, zorder=4)


def _name_ends(axes, count: int, forecast: Series, interval: Interval) -> None:
    """Number of the last middle and of the ends of its range; the word for the range above it."""
    right = count - 1 + _EDGE + 0.01 * count  # beside the range, whose periods are the narrower the more there are
    ends = ((interval.lower[-1], ""), (forecast.figures[-1], f"{forecast.label} "), (interval.upper[-1], ""))
    _label_ends(
        axes,
        [
            (right, item.value, words + item.text, BLUE if words else TEXT, "authority" if words else "range")
            for item, words in ends
        ],
    )
    axes.annotate(
        interval.label,
        (count - (len(forecast.figures) + 1) / 2, max(item.value or 0 for item in interval.upper)),
        xytext=(0, 3),
        textcoords="offset points",
        ha="center",
        va="bottom",
        color=TEXT,
        zorder=2.5,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 1},
    )
