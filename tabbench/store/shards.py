"""Read and write Parquet shards: the trials of a job with their fits, and their predictions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tabbench.results import SCHEMA_VERSION
from tabbench.store.arrow_schema import trial_schema
from tabbench.store.broken import BrokenFileError
from tabbench.store.durable import write_whole
from tabbench.store.journal_reading import newer_schema_error
from tabbench.store.migrations import upgrade

if TYPE_CHECKING:
    from pathlib import Path

    from tabbench.store.records import Record

VERSION_KEY = b"tabbench_schema_version"


def trial_table(records: list[Record]) -> Any:
    """Records of trials with their fits as an Arrow table.

    Raises:
        BrokenFileError: If a value does not fit its column.
    """
    import pyarrow as pa

    try:
        return pa.Table.from_pylist(records, schema=trial_schema())
    except (pa.ArrowInvalid, pa.ArrowTypeError, TypeError) as error:
        raise BrokenFileError(str(error)) from error


def write_shard(path: Path, table: Any) -> None:
    """Write a table as a zstd Parquet file that says its schema version, whole or not at all."""
    import pyarrow.parquet as pq

    table = table.replace_schema_metadata({VERSION_KEY: str(SCHEMA_VERSION)})
    write_whole(path, lambda temporary: pq.write_table(table, temporary, compression="zstd"))


def read_shard(path: Path) -> Any:
    """A shard's trials as an Arrow table of the current schema.

    Raises:
        FileNotFoundError: If it is gone.
        BrokenFileError: If it cannot be read.
        StoreError: If a later version of tabbench wrote it.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.ParquetFile(path).read()
        version = int((table.schema.metadata or {})[VERSION_KEY])
    except FileNotFoundError:
        raise
    except (pa.ArrowException, OSError, KeyError, ValueError) as error:
        raise BrokenFileError(str(error)) from error
    if version > SCHEMA_VERSION:
        raise newer_schema_error(path, version)
    try:
        return upgrade(table, version).select(trial_schema().names).cast(trial_schema())
    except (pa.ArrowException, KeyError, ValueError) as error:
        raise BrokenFileError(str(error)) from error
