"""One authority among others: how far out it lies on each measure, one measure with its ranges, and the funnel."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from highneeds.charts import BLUE, GREY, LIGHT, LIGHT_BLUE, RULE, TEXT, _beside, _canvas, _row_labels, _svg, _tick
from highneeds.figures import Figure, format_number

_FAR = 4.0  # standard deviations: the end of the axis, where what lies further is drawn as an arrow
_MARKS = {"authority": "o", "england": "D", "region": "s", "together": "^", "neighbours": "o"}


@dataclass(frozen=True)
class Place:
    """A row of the profile: a measure, where the authority stands on it, and where the neighbours do.

    z, low, high: distance from all authorities together and its range; near: the neighbours' distances; rate: as
    printed; beyond: the verdict in a word, empty where chance and the usual spread would explain it.
    """

    label: str
    z: float
    low: float
    high: float
    near: Sequence[float]
    rate: str
    beyond: str = ""


@dataclass(frozen=True)
class Dot:
    """An area's rate with its range, and its role, which sets its looks."""

    label: str
    rate: Figure
    low: float
    high: float
    role: str = "neighbours"


@dataclass(frozen=True)
class Cloud:
    """All authorities of a funnel: sizes (denominators) and rates; which is reported on, and its neighbours."""

    sizes: np.ndarray
    rates: np.ndarray
    mine: int
    near: Sequence[int]


@dataclass(frozen=True)
class Band:
    """Limits of a funnel over sizes, and the words at their right end."""

    sizes: np.ndarray
    low: np.ndarray
    high: np.ndarray
    label: str


def profile_chart(places: Sequence[Place], *, area: str, band: float) -> str:
    """One row a measure: the usual range shaded, neighbours as upright marks, the authority's dot with its range."""
    with _canvas(0.75 + 0.225 * max(len(places), 2)) as (figure, axes):
        axes.axvspan(-band, band, color=LIGHT_BLUE, alpha=0.28, linewidth=0, zorder=0)
        axes.axvline(0, color=GREY, linewidth=1.1, zorder=1)
        for at, place in enumerate(reversed(places)):
            axes.axhline(at, color=RULE, linewidth=0.6, zorder=0.5)
            near = np.clip([z for z in place.near if np.isfinite(z)], -_FAR, _FAR)
            axes.plot(near, [at] * len(near), "|", color=LIGHT, markersize=9, markeredgewidth=1.3, zorder=2)
            inside = float(np.clip(place.z, -_FAR, _FAR))
            axes.plot([max(place.low, -_FAR), min(place.high, _FAR)], [at, at], color=BLUE, linewidth=2.2, zorder=3)
            mark = "o" if inside == place.z else ">" if place.z > 0 else "<"
            axes.plot(inside, at, mark, color=BLUE, markersize=9, markeredgecolor="white", zorder=4)
            words = f"{place.rate}  {place.beyond}".strip()
            axes.annotate(
                words,
                (1.012, at),
                xycoords=("axes fraction", "data"),
                va="center",
                fontsize=9.5,
                fontweight="semibold" if place.beyond else "normal",
                annotation_clip=False,
            )
        _profile_axes(axes, places, area)
        return _svg(figure)


def _profile_axes(axes, places: Sequence[Place], area: str) -> None:
    _row_labels(axes, {place.label: bool(place.beyond) for place in reversed(places)})
    axes.tick_params(axis="y", labelsize=9.5)
    axes.set_xlim(-_FAR - 0.15, _FAR + 0.15)
    axes.set_ylim(-0.7, len(places) + 0.2)
    axes.grid(visible=False)
    axes.set_xticks([-_FAR, 0, _FAR], ["lower", "usual: 19 authorities of 20", "higher"], fontsize=9.5)
    axes.annotate(
        area, (1.012, len(places) - 0.2), xycoords=("axes fraction", "data"), fontsize=9.5, annotation_clip=False
    )


