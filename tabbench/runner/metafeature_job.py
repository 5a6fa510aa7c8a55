"""Do one job of metafeatures: one group on one split, in a child under limits, a step at a time."""

from __future__ import annotations

import os
import time
import traceback
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from tabbench.data.splits import make_split
from tabbench.hashing import content_id, hash_bytes
from tabbench.metafeature_rows import FeatureStatus, MetafeatureRow
from tabbench.metafeatures.catalogue import GROUPS
from tabbench.metafeatures.group import Value
from tabbench.metafeatures.sample import make_sample
from tabbench.runner.fit_child import Cause, Death, FitChild
from tabbench.runner.job import SplitJob
from tabbench.runner.parts import load_on_split, load_planned, load_task_once
from tabbench.store.metafeatures import write_metafeatures

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from multiprocessing.connection import Connection

    from tabbench.metafeatures.catalogue import Group
    from tabbench.metafeatures.group import OpenGroup
    from tabbench.metafeatures.sample import Sample
    from tabbench.runner.supervisor import Bench
    from tabbench.task import Split, SplitRule

REASON_CHARACTERS = 300


@dataclass(frozen=True, slots=True)
class MetafeatureJob(SplitJob):
    """One group on one split.

    Attributes:
        attempt: 1, or one more than the store has.
        max_rows: Cap on rows in force: the group's own, or a lower one that was asked for.
        seconds, memory_mib: Limits of the group; None for none.
    """

    group: str = ""
    dataset_hash: str = ""
    attempt: int = 1
    max_rows: int | None = None
    seed: int = 0
    seconds: float | None = None
    memory_mib: float | None = None


def source_version(group: Group) -> str:
    """Whose numbers these are, and of what version: `pymfe 0.4.4.1`, `tabbench 1`."""
    return f"{version(group.source)}.{group.version}" if group.source == "pymfe" else str(group.version)


def extraction_id(
    task_hash: str, splits_hash: str, split: tuple[int, int], group: Group, max_rows: int | None, seed: int
) -> str:
    """Hash of all that makes the numbers; limits are no part of it."""
    parts = [task_hash, splits_hash, list(split), group.name, source_version(group), max_rows, seed]
    return content_id(parts)


def extract_job(job: MetafeatureJob, bench: Bench) -> None:
    """Compute a group on a split and store a row for each of its features.

    Raises:
        StopRequested: If a watched connection has news.
        TabbenchError: If the task or the store cannot be used.
    """
    group = GROUPS[job.group]
    load_planned(job)
    split = _split_once(job.task, job.splits_hash, job.split_rule, job.repeat, job.fold)
    data = load_on_split(job)
    started_at = datetime.now(UTC)
    sample = make_sample(data, split.train, split.test if group.reads_test else None, job.max_rows, job.seed)
    if data.task.type in group.task_types:
        values = extract(group, sample, job.seconds, job.memory_mib, bench.watch)
    else:
        kinds = " or ".join(sorted(group.task_types))
        why = f"it is for {kinds} tasks; this one is {data.task.type}"
        values = _none(group, group.steps(), FeatureStatus.SKIPPED, why)
    write_metafeatures(bench.store, [_row(job, group, sample, value, started_at, bench) for value in values])


@lru_cache(maxsize=2)
def _split_once(name: str, splits_hash: str, rule: SplitRule, repeat: int, fold: int) -> Split:
    """The last two stay in memory: dealing a million rows takes longer than many a group, and the groups follow."""
    data = load_task_once(name)
    return make_split(replace(data, task=data.task.with_splits(rule)), repeat, fold)


