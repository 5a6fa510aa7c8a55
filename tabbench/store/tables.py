"""The tables of the database, made from the row dataclasses."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tabbench.derived_results import EnsembleRow, NewScoreRow
from tabbench.documents import (
    CalibrationRow,
    DatasetRow,
    EnvironmentRow,
    ModelRow,
    ProtocolRow,
    SuiteRow,
    TaskRow,
    WorkerRow,
)
from tabbench.findings import FindingRow
from tabbench.hashing import content_id
from tabbench.metafeature_rows import MetafeatureRow
from tabbench.results import FitRow, TrialRow
from tabbench.schema import columns_of
from tabbench.store.arrow_schema import PlainType, plain_type
from tabbench.timings import TimingRow

DOCUMENT_TABLES: dict[str, type] = {
    "tasks": TaskRow,
    "datasets": DatasetRow,
    "findings": FindingRow,
    "models": ModelRow,
    "protocols": ProtocolRow,
    "suites": SuiteRow,
    "environments": EnvironmentRow,
    "workers": WorkerRow,
    "calibrations": CalibrationRow,
    "all_ensembles": EnsembleRow,
    "all_new_scores": NewScoreRow,
    "all_timings": TimingRow,
}
"""The small tables; `documents/TABLE/` holds their rows."""

TABLES: dict[str, type] = {
    "all_trials": TrialRow,
    "all_fits": FitRow,
    "all_metafeatures": MetafeatureRow,
    **DOCUMENT_TABLES,
}
"""Every table with a dataclass. Rows of all attempts; `trials`, `fits` and `metafeatures` show the last ones."""

INGEST_NOTES = {
    "ingested_files": "path VARCHAR, size BIGINT, mtime_ns BIGINT",
    "journal_keys": "job_id VARCHAR, trial BIGINT, attempt BIGINT",
    "superseded": "job_id VARCHAR, trial BIGINT, attempt BIGINT",
}
"""What ingesting notes for itself: files read, rows that came from journals, attempts that were followed by another."""

SCHEMA_VERSION_COLUMNS = {
    "version": ("BIGINT", "schema version of every row, after upgrading"),
    "layout": ("VARCHAR", "hash of all tables and views; a database of another layout is built again"),
}

_SQL = {str: "VARCHAR", int: "BIGINT", float: "DOUBLE", bool: "BOOLEAN", datetime: "TIMESTAMP"}


def sql_type(plain: PlainType) -> str:
    """DuckDB's name of a column's type; datetimes are TIMESTAMP in UTC, read by every client without time zones."""
    return _SQL[plain.scalar] + ("[]" if plain.is_list else "")


def column_names(row_type: type) -> list[str]:
    """The columns of a table, in order."""
    return [c.name for c in columns_of(row_type)]


def create_statements() -> list[str]:
    """SQL that makes every table."""
    found = []
    for table, row_type in TABLES.items():
        columns = ", ".join(f'"{c.name}" {sql_type(plain_type(c.type))}' for c in columns_of(row_type))
        found.append(f"CREATE TABLE {table} ({columns})")
    found.extend(f"CREATE TABLE {table} ({columns})" for table, columns in INGEST_NOTES.items())
    columns = ", ".join(f"{name} {kind}" for name, (kind, _) in SCHEMA_VERSION_COLUMNS.items())
    found.append(f"CREATE TABLE schema_version ({columns})")
    return found


def select_list(row_type: type, source: str) -> str:
    """SQL that takes a table's columns from an Arrow relation or struct, timestamps turned to plain UTC."""
    found = []
    for c in columns_of(row_type):
        name = f'{source}."{c.name}"'
        is_time = plain_type(c.type).scalar is datetime
        found.append(f'make_timestamp(epoch_us({name})) AS "{c.name}"' if is_time else name)
    return ", ".join(found)


def layout_id(views: Any) -> str:
    """Changes with every table and view: a cache of another layout is built again."""
    return content_id([create_statements(), views])
