"""Cut rows by group: a group is wholly in one part."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tabbench.data.splits.dealing import equal_rows, shuffled
from tabbench.errors import DataError

if TYPE_CHECKING:
    from tabbench.task import Array, IntArray, TaskData


def deal_groups(data: TaskData, n_folds: int, seed: int) -> IntArray:
    """Fold of each row: groups, the larger first, go to the fold that is smallest so far.

    Sizes are compared by powers of two only, so that another seed deals otherwise.
    """
    names, number = np.unique(groups_of(data), return_inverse=True)
    if len(names) < n_folds:
        raise DataError(f"{data.task.name} has {len(names)} groups, too few for {n_folds} folds.")
    sizes = np.bincount(number)
    order = shuffled(len(names), seed)
    magnitude = np.frexp(sizes)[1]
    fold_of = np.empty(len(names), dtype=np.int64)
    filled = np.zeros(n_folds, dtype=np.int64)
    for group in order[np.argsort(-magnitude[order], kind="stable")]:
        fold_of[group] = np.argmin(filled)
        filled[fold_of[group]] += sizes[group]
    return fold_of[number]


def draw_groups(data: TaskData, rows: IntArray, fraction: float, seed: int) -> Array:
    """Whether each row is in the drawn groups: as many random ones as the fraction has room for, at least one."""
    names, number = np.unique(groups_of(data)[rows], return_inverse=True)
    sizes = np.bincount(number)
    wanted, n_drawn = fraction * len(rows), 0
    is_taken = np.zeros(len(names), dtype=bool)
    for group in shuffled(len(names), seed):
        if n_drawn + sizes[group] <= wanted:
            is_taken[group] = True
            n_drawn += sizes[group]
    if not n_drawn and len(names) > 1:
        is_taken[np.argmin(sizes)] = True
    return is_taken[number]


def groups_of(data: TaskData) -> IntArray:
    """Group number of each row; groups that share rows with equal features are one where the rule keeps those together.

    Raises:
        DataError: If the task has no groups.
    """
    if data.group is None:
        raise DataError(f"{data.task.name}: grouped splits need a group for every row.")
    if not data.task.split_rule.keeps_equal_rows:
        return data.group
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    group, equal = data.group, equal_rows(data.X)
    n_groups = int(group.max()) + 1
    n_nodes = n_groups + int(equal.max()) + 1
    shared = coo_array((np.ones(len(group)), (group, n_groups + equal)), shape=(n_nodes, n_nodes))
    joined = connected_components(shared, directed=False)[1]
    return np.asarray(joined[:n_groups][group], dtype=np.int64)
