"""What an element of an array does on its node: the jobs of one bundle, by the local executor.

It is idempotent. An element that runs again, after a requeue, a preemption or beside an orphan of its own, finds what
is stored and does the rest.
"""

from __future__ import annotations

import contextlib
import io
import os
import signal
import socket
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, TextIO

from tabbench.discovery import load_model
from tabbench.environment import cluster_job
from tabbench.errors import PluginError, StoreError, TabbenchError
from tabbench.runner.executors.bundle import read_bundle
from tabbench.runner.lacking import is_held
from tabbench.runner.local import Failure, LocalExecutor, Times
from tabbench.runner.progress import Progress
from tabbench.runner.rows import now
from tabbench.store.launches import BundleEnd, FailedJob, launch_folder

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import FrameType

    from tabbench.runner.job import Job
    from tabbench.store.launches import LaunchFolder
    from tabbench.store.layout import Store

BEGAN = "TABBENCH_ELEMENT_BEGAN"
"""Variable that the batch script sets first, to `date +%s`: Python starts later, the wall time does not."""
SECONDS_TO_END = 20.0
"""Before the wall time, left for killing what is still at work and for writing down how it ended."""
SECONDS_OF_A_TRIAL = 300.0
"""Left for the current trials to end, where no limit says how long one may take."""
SECONDS_TO_PASS, N_TRIES = 30.0, 20
"""Between two tries of jobs that found the store full or gone, and how many: ten minutes."""


@dataclass(frozen=True)
class Element:
    """One element of an array.

    Attributes:
        launch_id: The launch in the store.
        number: Of its bundle.
        cpus: Processors that it was given.
        minutes: Its wall time; None for no end.
        engine: Its name in the workers' rows.
    """

    store: Store
    launch_id: str
    number: int
    cpus: int
    minutes: float | None
    engine: str


class NoProgressError(TabbenchError):
    """An element came to its wall time without having finished a trial: to run it again would be no use."""


def run_bundle(element: Element) -> BundleEnd:
    """Do what the store does not hold of a bundle, until it is done or the wall time is near.

    Raises:
        StoreError: If the bundle cannot be read, or the store cannot be written for ten minutes.
        NoProgressError: If the wall time came before the first trial ended.
    """
    folder = launch_folder(element.store, element.launch_id)
    folder.again(element.number).unlink(missing_ok=True)
    jobs = read_bundle(folder.bundle(element.number)).jobs
    work = _Work(element, jobs, times_of(element, jobs))
    with contextlib.redirect_stderr(_Log(sys.stderr)), _leaving_at_once():
        work.run()
    end = work.end()
    folder.write_end(end)
    if end.n_left:
        _ask_to_go_on(folder, end, work.n_trials)
    return end


@contextlib.contextmanager
def _leaving_at_once() -> Iterator[None]:
    """Have SIGTERM, with which SLURM cancels and preempts, end the element now; submitit would wait for the SIGKILL."""
    before = signal.signal(signal.SIGTERM, _leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _leave(signum: int, _frame: FrameType | None) -> None:
    sys.exit(128 + signum)


def times_of(element: Element, jobs: Sequence[Job]) -> Times:
    """When an element has to stop: so long before its wall time that a trial which has begun can end."""
    if element.minutes is None:
        return Times()
    seconds = element.minutes * 60
    spent = max(time.time() - float(os.environ.get(BEGAN) or time.time()), 0.0)
    limits = [job.protocol.limits.trial_seconds or SECONDS_OF_A_TRIAL for job in jobs]
    left = seconds - spent - min(SECONDS_TO_END, seconds / 4)
    end_at = time.monotonic() + left
    return Times(stop_at=end_at - min(max(limits, default=0.0), seconds / 2), end_at=end_at)


class _Log(io.TextIOBase):
    """The log of an element, which lies in the store: when the disk is full a line is lost, and not the element."""

    def __init__(self, file: TextIO) -> None:
        self._file = file

    def write(self, text: str) -> int:
        """Write what there is room for."""
        with contextlib.suppress(OSError):
            self._file.write(text)
            self._file.flush()
        return len(text)


class _Work:
    """The jobs of an element, and what has become of them."""

    def __init__(self, element: Element, jobs: Sequence[Job], times: Times) -> None:
        self._element, self._times = element, times
        self._left = list(jobs)
        self._n_jobs = len(jobs)
        self._failures: list[Failure] = []
        self.n_trials = 0

    def run(self) -> None:
        """Do the jobs; what finds the store full or gone is tried again, since that may pass."""
        for _ in range(N_TRIES):
            may_pass = self._run_once()
            if not may_pass or self._times.is_over:
                break
            sys.stderr.write(f"{may_pass[0].reason} {len(may_pass)} jobs wait {SECONDS_TO_PASS:.0f} s for that.\n")
            time.sleep(SECONDS_TO_PASS)

    def _run_once(self) -> list[Failure]:
        jobs = list(self._left)
        with Progress(len(jobs), sum(len(job.numbers) for job in jobs)) as progress:

            def on_job(job: Job) -> None:
                self._left.remove(job)
                progress.job_ended()

            executor = LocalExecutor(
                store=self._element.store,
                n_workers=max(self._element.cpus // jobs[0].protocol.n_threads, 1),
                n_threads=jobs[0].protocol.n_threads,
                modules=_modules(jobs),
                on_trial=progress.trial_ended,
                on_job=on_job,
                is_held=lambda job: is_held(self._element.store, job),
                name=self._element.engine,
                times=self._times,
            )
            try:
                failures = executor.run(jobs)
            except StoreError as error:
                failures = [Failure(job, str(error), may_pass=True) for job in self._left]
                self._left.clear()
            self.n_trials += progress.statuses.total()
        may_pass = [failure for failure in failures if failure.may_pass]
        self._failures = [failure for failure in self._failures if not failure.may_pass] + failures
        self._left += [failure.job for failure in may_pass]
        return may_pass

    def end(self) -> BundleEnd:
        """What is to be written down."""
        n_failed = sum(not failure.may_pass for failure in self._failures)
        return BundleEnd(
            number=self._element.number,
            n_done=self._n_jobs - len(self._left) - n_failed,
            n_left=len(self._left),
            failures=tuple(FailedJob(f.job.job_id, f.job.model.name, f.job.task, f.reason) for f in self._failures),
            host=socket.gethostname(),
            cluster_job=cluster_job() or "",
            ended_at=now().isoformat(),
        )


def _modules(jobs: Sequence[Job]) -> list[str]:
    """Libraries that the fits will need; a model that cannot be loaded is told by its jobs."""
    modules: set[str] = set()
    for source in {job.model for job in jobs}:
        try:
            modules |= set(load_model(source).card.requires)
        except PluginError:
            continue
    return sorted(modules)


def _ask_to_go_on(folder: LaunchFolder, end: BundleEnd, n_trials: int) -> None:
    """Leave a mark for the batch script, which has the engine start the element again."""
    if not n_trials:
        raise NoProgressError(
            f"Bundle {end.number} came to its wall time before a trial had ended; {end.n_left} jobs are left. Give an "
            "element more time (executor.slurm.minutes) or a trial less (protocol.trial_seconds), and run it again."
        )
    mark = folder.again(end.number)
    mark.parent.mkdir(exist_ok=True)
    mark.touch()