def interval_chart(dots: Sequence[Dot], *, unit: str) -> str:
    """One row an area, ordered by its rate, each with its range; the authority in bold and blue."""
    rows = sorted(dots, key=lambda dot: dot.rate.value or 0)
    with _canvas(0.45 + 0.178 * max(len(rows), 3)) as (figure, axes):
        for at, dot in enumerate(rows):
            mine = dot.role == "authority"
            colour = BLUE if mine else LIGHT if dot.role == "neighbours" else GREY
            axes.plot([dot.low, dot.high], [at, at], color=colour, linewidth=2.6 if mine else 1.6, zorder=2)
            axes.plot(dot.rate.value, at, _MARKS[dot.role], color=colour, markersize=8 if mine else 6, zorder=3)
            words = format_number(dot.rate.value, unit, dot.rate.places)  # type: ignore[arg-type]
            _beside(axes, words, dot.high, at, gap=7, bold=mine)
        _row_labels(axes, {dot.label: dot.role == "authority" for dot in rows})
        axes.grid(visible=True, axis="x")
        axes.grid(visible=False, axis="y")
        axes.set_xlim(0, max(dot.high for dot in rows) * 1.1)
        axes.set_ylim(-0.7, len(rows) - 0.3)
        axes.locator_params(axis="x", nbins=6)
        axes.xaxis.set_major_formatter(lambda value, _: _tick(value, unit))
        return _svg(figure)


def funnel_chart(cloud: Cloud, bands: Sequence[Band], *, target: float, unit: str, area: str, size_label: str) -> str:
    """Every authority by its size and rate, between limits that narrow as size grows; sizes on a scale of tens."""
    with _canvas(2.85) as (figure, axes):
        axes.plot(cloud.sizes, cloud.rates, "o", color="#A6A6A6", markersize=4, zorder=2, linestyle="none")
        near = list(cloud.near)
        axes.plot(cloud.sizes[near], cloud.rates[near], "D", color=GREY, markersize=5, zorder=3, linestyle="none")
        axes.axhline(target, color=GREY, linewidth=1.1, zorder=1)
        for band, dash in zip(bands, ((0, (1, 1.5)), (0, (5, 2)), "solid"), strict=False):
            for side in (band.low, band.high):
                axes.plot(band.sizes, side, color=TEXT, linewidth=1.1, linestyle=dash, zorder=4)
        at = cloud.sizes[cloud.mine], cloud.rates[cloud.mine]
        axes.plot(*at, "o", color=BLUE, markersize=10, markeredgecolor="white", zorder=6)
        axes.set_xscale("log")
        _funnel_axes(axes, cloud, bands, target, unit)
        above = cloud.rates[cloud.mine] >= target
        axes.annotate(
            area,
            at,
            xytext=(0, 9 if above else -9),
            textcoords="offset points",
            ha="center",
            va="bottom" if above else "top",
            color=BLUE,
            fontweight="semibold",
            zorder=7,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.0},
        )
        axes.set_xlabel(size_label, loc="left", fontsize=9.5)
        return _svg(figure)


def _funnel_axes(axes, cloud: Cloud, bands: Sequence[Band], target: float, unit: str) -> None:
    """Ends of both axes, ticks in plain numbers, and the words at the right of each line, pushed apart."""
    low, high = cloud.sizes.min() * 0.9, cloud.sizes.max() * 1.05
    axes.set_xlim(low, high)
    tops = [*cloud.rates, *(band.high[-1] for band in bands)]
    axes.set_ylim(max(0.0, min(*cloud.rates, bands[-1].low[-1]) * 0.9), max(tops) * 1.08)
    ticks = [step * 10**power for power in range(8) for step in (1, 2, 5) if low <= step * 10**power <= high]
    axes.set_xticks(ticks[:: 1 if len(ticks) < 10 else 2], minor=False)
    axes.set_xticks([], minor=True)
    axes.xaxis.set_major_formatter(lambda value, _: format_number(value, "", 0))
    axes.locator_params(axis="y", nbins=6)
    axes.yaxis.set_major_formatter(lambda value, _: _tick(value, unit))
    ends = [(target, "all together")]
    ends += [(side[-1], band.label) for band in bands for side in (band.low, band.high)]
    bottom, top = axes.get_ylim()
    gap, last = (top - bottom) * 0.062, -np.inf
    for height, words in sorted(ends):
        if not bottom <= height <= top:
            continue
        last = max(height, last + gap)
        axes.annotate(
            words, (high, height), xytext=(high * 1.03, last), va="center", fontsize=9.5, annotation_clip=False
        )
