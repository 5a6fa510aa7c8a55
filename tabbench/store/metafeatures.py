"""Shards of metafeatures: write them, take them into the database, read them as tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from tabbench.metafeature_rows import MetafeatureRow
from tabbench.results import SCHEMA_VERSION
from tabbench.schema import flatten
from tabbench.store.arrow_schema import arrow_schema
from tabbench.store.broken import set_aside
from tabbench.store.durable import write_whole
from tabbench.store.journal_reading import newer_schema_error
from tabbench.store.shards import VERSION_KEY
from tabbench.store.tables import select_list

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    import duckdb
    import pandas as pd

    from tabbench.store.layout import Store

WIDE_KEYS = ("task", "task_hash", "dataset_hash", "splits_hash", "repeat", "fold")


def write_metafeatures(store: Store, rows: Sequence[MetafeatureRow]) -> None:
    """Keep what one group gave on one split, whole or not at all.

    Raises:
        StoreError: If it cannot be written.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.Table.from_pylist([flatten(row) for row in rows], schema=arrow_schema(MetafeatureRow))
    table = table.replace_schema_metadata({VERSION_KEY: str(SCHEMA_VERSION)})
    path = store.metafeatures(rows[0].extraction_id, rows[0].attempt)
    write_whole(path, lambda temporary: pq.write_table(table, temporary, compression="zstd"))


def read_metafeature_shard(path: Path) -> Any:
    """The rows of one shard as an Arrow table of the current schema.

    Raises:
        FileNotFoundError: If it is gone.
        ValueError: If it cannot be read.
        StoreError: If a later version of tabbench wrote it.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = arrow_schema(MetafeatureRow)
    try:
        table = pq.ParquetFile(path).read()
        version = int((table.schema.metadata or {})[VERSION_KEY])
        if version > SCHEMA_VERSION:
            raise newer_schema_error(path, version)
        return table.select(schema.names).cast(schema)
    except FileNotFoundError:
        raise
    except (pa.ArrowException, OSError, KeyError, ValueError) as error:
        raise ValueError(str(error)) from error


def read_metafeature_shards(store: Store, paths: Iterable[Path]) -> Any | None:
    """The rows of all shards; broken ones are set aside. None if there are none."""
    import pyarrow as pa

    tables = []
    for path in paths:
        try:
            tables.append(read_metafeature_shard(path))
        except FileNotFoundError:
            continue
        except ValueError as error:
            set_aside(store, path, error)
    return pa.concat_tables(tables) if tables else None


def insert_metafeatures(con: duckdb.DuckDBPyConnection, rows: Any) -> None:
    """Put rows into the database, and make the wide view again with a column for each feature that has a value."""
    con.register("incoming", rows)
    con.execute(f"INSERT INTO all_metafeatures SELECT {select_list(MetafeatureRow, 'incoming')} FROM incoming")
    con.unregister("incoming")
    con.execute(wide_view([name for (name,) in con.execute(_FEATURES).fetchall()]))


_FEATURES = "SELECT DISTINCT feature FROM all_metafeatures WHERE status = 'ok' ORDER BY feature"


def wide_view(features: Sequence[str]) -> str:
    """SQL of `metafeatures_wide`: a row a split, a column a feature."""
    keys = ", ".join(WIDE_KEYS)
    if not features:
        return f"CREATE OR REPLACE VIEW metafeatures_wide AS SELECT DISTINCT {keys} FROM metafeatures"
    names = ", ".join("'" + name.replace("'", "''") + "'" for name in features)
    source = f"(SELECT {keys}, feature, value FROM metafeatures)"
    return (
        "CREATE OR REPLACE VIEW metafeatures_wide AS "
        f"SELECT * FROM {source} PIVOT (any_value(value) FOR feature IN ({names}))"
    )


class HeldExtraction(NamedTuple):
    """What a store holds of one group on one split: the last attempt, what came of it, and under which limits."""

    attempt: int
    statuses: frozenset[str]
    limit_seconds: float | None
    limit_memory_mib: float | None


def held_extractions(con: duckdb.DuckDBPyConnection) -> dict[str, HeldExtraction]:
    """All extractions of a database by their id."""
    query = """SELECT extraction_id, attempt, list(DISTINCT status), any_value(limit_seconds),
            any_value(limit_memory_mib)
        FROM all_metafeatures
        GROUP BY extraction_id, attempt ORDER BY attempt"""
    rows = con.execute(query).fetchall()
    return {name: HeldExtraction(attempt, frozenset(statuses), *limits) for name, attempt, statuses, *limits in rows}


def task_metafeatures(con: duckdb.DuckDBPyConnection, *, with_test: bool = False) -> pd.DataFrame:
    """One row a task, one column a metafeature: the median over the task's splits.

    Args:
        con: An open database.
        with_test: Also those that look at test inputs; a recommender must not see them.

    Returns:
        Index `task`, in order; columns in order of name. NaN where a task has no finite value: `metafeatures` says why.
        Of a task that was extracted under several contents, splits, row caps or seeds, all splits count.
    """
    long = con.execute(
        "SELECT task, feature, median(value) AS value FROM metafeatures "
        f"WHERE status = 'ok' AND isfinite(value) {'' if with_test else 'AND NOT reads_test'} GROUP BY ALL"
    ).df()
    return long.pivot(index="task", columns="feature", values="value").sort_index().sort_index(axis=1)
