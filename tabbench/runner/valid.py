"""Cut the train rows of a split into what is fitted on, what stops training, and what chooses."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from tabbench.data.splits import cut_valid, kind_inside, make_split, rows_hash
from tabbench.data.splits.grouped import groups_of
from tabbench.errors import DataError
from tabbench.hashing import derive_seed
from tabbench.metrics import metric_to_stop_on
from tabbench.protocol import StopOn, ValidRule
from tabbench.task import SplitKind, TaskData

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tabbench.protocol import Protocol
    from tabbench.task import IntArray, Split

REFIT = -1
"""Number of the fit on train and valid, in place of an inner fold's."""

NONE: IntArray = np.empty(0, dtype=np.int64)


@dataclass(frozen=True, eq=False)
class InnerFold:
    """The row numbers of one fit, ascending.

    Attributes:
        number: Counts inner folds from 0; `REFIT` for the fit on all of train.
        fit: Fitted on.
        stop: Early stopping looks at these: those of `valid`, or a part of train that is in neither. None in a refit.
        valid: Predicted, and chosen by. None in a refit.
    """

    number: int
    fit: IntArray
    stop: IntArray
    valid: IntArray

    @property
    def hashes(self) -> tuple[str, str, str]:
        """Hashes of the three."""
        return rows_hash(self.fit), rows_hash(self.stop), rows_hash(self.valid)


def stop_metric(metric: str, data: TaskData, fold: InnerFold) -> str:
    """What one fit stops on: the metric, or log loss or RMSE where its stop rows leave that undefined."""
    if not len(fold.stop):
        return metric
    return metric_to_stop_on(metric, data.task.type, data.y[fold.stop], len(data.task.classes))


def stop_metrics(metric: str, data: TaskData, folds: Sequence[InnerFold]) -> str:
    """What the fits of a trial stop on, joined by + where they differ."""
    return "+".join(sorted({stop_metric(metric, data, fold) for fold in folds}))


def cut_inner_folds(data: TaskData, split: Split, protocol: Protocol) -> tuple[InnerFold, ...]:
    """The inner folds of a split: one, or under `cv` several, whose valid rows never overlap.

    Groups and equal times are never cut in two where the task's split rule keeps them together; on a temporal task
    each fold of `cv` is fitted on all that lies before its valid rows.

    Raises:
        DataError: If the rows cannot be cut so, saying why and what to use instead.
    """
    seed = derive_seed("valid", protocol.seed, split.repeat, split.fold)
    rule = protocol.valid_rule(data.task)
    if rule is ValidRule.CV:
        cuts = _cross_validated(data, split.train, protocol.n_inner_folds, seed)
    elif rule is ValidRule.NEXT_FOLD:
        cuts = [_without(split.train, _next_test_rows(data, split))]
    elif rule is ValidRule.GIVEN:
        cuts = [_without(split.train, _given(data, split))]
    else:
        cuts = [cut_valid(data, split.train, protocol.valid_fraction, seed)]
    return tuple(_inner_fold(data, number, *cut, protocol, seed) for number, cut in enumerate(cuts))


def _inner_fold(
    data: TaskData, number: int, fit: IntArray, valid: IntArray, protocol: Protocol, seed: int
) -> InnerFold:
    if protocol.stop_on is StopOn.VALID:
        return InnerFold(number, fit, valid, valid)
    fit, stop = cut_valid(data, fit, protocol.valid_fraction, derive_seed("stop", seed, number))
    return InnerFold(number, fit, stop, valid)


def refit_fold(train: IntArray) -> InnerFold:
    """Everything that may be learned from, with nothing held out."""
    return InnerFold(REFIT, np.sort(train), NONE, NONE)


def _cross_validated(data: TaskData, train: IntArray, n_folds: int, seed: int) -> list[tuple[IntArray, IntArray]]:
    """The task's own rule, applied to its train rows as if they were the whole table."""
    kind = kind_inside(data)
    if kind is SplitKind.GROUPED:
        n_folds = min(n_folds, len(np.unique(groups_of(data)[train])))
    kind = kind if kind in (SplitKind.GROUPED, SplitKind.TEMPORAL) else SplitKind.KFOLD
    inner = replace(data.task.split_rule, kind=kind, n_repeats=1, n_folds=n_folds, seed=seed, rows_hash="")
    rows = np.sort(train)
    inside = TaskData(
        task=data.task.with_splits(inner),
        X=data.X.iloc[rows].reset_index(drop=True),
        y=data.y[rows],
        time=None if data.time is None else data.time[rows],
        group=None if data.group is None else data.group[rows],
    )
    splits = [make_split(inside, 0, fold) for fold in range(n_folds)]
    return [(rows[s.train], rows[s.test]) for s in splits]


def _next_test_rows(data: TaskData, split: Split) -> IntArray:
    task, n_folds = data.task, data.task.split_rule.n_folds
    if task.split_rule.kind is SplitKind.TEMPORAL or n_folds < 3:
        why = "its next fold lies in the future" if n_folds >= 3 else "it has fewer than 3 folds"
        raise DataError(f"protocol.valid=next_fold does not fit {task.name}: {why}. Use holdout or cv.")
    return make_split(data, split.repeat, (split.fold + 1) % n_folds).test


def _given(data: TaskData, split: Split) -> IntArray:
    if split.valid is None:
        raise DataError(f"protocol.valid=given: {data.task.name} came without valid rows. Use holdout or cv.")
    return split.valid


def _without(train: IntArray, valid: IntArray) -> tuple[IntArray, IntArray]:
    is_valid = np.isin(train, valid)
    if int(is_valid.sum()) != len(valid) or is_valid.all():
        raise DataError(
            f"{len(valid)} valid rows and {len(train)} train rows: valid must be a part of train, and not all of it. "
            "Use protocol.valid=holdout or cv."
        )
    return np.sort(train[~is_valid]), np.sort(train[is_valid])
