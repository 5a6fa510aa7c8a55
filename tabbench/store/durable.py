"""Files that are whole or absent, and errors that say what a full disk cost."""

from __future__ import annotations

import errno
import fcntl
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tabbench.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_FULL = {errno.ENOSPC: "the disk is full", errno.EDQUOT: "the disk quota is used up", errno.EFBIG: "file too large"}


def write_error(path: Path, error: OSError, lost: str) -> StoreError:
    """What to tell a user when a file of the store could not be written."""
    why = _FULL.get(error.errno or 0, error.strerror or str(error))
    mend = "Free some space" if error.errno in _FULL else "Make the folder writable"
    return StoreError(f"Cannot write {path}: {why}. Lost: {lost}. {mend}, then run the same command again.")


def sync_folder(folder: Path) -> None:
    """Make new and removed names in a folder survive a power cut."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def write_whole(path: Path, write: Callable[[Path], None]) -> None:
    """Have `write` fill a temporary file, sync it, and give it its name in one step.

    Raises:
        StoreError: If it cannot be written; nothing is left behind then.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write(temporary)
        fd = os.open(temporary, os.O_RDWR)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)
        temporary.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise write_error(path, error, "nothing, what it is made from is still there") from error


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold an exclusive lock on a file, waiting for it; the file stays.

    Raises:
        StoreError: If it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise write_error(path, error, "nothing") from error
    try:
        fcntl.flock(fd, fcntl.LOCK_EX)
        yield
    finally:
        fcntl.flock(fd, fcntl.LOCK_UN)  # a forked child may hold a copy of the descriptor
        os.close(fd)


def try_lock(path: Path) -> int | None:
    """Lock a file that no living writer holds.

    Returns:
        A descriptor to hand to `unlock`; None if the file is gone or held.
    """
    try:
        fd = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(fd)
        return None
    if not is_same_file(fd, path):
        unlock(fd)
        return None
    return fd


def unlock(fd: int) -> None:
    """Release and close, even where a forked child still holds a copy of the descriptor."""
    fcntl.flock(fd, fcntl.LOCK_UN)
    os.close(fd)


def is_same_file(fd: int, path: Path) -> bool:
    """Whether the path still names the open file: another process may have removed it meanwhile."""
    try:
        named = path.stat()
    except FileNotFoundError:
        return False
    opened = os.fstat(fd)
    return (named.st_dev, named.st_ino) == (opened.st_dev, opened.st_ino)
