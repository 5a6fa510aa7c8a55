"""Weigh stored predictions into an ensemble: greedy selection with replacement on valid."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tabbench.metrics import UNDEFINED_ERROR, error_of_stored
from tabbench.metrics.classification import decisions
from tabbench.task import Array, FloatArray, TaskType

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Prediction = NDArray[np.floating[Any]]

N_STEPS = 40
TIE = 1e-12
"""Errors that differ by a smaller share are equal: the last bit of a float chooses nothing."""

ErrorOfSum = Callable[[FloatArray, int], float]
"""From the sum of n predictions (which it may overwrite) and n to the error of their mean."""


@dataclass(frozen=True)
class Ensemble:
    """Which predictions are averaged, and how.

    Attributes:
        members: Numbers of the predictions, ascending, each once.
        weights: Share of each; they sum to 1.
        valid_error: Error of the weighted mean on valid; lower is better.
        n_steps: Steps of the selection that were kept: the weights are multiples of 1/n_steps.
    """

    members: tuple[int, ...]
    weights: tuple[float, ...]
    valid_error: float
    n_steps: int


def select_greedily(
    y: Array, predictions: Sequence[Prediction], metric: str, task_type: TaskType, n_steps: int = N_STEPS
) -> Ensemble:
    """Add, step after step, the prediction that makes the mean of all added so far best on valid.

    A prediction may be added again. Of equally good ones, one that is in already is added before a new one, then the
    one with the lowest number. What is kept is the step with the least error; of equally good steps the one with the
    fewest different members, then the first. The first step adds the best single prediction, so the ensemble's error
    on valid is never above it.

    Source: Caruana, Niculescu-Mizil, Crew & Ksikes (2004), sections 2 and 2.1 (selection with replacement); without
    their sorted initialisation and bagging. Keeping the best step is theirs too (section 2).

    Args:
        y: Shape (n,): labels 0..k-1, or numbers.
        predictions: Each of shape (n,) for regression, (n, k) else, as stored; at least one, all of the same rows.
        metric: What is improved, by its error.
        task_type: What is predicted.
        n_steps: Steps taken.

    Raises:
        ValueError: If there is nothing to choose from, or shapes differ.
        UnknownNameError: If there is no such metric.
        SettingsError: If the metric does not fit the task.
    """
    if not predictions or n_steps < 1:
        raise ValueError("an ensemble needs at least one prediction and one step")
    if {p.shape for p in predictions} != {predictions[0].shape} or len(predictions[0]) != len(y):
        raise ValueError(f"predictions of other rows: {sorted({p.shape for p in predictions})} for {len(y)} labels")
    stack, error_of_sum = _prepared(y, predictions, metric, task_type)
    total, scratch = np.zeros(stack[0].shape), np.empty(stack[0].shape)
    added: list[int] = []
    errors = np.empty(len(stack))
    best: tuple[float, int, int] = (math.inf, 0, 0)  # error, distinct members, steps
    for step in range(1, n_steps + 1):
        for j, candidate in enumerate(stack):
            np.add(total, candidate, out=scratch)
            errors[j] = error_of_sum(scratch, step)
        tied = _as_good(errors, float(errors.min()))
        added.append(next((j for j in tied if j in added), tied[0]))
        total += stack[added[-1]]
        reached = (float(errors[added[-1]]), len(set(added)), step)
        if step == 1 or (reached[1] < best[1] if _is_as_good(reached[0], best[0]) else reached[0] < best[0]):
            best = reached
    return _weighed(added[: best[2]], best[0])


def blend(predictions: Sequence[Prediction], weights: Sequence[float]) -> FloatArray:
    """The weighted mean of the members' predictions, in float64.

    Args:
        predictions: Of the members alone, in their order.
        weights: As many; they sum to 1.
    """
    mean = np.zeros(predictions[0].shape)
    for prediction, weight in zip(predictions, weights, strict=True):
        mean += weight * prediction.astype(np.float64)
    return mean


def _weighed(added: list[int], error: float) -> Ensemble:
    members = sorted(set(added))
    return Ensemble(
        tuple(members), tuple(added.count(m) / len(added) for m in members), valid_error=error, n_steps=len(added)
    )


def _is_as_good(error: float, best: float) -> bool:
    return error == best or abs(error - best) <= TIE * abs(best)


def _as_good(errors: FloatArray, best: float) -> list[int]:
    return [j for j, error in enumerate(errors.tolist()) if _is_as_good(error, best)]


def _prepared(
    y: Array, predictions: Sequence[Prediction], metric: str, task_type: TaskType
) -> tuple[Prediction, ErrorOfSum]:
    """Predictions in the layout that the metric is fast on, and its error of a sum of them."""
    error_of_mean = error_of_stored(metric, task_type)  # says what is wrong with the metric
    if metric == "log_loss":
        return np.stack([p[np.arange(len(y)), y] for p in predictions]).astype(np.float64), _log_loss(len(y))
    if metric == "rmse":
        return np.stack(predictions), _rmse(y)
    if metric == "mae":
        return np.stack(predictions), _mae(y)
    if metric == "brier":
        return np.stack([p.T for p in predictions]), _brier(y)
    if metric in ("accuracy", "balanced_accuracy", "f1_macro"):
        return np.stack([p.T for p in predictions]), _decided(y, metric)

    def error(total: FloatArray, n: int) -> float:
        found = error_of_mean(y, total / n)
        return UNDEFINED_ERROR if found is None else found

    return np.stack(predictions), error


def _log_loss(n_rows: int) -> ErrorOfSum:
    def error(total: FloatArray, n: int) -> float:
        """Of the right class's probabilities alone."""
        np.log(total, out=total)
        return math.log(n) - float(total.sum()) / n_rows

    return error


def _rmse(y: Array) -> ErrorOfSum:
    def error(total: FloatArray, n: int) -> float:
        total /= n
        total -= y
        return math.sqrt(float(total @ total) / len(y))

    return error


def _mae(y: Array) -> ErrorOfSum:
    def error(total: FloatArray, n: int) -> float:
        total /= n
        total -= y
        return float(np.abs(total, out=total).sum()) / len(y)

    return error


def _brier(y: Array) -> ErrorOfSum:
    rows = np.arange(len(y))

    def error(total: FloatArray, n: int) -> float:
        """Shape (k, n_rows)."""
        total /= n
        right = float(total[y, rows].sum())
        return (float(np.vdot(total, total)) - 2.0 * right) / len(y) + 1.0

    return error


def _decided(y: Array, score: str) -> ErrorOfSum:
    def error(total: FloatArray, _n: int) -> float:
        """Shape (k, n_rows): of equally likely classes the first, as `argmax` has it."""
        top = total[0].copy()
        predicted = np.zeros(len(y), dtype=np.int64)
        for label in range(1, len(total)):
            is_higher = total[label] > top
            predicted[is_higher] = label
            np.maximum(top, total[label], out=top)
        return 1.0 - float(getattr(decisions(y, predicted, len(total)), score))

    return error
