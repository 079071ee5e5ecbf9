"""Run section notebooks through papermill, each in its own kernel, and clean what is kept of them.

Parameter names are ours, never a user's: papermill executes names as code. So are paths: papermill fills in braces.
"""

import functools
import json
import os
import re
import tempfile
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from highneeds.contents import EVERY
from highneeds.errors import ParamsError
from highneeds.params import EXPLORED, PLANNED, SECTIONS
from highneeds.report.faults import Fault, first_line, plain

FILES = {section.slug: section.notebook for section in EVERY}
TYPES = {
    "authority": str, "as_at": str, "cases": str, "scenario": str, "neighbours": str, "views": list, "run": dict,
}  # fmt: skip
# What `run` may hold. neighbours, scenario: of a section whose fourth parameter is another.
RUN_TYPES = {
    "home": str, "released": str, "results": str, "section_number": int, "neighbours": str, "scenario": str,
}  # fmt: skip
ENGINE = "highneeds"
# A kernel that says nothing, leaves no history in its user's home, and does not listen for what C code prints.
KERNEL = ["--log-level=CRITICAL", "--HistoryManager.enabled=False", "--IPKernelApp.capture_fd_output=False"]
TRIES = 2  # a kernel that died or never started is started once more; a cell that fails is not tried again
HEADING_LENGTH = 70


@dataclass(frozen=True)
class Limits:
    """How long a cell and a whole report may take, and how much memory each process of it."""

    cell_seconds: int = 300
    report_seconds: int = 1800
    memory_mb: int = 4096


LIMITS = Limits()


@dataclass(frozen=True)
class Run:
    """One executed notebook: where it and its results are, or the fault that stopped it."""

    slug: str
    executed: Path
    results: dict | None
    fault: Fault | None = None


def notebook_path(home: Path, slug: str) -> Path:
    """Notebook of a section, within the project's own folder of notebooks.

    Raises ParamsError for a section that there is not, and for a notebook that leads elsewhere.
    """
    if slug not in FILES:
        raise ParamsError(f"section '{slug}': there is none of that name. Expected {', '.join(SECTIONS)}.")
    folder = home / "notebooks"
    path = folder / FILES[slug]
    if not path.is_file():
        raise ParamsError(f"{path}: the notebook is missing. Restore the notebooks folder.")
    if not path.resolve().is_relative_to(folder.resolve()):
        raise ParamsError(f"{path}: leads out of the notebooks folder. Put the notebook itself there.")
    return path


def parameters_of(slug: str) -> tuple[str, ...]:
    """Names in the parameters cell of a section's notebook: five, for no reader takes in more."""
    fourth = "views" if slug == EXPLORED else "scenario" if slug in PLANNED else "neighbours"
    return "authority", "as_at", "cases", fourth, "run"


def _within_run(slug: str) -> tuple[str, ...]:
    """What a section is told in `run`, because its fourth parameter is another."""
    if slug == EXPLORED:
        return "neighbours", "scenario"
    return ("neighbours",) if slug in PLANNED else ()


def check_values(slug: str, values: Mapping[str, object]) -> None:
    """Refuse what papermill would run or only warn of: raises ParamsError for every unknown name and wrong type."""
    run, names = values.get("run"), parameters_of(slug)
    others = {"neighbours", "scenario"} - {*_within_run(slug)}
    inner = {name: kind for name, kind in RUN_TYPES.items() if name not in others}
    faults = _faults_of(values, {name: TYPES[name] for name in names})
    faults += _faults_of(run, inner) if isinstance(run, dict) else []
    if faults:
        raise ParamsError(faults)


def _faults_of(values: Mapping[str, object], types: Mapping[str, type]) -> list[str]:
    unknown = [
        f"parameter {name!r}: there is none of that name. Expected {', '.join(types)}."
        for name in values
        if name not in types
    ]
    return unknown + [
        f"parameter '{name}': found a value of type {type(value).__name__}. Expected {types[name].__name__}."
        for name, value in values.items()
        if name in types and type(value) is not types[name]
    ]


def run_notebook(
    home: Path, slug: str, given: Mapping[str, Any], *, number: int, folder: Path, limits: Limits, private: bool = False
) -> Run:
    """Execute one section into `folder`; a fault in it is returned, not raised, so that others go on.

    given: authority, as_at, cases, scenario, neighbours, views (files), released. private: case data are at hand, so
    no message of a library is repeated.
    """
    source, executed, results = notebook_path(home, slug), folder / FILES[slug], folder / f"{slug}.json"
    run = {"home": str(home), "released": given["released"], "results": str(results), "section_number": number}
    run |= {name: given[name] for name in _within_run(slug)}
    values = {name: run if name == "run" else given[name] for name in parameters_of(slug)}
    check_values(slug, values)
    fault: Fault | None = None
    for left in reversed(range(TRIES)):
        fault, again = _execute(source, executed, values, slug, limits, private=private)
        if not (again and left):
            break
    if fault is None and not results.is_file():
        fault = Fault(
            "the notebook ended without writing its results", "Its last cell must be page.close().", section=slug
        )
    if executed.is_file():
        clean_notebook(
            executed, home=home, folder=folder, hide={given["cases"]: "cases", given["released"]: "released.csv"}
        )
    return Run(slug, executed, None if fault else json.loads(results.read_text(encoding="utf-8")), fault)


