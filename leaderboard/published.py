"""The rows that the site shows, as files to take away: one DuckDB file, and each table as Parquet and as CSV.

Only what the site shows is published: trials of its tasks, protocol and models, and the rows that belong to them. Host
names, process ids, tracebacks and what fits printed stay behind: they say more of a machine than anybody needs.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tabbench_leaderboard.pages import PublishedFile

from tabbench.store.tables import create_statements
from tabbench.store.views import create_views

if TYPE_CHECKING:
    import duckdb

DATABASE = "data/tabbench.duckdb"
STORAGE = "v1.0.0"
"""Storage version of the file: the one that DuckDB in a browser reads, and every client since 1.0."""
LARGE = frozenset({"trials", "fits"})
"""Tables whose CSV is compressed."""
FORMULA = r"^\s*[=+\-@\x{FF1D}\x{FF0B}\x{FF0D}\x{FF20}]|^[\t\r\n]"
"""What a spreadsheet may take for a formula, in wide letters too; such text gets an apostrophe, in CSV alone."""


class _Published(NamedTuple):
    """A table as it is published: which stored table it fills, and the rows of it that the site shows."""

    name: str
    fills: str
    source: str


_KEYS = "semi join taken_trials using (job_id, trial, attempt)"
_TABLES = (
    _Published("trials", "all_trials", f"* replace (null as traceback, null as log) from trials {_KEYS}"),
    _Published("fits", "all_fits", f"* from fits {_KEYS}"),
    _Published("tasks", "tasks", "* from tasks semi join taken_trials using (task_hash, splits_hash)"),
    _Published("datasets", "datasets", "* from datasets semi join taken_trials using (dataset_hash)"),
    _Published("findings", "findings", "* from findings semi join taken_trials using (task_hash, splits_hash)"),
    _Published("models", "models", "* from models semi join taken_trials using (source_hash)"),
    _Published("protocols", "protocols", "* from protocols semi join taken_trials using (protocol_id)"),
    _Published("suites", "suites", "* from suites semi join taken_trials using (task)"),
    _Published("environments", "environments", "* from environments semi join taken_trials using (environment_id)"),
    _Published("workers", "workers", "* replace ('' as host, 0 as pid) from workers semi join taken_trials using "
               "(worker_id)"),
    _Published("calibrations", "calibrations", "* from calibrations semi join taken_trials using (worker_id)"),
    _Published("ensembles", "all_ensembles", "* from ensembles where "
               "list_has_all((select list(distinct job_id) from taken_trials), job_ids)"),
    _Published("new_scores", "all_new_scores", f"* from new_scores {_KEYS}"),
    _Published("timings", "all_timings", f"* from timings {_KEYS}"),
)  # fmt: skip


def published_files(connection: duckdb.DuckDBPyConnection) -> tuple[PublishedFile, ...]:
    """The files of a site's rows.

    Args:
        connection: An open database with the temporary table `taken_trials`: the trials that the site shows.

    Returns:
        The database first, then each table that is not empty: Parquet, CSV.
    """
    import duckdb

    with tempfile.TemporaryDirectory(prefix="tabbench-site-") as folder:
        root = Path(folder)
        for table in _TABLES:
            connection.execute(f"COPY (SELECT {table.source} ORDER BY ALL) TO '{_parquet(root, table.name)}'")
        file = root / "tabbench.duckdb"
        with duckdb.connect(str(file), config={"storage_compatibility_version": STORAGE}) as made:
            for statement in (*create_statements(), *create_views()):
                made.execute(statement)
            for table in _TABLES:
                rows = f"SELECT * FROM read_parquet('{_parquet(root, table.name)}')"
                made.execute(f"INSERT INTO {table.fills} BY NAME {rows}")
            made.execute(f"COPY (SELECT * FROM best_trials ORDER BY ALL) TO '{_parquet(root, 'best_trials')}'")
            names = ("best_trials", *(table.name for table in _TABLES))
            tables = [found for name in names for found in _table(made, root, name)]
            made.execute("CHECKPOINT")
        n_trials = next(found.n_rows for found in tables if found.table == "trials")
        return (PublishedFile(DATABASE, "", "DuckDB", n_trials, file.read_bytes()), *tables)


def _parquet(root: Path, name: str) -> Path:
    return root / f"{name}.parquet"


def _table(connection: duckdb.DuckDBPyConnection, root: Path, name: str) -> list[PublishedFile]:
    """One table as Parquet and as CSV, which holds no lists; nothing if it has no rows."""
    parquet = _parquet(root, name)
    found = connection.execute(f"SELECT count(*) FROM read_parquet('{parquet}')").fetchone()
    n_rows = int(found[0]) if found else 0
    if not n_rows:
        return []
    suffix = "csv.gz" if name in LARGE else "csv"
    csv = root / f"{name}.{suffix}"
    columns = connection.execute(f"SELECT column_name, column_type FROM (DESCRIBE FROM '{parquet}')").fetchall()
    shown = ", ".join(for_people(column, kind) for column, kind in columns if not kind.endswith("[]"))
    connection.execute(f"COPY (SELECT {shown} FROM '{parquet}') TO '{csv}' (FORMAT csv, HEADER)")
    return [
        PublishedFile(f"data/tables/{name}.parquet", name, "Parquet", n_rows, parquet.read_bytes()),
        PublishedFile(f"data/tables/{name}.{suffix}", name, "CSV", n_rows, csv.read_bytes()),
    ]


def for_people(column: str, kind: str) -> str:
    """A column as it stands in a CSV: text that a spreadsheet would compute is only shown."""
    quoted = f'"{column}"'
    if kind != "VARCHAR":
        return quoted
    return f"CASE WHEN regexp_matches({quoted}, '{FORMULA}') THEN chr(39) || {quoted} ELSE {quoted} END AS {quoted}"
