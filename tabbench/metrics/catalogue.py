"""Every metric by name: title, unit, direction, optimum and the task types it fits."""

from collections.abc import Mapping
from types import MappingProxyType

from tabbench.errors import UnknownNameError
from tabbench.task import BINARY, MULTICLASS, REGRESSION, Direction, Metric

CLASSES = frozenset({BINARY, MULTICLASS})
NUMBERS = frozenset({REGRESSION})
LOWER, HIGHER = Direction.LOWER, Direction.HIGHER

_ALL = (
    Metric("log_loss", "Log loss", "nats", LOWER, 0.0, CLASSES),
    Metric("log_loss_calibration", "Log loss: calibration part", "nats", LOWER, 0.0, CLASSES),
    Metric("log_loss_refinement", "Log loss: refinement part", "nats", LOWER, 0.0, CLASSES),
    Metric("roc_auc", "ROC AUC", "0..1", HIGHER, 1.0, CLASSES),
    Metric("roc_auc_weighted", "ROC AUC, weighted by class", "0..1", HIGHER, 1.0, CLASSES),
    Metric("average_precision", "Average precision", "0..1", HIGHER, 1.0, CLASSES),
    Metric("accuracy", "Accuracy", "0..1", HIGHER, 1.0, CLASSES),
    Metric("balanced_accuracy", "Balanced accuracy", "0..1", HIGHER, 1.0, CLASSES),
    Metric("f1_macro", "F1, macro", "0..1", HIGHER, 1.0, CLASSES),
    Metric("brier", "Brier score", "0..2", LOWER, 0.0, CLASSES),
    Metric("calibration_error", "Calibration error (biased)", "0..1", LOWER, 0.0, CLASSES),
    Metric("rmse", "RMSE", "target", LOWER, 0.0, NUMBERS),
    Metric("mae", "MAE", "target", LOWER, 0.0, NUMBERS),
    Metric("r2", "R²", "-inf..1", HIGHER, 1.0, NUMBERS),
    Metric("pinball", "Pinball loss", "target", LOWER, 0.0, NUMBERS),
    Metric("crps", "CRPS", "target", LOWER, 0.0, NUMBERS),
)

METRICS: Mapping[str, Metric] = MappingProxyType({metric.name: metric for metric in _ALL})
"""Every metric of `results.Scores`, in its order."""


def metric_named(name: str, where: str = "") -> Metric:
    """The metric of that name.

    Raises:
        UnknownNameError: If there is none, with the nearest one that is.
    """
    if name not in METRICS:
        raise UnknownNameError("metric", name, METRICS, where=where)
    return METRICS[name]
