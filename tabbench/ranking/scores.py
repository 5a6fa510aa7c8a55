"""Two summaries beside the rank: how far from the best a model is, and how often it wins."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tabbench.ranking.averages import mean_over_tasks
from tabbench.ranking.ranks import are_tied, split_ranks

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tabbench.task import FloatArray


def split_normalised_scores(errors: FloatArray) -> FloatArray:
    """1 for the best model of a split, 0 for the median model and all below, linear between.

    s = 1 - min(1, (e - e_best) / (e_median - e_best)). Where the median ties with the best there is no scale: the
    models that tie with the best get 1, the others 0.

    Source: Grinsztajn, Oyallon & Varoquaux (2022), section 4.1 ("average normalized error", there with quantiles of
    their own); the clip between best and median as in TabArena (Erickson et al. 2025). It depends on the pool.

    Args:
        errors: Shape (n_splits, n_models), lower is better, none missing.

    Returns:
        Shape (n_splits, n_models), 0..1.

    >>> split_normalised_scores(np.array([[0.1, 0.2, 0.3, 0.9, 0.15]])).round(3).tolist()
    [[1.0, 0.0, 0.0, 0.0, 0.5]]
    """
    best = errors.min(axis=1, keepdims=True)
    median = np.median(errors, axis=1, keepdims=True)
    has_scale = ~are_tied(median, best)
    with np.errstate(divide="ignore", invalid="ignore"):
        lost = np.where(has_scale, (errors - best) / (median - best), ~are_tied(errors, best))
    clipped: FloatArray = 1.0 - np.clip(lost, 0.0, 1.0)
    return clipped


def normalised_scores(errors: FloatArray, task_of: NDArray[np.int64]) -> FloatArray:
    """Normalised score per split, then the task's mean, then the mean over tasks; shape (n_models,), 0..1."""
    return mean_over_tasks(split_normalised_scores(errors), task_of)


def win_rates(errors: FloatArray, task_of: NDArray[np.int64]) -> FloatArray:
    """Share of the other entrants that a model beats, ties half; per split, then task, then over tasks.

    On one split it is (n_models - rank) / (n_models - 1), with the rank's rule for ties.

    Args:
        errors: Shape (n_splits, n_models), lower is better, none missing.
        task_of: Shape (n_splits,), number of the task a split belongs to.

    Returns:
        Shape (n_models,), 0..1, 0.5 on average; NaN for a model alone.

    >>> win_rates(np.array([[0.1, 0.2, 0.2]]), np.array([0])).tolist()
    [1.0, 0.25, 0.25]
    """
    n_models = errors.shape[1]
    if n_models < 2:
        return np.full(n_models, np.nan)
    return mean_over_tasks((n_models - split_ranks(errors)) / (n_models - 1), task_of)
