"""Ranks of errors, and what they are summed up to."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tabbench.ranking.averages import mean_over_tasks, task_means
from tabbench.ranking.ties import TieMethod, Ties, tie_groups

if TYPE_CHECKING:
    from tabbench.task import FloatArray, IntArray


def split_ranks(errors: FloatArray, ties: Ties | None = None, spread: FloatArray | None = None) -> FloatArray:
    """Rank of each model on each split; 1 is best.

    Source: Demšar (2006), JMLR 7:1-30, section 3.2.2 (average ranks for ties); `ties.tie_groups` says what ties.

    Args:
        errors: Shape (n_splits, n_models), lower is better. Any unit: only order within a row counts.
        ties: Tolerance, and the rank that those in a tie get; None for rounding alone and the mean of their places.
        spread: Standard deviation of each error, for a tolerance in deviations.

    Returns:
        Shape (n_splits, n_models), between 1 and n_models; by `average` each row sums to n (n + 1) / 2.

    Raises:
        ValueError: If an error is missing or infinite. Impute or leave out first: that choice is the caller's.

    >>> split_ranks(np.array([[0.1, 0.2, 0.2], [0.3, 0.1, 0.4]])).tolist()
    [[1.0, 2.5, 2.5], [2.0, 1.0, 3.0]]
    """
    if not np.isfinite(errors).all():
        raise ValueError("errors must be finite: impute missing ones or leave them out first")
    groups = tie_groups(errors, ties, spread)
    method = (ties or Ties()).method
    if method is TieMethod.DENSE:
        return (groups + 1).astype(np.float64)
    n_splits, n_models = errors.shape
    cells = (groups + n_models * np.arange(n_splits)[:, None]).ravel()
    sizes = np.bincount(cells, minlength=n_splits * n_models).reshape(n_splits, n_models).astype(np.float64)
    before: FloatArray = np.cumsum(sizes, axis=1) - sizes
    places: FloatArray = before + 1 if method is TieMethod.MIN else before + (sizes + 1) / 2
    ranks: FloatArray = np.take_along_axis(places, groups, axis=1)
    return ranks


def mean_ranks(errors: FloatArray, task_of: IntArray, ties: Ties | None = None) -> FloatArray:
    """Rank per split, then the task's mean, then the mean over tasks; 1 is best.

    Source: Demšar (2006), section 3.2.2, with a task's splits averaged first, since they share rows.

    Args:
        errors: Shape (n_splits, n_models), none missing.
        task_of: Shape (n_splits,), number of the task a split belongs to.
        ties: As for `split_ranks`.

    Returns:
        Shape (n_models,), between 1 and n_models.

    >>> mean_ranks(np.array([[0.1, 0.2], [0.2, 0.1], [0.1, 0.2]]), np.array([0, 0, 1])).tolist()
    [1.25, 1.75]
    """
    return mean_over_tasks(split_ranks(errors, ties), task_of)


class RankSummary(NamedTuple):
    """What the ranks of a pool come to; each of shape (n_models,).

    Attributes:
        mean: Mean over tasks of the task's mean rank.
        median: Median over tasks of the task's mean rank.
        best: Least mean rank on any task.
        worst: Largest mean rank on any task.
        reciprocal: Mean reciprocal rank: mean over tasks of the task's mean of 1 / rank; 1 for one that is always
            first. Source: Voorhees (1999), TREC-8 question answering track.
        n_first: Tasks on which the model is first: the sum over tasks of the share of splits on which no model is
            better; models that tie for first share it, so it sums to the number of tasks.
    """

    mean: FloatArray
    median: FloatArray
    best: FloatArray
    worst: FloatArray
    reciprocal: FloatArray
    n_first: FloatArray


def rank_summary(ranks: FloatArray, task_of: IntArray) -> RankSummary:
    """Mean, median, least and largest rank, mean reciprocal rank, and first places.

    Source: mean, median, min and max of ranks per task as in TabZilla (McElfresh et al. 2023), table 1.

    Args:
        ranks: Shape (n_splits, n_models), of `split_ranks`.
        task_of: Shape (n_splits,), number of the task a split belongs to.

    >>> rank_summary(np.array([[1.0, 2.0], [1.0, 2.0], [2.0, 1.0]]), np.array([0, 0, 1])).n_first.tolist()
    [1.0, 1.0]
    """
    of_task = task_means(ranks, np.unique(task_of, return_inverse=True)[1])
    first = ranks == ranks.min(axis=1, keepdims=True)
    share = first / first.sum(axis=1, keepdims=True)
    n_tasks = len(of_task)
    return RankSummary(
        of_task.mean(axis=0), np.median(of_task, axis=0), of_task.min(axis=0), of_task.max(axis=0),
        mean_over_tasks(1 / ranks, task_of), n_tasks * mean_over_tasks(share, task_of),
    )  # fmt: skip
