"""Pictures of the tour in README, docs/tour/*.png, each under 100 kB.

    .venv/bin/python docs/tour.py report FOLDER             report.png and forecast.png, of a finished report
    .venv/bin/python docs/tour.py explorer SCREENSHOT.png   explorer.png, made smaller of a screenshot of the explorer

Owns sizes and colours of the pictures; needs a Chromium browser for the first.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from lxml import html
from PIL import Image

from highneeds.report.pdf import find_browser

PLACE = Path(__file__).resolve().parent / "tour"
LARGEST, WIDTH, COLOURS = 100_000, 1_000, (128, 64, 32, 16)


def shoot(page: Path, size: tuple[int, int], out: Path) -> Path:
    """Screenshot of the top of a page."""
    words = ("--headless", "--no-sandbox", "--hide-scrollbars", f"--window-size={size[0]},{size[1]}")
    subprocess.run([find_browser(), *words, f"--screenshot={out}", page.as_uri()], check=True, capture_output=True)
    return out


def small(picture: Path, name: str) -> None:
    """Keep a picture, no wider than WIDTH, with as many colours as fit under LARGEST."""
    held = Image.open(picture).convert("RGB")
    held.thumbnail((WIDTH, WIDTH))
    PLACE.mkdir(exist_ok=True)
    for colours in COLOURS:
        held.quantize(colours, dither=Image.Dither.NONE).save(PLACE / name, optimize=True)
        if (PLACE / name).stat().st_size < LARGEST:
            return
    raise SystemExit(f"{PLACE / name}: over {LARGEST:,} bytes. Take a smaller picture.")


def alone(report: Path, scratch: Path) -> Path:
    """The report's first forecast as a page of its own."""
    page = html.fromstring(report.read_bytes())
    main = page.xpath("//main")[0]
    figure = page.xpath("//figure[.//img[contains(@alt, 'Forecast') or contains(@alt, 'forecast')]]")[0]
    for child in list(page.body):
        page.body.remove(child)
    for child in list(main):
        main.remove(child)
    main.append(figure)
    page.body.append(main)
    path = scratch / "forecast.html"
    path.write_bytes(html.tostring(page, encoding="utf-8", doctype="<!doctype html>"))
    return path


def main() -> None:
    """Make what the command line asks for."""
    what, path = sys.argv[1], Path(sys.argv[2]).resolve()
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        if what == "explorer":
            small(path, "explorer.png")
            return
        small(shoot(path / "report.html", (1_000, 1_000), scratch / "report.png"), "report.png")
        small(shoot(alone(path / "report.html", scratch), (1_000, 560), scratch / "forecast.png"), "forecast.png")


if __name__ == "__main__":
    main()
