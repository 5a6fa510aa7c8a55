"""Curves over all tasks: performance profiles of error ratios, and distributions of scores."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tabbench.ranking.averages import mean_over_tasks
from tabbench.ranking.ties import are_tied

if TYPE_CHECKING:
    from tabbench.task import FloatArray, IntArray


def performance_profiles(errors: FloatArray, task_of: IntArray, ratios: FloatArray) -> FloatArray:
    """Share of tasks on which a model's error is within a factor of the best one, per factor.

    rho(tau) = share of (task, split) with e / e_best ≤ tau, every task weighing the same; rho(1) is how often a model
    is the best or ties with it. Where the best error is zero only those that tie with it are within any factor.

    Source: Dolan & Moré (2002), Mathematical Programming 91:201-213, there of times, one a problem.

    Args:
        errors: Shape (n_splits, n_models), at least 0, none missing.
        task_of: Shape (n_splits,), number of the task a split belongs to.
        ratios: Shape (n_ratios,), factors of at least 1.

    Returns:
        Shape (n_ratios, n_models), 0..1, rising with the factor.

    >>> performance_profiles(np.array([[1.0, 2.0], [3.0, 1.0]]), np.array([0, 1]), np.array([1.0, 2.0])).tolist()
    [[0.5, 0.5], [0.5, 1.0]]
    """
    best = errors.min(axis=1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = np.where(are_tied(errors, best), 1.0, np.where(best > 0, errors / best, np.inf))
    return np.array([mean_over_tasks((factor <= ratio).astype(np.float64), task_of) for ratio in ratios])


def score_distributions(scores: FloatArray, task_of: IntArray, levels: FloatArray) -> FloatArray:
    """Share of splits on which a model's score lies above a level, per level, every task weighing the same.

    Source: Agarwal et al. (2021), NeurIPS, section 4.2, equation 3, "run-score distributions"; they call them
    performance profiles too, but they are of scores, not of ratios to the best.

    Args:
        scores: Shape (n_splits, n_models), higher is better, none missing: normalised scores, for one.
        task_of: Shape (n_splits,), number of the task a split belongs to.
        levels: Shape (n_levels,), in the unit of the scores.

    Returns:
        Shape (n_levels, n_models), 0..1, falling with the level.

    >>> score_distributions(np.array([[0.2], [0.8]]), np.array([0, 0]), np.array([0.0, 0.5, 0.8])).tolist()
    [[1.0], [0.5], [0.0]]
    """
    return np.array([mean_over_tasks((scores > level).astype(np.float64), task_of) for level in levels])
