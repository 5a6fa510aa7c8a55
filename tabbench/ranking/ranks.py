"""Ranks of errors, with ties that the last bit of a float cannot split."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tabbench.ranking.averages import mean_over_tasks

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tabbench.task import FloatArray

TIE_RELATIVE = 1e-9
"""Errors that differ by no more than this share of the larger one tie."""
TIE_ABSOLUTE = 1e-15
"""And so do errors nearer than this: an AUC of 1 - 1e-16 is no worse than one of 1."""


def are_tied(a: FloatArray, b: FloatArray) -> NDArray[np.bool_]:
    """Whether errors are equal but for rounding: |a - b| ≤ max(1e-9 max(|a|, |b|), 1e-15), element by element."""
    tied: NDArray[np.bool_] = np.abs(a - b) <= np.maximum(TIE_RELATIVE * np.maximum(np.abs(a), np.abs(b)), TIE_ABSOLUTE)
    return tied


def split_ranks(errors: FloatArray) -> FloatArray:
    """Rank of each model on each split; 1 is best, ties share the mean of their places.

    Models tie when a chain of neighbours in the order of errors is tied as `are_tied` says.

    Source: Demšar (2006), JMLR 7:1-30, section 3.2.2 (average ranks for ties); the tolerance is ours.

    Args:
        errors: Shape (n_splits, n_models), lower is better. Any unit: only order within a row counts.

    Returns:
        Shape (n_splits, n_models), between 1 and n_models; each row sums to n (n + 1) / 2.

    Raises:
        ValueError: If an error is missing or infinite. Impute or leave out first: that choice is the caller's.

    >>> split_ranks(np.array([[0.1, 0.2, 0.2], [0.3, 0.1, 0.4]])).tolist()
    [[1.0, 2.5, 2.5], [2.0, 1.0, 3.0]]
    """
    if not np.isfinite(errors).all():
        raise ValueError("errors must be finite: impute missing ones or leave them out first")
    n_splits, n_models = errors.shape
    order = np.argsort(errors, axis=1, kind="stable")
    ordered = np.take_along_axis(errors, order, axis=1)
    begins = np.ones((n_splits, n_models), dtype=bool)
    begins[:, 1:] = ~are_tied(ordered[:, 1:], ordered[:, :-1])
    places = np.arange(1, n_models + 1)
    first = np.maximum.accumulate(np.where(begins, places, 0), axis=1)
    ends = np.ones((n_splits, n_models), dtype=bool)
    ends[:, :-1] = begins[:, 1:]
    last = np.minimum.accumulate(np.where(ends, places, n_models)[:, ::-1], axis=1)[:, ::-1]
    ranks = np.empty((n_splits, n_models))
    np.put_along_axis(ranks, order, (first + last) / 2, axis=1)
    return ranks


def mean_ranks(errors: FloatArray, task_of: NDArray[np.int64]) -> FloatArray:
    """Rank per split, then the task's mean, then the mean over tasks; 1 is best.

    Source: Demšar (2006), section 3.2.2, with a task's splits averaged first, since they share rows.

    Args:
        errors: Shape (n_splits, n_models), none missing.
        task_of: Shape (n_splits,), number of the task a split belongs to.

    Returns:
        Shape (n_models,), between 1 and n_models.

    >>> mean_ranks(np.array([[0.1, 0.2], [0.2, 0.1], [0.1, 0.2]]), np.array([0, 0, 1])).tolist()
    [1.25, 1.75]
    """
    return mean_over_tasks(split_ranks(errors), task_of)
