"""Files and folders that appear whole or not at all, and the places where the project keeps them."""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

HOME_VARIABLE = "HIGHNEEDS_HOME"


def home() -> Path:
    """Project folder: the variable HIGHNEEDS_HOME, else here or above, else beside the package."""
    named = os.environ.get(HOME_VARIABLE)
    if named:
        return Path(named).resolve()
    here = Path.cwd().resolve()
    for folder in (here, *here.parents):
        if (folder / "data" / "processed").is_dir() and (folder / "notebooks").is_dir():
            return folder
    return Path(__file__).resolve().parents[2]


def panel_folder(home: Path) -> Path:
    """Where the panel of published figures lives."""
    return home / "data" / "processed" / "panel"


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that a reader sees the old one or the new one, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


@contextlib.contextmanager
def whole_folder(target: Path) -> Iterator[Path]:
    """Folder to fill; it takes the target's place when the block ends well, else it is removed."""
    target.parent.mkdir(parents=True, exist_ok=True)
    filling = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}."))
    os.chmod(filling, 0o755)
    try:
        yield filling
        set_aside = aside(target)
        shutil.rmtree(set_aside, ignore_errors=True)
        if target.exists():
            os.rename(target, set_aside)
        os.rename(filling, target)
        shutil.rmtree(set_aside, ignore_errors=True)
    finally:
        shutil.rmtree(filling, ignore_errors=True)


def aside(target: Path) -> Path:
    """Where the old folder waits while the new one takes its place."""
    return target.with_name(f".{target.name}.old")


def restore(target: Path) -> None:
    """Put the old folder back where a run was killed between the two renames."""
    if not target.exists() and aside(target).exists():
        os.rename(aside(target), target)
