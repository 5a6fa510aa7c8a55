"""Read new files of a store as Arrow tables, setting broken ones aside."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tabbench.store.arrow_schema import arrow_schema
from tabbench.store.broken import BrokenFileError, set_aside
from tabbench.store.history import read_journals, record_key
from tabbench.store.layout import job_of
from tabbench.store.records import parse_datetimes
from tabbench.store.shards import read_shard, trial_table
from tabbench.store.tables import DOCUMENT_TABLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from tabbench.store.layout import Store
    from tabbench.store.records import Record

BATCH_ROWS = 50_000
"""Rows that are handed to the database at once."""


def read_shards(store: Store, paths: Iterable[Path]) -> Iterator[Any]:
    """The trials of shards as Arrow tables of many; older ones are upgraded on the way.

    What cannot be read is set aside when all have been looked at.

    Raises:
        StoreError: If a later version of tabbench wrote one of them; nothing was moved then.
    """
    import pyarrow as pa

    broken: list[tuple[Path, str]] = []
    parts, n_rows = [], 0
    for path in paths:
        try:
            parts.append(read_shard(path))
        except FileNotFoundError:
            continue
        except BrokenFileError as error:
            broken.append((path, str(error)))  # the error itself would keep the file open
            continue
        n_rows += parts[-1].num_rows
        if n_rows >= BATCH_ROWS:
            yield pa.concat_tables(parts).combine_chunks()  # a chunk a shard costs the database ten times as much
            parts, n_rows = [], 0
    if parts:
        yield pa.concat_tables(parts).combine_chunks()
    for path, why in broken:
        set_aside(store, path, why)


def read_journal_trials(store: Store, paths: Sequence[Path]) -> Iterator[Any]:
    """The trials of journals as Arrow tables of many; of one key in two journals the row that began first is kept.

    Raises:
        StoreError: If a later version of tabbench wrote one of them.
    """
    kept: dict[tuple[str, int, int], Record] = {}
    for path, lines in read_journals(store, paths):
        try:
            trial_table([line.record for line in lines])
        except BrokenFileError as error:
            set_aside(store, path, error)
            continue
        for record in (line.record for line in lines):
            key = (job_of(path), *record_key(record))
            if key not in kept or _began(record) < _began(kept[key]):
                kept[key] = record
    records = list(kept.values())
    for i in range(0, len(records), BATCH_ROWS):
        yield trial_table(records[i : i + BATCH_ROWS])


def _began(record: Record) -> tuple[Any, str]:
    return record["started_at"], record["worker_id"]


def read_documents(store: Store, paths: Iterable[Path]) -> dict[str, Any]:
    """Rows of the small tables as Arrow tables, by table. Keys that this version does not know are left out."""
    import pyarrow as pa

    found: dict[str, list[Any]] = {}
    for path in paths:
        table = path.relative_to(store.root / "documents").parts[0]
        if table not in DOCUMENT_TABLES:
            continue
        row_type = DOCUMENT_TABLES[table]
        try:
            content = json.loads(path.read_bytes())
            rows = [parse_datetimes(row_type, row) for row in (content if isinstance(content, list) else [content])]
            found.setdefault(table, []).append(pa.Table.from_pylist(rows, schema=arrow_schema(row_type)))
        except FileNotFoundError:
            continue
        except (ValueError, TypeError, AttributeError, pa.ArrowException) as error:
            set_aside(store, path, error)
    return {table: pa.concat_tables(parts) for table, parts in found.items()}
