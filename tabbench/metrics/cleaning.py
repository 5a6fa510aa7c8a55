"""From what a plugin returned to the array that is stored and scored, or a message its author can act on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tabbench.errors import PluginError
from tabbench.task import REGRESSION, TaskType

if TYPE_CHECKING:
    from numpy.typing import NDArray

PROBABILITY_FLOOR = 1e-7
"""Probabilities are clipped here from below: one certain mistake costs 16.1 nats of log loss, not infinity."""
SUM_TOLERANCE = 1e-3
NEGATIVE_TOLERANCE = 1e-6


def clean_prediction(prediction: Any, task_type: TaskType, n_rows: int, n_classes: int) -> NDArray[np.float32]:
    """The array that is stored: float32, and for classes clipped at 1e-7 and summing to 1.

    Args:
        prediction: What `predict` returned: shape (n_rows,) for regression, (n_rows, n_classes) probabilities else.
        task_type: What is predicted.
        n_rows: Rows that were to be predicted.
        n_classes: Columns of probabilities; ignored for regression.

    Returns:
        Shape as given, finite; rows of probabilities sum to 1 to float32's precision.

    Raises:
        PluginError: If the shape is wrong, a number is missing or infinite, a probability lies below -1e-6, or a row
            of probabilities sums to 1 no nearer than 1e-3.
    """
    try:
        array = np.asarray(prediction, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise PluginError(
            f"`predict` returned {type(prediction).__name__}, not an array of numbers: {error}"
        ) from error
    expected = (n_rows,) if task_type is REGRESSION else (n_rows, n_classes)
    if array.shape != expected:
        raise PluginError(_shape_message(array.shape, expected, task_type))
    with np.errstate(over="ignore"):
        narrow = array.astype(np.float32)
    is_bad = ~np.isfinite(narrow)
    if is_bad.any():
        first = np.argwhere(is_bad)[0].tolist()
        raise PluginError(
            f"`predict` returned {int(is_bad.sum())} of {array.size} values that are NaN, infinite or beyond float32, "
            f"the first {array[tuple(first)]} at position {first}. Expected: finite numbers only."
        )
    return narrow if task_type is REGRESSION else _normalised(array)


def _shape_message(got: tuple[int, ...], expected: tuple[int, ...], task_type: TaskType) -> str:
    wanted = "one number a row" if task_type is REGRESSION else "one probability a class, in the order 0..k-1"
    message = f"`predict` returned shape {got}, expected {expected}: {wanted}."
    if task_type is REGRESSION and got == (expected[0], 1):
        return f"{message} Flatten it with `.ravel()`."
    if task_type is not REGRESSION and got == expected[:1]:
        return f"{message} Return `predict_proba(X)`, not labels; for one probability p, `np.column_stack([1 - p, p])`."
    if task_type is not REGRESSION and len(got) == 2 and got[0] == expected[0] and got[1] < expected[1]:
        return f"{message} A class that train does not hold needs a column too: fill it with 0."
    return message


def _normalised(array: NDArray[np.float64]) -> NDArray[np.float32]:
    if array.size and array.min() < -NEGATIVE_TOLERANCE:
        raise PluginError(
            f"`predict` returned a negative probability ({array.min():.6g}). "
            "Expected: values in 0..1; scores or logits need a softmax first."
        )
    sums = array.sum(axis=1)
    worst = int(np.abs(sums - 1).argmax()) if len(sums) else 0
    if len(sums) and abs(sums[worst] - 1) > SUM_TOLERANCE:
        raise PluginError(
            f"`predict` returned probabilities that sum to {sums[worst]:.6g} in row {worst}. Expected: 1, within "
            f"{SUM_TOLERANCE}; divide each row by its sum if these are probabilities."
        )
    clipped = np.maximum(array, PROBABILITY_FLOOR)
    normalised: NDArray[np.float32] = (clipped / clipped.sum(axis=1, keepdims=True)).astype(np.float32)
    return normalised
