"""The local executor: worker processes of this machine, forked from one preloaded template.

The template is a forkserver that imports the libraries once and never fits, so that forks of it, and of those
forks, are quick and safe. A worker that dies is replaced and its job is dealt once more.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
from collections import Counter, deque
from dataclasses import dataclass, field
from multiprocessing import forkserver
from multiprocessing.connection import wait
from typing import TYPE_CHECKING, Any

from tabbench.data.cache.folder import cache_folder
from tabbench.environment import use_threads
from tabbench.runner.supervisor import run_job
from tabbench.runner.worker import JobEnded, TrialEnded, serve_jobs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

    from tabbench.runner.job import Job
    from tabbench.runner.supervisor import Bench
    from tabbench.store.layout import Store

MAX_DEATHS = 2
"""Workers that a job may lose before it is given up."""

TEMPLATE_MODULES = ("tabbench.runner.worker", "pandas", "pyarrow.parquet", "pyarrow.ipc", "optuna")


@dataclass(frozen=True)
class Failure:
    """A job that could not be done at all."""

    job: Job
    reason: str


@dataclass(eq=False)
class _Worker:
    process: BaseProcess
    connection: Connection
    job: Job | None = None


@dataclass(eq=False)
class LocalExecutor:
    """Deals jobs to processes, in order, one at a time each.

    Args:
        store: Where rows go.
        n_workers: Worker processes.
        n_threads: Threads of a fit.
        modules: Libraries that fits will need, loaded once in the template.
        on_trial: Called for each trial that has reached the disk.
        on_job: Called for each job that has ended.
        work: What a worker does with a job.
    """

    store: Store
    n_workers: int
    n_threads: int
    modules: Sequence[str]
    on_trial: Callable[[TrialEnded], None]
    on_job: Callable[[Job], None]
    work: Callable[[Job, Bench], None] = run_job
    _deaths: Counter[str] = field(default_factory=Counter)

    def run(self, jobs: Iterable[Job]) -> list[Failure]:
        """Do all jobs; returns those that failed as a whole.

        Raises:
            KeyboardInterrupt: After all workers have been stopped.
        """
        use_threads(self.n_threads)
        context: Any = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload([*TEMPLATE_MODULES, *self.modules])
        _start_template()
        waiting, failures = deque(jobs), list[Failure]()
        self.n_workers = min(self.n_workers, len(waiting))
        workers = [self._start(context) for _ in range(self.n_workers)]
        try:
            for worker in workers:
                _deal(worker, waiting)
            while any(worker.job for worker in workers):
                self._turn(context, workers, waiting, failures)
        finally:
            for worker in workers:
                _stop(worker)
        return failures

    def _start(self, context: Any) -> _Worker:
        ours, theirs = context.Pipe()
        arguments = (theirs, self.store, self.n_workers, cache_folder(), self.work)
        process = context.Process(target=serve_jobs, args=arguments)
        process.start()
        theirs.close()
        return _Worker(process, ours)

    def _turn(self, context: Any, workers: list[_Worker], waiting: deque[Job], failures: list[Failure]) -> None:
        """Wait for news of any worker and act on it."""
        by_connection = {worker.connection: worker for worker in workers}
        for connection in wait(list(by_connection)):
            worker = by_connection[connection]  # type: ignore[index]  # wait returns what it was given
            try:
                news = worker.connection.recv()
            except (EOFError, ConnectionError):
                self._bury(worker, waiting, failures)
                workers[workers.index(worker)] = worker = self._start(context)
                _deal(worker, waiting)
                continue
            if isinstance(news, TrialEnded):
                self.on_trial(news)
            elif isinstance(news, JobEnded) and worker.job is not None:
                if news.failure is not None:
                    failures.append(Failure(worker.job, news.failure))
                self.on_job(worker.job)
                _deal(worker, waiting)

    def _bury(self, worker: _Worker, waiting: deque[Job], failures: list[Failure]) -> None:
        """A worker died in its job: deal the job again, but not for ever."""
        worker.process.join()
        job, worker.job = worker.job, None
        if job is None:
            return
        self._deaths[job.job_id] += 1
        if self._deaths[job.job_id] < MAX_DEATHS:
            waiting.appendleft(job)
            return
        failures.append(Failure(job, f"its worker died {MAX_DEATHS} times (exit code {worker.process.exitcode})"))
        self.on_job(job)


def _start_template() -> None:
    """Start the forkserver deaf to Ctrl-C, which would end it in the middle of an import with a traceback."""
    if threading.current_thread() is not threading.main_thread():
        return  # only the main thread may set a handler; the server starts with the first worker
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        forkserver.ensure_running()
    finally:
        signal.signal(signal.SIGINT, before)


def default_n_workers() -> int:
    """One a core that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _deal(worker: _Worker, waiting: deque[Job]) -> None:
    worker.job = waiting.popleft() if waiting else None
    if worker.job is not None:
        with contextlib.suppress(ConnectionError):  # dead already: its end of the pipe says so at the next turn
            worker.connection.send(worker.job)


def _stop(worker: _Worker) -> None:
    """End a worker: an idle one leaves by itself, a busy one kills its fit first."""
    with contextlib.suppress(ConnectionError):
        worker.connection.send(None)
    worker.process.join(5)
    if worker.process.is_alive():
        worker.process.kill()
        worker.process.join()
    worker.connection.close()
