"""Read new files of a store into temporary tables, setting broken ones aside."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tabbench.results import SCHEMA_VERSION
from tabbench.store.arrow_schema import arrow_schema, trial_schema
from tabbench.store.broken import BrokenFileError, set_aside
from tabbench.store.history import read_journals, record_key
from tabbench.store.journal_reading import newer_schema_error
from tabbench.store.layout import job_of
from tabbench.store.records import parse_datetimes
from tabbench.store.shards import VERSION_KEY, read_shard, trial_table
from tabbench.store.tables import DOCUMENT_TABLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    import duckdb

    from tabbench.store.layout import Store
    from tabbench.store.records import Record

BATCH = 2_000
"""Shards read by one statement."""


def stage_shards(con: duckdb.DuckDBPyConnection, store: Store, paths: Sequence[Path]) -> None:
    """Fill the temporary table `staged_shards` from shards; older ones are upgraded on the way.

    Raises:
        StoreError: If a later version of tabbench wrote one of them; nothing was moved then.
    """
    batches = [paths[i : i + BATCH] for i in range(0, len(paths), BATCH)]
    are_current = [_are_current(con, batch) for batch in batches]
    _create_from(con, "staged_shards", trial_schema().empty_table())
    for batch, is_current in zip(batches, are_current, strict=True):
        if not (is_current and _insert_parquet(con, batch)):
            for path in batch:
                _stage_one(con, store, path)


def _are_current(con: duckdb.DuckDBPyConnection, paths: Sequence[Path]) -> bool:
    """Whether all can be read by DuckDB as they are: all readable, all of this schema version."""
    import duckdb

    names = [str(p) for p in paths]
    sql = "SELECT file_name, decode(value) FROM parquet_kv_metadata($1) WHERE decode(key) = $2"
    try:
        versions = dict(con.execute(sql, [names, VERSION_KEY.decode()]).fetchall())
    except duckdb.Error:
        return False  # one of them is broken: each will be opened by itself, which also checks its version
    for name, version in versions.items():
        if version.isdigit() and int(version) > SCHEMA_VERSION:
            raise newer_schema_error(name, int(version))
    return len(versions) == len(names) and set(versions.values()) == {str(SCHEMA_VERSION)}


def _insert_parquet(con: duckdb.DuckDBPyConnection, paths: Sequence[Path]) -> bool:
    import duckdb

    try:
        con.execute("INSERT INTO staged_shards BY NAME SELECT * FROM read_parquet($1)", [[str(p) for p in paths]])
    except duckdb.Error:
        return False
    return True


def _stage_one(con: duckdb.DuckDBPyConnection, store: Store, path: Path) -> None:
    try:
        _insert(con, "staged_shards", read_shard(path))
    except FileNotFoundError:
        return
    except BrokenFileError as error:
        set_aside(store, path, error)


def stage_journals(con: duckdb.DuckDBPyConnection, store: Store, paths: Sequence[Path]) -> None:
    """Fill the temporary table `staged_journals`; of one key in two journals the row that began first is kept.

    Raises:
        StoreError: If a later version of tabbench wrote one of them.
    """
    _create_from(con, "staged_journals", trial_schema().empty_table())
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
    for i in range(0, len(records), BATCH):
        _insert(con, "staged_journals", trial_table(records[i : i + BATCH]))


def _began(record: Record) -> tuple[Any, str]:
    return record["started_at"], record["worker_id"]


def read_documents(store: Store, paths: Iterable[Path]) -> dict[str, Any]:
    """Rows of the small tables as Arrow tables, by table. Keys that this version does not know are left out."""
    import pyarrow as pa

    found: dict[str, list[Any]] = {}
    for path in paths:
        table = path.parent.name
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


def _create_from(con: duckdb.DuckDBPyConnection, name: str, table: Any) -> None:
    con.register("incoming", table)
    con.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT * FROM incoming")
    con.unregister("incoming")


def _insert(con: duckdb.DuckDBPyConnection, name: str, table: Any) -> None:
    con.register("incoming", table)
    con.execute(f"INSERT INTO {name} BY NAME SELECT * FROM incoming")
    con.unregister("incoming")
