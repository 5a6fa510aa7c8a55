"""The local executor: worker processes of this machine, forked from one preloaded template.

The template is a forkserver that imports the libraries once and never fits, so that forks of it, and of those
forks, are quick and safe. Its forks are holders of one table each, theirs are the workers of that task. A worker that
dies is replaced and its job is dealt once more.
"""

from __future__ import annotations

import contextlib
import math
import multiprocessing
import os
import signal
import threading
import time
from collections import Counter, deque
from dataclasses import dataclass
from multiprocessing import forkserver
from multiprocessing.connection import wait
from typing import TYPE_CHECKING

from tabbench.data.cache.folder import cache_folder
from tabbench.environment import environment_row, use_threads
from tabbench.runner.holder import Holders
from tabbench.runner.interrupts import heard_interrupts, is_interrupt
from tabbench.runner.supervisor import run_job
from tabbench.runner.worker import JobEnded, Place, TrialEnded
from tabbench.store.documents import write_document

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from multiprocessing.connection import Connection

    from tabbench.runner.holder import Worker
    from tabbench.runner.job import Job
    from tabbench.runner.supervisor import Bench
    from tabbench.store.layout import Store

MAX_DEATHS = 2
"""Workers that a job may lose before it is given up."""

N_SPARE_HOLDERS = 2
"""Tables kept in memory beside those that are worked on: the next jobs may well be theirs."""

LONGEST_WAIT = 3600.0
"""Seconds that a wait for news may last: the system takes no infinite number."""

TEMPLATE_MODULES = (
    "tabbench.runner.holder", "tabbench.data.bundled", "pandas", "pyarrow.parquet", "pyarrow.ipc", "optuna",
    "sklearn.datasets", "yaml",
)  # fmt: skip


@dataclass(frozen=True)
class Failure:
    """A job that could not be done at all; `may_pass` if that was the store's fault."""

    job: Job
    reason: str
    may_pass: bool = False


@dataclass(frozen=True)
class Times:
    """When to end before all is done, on the monotonic clock; None for never.

    Attributes:
        stop_at: No trial is begun after it.
        end_at: What is still at work then is killed, and its current trial lost.
    """

    stop_at: float | None = None
    end_at: float | None = None

    @property
    def is_over(self) -> bool:
        """Whether nothing more is to begin."""
        return self.stop_at is not None and time.monotonic() >= self.stop_at

    def seconds_to_end(self) -> float:
        """Seconds until what is at work is killed."""
        return math.inf if self.end_at is None else self.end_at - time.monotonic()


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
        is_held: Asked of each job just before it starts: whether there is nothing to do.
        name: Of the engine that this is part of, for the workers' rows.
        times: When to end before all is done.
    """

    store: Store
    n_workers: int
    n_threads: int
    modules: Sequence[str]
    on_trial: Callable[[TrialEnded], None]
    on_job: Callable[[Job], None]
    work: Callable[[Job, Bench], None] = run_job
    is_held: Callable[[Job], bool] = lambda job: False
    name: str = "local"
    times: Times = Times()

    def run(self, jobs: Iterable[Job]) -> list[Failure]:
        """Do all jobs that there is time for; returns those that failed as a whole.

        Raises:
            KeyboardInterrupt: After all workers have been stopped.
        """
        use_threads(self.n_threads)
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload([*TEMPLATE_MODULES, *self.modules])
        _start_template()
        environment = environment_row()
        write_document(self.store, "environments", environment)
        waiting = deque(jobs)
        n_workers = min(self.n_workers, len(waiting))
        place = Place(
            self.store, cache_folder(), environment.environment_id, n_workers, self.work, self.name, self.times.stop_at
        )
        with contextlib.closing(Holders(context, place, n_workers + N_SPARE_HOLDERS)) as holders:
            return _Dealer(self, holders, waiting).run(n_workers)


class _Dealer:
    """The jobs of one run, and the workers that are at work on them."""

    def __init__(self, executor: LocalExecutor, holders: Holders, waiting: deque[Job]) -> None:
        self._executor, self._holders, self._waiting = executor, holders, waiting
        self._busy: dict[Connection, Worker] = {}
        self._deaths: Counter[str] = Counter()
        self._failures: list[Failure] = []

    def run(self, n_workers: int) -> list[Failure]:
        with heard_interrupts() as heard:  # a Ctrl-C raised while a worker is started would leave it behind
            try:
                for _ in range(n_workers):
                    self._deal()
                while self._busy and (seconds := self._executor.times.seconds_to_end()) > 0:
                    ready = wait([heard, *self._busy], min(seconds, LONGEST_WAIT))
                    if heard in ready and is_interrupt(heard):
                        raise KeyboardInterrupt
                    for worker in [worker for connection, worker in self._busy.items() if connection in ready]:
                        self._hear(worker)
            finally:
                for worker in self._busy.values():
                    worker.leave()
        return self._failures

    def _deal(self, free: Worker | None = None) -> None:
        """Give the next job to the worker that has become free, or to one of the job's own task in its place."""
        job = self._next_job()
        if free is not None:
            if job is not None and job.task == free.job.task:
                free.give(job)
                return
            del self._busy[free.connection]
            free.leave()
        if job is not None:
            worker = self._holders.start_worker(job)
            self._busy[worker.connection] = worker

    def _next_job(self) -> Job | None:
        while self._waiting and not self._executor.times.is_over:
            job = self._waiting.popleft()
            if not self._executor.is_held(job):
                return job
            self._executor.on_job(job)
        return None

    def _hear(self, worker: Worker) -> None:
        """Act on what a worker says, or on its death."""
        try:
            news = worker.connection.recv()
        except (EOFError, OSError):  # OSError: it died in the middle of what it said
            del self._busy[worker.connection]
            self._bury(worker)
            self._deal()
            return
        if isinstance(news, TrialEnded):
            self._executor.on_trial(news)
        elif isinstance(news, JobEnded):
            if news.failure is not None:
                self._failures.append(Failure(worker.job, news.failure, news.may_pass))
            if not news.is_cut:
                self._executor.on_job(worker.job)
            self._deal(worker)

    def _bury(self, worker: Worker) -> None:
        """A worker died in its job: deal the job again, but not for ever."""
        job, exit_code = worker.job, worker.bury()
        self._deaths[job.job_id] += 1
        if self._deaths[job.job_id] < MAX_DEATHS:
            self._waiting.appendleft(job)
            return
        self._failures.append(Failure(job, f"its worker died {MAX_DEATHS} times (exit code {exit_code})"))
        self._executor.on_job(job)


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
