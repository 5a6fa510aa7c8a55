"""Bring the database up to date with the files of a store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tabbench.results import SCHEMA_VERSION, FitRow, TrialRow
from tabbench.store.file_scan import Scan, Stamp, scan_files
from tabbench.store.journal_reading import newer_schema_error
from tabbench.store.layout import FANNED_OUT, is_pack, job_of
from tabbench.store.metafeatures import insert_metafeatures, read_metafeature_shards, wide_view
from tabbench.store.packs import replaced_by
from tabbench.store.staging import read_documents, read_journal_trials, read_shards
from tabbench.store.tables import DOCUMENT_TABLES, create_statements, layout_id, select_list
from tabbench.store.views import create_views

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
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
        read = _ingest(con, store, scan)
        if all(path.exists() for path in read):
            return  # else journals became shards, or shards a pack, between our look and our reading: look again


def _ingested(con: duckdb.DuckDBPyConnection) -> dict[str, Stamp]:
    rows = con.execute("SELECT path, size, mtime_ns FROM ingested_files").fetchall()
    return {path: Stamp(size, mtime) for path, size, mtime in rows}


def _ingest(con: duckdb.DuckDBPyConnection, store: Store, scan: Scan) -> list[Path]:
    """Read what is new in one transaction; which journals and shards were looked at."""
    old, new = _ingested(con), scan.all
    fresh = [name for name in new if name not in old]
    shards = _unread(store, scan, fresh, old)
    known_journals = {name: stamp for name, stamp in old.items() if name.startswith("journals/")}
    changed = {name for name, _ in known_journals.items() ^ scan.journals.items()}
    touched = {_job(name) for name in changed} | {job_of(path) for path in shards if not is_pack(path)}
    journals = [store.root / name for name in scan.journals if _job(name) in touched]
    metafeatures = read_metafeature_shards(store, (store.root / name for name in fresh if name in scan.metafeatures))
    con.execute("BEGIN")
    _stage(con, "touched_jobs", "job_id VARCHAR", [(job,) for job in touched])
    _take_journal_rows_out(con)
    for trials in read_shards(store, shards):
        _insert_new(con, trials)
    for trials in read_journal_trials(store, journals):
        _insert_new(con, trials)
        con.execute(f"INSERT INTO journal_keys SELECT {_KEY} FROM inserted")
    _note_superseded(con)
    for table, rows in read_documents(store, (store.root / name for name in fresh if name in scan.documents)).items():
        con.register("incoming", rows)
        selected = f"SELECT {select_list(DOCUMENT_TABLES[table], 'incoming')} FROM incoming"
        once = f"SELECT DISTINCT * FROM ({selected}) EXCEPT SELECT * FROM {table}"  # also in a pack
        con.execute(f"INSERT INTO {table} {once if table in FANNED_OUT else selected}")
        con.unregister("incoming")
    if metafeatures is not None:
        insert_metafeatures(con, metafeatures)
    read = [(n, *s) for n, s in new.items() if n in old or (store.root / n).exists()]  # broken ones were set aside
    con.execute("DELETE FROM ingested_files")
    _stage(con, "scanned_files", "path VARCHAR, size BIGINT, mtime_ns BIGINT", read)
    con.execute("INSERT INTO ingested_files SELECT * FROM scanned_files")
    con.execute("COMMIT")
    for table in ("touched_jobs", "scanned_files"):
        con.execute(f"DROP TABLE {table}")
    return [*shards, *(store.root / name for name in scan.journals)]


_MAY_GO = ("journals/", *(f"documents/{table}/" for table in sorted(FANNED_OUT)))
"""Files that go when their rows are in others."""


def _unread(store: Store, scan: Scan, fresh: Sequence[str], old: Mapping[str, Stamp]) -> list[Path]:
    """Shards that hold rows which were not read: not packs of shards that all were.

    Raises:
        StaleCacheError: If a file is gone that is in no pack, or was changed.
    """
    new = scan.all
    unread: list[Path] = []
    packed: set[str] = set()
    for name in fresh:
        if name in scan.shards:
            replaced = replaced_by(store.root / name) if is_pack(store.root / name) else frozenset()
            packed |= replaced
            if not replaced or not replaced <= old.keys():
                unread.append(store.root / name)
    for name, stamp in old.items():
        if name.startswith(_MAY_GO) or name in packed:
            continue
        if name not in new or new[name] != stamp:
            raise StaleCacheError("a file is gone or changed")
    return unread


def _job(name: str) -> str:
    return name.rpartition("/")[2].partition(".")[0]


_KEY = "job_id, trial, attempt"


def _take_journal_rows_out(con: duckdb.DuckDBPyConnection) -> None:
    """Remove what was read from journals of touched jobs: their shards and journals are read again."""
    touched = "job_id IN (SELECT job_id FROM touched_jobs)"
    if con.execute(f"SELECT count(*) FROM journal_keys WHERE {touched}").fetchall() == [(0,)]:
        return
    gone = f"({_KEY}) IN (SELECT ({_KEY}) FROM journal_keys WHERE {touched})"
    for table in ("all_trials", "all_fits"):
        con.execute(f"DELETE FROM {table} WHERE {touched} AND {gone}")
    con.execute(f"DELETE FROM journal_keys WHERE {touched}")


def _insert_new(con: duckdb.DuckDBPyConnection, trials: Any) -> None:
    """Insert rows whose key is new, the first of each; their keys are left in the temporary table `inserted`."""
    import pyarrow as pa

    numbers = pa.array(range(trials.num_rows), pa.int64())
    con.register("incoming", trials.select(["job_id", "trial", "attempt"]).append_column("number", numbers))
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE inserted AS SELECT {_KEY}, min(number) AS number FROM incoming ANTI JOIN "
        f"(SELECT {_KEY} FROM all_trials WHERE job_id IN (SELECT job_id FROM incoming)) USING ({_KEY}) GROUP BY {_KEY}"
    )
    con.execute("INSERT INTO touched_jobs SELECT DISTINCT job_id FROM incoming")
    kept = [row[0] for row in con.execute("SELECT number FROM inserted ORDER BY number").fetchall()]
    con.unregister("incoming")
    if not kept:
        return
    if len(kept) < trials.num_rows:
        trials = trials.take(kept)
    con.register("incoming", trials)
    con.execute(f"INSERT INTO all_trials SELECT {select_list(TrialRow, 'incoming')} FROM incoming")
    con.unregister("incoming")
    fits = pa.concat_arrays([chunk.flatten() for chunk in trials["fits"].chunks])
    con.register("incoming", pa.Table.from_struct_array(fits))
    con.execute(f"INSERT INTO all_fits SELECT {select_list(FitRow, 'incoming')} FROM incoming")
    con.unregister("incoming")


def _note_superseded(con: duckdb.DuckDBPyConnection) -> None:
    touched = "job_id IN (SELECT job_id FROM touched_jobs)"
    con.execute(f"DELETE FROM superseded WHERE {touched}")
    con.execute(
        f"INSERT INTO superseded SELECT {_KEY} FROM all_trials JOIN ("
        f"SELECT job_id, trial, max(attempt) AS last FROM all_trials WHERE {touched} GROUP BY job_id, trial "
        "HAVING count(*) > 1) USING (job_id, trial) WHERE attempt < last"
    )


def _stage(con: duckdb.DuckDBPyConnection, table: str, columns: str, rows: Iterable[tuple[object, ...]]) -> None:
    import pyarrow as pa

    names = [c.split()[0] for c in columns.split(", ")]
    types = [pa.string() if c.endswith("VARCHAR") else pa.int64() for c in columns.split(", ")]
    by_column = list(zip(*rows, strict=True)) or [()] * len(names)
    incoming = pa.table({n: pa.array(v, t) for n, t, v in zip(names, types, by_column, strict=True)})
    con.register("incoming", incoming)
    con.execute(f"CREATE OR REPLACE TEMP TABLE {table} AS SELECT * FROM incoming")
    con.unregister("incoming")
