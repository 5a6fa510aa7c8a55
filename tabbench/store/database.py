"""Open the database over a store, up to date with its files."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from tabbench.errors import StoreError
from tabbench.results import PredictionRow
from tabbench.schema import columns_of
from tabbench.store.arrow_schema import plain_type
from tabbench.store.broken import set_aside
from tabbench.store.ingest import StaleCacheError, build_tables, check_layout, ingest, is_fresh
from tabbench.store.packs import packings
from tabbench.store.tables import sql_type

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

    from tabbench.store.layout import Store
    from tabbench.store.packs import Packing

# DuckDB 1.4 in a browser reads this format, and not the default one of DuckDB 2.0.
_CONFIG: dict[str, str | bool | int | float | list[str]] = {"storage_compatibility_version": "v1.0.0"}

WAITS = (0.02, 0.05, 0.1, 0.2, 0.4, 0.8)
"""Seconds to wait, one after another, while another process holds the file."""


def open_database(store: Store, *, read_only: bool = True) -> duckdb.DuckDBPyConnection:
    """A connection to the database of a store, after reading what is new.

    A store that cannot be written, or whose file another process keeps locked, is read into memory.

    Raises:
        StoreError: If there is no store, if a later version of tabbench wrote it, or if the file is locked and
            `read_only` is false.
    """
    store.require()
    con = _open_file(store, read_only=read_only)
    if con is None:
        if not read_only:
            raise StoreError(f"{store.database} is held by another process, or its folder cannot be written.")
        con = _open_memory(store)
    _add_predictions(con, store)
    return con


def _open_file(store: Store, *, read_only: bool) -> duckdb.DuckDBPyConnection | None:
    import duckdb

    for wait in (0.0, *WAITS):
        time.sleep(wait)
        try:
            con = _open_fresh(store) if read_only else None
            if con is None and os.access(store.root, os.W_OK):
                con = _open_updated(store, read_only=read_only)
            return con
        except duckdb.ConnectionException:
            return None  # held by this very process in the other mode: waiting would not help
        except (duckdb.IOException, duckdb.TransactionException, duckdb.FatalException) as error:
            if "No space left" in str(error):
                return None  # the file is a cache: read into memory until there is room again
            if "valid DuckDB database" in str(error) or "version number" in str(error):
                _remove(store)
    return None


def _open_fresh(store: Store) -> duckdb.DuckDBPyConnection | None:
    """The file as it is, if nothing is new."""
    import duckdb

    if not store.database.exists():
        return None
    con = duckdb.connect(str(store.database), read_only=True)
    try:
        check_layout(con, store.database)
        if is_fresh(con, store):
            return con
    except StaleCacheError:
        pass
    except BaseException:
        con.close()
        raise
    con.close()
    return None


def _open_updated(store: Store, *, read_only: bool) -> duckdb.DuckDBPyConnection:
    """The file after reading what is new; built again where that is needed."""
    import duckdb

    for _ in range(3):
        con = duckdb.connect(str(store.database), config=_CONFIG)
        try:
            if con.execute("SELECT count(*) FROM duckdb_tables()").fetchall() == [(0,)]:
                build_tables(con)
            check_layout(con, store.database)
            ingest(con, store)
        except StaleCacheError:
            con.close()
            _remove(store)
            continue
        except BaseException:
            con.close()
            raise
        if not read_only:
            return con
        con.close()
        return duckdb.connect(str(store.database), read_only=True)
    raise StoreError(f"The files of {store.root} change faster than they are read. Try again in a moment.")


def _open_memory(store: Store) -> duckdb.DuckDBPyConnection:
    import duckdb

    con = duckdb.connect()
    build_tables(con)
    ingest(con, store)
    return con


def _remove(store: Store) -> None:
    store.database.unlink(missing_ok=True)
    store.database.with_name(store.database.name + ".wal").unlink(missing_ok=True)


def _set_torn_aside(store: Store, folder: Path) -> None:
    """One prediction file that is cut short would make all of them unreadable."""
    for path in folder.glob("*/*.parquet"):
        with path.open("rb") as file:
            file.seek(max(path.stat().st_size - 4, 0))
            is_whole = file.read() == b"PAR1"
        if not is_whole:
            set_aside(store, path, "it is cut short")


def _doubled(folder: Path, packing: Packing) -> tuple[str, ...]:
    """Prediction files of a folder that are still there though their pack has its name."""
    return packing.predictions if (folder / packing.pack).exists() else ()


def _add_predictions(con: duckdb.DuckDBPyConnection, store: Store) -> None:
    """A temporary view over the prediction shards: its paths must not stand in a file that may move."""
    folder = store.root / "predictions"
    _set_torn_aside(store, folder)
    packed = {f"{part}/{name}" for part, packing in packings(store) for name in _doubled(folder / part, packing)}
    if next(folder.glob("*/*.parquet"), None) is None:
        columns = ", ".join(f"NULL::{sql_type(plain_type(c.type))} AS {c.name}" for c in columns_of(PredictionRow))
        source = f"(SELECT {columns}) WHERE false"
    else:
        paths = [folder.resolve() / "*" / "*.parquet"]
        if packed:
            paths = [p for p in folder.resolve().glob("*/*.parquet") if f"{p.parent.name}/{p.name}" not in packed]
        quoted = ", ".join("'" + str(path).replace("'", "''") + "'" for path in paths)
        source = f"read_parquet([{quoted}])"
    con.execute(f"CREATE OR REPLACE TEMP VIEW predictions AS SELECT * FROM {source}")