def extract(
    group: Group,
    sample: Sample,
    seconds: float | None = None,
    memory_mib: float | None = None,
    watch: Sequence[Connection] = (),
) -> list[Value]:
    """All features of a group, computed in a forked child; what it could not do says why.

    Args:
        group: The group.
        sample: The rows.
        seconds: For all steps together; the one at work when they are spent is stopped, the rest are not begun.
        memory_mib: Resident memory of the child, the table that it shares counted.
        watch: Connections whose news ends the work.

    Raises:
        StopRequested: If a watched connection has news.
    """
    end = None if seconds is None else time.monotonic() + seconds
    values: list[Value] = []
    steps = group.steps()
    child: FitChild | None = None
    try:
        for number, step in enumerate(steps):
            left = None if end is None else end - time.monotonic()
            if left is not None and left <= 0:
                why = f"the {seconds:g} s of its group were spent before it"
                return values + _none(group, steps[number:], FeatureStatus.TIMEOUT, why)
            if child is None or not child.is_alive:
                if child is not None:
                    child.close()
                child = FitChild(_Server(group, sample).answer, watch, memory_mib)
            outcome = child.ask(step, left)
            result: Any = outcome.result
            if isinstance(result, Death):
                status, why = _death(result, outcome.log, seconds, memory_mib)
                is_hopeless = status is FeatureStatus.MEMORY and outcome.nth_in_child == 1 and number > 0
                is_all = is_hopeless or status is FeatureStatus.TIMEOUT
                died = steps[number:] if is_all else steps[number : number + 1]
                values += _none(group, died, status, why, outcome.seconds)
                if is_all:
                    return values
            else:
                values += result
    finally:
        if child is not None:
            child.close()
    return values


class _Server:
    """What the child does: open the group once, then one step a request."""

    def __init__(self, group: Group, sample: Sample) -> None:
        self._group, self._sample = group, sample
        self._open: OpenGroup | None = None

    def answer(self, step: str, _is_hopeless: Callable[..., bool]) -> list[Value]:
        try:
            if self._open is None:
                self._open = self._group.open(self._sample)
            return self._open.compute(step)
        except BaseException:
            os.write(2, traceback.format_exc().encode())  # its last line is what the parent gives as the reason
            raise


def _death(death: Death, log: str, seconds: float | None, memory_mib: float | None) -> tuple[FeatureStatus, str]:
    if death.cause is Cause.TIME:
        return FeatureStatus.TIMEOUT, f"the {seconds:g} s of its group were spent in this step or before it"
    if death.cause is Cause.MEMORY:
        return FeatureStatus.MEMORY, f"over {memory_mib:g} MiB"
    if death.cause is Cause.OUT_OF_MEMORY:
        return FeatureStatus.MEMORY, "the machine ran out of memory"
    last = log.strip().splitlines()[-1][:REASON_CHARACTERS] if log.strip() else ""
    if last.startswith("MemoryError") or "MemoryError:" in last:
        return FeatureStatus.MEMORY, last
    return FeatureStatus.ERROR, last or f"its process ended: {death.signal_name or death.exit_code}"


def _none(
    group: Group, steps: Sequence[str], status: FeatureStatus, reason: str, seconds: float | None = None
) -> list[Value]:
    """No value for any feature of these steps; the seconds belong to the first step."""
    names = group.features(steps[0])
    spent = None if seconds is None else seconds / len(names)
    first = [Value(name, None, status, reason, spent) for name in names]
    return first + [Value(name, None, status, reason) for step in steps[1:] for name in group.features(step)]


def _row(
    job: MetafeatureJob, group: Group, sample: Sample, value: Value, started_at: datetime, bench: Bench
) -> MetafeatureRow:
    return MetafeatureRow(
        extraction_id=job.job_id,
        attempt=job.attempt,
        task=job.task,
        task_hash=job.task_hash,
        dataset_hash=job.dataset_hash,
        splits_hash=job.splits_hash,
        repeat=job.repeat,
        fold=job.fold,
        feature_group=value.feature.partition(".")[0],
        feature=value.feature,
        value=value.value,
        status=value.status,
        reason=value.reason,
        reads_test=group.reads_test,
        source=group.source,
        source_version=source_version(group),
        n_train=sample.n_train,
        n_rows_used=sample.n_rows,
        n_columns_used=sample.X.shape[1],
        max_rows=job.max_rows,
        rows_hash=hash_bytes(sample.rows.tobytes()),
        seed=job.seed,
        seconds=value.seconds,
        limit_seconds=job.seconds,
        limit_memory_mib=job.memory_mib,
        environment_id=bench.worker.environment_id,
        worker_id=bench.worker.worker_id,
        started_at=started_at,
    )
