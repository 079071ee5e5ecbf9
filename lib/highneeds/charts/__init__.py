"""Series of figures to charts: one style, direct labels, real text, the same bytes for the same data.

Colours are the Government Analysis Function's palette. Our authority is dark blue and thick, England
dark grey, neighbours light. Titles and sources stand in the page around the picture, where they can be read.
"""

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import matplotlib as mpl

from highneeds import periods
from highneeds.charts.light import light
from highneeds.figures import POUNDS, Figure, format_number

BLUE, TURQUOISE, PINK, ORANGE, GREY, PURPLE = "#12436D", "#28A197", "#801650", "#F46A25", "#3D3D3D", "#A285D1"
MID_BLUE, LIGHT_BLUE = "#2073BC", "#6BACE6"
LIGHT, RULE, TEXT = "#767676", "#D0D0D0", "#222222"

WIDTH = 7.2
FONT = "Source Sans Pro"
STYLE = {
    "font.family": "sans-serif",
    "font.sans-serif": [FONT, "Arial", "Helvetica", "DejaVu Sans"],
    "font.size": 10.5,
    "text.color": TEXT,
    "axes.labelcolor": TEXT,
    "xtick.color": TEXT,
    "ytick.color": TEXT,
    "axes.edgecolor": LIGHT,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "axes.grid": True,
    "axes.grid.axis": "y",
    "grid.color": RULE,
    "grid.linewidth": 0.6,
    "axes.axisbelow": True,
    "xtick.major.size": 0,
    "ytick.major.size": 0,
    "xtick.major.pad": 5,
    "axes.titlesize": 10.5,
    "axes.titleweight": "semibold",
    "axes.titlelocation": "left",
    "hatch.linewidth": 1.2,
    "hatch.color": "white",
    "svg.fonttype": "none",
    "svg.hashsalt": "highneeds",
    "figure.facecolor": "white",
    "figure.dpi": 72,
}
ROLES = {
    "authority": {"color": BLUE, "linewidth": 3.0, "zorder": 5},
    "england": {"color": GREY, "linewidth": 1.8, "linestyle": (0, (5, 2)), "zorder": 4},
    "region": {"color": LIGHT, "linewidth": 1.5, "linestyle": (0, (1, 1)), "zorder": 3},
    "neighbours": {"color": LIGHT, "linewidth": 1.6, "zorder": 3},
    "forecast": {"color": BLUE, "linewidth": 2.2, "linestyle": (0, (4, 2)), "zorder": 4},
    "scenario": {"color": PINK, "linewidth": 2.4, "linestyle": (0, (4, 1, 1, 1)), "zorder": 5},
}
MAX_SERIES = 4
SWARM = (-60.0, 80.0)  # ends of the axis of changes, per cent


@dataclass(frozen=True)
class Interval:
    """A forecast's interval: lower and upper figures in order, and the words that label it."""

    lower: Sequence[Figure]
    upper: Sequence[Figure]
    label: str = "8 in 10 chance"


@dataclass(frozen=True)
class Series:
    """A line or a set of bars: its label, its role (which sets its looks) and its figures in order."""

    label: str
    figures: Sequence[Figure]
    role: str = "authority"


