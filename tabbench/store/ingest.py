"""Bring the database up to date with the files of a store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tabbench.results import SCHEMA_VERSION, FitRow, TrialRow
from tabbench.store.file_scan import Scan, Stamp, scan_files
from tabbench.store.journal_reading import newer_schema_error
from tabbench.store.layout import job_of
from tabbench.store.metafeatures import insert_metafeatures, read_metafeature_shards, wide_view
from tabbench.store.staging import read_documents, stage_journals, stage_shards
from tabbench.store.tables import DOCUMENT_TABLES, create_statements, layout_id, select_list
from tabbench.store.views import create_views

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import duckdb

    from tabbench.store.layout import Store


class StaleCacheError(Exception):
    """The database must be built again: a file it was made from is gone or changed, or its layout is another's."""


def build_tables(con: duckdb.DuckDBPyConnection) -> None:
    """Make all tables and views in an empty database."""
    con.execute("BEGIN")
    for statement in [*create_statements(), *create_views(), wide_view([])]:
        con.execute(statement)
    con.execute("INSERT INTO schema_version VALUES (?, ?)", [SCHEMA_VERSION, layout_id(create_views())])
    con.execute("COMMIT")


def check_layout(con: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Make sure that the tables are ours.

    Raises:
        StoreError: If a later version of tabbench made them.
        StaleCacheError: If an earlier one did, or it has no tables yet.
    """
    sql = "SELECT count(*) FROM duckdb_tables() WHERE table_name = 'schema_version'"
    if con.execute(sql).fetchall() == [(0,)]:
        raise StaleCacheError("no tables")
    rows = con.execute("SELECT version, layout FROM schema_version").fetchall()
    if rows and rows[0][0] > SCHEMA_VERSION:
        raise newer_schema_error(path, rows[0][0])
    if rows != [(SCHEMA_VERSION, layout_id(create_views()))]:
        raise StaleCacheError("another layout")


def is_fresh(con: duckdb.DuckDBPyConnection, store: Store) -> bool:
    """Whether every file was read as it is now."""
    return _ingested(con) == scan_files(store).all


def ingest(con: duckdb.DuckDBPyConnection, store: Store) -> None:
    """Read what is new. Rows that are there already are told by (job, trial, attempt).

    Raises:
        StaleCacheError: If only building the database again helps.
        StoreError: If a later version of tabbench wrote a file.
    """
    for _ in range(5):
        scan = scan_files(store)
        _ingest(con, store, scan)
        if all((store.root / name).exists() for name in scan.journals):
            return  # else one became a shard between our look and our reading: look again


def _ingested(con: duckdb.DuckDBPyConnection) -> dict[str, Stamp]:
    rows = con.execute("SELECT path, size, mtime_ns FROM ingested_files").fetchall()
    return {path: Stamp(size, mtime) for path, size, mtime in rows}


def _ingest(con: duckdb.DuckDBPyConnection, store: Store, scan: Scan) -> None:
    old, new = _ingested(con), scan.all
    if any(name not in new or new[name] != stamp for name, stamp in old.items() if not name.startswith("journals/")):
        raise StaleCacheError("a file is gone or changed")
    fresh = [name for name in new if name not in old]
    shards = [store.root / name for name in fresh if name in scan.shards]
    known_journals = {name: stamp for name, stamp in old.items() if name.startswith("journals/")}
    changed = {name for name, _ in known_journals.items() ^ scan.journals.items()}
    touched = {_job(name) for name in changed} | {job_of(p) for p in shards}
    journals = [store.root / name for name in scan.journals if _job(name) in touched]
    stage_journals(con, store, journals)
    stage_shards(con, store, shards)
    documents = read_documents(store, (store.root / name for name in fresh if name in scan.documents))
    metafeatures = read_metafeature_shards(store, (store.root / name for name in fresh if name in scan.metafeatures))
    _stage_names(con, "touched_jobs", "job_id VARCHAR", [(job,) for job in touched])
    read = [(n, *s) for n, s in new.items() if n in old or (store.root / n).exists()]  # broken ones were set aside
    _stage_names(con, "scanned_files", "path VARCHAR, size BIGINT, mtime_ns BIGINT", read)
    con.execute("BEGIN")
    _replace_rows(con)
    for table, rows in documents.items():
        con.register("incoming", rows)
        con.execute(f"INSERT INTO {table} SELECT {select_list(DOCUMENT_TABLES[table], 'incoming')} FROM incoming")
        con.unregister("incoming")
    if metafeatures is not None:
        insert_metafeatures(con, metafeatures)
    con.execute("DELETE FROM ingested_files")
    con.execute("INSERT INTO ingested_files SELECT * FROM scanned_files")
    con.execute("COMMIT")
    for table in ("staged_shards", "staged_journals", "touched_jobs", "scanned_files", "staged"):
        con.execute(f"DROP TABLE {table}")


def _job(name: str) -> str:
    return name.rpartition("/")[2].partition(".")[0]


_KEY = "job_id, trial, attempt"


def _replace_rows(con: duckdb.DuckDBPyConnection) -> None:
    """Take the journal rows of touched jobs out; put shard rows, then journal rows, in."""
    touched = "job_id IN (SELECT job_id FROM touched_jobs)"
    gone = f"({_KEY}) IN (SELECT ({_KEY}) FROM journal_keys WHERE {touched})"
    if con.execute(f"SELECT count(*) FROM journal_keys WHERE {touched}").fetchall() != [(0,)]:
        for table in ("all_trials", "all_fits"):
            con.execute(f"DELETE FROM {table} WHERE {touched} AND {gone}")
        con.execute(f"DELETE FROM journal_keys WHERE {touched}")
    _insert_staged(con, "staged_shards")
    _insert_staged(con, "staged_journals")
    con.execute(f"INSERT INTO journal_keys SELECT {_KEY} FROM staged")
    con.execute(f"DELETE FROM superseded WHERE {touched}")
    con.execute(
        f"INSERT INTO superseded SELECT {_KEY} FROM all_trials JOIN ("
        f"SELECT job_id, trial, max(attempt) AS last FROM all_trials WHERE {touched} GROUP BY job_id, trial "
        "HAVING count(*) > 1) USING (job_id, trial) WHERE attempt < last"
    )


def _insert_staged(con: duckdb.DuckDBPyConnection, source: str) -> None:
    """Insert rows whose key is new; they are left in the temporary table `staged`."""
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE staged AS SELECT DISTINCT ON ({_KEY}) s.* FROM {source} s "
        f"ANTI JOIN (SELECT {_KEY} FROM all_trials WHERE job_id IN (SELECT job_id FROM touched_jobs)) USING ({_KEY})"
    )
    con.execute(f"INSERT INTO all_trials SELECT {select_list(TrialRow, 'staged')} FROM staged")
    con.execute(f"INSERT INTO all_fits SELECT {select_list(FitRow, 'f')} FROM (SELECT unnest(fits) AS f FROM staged)")


def _stage_names(con: duckdb.DuckDBPyConnection, table: str, columns: str, rows: Iterable[tuple[object, ...]]) -> None:
    import pyarrow as pa

    names = [c.split()[0] for c in columns.split(", ")]
    types = [pa.string() if c.endswith("VARCHAR") else pa.int64() for c in columns.split(", ")]
    by_column = list(zip(*rows, strict=True)) or [()] * len(names)
    incoming = pa.table({n: pa.array(v, t) for n, t, v in zip(names, types, by_column, strict=True)})
    con.register("incoming", incoming)
    con.execute(f"CREATE OR REPLACE TEMP TABLE {table} AS SELECT * FROM incoming")
    con.unregister("incoming")
