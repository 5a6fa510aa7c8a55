"""One entry of the cache: which files it has, what they must be, and how it is named by its content."""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from tabbench.errors import DamagedEntryError
from tabbench.hashing import content_id

if TYPE_CHECKING:
    from pathlib import Path

    from tabbench.task import Task

FORMAT = 1
"""Of the files of an entry; raised when an older release could not read them."""

TABLE, SPLITS, TASK, MANIFEST = "table.parquet", "splits.parquet", "task.json", "manifest.json"
HASHED = (TABLE, SPLITS, TASK)
CHUNK = 1 << 20


@dataclass(frozen=True)
class FileFacts:
    """What a file must be: `crc32` is looked at on every load, `sha256` when an entry is fetched or unpacked."""

    n_bytes: int
    crc32: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What an entry holds.

    Attributes:
        key: Name of the entry: the hash of its task, table and splits, whatever the bytes of its files.
        table_hash: Content hash of the stored table.
        splits_hash: Hash of the row numbers of all splits.
        files: What each of `HASHED` must be.
    """

    format: int
    key: str
    table_hash: str
    splits_hash: str
    files: dict[str, FileFacts]


@dataclass(frozen=True)
class Entry:
    """An entry as it lies in the cache, its task read and its table not."""

    folder: Path
    manifest: Manifest
    task: Task


def entry_key(task: Task, table_hash: str, splits_hash: str) -> str:
    """The name of an entry: a hash of all that it holds, 16 hex digits."""
    return content_id([FORMAT, asdict(task), table_hash, splits_hash])


def facts_of_file(path: Path) -> FileFacts:
    """Size and hashes of a file."""
    sha, crc, size = hashlib.sha256(), 0, 0
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            sha.update(chunk)
            crc = zlib.crc32(chunk, crc)
            size += len(chunk)
    return FileFacts(size, crc, sha.hexdigest())


def damaged(task: str, told: str) -> DamagedEntryError:
    """An entry that is not what was put there, and how to mend it."""
    return DamagedEntryError(
        f"The entry of {task} in the cache is damaged: {told}. Mend it: tabbench data fetch 'tasks=[\"{task}\"]' (or "
        "unpack it again; a frame is put there again from Python)."
    )