def line_chart(series: Sequence[Series], *, unit: str, interval: Interval | None = None, height: float = 2.55) -> str:
    """Lines over periods, each labelled at its end; the axis starts at zero, or below it where a figure lies below.

    A series of role `forecast` is dashed; interval shades the range around it and says what it means.
    """
    with _canvas(height) as (figure, axes):
        ticks = _periods(series)
        if interval is not None:
            _shade(axes, ticks, interval)
        ends = []
        for line in series[:MAX_SERIES]:
            values = {ticks.index(_key(f)): f.value for f in line.figures if f.known}
            if not values:
                continue
            x = range(min(values), max(values) + 1)
            # A missing year breaks the line: nobody knows what lay between.
            y = [values.get(at, float("nan")) for at in x]
            look = ROLES[line.role]
            size = 4 if line.role == "authority" else 6 if len(values) == 1 else 0
            axes.plot(x, y, marker="o", markersize=size, **look)
            last = max(values)
            newest = [f for f in line.figures if f.known][-1]
            number = newest.text if newest.status == "f" else _tick(values[last], unit)
            label = f"{line.label} {number}"
            label += f" ({' '.join(_axis_label(ticks[last]).split())})" if last < len(ticks) - 1 else ""
            if line.role == "authority" and last < len(ticks) - 1:
                beyond = [f.value for other in series if other is not line for f in other.figures[-1:] if f.known]
                if interval is not None and ticks.index(_key(interval.lower[0])) >= last:  # the range lies to the right
                    rising = values[last] >= values.get(last - 1, values[last])
                    _label_beside(axes, last, values[last], label, above=rising and last > 0, left=last > 0)
                    continue
                _label_beside(axes, last, values[last], label, above=min(beyond, default=values[last]) < values[last])
            else:
                ends.append((last, values[last], label, look["color"], line.role))
        _axis(axes, ticks, unit)
        lowest = [item.value for line in series for item in line.figures if item.known]
        lowest += [item.value for item in interval.lower] if interval is not None else []
        axes.set_ylim(bottom=min(0, *lowest, 0))
        axes.set_xlim(-0.3, len(ticks) - 0.7)
        _label_ends(axes, ends)
        return _svg(figure)


def _label_beside(axes, x: float, y: float, text: str, *, above: bool, left: bool = False) -> None:
    """Name a line that ends before the others, on the side that the line and what comes after it leave free."""
    axes.annotate(
        text,
        (x, y),
        xytext=(-2 if left else 5, 8 if above else -8),
        textcoords="offset points",
        ha="right" if left else "left",
        va="bottom" if above else "top",
        color=BLUE,
        fontweight="semibold",
        zorder=7,
    )


def _shade(axes, ticks: list[tuple[str, str]], interval: Interval) -> None:
    x = [ticks.index(_key(figure)) for figure in interval.lower]
    low, high = ([figure.value for figure in side] for side in (interval.lower, interval.upper))
    axes.fill_between(x, low, high, color=LIGHT_BLUE, alpha=0.35, linewidth=0, zorder=1)
    axes.plot(x, low, color=MID_BLUE, linewidth=0.8, zorder=2)
    axes.plot(x, high, color=MID_BLUE, linewidth=0.8, zorder=2)
    axes.annotate(
        interval.label,
        (x[-1], high[-1]),
        xytext=(-4, 2),
        textcoords="offset points",
        ha="right",
        va="bottom",
        color=TEXT,
    )


def bar_chart(bars: Series, *, unit: str, height: float = 2.45, labels: bool = True) -> str:
    """Bars over periods from zero, each with its number; part months hatched and labelled."""
    with _canvas(height) as (figure, axes):
        for at, item in enumerate(bars.figures):
            if not item.known:
                axes.text(at, 0, " not\navailable", ha="center", va="bottom", fontsize=9)
                continue
            axes.bar(at, item.value, width=0.72, color=BLUE, hatch="///" if item.status == "p" else None)
            text = format_number(item.value, "", item.places) + ("\npart?" if item.status == "p" else "")
            if labels:
                axes.text(at, item.value, text, ha="center", va="bottom", fontsize=9.5)
        _axis(axes, [_key(item) for item in bars.figures], unit)
        _few(axes, len(bars.figures))
        axes.set_ylim(0, max((item.value or 0 for item in bars.figures), default=1) * 1.16 or 1)
        return _svg(figure)


