"""Files and folders that appear whole or not at all, and the places where the project keeps them."""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
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
    filling = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}."))  # open to this user alone
    try:
        yield filling
        os.chmod(filling, 0o755)
        _to_disk(filling)
        set_aside = aside(target)
        shutil.rmtree(set_aside, ignore_errors=True)
        if target.exists():
            os.rename(target, set_aside)
        os.rename(filling, target)
        _sync(target.parent)
        shutil.rmtree(set_aside, ignore_errors=True)
    finally:
        shutil.rmtree(filling, ignore_errors=True)


def _to_disk(folder: Path) -> None:
    """All of a folder is on the disk before it takes a name that somebody trusts."""
    for path in folder.rglob("*"):
        _sync(path)
    _sync(folder)


def _sync(path: Path) -> None:
    if path.is_dir() and os.name != "posix":
        return  # elsewhere folders cannot be opened
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextlib.contextmanager
def alone(path: Path, waiting: Callable[[], None] | None = None, *, patient: bool = True) -> Iterator[bool]:
    """Hold a lock while the block runs; False, at once, where another process holds it and this one is not patient.

    waiting: called once where another holds it. The system frees a lock with the process that holds it.
    """
    from filelock import FileLock, Timeout

    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        if not patient:
            yield False
            return
        if waiting:
            waiting()
        lock.acquire()
    try:
        yield True
    finally:
        lock.release()


def clear_killed(target: Path) -> None:
    """Put right what a killed run left: the old folder back in its place, half-filled ones away. Only under a lock."""
    restore(target)
    for left in target.parent.glob(f".{target.name}.*"):
        shutil.rmtree(left, ignore_errors=True)


def aside(target: Path) -> Path:
    """Where the old folder waits while the new one takes its place."""
    return target.with_name(f".{target.name}.old")


def restore(target: Path) -> None:
    """Put the old folder back where a run was killed between the two renames."""
    if not target.exists() and aside(target).exists():
        os.rename(aside(target), target)
