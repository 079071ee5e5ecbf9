"""One list of packages, told three ways: pyproject.toml, environment.yml and the lock must agree."""

import re
import tomllib

import yaml

from tests.conftest import ROOT

# Names that differ between the two registries, and what only one of them has.
CONDA_NAMES = {"jupyter-server": "jupyter_server", "jupyter-core": "jupyter_core", "pandera[pandas]": "pandera"}
CONDA_ONLY = {"python", "pip", "pango"}
PIP_ONLY = {"font-source-sans-pro", "gptables", "odfdo"}
# Extras outside the lock: what only a benchmark compares with, in an environment of its own.
NOT_LOCKED = {"peers"}


def project():
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def split(requirement):
    name, floor = re.fullmatch(r"([A-Za-z0-9_.\[\]-]+?)(>=.+)?", requirement).groups()
    return name, floor or ""


def test_environment_and_project_agree():
    """Windows and conda users get what everybody else gets."""
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    conda = dict(split(item) for item in environment["dependencies"] if isinstance(item, str))
    wanted = dict(split(item) for item in project()["dependencies"])
    wanted = {CONDA_NAMES.get(name, name): floor for name, floor in wanted.items() if name not in PIP_ONLY}

    assert wanted == {name: floor for name, floor in conda.items() if name not in CONDA_ONLY}
    assert project()["requires-python"] == conda["python"]


def test_environment_uses_free_channels_and_ends_with_this_package():
    """Anaconda's own channel needs a paid licence for a council."""
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))

    assert ["conda-forge", "nodefaults"] == environment["channels"]
    assert {"pip": ["-e ."]} == environment["dependencies"][-1]


def test_the_lock_holds_every_package_at_or_above_its_floor():
    """The lock is made from pyproject.toml; a floor raised there must reach it."""
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    locked: dict[str, list[str]] = {}
    for name, version in re.findall(r"^([A-Za-z0-9_.-]+)==([^ ;\\]+)", text, flags=re.M):
        locked.setdefault(name.lower(), []).append(version)
    groups = project()["optional-dependencies"]
    extras = [item for name, group in groups.items() if name not in NOT_LOCKED for item in group]
    for requirement in [*project()["dependencies"], *extras]:
        name, floor = split(requirement)
        versions = locked[name.partition("[")[0].lower()]
        assert all(numbers(version) >= numbers(floor.removeprefix(">=")) for version in versions), requirement


def test_what_only_benchmarks_need_stays_out_of_the_lock():
    """A council that installs the suite does not get the rivals it is compared with."""
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    locked = {name.lower() for name in re.findall(r"^([A-Za-z0-9_.-]+)==", text, flags=re.M)}
    groups = project()["optional-dependencies"]
    rivals = {split(item)[0] for name in NOT_LOCKED for item in groups[name]}

    assert rivals
    assert set() == rivals & locked


def numbers(version):
    return [int(part) for part in re.findall(r"\d+", version)]


def test_every_locked_file_has_a_checksum_and_no_host_is_named():
    """A changed file on a mirror is refused; the lock works behind any mirror."""
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    entries = re.split(r"\n(?=[A-Za-z0-9_.-]+==)", text)

    assert all("--hash=sha256:" in entry for entry in entries)
    assert "://" not in text


def test_every_dependency_is_explained():
    """Each earns its place: name, purpose, alternative."""
    page = (ROOT / "docs" / "decisions" / "dependencies.md").read_text(encoding="utf-8")
    extras = [item for group in project()["optional-dependencies"].values() for item in group]

    missing = [
        name for name, _ in map(split, [*project()["dependencies"], *extras]) if name.partition("[")[0] not in page
    ]

    assert [] == missing


def test_ci_runs_the_command_of_the_readme():
    """What the README promises is what is checked."""
    assert "\nmake test\n" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "    make test " in (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_data_licence_is_named():
    """Published figures are used under the Open Government Licence."""
    assert "Open Government Licence v3.0" in (ROOT / "README.md").read_text(encoding="utf-8")
