"""Cut and prepare the rows of a job once, for all its trials."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from tabbench.data.catalog import load_task
from tabbench.data.modifiers.apply import on_split
from tabbench.data.splits import make_split, shuffled
from tabbench.errors import DataError
from tabbench.model import Part
from tabbench.preparation import facts_of, fit_preparation
from tabbench.runner.valid import InnerFold, cut_inner_folds, refit_fold

if TYPE_CHECKING:
    import pandas as pd

    from tabbench.model import ModelCard, PreparedColumn, TaskFacts
    from tabbench.runner.job import Job, SplitJob
    from tabbench.task import Array, IntArray, SplitRule, TaskData


@dataclass(frozen=True, eq=False)
class CutRows:
    """The row numbers of one split: train, what each of its fits is given of it, and test; each ascending."""

    train: IntArray
    folds: tuple[InnerFold, ...]
    refit: InnerFold | None
    test: IntArray

    @property
    def fits(self) -> tuple[InnerFold, ...]:
        """Every fit of a trial, in order: the inner folds, then the refit."""
        return self.folds if self.refit is None else (*self.folds, self.refit)

    @property
    def valid(self) -> IntArray:
        """All rows that choose, ascending: those of every inner fold."""
        return np.sort(np.concatenate([fold.valid for fold in self.folds]))


@dataclass(frozen=True, eq=False)
class PreparedParts:
    """What one fit is given, and the labels of what it predicts, which it is not.

    Attributes:
        rows: Those of the inner fold; to fit on, those that the model's subsample leaves.
        stop: What early stopping looks at; None in a refit.
        X_valid, y_valid: Rows that choose; None in a refit.
    """

    rows: InnerFold
    train: Part
    stop: Part | None
    X_valid: pd.DataFrame | None
    y_valid: Array | None
    X_test: pd.DataFrame
    y_test: Array
    facts: TaskFacts
    columns: tuple[PreparedColumn, ...]
    encode_seconds: float
    is_subsampled: bool


@lru_cache(maxsize=1)
def load_task_once(name: str) -> TaskData:
    """A task's table; the last one stays in memory, for the next job and for processes that are forked meanwhile."""
    return load_task(name, refresh=False)


def load_planned(job: SplitJob) -> TaskData:
    """The task of a job, as it was planned.

    Raises:
        DataError: If the table, its roles or its splits have changed since.
    """
    data = load_task_once(job.task)
    data = replace(data, task=data.task.with_splits(job.split_rule))
    if (data.task.task_hash, data.task.splits_hash) != (job.task_hash, job.splits_hash):
        raise DataError(
            f"Task {job.task} here is not the one that was planned: its rows, roles or splits differ. Run again."
        )
    return data


def load_on_split(job: SplitJob) -> TaskData:
    """The task of a job under those of its modifiers that are fitted on the train rows of its split."""
    return _on_split_once(job.task, job.splits_hash, job.split_rule, job.repeat, job.fold)


@lru_cache(maxsize=2)
def _on_split_once(name: str, splits_hash: str, rule: SplitRule, repeat: int, fold: int) -> TaskData:
    """The last two stay in memory: turning a large table takes longer than many a fit, and its models follow."""
    data = load_task_once(name)
    data = replace(data, task=data.task.with_splits(rule))
    return on_split(data, make_split(data, repeat, fold).train)


def cut_rows(data: TaskData, job: Job) -> CutRows:
    """The job's split, with valid cut out of train: the same rows for every model."""
    split = make_split(data, job.repeat, job.fold)
    folds = cut_inner_folds(data, split, job.protocol)
    return CutRows(split.train, folds, refit_fold(split.train) if job.protocol.refit else None, split.test)


def facts_on(data: TaskData, rows: CutRows) -> TaskFacts:
    """What a model may know of the task: counts on the most rows that one of its fits is given, a refit among them."""
    largest = max(rows.fits, key=lambda fold: len(fold.fit))
    return facts_of(data.X.iloc[largest.fit], data.task)


def subsampled(fold: InnerFold, most: int | None, seed: int) -> InnerFold:
    """The fold with at most so many rows to fit on, drawn at random; the fold itself where it has no more."""
    if most is None or len(fold.fit) <= most:
        return fold
    return replace(fold, fit=np.sort(fold.fit[shuffled(len(fold.fit), seed)[:most]]))


def prepare_parts(data: TaskData, fold: InnerFold, test: IntArray, card: ModelCard, seed: int) -> PreparedParts:
    """Columns in the form a model reads, fitted on the fit rows alone; `seed` draws its subsample, if it has one."""
    start, whole = time.perf_counter(), fold
    fold = subsampled(whole, card.train_subsample, seed)
    preparation = fit_preparation(data.X.iloc[fold.fit], card.reads)

    def transform(rows: IntArray) -> pd.DataFrame:
        return preparation.transform(data.X.iloc[rows])

    X_valid = transform(fold.valid) if len(fold.valid) else None
    X_stop = X_valid if fold.stop is fold.valid else transform(fold.stop)
    return PreparedParts(
        rows=fold,
        train=Part(transform(fold.fit), data.y[fold.fit]),
        stop=None if X_stop is None else Part(X_stop, data.y[fold.stop]),
        X_valid=X_valid,
        y_valid=None if X_valid is None else data.y[fold.valid],
        X_test=transform(test),
        y_test=data.y[test],
        facts=facts_of(data.X.iloc[fold.fit], data.task),
        columns=preparation.columns,
        encode_seconds=time.perf_counter() - start,
        is_subsampled=fold is not whole,
    )
