"""Do a whole run: plan under the store's lock, write down what is run, hand the jobs to the executor."""

from __future__ import annotations

import contextlib
import fcntl
from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from tabbench.errors import StoreError, UnknownNameError
from tabbench.runner.describe import write_plan_documents
from tabbench.runner.executors.ray import RayExecutor
from tabbench.runner.executors.submission import submit
from tabbench.runner.executors.under_way import UnderWay
from tabbench.runner.findings import check_plan
from tabbench.runner.local import Failure, LocalExecutor, default_n_workers
from tabbench.runner.plan import Plan, make_plan
from tabbench.runner.progress import Progress
from tabbench.runner.slices import sliced
from tabbench.store.database import open_database
from tabbench.store.layout import Store
from tabbench.store.summary import Held, done_trials

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tabbench.runner.job import Job
    from tabbench.runner.settings import Settings
    from tabbench.store.launches import Launch

EXECUTORS = ("local", "slurm", "ray")


@dataclass(frozen=True)
class RunSummary:
    """What a run did.

    Attributes:
        statuses: Trials written, by status.
        failures: Jobs that could not be done at all.
        launch: What was submitted to a cluster.
        n_under_way: Jobs that an earlier launch is at, and which were left to it.
    """

    plan: Plan
    statuses: dict[str, int] = field(default_factory=dict)
    failures: tuple[Failure, ...] = ()
    launch: Launch | None = None
    n_under_way: int = 0


def plan_run(settings: Settings) -> Plan:
    """What a run would do now; nothing is written.

    Raises:
        TabbenchError: For anything that is wrong with the settings or the store.
    """
    if settings.executor.kind not in EXECUTORS:
        raise UnknownNameError("executor.kind", settings.executor.kind, EXECUTORS, where="settings")
    root = Path(settings.store)
    held = done_trials(Store(root)) if root.exists() else Held()
    return make_plan(settings, held.jobs, held.costs)


def launch(settings: Settings, plan: Plan, under_way: UnderWay | None = None) -> RunSummary:
    """Do the jobs of a plan, or submit them to a cluster.

    Args:
        settings: Of the run.
        plan: What is missing.
        under_way: What earlier launches on a cluster were at before the plan was made, which is left to them.

    Raises:
        KeyboardInterrupt: When stopped; all that was finished is on disk.
        DataError: If `strict` is set and a task has a fault.
        StoreError: If the store cannot be written.
    """
    if not plan.jobs:
        return RunSummary(plan)
    store = Store(Path(settings.store))
    check_plan(store, plan.tasks, is_strict=settings.strict)
    write_plan_documents(store, plan)
    if settings.executor.kind == "slurm":
        return _submit(settings, plan, store, under_way or UnderWay())
    return _run_here(settings, plan, store)


def _submit(settings: Settings, plan: Plan, store: Store, under_way: UnderWay) -> RunSummary:
    jobs = under_way.without(plan.jobs)
    n_under_way = len(plan.jobs) - len(jobs)
    if not jobs:
        return RunSummary(plan, n_under_way=n_under_way)
    return RunSummary(plan, launch=submit(plan, jobs, settings.executor, store), n_under_way=n_under_way)


def _run_here(settings: Settings, plan: Plan, store: Store) -> RunSummary:
    n_workers = settings.executor.n_workers or default_n_workers()
    pieces = sliced(plan.jobs, n_workers)
    n_left = Counter(piece.job_id for piece in pieces)
    n_trials = None if plan.protocol.limits.n_trials is None else plan.n_trials  # else seconds alone end the jobs
    with Progress(len(plan.jobs), n_trials) as progress:

        def on_job(piece: Job) -> None:
            n_left[piece.job_id] -= 1
            if not n_left[piece.job_id]:
                progress.job_ended()

        make: Callable[..., LocalExecutor | RayExecutor] = LocalExecutor
        if settings.executor.kind == "ray":
            make = partial(RayExecutor, settings=settings.executor.ray)
        executor = make(
            store=store,
            n_workers=n_workers,
            n_threads=plan.protocol.n_threads,
            modules=sorted({module for planned in plan.models for module in planned.card.requires}),
            on_trial=progress.trial_ended,
            on_job=on_job,
        )
        try:
            failures = {failure.job.job_id: failure for failure in executor.run(pieces)}
        finally:
            open_database(store).close()  # bring it up to date: people open the file with clients of their own
    return RunSummary(plan, dict(progress.statuses), tuple(failures.values()))


@contextlib.contextmanager
def store_lock(root: Path) -> Iterator[None]:
    """Hold the lock file of a store: one local run at a time plans and runs in it.

    Raises:
        StoreError: If another run holds it.
    """
    store = Store(root)
    store.create()
    try:
        file = (root / "lock").open("a")
    except OSError as error:
        raise StoreError(
            f"The store {root} cannot be written ({error.strerror}). Mend that, or name another folder: store=DIR."
        ) from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise StoreError(
                f"Another run is working in the store {root}. Wait for it, or use a store of your own: store=DIR."
            ) from error
        yield
