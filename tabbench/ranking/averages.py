"""Average over splits inside a task, then over tasks: splits of one task are not independent tasks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tabbench.task import FloatArray


def task_means(values: FloatArray, task_of: NDArray[np.int64]) -> FloatArray:
    """Mean of each task's splits.

    Args:
        values: Shape (n_splits, n_models); NaN is left out of its task's mean.
        task_of: Shape (n_splits,), number of the task a split belongs to, 0..n_tasks-1.

    Returns:
        Shape (n_tasks, n_models); NaN where a task has no value.

    >>> task_means(np.array([[1.0], [3.0], [7.0]]), np.array([0, 0, 1])).tolist()
    [[2.0], [7.0]]
    """
    n_tasks = int(task_of.max()) + 1 if len(task_of) else 0
    means = np.full((n_tasks, values.shape[1]), np.nan)
    if not n_tasks:
        return means
    order = np.argsort(task_of, kind="stable")
    tasks, starts = np.unique(task_of[order], return_index=True)
    there = np.isfinite(values[order])
    sums = np.add.reduceat(np.where(there, values[order], 0.0), starts, axis=0)
    counts = np.add.reduceat(there.astype(np.float64), starts, axis=0)
    means[tasks] = np.divide(sums, counts, out=np.full_like(sums, np.nan), where=counts > 0)
    return means


def mean_over_tasks(values: FloatArray, task_of: NDArray[np.int64]) -> FloatArray:
    """Mean over tasks of the task's mean over its splits, so that every task counts the same.

    Args:
        values: Shape (n_splits, n_models), none missing.
        task_of: Shape (n_splits,), number of the task a split belongs to; numbers may have gaps.

    Returns:
        Shape (n_models,); NaN without any split.

    >>> mean_over_tasks(np.array([[1.0], [3.0], [8.0]]), np.array([0, 0, 1])).tolist()
    [5.0]
    """
    if not len(values):
        return np.full(values.shape[1], np.nan)
    numbers = np.unique(task_of, return_inverse=True)[1]
    means: FloatArray = task_means(values, numbers).mean(axis=0)
    return means


def task_weights(task_of: NDArray[np.int64]) -> FloatArray:
    """Weight of each split when every task counts the same; shape (n_splits,), sums to 1.

    >>> task_weights(np.array([0, 0, 5])).tolist()
    [0.25, 0.25, 0.5]
    """
    _, numbers, sizes = np.unique(task_of, return_inverse=True, return_counts=True)
    weights: FloatArray = 1.0 / (sizes[numbers] * len(sizes))
    return weights


def task_deviations(values: FloatArray, task_of: NDArray[np.int64]) -> FloatArray:
    """Standard deviation over each task's splits, with n - 1; shape (n_tasks, n_models), 0 for a single split.

    Args:
        values: Shape (n_splits, n_models), none missing.
        task_of: Shape (n_splits,), number of the task a split belongs to, 0..n_tasks-1.
    """
    unit = np.abs(values).max(initial=0.0) or 1.0  # the square of 1e200 is no number
    squares = ((values - task_means(values, task_of)[task_of]) / unit) ** 2
    sizes = np.bincount(task_of).astype(np.float64)
    deviations: FloatArray = np.sqrt(task_means(squares, task_of) * (sizes / np.maximum(sizes - 1, 1))[:, None]) * unit
    return deviations
