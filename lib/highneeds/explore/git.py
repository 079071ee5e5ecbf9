"""A clone's git, set up for notebooks: no output gets in, and differences are shown and merged cell by cell.

Which files this holds for stands in .gitattributes, for everybody; what is done with them stands in each clone's own
configuration, because git lets nobody else decide which programs run there.
"""

import importlib.util
import subprocess
import sys
from pathlib import Path, PureWindowsPath

from highneeds.errors import LabError

TOOLS = ("nbstripout", "nbdime")
# What JupyterLab writes into a notebook about the Python that ran it: another on each machine.
OF_THE_MACHINE = tuple(
    f"metadata.language_info.{key}"
    for key in ("codemirror_mode", "file_extension", "mimetype", "nbconvert_exporter", "pygments_lexer", "version")
)


def configuration(python: str = sys.executable) -> dict[str, str]:
    """Names and values of the clone's configuration; the programs are those of this environment."""
    program = f'"{PureWindowsPath(python).as_posix()}" -m'
    return {
        "filter.nbstripout.clean": f"{program} nbstripout --keep-id",
        "filter.nbstripout.smudge": "cat",
        "filter.nbstripout.required": "true",  # where the filter cannot run, nothing is committed
        "filter.nbstripout.extrakeys": " ".join(OF_THE_MACHINE),
        "diff.jupyternotebook.command": f"{program} nbdime.vcs.git.diffdriver diff",
        "merge.jupyternotebook.name": "notebooks, cell by cell",
        "merge.jupyternotebook.driver": f"{program} nbdime.vcs.git.mergedriver merge %O %A %B %L %P",
        "difftool.nbdime.cmd": f'{program} nbdime.vcs.git.difftool diff "$LOCAL" "$REMOTE" "$BASE"',
        "mergetool.nbdime.cmd": f'{program} nbdime.vcs.git.mergetool merge "$BASE" "$LOCAL" "$REMOTE" "$MERGED"',
    }


def set_up_git(home: Path) -> list[str]:
    """Set up the clone that a project is; said again, it changes nothing. Returns lines for the user.

    Raises LabError where a tool is missing, or the project is no clone.
    """
    missing = [name for name in TOOLS if importlib.util.find_spec(name) is None]
    if missing:
        raise LabError(
            f"{', '.join(missing)}: not installed in the Python that runs highneeds. Expected beside highneeds. "
            "Install: python -m pip install --require-hashes -r requirements.lock"
        )
    for name, value in configuration().items():
        _git(home, "config", "--local", name, value)
    return [
        "git of this clone takes the outputs out of notebooks that are added, and shows and merges notebooks by cell.",
        "See a change: git diff, or in the browser: git difftool --tool nbdime. To undo: git config --local "
        "--remove-section filter.nbstripout, and the same for diff.jupyternotebook and merge.jupyternotebook.",
    ]


def _git(home: Path, *arguments: str) -> None:
    try:
        done = subprocess.run(["git", *arguments], cwd=home, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise LabError("git: not on this machine. Expected the command git. Install it, and say this again.") from None
    if done.returncode:
        raise LabError(
            f"{home}: git says '{done.stderr.strip()}'. Expected a clone of the project. Clone it, and say this there."
        )
