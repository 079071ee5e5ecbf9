"""An authority's planning folder: capacity, unit costs, budget, savings, scenarios, and the option calculators' files.

Owns finding and reading them, with every fault of every file told together. What a scenario may say belongs to
`scenarios`; what tables hold to `planning_columns`; what follows from them to the models.
"""

import difflib
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
import yaml

from highneeds.errors import SourceError
from highneeds.figures import slug
from highneeds.scenarios import Scenario, make_scenario
from highneeds.sources.case_files import PLANNING, attempt
from highneeds.sources.option_files import Options, read_options
from highneeds.sources.planning_columns import read_planning_tables

FOLDER, SCENARIOS, OPTIONS = PLANNING, "scenarios", "options"
ENDINGS = (".yml", ".yaml")
MOST_SCENARIOS = 2


@dataclass(frozen=True)
class Planning:
    """What the folder holds; empty where there is none.

    tables: by file name (without .csv), each with `row` and `file`. scenarios: those asked for, in that order.
    files: name (from the folder; a scenario from elsewhere as if it were there) to sha256 of everything read.
    """

    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    options: Options = field(default_factory=Options)
    scenarios: tuple[Scenario, ...] = ()
    files: dict[str, str] = field(default_factory=dict)

    def table(self, name: str) -> pd.DataFrame | None:
        """One table; None where its file is not there."""
        return self.tables.get(name)


def planning_folder(raw: Path, cases: Path | None = None) -> Path:
    """Where an authority's planning files are: beside its case data or one folder up, else in its folder of raw data.

    raw: the authority's folder of raw data; cases: file or folder of case data given elsewhere.
    """
    if cases is not None:
        folder = cases.parent if cases.is_file() else cases
        found = next((path for path in (folder / FOLDER, folder.parent / FOLDER) if path.is_dir()), None)
        if found is not None:
            return found
    return raw / FOLDER


def read_planning(folder: Path, *, scenario: str = "", options: bool = True) -> Planning:
    """Everything in a planning folder, and the scenarios asked for.

    scenario: names of files in its folder of scenarios (without .yml) or paths of files, with commas; empty: none.
    options: False leaves the option calculators' files unread.
    Raises SourceError with the faults of all files together.
    """
    faults: list[str] = []
    tables, files = attempt(lambda: read_planning_tables(folder), faults) or ({}, {})
    held = attempt(lambda: read_options(folder / OPTIONS), faults) if options else None
    held = held or Options()
    paths = scenario_paths(folder, scenario, faults)
    scenarios = [made for path in paths if (made := attempt(lambda path=path: read_scenario(path), faults))]
    faults += _same_name(scenarios)
    if faults:
        raise SourceError(faults)
    files |= {f"{SCENARIOS}/{path.name}": hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}
    files |= {f"{OPTIONS}/{name}": found for name, found in held.files.items()}
    return Planning(tables, held, tuple(scenarios), files)


def _same_name(scenarios: Sequence[Scenario]) -> list[str]:
    """Scenarios that a report could not tell apart."""
    names = [slug(each.name) for each in scenarios]
    return [
        f"{each.file}: name: found '{each.name}', as in {scenarios[names.index(name)].file}. Expected another name for "
        "each scenario. Ask for it once, or rename one."
        for at, (each, name) in enumerate(zip(scenarios, names, strict=True))
        if name in names[:at]
    ]


def scenario_paths(folder: Path, scenario: str, faults: list[str]) -> list[Path]:
    """Files of the scenarios asked for; what cannot be found is added to the faults."""
    wanted = [name.strip() for name in scenario.split(",") if name.strip()]
    if len(wanted) > MOST_SCENARIOS:
        faults.append(f"scenario: found {len(wanted)}. Expected at most {MOST_SCENARIOS}, to be compared. Name fewer.")
    held = {path.stem: path for path in sorted((folder / SCENARIOS).glob("*")) if path.suffix in ENDINGS}
    found = []
    for name in wanted[:MOST_SCENARIOS]:
        path = held.get(name) or next((each for each in (Path(name),) if each.is_file()), None)
        if path is None:
            near = difflib.get_close_matches(name, held, n=1)
            hint = f" Did you mean '{near[0]}'?" if near else ""
            names = f"one of {', '.join(held)}, or a file" if held else "a file: its folder of scenarios holds none"
            faults.append(f"scenario '{name}': there is none of that name. Expected {names}.{hint}")
        else:
            found.append(path)
    return found


class _Loader(yaml.SafeLoader):
    """YAML whose days stay text: one that does not exist is then told like any other fault, with its row."""

    yaml_implicit_resolvers = {
        first: [(tag, form) for tag, form in kinds if not tag.endswith(":timestamp")]
        for first, kinds in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def read_scenario(path: Path) -> Scenario:
    """One scenario from its YAML file. Raises SourceError or SchemaError, every fault with its row."""
    where = f"{SCENARIOS}/{path.name}"
    try:
        text = path.read_text(encoding="utf-8-sig")
        loader = _Loader(text)
        try:
            node = loader.get_single_node()
            given = loader.construct_document(node) if node is not None else None
        finally:
            loader.dispose()
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as fault:
        mark = getattr(fault, "problem_mark", None)
        row = f" row {mark.line + 1}" if mark else ""
        raise SourceError(
            f"{where}:{row} cannot be read as YAML ({type(fault).__name__}). See docs/scenarios.md."
        ) from None
    if twice := sorted(_twice(node), key=lambda found: found[1]):
        raise SourceError(
            f"{where}: row {row}: '{key}' is given twice. Expected it once. Take one out." for key, row in twice
        )
    return make_scenario(given, _rows(node), where)


def _twice(node: yaml.Node | None) -> Iterator[tuple[str, int]]:
    """Keys that a mapping holds again, with their rows: YAML would keep the last in silence."""
    seen, left = set(), [node]
    while left:
        here = left.pop(0)
        if not isinstance(here, yaml.CollectionNode) or id(here) in seen:
            continue
        seen.add(id(here))  # an anchor may point back to where it stands
        pairs = here.value if isinstance(here, yaml.MappingNode) else []
        names = [str(key.value) for key, _ in pairs]
        yield from (
            (names[at], pairs[at][0].start_mark.line + 1) for at in range(len(names)) if names[at] in names[:at]
        )
        left += [value for _, value in pairs] if pairs else [each for each in here.value if isinstance(each, yaml.Node)]


def _rows(node: yaml.Node | None) -> list[int]:
    """Row of the file on which each change begins."""
    for key, value in node.value if isinstance(node, yaml.MappingNode) else []:
        if key.value == "changes" and isinstance(value, yaml.SequenceNode):
            return [item.start_mark.line + 1 for item in value.value]
    return []


def planning_inputs(raw: Path, cases: Path | None, scenario: str) -> list[tuple[str, Path]]:
    """Files that reading the planning folder may use and that are not among the authority's raw data, by name."""
    folder = planning_folder(raw, cases)
    apart = sorted(folder.rglob("*")) if folder.parent != raw and folder.is_dir() else []
    inputs = [(f"{FOLDER}/{path.relative_to(folder).as_posix()}", path) for path in apart if path.is_file()]
    given = [path for path in scenario_paths(folder, scenario, []) if folder not in path.parents]
    return inputs + [(f"scenario {path.name}", path) for path in given]