def stacked_chart(stacks: Sequence[Series], *, unit: str, height: float = 2.6) -> str:
    """Bars made of up to four parts, named beside the last bar, their numbers inside."""
    colours = (BLUE, LIGHT_BLUE, ORANGE, RULE)
    with _canvas(height) as (figure, axes):
        ticks = [_key(item) for item in stacks[0].figures]
        base, names = [0.0] * len(ticks), []
        tops = [sum(s.figures[at].value or 0 for s in stacks) for at in range(len(ticks))]
        for part, colour in zip(stacks[:MAX_SERIES], colours, strict=False):
            size = [item.value or 0 for item in part.figures]
            axes.bar(range(len(ticks)), size, bottom=base, width=0.72, color=colour, edgecolor="white", linewidth=1)
            for at, (item, low) in enumerate(zip(part.figures, base, strict=True)):
                if item.known and item.value and item.value > 0.07 * max(tops):
                    ink = "white" if colour == BLUE else TEXT
                    axes.text(
                        at,
                        low + item.value / 2,
                        format_number(item.value, "", 0),
                        ha="center",
                        va="center",
                        color=ink,
                        fontsize=9.5,
                    )
            names.append((len(ticks) - 0.72, base[-1] + size[-1] / 2, part.label, TEXT, "part"))
            base = [low + add for low, add in zip(base, size, strict=True)]
        _axis(axes, ticks, unit)
        axes.set_xlim(-0.6, len(ticks) - 0.4)
        axes.set_ylim(0, max(tops, default=1) * 1.05 or 1)
        _label_ends(axes, names)
        return _svg(figure)


def dot_chart(dots: Sequence[Series], *, unit: str) -> str:
    """One row an area, ordered by size, the authority marked and named in bold."""
    rows = sorted((d for d in dots if d.figures[0].known), key=lambda d: d.figures[0].value)
    with _canvas(0.45 + 0.205 * max(len(rows), 3)) as (figure, axes):
        for at, dot in enumerate(rows):
            item = dot.figures[0]
            mine = dot.role == "authority"
            colour = {"authority": BLUE, "england": GREY, "region": GREY}.get(dot.role, LIGHT)
            axes.plot([0, item.value], [at, at], color=RULE, linewidth=1.2, zorder=1)
            axes.plot(
                item.value,
                at,
                "D" if dot.role in ("england", "region") else "o",
                color=colour,
                markersize=8 if mine else 6,
                zorder=3,
            )
            _beside(axes, format_number(item.value, unit, item.places), item.value, at, gap=9, bold=mine)
        _row_labels(axes, {dot.label: dot.role == "authority" for dot in rows})
        axes.grid(visible=False)
        axes.set_xlim(0, max((d.figures[0].value for d in rows), default=1) * 1.14 or 1)
        axes.set_ylim(-0.7, len(rows) - 0.3)
        axes.xaxis.set_visible(False)
        axes.spines["bottom"].set_visible(False)
        return _svg(figure)


def _beside(axes, words: str, value: float, at: int, *, gap: int, bold: bool) -> None:
    """A number to the right of a row's mark."""
    weight = "semibold" if bold else "normal"
    axes.annotate(
        words, (value, at), xytext=(gap, 0), textcoords="offset points", va="center", fontsize=9.5, fontweight=weight
    )


def _row_labels(axes, rows: Mapping[str, bool]) -> None:
    """One label a row, from the bottom up. rows: label to whether it stands in bold."""
    axes.set_yticks(range(len(rows)), list(rows))
    for text, bold in zip(axes.get_yticklabels(), rows.values(), strict=True):
        text.set_fontweight("semibold" if bold else "normal")


