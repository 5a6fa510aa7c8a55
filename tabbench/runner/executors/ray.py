"""The Ray executor: a job is a Ray task, done by the local executor inside the worker process that Ray gives it.

Ray places, queues and retries; limits and isolation are the local executor's, since Ray holds neither memory nor time
of a task. A task that runs twice, after its node was lost, finds what is stored and does the rest.
"""

from __future__ import annotations

import contextlib
import logging
import os
import socket
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tabbench.errors import MissingLibraryError, SettingsError
from tabbench.runner.executors.ray_task import RayWork, TaskEnd, do_job, keep
from tabbench.runner.local import Failure
from tabbench.store.history import read_job

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from tabbench.runner.job import Job
    from tabbench.runner.settings import RaySettings
    from tabbench.runner.worker import TrialEnded
    from tabbench.store.layout import Store

TASKS_PER_SLOT = 4
"""Tasks that Ray is given at a time for each that can run: it holds all that it was given in memory."""
LOCAL_ADDRESS = "local"
SECONDS_TO_KNOCK = 20.0
QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",  # says nothing to anybody outside
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
}


@dataclass(frozen=True)
class Room:
    """Memory of the largest node of a cluster, and how many tasks run at once."""

    memory_bytes: float
    n_slots: int


@dataclass(eq=False)
class RayExecutor:
    """Hands jobs to Ray as tasks, some at a time, and hears of their trials when they end.

    Args:
        store: Where rows go.
        n_workers: Of a cluster that is started here: how many tasks run at once.
        n_threads: Threads of a fit, which are the CPUs of a task.
        modules: Libraries that fits will need.
        on_trial: Called for each trial of a task that has ended.
        on_job: Called for each job that has ended.
        settings: Which cluster, and what a task asks for.
    """

    store: Store
    n_workers: int
    n_threads: int
    modules: Sequence[str]
    on_trial: Callable[[TrialEnded], None]
    on_job: Callable[[Job], None]
    settings: RaySettings

    def run(self, jobs: Iterable[Job]) -> list[Failure]:
        """Do all jobs; returns those that failed as a whole.

        Raises:
            SettingsError: If the cluster has no node for a task, or cannot be reached.
            StoreError: If rows that came back cannot be written.
            KeyboardInterrupt: After all tasks have been cancelled.
        """
        with _connected(self.settings, self.n_workers * self.n_threads):
            return self._run(deque(jobs))

    def _run(self, waiting: deque[Job]) -> list[Failure]:
        import ray

        room = room_of(self.n_threads, self.settings.gpus)
        shared = self.store.root.absolute() if self.settings.shared_store else None
        work = ray.put(RayWork(shared, self.n_threads, tuple(self.modules)))
        busy: dict[Any, Job] = {}
        failures: list[Failure] = []
        while waiting or busy:
            with contextlib.suppress(SettingsError):  # nodes come and go
                room = room_of(self.n_threads, self.settings.gpus)
            while waiting and len(busy) < TASKS_PER_SLOT * room.n_slots:
                job = waiting.popleft()
                busy[self._submit(job, work, room)] = job
            for done in ray.wait(list(busy))[0]:
                job = busy.pop(done)
                if (why := self._hear(done)) is not None:
                    failures.append(Failure(job, why))
                self.on_job(job)
        return failures

    def _submit(self, job: Job, work: Any, room: Room) -> Any:
        import ray

        held = () if self.settings.shared_store else tuple(read_job(self.store, job.job_id))
        task = ray.remote(
            num_cpus=self.n_threads,
            num_gpus=self.settings.gpus or None,
            memory=min(int(job.memory_mib * 2**20), int(room.memory_bytes)) or None,
            max_retries=self.settings.retries,
            max_calls=0,  # fits are processes of their own: nothing is left in the worker to be freed
        )(do_job)
        return task.remote(job, work, held)

    def _hear(self, done: Any) -> str | None:
        """Take what a task returned; why it failed, if it did."""
        import ray

        try:
            told: TaskEnd = ray.get(done)
        except ray.exceptions.RayError as error:
            lines = str(error).strip().splitlines() or [type(error).__name__]
            return f"its Ray task failed, {self.settings.retries} retries counted: {lines[0][:300]}"
        if not self.settings.shared_store:
            keep(self.store, told)
        for trial in told.trials:
            self.on_trial(trial)
        failure: str | None = told.failure
        return failure


def room_of(n_threads: int, gpus: float) -> Room:
    """What the connected cluster has.

    Raises:
        SettingsError: If no node of it can take a task.
    """
    import ray

    nodes = [node["Resources"] for node in ray.nodes() if node["Alive"]]
    fitting = [n for n in nodes if n.get("CPU", 0) >= n_threads and n.get("GPU", 0) >= gpus]
    if not fitting:
        have = "; ".join(f"{n.get('CPU', 0):g} CPUs, {n.get('GPU', 0):g} GPUs" for n in nodes) or "no node"
        raise SettingsError(
            f"A task asks for {n_threads} CPUs (protocol.n_threads) and {gpus:g} GPUs (executor.ray.gpus), and no node "
            f"of the Ray cluster has them: {have}."
        )
    slots = sum(int(min(n["CPU"] // n_threads, n["GPU"] // gpus if gpus else n["CPU"])) for n in fitting)
    memory = max(n.get("memory", 0) for n in fitting)
    return Room(memory, max(slots, 1))


def _knock(address: str) -> None:
    """Fail at once where nobody listens: Ray itself tries for many minutes."""
    host, _, port = address.rpartition("//")[2].rpartition(":")
    if port.isdigit():
        socket.create_connection((host, int(port)), SECONDS_TO_KNOCK).close()


@contextlib.contextmanager
def _connected(settings: RaySettings, n_cpus: int) -> Iterator[None]:
    """A connection to the cluster that is named, or to one of this machine that lives as long as the run."""
    os.environ.update({name: os.environ.get(name, value) for name, value in QUIET.items()})
    try:
        import ray
    except ImportError as error:
        raise MissingLibraryError("ray", "ray", "executor=ray") from error
    try:
        _knock(settings.address)
        if settings.address in ("", LOCAL_ADDRESS):
            ray.init(
                address=LOCAL_ADDRESS, num_cpus=n_cpus, include_dashboard=False, log_to_driver=False,
                logging_level=logging.ERROR, _node_ip_address="127.0.0.1",
            )  # fmt: skip
        else:
            ray.init(address=settings.address, log_to_driver=False, logging_level=logging.ERROR)
    except (OSError, RuntimeError, ValueError) as error:
        raise SettingsError(
            f"executor.ray.address={settings.address or LOCAL_ADDRESS}: Ray cannot be reached: "
            f"{' '.join(str(error).split())[:300]}. Start it with `ray start --head`, or leave the address empty."
        ) from error
    try:
        yield
    finally:
        ray.shutdown()