def _execute(
    source: Path, executed: Path, values: dict, slug: str, limits: Limits, *, private: bool
) -> tuple[Fault | None, bool]:
    """One try; its fault, and whether another try could help."""
    import papermill
    from nbclient.exceptions import CellTimeoutError
    from papermill.exceptions import PapermillExecutionError

    _register_engine()

    kept = f"The executed notebook {executed.name} in the report's notebooks folder tells more."
    scratch = partial(tempfile.TemporaryDirectory, prefix="highneeds-", ignore_cleanup_errors=True)
    with warnings.catch_warnings(), scratch() as sockets, scratch() as own:  # own: the folder a notebook runs in
        warnings.simplefilter("ignore")  # a library's warning is no message for an officer
        try:
            papermill.execute_notebook(
                _literal(source),
                _literal(executed),
                parameters=values,
                progress_bar=False,
                log_output=False,
                engine_name=ENGINE,
                execution_timeout=limits.cell_seconds,
                config=_kernel_config(sockets, limits.memory_mb),
                resources={"metadata": {"path": own}},
                extra_arguments=KERNEL,
            )
        except PapermillExecutionError as error:
            cell, heading = _stopped_at(executed)
            cause = plain(error.ename, error.evalue, private=private)
            return Fault(f"cell '{cell or error.cell_index}' stopped: {cause}", kept, slug, heading), False
        except CellTimeoutError:
            cell, heading = _stopped_at(executed)
            cause = f"cell '{cell}' took longer than {limits.cell_seconds:,} seconds and was stopped"
            return Fault(cause, "Look at that cell, or raise --cell-seconds.", slug, heading), False
        except Exception as error:  # a kernel that died or never started: one section lost, not the report
            cell, heading = _stopped_at(executed)
            cause = plain(type(error).__name__, first_line(error)[:160], private=private)
            where = f"at cell '{cell}' " if cell else ""
            step = "If memory ran out, run fewer reports at once (--jobs)."
            return Fault(f"the notebook's kernel ended {where}({cause}), twice", step, slug, heading), True
    return None, False


@functools.cache
def _register_engine() -> None:
    """Papermill's own engine, but for one thing: it writes the notebook once, not before and after every cell."""
    from papermill.engines import NBClientEngine, papermill_engines
    from papermill.iorw import write_ipynb

    class OneWrite(NBClientEngine):
        @classmethod
        def execute_notebook(cls, nb, kernel_name, output_path=None, **kwargs):
            try:
                return super().execute_notebook(nb, kernel_name, output_path=None, **kwargs)
            except BaseException:
                write_ipynb(nb, output_path)  # it says how far it came
                raise

    papermill_engines.register(ENGINE, OneWrite)


def _literal(path: Path) -> str:
    """A path as papermill leaves it: braces in it would be filled in with parameters."""
    return str(path).replace("{", "{{").replace("}", "}}")


def _kernel_config(sockets: str, memory_mb: int = 0):
    """Kernels that talk through files only this user can open, where the system has them, within their memory."""
    from traitlets.config import Config

    config = Config()
    config.ForkProvisioner.memory_mb = memory_mb
    if os.name == "posix":
        config.KernelManager.transport = "ipc"
        config.KernelManager.ip = f"{sockets}/kernel"
    return config


def _stopped_at(executed: Path) -> tuple[str, str]:
    """Last cell that was started, and the words above it; empty where the notebook does not say."""
    if not executed.is_file():
        return "", ""
    heading, found = "", ("", "")
    for cell in json.loads(executed.read_text(encoding="utf-8"))["cells"]:
        told = cell["source"] if isinstance(cell["source"], str) else "".join(cell["source"])
        marker = "papermill-error-cell-tag" in cell.get("metadata", {}).get("tags", [])
        if cell["cell_type"] == "markdown" and not marker:
            heading = re.split(r"[.:?\n]", told.lstrip("#* ").strip(), maxsplit=1)[0][:HEADING_LENGTH]
        if cell["cell_type"] == "code" and cell.get("metadata", {}).get("papermill", {}).get("start_time"):
            found = cell.get("id", ""), heading
    return found


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
