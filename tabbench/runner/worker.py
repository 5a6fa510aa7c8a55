"""The process that does jobs one after another for as long as somebody hands it some."""

from __future__ import annotations

import contextlib
import os
import signal
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tabbench.data.cache.folder import VARIABLE
from tabbench.environment import environment_row, worker_row
from tabbench.errors import TabbenchError
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
class TrialEnded:
    """News from a worker: one more trial is on disk."""

    job_id: str
    model: str
    task: str
    status: str
    reason: str | None


@dataclass(frozen=True)
class JobEnded:
    """News from a worker: it can take another job; `failure` says why this one could not be done."""

    job_id: str
    failure: str | None


def serve_jobs(
    connection: Connection, store: Store, n_beside: int, cache: Path, work: Callable[[Job, Bench], None] = run_job
) -> None:
    """Take jobs from a connection until it sends None or closes; the body of a worker process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    adopt_orphans()
    os.environ[VARIABLE] = str(cache)  # the template may have been started under another
    worker = worker_row("local")
    write_document(store, "environments", environment_row())
    write_document(store, "workers", worker)

    def report(row: TrialRow | TimingRow) -> None:
        connection.send(TrialEnded(row.job_id, row.model, row.task, row.status, row.reason))

    bench = Bench(worker, store, n_beside, watch=[connection], report=report)
    with contextlib.suppress(EOFError, ConnectionError, StopRequested):
        while (job := connection.recv()) is not None:
            connection.send(JobEnded(job.job_id, _do(work, job, bench)))


def _do(work: Callable[[Job, Bench], None], job: Job, bench: Bench) -> str | None:
    try:
        work(job, bench)
    except TabbenchError as error:
        return str(error)
    return None
