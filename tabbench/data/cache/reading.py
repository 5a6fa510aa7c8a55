"""Read entries of the cache, and notice when they are not what was put there."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from tabbench.data.cache.documents import from_json
from tabbench.data.cache.entry import (
    FORMAT,
    HASHED,
    MANIFEST,
    SPLITS,
    TABLE,
    TASK,
    Entry,
    Manifest,
    damaged,
    entry_key,
    facts_of_file,
)
from tabbench.data.cache.folder import cache_folder
from tabbench.errors import DataError
from tabbench.task import SplitKind, Task

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from tabbench.task import TaskData

MOST_CELLS = 1 << 33
"""Rows × columns of a table that is refused as absurd: 64 GiB of numbers."""


def entry_folder(key: str) -> Path:
    """Where an entry lies, or would."""
    return cache_folder() / "entries" / key


def open_entry(folder: Path, name: str) -> Entry:
    """An entry without its table.

    Args:
        folder: Where it lies.
        name: The task that was asked for, for messages.

    Raises:
        DamagedEntryError: If a file is absent or has another size, or the task's is not what was written.
        DataError: If a later release wrote it.
    """
    try:
        manifest = from_json(Manifest, (folder / MANIFEST).read_bytes(), str(folder / MANIFEST))
    except FileNotFoundError:
        raise damaged(name, f"there is no {folder / MANIFEST}") from None
    except DataError as error:
        raise damaged(name, str(error)) from error
    if manifest.format != FORMAT:
        raise DataError(
            f"The entry of {name} in the cache has format {manifest.format}, this release reads {FORMAT}. Install the "
            "release that wrote it, or name another cache folder."
        )
    if sorted(manifest.files) != sorted(HASHED):
        raise damaged(name, f"{folder / MANIFEST} names the files {sorted(manifest.files)}")
    for file, facts in manifest.files.items():
        size = (folder / file).stat().st_size if (folder / file).is_file() else None
        if size != facts.n_bytes:
            told = "is absent" if size is None else f"has {size:,} bytes, not {facts.n_bytes:,}"
            raise damaged(name, f"{folder / file} {told}")
    task = from_json(Task, _bytes(folder, TASK, manifest, name), str(folder / TASK))
    return Entry(folder, manifest, task)


def load_entry(entry: Entry) -> TaskData:
    """A task with its table in memory, in the form in which it was stored.

    Raises:
        DamagedEntryError: If a file is not what was written.
    """
    from tabbench.data.cache.splits import read_splits
    from tabbench.data.cache.table import as_frame
    from tabbench.data.roles import HELD, with_roles

    task = entry.task
    table = read_checked(entry, TABLE)
    features = as_frame(table, [column.name for column in task.features])
    held = as_frame(table, [column.name for column in task.dataset.columns if column.role in HELD])
    splits = None
    if task.split_rule.kind is SplitKind.FIXED:
        _bytes(entry.folder, SPLITS, entry.manifest, task.name)
        splits = tuple(read_splits(entry.folder / SPLITS, task))
    return with_roles(task, features, held, splits)


def read_checked(entry: Entry, file: str) -> Any:
    """A Parquet file of an entry as an Arrow table, its bytes checked first."""
    import pyarrow as pa

    from tabbench.data.cache.table import read_arrow

    try:
        return read_arrow(_bytes(entry.folder, file, entry.manifest, entry.task.name))
    except (pa.ArrowException, OSError) as error:
        raise damaged(entry.task.name, f"{entry.folder / file} is no Parquet file: {error}") from error


def check_files(folder: Path, name: str) -> Entry:
    """An entry without its table, the hashes of its files looked at.

    Raises:
        DamagedEntryError: If a file is not what was written.
    """
    entry = open_entry(folder, name)
    for file, facts in entry.manifest.files.items():
        if facts_of_file(folder / file) != facts:
            raise damaged(name, f"{folder / file} has another hash")
    return entry


def verify_entry(folder: Path, name: str) -> Entry:
    """An entry of which everything was read again: files, table, splits, and the name made from them.

    Raises:
        DamagedEntryError: If anything is not what the manifest says.
        DataError: If the splits that its rule makes here are others than those that are stored.
    """
    from tabbench.data.cache.splits import read_splits, splits_digest
    from tabbench.data.cache.table import as_frame, is_in_form
    from tabbench.data.tables import content_hash

    entry = check_files(folder, name)
    task, manifest = entry.task, entry.manifest
    _check_size(entry)
    columns = [column.name for column in task.dataset.columns]
    table = read_checked(entry, TABLE)
    if table.num_rows != task.dataset.n_rows or table.column_names != columns:
        raise damaged(name, f"{folder / TABLE} has other rows or columns than {TASK}")
    frame = as_frame(table, columns)
    if not is_in_form(frame, task.dataset.columns) or content_hash(frame) != manifest.table_hash:
        raise damaged(name, f"{folder / TABLE} has another content hash")
    if splits_digest(read_splits(folder / SPLITS, task)) != manifest.splits_hash:
        raise damaged(name, f"{folder / SPLITS} has other rows")
    if manifest.key != entry_key(task, manifest.table_hash, manifest.splits_hash):
        raise damaged(name, f"{folder / MANIFEST} is the manifest of another entry")
    _check_rule(entry)
    return entry


def _check_size(entry: Entry) -> None:
    """Before anything is unpacked: a Parquet file of a few bytes can claim any number of rows."""
    import pyarrow as pa
    from pyarrow import parquet

    card = entry.task.dataset
    try:
        told = parquet.read_metadata(entry.folder / TABLE)
    except (pa.ArrowException, OSError) as error:
        raise damaged(entry.task.name, f"{entry.folder / TABLE} is no Parquet file: {error}") from error
    if told.num_rows != card.n_rows or told.num_columns != len(card.columns):
        raise damaged(entry.task.name, f"{entry.folder / TABLE} has other rows or columns than {TASK}")
    if told.num_rows * told.num_columns > MOST_CELLS:
        raise DataError(f"The table of {entry.task.name} is absurdly large: {told.num_rows:,} × {told.num_columns:,}.")


def _check_rule(entry: Entry) -> None:
    """Whether the rule of the splits makes the stored rows on this machine and under these libraries too."""
    from tabbench.data.cache.splits import splits_digest
    from tabbench.data.splits import fixed_rule, make_split

    data = load_entry(entry)
    if entry.task.split_rule.kind is SplitKind.FIXED:
        if fixed_rule(data.splits or ()) != entry.task.split_rule:
            raise damaged(entry.task.name, "its rows of splits are not those of its rule")
    elif splits_digest(make_split(data, *split) for split in entry.task.splits) != entry.manifest.splits_hash:
        raise DataError(
            f"The splits of {entry.task.name} come out otherwise here than where it was fetched. Please report this, "
            "with the versions of numpy and tabbench on both machines."
        )


def _bytes(folder: Path, file: str, manifest: Manifest, name: str) -> bytes:
    try:
        data = (folder / file).read_bytes()
    except OSError as error:
        raise damaged(name, f"{folder / file} cannot be read: {error.strerror}") from error
    facts = manifest.files[file]
    if (len(data), zlib.crc32(data)) != (facts.n_bytes, facts.crc32):
        raise damaged(name, f"{folder / file} has another checksum")
    return data
