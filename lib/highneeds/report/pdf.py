"""The PDF from the same HTML, in a process of its own with a time limit: a fork where there can be one.

WeasyPrint makes PDF/UA-1 and comes first. Where its library Pango is missing, a Chromium browser that is already
on the machine (Edge on Windows) prints a tagged PDF that makes no claim to PDF/UA.
Run as `python -m highneeds.report.pdf report.html report.pdf`.
"""

import gc
import multiprocessing
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from multiprocessing.connection import Connection
from pathlib import Path

from highneeds.report import forks

SECONDS = 180
NO_PANGO = 7
BROWSER_VARIABLE = "HIGHNEEDS_BROWSER"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "microsoft-edge", "msedge", "chrome")
WINDOWS_EDGE = Path(r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe")
PANGO = (
    "The PDF needs Pango, which is not on this machine, and no Chromium browser is there to stand in. "
    "Debian or Ubuntu: apt install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0. "
    "conda: conda install -c conda-forge pango. Then run the report again; the HTML is complete."
)


@dataclass(frozen=True)
class Engine:
    """A way to make the PDF: its name, what the page says of it, and the command that runs it.

    forks: it is Python, so that a fork with its imports done can run it.
    """

    name: str
    says: str
    command: Callable[[Path, Path, str], list[str] | None]
    forks: bool = False

    def is_missing(self, fault: str) -> bool:
        """True where the fault is that this engine is not on the machine, so that the next may try."""
        return PANGO in fault


def _weasyprint(page: Path, target: Path, scratch: str) -> list[str]:
    return [sys.executable, "-m", "highneeds.report.pdf", str(page), str(target)]


def _chromium(page: Path, target: Path, scratch: str) -> list[str] | None:
    browser = find_browser()
    if browser is None:
        return None
    # As root (in a container) a browser has no sandbox of its own to start.
    root = ["--no-sandbox"] if getattr(os, "geteuid", lambda: 1)() == 0 else []
    quiet = ["--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update"]
    print_ = ["--no-pdf-header-footer", "--generate-pdf-document-outline", f"--print-to-pdf={target}"]
    return [browser, "--headless", *root, *quiet, f"--user-data-dir={scratch}", *print_, page.as_uri()]


ENGINES = (
    Engine(f"WeasyPrint {version('weasyprint')}", "PDF made by WeasyPrint to PDF/UA-1.", _weasyprint, forks=True),
    Engine("Chromium", "PDF made by a Chromium browser: tagged, with no claim to PDF/UA.", _chromium),
)


def find_browser() -> str | None:
    """Path of a Chromium browser; the variable HIGHNEEDS_BROWSER names one, or none at all with `none`."""
    named = os.environ.get(BROWSER_VARIABLE)
    if named:
        return None if named == "none" else shutil.which(named)
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    return found or (str(WINDOWS_EDGE) if WINDOWS_EDGE.is_file() else None)


def write_pdf(
    page: Path, target: Path, engine: Engine = ENGINES[0], *, seconds: float = SECONDS, memory_mb: int = 0
) -> str:
    """Write the PDF; the answer is empty when it is there, else one plain line saying why it is not.

    memory_mb: most that a fork may take for it; 0: no limit.
    """
    if engine.forks and forks.CAN_FORK:
        ended = _in_fork(page, target, seconds, memory_mb)
    else:
        with tempfile.TemporaryDirectory(prefix="highneeds-", ignore_cleanup_errors=True) as scratch:
            command = engine.command(page, target, scratch)
            ended = _in_process(command, seconds) if command else (NO_PANGO, "")
    if ended == (0, "") and target.is_file():
        return ""
    target.unlink(missing_ok=True)
    code, said = ended
    if code is None:
        return f"{target.name}: not finished in {seconds:g} seconds and stopped. The HTML is complete; run it again."
    if code == NO_PANGO:
        return f"{target.name}: not written. {PANGO}"
    return f"{target.name}: not written ({said[:200]}). The HTML is complete; report this fault with that line."


def _in_process(command: list[str], seconds: float) -> tuple[int | None, str]:
    """Exit status of a command and its last words; no status where it took too long."""
    with forks.unlimited_memory():
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    try:
        _, said = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        return None, ""
    last = (said.strip().splitlines() or ["no message"])[-1]
    return process.returncode, last if process.returncode else ""


def _in_fork(page: Path, target: Path, seconds: float, memory_mb: int) -> tuple[int | None, str]:
    """The same from a fork."""
    ours, theirs = multiprocessing.Pipe(duplex=False)
    process = forks.start(_send, str(page), str(target), memory_mb, theirs)
    theirs.close()
    try:
        if not ours.poll(seconds):
            return None, ""
        return ours.recv()
    except EOFError:
        process.join()
        return process.exitcode or 1, f"the process that makes it ended with status {process.exitcode}"
    finally:
        process.kill()
        process.join()
        ours.close()


def _send(page: str, target: str, memory_mb: int, answer: Connection) -> None:
    """In the fork: make the PDF, and tell how it went."""
    if memory_mb:
        forks.limit_memory(memory_mb)
    gc.disable()  # this process ends with its one paper
    try:
        ended = main(page, target), ""
    except Exception as fault:
        ended = 1, f"{type(fault).__name__}: {fault}"
    answer.send(ended)


def _font_css() -> str:
    from highneeds.charts import font_files

    faces = {"Regular": "400", "Semibold": "600", "Bold": "700"}
    return "\n".join(
        f'@font-face {{ font-family: "Source Sans Pro"; font-weight: {faces[kind]}; src: url("{path.as_uri()}"); }}'
        for path in font_files()
        if (kind := path.stem.removeprefix("SourceSansPro-")) in faces
    )


def main(page: str, target: str) -> int:
    """Render in this process; exit status NO_PANGO where the library cannot be loaded."""
    os.environ["SOURCE_DATE_EPOCH"] = "0"  # fonts carry a time, and ours tell nothing
    try:
        import weasyprint
        from weasyprint.text.fonts import FontConfiguration
        from weasyprint.urls import URLFetcher
    except OSError:
        return NO_PANGO
    fonts = FontConfiguration()
    style = weasyprint.CSS(string=_font_css(), font_config=fonts)
    # Pictures inside the page and our fonts; nothing from a network.
    document = weasyprint.HTML(filename=page, url_fetcher=URLFetcher(allowed_protocols=("data", "file")))
    document.write_pdf(target, stylesheets=[style], font_config=fonts, pdf_variant="pdf/ua-1", custom_metadata=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
