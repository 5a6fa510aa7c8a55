"""The process that does jobs one after another for as long as somebody hands it some."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tabbench.environment import worker_row
from tabbench.errors import StoreError, TabbenchError
from tabbench.runner.calibration import calibrate_if_due
from tabbench.runner.fit_child import StopRequested
from tabbench.runner.process_tree import adopt_orphans
from tabbench.runner.supervisor import Bench, run_job
from tabbench.store.documents import write_document

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection
    from pathlib import Path

    from tabbench.results import TrialRow
    from tabbench.runner.job import Job
    from tabbench.store.layout import Store
    from tabbench.timings import TimingRow


@dataclass(frozen=True)
class Place:
    """Where workers work.

    Attributes:
        store: Where rows go.
        cache: The folder that tables are read from.
        environment_id: Of the environment's row, which is in the store.
        n_beside: Workers at work at the same time, each counted.
        work: What is done with a job.
        executor: What started the worker, as its row says.
        stop_at: On the monotonic clock: no trial is begun after it; None to go on to the end.
    """

    store: Store
    cache: Path
    environment_id: str
    n_beside: int
    work: Callable[[Job, Bench], None] = run_job
    executor: str = "local"
    stop_at: float | None = None


@dataclass(frozen=True)
class TrialEnded:
    """News from a worker: one more trial is on disk."""

    job_id: str
    model: str
    task: str
    status: str
    reason: str | None


@dataclass(frozen=True)
class JobEnded:
    """News from a worker: it can take another job.

    Attributes:
        failure: Why this one could not be done.
        may_pass: The failure is one of the store, a full disk for instance: the same job may be done later.
        is_cut: The time was up before it ended, or as it ended.
    """

    job_id: str
    failure: str | None = None
    may_pass: bool = False
    is_cut: bool = False


def serve_jobs(connection: Connection, place: Place) -> None:
    """Do jobs that come from a connection until it closes."""
    adopt_orphans()
    worker = worker_row(place.executor, place.environment_id)

    def report(row: TrialRow | TimingRow) -> None:
        connection.send(TrialEnded(row.job_id, row.model, row.task, row.status, row.reason))

    bench = Bench(worker, place.store, place.n_beside, [connection], report, place.stop_at)
    with contextlib.suppress(EOFError, ConnectionError, StopRequested):
        while True:
            job = connection.recv()
            connection.send(_do(place.work, job, bench))


def _do(work: Callable[[Job, Bench], None], job: Job, bench: Bench) -> JobEnded:
    try:
        write_document(bench.store, "workers", bench.worker)
        calibrate_if_due(bench.worker, bench.store, bench.watch)
        work(job, bench)
    except TabbenchError as error:
        return JobEnded(job.job_id, str(error), may_pass=isinstance(error, StoreError))
    return JobEnded(job.job_id, is_cut=bench.is_time_up)
