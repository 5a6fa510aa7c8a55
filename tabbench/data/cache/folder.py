"""Where the cache is, and files in it that are whole or absent."""

from __future__ import annotations

import os
import shutil
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from tabbench.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator

VARIABLE = "TABBENCH_CACHE"
STALE_SECONDS = 24 * 3600
"""Age at which a temporary folder counts as left behind by a process that was killed."""


def cache_folder() -> Path:
    """The cache's folder: `$TABBENCH_CACHE`, or `tabbench` in the user's cache folder; it need not exist."""
    named = os.environ.get(VARIABLE)
    if named:
        return Path(named).expanduser().absolute()
    users = os.environ.get("XDG_CACHE_HOME")
    return (Path(users).expanduser() if users else Path.home() / ".cache") / "tabbench"


@contextmanager
def writing() -> Iterator[None]:
    """Turn what a full, read-only or absent disk raises into words.

    Raises:
        DataError: If the cache cannot be written.
    """
    try:
        yield
    except OSError as error:
        raise DataError(
            f"The cache {cache_folder()} cannot be written: {error.strerror or error}. Free or allow it, or name "
            f"another folder: export {VARIABLE}=DIR."
        ) from error


@contextmanager
def staging() -> Iterator[Path]:
    """A new folder beside the entries, gone at the end unless it was renamed."""
    entries = cache_folder() / "entries"
    with writing():
        entries.mkdir(parents=True, exist_ok=True)
        _sweep(entries)
        folder = entries / f".{uuid4().hex}.tmp"
        folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def write_whole(path: Path, data: bytes) -> None:
    """Write a file under a temporary name, sync it, and give it its name in one step.

    Raises:
        DataError: If the cache cannot be written; what the file held before is kept then.
    """
    temporary = path.with_name(f".{uuid4().hex}.tmp")
    with writing():
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            temporary.write_bytes(data)
            sync(temporary)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
        sync(path.parent)


def sync(path: Path) -> None:
    """Make a file's bytes, or a folder's names, survive a power cut."""
    fd = os.open(path, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _sweep(entries: Path) -> None:
    for left in entries.glob(".*.tmp"):
        try:
            is_stale = time.time() - left.stat().st_mtime > STALE_SECONDS
        except FileNotFoundError:  # its owner has just renamed it
            continue
        if is_stale:
            shutil.rmtree(left, ignore_errors=True)
