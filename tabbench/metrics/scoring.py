"""All scores of a stored prediction, and one error of a raw one."""

from __future__ import annotations

import math
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from tabbench.errors import SettingsError
from tabbench.metrics.catalogue import METRICS, metric_named
from tabbench.metrics.classification import brier, calibration_error, decision_scores, log_loss
from tabbench.metrics.cleaning import PROBABILITY_FLOOR
from tabbench.metrics.ordering import ordering_scores
from tabbench.metrics.quantiles import quantile_scores
from tabbench.metrics.regression import regression_scores
from tabbench.metrics.temperature import refinement_loss
from tabbench.results import Scores
from tabbench.task import REGRESSION, Array, FloatArray, TaskType, primary_metric

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

NO_SCORES = Scores(**{f.name: None for f in fields(Scores)})
"""Of a part without rows, or of a trial that failed."""
UNDEFINED_ERROR = 1.0
"""What an error function returns where its metric is undefined; a run does not stop training on such rows by it."""


def score(
    y: Array,
    prediction: NDArray[np.floating[Any]],
    task_type: TaskType,
    quantiles: NDArray[np.floating[Any]] | None = None,
) -> Scores:
    """Every metric of one part, from exactly the arrays that are stored, computed in float64.

    None where a metric is undefined: each function states its rule; a part without rows has no scores at all.

    Args:
        y: Shape (n,): labels 0..k-1, or numbers for regression.
        prediction: What `clean_prediction` returned for these rows, or a mean of such.
        task_type: Which metrics apply.
        quantiles: What `clean_quantiles` returned for these rows; without, `pinball` and `crps` are None.
    """
    if not len(y):
        return NO_SCORES
    wide = prediction.astype(np.float64)
    if task_type is REGRESSION:
        of_quantiles = {} if quantiles is None else quantile_scores(y, quantiles)._asdict()
        return replace(NO_SCORES, **regression_scores(y, wide)._asdict(), **of_quantiles)
    loss = log_loss(y, wide)
    refinement = min(refinement_loss(y, wide), loss)
    return replace(
        NO_SCORES,
        log_loss=loss,
        log_loss_calibration=loss - refinement,
        log_loss_refinement=refinement,
        brier=brier(y, wide),
        calibration_error=calibration_error(y, wide),
        **ordering_scores(y, wide)._asdict(),
        **decision_scores(y, wide)._asdict(),
    )


def error_of(scores: Scores, metric: str) -> float | None:
    """The error (lower is better, 0 is perfect) that a metric's score stands for; None where it has none.

    Raises:
        UnknownNameError: If there is no such metric.

    >>> error_of(replace(NO_SCORES, roc_auc=0.75), "roc_auc")
    0.25
    """
    value: float | None = getattr(scores, metric_named(metric).name)
    return None if value is None else METRICS[metric].error(value)


def error_function(metric: str, task_type: TaskType, n_classes: int) -> Callable[[Array, FloatArray], float]:
    """`error(y, prediction)` by one metric, for stopping and choosing; lower is better, 0 is perfect.

    The prediction is a model's raw output, shape (n,) or (n, n_classes). Probabilities are clipped at 1e-7 and
    renormalised as stored ones are, but stay in the precision given. Returns infinity for a prediction that is not
    finite (training diverged), and 1.0, whatever the prediction, where the metric is undefined on these labels.

    Raises:
        UnknownNameError: If there is no such metric.
        SettingsError: If the metric is not for this type of task, or needs quantiles.
    """
    error_of_clean = error_of_stored(metric, task_type)
    width = () if task_type is REGRESSION else (n_classes,)

    def error(y: Array, prediction: FloatArray) -> float:
        wide = np.asarray(prediction, dtype=np.float64)
        if wide.shape != (len(y), *width):
            raise ValueError(f"prediction has shape {wide.shape}, expected {(len(y), *width)}")
        if not np.isfinite(wide).all():
            return math.inf
        if width:
            wide = np.maximum(wide, PROBABILITY_FLOOR)
            wide = wide / wide.sum(axis=1, keepdims=True)
        found = error_of_clean(y, wide)
        return UNDEFINED_ERROR if found is None else found

    return error


def metric_to_stop_on(metric: str, task_type: TaskType, y: Array, n_classes: int) -> str:
    """The metric, or log loss (classes) or RMSE (numbers) where it is undefined on these labels whatever is predicted.

    An error that never moves would end training at its first step.

    Args:
        metric: The one asked for.
        task_type: What is predicted.
        y: Labels of the rows that training is to stop on, shape (n,), at least one.
        n_classes: 0 for regression.

    >>> metric_to_stop_on("roc_auc", TaskType.BINARY, np.array([0, 0, 0]), 2)
    'log_loss'
    """
    any_prediction = np.full((len(y), n_classes), 1 / n_classes) if n_classes else np.zeros(len(y))
    is_undefined = error_of_stored(metric, task_type)(y, any_prediction) is None
    return primary_metric(task_type) if is_undefined else metric


def error_of_stored(metric: str, task_type: TaskType) -> Callable[[Array, NDArray[np.floating[Any]]], float | None]:
    """`error(y, prediction)` of predictions as they are stored, or of means of such: nothing is clipped or checked.

    It gives what `error_of(score(…), metric)` gives, without the other metrics; None where the metric is undefined.

    Raises:
        UnknownNameError: If there is no such metric.
        SettingsError: If the metric is not for this type of task, or needs quantiles.
    """
    target = metric_named(metric, where="error function")
    if task_type not in target.task_types:
        fitting = ", ".join(m.name for m in METRICS.values() if task_type in m.task_types and m.name in _SCORERS)
        raise SettingsError(f"Metric {metric!r} does not fit a {task_type} task. Those that do: {fitting}.")
    if metric not in _SCORERS:
        raise SettingsError(f"Metric {metric!r} needs predicted quantiles; it can neither stop nor choose.")
    scorer = _SCORERS[metric]

    def error(y: Array, prediction: NDArray[np.floating[Any]]) -> float | None:
        value = scorer(y, prediction.astype(np.float64)) if len(y) else None
        return None if value is None else target.error(value)

    return error


_SCORERS: dict[str, Callable[[Array, FloatArray], float | None]] = {
    "log_loss": log_loss,
    "log_loss_calibration": lambda y, p: max(0.0, log_loss(y, p) - refinement_loss(y, p)),
    "log_loss_refinement": lambda y, p: min(log_loss(y, p), refinement_loss(y, p)),
    "roc_auc": lambda y, p: ordering_scores(y, p).roc_auc,
    "roc_auc_weighted": lambda y, p: ordering_scores(y, p).roc_auc_weighted,
    "average_precision": lambda y, p: ordering_scores(y, p).average_precision,
    "accuracy": lambda y, p: decision_scores(y, p).accuracy,
    "balanced_accuracy": lambda y, p: decision_scores(y, p).balanced_accuracy,
    "f1_macro": lambda y, p: decision_scores(y, p).f1_macro,
    "brier": brier,
    "calibration_error": calibration_error,
    "rmse": lambda y, f: regression_scores(y, f).rmse,
    "mae": lambda y, f: regression_scores(y, f).mae,
    "r2": lambda y, f: regression_scores(y, f).r2,
}