def swarm_chart(
    values: dict[str, float], *, mine: str, marks: Sequence[str], unit: str, mine_label: str, marks_label: str
) -> str:
    """Every authority one dot along an axis; ours large and named, the neighbours dark."""
    import seaborn

    low, high = SWARM
    with _canvas(2.0) as (figure, axes):
        clipped = {code: min(max(value, low), high) for code, value in values.items()}
        others = [v for code, v in clipped.items() if code != mine and code not in marks]
        seaborn.swarmplot(x=others, y=[""] * len(others), ax=axes, color="#A6A6A6", size=4.6, warn_thresh=1)
        held = [clipped[code] for code in marks if code in clipped]
        axes.plot(held, [0.0] * len(held), "|", color=GREY, markersize=22, markeredgewidth=1.8)
        axes.axvline(0, color=LIGHT, linewidth=1)
        top, bottom = 0.5, -0.62
        axes.set_ylim(top, bottom)
        if mine in clipped:
            axes.plot(clipped[mine], 0, "o", color=BLUE, markersize=12, zorder=6, markeredgecolor="white")
            _note(axes, clipped[mine], -0.44, mine_label, BLUE, low, high)
        if held:
            axes.text(low + 1, 0.44, marks_label, color=GREY, fontsize=10, va="bottom")
        axes.set_xlim(low - 3, high + 3)
        axes.set_ylabel("")
        axes.set_xlabel("")
        axes.xaxis.set_major_formatter(lambda value, _: _tick(value, unit, signed=True))
        axes.grid(visible=False)
        axes.set_yticks([])
        return _svg(figure)


def beyond(values: Iterable[float]) -> bool:
    """True where a change lies beyond the ends of the swarm's axis."""
    return any(not SWARM[0] <= value <= SWARM[1] for value in values)


