"""Row numbers of a task's splits as a Parquet file and back: repeat, fold, part, row.

A row stands once a split, in the part `train`, `valid` or `test`; the valid part exists only where the source itself
holds rows out, and belongs to train as well.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import numpy as np

from tabbench.errors import DataError
from tabbench.hashing import HASH_LENGTH
from tabbench.task import Split

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from tabbench.task import Task

PARTS = ("train", "valid", "test")


def write_splits(splits: Iterable[Split], path: Path) -> str:
    """Write splits one after another, a row group each.

    Returns:
        Their hash: of repeats, folds, parts and row numbers, 16 hex digits.
    """
    from pyarrow import parquet

    digest = hashlib.sha256()
    with parquet.ParquetWriter(
        path,
        _schema(),
        compression="zstd",
        use_dictionary=["part"],
        column_encoding={"repeat": "PLAIN", "fold": "PLAIN", "row": "DELTA_BINARY_PACKED"},
    ) as writer:
        for split in splits:
            table = _table(split)
            digest.update(_digested(split))
            writer.write_table(table, row_group_size=max(table.num_rows, 1))
    return digest.hexdigest()[:HASH_LENGTH]


def splits_digest(splits: Iterable[Split]) -> str:
    """The hash of splits: of repeats, folds, parts and row numbers, 16 hex digits."""
    digest = hashlib.sha256()
    for split in splits:
        digest.update(_digested(split))
    return digest.hexdigest()[:HASH_LENGTH]


def read_splits(path: Path, task: Task) -> Iterator[Split]:
    """Stored splits in the order of `Task.splits`, each checked.

    Raises:
        DataError: If they are not those of the task: another grid, unknown rows, or a row in two parts.
    """
    import pyarrow as pa
    from pyarrow import parquet

    n_splits = task.split_rule.n_repeats * task.split_rule.n_folds
    try:
        with parquet.ParquetFile(path) as file:
            if file.schema_arrow != _schema() or file.num_row_groups != n_splits:
                raise DataError(f"{path} does not hold the {n_splits} splits of {task.name}.")
            for number, (repeat, fold) in enumerate(task.splits):
                if file.metadata.row_group(number).num_rows > task.dataset.n_rows:
                    raise DataError(f"{path}: a split of {task.name} has more rows than the table.")
                yield _split(file.read_row_group(number), repeat, fold, task, path)
    except (pa.ArrowException, OSError) as error:
        raise DataError(f"{path} is no Parquet file: {error}.") from error


def check_split(split: Split, n_rows: int, where: str) -> None:
    """Hold row numbers against the table.

    Raises:
        DataError: If a part is empty or out of order, a row does not exist, or stands in train and test.
    """
    for part, rows in (("train", split.train), ("valid", split.valid), ("test", split.test)):
        if rows is None:
            continue
        told = f"{where}: the {part} rows of split ({split.repeat}, {split.fold})"
        if not len(rows) or rows.dtype.kind not in "iu":
            raise DataError(f"{told} must be whole numbers, at least one; got {rows!r:.60}.")
        if (np.diff(rows) <= 0).any() or rows[0] < 0 or rows[-1] >= n_rows:
            raise DataError(f"{told} must be ascending, each once, from 0 to {n_rows - 1}.")
    both = np.intersect1d(split.train, split.test, assume_unique=True)
    if len(both):
        raise DataError(f"{where}: row {both[0]} is in train and in test of split ({split.repeat}, {split.fold}).")
    if split.valid is not None and len(np.setdiff1d(split.valid, split.train, assume_unique=True)):
        raise DataError(f"{where}: valid rows of split ({split.repeat}, {split.fold}) must be part of train.")


def _schema() -> Any:
    import pyarrow as pa

    part = pa.dictionary(pa.int8(), pa.string())
    return pa.schema([("repeat", pa.int32()), ("fold", pa.int32()), ("part", part), ("row", pa.int64())])


def _parts(split: Split) -> tuple[Any, Any, Any]:
    if split.valid is None:
        return split.train, split.train[:0], split.test
    return np.setdiff1d(split.train, split.valid, assume_unique=True), split.valid, split.test


def _table(split: Split) -> Any:
    import pyarrow as pa

    parts = _parts(split)
    n_rows = sum(map(len, parts))
    part = np.repeat(np.arange(len(PARTS), dtype=np.int8), [len(rows) for rows in parts])
    columns = [
        pa.array(np.full(n_rows, split.repeat, dtype=np.int32)),
        pa.array(np.full(n_rows, split.fold, dtype=np.int32)),
        pa.DictionaryArray.from_arrays(part, pa.array(PARTS)),
        pa.array(np.concatenate(parts).astype(np.int64)),
    ]
    return pa.table(columns, schema=_schema())


def _digested(split: Split) -> bytes:
    parts = _parts(split)
    head = [split.repeat, split.fold, *map(len, parts)]
    return b"".join(np.asarray(numbers).astype("<i8").tobytes() for numbers in (head, *parts))


def _split(table: Any, repeat: int, fold: int, task: Task, path: Path) -> Split:
    import pyarrow.compute as pc

    for name, number in (("repeat", repeat), ("fold", fold)):
        if pc.unique(table.column(name)).to_pylist() != [number]:
            raise DataError(f"{path}: the splits of {task.name} are not in order.")
    rows, part = table.column("row").to_numpy(), table.column("part").combine_chunks().cast("string")
    train, valid, test = (rows[pc.equal(part, name).to_numpy(zero_copy_only=False)] for name in PARTS)
    split = Split(repeat, fold, np.sort(np.concatenate([train, valid])), test, valid if len(valid) else None)
    check_split(split, task.dataset.n_rows, task.name)
    return split
