"""Splits that came with a task: their rows, held by a hash."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from tabbench.errors import DataError
from tabbench.hashing import hash_bytes
from tabbench.task import IntArray, Split, SplitKind, SplitRule

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tabbench.task import TaskData


def rows_hash(rows: IntArray) -> str:
    """Hash of row numbers in the order given, 16 hex digits.

    >>> rows_hash(np.array([0, 1, 2]))
    'ab25350e3e65efeb'
    """
    return hash_bytes(np.asarray(rows).astype("<i8").tobytes())


def fixed_rule(splits: Sequence[Split]) -> SplitRule:
    """The rule of splits that came with a task: how many there are, and the hash of their rows.

    Args:
        splits: Every (repeat, fold), in order.
    """
    repeats, folds = {s.repeat for s in splits}, {s.fold for s in splits}
    return SplitRule(SplitKind.FIXED, len(repeats), len(folds), rows_hash=_hash_of(tuple(splits)))


def given_split(data: TaskData, repeat: int, fold: int) -> Split:
    """The split as it came with the task.

    Raises:
        DataError: If the task has no rows for it, or others than its rule has the hash of.
    """
    task, rule = data.task, data.task.split_rule
    found = [s for s in data.splits or () if (s.repeat, s.fold) == (repeat, fold)]
    if not found:
        raise DataError(f"{task.name}: its splits are fixed, but no rows came with it for split ({repeat}, {fold}).")
    if _hash_of(tuple(data.splits or ())) != rule.rows_hash:
        raise DataError(f"{task.name}: the rows of its splits are not those that its split rule has the hash of.")
    return found[0]


@lru_cache(maxsize=2)
def _hash_of(splits: tuple[Split, ...]) -> str:
    """Hash of all parts of all splits, each behind its length; -1 where a split has no valid of its own.

    Remembered, since every split of a task is held against it.
    """
    numbers: list[IntArray] = []
    for split in splits:
        numbers.append(np.array([split.repeat, split.fold], dtype=np.int64))
        for part in (split.train, split.test, split.valid):
            numbers.append(np.array([-1 if part is None else len(part)], dtype=np.int64))
            numbers += [] if part is None else [part]
    return rows_hash(np.concatenate(numbers))
