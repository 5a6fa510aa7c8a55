"""Write a bundle from a store: the trials of some models with all that is needed to check them elsewhere."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import uuid4

import numpy as np

from tabbench import __version__
from tabbench.data.cache.documents import to_json
from tabbench.data.cache.folder import sync
from tabbench.discovery import resolve_models, source_files
from tabbench.errors import StoreError, UnknownNameError
from tabbench.results import SCHEMA_VERSION
from tabbench.store.database import open_database
from tabbench.store.history import read_job
from tabbench.store.records import json_text, trial_record
from tabbench.store.tables import column_names
from tabbench.submission.bundle import (
    CONTENTS,
    FORMAT,
    PARTS,
    TABLES,
    Contents,
    SubmittedModel,
    document_member,
    predictions_member,
    source_member,
    trials_member,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    import duckdb

    from tabbench.discovery import ModelSource
    from tabbench.store.layout import Store
    from tabbench.store.records import FinishedTrial

DATE = (1980, 1, 1, 0, 0, 0)
"""The oldest that a zip file can tell; the same store gives the same bytes."""
NO_HOST = ""
"""In place of host names, which say more than anybody needs."""


@dataclass(frozen=True)
class Exported:
    """What was written.

    Attributes:
        notices: What was left out, a sentence each.
    """

    n_models: int
    n_jobs: int
    n_trials: int
    notices: tuple[str, ...]


class _StoredJob(NamedTuple):
    """A job of a model, as the store has it."""

    job_id: str
    model: str
    model_version: int
    source_hash: str
    task: str
    n_unkept: int


def export_bundle(
    store: Store,
    models: Sequence[str],
    path: Path,
    suite: str = "",
    report: Callable[[int, int], None] = lambda a, b: None,
) -> Exported:
    """Write the stored trials of models, with predictions, environments and sources, as one file.

    Args:
        store: Where they are.
        models: Names of installed models, or paths of plugins: rows of the source that is here are taken.
        path: Of the bundle; written whole or not at all.
        suite: Only jobs on its tasks.
        report: Told how many jobs of how many are done.

    Raises:
        UnknownNameError: If a model, or a suite, is neither here nor in the store.
        StoreError: If there is nothing to export, or a file cannot be read or written.
    """
    sources = {source.name: source for source in resolve_models(models)}
    with open_database(store) as connection:
        jobs, notices = _jobs(connection, sources, suite, store)
        tables = {table: _rows(connection, table, jobs) for table in TABLES}
    submitted = tuple(_submitted(source, jobs) for source in sources.values())
    contents = Contents(FORMAT, SCHEMA_VERSION, __version__, submitted, tuple(job.job_id for job in jobs))
    temporary = path.with_name(f".{uuid4().hex}.tmp")
    try:
        with zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
            archive.writestr(_member(CONTENTS), to_json(contents))
            for table, rows in tables.items():
                archive.writestr(_member(document_member(table)), _lines(rows))
            for source in sources.values():
                for file, data in source_files(source).items():
                    archive.writestr(_member(source_member(source.name, file)), data)
            n_trials = 0
            for done, job in enumerate(jobs):
                report(done, len(jobs))
                n_trials += _write_job(archive, store, job.job_id)
        sync(temporary)
        temporary.replace(path)
    except OSError as error:
        raise StoreError(f"{path} cannot be written: {error.strerror or error}. No bundle was made.") from error
    finally:
        temporary.unlink(missing_ok=True)
    return Exported(len(sources), len(jobs), n_trials, tuple(notices))


def _jobs(
    connection: duckdb.DuckDBPyConnection, sources: Mapping[str, ModelSource], suite: str, store: Store
) -> tuple[list[_StoredJob], list[str]]:
    """Jobs of the sources that are here, those of one task behind one another; and what is left out."""
    if suite and (suite,) not in connection.execute("SELECT DISTINCT suite FROM suites").fetchall():
        known = [name for (name,) in connection.execute("SELECT DISTINCT suite FROM suites").fetchall()]
        raise UnknownNameError("suite", suite, known, where="--suite, among those in this store")
    found = [_StoredJob(*row) for row in connection.execute(
        "SELECT job_id, model, any_value(model_version), source_hash, any_value(task), "
        "count(*) FILTER (status = 'ok' AND NOT has_predictions) FROM trials WHERE list_contains($models, model) "
        "AND ($suite = '' OR task IN (SELECT task FROM suites WHERE suite = $suite)) "
        "GROUP BY job_id, model, source_hash "
        "ORDER BY any_value(task), model, any_value(repeat), any_value(fold), job_id",
        {"models": list(sources), "suite": suite},
    ).fetchall()]  # fmt: skip
    absent = sorted(set(sources) - {job.model for job in found})
    if absent:
        of_suite = f" on tasks of {suite}" if suite else ""
        raise StoreError(
            f"{store.root} holds no trial of {', '.join(absent)}{of_suite}. See what it holds: "
            f"tabbench status{store.option}"
        )
    others = [job for job in found if job.source_hash != sources[job.model].source_hash]
    own_tables = [job for job in found if not job.task.startswith(("bundled/", "openml/"))]
    kept = [job for job in found if job not in others and job not in own_tables]
    notices = [
        f"{len(part)} of {len(found)} jobs are left out: {why}."
        for part, why in (
            (others, "another source of their model made them; run them again with the one that is here"),
            (own_tables, "they are on tables of your own, which nobody else can check"),
        )
        if part
    ]
    n_unkept = sum(job.n_unkept for job in kept)
    if n_unkept:
        notices.append(
            f"{n_unkept} trials kept no predictions, so their scores cannot be verified: run them with "
            "protocol.keep_predictions=true."
        )
    lost = sorted(set(sources) - {job.model for job in kept})
    if lost:
        raise StoreError(f"No trial of {', '.join(lost)} can be exported. {' '.join(notices)}")
    return kept, notices


_OF_JOBS = {
    "models": "source_hash IN (SELECT source_hash FROM exported)",
    "protocols": "protocol_id IN (SELECT protocol_id FROM exported)",
    "environments": "environment_id IN (SELECT environment_id FROM exported)",
    "workers": "worker_id IN (SELECT worker_id FROM exported)",
    "calibrations": "worker_id IN (SELECT worker_id FROM exported)",
    "all_timings": "(job_id, trial, attempt) IN (SELECT (job_id, trial, attempt) FROM exported)",
}
"""Which rows of a small table belong to some jobs."""


def _rows(connection: duckdb.DuckDBPyConnection, table: str, jobs: Sequence[_StoredJob]) -> list[dict[str, Any]]:
    """The rows of a small table that belong to the jobs."""
    names = column_names(TABLES[table])
    source, columns = "timings" if table == "all_timings" else table, ", ".join(names)
    wanted = (
        "WITH of_trials AS (SELECT * FROM trials WHERE list_contains($jobs, job_id)), exported AS ("
        "SELECT job_id, trial, attempt, source_hash, protocol_id, environment_id, worker_id FROM of_trials UNION ALL "
        "SELECT t.job_id, t.trial, t.attempt, t.source_hash, f.protocol_id, t.environment_id, t.worker_id "
        "FROM timings t JOIN of_trials f USING (job_id, trial, attempt))"
    )
    query = f"{wanted} SELECT DISTINCT {columns} FROM {source} WHERE {_OF_JOBS[table]} ORDER BY ALL"
    cursor = connection.execute(query, {"jobs": [job.job_id for job in jobs]})
    found = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return [row | {"host": NO_HOST} for row in found] if table == "workers" else found


def _submitted(source: ModelSource, jobs: Sequence[_StoredJob]) -> SubmittedModel:
    version = next(job.model_version for job in jobs if job.model == source.name)
    return SubmittedModel(source.name, version, source.source_hash, tuple(sorted(source_files(source))))


def _write_job(archive: zipfile.ZipFile, store: Store, job_id: str) -> int:
    """Write one job's trials and predictions; returns how many trials it has."""
    trials = read_job(store, job_id, with_predictions=True)
    archive.writestr(_member(trials_member(job_id)), _lines([_line(done) for done in trials]))
    numbers = [_values(done, part) for done in trials for part in _parts(done)]
    if numbers:
        archive.writestr(_member(predictions_member(job_id)), b"".join(numbers))
    return len(trials)


def _parts(done: FinishedTrial) -> list[str]:
    kept = {p.part for p in done.predictions}
    return [part for part in PARTS if part in kept]


def _values(done: FinishedTrial, part: str) -> bytes:
    values = next(p.values for p in done.predictions if p.part == part)
    return np.ascontiguousarray(values, dtype="<f4").tobytes()


def _line(done: FinishedTrial) -> dict[str, Any]:
    return {**trial_record(done), "parts": _parts(done)}


def _lines(records: Sequence[dict[str, Any]]) -> str:
    return "".join(json_text(record) + "\n" for record in records)


def _member(name: str) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(name, DATE)
    member.external_attr, member.create_system = 0o644 << 16, 3
    member.compress_type = zipfile.ZIP_DEFLATED
    return member
