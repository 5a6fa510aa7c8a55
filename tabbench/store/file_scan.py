"""Which files a store holds, so that only new ones are read."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tabbench.store.layout import Store


class Stamp(NamedTuple):
    """Tells whether a file changed."""

    size: int
    mtime_ns: int


class Scan(NamedTuple):
    """Files by path relative to the store."""

    journals: dict[str, Stamp]
    shards: dict[str, Stamp]
    documents: dict[str, Stamp]
    metafeatures: dict[str, Stamp]

    @property
    def all(self) -> dict[str, Stamp]:
        """Every file."""
        return self.journals | self.shards | self.documents | self.metafeatures


def scan_files(store: Store) -> Scan:
    """Look at every file's size and time. Journals first: what becomes a shard meanwhile is seen at least once."""
    journals = dict(_files(store.root, "journals", ".jsonl"))
    shards = dict(_files(store.root, "shards", ".parquet"))
    documents = dict(_files(store.root, "documents", ".json"))
    return Scan(journals, shards, documents, dict(_files(store.root, "metafeatures", ".parquet")))


def _files(root: Path, folder: str, suffix: str) -> Iterator[tuple[str, Stamp]]:
    try:
        parts = sorted(e.name for e in os.scandir(root / folder) if e.is_dir())
    except FileNotFoundError:
        return
    for part in parts:
        for entry in os.scandir(root / folder / part):
            if entry.name.endswith(suffix) and not entry.name.startswith("."):
                try:
                    stat = entry.stat()
                except FileNotFoundError:
                    continue
                yield f"{folder}/{part}/{entry.name}", Stamp(stat.st_size, stat.st_mtime_ns)
