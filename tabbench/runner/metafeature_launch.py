"""Plan metafeatures, hand the jobs to local workers, and read back what a table is like."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, cast

from tabbench.data.catalog import load_suite
from tabbench.errors import MissingLibraryError, SettingsError, UnknownNameError
from tabbench.metafeature_rows import FeatureStatus
from tabbench.metafeatures.catalogue import groups_named
from tabbench.metafeatures.pymfe_groups import missing_pymfe
from tabbench.runner.describe import write_task_documents
from tabbench.runner.local import LocalExecutor, default_n_workers
from tabbench.runner.metafeature_job import MetafeatureJob, extract_job, extraction_id
from tabbench.runner.plan import chosen_splits, planned_tasks
from tabbench.store.database import open_database
from tabbench.store.layout import Store
from tabbench.store.metafeatures import HeldExtraction, held_extractions, task_metafeatures

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    import pandas as pd

    from tabbench.metafeatures.catalogue import Group
    from tabbench.runner.job import Job
    from tabbench.runner.local import Failure
    from tabbench.task import Suite, Task

COST = {"complexity": 40.0, "landmarking": 30.0, "regression-landmarks": 10.0, "clustering": 8.0, "rotation": 6.0}
"""Rough cost of groups beside others, for starting the longest first."""
RETRIABLE = (FeatureStatus.TIMEOUT, FeatureStatus.MEMORY, FeatureStatus.ERROR)


@dataclass
class WorkerSettings:
    """Who computes."""

    n_workers: int | None = None  # worker processes; null: one a core


@dataclass
class MetafeatureSettings:
    """What `tabbench metafeatures` is told."""

    suite: str | None = "quickstart"  # a suite by name; null when tasks are named
    tasks: list[str] = field(default_factory=list)  # tasks by name; they replace the suite
    where: str = ""  # only tasks for which this holds: "n_rows<5000 and has_missing"
    splits: str = "own"  # the task's own, or a study's: tabzilla, tabarena, grinsztajn
    repeats: list[int] = field(default_factory=list)  # only these repeats; empty: all
    folds: list[int] = field(default_factory=list)  # only these folds of each repeat; empty: all
    groups: list[str] = field(default_factory=list)  # only these groups; empty: all
    max_rows: int | None = None  # a lower cap on rows than that of each group
    seed: int = 0  # of subsamples, of what is drawn, and pymfe's random_state
    seconds: float | None = 120.0  # wall seconds of one group on one split
    memory_mib: float | None = 6000.0  # resident memory of the process that computes it, the table counted
    store: str = "results"
    dry_run: bool = False  # print the plan and stop
    retry: list[str] = field(default_factory=list)  # statuses computed again: timeout, memory, error
    executor: WorkerSettings = field(default_factory=WorkerSettings)


@dataclass(frozen=True)
class MetafeaturePlan:
    """What is to be computed, tasks together, and how many groups on splits the store holds."""

    jobs: tuple[MetafeatureJob, ...]
    n_held: int
    tasks: tuple[Task, ...]


class Extracted(NamedTuple):
    """What came of it: features by status, of the jobs that were done, and jobs that could not be done at all."""

    statuses: dict[str, int]
    failures: tuple[Failure, ...]


def plan_metafeatures(settings: MetafeatureSettings, held: Mapping[str, HeldExtraction]) -> MetafeaturePlan:
    """What the store lacks of what is asked for.

    Args:
        settings: What is asked for.
        held: What the store holds, by extraction id.

    Raises:
        UnknownNameError: For a suite, task, group or status that does not exist.
        SettingsError: For a number out of range.
        MissingLibraryError: If a group needs pymfe and it is not installed.
    """
    _check(settings)
    groups = groups_named(settings.groups)
    needing = [group.name for group in groups if group.source == "pymfe"]
    if needing and missing_pymfe():
        raise MissingLibraryError("pymfe", "metafeatures", f"group {needing[0]}")
    suite = load_suite(settings.suite) if settings.suite and not settings.tasks else None
    tasks = planned_tasks(suite, settings.tasks, settings.where, settings.splits)
    found = [job for task in tasks for job in _jobs_of(task, suite, groups, settings)]
    jobs = [_next_attempt(job, held) for job in found]
    return MetafeaturePlan(
        tuple(job for job in jobs if not _is_held(job, held, settings.retry)),
        sum(_is_held(job, held, settings.retry) for job in jobs),
        tasks,
    )


def _check(settings: MetafeatureSettings) -> None:
    for name in ("max_rows", "seconds", "memory_mib"):
        value = getattr(settings, name)
        if value is not None and not value > 0:
            raise SettingsError(f"{name}={value:g} must be above 0, or null for none.")
    if settings.max_rows is not None and settings.max_rows < 20:
        raise SettingsError(f"max_rows={settings.max_rows} is too few to compute anything on: at least 20.")
    n_workers = settings.executor.n_workers
    if n_workers is not None and n_workers < 1:
        raise SettingsError(f"executor.n_workers={n_workers} must be at least 1, or null for one a core.")
    if settings.seed < 0:
        raise SettingsError(f"seed={settings.seed} must be 0 or more.")
    for word in settings.retry:
        if word not in RETRIABLE:
            raise UnknownNameError("status", word, [str(status) for status in RETRIABLE], where="retry")


def _jobs_of(
    task: Task, suite: Suite | None, groups: Sequence[Group], settings: MetafeatureSettings
) -> Iterator[MetafeatureJob]:
    """Longest groups first, all splits of a task together, since its table is held once."""
    for group in sorted(groups, key=lambda group: -COST.get(group.name, 1.0)):
        caps = [cap for cap in (group.max_rows, settings.max_rows) if cap is not None]
        max_rows = min(caps) if caps and group.max_rows is not None else None
        for repeat, fold in chosen_splits(task, suite, settings.repeats, settings.folds):
            split = (repeat, fold)
            yield MetafeatureJob(
                job_id=extraction_id(task.task_hash, task.splits_hash, split, group, max_rows, settings.seed),
                task=task.name,
                task_hash=task.task_hash,
                splits_hash=task.splits_hash,
                split_rule=task.split_rule,
                repeat=repeat,
                fold=fold,
                group=group.name,
                dataset_hash=task.dataset.content_hash,
                max_rows=max_rows,
                seed=settings.seed,
                seconds=settings.seconds,
                memory_mib=settings.memory_mib,
            )


def _next_attempt(job: MetafeatureJob, held: Mapping[str, HeldExtraction]) -> MetafeatureJob:
    done = held.get(job.job_id)
    return job if done is None else replace(job, attempt=done.attempt + 1)


def _is_held(job: MetafeatureJob, held: Mapping[str, HeldExtraction], retry: Sequence[str]) -> bool:
    """Whether it need not be computed again: done, and no limit that it failed under has been raised."""
    done = held.get(job.job_id)
    if done is None or done.statuses & set(retry):
        return False
    if FeatureStatus.TIMEOUT in done.statuses and _is_raised(job.seconds, done.limit_seconds):
        return False
    return not (FeatureStatus.MEMORY in done.statuses and _is_raised(job.memory_mib, done.limit_memory_mib))


def _is_raised(now: float | None, before: float | None) -> bool:
    return before is not None and (now is None or now > before)


def extract_metafeatures(
    store: Store,
    plan: MetafeaturePlan,
    n_workers: int | None = None,
    report: Callable[[int, int], None] = lambda done, of: None,
) -> Extracted:
    """Do the jobs of a plan; each is on disk as soon as it ends.

    Args:
        store: Where rows go.
        plan: What to do.
        n_workers: Worker processes; None for one a core.
        report: Called with the number of jobs that have ended and of all.

    Raises:
        KeyboardInterrupt: After all workers have been stopped.
        StoreError: If the store cannot be written.
    """
    store.create()
    write_task_documents(store, plan.tasks)
    names = {job.group for job in plan.jobs}
    modules = sorted({module for group in groups_named(sorted(names)) for module in group.modules})
    n_done = 0

    def on_job(_job: Job) -> None:
        nonlocal n_done
        n_done += 1
        report(n_done, len(plan.jobs))

    executor = LocalExecutor(
        store=store,
        n_workers=n_workers or default_n_workers(),
        n_threads=1,
        modules=modules,
        on_trial=lambda _news: None,
        on_job=on_job,
        work=cast("Callable[[Job, object], None]", extract_job),
    )
    try:
        failures = executor.run(cast("Sequence[Job]", plan.jobs))  # it deals whatever has a task and a job_id
    finally:
        open_database(store).close()
    return Extracted(_statuses(store, [job.job_id for job in plan.jobs]), tuple(failures))


def _statuses(store: Store, ids: Sequence[str]) -> dict[str, int]:
    query = "SELECT status, count(*) FROM metafeatures WHERE list_contains($1, extraction_id) GROUP BY status"
    with open_database(store) as con:
        return dict(con.execute(query, [list(ids)]).fetchall())


def held_in(store: Store) -> dict[str, HeldExtraction]:
    """What a store holds, by extraction id; nothing where there is none."""
    if not store.exists:
        return {}
    with open_database(store) as con:
        return held_extractions(con)


def profile_task(task: str, groups: Sequence[str] = (), seconds: float | None = 120.0) -> pd.DataFrame:
    """What one task is like, on the training part of its first split; nothing is kept.

    Args:
        task: Name of a task, such as `file:my.csv::price`.
        groups: Only these groups; all of those that read no test inputs where none is named.
        seconds: Limit of each group.

    Returns:
        One row, index `task`, a column for each metafeature that has a value, as `task_metafeatures` gives it.

    Raises:
        TabbenchError: If the task cannot be used.
    """
    chosen = [group.name for group in groups_named(groups) if not group.reads_test]
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder))
        settings = MetafeatureSettings(
            suite=None, tasks=[task], repeats=[0], folds=[0], groups=chosen, seconds=seconds, store=folder
        )
        extracted = extract_metafeatures(store, plan_metafeatures(settings, {}))
        if extracted.failures:
            raise SettingsError(f"{task} cannot be profiled: {extracted.failures[0].reason}")
        with open_database(store) as con:
            return task_metafeatures(con)
