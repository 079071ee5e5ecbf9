"""Files that a report is made from, as its manifest names them: cases, papers and front, planning files, scenarios."""

from pathlib import Path

from highneeds.cases import SourceFile
from highneeds.report.made_from import FRONT
from highneeds.report.manifest import FileRecord, record
from highneeds.sections.local import Local
from highneeds.sources.papers import Papers
from highneeds.sources.planning import scenario_paths


def case_files(local: Local | None) -> list[SourceFile]:
    """Files of case data that were read, in order of their names."""
    return sorted(local.cases.files, key=lambda file: file.name) if local else []


def raw_inputs(raw: Path, papers: Papers) -> list[Path]:
    """Tables typed in from papers, registers, and the files of the front page that there are."""
    extra = [raw / name for name in ("about.yml", *FRONT) if (raw / name).is_file()]
    return [*(raw / name for name in papers.files), *extra]


def planning_inputs(folder: Path, scenario: str) -> list[FileRecord]:
    """Planning files and scenarios, named from their folder: the place of another machine says nothing."""
    held = {
        f"planning/{path.relative_to(folder).as_posix()}": path for path in sorted(folder.rglob("*")) if path.is_file()
    }
    asked = {
        f"scenario/{path.name}": path for path in scenario_paths(folder, scenario, []) if folder not in path.parents
    }
    return [record(path, path.parent).model_copy(update={"path": name}) for name, path in (held | asked).items()]
