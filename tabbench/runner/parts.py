"""Cut and prepare the rows of a job once, for all its trials."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from tabbench.data.catalog import load_task
from tabbench.data.splits import cut_valid, make_split, rows_hash
from tabbench.errors import DataError
from tabbench.hashing import derive_seed
from tabbench.model import Part
from tabbench.preparation import facts_of, fit_preparation

if TYPE_CHECKING:
    import pandas as pd

    from tabbench.model import PreparedColumn, Reads, TaskFacts
    from tabbench.runner.job import Job
    from tabbench.task import Array, IntArray, TaskData


@dataclass(frozen=True, eq=False)
class CutRows:
    """The row numbers of one split: fitted on, held out inside train, and test; each ascending."""

    fit: IntArray
    valid: IntArray
    test: IntArray

    @property
    def hashes(self) -> tuple[str, str, str]:
        """Hashes of the three."""
        return rows_hash(self.fit), rows_hash(self.valid), rows_hash(self.test)


@dataclass(frozen=True, eq=False)
class PreparedParts:
    """What a job's fits are given, and the test labels, which they are not."""

    train: Part
    valid: Part
    X_test: pd.DataFrame
    y_test: Array
    columns: tuple[PreparedColumn, ...]
    encode_seconds: float


@lru_cache(maxsize=2)
def load_task_once(name: str) -> TaskData:
    """A task's table; the last two stay in memory, since jobs of one task often follow one another."""
    return load_task(name, refresh=False)


def load_planned(job: Job) -> TaskData:
    """The task of a job, as it was planned.

    Raises:
        DataError: If the table, its roles or its splits have changed since.
    """
    data = load_task_once(job.task)
    if (data.task.task_hash, data.task.splits_hash) != (job.task_hash, job.splits_hash):
        raise DataError(
            f"Task {job.task} here is not the one that was planned: its rows, roles or splits differ. Run again."
        )
    return data


def cut_rows(data: TaskData, job: Job) -> CutRows:
    """The job's split, with valid cut out of train: the same rows for every model."""
    split = make_split(data, job.repeat, job.fold)
    seed = derive_seed("valid", job.protocol.seed, job.repeat, job.fold)
    fit, valid = cut_valid(data, split.train, job.protocol.valid_fraction, seed)
    return CutRows(fit, valid, split.test)


def facts_on(data: TaskData, rows: CutRows) -> TaskFacts:
    """What a model may know of the task: counts on the rows it will be fitted on."""
    return facts_of(data.X.iloc[rows.fit], data.task)


def prepare_parts(data: TaskData, rows: CutRows, reads: Reads) -> PreparedParts:
    """Columns in the form a model reads, fitted on the fit rows alone."""
    start = time.perf_counter()
    preparation = fit_preparation(data.X.iloc[rows.fit], reads)
    X_fit, X_valid, X_test = (preparation.transform(data.X.iloc[r]) for r in (rows.fit, rows.valid, rows.test))
    return PreparedParts(
        train=Part(X_fit, data.y[rows.fit]),
        valid=Part(X_valid, data.y[rows.valid]),
        X_test=X_test,
        y_test=data.y[rows.test],
        columns=preparation.columns,
        encode_seconds=time.perf_counter() - start,
    )
