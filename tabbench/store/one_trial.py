"""Everything that a store holds of one trial."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from tabbench.errors import StoreError, UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import duckdb

Record = dict[str, Any]
MOST_LISTED = 10
"""Jobs named in a message."""


class StoredTrial(NamedTuple):
    """Rows by column, as Python values.

    Attributes:
        trial: Its last attempt.
        attempts: (attempt, status, reason) of all, in order.
        fits: Of the last attempt, by inner fold.
        environment: Where it ran; empty if the store does not know it.
        worker: Which process supervised it; empty likewise.
    """

    trial: Record
    attempts: list[tuple[int, str, str | None]]
    fits: list[Record]
    environment: Record
    worker: Record


def find_trial(connection: duckdb.DuckDBPyConnection, name: str, option: str = "") -> StoredTrial:
    """The trial called JOB:TRIAL; the first letters of a job suffice where no other job begins so.

    Args:
        connection: An open database.
        name: JOB:TRIAL.
        option: What `tabbench sql` needs to ask the same store.

    Raises:
        StoreError: If the name is not of that form, several jobs begin so, or the job has no such trial.
        UnknownNameError: If no job begins so.
    """
    prefix, colon, number = name.partition(":")
    if not colon or not number.isdigit() or not prefix:
        raise StoreError(
            f"{name!r} names no trial. Write JOB:TRIAL, as in 3f2a:0; a job's first letters suffice. "
            f"Find them with: tabbench sql{option} 'select job_id, model, task, fold from jobs'"
        )
    job_id = _job(connection, prefix, option)
    key = {"job": job_id, "trial": int(number)}
    found = _records(connection, "SELECT * FROM trials WHERE job_id = $job AND trial = $trial", key)
    if not found:
        held = connection.execute("SELECT trial FROM trials WHERE job_id = ? ORDER BY trial", [job_id]).fetchall()
        raise StoreError(f"Job {job_id} has no trial {int(number)}. It has {_ranges([row[0] for row in held])}.")
    [trial] = found
    attempts = "SELECT attempt, status, reason FROM all_trials WHERE job_id = $job AND trial = $trial ORDER BY attempt"
    return StoredTrial(
        trial,
        connection.execute(attempts, key).fetchall(),
        _records(connection, "SELECT * FROM fits WHERE job_id = $job AND trial = $trial ORDER BY inner_fold", key),
        _first(connection, "environments", "environment_id", trial),
        _first(connection, "workers", "worker_id", trial),
    )


def _job(connection: duckdb.DuckDBPyConnection, prefix: str, option: str) -> str:
    query = "SELECT job_id, model, task, repeat, fold FROM jobs WHERE starts_with(job_id, ?) ORDER BY job_id"
    rows = connection.execute(query, [prefix.lower()]).fetchall()
    if len(rows) > 1:
        listed = "; ".join(f"{job} ({model} on {task}, {r}/{f})" for job, model, task, r, f in rows[:MOST_LISTED])
        more = f"; and {len(rows) - MOST_LISTED} more" if len(rows) > MOST_LISTED else ""
        raise StoreError(f"{len(rows)} jobs begin with {prefix!r}: {listed}{more}. Write more letters of one.")
    if not rows:
        known = [str(job) for (job,) in connection.execute("SELECT job_id FROM jobs").fetchall()]
        if len(known) > MOST_LISTED:
            known = _nearest_jobs(prefix, known)
        hint = f"All: tabbench sql{option} 'select job_id, model, task from jobs'"
        raise UnknownNameError("job", prefix, known, hint=hint)
    return str(rows[0][0])


def _nearest_jobs(prefix: str, known: Sequence[str]) -> list[str]:
    """Those that share the most first letters."""

    def n_shared(job: str) -> int:
        return next((i for i, (a, b) in enumerate(zip(job, prefix, strict=False)) if a != b), len(prefix))

    return sorted(known, key=lambda job: (-n_shared(job), job))[:MOST_LISTED]


def _ranges(numbers: list[int]) -> str:
    """Ascending numbers, runs of them as ranges.

    >>> _ranges([0, 1, 2, 5])
    '0-2, 5'
    """
    parts: list[list[int]] = []
    for number in numbers:
        if parts and number == parts[-1][-1] + 1:
            parts[-1].append(number)
        else:
            parts.append([number])
    return ", ".join(str(p[0]) if len(p) == 1 else f"{p[0]}-{p[-1]}" for p in parts)


def _first(connection: duckdb.DuckDBPyConnection, table: str, column: str, trial: Record) -> Record:
    found = _records(connection, f"SELECT * FROM {table} WHERE {column} = $id LIMIT 1", {"id": trial[column]})
    return found[0] if found else {}


def _records(connection: duckdb.DuckDBPyConnection, query: str, values: Record) -> list[Record]:
    cursor = connection.execute(query, values)
    names = [column[0] for column in cursor.description or []]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
