"""What the server holds before it forks: the imports that reports need, and what all sections of a run share.

Imported by name, in the server alone. It must leave one thread and no state that a notebook could change for the next:
each fork is a copy of this process and ends with its own work.
"""

import os

# Threads do not survive a fork: none of the linear algebra, none of Arrow's memory.
for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")
os.environ.setdefault("JE_ARROW_MALLOC_CONF", "background_thread:false")
os.environ.setdefault("PYDEVD_DISABLE_FILE_VALIDATION", "1")  # the debugger's warning is no message for an officer

import contextlib  # noqa: E402
import gc  # noqa: E402
import importlib  # noqa: E402
import json  # noqa: E402
import pkgutil  # noqa: E402
import sys  # noqa: E402
import time  # noqa: E402
from datetime import date  # noqa: E402
from importlib.machinery import ModuleSpec  # noqa: E402
from pathlib import Path  # noqa: E402

import highneeds.sections  # noqa: E402

# Kernels, notebooks, pages, sheets and the PDF; then, by name, what these import only when they are first used.
LAZY = (
    "email.policy",
    "filelock",
    "gptables",
    "highneeds.report.guard",
    "highneeds.report.run",
    "ipykernel.debugger",
    "ipykernel.ipkernel",
    "ipykernel.kernelapp",
    "ipykernel.kernelspec",
    "IPython.core.completer",
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.core.oinspect",
    "IPython.core.pylabtools",
    "IPython.extensions.storemagic",
    "jinja2.ext",
    "jupyter_client.asynchronous",
    "matplotlib.backends.backend_svg",
    "matplotlib.figure",
    "matplotlib_inline.backend_inline",
    "matplotlib_inline.config",
    "mistune.plugins.def_list",
    "mistune.plugins.task_lists",
    "mistune.plugins.url",
    "nbconvert.exporters.templateexporter",
    "nbformat.v4",
    "odfdo",
    "odfdo.templates",
    "papermill",
    "papermill.clientwrap",
    "papermill.iorw",
    "psutil",
    "seaborn",
    "scipy.stats",
    "tornado.platform.asyncio",
    "weasyprint",
)


def _import(name: str) -> None:
    """One module; what is not there is missed where it is used, with words for the reader."""
    try:
        importlib.import_module(name)
    except (ImportError, OSError):  # OSError: WeasyPrint without its system library
        pass


def _prepare(told: dict[str, str]) -> None:
    """Figures and models of the run."""
    sys.modules["__main__"].__file__ = told["main"] or None
    sys.modules["__main__"].__spec__ = ModuleSpec(told["main_name"], None) if told["main_name"] else None
    if told["home"]:
        from highneeds.sections.shared import prepare

        prepare(Path(told["home"]), date.fromisoformat(told["as_at"]) if told["as_at"] else None)


def _rehearse() -> None:
    """Draw, render and print something small, so that what each does once in a process is done before the fork."""
    import tempfile
    from datetime import datetime

    import nbformat

    from highneeds import charts
    from highneeds.figures import Figure
    from highneeds.report import data, pdf, render
    from highneeds.report.made_from import code_checksum, installed

    figures = [
        Figure(
            id=f"rehearsal.{year}", measure="requests_received", area_code="", area="", period=year, value=float(year),
            period_basis="calendar year", unit="requests", status="", source="", reference="",
        )
        for year in ("2023", "2024", "2025")
    ]  # fmt: skip
    charts.line_chart([charts.Series("Rehearsal", figures)], unit="requests")
    for name in ("paper.html.j2", "site.html.j2"):
        render.environment().get_template(name)
    cell = {"text/html": "<p>Rehearsal</p>"}
    said = nbformat.v4.new_output("execute_result", data=cell)
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1", outputs=[said])])
    with tempfile.TemporaryDirectory(prefix="highneeds-") as scratch:
        place = Path(scratch)
        nbformat.write(book, place / "rehearsal.ipynb")
        render.section_html(place / "rehearsal.ipynb", number=1)
        sheet = {
            "name": "Table 1", "slug": "rehearsal", "title": "Rehearsal", "row_head": "Year", "columns": ["Requests"],
            "rows": [["2025", {"text": "none"}]], "note": "", "source": "",
        }  # fmt: skip
        data.write_data([sheet], place / "data", title="Rehearsal", about=[], as_at=datetime(2025, 1, 1))
        style = (render.ASSETS / "report.css").read_text(encoding="utf-8")
        picture = '<img alt="" src="data:image/svg+xml,%3Csvg xmlns=%22http://www.w3.org/2000/svg%22/%3E">'
        table = "<table><thead><tr><th>A</th></tr></thead><tbody><tr><td>1</td></tr></tbody></table>"
        page = f'<html lang="en-GB"><title>R</title><style>{style}</style><h1>R</h1><p>R</p>{table}{picture}'
        (place / "rehearsal.html").write_text(page, encoding="utf-8")
        pdf.main(str(place / "rehearsal.html"), str(place / "rehearsal.pdf"))
    os.environ.pop("SOURCE_DATE_EPOCH", None)
    code_checksum(), installed()
    gc.collect()
    _wait_for_threads()


def _wait_for_threads(seconds: float = 5.0) -> None:
    """Until no thread is left but this one: Pango ends that of its fonts when the fonts are freed, and awaits none."""
    tasks = Path("/proc/self/task")
    end = time.monotonic() + seconds
    while tasks.is_dir() and len(list(tasks.iterdir())) > 1 and time.monotonic() < end:
        time.sleep(0.01)


# A grammar of addresses that no notebook needs takes more than a second to build: not here.
sys.modules["rfc3987_syntax"] = None  # type: ignore[assignment]
_import("nbformat")
del sys.modules["rfc3987_syntax"]
for _module in pkgutil.walk_packages(highneeds.sections.__path__, "highneeds.sections."):
    importlib.import_module(_module.name)
for _name in LAZY:
    _import(_name)
_told = os.environ.pop("HIGHNEEDS_PREPARE", "")
# Whatever is wrong shows again, and is told, where it is done in earnest.
with contextlib.suppress(Exception):
    _rehearse()
with contextlib.suppress(Exception):
    _prepare(json.loads(_told) if _told else {"main": "", "main_name": "", "home": ""})
gc.collect()
gc.freeze()
