"""Train and test rows of a task."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tabbench.data.splits.dealing import deal_rows, draw_rows, units_of
from tabbench.data.splits.fixed import given_split
from tabbench.data.splits.grouped import deal_groups
from tabbench.data.splits.temporal import temporal_parts
from tabbench.errors import DataError
from tabbench.hashing import derive_seed
from tabbench.task import Split, SplitKind

if TYPE_CHECKING:
    from tabbench.task import Array, IntArray, TaskData


def make_split(data: TaskData, repeat: int, fold: int) -> Split:
    """Train and test rows of one (repeat, fold), by the task's own rule.

    kfold: classes (target tenths for regression) are spread evenly over the folds.
    holdout: a share of every class (target tenth) is test, and so for valid and what is left out, if the rule says.
    temporal: n_folds test blocks follow a first block in time; train is all that lies before the test block, or one
    block of it, less the gap.
    grouped: whole groups are dealt to folds so that the folds grow evenly.
    fixed: the rows that came with the task.

    Args:
        data: The task with its table.
        repeat: 0 to n_repeats-1.
        fold: 0 to n_folds-1.

    Raises:
        DataError: If the task has no such split or too few rows, times or groups for its rule.
    """
    task, rule = data.task, data.task.split_rule
    if (repeat, fold) not in task.splits:
        raise DataError(
            f"{task.name} has no split ({repeat}, {fold}): repeats are 0..{rule.n_repeats - 1}, "
            f"folds are 0..{rule.n_folds - 1}."
        )
    if rule.keeps_equal_rows and rule.kind in (SplitKind.TEMPORAL, SplitKind.FIXED):
        raise DataError(
            f"{task.name}: {rule.kind} splits cannot keep equal rows together. Use kfold, holdout or grouped."
        )
    if rule.kind is SplitKind.FIXED:
        return given_split(data, repeat, fold)
    if rule.kind is SplitKind.HOLDOUT:
        return _holdout(data, repeat)
    if rule.kind is SplitKind.TEMPORAL:
        return _split(repeat, fold, *temporal_parts(data, fold))
    folds = _folds(data, derive_seed("fold", rule.seed, repeat))
    return _split(repeat, fold, folds != fold, folds == fold)


def _folds(data: TaskData, seed: int) -> IntArray:
    """Fold of each row."""
    rule = data.task.split_rule
    if rule.kind is SplitKind.GROUPED:
        return deal_groups(data, rule.n_folds, seed)
    units = units_of(data, np.arange(len(data.y)), seed)
    if len(units.order) < rule.n_folds:
        what = "distinct rows" if rule.keeps_equal_rows else "rows"
        raise DataError(f"{data.task.name} has {len(units.order)} {what}, too few for {rule.n_folds} folds.")
    return deal_rows(units, rule.n_folds)


def _holdout(data: TaskData, repeat: int) -> Split:
    """Test is drawn from all rows, train from the rest, valid from train; fractions are of all rows."""
    rule, n_rows = data.task.split_rule, len(data.y)
    if rule.n_folds != 1:
        raise DataError(f"{data.task.name}: a holdout has one fold, not {rule.n_folds}. Say n_repeats.")

    def cut(rows: IntArray, fraction: float, part: str) -> tuple[IntArray, IntArray]:
        seed = derive_seed("holdout", part, rule.seed, repeat)
        n_wanted = int(fraction * n_rows + 0.5)
        if not 0 < n_wanted < len(rows):
            raise DataError(f"{data.task.name}: {n_wanted} {part} rows cannot be drawn from {len(rows)}.")
        is_drawn = draw_rows(units_of(data, rows, seed), n_wanted / len(rows))
        if not is_drawn.any() or is_drawn.all():
            raise DataError(f"{data.task.name}: {len(rows)} rows, too few that differ for a {part} part.")
        return rows[is_drawn], rows[~is_drawn]

    test, train = cut(np.arange(n_rows, dtype=np.int64), rule.test_fraction, "test")
    if rule.train_fraction and int(rule.train_fraction * n_rows + 0.5) < len(train):
        train, _ = cut(train, rule.train_fraction, "train")
    valid = cut(train, rule.valid_fraction, "valid")[0] if rule.valid_fraction else None
    return Split(repeat, 0, train, test, valid)


def _split(repeat: int, fold: int, train: Array, test: Array) -> Split:
    return Split(repeat, fold, np.flatnonzero(train).astype(np.int64), np.flatnonzero(test).astype(np.int64))
