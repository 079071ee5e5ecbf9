"""Run section notebooks through papermill, each in its own kernel, and clean what is kept of them.

Parameter names are ours, never a user's: papermill executes names as code.
"""

import json
import os
import re
import tempfile
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from highneeds.errors import ParamsError
from highneeds.params import SECTIONS

FILES = {
    "requests": "10_requests.ipynb",
    "timeliness": "20_timeliness.ipynb",
    "sen_support": "30_sen_support.ipynb",
    "trends": "40_trends.ipynb",
    "data_quality": "90_data_quality.ipynb",
}
NAMES = ("authority", "as_at", "section_number", "cases", "run")
CELL_SECONDS = 300


@dataclass(frozen=True)
class Run:
    """One executed notebook: where it and its results are, or the fault that stopped it."""

    slug: str
    executed: Path
    results: dict | None
    fault: str = ""


def notebook_path(home: Path, slug: str) -> Path:
    """Notebook of a section. Raises ParamsError for a section that there is not."""
    if slug not in FILES:
        raise ParamsError(f"section '{slug}': there is none of that name. Expected {', '.join(SECTIONS)}.")
    path = home / "notebooks" / FILES[slug]
    if not path.is_file():
        raise ParamsError(f"{path}: the notebook is missing. Restore the notebooks folder.")
    return path


def run_notebook(home: Path, slug: str, given: Mapping[str, str], *, number: int, folder: Path) -> Run:
    """Execute one section into `folder`; a fault in it is returned, not raised, so that others go on."""
    import papermill
    from papermill.exceptions import PapermillExecutionError

    source, executed, results = notebook_path(home, slug), folder / FILES[slug], folder / f"{slug}.json"
    run = {"home": str(home), "released": given["released"], "results": str(results)}
    chosen = (given["authority"], given["as_at"], number, given["cases"], run)
    values = dict(zip(NAMES, chosen, strict=True))
    fault = ""
    with warnings.catch_warnings(), tempfile.TemporaryDirectory(prefix="highneeds-") as sockets:
        warnings.simplefilter("ignore")  # a library's warning is no message for an officer
        try:
            papermill.execute_notebook(
                str(source),
                str(executed),
                parameters=values,
                progress_bar=False,
                log_output=False,
                execution_timeout=CELL_SECONDS,
                config=_kernel_config(sockets),
                extra_arguments=["--log-level=CRITICAL"],
            )
        except PapermillExecutionError as error:
            fault = _plain_fault(executed, error)
        except Exception as error:  # a kernel that died or never started: one section lost, not the report
            fault = f"the notebook could not be run ({type(error).__name__}: {_first_line(error)[:160]})"
    if not fault and not results.is_file():
        fault = "the notebook ended without writing its results; its last cell must be page.close()"
    if executed.is_file():
        clean_notebook(
            executed, home=home, folder=folder, hide={given["cases"]: "cases", given["released"]: "released.csv"}
        )
    return Run(slug, executed, None if fault else json.loads(results.read_text(encoding="utf-8")), fault)


def _kernel_config(sockets: str):
    """Kernels that talk through files only this user can open, where the system has them."""
    from traitlets.config import Config

    config = Config()
    if os.name == "posix":
        config.KernelManager.transport = "ipc"
        config.KernelManager.ip = f"{sockets}/kernel"
    return config


def _plain_fault(executed: Path, error) -> str:
    """Cell and cause: `cell 'by-year' stopped: SourceError: ...`; the traceback stays in the notebook."""
    note = ""
    if executed.is_file():
        for cell in json.loads(executed.read_text(encoding="utf-8"))["cells"]:
            if any(output.get("output_type") == "error" for output in cell.get("outputs", [])):
                note = cell.get("id", "")
                break
    return f"cell '{note or error.cell_index}' stopped: {error.ename}: {_first_line(error.evalue)[:300]}"


def _first_line(message: object) -> str:
    """First line of a message, or words for one that is empty."""
    return next(iter(str(message).strip().splitlines()), "no message")


def clean_notebook(path: Path, *, home: Path, folder: Path, hide: Mapping[str, str] | None = None) -> None:
    """Take out clock times, run order and paths of this machine, so that equal runs give equal bytes."""
    book = json.loads(path.read_text(encoding="utf-8"))
    book["metadata"] = {"kernelspec": book["metadata"].get("kernelspec", {}), "language_info": {"name": "python"}}
    kept = []
    for at, cell in enumerate(book["cells"]):
        if "papermill-error-cell-tag" in cell.get("metadata", {}).get("tags", []):
            continue
        tags = cell.get("metadata", {}).get("tags", [])
        cell["metadata"] = {"tags": tags} if tags else {}
        if "injected-parameters" in tags:
            cell["id"] = "injected-parameters"
        cell["id"] = cell.get("id") or f"cell-{at}"
        if cell["cell_type"] == "code":
            cell["execution_count"] = None
            for output in cell.get("outputs", []):
                if "execution_count" in output:
                    output["execution_count"] = None
                output.get("data", {}).pop("text/plain", None) if "text/html" in output.get("data", {}) else None
        kept.append(cell)
    book["cells"] = kept
    text = json.dumps(book, indent=1, ensure_ascii=False)
    places = {str(folder): ".", **{place: name for place, name in (hide or {}).items() if place}, str(home): "."}
    for place, name in places.items():
        text = text.replace(json.dumps(str(place))[1:-1].replace("\\", "\\\\"), name).replace(str(place), name)
    text = re.sub(r"\\u001b\[[0-9;]*m", "", text)
    path.write_text(text + "\n", encoding="utf-8")
