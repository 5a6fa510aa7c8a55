"""Put tasks into the cache: converted once, checked, and whole or absent."""

from __future__ import annotations

import contextlib
import errno
import shutil
from typing import TYPE_CHECKING
from uuid import uuid4

from tabbench.data.cache.documents import to_json
from tabbench.data.cache.entry import (
    FORMAT,
    HASHED,
    MANIFEST,
    SPLITS,
    TABLE,
    TASK,
    Entry,
    Manifest,
    entry_key,
    facts_of_file,
)
from tabbench.data.cache.folder import staging, sync, write_whole, writing
from tabbench.data.cache.reading import check_files, entry_folder, open_entry
from tabbench.errors import DamagedEntryError, DataError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tabbench.data.source import OpenedTask
    from tabbench.task import Split, TaskData


def put_task(opened: OpenedTask) -> Entry:
    """Put a task into the cache; nothing happens if the same is there already.

    Args:
        opened: As its source has it. Splits that came with it must have the rule `fixed`.

    Raises:
        DataError: If the target, time or group has gaps, the splits cannot be made or do not fit the table, or the
            cache cannot be written.
    """
    from dataclasses import replace

    from tabbench.data.cache.splits import write_splits
    from tabbench.data.cache.table import as_frame, read_arrow, write_table
    from tabbench.data.roles import cut_roles
    from tabbench.data.tables import content_hash, typed_frame

    task = opened.task
    typed = typed_frame(opened.frame, task.dataset.columns)
    data = replace(cut_roles(task, typed), splits=opened.splits)
    with staging() as folder:
        with writing():
            write_table(typed, folder / TABLE)
            splits_hash = write_splits(_splits(data), folder / SPLITS)
            (folder / TASK).write_bytes(to_json(task))
        table_hash = content_hash(typed)
        if content_hash(as_frame(read_arrow(folder / TABLE), list(typed.columns))) != table_hash:
            raise DataError(f"The table of {task.name} does not come back as it was written. Please report this.")
        key = entry_key(task, table_hash, splits_hash)
        _write_manifest(folder, key, table_hash, splits_hash)
        return adopt(folder, key, task.name)


def adopt(folder: Path, key: str, name: str) -> Entry:
    """Give a complete staged entry its name, in one step; a whole entry of that name stays, a damaged one goes.

    Raises:
        DataError: If the cache cannot be written.
    """
    final = entry_folder(key)
    for file in (*HASHED, MANIFEST):
        sync(folder / file)
    sync(folder)
    while True:
        with writing():
            try:
                folder.rename(final)
            except OSError as error:
                if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                    raise
            else:
                sync(final.parent)
                return open_entry(final, name)
        try:
            return check_files(final, name)
        except DamagedEntryError:
            _remove(final)


def _splits(data: TaskData) -> Iterable[Split]:
    """Every split of a task, in order."""
    from tabbench.data.cache.splits import check_split
    from tabbench.data.splits import fixed_rule, make_split

    if data.splits is None:
        return (make_split(data, *split) for split in data.task.splits)
    told = tuple((split.repeat, split.fold) for split in data.splits)
    if told != data.task.splits:
        raise DataError(f"{data.task.name} came with the splits {told[:5]} …, its rule names {data.task.splits[:5]} …")
    for split in data.splits:
        check_split(split, len(data.y), data.task.name)
    if fixed_rule(data.splits) != data.task.split_rule:
        raise DataError(f"{data.task.name}: the rows of its splits are not those that its split rule has the hash of.")
    return data.splits


def _write_manifest(folder: Path, key: str, table_hash: str, splits_hash: str) -> None:
    files = {file: facts_of_file(folder / file) for file in HASHED}
    write_whole(folder / MANIFEST, to_json(Manifest(FORMAT, key, table_hash, splits_hash, files)))


def _remove(final: Path) -> None:
    """Take a damaged entry away in one step; another process may have done so already."""
    aside = final.with_name(f".{uuid4().hex}.tmp")
    with writing(), contextlib.suppress(FileNotFoundError):
        final.rename(aside)
    shutil.rmtree(aside, ignore_errors=True)
