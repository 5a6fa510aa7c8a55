"""Which files a store holds, so that only new ones are read."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from tabbench.store.layout import PACK, SHARD

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
    journals = dict(_files(store.root, "journals", (".jsonl",)))
    shards = dict(_files(store.root, "shards", (SHARD, PACK)))
    documents = dict(_files(store.root, "documents", (".json",)))
    return Scan(journals, shards, documents, dict(_files(store.root, "metafeatures", (".parquet",))))


def _files(root: Path, folder: str, endings: tuple[str, ...]) -> Iterator[tuple[str, Stamp]]:
    """Files by name, two folders deep at most."""
    folders = [folder]
    while folders:
        name = folders.pop()
        try:
            entries = sorted(os.scandir(root / name), key=lambda entry: entry.name)
        except FileNotFoundError:
            continue
        for entry in entries:
            if entry.name.startswith("."):
                continue
            if entry.is_dir():
                folders.append(f"{name}/{entry.name}")
            elif entry.name.endswith(endings):
                try:
                    stat = entry.stat()
                except FileNotFoundError:
                    continue
                yield f"{name}/{entry.name}", Stamp(stat.st_size, stat.st_mtime_ns)