def small_multiples(panels: Sequence[Series], *, unit: str) -> str:
    """One small bar chart for each of up to six series, on one scale."""
    columns = 2
    lines = -(-len(panels) // columns)
    with _canvas(0.35 + 1.2 * lines, rows=lines, columns=columns) as (figure, grid):
        cells = list(grid.flat) if hasattr(grid, "flat") else [grid]
        top = max((item.value or 0 for panel in panels for item in panel.figures), default=1) * 1.05 or 1
        for axes, panel in zip(cells, panels, strict=False):
            for at, item in enumerate(panel.figures):
                if item.known:
                    colour = LIGHT_BLUE if item.status == "f" else BLUE
                    axes.bar(at, item.value, width=0.76, color=colour, hatch="///" if item.status == "p" else None)
            axes.set_title(panel.label)
            axes.set_ylim(0, top)
            axes.set_xlim(-0.6, len(panel.figures) - 0.4)
            ticks = [_key(item) for item in panel.figures]
            axes.set_xticks(
                [0, len(ticks) // 2, len(ticks) - 1],
                [_axis_label(ticks[at]) for at in (0, len(ticks) // 2, len(ticks) - 1)],
            )
            axes.locator_params(axis="y", nbins=3)
            axes.yaxis.set_major_formatter(lambda value, _: _tick(value, unit))
        for axes in cells[len(panels) :]:
            axes.set_visible(False)
        return _svg(figure)


def describe(series: Sequence[Series], kind: str) -> str:
    """Text alternative: what each series does, from its own numbers."""
    parts = [kind + "."]
    for line in series:
        known = [item for item in line.figures if item.known]
        if not known:
            parts.append(f"{line.label}: no figure available.")
            continue
        first, last = known[0], known[-1]
        if len(known) == 1:
            parts.append(f"{line.label}: {last.text} {last.when}.")
            continue
        top = max(known, key=lambda item: item.value)
        low = min(known, key=lambda item: item.value)
        words = f"{line.label}: {first.text} {first.when} and {last.text} {last.when}"
        if top not in (first, last):
            words += f", highest {top.text} {top.when}"
        if low not in (first, last):
            words += f", lowest {low.text} {low.when}"
        gaps = len(line.figures) - len(known)
        parts.append(words + (f"; {gaps} not available." if gaps else "."))
    return " ".join(parts)


class _canvas:
    """Figure and axes in our style, closed at the end whatever happens."""

    def __init__(self, height: float, *, rows: int = 1, columns: int = 1) -> None:
        self.shape = (rows, columns)
        self.height = height

    def __enter__(self):
        from matplotlib.figure import Figure as Canvas

        _register_font()
        self.style = mpl.rc_context(STYLE)
        self.style.__enter__()
        figure = Canvas(figsize=(WIDTH, self.height), layout="constrained")
        # A screen's own font is wider than the one the layout was measured with.
        figure.get_layout_engine().set(rect=(0.02, 0, 0.94, 1))
        return figure, figure.subplots(*self.shape, squeeze=True)

    def __exit__(self, *fault: object) -> None:
        self.style.__exit__(*fault)


def font_files() -> list[Path]:
    """Regular, semibold and bold of the report's font, where its package is installed."""
    package = find_spec("font_source_sans_pro")
    if package is None or package.origin is None:
        return []
    folder = Path(package.origin).parent / "files"
    return [
        path
        for name in ("Regular", "Semibold", "Bold", "It")
        if (path := folder / f"SourceSansPro-{name}.ttf").is_file()
    ]


def _register_font() -> None:
    from matplotlib import font_manager

    held = {entry.fname for entry in font_manager.fontManager.ttflist}
    for path in font_files():
        if str(path) not in held:
            font_manager.fontManager.addfont(path)


def _svg(figure) -> str:
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    text = io.StringIO()
    # Drawn once: savefig would draw twice, the first time for a window that there is not.
    FigureCanvasSVG(figure).print_svg(text, metadata={"Date": None, "Creator": None})
    picture = text.getvalue()
    return light(picture[picture.index("<svg") :].strip())


def _key(item: Figure) -> tuple[str, str]:
    return item.period, item.period_basis


def _periods(series: Sequence[Series]) -> list[tuple[str, str]]:
    return sorted({_key(item) for line in series for item in line.figures})


def _axis_label(key: tuple[str, str]) -> str:
    label = periods.label(*key)
    if key[1] == periods.AT_DATE:
        day, month, year = label.split(" ")
        return f"{day} {month[:3]}\n{year}"
    return label.replace(" 20", "\n20") if key[1] == periods.CALENDAR_MONTH else label.removeprefix("Jan ")


FEW = 5  # bars; fewer are not drawn wider


def _few(axes, count: int) -> None:
    axes.set_xlim(-0.6, max(count, FEW) - 0.4)


def _axis(axes, ticks: list[tuple[str, str]], unit: str) -> None:
    step = -(-len(ticks) // 13)
    shown = range((len(ticks) - 1) % step, len(ticks), step)
    axes.set_xticks(list(shown), [_axis_label(ticks[at]) for at in shown])
    axes.locator_params(axis="y", nbins=5)
    axes.yaxis.set_major_formatter(lambda value, _: _tick(value, unit))


def _tick(value: float, unit: str, *, signed: bool = False) -> str:
    if unit in ("GBP", POUNDS):
        return format_number(value, unit, 0).replace(".0m", "m")
    places = 0 if abs(value - round(value)) < 1e-9 else 1
    sign = "+" if signed and value > 0 else ""
    return sign + format_number(value, "%" if unit == "%" else "", places)


def _label_ends(axes, ends: list[tuple]) -> None:
    """Name each line beside its last point, pushed apart where they would touch."""
    low, high = axes.get_ylim()
    gap = (high - low) * 0.075
    placed = []
    for x, y, text, colour, role in sorted(ends, key=lambda end: end[1]):
        below = [height for where, height in placed if where == x]
        at = max(y, below[-1] + gap) if below else y
        placed.append((x, at))
        axes.annotate(
            text,
            (x, y),
            xytext=(x + 0.12, at),
            textcoords="data",
            va="center",
            color=colour,
            fontweight="semibold" if role == "authority" else "normal",
            annotation_clip=False,
        )


def _note(axes, x: float, y: float, text: str, colour: str, low: float, high: float) -> None:
    side = "left" if x < low + 0.2 * (high - low) else "right" if x > high - 0.2 * (high - low) else "center"
    axes.text(
        x,
        y,
        text,
        color=colour,
        ha=side,
        va="center",
        fontweight="semibold",
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.5},
    )
