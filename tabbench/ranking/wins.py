"""Who beats whom: win matrices and win rates, ties half; and the probability of improvement."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tabbench.ranking.ties import are_tied, tie_groups

if TYPE_CHECKING:
    from tabbench.ranking.ties import Ties
    from tabbench.task import FloatArray, IntArray


def task_wins(errors: FloatArray, task_of: IntArray, ties: Ties | None = None) -> FloatArray:
    """Share of each task's splits on which a model beats another, ties half.

    Args:
        errors: Shape (n_splits, n_models), lower is better, none missing.
        task_of: Shape (n_splits,), number of the task a split belongs to, 0..n_tasks-1.
        ties: Tolerance of ties; None for rounding alone.

    Returns:
        Shape (n_tasks, n_models, n_models): row beats column. With its transpose it sums to 1; the diagonal is 1/2.

    >>> task_wins(np.array([[0.1, 0.2], [0.2, 0.2]]), np.array([0, 0])).tolist()
    [[[0.5, 0.75], [0.25, 0.5]]]
    """
    return wins_of_ranks(tie_groups(errors, ties).astype(np.float64), task_of)


def wins_of_ranks(ranks: FloatArray, task_of: IntArray) -> FloatArray:
    """`task_wins` from ranks that are there already, by any tie method: a lower rank beats, an equal one ties."""
    n_tasks, n_models = int(task_of.max()) + 1 if len(task_of) else 0, ranks.shape[1]
    wins = np.full((n_tasks, n_models, n_models), np.nan)
    for task in range(n_tasks):
        on_task = ranks[task_of == task]
        if len(on_task):
            better = (on_task[:, :, None] < on_task[:, None, :]).mean(axis=0)
            wins[task] = (better + 1 - better.T) / 2
    return wins


def win_matrix(wins: FloatArray) -> FloatArray:
    """Mean over tasks of `task_wins`, every task counting the same; shape (n_models, n_models), 0..1."""
    matrix: FloatArray = np.nanmean(wins, axis=0)
    return matrix


def win_rates(errors: FloatArray, task_of: IntArray, ties: Ties | None = None) -> FloatArray:
    """Share of the other entrants that a model beats, ties half; per split, then task, then over tasks.

    It is the row mean of `win_matrix` without the diagonal; with average ranks, (n_models - rank) / (n_models - 1).

    Args:
        errors: Shape (n_splits, n_models), lower is better, none missing.
        task_of: Shape (n_splits,), number of the task a split belongs to.
        ties: Tolerance of ties; None for rounding alone.

    Returns:
        Shape (n_models,), 0..1, 0.5 on average; NaN for a model alone.

    >>> win_rates(np.array([[0.1, 0.2, 0.2]]), np.array([0])).tolist()
    [1.0, 0.25, 0.25]
    """
    n_models = errors.shape[1]
    if n_models < 2:
        return np.full(n_models, np.nan)
    matrix = win_matrix(task_wins(errors, np.unique(task_of, return_inverse=True)[1], ties))
    rates: FloatArray = (matrix.sum(axis=1) - 0.5) / (n_models - 1)
    return rates


def probability_of_improvement(errors: FloatArray, task_of: IntArray) -> FloatArray:
    """Probability that a split of one model, drawn at random, beats a split of another on the same task.

    P = mean over tasks of the Mann-Whitney statistic U / (n n): every split of one model against every split of the
    other, ties half. Unlike in the win matrix splits are not paired: it is meant for splits that differ by seed alone.
    Where they hold different test rows, noise shared by both models pulls it towards 1/2.

    Source: Agarwal et al. (2021), NeurIPS, "Deep Reinforcement Learning at the Edge of the Statistical Precipice",
    section 4.3.

    Args:
        errors: Shape (n_splits, n_models), lower is better, none missing.
        task_of: Shape (n_splits,), number of the task a split belongs to.

    Returns:
        Shape (n_models, n_models), row beats column, 0..1.

    >>> probability_of_improvement(np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([0, 0])).tolist()
    [[0.5, 0.75], [0.25, 0.5]]
    """
    n_models = errors.shape[1]
    total = np.zeros((n_models, n_models))
    tasks = np.unique(task_of)
    for task in tasks:
        on_task = errors[task_of == task]
        counts = _counts_by_error(on_task)
        no_worse = len(on_task) - np.cumsum(counts, axis=0) + counts / 2  # splits of each model above, ties half
        total += counts.T @ no_worse / len(on_task) ** 2
    return total / len(tasks)


def _counts_by_error(errors: FloatArray) -> FloatArray:
    """How often each model has each error, rising; a chain of errors equal but for rounding is one error.

    Returns:
        Shape (n_errors, n_models).
    """
    order = np.argsort(errors, axis=None, kind="stable")
    ordered = errors.ravel()[order]
    is_first = np.concatenate([[True], ~are_tied(ordered[1:], ordered[:-1])])
    counts = np.zeros((int(is_first.sum()), errors.shape[1]))
    np.add.at(counts, (np.cumsum(is_first) - 1, order % errors.shape[1]), 1.0)
    return counts


def mean_over_others(matrix: FloatArray) -> FloatArray:
    """Row means without the diagonal: a model's probability of improvement over an entrant drawn at random."""
    n_models = len(matrix)
    if n_models < 2:
        return np.full(n_models, np.nan)
    means: FloatArray = (matrix.sum(axis=1) - np.diag(matrix)) / (n_models - 1)
    return means
