"""One process a task that holds its table and forks the task's workers, which share its memory.

A holder is forked from the template, reads the table without starting a thread, and never fits: forks of it are safe.
It serves one executor, and ends when that does.
"""

from __future__ import annotations

import contextlib
import gc
import os
import signal
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.reduction import recv_handle, send_handle
from typing import TYPE_CHECKING, Any

from tabbench.data.cache.folder import VARIABLE
from tabbench.errors import TabbenchError
from tabbench.runner.parts import load_task_once
from tabbench.runner.process_tree import die_with_parent
from tabbench.runner.worker import serve_jobs

if TYPE_CHECKING:
    from multiprocessing.process import BaseProcess

    from tabbench.runner.job import Job
    from tabbench.runner.worker import Place

SECONDS_TO_LEAVE = 5.0
"""Given to a holder and its workers, who have a fit to kill, before they are killed."""


@dataclass(frozen=True)
class _StartWorker:
    """Said to a holder, with the worker's end of its connection behind it."""

    number: int


@dataclass(frozen=True)
class _TellExitCode:
    """Said to a holder whose worker has died."""

    number: int


@dataclass(eq=False)
class Worker:
    """The executor's handle of a worker: it does the jobs of one task, one at a time."""

    holder: Holder
    number: int
    connection: Connection
    job: Job

    def give(self, job: Job) -> None:
        """Have it do a job; if it is dead, its connection says so soon."""
        self.job = job
        with contextlib.suppress(ConnectionError):
            self.connection.send(job)

    def leave(self) -> None:
        """Have it end: at once if it is idle, else after it has killed its fit."""
        self.connection.close()
        self.holder.n_workers -= 1

    def bury(self) -> int | None:
        """The exit code of a worker that has died, or that of its holder, which it died with."""
        self.leave()
        return self.holder.exit_code_of(self.number)


class Holder:
    """The executor's handle of a holder; it is not waited for until it has died or is to leave.

    Args:
        context: Of the forkserver.
        task: Whose table it holds.
        place: What its workers are told.
    """

    def __init__(self, context: Any, task: str, place: Place) -> None:
        self.task = task
        self.n_workers = 0
        self._n_started = 0
        self._connection, theirs = context.Pipe()
        self._process: BaseProcess = context.Process(target=_hold, args=(theirs, task, place))
        self._process.start()
        theirs.close()

    @property
    def is_alive(self) -> bool:
        """Whether it can start a worker."""
        return self._process.is_alive()

    def start_worker(self, job: Job) -> Worker:
        """Fork a worker for a job, as soon as the table is read."""
        self._n_started += 1
        self.n_workers += 1
        ours, theirs = get_context().Pipe()
        with theirs, contextlib.suppress(ConnectionError):  # if it is dead, `ours` says so
            self._connection.send(_StartWorker(self._n_started))
            send_handle(self._connection, theirs.fileno(), self._process.pid)
        worker = Worker(self, self._n_started, ours, job)
        worker.give(job)
        return worker

    def exit_code_of(self, number: int) -> int | None:
        """How a worker ended, which is waited for."""
        try:
            self._connection.send(_TellExitCode(number))
            code: int | None = self._connection.recv()
        except (EOFError, ConnectionError):
            self._process.join()
            return self._process.exitcode
        return code

    def leave(self) -> None:
        """Have it end, after its workers."""
        self._connection.close()

    def join(self) -> None:
        """Wait for its end, but not for long."""
        self._process.join(SECONDS_TO_LEAVE)
        self._process.kill()
        self._process.join()
        self._process.close()


class Holders:
    """The holders of a run: one a task, and no more than `n_most` but for those with workers.

    Args:
        context: Of the forkserver.
        place: What workers are told.
        n_most: The holder that was used least recently leaves for another.
    """

    def __init__(self, context: Any, place: Place, n_most: int) -> None:
        self._context, self._place, self._n_most = context, place, n_most
        self._by_task: dict[str, Holder] = {}
        self._leaving: list[Holder] = []

    def start_worker(self, job: Job) -> Worker:
        """A worker of the job's task, with the job given to it."""
        holder = self._by_task.pop(job.task, None)
        if holder is None or not holder.is_alive:
            self._make_room()
            holder = Holder(self._context, job.task, self._place)
        self._by_task[job.task] = holder  # the last used stands last
        return holder.start_worker(job)

    def close(self) -> None:
        """End all; workers have been told to leave."""
        self._leaving += self._by_task.values()
        self._by_task.clear()
        for holder in self._leaving:
            holder.leave()
        for holder in self._leaving:
            holder.join()

    def _make_room(self) -> None:
        unused = [holder for holder in self._by_task.values() if not holder.n_workers]
        for holder in unused[: max(len(self._by_task) + 1 - self._n_most, 0)]:
            self._leaving.append(self._by_task.pop(holder.task))
            holder.leave()
        self._leaving = [holder for holder in self._leaving if holder.is_alive]


def _hold(connection: Connection, task: str, place: Place) -> None:
    """Body of a holder: read the table, then fork workers for as long as the executor asks."""
    import pyarrow as pa

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ[VARIABLE] = str(place.cache)  # the template may have been started under another
    gc.freeze()  # a collection would touch every object of the template and the table, and so copy its page
    pa.set_cpu_count(1)  # tables are then read in this thread alone
    with contextlib.suppress(TabbenchError):  # told by each worker, who tries again
        load_task_once(task)
    pa.default_memory_pool().release_unused()  # of reading: several times the table
    gc.freeze()
    workers: dict[int, BaseProcess] = {}
    with contextlib.suppress(EOFError, ConnectionError):
        while True:
            request = connection.recv()
            if isinstance(request, _StartWorker):
                workers = {number: process for number, process in workers.items() if process.exitcode != 0}
                workers[request.number] = _fork_worker(connection, place)
            else:
                connection.send(_exit_code(workers.get(request.number)))
    for process in workers.values():  # the executor is gone, as each of them sees for itself
        process.join()


def _exit_code(process: BaseProcess | None) -> int | None:
    """How a worker ended; those that ended well are soon forgotten."""
    if process is None:
        return 0
    process.join()
    return process.exitcode


def _fork_worker(connection: Connection, place: Place) -> BaseProcess:
    with Connection(recv_handle(connection)) as jobs:
        process = get_context("fork").Process(target=_work, args=(os.getpid(), connection, jobs, place))
        process.start()
    return process


def _work(holder: int, holders: Connection, jobs: Connection, place: Place) -> None:
    """Body of a worker: gone with its holder."""
    die_with_parent(holder)
    holders.close()
    serve_jobs(jobs, place)
