"""What a Ray task does on its node, and what it brings back where the store is not there."""

from __future__ import annotations

import contextlib
import json
import sys
import tempfile
import uuid
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from tabbench.errors import StoreError, TabbenchError
from tabbench.runner.lacking import is_held
from tabbench.runner.local import LocalExecutor
from tabbench.store.durable import write_whole
from tabbench.store.history import finish_job, read_job
from tabbench.store.journal import Journal
from tabbench.store.layout import Store

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tabbench.runner.job import Job
    from tabbench.runner.worker import TrialEnded
    from tabbench.store.records import FinishedTrial


@dataclass(frozen=True)
class RayWork:
    """What all tasks of a run are told.

    Attributes:
        store: Where rows go; None if the nodes do not see it.
        n_threads: Threads of a fit.
        modules: Libraries that fits will need.
    """

    store: Path | None
    n_threads: int
    modules: tuple[str, ...]


@dataclass(frozen=True)
class TaskEnd:
    """What a task returns.

    Attributes:
        trials: News of each that it wrote.
        failure: Why the job could not be done.
        finished: The rows themselves, with predictions, where the store is not shared.
        documents: Files of small tables, by their path in the store.
    """

    job_id: str
    trials: tuple[TrialEnded, ...]
    failure: str | None = None
    finished: tuple[FinishedTrial, ...] = ()
    documents: tuple[tuple[str, bytes], ...] = ()


def do_job(job: Job, work: RayWork, held: Sequence[FinishedTrial]) -> TaskEnd:
    """Do what is not stored of a job; runs in a worker process of Ray.

    Args:
        job: The job.
        work: What is the same for all.
        held: What the store holds of the job, where this node does not see it.
    """
    sys.modules["__main__"].__dict__.pop("__file__", None)  # Ray's: each process of ours would import it
    try:
        if work.store is not None:
            return _run(job, work, Store(work.store))
        with _store_of(job, held) as store:
            return _with_rows(_run(job, work, store), store, len(held))
    except TabbenchError as error:
        return TaskEnd(job.job_id, (), str(error))


def _run(job: Job, work: RayWork, store: Store) -> TaskEnd:
    if not store.exists:
        raise StoreError(
            f"The store {store.root} is not on this node. Name a folder that all nodes share, or have rows come back "
            "through Ray: executor.ray.shared_store=false."
        )
    trials: list[TrialEnded] = []
    executor = LocalExecutor(
        store=store,
        n_workers=1,
        n_threads=work.n_threads,
        modules=work.modules,
        on_trial=trials.append,
        on_job=lambda job: None,
        is_held=lambda job: is_held(store, job),
        name="ray",
    )
    failures = executor.run([job])
    return TaskEnd(job.job_id, tuple(trials), failures[0].reason if failures else None)


@contextlib.contextmanager
def _store_of(job: Job, held: Sequence[FinishedTrial]) -> Iterator[Store]:
    """A store on this node with the rows of one job, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="tabbench-") as folder:
        store = Store(Path(folder) / "store").create()
        _append(store, job.job_id, held)
        yield store


def _with_rows(end: TaskEnd, store: Store, n_held: int) -> TaskEnd:
    """The same with all that the task wrote."""
    finished = read_job(store, end.job_id, with_predictions=True)
    new = [done for done in finished if done.trial.worker_id in _workers(store)] if n_held else finished
    root = store.root / "documents"
    files = tuple((str(path.relative_to(store.root)), path.read_bytes()) for path in sorted(root.rglob("*.json")))
    return TaskEnd(end.job_id, end.trials, end.failure, tuple(new), files)


def _workers(store: Store) -> set[str]:
    """Processes that worked in this store: what others wrote was held before."""
    files = (store.root / "documents" / "workers").rglob("*.json")
    return {json.loads(path.read_bytes())["worker_id"] for path in files}


def keep(store: Store, end: TaskEnd) -> None:
    """Write what a task brought back.

    Raises:
        StoreError: If it cannot be written.
    """
    for name, content in end.documents:
        path = store.root / name
        if not path.exists():
            write_whole(path, partial(_write_bytes, content))
    _append(store, end.job_id, end.finished)


def _append(store: Store, job_id: str, finished: Sequence[FinishedTrial]) -> None:
    if not finished:
        return
    writer = uuid.uuid4().hex[:16]
    with Journal.open(store, job_id, writer) as journal:
        for done in finished:
            journal.append(done)
    finish_job(store, job_id, writer)


def _write_bytes(content: bytes, path: Path) -> None:
    path.write_bytes(content)
