"""What a report was made from and with: parameters, inputs, notebooks, packages, outputs. No clock."""

import hashlib
import json
import platform
from importlib.metadata import version
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from highneeds import __version__

PACKAGES = (
    "pandas",
    "numpy",
    "matplotlib",
    "seaborn",
    "statsmodels",
    "papermill",
    "nbconvert",
    "jinja2",
    "weasyprint",
    "pydantic",
    "pandera",
)


class FileRecord(BaseModel):
    """A file by its path (within the project or the report) and checksum."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: str
    sha256: str
    size: int


class Manifest(BaseModel):
    """Everything needed to make the report again.

    made_from: what it follows from, by name (report.made_from); registered: checksum of the
    register of released tables once it is published; earlier: day and folder of the report before, and its
    figures' checksum;
    digest: checksum of all the rest, by which an edit is noticed (an edit that makes it anew is noticed by `verify`).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    highneeds: str = __version__
    python: str = ".".join(platform.python_version_tuple()[:2])
    authority: str
    packages: dict[str, str]
    parameters: dict[str, str | list[str]]
    invented: bool = False
    headlines: list[dict[str, str]]
    changed: list[str]
    inputs: list[FileRecord]
    notebooks: list[FileRecord]
    outputs: list[FileRecord]
    pdf_engine: str
    faults: list[str]
    made_from: dict[str, str]
    registered: str
    earlier: dict[str, str] = {}
    digest: str = ""

    def sealed(self) -> "Manifest":
        """The same with a checksum of all else it holds."""
        content = self.model_copy(update={"digest": ""}).as_bytes()
        return self.model_copy(update={"digest": hashlib.sha256(content).hexdigest()})

    def as_bytes(self) -> bytes:
        """JSON text with sorted keys."""
        return (json.dumps(self.model_dump(), indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode("utf-8")


def record(path: Path, base: Path) -> FileRecord:
    """Record of a file, its path relative to base."""
    content = path.read_bytes()
    return FileRecord(
        path=path.relative_to(base).as_posix(), sha256=hashlib.sha256(content).hexdigest(), size=len(content)
    )


def packages() -> dict[str, str]:
    """Versions of the packages that shape a report."""
    return {name: version(name) for name in PACKAGES}
