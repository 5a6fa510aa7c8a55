"""Scores of errors by their size, not by their order alone: normalised errors, improvability, skill, quartile means."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tabbench.ranking.averages import mean_over_tasks, task_weights
from tabbench.ranking.ties import are_tied

if TYPE_CHECKING:
    from tabbench.task import FloatArray, IntArray

LEAST_RATIO = 1e-6
"""Floor of the skill score: an error counts as at least this share of the reference's, whose zero has no logarithm."""


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
    return np.clip(_between(errors, np.median(errors, axis=1, keepdims=True)), 0.0, 1.0)


def split_min_max_scores(errors: FloatArray) -> FloatArray:
    """1 for the best model of a split, 0 for the worst, linear between; 1 for all where all tie.

    s = (e_worst - e) / (e_worst - e_best). One very bad entrant pushes all others towards 1.

    Source: "average distance to the minimum" of Wistuba, Schilling & Schmidt-Thieme (2015), as TabZilla's (McElfresh et
    al. 2023, section 2) and TabRepo's rescaled loss use it, there with 0 for the best.

    Args:
        errors: Shape (n_splits, n_models), lower is better, none missing.
    """
    return _between(errors, errors.max(axis=1, keepdims=True))


def split_reference_scores(errors: FloatArray, bad: FloatArray, good: FloatArray) -> FloatArray:
    """0 at one reference model, 1 at another, linear beyond; NaN where the two tie.

    s = (e_bad - e) / (e_bad - e_good).

    Source: Gijsbers et al. (2019), "An Open Source AutoML Benchmark", section 5, with the constant predictor and a
    tuned random forest.

    Args:
        errors: Shape (n_splits, n_models), lower is better.
        bad: Shape (n_splits,), errors of the reference that gets 0.
        good: Shape (n_splits,), errors of the reference that gets 1.

    >>> split_reference_scores(np.array([[0.5, 0.1, 0.3]]), np.array([0.5]), np.array([0.3])).tolist()
    [[0.0, 2.0, 1.0]]
    """
    gap = np.where(are_tied(bad, good), np.nan, bad - good)
    scores: FloatArray = (bad[:, None] - errors) / gap[:, None]
    return scores


def _between(errors: FloatArray, zero: FloatArray) -> FloatArray:
    """1 at the least error of each row and 0 at `zero`; 1 or 0 where those tie."""
    best = errors.min(axis=1, keepdims=True)
    has_scale = ~are_tied(zero, best)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        scores: FloatArray = 1.0 - np.where(has_scale, (errors - best) / (zero - best), ~are_tied(errors, best))
    return scores


def normalised_scores(errors: FloatArray, task_of: IntArray) -> FloatArray:
    """Normalised score per split, then the task's mean, then the mean over tasks; shape (n_models,), 0..1."""
    return mean_over_tasks(split_normalised_scores(errors), task_of)


def split_improvability(errors: FloatArray) -> FloatArray:
    """How much smaller an error would be if the best model of the split had made it.

    1 - e_best / e. The floor: where the best error is zero it is 0 for those that tie with the best and 1 for all
    others, however small their error. 1 - AUC near zero gives large ratios and RMSE seldom does: read it by task type.

    Source: Erickson et al. (2025), "TabArena", section 3.

    Args:
        errors: Shape (n_splits, n_models), at least 0, none missing.

    Returns:
        Shape (n_splits, n_models), 0..1; NaN on splits with an error below zero, where ratios mean nothing.

    >>> split_improvability(np.array([[0.1, 0.2], [0.0, 0.1], [-0.5, 0.1]])).tolist()
    [[0.0, 0.5], [0.0, 1.0], [nan, nan]]
    """
    best = errors.min(axis=1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(are_tied(errors, best), 0.0, 1.0 - best / errors)
    return np.where(best < 0, np.nan, share)


def skill_scores(errors: FloatArray, task_of: IntArray, reference: FloatArray) -> FloatArray:
    """1 - geometric mean of error / reference's error: the mean logarithm of a task's splits, then of tasks.

    0 for the reference itself, 1 for no error at all, below 0 for what is worse. Floor: a ratio counts as at least one
    millionth, both errors zero as 1, and a zero of the reference alone as a ratio of a million.

    Source: Murphy (1988), Monthly Weather Review 116:2417-2424, for skill; the geometric mean of relative errors:
    Fleming & Wallace (1986), CACM 29:218-221.

    Args:
        errors: Shape (n_splits, n_models), none missing.
        task_of: Shape (n_splits,), number of the task a split belongs to.
        reference: Shape (n_splits,), the reference model's errors.

    Returns:
        Shape (n_models,), up to 1; NaN if an error is below zero.

    >>> skill_scores(np.array([[0.5, 0.25], [0.5, 1.0]]), np.array([0, 1]), np.array([0.5, 0.5])).tolist()
    [0.0, 0.0]
    """
    if (errors < 0).any() or (reference < 0).any():
        return np.full(errors.shape[1], np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = errors / reference[:, None]
    ratios = np.where(are_tied(errors, reference[:, None]), 1.0, np.clip(ratios, LEAST_RATIO, 1 / LEAST_RATIO))
    return 1.0 - np.exp(mean_over_tasks(np.log(ratios), task_of))


def interquartile_means(scores: FloatArray, task_of: IntArray) -> FloatArray:
    """Mean of the middle half of a model's scores over all splits, every task weighing the same.

    A quarter of the weight is cut off at each end, a score that lies across the cut in part. With as many splits on
    every task, and four of them or a multiple in all, it is the 25 % trimmed mean.

    Source: Agarwal et al. (2021), NeurIPS, section 4.3 (there over runs of all tasks).

    Args:
        scores: Shape (n_splits, n_models), none missing.
        task_of: Shape (n_splits,), number of the task a split belongs to.

    >>> interquartile_means(np.array([[0.0], [1.0], [3.0], [100.0]]), np.arange(4)).tolist()
    [2.0]
    """
    order = np.argsort(scores, axis=0, kind="stable")
    upto = np.cumsum(task_weights(task_of)[order], axis=0)
    ends = np.clip(upto, 0.25, 0.75)
    kept = np.diff(ends, axis=0, prepend=0.25)
    means: FloatArray = (np.take_along_axis(scores, order, axis=0) * kept).sum(axis=0) / 0.5
    return means
