"""The rows of metafeatures: one value, or why there is none, of one task's split."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from tabbench.schema import identity, measured, outcome


class FeatureStatus(StrEnum):
    """What became of one metafeature. All but `ok` have a reason and no value.

    `undefined`: it has no value on this table, for a reason that lies in the table. `skipped`: it does not apply to
    this type of task.
    """

    OK = "ok"
    UNDEFINED = "undefined"
    SKIPPED = "skipped"
    TIMEOUT = "timeout"
    MEMORY = "memory"
    ERROR = "error"


@dataclass(frozen=True, kw_only=True)
class MetafeatureRow:
    """One metafeature of the training part of one split of one task."""

    extraction_id: str = identity("hash of task content, split, group and its version, row cap and seed")
    attempt: int = identity("1, and one more for each time that the group was computed again")
    task: str = identity("name of the task")
    task_hash: str = identity("hash of rows, roles, target and type")
    dataset_hash: str = identity("content hash of the table")
    splits_hash: str = identity("hash of the split rule and the rows it applies to")
    repeat: int = identity("which shuffle, from 0")
    fold: int = identity("which part of it is test, from 0")
    feature_group: str = identity("what it belongs to, as in its name: general, statistical …")
    feature: str = identity("GROUP.NAME or GROUP.NAME.SUMMARY; those of pymfe under pymfe's own names")
    value: float | None = outcome("the number; NULL unless ok; may be infinite where pymfe gives that")
    status: FeatureStatus = outcome("ok, undefined, skipped, timeout, memory or error")
    reason: str | None = outcome("why there is no value, unless ok")
    reads_test: bool = identity("whether it looked at test inputs: such a one may not be used to recommend")
    source: str = identity("pymfe or tabbench")
    source_version: str = identity("of pymfe, or of the group's code")
    n_train: int = identity("rows of the training part", "rows")
    n_rows_used: int = identity("training rows that it was computed on", "rows")
    n_columns_used: int = identity("feature columns that it was computed on", "columns")
    max_rows: int | None = identity("cap on the rows of its group; NULL for none", "rows")
    rows_hash: str = identity("hash of the training row numbers that it was computed on")
    seed: int = identity("what the subsample was drawn from")
    seconds: float | None = measured("wall time; a step that gives several shares it out; shared machine", "s")
    limit_seconds: float | None = measured("limit of its group in force", "s")
    limit_memory_mib: float | None = measured("limit of its group in force", "MiB")
    environment_id: str = measured("where it was computed: see `environments`")
    worker_id: str = measured("the process that supervised it: see `workers`")
    started_at: datetime = measured("UTC")
